//! `golive wizard` and `golive rehearse`: phase by phase, with everything done that can be done,
//! until nothing is left or the operator pauses. A rehearsal is a drill: what it launched is undone
//! as well, on a copy.

use std::collections::BTreeSet;

use super::args::Agree;
use super::names;
use super::opening::{self, question};
use super::place::Place;
use super::session::{Record, Session};
use super::{Desk, Ended, drill, outside};
use crate::checklist::{Checklist, Item};
use crate::engine::port::{Answer, News, Stop};
use crate::engine::{Engine, Permit};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::human::ending;
use crate::state::{Event, ItemState};
use crate::step::{Address, Choice};
use crate::store;
use crate::view::ending::Ending;

/// Runs it.
pub fn run(desk: &Desk, mode: Option<Mode>, phase: Option<&str>, agree: &Agree, fresh: bool) -> Ended {
    opening::greet(desk);
    let early = |failure| refused_at_once(desk, nothing_begun(failure));
    let place = opening::choose_checklist(desk, mode, agree).map_err(early)?;
    let mode = match mode {
        Some(mode) => mode,
        None => opening::choose_mode(desk, &place, agree).map_err(early)?,
    };
    check_phase(&place.checklist, phase).map_err(early)?;
    if fresh {
        drill::undo::forget(&place)?;
        forget(&place)?;
    }
    let global = names::ask(desk, &place, mode, agree).map_err(early)?;
    let desk = &Desk { global, ..*desk };
    let mut session = Session::open(desk, place, mode, agree, false, Record::Journal)?;
    let attended = session.operator.attended();
    let began = opening::begin(&mut session, phase.is_none()).map_err(early)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    let mut at = None;
    let walked = if began { walk(&mut engine, phase, attended, &mut at, &mut Alone) } else { Err(Stop::Pause) };
    let paused = match &walked {
        Err(Stop::Pause) => true,
        Err(Stop::Failed(failure)) => failure.class == Class::Interrupted,
        Ok(()) => false,
    };
    let paused_in = if paused { Some(pause(&mut engine, phase, at)?) } else { None };
    drop(engine);
    let view = Session::view(&session.place, mode)?;
    match (walked, paused_in) {
        (Err(Stop::Failed(failure)), None) => Err(failure),
        (_, Some(phase)) => {
            session.operator.tell(&News::Screen { text: &ending::paused(&view, phase.as_deref(), &desk.talk_now()) });
            Err(Failure::paused())
        }
        (_, None) => {
            let place = session.place.clone();
            let undone = if phase.is_none() { drill::undo::offer(desk, session, &view, agree)? } else { None };
            Ok(finish(desk, &place, mode, agree)?.or(undone))
        }
    }
}

/// Who walks along, and may decide where the walk ends.
pub trait Escort {
    /// Before a phase is worked on.
    fn before(&mut self, engine: &mut Engine<'_>) -> Result<()>;
    /// Which of a phase's items go first.
    fn first<'i>(&self, items: Vec<&'i Item>) -> Vec<&'i Item>;
    /// After items were worked on; `true` ends the walk.
    fn after(&mut self, engine: &mut Engine<'_>) -> Result<bool>;
}

/// Nobody.
struct Alone;

impl Escort for Alone {
    fn before(&mut self, _: &mut Engine<'_>) -> Result<()> {
        Ok(())
    }

    fn first<'i>(&self, items: Vec<&'i Item>) -> Vec<&'i Item> {
        items
    }

    fn after(&mut self, _: &mut Engine<'_>) -> Result<bool> {
        Ok(false)
    }
}

/// What is wrong before anything else was said stands below the greeting, not in it.
fn refused_at_once(desk: &Desk, failure: Failure) -> Failure {
    if failure.class != Class::Interrupted && !desk.global.quiet {
        desk.say("\n");
    }
    failure
}

/// Leaving before the first phase is not an error, and there is nothing to go back to.
pub fn nothing_begun(failure: Failure) -> Failure {
    if failure.class == Class::Interrupted {
        crate::ui::guard::notice("\n  Paused before anything began. Run the same command to continue.\n");
    }
    failure
}

fn check_phase(checklist: &Checklist, phase: Option<&str>) -> Result<()> {
    let Some(phase) = phase else { return Ok(()) };
    if checklist.phases.iter().any(|known| known.id == phase) {
        return Ok(());
    }
    let ids: Vec<&str> = checklist.phases.iter().map(|phase| phase.id.as_str()).collect();
    let problem = Problem::new(Code::Usage, format!("there is no phase `{phase}`"))
        .fix(format!("name one of these: {}", ids.join(", ")));
    Err(Failure::new(Class::Usage, problem))
}

/// Throws away a rehearsal or a drill, and nothing else.
pub fn forget(place: &Place) -> Result<()> {
    outside::folders(place)?;
    let lock = store::Lock::take(&place.lock(Mode::Rehearse), "rehearse --fresh")?;
    clear(place)?;
    drop(lock);
    Ok(())
}

/// The same, for whoever holds the lock.
pub fn clear(place: &Place) -> Result<()> {
    let journal = place.journal(Mode::Rehearse);
    let gone = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    gone(store::disk::remove(&journal, "journal")).at("remove", &journal)?;
    // First it is forgotten, then its world goes: a journal without its world would name another account.
    gone(store::disk::sync_folder(&place.folder(), "journal")).at("write to the folder", &place.folder())?;
    let folder = place.rehearsal();
    gone(std::fs::remove_dir_all(&folder)).at("remove", &folder)
}

/// Looks again at what was finished, then goes on phase by phase. `at` says where it is.
pub fn walk(
    engine: &mut Engine<'_>,
    only: Option<&str>,
    attended: bool,
    at: &mut Option<String>,
    escort: &mut dyn Escort,
) -> Result<(), Stop> {
    let checklist = engine.checklist;
    let finished: Vec<&Item> =
        items(engine, only).into_iter().filter(|item| engine.is_finished(&item.address)).collect();
    if !finished.is_empty() {
        engine.advance(&finished, Permit::LOOK)?;
        if escort.after(engine)? {
            return Ok(());
        }
    }
    let (mut put_off, mut told) = (BTreeSet::new(), BTreeSet::new());
    while let Some((number, phase)) = next_phase(engine, only, &put_off) {
        *at = Some(phase.id.clone());
        escort.before(engine)?;
        tell_phase(engine, number, phase, told.insert(number));
        let due = |item: &&Item| is_wanted(item, only) && is_due(engine, item, &put_off);
        let items = escort.first(phase.items.iter().filter(due).collect());
        let halt = engine.advance(&items, Permit::WIZARD)?;
        if escort.after(engine)? {
            return Ok(());
        }
        put_off.extend(halt.asks.into_iter().map(|(address, _)| address));
        put_off.extend(halt.changes.into_iter().map(|item| item.address));
        if attended {
            discuss(engine, &items, &mut put_off)?;
        }
        let all = checklist.items_in(engine.mode).count();
        let done = checklist.items_in(engine.mode).filter(|item| engine.is_finished(&item.address)).count();
        let open = |item: &&Item| item.is_in(engine.mode) && !engine.is_finished(&item.address);
        let left = phase.items.iter().filter(open).count();
        engine.ports.operator.tell(&News::PhaseDone { number, left, done, total: all });
    }
    Ok(())
}

fn items<'a>(engine: &Engine<'a>, only: Option<&str>) -> Vec<&'a Item> {
    engine.checklist.items_in(engine.mode).filter(|item| is_wanted(item, only)).collect()
}

/// Whether an item is part of what is asked for. The keys come along when only one phase is: nothing
/// else could be looked at.
fn is_wanted(item: &Item, only: Option<&str>) -> bool {
    only.is_none_or(|phase| item.address.phase == phase || item.kind == "keys")
}

/// Whether an item can be worked on now.
fn is_due(engine: &Engine<'_>, item: &Item, put_off: &BTreeSet<Address>) -> bool {
    item.is_in(engine.mode)
        && !put_off.contains(&item.address)
        && !engine.was_judged(&item.address)
        && !engine.stands(item)
        && engine.state_of(item) != ItemState::Skipped
}

/// The first phase with something to do.
fn next_phase<'a>(
    engine: &Engine<'a>,
    only: Option<&str>,
    put_off: &BTreeSet<Address>,
) -> Option<(usize, &'a crate::checklist::Phase)> {
    let ready =
        |item: &Item| is_wanted(item, only) && is_due(engine, item, put_off) && engine.waits_for(item).is_empty();
    let phases = engine.checklist.phases.iter().enumerate();
    phases.map(|(index, phase)| (index + 1, phase)).find(|(_, phase)| phase.items.iter().any(ready))
}

/// A phase that waited for a later one comes back; its header says so.
fn tell_phase(engine: &mut Engine<'_>, number: usize, phase: &crate::checklist::Phase, first: bool) {
    let account = engine.account().map(|account| account.shown().to_owned());
    let of = engine.checklist.phases.len();
    let why = phase.why.as_deref().filter(|_| first);
    let title = if first { phase.title.clone() } else { format!("{}, continued", phase.title) };
    engine.ports.operator.tell(&News::Phase { number, of, title: &title, why, account: account.as_deref() });
}

/// What failed is not left without a word: try again, go on, or pause.
fn discuss(engine: &mut Engine<'_>, items: &[&Item], put_off: &mut BTreeSet<Address>) -> Result<(), Stop> {
    let failed: Vec<Address> = items
        .iter()
        .filter(|item| engine.was_judged(&item.address) && !engine.was_put_off(&item.address))
        .filter(|item| matches!(engine.state_of(item), ItemState::Failed | ItemState::Unknown | ItemState::Stale))
        .map(|item| item.address.clone())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let choice =
        |value: &str, label: &str, hint: &str| Choice { value: value.into(), label: label.into(), hint: hint.into() };
    let question = question(
        "What next?",
        vec![
            choice("again", "Try again", "I have changed it"),
            choice("on", "Go on", "with what does not wait for it; it stays open in golive status"),
        ],
    );
    let answer = engine.ports.operator.ask("wizard.next", &question)?;
    engine.start_over_looking();
    for address in failed {
        engine.forget(&address);
        if text_is(&answer, "on") {
            put_off.insert(address);
        }
    }
    Ok(())
}

fn text_is(answer: &Answer, wanted: &str) -> bool {
    matches!(answer, Answer::Text(text) if text == wanted)
}

/// Records the pause and where it happened: in the phase at hand, or the first one with something to
/// do.
fn pause(engine: &mut Engine<'_>, only: Option<&str>, at: Option<String>) -> Result<Option<String>> {
    let first = || next_phase(engine, only, &BTreeSet::new()).map(|(_, phase)| phase.id.clone());
    let phase = at.or_else(first);
    engine.book.write(vec![Event::Paused { phase: phase.clone(), item: None }])?;
    Ok(phase)
}

/// How the launch stands at the end, and the exit code for it.
fn finish(desk: &Desk, place: &Place, mode: Mode, agree: &Agree) -> Ended {
    let view = Session::view(place, mode)?;
    let (state, _) = place.state(mode)?;
    let (_, env_name) = place.env_file(mode);
    let ending = Ending::of(&place.checklist, &state, &view, env_name);
    let text = ending::finished(&ending, &view, &desk.talk_now());
    desk.operator(mode, agree, false).tell(&News::Screen { text: &text });
    Ok(super::outcome(&view))
}
