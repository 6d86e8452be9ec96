//! `golive scan`: stray keys and hard-coded ids in any folder. No network, no key, no lock, and no
//! checklist needed; where there is one, its launches say which ids belong.

use std::path::Path;

use super::args::Scanning;
use super::place::{self, Place};
use super::{Desk, Ended};
use crate::checklist::Source;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::layout::paragraph;
use crate::render::{human, json};
use crate::step::{ScanAsk, ScanRule, ScanSort};
use crate::view::ScanView;
use crate::view::scan::{Known, KnownId, RULES, Rule};
use crate::world::scan;

/// Values of test mode that are no secret and no use in live mode: publishable keys, payment pages.
const TEST_VALUES: &str =
    r"\bpk_test_[A-Za-z0-9]{16,}|https://(?:buy|checkout|billing)\.stripe\.com/(?:[a-z]/)*test_[A-Za-z0-9]{6,}";
/// How many places of each sort are listed; all are counted.
const MOST: usize = 1000;

/// Runs it.
pub fn run(desk: &Desk, options: &Scanning) -> Ended {
    let dir = match &desk.global.dir {
        Some(_) => place::folder(&desk.global)?,
        None => std::env::current_dir().at("find", Path::new("."))?,
    };
    let dir = dir.canonicalize().at("search", &dir)?;
    let known = known(desk, &dir)?;
    let ask = ask(options);
    let survey = scan::survey(&ask, &dir, MOST).map_err(|problem| Failure::new(Class::Usage, problem))?;
    let view = ScanView::of(survey, &known, dir.display().to_string(), ask.paths);
    if view.files == 0 && view.left_out.unreadable.is_empty() {
        let problem = Problem::new(Code::ScanPlace, "no file was read")
            .why(format!("there is none in {} that is text and that git does not ignore", view.paths.join(", ")))
            .fix("name what to search: golive scan PATH");
        return Err(Failure::new(Class::Remaining, problem));
    }
    desk.print(&if options.json { json::scan(&view) } else { human::scan::scan(&view, &desk.out) })?;
    Ok(match view.blocking {
        // What could not be looked at is not known to be clean.
        0 => (!view.left_out.unreadable.is_empty()).then_some(Class::TryAgain),
        _ => Some(Class::Remaining),
    })
}

fn ask(options: &Scanning) -> ScanAsk {
    let rule = |rule: &Rule| match rule {
        Rule::Keys => (ScanSort::Keys, ""),
        Rule::Ids => (ScanSort::Ids, ""),
        Rule::TestValues => (ScanSort::Forbid, TEST_VALUES),
    };
    let rules = RULES.iter().map(rule);
    let here = || vec![".".to_owned()];
    ScanAsk {
        paths: if options.paths.is_empty() { here() } else { options.paths.clone() },
        exclude: options.exclude.clone(),
        tracked_only: false,
        rules: rules.map(|(sort, text)| ScanRule { sort, pattern: text.to_owned(), files: Vec::new() }).collect(),
        ignored: Vec::new(),
    }
}

/// Which ids the launches of this folder made. A checklist that was named must be good; one that only
/// lies there must not keep anybody from searching.
fn known(desk: &Desk, dir: &Path) -> Result<Known> {
    let place = match Place::find(&desk.global, &desk.talk, None) {
        Ok(place) => place,
        Err(failure) if desk.global.checklist.is_some() => return Err(failure),
        Err(failure) => {
            if failure.problem.code != Code::ChecklistMissing {
                let note = "The checklist here cannot be read, so nothing is known of which ids belong. See why: golive checklist validate";
                desk.say(&format!("{}\n", paragraph(&desk.talk, note)));
            }
            return Ok(Known::default());
        }
    };
    let file = match &place.checklist.origin {
        Source::File(path) => place.dir.join(path).canonicalize().ok(),
        Source::Bundled(_) => None,
    };
    let file = file.and_then(|file| file.strip_prefix(dir).ok().map(|file| file.display().to_string()));
    let mut known = Known { checklist: Some(place.checklist.title.clone()), file, ..Known::default() };
    // The live launch last: what exists there belongs, whoever else knows it.
    for mode in [Mode::Rehearse, Mode::Test, Mode::Live] {
        let (state, _) = place.state(mode)?;
        for (address, record) in &state.items {
            let ids = record.outputs.values().filter(|value| value.starts_with("price_") || value.starts_with("prod_"));
            known.ids.extend(ids.map(|id| (id.clone(), KnownId { mode, item: address.to_string() })));
        }
    }
    Ok(known)
}
