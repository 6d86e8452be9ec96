//! Prices: create, retrieve, update, list, as recorded in `catalog` and facts 3.2.
//!
//! `tiers` and `currency_options` are kept under hidden names: Stripe shows them only when expanded.

use super::{Call, product};
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Map, Value, json};

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let mut price = build(tx, params)?;
    price["product"] = match (text(params, "product"), params.get("product_data").filter(|d| d.is_object())) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid("You may only specify one of these parameters: product, product_data.")
                .param("product"));
        }
        (Some(id), None) => tx.need("product", id, "product", 400)?["id"].clone(),
        (None, Some(data)) => json!(product::inline(tx, data)?),
        (None, None) => {
            return Err(Refusal::invalid("You must specify either `product` or `product_data` when creating a price."));
        }
    };
    if let Some(key) = text(params, "lookup_key") {
        take_lookup_key(tx, &mut price, key, params["transfer_lookup_key"] == json!(true))?;
    }
    tx.put(price.clone());
    tx.event("price.created", &price, None);
    Ok(price)
}

/// The price of a product's `default_price_data`; the caller stores it.
pub fn default_of(tx: &mut Tx<'_>, product: &str, data: &Value) -> Result<Value, Refusal> {
    let mut price = build(tx, data)?;
    price["product"] = json!(product);
    Ok(price)
}

fn build(tx: &Tx<'_>, params: &Value) -> Result<Value, Refusal> {
    let currency = text(params, "currency").unwrap_or_default().to_lowercase();
    check_currency(&currency, "currency")?;
    let recurring = recurring(tx, params)?;
    let tiered = text(params, "billing_scheme") == Some("tiered");
    if tiered {
        check_tiers(params, recurring.is_null())?;
    }
    let (amount, decimal) = amounts(params, tiered)?;
    let mut price = json!({
        "id": ids::embedded("price", &tx.scope.account), "object": "price", "active": params["active"].as_bool().unwrap_or(true),
        "billing_scheme": if tiered { "tiered" } else { "per_unit" }, "created": tx.now, "currency": currency,
        "custom_unit_amount": custom(&params["custom_unit_amount"]), "livemode": tx.livemode(), "lookup_key": null,
        "metadata": {}, "nickname": params["nickname"], "product": null, "recurring": recurring,
        "tax_behavior": text(params, "tax_behavior").unwrap_or("unspecified"), "tiers_mode": params["tiers_mode"],
        "transform_quantity": params["transform_quantity"], "type": if recurring.is_null() { "one_time" } else { "recurring" },
        "unit_amount": amount, "unit_amount_decimal": decimal,
    });
    if tiered {
        price["_tiers"] = tiers(&params["tiers"]);
    }
    merge_metadata(&mut price, params.get("metadata"))?;
    let options = params.get("currency_options").cloned().unwrap_or_else(|| json!({}));
    set_currency_options(&mut price, &options)?;
    Ok(price)
}

pub fn check_currency(currency: &str, param: &str) -> Result<(), Refusal> {
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("Invalid currency: {currency}.")).param(param))
}

/// A currency as a key of `currency_options`.
pub fn check_key(currency: &str) -> Result<(), Refusal> {
    if currency.bytes().any(|b| b.is_ascii_uppercase()) {
        let lower = currency.to_lowercase();
        return Err(Refusal::invalid(format!(
            "Currencies must be lowercase when used as keys in a map. Use `{lower}` instead of `{currency}`."
        ))
        .param("currency_options"));
    }
    check_currency(currency, "currency_options")
}

fn recurring(tx: &Tx<'_>, params: &Value) -> Result<Value, Refusal> {
    let sent = &params["recurring"];
    let Some(interval) = text(sent, "interval") else {
        return Ok(Value::Null);
    };
    let count = sent["interval_count"].as_i64().unwrap_or(1);
    let longest = match interval {
        "day" => 1095,
        "week" => 156,
        "month" => 36,
        _ => 3,
    };
    if !(1..=longest).contains(&count) {
        return Err(Refusal::invalid(format!(
            "The maximum interval for a recurring price is 3 years; `interval_count` must be between 1 and {longest}."
        ))
        .param("recurring[interval_count]"));
    }
    let usage = text(sent, "usage_type").unwrap_or("licensed");
    if let Some(meter) = text(sent, "meter") {
        tx.need("billing.meter", meter, "recurring[meter]", 400)?;
    } else if usage == "metered" {
        return Err(Refusal::invalid(
            "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
        ));
    }
    Ok(json!({
        "interval": interval, "interval_count": count, "meter": sent["meter"],
        "trial_period_days": sent["trial_period_days"], "usage_type": usage,
    }))
}

fn check_tiers(params: &Value, one_time: bool) -> Result<(), Refusal> {
    if one_time {
        return Err(
            Refusal::invalid("Prices with `type=one_time` are not supported with tiered billing.").param("interval")
        );
    }
    if text(params, "tiers_mode").is_none() {
        return Err(Refusal::missing("tiers_mode"));
    }
    let tiers = params["tiers"].as_array().filter(|t| !t.is_empty()).ok_or_else(|| Refusal::missing("tiers"))?;
    if tiers.last().is_none_or(|last| last["up_to"] != "inf") {
        return Err(Refusal::invalid("The last tier must have `up_to` set to `inf`.").param("tiers"));
    }
    Ok(())
}

/// The integer and the decimal text of an amount; a fraction leaves the integer null.
fn amounts(params: &Value, tiered: bool) -> Result<(Value, Value), Refusal> {
    match (params["unit_amount"].as_i64(), text(params, "unit_amount_decimal")) {
        (Some(_), Some(_)) => {
            Err(Refusal::invalid("You may only specify one of these parameters: unit_amount, unit_amount_decimal.")
                .param("unit_amount"))
        }
        (Some(amount), None) if amount < 0 => {
            Err(Refusal::invalid("Invalid non-negative integer").code("parameter_invalid_integer").param("unit_amount"))
        }
        (Some(amount), None) => Ok((json!(amount), json!(amount.to_string()))),
        (None, Some(decimal)) => {
            let plain = match decimal.split_once('.') {
                Some((whole, part)) if part.bytes().all(|b| b == b'0') => whole,
                _ => decimal,
            };
            Ok((plain.parse::<i64>().map_or(Value::Null, Value::from), json!(plain)))
        }
        (None, None) if tiered || params["custom_unit_amount"].is_object() => Ok((Value::Null, Value::Null)),
        (None, None) => {
            Err(Refusal::invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set."))
        }
    }
}

/// `enabled` is dropped, the rest is echoed.
fn custom(sent: &Value) -> Value {
    if sent["enabled"] != json!(true) {
        return Value::Null;
    }
    json!({"maximum": sent["maximum"], "minimum": sent["minimum"], "preset": sent["preset"]})
}

fn tiers(sent: &Value) -> Value {
    let one = |tier: &Value| {
        let pair = |name: &str| {
            let decimal = format!("{name}_decimal");
            match (tier[name].as_i64(), text(tier, &decimal)) {
                (Some(n), _) => (json!(n), json!(n.to_string())),
                (None, Some(d)) => (d.parse::<i64>().map_or(Value::Null, Value::from), json!(d)),
                (None, None) => (Value::Null, Value::Null),
            }
        };
        let ((flat, flat_decimal), (unit, unit_decimal)) = (pair("flat_amount"), pair("unit_amount"));
        json!({
            "flat_amount": flat, "flat_amount_decimal": flat_decimal, "unit_amount": unit,
            "unit_amount_decimal": unit_decimal, "up_to": tier["up_to"].as_i64(),
        })
    };
    Value::Array(sent.as_array().into_iter().flatten().map(one).collect())
}

/// Merges what was sent; the price's own currency is always among the options.
fn set_currency_options(price: &mut Value, sent: &Value) -> Result<(), Refusal> {
    let mut options = price["_currency_options"].as_object().cloned().unwrap_or_default();
    for (currency, option) in sent.as_object().into_iter().flatten() {
        check_key(currency)?;
        if option.is_null() {
            options.remove(currency);
            continue;
        }
        let has_tiers = option["tiers"].is_array();
        let (amount, decimal) = amounts(option, has_tiers)?;
        let mut shown = Map::new();
        shown.insert("custom_unit_amount".into(), custom(&option["custom_unit_amount"]));
        shown.insert("tax_behavior".into(), json!(text(option, "tax_behavior").unwrap_or("unspecified")));
        if has_tiers {
            shown.insert("tiers".into(), tiers(&option["tiers"]));
        }
        shown.insert("unit_amount".into(), amount);
        shown.insert("unit_amount_decimal".into(), decimal);
        options.insert(currency.clone(), Value::Object(shown));
    }
    if let Some(own) = text(price, "currency") {
        let mut shown = json!({
            "custom_unit_amount": price["custom_unit_amount"], "tax_behavior": price["tax_behavior"],
            "unit_amount": price["unit_amount"], "unit_amount_decimal": price["unit_amount_decimal"],
        });
        if let Some(tiers) = price.get("_tiers") {
            shown["tiers"] = tiers.clone();
        }
        options.insert(own.to_owned(), shown);
    }
    price["_currency_options"] = Value::Object(options);
    Ok(())
}

/// A key belongs to one price, active or not; it moves only when the caller says so.
fn take_lookup_key(tx: &mut Tx<'_>, price: &mut Value, key: &str, transfer: bool) -> Result<(), Refusal> {
    if key.chars().count() > 200 {
        return Err(
            Refusal::invalid(format!("Invalid string: {key}; must be at most 200 characters")).param("lookup_key")
        );
    }
    let holder = tx.find("price", |p| p["lookup_key"] == key && p["id"] != price["id"]);
    if let Some(holder) = holder {
        if !transfer {
            let id = text(&holder, "id").unwrap_or_default();
            return Err(Refusal::failed(format!("A price (`{id}`) already uses that lookup key.")).param("lookup_key"));
        }
        let mut without = holder.clone();
        without["lookup_key"] = Value::Null;
        tx.update("price.updated", &holder, &without);
    }
    price["lookup_key"] = json!(key);
    Ok(())
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("price", call.id, "price", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let old = tx.need("price", call.id, "price", 404)?;
    let mut new = old.clone();
    if let Some(active) = params["active"].as_bool() {
        let holder = text(&old, "product").and_then(|id| tx.get("product", id));
        if !active && holder.is_some_and(|p| p["default_price"] == old["id"]) {
            return Err(Refusal::failed(
                "This price cannot be archived because it is the default price of its product.",
            ));
        }
        new["active"] = json!(active);
    }
    if let Some(nickname) = params.get("nickname") {
        new["nickname"] = nickname.clone();
    }
    if let Some(behavior) = text(params, "tax_behavior") {
        if old["tax_behavior"] != "unspecified" && old["tax_behavior"] != behavior {
            return Err(Refusal::failed(
                "You cannot change `tax_behavior` once it is set to `inclusive` or `exclusive`.",
            )
            .param("tax_behavior"));
        }
        new["tax_behavior"] = json!(behavior);
    }
    merge_metadata(&mut new, params.get("metadata"))?;
    if params.get("currency_options").is_some() || new["tax_behavior"] != old["tax_behavior"] {
        set_currency_options(&mut new, &params["currency_options"])?;
    }
    match params.get("lookup_key") {
        Some(Value::String(key)) => {
            take_lookup_key(tx, &mut new, key, params["transfer_lookup_key"] == json!(true))?;
        }
        Some(_) => new["lookup_key"] = Value::Null,
        None => {}
    }
    tx.update("price.updated", &old, &new);
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let keys = params["lookup_keys"].as_array();
    if keys.is_some_and(|keys| keys.len() > 10) {
        return Err(Refusal::too_many("lookup_keys", 10));
    }
    let recurring = &params["recurring"];
    list::page(tx, "price", call.path, params, |price| {
        keys.is_none_or(|keys| !price["lookup_key"].is_null() && keys.contains(&price["lookup_key"]))
            && ["active", "currency", "product", "type"].iter().all(|f| list::same(params, f, &price[*f]))
            && ["interval", "usage_type", "meter"].iter().all(|f| list::same(recurring, f, &price["recurring"][*f]))
    })
}
