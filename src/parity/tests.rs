//! Whether the comparison finds what belongs together, and nothing but what differs.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::fixture::{everything, renamed};
use super::{Compared, Difference, compare};
use crate::error::{Code, Problem};
use crate::inventory::{Gap, Inventory, Price, Product, Section};

fn all_sections() -> BTreeSet<Section> {
    Section::ALL.into_iter().collect()
}

fn apart(test: &Inventory, live: &Inventory) -> Vec<Compared> {
    let all = compare(test, live, &all_sections());
    all.into_iter().filter(|list| list.equal() != Some(true)).collect()
}

/// The only field that differs between the two.
#[track_caller]
fn only_difference(test: &Inventory, live: &Inventory, what: &str) -> (Section, Difference) {
    let lists = apart(test, live);
    let [list] = lists.as_slice() else { panic!("{what}: {lists:#?}") };
    assert!(list.only_test.is_empty() && list.only_live.is_empty(), "{what}: {list:#?}");
    let [pair] = list.different.as_slice() else { panic!("{what}: {list:#?}") };
    let [field] = pair.fields.as_slice() else { panic!("{what}: {pair:#?}") };
    (list.section, field.clone())
}

#[test]
fn everything_is_equal_to_itself_with_other_ids() {
    let test = everything();
    let live = renamed(&test, "L1");
    assert_eq!(apart(&test, &live), []);
    let count: usize = compare(&test, &live, &all_sections()).iter().map(|list| list.same).sum();
    assert_eq!(count, test.len());
    assert_eq!(apart(&Inventory::default(), &Inventory::default()), []);
}

type Change = fn(&mut Inventory);

#[test]
#[expect(clippy::too_many_lines, reason = "a row for each field")]
fn every_field_that_changes_is_one_difference_and_is_named() {
    let changes: &[(Section, &str, Change)] = &[
        (Section::Products, "name", |it| it.products[0].name = "Pro+".into()),
        (Section::Products, "description", |it| it.products[0].description = None),
        (Section::Products, "statement_descriptor", |it| it.products[0].statement_descriptor = Some("X".into())),
        (Section::Products, "tax_code", |it| it.products[0].tax_code = None),
        (Section::Products, "unit_label", |it| it.products[0].unit_label = Some("user".into())),
        (Section::Products, "url", |it| it.products[0].url = None),
        (Section::Products, "images", |it| it.products[0].images.clear()),
        (Section::Products, "marketing_features", |it| it.products[0].marketing_features.push("More".into())),
        (Section::Products, "shippable", |it| it.products[0].shippable = Some(false)),
        (Section::Products, "package_dimensions", |it| it.products[0].package_dimensions = None),
        (Section::Products, "default_price", |it| it.products[0].default_price = None),
        (Section::Products, "features", |it| it.products[0].features.clear()),
        (Section::Products, "metadata.tier", |it| drop(it.products[0].metadata.insert("tier".into(), "team".into()))),
        (Section::Products, "metadata.new", |it| drop(it.products[1].metadata.insert("new".into(), "1".into()))),
        (Section::Prices, "unit_amount", |it| it.prices[0].amount = Some("3900".into())),
        (Section::Prices, "currency_options.usd", |it| it.prices[0].currency_options.clear()),
        (Section::Prices, "recurring.interval", |it| it.prices[0].recurring.as_mut().unwrap().interval = "year".into()),
        (Section::Prices, "recurring.interval_count", |it| {
            it.prices[0].recurring.as_mut().unwrap().interval_count = Some(3);
        }),
        (Section::Prices, "recurring.usage_type", |it| it.prices[0].recurring.as_mut().unwrap().usage_type = None),
        (Section::Prices, "recurring.meter", |it| it.prices[0].recurring.as_mut().unwrap().meter = None),
        (Section::Prices, "recurring.trial_period_days", |it| {
            it.prices[0].recurring.as_mut().unwrap().trial_period_days = None;
        }),
        (Section::Prices, "nickname", |it| it.prices[0].nickname = None),
        (Section::Prices, "tax_behavior", |it| it.prices[0].tax_behavior = Some("inclusive".into())),
        (Section::Prices, "metadata.a", |it| it.prices[0].metadata.clear()),
        (Section::Prices, "product", |it| it.prices[2].product = it.prices[0].product.clone()),
        (Section::Prices, "tiers", |it| it.prices[1].tiers[0].unit = "400".into()),
        (Section::Prices, "tiers_mode", |it| it.prices[1].tiers_mode = Some("volume".into())),
        (Section::Prices, "custom_unit_amount", |it| it.prices[2].custom.as_mut().unwrap().preset = None),
        (Section::Prices, "transform_quantity", |it| it.prices[3].transform = None),
        (Section::Meters, "display_name", |it| it.meters[0].display_name = "X".into()),
        (Section::Meters, "formula", |it| it.meters[0].formula = "count".into()),
        (Section::Meters, "customer_key", |it| it.meters[0].customer_key = "x".into()),
        (Section::Meters, "value_key", |it| it.meters[0].value_key = "x".into()),
        (Section::Features, "name", |it| it.features[0].name = "X".into()),
        (Section::Features, "metadata.b", |it| it.features[0].metadata.clear()),
        (Section::Coupons, "name", |it| it.coupons[0].name = Some("X".into())),
        (Section::Coupons, "amount_off", |it| it.coupons[0].amount_off = Some(400)),
        (Section::Coupons, "currency_options.usd", |it| it.coupons[0].currency_options.clear()),
        (Section::Coupons, "duration", |it| it.coupons[0].duration = "forever".into()),
        (Section::Coupons, "duration_in_months", |it| it.coupons[0].duration_in_months = Some(4)),
        (Section::Coupons, "applies_to", |it| it.coupons[0].applies_to.clear()),
        (Section::Coupons, "max_redemptions", |it| it.coupons[0].max_redemptions = None),
        (Section::Coupons, "redeem_by", |it| it.coupons[0].redeem_by = None),
        (Section::Coupons, "metadata.c", |it| it.coupons[0].metadata.clear()),
        (Section::PromotionCodes, "max_redemptions", |it| it.promotion_codes[0].max_redemptions = None),
        (Section::PromotionCodes, "expires_at", |it| it.promotion_codes[0].expires_at = None),
        (Section::PromotionCodes, "customer", |it| it.promotion_codes[0].customer = Some("cus_1".into())),
        (Section::PromotionCodes, "first_time_transaction", |it| it.promotion_codes[0].first_time_transaction = false),
        (Section::PromotionCodes, "minimum_amount", |it| it.promotion_codes[0].minimum_amount = Some(900)),
        (Section::PromotionCodes, "minimum_amount.usd", |it| it.promotion_codes[0].minimum_options.clear()),
        (Section::TaxRates, "display_name", |it| it.tax_rates[0].display_name = "Tax".into()),
        (Section::TaxRates, "percentage", |it| it.tax_rates[0].percentage = 19.into()),
        (Section::TaxRates, "inclusive", |it| it.tax_rates[0].inclusive = false),
        (Section::TaxRates, "country", |it| it.tax_rates[0].country = Some("AT".into())),
        (Section::TaxRates, "state", |it| it.tax_rates[0].state = None),
        (Section::TaxRates, "jurisdiction", |it| it.tax_rates[0].jurisdiction = None),
        (Section::TaxRates, "tax_type", |it| it.tax_rates[0].tax_type = None),
        (Section::TaxRates, "description", |it| it.tax_rates[0].description = None),
        (Section::ShippingRates, "display_name", |it| it.shipping_rates[0].display_name = "Air".into()),
        (Section::ShippingRates, "amount", |it| it.shipping_rates[0].amount = 700),
        (Section::ShippingRates, "currency_options.usd", |it| it.shipping_rates[0].currency_options.clear()),
        (Section::ShippingRates, "delivery_estimate.minimum", |it| it.shipping_rates[0].minimum = None),
        (Section::ShippingRates, "delivery_estimate.maximum", |it| {
            it.shipping_rates[0].maximum = Some((3, "day".into()));
        }),
        (Section::ShippingRates, "tax_behavior", |it| it.shipping_rates[0].tax_behavior = None),
        (Section::ShippingRates, "tax_code", |it| it.shipping_rates[0].tax_code = None),
        (Section::PaymentLinks, "line_items", |it| it.payment_links[0].lines[0].quantity = 3),
        (Section::PaymentLinks, "allow_promotion_codes", |it| it.payment_links[0].allow_promotion_codes = false),
        (Section::PaymentLinks, "after_completion.redirect.url", |it| it.payment_links[0].redirect = None),
        (Section::PaymentLinks, "after_completion.hosted_confirmation.custom_message", |it| {
            it.payment_links[0].confirmation = Some("Thank you".into());
        }),
        (Section::PaymentLinks, "line_items", |it| it.payment_links[0].lines[0].adjustable = Some((Some(1), Some(5)))),
        (Section::PaymentLinks, "automatic_tax", |it| it.payment_links[0].automatic_tax = false),
        (Section::PaymentLinks, "billing_address_collection", |it| {
            it.payment_links[0].billing_address_collection = None;
        }),
        (Section::PaymentLinks, "shipping_address_collection", |it| it.payment_links[0].shipping_countries.clear()),
        (Section::PaymentLinks, "subscription_data.trial_period_days", |it| {
            it.payment_links[0].trial_period_days = None;
        }),
        (Section::PaymentLinks, "shipping_options", |it| drop(it.payment_links[0].others.remove("shipping_options"))),
        (Section::PaymentLinks, "restrictions", |it| drop(it.payment_links[0].others.remove("restrictions"))),
        (Section::PaymentLinks, "metadata.d", |it| it.payment_links[0].metadata.clear()),
        (Section::Portals, "name", |it| it.portals[0].name = None),
        (Section::Portals, "headline", |it| it.portals[0].headline = None),
        (Section::Portals, "privacy_policy_url", |it| it.portals[0].privacy_policy_url = None),
        (Section::Portals, "terms_of_service_url", |it| it.portals[0].terms_of_service_url = None),
        (Section::Portals, "default_return_url", |it| it.portals[0].default_return_url = None),
        (Section::Portals, "login_page", |it| it.portals[0].login_page = false),
        (Section::Portals, "customer_update", |it| it.portals[0].customer_update.push("name".into())),
        (Section::Portals, "invoice_history", |it| it.portals[0].invoice_history = false),
        (Section::Portals, "payment_method_update", |it| it.portals[0].payment_method_update = false),
        (Section::Portals, "subscription_cancel", |it| it.portals[0].cancel = Some("immediately".into())),
        (Section::Portals, "subscription_cancel.proration_behavior", |it| {
            let cancel = it.portals[0].others.get_mut("subscription_cancel").unwrap();
            cancel.insert("proration_behavior".into(), json!("create_prorations"));
        }),
        (Section::Portals, "subscription_cancel.cancellation_reason", |it| it.portals[0].cancel_reasons.clear()),
        (Section::Portals, "subscription_update", |it| it.portals[0].update.push("quantity".into())),
        (Section::Portals, "subscription_update.proration_behavior", |it| {
            drop(it.portals[0].others.remove("subscription_update"));
        }),
        (Section::Portals, "subscription_update.products.Pro", |it| it.portals[0].products.clear()),
        (Section::Webhooks, "api_version", |it| it.webhooks[0].api_version = None),
        (Section::Webhooks, "enabled_events", |it| drop(it.webhooks[0].enabled_events.pop())),
        (Section::PaymentMethods, "klarna", |it| {
            it.payment_methods[0].off.clear();
            it.payment_methods[0].on.insert("klarna".into());
        }),
        (Section::Tax, "status", |it| it.registrations[0].status = "scheduled".into()),
    ];
    let test = everything();
    for (section, field, change) in changes {
        let mut live = test.clone();
        change(&mut live);
        let (found, difference) = only_difference(&test, &renamed(&live, "L2"), field);
        assert_eq!((found, difference.field.as_str()), (*section, *field));
        assert_ne!(difference.test, difference.live);
    }
}

#[test]
fn what_differs_by_nature_is_no_difference() {
    let test = everything();
    let mut live = renamed(&test, "L3");
    live.products[0].metadata.insert("golive".into(), "acme/catalog.pro".into());
    live.webhooks[0].metadata.insert("djstripe_uuid".into(), "x".into());
    live.payment_links[0].others.insert("restrictions".into(), json!({"completed_sessions": {"count": 0, "limit": 9}}));
    live.prices[3].lookup_key = None;
    assert_eq!(apart(&test, &live), []);
    let lists = compare(&test, &live, &all_sections());
    let of = |section: Section| lists.iter().find(|list| list.section == section).unwrap();
    assert!(of(Section::Prices).notes[0].contains("1 price has its lookup key"), "{:?}", of(Section::Prices).notes);
    assert!(of(Section::Webhooks).notes[0].contains("by the path of the address"), "{:?}", of(Section::Webhooks).notes);
    assert!(of(Section::WalletDomains).notes[0].contains("by nature"));
}

#[test]
fn amounts_are_told_as_money() {
    let test = everything();
    let mut live = test.clone();
    live.prices[3].amount = Some("50".into());
    let (_, pack) = only_difference(&test, &renamed(&live, "L4"), "pack");
    assert_eq!((pack.test.as_deref(), pack.live.as_deref()), (Some("0.005 USD"), Some("0.50 USD")));
    let mut live = test.clone();
    live.prices[1].tiers[1].flat = "200".into();
    let (_, tiers) = only_difference(&test, &live, "tiers");
    assert_eq!(tiers.test.as_deref(), Some("1.00 USD flat and 5.00 USD up to 10; 0.005 USD"));
    assert_eq!(tiers.live.as_deref(), Some("1.00 USD flat and 5.00 USD up to 10; 2.00 USD flat and 0.005 USD"));
}

#[test]
fn what_has_no_counterpart_stands_on_its_side_alone() {
    let test = everything();
    let mut live = renamed(&test, "L5");
    live.prices.remove(2);
    live.coupons.clear();
    live.promotion_codes.clear();
    let extra = Product { id: "prod_extra".into(), active: true, name: "Extra".into(), ..Product::default() };
    live.products.push(extra);
    let lists = apart(&test, &live);
    let told = |section: Section| {
        let list = lists.iter().find(|list| list.section == section).unwrap();
        let names = |lone: &[super::Lone]| lone.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        (list.different.len(), names(&list.only_test), names(&list.only_live))
    };
    assert_eq!(told(Section::Prices), (0, vec!["tip".into()], vec![]));
    assert_eq!(told(Section::Products), (0, vec![], vec!["Extra".into()]));
    assert_eq!(told(Section::Coupons), (0, vec!["LAUNCH".into()], vec![]));
    assert_eq!(lists.len(), 4);
}

#[test]
fn a_list_that_one_side_could_not_read_is_never_equal_and_leaves_no_false_differences() {
    let test = everything();
    for section in Section::ALL {
        let mut live = renamed(&test, "L6");
        match section {
            Section::Products => live.products.clear(),
            Section::Prices => live.prices.clear(),
            Section::Meters => live.meters.clear(),
            Section::Features => {
                live.features.clear();
                live.products.iter_mut().for_each(|one| one.features.clear());
            }
            Section::Coupons => live.coupons.clear(),
            Section::ShippingRates => live.shipping_rates.clear(),
            _ => {}
        }
        live.gaps.push(Gap { section, problem: Problem::new(Code::Permission, "the key lacks a permission") });
        let lists = apart(&test, &live);
        let [list] = lists.as_slice() else { panic!("{section:?}: {lists:#?}") };
        assert_eq!((list.section, list.equal(), list.same), (section, None, 0));
        assert_eq!(list.unknown[0].problem.code, Code::Permission);
    }
}

#[test]
fn a_list_that_was_not_asked_for_is_told_where_what_was_refers_to_it_and_it_is_unknown() {
    let test = everything();
    let mut live = renamed(&test, "L8");
    live.products.clear();
    live.gaps.push(Gap { section: Section::Products, problem: Problem::new(Code::Permission, "no") });
    let lists = compare(&test, &live, &[Section::Coupons].into());
    let told: Vec<_> = lists.iter().map(|list| (list.section, list.equal())).collect();
    assert_eq!(told, [(Section::Products, None), (Section::Coupons, Some(true))]);
    let lists = compare(&test, &live, &[Section::TaxRates].into());
    assert_eq!(lists.len(), 1, "nothing of tax rates leads to products");
}

#[test]
fn products_of_one_name_are_told_apart_by_what_they_cost() {
    let product = |id: &str| Product { id: id.into(), active: true, name: "Plan".into(), ..Product::default() };
    let price = |id: &str, product: &str, amount: &str| Price {
        id: id.into(),
        active: true,
        product: product.into(),
        currency: "eur".into(),
        amount: Some(amount.into()),
        ..Price::default()
    };
    let test = Inventory {
        products: vec![product("prod_1"), product("prod_2")],
        prices: vec![price("price_1", "prod_1", "100"), price("price_2", "prod_2", "200")],
        ..Inventory::default()
    };
    let mut live = renamed(&test, "L7");
    live.products.reverse();
    assert_eq!(apart(&test, &live), []);
}

/// A catalog of products with prices, some of them without lookup keys, some alike.
fn catalogs() -> impl Strategy<Value = Inventory> {
    let price = (0..3_usize, 1..5_i64, any::<bool>(), prop::option::of(0..2_usize));
    let product = (0..3_usize, prop::collection::vec(price, 0..4), any::<bool>());
    prop::collection::vec(product, 0..6).prop_map(|products| {
        let mut it = Inventory::default();
        for (n, (name, prices, described)) in products.into_iter().enumerate() {
            let id = format!("prod_{n}");
            let description = described.then(|| "described".to_owned());
            let mut product = Product {
                id: id.clone(),
                active: true,
                name: format!("Product {name}"),
                description,
                ..Product::default()
            };
            for (m, (currency, amount, keyed, nickname)) in prices.into_iter().enumerate() {
                let price = Price {
                    id: format!("price_{n}x{m}"),
                    active: true,
                    product: id.clone(),
                    currency: ["eur", "usd", "jpy"][currency].to_owned(),
                    amount: Some((amount * 100).to_string()),
                    lookup_key: keyed.then(|| format!("key_{n}_{m}")),
                    nickname: nickname.map(|nickname| format!("nick {nickname}")),
                    metadata: BTreeMap::new(),
                    ..Price::default()
                };
                product.default_price.get_or_insert_with(|| price.id.clone());
                it.prices.push(price);
            }
            it.products.push(product);
        }
        it
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_catalog_is_equal_to_itself_under_any_renaming_of_ids(test in catalogs(), salt in "[a-z]{1,6}") {
        prop_assert_eq!(apart(&test, &renamed(&test, &salt)), vec![]);
    }

    #[test]
    fn a_price_that_changes_is_one_difference(test in catalogs(), pick in any::<prop::sample::Index>()) {
        let keyed: Vec<usize> =
            (0..test.prices.len()).filter(|n| test.prices[*n].lookup_key.is_some()).collect();
        prop_assume!(!keyed.is_empty());
        let mut live = test.clone();
        live.prices[*pick.get(&keyed)].amount = Some("99999".into());
        // Products keep their ids here: those of one name could not be told apart otherwise.
        let lists = apart(&test, &live);
        prop_assert_eq!(lists.len(), 1);
        prop_assert_eq!(lists[0].different.len(), 1);
        prop_assert_eq!(&lists[0].different[0].fields[0].field, "unit_amount");
    }
}
