//! The three modes of a run. They never share a state file, and a key's mode must be the run's.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where Stripe is, and whether the operator's own world is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The embedded simulator and the demo shop; nothing is real.
    Rehearse,
    /// Real Stripe with a `_test_` key.
    Test,
    /// Real Stripe with a `_live_` key.
    Live,
}

impl Mode {
    /// The name used in flags, file names and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rehearse => "rehearse",
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// The word shown at the right end of every phase header.
    pub const fn banner(self) -> &'static str {
        match self {
            Self::Rehearse => "REHEARSAL",
            Self::Test => "TEST",
            Self::Live => "LIVE",
        }
    }

    /// What the keys of this mode carry in their name: a rehearsal walks the live day, so its
    /// made-up keys are live keys of the simulator.
    pub const fn key_infix(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Rehearse | Self::Live => "live",
        }
    }

    /// Whether objects of this mode say `livemode: true`.
    pub const fn livemode(self) -> bool {
        !matches!(self, Self::Test)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "rehearse" => Ok(Self::Rehearse),
            "test" => Ok(Self::Test),
            "live" => Ok(Self::Live),
            _ => Err(format!("`{text}` is not a mode; the modes are rehearse, test and live")),
        }
    }
}
