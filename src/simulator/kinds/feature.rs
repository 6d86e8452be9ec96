//! Entitlement features, and what products entitle to. A feature's lookup key is final and unique;
//! archiving one is for good: no parameter brings it back. Attaching tells nobody, so there are no events.

use super::{Call, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const KIND: &str = "entitlements.feature";
const ATTACHED: &str = "product_feature";
const ENTITLEMENT: (&str, &str) = ("Entitlements", "entitlement");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/entitlements/features", "POST /v1/entitlements/features", ENTITLEMENT, create),
    route("GET", "/v1/entitlements/features", "GET /v1/entitlements/features", ENTITLEMENT, all),
    route("GET", "/v1/entitlements/features/{}", "GET one", ENTITLEMENT, retrieve),
    route("POST", "/v1/entitlements/features/{}", "POST /v1/entitlements/features/{id}", ENTITLEMENT, update),
    route("POST", "/v1/products/{}/features", "POST /v1/products/{product}/features", ENTITLEMENT, attach),
    route("GET", "/v1/products/{}/features", "GET /v1/products/{product}/features", ENTITLEMENT, attached),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = text(call.params, "lookup_key").unwrap_or_default();
    if tx.find(KIND, |other| other["lookup_key"] == key).is_some() {
        return Err(Refusal::failed(format!("A feature with lookup_key `{key}` already exists.")).param("lookup_key"));
    }
    let prefix = format!("feat_{}", tx.scope.mode.name());
    let mut feature = json!({
        "id": ids::short(&prefix), "object": KIND, "active": true, "livemode": tx.livemode(), "lookup_key": key,
        "metadata": {}, "name": call.params["name"],
    });
    merge_metadata(&mut feature, call.params.get("metadata"))?;
    tx.put(feature.clone());
    Ok(feature)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need(KIND, call.id, "id", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut feature = tx.need(KIND, call.id, "id", 404)?;
    if call.params["active"] == json!(true) && feature["active"] == json!(false) {
        return Err(Refusal::failed("An archived feature cannot be activated again.").param("active"));
    }
    copy(&mut feature, call.params, &["active", "name"]);
    merge_metadata(&mut feature, call.params.get("metadata"))?;
    tx.put(feature.clone());
    Ok(feature)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, KIND, call.path, params, |feature| {
        list::same(params, "lookup_key", &feature["lookup_key"])
            && params["archived"].as_bool().is_none_or(|archived| feature["active"] == json!(!archived))
    })
}

/// Attaches a feature to a product.
pub fn attach(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("product", call.id, "product", 404)?;
    let id = text(call.params, "entitlement_feature").unwrap_or_default();
    let feature = tx.need(KIND, id, "entitlement_feature", 400)?;
    let same = |other: &Value| other["_product"] == call.id && other["_feature"] == id;
    if tx.find(ATTACHED, same).is_some() {
        return Err(Refusal::failed("This feature is already attached to this product.").param("entitlement_feature"));
    }
    let made = json!({
        "id": ids::short("prodft"), "object": ATTACHED, "livemode": tx.livemode(), "_product": call.id, "_feature": id,
    });
    tx.put(made.clone());
    Ok(shown(made, &feature))
}

/// What a product entitles to.
pub fn attached(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("product", call.id, "product", 404)?;
    let all: Vec<Value> = tx.all(ATTACHED).into_iter().filter(|one| one["_product"] == call.id).collect();
    let all: Vec<Value> = all
        .into_iter()
        .filter_map(|one| {
            let feature = tx.get(KIND, text(&one, "_feature").unwrap_or_default())?;
            Some(shown(one, &feature))
        })
        .collect();
    list::cut(&all, call.path, call.params)
}

fn shown(mut attached: Value, feature: &Value) -> Value {
    attached["entitlement_feature"] = feature.clone();
    attached
}
