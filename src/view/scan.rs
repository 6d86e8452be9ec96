//! What `golive scan` shows: each finding with how bad it is, where it stands with git and what to do,
//! and everything that was not searched. The rules of what blocks a launch are here, and pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::checklist::Severity;
use crate::mode::Mode;
use crate::step::{ScanPlace, ScanSight, Ships, Standing, Survey};

/// An id that some launch of this folder made or adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownId {
    /// The mode in which it exists.
    pub mode: Mode,
    /// The item it belongs to.
    pub item: String,
}

/// The ids of a launch, and where they may stand.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The checklist's title.
    pub checklist: Option<String>,
    /// Its file, as findings name it: ids in it are meant.
    pub file: Option<String>,
    /// Ids by what they are.
    pub ids: BTreeMap<String, KnownId>,
}

/// What `golive scan` shows: `golive.scan/1`. Fields are only ever added.
#[derive(Debug, Clone, Serialize)]
pub struct ScanView {
    /// The folder that paths are relative to.
    pub dir: String,
    /// What was searched.
    pub paths: Vec<String>,
    /// The checklist that says which ids belong; null without one.
    pub checklist: Option<String>,
    /// Whether git was there to ask.
    pub repository: bool,
    /// Always false: what was committed once and taken out again is not found.
    pub history_searched: bool,
    /// Files that were read.
    pub files: u64,
    /// Findings that block a launch.
    pub blocking: usize,
    /// Findings to look at.
    pub advised: usize,
    /// Places found beyond those listed.
    pub more: u64,
    /// Secrets in env files that git ignores and nothing ships, where they belong.
    pub in_env_files: usize,
    /// The findings, the worst first, then by file and line.
    pub findings: Vec<Finding>,
    /// What was not searched.
    pub left_out: LeftOut,
}

/// Something that does not belong where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// `blocker` or `advised`.
    pub severity: Severity,
    /// What it is.
    pub what: What,
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What stands there; a secret shortened.
    pub shown: String,
    /// Why it is told, where that is not plain: the mode or the item of an id, what ships the file.
    pub because: Option<String>,
    /// How the file stands with git: `tracked`, `untracked`, `ignored` or `unknown`.
    pub git: &'static str,
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A secret or restricted key of live mode.
    LiveKey,
    /// The signing secret of a webhook endpoint.
    SigningSecret,
    /// A secret or restricted key of test mode.
    TestKey,
    /// The id of an object that exists in test mode alone, or in a rehearsal.
    TestId,
    /// A publishable key or a payment page of test mode.
    TestValue,
    /// The id of a price or product, written out.
    Id,
}

impl What {
    /// What to do about it.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::LiveKey => "roll it first, then take it out: https://dashboard.stripe.com/apikeys",
            Self::SigningSecret => "roll it first, then take it out: https://dashboard.stripe.com/webhooks",
            Self::TestKey => "read it from the env file, and roll it: https://dashboard.stripe.com/test/apikeys",
            Self::TestId | Self::Id => "read it from the env file, which golive fills: golive wizard",
            Self::TestValue => "read it from the env file: live mode has another one",
        }
    }
}

/// What was not searched, and why.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LeftOut {
    /// Files that are no text.
    pub binary: u64,
    /// Symbolic links: what they lead to is read where it lies.
    pub links: u64,
    /// Folders that git ignores, of other people's code and of caches.
    pub ignored_folders: u64,
    /// Files over 8 MB.
    pub long: Vec<String>,
    /// Files and folders that could not be read, each with why.
    pub unreadable: Vec<String>,
}

/// The order of the rules that the command searches for.
pub const RULES: [Rule; 3] = [Rule::Keys, Rule::Ids, Rule::TestValues];

/// One of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Secret keys and signing secrets.
    Keys,
    /// Ids of prices and products.
    Ids,
    /// Values of test mode that are no secret.
    TestValues,
}

impl ScanView {
    /// Judges what was found by [`RULES`].
    pub fn of(survey: Survey, known: &Known, dir: String, paths: Vec<String>) -> Self {
        let Survey { sight, ignored, spared, standing, repository } = survey;
        let mut findings = BTreeSet::new();
        let mut in_env_files = BTreeSet::new();
        for (rule, found) in RULES.iter().zip(&sight.found).chain(RULES.iter().zip(&ignored.found)) {
            for place in &found.places {
                let standing = standing.get(&place.file).unwrap_or(&Standing::Unknown);
                match (belongs(&place.file, standing), rule) {
                    (true, Rule::Keys) => {
                        in_env_files.insert(place);
                    }
                    // An env file is where ids and values of a mode are read from.
                    (true, Rule::Ids | Rule::TestValues) => {}
                    (false, _) => findings.extend(judge(*rule, place, standing, known)),
                }
            }
        }
        let findings: Vec<Finding> = findings.into_iter().collect();
        let blocking = findings.iter().filter(|finding| finding.severity == Severity::Blocker).count();
        Self {
            dir,
            paths,
            checklist: known.checklist.clone(),
            repository,
            history_searched: false,
            files: sight.files + ignored.files,
            blocking,
            advised: findings.len() - blocking,
            more: more(&sight) + more(&ignored),
            in_env_files: in_env_files.len(),
            findings,
            left_out: LeftOut {
                binary: sight.binary + ignored.binary,
                links: sight.links + ignored.links,
                ignored_folders: spared,
                long: [sight.long, ignored.long].concat(),
                unreadable: [sight.unreadable, ignored.unreadable].concat(),
            },
        }
    }
}

fn more(sight: &ScanSight) -> u64 {
    sight.found.iter().map(|found| found.count - found.places.len() as u64).sum()
}

/// Whether it is the env file of somebody's own computer: there a secret is at home. Without git nobody
/// can say whether it is more than that.
fn belongs(file: &str, standing: &Standing) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let for_others = ["example", "sample", "template", "dist"].iter().any(|end| name.ends_with(end));
    // `.env`, `.env.production`, `prod.env`
    let ends_so = name.rsplit_once('.').is_some_and(|(_, end)| end == "env");
    let is_env = ends_so || name.starts_with(".env.");
    let at_home = matches!(standing, Standing::Ignored { ships: None } | Standing::Unknown);
    is_env && !for_others && at_home
}

fn judge(rule: Rule, place: &ScanPlace, standing: &Standing, known: &Known) -> Option<Finding> {
    let stays = matches!(standing, Standing::Ignored { ships: None });
    let (what, severity, because) = match rule {
        Rule::Keys => {
            let what = key(&place.matched);
            let blocks = what != What::TestKey && !stays;
            (what, if blocks { Severity::Blocker } else { Severity::Advised }, None)
        }
        Rule::TestValues => (What::TestValue, Severity::Advised, None),
        Rule::Ids if known.file.as_ref() == Some(&place.file) => return None,
        Rule::Ids => match known.ids.get(&place.matched) {
            Some(KnownId { mode: Mode::Live, item }) => {
                (What::Id, Severity::Advised, Some(format!("it belongs: the live id of {item}")))
            }
            Some(KnownId { mode, item }) => {
                let because = match mode {
                    Mode::Rehearse => format!("made up in a rehearsal of {item}"),
                    _ => format!("the test mode's id of {item}: live mode does not know it"),
                };
                (What::TestId, Severity::Blocker, Some(because))
            }
            None if known.ids.is_empty() => (What::Id, Severity::Advised, None),
            None => (What::Id, Severity::Advised, Some("no launch of this folder made it".to_owned())),
        },
    };
    Some(Finding {
        severity,
        what,
        file: place.file.clone(),
        line: place.line,
        shown: place.matched.clone(),
        because: because.or_else(|| stand(rule, standing)),
        git: match standing {
            Standing::Tracked => "tracked",
            Standing::Untracked => "untracked",
            Standing::Ignored { .. } => "ignored",
            Standing::Unknown => "unknown",
        },
    })
}

fn key(masked: &str) -> What {
    if masked.starts_with("whsec_") {
        What::SigningSecret
    } else if masked.starts_with("sk_test_") || masked.starts_with("rk_test_") {
        What::TestKey
    } else {
        What::LiveKey
    }
}

/// What a file's standing means for a secret in it.
fn stand(rule: Rule, standing: &Standing) -> Option<String> {
    if rule != Rule::Keys {
        return None;
    }
    Some(match standing {
        Standing::Tracked => "git keeps it, so it is in the history too".to_owned(),
        Standing::Untracked => "git does not ignore it: the next commit may take it".to_owned(),
        Standing::Ignored { ships: None } => "git ignores it, but its place is the env file".to_owned(),
        Standing::Ignored { ships: Some(Ships::Build(folder)) } => {
            format!("git ignores it, but {folder}/ is a build's output, and that is what is deployed")
        }
        Standing::Ignored { ships: Some(Ships::Image(recipe)) } => {
            format!("git ignores it, but {recipe} copies it into the image: .dockerignore does not name it")
        }
        Standing::Unknown => return None,
    })
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
