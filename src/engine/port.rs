//! The doors of the engine: traits through which it sees Stripe, the operator's world, the env
//! file, the journal and the operator. The adapters behind them are built in `cli` alone.
//!
//! The traits are synchronous and take batches: what can go side by side is handed over together,
//! and the adapter decides how. Prompts therefore never run inside an async runtime.

use std::sync::Arc;

use crate::checklist::Item;
use crate::error::{Failure, Problem, Result};
use crate::plan::Plan;
use crate::secret::{Secret, Slot, Vault};
use crate::state::{Event, ItemState};
use crate::step::{
    CommandSpec, EnvSight, Look, Milestone, Question, Ran, Refusal, Request, Sale, Sight, Verb, Verdict, Write,
};

/// A request on its way, with the idempotency key that makes a second sending harmless.
#[derive(Debug, Clone)]
pub struct Sending {
    /// What is sent.
    pub request: Request,
    /// Its idempotency key.
    pub key: String,
}

/// What came of a request.
pub enum Outcome {
    /// 2xx.
    Done(Receipt),
    /// 4xx: nothing was changed.
    Refused(Refusal),
    /// 5xx that Stripe had saved under the key: replaying it will never say more.
    SavedError(Refusal),
    /// No answer, or none that can be trusted, after every retry: it may or may not have happened.
    Unknown(Problem),
    /// Nothing of it ever left this computer: stopped before its turn, no connection, no key.
    NotSent(Problem),
}

/// Stripe's answer to a write.
pub struct Receipt {
    /// The object's id.
    pub object: String,
    /// A secret the answer held (a new webhook endpoint's), already taken out of everything else.
    pub secret: Option<Secret>,
    /// `req_…`
    pub request_id: Option<String>,
    /// Whether Stripe repeated a saved answer.
    pub replayed: bool,
}

/// Stripe.
pub trait Stripe {
    /// Performs looks, merged into as few requests as possible and side by side. Every look asked
    /// for comes back, as a sight, [`Sight::Refused`] or [`Sight::Unseen`].
    fn look(&self, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)>;

    /// Turns a write into the bytes that will be sent. Every [`crate::step::Given`] in it is an id
    /// by now.
    fn prepare(&self, write: &Write) -> Result<Request>;

    /// Sends side by side, under the rate limiter, with bounded retries of the same bytes under
    /// the same key. `each` is called as answers arrive, with all that are there, so that they can
    /// be recorded together; when it fails, what is still in flight is awaited and handed over,
    /// and nothing new is sent.
    fn send(
        &self,
        sendings: &[Sending],
        vault: &Vault,
        each: &mut dyn FnMut(Vec<(usize, Outcome)>) -> Result<()>,
    ) -> Result<()>;
}

/// The operator's own world.
pub trait World {
    /// Performs looks side by side: pages, certificates, webhook handlers.
    fn look(&self, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)>;

    /// Runs a command to its end or its time limit, here or elsewhere, with those secrets of the
    /// vault that it names. `line` gets its output as it comes, secrets masked.
    fn run(&self, command: &CommandSpec, vault: &Vault, line: &mut dyn FnMut(&str)) -> Result<Ran>;

    /// In a rehearsal: has the demo shop open a checkout for what is on sale, and somebody made up
    /// pay it, unless the operator does. Where it can be paid; `None` where nothing is made up.
    fn sell(&self, _sale: &Sale) -> Result<Option<String>> {
        Ok(None)
    }
}

/// A value for the env file.
pub struct EnvWrite {
    /// The variable.
    pub variable: String,
    /// Its value.
    pub value: EnvValue,
}

/// A value on its way into the env file.
pub enum EnvValue {
    /// Public.
    Text(String),
    /// Secret.
    Secret(Arc<Secret>),
}

/// The env file.
pub trait EnvFile {
    /// Reads it.
    fn look(&self) -> Sight;

    /// Takes the value of a variable into the vault, when it is there exactly once.
    fn take(&self, variable: &str) -> Result<Option<Secret>>;

    /// The same, for a value that is no secret by itself, such as a user's name: the scrubber would
    /// cut holes into what is shown.
    fn peek(&self, variable: &str) -> Result<Option<Secret>> {
        self.take(variable)
    }

    /// Backs the file up, replaces it atomically with these variables set and everything else as
    /// it was, reads it back, and returns the backup's path if there was a file.
    fn write(&mut self, values: &[EnvWrite]) -> Result<Option<String>>;

    /// What stands in its place is on disk, whoever wrote it: a golive that was killed may not have got
    /// that far.
    fn settle(&self) -> Result<()> {
        Ok(())
    }

    /// Where it is, as the operator knows it.
    fn name(&self) -> String;

    /// Whether it is there; `None` when that cannot be said.
    fn exists(&self) -> Option<bool> {
        None
    }

    /// Every backup of it, oldest first, with the time at which it was made, in Unix seconds.
    fn backups(&self) -> Vec<(String, i64)> {
        Vec::new()
    }

    /// What a backup holds; `None` when it is gone.
    fn backup(&self, _path: &str) -> Result<Option<EnvSight>> {
        Ok(None)
    }

    /// A path for one more backup, never used before; `None` when there is no file to keep.
    fn fresh_backup(&self) -> Result<Option<String>> {
        Ok(None)
    }

    /// Keeps the present file under `kept` and puts a backup in its place, atomically; without a
    /// backup, the file is taken away. Doing it twice does no harm.
    fn restore(&mut self, _from: Option<&str>, _kept: Option<&str>) -> Result<()> {
        Err(super::internal("this env file cannot be restored"))
    }
}

/// The journal, held open for writing.
pub trait Store {
    /// Appends events, in order, with one fsync for all of them. When this returns, they are on
    /// disk.
    fn append(&mut self, events: &[Event]) -> Result<()>;
}

/// Why a question has no answer.
pub enum Stop {
    /// "Pause here", Esc or Ctrl-D.
    Pause,
    /// Something ended the command.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Pause => Self::paused(),
            Stop::Failed(failure) => failure,
        }
    }
}

/// An answer.
pub enum Answer {
    /// Text, `yes`/`no`, or a choice's value.
    Text(String),
    /// A secret, for the slot the question named.
    Secret(Slot, Secret),
}

/// The operator: a person at a terminal, or a log that nobody reads right now.
pub trait Operator {
    /// Asks one question. `id` is what `--answer` names it by.
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop>;

    /// Whether the answer was given beforehand, so that nobody is disturbed.
    fn foresees(&self, _id: &str, _question: &Question) -> bool {
        false
    }

    /// Shows a plan and asks for consent: a diff and `(y/N)` for local writes, a typed `yes` for
    /// Stripe. `false` is a considered no.
    fn consent(&mut self, plan: &Plan) -> Result<bool, Stop>;

    /// Shows commands that this checklist may run, and asks once per computer.
    fn allow_commands(&mut self, commands: &[(String, String)]) -> Result<bool, Stop>;

    /// Tells what happens.
    fn tell(&mut self, news: &News<'_>);

    /// Whether there is somebody to ask.
    fn attended(&self) -> bool;
}

/// What the engine tells while it works. Front ends decide how it looks.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields say what they are; the variants are documented")]
pub enum News<'a> {
    /// A phase begins, or goes on.
    Phase { number: usize, of: usize, title: &'a str, why: Option<&'a str>, account: Option<&'a str> },
    /// An item that needs a person's attention begins.
    Item { title: &'a str, why: Option<&'a str>, help: Option<&'a str>, link: Option<&'a str> },
    /// Something is being looked at; ends with the next news.
    Looking { what: &'a str },
    /// Something is on sale that is watched: `page` is where to buy it, in a rehearsal the demo shop's.
    Invite { sale: &'a Sale, page: &'a str, rehearsed: bool },
    /// Something is waited for since so many seconds, and was last looked at so many ago; told many
    /// times a second.
    Waiting { what: &'a str, so_far: u64, ago: u64 },
    /// It could not be looked at while something is waited for; the wait goes on.
    Outage { what: &'a str },
    /// Something was seen on the way to a verdict.
    Milestone { milestone: &'a Milestone },
    /// A write is on its way: `done` of `of` are finished.
    Applying { done: usize, of: usize, label: &'a str },
    /// A write is finished.
    Applied { noun: &'a str, name: &'a str, verb: Verb, object: Option<&'a str>, millis: u64 },
    /// Stripe refused a write.
    Refused { label: &'a str, refusal: &'a Refusal },
    /// A write's outcome is not known.
    Uncertain { label: &'a str, sent_at: &'a str },
    /// The env file was replaced and read back.
    EnvWritten { file: &'a str, variables: usize, backup: Option<&'a str> },
    /// A command begins; its output follows in `CommandLine`s.
    CommandStarted { run: &'a str },
    /// A line of a command's output, secrets masked.
    CommandLine { text: &'a str },
    /// A write whose outcome was not known is settled.
    Settled { label: &'a str, how: &'a str },
    /// An item came to something.
    Judged { item: &'a Item, state: ItemState, verdict: &'a Verdict },
    /// Items that were finished earlier were looked at again.
    StillTrue { count: usize },
    /// Nothing more can be done in a phase now: what is left open in it, and all that is finished
    /// in the whole checklist.
    PhaseDone { number: usize, left: usize, done: usize, total: usize },
    /// Lines that are laid out already.
    Screen { text: &'a str },
    /// Something to know.
    Note { text: &'a str },
    /// Something to look at, which stops nothing.
    Warning { problem: &'a Problem },
}
