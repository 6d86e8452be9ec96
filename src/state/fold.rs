//! The fold: events in, state out. Deterministic, total, and without IO.

use std::collections::BTreeMap;

use super::{Event, Line};
use crate::error::Problem;
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::secret::Slot;
use crate::step::{Address, Applied, Attested, CommandSpec, EnvSet, Outputs, Request, Verdict, Write};

/// Everything a journal says.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The journal's format; 0 when it is empty.
    pub format: u32,
    /// The run's id.
    pub run: String,
    /// The checklist's id.
    pub checklist: String,
    /// The run's mode.
    pub mode: Option<Mode>,
    /// The last line's number.
    pub seq: u64,
    /// When the first line was written.
    pub started_at: Option<String>,
    /// When the last line was written.
    pub updated_at: Option<String>,
    /// The account this launch began with.
    pub account: Option<AccountRef>,
    /// Keys that were accepted: mask and fingerprint.
    pub keys: BTreeMap<Slot, (String, String)>,
    /// Variables that were given another value than their default.
    pub variables: BTreeMap<String, String>,
    /// What is known of each item.
    pub items: BTreeMap<Address, ItemRecord>,
    /// Writes whose outcome is not known, by intent, in order.
    pub open: Vec<Intent>,
    /// Digests of command lists that were allowed.
    pub allowed_commands: Vec<String>,
    /// Where the operator paused, if that was the last thing that happened.
    pub paused: Option<Option<String>>,
    /// Whether everything was finished once.
    pub finished: bool,
}

/// What is known of one item.
#[derive(Debug, Clone, Default)]
pub struct ItemRecord {
    /// Answers by question.
    pub answers: BTreeMap<String, String>,
    /// Changes carried out.
    pub applied: Vec<Applied>,
    /// A person's word.
    pub attested: Option<Attested>,
    /// Left out: by whom, why, when.
    pub skipped: Option<(String, String, String)>,
    /// The last verdict.
    pub verdict: Option<Judged>,
    /// Whether it ever held since it was last reopened.
    pub held: bool,
    /// What other items may refer to, from the last pass.
    pub outputs: Outputs,
}

/// A verdict and its circumstances.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Digest of the item's fields at that time.
    pub digest: String,
    /// Whether somebody only stood in for the real thing.
    pub rehearsed: bool,
    /// When, RFC 3339 UTC.
    pub at: String,
}

impl Judged {
    /// The problem, if it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.verdict {
            Verdict::Pass { .. } => None,
            Verdict::Fail { problem } | Verdict::Unknown { problem } => Some(problem),
        }
    }
}

/// Something that was begun and whose end is not recorded.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its name in the journal.
    pub id: String,
    /// The item.
    pub item: Address,
    /// The action's label.
    pub action: String,
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
    /// What it was.
    pub what: Begun,
}

/// What was begun.
#[derive(Debug, Clone)]
pub enum Begun {
    /// A request to Stripe.
    Stripe {
        /// What it means.
        write: Write,
        /// The exact bytes.
        request: Request,
        /// Their idempotency key.
        key: String,
    },
    /// Variables of the env file.
    Env(Vec<EnvSet>),
    /// A command.
    Command(CommandSpec),
}
