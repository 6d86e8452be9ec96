//! Patches that take changes back, laid over each other so that each object gets one write: of several
//! changes of one field, the value before the first counts.

use std::collections::BTreeMap;

use crate::step::{PricePatch, ProductPatch, WebhookPatch, Write};

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
