//! Importing again: three texts, one by a person. What the last import wrote is the base; what differs
//! between it and the new import changed in Stripe, and is put in where the person left it as it was.
//! What the person changed stays; where both changed, theirs stays and the difference is told.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item as Node, Table, TableLike};

use super::few::Few;
use crate::compose::{Draft, Edit, Field, Item, NotToml, Value};
use crate::step::Address;

/// One thing that changed in Stripe since the last import.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// What sort.
    pub sort: Change,
    /// The item, `catalog.pro`.
    pub item: String,
    /// The price in it, by its lookup key, and the field: `pro_monthly`, `amount`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// What stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What Stripe has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// How it changed, and what becomes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// New in Stripe: put in.
    Added,
    /// Changed in Stripe: taken over.
    Changed,
    /// Gone from Stripe: taken out.
    Removed,
    /// Changed in Stripe and by a person: the person's stays.
    Kept,
}

/// A file that is put together of both.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The whole text.
    pub text: String,
    /// What changed, in the order of the checklist.
    pub differences: Vec<Difference>,
}

/// The list whose entries are told apart by a field.
const KEYED: (&str, &str) = ("prices", "lookup_key");

/// Puts what changed in Stripe between `base` and `draft` into `mine`. Items that both imports wrote alike
/// cannot have changed, so that only the others are looked at: of ten thousand prices few change in a week.
pub fn merge(base: &str, mine: &str, draft: &Draft) -> Result<Merged, NotToml> {
    let fresh = draft.text();
    let Some(few) = Few::of(base, mine, &fresh) else { return whole(base, mine, draft) };
    let mut changed = draft.clone_without_items();
    for (phase, into) in draft.phases.iter().zip(&mut changed.phases) {
        let is_in = |item: &&Item| few.holds(&phase.id, &item.id);
        into.items = phase.items.iter().filter(is_in).cloned().collect();
    }
    let merged = whole(&few.base(), &few.mine(), &changed)?;
    match few.back(&merged.text) {
        Some(text) => Ok(Merged { text, ..merged }),
        None => whole(base, mine, draft),
    }
}

/// The same, over everything that is given.
fn whole(base: &str, mine: &str, draft: &Draft) -> Result<Merged, NotToml> {
    let parse = |text: &str| text.parse::<DocumentMut>().map_err(|error| NotToml(error.message().to_owned()));
    let (then, file) = (parse(base)?, parse(mine)?);
    let now = parse(&draft.text())?;
    let mut merging = Merging {
        then: items(&then),
        file: items(&file),
        now: items(&now),
        edit: mine.parse()?,
        differences: Vec::new(),
    };
    for phase in &draft.phases {
        if !phase.items.is_empty() && !merging.edit.phases().contains(&phase.id) {
            let mut added = phase.clone();
            added.items.retain(|item| merging.is_new(&Address::new(&phase.id, &item.id)));
            merging.edit.add_phase(&added);
            for item in &added.items {
                merging.note(Change::Added, &Address::new(&phase.id, &item.id), &[], None, Some(item.title.clone()));
            }
            continue;
        }
        for item in &phase.items {
            merging.item(&phase.id, item);
        }
    }
    merging.gone();
    for var in &draft.vars {
        if then.get("vars").and_then(|vars| vars.get(&var.name)).is_none() {
            merging.edit.add_var(var);
        }
    }
    Ok(Merged { text: merging.edit.to_string(), differences: merging.differences })
}

type Items<'d> = BTreeMap<Address, &'d Table>;

struct Merging<'d> {
    then: Items<'d>,
    file: Items<'d>,
    now: Items<'d>,
    edit: Edit,
    differences: Vec<Difference>,
}

/// The items of a document, by address.
fn items(document: &DocumentMut) -> Items<'_> {
    let mut out = Items::new();
    for phase in document.get("phase").and_then(Node::as_array_of_tables).into_iter().flatten() {
        for item in phase.get("item").and_then(Node::as_array_of_tables).into_iter().flatten() {
            let id = |table: &Table| table.get("id").and_then(Node::as_str).map(str::to_owned);
            if let (Some(phase), Some(item_id)) = (id(phase), id(item)) {
                out.insert(Address::new(phase, item_id), item);
            }
        }
    }
    out
}

impl Merging<'_> {
    fn is_new(&self, address: &Address) -> bool {
        !self.then.contains_key(address) && !self.file.contains_key(address)
    }

    fn note(&mut self, sort: Change, item: &Address, within: &[&str], from: Option<String>, to: Option<String>) {
        let within = within.iter().map(|part| (*part).to_owned()).collect();
        self.differences.push(Difference { sort, item: item.to_string(), within, from, to });
    }

    fn item(&mut self, phase: &str, item: &Item) {
        let address = Address::new(phase, &item.id);
        if self.is_new(&address) {
            self.edit.add_item(phase, item);
            self.note(Change::Added, &address, &[], None, Some(item.title.clone()));
            return;
        }
        let (Some(then), Some(file), Some(now)) =
            (self.then.get(&address).copied(), self.file.get(&address).copied(), self.now.get(&address).copied())
        else {
            // A person took it out, or wrote one of the same name: both stay as they are.
            return;
        };
        let title = Field::new("title", item.title.as_str());
        for field in std::iter::once(&title).chain(&item.fields) {
            let is_keyed = field.value.entries().iter().any(|entry| entry.get(KEYED.1).is_some());
            if field.name == KEYED.0 && is_keyed {
                self.entries(&address, &field.value, (then, file, now));
            } else {
                self.field(&address, field, (then, file, now));
            }
        }
        let gone = then.iter().map(|(name, _)| name).filter(|name| !now.contains_key(name));
        for name in gone.map(str::to_owned).collect::<Vec<_>>() {
            self.field_gone(&address, &name, then, file);
        }
    }

    fn field(&mut self, address: &Address, field: &Field, (then, file, now): (&Table, &Table, &Table)) {
        let name = field.name.as_str();
        let (then, file, now) = (plain(then.get(name)), plain(file.get(name)), plain(now.get(name)));
        if then == now || file == now {
            return;
        }
        if file == then {
            self.edit.set(address, field);
            self.note(Change::Changed, address, &[name], file, now);
        } else {
            self.note(Change::Kept, address, &[name], file, now);
        }
    }

    fn field_gone(&mut self, address: &Address, name: &str, then: &Table, file: &Table) {
        let (then, file) = (plain(then.get(name)), plain(file.get(name)));
        if file.is_none() {
            return;
        }
        if file == then {
            self.edit.unset(address, name);
            self.note(Change::Removed, address, &[name], file, None);
        } else {
            self.note(Change::Kept, address, &[name], file, None);
        }
    }

    /// The rows of a list, each by its key.
    fn entries(&mut self, address: &Address, list: &Value, (then, file, now): (&Table, &Table, &Table)) {
        let (then, file, now) = (rows(then), rows(file), rows(now));
        for row in list.entries() {
            let Some(key) = row.get(KEYED.1).and_then(Value::as_text) else { continue };
            match (then.get(key), file.get(key), now.get(key)) {
                (None, None, _) => {
                    self.edit.push_entry(address, KEYED.0, row);
                    let what = row.get("amount").and_then(Value::as_text).unwrap_or("a price").to_owned();
                    self.note(Change::Added, address, &[key], None, Some(what));
                }
                (Some(then), Some(file), Some(now)) => self.entry(address, (key, row), (then, file, now)),
                _ => {}
            }
        }
        for (key, then) in then.iter().filter(|(key, _)| !now.contains_key(*key)) {
            let Some(file) = file.get(key) else { continue };
            let what = file.get("amount").cloned();
            if file == then {
                self.edit.remove_entry(address, KEYED.0, (KEYED.1, key));
                self.note(Change::Removed, address, &[key], what, None);
            } else {
                self.note(Change::Kept, address, &[key], what, None);
            }
        }
    }

    fn entry(&mut self, address: &Address, (key, row): (&str, &Value), (then, file, now): (&Row, &Row, &Row)) {
        let names = then.keys().chain(now.keys()).collect::<std::collections::BTreeSet<_>>();
        for name in names {
            let (then, file, now) = (then.get(name), file.get(name), now.get(name));
            if then == now || file == now {
                continue;
            }
            let sort = match (file == then, now) {
                (false, _) => Change::Kept,
                (true, Some(_)) => Change::Changed,
                (true, None) => Change::Removed,
            };
            match (sort, row.get(name)) {
                (Change::Changed, Some(value)) => {
                    let field = Field::new(name.as_str(), value.clone());
                    self.edit.set_in_entry(address, KEYED.0, (KEYED.1, key), &field);
                }
                (Change::Removed, _) => {
                    self.edit.unset_in_entry(address, KEYED.0, (KEYED.1, key), name);
                }
                _ => {}
            }
            self.note(sort, address, &[key, name], file.cloned(), now.cloned());
        }
    }

    /// Items that the last import wrote and this one does not.
    fn gone(&mut self) {
        let gone: Vec<Address> = self.then.keys().filter(|address| !self.now.contains_key(*address)).cloned().collect();
        for address in gone {
            let Some(file) = self.file.get(&address) else { continue };
            let title = file.get("title").and_then(Node::as_str).map(str::to_owned);
            let same = self.then.get(&address).is_some_and(|then| table(*then) == table(*file));
            if same && self.edit.remove_item(&address) {
                self.note(Change::Removed, &address, &[], title, None);
            } else {
                self.note(Change::Kept, &address, &[], title, None);
            }
        }
    }
}

type Row = BTreeMap<String, String>;

/// The rows of a list of tables, by key.
fn rows(item: &Table) -> BTreeMap<String, Row> {
    let mut out = BTreeMap::new();
    let mut add = |table: &dyn TableLike| {
        if let Some(key) = table.get(KEYED.1).and_then(Node::as_str) {
            out.insert(key.to_owned(), self::table(table));
        }
    };
    match item.get(KEYED.0) {
        Some(Node::ArrayOfTables(tables)) => tables.iter().for_each(|table| add(table)),
        Some(Node::Value(toml_edit::Value::Array(array))) => {
            array.iter().filter_map(toml_edit::Value::as_inline_table).for_each(|table| add(table));
        }
        _ => {}
    }
    out
}

fn table(table: &dyn TableLike) -> Row {
    table.iter().filter_map(|(name, node)| Some((name.to_owned(), plain(Some(node))?))).collect()
}

/// What a value says, however it is laid out.
fn plain(node: Option<&Node>) -> Option<String> {
    fn value(of: &toml_edit::Value) -> String {
        match of {
            toml_edit::Value::String(text) => text.value().clone(),
            toml_edit::Value::Array(entries) => {
                format!("[{}]", entries.iter().map(value).collect::<Vec<_>>().join(", "))
            }
            toml_edit::Value::InlineTable(fields) => {
                let fields: BTreeMap<&str, String> = fields.iter().map(|(name, of)| (name, value(of))).collect();
                format!(
                    "{{{}}}",
                    fields.iter().map(|(name, of)| format!("{name} = {of}")).collect::<Vec<_>>().join(", ")
                )
            }
            other => other.clone().decorated("", "").to_string(),
        }
    }
    match node? {
        Node::Value(of) => Some(value(of)),
        Node::Table(fields) => {
            let fields: BTreeMap<&str, Option<String>> =
                fields.iter().map(|(name, of)| (name, plain(Some(of)))).collect();
            let shown = fields.iter().map(|(name, of)| format!("{name} = {}", of.as_deref().unwrap_or_default()));
            Some(format!("{{{}}}", shown.collect::<Vec<_>>().join(", ")))
        }
        Node::ArrayOfTables(tables) => {
            let shown = tables.iter().map(|table| plain(Some(&Node::Table(table.clone()))).unwrap_or_default());
            Some(format!("[{}]", shown.collect::<Vec<_>>().join(", ")))
        }
        Node::None => None,
    }
}
