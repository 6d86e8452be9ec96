//! Edits of a checklist that a person wrote: fields, list entries, items and phases are put in, and
//! everything else, comments and order included, stays byte for byte.
//!
//! Called by imports that are run again. Items are found by their address, `rollback.<id>` for those
//! of `[[rollback]]`.

use std::str::FromStr;

use toml_edit::{ArrayOfTables, DocumentMut, Item as Node, Table, TableLike};

use super::{Field, Item, Phase, Value, write};
use crate::step::Address;

/// The phase of the addresses of `[[rollback]]`.
const ROLLBACK: &str = "rollback";

/// A checklist that is being edited.
///
/// ```
/// use golive::compose::{Edit, Field};
///
/// let mut edit: Edit = r#"# Mine.
/// [[phase]]
/// id = "catalog"
///
/// [[phase.item]]
/// id = "pro"
/// prices = [
///   { lookup_key = "pro_monthly", amount = "20.00 EUR" },    # agreed with Ann
/// ]
/// "#.parse()?;
/// let pro = "catalog.pro".parse().map_err(|_| "no address")?;
/// edit.set_in_entry(&pro, "prices", ("lookup_key", "pro_monthly"), &Field::new("amount", "25.00 EUR"));
/// edit.set(&pro, &Field::new("minutes", 5_i64));
/// assert_eq!(edit.to_string(), r#"# Mine.
/// [[phase]]
/// id = "catalog"
///
/// [[phase.item]]
/// id = "pro"
/// prices = [
///   { lookup_key = "pro_monthly", amount = "25.00 EUR" },    # agreed with Ann
/// ]
/// minutes = 5
/// "#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Edit {
    document: DocumentMut,
}

/// The text is no TOML: why, in the words of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotToml(pub String);

impl std::fmt::Display for NotToml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotToml {}

impl FromStr for Edit {
    type Err = NotToml;

    fn from_str(text: &str) -> Result<Self, NotToml> {
        text.parse()
            .map(|document| Self { document })
            .map_err(|error: toml_edit::TomlError| NotToml(error.message().to_owned()))
    }
}

impl std::fmt::Display for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.document.fmt(f)
    }
}

impl Edit {
    /// The ids of the phases, in order.
    pub fn phases(&self) -> Vec<String> {
        let phases = self.document.get("phase").and_then(Node::as_array_of_tables);
        phases.into_iter().flatten().filter_map(id).collect()
    }

    /// The addresses of all items, in order; those of the rollback come last.
    pub fn items(&self) -> Vec<Address> {
        let mut out = Vec::new();
        for phase in self.document.get("phase").and_then(Node::as_array_of_tables).into_iter().flatten() {
            let items = phase.get("item").and_then(Node::as_array_of_tables).into_iter().flatten();
            let named = |item: &Table| Some(Address::new(id(phase)?, id(item)?));
            out.extend(items.filter_map(named));
        }
        let rollback = self.document.get(ROLLBACK).and_then(Node::as_array_of_tables).into_iter().flatten();
        out.extend(rollback.filter_map(|item| Some(Address::new(ROLLBACK, id(item)?))));
        out
    }

    /// Sets a field of an item: in the place of the former value, or below the item's last field.
    /// `false`: there is no such item.
    pub fn set(&mut self, item: &Address, field: &Field) -> bool {
        self.item(item).map(|table| write::put(table, field)).is_some()
    }

    /// Takes a field away from an item. `false`: it was not there.
    pub fn unset(&mut self, item: &Address, name: &str) -> bool {
        self.item(item).is_some_and(|table| table.remove(name).is_some())
    }

    /// Sets a field of one entry of an item's list of tables, the one with this text in this field:
    /// `("lookup_key", "pro_monthly")` in `prices`. `false`: there is no such entry.
    pub fn set_in_entry(&mut self, item: &Address, list: &str, entry: (&str, &str), field: &Field) -> bool {
        let Some(table) = self.entry(item, list, entry) else { return false };
        let mut value = field.value.edited(&field.name);
        if let Some(former) = table.get_mut(&field.name).and_then(Node::as_value_mut) {
            *value.decor_mut() = former.decor().clone();
            *former = value;
        } else {
            table.insert(&field.name, Node::Value(value));
            table.fmt();
        }
        true
    }

    /// Takes a field away from one entry of an item's list of tables. `false`: it was not there.
    pub fn unset_in_entry(&mut self, item: &Address, list: &str, entry: (&str, &str), name: &str) -> bool {
        self.entry(item, list, entry).is_some_and(|table| table.remove(name).is_some())
    }

    /// Adds an entry at the end of an item's list, which is made if it is not there; a list over
    /// several lines gets a line more. `false`: there is no such item, or the field is no list.
    pub fn push_entry(&mut self, item: &Address, list: &str, entry: &Value) -> bool {
        let Some(table) = self.item(item) else { return false };
        match table.get_mut(list) {
            None => write::put(table, &Field::new(list, Value::List(vec![entry.clone()]))),
            Some(Node::Value(toml_edit::Value::Array(array))) => {
                let mut value = entry.edited(list);
                let layout = array.iter().last().map(|last| last.decor().clone());
                let lines = array.trailing().as_str().is_some_and(|end| end.contains('\n'));
                if let Some(layout) = layout {
                    let prefix = layout.prefix().and_then(|prefix| prefix.as_str()).unwrap_or(" ");
                    // Only the break and the indentation: a comment above the last one is its own.
                    let prefix = prefix.rfind('\n').map_or(prefix, |at| &prefix[at..]);
                    let first = array.len() == 1 && !lines;
                    value.decor_mut().set_prefix(if first { " " } else { prefix });
                }
                array.push_formatted(value);
                array.set_trailing_comma(lines);
            }
            Some(Node::ArrayOfTables(tables)) => {
                let Value::Table(fields) = entry else { return false };
                let mut table = Table::new();
                table.decor_mut().set_prefix("\n");
                for (name, value) in fields {
                    write::put(&mut table, &Field::new(name.as_str(), value.clone()));
                }
                tables.push(table);
            }
            Some(_) => return false,
        }
        true
    }

    /// Takes an entry out of an item's list of tables. `false`: it was not there.
    pub fn remove_entry(&mut self, item: &Address, list: &str, (name, text): (&str, &str)) -> bool {
        let is_it = |table: &dyn TableLike| table.get(name).and_then(Node::as_str) == Some(text);
        match self.item(item).and_then(|table| table.get_mut(list)) {
            Some(Node::ArrayOfTables(tables)) => {
                let at = tables.iter().position(|table| is_it(table));
                at.map(|at| tables.remove(at)).is_some()
            }
            Some(Node::Value(toml_edit::Value::Array(array))) => {
                let at = array.iter().position(|value| value.as_inline_table().is_some_and(|table| is_it(table)));
                at.map(|at| array.remove(at)).is_some()
            }
            _ => false,
        }
    }

    /// Takes an item out of its phase. `false`: it was not there.
    pub fn remove_item(&mut self, address: &Address) -> bool {
        let items = self.phase(&address.phase).and_then(|phase| phase.get_mut("item")?.as_array_of_tables_mut());
        let Some(items) = items else { return false };
        let at = items.iter().position(|table| id(table).as_deref() == Some(&address.item));
        at.map(|at| items.remove(at)).is_some()
    }

    /// Adds an item at the end of a phase, or of the rollback. `false`: there is no such phase.
    pub fn add_item(&mut self, phase: &str, item: &Item) -> bool {
        let items = if phase == ROLLBACK { Some(self.document.as_table_mut()) } else { self.phase(phase) };
        let name = if phase == ROLLBACK { ROLLBACK } else { "item" };
        let Some(items) = items else { return false };
        let items = items.entry(name).or_insert_with(|| Node::ArrayOfTables(ArrayOfTables::new()));
        items.as_array_of_tables_mut().map(|items| items.push(write::item(item, "\n"))).is_some()
    }

    /// Adds a phase after the others. `false`: it has no item, or the file's phases are no list of
    /// tables.
    pub fn add_phase(&mut self, phase: &Phase) -> bool {
        if phase.items.is_empty() {
            return false;
        }
        let phases = self.document.entry("phase").or_insert_with(|| Node::ArrayOfTables(ArrayOfTables::new()));
        phases.as_array_of_tables_mut().map(|phases| phases.push(write::phase(phase))).is_some()
    }

    /// Sets a variable of `[vars]`, unless a person's value stands there.
    pub fn add_var(&mut self, field: &Field) -> bool {
        let table = self.document.entry("vars").or_insert_with(|| {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            Node::Table(table)
        });
        match table.as_table_mut() {
            Some(table) if !table.contains_key(&field.name) => {
                write::put(table, field);
                true
            }
            _ => false,
        }
    }

    fn phase(&mut self, phase: &str) -> Option<&mut Table> {
        let phases = self.document.get_mut("phase")?.as_array_of_tables_mut()?;
        phases.iter_mut().find(|table| id(table).as_deref() == Some(phase))
    }

    fn item(&mut self, address: &Address) -> Option<&mut Table> {
        let items = if address.phase == ROLLBACK {
            self.document.get_mut(ROLLBACK)?
        } else {
            self.phase(&address.phase)?.get_mut("item")?
        };
        items.as_array_of_tables_mut()?.iter_mut().find(|table| id(table).as_deref() == Some(&address.item))
    }

    /// An entry of a list, whether it is written in braces or below a header.
    fn entry(&mut self, item: &Address, list: &str, (name, text): (&str, &str)) -> Option<&mut dyn TableLike> {
        let is_it = |table: &dyn TableLike| table.get(name).and_then(Node::as_str) == Some(text);
        match self.item(item)?.get_mut(list)? {
            Node::ArrayOfTables(tables) => {
                let table = tables.iter_mut().find(|table| is_it(*table))?;
                Some(table)
            }
            Node::Value(toml_edit::Value::Array(array)) => {
                let table =
                    array.iter_mut().filter_map(|value| value.as_inline_table_mut()).find(|table| is_it(*table))?;
                Some(table)
            }
            _ => None,
        }
    }
}

fn id(table: &Table) -> Option<String> {
    table.get("id").and_then(Node::as_str).map(str::to_owned)
}
