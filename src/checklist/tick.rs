//! An item's texts with the checklist's variables filled in: as they are shown, and as the digest of what
//! a tick was about (when the item reads otherwise, the tick decays). Called by `parse` for every item.

use sha2::{Digest, Sha256};
use toml::Table;

use super::refs;

/// What a tick was about: kind, title and fields with their variables, whatever their order in the
/// file. Tables are sorted by name, so their JSON is canonical.
pub(super) fn digest(kind: &str, title: &str, fields: &Table, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let fields = refs::map_fields(fields, &mut |text| refs::resolve_some(text, lookup));
    let text = serde_json::to_string(&(kind, refs::resolve_some(title, lookup), fields)).unwrap_or_default();
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A text to show, with its variables and without its escapes.
pub(super) fn plain(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    refs::resolve_some(text, lookup).replace("$${", "${")
}
