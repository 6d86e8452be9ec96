//! What a run leaves: the objects in Stripe, the env file, and what is still open.

use crate::checklist::{Checklist, Item};
use crate::mode::Mode;
use crate::state::{ItemState, State};
use crate::step::Verdict;
use crate::view::StatusView;

/// What stands at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The run's mode.
    pub mode: Mode,
    /// The checklist's title.
    pub title: String,
    /// Items whose truth lies in Stripe, each with its evidence, in order.
    pub in_stripe: Vec<(String, String)>,
    /// The env file, as the operator knows it.
    pub env_file: String,
    /// The variables that stand in it by now.
    pub variables: Vec<String>,
    /// Items at which the demo shop or nobody stood in: a real run does them for real.
    pub rehearsed: Vec<String>,
}

/// Kinds that leave an object in Stripe.
const LEAVES_OBJECTS: [&str; 2] = ["product", "webhook"];

impl Ending {
    /// Reads it from the state.
    pub fn of(checklist: &Checklist, state: &State, view: &StatusView, env_file: String) -> Self {
        let mut in_stripe = Vec::new();
        let mut variables = Vec::new();
        let passed = |item: &Item| match &state.items.get(&item.address)?.verdict.as_ref()?.verdict {
            Verdict::Pass { evidence, .. } => Some(evidence.clone()),
            Verdict::Fail { .. } | Verdict::Unknown { .. } => None,
        };
        // An item writes its secrets itself; the values of others are written by the `env` item.
        let complete = checklist.items_in(view.mode).any(|item| item.kind == "env" && passed(item).is_some());
        for item in checklist.items_in(view.mode) {
            let Some(evidence) = passed(item) else { continue };
            if LEAVES_OBJECTS.contains(&item.kind.as_str()) {
                in_stripe.push((item.title.clone(), evidence));
            }
            if let Some(kind) = crate::kind::entry(&item.kind).and_then(|entry| (entry.load)(item.fields.clone()).ok())
            {
                let written = kind.variables().into_iter().filter(|variable| complete || variable.output.is_none());
                variables.extend(written.map(|variable| variable.name));
            }
        }
        let rehearsed = view.items().filter(|item| item.state == ItemState::Rehearsed);
        Self {
            mode: view.mode,
            title: checklist.title.clone(),
            in_stripe,
            env_file,
            variables,
            rehearsed: rehearsed.map(|item| item.title.clone()).collect(),
        }
    }
}
