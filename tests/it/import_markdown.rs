//! `golive import markdown`: the five guides become what their bundled checklists say, documents of
//! other styles keep their money, and nothing that is there is overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use golive::checklist::{self, Checklist, Source};
use golive::import::markdown::import;
use serde_json::Value;

use crate::support::Golive;

fn document(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name)
}

fn imported(name: &str, answers: &[(&str, &str)]) -> Checklist {
    let answers: BTreeMap<String, String> =
        answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
    let imported = import(&fs::read(document(name)).unwrap(), name, &answers).unwrap();
    let text = imported.draft.text();
    checklist::load(Source::File("golive.toml".into()), &text)
        .unwrap_or_else(|invalid| panic!("{}", invalid.render(true, 80)))
}

fn bundled(name: &str) -> Checklist {
    let (name, text) = checklist::BUNDLED.iter().find(|(known, _)| *known == name).unwrap();
    checklist::load(Source::Bundled(name), text).unwrap()
}

/// What a checklist says of the account and of the env file, as sets.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    products: BTreeSet<String>,
    /// Product, amount, interval, variable.
    prices: BTreeSet<[String; 4]>,
    variables: BTreeSet<String>,
    /// URLs with what is appended to them, and events.
    urls: BTreeSet<String>,
    events: BTreeSet<String>,
}

fn said(checklist: &Checklist) -> Said {
    let mut out = Said::default();
    let filled = |text: &str| {
        checklist
            .vars
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{vars.{name}}}"), value))
    };
    for item in checklist.items() {
        let text = |name: &str| item.fields.get(name).and_then(toml::Value::as_str).map(filled);
        let list = |name: &str| item.fields.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let names = |name: &str| {
            list(name).iter().filter_map(|entry| entry.get("name")?.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        match item.kind.as_str() {
            "keys" => out.variables.extend([
                text("secret_env").unwrap_or("STRIPE_SECRET_KEY".into()),
                text("publishable_env").unwrap_or("STRIPE_PUBLISHABLE_KEY".into()),
            ]),
            "secret" => out.variables.extend(text("env")),
            "env" => {
                out.variables.extend(
                    item.fields
                        .get("values")
                        .and_then(toml::Value::as_table)
                        .into_iter()
                        .flat_map(|values| values.keys().cloned()),
                );
                out.variables.extend(["ask", "json", "assert"].into_iter().flat_map(names));
            }
            "webhook" => {
                out.urls.insert(format!("{}{}", text("url").unwrap(), text("url_suffix").unwrap_or_default()));
                out.events.extend(list("events").iter().filter_map(|event| event.as_str().map(str::to_owned)));
                out.variables.insert(text("secret_env").unwrap_or("STRIPE_WEBHOOK_SECRET".into()));
            }
            "product" => {
                let name = text("name").unwrap_or(item.title.clone());
                for price in list("prices") {
                    let field =
                        |field: &str| price.get(field).and_then(toml::Value::as_str).map(filled).unwrap_or_default();
                    out.variables.extend(Some(field("env")).filter(|env| !env.is_empty()));
                    out.prices.insert([name.clone(), field("amount"), field("interval"), field("env")]);
                }
                out.products.insert(name);
            }
            _ => {}
        }
    }
    out
}

/// Compares a guide with its bundled checklist. `assumed` are variables that the checklist has and the
/// guide does not name; each test says why.
#[track_caller]
fn same(name: &str, answers: &[(&str, &str)], assumed: &[&str]) -> (Said, Said) {
    let (read, mut wanted) = (said(&imported(&format!("{name}.md"), answers)), said(&bundled(name)));
    for variable in assumed {
        assert!(wanted.variables.remove(*variable), "{variable} is no assumption of {name}");
        assert!(!read.variables.contains(*variable), "{variable} is in the guide after all");
    }
    assert_eq!(read.variables, wanted.variables);
    assert_eq!(read.events, wanted.events);
    (read, wanted)
}

#[test]
fn minipass_guide_says_what_its_checklist_says() {
    let (read, wanted) = same("minipass", &[], &[]);
    assert_eq!(read, wanted);
    assert_eq!((read.products.len(), read.prices.len()), (3, 6));
}

#[test]
fn recorder_ed_guide_says_what_its_checklist_says() {
    // The guide says "verify SMTP settings" and names none; Django's own names are the checklist's.
    let (read, wanted) = same(
        "recorder-ed",
        &[],
        &["EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "DEFAULT_FROM_EMAIL"],
    );
    assert_eq!((read.products, read.prices, read.urls), (wanted.products, wanted.prices, wanted.urls));
}

#[test]
fn alwrity_guide_says_what_its_checklist_says() {
    // The guide names no amounts, no product but by its tier, and the host of nobody. DATABASE_URL and
    // the two tokens are for the checklist's own checks; the mapping of test mode and the shared one
    // are asserted to be absent, where the guide only says that they are another deployment's.
    let answers = [("price.basic_monthly", "29.00 USD"), ("price.pro_monthly", "79.00 USD")];
    let assumed = [
        "DATABASE_URL",
        "APP_ADMIN_TOKEN",
        "APP_USER_TOKEN",
        "STRIPE_PLAN_PRICE_MAPPING",
        "STRIPE_PLAN_PRICE_MAPPING_TEST",
    ];
    let (read, wanted) = same("alwrity", &answers, &assumed);
    let tiers = |said: &Said| {
        said.products.iter().map(|name| name.to_lowercase().replace("alwrity ", "")).collect::<BTreeSet<_>>()
    };
    assert_eq!(tiers(&read), tiers(&wanted));
    let plain =
        |said: &Said| said.prices.iter().map(|price| (price[1].clone(), price[2].clone())).collect::<BTreeSet<_>>();
    // "Yearly prices if you plan to sell yearly plans": the checklist plans to, the guide does not say so.
    let monthly: BTreeSet<_> = plain(&wanted).into_iter().filter(|(_, interval)| interval == "month").collect();
    assert_eq!(plain(&read), monthly);
    let path =
        |said: &Said| said.urls.iter().map(|url| url.splitn(4, '/').nth(3).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(path(&read), path(&wanted));
    assert_eq!(said(&imported("alwrity.md", &[])).prices, BTreeSet::new(), "no amount is made up");
}

#[test]
fn caixahub_guide_says_what_its_checklist_says() {
    let (read, wanted) = same("caixahub", &[], &[]);
    assert_eq!(read, wanted);
}

#[test]
fn smart_strategies_guide_says_what_its_checklist_says() {
    // "$" without a word which dollar: the checklist assumes USD. The token is for the checklist's own
    // checks, and of Sentry the guide names no variable.
    let (read, wanted) = same("smart-strategies", &[("currency", "USD")], &["APP_USER_TOKEN", "SENTRY_DSN"]);
    assert_eq!((read.products, read.prices, read.urls), (wanted.products, wanted.prices, wanted.urls));
    let unasked = said(&imported("smart-strategies.md", &[]));
    assert_eq!(unasked.prices, BTreeSet::new(), "no currency is guessed");
}

/// Products with amounts and intervals, the URL, the events and how many steps a document has.
fn summary(name: &str) -> String {
    let checklist = imported(name, &[]);
    let found = said(&checklist);
    let prices = found
        .prices
        .iter()
        .map(|[product, amount, interval, env]| format!("{product}: {amount} {interval} {env}").trim_end().to_owned());
    let steps: Vec<&str> = checklist
        .items()
        .filter(|item| matches!(item.kind.as_str(), "manual" | "command"))
        .map(|item| item.title.as_str())
        .collect();
    let back: Vec<&str> = checklist.rollback.iter().map(|item| item.title.as_str()).collect();
    let lines = [
        ("prices", prices.collect::<Vec<_>>().join("; ")),
        ("url", found.urls.into_iter().collect::<Vec<_>>().join(" ")),
        ("events", found.events.into_iter().collect::<Vec<_>>().join(" ")),
        ("variables", found.variables.into_iter().collect::<Vec<_>>().join(" ")),
        ("steps", steps.join("; ")),
        ("rollback", back.join("; ")),
    ];
    lines.map(|(name, text)| format!("{name}: {text}")).join("\n")
}

#[test]
fn a_runbook_with_nested_lists_is_read() {
    insta::assert_snapshot!(summary("runbook.md"));
}

#[test]
fn an_export_of_notes_with_emoji_ticks_is_read() {
    insta::assert_snapshot!(summary("notion.md"));
}

#[test]
fn a_plain_text_with_numbered_steps_is_read() {
    insta::assert_snapshot!(summary("steps.txt"));
}

#[test]
fn documents_in_german_portuguese_and_spanish_are_read() {
    insta::assert_snapshot!(["deutsch.md", "portugues.md", "espanol.md"].map(summary).join("\n\n"));
}

#[test]
fn a_page_of_html_with_a_table_is_read() {
    insta::assert_snapshot!(summary("page.html"));
}

#[test]
fn headings_of_asciidoc_and_restructuredtext_are_read() {
    insta::assert_snapshot!(summary("asciidoc.txt"));
}

/// golive in an empty folder.
fn golive(dir: &tempfile::TempDir, line: &str) -> crate::support::Output {
    Golive::new(dir.path(), dir.path()).args(line).run()
}

#[test]
fn a_guide_is_imported_validated_and_rehearsed_to_its_end() {
    for name in ["caixahub.md", "runbook.md"] {
        let dir = tempfile::tempdir().unwrap();
        fs::copy(document(name), dir.path().join("LAUNCH.md")).unwrap();
        let ran = golive(&dir, "import markdown LAUNCH.md").exits(0);
        assert!(ran.stdout.contains("LAUNCH.md became golive.toml"), "{ran}");
        golive(&dir, "checklist validate").exits(0);
        let ran = golive(&dir, "rehearse --yes").exits(0);
        assert!(ran.stderr.contains(" is rehearsed."), "{ran}");
    }
}

#[test]
fn what_is_there_is_never_overwritten_unattended() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("golive.toml"), "mine").unwrap();
    fs::copy(document("runbook.md"), dir.path().join("LAUNCH.md")).unwrap();
    let ran = golive(&dir, "import markdown LAUNCH.md").exits(4);
    assert!(ran.stderr.contains("golive.toml` is there already"), "{ran}");
    assert_eq!(fs::read_to_string(dir.path().join("golive.toml")).unwrap(), "mine");
    let ran = golive(&dir, "import markdown LAUNCH.md --out -").exits(0);
    assert!(ran.stdout.starts_with("#:schema"), "{ran}");
    let ran = golive(&dir, "import markdown LAUNCH.md --out other.toml --json").exits(0);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((json["schema"].as_str(), json["out"].as_str()), (Some("golive.import/1"), Some("other.toml")));
    assert_eq!(json["made"]["prices"], 4);
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_type() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("empty.md"), "\n").unwrap();
    fs::write(dir.path().join("launch.pdf"), b"%PDF-1.7\n\0\0\x01\x02").unwrap();
    for (file, says) in [("empty.md", "`empty.md` is empty"), ("launch.pdf", "is not a text")] {
        let ran = golive(&dir, &format!("import markdown {file}")).exits(2);
        assert!(ran.stderr.contains(says), "{ran}");
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("golive import markdown LAUNCH.md"), "{ran}");
    }
    golive(&dir, "import markdown nowhere.md").exits(1);
    assert!(!dir.path().join("golive.toml").exists());
}
