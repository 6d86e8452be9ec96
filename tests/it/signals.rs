//! Ctrl-C and SIGTERM: what is on its way is finished and recorded, the pause is in the journal,
//! and the next golive goes on.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Launch, SMALL, Victim};

/// Stops a launch when Stripe has made its first object of a kind.
fn stopped(kind: &'static str, signal: Signal) -> (Launch, i32) {
    let launch = Launch::small();
    let victim = Victim::default();
    let stopper = victim.clone();
    launch.when_made(kind, move || stopper.signal(signal));
    let output = victim.watch(launch.wizard());
    launch.calm();
    (launch, output.code)
}

#[track_caller]
fn pauses(kind: &'static str, signal: Signal, code: i32) {
    let (launch, found) = stopped(kind, signal);
    assert_eq!(found, code, "{kind}");
    let last = launch.events().pop().unwrap();
    assert_eq!(last["type"], "paused", "{kind}: {last}");
    let ids = |kind: &str| -> Vec<Value> {
        launch.events_of(kind).into_iter().map(|mut event| event["intent"].take()).collect()
    };
    let (intended, applied) = (ids("intended"), ids("applied"));
    assert!(!applied.is_empty(), "{kind}: the answer that was on its way is not recorded");
    let open = intended.iter().filter(|id| !applied.contains(id) && !ids("retired").contains(id)).count();
    assert_eq!(open, 0, "{kind}: something was left open");
    let _ = launch.golive("status").run().exits(0);
    let before = launch.requests();
    let _ = launch.finish().exits(0);
    assert!(launch.writes_since(before).iter().all(|request| !request.replayed), "{kind}: nothing was to be settled");
    launch.is_whole(&format!("{signal:?} at {kind}"));
}

#[test]
fn ctrl_c_finishes_what_is_on_its_way_and_ends_with_130() {
    for kind in ["product", "price", "webhook_endpoint", "checkout.session"] {
        pauses(kind, Signal::INT, 130);
    }
}

#[test]
fn termination_finishes_what_is_on_its_way_and_ends_with_143() {
    for (kind, signal) in [("product", Signal::TERM), ("webhook_endpoint", Signal::TERM), ("price", Signal::HUP)] {
        pauses(kind, signal, 143);
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_loses_nothing() {
    let launch = Launch::small();
    let victim = Victim::default();
    let stopper = victim.clone();
    // The answer never comes: the first Ctrl-C waits for it, the second does not.
    launch.control.fault(golive::simulator::Fault {
        at: golive::simulator::At::Nth(1),
        method: Some("POST".into()),
        path: "/v1/webhook_endpoints".into(),
        what: golive::simulator::What::Hang(std::time::Duration::from_secs(60)),
    });
    let control = launch.control.clone();
    let killer = std::thread::spawn(move || {
        while control.objects(golive::simulator::Mode::Live, "webhook_endpoint").is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        stopper.signal(Signal::INT);
        std::thread::sleep(std::time::Duration::from_millis(300));
        stopper.signal(Signal::INT);
    });
    let output = victim.watch(launch.wizard());
    killer.join().unwrap();
    assert_eq!(output.code, 130, "{output}");
    launch.calm();
    let _ = launch.finish().exits(0);
    launch.is_whole("stopped at once");
}

/// A launch whose command takes much longer than anybody waits, stopped while it runs.
fn stopped_in_a_command(signal: Signal, seconds: u32) -> (Launch, crate::support::Output) {
    let slow = format!("run = \"echo backup >> commands.log; sleep {seconds}\"");
    let launch = Launch::of(&SMALL.replace("run = \"echo backup >> commands.log\"", &slow));
    let victim = Victim::default();
    let stopper = victim.clone();
    let began = launch.dir.join("commands.log");
    let watcher = std::thread::spawn(move || {
        while !began.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        stopper.signal(signal);
    });
    let output = victim.watch(launch.wizard());
    watcher.join().unwrap();
    (launch, output)
}

/// Whether any process of this computer sleeps this many seconds.
fn sleeps(seconds: u32) -> bool {
    let wanted = format!("sleep\0{seconds}\0");
    let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.any(|entry| std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes()))
}

#[test]
fn ctrl_c_stops_a_command_and_it_is_not_run_again_without_a_word() {
    let (launch, output) = stopped_in_a_command(Signal::INT, 98_761);
    assert_eq!(output.code, 130, "{output}");
    assert_eq!(launch.events().pop().unwrap()["type"], "paused", "{output}");
    assert!(!sleeps(98_761), "the command runs on");
    for _ in 0..2 {
        let again = launch.wizard().run();
        assert_eq!(again.code, 5, "{again}");
        assert!(again.stderr.contains("deploy.backup."), "{again}");
    }
    assert_eq!(launch.backups(), 1);
}

#[test]
fn a_command_whose_golive_was_killed_is_not_run_again_without_a_word() {
    let (launch, output) = stopped_in_a_command(Signal::KILL, 2);
    assert!(output.was_killed(), "{output}");
    for _ in 0..2 {
        let again = launch.wizard().run().exits(5);
        assert!(again.stderr.contains("deploy.backup.outcome"), "{again}");
    }
    assert_eq!(launch.backups(), 1);
    let _ = launch.finish().exits(0);
    launch.is_whole("killed in a command");
}
