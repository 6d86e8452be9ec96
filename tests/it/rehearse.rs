//! The README's first command: `MiniPass` goes live on the simulator, and the second run finds
//! nothing left to do.

use golive::simulator::{Mode, Options, Simulator};
use serde_json::Value;

use crate::support::Launch;

fn intents(launch: &Launch) -> usize {
    let journal = std::fs::read_to_string(launch.dir.join(".golive/minipass.rehearse.jsonl")).unwrap();
    journal.lines().filter(|line| line.contains(r#""type":"intended""#)).count()
}

#[test]
fn minipass_goes_live_and_a_second_run_writes_nothing() {
    let launch = Launch::small();
    let first = launch.golive("rehearse --yes --checklist minipass").run().exits(0);
    assert!(first.stderr.contains("MiniPass production launch is rehearsed"), "{first}");
    let writes = intents(&launch);
    // 3 products, 6 prices, the endpoint, 6 sessions opened and expired, the delivery proof
    // (subscribe, touch a product, give the subscription back), and the refund.
    assert_eq!(writes, 3 + 6 + 1 + 12 + 3 + 1, "{first}");
    let _ = launch.golive("rehearse --yes --checklist minipass").run().exits(0);
    assert_eq!(intents(&launch), writes, "the second run wrote to Stripe");
    let status = launch.golive("status --mode rehearse --checklist minipass --json").run().exits(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["ready"], true, "{status:#}");

    let data = launch.dir.join(".golive/rehearsal/minipass/stripe");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let world = runtime.block_on(Simulator::start(Options { data: Some(data), ..Options::default() })).unwrap();
    let endpoints = world.control().objects(Mode::Live, "webhook_endpoint");
    assert_eq!(endpoints.len(), 1);
    // What the delivery proof had borrowed was given back.
    assert_eq!(endpoints[0]["enabled_events"], serde_json::json!(["checkout.session.completed"]));
    let amounts = world.control().objects(Mode::Live, "price");
    let mut amounts: Vec<i64> = amounts.iter().filter_map(|price| price["unit_amount"].as_i64()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [2_000, 5_000, 12_000, 12_000, 30_000, 72_000]);
}
