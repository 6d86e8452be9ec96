//! What the payment link kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, looks, offer, outputs, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

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
    let OfferWrite::CreatePaymentLink(draft) = offer(&made[0]) else { panic!("{made:?}") };
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
    let OfferWrite::UpdatePaymentLink { patch, .. } = offer(&made[0]) else { panic!("{made:?}") };
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

const ASKS: &str = r#"
lines = [{ price = "price_1", quantity = 2, adjustable = { min = 1, max = 10 } }]
confirmation = "Thank you"
[settings]
phone_number_collection = { enabled = true }
tax_id_collection = { enabled = false }
custom_fields = [{ key = "team", label = { type = "custom", custom = "Your team" }, type = "text" }]
shipping_options = [{ shipping_rate = "shr_1" }]
payment_method_types = ["card"]
[settings.subscription_data]
description = "The Pro plan"
metadata = { plan = "pro" }
"#;

fn asking(more: Value) -> Value {
    let line = json!({"price": {"id": "price_1"}, "quantity": 2,
        "adjustable_quantity": {"enabled": true, "minimum": 1, "maximum": 10}});
    let settings = json!({
        "line_items": {"data": [line]}, "phone_number_collection": {"enabled": true},
        "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Thank you"}},
        "custom_fields": [{"key": "team", "label": {"type": "custom", "custom": "Your team"}, "type": "text",
            "optional": false, "text": {"default_value": null, "maximum_length": null, "minimum_length": null}}],
        "shipping_options": [{"shipping_amount": 500, "shipping_rate": "shr_1"}], "payment_method_types": ["card"],
        "subscription_data": {"description": "The Pro plan", "metadata": {"plan": "pro", "more": "1"}},
    });
    with(link(settings), more)
}

fn ask(found: Value) -> Step {
    spec::<Spec>(ASKS).next(&stripe(vec![found]).get())
}

#[test]
fn nested_settings_are_sent_at_creation_and_found_again() {
    assert_eq!(evidence(ask(asking(json!({})))), "https://buy.stripe.com/1");
    let made = actions(spec::<Spec>(ASKS).next(&stripe(Vec::new()).get()));
    let OfferWrite::CreatePaymentLink(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!(draft.adjustable, [(0, Some(1), Some(10))]);
    assert_eq!(draft.terms.confirmation.as_deref(), Some("Thank you"));
    let sent = |name: &str| draft.terms.settings[name].as_str();
    assert_eq!(sent("custom_fields[0][label][custom]"), "Your team");
    assert_eq!(sent("shipping_options[0][shipping_rate]"), "shr_1");
    assert_eq!(sent("subscription_data[metadata][plan]"), "pro");
}

#[test]
fn nested_settings_that_differ_are_changed_in_place_and_can_be_taken_back() {
    let made = actions(ask(asking(json!({"phone_number_collection": {"enabled": false}, "payment_method_types": null,
        "after_completion": {"type": "redirect", "redirect": {"url": "https://shop.example/"}},
        "custom_fields": [{"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "numeric", "numeric": {"maximum_length": 2}}]}))));
    let OfferWrite::UpdatePaymentLink { patch, .. } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!(patch.settings["phone_number_collection[enabled]"], "true");
    assert_eq!(patch.settings["custom_fields[0][key]"], "team");
    assert!(!patch.settings.contains_key("shipping_options[0][shipping_rate]"), "what is the same is not sent");
    let Some(Write::Offer(OfferWrite::UpdatePaymentLink { patch: back, .. })) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!(back.settings["phone_number_collection[enabled]"], "false");
    assert_eq!(back.settings["custom_fields[0][numeric][maximum_length]"], "2");
    assert_eq!(back.settings["payment_method_types"], "");
    assert_eq!((back.redirect.as_deref(), back.confirmation.as_deref()), (Some("https://shop.example/"), None));
    let names: Vec<&str> = made[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["confirmation", "custom_fields", "payment_method_types", "phone_number_collection"]);
}

#[test]
fn settings_that_are_final_make_a_new_link() {
    for more in [
        json!({"shipping_options": [{"shipping_rate": "shr_0"}]}),
        json!({"subscription_data": {"description": "Another plan", "metadata": {"plan": "pro"}}}),
        json!({"line_items": {"data": [{"price": {"id": "price_1"}, "quantity": 2}]}}),
    ] {
        let made = actions(ask(asking(more.clone())));
        assert_eq!((made.len(), made[0].verb), (2, Verb::Replace), "{more}");
    }
    // Metadata of subscriptions can be changed, whatever stands beside it.
    let other = json!({"subscription_data": {"description": "The Pro plan", "metadata": {"plan": "team"}}});
    let made = actions(ask(asking(other)));
    let OfferWrite::UpdatePaymentLink { patch, .. } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!(patch.settings.len(), 1, "{patch:?}");
}
