//! Says what is wrong with a table that could not be read, by walking it beside its JSON schema.
//!
//! Runs only when reading failed: a type's own reader stops at its first error and knows no
//! places, this walk finds all of them. Generic over kinds; what it misses falls back to the reader.

use schemars::Schema;
use schemars::generate::SchemaGenerator;
use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::complaints::Found;
use super::locate::Path;
use super::suggest;
use crate::error::Code;

/// What a table is, for the sentences about it.
pub struct Subject<'a> {
    /// `an item`, `a product item`.
    pub noun: &'a str,
    /// Fields that are read elsewhere but may stand here.
    pub also: &'a [&'a str],
}

/// Everything wrong with a table; never empty, because the reader's own error is the last resort.
pub fn diagnose(
    table: &Table,
    schema: &dyn Fn(&mut SchemaGenerator) -> Schema,
    path: &Path,
    subject: &Subject<'_>,
    error: &toml::de::Error,
) -> Vec<Found> {
    let mut generator = SchemaGenerator::default();
    let schema = schema(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    let mut walker = Walker { definitions: &definitions, subject, found: Vec::new() };
    for leaf in walker.leaves(&schema) {
        walker.object(table, leaf, path, true);
    }
    if walker.found.is_empty() {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        walker.found.push(Found::new(Code::BadValue, path.clone(), message));
    }
    walker.found
}

struct Walker<'a> {
    definitions: &'a Map<String, Json>,
    subject: &'a Subject<'a>,
    found: Vec<Found>,
}

impl<'a> Walker<'a> {
    /// The alternatives of a schema, references followed, `null` left out.
    fn leaves(&self, schema: &'a Json) -> Vec<&'a Json> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap_or_default();
            return self.definitions.get(name).map(|schema| self.leaves(schema)).unwrap_or_default();
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(some) = schema[word].as_array() {
                return some.iter().flat_map(|schema| self.leaves(schema)).collect();
            }
        }
        if schema["type"] == "null" { Vec::new() } else { vec![schema] }
    }

    fn value(&mut self, value: &Value, schema: &'a Json, path: &Path) {
        let leaves = self.leaves(schema);
        let fit: Vec<&Json> = leaves.iter().copied().filter(|leaf| fits(value, leaf)).collect();
        let names: Vec<&str> = fit.iter().flat_map(|leaf| constants(leaf)).collect();
        match (fit.as_slice(), value) {
            _ if leaves.is_empty() => {}
            ([], _) => self.found.push(wrong_type(value, &leaves, path)),
            (_, Value::String(text)) if !names.is_empty() => {
                if !names.contains(&text.as_str()) {
                    self.found.push(unknown_value(text, &names, path));
                }
            }
            ([leaf], _) => self.inside(value, leaf, path),
            (several, _) => self.nearest(value, several, path),
        }
    }

    /// Of several alternatives, the one that fits best was meant.
    fn nearest(&mut self, value: &Value, leaves: &[&'a Json], path: &Path) {
        let tries = leaves.iter().map(|leaf| {
            let mut walker = Walker { found: Vec::new(), ..*self };
            walker.inside(value, leaf, path);
            walker.found
        });
        self.found.extend(tries.min_by_key(Vec::len).unwrap_or_default());
    }

    fn inside(&mut self, value: &Value, leaf: &'a Json, path: &Path) {
        match value {
            Value::Table(table) => self.object(table, leaf, path, false),
            Value::Array(entries) if leaf["items"].is_object() => {
                for (index, entry) in entries.iter().enumerate() {
                    self.value(entry, &leaf["items"], &path.index(index));
                }
            }
            Value::Integer(number) => self.found.extend(out_of_range(*number, leaf, path)),
            _ => {}
        }
    }

    fn object(&mut self, table: &Table, leaf: &'a Json, path: &Path, top: bool) {
        let none = Map::new();
        let properties = leaf["properties"].as_object();
        let known: Vec<&str> = properties.unwrap_or(&none).keys().map(String::as_str).collect();
        let mut misspelt = Vec::new();
        for (name, value) in table {
            match (properties.and_then(|properties| properties.get(name)), &leaf["additionalProperties"]) {
                (Some(schema), _) => self.value(value, schema, &path.key(name)),
                (None, Json::Bool(false)) => {
                    let found = unknown_field(name, &known, path, top.then_some(self.subject));
                    misspelt.extend(found.instead.clone());
                    self.found.push(found);
                }
                (None, schema) if schema.is_object() => self.value(value, schema, &path.key(name)),
                _ => {}
            }
        }
        let required = leaf["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        // What stands there under a misspelt name is not missing as well.
        let missing = required.filter(|name| !table.contains_key(*name) && !misspelt.iter().any(|near| near == name));
        for name in missing {
            let schema = properties.map_or(&Json::Null, |properties| &properties[name]);
            let example = self.leaves(schema).first().map_or("...", |leaf| example(leaf));
            let owner = if top { self.subject.noun.to_owned() } else { path.name() };
            let found = Found::new(Code::MissingField, path.key(name), format!("missing field `{name}`"))
                .label(format!("{owner} needs `{name}`"))
                .help(format!("add `{name} = {example}`"));
            self.found.push(found);
        }
    }
}

/// The texts an alternative consists of, if it consists of texts.
fn constants(leaf: &Json) -> Vec<&str> {
    let one = leaf["const"].as_str().into_iter();
    one.chain(leaf["enum"].as_array().into_iter().flatten().filter_map(Json::as_str)).collect()
}

/// The types of an alternative, `null` left out; a constant is a text.
fn types(leaf: &Json) -> Vec<&str> {
    match &leaf["type"] {
        Json::String(one) => vec![one.as_str()],
        Json::Array(some) => some.iter().filter_map(Json::as_str).filter(|name| *name != "null").collect(),
        _ if !constants(leaf).is_empty() => vec!["string"],
        _ => Vec::new(),
    }
}

fn fits(value: &Value, leaf: &Json) -> bool {
    let types = types(leaf);
    types.is_empty()
        || types.iter().any(|name| match value {
            Value::String(_) => *name == "string",
            Value::Integer(_) => matches!(*name, "integer" | "number"),
            Value::Float(_) => *name == "number",
            Value::Boolean(_) => *name == "boolean",
            Value::Array(_) => *name == "array",
            Value::Table(_) => *name == "object",
            Value::Datetime(_) => false,
        })
}

/// A type in the operator's words.
fn noun(name: &str) -> &'static str {
    match name {
        "string" => "text in quotes",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list in [brackets]",
        _ => "a table in {braces}",
    }
}

fn found_noun(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
        Value::Datetime(_) => "a date",
    }
}

/// What a value of a type looks like.
fn example(leaf: &Json) -> &'static str {
    match types(leaf).first() {
        Some(&"integer" | &"number") => "1",
        Some(&"boolean") => "true",
        Some(&"array") => "[ ... ]",
        Some(&"object") => "{ ... }",
        _ => "\"...\"",
    }
}

fn wrong_type(value: &Value, leaves: &[&Json], path: &Path) -> Found {
    let mut wanted: Vec<&str> = leaves.iter().flat_map(|leaf| types(leaf)).collect();
    wanted.dedup();
    let nouns: Vec<&str> = wanted.iter().map(|name| noun(name)).collect();
    let name = path.name();
    let money = path.field() == Some("amount");
    let code = if money { Code::BadAmount } else { Code::BadValue };
    let found = Found::new(code, path.clone(), format!("{name} is of the wrong type")).label(format!(
        "this is {}; {name} is {}",
        found_noun(value),
        nouns.join(" or ")
    ));
    match value {
        Value::Integer(_) | Value::Float(_) if money => {
            let digits = value.as_float().map_or_else(|| value.to_string(), |number| format!("{number:.2}"));
            found.help(format!("amounts are money with their currency: amount = \"{digits} EUR\""))
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) if wanted.contains(&"string") => {
            found.instead("put it in quotes", format!("\"{value}\""))
        }
        Value::String(text) if wanted == ["integer"] && text.parse::<i64>().is_ok() => {
            found.instead("leave out the quotes", text.clone())
        }
        Value::String(text) if wanted == ["boolean"] && matches!(text.as_str(), "true" | "false") => {
            found.instead("leave out the quotes", text.clone())
        }
        Value::String(_) if wanted == ["array"] => found.instead("put it in brackets", format!("[{value}]")),
        _ => found,
    }
}

fn unknown_value(text: &str, names: &[&str], path: &Path) -> Found {
    let found = Found::new(Code::BadValue, path.clone(), format!("unknown value `{text}` for {}", path.name()));
    let found = found.suggest(text, "value", names, |near| format!("\"{near}\""));
    if found.instead.is_some() { found.label(format!("not one of {}", names.join(", "))) } else { found }
}

fn out_of_range(number: i64, leaf: &Json, path: &Path) -> Option<Found> {
    let limit = |word: &str| leaf[word].as_i64();
    let (bound, says) = match (limit("minimum"), limit("maximum")) {
        (Some(least), _) if number < least => (least, "at least"),
        (_, Some(most)) if number > most => (most, "at most"),
        _ => return None,
    };
    let name = path.name();
    let found = Found::new(Code::BadValue, path.clone(), format!("{name} is out of range"));
    Some(found.label(format!("must be {says} {bound}")).instead(format!("write {says} {bound}"), bound.to_string()))
}

fn unknown_field(name: &str, known: &[&str], path: &Path, top: Option<&Subject<'_>>) -> Found {
    let owner = top.map_or_else(|| path.name(), |subject| subject.noun.to_owned());
    let found = Found::new(Code::UnknownField, path.key(name), format!("unknown field `{name}`"))
        .at_key()
        .label(format!("not a field of {owner}"));
    let also = top.map(|subject| subject.also).unwrap_or_default();
    let all: Vec<&str> = known.iter().chain(also).copied().collect();
    match suggest::nearest(name, all.iter().copied()) {
        Some(near) => found.instead("there is a field with a similar name", near),
        None if known.is_empty() => found.help("take it out"),
        None => found.help(format!("the fields of {owner} are {}", suggest::list(known.iter().copied()))),
    }
}
