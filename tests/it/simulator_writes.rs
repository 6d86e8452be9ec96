//! Idempotency, faults and the kept world: what a client may rely on when things go wrong.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{Reply, call, call_with, start, try_call, until};
use golive::simulator::{At, Fault, Mode, Options, Phase, Simulator, What, parse_faults};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

async fn create(sim: &Simulator, key: &str, params: &str) -> Reply {
    call_with(sim, &sim.live.secret, "POST", "/v1/products", params, &[("idempotency-key", key)]).await
}

fn products(sim: &Simulator) -> usize {
    sim.control().objects(Mode::Live, "product").len()
}

fn fault(sim: &Simulator, spec: &str) {
    for fault in parse_faults(spec).unwrap() {
        sim.control().fault(fault);
    }
}

#[tokio::test]
async fn the_same_key_and_parameters_replay_the_first_answer() {
    let sim = start().await;
    let first = create(&sim, "k", "name=Pro&metadata[a]=1").await.ok();
    let second = create(&sim, "k", "metadata[a]=1&name=Pro").await.ok();
    assert_eq!(first.text, second.text);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_ne!(second.header("request-id"), first.header("request-id"));
    assert_eq!(products(&sim), 1);
    assert!(sim.control().requests()[1].replayed);
}

#[tokio::test]
async fn a_replay_brings_the_signing_secret_again_until_it_is_forgotten() {
    let sim = start().await;
    let params = "url=https://shop.example/hook&enabled_events[]=*";
    let key = [("idempotency-key", "hook")];
    let make = || call_with(&sim, &sim.live.secret, "POST", "/v1/webhook_endpoints", params, &key);
    let first = make().await.ok();
    let second = make().await.ok();
    assert_eq!(first.json["secret"], second.json["secret"]);
    let path = format!("/v1/webhook_endpoints/{}", first.id());
    let read = call(&sim, &sim.live.secret, "GET", &path, "").await.ok();
    assert!(read.json.get("secret").is_none());
    sim.control().expire_idempotency().unwrap();
    assert_ne!(make().await.ok().id(), first.id());
}

#[tokio::test]
async fn a_key_is_refused_for_other_parameters_and_other_endpoints() {
    let sim = start().await;
    create(&sim, "k", "name=Pro").await.ok();
    let other = create(&sim, "k", "name=Other").await;
    assert_eq!((other.status, &other.json["error"]["type"]), (400, &json!("idempotency_error")));
    assert!(other.message().contains("Try using a key other than 'k'"));
    let params = "currency=usd&unit_amount=1&product_data[name]=x";
    let elsewhere = call_with(&sim, &sim.live.secret, "POST", "/v1/prices", params, &[("idempotency-key", "k")]).await;
    assert_eq!(elsewhere.json["error"]["type"], "idempotency_error");
    let test = call_with(&sim, &sim.test.secret, "POST", "/v1/products", "name=Other", &[("idempotency-key", "k")]);
    test.await.ok();
}

#[tokio::test]
async fn refused_parameters_are_not_kept_but_refusals_of_the_work_are() {
    let sim = start().await;
    assert_eq!(create(&sim, "k", "nme=Pro").await.status, 400);
    create(&sim, "k", "name=Pro").await.ok();
    create(&sim, "a", "name=Pro&id=pro").await.ok();
    assert_eq!(create(&sim, "b", "name=Pro&id=pro").await.json["error"]["code"], "resource_already_exists");
    let path = "/v1/products/pro";
    call(&sim, &sim.live.secret, "DELETE", path, "").await.ok();
    let replayed = create(&sim, "b", "name=Pro&id=pro").await;
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (400, Some("true")));
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict_that_may_be_retried() {
    let sim = Simulator::start(Options { latency: Duration::from_secs(1), ..Options::default() }).await.unwrap();
    let (first, second) = tokio::join!(create(&sim, "k", "name=Pro"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        create(&sim, "k", "name=Pro").await
    });
    first.ok();
    assert_eq!((second.status, &second.json["error"]["code"]), (409, &json!("idempotency_key_in_use")));
    assert_eq!(second.header("stripe-should-retry"), Some("true"));
    create(&sim, "k", "name=Pro").await.ok();
    assert_eq!(products(&sim), 1);
}

#[tokio::test]
async fn latency_is_served_side_by_side() {
    let sim = Simulator::start(Options { latency: Duration::from_millis(300), ..Options::default() }).await.unwrap();
    let started = Instant::now();
    let calls = (0..8).map(|_| call(&sim, &sim.live.secret, "GET", "/v1/balance", ""));
    futures_util::future::join_all(calls).await;
    // One after the other would take 2.4 seconds.
    assert!(started.elapsed() < Duration::from_millis(1800), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_dropped_connection_hides_whether_it_happened() {
    let sim = start().await;
    fault(&sim, "POST /v1/products#1=drop-before; POST /v1/products#2=drop-after");
    let attempt = || try_call(&sim, &sim.live.secret, "POST", "/v1/products", "name=Pro", &[("idempotency-key", "k")]);
    assert!(attempt().await.is_err());
    assert_eq!(products(&sim), 0);
    assert!(attempt().await.is_err());
    assert_eq!(products(&sim), 1);
    // A replay meets the same troubles as any other request.
    fault(&sim, "POST *#1=503");
    assert_eq!(attempt().await.unwrap().status, 503);
    let settled = attempt().await.unwrap();
    assert_eq!((settled.status, settled.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(products(&sim), 1);
    let statuses: Vec<u16> = sim.control().requests().iter().map(|r| r.status).collect();
    assert_eq!(statuses, [0, 0, 503, 200]);
}

#[tokio::test]
async fn saved_errors_are_replayed_and_others_are_not() {
    let sim = start().await;
    fault(&sim, "POST /v1/products#1=500; POST /v1/products#2=429; POST /v1/products#3=500-saved");
    let plain = create(&sim, "k", "name=Pro").await;
    assert_eq!((plain.status, plain.header("stripe-should-retry")), (500, Some("true")));
    let limited = create(&sim, "k", "name=Pro").await;
    assert_eq!((limited.status, &limited.json["error"]["code"]), (429, &json!("rate_limit")));
    assert_eq!(limited.header("stripe-rate-limited-reason"), Some("global-rate"));
    let saved = create(&sim, "k", "name=Pro").await;
    assert_eq!((saved.status, saved.header("stripe-should-retry")), (500, Some("false")));
    let again = create(&sim, "k", "name=Pro").await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (500, Some("true")));
    assert_eq!(products(&sim), 0);
    sim.control().fault(Fault { at: At::Nth(1), method: None, path: "*".into(), what: What::StatusAfter(503) });
    assert_eq!(create(&sim, "after", "name=Pro").await.status, 503);
    assert_eq!(products(&sim), 1);
    assert_eq!(create(&sim, "after", "name=Pro").await.status, 503);
    assert_eq!(products(&sim), 1);
}

#[tokio::test]
async fn garbage_html_hang_and_slow_are_as_bad_as_they_sound() {
    let sim = start().await;
    fault(&sim, "GET *#1=garbage; GET *#2=html; GET *#3=hang:100ms; GET *#4=slow:150ms");
    let get = || try_call(&sim, &sim.live.secret, "GET", "/v1/balance", "", &[]);
    let garbage = get().await.unwrap();
    assert_eq!((garbage.status, garbage.json.is_null()), (200, true));
    assert_eq!(get().await.unwrap().status, 502);
    let started = Instant::now();
    assert!(get().await.is_err());
    assert!(started.elapsed() >= Duration::from_millis(100));
    let started = Instant::now();
    get().await.unwrap().ok();
    assert!(started.elapsed() >= Duration::from_millis(150));
    get().await.unwrap().ok();
}

#[tokio::test]
async fn a_client_that_leaves_does_not_stop_what_it_started() {
    let sim = Simulator::start(Options { latency: Duration::from_millis(200), ..Options::default() }).await.unwrap();
    let call = call(&sim, &sim.live.secret, "POST", "/v1/products", "name=Pro");
    assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err());
    until("the product of a client that left", || products(&sim) == 1).await;
}

#[tokio::test]
async fn hooks_see_every_request_before_and_after_its_effect() {
    let sim = start().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (control, sink) = (sim.control(), seen.clone());
    sim.control().on_request(Box::new(move |n, phase| {
        let products = control.objects(Mode::Live, "product").len();
        sink.lock().unwrap().push((n, phase, products));
    }));
    create(&sim, "k", "name=Pro").await.ok();
    create(&sim, "l", "name=Pro").await.ok();
    let expected = [
        (1, Phase::BeforeEffect, 0),
        (1, Phase::AfterEffect, 1),
        (2, Phase::BeforeEffect, 1),
        (2, Phase::AfterEffect, 2),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_reopened_folder_is_the_same_world() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Simulator::start(Options { data: Some(folder.path().to_owned()), ..Options::default() });
    let sim = open().await.unwrap();
    let product = create(&sim, "k", "name=Pro").await.ok();
    let restricted = sim.control().add_restricted_key(Mode::Live, &["product_read"]).unwrap();
    sim.control().edit_account(Mode::Live, |a| a["email"] = json!("new@shop.example")).unwrap();
    let gone = create(&sim, "gone", "name=Gone").await.ok();
    call(&sim, &sim.live.secret, "DELETE", &format!("/v1/products/{}", gone.id()), "").await.ok();
    let (test, live, ca) = (sim.test.clone(), sim.live.clone(), sim.ca_pem.clone());
    let account = sim.control().account();
    drop(sim);
    let sim = open().await.unwrap();
    assert_eq!((&sim.test, &sim.live, &sim.ca_pem), (&test, &live, &ca));
    assert_eq!(sim.control().account(), account);
    assert_eq!(products(&sim), 1);
    let replayed = create(&sim, "k", "name=Pro").await.ok();
    assert_eq!(replayed.text, product.text);
    call(&sim, &restricted, "GET", "/v1/products", "").await.ok();
    let account = call(&sim, &live.secret, "GET", "/v1/account", "").await.ok();
    assert_eq!(account.json["email"], "new@shop.example");
    let events = call(&sim, &live.secret, "GET", "/v1/events", "").await.ok();
    assert_eq!(events.json["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_open_checkout_ends_when_its_time_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Simulator::start(Options { data: Some(folder.path().to_owned()), ..Options::default() });
    let sim = open().await.unwrap();
    let params = "mode=setup&success_url=https://s.example/";
    let session = call(&sim, &sim.live.secret, "POST", "/v1/checkout/sessions", params).await.ok();
    drop(sim);
    let path = folder.path().join("world.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let at = format!("\"expires_at\":{}", session.json["expires_at"]);
    assert!(text.contains(&at));
    std::fs::write(&path, text.replace(&at, "\"expires_at\":1000000000")).unwrap();
    let sim = open().await.unwrap();
    let path = format!("/v1/checkout/sessions/{}", session.id());
    let lapsed = call(&sim, &sim.live.secret, "GET", &path, "").await.ok();
    assert_eq!((&lapsed.json["status"], &lapsed.json["url"]), (&json!("expired"), &json!(null)));
    let events = sim.control().objects(Mode::Live, "event");
    assert_eq!((&events[0]["type"], &events[0]["request"]["id"]), (&json!("checkout.session.expired"), &json!(null)));
}
