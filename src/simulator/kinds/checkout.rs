//! Checkout sessions: create, retrieve, update, list, expire and line items (facts 9.1).
//!
//! `url` is kept as a path; `call` puts the simulator's own address before it, because the port may
//! differ the next time a kept world is opened. What only later issues bring is refused as unknown.

use super::{Call, amount, copy, discount};
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const HALF_HOUR: i64 = 1_800;
const ECHOED: [&str; 10] = [
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "payment_method_collection",
    "return_url",
    "submit_type",
    "success_url",
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let mode = text(params, "mode").ok_or_else(|| Refusal::missing("mode"))?;
    let hosted = check_ui(params)?;
    let expires = check_expiry(tx, params)?;
    check_account(tx)?;
    let customer = named_customer(tx, params)?;
    let items = if mode == "setup" { Vec::new() } else { line_items(tx, mode, params)? };
    let total: i64 = items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
    let currency = match items.first() {
        Some(item) => item["currency"].clone(),
        None => params["currency"].clone(),
    };
    let id = ids::checkout_session(tx.scope.mode);
    let mut session = blank(tx, &id, mode, expires);
    copy(&mut session, params, &ECHOED);
    session["currency"] = currency;
    session["customer"] = customer["id"].clone();
    for name in ["payment_intent_data", "subscription_data"] {
        session[format!("_{name}")] = params[name].clone();
    }
    if mode != "setup" {
        session["amount_subtotal"] = json!(total);
        session["amount_total"] = json!(total);
        session["total_details"] = json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0});
    }
    dress(&mut session, params, hosted);
    merge_metadata(&mut session, params.get("metadata"))?;
    let page = format!("/v1/checkout/sessions/{id}/line_items");
    session["_line_items"] = json!({"object": "list", "data": items, "has_more": false, "url": page});
    discount::of_params(tx, &mut session, params)?;
    tx.put(session.clone());
    Ok(session)
}

/// The session that somebody opens by following a payment link.
pub fn of_link(tx: &mut Tx<'_>, link: &Value) -> Result<Value, Refusal> {
    const ALIKE: [&str; 4] =
        ["allow_promotion_codes", "billing_address_collection", "payment_method_collection", "submit_type"];
    let lines: Vec<&Value> = link["_line_items"]["data"].as_array().into_iter().flatten().collect();
    let recurring = lines.iter().any(|line| line["price"]["type"] == "recurring");
    let item = |line: &&Value| match line["quantity"].as_i64() {
        Some(quantity) => json!({"price": line["price"]["id"], "quantity": quantity}),
        None => json!({"price": line["price"]["id"]}),
    };
    let redirect = &link["after_completion"]["redirect"]["url"];
    let mut params = json!({
        "mode": if recurring { "subscription" } else { "payment" },
        "line_items": lines.iter().map(item).collect::<Vec<_>>(), "metadata": link["metadata"],
        // Stripe's own confirmation needs no address; `create` asks every page for one.
        "success_url": if redirect.is_string() { redirect.clone() } else { json!("https://checkout.stripe.com") },
    });
    copy(&mut params, link, &ALIKE);
    if recurring && link["subscription_data"]["trial_period_days"].is_i64() {
        params["subscription_data"] = json!({"trial_period_days": link["subscription_data"]["trial_period_days"]});
    } else if !recurring {
        params["customer_creation"] = link["customer_creation"].clone();
    }
    let mut session = create(tx, &Call { id: "", path: "/v1/checkout/sessions", params: &params })?;
    session["payment_link"] = link["id"].clone();
    if !redirect.is_string() {
        session["success_url"] = Value::Null;
    }
    tx.put(session.clone());
    Ok(session)
}

/// The customer whom the session is for, and whether what else was sent fits.
fn named_customer(tx: &Tx<'_>, params: &Value) -> Result<Value, Refusal> {
    let mode = text(params, "mode").unwrap_or_default();
    for (name, fitting) in [("subscription_data", "subscription"), ("payment_intent_data", "payment")] {
        if params[name].is_object() && mode != fitting {
            return Err(Refusal::invalid(format!("You can not pass `{name}` in `{mode}` mode.")).param(name));
        }
    }
    let Some(id) = text(params, "customer") else {
        return Ok(Value::Null);
    };
    if params["customer_email"].is_string() {
        return Err(Refusal::invalid("You may only specify one of these parameters: customer, customer_email.")
            .param("customer"));
    }
    tx.need("customer", id, "customer", 400)
}

fn check_account(tx: &Tx<'_>) -> Result<(), Refusal> {
    let account = tx.need("account", &tx.scope.account, "id", 404)?;
    if tx.livemode() && account["charges_enabled"] != json!(true) {
        return Err(Refusal::failed("Your account cannot currently make live charges.").code("testmode_charges_only"));
    }
    Ok(())
}

/// What depends on where and how the buyer pays.
fn dress(session: &mut Value, params: &Value, hosted: bool) {
    let id = text(session, "id").unwrap_or_default().to_owned();
    if let Some(types) = params.get("payment_method_types").or_else(|| params.get("allowed_payment_method_types")) {
        session["payment_method_types"] = types.clone();
    }
    session["ui_mode"] = json!(text(params, "ui_mode").unwrap_or("hosted"));
    if hosted {
        session["url"] = json!(format!("/c/pay/{id}"));
    } else {
        session["client_secret"] = json!(format!("{id}_secret_{}", ids::random(40)));
        session["redirect_on_completion"] = json!(text(params, "redirect_on_completion").unwrap_or("always"));
    }
    if session["mode"] == "payment" {
        session["customer_creation"] = json!(text(params, "customer_creation").unwrap_or("if_required"));
    }
}

fn blank(tx: &Tx<'_>, id: &str, mode: &str, expires: i64) -> Value {
    let position =
        json!({"after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null});
    let invoice = json!({"enabled": false, "invoice_data": {
        "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null,
        "metadata": {}, "rendering_options": null,
    }});
    let mut session = json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": {"enabled": false}, "after_expiration": null,
        "allow_promotion_codes": null, "amount_subtotal": null, "amount_total": null,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "billing_address_collection": null, "cancel_url": null, "client_reference_id": null, "client_secret": null,
        "collected_information": null, "consent": null, "consent_collection": null, "created": tx.now,
        "currency": null, "currency_conversion": null, "custom_fields": [], "custom_text": position, "customer": null,
        "customer_creation": null, "customer_details": null, "customer_email": null, "discounts": [],
        "expires_at": expires, "invoice": null,
    });
    let rest = json!({
        "invoice_creation": if mode == "payment" { invoice } else { Value::Null },
        "livemode": tx.livemode(), "locale": null, "metadata": {}, "mode": mode, "payment_intent": null,
        "payment_link": null, "payment_method_collection": if mode == "payment" { "if_required" } else { "always" },
        "payment_method_configuration_details": null, "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "payment_status": if mode == "setup" { "no_payment_required" } else { "unpaid" },
        "permissions": null, "phone_number_collection": {"enabled": false}, "recovered_from": null,
        "saved_payment_method_options": null, "setup_intent": null, "shipping_address_collection": null,
        "shipping_cost": null, "shipping_options": [], "status": "open", "submit_type": null, "subscription": null,
        "success_url": null, "total_details": null, "ui_mode": "hosted", "url": null, "wallet_options": null,
    });
    if let (Value::Object(session), Value::Object(rest)) = (&mut session, rest) {
        session.extend(rest);
    }
    session
}

/// Whether the session has a page of its own; each kind of page asks for its own return address.
fn check_ui(params: &Value) -> Result<bool, Refusal> {
    let hosted = matches!(text(params, "ui_mode"), None | Some("hosted" | "hosted_page"));
    for name in ["success_url", "cancel_url", "return_url"] {
        if let Some(url) = text(params, name)
            && !url.contains("://")
        {
            return Err(Refusal::invalid("Invalid URL: An explicit scheme (such as https) must be provided.")
                .code("url_invalid")
                .param(name));
        }
    }
    if hosted && text(params, "success_url").is_none() {
        return Err(Refusal::missing("success_url"));
    }
    let stays = text(params, "redirect_on_completion") == Some("never");
    if !hosted && !stays && text(params, "return_url").is_none() {
        return Err(Refusal::missing("return_url"));
    }
    Ok(hosted)
}

fn check_expiry(tx: &Tx<'_>, params: &Value) -> Result<i64, Refusal> {
    let Some(at) = params["expires_at"].as_i64() else {
        return Ok(tx.now + DAY);
    };
    let refuse = |text: &str| Err(Refusal::invalid(text).param("expires_at"));
    // A few seconds of grace: the caller computed the moment before it sent it.
    if at < tx.now + HALF_HOUR - 10 {
        return refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.");
    }
    if at > tx.now + DAY + 10 {
        return refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.");
    }
    Ok(at)
}

/// The lines of a session or of a payment link, each with its price and its amounts.
pub fn line_items(tx: &Tx<'_>, mode: &str, params: &Value) -> Result<Vec<Value>, Refusal> {
    let sent = params["line_items"].as_array().filter(|items| !items.is_empty());
    let sent = sent.ok_or_else(|| Refusal::missing("line_items"))?;
    let trial = params["subscription_data"]["trial_period_days"].as_i64().is_some_and(|days| days > 0);
    let mut items = Vec::new();
    for (n, item) in sent.iter().enumerate() {
        items.push(line_item(tx, n, item, trial)?);
    }
    let recurring = |item: &&Value| item["price"]["type"] == "recurring";
    if mode == "payment" && items.iter().any(|item| recurring(&item)) {
        return Err(Refusal::failed(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only \
             one-time prices.",
        ));
    }
    if mode == "subscription" && !items.iter().any(|item| recurring(&item)) {
        return Err(Refusal::failed(
            "You must provide at least one recurring price in `subscription` mode when using prices.",
        ));
    }
    let currency = &items[0]["currency"];
    if let Some(n) = items.iter().position(|item| item["currency"] != *currency) {
        return Err(Refusal::failed(format!(
            "The price specified supports currencies of `{}`. This doesn't match the expected currency: `{}`.",
            text(&items[n], "currency").unwrap_or_default(),
            currency.as_str().unwrap_or_default()
        ))
        .param(format!("line_items[{n}][price]")));
    }
    Ok(items)
}

fn line_item(tx: &Tx<'_>, n: usize, item: &Value, trial: bool) -> Result<Value, Refusal> {
    let param = format!("line_items[{n}][price]");
    let id = text(item, "price").ok_or_else(|| Refusal::missing(&param))?;
    let price = tx.need("price", id, &param, 400)?;
    if price["active"] != json!(true) {
        return Err(
            Refusal::failed("The price specified is inactive. This field only accepts active prices.").param(param)
        );
    }
    let product = text(&price, "product").and_then(|id| tx.get("product", id)).unwrap_or_default();
    if product["active"] != json!(true) {
        return Err(Refusal::failed(format!(
            "Price `{id}` is not available to be purchased because its product is not active."
        ))
        .param(param));
    }
    let metered = price["recurring"]["usage_type"] == "metered";
    let quantity = item["quantity"].as_i64();
    if quantity.is_none() && !metered {
        return Err(Refusal::invalid(format!("Quantity is required. Add `quantity` to `line_items[{n}]`")));
    }
    let free = metered || (trial && price["type"] == "recurring");
    let amount = if free { 0 } else { amount::of(&price, quantity.unwrap_or(1)) };
    Ok(json!({
        "id": ids::embedded("li", &tx.scope.account), "object": "item", "amount_discount": 0, "amount_subtotal": amount,
        "amount_tax": 0, "amount_total": amount, "currency": price["currency"], "description": product["name"],
        "price": price, "quantity": quantity,
    }))
}

fn need(tx: &Tx<'_>, id: &str) -> Result<Value, Refusal> {
    tx.need("checkout.session", id, "session", 404)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    need(tx, call.id)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut session = need(tx, call.id)?;
    merge_metadata(&mut session, call.params.get("metadata"))?;
    tx.put(session.clone());
    Ok(session)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "checkout.session", call.path, params, |session| {
        ["customer", "payment_intent", "payment_link", "status", "subscription"]
            .iter()
            .all(|f| list::same(params, f, &session[*f]))
    })
}

pub fn items(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let session = need(tx, call.id)?;
    // Line items stand in the order in which they were sent: the first is the newest of a list.
    let sent = session["_line_items"]["data"].as_array().into_iter().flatten();
    let all: Vec<Value> = sent.rev().cloned().collect();
    list::cut(&all, call.path, call.params)
}

pub fn expire(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut session = need(tx, call.id)?;
    let status = text(&session, "status").unwrap_or_default();
    if status != "open" {
        return Err(Refusal::failed(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{status}`."
        )));
    }
    end(tx, &mut session);
    Ok(session)
}

fn end(tx: &mut Tx<'_>, session: &mut Value) {
    session["status"] = json!("expired");
    session["url"] = Value::Null;
    tx.put(session.clone());
    tx.event("checkout.session.expired", session, None);
}

/// What its `expires_at` does to an open session.
pub fn lapse(tx: &mut Tx<'_>, id: &str) -> Result<(), Refusal> {
    let mut session = need(tx, id)?;
    end(tx, &mut session);
    Ok(())
}
