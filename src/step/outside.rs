//! What is asked of the operator's own world, and what it brings back: searches in logs and output,
//! and what can go wrong with a command on another computer. Pure data.

use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::secret::Slot;

/// A text or a pattern to look for, line by line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Search {
    /// What to look for.
    pub what: String,
    /// Whether it is a regular expression.
    pub regex: bool,
}

/// How often a search found something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits {
    /// In how many lines.
    pub count: u64,
    /// The last of them, shortened, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What kept a command elsewhere from being followed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// The other computer was not reached, or let nobody in: nothing ran.
    NotStarted,
    /// The connection was lost while it ran, or its time was up: it may go on over there.
    EndNotSeen,
}

/// A log file of this computer, to be searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogAsk {
    /// Its path, relative to the checklist's folder.
    pub file: String,
    /// How many lines are read, from the end; all that can be when there is none.
    pub last_lines: Option<u32>,
    /// Only lines of the last minutes count.
    pub since_minutes: Option<u32>,
    /// What is looked for.
    pub searches: Vec<Search>,
}

/// What a log file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSight {
    /// How many lines counted.
    pub lines: u64,
    /// What each search found, in their order.
    pub hits: Vec<Hits>,
    /// Whether the log is so long that its beginning was not read.
    pub cut: bool,
    /// Whether the file before it, `app.log.1`, was read as well.
    pub rotated: bool,
    /// Whether minutes were asked for, and no line says its time: then all lines counted.
    pub untimed: bool,
}

/// A TCP port that something must listen on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TcpAsk {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What must answer there; anything that listens when there is none.
    pub speaks: Option<Speaks>,
    /// Whether it is spoken over TLS from the first byte.
    pub tls: bool,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// Redis, or one of its kin.
    Redis,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` or `MariaDB`.
    Mysql,
    /// A mail server.
    Smtp,
}

/// What answered at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpSight {
    /// Milliseconds until it did.
    pub millis: u64,
    /// What it said of itself: `wants a password`, `8.0.36`.
    pub said: Option<String>,
    /// Why it is not what was wanted.
    pub problem: Option<Problem>,
}

/// A mail server, and the login of the env file. Nothing is sent by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SmtpAsk {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// Where the user's name is kept.
    pub username: Option<Slot>,
    /// Where the password is kept.
    pub password: Option<Slot>,
    /// Whom mail comes from.
    pub sender: Option<String>,
    /// Whom it would go to.
    pub recipient: Option<String>,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// It begins in clear, and changes to TLS before the login.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: for a server of this computer.
    None,
}

/// What a mail server allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSight {
    /// What went well, in order: `TLS 1.3`, `login accepted`.
    pub steps: Vec<String>,
    /// What did not.
    pub problem: Option<Problem>,
}

/// Files to be searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScanAsk {
    /// Files and folders, relative to the checklist's folder.
    pub paths: Vec<String>,
    /// Globs of what is left out.
    pub exclude: Vec<String>,
    /// Only what git keeps; else everything that git does not ignore.
    pub tracked_only: bool,
    /// What is looked for.
    pub rules: Vec<ScanRule>,
    /// Paths that git must ignore.
    pub ignored: Vec<String>,
}

/// One thing to look for in files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScanRule {
    /// What sort of rule it is.
    pub sort: ScanSort,
    /// A regular expression; of keys and ids, golive's own.
    pub pattern: String,
    /// Globs of the files it is about; all files when there is none.
    pub files: Vec<String>,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanSort {
    /// Secret keys and signing secrets: each place is a finding, shown masked.
    Keys,
    /// Ids of prices and products that are written out.
    Ids,
    /// Each place is a finding.
    Forbid,
    /// No place is one.
    Require,
}

/// What was found in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanSight {
    /// How many files were read.
    pub files: u64,
    /// How many were left out because they are no text.
    pub binary: u64,
    /// How many were left out because they are too long.
    pub long: u64,
    /// Files that could not be read.
    pub unreadable: Vec<String>,
    /// Of each rule, in their order, what was found.
    pub found: Vec<ScanFound>,
    /// Paths that git does not ignore, each with why.
    pub not_ignored: Vec<String>,
}

/// What a rule found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanFound {
    /// How many files the rule was about.
    pub files: u64,
    /// How many places there are.
    pub count: u64,
    /// The first of them, by file and line.
    pub places: Vec<ScanPlace>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScanPlace {
    /// The file, relative to the checklist's folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What stands there, secrets masked.
    pub text: String,
}
