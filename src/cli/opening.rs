//! The first screen of `golive wizard` and `golive rehearse`: which checklist, which mode, what will
//! happen and from where; or, the next day, a welcome back.

use super::Desk;
use super::args::Agree;
use super::place::Place;
use super::session::Session;
use crate::checklist::{self, BUNDLED, Checklist, Source};
use crate::engine::port::{Answer, News, Operator};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::human::opening::{Outlook, outlook};
use crate::render::layout::paragraph;
use crate::render::words;
use crate::step::{Choice, Form, Question};

/// The checklist that a rehearsal uses in a folder without one.
const DEMONSTRATION: &str = "minipass";

/// Says who is talking.
pub fn greet(desk: &Desk) {
    if desk.global.quiet {
        return;
    }
    let version = env!("CARGO_PKG_VERSION");
    let line = format!("golive {version}   from Stripe test mode to live, one careful step at a time");
    desk.say(&format!("\n{}\n", paragraph(&desk.talk, &line)));
}

/// The checklist: the one that is named or there, or one of the bundled ones.
pub fn choose_checklist(desk: &Desk, mode: Option<Mode>, agree: &Agree) -> Result<Place> {
    let rehearsal = mode == Some(Mode::Rehearse);
    let fallback = (rehearsal && (!desk.attended() || agree.yes)).then_some(DEMONSTRATION);
    let missing = match Place::find(&desk.global, &desk.talk, fallback) {
        Err(failure) if failure.problem.code == Code::ChecklistMissing && desk.global.checklist.is_none() => failure,
        found => return found,
    };
    if !desk.attended() {
        return Err(missing);
    }
    promise(desk);
    let choices = BUNDLED.iter().map(|(name, text)| {
        let size =
            checklist::load(Source::Bundled(name), text).map(|checklist| format!(", {}", size(&checklist, mode)));
        Choice {
            value: (*name).to_owned(),
            label: (*name).to_owned(),
            hint: format!("built in{}", size.unwrap_or_default()),
        }
    });
    let question = question("Which checklist?", choices.collect());
    let mut operator = desk.operator(mode.unwrap_or(Mode::Rehearse), agree, false);
    let mut global = desk.global.clone();
    global.checklist = Some(text(operator.ask("checklist", &question)?));
    Place::find(&global, &desk.talk, None)
}

/// What somebody who sees golive for the first time wants to hear before anything else.
fn promise(desk: &Desk) {
    let text = "Nothing is changed without asking. Stop whenever you like with Ctrl-C and run the same command \
                to continue. Keys go into your env file and nowhere else.";
    if !desk.global.quiet {
        desk.say(&format!("\n{}\n", paragraph(&desk.talk, text)));
    }
}

/// `10 phases, 48 items`
fn size(checklist: &Checklist, mode: Option<Mode>) -> String {
    let phases = words::count(checklist.phases.len(), "phase", "phases");
    let items = checklist.items().filter(|item| mode.is_none_or(|mode| item.is_in(mode))).count();
    format!("{phases}, {}", words::count(items, "item", "items"))
}

/// The mode: what was begun for real goes on; otherwise it is asked, never assumed.
pub fn choose_mode(desk: &Desk, place: &Place, agree: &Agree) -> Result<Mode> {
    match place.last_mode() {
        Some(mode @ (Mode::Live | Mode::Test)) => return Ok(mode),
        _ if !desk.attended() && desk.global.answers.iter().all(|(id, _)| id != "mode") => {
            let problem = Problem::new(Code::QuestionOpen, "the mode is not named, and there is nobody to ask")
                .why("the question is `mode`: rehearse, test or live")
                .fix("name it: golive wizard --mode rehearse");
            return Err(Failure::new(Class::NeedsAnswer, problem));
        }
        _ => {}
    }
    let question = question(
        "Rehearsal, test or live?",
        vec![
            choice("rehearse", "Rehearsal", "a simulator on this computer; nothing is real"),
            choice("test", "Test", "Stripe with your test keys; no real money"),
            choice("live", "Live", "the real account"),
        ],
    );
    let mut operator = desk.operator(Mode::Rehearse, agree, false);
    let answer = text(operator.ask("mode", &question)?);
    let mode: Mode =
        answer.parse().map_err(|message: String| Failure::new(Class::Usage, Problem::new(Code::Usage, message)))?;
    if mode == Mode::Live && desk.attended() && !is_rehearsed(place) {
        return rehearse_first(operator.as_mut());
    }
    Ok(mode)
}

/// Whether a rehearsal of this checklist came to its end in this folder.
fn is_rehearsed(place: &Place) -> bool {
    Session::view(place, Mode::Rehearse).is_ok_and(|view| view.ready)
}

fn rehearse_first(operator: &mut dyn Operator) -> Result<Mode> {
    let text = "No rehearsal of this checklist has been finished here. It takes minutes, and finds most problems \
                without risk.";
    operator.tell(&News::Note { text });
    let question = question(
        "What would you like to do?",
        vec![
            choice("rehearse", "Rehearse first", "the same steps on a simulator"),
            choice("live", "Go live now", "every change is still shown and asked about"),
        ],
    );
    let answer = self::text(operator.ask("rehearse", &question)?);
    Ok(if answer == "live" { Mode::Live } else { Mode::Rehearse })
}

/// What will happen, or how it stands. `false` when the operator would rather not begin.
pub fn begin(session: &mut Session, whole: bool) -> Result<bool> {
    if let Some(text) = welcome_back(session) {
        session.operator.tell(&News::Screen { text: &paragraph(&session.style, &text) });
        return Ok(true);
    }
    if !session.operator.attended() || !whole {
        return Ok(true);
    }
    let checklist = &session.place.checklist;
    let Some(first) = checklist.phases.first() else { return Ok(true) };
    let mut ask = question(&format!("Start with phase 1 of {}, {}?", checklist.phases.len(), first.title), Vec::new());
    ask.form = Form::Confirm { default: true };
    let text = outlook(&look_ahead(session), &session.style);
    session.operator.tell(&News::Screen { text: &text });
    Ok(self::text(session.operator.ask("start", &ask)?) == "yes")
}

fn look_ahead(session: &Session) -> Outlook {
    let (checklist, mode) = (&session.place.checklist, session.mode);
    let count = |kind: &str| checklist.items_in(mode).filter(|item| item.kind == kind).count();
    let keys = checklist.phases.iter().position(|phase| phase.items.iter().any(|item| item.kind == "keys"));
    Outlook {
        mode,
        size: size(checklist, Some(mode)),
        title: checklist.title.clone(),
        origin: checklist.origin.shown(),
        keys_in: keys.map(|index| (index + 1, checklist.phases[index].title.clone())),
        env_file: session.place.env_file(mode).1,
        commands: count("command"),
        by_hand: count("manual"),
    }
}

/// What an operator who comes back wants to know first.
fn welcome_back(session: &Session) -> Option<String> {
    let at: jiff::Timestamp = session.state.updated_at.as_ref()?.parse().ok()?;
    if session.state.items.is_empty() {
        return None;
    }
    let ago = words::ago(jiff::Timestamp::now().as_second() - at.as_second());
    let phases = &session.place.checklist.phases;
    let paused = session.state.paused.clone();
    let place = paused
        .clone()
        .flatten()
        .and_then(|id| phases.iter().position(|phase| phase.id == id))
        .map(|index| format!(" in phase {} of {}, {}", index + 1, phases.len(), phases[index].title));
    let what = if paused.is_some() { "You paused" } else { "You were last here" };
    let account = session.state.account.as_ref().map(|account| format!("  {}, {}", account.shown(), account.id));
    let head = format!("Welcome back. {what} {ago}{}.", place.unwrap_or_default());
    let undoing = "\nA rollback is not finished; golive rollback goes on with it.";
    let undoing = session.state.history.unfinished().map_or("", |_| undoing);
    let account = account.unwrap_or_default();
    Some(format!("{head}\n{}{account}{}", session.mode.banner(), undoing))
}

fn choice(value: &str, label: &str, hint: &str) -> Choice {
    Choice { value: value.into(), label: label.into(), hint: hint.into() }
}

/// A question with a list, which belongs to no item.
pub fn question(prompt: &str, choices: Vec<Choice>) -> Question {
    Question {
        name: String::new(),
        prompt: prompt.into(),
        help: Vec::new(),
        link: None,
        because: None,
        form: Form::Choice(choices),
        rehearse: None,
    }
}

/// The text of an answer.
pub fn text(answer: Answer) -> String {
    match answer {
        Answer::Text(text) => text,
        Answer::Secret(..) => String::new(),
    }
}
