//! The fields of a checklist that are the same whatever its kinds are, as types: `parse` reads
//! them, `diagnose` explains mistakes by their schemas, and `schema` describes them to editors.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::cause::Cause;
use super::watch::Watch;
use super::{Severity, When};
use crate::mode::Mode;

/// The format that this golive reads.
pub const FORMAT: u32 = 1;

/// The head of a checklist; its phases are read one by one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are read leniently by `parse`; here they are required and described")]
pub struct Head {
    /// The format of this file: 1.
    pub schema: u32,
    /// Its id, in file names and in the metadata of what golive creates.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Texts to use as `${vars.NAME}`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// Where values and secrets go.
    pub env: Option<Env>,
    /// What is watched after the launch; its checks are read one by one.
    pub watch: Option<Watch>,
}

/// The env file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Env {
    /// Its path, relative to the folder of the checklist.
    pub file: String,
}

/// A phase without its items.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseHead {
    /// Its id, the first half of its items' addresses.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is there, shown under its header.
    pub why: Option<String>,
}

/// The fields that items of every kind have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are read leniently by `parse`; here they are required and described")]
pub struct Common {
    /// Its id within the phase.
    pub id: String,
    /// What golive does for it.
    pub kind: String,
    /// What it is about, one line.
    pub title: String,
    /// Why it matters.
    pub why: Option<String>,
    /// How to do it by hand, and what to do when it goes wrong.
    pub help: Option<String>,
    /// The page that helps.
    pub link: Option<String>,
    /// What of a written guide it stands for: its headings and tick boxes, as they read there.
    #[serde(default)]
    pub source: Vec<String>,
    /// Whether the launch waits for it.
    #[serde(default)]
    pub severity: Severity,
    /// Items that must be finished before, as `phase.item`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// In the days before, on launch day, or after.
    #[serde(default)]
    pub when: When,
    /// Who does it.
    pub owner: Option<String>,
    /// How long it takes a person.
    pub minutes: Option<u32>,
    /// The modes it is part of; all when left out.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// A proof of the moment: once it holds, it is not looked at again.
    #[serde(default)]
    pub once: bool,
    /// What is known to be behind a failure of it, as a guide's troubleshooting section says.
    #[serde(default)]
    pub causes: Vec<Cause>,
}

impl Common {
    /// The names of these fields: everything else in an item belongs to its kind.
    pub const FIELDS: [&str; 15] = [
        "id", "kind", "title", "why", "help", "link", "source", "severity", "needs", "when", "owner", "minutes",
        "modes", "once", "causes",
    ];
}
