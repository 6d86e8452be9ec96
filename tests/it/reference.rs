//! `golive explain`, `checklist schema`, `completions` and `man`: what a person, an editor, a shell
//! and a manual look things up in.

use golive::checklist::BUNDLED;
use golive::error::Code;
use golive::kind::REGISTRY;
use serde_json::Value;

use super::documents::golive;

/// What a command prints, when it ends well and says nothing beside it.
fn printed(arguments: &[&str]) -> String {
    let output = golive(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_code_is_explained_at_length() {
    for code in Code::ALL {
        let text = printed(&["explain", code.id()]);
        assert!(text.starts_with(&format!("{}  {}\n\n", code.id(), code.title())), "{text}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&text).ends_with(&words(code.explanation())), "{text}");
    }
}

#[test]
fn every_item_of_a_checklist_is_explained() {
    let text = printed(&["explain", "catalog.pro", "--checklist", "minipass"]);
    assert!(text.starts_with("catalog.pro  MiniPass Pro\n"), "{text}");
    assert!(text.contains("kind      product\n  severity  blocker\n"), "{text}");
}

#[test]
fn what_cannot_be_explained_is_answered_with_what_can() {
    let output = golive(&["explain", "GL9999"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("`GL9999` is neither an error code nor an item"), "{told}");
    assert!(told.contains("golive explain GL0204"), "{told}");
}

fn schema() -> Value {
    serde_json::from_str(&printed(&["checklist", "schema"])).unwrap()
}

fn item_schemas(schema: &Value) -> &[Value] {
    schema["properties"]["phase"]["items"]["properties"]["item"]["items"]["oneOf"].as_array().unwrap()
}

#[test]
fn the_schema_describes_every_kind_in_the_registry() {
    let schema = schema();
    let described: Vec<_> =
        item_schemas(&schema).iter().map(|item| item["properties"]["kind"]["const"].as_str().unwrap()).collect();
    assert_eq!(described, REGISTRY.iter().map(|entry| entry.name).collect::<Vec<_>>());
}

/// Whether a document has the fields that its schema names and requires. Not a validator: it looks
/// at names, which is where editors begin.
fn check_fields(schema: &Value, document: &Value, place: &str) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(document.get(name).is_some(), "{place} lacks {name}");
    }
    for name in document.as_object().unwrap().keys() {
        let described = schema["properties"].get(name).is_some();
        assert!(
            described || schema["additionalProperties"] != false,
            "{place} has {name}, which the schema does not know"
        );
        assert!(described, "{place}: {name} is not described");
    }
}

#[test]
fn the_schema_fits_every_bundled_checklist() {
    let schema = schema();
    for (name, text) in BUNDLED {
        let table: toml::Table = text.parse().unwrap();
        let document = serde_json::to_value(table).unwrap();
        check_fields(&schema, &document, name);
        for phase in document["phase"].as_array().unwrap() {
            check_fields(&schema["properties"]["phase"]["items"], phase, &format!("{name} {}", phase["id"]));
            for item in phase["item"].as_array().unwrap() {
                let kind = &item["kind"];
                let described = item_schemas(&schema).iter().find(|item| item["properties"]["kind"]["const"] == *kind);
                check_fields(described.unwrap(), item, &format!("{name} {}.{}", phase["id"], item["id"]));
            }
        }
    }
}

#[test]
fn a_shell_gets_completions_for_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        for command in ["wizard", "rehearse", "status", "checklist", "explain"] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn the_manual_page_is_one_and_names_every_command() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH golive 1"), "{page}");
    for command in ["wizard", "rehearse", "status", "plan", "apply", "check", "sandbox"] {
        assert!(page.contains(&format!("golive\\-{command}(1)")), "{command} is not in it: {page}");
    }
}
