//! Coupons: create, retrieve, update, list, delete, as recorded in `catalog`.
//!
//! `applies_to` and `currency_options` are kept under hidden names: Stripe shows them only when
//! expanded. The discount of a coupon is final: no parameter of an update names it.

use super::{Call, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const COUPON: (&str, &str) = ("Coupons", "coupon");
/// Five years, the furthest that a coupon or a code can end.
const FURTHEST: i64 = 5 * 366 * 86_400;

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/coupons", "POST /v1/coupons", COUPON, create),
    route("GET", "/v1/coupons", "GET /v1/coupons", COUPON, all),
    route("GET", "/v1/coupons/{}", "GET one", COUPON, retrieve),
    route("POST", "/v1/coupons/{}", "POST /v1/coupons/{coupon}", COUPON, update),
    route("DELETE", "/v1/coupons/{}", "none", COUPON, delete),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    check_discount(params)?;
    let duration = text(params, "duration").unwrap_or("once");
    if duration == "repeating" && params["duration_in_months"].as_i64().is_none() {
        return Err(Refusal::invalid(
            "The duration_in_months param must be set when creating a coupon with a repeating duration",
        )
        .param("duration"));
    }
    if duration != "repeating" && params["duration_in_months"].is_i64() {
        return Err(Refusal::invalid("The duration_in_months param can only be set when duration is repeating.")
            .param("duration_in_months"));
    }
    check_future(tx, params, "redeem_by")?;
    let id = text(params, "id").map_or_else(|| ids::random(8), str::to_owned);
    if tx.get("coupon", &id).is_some() {
        return Err(Refusal::failed("Coupon already exists.").code("resource_already_exists").param("id"));
    }
    let mut coupon = json!({
        "id": id, "object": "coupon", "amount_off": null, "created": tx.now, "currency": null, "duration": duration,
        "duration_in_months": null, "livemode": tx.livemode(), "max_redemptions": null, "metadata": {}, "name": null,
        "percent_off": null, "redeem_by": null, "times_redeemed": 0, "valid": true,
    });
    let plain = ["amount_off", "currency", "duration_in_months", "max_redemptions", "name", "percent_off", "redeem_by"];
    copy(&mut coupon, params, &plain);
    if let Some(products) = params["applies_to"]["products"].as_array() {
        for (n, product) in products.iter().enumerate() {
            let param = format!("applies_to[products][{n}]");
            tx.need("product", product.as_str().unwrap_or_default(), &param, 400)?;
        }
        coupon["_applies_to"] = json!({ "products": products });
    }
    currency_options(&mut coupon, params)?;
    merge_metadata(&mut coupon, params.get("metadata"))?;
    tx.put(coupon.clone());
    tx.event("coupon.created", &coupon, None);
    Ok(coupon)
}

fn check_discount(params: &Value) -> Result<(), Refusal> {
    let amount = params["amount_off"].as_i64();
    match (params["percent_off"].as_f64(), amount) {
        (None, None) => Err(Refusal::invalid("Must provide percent_off or amount_off.").code("parameter_missing")),
        (Some(_), Some(_)) => {
            Err(Refusal::invalid("Received both percent_off and amount_off parameters. Please pass in only one."))
        }
        (Some(percent), None) if percent < 0.01 => Err(Refusal::invalid(format!(
            "This value must be greater than or equal to 0.01 (it currently is '{percent:?}')."
        ))
        .param("percent_off")),
        (Some(percent), None) if percent > 100.0 => Err(Refusal::invalid(format!(
            "This value must be less than or equal to 100 (it currently is '{percent:?}')."
        ))
        .param("percent_off")),
        (Some(_), None) if params.get("currency_options").is_some() => {
            Err(Refusal::invalid("You may only specify one of these parameters: currency_options, percent_off.")
                .param("currency_options"))
        }
        (None, Some(_)) if text(params, "currency").is_none() => {
            Err(Refusal::invalid("You must pass currency when passing amount_off").param("currency"))
        }
        (None, Some(amount)) if amount < 1 => {
            Err(Refusal::invalid("This value must be greater than or equal to 1.").param("amount_off"))
        }
        _ => Ok(()),
    }
}

/// A moment that has to be in the future, and not too far in it.
pub fn check_future(tx: &Tx<'_>, params: &Value, name: &str) -> Result<(), Refusal> {
    let Some(at) = params[name].as_i64() else {
        return Ok(());
    };
    if at <= tx.now {
        return Err(Refusal::invalid(format!(
            "The parameter `{name}` expects a unix timestamp representing a date and time in the future. You specified \
             the value `{at}` which is in the past."
        ))
        .param(name));
    }
    if at > tx.now + FURTHEST {
        return Err(Refusal::invalid("Invalid timestamp: can be no more than five years in the future.").param(name));
    }
    Ok(())
}

/// Merges what was sent; keys are lower-case codes.
fn currency_options(coupon: &mut Value, params: &Value) -> Result<(), Refusal> {
    let Some(sent) = params["currency_options"].as_object() else {
        return Ok(());
    };
    let mut options = coupon["_currency_options"].as_object().cloned().unwrap_or_default();
    for (currency, option) in sent {
        super::price::check_key(currency)?;
        options.insert(currency.clone(), json!({"amount_off": option["amount_off"]}));
    }
    coupon["_currency_options"] = Value::Object(options);
    Ok(())
}

/// A coupon whose time is over is not valid any more.
fn aged(tx: &Tx<'_>, mut coupon: Value) -> Value {
    if coupon["redeem_by"].as_i64().is_some_and(|at| at <= tx.now) {
        coupon["valid"] = json!(false);
    }
    coupon
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let coupon = tx.need("coupon", call.id, "coupon", 404)?;
    Ok(aged(tx, coupon))
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("coupon", call.id, "coupon", 404)?;
    let mut new = old.clone();
    copy(&mut new, call.params, &["name"]);
    if call.params.get("currency_options").is_some() && old["amount_off"].is_null() {
        return Err(Refusal::failed("You can only set `currency_options` on a coupon with `amount_off`.")
            .param("currency_options"));
    }
    currency_options(&mut new, call.params)?;
    merge_metadata(&mut new, call.params.get("metadata"))?;
    tx.update("coupon.updated", &old, &new);
    Ok(aged(tx, new))
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut page = list::page(tx, "coupon", call.path, call.params, |_| true)?;
    for coupon in page["data"].as_array_mut().into_iter().flatten() {
        *coupon = aged(tx, coupon.take());
    }
    Ok(page)
}

pub fn delete(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let coupon = tx.need("coupon", call.id, "coupon", 404)?;
    tx.delete("coupon", call.id);
    tx.event("coupon.deleted", &coupon, None);
    Ok(json!({"id": call.id, "object": "coupon", "deleted": true}))
}
