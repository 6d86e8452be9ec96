//! The world: accounts, keys, objects of each account and mode, and saved answers.
//!
//! The world is the fold of its entries: every change is one `Entry`, applied here and kept by
//! `keep` as one line, so a reopened folder gives the same world. No IO and no clock in this file.

use super::{Keys, Mode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// One account in one mode: test and live data never meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub account: String,
    pub mode: Mode,
}

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum KeyKind {
    Secret,
    Publishable,
    /// Names like `product_write`; write implies read.
    Restricted(Vec<String>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyEntry {
    pub key: String,
    pub scope: Scope,
    pub kind: KeyKind,
    pub revoked: bool,
}

/// A saved answer of the idempotency store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saved {
    pub scope: Scope,
    pub key: String,
    /// Method, path and parameters, in one canonical text.
    pub fingerprint: String,
    pub status: u16,
    pub body: String,
    pub request_id: String,
}

/// One change of the world, one line of the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Entry {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<(String, Keys, Keys)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forget_saved: bool,
}

/// The objects of one scope, by kind in order of creation.
#[derive(Default)]
pub struct Store {
    kinds: HashMap<String, Vec<Option<Value>>>,
    index: HashMap<String, (String, usize)>,
}

impl Store {
    pub fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        let (found, at) = self.index.get(id)?;
        (found == kind).then(|| self.kinds.get(kind)?.get(*at)?.as_ref())?
    }

    /// Oldest first.
    pub fn all(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.kinds.get(kind).map(Vec::as_slice).unwrap_or_default().iter().flatten()
    }

    fn put(&mut self, value: &Value) {
        let (Some(kind), Some(id)) = (text(value, "object"), text(value, "id")) else {
            return;
        };
        let list = self.kinds.entry(kind.to_owned()).or_default();
        match self.index.get(id) {
            Some((known, at)) if known == kind => list[*at] = Some(value.clone()),
            _ => {
                self.index.insert(id.to_owned(), (kind.to_owned(), list.len()));
                list.push(Some(value.clone()));
            }
        }
    }

    fn delete(&mut self, id: &str) {
        if let Some((kind, at)) = self.index.remove(id)
            && let Some(slot) = self.kinds.get_mut(&kind).and_then(|list| list.get_mut(at))
        {
            *slot = None;
        }
    }
}

/// A text field of an object.
pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

#[derive(Default)]
pub struct World {
    pub accounts: Vec<(String, Keys, Keys)>,
    pub keys: HashMap<String, KeyEntry>,
    pub saved: HashMap<(Scope, String), Saved>,
    stores: HashMap<Scope, Store>,
    empty: Store,
}

impl World {
    pub fn store(&self, scope: &Scope) -> &Store {
        self.stores.get(scope).unwrap_or(&self.empty)
    }

    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.stores.keys()
    }

    pub fn apply(&mut self, entry: Entry) {
        self.accounts.extend(entry.accounts);
        for key in entry.keys {
            self.keys.insert(key.key.clone(), key);
        }
        if let Some(scope) = entry.scope {
            let store = self.stores.entry(scope).or_default();
            entry.put.iter().for_each(|value| store.put(value));
            entry.delete.iter().for_each(|id| store.delete(id));
        }
        if entry.forget_saved {
            self.saved.clear();
        }
        if let Some(saved) = entry.saved {
            self.saved.insert((saved.scope.clone(), saved.key.clone()), saved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Mode, Scope, World};
    use serde_json::json;

    #[test]
    fn objects_keep_their_place_when_they_change_and_leave_when_deleted() {
        let scope = Scope { account: "acct_1".into(), mode: Mode::Test };
        let mut world = World::default();
        let put = |ids: &[&str]| Entry {
            scope: Some(scope.clone()),
            put: ids.iter().map(|id| json!({"object": "product", "id": id})).collect(),
            ..Entry::default()
        };
        world.apply(put(&["a", "b", "c"]));
        world.apply(put(&["b"]));
        world.apply(Entry { scope: Some(scope.clone()), delete: vec!["a".into()], ..Entry::default() });
        let ids: Vec<_> = world.store(&scope).all("product").map(|v| v["id"].clone()).collect();
        assert_eq!(ids, ["b", "c"]);
        assert!(world.store(&scope).get("price", "b").is_none());
    }
}
