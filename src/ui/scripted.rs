//! An operator for tests: answers from a list, agrees or not as told, remembers what it heard.
//!
//! It fails on a question it was not told about; [`Scripted::left`] names the answers that nobody
//! asked for.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::port::{Answer, News, Operator, Stop};
use crate::error::{Class, Code, Failure, Problem};
use crate::mode::Mode;
use crate::plan::Plan;
use crate::render::{Style, human};
use crate::step::Question;

use super::policy::accept;

/// What [`Scripted`] does when it is asked.
const PAUSE: &str = "<pause>";

/// An operator that follows a script.
#[derive(Debug, Default)]
pub struct Scripted {
    answers: BTreeMap<String, VecDeque<String>>,
    consents: VecDeque<bool>,
    refuses_commands: bool,
    mode: Option<Mode>,
    /// The ids of the questions that were asked, in order.
    pub asked: Vec<String>,
    /// The plans that were shown, in order.
    pub plans: Vec<Plan>,
    /// Everything that was told, as it would be read aloud.
    pub heard: Vec<String>,
}

impl Scripted {
    /// An operator that agrees to everything and knows no answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells headers which mode this is; live unless said otherwise.
    #[must_use]
    pub fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Adds an answer; several to one question are given in order.
    #[must_use]
    pub fn answer(mut self, id: &str, value: &str) -> Self {
        self.answers.entry(id.to_owned()).or_default().push_back(value.to_owned());
        self
    }

    /// Pauses when this question comes.
    #[must_use]
    pub fn pause_at(self, id: &str) -> Self {
        self.answer(id, PAUSE)
    }

    /// Decides the next plan that is not decided yet; after the last decision, every plan is
    /// agreed to.
    #[must_use]
    pub fn consent(mut self, yes: bool) -> Self {
        self.consents.push_back(yes);
        self
    }

    /// Does not allow the checklist's commands.
    #[must_use]
    pub fn refuse_commands(mut self) -> Self {
        self.refuses_commands = true;
        self
    }

    /// Answers that nobody asked for.
    pub fn left(&self) -> Vec<&str> {
        self.answers.iter().filter(|(_, values)| !values.is_empty()).map(|(id, _)| id.as_str()).collect()
    }
}

impl Operator for Scripted {
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop> {
        self.asked.push(id.to_owned());
        let Some(value) = self.answers.get_mut(id).and_then(VecDeque::pop_front) else {
            let text = format!("the script has no answer to {id}: {}", question.prompt);
            return Err(Failure::new(Class::Unforeseen, Problem::new(Code::Internal, text)).into());
        };
        if value == PAUSE {
            return Err(Stop::Pause);
        }
        match accept(&question.form, &value) {
            Ok((answer, _)) => Ok(answer),
            Err(problem) => Err(Failure::new(Class::Unforeseen, problem).into()),
        }
    }

    fn consent(&mut self, plan: &Plan) -> Result<bool, Stop> {
        self.plans.push(plan.clone());
        Ok(self.consents.pop_front().unwrap_or(true))
    }

    fn allow_commands(&mut self, _commands: &[(String, String)]) -> Result<bool, Stop> {
        Ok(!self.refuses_commands)
    }

    fn tell(&mut self, news: &News<'_>) {
        let block = human::news(news, self.mode.unwrap_or(Mode::Live), &Style::PLAIN);
        self.heard.extend(block.map(|block| block.text));
    }

    fn attended(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Scripted;
    use crate::engine::port::{Answer, Operator, Stop};
    use crate::step::Form;
    use crate::ui::policy::tests::question;

    #[test]
    fn a_script_answers_in_order_pauses_and_notices_what_is_unexpected() {
        let mut script = Scripted::new().answer("a.b.c", "y").answer("a.b.c", "n").pause_at("d.e.f").answer("g", "y");
        let sure = question(Form::Confirm { default: true });
        assert!(matches!(script.ask("a.b.c", &sure), Ok(Answer::Text(text)) if text == "yes"));
        assert!(matches!(script.ask("a.b.c", &sure), Ok(Answer::Text(text)) if text == "no"));
        assert!(matches!(script.ask("d.e.f", &sure), Err(Stop::Pause)));
        assert!(matches!(script.ask("a.b.c", &sure), Err(Stop::Failed(_))));
        assert_eq!(script.left(), ["g"]);
    }
}
