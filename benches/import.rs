//! How long a go-live document takes to become a checklist, and whether twice the text takes twice the
//! time: the guides repeated to a length, text in, text out. The target is 100 ms for 5,000 lines, and that
//! ten times the text takes no more than twenty times the time.
//!
//! `cargo bench --locked --bench import` ends with 1 when the ratio is exceeded, and says whether the target is met.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure stops; its result is its output"
)]

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use golive::import::markdown::import;

const RUNS: usize = 5;
const TARGET: Duration = Duration::from_millis(100);
const MOST_RATIO: f64 = 20.0;
const GUIDES: [&str; 4] = ["minipass", "recorder-ed", "caixahub", "smart-strategies"];

fn main() {
    // `cargo test --benches` compiles and starts it too, and wants nothing measured.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("lines     KiB      ms   us/line");
    let [_, few, many, _] = [500, 5_000, 50_000, 250_000].map(measure);
    let met = few < TARGET;
    println!(
        "5000 lines: {} ms, target {} ms, {}",
        few.as_millis(),
        TARGET.as_millis(),
        if met { "met" } else { "missed" }
    );
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!("ten times the lines: {ratio:.1} times the time, at most {MOST_RATIO}");
    if ratio > MOST_RATIO {
        std::process::exit(1);
    }
}

fn measure(lines: usize) -> Duration {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let guides: Vec<String> =
        GUIDES.iter().map(|name| fs::read_to_string(folder.join(format!("{name}.md"))).unwrap()).collect();
    let all: Vec<&str> = guides.iter().flat_map(|guide| guide.lines()).collect();
    let document: String = all.iter().cycle().take(lines).flat_map(|line| [*line, "\n"]).collect();
    let runs = if lines > 10_000 { 1 } else { RUNS };
    let best = (0..runs).map(|_| once(&document)).min().unwrap();
    let each = best.as_secs_f64() * 1e6 / f64::from(u32::try_from(lines).unwrap());
    println!("{lines:>6}  {:>6}  {:>6}  {each:>8.1}", document.len() / 1024, best.as_millis());
    best
}

fn once(document: &str) -> Duration {
    let begin = Instant::now();
    let imported = import(document.as_bytes(), "bench.md", &BTreeMap::new()).unwrap();
    assert!(imported.draft.text().len() > 100);
    begin.elapsed()
}
