//! What is kept of Stripe's pages, what is left out and counted, and what could not be read.

use serde_json::{Value, json};

use super::{Fold, Inventory, Scope, Section};

fn folded(scope: Scope, section: Section, page: Value) -> Inventory {
    let Value::Array(page) = page else { panic!("a page is a list") };
    let mut fold = Fold::new(scope);
    fold.page(section, page);
    fold.finish()
}

fn all(section: Section, page: Value) -> Inventory {
    folded(Scope::default(), section, page)
}

#[test]
fn a_price_keeps_every_term_in_one_form_of_amount() {
    let made = all(
        Section::Prices,
        json!([{
            "id": "price_1", "active": true, "currency": "usd", "product": { "id": "prod_1" }, "unit_amount": null,
            "unit_amount_decimal": "0.500", "billing_scheme": "per_unit", "lookup_key": "calls", "nickname": null,
            "recurring": { "interval": "month", "interval_count": 1, "usage_type": "metered", "meter": "mtr_1" },
            "transform_quantity": { "divide_by": 100, "round": "up" }, "custom_unit_amount": null,
            "currency_options": {
                "usd": { "unit_amount": null, "unit_amount_decimal": "0.5" },
                "eur": { "unit_amount": null, "unit_amount_decimal": "0.45", "tax_behavior": "exclusive" } },
            "tax_behavior": "exclusive", "metadata": {} }]),
    );
    let price = &made.prices[0];
    assert_eq!((price.product.as_str(), price.amount.as_deref()), ("prod_1", Some("0.5")));
    let currencies: Vec<_> = price.currency_options.keys().map(String::as_str).collect();
    assert_eq!(currencies, ["eur"], "its own currency is not a further one");
    assert!(price.recurring.as_ref().unwrap().is_metered());
    assert_eq!(price.transform.as_ref().unwrap().divide_by, 100);
}

#[test]
fn archived_and_ad_hoc_objects_are_counted_and_left_out() {
    let page = json!([
        { "id": "price_4", "active": false, "currency": "usd", "unit_amount": 5, "nickname": "old" },
        { "id": "price_3", "active": false, "currency": "usd", "unit_amount": 5 },
        { "id": "price_2", "active": true, "currency": "usd", "unit_amount": 5 },
        { "id": "price_1", "active": true },
    ]);
    let made = all(Section::Prices, page.clone());
    let left_out = made.left_out[&Section::Prices];
    assert_eq!((left_out.archived, left_out.ad_hoc, left_out.unreadable), (1, 1, 1));
    assert_eq!(made.prices.iter().map(|price| price.id.as_str()).collect::<Vec<_>>(), ["price_2"]);
    let archived = folded(Scope { archived: true, ..Scope::default() }, Section::Prices, page);
    assert_eq!(archived.prices.len(), 2, "what has a name comes along when it is asked for");
}

#[test]
fn the_prices_of_a_product_that_is_left_out_go_with_it() {
    let mut fold = Fold::new(Scope::default());
    let price = |id: &str, product: &str| json!({ "id": id, "active": true, "currency": "usd", "unit_amount": 5, "product": product });
    fold.page(
        Section::Prices,
        vec![price("price_2", "prod_2"), price("price_1", "prod_1"), price("price_0", "prod_0")],
    );
    let product = |id: &str, active: bool, description: Value| json!({ "id": id, "name": "x", "active": active, "description": description, "default_price": "price_x" });
    fold.page(
        Section::Products,
        vec![
            product("prod_2", true, json!("(created by Stripe CLI)")),
            product("prod_1", false, Value::Null),
            product("prod_0", true, Value::Null),
        ],
    );
    assert_eq!(fold.seen(Section::Products), 3);
    let made = fold.finish();
    let left_out = made.left_out[&Section::Prices];
    assert_eq!((made.prices.len(), left_out.archived, left_out.ad_hoc), (1, 1, 1));
}

#[test]
fn lists_are_in_the_order_of_creation() {
    let made = all(Section::Products, json!([{ "id": "b", "active": true }, { "id": "a", "active": true }]));
    assert_eq!(made.products.iter().map(|product| product.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn what_a_platform_made_is_not_the_accounts_own() {
    let made = all(
        Section::Portals,
        json!([{ "id": "bpc_2", "active": true, "application": "ca_1" }, { "id": "bpc_1", "active": true, "application": null }]),
    );
    assert_eq!((made.portals.len(), made.left_out[&Section::Portals].foreign), (1, 1));
}

#[test]
fn a_portal_feature_that_is_off_brings_nothing_with_it() {
    let made = all(
        Section::Portals,
        json!([{ "id": "bpc_1", "active": true, "is_default": true, "features": {
            "customer_update": { "enabled": false, "allowed_updates": ["email"] },
            "subscription_cancel": { "enabled": true, "mode": "at_period_end",
                "cancellation_reason": { "enabled": true, "options": ["unused"] } },
            "subscription_update": { "enabled": true, "default_allowed_updates": ["price"],
                "products": [{ "product": "prod_1", "prices": ["price_1"] }] } } }]),
    );
    let portal = &made.portals[0];
    assert!(portal.customer_update.is_empty());
    assert_eq!(
        (portal.cancel.as_deref(), portal.cancel_reasons.as_slice()),
        (Some("at_period_end"), &["unused".to_owned()][..])
    );
    assert_eq!(portal.products[0].prices, ["price_1"]);
}

#[test]
fn settings_of_a_payment_link_that_golive_has_no_field_for_are_kept_by_name() {
    let made = all(
        Section::PaymentLinks,
        json!([{ "id": "plink_1", "active": true, "url": "https://buy.stripe.com/test_1", "submit_type": "auto",
            "customer_creation": "always", "phone_number_collection": { "enabled": true }, "custom_fields": [],
            "tax_id_collection": { "enabled": false, "required": "never" }, "invoice_creation": { "enabled": false, "invoice_data": {} },
            "custom_text": { "submit": { "message": "Thanks" }, "after_submit": null },
            "subscription_data": { "trial_period_days": 7, "metadata": {} },
            "line_items": { "data": [{ "price": { "id": "price_1" }, "quantity": 2 }], "has_more": false } }]),
    );
    let link = &made.payment_links[0];
    assert_eq!(link.others.keys().map(String::as_str).collect::<Vec<_>>(), ["custom_text", "phone_number_collection"]);
    assert_eq!((link.lines[0].price.as_str(), link.lines[0].quantity, link.trial_period_days), ("price_1", 2, Some(7)));
}

#[test]
fn payment_methods_and_wallets_are_read_by_what_they_are() {
    let made = all(
        Section::PaymentMethods,
        json!([{ "id": "pmc_1", "active": true, "is_default": true, "name": "Default", "application": null,
            "card": { "available": true, "display_preference": { "value": "on" } },
            "klarna": { "available": false, "display_preference": { "preference": "off", "value": "off" } },
            "eps": { "available": false, "display_preference": { "preference": "none", "value": "off" } } }]),
    );
    let methods = &made.payment_methods[0];
    assert!(methods.on.contains("card") && methods.on.len() == 1);
    assert!(methods.off.iter().eq(["eps", "klarna"]), "whether somebody switched it off or nobody on: {methods:?}");
    let made = all(
        Section::WalletDomains,
        json!([{ "id": "pmd_1", "domain_name": "shop.example", "enabled": true, "apple_pay": { "status": "active" },
            "google_pay": { "status": "inactive" } }]),
    );
    assert_eq!(made.wallet_domains[0].active.iter().map(String::as_str).collect::<Vec<_>>(), ["apple_pay"]);
}
