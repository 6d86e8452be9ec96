//! What `golive rollback` does, as data: from what the journal says was changed, and what is seen now, to
//! steps in the order of safety: endpoints off, the env file back, the checklist's own steps, then the
//! catalog, newest first. Pure; `cli::rollback` shows it and has the engine carry it out.

mod env;
mod group;
mod patch;
mod stays;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use crate::checklist::{Checklist, Item};
use crate::mode::Mode;
use crate::plan::PlanItem;
use crate::state::{Done, History, State};
use crate::step::{Action, Address, Change, Look, OfferWrite, Sights, Write};

pub use env::{Former, edits, former, live_keys};
pub use stays::{looks as looks_at_what_stays, stays, subscriptions};

/// The whole of it.
#[derive(Debug, Default)]
pub struct UndoPlan {
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What somebody undid already.
    pub settled: Vec<Settled>,
    /// Subscriptions that go on being charged, a line each: known before anything else is decided.
    pub subscriptions: Vec<String>,
    /// What cannot be taken back, or must not be: payments, subscriptions. For telling.
    pub stays: Vec<String>,
}

/// Something for which nothing has to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled {
    /// What it is about: `webhook main`.
    pub name: String,
    /// The intents that it takes back.
    pub intents: Vec<String>,
    /// `it was switched off already`
    pub why: &'static str,
}

/// One numbered step.
#[derive(Debug)]
pub struct Step {
    /// What it is about: `webhook main`, `.env.production`.
    pub name: String,
    /// What happens, one line each.
    pub lines: Vec<String>,
    /// How it is carried out.
    pub what: What,
}

/// How a step is carried out.
#[derive(Debug)]
pub enum What {
    /// Writes to Stripe, with the intents that each takes back.
    Writes(PlanItem, BTreeMap<(Address, String), Vec<String>>),
    /// The env file is put back.
    Env(Former),
    /// A step of the checklist's own.
    Guide(Address),
}

/// What has to be seen before it can be said what is to be undone.
pub fn looks(history: &History) -> Vec<Look> {
    let mut looks = BTreeSet::new();
    for done in history.standing() {
        match &done.write {
            Write::CreateProduct(_) | Write::UpdateProduct { .. } => {
                looks.insert(Look::Product(done.object.clone()));
            }
            Write::CreatePrice(draft) => {
                looks.insert(Look::Product(draft.product.clone()));
                looks.insert(Look::PricesOf(draft.product.clone()));
            }
            Write::CreateWebhook(_) | Write::UpdateWebhook { .. } => {
                looks.insert(Look::WebhookEndpoints);
            }
            _ => {}
        }
    }
    looks.into_iter().collect()
}

/// What is undone. `only` names items; when it is empty, everything is.
pub fn plan(
    checklist: &Checklist,
    state: &State,
    mode: Mode,
    sights: &Sights,
    former: Former,
    only: &[Address],
) -> UndoPlan {
    let wanted = |address: &Address| only.is_empty() || only.contains(address);
    let standing: Vec<&Done> = state.history.standing().filter(|done| wanted(&done.item)).collect();
    let mut plan = UndoPlan { stays: kept(&standing), ..UndoPlan::default() };
    let named = |address: &Address| checklist.find(address);
    for group in group::endpoints(&standing, sights, &mut plan.settled) {
        plan.steps.push(group.step(&named));
    }
    if only.is_empty() && !matches!(former, Former::Untouched) {
        plan.steps.push(Step { name: String::new(), lines: vec![former.told()], what: What::Env(former) });
    }
    let done = |item: &Item| {
        let record = state.items.get(&item.address);
        let finished = record.and_then(|record| crate::state::recorded_state(item, record));
        state.history.underway().is_some() && finished.is_some_and(crate::state::ItemState::is_finished)
    };
    for item in checklist.rollback_in(mode).filter(|item| wanted(&item.address) && !done(item)) {
        let variable = |path: &str| {
            let name = path.strip_prefix("vars.")?;
            state.variables.get(name).or_else(|| checklist.vars.get(name)).cloned()
        };
        let lines = vec![group::guide(item, &variable)];
        plan.steps.push(Step { name: item.title.clone(), lines, what: What::Guide(item.address.clone()) });
    }
    for group in group::catalog(&standing, sights, &mut plan.settled) {
        plan.steps.push(group.step(&named));
    }
    plan
}

/// What stands and could only be deleted: it is named, because nothing is.
fn kept(standing: &[&Done]) -> Vec<String> {
    let coupons = standing.iter().filter(|done| matches!(done.write, Write::Offer(OfferWrite::CreateCoupon(_))));
    coupons
        .map(|done| format!("coupon {} stays: Stripe can only delete it, and golive deletes nothing", done.object))
        .collect()
}

/// The items whose ticks stop holding: those that are undone, those that wrote to the env file when it
/// is put back, and whatever rests on them. Keys and account are what they were.
pub fn affected(
    checklist: &Checklist,
    state: &State,
    mode: Mode,
    plan: &UndoPlan,
    writes: &dyn Fn(&Item) -> bool,
) -> Vec<Address> {
    let mut hit: BTreeSet<Address> = BTreeSet::new();
    let covered = |intent: &String| state.history.changes.iter().find(|done| done.intent == *intent);
    for step in &plan.steps {
        match &step.what {
            What::Writes(item, covers) => {
                hit.insert(item.address.clone());
                let intents = covers.values().flatten();
                hit.extend(intents.filter_map(covered).map(|done| done.item.clone()));
            }
            What::Env(_) => {
                let own = checklist.items_in(mode).filter(|item| writes(item));
                hit.extend(own.map(|item| item.address.clone()));
            }
            What::Guide(_) => {}
        }
    }
    let is_keys = |address: &Address| checklist.find(address).is_some_and(|item| item.kind == "keys");
    loop {
        let rests = |item: &&Item| {
            !hit.contains(&item.address) && item.needs.iter().any(|need| hit.contains(need) && !is_keys(need))
        };
        let next: Vec<Address> = checklist.items_in(mode).filter(rests).map(|item| item.address.clone()).collect();
        if next.is_empty() {
            return hit.into_iter().collect();
        }
        hit.extend(next);
    }
}

/// The actions of one item, with what each takes back.
#[derive(Debug)]
struct Group {
    address: Address,
    actions: Vec<(Action, Vec<String>)>,
}

impl Group {
    fn step<'c>(self, named: &dyn Fn(&Address) -> Option<&'c Item>) -> Step {
        let mut covers = BTreeMap::new();
        let mut actions: Vec<Action> = Vec::with_capacity(self.actions.len());
        for (mut action, intents) in self.actions {
            // A label names one action of an item.
            let name = action.name.clone();
            for nth in 2.. {
                if !covers.contains_key(&(self.address.clone(), action.label())) {
                    break;
                }
                action.name = format!("{name} ({nth})");
            }
            covers.insert((self.address.clone(), action.label()), intents);
            actions.push(action);
        }
        actions.sort_by_key(|action| action.stage);
        let item = named(&self.address);
        let name = item.map_or_else(|| self.address.to_string(), |item| format!("{} {}", item.kind, self.address.item));
        let title = item.map(|item| item.title.clone()).unwrap_or_default();
        let lines = actions.iter().map(|action| action.summary.clone()).collect();
        let item = PlanItem { title, address: self.address, change: Change::of(actions) };
        Step { name, lines, what: What::Writes(item, covers) }
    }
}

#[cfg(test)]
mod tests;
