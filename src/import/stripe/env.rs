//! The env file of the live application: what its test file holds of the account, composed again with the
//! live ids. Secrets are never part of it: golive writes those from where they come.

use serde_json::Value as Json;

use super::code::ids_in;
use super::maker::{Maker, phase};
use super::told::Sort;
use super::uses::Composed;
use super::{Holds, Told};
use crate::compose::{Item, Value, literal};

/// The names of the two keys' variables, as the application has them.
pub(super) fn key_names(maker: &Maker<'_>) -> (String, String) {
    let name = |holds: Holds, usual: &str| {
        maker.around.first(&holds).map_or_else(|| usual.to_owned(), |found| found.variable.name.clone())
    };
    (name(Holds::SecretKey, "STRIPE_SECRET_KEY"), name(Holds::PublishableKey, "STRIPE_PUBLISHABLE_KEY"))
}

/// The item that composes the file.
pub(super) fn item(maker: &mut Maker<'_>, webhooks: &[Item]) -> Item {
    let (secret, publishable) = key_names(maker);
    second_keys(maker, &secret, &publishable);
    let mut values: Vec<(String, Value)> = Vec::new();
    for (variable, object) in maker.uses.rest() {
        match maker.reference(object).cloned() {
            Some(reference) => values.push((variable.to_owned(), Value::Text(reference))),
            None => unwritten(maker, variable, object),
        }
    }
    let mut json = Vec::new();
    for (variable, composed) in std::mem::take(&mut maker.uses.composed) {
        match composed {
            Composed::Json(mapping) => match (can_be_a_table(&mapping), self::json(maker, &mapping)) {
                (true, Some(value)) => json.push(Value::table([("name", variable)]).with("value", value)),
                _ => values.push((variable.to_owned(), Value::Text(mapped(maker, variable, &mapping.to_string())))),
            },
            Composed::Text(text) => values.push((variable.to_owned(), Value::Text(mapped(maker, variable, &text)))),
        }
    }
    values.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut asserts = vec![
        Value::table([("name", secret.as_str()), ("key", "secret")]),
        Value::table([("name", publishable.as_str()), ("key", "publishable")]),
    ];
    let secrets = webhooks.iter().filter_map(|item| item.get("secret_env")).filter_map(Value::as_text);
    asserts.extend(secrets.map(|name| Value::table([("name", name), ("prefix", "whsec_")])));
    maker
        .item(phase::ENV, "env", "env file", "file", "Env file with live keys and ids")
        .field("why", "A missing or mixed-up value shows only when a customer wants to pay.")
        .maybe("values", (!values.is_empty()).then_some(Value::Table(values)))
        .maybe("json", (!json.is_empty()).then_some(Value::List(json)))
        .field("assert", asserts)
}

/// Tells further variables that hold a key: a checklist writes each key to one variable.
fn second_keys(maker: &mut Maker<'_>, secret: &str, publishable: &str) {
    let mut more: Vec<String> = Vec::new();
    for found in maker.around.variables() {
        let name = &found.variable.name;
        let is_key = matches!(found.variable.holds, Holds::SecretKey | Holds::PublishableKey);
        if is_key && name != secret && name != publishable && !more.contains(name) {
            more.push(name.clone());
        }
    }
    for name in more {
        let what = format!("{name} holds a key as well");
        maker.decide(
            what,
            "a checklist writes each key to one variable",
            format!("read {secret} and {publishable} in the application, or set it by hand"),
        );
    }
}

fn unwritten(maker: &mut Maker<'_>, variable: &str, object: &str) {
    let what = format!("{variable} holds {object}, for which the checklist has no live id");
    maker.decide(what, "its object was left out, as told above", "set it by hand when the object is there");
}

/// Whether JSON can be written as a table of TOML that says the same.
fn can_be_a_table(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::Number(number) => number.as_i64().is_some(),
        Json::Array(entries) => entries.iter().all(can_be_a_table),
        Json::Object(members) => {
            members.iter().all(|(name, value)| ids_in(name).next().is_none() && can_be_a_table(value))
        }
        Json::Bool(_) | Json::String(_) => true,
    }
}

/// A mapping with references in the place of ids.
fn json(maker: &mut Maker<'_>, json: &Json) -> Option<Value> {
    Some(match json {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => Value::Number(number.as_i64()?),
        Json::String(text) => match maker.reference(text) {
            Some(reference) => Value::Text(reference.clone()),
            None => Value::Text(mapped(maker, "a JSON mapping", text)),
        },
        Json::Array(entries) => {
            Value::List(entries.iter().map(|entry| self::json(maker, entry)).collect::<Option<_>>()?)
        }
        Json::Object(members) => {
            let mut fields = Vec::new();
            for (name, value) in members {
                fields.push((name.clone(), self::json(maker, value)?));
            }
            Value::Table(fields)
        }
        Json::Null => return None,
    })
}

/// A text with references in the place of the ids in it.
fn mapped(maker: &mut Maker<'_>, of: &str, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let ids: Vec<&str> = ids_in(text).collect();
    for id in ids {
        let Some(at) = rest.find(id) else { continue };
        out.push_str(&literal(&rest[..at]));
        if let Some(reference) = maker.reference(id) {
            out.push_str(reference);
        } else {
            let what = format!("{of} names {id}, which is not in the checklist");
            let told = Told::new(Sort::Decide, what);
            maker.told.push(told.propose("it stays as it is in the live file; correct it there"));
            out.push_str(id);
        }
        rest = &rest[at + id.len()..];
    }
    out.push_str(&literal(rest));
    out
}
