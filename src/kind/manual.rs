//! `manual`: a person states that something is done. The smallest kind, and the pattern for others.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Kind, Realm};
use crate::mode::Mode;
use crate::step::{Choice, Facts, Form, Question, Step, Verdict};

/// The fields of a `manual` item: none of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let rehearses = facts.mode == Mode::Rehearse;
        if rehearses && (facts.attested.is_some() || facts.answers.get("done").is_some_and(|answer| answer == "rehearsed")) {
            return Step::Done(Verdict::pass("a person does this on launch day"));
        }
        if let Some(attested) = facts.attested {
            let note = attested.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            return Step::Done(Verdict::pass(format!("stated by {}{note}", attested.by)));
        }
        let (prompt, done, hint) = if rehearses {
            ("Is this clear?", "Clear", "a person does this on launch day")
        } else {
            ("Is this done?", "Done", "I have seen it myself")
        };
        Step::Ask(Question {
            name: "done".into(),
            prompt: prompt.into(),
            help: Vec::new(),
            link: None,
            because: None,
            form: Form::Choice(vec![
                Choice { value: "done".into(), label: done.into(), hint: hint.into() },
                Choice { value: "later".into(), label: "Later".into(), hint: "stays open in golive status".into() },
            ]),
            rehearse: Some("rehearsed".into()),
        })
    }

    fn realm(&self) -> Realm {
        Realm::Person
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;
    use crate::kind::Kind;
    use crate::kind::testing::{evidence, facts, question, spec};
    use crate::mode::Mode;
    use crate::step::{Attested, Form, Step};

    fn next(facts: &crate::kind::testing::FactsBuilder) -> Step {
        spec::<Spec>("").next(&facts.get())
    }

    #[test]
    fn a_person_is_asked_and_may_put_it_off() {
        let question = question(next(&facts(Mode::Live)));
        assert_eq!(question.name, "done");
        assert!(matches!(question.form, Form::Choice(choices) if choices.iter().any(|choice| choice.value == "later")));
    }

    #[test]
    fn somebodys_word_is_the_evidence_with_the_note() {
        let word = |note: Option<&str>| {
            let mut facts = facts(Mode::Live);
            facts.attested = Some(Attested { by: "anna".into(), note: note.map(str::to_owned), at: String::new() });
            evidence(next(&facts))
        };
        assert_eq!(word(Some("seen in the Dashboard")), "stated by anna: seen in the Dashboard");
        assert_eq!(word(None), "stated by anna");
    }

    #[test]
    fn what_stood_in_for_a_person_counts_in_a_rehearsal_only() {
        evidence(next(&facts(Mode::Rehearse).answer("done", "rehearsed")));
        question(next(&facts(Mode::Live).answer("done", "rehearsed")));
        question(next(&facts(Mode::Test).answer("done", "done")));
    }
}
