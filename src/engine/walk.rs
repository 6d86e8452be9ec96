//! The loop: items go on side by side until each is judged, or halts at a step that the permit
//! does not allow, the operator declined, or another item must come before.

use std::collections::BTreeSet;

use super::looks::{Door, check, door, stale};
use super::port::{News, Stop};
use super::{Engine, Permit};
use crate::checklist::{self, Item, ROLLBACK, refs};
use crate::error::{Code, Failure, Problem};
use crate::kind::Realm;
use crate::mode::Mode;
use crate::plan::{Later, Plan, PlanItem, SCHEMA};
use crate::secret::Slot;
use crate::state::{Event, ItemState};
use crate::step::{Address, Change, KnownSecret, Look, Milestone, Question, Sight, Step, Verdict, Wait};

/// A choice's value that leaves an item open without an answer being recorded.
pub const LATER: &str = "later";

/// Where the items of a walk halted.
#[derive(Debug, Default)]
pub struct Halt {
    /// Changes that were not permitted, or declined.
    pub changes: Vec<PlanItem>,
    /// Questions that were not permitted, or put off.
    pub asks: Vec<(Address, Question)>,
    /// Items that wait for others.
    pub blocked: Vec<(Address, Vec<Address>)>,
}

/// What one round over the items brought.
#[derive(Default)]
struct Round {
    looks: Vec<(Address, Look)>,
    asks: Vec<(Address, Question)>,
    changes: Vec<(Address, Change)>,
    verdicts: Vec<(Address, Verdict)>,
    waits: Vec<(Address, Wait)>,
    milestones: Vec<(Address, Milestone)>,
    blocked: Vec<(Address, Vec<Address>)>,
}

impl Round {
    /// What moves money is a plan of its own, one item at a time: the amount is what is consented to.
    fn money_by_itself(&mut self) {
        let moves = |(_, change): &(Address, Change)| change.moves_money();
        match self.changes.iter().position(moves) {
            Some(_) if !self.changes.iter().all(moves) => self.changes.retain(|change| !moves(change)),
            Some(_) => self.changes.truncate(1),
            None => {}
        }
    }
}

impl<'a> Engine<'a> {
    /// Advances items together as far as the permit allows, then tells how many still hold.
    pub fn advance(&mut self, items: &[&'a Item], permit: Permit) -> Result<Halt, Stop> {
        let mut halt = Halt::default();
        let mut halted = BTreeSet::new();
        loop {
            check(&self.stop)?;
            let mut round = self.round(items, &halted)?;
            self.tell_milestones(std::mem::take(&mut round.milestones));
            if !round.looks.is_empty() && permit.look {
                self.look(&round.looks)?;
            } else if !round.verdicts.is_empty() {
                self.judge(round.verdicts)?;
            } else if let Some((address, question)) = round.asks.into_iter().next() {
                if !self.ask(&address, &question, permit)? {
                    halted.insert(address.clone());
                    match self.standing(&address)? {
                        Some(verdict) => self.judge(vec![(address, verdict)])?,
                        None => halt.asks.push((address, question)),
                    }
                }
            } else if round.changes.is_empty()
                && let Some((address, wait)) = round.waits.into_iter().next().filter(|_| permit.wait)
            {
                self.wait(&address, &wait)?;
            } else if round.changes.is_empty() {
                halt.blocked = round.blocked;
                match std::mem::take(&mut self.still_true) {
                    0 => {}
                    count => self.ports.operator.tell(&News::StillTrue { count }),
                }
                return Ok(halt);
            } else if permit.change && round.changes.iter().any(|(_, change)| change.follows) {
                let (ends, _) = round.changes.into_iter().partition(|(_, change)| change.follows);
                let plan = self.plan(ends, &[]);
                self.guard_account()?;
                self.carry_out(&plan)?;
            } else {
                halted.extend(round.changes.iter().map(|(address, _)| address.clone()));
                if self.inspect(&round.changes, permit, &mut halted)? {
                    continue;
                }
                let plan = self.plan(round.changes, &round.blocked);
                if permit.change && self.apply(&plan)? {
                    for item in &plan.items {
                        halted.remove(&item.address);
                    }
                } else {
                    self.accept_keys(&plan.items)?;
                    halt.changes.extend(plan.items);
                }
            }
        }
    }

    /// Runs commands that change nothing where the permit is for these alone. They are looks in the
    /// clothes of a change: no plan, no consent beyond the one for the whole list.
    fn inspect(
        &mut self,
        changes: &[(Address, Change)],
        permit: Permit,
        halted: &mut BTreeSet<Address>,
    ) -> Result<bool, Stop> {
        if permit.change || !permit.inspect {
            return Ok(false);
        }
        let harmless = |address: &Address| self.kinds.get(address).is_some_and(|kind| kind.read_only());
        let looks: Vec<_> = changes.iter().filter(|(address, _)| harmless(address)).cloned().collect();
        if looks.is_empty() || !self.ports.trust.is_allowed(&super::digest(&self.commands()?)) {
            return Ok(false);
        }
        for (address, _) in changes {
            halted.remove(address);
        }
        let plan = self.plan(looks, &[]);
        self.carry_out(&plan)?;
        Ok(true)
    }

    /// Asks every item that is not settled for its next step.
    fn round(&self, items: &[&'a Item], halted: &BTreeSet<Address>) -> Result<Round, Stop> {
        let mut round = Round::default();
        for item in items {
            let address = &item.address;
            let skipped = self.book.state.items.get(address).is_some_and(|record| record.skipped.is_some());
            if self.judged.contains(address) || halted.contains(address) || skipped || self.stands(item) {
                continue;
            }
            let waits = self.waits_for(item);
            if !waits.is_empty() {
                round.blocked.push((address.clone(), waits));
                continue;
            }
            if let Some(problem) = self.unseen(address) {
                round.verdicts.push((address.clone(), Verdict::Unknown { problem }));
                continue;
            }
            let Ok(kind) = self.resolved(item)? else {
                round.blocked.push((address.clone(), item.needs.clone()));
                continue;
            };
            let (milestones, step) = self.with_facts(item, |facts| (kind.milestones(facts), kind.next(facts)));
            round.milestones.extend(milestones.into_iter().map(|seen| (address.clone(), seen)));
            match step {
                Step::Look(looks) => round.looks.extend(looks.into_iter().map(|look| (address.clone(), look))),
                Step::Ask(question) => round.asks.push((address.clone(), question)),
                Step::Wait(wait) => round.waits.push((address.clone(), wait)),
                Step::Change(change) if self.carried.get(address) == Some(&change) => {
                    round.verdicts.push((address.clone(), Verdict::Fail { problem: ignored(&change) }));
                }
                Step::Change(change) => round.changes.push((address.clone(), change)),
                Step::Done(verdict) => round.verdicts.push((address.clone(), verdict)),
            }
        }
        if self.sanctioned.is_none() {
            round.money_by_itself();
        }
        Ok(round)
    }

    /// Why Stripe could not be looked at for an item, if so. What belongs to the operator is for
    /// the kind to judge: an unreachable host is a failure, an unreachable Stripe is not.
    fn unseen(&self, address: &Address) -> Option<Problem> {
        let looks = self.looked.get(address)?;
        looks.iter().filter(|look| door(look) == Door::Stripe).find_map(|look| match self.sights.get(look) {
            Some(Sight::Unseen(problem)) => Some(problem.clone()),
            _ => None,
        })
    }

    /// Records verdicts and tells them.
    pub fn judge(&mut self, mut verdicts: Vec<(Address, Verdict)>) -> Result<(), Stop> {
        for (address, verdict) in &mut verdicts {
            if let (Some(item), Verdict::Fail { problem }) = (self.checklist.find(address), verdict) {
                *problem = checklist::explain(problem.clone(), &item.causes);
            }
        }
        let mut events = Vec::new();
        for (address, verdict) in &verdicts {
            let Some(item) = self.checklist.find(address) else { continue };
            let realm = self.kind(address)?.realm();
            let stands_in = matches!(realm, Realm::World | Realm::Person | Realm::Between) || address.phase == ROLLBACK;
            let rehearsed = self.mode == Mode::Rehearse && stands_in;
            events.push(Event::Judged {
                item: address.clone(),
                digest: item.digest.clone(),
                rehearsed,
                verdict: verdict.clone(),
            });
            if item.kind == "keys" && matches!(verdict, Verdict::Pass { .. }) {
                events.extend(self.first_account());
                events.extend(self.accepted_keys());
            }
        }
        let moved = self.outdated_by(&verdicts);
        // What a person has just stated was finished a moment ago, and is news all the same.
        let held = |address: &Address| self.is_finished(address) && !self.introduced.contains(address);
        let before: Vec<bool> = verdicts.iter().map(|(address, _)| held(address)).collect();
        self.book.write(events)?;
        for ((address, verdict), finished) in verdicts.into_iter().zip(before) {
            self.judged.insert(address.clone());
            let Some(item) = self.checklist.find(&address) else { continue };
            let state = self.state_of(item);
            if finished && state.is_finished() {
                self.still_true += 1;
            } else if !self.put_off.contains(&address) {
                self.ports.operator.tell(&News::Judged { item, state, verdict: &verdict });
            }
        }
        for address in moved {
            self.forget(&address);
        }
        Ok(())
    }

    /// The keys at hand as events, where they are new to the launch.
    fn accepted_keys(&self) -> Vec<Event> {
        let new = |(slot, known): (&Slot, &KnownSecret)| {
            let is_key = matches!(slot, Slot::SecretKey | Slot::PublishableKey);
            let same = self.book.state.keys.get(slot).is_some_and(|(_, print)| *print == known.fingerprint);
            (is_key && !same).then(|| Event::Key {
                slot: slot.clone(),
                masked: known.masked.clone(),
                fingerprint: known.fingerprint.clone(),
            })
        };
        self.secrets.iter().filter_map(new).collect()
    }

    /// The changes as one plan.
    pub fn plan(&self, changes: Vec<(Address, Change)>, blocked: &[(Address, Vec<Address>)]) -> Plan {
        let title = |address: &Address| self.checklist.find(address).map(|item| item.title.clone()).unwrap_or_default();
        let planned: BTreeSet<_> = changes.iter().map(|(address, _)| address.clone()).collect();
        let mut later: Vec<Later> = Vec::new();
        let changes_nothing = |address: &Address| {
            self.kinds.get(address).is_none_or(|kind| kind.realm() == Realm::Person || kind.read_only())
        };
        let is_open = |address: &Address| !changes_nothing(address) && !self.is_finished(address);
        for (address, waits) in blocked.iter().filter(|(address, _)| is_open(address)) {
            let known = |need: &Address| planned.contains(need) || later.iter().any(|other| other.address == *need);
            if waits.iter().any(known) {
                later.push(Later { address: address.clone(), title: title(address), waits_for: waits.clone() });
            }
        }
        let items: Vec<PlanItem> =
            changes.into_iter().map(|(address, change)| PlanItem { title: title(&address), address, change }).collect();
        let here = |item: &&Item| items.iter().any(|planned| planned.address.phase == item.address.phase);
        let all = items.is_empty();
        let done = self.checklist.items_in(self.mode).filter(|item| self.judged.contains(&item.address));
        let unchanged =
            done.filter(|item| all || here(item)).filter(|item| self.state_of(item) == ItemState::Done).count();
        Plan {
            schema: SCHEMA.into(),
            mode: self.mode,
            account: self.account().cloned(),
            checklist: self.checklist.id.clone(),
            checklist_sha256: self.checklist.sha256.clone(),
            env_file: self.checklist.env_file.as_ref().map(|_| self.ports.env.name()),
            items,
            unchanged,
            later,
            failed: Vec::new(),
        }
    }

    /// Carries out a plan after consent; `false` when it was declined.
    pub fn apply(&mut self, plan: &Plan) -> Result<bool, Stop> {
        let consented = self.consented(plan)?;
        if consented {
            self.carry_out(plan)?;
        }
        Ok(consented)
    }

    /// Whether a plan may be carried out: the account is the right one, the plan is the one that
    /// was sanctioned, its commands are allowed, and the operator consents.
    fn consented(&mut self, plan: &Plan) -> Result<bool, Stop> {
        if plan.touches_stripe() {
            self.guard_account()?;
        }
        match &mut self.sanctioned {
            Some(digest @ Some(_)) => {
                let sanctioned = digest.take();
                if sanctioned.as_deref() != Some(plan.digest().as_str()) {
                    return Err(stale().into());
                }
            }
            // Beyond the sanctioned plan only local writes go on; the rest needs a new plan.
            Some(None) if plan.touches_stripe() || plan.runs_commands() => return Ok(false),
            _ => {}
        }
        if plan.runs_commands() && !self.commands_allowed()? {
            return Ok(false);
        }
        // What stands in a rollback's plan was shown there, and consented to as a whole.
        if self.undoing.as_ref().is_some_and(|undoing| undoing.step) && !plan.touches_stripe() {
            return Ok(true);
        }
        self.ports.operator.consent(plan)
    }

    /// Shows all commands of the checklist the first time one would run on this computer.
    pub(super) fn commands_allowed(&mut self) -> Result<bool, Stop> {
        let commands = self.commands()?;
        let digest = super::digest(&commands);
        if self.ports.trust.is_allowed(&digest) {
            return Ok(true);
        }
        let allowed = self.ports.operator.allow_commands(&commands)?;
        if allowed {
            self.ports.trust.allow(&digest)?;
            self.book.write(vec![Event::CommandsAllowed { digest }])?;
        }
        Ok(allowed)
    }
}

/// A change that was carried out a moment ago, and is wanted all the same.
fn ignored(change: &Change) -> Problem {
    let mut problem = Problem::new(Code::ChangeIgnored, "Stripe took the change, and shows the old value");
    for field in change.actions.iter().flat_map(|action| &action.fields) {
        let from = field.from.as_deref().unwrap_or("nothing");
        problem = problem.why(format!("{} is {from}, wanted is {}", field.name, field.to));
    }
    problem
        .fix("write the value in the checklist as Stripe shows it, or change it in the Dashboard, then: golive wizard")
}

impl Engine<'_> {
    /// Every command of the checklist, with the item it belongs to, and every alternative of it.
    /// Texts are as they are written, for a command takes no references; where it runs may be a
    /// variable, and the computer that is meant now is what is allowed.
    fn commands(&self) -> Result<Vec<(String, String)>, Failure> {
        let variable = |path: &str| path.starts_with("vars.").then(|| self.lookup(path)).flatten();
        let mut commands = Vec::new();
        for item in self.checklist.items_in(self.mode).chain(self.checklist.aside_in(self.mode)) {
            if self.kind(&item.address)?.commands().is_empty() {
                continue;
            }
            let fields = refs::resolve_known(&item.fields, &variable);
            let listed = super::load(item, fields)?.commands();
            commands.extend(listed.into_iter().map(|command| (item.address.to_string(), command)));
        }
        Ok(commands)
    }
}
