//! `golive scan`: what git does not ignore, what it keeps although it ignores it, and the keys in what
//! it ignores, because some of that is shipped. Says of each file that something was found in how it
//! stands with git.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::rules::Rules;
use super::ships::Shipping;
use super::{Search, git, places};
use crate::error::Problem;
use crate::step::{ScanAsk, ScanRule, ScanSight, ScanSort, Standing, Survey};

/// Ignored folders of other people's code and of caches: nobody wrote a key into them.
pub(super) const FOREIGN: [&str; 17] = [
    "node_modules",
    "bower_components",
    "vendor",
    "venv",
    ".venv",
    "target",
    "__pycache__",
    ".cache",
    ".tox",
    ".gradle",
    ".terraform",
    ".yarn",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".bundle",
    ".turbo",
];

/// Looks through what is asked for; `most` places of each rule are kept.
pub fn survey(ask: &ScanAsk, dir: &Path, most: usize) -> Result<Survey, Problem> {
    let dir = &dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let rules = Rules::new(&ask.rules, dir)?;
    let search = Search::new(dir, &rules, &ask.exclude, most);
    let paths = places(ask, dir, "correct the path")?;
    // Git lists while the walk goes on.
    let (listed, walked) = std::thread::scope(|scope| {
        let listing = scope.spawn(|| git::Listing::of(&paths));
        let walked = search.walk(&paths, true);
        (listing.join().unwrap_or_default(), walked)
    });
    walked?;
    search.list(&listed.kept)?;
    let sight = search.finish();
    let (ignored, spared) = ignored(ask, dir, &listed, most)?;
    let standing = standing(dir, &sight, &ignored, &listed);
    Ok(Survey { sight, ignored, spared, standing, repository: listed.repository })
}

/// Keys in what git ignores, and how many folders of it were spared.
fn ignored(ask: &ScanAsk, dir: &Path, listed: &git::Listing, most: usize) -> Result<(ScanSight, u64), Problem> {
    let keys = [ScanRule { sort: ScanSort::Keys, pattern: String::new(), files: Vec::new() }];
    let rules = Rules::new(&keys, dir)?;
    let search = Search::new(dir, &rules, &ask.exclude, most);
    let foreign = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default();
        FOREIGN.iter().chain(&super::SPARED).any(|foreign| name == *foreign)
    };
    let (spared, folders): (Vec<&PathBuf>, Vec<&PathBuf>) = listed.ignored_folders.iter().partition(foreign);
    let folders: Vec<PathBuf> = folders.into_iter().cloned().collect();
    search.walk(&folders, false)?;
    search.list(&listed.ignored_files)?;
    Ok((search.finish(), spared.len() as u64))
}

fn standing(dir: &Path, sight: &ScanSight, ignored: &ScanSight, listed: &git::Listing) -> BTreeMap<String, Standing> {
    let files = |sight: &ScanSight| -> BTreeSet<String> {
        sight.found.iter().flat_map(|found| &found.places).map(|place| place.file.clone()).collect()
    };
    let found = files(sight);
    let known = if listed.repository { git::known(dir, &found) } else { git::Known::default() };
    let shipping = Shipping::of(dir);
    let ignored_at = |file: &String| Standing::Ignored { ships: shipping.takes(Path::new(file)) };
    let of = |file: &String| {
        if !listed.repository {
            Standing::Unknown
        } else if known.tracked.contains(file) {
            Standing::Tracked
        } else if known.ignored.contains(file) {
            // Its place was asked for by name.
            ignored_at(file)
        } else {
            Standing::Untracked
        }
    };
    let mut standing: BTreeMap<String, Standing> = found.iter().map(|file| (file.clone(), of(file))).collect();
    standing.extend(files(ignored).into_iter().map(|file| (file.clone(), ignored_at(&file))));
    standing
}
