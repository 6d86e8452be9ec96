//! A checkout is paid: customer, intent, charge, subscription, invoice, session, each with its events.
//!
//! Called by the hosted page and by `Control`. A declined card changes the intent and leaves the
//! session open, so that the buyer can try another. `renew` is what a month does to a subscription.

use super::payment::{self, Payer};
use super::{charge, customer, fraud, invoice, subscription};
use crate::simulator::card::{Card, Decline, Outcome};
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use serde_json::{Value, json};

/// What the buyer gave.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    pub email: Option<String>,
    pub name: Option<String>,
    /// Not needed where nothing is to be paid.
    pub card: Option<Card>,
}

/// True where the page asks for a card: something is due now, or later.
pub fn needs_card(session: &Value) -> bool {
    let due = session["amount_total"].as_i64().unwrap_or(0) > 0;
    due || session["mode"] == "setup"
        || (session["mode"] == "subscription" && session["payment_method_collection"] == "always")
}

/// Completes an open session, or says why the bank would not pay.
pub fn pay(tx: &mut Tx<'_>, id: &str, buyer: &Buyer) -> Result<Option<Decline>, Refusal> {
    let mut session = tx.need("checkout.session", id, "session", 404)?;
    if session["status"] != "open" {
        return Err(Refusal::failed("This Checkout Session is no longer open."));
    }
    let known = text(&session, "customer").and_then(|id| tx.get("customer", id));
    let known_email = known.as_ref().and_then(|customer| text(customer, "email"));
    let email = buyer.email.as_deref().or(text(&session, "customer_email")).or(known_email).map(str::to_owned);
    let buyer = &Buyer { email, ..buyer.clone() };
    let decline = take_money(tx, &mut session, buyer)?;
    if decline.is_some() {
        tx.put(session);
        return Ok(decline);
    }
    let customer = customer_of(tx, &mut session, known, buyer);
    if session["mode"] == "subscription" {
        subscribe(tx, &mut session, &customer);
    }
    complete(tx, &mut session, buyer);
    follow(tx, &session, buyer);
    Ok(None)
}

/// The intent and its charge, where anything is due. A declined intent stays with the session.
fn take_money(tx: &mut Tx<'_>, session: &mut Value, buyer: &Buyer) -> Result<Option<Decline>, Refusal> {
    let total = session["amount_total"].as_i64().unwrap_or(0);
    if !needs_card(session) {
        return Ok(None);
    }
    let Some(card) = &buyer.card else {
        return Err(Refusal::failed("A card is needed to pay this Checkout Session."));
    };
    if total <= 0 {
        // Nothing is charged, but the bank is asked whether the card is good.
        return Ok(card.outcome.decline());
    }
    let payer = Payer { email: buyer.email.as_deref(), name: buyer.name.as_deref(), card };
    let earlier = text(session, "_intent").and_then(|id| tx.get("payment_intent", id));
    let mut intent = earlier.unwrap_or_else(|| open_intent(tx, session, total));
    session["_intent"] = intent["id"].clone();
    Ok(payment::confirm(tx, &mut intent, &payer))
}

fn open_intent(tx: &mut Tx<'_>, session: &Value, total: i64) -> Value {
    let mut intent = payment::open(tx, total, &session["currency"], &session["customer"]);
    let data = &session["_payment_intent_data"];
    if data["metadata"].is_object() {
        intent["metadata"] = data["metadata"].clone();
    }
    intent["description"] = data["description"].clone();
    if session["mode"] == "subscription" {
        intent["description"] = json!("Subscription creation");
        intent["setup_future_usage"] = json!("off_session");
    }
    intent
}

/// The customer whom the session named, or the one it makes; a payment alone leaves a guest.
fn customer_of(tx: &mut Tx<'_>, session: &mut Value, known: Option<Value>, buyer: &Buyer) -> Value {
    let wanted = session["mode"] == "subscription" || session["customer_creation"] == "always";
    let customer = match known {
        Some(customer) => customer,
        None if wanted => {
            let currency = text(session, "currency").filter(|_| session["mode"] == "subscription");
            customer::of_buyer(tx, buyer.email.as_deref(), buyer.name.as_deref(), currency)
        }
        None => return Value::Null,
    };
    session["customer"] = customer["id"].clone();
    // What was paid a moment ago belongs to the customer whom it made.
    if let Some(mut intent) = text(session, "_intent").and_then(|id| tx.get("payment_intent", id))
        && intent["customer"] != customer["id"]
    {
        intent["customer"] = customer["id"].clone();
        if let Some(mut charge) = charge::of_intent(tx, &intent) {
            charge["customer"] = customer["id"].clone();
            tx.put(charge);
        }
        tx.put(intent);
    }
    customer
}

fn subscribe(tx: &mut Tx<'_>, session: &mut Value, customer: &Value) {
    let mut made = subscription::of_session(tx, session, customer);
    let intent = text(session, "_intent").and_then(|id| tx.get("payment_intent", id));
    if let Some(intent) = &intent {
        made["default_payment_method"] = intent["payment_method"].clone();
    }
    let lines = session["_line_items"]["data"].as_array().cloned().unwrap_or_default();
    let total = session["amount_total"].as_i64().unwrap_or(0);
    let bill = invoice::Bill { subscription: &made, customer, lines: &lines, total, reason: "subscription_create" };
    let mut first = invoice::open(tx, &bill);
    made["latest_invoice"] = first["id"].clone();
    tx.put(made.clone());
    tx.event("customer.subscription.created", &made, None);
    invoice::paid(tx, &mut first, intent.as_ref());
    session["subscription"] = made["id"].clone();
    session["invoice"] = first["id"].clone();
}

fn complete(tx: &mut Tx<'_>, session: &mut Value, buyer: &Buyer) {
    if session["mode"] == "payment" && session["_intent"].is_string() {
        session["payment_intent"] = session["_intent"].clone();
    }
    if session["mode"] != "setup" {
        let free = session["amount_total"] == 0;
        session["payment_status"] = json!(if free { "no_payment_required" } else { "paid" });
    }
    session["customer_details"] = json!({
        "address": null, "business_name": null, "email": buyer.email, "individual_name": null, "name": buyer.name, "phone": null,
        "tax_exempt": "none", "tax_ids": [],
    });
    session["status"] = json!("complete");
    session["url"] = Value::Null;
    tx.put(session.clone());
    tx.event("checkout.session.completed", session, None);
}

/// What some cards bring after the money.
fn follow(tx: &mut Tx<'_>, session: &Value, buyer: &Buyer) {
    let intent = text(session, "_intent").and_then(|id| tx.get("payment_intent", id));
    let Some(charge) = intent.and_then(|intent| charge::of_intent(tx, &intent)) else {
        return;
    };
    match buyer.card.as_ref().map(|card| card.outcome) {
        Some(Outcome::FraudWarning) => {
            fraud::warning(tx, &charge);
        }
        Some(Outcome::Disputed) => {
            fraud::dispute(tx, &charge, "fraudulent");
        }
        _ => {}
    }
}

/// The next period of a subscription: an invoice, and its payment or the lack of it.
pub fn renew(tx: &mut Tx<'_>, id: &str, card: &Card) -> Result<(), Refusal> {
    let old = tx.need("subscription", id, "id", 404)?;
    if old["status"] == "canceled" {
        return Err(tx.missing("subscription", id, "id").status(404));
    }
    let owner = text(&old, "customer").and_then(|id| tx.get("customer", id)).unwrap_or_default();
    let mut new = old.clone();
    let mut lines = Vec::new();
    for item in new["items"]["data"].as_array_mut().into_iter().flatten() {
        let start = item["current_period_end"].as_i64().unwrap_or(tx.now);
        item["current_period_start"] = json!(start);
        item["current_period_end"] = json!(subscription::after(start, &item["price"]["recurring"]));
        let amount = super::amount::of(&item["price"], item["quantity"].as_i64().unwrap_or(1));
        let metered = item["price"]["recurring"]["usage_type"] == "metered";
        lines.push(json!({
            "price": item["price"], "quantity": item["quantity"], "currency": old["currency"], "description": null,
            "amount_subtotal": if metered { 0 } else { amount },
        }));
    }
    new["_period_end"] = new["items"]["data"][0]["current_period_end"].clone();
    let total: i64 = lines.iter().filter_map(|line| line["amount_subtotal"].as_i64()).sum();
    new["status"] = json!("active");
    let bill =
        invoice::Bill { subscription: &new, customer: &owner, lines: &lines, total, reason: "subscription_cycle" };
    let mut next = invoice::open(tx, &bill);
    new["latest_invoice"] = next["id"].clone();
    let mut intent = payment::open(tx, total, &old["currency"], &old["customer"]);
    intent["description"] = json!("Subscription update");
    let payer = Payer { email: text(&owner, "email"), name: text(&owner, "name"), card };
    if payment::confirm(tx, &mut intent, &payer).is_some() {
        invoice::failed(tx, &mut next);
        new["status"] = json!("past_due");
    } else {
        invoice::paid(tx, &mut next, Some(&intent));
    }
    tx.update("customer.subscription.updated", &old, &new);
    Ok(())
}
