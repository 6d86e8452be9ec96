//! What all parts of an import share while it is made: ids given once, references to the objects of the
//! account by their test ids, and what is told.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Ids;
use super::told::{Sort, Told};
use super::uses::Uses;
use super::{Around, NewKey, Options};
use crate::compose::Item;
use crate::inventory::Inventory;

/// Phases of an imported checklist.
pub(super) mod phase {
    pub const ACCOUNT: &str = "account";
    pub const CATALOG: &str = "catalog";
    pub const OFFERS: &str = "offers";
    pub const SETTINGS: &str = "settings";
    pub const WEBHOOK: &str = "webhook";
    pub const ENV: &str = "env";
    pub const DEPLOY: &str = "deploy";
    pub const PROOF: &str = "proof";
}

/// An import in the making.
pub(super) struct Maker<'a> {
    pub inventory: &'a Inventory,
    pub around: &'a Around,
    pub options: &'a Options,
    pub ids: Ids<'a>,
    pub uses: Uses<'a>,
    pub told: Vec<Told>,
    pub keys: Vec<NewKey>,
    /// Variables that no env file has yet.
    pub made_up: BTreeSet<String>,
    /// Whether something refers to `${vars.host}`.
    pub needs_host: bool,
    /// By the test id of an object: what stands for its live id, `${catalog.pro.id}`.
    references: BTreeMap<String, String>,
    /// Variables that are new, by object.
    provided: BTreeMap<String, String>,
    /// What stands for the live URL of a payment link, by its test URL.
    urls: BTreeMap<String, String>,
}

impl<'a> Maker<'a> {
    pub fn new(inventory: &'a Inventory, around: &'a Around, options: &'a Options) -> Self {
        let mut told = Vec::new();
        let uses = Uses::of(inventory, around, &mut told);
        Self {
            inventory,
            around,
            options,
            ids: Ids::new(&options.known),
            uses,
            told,
            keys: Vec::new(),
            made_up: BTreeSet::new(),
            needs_host: false,
            references: BTreeMap::new(),
            provided: BTreeMap::new(),
            urls: BTreeMap::new(),
        }
    }

    /// Something a person must decide.
    pub fn decide(&mut self, what: impl Into<String>, why: impl Into<String>, proposal: impl Into<String>) {
        self.told.push(Told::new(Sort::Decide, what).why(why).propose(proposal));
    }

    /// Something that is not carried over.
    pub fn not_carried(&mut self, what: impl Into<String>, why: impl Into<String>, proposal: impl Into<String>) {
        self.told.push(Told::new(Sort::NotCarried, what).why(why).propose(proposal));
    }

    /// An item of a phase, for an object of the account.
    pub fn item(&mut self, phase: &str, kind: &str, object: &str, words: &str, title: &str) -> Item {
        let id = self.ids.item(phase, object, words);
        let title = if title.is_empty() { words } else { title };
        Item::new(id, kind, crate::compose::literal(title))
    }

    /// From now on an object is referred to by this output of its item.
    pub fn refer(&mut self, object: &str, phase: &str, item: &Item, output: &str) {
        self.references.insert(object.to_owned(), format!("${{{phase}.{}.{output}}}", item.id));
    }

    /// The same for the address of a payment link.
    pub fn refer_url(&mut self, url: &str, phase: &str, item: &Item) {
        self.urls.insert(url.to_owned(), format!("${{{phase}.{}.url}}", item.id));
    }

    /// What stands for an object's live id.
    pub fn reference(&self, object: &str) -> Option<&String> {
        self.references.get(object).or_else(|| self.urls.get(object))
    }

    /// Remembers the variable that an object's item provides although no env file has it.
    pub fn provide(&mut self, object: &str, variable: &str) {
        self.provided.insert(object.to_owned(), variable.to_owned());
    }

    /// The variable that takes an object's live id.
    pub fn variable_in_checklist(&self, object: &str) -> Option<&str> {
        self.uses.variable_of(object).or_else(|| self.provided.get(object).map(String::as_str))
    }
}
