//! What is composed says what was put in, is a checklist, and reads like the bundled ones; what is
//! edited keeps what a person wrote.

use std::path::PathBuf;

use proptest::prelude::*;

use super::{Draft, Edit, Field, Item, Names, Phase, Value, literal, slug};
use crate::checklist::{self, BUNDLED, Source};
use crate::step::Address;

fn loaded(text: &str) -> checklist::Checklist {
    match checklist::load(Source::File(PathBuf::from("golive.toml")), text) {
        Ok(checklist) => checklist,
        Err(invalid) => panic!("{}\n{text}", invalid.render(true, 80)),
    }
}

fn price(key: &str, amount: &str) -> Value {
    Value::table([("lookup_key", key), ("nickname", "A name of some length, for the team"), ("amount", amount)])
        .with("env", format!("STRIPE_PRICE_{}", key.to_uppercase()))
}

fn sample() -> Draft {
    let mut draft = Draft::new("acme", "Acme launch");
    draft.comment = vec!["Made by a machine.".into(), "And a second paragraph.".into()];
    draft.vars = vec![
        Field::new("host", "shop.acme.example").aside("where customers buy"),
        Field::new("log", "app.log").note("Above it."),
    ];
    draft.env_file = Some(".env.production".into());
    let pro = Item::new("pro", "product", "Acme Pro")
        .note("Decide: is this price per seat?")
        .field("help", "One line,\nand \"another\" one.")
        .field("minutes", 5_i64)
        .field("prices", Value::list([price("pro_monthly", "20.00 CAD"), price("pro_annual", "200.00 CAD")]));
    let mut catalog = Phase::new("catalog", "Products and prices").item(pro);
    catalog.why = Some("They are made here.".into());
    catalog.comment = vec!["── Before launch day ──".into()];
    draft.phases = vec![catalog, Phase::new("empty", "Left out")];
    let webhook = Item::new("hook", "webhook", "Webhook").field("url", "https://${vars.host}/webhook").field(
        "events",
        Value::list([
            "checkout.session.completed",
            "customer.subscription.updated",
            "customer.subscription.deleted",
            "invoice.payment_failed",
        ]),
    );
    draft.phases.push(Phase::new("webhook", "Webhook").item(webhook));
    draft.rollback = vec![Item::new("tell", "manual", "Tell customers"), Item::new("log", "manual", "Read the log")];
    draft.watch = vec![Field::new("every", "60s"), Field::new("hosts", Value::list(["shop.acme.example"]))];
    draft
}

#[test]
fn a_draft_reads_like_a_bundled_checklist() {
    insta::assert_snapshot!(sample().text());
    let checklist = loaded(&sample().text());
    assert_eq!(checklist.phases.len(), 2);
    assert_eq!(checklist.phases[0].items[0].help.as_deref(), Some("One line,\nand \"another\" one."));
    assert_eq!(checklist.rollback.len(), 2);
}

#[test]
fn bundled_checklists_come_out_of_an_edit_as_they_went_in() {
    for (name, text) in BUNDLED {
        assert_eq!(text.parse::<Edit>().unwrap().to_string(), *text, "{name}");
    }
}

#[test]
fn an_edit_touches_nothing_but_its_field() {
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "minipass").unwrap();
    let mut edit: Edit = text.parse().unwrap();
    let pro = Address::new("catalog", "pro");
    assert!(edit.set_in_entry(&pro, "prices", ("lookup_key", "pro_monthly"), &Field::new("amount", "55.00 CAD")));
    assert!(edit.set(&pro, &Field::new("why", "Fifteen.")));
    let (was, is): (Vec<&str>, String) = (text.lines().collect(), edit.to_string());
    let differ: Vec<_> = was.iter().zip(is.lines()).filter(|(was, is)| *was != is).map(|(_, is)| is).collect();
    assert_eq!(
        differ,
        [
            "why = \"Fifteen.\"",
            "  { lookup_key = \"pro_monthly\", nickname = \"Pro Monthly\", amount = \"55.00 CAD\", env = \"STRIPE_PRICE_PRO_MONTHLY\" },"
        ]
    );
    assert_eq!(was.len(), is.lines().count());
    assert!(!edit.set(&Address::new("catalog", "nobody"), &Field::new("why", "x")));
    assert!(!edit.set_in_entry(&pro, "prices", ("lookup_key", "nobody"), &Field::new("amount", "x")));
}

#[test]
fn what_is_added_stands_where_it_belongs() {
    let mut edit: Edit = sample().text().parse().unwrap();
    let pro = Address::new("catalog", "pro");
    assert!(edit.push_entry(&pro, "prices", &price("pro_weekly", "6.00 CAD")));
    assert!(edit.set_in_entry(&pro, "prices", ("lookup_key", "pro_weekly"), &Field::new("interval", "week")));
    assert!(edit.push_entry(&Address::new("webhook", "hook"), "events", &"charge.refunded".into()));
    assert!(edit.add_item(
        "catalog",
        &Item::new("basic", "product", "Basic").field("prices", Value::list([price("b", "1.00 CAD")]))
    ));
    assert!(edit.add_item("rollback", &Item::new("last", "manual", "Last")));
    assert!(edit.add_phase(&Phase::new("after", "Afterwards").item(Item::new("look", "manual", "Look"))));
    assert!(edit.add_var(&Field::new("server", "")) && !edit.add_var(&Field::new("host", "other.example")));
    assert!(edit.unset(&pro, "minutes") && !edit.unset(&pro, "minutes"));
    assert!(!edit.add_item("nowhere", &Item::new("x", "manual", "x")));
    insta::assert_snapshot!(edit.to_string());
    let items: Vec<String> = edit.items().iter().map(Address::to_string).collect();
    assert_eq!(
        items,
        [
            "catalog.pro",
            "catalog.basic",
            "webhook.hook",
            "after.look",
            "rollback.tell",
            "rollback.log",
            "rollback.last"
        ]
    );
    assert_eq!(loaded(&edit.to_string()).phases.len(), 3);
}

#[test]
fn a_list_under_headers_is_edited_like_one_in_braces() {
    let text = "[[phase]]\nid = \"c\"\n[[phase.item]]\nid = \"p\"\n[[phase.item.prices]]\nlookup_key = \"k\" # mine\namount = \"1.00 EUR\"\n";
    let mut edit: Edit = text.parse().unwrap();
    let item = Address::new("c", "p");
    assert!(edit.set_in_entry(&item, "prices", ("lookup_key", "k"), &Field::new("amount", "2.00 EUR")));
    assert!(edit.push_entry(&item, "prices", &Value::table([("lookup_key", "l"), ("amount", "3.00 EUR")])));
    let wanted = text.replace("1.00", "2.00") + "\n[[phase.item.prices]]\nlookup_key = \"l\"\namount = \"3.00 EUR\"\n";
    assert_eq!(edit.to_string(), wanted);
}

#[test]
fn what_is_no_toml_is_said_to_be_none() {
    assert!("a = ".parse::<Edit>().unwrap_err().to_string().len() > 5);
}

/// Texts with everything that could end a string, a line or a comment, or turn them around.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\"\"\"".to_owned()),
        Just("'''".to_owned()),
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("👩‍💻".to_owned()),
        Just("# x".to_owned()),
        Just("${a.b.c}".to_owned()),
        Just("]]\n[[phase]]\n".to_owned()),
        any::<char>().prop_map(String::from),
        "[ -~]{0,12}",
    ];
    proptest::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        nasty().prop_map(Value::Text),
        any::<i64>().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Flag)
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let fields = proptest::collection::btree_map(nasty().prop_map(|name| kept(&name)), inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..5).prop_map(Value::List),
            fields.prop_map(|fields| Value::Table(fields.into_iter().collect())),
        ]
    })
}

/// A text as a checklist may have it.
fn kept(text: &str) -> String {
    crate::control::replaced(&text.replace('\r', "")).into_owned()
}

/// The same value in the words of the reader.
fn read(value: &Value) -> toml::Value {
    match value {
        Value::Text(text) => toml::Value::String(kept(text)),
        Value::Number(number) => toml::Value::Integer(*number),
        Value::Decimal(text) => toml::Value::Float(text.parse().unwrap()),
        Value::Flag(flag) => toml::Value::Boolean(*flag),
        Value::List(entries) => toml::Value::Array(entries.iter().map(read).collect()),
        Value::Table(fields) => {
            toml::Value::Table(fields.iter().map(|(name, value)| (name.clone(), read(value))).collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_composed_says_what_was_put_in(value in value(), name in nasty(), words in nasty(), above in nasty()) {
        let mut draft = Draft::new("acme", "Acme");
        draft.comment = vec![above.clone()];
        let name = format!("x{}", kept(&name));
        let field = Field::new(name.as_str(), value.clone()).note(above.as_str()).aside(words.as_str());
        let mut item = Item::new("a", "manual", words.as_str()).note(above.as_str());
        item.fields.push(field.clone());
        draft.phases.push(Phase::new("p", "P").item(item));
        let text = draft.text();
        let table: toml::Table = text.parse().unwrap();
        let item = &table["phase"][0]["item"][0];
        prop_assert_eq!(&item[name.as_str()], &read(&value));
        let title = kept(&words);
        prop_assert_eq!(item["title"].as_str(), Some(title.as_str()));
        prop_assert!(!text.contains(['\u{202e}', '\r']), "{}", text);
        // And again, through an edit.
        let mut edit: Edit = text.parse().unwrap();
        prop_assert!(edit.set(&Address::new("p", "a"), &field));
        let again: toml::Table = edit.to_string().parse().unwrap();
        prop_assert_eq!(again, table);
    }

    #[test]
    fn a_checklist_of_any_words_is_one_that_golive_takes(words in proptest::collection::vec(nasty(), 1..6)) {
        let (mut phases, mut items) = (Names::phases(), Names::default());
        let mut draft = Draft::new(format!("a{}", slug(&words[0])), words[0].as_str());
        for text in &words {
            let plain = literal(text);
            let item = Item::new(items.take(text), "manual", plain.as_str()).field("help", plain.as_str()).note(text.as_str());
            draft.phases.push(Phase::new(phases.take(text), text.as_str()).item(item));
        }
        let checklist = loaded(&draft.text());
        let helps: Vec<_> = checklist.items().map(|item| item.help.clone().unwrap_or_default()).collect();
        prop_assert_eq!(helps, words.iter().map(|text| kept(text)).collect::<Vec<_>>());
    }
}
