//! The demo shop: what stands in for the operator's own site in a rehearsal.
//!
//! It answers under any host name, over TLS and plain: a home page that carries the live publishable
//! key as a shop's does, a health page, pages that a test adds, and a webhook handler on every other
//! path that checks signatures as Stripe tells shops to. What it accepted is kept in the world, so
//! that a reopened rehearsal remembers its orders.

use super::Inner;
use super::kinds::webhook;
use super::sign;
use super::world::{Scope, text};
use super::{Mode, json};
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

const PRICING: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Pricing</title></head>\n\
    <body><h1>Pricing</h1><p>Your plans stand here on your own site.</p></body></html>\n";

/// Any request to the shop.
pub fn answer(inner: &Arc<Inner>, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    if let Some(page) = added(inner, method, uri, headers) {
        return page;
    }
    let reading = matches!(*method, Method::GET | Method::HEAD);
    match uri.path() {
        "/" if reading => page(StatusCode::OK, "text/html; charset=utf-8", home(inner)),
        "/pricing" if reading => page(StatusCode::OK, "text/html; charset=utf-8", PRICING.to_owned()),
        "/health" if reading => page(StatusCode::OK, "application/json", "{\"status\":\"ok\"}\n".to_owned()),
        "/orders.json" if reading => page(StatusCode::OK, "application/json", json::pretty(&orders(inner)) + "\n"),
        "/" | "/pricing" | "/health" | "/orders.json" => refuse_method("GET, HEAD"),
        _ if *method == Method::POST => hook(inner, headers, body),
        _ => refuse_method("POST"),
    }
}

/// The home page. Stripe.js is set up with the key that the browser may know.
fn home(inner: &Inner) -> String {
    let key = inner.core().world.accounts.first().map(|(_, _, live)| live.publishable.clone()).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Rehearsal Shop</title>\n\
         <script>const key = '{key}';</script></head>\n\
         <body><h1>Rehearsal Shop</h1><p>A stand-in for your site while you rehearse. See the \
         <a href=\"/pricing\">pricing page</a>.</p></body></html>\n"
    )
}

/// A page that was added to the shop.
fn added(inner: &Inner, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let pages = inner.shop_pages.as_ref()?;
    let given = headers.get("authorization").and_then(|header| header.to_str().ok());
    let bearer = given.and_then(|given| given.strip_prefix("Bearer "));
    let (status, body) = pages(method.as_str(), uri.path(), bearer)?;
    Some(page(StatusCode::from_u16(status).ok()?, "application/json", body))
}

fn page(status: StatusCode, kind: &str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Ok(value) = kind.parse() {
        response.headers_mut().insert("content-type", value);
    }
    response
}

fn refuse_method(allowed: &'static str) -> Response {
    let mut response =
        page(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "method not allowed\n".to_owned());
    response.headers_mut().insert("allow", axum::http::HeaderValue::from_static(allowed));
    response
}

fn hook(inner: &Arc<Inner>, headers: &HeaderMap, body: &Bytes) -> Response {
    let plain = |status, text: &str| page(status, "application/json", format!("{}\n", json!({"message": text})));
    let Some(signature) = headers.get("stripe-signature").and_then(|h| h.to_str().ok()) else {
        return plain(StatusCode::BAD_REQUEST, "no Stripe-Signature header");
    };
    let now = jiff::Timestamp::now().as_second();
    if let Err(why) = sign::verify(&secrets(inner), signature, body, now) {
        return plain(StatusCode::BAD_REQUEST, why);
    }
    let Ok(event) = serde_json::from_slice::<Value>(body) else {
        return plain(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    remember(inner, &event);
    plain(StatusCode::OK, "received")
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
    !mapped && !host.parse::<IpAddr>().is_ok_and(local)
}

/// Once for each event id, however often it comes: duplicates are normal (facts 4.3).
fn remember(inner: &Inner, event: &Value) {
    let Some(id) = text(event, "id") else {
        return;
    };
    let mode = if event["livemode"] == json!(true) { Mode::Live } else { Mode::Test };
    let mut core = inner.core();
    let scope = core.scope(mode);
    let id = format!("shop_{id}");
    if core.world.store(&scope).get("shop.event", &id).is_none() {
        let seen = json!({"id": id, "object": "shop.event", "event": event});
        // The shop's memory is a convenience: a full disk must not make it refuse an event.
        let _ = core.put(&scope, seen);
    }
}

/// The completed checkouts that the shop was told about.
fn orders(inner: &Inner) -> Value {
    let core = inner.core();
    let mut orders = Vec::new();
    for mode in [Mode::Test, Mode::Live] {
        for seen in core.world.store(&core.scope(mode)).all("shop.event") {
            let event = &seen["event"];
            let session = &event["data"]["object"];
            if event["type"] == "checkout.session.completed" {
                orders.push(json!({
                    "event": event["id"], "session": session["id"], "amount_total": session["amount_total"],
                    "currency": session["currency"], "email": session["customer_details"]["email"],
                    "livemode": event["livemode"], "payment_intent": session["payment_intent"],
                    "payment_status": session["payment_status"],
                }));
            }
        }
    }
    Value::Array(orders)
}
