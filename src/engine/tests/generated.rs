//! Catalogs that nobody has thought of: what was applied leaves nothing to plan, and what is edited
//! afterwards is carried out once and then leaves nothing either.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::support::Bench;
use crate::engine::Permit;

/// One price of a generated catalog, without its key.
#[derive(Debug, Clone)]
struct Price {
    amount: String,
    interval: Option<(&'static str, u64)>,
    nickname: Option<String>,
    inclusive: Option<bool>,
}

#[derive(Debug, Clone)]
struct Product {
    name: String,
    description: Option<String>,
    unit_label: Option<String>,
    metadata: BTreeMap<String, String>,
    prices: Vec<Price>,
    first: Option<usize>,
}

fn words() -> impl Strategy<Value = String> {
    // No `$`, which begins a reference; no control characters, which are no valid checklist.
    "[A-Za-z0-9äß漢\"\\\\'&<%#=][ -#%-~é]{0,18}[A-Za-z0-9!]"
}

fn price() -> impl Strategy<Value = Price> {
    let amount = prop_oneof![
        (1u32..100_000, 0u32..100, prop::sample::select(vec!["CAD", "EUR", "USD"]))
            .prop_map(|(whole, cents, code)| format!("{whole}.{cents:02} {code}")),
        (50u32..9_000_000).prop_map(|whole| format!("{whole} JPY")),
        (1u32..100_000, 0u32..100).prop_map(|(whole, cents)| format!("{whole}.{cents:02}0 KWD")),
    ];
    let interval = prop::option::of((prop::sample::select(vec!["day", "week", "month", "year"]), 1u64..=3));
    (amount, interval, prop::option::of(words()), prop::option::of(any::<bool>())).prop_map(
        |(amount, mut interval, nickname, inclusive)| {
            // Stripe bills at most every three years.
            if let Some(("year", count)) = &mut interval {
                *count = 1;
            }
            Price { amount, interval, nickname, inclusive }
        },
    )
}

fn product() -> impl Strategy<Value = Product> {
    (
        words(),
        prop::option::of(words()),
        prop::option::of("[a-z]{1,12}"),
        prop::collection::btree_map("[a-z]{1,6}", words(), 0..3),
        prop::collection::vec(price(), 0..4),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(name, description, unit_label, metadata, prices, pick, has)| {
            let first = (has && !prices.is_empty()).then(|| pick.index(prices.len()));
            Product { name, description, unit_label, metadata, prices, first }
        })
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn table(entries: impl IntoIterator<Item = (String, String)>) -> String {
    let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn priced(key: &str, price: &Price) -> String {
    let mut fields = vec![
        ("lookup_key".to_owned(), quoted(key)),
        ("amount".to_owned(), quoted(&price.amount)),
        ("env".to_owned(), quoted(&format!("PRICE_{}", key.to_uppercase()))),
    ];
    if let Some((interval, count)) = price.interval {
        fields.push(("interval".into(), quoted(interval)));
        fields.push(("interval_count".into(), count.to_string()));
    }
    fields.extend(price.nickname.as_ref().map(|nickname| ("nickname".into(), quoted(nickname))));
    let tax = price.inclusive.map(|inclusive| if inclusive { "inclusive" } else { "exclusive" });
    fields.extend(tax.map(|tax| ("tax_behavior".into(), quoted(tax))));
    table(fields)
}

/// The checklist of a catalog: keys, its products, and the env file.
fn checklist(products: &[Product]) -> String {
    let mut text = super::CATALOG.split("[[phase.item]]\nid = \"pro\"").next().unwrap().to_owned();
    for (number, product) in products.iter().enumerate() {
        let key = |at: usize| format!("p{number}_{at}");
        let prices: Vec<String> =
            product.prices.iter().enumerate().map(|(at, price)| priced(&key(at), price)).collect();
        let mut fields = vec![
            ("id", quoted(&format!("item{number}"))),
            ("kind", quoted("product")),
            ("title", quoted(&product.name)),
            ("prices", format!("[{}]", prices.join(", "))),
            ("metadata", table(product.metadata.iter().map(|(key, value)| (key.clone(), quoted(value))))),
        ];
        fields.extend(product.description.as_ref().map(|text| ("description", quoted(text))));
        fields.extend(product.unit_label.as_ref().map(|text| ("unit_label", quoted(text))));
        fields.extend(product.first.map(|at| ("default_price", quoted(&key(at)))));
        text.push_str("[[phase.item]]\n");
        for (name, value) in fields {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    text + super::ENV
}

/// Applies, and demands that nothing is left: nothing planned, nothing sent, one object of each.
fn settles(bench: &mut Bench, products: &[Product]) {
    let text = checklist(products);
    bench.wizard(&text);
    let problems: Vec<_> =
        bench.state().items.values().filter_map(|item| item.verdict.clone()?.problem().cloned()).collect();
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    bench.happened();
    for permit in [Permit::LOOK, Permit::APPLY, Permit::WIZARD] {
        let halt = bench.walk(&text, permit).unwrap();
        assert!(halt.changes.is_empty(), "{:?}\n{text}", halt.changes);
    }
    let sent: Vec<_> = bench.happened().into_iter().filter(|line| !line.starts_with("journal judged")).collect();
    assert!(sent.is_empty(), "{sent:?}\n{text}");
    let world = bench.stripe.world();
    assert_eq!(world.products.iter().filter(|product| product.active).count(), products.len());
    let wanted: usize = products.iter().map(|product| product.prices.len()).sum();
    let keyed: Vec<_> = world.prices.iter().filter_map(|price| price.lookup_key.as_deref()).collect();
    assert_eq!(keyed.len(), wanted, "{keyed:?}");
    assert!(world.prices.iter().filter(|price| price.lookup_key.is_some()).all(|price| price.active));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_applied_leaves_nothing_to_plan(
        before in prop::collection::vec(product(), 1..5),
        after in prop::collection::vec(product(), 4),
    ) {
        let mut bench = Bench::new();
        settles(&mut bench, &before);
        // The same items, every field of them another one, and no fewer prices than there were.
        let edited: Vec<Product> = before
            .iter()
            .zip(after)
            .map(|(old, new)| {
                let kept = old.prices.iter().skip(new.prices.len()).cloned();
                let prices: Vec<Price> = new.prices.iter().cloned().chain(kept).collect();
                // What is not in the checklist any more is left as it is: golive manages what it is told.
                let description = new.description.or_else(|| old.description.clone());
                Product { description, prices, ..new }
            })
            .collect();
        settles(&mut bench, &edited);
    }
}
