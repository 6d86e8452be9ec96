//! Tests of the `scan` kind over hand-made facts.

use super::Spec;
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, looks, spec, unknown};
use crate::mode::Mode;
use crate::step::{ScanFound, ScanPlace, ScanSight, Sight, Step};

const ITEM: &str = "ids = true\nforbid = [{ pattern = 'print\\(', in = ['hooks.py'], message = 'a debug print is left' }]\n\
                    require = [{ pattern = 'getenv', in = ['app.py'] }]\nignored = ['.env']";

fn found(files: u64, places: &[(&str, u64, &str)]) -> ScanFound {
    let place = |(file, line, text): &(&str, u64, &str)| ScanPlace {
        file: (*file).into(),
        line: *line,
        text: (*text).into(),
        matched: (*text).into(),
    };
    ScanFound { files, count: places.len() as u64, places: places.iter().map(place).collect() }
}

fn seen(change: impl FnOnce(&mut ScanSight)) -> Step {
    let item: Spec = spec(ITEM);
    let look = looks(item.next(&facts(Mode::Live).get())).remove(0);
    let none = || found(9, &[]);
    let mut sight = ScanSight { files: 9, binary: 2, ..ScanSight::default() };
    sight.found = vec![none(), none(), found(1, &[]), found(1, &[("app.py", 3, "os.getenv")])];
    change(&mut sight);
    item.next(&facts(Mode::Live).sight(look, Sight::Scan(sight)).get())
}

#[test]
fn a_clean_repository_passes_with_what_was_read_and_what_was_not() {
    let wanted = "9 files: no secret keys, no ids written out, no `print\\(`, `getenv` in app.py:3, git ignores .env; left out: 2 (no text)";
    assert_eq!(evidence(seen(|_| {})), wanted);
}

#[test]
fn each_place_is_named_and_every_rule_speaks() {
    let problem = failure(seen(|sight| {
        sight.found[0] = found(9, &[("a.py", 12, "sk_live_…x7Qd")]);
        sight.found[2] = found(1, &[("hooks.py", 4, "print(event)")]);
        sight.found[3] = found(1, &[]);
        sight.not_ignored.push("git does not ignore `.env`".into());
    }));
    assert_eq!((problem.code, problem.message.as_str()), (Code::ScanFound, "a secret is written out"));
    assert_eq!(problem.why[0], "a.py:12  sk_live_…x7Qd");
    for words in ["also: a debug print is left", "hooks.py:4", "also: no file holds `getenv`", "also: git does not ignore `.env`"] {
        assert!(problem.why.iter().any(|why| why.contains(words)), "{words}: {problem:?}");
    }
}

#[test]
fn what_was_not_read_is_not_called_clean() {
    assert_eq!(failure(seen(|sight| sight.found[3].files = 0)).code, Code::ScanPlace);
    assert_eq!(failure(seen(|sight| { sight.files = 0; sight.found[2] = found(1, &[]); })).message, "no file was read");
    assert_eq!(unknown(seen(|sight| sight.unreadable.push("a: no".into()))).code, Code::ScanPlace);
    let item: Spec = spec("paths = ['nowhere']");
    let look = looks(item.next(&facts(Mode::Live).get())).remove(0);
    let unseen = |code| item.next(&facts(Mode::Live).sight(look.clone(), Sight::Unseen(Problem::new(code, "no"))).get());
    assert_eq!(failure(unseen(Code::ScanPlace)).code, Code::ScanPlace);
    assert_eq!(unknown(unseen(Code::Internal)).code, Code::Internal);
}

#[test]
fn a_rehearsal_searches_nothing() {
    assert_eq!(evidence(spec::<Spec>(ITEM).next(&facts(Mode::Rehearse).get())), "would search .");
}

#[test]
fn what_cannot_be_is_complained_about_at_its_place() {
    let paths = |text: &str| -> Vec<String> {
        spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
    };
    assert!(paths(ITEM).is_empty() && paths("").is_empty());
    assert_eq!(paths("keys = false"), ["keys"]);
    assert_eq!(paths("paths = ['../other']\nignored = ['/etc']"), ["paths", "ignored"]);
    assert_eq!(paths("forbid = [{ pattern = '(' }]\nrequire = [{ pattern = 'a*' }]"), ["forbid[0].pattern", "require[0].pattern"]);
}
