//! Everything a kind may know when it decides: what was answered, seen and done. No IO, no clock.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Address, Look, Outputs, Permission, Sight, Sights, Write};
use crate::mode::Mode;
use crate::secret::Slot;

/// The facts of one item at one moment.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The run's mode.
    pub mode: Mode,
    /// What is waited for at most in this run, in seconds, whatever the kind would wait.
    pub patience: Option<u64>,
    /// The checklist's id, for the metadata of what golive creates.
    pub checklist: &'a str,
    /// The item's title.
    pub title: &'a str,
    /// The item.
    pub address: &'a Address,
    /// The item's answers, by the question's name. Never secrets.
    pub answers: &'a BTreeMap<String, String>,
    /// When each of them was given, RFC 3339 UTC.
    pub answered_at: &'a BTreeMap<String, String>,
    /// What was looked at in this run. A look's answer is true only when it is taken, so it is
    /// never carried over from an earlier run.
    pub sights: &'a Sights,
    /// What this item changed, in this run and earlier ones, oldest first.
    pub applied: &'a [Applied],
    /// The secrets at hand, described.
    pub secrets: &'a BTreeMap<Slot, KnownSecret>,
    /// The account this launch began with, once it is known.
    pub account: Option<&'a str>,
    /// The env file's variables that items of this checklist provide.
    pub bindings: &'a [Binding],
    /// What a restricted key must be allowed to do for this checklist.
    pub permissions: &'a [Permission],
    /// The evidence of its last pass, while the item reads as it did then. For proofs, which are
    /// events of the past and not looked at again.
    pub passed: Option<&'a str>,
    /// What it gave others at its last pass.
    pub outputs: &'a Outputs,
    /// When this command began, RFC 3339 UTC.
    pub began: &'a str,
    /// The waits of this item that are over in this run, by what was waited for.
    pub waited: &'a BTreeSet<String>,
    /// Somebody's word that it is done.
    pub attested: Option<&'a Attested>,
}

impl Facts<'_> {
    /// How many seconds are waited at most, where a kind would wait so long.
    pub fn at_most(&self, seconds: u64) -> u64 {
        self.patience.map_or(seconds, |most| most.min(seconds))
    }

    /// What a look brought back, if it was taken.
    pub fn see(&self, look: &Look) -> Option<&Sight> {
        self.sights.get(look)
    }

    /// When a question was answered, in Unix seconds.
    pub fn answered(&self, question: &str) -> Option<i64> {
        self.answered_at.get(question).map(|at| unix(at))
    }

    /// Those looks of a list that were not taken yet.
    pub fn unseen(&self, looks: impl IntoIterator<Item = Look>) -> Vec<Look> {
        looks.into_iter().filter(|look| !self.sights.contains_key(look)).collect()
    }
}

/// A moment of the journal, in Unix seconds.
pub fn unix(at: &str) -> i64 {
    at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second)
}

/// A change that Stripe, or the operator's world, carried out for this item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The action's name within the item, `price pro_monthly`.
    pub action: String,
    /// What was written, for Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<Write>,
    /// What takes it back, where the write itself does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Write>,
    /// The id of the object, for Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The idempotency key it went out with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether its answer was lost and the object found afterwards: what only the answer holds, a
    /// signing secret, is not known then.
    #[serde(default)]
    pub found: bool,
    /// The text of a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// How a command ended: `None` when its end was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<super::Ran>,
    /// When it was sent first, RFC 3339 UTC: it was not carried out before, and perhaps long before its
    /// end was seen.
    pub sent: String,
    /// When its end was seen, RFC 3339 UTC.
    pub at: String,
}

/// A person's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
    /// Who, as the computer knows them.
    pub by: String,
    /// What they noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When, RFC 3339 UTC.
    pub at: String,
}

/// A secret at hand, described without giving it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSecret {
    /// `sk_live_…x7Qd`.
    pub masked: String,
    /// First 12 hex digits of its SHA-256.
    pub fingerprint: String,
    /// Where it came from.
    pub origin: Origin,
}

impl KnownSecret {
    /// Describes a secret.
    pub fn of(secret: &crate::secret::Secret, origin: Origin) -> Self {
        Self { masked: secret.masked(), fingerprint: secret.fingerprint(), origin }
    }
}

/// Where a secret came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The env file.
    EnvFile,
    /// A `GOLIVE_…` variable, named.
    Variable(String),
    /// `--key-file`.
    KeyFile,
    /// The operator's keyboard.
    Prompt,
    /// The simulator made it up.
    Simulator,
    /// Stripe returned it once.
    Stripe,
    /// golive made it.
    Generated,
    /// The env file of a launch, put aside by a rollback.
    Kept,
}

/// A variable of the env file that an item provides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The variable's name.
    pub variable: String,
    /// The item that provides it.
    pub owner: Address,
    /// Its value, once known; for a secret, never.
    pub value: Option<String>,
    /// Whether the item writes it by itself, at once, because it is a secret.
    pub secret: bool,
}
