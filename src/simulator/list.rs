//! Lists: newest first, cursors, clamped limits, filters by field and by time.
//!
//! Called by the handlers of `GET` on a collection. A limit is clamped without a word, a cursor that
//! does not exist is refused (recorded in `pagination` and `errors`).

use super::refusal::Refusal;
use super::tx::Tx;
use super::world::text;
use serde_json::{Value, json};

/// One page of `kind`, of the objects that `keep` lets through.
pub fn page(
    tx: &Tx<'_>,
    kind: &str,
    url: &str,
    params: &Value,
    keep: impl Fn(&Value) -> bool,
) -> Result<Value, Refusal> {
    let matching = tx
        .world
        .store(&tx.scope)
        .all(kind)
        .rev()
        .filter(|v| within(v, &params["created"]) && keep(v));
    let all: Vec<&Value> = matching.collect();
    for cursor in ["starting_after", "ending_before"] {
        if let Some(id) = text(params, cursor) {
            tx.need(kind, id, cursor, 400)?;
        }
    }
    cut(&all, url, params)
}

/// One page of what is already chosen and ordered.
pub fn cut(all: &[&Value], url: &str, params: &Value) -> Result<Value, Refusal> {
    let limit = params["limit"].as_i64().unwrap_or(10).clamp(1, 100);
    let limit = usize::try_from(limit).unwrap_or(10);
    let place = |id: &str| all.iter().position(|v| text(v, "id") == Some(id));
    let (window, more) = match (
        text(params, "starting_after"),
        text(params, "ending_before"),
    ) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid(
                "Received both starting_after and ending_before parameters. Please pass in only one.",
            ));
        }
        (None, Some(before)) => {
            let end = place(before).unwrap_or(0);
            let start = end.saturating_sub(limit);
            (&all[start..end], start > 0)
        }
        (after, None) => {
            let start = after.map_or(0, |id| place(id).map_or(all.len(), |at| at + 1));
            let end = all.len().min(start + limit);
            (&all[start..end], end < all.len())
        }
    };
    Ok(json!({"object": "list", "data": window, "has_more": more, "url": url}))
}

/// `created` as a moment or as bounds, in unix seconds.
fn within(value: &Value, created: &Value) -> bool {
    let at = value["created"].as_i64().unwrap_or(0);
    if let Some(moment) = created.as_i64() {
        return at == moment;
    }
    let bound = |name: &str| created.get(name).and_then(Value::as_i64);
    bound("gt").is_none_or(|b| at > b)
        && bound("gte").is_none_or(|b| at >= b)
        && bound("lt").is_none_or(|b| at < b)
        && bound("lte").is_none_or(|b| at <= b)
}

/// True when the parameter is absent or equals the field.
pub fn same(params: &Value, name: &str, field: &Value) -> bool {
    params
        .get(name)
        .is_none_or(|wanted| wanted.is_null() || wanted == field)
}
