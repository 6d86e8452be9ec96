//! What the feature kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, offer, outputs, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = "lookup_key = \"api\"\nname = \"API access\"\nmetadata = { tier = \"pro\" }";

fn stripe(features: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::Features), Sight::Objects(features))
}

fn feature(more: Value) -> Value {
    let feature = json!({"id": "feat_1", "lookup_key": "api", "name": "API access", "active": true,
        "livemode": true, "metadata": {"golive": "acme/phase.item", "tier": "pro"}});
    with(feature, more)
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

#[test]
fn a_feature_is_found_by_its_lookup_key_and_made_where_there_is_none() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::Every(Collection::Features)]);
    let there = stripe(vec![feature(json!({"id": "feat_0", "lookup_key": "other"})), feature(json!({}))]);
    assert_eq!(evidence(next(&there)), "feat_1, api");
    assert_eq!(outputs(next(&there))["id"], "feat_1");
    let made = actions(next(&stripe(Vec::new())));
    let OfferWrite::CreateFeature(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.name.as_str(), draft.lookup_key.as_str()), ("API access", "api"));
    assert_eq!(draft.metadata["golive"], "acme/phase.item");
    assert_eq!(draft.metadata["tier"], "pro");
}

#[test]
fn name_and_metadata_change_and_a_strangers_feature_is_adopted() {
    let found = feature(json!({"name": "Api", "metadata": {"golive": "acme/phase.item", "tier": "team"}}));
    let made = actions(next(&stripe(vec![found])));
    assert_eq!(made[0].verb, Verb::Change);
    let OfferWrite::UpdateFeature { id, patch } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((id.as_str(), patch.name.as_deref()), ("feat_1", Some("API access")));
    let Some(Write::Offer(OfferWrite::UpdateFeature { patch: back, .. })) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!((back.name.as_deref(), back.metadata["tier"].as_str()), (Some("Api"), "team"));
    let stranger = actions(next(&stripe(vec![feature(json!({"metadata": {"tier": "pro"}}))])));
    assert_eq!(stranger[0].verb, Verb::Adopt);
}

#[test]
fn an_archived_feature_is_told_because_it_stays_so() {
    let problem = failure(next(&stripe(vec![feature(json!({"active": false}))])));
    assert_eq!(problem.code, Code::FeatureArchived);
}

#[test]
fn keys_and_names_that_stripe_does_not_take_are_complained_about() {
    let long = "x".repeat(81);
    let bad = format!("lookup_key = \"\"\nname = \"{long}\"\nenv = \"no name\"");
    let paths: Vec<String> = spec::<Spec>(&bad).complaints().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["lookup_key", "name", "env"]);
}
