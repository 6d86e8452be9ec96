//! `golive checklist list | show | new | validate | schema`

use std::fmt::Write as _;
use std::path::Path;

use super::args::Checklists;
use super::{Desk, Ended, place, save};
use crate::checklist::{self, BUNDLED, Checklist, Source};
use crate::error::{Class, Code, Failure, Problem};
use crate::mode::Mode;
use crate::render::layout::{pad, paragraph};
use crate::render::{human, json};
use crate::view::CoverageView;

/// Runs it.
pub fn run(desk: &Desk, command: Checklists) -> Ended {
    match command {
        Checklists::List => list(desk),
        Checklists::Show { name, coverage: true, json } => coverage(desk, &name, json),
        Checklists::Show { name, .. } => {
            let (_, text) = read(desk, Some(&name))?;
            desk.print(&text)?;
            Ok(None)
        }
        Checklists::New { from, out } => new(desk, &from, &out),
        Checklists::Validate { name } => validate(desk, name.as_deref()),
        Checklists::Schema => {
            let schema = checklist::json_schema();
            let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
            desk.print(&format!("{text}\n"))?;
            Ok(None)
        }
    }
}

fn coverage(desk: &Desk, name: &str, as_json: bool) -> Ended {
    let (source, text) = read(desk, Some(name))?;
    let view = CoverageView::of(&place::load(source, &text, &desk.talk)?);
    desk.print(&if as_json { json::coverage(&view) } else { human::coverage::coverage(&view, &desk.out) })?;
    Ok(None)
}

fn list(desk: &Desk) -> Ended {
    let mut text = String::new();
    for (name, toml) in BUNDLED {
        let checklist = place::load(Source::Bundled(name), toml, &desk.talk)?;
        let _ = writeln!(text, "  {}  {}", pad(name, 20), counted(&checklist));
    }
    desk.print(&text)?;
    Ok(None)
}

/// Writes a bundled checklist where the operator makes it theirs.
fn new(desk: &Desk, from: &str, out: &Path) -> Ended {
    let (source, text) = read(desk, Some(from))?;
    place::load(source, &text, &desk.talk)?;
    let path = desk.global.dir.as_deref().unwrap_or(Path::new("")).join(out);
    let shown = path.display();
    if !save::new_checklist(&text, &path)? {
        let problem = Problem::new(Code::Usage, format!("`{shown}` is there already")).why("nothing was changed");
        let fix = format!("take another name: golive checklist new {from} --out NAME.toml");
        return Err(Failure::new(Class::Usage, problem.fix(fix)));
    }
    let next = format!("{shown} is written. Make it yours, then: golive checklist validate {shown}");
    desk.say(&format!("{}\n", paragraph(&desk.talk, &next)));
    Ok(None)
}

fn validate(desk: &Desk, name: Option<&str>) -> Ended {
    let named = name.or(desk.global.checklist.as_deref());
    let (source, text) = read(desk, named)?;
    let shown = source.shown();
    let checklist = place::load(source, &text, &desk.talk)?;
    desk.print(&format!("  {shown} is valid: {}\n", counted(&checklist)))?;
    Ok(None)
}

fn read(desk: &Desk, named: Option<&str>) -> Result<(Source, String), Failure> {
    let dir = desk.global.dir.clone().unwrap_or_else(|| ".".into());
    if !dir.is_dir() {
        let problem = Problem::new(Code::Usage, format!("there is no folder `{}`", dir.display()));
        return Err(Failure::new(Class::Usage, problem.fix("name an existing one: --dir .")));
    }
    checklist::find(named, &dir, &super::place::read_checklist)
}

fn counted(checklist: &Checklist) -> String {
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (phases, items) = (checklist.phases.len(), checklist.items().count());
    let live = checklist.items_in(Mode::Live).count();
    let of_these = if live == items { String::new() } else { format!(" ({live} in live mode)") };
    format!("{}, {}, {}{of_these}", checklist.title, count(phases, "phase"), count(items, "item"))
}
