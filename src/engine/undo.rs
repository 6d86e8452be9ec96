//! The engine's part of `golive rollback`: the same looks, the same protocol of intending, sending and
//! recording, for writes that take earlier ones back. What is undone, and in which order, is decided by
//! [`crate::undo`]; a refusal fails no item here, it is kept for the end.

use std::collections::BTreeMap;

use super::port::Stop;
use super::{Engine, Permit};
use crate::checklist::{Item, ROLLBACK};
use crate::error::{Failure, Problem, Result};
use crate::kind::Realm;
use crate::mode::Mode;
use crate::plan::PlanItem;
use crate::secret::Slot;
use crate::state::Event;
use crate::step::{Action, Address, Look, Sights, Verdict};
use crate::undo::{Former, UndoPlan};

/// What a rollback carries out, and what of it did not come out.
#[derive(Debug, Default)]
pub(super) struct Undoing {
    covers: BTreeMap<(Address, String), Vec<String>>,
    /// Whether it is a step of the checklist's own: its kind decides, and is judged, as anywhere.
    pub step: bool,
    /// What Stripe refused, by action.
    pub left: Vec<(String, Problem)>,
}

impl Engine<'_> {
    /// Looks at what a rollback needs to see, after settling what an earlier command left open.
    pub fn look_back(&mut self, looks: Vec<Look>) -> Result<&Sights> {
        let address = Address::new("golive", ROLLBACK);
        let wanted: Vec<_> = looks.into_iter().map(|look| (address.clone(), look)).collect();
        self.look(&wanted)?;
        Ok(&self.sights)
    }

    /// Finds out whose account the key at hand is of; refuses one that the launch did not begin with.
    pub fn same_account(&mut self) -> Result<()> {
        self.settle()?;
        self.guard_account()
    }

    /// What is undone, by what was seen.
    pub fn undo_plan(&self, former: Former, only: &[Address]) -> UndoPlan {
        crate::undo::plan(self.checklist, &self.book.state, self.mode, &self.sights, former, only)
    }

    /// Whether a secret is at hand.
    pub fn knows(&self, slot: &Slot) -> bool {
        self.vault.get(slot).is_some()
    }

    /// Shows the checklist's commands, where they were not allowed on this computer before.
    pub fn allow_commands(&mut self) -> Result<bool, Stop> {
        self.commands_allowed()
    }

    /// Takes writes back; `covers` names the intents that each action takes back. Returns what
    /// Stripe refused.
    pub fn take_back(
        &mut self,
        items: Vec<PlanItem>,
        covers: BTreeMap<(Address, String), Vec<String>>,
    ) -> Result<Vec<(String, Problem)>, Stop> {
        let plan = crate::plan::Plan { items, ..self.plan(Vec::new(), &[]) };
        self.undoing = Some(Undoing { covers, ..Undoing::default() });
        let carried_out = self.carry_out(&plan);
        let undoing = self.undoing.take().unwrap_or_default();
        carried_out.map(|()| undoing.left)
    }

    /// Records that nothing has to be sent for these.
    pub fn covered(&mut self, intents: Vec<String>, why: &str) -> Result<(), Failure> {
        if intents.is_empty() {
            return Ok(());
        }
        self.book.write(vec![Event::Undone { intents, why: why.to_owned() }])
    }

    /// Does one of the checklist's own steps of a rollback. Its commands were shown and consented to.
    pub fn step_back(&mut self, item: &Item) -> Result<(), Stop> {
        let Some(item) = self.checklist.find(&item.address) else { return Ok(()) };
        if self.mode == Mode::Rehearse && self.kind(&item.address)?.realm() == Realm::Local {
            // No test keys stood there before a rehearsal.
            let verdict = Verdict::pass("would be looked at");
            return self.judge(vec![(item.address.clone(), verdict)]);
        }
        self.undoing = Some(Undoing { step: true, ..Undoing::default() });
        let walked = self.advance(&[item], Permit::WIZARD);
        self.undoing = None;
        walked.map(|_| ())
    }

    /// The intents that an action takes back.
    pub(super) fn undoes(&self, address: &Address, action: &Action) -> Vec<String> {
        let undoing = self.undoing.as_ref();
        let covers = undoing.and_then(|undoing| undoing.covers.get(&(address.clone(), action.label())));
        covers.cloned().unwrap_or_default()
    }
}
