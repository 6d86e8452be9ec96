//! Item kinds: each a pure function from facts to its next step, each in its own file.
//!
//! To add one, write a file with a `Spec` (its fields in the checklist) that implements [`Kind`],
//! and put the file's name into the registry below. `manual` is the smallest, `product` the
//! largest.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use crate::step::{Facts, Milestone, Permission, Step, Verdict};

pub use text::{pattern, pattern_complaint};
pub use url::is_url;

/// Where a kind's truth lies; decides what a rehearsal can claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// Stripe: the simulator answers as Stripe does, so a rehearsal may say `done`.
    Stripe,
    /// Stripe and the operator's hosts together: needs the keys, and in a rehearsal the demo shop
    /// takes part, so `rehearsed`.
    Between,
    /// The env file, which a rehearsal really writes (beside, never over, the real one).
    Local,
    /// The operator's hosts and commands: in a rehearsal the demo shop stands in, so `rehearsed`.
    World,
    /// A person's word: in a rehearsal nobody's, so `rehearsed`.
    Person,
}

/// An item kind. Implementations see no terminal, socket, clock or file.
pub trait Kind: Send + Sync {
    /// What to do next, given what is known.
    fn next(&self, facts: &Facts<'_>) -> Step;

    /// What was seen on the way so far, in order; each is told once.
    fn milestones(&self, _facts: &Facts<'_>) -> Vec<Milestone> {
        Vec::new()
    }

    /// Where its truth lies.
    fn realm(&self) -> Realm;

    /// The paths that other items may refer to, `prices.pro_monthly.id`.
    fn outputs(&self) -> Vec<String> {
        Vec::new()
    }

    /// The variables it provides to the env file.
    fn variables(&self) -> Vec<Variable> {
        Vec::new()
    }

    /// What a restricted key must be allowed to do for it.
    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    /// Everything wrong with its fields that a type cannot say. Texts may still hold `${…}`.
    fn complaints(&self) -> Vec<Complaint> {
        Vec::new()
    }

    /// Every command it may run, for the operator to see before the first one runs: all alternatives,
    /// each with the computer it runs on.
    fn commands(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether its command changes nothing: then what it brought in an earlier run counts for
    /// nothing (the engine leaves it out of the facts), and it may run wherever commands may.
    fn read_only(&self) -> bool {
        false
    }

    /// What can be said of it while its question has no answer; `None` leaves it open.
    fn standing(&self, _facts: &Facts<'_>) -> Option<Verdict> {
        None
    }
}

/// A variable that an item provides to the env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The output that is its value; `None` for a secret the item writes by itself.
    pub output: Option<String>,
}

/// Something wrong with a field, to be shown at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where in the item: `prices[1].amount`.
    pub path: String,
    /// The code.
    pub code: crate::error::Code,
    /// A lowercase fragment, as in [`crate::error::Problem::message`].
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A kind in the registry.
pub struct Entry {
    /// Its name in checklists.
    pub name: &'static str,
    /// Reads its fields.
    pub load: fn(toml::Table) -> Result<Box<dyn Kind>, toml::de::Error>,
    /// Describes its fields.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Entry {
    const fn of<T: Kind + DeserializeOwned + JsonSchema + 'static>(name: &'static str) -> Self {
        Self {
            name,
            load: |table| Ok(Box::new(toml::Value::Table(table).try_into::<T>()?)),
            schema: |generator| generator.subschema_for::<T>(),
        }
    }
}

mod delivered;
mod offer;
mod seen;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod tree;
mod url;

macro_rules! registry {
    ($($kind:ident)*) => {
        $(pub mod $kind;)*
        /// Every kind, by name.
        pub const REGISTRY: &[Entry] = &[$(Entry::of::<$kind::Spec>(stringify!($kind)),)*];
    };
}

registry! {
    account checkout_proof command coupon delivery_proof env events feature http keys log manual
    meter payment_link payment_methods portal product promotion_code purchase refund scan secret
    shipping_rate smtp tax tax_rate tcp tls wallet_domain webhook webhook_probe
}

/// Finds a kind by its name in checklists.
pub fn entry(name: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.name == name)
}

/// A complaint about a name that no env file can hold.
pub(crate) fn env_name(path: &str, name: &str) -> Option<Complaint> {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    let good = first && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    (!good).then(|| Complaint {
        path: path.to_owned(),
        code: crate::error::Code::BadValue,
        message: format!("`{name}` cannot be the name of a variable"),
        help: Some("use letters, digits and underscores, beginning with a letter".into()),
    })
}
