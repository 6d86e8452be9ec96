//! Looks: those of all items are merged, handed to the adapters as one batch, and remembered for
//! the rest of the run.

use std::collections::BTreeSet;

use super::port::News;
use super::{Engine, StopFlag};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::secret::Slot;
use crate::state::Event;
use crate::step::{Address, Look, Origin, Sight};

/// Who answers a look.
#[derive(PartialEq, Eq)]
pub(super) enum Door {
    Stripe,
    World,
    Env,
}

pub(super) fn door(look: &Look) -> Door {
    match look {
        Look::EnvFile => Door::Env,
        Look::Http(_)
        | Look::Tls { .. }
        | Look::Log(_)
        | Look::Tcp(_)
        | Look::Smtp(_)
        | Look::Scan(_)
        | Look::WebhookProbe { .. } => Door::World,
        _ => Door::Stripe,
    }
}

/// The secrets that a look needs, as the env file holds them at its moment.
fn slots(look: &Look) -> Vec<Slot> {
    match look {
        Look::Http(ask) => ask.bearer.iter().cloned().collect(),
        Look::Smtp(ask) => ask.password.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The user's name that a look needs.
fn user(look: &Look) -> Option<Slot> {
    match look {
        Look::Smtp(ask) => ask.username.clone(),
        _ => None,
    }
}

impl Engine<'_> {
    /// Performs looks that items asked for. Open writes are settled before Stripe is looked at.
    pub(super) fn look(&mut self, wanted: &[(Address, Look)]) -> Result<()> {
        check(&self.stop)?;
        for (address, look) in wanted {
            self.looked.entry(address.clone()).or_default().insert(look.clone());
        }
        let looks: BTreeSet<Look> = wanted.iter().map(|(_, look)| look.clone()).collect();
        let (stripe, others): (Vec<_>, Vec<_>) = looks
            .into_iter()
            .filter(|look| !self.sights.contains_key(look))
            .partition(|look| door(look) == Door::Stripe);
        if !stripe.is_empty() {
            self.settle()?;
            if !self.waiting {
                self.ports.operator.tell(&News::Looking { what: "Stripe" });
            }
            let seen = self.ports.stripe.look(&stripe, &self.vault);
            self.remember(seen)?;
        }
        let (env, world): (Vec<_>, Vec<_>) = others.into_iter().partition(|look| door(look) == Door::Env);
        if !env.is_empty() {
            let seen = self.ports.env.look();
            self.sights.insert(Look::EnvFile, seen);
        }
        if !world.is_empty() {
            self.fetch(world.iter().flat_map(slots));
            self.fetch_names(world.iter().filter_map(user));
            if !self.waiting {
                self.ports.operator.tell(&News::Looking { what: "your hosts" });
            }
            let seen = self.ports.world.look(&world, &self.vault);
            self.remember(seen)?;
        }
        check(&self.stop)
    }

    /// Looks that no item asked for, taken anew and not remembered.
    pub fn glance(&mut self, looks: &[Look]) -> Vec<(Look, Sight)> {
        let (stripe, world): (Vec<_>, Vec<_>) = looks.iter().cloned().partition(|look| door(look) == Door::Stripe);
        let mut seen = Vec::with_capacity(looks.len());
        if !stripe.is_empty() {
            seen.extend(self.ports.stripe.look(&stripe, &self.vault));
        }
        if !world.is_empty() {
            seen.extend(self.ports.world.look(&world, &self.vault));
        }
        seen
    }

    /// Takes what the env file holds for these slots now; a value that was typed stays where it has none.
    pub(super) fn fetch(&mut self, slots: impl Iterator<Item = Slot>) {
        for slot in slots {
            if let Slot::Env(name) = &slot
                && let Ok(Some(secret)) = self.ports.env.take(name)
            {
                self.hand_over(slot, secret, Origin::EnvFile);
            }
        }
    }

    /// The same for what is no secret by itself.
    fn fetch_names(&mut self, slots: impl Iterator<Item = Slot>) {
        for slot in slots {
            if let Slot::Env(name) = &slot
                && let Ok(Some(secret)) = self.ports.env.peek(name)
            {
                self.hand_over(slot, secret, Origin::EnvFile);
            }
        }
    }

    /// Forgets what was seen, but for the keys and the account: what an item saw may have been looked
    /// at for another, so nothing else says whose sights a change has made old.
    pub(super) fn look_anew(&mut self) {
        let lasting =
            |look: &Look| matches!(look, Look::Account | Look::Balance | Look::PublishableKey | Look::Permission(_));
        self.sights.retain(|look, _| lasting(look));
    }

    /// Forgets everything that was seen: the operator says that something was changed elsewhere.
    pub fn start_over_looking(&mut self) {
        self.sights.clear();
        self.carried.clear();
        self.anew = super::book::now();
    }

    pub(super) fn remember(&mut self, seen: Vec<(Look, Sight)>) -> Result<()> {
        for (look, sight) in seen {
            self.notice_account(&sight)?;
            self.sights.insert(look, sight);
        }
        Ok(())
    }

    /// The account's name may change. Which account it is, accepted keys decide, so that a wrong
    /// key, once pasted, does not bind the launch to a stranger.
    fn notice_account(&mut self, sight: &Sight) -> Result<()> {
        let Some((id, name)) = account_of(sight) else { return Ok(()) };
        let has_keys = self.checklist.items_in(self.mode).any(|item| item.kind == "keys");
        match self.account() {
            Some(known) if known.id != id || known.name == name || name.is_none() => Ok(()),
            None if has_keys => Ok(()),
            _ => self.book.write(vec![Event::Account { id, name }]),
        }
    }

    /// The account that the launch belongs to from now on, when that was not known yet.
    pub(super) fn first_account(&self) -> Option<Event> {
        let sight = self.sights.get(&Look::Account).filter(|_| self.account().is_none())?;
        account_of(sight).map(|(id, name)| Event::Account { id, name })
    }

    /// Refuses to change an account other than the one this launch began with.
    pub(super) fn guard_account(&mut self) -> Result<()> {
        if !self.sights.contains_key(&Look::Account) {
            self.look(&[(Address::new("golive", "account"), Look::Account)])?;
        }
        self.book.write(self.first_account().into_iter().collect())?;
        let seen = self.sights.get(&Look::Account).and_then(account_of).map(|(id, _)| id);
        match (seen, self.account()) {
            (Some(seen), Some(known)) if seen == known.id => Ok(()),
            (Some(seen), Some(known)) => Err(other_account(&seen, &known.id)),
            _ => {
                let problem =
                    Problem::new(Code::Unreachable, "the key's account could not be read, so nothing was changed")
                        .fix("run the same command again");
                Err(Failure::new(Class::TryAgain, problem))
            }
        }
    }
}

/// The account that an answer is about, with its name; a refusal for want of a permission names it.
fn account_of(sight: &Sight) -> Option<(String, Option<String>)> {
    match sight {
        Sight::Account(account) => Some((account.id.clone(), account.name().map(str::to_owned))),
        Sight::Refused(refusal) if refusal.status == 403 => Some((refusal.account.clone()?, None)),
        _ => None,
    }
}

/// The failure for a key of another account.
pub(super) fn other_account(seen: &str, known: &str) -> Failure {
    let problem = Problem::new(Code::StateAccount, format!("this launch belongs to {known}, and the key to {seen}"))
        .found_wanted(seen, known)
        .why("nothing was changed in either account")
        .fix(format!("use a key of {known}, or begin a launch of its own: golive wizard --dir OTHER_FOLDER"));
    Failure::new(Class::Refused, problem)
}

/// The failure for a saved plan that is not what would be done now.
pub(super) fn stale() -> Failure {
    let problem = Problem::new(Code::PlanStale, "something moved since this plan was made")
        .why("nothing was applied")
        .fix("make a new plan and look at it: golive plan --out FILE");
    Failure::new(Class::Refused, problem)
}

/// Ends the run when the operator asked for it.
pub(super) fn check(stop: &StopFlag) -> Result<()> {
    if stop.is_set() { Err(Failure::paused()) } else { Ok(()) }
}
