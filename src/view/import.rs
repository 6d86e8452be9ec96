//! What `golive import` shows: how much of a document is in the checklist, what it became, what is left
//! out, and what only a person can decide.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::checklist::Checklist;

/// What became of a document.
#[derive(Debug, Clone, Serialize)]
pub struct ImportView {
    /// The document, as it was named.
    pub file: String,
    /// The checklist that was written, or `-`.
    pub out: String,
    /// How much of it was understood.
    pub lines: Lines,
    /// What it became.
    pub made: Made,
    /// What only a person can decide.
    pub questions: Vec<Open>,
    /// What is left out.
    pub left: Vec<Left>,
    /// Where secrets stand in the document.
    pub secrets: Vec<Secret>,
    /// What was done to the text before it was read.
    pub notes: Vec<String>,
}

/// Lines that say something, counted.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Lines {
    /// In the checklist.
    pub used: usize,
    /// Left out.
    pub left: usize,
    /// Blank lines and frames, which say nothing.
    pub bare: usize,
}

/// What a document became.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Made {
    /// Phases.
    pub phases: usize,
    /// Items, by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Prices of all products.
    pub prices: usize,
    /// Steps of the rollback.
    pub rollback: usize,
}

/// Something to decide.
#[derive(Debug, Clone, Serialize)]
pub struct Open {
    /// Its name in `--answer`.
    pub id: String,
    /// The line of the document.
    pub line: usize,
    /// What stands there.
    pub written: String,
    /// What has to be decided.
    pub asked: String,
}

/// A stretch of lines that is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Left {
    /// Its first line.
    pub from: usize,
    /// Its last line.
    pub to: usize,
    /// Why.
    pub why: String,
    /// How it begins.
    pub begins: String,
}

/// A secret in the document, as it may be shown.
#[derive(Debug, Clone, Serialize)]
pub struct Secret {
    /// The line.
    pub line: usize,
    /// `sk_live_…x7Qd`
    pub shown: String,
}

impl Made {
    /// Counts what is in a checklist.
    pub fn of(checklist: &Checklist) -> Self {
        let mut made = Self { phases: checklist.phases.len(), rollback: checklist.rollback.len(), ..Self::default() };
        for item in checklist.items() {
            *made.kinds.entry(item.kind.clone()).or_default() += 1;
            made.prices += item.fields.get("prices").and_then(toml::Value::as_array).map_or(0, Vec::len);
        }
        made
    }

    /// All items.
    pub fn items(&self) -> usize {
        self.kinds.values().sum()
    }
}
