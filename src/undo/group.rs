//! What stands in Stripe, turned into the writes that take it back, by item. Within an item: other things
//! are switched off first; closed prices are opened before the default price moves back to them, and that
//! before the new ones are closed (Stripe closes no default price); products are archived last.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Settled, patch, told};
use crate::checklist::{Item, refs};
use crate::state::Done;
use crate::step::object::{Product, WebhookEndpoint};
use crate::step::{Action, Address, Effect, Look, PricePatch, Sight, Sights, Verb, WebhookPatch, Write};

const GONE: &str = "it is not in Stripe any more";

const OTHERS: u8 = 0;
const OPEN: u8 = 1;
const CHANGE: u8 = 2;
const CLOSE: u8 = 3;
const ARCHIVE: u8 = 4;

fn is_webhook(done: &Done) -> bool {
    matches!(done.write, Write::CreateWebhook(_) | Write::UpdateWebhook { .. })
}

/// The endpoints that this launch made or changed: each is switched off, and has its former URL and
/// events again.
pub(super) fn endpoints(standing: &[&Done], sights: &Sights, settled: &mut Vec<Settled>) -> Vec<Group> {
    let seen: Option<&Vec<WebhookEndpoint>> = match sights.get(&Look::WebhookEndpoints) {
        Some(Sight::WebhookEndpoints(endpoints)) => Some(endpoints),
        _ => None,
    };
    let mut by_object: BTreeMap<&str, Vec<&Done>> = BTreeMap::new();
    for done in standing.iter().rev().filter(|done| is_webhook(done)) {
        by_object.entry(&done.object).or_default().push(done);
    }
    let mut groups = Vec::new();
    for (id, dones) in by_object {
        let intents: Vec<String> = dones.iter().map(|done| done.intent.clone()).collect();
        let there = seen.map(|seen| seen.iter().find(|endpoint| endpoint.id == id));
        let first = dones.last().map_or_else(|| Address::new("", ""), |done| done.item.clone());
        let label = format!("webhook {}", first.item);
        if there == Some(None) {
            settled.push(Settled { name: label, intents, why: GONE });
            continue;
        }
        let off = WebhookPatch { disabled: Some(true), ..WebhookPatch::default() };
        let mut write = Write::UpdateWebhook { id: id.to_owned(), patch: off.clone() };
        // One that was made here goes as it is; one that was there before gets back what it had.
        if !dones.iter().any(|done| matches!(done.write, Write::CreateWebhook(_))) {
            for undo in dones.iter().filter_map(|done| done.undo.as_ref()) {
                write = patch::over(&write, undo).unwrap_or(write);
            }
            if let Write::UpdateWebhook { patch, .. } = &mut write {
                patch.disabled = Some(true);
            }
        }
        let nothing_but_off = matches!(&write, Write::UpdateWebhook { patch, .. } if *patch == off);
        if nothing_but_off && there.flatten().is_some_and(|endpoint| endpoint.status == "disabled") {
            settled.push(Settled { name: label, intents, why: "it was switched off already" });
            continue;
        }
        let action = action(&label, id, write, OTHERS);
        groups.push(Group { address: first, actions: vec![(action, intents)] });
    }
    groups
}

/// Everything else that stands, newest item first.
pub(super) fn catalog(standing: &[&Done], sights: &Sights, settled: &mut Vec<Settled>) -> Vec<Group> {
    let rest: Vec<&Done> = standing.iter().rev().filter(|done| !is_webhook(done)).copied().collect();
    let made = rest.iter().filter(|done| done.write.inverse(&done.object).is_some());
    let created: BTreeMap<&str, &Done> = made.map(|done| (done.object.as_str(), *done)).collect();
    let mut order: Vec<&Address> = Vec::new();
    for done in &rest {
        if !order.contains(&&done.item) {
            order.push(&done.item);
        }
    }
    let mut taker = Taker { sights, created: &created, covers: BTreeMap::new(), settled };
    for done in &rest {
        taker.cover(done);
    }
    let groups = order.into_iter().map(|address| taker.group(address, &rest));
    groups.filter(|group| !group.actions.is_empty()).collect()
}

/// Decides, write by write, what takes it back.
struct Taker<'a> {
    sights: &'a Sights,
    created: &'a BTreeMap<&'a str, &'a Done>,
    /// Intents that the closing of an object takes back with it, by the object.
    covers: BTreeMap<String, Vec<String>>,
    settled: &'a mut Vec<Settled>,
}

impl Taker<'_> {
    /// What was changed on something that is closed anyhow needs no write of its own.
    fn cover(&mut self, done: &Done) {
        if self.created.get(done.object.as_str()).is_some_and(|made| made.intent != done.intent) {
            self.covers.entry(done.object.clone()).or_default().push(done.intent.clone());
        }
        if let Some(product) = self.archived_with(done) {
            self.covers.entry(product).or_default().push(done.intent.clone());
        }
    }

    /// The product, made here, whose default price this is: Stripe would not close it, and nobody can
    /// buy it once its product is archived.
    fn archived_with(&self, done: &Done) -> Option<String> {
        let Write::CreatePrice(draft) = &done.write else { return None };
        let product = self.product(&draft.product)?.as_ref()?;
        let is_default = product.default_price.as_deref() == Some(done.object.as_str());
        (is_default && self.created.contains_key(product.id.as_str())).then(|| product.id.clone())
    }

    /// A product, as far as it was seen; `None` inside when it is gone.
    fn product(&self, id: &str) -> Option<&Option<Product>> {
        match self.sights.get(&Look::Product(id.to_owned())) {
            Some(Sight::Product(product)) => Some(product),
            _ => None,
        }
    }

    fn group(&mut self, address: &Address, rest: &[&Done]) -> Group {
        let mut actions: Vec<(Action, Vec<String>)> = Vec::new();
        for done in rest.iter().filter(|done| done.item == *address) {
            if let Some(one) = self.closing(done) {
                actions.push(one);
            } else if let Some(undo) = &done.undo
                && !self.created.contains_key(done.object.as_str())
                && !self.is_gone(done)
            {
                merge(&mut actions, done, undo);
            }
        }
        keys_back(rest, address, &mut actions);
        self.with_the_product(&mut actions);
        Group { address: address.clone(), actions }
    }

    /// What closes an object that was made here.
    fn closing(&mut self, done: &Done) -> Option<(Action, Vec<String>)> {
        let inverse = done.write.inverse(&done.object)?;
        let covered = self.covers.remove(&done.object).unwrap_or_default();
        let intents: Vec<String> = std::iter::once(done.intent.clone()).chain(covered).collect();
        if self.archived_with(done).is_some() {
            return None;
        }
        if let Some(why) = self.needless(done) {
            self.settled.push(Settled { name: done.action.clone(), intents, why });
            return None;
        }
        let stage = match &done.write {
            Write::CreateProduct(_) => ARCHIVE,
            Write::CreatePrice(_) => CLOSE,
            _ => OTHERS,
        };
        let mut action = action(&done.action, &done.object, inverse, stage);
        action.verb = Verb::Close;
        Some((action, intents))
    }

    /// Why nothing has to be sent to close an object.
    fn needless(&self, done: &Done) -> Option<&'static str> {
        match &done.write {
            Write::CreateProduct(_) => match self.product(&done.object)? {
                None => Some(GONE),
                Some(product) => (!product.active).then_some("it was archived already"),
            },
            Write::CreatePrice(draft) => {
                if self.product(&draft.product) == Some(&None) {
                    return Some(GONE);
                }
                // The look brings active prices only.
                let Some(Sight::Prices(prices)) = self.sights.get(&Look::PricesOf(draft.product.clone())) else {
                    return None;
                };
                let open = prices.iter().any(|price| price.id == done.object && price.active);
                (!open).then_some("it was closed already")
            }
            _ => None,
        }
    }

    /// Whether the product that was changed is not in Stripe any more.
    fn is_gone(&mut self, done: &Done) -> bool {
        let gone = matches!(done.write, Write::UpdateProduct { .. }) && self.product(&done.object) == Some(&None);
        if gone {
            let (name, intents) = (done.action.clone(), vec![done.intent.clone()]);
            self.settled.push(Settled { name, intents, why: GONE });
        }
        gone
    }

    /// A price that would be closed while it is the default of a product that is archived anyway.
    fn with_the_product(&self, actions: &mut Vec<(Action, Vec<String>)>) {
        let archiving = |action: &Action| match &action.effect {
            Effect::Stripe(Write::UpdateProduct { id, patch }) if patch.active == Some(false) => Some(id.clone()),
            _ => None,
        };
        let archived: Vec<String> = actions.iter().filter_map(|(action, _)| archiving(action)).collect();
        for product in archived {
            let seen = self.product(&product).and_then(Option::as_ref);
            let Some(default) = seen.and_then(|seen| seen.default_price.clone()) else { continue };
            let closes = |action: &Action| matches!(&action.effect, Effect::Stripe(Write::UpdatePrice { id, patch }) if *id == default && patch.active == Some(false));
            let Some(at) = actions.iter().position(|(action, _)| closes(action)) else { continue };
            let (_, intents) = actions.remove(at);
            if let Some((_, covers)) =
                actions.iter_mut().find(|(action, _)| archiving(action).as_ref() == Some(&product))
            {
                covers.extend(intents);
            }
        }
    }
}

/// A launch that was stopped between making a price and closing the one before it: the lookup key
/// has moved already.
fn keys_back(rest: &[&Done], address: &Address, actions: &mut Vec<(Action, Vec<String>)>) {
    let closed: BTreeSet<&str> = rest.iter().map(|done| done.object.as_str()).collect();
    for done in rest.iter().filter(|done| done.item == *address) {
        let Write::CreatePrice(draft) = &done.write else { continue };
        let (Some(old), Some(key)) = (&draft.replaces, &draft.lookup_key) else { continue };
        if closed.contains(old.as_str()) {
            continue;
        }
        let patch = PricePatch { lookup_key: Some(key.clone()), transfer_lookup_key: true, ..PricePatch::default() };
        let write = Write::UpdatePrice { id: old.clone(), patch };
        // It takes back half of an intent, so that it names none that is there.
        actions.push((action(&format!("price {key} (old)"), old, write, OPEN), vec![format!("{}#key", done.intent)]));
    }
}

/// Adds what takes a change back, laid over what takes later changes of the same object back.
fn merge(actions: &mut Vec<(Action, Vec<String>)>, done: &Done, undo: &Write) {
    for (action, intents) in actions.iter_mut() {
        let Effect::Stripe(write) = &action.effect else { continue };
        if let Some(merged) = patch::over(write, undo) {
            action.summary = told::told(&merged, &done.action, &done.object);
            action.stage = stage_of(&merged);
            action.effect = Effect::Stripe(merged);
            intents.push(done.intent.clone());
            return;
        }
    }
    let mut action = action(&done.action, &done.object, undo.clone(), stage_of(undo));
    if action.stage > ARCHIVE {
        let later = actions.iter().map(|(other, _)| other.stage).max().unwrap_or(ARCHIVE).max(ARCHIVE);
        action.stage = later.saturating_add(1);
    }
    actions.push((action, vec![done.intent.clone()]));
}

fn stage_of(undo: &Write) -> u8 {
    match undo {
        Write::UpdatePrice { patch, .. } if patch.active == Some(false) => CLOSE,
        Write::UpdatePrice { .. } => OPEN,
        Write::UpdateProduct { patch, .. } if patch.active == Some(false) => ARCHIVE,
        Write::UpdateProduct { .. } => CHANGE,
        // Of what is not known any closer, the newest comes first.
        _ => ARCHIVE + 1,
    }
}

fn action(label: &str, object: &str, write: Write, stage: u8) -> Action {
    let (noun, name) = label.split_once(' ').unwrap_or(("object", label));
    let summary = told::told(&write, label, object);
    Action::new(noun, name, Verb::Change, Effect::Stripe(write)).summary(summary).stage(stage)
}

/// What a step of the checklist's own does, in one line.
pub(super) fn guide(item: &Item, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let field = |name: &str| item.fields.get(name).and_then(toml::Value::as_str);
    match item.kind.as_str() {
        "command" => field("run").map_or_else(|| ways(item), |run| run.trim().to_owned()),
        "http" => format!("look at {}", refs::resolve_some(field("url").unwrap_or_default(), variable)),
        "env" => "look at the env file".to_owned(),
        "manual" => "a person does it, or sees to it".to_owned(),
        other => format!("a step of kind {other}"),
    }
}

/// The ways of a command that has several.
fn ways(item: &Item) -> String {
    let ways = item.fields.get("choose").and_then(toml::Value::as_array).into_iter().flatten();
    let names: Vec<&str> = ways.filter_map(|way| way.get("name").and_then(toml::Value::as_str)).collect();
    format!("run what fits: {}", names.join(", "))
}
