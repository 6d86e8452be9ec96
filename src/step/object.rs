//! The parts of Stripe's objects that golive reads, named as Stripe names them.
//!
//! Reading is tolerant: an unknown field, enum value or absent optional never fails a run. Only
//! what golive cannot do without is required, and that is the id.

#![expect(missing_docs, reason = "the fields are Stripe's own, named as in its API reference")]

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

use super::terms::{decimal, plain};
use super::{CustomAmount, Dimensions, Transform};

/// Reads `null` as the type's default, for maps and lists that Stripe sometimes leaves out.
pub(crate) fn lenient<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// `GET /v1/account`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    pub id: String,
    pub charges_enabled: Option<bool>,
    pub payouts_enabled: Option<bool>,
    pub details_submitted: Option<bool>,
    pub country: Option<String>,
    pub default_currency: Option<String>,
    pub business_profile: Option<BusinessProfile>,
    #[serde(default, deserialize_with = "lenient")]
    pub capabilities: BTreeMap<String, String>,
    pub requirements: Option<Requirements>,
    pub settings: Option<Settings>,
}

impl Account {
    /// The name an operator knows the account by.
    pub fn name(&self) -> Option<&str> {
        let dashboard =
            self.settings.as_ref().and_then(|s| s.dashboard.as_ref()).and_then(|d| d.display_name.as_deref());
        let business = self.business_profile.as_ref().and_then(|profile| profile.name.as_deref());
        dashboard.into_iter().chain(business).find(|name| !name.is_empty())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessProfile {
    pub name: Option<String>,
    pub url: Option<String>,
    pub support_email: Option<String>,
    pub support_phone: Option<String>,
    pub support_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requirements {
    #[serde(default, deserialize_with = "lenient")]
    pub currently_due: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub past_due: Vec<String>,
    pub current_deadline: Option<i64>,
    pub disabled_reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    pub dashboard: Option<Dashboard>,
    pub payments: Option<Payments>,
    pub branding: Option<Branding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dashboard {
    pub display_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Payments {
    pub statement_descriptor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Branding {
    pub icon: Option<String>,
    pub logo: Option<String>,
    pub primary_color: Option<String>,
}

/// `GET /v1/balance`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Balance {
    pub livemode: Option<bool>,
}

/// A tree of fields without those that say nothing: Stripe writes `null` for what is absent.
pub fn without_nulls(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(|member| *member = without_nulls(member.take()));
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| *entry = without_nulls(entry.take())),
        _ => {}
    }
    value
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Product {
    pub id: String,
    #[serde(default)]
    pub active: bool,
    pub livemode: Option<bool>,
    #[serde(default)]
    pub name: String,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub images: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub marketing_features: Vec<MarketingFeature>,
    pub shippable: Option<bool>,
    pub package_dimensions: Option<BTreeMap<String, Number>>,
    pub default_price: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
}

impl Product {
    /// The names of its marketing features.
    pub fn marketing_features(&self) -> Vec<String> {
        self.marketing_features.iter().filter_map(|feature| feature.name.clone()).collect()
    }

    /// Its size and weight as decimal texts, without needless zeros.
    pub fn dimensions(&self) -> Dimensions {
        let found = self.package_dimensions.iter().flatten();
        found.map(|(side, number)| (side.clone(), plain(&number.to_string()))).collect()
    }
}

/// A line of a pricing table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketingFeature {
    pub name: Option<String>,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Price {
    pub id: String,
    #[serde(default)]
    pub active: bool,
    pub livemode: Option<bool>,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub product: String,
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    pub billing_scheme: Option<String>,
    /// Left out unless asked for, as are the amounts in further currencies.
    #[serde(default, deserialize_with = "lenient")]
    pub tiers: Vec<PriceTier>,
    pub tiers_mode: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub currency_options: BTreeMap<String, PriceOption>,
    pub custom_unit_amount: Option<CustomAmount>,
    pub transform_quantity: Option<Transform>,
    pub recurring: Option<PriceRecurring>,
    #[serde(rename = "type")]
    pub type_: Option<String>,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriceRecurring {
    #[serde(default)]
    pub interval: String,
    pub interval_count: Option<u64>,
    pub usage_type: Option<String>,
    pub meter: Option<String>,
    pub trial_period_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriceTier {
    pub up_to: Option<i64>,
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    pub flat_amount: Option<i64>,
    pub flat_amount_decimal: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriceOption {
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_unit_amount: Option<CustomAmount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_behavior: Option<String>,
}

impl PriceOption {
    /// Decimal text in the smallest unit; none where tiers or the customer say how much.
    pub fn amount(&self) -> Option<String> {
        decimal(self.unit_amount, self.unit_amount_decimal.as_deref())
    }
}

/// A webhook endpoint. Its `secret` never reaches this struct.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub id: String,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub status: String,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub enabled_events: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
    pub created: Option<i64>,
}

/// A Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub livemode: Option<bool>,
    pub status: Option<String>,
    pub payment_status: Option<String>,
    pub url: Option<String>,
    pub amount_total: Option<i64>,
    pub currency: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type", default)]
    pub type_: String,
    pub livemode: Option<bool>,
    pub created: Option<i64>,
    #[serde(default)]
    pub pending_webhooks: i64,
    pub request: Option<EventRequest>,
    pub data: Option<EventData>,
}

impl Event {
    /// The object as it stood when the event happened; `null` where there is none.
    pub fn object(&self) -> &Value {
        self.data.as_ref().map_or(&Value::Null, |data| &data.object)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventData {
    #[serde(default)]
    pub object: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventRequest {
    pub id: Option<String>,
    pub idempotency_key: Option<String>,
}
