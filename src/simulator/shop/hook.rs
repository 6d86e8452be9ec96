//! The demo shop's webhook handler and its memory: orders, and each customer's plan.
//!
//! Once for each event id, however often it comes: duplicates are normal (facts 4.3). What it learnt is
//! kept in the world, so that a reopened rehearsal remembers its customers.

use super::{ShopConduct, counter, respond};
use crate::simulator::kinds::webhook;
use crate::simulator::world::{Scope, text};
use crate::simulator::{Inner, Mode, sign};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// What came of a delivery.
pub enum Heard<'e> {
    /// The handler failed.
    Broke,
    /// Its signature was refused.
    Refused(&'static str),
    /// An event that was taken, each once.
    Event(&'e Value),
}

fn hear(inner: &Inner, heard: &Heard<'_>) {
    if let Some(ear) = &inner.shop_ear {
        ear(heard);
    }
}

/// A delivery, or whatever else was posted.
pub fn take(inner: &Arc<Inner>, conduct: ShopConduct, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let plain = |status, text: &str| respond(status, "application/json", format!("{}\n", json!({"message": text})));
    match conduct {
        ShopConduct::Fails => {
            hear(inner, &Heard::Broke);
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error");
        }
        ShopConduct::NotFound => return plain(StatusCode::NOT_FOUND, "not found"),
        ShopConduct::Redirects => {
            let mut response = plain(StatusCode::MOVED_PERMANENTLY, "moved");
            if let Ok(value) = HeaderValue::from_str(&format!("{}/", uri.path().trim_end_matches('/'))) {
                response.headers_mut().insert("location", value);
            }
            return response;
        }
        _ => {}
    }
    if conduct != ShopConduct::NoVerification
        && let Err(why) = verify(inner, conduct, headers, body)
    {
        let status =
            if conduct == ShopConduct::Unauthorized { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        hear(inner, &Heard::Refused(why));
        return plain(status, why);
    }
    let Ok(event) = serde_json::from_slice::<Value>(body) else {
        return plain(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    if conduct != ShopConduct::NoFulfilment {
        remember(inner, conduct, &event);
    }
    plain(StatusCode::OK, "received")
}

fn verify(inner: &Inner, conduct: ShopConduct, headers: &HeaderMap, body: &Bytes) -> Result<(), &'static str> {
    let signature = headers.get("stripe-signature").and_then(|h| h.to_str().ok());
    let signature = signature.ok_or("no Stripe-Signature header")?;
    let now = jiff::Timestamp::now().as_second();
    match conduct {
        ShopConduct::WrongSecret | ShopConduct::Unauthorized => {
            sign::verify(&["whsec_ofanotherendpoint".to_owned()], signature, body, now)
        }
        ShopConduct::ParsedBody => {
            let parsed = serde_json::from_slice::<Value>(body).map_err(|_| "the body is not JSON")?;
            sign::verify(&secrets(inner), signature, parsed.to_string().as_bytes(), now)
        }
        _ => sign::verify(&secrets(inner), signature, body, now),
    }
}

fn secrets(inner: &Inner) -> Vec<String> {
    if let Some(secrets) = &inner.shop_secrets {
        return secrets();
    }
    let core = inner.core();
    let served = |scope: &Scope| {
        let endpoints = core.world.store(scope).all("webhook_endpoint");
        let own = endpoints.filter(|e| serves(inner, text(e, "url").unwrap_or_default()));
        own.filter_map(|e| text(e, "_secret").map(str::to_owned)).collect::<Vec<_>>()
    };
    core.world.scopes().flat_map(served).collect()
}

/// True for URLs whose deliveries come here.
fn serves(inner: &Inner, url: &str) -> bool {
    let host = webhook::host(url.split_once("://").map_or(url, |(_, rest)| rest));
    let mapped = inner.resolve.iter().any(|(name, _)| name.eq_ignore_ascii_case(host));
    let local = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
    let port = format!(":{}", inner.shop_addr.port());
    let own = url.split('/').nth(2).is_some_and(|authority| authority.ends_with(&port));
    own || (!mapped && !host.parse::<IpAddr>().is_ok_and(local))
}

fn mode_of(event: &Value) -> Mode {
    if event["livemode"] == json!(true) { Mode::Live } else { Mode::Test }
}

fn remember(inner: &Arc<Inner>, conduct: ShopConduct, event: &Value) {
    let Some(id) = text(event, "id") else {
        return;
    };
    let mode = mode_of(event);
    let id = format!("shop_{id}");
    let scope = inner.core().scope(mode);
    if inner.core().world.store(&scope).get("shop.event", &id).is_some() {
        return;
    }
    fulfil(inner, conduct, mode, event);
    let seen = json!({"id": id, "object": "shop.event", "event": event});
    // The shop's memory is a convenience: a full disk must not make it refuse an event.
    let _ = inner.core().put(&scope, seen);
    hear(inner, &Heard::Event(event));
}

/// Gives the plan that was paid for, or takes it back.
fn fulfil(inner: &Arc<Inner>, conduct: ShopConduct, mode: Mode, event: &Value) {
    let object = &event["data"]["object"];
    match text(event, "type") {
        Some("checkout.session.completed") if object["payment_status"] != "unpaid" => {
            let Some(email) = text(&object["customer_details"], "email") else {
                return;
            };
            let (plan, price) = counter::bought(inner, conduct, mode, text(object, "id").unwrap_or_default());
            let known = json!({
                "id": format!("shopper_{}_{email}", mode.name()), "object": "shop.customer", "email": email, "plan": plan,
                "price": price, "status": "active", "session": object["id"], "customer": object["customer"],
                "subscription": object["subscription"], "payment": object["payment_intent"], "livemode": event["livemode"],
            });
            let mut core = inner.core();
            let scope = core.scope(mode);
            let _ = core.put(&scope, known);
        }
        Some("customer.subscription.deleted") => end(inner, mode, "canceled", "subscription", &object["id"]),
        Some("charge.refunded") if object["refunded"] == true => {
            end(inner, mode, "refunded", "payment", &object["payment_intent"]);
        }
        _ => {}
    }
}

fn end(inner: &Inner, mode: Mode, status: &str, field: &str, id: &Value) {
    let mut core = inner.core();
    let scope = core.scope(mode);
    let holder = core.world.store(&scope).all("shop.customer").find(|c| !id.is_null() && c[field] == *id).cloned();
    if let Some(mut customer) = holder {
        customer["status"] = json!(status);
        let _ = core.put(&scope, customer);
    }
}

/// Of both modes, live last.
fn memory(inner: &Inner, kind: &str) -> Vec<Value> {
    let core = inner.core();
    let of = |mode| core.world.store(&core.scope(mode)).all(kind).cloned().collect::<Vec<_>>();
    [of(Mode::Test), of(Mode::Live)].concat()
}

/// The completed checkouts that the shop was told about.
pub fn orders(inner: &Inner) -> Value {
    let completed = |seen: &Value| {
        let event = &seen["event"];
        let session = &event["data"]["object"];
        (event["type"] == "checkout.session.completed").then(|| {
            json!({
                "event": event["id"], "session": session["id"], "amount_total": session["amount_total"],
                "currency": session["currency"], "email": session["customer_details"]["email"],
                "livemode": event["livemode"], "payment_intent": session["payment_intent"],
                "payment_status": session["payment_status"], "subscription": session["subscription"],
            })
        })
    };
    memory(inner, "shop.event").iter().filter_map(completed).collect()
}

/// The customers and their plans, all or the one with an e-mail address.
pub fn customers(inner: &Inner, email: Option<&str>) -> Value {
    let mut found = memory(inner, "shop.customer");
    found.retain(|customer| email.is_none_or(|email| text(customer, "email") == Some(email)));
    for customer in &mut found {
        if let Some(map) = customer.as_object_mut() {
            map.remove("id");
            map.remove("object");
        }
    }
    Value::Array(found)
}
