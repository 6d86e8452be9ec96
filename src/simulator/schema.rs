//! What each operation accepts, and the typed form of what was sent.
//!
//! The table (`data/params.json`) is cut from Stripe's own `OpenAPI` description by
//! `tests/contract/generate.py`. Unknown names are refused first, at every depth, then wrong values,
//! then missing ones. An empty string unsets, and becomes `null`. Called by `call` before any handler.

use super::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize, Default)]
struct Shape {
    t: String,
    #[serde(default)]
    props: BTreeMap<String, Shape>,
    of: Option<Of>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(rename = "enum", default)]
    choices: Vec<String>,
    max: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Of {
    Any(Vec<Shape>),
    One(Box<Shape>),
}

static OPERATIONS: LazyLock<BTreeMap<String, Shape>> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/params.json")).unwrap_or_default());

/// Checks `raw` (strings only) against the named operation and gives its leaves their types.
pub fn check(operation: &str, raw: &Value) -> Result<Value, Refusal> {
    let Some(shape) = OPERATIONS.get(operation) else {
        return Ok(Value::Object(Map::new()));
    };
    let mut unknown = Vec::new();
    find_unknown(shape, raw, "", &mut unknown);
    if !unknown.is_empty() {
        return Err(Refusal::unknown_parameters(&unknown));
    }
    typed(shape, raw, "")
}

fn child(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}[{name}]") }
}

fn find_unknown(shape: &Shape, raw: &Value, at: &str, out: &mut Vec<String>) {
    match (shape.t.as_str(), raw, &shape.of) {
        ("object", Value::Object(map), _) => {
            for (name, value) in map {
                match shape.props.get(name) {
                    Some(inner) => find_unknown(inner, value, &child(at, name), out),
                    None => out.push(child(at, name)),
                }
            }
        }
        ("list", Value::Array(items), Some(Of::One(inner))) => {
            for (n, item) in items.iter().enumerate() {
                find_unknown(inner, item, &child(at, &n.to_string()), out);
            }
        }
        ("map", Value::Object(map), Some(Of::One(inner))) => {
            for (name, value) in map {
                find_unknown(inner, value, &child(at, name), out);
            }
        }
        ("any", Value::Object(_), Some(Of::Any(shapes))) => {
            if let Some(object) = shapes.iter().find(|s| s.t == "object") {
                find_unknown(object, raw, at, out);
            }
        }
        _ => {}
    }
}

fn typed(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    if let Value::String(text) = raw
        && text.is_empty()
        && !at.is_empty()
    {
        return Ok(Value::Null);
    }
    match shape.t.as_str() {
        "object" => object(shape, raw, at),
        "map" => map(shape, raw, at),
        "list" => list(shape, raw, at),
        "any" => any(shape, raw, at),
        _ => scalar(shape, raw, at),
    }
}

fn object(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    let Value::Object(sent) = raw else {
        return Err(Refusal::invalid("Invalid object").param(at));
    };
    let mut out = Map::new();
    for (name, value) in sent {
        let at = child(at, name);
        let Some(inner) = shape.props.get(name) else {
            return Err(Refusal::unknown_parameters(&[at]));
        };
        let value = typed(inner, value, &at)?;
        if value.is_null() && shape.required.contains(name) {
            return Err(Refusal::empty(&at));
        }
        out.insert(name.clone(), value);
    }
    if let Some(name) = shape.required.iter().find(|n| !out.contains_key(*n)) {
        return Err(Refusal::missing(&child(at, name)));
    }
    Ok(Value::Object(out))
}

fn map(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    let Value::Object(sent) = raw else {
        return Err(Refusal::invalid("Invalid object").param(at));
    };
    let mut out = Map::new();
    for (name, value) in sent {
        let value = match &shape.of {
            Some(Of::One(inner)) => typed(inner, value, &child(at, name))?,
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    Ok(Value::Object(out))
}

fn list(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    let (Value::Array(items), Some(Of::One(inner))) = (raw, &shape.of) else {
        return Err(Refusal::invalid("Invalid array").param(at));
    };
    items
        .iter()
        .enumerate()
        .map(|(n, item)| typed(inner, item, &child(at, &n.to_string())))
        .collect::<Result<Vec<_>, _>>()
        .map(Value::Array)
}

fn any(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    let Some(Of::Any(shapes)) = &shape.of else {
        return Ok(raw.clone());
    };
    let mut last = Refusal::invalid("Invalid object").param(at);
    let nested = raw.is_object();
    for inner in shapes.iter().filter(|s| (s.t == "object") == nested) {
        match typed(inner, raw, at) {
            Ok(value) => return Ok(value),
            Err(refusal) => last = refusal,
        }
    }
    Err(last)
}

fn scalar(shape: &Shape, raw: &Value, at: &str) -> Result<Value, Refusal> {
    let Value::String(text) = raw else {
        return Err(Refusal::invalid("Invalid string: must be a string").param(at));
    };
    match shape.t.as_str() {
        "integer" => text.parse::<i64>().map(Value::from).map_err(|_| {
            Refusal::invalid(format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(at)
        }),
        "number" => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::from(number)),
            _ => Err(Refusal::invalid(format!("Invalid decimal: {text}")).param(at)),
        },
        "boolean" => match text.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Refusal::invalid(format!("Invalid boolean: {text}")).param(at)),
        },
        "decimal" if !is_decimal(text) => Err(Refusal::invalid(format!("Invalid decimal: {text}")).param(at)),
        _ => string(shape, text, at),
    }
}

fn string(shape: &Shape, text: &str, at: &str) -> Result<Value, Refusal> {
    if !shape.choices.is_empty() && !shape.choices.iter().any(|c| c == text) {
        return Err(Refusal::invalid(format!("Invalid {at}: must be one of {}", one_of(&shape.choices))).param(at));
    }
    let max = shape.max.unwrap_or(5000);
    if text.chars().count() > max {
        return Err(Refusal::invalid(format!("Invalid string: {text}; must be at most {max} characters")).param(at));
    }
    Ok(Value::String(text.to_owned()))
}

/// `a or b`, `a, b, or c`.
pub fn one_of(choices: &[String]) -> String {
    match choices {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} or {second}"),
        [head @ .., last] => format!("{}, or {last}", head.join(", ")),
    }
}

/// At most twelve decimals, no sign but a leading minus, no exponent (`unit_amount_decimal` of a price).
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    plain(whole) && plain(part) && part.len() <= 12
}

#[cfg(test)]
mod tests {
    use super::check;
    use serde_json::json;

    #[test]
    fn the_table_of_operations_is_read() {
        assert!(super::OPERATIONS.len() > 10);
    }

    #[test]
    fn leaves_get_their_types() {
        let raw = json!({"currency": "usd", "unit_amount": "100", "active": "false", "tiers": [{"up_to": "inf"}, {"up_to": "5"}], "nickname": ""});
        let typed = check("POST /v1/prices", &raw).unwrap();
        assert_eq!(
            typed,
            json!({"currency": "usd", "unit_amount": 100, "active": false, "tiers": [{"up_to": "inf"}, {"up_to": 5}], "nickname": null})
        );
    }

    #[test]
    fn an_unknown_nested_name_is_refused_by_its_full_name() {
        let raw = json!({"currency": "usd", "recurring": {"intervall": "month"}});
        let refusal = check("POST /v1/prices", &raw).unwrap_err();
        assert_eq!(refusal.message, "Received unknown parameter: recurring[intervall]");
        assert_eq!(refusal.code, Some("parameter_unknown"));
    }

    #[test]
    fn a_missing_and_an_emptied_name_are_different_refusals() {
        let missing = check("POST /v1/products", &json!({})).unwrap_err();
        assert_eq!(missing.message, "Missing required param: name.");
        let empty = check("POST /v1/products", &json!({"name": ""})).unwrap_err();
        assert_eq!(empty.code, Some("parameter_invalid_empty"));
    }
}
