//! `golive plan`: the changes at which the loop halts when it may only look. No lock, and nothing
//! is written but the file of `--out`.

use std::path::Path;

use super::args::Agree;
use super::place::Place;
use super::session::{Record, Session};
use super::{Desk, Ended, save};
use crate::checklist::Item;
use crate::engine::port::{News, Stop};
use crate::engine::{Engine, Permit};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::plan::Plan;
use crate::render::{human, json};
use crate::step::{Form, Verdict};
use crate::view::StatusView;

/// Runs it.
pub fn run(desk: &Desk, as_json: bool, out: Option<&Path>, exit_code: bool) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let mut session = Session::open(desk, place, mode, &Agree::default(), false, Record::Nothing)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.may_write = false;
    let plan = make(&mut engine)?;
    let view = StatusView::of(engine.checklist, &engine.book.state, mode);
    let unseen = super::outcome_of(view.items().filter(|item| plan.failed.contains(&item.id)));
    if let Some(path) = out {
        save::text(&format!("{}\n", serde_json::to_string_pretty(&plan).unwrap_or_default()), path)?;
    }
    if as_json {
        desk.print(&json::plan(&plan))?;
    } else {
        desk.print(&human::plan::headed(&plan, &desk.out))?;
    }
    // What was refused or not seen is no plan, whoever asks; what remains counts where it is asked for.
    match unseen {
        Some(class) if exit_code || class != Class::Remaining => Ok(Some(class)),
        _ => Ok((exit_code && !plan.is_empty()).then_some(Class::Remaining)),
    }
}

/// The plan for everything that can be known now.
pub fn make(engine: &mut Engine<'_>) -> Result<Plan> {
    if !engine.may_write && !engine.book.state.open.is_empty() {
        let text = "A write of an earlier run has no known outcome yet: golive apply settles it first.";
        engine.ports.operator.tell(&News::Note { text });
    }
    let checklist = engine.checklist;
    let items: Vec<&Item> = checklist.items_in(engine.mode).collect();
    let halt = engine.advance(&items, Permit::LOOK)?;
    key_is_missing(&halt.asks)?;
    keys_are_good(engine)?;
    let changes = halt.changes.into_iter().map(|item| (item.address, item.change)).collect();
    let mut plan = engine.plan(changes, &halt.blocked);
    let failed = |item: &&&Item| engine.was_judged(&item.address) && !engine.is_finished(&item.address);
    plan.failed = items.iter().filter(failed).map(|item| item.address.clone()).collect();
    Ok(plan)
}

/// With keys that are not good nothing was compared: that is no empty plan either.
fn keys_are_good(engine: &Engine<'_>) -> Result<()> {
    let judged = |item: &&Item| item.kind == "keys" && engine.was_judged(&item.address);
    for item in engine.checklist.items_in(engine.mode).filter(judged) {
        let record = engine.book.state.record(&item.address);
        let Some((class, problem)) = record.verdict.and_then(|judged| match judged.verdict {
            Verdict::Pass { .. } => None,
            Verdict::Fail { problem } if problem.code.is_refusal() => Some((Class::Refused, problem)),
            Verdict::Fail { problem } => Some((Class::Remaining, problem)),
            Verdict::Unknown { problem } => Some((Class::TryAgain, problem)),
        }) else {
            continue;
        };
        let compared = Problem::new(problem.code, "nothing was compared, so there is no plan")
            .why(format!("`{}`: {}", item.address, problem.message))
            .fix("make the keys good, then run the same command again");
        return Err(Failure::new(class, compared));
    }
    Ok(())
}

/// Without a key nothing can be compared: that is a question, not an empty plan.
pub fn key_is_missing(asks: &[(crate::step::Address, crate::step::Question)]) -> Result<()> {
    let is_key = |form: &Form| {
        matches!(form, Form::Secret { slot: crate::secret::Slot::SecretKey | crate::secret::Slot::PublishableKey, .. })
    };
    let Some((address, question)) = asks.iter().find(|(_, question)| is_key(&question.form)) else { return Ok(()) };
    let problem = Problem::new(Code::QuestionOpen, format!("a key is needed: {}", question.prompt.to_lowercase()))
        .why(format!("the question is `{address}.{}`", question.name))
        .fix("let golive ask for it: golive wizard")
        .fix("give it without a terminal: GOLIVE_LIVE_KEY, GOLIVE_LIVE_PUBLISHABLE_KEY (GOLIVE_TEST_… in test mode) or --key-file FILE");
    Err(Failure::from(Stop::Failed(Failure::new(Class::NeedsAnswer, problem))))
}
