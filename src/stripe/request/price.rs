//! Prices as bytes. Called by [`super::prepare`]. Maps of currencies are appended in their order: the
//! typed requests hold them in hash maps.

use std::collections::BTreeMap;

use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_product::price::{
    CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, CreatePriceRecurringUsageType, CreatePriceTiers,
    CreatePriceTiersUpTo, CreatePriceTransformQuantity, CreatePriceTransformQuantityRound, CustomUnitAmount,
    UpdatePrice,
};

use super::offer::add;
use super::value;
use crate::step::{CurrencyAmount, PriceDraft, PricePatch, Recurring, Tier};

pub(super) fn create(draft: &PriceDraft) -> RequestBuilder {
    let mut request = CreatePrice::new(value::<stripe_types::Currency>(&draft.currency)).product(&*draft.product);
    if let Some(amount) = draft.unit_amount {
        request = request.unit_amount(amount);
    }
    if let Some(decimal) = &draft.unit_amount_decimal {
        request = request.unit_amount_decimal(&**decimal);
    }
    if let Some(custom) = &draft.custom {
        let mut amount = CustomUnitAmount::new(true);
        (amount.minimum, amount.maximum, amount.preset) = (custom.minimum, custom.maximum, custom.preset);
        request = request.custom_unit_amount(amount);
    }
    if let Some(mode) = &draft.tiers_mode {
        let tiers: Vec<_> = draft.tiers.iter().map(tier).collect();
        request = request
            .billing_scheme(stripe_shared::PriceBillingScheme::Tiered)
            .tiers_mode(value::<stripe_shared::PriceTiersMode>(mode))
            .tiers(tiers);
    }
    if let Some(transform) = &draft.transform {
        let round = value::<CreatePriceTransformQuantityRound>(&transform.round);
        request = request.transform_quantity(CreatePriceTransformQuantity::new(transform.divide_by, round));
    }
    if let Some(every) = &draft.recurring {
        request = request.recurring(recurring(every));
    }
    if let Some(key) = &draft.lookup_key {
        request = request.lookup_key(&**key);
    }
    if draft.transfer_lookup_key {
        request = request.transfer_lookup_key(true);
    }
    if let Some(text) = &draft.nickname {
        request = request.nickname(&**text);
    }
    if let Some(behavior) = &draft.tax_behavior {
        request = request.tax_behavior(value::<stripe_shared::PriceTaxBehavior>(behavior));
    }
    let mut built = request.build();
    currencies(&mut built, &draft.currency_options);
    built
}

fn recurring(every: &Recurring) -> CreatePriceRecurring {
    let mut recurring = CreatePriceRecurring::new(value::<CreatePriceRecurringInterval>(&every.interval));
    recurring.interval_count = Some(every.interval_count);
    recurring.trial_period_days = every.trial_period_days;
    if let Some(meter) = &every.meter {
        recurring.meter = Some(meter.clone());
        recurring.usage_type = Some(CreatePriceRecurringUsageType::Metered);
    }
    recurring
}

fn tier(tier: &Tier) -> CreatePriceTiers {
    let mut one = CreatePriceTiers::new(tier.up_to.map_or(CreatePriceTiersUpTo::Inf, CreatePriceTiersUpTo::I64));
    match tier.unit.parse() {
        Ok(amount) => one.unit_amount = Some(amount),
        Err(_) => one.unit_amount_decimal = Some(tier.unit.clone()),
    }
    match tier.flat.parse() {
        Ok(0) => {}
        Ok(amount) => one.flat_amount = Some(amount),
        Err(_) => one.flat_amount_decimal = Some(tier.flat.clone()),
    }
    one
}

pub(super) fn update(id: &str, patch: &PricePatch) -> RequestBuilder {
    let mut request = UpdatePrice::new(id);
    if let Some(active) = patch.active {
        request = request.active(active);
    }
    if let Some(text) = &patch.nickname {
        request = request.nickname(&**text);
    }
    if let Some(key) = &patch.lookup_key {
        request = request.lookup_key(&**key);
    }
    if patch.transfer_lookup_key {
        request = request.transfer_lookup_key(true);
    }
    if let Some(behavior) = &patch.tax_behavior {
        request = request.tax_behavior(value::<stripe_shared::PriceTaxBehavior>(behavior));
    }
    let mut built = request.build();
    currencies(&mut built, &patch.currency_options);
    built
}

fn currencies(built: &mut RequestBuilder, options: &BTreeMap<String, CurrencyAmount>) {
    for (currency, option) in options {
        let mut put = |name: &str, value: &str| add(built, &format!("currency_options[{currency}]{name}"), value);
        if let Some(amount) = &option.amount {
            put(&decimal("[unit_amount]", amount), amount);
        }
        if let Some(custom) = &option.custom {
            put("[custom_unit_amount][enabled]", "true");
            let bounds = [("minimum", custom.minimum), ("maximum", custom.maximum), ("preset", custom.preset)];
            for (name, minor) in bounds {
                if let Some(minor) = minor {
                    put(&format!("[custom_unit_amount][{name}]"), &minor.to_string());
                }
            }
        }
        for (n, tier) in option.tiers.iter().enumerate() {
            put(&format!("[tiers][{n}]{}", decimal("[unit_amount]", &tier.unit)), &tier.unit);
            if tier.flat != "0" {
                put(&format!("[tiers][{n}]{}", decimal("[flat_amount]", &tier.flat)), &tier.flat);
            }
            let end = tier.up_to.map_or_else(|| "inf".to_owned(), |up_to| up_to.to_string());
            put(&format!("[tiers][{n}][up_to]"), &end);
        }
        if let Some(behavior) = &option.tax_behavior {
            put("[tax_behavior]", behavior);
        }
    }
}

/// The parameter for an amount: another one takes what is finer than the smallest unit.
fn decimal(name: &str, amount: &str) -> String {
    if amount.parse::<i64>().is_ok() { name.to_owned() } else { name.replace(']', "_decimal]") }
}

#[cfg(test)]
mod tests {
    use crate::step::{CurrencyAmount, CustomAmount, PriceDraft, PricePatch, Recurring, Tier, Transform, Write};
    use crate::stripe::request::prepare;

    fn line(write: &Write) -> String {
        let request = prepare(write).unwrap();
        format!("{} {} {}", request.method, request.path, request.body)
    }

    fn draft() -> PriceDraft {
        PriceDraft { product: "prod_1".into(), currency: "usd".into(), ..PriceDraft::default() }
    }

    #[test]
    fn tiers_and_meters_have_these_bytes() {
        let tier = |up_to, unit: &str, flat: &str| Tier { up_to, unit: unit.into(), flat: flat.into() };
        let recurring = Recurring {
            interval: "month".into(),
            interval_count: 1,
            meter: Some("mtr_1".into()),
            trial_period_days: Some(7),
        };
        let tiered = PriceDraft {
            tiers: vec![tier(Some(10), "500", "100"), tier(None, "0.5", "0")],
            tiers_mode: Some("graduated".into()),
            recurring: Some(recurring),
            ..draft()
        };
        insta::assert_snapshot!(line(&Write::CreatePrice(tiered)), @"POST /v1/prices billing_scheme=tiered&currency=usd&product=prod_1&recurring[interval]=month&recurring[interval_count]=1&recurring[meter]=mtr_1&recurring[trial_period_days]=7&recurring[usage_type]=metered&tiers[0][flat_amount]=100&tiers[0][unit_amount]=500&tiers[0][up_to]=10&tiers[1][unit_amount_decimal]=0.5&tiers[1][up_to]=inf&tiers_mode=graduated");
    }

    #[test]
    fn decimals_packages_and_free_amounts_have_these_bytes() {
        let option = |amount: &str| CurrencyAmount {
            amount: Some(amount.into()),
            tax_behavior: Some("exclusive".into()),
            ..CurrencyAmount::default()
        };
        let package = PriceDraft {
            unit_amount_decimal: Some("0.5".into()),
            transform: Some(Transform { divide_by: 100, round: "up".into() }),
            currency_options: [("gbp".into(), option("0.4")), ("eur".into(), option("1"))].into(),
            ..draft()
        };
        insta::assert_snapshot!(line(&Write::CreatePrice(package)), @"POST /v1/prices currency=usd&product=prod_1&transform_quantity[divide_by]=100&transform_quantity[round]=up&unit_amount_decimal=0.5&currency_options[eur][unit_amount]=1&currency_options[eur][tax_behavior]=exclusive&currency_options[gbp][unit_amount_decimal]=0.4&currency_options[gbp][tax_behavior]=exclusive");
        let bounds = CustomAmount { minimum: Some(500), maximum: None, preset: Some(2000) };
        let custom = PriceDraft { custom: Some(bounds), ..draft() };
        insta::assert_snapshot!(line(&Write::CreatePrice(custom)), @"POST /v1/prices currency=usd&custom_unit_amount[enabled]=true&custom_unit_amount[minimum]=500&custom_unit_amount[preset]=2000&product=prod_1");
        let free = PriceDraft { unit_amount: Some(0), ..draft() };
        insta::assert_snapshot!(line(&Write::CreatePrice(free)), @"POST /v1/prices currency=usd&product=prod_1&unit_amount=0");
        let patch = PricePatch { currency_options: [("eur".into(), option("1800"))].into(), ..PricePatch::default() };
        insta::assert_snapshot!(line(&Write::UpdatePrice { id: "price_1".into(), patch }), @"POST /v1/prices/price_1 currency_options[eur][unit_amount]=1800&currency_options[eur][tax_behavior]=exclusive");
    }

    #[test]
    fn tiers_and_free_amounts_of_further_currencies_have_these_bytes() {
        let tier = |up_to, unit: &str, flat: &str| Tier { up_to, unit: unit.into(), flat: flat.into() };
        let tiers = CurrencyAmount {
            tiers: vec![tier(Some(10), "450", "0"), tier(None, "0.5", "90")],
            ..CurrencyAmount::default()
        };
        let bounds = CustomAmount { minimum: Some(450), maximum: None, preset: Some(1800) };
        let custom = CurrencyAmount { custom: Some(bounds), ..CurrencyAmount::default() };
        let patch = PricePatch {
            currency_options: [("eur".into(), tiers), ("gbp".into(), custom)].into(),
            ..PricePatch::default()
        };
        insta::assert_snapshot!(line(&Write::UpdatePrice { id: "price_1".into(), patch }), @"POST /v1/prices/price_1 currency_options[eur][tiers][0][unit_amount]=450&currency_options[eur][tiers][0][up_to]=10&currency_options[eur][tiers][1][unit_amount_decimal]=0.5&currency_options[eur][tiers][1][flat_amount]=90&currency_options[eur][tiers][1][up_to]=inf&currency_options[gbp][custom_unit_amount][enabled]=true&currency_options[gbp][custom_unit_amount][minimum]=450&currency_options[gbp][custom_unit_amount][preset]=1800");
    }
}
