//! Charges and what they leave in the balance; refunds and disputes come back to them.
//!
//! `receipt_url` is kept as a path, as the page of a session is; `answer::localize` completes it.

use super::{Call, joined, payment::Payer};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const CHARGE: (&str, &str) = ("Charges and Refunds", "charge");
const BALANCE: (&str, &str) = ("Balance Transactions", "balance_transaction");

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/charges", "GET /v1/charges", CHARGE, all),
    route("GET", "/v1/charges/{}", "GET one", CHARGE, retrieve),
    route("GET", "/v1/balance_transactions/{}", "GET one", BALANCE, movement),
];

/// The charge of an intent, succeeded or failed; the caller tells of it.
pub fn make(tx: &mut Tx<'_>, intent: &Value, payer: &Payer<'_>, method: &str) -> Value {
    let id = ids::embedded("ch", &tx.scope.account);
    let amount = intent["amount"].as_i64().unwrap_or(0);
    let decline = payer.card.outcome.decline();
    let paid = decline.is_none();
    let account = tx.get("account", &tx.scope.account).unwrap_or_default();
    let receipt = format!("/receipts/{id}");
    let head = json!({
        "id": id, "object": "charge", "amount": amount, "amount_captured": if paid { amount } else { 0 }, "amount_refunded": 0,
        "application": null, "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": {
            "address": {"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null},
            "email": payer.email, "name": payer.name, "phone": null, "tax_id": null,
        },
        "calculated_statement_descriptor": account["settings"]["payments"]["statement_descriptor"], "captured": paid,
        "created": tx.now, "currency": intent["currency"], "customer": intent["customer"], "description": intent["description"],
        "disputed": false, "failure_balance_transaction": null, "failure_code": decline.as_ref().map(|d| d.code),
        "failure_message": decline.as_ref().map(|d| d.message), "fraud_details": {}, "livemode": tx.livemode(),
    });
    let rest = json!({
        "metadata": intent["metadata"], "on_behalf_of": null,
        "outcome": {
            "advice_code": null, "network_advice_code": null, "network_decline_code": decline.as_ref().map(|_| "01"),
            "network_status": if paid { "approved_by_network" } else { "declined_by_network" },
            "reason": decline.as_ref().map(|d| d.reason), "risk_level": "normal", "risk_score": 12,
            "seller_message": decline.as_ref().map_or("Payment complete.".to_owned(), seller_message),
            "type": if paid { "authorized" } else { "issuer_declined" },
        },
        "paid": paid, "payment_intent": intent["id"], "payment_method": method,
        "payment_method_details": {"card": payer.card.details(), "type": "card"}, "radar_options": {}, "receipt_email": null,
        "receipt_number": null, "receipt_url": if paid { json!(receipt) } else { Value::Null }, "refunded": false,
        "review": null, "shipping": null, "source_transfer": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null, "status": if paid { "succeeded" } else { "failed" }, "transfer_data": null,
        "transfer_group": null,
    });
    let mut charge = joined([head, rest]);
    if paid {
        let fee = amount * 29 / 1000 + 30;
        charge["balance_transaction"] = json!(moved(tx, "charge", &id, amount, fee, &charge["currency"]));
    }
    tx.put(charge.clone());
    charge
}

fn seller_message(decline: &crate::simulator::card::Decline) -> String {
    match decline.reason {
        "generic_decline" => "The bank did not return any further details with this decline.".to_owned(),
        code => format!("The bank returned the decline code `{code}`."),
    }
}

/// Enters a movement of the balance and returns its id; `kind` is `charge`, `refund` or `adjustment`.
pub fn moved(tx: &mut Tx<'_>, kind: &str, source: &str, amount: i64, fee: i64, currency: &Value) -> String {
    let id = ids::embedded("txn", &tx.scope.account);
    let details = json!([{"amount": fee, "application": null, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}]);
    let category = if kind == "adjustment" { "dispute" } else { kind };
    tx.put(json!({
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": tx.now + 172_800,
        "balance_type": "payments", "created": tx.now, "currency": currency, "description": null, "exchange_rate": null,
        "fee": fee, "fee_details": if fee == 0 { json!([]) } else { details }, "net": amount - fee,
        "reporting_category": category, "source": source, "status": "pending", "type": kind,
    }));
    id
}

/// The charge that an intent's money came with.
pub fn of_intent(tx: &Tx<'_>, intent: &Value) -> Option<Value> {
    let charge = text(intent, "latest_charge").and_then(|id| tx.get("charge", id))?;
    (charge["paid"] == true).then_some(charge)
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("charge", call.id, "id", 404)
}

fn movement(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("balance_transaction", call.id, "id", 404)
}

fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "charge", call.path, params, |charge| {
        ["customer", "payment_intent", "transfer_group"].iter().all(|f| list::same(params, f, &charge[*f]))
    })
}
