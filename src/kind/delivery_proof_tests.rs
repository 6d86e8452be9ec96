//! Tests of the `delivery_proof` kind over hand-made facts: the whole life of a proof.

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, change, evidence, facts, failure, looks, refused, spec, unknown};
use crate::mode::Mode;
use crate::step::object::{Event, Product, WebhookEndpoint};
use crate::step::{Effect, Look, ProductPatch, Sight, Step, WebhookPatch, Write};

const ITEM: &str = "endpoint = 'we_1'\nproduct = 'acme_pro'\nwait = 5";

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

fn endpoint(events: &[&str]) -> WebhookEndpoint {
    let enabled_events = events.iter().map(|event| (*event).to_owned()).collect();
    WebhookEndpoint { id: "we_1".into(), status: "enabled".into(), enabled_events, ..WebhookEndpoint::default() }
}

/// Stripe with the endpoint listening to these events, and the product with this mark.
fn stripe(events: &[&str], mark: Option<&str>) -> FactsBuilder {
    let metadata = mark.map(|mark| ("golive_proof".to_owned(), mark.to_owned())).into_iter().collect();
    let product = Product { id: "acme_pro".into(), active: true, metadata, ..Product::default() };
    facts(Mode::Live)
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![endpoint(events)]))
        .sight(Look::Product("acme_pro".into()), Sight::Product(Some(product)))
}

fn subscribed(facts: FactsBuilder, events: &[&str]) -> FactsBuilder {
    let enabled_events = Some(events.iter().map(|event| (*event).to_owned()).collect());
    let patch = WebhookPatch { enabled_events, ..WebhookPatch::default() };
    facts.wrote("webhook we_1", Write::UpdateWebhook { id: "we_1".into(), patch }, "we_1")
}

fn touched(facts: FactsBuilder, mark: &str) -> FactsBuilder {
    let metadata = [("golive_proof".to_owned(), mark.to_owned())].into();
    let patch = ProductPatch { metadata, ..ProductPatch::default() };
    facts.wrote("product acme_pro", Write::UpdateProduct { id: "acme_pro".into(), patch }, "acme_pro")
}

fn delivery() -> Look {
    // Of the time that `FactsBuilder::wrote` gives, and five minutes for clocks that differ.
    let since = "2026-11-21T09:55:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    Look::Delivery { event: "product.updated".into(), key: "golive-1".into(), since, wait: 5 }
}

/// Killed before the answer was read, and gone on with the next day: the event is of yesterday.
#[test]
fn an_event_is_looked_for_from_the_moment_at_which_its_cause_was_sent() {
    let mut facts = touched(subscribed(stripe(&["a", "product.updated"], Some("we_1#1")), &["a", "product.updated"]), "we_1#1");
    for applied in &mut facts.applied {
        applied.at = "2026-11-22T10:00:00Z".into();
    }
    assert_eq!(looks(next(&facts)), [delivery()]);
}

fn event(pending: i64) -> Sight {
    let event = Event { id: "evt_1".into(), type_: "product.updated".into(), pending_webhooks: pending, ..Event::default() };
    Sight::Event(Some(event))
}

fn mark(step: Step) -> String {
    let actions = actions(step);
    let last = actions.last().unwrap();
    match &last.effect {
        Effect::Stripe(Write::UpdateProduct { id, patch }) if id == "acme_pro" => patch.metadata["golive_proof"].clone(),
        other => panic!("not a touch: {other:?}"),
    }
}

#[test]
fn endpoint_then_product_are_looked_at() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::WebhookEndpoints]);
    let mut facts = stripe(&["product.updated"], None);
    facts.sights.remove(&Look::Product("acme_pro".into()));
    assert_eq!(looks(next(&facts)), [Look::Product("acme_pro".into())]);
}

#[test]
fn an_endpoint_that_listens_is_proved_by_touching_the_product() {
    for events in [["product.updated"], ["*"]] {
        assert_eq!(actions(next(&stripe(&events, None))).len(), 1, "{events:?}");
    }
}

#[test]
fn every_proof_leaves_another_mark_so_that_it_causes_an_event() {
    assert_eq!(mark(next(&stripe(&["*"], None))), "we_1#1");
    assert_eq!(mark(next(&stripe(&["*"], Some("we_1#7")))), "we_1#8");
    assert_eq!(mark(next(&stripe(&["*"], Some("we_0#7")))), "we_1#8");
    assert_eq!(mark(next(&stripe(&["*"], Some("we_1")))), "we_1#1");
}

#[test]
fn an_endpoint_that_does_not_listen_borrows_the_subscription_first() {
    let actions = actions(next(&stripe(&["invoice.paid"], None)));
    assert_eq!(actions.iter().map(|action| action.stage).collect::<Vec<_>>(), [0, 1]);
    let Effect::Stripe(Write::UpdateWebhook { patch, .. }) = &actions[0].effect else { panic!("{actions:?}") };
    let wanted = ["invoice.paid".to_owned(), "product.updated".to_owned()];
    assert_eq!(patch.enabled_events.as_deref(), Some(wanted.as_slice()));
}

#[test]
fn the_event_is_watched_and_its_delivery_is_the_proof() {
    let facts = touched(stripe(&["*"], None), "we_1#1");
    assert_eq!(looks(next(&facts)), [delivery()]);
    assert_eq!(
        evidence(next(&facts.sight(delivery(), event(0)))),
        "product.updated evt_1 taken by every endpoint that listens"
    );
}

#[test]
fn what_was_borrowed_is_given_back_whatever_the_outcome() {
    for outcome in [event(0), event(1), Sight::Event(None), refused(403, "no")] {
        let facts = subscribed(stripe(&["invoice.paid", "product.updated"], None), &["invoice.paid", "product.updated"]);
        let change = change(next(&touched(facts, "we_1#1").sight(delivery(), outcome)));
        assert!(change.follows, "it is not asked about again");
        let Effect::Stripe(Write::UpdateWebhook { patch, .. }) = &change.actions[0].effect else { panic!("{change:?}") };
        assert_eq!(patch.enabled_events.as_deref(), Some(["invoice.paid".to_owned()].as_slice()));
    }
}

#[test]
fn what_is_given_back_is_what_stands_in_stripe_now() {
    // The checklist got another event while the subscription was borrowed.
    let facts = subscribed(stripe(&["charge.failed", "product.updated"], None), &["invoice.paid", "product.updated"]);
    let change = change(next(&touched(facts, "we_1#1").sight(delivery(), event(0))));
    let Effect::Stripe(Write::UpdateWebhook { patch, .. }) = &change.actions[0].effect else { panic!("{change:?}") };
    assert_eq!(patch.enabled_events.as_deref(), Some(["charge.failed".to_owned()].as_slice()));
    // Or it was given back by hand.
    let facts = subscribed(stripe(&["invoice.paid"], None), &["invoice.paid", "product.updated"]);
    evidence(next(&touched(facts, "we_1#1").sight(delivery(), event(0))));
}

#[test]
fn a_proof_that_passed_is_not_repeated_nor_looked_at() {
    let before = touched(subscribed(facts(Mode::Live), &["invoice.paid", "product.updated"]), "we_1#1");
    let given_back = subscribed(before, &["invoice.paid"]).passed("product.updated evt_1");
    assert_eq!(evidence(next(&given_back)), "product.updated evt_1");
}

#[test]
fn another_endpoint_needs_a_proof_of_its_own() {
    let facts = touched(stripe(&["*"], Some("we_0#1")), "we_0#1").passed("product.updated evt_1");
    assert_eq!(mark(next(&facts)), "we_1#2");
}

#[test]
fn a_pending_a_missing_and_an_unreadable_event_are_three_things() {
    let judged = |sight| next(&touched(stripe(&["*"], None), "we_1#1").sight(delivery(), sight));
    let pending = failure(judged(event(2)));
    assert_eq!((pending.code, pending.message.as_str()), (Code::DeliveryPending, "2 endpoints have not taken the event evt_1"));
    let missing = failure(judged(Sight::Event(None)));
    assert_eq!(missing.message, "Stripe shows no product.updated event for the proof");
    assert_eq!(failure(judged(refused(403, "no"))).code, Code::Permission);
    assert_eq!(unknown(judged(Sight::Permitted)).code, Code::Unreadable);
}

#[test]
fn an_endpoint_or_product_that_is_gone_or_off_fails() {
    let gone = facts(Mode::Live).sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(Vec::new()));
    assert_eq!(failure(next(&gone)).code, Code::ProofFailed);
    let off = WebhookEndpoint { status: "disabled".into(), ..endpoint(&["*"]) };
    let off = facts(Mode::Live).sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![off]));
    assert_eq!(failure(next(&off)).code, Code::WebhookDisabled);
    let none = stripe(&["*"], None).sight(Look::Product("acme_pro".into()), Sight::Product(None));
    assert_eq!(failure(next(&none)).code, Code::ProofFailed);
}

#[test]
fn an_event_that_costs_something_is_complained_about_at_load() {
    let item = format!("{ITEM}\nevent = 'charge.succeeded'");
    assert_eq!(spec::<Spec>(&item).complaints()[0].path, "event");
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
