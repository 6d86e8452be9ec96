//! `tax_rate`: a rate of tax, found by golive's mark, else by equal content. Its percentage, and whether
//! it is inclusive, are final in Stripe: where they differ, a new rate is created and the old archived.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::offer::{self, Common, Offer, Percent, Replaceable, action, differ, is_metadata};
use super::text::{complaint, is_open};
use super::Complaint;
use crate::error::Code;
use crate::step::{Action, Collection, Facts, Field, OfferWrite, Permission, Step, TaxRateDraft, TaxRatePatch, Verb};

/// One word, as nouns of actions are.
const NOUN: &str = "tax";

/// The fields of a `tax_rate` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What customers read on invoices, `VAT`; the item's title unless said otherwise.
    pub display_name: Option<String>,
    /// How much, in percent: `"20"`, `8.875`.
    percentage: Percent,
    /// Whether prices include it.
    pub inclusive: bool,
    /// Two letters, `DE`.
    pub country: Option<String>,
    /// State or province, `CA`.
    pub state: Option<String>,
    /// For the team, and on invoices: `US-CA`.
    pub jurisdiction: Option<String>,
    /// Stripe's word for it: `vat`, `gst`, `sales_tax`.
    pub tax_type: Option<String>,
    /// For the team.
    pub description: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// A tax rate as Stripe answers.
#[derive(Debug, Deserialize)]
pub(super) struct TaxRate {
    #[serde(flatten)]
    common: Common,
    display_name: Option<String>,
    percentage: Option<Number>,
    #[serde(default)]
    inclusive: bool,
    country: Option<String>,
    state: Option<String>,
    jurisdiction: Option<String>,
    tax_type: Option<String>,
    description: Option<String>,
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::TaxRateWrite;

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        offer::settle(self, facts)
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = self.percentage.complaint("percentage", 0.0).into_iter().collect();
        let name = self.display_name.as_ref().filter(|name| !is_open(name));
        if name.is_some_and(|name| name.is_empty() || name.chars().count() > 50) {
            let message = "the name of a tax rate has between 1 and 50 characters";
            complaints.push(complaint("display_name", Code::BadValue, message, "write what invoices say: VAT"));
        }
        let letters = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if let Some(country) = self.country.as_ref().filter(|country| !is_open(country) && !letters(country)) {
            let message = format!("`{country}` is not a country code");
            complaints.push(complaint("country", Code::BadValue, message, "write two capital letters: DE"));
        }
        complaints
    }
}

impl Replaceable for Spec {
    type Found = TaxRate;
    const NOUN: &'static str = NOUN;
    const CALLED: &'static str = "tax rate";
    const COLLECTION: Collection = Collection::TaxRates;

    fn common(found: &TaxRate) -> &Common {
        &found.common
    }

    fn same(&self, _: &Facts<'_>, found: &TaxRate) -> bool {
        self.differences(found).is_empty()
    }

    fn twin(&self, facts: &Facts<'_>, found: &TaxRate) -> bool {
        self.same(facts, found) && self.patch(facts, found).2.iter().all(is_metadata)
    }

    fn update(&self, facts: &Facts<'_>, found: &TaxRate) -> Option<Action> {
        let (patch, back, fields) = self.patch(facts, found);
        if fields.is_empty() {
            return None;
        }
        let id = || found.common.id.clone();
        let back = OfferWrite::UpdateTaxRate { id: id(), patch: back };
        let write = OfferWrite::UpdateTaxRate { id: id(), patch };
        Some(offer::changing(facts, NOUN, &found.common, fields, write, back))
    }

    fn create(&self, facts: &Facts<'_>, old: &[&TaxRate]) -> Action {
        let draft = TaxRateDraft {
            display_name: self.name(facts).chars().take(50).collect(),
            percentage: self.percentage.text().to_owned(),
            inclusive: self.inclusive,
            country: self.country.clone(),
            state: self.state.clone(),
            jurisdiction: self.jurisdiction.clone(),
            tax_type: self.tax_type.clone(),
            description: self.description.clone(),
            metadata: offer::marked(facts, &self.metadata),
            replaces: old.iter().map(|old| old.common.id.clone()).collect(),
        };
        let write = OfferWrite::CreateTaxRate(draft);
        match old.first() {
            None => action(facts, NOUN, Verb::Create, write).summary(self.shown(facts)),
            Some(old) => action(facts, NOUN, Verb::Replace, write)
                .summary(&old.common.id)
                .fields(self.differences(old))
                .note("The rate of a tax rate cannot be edited: a new one is created, then the old one is archived. \
                       Subscriptions and invoices that have it keep it until they are given the new one."),
        }
    }

    fn switch(id: &str, active: bool) -> OfferWrite {
        let patch = TaxRatePatch { active: Some(active), ..TaxRatePatch::default() };
        OfferWrite::UpdateTaxRate { id: id.to_owned(), patch }
    }

    fn evidence(&self, facts: &Facts<'_>, found: &TaxRate) -> String {
        format!("{}, {}", found.common.id, self.shown(facts))
    }
}

impl Spec {
    fn name<'a>(&'a self, facts: &Facts<'a>) -> &'a str {
        self.display_name.as_deref().unwrap_or(facts.title)
    }

    /// `VAT 20% inclusive`
    fn shown(&self, facts: &Facts<'_>) -> String {
        format!("{} {}", self.name(facts), rate(self.percentage.text(), self.inclusive))
    }

    /// What cannot be changed on a tax rate and differs.
    fn differences(&self, found: &TaxRate) -> Vec<Field> {
        let theirs = found.percentage.as_ref().map(offer::percent_of).unwrap_or_default();
        let wanted = rate(self.percentage.text(), self.inclusive);
        differ("rate", &rate(&theirs, found.inclusive), &wanted).into_iter().collect()
    }

    /// What differs and can be changed, what brings it back, and how it is shown.
    fn patch(&self, facts: &Facts<'_>, found: &TaxRate) -> (TaxRatePatch, TaxRatePatch, Vec<Field>) {
        let (mut patch, mut back, mut fields) = (TaxRatePatch::default(), TaxRatePatch::default(), Vec::new());
        if !found.common.active {
            fields.push(Field::change("active", "false", "true"));
            (patch.active, back.active) = (Some(true), Some(false));
        }
        macro_rules! text {
            ($field:ident, $wanted:expr) => {
                (patch.$field, back.$field) =
                    offer::text_change(stringify!($field), $wanted, found.$field.as_deref(), &mut fields);
            };
        }
        text!(display_name, Some(self.name(facts)));
        text!(country, self.country.as_deref());
        text!(state, self.state.as_deref());
        text!(jurisdiction, self.jurisdiction.as_deref());
        text!(tax_type, self.tax_type.as_deref());
        text!(description, self.description.as_deref());
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        (patch, back, fields)
    }

}

/// `20% inclusive`
fn rate(percentage: &str, inclusive: bool) -> String {
    format!("{percentage}% {}", if inclusive { "inclusive" } else { "exclusive" })
}

#[cfg(test)]
#[path = "tax_rate_tests.rs"]
mod tests;
