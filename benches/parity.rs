//! Counts, not seconds: the requests and the memory that `golive parity` takes for 10,000 prices on either
//! side, against the budget of one request for every 100 objects of a kind plus a constant, and 60 MiB.
//!
//! `cargo bench --locked --bench parity` ends with 1 when a limit is exceeded; nothing is said about time.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure stops; its result is its output"
)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use golive::simulator::{Keys, Options, Simulator};

const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");
/// Lists of a side, the account, the tax settings.
const CONSTANT: usize = 20;
const PRICES_A_PRODUCT: usize = 10;
/// What the comparison may hold, in MiB.
const BUDGET: f64 = 60.0;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("prices   exit  requests  budget  peak MiB  budget MiB");
    let kept = [100, 10_000].map(measure);
    if kept != [true, true] {
        println!("a limit is exceeded, or the accounts are not equal");
        std::process::exit(1);
    }
}

/// Whether the comparison of so many prices kept to its limits.
fn measure(prices: usize) -> bool {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
    for keys in [&simulator.test, &simulator.live] {
        runtime.block_on(furnish(&simulator, keys, prices));
    }
    let before = simulator.control().requests().len();
    let mut child = Command::new(GOLIVE)
        .env_clear()
        .env("GOLIVE_API_BASE", &simulator.url)
        .env("GOLIVE_TEST_KEY", &simulator.test.secret)
        .env("GOLIVE_LIVE_KEY", &simulator.live.secret)
        .arg("parity")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (code, peak) = watched(&mut child);
    let requests = simulator.control().requests().len() - before;
    let objects = prices + prices / PRICES_A_PRODUCT;
    let budget = 2 * (objects.div_ceil(100) + CONSTANT);
    println!("{prices:>6}   {code:>4}  {requests:>8}  {budget:>6}  {:>8.1}  {BUDGET:>10}", peak / 1024.0);
    code == 0 && requests <= budget && peak <= BUDGET * 1024.0
}

/// How it ended, and the most memory that it held, in KiB.
fn watched(child: &mut Child) -> (i32, f64) {
    let path = format!("/proc/{}/status", child.id());
    let mut peak: f64 = 0.0;
    loop {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
        peak = peak.max(now.unwrap_or(0.0));
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code().unwrap_or(-1), peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Products with ten prices each, the same in both modes.
async fn furnish(simulator: &Simulator, keys: &Keys, prices: usize) {
    for product in 0..prices / PRICES_A_PRODUCT {
        post(simulator, keys, "/v1/products", &format!("id=prod_{product}&name=Product+{product}")).await;
        for price in 0..PRICES_A_PRODUCT {
            let params = format!(
                "product=prod_{product}&currency=eur&unit_amount={}&lookup_key=p{product}_{price}&recurring[interval]=month",
                (price + 1) * 100
            );
            post(simulator, keys, "/v1/prices", &params).await;
        }
    }
}

async fn post(simulator: &Simulator, keys: &Keys, path: &str, params: &str) {
    use http_body_util::{BodyExt, Full};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    use std::sync::OnceLock;
    type Door = Client<hyper_util::client::legacy::connect::HttpConnector, Full<bytes::Bytes>>;
    static DOOR: OnceLock<Door> = OnceLock::new();
    let door = DOOR.get_or_init(|| Client::builder(TokioExecutor::new()).build_http());
    let request = hyper::Request::post(format!("{}{path}", simulator.url))
        .header("authorization", format!("Bearer {}", keys.secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(bytes::Bytes::from(params.to_owned())))
        .unwrap();
    let answer = door.request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{}", String::from_utf8_lossy(&body));
}
