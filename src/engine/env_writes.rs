//! Writes to the env file: intended, replaced, recorded; and its restoring in a rollback. Every one is
//! in the journal before the file is touched, so that a rollback knows what stood there before.

use std::sync::Arc;

use super::book::Book;
use super::port::{EnvFile, EnvValue, EnvWrite, News, Receipt, Stop};
use super::writes::{Batch, Intended};
use super::{Engine, internal};
use crate::error::Result;
use crate::secret::Slot;
use crate::state::Event;
use crate::step::{Action, Address, Effect, EnvSet, EnvSource, Look, Sight, Write};

impl Engine<'_> {
    /// Writes the variables of one stage, of all items, in one replacement of the file.
    pub(super) fn write_env(&mut self, actions: &[(Address, Action)]) -> Result<(), Stop> {
        let mut sets: Vec<(Address, EnvSet)> = Vec::new();
        for (address, action) in actions {
            if let Effect::Env(values) = &action.effect {
                sets.extend(values.iter().map(|set| (address.clone(), set.clone())));
            }
        }
        let Some((first, _)) = sets.first() else { return Ok(()) };
        let file = self.ports.env.name();
        let intent = uuid::Uuid::new_v4().to_string();
        let variables: Vec<EnvSet> = sets.iter().map(|(_, set)| set.clone()).collect();
        self.book.write(vec![Event::EnvIntended {
            intent: intent.clone(),
            item: first.clone(),
            variables: variables.clone(),
            file: file.clone(),
            existed: self.ports.env.exists(),
        }])?;
        let values = variables.iter().map(|set| self.env_value(set)).collect::<Result<Vec<_>>>()?;
        let backup = self.ports.env.write(&values)?;
        self.book.write(vec![Event::EnvWritten { intent, file: file.clone(), backup: backup.clone() }])?;
        self.sights.remove(&Look::EnvFile);
        self.ports.operator.tell(&News::EnvWritten { file: &file, variables: values.len(), backup: backup.as_deref() });
        Ok(())
    }

    fn env_value(&self, set: &EnvSet) -> Result<EnvWrite> {
        let value = match &set.value {
            EnvSource::Text(text) => EnvValue::Text(text.clone()),
            EnvSource::Vault(slot) => EnvValue::Secret(
                self.vault.get(slot).ok_or_else(|| internal(format!("no secret for {}", set.variable)))?,
            ),
            EnvSource::Generate { format, bytes } => {
                EnvValue::Secret(Arc::new(super::fresh::generate(*format, *bytes)?))
            }
        };
        Ok(EnvWrite { variable: set.variable.clone(), value })
    }

    /// Puts back what stood in the env file's place before the launch; the present file is kept.
    pub fn restore_env(&mut self, from: Option<&str>) -> Result<Option<String>> {
        let file = self.ports.env.name();
        let kept = match self.kept_before(from)? {
            Some(kept) => Some(kept),
            None => self.ports.env.fresh_backup()?,
        };
        let event = Event::EnvRestoring { file: file.clone(), from: from.map(str::to_owned), kept: kept.clone() };
        self.book.write(vec![event])?;
        self.ports.env.restore(from, kept.as_deref())?;
        self.book.write(vec![Event::EnvRestored { file }])?;
        self.sights.remove(&Look::EnvFile);
        // Where the file stood in its place already, nothing was put aside.
        let made = kept.as_deref().map_or(Ok(None), |path| self.ports.env.backup(path))?;
        Ok(kept.filter(|_| made.is_some()))
    }

    /// Where the file of the launch was put aside by a golive that was killed before it could say that the
    /// former one is back: the keys in it are still wanted, and there is no other copy.
    fn kept_before(&self, from: Option<&str>) -> Result<Option<String>> {
        let unfinished = self.book.state.history.restored.as_ref().filter(|restored| !restored.ended);
        let Some(kept) = unfinished.filter(|one| one.from.as_deref() == from).and_then(|one| one.kept.clone()) else {
            return Ok(None);
        };
        let former = from.map_or(Ok(None), |path| self.ports.env.backup(path))?;
        let is_back = match (self.ports.env.look(), former) {
            (Sight::EnvFile(present), Some(former)) => present.says_the_same_as(&former),
            (Sight::EnvFile(present), None) => !present.exists,
            _ => false,
        };
        let copied = self.ports.env.backup(&kept)?.is_some();
        // Written again since, the file is another one, and gets a copy of its own.
        Ok((is_back || !copied).then_some(kept))
    }
}

/// Puts the secret of an answer into the env file, before the answer is recorded.
pub(super) fn keep_secret(
    one: &Intended,
    mut receipt: Receipt,
    env: &mut dyn EnvFile,
    book: &mut Book<'_>,
    batch: &mut Batch,
) -> Result<Receipt> {
    if let (Some(secret), Write::CreateWebhook(draft)) = (receipt.secret.take(), &one.write) {
        let (secret, slot) = (Arc::new(secret), Slot::Env(draft.secret_env.clone()));
        let (intent, file) = (uuid::Uuid::new_v4().to_string(), env.name());
        let set = EnvSet { variable: draft.secret_env.clone(), value: EnvSource::Vault(slot.clone()) };
        book.write(vec![Event::EnvIntended {
            intent: intent.clone(),
            item: one.item.clone(),
            variables: vec![set],
            file: file.clone(),
            existed: env.exists(),
        }])?;
        let value = EnvValue::Secret(Arc::clone(&secret));
        let backup = env.write(&[EnvWrite { variable: draft.secret_env.clone(), value }])?;
        book.write(vec![Event::EnvWritten { intent, file, backup }])?;
        batch.secrets.push((slot, secret));
    }
    Ok(receipt)
}
