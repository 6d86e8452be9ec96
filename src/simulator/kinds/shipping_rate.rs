//! Shipping rates: create, retrieve, update, list. Name, amount and delivery are final: no parameter
//! of an update names them. Stripe tells nobody about shipping rates, so there are no events.

use super::{Call, copy, price};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const RATE: (&str, &str) = ("Shipping Rates", "shipping_rate");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/shipping_rates", "POST /v1/shipping_rates", RATE, create),
    route("GET", "/v1/shipping_rates", "GET /v1/shipping_rates", RATE, all),
    route("GET", "/v1/shipping_rates/{}", "GET one", RATE, retrieve),
    route("POST", "/v1/shipping_rates/{}", "POST /v1/shipping_rates/{shipping_rate_token}", RATE, update),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let sent = params.get("fixed_amount").filter(|amount| amount.is_object());
    let sent = sent.ok_or_else(|| Refusal::missing("fixed_amount"))?;
    if sent["amount"].as_i64().is_some_and(|amount| amount < 0) {
        return Err(Refusal::invalid("Invalid non-negative integer")
            .code("parameter_invalid_integer")
            .param("fixed_amount[amount]"));
    }
    let currency = text(sent, "currency").unwrap_or_default().to_lowercase();
    price::check_currency(&currency, "fixed_amount[currency]")?;
    let mut rate = json!({
        "id": ids::embedded("shr", &tx.scope.account), "object": "shipping_rate", "active": true, "created": tx.now,
        "delivery_estimate": estimate(&params["delivery_estimate"])?, "display_name": params["display_name"],
        "fixed_amount": {"amount": sent["amount"], "currency": currency}, "livemode": tx.livemode(), "metadata": {},
        "tax_behavior": text(params, "tax_behavior").unwrap_or("unspecified"), "tax_code": params["tax_code"],
        "type": "fixed_amount",
    });
    currency_options(&mut rate, sent)?;
    merge_metadata(&mut rate, params.get("metadata"))?;
    tx.put(rate.clone());
    Ok(rate)
}

fn estimate(sent: &Value) -> Result<Value, Refusal> {
    if !sent.is_object() {
        return Ok(Value::Null);
    }
    for bound in ["maximum", "minimum"] {
        if sent[bound]["value"].as_i64().is_some_and(|value| value < 1) {
            return Err(Refusal::invalid("This value must be greater than or equal to 1.")
                .param(format!("delivery_estimate[{bound}][value]")));
        }
    }
    Ok(json!({"maximum": sent["maximum"], "minimum": sent["minimum"]}))
}

/// Merges what was sent; the rate's own currency is always among the options.
fn currency_options(rate: &mut Value, sent: &Value) -> Result<(), Refusal> {
    let behavior = rate["tax_behavior"].clone();
    let amount = &rate["fixed_amount"];
    let mut options = amount["_currency_options"].as_object().cloned().unwrap_or_default();
    if let Some(own) = text(amount, "currency") {
        options.insert(own.to_owned(), json!({"amount": amount["amount"], "tax_behavior": behavior}));
    }
    for (currency, option) in sent["currency_options"].as_object().into_iter().flatten() {
        price::check_key(currency)?;
        let before = options.get(currency).cloned().unwrap_or_else(|| json!({"tax_behavior": "unspecified"}));
        let mut shown = before;
        copy(&mut shown, option, &["amount", "tax_behavior"]);
        options.insert(currency.clone(), shown);
    }
    rate["fixed_amount"]["_currency_options"] = Value::Object(options);
    Ok(())
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("shipping_rate", call.id, "shipping_rate_token", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let old = tx.need("shipping_rate", call.id, "shipping_rate_token", 404)?;
    let mut new = old.clone();
    copy(&mut new, params, &["active"]);
    if let Some(behavior) = text(params, "tax_behavior") {
        if old["tax_behavior"] != "unspecified" && old["tax_behavior"] != behavior {
            return Err(Refusal::failed(
                "You cannot change `tax_behavior` once it is set to `inclusive` or `exclusive`.",
            )
            .param("tax_behavior"));
        }
        new["tax_behavior"] = json!(behavior);
    }
    currency_options(&mut new, &params["fixed_amount"])?;
    merge_metadata(&mut new, params.get("metadata"))?;
    tx.put(new.clone());
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "shipping_rate", call.path, params, |rate| {
        list::same(params, "active", &rate["active"])
            && list::same(params, "currency", &rate["fixed_amount"]["currency"])
    })
}
