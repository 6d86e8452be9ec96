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
    pub delete: Vec<Gone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forget_saved: bool,
}

/// What was deleted. Folders that are older name the id alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gone {
    Object(String, String),
    Id(String),
}

/// The objects of one scope, by kind in order of creation.
#[derive(Clone, Default)]
pub struct Store {
    kinds: HashMap<String, Vec<Option<Value>>>,
    /// Ids are unique among objects of one kind only: a coupon may be called as a product is.
    index: HashMap<String, HashMap<String, usize>>,
}

impl Store {
    pub fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        let at = self.index.get(kind)?.get(id)?;
        self.kinds.get(kind)?.get(*at)?.as_ref()
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
        let index = self.index.entry(kind.to_owned()).or_default();
        if let Some(at) = index.get(id) {
            list[*at] = Some(value.clone());
        } else {
            index.insert(id.to_owned(), list.len());
            list.push(Some(value.clone()));
        }
    }

    fn delete(&mut self, gone: &Gone) {
        let (only, id) = match gone {
            Gone::Object(kind, id) => (Some(kind), id),
            Gone::Id(id) => (None, id),
        };
        for (kind, index) in self.index.iter_mut().filter(|(kind, _)| only.is_none_or(|only| only == *kind)) {
            if let Some(at) = index.remove(id)
                && let Some(slot) = self.kinds.get_mut(kind).and_then(|list| list.get_mut(at))
            {
                *slot = None;
            }
        }
    }
}

/// A text field of an object.
pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

#[derive(Clone, Default)]
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
        for account in entry.accounts {
            match self.accounts.iter_mut().find(|(id, ..)| *id == account.0) {
                Some(known) => *known = account,
                None => self.accounts.push(account),
            }
        }
        for key in entry.keys {
            self.keys.insert(key.key.clone(), key);
        }
        if let Some(scope) = entry.scope {
            let store = self.stores.entry(scope).or_default();
            entry.put.iter().for_each(|value| store.put(value));
            entry.delete.iter().for_each(|gone| store.delete(gone));
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
    use super::{Entry, Gone, Mode, Scope, World};
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
        world.apply(Entry {
            scope: Some(scope.clone()),
            delete: vec![Gone::Object("product".into(), "a".into())],
            ..Entry::default()
        });
        let ids: Vec<_> = world.store(&scope).all("product").map(|v| v["id"].clone()).collect();
        assert_eq!(ids, ["b", "c"]);
        assert!(world.store(&scope).get("price", "b").is_none());
    }

    #[test]
    fn objects_of_two_kinds_may_share_an_id() {
        let scope = Scope { account: "acct_1".into(), mode: Mode::Test };
        let mut world = World::default();
        let both = ["product", "coupon"].map(|kind| json!({"object": kind, "id": "shop_pro"})).into();
        world.apply(Entry { scope: Some(scope.clone()), put: both, ..Entry::default() });
        let has = |world: &World, kind: &str| world.store(&scope).get(kind, "shop_pro").is_some();
        assert!(has(&world, "product") && has(&world, "coupon"));
        let gone = vec![Gone::Object("coupon".into(), "shop_pro".into())];
        world.apply(Entry { scope: Some(scope.clone()), delete: gone, ..Entry::default() });
        assert!(has(&world, "product") && !has(&world, "coupon"));
        let old: Gone = serde_json::from_value(json!("shop_pro")).unwrap();
        world.apply(Entry { scope: Some(scope.clone()), delete: vec![old], ..Entry::default() });
        assert!(!has(&world, "product"));
    }
}
