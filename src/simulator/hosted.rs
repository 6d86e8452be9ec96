//! The hosted checkout page: amount, items, and a button that pays.
//!
//! No card is asked for: nothing here is a payment. Paying completes the session as a card payment
//! would and sends the buyer to the success URL. Called by `wire` for `/c/pay/{session}`.

use super::world::{Entry, Scope, text};
use super::{Inner, Mode, call, deliver, ids, kinds};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;
use std::sync::Arc;

/// Zero-decimal currencies of Stripe (docs/currencies); UGX and ISK are sent with two decimals.
const WHOLE: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
const THOUSANDTHS: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

fn find(inner: &Inner, id: &str) -> Option<(Scope, Value)> {
    let core = inner.core();
    let holder = |scope: &&Scope| core.world.store(scope).get("checkout.session", id).is_some();
    let scope = core.world.scopes().find(holder)?.clone();
    let session = core.world.store(&scope).get("checkout.session", id)?.clone();
    Some((scope, session))
}

/// The page of a session.
pub fn show(inner: &Inner, id: &str) -> Response {
    match find(inner, id) {
        Some((scope, session)) if session["status"] == "open" => html(StatusCode::OK, &page(&scope, &session)),
        Some((_, session)) if session["status"] == "complete" => {
            html(StatusCode::OK, "<h1>You're all done here</h1><p>This checkout was paid.</p>")
        }
        Some(_) => html(StatusCode::GONE, "<h1>This link has expired</h1>"),
        None => html(StatusCode::NOT_FOUND, "<h1>Something went wrong</h1><p>The page could not be found.</p>"),
    }
}

fn page(scope: &Scope, session: &Value) -> String {
    let currency = text(session, "currency").unwrap_or("usd");
    let amount = |value: &Value| money(value.as_i64().unwrap_or(0), currency);
    let items = session["_line_items"]["data"].as_array();
    let row = |item: &Value| {
        format!(
            "<li>{} × {} — {}</li>",
            item["quantity"].as_i64().unwrap_or(1),
            escape(text(item, "description").unwrap_or_default()),
            amount(&item["amount_total"])
        )
    };
    let rows: String = items.into_iter().flatten().map(row).collect();
    let back =
        text(session, "cancel_url").map_or(String::new(), |url| format!("<p><a href=\"{}\">Back</a></p>", escape(url)));
    let mode = match scope.mode {
        Mode::Test => "Test mode. ",
        Mode::Live => "",
    };
    let button = if session["mode"] == "setup" { "Save" } else { "Pay" };
    format!(
        "<h1>{total}</h1><ul>{rows}</ul><p>{mode}This is golive's simulator: no money moves.</p>\
         <form method=\"post\"><label>Email <input name=\"email\" type=\"email\" required value=\"{email}\"></label> \
         <button type=\"submit\">{button}</button></form>{back}",
        total = amount(&session["amount_total"]),
        email = escape(text(session, "customer_email").unwrap_or_default()),
    )
}

/// The buyer pressed the button.
pub fn pay(inner: &Arc<Inner>, id: &str, form: &[u8]) -> Response {
    let Some((scope, _)) = find(inner, id) else {
        return show(inner, id);
    };
    let email = form_urlencoded::parse(form).find(|(name, _)| name == "email").map(|(_, value)| value.into_owned());
    let paid = settle(inner, &scope, id, email.filter(|e| !e.is_empty()).as_deref());
    let Some((session, events)) = paid else {
        return show(inner, id);
    };
    for event in events {
        deliver::start(inner, &scope, &event);
    }
    let back = text(&session, "success_url").or_else(|| text(&session, "return_url")).unwrap_or_default();
    let mut response = html(StatusCode::SEE_OTHER, "<h1>Paid</h1>");
    if let Ok(value) = HeaderValue::from_str(&back.replace("{CHECKOUT_SESSION_ID}", id)) {
        response.headers_mut().insert("location", value);
    }
    response
}

fn settle(inner: &Inner, scope: &Scope, id: &str, email: Option<&str>) -> Option<(Value, Vec<String>)> {
    let mut core = inner.core();
    let entry: Entry = {
        let mut tx = core.tx(scope, &ids::short("req"), None);
        kinds::checkout::pay(&mut tx, id, email).ok()?;
        call::entry_of(tx)
    };
    let events = entry.put.iter().filter(|v| text(v, "object") == Some("event"));
    let events = events.filter_map(|v| text(v, "id").map(str::to_owned)).collect();
    core.commit(entry).ok()?;
    let session = core.world.store(scope).get("checkout.session", id)?.clone();
    Some((session, events))
}

pub(super) fn html(status: StatusCode, body: &str) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Checkout</title></head><body>{body}</body></html>\n"
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Minor units as money, with the currency's code.
fn money(amount: i64, currency: &str) -> String {
    let digits: u32 = if WHOLE.contains(&currency) {
        0
    } else if THOUSANDTHS.contains(&currency) {
        3
    } else {
        2
    };
    let code = currency.to_uppercase();
    if digits == 0 {
        return format!("{amount} {code}");
    }
    let unit = 10_i64.pow(digits);
    let width = digits as usize;
    format!("{}.{:0width$} {code}", amount / unit, (amount % unit).abs())
}

#[cfg(test)]
mod tests {
    use super::{escape, money};

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(money(5000, "cad"), "50.00 CAD");
        assert_eq!(money(500, "jpy"), "500 JPY");
        assert_eq!(money(1234, "kwd"), "1.234 KWD");
    }

    #[test]
    fn names_cannot_carry_markup() {
        assert_eq!(escape("<b>\"&"), "&lt;b&gt;&quot;&amp;");
    }
}
