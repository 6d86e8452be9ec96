//! Which alerts stand: each is raised once, and its end is told once.

use std::collections::BTreeSet;

use crate::view::watch::{Line, Severity, Sort};

/// The alerts that stand, by their subject.
#[derive(Debug, Default)]
pub struct Alerts {
    standing: BTreeSet<String>,
}

impl Alerts {
    /// Raises an alert, unless it stands already.
    pub fn raise(&mut self, alert: Line) -> Option<Line> {
        self.standing.insert(alert.subject.clone()).then_some(alert)
    }

    /// Ends an alert, if it stands.
    pub fn clear(&mut self, subject: &str, message: &str, now: i64) -> Option<Line> {
        self.standing.remove(subject).then(|| Line::new(Sort::Cleared, subject, message.to_owned(), now))
    }

    /// How many stand.
    pub fn len(&self) -> usize {
        self.standing.len()
    }
}

/// An alert without facts.
pub fn alert(severity: Severity, subject: &str, message: String, fix: &str, now: i64) -> Line {
    Line { severity: Some(severity), fix: Some(fix.to_owned()), ..Line::new(Sort::Alert, subject, message, now) }
}
