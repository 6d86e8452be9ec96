//! How the account behaves: the customer portal, webhook endpoints, payment methods, wallet domains,
//! taxes. Settings are switched, not sold. A webhook's secret never reaches these structs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A configuration of the customer portal. A feature that is off is `None`, or an empty list.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, clippy::struct_excessive_bools, reason = "the fields are Stripe's own, named as in its API")]
pub struct Portal {
    pub id: String,
    pub active: bool,
    pub is_default: bool,
    pub name: Option<String>,
    pub headline: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub terms_of_service_url: Option<String>,
    pub default_return_url: Option<String>,
    pub login_page: bool,
    /// What customers may change of their own details.
    pub customer_update: Vec<String>,
    pub invoice_history: bool,
    pub payment_method_update: bool,
    /// When a subscription ends that its customer cancels: `at_period_end`, `immediately`.
    pub cancel: Option<String>,
    /// The reasons that are asked for; empty where none is.
    pub cancel_reasons: Vec<String>,
    /// What customers may change of a subscription: `price`, `quantity`, `promotion_code`.
    pub update: Vec<String>,
    pub products: Vec<PortalProduct>,
    pub metadata: BTreeMap<String, String>,
    /// Every other setting of its features that is set, nested as in Stripe's API.
    pub others: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A product that customers may change to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct PortalProduct {
    pub product: String,
    pub prices: Vec<String>,
    pub adjustable_quantity: Option<AdjustableQuantity>,
}

/// Whether customers choose how many.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct AdjustableQuantity {
    pub enabled: bool,
    pub minimum: Option<u64>,
    pub maximum: Option<u64>,
}

/// A portal configuration as Stripe answers.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WirePortal {
    id: String,
    active: bool,
    is_default: bool,
    name: Option<String>,
    business_profile: Profile,
    default_return_url: Option<String>,
    login_page: Enabled,
    features: Features,
    metadata: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    headline: Option<String>,
    privacy_policy_url: Option<String>,
    terms_of_service_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Enabled {
    enabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Features {
    customer_update: CustomerUpdate,
    invoice_history: Enabled,
    payment_method_update: MethodUpdate,
    subscription_cancel: Cancel,
    subscription_update: Update,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CustomerUpdate {
    enabled: bool,
    allowed_updates: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MethodUpdate {
    enabled: bool,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cancel {
    enabled: bool,
    mode: Option<String>,
    cancellation_reason: Reasons,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reasons {
    enabled: bool,
    options: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Update {
    enabled: bool,
    default_allowed_updates: Vec<String>,
    products: Vec<PortalProduct>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl From<WirePortal> for Portal {
    fn from(wire: WirePortal) -> Self {
        let features = wire.features;
        let details = features.customer_update;
        let (cancel, update) = (features.subscription_cancel, features.subscription_update);
        let reasons = cancel.cancellation_reason;
        Self {
            id: wire.id,
            active: wire.active,
            is_default: wire.is_default,
            name: wire.name,
            headline: wire.business_profile.headline,
            privacy_policy_url: wire.business_profile.privacy_policy_url,
            terms_of_service_url: wire.business_profile.terms_of_service_url,
            default_return_url: wire.default_return_url,
            login_page: wire.login_page.enabled,
            customer_update: if details.enabled { details.allowed_updates } else { Vec::new() },
            invoice_history: features.invoice_history.enabled,
            payment_method_update: features.payment_method_update.enabled,
            cancel: cancel.enabled.then(|| cancel.mode.unwrap_or_else(|| "at_period_end".to_owned())),
            cancel_reasons: if cancel.enabled && reasons.enabled { reasons.options } else { Vec::new() },
            update: if update.enabled { update.default_allowed_updates } else { Vec::new() },
            products: if update.enabled { update.products } else { Vec::new() },
            metadata: wire.metadata,
            others: [
                (
                    "payment_method_update",
                    features.payment_method_update.enabled,
                    features.payment_method_update.others,
                ),
                ("subscription_cancel", cancel.enabled, cancel.others),
                ("subscription_update", update.enabled, update.others),
            ]
            .into_iter()
            .filter(|(_, enabled, others)| *enabled && !others.is_empty())
            .map(|(feature, _, others)| (feature.to_owned(), others))
            .collect(),
        }
    }
}

/// A webhook endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct WebhookEndpoint {
    pub id: String,
    pub created: i64,
    pub url: String,
    pub status: String,
    pub api_version: Option<String>,
    pub description: Option<String>,
    pub enabled_events: Vec<String>,
    pub metadata: BTreeMap<String, String>,
}

/// A payment method configuration.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct MethodConfiguration {
    pub id: String,
    pub active: bool,
    pub is_default: bool,
    pub name: String,
    /// Whose it inherits from.
    pub parent: Option<String>,
    /// Methods that are on.
    pub on: BTreeSet<String>,
    /// Methods that are off, whether somebody switched them off or nobody ever switched them on.
    pub off: BTreeSet<String>,
}

/// A domain on which wallets are shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct WalletDomain {
    pub id: String,
    pub domain: String,
    pub enabled: bool,
    /// Wallets that are active on it.
    pub active: BTreeSet<String>,
}

/// Stripe Tax.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct TaxSettings {
    pub status: String,
    pub tax_behavior: Option<String>,
    pub tax_code: Option<String>,
    pub head_office: bool,
}

/// Where the account is registered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own")]
pub struct Registration {
    pub id: String,
    pub country: String,
    /// Where it matters.
    pub state: Option<String>,
    pub status: String,
}
