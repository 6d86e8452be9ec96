//! The simulator's promises, through real HTTP.

use crate::simulator_support::{call, start};

/// `cargo test serve_until_killed -- --ignored --nocapture`: a simulator for other programs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs until it is killed"]
async fn serve_until_killed() {
    let port = std::env::var("SIM_PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(0);
    let options = golive::simulator::Options { port, ..Default::default() };
    let sim = golive::simulator::Simulator::start(options).await.unwrap();
    let keys = |k: &golive::simulator::Keys| serde_json::json!({"secret": k.secret, "publishable": k.publishable});
    let line = serde_json::json!({"schema": "golive.sandbox/1", "url": sim.url, "shop": sim.shop, "test": keys(&sim.test), "live": keys(&sim.live)});
    println!("{line}");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_account_and_its_balance_are_there() {
    let sim = start().await;
    let account = call(&sim, &sim.live.secret, "GET", "/v1/account", "").await.ok();
    assert!(account.id().starts_with("acct_1"));
    assert_eq!(account.json["charges_enabled"], true);
    let balance = call(&sim, &sim.live.secret, "GET", "/v1/balance", "").await.ok();
    assert_eq!(balance.json["livemode"], true);
}
