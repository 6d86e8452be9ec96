//! How an item ends: with evidence, with a problem, or without having been able to look.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// Values other items may refer to, by their path within the item: `id`, `prices.pro_monthly.id`.
/// Never secrets.
pub type Outputs = BTreeMap<String, String>;

/// What an item came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It holds, and this is how we know.
    Pass {
        /// One line, without secrets.
        evidence: String,
        /// What other items may refer to.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        outputs: Outputs,
    },
    /// It does not hold.
    Fail {
        /// Found, wanted, and what to do.
        problem: Problem,
    },
    /// It could not be looked at: never the same as failed.
    Unknown {
        /// Why it could not.
        problem: Problem,
    },
}

impl Verdict {
    /// A pass without outputs.
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self::Pass { evidence: evidence.into(), outputs: Outputs::new() }
    }

    /// A pass with outputs.
    pub fn pass_with(evidence: impl Into<String>, outputs: Outputs) -> Self {
        Self::Pass { evidence: evidence.into(), outputs }
    }

    /// A failure.
    pub fn fail(problem: Problem) -> Self {
        Self::Fail { problem }
    }
}
