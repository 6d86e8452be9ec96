//! `golive check`: looks again at everything, and changes nothing but ticks: what held and does not
//! any more becomes stale.

use super::args::Agree;
use super::place::Place;
use super::plan::key_is_missing;
use super::session::{Record, Session};
use super::{Desk, Ended};
use crate::checklist::Item;
use crate::engine::{Engine, Halt, Permit};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::plan::PlanItem;
use crate::render::{human, json};
use crate::step::{Address, Verdict};
use crate::view::StatusView;

/// Runs it.
pub fn run(desk: &Desk, only: &[Address], as_json: bool) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    for address in only {
        place.checklist.find(address).ok_or_else(|| place.no_item(address))?;
    }
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let mut session = Session::open(desk, place, mode, &Agree::default(), false, Record::Journal)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.may_write = false;
    let checklist = engine.checklist;
    let wanted = |item: &&Item| only.is_empty() || only.contains(&item.address) || item.kind == "keys";
    let items: Vec<&Item> = checklist.items_in(mode).filter(wanted).collect();
    let halt = engine.advance(&items, Permit::CHECK)?;
    key_is_missing(&halt.asks)?;
    decay(&mut engine, &halt)?;
    let unseen = only.iter().any(|address| !engine.was_judged(address));
    drop(engine);
    let view = Session::view(&session.place, mode)?;
    let text = if as_json { json::status(&view) } else { human::status::status(&view, false, &desk.out) };
    desk.print(&text)?;
    Ok(outcome(&view, only, unseen))
}

/// What was finished, and would have to be changed again or asked again, does not hold any more.
pub fn decay(engine: &mut Engine<'_>, halt: &Halt) -> Result<(), Failure> {
    let changed = halt.changes.iter().map(|item| (item.address.clone(), drifted(item)));
    let asked = halt.asks.iter().map(|(address, question)| {
        let problem = Problem::new(Code::Drifted, "what was answered does not hold any more")
            .why(format!("it would be asked again: {}", question.prompt))
            .fix("answer it: golive wizard");
        (address.clone(), problem)
    });
    let decayed: Vec<(Address, Verdict)> = changed
        .chain(asked)
        .filter(|(address, _)| engine.has_held(address))
        .map(|(address, problem)| (address, Verdict::Fail { problem }))
        .collect();
    engine.judge(decayed).map_err(Failure::from)
}

/// What changed since an item was done, as a problem.
pub fn drifted(item: &PlanItem) -> Problem {
    let mut problem = Problem::new(Code::Drifted, "it changed since it was done");
    for action in &item.change.actions {
        let fields = action.fields.iter().map(|field| match &field.from {
            Some(from) => format!("{} is {from}, wanted is {}", field.name, field.to),
            None => format!("{} is missing, wanted is {}", field.name, field.to),
        });
        let fields: Vec<String> = fields.collect();
        problem = problem.why(format!(
            "{}: {}",
            action.label(),
            if fields.is_empty() { action.verb.word().to_owned() } else { fields.join("; ") }
        ));
    }
    problem.fix("see what would bring it back: golive plan").fix("bring it back: golive wizard")
}

/// What remains of the items asked for. Those that could not be looked at wait for the keys, and
/// are as good as these.
fn outcome(view: &StatusView, only: &[Address], unseen: bool) -> Option<Class> {
    if only.is_empty() {
        return super::outcome(view);
    }
    let keys = super::outcome_of(view.items().filter(|item| item.kind == "keys"));
    if let Some(class) = keys.filter(|_| unseen) {
        return Some(class);
    }
    let open = view.items().any(|item| only.contains(&item.id) && !item.state.is_finished());
    open.then_some(Class::Remaining)
}
