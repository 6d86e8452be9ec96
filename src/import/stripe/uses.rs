//! Which variables of the application's env files hold which objects of the account: one id, several,
//! a JSON mapping of them, or the address of a payment link. What cannot be told apart is told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::around::{Found, Holds};
use super::code::ids_in;
use super::told::{Sort, Told};
use super::{Around, EnvText, Variable};
use crate::inventory::Inventory;

/// Words in the name of a variable that may hold a coupon or a code, which look like any other word.
const OFFER_NAMES: [&str; 4] = ["COUPON", "PROMO", "DISCOUNT", "OFFER"];

/// A variable whose value is made of several things.
pub(super) enum Composed {
    /// JSON with ids among its texts.
    Json(Json),
    /// A text with ids in it.
    Text(String),
}

/// The uses of objects in variables.
#[derive(Default)]
pub(super) struct Uses<'a> {
    /// By object, the variables that hold its id and nothing else, and whether each is provided by now.
    by_object: BTreeMap<&'a str, Vec<(&'a str, bool)>>,
    /// Variables that are made of several things, in the order of their files.
    pub composed: Vec<(&'a str, Composed)>,
}

impl<'a> Uses<'a> {
    pub fn of(inventory: &'a Inventory, around: &'a Around, told: &mut Vec<Told>) -> Self {
        let known = known(inventory);
        let mut uses = Self::default();
        let mut seen: BTreeMap<&str, Found<'a>> = BTreeMap::new();
        for file in &around.files {
            told.extend(file.unreadable.iter().map(|why| Told::new(Sort::Note, why.clone())));
            let twice = twice(file, told);
            for variable in file.variables.iter().filter(|variable| !twice.contains(variable.name.as_str())) {
                let Holds::Text(text) = &variable.holds else { continue };
                let found = Found { file, variable };
                if let Some(first) = seen.get(variable.name.as_str()) {
                    other_file(first, found, &known, told);
                    continue;
                }
                seen.insert(&variable.name, found);
                uses.variable(found, text, &known, told);
            }
        }
        uses
    }

    fn variable(&mut self, found: Found<'a>, text: &'a str, known: &BTreeSet<&'a str>, told: &mut Vec<Told>) {
        let name = found.variable.name.as_str();
        let trimmed = text.trim();
        let may_be_offer = OFFER_NAMES.iter().any(|word| name.to_ascii_uppercase().contains(word));
        if let Some(object) = known.get(trimmed).filter(|object| is_made_up(object) || may_be_offer) {
            self.by_object.entry(object).or_default().push((name, false));
            return;
        }
        let ids: Vec<&str> = ids_in(trimmed).collect();
        let strangers: Vec<&str> = ids.iter().copied().filter(|id| !known.contains(id)).collect();
        if !strangers.is_empty() {
            told.push(stranger(found, &strangers));
        }
        if ids.is_empty() || strangers.len() == ids.len() {
            let is_link =
                trimmed.starts_with("https://buy.stripe.com/") || trimmed.starts_with("https://donate.stripe.com/");
            if is_link {
                told.push(stranger(found, &[trimmed]));
            }
            return;
        }
        let json = serde_json::from_str::<Json>(trimmed).ok().filter(|json| json.is_object() || json.is_array());
        let composed = if let Some(json) = json {
            Composed::Json(json)
        } else {
            let what = format!("{name} holds {}", if ids.len() == 1 { "an id and more" } else { "several ids" });
            let note = Told::new(Sort::Note, what).at([found.place()]);
            told.push(note.propose("the checklist writes the same text again, with the live ids in it"));
            Composed::Text(trimmed.to_owned())
        };
        self.composed.push((name, composed));
    }

    /// The variable that an object's item provides; the first one that holds its id.
    pub fn take(&mut self, object: &str) -> Option<String> {
        let (name, provided) = self.by_object.get_mut(object)?.iter_mut().find(|(_, provided)| !*provided)?;
        *provided = true;
        Some((*name).to_owned())
    }

    /// The variable that was taken for an object, or that holds it.
    pub fn variable_of(&self, object: &str) -> Option<&str> {
        self.by_object.get(object)?.first().map(|(name, _)| *name)
    }

    /// Variables that hold an object and that no item provides, with it.
    pub fn rest(&self) -> Vec<(&'a str, &'a str)> {
        let each = self.by_object.iter().flat_map(|(object, names)| names.iter().map(move |name| (*object, name)));
        each.filter(|(_, (_, provided))| !provided).map(|(object, (name, _))| (*name, object)).collect()
    }
}

/// Whether an id is one that Stripe makes up, or an address: nothing else looks like it.
fn is_made_up(object: &str) -> bool {
    object.contains("://") || ids_in(object).next().is_some_and(|id| id == object)
}

/// Everything in the account that a variable can hold.
fn known(inventory: &Inventory) -> BTreeSet<&str> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    known.extend(inventory.products.iter().map(|product| product.id.as_str()));
    known.extend(inventory.prices.iter().map(|price| price.id.as_str()));
    known.extend(inventory.meters.iter().map(|meter| meter.id.as_str()));
    known.extend(inventory.coupons.iter().map(|coupon| coupon.id.as_str()));
    known.extend(inventory.promotion_codes.iter().map(|code| code.id.as_str()));
    known.extend(inventory.tax_rates.iter().map(|rate| rate.id.as_str()));
    known.extend(inventory.shipping_rates.iter().map(|rate| rate.id.as_str()));
    known.extend(inventory.payment_links.iter().flat_map(|link| [link.id.as_str(), link.url.as_str()]));
    known.extend(inventory.portals.iter().map(|portal| portal.id.as_str()));
    known.extend(inventory.payment_methods.iter().map(|methods| methods.id.as_str()));
    known.remove("");
    known
}

/// Variables that stand twice in one file with two values; which one counts depends on who reads it.
fn twice<'v>(file: &'v EnvText, told: &mut Vec<Told>) -> BTreeSet<&'v str> {
    let mut by_name: BTreeMap<&str, Vec<&Variable>> = BTreeMap::new();
    for variable in &file.variables {
        by_name.entry(&variable.name).or_default().push(variable);
    }
    let mut out = BTreeSet::new();
    for (name, variables) in by_name.into_iter().filter(|(_, variables)| variables.len() > 1) {
        let same = variables.windows(2).all(|pair| pair[0].holds == pair[1].holds && pair[0].holds != Holds::Hidden);
        let places = variables.iter().map(|variable| format!("{}:{}", file.name, variable.line));
        let what = format!("{name} stands {} times in {}", variables.len(), file.name);
        let one = if same { Sort::Note } else { Sort::Decide };
        let proposal = if same {
            "both say the same; take one out"
        } else {
            "golive used none of them: take one out, then import again"
        };
        told.push(
            Told::new(one, what).why("readers of env files disagree on which one counts").propose(proposal).at(places),
        );
        if !same {
            out.insert(name);
        }
    }
    out
}

/// Tells when a second file gives a variable another object.
fn other_file(first: &Found<'_>, second: Found<'_>, known: &BTreeSet<&str>, told: &mut Vec<Told>) {
    let (Holds::Text(one), Holds::Text(other)) = (&first.variable.holds, &second.variable.holds) else { return };
    if one.trim() == other.trim() || !known.contains(other.trim()) {
        return;
    }
    let what =
        format!("{} is one thing in {} and another in {}", first.variable.name, first.file.name, second.file.name);
    let proposal = format!("golive used {}; correct the other file, or the `env` of the item", first.file.name);
    told.push(Told::new(Sort::Decide, what).propose(proposal).at([first.place(), second.place()]));
}

/// An id in a variable that is not among what was read.
fn stranger(found: Found<'_>, ids: &[&str]) -> Told {
    let name = &found.variable.name;
    Told::new(Sort::Decide, format!("{name} holds {}, which is not in the checklist", ids.join(" and ")))
        .why("it is archived, of another account, or of a list that was not read")
        .propose(format!("see what it is: https://dashboard.stripe.com/test/search?query={}", ids[0]))
        .at([found.place()])
}
