//! Files of the operator's repository, searched: the walk and the ignore rules are ripgrep's own
//! (`ignore`), each file is read once and searched for everything at once, on all processors. Nothing
//! is written, and what is found leaves here masked.
//!
//! `scan` serves the item kind, `survey` the command; both are one `Search`.

mod git;
mod read;
mod rules;
mod ships;
mod survey;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::Gitignore;
use ignore::overrides::OverrideBuilder;
use ignore::{WalkBuilder, WalkState};

use self::read::Reader;
use self::rules::Rules;
use crate::error::{Code, Problem};
use crate::step::{ScanAsk, ScanFound, ScanPlace, ScanRule, ScanSight, ScanSort};

pub use survey::survey;

/// How many places of a rule an item keeps; all are counted.
const PLACES: usize = 50;
/// Folders that hold no file of the operator's.
const SPARED: [&str; 2] = [".git", ".golive"];

/// A search under way: what every thread reads, and what every thread adds to.
struct Search<'a> {
    dir: &'a Path,
    /// The env file: secrets belong there, and whether git keeps it is another check.
    env_file: Option<&'a Path>,
    rules: &'a Rules,
    /// Globs of what is left out.
    exclude: &'a [String],
    /// How many places of each rule are kept.
    most: usize,
    files: AtomicU64,
    binary: AtomicU64,
    recoded: AtomicU64,
    links: AtomicU64,
    long: Mutex<Vec<String>>,
    unreadable: Mutex<Vec<String>>,
    found: Mutex<Vec<ScanFound>>,
}

/// Searches what is asked for, below a folder.
pub(super) fn scan(ask: &ScanAsk, dir: &Path, env_file: Option<&Path>) -> Result<ScanSight, Problem> {
    // One name for each file, however the folder was named.
    let dir = &dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let env_file = env_file.and_then(|file| file.canonicalize().ok());
    let rules = Rules::new(&ask.rules, dir)?;
    let mut search = Search::new(dir, &rules, &ask.exclude, PLACES);
    search.env_file = env_file.as_deref();
    let paths = places(ask, dir, "correct the path in the checklist")?;
    if ask.tracked_only {
        search.list(&git::tracked(dir, &ask.paths)?)?;
    } else {
        search.walk(&paths, true)?;
    }
    let not_ignored = ask.ignored.iter().filter_map(|path| git::not_ignored(dir, path)).collect();
    Ok(ScanSight { not_ignored, ..search.finish() })
}

/// Where the search begins: without a dot in them, so that files are named as people name them.
fn places(ask: &ScanAsk, dir: &Path, fix: &str) -> Result<Vec<PathBuf>, Problem> {
    let below = |path: &String| -> PathBuf {
        dir.join(path).components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
    };
    let paths: Vec<PathBuf> = ask.paths.iter().map(below).collect();
    let outside = |path: &PathBuf| path.canonicalize().is_ok_and(|real| !real.starts_with(dir));
    if let Some((_, path)) = paths.iter().zip(&ask.paths).find(|(path, _)| outside(path)) {
        return Err(Problem::new(Code::ScanPlace, format!("`{path}` is a link out of this folder"))
            .fix(format!("name a folder of the repository; where the link leads: readlink -f {path}")));
    }
    match paths.iter().zip(&ask.paths).find(|(path, _)| !path.exists()) {
        Some((_, path)) => Err(Problem::new(Code::ScanPlace, format!("there is nothing at `{path}`"))
            .fix(format!("{fix}, then look: ls {path}"))),
        None => Ok(paths),
    }
}

/// How many files of a repository there are, and where each pattern is found in them: so many places of
/// each at most, and of each what was found. What git ignores is left out.
pub fn mentions(
    dir: &Path,
    exclude: &[&str],
    patterns: &[&str],
    most: usize,
) -> Result<(u64, Vec<Vec<ScanPlace>>), Problem> {
    let dir = &dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let rule = |pattern: &&str| ScanRule { sort: ScanSort::Forbid, pattern: (*pattern).to_owned(), files: Vec::new() };
    let rules: Vec<ScanRule> = patterns.iter().map(rule).collect();
    let rules = Rules::new(&rules, dir)?;
    let exclude: Vec<String> = exclude.iter().map(|glob| (*glob).to_owned()).collect();
    let search = Search::new(dir, &rules, &exclude, most);
    search.walk(std::slice::from_ref(dir), true)?;
    let sight = search.finish();
    Ok((sight.files, sight.found.into_iter().map(|found| found.places).collect()))
}

fn bad_glob(glob: &str, error: &ignore::Error) -> Problem {
    Problem::new(Code::BadValue, format!("`{glob}` is not a glob: {error}")).fix("write it as in .gitignore: *.lock")
}

/// Whether what a folder says about ignoring can be read. A link to a device, which a repository can bring
/// in the place of `.gitignore`, has no end, and the walk reads it whole.
fn rules_end(folder: &Path) -> bool {
    const MOST: u64 = 1 << 20;
    let ends = |name: &&str| match folder.join(name).metadata() {
        Ok(file) => file.is_file() && file.len() <= MOST,
        Err(_) => true,
    };
    [".gitignore", ".ignore", ".git/info/exclude"].iter().all(ends)
}

fn endless_rules(folder: &Path) -> String {
    format!("{}: what it says about ignoring is no file, or longer than a MiB", folder.display())
}

impl<'a> Search<'a> {
    fn new(dir: &'a Path, rules: &'a Rules, exclude: &'a [String], most: usize) -> Self {
        Self {
            dir,
            env_file: None,
            rules,
            exclude,
            most,
            files: AtomicU64::new(0),
            binary: AtomicU64::new(0),
            recoded: AtomicU64::new(0),
            links: AtomicU64::new(0),
            long: Mutex::default(),
            unreadable: Mutex::default(),
            found: Mutex::new(vec![ScanFound::default(); rules.len()]),
        }
    }

    /// Everything below these places; what git ignores as well, unless it is to be respected.
    fn walk(&self, paths: &[PathBuf], respect_git: bool) -> Result<(), Problem> {
        let (paths, endless): (Vec<_>, Vec<_>) = paths.iter().partition(|path| !respect_git || rules_end(path));
        for path in &endless {
            self.failed(endless_rules(path));
        }
        let Some((first, others)) = paths.split_first() else { return Ok(()) };
        let mut builder = WalkBuilder::new(first);
        for path in others {
            builder.add(path);
        }
        let mut overrides = OverrideBuilder::new(self.dir);
        for glob in self.exclude {
            overrides.add(&format!("!{glob}")).map_err(|error| bad_glob(glob, &error))?;
        }
        let overrides = overrides.build().map_err(|error| bad_glob("exclude", &error))?;
        if !respect_git {
            builder.standard_filters(false);
        }
        builder.hidden(false).require_git(false).overrides(overrides);
        builder.parents(respect_git && first.ancestors().skip(1).all(rules_end));
        let endless = Arc::new(Mutex::new(Vec::new()));
        let passed = Arc::clone(&endless);
        builder.filter_entry(move |entry| {
            let spared = |name: &&str| entry.file_name() == *name;
            let foreign = !respect_git && survey::FOREIGN.iter().any(spared);
            let taken = !foreign && !SPARED.iter().any(spared);
            if taken && respect_git && entry.file_type().is_some_and(|kind| kind.is_dir()) && !rules_end(entry.path()) {
                passed.lock().unwrap_or_else(PoisonError::into_inner).push(endless_rules(entry.path()));
                return false;
            }
            taken
        });
        builder.build_parallel().run(|| {
            let mut reader = Reader::new(self);
            Box::new(move |entry| {
                match entry.as_ref().map(|entry| (entry, entry.file_type())) {
                    Ok((entry, Some(kind))) if kind.is_file() => reader.file(entry.path()),
                    Ok((_, Some(kind))) if kind.is_symlink() => {
                        self.links.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(_) => {}
                    Err(error) => self.failed(error.to_string()),
                }
                WalkState::Continue
            })
        });
        let endless = std::mem::take(&mut *endless.lock().unwrap_or_else(PoisonError::into_inner));
        for what in endless {
            self.failed(what);
        }
        Ok(())
    }

    /// These files, shared out evenly.
    fn list(&self, files: &[PathBuf]) -> Result<(), Problem> {
        let exclude = rules::globs(self.exclude, self.dir)?;
        let kept = |file: &&PathBuf| !exclude.as_ref().is_some_and(|globs| Self::matches(globs, self.dir, file));
        let files: Vec<&PathBuf> = files.iter().filter(kept).collect();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = files.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for files in files.chunks(share) {
                scope.spawn(move || {
                    let mut reader = Reader::new(self);
                    files.iter().filter(|file| !file.is_symlink()).for_each(|file| reader.file(file));
                });
            }
        });
        Ok(())
    }

    fn matches(globs: &Gitignore, dir: &Path, file: &Path) -> bool {
        // Globs are about what lies in the folder; asked about something else, they panic.
        file.starts_with(dir) && globs.matched_path_or_any_parents(file, false).is_ignore()
    }

    fn failed(&self, what: String) {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// What all threads found together.
    fn finish(self) -> ScanSight {
        let take = |list: Mutex<Vec<String>>| {
            let mut list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
            list.sort();
            list
        };
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        for each in &mut found {
            each.places.sort();
            each.places.truncate(self.most);
        }
        ScanSight {
            files: self.files.into_inner(),
            binary: self.binary.into_inner(),
            recoded: self.recoded.into_inner(),
            links: self.links.into_inner(),
            long: take(self.long),
            unreadable: take(self.unreadable),
            found,
            not_ignored: Vec::new(),
        }
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
