//! The crash matrix: every command that writes, and every bundled checklist, killed at every durable
//! effect and every request, once and twice. It goes on to the same end as if nothing had happened.
//!
//! `cargo test` tries some of the points, spread evenly; `GOLIVE_MATRIX=full` all of them.

use std::cell::OnceCell;

use golive::checklist::BUNDLED;
use golive::simulator::{Mode, Outcome};
use serde_json::Value;

use crate::crash_change::{changed, is_as_wanted};
use crate::refund::bought;
use crate::rollback::{is_undone, launched, rollback};
use crate::rollback_crash::undone_once;
use crate::stand::Stand;
use crate::support::everywhere::{End, Scene};
use crate::support::{Golive, Launch};

/// A command of a launch, in live mode.
fn scene<'a>(
    name: &'a str,
    launch: &'a Launch,
    command: &'a dyn Fn() -> Golive,
    finish: &'a dyn Fn(&str),
) -> Scene<'a> {
    let (dir, home) = (&launch.dir, &launch.home);
    Scene { name, dir, home, journal: ".golive/small.live.jsonl", control: Some(&launch.control), command, finish }
}

fn small(launch: &Launch) -> impl Fn(&str) {
    |how: &str| {
        launch.calm();
        let output = launch.finish();
        assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
        launch.is_whole(how);
    }
}

#[test]
fn a_launch_killed_anywhere_finishes() {
    let launch = Launch::small();
    scene("wizard", &launch, &|| launch.wizard(), &small(&launch)).is_killed_everywhere(8);
}

#[test]
fn a_launch_finishes_from_whatever_a_power_cut_leaves() {
    let launch = Launch::small();
    scene("wizard", &launch, &|| launch.wizard(), &small(&launch)).loses_power_everywhere(8);
}

#[test]
fn what_was_not_on_disk_when_a_launch_was_killed_is_when_the_next_one_ends() {
    let launch = Launch::small();
    scene("wizard", &launch, &|| launch.wizard(), &small(&launch)).what_a_killed_run_left_is_made_durable(4);
}

#[test]
fn an_apply_killed_anywhere_finishes() {
    let launch = Launch::small();
    let line = format!("apply --mode live --yes --allow-commands --confirm {}", launch.control.account());
    scene("apply", &launch, &|| launch.keyed(&line), &small(&launch)).is_killed_everywhere(4);
}

#[test]
fn a_check_killed_anywhere_changes_nothing() {
    let launch = Launch::small();
    let _ = launch.finish().exits(0);
    scene("check", &launch, &|| launch.golive("check --mode live"), &small(&launch)).is_killed_everywhere(4);
}

#[test]
fn a_change_killed_anywhere_finishes() {
    let launch = changed();
    let finish = |how: &str| {
        launch.calm();
        let output = launch.finish();
        assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
        is_as_wanted(&launch, how);
    };
    scene("change", &launch, &|| launch.wizard(), &finish).is_killed_everywhere(4);
}

/// Goes on after a kill; the end of the command may not have been seen, then it is asked about once.
fn undone(launch: &Launch, old: &str, how: &str) {
    launch.calm();
    let mut output = rollback(launch).run();
    if output.code == 3 && output.stderr.contains("rollback.restart.outcome") {
        let word = if launch.dir.join("rollback.log").exists() { "finished" } else { "again" };
        output = rollback(launch).args(&format!("--answer rollback.restart.outcome={word}")).run();
    }
    assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
    is_undone(launch, old, how);
    undone_once(launch, how);
}

#[test]
fn a_rollback_killed_anywhere_goes_on() {
    let (launch, old) = launched();
    let finish = |how: &str| undone(&launch, &old, how);
    scene("rollback", &launch, &|| rollback(&launch), &finish).is_killed_everywhere(4);
}

#[test]
fn a_rollback_goes_on_from_whatever_a_power_cut_leaves() {
    let (launch, old) = launched();
    let finish = |how: &str| undone(&launch, &old, how);
    scene("rollback", &launch, &|| rollback(&launch), &finish).loses_power_everywhere(4);
}

#[test]
fn done_skip_and_reopen_killed_anywhere_are_said_again() {
    for (line, state) in [
        ("done deploy.told --note everybody", "done"),
        ("skip verify.site --reason no-site-yet", "skipped"),
        ("reopen deploy.told", "todo"),
    ] {
        let launch = Launch::small();
        let _ = launch.wizard().run().exits(0);
        let item = line.split_whitespace().nth(1).unwrap();
        let finish = |how: &str| {
            let output = launch.golive(&format!("{line} --mode live")).run();
            assert_eq!(output.code, 0, "{how}: {output}");
            let status = launch.golive("status --mode live --json").run().exits(0);
            let status: Value = serde_json::from_str(&status.stdout).unwrap();
            let mut items =
                status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap());
            assert_eq!(items.find(|found| found["id"] == item).unwrap()["state"], state, "{how}");
        };
        scene(line, &launch, &|| launch.golive(&format!("{line} --mode live")), &finish).is_killed_everywhere(3);
    }
}

/// Whoever takes a bundled checklist over has all of it or nothing of it, and types the same again.
#[test]
fn a_checklist_that_is_begun_is_whole_or_not_there() {
    let launch = Launch::small();
    let bundled = BUNDLED.iter().find(|(name, _)| *name == "minipass").unwrap().1;
    let (line, path) = ("checklist new minipass --out own.toml", launch.dir.join("own.toml"));
    let finish = |how: &str| {
        if !path.exists() {
            let _ = launch.golive(line).run().exits(0);
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), bundled, "{how}");
        let _ = launch.golive(line).run().exits(2).says("own.toml` is there already");
    };
    scene("checklist new", &launch, &|| launch.golive(line), &finish).is_killed_everywhere(4);
}

#[test]
fn a_report_killed_anywhere_is_whole_or_not_there_and_changes_no_state() {
    let launch = Launch::small();
    let _ = launch.wizard().run().exits(0);
    let (journal, path) = (std::fs::read(launch.journal()).unwrap(), launch.dir.join("report.md"));
    let command = || launch.golive("report --mode live --format markdown --out report.md");
    let _ = command().run().exits(0);
    let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
    let wanted = lines();
    std::fs::remove_file(&path).unwrap();
    let finish = |how: &str| {
        assert!(!path.exists() || lines() == wanted, "{how}: half of a report");
        let _ = command().run().exits(0);
        assert_eq!(lines(), wanted, "{how}");
        assert_eq!(std::fs::read(launch.journal()).unwrap(), journal, "{how}");
    };
    scene("report", &launch, &command, &finish).is_killed_everywhere(4);
}

fn of_stand(stand: &Stand, line: &str) -> Golive {
    let golive = Golive::new(&stand.dir, &stand.dir.join("../home"));
    let golive = stand.vars.iter().fold(golive, |golive, (name, value)| golive.env(name, value));
    line.split('|').fold(golive, Golive::arg)
}

#[test]
fn a_refund_killed_anywhere_is_sent_once() {
    let fields = "cancel_subscription = true\nevents = [\"charge.refunded\", \"customer.subscription.deleted\"]";
    let stand = bought(fields);
    let command = || of_stand(&stand, "wizard|--mode|live|--answer|launch.refund.refund=refund|--confirm|50.00");
    let finish = |how: &str| {
        let output = command().run();
        assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
        let of = |kind: &str| stand.control.objects(Mode::Live, kind);
        assert_eq!((of("refund").len(), of("charge").len()), (1, 1), "{how}");
        assert_eq!(of("subscription")[0]["status"], "canceled", "{how}");
    };
    let home = stand.dir.join("../home");
    let scene = Scene {
        name: "refund",
        dir: &stand.dir,
        home: &home,
        journal: ".golive/shop.live.jsonl",
        control: Some(&stand.control),
        command: &command,
        finish: &finish,
    };
    scene.is_killed_everywhere(4);
}

#[test]
fn a_purchase_watched_by_a_golive_that_is_killed_is_seen() {
    let stand = crate::purchase::ready("");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    let command = || of_stand(&stand, "wizard|--mode|live|--answer|launch.purchase.how=first");
    let finish = |how: &str| {
        let output = command().run();
        assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
        assert_eq!(stand.control.objects(Mode::Live, "charge").len(), 1, "{how}");
    };
    let home = stand.dir.join("../home");
    let scene = Scene {
        name: "purchase",
        dir: &stand.dir,
        home: &home,
        journal: ".golive/shop.live.jsonl",
        control: Some(&stand.control),
        command: &command,
        finish: &finish,
    };
    scene.is_killed_everywhere(4);
}

/// A bundled checklist in rehearsal: the kill takes the simulator with it.
fn rehearsal(name: &str) {
    let launch = Launch::small();
    std::fs::remove_file(launch.dir.join("golive.toml")).unwrap();
    let command = || Golive::new(&launch.dir, &launch.home).args(&format!("rehearse --yes --checklist {name}"));
    let wanted = OnceCell::new();
    let finish = |how: &str| {
        let output = command().run();
        assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
        let end = End::of(&launch.dir, &launch.home, name);
        assert_eq!(&end, wanted.get_or_init(|| End::of(&launch.dir, &launch.home, name)), "{how}\n{output}");
    };
    let journal = format!(".golive/{name}.rehearse.jsonl");
    let scene = Scene {
        name,
        dir: &launch.dir,
        home: &launch.home,
        journal: &journal,
        control: None,
        command: &command,
        finish: &finish,
    };
    scene.is_killed_everywhere(3);
}

macro_rules! rehearsals {
    ($($test:ident $name:literal)*) => {
        $(
            #[test]
            fn $test() { rehearsal($name); }
        )*

        #[test]
        fn every_bundled_checklist_is_in_the_matrix() {
            let mut known: Vec<&str> = BUNDLED.iter().map(|(name, _)| *name).collect();
            known.sort_unstable();
            let mut tried = [$($name),*];
            tried.sort_unstable();
            assert_eq!(known, tried);
        }
    };
}

rehearsals! {
    minipass_killed_anywhere_finishes "minipass"
    recorder_ed_killed_anywhere_finishes "recorder-ed"
    alwrity_killed_anywhere_finishes "alwrity"
    caixahub_killed_anywhere_finishes "caixahub"
    smart_strategies_killed_anywhere_finishes "smart-strategies"
    saas_subscriptions_killed_anywhere_finishes "saas-subscriptions"
    one_time_payments_killed_anywhere_finishes "one-time-payments"
    stripe_official_killed_anywhere_finishes "stripe-official"
}
