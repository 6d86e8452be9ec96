//! The demo shop sells, fulfils, and goes wrong in every way that it can be told to.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{Reply, call, endpoint, send, start, until};
use golive::simulator::{Mode, Options, Outcome, ShopConduct, Simulator};
use serde_json::{Value, json};
use std::time::Duration;

async fn shop(sim: &Simulator, method: &str, path: &str, body: &str) -> Reply {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    send(&format!("http://{}", sim.shop_addr), method, path, &form, body).await.unwrap()
}

async fn price(sim: &Simulator, key: &str, name: &str, more: &str) -> String {
    let params = format!("currency=eur&unit_amount=2900&product_data[name]={name}{more}");
    call(sim, key, "POST", "/v1/prices", &params).await.ok().id().to_owned()
}

/// A shop of this conduct that sold one subscription and heard all of it, or refused to.
async fn sold(conduct: ShopConduct) -> (Simulator, String) {
    let sim = Simulator::start(Options { shop: conduct, ..Options::default() }).await.unwrap();
    let basic = price(&sim, &sim.live.secret, "Basic", "&recurring[interval]=month").await;
    price(&sim, &sim.live.secret, "Pro", "&recurring[interval]=month").await;
    endpoint(&sim, "https://shop.example/hook", "checkout.session.completed").await.ok();
    let (session, decline) = sim.control().buy(Mode::Live, &basic, "a@b.example", Outcome::Pays).unwrap();
    assert_eq!(decline, None);
    (sim, session)
}

/// What the endpoint answered first.
async fn answered(sim: &Simulator) -> Option<u16> {
    until("a delivery", || !sim.control().deliveries().is_empty()).await;
    sim.control().deliveries()[0].status
}

async fn customers(sim: &Simulator) -> Value {
    shop(sim, "GET", "/customers.json?email=a%40b.example", "").await.json
}

#[tokio::test]
async fn a_visitor_buys_what_the_account_sells() {
    let sim = start().await;
    assert!(shop(&sim, "GET", "/", "").await.text.contains("Nothing is for sale yet."));
    let basic = price(&sim, &sim.live.secret, "Basic+%3Cb%3E", "&recurring[interval]=month").await;
    endpoint(&sim, "https://shop.example/hook", "*").await.ok();
    let home = shop(&sim, "GET", "/", "").await;
    assert!(home.text.contains("Basic &lt;b&gt;: 29.00 EUR per month") && home.text.contains(&basic), "{}", home.text);
    let bought = shop(&sim, "POST", "/buy", &format!("price={basic}&mode=live")).await;
    assert_eq!(bought.status, 303, "{}", bought.text);
    let page = bought.header("location").unwrap().strip_prefix(sim.url.as_str()).unwrap().to_owned();
    let shown = send(&sim.url, "GET", &page, &[], "").await.unwrap();
    assert!(shown.text.contains("Rehearsal Shop") && shown.text.contains("no money moves"), "{}", shown.text);
    let form = "email=a%40b.example&card=4821000000000009&expiry=12/34&cvc=123";
    let paid = send(&sim.url, "POST", &page, &[], form).await.unwrap();
    let back = paid.header("location").unwrap().to_owned();
    assert!(back.contains("/success?session_id=cs_live_"), "{back}");
    until("the fulfilment", || !sim.control().objects(Mode::Live, "shop.customer").is_empty()).await;
    let known = customers(&sim).await;
    assert_eq!((&known[0]["plan"], &known[0]["price"]), (&json!("Basic <b>"), &json!(basic)));
    let thanks = shop(&sim, "GET", back.split_once("x/").map_or("/", |_| &back["http://x".len()..]), "").await;
    assert!(thanks.text.contains("Your plan is Basic &lt;b&gt;."), "{}", thanks.text);
    let subscription = known[0]["subscription"].as_str().unwrap();
    call(&sim, &sim.live.secret, "DELETE", &format!("/v1/subscriptions/{subscription}"), "").await.ok();
    let ended = || sim.control().objects(Mode::Live, "shop.customer")[0]["status"] == "canceled";
    until("the end", ended).await;
    assert_eq!(shop(&sim, "GET", "/customers.json?email=x%40y.example", "").await.json, json!([]));
    assert_eq!(shop(&sim, "POST", "/buy", "").await.status, 400);
}

#[tokio::test]
async fn a_handler_that_refuses_is_seen_in_the_delivery() {
    for (conduct, status) in [
        (ShopConduct::Fails, 500),
        (ShopConduct::WrongSecret, 400),
        (ShopConduct::Unauthorized, 401),
        (ShopConduct::Redirects, 301),
        (ShopConduct::ParsedBody, 400),
        (ShopConduct::NotFound, 404),
    ] {
        let (sim, _) = sold(conduct).await;
        assert_eq!(answered(&sim).await, Some(status), "{}", conduct.name());
        assert_eq!(customers(&sim).await, json!([]), "{}", conduct.name());
    }
}

#[tokio::test]
async fn a_handler_that_answers_200_may_still_be_wrong() {
    let (sim, session) = sold(ShopConduct::Good).await;
    assert_eq!(answered(&sim).await, Some(200));
    let known = customers(&sim).await;
    assert_eq!((&known[0]["plan"], &known[0]["session"]), (&json!("Basic"), &json!(session)));
    let (sim, _) = sold(ShopConduct::NoFulfilment).await;
    assert_eq!((answered(&sim).await, customers(&sim).await), (Some(200), json!([])));
    let (sim, _) = sold(ShopConduct::WrongTier).await;
    assert_eq!(answered(&sim).await, Some(200));
    assert_eq!(customers(&sim).await[0]["plan"], "Pro");
    let (sim, _) = sold(ShopConduct::NoVerification).await;
    assert_eq!(answered(&sim).await, Some(200));
    assert_eq!(shop(&sim, "POST", "/hook", "{}").await.status, 200);
}

#[tokio::test]
async fn a_slow_handler_answers_in_the_end() {
    let (sim, _) = sold(ShopConduct::Slow(Duration::from_millis(1))).await;
    assert_eq!(answered(&sim).await, Some(200));
    assert_eq!(shop(&sim, "GET", "/health", "").await.status, 200);
}

#[tokio::test]
async fn a_checkout_with_a_price_of_test_mode_is_refused_with_the_hint() {
    let sim = start().await;
    price(&sim, &sim.test.secret, "Basic", "").await;
    let live = price(&sim, &sim.live.secret, "Basic", "").await;
    sim.control().shop(ShopConduct::TestPrice);
    let refused = shop(&sim, "POST", "/buy", &format!("price={live}&mode=live")).await;
    assert_eq!(refused.status, 500);
    assert!(refused.text.contains("a similar object exists in test mode"), "{}", refused.text);
    assert!(sim.control().buy(Mode::Live, &live, "a@b.example", Outcome::Pays).is_err());
}

#[tokio::test]
async fn a_portal_that_does_not_open_says_why() {
    let (sim, _) = sold(ShopConduct::NoPortal).await;
    assert_eq!(answered(&sim).await, Some(200));
    until("the fulfilment", || !sim.control().objects(Mode::Live, "shop.customer").is_empty()).await;
    let refused = shop(&sim, "POST", "/portal", "email=a%40b.example").await;
    assert!(refused.text.contains("your live mode default configuration has not been created"), "{}", refused.text);
    assert_eq!(shop(&sim, "POST", "/portal", "email=x%40y.example").await.status, 404);
}
