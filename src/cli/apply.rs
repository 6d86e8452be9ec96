//! `golive apply`: carries out what `golive plan` shows, after consent; a saved plan exactly or not
//! at all. What only a person can settle stays open.

use std::collections::BTreeSet;
use std::path::Path;

use super::args::Agree;
use super::place::Place;
use super::session::{Record, Session};
use super::{Desk, Ended};
use crate::checklist::Item;
use crate::engine::port::{News, Stop};
use crate::engine::{Engine, Permit};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::plan::{Plan, PlanItem, SCHEMA};
use crate::render::human::ending;
use crate::render::words;
use crate::state::Event;

/// Runs it.
pub fn run(desk: &Desk, file: Option<&Path>, agree: &Agree) -> Ended {
    let saved = file.map(read).transpose()?;
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let named = desk.global.mode.or_else(|| saved.as_ref().map(|plan| plan.mode));
    let mode = named.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    if let Some(saved) = &saved {
        still_fits(saved, &place, mode)?;
    }
    let mut session = Session::open(desk, place, mode, agree, saved.is_some(), Record::Journal)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.sanctioned = saved.as_ref().map(|plan| Some(plan.digest()));
    let walked = carry_out(&mut engine, saved.as_ref());
    let interrupted = |failure: &Failure| failure.class == Class::Interrupted;
    if matches!(&walked, Err(Stop::Pause)) || matches!(&walked, Err(Stop::Failed(failure)) if interrupted(failure)) {
        engine.book.write(vec![Event::Paused { phase: None, item: None }])?;
    }
    walked?;
    drop(engine);
    let view = Session::view(&session.place, mode)?;
    desk.say(&ending::applied(&view, &desk.talk_now()));
    Ok(super::outcome(&view))
}

/// The whole plan first, as `golive plan` shows it; then what its outcome made possible.
fn carry_out(engine: &mut Engine<'_>, saved: Option<&Plan>) -> Result<(), Stop> {
    let plan = super::plan::make(engine)?;
    if plan.is_empty() {
        if saved.is_some() {
            engine.ports.operator.tell(&News::Note { text: "Nothing of the saved plan is left to do." });
        }
        return Ok(());
    }
    if let Some(saved) = saved.filter(|saved| saved.digest() != plan.digest()) {
        return Err(stale(moved(saved, &plan)).into());
    }
    if engine.apply(&plan)? {
        let items: Vec<&Item> = engine.checklist.items_in(engine.mode).collect();
        let halt = engine.advance(&items, Permit::APPLY)?;
        for (address, question) in &halt.asks {
            let text = format!("{address} needs an answer: {} Give it with: golive wizard", question.prompt);
            engine.ports.operator.tell(&News::Note { text: &text });
        }
    }
    Ok(())
}

/// Refuses a plan that was made for something else, before anything is looked at.
fn still_fits(saved: &Plan, place: &Place, mode: Mode) -> Result<()> {
    if saved.mode != mode {
        return Err(stale(vec![format!("it was made for {} mode, and this run is in {mode} mode", saved.mode)]));
    }
    if saved.checklist != place.checklist.id {
        return Err(stale(vec![format!("it was made for the checklist `{}`", saved.checklist)]));
    }
    if saved.checklist_sha256 != place.checklist.sha256 {
        return Err(stale(vec!["the checklist was edited since".to_owned()]));
    }
    Ok(())
}

/// What a plan that is made now has otherwise than the saved one.
fn moved(saved: &Plan, now: &Plan) -> Vec<String> {
    let id = |plan: &Plan| plan.account.as_ref().map_or_else(|| "no account".to_owned(), |account| account.id.clone());
    if id(saved) != id(now) {
        return vec![format!("it was made for {}, and the key is of {}", id(saved), id(now))];
    }
    let only = |one: &Plan, other: &Plan| {
        let new = |item: &&PlanItem| !other.items.contains(item);
        one.items.iter().filter(new).map(|item| item.address.to_string()).collect::<BTreeSet<_>>()
    };
    let items: Vec<String> = only(saved, now).union(&only(now, saved)).cloned().collect();
    vec![format!("what {} would change is not what it was", words::list(&items))]
}

fn stale(moved: Vec<String>) -> Failure {
    let problem = Problem::new(Code::PlanStale, "something moved since this plan was made");
    let problem = moved.into_iter().fold(problem, Problem::why).why("nothing was applied");
    Failure::new(Class::Refused, problem.fix("make a new plan and look at it: golive plan --out FILE"))
}

fn read(path: &Path) -> Result<Plan> {
    let text = crate::store::bounded::read_text(path, 64 << 20).at("read the plan", path)?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| {
        let problem = Problem::new(Code::Usage, format!("`{}` is not a saved plan", path.display()))
            .why(error.to_string())
            .fix(format!("make one: golive plan --out {}", path.display()));
        Failure::new(Class::Usage, problem)
    })?;
    if plan.schema != SCHEMA {
        let problem = Problem::new(
            Code::StateNewer,
            format!("`{}` is a plan of another golive: {}", path.display(), plan.schema),
        )
        .fix(format!("make a new one: golive plan --out {}", path.display()));
        return Err(Failure::new(Class::Refused, problem));
    }
    Ok(plan)
}
