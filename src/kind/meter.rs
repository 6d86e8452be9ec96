//! `meter`: what usage is counted by, found by its event name. Only its display name can change; one
//! that counts in another way is told, because subscriptions may hang on it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::offer::{self, Common, Offer, action, differ};
use super::text::{complaint, is_open};
use super::{Complaint, seen};
use crate::error::{Code, Problem};
use crate::step::{
    Change, Collection, Facts, Field, MeterDraft, OfferWrite, Outputs, Permission, Step, Verb, Verdict, Write,
};

const NOUN: &str = "meter";

/// The fields of a `meter` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The name of the usage events that the application sends.
    pub event_name: String,
    /// What the team reads; the item's title unless said otherwise.
    pub display_name: Option<String>,
    /// How the values of a period come to one number.
    pub formula: Formula,
    /// Which field of an event holds the customer.
    #[serde(default = "customer")]
    pub customer_key: String,
    /// Which field of an event holds the value.
    #[serde(default = "value")]
    pub value_key: String,
    /// Whether events are counted by the `hour` or by the `day`; one by one unless said otherwise.
    pub event_time_window: Option<Window>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// What events are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is one of Stripe's words")]
pub enum Window {
    Day,
    Hour,
}

impl Window {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }
}

fn customer() -> String {
    "stripe_customer_id".into()
}

fn value() -> String {
    "value".into()
}

/// How values come to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Formula {
    /// Their sum.
    Sum,
    /// How many events there were.
    Count,
    /// The last one.
    Last,
}

impl Formula {
    const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Last => "last",
        }
    }
}

/// A meter as Stripe answers.
#[derive(Debug, Deserialize)]
struct Meter {
    #[serde(flatten)]
    common: Common,
    #[serde(default)]
    event_name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    status: String,
    default_aggregation: Option<Aggregation>,
    customer_mapping: Option<Key>,
    value_settings: Option<Key>,
    event_time_window: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Aggregation {
    #[serde(default)]
    formula: String,
}

#[derive(Debug, Deserialize)]
struct Key {
    #[serde(default)]
    event_payload_key: String,
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::MeterWrite;
    const OUTPUTS: &'static [&'static str] = &["id", "event_name"];

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let mut meters: Vec<Meter> = seen::every(facts, Collection::Meters)?;
        meters.retain(|meter| meter.event_name == self.event_name);
        let on = meters.iter().find(|meter| meter.status == "active");
        let same = |meter: &&Meter| self.differences(meter).is_empty();
        // One that was switched off and counts in another way does no harm: a new one may have its name.
        match on.or_else(|| meters.iter().find(same)) {
            Some(meter) => self.compare(facts, meter),
            None => Ok(self.create(facts)),
        }
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for (path, text) in
            [("event_name", &self.event_name), ("customer_key", &self.customer_key), ("value_key", &self.value_key)]
        {
            if !is_open(text) && (text.is_empty() || text.chars().count() > 100) {
                let message = format!("`{path}` has between 1 and 100 characters");
                complaints.push(complaint(path, Code::BadValue, message, "write the name your code uses: api_calls"));
            }
        }
        complaints
    }
}

impl Spec {
    fn name<'a>(&'a self, facts: &Facts<'a>) -> &'a str {
        self.display_name.as_deref().unwrap_or(facts.title)
    }

    fn create(&self, facts: &Facts<'_>) -> Step {
        let draft = MeterDraft {
            display_name: self.name(facts).to_owned(),
            event_name: self.event_name.clone(),
            formula: self.formula.name().into(),
            customer_key: self.customer_key.clone(),
            value_key: self.value_key.clone(),
            event_time_window: self.event_time_window.map(|window| window.name().to_owned()),
        };
        let mut fields = vec![
            Field::new("event_name", &self.event_name),
            Field::new("customer_key", &self.customer_key),
            Field::new("value_key", &self.value_key),
        ];
        fields.extend(self.event_time_window.map(|window| Field::new("event_time_window", window.name())));
        let action = action(facts, NOUN, Verb::Create, OfferWrite::CreateMeter(draft));
        Step::Change(Change::of(vec![action.summary(self.formula.name()).fields(fields)]))
    }

    /// What cannot be changed on a meter and differs.
    fn differences(&self, found: &Meter) -> Vec<Field> {
        let key = |key: Option<&Key>| key.map_or_else(String::new, |key| key.event_payload_key.clone());
        let formula = found.default_aggregation.as_ref().map_or("", |aggregation| &aggregation.formula);
        let counts = self.formula == Formula::Count;
        let all = [
            differ("formula", formula, self.formula.name()),
            differ("customer_key", &key(found.customer_mapping.as_ref()), &self.customer_key),
            // Where events are counted, their values do not matter.
            differ("value_key", &key(found.value_settings.as_ref()), &self.value_key).filter(|_| !counts),
            self.event_time_window.and_then(|window| {
                differ("event_time_window", found.event_time_window.as_deref().unwrap_or("none"), window.name())
            }),
        ];
        all.into_iter().flatten().collect()
    }

    fn compare(&self, facts: &Facts<'_>, found: &Meter) -> Result<Step, Step> {
        offer::of_this_mode(facts, NOUN, &found.common)?;
        let differences = self.differences(found);
        if !differences.is_empty() {
            return Err(Step::Done(Verdict::fail(another(found, &differences))));
        }
        let id = &found.common.id;
        let mut actions = Vec::new();
        if found.status != "active" {
            let back = OfferWrite::DeactivateMeter { id: id.clone() };
            let on = action(facts, NOUN, Verb::Change, OfferWrite::ReactivateMeter { id: id.clone() });
            let fields = vec![Field::change("status", &found.status, "active")];
            actions.push(on.summary(id).fields(fields).undo(Write::Offer(back)));
        }
        let wanted = self.display_name.as_deref().filter(|name| *name != found.display_name);
        if let Some(name) = wanted {
            let named = |name: &str| OfferWrite::UpdateMeter { id: id.clone(), display_name: name.to_owned() };
            let fields = vec![Field::change("display_name", &found.display_name, name)];
            let mut rename = action(facts, NOUN, Verb::Change, named(name)).summary(id).fields(fields).stage(1);
            rename.name = format!("{} (name)", facts.address.item);
            actions.push(rename.undo(Write::Offer(named(&found.display_name))));
        }
        if !actions.is_empty() {
            return Ok(Step::Change(Change::of(actions)));
        }
        let outputs = Outputs::from([("id".into(), id.clone()), ("event_name".into(), self.event_name.clone())]);
        let evidence = format!("{id}, {} of {}", self.formula.name(), self.event_name);
        Ok(Step::Done(Verdict::pass_with(evidence, outputs)))
    }
}

fn another(found: &Meter, differences: &[Field]) -> Problem {
    let (theirs, ours) = offer::both_ways(differences);
    Problem::new(Code::MeterDiffers, format!("an active meter of `{}` counts in another way", found.event_name))
        .found_wanted(theirs, ours)
        .why(format!("{}: Stripe never changes how a meter counts, and prices may hang on it", found.common.id))
        .fix("write another event name, here and in the application: event_name = \"…\"")
        .fix("switch the old meter off when nothing uses it: https://dashboard.stripe.com/billing/meters")
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
