//! `docs/reliability.md`: what was tried, in figures that a test run has counted itself.
//!
//! Tests add to figures (`support/figures.rs`); a row of `ROWS` says what one means. To add a figure, add a
//! row here and a call there, then run `.ci/reliability`, which runs everything and writes the page. The
//! page holds each figure rounded down to two digits, as "at least": a run that counts fewer fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::figures;

/// Where the fuzzers are run. What they counted last is kept in `fuzz/figures`, a file for each.
const FUZZ: &str = "fuzz/run.sh";

/// A figure's name, what it counts, and where.
const ROWS: &[(&str, &str, &str)] = &[
    (
        "kill.points",
        "points at which a command that writes was stopped: durable effects and requests",
        "tests/it/matrix.rs",
    ),
    (
        "kill.resumed",
        "different states that `kill -9` leaves there, from which the launch went on to its end",
        "tests/it/matrix.rs",
    ),
    ("kill.twice", "of these, killed a second time on the way", "tests/it/matrix.rs"),
    ("kill.live", "kills of a bundled checklist's live launch, each on its way to its end", "tests/it/matrix_live.rs"),
    ("power.states", "states of the disk that a power cut could leave, each readable", "tests/it/matrix.rs"),
    ("power.resumed", "different ones, from which the launch went on to its end", "tests/it/matrix.rs"),
    ("faults.requests", "different requests to Stripe", "tests/it/faults.rs"),
    ("faults.kinds", "faults that each of them meets", "tests/it/faults.rs"),
    ("faults.once", "pairs of a request and a fault that were tried", "tests/it/faults.rs"),
    ("faults.lasting", "faults that lasted for a whole run", "tests/it/faults.rs"),
    ("faults.colleague", "things that somebody else did between a kill and the next run", "tests/it/faults.rs"),
    ("crowd.looks", "looks at a launch while it was written, each at a whole state", "tests/it/crowd.rs"),
    ("crowd.launches", "launches side by side against one Stripe, nothing doubled", "tests/it/crowd.rs"),
    (
        "canary.planted",
        "canaries planted, one after each command, fault of Stripe's and panic for each secret",
        "tests/it/canary_all.rs",
    ),
    ("canary.searches", "searches for one, in all that was said and in every file", "tests/it/canary_all.rs"),
    ("fuzz.checklist", "inputs that libFuzzer made for the checklist parser", FUZZ),
    ("fuzz.journal", "inputs for the journal reader, the fold and the views of it", FUZZ),
    ("fuzz.env_editor", "inputs for the env editor: a file and a value", FUZZ),
    ("fuzz.markdown", "documents for the Markdown importer", FUZZ),
    ("fuzz.form", "inputs for the form decoder of the simulator", FUZZ),
    ("fuzz.error_mapper", "errors of Stripe's for the error mapper", FUZZ),
    ("fuzz.seconds", "seconds that the six fuzzers ran, together", FUZZ),
];

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md")
}

/// What this run of the tests has counted, and what the last run of each fuzzer has.
fn counted() -> BTreeMap<String, usize> {
    let mut sums = figures::sums();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/figures")).unwrap() {
        figures::sum(&std::fs::read_to_string(entry.unwrap().path()).unwrap(), &mut sums);
    }
    sums
}

/// The page with these figures.
fn page(figures: &BTreeMap<String, usize>) -> String {
    let mut text = String::from(
        "# What was tried\n\n\
         Every figure here was counted by a run of the tests, and none is written by hand. `.ci/reliability` runs\n\
         everything and writes this page; `.ci/reliability check` runs it again and fails when a figure here is more\n\
         than what that run counted. Figures are rounded down. How many points a run passes differs a little from\n\
         run to run and from computer to computer, because requests go side by side.\n\n\
         `fuzz/run.sh SECONDS` runs the fuzzers and counts what they tried; `.ci/reliability` takes its counts over.\n\n\
         `cargo test` alone tries some of it, spread evenly; `GOLIVE_MATRIX=full cargo test` all.\n\
         Where a figure below is of a sample, the next whole run writes a larger one.\n\n\
         | at least | what | tests |\n| ---: | --- | --- |\n",
    );
    for (name, what, tests) in ROWS {
        let figure = figures.get(*name).copied().unwrap_or_default();
        let _ = writeln!(text, "| {figure} | {what} | `{tests}` |");
    }
    text.push_str(
        "\nWhat is tried with each: one of each object in Stripe, every secret in the env file, no question asked\n\
         twice, the journal readable at every moment, no file left behind, and nothing to change for another run.\n\n\
         The disk of the power cuts promises what POSIX promises and no more (`tests/it/support/disk.rs`); what\n\
         golive writes is compared with it at every point, so that nothing is written past it.\n",
    );
    text
}

/// The figures that a page holds.
fn read(text: &str) -> BTreeMap<String, usize> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let figures = rows.filter_map(|(figure, rest)| Some((figure.parse().ok()?, rest)));
    figures
        .filter_map(|(figure, rest): (usize, &str)| {
            let (name, ..) = ROWS.iter().find(|(_, what, _)| rest.starts_with(&format!("{what} |")))?;
            Some(((*name).to_owned(), figure))
        })
        .collect()
}

/// Two digits, and zeros for the rest.
fn rounded(figure: usize) -> usize {
    let mut unit = 1;
    while figure / unit >= 100 {
        unit *= 10;
    }
    figure / unit * unit
}

#[test]
fn the_page_is_what_its_figures_make_of_it() {
    let text = std::fs::read_to_string(place()).unwrap();
    let figures = read(&text);
    assert_eq!(text, page(&figures), "write it anew: .ci/reliability");
    assert!(ROWS.iter().all(|(name, ..)| figures.get(*name).is_some_and(|figure| *figure > 0)), "{figures:?}");
}

#[test]
fn figures_are_rounded_down() {
    assert_eq!([7, 99, 100, 101, 1_299, 84_199].map(rounded), [7, 99, 100, 100, 1_200, 84_000]);
}

/// After everything else, in a run of its own: `.ci/reliability check` compares, `.ci/reliability` writes.
#[test]
#[ignore = "it reads what the other tests have counted"]
fn the_page_claims_no_more_than_this_run_has_counted() {
    let counted = counted();
    if figures::variable("GOLIVE_FIGURES") == Some("write".to_owned()) {
        // What was not tried in this run keeps its figure; `check` demands that everything is tried.
        let mut figures = read(&std::fs::read_to_string(place()).unwrap_or_default());
        figures.extend(counted.iter().map(|(name, figure)| (name.clone(), rounded(*figure))));
        std::fs::create_dir_all(place().parent().unwrap()).unwrap();
        std::fs::write(place(), page(&figures)).unwrap();
        return;
    }
    for (name, claimed) in read(&std::fs::read_to_string(place()).unwrap()) {
        let counted = counted.get(&name).copied().unwrap_or_default();
        assert!(counted >= claimed, "{name}: {claimed} is claimed, and this run counted {counted}");
    }
}
