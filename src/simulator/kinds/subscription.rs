//! Subscriptions: made by a checkout, renewed by `Control`, changed and cancelled by anybody.
//!
//! A checkout makes one only once it is paid (2025-03-31.basil); its periods stand on its items.

use super::{Call, joined};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const SUBSCRIPTION: (&str, &str) = ("Subscriptions", "subscription");
const DAY: i64 = 86_400;

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/subscriptions", "GET /v1/subscriptions", SUBSCRIPTION, all),
    route("GET", "/v1/subscriptions/{}", "GET one", SUBSCRIPTION, retrieve),
    route("POST", "/v1/subscriptions/{}", "POST /v1/subscriptions/{subscription_exposed_id}", SUBSCRIPTION, update),
    route("DELETE", "/v1/subscriptions/{}", "DELETE /v1/subscriptions/{subscription_exposed_id}", SUBSCRIPTION, cancel),
];

/// The subscription of a paid checkout; the caller stores it and tells of it.
pub fn of_session(tx: &Tx<'_>, session: &Value, customer: &Value) -> Value {
    let id = ids::embedded("sub", &tx.scope.account);
    let data = &session["_subscription_data"];
    let trial = data["trial_period_days"].as_i64().filter(|days| *days > 0).map(|days| tx.now + days * DAY);
    let lines = session["_line_items"]["data"].as_array().into_iter().flatten();
    let recurring = lines.filter(|line| line["price"]["type"] == "recurring");
    let items: Vec<Value> = recurring.map(|line| item(tx, &id, line, trial)).collect();
    let first = items.first().map_or(Value::Null, |item| item["current_period_end"].clone());
    let head = json!({
        "id": id, "object": "subscription", "application": null, "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null}, "billing_cycle_anchor": trial.unwrap_or(tx.now),
        "billing_cycle_anchor_config": null, "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [], "billing_thresholds": null, "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
        "cancellation_details": {"comment": null, "feedback": null, "reason": null},
        "collection_method": "charge_automatically", "created": tx.now, "currency": session["currency"], "customer": customer["id"],
        "customer_account": null, "days_until_due": null, "default_payment_method": null, "default_source": null,
        "default_tax_rates": [], "description": data["description"], "discounts": [], "ended_at": null,
        "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}},
    });
    let rest = json!({
        "items": {"object": "list", "data": items, "has_more": false, "url": format!("/v1/subscription_items?subscription={id}")},
        "latest_invoice": null, "livemode": tx.livemode(), "metadata": {}, "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null, "pause_collection": null,
        "payment_settings": {"payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off"},
        "pending_invoice_item_interval": null, "pending_setup_intent": null, "pending_update": null, "schedule": null,
        "start_date": tx.now, "status": if trial.is_some() { "trialing" } else { "active" }, "test_clock": null,
        "transfer_data": null, "trial_end": trial, "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": trial.map(|_| tx.now), "_period_end": first,
    });
    let mut subscription = joined([head, rest]);
    if data["metadata"].is_object() {
        subscription["metadata"] = data["metadata"].clone();
    }
    subscription
}

fn item(tx: &Tx<'_>, subscription: &str, line: &Value, trial: Option<i64>) -> Value {
    let end = trial.unwrap_or_else(|| after(tx.now, &line["price"]["recurring"]));
    let mut item = json!({
        "id": ids::short("si"), "object": "subscription_item", "billing_thresholds": null, "created": tx.now,
        "current_period_end": end, "current_period_start": tx.now, "discounts": [], "metadata": {}, "plan": plan(&line["price"]), "price": line["price"],
        "subscription": subscription, "tax_rates": [],
    });
    if let Some(quantity) = line["quantity"].as_i64() {
        item["quantity"] = json!(quantity);
    }
    item
}

/// The older view of a price, which answers still carry though the description left it out.
fn plan(price: &Value) -> Value {
    let recurring = &price["recurring"];
    json!({
        "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": price["billing_scheme"], "created": price["created"],
        "currency": price["currency"], "interval": recurring["interval"], "interval_count": recurring["interval_count"],
        "livemode": price["livemode"], "metadata": price["metadata"], "meter": recurring["meter"], "nickname": price["nickname"],
        "product": price["product"], "tiers_mode": price["tiers_mode"], "transform_usage": price["transform_quantity"],
        "trial_period_days": recurring["trial_period_days"], "usage_type": recurring["usage_type"],
    })
}

/// One interval of a price later, by the calendar.
pub fn after(start: i64, recurring: &Value) -> i64 {
    let count = recurring["interval_count"].as_i64().unwrap_or(1);
    let step = match text(recurring, "interval") {
        Some("day") => return start + count * DAY,
        Some("week") => return start + count * 7 * DAY,
        Some("year") => jiff::Span::new().try_years(count),
        _ => jiff::Span::new().try_months(count),
    };
    let at = jiff::Timestamp::from_second(start).map(|t| t.to_zoned(jiff::tz::TimeZone::UTC));
    match (at, step) {
        (Ok(at), Ok(step)) => at.checked_add(step).map_or(start, |end| end.timestamp().as_second()),
        _ => start,
    }
}

/// Cancels at once. At Stripe a cancelled subscription is no longer found for cancelling.
pub fn end(tx: &mut Tx<'_>, mut subscription: Value, details: &Value) -> Value {
    subscription["status"] = json!("canceled");
    subscription["canceled_at"] = json!(tx.now);
    subscription["ended_at"] = json!(tx.now);
    subscription["cancellation_details"] = json!({
        "comment": details["comment"], "feedback": details["feedback"], "reason": "cancellation_requested",
    });
    tx.put(subscription.clone());
    tx.event("customer.subscription.deleted", &subscription, None);
    subscription
}

fn need(tx: &Tx<'_>, id: &str) -> Result<Value, Refusal> {
    tx.need("subscription", id, "id", 404)
}

fn cancel(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let subscription = need(tx, call.id)?;
    if subscription["status"] == "canceled" {
        return Err(tx.missing("subscription", call.id, "id").status(404));
    }
    Ok(end(tx, subscription, &call.params["cancellation_details"]))
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    need(tx, call.id)
}

fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = need(tx, call.id)?;
    let mut new = old.clone();
    if let Some(ends) = call.params["cancel_at_period_end"].as_bool() {
        if old["status"] == "canceled" {
            return Err(Refusal::failed(
                "A canceled subscription can only update its cancellation_details and metadata.",
            ));
        }
        new["cancel_at_period_end"] = json!(ends);
        new["cancel_at"] = if ends { old["_period_end"].clone() } else { Value::Null };
        new["canceled_at"] = if ends { json!(tx.now) } else { Value::Null };
        new["cancellation_details"]["reason"] = if ends { json!("cancellation_requested") } else { Value::Null };
    }
    merge_metadata(&mut new, call.params.get("metadata"))?;
    tx.update("customer.subscription.updated", &old, &new);
    Ok(new)
}

/// Without a status the cancelled ones are left out.
fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "subscription", call.path, params, |subscription| {
        let status = text(subscription, "status").unwrap_or_default();
        let shown = match text(params, "status") {
            None => status != "canceled" && status != "incomplete_expired",
            Some("all") => true,
            Some("ended") => status == "canceled" || status == "incomplete_expired",
            Some(wanted) => status == wanted,
        };
        let items = subscription["items"]["data"].as_array();
        let priced = |id: &str| items.is_some_and(|items| items.iter().any(|item| item["price"]["id"] == id));
        shown
            && list::same(params, "customer", &subscription["customer"])
            && list::same(params, "collection_method", &subscription["collection_method"])
            && text(params, "price").is_none_or(priced)
    })
}

#[cfg(test)]
mod tests {
    use super::after;
    use serde_json::json;

    #[test]
    fn a_period_ends_by_the_calendar() {
        let january = 1_769_817_600; // 2026-01-31
        assert_eq!(after(january, &json!({"interval": "month", "interval_count": 1})), 1_772_236_800); // 02-28
        assert_eq!(after(january, &json!({"interval": "week", "interval_count": 2})), january + 14 * 86_400);
        assert_eq!(after(january, &json!({"interval": "year", "interval_count": 1})), january + 365 * 86_400);
    }
}
