//! What only the whole checklist can show: names given twice, needs and references that lead
//! nowhere, and circles of items that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::complaints::Found;
use super::locate::Path;
use super::parse::{Draft, ItemDraft};
use super::refs::{self, Piece};
use crate::error::Code;
use crate::mode::Mode;
use crate::step::Address;

/// What each item waits for, in the order of the checklist.
pub type Needs = BTreeMap<Address, Vec<Address>>;

/// Whether a text can be an id: it stands in addresses, file names and metadata.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// Adds every complaint about the whole, and works out what waits for what.
pub fn check(draft: &Draft, found: &mut Vec<Found>) -> Needs {
    same_ids(draft, found);
    same_variables(draft, found);
    same_lookup_keys(draft, found);
    let mut needs = Needs::new();
    for item in draft.items() {
        let wanted = wanted(draft, item, found);
        if let Some(address) = &item.address {
            needs.entry(address.clone()).or_insert(wanted);
        }
    }
    circles(draft, &needs, found);
    needs
}

fn same_ids(draft: &Draft, found: &mut Vec<Found>) {
    let mut phases = BTreeSet::new();
    let mut items = BTreeSet::new();
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
    let mut seen: Vec<(String, &ItemDraft)> = Vec::new();
    for item in draft.items() {
        for variable in item.kind.iter().flat_map(|kind| kind.variables()) {
            let twice = seen.iter().find(|(name, other)| *name == variable.name && meet(item, other));
            if let Some((name, other)) = twice {
                let (path, within) = place_of(item, name);
                let twice = Found::new(Code::DuplicateId, path, format!("two items provide the variable `{name}`"));
                let twice = twice.help(format!("leave it out here, or in {}", shown(other)));
                found.push(if within { twice.within(name.clone()) } else { twice });
            }
            seen.push((variable.name, item));
        }
    }
}

/// Where an item names a variable: the text that is its name, or the table that has it as a field.
fn place_of(item: &ItemDraft, name: &str) -> (Path, bool) {
    let mut place = None;
    each_text(&item.fields, &item.path, &mut |path, text| {
        if place.is_none() && text == name {
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

fn shown(item: &ItemDraft) -> String {
    item.address.as_ref().map_or_else(|| "the other item".to_owned(), |address| format!("`{address}`"))
}

/// Whether two items are ever part of the same run.
fn meet(one: &ItemDraft, other: &ItemDraft) -> bool {
    let modes = |item: &ItemDraft| item.common.as_ref().map(|common| common.modes.clone()).unwrap_or_default();
    let (one, other) = (modes(one), modes(other));
    one.is_empty() || other.is_empty() || one.iter().any(|mode| other.contains(mode))
}

/// The modes of an item that another is not part of.
fn modes_without(item: &ItemDraft, other: &ItemDraft) -> Vec<Mode> {
    let of = |item: &ItemDraft| match &item.common {
        Some(common) if !common.modes.is_empty() => common.modes.clone(),
        _ => vec![Mode::Rehearse, Mode::Test, Mode::Live],
    };
    let there = of(other);
    of(item).into_iter().filter(|mode| !there.contains(mode)).collect()
}

/// What an item waits for: the items it names, and those its references lead to.
fn wanted(draft: &Draft, item: &ItemDraft, found: &mut Vec<Found>) -> Vec<Address> {
    let mut out: Vec<Address> = Vec::new();
    let explicit = item.common.as_ref().map(|common| common.needs.as_slice()).unwrap_or_default();
    for (index, need) in explicit.iter().enumerate() {
        match draft.items().find_map(|item| item.address.as_ref().filter(|known| known.to_string() == *need)) {
            Some(address) => out.push(address.clone()),
            None => found.push(unknown_need(draft, need, item.path.key("needs").index(index))),
        }
    }
    for (name, text) in item.common.iter().flat_map(|common| common.texts()) {
        variables_only(draft, &item.path.key(name), text, found);
    }
    each_text(&item.fields, &item.path, &mut |path, text| {
        for piece in refs::pieces(text) {
            match piece {
                Piece::Reference(reference) => match target(draft, item, reference) {
                    Ok(address) => out.extend(address),
                    Err(wrong) => found.push(wrong.found(path, reference)),
                },
                Piece::Open(rest) => found.push(unterminated(path, rest)),
                Piece::Text(_) | Piece::Escaped => {}
            }
        }
    });
    let mut seen = BTreeSet::new();
    out.retain(|address| seen.insert(address.clone()));
    out
}

fn unknown_need(draft: &Draft, need: &str, path: Path) -> Found {
    let known: Vec<String> = draft.items().filter_map(|item| item.address.as_ref().map(Address::to_string)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let found = Found::new(Code::UnknownItem, path, format!("there is no item `{need}`"));
    match super::suggest::nearest(need, known.iter().copied()) {
        Some(near) => found.instead("there is an item with a similar name", format!("\"{near}\"")),
        None => found.help("items are named `phase.item`, as in `catalog.pro`"),
    }
}

/// Texts for people are shown before anything is done, so only variables can stand in them.
fn variables_only(draft: &Draft, path: &Path, text: &str, found: &mut Vec<Found>) {
    for piece in refs::pieces(text) {
        match piece {
            Piece::Reference(reference) if reference.starts_with("vars.") => {
                if draft.variable(reference).is_none() {
                    found.push(unknown_variable(draft, reference).found(path, reference));
                }
            }
            Piece::Reference(reference) => {
                let message = format!("`${{{reference}}}` cannot stand in {}", path.name());
                let wrong = Found::new(Code::BadReference, path.clone(), message).within(format!("${{{reference}}}"));
                found.push(wrong.help("use variables, `${vars.NAME}`, here; write `$${` for a literal `${`"));
            }
            Piece::Open(rest) => found.push(unterminated(path, rest)),
            Piece::Text(_) | Piece::Escaped => {}
        }
    }
}

fn unterminated(path: &Path, rest: &str) -> Found {
    let shown: String = rest.chars().take_while(|c| !c.is_whitespace()).take(40).collect();
    Found::new(Code::BadReference, path.clone(), "a reference has no end")
        .within(shown)
        .help("close it with `}`, or write `$${` for a literal `${`")
}

/// What is wrong with a reference.
struct Wrong {
    message: String,
    help: Option<String>,
    instead: Option<String>,
}

impl Wrong {
    fn new(message: String, reference: &str, what: &str, known: &[String]) -> Self {
        let near = super::suggest::nearest(reference, known.iter().map(String::as_str));
        let help = near.map(|_| format!("there is {what} with a similar name"));
        Self { message, help, instead: near.map(|near| format!("${{{near}}}")) }
    }

    fn or_help(mut self, help: impl FnOnce() -> String) -> Self {
        self.help = self.help.or_else(|| Some(help()));
        self
    }

    fn found(self, path: &Path, reference: &str) -> Found {
        let mut found = Found::new(Code::BadReference, path.clone(), self.message).within(format!("${{{reference}}}"));
        found.help = self.help;
        found.instead = self.instead;
        found
    }
}

fn unknown_variable(draft: &Draft, reference: &str) -> Wrong {
    let known: Vec<String> = draft.vars.keys().map(|name| format!("vars.{name}")).collect();
    let name = reference.trim_start_matches("vars.");
    Wrong::new(format!("there is no variable `{name}`"), reference, "a variable", &known)
        .or_help(|| format!("add it: under `[vars]`, write `{name} = \"…\"`"))
}

/// The item a reference leads to, if it is not a variable.
fn target(draft: &Draft, from: &ItemDraft, reference: &str) -> Result<Option<Address>, Wrong> {
    if reference.starts_with("vars.") {
        return if draft.variable(reference).is_some() { Ok(None) } else { Err(unknown_variable(draft, reference)) };
    }
    let mut parts = reference.splitn(3, '.');
    let address = Address::new(parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let output = parts.next().unwrap_or_default();
    let Some(item) = draft.items().find(|item| item.address.as_ref() == Some(&address)) else {
        return Err(unknown_target(draft, reference, &address));
    };
    if let Some(mode) = modes_without(from, item).first() {
        let message = format!("`{address}` is not part of mode {mode}, and this item is");
        return Err(Wrong { message, help: Some("give both items the same `modes`".into()), instead: None });
    }
    // A kind that could not be read has been complained about; its outputs are not known.
    let Some(kind) = &item.kind else { return Ok(Some(address)) };
    let outputs = kind.outputs();
    if outputs.iter().any(|known| known == output) {
        return Ok(Some(address));
    }
    let known: Vec<String> = outputs.iter().map(|output| format!("{address}.{output}")).collect();
    let message = match output {
        "" => format!("`${{{reference}}}` names no output"),
        _ => format!("`{address}` has no output `{output}`"),
    };
    Err(Wrong::new(message, reference, "an output", &known).or_help(|| match outputs.as_slice() {
        [] => "an item of this kind has no outputs".to_owned(),
        some => format!("its outputs are {}", super::suggest::list(some.iter().map(String::as_str))),
    }))
}

fn unknown_target(draft: &Draft, reference: &str, address: &Address) -> Wrong {
    let known: Vec<String> = draft
        .items()
        .filter_map(|item| Some((item.address.as_ref()?, item.kind.as_ref()?)))
        .flat_map(|(address, kind)| kind.outputs().into_iter().map(move |output| format!("{address}.{output}")))
        .collect();
    let message = if address.item.is_empty() {
        format!("`${{{reference}}}` leads nowhere")
    } else {
        format!("there is no item `{address}`")
    };
    Wrong::new(message, reference, "an output", &known)
        .or_help(|| "write `${phase.item.output}` or `${vars.NAME}`; `$${` for a literal `${`".to_owned())
}

/// Every text of a table, with its place.
fn each_text(table: &Table, path: &Path, each: &mut dyn FnMut(&Path, &str)) {
    for (name, value) in table {
        each_text_of(value, &path.key(name), each);
    }
}

fn each_text_of(value: &Value, path: &Path, each: &mut dyn FnMut(&Path, &str)) {
    match value {
        Value::String(text) => each(path, text),
        Value::Table(table) => each_text(table, path, each),
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                each_text_of(entry, &path.index(index), each);
            }
        }
        _ => {}
    }
}

/// Every circle once, with all of its items.
fn circles(draft: &Draft, needs: &Needs, found: &mut Vec<Found>) {
    let mut finished = BTreeSet::new();
    for item in draft.items() {
        let Some(address) = &item.address else { continue };
        let mut trail = Vec::new();
        while let Some(circle) = circle_from(address, needs, &mut trail, &mut finished) {
            found.push(circular(draft, &circle));
            trail.clear();
        }
    }
}

/// Follows what an item waits for, depth first, until an item waits for one that is on the trail.
/// The item that closes the circle is finished with it, so that a circle is found once.
fn circle_from<'a>(
    address: &'a Address,
    needs: &'a Needs,
    trail: &mut Vec<&'a Address>,
    finished: &mut BTreeSet<&'a Address>,
) -> Option<Vec<Address>> {
    if finished.contains(address) {
        return None;
    }
    if let Some(at) = trail.iter().position(|known| *known == address) {
        finished.insert(trail.last()?);
        return Some(trail[at..].iter().map(|address| (*address).clone()).collect());
    }
    trail.push(address);
    for next in needs.get(address).into_iter().flatten() {
        if let Some(circle) = circle_from(next, needs, trail, finished) {
            return Some(circle);
        }
    }
    trail.pop();
    finished.insert(address);
    None
}

fn circular(draft: &Draft, circle: &[Address]) -> Found {
    let first = circle.first();
    let path = draft.items().find(|item| item.address.as_ref() == first).map(|item| item.path.key("id"));
    let message = match circle {
        [only] => format!("`{only}` waits for itself"),
        _ => "items wait for each other in a circle".to_owned(),
    };
    let names: Vec<String> = circle.iter().chain(first).map(|address| format!("`{address}`")).collect();
    Found::new(Code::BadReference, path.unwrap_or_default(), message)
        .help(format!("take one need or reference out of {}", names.join(" → ")))
}
