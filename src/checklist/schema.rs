//! The JSON schema of a checklist, for editors: made from the types at run time, so that it can
//! never describe another format than the one that is read.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::shape::{Common, FORMAT, Head, PhaseHead};
use super::watch::Watch;
use crate::kind::{Entry, REGISTRY};

/// The schema of a whole checklist.
pub fn json_schema() -> Value {
    json_schema_with(REGISTRY)
}

fn json_schema_with(registry: &[Entry]) -> Value {
    let mut generator = SchemaGenerator::default();
    let mut head = whole::<Head>(&mut generator);
    let mut phase = whole::<PhaseHead>(&mut generator);
    let common = whole::<Common>(&mut generator);
    let items: Vec<Value> = registry.iter().map(|entry| item(entry, &common, &mut generator)).collect();

    let mut watch = whole::<Watch>(&mut generator);
    watch["properties"]["check"] = json!({ "type": "array", "items": { "oneOf": items } });
    head["properties"]["watch"] = watch;
    let undone: Vec<Value> = items.iter().cloned().map(without_needs).collect();
    phase["properties"]["item"] = json!({ "type": "array", "items": { "oneOf": items } });
    require(&mut phase, "item");
    head["properties"]["schema"] = json!({ "const": FORMAT, "description": "The format of this file." });
    head["properties"]["phase"] = json!({ "type": "array", "items": phase });
    require(&mut head, "phase");
    head["properties"]["rollback"] = json!({
        "type": "array",
        "description": "What `golive rollback` does and checks beyond golive's own undoing, in order.",
        "items": { "oneOf": undone },
    });
    head["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    head["title"] = json!("golive checklist");
    head["$defs"] = Value::Object(generator.take_definitions(true));
    head
}

/// The schema of a type, written out rather than referred to.
fn whole<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let schema = generator.subschema_for::<T>();
    inline(schema, generator)
}

/// Follows a reference to the generator's definitions.
fn inline(schema: Schema, generator: &SchemaGenerator) -> Value {
    let schema = schema.to_value();
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    let definition = name.and_then(|name| generator.definitions().get(name)).cloned();
    definition.unwrap_or(schema)
}

/// An item of a kind: the common fields, those of the kind, and its name.
fn item(entry: &Entry, common: &Value, generator: &mut SchemaGenerator) -> Value {
    let schema = (entry.schema)(generator);
    let own = inline(schema, generator);
    let mut out = common.clone();
    let properties = |schema: &Value| schema["properties"].as_object().cloned().unwrap_or_default();
    let mut all: Map<String, Value> = properties(common);
    all.extend(properties(&own));
    out["properties"] = Value::Object(all);
    out["properties"]["kind"] = json!({ "const": entry.name });
    out["title"] = json!(entry.name);
    if let Some(description) = own.get("description") {
        out["description"] = description.clone();
    }
    for name in own["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        require(&mut out, name);
    }
    out
}

/// An item of the rollback: these come in order, so that none names what it needs.
fn without_needs(mut item: Value) -> Value {
    if let Some(properties) = item["properties"].as_object_mut() {
        properties.remove("needs");
    }
    item
}

fn require(schema: &mut Value, name: &str) {
    match schema["required"].as_array_mut() {
        Some(required) => required.push(json!(name)),
        None => schema["required"] = json!([name]),
    }
}

#[cfg(test)]
mod tests {
    use super::json_schema;

    #[test]
    fn every_kind_is_described_with_its_common_fields() {
        let schema = json_schema();
        let items = &schema["properties"]["phase"]["items"]["properties"]["item"]["items"]["oneOf"];
        let kinds: Vec<_> = items.as_array().unwrap().iter().map(|item| &item["properties"]["kind"]["const"]).collect();
        assert_eq!(kinds.len(), crate::kind::REGISTRY.len());
        for item in items.as_array().unwrap() {
            assert_eq!(item["additionalProperties"], false, "{item}");
            assert_eq!(item["required"].as_array().unwrap()[..3], ["id", "kind", "title"], "{item}");
            assert!(item["properties"]["severity"].is_object(), "{item}");
        }
    }

    #[test]
    fn every_reference_within_the_schema_leads_somewhere() {
        let schema = json_schema();
        let text = schema.to_string();
        for part in text.split("\"$ref\":\"#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schema["$defs"][name].is_object(), "{name}");
        }
    }
}
