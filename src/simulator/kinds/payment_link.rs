//! Payment links: create, retrieve, update, list, line items. Lines are final; what a buyer is asked
//! and where they go afterwards can change. `hosted` opens a checkout for whoever follows one.

mod more;

use super::{Call, checkout, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

/// Where the pages of payment links are.
pub const PAGE: &str = "/b/";

const LINK: (&str, &str) = ("Payment Links", "payment_links");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/payment_links", "POST /v1/payment_links", LINK, create),
    route("GET", "/v1/payment_links", "GET /v1/payment_links", LINK, all),
    route("GET", "/v1/payment_links/{}", "GET one", LINK, retrieve),
    route("POST", "/v1/payment_links/{}", "POST /v1/payment_links/{payment_link}", LINK, update),
    route("GET", "/v1/payment_links/{}/line_items", "GET /v1/payment_links/{payment_link}/line_items", LINK, items),
];

const PLAIN: [&str; 8] = [
    "active",
    "allow_promotion_codes",
    "billing_address_collection",
    "customer_creation",
    "inactive_message",
    "payment_method_collection",
    "payment_method_types",
    "submit_type",
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let ids = params["line_items"].as_array().into_iter().flatten().filter_map(|item| text(item, "price"));
    let prices: Vec<Value> = ids.filter_map(|id| tx.get("price", id)).collect();
    let recurring = prices.iter().any(|price| price["type"] == "recurring");
    let mode = if recurring { "subscription" } else { "payment" };
    let lines = checkout::line_items(tx, mode, params)?;
    if !recurring && params["subscription_data"].is_object() {
        return Err(
            Refusal::failed("`subscription_data` can only be used with recurring prices.").param("subscription_data")
        );
    }
    let mut link = blank(tx, recurring, &lines[0]["currency"]);
    for (n, option) in params["shipping_options"].as_array().into_iter().flatten().enumerate() {
        let param = format!("shipping_options[{n}][shipping_rate]");
        let rate = tx.need("shipping_rate", text(option, "shipping_rate").unwrap_or_default(), &param, 400)?;
        let amount = rate["fixed_amount"]["amount"].clone();
        if let Some(options) = link["shipping_options"].as_array_mut() {
            options.push(json!({"shipping_amount": amount, "shipping_rate": rate["id"]}));
        }
    }
    more::check(params, recurring)?;
    fill(&mut link, params)?;
    more::fill_final(&mut link, params);
    let mut lines = lines;
    more::adjustable(&mut lines, params);
    let page = format!("/v1/payment_links/{}/line_items", text(&link, "id").unwrap_or_default());
    link["_line_items"] = json!({"object": "list", "data": lines, "has_more": false, "url": page});
    tx.put(link.clone());
    tx.event("payment_link.created", &link, None);
    Ok(link)
}

fn blank(tx: &Tx<'_>, recurring: bool, currency: &Value) -> Value {
    let test = if tx.livemode() { "" } else { "test_" };
    let position =
        json!({"after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null});
    let invoice = json!({"enabled": false, "invoice_data": {
        "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null,
        "metadata": {}, "rendering_options": null,
    }});
    let subscription = json!({"description": null, "invoice_settings": {"issuer": {"type": "self"}}, "metadata": {},
        "trial_period_days": null, "trial_settings": null});
    json!({
        "id": ids::embedded("plink", &tx.scope.account), "object": "payment_link", "active": true,
        "after_completion": {"hosted_confirmation": {"custom_message": null}, "type": "hosted_confirmation"},
        "allow_promotion_codes": false, "application": null, "application_fee_amount": null,
        "application_fee_percent": null, "automatic_tax": {"enabled": false, "liability": null},
        "billing_address_collection": "auto", "consent_collection": null, "currency": currency, "custom_fields": [],
        "custom_text": position, "customer_creation": if recurring { "always" } else { "if_required" },
        "inactive_message": null, "invoice_creation": if recurring { Value::Null } else { invoice },
        "livemode": tx.livemode(), "metadata": {}, "on_behalf_of": null, "payment_intent_data": null,
        "payment_method_collection": "always", "payment_method_types": null, "phone_number_collection": {"enabled": false},
        "restrictions": null, "shipping_address_collection": null, "shipping_options": [], "submit_type": "auto",
        "subscription_data": if recurring { subscription } else { Value::Null },
        "tax_id_collection": {"enabled": false, "required": "never"}, "transfer_data": null,
        // A path of this simulator's: `answer` puts its address before it, where Stripe has buy.stripe.com.
        "url": format!("{PAGE}{test}{}", ids::random(18)),
    })
}

/// What can be sent at creation and later.
fn fill(link: &mut Value, params: &Value) -> Result<(), Refusal> {
    copy(link, params, &PLAIN);
    copy(link, params, &["phone_number_collection", "shipping_address_collection"]);
    match text(&params["after_completion"], "type") {
        Some("redirect") => {
            let url = text(&params["after_completion"]["redirect"], "url");
            let url = url.ok_or_else(|| Refusal::missing("after_completion[redirect]"))?;
            if !url.contains("://") {
                return Err(Refusal::invalid("Invalid URL: An explicit scheme (such as https) must be provided.")
                    .code("url_invalid")
                    .param("after_completion[redirect][url]"));
            }
            link["after_completion"] = json!({"redirect": {"url": url}, "type": "redirect"});
        }
        Some(_) => {
            let message = &params["after_completion"]["hosted_confirmation"]["custom_message"];
            link["after_completion"] =
                json!({"hosted_confirmation": {"custom_message": message}, "type": "hosted_confirmation"});
        }
        None => {}
    }
    if let Some(enabled) = params["automatic_tax"]["enabled"].as_bool() {
        let liability = if enabled { json!({"type": "self"}) } else { Value::Null };
        link["automatic_tax"] = json!({"enabled": enabled, "liability": liability});
    }
    if let Some(enabled) = params["tax_id_collection"]["enabled"].as_bool() {
        let required = text(&params["tax_id_collection"], "required").unwrap_or("never");
        link["tax_id_collection"] = json!({"enabled": enabled, "required": required});
    }
    let days = params["subscription_data"].get("trial_period_days");
    if days.and_then(Value::as_i64).is_some_and(|days| !(1..=730).contains(&days)) {
        return Err(Refusal::invalid("The trial period must be between 1 and 730 days.")
            .param("subscription_data[trial_period_days]"));
    }
    if params["subscription_data"].is_object() && link["subscription_data"].is_object() {
        let (data, sent) = (&mut link["subscription_data"], &params["subscription_data"]);
        copy(data, sent, &["description", "trial_period_days", "trial_settings"]);
        merge_metadata(data, sent.get("metadata"))?;
    }
    more::fill(link, params)?;
    merge_metadata(link, params.get("metadata"))
}

fn need(tx: &Tx<'_>, id: &str) -> Result<Value, Refusal> {
    tx.need("payment_link", id, "payment_link", 404)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    need(tx, call.id)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = need(tx, call.id)?;
    let mut new = old.clone();
    fill(&mut new, call.params)?;
    tx.update("payment_link.updated", &old, &new);
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "payment_link", call.path, params, |link| list::same(params, "active", &link["active"]))
}

pub fn items(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let link = need(tx, call.id)?;
    // Line items stand in the order in which they were sent: the first is the newest of a list.
    let sent = link["_line_items"]["data"].as_array().into_iter().flatten();
    let all: Vec<Value> = sent.rev().cloned().collect();
    list::cut(&all, call.path, call.params)
}
