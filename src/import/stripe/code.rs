//! What is looked for in the source, and how it is taken out of a line that was found.

use std::sync::LazyLock;

use regex::Regex;

use crate::kind::webhook;

/// Ids of Stripe's objects, as Stripe makes them up.
pub const IDS_PATTERN: &str = r"\b(?:price|prod|plan|txr|shr|plink|promo|bpc|pmc|mtr)_[A-Za-z0-9]{8,}";
/// Words in quotes that can be names of events.
pub const EVENTS_PATTERN: &str = r#"["'`][a-z_]+(?:\.[a-z0-9_]+){1,4}["'`]"#;

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static IDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(IDS_PATTERN).unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static EVENTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(EVENTS_PATTERN).unwrap());

/// The ids in a text; words without a digit are names of something else.
pub fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    let made_up = |id: &&str| id.bytes().any(|byte| byte.is_ascii_digit());
    IDS.find_iter(text).map(|found| found.as_str()).filter(made_up)
}

/// The names of Stripe's events in a text.
pub fn events_in(text: &str) -> impl Iterator<Item = &str> {
    EVENTS.find_iter(text).map(|found| &found.as_str()[1..found.len() - 1]).filter(|name| webhook::is_event(name))
}

#[cfg(test)]
mod tests {
    use super::{events_in, ids_in};

    #[test]
    fn ids_and_events_are_taken_out_of_a_line() {
        let line =
            "case 'invoice.paid': case \"user.created\": return PRICES[\"price_1Q9fTzKd3aQn8Zr\"] // price_monthlyplan";
        assert_eq!(ids_in(line).collect::<Vec<_>>(), ["price_1Q9fTzKd3aQn8Zr"]);
        assert_eq!(events_in(line).collect::<Vec<_>>(), ["invoice.paid"]);
    }
}
