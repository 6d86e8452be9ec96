//! Billing meters: create, retrieve, update, list, deactivate, reactivate. Only the name can change;
//! of one event name at most one meter is active.

use super::{Call, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const METER: (&str, &str) = ("Billing Meters", "billing_meter");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/billing/meters", "POST /v1/billing/meters", METER, create),
    route("GET", "/v1/billing/meters", "GET /v1/billing/meters", METER, all),
    route("GET", "/v1/billing/meters/{}", "GET one", METER, retrieve),
    route("POST", "/v1/billing/meters/{}", "POST /v1/billing/meters/{id}", METER, update),
    route("POST", "/v1/billing/meters/{}/deactivate", "POST none", METER, deactivate),
    route("POST", "/v1/billing/meters/{}/reactivate", "POST none", METER, reactivate),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    check_unique(tx, text(params, "event_name").unwrap_or_default(), None)?;
    let key = |name: &str, otherwise: &str| text(&params[name], "event_payload_key").unwrap_or(otherwise).to_owned();
    let prefix = format!("mtr_{}", tx.scope.mode.name());
    let meter = json!({
        "id": ids::short(&prefix), "object": "billing.meter", "created": tx.now,
        "customer_mapping": {"event_payload_key": key("customer_mapping", "stripe_customer_id"), "type": "by_id"},
        "default_aggregation": {"formula": params["default_aggregation"]["formula"]},
        "display_name": params["display_name"], "event_name": params["event_name"],
        "event_time_window": params["event_time_window"], "livemode": tx.livemode(), "status": "active",
        "status_transitions": {"deactivated_at": null}, "updated": tx.now,
        "value_settings": {"event_payload_key": key("value_settings", "value")},
    });
    tx.put(meter.clone());
    tx.event("billing.meter.created", &meter, None);
    Ok(meter)
}

fn check_unique(tx: &Tx<'_>, name: &str, but: Option<&str>) -> Result<(), Refusal> {
    let taken = tx.find("billing.meter", |other| {
        other["event_name"] == name && other["status"] == "active" && but.is_none_or(|id| other["id"] != id)
    });
    match taken {
        Some(other) => Err(Refusal::failed(format!(
            "An active meter with event name `{name}` already exists: {}.",
            text(&other, "id").unwrap_or_default()
        ))
        .param("event_name")),
        None => Ok(()),
    }
}

fn need(tx: &Tx<'_>, id: &str) -> Result<Value, Refusal> {
    tx.need("billing.meter", id, "id", 404)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    need(tx, call.id)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = need(tx, call.id)?;
    let mut new = old.clone();
    copy(&mut new, call.params, &["display_name"]);
    if new != old {
        new["updated"] = json!(tx.now);
    }
    tx.update("billing.meter.updated", &old, &new);
    Ok(new)
}

pub fn deactivate(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    switch(tx, call.id, "inactive")
}

pub fn reactivate(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    switch(tx, call.id, "active")
}

fn switch(tx: &mut Tx<'_>, id: &str, status: &str) -> Result<Value, Refusal> {
    let mut meter = need(tx, id)?;
    if meter["status"] == status {
        return Err(Refusal::failed(format!("This meter is already {status}.")));
    }
    let on = status == "active";
    if on {
        check_unique(tx, text(&meter, "event_name").unwrap_or_default(), Some(id))?;
    }
    meter["status"] = json!(status);
    meter["status_transitions"]["deactivated_at"] = if on { Value::Null } else { json!(tx.now) };
    meter["updated"] = json!(tx.now);
    tx.put(meter.clone());
    tx.event(if on { "billing.meter.reactivated" } else { "billing.meter.deactivated" }, &meter, None);
    Ok(meter)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "billing.meter", call.path, params, |meter| list::same(params, "status", &meter["status"]))
}
