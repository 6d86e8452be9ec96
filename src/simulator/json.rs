//! JSON as Stripe writes it: two spaces, `id` and `object` first, the rest by name.
//!
//! Fields that start with `_` are the simulator's own (hidden tiers, secrets, pending deliveries) and
//! never leave it. Called by `wire` for answers and by `deliver` for events.

use serde_json::{Map, Value};

/// Stripe's pretty form; no newline at the end.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// Takes a field out of an object, and out of each object of a list.
pub fn without(value: &mut Value, field: &str) {
    for element in value.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
        without(element, field);
    }
    if let Some(object) = value.as_object_mut() {
        object.remove(field);
    }
}

/// What a later Stripe might say: a field and values that nobody has heard of.
pub fn newer(value: &mut Value) {
    const ENUMS: [&str; 5] = ["type", "billing_scheme", "tax_behavior", "usage_type", "business_type"];
    for element in value.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
        newer(element);
    }
    let Some(object) = value.as_object_mut() else { return };
    for name in ENUMS {
        if let Some(Value::String(text)) = object.get_mut(name) {
            "unheard_of".clone_into(text);
        }
    }
    object.insert("unheard_of".into(), serde_json::json!({ "kind": "unheard_of", "since": [null, 1.5] }));
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(map) => {
            out.push('{');
            for (n, name) in order(map).into_iter().enumerate() {
                line(n, depth + 1, out);
                out.push_str(&Value::String(name.clone()).to_string());
                out.push_str(": ");
                write(&map[name], depth + 1, out);
            }
            close(depth, '}', out);
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                line(n, depth + 1, out);
                write(item, depth + 1, out);
            }
            close(depth, ']', out);
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn order(map: &Map<String, Value>) -> Vec<&String> {
    let mut names: Vec<&String> = map.keys().collect();
    names.sort_by_key(|name| {
        let rank = match name.as_str() {
            "id" => 0,
            "object" => 1,
            _ => 2,
        };
        (rank, name.as_str())
    });
    names
}

fn line(n: usize, depth: usize, out: &mut String) {
    out.push_str(if n == 0 { "\n" } else { ",\n" });
    out.extend(std::iter::repeat_n("  ", depth));
}

fn close(depth: usize, bracket: char, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
    out.push(bracket);
}

/// Drops the simulator's own fields, at every depth.
pub fn public(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !name.starts_with('_'));
            for (name, inner) in map.iter_mut() {
                // Metadata is the caller's: a key of theirs may well start with an underscore.
                if name != "metadata" {
                    public(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(public),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{pretty, public};
    use serde_json::json;

    #[test]
    fn id_and_object_come_first_and_empty_things_stay_on_one_line() {
        let text = pretty(&json!({"active": true, "object": "product", "id": "prod_1", "metadata": {}, "images": []}));
        assert_eq!(
            text,
            "{\n  \"id\": \"prod_1\",\n  \"object\": \"product\",\n  \"active\": true,\n  \"images\": [],\n  \"metadata\": {}\n}"
        );
    }

    #[test]
    fn hidden_fields_never_leave_but_metadata_does() {
        let mut value = json!({"_secret": "x", "a": [{"_tiers": []}], "metadata": {"_mine": "1"}});
        public(&mut value);
        assert_eq!(value, json!({"a": [{}], "metadata": {"_mine": "1"}}));
    }
}
