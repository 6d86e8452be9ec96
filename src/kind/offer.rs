//! What the kinds of the catalog beside `product` share: objects of a collection with golive's mark,
//! which of them an item means, and what is done about it.
//!
//! To add such a kind, implement [`Offer`]: its file says what Stripe answers, what is final and what can
//! change. Where something final differs and a new object takes the old one's place, implement
//! [`Replaceable`] too, and `decide` is [`settle`]. `tax_rate` is the smallest that does both.

mod terms;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::product::mark;
use super::{Complaint, Kind, Realm, Variable, env_name, seen};
use crate::error::{Code, Problem};
use crate::step::{
    Action, Change, Collection, Effect, Facts, Field, OfferWrite, Outputs, Permission, Step, Verb, Verdict, Write,
};

pub(super) use terms::{
    Moment, Percent, currencies, currencies_complaints, currencies_differ, currencies_missing, moment,
    moment_complaint, moment_differs, money, money_complaint, options_of, percent_of, shown,
};

/// A kind of the catalog. What all of them have in common follows from it: see the implementation of
/// [`Kind`] below.
pub trait Offer: Send + Sync {
    /// What a restricted key must be allowed to do for it.
    const PERMISSION: Permission;
    /// What other items may refer to.
    const OUTPUTS: &'static [&'static str] = &["id"];

    /// Compares with what there is. `Err` is a step as well, so that `?` can end it early.
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step>;

    /// The fields that name a variable of the env file, each with the output that goes there.
    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)>;

    /// Everything wrong with its other fields.
    fn complaints(&self) -> Vec<Complaint>;
}

impl<T: Offer> Kind for T {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match self.decide(facts) {
            Ok(step) | Err(step) => step,
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        T::OUTPUTS.iter().map(|output| (*output).to_owned()).collect()
    }

    fn variables(&self) -> Vec<Variable> {
        let named = Offer::variables(self).into_iter();
        let variable = |(_, name, output): (&str, Option<&String>, &str)| {
            Some(Variable { name: name?.clone(), output: Some(output.to_owned()) })
        };
        named.filter_map(variable).collect()
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![T::PERMISSION]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Offer::complaints(self);
        let variables = Offer::variables(self).into_iter();
        complaints.extend(variables.filter_map(|(field, name, _)| env_name(field, name?)));
        complaints
    }
}

/// A kind with something that is final in Stripe: where that differs, a new object is created and the
/// old one closed.
pub(super) trait Replaceable {
    /// The object as Stripe answers.
    type Found: DeserializeOwned;
    /// What its actions are called.
    const NOUN: &'static str;
    /// What it is called in a sentence.
    const CALLED: &'static str;
    /// Where they are listed.
    const COLLECTION: Collection;

    /// What all objects have.
    fn common(found: &Self::Found) -> &Common;

    /// Whether everything that is final is as the item has it.
    fn same(&self, facts: &Facts<'_>, found: &Self::Found) -> bool;

    /// Whether an object of nobody's is the very same, and may be taken over.
    fn twin(&self, facts: &Facts<'_>, found: &Self::Found) -> bool {
        self.same(facts, found)
    }

    /// The action that creates it, in the place of older ones where there are some.
    fn create(&self, facts: &Facts<'_>, old: &[&Self::Found]) -> Action;

    /// The action that changes what can be changed and differs.
    fn update(&self, facts: &Facts<'_>, found: &Self::Found) -> Option<Action>;

    /// The write that switches one on or off.
    fn switch(id: &str, active: bool) -> OfferWrite;

    /// What it gives to other items, beside its id.
    fn gives(_found: &Self::Found) -> Outputs {
        Outputs::new()
    }

    /// What is said of one that is as it should be.
    fn evidence(&self, facts: &Facts<'_>, found: &Self::Found) -> String;
}

/// Keeps, changes, creates or replaces.
pub(super) fn settle<S: Replaceable>(spec: &S, facts: &Facts<'_>) -> Result<Step, Step> {
    let objects: Vec<S::Found> = seen::every(facts, S::COLLECTION)?;
    let same = |found: &S::Found| spec.same(facts, found);
    let twin = |found: &S::Found| spec.twin(facts, found);
    let choice = choose(facts, S::CALLED, &objects, S::common, same, twin)?;
    let mut actions = Vec::new();
    match choice.kept {
        Some(found) => {
            of_this_mode(facts, S::CALLED, S::common(found))?;
            actions.extend(spec.update(facts, found));
        }
        None => actions.push(spec.create(facts, &choice.old)),
    }
    actions.extend(choice.old.iter().map(|old| closing(facts, S::NOUN, S::common(old), S::switch)));
    let Some(found) = choice.kept.filter(|_| actions.is_empty()) else {
        return Ok(Step::Change(Change::of(actions)));
    };
    let mut outputs = S::gives(found);
    outputs.insert("id".into(), S::common(found).id.clone());
    Ok(Step::Done(Verdict::pass_with(spec.evidence(facts, found), outputs)))
}

/// What all of them have, as Stripe answers.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Common {
    pub id: String,
    #[serde(default = "yes")]
    pub active: bool,
    pub livemode: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Of which item an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// This one's.
    Mine,
    /// Nobody's: made by hand, or by another program.
    Nobodys,
    /// Another item's.
    Anothers,
}

impl Common {
    pub(super) fn owner(&self, facts: &Facts<'_>) -> Owner {
        let (key, value) = mark(facts);
        match self.metadata.get(&key) {
            Some(found) if *found == value => Owner::Mine,
            Some(_) => Owner::Anothers,
            None => Owner::Nobodys,
        }
    }
}

/// What is to be done about the objects of a collection, for one item.
pub(super) struct Choice<'o, T> {
    /// The object that the item means.
    pub kept: Option<&'o T>,
    /// Those of the item that are on and not that one: they are closed when it stands.
    pub old: Vec<&'o T>,
}

/// Chooses the object that an item means: its own with the right content, on before off; else one
/// that was made by hand and is the very same; never one of two.
pub(super) fn choose<'o, T>(
    facts: &Facts<'_>,
    noun: &str,
    objects: &'o [T],
    common: impl Fn(&T) -> &Common,
    same: impl Fn(&T) -> bool,
    twin: impl Fn(&T) -> bool,
) -> Result<Choice<'o, T>, Step> {
    let owned = |owner: Owner, on: bool| {
        let common = &common;
        objects.iter().filter(move |object| common(object).owner(facts) == owner && common(object).active == on)
    };
    let on: Vec<&T> = owned(Owner::Mine, true).collect();
    let mut kept: Vec<&T> = on.iter().copied().filter(|object| same(object)).collect();
    if kept.is_empty() {
        // A rollback may have closed it. Newest first: of those that were switched off, the last one.
        kept.extend(owned(Owner::Mine, false).find(|object| same(object)));
    }
    if kept.is_empty() && on.is_empty() {
        kept.extend(owned(Owner::Nobodys, true).filter(|object| twin(object)));
    }
    if kept.len() > 1 {
        let ids: Vec<&str> = kept.iter().map(|object| common(object).id.as_str()).collect();
        return Err(ambiguous(noun, &facts.address.item, &ids));
    }
    let kept = kept.first().copied();
    let is_kept = |object: &T| kept.is_some_and(|kept| common(kept).id == common(object).id);
    let old = on.into_iter().filter(|object| !is_kept(object)).collect();
    Ok(Choice { kept, old })
}

fn ambiguous(noun: &str, item: &str, ids: &[&str]) -> Step {
    let problem = Problem::new(Code::CatalogAmbiguous, format!("{} {noun}s could be `{item}`", ids.len()))
        .why(format!("each is the very same, and active: {}", ids.join(", ")))
        .fix("archive those that are not meant: https://dashboard.stripe.com");
    Step::Done(Verdict::fail(problem))
}

/// Fails when an object is of the other mode.
pub(super) fn of_this_mode(facts: &Facts<'_>, noun: &str, common: &Common) -> Result<(), Step> {
    if common.livemode.is_none_or(|livemode| livemode == facts.mode.livemode()) {
        return Ok(());
    }
    let problem = Problem::new(Code::KeyWrongMode, format!("the {noun} {} is of the other mode", common.id))
        .fix("use the key of this run's mode: https://dashboard.stripe.com/apikeys");
    Err(Step::Done(Verdict::fail(problem)))
}

/// The metadata of a new object: the checklist's, and golive's mark.
pub(super) fn marked(facts: &Facts<'_>, metadata: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = metadata.clone();
    all.extend([mark(facts)]);
    all
}

/// What differs in the metadata that the checklist names, and what brings it back; with golive's mark
/// where that is missing. Other keys are left alone.
pub(super) fn metadata_changes(
    facts: &Facts<'_>,
    wanted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    fields: &mut Vec<Field>,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut changes, mut back) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in marked(facts, wanted) {
        if found.get(&key) == Some(&value) {
            continue;
        }
        fields.push(Field { name: format!("metadata.{key}"), from: found.get(&key).cloned(), to: value.clone() });
        back.insert(key.clone(), found.get(&key).cloned().unwrap_or_default());
        changes.insert(key, value);
    }
    (changes, back)
}

/// What differs in a text that the checklist names: the new one, and the one that brings it back.
pub(super) fn text_change(
    name: &str,
    wanted: Option<&str>,
    found: Option<&str>,
    fields: &mut Vec<Field>,
) -> (Option<String>, Option<String>) {
    match wanted.filter(|wanted| found.unwrap_or_default() != *wanted) {
        None => (None, None),
        Some(wanted) => {
            fields.push(Field { name: name.into(), from: found.map(str::to_owned), to: wanted.to_owned() });
            (Some(wanted.to_owned()), Some(found.unwrap_or_default().to_owned()))
        }
    }
}

/// The difference in something final, where there is one.
pub(super) fn differ(name: &str, found: &str, wanted: &str) -> Option<Field> {
    (found != wanted).then(|| Field::change(name, found, wanted))
}

/// An action about one of these objects.
pub(super) fn action(facts: &Facts<'_>, noun: &str, verb: Verb, write: OfferWrite) -> Action {
    Action::new(noun, &facts.address.item, verb, Effect::Stripe(Write::Offer(write)))
}

/// The action that closes an older object, after the new one was created.
pub(super) fn closing(
    facts: &Facts<'_>,
    noun: &str,
    common: &Common,
    update: impl Fn(&str, bool) -> OfferWrite,
) -> Action {
    let mut action = action(facts, noun, Verb::Close, update(&common.id, false))
        .summary(&common.id)
        .fields(vec![Field::change("active", "true", "false")])
        .stage(1)
        .undo(Write::Offer(update(&common.id, true)));
    action.name = format!("{} (old)", facts.address.item);
    action
}

/// The action that changes an object, or takes one over that was nobody's; `back` undoes it.
pub(super) fn changing(
    facts: &Facts<'_>,
    noun: &str,
    common: &Common,
    fields: Vec<Field>,
    write: OfferWrite,
    back: OfferWrite,
) -> Action {
    let verb = if common.owner(facts) == Owner::Mine { Verb::Change } else { Verb::Adopt };
    action(facts, noun, verb, write).summary(&common.id).fields(fields).undo(Write::Offer(back))
}

/// Whether a difference is one of metadata alone.
pub(super) fn is_metadata(field: &Field) -> bool {
    field.name.starts_with("metadata.")
}

/// Differences in one line each way: what was found, and what was wanted.
pub(super) fn both_ways(differences: &[Field]) -> (String, String) {
    let said = |value: &dyn Fn(&Field) -> String| {
        let all: Vec<String> = differences.iter().map(|field| format!("{} {}", field.name, value(field))).collect();
        all.join("; ")
    };
    (said(&|field| field.from.clone().unwrap_or_default()), said(&|field| field.to.clone()))
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
