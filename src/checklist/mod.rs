//! A checklist as golive works with it: phases, items, and the texts they were written in.
//!
//! `parse` reads TOML and complains about everything at once; `refs` resolves `${…}`; `bundled`
//! holds the checklists that are part of the program. The model itself is plain data.

mod bundled;
mod cause;
mod circles;
mod complaints;
mod cross;
mod diagnose;
mod draft;
mod locate;
mod obeyed;
mod parse;
pub mod refs;
mod repair;
mod schema;
mod shape;
mod tick;
mod twice;
pub mod watch;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mode::Mode;
use crate::step::Address;
use crate::suggest;

pub use bundled::{BUNDLED, DEFAULT_FILE, find};
pub use cause::{Cause, explain};
pub use complaints::{Invalid, Located};
pub use parse::load;
pub use schema::json_schema;

/// A whole checklist.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// Its id: part of the state file's name and of the metadata in Stripe.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it came from.
    pub origin: Source,
    /// SHA-256 of its text, hex.
    pub sha256: String,
    /// Variables with their defaults, `${vars.NAME}`.
    pub vars: BTreeMap<String, String>,
    /// The env file that takes values and secrets, relative to the checklist's folder.
    pub env_file: Option<String>,
    /// The phases, in order.
    pub phases: Vec<Phase>,
    /// What is watched after the launch.
    pub watch: watch::Watch,
    /// What is checked again and again meanwhile: items that are no part of the launch.
    pub checks: Vec<Item>,
    /// What `golive rollback` does and checks beyond golive's own undoing, in order: items addressed
    /// `rollback.<id>`, part of no count and needed by nothing.
    pub rollback: Vec<Item>,
}

/// The first half of the address of what a rollback does; no phase is called so.
pub const ROLLBACK: &str = "rollback";

/// Where a checklist came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Part of the program.
    Bundled(&'static str),
    /// A file.
    File(PathBuf),
}

impl Source {
    /// What it is called in messages: the file as it was named, or the bundled name.
    pub fn shown(&self) -> String {
        match self {
            Self::Bundled(name) => format!("{name} (bundled)"),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// A phase: items that are shown and done together.
#[derive(Debug, Clone)]
pub struct Phase {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is there, shown under the header.
    pub why: Option<String>,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// One item, with the fields common to all kinds; those of its kind stay in `fields`.
#[derive(Debug, Clone)]
pub struct Item {
    /// `phase.item`
    pub address: Address,
    /// The kind's name.
    pub kind: String,
    /// What it is about, one line.
    pub title: String,
    /// Why it matters.
    pub why: Option<String>,
    /// How to do it by hand.
    pub help: Option<String>,
    /// The page that helps.
    pub link: Option<String>,
    /// What of a written guide it stands for, as it reads there.
    pub source: Vec<String>,
    /// Whether the launch waits for it.
    pub severity: Severity,
    /// Items that must be finished before: those it names, and those its references lead to.
    pub needs: Vec<Address>,
    /// Before launch day, on it, or after.
    pub when: When,
    /// Who does it.
    pub owner: Option<String>,
    /// How long it takes a person.
    pub minutes: Option<u32>,
    /// The modes it is part of; empty means all.
    pub modes: Vec<Mode>,
    /// Whether it is a proof of the moment, which stands once it holds.
    pub once: bool,
    /// What is known to be behind a failure of it.
    pub causes: Vec<Cause>,
    /// The fields of its kind, references not yet resolved.
    pub fields: toml::Table,
    /// SHA-256 of the item's own fields, hex: a tick decays when what it was about changes.
    pub digest: String,
}

/// Whether the launch waits for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does.
    #[default]
    Blocker,
    /// It does not, but should be done.
    Advised,
    /// Good to know.
    Info,
}

/// When an item is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// In the days before.
    Before,
    /// On launch day.
    #[default]
    Launch,
    /// Afterwards.
    After,
}

impl Checklist {
    /// Every item, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.phases.iter().flat_map(|phase| &phase.items)
    }

    /// Every item that is written in it, those of no phase too.
    pub fn written(&self) -> impl Iterator<Item = &Item> {
        self.items().chain(&self.rollback).chain(&self.checks)
    }

    /// The items that are part of a mode, in order.
    pub fn items_in(&self, mode: Mode) -> impl Iterator<Item = &Item> {
        self.items().filter(move |item| item.is_in(mode))
    }

    /// The items of a rollback that are part of a mode, in order.
    pub fn rollback_in(&self, mode: Mode) -> impl Iterator<Item = &Item> {
        self.rollback.iter().filter(move |item| item.is_in(mode))
    }

    /// The items beside the launch that are part of a mode: the rollback's and the watch's.
    pub fn aside_in(&self, mode: Mode) -> impl Iterator<Item = &Item> {
        self.rollback_in(mode).chain(self.checks.iter().filter(move |item| item.is_in(mode)))
    }

    /// An item by its address: of a phase, of the rollback, or a check of the watch.
    pub fn find(&self, address: &Address) -> Option<&Item> {
        self.written().find(|item| item.address == *address)
    }
}

impl Item {
    /// Whether the item is part of a mode.
    pub fn is_in(&self, mode: Mode) -> bool {
        self.modes.is_empty() || self.modes.contains(&mode)
    }
}
