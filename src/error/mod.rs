//! What went wrong, in the operator's words: a stable code, the facts, and what to type next.
//!
//! [`Problem`] is data (it is journaled and printed as JSON); [`Failure`] is a problem on its
//! way to the exit code. Everything fallible in golive returns a `Failure`; `render::human`
//! is the one printer. A stack trace is never part of it.

mod code;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use code::Code;

/// The result of everything that can fail in front of an operator.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Which exit code a failure ends with. The table is part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Something failed that golive did not foresee.
    Unforeseen,
    /// Wrong usage, or the checklist is not valid.
    Usage,
    /// Items remain, a check fails, or changes are pending.
    Remaining,
    /// Refused for safety: mode, account, permission, stale plan, newer state file.
    Refused,
    /// An answer is needed and nobody is there to give it.
    NeedsAnswer,
    /// Try again: locked, Stripe unreachable, a write whose outcome is unknown.
    TryAgain,
    /// Stopped by the operator (Ctrl-C, Esc, "Pause here").
    Interrupted,
    /// Terminated by a signal.
    Terminated,
}

impl Class {
    /// The process exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Unforeseen => 1,
            Self::Usage => 2,
            Self::Remaining => 3,
            Self::Refused => 4,
            Self::NeedsAnswer => 5,
            Self::TryAgain => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// A problem as data: it can be journaled, shown, and printed as JSON. It cannot hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code, explained by `golive explain`.
    pub code: Code,
    /// What is wrong: a lowercase fragment without a period, fit to stand after "error:".
    pub message: String,
    /// The facts behind it, one a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What was found, where something else was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// What to do next: each starts with a verb and ends in something to type or open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<String>,
    /// Stripe's request id, when an answer of Stripe's is behind the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem with its code and message; the rest is added with the builder methods.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            why: Vec::new(),
            found: None,
            wanted: None,
            fix: Vec::new(),
            request_id: None,
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn why(mut self, fact: impl Into<String>) -> Self {
        self.why.push(fact.into());
        self
    }

    /// Says what was found and what was wanted.
    #[must_use]
    pub fn found_wanted(mut self, found: impl Into<String>, wanted: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self.wanted = Some(wanted.into());
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn fix(mut self, what: impl Into<String>) -> Self {
        self.fix.push(what.into());
        self
    }

    /// Names the request at Stripe.
    #[must_use]
    pub fn request(mut self, id: Option<String>) -> Self {
        self.request_id = id;
        self
    }
}

/// A problem that ends the command, and how it ends it.
#[derive(Debug)]
pub struct Failure {
    /// Decides the exit code.
    pub class: Class,
    /// What is printed.
    pub problem: Box<Problem>,
    /// The technical cause, printed with `-v` only.
    pub source: Option<anyhow::Error>,
    /// A text that replaces the printed problem, for errors with source frames.
    pub report: Option<String>,
}

impl Failure {
    /// A failure of a class.
    pub fn new(class: Class, problem: Problem) -> Self {
        Self { class, problem: Box::new(problem), source: None, report: None }
    }

    /// Keeps the technical cause for `-v`.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn fix(mut self, what: impl Into<String>) -> Self {
        self.problem.fix.push(what.into());
        self
    }

    /// The operator paused; nothing is wrong.
    pub fn paused() -> Self {
        Self::new(Class::Interrupted, Problem::new(Code::Paused, "paused"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.problem.code, self.problem.message)
    }
}

impl std::error::Error for Failure {}

/// Names the file or folder in an io error, which the standard library leaves out.
pub trait AtPath<T> {
    /// Turns an io error into a failure that says what was tried, and where.
    fn at(self, doing: &str, path: &std::path::Path) -> Result<T>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &std::path::Path) -> Result<T> {
        self.map_err(|error| io_failure(error, doing, path))
    }
}

/// The path itself, or the nearest folder above it that is there.
fn existing(path: &std::path::Path) -> &std::path::Path {
    let there = path.ancestors().find(|path| path.exists());
    there.filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| std::path::Path::new("."))
}

fn io_failure(error: std::io::Error, doing: &str, path: &std::path::Path) -> Failure {
    use std::io::ErrorKind;
    let place = path.display();
    let problem = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Problem::new(Code::NotWritable, format!("may not {doing} `{place}`"))
                .fix(format!("make it yours, then run the same command again: ls -ld {}", existing(path).display()))
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Problem::new(Code::DiskFull, format!("the disk is full; could not {doing} `{place}`"))
                .why("nothing was half written; what was done before is recorded")
                .fix("free some space, then run the same command again: df -h .")
        }
        _ => Problem::new(Code::Io, format!("could not {doing} `{place}`"))
            .fix(format!("look at it, then run the same command again: ls -l {place}")),
    };
    let problem = problem.why(error.to_string());
    Failure::new(Class::Unforeseen, problem).because(error)
}
