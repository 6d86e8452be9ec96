//! Lists: newest first, cursors, clamped limits, filters by field and by time.
//!
//! Called by the handlers of `GET` on a collection. A limit is clamped without a word, a cursor that
//! does not exist is refused (recorded in `pagination` and `errors`).

use super::refusal::Refusal;
use super::tx::Tx;
use super::world::text;
use serde_json::{Value, json};

/// One page of `kind`, of the objects that `keep` lets through. Only what the page needs is looked at:
/// walking a long list page by page must not look at all of it every time.
pub fn page(
    tx: &Tx<'_>,
    kind: &str,
    url: &str,
    params: &Value,
    keep: impl Fn(&Value) -> bool,
) -> Result<Value, Refusal> {
    let cursor = cursor(params)?;
    if let Some((name, id)) = cursor {
        tx.need(kind, id, name, 400)?;
    }
    let all = tx.world.store(&tx.scope).all(kind);
    let fits = |v: &&Value| within(v, &params["created"]) && keep(v);
    Ok(window(all, cursor, fits, url, params))
}

/// One page of what is already chosen, oldest first.
pub fn cut(all: &[Value], url: &str, params: &Value) -> Result<Value, Refusal> {
    let cursor = cursor(params)?;
    Ok(window(all.iter(), cursor, |_| true, url, params))
}

fn cursor(params: &Value) -> Result<Option<(&'static str, &str)>, Refusal> {
    match (text(params, "starting_after"), text(params, "ending_before")) {
        (Some(_), Some(_)) => {
            Err(Refusal::invalid("Received both starting_after and ending_before parameters. Please pass in only one."))
        }
        (Some(id), None) => Ok(Some(("starting_after", id))),
        (None, Some(id)) => Ok(Some(("ending_before", id))),
        (None, None) => Ok(None),
    }
}

/// The page behind a cursor: towards the older ones, or with `ending_before` towards the newer ones.
fn window<'v>(
    all: impl DoubleEndedIterator<Item = &'v Value>,
    cursor: Option<(&str, &str)>,
    fits: impl Fn(&&'v Value) -> bool,
    url: &str,
    params: &Value,
) -> Value {
    let limit = params["limit"].as_i64().unwrap_or(10).clamp(1, 100);
    let limit = usize::try_from(limit).unwrap_or(10);
    let before_cursor = |id: &str| {
        let id = id.to_owned();
        move |v: &&Value| text(v, "id") != Some(id.as_str())
    };
    let mut data: Vec<&Value> = match cursor {
        None => all.rev().filter(fits).take(limit + 1).collect(),
        Some(("ending_before", id)) => {
            let newer = all.skip_while(before_cursor(id)).skip(1);
            newer.filter(fits).take(limit + 1).collect()
        }
        Some((_, id)) => {
            let older = all.rev().skip_while(before_cursor(id)).skip(1);
            older.filter(fits).take(limit + 1).collect()
        }
    };
    let more = data.len() > limit;
    data.truncate(limit);
    if matches!(cursor, Some(("ending_before", _))) {
        data.reverse();
    }
    json!({"object": "list", "data": data, "has_more": more, "url": url})
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
    params.get(name).is_none_or(|wanted| wanted.is_null() || wanted == field)
}

#[cfg(test)]
mod tests {
    use super::cut;
    use serde_json::{Value, json};

    fn ids(params: &Value) -> (Vec<Value>, bool) {
        let all: Vec<Value> = (1..=5).map(|id| json!({"id": id.to_string()})).collect();
        let page = cut(&all, "/v1/x", params).unwrap();
        let data = page["data"].as_array().unwrap();
        let ids = data.iter().map(|v| v["id"].clone()).collect();
        (ids, page["has_more"].as_bool().unwrap())
    }

    #[test]
    fn pages_go_from_the_newest_to_the_oldest() {
        assert_eq!(ids(&json!({"limit": 2})), (vec![json!("5"), json!("4")], true));
        let next = json!({"limit": 3, "starting_after": "4"});
        assert_eq!(ids(&next), (vec![json!("3"), json!("2"), json!("1")], false));
    }

    #[test]
    fn going_back_gives_the_neighbours_of_the_cursor() {
        let back = json!({"limit": 2, "ending_before": "1"});
        assert_eq!(ids(&back), (vec![json!("3"), json!("2")], true));
        let rest = json!({"limit": 2, "ending_before": "3"});
        assert_eq!(ids(&rest), (vec![json!("5"), json!("4")], false));
    }
}
