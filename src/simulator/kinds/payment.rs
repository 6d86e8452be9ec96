//! The payment intent of a paid checkout: readable, so that what a session names exists.

use super::Call;
use crate::simulator::ids;
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::Tx;
use serde_json::{Value, json};

/// A succeeded intent for what the session asked.
pub fn succeeded(tx: &Tx<'_>, session: &Value) -> Value {
    let id = ids::embedded("pi", &tx.scope.account);
    let amount = &session["amount_total"];
    json!({
        "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": amount, "application": null, "application_fee_amount": null,
        "automatic_payment_methods": null, "canceled_at": null, "cancellation_reason": null,
        "capture_method": "automatic_async", "client_secret": format!("{id}_secret_{}", ids::random(25)),
        "confirmation_method": "automatic", "created": tx.now, "currency": session["currency"],
        "customer": session["customer"], "description": null, "id": id, "last_payment_error": null,
        "latest_charge": null, "livemode": tx.livemode(), "metadata": {}, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {"card": {"installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null, "review": null,
        "setup_future_usage": null, "shipping": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": "succeeded", "transfer_data": null, "transfer_group": null,
    })
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("payment_intent", call.id, "intent", 404)
}
