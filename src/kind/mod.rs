//! Item kinds: each a pure function from facts to its next step, each in its own file.
//!
//! To add one, write a file with a `Spec` (its fields in the checklist) that implements [`Kind`],
//! and put the file's name into the registry below. `manual` is the smallest, `product` the
//! largest.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use crate::step::{Facts, Permission, Step};

/// Where a kind's truth lies; decides what a rehearsal can claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// Stripe: the simulator answers as Stripe does, so a rehearsal may say `done`.
    Stripe,
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

    /// A command it may run, for the operator to see before the first one runs.
    fn command(&self) -> Option<&str> {
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

macro_rules! registry {
    ($($kind:ident)*) => {
        $(pub mod $kind;)*
        /// Every kind, by name.
        pub const REGISTRY: &[Entry] = &[$(Entry::of::<$kind::Spec>(stringify!($kind)),)*];
    };
}

registry! { env manual secret }

/// Finds a kind by its name in checklists.
pub fn entry(name: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.name == name)
}
