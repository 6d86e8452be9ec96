//! Imports of made-up accounts: what comes out is a checklist, whatever went in.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::merge::{Change, merge};
use super::{Around, EnvText, Holds, Imported, Mention, Options, Sort, Source, Variable, import};
use crate::checklist::{self, Checklist};
use crate::inventory::{Fold, Inventory, Scope, Section};

fn inventory(pages: &[(Section, Json)]) -> Inventory {
    let mut fold = Fold::new(Scope::default());
    for (section, page) in pages {
        fold.page(*section, page.as_array().unwrap().iter().rev().cloned().collect());
    }
    fold.finish()
}

fn options() -> Options {
    Options {
        id: "acme".into(),
        title: "Acme goes live".into(),
        env_file: ".env.production".into(),
        ..Options::default()
    }
}

fn load(imported: &Imported) -> Checklist {
    let text = imported.draft.text();
    match checklist::load(checklist::Source::File("golive.toml".into()), &text) {
        Ok(checklist) => checklist,
        Err(invalid) => panic!("{}\n{text}", invalid.render(true, 80)),
    }
}

fn price(id: &str, product: &str, amount: i64) -> Json {
    json!({ "id": id, "active": true, "currency": "eur", "unit_amount": amount, "product": product,
        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" } })
}

fn shop() -> Vec<(Section, Json)> {
    vec![
        (
            Section::Products,
            json!([{ "id": "prod_1Q9fTzKd3aQn8Z", "name": "Pro", "active": true, "description": "All of it" }]),
        ),
        (Section::Prices, json!([price("price_1Q9fTzKd3aQn8Zr", "prod_1Q9fTzKd3aQn8Z", 2900)])),
        (
            Section::Webhooks,
            json!([{ "id": "we_1", "url": "https://a1b2.ngrok.app/hook", "status": "enabled",
            "enabled_events": ["invoice.paid"] }]),
        ),
    ]
}

fn variable(name: &str, line: usize, text: &str) -> Variable {
    Variable { name: name.into(), line, holds: Holds::Text(text.into()) }
}

#[test]
fn a_variable_whose_value_is_a_test_id_takes_the_live_id() {
    let around = Around {
        files: vec![EnvText {
            name: ".env".into(),
            variables: vec![
                variable("PRO", 1, "price_1Q9fTzKd3aQn8Zr"),
                variable("PRO_AGAIN", 2, "price_1Q9fTzKd3aQn8Zr"),
                variable("PRODUCT", 3, "prod_1Q9fTzKd3aQn8Z"),
                variable("PLANS", 4, r#"{"pro":{"monthly":"price_1Q9fTzKd3aQn8Zr"}}"#),
                Variable { name: "SK".into(), line: 5, holds: Holds::SecretKey },
            ],
            unreadable: Vec::new(),
        }],
        source: Source::default(),
    };
    let imported = import(&inventory(&shop()), &around, &options());
    let text = imported.draft.text();
    load(&imported);
    assert!(text.contains("env = \"PRO\""), "{text}");
    assert!(text.contains("PRO_AGAIN = \"${catalog.pro.prices.pro_monthly.id}\""), "{text}");
    assert!(text.contains("PRODUCT = \"${catalog.pro.id}\""), "{text}");
    assert!(text.contains("monthly = \"${catalog.pro.prices.pro_monthly.id}\""), "{text}");
    assert!(text.contains("secret_env = \"SK\""), "{text}");
}

#[test]
fn a_host_of_development_is_asked_for_and_not_carried_over() {
    let imported = import(&inventory(&shop()), &Around::default(), &options());
    let text = imported.draft.text();
    assert!(text.contains("host = \"your-host.example\"") && !text.contains("ngrok"), "{text}");
    assert!(imported.told.iter().any(|told| told.sort == Sort::Decide && told.what.contains("host")));
    let known = Options { host: Some("acme.com".into()), ..options() };
    assert!(import(&inventory(&shop()), &Around::default(), &known).draft.text().contains("host = \"acme.com\""));
}

#[test]
fn a_product_id_that_the_code_names_is_kept() {
    let source = Source {
        files: 1,
        ids: vec![Mention { what: "prod_1Q9fTzKd3aQn8Z".into(), file: "a.ts".into(), line: 3 }],
        ..Source::default()
    };
    let around = Around { source, ..Around::default() };
    let imported = import(&inventory(&shop()), &around, &options());
    assert!(imported.draft.text().contains("product_id = \"prod_1Q9fTzKd3aQn8Z\""));
    assert!(!import(&inventory(&shop()), &Around::default(), &options()).draft.text().contains("product_id"));
}

#[test]
fn what_a_checklist_cannot_say_is_left_out_and_told_with_a_proposal() {
    let mut pages = shop();
    let mut unknown = price("price_2", "prod_1Q9fTzKd3aQn8Z", 100);
    unknown["currency"] = "xyz".into();
    let mut metered = price("price_3", "prod_1Q9fTzKd3aQn8Z", 100);
    metered["recurring"]["usage_type"] = "metered".into();
    pages.push((Section::Prices, json!([unknown, metered, price("price_4", "prod_gone", 100)])));
    let imported = import(&inventory(&pages), &Around::default(), &options());
    load(&imported);
    let told: Vec<String> =
        imported.told.iter().map(|told| format!("{} {}", told.what, told.why.clone().unwrap_or_default())).collect();
    for words in [
        "price_2 of Pro is left out golive does not know the currency `XYZ`",
        "price_3 of Pro is left out",
        "1 price without a product: price_4",
    ] {
        assert!(told.iter().any(|told| told.contains(words)), "{words}: {told:#?}");
    }
    assert!(imported.told.iter().filter(|told| told.sort == Sort::Decide).all(|told| told.proposal.is_some()));
}

#[test]
fn a_price_that_changed_is_put_in_where_the_person_left_it() {
    let base = import(&inventory(&shop()), &Around::default(), &options());
    let mine = base.draft.text().replace("title = \"Pro\"", "title = \"Pro, renamed by hand\"");
    let mut pages = shop();
    pages[0].1[0]["description"] = "More of it".into();
    pages[0].1[0]["name"] = "Professional".into();
    pages[1].1.as_array_mut().unwrap().push(price("price_5", "prod_1Q9fTzKd3aQn8Z", 5900));
    let known = Options { known: base.names.clone(), ..options() };
    let again = import(&inventory(&pages), &Around::default(), &known);
    let merged = merge(&base.draft.text(), &mine, &again.draft).unwrap();
    assert!(merged.text.contains("title = \"Pro, renamed by hand\""), "{}", merged.text);
    assert!(
        merged.text.contains("description = \"More of it\"") && merged.text.contains("pro_monthly_eur"),
        "{}",
        merged.text
    );
    let sorts: Vec<Change> = merged.differences.iter().map(|difference| difference.sort).collect();
    assert_eq!(sorts, [Change::Kept, Change::Changed, Change::Added, Change::Changed], "{:?}", merged.differences);
    let same = merge(&base.draft.text(), &mine, &base.draft).unwrap();
    assert_eq!((same.text.as_str(), same.differences.len()), (mine.as_str(), 0));
}

#[test]
fn what_changed_goes_into_its_place_in_a_file_that_a_person_rearranged() {
    let mut pages = shop();
    let products = pages[0].1.as_array_mut().unwrap();
    for name in ["Alpha", "Beta", "Gamma"] {
        products.push(json!({ "id": format!("prod_{name}"), "name": name, "active": true, "description": name }));
    }
    let base = import(&inventory(&pages), &Around::default(), &options());
    let text = base.draft.text();
    let alpha = "[[phase.item]]\nid = \"alpha\"";
    let mine = text
        .replace(alpha, &format!("# ours\n{alpha}"))
        .replace("description = \"Gamma\"", "description = \"Gamma\"   # agreed")
        .replace("[[phase]]\nid = \"deploy\"", "[[phase]]\nid = \"own\"\ntitle = \"Own\"\n\n[[phase.item]]\nid = \"x\"\nkind = \"manual\"\ntitle = \"X\"\n\n[[phase]]\nid = \"deploy\"");
    let products = pages[0].1.as_array_mut().unwrap();
    products.remove(2);
    products[2]["description"] = "Gamma rays".into();
    products.push(json!({ "id": "prod_Delta", "name": "Delta", "active": true, "description": "Delta" }));
    let again = import(&inventory(&pages), &Around::default(), &Options { known: base.names.clone(), ..options() });
    let merged = merge(&text, &mine, &again.draft).unwrap();
    let beta = mine.find("\n[[phase.item]]\nid = \"beta\"").unwrap();
    let gamma = mine.find("\n[[phase.item]]\nid = \"gamma\"").unwrap();
    let mut wanted = mine.clone();
    wanted.replace_range(beta..gamma, "");
    let wanted = wanted.replace("\"Gamma\"   # agreed", "\"Gamma rays\"   # agreed");
    let delta = again.draft.text();
    let delta = &delta[delta.find("\n[[phase.item]]\nid = \"delta\"").unwrap()..];
    let delta = &delta[..delta[1..].find("\n\n").unwrap() + 2];
    let end = wanted.find("\n\n[[phase]]\nid = \"settings\"").unwrap();
    let wanted = format!("{}{delta}{}", &wanted[..end], &wanted[end..]);
    assert_eq!(merged.text, wanted);
    let sorts: Vec<Change> = merged.differences.iter().map(|difference| difference.sort).collect();
    assert_eq!(sorts, [Change::Changed, Change::Added, Change::Removed], "{:?}", merged.differences);
}

/// Names as hostile as they come.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z ]{1,30}",
        "\\PC{1,250}",
        Just("${vars.x} $${ ]] \"\"\" '''".to_owned()),
        Just("\u{202e}evil\u{1b}[2J\u{0}".to_owned()),
        Just("🚀".to_owned()),
    ]
}

fn any_price(number: usize) -> impl Strategy<Value = Json> {
    let key = prop_oneof![Just(None), "[a-z_.]{1,20}".prop_map(Some)];
    let interval = prop_oneof![Just(None), prop_oneof!["day", "week", "month", "year"].prop_map(Some)];
    let currency = prop_oneof![Just("eur"), Just("jpy"), Just("kwd"), Just("usd"), Just("zzz")];
    (0..9_999_999_i64, key, interval, currency, name(), prop::option::of(1..=999_i64), 0..3_usize).prop_map(
        move |(amount, key, interval, currency, nickname, fine, product)| {
            let mut price = json!({ "id": format!("price_{number}x"), "active": true, "currency": currency,
                "product": format!("prod_{product}"), "nickname": nickname, "metadata": { "a": nickname },
                "lookup_key": key.map(|key| format!("{key}{number}")) });
            match fine {
                Some(fine) => price["unit_amount_decimal"] = format!("{amount}.{fine}").into(),
                None => price["unit_amount"] = (amount / 10 * 10).into(),
            }
            if let Some(interval) = interval {
                price["recurring"] = json!({ "interval": interval, "interval_count": 1, "usage_type": "licensed" });
            }
            price
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_account_becomes_a_valid_checklist_with_every_price_in_it_or_told(
        names in prop::collection::vec(name(), 3),
        prices in (0..8_usize).prop_flat_map(|count| (0..count).map(any_price).collect::<Vec<_>>()),
    ) {
        let products: Vec<Json> = names.iter().enumerate()
            .map(|(n, name)| json!({ "id": format!("prod_{n}"), "name": name, "active": true, "description": name })).collect();
        let inventory = inventory(&[(Section::Products, products.into()), (Section::Prices, prices.clone().into())]);
        let imported = import(&inventory, &Around::default(), &options());
        let checklist = load(&imported);
        let rows: usize = checklist.items().filter_map(|item| item.fields.get("prices")?.as_array()).map(Vec::len).sum();
        let told = imported.told.iter().filter(|told| told.what.contains("is left out")).count();
        prop_assert_eq!(rows + told, prices.len());
        for told in &imported.told {
            prop_assert!(!told.what.contains('\u{1b}') && !told.what.contains('\u{202e}'), "{}", told.what);
        }
        // Importing the same again changes nothing.
        let known = Options { known: imported.names.clone(), ..options() };
        let again = import(&inventory, &Around::default(), &known);
        let text = imported.draft.text();
        prop_assert_eq!(&again.draft.text(), &text);
        prop_assert_eq!(merge(&text, &text, &again.draft).unwrap().text, text);
    }
}
