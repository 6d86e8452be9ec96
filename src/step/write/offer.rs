//! Writes of the catalog beside products and prices: coupons, promotion codes, tax rates, shipping
//! rates, payment links, meters and features. One variant of [`Write`](super::Write); what is immutable in
//! Stripe is missing from the patches, so that nothing here can ask for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CLOCKS_DIFFER;
use crate::step::{Collection, Look, Sight, Verb};

/// Amounts in further currencies: code in lower case, amount in the smallest unit.
pub type Currencies = BTreeMap<String, i64>;

/// A coupon to create, under an id of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct CouponDraft {
    pub id: String,
    pub name: String,
    /// A decimal number.
    pub percent_off: Option<String>,
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    pub currency_options: Currencies,
    pub duration: String,
    pub duration_in_months: Option<i64>,
    pub applies_to: Vec<String>,
    pub max_redemptions: Option<i64>,
    /// Unix seconds.
    pub redeem_by: Option<i64>,
    pub metadata: BTreeMap<String, String>,
}

/// What changes on a coupon; its discount is final.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct CouponPatch {
    pub name: Option<String>,
    pub currency_options: Currencies,
    pub metadata: BTreeMap<String, String>,
}

/// A promotion code to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PromotionCodeDraft {
    pub code: String,
    pub coupon: String,
    pub max_redemptions: Option<i64>,
    /// Unix seconds.
    pub expires_at: Option<i64>,
    pub first_time_transaction: bool,
    pub minimum_amount: Option<i64>,
    pub minimum_amount_currency: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub minimum_currencies: Currencies,
    pub metadata: BTreeMap<String, String>,
}

/// What changes on a promotion code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PromotionCodePatch {
    pub active: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub minimum_currencies: Currencies,
    pub metadata: BTreeMap<String, String>,
}

/// A tax rate to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct TaxRateDraft {
    pub display_name: String,
    /// A decimal number.
    pub percentage: String,
    pub inclusive: bool,
    pub country: Option<String>,
    pub state: Option<String>,
    pub jurisdiction: Option<String>,
    pub tax_type: Option<String>,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Those it takes the place of. Not sent.
    pub replaces: Vec<String>,
}

/// What changes on a tax rate; percentage and `inclusive` are final. An empty text unsets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct TaxRatePatch {
    pub active: Option<bool>,
    pub display_name: Option<String>,
    pub country: Option<String>,
    pub state: Option<String>,
    pub jurisdiction: Option<String>,
    pub tax_type: Option<String>,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// A shipping rate to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ShippingRateDraft {
    pub display_name: String,
    pub amount: i64,
    pub currency: String,
    pub currency_options: Currencies,
    pub delivery: Option<Delivery>,
    pub tax_behavior: Option<String>,
    pub tax_code: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Those it takes the place of. Not sent.
    pub replaces: Vec<String>,
}

/// How long a delivery takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// At least so many.
    pub min: Option<i64>,
    /// At most so many.
    pub max: Option<i64>,
    /// `hour`, `day`, `business_day`, `week` or `month`.
    pub unit: String,
    /// Of the lower bound, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_unit: Option<String>,
}

/// What changes on a shipping rate; name, amount and delivery are final.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ShippingRatePatch {
    pub active: Option<bool>,
    pub tax_behavior: Option<String>,
    pub currency_options: Currencies,
    pub metadata: BTreeMap<String, String>,
}

/// A payment link to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentLinkDraft {
    /// Price ids and how many of each, in their order.
    pub lines: Vec<(String, u64)>,
    /// Lines of which buyers choose how many: the number of the line, the least and the most. A list,
    /// because the journal's tagged events cannot be read with numbers for keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustable: Vec<(usize, Option<u64>, Option<u64>)>,
    /// What can be changed later as well; of it `active` is not sent.
    pub terms: PaymentLinkPatch,
    /// Those it takes the place of. Not sent.
    pub replaces: Vec<String>,
}

/// What changes on a payment link; its lines are final.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PaymentLinkPatch {
    pub active: Option<bool>,
    pub allow_promotion_codes: Option<bool>,
    /// Where buyers go afterwards; an empty text is Stripe's own confirmation page.
    pub redirect: Option<String>,
    pub automatic_tax: Option<bool>,
    pub billing_address_collection: Option<String>,
    /// Empty: no shipping address is asked for.
    pub shipping_countries: Option<Vec<String>>,
    /// 0: no trial.
    pub trial_period_days: Option<u32>,
    /// What the hosted confirmation page says; an empty text is Stripe's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// Other settings as form fields, `phone_number_collection[enabled]`; an empty text unsets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
}

/// A meter to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct MeterDraft {
    pub display_name: String,
    pub event_name: String,
    /// `sum`, `count` or `last`.
    pub formula: String,
    pub customer_key: String,
    pub value_key: String,
    /// `day` or `hour`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_time_window: Option<String>,
}

/// An entitlement feature to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct FeatureDraft {
    pub name: String,
    pub lookup_key: String,
    pub metadata: BTreeMap<String, String>,
}

/// What changes on a feature; its lookup key is final, and archiving it would be, so that it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct FeaturePatch {
    pub name: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// One POST about one of these objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is an operation of Stripe's: create, or update of what has this id")]
pub enum OfferWrite {
    CreateCoupon(CouponDraft),
    UpdateCoupon {
        id: String,
        patch: CouponPatch,
    },
    CreatePromotionCode(PromotionCodeDraft),
    UpdatePromotionCode {
        id: String,
        patch: PromotionCodePatch,
    },
    CreateTaxRate(TaxRateDraft),
    UpdateTaxRate {
        id: String,
        patch: TaxRatePatch,
    },
    CreateShippingRate(ShippingRateDraft),
    UpdateShippingRate {
        id: String,
        patch: ShippingRatePatch,
    },
    CreatePaymentLink(PaymentLinkDraft),
    UpdatePaymentLink {
        id: String,
        patch: PaymentLinkPatch,
    },
    CreateMeter(MeterDraft),
    UpdateMeter {
        id: String,
        display_name: String,
    },
    DeactivateMeter {
        id: String,
    },
    ReactivateMeter {
        id: String,
    },
    CreateFeature(FeatureDraft),
    UpdateFeature {
        id: String,
        patch: FeaturePatch,
    },
    /// From then on the product entitles to the feature.
    AttachFeature {
        product: String,
        feature: String,
    },
}

impl OfferWrite {
    pub(super) fn identity(&self) -> Option<Look> {
        match self {
            Self::CreateCoupon(draft) => Some(Look::One(Collection::Coupons, draft.id.clone())),
            Self::CreatePromotionCode(_) => Some(Look::Every(Collection::PromotionCodes)),
            Self::CreateTaxRate(_) => Some(Look::Every(Collection::TaxRates)),
            Self::CreateShippingRate(_) => Some(Look::Every(Collection::ShippingRates)),
            Self::CreatePaymentLink(_) => Some(Look::Every(Collection::PaymentLinks)),
            Self::CreateMeter(_) => Some(Look::Every(Collection::Meters)),
            Self::CreateFeature(_) => Some(Look::Every(Collection::Features)),
            Self::AttachFeature { product, .. } => Some(Look::FeaturesOf(product.clone())),
            _ => None,
        }
    }

    pub(super) fn found_in(&self, sight: &Sight, begun: i64) -> Option<String> {
        if let (Self::CreateCoupon(draft), Sight::Object(Some(found))) = (self, sight) {
            return (found["id"] == *draft.id && mark(found) == draft.metadata.get("golive").map(String::as_str))
                .then(|| draft.id.clone());
        }
        let Sight::Objects(objects) = sight else { return None };
        let found = objects.iter().find(|found| self.made(found, begun))?;
        found["id"].as_str().map(str::to_owned)
    }

    /// Whether an object of a list is the one that this write made, and not one of an earlier launch.
    fn made(&self, found: &Value, begun: i64) -> bool {
        let marked = |metadata: &BTreeMap<String, String>, replaced: &[String]| {
            mark(found) == metadata.get("golive").map(String::as_str)
                && !replaced.iter().any(|old| found["id"] == **old)
                && found["created"].as_i64().is_none_or(|created| created >= begun - CLOCKS_DIFFER)
        };
        match self {
            Self::CreatePromotionCode(draft) => {
                let same = found["code"].as_str().is_some_and(|code| code.eq_ignore_ascii_case(&draft.code));
                same && found["active"] == true && marked(&draft.metadata, &[])
            }
            Self::CreateTaxRate(draft) => marked(&draft.metadata, &draft.replaces),
            Self::CreateShippingRate(draft) => marked(&draft.metadata, &draft.replaces),
            Self::CreatePaymentLink(draft) => marked(&draft.terms.metadata, &draft.replaces),
            Self::CreateMeter(draft) => found["event_name"] == *draft.event_name && found["status"] == "active",
            Self::CreateFeature(draft) => found["lookup_key"] == *draft.lookup_key && marked(&draft.metadata, &[]),
            Self::AttachFeature { feature, .. } => found["entitlement_feature"]["id"] == **feature,
            _ => false,
        }
    }

    const fn is_create(&self) -> bool {
        matches!(
            self,
            Self::CreateCoupon(_)
                | Self::CreatePromotionCode(_)
                | Self::CreateTaxRate(_)
                | Self::CreateShippingRate(_)
                | Self::CreatePaymentLink(_)
                | Self::CreateMeter(_)
                | Self::CreateFeature(_)
                | Self::AttachFeature { .. }
        )
    }

    pub(super) const fn verb(&self) -> Verb {
        match self {
            Self::DeactivateMeter { .. } => Verb::Close,
            _ if self.is_create() => Verb::Create,
            _ => Verb::Change,
        }
    }

    pub(super) const fn stands(&self) -> bool {
        self.is_create()
    }

    /// A coupon has no switch: deleting it would be final, and codes and links that name it would
    /// break, so it stays. Nobody can use it without a code that is on. A feature could be archived
    /// only for good, which would spoil its lookup key for the next launch: it stays as well, and
    /// grants nothing without a product that is sold.
    pub(super) fn inverse(&self, object: &str) -> Option<Self> {
        let id = object.to_owned();
        let active = Some(false);
        Some(match self {
            Self::CreatePromotionCode(_) => {
                let patch = PromotionCodePatch { active, ..PromotionCodePatch::default() };
                Self::UpdatePromotionCode { id, patch }
            }
            Self::CreateTaxRate(_) => {
                Self::UpdateTaxRate { id, patch: TaxRatePatch { active, ..TaxRatePatch::default() } }
            }
            Self::CreateShippingRate(_) => {
                Self::UpdateShippingRate { id, patch: ShippingRatePatch { active, ..ShippingRatePatch::default() } }
            }
            Self::CreatePaymentLink(_) => {
                Self::UpdatePaymentLink { id, patch: PaymentLinkPatch { active, ..PaymentLinkPatch::default() } }
            }
            Self::CreateMeter(_) => Self::DeactivateMeter { id },
            _ => return None,
        })
    }
}

fn mark(object: &Value) -> Option<&str> {
    object["metadata"]["golive"].as_str()
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
