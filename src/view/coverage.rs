//! What stands behind a checklist: how many items each kind has, and by which kinds the tick boxes
//! of the guide it was made from are covered. Pure; it reads the checklist alone, no state. Behind
//! `golive checklist show NAME --coverage`; serialized, the fields are those of `golive.coverage/1`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::status::ChecklistView;
use crate::checklist::{Checklist, Item};

/// The kind that is somebody's word, and nothing else.
const PERSON: &str = "manual";

/// What stands behind a checklist.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverageView {
    /// The checklist.
    pub checklist: ChecklistView,
    /// Its items, those of the watch and of the rollback too.
    pub items: Parts,
    /// The tick boxes that they stand for.
    pub boxes: Parts,
    /// Each kind that it uses, by name.
    pub kinds: Vec<KindView>,
}

/// A number, and who sees to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Parts {
    /// All of them.
    pub total: usize,
    /// Those that golive does or proves; a box counts when one of its items does.
    pub machine: usize,
    /// Those that only a person can state.
    pub person: usize,
}

/// A kind, as the checklist uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindView {
    /// Its name.
    pub kind: String,
    /// Whether its items are a person's word.
    pub person: bool,
    /// How many items are of it.
    pub items: usize,
    /// How many tick boxes are covered by one of them, alone or with others.
    pub boxes: usize,
}

impl CoverageView {
    /// What stands behind this checklist.
    pub fn of(checklist: &Checklist) -> Self {
        let mut boxes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut items: BTreeMap<&str, usize> = BTreeMap::new();
        for item in checklist.written() {
            *items.entry(&item.kind).or_default() += 1;
            for name in tick_boxes(item) {
                boxes.entry(name).or_default().insert(&item.kind);
            }
        }
        let covers = |kind: &str| boxes.values().filter(|kinds| kinds.contains(kind)).count();
        let kinds = items.iter().map(|(&kind, &count)| KindView {
            kind: kind.to_owned(),
            person: kind == PERSON,
            items: count,
            boxes: covers(kind),
        });
        let by_word = |kinds: &&BTreeSet<&str>| kinds.iter().all(|kind| *kind == PERSON);
        Self {
            checklist: ChecklistView::of(checklist),
            items: Parts::new(checklist.written().count(), items.get(PERSON).copied().unwrap_or(0)),
            boxes: Parts::new(boxes.len(), boxes.values().filter(by_word).count()),
            kinds: kinds.collect(),
        }
    }
}

impl Parts {
    const fn new(total: usize, person: usize) -> Self {
        Self { total, machine: total - person, person }
    }
}

/// The tick boxes that an item stands for, as its `source` names them: the text behind `- [ ]` with
/// its dash, `- Text`, or, where a guide has the same text twice, `Heading › - Text`.
pub fn tick_boxes(item: &Item) -> impl Iterator<Item = &str> {
    item.source.iter().map(String::as_str).filter(|source| source.starts_with("- ") || source.contains(" › - "))
}
