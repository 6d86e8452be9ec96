//! Endpoints, deliveries, the demo shop and the hosted page.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{call, endpoint, start, until};
use golive::simulator::{Mode, Options, Simulator};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn product(sim: &Simulator) -> Value {
    call(sim, &sim.live.secret, "POST", "/v1/products", "name=Pro").await.ok();
    let page = call(sim, &sim.live.secret, "GET", "/v1/events", "type=product.created").await.ok();
    page.json["data"][0].clone()
}

fn pending(sim: &Simulator, event: &Value) -> i64 {
    let events = sim.control().objects(Mode::Live, "event");
    events.iter().find(|e| e["id"] == event["id"]).unwrap()["pending_webhooks"].as_i64().unwrap()
}

/// A server that answers with the statuses in turn, the last one for ever, and keeps what it saw.
async fn receiver(statuses: Vec<u16>) -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::<String>::new()));
    let sink = seen.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            let mut buffer = [0_u8; 4096];
            loop {
                let n = stream.read(&mut buffer).await.unwrap();
                text.push_str(&String::from_utf8_lossy(&buffer[..n]));
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    continue;
                };
                let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
                if n == 0 || body.len() >= length.parse::<usize>().unwrap() {
                    break;
                }
            }
            let status = {
                let mut seen = sink.lock().unwrap();
                seen.push(text);
                *statuses.get(seen.len() - 1).or(statuses.last()).unwrap()
            };
            let answer =
                format!("HTTP/1.1 {status} X\r\nlocation: /\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, seen)
}

async fn with_receiver(gap: u64, statuses: Vec<u16>) -> (Simulator, Arc<Mutex<Vec<String>>>) {
    let (address, seen) = receiver(statuses).await;
    let options = Options {
        resolve: vec![("hooks.example".into(), address)],
        retry_base: Duration::from_millis(gap),
        ..Options::default()
    };
    (Simulator::start(options).await.unwrap(), seen)
}

#[tokio::test]
async fn the_seventeenth_endpoint_of_a_mode_is_refused() {
    let sim = start().await;
    for n in 0..16 {
        endpoint(&sim, &format!("https://shop.example/{}", n % 2), "*").await.ok();
    }
    let refused = endpoint(&sim, "https://shop.example/17", "*").await;
    assert_eq!(
        (refused.status, refused.message()),
        (400, "You have reached the maximum of 16 live webhook endpoints.")
    );
    let params = "url=http://shop.example/&enabled_events[]=*";
    let test = call(&sim, &sim.test.secret, "POST", "/v1/webhook_endpoints", params).await.ok();
    let path = format!(
        "/v1/webhook_endpoints/{}",
        sim.control().objects(Mode::Live, "webhook_endpoint")[0]["id"].as_str().unwrap()
    );
    assert_eq!(call(&sim, &sim.live.secret, "DELETE", &path, "").await.ok().json["deleted"], true);
    endpoint(&sim, "https://shop.example/17", "*").await.ok();
    assert_eq!(test.json["livemode"], false);
}

#[tokio::test]
async fn endpoints_are_checked_and_changed_but_their_version_stays() {
    let sim = start().await;
    assert_eq!(endpoint(&sim, "http://shop.example/", "*").await.json["error"]["code"], "url_invalid");
    assert_eq!(endpoint(&sim, "https://localhost/", "*").await.status, 400);
    let unknown = endpoint(&sim, "https://shop.example/", "checkout.session.complete").await;
    assert!(unknown.message().starts_with("Invalid enabled_events[0]: must be one of"));
    let params = "url=https://s.example/&enabled_events[]=charge.refunded&enabled_events[]=invoice.paid&api_version=2026-01-28.clover";
    let made = call(&sim, &sim.live.secret, "POST", "/v1/webhook_endpoints", params).await.ok();
    assert_eq!(made.json["enabled_events"], json!(["charge.refunded", "invoice.paid"]));
    let path = format!("/v1/webhook_endpoints/{}", made.id());
    let version = call(&sim, &sim.live.secret, "POST", &path, "api_version=2026-09-30.endive").await;
    assert_eq!(version.message(), "Received unknown parameter: api_version");
    let disabled = call(&sim, &sim.live.secret, "POST", &path, "disabled=true&enabled_events[]=*").await.ok();
    assert_eq!(
        (&disabled.json["status"], &disabled.json["api_version"]),
        (&json!("disabled"), &json!("2026-01-28.clover"))
    );
}

#[tokio::test]
async fn a_delivery_is_signed_rendered_and_counted_down() {
    let (sim, seen) = with_receiver(20, vec![200]).await;
    // The live one must hear nothing of what happens in test mode.
    endpoint(&sim, "https://hooks.example/live", "*").await.ok();
    let params = "url=http://hooks.example/a?b&enabled_events[]=*&api_version=2025-09-30.clover";
    let hook = call(&sim, &sim.test.secret, "POST", "/v1/webhook_endpoints", params).await.ok();
    call(&sim, &sim.test.secret, "POST", "/v1/products", "name=Pro").await.ok();
    until("one delivery", || seen.lock().unwrap().len() == 1).await;
    let text = seen.lock().unwrap()[0].clone();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /a?b HTTP/1.1\r\nhost: hooks.example\r\n"), "{head}");
    let signature = head.lines().find_map(|l| l.strip_prefix("stripe-signature: ")).unwrap();
    let (at, given) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(hook.json["secret"].as_str().unwrap().as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    assert_eq!(given, hex::encode(mac.finalize().into_bytes()));
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&event["type"], &event["api_version"]), (&json!("product.created"), &json!("2025-09-30.clover")));
    assert!(event["request"]["id"].as_str().unwrap().starts_with("req_"));
    assert!(event.get("_pending").is_none());
    until("the count", || sim.control().objects(Mode::Test, "event")[0]["pending_webhooks"] == 0).await;
    assert_eq!(sim.control().deliveries().len(), 1);
}

#[tokio::test]
async fn deliveries_are_retried_with_a_new_signature_until_accepted() {
    let (sim, seen) = with_receiver(20, vec![500, 302, 200]).await;
    endpoint(&sim, "https://unheard.example/", "invoice.paid").await.ok();
    let params = "url=http://hooks.example/&enabled_events[]=product.created";
    call(&sim, &sim.test.secret, "POST", "/v1/webhook_endpoints", params).await.ok();
    call(&sim, &sim.test.secret, "POST", "/v1/products", "name=Pro").await.ok();
    until("the third attempt", || sim.control().deliveries().len() == 3).await;
    let deliveries = sim.control().deliveries();
    let statuses: Vec<_> = deliveries.iter().map(|d| (d.attempt, d.status)).collect();
    assert_eq!(statuses, [(1, Some(500)), (2, Some(302)), (3, Some(200))]);
    assert_eq!(seen.lock().unwrap().len(), 3);
    let page = call(&sim, &sim.test.secret, "GET", "/v1/events", "delivery_success=true").await.ok();
    assert_eq!(page.json["data"][0]["pending_webhooks"], 0);
}

#[tokio::test]
async fn an_endpoint_that_never_accepts_leaves_the_event_pending() {
    let (sim, _) = with_receiver(20, vec![404]).await;
    let params = "url=http://hooks.example/&enabled_events[]=*";
    let hook = call(&sim, &sim.test.secret, "POST", "/v1/webhook_endpoints", params).await.ok();
    call(&sim, &sim.test.secret, "POST", "/v1/products", "name=Pro").await.ok();
    until("some attempts", || sim.control().deliveries().len() >= 2).await;
    let page = call(&sim, &sim.test.secret, "GET", "/v1/events", "delivery_success=false").await.ok();
    assert_eq!(page.json["data"][0]["pending_webhooks"], 1);
    call(&sim, &sim.test.secret, "DELETE", &format!("/v1/webhook_endpoints/{}", hook.id()), "").await.ok();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let after = sim.control().deliveries().len();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(sim.control().deliveries().len() <= after + 1, "deleting an endpoint ends its retries");
}

#[tokio::test]
async fn the_demo_shop_takes_the_deliveries_of_any_host() {
    let sim = start().await;
    endpoint(&sim, "https://minipass.me/stripe/webhook", "product.created").await.ok();
    let event = product(&sim).await;
    until("the shop accepts", || pending(&sim, &event) == 0).await;
    let delivery = &sim.control().deliveries()[0];
    assert_eq!((delivery.status, delivery.url.as_str()), (Some(200), "https://minipass.me/stripe/webhook"));
    assert_eq!(delivery.event, event["id"]);
}

#[tokio::test]
async fn a_reopened_world_delivers_what_it_owed() {
    let folder = tempfile::tempdir().unwrap();
    let options = |secrets: Vec<String>| Options {
        data: Some(folder.path().to_owned()),
        shop_secrets: Some(Arc::new(move || secrets.clone())),
        retry_base: Duration::from_secs(60),
        ..Options::default()
    };
    let sim = Simulator::start(options(Vec::new())).await.unwrap();
    let hook = endpoint(&sim, "https://shop.example/hook", "*").await.ok();
    let event = product(&sim).await;
    until("a refusal", || sim.control().deliveries().len() == 1).await;
    assert_eq!(sim.control().deliveries()[0].status, Some(400));
    drop(sim);
    let secret = hook.json["secret"].as_str().unwrap().to_owned();
    let sim = Simulator::start(options(vec![secret])).await.unwrap();
    until("the owed delivery", || pending(&sim, &event) == 0).await;
}

#[tokio::test]
async fn a_disabled_endpoint_hears_nothing_until_it_is_enabled_again() {
    let (sim, seen) = with_receiver(300, vec![500, 200]).await;
    let key = &sim.test.secret;
    let params = "url=http://hooks.example/&enabled_events[]=*";
    let hook = call(&sim, key, "POST", "/v1/webhook_endpoints", params).await.ok();
    let path = format!("/v1/webhook_endpoints/{}", hook.id());
    call(&sim, key, "POST", "/v1/products", "name=Owed").await.ok();
    until("the first attempt", || sim.control().deliveries().len() == 1).await;
    call(&sim, key, "POST", &path, "disabled=true").await.ok();
    call(&sim, key, "POST", "/v1/products", "name=Unheard").await.ok();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(seen.lock().unwrap().len(), 1);
    call(&sim, key, "POST", &path, "disabled=false").await.ok();
    until("the owed event", || seen.lock().unwrap().len() == 2).await;
    assert!(seen.lock().unwrap()[1].contains("Owed"));
    let pending: Vec<_> =
        sim.control().objects(Mode::Test, "event").iter().map(|e| e["pending_webhooks"].clone()).collect();
    assert_eq!(pending[1], 0);
}
