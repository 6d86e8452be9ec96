//! The names in a checklist that stand for the operator's own: `shop.example` is nobody's site, in a bundled
//! checklist and in a copy of one. Before anything real is made of them they are asked for, or named as missing;
//! a rehearsal takes them as they are. What is answered is recorded like `--answer vars.NAME=VALUE`.

use super::Desk;
use super::args::{Agree, Global};
use super::opening::{question, text};
use super::place::Place;
use crate::checklist::Source;
use crate::config;
use crate::engine::port::News;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::import::stripe::NO_HOST;
use crate::mode::Mode;
use crate::step::{Check, Form};
use crate::world::resolve;

/// The end of hosts that belong to nobody (RFC 2606).
const NOBODYS: &str = ".example";

/// The options, with an answer for every name that was still a placeholder.
pub fn ask(desk: &Desk, place: &Place, mode: Mode, agree: &Agree) -> Result<Global> {
    let mut global = desk.global.clone();
    let open: Vec<String> = missing(place, mode, &global)?.into_iter().map(|(name, _)| name.to_owned()).collect();
    if open.is_empty() || !desk.attended() {
        return Ok(global);
    }
    let (state, _) = place.state(mode)?;
    let mut operator = desk.operator(mode, agree, false);
    let pattern = matches!(place.checklist.origin, Source::Bundled(_));
    let note = if pattern {
        "This checklist is a pattern. Your names take the place of its own; Enter keeps what stands there."
    } else {
        "One thing in this checklist is not known yet."
    };
    operator.tell(&News::Note { text: note });
    for (name, value) in &place.checklist.vars {
        let id = format!("vars.{name}");
        let given = global.answers.iter().any(|(answered, _)| *answered == id) || state.variables.contains_key(name);
        if given || value.is_empty() || !(pattern || open.contains(name)) {
            continue;
        }
        let mut ask = question(&format!("Your {}", name.replace('_', " ")), Vec::new());
        let default = (!value.contains(NOBODYS)).then(|| value.clone());
        ask.form = Form::Text { default, check: Check::NotEmpty };
        let answer = text(operator.ask(&id, &ask)?);
        if answer != *value {
            global.answers.push((id, answer));
        }
    }
    Ok(global)
}

/// Refuses to make anything real of a name that is nobody's.
pub fn refuse(place: &Place, mode: Mode, global: &Global) -> Result<()> {
    let missing = missing(place, mode, global)?;
    let Some((first, value)) = missing.first() else { return Ok(()) };
    let problem =
        Problem::new(Code::QuestionOpen, format!("`{first}` is still a placeholder, and mode {mode} is real"))
            .why(format!("{} says `{value}`, which is nobody's", place.checklist.origin.shown()));
    let problem = missing.iter().skip(1).fold(problem, |problem, (name, _)| problem.why(format!("so is `{name}`")));
    let problem = problem.fix(format!("name yours: --answer vars.{first}=…"));
    let problem = problem.fix(match &place.checklist.origin {
        Source::Bundled(name) => format!("make the checklist yours: golive checklist show {name} > golive.toml"),
        Source::File(_) => format!("write it into [vars]: $EDITOR {}", place.checklist.origin.shown()),
    });
    Err(Failure::new(Class::NeedsAnswer, problem))
}

/// The variables whose value is nobody's, with it.
fn missing<'p>(place: &'p Place, mode: Mode, global: &Global) -> Result<Vec<(&'p str, &'p str)>> {
    let real = mode != Mode::Rehearse;
    let pattern = matches!(place.checklist.origin, Source::Bundled(_));
    let reached = config::variable("GOLIVE_RESOLVE").map(|text| resolve::parse(&text)).transpose()?.unwrap_or_default();
    // Whoever says where a host is reached means it, whatever it is called.
    let is_meant = |value: &str| !pattern && reached.iter().any(|(host, _)| value.contains(host.as_str()));
    let is_open = |value: &str| (value.contains(NOBODYS) && !is_meant(value)) || value == NO_HOST;
    let answered = |name: &str| global.answers.iter().any(|(id, _)| id.strip_prefix("vars.") == Some(name));
    let vars = place.checklist.vars.iter().filter(|(name, value)| real && is_open(value) && !answered(name));
    let mut open: Vec<_> = vars.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !open.is_empty() {
        let (state, _) = place.state(mode)?;
        open.retain(|(name, _)| !state.variables.contains_key(*name));
    }
    Ok(open)
}
