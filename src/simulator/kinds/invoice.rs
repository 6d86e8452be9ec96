//! Invoices of subscriptions: the first with the checkout, the later ones with each renewal.
//!
//! An invoice is created as a draft, finalized, and paid or not; each step is told as it is taken.

use super::{Call, joined};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Map, Value, json};

const INVOICE: (&str, &str) = ("Invoices", "invoice");

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/invoices", "GET /v1/invoices", INVOICE, all),
    route("GET", "/v1/invoices/{}", "GET one", INVOICE, retrieve),
];

/// What an invoice is for.
pub struct Bill<'b> {
    pub subscription: &'b Value,
    pub customer: &'b Value,
    /// The line items of the checkout, or what stands in their place at a renewal.
    pub lines: &'b [Value],
    pub total: i64,
    /// `subscription_create` or `subscription_cycle`.
    pub reason: &'b str,
}

/// A finalized invoice that waits for its payment.
pub fn open(tx: &mut Tx<'_>, bill: &Bill<'_>) -> Value {
    let mut invoice = draft(tx, bill);
    tx.event("invoice.created", &invoice, None);
    let mut customer =
        tx.get("customer", text(bill.customer, "id").unwrap_or_default()).unwrap_or_else(|| bill.customer.clone());
    let count = customer["next_invoice_sequence"].as_i64().unwrap_or(1);
    let prefix = text(&customer, "invoice_prefix").unwrap_or("INVOICE").to_owned();
    customer["next_invoice_sequence"] = json!(count + 1);
    tx.put(customer);
    invoice["number"] = json!(format!("{prefix}-{count:04}"));
    invoice["status"] = json!("open");
    invoice["effective_at"] = json!(tx.now);
    invoice["ending_balance"] = json!(0);
    invoice["status_transitions"]["finalized_at"] = json!(tx.now);
    tx.event("invoice.finalized", &invoice, None);
    tx.put(invoice.clone());
    invoice
}

fn draft(tx: &Tx<'_>, bill: &Bill<'_>) -> Value {
    let id = ids::embedded("in", &tx.scope.account);
    let account = tx.get("account", &tx.scope.account).unwrap_or_default();
    let subscription = &bill.subscription["id"];
    let lines: Vec<Value> = bill.lines.iter().map(|line| line_of(tx, &id, line, bill.subscription)).collect();
    let subtotal: i64 = lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
    let page = format!("/v1/invoices/{id}/lines");
    let currency = bill.subscription["currency"].clone();
    let head = json!({
        "id": id, "object": "invoice", "account_country": account["country"], "account_name": account["business_profile"]["name"],
        "account_tax_ids": null, "amount_due": bill.total, "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": bill.total,
        "amount_shipping": 0, "application": null, "attempt_count": 0, "attempted": false, "auto_advance": false,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null},
        "automatically_finalizes_at": null, "billing_reason": bill.reason, "collection_method": "charge_automatically",
        "created": tx.now, "currency": currency, "custom_fields": null, "customer": bill.customer["id"], "customer_account": null,
        "customer_address": null, "customer_email": bill.customer["email"], "customer_name": bill.customer["name"],
    });
    let middle = json!({
        "customer_phone": null, "customer_shipping": null, "customer_tax_exempt": "none", "customer_tax_ids": [],
        "default_payment_method": null, "default_source": null, "default_tax_rates": [], "description": null, "discounts": [],
        "due_date": null, "effective_at": null, "ending_balance": null, "footer": null, "from_invoice": null,
        "hosted_invoice_url": null, "invoice_pdf": null, "issuer": {"type": "self"}, "last_finalization_error": null,
        "latest_revision": null, "lines": {"object": "list", "data": lines, "has_more": false, "url": page},
    });
    let rest = json!({
        "livemode": tx.livemode(), "metadata": {}, "next_payment_attempt": null, "number": null, "on_behalf_of": null,
        "parent": {
            "quote_details": null, "type": "subscription_details",
            "subscription_details": {"metadata": bill.subscription["metadata"], "subscription": subscription},
        },
        "payment_settings": {"default_mandate": null, "payment_method_options": null, "payment_method_types": null},
        "period_end": tx.now, "period_start": tx.now, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
        "receipt_number": null, "rendering": null, "shipping_cost": null, "shipping_details": null, "starting_balance": 0,
        "statement_descriptor": null, "status": "draft",
        "status_transitions": {"finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null},
        "subtotal": subtotal, "subtotal_excluding_tax": subtotal, "test_clock": null, "total": bill.total, "total_discount_amounts": [],
        "total_excluding_tax": bill.total, "total_pretax_credit_amounts": [], "total_taxes": [], "webhooks_delivered_at": tx.now,
    });
    let mut invoice = joined([head, middle, rest]);
    invoice["_subscription"] = subscription.clone();
    invoice["_payments"] = json!({"object": "list", "data": [], "has_more": false, "url": "/v1/invoice_payments"});
    invoice
}

/// A line of the invoice for a line of the checkout; a trial makes it free.
fn line_of(tx: &Tx<'_>, invoice: &str, line: &Value, subscription: &Value) -> Value {
    let items = subscription["items"]["data"].as_array();
    let item = items.and_then(|items| items.iter().find(|item| item["price"]["id"] == line["price"]["id"]));
    let trial = item.is_some() && subscription["status"] == "trialing";
    let amount = if trial { json!(0) } else { line["amount_subtotal"].clone() };
    let named = text(line, "description").unwrap_or_default();
    let parent = match item {
        Some(item) => json!({
            "invoice_item_details": null, "type": "subscription_item_details",
            "subscription_item_details": {
                "invoice_item": null, "proration": false, "proration_details": {"credited_items": null},
                "subscription": subscription["id"], "subscription_item": item["id"],
            },
        }),
        None => Value::Null,
    };
    let end = item.map_or(json!(tx.now), |item| item["current_period_end"].clone());
    json!({
        "id": ids::embedded("il", &tx.scope.account), "object": "line_item", "amount": amount, "currency": line["currency"],
        "description": if trial { format!("Trial period for {named}") } else { named.to_owned() }, "discount_amounts": [],
        "discountable": true, "discounts": [], "invoice": invoice, "livemode": tx.livemode(), "metadata": {}, "parent": parent,
        "period": {"end": end, "start": tx.now}, "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": line["price"]["id"], "product": line["price"]["product"]}, "type": "price_details",
            "unit_amount_decimal": line["price"]["unit_amount_decimal"],
        },
        "quantity": line["quantity"], "subtotal": amount, "taxes": [],
    })
}

/// The money came, or none was needed.
pub fn paid(tx: &mut Tx<'_>, invoice: &mut Value, intent: Option<&Value>) {
    let due = invoice["amount_due"].clone();
    invoice["status"] = json!("paid");
    invoice["amount_paid"] = due;
    invoice["amount_remaining"] = json!(0);
    invoice["attempted"] = json!(true);
    invoice["auto_advance"] = json!(false);
    invoice["status_transitions"]["paid_at"] = json!(tx.now);
    if let Some(intent) = intent {
        invoice["attempt_count"] = json!(invoice["attempt_count"].as_i64().unwrap_or(0) + 1);
        let payment = json!({
            "id": ids::embedded("inpay", &tx.scope.account), "object": "invoice_payment", "amount_paid": intent["amount"],
            "amount_requested": intent["amount"], "created": tx.now, "currency": intent["currency"], "invoice": invoice["id"],
            "is_default": true, "livemode": tx.livemode(),
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"}, "status": "paid",
            "status_transitions": {"canceled_at": null, "paid_at": tx.now},
        });
        invoice["_payments"]["data"] = json!([payment]);
        tx.event("invoice_payment.paid", &payment, None);
    }
    tx.put(invoice.clone());
    tx.event("invoice.paid", invoice, None);
    tx.event("invoice.payment_succeeded", invoice, None);
}

/// The bank declined; Stripe tries again some days later.
pub fn failed(tx: &mut Tx<'_>, invoice: &mut Value) {
    let old: Map<String, Value> = ["attempt_count", "attempted", "next_payment_attempt"]
        .iter()
        .map(|name| ((*name).to_owned(), invoice[*name].clone()))
        .collect();
    invoice["attempt_count"] = json!(invoice["attempt_count"].as_i64().unwrap_or(0) + 1);
    invoice["attempted"] = json!(true);
    invoice["auto_advance"] = json!(true);
    invoice["next_payment_attempt"] = json!(tx.now + 3 * 86_400);
    tx.put(invoice.clone());
    tx.event("invoice.updated", invoice, Some(old));
    tx.event("invoice.payment_failed", invoice, None);
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("invoice", call.id, "invoice", 404)
}

fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "invoice", call.path, params, |invoice| {
        ["customer", "status", "collection_method"].iter().all(|f| list::same(params, f, &invoice[*f]))
            && list::same(params, "subscription", &invoice["_subscription"])
    })
}
