//! This computer, examined: one finding for each thing that a launch needs of it. Pure: what was
//! found comes in as plain values. Behind `golive doctor`; serialized, the fields are those of
//! `golive.doctor/1`.

use serde::Serialize;

use crate::error::Problem;

/// A clock that is further off than this deserves a word, in seconds.
const CLOCK_NOTICED: i64 = 30;
/// Stripe's libraries refuse a signature older than this, in seconds
/// (<https://docs.stripe.com/webhooks#verify-official-libraries>).
const CLOCK_REFUSED: i64 = 300;

/// How well it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing to do.
    Good,
    /// Worth a look.
    Attention,
    /// A launch would fail on it.
    Bad,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `Clock`.
    pub name: &'static str,
    /// How well it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it, each ending in something to type or open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<String>,
}

impl Finding {
    /// Nothing to do.
    pub fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, health: Health::Good, found: found.into(), fix: Vec::new() }
    }

    /// Worth a look.
    pub fn attention(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, health: Health::Attention, found: found.into(), fix: vec![fix.into()] }
    }

    /// A problem, in its own words.
    pub fn bad(name: &'static str, problem: &Problem) -> Self {
        let found = match problem.why.first() {
            Some(why) => format!("{}: {why}", problem.message),
            None => problem.message.clone(),
        };
        Self { name, health: Health::Bad, found, fix: problem.fix.clone() }
    }
}

/// The whole examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoctorView {
    /// The findings, in the order in which a launch meets them.
    pub findings: Vec<Finding>,
    /// How many are worth a look.
    pub attention: usize,
    /// How many would make a launch fail.
    pub bad: usize,
}

impl DoctorView {
    /// Counts.
    pub fn of(findings: Vec<Finding>) -> Self {
        let count = |health| findings.iter().filter(|finding| finding.health == health).count();
        let (attention, bad) = (count(Health::Attention), count(Health::Bad));
        Self { findings, attention, bad }
    }
}

/// A clock that is ahead of Stripe's by so many seconds, or behind when negative. Stripe tells whole
/// seconds, so one more or less says nothing.
pub fn clock(ahead: Option<i64>) -> Finding {
    const NAME: &str = "Clock";
    let Some(ahead) = ahead else {
        return Finding::good(NAME, "not compared: the answer did not say what time it is");
    };
    let off = ahead.abs();
    if off <= 1 {
        return Finding::good(NAME, "right to the second, by Stripe's");
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let found = format!("{off} s {side} Stripe's");
    let fix = "let the system keep the time: timedatectl set-ntp true";
    match off {
        off if off <= CLOCK_NOTICED => Finding::good(NAME, found),
        off if off <= CLOCK_REFUSED => Finding::attention(NAME, found, fix),
        _ => {
            let found = format!("{found}; signatures older than {CLOCK_REFUSED} s are refused");
            Finding { health: Health::Bad, ..Finding::attention(NAME, found, fix) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_signatures_allow() {
        let health = |ahead| clock(Some(ahead)).health;
        assert_eq!([-1, 0, 1, 30, -30].map(health), [Health::Good; 5]);
        assert_eq!([31, -31, 300].map(health), [Health::Attention; 3]);
        assert_eq!([301, -301].map(health), [Health::Bad; 2]);
        assert_eq!(clock(Some(-31)).found, "31 s behind Stripe's");
        assert_eq!(clock(None).health, Health::Good, "what was not compared is not called wrong");
    }

    #[test]
    fn findings_are_counted_by_how_bad_they_are() {
        let view = DoctorView::of(vec![clock(Some(0)), clock(Some(60)), clock(Some(-900)), clock(Some(900))]);
        assert_eq!((view.attention, view.bad), (1, 2));
    }
}
