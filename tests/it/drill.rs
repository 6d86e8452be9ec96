//! Practised trouble: each drill is named by its code, repaired, and walked to its end; without its
//! fault the code is nowhere; and nothing of it is seen in the rehearsal.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::screen::{CTRL_C, DOWN, ENTER, Screen, Start};
use crate::support::{Golive, Output, files};

const CREW: &str = include_str!("fixtures/drill.toml");

/// Every drill that puts trouble into a launch, and what must name it.
const DRILLS: [(&str, &str, &str); 9] = [
    ("webhook-down", "GL0422", "verify.handler"),
    ("wrong-secret", "GL0406", "verify.handler"),
    ("redirect", "GL0403", "verify.handler"),
    ("not-deployed", "GL0408", "verify.handler"),
    ("unsigned", "GL0405", "verify.handler"),
    ("lost-reply", "GL1012", "webhook.main"),
    ("rate-limited", "GL1104", "catalog.pro"),
    ("payment-fails", "GL0806", "launch.purchase"),
    ("key-revoked", "GL0205", "catalog.pro"),
];

/// A folder with a checklist; nothing of it but loopback is touched.
struct Crew(TempDir);

impl Crew {
    fn of(checklist: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        fs::write(folder.path().join("golive.toml"), checklist).unwrap();
        Self(folder)
    }

    fn new() -> Self {
        Self::of(CREW)
    }

    fn golive(&self, line: &str) -> Golive {
        Golive::new(self.0.path(), self.0.path()).args(line)
    }

    fn drill(&self, name: &str) -> Output {
        self.golive(&format!("rehearse --drill {name}")).run()
    }

    fn screen(&self, line: &str) -> Screen {
        let dir = self.0.path();
        Start { dir, home: dir, line, columns: 80, variables: Vec::new() }.begin()
    }

    fn events(&self, drill: &str) -> Vec<Value> {
        let path = self.0.path().join(format!(".golive/crew.drill-{drill}.jsonl"));
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(|line| Some(serde_json::from_str::<Value>(line).ok()?["event"].take())).collect()
    }

    fn rehearsed(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let own = |path: &PathBuf| !path.to_string_lossy().contains("drill");
        let files = files(&self.0.path().join(".golive")).into_iter().filter(own);
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

/// What was said of the trouble once it was named, with ids and times replaced.
fn told(output: &Output) -> String {
    let lines: Vec<&str> = output.stderr.lines().collect();
    let from = lines.iter().position(|line| line.contains("Named: ")).unwrap();
    let until = lines.iter().rposition(|line| line.contains("The same command goes on")).unwrap();
    let end = lines.iter().rposition(|line| line.contains("is walked to its end")).unwrap();
    [&lines[from..=until], &["…"], &lines[end..]].concat().join("\n")
}

#[test]
fn every_drill_is_named_by_its_code_and_walked_to_its_end() {
    for (drill, code, item) in DRILLS {
        let crew = Crew::new();
        let output = crew.drill(drill).exits(0);
        let output = output.says(&format!("Named: {code} at {item}, ")).says("Repaired: ").says("golive did it");
        let output = output.says(&format!("Drill {drill} is walked to its end. 7 of 7 items rehearsed"));
        let output = output.says(&format!("{code} by {item}, ")).says(&format!("golive explain {code}"));
        // On the day it is the item's own verdict, or the end of the run, that says so.
        assert!(output.stderr.matches(&code.to_string()).count() >= 4, "{drill}: {output}");
        assert!(output.stderr.matches("Named: ").count() == 1, "{drill}: {output}");
        assert!(!crew.0.path().join(".golive/crew.rehearse.jsonl").exists(), "{drill} wrote into the rehearsal");
        // Stripe's own words name a key by stars, as many as it has letters.
        let wide = |line: &&str| line.chars().count() > 80 && !line.contains("****");
        assert_eq!(output.stderr.lines().find(wide), None, "{drill}: {output}");
    }
}

#[test]
fn without_its_fault_no_code_of_a_drill_appears() {
    let crew = Crew::new();
    let output = crew.golive("rehearse").run().exits(0);
    for (drill, code, _) in DRILLS {
        assert!(!output.stderr.contains(code), "{drill}: {output}");
    }
    // Neither does another drill's.
    let output = crew.drill("webhook-down").exits(0);
    for (drill, code, _) in DRILLS.iter().skip(1) {
        assert!(!output.stderr.contains(code), "{drill}: {output}");
    }
}

#[test]
fn the_screens_of_a_drill() {
    let crew = Crew::new();
    let output = crew.drill("wrong-secret").exits(0);
    let briefing: Vec<&str> = output.stderr.lines().skip_while(|line| !line.contains("Drill:")).take(8).collect();
    insta::assert_snapshot!(briefing.join("\n"), @r"
    ── Drill: wrong-secret ─────────────────────────────────────── REHEARSAL ──

      Practised  the handler refuses what Stripe signs, because it was not restarted
                 with the new secret.
      Look for   unsigned events are refused, as they should be; rightly signed ones
                 are refused as well.
      Safe       nothing is real, and your rehearsal is not touched. golive answers
                 all that is not part of the drill.
    ");
    insta::assert_snapshot!(told(&output), @r"
      ! Named: GL0406 at verify.handler, 5 items after it began: the webhook handler
        refuses a rightly signed event
      Cure       deploy the env file with `STRIPE_WEBHOOK_SECRET`, restart the
                 application, then: golive wizard

      ✓ Repaired: the application is restarted with the secret of the env file.
        Nobody is at the keyboard, so golive did it. The same command goes on:
    …
      ✓ Drill wrong-secret is walked to its end.   7 of 7 items rehearsed

      Trouble    the deployed application holds another endpoint's signing secret
      Noticed    GL0406 by verify.handler, 5 items after it began
      Open       for 5 items, then repaired by golive

      Read       golive explain GL0406
      Again      golive rehearse --drill wrong-secret --fresh
      Others     golive rehearse --drill list
    ");
    insta::assert_snapshot!(crew.golive("rehearse --drill list").run().exits(0).stdout, @r"
    webhook-down      the webhook handler answers every event with 500
    wrong-secret      the deployed application holds another endpoint's signing
                      secret
    redirect          the webhook address redirects
    not-deployed      nothing is deployed at the webhook address
    unsigned          the webhook handler checks no signature
    lost-reply        the reply with the new endpoint's signing secret is lost
    rate-limited      Stripe answers every request with 429
    payment-fails     the first buyer's card is declined
    key-revoked       the secret key was rolled by somebody else
    rollback          the finished rehearsal is undone, on a copy, once more
    ");
}

#[test]
fn a_lost_reply_makes_no_second_endpoint_and_loses_no_secret() {
    let crew = Crew::new();
    let output = crew.drill("lost-reply").exits(0).says("error[GL1012]");
    let made = crew.events("lost-reply");
    let intended = |event: &&Value| event["type"] == "intended" && event["action"] == "webhook main";
    assert_eq!(made.iter().filter(intended).count(), 1, "{output}");
    let env = fs::read_to_string(crew.0.path().join(".golive/drills/crew/lost-reply/.env.production")).unwrap();
    assert_eq!(env.matches("STRIPE_WEBHOOK_SECRET=whsec_").count(), 1);
}

#[test]
fn a_revoked_key_is_replaced_by_the_new_one_in_the_env_file() {
    let crew = Crew::new();
    let output = crew.drill("key-revoked").exits(0);
    let accepted: Vec<Value> = crew.events("key-revoked").into_iter().filter(|event| event["type"] == "key").collect();
    let secret = |event: &&Value| event["slot"].to_string().contains("secret");
    let prints: Vec<&Value> = accepted.iter().filter(secret).map(|event| &event["fingerprint"]).collect();
    assert_eq!(prints.len(), 2, "{accepted:?} {output}");
    assert_ne!(prints[0], prints[1]);
}

#[test]
fn a_drill_leaves_the_rehearsal_alone_and_is_walked_once() {
    let crew = Crew::new();
    let _ = crew.golive("rehearse").run().exits(0);
    let before = crew.rehearsed();
    let _ = crew.drill("redirect").exits(0);
    assert!(crew.rehearsed() == before, "a drill wrote into the rehearsal");
    let named =
        |drill: &str| crew.events(drill).iter().filter(|event| event["verdict"].to_string().contains("GL0403")).count();
    assert_eq!(named("redirect"), 1);
    let intents = |crew: &Crew| crew.events("redirect").iter().filter(|event| event["type"] == "intended").count();
    let writes = intents(&crew);
    let again = crew.drill("redirect").exits(0).says("is walked to its end").says("GL0403 by verify.handler");
    assert!(!again.stderr.contains("Named: "), "it is over: {again}");
    assert_eq!(intents(&crew), writes, "the second run wrote to Stripe");
    let _ = crew.golive("rehearse --drill redirect --fresh").run().exits(0).says("Named: GL0403");
    assert!(crew.rehearsed() == before, "--fresh took the rehearsal");
    let status = crew.golive("status --mode rehearse --exit-code").run().exits(0);
    assert!(status.stdout.contains("Its rollback is rehearsed too"), "{status}");
}

#[test]
fn a_drill_that_is_killed_goes_on_where_it_was() {
    for drill in ["webhook-down", "key-revoked", "lost-reply"] {
        let (_, code, _) = *DRILLS.iter().find(|(name, ..)| *name == drill).unwrap();
        // Begun, noticed, repaired: each with the power cut right behind it; and somewhere in between.
        for place in ["diary.saved:1", "diary.saved:2", "diary.saved:3", "journal.synced:9", "journal.synced:23"] {
            let crew = Crew::new();
            let killed = crew.golive(&format!("rehearse --drill {drill}")).crash_at(place).run();
            assert!(killed.was_killed(), "{drill} at {place}: {killed}");
            let output = crew.drill(drill);
            assert_eq!(output.code, 0, "{drill} at {place}: {output}");
            let output = output.says(&format!("Drill {drill} is walked to its end. 7 of 7"));
            let _ = output.says(&format!("Noticed {code} by "));
        }
    }
}

#[test]
fn a_name_that_is_none_lists_those_that_are() {
    let crew = Crew::new();
    let output = crew.drill("webhook-dow").exits(2).says("GL1201").says("there is no drill `webhook-dow`");
    let mut output = output.says("golive rehearse --drill webhook-down");
    for (drill, ..) in DRILLS {
        output = output.says(&format!("{drill}: "));
    }
    let list = crew.golive("rehearse --drill list").run().exits(0);
    for (drill, ..) in DRILLS {
        assert!(list.stdout.lines().any(|line| line.starts_with(drill)), "{drill}: {list}");
    }
    assert_eq!(list.stdout.lines().filter(|line| !line.starts_with(' ')).count(), DRILLS.len() + 1, "{list}");
    let _ = crew.golive("rehearse --drill redirect --phase verify").run().exits(2);
}

#[test]
fn a_checklist_with_nothing_to_practise_it_with_says_so() {
    let until = CREW.find("[[phase]]\nid = \"launch\"").unwrap();
    let crew = Crew::of(&CREW[..until]);
    let output = crew.drill("payment-fails").exits(2).says("Crew launch has nothing to practise `payment-fails` with");
    let _ = output.says("`purchase`").says("--drill payment-fails --checklist minipass");
    assert!(!crew.0.path().join(".golive").exists(), "something was begun");
    let _ = crew.drill("webhook-down").exits(0);
}

#[test]
fn trouble_that_no_item_looks_at_is_told() {
    // The purchase follows no event, so that nothing sees the handler fail.
    let mute = CREW.replace("events = [\"checkout.session.completed\"]\n", "events = []\n");
    let mute = mute.replace(
        "events = [\"charge.refunded\", \"customer.subscription.deleted\"]\n\n[[rollback]]",
        "events = []\n\n[[rollback]]",
    );
    let from = mute.find("[[phase]]\nid = \"verify\"").unwrap();
    let to = mute.find("[[phase]]\nid = \"launch\"").unwrap();
    let mute = format!("{}{}", &mute[..from], &mute[to..]).replace("needs = [\"verify.handler\"]\n", "");
    let _ = Crew::of(&mute).drill("redirect").exits(3).says("GL1014").says("no item looked at it");
}

#[test]
fn what_the_trouble_leaves_behind_is_told_and_keeps_no_drill_from_its_end() {
    let quiet = "[[phase.item]]\nid = \"quiet\"\nkind = \"events\"\ntitle = \"Few payments fail\"\n\
                 needs = [\"launch.purchase\"]\nfailed_payments = \"10%\"\n\n[[rollback]]\nid = \"restart\"";
    let crew = Crew::of(&CREW.replace("[[rollback]]\nid = \"restart\"", quiet));
    let output = crew.drill("payment-fails").exits(0).says("walked to its end. 7 of 8 items");
    let _ = output.says("Stays GL0822 at launch.quiet, 1 of 2 payments failed");
    let other = crew.drill("webhook-down").exits(0).says("walked to its end. 8 of 8 items");
    assert!(!other.stderr.contains("Stays "), "{other}");
}

#[test]
fn the_crew_decides_when_it_is_repaired() {
    let crew = Crew::new();
    let mut screen = crew.screen("rehearse --drill webhook-down");
    screen.shows("Look for");
    screen.answer("Named: GL0422", "What now?", &format!("{DOWN}{ENTER}"));
    screen.until("named again", |text| text.matches("Named: GL0422").count() == 2);
    screen.answer("10 items after it began", "What now?", CTRL_C);
    screen.shows("golive rehearse --drill webhook-down");
    screen.exits(130);
    // The next day the trouble is still there, and still has its name.
    let mut screen = crew.screen("rehearse --drill webhook-down");
    screen.answer("Named: GL0422 at verify.handler, 5 items", "What now?", ENTER);
    screen.shows("Repaired: ");
    screen.shows("Drill webhook-down is walked to its end.");
    screen.shows("then repaired by anna");
    screen.exits(0);
    let text = screen.text();
    assert!(!text.contains("Nobody is at the keyboard") && !text.contains("\n\n\n"), "{text}");
}

#[test]
fn a_rehearsal_ends_with_its_rollback_on_a_copy() {
    let crew = Crew::new();
    let output = crew.golive("rehearse").run().exits(0);
    let output = output.says("Rollback, as a drill").says("switch off we_").says("close price_");
    let output = output.says("no live key").says("undone, on the copy").says("Its rollback is rehearsed too");
    assert!(output.stderr.contains("Crew launch is rehearsed.   7 of 7 items"), "{output}");
    assert!(!crew.0.path().join("rollback.log").exists(), "no command runs in a rehearsal");
    assert!(crew.0.path().join(".golive/rehearsal/crew/.env.production").exists(), "the rehearsal stands");
    assert!(!crew.0.path().join(".golive/drills/crew/rollback/.env.production").exists(), "its copy is undone");
    let status: Value =
        serde_json::from_str(&crew.golive("status --mode rehearse --json").run().exits(0).stdout).unwrap();
    assert_eq!(
        (status["ready"].as_bool(), status["rollback_drill"]["left"].as_u64()),
        (Some(true), Some(0)),
        "{status:#}"
    );
    let told =
        |format: &str| crew.golive(&format!("report --mode rehearse --format {format} --out -")).run().exits(0).stdout;
    for (format, words) in [
        ("markdown", "**Rollback rehearsed on a copy** by"),
        ("html", "<h2>Rollback rehearsed on a copy</h2>"),
        ("json", "\"rollback_drill\": {"),
    ] {
        assert!(told(format).contains(words), "{format}: {}", told(format));
    }
    assert!(status["rollback_drill"]["ended_at"].is_string() && status["rollback"].is_null(), "{status:#}");

    // A second one finds nothing to do, and writes nothing anywhere.
    let intents = |name: &str| {
        let text = fs::read_to_string(crew.0.path().join(name)).unwrap();
        text.matches(r#""type":"intended""#).count()
    };
    let journals = [".golive/crew.rehearse.jsonl", ".golive/crew.drill-rollback.jsonl"];
    let before = journals.map(intents);
    let again = crew.golive("rehearse").run().exits(0).says("Its rollback is rehearsed too");
    assert!(!again.stderr.contains("Rollback, as a drill"), "{again}");
    assert_eq!(journals.map(intents), before);
    let _ = crew.golive("rehearse --drill rollback").run().exits(0).says("undone, on the copy");
    assert_eq!(journals.map(intents), before);
}

#[test]
fn a_rehearsal_that_goes_on_is_undone_anew() {
    let crew = Crew::new();
    let _ = crew.golive("rehearse").run().exits(0);
    fs::write(crew.0.path().join("golive.toml"), CREW.replace("50.00 CAD", "60.00 CAD")).unwrap();
    let changed = crew.golive("rehearse").run().exits(0).says("Rollback, as a drill");
    let journal = fs::read_to_string(crew.0.path().join(".golive/crew.drill-rollback.jsonl")).unwrap();
    assert!(journal.contains("unit_amount=6000"), "the copy is not of what was launched last: {changed}");
    let status = crew.golive("status --mode rehearse").run().exits(0);
    assert!(status.stdout.contains("Its rollback is rehearsed too"), "{status}");
}

#[test]
fn a_rollback_drill_that_is_killed_goes_on_and_the_rehearsal_stands() {
    for place in ["drill.copied:1", "env.restored:1"] {
        let crew = Crew::new();
        let killed = crew.golive("rehearse").crash_at(place).run();
        assert!(killed.was_killed(), "{place}: {killed}");
        let status = crew.golive("status --mode rehearse --exit-code").run().exits(0);
        assert!(status.stdout.contains("Its rollback"), "{status}");
        assert!(!status.stdout.contains("rehearsed too"), "{status}");
        let _ = crew.golive("rehearse").run().exits(0).says("Its rollback is rehearsed too");
        let status = crew.golive("status --mode rehearse --exit-code").run().exits(0);
        assert!(status.stdout.contains("Its rollback is rehearsed too"), "{place}: {status}");
    }
}

#[test]
fn without_a_finished_rehearsal_there_is_nothing_to_undo() {
    let _ = Crew::new().drill("rollback").exits(2).says("there is no finished rehearsal to undo");
}
