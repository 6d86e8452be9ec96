//! Drafts and patches of prices: what is sent, named as Stripe names it, and what is journaled beside
//! it. Journals of older versions lack the fields that came later, so each of those has a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::step::object::Price;
use crate::step::{CustomAmount, Terms, Tier, Transform};

/// A price to create. Amounts are in Stripe's minor units, as decimal text of at most 12 places.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PriceDraft {
    pub product: String,
    /// Lower-case ISO code.
    pub currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_amount: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_amount_decimal: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub currency_options: BTreeMap<String, CurrencyAmount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomAmount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<Transform>,
    pub recurring: Option<Recurring>,
    pub lookup_key: Option<String>,
    pub transfer_lookup_key: bool,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// The price this one replaces: not sent, but journaled, so that the old one is closed even
    /// when golive was killed between the two.
    pub replaces: Option<String>,
}

/// What a price is in a further currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CurrencyAmount {
    /// Decimal text in the smallest unit; none where tiers or the customer say how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Of a price with tiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Of a price whose amount the customer chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomAmount>,
    /// Whether it includes tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_behavior: Option<String>,
}

/// How often a price is charged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Every how many of them.
    pub interval_count: u64,
    /// The meter that counts what is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// Days before the first payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_period_days: Option<u32>,
}

/// What changes on a price; everything else is immutable in Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PricePatch {
    pub active: Option<bool>,
    pub nickname: Option<String>,
    pub lookup_key: Option<String>,
    pub transfer_lookup_key: bool,
    pub tax_behavior: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub currency_options: BTreeMap<String, CurrencyAmount>,
    pub metadata: BTreeMap<String, String>,
}

impl PriceDraft {
    /// Whether a price is the one that this draft made.
    pub(super) fn made(&self, price: &Price) -> bool {
        // Until the lookup key has moved, it leads to the price that was to be replaced.
        self.replaces.as_ref() != Some(&price.id)
            && price.product == self.product
            && Terms::drafted(self).are(&Terms::found(price))
            && price.metadata.get("golive") == self.metadata.get("golive")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PriceDraft, Recurring};
    use crate::step::object::Price;
    use crate::step::{CustomAmount, Tier, Transform};

    fn price(more: serde_json::Value) -> Price {
        let mut whole = json!({"id": "price_1", "product": "prod_1", "currency": "usd"});
        if let serde_json::Value::Object(more) = more {
            whole.as_object_mut().unwrap().extend(more);
        }
        serde_json::from_value(whole).unwrap()
    }

    fn draft() -> PriceDraft {
        PriceDraft { product: "prod_1".into(), currency: "usd".into(), ..PriceDraft::default() }
    }

    #[test]
    fn a_draft_of_an_older_journal_is_read() {
        let old = r#"{"product":"p","currency":"cad","unit_amount":5000,"recurring":{"interval":"month","interval_count":1},
            "lookup_key":"k","transfer_lookup_key":false,"nickname":null,"tax_behavior":null,"metadata":{},"replaces":null}"#;
        let draft: PriceDraft = serde_json::from_str(old).unwrap();
        assert_eq!(draft.unit_amount, Some(5000));
        assert!(!serde_json::to_string(&draft).unwrap().contains("tiers"));
    }

    #[test]
    fn tiers_meters_packages_and_decimals_are_known_again() {
        let tiered = PriceDraft {
            tiers: vec![
                Tier { up_to: Some(10), unit: "500".into(), flat: "100".into() },
                Tier { up_to: None, unit: "0.5".into(), flat: "0".into() },
            ],
            tiers_mode: Some("graduated".into()),
            recurring: Some(Recurring {
                interval: "month".into(),
                interval_count: 1,
                meter: Some("mtr_1".into()),
                trial_period_days: Some(7),
            }),
            ..draft()
        };
        let recurring = json!({"interval": "month", "usage_type": "metered", "meter": "mtr_1", "trial_period_days": 7});
        let tiers = json!([{"up_to": 10, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": 100},
            {"up_to": null, "unit_amount": null, "unit_amount_decimal": "0.50", "flat_amount": null}]);
        let found = json!({"tiers": tiers, "tiers_mode": "graduated", "recurring": recurring});
        assert!(tiered.made(&price(found.clone())));
        assert!(!PriceDraft { tiers_mode: Some("volume".into()), ..tiered.clone() }.made(&price(found.clone())));
        assert!(!PriceDraft { recurring: None, ..tiered }.made(&price(found)));
        let package = PriceDraft {
            unit_amount_decimal: Some("0.5".into()),
            transform: Some(Transform { divide_by: 100, round: "up".into() }),
            ..draft()
        };
        let found = json!({"unit_amount": null, "unit_amount_decimal": "0.5",
            "transform_quantity": {"divide_by": 100, "round": "up"}});
        assert!(package.made(&price(found.clone())));
        assert!(!PriceDraft { transform: None, ..package }.made(&price(found)));
    }

    #[test]
    fn bounds_that_were_not_named_do_not_matter() {
        let preset =
            |preset| PriceDraft { custom: Some(CustomAmount { preset, ..CustomAmount::default() }), ..draft() };
        let found = json!({"custom_unit_amount": {"minimum": 50, "maximum": null, "preset": 500}});
        assert!(preset(Some(500)).made(&price(found.clone())) && preset(None).made(&price(found.clone())));
        assert!(!preset(Some(600)).made(&price(found.clone())) && !draft().made(&price(found)));
    }
}
