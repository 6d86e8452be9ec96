//! What a write that takes something back does, in one line: the operator reads it before it is done, so it
//! names what comes to be, never the request.

use crate::step::{Given, OfferWrite, PricePatch, ProductPatch, SettingWrite, WebhookPatch, Write};

/// What a write that takes something back does, in one line.
pub(super) fn told(write: &Write, label: &str, object: &str) -> String {
    let parts = match write {
        Write::UpdateProduct { id, patch } => of_product(id, patch),
        Write::UpdatePrice { id, patch } => of_price(id, patch),
        Write::UpdateWebhook { id, patch } => of_webhook(id, patch),
        Write::Setting(write) => of_setting(write, object),
        Write::Offer(write) => of_offer(write),
        _ => Vec::new(),
    };
    if parts.is_empty() { format!("take back {label}, {object}") } else { parts.join(", ") }
}

fn of_product(id: &str, patch: &ProductPatch) -> Vec<String> {
    let mut parts = Vec::new();
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
    parts
}

fn of_price(id: &str, patch: &PricePatch) -> Vec<String> {
    let mut parts = Vec::new();
    match patch.active {
        Some(false) => parts.push(format!("close {id}")),
        Some(true) => parts.push(format!("open {id} again")),
        None => {}
    }
    parts.extend(patch.lookup_key.iter().map(|key| format!("lookup key {key} back to it")));
    parts.extend(patch.nickname.iter().map(|text| back("nickname", text)));
    parts.extend(patch.metadata.keys().map(|key| format!("metadata {key} as it was")));
    parts
}

fn of_webhook(id: &str, patch: &WebhookPatch) -> Vec<String> {
    let mut parts = Vec::new();
    if patch.disabled == Some(true) {
        parts.push(switched(id, Some(false)));
    }
    parts.extend(patch.url.iter().map(|url| back("url", url)));
    parts.extend(patch.enabled_events.iter().map(|events| format!("events back to {}", events.join(", "))));
    parts
}

fn of_setting(write: &SettingWrite, object: &str) -> Vec<String> {
    match write {
        SettingWrite::UpdatePortal { id, patch, .. } => vec![switched(id, patch.active)],
        SettingWrite::PreferMethods { preferences, .. } => {
            let methods = |wanted: &str| -> Option<String> {
                let named: Vec<&str> =
                    preferences.iter().filter(|(_, value)| *value == wanted).map(|(name, _)| name.as_str()).collect();
                (!named.is_empty()).then(|| named.join(", "))
            };
            let on = methods("on").map(|named| format!("{named} on again"));
            let off = methods("off").map(|named| format!("{named} off again"));
            let open = methods("none").map(|named| format!("{named} as Stripe prefers, as before"));
            on.into_iter().chain(off).chain(open).collect()
        }
        SettingWrite::EnableDomain { enabled, .. } => vec![switched(object, Some(*enabled))],
        _ => Vec::new(),
    }
}

fn of_offer(write: &OfferWrite) -> Vec<String> {
    let told = match write {
        OfferWrite::UpdatePromotionCode { id, patch } => switched(id, patch.active),
        OfferWrite::UpdateTaxRate { id, patch } => switched(id, patch.active),
        OfferWrite::UpdateShippingRate { id, patch } => switched(id, patch.active),
        OfferWrite::UpdatePaymentLink { id, patch } => switched(id, patch.active),
        OfferWrite::DeactivateMeter { id } => switched(id, Some(false)),
        OfferWrite::ReactivateMeter { id } => switched(id, Some(true)),
        OfferWrite::UpdateMeter { display_name, .. } => back("name", display_name),
        OfferWrite::UpdateCoupon { id, .. } | OfferWrite::UpdateFeature { id, .. } => switched(id, None),
        _ => return Vec::new(),
    };
    vec![told]
}

/// A switch that goes back; without one, the values do.
fn switched(name: &str, active: Option<bool>) -> String {
    match active {
        Some(false) => format!("switch off {name} (kept, can be switched on again)"),
        Some(true) => format!("switch on {name} again"),
        None => format!("former values of {name}"),
    }
}

fn back(name: &str, text: &str) -> String {
    if text.is_empty() { format!("no {name}, as before") } else { format!("{name} back to \"{text}\"") }
}
