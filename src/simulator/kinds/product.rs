//! Products: create, retrieve, update, list, delete, as recorded in `catalog` and facts 3.1.

use super::{Call, copy, price};
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const PLAIN: [&str; 10] = [
    "active",
    "description",
    "images",
    "marketing_features",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "unit_label",
    "url",
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let id = text(params, "id").map_or_else(|| ids::short("prod"), str::to_owned);
    if tx.get("product", &id).is_some() {
        return Err(Refusal::failed("Product already exists.").code("resource_already_exists").param("id"));
    }
    let mut product = blank(tx, &id);
    if let Some(kind) = text(params, "type") {
        product["type"] = json!(kind);
    }
    fill(&mut product, params)?;
    let wants_price = params.get("default_price_data").filter(|data| data.is_object());
    let price = wants_price.map(|data| price::default_of(tx, &id, data)).transpose()?;
    if let Some(price) = &price {
        product["default_price"] = price["id"].clone();
    }
    tx.put(product.clone());
    tx.event("product.created", &product, None);
    if let Some(price) = price {
        tx.put(price.clone());
        tx.event("price.created", &price, None);
    }
    Ok(product)
}

/// A product from the `product_data` of a price.
pub fn inline(tx: &mut Tx<'_>, data: &Value) -> Result<String, Refusal> {
    let id = text(data, "id").map_or_else(|| ids::short("prod"), str::to_owned);
    if tx.get("product", &id).is_some() {
        return Err(Refusal::failed("Product already exists.")
            .code("resource_already_exists")
            .param("product_data[id]"));
    }
    let mut product = blank(tx, &id);
    fill(&mut product, data)?;
    tx.put(product.clone());
    tx.event("product.created", &product, None);
    Ok(id)
}

fn blank(tx: &Tx<'_>, id: &str) -> Value {
    json!({
        "id": id, "object": "product", "active": true, "attributes": [], "created": tx.now, "default_price": null,
        "description": null, "images": [], "livemode": tx.livemode(), "marketing_features": [], "metadata": {},
        "name": null, "package_dimensions": null, "shippable": null, "statement_descriptor": null, "tax_code": null,
        "tax_details": null, "type": "service", "unit_label": null, "updated": tx.now, "url": null,
    })
}

fn fill(product: &mut Value, params: &Value) -> Result<(), Refusal> {
    check(params)?;
    copy(product, params, &PLAIN);
    for list in ["images", "marketing_features"] {
        if product[list].is_null() {
            product[list] = json!([]);
        }
    }
    if let Some(code) = params.get("tax_code") {
        product["tax_code"] = code.clone();
        product["tax_details"] = match code {
            Value::Null => Value::Null,
            code => json!({"performance_location": null, "tax_code": code}),
        };
    }
    merge_metadata(product, params.get("metadata"))
}

fn check(params: &Value) -> Result<(), Refusal> {
    if params["images"].as_array().is_some_and(|images| images.len() > 8) {
        return Err(Refusal::too_many("images", 8));
    }
    if params["marketing_features"].as_array().is_some_and(|features| features.len() > 15) {
        return Err(Refusal::too_many("marketing_features", 15));
    }
    for url in params["images"].as_array().into_iter().flatten().chain(params.get("url")) {
        if url.as_str().is_some_and(|u| !u.contains("://")) {
            return Err(Refusal::invalid("Not a valid URL").code("url_invalid").param("url"));
        }
    }
    let descriptor = text(params, "statement_descriptor").unwrap_or("x");
    if !descriptor.chars().any(char::is_alphabetic) || descriptor.contains(['<', '>', '\\', '"', '\'']) {
        return Err(Refusal::invalid(
            "The statement descriptor must contain at least one letter and none of the characters < > \\ ' \".",
        )
        .param("statement_descriptor"));
    }
    Ok(())
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("product", call.id, "id", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("product", call.id, "id", 404)?;
    let mut new = old.clone();
    fill(&mut new, call.params)?;
    match call.params.get("default_price") {
        Some(Value::String(id)) => {
            let price = tx.need("price", id, "default_price", 400)?;
            if price["product"] != old["id"] {
                return Err(Refusal::failed(format!(
                    "The price specified by `default_price` (`{id}`) does not belong to this product."
                ))
                .param("default_price"));
            }
            new["default_price"] = json!(id);
        }
        Some(_) => new["default_price"] = Value::Null,
        None => {}
    }
    if new != old {
        new["updated"] = json!(tx.now);
        tx.update("product.updated", &old, &new);
    }
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let ids = params["ids"].as_array();
    list::page(tx, "product", call.path, params, |product| {
        ids.is_none_or(|ids| ids.contains(&product["id"]))
            && list::same(params, "active", &product["active"])
            && list::same(params, "url", &product["url"])
            && params["shippable"].as_bool().is_none_or(|b| product["shippable"].as_bool().unwrap_or(false) == b)
    })
}

pub fn delete(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let product = tx.need("product", call.id, "id", 404)?;
    if tx.world.store(&tx.scope).all("price").any(|price| price["product"] == product["id"]) {
        return Err(Refusal::failed("This product cannot be deleted because it has one or more user-created prices."));
    }
    tx.delete("product", call.id);
    let gone = json!({"id": call.id, "object": "product", "deleted": true});
    tx.event("product.deleted", &product, None);
    Ok(gone)
}
