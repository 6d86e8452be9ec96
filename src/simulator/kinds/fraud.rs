//! Disputes and early fraud warnings: what a cardholder's bank says about a charge.
//!
//! They come from two test cards and from `Control`; nobody can make one through the API.

use super::{Call, charge};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const DISPUTE: (&str, &str) = ("Disputes", "dispute");
const WARNING: (&str, &str) = ("Radar Early Fraud Warnings", "radar_early_fraud_warning");

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/disputes", "GET /v1/disputes", DISPUTE, disputes),
    route("GET", "/v1/disputes/{}", "GET one", DISPUTE, retrieve_dispute),
    route("POST", "/v1/disputes/{}", "POST /v1/disputes/{dispute}", DISPUTE, update_dispute),
    route("POST", "/v1/disputes/{}/close", "POST none", DISPUTE, close),
    route("GET", "/v1/radar/early_fraud_warnings", "GET /v1/radar/early_fraud_warnings", WARNING, warnings),
    route("GET", "/v1/radar/early_fraud_warnings/{}", "GET one", WARNING, retrieve_warning),
];

/// What a dispute's evidence may say.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// The bank takes a charge's money back and a fee with it.
pub fn dispute(tx: &mut Tx<'_>, old: &Value, reason: &str) -> Value {
    let amount = old["amount"].as_i64().unwrap_or(0) - old["amount_refunded"].as_i64().unwrap_or(0);
    let id = ids::embedded("du", &tx.scope.account);
    let movement = charge::moved(tx, "adjustment", &id, -amount, 1500, &old["currency"]);
    let movement = tx.get("balance_transaction", &movement);
    let mut evidence: Value = EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    evidence["enhanced_evidence"] = json!({});
    let card = &old["payment_method_details"]["card"];
    let dispute = json!({
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [movement], "charge": old["id"], "created": tx.now,
        "currency": old["currency"], "enhanced_eligibility_types": [], "evidence": evidence,
        "evidence_details": {
            "due_by": tx.now + 7 * 86_400, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false, "submission_count": 0,
        },
        "is_charge_refundable": false, "livemode": tx.livemode(), "metadata": {}, "payment_intent": old["payment_intent"],
        "payment_method_details": {
            "card": {"brand": card["brand"], "case_type": "chargeback", "network": card["network"], "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason, "status": "needs_response",
    });
    let mut new = old.clone();
    new["disputed"] = json!(true);
    tx.put(dispute.clone());
    tx.update("charge.updated", old, &new);
    tx.event("charge.dispute.created", &dispute, None);
    tx.event("charge.dispute.funds_withdrawn", &dispute, None);
    dispute
}

/// The bank says that the cardholder knows nothing of a charge.
pub fn warning(tx: &mut Tx<'_>, charge: &Value) -> Value {
    let warning = json!({
        "id": ids::embedded("issfr", &tx.scope.account), "object": "radar.early_fraud_warning", "actionable": charge["refunded"] == false,
        "charge": charge["id"], "created": tx.now, "fraud_type": "made_with_stolen_card", "livemode": tx.livemode(),
        "payment_intent": charge["payment_intent"],
    });
    tx.put(warning.clone());
    tx.event("radar.early_fraud_warning.created", &warning, None);
    warning
}

fn retrieve_dispute(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("dispute", call.id, "dispute", 404)
}

fn update_dispute(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("dispute", call.id, "dispute", 404)?;
    let mut new = old.clone();
    let sent = call.params["evidence"].as_object();
    for (name, value) in sent.into_iter().flatten().filter(|(name, _)| EVIDENCE.contains(&name.as_str())) {
        new["evidence"][name] = value.clone();
        new["evidence_details"]["has_evidence"] = json!(true);
    }
    merge_metadata(&mut new, call.params.get("metadata"))?;
    if sent.is_some() && call.params["submit"] != json!(false) {
        new["evidence_details"]["submission_count"] = json!(1);
        new["status"] = json!("under_review");
    }
    tx.update("charge.dispute.updated", &old, &new);
    Ok(new)
}

/// Nothing is contested: the dispute is lost.
fn close(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut dispute = tx.need("dispute", call.id, "dispute", 404)?;
    if dispute["status"] != "needs_response" {
        return Err(Refusal::failed("This dispute is already closed.").param("dispute"));
    }
    dispute["status"] = json!("lost");
    tx.put(dispute.clone());
    tx.event("charge.dispute.closed", &dispute, None);
    Ok(dispute)
}

fn disputes(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    of_charge(tx, "dispute", call)
}

fn retrieve_warning(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("radar.early_fraud_warning", call.id, "early_fraud_warning", 404)
}

fn warnings(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    of_charge(tx, "radar.early_fraud_warning", call)
}

fn of_charge(tx: &Tx<'_>, kind: &str, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, kind, call.path, params, |found| {
        ["charge", "payment_intent"].iter().all(|f| list::same(params, f, &found[*f]))
    })
}

/// The charge that a test or a drill names by its own id or by its intent's.
pub fn charge_named(tx: &Tx<'_>, id: &str) -> Option<Value> {
    let intent = || tx.get("payment_intent", id).and_then(|intent| charge::of_intent(tx, &intent));
    tx.get("charge", id).or_else(intent).filter(|charge| text(charge, "status") == Some("succeeded"))
}
