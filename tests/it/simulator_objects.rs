//! Products, prices, expansions and metadata, beyond what the recordings show.

use crate::simulator_support::{call, start};
use serde_json::json;

#[tokio::test]
async fn the_default_price_cannot_be_archived_until_another_takes_its_place() {
    let sim = start().await;
    let key = &sim.live.secret;
    let params = "name=Pro&default_price_data[currency]=usd&default_price_data[unit_amount]=500";
    let product = call(&sim, key, "POST", "/v1/products", params).await.ok();
    let first = format!("/v1/prices/{}", product.json["default_price"].as_str().unwrap());
    let refused = call(&sim, key, "POST", &first, "active=false").await;
    assert_eq!(refused.message(), "This price cannot be archived because it is the default price of its product.");
    let params = format!("product={}&currency=usd&unit_amount=600", product.id());
    let second = call(&sim, key, "POST", "/v1/prices", &params).await.ok();
    let path = format!("/v1/products/{}", product.id());
    call(&sim, key, "POST", &path, &format!("default_price={}", second.id())).await.ok();
    let archived = call(&sim, key, "POST", &first, "active=false").await.ok();
    assert_eq!(archived.json["active"], false);
}

#[tokio::test]
async fn more_than_ten_lookup_keys_are_refused() {
    let sim = start().await;
    let keys = |n: usize| (0..n).map(|i| format!("lookup_keys[]=k{i}")).collect::<Vec<_>>().join("&");
    call(&sim, &sim.test.secret, "GET", "/v1/prices", &keys(10)).await.ok();
    let refused = call(&sim, &sim.test.secret, "GET", "/v1/prices", &keys(11)).await;
    assert_eq!((refused.status, &refused.json["error"]["param"]), (400, &json!("lookup_keys")));
}

#[tokio::test]
async fn expansions_show_what_is_left_out_and_refuse_what_is_not_there() {
    let sim = start().await;
    let key = &sim.test.secret;
    let params = "currency=usd&unit_amount=100&product_data[name]=Pro&currency_options[eur][unit_amount]=90";
    let price = call(&sim, key, "POST", "/v1/prices", params).await.ok();
    assert!(price.json.get("currency_options").is_none());
    let path = format!("/v1/prices/{}", price.id());
    let shown = call(&sim, key, "GET", &path, "expand[]=currency_options&expand[]=product.default_price").await.ok();
    assert_eq!(shown.json["currency_options"]["eur"]["unit_amount"], 90);
    assert_eq!(shown.json["product"]["name"], "Pro");
    let wrong = call(&sim, key, "GET", &path, "expand[]=checkout").await;
    assert_eq!(wrong.message(), "This property cannot be expanded (checkout).");
    let bare = call(&sim, key, "GET", "/v1/prices", "expand[]=product").await;
    assert!(bare.message().ends_with("You may want to try expanding 'data.product' instead."));
}

#[tokio::test]
async fn metadata_merges_and_empty_values_unset() {
    let sim = start().await;
    let key = &sim.test.secret;
    let product =
        call(&sim, key, "POST", "/v1/products", "name=Pro&metadata[a]=1&metadata[b]=2&description=d").await.ok();
    let path = format!("/v1/products/{}", product.id());
    let merged = call(&sim, key, "POST", &path, "metadata[a]=&metadata[c]=3&description=").await.ok();
    assert_eq!(merged.json["metadata"], json!({"b": "2", "c": "3"}));
    assert_eq!(merged.json["description"], json!(null));
    let event = call(&sim, key, "GET", "/v1/events", "type=product.updated").await.ok().json["data"][0].clone();
    let previous = &event["data"]["previous_attributes"];
    assert_eq!(previous["metadata"], json!({"a": "1", "c": null}));
    assert_eq!(previous["description"], "d");
    let cleared = call(&sim, key, "POST", &path, "metadata=").await.ok();
    assert_eq!(cleared.json["metadata"], json!({}));
}
