//! What is sold: products, prices, meters and features, with the fields that a launch carries over.
//! Read from Stripe's JSON after its nulls were taken out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::fold::{amount, id, named, nothing};
use crate::step::object::{PriceOption, PriceTier};
use crate::step::{CustomAmount, Tier, Transform};

/// A product.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own, named as in its API reference")]
pub struct Product {
    pub id: String,
    pub active: bool,
    pub created: i64,
    pub name: String,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub images: Vec<String>,
    #[serde(deserialize_with = "named")]
    pub marketing_features: Vec<String>,
    pub package_dimensions: Option<Dimensions>,
    pub shippable: Option<bool>,
    #[serde(deserialize_with = "id")]
    pub default_price: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// The lookup keys of the features it entitles to.
    #[serde(skip_deserializing)]
    pub features: Vec<String>,
}

/// How large a package is: inches and ounces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Dimensions {
    pub height: Number,
    pub length: Number,
    pub weight: Number,
    pub width: Number,
}

/// A price. Amounts are decimal texts in the smallest unit, without needless zeros.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, named as in its API reference")]
pub struct Price {
    pub id: String,
    pub active: bool,
    pub created: i64,
    /// Empty where Stripe names none.
    pub product: String,
    pub currency: String,
    /// For one unit; none where tiers or the customer say how much.
    pub amount: Option<String>,
    pub tiers: Vec<Tier>,
    pub tiers_mode: Option<String>,
    pub currency_options: BTreeMap<String, CurrencyOption>,
    pub custom: Option<CustomAmount>,
    pub transform: Option<Transform>,
    pub recurring: Option<Recurring>,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// What a price is in a further currency.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct CurrencyOption {
    pub amount: Option<String>,
    pub tiers: Vec<Tier>,
    pub custom: Option<CustomAmount>,
    pub tax_behavior: Option<String>,
}

/// How often a price is charged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Recurring {
    pub interval: String,
    pub interval_count: Option<u64>,
    pub usage_type: Option<String>,
    pub meter: Option<String>,
    pub trial_period_days: Option<u32>,
}

impl Recurring {
    /// Every how many intervals.
    pub fn count(&self) -> u64 {
        self.interval_count.unwrap_or(1)
    }

    /// Whether usage is counted.
    pub fn is_metered(&self) -> bool {
        self.usage_type.as_deref() == Some("metered")
    }
}

/// A price as Stripe answers.
#[derive(Deserialize)]
pub(super) struct WirePrice {
    id: String,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    created: i64,
    #[serde(default, deserialize_with = "id")]
    product: Option<String>,
    currency: String,
    unit_amount: Option<i64>,
    unit_amount_decimal: Option<String>,
    #[serde(default)]
    tiers: Vec<PriceTier>,
    tiers_mode: Option<String>,
    #[serde(default)]
    currency_options: BTreeMap<String, PriceOption>,
    custom_unit_amount: Option<CustomAmount>,
    transform_quantity: Option<Transform>,
    recurring: Option<Recurring>,
    lookup_key: Option<String>,
    nickname: Option<String>,
    tax_behavior: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl From<WirePrice> for Price {
    fn from(wire: WirePrice) -> Self {
        let mut options = wire.currency_options;
        // Stripe repeats the price's own currency among them.
        options.remove(&wire.currency);
        let option = |(currency, option): (String, PriceOption)| {
            let option = CurrencyOption {
                amount: option.amount(),
                tiers: option.tiers.iter().map(Tier::found).collect(),
                custom: option.custom_unit_amount,
                tax_behavior: option.tax_behavior,
            };
            (currency, option)
        };
        Self {
            id: wire.id,
            active: wire.active,
            created: wire.created,
            product: wire.product.unwrap_or_default(),
            currency: wire.currency,
            amount: amount(wire.unit_amount, wire.unit_amount_decimal),
            tiers: wire.tiers.iter().map(Tier::found).collect(),
            tiers_mode: wire.tiers_mode,
            currency_options: options.into_iter().map(option).collect(),
            custom: wire.custom_unit_amount,
            transform: wire.transform_quantity,
            recurring: wire.recurring,
            lookup_key: wire.lookup_key.filter(|key| !key.is_empty()),
            nickname: wire.nickname.filter(|name| !name.is_empty()),
            tax_behavior: wire.tax_behavior,
            metadata: wire.metadata,
        }
    }
}

impl Price {
    /// Whether it carries no mark that somebody will look for: what an inline price of a checkout looks
    /// like once it is archived.
    pub(super) fn is_nameless(&self) -> bool {
        self.lookup_key.is_none() && self.nickname.is_none() && self.metadata.is_empty()
    }
}

/// A meter.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Meter {
    pub id: String,
    pub active: bool,
    pub display_name: String,
    pub event_name: String,
    pub formula: String,
    pub customer_key: String,
    pub value_key: String,
    pub event_time_window: Option<String>,
}

/// A meter as Stripe answers.
#[derive(Deserialize)]
pub(super) struct WireMeter {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    display_name: String,
    event_name: String,
    default_aggregation: Aggregation,
    #[serde(default)]
    customer_mapping: Key,
    #[serde(default)]
    value_settings: Key,
    event_time_window: Option<String>,
}

#[derive(Deserialize)]
struct Aggregation {
    formula: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Key {
    event_payload_key: String,
}

impl From<WireMeter> for Meter {
    fn from(wire: WireMeter) -> Self {
        Self {
            id: wire.id,
            active: wire.status != "inactive",
            display_name: wire.display_name,
            event_name: wire.event_name,
            formula: wire.default_aggregation.formula,
            customer_key: wire.customer_mapping.event_payload_key,
            value_key: wire.value_settings.event_payload_key,
            event_time_window: wire.event_time_window,
        }
    }
}

/// What a product can entitle to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Feature {
    pub id: String,
    #[serde(default = "nothing::<true>")]
    pub active: bool,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub lookup_key: String,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}
