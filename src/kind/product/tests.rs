//! What the product kind decides, fact by fact.

use std::collections::BTreeMap;

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, outputs, refused, spec};
use crate::mode::Mode;
use crate::step::object::{Price, PriceRecurring, Product};
use crate::step::{Action, Effect, Given, Look, PriceDraft, PricePatch, ProductPatch, Sight, Step, Verb, Write};

const ITEM: &str = r#"
name = "Pro"
prices = [{ lookup_key = "pro", amount = "50.00 CAD", nickname = "Pro Monthly", interval = "month", env = "PRICE" }]
"#;

fn id() -> Look {
    Look::Product("acme_item".into())
}

fn key() -> Look {
    Look::PriceByKey("pro".into())
}

fn named() -> Look {
    Look::ProductsNamed("Pro".into())
}

fn product(id: &str) -> Product {
    Product { id: id.into(), active: true, name: "Pro".into(), livemode: Some(true), ..Product::default() }
}

/// The price that [`ITEM`] wants.
fn price(id: &str) -> Price {
    Price {
        id: id.into(),
        active: true,
        livemode: Some(true),
        currency: "cad".into(),
        product: "acme_item".into(),
        unit_amount: Some(5000),
        recurring: Some(PriceRecurring { interval: "month".into(), interval_count: Some(1), ..PriceRecurring::default() }),
        lookup_key: Some("pro".into()),
        nickname: Some("Pro Monthly".into()),
        ..Price::default()
    }
}

/// Stripe with this product under our id, and this price under the lookup key.
fn stripe(product: impl Into<Option<Product>>, price: impl Into<Option<Price>>) -> FactsBuilder {
    facts(Mode::Live).sight(id(), Sight::Product(product.into())).sight(key(), Sight::Price(price.into()))
}

fn next(item: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(item).next(&facts.get())
}

fn write(action: &Action) -> (u8, &Write) {
    match &action.effect {
        Effect::Stripe(write) => (action.stage, write),
        other => panic!("not for Stripe: {other:?}"),
    }
}

fn writes(actions: &[Action]) -> Vec<(u8, &Write)> {
    actions.iter().map(write).collect()
}

fn update(found: Price) -> PricePatch {
    let actions = actions(next(ITEM, &stripe(product("acme_item"), found)));
    match writes(&actions).as_slice() {
        [(1, Write::UpdatePrice { id, patch })] if id == "price_1" => patch.clone(),
        other => panic!("not one update: {other:?}"),
    }
}

#[test]
fn product_and_prices_are_looked_at_together() {
    assert_eq!(looks(next(ITEM, &facts(Mode::Live))), [id(), key()]);
}

#[test]
fn a_new_product_and_its_prices_are_one_change() {
    let actions = actions(next(ITEM, &stripe(None, None).sight(named(), Sight::Products(Vec::new()))));
    let [(0, Write::CreateProduct(draft)), (1, Write::CreatePrice(price))] = writes(&actions)[..] else {
        panic!("{actions:?}")
    };
    let mark: BTreeMap<_, _> = [("golive".to_owned(), "acme/phase.item".to_owned())].into();
    assert_eq!((draft.id.as_str(), draft.name.as_str(), &draft.metadata), ("acme_item", "Pro", &mark));
    assert_eq!((price.product.as_str(), price.unit_amount, price.currency.as_str()), ("acme_item", Some(5000), "cad"));
    assert_eq!((price.lookup_key.as_deref(), price.transfer_lookup_key, &price.metadata), (Some("pro"), false, &mark));
    assert_eq!(actions[1].summary, "50.00 CAD per month");
}

#[test]
fn the_title_is_the_name_unless_said_otherwise() {
    let facts = stripe(None, None).sight(Look::ProductsNamed("An item".into()), Sight::Products(Vec::new()));
    let actions = actions(next("prices = []", &facts));
    assert!(matches!(writes(&actions)[0].1, Write::CreateProduct(draft) if draft.name == "An item"));
}

#[test]
fn what_is_as_it_should_be_passes_with_its_ids() {
    let step = next(ITEM, &stripe(product("acme_item"), price("price_1")));
    let ids = outputs(step);
    assert_eq!(ids.get("id").map(String::as_str), Some("acme_item"));
    assert_eq!(ids.get("prices.pro.id").map(String::as_str), Some("price_1"));
    let step = next(ITEM, &stripe(product("acme_item"), price("price_1")));
    assert_eq!(evidence(step), "acme_item; 50.00 CAD per month");
}

#[test]
fn a_product_is_adopted_by_the_lookup_keys_of_its_prices() {
    let mut found = price("price_1");
    found.product = "prod_9".into();
    let theirs = Look::Product("prod_9".into());
    let facts = stripe(None, found.clone());
    assert_eq!(looks(next(ITEM, &facts)), std::slice::from_ref(&theirs));
    let step = next(ITEM, &facts.sight(theirs.clone(), Sight::Product(Some(product("prod_9")))));
    assert_eq!(evidence(step), "prod_9, adopted; 50.00 CAD per month");
    // A product of another name is somebody else's, and keeps its price.
    let other = Product { name: "Basic".into(), ..product("prod_9") };
    let problem = failure(next(ITEM, &stripe(None, found).sight(theirs, Sight::Product(Some(other)))));
    assert_eq!(problem.code, Code::PriceOnOtherProduct);
    assert_eq!(problem.found.as_deref(), Some("price_1 of prod_9"));
}

#[test]
fn a_product_is_adopted_by_its_name_when_only_one_has_it() {
    let of = Look::PricesOf("prod_9".into());
    let one = stripe(None, None).sight(named(), Sight::Products(vec![product("prod_9")]));
    assert_eq!(looks(next(ITEM, &one)), std::slice::from_ref(&of));
    let actions = actions(next(ITEM, &one.sight(of, Sight::Prices(Vec::new()))));
    assert!(matches!(writes(&actions)[..], [(1, Write::CreatePrice(draft))] if draft.product == "prod_9"));
    let two = stripe(None, None).sight(named(), Sight::Products(vec![product("prod_8"), product("prod_9")]));
    let problem = failure(next(ITEM, &two));
    assert_eq!(problem.code, Code::CatalogAmbiguous);
    assert_eq!(problem.why, ["prod_8, prod_9"]);
}

#[test]
fn a_price_of_another_amount_is_replaced_the_default_moved_and_the_old_one_closed() {
    let old = Price { unit_amount: Some(4000), ..price("price_1") };
    let holder = Product { default_price: Some("price_1".into()), ..product("acme_item") };
    let actions = actions(next(ITEM, &stripe(holder, old)));
    let all = writes(&actions);
    let [(1, Write::CreatePrice(draft)), (2, Write::UpdateProduct { patch: moved, .. }), (3, Write::UpdatePrice { id, patch: closed })] =
        all[..]
    else {
        panic!("{all:?}")
    };
    assert!(draft.transfer_lookup_key);
    assert_eq!(draft.replaces.as_deref(), Some("price_1"));
    assert_eq!(moved.default_price, Some(Given::Of(actions[0].label())));
    assert_eq!((id.as_str(), closed.active), ("price_1", Some(false)));
    let amount = &actions[0].fields[0];
    assert_eq!((amount.from.as_deref(), amount.to.as_str()), (Some("40.00 CAD"), "50.00 CAD per month"));
    assert_eq!(actions[0].verb, Verb::Replace);
}

#[test]
fn an_archived_price_of_another_amount_is_replaced_and_not_closed_twice() {
    let old = Price { unit_amount: Some(4000), active: false, ..price("price_1") };
    let actions = actions(next(ITEM, &stripe(product("acme_item"), old)));
    assert_eq!(actions.iter().map(|action| action.verb).collect::<Vec<_>>(), [Verb::Replace]);
}

#[test]
fn whatever_is_final_on_a_price_makes_a_new_one() {
    let every = |interval: &str, count| PriceRecurring {
        interval: interval.into(),
        interval_count: Some(count),
        ..PriceRecurring::default()
    };
    let taxed = ITEM.replace("nickname", "tax_behavior = \"exclusive\", nickname");
    let cases = [
        (ITEM, Price { currency: "usd".into(), ..price("p") }),
        (ITEM, Price { recurring: None, ..price("p") }),
        (ITEM, Price { recurring: Some(every("year", 1)), ..price("p") }),
        (ITEM, Price { recurring: Some(every("month", 3)), ..price("p") }),
        (
            ITEM,
            Price {
                recurring: Some(PriceRecurring { usage_type: Some("metered".into()), ..every("month", 1) }),
                ..price("p")
            },
        ),
        (ITEM, Price { unit_amount: None, ..price("p") }),
        (taxed.as_str(), Price { tax_behavior: Some("inclusive".into()), ..price("p") }),
    ];
    for (item, found) in cases {
        let actions = actions(next(item, &stripe(product("acme_item"), found.clone())));
        assert_eq!(actions[0].verb, Verb::Replace, "{found:?}");
        assert!(!actions[0].fields.is_empty(), "{found:?}");
    }
}

#[test]
fn an_interval_count_that_stripe_leaves_out_is_one() {
    let monthly = PriceRecurring { interval: "month".into(), usage_type: Some("licensed".into()), ..PriceRecurring::default() };
    let found = Price { recurring: Some(monthly), ..price("price_1") };
    evidence(next(ITEM, &stripe(product("acme_item"), found)));
}

#[test]
fn what_may_change_on_a_price_is_changed_in_place() {
    assert_eq!(update(Price { active: false, ..price("price_1") }).active, Some(true));
    assert_eq!(update(Price { nickname: None, ..price("price_1") }).nickname.as_deref(), Some("Pro Monthly"));
    let item = ITEM.replace("nickname", "metadata = { tier = \"2\" }, tax_behavior = \"exclusive\", nickname");
    let found = Price {
        metadata: [("tier".into(), "1".into()), ("theirs".into(), "x".into())].into(),
        tax_behavior: Some("unspecified".into()),
        ..price("price_1")
    };
    let actions = actions(next(&item, &stripe(product("acme_item"), found)));
    let (_, Write::UpdatePrice { patch, .. }) = writes(&actions)[0] else { panic!("{actions:?}") };
    assert_eq!(patch.tax_behavior.as_deref(), Some("exclusive"));
    assert_eq!(patch.metadata, [("tier".to_owned(), "2".to_owned())].into());
}

#[test]
fn what_the_checklist_does_not_name_is_left_alone() {
    let found = Product {
        description: Some("theirs".into()),
        statement_descriptor: Some("THEIRS".into()),
        images: vec!["https://shop.example/a.png".into()],
        metadata: [("theirs".into(), "x".into())].into(),
        default_price: Some("price_8".into()),
        ..product("acme_item")
    };
    let noted = Price { tax_behavior: Some("inclusive".into()), ..price("price_1") };
    evidence(next(ITEM, &stripe(found, noted)));
}

#[test]
fn an_archived_product_is_switched_on_and_texts_are_corrected() {
    let item = format!("description = \"For all\"\nunit_label = \"seat\"\n{ITEM}");
    let found = Product { active: false, name: "Old".into(), description: Some("Was".into()), ..product("acme_item") };
    let actions = actions(next(&item, &stripe(found, price("price_1"))));
    let [(0, Write::UpdateProduct { id, patch })] = writes(&actions)[..] else { panic!("{actions:?}") };
    let wanted = ProductPatch {
        active: Some(true),
        name: Some("Pro".into()),
        description: Some("For all".into()),
        unit_label: Some("seat".into()),
        ..ProductPatch::default()
    };
    assert_eq!((id.as_str(), patch), ("acme_item", &wanted));
    let fields: Vec<&str> = actions[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["active", "name", "description", "unit_label"]);
}

#[test]
fn a_twin_without_a_lookup_key_is_adopted_and_of_several_none() {
    let of = Look::PricesOf("acme_item".into());
    let twin = |id: &str| Price { lookup_key: None, ..price(id) };
    let other = Price { unit_amount: Some(1), ..twin("price_8") };
    let closed = Price { active: false, ..twin("price_7") };
    let with = |prices: Vec<Price>| stripe(product("acme_item"), None).sight(of.clone(), Sight::Prices(prices));
    let adopted = actions(next(ITEM, &with(vec![twin("price_1"), other.clone(), closed])));
    let [(1, Write::UpdatePrice { id, patch })] = writes(&adopted)[..] else { panic!("{adopted:?}") };
    assert_eq!((id.as_str(), patch.lookup_key.as_deref(), adopted[0].verb), ("price_1", Some("pro"), Verb::Adopt));
    let problem = failure(next(ITEM, &with(vec![twin("price_1"), twin("price_2")])));
    assert_eq!(problem.code, Code::CatalogAmbiguous);
    assert!(problem.why[0].contains("price_1, price_2"), "{problem:?}");
    let created = actions(next(ITEM, &with(vec![other])));
    assert_eq!(created[0].verb, Verb::Create);
}

/// Facts of a run that was killed after the new price was created.
fn killed(old: Price) -> FactsBuilder {
    let draft = PriceDraft {
        product: "acme_item".into(),
        lookup_key: Some("pro".into()),
        replaces: Some("price_0".into()),
        ..PriceDraft::default()
    };
    let holder = Product { default_price: Some("price_0".into()), ..product("acme_item") };
    stripe(holder, price("price_1"))
        .wrote("price pro", Write::CreatePrice(draft), "price_1")
        .sight(Look::Price("price_0".into()), Sight::Price(Some(old)))
}

#[test]
fn killed_between_creating_and_closing_the_old_price_is_closed_all_the_same() {
    let actions = actions(next(ITEM, &killed(Price { lookup_key: None, ..price("price_0") })));
    let all = writes(&actions);
    let [(2, Write::UpdateProduct { patch: moved, .. }), (3, Write::UpdatePrice { id, patch: closed })] = all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(moved.default_price, Some(Given::Id("price_1".into())));
    assert_eq!((id.as_str(), closed.active), ("price_0", Some(false)));
}

#[test]
fn a_replaced_price_that_is_closed_needs_nothing_more() {
    evidence(next(ITEM, &killed(Price { active: false, lookup_key: None, ..price("price_0") })));
}

#[test]
fn what_belongs_to_the_other_mode_is_refused() {
    let test = Product { livemode: Some(false), ..product("acme_item") };
    assert_eq!(failure(next(ITEM, &stripe(test, price("p")))).code, Code::KeyWrongMode);
    let test = Price { livemode: Some(false), ..price("p") };
    assert_eq!(failure(next(ITEM, &stripe(product("acme_item"), test))).code, Code::KeyWrongMode);
}

#[test]
fn a_refused_look_fails_the_item_with_the_permission() {
    let no = || refused(403, "Enabling Prices Read ('plan_read') permissions on this key would allow this.");
    let by_key = facts(Mode::Live).sight(id(), Sight::Product(None)).sight(key(), no());
    let by_id = facts(Mode::Live).sight(id(), no()).sight(key(), Sight::Price(None));
    let by_name = stripe(None, None).sight(named(), no());
    for facts in [by_key, by_id, by_name] {
        let problem = failure(next(ITEM, &facts));
        assert_eq!(problem.code, Code::Permission);
        assert_eq!(problem.request_id.as_deref(), Some("req_1"));
    }
}

#[test]
fn a_product_that_is_pointed_at_is_never_another_one() {
    let item = format!("product_id = \"prod_7\"\n{ITEM}");
    let facts = facts(Mode::Live)
        .sight(Look::Product("prod_7".into()), Sight::Product(Some(product("prod_7"))))
        .sight(key(), Sight::Price(Some(Price { product: "prod_7".into(), ..price("price_1") })));
    assert_eq!(evidence(next(&item, &facts)), "prod_7; 50.00 CAD per month");
}

#[test]
fn two_items_never_mean_one_product() {
    use crate::checklist::{Source, load};
    let load = |more: &str| {
        let head = "schema = 1\nid = \"acme\"\ntitle = \"Acme\"\n";
        let phase = |id: &str, more: &str| {
            let phase = format!("[[phase]]\nid = \"{id}\"\ntitle = \"{id}\"\n");
            format!("{phase}[[phase.item]]\nid = \"pro\"\nkind = \"product\"\ntitle = \"Pro\"\n{more}\n")
        };
        load(Source::Bundled("acme"), &format!("{head}{}{}", phase("one", ""), phase("two", more)))
    };
    let invalid = load("").unwrap_err();
    assert!(format!("{invalid:?}").contains("two products would have the id `acme_pro`"), "{invalid:?}");
    assert!(load("product_id = \"acme_pro\"").is_err());
    assert!(load("product_id = \"prod_9\"").is_ok());
    assert!(load("modes = [\"test\"]").is_err());
}

#[test]
fn amounts_keys_and_descriptors_are_complained_about_at_load() {
    let bad = r#"
statement_descriptor = "22 characters is the most there may be"
prices = [{ lookup_key = "", amount = "fifty" }, { lookup_key = "a", amount = "5.00 CAD", env = "NOT-A-NAME" }]
"#;
    let mut paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|complaint| complaint.path).collect();
    paths.sort();
    assert_eq!(paths, ["prices[0].amount", "prices[0].lookup_key", "prices[1].env", "statement_descriptor"]);
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
