//! A portal configuration as Stripe shows it, read tolerantly: what is absent is off.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::step::PortalQuantity;
use crate::step::object::lenient;

/// `GET /v1/billing_portal/configurations`, with the products.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    pub id: String,
    pub active: bool,
    pub is_default: bool,
    pub default_return_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub business_profile: Profile,
    #[serde(deserialize_with = "lenient")]
    pub login_page: LoginPage,
    pub features: Features,
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
}

impl Configuration {
    /// What has no field of its own, nested as in Stripe's API.
    pub(super) fn tree(&self) -> Value {
        let features = &self.features;
        json!({"name": self.name, "features": {
            "payment_method_update": features.payment_method_update.others,
            "subscription_cancel": features.subscription_cancel.others,
            "subscription_update": features.subscription_update.others,
        }})
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub headline: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub terms_of_service_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoginPage {
    pub enabled: bool,
    pub url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Features {
    pub customer_update: CustomerUpdate,
    pub invoice_history: Enabled,
    pub payment_method_update: MethodFeature,
    pub subscription_cancel: CancelFeature,
    pub subscription_update: UpdateFeature,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Enabled {
    pub enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MethodFeature {
    pub enabled: bool,
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CustomerUpdate {
    pub enabled: bool,
    pub allowed_updates: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CancelFeature {
    pub enabled: bool,
    pub mode: Option<String>,
    pub cancellation_reason: ReasonFeature,
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReasonFeature {
    pub enabled: bool,
    pub options: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UpdateFeature {
    pub enabled: bool,
    pub default_allowed_updates: Vec<String>,
    pub products: Option<Vec<FoundProduct>>,
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct FoundProduct {
    pub product: String,
    pub prices: Vec<String>,
    pub adjustable_quantity: Option<PortalQuantity>,
}
