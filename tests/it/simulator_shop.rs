//! The demo shop and the hosted checkout page: what a rehearsal sees in place of the real site.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{Reply, call, endpoint, send, start, until};
use golive::simulator::{Mode, Options, Simulator};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use std::sync::Arc;

/// What a buyer types in live mode: a card number of no bank.
const PAYS: &str = "email=a%40b.example&card=4821000000000009&expiry=12/34&cvc=123";

/// The shop over its plain side, which is the same handler.
async fn shop(sim: &Simulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    send(&format!("http://{}", sim.shop_addr), method, path, headers, body).await.unwrap()
}

#[tokio::test]
async fn the_demo_shop_checks_signatures_as_a_shop_should() {
    let accepted = Options { shop_secrets: Some(Arc::new(|| vec!["whsec_x".to_owned()])), ..Options::default() };
    let sim = Simulator::start(accepted).await.unwrap();
    assert!(shop(&sim, "GET", "/", &[], "").await.text.contains("pricing page"));
    assert_eq!(shop(&sim, "GET", "/health", &[], "").await.status, 200);
    assert_eq!(shop(&sim, "GET", "/hook", &[], "").await.status, 405);
    assert_eq!(shop(&sim, "POST", "/hook", &[], "{}").await.status, 400);
    let sign = |secret: &str, at: i64| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{at}.{{}}").as_bytes());
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    };
    let now = jiff::Timestamp::now().as_second();
    for (header, status) in
        [(sign("whsec_x", now), 200), (sign("whsec_y", now), 400), (sign("whsec_x", now - 301), 400)]
    {
        let reply = shop(&sim, "POST", "/hook", &[("stripe-signature", &header)], "{}").await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn the_demo_shop_carries_the_live_publishable_key_and_pages_that_are_added() {
    let pages: golive::simulator::ShopPages = Arc::new(|asked| {
        (asked.method == "GET" && asked.path == "/api")
            .then(|| (if asked.bearer == Some("user") { 200 } else { 402 }, "{}".to_owned()).into())
    });
    let sim = Simulator::start(Options { shop_pages: Some(pages), ..Options::default() }).await.unwrap();
    assert!(shop(&sim, "GET", "/?mode=live", &[], "").await.text.contains(&sim.live.publishable));
    assert_eq!(shop(&sim, "GET", "/api", &[], "").await.status, 402);
    assert_eq!(shop(&sim, "GET", "/api", &[("authorization", "Bearer user")], "").await.status, 200);
    assert_eq!(shop(&sim, "GET", "/other", &[], "").await.status, 405);
}

/// A live session over 100.00 CAD, and the path of its page.
async fn open_session(sim: &Simulator) -> (Reply, String) {
    let key = &sim.live.secret;
    let params = "currency=cad&unit_amount=5000&product_data[name]=Pro";
    let price = call(sim, key, "POST", "/v1/prices", params).await.ok();
    let params = format!(
        "mode=payment&line_items[0][price]={}&line_items[0][quantity]=2&success_url=https://shop.example/ok?s={{CHECKOUT_SESSION_ID}}",
        price.id()
    );
    let session = call(sim, key, "POST", "/v1/checkout/sessions", &params).await.ok();
    let url = session.json["url"].as_str().unwrap();
    let path = url.strip_prefix(sim.url.as_str()).unwrap().to_owned();
    (session, path)
}

#[tokio::test]
async fn a_checkout_is_paid_once_on_its_page() {
    let sim = start().await;
    let (session, path) = open_session(&sim).await;
    assert!(session.id().starts_with("cs_live_"));
    let page = send(&sim.url, "GET", &path, &[], "").await.unwrap();
    assert!(page.text.contains("100.00 CAD") && page.text.contains("2 × Pro"), "{}", page.text);
    let paid = send(&sim.url, "POST", &path, &[], PAYS).await.unwrap();
    let back = format!("https://shop.example/ok?s={}", session.id());
    assert_eq!((paid.status, paid.header("location")), (303, Some(back.as_str())));
    let read = format!("/v1/checkout/sessions/{}", session.id());
    let done = call(&sim, &sim.live.secret, "GET", &read, "expand[]=payment_intent").await.ok();
    assert_eq!((&done.json["status"], &done.json["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!(done.json["payment_intent"]["status"], "succeeded");
    let refused = call(&sim, &sim.live.secret, "POST", &format!("{read}/expire"), "").await;
    assert!(refused.message().ends_with("This Checkout Session has a status of `complete`."));
    let again = send(&sim.url, "POST", &path, &[], "").await.unwrap();
    assert_eq!(again.status, 200);
    assert_eq!(sim.control().objects(Mode::Live, "payment_intent").len(), 1);
}

#[tokio::test]
async fn the_shop_hears_of_a_paid_checkout() {
    let sim = start().await;
    let events = "checkout.session.completed";
    endpoint(&sim, "https://shop.example/hook", events).await.ok();
    let (session, path) = open_session(&sim).await;
    send(&sim.url, "POST", &path, &[], PAYS).await.unwrap();
    let accepted = || sim.control().deliveries().iter().any(|d| d.status == Some(200));
    until("the delivery", accepted).await;
    let orders = shop(&sim, "GET", "/orders.json", &[], "").await.json;
    assert_eq!((&orders[0]["session"], &orders[0]["email"]), (&json!(session.id()), &json!("a@b.example")));
}

#[tokio::test]
async fn checkout_refuses_what_cannot_be_bought() {
    let sim = start().await;
    let key = &sim.test.secret;
    let params = "currency=usd&unit_amount=500&product_data[name]=Pro&recurring[interval]=month";
    let price = call(&sim, key, "POST", "/v1/prices", params).await.ok();
    let product = format!("/v1/products/{}", price.json["product"].as_str().unwrap());
    let buy = |mode: &str| {
        let id = price.id();
        let params =
            format!("mode={mode}&line_items[0][price]={id}&line_items[0][quantity]=1&success_url=https://s.example/");
        let sim = &sim;
        async move { call(sim, key, "POST", "/v1/checkout/sessions", &params).await }
    };
    assert!(buy("payment").await.message().contains("but passed a recurring price"));
    buy("subscription").await.ok();
    call(&sim, key, "POST", &product, "active=false").await.ok();
    assert!(buy("subscription").await.message().ends_with("because its product is not active."));
    call(&sim, key, "POST", &product, "active=true").await.ok();
    call(&sim, key, "POST", &format!("/v1/prices/{}", price.id()), "active=false").await.ok();
    assert!(buy("subscription").await.message().contains("only accepts active prices"));
    let params =
        "mode=payment&line_items[0][price]=price_nope&line_items[0][quantity]=1&success_url=https://s.example/";
    let missing = call(&sim, key, "POST", "/v1/checkout/sessions", params).await;
    assert_eq!((missing.status, &missing.json["error"]["param"]), (400, &json!("line_items[0][price]")));
}
