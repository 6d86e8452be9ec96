//! Stripe cannot be reached: that is neither a failure nor a success of anything, and nothing that
//! was known is lost by it.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::Launch;

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn states(launch: &Launch) -> Vec<(String, String)> {
    let status = launch.golive("status --json").run().exits(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    let items = status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap());
    items.map(|item| (item["id"].as_str().unwrap().to_owned(), item["state"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn what_cannot_be_looked_at_is_unknown_and_never_failed() {
    let launch = Launch::small();
    let _ = launch.finish().exits(0);
    let output = launch.golive("check --mode live").env("GOLIVE_API_BASE", nowhere()).run();
    assert_eq!(output.code, 75, "{output}");
    for (item, state) in states(&launch) {
        assert!(matches!(state.as_str(), "done" | "unknown" | "stale" | "blocked"), "{item} is {state}: {output}");
    }
    let _ = launch.golive("check --mode live").run().exits(0);
    assert!(states(&launch).iter().all(|(_, state)| state == "done"), "{:?}", states(&launch));
    launch.is_whole("Stripe was not there for a while");
}

#[test]
fn a_launch_without_stripe_ends_with_75_and_goes_on_when_it_is_back() {
    let launch = Launch::small();
    let output = launch.wizard().env("GOLIVE_API_BASE", nowhere()).run();
    assert_eq!(output.code, 75, "{output}");
    let plan = launch.golive("plan --mode live").env("GOLIVE_API_BASE", nowhere()).run();
    assert_eq!(plan.code, 75, "{plan}");
    let _ = launch.finish().exits(0);
    launch.is_whole("Stripe was not there at first");
}
