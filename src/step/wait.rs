//! Waiting for what others do, and what is seen of it meanwhile. The engine waits where the permit
//! lets it, looks again and again, and asks the kind after each look; a kind never waits itself.

use super::Look;

/// Something that an item waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What for, fit to stand after "waiting for": `a payment`. The wait's name within the item.
    pub what: String,
    /// What is looked at again and again until the kind says something else.
    pub looks: Vec<Look>,
    /// Seconds until it is over in this run; the kind then finds it in [`super::Facts::waited`].
    pub most: u64,
    /// What somebody is invited to buy meanwhile.
    pub sale: Option<Sale>,
}

/// A genuine purchase that is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The shop's page.
    pub url: String,
    /// What to buy there, ready to show.
    pub goods: Vec<String>,
    /// The prices one of which is to be paid; any when empty.
    pub prices: Vec<String>,
    /// Whether the operator is who buys.
    pub by_operator: bool,
}

/// Something that was seen on the way, told once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milestone {
    /// When it happened, in Unix seconds, where that is known.
    pub at: Option<i64>,
    /// Whether it is as it should be; else it is something to look at, which stops nothing.
    pub good: bool,
    /// `payment succeeded`
    pub what: String,
    /// `29.00 EUR  Visa ending 4821`
    pub value: String,
}

impl Milestone {
    /// Something that is as it should be.
    pub fn good(at: Option<i64>, what: impl Into<String>, value: impl Into<String>) -> Self {
        Self { at, good: true, what: what.into(), value: value.into() }
    }

    /// Something to look at.
    pub fn odd(at: Option<i64>, what: impl Into<String>, value: impl Into<String>) -> Self {
        Self { at, good: false, what: what.into(), value: value.into() }
    }
}
