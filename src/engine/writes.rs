//! Carrying out a plan: intend, send, record.
//!
//! 1. Every request is journaled with a fresh idempotency key before anything is sent.
//! 2. What goes to Stripe at one stage goes side by side; each answer is recorded as it arrives.
//! 3. A secret in an answer goes to the env file before the answer is recorded, so that a crash
//!    between the two replays the request and gets the secret again.
//! 4. A refusal fails its item and nothing else. An unknown outcome stays open and ends the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::book::now;
use super::env_writes::keep_secret;
use super::port::{News, Operator, Outcome, Sending, Stop};
use super::{Engine, internal};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::plan::{Plan, PlanItem};
use crate::secret::{Secret, Slot};
use crate::state::Event;
use crate::step::{Action, Address, CommandSpec, Effect, Given, KnownSecret, Origin, Refusal, Verb, Verdict, Write};

/// A request that was journaled.
pub(super) struct Intended {
    pub id: String,
    pub item: Address,
    pub action: String,
    pub noun: String,
    pub name: String,
    pub verb: Verb,
    pub write: Write,
    pub undo: Option<Write>,
    /// Intents that it takes back, in a rollback.
    pub undoes: Vec<String>,
    pub sending: Sending,
    pub at: String,
    /// Whether it was sent before: then a refusal does not say that nothing happened.
    pub again: bool,
}

/// A write that Stripe refused.
pub(super) struct Refused {
    label: String,
    refusal: Refusal,
    by_hand: Option<String>,
}

/// What the answers of one batch came to, beyond what was recorded.
#[derive(Default)]
pub(super) struct Batch {
    pub refused: BTreeMap<Address, Vec<Refused>>,
    pub secrets: Vec<(Slot, Arc<Secret>)>,
    /// Answers that do not say whether it happened: find out by identity.
    pub unsure: Vec<usize>,
    /// The key was not accepted when a request was sent again: nothing is known yet.
    pub locked_out: bool,
    pub uncertain: Vec<Problem>,
    pub unsent: Option<Problem>,
}

impl Engine<'_> {
    /// Carries out a plan that was consented to.
    pub(super) fn carry_out(&mut self, plan: &Plan) -> Result<(), Stop> {
        let stages: BTreeSet<u8> = plan.actions().map(|action| action.stage).collect();
        let total = plan.actions().filter(|action| matches!(action.effect, Effect::Stripe(_))).count();
        let mut done = 0;
        let mut failed = BTreeSet::new();
        for stage in stages {
            super::looks::check(&self.stop)?;
            let at_stage = |item: &PlanItem| -> Vec<(Address, Action)> {
                let actions = item.change.actions.iter().filter(|action| action.stage == stage);
                actions.map(|action| (item.address.clone(), action.clone())).collect()
            };
            let actions: Vec<_> =
                plan.items.iter().flat_map(at_stage).filter(|(item, _)| !failed.contains(item)).collect();
            self.write_env(&actions)?;
            failed.extend(self.write_stripe(&actions, &mut done, total)?);
            self.run_commands(&actions)?;
        }
        for item in &plan.items {
            self.forget(&item.address);
            let stripes = item.change.actions.iter().all(|action| matches!(action.effect, Effect::Stripe(_)));
            if stripes && !failed.contains(&item.address) {
                self.carried.insert(item.address.clone(), item.change.clone());
            }
        }
        // What Stripe refused is judged; what was done of it all the same is seen anew by others.
        self.judged.extend(failed);
        self.look_anew();
        Ok(())
    }

    /// Sends the Stripe actions of one stage. Returns the items that Stripe refused something.
    fn write_stripe(
        &mut self,
        actions: &[(Address, Action)],
        done: &mut usize,
        total: usize,
    ) -> Result<BTreeSet<Address>, Stop> {
        let mut intended = Vec::new();
        for (address, action) in actions {
            if let Effect::Stripe(write) = &action.effect {
                intended.push(self.intend(address, action, write)?);
            }
        }
        if intended.is_empty() {
            return Ok(BTreeSet::new());
        }
        let events = intended.iter().map(|one| Event::Intended {
            intent: one.id.clone(),
            item: one.item.clone(),
            action: one.action.clone(),
            write: one.write.clone(),
            request: one.sending.request.clone(),
            key: one.sending.key.clone(),
            undo: one.undo.clone(),
            undoes: one.undoes.clone(),
        });
        self.book.write(events.collect())?;
        let batch = self.send(&intended, done, total)?;
        self.conclude(batch)
    }

    fn intend(&self, address: &Address, action: &Action, write: &Write) -> Result<Intended> {
        let write = self.with_ids(address, write)?;
        let id = uuid::Uuid::new_v4().to_string();
        let request = self.ports.stripe.prepare(&write)?;
        Ok(Intended {
            item: address.clone(),
            action: action.label(),
            noun: action.noun.clone(),
            name: action.name.clone(),
            verb: action.verb,
            write,
            undo: action.undo.clone(),
            undoes: self.undoes(address, action),
            sending: Sending { request, key: format!("golive-{id}") },
            id,
            at: now(),
            again: false,
        })
    }

    /// Puts ids of objects that earlier stages brought where a write names their action.
    fn with_ids(&self, address: &Address, write: &Write) -> Result<Write> {
        let resolve = |given: &Given| match given {
            Given::Id(id) => Ok(Given::Id(id.clone())),
            Given::Of(label) => {
                let record = self.book.state.record(address);
                let applied = record.applied.iter().rev().find(|applied| applied.action == *label);
                let id = applied.and_then(|applied| applied.object.clone());
                id.map(Given::Id).ok_or_else(|| internal(format!("{address}: no object of {label}")))
            }
        };
        let mut write = write.clone();
        write.resolve(&resolve)?;
        write.freshen(&|| uuid::Uuid::new_v4().to_string());
        Ok(write)
    }

    /// Sends what was journaled, and records answers as they arrive.
    pub(super) fn send(&mut self, intended: &[Intended], done: &mut usize, total: usize) -> Result<Batch> {
        let stripe = self.ports.stripe;
        let sendings: Vec<Sending> = intended.iter().map(|one| one.sending.clone()).collect();
        let mut batch = Batch::default();
        let began = Instant::now();
        if let Some(first) = intended.first() {
            self.ports.operator.tell(&News::Applying { done: *done, of: total, label: &first.action });
        }
        let (book, env, operator) = (&mut self.book, &mut *self.ports.env, &mut *self.ports.operator);
        stripe.send(&sendings, &self.vault, &mut |answers| {
            let mut events = Vec::new();
            let mut news = Vec::new();
            for (index, outcome) in answers {
                let Some(one) = intended.get(index) else { continue };
                if let Outcome::Done(receipt) = outcome {
                    let receipt = keep_secret(one, receipt, env, book, &mut batch)?;
                    news.push((index, receipt.object.clone()));
                    events.push(Event::Applied {
                        intent: one.id.clone(),
                        object: receipt.object,
                        request_id: receipt.request_id,
                        replayed: receipt.replayed,
                        found: false,
                    });
                } else {
                    events.extend(unhappy(index, one, outcome, operator, &mut batch));
                }
            }
            book.write(events)?;
            let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            for (index, object) in news {
                let one = &intended[index];
                *done += 1;
                operator.tell(&News::Applied {
                    noun: &one.noun,
                    name: &one.name,
                    verb: one.verb,
                    object: Some(&object),
                    millis,
                });
                if let Some(next) = intended.get(index + 1) {
                    operator.tell(&News::Applying { done: *done, of: total, label: &next.action });
                }
            }
            Ok(())
        })?;
        Ok(batch)
    }

    /// Secrets that Stripe returned, and that the env file has by now.
    pub(super) fn take_over(&mut self, secrets: Vec<(Slot, Arc<Secret>)>) {
        for (slot, secret) in secrets {
            self.secrets.insert(slot.clone(), KnownSecret::of(&secret, Origin::Stripe));
            self.vault.put_shared(slot, secret);
        }
    }

    /// Takes over secrets, fails refused items, and ends the run when an outcome is not known.
    fn conclude(&mut self, batch: Batch) -> Result<BTreeSet<Address>, Stop> {
        self.take_over(batch.secrets);
        let mut failed = BTreeSet::new();
        for (address, refusals) in batch.refused {
            self.fail(&address, &refusals)?;
            failed.insert(address);
        }
        if !batch.unsure.is_empty() || !batch.uncertain.is_empty() {
            return Err(uncertain(batch.uncertain).into());
        }
        if let Some(problem) = batch.unsent {
            super::looks::check(&self.stop)?;
            return Err(Failure::new(Class::TryAgain, problem).into());
        }
        Ok(failed)
    }

    fn fail(&mut self, address: &Address, refusals: &[Refused]) -> Result<(), Stop> {
        let Some(Refused { label, refusal, by_hand }) = refusals.first() else { return Ok(()) };
        let masked = self.secrets.get(&Slot::SecretKey).map(|known| known.masked.clone());
        let mut problem = refusal.problem(masked.as_deref()).why(format!("it was about: {label}"));
        // A key without the right is another matter, with a cure of its own.
        if problem.code == Code::StripeRefused {
            problem.fix.extend(by_hand.clone());
        }
        if let Some(undoing) = self.undoing.as_mut().filter(|undoing| !undoing.step) {
            undoing.left.push((label.clone(), problem));
            return Ok(());
        }
        let Some(item) = self.checklist.find(address) else { return Ok(()) };
        let verdict = Verdict::Fail { problem };
        self.book.write(vec![Event::Judged {
            item: address.clone(),
            digest: item.digest.clone(),
            rehearsed: false,
            verdict: verdict.clone(),
        }])?;
        self.judged.insert(address.clone());
        let state = self.state_of(item);
        self.ports.operator.tell(&News::Judged { item, state, verdict: &verdict });
        Ok(())
    }

    /// Runs commands one after another; each start and end is on disk.
    fn run_commands(&mut self, actions: &[(Address, Action)]) -> Result<(), Stop> {
        for (address, action) in actions {
            if let Effect::Run(command) = &action.effect {
                self.run_command(address, action, command)?;
            }
        }
        Ok(())
    }

    fn run_command(&mut self, address: &Address, action: &Action, command: &CommandSpec) -> Result<(), Stop> {
        super::looks::check(&self.stop)?;
        let intent = uuid::Uuid::new_v4().to_string();
        self.book.write(vec![Event::CommandStarted {
            intent: intent.clone(),
            item: address.clone(),
            action: action.label(),
            command: command.clone(),
        }])?;
        self.fetch(command.secret_env.iter().cloned().map(Slot::Env));
        let operator = &mut *self.ports.operator;
        operator.tell(&News::CommandStarted { run: &command.shown() });
        let told = &mut |line: &str| operator.tell(&News::CommandLine { text: line });
        let ran = self.ports.world.run(command, &self.vault, told)?;
        Ok(self.book.write(vec![Event::CommandEnded { intent, ran }])?)
    }
}

/// What to record for an answer that is not a success.
fn unhappy(
    index: usize,
    one: &Intended,
    outcome: Outcome,
    operator: &mut dyn Operator,
    batch: &mut Batch,
) -> Option<Event> {
    match outcome {
        Outcome::Refused(refusal) if one.again => {
            batch.locked_out |= refusal.status == 401;
            batch.unsure.push(index);
            None
        }
        Outcome::Refused(refusal) => {
            operator.tell(&News::Refused { label: &one.action, refusal: &refusal });
            let refusals = batch.refused.entry(one.item.clone()).or_default();
            let by_hand = one.write.by_hand();
            refusals.push(Refused { label: one.action.clone(), refusal: refusal.clone(), by_hand });
            Some(Event::Refused { intent: one.id.clone(), refusal })
        }
        Outcome::SavedError(_) => {
            operator.tell(&News::Uncertain { label: &one.action, sent_at: &one.at });
            batch.unsure.push(index);
            None
        }
        Outcome::Unknown(problem) => {
            operator.tell(&News::Uncertain { label: &one.action, sent_at: &one.at });
            batch.uncertain.push(problem);
            None
        }
        // This time nothing was sent; what became of the first time is as open as before.
        Outcome::NotSent(problem) if one.again => {
            batch.unsent = Some(problem);
            None
        }
        Outcome::NotSent(problem) => {
            batch.unsent = Some(problem);
            Some(Event::Retired { intent: one.id.clone(), why: "it was not sent".into() })
        }
        Outcome::Done(_) => None,
    }
}

/// The failure for writes whose outcome is not known.
pub(super) fn uncertain(causes: Vec<Problem>) -> Failure {
    let mut problem = Problem::new(Code::OutcomeUnknown, "a request was sent and its outcome is not known")
        .why("it may or may not have happened; golive looks it up before doing anything else")
        .fix("run the same command again");
    for cause in causes.into_iter().take(1) {
        problem = problem.why(cause.message).request(cause.request_id);
    }
    Failure::new(Class::TryAgain, problem)
}
