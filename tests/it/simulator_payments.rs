//! Money in the simulator: a checkout is paid, renewed, refunded, disputed, and everybody is told.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{Reply, call, endpoint, send, start, until};
use golive::simulator::{Mode, Outcome, Simulator};
use serde_json::{Value, json};

/// A card that pays in live mode: a number of no bank.
const PAYS: &str = "email=a%40b.example&card=4821+0000+0000+0009&expiry=12+%2F+34&cvc=123&name=Ada";

fn card(number: &str) -> String {
    format!("email=a%40b.example&card={number}&expiry=12/34&cvc=123")
}

async fn get(sim: &Simulator, mode: Mode, path: &str, params: &str) -> Value {
    call(sim, key(sim, mode), "GET", path, params).await.ok().json
}

fn key(sim: &Simulator, mode: Mode) -> &str {
    if mode == Mode::Live { &sim.live.secret } else { &sim.test.secret }
}

/// A session for one of a new price; `extra` goes to the session.
async fn session(sim: &Simulator, mode: Mode, price: &str, extra: &str) -> Reply {
    let params = format!("currency=usd&unit_amount=5000&product_data[name]=Pro&{price}");
    let price = call(sim, key(sim, mode), "POST", "/v1/prices", &params).await.ok();
    let kind = if price.json["recurring"].is_null() { "payment" } else { "subscription" };
    let params = format!(
        "mode={kind}&line_items[0][price]={}&line_items[0][quantity]=1&success_url=https://shop.example/ok&{extra}",
        price.id()
    );
    call(sim, key(sim, mode), "POST", "/v1/checkout/sessions", &params).await.ok()
}

/// Posts the form of the session's page, as a browser does.
async fn submit(sim: &Simulator, session: &Reply, form: &str) -> Reply {
    let path = session.json["url"].as_str().unwrap().strip_prefix(sim.url.as_str()).unwrap().to_owned();
    send(&sim.url, "POST", &path, &[("content-type", "application/x-www-form-urlencoded")], form).await.unwrap()
}

async fn again(sim: &Simulator, mode: Mode, session: &Reply, expand: &str) -> Value {
    get(sim, mode, &format!("/v1/checkout/sessions/{}", session.id()), expand).await
}

/// The types of all events so far, oldest first, without those of the catalog.
fn told(sim: &Simulator, mode: Mode) -> Vec<String> {
    let events = sim.control().objects(mode, "event");
    let kinds = events.iter().map(|event| event["type"].as_str().unwrap().to_owned());
    kinds.filter(|kind| !kind.starts_with("product") && !kind.starts_with("price")).collect()
}

#[tokio::test]
async fn a_paid_checkout_leaves_an_intent_a_charge_and_their_events() {
    let sim = start().await;
    let session = session(&sim, Mode::Live, "", "metadata[order]=7&payment_intent_data[metadata][order]=7").await;
    let paid = submit(&sim, &session, PAYS).await;
    assert_eq!((paid.status, paid.header("location")), (303, Some("https://shop.example/ok")));
    let done = again(&sim, Mode::Live, &session, "expand[]=payment_intent.latest_charge.balance_transaction").await;
    let intent = &done["payment_intent"];
    let charge = &intent["latest_charge"];
    assert_eq!((&done["payment_status"], &done["customer"]), (&json!("paid"), &Value::Null));
    assert_eq!((&intent["status"], &intent["amount_received"]), (&json!("succeeded"), &json!(5000)));
    assert_eq!((&charge["metadata"]["order"], &charge["payment_intent"]), (&json!("7"), &intent["id"]));
    assert_eq!(charge["payment_method_details"]["card"]["last4"], "0009");
    assert_eq!(charge["billing_details"]["name"], "Ada");
    assert_eq!(charge["balance_transaction"]["net"], 5000 - 145 - 30);
    assert_eq!(
        told(&sim, Mode::Live),
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    );
    let balance = get(&sim, Mode::Live, "/v1/balance", "").await;
    assert_eq!(balance["pending"][0]["amount"], 5000 - 145 - 30);
    let receipt = charge["receipt_url"].as_str().unwrap().strip_prefix(sim.url.as_str()).unwrap();
    assert!(send(&sim.url, "GET", receipt, &[], "").await.unwrap().text.contains("50.00 USD"));
    for path in ["/v1/payment_intents", "/v1/charges"] {
        assert_eq!(get(&sim, Mode::Live, path, "created[gte]=1").await["data"].as_array().unwrap().len(), 1);
        assert_eq!(get(&sim, Mode::Live, path, "created[lt]=1").await["data"], json!([]));
    }
}

#[tokio::test]
async fn a_declined_card_leaves_the_checkout_open_and_the_next_one_pays_the_same_intent() {
    let sim = start().await;
    let session = session(&sim, Mode::Test, "", "").await;
    let declined = submit(&sim, &session, &card("4000000000000002")).await;
    assert_eq!(declined.status, 402);
    assert!(declined.text.contains("Your card was declined.") && declined.text.contains("role=\"alert\""));
    let poor = submit(&sim, &session, &card("4000000000009995")).await;
    assert!(poor.text.contains("Your card has insufficient funds."), "{}", poor.text);
    assert_eq!(again(&sim, Mode::Test, &session, "").await["status"], "open");
    let intent = sim.control().objects(Mode::Test, "payment_intent").remove(0);
    assert_eq!(intent["last_payment_error"]["decline_code"], "insufficient_funds");
    assert_eq!(submit(&sim, &session, &card("4242424242424242")).await.status, 303);
    let done = again(&sim, Mode::Test, &session, "expand[]=payment_intent").await;
    assert_eq!(
        (&done["payment_intent"]["id"], &done["payment_intent"]["last_payment_error"]),
        (&intent["id"], &Value::Null)
    );
    let charges =
        get(&sim, Mode::Test, "/v1/charges", &format!("payment_intent={}", intent["id"].as_str().unwrap())).await;
    let states: Vec<_> = charges["data"].as_array().unwrap().iter().map(|c| c["status"].clone()).collect();
    assert_eq!(states, ["succeeded", "failed", "failed"]);
    assert_eq!(
        told(&sim, Mode::Test)[..3],
        ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    );
}

#[tokio::test]
async fn live_mode_knows_a_test_card_and_test_mode_a_real_one() {
    let sim = start().await;
    let live = session(&sim, Mode::Live, "", "").await;
    let declined = submit(&sim, &live, &card("4242424242424242")).await;
    assert!(declined.text.contains("Your request was in live mode, but used a known test card."), "{}", declined.text);
    let test = session(&sim, Mode::Test, "", "").await;
    let declined = submit(&sim, &test, &card("4821000000000009")).await;
    assert!(declined.text.contains("used a non test (live) card"), "{}", declined.text);
    for (wrong, told) in [
        (card("4821000000000008"), "Your card number is invalid."),
        (card("4242"), "Your card number is incomplete."),
        ("email=&card=4821000000000009&expiry=12/34&cvc=123".to_owned(), "This field is incomplete."),
        ("email=a@b&card=4821000000000009&expiry=12/34&cvc=123".to_owned(), "Your email is invalid."),
        ("email=a@b.example&card=4821000000000009&expiry=01/20&cvc=123".to_owned(), "is in the past"),
    ] {
        let reply = submit(&sim, &live, &wrong).await;
        assert_eq!(reply.status, 422);
        assert!(reply.text.contains(told), "{told} is not in {}", reply.text);
    }
    assert_eq!(sim.control().objects(Mode::Live, "charge").len(), 1);
}

#[tokio::test]
async fn a_subscription_comes_with_a_customer_and_an_invoice_and_ends_when_cancelled() {
    let sim = start().await;
    let monthly = session(&sim, Mode::Live, "recurring[interval]=month", "").await;
    submit(&sim, &monthly, PAYS).await;
    let done = again(
        &sim,
        Mode::Live,
        &monthly,
        "expand[]=subscription.latest_invoice&expand[]=customer&expand[]=invoice.payments",
    )
    .await;
    let (subscription, invoice) = (&done["subscription"], &done["invoice"]);
    assert_eq!((&done["payment_intent"], &done["customer"]["email"]), (&Value::Null, &json!("a@b.example")));
    assert_eq!((&subscription["status"], &subscription["latest_invoice"]["id"]), (&json!("active"), &invoice["id"]));
    let item = &subscription["items"]["data"][0];
    let days = (item["current_period_end"].as_i64().unwrap() - item["current_period_start"].as_i64().unwrap()) / 86_400;
    assert!((28..=31).contains(&days), "{days}");
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&json!("paid"), &json!(5000)));
    let paid_with = &invoice["payments"]["data"][0]["payment"]["payment_intent"];
    let customer = done["customer"]["id"].as_str().unwrap();
    let intents = get(&sim, Mode::Live, "/v1/payment_intents", &format!("customer={customer}")).await;
    assert_eq!(intents["data"][0]["id"], *paid_with);
    assert_eq!(
        told(&sim, Mode::Live),
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "customer.created",
            "invoice.created",
            "invoice.finalized",
            "customer.subscription.created",
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
            "checkout.session.completed"
        ]
    );
    let path = format!("/v1/subscriptions/{}", subscription["id"].as_str().unwrap());
    let ending = call(&sim, &sim.live.secret, "POST", &path, "cancel_at_period_end=true").await.ok();
    assert_eq!(ending.json["cancel_at"], item["current_period_end"]);
    let ended = call(&sim, &sim.live.secret, "DELETE", &path, "").await.ok();
    assert_eq!(
        (&ended.json["status"], &ended.json["cancellation_details"]["reason"]),
        (&json!("canceled"), &json!("cancellation_requested"))
    );
    assert_eq!(told(&sim, Mode::Live).last().unwrap(), "customer.subscription.deleted");
    assert_eq!(call(&sim, &sim.live.secret, "DELETE", &path, "").await.status, 404);
    assert_eq!(get(&sim, Mode::Live, "/v1/subscriptions", "").await["data"], json!([]));
    assert_eq!(get(&sim, Mode::Live, "/v1/subscriptions", "status=all").await["data"][0]["status"], "canceled");
}

#[tokio::test]
async fn a_month_later_the_renewal_is_paid_or_past_due() {
    let sim = start().await;
    let control = sim.control();
    let monthly = session(&sim, Mode::Live, "recurring[interval]=month", "").await;
    assert_eq!(control.pay(monthly.id(), "a@b.example", Outcome::Pays).unwrap(), None);
    let id = again(&sim, Mode::Live, &monthly, "").await["subscription"].as_str().unwrap().to_owned();
    control.renew(Mode::Live, &id, Outcome::Pays).unwrap();
    control.renew(Mode::Live, &id, Outcome::InsufficientFunds).unwrap();
    let subscription = get(&sim, Mode::Live, &format!("/v1/subscriptions/{id}"), "").await;
    assert_eq!(subscription["status"], "past_due");
    let invoices = get(&sim, Mode::Live, "/v1/invoices", &format!("subscription={id}")).await;
    let states: Vec<_> = invoices["data"].as_array().unwrap().iter().map(|i| i["status"].clone()).collect();
    assert_eq!(states, ["open", "paid", "paid"]);
    assert!(told(&sim, Mode::Live).iter().any(|kind| kind == "invoice.payment_failed"));
}

#[tokio::test]
async fn nothing_is_charged_for_a_trial() {
    let sim = start().await;
    let trial = session(&sim, Mode::Test, "recurring[interval]=year", "subscription_data[trial_period_days]=7").await;
    assert_eq!(trial.json["amount_total"], 0);
    assert_eq!(submit(&sim, &trial, &card("4242424242424242")).await.status, 303);
    let done = again(&sim, Mode::Test, &trial, "expand[]=subscription").await;
    assert_eq!(
        (&done["payment_status"], &done["subscription"]["status"]),
        (&json!("no_payment_required"), &json!("trialing"))
    );
    assert_eq!(sim.control().objects(Mode::Test, "charge").len(), 0);
}

#[tokio::test]
async fn a_refund_gives_back_what_is_left_and_no_more() {
    let sim = start().await;
    let session = session(&sim, Mode::Live, "", "").await;
    sim.control().pay(session.id(), "a@b.example", Outcome::Pays).unwrap();
    let intent = again(&sim, Mode::Live, &session, "").await["payment_intent"].as_str().unwrap().to_owned();
    let refund = |params: String| {
        let sim = &sim;
        async move { call(sim, &sim.live.secret, "POST", "/v1/refunds", &params).await }
    };
    let part =
        refund(format!("payment_intent={intent}&amount=1000&reason=requested_by_customer&metadata[a]=b")).await.ok();
    assert_eq!((&part.json["status"], &part.json["amount"]), (&json!("succeeded"), &json!(1000)));
    let much = refund(format!("payment_intent={intent}&amount=4001")).await;
    assert_eq!(much.message(), "Refund amount ($40.01) is greater than unrefunded amount on charge ($40.00)");
    refund(format!("payment_intent={intent}")).await.ok();
    let twice = refund(format!("payment_intent={intent}")).await;
    assert_eq!(twice.json["error"]["code"], "charge_already_refunded");
    let charge = get(&sim, Mode::Live, &format!("/v1/charges/{}", part.json["charge"].as_str().unwrap()), "").await;
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(5000), &json!(true)));
    let listed = get(&sim, Mode::Live, "/v1/refunds", &format!("payment_intent={intent}")).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let events = told(&sim, Mode::Live);
    assert_eq!(events[events.len() - 4..], ["refund.created", "charge.refunded", "refund.created", "charge.refunded"]);
    assert_eq!(refund("amount=5".to_owned()).await.status, 400);
    assert_eq!(refund("payment_intent=pi_nope".to_owned()).await.status, 404);
}

#[tokio::test]
async fn a_refund_waits_while_the_balance_is_short() {
    let sim = start().await;
    let control = sim.control();
    let session = session(&sim, Mode::Live, "", "").await;
    control.pay(session.id(), "a@b.example", Outcome::Pays).unwrap();
    let intent = again(&sim, Mode::Live, &session, "").await["payment_intent"].as_str().unwrap().to_owned();
    control.balance_short(true).unwrap();
    let refund = call(&sim, &sim.live.secret, "POST", "/v1/refunds", &format!("payment_intent={intent}")).await.ok();
    assert_eq!(
        (&refund.json["status"], &refund.json["pending_reason"]),
        (&json!("pending"), &json!("insufficient_funds"))
    );
    control.balance_short(false).unwrap();
    let settled = get(&sim, Mode::Live, &format!("/v1/refunds/{}", refund.id()), "").await;
    assert_eq!((&settled["status"], settled.get("pending_reason")), (&json!("succeeded"), None));
    assert!(told(&sim, Mode::Live).iter().any(|kind| kind == "refund.updated"));
}

#[tokio::test]
async fn disputes_and_warnings_come_from_their_cards_and_from_the_control() {
    let sim = start().await;
    let disputed = session(&sim, Mode::Test, "", "").await;
    submit(&sim, &disputed, &card("4000000000000259")).await;
    let warned = session(&sim, Mode::Test, "", "").await;
    submit(&sim, &warned, &card("4000000000005423")).await;
    let dispute = get(&sim, Mode::Test, "/v1/disputes", "").await["data"][0].clone();
    let intent = dispute["payment_intent"].as_str().unwrap();
    let refused = call(&sim, &sim.test.secret, "POST", "/v1/refunds", &format!("payment_intent={intent}")).await;
    assert_eq!(refused.json["error"]["code"], "charge_disputed");
    assert!(refused.message().ends_with("has been charged back; cannot issue a refund."));
    let warnings = get(&sim, Mode::Test, "/v1/radar/early_fraud_warnings", "expand[]=data.charge").await;
    assert_eq!(warnings["data"][0]["charge"]["disputed"], false);
    let events = told(&sim, Mode::Test);
    for kind in ["charge.dispute.created", "radar.early_fraud_warning.created"] {
        assert_eq!(events.iter().filter(|known| *known == kind).count(), 1, "{kind}");
    }
    let live = session(&sim, Mode::Live, "", "").await;
    sim.control().pay(live.id(), "a@b.example", Outcome::Pays).unwrap();
    let intent = again(&sim, Mode::Live, &live, "").await["payment_intent"].as_str().unwrap().to_owned();
    let warning = sim.control().warn(Mode::Live, &intent).unwrap();
    let dispute = sim.control().dispute(Mode::Live, &intent).unwrap();
    assert_eq!(get(&sim, Mode::Live, &format!("/v1/disputes/{dispute}"), "").await["amount"], 5000);
    assert_eq!(
        get(&sim, Mode::Live, &format!("/v1/radar/early_fraud_warnings/{warning}"), "").await["actionable"],
        true
    );
    assert!(sim.control().dispute(Mode::Live, "pi_nope").is_err());
}

#[tokio::test]
async fn every_event_of_a_purchase_is_delivered() {
    let sim = start().await;
    endpoint(&sim, "https://shop.example/hook", "*").await.ok();
    let session = session(&sim, Mode::Live, "recurring[interval]=month", "").await;
    sim.control().pay(session.id(), "a@b.example", Outcome::Pays).unwrap();
    let waiting = || sim.control().objects(Mode::Live, "event").iter().filter(|e| e["pending_webhooks"] != 0).count();
    until("all deliveries", || waiting() == 0).await;
    assert!(
        sim.control().deliveries().iter().any(|d| d.kind == "customer.subscription.created" && d.status == Some(200))
    );
}

#[tokio::test]
async fn a_promotion_code_may_leave_nothing_to_pay() {
    let sim = start().await;
    let key = &sim.live.secret;
    let coupon = call(&sim, key, "POST", "/v1/coupons", "percent_off=100&duration=once").await.ok();
    let params = format!("promotion[type]=coupon&promotion[coupon]={}&code=LAUNCH", coupon.id());
    call(&sim, key, "POST", "/v1/promotion_codes", &params).await.ok();
    let free = session(&sim, Mode::Live, "", "allow_promotion_codes=true").await;
    let unknown = submit(&sim, &free, "code=NOPE&apply=1").await;
    assert!(unknown.status == 422 && unknown.text.contains("This code is invalid."), "{}", unknown.text);
    assert_eq!(submit(&sim, &free, "code=launch&apply=1").await.status, 303);
    assert_eq!(submit(&sim, &free, "email=a%40b.example").await.status, 303);
    let done = again(&sim, Mode::Live, &free, "").await;
    assert_eq!((&done["payment_status"], &done["amount_total"]), (&json!("no_payment_required"), &json!(0)));
    assert_eq!(done["total_details"]["amount_discount"], 5000);
    assert_eq!(sim.control().objects(Mode::Live, "charge").len(), 0);
    let named = session(&sim, Mode::Live, "", &format!("discounts[0][coupon]={}", coupon.id())).await;
    assert_eq!(named.json["amount_total"], 0);
}
