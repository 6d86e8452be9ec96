//! `golive explain`: an error code or an item, at length.

use std::fmt::Write as _;

use super::place::Place;
use super::{Desk, Ended};
use crate::error::{Class, Code, Failure, Problem};
use crate::render::layout::paragraph;
use crate::step::Address;

/// Runs it.
pub fn run(desk: &Desk, what: &str) -> Ended {
    if let Some(code) = Code::parse(what) {
        let text = format!("{}  {}\n\n{}\n", code.id(), code.title(), paragraph(&desk.out, code.explanation()));
        desk.print(&text)?;
        return Ok(None);
    }
    let Ok(address) = what.parse::<Address>() else {
        let known: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        let problem = Problem::new(Code::Usage, format!("`{what}` is neither an error code nor an item"))
            .why(format!("codes go from {} to {}", known.first().unwrap_or(&""), known.last().unwrap_or(&"")))
            .fix("name a code, GL0204, or an item, catalog.pro: golive explain GL0204");
        return Err(Failure::new(Class::Usage, problem));
    };
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let item = place.checklist.find(&address).ok_or_else(|| place.no_item(&address))?;
    let mut text = format!("{address}  {}\n", item.title);
    for part in [&item.why, &item.help].into_iter().flatten() {
        let _ = writeln!(text, "\n{}", paragraph(&desk.out, part));
    }
    for cause in &item.causes {
        let said =
            [Some(&cause.says), cause.fix.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join("; ");
        let _ = writeln!(text, "\n{}", paragraph(&desk.out, &format!("If it fails: {said}")));
    }
    let severity = format!("{:?}", item.severity).to_lowercase();
    let _ = writeln!(text, "\n  kind      {}\n  severity  {severity}", item.kind);
    if !item.needs.is_empty() {
        let needs: Vec<String> = item.needs.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "  needs     {}", needs.join(", "));
    }
    if let Some(link) = &item.link {
        let _ = writeln!(text, "  page      {link}");
    }
    desk.print(&text)?;
    Ok(None)
}
