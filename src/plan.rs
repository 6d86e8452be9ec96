//! A plan: the changes at which the engine halted. It is shown, confirmed, saved, and carried out
//! from one and the same value, so it cannot drift from what is done.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::mode::Mode;
use crate::step::{Action, Address, Change, Effect, RefundDraft};

/// The schema name of a saved plan.
pub const SCHEMA: &str = "golive.plan/1";

/// Changes to be shown together and confirmed once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `golive.plan/1`
    pub schema: String,
    /// The run's mode.
    pub mode: Mode,
    /// The account, once it is known.
    pub account: Option<AccountRef>,
    /// The checklist's id.
    pub checklist: String,
    /// SHA-256 of the checklist's text.
    pub checklist_sha256: String,
    /// The env file that local writes go to.
    pub env_file: Option<String>,
    /// The changes, in the checklist's order.
    pub items: Vec<PlanItem>,
    /// How many things were compared and are as they should be.
    pub unchanged: usize,
    /// Items whose changes cannot be known before these are made.
    pub later: Vec<Later>,
    /// Items that failed when they were looked at: nothing is planned for them.
    #[serde(default)]
    pub failed: Vec<Address>,
}

/// An account, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRef {
    /// `acct_…`
    pub id: String,
    /// The name its owner gave it.
    pub name: Option<String>,
}

impl AccountRef {
    /// The name, or the id where there is none.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Whether a typed confirmation means this account: its id, or its name in any case.
    pub fn is_named(&self, typed: &str) -> bool {
        let typed = typed.trim();
        typed == self.id || self.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(typed))
    }
}

/// One item's changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// The item.
    pub address: Address,
    /// Its title.
    pub title: String,
    /// What changes.
    pub change: Change,
}

/// An item whose changes depend on others of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The item.
    pub address: Address,
    /// Its title.
    pub title: String,
    /// What it waits for.
    pub waits_for: Vec<Address>,
}

impl Plan {
    /// Every action, in the order of items and stages.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.items.iter().flat_map(|item| &item.change.actions)
    }

    /// Whether anything in it changes Stripe.
    pub fn touches_stripe(&self) -> bool {
        self.actions().any(|action| matches!(action.effect, Effect::Stripe(_)))
    }

    /// The refund in it: its amount is what is typed in the place of a yes.
    pub fn refund(&self) -> Option<&RefundDraft> {
        self.actions().find_map(Action::refund)
    }

    /// Whether anything in it runs a command.
    pub fn runs_commands(&self) -> bool {
        self.actions().any(|action| matches!(action.effect, Effect::Run(_)))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// A digest of exactly what would be done, to whom: two plans with the same digest do the same.
    pub fn digest(&self) -> String {
        let account = self.account.as_ref().map(|account| &account.id);
        let subject = (self.mode, account, &self.checklist, &self.checklist_sha256, &self.items);
        let text = serde_json::to_string(&subject).unwrap_or_default();
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}
