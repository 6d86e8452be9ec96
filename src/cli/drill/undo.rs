//! The last part of a rehearsal: what was launched is undone, as a drill. It walks `golive rollback`
//! itself, on a copy of the rehearsal (its journal, Stripe and env file): the rehearsal stays what it
//! is, a second one finds nothing to do, and a copy that was left half undone is gone on with.

use std::fs;
use std::path::Path;

use super::super::args::Agree;
use super::super::opening::{question, text};
use super::super::place::Place;
use super::super::session::{Record, Session};
use super::super::{Desk, Ended, rollback, wizard};
use crate::checklist::ROLLBACK;
use crate::crash::crash_point;
use crate::engine::Engine;
use crate::engine::port::{News, Stop};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::human::drill as screen;
use crate::state::Event;
use crate::step::{Address, Form};
use crate::store::{Lock, disk, ensure_folder};
use crate::view::StatusView;

/// Undoes a finished rehearsal on a copy, unless that was done already. Somebody at a terminal is
/// asked. What is left afterwards is the exit code's matter.
pub fn offer(desk: &Desk, mut session: Session, view: &StatusView, agree: &Agree) -> Result<Option<Class>> {
    let drilled = view.rollback_drill.as_ref();
    let over = drilled.is_some_and(crate::view::status::RolledBack::is_whole);
    if view.mode != Mode::Rehearse || !view.ready || !view.undoable || over {
        return Ok(None);
    }
    let account = view.account.as_ref().map(crate::plan::AccountRef::shown);
    let text = screen::undoing(drilled.is_some(), account, &desk.talk_now());
    session.operator.tell(&News::Screen { text: &text });
    if session.operator.attended() && !wanted(&mut session)? {
        return Ok(None);
    }
    let copy = session.place.of_drill(ROLLBACK);
    if drilled.is_none() {
        copy_of(&session.place, &copy)?;
    }
    drop(session);
    carry_out(desk, copy, agree)
}

/// The same once more, whether or not it was done already.
pub fn again(desk: &Desk, place: &Place, agree: &Agree) -> Ended {
    let (view, _) = place.view(Mode::Rehearse)?;
    if !view.ready || !view.undoable {
        let problem = Problem::new(Code::Usage, "there is no finished rehearsal to undo")
            .why("the rollback is walked on a copy of one")
            .fix("rehearse the launch first: golive rehearse");
        return Err(Failure::new(Class::Usage, problem));
    }
    let account = view.account.as_ref().map(crate::plan::AccountRef::shown);
    let text = screen::undoing(false, account, &desk.talk_now());
    desk.operator(Mode::Rehearse, agree, false).tell(&News::Screen { text: &text });
    let copy = place.of_drill(ROLLBACK);
    let lock = Lock::take(&place.lock(Mode::Rehearse), desk.command)?;
    copy_of(place, &copy)?;
    drop(lock);
    carry_out(desk, copy, agree)
}

/// Whether the operator wants it now. A no is remembered nowhere: the next rehearsal asks again.
fn wanted(session: &mut Session) -> Result<bool> {
    let mut ask = question("Undo the launch now, on a copy?", Vec::new());
    ask.form = Form::Confirm { default: false };
    let wanted = text(session.operator.ask("rehearse.rollback", &ask)?) == "yes";
    if !wanted {
        let text = "The rollback is not rehearsed. golive rehearse asks again.";
        session.operator.tell(&News::Note { text });
    }
    Ok(wanted)
}

fn carry_out(desk: &Desk, copy: Place, agree: &Agree) -> Result<Option<Class>> {
    let mut session = Session::open(desk, copy, Mode::Rehearse, agree, false, Record::Journal)?;
    let mut engine = session.engine(&desk.global, desk.command)?;
    let walked = rollback::walk(desk, &mut engine, &[] as &[Address], agree, &screen::undone);
    let stopped = match &walked {
        Err(Stop::Pause) => true,
        Err(Stop::Failed(failure)) => failure.class == Class::Interrupted,
        Ok(_) => false,
    };
    if stopped {
        pause(&mut engine)?;
    }
    walked.map_err(Failure::from)
}

fn pause(engine: &mut Engine<'_>) -> Result<()> {
    engine.book.write(vec![Event::Paused { phase: None, item: None }])?;
    let text = "Paused in the rollback. The rehearsal itself is finished; golive rehearse goes on with its rollback.";
    engine.ports.operator.tell(&News::Note { text });
    Ok(())
}

/// Throws the copy away.
pub fn forget(place: &Place) -> Result<()> {
    wizard::forget(&place.of_drill(ROLLBACK))
}

/// Copies a rehearsal. The journal comes last: without it there is no copy, and one that was begun
/// before a power cut is begun again.
fn copy_of(place: &Place, copy: &Place) -> Result<()> {
    let lock = Lock::take(&copy.lock(Mode::Rehearse), "rehearse")?;
    let folder = copy.rehearsal();
    wizard::clear(copy)?;
    ensure_folder(&copy.folder())?;
    copy_folder(&place.rehearsal(), &folder)?;
    let (state, _) = place.state(Mode::Rehearse)?;
    let backups = state.history.env.iter().filter_map(|done| Path::new(done.backup.as_ref()?).file_name());
    for name in backups {
        let from = place.backups().join(name);
        if from.is_file() {
            copy_file(&from, &copy.backups().join(name))?;
        }
    }
    disk::sync_folder(&folder, "drill").at("write to the folder", &folder)?;
    crash_point("drill.copied");
    let journal = copy.journal(Mode::Rehearse);
    let beside = journal.with_extension("new");
    copy_file(&place.journal(Mode::Rehearse), &beside)?;
    fs::rename(&beside, &journal).at("write", &journal)?;
    disk::sync_folder(&copy.folder(), "drill").at("write to the folder", &copy.folder())?;
    drop(lock);
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).at("make the folder", to)?;
    for entry in fs::read_dir(from).at("read", from)? {
        let path = entry.at("read", from)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            copy_file(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// With its mode: what is private stays private.
fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).at("make the folder", folder)?;
    }
    fs::copy(from, to).at("copy", from)?;
    fs::File::open(to).and_then(|file| file.sync_all()).at("write", to)
}
