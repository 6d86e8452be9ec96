//! Mends what a kind could not read, so that the kind can judge the rest: one mistake must not hide
//! another. The mended fields are for complaints only and never become part of a checklist.

use toml::{Table, Value};

use super::complaints::Found;
use super::locate::{Path, Segment};
use super::shape::Common;
use crate::error::Code;

/// The fields with every mistake replaced by what was suggested, or taken out.
pub fn repaired(fields: &Table, item: &Path, wrong: &[Found]) -> Table {
    let mut root = Value::Table(fields.clone());
    for found in wrong {
        mend(&mut root, found.path.below(item), found);
    }
    match root {
        Value::Table(table) => table,
        _ => Table::new(),
    }
}

fn mend(root: &mut Value, path: &[Segment], found: &Found) {
    let Some((last, above)) = path.split_last() else { return };
    let parent = above.iter().try_fold(root, |value, segment| match segment {
        Segment::Key(name) => value.get_mut(name.as_str()),
        Segment::Index(index) => value.get_mut(*index),
    });
    match (parent, last) {
        (Some(Value::Table(table)), Segment::Key(name)) => {
            let value = table.remove(name);
            let common =
                above.is_empty() && found.instead.as_deref().is_some_and(|near| Common::FIELDS.contains(&near));
            match (found.code, &found.instead, value) {
                (Code::UnknownField, Some(near), Some(value)) if !common && !table.contains_key(near) => {
                    table.insert(near.clone(), value);
                }
                (Code::UnknownField, ..) => {}
                _ => table.extend(found.instead.as_deref().and_then(parse).map(|value| (name.clone(), value))),
            }
        }
        (Some(Value::Array(entries)), Segment::Index(index)) => {
            let better = found.instead.as_deref().and_then(parse);
            if let (Some(entry), Some(better)) = (entries.get_mut(*index), better) {
                *entry = better;
            }
        }
        _ => {}
    }
}

fn parse(text: &str) -> Option<Value> {
    format!("v = {text}").parse::<Table>().ok()?.remove("v")
}
