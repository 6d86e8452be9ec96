//! Payment intents: made and confirmed by a checkout or a renewal, read and listed by anybody.
//!
//! `confirm` is the one place where money comes or is declined; charges, balance and events follow.

use super::{Call, charge};
use crate::simulator::card::{Card, Decline};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const INTENT: (&str, &str) = ("PaymentIntents", "payment_intent");

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/payment_intents", "GET /v1/payment_intents", INTENT, all),
    route("GET", "/v1/payment_intents/{}", "GET one", INTENT, retrieve),
];

/// An intent that waits for its card.
pub fn open(tx: &mut Tx<'_>, amount: i64, currency: &Value, customer: &Value) -> Value {
    let id = ids::embedded("pi", &tx.scope.account);
    let intent = json!({
        "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": 0, "application": null, "application_fee_amount": null,
        "automatic_payment_methods": null, "canceled_at": null, "cancellation_reason": null,
        "capture_method": "automatic_async", "client_secret": format!("{id}_secret_{}", ids::random(25)),
        "confirmation_method": "automatic", "created": tx.now, "currency": currency,
        "customer": customer, "description": null, "id": id, "last_payment_error": null,
        "latest_charge": null, "livemode": tx.livemode(), "metadata": {}, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {"card": {"installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null, "review": null,
        "setup_future_usage": null, "shipping": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": "requires_payment_method", "transfer_data": null, "transfer_group": null,
    });
    tx.put(intent.clone());
    tx.event("payment_intent.created", &intent, None);
    intent
}

/// Who pays, as the buyer typed it.
pub struct Payer<'p> {
    pub email: Option<&'p str>,
    pub name: Option<&'p str>,
    pub card: &'p Card,
}

/// Charges the card. The money came unless there is a decline; either way the intent says so.
pub fn confirm(tx: &mut Tx<'_>, intent: &mut Value, payer: &Payer<'_>) -> Option<Decline> {
    let method = ids::embedded("pm", &tx.scope.account);
    let charge = charge::make(tx, intent, payer, &method);
    intent["latest_charge"] = charge["id"].clone();
    let decline = payer.card.outcome.decline();
    if let Some(decline) = &decline {
        intent["status"] = json!("requires_payment_method");
        intent["last_payment_error"] = json!({
            "advice_code": "try_again_later", "charge": charge["id"], "code": decline.code, "decline_code": decline.reason,
            "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code.replace('_', "-")),
            "message": decline.message, "type": "card_error",
        });
    } else {
        intent["status"] = json!("succeeded");
        intent["amount_received"] = intent["amount"].clone();
        intent["last_payment_error"] = serde_json::Value::Null;
        intent["payment_method"] = json!(method);
    }
    tx.put(intent.clone());
    tx.event(if decline.is_some() { "charge.failed" } else { "charge.succeeded" }, &charge, None);
    let told = if decline.is_some() { "payment_intent.payment_failed" } else { "payment_intent.succeeded" };
    tx.event(told, intent, None);
    decline
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("payment_intent", call.id, "intent", 404)
}

fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "payment_intent", call.path, params, |intent| list::same(params, "customer", &intent["customer"]))
}
