//! Names that stand twice in a checklist where each must be one thing's: ids, variables of the env file,
//! lookup keys, products. Called by `cross`.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::complaints::Found;
use super::cross::{each_text, meet, shown};
use super::draft::{Draft, ItemDraft};
use super::locate::Path;
use crate::error::Code;

/// Adds a complaint for every name that is given twice.
pub(super) fn check(draft: &Draft, found: &mut Vec<Found>) {
    same_ids(draft, found);
    same_variables(draft, found);
    same_lookup_keys(draft, found);
    same_products(draft, found);
}

fn same_ids(draft: &Draft, found: &mut Vec<Found>) {
    let mut phases = BTreeSet::new();
    let mut items = BTreeSet::new();
    for item in draft.aside() {
        if let Some(address) = item.address.as_ref().filter(|address| !items.insert(*address)) {
            let twice = Found::new(Code::DuplicateId, item.path.key("id"), format!("two items are called `{address}`"));
            found.push(twice.help("give one of them another id"));
        }
    }
    for phase in &draft.phases {
        if let Some(id) = phase.id.as_deref().filter(|id| !phases.insert(*id)) {
            let twice = Found::new(Code::DuplicateId, phase.path.key("id"), format!("two phases are called `{id}`"));
            found.push(twice.help("give one of them another id"));
        }
        for item in &phase.items {
            if let Some(address) = item.address.as_ref().filter(|address| !items.insert(*address)) {
                let twice =
                    Found::new(Code::DuplicateId, item.path.key("id"), format!("two items are called `{address}`"));
                found.push(twice.help("give one of them another id"));
            }
        }
    }
}

fn same_variables(draft: &Draft, found: &mut Vec<Found>) {
    let mut seen: BTreeMap<String, Vec<&ItemDraft>> = BTreeMap::new();
    for item in draft.items() {
        for variable in item.kind.iter().flat_map(|kind| kind.variables()) {
            let name = variable.name;
            let others = seen.entry(name.clone()).or_default();
            if let Some(other) = others.iter().find(|other| meet(item, other)) {
                let (path, within) = place_of(item, &name);
                let same = std::ptr::eq(*other, item);
                let twice = Found::new(
                    Code::DuplicateId,
                    path,
                    format!("two {} provide the variable `{name}`", if same { "values of one item" } else { "items" }),
                );
                let twice = twice.help(if same {
                    "give one of them another name".to_owned()
                } else {
                    format!("leave it out here, or in {}", shown(other))
                });
                found.push(if within { twice.within(name) } else { twice });
            }
            others.push(item);
        }
    }
}

/// Where an item names a variable: the last text that is its name, or the table that has it as a
/// field.
fn place_of(item: &ItemDraft, name: &str) -> (Path, bool) {
    let mut place = None;
    each_text(&item.fields, &item.path, &mut |path, text| {
        if text == name {
            place = Some(path.clone());
        }
    });
    place.map_or_else(|| (item.path.clone(), false), |path| (path, true))
}

/// Stripe keeps a lookup key for one price of the whole account, so it is a name like any other.
fn same_lookup_keys(draft: &Draft, found: &mut Vec<Found>) {
    let mut seen: BTreeMap<&str, &ItemDraft> = BTreeMap::new();
    for item in draft.items() {
        let prices = item.fields.get("prices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, price) in prices.iter().enumerate() {
            let Some(key) = price.get("lookup_key").and_then(Value::as_str) else { continue };
            if let Some(other) = seen.insert(key, item) {
                let path = item.path.key("prices").index(index).key("lookup_key");
                let twice = Found::new(Code::DuplicateId, path, format!("two prices have the lookup key `{key}`"));
                found.push(twice.help(format!("give it another key; {} has this one", shown(other))));
            }
        }
    }
}

/// A product's id in Stripe is made of the checklist's and its item's, whatever the phase.
fn same_products(draft: &Draft, found: &mut Vec<Found>) {
    let checklist = draft.head.as_ref().map(|head| head.id.as_str()).unwrap_or_default();
    let mut seen: Vec<(String, &ItemDraft)> = Vec::new();
    for item in draft.items().filter(|item| item.common.as_ref().is_some_and(|common| common.kind == "product")) {
        let Some(address) = &item.address else { continue };
        let named = item.fields.get("product_id").and_then(Value::as_str);
        let id = named.map_or_else(|| format!("{checklist}_{}", address.item), str::to_owned);
        if let Some((_, other)) = seen.iter().find(|(same, other)| *same == id && meet(item, other)) {
            let field = if named.is_some() { "product_id" } else { "id" };
            let twice = format!("two products would have the id `{id}`");
            let found_twice = Found::new(Code::DuplicateId, item.path.key(field), twice);
            found.push(found_twice.help(format!("give it another id; {} has this one", shown(other))));
        }
        seen.push((id, item));
    }
}
