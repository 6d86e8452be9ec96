//! One thing that `golive watch` has to say: an alert, its end, a piece of news, an outage.

use serde::Serialize;

/// A line of a watch. Fields are only ever added; times are RFC 3339 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When golive saw it.
    pub at: String,
    /// What sort of line it is.
    pub event: Sort,
    /// How bad, for alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What it is about, the same in an alert and in its end: `deliveries`, `endpoint we_1`.
    pub subject: String,
    /// One line, without secrets.
    pub message: String,
    /// More of it, one fact each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What was seen, in the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tally: Option<Tally>,
}

impl Line {
    /// A line without facts, of a time in Unix seconds.
    pub fn new(event: Sort, subject: &str, message: String, now: i64) -> Self {
        let at = jiff::Timestamp::from_second(now).map(|at| at.to_string()).unwrap_or_default();
        let (subject, facts) = (subject.to_owned(), Vec::new());
        Self { at, event, severity: None, subject, message, facts, fix: None, tally: None }
    }
}

/// What sort of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The watch began.
    Began,
    /// Something is wrong.
    Alert,
    /// What was wrong is right again.
    Cleared,
    /// Something happened that was to be told.
    Told,
    /// Stripe, or the operator's host, cannot be looked at.
    Outage,
    /// It can be looked at again.
    Back,
    /// The watch ended.
    Ended,
}

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Customers are losing money or goods now.
    Critical,
    /// It needs somebody soon.
    Warning,
}

/// What was seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Looks at Stripe.
    pub looks: u64,
    /// Events.
    pub events: u64,
    /// Charges that succeeded.
    pub payments: u64,
    /// Alerts that were raised.
    pub alerts: u64,
}
