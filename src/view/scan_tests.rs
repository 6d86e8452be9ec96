//! What blocks a launch and what does not, over made-up places.

use super::{Finding, Known, KnownId, ScanView, What};
use crate::checklist::Severity;
use crate::mode::Mode;
use crate::step::{ScanFound, ScanPlace, ScanSight, Ships, Standing, Survey};

fn place(file: &str, matched: &str) -> ScanPlace {
    ScanPlace { file: file.into(), line: 3, text: matched.into(), matched: matched.into() }
}

fn sight(rule: usize, places: Vec<ScanPlace>) -> ScanSight {
    let mut found = vec![ScanFound::default(); 3];
    found[rule] = ScanFound { files: 1, count: places.len() as u64, places };
    ScanSight { files: 1, found, ..ScanSight::default() }
}

fn view(rule: usize, file: &str, matched: &str, standing: Standing, known: &Known) -> ScanView {
    let survey = Survey {
        sight: sight(rule, vec![place(file, matched)]),
        standing: [(file.to_owned(), standing)].into(),
        repository: true,
        ..Survey::default()
    };
    ScanView::of(survey, known, "/shop".into(), vec![".".into()])
}

fn only(view: &ScanView) -> &Finding {
    assert_eq!(view.findings.len(), 1, "{view:?}");
    &view.findings[0]
}

#[test]
fn a_live_key_blocks_wherever_it_may_leave_this_computer() {
    let ignored = |ships| Standing::Ignored { ships };
    let cases = [
        (Standing::Tracked, Severity::Blocker, "history"),
        (Standing::Untracked, Severity::Blocker, "next commit"),
        (ignored(Some(Ships::Build("dist".into()))), Severity::Blocker, "dist/"),
        (ignored(Some(Ships::Image("Dockerfile".into()))), Severity::Blocker, ".dockerignore"),
        (ignored(None), Severity::Advised, "its place is the env file"),
    ];
    for (standing, severity, words) in cases {
        let view = view(0, "app.py", "sk_live_…x7Qd", standing, &Known::default());
        let finding = only(&view);
        assert_eq!((finding.severity, finding.what), (severity, What::LiveKey), "{finding:?}");
        assert!(finding.because.as_ref().unwrap().contains(words), "{finding:?}");
    }
    let unknown = view(0, "app.py", "whsec_…x7Qd", Standing::Unknown, &Known::default());
    assert_eq!((only(&unknown).severity, only(&unknown).what), (Severity::Blocker, What::SigningSecret));
}

#[test]
fn a_secret_is_at_home_in_an_env_file_that_stays_on_this_computer() {
    let at = |file: &str, standing| view(0, file, "sk_live_…x7Qd", standing, &Known::default());
    for file in [".env", "web/.env.production", "prod.env"] {
        let home = at(file, Standing::Ignored { ships: None });
        assert_eq!((home.findings.len(), home.in_env_files), (0, 1), "{file}");
        assert_eq!(at(file, Standing::Tracked).blocking, 1, "{file}");
        assert_eq!(at(file, Standing::Ignored { ships: Some(Ships::Image("Dockerfile".into())) }).blocking, 1);
    }
    assert_eq!(at(".env.example", Standing::Unknown).blocking, 1, "an example is for everybody");
}

#[test]
fn a_test_key_and_a_test_value_are_to_be_looked_at() {
    let key = view(0, "app.py", "sk_test_…x7Qd", Standing::Tracked, &Known::default());
    assert_eq!((key.blocking, key.advised, only(&key).what), (0, 1, What::TestKey));
    let value = view(2, "app.js", "pk_test_51abc", Standing::Tracked, &Known::default());
    assert_eq!((value.blocking, value.advised, only(&value).what), (0, 1, What::TestValue));
}

#[test]
fn a_launch_knows_which_ids_belong() {
    let id = |mode| KnownId { mode, item: "catalog.pro".into() };
    let ids = [("price_live", Mode::Live), ("price_test", Mode::Test), ("price_made_up", Mode::Rehearse)];
    let ids = ids.map(|(name, mode)| (name.to_owned(), id(mode))).into();
    let known = Known { checklist: Some("Shop".into()), file: Some("golive.toml".into()), ids };
    let at = |matched: &str| view(1, "app.py", matched, Standing::Tracked, &known);
    let cases = [
        ("price_live", Severity::Advised, What::Id, "the live id of catalog.pro"),
        ("price_test", Severity::Blocker, What::TestId, "live mode does not know it"),
        ("price_made_up", Severity::Blocker, What::TestId, "in a rehearsal"),
        ("price_other", Severity::Advised, What::Id, "no launch of this folder made it"),
    ];
    for (matched, severity, what, words) in cases {
        let view = at(matched);
        let finding = only(&view);
        assert_eq!((finding.severity, finding.what), (severity, what), "{finding:?}");
        assert!(finding.because.as_ref().unwrap().contains(words), "{finding:?}");
    }
    let meant = view(1, "golive.toml", "price_other", Standing::Tracked, &known);
    assert!(meant.findings.is_empty(), "an id in the checklist is meant");
}

#[test]
fn the_worst_comes_first_and_what_is_not_listed_is_counted() {
    let mut sight = sight(0, vec![place("a.py", "sk_test_…x7Qd"), place("b.py", "sk_live_…x7Qd")]);
    sight.found[0].count = 12;
    sight.links = 2;
    let ignored = self::sight(0, vec![place("dist/a.js", "rk_live_…x7Qd")]);
    let ships = Standing::Ignored { ships: Some(Ships::Build("dist".into())) };
    let standing = [("dist/a.js".to_owned(), ships)].into();
    let survey = Survey { sight, ignored, standing, spared: 3, repository: true };
    let view = ScanView::of(survey, &Known::default(), ".".into(), Vec::new());
    let files: Vec<&str> = view.findings.iter().map(|finding| finding.file.as_str()).collect();
    assert_eq!(files, ["b.py", "dist/a.js", "a.py"]);
    assert_eq!((view.blocking, view.advised, view.more), (2, 1, 10));
    assert_eq!((view.left_out.links, view.left_out.ignored_folders, view.files), (2, 3, 2));
}
