//! The few items of a long checklist that an import can have changed, as texts of their own, and the way
//! back: what became of them is put in their place. A file that is not cut as golive writes it, with an
//! item twice or inline, is none of these. Called by `merge`.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::{Part, Sort, parts};
use crate::step::Address;

/// A text in its parts, each item with its address.
struct Cut<'t>(Vec<(Part<'t>, Option<Address>)>);

impl<'t> Cut<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (mut phase, mut seen) = (None, BTreeSet::new());
        let mut out = Vec::new();
        for part in parts(text) {
            let address = match part.sort {
                Sort::Phase => {
                    phase = Some(part.id?);
                    // An empty item: no item has such an address.
                    Some(Address::new(part.id?, ""))
                }
                Sort::Item => Some(Address::new(phase?, part.id?)),
                Sort::Head | Sort::Other => None,
            };
            if address.as_ref().is_some_and(|address| !seen.insert(address.clone())) {
                return None;
            }
            out.push((part, address));
        }
        Some(Self(out))
    }

    fn items(&self) -> BTreeMap<&Address, &'t str> {
        let items = self.0.iter().filter(|(part, _)| part.sort == Sort::Item);
        items.filter_map(|(part, address)| Some((address.as_ref()?, part.text))).collect()
    }

    /// Everything but the items that are not among these.
    fn only(&self, few: &BTreeSet<Address>) -> String {
        let kept = self.0.iter().filter(|(part, address)| {
            part.sort != Sort::Item || address.as_ref().is_some_and(|address| few.contains(address))
        });
        kept.map(|(part, _)| part.text).collect()
    }
}

/// The items that can have changed.
pub(super) struct Few<'t> {
    base: Cut<'t>,
    mine: Cut<'t>,
    chosen: BTreeSet<Address>,
}

impl<'t> Few<'t> {
    /// Those that the last import and this one wrote in two ways, and those that only one of them wrote.
    pub fn of(base: &'t str, mine: &'t str, fresh: &str) -> Option<Self> {
        let (base, mine, fresh) = (Cut::of(base)?, Cut::of(mine)?, Cut::of(fresh)?);
        let few = {
            let (then, now) = (base.items(), fresh.items());
            let all: BTreeSet<&Address> = then.keys().chain(now.keys()).copied().collect();
            let changed = all.into_iter().filter(|address| {
                let (then, now) = (then.get(*address), now.get(*address));
                then.map(|text| text.trim()) != now.map(|text| text.trim())
            });
            changed.cloned().collect()
        };
        Some(Self { base, mine, chosen: few })
    }

    pub fn holds(&self, phase: &str, item: &str) -> bool {
        self.chosen.contains(&Address::new(phase, item))
    }

    pub fn base(&self) -> String {
        self.base.only(&self.chosen)
    }

    pub fn mine(&self) -> String {
        self.mine.only(&self.chosen)
    }

    /// The whole file, with what became of the few in it.
    pub fn back(&self, changed: &str) -> Option<String> {
        let changed = Cut::of(changed)?;
        let (new, before) = (changed.items(), self.mine.items());
        let mut out = String::new();
        for (part, address) in changed.0.iter().filter(|(part, _)| part.sort != Sort::Item) {
            out.push_str(part.text);
            let Some(Address { phase, .. }) = address else { continue };
            let in_phase = |address: &Address| address.phase == *phase;
            for (item, address) in self.mine.0.iter().filter(|(part, _)| part.sort == Sort::Item) {
                let Some(address) = address.as_ref().filter(|address| in_phase(address)) else { continue };
                let kept = if self.chosen.contains(address) { new.get(address).copied() } else { Some(item.text) };
                out.push_str(kept.unwrap_or_default());
            }
            // In the order in which they were put in.
            for (item, address) in changed.0.iter().filter(|(part, _)| part.sort == Sort::Item) {
                if address.as_ref().is_some_and(|address| in_phase(address) && !before.contains_key(address)) {
                    out.push_str(item.text);
                }
            }
        }
        Some(out)
    }
}
