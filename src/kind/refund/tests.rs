//! What is refunded, what is refused before anything is sent, and that it happens once.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind as _;
use crate::kind::testing::{FactsBuilder, actions, change, evidence, facts, failure, looks, question, spec, wait};
use crate::mode::Mode;
use crate::step::object::{Event, EventData, WebhookEndpoint};
use crate::step::{Collection, Effect, Look, MoneyWrite, Permission, RefundDraft, Sight, Step, Verdict, Write, unix};

const FULL: &str = "payment = \"pi_1\"";

fn intent() -> Value {
    json!({"id": "pi_1", "status": "succeeded", "amount_received": 2900, "currency": "eur", "customer": "cus_1",
           "latest_charge": "ch_1", "created": unix("2026-11-21T09:00:00Z"), "livemode": true})
}

fn charge() -> Value {
    json!({"id": "ch_1", "amount_refunded": 0, "disputed": false,
           "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4821"}}})
}

fn refund(amount: i64) -> Value {
    json!({"id": "re_1", "amount": amount, "status": "succeeded", "payment_intent": "pi_1", "metadata": {},
           "created": unix("2026-11-21T10:00:00Z")})
}

fn paid(intent: Value, charge: Value, refunds: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live)
        .sight(Look::One(Collection::PaymentIntents, "pi_1".into()), Sight::Object(Some(intent)))
        .sight(Look::One(Collection::Charges, "ch_1".into()), Sight::Object(Some(charge)))
        .sight(Look::RefundsOf("pi_1".into()), Sight::Objects(refunds))
        .sight(
            Look::Recent(Collection::Subscriptions, unix("2026-11-20T09:00:00Z")),
            Sight::Objects(vec![json!({"id": "sub_1", "customer": "cus_1", "status": "active",
                "cancel_at_period_end": false, "cancel_at": null, "latest_invoice": "in_1"})]),
        )
        .sight(
            Look::One(Collection::Invoices, "in_1".into()),
            Sight::Object(Some(json!({"id": "in_1", "payments": {"data": [{"payment": {"payment_intent": "pi_1"}}]}}))),
        )
}

fn wanted() -> FactsBuilder {
    paid(intent(), charge(), Vec::new()).answer("refund", "refund")
}

/// The problem of an amount, with nothing planned.
fn refused(amount: &str, facts: &FactsBuilder) -> Code {
    let kind: Spec = spec(&format!("payment = \"pi_1\"\namount = \"{amount}\""));
    failure(kind.next(&facts.get())).code
}

fn draft(amount: i64) -> Write {
    Write::Money(MoneyWrite::CreateRefund(RefundDraft {
        payment: "pi_1".into(),
        amount,
        shown: "29.00 EUR".into(),
        metadata: [("golive".to_owned(), "acme/phase.item".to_owned())].into(),
    }))
}

#[test]
fn whether_to_refund_is_asked_after_the_payment_was_looked_at() {
    let kind: Spec = spec(FULL);
    assert_eq!(looks(kind.next(&facts(Mode::Live).get())), [Look::RefundsOf("pi_1".into())]);
    let asked = question(kind.next(&paid(intent(), charge(), Vec::new()).get()));
    assert_eq!(asked.name, "refund");
    assert_eq!(asked.help, ["29.00 EUR by Visa ending 4821, pi_1"]);
}

#[test]
fn a_payment_that_is_kept_is_a_pass() {
    let kept = paid(intent(), charge(), Vec::new()).answer("refund", "keep");
    assert_eq!(evidence(spec::<Spec>(FULL).next(&kept.get())), "kept: 29.00 EUR by Visa ending 4821, pi_1");
}

#[test]
fn the_refund_and_the_end_of_the_subscription_that_it_began_are_one_plan() {
    let planned = change(spec::<Spec>(FULL).next(&wanted().get()));
    assert!(planned.moves_money() && !planned.follows);
    let labels: Vec<String> = planned.actions.iter().map(|action| format!("{} at {}", action.label(), action.stage)).collect();
    assert_eq!(labels, ["payment 29.00 EUR at 0", "subscription sub_1 at 1"]);
    assert_eq!(planned.actions[0].effect, Effect::Stripe(draft(2900)));
}

#[test]
fn a_subscription_of_another_payment_or_one_that_ends_anyway_is_left_alone() {
    let other = wanted().sight(
        Look::One(Collection::Invoices, "in_1".into()),
        Sight::Object(Some(json!({"id": "in_1", "payments": {"data": [{"payment": {"payment_intent": "pi_9"}}]}}))),
    );
    assert_eq!(actions(spec::<Spec>(FULL).next(&other.get())).len(), 1);
    let ending = wanted().sight(
        Look::Recent(Collection::Subscriptions, unix("2026-11-20T09:00:00Z")),
        Sight::Objects(vec![json!({"id": "sub_1", "customer": "cus_1", "status": "active", "cancel_at_period_end": true})]),
    );
    assert_eq!(actions(spec::<Spec>(FULL).next(&ending.get())).len(), 1);
}

#[test]
fn a_part_is_refunded_and_what_stays_is_said() {
    let kind: Spec = spec("payment = \"pi_1\"\namount = \"10.00 EUR\"");
    let action = actions(kind.next(&wanted().get())).remove(0);
    assert_eq!(action.refund().map(|draft| draft.amount), Some(1000));
    assert!(action.notes.iter().any(|note| note == "19.00 EUR of the payment stay."), "{:?}", action.notes);
}

#[test]
fn who_gets_everything_back_is_not_charged_again_and_who_gets_a_part_is() {
    let planned = |fields: &str| actions(spec::<Spec>(&format!("payment = \"pi_1\"\n{fields}")).next(&wanted().get()));
    let whole = planned("");
    assert_eq!((whole.len(), whole[1].summary.as_str()), (2, "now, or it would renew"));
    assert_eq!(planned("amount = \"29.00 EUR\"").len(), 2, "all of it, written as an amount");
    let part = planned("amount = \"10.00 EUR\"");
    assert_eq!(part.len(), 1, "it is left unless told");
    assert!(part[0].notes.iter().any(|note| note.contains("goes on, and charges again")), "{:?}", part[0].notes);
    let told = planned("amount = \"10.00 EUR\"\ncancel_subscription = true");
    assert_eq!(told[1].label(), "subscription sub_1");
    let kept = planned("cancel_subscription = false");
    assert_eq!(kept.len(), 1);
    assert!(kept[0].notes.iter().any(|note| note.contains("goes on, and charges again")), "{:?}", kept[0].notes);
    let permissions = |fields: &str| spec::<Spec>(&format!("payment = \"pi_1\"\n{fields}")).permissions();
    assert!(permissions("").contains(&Permission::SubscriptionWrite));
    assert!(!permissions("cancel_subscription = false").contains(&Permission::SubscriptionWrite));
}

#[test]
fn what_others_refund_later_cancels_nothing_without_a_question() {
    let kind: Spec = spec("payment = \"pi_1\"\namount = \"10.00 EUR\"");
    let mut rest = refund(1900);
    rest["id"] = json!("re_2");
    let refunds = Sight::Objects(vec![rest, refund(1000)]);
    let said = evidence(kind.next(&done(refund(1000)).sight(Look::RefundsOf("pi_1".into()), refunds).get()));
    assert!(said.starts_with("10.00 EUR refunded") && !said.contains("cancelled"), "{said}");
}

#[test]
fn what_cannot_be_refunded_is_refused_before_anything_is_sent() {
    assert_eq!(refused("29.01 EUR", &wanted()), Code::RefundTooLarge);
    assert_eq!(refused("10.00 USD", &wanted()), Code::RefundCurrency);
    let mut disputed = charge();
    disputed["disputed"] = json!(true);
    assert_eq!(refused("full", &paid(intent(), disputed, Vec::new()).answer("refund", "refund")), Code::RefundDisputed);
    let mut unpaid = intent();
    unpaid["status"] = json!("requires_payment_method");
    assert_eq!(refused("full", &paid(unpaid, charge(), Vec::new())), Code::RefundNoPayment);
    let gone = paid(intent(), charge(), Vec::new())
        .sight(Look::One(Collection::PaymentIntents, "pi_1".into()), Sight::Object(None));
    assert_eq!(refused("full", &gone), Code::RefundNoPayment);
}

#[test]
fn what_others_refunded_is_gone_from_the_payment() {
    let twice = paid(intent(), charge(), vec![refund(2900)]).answer("refund", "refund");
    assert_eq!(refused("full", &twice), Code::RefundTwice);
    let part = paid(intent(), charge(), vec![refund(2000)]).answer("refund", "refund");
    assert_eq!(refused("10.00 EUR", &part), Code::RefundTooLarge);
    let rest = actions(spec::<Spec>("payment = \"pi_1\"").next(&part.get()));
    assert_eq!(rest[0].refund().map(|draft| draft.amount), Some(900));
    let mut failed = refund(2900);
    failed["status"] = json!("failed");
    let again = paid(intent(), charge(), vec![failed]).answer("refund", "refund");
    assert!(actions(spec::<Spec>("payment = \"pi_1\"").next(&again.get()))[0].refund().is_some(), "it came back");
}

fn done(refund: Value) -> FactsBuilder {
    let look = Look::Events {
        types: vec!["charge.refunded".into()],
        since: unix("2026-11-21T09:58:00Z"),
        undelivered: false,
    };
    let event = Event {
        id: "evt_1".into(),
        type_: "charge.refunded".into(),
        data: Some(EventData { object: json!({"id": "ch_1"}) }),
        ..Event::default()
    };
    let endpoint = WebhookEndpoint {
        id: "we_1".into(),
        status: "enabled".into(),
        enabled_events: vec!["charge.refunded".into()],
        ..WebhookEndpoint::default()
    };
    paid(intent(), charge(), vec![refund])
        .answer("refund", "refund")
        .wrote("payment 29.00 EUR", draft(2900), "re_1")
        .sight(look, Sight::Events(vec![event]))
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![endpoint]))
}

#[test]
fn a_refund_that_was_made_is_followed_and_never_made_again() {
    let kind: Spec = spec("payment = \"pi_1\"\ncancel_subscription = false");
    let said = evidence(kind.next(&done(refund(2900)).get()));
    assert_eq!(
        said,
        "29.00 EUR refunded to Visa ending 4821, pi_1, re_1; charge.refunded taken by 1 endpoint, evt_1"
    );
    // The journal of another computer has it: golive's mark says whose it is.
    let mut marked = refund(2900);
    marked["metadata"] = json!({"golive": "acme/phase.item"});
    let mut elsewhere = done(marked);
    elsewhere.applied.clear();
    assert_eq!(evidence(kind.next(&elsewhere.get())), said);
}

#[test]
fn the_subscription_is_cancelled_without_a_second_question_when_golive_was_stopped_in_between() {
    let rest = change(spec::<Spec>(FULL).next(&done(refund(2900)).get()));
    assert!(rest.follows && !rest.moves_money());
    assert_eq!(rest.actions[0].label(), "subscription sub_1");
}

#[test]
fn a_delivery_that_does_not_come_is_waited_for_and_then_named() {
    let kind: Spec = spec("payment = \"pi_1\"\ncancel_subscription = false\nevents = [\"refund.created\"]");
    let mut late = done(refund(2900));
    let look = Look::Events { types: vec!["refund.created".into()], since: unix("2026-11-21T09:58:00Z"), undelivered: false };
    late.sights.insert(look.clone(), Sight::Events(Vec::new()));
    assert_eq!(failure(kind.next(&late.get())).code, Code::DeliveryNoListener);
    let listening = WebhookEndpoint { id: "we_1".into(), enabled_events: vec!["*".into()], ..WebhookEndpoint::default() };
    let late = late.sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![listening]));
    let waits = wait(kind.next(&late.get()));
    assert_eq!((waits.what.as_str(), waits.looks), ("the delivery of refund.created", vec![look]));
    let over = late.waited("the delivery of refund.created");
    assert_eq!(failure(kind.next(&over.get())).code, Code::DeliveryPending);
}

#[test]
fn a_refund_that_the_bank_sent_back_fails() {
    let mut back = refund(2900);
    back["status"] = json!("failed");
    back["failure_reason"] = json!("expired_or_canceled_card");
    let problem = failure(spec::<Spec>("payment = \"pi_1\"").next(&done(back).get()));
    assert_eq!(problem.code, Code::RefundFailed);
    assert!(problem.why[0].contains("expired or canceled card"), "{problem:?}");
}

#[test]
fn a_trial_has_nothing_to_refund_and_its_subscription_is_ended() {
    let kind: Spec = spec("payment = \"\"\nsubscription = \"sub_1\"");
    let look = Look::One(Collection::Subscriptions, "sub_1".into());
    let trial = |status: &str| {
        let subscription = json!({"id": "sub_1", "status": status, "cancel_at_period_end": false, "cancel_at": null});
        facts(Mode::Live).sight(look.clone(), Sight::Object(Some(subscription)))
    };
    assert_eq!(question(kind.next(&trial("trialing").get())).name, "refund");
    let planned = change(kind.next(&trial("trialing").answer("refund", "refund").get()));
    assert!(!planned.moves_money());
    assert_eq!(planned.actions[0].label(), "subscription sub_1");
    let over = trial("canceled").answer("refund", "refund");
    assert_eq!(evidence(kind.next(&over.get())), "nothing was paid, so nothing is refunded; sub_1 does not renew");
    let plain: Spec = spec("payment = \"\"");
    assert!(matches!(plain.next(&facts(Mode::Live).get()), Step::Done(Verdict::Pass { .. })));
}

#[test]
fn amounts_and_payments_that_mean_nothing_are_complained_about() {
    let complaints = |text: &str| spec::<Spec>(text).complaints();
    assert!(complaints(FULL).is_empty());
    assert!(complaints("payment = \"${launch.purchase.payment}\"\namount = \"10.00 CAD\"").is_empty());
    for wrong in ["payment = \"ch_1\"", "payment = \"pi_1\"\namount = \"all\"", "payment = \"pi_1\"\namount = \"0.00 CAD\"",
                  "payment = \"pi_1\"\nevents = [\"refunded\"]"] {
        assert_eq!(complaints(wrong).len(), 1, "{wrong}");
    }
}
