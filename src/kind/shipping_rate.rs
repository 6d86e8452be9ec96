//! `shipping_rate`: what delivery costs, found by golive's mark, else by equal content. Name, amount and
//! duration are final in Stripe: where they differ, a new rate is created and the old archived.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::offer::{self, Common, Offer, Replaceable, action, differ};
use super::product::TaxBehavior;
use super::text::{complaint, is_open};
use super::Complaint;
use crate::error::Code;
use crate::step::{
    Action, Collection, Currencies, Delivery, Facts, Field, OfferWrite, Permission, ShippingRateDraft,
    ShippingRatePatch, Step, Verb,
};

const NOUN: &str = "shipping";

/// The fields of a `shipping_rate` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What customers choose from, `Ground`; the item's title unless said otherwise.
    pub display_name: Option<String>,
    /// What it costs: `5.00 CAD`.
    pub amount: String,
    /// The same in further currencies: `["4.00 EUR"]`.
    #[serde(default)]
    pub currencies: Vec<String>,
    /// How long it takes: `{ min = 3, max = 5, unit = "business_day" }`.
    pub delivery: Option<DeliverySpec>,
    /// Whether the amount includes tax. Final once it is not `unspecified`.
    pub tax_behavior: Option<TaxBehavior>,
    /// A tax code of Stripe's, `txcd_…`.
    pub tax_code: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// How long a delivery takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverySpec {
    /// At least so many.
    #[schemars(range(min = 1))]
    pub min: Option<i64>,
    /// At most so many.
    #[schemars(range(min = 1))]
    pub max: Option<i64>,
    /// Of what.
    pub unit: Unit,
    /// Of what the least is counted in, where it is something else.
    pub min_unit: Option<Unit>,
}

/// What a delivery is counted in.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Stripe's own words")]
pub enum Unit {
    Hour,
    Day,
    BusinessDay,
    Week,
    Month,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::BusinessDay => "business_day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// A shipping rate as Stripe answers.
#[derive(Debug, Deserialize)]
pub(super) struct ShippingRate {
    #[serde(flatten)]
    common: Common,
    display_name: Option<String>,
    fixed_amount: Option<FixedAmount>,
    delivery_estimate: Option<Estimate>,
    tax_behavior: Option<String>,
    tax_code: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct FixedAmount {
    amount: i64,
    #[serde(default)]
    currency: String,
    currency_options: Option<BTreeMap<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    maximum: Option<Bound>,
    minimum: Option<Bound>,
}

#[derive(Debug, Deserialize)]
struct Bound {
    unit: String,
    value: i64,
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::ShippingRateWrite;

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        offer::settle(self, facts)
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = offer::money_complaint("amount", &self.amount).into_iter().collect();
        complaints.extend(offer::currencies_complaints("currencies", Some(&self.amount), &self.currencies));
        let name = self.display_name.as_ref().filter(|name| !is_open(name));
        if name.is_some_and(|name| name.is_empty() || name.chars().count() > 100) {
            let message = "the name of a shipping rate has between 1 and 100 characters";
            complaints.push(complaint("display_name", Code::BadValue, message, "write what customers read: Ground"));
        }
        if let Some(delivery) = &self.delivery {
            let example = "write { min = 3, max = 5, unit = \"business_day\" }";
            let positive = |bound: Option<i64>| bound.is_none_or(|bound| bound > 0);
            if delivery.min.is_none() && delivery.max.is_none() {
                complaints.push(complaint("delivery", Code::BadValue, "a delivery has a `min` or a `max`", example));
            } else if !positive(delivery.min) || !positive(delivery.max) {
                complaints.push(complaint("delivery", Code::BadValue, "a delivery takes at least 1", example));
            } else if delivery.min_unit.is_none() && delivery.min.zip(delivery.max).is_some_and(|(min, max)| min > max) {
                let message = "a delivery cannot take at least more than at most";
                complaints.push(complaint("delivery.min", Code::BadValue, message, example));
            }
        }
        complaints
    }
}

impl Replaceable for Spec {
    type Found = ShippingRate;
    const NOUN: &'static str = NOUN;
    const CALLED: &'static str = "shipping rate";
    const COLLECTION: Collection = Collection::ShippingRates;

    fn common(found: &ShippingRate) -> &Common {
        &found.common
    }

    fn same(&self, facts: &Facts<'_>, found: &ShippingRate) -> bool {
        self.differences(facts, found).is_empty()
    }

    fn update(&self, facts: &Facts<'_>, found: &ShippingRate) -> Option<Action> {
        let (mut patch, mut back) = (ShippingRatePatch::default(), ShippingRatePatch::default());
        let mut fields = Vec::new();
        if !found.common.active {
            fields.push(Field::change("active", "false", "true"));
            (patch.active, back.active) = (Some(true), Some(false));
        }
        let unset = found.tax_behavior.as_deref().unwrap_or("unspecified");
        if let Some(wanted) = self.tax_behavior.filter(|wanted| wanted.name() != unset) {
            fields.push(Field::change("tax_behavior", unset, wanted.name()));
            patch.tax_behavior = Some(wanted.name().into());
        }
        let wanted = offer::currencies(&self.currencies);
        patch.currency_options = offer::currencies_missing(&wanted, &found.currencies(), &mut fields);
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        if fields.is_empty() {
            return None;
        }
        let id = || found.common.id.clone();
        let back = OfferWrite::UpdateShippingRate { id: id(), patch: back };
        let write = OfferWrite::UpdateShippingRate { id: id(), patch };
        Some(offer::changing(facts, NOUN, &found.common, fields, write, back))
    }

    fn create(&self, facts: &Facts<'_>, old: &[&ShippingRate]) -> Action {
        let amount = offer::money(&self.amount);
        let draft = ShippingRateDraft {
            display_name: self.name(facts).chars().take(100).collect(),
            amount: amount.map(|money| money.minor).unwrap_or_default(),
            currency: amount.map(|money| money.currency.api_code()).unwrap_or_default(),
            currency_options: offer::currencies(&self.currencies),
            delivery: self.delivery(),
            tax_behavior: self.tax_behavior.map(|behavior| behavior.name().to_owned()),
            tax_code: self.tax_code.clone(),
            metadata: offer::marked(facts, &self.metadata),
            replaces: old.iter().map(|old| old.common.id.clone()).collect(),
        };
        let mut fields = vec![Field::new("display_name", &draft.display_name)];
        fields.extend(draft.currency_options.iter().map(|(code, minor)| Field::new(code, offer::shown(*minor, code))));
        fields.extend(draft.delivery.as_ref().map(|delivery| Field::new("delivery", takes(Some(delivery)))));
        let write = OfferWrite::CreateShippingRate(draft);
        match old.first() {
            None => action(facts, NOUN, Verb::Create, write).summary(self.amount()).fields(fields),
            Some(old) => action(facts, NOUN, Verb::Replace, write)
                .summary(&old.common.id)
                .fields(self.differences(facts, old))
                .note("Shipping rates cannot be edited: a new one is created, then the old one is archived. Payment \
                       links and code that name the old one must be given the new id."),
        }
    }

    fn switch(id: &str, active: bool) -> OfferWrite {
        let patch = ShippingRatePatch { active: Some(active), ..ShippingRatePatch::default() };
        OfferWrite::UpdateShippingRate { id: id.to_owned(), patch }
    }

    fn evidence(&self, _: &Facts<'_>, found: &ShippingRate) -> String {
        format!("{}, {}", found.common.id, self.amount())
    }
}

impl Spec {
    fn name<'a>(&'a self, facts: &Facts<'a>) -> &'a str {
        self.display_name.as_deref().unwrap_or(facts.title)
    }

    fn amount(&self) -> String {
        offer::money(&self.amount).map_or_else(|| self.amount.clone(), |money| money.to_string())
    }

    fn delivery(&self) -> Option<Delivery> {
        let delivery = self.delivery.as_ref()?;
        let unit = delivery.unit.name().to_owned();
        let min_unit = delivery.min_unit.map(Unit::name).filter(|least| delivery.min.is_some() && *least != unit);
        Some(Delivery { min: delivery.min, max: delivery.max, unit, min_unit: min_unit.map(str::to_owned) })
    }

    /// What cannot be changed on a shipping rate and differs.
    fn differences(&self, facts: &Facts<'_>, found: &ShippingRate) -> Vec<Field> {
        let none = || "none".to_owned();
        let theirs = found.fixed_amount.as_ref().map(|amount| offer::shown(amount.amount, &amount.currency));
        let theirs_takes = found.delivery();
        let code = found.tax_code.as_ref().and_then(|code| code.as_str().or_else(|| code["id"].as_str()));
        let behavior = found.tax_behavior.as_deref().filter(|behavior| *behavior != "unspecified");
        let mut fields: Vec<Field> = [
            differ("display_name", found.display_name.as_deref().unwrap_or_default(), self.name(facts)),
            differ("amount", &theirs.unwrap_or_else(none), &self.amount()),
            differ("delivery", &takes(theirs_takes.as_ref()), &takes(self.delivery().as_ref())),
            self.tax_code.as_deref().and_then(|wanted| differ("tax_code", code.unwrap_or("none"), wanted)),
            behavior.zip(self.tax_behavior).and_then(|(found, wanted)| differ("tax_behavior", found, wanted.name())),
        ]
        .into_iter()
        .flatten()
        .collect();
        fields.extend(offer::currencies_differ(&offer::currencies(&self.currencies), &found.currencies()));
        fields
    }

}

impl ShippingRate {
    fn currencies(&self) -> Currencies {
        offer::options_of(self.fixed_amount.as_ref().and_then(|amount| amount.currency_options.as_ref()), "amount")
    }

    fn delivery(&self) -> Option<Delivery> {
        let estimate = self.delivery_estimate.as_ref()?;
        let unit = estimate.maximum.as_ref().or(estimate.minimum.as_ref())?.unit.clone();
        let value = |bound: &Option<Bound>| bound.as_ref().map(|bound| bound.value);
        let min_unit = estimate.minimum.as_ref().map(|bound| bound.unit.clone()).filter(|least| *least != unit);
        Some(Delivery { min: value(&estimate.minimum), max: value(&estimate.maximum), unit, min_unit })
    }
}

/// `3 to 5 business days`
fn takes(delivery: Option<&Delivery>) -> String {
    let Some(Delivery { min, max, unit, min_unit }) = delivery else { return "not said".into() };
    let unit = unit.replace('_', " ");
    match (min, max) {
        (Some(min), Some(max)) if min_unit.is_some() => {
            let least = min_unit.as_deref().unwrap_or_default().replace('_', " ");
            format!("{min} {least}s to {max} {unit}s")
        }
        (Some(min), Some(max)) if min == max => format!("{max} {unit}s"),
        (Some(min), Some(max)) => format!("{min} to {max} {unit}s"),
        (Some(min), None) => format!("at least {min} {unit}s"),
        (None, Some(max)) => format!("at most {max} {unit}s"),
        (None, None) => "not said".into(),
    }
}

#[cfg(test)]
#[path = "shipping_rate_tests.rs"]
mod tests;
