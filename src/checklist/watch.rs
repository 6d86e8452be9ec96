//! `[watch]`: what `golive watch` looks at after the launch, how often, and from which threshold on
//! it raises an alert. Every field has a default, so that a checklist without the table can be
//! watched as well.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::step::in_words;

/// What is watched.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// Between two looks at Stripe's events: `"60s"`. Two requests each time; Stripe budgets reads.
    pub every: Span,
    /// Events that endpoints did not take.
    pub deliveries: Rate,
    /// How long Stripe and the handler have for a delivery before it counts as failing.
    pub grace: Span,
    /// Charges that failed.
    pub payments: Rate,
    /// Subscriptions that ended: at most so many within a time.
    pub cancellations: Option<Most>,
    /// Disputes since the watch began, above which each raises an alert.
    pub disputes: u32,
    /// Early fraud warnings since the watch began, above which each raises an alert.
    pub fraud_warnings: u32,
    /// Whether the endpoints must stay enabled.
    pub endpoints: bool,
    /// Days that a certificate must be good for.
    pub certificate_days: u32,
    /// Hosts whose certificates are looked at, beside those of the endpoints.
    pub hosts: Vec<String>,
    /// Between two comparisons of catalog, endpoints and env file with the checklist: `"30m"`;
    /// `"0s"` never.
    pub drift: Span,
    /// Between two runs of the checks of `[[watch.check]]`: `"5m"`.
    pub check_every: Span,
    /// Types of events that are told when they happen, without an alert.
    pub tell: Vec<String>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            every: Span(60),
            deliveries: Rate { failing: Percent(5.0), over: Span(300), at_least: 1 },
            grace: Span(60),
            payments: Rate { failing: Percent(1.0), over: Span(900), at_least: 1 },
            cancellations: None,
            disputes: 0,
            fraud_warnings: 0,
            endpoints: true,
            certificate_days: 14,
            hosts: Vec::new(),
            drift: Span(1800),
            check_every: Span(300),
            tell: Vec::new(),
        }
    }
}

/// A share that is too much.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// More than this share, `"5%"`.
    pub failing: Percent,
    /// Of what happened within this time, `"5m"`.
    pub over: Span,
    /// And at least so many of them.
    #[serde(default = "one")]
    pub at_least: u32,
}

/// A number that is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Most {
    /// More than so many.
    pub most: u32,
    /// Within this time, `"1h"`.
    pub over: Span,
}

const fn one() -> u32 {
    1
}

/// A share, written `"5%"` or `"0.5 %"`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Percent(pub f64);

impl TryFrom<String> for Percent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.trim().strip_suffix('%').map(str::trim).and_then(|number| f64::from_str(number).ok());
        match number.filter(|number| (0.0..=100.0).contains(number)) {
            Some(number) => Ok(Self(number)),
            None => Err(format!("`{text}` is no share; write it like \"5%\"")),
        }
    }
}

/// A time in whole seconds, written `"30s"`, `"5m"`, `"1h 30m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Span(pub i64);

/// The longest that can be watched over: the counts of a day are kept.
const LONGEST: i64 = 24 * 60 * 60;

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.trim().parse::<jiff::SignedDuration>().ok().map(|span| span.as_secs());
        match seconds {
            Some(seconds) if (0..=LONGEST).contains(&seconds) => Ok(Self(seconds)),
            Some(_) => Err(format!("`{text}` is not between 0 seconds and 24 hours")),
            None => Err(format!("`{text}` is no time; write it like \"30s\", \"5m\" or \"1h\"")),
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&in_words(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Percent, Span, Watch};

    fn watch(text: &str) -> Result<Watch, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[test]
    fn everything_has_a_default() {
        assert_eq!(watch("").unwrap(), Watch::default());
    }

    #[test]
    fn thresholds_are_read_as_a_guide_writes_them() {
        let watch = watch("every = \"30s\"\ndeliveries = { failing = \"5%\", over = \"5m\" }").unwrap();
        assert_eq!((watch.every, watch.deliveries.failing, watch.deliveries.over), (Span(30), Percent(5.0), Span(300)));
        assert_eq!(watch.deliveries.at_least, 1);
    }

    #[test]
    fn what_is_no_share_and_no_time_is_refused_with_an_example() {
        for (text, says) in [
            ("deliveries = { failing = \"5\", over = \"5m\" }", "write it like \"5%\""),
            ("deliveries = { failing = \"500%\", over = \"5m\" }", "write it like \"5%\""),
            ("every = \"soon\"", "write it like \"30s\""),
            ("every = \"48h\"", "not between 0 seconds and 24 hours"),
            ("often = \"5m\"", "unknown field"),
        ] {
            let error = watch(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_time_reads_as_it_is_spoken() {
        assert_eq!(
            [Span(30), Span(60), Span(300), Span(5400), Span(7200)].map(|span| span.to_string()),
            ["30 seconds", "1 minute", "5 minutes", "90 minutes", "2 hours"]
        );
    }
}
