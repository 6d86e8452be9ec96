//! What the shipping rate kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, looks, offer, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb};

const ITEM: &str = r#"
display_name = "Ground"
amount = "5.00 CAD"
currencies = ["4.00 EUR"]
delivery = { min = 3, max = 5, unit = "business_day" }
"#;

fn stripe(rates: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::ShippingRates), Sight::Objects(rates))
}

fn rate(more: Value) -> Value {
    let bound = |value: i64| json!({"unit": "business_day", "value": value});
    let rate = json!({"id": "shr_1", "active": true, "display_name": "Ground", "livemode": true,
        "fixed_amount": {"amount": 500, "currency": "cad", "currency_options": {"cad": {"amount": 500}, "eur": {"amount": 400}}},
        "delivery_estimate": {"minimum": bound(3), "maximum": bound(5)}, "tax_behavior": "unspecified",
        "metadata": {"golive": "acme/phase.item"}});
    with(rate, more)
}

fn next(item: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(item).next(&facts.get())
}

#[test]
fn a_rate_that_is_as_it_should_be_passes() {
    assert_eq!(looks(next(ITEM, &facts(Mode::Live))), [Look::Every(Collection::ShippingRates)]);
    assert_eq!(evidence(next(ITEM, &stripe(vec![rate(json!({}))]))), "shr_1, 5.00 CAD");
}

#[test]
fn a_rate_that_is_missing_is_created() {
    let made = actions(next(ITEM, &stripe(Vec::new())));
    let OfferWrite::CreateShippingRate(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.amount, draft.currency.as_str(), draft.currency_options["eur"]), (500, "cad", 400));
    let told: Vec<&str> = made[0].fields.iter().map(|field| field.to.as_str()).collect();
    assert_eq!((made[0].summary.as_str(), told), ("5.00 CAD", vec!["Ground", "4.00 EUR", "3 to 5 business days"]));
}

#[test]
fn whatever_is_final_makes_a_new_rate_and_archives_the_old_one() {
    let amount = |amount: i64, eur: i64| json!({"fixed_amount": {"amount": amount, "currency": "cad",
        "currency_options": {"eur": {"amount": eur}}}});
    let cases = [amount(600, 400), amount(500, 300), json!({"display_name": "Air"}), json!({"delivery_estimate": null})];
    for more in cases {
        let made = actions(next(ITEM, &stripe(vec![rate(more.clone())])));
        let verbs: Vec<_> = made.iter().map(|action| (action.stage, action.verb)).collect();
        assert_eq!(verbs, [(0, Verb::Replace), (1, Verb::Close)], "{more}");
        assert_eq!(made[0].fields.len(), 1, "{made:?}");
    }
}

#[test]
fn a_new_currency_and_a_tax_behavior_are_set_in_place() {
    let item = format!("tax_behavior = \"exclusive\"\n{ITEM}");
    let alone = json!({"fixed_amount": {"amount": 500, "currency": "cad"}});
    let made = actions(next(&item, &stripe(vec![rate(alone)])));
    let OfferWrite::UpdateShippingRate { patch, .. } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((patch.currency_options["eur"], patch.tax_behavior.as_deref()), (400, Some("exclusive")));
    let made = actions(next(&item, &stripe(vec![rate(json!({"tax_behavior": "inclusive"}))])));
    assert_eq!(made[0].verb, Verb::Replace);
}

#[test]
fn amounts_and_deliveries_are_complained_about() {
    let bad = "amount = \"5\"\ncurrencies = [\"4.00 EUR\", \"5.00 EUR\"]\ndelivery = { min = 5, max = 3, unit = \"day\" }";
    let paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["amount", "currencies[1]", "delivery.min"]);
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
