//! Refunds: full or partial, of a charge that can give it; pending while the balance is short.

use super::{Call, charge};
use crate::simulator::money;
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const REFUND: (&str, &str) = ("Charges and Refunds", "charge");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/refunds", "POST /v1/refunds", REFUND, create),
    route("GET", "/v1/refunds", "GET /v1/refunds", REFUND, all),
    route("GET", "/v1/refunds/{}", "GET one", REFUND, retrieve),
    route("POST", "/v1/refunds/{}", "POST /v1/refunds/{refund}", REFUND, update),
];

fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let old = charge_of(tx, params)?;
    let amount = amount_of(&old, params)?;
    let id = ids::embedded("re", &tx.scope.account).replacen("re_1", "re_3", 1);
    let currency = old["currency"].clone();
    let short = tx.short;
    let movement = (!short).then(|| charge::moved(tx, "refund", &id, -amount, 0, &currency));
    let mut refund = json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": movement, "charge": old["id"],
        "created": tx.now, "currency": currency,
        "destination_details": {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}, "type": "card"},
        "metadata": {}, "payment_intent": old["payment_intent"], "reason": params["reason"], "receipt_number": null,
        "source_transfer_reversal": null, "status": if short { "pending" } else { "succeeded" }, "transfer_reversal": null,
    });
    if short {
        refund["pending_reason"] = json!("insufficient_funds");
    }
    merge_metadata(&mut refund, params.get("metadata"))?;
    let mut new = old.clone();
    let refunded = old["amount_refunded"].as_i64().unwrap_or(0) + amount;
    new["amount_refunded"] = json!(refunded);
    new["refunded"] = json!(Some(refunded) == new["amount"].as_i64());
    if text(params, "reason") == Some("fraudulent") {
        new["fraud_details"] = json!({"user_report": "fraudulent"});
    }
    tx.put(refund.clone());
    tx.event("refund.created", &refund, None);
    tx.update("charge.refunded", &old, &new);
    Ok(refund)
}

fn charge_of(tx: &Tx<'_>, params: &Value) -> Result<Value, Refusal> {
    let charge = match (text(params, "charge"), text(params, "payment_intent")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid("You may only specify one of these parameters: charge, payment_intent.")
                .param("charge"));
        }
        (Some(id), None) => tx.need("charge", id, "charge", 404)?,
        (None, Some(id)) => {
            let intent = tx.need("payment_intent", id, "payment_intent", 404)?;
            charge::of_intent(tx, &intent).ok_or_else(|| {
                Refusal::failed(format!("This PaymentIntent ({id}) does not have a successful charge to refund."))
            })?
        }
        (None, None) => {
            return Err(Refusal::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            ));
        }
    };
    let id = text(&charge, "id").unwrap_or_default();
    if charge["paid"] != true {
        return Err(Refusal::failed(format!("Charge {id} was not successful; cannot issue a refund."))
            .code("charge_not_refundable"));
    }
    if charge["disputed"] == true {
        return Err(Refusal::failed(format!("Charge {id} has been charged back; cannot issue a refund."))
            .code("charge_disputed"));
    }
    if charge["refunded"] == true {
        return Err(Refusal::failed(format!("Charge {id} has already been refunded.")).code("charge_already_refunded"));
    }
    Ok(charge)
}

fn amount_of(charge: &Value, params: &Value) -> Result<i64, Refusal> {
    let left = charge["amount"].as_i64().unwrap_or(0) - charge["amount_refunded"].as_i64().unwrap_or(0);
    match params["amount"].as_i64() {
        None => Ok(left),
        Some(amount) if amount < 1 => {
            Err(Refusal::invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount"))
        }
        Some(amount) if amount > left => {
            let currency = text(charge, "currency").unwrap_or_default();
            let (wanted, left) = (money::signed(amount, currency), money::signed(left, currency));
            Err(Refusal::failed(format!(
                "Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})"
            ))
            .param("amount"))
        }
        Some(amount) => Ok(amount),
    }
}

/// What new money in the balance does to a refund that waited for it.
pub fn settle(tx: &mut Tx<'_>, old: &Value) {
    let id = text(old, "id").unwrap_or_default();
    let amount = old["amount"].as_i64().unwrap_or(0);
    let mut new = old.clone();
    new["balance_transaction"] = json!(charge::moved(tx, "refund", id, -amount, 0, &old["currency"]));
    new["status"] = json!("succeeded");
    if let Some(map) = new.as_object_mut() {
        map.remove("pending_reason");
    }
    tx.update("refund.updated", old, &new);
    tx.event("charge.refund.updated", &new, None);
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("refund", call.id, "refund", 404)
}

fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("refund", call.id, "refund", 404)?;
    let mut new = old.clone();
    merge_metadata(&mut new, call.params.get("metadata"))?;
    tx.update("refund.updated", &old, &new);
    Ok(new)
}

fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "refund", call.path, params, |refund| {
        ["charge", "payment_intent"].iter().all(|f| list::same(params, f, &refund[*f]))
    })
}
