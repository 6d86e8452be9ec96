//! The hosted checkout page and the receipts: what a buyer's browser sees of the simulator.
//!
//! Plain HTML and forms. A card's number is looked at once and kept nowhere; nothing here moves money.
//! Paying ends in a 303 to the success URL, as Stripe's page does. Called by `wire`.

pub mod page;

use super::card::{self, Card};
use super::kinds::customer::plausible;
use super::kinds::purchase::{self, Buyer};
use super::kinds::{checkout, discount, payment_link};
use super::refusal::Refusal;
use super::tx::Tx;
use super::world::{Scope, text};
use super::{Inner, call, deliver, ids};
use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use page::{Form, Page};
use serde_json::Value;
use std::sync::Arc;

/// The answer to a buyer's browser; nothing when the path is not a page.
pub fn answer(inner: &Arc<Inner>, method: &Method, path: &str, body: &[u8]) -> Option<Response> {
    if let Some(id) = path.strip_prefix("/receipts/") {
        return Some(receipt(inner, id));
    }
    if let Some(end) = path.strip_prefix("/pay/").filter(|end| end.len() == SHORT) {
        let whole = short(inner, end)?;
        return Some(redirect(&format!("/c/pay/{whole}"), "Checkout"));
    }
    if path.starts_with(payment_link::PAGE) {
        return Some(follow(inner, path));
    }
    let id = path.strip_prefix("/c/pay/")?;
    let Some((scope, session)) = find(inner, "checkout.session", id) else {
        return Some(reply(
            StatusCode::NOT_FOUND,
            &page::notice("Something went wrong", "The page could not be found."),
        ));
    };
    if session["status"] != "open" {
        return Some(over(inner, &session));
    }
    Some(if *method == Method::POST { submit(inner, &scope, &session, body) } else { show(inner, &scope, &session) })
}

/// How much of a session's id stands in the short address of its page.
pub const SHORT: usize = 8;

/// The session whose id ends so: an address that fits on a line leads to it.
fn short(inner: &Inner, end: &str) -> Option<String> {
    let core = inner.core();
    let ends = |session: &&Value| text(session, "id").is_some_and(|id| id.ends_with(end));
    let mut all = core.world.scopes().flat_map(|scope| core.world.store(scope).all("checkout.session"));
    all.find(ends).and_then(|session| text(session, "id").map(str::to_owned))
}

fn find(inner: &Inner, kind: &str, id: &str) -> Option<(Scope, Value)> {
    let core = inner.core();
    let scope = core.world.scopes().find(|scope| core.world.store(scope).get(kind, id).is_some())?.clone();
    let found = core.world.store(&scope).get(kind, id)?.clone();
    Some((scope, found))
}

/// Whoever follows a payment link gets a checkout of their own.
fn follow(inner: &Arc<Inner>, path: &str) -> Response {
    let found = {
        let core = inner.core();
        let here = |scope: &Scope| {
            let mut links = core.world.store(scope).all("payment_link");
            Some((scope.clone(), links.find(|link| text(link, "url") == Some(path))?.clone()))
        };
        core.world.scopes().find_map(here)
    };
    let Some((scope, link)) = found else {
        let said = page::notice("Something went wrong", "The page could not be found.");
        return reply(StatusCode::NOT_FOUND, &said);
    };
    if link["active"] != true {
        let said = text(&link, "inactive_message").unwrap_or("Ask the shop for another one.");
        return reply(StatusCode::GONE, &page::notice("This link is no longer active", said));
    }
    match transact(inner, &scope, |tx| checkout::of_link(tx, &link)) {
        Ok(session) => redirect(&format!("/c/pay/{}", text(&session, "id").unwrap_or_default()), "Checkout"),
        Err(refusal) => reply(StatusCode::CONFLICT, &page::notice("Something went wrong", &refusal.message)),
    }
}

fn over(inner: &Inner, session: &Value) -> Response {
    if session["status"] == "complete" {
        let link = text(session, "payment_link").and_then(|id| find(inner, "payment_link", id));
        let message = link
            .as_ref()
            .and_then(|(_, link)| text(&link["after_completion"]["hosted_confirmation"], "custom_message"));
        let said = message.unwrap_or("This checkout was paid.");
        return reply(StatusCode::OK, &page::notice("You're all done here", said));
    }
    reply(StatusCode::GONE, &page::notice("This link has expired", "Go back to the shop and start again."))
}

fn view(inner: &Inner, scope: &Scope, session: &Value, form: &Form) -> String {
    let core = inner.core();
    let account = core.world.store(scope).get("account", &scope.account);
    let shop = account.and_then(|account| text(&account["business_profile"], "name")).unwrap_or("Shop");
    page::checkout(&Page { shop, mode: scope.mode, session, needs_card: purchase::needs_card(session) }, form)
}

fn show(inner: &Inner, scope: &Scope, session: &Value) -> Response {
    let known = text(session, "customer").and_then(|id| inner.core().world.store(scope).get("customer", id).cloned());
    let email = text(session, "customer_email").or(known.as_ref().and_then(|customer| text(customer, "email")));
    let form = Form { email: email.unwrap_or_default().to_owned(), ..Form::default() };
    reply(StatusCode::OK, &view(inner, scope, session, &form))
}

/// The buyer pressed a button.
fn submit(inner: &Arc<Inner>, scope: &Scope, session: &Value, body: &[u8]) -> Response {
    let mut form = Form::read(body);
    let id = text(session, "id").unwrap_or_default();
    if form.applies {
        return match transact(inner, scope, |tx| discount::redeem(tx, id, &form.code)) {
            Ok(()) => redirect(&format!("/c/pay/{id}"), "Applied"),
            Err(refusal) => {
                form.error = Some(("code", refusal.message));
                reply(StatusCode::UNPROCESSABLE_ENTITY, &view(inner, scope, session, &form))
            }
        };
    }
    let buyer = match buyer(inner, scope, session, &form) {
        Ok(buyer) => buyer,
        Err((field, message)) => {
            form.error = Some((field, message.to_owned()));
            return reply(StatusCode::UNPROCESSABLE_ENTITY, &view(inner, scope, session, &form));
        }
    };
    match transact(inner, scope, |tx| purchase::pay(tx, id, &buyer)) {
        Ok(None) => {
            let own = format!("/c/pay/{id}");
            let back = text(session, "success_url").or_else(|| text(session, "return_url")).unwrap_or(&own);
            redirect(&back.replace("{CHECKOUT_SESSION_ID}", id), "Paid")
        }
        Ok(Some(decline)) => {
            form.error = Some(("card", decline.message.to_owned()));
            reply(StatusCode::PAYMENT_REQUIRED, &view(inner, scope, session, &form))
        }
        Err(refusal) => reply(StatusCode::CONFLICT, &page::notice("Something went wrong", &refusal.message)),
    }
}

fn buyer(inner: &Inner, scope: &Scope, session: &Value, form: &Form) -> Result<Buyer, (&'static str, &'static str)> {
    if form.email.is_empty() {
        return Err(("email", "This field is incomplete."));
    }
    if !plausible(&form.email) {
        return Err(("email", "Your email is invalid."));
    }
    let (now, forced) = {
        let core = inner.core();
        (core.now(), core.cards)
    };
    let card = if purchase::needs_card(session) {
        let mut card = card::read(scope.mode, &form.card, &form.expiry, &form.cvc, month_of(now))?;
        card.outcome = forced.unwrap_or(card.outcome);
        Some(card)
    } else {
        None
    };
    let name = Some(form.name.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(Buyer { email: Some(form.email.clone()), name, card })
}

/// The year and the month of a moment.
pub fn month_of(now: i64) -> (i64, i64) {
    let at = jiff::Timestamp::from_second(now).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    (i64::from(at.year()), i64::from(at.month()))
}

/// A payment that no browser makes; `Control` asks for it.
pub fn pay(
    inner: &Arc<Inner>,
    session: &str,
    email: &str,
    outcome: card::Outcome,
) -> Result<Option<card::Decline>, Refusal> {
    let Some((scope, _)) = find(inner, "checkout.session", session) else {
        return Err(Refusal::failed(format!("No such checkout.session: '{session}'")));
    };
    let year = month_of(inner.core().now()).0;
    let card = Card::that(outcome, scope.mode, year);
    let buyer = Buyer { email: Some(email.to_owned()), name: None, card: Some(card) };
    transact(inner, &scope, |tx| purchase::pay(tx, session, &buyer))
}

/// A small page of somebody else's, in the same dress.
pub fn small(status: StatusCode, title: &str, body: &str) -> Response {
    html(status, &page::document(title, body))
}

/// Work that no API request asked for: kept whole, and told to the endpoints.
pub fn transact<T>(
    inner: &Arc<Inner>,
    scope: &Scope,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let (done, events) = {
        let mut core = inner.core();
        let (done, entry) = {
            let mut tx = core.tx(scope, &ids::short("req"), None);
            let done = work(&mut tx)?;
            (done, call::entry_of(tx))
        };
        let waiting = entry.put.iter().filter(|v| call::waits(v));
        let events: Vec<String> = waiting.filter_map(|v| text(v, "id").map(str::to_owned)).collect();
        core.commit(entry).map_err(|_| Refusal::server(500))?;
        (done, events)
    };
    for event in events {
        deliver::start(inner, scope, &event);
    }
    Ok(done)
}

fn receipt(inner: &Inner, id: &str) -> Response {
    match find(inner, "charge", id) {
        Some((_, charge)) if charge["paid"] == true => reply(StatusCode::OK, &page::receipt(&charge)),
        _ => reply(StatusCode::NOT_FOUND, &page::notice("Something went wrong", "The page could not be found.")),
    }
}

fn redirect(to: &str, title: &str) -> Response {
    let mut response = reply(StatusCode::SEE_OTHER, &page::notice(title, "Going on."));
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert("location", value);
    }
    response
}

/// A page of the Dashboard's settings, from its body.
pub fn html(status: StatusCode, body: &str) -> Response {
    reply(status, &page::document("Dashboard", body))
}

fn reply(status: StatusCode, document: &str) -> Response {
    let mut response = Response::new(Body::from(document.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
    // The names on the page are a stranger's: nothing of it may run or load.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";
    headers.insert("content-security-policy", HeaderValue::from_static(policy));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    response
}
