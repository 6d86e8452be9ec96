//! Which purchase is followed, how far, and what is said of one that is not as it should be.

mod proofs;

use serde_json::{Value, json};

use super::{Spec, masked};
use crate::error::Code;
use crate::kind::Kind as _;
use crate::kind::testing::{FactsBuilder, evidence, facts, failure, looks, outputs, question, spec, unknown, wait};
use crate::mode::Mode;
use crate::step::object::{Event, EventData, Price, PriceRecurring, WebhookEndpoint};
use crate::step::{Collection, Look, Milestone, Sight, unix};

const SHOP: &str = "url = \"https://shop.example/pricing\"\nprice = \"price_1\"";

fn at(time: &str) -> i64 {
    unix(&format!("2026-11-21T{time}Z"))
}

fn look() -> Look {
    let types = [
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    ];
    Look::Events { types: types.map(str::to_owned).into(), since: at("09:58:00"), undelivered: false }
}

fn event(kind: &str, time: &str, pending: i64, object: Value) -> Event {
    Event {
        id: format!("evt_{}_{}", kind.rsplit('.').next().unwrap(), time.replace(':', "")),
        type_: kind.into(),
        livemode: Some(true),
        created: Some(at(time)),
        pending_webhooks: pending,
        data: Some(EventData { object }),
        ..Event::default()
    }
}

fn session(id: &str, price: &str, amount: i64, currency: &str) -> Value {
    json!({"id": id, "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "amount_total": amount, "currency": currency, "payment_intent": format!("pi_{id}"), "livemode": true,
        "subscription": null, "invoice": null, "customer": null,
        "customer_details": {"email": "mia@acme.example"},
        "line_items": {"data": [{"price": {"id": price}}]}})
}

fn completed(session: &Value, time: &str, pending: i64) -> Event {
    event("checkout.session.completed", time, pending, session.clone())
}

fn intent(id: &str) -> Value {
    json!({"id": id, "object": "payment_intent", "status": "succeeded", "amount_received": 2900, "currency": "eur",
        "latest_charge": "ch_1", "customer": null, "livemode": true})
}

/// golive watches since 10:00:00, and these events have happened, the newest first.
fn watching(events: Vec<Event>) -> FactsBuilder {
    let recurring = PriceRecurring { interval: "month".into(), interval_count: Some(1), ..PriceRecurring::default() };
    let price = Price {
        id: "price_1".into(),
        currency: "eur".into(),
        unit_amount: Some(2900),
        recurring: Some(recurring),
        nickname: Some("Acme Pro".into()),
        ..Price::default()
    };
    let charge = json!({"id": "ch_1", "livemode": true, "created": at("10:31:07"),
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4821"}}});
    facts(Mode::Live)
        .answer("how", "myself")
        .sight(look(), Sight::Events(events))
        .sight(Look::Price("price_1".into()), Sight::Price(Some(price)))
        .sight(one(Collection::Charges, "ch_1"), Sight::Object(Some(charge)))
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![listener("enabled")]))
}

fn listener(status: &str) -> WebhookEndpoint {
    WebhookEndpoint {
        id: "we_1".into(),
        url: "https://shop.example/hook".into(),
        status: status.into(),
        enabled_events: vec!["checkout.session.completed".into()],
        ..WebhookEndpoint::default()
    }
}

fn one(collection: Collection, id: &str) -> Look {
    Look::One(collection, id.to_owned())
}

trait With {
    fn session(self, session: &Value) -> Self;
    fn intent(self, id: &str) -> Self;
}

impl With for FactsBuilder {
    fn session(self, session: &Value) -> Self {
        let id = session["id"].as_str().unwrap();
        self.sight(one(Collection::CheckoutSessions, id), Sight::Object(Some(session.clone())))
    }

    fn intent(self, id: &str) -> Self {
        self.sight(one(Collection::PaymentIntents, id), Sight::Object(Some(intent(id))))
    }
}

/// A purchase that is as it should be.
fn bought() -> FactsBuilder {
    let paid = session("cs_1", "price_1", 2900, "eur");
    watching(vec![completed(&paid, "10:31:07", 0)]).session(&paid).intent("pi_cs_1")
}

fn odd(kind: &Spec, facts: &FactsBuilder) -> Vec<String> {
    let seen = kind.milestones(&facts.get());
    let odd = seen.into_iter().filter(|milestone: &Milestone| !milestone.good);
    odd.map(|milestone| format!("{}: {}", milestone.what, milestone.value)).collect()
}

#[test]
fn how_it_comes_about_is_asked_first_and_nobody_has_to_answer_now() {
    let kind: Spec = spec(SHOP);
    let asked = question(kind.next(&facts(Mode::Live).get()));
    assert_eq!((asked.name.as_str(), asked.rehearse.as_deref()), ("how", Some("first")));
    assert!(asked.help[0].contains("does not allow testing with real cards in live mode"), "{:?}", asked.help);
    let crate::step::Form::Choice(choices) = asked.form else { panic!("no list") };
    assert!(choices.iter().any(|choice| choice.value == "later"));
}

#[test]
fn it_is_looked_for_from_the_moment_of_the_answer_on() {
    let kind: Spec = spec(SHOP);
    let asked = looks(kind.next(&facts(Mode::Live).answer("how", "first").get()));
    assert_eq!(asked, [Look::Price("price_1".into()), look()]);
}

#[test]
fn while_nothing_was_bought_it_waits_and_invites() {
    let waits = wait(spec::<Spec>(SHOP).next(&watching(Vec::new()).get()));
    assert_eq!((waits.what.as_str(), waits.most), ("a payment", 1800));
    assert_eq!(waits.looks, [look()]);
    let sale = waits.sale.unwrap();
    assert_eq!((sale.url.as_str(), sale.by_operator), ("https://shop.example/pricing", true));
    assert_eq!(sale.goods, ["Acme Pro, 29.00 EUR per month"]);
}

#[test]
fn a_purchase_is_followed_to_its_delivery_and_gives_its_ids() {
    let done = || spec::<Spec>(SHOP).next(&bought().get());
    assert_eq!(
        evidence(done()),
        "29.00 EUR by Visa ending 4821, pi_cs_1; checkout.session.completed taken by 1 endpoint, evt_completed_103107"
    );
    let given = outputs(done());
    let of = |name: &str| given[name].as_str();
    assert_eq!((of("payment"), of("charge"), of("session")), ("pi_cs_1", "ch_1", "cs_1"));
    assert_eq!((of("amount"), of("subscription"), of("email")), ("29.00 EUR", "", "m…@acme.example"));
}

#[test]
fn what_was_seen_is_told_in_order() {
    let told: Vec<String> =
        spec::<Spec>(SHOP).milestones(&bought().get()).into_iter().map(|seen| format!("{}: {}", seen.what, seen.value)).collect();
    assert_eq!(
        told,
        [
            "checkout completed: cs_1",
            "payment succeeded: 29.00 EUR by Visa ending 4821, pi_cs_1",
            "really live: livemode is true on all 3 objects",
            "webhook delivered: checkout.session.completed evt_completed_103107",
        ]
    );
}

#[test]
fn the_first_that_fits_is_taken_and_the_others_are_mentioned() {
    let (other, first, second) = (
        session("cs_0", "price_9", 1900, "eur"),
        session("cs_1", "price_1", 2900, "eur"),
        session("cs_2", "price_1", 2900, "eur"),
    );
    let facts = watching(vec![
        completed(&second, "10:40:00", 0),
        completed(&first, "10:31:07", 0),
        completed(&other, "10:20:00", 0),
    ]);
    let facts = facts.session(&other).session(&first).session(&second).intent("pi_cs_1");
    let kind: Spec = spec(SHOP);
    let said = evidence(kind.next(&facts.get()));
    assert!(said.contains("pi_cs_1") && said.ends_with("; 1 more seen"), "{said}");
    assert_eq!(odd(&kind, &facts).len(), 1);
}

#[test]
fn a_purchase_of_another_price_or_currency_is_told_and_waited_past() {
    let kind: Spec = spec(SHOP);
    for (price, currency, code) in
        [("price_9", "eur", Code::PurchaseOther), ("price_9", "usd", Code::PurchaseCurrency)]
    {
        let other = session("cs_0", price, 1900, currency);
        let facts = watching(vec![completed(&other, "10:20:00", 0)]).session(&other);
        assert_eq!(wait(kind.next(&facts.get())).what, "a payment");
        assert_eq!(odd(&kind, &facts).len(), 1);
        let problem = failure(kind.next(&facts.waited("a payment").get()));
        assert_eq!(problem.code, code);
        assert!(problem.found.is_some() && problem.wanted.is_some(), "{problem:?}");
    }
}

#[test]
fn a_price_in_one_of_its_other_currencies_is_the_same_price() {
    let paid = session("cs_1", "price_1", 3100, "usd");
    let facts = watching(vec![completed(&paid, "10:31:07", 0)]).session(&paid).intent("pi_cs_1");
    assert!(evidence(spec::<Spec>(SHOP).next(&facts.get())).contains("pi_cs_1"));
}

#[test]
fn a_shop_without_checkout_is_accepted_by_amount() {
    let kind: Spec = spec(SHOP);
    let listed = Look::Recent(Collection::CheckoutSessions, at("09:58:00"));
    let paid = event("payment_intent.succeeded", "10:31:07", 0, intent("pi_1"));
    let facts = watching(vec![paid]).intent("pi_1");
    assert_eq!(looks(kind.next(&facts.get())), std::slice::from_ref(&listed), "a session may claim it in a moment");
    let facts = facts.sight(listed.clone(), Sight::Objects(Vec::new()));
    assert_eq!(wait(kind.next(&facts.get())).what, "the delivery of checkout.session.completed");
    let kind: Spec = spec(&format!("{SHOP}\nevents = []"));
    assert_eq!(evidence(kind.next(&facts.get())), "29.00 EUR by Visa ending 4821, pi_1");
    let other: Spec = spec("url = \"https://shop.example\"\nprice = \"price_1\"\nevents = []");
    let mut less = intent("pi_1");
    less["amount_received"] = json!(1900);
    let less = watching(vec![event("payment_intent.succeeded", "10:31:07", 0, less)]);
    let less = less.sight(listed, Sight::Objects(Vec::new())).waited("a payment");
    assert_eq!(failure(other.next(&less.get())).code, Code::PurchaseOther);
}

#[test]
fn a_payment_that_a_session_claims_is_not_taken_for_one_without_checkout() {
    let kind: Spec = spec(SHOP);
    let listed = Look::Recent(Collection::CheckoutSessions, at("09:58:00"));
    let paid = event("payment_intent.succeeded", "10:31:07", 0, intent("pi_cs_1"));
    let mut open = session("cs_1", "price_1", 2900, "eur");
    open["status"] = json!("open");
    let facts = watching(vec![paid]).sight(listed.clone(), Sight::Objects(vec![open]));
    let waits = wait(kind.next(&facts.get()));
    assert_eq!((waits.what.as_str(), waits.looks), ("a payment", vec![look(), listed]));
}

#[test]
fn a_decline_is_told_and_waited_past() {
    let kind: Spec = spec(SHOP);
    let declined = json!({"id": "pi_1", "last_payment_error": {"code": "card_declined",
        "decline_code": "insufficient_funds", "message": "Your card has insufficient funds.",
        "payment_method": {"type": "card", "card": {"brand": "visa", "last4": "0341"}}}});
    let facts = watching(vec![event("payment_intent.payment_failed", "10:20:00", 0, declined)]);
    assert_eq!(wait(kind.next(&facts.get())).what, "a payment");
    assert_eq!(
        odd(&kind, &facts),
        ["payment declined: insufficient_funds, Visa ending 0341, Your card has insufficient funds., pi_1"]
    );
    assert_eq!(failure(kind.next(&facts.waited("a payment").get())).code, Code::PurchaseDeclined);
}

#[test]
fn a_trial_needs_no_payment() {
    let mut trial = session("cs_1", "price_1", 0, "eur");
    trial["payment_status"] = json!("no_payment_required");
    trial["payment_intent"] = Value::Null;
    trial["subscription"] = json!("sub_1");
    let subscription = json!({"id": "sub_1", "status": "trialing", "livemode": true});
    let facts = watching(vec![completed(&trial, "10:31:07", 0)])
        .session(&trial)
        .sight(one(Collection::Subscriptions, "sub_1"), Sight::Object(Some(subscription)));
    let kind: Spec = spec(SHOP);
    assert!(evidence(kind.next(&facts.get())).starts_with("no payment was due: sub_1 is trialing"));
    assert_eq!(outputs(kind.next(&facts.get()))["payment"], "");
}

#[test]
fn the_payment_of_a_subscription_is_found_by_its_invoice() {
    let mut first = session("cs_1", "price_1", 2900, "eur");
    first["mode"] = json!("subscription");
    first["payment_intent"] = Value::Null;
    first["subscription"] = json!("sub_1");
    first["invoice"] = json!("in_1");
    let invoice = json!({"id": "in_1", "payments": {"data": [{"payment": {"payment_intent": "pi_7"}}]}});
    let subscription = json!({"id": "sub_1", "status": "active", "livemode": true});
    let facts = watching(vec![completed(&first, "10:31:07", 0)])
        .session(&first)
        .sight(one(Collection::Invoices, "in_1"), Sight::Object(Some(invoice)))
        .sight(one(Collection::Subscriptions, "sub_1"), Sight::Object(Some(subscription)))
        .intent("pi_7");
    assert_eq!(outputs(spec::<Spec>(SHOP).next(&facts.get()))["payment"], "pi_7");
}

#[test]
fn an_object_of_the_other_mode_fails() {
    let mut test = session("cs_1", "price_1", 2900, "eur");
    test["livemode"] = json!(false);
    let facts = watching(vec![completed(&test, "10:31:07", 0)]).session(&test).intent("pi_cs_1");
    assert_eq!(failure(spec::<Spec>(SHOP).next(&facts.get())).code, Code::PurchaseMode);
}

#[test]
fn a_delivery_that_is_missing_is_waited_for_and_the_endpoints_are_named() {
    let kind: Spec = spec(SHOP);
    let paid = session("cs_1", "price_1", 2900, "eur");
    let facts = watching(vec![completed(&paid, "10:31:07", 1)]).session(&paid).intent("pi_cs_1");
    assert_eq!(wait(kind.next(&facts.get())).what, "the delivery of checkout.session.completed");
    let problem = failure(kind.next(&facts.waited("the delivery of checkout.session.completed").get()));
    assert_eq!(problem.code, Code::DeliveryPending);
    assert!(problem.why.iter().any(|why| why.contains("we_1 https://shop.example/hook")), "{problem:?}");
}

#[test]
fn nobody_who_listens_is_no_delivery() {
    let facts = bought().sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![listener("disabled")]));
    let problem = failure(spec::<Spec>(SHOP).next(&facts.get()));
    assert_eq!(problem.code, Code::DeliveryNoListener);
    assert!(problem.why[0].contains("we_1 is disabled"), "{problem:?}");
}

#[test]
fn without_any_checkout_the_application_may_work_with_other_keys() {
    let listed = Look::Recent(Collection::CheckoutSessions, at("09:58:00"));
    let kind: Spec = spec(SHOP);
    let over = || watching(Vec::new()).waited("a payment");
    let nothing = over().sight(listed.clone(), Sight::Objects(Vec::new()));
    let problem = failure(kind.next(&nothing.get()));
    assert_eq!(problem.code, Code::PurchaseMissing);
    assert!(problem.why.iter().any(|why| why.contains("another account")), "{problem:?}");
    let opened = over().sight(listed, Sight::Objects(vec![json!({"id": "cs_1"})]));
    let problem = failure(kind.next(&opened.get()));
    assert!(problem.why.iter().any(|why| why == "1 checkout was opened and not paid"), "{problem:?}");
}

#[test]
fn a_proof_of_the_past_stands_with_what_it_gave() {
    let mut facts = facts(Mode::Live).passed("29.00 EUR, pi_1");
    facts.outputs.insert("payment".into(), "pi_1".into());
    assert_eq!(outputs(spec::<Spec>(SHOP).next(&facts.get()))["payment"], "pi_1");
}

#[test]
fn what_cannot_be_looked_at_is_unknown() {
    let unseen = crate::error::Problem::new(Code::Unreachable, "no network");
    let facts = watching(Vec::new()).sight(look(), Sight::Unseen(unseen));
    assert_eq!(unknown(spec::<Spec>(SHOP).next(&facts.get())).code, Code::Unreachable);
}

#[test]
fn an_address_keeps_its_first_letter() {
    assert_eq!((masked("mia@acme.example").as_str(), masked("").as_str(), masked("x").as_str()), ("m…@acme.example", "", ""));
}

#[test]
fn fields_that_cannot_work_are_complained_about() {
    let complaints = |text: &str| spec::<Spec>(text).complaints();
    assert!(complaints(SHOP).is_empty() && complaints(proofs::COMMAND).is_empty());
    let wrong = [
        "url = \"shop\"",
        "url = \"https://a.example\"\nprice = \"prod_1\"",
        "url = \"https://a.example\"\nprice = \"price_1\"\nprices = [\"price_2\"]",
        "url = \"https://a.example\"\nwait = 0",
        "url = \"https://a.example\"\nevents = [\"paid\"]",
        "url = \"https://a.example\"\nproof = [{ contains = \"x\" }]",
        "url = \"https://a.example\"\nproof = [{ run = \"true\", file = \"a\", contains = \"x\" }]",
        "url = \"https://a.example\"\nproof = [{ run = \"true\", contains = \"\" }]",
        "url = \"https://a.example\"\nproof = [{ run = \"echo ${launch.purchase.payment}\", contains = \"x\" }]",
    ];
    for text in wrong {
        assert_eq!(complaints(text).len(), 1, "{text}: {:?}", complaints(text));
    }
}
