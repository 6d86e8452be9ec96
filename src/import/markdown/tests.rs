//! Whatever is read, every line is accounted for, the checklist is one that golive takes, and no secret
//! is in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::work::Fate;
use super::{Imported, Unreadable, import};
use crate::checklist::{self, Checklist, Source};

fn read(text: &str) -> Imported {
    import(text.as_bytes(), "launch.md", &BTreeMap::new()).unwrap()
}

fn loaded(imported: &Imported) -> Checklist {
    let text = imported.draft.text();
    match checklist::load(Source::File(PathBuf::from("golive.toml")), &text) {
        Ok(checklist) => checklist,
        Err(invalid) => panic!("{}\n{text}", invalid.render(true, 80)),
    }
}

/// Nothing is lost: what is used, left out and bare is all there is, and the file names what is left.
fn adds_up(imported: &Imported) {
    let account = &imported.account;
    assert_eq!(account.used + account.left_out() + account.bare, account.lines, "{account:?}");
    let text = imported.draft.text();
    for left in &account.left {
        assert!(text.contains(left.why), "{left:?} is not in the file");
    }
}

fn documents() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let listed = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = listed(&folder).chain(listed(&folder.join("styles"))).filter(|path| path.is_file());
    let mut all: Vec<_> = paths
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() >= 13, "{}", all.len());
    all
}

#[test]
fn every_line_of_every_document_is_accounted_for_and_the_checklist_is_valid() {
    for (name, bytes) in documents() {
        let imported = import(&bytes, &name, &BTreeMap::new()).unwrap();
        adds_up(&imported);
        let checklist = loaded(&imported);
        assert!(checklist.items().count() > 3, "{name}");
        let (used, left) = (imported.account.used, imported.account.left_out());
        assert!(used > left * 2, "{name}: {used} used, {left} left out");
    }
}

#[test]
fn numbers_in_a_column_of_prices_are_asked_about_unless_the_document_states_their_currency() {
    let table = "| Plan | Price | Notes |\n|---|---|---|\n| Alpha | 1,000 | 5 seats |\n| Beta | 20 per month | |\n\
                 | Gamma | 15 €/month | |\n| Delta | on request | call us |\n";
    let imported = read(&format!("# Launch\n\n{table}"));
    adds_up(&imported);
    let text = imported.draft.text();
    assert!(text.contains("amount = \"15.00 EUR\""), "{text}");
    let asked: Vec<&str> = imported.questions.iter().map(|question| question.asked.as_str()).collect();
    let of =
        |name: &str| asked.iter().any(|asked| asked.contains(name) && asked.contains("no currency stands with it"));
    assert!(of("Alpha") && of("Beta monthly"), "{asked:?}");
    assert!(!text.contains("1000") && !text.contains("\"20.00"), "nothing is guessed: {text}");
    // What is no amount is listed with its line.
    assert!(imported.account.left.iter().any(|left| left.begins.contains("Delta")), "{:?}", imported.account.left);

    let imported = read(&format!("# Launch\n\nAll prices in EUR.\n\n{table}"));
    let text = imported.draft.text();
    assert!(text.contains("amount = \"20.00 EUR\", interval = \"month\""), "{text}");
    assert!(imported.questions.iter().any(|question| question.asked.contains("separator")), "1,000 stays a question");
    // A column that is about something else is none of prices.
    let ids = read("# Launch\n\n| Plan | Price ID |\n|---|---|\n| Alpha | 1000 |\n");
    assert!(ids.questions.is_empty(), "{:?}", ids.questions);
}

#[test]
fn the_words_of_every_line_that_is_used_are_in_the_checklist() {
    // Steps keep their words; what became a value (a price, a variable, a URL) is compared elsewhere.
    for (name, bytes) in documents() {
        let normal = super::normal::read(&bytes).unwrap();
        let sections = super::tree::sections(&normal.lines);
        let answers = BTreeMap::new();
        let mut work = super::Work::new(&normal.lines, &sections, &answers);
        super::title(&mut work);
        super::catalog::find(&mut work);
        super::env::find(&mut work);
        super::env::match_prices(&mut work);
        super::webhook::find(&mut work);
        super::portal::find(&mut work);
        super::portal::thresholds(&mut work);
        super::steps::find(&mut work);
        let text = import(&bytes, &name, &answers).unwrap().draft.text();
        let squeezed: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        for (line, fate) in normal.lines.iter().zip(&work.fates) {
            let Fate::In(place) = fate else { continue };
            if !matches!(place.as_str(), "a step" | "rollback") || line.text.contains("](") {
                continue;
            }
            let longest =
                line.text.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.len()).unwrap_or_default();
            assert!(
                squeezed.contains(longest),
                "{name}:{}: `{}` went to {place}, and is not there",
                line.at,
                line.text
            );
        }
    }
}

#[test]
fn ticks_are_noted_and_asked_again() {
    let text = read("# A\n- [x] Signed the contract\n- [ ] Told Ann").draft.text();
    assert!(text.contains("# Ticked in the document (line 2)"), "{text}");
}

#[test]
fn an_amount_that_is_not_certain_is_a_question_with_its_line_and_never_a_price() {
    for (written, asked) in [
        ("$20", "several currencies"),
        ("1.000 €", "thousands separator"),
        ("from 20 EUR", "which amount"),
        ("20-30 EUR", "which amount"),
    ] {
        let imported = read(&format!("# Launch\n\n## Prices\n\n| Plan | Price |\n|---|---|\n| Solo | {written} |\n"));
        assert_eq!(imported.questions.len(), 1, "{written}: {:?}", imported.questions);
        assert_eq!(imported.questions[0].line, 7);
        assert!(imported.questions[0].asked.contains(asked), "{:?}", imported.questions);
        let checklist = loaded(&imported);
        let products: Vec<_> = checklist.items().filter(|item| item.kind == "product").collect();
        assert!(products.iter().all(|item| !item.fields.contains_key("prices")), "{written}");
        assert_eq!(checklist.phases[0].id, "decide");
        assert!(imported.draft.text().contains("# DECIDE, line 7"), "{}", imported.draft.text());
    }
}

#[test]
fn an_answer_makes_the_price() {
    let document = "# Launch\n\n## Prices\n\n- Solo: $20 per month\n- Team: about 90 EUR per year\n";
    let answers =
        [("currency", "USD"), ("price.team_yearly", "90.00 EUR")].map(|(id, text)| (id.to_owned(), text.to_owned()));
    let imported = import(document.as_bytes(), "x", &answers.into()).unwrap();
    assert_eq!(imported.questions, []);
    let text = imported.draft.text();
    assert!(
        text.contains("amount = \"20.00 USD\", interval = \"month\"") && text.contains("amount = \"90.00 EUR\""),
        "{text}"
    );
}

#[test]
fn money_in_a_step_is_pointed_at() {
    let imported = read("Going live\n\n1. Create the ticket price: 25 GBP.\n2. Restart.\n");
    assert_eq!(imported.questions.len(), 1);
    assert!(imported.questions[0].asked.contains("`25 GBP`"), "{:?}", imported.questions);
}

#[test]
fn two_amounts_for_one_price_are_a_question() {
    let imported = read("# L\n## Prices\n- Solo: 20 EUR per month\n- Solo: 25 EUR per month\n");
    assert!(imported.questions[0].asked.contains("20.00 EUR and 25.00 EUR"), "{:?}", imported.questions);
    assert!(!imported.draft.text().contains("amount = \"2"));
}

#[test]
fn a_secret_of_the_document_is_masked_and_said() {
    let key = format!("sk_live_{}", "4eC39HqLyjWDarjtT1zdp7dc");
    let document = format!(
        "# A\n\n```env\nSTRIPE_SECRET_KEY={key}\nDB_PASSWORD=h0rse!battery\n```\n\n- [ ] use {key}\n\n```bash\ncurl -u {key}: https://api.stripe.com/v1/charges\n```\n"
    );
    let imported = read(&document);
    let text = imported.draft.text();
    assert!(!text.contains(&key[8..]) && !text.contains("h0rse"), "{text}");
    assert_eq!(imported.secrets.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5, 8, 11]);
    assert!(text.contains("The document holds secrets"), "{text}");
    loaded(&imported);
}

#[test]
fn a_document_without_anything_to_do_is_still_accounted_for() {
    for text in [
        "Just some words.",
        "# Title only",
        "- - -\n\nx",
        "|a|\n|-|\n|b|",
        "> quoted\n> text",
        "```\ncode\n```",
        "1. one\n2. two",
    ] {
        let imported = read(text);
        adds_up(&imported);
        loaded(&imported);
    }
    assert_eq!(import(b"", "x", &BTreeMap::new()).unwrap_err(), Unreadable::Empty);
}

/// Documents of pieces that mean something, in any order, and of any characters.
fn document() -> impl Strategy<Value = String> {
    let lines = prop_oneof![
        Just("# Title".to_owned()),
        Just("## Prices".to_owned()),
        Just("### 1.2 Webhook endpoint".to_owned()),
        Just("## Rollback".to_owned()),
        Just("## Troubleshooting".to_owned()),
        Just("- [ ] Do it".to_owned()),
        Just("  - [x] done".to_owned()),
        Just("1. Step".to_owned()),
        Just("   - Name: `Pro`".to_owned()),
        Just("- Price: $20/month".to_owned()),
        Just("| Plan | Price |".to_owned()),
        Just("|---|---|".to_owned()),
        Just("| Solo | 20 EUR |".to_owned()),
        Just("| Solo | R$ 49,90".to_owned()),
        Just("broken | x |".to_owned()),
        Just("```bash".to_owned()),
        Just("```env".to_owned()),
        Just("```".to_owned()),
        Just("STRIPE_SECRET_KEY=sk_live_x".to_owned()),
        Just("A_B=${X}".to_owned()),
        Just("STRIPE_PRICE_PRO=price_x".to_owned()),
        Just("git pull # Should show: ok".to_owned()),
        Just("https://a.test/webhook/{uuid}/".to_owned()),
        Just("Endpoint URL: `https://a.test/hook`".to_owned()),
        Just("Select events: `invoice.paid`".to_owned()),
        Just("<table><tr><td>a</td>".to_owned()),
        Just("</td></tr></table>".to_owned()),
        Just("☐ open".to_owned()),
        Just("====".to_owned()),
        Just("~~~".to_owned()),
        Just(String::new()),
        Just("${vars.x} $${y} ${".to_owned()),
        Just("Webhook failures > 5% over 5 minutes".to_owned()),
        Just("\u{202e}evil\u{0}".replace('\u{0}', "")),
        "[ -~]{0,30}",
        "\\PC{0,20}",
    ];
    proptest::collection::vec(lines, 0..40).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_document_becomes_a_valid_checklist_with_every_line_accounted_for(text in document()) {
        match import(text.as_bytes(), "launch.md", &BTreeMap::new()) {
            Ok(imported) => {
                adds_up(&imported);
                loaded(&imported);
            }
            Err(unreadable) => prop_assert!(unreadable != Unreadable::TooLarge),
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(imported) = import(&bytes, "x", &BTreeMap::new()) {
            adds_up(&imported);
            loaded(&imported);
        }
    }
}

/// What is typed wrong in a document is left out of the checklist, which stays valid.
#[test]
fn what_only_looks_like_an_address_is_none() {
    let text = "# A\n\n## Webhook\n\nEndpoint URL: https://w[[ww.shop.example/api/stripe/webhook\n\n\
                - checkout.session.completed\n- [ ] See [the page](https://[[x) and do it\n";
    let imported = read(text);
    adds_up(&imported);
    let toml = imported.draft.text();
    assert!(loaded(&imported).items().count() > 0 && !toml.contains("url = "), "{toml}");
}
