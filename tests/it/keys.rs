//! Wrong keys: each is refused by name, with where to get the right one, and nothing is sent,
//! written or changed because of it.

use super::stand::{Ran, SHOP, Stand};
use golive::simulator::Mode;

/// A run in a mode with two keys in the environment.
fn with_keys(stand: &mut Stand, mode: &str, secret: &str, publishable: &str) -> Ran {
    let prefix = format!("GOLIVE_{}", mode.to_uppercase());
    stand.set(&format!("{prefix}_KEY"), secret);
    stand.set(&format!("{prefix}_PUBLISHABLE_KEY"), publishable);
    let account = stand.control.account();
    stand.run(&["wizard", "--mode", mode, "--yes", "--confirm", &account])
}

/// Nothing was written to Stripe or to the env file, and the journal still opens.
#[track_caller]
fn untouched(stand: &Stand, mode: &str) {
    assert_eq!((stand.writes(), stand.read(".env.production").as_str()), (0, ""));
    stand.run(&["status", "--mode", mode, "--exit-code"]).expect(3, &["0 of 4 done"]);
}

#[test]
fn a_test_key_in_a_live_run_is_refused_before_anything_is_sent() {
    let mut stand = Stand::new(SHOP);
    let (live, test) = (stand.sim.live.clone(), stand.sim.test.clone());
    let ran = with_keys(&mut stand, "live", &test.secret, &live.publishable);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0204]: this is a test key, and the run is in live mode
      why    the key is sk_test_…XXXX
             it is the value of GOLIVE_LIVE_KEY
      found  sk_test_
      wanted sk_live_
      fix    copy the secret key with its copy button:
             https://dashboard.stripe.com/apikeys
      more   golive explain GL0204
    ");
    with_keys(&mut stand, "live", &live.secret, &test.publishable).expect(4, &["GL0204", "pk_test_", "pk_live_"]);
    assert!(stand.control.requests().is_empty());
    untouched(&stand, "live");
}

#[test]
fn a_live_key_in_a_test_run_is_refused_before_anything_is_sent() {
    let mut stand = Stand::new(SHOP);
    let (live, test) = (stand.sim.live.clone(), stand.sim.test.clone());
    let ran = with_keys(&mut stand, "test", &live.secret, &test.publishable);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0204]: this is a live key, and the run is in test mode
      why    the key is sk_live_…XXXX
             it is the value of GOLIVE_TEST_KEY
      found  sk_live_
      wanted sk_test_
      fix    copy the secret key with its copy button:
             https://dashboard.stripe.com/test/apikeys
      more   golive explain GL0204
    ");
    assert!(stand.control.requests().is_empty());
    untouched(&stand, "test");
}

#[test]
fn a_publishable_key_where_the_secret_one_belongs_is_refused_and_the_reverse() {
    let mut stand = Stand::new(SHOP);
    let live = stand.sim.live.clone();
    let ran = with_keys(&mut stand, "live", &live.publishable, &live.publishable);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0202]: this is a publishable key; the secret key belongs here
      why    it is the value of GOLIVE_LIVE_KEY
      found  pk_live_…XXXX
      wanted sk_live_…
      fix    copy the secret key with its copy button:
             https://dashboard.stripe.com/apikeys
      more   golive explain GL0202
    ");
    let ran = with_keys(&mut stand, "live", &live.secret, &live.secret);
    ran.expect(4, &["GL0202", "this is a secret key; the publishable key belongs here", "GOLIVE_LIVE_PUBLISHABLE_KEY"]);
    assert!(stand.control.requests().is_empty());
    untouched(&stand, "live");
}

#[test]
fn what_is_no_whole_key_is_refused_with_the_reason() {
    let mut stand = Stand::new(SHOP);
    let live = stand.sim.live.clone();
    let cases = [
        ("sk_live_your_key_here", "GL0201", "placeholder"),
        ("sk_live_abc", "GL0201", "too short to be whole"),
        ("sk_live_…abcd", "GL0201", "copied shortened"),
        ("sk_live_abcdefgh ijklmnop", "GL0201", "a space or line end inside"),
        ("sk_org_abcdefghijklmnop", "GL0207", "organisation key"),
        ("whsec_abcdefghijklmnopqrstuvwxyz", "GL0202", "a webhook signing secret"),
        ("hunter2hunter2hunter2", "GL0201", "does not look like a Stripe key"),
    ];
    for (key, code, words) in cases {
        let ran = with_keys(&mut stand, "live", key, &live.publishable);
        ran.expect(4, &[code, words, "GOLIVE_LIVE_KEY", "dashboard.stripe.com/apikeys"]);
    }
    assert!(stand.control.requests().is_empty());
    untouched(&stand, "live");
}

#[test]
fn quotes_spaces_and_an_export_around_a_key_are_taken_away_with_a_note() {
    let mut stand = Stand::new(SHOP);
    let live = stand.sim.live.clone();
    let secret = format!(" export STRIPE_KEY='{}' ", live.secret);
    let ran = with_keys(&mut stand, "live", &secret, &format!("\"{}\"\n", live.publishable));
    ran.expect(0, &["GOLIVE_LIVE_KEY (removed spaces and `export STRIPE_KEY=` and quotes around it)"]);
    ran.expect(0, &["GOLIVE_LIVE_PUBLISHABLE_KEY (removed a line end and quotes around it)"]);
    let env = stand.read(".env.production");
    assert!(env.contains(&format!("STRIPE_SECRET_KEY={}\n", live.secret)), "{env}");
    assert!(env.contains(&format!("STRIPE_PUBLISHABLE_KEY={}\n", live.publishable)), "{env}");
}

#[test]
fn a_key_file_takes_the_same_care_as_a_variable() {
    let mut stand = Stand::new(SHOP);
    let live = stand.sim.live.clone();
    stand.set("GOLIVE_LIVE_KEY", "");
    stand.set("GOLIVE_LIVE_PUBLISHABLE_KEY", "");
    stand.write("keys.txt", &format!("'{}'\nexport PK=\"{}\"\n", live.secret, live.publishable));
    let account = stand.control.account();
    let args = ["wizard", "--mode", "live", "--yes", "--confirm", &account, "--key-file", "keys.txt"];
    stand.run(&args).expect(0, &["removed quotes around it", "removed `export PK=` and quotes around it"]);
    stand.write("keys.txt", &stand.sim.test.secret.clone());
    stand.run(&args).expect(4, &["GL0204", "line 1 of keys.txt"]);
    stand.run(&["plan", "--key-file", "absent.txt"]).expect(1, &["absent.txt", "ls -l"]);
}

#[test]
fn keys_of_two_accounts_are_refused_with_both_named() {
    let mut stand = Stand::new(SHOP);
    let (_, other) = stand.control.add_account().unwrap();
    let own = stand.sim.live.secret.clone();
    let ran = with_keys(&mut stand, "live", &own, &other.publishable);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0206]: the publishable key belongs to another account than the secret
    key
      why    question keys.live.publishable: Live publishable key
      found  acct_XXX
      wanted acct_XXX
      fix    copy both keys from the same page: https://dashboard.stripe.com/apikeys
      or     put it into the variable GOLIVE_LIVE_PUBLISHABLE_KEY
      more   golive explain GL0206
    ");
    ran.expect(4, &[&stand.control.account()]);
    untouched(&stand, "live");
    // The right key afterwards is the one that is kept.
    stand.set("GOLIVE_LIVE_PUBLISHABLE_KEY", &stand.sim.live.publishable.clone());
    stand.launch().expect(0, &[]);
    assert!(stand.read(".env.production").contains(&stand.sim.live.publishable));
}

#[test]
fn a_revoked_and_an_unknown_key_are_refused_in_stripes_words_and_not_kept() {
    let mut stand = Stand::new(SHOP);
    let live = stand.sim.live.clone();
    let ran = with_keys(&mut stand, "live", "sk_live_abcdefghijklmnopqrstuvwx", &live.publishable);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0205]: Stripe does not know this key
      why    Stripe answered 401 for sk_live_…XXXX: Invalid API Key provided:
             sk_live_******************stuvwx
             question keys.live.secret: Live secret or restricted key
      fix    copy the key again, or create a new one:
             https://dashboard.stripe.com/apikeys
      or     put it into the variable GOLIVE_LIVE_KEY, or use: --key-file FILE
      more   request req_XXX, golive explain GL0205
    ");
    stand.control.revoke(&live.secret).unwrap();
    let ran = with_keys(&mut stand, "live", &live.secret, &live.publishable);
    ran.expect(4, &["GL0205", "the key has expired", "GOLIVE_LIVE_KEY"]);
    untouched(&stand, "live");
    stand.run(&["plan"]).expect(4, &["GL0205"]);
    stand.run(&["check"]).expect(4, &["GL0205"]);
}

#[test]
fn a_key_revoked_after_the_launch_is_found_and_nothing_is_lost() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let env = stand.read(".env.production");
    stand.control.revoke(&stand.sim.live.secret).unwrap();
    stand.run(&["check"]).expect(4, &["GL0205"]);
    assert_eq!(stand.state_of("keys.live"), "stale");
    // What could not be looked at is not called good.
    stand.run(&["check", "catalog.pro"]).expect(4, &["GL0205"]);
    assert_eq!(stand.state_of("catalog.pro"), "done");
    assert_eq!(stand.read(".env.production"), env);
}

#[test]
fn a_key_of_another_account_does_not_go_on_with_the_launch() {
    let mut stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let (env, writes) = (stand.read(".env.production"), stand.writes());
    let (_, other) = stand.control.add_account().unwrap();
    let ran = with_keys(&mut stand, "live", &other.secret, &other.publishable);
    ran.expect(4, &["GL0206", "another account than the launch began with", "--dir FOLDER", &stand.control.account()]);
    stand.run(&["check"]).expect(4, &["GL0206"]);
    stand.run(&["plan"]).expect(4, &["GL0206"]);
    assert_eq!((stand.read(".env.production"), stand.writes()), (env, writes));
}

#[test]
fn a_restricted_key_is_told_each_permission_it_lacks() {
    let needs = [
        ("product_write", "Products: Write"),
        ("plan_write", "Prices: Write"),
        ("webhook_write", "Webhook Endpoints: Write"),
    ];
    for (lacking, named) in needs {
        let mut stand = Stand::new(SHOP);
        let held: Vec<&str> = needs.iter().map(|(name, _)| *name).filter(|name| *name != lacking).collect();
        let key = stand.control.add_restricted_key(Mode::Live, &held).unwrap();
        let publishable = stand.sim.live.publishable.clone();
        let ran = with_keys(&mut stand, "live", &key, &publishable);
        let message = format!("the key lacks a permission: {named}");
        ran.expect(4, &["GL0211", &message, &format!("'{lacking}'"), "edit the key, add it, save"]);
        untouched(&stand, "live");
        stand.run(&["plan"]).expect(4, &["GL0211", named]);
    }
}

#[test]
fn a_restricted_key_that_may_only_read_is_told_everything_it_lacks_at_once() {
    let mut stand = Stand::new(SHOP);
    let held = ["connected_account_read", "balance_read", "product_read", "plan_read", "webhook_read"];
    let key = stand.control.add_restricted_key(Mode::Live, &held).unwrap();
    let publishable = stand.sim.live.publishable.clone();
    let ran = with_keys(&mut stand, "live", &key, &publishable);
    ran.expect(4, &["the key lacks permissions: Prices: Write, Products: Write, Webhook Endpoints: Write"]);
}

#[test]
fn a_restricted_key_with_every_permission_goes_live() {
    let mut stand = Stand::new(SHOP);
    let key = stand.control.add_restricted_key(Mode::Live, &["product_write", "plan_write", "webhook_write"]).unwrap();
    let publishable = stand.sim.live.publishable.clone();
    with_keys(&mut stand, "live", &key, &publishable).expect(0, &["3 of 3 permissions"]);
}

#[test]
fn the_permissions_of_proofs_and_account_are_named_too() {
    let more = r#"
[[phase.item]]
id = "account"
kind = "account"
title = "The account takes charges"

[[phase.item]]
id = "checkout"
kind = "checkout_proof"
title = "A checkout opens"
checkout = "payment"
success_url = "https://shop.test/success"
prices = ["${catalog.pro.prices.pro_monthly.id}"]
"#;
    let mut stand = Stand::new(&format!("{SHOP}{more}"));
    let held = ["product_write", "plan_write", "webhook_write"];
    let key = stand.control.add_restricted_key(Mode::Live, &held).unwrap();
    let publishable = stand.sim.live.publishable.clone();
    let ran = with_keys(&mut stand, "live", &key, &publishable);
    ran.expect(4, &["Checkout Sessions: Write", "Accounts: Read"]);
}

#[test]
fn an_account_that_cannot_charge_fails_its_item_and_blocks_the_launch() {
    let account = "\n[[phase.item]]\nid = \"account\"\nkind = \"account\"\ntitle = \"The account takes charges\"\n";
    let stand = Stand::new(&format!("{SHOP}{account}"));
    let off = |account: &mut serde_json::Value| {
        account["charges_enabled"] = false.into();
        account["payouts_enabled"] = false.into();
    };
    stand.control.edit_account(Mode::Live, off).unwrap();
    let ran = stand.launch();
    ran.expect(
        3,
        &["GL0221", "the account cannot take live charges yet", "the account cannot be paid out", "account/onboarding"],
    );
    assert_eq!(stand.state_of("env.account"), "failed");
    stand.control.edit_account(Mode::Live, |account| account["charges_enabled"] = true.into()).unwrap();
    stand.launch().expect(3, &["GL0222"]);
}
