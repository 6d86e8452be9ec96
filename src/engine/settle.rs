//! Settling: writes that were begun and whose end is not recorded come to their end before Stripe
//! is looked at.
//!
//! Looking first would see the object, call the item done, and orphan a secret that only a replay
//! of the request can bring back. So: replay with the same key while Stripe remembers it (24
//! hours); where that can say nothing, find the object by its natural identity, and adopt it or
//! give the intent up. Never by search, which lags.

use super::port::{News, Sending};
use super::writes::{Intended, uncertain};
use super::{Engine, internal};
use crate::error::{Class, Failure, Result};
use crate::secret::Slot;
use crate::state::{Begun, Event, Intent};
use crate::step::{Look, Sight};

/// Stripe keeps idempotency keys at least 24 hours; an hour is left for clocks that differ.
const REPLAYABLE_HOURS: i64 = 23;

impl Engine<'_> {
    /// Settles every open intent, once a run.
    pub(super) fn settle(&mut self) -> Result<()> {
        if self.settled || !self.may_write || self.vault.get(&Slot::SecretKey).is_none() {
            return Ok(());
        }
        self.settled = true;
        let open = self.book.state.open.clone();
        let (stripe, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|intent| matches!(intent.what, Begun::Stripe { .. }));
        self.retire_local(&others)?;
        if stripe.is_empty() {
            return Ok(());
        }
        if !self.same_key() && !self.key_is_accepted()? {
            self.settled = false;
            return Ok(());
        }
        let (young, old): (Vec<_>, Vec<_>) = stripe.into_iter().partition(is_replayable);
        let unsettled = self.replay(&young)?;
        for intent in old.iter().chain(&unsettled) {
            if !self.find(intent)? {
                self.settled = false;
                break;
            }
        }
        Ok(())
    }

    /// Whether a key that is new to this launch works, and belongs to its account. One that does
    /// not work is asked for again, and settling waits.
    fn key_is_accepted(&mut self) -> Result<bool> {
        let seen = self.ports.stripe.look(&[Look::Account], &self.vault);
        if let Some((_, Sight::Refused(refusal))) = seen.first()
            && refusal.status == 401
        {
            return Ok(false);
        }
        self.remember(seen)?;
        self.guard_account().map(|()| true)
    }

    /// Env files are compared anew, and a command without an end is asked about: nothing is lost
    /// by giving these intents up.
    fn retire_local(&mut self, intents: &[Intent]) -> Result<()> {
        if intents.iter().any(|intent| !matches!(intent.what, Begun::Command(_))) {
            self.ports.env.settle()?;
        }
        let events = intents.iter().map(|intent| Event::Retired {
            intent: intent.id.clone(),
            why: match intent.what {
                Begun::Command(_) => "its end was not seen".into(),
                _ => "the file is compared again".into(),
            },
        });
        self.book.write(events.collect())
    }

    /// Whether the key at hand is the one the launch has worked with: then it is the same account.
    fn same_key(&self) -> bool {
        let known = self.book.state.keys.get(&Slot::SecretKey);
        let at_hand = self.secrets.get(&Slot::SecretKey);
        known.is_some_and(|(_, fingerprint)| at_hand.is_some_and(|secret| secret.fingerprint == *fingerprint))
    }

    /// Sends again what may have been sent, with the same bytes and keys. Returns those about
    /// which a replay can say nothing.
    fn replay(&mut self, intents: &[Intent]) -> Result<Vec<Intent>> {
        let again: Vec<Intended> = intents.iter().filter_map(intended).collect();
        if again.is_empty() {
            return Ok(Vec::new());
        }
        for one in &again {
            self.ports.operator.tell(&News::Settled { label: &one.action, how: "asking Stripe what became of it" });
        }
        let batch = self.send(&again, &mut 0, 0)?;
        self.take_over(batch.secrets);
        if batch.locked_out {
            self.settled = false;
            return Ok(Vec::new());
        }
        let unsettled = batch.unsure.iter().map(|index| intents[*index].clone()).collect();
        if !batch.uncertain.is_empty() {
            return Err(uncertain(batch.uncertain));
        }
        if let Some(problem) = batch.unsent {
            super::looks::check(&self.stop)?;
            return Err(Failure::new(Class::TryAgain, problem));
        }
        Ok(unsettled)
    }

    /// Looks an object up by its natural identity, and adopts it or gives the intent up. `false`
    /// when the key is not accepted: it is asked for again, and settling waits.
    fn find(&mut self, intent: &Intent) -> Result<bool> {
        let Begun::Stripe { write, .. } = &intent.what else { return Ok(true) };
        let found = match write.identity(begun(intent)) {
            None => None,
            Some(look) => {
                let seen = self.ports.stripe.look(std::slice::from_ref(&look), &self.vault);
                match seen.into_iter().next() {
                    Some((_, Sight::Unseen(problem))) => return Err(uncertain(vec![problem])),
                    Some((_, Sight::Refused(refusal))) if refusal.status == 401 => return Ok(false),
                    // Who may not look has not seen that it is not there.
                    Some((_, Sight::Refused(refusal))) => return Err(uncertain(vec![refusal.problem(None)])),
                    Some((_, sight)) => write.found_in(&sight, begun(intent)),
                    None => return Err(internal("a look did not come back")),
                }
            }
        };
        let (event, how) = match found {
            Some(object) => (
                Event::Applied { intent: intent.id.clone(), object, request_id: None, replayed: false, found: true },
                "it exists; nothing is doubled",
            ),
            None => (
                Event::Retired { intent: intent.id.clone(), why: "it is not in Stripe".into() },
                "it did not happen; it is planned again",
            ),
        };
        self.book.write(vec![event])?;
        self.ports.operator.tell(&News::Settled { label: &intent.action, how });
        Ok(true)
    }
}

/// A request as it was journaled, ready to be sent again.
fn intended(intent: &Intent) -> Option<Intended> {
    let Begun::Stripe { write, request, key, undo, undoes } = &intent.what else { return None };
    let (noun, name) = intent.action.split_once(' ').unwrap_or(("", &intent.action));
    Some(Intended {
        id: intent.id.clone(),
        item: intent.item.clone(),
        action: intent.action.clone(),
        noun: noun.to_owned(),
        name: name.to_owned(),
        verb: write.verb(),
        write: write.clone(),
        undo: undo.clone(),
        undoes: undoes.clone(),
        sending: Sending { request: request.clone(), key: key.clone() },
        at: intent.at.clone(),
        again: true,
    })
}

/// When it was intended, in Unix seconds.
fn begun(intent: &Intent) -> i64 {
    intent.at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second)
}

fn is_replayable(intent: &Intent) -> bool {
    let Ok(at) = intent.at.parse::<jiff::Timestamp>() else { return false };
    jiff::Timestamp::now().duration_since(at).as_hours() < REPLAYABLE_HOURS
}
