//! What is done and what is left: the view behind `golive status`, and behind every count.
//!
//! Pure: the checklist says what there is, the state what is known of it. Items that are not part
//! of the mode are left out. Serialized, the fields are those of `golive.status/1`.

use serde::Serialize;

use crate::checklist::{Checklist, Item, Severity, Source};
use crate::error::Problem;
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::state::{ItemRecord, ItemState, Rollback, State, item_state, recorded_state};
use crate::step::{Address, Verdict};

/// How a launch stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusView {
    /// The run's mode.
    pub mode: Mode,
    /// Whether no blocker is unfinished.
    pub ready: bool,
    /// The account, once it is known.
    pub account: Option<AccountRef>,
    /// The checklist.
    pub checklist: ChecklistView,
    /// The counts.
    pub summary: Summary,
    /// Where the wizard goes on.
    pub next: Option<Next>,
    /// The phases that have items in this mode, in order.
    pub phases: Vec<PhaseView>,
    /// Whether the operator paused, and nothing happened since.
    #[serde(skip)]
    pub paused: bool,
    /// When something was last recorded, RFC 3339 UTC.
    #[serde(skip)]
    pub updated_at: Option<String>,
    /// The last rollback, until the launch goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RolledBack>,
    /// The rollback as it was walked on a copy of this rehearsal, while nothing was changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_drill: Option<RolledBack>,
    /// Whether there is anything that a rollback would do.
    #[serde(skip)]
    pub undoable: bool,
    /// How many seconds ago that was, once somebody who has a clock said so.
    #[serde(skip)]
    pub age: Option<i64>,
}

/// The checklist, named.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChecklistView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its file, or the name of a bundled one.
    pub path: String,
    /// SHA-256 of its text, hex.
    pub sha256: String,
}

/// Counts of items. Those of states add up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each counts the items of the state it is named after")]
pub struct Summary {
    /// Items in this mode.
    pub total: usize,
    pub done: usize,
    pub todo: usize,
    pub blocked: usize,
    pub failed: usize,
    pub unknown: usize,
    pub skipped: usize,
    pub stale: usize,
    /// Finished in a rehearsal, and nowhere else.
    pub rehearsed: usize,
    /// Unfinished items of severity `blocker`.
    pub blocking: usize,
}

impl Summary {
    /// Items with nothing left to do: done, rehearsed or skipped.
    pub const fn finished(&self) -> usize {
        self.done + self.rehearsed + self.skipped
    }

    /// Items with something left to do.
    pub const fn left(&self) -> usize {
        self.total - self.finished()
    }

    fn add(&mut self, item: &ItemView) {
        self.total += 1;
        *match item.state {
            ItemState::Todo => &mut self.todo,
            ItemState::Blocked => &mut self.blocked,
            ItemState::Done => &mut self.done,
            ItemState::Failed => &mut self.failed,
            ItemState::Unknown => &mut self.unknown,
            ItemState::Skipped => &mut self.skipped,
            ItemState::Stale => &mut self.stale,
            ItemState::Rehearsed => &mut self.rehearsed,
        } += 1;
        if item.severity == Severity::Blocker && !item.state.is_finished() {
            self.blocking += 1;
        }
    }
}

/// A rollback, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RolledBack {
    /// When it began, RFC 3339 UTC.
    pub at: String,
    /// Who began it.
    pub by: String,
    /// When it came to its end; `None` when it was interrupted.
    pub ended_at: Option<String>,
    /// How many objects in Stripe were taken back.
    pub objects: usize,
    /// Whether the env file is as it was before the launch.
    pub env_file: bool,
    /// How much could not be undone.
    pub left: usize,
}

impl RolledBack {
    /// Whether it came to its end, and nothing is left.
    pub const fn is_whole(&self) -> bool {
        self.ended_at.is_some() && self.left == 0
    }
}

/// An item, as the next one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next {
    /// Its phase's id.
    pub phase: String,
    /// Its address, `phase.item`.
    pub item: Address,
}

/// A phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The state that needs attention most among its items'.
    pub state: ItemState,
    /// Its items in this mode, in order.
    pub items: Vec<ItemView>,
}

impl PhaseView {
    /// Items with nothing left to do.
    pub fn finished(&self) -> usize {
        self.items.iter().filter(|item| item.state.is_finished()).count()
    }
}

/// An item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemView {
    /// Its address, `phase.item`.
    pub id: Address,
    /// Its title.
    pub title: String,
    /// Its kind's name.
    pub kind: String,
    /// Whether the launch waits for it.
    pub severity: Severity,
    /// How it stands.
    pub state: ItemState,
    /// The unfinished items it waits for, when it is blocked.
    pub waits_for: Vec<Address>,
    /// When it was last judged, RFC 3339 UTC.
    pub checked_at: Option<String>,
    /// How we know that it holds.
    pub evidence: Option<String>,
    /// Why it does not, or could not be looked at.
    pub problem: Option<Problem>,
    /// What a person noted: who skipped it and why, or what they attested.
    pub note: Option<String>,
}

impl StatusView {
    /// Reads the state of every item in the mode.
    pub fn of(checklist: &Checklist, state: &State, mode: Mode) -> Self {
        let finished = |address: &Address| is_finished(checklist, state, mode, address);
        let phases: Vec<PhaseView> = checklist
            .phases
            .iter()
            .map(|phase| {
                let items = phase.items.iter().filter(|item| item.is_in(mode));
                let items: Vec<_> = items.map(|item| item_view(item, state, &finished)).collect();
                PhaseView { id: phase.id.clone(), title: phase.title.clone(), state: phase_state(&items), items }
            })
            .filter(|phase| !phase.items.is_empty())
            .collect();
        let mut summary = Summary::default();
        phases.iter().flat_map(|phase| &phase.items).for_each(|item| summary.add(item));
        Self {
            mode,
            ready: summary.blocking == 0,
            account: state.account.clone(),
            checklist: ChecklistView::of(checklist),
            summary,
            next: next(&phases),
            phases,
            paused: state.paused.is_some(),
            updated_at: state.updated_at.clone(),
            rollback: state.history.underway().map(rolled_back),
            rollback_drill: None,
            undoable: state.history.standing().next().is_some() || checklist.rollback_in(mode).next().is_some(),
            age: None,
        }
    }

    /// The same view, with the age of its last event.
    #[must_use]
    pub fn at(mut self, now: jiff::Timestamp) -> Self {
        let updated = self.updated_at.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        self.age = updated.map(|updated| now.as_second() - updated.as_second());
        self
    }

    /// Every item, in order.
    pub fn items(&self) -> impl Iterator<Item = &ItemView> {
        self.phases.iter().flat_map(|phase| &phase.items)
    }

    /// The title of an item, or its address where there is none.
    pub fn title_of(&self, address: &Address) -> String {
        let item = self.items().find(|item| item.id == *address);
        item.map_or_else(|| address.to_string(), |item| item.title.clone())
    }
}

/// A rollback as it is shown.
pub(super) fn rolled_back(rollback: &Rollback) -> RolledBack {
    RolledBack {
        at: rollback.at.clone(),
        by: rollback.by.clone(),
        ended_at: rollback.ended.as_ref().map(|(at, _)| at.clone()),
        objects: rollback.undone.len(),
        env_file: rollback.env,
        left: rollback.ended.as_ref().map_or(0, |(_, left)| *left),
    }
}

fn is_finished(checklist: &Checklist, state: &State, mode: Mode, address: &Address) -> bool {
    match checklist.find(address) {
        // What is not part of this mode, nobody has to wait for.
        Some(item) if item.is_in(mode) => {
            let record = state.items.get(address);
            record.and_then(|record| recorded_state(item, record)).is_some_and(ItemState::is_finished)
        }
        _ => true,
    }
}

fn item_view(item: &Item, state: &State, finished: &dyn Fn(&Address) -> bool) -> ItemView {
    let record = state.items.get(&item.address);
    let (standing, waits_for) = item_state(item, record, finished);
    let judged = record.and_then(|record| record.verdict.as_ref());
    let evidence = judged.and_then(|judged| match &judged.verdict {
        Verdict::Pass { evidence, .. } => Some(evidence.clone()),
        Verdict::Fail { .. } | Verdict::Unknown { .. } => None,
    });
    ItemView {
        id: item.address.clone(),
        title: item.title.clone(),
        kind: item.kind.clone(),
        severity: item.severity,
        state: standing,
        waits_for,
        checked_at: judged.map(|judged| judged.at.clone()),
        evidence,
        problem: judged.and_then(|judged| judged.problem().cloned()),
        note: record.and_then(note),
    }
}

fn note(record: &ItemRecord) -> Option<String> {
    if let Some((by, reason, _)) = &record.skipped {
        return Some(format!("\"{reason}\", {by}"));
    }
    let attested = record.attested.as_ref()?;
    Some(match &attested.note {
        Some(note) => format!("\"{note}\", {}", attested.by),
        None => attested.by.clone(),
    })
}

fn phase_state(items: &[ItemView]) -> ItemState {
    // What needs attention most comes first; a phase is finished only when nothing else is found.
    const ORDER: [ItemState; 8] = [
        ItemState::Failed,
        ItemState::Stale,
        ItemState::Unknown,
        ItemState::Todo,
        ItemState::Blocked,
        ItemState::Rehearsed,
        ItemState::Done,
        ItemState::Skipped,
    ];
    let found = ORDER.into_iter().find(|state| items.iter().any(|item| item.state == *state));
    found.unwrap_or(ItemState::Done)
}

fn next(phases: &[PhaseView]) -> Option<Next> {
    phases.iter().find_map(|phase| {
        let open = |item: &&ItemView| !item.state.is_finished() && item.state != ItemState::Blocked;
        let item = phase.items.iter().find(open)?;
        Some(Next { phase: phase.id.clone(), item: item.id.clone() })
    })
}

impl ChecklistView {
    /// How a checklist is named.
    pub fn of(checklist: &Checklist) -> Self {
        let path = match &checklist.origin {
            Source::Bundled(name) => (*name).to_owned(),
            Source::File(path) => path.display().to_string(),
        };
        Self { id: checklist.id.clone(), title: checklist.title.clone(), path, sha256: checklist.sha256.clone() }
    }
}

#[cfg(test)]
#[path = "any_journal_tests.rs"]
mod any_journal_tests;
#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
