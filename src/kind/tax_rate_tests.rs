//! What the tax rate kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, looks, offer, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = "display_name = \"VAT\"\npercentage = \"20\"\ninclusive = true\ncountry = \"DE\"\n";

fn stripe(rates: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::TaxRates), Sight::Objects(rates))
}

fn rate(more: Value) -> Value {
    let rate = json!({"id": "txr_1", "active": true, "display_name": "VAT", "percentage": 20.0, "inclusive": true,
        "country": "DE", "livemode": true, "metadata": {"golive": "acme/phase.item"}});
    with(rate, more)
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

#[test]
fn a_rate_with_the_items_mark_is_the_one() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::Every(Collection::TaxRates)]);
    let facts = stripe(vec![rate(json!({"id": "txr_2", "metadata": {}})), rate(json!({}))]);
    assert_eq!(evidence(next(&facts)), "txr_1, VAT 20% inclusive");
}

#[test]
fn another_percentage_makes_a_new_rate_and_then_archives_the_old_one() {
    let made = actions(next(&stripe(vec![rate(json!({"percentage": 19.0}))])));
    let [new, old] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((new.verb, new.stage, old.verb, old.stage), (Verb::Replace, 0, Verb::Close, 1));
    assert!(matches!(offer(new), OfferWrite::CreateTaxRate(draft) if draft.percentage == "20" && draft.replaces == ["txr_1"]));
    assert!(matches!(offer(old), OfferWrite::UpdateTaxRate { id, patch } if id == "txr_1" && patch.active == Some(false)));
    let field = &new.fields[0];
    assert_eq!((field.from.as_deref(), field.to.as_str()), (Some("19% inclusive"), "20% inclusive"));
}

#[test]
fn killed_between_the_two_the_old_rate_is_archived_all_the_same() {
    let facts = stripe(vec![rate(json!({"id": "txr_2"})), rate(json!({"percentage": 19.0}))]);
    let made = actions(next(&facts));
    let [old] = made.as_slice() else { panic!("{made:?}") };
    assert!(matches!(offer(old), OfferWrite::UpdateTaxRate { id, .. } if id == "txr_1"));
}

#[test]
fn texts_are_changed_in_place_and_their_old_values_kept_for_the_way_back() {
    let made = actions(next(&stripe(vec![rate(json!({"display_name": "Tax", "country": null, "active": false}))])));
    let OfferWrite::UpdateTaxRate { patch, .. } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((patch.active, patch.display_name.as_deref(), patch.country.as_deref()), (Some(true), Some("VAT"), Some("DE")));
    let Some(Write::Offer(OfferWrite::UpdateTaxRate { patch: back, .. })) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!((back.active, back.display_name.as_deref(), back.country.as_deref()), (Some(false), Some("Tax"), Some("")));
}

#[test]
fn the_very_same_rate_made_by_hand_is_adopted_and_a_similar_one_is_not() {
    let made = actions(next(&stripe(vec![rate(json!({"metadata": {}}))])));
    assert_eq!((made[0].verb, made[0].fields[0].name.as_str()), (Verb::Adopt, "metadata.golive"));
    let made = actions(next(&stripe(vec![rate(json!({"metadata": {}, "country": "AT"}))])));
    assert_eq!((made[0].verb, made[0].summary.as_str()), (Verb::Create, "VAT 20% inclusive"));
}

#[test]
fn percentages_countries_and_names_are_complained_about() {
    let bad = "display_name = \"\"\npercentage = \"120\"\ninclusive = true\ncountry = \"Germany\"\nenv = \"-\"";
    let paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["percentage", "display_name", "country", "env"]);
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
