//! How many requests `golive import stripe` needs for an account of ten thousand prices, against one
//! for each hundred objects, and the most memory it holds. The real binary against the embedded simulator.
//!
//! The first import, the same again, and one after a product was renamed. `cargo bench --locked --bench
//! import_stripe` ends with 1 when a limit is exceeded; nothing is said about time.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure stops; its result is its output"
)]

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

use golive::simulator::{Options, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");
const PRICES_A_PRODUCT: usize = 10;
/// Lists that cost a request although they are empty, the account, and the settings of taxes.
const CONSTANT: usize = 20;
/// What the import of ten thousand prices may hold, in MiB.
const BUDGET: u64 = 60;

fn main() {
    // `cargo test --benches` compiles and starts it too, and wants nothing measured.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("prices  import   requests  budget  requests/budget  MiB held  of {BUDGET}");
    let kept = [100, 10_000].map(account);
    if kept != [true, true] {
        println!("a limit is exceeded");
        std::process::exit(1);
    }
}

/// Whether every import of an account of so many prices kept to its limits.
fn account(prices: usize) -> bool {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
    let products = prices / PRICES_A_PRODUCT;
    runtime.block_on(furnish(&simulator, products));
    let dir = tempfile::tempdir().unwrap();
    let budget = prices.div_ceil(100) + products.div_ceil(100) + CONSTANT;
    let mut kept = true;
    for run in ["first", "again", "changed"] {
        if run == "changed" {
            let address = simulator.url.trim_start_matches("http://");
            runtime.block_on(post(address, &simulator.test.secret, "/v1/products/p5", "name=Renamed"));
        }
        let (requests, most) = import(&simulator, dir.path());
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let ratio = requests as f64 / budget as f64;
        println!(
            "{prices:>6}  {run:<7}  {requests:>8}  {budget:>6}  {ratio:>15.2}  {:>8}  {}%",
            most / 1024,
            most * 100 / 1024 / BUDGET
        );
        kept &= requests <= budget && most <= BUDGET * 1024;
    }
    kept
}

/// How many requests an import needed, and the most it held, in KiB.
fn import(simulator: &Simulator, dir: &std::path::Path) -> (usize, u64) {
    let before = simulator.control().requests().len();
    let mut child = Command::new(GOLIVE)
        .env_clear()
        .env("GOLIVE_API_BASE", &simulator.url)
        .env("GOLIVE_TEST_KEY", &simulator.test.secret)
        .args(["import", "stripe", "--quiet", "--yes", "--dir"])
        .arg(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The mark only rises, so the last look before the end is the most it held.
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = mark.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or(most).max(most);
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    };
    assert!(ended.success(), "{ended}");
    (simulator.control().requests().len() - before, most)
}

/// Products with ten prices each, made through the simulator's door on a few connections.
async fn furnish(simulator: &Simulator, products: usize) {
    let address = Arc::new(simulator.url.trim_start_matches("http://").to_owned());
    let key = Arc::new(simulator.test.secret.clone());
    let lanes: Vec<_> = (0..8)
        .map(|lane| {
            let (address, key) = (Arc::clone(&address), Arc::clone(&key));
            tokio::spawn(async move {
                for product in (lane..products).step_by(8) {
                    post(&address, &key, "/v1/products", &format!("id=p{product}&name=Product {product}")).await;
                    for price in 0..PRICES_A_PRODUCT {
                        let body = format!("product=p{product}&currency=eur&unit_amount={price}99&lookup_key=p{product}_{price}&nickname=Plan {price}&recurring[interval]=month");
                        post(&address, &key, "/v1/prices", &body).await;
                    }
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

async fn post(address: &str, key: &str, path: &str, body: &str) {
    let body = body.replace(' ', "+");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}
