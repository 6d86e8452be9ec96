//! One of everything, as Stripe would answer, and the same under other ids. For the tests of `parity`.

use serde_json::{Value, json};

use crate::inventory::{Fold, Inventory, Scope, Section};

/// Every section with its pages.
fn inventory(pages: Vec<(Section, Vec<Value>)>) -> Inventory {
    let mut fold = Fold::new(Scope::default());
    for (section, mut page) in pages {
        // Stripe gives the newest first.
        page.reverse();
        fold.page(section, page);
    }
    fold.finish()
}

/// One of everything, every field set.
#[expect(clippy::too_many_lines, reason = "it is data")]
pub(super) fn everything() -> Inventory {
    let products = json!([
        {"id": "prod_pro", "active": true, "name": "Pro", "description": "For teams", "statement_descriptor": "ACME PRO",
         "tax_code": "txcd_1", "unit_label": "seat", "url": "https://acme.example/pro", "images": ["https://acme.example/a.png"],
         "marketing_features": [{"name": "15 activities"}], "shippable": true, "default_price": "price_pro",
         "package_dimensions": {"height": 1, "length": 2, "weight": 3, "width": 4}, "metadata": {"tier": "pro", "price": "price_pro"}},
        {"id": "prod_team", "active": true, "name": "Team", "metadata": {}},
    ]);
    let prices = json!([
        {"id": "price_pro", "active": true, "product": "prod_pro", "currency": "eur", "unit_amount": 2900, "lookup_key": "pro",
         "unit_amount_decimal": "2900", "nickname": "Pro monthly", "tax_behavior": "exclusive", "metadata": {"a": "1"},
         "currency_options": {"usd": {"unit_amount": 3100, "tax_behavior": "exclusive"}, "eur": {"unit_amount": 2900}},
         "recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered", "meter": "mtr_1", "trial_period_days": 7}},
        {"id": "price_seats", "active": true, "product": "prod_team", "currency": "usd", "lookup_key": "seats",
         "tiers_mode": "graduated", "recurring": {"interval": "year", "interval_count": 1},
         "tiers": [{"up_to": 10, "unit_amount": 500, "flat_amount": 100}, {"up_to": null, "unit_amount_decimal": "0.5"}]},
        {"id": "price_tip", "active": true, "product": "prod_team", "currency": "usd", "lookup_key": "tip",
         "custom_unit_amount": {"minimum": 500, "maximum": 50000, "preset": 2000}},
        {"id": "price_pack", "active": true, "product": "prod_team", "currency": "usd", "lookup_key": "pack",
         "unit_amount_decimal": "0.5", "transform_quantity": {"divide_by": 100, "round": "up"}},
    ]);
    let list = |value: Value| value.as_array().unwrap().clone();
    let mut all = inventory(vec![
        (Section::Products, list(products)),
        (Section::Prices, list(prices)),
        (
            Section::Meters,
            vec![json!({"id": "mtr_1", "status": "active", "display_name": "Calls", "event_name": "calls",
            "default_aggregation": {"formula": "sum"}, "customer_mapping": {"event_payload_key": "customer"},
            "value_settings": {"event_payload_key": "n"}})],
        ),
        (
            Section::Features,
            vec![json!({"id": "feat_1", "active": true, "name": "API", "lookup_key": "api", "metadata": {"b": "2"}})],
        ),
        (
            Section::Coupons,
            vec![json!({"id": "LAUNCH", "name": "Launch", "amount_off": 500, "currency": "eur", "valid": true,
            "currency_options": {"usd": {"amount_off": 600}}, "duration": "repeating", "duration_in_months": 3,
            "applies_to": {"products": ["prod_pro"]}, "max_redemptions": 9, "redeem_by": 1_801_439_999, "metadata": {"c": "3"}})],
        ),
        (
            Section::PromotionCodes,
            vec![json!({"id": "promo_1", "active": true, "code": "Launch",
            "promotion": {"coupon": "LAUNCH"}, "max_redemptions": 5, "expires_at": 1_801_439_999, "metadata": {},
            "restrictions": {"first_time_transaction": true, "minimum_amount": 1000, "minimum_amount_currency": "eur",
                "currency_options": {"usd": {"minimum_amount": 1100}}}})],
        ),
        (
            Section::TaxRates,
            vec![json!({"id": "txr_1", "active": true, "display_name": "VAT", "percentage": 19.5, "inclusive": true,
            "country": "DE", "state": "BE", "jurisdiction": "Berlin", "tax_type": "vat", "description": "For all", "metadata": {}})],
        ),
        (
            Section::ShippingRates,
            vec![json!({"id": "shr_1", "active": true, "display_name": "Ground", "tax_behavior": "exclusive",
            "tax_code": "txcd_2", "fixed_amount": {"amount": 500, "currency": "eur", "currency_options": {"usd": {"amount": 600}}},
            "delivery_estimate": {"minimum": {"unit": "hour", "value": 5}, "maximum": {"unit": "day", "value": 2}}, "metadata": {}})],
        ),
        (
            Section::PaymentLinks,
            vec![json!({"id": "plink_1", "active": true, "url": "https://buy.stripe.com/1",
            "line_items": {"data": [{"price": {"id": "price_pro"}, "quantity": 2}], "has_more": false},
            "allow_promotion_codes": true, "automatic_tax": {"enabled": true}, "billing_address_collection": "required",
            "after_completion": {"type": "redirect", "redirect": {"url": "https://acme.example/thanks"}},
            "shipping_address_collection": {"allowed_countries": ["DE", "FR"]}, "subscription_data": {"trial_period_days": 7},
            "shipping_options": [{"shipping_amount": 500, "shipping_rate": "shr_1"}],
            "restrictions": {"completed_sessions": {"count": 3, "limit": 9}}, "metadata": {"d": "4"}})],
        ),
        (
            Section::Portals,
            vec![json!({"id": "bpc_1", "active": true, "is_default": true, "name": "Main", "metadata": {},
            "business_profile": {"headline": "Acme", "privacy_policy_url": "https://a.example/p", "terms_of_service_url": "https://a.example/t"},
            "default_return_url": "https://a.example/", "login_page": {"enabled": true},
            "features": {"customer_update": {"enabled": true, "allowed_updates": ["email"]}, "invoice_history": {"enabled": true},
                "payment_method_update": {"enabled": true},
                "subscription_cancel": {"enabled": true, "mode": "at_period_end", "proration_behavior": "none",
                    "cancellation_reason": {"enabled": true, "options": ["unused"]}},
                "subscription_update": {"enabled": true, "default_allowed_updates": ["price"], "proration_behavior": "create_prorations",
                    "products": [{"product": "prod_pro", "prices": ["price_pro"]}]}}})],
        ),
        (
            Section::Webhooks,
            vec![json!({"id": "we_1", "url": "https://acme.example/hook", "status": "enabled",
            "api_version": "2026-01-28.clover", "enabled_events": ["invoice.paid", "checkout.session.completed"], "metadata": {}})],
        ),
        (
            Section::PaymentMethods,
            vec![json!({"id": "pmc_1", "active": true, "is_default": true, "name": "Default",
            "card": {"display_preference": {"value": "on"}}, "klarna": {"display_preference": {"value": "off", "preference": "off"}}})],
        ),
        (
            Section::WalletDomains,
            vec![json!({"id": "pmd_1", "domain_name": "acme.example", "enabled": true,
            "apple_pay": {"status": "active"}, "link": {"status": "active"}})],
        ),
        (
            Section::Tax,
            vec![
                json!({"id": "taxreg_1", "country": "US", "status": "active", "country_options": {"us": {"state": "NY"}}}),
            ],
        ),
    ]);
    all.products[0].features = vec!["api".into()];
    assert!(all.left_out.is_empty(), "{:?}", all.left_out);
    all
}

/// The same with other ids, everywhere, as another mode would have them. What operators choose (ids of
/// coupons) stays.
pub(super) fn renamed(inventory: &Inventory, salt: &str) -> Inventory {
    let mut it = inventory.clone();
    let new = |id: &mut String| {
        if let Some((prefix, tail)) = id.split_once('_') {
            *id = format!("{prefix}_{salt}{tail}");
        }
    };
    it.products.iter_mut().for_each(|one| {
        new(&mut one.id);
        one.default_price.iter_mut().for_each(new);
        one.metadata.values_mut().filter(|value| value.starts_with("price_")).for_each(new);
    });
    it.prices.iter_mut().for_each(|one| {
        new(&mut one.id);
        new(&mut one.product);
        one.recurring.iter_mut().filter_map(|every| every.meter.as_mut()).for_each(new);
    });
    it.meters.iter_mut().for_each(|one| new(&mut one.id));
    it.features.iter_mut().for_each(|one| new(&mut one.id));
    it.coupons.iter_mut().for_each(|one| one.applies_to.iter_mut().for_each(new));
    it.promotion_codes.iter_mut().for_each(|one| new(&mut one.id));
    it.tax_rates.iter_mut().for_each(|one| new(&mut one.id));
    it.shipping_rates.iter_mut().for_each(|one| new(&mut one.id));
    for link in &mut it.payment_links {
        new(&mut link.id);
        link.url = format!("{}{salt}", link.url);
        link.lines.iter_mut().for_each(|line| new(&mut line.price));
        for option in link.others.get_mut("shipping_options").and_then(Value::as_array_mut).into_iter().flatten() {
            let mut id = option["shipping_rate"].as_str().unwrap_or_default().to_owned();
            new(&mut id);
            option["shipping_rate"] = json!(id);
        }
    }
    for portal in &mut it.portals {
        new(&mut portal.id);
        portal.products.iter_mut().for_each(|one| {
            new(&mut one.product);
            one.prices.iter_mut().for_each(new);
        });
    }
    it.webhooks.iter_mut().for_each(|one| {
        new(&mut one.id);
        one.url = one.url.replace("://", &format!("://{salt}."));
    });
    it.payment_methods.iter_mut().for_each(|one| new(&mut one.id));
    it.wallet_domains.iter_mut().for_each(|one| {
        new(&mut one.id);
        one.domain = format!("{salt}.{}", one.domain);
    });
    it.registrations.iter_mut().for_each(|one| new(&mut one.id));
    it
}
