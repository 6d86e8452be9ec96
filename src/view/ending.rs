//! What a run leaves: the objects in Stripe, the env file, and what is still open.

use crate::checklist::Checklist;
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
    /// The variables it was given.
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
        for item in checklist.items_in(view.mode) {
            let Some(record) = state.items.get(&item.address) else { continue };
            if let Some(Verdict::Pass { evidence, .. }) = record.verdict.as_ref().map(|judged| &judged.verdict)
                && LEAVES_OBJECTS.contains(&item.kind.as_str())
            {
                in_stripe.push((item.title.clone(), evidence.clone()));
            }
            if record.verdict.is_some()
                && let Some(kind) = crate::kind::entry(&item.kind).and_then(|entry| (entry.load)(item.fields.clone()).ok())
            {
                variables.extend(kind.variables().into_iter().map(|variable| variable.name));
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
