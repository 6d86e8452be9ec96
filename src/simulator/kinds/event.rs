//! Events: retrieve and list (facts 4.5). They are made by `tx`, never by a request of their own.

use super::Call;
use crate::simulator::list;
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use serde_json::Value;

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("event", call.id, "id", 404)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let types = params["types"].as_array();
    if types.is_some() && params.get("type").is_some() {
        return Err(Refusal::invalid("You may only specify one of these parameters: type, types.").param("type"));
    }
    if types.is_some_and(|types| types.len() > 20) {
        return Err(Refusal::too_many("types", 20));
    }
    let wanted = text(params, "type");
    let delivered = params["delivery_success"].as_bool();
    list::page(tx, "event", call.path, params, |event| {
        let kind = text(event, "type").unwrap_or_default();
        wanted.is_none_or(|pattern| matches(pattern, kind))
            && types.is_none_or(|types| types.contains(&event["type"]))
            && delivered.is_none_or(|yes| (event["pending_webhooks"] == 0) == yes)
    })
}

/// A name, or a group such as `charge.*`.
fn matches(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(group) => kind.starts_with(group),
        None => kind == pattern,
    }
}
