//! Facts made by hand, for the tests of kinds. Built step by step, then lent as [`Facts`].

use std::collections::{BTreeMap, BTreeSet};

use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{
    Action, Address, Applied, Attested, Binding, Change, Effect, Facts, KnownSecret, Look, OfferWrite, Origin, Outputs,
    Permission, Question, Ran, Refusal, Sight, Sights, Step, Verdict, Wait, Write,
};

/// The offer that an action writes.
pub(crate) fn offer(action: &Action) -> &OfferWrite {
    match &action.effect {
        Effect::Stripe(Write::Offer(write)) => write,
        other => panic!("no offer: {other:?}"),
    }
}

/// Owns what [`Facts`] borrows.
pub(crate) struct FactsBuilder {
    pub(crate) mode: Mode,
    pub(crate) checklist: String,
    pub(crate) title: String,
    pub(crate) address: Address,
    pub(crate) answers: BTreeMap<String, String>,
    pub(crate) answered_at: BTreeMap<String, String>,
    pub(crate) sights: Sights,
    pub(crate) applied: Vec<Applied>,
    pub(crate) secrets: BTreeMap<Slot, KnownSecret>,
    pub(crate) account: Option<String>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) passed: Option<String>,
    pub(crate) outputs: Outputs,
    pub(crate) began: String,
    pub(crate) waited: BTreeSet<String>,
    pub(crate) attested: Option<Attested>,
}

/// Facts of an item `phase.item` of which nothing is known.
pub(crate) fn facts(mode: Mode) -> FactsBuilder {
    FactsBuilder {
        mode,
        checklist: "acme".into(),
        title: "An item".into(),
        address: Address::new("phase", "item"),
        answers: BTreeMap::new(),
        answered_at: BTreeMap::new(),
        sights: Sights::new(),
        applied: Vec::new(),
        secrets: BTreeMap::new(),
        account: None,
        bindings: Vec::new(),
        permissions: Vec::new(),
        passed: None,
        outputs: Outputs::new(),
        began: "2026-11-21T10:00:00Z".into(),
        waited: BTreeSet::new(),
        attested: None,
    }
}

impl FactsBuilder {
    pub(crate) fn answer(mut self, question: &str, answer: &str) -> Self {
        self.answers.insert(question.into(), answer.into());
        self.answered_at.insert(question.into(), "2026-11-21T10:00:00Z".into());
        self
    }

    pub(crate) fn sight(mut self, look: Look, sight: Sight) -> Self {
        self.sights.insert(look, sight);
        self
    }

    pub(crate) fn ran(mut self, action: &str, ran: impl Into<Option<Ran>>) -> Self {
        let ran = ran.into();
        let at = "2026-11-21T10:00:00Z".to_owned();
        self.applied.push(Applied {
            action: action.into(),
            write: None,
            undo: None,
            object: None,
            key: None,
            run: None,
            found: false,
            ran,
            sent: at.clone(),
            at,
        });
        self
    }

    /// A write that Stripe carried out, with the id of its object.
    pub(crate) fn wrote(mut self, action: &str, write: Write, object: &str) -> Self {
        self.applied.push(Applied {
            action: action.into(),
            write: Some(write),
            undo: None,
            object: Some(object.into()),
            key: Some("golive-1".into()),
            run: None,
            found: false,
            ran: None,
            sent: "2026-11-21T10:00:00Z".into(),
            at: "2026-11-21T10:00:00Z".into(),
        });
        self
    }

    /// A secret with a mask and fingerprint of its own.
    pub(crate) fn known(mut self, slot: Slot, masked: &str, fingerprint: &str, origin: Origin) -> Self {
        self.secrets.insert(slot, KnownSecret { masked: masked.into(), fingerprint: fingerprint.into(), origin });
        self
    }

    pub(crate) fn passed(mut self, evidence: &str) -> Self {
        self.passed = Some(evidence.into());
        self
    }

    /// A wait that is over in this run.
    pub(crate) fn waited(mut self, what: &str) -> Self {
        self.waited.insert(what.into());
        self
    }

    pub(crate) fn secret(mut self, slot: Slot) -> Self {
        let known =
            KnownSecret { masked: "whsec_…wxyz".into(), fingerprint: "0".repeat(12), origin: Origin::EnvFile };
        self.secrets.insert(slot, known);
        self
    }

    pub(crate) fn get(&self) -> Facts<'_> {
        Facts {
            patience: None,
            mode: self.mode,
            checklist: &self.checklist,
            title: &self.title,
            address: &self.address,
            answers: &self.answers,
            answered_at: &self.answered_at,
            sights: &self.sights,
            applied: &self.applied,
            secrets: &self.secrets,
            account: self.account.as_deref(),
            bindings: &self.bindings,
            permissions: &self.permissions,
            passed: self.passed.as_deref(),
            outputs: &self.outputs,
            began: &self.began,
            waited: &self.waited,
            attested: self.attested.as_ref(),
        }
    }
}

/// An object of Stripe's with some of its fields changed.
pub(crate) fn with(mut object: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    if let (serde_json::Value::Object(object), serde_json::Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

/// An item's kind from TOML, as a checklist would have it.
pub(crate) fn spec<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap()
}

/// The looks of a step that looks.
pub(crate) fn looks(step: Step) -> Vec<Look> {
    match step {
        Step::Look(looks) => looks,
        other => panic!("expected looks, got {other:?}"),
    }
}

/// The actions of a step that changes.
pub(crate) fn actions(step: Step) -> Vec<Action> {
    change(step).actions
}

/// The change of a step that changes.
pub(crate) fn change(step: Step) -> Change {
    match step {
        Step::Change(change) => change,
        other => panic!("expected a change, got {other:?}"),
    }
}

/// What a step waits for.
pub(crate) fn wait(step: Step) -> Wait {
    match step {
        Step::Wait(wait) => wait,
        other => panic!("expected a wait, got {other:?}"),
    }
}

/// The question of a step that asks.
pub(crate) fn question(step: Step) -> Question {
    match step {
        Step::Ask(question) => question,
        other => panic!("expected a question, got {other:?}"),
    }
}

/// The outputs of a step that passes.
pub(crate) fn outputs(step: Step) -> Outputs {
    match step {
        Step::Done(Verdict::Pass { outputs, .. }) => outputs,
        other => panic!("expected a pass, got {other:?}"),
    }
}

/// The problem of a step that could not look.
pub(crate) fn unknown(step: Step) -> crate::error::Problem {
    match step {
        Step::Done(Verdict::Unknown { problem }) => problem,
        other => panic!("expected an unknown, got {other:?}"),
    }
}

/// A refusal of Stripe's.
pub(crate) fn refused(status: u16, message: &str) -> Sight {
    Sight::Refused(Refusal {
        status,
        code: None,
        message: message.into(),
        param: None,
        request_id: Some("req_1".into()),
        account: None,
    })
}

/// The evidence of a step that passes.
pub(crate) fn evidence(step: Step) -> String {
    match step {
        Step::Done(Verdict::Pass { evidence, .. }) => evidence,
        other => panic!("expected a pass, got {other:?}"),
    }
}

/// The problem of a step that fails.
pub(crate) fn failure(step: Step) -> crate::error::Problem {
    match step {
        Step::Done(Verdict::Fail { problem }) => problem,
        other => panic!("expected a failure, got {other:?}"),
    }
}
