//! Coupons, promotion codes, tax rates, shipping rates, payment links and meters as bytes. Called by
//! [`super::prepare`]; the same write always gives the same bytes.
//!
//! Maps of currencies, and the empty values that unset, are appended here: the typed requests hold
//! the former in hash maps and cannot say the latter.

use stripe_billing::billing_meter::CreateBillingMeterDefaultAggregationFormula as Formula;
use stripe_billing::billing_meter::{
    CreateBillingMeter, CreateBillingMeterCustomerMapping, CreateBillingMeterCustomerMappingType,
    CreateBillingMeterDefaultAggregation, CreateBillingMeterValueSettings, DeactivateBillingMeter,
    ReactivateBillingMeter, UpdateBillingMeter,
};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_misc::entitlements_feature::{CreateEntitlementsFeature, UpdateEntitlementsFeature};
use stripe_product::coupon::{CreateCoupon, CreateCouponAppliesTo, UpdateCoupon};
use stripe_product::product_feature::CreateProductProductFeature;
use stripe_product::promotion_code::{
    CreatePromotionCode, CreatePromotionCodePromotion, CreatePromotionCodePromotionType,
    CreatePromotionCodeRestrictions, UpdatePromotionCode,
};
use stripe_product::shipping_rate::{
    CreateShippingRate, CreateShippingRateDeliveryEstimate, CreateShippingRateDeliveryEstimateMaximum,
    CreateShippingRateDeliveryEstimateMinimum, CreateShippingRateFixedAmount, UpdateShippingRate,
};
use stripe_product::shipping_rate::{
    CreateShippingRateDeliveryEstimateMaximumUnit as Most, CreateShippingRateDeliveryEstimateMinimumUnit as Least,
};
use stripe_product::tax_rate::{CreateTaxRate, UpdateTaxRate};

use super::{append, check_id, finish, internal, link, value};
use crate::error::Result;
use crate::step::{
    CouponDraft, CouponPatch, Currencies, MeterDraft, OfferWrite, PromotionCodeDraft, Request, ShippingRateDraft,
    TaxRateDraft, TaxRatePatch,
};

/// Turns a write into what is sent.
#[expect(clippy::too_many_lines, reason = "one arm for each write, and nothing between them")]
pub(super) fn prepare(write: &OfferWrite) -> Result<Request> {
    Ok(match write {
        OfferWrite::CreateCoupon(draft) => {
            let mut built = create_coupon(draft)?;
            currencies(&mut built, "currency_options", "amount_off", &draft.currency_options);
            finish(built, Some(&draft.metadata))
        }
        OfferWrite::UpdateCoupon { id, patch } => {
            let mut built = update_coupon(plain(id)?, patch);
            currencies(&mut built, "currency_options", "amount_off", &patch.currency_options);
            finish(built, Some(&patch.metadata))
        }
        OfferWrite::CreatePromotionCode(draft) => {
            let mut built = create_promotion_code(draft);
            currencies(&mut built, "restrictions[currency_options]", "minimum_amount", &draft.minimum_currencies);
            finish(built, Some(&draft.metadata))
        }
        OfferWrite::UpdatePromotionCode { id, patch } => {
            let mut request = UpdatePromotionCode::new(plain(id)?);
            if let Some(active) = patch.active {
                request = request.active(active);
            }
            let mut built = request.build();
            currencies(&mut built, "restrictions[currency_options]", "minimum_amount", &patch.minimum_currencies);
            finish(built, Some(&patch.metadata))
        }
        OfferWrite::CreateTaxRate(draft) => finish(create_tax_rate(draft)?, Some(&draft.metadata)),
        OfferWrite::UpdateTaxRate { id, patch } => finish(update_tax_rate(plain(id)?, patch), Some(&patch.metadata)),
        OfferWrite::CreateShippingRate(draft) => {
            let mut built = create_shipping_rate(draft);
            currencies(&mut built, "fixed_amount[currency_options]", "amount", &draft.currency_options);
            finish(built, Some(&draft.metadata))
        }
        OfferWrite::UpdateShippingRate { id, patch } => {
            let mut request = UpdateShippingRate::new(plain(id)?);
            if let Some(active) = patch.active {
                request = request.active(active);
            }
            if let Some(behavior) = &patch.tax_behavior {
                request = request.tax_behavior(value::<stripe_shared::ShippingRateTaxBehavior>(behavior));
            }
            let mut built = request.build();
            currencies(&mut built, "fixed_amount[currency_options]", "amount", &patch.currency_options);
            finish(built, Some(&patch.metadata))
        }
        OfferWrite::CreatePaymentLink(draft) => finish(link::create(draft), Some(&draft.terms.metadata)),
        OfferWrite::UpdatePaymentLink { id, patch } => finish(link::update(plain(id)?, patch), Some(&patch.metadata)),
        OfferWrite::CreateMeter(draft) => finish(create_meter(draft), None),
        OfferWrite::UpdateMeter { id, display_name } => {
            finish(UpdateBillingMeter::new(plain(id)?).display_name(&**display_name).build(), None)
        }
        OfferWrite::DeactivateMeter { id } => finish(DeactivateBillingMeter::new(plain(id)?).build(), None),
        OfferWrite::CreateFeature(draft) => {
            let request = CreateEntitlementsFeature::new(&*draft.lookup_key, &*draft.name);
            finish(request.build(), Some(&draft.metadata))
        }
        OfferWrite::UpdateFeature { id, patch } => {
            let mut request = UpdateEntitlementsFeature::new(plain(id)?);
            if let Some(name) = &patch.name {
                request = request.name(&**name);
            }
            finish(request.build(), Some(&patch.metadata))
        }
        OfferWrite::AttachFeature { product, feature } => {
            finish(CreateProductProductFeature::new(plain(product)?, feature.as_str()).build(), None)
        }
        OfferWrite::ReactivateMeter { id } => finish(ReactivateBillingMeter::new(plain(id)?).build(), None),
    })
}

fn plain(id: &str) -> Result<&str> {
    check_id(id).map(|()| id)
}

/// Adds a form field to what is built already; the name's brackets stay as they are.
pub(super) fn add(built: &mut RequestBuilder, name: &str, value: &str) {
    let mut body = built.body.take().unwrap_or_default();
    append(&mut body, name, value);
    built.body = Some(body);
}

fn currencies(built: &mut RequestBuilder, map: &str, field: &str, amounts: &Currencies) {
    for (currency, amount) in amounts {
        add(built, &format!("{map}[{currency}][{field}]"), &amount.to_string());
    }
}

/// A decimal number that the checklist wrote; the typed requests take nothing but floats.
fn decimal(text: &str) -> Result<f64> {
    text.parse().map_err(|_| internal(format!("`{text}` is not a number")))
}

fn create_coupon(draft: &CouponDraft) -> Result<RequestBuilder> {
    let mut request = CreateCoupon::new()
        .id(&*draft.id)
        .name(&*draft.name)
        .duration(value::<stripe_shared::CouponDuration>(&draft.duration));
    if let Some(percent) = &draft.percent_off {
        request = request.percent_off(decimal(percent)?);
    }
    if let (Some(amount), Some(currency)) = (draft.amount_off, &draft.currency) {
        request = request.amount_off(amount).currency(value::<stripe_types::Currency>(currency));
    }
    if let Some(months) = draft.duration_in_months {
        request = request.duration_in_months(months);
    }
    if !draft.applies_to.is_empty() {
        let mut applies = CreateCouponAppliesTo::new();
        applies.products = Some(draft.applies_to.clone());
        request = request.applies_to(applies);
    }
    if let Some(most) = draft.max_redemptions {
        request = request.max_redemptions(most);
    }
    if let Some(at) = draft.redeem_by {
        request = request.redeem_by(at);
    }
    Ok(request.build())
}

fn update_coupon(id: &str, patch: &CouponPatch) -> RequestBuilder {
    let request = UpdateCoupon::new(id);
    match &patch.name {
        Some(name) => request.name(&**name).build(),
        None => request.build(),
    }
}

fn create_promotion_code(draft: &PromotionCodeDraft) -> RequestBuilder {
    let mut promotion = CreatePromotionCodePromotion::new(CreatePromotionCodePromotionType::Coupon);
    promotion.coupon = Some(draft.coupon.clone());
    let mut request = CreatePromotionCode::new(promotion).code(&*draft.code);
    if let Some(most) = draft.max_redemptions {
        request = request.max_redemptions(most);
    }
    if let Some(at) = draft.expires_at {
        request = request.expires_at(at);
    }
    let mut limits = CreatePromotionCodeRestrictions::new();
    limits.first_time_transaction = draft.first_time_transaction.then_some(true);
    limits.minimum_amount = draft.minimum_amount;
    limits.minimum_amount_currency = draft.minimum_amount_currency.as_deref().map(value);
    if limits.first_time_transaction.is_some() || limits.minimum_amount.is_some() {
        request = request.restrictions(limits);
    }
    request.build()
}

fn create_tax_rate(draft: &TaxRateDraft) -> Result<RequestBuilder> {
    let mut request = CreateTaxRate::new(&*draft.display_name, draft.inclusive, decimal(&draft.percentage)?);
    if let Some(text) = &draft.country {
        request = request.country(&**text);
    }
    if let Some(text) = &draft.state {
        request = request.state(&**text);
    }
    if let Some(text) = &draft.jurisdiction {
        request = request.jurisdiction(&**text);
    }
    if let Some(text) = &draft.tax_type {
        request = request.tax_type(value::<stripe_shared::TaxRateTaxType>(text));
    }
    if let Some(text) = &draft.description {
        request = request.description(&**text);
    }
    Ok(request.build())
}

fn update_tax_rate(id: &str, patch: &TaxRatePatch) -> RequestBuilder {
    let mut request = UpdateTaxRate::new(id);
    if let Some(active) = patch.active {
        request = request.active(active);
    }
    if let Some(text) = &patch.display_name {
        request = request.display_name(&**text);
    }
    let mut built = request.build();
    let texts = [
        ("country", &patch.country),
        ("description", &patch.description),
        ("jurisdiction", &patch.jurisdiction),
        ("state", &patch.state),
        ("tax_type", &patch.tax_type),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            add(&mut built, name, text);
        }
    }
    built
}

fn create_shipping_rate(draft: &ShippingRateDraft) -> RequestBuilder {
    let amount = CreateShippingRateFixedAmount::new(draft.amount, value::<stripe_types::Currency>(&draft.currency));
    let mut request = CreateShippingRate::new(&*draft.display_name)
        .type_(stripe_shared::ShippingRateType::FixedAmount)
        .fixed_amount(amount);
    if let Some(delivery) = &draft.delivery {
        let mut estimate = CreateShippingRateDeliveryEstimate::new();
        let most = |most| CreateShippingRateDeliveryEstimateMaximum::new(value::<Most>(&delivery.unit), most);
        let unit = delivery.min_unit.as_ref().unwrap_or(&delivery.unit);
        let least = |least| CreateShippingRateDeliveryEstimateMinimum::new(value::<Least>(unit), least);
        estimate.maximum = delivery.max.map(most);
        estimate.minimum = delivery.min.map(least);
        request = request.delivery_estimate(estimate);
    }
    if let Some(behavior) = &draft.tax_behavior {
        request = request.tax_behavior(value::<stripe_shared::ShippingRateTaxBehavior>(behavior));
    }
    if let Some(code) = &draft.tax_code {
        request = request.tax_code(&**code);
    }
    request.build()
}

fn create_meter(draft: &MeterDraft) -> RequestBuilder {
    let mapping =
        CreateBillingMeterCustomerMapping::new(&*draft.customer_key, CreateBillingMeterCustomerMappingType::ById);
    let mut request = CreateBillingMeter::new(
        CreateBillingMeterDefaultAggregation::new(value::<Formula>(&draft.formula)),
        &*draft.display_name,
        &*draft.event_name,
    )
    .customer_mapping(mapping)
    .value_settings(CreateBillingMeterValueSettings::new(&*draft.value_key));
    if let Some(window) = &draft.event_time_window {
        request = request.event_time_window(value::<stripe_billing::BillingMeterEventTimeWindow>(window));
    }
    request.build()
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
