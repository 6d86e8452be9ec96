//! A person at a terminal: asks, shows, waits.
//!
//! Every question leaves one collapsed line, so the scrollback is the protocol of the launch.
//! Esc, Ctrl-D and "Pause here" pause; Ctrl-C interrupts. Whatever was typed before a question is
//! thrown away, and one line at most moves at a time, never during a question.

mod line;
pub(super) mod live;
mod select;

use std::collections::BTreeSet;
use std::io;

use console::Term;
use zeroize::Zeroizing;

use crate::engine::LATER;
use crate::engine::port::{Answer, News, Operator, Stop};
use crate::error::{Class, Code, Failure, Problem};
use crate::plan::Plan;
use crate::render::Mark;
use crate::render::human;
use crate::render::layout::{hang, paragraph, row};
use crate::step::{Choice, Form, Question};

use super::browser::Browser;
use super::guard;
use super::policy::{Policy, Ruling, accept, agrees, consent_question};
use super::voice::{Voice, label};
use line::{Echo, Typed};
use live::Live;

/// The operator at a terminal.
pub struct Terminal {
    voice: Voice,
    policy: Policy,
    live: Live,
    browser: Option<Browser>,
    offered: BTreeSet<String>,
    /// The page of the item that is being worked on.
    page: Option<String>,
    /// The item that is being worked on.
    item: String,
    _still: guard::Echo, // between two questions too: what is pasted too early is not seen
}

/// What came of a prompt, before it is an answer.
enum Entered {
    Line(Zeroizing<String>),
    Choice(String),
}

impl Terminal {
    /// Talks on stderr, which must be a terminal, as must stdin.
    pub fn new(voice: Voice, policy: Policy) -> Self {
        // Colour is decided once, by golive; the libraries are told.
        console::set_colors_enabled(voice.style.color);
        console::set_colors_enabled_stderr(voice.style.color);
        let (offered, item, still) = (BTreeSet::new(), String::new(), guard::Echo::off());
        Self { live: Live::new(voice.style), voice, policy, browser: None, offered, page: None, item, _still: still }
    }

    /// Offers to open the pages that questions name.
    #[must_use]
    pub fn with_browser(mut self, browser: Option<Browser>) -> Self {
        self.browser = browser;
        self
    }

    /// The writer, for what the command itself has to say. Ends whatever is moving.
    pub fn voice(&mut self) -> &mut Voice {
        self.live.stop();
        &mut self.voice
    }

    fn introduce(&mut self, question: &Question) -> Result<(), Stop> {
        let style = self.voice.style;
        let shown = self.page.clone();
        let mut lines: Vec<String> = question.help.iter().map(|line| paragraph(&style, line)).collect();
        // The item may have named the same page already.
        let new = question.link.as_ref().filter(|link| shown.as_ref() != Some(link));
        lines.extend(new.map(|link| hang(&style, "  ", 2, link)));
        if !lines.is_empty() {
            self.voice.apart(lines.join("\n"));
        }
        let page = question.link.clone().or(shown);
        page.map_or(Ok(()), |page| self.offer(&page))
    }

    /// Offers to open a page, once for each.
    fn offer(&mut self, page: &str) -> Result<(), Stop> {
        const QUESTION: &str = "Open that page in your browser?";
        if self.browser.is_none() || !self.offered.insert(page.to_owned()) {
            return Ok(());
        }
        let typed = self.line(&format!("{QUESTION} (Y/n)"), Echo::Text)?;
        if !matches!(typed.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes") {
            return Ok(());
        }
        if self.browser.as_ref().is_some_and(|browser| browser.open(page)) {
            self.voice.answered(QUESTION, "yes");
        } else {
            self.voice.line(paragraph(&self.voice.style, "The browser could not be opened; the address is above."));
        }
        Ok(())
    }

    fn prompt(&mut self, question: &Question) -> Result<Entered, Stop> {
        match &question.form {
            Form::Choice(choices) => self.choose(&question.prompt, choices).map(Entered::Choice),
            Form::Confirm { default } => {
                let hint = if *default { "(Y/n)" } else { "(y/N)" };
                let typed = self.line(&format!("{} {hint}", question.prompt), Echo::Text)?;
                let meant = if typed.trim().is_empty() { if *default { "yes" } else { "no" } } else { &typed };
                Ok(Entered::Line(Zeroizing::new(meant.to_owned())))
            }
            Form::Text { default, .. } => {
                let prompt = match default {
                    Some(default) => format!("{} ({default})", question.prompt),
                    None => question.prompt.clone(),
                };
                self.line(&prompt, Echo::Text).map(Entered::Line)
            }
            Form::Secret { .. } => self.secret(&question.prompt).map(Entered::Line),
        }
    }

    fn secret(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        loop {
            let typed = self.line(prompt, Echo::Bullets)?;
            if !typed.trim().is_empty() {
                return Ok(typed);
            }
        }
    }

    fn choose(&mut self, prompt: &str, choices: &[Choice]) -> Result<String, Stop> {
        self.voice.before_question();
        select::choose(prompt, choices, &self.voice.style)
    }

    fn line(&mut self, prompt: &str, echo: Echo) -> Result<Zeroizing<String>, Stop> {
        self.voice.before_question();
        guard::discard_typeahead();
        let _hidden = guard::NoEcho::new();
        let term = Term::stderr();
        let columns = usize::from(term.size().1);
        let style = self.voice.style;
        let mut draw = |text: &str| self.voice.write(text);
        match line::read(&mut || term.read_key_raw(), &mut draw, prompt, echo, &style, columns) {
            Ok(Typed::Line(text)) => Ok(text),
            Ok(Typed::Pause) => Err(Stop::Pause),
            Ok(Typed::Interrupted) => Err(interrupted()),
            Err(error) => Err(unreadable(error)),
        }
    }

    /// Writes the line that stays of a question. What a person states of an item is told when it is
    /// judged, and what they put off is named by its title.
    fn collapse(&mut self, id: &str, question: &Question, answer: &Answer) {
        match answer {
            Answer::Text(text) if question.name == "done" && text == "done" => {}
            Answer::Text(text) if question.name == "done" && text == LATER => {
                let line = row(&self.voice.style, 2, Mark::Open, &self.item, "later");
                self.voice.line(line);
            }
            _ => self.voice.answered(label(id, question), &shown(answer, &question.form)),
        }
    }

    fn refuse(&mut self, label: &str, shown: &str, problem: &Problem) {
        let style = self.voice.style;
        if !shown.is_empty() {
            self.voice.line(row(&style, 0, Mark::Failed, label.trim_end_matches('?'), shown));
        }
        self.voice.apart(human::problem(problem, &style));
    }

    fn agree(&mut self, plan: &Plan) -> Result<bool, Stop> {
        let question = consent_question(plan);
        let (prompt, exact) =
            if plan.touches_stripe() { (format!("{question}:"), true) } else { (format!("{question} (y/N)"), false) };
        let typed = self.line(&prompt, Echo::Text)?;
        let typed = typed.trim();
        // A live change takes the word itself; a local write takes what people type at (y/N).
        let yes = if exact {
            agrees(plan, typed)
        } else {
            typed.eq_ignore_ascii_case("y") || typed.eq_ignore_ascii_case("yes")
        };
        if yes {
            self.voice.answered(&question, if plan.refund().is_some() { typed } else { "yes" });
        } else {
            let said = if typed.is_empty() { "no" } else { typed };
            let label = question.trim_end_matches('?');
            self.voice.line(row(&self.voice.style, 0, Mark::Skipped, label, said));
            self.voice.apart(paragraph(&self.voice.style, "Nothing was changed."));
        }
        Ok(yes)
    }
}

fn interrupted() -> Stop {
    Stop::Failed(Failure::new(Class::Interrupted, Problem::new(Code::Paused, "stopped by Ctrl-C")))
}

pub(super) fn unreadable(error: io::Error) -> Stop {
    match error.kind() {
        io::ErrorKind::Interrupted => interrupted(),
        // The terminal went away: the same as leaving.
        io::ErrorKind::UnexpectedEof => Stop::Pause,
        _ => {
            let problem = Problem::new(Code::Internal, "the terminal cannot be read")
                .why(error.to_string())
                .fix("run it without prompts: golive wizard --no-input");
            Stop::Failed(Failure::new(Class::Unforeseen, problem).because(error))
        }
    }
}

impl Operator for Terminal {
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop> {
        self.live.stop();
        self.voice.measure();
        if let Some(answer) = self.policy.answer(id, question)? {
            let shown = shown(&answer, &question.form);
            self.voice.answered(label(id, question), &shown);
            return Ok(answer);
        }
        self.introduce(question)?;
        loop {
            let entered = self.prompt(question)?;
            self.voice.measure();
            let raw = match &entered {
                Entered::Line(line) => line.as_str(),
                Entered::Choice(value) => value,
            };
            match accept(&question.form, raw) {
                Ok((answer, note)) => {
                    self.collapse(id, question, &answer);
                    if let Some(note) = note {
                        self.voice.line(paragraph(&self.voice.style, &note));
                    }
                    return Ok(answer);
                }
                Err(problem) => {
                    let secret = matches!(question.form, Form::Secret { .. });
                    let typed = if secret { crate::secret::mask(raw.trim()) } else { raw.trim().to_owned() };
                    self.refuse(&question.prompt, &typed, &problem);
                }
            }
        }
    }

    fn foresees(&self, id: &str, question: &Question) -> bool {
        // One that will not do counts as well: asking then says what is wrong with it.
        !matches!(self.policy.answer(id, question), Ok(None))
    }

    fn consent(&mut self, plan: &Plan) -> Result<bool, Stop> {
        self.live.stop();
        self.voice.measure();
        let text = human::plan::plan(plan, &self.voice.style);
        self.voice.apart(text.trim_end());
        match self.policy.consent.rule(plan) {
            Ruling::Granted("") => Ok(true),
            Ruling::Granted(flag) => {
                self.voice.line(paragraph(&self.voice.style, &format!("Accepted by {flag}.")));
                Ok(true)
            }
            Ruling::Refused(failure) => Err(failure.into()),
            Ruling::Open(_) => self.agree(plan),
        }
    }

    fn allow_commands(&mut self, commands: &[(String, String)]) -> Result<bool, Stop> {
        self.live.stop();
        self.voice.measure();
        if let Ruling::Granted(_) = self.policy.consent.rule_commands(commands.len()) {
            return Ok(true);
        }
        self.voice.apart(human::plan::commands(commands, &self.voice.style));
        let question = Question {
            name: "allow".into(),
            prompt: "Allow these commands on this computer?".into(),
            help: vec!["Each one is shown again, and asked about, before it runs.".into()],
            link: None,
            because: None,
            form: Form::Confirm { default: false },
            rehearse: None,
        };
        match self.ask("commands.allow", &question)? {
            Answer::Text(text) => Ok(text == "yes"),
            Answer::Secret(..) => Ok(false),
        }
    }

    fn tell(&mut self, news: &News<'_>) {
        self.voice.measure();
        self.live.fit(self.voice.style);
        match *news {
            News::Looking { what } => self.live.wait(&format!("looking at {what}")),
            News::Applying { done, of, label } => self.live.apply(done, of, label),
            News::Waiting { what, so_far, ago } => {
                self.live.watch(human::sale::waiting(what, so_far, ago, &self.voice.style));
            }
            News::Invite { sale, page, rehearsed } => {
                self.live.stop();
                let rows = usize::from(Term::stderr().size().0);
                self.voice.say(&human::sale::invite(sale, page, rehearsed, rows, &self.voice.style));
            }
            News::Applied { .. }
            | News::Refused { .. }
            | News::Uncertain { .. }
            | News::Milestone { .. }
            | News::Outage { .. } => {
                let voice = &mut self.voice;
                self.live.suspend(|| voice.tell(news));
            }
            _ => {
                self.live.stop();
                self.voice.tell(news);
            }
        }
        if let News::Item { title, link, .. } = *news {
            self.page = link.map(str::to_owned);
            title.clone_into(&mut self.item);
        }
    }

    fn attended(&self) -> bool {
        true
    }
}

/// What the collapsed line shows of an answer.
fn shown(answer: &Answer, form: &Form) -> String {
    match (answer, form) {
        (Answer::Secret(_, secret), _) => secret.masked(),
        (Answer::Text(value), Form::Choice(choices)) => {
            let chosen = choices.iter().find(|choice| choice.value == *value);
            chosen.map_or_else(|| value.clone(), |choice| choice.label.clone())
        }
        (Answer::Text(text), _) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::Terminal;
    use crate::engine::port::{Answer, News, Operator, Stop};
    use crate::error::Class;
    use crate::mode::Mode;
    use crate::render::{Glyphs, Style};
    use crate::step::{Choice, Form};
    use crate::ui::policy::tests::{catalog, question};
    use crate::ui::policy::{Consent, Policy};
    use crate::ui::voice::tests::{Heard, voice};

    fn terminal(policy: Policy) -> (Terminal, Heard) {
        let (voice, heard) = voice(Style::new(false, Glyphs::Unicode, 80), policy.consent.mode);
        (Terminal::new(voice, policy), heard)
    }

    #[test]
    fn a_given_answer_is_not_asked_for_and_shows_its_label() {
        let mut policy = Policy::none(Mode::Live);
        policy.answers.insert("a.b.when".into(), "later".into());
        let (mut terminal, heard) = terminal(policy);
        let later = Choice { value: "later".into(), label: "Not today".into(), hint: String::new() };
        let answer = terminal.ask("a.b.when", &question(Form::Choice(vec![later])));
        assert!(matches!(answer, Ok(Answer::Text(text)) if text == "later"));
        assert_eq!(heard.text(), "✓ What now              Not today\n");
    }

    #[test]
    fn a_plan_that_is_accepted_beforehand_is_shown_all_the_same() {
        let consent = Consent { yes: true, ..Consent::none(Mode::Test) };
        let (mut terminal, heard) = terminal(Policy { consent, ..Policy::none(Mode::Test) });
        assert!(matches!(terminal.consent(&catalog(Mode::Test)), Ok(true)));
        assert!(heard.text().contains("Plan: 1 to create") && heard.text().contains("Accepted by --yes."));
    }

    #[test]
    fn a_confirmation_of_another_account_is_refused_and_not_asked_about() {
        let consent = Consent { confirm: Some("Other Oy".into()), ..Consent::none(Mode::Live) };
        let (mut terminal, _) = terminal(Policy { consent, ..Policy::none(Mode::Live) });
        let refused = terminal.consent(&catalog(Mode::Live));
        assert!(matches!(refused, Err(Stop::Failed(failure)) if failure.class == Class::Refused));
    }

    #[test]
    fn what_moves_leaves_nothing_behind_and_what_is_done_leaves_a_line() {
        let (mut terminal, heard) = terminal(Policy::none(Mode::Live));
        terminal.tell(&News::Looking { what: "asking Stripe" });
        terminal.tell(&News::Note { text: "3 prices found." });
        assert_eq!(heard.text(), "  3 prices found.\n");
    }
}
