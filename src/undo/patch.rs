//! Patches that take changes back, laid over each other so that each object gets one write: of several
//! changes of one field, the value before the first counts. And what such a write says in one line.

use std::collections::BTreeMap;

use crate::step::{Given, PricePatch, ProductPatch, WebhookPatch, Write};

/// What takes `newer` back, and then `older`, as one write; `None` when they are of different objects.
pub(super) fn over(newer: &Write, older: &Write) -> Option<Write> {
    match (newer, older) {
        (Write::UpdateProduct { id, patch }, Write::UpdateProduct { id: same, patch: first }) if id == same => {
            Some(Write::UpdateProduct { id: id.clone(), patch: products(patch, first) })
        }
        (Write::UpdatePrice { id, patch }, Write::UpdatePrice { id: same, patch: first }) if id == same => {
            Some(Write::UpdatePrice { id: id.clone(), patch: prices(patch, first) })
        }
        (Write::UpdateWebhook { id, patch }, Write::UpdateWebhook { id: same, patch: first }) if id == same => {
            Some(Write::UpdateWebhook { id: id.clone(), patch: webhooks(patch, first) })
        }
        _ => None,
    }
}

fn pick<T: Clone>(first: Option<&T>, then: Option<&T>) -> Option<T> {
    first.or(then).cloned()
}

fn both(first: &BTreeMap<String, String>, then: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    then.iter().chain(first).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn products(newer: &ProductPatch, first: &ProductPatch) -> ProductPatch {
    ProductPatch {
        active: first.active.or(newer.active),
        name: pick(first.name.as_ref(), newer.name.as_ref()),
        description: pick(first.description.as_ref(), newer.description.as_ref()),
        statement_descriptor: pick(first.statement_descriptor.as_ref(), newer.statement_descriptor.as_ref()),
        tax_code: pick(first.tax_code.as_ref(), newer.tax_code.as_ref()),
        unit_label: pick(first.unit_label.as_ref(), newer.unit_label.as_ref()),
        url: pick(first.url.as_ref(), newer.url.as_ref()),
        images: pick(first.images.as_ref(), newer.images.as_ref()),
        marketing_features: pick(first.marketing_features.as_ref(), newer.marketing_features.as_ref()),
        shippable: first.shippable.or(newer.shippable),
        package_dimensions: pick(first.package_dimensions.as_ref(), newer.package_dimensions.as_ref()),
        default_price: pick(first.default_price.as_ref(), newer.default_price.as_ref()),
        metadata: both(&first.metadata, &newer.metadata),
    }
}

fn prices(newer: &PricePatch, first: &PricePatch) -> PricePatch {
    PricePatch {
        active: first.active.or(newer.active),
        nickname: pick(first.nickname.as_ref(), newer.nickname.as_ref()),
        lookup_key: pick(first.lookup_key.as_ref(), newer.lookup_key.as_ref()),
        transfer_lookup_key: first.transfer_lookup_key || newer.transfer_lookup_key,
        tax_behavior: pick(first.tax_behavior.as_ref(), newer.tax_behavior.as_ref()),
        currency_options: newer.currency_options.clone().into_iter().chain(first.currency_options.clone()).collect(),
        metadata: both(&first.metadata, &newer.metadata),
    }
}

fn webhooks(newer: &WebhookPatch, first: &WebhookPatch) -> WebhookPatch {
    WebhookPatch {
        url: pick(first.url.as_ref(), newer.url.as_ref()),
        enabled_events: pick(first.enabled_events.as_ref(), newer.enabled_events.as_ref()),
        description: pick(first.description.as_ref(), newer.description.as_ref()),
        disabled: first.disabled.or(newer.disabled),
        wants_uuid: false,
        metadata: both(&first.metadata, &newer.metadata),
    }
}

/// What a write that takes something back does, in one line.
pub(super) fn told(write: &Write, label: &str, object: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    match write {
        Write::UpdateProduct { id, patch } => {
            match patch.active {
                Some(false) => parts.push(format!("archive {id}")),
                Some(true) => parts.push(format!("open {id} again")),
                None => {}
            }
            match &patch.default_price {
                Some(Given::Id(none)) if none.is_empty() => parts.push("no default price, as before".to_owned()),
                Some(Given::Id(price)) => parts.push(format!("default price back to {price}")),
                _ => {}
            }
            let texts = [
                ("name", &patch.name),
                ("description", &patch.description),
                ("statement descriptor", &patch.statement_descriptor),
                ("tax code", &patch.tax_code),
                ("unit label", &patch.unit_label),
                ("url", &patch.url),
            ];
            parts.extend(texts.into_iter().filter_map(|(name, text)| Some(back(name, text.as_ref()?))));
            parts.extend(patch.images.is_some().then(|| "former images".to_owned()));
            parts.extend(patch.marketing_features.is_some().then(|| "former marketing features".to_owned()));
            parts.extend(patch.shippable.map(|shippable| back("shippable", if shippable { "true" } else { "false" })));
            parts.extend(patch.package_dimensions.is_some().then(|| "former package dimensions".to_owned()));
            parts.extend(patch.metadata.keys().map(|key| format!("metadata {key} as it was")));
        }
        Write::UpdatePrice { id, patch } => {
            match patch.active {
                Some(false) => parts.push(format!("close {id}")),
                Some(true) => parts.push(format!("open {id} again")),
                None => {}
            }
            parts.extend(patch.lookup_key.iter().map(|key| format!("lookup key {key} back to it")));
            parts.extend(patch.nickname.iter().map(|text| back("nickname", text)));
            parts.extend(patch.metadata.keys().map(|key| format!("metadata {key} as it was")));
        }
        Write::UpdateWebhook { id, patch } => {
            if patch.disabled == Some(true) {
                parts.push(format!("switch off {id} (kept, can be switched on again)"));
            }
            parts.extend(patch.url.iter().map(|url| back("url", url)));
            parts.extend(patch.enabled_events.iter().map(|events| format!("events back to {}", events.join(", "))));
        }
        _ => parts.push(format!("take back {label}, {object}")),
    }
    if parts.is_empty() { format!("take back {label}, {object}") } else { parts.join(", ") }
}

fn back(name: &str, text: &str) -> String {
    if text.is_empty() { format!("no {name}, as before") } else { format!("{name} back to \"{text}\"") }
}
