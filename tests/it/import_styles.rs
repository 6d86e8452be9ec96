//! Documents in the styles of other teams: what of each is understood, what is asked, and what is listed
//! as left out. Beside the five guides, which `import_markdown` reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use golive::checklist::{self, Checklist, Source};
use golive::import::markdown::{Imported, import};

fn read(name: &str, answers: &[(&str, &str)]) -> (Imported, Checklist) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/styles").join(name);
    let answers: BTreeMap<String, String> =
        answers.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    let imported = import(&fs::read(path).unwrap(), name, &answers).unwrap();
    let text = imported.draft.text();
    match checklist::load(Source::File("golive.toml".into()), &text) {
        Ok(checklist) => (imported, checklist),
        Err(invalid) => panic!("{}\n{text}", invalid.render(true, 80)),
    }
}

/// `Solo: 15.00 USD per month`, for every price, in order.
fn prices(checklist: &Checklist) -> Vec<String> {
    let mut out = Vec::new();
    for item in checklist.items().filter(|item| item.kind == "product") {
        for price in item.fields.get("prices").and_then(toml::Value::as_array).into_iter().flatten() {
            let every =
                price.get("interval").map_or("once".to_owned(), |every| format!("per {}", every.as_str().unwrap()));
            out.push(format!("{}: {} {every}", item.title, price["amount"].as_str().unwrap()));
        }
    }
    out
}

fn list(checklist: &Checklist, kind: &str, field: &str) -> Vec<String> {
    let items = checklist.items().filter(|item| item.kind == kind);
    let entries = items.filter_map(|item| item.fields.get(field)?.as_array().cloned()).flatten();
    entries
        .map(|entry| entry.as_str().map_or_else(|| entry["name"].as_str().unwrap().to_owned(), str::to_owned))
        .collect()
}

fn titles(checklist: &Checklist) -> Vec<&str> {
    checklist.items().filter(|item| item.kind == "manual").map(|item| item.title.as_str()).collect()
}

fn asked(imported: &Imported) -> Vec<usize> {
    imported.questions.iter().map(|question| question.line).collect()
}

#[test]
fn an_export_of_nested_bold_boxes_with_prices_below_a_task_and_variables_in_a_table() {
    let (imported, _) = read("notion.md", &[]);
    assert_eq!(asked(&imported), [9, 10, 10, 11], "`$` is nobody's currency until somebody says which");
    let (imported, checklist) = read("notion.md", &[("currency", "USD")]);
    assert_eq!(
        prices(&checklist),
        ["Starter: 9.00 USD per month", "Team: 29.00 USD per month", "Team: 290.00 USD per year"]
    );
    let events = ["checkout.session.completed", "invoice.paid", "customer.subscription.deleted"];
    assert_eq!(list(&checklist, "webhook", "events"), events);
    assert_eq!(list(&checklist, "env", "ask"), ["APP_URL"]);
    assert_eq!(list(&checklist, "env", "assert"), ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]);
    assert!(titles(&checklist).contains(&"Watch the logs for an hour"));
    assert_eq!(asked(&imported), [11], "the host only");
}

#[test]
fn a_numbered_runbook_without_boxes_and_with_indented_code() {
    let (imported, checklist) = read("runbook.md", &[]);
    let events = ["payment_intent.succeeded", "charge.refunded", "customer.subscription.updated"];
    assert_eq!(list(&checklist, "webhook", "events"), events);
    assert_eq!(checklist.rollback.len(), 2);
    assert!(checklist.items().any(|item| item.kind == "command"));
    assert_eq!(list(&checklist, "env", "assert"), ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]);
    // Letters within a paragraph are no list in Markdown: money there is asked about, not taken.
    assert_eq!((prices(&checklist), asked(&imported)), (Vec::new(), vec![6, 9]));
}

#[test]
fn a_template_of_an_issue_with_front_matter_and_comments() {
    let (imported, checklist) = read("issue.md", &[]);
    assert_eq!(prices(&checklist), ["Basic: 12.00 USD per month", "Basic: 120.00 USD per year"]);
    assert_eq!(list(&checklist, "webhook", "events"), ["checkout.session.completed", "invoice.payment_failed"]);
    let left: Vec<usize> = imported.account.left.iter().map(|left| left.from).collect();
    assert_eq!(left, [8, 10, 11], "the comment, and what is to be filled in");
    assert!(titles(&checklist).contains(&"First payment seen"));
}

#[test]
fn german_text_with_amounts_of_german_and_of_english_shape() {
    let (imported, checklist) = read("deutsch.md", &[]);
    assert_eq!(prices(&checklist), ["Verein Basis: 9.90 EUR per month", "Verein Plus: 1000.00 EUR per year"]);
    assert_eq!(list(&checklist, "webhook", "events"), ["invoice.paid", "customer.subscription.deleted"]);
    assert_eq!(asked(&imported), [17]);
}

#[test]
fn html_with_details_boxes_and_a_table_of_events() {
    let (imported, checklist) = read("html.md", &[]);
    assert_eq!(prices(&checklist), ["Solo: 15.00 USD per month"]);
    assert_eq!(list(&checklist, "webhook", "events"), ["invoice.paid", "invoice.payment_failed"]);
    assert_eq!(list(&checklist, "env", "ask"), ["BASE_URL"]);
    assert_eq!(asked(&imported), [8]);
}

#[test]
fn tables_broken_across_lines_keep_what_is_whole_and_invent_nothing() {
    let (imported, checklist) = read("broken.md", &[]);
    assert_eq!(prices(&checklist), ["Max: 40.00 CAD per month"]);
    assert_eq!(list(&checklist, "webhook", "events"), ["checkout.session.completed", "invoice.paid"]);
    let kept = titles(&checklist).iter().filter(|title| title.contains("Monthly") || title.contains("Price")).count();
    assert!(kept >= 2, "what is no table any more is there for a person to read: {:?}", titles(&checklist));
    assert_eq!(imported.account.left_out(), 0);
}

#[test]
fn a_wiki_export_with_events_in_a_table_and_variables_in_yaml_and_flags() {
    let (imported, checklist) = read("confluence.md", &[]);
    assert_eq!(prices(&checklist), ["Orbit: 25.00 GBP per month", "Orbit: 250.00 GBP per year"]);
    let events = ["checkout.session.completed", "customer.subscription.updated", "charge.dispute.created"];
    assert_eq!(list(&checklist, "webhook", "events"), events);
    let file = checklist.items().find(|item| item.kind == "env").unwrap();
    assert_eq!(file.fields["values"]["LOG_LEVEL"].as_str(), Some("info"));
    assert_eq!(file.fields["values"]["FEATURE_PAYMENTS"].as_str(), Some("on"));
    assert_eq!(list(&checklist, "env", "assert"), ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]);
    assert!(checklist.items().any(|item| item.kind == "command"), "docker run is a command still");
    assert_eq!(imported.account.left.iter().map(|left| left.from).collect::<Vec<_>>(), [11, 22]);
}

#[test]
fn ten_megabytes_of_prose_are_read_to_their_end() {
    let line = "Nothing to do here, and no price either: just words that somebody wrote down once.\n\n";
    let text = format!("# Notes\n\n{}\n- [ ] Back up\n", line.repeat(10 * 1024 * 1024 / line.len()));
    let imported = import(text.as_bytes(), "big.md", &BTreeMap::new()).unwrap();
    assert!(imported.draft.text().contains("title = \"Back up\""));
    let told = imported.account.used + imported.account.left_out();
    assert!(told > 100_000, "every line is used or listed: {told}");
}
