//! The address of an item: `phase.item`, printable and parseable.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `phase.item`, as in `catalog.pro`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    /// The phase's id.
    pub phase: String,
    /// The item's id within the phase.
    pub item: String,
}

impl Address {
    /// An address from its parts.
    pub fn new(phase: impl Into<String>, item: impl Into<String>) -> Self {
        Self { phase: phase.into(), item: item.into() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.phase, self.item)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('.') {
            Some((phase, item)) if !phase.is_empty() && !item.is_empty() && !item.contains('.') => {
                Ok(Self::new(phase, item))
            }
            _ => Err(format!("`{text}` is not an item; items are named phase.item, as in catalog.pro")),
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
