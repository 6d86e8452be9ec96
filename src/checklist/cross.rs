//! What only the whole checklist can show: names given twice, needs and references that lead
//! nowhere, and circles of items that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::complaints::Found;
use super::draft::{Draft, ItemDraft};
use super::locate::Path;
use super::refs::{self, Piece};
use super::{circles, suggest, twice};
use crate::error::Code;
use crate::kind::Realm;
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
    twice::check(draft, found);
    checks_only_look(draft, found);
    let whole = Whole { draft, items: draft.items().filter_map(|item| Some((item.address.as_ref()?, item))).collect() };
    let mut needs = Needs::new();
    for item in draft.items() {
        let mut wanted = whole.wanted(item, found);
        for need in whole.by_nature(item) {
            if !wanted.contains(&need) {
                wanted.push(need);
            }
        }
        if let Some(address) = &item.address {
            needs.entry(address.clone()).or_insert(wanted);
        }
    }
    // Their references must lead somewhere; when they are looked up, everything else has stood still.
    for item in draft.aside() {
        whole.wanted(item, found);
    }
    let order = draft.items().filter_map(|item| item.address.as_ref());
    found.extend(circles::find(order, &needs).iter().map(|circle| whole.circular(circle)));
    needs
}

/// A watch runs its checks again and again, with nobody there: they change nothing and ask nobody.
fn checks_only_look(draft: &Draft, found: &mut Vec<Found>) {
    for item in &draft.checks {
        let Some(kind) = &item.kind else { continue };
        let changes = !kind.commands().is_empty() && !kind.read_only();
        if changes {
            let wrong = Found::new(Code::BadValue, item.path.key("kind"), "a watch runs this again and again");
            found.push(wrong.help("say that it changes nothing: `read_only = true`"));
        } else if kind.realm() != Realm::World {
            let wrong = Found::new(Code::BadValue, item.path.key("kind"), "a watch cannot check this kind");
            found.push(
                wrong.help("kinds that only look at your own hosts can be watched: http, tls, tcp, log, command"),
            );
        }
    }
}

/// An item, as a message names it.
pub(super) fn shown(item: &ItemDraft) -> String {
    item.address.as_ref().map_or_else(|| "the other item".to_owned(), |address| format!("`{address}`"))
}

/// Whether two items are ever part of the same run; not when that could not be read.
pub(super) fn meet(one: &ItemDraft, other: &ItemDraft) -> bool {
    let modes = |item: &ItemDraft| modes(item).unwrap_or_default();
    modes(one).iter().any(|mode| modes(other).contains(mode))
}

fn modes(item: &ItemDraft) -> Option<Vec<Mode>> {
    let named = &item.common.as_ref()?.modes;
    Some(if named.is_empty() { vec![Mode::Rehearse, Mode::Test, Mode::Live] } else { named.clone() })
}

/// A mode of an item that another is not part of.
fn mode_without(item: &ItemDraft, other: &ItemDraft) -> Option<Mode> {
    let there = modes(other)?;
    modes(item)?.into_iter().find(|mode| !there.contains(mode))
}

/// The draft, with its items by address.
struct Whole<'a> {
    draft: &'a Draft,
    items: BTreeMap<&'a Address, &'a ItemDraft>,
}

impl Whole<'_> {
    /// What an item needs without saying so: whatever speaks to Stripe needs the keys, and an env
    /// file that is to be complete needs everybody who provides to it.
    fn by_nature(&self, item: &ItemDraft) -> Vec<Address> {
        let Some(kind) = &item.kind else { return Vec::new() };
        let speaks = matches!(kind.realm(), Realm::Stripe | Realm::Between) && !item.is("keys");
        let collects = item.is("env");
        let provides = |other: &ItemDraft| other.kind.as_ref().is_some_and(|kind| !kind.variables().is_empty());
        if !speaks && !collects {
            return Vec::new();
        }
        let needed = |other: &&ItemDraft| {
            ((speaks && other.is("keys")) || (collects && !other.is("env") && provides(other)))
                && other.path != item.path
        };
        self.draft.items().filter(needed).filter_map(|other| other.address.clone()).collect()
    }

    /// What an item waits for because it says so: the items it names, and those its references lead to.
    fn wanted(&self, item: &ItemDraft, found: &mut Vec<Found>) -> Vec<Address> {
        let mut out: Vec<Address> = Vec::new();
        for (index, need) in item.needs() {
            match need.parse().ok().filter(|address| self.items.contains_key(address)) {
                Some(address) => out.push(address),
                None => found.push(self.unknown_need(need, item.path.key("needs").index(index))),
            }
        }
        for (path, text) in item.texts() {
            self.variables_only(&path, text, found);
        }
        let open = item.fields.iter().filter(|(name, _)| refs::is_open(name));
        let mut each = |path: &Path, text: &str| {
            for piece in refs::pieces(text) {
                match piece {
                    Piece::Reference(reference) => match self.target(item, reference) {
                        Ok(address) => out.extend(address),
                        Err(wrong) => found.push(wrong.found(path, reference)),
                    },
                    Piece::Open(rest) => found.push(unterminated(path, rest)),
                    Piece::Text(_) | Piece::Escaped => {}
                }
            }
        };
        for (name, value) in open {
            each_text_of(value, &item.path.key(name), &mut each);
        }
        let mut seen = BTreeSet::new();
        out.retain(|address| seen.insert(address.clone()));
        out
    }

    fn unknown_need(&self, need: &str, path: Path) -> Found {
        let known: Vec<String> =
            self.draft.items().filter_map(|item| item.address.as_ref().map(Address::to_string)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let found = Found::new(Code::UnknownItem, path, format!("there is no item `{need}`"));
        match suggest::nearest(need, known.iter().copied()) {
            Some(near) => found.instead("there is an item with a similar name", format!("\"{near}\"")),
            None => found.help("items are named `phase.item`, as in `catalog.pro`"),
        }
    }

    /// Texts for people are shown before anything is done, so only variables can stand in them.
    fn variables_only(&self, path: &Path, text: &str, found: &mut Vec<Found>) {
        for piece in refs::pieces(text) {
            match piece {
                Piece::Reference(reference) if reference.starts_with("vars.") => {
                    if self.draft.variable(reference).is_none() {
                        found.push(self.unknown_variable(reference).found(path, reference));
                    }
                }
                Piece::Reference(reference) => {
                    let message = format!("`${{{reference}}}` cannot stand in {}", path.name());
                    let wrong =
                        Found::new(Code::BadReference, path.clone(), message).within(format!("${{{reference}}}"));
                    found.push(wrong.help("use variables, `${vars.NAME}`, here; write `$${` for a literal `${`"));
                }
                Piece::Open(rest) => found.push(unterminated(path, rest)),
                Piece::Text(_) | Piece::Escaped => {}
            }
        }
    }

    /// The item a reference leads to, if it is not a variable.
    fn target(&self, from: &ItemDraft, reference: &str) -> Result<Option<Address>, Wrong> {
        if reference.starts_with("vars.") {
            return if self.draft.variable(reference).is_some() {
                Ok(None)
            } else {
                Err(self.unknown_variable(reference))
            };
        }
        let mut parts = reference.splitn(3, '.');
        let address = Address::new(parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let output = parts.next().unwrap_or_default();
        let Some(item) = self.items.get(&address) else {
            return Err(self.unknown_target(reference, &address));
        };
        if let Some(mode) = mode_without(from, item) {
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
            some => format!("its outputs are {}", suggest::list(some.iter().map(String::as_str))),
        }))
    }

    fn unknown_target(&self, reference: &str, address: &Address) -> Wrong {
        let known: Vec<String> = self
            .draft
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

    fn unknown_variable(&self, reference: &str) -> Wrong {
        let known: Vec<String> = self.draft.vars.keys().map(|name| format!("vars.{name}")).collect();
        let name = reference.trim_start_matches("vars.");
        Wrong::new(format!("there is no variable `{name}`"), reference, "a variable", &known)
            .or_help(|| format!("add it: under `[vars]`, write `{name} = \"...\"`"))
    }

    fn circular(&self, circle: &[&Address]) -> Found {
        let first = circle.first().copied();
        let place = first.and_then(|address| self.items.get(address)).map(|item| item.path.key("id"));
        let found = |message: String| Found::new(Code::BadReference, place.unwrap_or_default(), message);
        if let [only] = circle {
            return found(format!("`{only}` waits for itself"))
                .help("take its own name out of its needs and references");
        }
        let nexts = circle.iter().skip(1).copied().chain(first);
        let links: Vec<String> =
            circle.iter().zip(nexts).map(|(item, next)| format!("`{item}` for `{next}`")).collect();
        found("items wait for each other in a circle".to_owned())
            .help(format!("who waits for whom: {}; take one of these needs or references out", links.join(", ")))
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
        let near = suggest::nearest(reference, known.iter().map(String::as_str));
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

/// Every text of a table, with its place.
pub(super) fn each_text(table: &Table, path: &Path, each: &mut dyn FnMut(&Path, &str)) {
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
                let path = path.index(index);
                match entry {
                    // An alternative, or a proof, has a text of the shell's like the item itself.
                    Value::Table(table) => table
                        .iter()
                        .filter(|(name, _)| refs::is_open(name))
                        .for_each(|(name, value)| each_text_of(value, &path.key(name), each)),
                    entry => each_text_of(entry, &path, each),
                }
            }
        }
        _ => {}
    }
}
