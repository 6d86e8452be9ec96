//! Nobody is there: golive never waits and never assumes. A question without an answer ends with 5
//! and its name, consent has to be given by name, and what stands already is kept.

use super::stand::{Ran, SHOP, Stand};

const PERSON: &str = "\n[[phase.item]]\nid = \"insured\"\nkind = \"manual\"\ntitle = \"The shop is insured\"\n";
const COMMAND: &str =
    "\n[[phase.item]]\nid = \"mark\"\nkind = \"command\"\ntitle = \"Leave a mark\"\nrun = \"echo ran >> mark.txt\"\n";

fn wizard(stand: &Stand, more: &[&str]) -> Ran {
    stand.run(&[&["wizard", "--mode", "live"], more].concat())
}

#[test]
fn a_question_without_an_answer_ends_with_five_and_its_name() {
    let mut stand = Stand::new(SHOP);
    stand.set("GOLIVE_LIVE_KEY", "");
    insta::assert_snapshot!(wizard(&stand, &["--yes"]).error(), @r"
    exit 5
    error[GL1006]: this needs an answer, and there is no terminal to ask
      why    question keys.live.secret: Live secret or restricted key
      fix    put it into the variable GOLIVE_LIVE_KEY, or use: --key-file FILE
      more   golive explain GL1006
    ");
    for args in [&["plan"][..], &["check"], &["apply", "--yes"]] {
        stand.run(args).expect(5, &["keys.live.secret", "golive wizard", "--key-file"]);
    }
    stand.set("GOLIVE_LIVE_KEY", &stand.sim.live.secret.clone());
    stand.set("GOLIVE_LIVE_PUBLISHABLE_KEY", "");
    wizard(&stand, &["--yes"]).expect(5, &["keys.live.publishable", "GOLIVE_LIVE_PUBLISHABLE_KEY"]);
    assert_eq!((stand.writes(), stand.read(".env.production").as_str()), (0, ""));
}

#[test]
fn the_mode_is_never_assumed() {
    let stand = Stand::new(SHOP);
    insta::assert_snapshot!(stand.run(&["wizard", "--yes"]).error(), @r"
    exit 5
    error[GL1006]: the mode is not named, and there is nobody to ask
      why    the question is `mode`: rehearse, test or live
      fix    name it: golive wizard --mode rehearse
      more   golive explain GL1006
    ");
    stand.run(&["wizard", "--yes", "--answer", "mode=nonsense"]).expect(2, &["nonsense", "rehearse, test"]);
    assert!(stand.control.requests().is_empty());
    assert!(!stand.dir.join(".golive").exists());
}

#[test]
fn a_live_change_needs_more_than_yes_and_the_account_by_its_right_name() {
    let stand = Stand::new(SHOP);
    insta::assert_snapshot!(wizard(&stand, &["--yes"]).error(), @r"
    exit 4
    error[GL1008]: --yes alone does not change a live account
      why    question: Type yes to change the LIVE account Rehearsal Shop
             nothing of this plan was done
      fix    golive plan --out plan.json   then   golive apply plan.json --yes
      or     name the account: --confirm acct_XXX
      more   golive explain GL1008
    ");
    wizard(&stand, &[]).expect(5, &["Type yes to change the LIVE account Rehearsal Shop"]);
    let ran = wizard(&stand, &["--yes", "--confirm", "Other Shop"]);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL1008]: --confirm names another account
      why    nothing of this plan was done
      found  Other Shop
      wanted Rehearsal Shop (acct_XXX)
      fix    look at the account, then: --confirm acct_XXX
      more   golive explain GL1008
    ");
    wizard(&stand, &["--yes", "--confirm", "acct_1234567890"]).expect(4, &["--confirm names another account"]);
    assert_eq!(stand.writes(), 0);
    wizard(&stand, &["--yes", "--confirm", "rehearsal shop"]).expect(0, &["is live"]);
}

#[test]
fn test_mode_needs_yes_and_a_rehearsal_needs_nothing() {
    let mut stand = Stand::new(SHOP);
    let test = stand.sim.test.clone();
    stand.set("GOLIVE_TEST_KEY", &test.secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &test.publishable);
    stand.run(&["wizard", "--mode", "test"]).expect(5, &["--yes"]);
    stand.run(&["wizard", "--mode", "test", "--yes"]).expect(0, &["works in test mode"]);
    assert!(stand.read(".env.production").contains(&test.secret));
    stand.run(&["rehearse"]).expect(0, &["is rehearsed"]);
    assert!(stand.read(".env.production").contains(&test.secret), "a rehearsal never writes the real env file");
}

#[test]
fn what_only_a_person_can_settle_stays_open_and_ends_with_three() {
    let stand = Stand::new(&format!("{SHOP}{PERSON}"));
    let ran = stand.launch();
    ran.expect(3, &["4 of 5 done"]);
    assert_eq!(stand.state_of("webhook.main"), "done");
    assert_eq!(stand.state_of("env.insured"), "todo");
    stand.run(&["done", "env.insured", "--note", "policy 7"]).expect(0, &["done"]);
    stand.launch().expect(0, &["5 of 5 done"]);
    stand.run(&["status", "--all"]).expect(0, &["policy 7", "kim"]);
}

#[test]
fn an_answer_that_is_none_of_the_choices_is_named() {
    let stand = Stand::new(&format!("{SHOP}{PERSON}"));
    let account = stand.control.account();
    let ran = wizard(&stand, &["--yes", "--confirm", &account, "--answer", "env.insured.done=perhaps"]);
    insta::assert_snapshot!(ran.error(), @r"
    exit 2
    error[GL1006]: `perhaps` is not one of the answers
      why    --answer env.insured.done=perhaps
      fix    choose one of: done, later
      more   golive explain GL1006
    ");
}

#[test]
fn commands_are_shown_and_not_run_before_they_are_allowed() {
    let stand = Stand::new(&format!("{SHOP}{COMMAND}"));
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0703]: the checklist runs 1 command, not yet allowed here
      why    they are shown above; nothing was run
      fix    read them, then run the same command with: --allow-commands
      more   golive explain GL0703
    ");
    ran.expect(4, &["echo ran >> mark.txt"]);
    assert_eq!(stand.read("mark.txt"), "");
    let account = stand.control.account();
    wizard(&stand, &["--yes", "--confirm", &account, "--allow-commands"]).expect(0, &["5 of 5 items"]);
    assert_eq!(stand.read("mark.txt"), "ran\n");
    // Run once, it is not run again; and a command that changed has to be allowed anew.
    stand.launch().expect(0, &[]);
    assert_eq!(stand.read("mark.txt"), "ran\n");
    stand.write("golive.toml", &format!("{SHOP}{}", COMMAND.replace("echo ran", "echo other")));
    stand.launch().expect(4, &["GL0703", "echo other"]);
    assert_eq!(stand.read("mark.txt"), "ran\n");
}

#[test]
fn an_unreachable_stripe_is_try_again_and_nothing_is_called_failed() {
    let mut stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    stand.set("GOLIVE_API_BASE", "http://127.0.0.1:9");
    stand.run(&["plan"]).expect(75, &["GL11"]);
    let ran = stand.run(&["check"]);
    ran.expect(75, &["GL11"]);
    assert_eq!(stand.state_of("catalog.pro"), "done");
    assert_ne!(stand.state_of("keys.live"), "failed");
}
