//! The demo shop: what stands in for the operator's own site in a rehearsal.
//!
//! It answers under any host name, over TLS and plain: pages that sell what the account sells, a health
//! page, its own state as JSON, pages that a test adds, and a webhook handler on every other path. How
//! it behaves is its [`ShopConduct`]. Called by `wire`.

mod conduct;
pub mod counter;
mod hook;

pub use conduct::ShopConduct;
pub use hook::Heard;

use super::hosted::page::{document, escape};
use super::money::coded;
use super::world::text;
use super::{Inner, Mode, json};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A request to the shop, with the scheme of its connection.
pub struct Visit<'v> {
    pub method: &'v Method,
    pub uri: &'v Uri,
    pub headers: &'v HeaderMap,
    pub body: &'v Bytes,
    pub secure: bool,
}

/// A request, as a page that is added knows it.
pub struct Asked<'v> {
    /// `GET`, `POST`…
    pub method: &'v str,
    /// The host's name, without its port.
    pub host: &'v str,
    /// The path, without its query.
    pub path: &'v str,
    /// The token of the login.
    pub bearer: Option<&'v str>,
}

/// A page that is added to the shop.
pub struct ShopPage {
    /// The HTTP status.
    pub status: u16,
    /// Beside those of every page.
    pub headers: Vec<(&'static str, String)>,
    /// What it says.
    pub body: String,
}

impl From<(u16, String)> for ShopPage {
    fn from((status, body): (u16, String)) -> Self {
        Self { status, headers: Vec::new(), body }
    }
}

/// Pages and files; a POST anywhere else is a delivery.
const READ: &[&str] = &["/", "/pricing", "/health", "/success", "/orders.json", "/customers.json"];
const HTML: &str = "text/html; charset=utf-8";

/// How long the shop thinks before it answers.
pub fn delay(inner: &Inner, visit: &Visit<'_>) -> Duration {
    match inner.core().conduct {
        ShopConduct::Slow(time) if is_delivery(visit) => time,
        _ => Duration::ZERO,
    }
}

fn is_delivery(visit: &Visit<'_>) -> bool {
    let path = visit.uri.path();
    *visit.method == Method::POST && !READ.contains(&path) && path != "/buy" && path != "/portal"
}

/// Any request to the shop.
pub fn answer(inner: &Arc<Inner>, visit: &Visit<'_>) -> Response {
    if let Some(page) = added(inner, visit) {
        return page;
    }
    let reading = matches!(*visit.method, Method::GET | Method::HEAD);
    let posting = *visit.method == Method::POST;
    let conduct = inner.core().conduct;
    match visit.uri.path() {
        "/" | "/pricing" if reading => respond(StatusCode::OK, HTML, home(inner, visit)),
        "/health" if reading => respond(StatusCode::OK, "application/json", "{\"status\":\"ok\"}\n".to_owned()),
        "/success" if reading => respond(StatusCode::OK, HTML, success(inner, visit)),
        "/orders.json" if reading => state(&hook::orders(inner)),
        "/customers.json" if reading => state(&hook::customers(inner, asked(visit, "email").as_deref())),
        path if READ.contains(&path) => refuse_method("GET, HEAD"),
        "/buy" if posting => buy(inner, visit),
        "/portal" if posting => portal(inner, visit),
        _ if posting => hook::take(inner, conduct, visit.uri, visit.headers, visit.body),
        _ => refuse_method("POST"),
    }
}

/// A page that was added to the shop.
fn added(inner: &Inner, visit: &Visit<'_>) -> Option<Response> {
    let pages = inner.shop_pages.as_ref()?;
    let given = visit.headers.get("authorization").and_then(|header| header.to_str().ok());
    let bearer = given.and_then(|given| given.strip_prefix("Bearer "));
    let host = visit.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let page = pages(&Asked { method: visit.method.as_str(), host, path: visit.uri.path(), bearer })?;
    let mut response = respond(StatusCode::from_u16(page.status).ok()?, "application/json", page.body);
    for (name, value) in page.headers {
        response.headers_mut().insert(name, HeaderValue::from_str(&value).ok()?);
    }
    Some(response)
}

/// The key that the browser may know, as a page sets up Stripe.js with it.
fn publishable(inner: &Inner, mode: Mode) -> String {
    let core = inner.core();
    let keys = core.world.accounts.first().map(|(_, test, live)| if mode == Mode::Test { test } else { live });
    keys.map(|keys| keys.publishable.clone()).unwrap_or_default()
}

/// A response of a kind; also the webhook handler's.
pub fn respond(status: StatusCode, kind: &str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Ok(value) = kind.parse() {
        response.headers_mut().insert("content-type", value);
    }
    response
}

fn refuse_method(allowed: &'static str) -> Response {
    let mut response =
        respond(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "method not allowed\n".to_owned());
    response.headers_mut().insert("allow", HeaderValue::from_static(allowed));
    response
}

fn state(value: &Value) -> Response {
    respond(StatusCode::OK, "application/json", json::pretty(value) + "\n")
}

/// A parameter of the query.
fn asked(visit: &Visit<'_>, name: &str) -> Option<String> {
    let query = visit.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// A field of the form.
fn sent(visit: &Visit<'_>, name: &str) -> Option<String> {
    let field = form_urlencoded::parse(visit.body).find(|(known, _)| known == name);
    field.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

/// The shop's own address as the visitor knows it.
fn origin(visit: &Visit<'_>) -> String {
    let host = visit.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("{}://{host}", if visit.secure { "https" } else { "http" })
}

fn mode(inner: &Inner, visit: &Visit<'_>, wanted: Option<String>) -> Mode {
    match wanted.or_else(|| asked(visit, "mode")).as_deref() {
        Some("test") => Mode::Test,
        Some("live") => Mode::Live,
        _ => counter::mode(inner),
    }
}

fn home(inner: &Inner, visit: &Visit<'_>) -> String {
    let mode = mode(inner, visit, None);
    let row = |price: &Value| {
        let currency = text(price, "currency").unwrap_or("usd");
        let cost = match (price["unit_amount"].as_i64(), text(price, "unit_amount_decimal")) {
            (Some(amount), _) => coded(amount, currency),
            (None, Some(decimal)) => format!("{decimal} {} cents", currency.to_uppercase()),
            (None, None) => "by quantity".to_owned(),
        };
        let every = text(&price["recurring"], "interval").map_or(String::new(), |every| format!(" per {every}"));
        format!(
            "<form method=\"post\" action=\"/buy\"><p>{name}: {cost}{every} <input type=\"hidden\" name=\"price\" value=\"{id}\">\
             <input type=\"hidden\" name=\"mode\" value=\"{mode}\"><button type=\"submit\">Buy {name}</button></p></form>",
            name = escape(text(&price["product"], "name").unwrap_or_default()),
            id = escape(text(price, "id").unwrap_or_default()),
            mode = mode.name(),
        )
    };
    let rows: String = counter::shelf(inner, mode).iter().map(row).collect();
    let rows = if rows.is_empty() { "<p>Nothing is for sale yet.</p>".to_owned() } else { rows };
    let key = publishable(inner, mode);
    document(
        "Rehearsal Shop",
        &format!(
            "<script>const key = '{key}';</script><h1>Rehearsal Shop</h1><p>A stand-in for your site while you rehearse. This is also its \
             <a href=\"/pricing\">pricing page</a>.</p>{rows}"
        ),
    )
}

fn success(inner: &Inner, visit: &Visit<'_>) -> String {
    let session = asked(visit, "session_id").unwrap_or_default();
    let customers = hook::customers(inner, None);
    let known = customers.as_array().into_iter().flatten().find(|c| text(c, "session") == Some(session.as_str()));
    let said = match known.and_then(|customer| text(customer, "plan")) {
        Some(plan) => format!("<p>Your plan is {}.</p>", escape(plan)),
        None => "<p>Your order is being worked on.</p>".to_owned(),
    };
    document("Thank you", &format!("<h1>Thank you for your order</h1>{said}<p><a href=\"/\">Back to the shop</a></p>"))
}

/// Off to where Stripe says, or what the shop shows when Stripe refuses.
fn go(answer: Result<Value, String>) -> Response {
    let url = answer.and_then(|made| text(&made, "url").map(str::to_owned).ok_or_else(|| "no address".to_owned()));
    match url {
        Ok(url) => {
            let mut response = respond(StatusCode::SEE_OTHER, HTML, document("Checkout", "<p>Going on.</p>"));
            if let Ok(value) = HeaderValue::from_str(&url) {
                response.headers_mut().insert("location", value);
            }
            response
        }
        Err(why) => {
            let body = format!("<h1>Something went wrong</h1><p>{}</p>", escape(&why));
            respond(StatusCode::INTERNAL_SERVER_ERROR, HTML, document("Something went wrong", &body))
        }
    }
}

fn buy(inner: &Arc<Inner>, visit: &Visit<'_>) -> Response {
    let Some(price) = sent(visit, "price") else {
        return respond(StatusCode::BAD_REQUEST, HTML, document("Bad request", "<p>No price was named.</p>"));
    };
    let mode = mode(inner, visit, sent(visit, "mode"));
    go(counter::checkout(inner, mode, &price, &origin(visit), sent(visit, "email").as_deref()))
}

fn portal(inner: &Arc<Inner>, visit: &Visit<'_>) -> Response {
    let email = sent(visit, "email").unwrap_or_default();
    let known = hook::customers(inner, Some(&email));
    let customer = known.as_array().into_iter().flatten().find_map(|customer| text(customer, "customer"));
    let Some(customer) = customer else {
        return respond(StatusCode::NOT_FOUND, HTML, document("Unknown", "<p>Nobody here has this address.</p>"));
    };
    go(counter::portal(inner, mode(inner, visit, None), customer, &format!("{}/", origin(visit))))
}
