//! What goes with a sale: coupons and their codes, taxes, shipping, payment links. Amounts are integers
//! of the smallest unit, as Stripe has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::fold::id;

/// A coupon.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own, named as in its API reference")]
pub struct Coupon {
    pub id: String,
    pub created: i64,
    pub name: Option<String>,
    pub percent_off: Option<Number>,
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    #[serde(deserialize_with = "amounts_off")]
    pub currency_options: BTreeMap<String, i64>,
    pub duration: String,
    pub duration_in_months: Option<i64>,
    #[serde(deserialize_with = "products")]
    pub applies_to: Vec<String>,
    pub max_redemptions: Option<i64>,
    pub redeem_by: Option<i64>,
    pub valid: bool,
    pub metadata: BTreeMap<String, String>,
}

fn amounts_off<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<String, i64>, D::Error> {
    #[derive(Deserialize)]
    struct Off {
        amount_off: i64,
    }
    let options = BTreeMap::<String, Off>::deserialize(from)?;
    Ok(options.into_iter().map(|(currency, off)| (currency, off.amount_off)).collect())
}

fn products<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct AppliesTo {
        #[serde(default)]
        products: Vec<String>,
    }
    Ok(AppliesTo::deserialize(from)?.products)
}

/// A promotion code.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct PromotionCode {
    pub id: String,
    pub active: bool,
    pub created: i64,
    pub code: String,
    /// The coupon's id.
    pub coupon: String,
    /// Whom alone it is for.
    pub customer: Option<String>,
    pub max_redemptions: Option<i64>,
    pub expires_at: Option<i64>,
    pub first_time_transaction: bool,
    pub minimum_amount: Option<i64>,
    pub minimum_amount_currency: Option<String>,
    /// Whether the minimum is given in further currencies.
    pub minimum_options: BTreeMap<String, i64>,
    pub metadata: BTreeMap<String, String>,
}

/// A promotion code as Stripe answers.
#[derive(Deserialize)]
pub(super) struct WirePromotionCode {
    id: String,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    created: i64,
    code: String,
    /// Where versions before clover have it.
    #[serde(default, deserialize_with = "id")]
    coupon: Option<String>,
    promotion: Option<Promotion>,
    #[serde(default, deserialize_with = "id")]
    customer: Option<String>,
    max_redemptions: Option<i64>,
    expires_at: Option<i64>,
    #[serde(default)]
    restrictions: Restrictions,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Promotion {
    #[serde(default, deserialize_with = "id")]
    coupon: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Restrictions {
    first_time_transaction: bool,
    minimum_amount: Option<i64>,
    minimum_amount_currency: Option<String>,
    currency_options: BTreeMap<String, Minimum>,
}

#[derive(Deserialize)]
struct Minimum {
    minimum_amount: i64,
}

impl From<WirePromotionCode> for PromotionCode {
    fn from(wire: WirePromotionCode) -> Self {
        let rules = wire.restrictions;
        let mut options: BTreeMap<_, _> =
            rules.currency_options.into_iter().map(|(currency, least)| (currency, least.minimum_amount)).collect();
        if let Some(currency) = &rules.minimum_amount_currency {
            options.remove(currency);
        }
        Self {
            id: wire.id,
            active: wire.active,
            created: wire.created,
            code: wire.code,
            coupon: wire.promotion.and_then(|promotion| promotion.coupon).or(wire.coupon).unwrap_or_default(),
            customer: wire.customer,
            max_redemptions: wire.max_redemptions,
            expires_at: wire.expires_at,
            first_time_transaction: rules.first_time_transaction,
            minimum_amount: rules.minimum_amount,
            minimum_amount_currency: rules.minimum_amount_currency,
            minimum_options: options,
            metadata: wire.metadata,
        }
    }
}

/// A tax rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct TaxRate {
    pub id: String,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub created: i64,
    #[serde(default)]
    pub display_name: String,
    pub percentage: Number,
    #[serde(default)]
    pub inclusive: bool,
    pub country: Option<String>,
    pub state: Option<String>,
    pub jurisdiction: Option<String>,
    pub tax_type: Option<String>,
    pub description: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// A shipping rate.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct ShippingRate {
    pub id: String,
    pub active: bool,
    pub created: i64,
    pub display_name: String,
    pub amount: i64,
    pub currency: String,
    pub currency_options: BTreeMap<String, i64>,
    /// At least so many of a unit.
    pub minimum: Option<(i64, String)>,
    /// At most so many of a unit.
    pub maximum: Option<(i64, String)>,
    pub tax_behavior: Option<String>,
    pub tax_code: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// A shipping rate as Stripe answers.
#[derive(Deserialize)]
pub(super) struct WireShippingRate {
    id: String,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    display_name: String,
    fixed_amount: FixedAmount,
    #[serde(default)]
    delivery_estimate: Estimate,
    tax_behavior: Option<String>,
    #[serde(default, deserialize_with = "id")]
    tax_code: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct FixedAmount {
    amount: i64,
    currency: String,
    #[serde(default)]
    currency_options: BTreeMap<String, Amount>,
}

#[derive(Deserialize)]
struct Amount {
    amount: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Estimate {
    minimum: Option<Bound>,
    maximum: Option<Bound>,
}

#[derive(Deserialize)]
struct Bound {
    unit: String,
    value: i64,
}

impl From<WireShippingRate> for ShippingRate {
    fn from(wire: WireShippingRate) -> Self {
        let FixedAmount { amount, currency, mut currency_options } = wire.fixed_amount;
        currency_options.remove(&currency);
        let bound = |bound: Option<Bound>| bound.map(|bound| (bound.value, bound.unit));
        Self {
            id: wire.id,
            active: wire.active,
            created: wire.created,
            display_name: wire.display_name,
            amount,
            currency,
            currency_options: currency_options.into_iter().map(|(code, option)| (code, option.amount)).collect(),
            minimum: bound(wire.delivery_estimate.minimum),
            maximum: bound(wire.delivery_estimate.maximum),
            tax_behavior: wire.tax_behavior,
            tax_code: wire.tax_code,
            metadata: wire.metadata,
        }
    }
}

/// A payment link.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, clippy::struct_excessive_bools, reason = "the fields are Stripe's own")]
pub struct PaymentLink {
    pub id: String,
    pub active: bool,
    pub url: String,
    pub lines: Vec<Line>,
    /// Whether there are more lines than the listing showed.
    pub more_lines: bool,
    pub allow_promotion_codes: bool,
    /// Where customers go afterwards, if not to Stripe's own page.
    pub redirect: Option<String>,
    /// What customers read on Stripe's own page.
    pub confirmation: Option<String>,
    pub automatic_tax: bool,
    pub billing_address_collection: Option<String>,
    pub shipping_countries: Vec<String>,
    pub trial_period_days: Option<u32>,
    pub metadata: BTreeMap<String, String>,
    /// Every other setting that is not as Stripe makes it by itself, whole.
    pub others: BTreeMap<String, Value>,
}

/// One line of a payment link.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Line {
    pub price: String,
    pub quantity: u64,
    /// At least and at most so many, where customers choose.
    pub adjustable: Option<(Option<u64>, Option<u64>)>,
}
