//! What may begin: an item waits for what it needs, by name, by reference, and by nature.

use super::Engine;
use crate::checklist::Item;
use crate::kind::Realm;
use crate::state::{ItemState, item_state, recorded_state};
use crate::step::{Address, Verdict};

impl Engine<'_> {
    /// How an item stands, by the journal.
    pub fn state_of(&self, item: &Item) -> ItemState {
        item_state(item, self.book.state.items.get(&item.address), &|address| self.is_finished(address)).0
    }

    /// Whether an item is finished, by the journal.
    pub fn is_finished(&self, address: &Address) -> bool {
        let Some(item) = self.checklist.find(address) else { return true };
        if !item.is_in(self.mode) {
            return true;
        }
        let record = self.book.state.items.get(address);
        record.and_then(|record| recorded_state(item, record)).is_some_and(ItemState::is_finished)
    }

    /// The items this one waits for now; empty when it may begin.
    pub fn waits_for(&self, item: &Item) -> Vec<Address> {
        let mut waits: Vec<Address> = item
            .needs
            .iter()
            .filter(|need| !self.is_finished(need) && !self.accepted.contains(*need))
            .cloned()
            .collect();
        waits.extend(self.by_nature(item).filter(|need| !self.is_ready_by_nature(need)));
        waits.sort();
        waits.dedup();
        waits.retain(|need| *need != item.address);
        waits
    }

    /// What an item needs without saying so: whatever speaks to Stripe needs the keys, and an env
    /// file that is to be complete needs everybody who provides to it.
    fn by_nature<'s>(&'s self, item: &'s Item) -> impl Iterator<Item = Address> + 's {
        let realm = self.kinds.get(&item.address).map(|kind| kind.realm());
        let speaks = matches!(realm, Some(Realm::Stripe | Realm::Between));
        let keys = (speaks && item.kind != "keys").then_some("keys");
        let keys = self.checklist.items_in(self.mode).filter(move |other| Some(other.kind.as_str()) == keys);
        let providers = if item.kind == "env" { self.bindings() } else { Vec::new() };
        keys.map(|other| other.address.clone()).chain(providers.into_iter().map(|binding| binding.owner))
    }

    /// The items whose facts these verdicts move: they refer to an output that becomes another one.
    pub(super) fn outdated_by(&self, verdicts: &[(Address, Verdict)]) -> Vec<Address> {
        let is_other = |(address, verdict): &&(Address, Verdict)| match verdict {
            Verdict::Pass { outputs, .. } => {
                self.book.state.items.get(address).is_some_and(|record| record.held && record.outputs != *outputs)
            }
            _ => false,
        };
        let moved: Vec<&Address> = verdicts.iter().filter(is_other).map(|(address, _)| address).collect();
        if moved.is_empty() {
            return Vec::new();
        }
        let depends = |item: &&Item| {
            item.needs.iter().chain(&self.by_nature(item).collect::<Vec<_>>()).any(|need| moved.contains(&need))
        };
        self.checklist.items_in(self.mode).filter(depends).map(|item| item.address.clone()).collect()
    }

    /// Keys must have been accepted in this very run; everything else must be finished.
    fn is_ready_by_nature(&self, address: &Address) -> bool {
        let is_keys = self.checklist.find(address).is_some_and(|item| item.kind == "keys");
        if is_keys && self.accepted.contains(address) {
            return true;
        }
        self.is_finished(address) && (!is_keys || self.judged.contains(address))
    }
}
