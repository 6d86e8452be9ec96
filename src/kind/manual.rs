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
        if let Some(attested) = facts.attested {
            let note = attested.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            return Step::Done(Verdict::pass(format!("{}{note}", attested.by)));
        }
        if facts.mode == Mode::Rehearse && facts.answers.get("done").is_some_and(|answer| answer == "rehearsed") {
            return Step::Done(Verdict::pass("a person does this on launch day"));
        }
        Step::Ask(Question {
            name: "done".into(),
            prompt: "Is this done?".into(),
            help: Vec::new(),
            link: None,
            because: None,
            form: Form::Choice(vec![
                Choice { value: "done".into(), label: "Done".into(), hint: "I have seen it myself".into() },
                Choice { value: "later".into(), label: "Later".into(), hint: "stays open in golive status".into() },
            ]),
            rehearse: Some("rehearsed".into()),
        })
    }

    fn realm(&self) -> Realm {
        Realm::Person
    }
}
