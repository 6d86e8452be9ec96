//! Nobody is there: a log that is read later. The same words as on a terminal, without movement.
//!
//! golive never waits and never assumes here. A question without an answer from the command line
//! ends the command with exit 5 and the question's name; see [`super::policy`] for the rules.

use crate::engine::port::{Answer, News, Operator, Stop};
use crate::mode::Mode;
use crate::plan::Plan;
use crate::render::human::{self, Block};
use crate::step::{Question, Verb};

use super::policy::{Policy, Ruling, needs_answer};
use super::voice::{Voice, label};

/// The operator of unattended runs.
///
/// A rehearsal is told calmly: one line for what came of each item, without what only somebody who
/// decides has to read.
pub struct Batch {
    voice: Voice,
    policy: Policy,
    /// The item whose question comes next; shown when nobody answers.
    item: Option<Block>,
}

impl Batch {
    /// Narrates to a voice, and answers from a policy.
    pub const fn new(voice: Voice, policy: Policy) -> Self {
        Self { voice, policy, item: None }
    }

    /// The writer, for what the command itself has to say.
    pub const fn voice(&mut self) -> &mut Voice {
        &mut self.voice
    }

    fn is_calm(&self) -> bool {
        self.policy.consent.mode == Mode::Rehearse && !self.voice.style.verbose
    }
}

impl Operator for Batch {
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop> {
        let item = self.item.take();
        let Some(answer) = self.policy.answer(id, question)? else {
            if let Some(item) = item.filter(|_| !self.voice.quiet) {
                self.voice.say(&item);
            }
            return Err(needs_answer(id, question, self.policy.consent.mode).into());
        };
        let made_up = self.is_calm() && !self.policy.answers.contains_key(id);
        if !self.voice.quiet && !made_up {
            let shown = match &answer {
                Answer::Text(text) => text.clone(),
                Answer::Secret(_, secret) => secret.masked(),
            };
            self.voice.answered(label(id, question), &shown);
        }
        Ok(answer)
    }

    fn foresees(&self, id: &str, question: &Question) -> bool {
        // One that will not do counts as well: asking then says what is wrong with it.
        !matches!(self.policy.answer(id, question), Ok(None))
    }

    fn consent(&mut self, plan: &Plan) -> Result<bool, Stop> {
        // What was changed is told below; nobody is there to decide about it.
        let calm = self.is_calm();
        if !calm {
            let text = human::plan::plan(plan, &self.voice.style);
            self.voice.apart(text.trim_end());
        } else if !self.voice.quiet {
            let new = Plan { unchanged: 0, ..plan.clone() };
            self.voice.apart(human::plan::tally(&new, &self.voice.style));
        }
        match self.policy.consent.rule(plan) {
            Ruling::Granted(flag) => {
                if !flag.is_empty() && !calm && !self.voice.quiet {
                    self.voice.line(human::paragraph(&self.voice.style, &format!("Accepted by {flag}.")));
                }
                Ok(true)
            }
            Ruling::Open(failure) | Ruling::Refused(failure) => Err(failure.into()),
        }
    }

    fn allow_commands(&mut self, commands: &[(String, String)]) -> Result<bool, Stop> {
        match self.policy.consent.rule_commands(commands.len()) {
            Ruling::Granted(_) => Ok(true),
            Ruling::Open(failure) | Ruling::Refused(failure) => {
                self.voice.apart(human::plan::commands(commands, &self.voice.style));
                Err(failure.into())
            }
        }
    }

    fn tell(&mut self, news: &News<'_>) {
        let calm = self.is_calm();
        match *news {
            News::Waiting { what, so_far, .. } => self.voice.wait(what, so_far),
            News::Item { .. } => self.item = human::news(news, self.voice.mode, &self.voice.style),
            News::Phase { number, of, title, account, .. } if calm => {
                self.voice.tell(&News::Phase { number, of, title, why: None, account });
            }
            News::EnvWritten { file, variables, .. } if calm => {
                self.voice.tell(&News::EnvWritten { file, variables, backup: None });
            }
            News::PhaseDone { .. } | News::Applied { verb: Verb::Prove | Verb::Close, .. } if calm => {}
            _ => self.voice.tell(news),
        }
    }

    fn attended(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Batch;
    use crate::engine::port::{Answer, News, Operator, Stop};
    use crate::error::{Class, Code, Failure};
    use crate::mode::Mode;
    use crate::render::{Glyphs, Style};
    use crate::step::{Choice, Form, Question};
    use crate::ui::policy::Policy;
    use crate::ui::policy::tests::{catalog, question};
    use crate::ui::voice::tests::{Heard, voice};

    fn batch(policy: Policy) -> (Batch, Heard) {
        let (voice, heard) = voice(Style::new(false, Glyphs::Unicode, 80), policy.consent.mode);
        (Batch::new(voice, policy), heard)
    }

    fn failed<T>(result: Result<T, Stop>) -> Failure {
        match result {
            Err(Stop::Failed(failure)) => failure,
            Err(Stop::Pause) => panic!("it paused"),
            Ok(_) => panic!("it went on"),
        }
    }

    #[test]
    fn a_question_without_an_answer_ends_with_five_and_its_name() {
        let choices = vec![Choice { value: "done".into(), label: "Done".into(), hint: String::new() }];
        let failure = failed(batch(Policy::none(Mode::Live)).0.ask("x.y.done", &question(Form::Choice(choices))));
        assert_eq!((failure.class.exit_code(), failure.problem.code), (5, Code::QuestionOpen));
        assert!(failure.problem.fix[0].contains("--answer x.y.done=done"), "{failure:?}");
    }

    #[test]
    fn a_live_plan_without_consent_is_shown_and_not_carried_out() {
        let (mut batch, heard) = batch(Policy::none(Mode::Live));
        let failure = failed(batch.consent(&catalog(Mode::Live)));
        assert_eq!(failure.class, Class::NeedsAnswer);
        assert!(failure.problem.why[0].contains("Type yes to change the LIVE account Acme Oy"), "{failure:?}");
        assert!(heard.text().contains("Plan: 1 to create"), "{}", heard.text());
    }

    #[test]
    fn a_given_answer_is_taken_and_shown() {
        let mut policy = Policy::none(Mode::Live);
        policy.answers.insert("x.y.sure".into(), "Y".into());
        let (mut batch, heard) = batch(policy);
        let question = Question { prompt: "Sure?".into(), ..question(Form::Confirm { default: false }) };
        assert!(matches!(batch.ask("x.y.sure", &question), Ok(Answer::Text(text)) if text == "yes"));
        assert!(heard.text().contains("✓ Sure") && heard.text().contains("yes"), "{}", heard.text());
    }

    #[test]
    fn commands_are_shown_before_they_are_refused() {
        let (mut batch, heard) = batch(Policy::none(Mode::Live));
        let failure = failed(batch.allow_commands(&[("Deploy".into(), "fly deploy".into())]));
        assert_eq!((failure.class, failure.problem.code), (Class::NeedsAnswer, Code::CommandsNotAllowed));
        assert!(heard.text().contains("fly deploy"), "{}", heard.text());
    }

    #[test]
    fn quiet_still_says_what_went_wrong() {
        let (voice, heard) = voice(Style::PLAIN, Mode::Live);
        let mut batch = Batch::new(voice.quiet(true), Policy::none(Mode::Live));
        batch.tell(&News::Note { text: "by the way" });
        batch.tell(&News::Uncertain { label: "price pro", sent_at: "10:14:02" });
        assert!(!heard.text().contains("by the way") && heard.text().contains("price pro"), "{}", heard.text());
    }
}
