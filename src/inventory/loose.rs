//! Objects that are read field by field: those with a member for each of many things (payment methods,
//! wallets), and payment links, of which everything unusual is kept to be told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Line, MethodConfiguration, PaymentLink, Registration, WalletDomain};

/// Wallets that need a registered domain.
const WALLETS: [&str; 6] = ["amazon_pay", "apple_pay", "google_pay", "klarna", "link", "paypal"];

/// Members of a payment link that are read by name, or that say nothing about how it sells.
const KNOWN: [&str; 16] = [
    "id",
    "object",
    "active",
    "url",
    "line_items",
    "allow_promotion_codes",
    "automatic_tax",
    "billing_address_collection",
    "shipping_address_collection",
    "metadata",
    "livemode",
    "currency",
    "created",
    "application",
    "after_completion",
    "subscription_data",
];

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn metadata(value: &Value) -> BTreeMap<String, String> {
    let members = value["metadata"].as_object().into_iter().flatten();
    members.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

impl PaymentLink {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let lines = &value["line_items"];
        let each = lines["data"].as_array().into_iter().flatten();
        let line = |line: &Value| {
            let price = text(line, "/price/id").or_else(|| text(line, "/price"))?;
            let adjustable = &line["adjustable_quantity"];
            let bounds = (adjustable["minimum"].as_u64(), adjustable["maximum"].as_u64());
            Some(Line {
                price,
                quantity: line["quantity"].as_u64().unwrap_or(1),
                adjustable: (adjustable["enabled"] == true).then_some(bounds),
            })
        };
        Some(Self {
            id: text(value, "/id")?,
            active: value["active"] == true,
            url: text(value, "/url").unwrap_or_default(),
            lines: each.filter_map(line).collect(),
            more_lines: lines["has_more"] == true,
            allow_promotion_codes: value["allow_promotion_codes"] == true,
            redirect: text(value, "/after_completion/redirect/url"),
            confirmation: text(value, "/after_completion/hosted_confirmation/custom_message"),
            automatic_tax: value.pointer("/automatic_tax/enabled") == Some(&Value::Bool(true)),
            billing_address_collection: text(value, "/billing_address_collection"),
            shipping_countries: texts(&value["shipping_address_collection"]["allowed_countries"]),
            trial_period_days: value["subscription_data"]["trial_period_days"]
                .as_u64()
                .and_then(|days| u32::try_from(days).ok())
                .filter(|days| *days > 0),
            metadata: metadata(value),
            others: others(value),
        })
    }
}

/// Every setting of a payment link that is set, and that golive has no field for.
fn others(value: &Value) -> BTreeMap<String, Value> {
    let plain: [(&str, &[Value]); 4] = [
        ("customer_creation", &[json!("always"), json!("if_required")]),
        ("payment_method_collection", &[json!("always")]),
        ("submit_type", &[json!("auto")]),
        ("invoice_creation", &[json!({"enabled": false})]),
    ];
    let usual = |name: &str, value: &Value| match value {
        Value::Object(members) if members.get("enabled") == Some(&Value::Bool(false)) => true,
        value if is_empty(value) => true,
        value => plain.iter().any(|(known, values)| *known == name && values.contains(value)),
    };
    let members = value.as_object().into_iter().flatten();
    let mut others: BTreeMap<String, Value> = members
        .filter(|(name, value)| !KNOWN.contains(&name.as_str()) && !usual(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut subscription = value["subscription_data"].clone();
    if let Some(members) = subscription.as_object_mut() {
        members.remove("trial_period_days");
        members.retain(|name, value| !(is_empty(value) || name == "invoice_settings" && *value == self_issued()));
    }
    if !is_empty(&subscription) {
        others.insert("subscription_data".to_owned(), subscription);
    }
    others
}

/// What every subscription has that says nothing about invoices.
fn self_issued() -> Value {
    json!({"issuer": {"type": "self"}})
}

/// Whether nothing is said: no members, no entries, no text, or only such.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl MethodConfiguration {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let mut found = Self {
            id: text(value, "/id")?,
            active: value["active"] == true,
            is_default: value["is_default"] == true,
            name: text(value, "/name").unwrap_or_default(),
            parent: text(value, "/parent"),
            ..Self::default()
        };
        for (name, method) in value.as_object()? {
            match method["display_preference"]["value"].as_str() {
                Some("on") => found.on.insert(name.clone()),
                Some(_) => found.off.insert(name.clone()),
                None => false,
            };
        }
        Some(found)
    }
}

impl WalletDomain {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let active = |wallet: &&str| value[*wallet]["status"] == "active";
        Some(Self {
            id: text(value, "/id")?,
            domain: text(value, "/domain_name")?,
            enabled: value["enabled"] == true,
            active: WALLETS.into_iter().filter(active).map(str::to_owned).collect(),
        })
    }
}

impl Registration {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let country = text(value, "/country")?;
        let options = &value["country_options"][country.to_ascii_lowercase()];
        Some(Self {
            id: text(value, "/id")?,
            state: text(options, "/state").or_else(|| text(options, "/province_standard/province")),
            country,
            status: text(value, "/status").unwrap_or_default(),
        })
    }
}
