//! `golive rehearse --drill NAME`: trouble is practised. A rehearsal in a world of its own, into which one
//! of the troubles of `table` is put; golive has to find it and name it as it would on the day; then it is
//! repaired, by the operator or, where nobody is there, by golive, and the launch goes on to its end.
//!
//! The drill's diary says how far it has come, so that it can be stopped and killed anywhere. Everything
//! that is not part of the drill is answered as in a rehearsal that nobody watches.

mod diary;
mod fault;
mod table;
pub mod undo;
mod watch;

use super::args::Agree;
use super::opening::{self, question, text};
use super::place::Place;
use super::session::{Record, Session};
use super::{Desk, Ended, outcome_of, wizard};
use crate::checklist::ROLLBACK;
use crate::config;
use crate::engine::Engine;
use crate::engine::port::{News, Operator, Stop};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::human::drill as screen;
use crate::render::human::problem::failure;
use crate::simulator::Control;
use crate::state::Event;
use crate::step::Choice;
use crate::store;
use crate::suggest;
use crate::view::drill::Practised;
use crate::view::status::ItemView;
use diary::{Diary, Noticed, Repaired, judged};
use table::{DRILLS, Drill};
use watch::Watch;

/// What lists them.
const LIST: &str = "list";
/// What a rehearsal ends with anyway, and what can be walked again by itself.
const UNDO: (&str, &str) = (ROLLBACK, "the finished rehearsal is undone, on a copy, once more");

/// Every drill with its line.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    DRILLS.iter().map(|drill| (drill.name, drill.trouble)).chain([UNDO])
}

/// Runs it.
pub fn run(desk: &Desk, name: &str, agree: &Agree, fresh: bool) -> Ended {
    if name == LIST {
        desk.print(&screen::list(names(), &desk.out))?;
        return Ok(None);
    }
    let drill = DRILLS.iter().find(|drill| drill.name == name);
    if drill.is_none() && name != ROLLBACK {
        return Err(unknown(name));
    }
    opening::greet(desk);
    let place = opening::choose_checklist(desk, Some(Mode::Rehearse), agree).map_err(wizard::nothing_begun)?;
    let Some(drill) = drill else { return undo::again(desk, &place, agree) };
    fits(drill, &place)?;
    let place = place.of_drill(drill.name);
    if fresh {
        wizard::forget(&place)?;
    }
    let mut crew = desk.operator(Mode::Rehearse, agree, false);
    let text = screen::briefing(drill.name, drill.practise, drill.notice, &desk.talk_now());
    crew.tell(&News::Screen { text: &text });
    let diary = Diary::read(&place.rehearsal(), &place.journal(Mode::Rehearse))?;
    // Everything else is answered, so that the crew meets the trouble and not the whole checklist.
    let agree = Agree { yes: true, ..agree.clone() };
    let again = diary.noticed.is_some();
    Practice { desk, drill, place, agree, crew, diary, again }.walk()
}

fn unknown(name: &str) -> Failure {
    let problem = Problem::new(Code::Usage, format!("there is no drill `{name}`"));
    let problem = names().fold(problem, |problem, (name, title)| problem.why(format!("{name}: {title}")));
    let near = suggest::nearest(name, names().map(|(name, _)| name));
    let near = near.unwrap_or(LIST);
    Failure::new(Class::Usage, problem.fix(format!("name one of them: golive rehearse --drill {near}")))
}

/// Refuses a drill for which the checklist has nothing.
fn fits(drill: &Drill, place: &Place) -> Result<()> {
    if place.checklist.items_in(Mode::Rehearse).any(|item| drill.kinds.contains(&item.kind.as_str())) {
        return Ok(());
    }
    let kinds: Vec<String> = drill.kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let title = &place.checklist.title;
    let problem = Problem::new(Code::Usage, format!("{title} has nothing to practise `{}` with", drill.name))
        .why(format!("it takes an item of kind {}", kinds.join(" or ")))
        .fix(format!("practise it with another one: golive rehearse --drill {} --checklist minipass", drill.name))
        .fix("see the other drills: golive rehearse --drill list");
    Err(Failure::new(Class::Usage, problem))
}

/// A drill on its way.
struct Practice<'d> {
    desk: &'d Desk,
    drill: &'static Drill,
    place: Place,
    agree: Agree,
    /// Who practises.
    crew: Box<dyn Operator>,
    diary: Diary,
    /// Whether the trouble was just named, or was when the drill was stopped.
    again: bool,
}

/// How one run over the checklist ended.
enum Leg {
    /// The trouble was named.
    Named(Noticed),
    /// Nothing is left that can be done.
    Over,
}

impl Practice<'_> {
    /// Run after run, as on the day, until nothing is left.
    fn walk(mut self) -> Ended {
        if let Some(noticed) = self.diary.noticed.clone().filter(|_| self.diary.is_open()) {
            self.tell(&noticed)?;
        }
        loop {
            let desk = self.desk;
            let place = self.place.clone();
            let mut session = Session::open(desk, place, Mode::Rehearse, &self.agree, false, Record::Journal)?;
            let Some(control) = session.simulated() else { return Err(crate::engine::internal("no simulator")) };
            if std::mem::take(&mut self.again) && self.diary.is_open() && self.repairs()? {
                self.repair(&control, session.state.seq)?;
                continue;
            }
            match self.leg(&mut session, &control)? {
                Leg::Named(noticed) => self.name(noticed)?,
                Leg::Over => {
                    drop(session);
                    return self.end();
                }
            }
        }
    }

    /// One run over the checklist, with the trouble in it while it lasts.
    fn leg(&mut self, session: &mut Session, control: &Control) -> Result<Leg> {
        let mut engine = session.engine(&self.desk.global, self.desk.command)?;
        let mut watch = Watch::new(self.drill, &mut self.diary, control);
        let walked = watch
            .start(&mut engine)
            .map_err(Stop::from)
            .and_then(|()| wizard::walk(&mut engine, None, false, &mut None, &mut watch));
        let named = watch.named.take();
        match walked {
            Ok(()) => Ok(named.map_or(Leg::Over, Leg::Named)),
            Err(Stop::Failed(failed)) if self.diary.is_open() && self.drill.codes.contains(&failed.problem.code) => {
                self.desk.say(&format!("{}\n", failure(&failed, &self.desk.talk_now()).trim_end()));
                let open = engine.book.state.open.first().map(|intent| intent.item.to_string());
                Ok(Leg::Named(Noticed { seq: engine.book.state.seq, item: open, problem: *failed.problem }))
            }
            Err(Stop::Failed(failed)) if failed.class != Class::Interrupted => Err(failed),
            Err(stop) => {
                pause(&mut engine)?;
                drop(engine);
                Err(self.paused(stop))
            }
        }
    }

    /// The trouble has its name: it is told, and remembered when it is the first time.
    fn name(&mut self, noticed: Noticed) -> Result<()> {
        self.tell(&noticed)?;
        self.again = true;
        if self.diary.noticed.is_none() {
            self.diary.noticed = Some(noticed);
            self.diary.save()?;
        }
        Ok(())
    }

    fn tell(&mut self, noticed: &Noticed) -> Result<()> {
        let lines = store::read(&self.place.journal(Mode::Rehearse))?.lines;
        let after = judged(&lines, self.diary.began.unwrap_or_default(), noticed.seq);
        let text = screen::noticed(&noticed.problem, noticed.item.as_deref(), after, &self.desk.talk_now());
        self.crew.tell(&News::Screen { text: &text });
        Ok(())
    }

    /// Whether it is repaired now. Without somebody who decides, it is.
    fn repairs(&mut self) -> Result<bool> {
        if !self.crew.attended() {
            return Ok(true);
        }
        let choice = |value: &str, label: &str, hint: &str| Choice {
            value: value.into(),
            label: label.into(),
            hint: hint.into(),
        };
        let ask = question(
            "What now?",
            vec![
                choice("repair", "Repair it", self.drill.repair),
                choice("look", "Look again without repairing", "it is named again"),
            ],
        );
        match self.crew.ask("drill.next", &ask) {
            Ok(answer) => Ok(text(answer) == "repair"),
            Err(stop) => Err(self.paused(stop)),
        }
    }

    fn repair(&mut self, control: &Control, seq: u64) -> Result<()> {
        fault::repair(control, self.drill.fault)?;
        let nobody = !self.crew.attended();
        let by = if nobody { "golive".to_owned() } else { config::who() };
        self.diary.repaired = Some(Repaired { seq, by });
        self.diary.save()?;
        let text = screen::repaired(self.drill.repair, nobody, &self.desk.talk_now());
        self.crew.tell(&News::Screen { text: &text });
        Ok(())
    }

    /// How it can be gone on with.
    fn paused(&mut self, stop: Stop) -> Failure {
        let failure = Failure::from(stop);
        if failure.class == Class::Interrupted {
            let text = screen::paused(self.drill.name, &self.desk.talk_now());
            self.crew.tell(&News::Screen { text: &text });
        }
        failure
    }

    /// What came of it.
    fn end(mut self) -> Ended {
        let view = Session::view(&self.place, Mode::Rehearse)?;
        let (Some(began), Some(noticed), Some(repaired)) =
            (self.diary.began, &self.diary.noticed, &self.diary.repaired)
        else {
            return Err(self.unnoticed());
        };
        let lines = store::read(&self.place.journal(Mode::Rehearse))?.lines;
        let practised = Practised {
            drill: self.drill.name.to_owned(),
            trouble: self.drill.trouble.to_owned(),
            code: noticed.problem.code,
            item: noticed.item.clone(),
            noticed_after: judged(&lines, began, noticed.seq),
            open_for: judged(&lines, began, repaired.seq),
            by: repaired.by.clone(),
            items: (view.summary.finished(), view.summary.total),
            left: view.items().filter_map(|item| self.left(item)).collect(),
        };
        let text = screen::ending(&practised, &self.desk.talk_now());
        self.crew.tell(&News::Screen { text: &text });
        Ok(outcome_of(view.items().filter(|item| self.left(item).is_none())))
    }

    /// What the trouble leaves behind at an item, if it does.
    fn left(&self, item: &ItemView) -> Option<(String, Problem)> {
        let problem = item.problem.as_ref().filter(|_| !item.state.is_finished())?;
        self.drill.leaves.contains(&problem.code).then(|| (item.id.to_string(), problem.clone()))
    }

    /// Nothing is left that can be done, and the trouble was never named.
    fn unnoticed(&self) -> Failure {
        let problem = Problem::new(Code::DrillUnnoticed, "nothing named the trouble of this drill");
        let problem = match self.diary.began {
            Some(_) => problem.why(format!("{}, and no item looked at it", self.drill.trouble)),
            None => problem.why("the launch did not come as far as where it begins"),
        };
        let problem = problem
            .fix("see what the checklist leaves open in a rehearsal: golive rehearse")
            .fix(format!("begin the drill again: golive rehearse --drill {} --fresh", self.drill.name));
        Failure::new(Class::Remaining, problem)
    }
}

fn pause(engine: &mut Engine<'_>) -> Result<()> {
    engine.book.write(vec![Event::Paused { phase: None, item: None }])
}
