//! What a product says beside its texts, fact by fact.

use std::collections::BTreeMap;

use serde_json::json;

use crate::kind::Kind;
use crate::kind::product::Spec;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, looks, spec};
use crate::mode::Mode;
use crate::step::object::{Price, Product};
use crate::step::{Action, Effect, Given, Look, OfferWrite, Permission, ProductPatch, Sight, Step, Write};

const ITEM: &str = r#"
name = "Pro"
marketing_features = ["15 activities", "Support"]
shippable = true
package_dimensions = { height = 2.50, length = 10, width = 4, weight = 3 }
default_price = "pro"
features = ["feat_1", "feat_2"]
prices = [{ lookup_key = "pro", amount = "50.00 CAD" }]
"#;

fn product() -> Product {
    let sides = json!({"height": 2.5, "length": 10.0, "width": 4, "weight": 3});
    let features = json!([{"name": "15 activities"}, {"name": "Support"}]);
    Product {
        id: "acme_item".into(),
        active: true,
        name: "Pro".into(),
        default_price: Some("price_1".into()),
        shippable: Some(true),
        marketing_features: serde_json::from_value(features).unwrap(),
        package_dimensions: serde_json::from_value(sides).unwrap(),
        ..Product::default()
    }
}

fn price(id: &str) -> Price {
    Price {
        id: id.into(),
        active: true,
        currency: "cad".into(),
        product: "acme_item".into(),
        unit_amount: Some(5000),
        lookup_key: Some("pro".into()),
        ..Price::default()
    }
}

fn stripe(product: Option<Product>, price: Option<Price>, features: &[&str]) -> FactsBuilder {
    let attached = features.iter().map(|id| json!({"id": "prodft_1", "entitlement_feature": {"id": id}})).collect();
    facts(Mode::Live)
        .sight(Look::Product("acme_item".into()), Sight::Product(product))
        .sight(Look::PriceByKey("pro".into()), Sight::Price(price))
        .sight(Look::ProductsNamed("Pro".into()), Sight::Products(Vec::new()))
        .sight(Look::FeaturesOf("acme_item".into()), Sight::Objects(attached))
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

fn writes(actions: &[Action]) -> Vec<(u8, &Write)> {
    let all = actions.iter().map(|action| match &action.effect {
        Effect::Stripe(write) => (action.stage, write),
        other => panic!("not for Stripe: {other:?}"),
    });
    all.collect()
}

#[test]
fn a_product_that_says_it_all_passes() {
    let facts = stripe(Some(product()), Some(price("price_1")), &["feat_2", "feat_1", "feat_other"]);
    assert_eq!(evidence(next(&facts)), "acme_item; 50.00 CAD");
}

#[test]
fn what_it_entitles_to_is_looked_at_once_the_product_is_known() {
    let mut facts = stripe(Some(product()), Some(price("price_1")), &[]);
    facts.sights.remove(&Look::FeaturesOf("acme_item".into()));
    assert_eq!(looks(next(&facts)), [Look::FeaturesOf("acme_item".into())]);
}

#[test]
fn a_new_product_has_its_default_price_and_features_after_they_stand() {
    let made = actions(next(&stripe(None, None, &[])));
    let [(0, Write::CreateProduct(draft)), (1, Write::CreatePrice(_)), (2, Write::UpdateProduct { patch, .. }), first, second] =
        writes(&made)[..]
    else {
        panic!("{made:?}")
    };
    assert_eq!(draft.marketing_features, ["15 activities", "Support"]);
    let sides = [("height", "2.5"), ("length", "10"), ("weight", "3"), ("width", "4")];
    let sides: BTreeMap<_, _> = sides.map(|(side, number)| (side.to_owned(), number.to_owned())).into();
    assert_eq!((draft.shippable, &draft.package_dimensions), (Some(true), &sides));
    assert_eq!(patch.default_price, Some(Given::Of("price pro".into())));
    for ((stage, write), id) in [first, second].into_iter().zip(["feat_1", "feat_2"]) {
        let Write::Offer(OfferWrite::AttachFeature { product, feature }) = write else { panic!("{write:?}") };
        assert_eq!((stage, product.as_str(), feature.as_str()), (1, "acme_item", id));
    }
    let labels: std::collections::BTreeSet<String> = made.iter().map(Action::label).collect();
    assert_eq!(labels.len(), made.len(), "every action has a name of its own");
}

#[test]
fn what_differs_is_changed_and_can_be_taken_back() {
    let found = Product {
        shippable: None,
        marketing_features: Vec::new(),
        package_dimensions: None,
        default_price: None,
        ..product()
    };
    let made = actions(next(&stripe(Some(found), Some(price("price_1")), &["feat_1"])));
    let [(0, Write::UpdateProduct { patch, .. }), (2, Write::UpdateProduct { patch: default, .. }), (1, attach)] = writes(&made)[..]
    else {
        panic!("{made:?}")
    };
    assert_eq!(patch.marketing_features.as_ref().map(Vec::len), Some(2));
    assert_eq!((patch.shippable, patch.package_dimensions.as_ref().map(BTreeMap::len)), (Some(true), Some(4)));
    assert_eq!(default.default_price, Some(Given::Id("price_1".into())));
    assert!(matches!(attach, Write::Offer(OfferWrite::AttachFeature { feature, .. }) if feature == "feat_2"));
    let Some(Write::UpdateProduct { patch: back, .. }) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!((back.marketing_features.as_deref(), back.shippable), (Some(&[][..]), None));
    assert_eq!(back.package_dimensions, Some(BTreeMap::new()));
    let none = ProductPatch { default_price: Some(Given::Id(String::new())), ..ProductPatch::default() };
    assert_eq!(made[1].undo, Some(Write::UpdateProduct { id: "acme_item".into(), patch: none }));
}

#[test]
fn a_default_price_that_is_replaced_moves_once() {
    let old = Price { unit_amount: Some(4000), ..price("price_1") };
    let made = actions(next(&stripe(Some(product()), Some(old), &["feat_1", "feat_2"])));
    let moves = writes(&made).into_iter().filter(|(_, write)| matches!(write, Write::UpdateProduct { .. })).count();
    assert_eq!(moves, 1, "{made:?}");
}

#[test]
fn a_restricted_key_needs_entitlements_only_where_there_are_some() {
    assert!(spec::<Spec>(ITEM).permissions().contains(&Permission::EntitlementWrite));
    assert!(!spec::<Spec>("name = \"Pro\"").permissions().contains(&Permission::EntitlementWrite));
}

#[test]
fn what_stripe_does_not_take_is_complained_about() {
    let bad = format!(
        "marketing_features = [\"\", \"{}\"]\npackage_dimensions = {{ height = 0, length = 1.005, width = 1, weight = 1 }}\n\
         default_price = \"team\"\nfeatures = [\"api\", \"feat_1\", \"feat_1\"]\n\
         prices = [{{ lookup_key = \"pro\", amount = \"5.00 CAD\" }}]",
        "x".repeat(81)
    );
    let complaints = spec::<Spec>(&bad).complaints();
    let paths: Vec<&str> = complaints.iter().map(|one| one.path.as_str()).collect();
    let wanted = [
        "marketing_features[0]", "marketing_features[1]", "package_dimensions.height", "package_dimensions.length",
        "default_price", "features[0]", "features[2]",
    ];
    assert_eq!(paths, wanted);
    assert!(complaints[4].help.as_deref().unwrap().contains("pro"));
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
