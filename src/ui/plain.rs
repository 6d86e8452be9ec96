//! Line by line, made to be read aloud: `--plain`, or `ACCESSIBLE=1`.
//!
//! Numbered lists, defaults in words, nothing that is redrawn. Lines are read by the terminal
//! itself, so every screen reader and every braille line follows along.

use std::io::BufRead;

use zeroize::Zeroizing;

use crate::engine::port::{Answer, News, Operator, Stop};
use crate::plan::Plan;
use crate::render::human::{self, news::looking};
use crate::render::layout::capital;
use crate::render::words;
use crate::secret::Secret;
use crate::step::{Choice, Form, Question};

use super::guard;
use super::policy::{Policy, Ruling, accept, agrees, consent_question};
use super::voice::Voice;

/// The operator who listens.
pub struct Plain {
    voice: Voice,
    policy: Policy,
    input: Box<dyn BufRead + Send>,
    /// What was said to be looked at last: saying it again helps nobody.
    looked: Option<String>,
    /// Between two questions nothing is echoed: a secret that is typed too early is not read aloud.
    _still: guard::Echo,
}

impl Plain {
    /// Reads from stdin.
    pub fn new(voice: Voice, policy: Policy) -> Self {
        Self::reading(Box::new(std::io::BufReader::new(std::io::stdin())), voice, policy)
    }

    /// Reads from somewhere.
    pub fn reading(input: Box<dyn BufRead + Send>, voice: Voice, policy: Policy) -> Self {
        Self { voice, policy, input, looked: None, _still: guard::Echo::off() }
    }

    /// The writer, for what the command itself has to say.
    pub const fn voice(&mut self) -> &mut Voice {
        &mut self.voice
    }

    /// One line that the terminal echoes.
    fn line(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        let _echoed = guard::Echo::on();
        self.read(prompt)
    }

    /// One line; the end of the input (Ctrl-D) pauses.
    fn read(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        let _asking = guard::Asking::new();
        guard::discard_typeahead();
        self.voice.write(&format!("{prompt} "));
        let mut line = Zeroizing::new(String::with_capacity(4096));
        match self.input.read_line(&mut line) {
            Ok(0) => {
                self.voice.write("\n");
                Err(Stop::Pause)
            }
            Ok(_) => Ok(unmarked(line.trim_end_matches(['\r', '\n']))),
            Err(error) => Err(super::terminal::unreadable(error)),
        }
    }

    fn prompt(&mut self, question: &Question) -> Result<Zeroizing<String>, Stop> {
        let prompt = question.prompt.trim_end_matches(':');
        match &question.form {
            Form::Choice(choices) => self.choose(prompt, choices).map(Zeroizing::new),
            Form::Confirm { default } => {
                let meant = if *default { "yes" } else { "no" };
                let typed = self.line(&format!("{prompt} Type yes or no, or press Enter for {meant}:"))?;
                Ok(if typed.trim().is_empty() { Zeroizing::new(meant.to_owned()) } else { typed })
            }
            Form::Text { default: Some(default), .. } => self.line(&format!("{prompt}, or press Enter for {default}:")),
            Form::Text { default: None, .. } => self.line(&format!("{prompt}:")),
            Form::Secret { .. } => self.secret(prompt),
        }
    }

    fn secret(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        loop {
            let hidden = guard::NoEcho::for_lines();
            let typed = self.read(&format!("{prompt}, input is hidden, then press Enter:"));
            drop(hidden);
            // The Enter was not echoed either.
            self.voice.write("\n");
            let typed = typed?;
            if !typed.trim().is_empty() {
                return Ok(typed);
            }
        }
    }

    fn choose(&mut self, prompt: &str, choices: &[Choice]) -> Result<String, Stop> {
        self.voice.line(format!("Question: {prompt}"));
        for (number, choice) in choices.iter().enumerate() {
            let hint = if choice.hint.is_empty() {
                String::new()
            } else {
                format!(" {}", words::sentence(&capital(&choice.hint)))
            };
            self.voice.line(format!("{}. {}{hint}", number + 1, words::sentence(&choice.label)));
        }
        let last = choices.len() + 1;
        self.voice.line(format!("{last}. Pause here."));
        loop {
            let typed = self.line(&format!("Enter a number from 1 to {last}, or press Enter for 1:"))?;
            let typed = typed.trim();
            let number = if typed.is_empty() { Some(1) } else { typed.parse::<usize>().ok() };
            match number {
                Some(number) if number == last => return Err(Stop::Pause),
                Some(number) if (1..last).contains(&number) => return Ok(choices[number - 1].value.clone()),
                _ => self.voice.line(format!("{typed} is not a number from 1 to {last}.")),
            }
        }
    }

    fn report(&mut self, question: &Question, answer: &Answer) {
        let text = match (answer, &question.form) {
            (Answer::Secret(_, secret), _) => received(secret),
            (Answer::Text(value), Form::Choice(choices)) => {
                let label = choices.iter().find(|choice| choice.value == *value).map(|choice| choice.label.as_str());
                words::sentence(&format!("Chosen: {}", label.unwrap_or(value)))
            }
            (Answer::Text(value), _) => words::sentence(&format!("Answer: {value}")),
        };
        self.voice.line(text);
    }
}

/// A line without the marks that a terminal puts around a paste.
fn unmarked(line: &str) -> Zeroizing<String> {
    let mut whole = Zeroizing::new(String::with_capacity(line.len()));
    let parts = line.split("\u{1b}[200~").flat_map(|part| part.split("\u{1b}[201~"));
    parts.for_each(|part| whole.push_str(part));
    whole
}

fn received(secret: &Secret) -> String {
    let masked = secret.masked();
    match masked.rsplit_once('…') {
        Some((_, tail)) if !tail.is_empty() => format!("Received a key ending in {tail}."),
        _ => "Received.".to_owned(),
    }
}

impl Operator for Plain {
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop> {
        if let Some(answer) = self.policy.answer(id, question)? {
            self.report(question, &answer);
            return Ok(answer);
        }
        for help in &question.help {
            self.voice.line(words::sentence(help));
        }
        if let Some(link) = &question.link {
            self.voice.line(format!("Link: {link}"));
        }
        loop {
            let raw = self.prompt(question)?;
            match accept(&question.form, &raw) {
                Ok((answer, note)) => {
                    self.report(question, &answer);
                    if let Some(note) = note {
                        self.voice.line(words::sentence(&note));
                    }
                    return Ok(answer);
                }
                Err(problem) => {
                    let text = human::problem(&problem, &self.voice.style);
                    self.voice.line(text);
                }
            }
        }
    }

    fn foresees(&self, id: &str, question: &Question) -> bool {
        // One that will not do counts as well: asking then says what is wrong with it.
        !matches!(self.policy.answer(id, question), Ok(None))
    }

    fn consent(&mut self, plan: &Plan) -> Result<bool, Stop> {
        let text = human::plan::plan(plan, &self.voice.style);
        self.voice.line(text.trim_end());
        match self.policy.consent.rule(plan) {
            Ruling::Granted(_) => return Ok(true),
            Ruling::Refused(failure) => return Err(failure.into()),
            Ruling::Open(_) => {}
        }
        let question = consent_question(plan);
        let yes = if plan.touches_stripe() {
            agrees(plan, &self.line(&format!("{question}, or press Enter to change nothing:"))?)
        } else {
            let typed = self.line(&format!("{question} Type yes or no, or press Enter for no:"))?;
            matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes")
        };
        if !yes {
            self.voice.line("Nothing was changed.");
        }
        Ok(yes)
    }

    fn allow_commands(&mut self, commands: &[(String, String)]) -> Result<bool, Stop> {
        if let Ruling::Granted(_) = self.policy.consent.rule_commands(commands.len()) {
            return Ok(true);
        }
        let text = human::plan::commands(commands, &self.voice.style);
        self.voice.line(text);
        let typed = self.line("Allow these commands on this computer? Type yes or no, or press Enter for no:")?;
        Ok(matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    fn tell(&mut self, news: &News<'_>) {
        match *news {
            News::Looking { what } => {
                if !self.voice.quiet && self.looked.as_deref() != Some(what) {
                    let text = looking(what, &self.voice.style);
                    self.voice.line(text);
                    self.looked = Some(what.to_owned());
                }
                return;
            }
            News::Waiting { what, so_far, .. } => return self.voice.wait(what, so_far),
            News::Phase { .. } => self.looked = None,
            _ => {}
        }
        self.voice.tell(news);
    }

    fn attended(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::Plain;
    use crate::engine::port::{Answer, Operator, Stop};
    use crate::mode::Mode;
    use crate::render::Style;
    use crate::secret::Slot;
    use crate::step::{Check, Choice, Form};
    use crate::ui::policy::Policy;
    use crate::ui::policy::tests::{catalog, question};
    use crate::ui::voice::tests::{Heard, voice};

    fn typing(text: &'static str, mode: Mode) -> (Plain, Heard) {
        let (voice, heard) = voice(Style::PLAIN, mode);
        (Plain::reading(Box::new(Cursor::new(text)), voice, Policy::none(mode)), heard)
    }

    fn modes() -> Form {
        let choice = |value: &str, label: &str, hint: &str| Choice {
            value: value.into(),
            label: label.into(),
            hint: hint.into(),
        };
        Form::Choice(vec![choice("rehearse", "Rehearsal", "Nothing is real"), choice("live", "Live", "")])
    }

    #[test]
    fn a_list_is_numbered_and_asked_again_until_a_number_fits() {
        let (mut plain, heard) = typing("7\n2\n", Mode::Live);
        assert!(matches!(plain.ask("a.b.c", &question(modes())), Ok(Answer::Text(text)) if text == "live"));
        insta::assert_snapshot!(heard.text(), @r"
        Question: What now?
        1. Rehearsal. Nothing is real.
        2. Live.
        3. Pause here.
        Enter a number from 1 to 3, or press Enter for 1: 7 is not a number from 1 to 3.
        Enter a number from 1 to 3, or press Enter for 1: Chosen: Live.
        ");
    }

    #[test]
    fn the_last_number_and_the_end_of_input_pause() {
        assert!(matches!(typing("3\n", Mode::Live).0.ask("a.b.c", &question(modes())), Err(Stop::Pause)));
        assert!(matches!(typing("", Mode::Live).0.ask("a.b.c", &question(modes())), Err(Stop::Pause)));
    }

    #[test]
    fn a_secret_is_asked_again_when_empty_and_only_its_end_is_told() {
        let secret = Form::Secret { slot: Slot::SecretKey, check: Check::NotEmpty };
        let (mut plain, heard) = typing("\nrk_live_plainplainplainx7Qd\n", Mode::Live);
        assert!(matches!(plain.ask("a.b.c", &question(secret)), Ok(Answer::Secret(Slot::SecretKey, _))));
        assert!(heard.text().contains("Received a key ending in x7Qd."), "{}", heard.text());
        assert!(!heard.text().contains("plainplain"));
    }

    #[test]
    fn only_the_word_yes_changes_stripe() {
        for (typed, agreed) in [("yes\n", true), ("y\n", false), ("YES\n", false), ("\n", false)] {
            let (mut plain, heard) = typing(typed, Mode::Live);
            assert_eq!(plain.consent(&catalog(Mode::Live)).ok(), Some(agreed), "{typed:?}");
            assert_eq!(heard.text().contains("Nothing was changed."), !agreed);
        }
    }

    #[test]
    fn no_sign_is_left_that_a_screen_reader_would_spell_out() {
        let (mut plain, heard) = typing("no\n", Mode::Live);
        let _ = plain.consent(&catalog(Mode::Live));
        assert!(heard.text().is_ascii(), "{}", heard.text());
    }
}
