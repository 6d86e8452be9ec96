//! Files of the operator's repository, searched: the walk and the ignore rules are ripgrep's own
//! (`ignore`), each file is read once and searched for everything at once, on all processors. Nothing
//! is written, and what is found leaves here masked.

mod git;
mod rules;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ignore::overrides::OverrideBuilder;
use ignore::{WalkBuilder, WalkState};

use self::rules::Rules;
use crate::error::{Code, Problem};
use crate::step::{ScanAsk, ScanFound, ScanSight};

/// A longer file is data, or made by a program.
const LONGEST: u64 = 2 * 1024 * 1024;
/// The beginning of a file that must be text.
const TEXT: usize = 8 * 1024;
/// How many places of a rule are kept; all are counted.
const PLACES: usize = 50;
/// Folders that hold no file of the operator's.
const SPARED: [&str; 2] = [".git", ".golive"];

/// What every thread adds to.
struct Shared<'a> {
    dir: &'a Path,
    /// The env file: secrets belong there, and whether git keeps it is another check.
    env_file: Option<&'a Path>,
    rules: &'a Rules,
    files: AtomicU64,
    binary: AtomicU64,
    long: AtomicU64,
    unreadable: Mutex<Vec<String>>,
    found: Mutex<Vec<ScanFound>>,
}

/// Searches what is asked for, below a folder.
pub(super) fn scan(ask: &ScanAsk, dir: &Path, env_file: Option<&Path>) -> Result<ScanSight, Problem> {
    // One name for each file, however the folder was named.
    let dir = &dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let env_file = env_file.and_then(|file| file.canonicalize().ok());
    let rules = Rules::new(&ask.rules, dir)?;
    let shared = Shared {
        dir,
        env_file: env_file.as_deref(),
        rules: &rules,
        files: AtomicU64::new(0),
        binary: AtomicU64::new(0),
        long: AtomicU64::new(0),
        unreadable: Mutex::default(),
        found: Mutex::new(vec![ScanFound::default(); ask.rules.len()]),
    };
    let paths: Vec<PathBuf> = ask.paths.iter().map(|path| below(dir, path)).collect();
    if let Some((_, path)) = paths.iter().zip(&ask.paths).find(|(path, _)| !path.exists()) {
        return Err(Problem::new(Code::ScanPlace, format!("there is nothing at `{path}`"))
            .fix(format!("correct the path in the checklist, then look: ls {path}")));
    }
    if ask.tracked_only {
        tracked(ask, dir, &shared)?;
    } else {
        walk(ask, &paths, &shared)?;
    }
    let not_ignored = ask.ignored.iter().filter_map(|path| git::not_ignored(dir, path)).collect();
    let take = |list: Mutex<Vec<String>>| list.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut found = shared.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for each in &mut found {
        each.places.sort();
        each.places.truncate(PLACES);
    }
    let mut unreadable = take(shared.unreadable);
    unreadable.sort();
    Ok(ScanSight {
        files: shared.files.into_inner(),
        binary: shared.binary.into_inner(),
        long: shared.long.into_inner(),
        unreadable,
        found,
        not_ignored,
    })
}

/// A path without a dot in it, so that files are named as people name them.
fn below(dir: &Path, path: &str) -> PathBuf {
    dir.join(path).components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
}

fn bad_glob(glob: &str, error: &ignore::Error) -> Problem {
    Problem::new(Code::BadValue, format!("`{glob}` is not a glob: {error}")).fix("write it as in .gitignore: *.lock")
}

fn walk(ask: &ScanAsk, paths: &[PathBuf], shared: &Shared<'_>) -> Result<(), Problem> {
    let Some((first, others)) = paths.split_first() else { return Ok(()) };
    let mut builder = WalkBuilder::new(first);
    for path in others {
        builder.add(path);
    }
    let mut overrides = OverrideBuilder::new(shared.dir);
    for glob in &ask.exclude {
        overrides.add(&format!("!{glob}")).map_err(|error| bad_glob(glob, &error))?;
    }
    let overrides = overrides.build().map_err(|error| bad_glob("exclude", &error))?;
    builder.hidden(false).require_git(false).overrides(overrides);
    builder.filter_entry(|entry| !SPARED.iter().any(|spared| entry.file_name() == *spared));
    builder.build_parallel().run(|| {
        let mut reader = Reader::new(shared);
        Box::new(move |entry| {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => reader.file(entry.path()),
                Ok(_) => {}
                Err(error) => reader.failed(&error.to_string()),
            }
            WalkState::Continue
        })
    });
    Ok(())
}

/// What git keeps, shared out evenly.
fn tracked(ask: &ScanAsk, dir: &Path, shared: &Shared<'_>) -> Result<(), Problem> {
    let mut files = git::tracked(dir, &ask.paths)?;
    if let Some(exclude) = rules::globs(&ask.exclude, dir)? {
        files.retain(|file| !exclude.matched_path_or_any_parents(file, false).is_ignore());
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = files.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for files in files.chunks(share) {
            scope.spawn(move || {
                let mut reader = Reader::new(shared);
                files.iter().filter(|file| !file.is_symlink()).for_each(|file| reader.file(file));
            });
        }
    });
    Ok(())
}

/// One thread's reader, with its buffer and what it found; handed over when it ends.
struct Reader<'a> {
    shared: &'a Shared<'a>,
    buffer: Vec<u8>,
    found: Vec<ScanFound>,
}

impl<'a> Reader<'a> {
    fn new(shared: &'a Shared<'a>) -> Self {
        Self { shared, buffer: Vec::new(), found: vec![ScanFound::default(); shared.rules.len()] }
    }

    fn failed(&self, what: &str) {
        self.shared.unreadable.lock().unwrap_or_else(PoisonError::into_inner).push(what.to_owned());
    }

    fn file(&mut self, path: &Path) {
        if self.shared.env_file == Some(path) {
            return;
        }
        let shown = path.strip_prefix(self.shared.dir).unwrap_or(path);
        match self.read(path) {
            Ok(Some(())) => {
                self.shared.files.fetch_add(1, Ordering::Relaxed);
                self.shared.rules.search(&self.buffer, shown, &mut self.found);
            }
            Ok(None) => {}
            // Gone since it was listed: then nothing stands in it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => self.failed(&format!("{}: {error}", shown.display())),
        }
    }

    /// Reads a file into the buffer; `None` when it is left out.
    fn read(&mut self, path: &Path) -> std::io::Result<Option<()>> {
        use std::io::Read as _;
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        if length > LONGEST {
            self.shared.long.fetch_add(1, Ordering::Relaxed);
            return Ok(None);
        }
        self.buffer.clear();
        self.buffer.reserve(usize::try_from(length).unwrap_or_default() + 1);
        file.by_ref().take(LONGEST).read_to_end(&mut self.buffer)?;
        if self.buffer[..self.buffer.len().min(TEXT)].contains(&0) {
            self.shared.binary.fetch_add(1, Ordering::Relaxed);
            return Ok(None);
        }
        Ok(Some(()))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut all = self.shared.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (all, own) in all.iter_mut().zip(&mut self.found) {
            all.files += own.files;
            all.count += own.count;
            all.places.append(&mut own.places);
        }
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
