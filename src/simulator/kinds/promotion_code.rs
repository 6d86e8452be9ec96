//! Promotion codes: create, retrieve, update, list, as recorded in `catalog`.
//!
//! Of several codes with one text at most one is active, whatever its case.

use super::{Call, copy, coupon};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const CODE: (&str, &str) = ("Promotion Codes", "promotion_code");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/promotion_codes", "POST /v1/promotion_codes", CODE, create),
    route("GET", "/v1/promotion_codes", "GET /v1/promotion_codes", CODE, all),
    route("GET", "/v1/promotion_codes/{}", "GET one", CODE, retrieve),
    route("POST", "/v1/promotion_codes/{}", "POST /v1/promotion_codes/{promotion_code}", CODE, update),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let Some(coupon) = text(&params["promotion"], "coupon") else {
        return Err(Refusal::invalid("You must pass promotion.coupon when passing promotion").param("promotion.coupon"));
    };
    tx.need("coupon", coupon, "promotion[coupon]", 400)?;
    if let Some(customer) = text(params, "customer") {
        tx.need("customer", customer, "customer", 400)?;
    }
    coupon::check_future(tx, params, "expires_at")?;
    let code = code(tx, params)?;
    let sent = &params["restrictions"];
    if sent["minimum_amount"].is_i64() && text(sent, "minimum_amount_currency").is_none() {
        return Err(Refusal::invalid(
            "You must pass restrictions[minimum_amount_currency] when passing restrictions[minimum_amount].",
        )
        .param("restrictions[minimum_amount_currency]"));
    }
    let mut restrictions = json!({
        "first_time_transaction": sent["first_time_transaction"].as_bool().unwrap_or(false),
        "minimum_amount": sent["minimum_amount"], "minimum_amount_currency": sent["minimum_amount_currency"],
    });
    if let Some(options) = sent.get("currency_options") {
        restrictions["_currency_options"] = options.clone();
    }
    let mut made = json!({
        "id": ids::embedded("promo", &tx.scope.account), "object": "promotion_code",
        "active": params["active"].as_bool().unwrap_or(true), "code": code, "created": tx.now, "customer": null,
        "customer_account": null, "expires_at": null, "livemode": tx.livemode(), "max_redemptions": null, "metadata": {},
        "promotion": {"coupon": coupon, "type": "coupon"}, "restrictions": restrictions, "times_redeemed": 0,
    });
    copy(&mut made, params, &["customer", "customer_account", "expires_at", "max_redemptions"]);
    merge_metadata(&mut made, params.get("metadata"))?;
    tx.put(made.clone());
    tx.event("promotion_code.created", &made, None);
    Ok(made)
}

/// The text of a new code: the one that was sent, or eight letters and digits.
fn code(tx: &Tx<'_>, params: &Value) -> Result<String, Refusal> {
    let Some(code) = text(params, "code") else {
        return Ok(ids::random(8).to_uppercase());
    };
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Refusal::invalid(format!(
            "This value must match the regex pattern. (/\\A[a-zA-Z0-9\\-_]+\\z/ does not match for the value {code})."
        ))
        .param("code"));
    }
    if params["active"] != json!(false) {
        check_unique(tx, code, None)?;
    }
    Ok(code.to_owned())
}

fn check_unique(tx: &Tx<'_>, code: &str, but: Option<&Value>) -> Result<(), Refusal> {
    let same = |other: &Value| text(other, "code").is_some_and(|text| text.eq_ignore_ascii_case(code));
    let taken = tx.find("promotion_code", |other| {
        other["active"] == json!(true) && same(other) && but.is_none_or(|me| me["id"] != other["id"])
    });
    match taken {
        Some(_) => Err(Refusal::failed(format!("An active promotion code with `code: {code}` already exists."))),
        None => Ok(()),
    }
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("promotion_code", call.id, "promotion_code", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("promotion_code", call.id, "promotion_code", 404)?;
    let mut new = old.clone();
    if call.params["active"] == json!(true) && old["active"] != json!(true) {
        check_unique(tx, text(&old, "code").unwrap_or_default(), Some(&old))?;
        let over = old["expires_at"].as_i64().is_some_and(|at| at <= tx.now);
        let coupon = text(&old["promotion"], "coupon").and_then(|id| tx.get("coupon", id));
        if over || coupon.is_none_or(|coupon| coupon["redeem_by"].as_i64().is_some_and(|at| at <= tx.now)) {
            return Err(Refusal::failed("This promotion code cannot be reactivated because it is no longer valid.")
                .param("active"));
        }
    }
    copy(&mut new, call.params, &["active"]);
    if let Some(options) = call.params["restrictions"].get("currency_options") {
        new["restrictions"]["_currency_options"] = options.clone();
    }
    merge_metadata(&mut new, call.params.get("metadata"))?;
    tx.update("promotion_code.updated", &old, &new);
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let code = text(params, "code");
    list::page(tx, "promotion_code", call.path, params, |found| {
        let same = |wanted: &str| text(found, "code").is_some_and(|text| text.eq_ignore_ascii_case(wanted));
        code.is_none_or(same)
            && ["active", "customer", "customer_account"].iter().all(|f| list::same(params, f, &found[*f]))
            && list::same(params, "coupon", &found["promotion"]["coupon"])
    })
}
