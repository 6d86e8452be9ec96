//! What a price charges: everything about it that is final in Stripe, in one form whether it is drafted
//! or read, so that the two can be compared.

use serde::{Deserialize, Serialize};

use super::object::{Price, PriceOption, PriceTier};
use super::{CurrencyAmount, PriceDraft};

/// The terms of a price. Amounts are decimal texts in the smallest unit, without needless zeros.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Lower-case code.
    pub currency: String,
    /// For one unit; none where tiers or the customer say how much.
    pub amount: Option<String>,
    /// Empty where the price has none.
    pub tiers: Vec<Tier>,
    /// `graduated` or `volume`.
    pub tiers_mode: Option<String>,
    /// Where the customer chooses the amount.
    pub custom: Option<CustomAmount>,
    /// Where units are sold by the package.
    pub transform: Option<Transform>,
    /// How often, and every how many; none for one time.
    pub every: Option<(String, u64)>,
    /// Whether usage is counted.
    pub metered: bool,
    /// By which meter.
    pub meter: Option<String>,
    /// Days before the first payment.
    pub trial_days: Option<u32>,
}

/// One tier of a price.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tier {
    /// Its last unit; the last tier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
    /// For each unit.
    pub unit: String,
    /// Once, for reaching the tier.
    pub flat: String,
}

/// The bounds within which a customer chooses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, in the smallest unit")]
pub struct CustomAmount {
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    pub preset: Option<i64>,
}

/// How a quantity becomes packages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Transform {
    /// Units in a package.
    pub divide_by: i64,
    /// `up` or `down`.
    pub round: String,
}

impl CustomAmount {
    /// Whether Stripe's bounds are these; those that are not named do not matter.
    pub fn allows(&self, found: &Self) -> bool {
        let same = |wanted: Option<i64>, found: Option<i64>| wanted.is_none() || wanted == found;
        same(self.minimum, found.minimum) && same(self.maximum, found.maximum) && same(self.preset, found.preset)
    }
}

impl Terms {
    /// Of a price to be created.
    pub fn drafted(draft: &PriceDraft) -> Self {
        let recurring = draft.recurring.as_ref();
        Self {
            currency: draft.currency.clone(),
            amount: decimal(draft.unit_amount, draft.unit_amount_decimal.as_deref()),
            tiers: draft.tiers.clone(),
            tiers_mode: draft.tiers_mode.clone(),
            custom: draft.custom.clone(),
            transform: draft.transform.clone(),
            every: recurring.map(|every| (every.interval.clone(), every.interval_count)),
            metered: recurring.is_some_and(|every| every.meter.is_some()),
            meter: recurring.and_then(|every| every.meter.clone()),
            trial_days: recurring.and_then(|every| every.trial_period_days),
        }
    }

    /// Of a price as Stripe answers.
    pub fn found(price: &Price) -> Self {
        let recurring = price.recurring.as_ref();
        Self {
            currency: price.currency.clone(),
            amount: decimal(price.unit_amount, price.unit_amount_decimal.as_deref()),
            tiers: price.tiers.iter().map(Tier::found).collect(),
            tiers_mode: price.tiers_mode.clone(),
            custom: price.custom_unit_amount.clone(),
            transform: price.transform_quantity.clone(),
            every: recurring.map(|every| (every.interval.clone(), every.interval_count.unwrap_or(1))),
            metered: recurring.is_some_and(|every| every.usage_type.as_deref() == Some("metered")),
            meter: recurring.and_then(|every| every.meter.clone()),
            trial_days: recurring.and_then(|every| every.trial_period_days).filter(|days| *days > 0),
        }
    }

    /// The same in a further currency, as it is to be.
    #[must_use]
    pub fn in_currency(&self, currency: &str, option: &CurrencyAmount) -> Self {
        Self {
            currency: currency.to_owned(),
            amount: option.amount.clone(),
            tiers: option.tiers.clone(),
            custom: option.custom.clone(),
            ..self.clone()
        }
    }

    /// The same in a further currency, as Stripe answers; `None` where Stripe shows nothing of it, as
    /// it may with tiers that were not asked for.
    pub fn found_in(&self, currency: &str, option: &PriceOption) -> Option<Self> {
        let found = Self {
            currency: currency.to_owned(),
            amount: option.amount(),
            tiers: option.tiers.iter().map(Tier::found).collect(),
            custom: option.custom_unit_amount.clone(),
            ..self.clone()
        };
        (found.amount.is_some() || !found.tiers.is_empty() || found.custom.is_some()).then_some(found)
    }

    /// Whether a price found has these terms.
    pub fn are(&self, found: &Self) -> bool {
        let custom = match (&self.custom, &found.custom) {
            (Some(wanted), Some(found)) => wanted.allows(found),
            (wanted, found) => wanted == found,
        };
        custom && Self { custom: None, ..self.clone() } == Self { custom: None, ..found.clone() }
    }
}

impl Tier {
    /// Of a price as Stripe answers.
    pub fn found(tier: &PriceTier) -> Self {
        let zero = || "0".to_owned();
        Self {
            up_to: tier.up_to,
            unit: decimal(tier.unit_amount, tier.unit_amount_decimal.as_deref()).unwrap_or_else(zero),
            flat: decimal(tier.flat_amount, tier.flat_amount_decimal.as_deref()).unwrap_or_else(zero),
        }
    }
}

/// An amount that Stripe gives as a number, as a decimal text, or as both.
pub(super) fn decimal(amount: Option<i64>, decimal: Option<&str>) -> Option<String> {
    if let Some(amount) = amount {
        return Some(amount.to_string());
    }
    decimal.map(plain)
}

/// `20.50` as `20.5`, `20.0` as `20`.
pub fn plain(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}
