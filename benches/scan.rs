//! How long `golive scan` takes, beside `rg` searching the same tree for the same patterns: the target
//! is within twice its time. The real binary, started as an operator would, in a git repository.
//!
//! Measured on two busy cores, best of seven in turn, the search alone (walk, git's listing, patterns; built for
//! size as releases are): 2,000 files, 29 MB: 0.69 of rg's time and 0.58 of its processor time; 20,000 files,
//! 301 MB: 0.41 and 0.46.
//!
//! `cargo bench --locked --bench scan`. Nothing is asserted; without `rg` only one column is filled.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure stops; its result is its output"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The patterns of `src/world/scan/rules.rs` and `src/cli/scan.rs`.
const PATTERNS: [&str; 3] = [
    "(?:sk_live_|rk_live_|sk_test_|rk_test_|sk_org_)[A-Za-z0-9_]{16,}|whsec_[A-Za-z0-9+/=]{24,}",
    "(?:price_|prod_)[A-Za-z0-9]{14,}",
    r"\bpk_test_[A-Za-z0-9]{16,}|https://(?:buy|checkout|billing)\.stripe\.com/(?:[a-z]/)*test_[A-Za-z0-9]{6,}",
];
const RUNS: usize = 7;

fn main() {
    // `cargo test --benches` compiles and starts it too, and wants nothing measured.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("files    MB    golive ms   rg ms   golive/rg");
    for (files, lines) in [(2_000, 120), (20_000, 120), (100_000, 12)] {
        measure(files, lines);
    }
}

fn measure(files: usize, lines: usize) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let bytes = generate(&dir.join("tree"), files, lines);
    for arguments in [&["init", "-q"][..], &["add", "-A"]] {
        assert!(Command::new("git").args(arguments).current_dir(dir).status().unwrap().success());
    }
    let binary = env!("CARGO_BIN_EXE_golive");
    let golive = || {
        let mut command = Command::new(binary);
        command.args(["scan", "tree"]).current_dir(dir).env("HOME", dir);
        command
    };
    let rg = || {
        let mut command = Command::new("rg");
        command.args(["--hidden", "-n"]).args(PATTERNS.iter().flat_map(|pattern| ["-e", pattern]));
        command.arg("tree").current_dir(dir);
        command
    };
    let (golive, rg) = in_turn(golive, rg);
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let (rg, ratio) = rg.map_or_else(
        || ("-".to_owned(), "-".to_owned()),
        |rg| (format!("{:.0}", millis(rg)), format!("{:.2}", millis(golive) / millis(rg))),
    );
    println!("{files:<8} {:<5} {:<11.0} {rg:<7} {ratio}", bytes / 1_000_000, millis(golive));
}

/// The best of some runs of each, one after the other, so that both meet the same computer; `None` when
/// the second program is not there.
fn in_turn(one: impl Fn() -> Command, other: impl Fn() -> Command) -> (Duration, Option<Duration>) {
    let run = |mut command: Command| {
        let begun = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.ok().map(|_| begun.elapsed())
    };
    let runs: Vec<_> = (0..RUNS).map(|_| (run(one()).unwrap(), run(other()))).collect();
    (runs.iter().map(|(one, _)| *one).min().unwrap(), runs.iter().filter_map(|(_, other)| *other).min())
}

/// A tree of sources with a key and an id here and there. Returns its size.
fn generate(root: &Path, files: usize, lines: usize) -> usize {
    let mut bytes = 0;
    for file in 0..files {
        let folder = root.join(format!("package_{}/module_{}", file / 400, file / 20 % 20));
        fs::create_dir_all(&folder).unwrap();
        let mut text = String::new();
        for line in 0..lines + file % (lines + lines / 2) {
            let _ =
                writeln!(text, "    value_{line} = compute(price_{file}, second_{line}, mode=\"live\")  # task_{line}");
        }
        if file % 997 == 0 {
            let _ = writeln!(text, "KEY = \"sk_live_51{}{file}\"", "aB3dE5gH".repeat(3));
            let _ = writeln!(text, "PRICE = \"price_1NcAbcdEfgh{file}\"");
        }
        bytes += text.len();
        fs::write(folder.join(format!("file_{file}.py")), text).unwrap();
    }
    bytes
}
