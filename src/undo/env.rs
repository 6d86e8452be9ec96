//! What stood in the env file's place before this launch, told from the journal and the backups that are
//! there; and what in the present file is nobody's but the operator's. No value is read here, only
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::state::{EnvDone, History};
use crate::step::EnvSight;

/// What stood in the env file's place before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Former {
    /// This launch has not written it: it stays as it is.
    Untouched,
    /// There was no file.
    Absent,
    /// This copy, made at this time.
    Backup(String, String),
    /// A copy that is not where it was left.
    Gone(String),
}

impl Former {
    /// What happens, in one line.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Untouched => "stays as it is".to_owned(),
            Self::Absent => "taken away: there was none before; it is kept among the backups".to_owned(),
            Self::Backup(_, at) => format!("put back as it was at {at}; the present one is kept among the backups"),
            Self::Gone(path) => format!("cannot be put back: {path} is gone"),
        }
    }

    /// The copy.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Backup(path, _) | Self::Gone(path) => Some(path),
            Self::Untouched | Self::Absent => None,
        }
    }
}

/// What stood there before the launch first wrote it. `backups` are those that are there, oldest first,
/// with the time of each in Unix seconds.
pub fn former(history: &History, backups: &[(String, i64)]) -> Former {
    // A restoring that was begun goes on with what it began with.
    if let Some(restored) = history.restored.as_ref().filter(|restored| !restored.ended) {
        return match &restored.from {
            None => Former::Absent,
            Some(path) => there(path, &restored.at, backups),
        };
    }
    for (index, done) in history.env.iter().enumerate() {
        if done.existed == Some(false) {
            return Former::Absent;
        }
        match (&done.backup, done.written) {
            (Some(path), _) => return there(path, &done.at, backups),
            // Everything was there already.
            (None, true) => {}
            (None, false) => {
                let until = history.env.get(index + 1).map_or(i64::MAX, seconds);
                let made = |(_, at): &&(String, i64)| (seconds(done)..=until).contains(at);
                if let Some((path, _)) = backups.iter().find(made) {
                    return Former::Backup(path.clone(), clock(&done.at));
                }
            }
        }
    }
    Former::Untouched
}

fn there(path: &str, at: &str, backups: &[(String, i64)]) -> Former {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    match backups.iter().find(|(known, _)| name(known) == name(path)) {
        Some((known, _)) => Former::Backup(known.clone(), clock(at)),
        None => Former::Gone(path.to_owned()),
    }
}

fn seconds(done: &EnvDone) -> i64 {
    done.at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second)
}

/// `2026-11-24 10:15 UTC`
fn clock(at: &str) -> String {
    let time = at.parse::<jiff::Timestamp>().map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    time.unwrap_or_else(|_| at.to_owned())
}

/// The variables that somebody else changed since: restoring would take these edits away.
pub fn edits(present: &EnvSight, former: Option<&EnvSight>, history: &History) -> Vec<String> {
    let mut written: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (name, value) in history.env.iter().flat_map(|done| &done.variables) {
        written.insert(name, value.as_deref());
    }
    let names =
        |sight: &EnvSight| sight.variables.iter().map(|variable| variable.name.clone()).collect::<BTreeSet<_>>();
    let mut all = names(present);
    all.extend(former.map(names).unwrap_or_default());
    let print = |sight: &EnvSight, name: &str| sight.get(name).map(crate::step::EnvVar::fingerprint);
    let is_edited = |name: &String| match written.get(name.as_str()) {
        // golive's own: a value it knows can be told from another; of a secret it keeps none.
        Some(Some(value)) => present.get(name).is_none_or(|variable| !variable.is(value)),
        Some(None) => false,
        None => print(present, name) != former.and_then(|former| print(former, name)),
    };
    all.into_iter().filter(is_edited).collect()
}

/// The variables that hold a live key of Stripe's.
pub fn live_keys(sight: &EnvSight) -> Vec<String> {
    const LIVE: [&str; 3] = ["sk_live_", "rk_live_", "pk_live_"];
    let live = sight.variables.iter().filter(|variable| LIVE.iter().any(|prefix| variable.has_prefix(prefix)));
    live.map(|variable| variable.name.clone()).collect()
}
