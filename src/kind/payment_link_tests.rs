//! What the payment link kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, looks, outputs, spec, with};
use crate::mode::Mode;
use crate::step::{Action, Collection, Effect, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = r#"
lines = [{ price = "price_1", quantity = 2 }]
allow_promotion_codes = true
redirect = "https://shop.example/thanks"
shipping_countries = ["US", "CA"]
trial_days = 7
env = "BUY_URL"
env_id = "BUY_ID"
"#;

fn stripe(links: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::PaymentLinks), Sight::Objects(links))
}

fn link(more: Value) -> Value {
    let link = json!({"id": "plink_1", "active": true, "url": "https://buy.stripe.com/1", "livemode": true,
        "line_items": {"data": [{"price": {"id": "price_1"}, "quantity": 2}]}, "allow_promotion_codes": true,
        "after_completion": {"type": "redirect", "redirect": {"url": "https://shop.example/thanks"}},
        "automatic_tax": {"enabled": false}, "billing_address_collection": "auto",
        "shipping_address_collection": {"allowed_countries": ["CA", "US"]},
        "subscription_data": {"trial_period_days": 7}, "metadata": {"golive": "acme/phase.item"}});
    with(link, more)
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

fn write(action: &Action) -> &OfferWrite {
    match &action.effect {
        Effect::Stripe(Write::Offer(write)) => write,
        other => panic!("no offer: {other:?}"),
    }
}

#[test]
fn a_link_that_is_as_it_should_be_passes_with_id_and_url() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::Every(Collection::PaymentLinks)]);
    let facts = stripe(vec![link(json!({}))]);
    assert_eq!(evidence(next(&facts)), "https://buy.stripe.com/1");
    assert_eq!(outputs(next(&facts))["id"], "plink_1");
    let names: Vec<(String, Option<String>)> =
        spec::<Spec>(ITEM).variables().into_iter().map(|one| (one.name, one.output)).collect();
    assert_eq!(names, [("BUY_URL".into(), Some("url".into())), ("BUY_ID".into(), Some("id".into()))]);
}

#[test]
fn a_link_that_is_missing_is_created_and_the_same_made_by_hand_is_adopted() {
    let made = actions(next(&stripe(Vec::new())));
    let OfferWrite::CreatePaymentLink(draft) = write(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.lines.as_slice(), draft.terms.trial_period_days), (&[("price_1".to_owned(), 2)][..], Some(7)));
    assert_eq!(draft.terms.metadata["golive"], "acme/phase.item");
    assert_eq!(actions(next(&stripe(vec![link(json!({"metadata": {}}))])))[0].verb, Verb::Adopt);
    let other = link(json!({"metadata": {}, "allow_promotion_codes": false}));
    assert_eq!(actions(next(&stripe(vec![other])))[0].verb, Verb::Create);
}

#[test]
fn other_lines_make_a_new_link_and_then_switch_the_old_one_off() {
    let old = link(json!({"line_items": {"data": [{"price": {"id": "price_0"}, "quantity": 2}]}}));
    let made = actions(next(&stripe(vec![old])));
    let [new, close] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((new.verb, new.stage, close.verb, close.stage), (Verb::Replace, 0, Verb::Close, 1));
    assert_eq!(new.fields[0].from.as_deref(), Some("2 × price_0"));
    assert!(new.notes[0].contains("publish the new one"), "{new:?}");
}

#[test]
fn what_can_be_changed_is_changed_in_place_and_can_be_taken_back() {
    let found = link(json!({"allow_promotion_codes": false, "after_completion": {"type": "hosted_confirmation"},
        "shipping_address_collection": null, "subscription_data": null, "active": false}));
    let made = actions(next(&stripe(vec![found])));
    let OfferWrite::UpdatePaymentLink { patch, .. } = write(&made[0]) else { panic!("{made:?}") };
    assert_eq!((patch.active, patch.allow_promotion_codes, patch.trial_period_days), (Some(true), Some(true), Some(7)));
    assert_eq!(patch.redirect.as_deref(), Some("https://shop.example/thanks"));
    let Some(Write::Offer(OfferWrite::UpdatePaymentLink { patch: back, .. })) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!((back.redirect.as_deref(), back.trial_period_days), (Some(""), Some(0)));
    assert_eq!(back.shipping_countries.as_deref(), Some(&[][..]));
}

#[test]
fn lines_addresses_and_countries_are_complained_about() {
    let bad = r#"
lines = [{ price = "pro_monthly", quantity = 0 }]
redirect = "/thanks"
shipping_countries = ["Canada"]
trial_days = 0
env = "A B"
"#;
    let paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|one| one.path).collect();
    let wanted = ["lines[0].quantity", "lines[0].price", "redirect", "shipping_countries[0]", "trial_days", "env"];
    assert_eq!(paths, wanted);
    assert_eq!(spec::<Spec>("lines = []").complaints()[0].path, "lines");
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
