//! What an import tells beside the checklist: each thing with why, and with what to do.

use serde::Serialize;

/// What sort of thing is told; the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A person must decide: golive chose, or left something out.
    Decide,
    /// A list of the account that could not be read.
    Gap,
    /// Something in the source that will not work in live mode.
    Code,
    /// Something of the account that cannot be carried over.
    NotCarried,
    /// What was left out on purpose, or is good to know.
    Note,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What sort.
    pub sort: Sort,
    /// What it is, one line.
    pub what: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do, or what golive did instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// Where it stands: `src/pay.ts:12`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
}

impl Told {
    /// Something to tell.
    pub fn new(sort: Sort, what: impl Into<String>) -> Self {
        Self { sort, what: what.into(), why: None, proposal: None, places: Vec::new() }
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn propose(mut self, proposal: impl Into<String>) -> Self {
        self.proposal = Some(proposal.into());
        self
    }

    /// Says where it stands.
    #[must_use]
    pub fn at(mut self, places: impl IntoIterator<Item = String>) -> Self {
        self.places.extend(places);
        self
    }
}
