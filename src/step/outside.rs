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
