//! What a payment link asks its buyers, tells them and makes of their payments: the nested settings, in
//! the form in which Stripe answers with them.

use super::super::copy;
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::merge_metadata;
use crate::simulator::world::text;
use serde_json::{Value, json};

/// What fits the sort of sale, and what fits at all.
pub fn check(params: &Value, recurring: bool) -> Result<(), Refusal> {
    for name in ["invoice_creation", "payment_intent_data"] {
        if recurring && params[name].is_object() {
            return Err(Refusal::failed(format!("`{name}` can only be used with one-time prices.")).param(name));
        }
    }
    Ok(())
}

/// What is sent at creation and never again.
pub fn fill_final(link: &mut Value, params: &Value) {
    if let Some(sent) = params.get("consent_collection").filter(|sent| sent.is_object()) {
        let agreement = &sent["payment_method_reuse_agreement"];
        link["consent_collection"] = json!({
            "payment_method_reuse_agreement": agreement, "promotions": text(sent, "promotions").unwrap_or("none"),
            "terms_of_service": text(sent, "terms_of_service").unwrap_or("none"),
        });
    }
}

/// Lines of which buyers choose how many.
pub fn adjustable(lines: &mut [Value], params: &Value) {
    for (line, sent) in lines.iter_mut().zip(params["line_items"].as_array().into_iter().flatten()) {
        if let Some(chosen) = sent.get("adjustable_quantity").filter(|chosen| chosen["enabled"] == true) {
            line["adjustable_quantity"] =
                json!({"enabled": true, "maximum": chosen["maximum"], "minimum": chosen["minimum"]});
        }
    }
}

/// What can be sent at creation and later.
pub fn fill(link: &mut Value, params: &Value) -> Result<(), Refusal> {
    if let Some(fields) = params.get("custom_fields") {
        let fields = fields.as_array().map(Vec::as_slice).unwrap_or_default();
        if fields.len() > 3 {
            return Err(Refusal::too_many("custom_fields", 3));
        }
        link["custom_fields"] = fields.iter().map(custom_field).collect();
    }
    for position in ["after_submit", "shipping_address", "submit", "terms_of_service_acceptance"] {
        if let Some(message) = params["custom_text"].get(position) {
            link["custom_text"][position] = message.clone();
        }
    }
    if let Some(sent) = params.get("invoice_creation").filter(|sent| sent.is_object())
        && link["invoice_creation"].is_object()
    {
        link["invoice_creation"]["enabled"] = sent["enabled"].clone();
        let (data, sent) = (&mut link["invoice_creation"]["invoice_data"], &sent["invoice_data"]);
        copy(data, sent, &["account_tax_ids", "custom_fields", "description", "footer", "issuer"]);
        merge_metadata(data, sent.get("metadata"))?;
        if let Some(options) = sent.get("rendering_options") {
            data["rendering_options"] =
                json!({"amount_tax_display": options["amount_tax_display"], "template": options["template"]});
        }
    }
    if let Some(sent) = params.get("name_collection") {
        let name = |sent: &Value| json!({"enabled": sent["enabled"], "optional": sent["optional"] == true});
        let mut shown = json!({});
        for who in ["business", "individual"] {
            if sent[who].is_object() {
                shown[who] = name(&sent[who]);
            }
        }
        // Where no name is asked for, Stripe says nothing about it.
        if sent.is_object() {
            link["name_collection"] = shown;
        } else if let Some(members) = link.as_object_mut() {
            members.remove("name_collection");
        }
    }
    payment_intent_data(link, params)?;
    if let Some(sent) = params.get("restrictions") {
        let count = link["restrictions"]["completed_sessions"]["count"].as_i64().unwrap_or(0);
        let limit = &sent["completed_sessions"]["limit"];
        let limited = json!({"completed_sessions": {"count": count, "limit": limit}});
        link["restrictions"] = if sent.is_object() { limited } else { Value::Null };
    }
    Ok(())
}

fn payment_intent_data(link: &mut Value, params: &Value) -> Result<(), Refusal> {
    let Some(sent) = params.get("payment_intent_data").filter(|sent| sent.is_object()) else { return Ok(()) };
    if link["payment_intent_data"].is_null() {
        link["payment_intent_data"] = json!({
            "capture_method": null, "description": null, "metadata": {}, "setup_future_usage": null,
            "statement_descriptor": null, "statement_descriptor_suffix": null, "transfer_group": null,
        });
    }
    let data = &mut link["payment_intent_data"];
    let plain = [
        "capture_method",
        "description",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    ];
    copy(data, sent, &plain);
    merge_metadata(data, sent.get("metadata"))
}

fn custom_field(sent: &Value) -> Value {
    let mut field = json!({
        "key": sent["key"], "label": sent["label"], "optional": sent["optional"] == true, "type": sent["type"],
    });
    let bounds = |sent: &Value| {
        json!({
            "default_value": sent["default_value"], "maximum_length": sent["maximum_length"],
            "minimum_length": sent["minimum_length"],
        })
    };
    match text(sent, "type") {
        Some("dropdown") => {
            let dropdown = &sent["dropdown"];
            field["dropdown"] = json!({"default_value": dropdown["default_value"], "options": dropdown["options"]});
        }
        Some(kind) => field[kind] = bounds(&sent[kind]),
        None => {}
    }
    field
}
