//! `golive rollback`: shows what would be undone, asks for the account by name, and undoes it: endpoints off,
//! the env file back, the checklist's own steps, the catalog. Everything goes through the engine's protocol,
//! so that it can be killed anywhere and run again.

mod ask;
mod carry;

use super::args::Agree;
use super::place::Place;
use super::session::{Record, Session};
use super::{Desk, Ended};
use crate::checklist::Item;
use crate::engine::Engine;
use crate::engine::port::{News, Stop};
use crate::error::{Class, Failure, Result};
use crate::kind::{self, Realm};
use crate::mode::Mode;
use crate::render::Style;
use crate::render::human::rollback as screen;
use crate::secret::Slot;
use crate::state::Event;
use crate::step::{Address, Look, Sight};
use crate::undo::{self, Former, UndoPlan, What};

/// Runs it.
pub fn run(desk: &Desk, dry_run: bool, only: &[Address], agree: &Agree) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    for address in only {
        place.checklist.find(address).ok_or_else(|| place.no_item(address))?;
    }
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let record = if dry_run { Record::Nothing } else { Record::Journal };
    let mut session = Session::open(desk, place, mode, agree, false, record)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.may_write = !dry_run;
    if dry_run {
        let plan = make(&mut engine, only)?;
        let account = engine.account().map(|account| account.shown().to_owned());
        drop(engine);
        desk.print(&format!("{}\n", screen::plan(&plan, mode, account.as_deref(), &desk.out)))?;
        return Ok(None);
    }
    let walked = walk(desk, &mut engine, only, agree, &screen::ending);
    let paused = match &walked {
        Err(Stop::Pause) => true,
        Err(Stop::Failed(failure)) => failure.class == Class::Interrupted,
        Ok(_) => false,
    };
    if paused {
        engine.book.write(vec![Event::Paused { phase: None, item: None }])?;
        let text = "Paused. What was undone is recorded; golive rollback goes on with the rest.";
        engine.ports.operator.tell(&News::Note { text });
    }
    walked.map_err(Failure::from)
}

/// The last screen: how many steps there were, how many are left, how it looks.
pub type Last<'a> = &'a dyn Fn(usize, usize, &Style) -> String;

/// Shows, asks, undoes.
pub fn walk(
    desk: &Desk,
    engine: &mut Engine<'_>,
    only: &[Address],
    agree: &Agree,
    last: Last<'_>,
) -> Result<Option<Class>, Stop> {
    if !agree.confirm.as_deref().is_none_or(str::is_empty) {
        ask::key(engine)?;
        engine.same_account()?;
        ask::contradicted(engine, agree)?;
    }
    let mut plan = make(engine, only)?;
    let account = engine.account().map(|account| account.shown().to_owned());
    let text = screen::plan(&plan, engine.mode, account.as_deref(), &desk.talk_now());
    engine.ports.operator.tell(&News::Screen { text: &text });
    if plan.steps.is_empty() && plan.settled.is_empty() {
        // What was left the last time was done by hand, or said to be.
        if only.is_empty() && engine.book.state.history.unfinished().is_some() {
            engine.book.write(vec![Event::RollbackEnded { left: 0 }])?;
        }
        return Ok(None);
    }
    if !ask::which_steps(engine, &mut plan, agree)? {
        return Ok(None);
    }
    ask::about_the_env_file(engine, &mut plan)?;
    ask::consent(engine, agree)?;
    // In a rehearsal nothing runs, and so there is nothing to allow.
    let runs = engine.mode != Mode::Rehearse
        && plan.steps.iter().any(|step| matches!(&step.what, What::Guide(address) if is_command(engine, address)));
    if runs && !engine.allow_commands()? {
        return Ok(Some(Class::Refused));
    }
    let items = undo::affected(engine.checklist, &engine.book.state, engine.mode, &plan, &writes_the_env_file);
    let by = engine.ports.who.clone();
    engine.book.write(vec![Event::RollbackBegan { by, items }])?;
    let (steps, left) = carry::out(desk, engine, plan)?;
    engine.book.write(vec![Event::RollbackEnded { left }])?;
    engine.ports.operator.tell(&News::Screen { text: &last(steps, left, &desk.talk_now()) });
    Ok((left > 0).then_some(Class::Remaining))
}

/// What is undone, by the journal and by what is seen now.
fn make(engine: &mut Engine<'_>, only: &[Address]) -> Result<UndoPlan, Stop> {
    let speaks = engine.book.state.history.standing().next().is_some() || !engine.book.state.open.is_empty();
    if speaks {
        ask::key(engine)?;
        let seen = engine.look_back(vec![Look::Account])?;
        if let Some(Sight::Refused(refusal)) = seen.get(&Look::Account)
            && refusal.status == 401
        {
            return Err(Failure::new(Class::Refused, refusal.problem(None)).into());
        }
        engine.same_account()?;
    }
    let state = &engine.book.state;
    let began = state.started_at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let since = began.map_or(0, jiff::Timestamp::as_second);
    let mut looks = undo::looks(&state.history);
    if speaks {
        looks.extend(undo::looks_at_what_stays(since));
        engine.look_back(looks)?;
    }
    let former = undo::former(&engine.book.state.history, &engine.ports.env.backups());
    let file = engine.ports.env.name();
    let sights = engine.look_back(Vec::new())?;
    let stays = if speaks { undo::stays(sights, since) } else { Vec::new() };
    let subscriptions = if speaks { undo::subscriptions(sights) } else { Vec::new() };
    let mut plan = engine.undo_plan(former, only);
    plan.stays.splice(0..0, stays);
    plan.subscriptions = subscriptions;
    for step in plan.steps.iter_mut().filter(|step| matches!(step.what, What::Env(_))) {
        step.name.clone_from(&file);
    }
    Ok(plan)
}

fn is_command(engine: &Engine<'_>, address: &Address) -> bool {
    let kind = engine.checklist.find(address).and_then(load);
    kind.is_some_and(|kind| !kind.commands().is_empty())
}

fn load(item: &Item) -> Option<Box<dyn kind::Kind>> {
    kind::entry(&item.kind).and_then(|entry| (entry.load)(item.fields.clone()).ok())
}

/// Whether an item writes to the env file, or is about it.
fn writes_the_env_file(item: &Item) -> bool {
    load(item).is_some_and(|kind| kind.realm() == Realm::Local || !kind.variables().is_empty())
}

/// Whether the key for Stripe is at hand.
fn has_key(engine: &Engine<'_>) -> bool {
    engine.knows(&Slot::SecretKey)
}

/// Whether there is nothing to put back, or nothing to put it back from.
fn is_gone(former: &Former) -> bool {
    matches!(former, Former::Gone(_))
}
