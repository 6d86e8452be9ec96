//! What operators get for broken checklists, as they see it, and what the model holds for good
//! ones. The kinds here are stand-ins, so that these tests do not change when kinds do.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;

use super::parse::load_with;
use super::{BUNDLED, Checklist, Invalid, Source};
use crate::error::Code;
use crate::kind::{Complaint, Entry, Kind, REGISTRY, Realm, Variable};
use crate::mode::Mode;
use crate::money::Money;
use crate::step::{Facts, Step, Verdict};

/// A stand-in with prices, texts, numbers and a choice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "of some fields only the shape matters")]
struct Shelf {
    #[serde(default)]
    prices: Vec<Price>,
    url: Option<String>,
    #[serde(default)]
    expect: Option<Expect>,
    env: Option<String>,
    format: Option<Format>,
    burst: Option<u8>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Price {
    lookup_key: String,
    amount: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape matters")]
struct Expect {
    /// The status.
    status: Option<u16>,
    /// A text.
    contains: Option<String>,
}

/// How it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Digits.
    Hex,
    /// Letters.
    Base64,
}

impl Kind for Shelf {
    fn next(&self, _: &Facts<'_>) -> Step {
        Step::Done(Verdict::pass("stands in"))
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        let prices = self.prices.iter().map(|price| format!("prices.{}.id", price.lookup_key));
        std::iter::once("id".to_owned()).chain(prices).collect()
    }

    fn variables(&self) -> Vec<Variable> {
        self.env.iter().map(|name| Variable { name: name.clone(), output: Some("id".into()) }).collect()
    }

    fn complaints(&self) -> Vec<Complaint> {
        let amounts = self.prices.iter().enumerate().filter_map(|(index, price)| {
            let error = price.amount.parse::<Money>().err()?;
            let path = format!("prices[{index}].amount");
            Some(Complaint { path, code: Code::BadAmount, message: error.message, help: error.help })
        });
        let url = self.url.iter().filter(|url| url.starts_with("http:")).map(|_| Complaint {
            path: "url".into(),
            code: Code::WebhookUrl,
            message: "the address is not https".into(),
            help: None,
        });
        amounts.chain(url).collect()
    }
}

fn registry() -> Vec<Entry> {
    let shelf = Entry {
        name: "shelf",
        load: |table| Ok(Box::new(toml::Value::Table(table).try_into::<Shelf>()?)),
        schema: |generator| generator.subschema_for::<Shelf>(),
    };
    let manual = REGISTRY.iter().find(|entry| entry.name == "manual").unwrap();
    vec![shelf, Entry { name: "manual", load: manual.load, schema: manual.schema }]
}

fn load(text: &str) -> Result<Checklist, Invalid> {
    load_with(Source::File("golive.toml".into()), text, &registry())
}

fn invalid(text: &str) -> Invalid {
    load(text).map(|_| "the checklist is valid").unwrap_err()
}

/// The frames for a text, as printed.
fn frames(text: &str) -> String {
    invalid(text).render(true, 80)
}

/// The frames for one item, in a checklist that is otherwise good.
fn item_frames(fields: &str) -> String {
    frames(&with_item(fields))
}

fn with_item(fields: &str) -> String {
    format!(
        "schema = 1\nid = \"shop\"\ntitle = \"Shop\"\n[[phase]]\nid = \"one\"\ntitle = \"One\"\n[[phase.item]]\nid = \"a\"\n{fields}\n"
    )
}

const MANUAL: &str = "kind = \"manual\"\ntitle = \"A\"\n";
const SHELF: &str = "kind = \"shelf\"\ntitle = \"A\"\n";

/// The frames for a field of a `manual` item.
fn common(field: &str) -> String {
    item_frames(&format!("{MANUAL}{field}"))
}

/// The frames for a field of a `shelf` item.
fn own(field: &str) -> String {
    item_frames(&format!("{SHELF}{field}"))
}

/// Where each complaint is, and its code.
fn places(text: &str) -> String {
    let mut out = String::new();
    for complaint in invalid(text).complaints {
        let marked = text.lines().nth(complaint.line - 1).unwrap_or_default();
        let marked: String = marked.chars().skip(complaint.column - 1).take(12).collect();
        let _ = writeln!(out, "{}:{} {} {marked}", complaint.line, complaint.column, complaint.code);
    }
    out
}

mod fields;
mod model;
mod names;
mod places;
mod references;
mod rollback;
