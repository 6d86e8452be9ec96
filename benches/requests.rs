//! Counts, not seconds: how many requests golive needs for a catalog, against the budget of one read
//! for ten prices, and how many instructions `golive status` takes. The real binary against the
//! embedded simulator.
//!
//! `cargo bench --locked`. Nothing is asserted about time; instructions need valgrind.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure stops; its result is its output"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use golive::simulator::{Options, Simulator};
use golive::state::{Event, Line, format};
use golive::step::Address;
use golive::{mode::Mode, store};

const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");
/// Reads that do not grow with the catalog: account, balance, keys.
const CONSTANT: usize = 8;
const PRICES_A_PRODUCT: usize = 6;

fn main() {
    // `cargo test --benches` compiles and starts it too, and wants nothing measured.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("prices   run      reads  budget  reads/budget  writes  writes/changes");
    for prices in [60, 600] {
        catalog(prices);
    }
    println!();
    for items in [60, 10_000] {
        status(items);
    }
}

/// A checklist of products with six prices each.
fn checklist(prices: usize) -> String {
    let mut text = String::from(
        "schema = 1\nid = \"bench\"\ntitle = \"Bench\"\n[env]\nfile = \".env.production\"\n\n\
         [[phase]]\nid = \"c\"\ntitle = \"Catalog\"\n\n[[phase.item]]\nid = \"keys\"\nkind = \"keys\"\ntitle = \"Keys\"\n",
    );
    for product in 0..prices / PRICES_A_PRODUCT {
        let _ = write!(
            text,
            "\n[[phase.item]]\nid = \"p{product}\"\nkind = \"product\"\ntitle = \"Product {product}\"\nprices = [\n"
        );
        for price in 0..PRICES_A_PRODUCT {
            let _ = writeln!(text, "  {{ lookup_key = \"p{product}_{price}\", amount = \"{}.00 EUR\" }},", price + 1);
        }
        text.push_str("]\n");
    }
    text
}

/// Applies a catalog twice and looks at it once more, counting what arrives.
fn catalog(prices: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("golive.toml"), checklist(prices)).unwrap();
    let changes = prices + prices / PRICES_A_PRODUCT;
    let budget = prices / 10 + CONSTANT;
    for (run, arguments) in [("first", &["apply", "--yes"][..]), ("second", &["apply", "--yes"]), ("plan", &["plan"])] {
        let before = simulator.control().requests().len();
        let output = golive(dir.path(), &simulator, arguments);
        assert!(matches!(output.status.code(), Some(0)), "{run}: {}", String::from_utf8_lossy(&output.stderr));
        let requests = simulator.control().requests();
        // What is asked with the publishable key proves that key; it changes nothing.
        let asks = requests[before..].iter().filter(|request| request.method == "POST");
        let writes = asks.filter(|request| !request.key_prefix.starts_with("pk_")).count();
        let reads = requests.len() - before - writes;
        let expected = if run == "first" { changes } else { 0 };
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let ratio = reads as f64 / budget as f64;
        println!("{prices:>6}   {run:<7} {reads:>6}  {budget:>6}  {ratio:>12.2}  {writes:>6}  {writes}/{expected}");
    }
}

fn golive(dir: &Path, simulator: &Simulator, arguments: &[&str]) -> Output {
    Command::new(GOLIVE)
        .env_clear()
        .env("GOLIVE_API_BASE", &simulator.url)
        .env("GOLIVE_TEST_KEY", &simulator.test.secret)
        .env("GOLIVE_TEST_PUBLISHABLE_KEY", &simulator.test.publishable)
        .args(["--mode", "test", "--dir"])
        .arg(dir)
        .args(arguments)
        .output()
        .unwrap()
}

/// `golive status` over a checklist whose every item was attested once.
fn status(items: usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut text =
        String::from("schema = 1\nid = \"bench\"\ntitle = \"Bench\"\n[[phase]]\nid = \"m\"\ntitle = \"Manual\"\n");
    for item in 0..items {
        let _ = write!(text, "[[phase.item]]\nid = \"i{item}\"\nkind = \"manual\"\ntitle = \"Item {item}\"\n");
    }
    fs::write(dir.path().join("golive.toml"), text).unwrap();
    journal(dir.path(), items);
    let mut plain = Command::new(GOLIVE);
    let valgrind = Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    if !valgrind {
        let output = plain.env_clear().args(["status", "--mode", "live", "--dir"]).arg(dir.path()).output().unwrap();
        println!("status of {items:>6} items: it runs ({}); instructions need valgrind", output.status.success());
        return;
    }
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", dir.path().join("counts").display()))
        .arg(GOLIVE)
        .args(["status", "--mode", "live", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = fs::read_to_string(dir.path().join("counts")).unwrap();
    let collected = counts.lines().find_map(|line| line.split("Collected :").nth(1)).map_or("?", str::trim);
    println!("status of {items:>6} items: {collected} instructions");
}

/// A journal in which each item was stated to be done.
fn journal(dir: &Path, items: usize) {
    let path = store::journal_path(dir, "bench", Mode::Live);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let opened = Event::Opened {
        format: format::CURRENT,
        golive: "0.1.0".into(),
        run: "bench".into(),
        checklist: "bench".into(),
        title: "Bench".into(),
        mode: Mode::Live,
    };
    let attested = (0..items).map(|item| Event::Attested {
        item: Address::new("m", format!("i{item}")),
        by: "bench".into(),
        note: None,
        digest: String::new(),
    });
    let mut text = String::new();
    for (seq, event) in (1..).zip(std::iter::once(opened).chain(attested)) {
        let line = Line { seq, at: "2026-01-01T00:00:00Z".into(), event };
        let _ = writeln!(text, "{}", serde_json::to_string(&line).unwrap());
    }
    fs::write(path, text).unwrap();
}
