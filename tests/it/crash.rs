//! `kill -9` anywhere, any number of times: run it again and it finishes, with exactly one of
//! everything, no secret lost, and nothing asked twice.

use std::fs;

use golive::simulator::{At, Fault, Phase, What};

use crate::support::{Launch, Output, Victim};

/// More crash points or requests than any run of the small launch has.
const FAR: usize = 400;

#[test]
fn a_launch_that_nothing_disturbs_is_whole() {
    let launch = Launch::small();
    let output = launch.finish().exits(0);
    assert!(output.stderr.contains("12 of 12"), "{output}");
    launch.is_whole("undisturbed");
}

/// Kills runs at the first, second, third … crash point of a name, until one is not reached any
/// more; finishes each. Of two, one is killed a second time on its way.
fn killed_at_every(name: &str, then: fn(&Launch)) {
    for n in 1..FAR {
        let launch = Launch::small();
        let output = launch.wizard().crash_at(format_args!("{name}:{n}")).run();
        if !output.was_killed() {
            assert!(n > 1, "{name} is no crash point any more");
            let _ = output.exits(0);
            return launch.is_whole("not killed at all");
        }
        then(&launch);
        let mut how = format!("killed at {name}:{n}");
        if n % 2 == 0 {
            let second = 1 + n * 7 % 23;
            how += &format!(", then at point {second}");
            let _ = launch.wizard().crash_at(second).run();
        }
        finishes(&launch, &how);
    }
    panic!("{name} has no end");
}

#[track_caller]
fn finishes(launch: &Launch, how: &str) {
    let output = launch.finish();
    assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
    launch.is_whole(how);
}

#[test]
fn killed_after_any_line_of_the_journal_it_finishes() {
    killed_at_every("journal.synced", |_| {});
}

/// A power cut tears the line that was being written.
#[test]
fn killed_in_the_middle_of_any_line_of_the_journal_it_finishes() {
    killed_at_every("journal.written", |launch| {
        let text = fs::read(launch.journal()).unwrap();
        let begin = text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let torn = begin + (text.len() - begin) / 2;
        fs::write(launch.journal(), &text[..torn]).unwrap();
    });
}

#[test]
fn killed_beside_the_env_file_it_finishes() {
    killed_at_every("env.beside", |launch| {
        let beside = launch.files().into_iter().filter(|path| path.to_string_lossy().contains(".golive-")).count();
        assert_eq!(beside, 1, "the place is not where it was");
    });
}

#[test]
fn killed_right_after_the_env_file_was_replaced_it_finishes() {
    killed_at_every("env.renamed", |_| {});
}

#[test]
fn killed_before_the_env_file_is_recorded_it_finishes() {
    killed_at_every("env.verified", |_| {});
}

/// Kills a run at its n-th request; `None` when it had fewer.
fn killed_at_request(launch: &Launch, n: usize, phase: Phase) -> Option<Output> {
    let victim = Victim::default();
    let killer = victim.clone();
    launch.control.on_request(Box::new(move |request, at| {
        if (request, at) == (n, phase) {
            killer.kill();
        }
    }));
    let output = victim.watch(launch.wizard());
    launch.calm();
    output.was_killed().then_some(output)
}

#[test]
fn killed_while_any_request_is_lost_on_its_way_it_finishes() {
    for n in 1..FAR {
        let launch = Launch::small();
        launch.control.fault(Fault { at: At::Nth(n), method: None, path: "*".into(), what: What::DropBefore });
        if killed_at_request(&launch, n, Phase::BeforeEffect).is_none() {
            assert!(n > 20, "request {n} was not the last one");
            return;
        }
        finishes(&launch, &format!("killed before the effect of request {n}"));
    }
}

#[test]
fn killed_while_any_answer_is_lost_on_its_way_it_finishes() {
    for n in 1..FAR {
        let launch = Launch::small();
        if killed_at_request(&launch, n, Phase::AfterEffect).is_none() {
            assert!(n > 20, "request {n} was not the last one");
            return;
        }
        if n % 3 == 0 {
            let before = launch.requests();
            let _ = killed_at_request(&launch, before + 1 + n % 5, Phase::AfterEffect);
        }
        finishes(&launch, &format!("killed after the effect of request {n}"));
    }
}

#[test]
fn of_many_started_at_once_one_works_and_the_others_say_so() {
    let launch = Launch::small();
    let runs: Vec<_> = (0..4).map(|_| launch.wizard().start()).collect();
    for child in runs {
        let output = Output::of(&child.wait_with_output().unwrap());
        // One that came late finds everything done.
        assert!(matches!(output.code, 0 | 75), "{output}");
    }
    launch.is_whole("four at once");
}
