//! Many looks become few requests: lookup keys ten to a call, product ids a hundred, one listing
//! of products for everybody who looks for a name, one for prices when many products want theirs.
//! Pure; `looks` carries the asks out.

use std::collections::BTreeSet;

use crate::step::{Collection, Look, Permission};

/// Stripe's limit for `lookup_keys[]` (API reference, list all prices).
const KEYS_A_CALL: usize = 10;
/// Stripe's limit for a page, and so for ids that can be answered at once.
const IDS_A_CALL: usize = 100;
/// Bytes of values in one address: servers commonly take 8 KiB, encoding can triple a byte.
const BYTES_A_CALL: usize = 2400;
/// From this many products on, one listing of all active prices is tried first.
const LISTING_FROM: usize = 4;

/// One request, or one listing with its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    Account,
    Balance,
    PublishableKey,
    Permission(Permission),
    /// Products by their ids.
    Products(Vec<String>),
    /// Every active product.
    ActiveProducts,
    /// Prices by their lookup keys.
    PricesByKey(Vec<String>),
    Price(String),
    /// The active prices of one product.
    PricesOf(String),
    /// The active prices of many: from one listing while that is shorter than asking for each.
    PricesOfMany(Vec<String>),
    Webhooks,
    Session(String),
    Every(Collection),
    One(Collection, String),
    Recent(Collection, i64),
    RefundsOf(String),
    FeaturesOf(String),
    Events {
        types: Vec<String>,
        since: i64,
        undelivered: bool,
    },
    TaxSettings,
    Delivery {
        event: String,
        key: String,
        since: i64,
        wait: u64,
    },
}

/// The asks that answer these looks, each look's exactly once. Looks that are not Stripe's are
/// left out.
pub(super) fn plan(looks: &[Look]) -> Vec<Ask> {
    let looks: BTreeSet<&Look> = looks.iter().collect();
    let (mut asks, mut ids, mut keys, mut owners) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut listing = false;
    for look in looks {
        match look {
            Look::Account => asks.push(Ask::Account),
            Look::Balance => asks.push(Ask::Balance),
            Look::PublishableKey => asks.push(Ask::PublishableKey),
            Look::Permission(permission) => asks.push(Ask::Permission(*permission)),
            Look::Product(id) => ids.push(id.clone()),
            Look::ProductsNamed(_) => listing = true,
            Look::PriceByKey(key) => keys.push(key.clone()),
            Look::Price(id) => asks.push(Ask::Price(id.clone())),
            Look::PricesOf(product) => owners.push(product.clone()),
            Look::WebhookEndpoints => asks.push(Ask::Webhooks),
            Look::Session(id) => asks.push(Ask::Session(id.clone())),
            Look::Every(collection) => asks.push(Ask::Every(*collection)),
            Look::One(collection, id) => asks.push(Ask::One(*collection, id.clone())),
            Look::Recent(collection, since) => asks.push(Ask::Recent(*collection, *since)),
            Look::RefundsOf(payment) => asks.push(Ask::RefundsOf(payment.clone())),
            Look::FeaturesOf(product) => asks.push(Ask::FeaturesOf(product.clone())),
            Look::Events { types, since, undelivered } => {
                asks.push(Ask::Events { types: types.clone(), since: *since, undelivered: *undelivered });
            }
            Look::TaxSettings => asks.push(Ask::TaxSettings),
            Look::Delivery { event, key, since, wait } => {
                let (event, key) = (event.clone(), key.clone());
                asks.push(Ask::Delivery { event, key, since: *since, wait: *wait });
            }
            Look::EnvFile
            | Look::Http(_)
            | Look::Tls { .. }
            | Look::Log(_)
            | Look::Tcp(_)
            | Look::Smtp(_)
            | Look::Scan(_)
            | Look::WebhookProbe { .. } => {}
        }
    }
    if listing {
        asks.push(Ask::ActiveProducts);
    }
    asks.extend(chunks(ids, IDS_A_CALL).into_iter().map(Ask::Products));
    asks.extend(chunks(keys, KEYS_A_CALL).into_iter().map(Ask::PricesByKey));
    if owners.len() >= LISTING_FROM {
        asks.push(Ask::PricesOfMany(owners));
    } else {
        asks.extend(owners.into_iter().map(Ask::PricesOf));
    }
    asks
}

/// Whether an ask is the one that answers a look.
pub(super) fn answers(ask: &Ask, look: &Look) -> bool {
    match (ask, look) {
        (Ask::Account, Look::Account)
        | (Ask::Balance, Look::Balance)
        | (Ask::PublishableKey, Look::PublishableKey)
        | (Ask::ActiveProducts, Look::ProductsNamed(_))
        | (Ask::Webhooks, Look::WebhookEndpoints)
        | (Ask::TaxSettings, Look::TaxSettings) => true,
        (Ask::Every(ask), Look::Every(look)) => ask == look,
        (Ask::One(of, ask), Look::One(among, look)) => (of, ask) == (among, look),
        (Ask::Recent(of, since), Look::Recent(among, from)) => (of, since) == (among, from),
        (Ask::Events { types, since, undelivered }, Look::Events { types: of, since: from, undelivered: only }) => {
            (types, since, undelivered) == (of, from, only)
        }
        (Ask::Permission(ask), Look::Permission(look)) => ask == look,
        (Ask::Products(ids), Look::Product(id)) => ids.contains(id),
        (Ask::PricesByKey(keys), Look::PriceByKey(key)) => keys.contains(key),
        (Ask::Price(ask), Look::Price(look))
        | (Ask::PricesOf(ask), Look::PricesOf(look))
        | (Ask::RefundsOf(ask), Look::RefundsOf(look))
        | (Ask::FeaturesOf(ask), Look::FeaturesOf(look))
        | (Ask::Session(ask), Look::Session(look)) => ask == look,
        (Ask::PricesOfMany(products), Look::PricesOf(product)) => products.contains(product),
        (
            Ask::Delivery { event, key, since, wait },
            Look::Delivery { event: of, key: with, since: from, wait: until },
        ) => (event, key, since, wait) == (of, with, from, until),
        _ => false,
    }
}

fn chunks(values: Vec<String>, most: usize) -> Vec<Vec<String>> {
    let mut chunks: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for value in values {
        bytes += value.len();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < most && bytes <= BYTES_A_CALL => chunk.push(value),
            _ => {
                bytes = value.len();
                chunks.push(vec![value]);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::{Ask, answers, plan};
    use crate::step::{Collection, Look, Permission};

    fn many(count: usize, look: impl Fn(String) -> Look) -> Vec<Look> {
        (0..count).map(|n| look(format!("thing_{n}"))).collect()
    }

    #[test]
    fn lookup_keys_go_ten_to_a_call() {
        for (keys, calls) in [(0, 0), (1, 1), (10, 1), (11, 2), (60, 6)] {
            assert_eq!(plan(&many(keys, Look::PriceByKey)).len(), calls, "{keys} keys");
        }
    }

    #[test]
    fn product_ids_go_a_hundred_to_a_call() {
        for (ids, calls) in [(1, 1), (100, 1), (101, 2), (250, 3)] {
            assert_eq!(plan(&many(ids, Look::Product)).len(), calls, "{ids} ids");
        }
    }

    #[test]
    fn long_values_do_not_make_an_address_that_no_server_takes() {
        let looks = many(10, |n| Look::PriceByKey(format!("{n}{}", "k".repeat(190))));
        let asks = plan(&looks);
        assert!(asks.len() == 1, "{asks:?}");
        let looks = many(100, |n| Look::Product(format!("{n}{}", "k".repeat(190))));
        assert!(plan(&looks).len() > 5);
    }

    #[test]
    fn names_share_one_listing() {
        assert_eq!(plan(&many(60, Look::ProductsNamed)), [Ask::ActiveProducts]);
    }

    #[test]
    fn the_prices_of_many_products_share_a_listing_and_those_of_few_do_not() {
        assert_eq!(plan(&many(3, Look::PricesOf)).len(), 3);
        let asks = plan(&many(60, Look::PricesOf));
        assert!(matches!(&*asks, [Ask::PricesOfMany(products)] if products.len() == 60), "{asks:?}");
    }

    #[test]
    fn what_two_items_want_is_asked_once() {
        let looks = [Look::Account, Look::Balance, Look::Account, Look::Price("p".into()), Look::Price("p".into())];
        assert_eq!(plan(&looks).len(), 3);
    }

    #[test]
    fn every_look_of_stripes_has_exactly_one_ask_that_answers_it() {
        let mut looks = vec![
            Look::Account,
            Look::Balance,
            Look::PublishableKey,
            Look::Permission(Permission::ProductWrite),
            Look::Permission(Permission::EventRead),
            Look::ProductsNamed("a".into()),
            Look::ProductsNamed("b".into()),
            Look::Price("price_1".into()),
            Look::WebhookEndpoints,
            Look::Session("cs_1".into()),
            Look::Every(Collection::Coupons),
            Look::Every(Collection::TaxRates),
            Look::One(Collection::Charges, "ch_1".into()),
            Look::Recent(Collection::Charges, 1),
            Look::RefundsOf("pi_1".into()),
            Look::FeaturesOf("prod_1".into()),
            Look::Events { types: vec!["charge.refunded".into()], since: 1, undelivered: false },
            Look::Events { types: vec!["charge.refunded".into()], since: 1, undelivered: true },
            Look::TaxSettings,
            Look::Delivery { event: "product.updated".into(), key: "k".into(), since: 1, wait: 2 },
            Look::Delivery { event: "product.updated".into(), key: "k".into(), since: 1, wait: 3 },
        ];
        looks.extend(many(25, Look::PriceByKey));
        looks.extend(many(25, Look::Product));
        looks.extend(many(25, Look::PricesOf));
        let asks = plan(&looks);
        for look in &looks {
            assert_eq!(asks.iter().filter(|ask| answers(ask, look)).count(), 1, "{look:?}");
        }
        let world = [Look::EnvFile, Look::Tls { host: "a".into(), port: 443 }];
        assert!(plan(&world).is_empty());
    }
}
