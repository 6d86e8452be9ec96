//! Settings that are named and nested as in Stripe's API, handled as one tree: whether what is there says
//! what is wanted, the form fields that change it, and those that bring it back. Pure; used by kinds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::step::object::without_nulls;

/// Form fields by their names, `custom_fields[0][key]`.
pub type Leaves = BTreeMap<String, String>;

/// Whether what is there says all that is wanted. Stripe has nothing, `false` or an empty list for what
/// was never set.
pub(super) fn covers(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| covers(found.get(name).unwrap_or(&Value::Null), wanted))
        }
        (Value::Null, Value::Object(wanted)) => wanted.values().all(|wanted| covers(&Value::Null, wanted)),
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| covers(found, wanted))
        }
        (Value::Null, Value::Array(wanted)) => wanted.is_empty(),
        (Value::Null, Value::Bool(wanted)) => !wanted,
        (Value::Null, Value::String(wanted)) => matches!(wanted.as_str(), "" | "none" | "auto" | "never"),
        (found, wanted) => found == wanted,
    }
}

/// Form fields of a tree. Names of metadata may hold what has a meaning in forms.
pub(super) fn flatten(value: &Value, name: String, leaves: &mut Leaves) {
    let within = |member: &str| {
        let member: String = form_urlencoded::byte_serialize(member.as_bytes()).collect();
        if name.is_empty() { member } else { format!("{name}[{member}]") }
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| flatten(value, within(member), leaves));
        }
        Value::Array(entries) if entries.is_empty() => drop(leaves.insert(name, String::new())),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(n, entry)| flatten(entry, within(&n.to_string()), leaves));
        }
        Value::Null => {}
        Value::String(text) => drop(leaves.insert(name, text.clone())),
        other => drop(leaves.insert(name, other.to_string())),
    }
}

/// Form fields that bring back what is there, wherever something is wanted; an empty text unsets.
pub(super) fn restore(found: &Value, wanted: &Value, name: &str, leaves: &mut Leaves) {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            for (member, wanted) in wanted {
                let there = found.get(member).unwrap_or(&Value::Null);
                restore(there, wanted, &format!("{name}[{member}]"), leaves);
            }
        }
        (Value::Null, Value::Bool(_)) => drop(leaves.insert(name.to_owned(), "false".to_owned())),
        (Value::Null, _) => drop(leaves.insert(name.to_owned(), String::new())),
        (found, _) => flatten(&without_nulls(found.clone()), name.to_owned(), leaves),
    }
}

/// Of what is there, the part that is spoken of.
pub(super) fn projected(found: &Value, wanted: &Value) -> Value {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            let each =
                wanted.iter().filter_map(|(name, wanted)| Some((name.clone(), projected(found.get(name)?, wanted))));
            Value::Object(each.collect())
        }
        (Value::Array(found), Value::Array(wanted)) => {
            let each = found
                .iter()
                .enumerate()
                .map(|(n, found)| wanted.get(n).map_or_else(|| found.clone(), |wanted| projected(found, wanted)));
            Value::Array(each.collect())
        }
        (found, _) => found.clone(),
    }
}

/// A tree in one line: `enabled true, required never`.
pub(super) fn brief(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(entries) if entries.is_empty() => "none".to_owned(),
        Value::Array(entries) => entries.iter().map(brief).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let each = members.iter().filter(|(_, value)| !value.is_null());
            let each: Vec<String> = each.map(|(name, value)| format!("{name} {}", brief(value))).collect();
            if each.is_empty() { "none".to_owned() } else { each.join(", ") }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Leaves, brief, covers, flatten, restore};

    fn leaves(pairs: &[(&str, &str)]) -> Leaves {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_never_set_covers_what_is_off() {
        assert!(covers(&json!(null), &json!({"enabled": false, "list": [], "text": "none"})));
        assert!(!covers(&json!(null), &json!({"enabled": true})));
        assert!(covers(&json!({"a": 1, "more": true}), &json!({"a": 1})));
        assert!(!covers(&json!([{"key": "a"}, {"key": "b"}]), &json!([{"key": "a"}])));
    }

    #[test]
    fn a_tree_becomes_form_fields_and_those_that_bring_it_back() {
        let wanted = json!({"enabled": true, "list": [{"key": "a"}], "map": {"a&b": "c"}, "none": []});
        let mut sent = Leaves::new();
        flatten(&wanted, "x".into(), &mut sent);
        let all = [("x[enabled]", "true"), ("x[list][0][key]", "a"), ("x[map][a%26b]", "c"), ("x[none]", "")];
        assert_eq!(sent, leaves(&all));
        let mut back = Leaves::new();
        restore(&json!({"list": [{"key": "old", "more": null}], "none": null}), &wanted, "x", &mut back);
        let all = [("x[enabled]", "false"), ("x[list][0][key]", "old"), ("x[map]", ""), ("x[none]", "")];
        assert_eq!(back, leaves(&all));
    }

    #[test]
    fn a_tree_is_one_line() {
        let tree = json!({"enabled": true, "fields": [{"key": "a"}, {"key": "b"}], "gone": null, "none": []});
        assert_eq!(brief(&tree), "enabled true, fields key a; key b, none none");
    }
}
