//! What could be read of a checklist, before it is known whether the whole holds together, and how it
//! becomes the model. Made by `parse`, judged by `cross`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::locate::Path;
use super::shape::{Common, Head, PhaseHead};
use super::tick::{digest, plain};
use super::{Checklist, Item, Phase, Source, cross};
use crate::kind::Kind;
use crate::step::Address;

/// What could be read of a checklist.
pub(super) struct Draft {
    /// The fields at the top, if they could be read.
    pub head: Option<Head>,
    /// Variables; empty when the head could not be read.
    pub vars: BTreeMap<String, String>,
    /// The phases.
    pub phases: Vec<PhaseDraft>,
    /// The items of the rollback.
    pub rollback: Vec<ItemDraft>,
    /// The checks of the watch.
    pub checks: Vec<ItemDraft>,
}

/// What could be read of a phase.
pub(super) struct PhaseDraft {
    /// Its place.
    pub path: Path,
    /// Its id, even when other fields are wrong.
    pub id: Option<String>,
    /// Its fields.
    pub head: Option<PhaseHead>,
    /// Its items.
    pub items: Vec<ItemDraft>,
}

/// What could be read of an item.
pub(super) struct ItemDraft {
    /// Its place.
    pub path: Path,
    /// Its address, when both ids are there.
    pub address: Option<Address>,
    /// The fields of every kind, as they were written.
    pub raw: Table,
    /// The fields of every kind.
    pub common: Option<Common>,
    /// The fields of its kind, references unresolved.
    pub fields: Table,
    /// Its kind, with its fields.
    pub kind: Option<Box<dyn Kind>>,
}

impl Draft {
    /// Every item.
    pub fn items(&self) -> impl Iterator<Item = &ItemDraft> {
        self.phases.iter().flat_map(|phase| &phase.items)
    }

    /// The items that are no part of the launch.
    pub fn aside(&self) -> impl Iterator<Item = &ItemDraft> {
        self.rollback.iter().chain(&self.checks)
    }

    /// The value of a variable's reference.
    pub fn variable(&self, reference: &str) -> Option<String> {
        variable(&self.vars, reference)
    }

    /// The model; `None` when a part that it needs could not be read, which was complained about.
    pub fn finish(self, origin: Source, text: &str, mut needs: cross::Needs) -> Option<Checklist> {
        let head = self.head?;
        let mut finish = |items: Vec<ItemDraft>| -> Option<Vec<Item>> {
            items.into_iter().map(|item| item.finish(&self.vars, &mut needs)).collect()
        };
        let mut phases = Vec::with_capacity(self.phases.len());
        for phase in self.phases {
            let items = finish(phase.items);
            let PhaseHead { id, title, why } = phase.head?;
            phases.push(Phase { id, title, why, items: items? });
        }
        let (rollback, checks) = (finish(self.rollback), finish(self.checks));
        Some(Checklist {
            id: head.id,
            title: head.title,
            origin,
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
            vars: self.vars,
            env_file: head.env.map(|env| env.file),
            phases,
            watch: head.watch.unwrap_or_default(),
            rollback: rollback?,
            checks: checks?,
        })
    }
}

impl ItemDraft {
    /// Whether it is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.raw.get("kind").and_then(Value::as_str) == Some(kind)
    }

    /// The items it names as needed, with their index, even when other fields are wrong.
    pub fn needs(&self) -> impl Iterator<Item = (usize, &str)> {
        let needs = self.raw.get("needs").and_then(Value::as_array).into_iter().flatten().enumerate();
        needs.filter_map(|(index, need)| Some((index, need.as_str()?)))
    }

    /// The texts shown to people, with their places.
    pub fn texts(&self) -> Vec<(Path, &str)> {
        fn of<'t>(path: &Path, table: &'t Table, names: &[&str]) -> Vec<(Path, &'t str)> {
            names.iter().filter_map(|name| Some((path.key(name), table.get(*name)?.as_str()?))).collect()
        }
        let mut texts = of(&self.path, &self.raw, &["title", "why", "help", "link"]);
        let causes = self.raw.get("causes").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (index, cause) in causes.filter_map(|(index, cause)| Some((index, cause.as_table()?))) {
            texts.extend(of(&self.path.key("causes").index(index), cause, &["says", "fix"]));
        }
        texts
    }

    fn finish(self, vars: &BTreeMap<String, String>, needs: &mut cross::Needs) -> Option<Item> {
        let (address, common) = (self.address?, self.common?);
        let lookup = |reference: &str| variable(vars, reference);
        let shown = |text: String| if text.contains("${") { plain(&text, &lookup) } else { text };
        Some(Item {
            needs: needs.remove(&address).unwrap_or_default(),
            digest: digest(&common.kind, &common.title, &self.fields, &lookup),
            address,
            kind: common.kind,
            title: shown(common.title),
            why: common.why.map(shown),
            help: common.help.map(shown),
            link: common.link.map(shown),
            source: common.source,
            severity: common.severity,
            when: common.when,
            owner: common.owner,
            minutes: common.minutes,
            modes: common.modes,
            once: common.once,
            causes: common.causes.into_iter().map(|cause| cause.shown(&shown)).collect(),
            fields: self.fields,
        })
    }
}

/// The value of a variable's reference.
pub(super) fn variable(vars: &BTreeMap<String, String>, reference: &str) -> Option<String> {
    vars.get(reference.strip_prefix("vars.")?).cloned()
}
