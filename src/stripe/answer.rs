//! Stripe's objects, read tolerantly: unknown fields, nulls and expanded objects never fail a run,
//! and one bad field costs no more than itself, unless a decision rests on it.
//!
//! A secret in an answer is taken out of the JSON before anything else sees it.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::control;
use crate::secret::Secret;
use crate::step::object::Balance;

/// Fields that decisions rest on: when one of them cannot be read, the object cannot.
const NEEDED: [&str; 24] = [
    "id",
    "active",
    "livemode",
    "currency",
    "unit_amount",
    "unit_amount_decimal",
    "recurring",
    "billing_scheme",
    "tiers",
    "tiers_mode",
    "currency_options",
    "custom_unit_amount",
    "transform_quantity",
    "product",
    "lookup_key",
    "metadata",
    "url",
    "status",
    "enabled_events",
    "type",
    "pending_webhooks",
    "charges_enabled",
    "payouts_enabled",
    "request",
];
/// Fields that hold an id, or the whole object when it was expanded.
const EXPANDABLE: [&str; 2] = ["product", "default_price"];

/// An answer whose texts can be shown: names of products and customers are written by anybody.
pub(super) fn shown(mut value: Value) -> Value {
    match &mut value {
        Value::String(text) => {
            if let Cow::Owned(clean) = control::replaced(text) {
                *text = clean;
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| *entry = shown(entry.take())),
        Value::Object(fields) => fields.values_mut().for_each(|field| *field = shown(field.take())),
        _ => {}
    }
    value
}

/// Takes the secrets out of an answer: an object's own, and those of a list's objects. Returns
/// the object's own.
pub(super) fn take_secret(body: &mut Value) -> Option<Secret> {
    for element in body.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
        drop(take_secret(element));
    }
    let object = body.as_object_mut()?;
    if let Some(Value::String(secret)) = object.remove("client_secret") {
        drop(Secret::new(secret));
    }
    match object.remove("secret") {
        Some(Value::String(secret)) if !secret.is_empty() => Some(Secret::new(secret)),
        _ => None,
    }
}

/// Reads an object. `None` when it has no id, or when a needed field is not what it must be.
pub(super) fn read<T: DeserializeOwned>(mut value: Value) -> Option<T> {
    let object = value.as_object_mut()?;
    drop_nulls(object);
    for name in EXPANDABLE {
        if let Some(id) = object.get(name).and_then(|inner| inner.get("id")).cloned() {
            object.insert(name.to_owned(), id);
        }
    }
    if let Ok(read) = serde_json::from_value(value.clone()) {
        return Some(read);
    }
    let whole = value.as_object()?;
    let mut kept = Map::new();
    for name in NEEDED {
        if let Some(needed) = whole.get(name) {
            kept.insert(name.to_owned(), needed.clone());
        }
    }
    for (name, field) in whole {
        if kept.contains_key(name) {
            continue;
        }
        kept.insert(name.clone(), field.clone());
        if serde_json::from_value::<T>(Value::Object(kept.clone())).is_err() {
            kept.remove(name);
        }
    }
    serde_json::from_value(Value::Object(kept)).ok()
}

/// Reads the balance, which has no id: it proves a key, so it must at least be one.
pub(super) fn read_balance(value: Value) -> Option<Balance> {
    if value["object"] != "balance" {
        return None;
    }
    serde_json::from_value(value).ok()
}

/// An object's id.
pub(super) fn id(value: &Value) -> Option<&str> {
    value["id"].as_str().filter(|id| !id.is_empty())
}

/// One page of a list: its objects and whether there are more.
pub(super) fn page(mut body: Value) -> Option<(Vec<Value>, bool)> {
    let more = body["has_more"].as_bool().unwrap_or(false);
    match body["data"].take() {
        Value::Array(data) => Some((data, more)),
        _ => None,
    }
}

fn drop_nulls(object: &mut Map<String, Value>) {
    object.retain(|_, value| !value.is_null());
    for value in object.values_mut() {
        if let Value::Object(inner) = value {
            drop_nulls(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{page, read, take_secret};
    use crate::step::object::{Account, Price, Product, WebhookEndpoint};

    #[test]
    fn an_expanded_product_is_read_as_its_id() {
        let price: Price = read(json!({ "id": "price_1", "product": { "id": "prod_1", "name": "x" } })).unwrap();
        assert_eq!(price.product, "prod_1");
        let deleted: Price = read(json!({ "id": "price_1", "product": { "id": "prod_2", "deleted": true } })).unwrap();
        assert_eq!(deleted.product, "prod_2");
        let product: Product = read(json!({ "id": "prod_1", "default_price": { "id": "price_1" } })).unwrap();
        assert_eq!(product.default_price.as_deref(), Some("price_1"));
    }

    #[test]
    fn nulls_unknown_fields_and_absent_ones_cost_nothing() {
        let product: Product =
            read(json!({ "id": "prod_1", "active": null, "name": null, "metadata": null, "new": [1] })).unwrap();
        assert_eq!((product.active, product.name.as_str()), (false, ""));
        let bare: Account = read(json!({ "id": "acct_1" })).unwrap();
        assert_eq!(bare.charges_enabled, None);
    }

    #[test]
    fn a_bad_field_costs_only_itself() {
        let account: Account = read(json!({
            "id": "acct_1", "charges_enabled": true, "capabilities": { "card_payments": { "status": "active" } },
            "country": "CA" }))
        .unwrap();
        assert_eq!((account.charges_enabled, account.country.as_deref()), (Some(true), Some("CA")));
        assert!(account.capabilities.is_empty());
    }

    #[test]
    fn a_bad_field_that_decisions_rest_on_makes_the_object_unreadable() {
        assert!(read::<Price>(json!({ "id": "price_1", "unit_amount": "many" })).is_none());
        assert!(read::<Price>(json!({ "id": "price_1", "active": "yes" })).is_none());
        assert!(read::<Product>(json!({ "name": "no id" })).is_none());
        assert!(read::<Product>(json!([])).is_none());
    }

    #[test]
    fn a_secret_is_gone_from_the_answer_before_it_is_read() {
        let mut body = json!({ "id": "we_1", "secret": "whsec_abcdefghijklmnop" });
        let secret = take_secret(&mut body).unwrap();
        assert!(secret.is("whsec_abcdefghijklmnop"));
        assert_eq!(body, json!({ "id": "we_1" }));
        let mut list = json!({ "data": [{ "id": "cs_1", "client_secret": "cs_1_secret_abcdefgh", "secret": "x" }] });
        assert!(take_secret(&mut list).is_none());
        assert_eq!(list, json!({ "data": [{ "id": "cs_1" }] }));
    }

    #[test]
    fn a_page_without_data_is_no_page() {
        assert!(page(json!({ "object": "list" })).is_none());
        let (data, more) = page(json!({ "data": [{ "id": "we_1" }], "has_more": true })).unwrap();
        assert!(more);
        assert!(read::<WebhookEndpoint>(data[0].clone()).is_some());
    }
}
