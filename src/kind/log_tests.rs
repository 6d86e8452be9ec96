//! Tests of the `log` kind over hand-made facts.

use super::Spec;
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, looks, spec, unknown};
use crate::mode::Mode;
use crate::step::{Broken, Effect, Hits, LogSight, Look, Ran, Sight, Step};

const FILE: &str = "file = 'app.log'\nrequire = 'Payment succeeded'\nforbid = 'ERROR'\ncount = { pattern = 'WARN', most = 2 }";

fn hits(counts: &[u64]) -> Vec<Hits> {
    let hit = |count: &u64| Hits { count: *count, last: (*count > 0).then(|| "the line".to_owned()) };
    counts.iter().map(hit).collect()
}

fn seen(item: &str, sight: Sight) -> Step {
    let item: Spec = spec(item);
    let look = looks(item.next(&facts(Mode::Live).get())).remove(0);
    item.next(&facts(Mode::Live).sight(look, sight).get())
}

fn file(counts: &[u64], lines: u64) -> Step {
    seen(FILE, Sight::Log(LogSight { lines, hits: hits(counts), ..LogSight::default() }))
}

#[test]
fn what_must_and_must_not_be_there_is_counted() {
    assert_eq!(evidence(file(&[3, 0, 2], 120)), "120 lines: \"Payment succeeded\" in 3 lines, no \"ERROR\", `WARN` in 2 lines");
    let problem = failure(file(&[0, 1, 3], 120));
    assert_eq!((problem.code, problem.message.as_str()), (Code::LogPattern, "`app.log` lacks \"Payment succeeded\""));
    assert_eq!(problem.why[0], "also: `app.log` holds \"ERROR\"; found 1 line");
    assert!(problem.why.iter().any(|why| why.contains("`WARN` too often")), "{problem:?}");
    assert_eq!(failure(file(&[0, 0, 0], 0)).found.as_deref(), Some("the log is empty"));
}

#[test]
fn a_file_is_read_from_its_end_and_minutes_read_as_far_as_they_go() {
    let ask = |more: &str| match looks(spec::<Spec>(&format!("file = 'a'\nforbid = 'x'\n{more}")).next(&facts(Mode::Live).get())).remove(0) {
        Look::Log(ask) => (ask.last_lines, ask.since_minutes),
        other => panic!("{other:?}"),
    };
    assert_eq!(ask(""), (Some(2000), None));
    assert_eq!(ask("since_minutes = 60"), (None, Some(60)));
    assert_eq!(ask("last_lines = 5\nsince_minutes = 60"), (Some(5), Some(60)));
}

#[test]
fn a_log_that_is_not_there_fails_and_one_that_could_not_be_looked_at_is_unknown() {
    let unseen = |code| seen(FILE, Sight::Unseen(Problem::new(code, "no")));
    assert_eq!(failure(unseen(Code::LogUnreadable)).code, Code::LogUnreadable);
    assert_eq!(unknown(unseen(Code::Internal)).code, Code::Internal);
}

#[test]
fn a_log_elsewhere_is_read_by_a_command_that_changes_nothing() {
    let item: Spec = spec("file = \"my app.log\"\non = 'shop'\nlast_lines = 50\nrequire = 'ok'");
    assert_eq!(item.commands(), ["ssh shop: tail -n 50 -- 'my app.log'"]);
    assert!(item.read_only());
    let Step::Change(change) = item.next(&facts(Mode::Live).get()) else { panic!("no change") };
    let Effect::Run(command) = &change.actions[0].effect else { panic!("no command") };
    assert_eq!((command.run.as_str(), command.search[0].what.as_str()), ("tail -n 50 -- 'my app.log'", "ok"));
    let after = |ran: Ran| {
        let mut facts = facts(Mode::Live).ran("command item", ran);
        facts.applied[0].run = Some("ssh shop: tail -n 50 -- 'my app.log'".into());
        item.next(&facts.get())
    };
    let ok = Ran { exit: Some(0), output: "ok".into(), hits: hits(&[1]), ..Ran::default() };
    assert_eq!(evidence(after(ok.clone())), "what it printed: \"ok\" in 1 line");
    assert_eq!(failure(after(Ran { hits: hits(&[0]), ..ok.clone() })).code, Code::LogPattern);
    assert_eq!(failure(after(Ran { exit: Some(1), ..ok.clone() })).code, Code::CommandFailed);
    assert_eq!(unknown(after(Ran { broken: Some(Broken::EndNotSeen), ..ok })).code, Code::CommandUnknown);
}

#[test]
fn a_rehearsal_reads_nothing() {
    assert_eq!(evidence(spec::<Spec>(FILE).next(&facts(Mode::Rehearse).get())), "would read app.log");
    let there: Spec = spec("run = 'journalctl -u app'\non = 'shop'\nforbid = 'x'");
    assert_eq!(evidence(there.next(&facts(Mode::Rehearse).get())), "would read journalctl -u app on shop");
}

#[test]
fn what_cannot_be_is_complained_about_at_its_place() {
    let paths = |text: &str| -> Vec<String> {
        spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
    };
    assert!(paths(FILE).is_empty());
    assert_eq!(paths("forbid = 'x'"), ["file"]);
    assert_eq!(paths("file = 'a'"), ["require"]);
    assert_eq!(paths("run = 'a'\nfile = 'b'\nforbid = ''\nlast_lines = 0"), ["file", "last_lines", "last_lines", "forbid"]);
    assert_eq!(paths("file = 'a'\non = 'shop'\nsince_minutes = 5\nforbid_pattern = '('"), ["since_minutes", "forbid_pattern"]);
}
