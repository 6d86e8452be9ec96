//! Names that an import gives: ids of items by slug, lookup keys where prices have none. A name that an
//! earlier import gave to an object is given to it again, whatever the object is called by now.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::compose::{Names, slug};
use crate::inventory::{Price, Recurring};

/// The names that objects of the account have in a checklist, by their test ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Their items, `catalog.pro`.
    pub items: BTreeMap<String, String>,
    /// Lookup keys of prices that have none in Stripe.
    pub keys: BTreeMap<String, String>,
}

/// Ids of items and lookup keys, each given once.
pub(super) struct Ids<'a> {
    known: &'a Known,
    /// By phase.
    items: BTreeMap<String, Names>,
    keys: BTreeSet<String>,
    /// The names that were given.
    pub given: Known,
}

impl<'a> Ids<'a> {
    pub fn new(known: &'a Known) -> Self {
        let mut items: BTreeMap<String, Names> = BTreeMap::new();
        // What belongs to an object is nobody else's, even before that object's turn comes.
        for address in known.items.values() {
            if let Some((phase, item)) = address.split_once('.') {
                items.entry(phase.to_owned()).or_default().reserve(item);
            }
        }
        Self { known, items, keys: BTreeSet::new(), given: Known::default() }
    }

    /// The id of an object's item.
    pub fn item(&mut self, phase: &str, object: &str, words: &str) -> String {
        let before = self.known.items.get(object).and_then(|address| address.strip_prefix(phase)?.strip_prefix('.'));
        let id = match before {
            Some(id) => id.to_owned(),
            None => self.items.entry(phase.to_owned()).or_default().take(words),
        };
        self.given.items.insert(object.to_owned(), format!("{phase}.{id}"));
        id
    }

    /// Takes a lookup key as it stands; `false` when another price has it.
    pub fn reserve_key(&mut self, key: &str) -> bool {
        self.keys.insert(key.to_owned())
    }

    /// A lookup key for a price that has none, and the one that it could not get because another price
    /// has it.
    pub fn key(&mut self, product: &str, price: &Price) -> (String, Option<String>) {
        if let Some(key) = self.known.keys.get(&price.id).filter(|key| self.keys.insert((*key).clone())) {
            self.given.keys.insert(price.id.clone(), key.clone());
            return (key.clone(), None);
        }
        let is_free = |wish: &String| !self.keys.contains(wish) && !self.known.keys.values().any(|key| key == wish);
        let base = Some(slug(product)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "price".to_owned());
        let plain = format!("{base}_{}", rhythm(price));
        let nickname = price.nickname.as_deref().map(slug).filter(|slug| !slug.is_empty());
        let amount = price.amount.as_deref().map(|amount| amount.replace('.', "_"));
        let wishes = [
            Some(plain.clone()),
            nickname.map(|name| if name.starts_with(&base) { name } else { format!("{base}_{name}") }),
            Some(format!("{plain}_{}", price.currency)),
            amount.map(|amount| format!("{plain}_{amount}_{}", price.currency)),
        ];
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let key = wishes.into_iter().flatten().chain(numbered).find(is_free);
        let key = key.unwrap_or_else(|| price.id.clone());
        self.keys.insert(key.clone());
        self.given.keys.insert(price.id.clone(), key.clone());
        let missed = (key != plain).then_some(plain);
        (key, missed)
    }
}

/// How often a price is charged, in a word.
fn rhythm(price: &Price) -> String {
    let Some(recurring) = &price.recurring else {
        return if price.custom.is_some() { "custom".to_owned() } else { "once".to_owned() };
    };
    every(recurring)
}

fn every(recurring: &Recurring) -> String {
    match (recurring.interval.as_str(), recurring.count()) {
        ("day", 1) => "daily".to_owned(),
        ("week", 1) => "weekly".to_owned(),
        ("month", 1) => "monthly".to_owned(),
        ("month", 3) => "quarterly".to_owned(),
        ("year", 1) => "yearly".to_owned(),
        (interval, count) => format!("{count}_{interval}s"),
    }
}

/// Whether a lookup key can stand in a reference.
pub(super) fn can_be_referred_to(key: &str) -> bool {
    !key.contains(['}', '$', '{']) && !key.chars().any(char::is_control) && key.trim() == key && !key.is_empty()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Ids, Known};
    use crate::inventory::{Price, Recurring};

    fn price(id: &str, amount: &str, interval: Option<&str>) -> Price {
        let recurring = interval.map(|interval| Recurring { interval: interval.into(), ..Recurring::default() });
        Price { id: id.into(), currency: "eur".into(), amount: Some(amount.into()), recurring, ..Price::default() }
    }

    #[test]
    fn keys_say_product_and_rhythm_and_no_two_prices_get_the_same() {
        let known = Known::default();
        let mut ids = Ids::new(&known);
        assert_eq!(ids.key("Acme Pro", &price("price_1", "100", Some("month"))), ("acme_pro_monthly".into(), None));
        let second = ids.key("Acme Pro", &price("price_2", "200", Some("month")));
        assert_eq!(second, ("acme_pro_monthly_eur".into(), Some("acme_pro_monthly".into())));
        let third = ids.key("Acme Pro", &price("price_3", "300", Some("month")));
        assert_eq!(third.0, "acme_pro_monthly_300_eur");
        let fourth = ids.key("Acme Pro", &price("price_4", "300", Some("month")));
        assert_eq!(fourth.0, "acme_pro_monthly_2");
        assert_eq!(ids.key("🚀", &price("price_5", "300", None)).0, "price_once");
    }

    #[test]
    fn an_object_keeps_the_name_it_was_given_before() {
        let known = Known {
            items: BTreeMap::from([("prod_1".to_owned(), "catalog.pro".to_owned())]),
            keys: BTreeMap::from([("price_1".to_owned(), "pro_monthly".to_owned())]),
        };
        let mut ids = Ids::new(&known);
        assert_eq!(ids.item("catalog", "prod_2", "Pro"), "pro_2");
        assert_eq!(ids.item("catalog", "prod_1", "Renamed"), "pro");
        assert_eq!(ids.key("Pro", &price("price_9", "1", Some("month"))).0, "pro_monthly_eur");
        assert_eq!(ids.key("Renamed", &price("price_1", "1", Some("month"))).0, "pro_monthly");
    }
}
