//! Names for ids: every object that others refer to has one name on both sides once it is paired, so
//! that a reference is the same exactly when it leads to the same thing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Compared, Fields, Pairs, Side, Sides, catalog, offers, settings};
use crate::inventory::{Inventory, Section};

/// Lists whose objects are referred to, in the order in which they are paired.
const REFERRED: [Section; 7] = [
    Section::Meters,
    Section::Features,
    Section::Products,
    Section::Prices,
    Section::Coupons,
    Section::ShippingRates,
    Section::PaymentMethods,
];

/// How Stripe's own ids of them begin.
const PREFIXES: [(&str, Section); 6] = [
    ("mtr_", Section::Meters),
    ("feat_", Section::Features),
    ("prod_", Section::Products),
    ("price_", Section::Prices),
    ("shr_", Section::ShippingRates),
    ("pmc_", Section::PaymentMethods),
];

/// The names of both sides.
#[derive(Default)]
pub(super) struct Names {
    test: HashMap<(Section, String), String>,
    live: HashMap<(Section, String), String>,
    pairs: BTreeMap<Section, Pairs>,
    /// Lists that both sides have read.
    comparable: BTreeSet<Section>,
}

impl Names {
    /// Pairs everything that is referred to, then whatever refers to it.
    pub(super) fn of(sides: &Sides<'_>, is_known: &dyn Fn(Section) -> bool) -> Self {
        let comparable = Section::ALL.into_iter().filter(|section| is_known(*section)).collect();
        let mut names = Self { comparable, ..Self::default() };
        for section in REFERRED {
            let pairs = names.pair(sides, section);
            names.label(sides, section, &pairs);
            names.pairs.insert(section, pairs);
        }
        for section in Section::ALL.into_iter().filter(|section| !REFERRED.contains(section)) {
            let pairs = names.pair(sides, section);
            names.pairs.insert(section, pairs);
        }
        names
    }

    fn pair(&self, sides: &Sides<'_>, section: Section) -> Pairs {
        if !self.comparable.contains(&section) {
            return Pairs::default();
        }
        match section {
            Section::Products | Section::Prices | Section::Meters | Section::Features => {
                catalog::pairs(self, sides, section)
            }
            Section::Coupons
            | Section::PromotionCodes
            | Section::TaxRates
            | Section::ShippingRates
            | Section::PaymentLinks => offers::pairs(self, sides, section),
            Section::Portals | Section::Webhooks | Section::PaymentMethods | Section::WalletDomains | Section::Tax => {
                settings::pairs(self, sides, section)
            }
        }
    }

    /// Tells what came of a list.
    pub(super) fn compare(&self, sides: &Sides<'_>, compared: &mut Compared) {
        let Some(pairs) = self.pairs.get(&compared.section) else { return };
        match compared.section {
            Section::Products | Section::Prices | Section::Meters | Section::Features => {
                catalog::compare(self, sides, pairs, compared);
            }
            Section::Coupons
            | Section::PromotionCodes
            | Section::TaxRates
            | Section::ShippingRates
            | Section::PaymentLinks => offers::compare(self, sides, pairs, compared),
            Section::Portals | Section::Webhooks | Section::PaymentMethods | Section::WalletDomains | Section::Tax => {
                settings::compare(self, sides, pairs, compared);
            }
        }
    }

    /// Gives both of a pair the name of the test side; nobody shares a name.
    fn label(&mut self, sides: &Sides<'_>, section: Section, pairs: &Pairs) {
        let (test, live) =
            (labels(self, sides.test, Side::Test, section), labels(self, sides.live, Side::Live, section));
        let mut taken: HashSet<String> = HashSet::new();
        let mut own = |name: &str| {
            let mut unique = name.to_owned();
            let mut n = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{name} ({n})");
                n += 1;
            }
            unique
        };
        for &(here, there, _) in &pairs.paired {
            let name = own(&test[here].1);
            self.test.insert((section, test[here].0.clone()), name.clone());
            self.live.insert((section, live[there].0.clone()), name);
        }
        for &n in &pairs.test {
            let name = own(&test[n].1);
            self.test.insert((section, test[n].0.clone()), name);
        }
        for &n in &pairs.live {
            let name = own(&live[n].1);
            self.live.insert((section, live[n].0.clone()), name);
        }
    }

    /// What an id leads to; `None` when its list was not read on both sides, so that nothing can be said.
    /// What is not in the list (archived, or gone) keeps its id.
    pub(super) fn name(&self, side: Side, section: Section, id: &str) -> Option<String> {
        if !self.comparable.contains(&section) {
            return None;
        }
        let known = self.of_side(side).get(&(section, id.to_owned())).cloned();
        Some(known.unwrap_or_else(|| format!("{id} (archived or gone)")))
    }

    /// Whether a text is an id of a list that was not read on both sides: nothing can be said of it.
    pub(super) fn hidden(&self, text: &str) -> bool {
        let of = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
        of.is_some_and(|(_, section)| !self.comparable.contains(section))
    }

    /// The name of whatever has this id, if anything has.
    pub(super) fn known(&self, side: Side, id: &str) -> Option<String> {
        REFERRED.into_iter().find_map(|section| self.of_side(side).get(&(section, id.to_owned())).cloned())
    }

    const fn of_side(&self, side: Side) -> &HashMap<(Section, String), String> {
        match side {
            Side::Test => &self.test,
            Side::Live => &self.live,
        }
    }
}

/// The id of every object of a list, and what a person calls it.
fn labels(names: &Names, inventory: &Inventory, side: Side, section: Section) -> Vec<(String, String)> {
    macro_rules! each {
        ($list:ident, $name:expr) => {
            inventory.$list.iter().map(|one| (one.id.clone(), $name(one))).collect()
        };
    }
    match section {
        Section::Products => each!(products, |one: &crate::inventory::Product| one.name.clone()),
        Section::Prices => each!(prices, |one: &crate::inventory::Price| catalog::price_name(names, side, one)),
        Section::Meters => each!(meters, |one: &crate::inventory::Meter| one.event_name.clone()),
        Section::Features => each!(features, |one: &crate::inventory::Feature| one.lookup_key.clone()),
        Section::Coupons => each!(coupons, |one: &crate::inventory::Coupon| one.id.clone()),
        Section::ShippingRates => {
            each!(shipping_rates, |one: &crate::inventory::ShippingRate| one.display_name.clone())
        }
        Section::PaymentMethods => {
            each!(payment_methods, |one: &crate::inventory::MethodConfiguration| settings::methods_name(one))
        }
        _ => Vec::new(),
    }
}

/// The mark that golive leaves on what it makes.
pub(super) fn mark(metadata: &BTreeMap<String, String>) -> Option<String> {
    metadata.get("golive").cloned()
}

/// A key of several fields; none where there is nothing in any.
pub(super) fn key(parts: &[&str]) -> Option<String> {
    parts.iter().any(|part| !part.is_empty()).then(|| parts.join("\u{1f}"))
}

/// For a round by content: all of it that is there.
pub(super) fn content(fields: &Fields) -> Option<String> {
    Some(fields.content()).filter(|content| !content.is_empty())
}
