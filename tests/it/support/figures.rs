//! Figures of a test run: each test adds what it counted, and `docs/reliability.md` is made of the sums.
//!
//! To count something new: add a row to `ROWS` in `tests/it/reliability.rs` and call
//! `figures::add("its.name", count)` in the test, once it has passed. Nothing else is needed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

/// The file that a run adds to. `.ci/run` takes it away before it starts.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("figures")
}

/// Adds to a figure.
pub fn add(name: &str, count: usize) {
    let mut file = OpenOptions::new().append(true).create(true).open(path()).unwrap();
    // One write, so that tests side by side do not mix their lines.
    file.write_all(format!("{name} {count}\n").as_bytes()).unwrap();
}

/// The sums so far.
pub fn sums() -> BTreeMap<String, usize> {
    let mut text = String::new();
    if let Ok(mut file) = File::open(path()) {
        file.read_to_string(&mut text).unwrap();
    }
    let mut sums = BTreeMap::new();
    sum(&text, &mut sums);
    sums
}

/// Adds what a file of figures says, a name and a count on each line.
pub fn sum(text: &str, sums: &mut BTreeMap<String, usize>) {
    for (name, count) in text.lines().filter_map(|line| line.split_once(' ')) {
        *sums.entry(name.to_owned()).or_default() += count.parse::<usize>().unwrap();
    }
}

/// Whether all is to be tried, as `.ci/run` wants it, or what `cargo test` has time for.
pub fn full() -> bool {
    variable("GOLIVE_MATRIX") == Some("full".to_owned())
}

/// A variable that says how the tests are run; golive has none of these.
#[expect(clippy::disallowed_methods, reason = "config.rs reads golive's variables, not the tests'")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Of so many, those that are tried: all, or this many, spread evenly from the first to the last.
pub fn sample(count: usize, some: usize) -> Vec<usize> {
    if full() || count <= some {
        return (0..count).collect();
    }
    (0..some).map(|at| at * (count - 1) / (some - 1).max(1)).collect()
}
