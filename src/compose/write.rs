//! A draft as text: the order, the blank lines and the comments that the bundled checklists have. Tables
//! are made with `toml_edit` and written one by one, so that a checklist of ten thousand prices is never
//! a tree as a whole; `edit` puts the same tables into existing files.

use toml_edit::{ArrayOfTables, Item as Node, Key, RawString, Table};

use super::{Draft, Field, Item, Phase, comment, quote};

/// The first line: editors find the schema by it.
const SCHEMA: &str = "#:schema ./golive.schema.json\n";
/// Where the words beside a field begin.
const BESIDE: usize = 40;

/// The whole text.
pub(super) fn text(draft: &Draft) -> String {
    let mut out = format!("{SCHEMA}{}\n", comment::lines(&draft.comment));
    let mut head = Table::new();
    put(&mut head, &Field::new("schema", 1_i64));
    put(&mut head, &Field::new("id", draft.id.as_str()));
    put(&mut head, &Field::new("title", draft.title.as_str()));
    out.push_str(&head.to_string());
    if !draft.vars.is_empty() {
        write(&section("\n", &draft.vars), "[vars]", &mut out);
    }
    if let Some(file) = &draft.env_file {
        write(&section("\n", &[Field::new("file", file.as_str())]), "[env]", &mut out);
    }
    for phase in draft.phases.iter().filter(|phase| !phase.items.is_empty()) {
        write(&self::head(phase), "[[phase]]", &mut out);
        for item in &phase.items {
            write(&self::item(item, "\n"), "[[phase.item]]", &mut out);
        }
    }
    for (n, step) in draft.rollback.iter().enumerate() {
        write(&item(step, if n == 0 { "\n\n" } else { "\n" }), "[[rollback]]", &mut out);
    }
    if !draft.watch.is_empty() {
        write(&section("\n\n", &draft.watch), "[watch]", &mut out);
    }
    out
}

/// A table of fields below its header.
fn write(table: &Table, header: &str, out: &mut String) {
    let above = table.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
    out.extend([above, header, "\n", &table.to_string()]);
}

/// A phase with its items.
pub(super) fn phase(phase: &Phase) -> Table {
    let mut table = head(phase);
    let items: ArrayOfTables = phase.items.iter().map(|each| item(each, "\n")).collect();
    table.insert("item", Node::ArrayOfTables(items));
    table
}

/// A phase without them.
fn head(phase: &Phase) -> Table {
    let mut table = headed("\n\n", &phase.comment);
    put(&mut table, &Field::new("id", phase.id.as_str()));
    put(&mut table, &Field::new("title", phase.title.as_str()));
    if let Some(why) = &phase.why {
        put(&mut table, &Field::new("why", why.as_str()));
    }
    table
}

/// An item, below blank lines.
pub(super) fn item(item: &Item, blank: &str) -> Table {
    let mut table = headed(blank, &item.comment);
    for (name, text) in [("id", &item.id), ("kind", &item.kind), ("title", &item.title)] {
        put(&mut table, &Field::new(name, text.as_str()));
    }
    for field in &item.fields {
        put(&mut table, field);
    }
    table
}

/// Puts a field at the end of a table, or its value in the place of the former one, where what is
/// said about it stays.
pub(super) fn put(table: &mut Table, field: &Field) {
    let mut value = field.value.edited(&field.name);
    if let Some(former) = table.get_mut(&field.name).and_then(Node::as_value_mut) {
        *value.decor_mut() = former.decor().clone();
        *former = value;
        return;
    }
    if let Some(words) = field.aside.as_ref().filter(|words| !words.trim().is_empty()) {
        let shown = format!("{} = {}", quote::key(&field.name), value);
        let used = shown.lines().last().unwrap_or_default().chars().count();
        let gap = " ".repeat(BESIDE.saturating_sub(used).max(4));
        value.decor_mut().set_suffix(format!("{gap}{}", comment::beside(words)));
    }
    let mut key: Key = quote::key(&field.name).parse().unwrap_or_else(|_| Key::new(&field.name));
    if !field.comment.is_empty() {
        key.leaf_decor_mut().set_prefix(comment::lines(&field.comment));
    }
    value.decor_mut().set_prefix(" ");
    key.leaf_decor_mut().set_suffix(" ");
    table.insert_formatted(&key, Node::Value(value));
}

/// A table of fields, below blank lines.
fn section(blank: &str, fields: &[Field]) -> Table {
    let mut table = headed(blank, &[]);
    for field in fields {
        put(&mut table, field);
    }
    table
}

/// A table without fields, with what is said above its header.
fn headed(blank: &str, above: &[String]) -> Table {
    let mut table = Table::new();
    let said = comment::lines(above);
    table.decor_mut().set_prefix(RawString::from(format!("{blank}{said}")));
    table
}
