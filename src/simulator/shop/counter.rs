//! The demo shop's counter: what it sells, and how a checkout is started for it.
//!
//! The shop is a customer of the API like any other: it calls with its secret key, in the process, and
//! sees what Stripe would answer. `Control` buys here too.

use super::ShopConduct;
use crate::simulator::call::{Admitted, Bend, Request, admit, execute};
use crate::simulator::world::text;
use crate::simulator::{Inner, Mode, deliver};
use serde_json::Value;
use std::sync::Arc;

/// A call to the API with the account's own secret key.
pub fn api(inner: &Arc<Inner>, mode: Mode, method: &str, path: &str, form: &[(&str, &str)]) -> Result<Value, String> {
    let key = {
        let core = inner.core();
        let keys = core.world.accounts.first().map(|(_, test, live)| if mode == Mode::Live { live } else { test });
        keys.map(|keys| keys.secret.clone()).unwrap_or_default()
    };
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let (query, body) = if method == "POST" { (String::new(), encoded.into_bytes()) } else { (encoded, Vec::new()) };
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        body,
        authorization: Some(format!("Bearer {key}")),
        ..Request::default()
    };
    let answer = {
        let mut core = inner.core();
        match admit(&mut core, &request) {
            Admitted::Answered(answer) => *answer,
            Admitted::Go(ticket) => execute(&mut core, &ticket, Bend::None, &inner.url),
        }
    };
    for (scope, event) in &answer.events {
        deliver::start(inner, scope, event);
    }
    let value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if answer.status < 300 {
        return Ok(value);
    }
    Err(text(&value["error"], "message").unwrap_or("Stripe gave no reason").to_owned())
}

/// The shop sells in live mode as soon as there is anything to sell.
pub fn mode(inner: &Inner) -> Mode {
    let core = inner.core();
    let live = core.scope(Mode::Live);
    if core.world.store(&live).all("price").any(|price| price["active"] == true) { Mode::Live } else { Mode::Test }
}

/// What is for sale: active prices of active products, with their products inside.
pub fn shelf(inner: &Inner, mode: Mode) -> Vec<Value> {
    let core = inner.core();
    let store = core.world.store(&core.scope(mode));
    let mut shelf = Vec::new();
    for price in store.all("price").filter(|price| price["active"] == true) {
        let product = text(price, "product").and_then(|id| store.get("product", id));
        if let Some(product) = product.filter(|product| product["active"] == true) {
            let mut price = price.clone();
            price["product"] = product.clone();
            shelf.push(price);
        }
    }
    shelf
}

/// A checkout session for one of a price, as the shop's server asks for it.
pub fn checkout(
    inner: &Arc<Inner>,
    mode: Mode,
    price: &str,
    origin: &str,
    email: Option<&str>,
) -> Result<Value, String> {
    let conduct = inner.core().conduct;
    let asked = if conduct == ShopConduct::TestPrice { of_test_mode(inner, mode) } else { price.to_owned() };
    let known = shelf(inner, mode).into_iter().find(|known| text(known, "id") == Some(price));
    let recurring = known.as_ref().is_some_and(|price| price["type"] == "recurring");
    let metered = known.is_some_and(|price| price["recurring"]["usage_type"] == "metered");
    let success = format!("{origin}/success?session_id={{CHECKOUT_SESSION_ID}}");
    let cancel = format!("{origin}/");
    let mut form = vec![
        ("mode", if recurring { "subscription" } else { "payment" }),
        ("line_items[0][price]", asked.as_str()),
        ("success_url", success.as_str()),
        ("cancel_url", cancel.as_str()),
        ("allow_promotion_codes", "true"),
    ];
    if !metered {
        form.push(("line_items[0][quantity]", "1"));
    }
    if let Some(email) = email {
        form.push(("customer_email", email));
    }
    api(inner, mode, "POST", "/v1/checkout/sessions", &form)
}

/// A price id of the other mode, as it stays in a configuration that was not changed.
fn of_test_mode(inner: &Inner, mode: Mode) -> String {
    let there = shelf(inner, mode.other());
    there.first().and_then(|price| text(price, "id")).unwrap_or("price_1OfTestMode").to_owned()
}

/// The plan that a session paid for: the product's name and the price's id. A shop that mixes up its
/// tiers gives the next one on the shelf.
pub fn bought(inner: &Arc<Inner>, conduct: ShopConduct, mode: Mode, session: &str) -> (Value, Value) {
    let path = format!("/v1/checkout/sessions/{session}/line_items");
    let lines = api(inner, mode, "GET", &path, &[]).unwrap_or_default();
    let line = &lines["data"][0];
    if conduct == ShopConduct::WrongTier {
        let other = shelf(inner, mode).into_iter().find(|price| price["product"]["id"] != line["price"]["product"]);
        return match other {
            Some(price) => (price["product"]["name"].clone(), price["id"].clone()),
            None => (Value::from("free"), Value::Null),
        };
    }
    (line["description"].clone(), line["price"]["id"].clone())
}

/// The customer portal's address for a customer of the shop.
pub fn portal(inner: &Arc<Inner>, mode: Mode, customer: &str, back: &str) -> Result<Value, String> {
    if inner.core().conduct == ShopConduct::NoPortal {
        return Err(format!(
            "No configuration provided and your {0} mode default configuration has not been created. Provide a configuration \
             or create your default by saving your customer portal settings in {0} mode at \
             https://dashboard.stripe.com/settings/billing/portal.",
            mode.name()
        ));
    }
    api(inner, mode, "POST", "/v1/billing_portal/sessions", &[("customer", customer), ("return_url", back)])
}
