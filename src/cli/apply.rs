//! `golive apply`: carries out what `golive plan` shows, after consent; a saved plan exactly or not
//! at all. What only a person can settle stays open.

use std::path::Path;

use super::args::Agree;
use super::place::Place;
use super::plan::key_is_missing;
use super::session::{Record, Session};
use super::{Desk, Ended};
use crate::checklist::Item;
use crate::engine::Permit;
use crate::engine::port::{News, Stop};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::plan::{Plan, SCHEMA};
use crate::render::human::ending;
use crate::state::Event;

/// Runs it.
pub fn run(desk: &Desk, file: Option<&Path>, agree: &Agree) -> Ended {
    let saved = file.map(read).transpose()?;
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let named = desk.global.mode.or_else(|| saved.as_ref().map(|plan| plan.mode));
    let mode = named.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let mut session = Session::open(desk, place, mode, agree, saved.is_some(), Record::Journal)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.sanctioned = saved.as_ref().map(|plan| Some(plan.digest()));
    let checklist = engine.checklist;
    let items: Vec<&Item> = checklist.items_in(mode).collect();
    let walked = engine.advance(&items, Permit::APPLY);
    if matches!(&walked, Err(Stop::Pause)) || matches!(&walked, Err(Stop::Failed(failure)) if failure.class == Class::Interrupted) {
        engine.book.write(vec![Event::Paused { phase: None, item: None }])?;
    }
    let halt = walked?;
    key_is_missing(&halt.asks)?;
    if saved.is_some_and(|plan| !plan.is_empty()) && engine.sanctioned == Some(Some(String::new())) {
        engine.ports.operator.tell(&News::Note { text: "Nothing of the saved plan was left to do." });
    }
    drop(engine);
    let view = Session::view(&session.place, mode)?;
    desk.say(&ending::applied(&view, &desk.talk));
    Ok(super::outcome(&view))
}

fn read(path: &Path) -> Result<Plan> {
    let text = std::fs::read_to_string(path).at("read the plan", path)?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| {
        let problem = Problem::new(Code::Usage, format!("`{}` is not a saved plan", path.display()))
            .why(error.to_string())
            .fix(format!("make one: golive plan --out {}", path.display()));
        Failure::new(Class::Usage, problem)
    })?;
    if plan.schema != SCHEMA {
        let problem = Problem::new(Code::StateNewer, format!("`{}` is a plan of another golive: {}", path.display(), plan.schema))
            .fix(format!("make a new one: golive plan --out {}", path.display()));
        return Err(Failure::new(Class::Refused, problem));
    }
    Ok(plan)
}
