//! `payment_link`: a page of Stripe's that sells prices, found by golive's mark, else by equal content.
//! Its lines are final: where they differ, a new link is created and the old one switched off; its URL is
//! a new one then.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::offer::{self, Common, Offer, Replaceable, action, differ, is_metadata};
use super::text::{complaint, is_open};
use super::Complaint;
use crate::error::Code;
use crate::step::{
    Action, Collection, Facts, Field, OfferWrite, Outputs, PaymentLinkDraft, PaymentLinkPatch, Permission, Step, Verb,
};

mod found;
mod patch;
mod settings;

pub use settings::Settings;
use found::PaymentLink;

const NOUN: &str = "link";

/// Lines that Stripe shows without being asked for more.
const MOST_LINES: usize = 10;

/// The fields of a `payment_link` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What it sells: `[{ price = "${catalog.pro.prices.pro_monthly.id}", quantity = 1 }]`.
    #[schemars(length(min = 1, max = 10))]
    pub lines: Vec<Line>,
    /// Whether customers may type a promotion code.
    pub allow_promotion_codes: Option<bool>,
    /// Where customers go afterwards; Stripe's own confirmation page unless said otherwise.
    pub redirect: Option<String>,
    /// Whether Stripe works out the tax.
    pub automatic_tax: Option<bool>,
    /// Whether a billing address is asked for always, or when it is needed.
    pub billing_address: Option<BillingAddress>,
    /// Countries it ships to, `["CA", "US"]`; then a shipping address is asked for.
    pub shipping_countries: Option<Vec<String>>,
    /// Days before a subscription is paid for the first time.
    #[schemars(range(min = 1, max = 730))]
    pub trial_days: Option<u32>,
    /// What buyers read afterwards on Stripe's own confirmation page; at most 500 characters.
    pub confirmation: Option<String>,
    /// Everything else, named and nested as in Stripe's API: `{ phone_number_collection = { enabled = true } }`.
    pub settings: Option<Settings>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its URL.
    pub env: Option<String>,
    /// The variable of the env file that takes its id.
    pub env_id: Option<String>,
}

/// One line of a payment link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The price's id: `${catalog.pro.prices.pro_monthly.id}`.
    pub price: String,
    /// How many.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub quantity: u64,
    /// How many buyers may choose, where they may: `{ min = 1, max = 10 }`.
    pub adjustable: Option<Adjustable>,
}

/// The bounds within which buyers choose a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjustable {
    /// At least so many; 0 unless said otherwise.
    pub min: Option<u64>,
    /// At most so many; 99 unless said otherwise.
    pub max: Option<u64>,
}

impl Adjustable {
    fn shown(min: Option<u64>, max: Option<u64>) -> String {
        format!(", buyers choose {} to {}", min.unwrap_or_default(), max.unwrap_or(99))
    }
}

impl Line {
    fn shown(&self) -> String {
        let chosen = self.adjustable.as_ref().map(|chosen| Adjustable::shown(chosen.min, chosen.max));
        format!("{} × {}{}", self.quantity, self.price, chosen.unwrap_or_default())
    }
}

const fn one() -> u64 {
    1
}

/// When a billing address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BillingAddress {
    /// When it is needed.
    Auto,
    /// Always.
    Required,
}

impl BillingAddress {
    const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Required => "required",
        }
    }
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::PaymentLinkWrite;
    const OUTPUTS: &'static [&'static str] = &["id", "url"];

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        offer::settle(self, facts)
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "url"), ("env_id", self.env_id.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let example = "lines = [{ price = \"${catalog.pro.prices.pro_monthly.id}\", quantity = 1 }]";
        if self.lines.is_empty() || self.lines.len() > MOST_LINES {
            let message = format!("a payment link has between 1 and {MOST_LINES} lines");
            complaints.push(complaint("lines", Code::BadValue, message, example));
        }
        for (n, line) in self.lines.iter().enumerate() {
            if line.quantity == 0 {
                let message = "a line sells at least one";
                let path = format!("lines[{n}].quantity");
                complaints.push(complaint(&path, Code::BadValue, message, "write quantity = 1"));
            }
            if !is_open(&line.price) && !line.price.starts_with("price_") && !line.price.starts_with("plan_") {
                let message = format!("`{}` is not the id of a price", line.price);
                complaints.push(complaint(&format!("lines[{n}].price"), Code::BadValue, message, example));
            }
        }
        if let Some(url) = self.redirect.as_ref().filter(|url| !is_open(url) && !is_web(url)) {
            let message = format!("`{url}` is not a web address");
            complaints.push(complaint("redirect", Code::BadValue, message, "write it in full: https://shop.example/thanks"));
        }
        for (n, country) in self.shipping_countries.iter().flatten().enumerate() {
            if !is_open(country) && (country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase())) {
                let message = format!("`{country}` is not a country code");
                let path = format!("shipping_countries[{n}]");
                complaints.push(complaint(&path, Code::BadValue, message, "write two capital letters: CA"));
            }
        }
        complaints.extend(self.more_complaints());
        if self.trial_days.is_some_and(|days| !(1..=730).contains(&days)) {
            let message = "a trial takes between 1 and 730 days";
            complaints.push(complaint("trial_days", Code::BadValue, message, "write trial_days = 14, or leave it out"));
        }
        complaints
    }
}

fn is_web(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, rest)| matches!(scheme, "https" | "http") && !rest.is_empty())
}

impl Replaceable for Spec {
    type Found = PaymentLink;
    const NOUN: &'static str = NOUN;
    const CALLED: &'static str = "payment link";
    const COLLECTION: Collection = Collection::PaymentLinks;

    fn common(found: &PaymentLink) -> &Common {
        &found.common
    }

    fn same(&self, _: &Facts<'_>, found: &PaymentLink) -> bool {
        self.differences(found).is_empty()
    }

    fn twin(&self, facts: &Facts<'_>, found: &PaymentLink) -> bool {
        self.same(facts, found) && self.patch(facts, found).2.iter().all(is_metadata)
    }

    fn update(&self, facts: &Facts<'_>, found: &PaymentLink) -> Option<Action> {
        let (patch, back, fields) = self.patch(facts, found);
        if fields.is_empty() {
            return None;
        }
        let id = || found.common.id.clone();
        let back = OfferWrite::UpdatePaymentLink { id: id(), patch: back };
        let write = OfferWrite::UpdatePaymentLink { id: id(), patch };
        Some(offer::changing(facts, NOUN, &found.common, fields, write, back))
    }

    fn create(&self, facts: &Facts<'_>, old: &[&PaymentLink]) -> Action {
        let terms = PaymentLinkPatch {
            active: None,
            allow_promotion_codes: self.allow_promotion_codes,
            redirect: self.redirect.clone(),
            automatic_tax: self.automatic_tax,
            billing_address_collection: self.billing_address.map(|address| address.name().to_owned()),
            shipping_countries: self.shipping_countries.clone().filter(|countries| !countries.is_empty()),
            trial_period_days: self.trial_days,
            confirmation: self.confirmation.clone(),
            settings: self.settings.as_ref().map(Settings::create).unwrap_or_default(),
            metadata: offer::marked(facts, &self.metadata),
        };
        let draft = PaymentLinkDraft {
            lines: self.lines.iter().map(|line| (line.price.clone(), line.quantity)).collect(),
            adjustable: self.adjustable(),
            terms,
            replaces: old.iter().map(|old| old.common.id.clone()).collect(),
        };
        let mut fields: Vec<Field> =
            self.lines.iter().map(|line| Field::new("line", line.shown())).collect();
        fields.extend(self.settings.iter().flat_map(Settings::shown));
        fields.extend(self.redirect.as_ref().map(|url| Field::new("redirect", url)));
        fields.extend(self.trial_days.map(|days| Field::new("trial_days", days.to_string())));
        let write = OfferWrite::CreatePaymentLink(draft);
        match old.first() {
            None => action(facts, NOUN, Verb::Create, write).fields(fields),
            Some(old) => action(facts, NOUN, Verb::Replace, write)
                .summary(&old.common.id)
                .fields(self.differences(old))
                .note("The lines of a payment link cannot be edited: a new link is created, then the old one is switched \
                       off. Who opens the old URL reads that it is not active: publish the new one everywhere."),
        }
    }

    fn switch(id: &str, active: bool) -> OfferWrite {
        let patch = PaymentLinkPatch { active: Some(active), ..PaymentLinkPatch::default() };
        OfferWrite::UpdatePaymentLink { id: id.to_owned(), patch }
    }

    fn gives(found: &PaymentLink) -> Outputs {
        Outputs::from([("url".into(), found.url.clone())])
    }

    fn evidence(&self, _: &Facts<'_>, found: &PaymentLink) -> String {
        found.url.clone()
    }
}

impl Spec {
    fn more_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            let bounds = line.adjustable.as_ref().map(|chosen| (chosen.min.unwrap_or_default(), chosen.max.unwrap_or(99)));
            if bounds.is_some_and(|(min, max)| min > max || max > 999_999) {
                let path = format!("lines[{n}].adjustable");
                let message = "nobody can choose a quantity within these bounds";
                complaints.push(complaint(&path, Code::BadValue, message, "write adjustable = { min = 1, max = 10 }"));
            }
        }
        if self.confirmation.as_ref().is_some_and(|text| text.chars().count() > 500) {
            let message = "the text of the confirmation page has at most 500 characters";
            complaints.push(complaint("confirmation", Code::BadValue, message, "shorten it"));
        }
        if self.confirmation.is_some() && self.redirect.is_some() {
            let message = "buyers who are sent elsewhere see no confirmation page";
            complaints.push(complaint("confirmation", Code::BadValue, message, "take redirect or confirmation out"));
        }
        complaints
    }

    /// What cannot be changed on a payment link and differs.
    fn differences(&self, found: &PaymentLink) -> Vec<Field> {
        let wanted: Vec<String> = self.lines.iter().map(Line::shown).collect();
        let lines = differ("lines", &found.lines(), &wanted.join(", "));
        let settings = self.differing(found).into_iter().filter(|one| one.is_final);
        lines.into_iter().chain(settings.map(|one| Field::change(&one.name, one.shown.0, one.shown.1))).collect()
    }

    /// The bounds of the lines of which buyers choose how many.
    fn adjustable(&self) -> Vec<(usize, Option<u64>, Option<u64>)> {
        let each = self.lines.iter().enumerate();
        each.filter_map(|(n, line)| line.adjustable.as_ref().map(|chosen| (n, chosen.min, chosen.max))).collect()
    }
}

#[cfg(test)]
#[path = "payment_link_tests.rs"]
mod tests;
