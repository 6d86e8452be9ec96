//! Prices that are more than an amount and an interval: tiers, meters, packages, free amounts, trials and
//! further currencies.

use serde_json::{Value, json};

use super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, spec, with};
use crate::mode::Mode;
use crate::step::object::Product;
use crate::step::{Action, Effect, Look, PriceDraft, Sight, Step, Verb, Write};

fn item(terms: &str) -> Spec {
    spec(&format!("name = \"Pro\"\nprices = [{{ lookup_key = \"pro\", {terms} }}]"))
}

/// Stripe with the product and this price under its key, or none.
fn stripe(price: Option<Value>) -> FactsBuilder {
    let product = Product { id: "acme_item".into(), active: true, name: "Pro".into(), ..Product::default() };
    let base = json!({"id": "price_1", "active": true, "product": "acme_item", "currency": "usd", "lookup_key": "pro"});
    let price = price.map(|more| serde_json::from_value(with(base, more)).unwrap());
    facts(Mode::Live)
        .sight(Look::Product("acme_item".into()), Sight::Product(Some(product)))
        .sight(Look::PriceByKey("pro".into()), Sight::Price(price))
        .sight(Look::PricesOf("acme_item".into()), Sight::Prices(Vec::new()))
}

fn next(terms: &str, price: Option<Value>) -> Step {
    item(terms).next(&stripe(price).get())
}

fn draft(action: &Action) -> &PriceDraft {
    match &action.effect {
        Effect::Stripe(Write::CreatePrice(draft)) => draft,
        other => panic!("no price: {other:?}"),
    }
}

const TIERED: &str = "tiers = [{ up_to = 10, amount = \"5.00 USD\", flat = \"1.00 USD\" }, { amount = \"4.00 USD\" }], \
    tiers_mode = \"graduated\", interval = \"month\"";

fn tiered() -> Value {
    json!({"billing_scheme": "tiered", "tiers_mode": "graduated", "recurring": {"interval": "month", "usage_type": "licensed"},
        "tiers": [{"up_to": 10, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": 100},
                  {"up_to": null, "unit_amount": 400, "unit_amount_decimal": "400"}]})
}

#[test]
fn tiers_are_drafted_compared_and_shown_in_money() {
    let made = actions(next(TIERED, None));
    assert_eq!(made[0].summary, "1.00 USD flat and 5.00 USD each up to 10, then 4.00 USD; per month");
    assert_eq!(draft(&made[0]).tiers.len(), 2);
    evidence(next(TIERED, Some(tiered())));
    let more = json!({"tiers": [{"up_to": null, "unit_amount": 400}]});
    let made = actions(next(TIERED, Some(with(tiered(), more))));
    assert_eq!((made[0].verb, made[0].fields[0].from.as_deref()), (Verb::Replace, Some("4.00 USD each")));
    let made = actions(next(TIERED, Some(with(tiered(), json!({"tiers_mode": "volume"})))));
    let from = "1.00 USD flat and 5.00 USD each if at most 10, else 4.00 USD";
    assert_eq!(made[0].fields[0].from.as_deref(), Some(from));
}

#[test]
fn a_plain_price_where_tiers_are_wanted_is_replaced_and_the_other_way_round() {
    let plain = json!({"unit_amount": 500, "recurring": {"interval": "month"}});
    assert_eq!(actions(next(TIERED, Some(plain)))[0].verb, Verb::Replace);
    let made = actions(next("amount = \"5.00 USD\", interval = \"month\"", Some(tiered())));
    assert_eq!(made[0].verb, Verb::Replace);
}

#[test]
fn a_free_price_and_one_finer_than_its_currency_are_amounts_like_others() {
    let made = actions(next("amount = \"0.00 USD\"", None));
    assert_eq!((draft(&made[0]).unit_amount, made[0].summary.as_str()), (Some(0), "0.00 USD"));
    evidence(next("amount = \"0.00 USD\"", Some(json!({"unit_amount": 0, "unit_amount_decimal": "0"}))));
    let fine = "amount = \"0.0050 USD\"";
    let made = actions(next(fine, None));
    assert_eq!((draft(&made[0]).unit_amount, draft(&made[0]).unit_amount_decimal.as_deref()), (None, Some("0.5")));
    evidence(next(fine, Some(json!({"unit_amount": null, "unit_amount_decimal": "0.5"}))));
    let made = actions(next(fine, Some(json!({"unit_amount": 1, "unit_amount_decimal": "1"}))));
    let field = &made[0].fields[0];
    assert_eq!((field.from.as_deref(), field.to.as_str()), (Some("0.01 USD"), "0.005 USD"));
}

#[test]
fn meters_and_trials_are_compared() {
    let metered = "amount = \"0.01 USD\", interval = \"month\", meter = \"mtr_1\", trial_days = 7";
    let recurring = |meter: &str, days: Option<u32>| {
        let recurring = json!({"interval": "month", "usage_type": "metered", "meter": meter, "trial_period_days": days});
        json!({"unit_amount": 1, "recurring": recurring})
    };
    assert_eq!(evidence(next(metered, Some(recurring("mtr_1", Some(7))))), "acme_item; 0.01 USD each per month, 7 days free");
    for (meter, days, field) in [("mtr_2", Some(7), "usage"), ("mtr_1", None, "trial")] {
        let made = actions(next(metered, Some(recurring(meter, days))));
        assert_eq!((made[0].verb, made[0].fields[0].name.as_str()), (Verb::Replace, field));
    }
}

#[test]
fn packages_and_amounts_of_the_customers_choice_are_compared() {
    let package = "amount = \"1.00 USD\", transform = { divide_by = 100, round = \"up\" }";
    let found = json!({"unit_amount": 100, "transform_quantity": {"divide_by": 100, "round": "up"}});
    assert_eq!(evidence(next(package, Some(found))), "acme_item; 1.00 USD per 100 units, rounded up");
    let made = actions(next(package, Some(json!({"unit_amount": 100}))));
    assert_eq!(made[0].fields[0].from.as_deref(), Some("1.00 USD"));
    let custom = "custom = { min = \"5.00 USD\", preset = \"20.00 USD\" }";
    let bounds = json!({"minimum": 500, "maximum": 100_000, "preset": 2000});
    assert_eq!(
        evidence(next(custom, Some(json!({"custom_unit_amount": bounds})))),
        "acme_item; at least 5.00 USD, as the customer likes"
    );
    let bounds = json!({"minimum": 100, "maximum": null, "preset": 2000});
    assert_eq!(actions(next(custom, Some(json!({"custom_unit_amount": bounds}))))[0].verb, Verb::Replace);
}

#[test]
fn a_new_currency_is_added_in_place_and_another_amount_makes_a_new_price() {
    let terms = "amount = \"20.00 USD\", currencies = [\"18.00 EUR\", \"17.00 GBP\"]";
    let found = |eur: i64| {
        let eur = json!({"unit_amount": eur, "unit_amount_decimal": eur.to_string()});
        json!({"unit_amount": 2000, "currency_options": {"usd": {"unit_amount": 2000}, "eur": eur}})
    };
    let made = actions(next(terms, Some(found(1800))));
    let Effect::Stripe(Write::UpdatePrice { patch, .. }) = &made[0].effect else { panic!("{made:?}") };
    assert_eq!(patch.currency_options.keys().collect::<Vec<_>>(), ["gbp"]);
    assert!(made[0].undo.is_some());
    let made = actions(next(terms, Some(found(1900))));
    let field = &made[0].fields[0];
    assert_eq!((made[0].verb, field.from.as_deref(), field.to.as_str()), (Verb::Replace, Some("19.00 EUR"), "18.00 EUR"));
    assert_eq!(draft(&made[0]).currency_options.len(), 2);
}

#[test]
fn tiers_and_free_amounts_have_further_currencies_too() {
    let euros = "currencies = [{ tiers = [{ up_to = 10, amount = \"4.50 EUR\" }, { amount = \"3.60 EUR\" }] }]";
    let terms = format!("{TIERED}, {euros}");
    let option = |second: i64| {
        json!({"currency_options": {"eur": {"unit_amount": null, "tiers": [
            {"up_to": 10, "unit_amount": 450, "unit_amount_decimal": "450"},
            {"up_to": null, "unit_amount": second, "unit_amount_decimal": second.to_string()}]}}})
    };
    let made = actions(next(&terms, None));
    assert_eq!(draft(&made[0]).currency_options["eur"].tiers.len(), 2);
    evidence(next(&terms, Some(with(tiered(), option(360)))));
    let made = actions(next(&terms, Some(with(tiered(), option(350)))));
    let field = &made[0].fields[0];
    assert_eq!(
        (made[0].verb, field.from.as_deref(), field.to.as_str()),
        (Verb::Replace, Some("4.50 EUR each up to 10, then 3.50 EUR"), "4.50 EUR each up to 10, then 3.60 EUR")
    );
    // Where Stripe does not show the tiers of a currency nothing can be said, and nothing is replaced.
    evidence(next(&terms, Some(with(tiered(), json!({"currency_options": {"eur": {"unit_amount": null}}})))));
    let free = actions(next("custom = { currency = \"USD\" }", None));
    assert_eq!((draft(&free[0]).currency.as_str(), free[0].summary.as_str()), ("usd", "as the customer likes"));
    let custom = "custom = { min = \"5.00 USD\" }, currencies = [{ custom = { min = \"4.50 EUR\" } }]";
    let found = |currencies: Value| json!({"custom_unit_amount": {"minimum": 500}, "currency_options": currencies});
    let made = actions(next(custom, Some(found(json!({})))));
    let Effect::Stripe(Write::UpdatePrice { patch, .. }) = &made[0].effect else { panic!("{made:?}") };
    assert_eq!(patch.currency_options["eur"].custom.as_ref().and_then(|bounds| bounds.minimum), Some(450));
    let eur = |minimum: i64| json!({"eur": {"custom_unit_amount": {"minimum": minimum, "maximum": 90_000}}});
    evidence(next(custom, Some(found(eur(450)))));
    assert_eq!(actions(next(custom, Some(found(eur(400)))))[0].verb, Verb::Replace);
}

#[test]
fn what_does_not_go_together_is_complained_about() {
    let cases = [
        ("nickname = \"x\"", "amount"),
        ("amount = \"1.00 USD\", custom = { min = \"1.00 USD\" }", "custom"),
        ("amount = \"20.005 USD\"", "amount"),
        ("amount = \"1.00 USD\", currencies = [\"1.00 USD\"]", "currencies[0]"),
        ("custom = { min = \"1.00 USD\" }, currencies = [\"1.00 EUR\"]", "currencies[0]"),
        ("amount = \"1.00 USD\", currencies = [{ tiers = [{ amount = \"1.00 EUR\" }] }]", "currencies[0]"),
        ("amount = \"1.00 USD\", currencies = [{ tax_behavior = \"exclusive\" }]", "currencies[0].amount"),
        (&format!("{TIERED}, currencies = [{{ tiers = [{{ amount = \"4.50 EUR\" }}] }}]"), "currencies[0].tiers"),
        (
            &format!("{TIERED}, currencies = [{{ tiers = [{{ up_to = 10, amount = \"4.50 EUR\" }}, {{ amount = \"4.00 GBP\" }}] }}]"),
            "currencies[0].tiers[1].amount",
        ),
        ("tiers = [{ amount = \"1.00 USD\" }], interval = \"month\"", "tiers"),
        ("tiers = [{ amount = \"1.00 USD\" }], tiers_mode = \"volume\"", "tiers"),
        ("tiers = [{ up_to = 5, amount = \"1.00 USD\" }], tiers_mode = \"volume\", interval = \"month\"", "tiers[0].up_to"),
        ("tiers = [{ amount = \"2.00 USD\" }, { amount = \"1.00 USD\" }], tiers_mode = \"volume\", interval = \"month\"", "tiers[0]"),
        ("tiers = [{ up_to = 5, amount = \"2.00 USD\" }, { amount = \"1.00 EUR\" }], tiers_mode = \"volume\", interval = \"month\"", "tiers[1].amount"),
        ("tiers = [{ up_to = 5 }, { flat = \"1.00 USD\" }], tiers_mode = \"volume\", interval = \"month\"", "tiers[0]"),
        ("amount = \"1.00 USD\", tiers_mode = \"volume\"", "tiers_mode"),
        ("amount = \"1.00 USD\", meter = \"mtr_1\"", "meter"),
        ("amount = \"1.00 USD\", meter = \"calls\", interval = \"day\"", "meter"),
        ("amount = \"1.00 USD\", trial_days = 7", "trial_days"),
        ("amount = \"1.00 USD\", transform = { divide_by = 1, round = \"up\" }", "transform.divide_by"),
        ("custom = {}", "custom"),
        ("custom = { min = \"9.00 USD\", max = \"5.00 USD\" }", "custom.max"),
        ("custom = { currency = \"XYZ\" }", "custom.currency"),
        ("custom = { min = \"9.00 USD\", currency = \"EUR\" }", "custom.currency"),
        ("custom = { min = \"9.00 USD\" }, interval = \"month\"", "custom"),
    ];
    for (terms, path) in cases {
        let paths: Vec<String> = item(terms).complaints().into_iter().map(|one| one.path).collect();
        assert_eq!(paths, [format!("prices[0].{path}")], "{terms}");
    }
    assert!(item(TIERED).complaints().is_empty());
}
