//! `golive import stripe`, the thinking of it: what an account holds, what the application's env files
//! and source say about it, and from these a checklist that a person would be glad to have written,
//! with everything told that it does not say. Pure; `cli::import::stripe` reads and writes.
//!
//! The walk: [`Around`] → `uses` (which variable holds which id) → one file a part of the account, each
//! making items and references → `assemble` → [`Imported`]. [`merge`] puts a later import into a file
//! that a person has edited since.

mod around;
mod assemble;
mod catalog;
mod code;
mod env;
mod events;
mod few;
mod lines;
mod link;
#[cfg(test)]
mod made_up_tests;
mod maker;
pub mod merge;
mod money;
mod names;
mod offers;
mod portal;
mod price;
#[cfg(test)]
mod round_trip_tests;
mod settings;
#[cfg(test)]
mod tests;
mod told;
mod uses;

use crate::compose::Draft;
use crate::inventory::Inventory;

pub use around::{Around, EnvText, Found, Holds, Mention, Source, Variable};
pub use code::{EVENTS_PATTERN, IDS_PATTERN, events_in, ids_in};
pub use names::Known;
pub use settings::NO_HOST;
pub use told::{Sort, Told};

/// What the operator decided, and what an earlier import decided.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The checklist's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The env file that live values go to.
    pub env_file: String,
    /// Where the live application is, `shop.acme.com`, when that is known.
    pub host: Option<String>,
    /// Names that an earlier import gave.
    pub known: Known,
}

/// What an import comes to.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The checklist.
    pub draft: Draft,
    /// What a person should know, the weightiest first.
    pub told: Vec<Told>,
    /// Lookup keys that prices of the account lack, as the checklist has them: price, its product, key.
    pub keys: Vec<NewKey>,
    /// The names given, for the next import.
    pub names: Known,
}

/// A lookup key that the checklist has and the price in Stripe does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The price's id.
    pub price: String,
    /// The item of its product, `catalog.pro`.
    pub item: String,
    /// The key.
    pub key: String,
}

/// Makes a checklist of an account and of what stands around it.
pub fn import(inventory: &Inventory, around: &Around, options: &Options) -> Imported {
    assemble::checklist(inventory, around, options)
}
