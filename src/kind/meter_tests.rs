//! What the meter kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, offer, outputs, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = "event_name = \"api_calls\"\nformula = \"sum\"\n";

fn stripe(meters: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::Meters), Sight::Objects(meters))
}

fn meter(more: Value) -> Value {
    let meter = json!({"id": "mtr_1", "event_name": "api_calls", "display_name": "Calls", "status": "active",
        "default_aggregation": {"formula": "sum"}, "customer_mapping": {"event_payload_key": "stripe_customer_id"},
        "value_settings": {"event_payload_key": "value"}, "livemode": true});
    with(meter, more)
}

fn next(item: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(item).next(&facts.get())
}

#[test]
fn a_meter_is_found_by_its_event_name() {
    assert_eq!(looks(next(ITEM, &facts(Mode::Live))), [Look::Every(Collection::Meters)]);
    let facts = stripe(vec![meter(json!({"id": "mtr_0", "event_name": "other"})), meter(json!({}))]);
    assert_eq!(evidence(next(ITEM, &facts)), "mtr_1, sum of api_calls");
    assert_eq!(outputs(next(ITEM, &facts))["event_name"], "api_calls");
    let made = actions(next(ITEM, &stripe(vec![meter(json!({"event_name": "other"}))])));
    assert!(matches!(offer(&made[0]), OfferWrite::CreateMeter(draft) if draft.display_name == "An item"));
}

#[test]
fn a_meter_that_is_off_is_switched_on_and_renamed() {
    let item = format!("display_name = \"API calls\"\n{ITEM}");
    let made = actions(next(&item, &stripe(vec![meter(json!({"status": "inactive"}))])));
    assert!(matches!(offer(&made[0]), OfferWrite::ReactivateMeter { id } if id == "mtr_1"));
    assert_eq!(made[0].undo, Some(Write::Offer(OfferWrite::DeactivateMeter { id: "mtr_1".into() })));
    assert!(matches!(offer(&made[1]), OfferWrite::UpdateMeter { display_name, .. } if display_name == "API calls"));
    assert!(matches!(&made[1].undo, Some(Write::Offer(OfferWrite::UpdateMeter { display_name, .. })) if display_name == "Calls"));
}

#[test]
fn what_events_are_counted_by_is_final_and_no_difference_where_it_is_not_named() {
    let hourly = meter(json!({"event_time_window": "hour"}));
    evidence(next(ITEM, &stripe(vec![hourly.clone()])));
    evidence(next(&format!("{ITEM}\nevent_time_window = \"hour\""), &stripe(vec![hourly.clone()])));
    let problem = failure(next(&format!("{ITEM}\nevent_time_window = \"day\""), &stripe(vec![hourly])));
    assert_eq!(problem.code, Code::MeterDiffers);
}

#[test]
fn a_meter_that_counts_in_another_way_is_told_while_it_is_on() {
    let counts = |status: &str| meter(json!({"default_aggregation": {"formula": "count"}, "status": status}));
    let problem = failure(next(ITEM, &stripe(vec![counts("active")])));
    assert_eq!(problem.code, Code::MeterDiffers);
    assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("formula count"), Some("formula sum")));
    assert_eq!(actions(next(ITEM, &stripe(vec![counts("inactive")])))[0].verb, Verb::Create);
}

#[test]
fn empty_names_are_complained_about() {
    let bad = "event_name = \"\"\nformula = \"last\"\nvalue_key = \"\"\nenv = \"no name\"";
    let paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["event_name", "value_key", "env"]);
}
