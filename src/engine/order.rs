//! What may begin: an item waits for what it needs, by name, by reference, and by nature; the
//! checklist has worked out all three.

use super::Engine;
use crate::checklist::Item;
use crate::error::Result;
use crate::plan::PlanItem;
use crate::state::{ItemState, item_state, recorded_state};
use crate::step::{Address, Look, Verdict};

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

    /// Whether an item is finished, or was until it or the checklist changed.
    pub fn has_held(&self, address: &Address) -> bool {
        let state = self.checklist.find(address).and_then(|item| {
            let record = self.book.state.items.get(address)?;
            recorded_state(item, record)
        });
        self.is_finished(address) || state == Some(ItemState::Stale)
    }

    /// The items this one waits for now; empty when it may begin.
    pub fn waits_for(&self, item: &Item) -> Vec<Address> {
        item.needs.iter().filter(|need| !self.is_ready(need)).cloned().collect()
    }

    /// Keys must have been accepted in this very run; everything else must be finished.
    fn is_ready(&self, address: &Address) -> bool {
        let is_keys = self.checklist.find(address).is_some_and(|item| item.kind == "keys" && item.is_in(self.mode));
        self.accepted.contains(address) || (self.is_finished(address) && (!is_keys || self.judged.contains(address)))
    }

    /// Keys that came from elsewhere than the keyboard are proved before they are kept: an item that
    /// halts at keeping them has proved them, and what only looks can go on.
    pub(super) fn accept_keys(&mut self, items: &[PlanItem]) -> Result<()> {
        let is_keys = |address: &Address| self.checklist.find(address).is_some_and(|item| item.kind == "keys");
        let proved = items.iter().map(|item| &item.address).filter(|address| is_keys(address));
        let proved: Vec<Address> = proved.filter(|_| self.sights.contains_key(&Look::Balance)).cloned().collect();
        if proved.is_empty() {
            return Ok(());
        }
        self.accepted.extend(proved);
        self.book.write(self.first_account().into_iter().collect())
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
        let depends = |item: &&Item| item.needs.iter().any(|need| moved.contains(&need));
        self.checklist.items_in(self.mode).filter(depends).map(|item| item.address.clone()).collect()
    }
}
