//! The client library that golive uses decodes every kind of answer, with nothing left over to guess.

use crate::simulator_support::{call, start};
use golive::simulator::{Mode, Outcome};
use miniserde::Deserialize;

fn decodes<T: Deserialize>(what: &str, text: &str) -> T {
    miniserde::json::from_str(text).unwrap_or_else(|_| panic!("{what} does not decode: {text}"))
}

#[tokio::test]
async fn async_stripe_decodes_every_kind_of_answer() {
    let sim = start().await;
    let key = sim.live.secret.clone();
    let get = async |path: &str, params: &str| call(&sim, &key, "GET", path, params).await.ok().text;
    let post = async |path: &str, params: &str| call(&sim, &key, "POST", path, params).await.ok().text;
    decodes::<stripe_shared::Account>("account", &get("/v1/account", "").await);
    decodes::<stripe_core::Balance>("balance", &get("/v1/balance", "").await);
    let params = "url=https://s.example/&enabled_events[]=product.created&api_version=2026-09-30.endive";
    let hook: stripe_misc::WebhookEndpoint = decodes("endpoint", &post("/v1/webhook_endpoints", params).await);
    assert!(hook.secret.is_some());
    let product: stripe_shared::Product = decodes("product", &post("/v1/products", "name=Pro").await);
    let params = format!(
        "product={}&currency=usd&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=5\
         &recurring[interval]=month&expand[]=tiers&expand[]=product&expand[]=currency_options",
        product.id
    );
    let price: stripe_shared::Price = decodes("price", &post("/v1/prices", &params).await);
    assert!(price.tiers.is_some() && price.currency_options.is_some());
    let params = format!(
        "mode=subscription&line_items[0][price]={}&line_items[0][quantity]=1&success_url=https://s.example/\
         &ui_mode=hosted_page&expand[]=line_items",
        price.id
    );
    let session: stripe_shared::CheckoutSession = decodes("session", &post("/v1/checkout/sessions", &params).await);
    assert!(session.line_items.is_some());
    let path = format!("/v1/checkout/sessions/{}/expire", session.id);
    decodes::<stripe_shared::CheckoutSession>("expired session", &post(&path, "").await);
    let events: stripe_types::List<stripe_shared::Event> = decodes("events", &get("/v1/events", "limit=100").await);
    assert_eq!(events.data.len(), 3);
    decodes::<stripe_types::List<stripe_shared::Price>>("prices", &get("/v1/prices", "expand[]=data.product").await);
    decodes::<stripe_types::List<stripe_shared::Product>>("products", &get("/v1/products", "").await);
    decodes::<stripe_types::List<stripe_misc::WebhookEndpoint>>("endpoints", &get("/v1/webhook_endpoints", "").await);
}

#[tokio::test]
async fn async_stripe_decodes_a_paid_session_and_its_intent() {
    let sim = start().await;
    let key = &sim.test.secret;
    let params = "currency=usd&unit_amount=100&product_data[name]=Pro";
    let price = call(&sim, key, "POST", "/v1/prices", params).await.ok();
    let params = format!(
        "mode=payment&line_items[0][price]={}&line_items[0][quantity]=1&success_url=https://s.example/",
        price.id()
    );
    let session = call(&sim, key, "POST", "/v1/checkout/sessions", &params).await.ok();
    let page = session.json["url"].as_str().unwrap().strip_prefix(sim.url.as_str()).unwrap().to_owned();
    let card = "email=a%40b.example&card=4242424242424242&expiry=12/34&cvc=123";
    crate::simulator_support::send(&sim.url, "POST", &page, &[], card).await.unwrap();
    let path = format!("/v1/checkout/sessions/{}", session.id());
    let paid = call(&sim, key, "GET", &path, "expand[]=payment_intent").await.ok();
    decodes::<stripe_shared::CheckoutSession>("paid session", &paid.text);
    let refused = call(&sim, key, "POST", &format!("{path}/expire"), "").await;
    decodes::<stripe_shared::Error>("error", &refused.text);
}

#[tokio::test]
async fn async_stripe_decodes_what_a_purchase_leaves() {
    let sim = start().await;
    let (key, control) = (&sim.test.secret, sim.control());
    let params = "currency=usd&unit_amount=100&product_data[name]=Pro&recurring[interval]=month";
    let price = call(&sim, key, "POST", "/v1/prices", params).await.ok();
    let params = format!(
        "mode=subscription&line_items[0][price]={}&line_items[0][quantity]=1&success_url=https://s.example/",
        price.id()
    );
    let session = call(&sim, key, "POST", "/v1/checkout/sessions", &params).await.ok();
    control.pay(session.id(), "a@b.example", Outcome::FraudWarning).unwrap();
    let intent = control.objects(Mode::Test, "payment_intent")[0]["id"].as_str().unwrap().to_owned();
    call(&sim, key, "POST", "/v1/refunds", &format!("payment_intent={intent}&amount=10")).await.ok();
    control.dispute(Mode::Test, &intent).unwrap();
    let get = |path: &'static str| {
        let sim = &sim;
        async move { call(sim, key, "GET", path, "").await.ok().text }
    };
    decodes::<stripe_types::List<stripe_shared::Customer>>("customers", &get("/v1/customers").await);
    decodes::<stripe_types::List<stripe_shared::PaymentIntent>>("intents", &get("/v1/payment_intents").await);
    decodes::<stripe_types::List<stripe_shared::Charge>>("charges", &get("/v1/charges").await);
    decodes::<stripe_types::List<stripe_shared::Refund>>("refunds", &get("/v1/refunds").await);
    decodes::<stripe_types::List<stripe_shared::Subscription>>("subscriptions", &get("/v1/subscriptions").await);
    decodes::<stripe_types::List<stripe_shared::Invoice>>("invoices", &get("/v1/invoices").await);
    decodes::<stripe_types::List<stripe_shared::Dispute>>("disputes", &get("/v1/disputes").await);
    let warnings = get("/v1/radar/early_fraud_warnings").await;
    decodes::<stripe_types::List<stripe_fraud::RadarEarlyFraudWarning>>("warnings", &warnings);
}
