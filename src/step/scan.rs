//! Files of the operator's repository: what is searched for in them, what was found, and how each file
//! stands with git. Pure data, for the `scan` kind and for `golive scan`; it can hold no secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Files to be searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScanAsk {
    /// Files and folders, relative to the checklist's folder.
    pub paths: Vec<String>,
    /// Globs of what is left out.
    pub exclude: Vec<String>,
    /// Only what git keeps; else everything that git does not ignore.
    pub tracked_only: bool,
    /// What is looked for.
    pub rules: Vec<ScanRule>,
    /// Paths that git must ignore.
    pub ignored: Vec<String>,
}

/// One thing to look for in files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScanRule {
    /// What sort of rule it is.
    pub sort: ScanSort,
    /// A regular expression; of keys and ids, golive's own.
    pub pattern: String,
    /// Globs of the files it is about; all files when there is none.
    pub files: Vec<String>,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanSort {
    /// Secret keys and signing secrets: each place is a finding, shown masked.
    Keys,
    /// Ids of prices and products that are written out.
    Ids,
    /// Each place is a finding.
    Forbid,
    /// No place is one.
    Require,
}

/// What was found in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanSight {
    /// How many files were read.
    pub files: u64,
    /// How many were left out because they are no text.
    pub binary: u64,
    /// Those that were left out because they are too long.
    pub long: Vec<String>,
    /// How many were no UTF-8 and were read in the encoding that their first bytes name.
    pub recoded: u64,
    /// How many symbolic links were not followed: what they lead to is read where it lies.
    pub links: u64,
    /// Files that could not be read.
    pub unreadable: Vec<String>,
    /// Of each rule, in their order, what was found.
    pub found: Vec<ScanFound>,
    /// Paths that git does not ignore, each with why.
    pub not_ignored: Vec<String>,
}

/// What a rule found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanFound {
    /// How many files the rule was about.
    pub files: u64,
    /// How many places there are.
    pub count: u64,
    /// The first of them, by file and line.
    pub places: Vec<ScanPlace>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScanPlace {
    /// The file, relative to the checklist's folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The line, or the secret in it, masked.
    pub text: String,
    /// What matched, secrets masked.
    pub matched: String,
}

/// How a file that something was found in stands with git, and whether it leaves this computer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "git")]
pub enum Standing {
    /// Git keeps it: what stands in it stands in its history too.
    Tracked,
    /// Git neither keeps nor ignores it: the next `git add` takes it.
    Untracked,
    /// Git ignores it.
    Ignored {
        /// What takes it along all the same, if something does.
        #[serde(skip_serializing_if = "Option::is_none")]
        ships: Option<Ships>,
    },
    /// There is no repository, or no git to ask.
    #[default]
    Unknown,
}

/// What takes a file along that git ignores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "name")]
pub enum Ships {
    /// It lies in a build's output, which is what is deployed.
    Build(String),
    /// This file copies the whole folder into an image, and `.dockerignore` does not leave it out.
    Image(String),
}

/// A repository looked through for `golive scan`.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// What git does not ignore, and what it keeps all the same.
    pub sight: ScanSight,
    /// What git ignores: searched for keys alone.
    pub ignored: ScanSight,
    /// Ignored folders of other people's code and of caches, which were not searched.
    pub spared: u64,
    /// How each file stands that something was found in.
    pub standing: BTreeMap<String, Standing>,
    /// Whether git was there to ask.
    pub repository: bool,
}
