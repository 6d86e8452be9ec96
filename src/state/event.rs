//! The events of a journal: everything that outlives a run. One a line, only ever appended.
//!
//! Nothing here can hold a secret: [`crate::secret::Secret`] does not serialize.

use serde::{Deserialize, Serialize};

use crate::mode::Mode;
use crate::step::{Address, CommandSpec, EnvSet, Ran, Refusal, Request, Verdict, Write};

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Counts from 1 without gaps: a missing line is noticed.
    pub seq: u64,
    /// RFC 3339 UTC.
    pub at: String,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields say what they are; the variants are documented")]
pub enum Event {
    /// Always the first: which run this is, in which format.
    Opened { format: u32, golive: String, run: String, checklist: String, title: String, mode: Mode },
    /// A command that may write began. Names the checklist's text it worked from.
    Began { command: String, golive: String, checklist_sha256: String },
    /// The account, as soon as it was known.
    Account { id: String, name: Option<String> },
    /// A key was accepted; only its mask and fingerprint.
    Key { slot: crate::secret::Slot, masked: String, fingerprint: String },
    /// A question was answered. For secrets, only that they were given.
    Answered { item: Address, question: String, answer: String },
    /// A variable of the checklist was given another value than its default.
    Variable { name: String, value: String },
    /// A request is about to be sent to Stripe.
    Intended {
        intent: String,
        item: Address,
        action: String,
        write: Write,
        request: Request,
        key: String,
        /// What takes it back, where the write itself does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Write>,
        /// Intents that it takes back, in a rollback.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        undoes: Vec<String>,
    },
    /// Stripe carried it out, or it was found carried out.
    Applied { intent: String, object: String, request_id: Option<String>, replayed: bool, found: bool },
    /// Stripe refused it: nothing was changed.
    Refused { intent: String, refusal: Refusal },
    /// It was given up: settled as not having happened, or as harmless.
    Retired { intent: String, why: String },
    /// Variables are about to be written to the env file.
    EnvIntended {
        intent: String,
        item: Address,
        variables: Vec<EnvSet>,
        file: String,
        /// Whether there was a file before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        existed: Option<bool>,
    },
    /// They were written and read back.
    EnvWritten { intent: String, file: String, backup: Option<String> },
    /// A command is about to be started.
    CommandStarted { intent: String, item: Address, action: String, command: CommandSpec },
    /// Its end was seen.
    CommandEnded { intent: String, ran: Ran },
    /// The commands of the checklist were allowed on this computer.
    CommandsAllowed { digest: String },
    /// An item came to something. `digest` is of the item's fields at that time.
    Judged { item: Address, digest: String, rehearsed: bool, verdict: Verdict },
    /// Somebody said that it is done.
    Attested { item: Address, by: String, note: Option<String>, digest: String },
    /// Somebody left it out.
    Skipped { item: Address, by: String, reason: String },
    /// Somebody took that back, or wants it done again.
    Reopened { item: Address, by: String },
    /// A rollback begins, or goes on: ticks of these items stop holding.
    RollbackBegan { by: String, items: Vec<Address> },
    /// Nothing had to be sent to undo these: it was undone already, or another undoing covers it.
    Undone { intents: Vec<String>, why: String },
    /// The env file is about to be replaced by what stood there before the launch; the present one is
    /// kept.
    EnvRestoring { file: String, from: Option<String>, kept: Option<String> },
    /// It was replaced.
    EnvRestored { file: String },
    /// The rollback came to its end; `left` could not be undone.
    RollbackEnded { left: usize },
    /// The operator paused here.
    Paused { phase: Option<String>, item: Option<Address> },
    /// The command ended with everything finished.
    Finished {},
}
