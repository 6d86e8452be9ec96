//! Test and live side by side: what of one account's configuration stands in the other, field by field,
//! in money and in names instead of ids. Pure; `golive parity` reads the inventories and shows this.
//!
//! What differs by nature (ids, dates, addresses of webhooks and wallet domains, golive's own marks) is
//! no difference. A list that one side could not read is unknown, and never called equal.

mod catalog;
mod fields;
#[cfg(test)]
mod fixture;
mod names;
mod offers;
mod pair;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::error::Problem;
use crate::inventory::{Inventory, Section};
use fields::Fields;
use names::Names;
use pair::{Pairs, Round};

/// Which of the two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are Stripe's modes")]
pub enum Side {
    Test,
    Live,
}

/// What came of one list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Which.
    pub section: Section,
    /// Objects that stand on both sides and are the same.
    pub same: usize,
    /// Objects that stand on both sides and differ.
    pub different: Vec<Pair>,
    /// Objects of test mode without a counterpart.
    pub only_test: Vec<Lone>,
    /// Objects of live mode without a counterpart.
    pub only_live: Vec<Lone>,
    /// Why it could not be compared. Then nothing else is said of it.
    pub unknown: Vec<Unknown>,
    /// Good to know; none of it is a difference.
    pub notes: Vec<String>,
}

/// Two objects that are meant to be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// What a person calls it.
    pub name: String,
    /// The id in test mode.
    pub test: String,
    /// The id in live mode.
    pub live: String,
    /// By what they were found to belong together.
    pub by: &'static str,
    /// What differs, by name.
    pub fields: Vec<Difference>,
}

/// A field that differs. `None` where it is not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the values of the two sides")]
pub struct Difference {
    /// As Stripe names it.
    pub field: String,
    pub test: Option<String>,
    pub live: Option<String>,
}

/// An object of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lone {
    /// What a person calls it.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// A list that one side could not read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unknown {
    /// Which side.
    pub side: Side,
    /// Why, and what to do.
    pub problem: Problem,
}

impl Compared {
    fn of(section: Section) -> Self {
        let (different, only_test, only_live) = (Vec::new(), Vec::new(), Vec::new());
        Self { section, same: 0, different, only_test, only_live, unknown: Vec::new(), notes: Vec::new() }
    }

    /// Whether both sides were read and nothing differs; `None` when that cannot be said.
    pub fn equal(&self) -> Option<bool> {
        let apart = !self.different.is_empty() || !self.only_test.is_empty() || !self.only_live.is_empty();
        if self.unknown.is_empty() { Some(!apart) } else { None }
    }
}

/// The lists that have to be read so that a list can be compared: those whose ids stand in its objects.
pub fn needs(section: Section) -> &'static [Section] {
    match section {
        Section::Products => &[Section::Prices, Section::Meters, Section::Features],
        Section::Prices => &[Section::Products, Section::Meters],
        Section::Coupons => &[Section::Products, Section::Prices, Section::Meters],
        Section::PaymentLinks => &[Section::Products, Section::Prices, Section::Meters, Section::ShippingRates],
        Section::Portals => &[Section::Products, Section::Prices, Section::Meters, Section::PaymentMethods],
        _ => &[],
    }
}

/// Compares the lists that are wanted. A list that they refer to and that could not be read is told as well:
/// what leads there was not compared.
pub fn compare(test: &Inventory, live: &Inventory, wanted: &BTreeSet<Section>) -> Vec<Compared> {
    let sides = Sides { test, live };
    let names = Names::of(&sides, &|section| unknown(&sides, section).is_empty());
    let mut all = Vec::new();
    let referred: BTreeSet<Section> = wanted.iter().flat_map(|section| needs(*section)).copied().collect();
    for section in Section::ALL {
        let mut compared = Compared::of(section);
        compared.unknown = unknown(&sides, section);
        if !wanted.contains(&section) && (compared.unknown.is_empty() || !referred.contains(&section)) {
            continue;
        }
        if compared.unknown.is_empty() {
            names.compare(&sides, &mut compared);
        }
        all.push(compared);
    }
    all
}

/// The two inventories.
#[derive(Clone, Copy)]
struct Sides<'i> {
    test: &'i Inventory,
    live: &'i Inventory,
}

impl<'i> Sides<'i> {
    const fn get(&self, side: Side) -> &'i Inventory {
        match side {
            Side::Test => self.test,
            Side::Live => self.live,
        }
    }
}

fn unknown(sides: &Sides<'_>, section: Section) -> Vec<Unknown> {
    let of = |side: Side| {
        let inventory = sides.get(side);
        let gaps = inventory.gaps.iter().filter(move |gap| gap.section == section);
        let gaps = gaps.map(move |gap| Unknown { side, problem: gap.problem.clone() });
        let unreadable = inventory.left_out.get(&section).map_or(0, |left| left.unreadable);
        let unreadable = (unreadable > 0).then(|| Unknown { side, problem: cannot_read(section, unreadable) });
        gaps.chain(unreadable)
    };
    of(Side::Test).chain(of(Side::Live)).collect()
}

fn cannot_read(section: Section, count: usize) -> Problem {
    let message = format!("{} could not be read", section.counted(count));
    Problem::new(crate::error::Code::Unreadable, message)
        .why("their shape is not the one that golive knows")
        .fix("see what can be behind it: golive explain GL1103")
}

/// Tells of pairs and of what is left over.
fn tell<T>(
    compared: &mut Compared,
    (test, live): (&[T], &[T]),
    pairs: &Pairs,
    id: impl Fn(&T) -> &str,
    name: impl Fn(Side, &T) -> String,
    fields: impl Fn(Side, &T) -> Fields,
) {
    for &(here, there, by) in &pairs.paired {
        let (here, there) = (&test[here], &live[there]);
        let differences = fields(Side::Test, here).differences(&fields(Side::Live, there));
        if differences.is_empty() {
            compared.same += 1;
            continue;
        }
        let (test, live) = (id(here).to_owned(), id(there).to_owned());
        compared.different.push(Pair { name: name(Side::Test, here), test, live, by, fields: differences });
    }
    let lone = |side: Side, one: &T| Lone { name: name(side, one), id: id(one).to_owned() };
    compared.only_test.extend(pairs.test.iter().map(|&n| lone(Side::Test, &test[n])));
    compared.only_live.extend(pairs.live.iter().map(|&n| lone(Side::Live, &live[n])));
}
