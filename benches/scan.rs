//! How long a search for stray keys takes, beside `rg` searching a generated tree for the same
//! patterns: the target is within twice its time. The real binary, started as an operator would.
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

const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");
const PATTERN: &str = "(?:sk_live_|rk_live_|sk_test_|rk_test_)[A-Za-z0-9_]{16,}|whsec_[A-Za-z0-9+/=]{24,}";
const CHECKLIST: &str = "schema = 1\nid = \"bench\"\ntitle = \"Bench\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n\
    [[phase.item]]\nid = \"s\"\nkind = \"scan\"\ntitle = \"S\"\npaths = [\"tree\"]\n";
const RUNS: usize = 7;

fn main() {
    // `cargo test --benches` compiles and starts it too, and wants nothing measured.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("files   MB    golive ms   of it start ms   rg ms   golive/rg");
    for files in [2_000, 20_000] {
        measure(files);
    }
}

fn measure(files: usize) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let bytes = generate(&dir.join("tree"), files);
    fs::write(dir.join("golive.toml"), CHECKLIST).unwrap();
    let golive = |arguments: &[&str]| {
        let mut command = Command::new(GOLIVE);
        command.args(arguments).current_dir(dir).env("HOME", dir).env("GOLIVE_LIVE_KEY", "");
        command
    };
    let scan = best(|| golive(&["check", "--mode", "live"]));
    let start = best(|| golive(&["status", "--mode", "live"]));
    let rg = best(|| {
        let mut command = Command::new("rg");
        command.args(["--hidden", "--no-require-git", "-n", PATTERN, "tree"]).current_dir(dir);
        command
    });
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let (rg, ratio) = rg.zip(scan).map_or_else(
        || ("-".to_owned(), "-".to_owned()),
        |(rg, scan)| (format!("{:.0}", millis(rg)), format!("{:.2}", millis(scan) / millis(rg))),
    );
    let shown = |time: Option<Duration>| time.map_or_else(|| "-".to_owned(), |time| format!("{:.0}", millis(time)));
    let mega = bytes / 1_000_000;
    println!("{files:<7} {mega:<5} {:<11} {:<16} {rg:<7} {ratio}", shown(scan), shown(start));
}

/// The best of some runs; `None` when the program is not there.
fn best(command: impl Fn() -> Command) -> Option<Duration> {
    let run = || {
        let begun = Instant::now();
        let status = command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.ok().map(|_| begun.elapsed())
    };
    (0..RUNS).filter_map(|_| run()).min()
}

/// A tree of sources with a key here and there. Returns its size.
fn generate(root: &Path, files: usize) -> usize {
    let mut bytes = 0;
    for file in 0..files {
        let folder = root.join(format!("package_{}/module_{}", file / 400, file / 20 % 20));
        fs::create_dir_all(&folder).unwrap();
        let mut text = String::new();
        for line in 0..120 + file % 200 {
            let _ =
                writeln!(text, "    value_{line} = compute(first_{file}, second_{line}, mode=\"live\")  # task_{line}");
        }
        if file % 997 == 0 {
            let _ = writeln!(text, "KEY = \"sk_live_51{}{file}\"", "aB3dE5gH".repeat(3));
        }
        bytes += text.len();
        fs::write(folder.join(format!("file_{file}.py")), text).unwrap();
    }
    bytes
}
