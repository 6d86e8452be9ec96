//! `kill -9` anywhere in a rollback: run it again and it finishes, with each thing undone once.

use golive::simulator::Phase;

use crate::rollback::{is_undone, launched, rollback};
use crate::support::{Launch, Victim};

const FAR: usize = 200;

/// Goes on after a kill; the end of the command may not have been seen, then it is asked about once.
#[track_caller]
fn goes_on(launch: &Launch, old: &str, how: &str) {
    let mut output = rollback(launch).run();
    if output.code == 3 && output.stderr.contains("rollback.restart.outcome") {
        let word = if launch.dir.join("rollback.log").exists() { "finished" } else { "again" };
        output = rollback(launch).args(&format!("--answer rollback.restart.outcome={word}")).run();
    }
    assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
    is_undone(launch, old, how);
    undone_once(launch, how);
}

/// No change was taken back by two writes that went through.
#[track_caller]
pub fn undone_once(launch: &Launch, how: &str) {
    let applied: Vec<_> = launch.events_of("applied").into_iter().map(|event| event["intent"].clone()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for event in launch.events_of("intended").into_iter().filter(|event| applied.contains(&event["intent"])) {
        for undone in event["undoes"].as_array().into_iter().flatten() {
            assert!(seen.insert(undone.to_string()), "{how}: {undone} was undone twice");
        }
    }
}

fn killed_at_every(name: &str) {
    for n in 1..FAR {
        let (launch, old) = launched();
        let output = rollback(&launch).crash_at(format_args!("{name}:{n}")).run();
        if !output.was_killed() {
            assert!(n > 1, "{name} is no crash point of a rollback: {output}");
            return is_undone(&launch, &old, "not killed at all");
        }
        goes_on(&launch, &old, &format!("killed at {name}:{n}"));
    }
    panic!("{name} has no end");
}

#[test]
fn killed_after_any_line_of_the_journal_a_rollback_goes_on() {
    killed_at_every("journal.synced");
}

#[test]
fn killed_beside_the_env_file_a_rollback_goes_on() {
    killed_at_every("env.beside");
    killed_at_every("env.renamed");
    killed_at_every("env.restored");
}

#[test]
fn killed_while_any_answer_is_lost_on_its_way_a_rollback_goes_on() {
    for n in 1..FAR {
        let (launch, old) = launched();
        let (victim, before) = (Victim::default(), launch.requests());
        let killer = victim.clone();
        launch.control.on_request(Box::new(move |request, at| {
            if (request, at) == (before + n, Phase::AfterEffect) {
                killer.kill();
            }
        }));
        let output = victim.watch(rollback(&launch));
        launch.calm();
        if !output.was_killed() {
            assert!(n > 10, "request {n} was not the last one: {output}");
            return;
        }
        goes_on(&launch, &old, &format!("killed after the effect of request {n}"));
    }
}
