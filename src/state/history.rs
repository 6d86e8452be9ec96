//! What this run changed, oldest first, and what of it was undone: the memory behind `golive rollback`.
//! A fold of its own beside [`super::State`]'s, because reopening an item forgets what was proved for
//! it, and never what stands in Stripe. Pure; [`super::State::apply`] calls it with every line.

use std::collections::BTreeMap;

use super::{Event, Line};
use crate::checklist::ROLLBACK;
use crate::step::{Address, EnvSource, Write};

/// Everything that may have to be undone.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What was written to Stripe, oldest first.
    pub changes: Vec<Done>,
    /// How the env file was written since it was last restored, oldest first.
    pub env: Vec<EnvDone>,
    /// The last restoring of the env file.
    pub restored: Option<Restored>,
    /// The rollbacks, oldest first.
    pub rollbacks: Vec<Rollback>,
    begun: BTreeMap<String, Begun>,
}

/// A write that Stripe carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its name in the journal.
    pub intent: String,
    /// The item it was for.
    pub item: Address,
    /// `price pro_monthly`
    pub action: String,
    /// What was written.
    pub write: Write,
    /// What takes it back, where the write itself does not say.
    pub undo: Option<Write>,
    /// The object's id.
    pub object: String,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// When it was undone.
    pub undone: Option<String>,
}

/// A writing of the env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvDone {
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
    /// Whether there was a file before; unknown in journals of the first golive.
    pub existed: Option<bool>,
    /// Its variables, with the values that are no secrets.
    pub variables: Vec<(String, Option<String>)>,
    /// Whether its end was seen.
    pub written: bool,
    /// The file as it was, if it was kept.
    pub backup: Option<String>,
}

/// A restoring of the env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup that was put in its place; `None` when no file stood there.
    pub from: Option<String>,
    /// Where the file of the launch was put aside.
    pub kept: Option<String>,
    /// Whether its end was seen.
    pub ended: bool,
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
}

/// One rollback, which may have been interrupted and gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// When it began, RFC 3339 UTC.
    pub at: String,
    /// Who began it.
    pub by: String,
    /// What was undone, by action and object, in order.
    pub undone: Vec<(String, String)>,
    /// Whether the env file was restored.
    pub env: bool,
    /// When it ended, and how much was left.
    pub ended: Option<(String, usize)>,
    /// Whether the launch went on since: then another rollback is one of its own.
    pub over: bool,
}

#[derive(Debug, Clone)]
enum Begun {
    Write { done: Done, undoes: Vec<String> },
    Env(usize),
}

impl History {
    /// One more line.
    pub(super) fn apply(&mut self, line: &Line) {
        let at = &line.at;
        match &line.event {
            Event::Intended { intent, item, action, write, undo, undoes, .. } => {
                let done = Done {
                    intent: intent.clone(),
                    item: item.clone(),
                    action: action.clone(),
                    write: write.clone(),
                    undo: undo.clone(),
                    object: String::new(),
                    at: String::new(),
                    undone: None,
                };
                self.begun.insert(intent.clone(), Begun::Write { done, undoes: undoes.clone() });
            }
            Event::Applied { intent, object, .. } => self.applied(intent, object, at),
            Event::Refused { intent, .. } | Event::Retired { intent, .. } => {
                self.begun.remove(intent);
            }
            Event::Undone { intents, .. } => self.undone(intents, at),
            Event::EnvIntended { intent, variables, existed, .. } => {
                let shown = |source: &EnvSource| match source {
                    EnvSource::Text(text) => Some(text.clone()),
                    EnvSource::Vault(_) | EnvSource::Generate { .. } => None,
                };
                let variables = variables.iter().map(|set| (set.variable.clone(), shown(&set.value))).collect();
                let done = EnvDone { at: at.clone(), existed: *existed, variables, written: false, backup: None };
                self.goes_on();
                self.begun.insert(intent.clone(), Begun::Env(self.env.len()));
                self.env.push(done);
            }
            Event::EnvWritten { intent, backup, .. } => {
                if let Some(Begun::Env(index)) = self.begun.remove(intent)
                    && let Some(done) = self.env.get_mut(index)
                {
                    (done.written, done.backup) = (true, backup.clone());
                }
            }
            _ => self.rolled_back(&line.event, at),
        }
    }

    fn rolled_back(&mut self, event: &Event, at: &str) {
        match event {
            Event::EnvRestoring { from, kept, .. } => {
                let (from, kept) = (from.clone(), kept.clone());
                self.restored = Some(Restored { from, kept, ended: false, at: at.to_owned() });
            }
            Event::EnvRestored { .. } => {
                self.restored.iter_mut().for_each(|restored| restored.ended = true);
                self.env.clear();
                self.begun.retain(|_, begun| matches!(begun, Begun::Write { .. }));
                self.current().into_iter().for_each(|rollback| rollback.env = true);
            }
            Event::RollbackBegan { by, .. } if self.underway().is_none() => self.rollbacks.push(Rollback {
                at: at.to_owned(),
                by: by.clone(),
                undone: Vec::new(),
                env: false,
                ended: None,
                over: false,
            }),
            Event::RollbackBegan { .. } => self.current().into_iter().for_each(|rollback| rollback.ended = None),
            Event::RollbackEnded { left } => {
                self.current().into_iter().for_each(|rollback| rollback.ended = Some((at.to_owned(), *left)));
            }
            _ => {}
        }
    }

    /// The last rollback, while nothing was changed since; run again, it is gone on with.
    pub fn underway(&self) -> Option<&Rollback> {
        self.rollbacks.last().filter(|rollback| !rollback.over)
    }

    /// The last rollback, where it was stopped or something is left of it, and the launch did not go on since.
    pub fn unfinished(&self) -> Option<&Rollback> {
        self.underway().filter(|rollback| rollback.ended.as_ref().is_none_or(|(_, left)| *left > 0))
    }

    /// What stands: changes that were not undone, oldest first.
    pub fn standing(&self) -> impl Iterator<Item = &Done> {
        self.changes.iter().filter(|done| done.undone.is_none())
    }

    fn current(&mut self) -> Option<&mut Rollback> {
        self.rollbacks.last_mut().filter(|rollback| !rollback.over)
    }

    /// The launch goes on.
    fn goes_on(&mut self) {
        self.current().into_iter().for_each(|rollback| rollback.over = true);
    }

    fn applied(&mut self, intent: &str, object: &str, at: &str) {
        let Some(Begun::Write { mut done, undoes }) = self.begun.remove(intent) else { return };
        if undoes.is_empty() {
            (done.object, done.at) = (object.to_owned(), at.to_owned());
            if done.item.phase != ROLLBACK {
                self.goes_on();
            }
            self.changes.push(done);
            return;
        }
        self.undone(&undoes, at);
        let told = (done.action, object.to_owned());
        self.current().into_iter().for_each(|rollback| rollback.undone.push(told.clone()));
    }

    fn undone(&mut self, intents: &[String], at: &str) {
        for done in self.changes.iter_mut().filter(|done| intents.contains(&done.intent)) {
            done.undone.get_or_insert_with(|| at.to_owned());
        }
    }
}
