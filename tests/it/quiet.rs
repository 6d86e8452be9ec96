//! Commands that only look send nothing that could change anything, whatever was left open; and
//! `status` needs nobody: no network, no key, no lock.

use std::fs;

use serde_json::Value;

use crate::support::{Launch, Victim};

const LOOKS: [&str; 3] = ["plan --mode live", "check --mode live", "plan --mode live --json"];

#[track_caller]
fn changes_nothing(launch: &Launch, how: &str) {
    let env_file = || fs::read(launch.dir.join(".env.production")).unwrap_or_default();
    for line in LOOKS {
        let (before, env) = (launch.requests(), env_file());
        let output = launch.keyed(line).run();
        assert!(matches!(output.code, 0 | 3), "{how}: {line}: {output}");
        let writes = launch.writes_since(before);
        assert!(writes.is_empty(), "{how}: `{line}` writes: {writes:?}");
        assert!(env_file() == env, "{how}: `{line}` writes to the env file");
    }
    let before = launch.requests();
    for line in ["status", "status --json", "status --all", "status --markdown"] {
        let _ = launch.golive(line).run().exits(0);
    }
    assert_eq!(launch.requests(), before, "{how}: status looks at Stripe");
}

#[test]
fn looking_never_writes() {
    let launch = Launch::small();
    changes_nothing(&launch, "before anything");
    let _ = launch.finish().exits(0);
    changes_nothing(&launch, "when everything is finished");
}

/// What was begun and has no known end is for a command that may write.
#[test]
fn looking_settles_nothing() {
    for kind in ["product", "price", "webhook_endpoint"] {
        let launch = Launch::killed_when_made(kind);
        let open = launch.events().len();
        changes_nothing(&launch, kind);
        assert!(launch.events().len() >= open);
        let _ = launch.finish().exits(0);
        launch.is_whole(kind);
    }
}

#[test]
fn a_plan_says_that_something_has_no_known_end() {
    let launch = Launch::killed_when_made("webhook_endpoint");
    let _ = launch.keyed("plan --mode live").run().exits(0).says("no known outcome");
}

#[test]
fn a_plan_needs_no_folder_of_its_own() {
    let launch = Launch::small();
    let _ = launch.keyed("plan --mode live").run().exits(0);
    assert!(!launch.dir.join(".golive").exists(), "{:?}", launch.files());
}

#[test]
fn status_works_without_anything_and_changes_nothing() {
    let launch = Launch::small();
    let output = launch.golive("status --json").without("GOLIVE_API_BASE").run().exits(0);
    let status: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&status["schema"], &status["ready"]), (&"golive.status/1".into(), &false.into()));
    assert!(!launch.dir.join(".golive").exists());
}

#[test]
fn another_golive_is_told_who_works_and_status_works_on() {
    let launch = Launch::small();
    let victim = Victim::default();
    let (tx, rx) = std::sync::mpsc::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let gone = std::sync::Mutex::new(gone);
    launch.when_made("webhook_endpoint", move || {
        let _ = tx.send(());
        let _ = gone.lock().unwrap().recv();
    });
    std::thread::scope(|scope| {
        let first = scope.spawn(|| victim.watch(launch.wizard()));
        rx.recv().unwrap();
        let before = launch.requests();
        for (line, code) in [("apply --mode live --yes", 75), ("check --mode live", 75), ("wizard --mode live", 75)] {
            let output = launch.keyed(line).run();
            assert_eq!(output.code, code, "{line}: {output}");
            let pid = victim.pid().to_string();
            assert!(output.stderr.contains(&pid), "{line} does not name process {pid}: {output}");
        }
        let skipped = launch.golive("skip deploy.told").args("--reason later").run();
        assert_eq!(skipped.code, 75, "{skipped}");
        let output = launch.golive("status --json").run().exits(0);
        assert!(serde_json::from_str::<Value>(&output.stdout).is_ok());
        assert_eq!(launch.requests(), before, "somebody without the lock went to Stripe");
        go.send(()).unwrap();
        let _ = first.join().unwrap().exits(0);
    });
    launch.calm();
    launch.is_whole("others came in between");
}
