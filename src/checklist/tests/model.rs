//! What the model of a good checklist holds.

use super::*;
use crate::checklist::{Severity, When};
use crate::step::Address;

const GOOD: &str = r#"
schema = 1
id = "shop"
title = "Shop"

[vars]
host = "shop.example"

[env]
file = ".env.production"

[[phase]]
id = "catalog"
title = "Products"
why = "They are made here."

[[phase.item]]
id = "pro"
kind = "shelf"
title = "Pro for ${vars.host}"
help = "See $${HOME}."
severity = "advised"
when = "before"
minutes = 5
owner = "Anna"
modes = ["test", "live"]
prices = [{ lookup_key = "pro_monthly", amount = "29.00 EUR" }]

[[phase]]
id = "proof"
title = "Proof"

[[phase.item]]
id = "open"
kind = "shelf"
title = "Opens"
modes = ["live"]
needs = ["proof.seen"]
url = "https://${vars.host}/${catalog.pro.prices.pro_monthly.id}?${catalog.pro.id}"

[[phase.item]]
id = "seen"
kind = "manual"
title = "Seen"
"#;

fn find<'a>(checklist: &'a Checklist, phase: &str, item: &str) -> &'a crate::checklist::Item {
    checklist.find(&Address::new(phase, item)).unwrap()
}

fn digest(text: &str) -> String {
    find(&load(text).unwrap(), "proof", "open").digest.clone()
}

#[test]
fn a_good_checklist_keeps_everything_that_was_written() {
    let checklist = load(GOOD).unwrap();
    assert_eq!((checklist.id.as_str(), checklist.env_file.as_deref()), ("shop", Some(".env.production")));
    assert_eq!(
        checklist.items().map(|item| item.address.to_string()).collect::<Vec<_>>(),
        ["catalog.pro", "proof.open", "proof.seen"]
    );
    let pro = find(&checklist, "catalog", "pro");
    assert_eq!((pro.severity, pro.when, pro.minutes), (Severity::Advised, When::Before, Some(5)));
    assert_eq!(pro.modes, [Mode::Test, Mode::Live]);
    assert_eq!(pro.fields.keys().collect::<Vec<_>>(), ["prices"]);
    assert_eq!(find(&checklist, "proof", "seen").severity, Severity::Blocker);
}

#[test]
fn texts_for_people_have_their_variables_and_fields_keep_their_references() {
    let checklist = load(GOOD).unwrap();
    let pro = find(&checklist, "catalog", "pro");
    assert_eq!(pro.title, "Pro for shop.example");
    assert_eq!(pro.help.as_deref(), Some("See ${HOME}."));
    let url = find(&checklist, "proof", "open").fields["url"].as_str().unwrap();
    assert!(url.starts_with("https://${vars.host}/${catalog"), "{url}");
}

#[test]
fn an_item_waits_for_what_it_names_and_for_what_it_refers_to_once() {
    let checklist = load(GOOD).unwrap();
    let needs = &find(&checklist, "proof", "open").needs;
    assert_eq!(needs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["proof.seen", "catalog.pro"]);
}

#[test]
fn what_speaks_to_stripe_waits_for_the_keys_and_the_env_file_for_all_who_provide_to_it() {
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "minipass").unwrap();
    let checklist = crate::checklist::load(crate::checklist::Source::Bundled("minipass"), text).unwrap();
    let needs = |phase: &str, item: &str| -> Vec<String> {
        find(&checklist, phase, item).needs.iter().map(ToString::to_string).collect()
    };
    assert_eq!(needs("catalog", "pro"), ["keys.live"]);
    assert_eq!(needs("webhook", "main"), ["keys.live"]);
    assert!(needs("keys", "live").is_empty());
    let file = needs("env", "file");
    for provider in ["keys.live", "catalog.basic", "catalog.pro", "catalog.ultimate", "webhook.main", "env.secret_key"]
    {
        assert!(file.iter().any(|need| need == provider), "{provider} is missing in {file:?}");
    }
}

#[test]
fn a_tick_decays_when_what_it_was_about_changes_and_only_then() {
    let before = digest(GOOD);
    assert_eq!(before.len(), 64);
    assert_ne!(before, digest(&GOOD.replace("title = \"Opens\"", "title = \"Opens well\"")));
    assert_ne!(before, digest(&GOOD.replace("shop.example", "shop2.example")));
    assert_ne!(before, digest(&GOOD.replace("}?$", "}&$")));
    assert_eq!(before, digest(&GOOD.replace("needs = [\"proof.seen\"]", "minutes = 3")));
    let moved = GOOD.replace("kind = \"shelf\"\ntitle = \"Opens\"", "title = \"Opens\"\nburst = 3\nkind = \"shelf\"");
    let other = GOOD.replace("modes = [\"live\"]\nneeds", "burst = 3\nmodes = [\"live\"]\nneeds");
    assert_eq!(digest(&moved), digest(&other));
}

#[test]
fn the_checksum_is_of_the_whole_text() {
    let one = load(GOOD).unwrap().sha256;
    assert_ne!(one, load(&format!("{GOOD}# a comment\n")).unwrap().sha256);
}

#[test]
fn a_kind_judges_texts_with_their_variables() {
    let text = GOOD.replace("host = \"shop.example\"", "host = \"shop.example\"\nscheme = \"http\"");
    let text = text.replace("https://${vars.host}", "${vars.scheme}://${vars.host}");
    assert_eq!(places(&text), "40:7 GL0401 \"${vars.sche\n");
}

#[test]
fn bundled_checklists_are_valid() {
    for (name, text) in BUNDLED {
        if let Err(invalid) = crate::checklist::load(Source::Bundled(name), text) {
            panic!("{}", invalid.render(true, 80));
        }
    }
}

#[test]
fn bundled_texts_fit_on_a_screen() {
    for (name, text) in BUNDLED {
        let table: toml::Table = text.parse().unwrap();
        for phase in table["phase"].as_array().unwrap() {
            for item in phase["item"].as_array().unwrap().iter().chain([phase]) {
                for field in ["title", "why", "help"] {
                    for line in item.get(field).and_then(toml::Value::as_str).unwrap_or_default().lines() {
                        assert!(line.chars().count() <= 76, "{name}, {field}: {line}");
                    }
                }
            }
        }
    }
}
#[test]
fn minipass_sells_what_its_guide_says() {
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "minipass").unwrap();
    let table: toml::Table = text.parse().unwrap();
    let phases = table["phase"].as_array().unwrap();
    let items = phases.iter().flat_map(|phase| phase["item"].as_array().unwrap());
    let prices = items.filter_map(|item| Some((item["title"].as_str()?, item.get("prices")?.as_array()?)));
    let mut lines = String::new();
    for (title, price) in prices.flat_map(|(title, prices)| prices.iter().map(move |price| (title, price))) {
        let Some(amount) = price.get("amount").and_then(toml::Value::as_str) else { continue };
        let field = |name: &str| price[name].as_str().unwrap().to_owned();
        let line =
            [title, &field("nickname"), &amount.parse::<Money>().unwrap().to_string(), &field("env")].join(" | ");
        lines.push_str(&line);
        lines.push('\n');
    }
    insta::assert_snapshot!(lines, @r#"
    MiniPass Basic | Basic Monthly | 20.00 CAD | STRIPE_PRICE_BASIC_MONTHLY
    MiniPass Basic | Basic Annual | 120.00 CAD | STRIPE_PRICE_BASIC_ANNUAL
    MiniPass Pro | Pro Monthly | 50.00 CAD | STRIPE_PRICE_PRO_MONTHLY
    MiniPass Pro | Pro Annual | 300.00 CAD | STRIPE_PRICE_PRO_ANNUAL
    MiniPass Ultimate | Ultimate Monthly | 120.00 CAD | STRIPE_PRICE_ULTIMATE_MONTHLY
    MiniPass Ultimate | Ultimate Annual | 720.00 CAD | STRIPE_PRICE_ULTIMATE_ANNUAL
    "#);
}
