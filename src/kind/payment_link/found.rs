//! A payment link as Stripe answers, read tolerantly. Called by `payment_link`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Adjustable;
use crate::kind::offer::Common;

/// A payment link as Stripe answers.
#[derive(Debug, Deserialize)]
pub(in crate::kind) struct PaymentLink {
    #[serde(flatten)]
    pub common: Common,
    #[serde(default)]
    pub url: String,
    pub line_items: Option<Lines>,
    pub allow_promotion_codes: Option<bool>,
    pub after_completion: Option<Value>,
    pub automatic_tax: Option<Value>,
    pub billing_address_collection: Option<String>,
    pub shipping_address_collection: Option<Value>,
    pub subscription_data: Option<Value>,
    /// Whatever else it has.
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::kind) struct Lines {
    #[serde(default)]
    data: Vec<LineItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LineItem {
    price: Option<Value>,
    quantity: Option<u64>,
    adjustable_quantity: Option<Value>,
}

impl PaymentLink {
    pub fn lines(&self) -> String {
        let lines = self.line_items.iter().flat_map(|lines| &lines.data);
        let shown = lines.map(|line| {
            let price = line.price.as_ref();
            let id = price.and_then(|price| price.as_str().or_else(|| price["id"].as_str())).unwrap_or_default();
            let chosen = line.adjustable_quantity.as_ref().filter(|chosen| chosen["enabled"] == true);
            let chosen = chosen.map(|chosen| Adjustable::shown(chosen["minimum"].as_u64(), chosen["maximum"].as_u64()));
            format!("{} × {id}{}", line.quantity.unwrap_or(1), chosen.unwrap_or_default())
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    pub fn countries(&self) -> Vec<String> {
        let countries = self.shipping_address_collection.as_ref().and_then(|asked| asked["allowed_countries"].as_array());
        countries.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Days, 0 for no trial.
    pub fn trial(&self) -> u32 {
        let days = self.subscription_data.as_ref().and_then(|data| data["trial_period_days"].as_u64());
        days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default()
    }
}

pub(super) fn text_at(value: Option<&Value>, pointer: &str) -> String {
    value.and_then(|value| value.pointer(pointer)).and_then(Value::as_str).unwrap_or_default().to_owned()
}
