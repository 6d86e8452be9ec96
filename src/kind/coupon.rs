//! `coupon`: a discount, found by its id. Its discount is final in Stripe and its id is taken for
//! ever, so what differs is told and never replaced; name, metadata and further currencies change.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::offer::{self, Common, Offer, Percent, action, differ};
use super::text::{complaint, is_open};
use super::{Complaint, seen};
use crate::error::{Code, Problem};
use crate::step::{
    Change, Collection, CouponDraft, CouponPatch, Currencies, Facts, Field, OfferWrite, Outputs, Permission, Step, Verb,
    Verdict,
};

/// The fields of a `coupon` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its id in Stripe, the one the application names. Otherwise golive gives it one.
    pub coupon_id: Option<String>,
    /// The name customers see; the item's title unless said otherwise.
    pub name: Option<String>,
    /// How much of the price it takes off, in percent.
    percent_off: Option<Percent>,
    /// How much it takes off, in money: `5.00 CAD`.
    pub amount_off: Option<String>,
    /// The same in further currencies: `["4.00 EUR"]`.
    #[serde(default)]
    pub currencies: Vec<String>,
    /// How long a subscription has it.
    pub duration: Duration,
    /// For how many months, when it is repeating.
    #[schemars(range(min = 1))]
    pub duration_in_months: Option<i64>,
    /// The products it is for; all when none is named.
    #[serde(default)]
    pub applies_to: Vec<String>,
    /// How often it can be used in all.
    #[schemars(range(min = 1))]
    pub max_redemptions: Option<i64>,
    /// The last day or moment it can be used, in UTC: `2027-01-31`.
    pub redeem_by: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// How long a subscription has a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Duration {
    /// For one invoice.
    Once,
    /// For some months.
    Repeating,
    /// Always.
    Forever,
}

impl Duration {
    const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Repeating => "repeating",
            Self::Forever => "forever",
        }
    }
}

/// A coupon as Stripe answers.
#[derive(Debug, Deserialize)]
struct Coupon {
    #[serde(flatten)]
    common: Common,
    name: Option<String>,
    percent_off: Option<Number>,
    amount_off: Option<i64>,
    currency: Option<String>,
    currency_options: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    duration: String,
    duration_in_months: Option<i64>,
    applies_to: Option<AppliesTo>,
    max_redemptions: Option<i64>,
    redeem_by: Option<i64>,
    valid: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct AppliesTo {
    #[serde(default)]
    products: Vec<String>,
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::CouponWrite;

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let id = self.own_id(facts);
        match seen::one::<Coupon>(facts, Collection::Coupons, &id)? {
            None => Ok(self.create(facts, id)),
            Some(found) => self.compare(facts, &found),
        }
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = self.discount_complaints();
        if let Some(id) = self.coupon_id.as_ref().filter(|id| !is_open(id) && !is_coupon_id(id)) {
            let message = format!("`{id}` cannot be the id of a coupon");
            let help = "use letters, digits, dashes and underscores: LAUNCH20";
            complaints.push(complaint("coupon_id", Code::BadValue, message, help));
        }
        if self.name.as_ref().is_some_and(|name| !is_open(name) && name.chars().count() > 40) {
            let message = "the name of a coupon has at most 40 characters";
            complaints.push(complaint("name", Code::BadValue, message, "shorten it; customers see it on invoices"));
        }
        let repeating = self.duration == Duration::Repeating;
        if repeating && self.duration_in_months.is_none_or(|months| months < 1) {
            let message = "a repeating coupon lasts a number of months";
            complaints.push(complaint("duration", Code::BadValue, message, "add duration_in_months = 3"));
        }
        if !repeating && self.duration_in_months.is_some() {
            let message = "only a repeating coupon has a number of months";
            let help = "write duration = \"repeating\", or take duration_in_months out";
            complaints.push(complaint("duration_in_months", Code::BadValue, message, help));
        }
        if self.max_redemptions.is_some_and(|most| most < 1) {
            let message = "a coupon that can be used 0 times cannot be used";
            complaints.push(complaint("max_redemptions", Code::BadValue, message, "write 1 or more, or leave it out"));
        }
        complaints.extend(offer::moment_complaint("redeem_by", self.redeem_by.as_ref()));
        complaints
    }
}

fn is_coupon_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

impl Spec {
    fn discount_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        match (&self.percent_off, &self.amount_off) {
            (Some(_), Some(_)) => {
                let message = "a coupon takes off a percentage or an amount, not both";
                complaints.push(complaint("amount_off", Code::BadValue, message, "take percent_off or amount_off out"));
            }
            (None, None) => {
                let message = "a coupon needs a discount";
                let help = "add percent_off = 20, or amount_off = \"5.00 CAD\"";
                complaints.push(complaint("percent_off", Code::MissingField, message, help));
            }
            (Some(percent), None) => complaints.extend(percent.complaint("percent_off", 0.01)),
            (None, Some(amount)) => {
                complaints.extend(offer::money_complaint("amount_off", amount));
                if offer::money(amount).is_some_and(|money| money.minor == 0) {
                    let message = "a coupon that takes nothing off is none";
                    complaints.push(complaint("amount_off", Code::BadAmount, message, "write an amount above zero"));
                }
            }
        }
        if self.percent_off.is_some() && !self.currencies.is_empty() {
            let message = "a percentage has no currencies";
            complaints.push(complaint("currencies", Code::BadValue, message, "take currencies out"));
        }
        complaints.extend(offer::currencies_complaints("currencies", self.amount_off.as_deref(), &self.currencies));
        complaints
    }

    /// The id golive gives the coupon: the same in every run and every mode.
    fn own_id(&self, facts: &Facts<'_>) -> String {
        let made = || format!("{}_{}", facts.checklist, facts.address.item);
        self.coupon_id.clone().unwrap_or_else(made)
    }

    fn name<'a>(&'a self, facts: &Facts<'a>) -> &'a str {
        self.name.as_deref().unwrap_or(facts.title)
    }

    /// `20% off once`, `5.00 CAD off for 3 months`
    fn shown(&self) -> String {
        let amount = self.amount_off.as_deref().and_then(offer::money).map(|money| money.to_string());
        let percent = self.percent_off.as_ref().map(|percent| format!("{}%", percent.text()));
        worded(percent.or(amount), self.duration.name(), self.duration_in_months)
    }

    fn create(&self, facts: &Facts<'_>, id: String) -> Step {
        let amount = self.amount_off.as_deref().and_then(offer::money);
        let draft = CouponDraft {
            name: self.name(facts).chars().take(40).collect(),
            percent_off: self.percent_off.as_ref().map(|percent| percent.text().to_owned()),
            amount_off: amount.map(|money| money.minor),
            currency: amount.map(|money| money.currency.api_code()),
            currency_options: offer::currencies(&self.currencies),
            duration: self.duration.name().into(),
            duration_in_months: self.duration_in_months,
            applies_to: self.applies_to.clone(),
            max_redemptions: self.max_redemptions,
            redeem_by: self.redeem_by.as_deref().and_then(offer::Moment::read).map(offer::Moment::seconds),
            metadata: offer::marked(facts, &self.metadata),
            id: id.clone(),
        };
        let mut fields = vec![Field::new("id", id), Field::new("name", &draft.name)];
        fields.extend(draft.currency_options.iter().map(|(currency, minor)| Field::new(currency, offer::shown(*minor, currency))));
        if !self.applies_to.is_empty() {
            fields.push(Field::new("applies_to", self.applies_to.join(", ")));
        }
        fields.extend(self.max_redemptions.map(|most| Field::new("max_redemptions", most.to_string())));
        fields.extend(draft.redeem_by.map(|at| Field::new("redeem_by", offer::moment(at))));
        let action = action(facts, "coupon", Verb::Create, OfferWrite::CreateCoupon(draft));
        Step::Change(Change::of(vec![action.summary(self.shown()).fields(fields)]))
    }

    /// What cannot be changed on a coupon and differs.
    fn differences(&self, found: &Coupon) -> Vec<Field> {
        let there = |number: Option<i64>| number.map_or_else(|| "any number".to_owned(), |number| number.to_string());
        let products = |ids: &[String]| {
            let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            if ids.is_empty() { "all products".to_owned() } else { ids.into_iter().collect::<Vec<_>>().join(", ") }
        };
        let theirs = found.applies_to.as_ref().map(|applies| applies.products.as_slice()).unwrap_or_default();
        let mut fields: Vec<Field> = [
            differ("discount", &found.shown(), &self.shown()),
            differ("applies_to", &products(theirs), &products(&self.applies_to)),
            differ("max_redemptions", &there(found.max_redemptions), &there(self.max_redemptions)),
            offer::moment_differs("redeem_by", self.redeem_by.as_deref(), found.redeem_by),
        ]
        .into_iter()
        .flatten()
        .collect();
        fields.extend(offer::currencies_differ(&offer::currencies(&self.currencies), &found.currencies()));
        fields
    }

    fn compare(&self, facts: &Facts<'_>, found: &Coupon) -> Result<Step, Step> {
        offer::of_this_mode(facts, "coupon", &found.common)?;
        let differences = self.differences(found);
        if !differences.is_empty() {
            return Err(Step::Done(Verdict::fail(another(&found.common.id, &differences))));
        }
        if found.valid == Some(false) {
            return Err(Step::Done(Verdict::fail(spent(found))));
        }
        let (mut patch, mut back, mut fields) = (CouponPatch::default(), CouponPatch::default(), Vec::new());
        (patch.name, back.name) = offer::text_change("name", self.name.as_deref(), found.name.as_deref(), &mut fields);
        // A coupon has no name that could be unset.
        back.name = back.name.filter(|name| !name.is_empty());
        let wanted = offer::currencies(&self.currencies);
        patch.currency_options = offer::currencies_missing(&wanted, &found.currencies(), &mut fields);
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        let id = found.common.id.clone();
        if fields.is_empty() {
            let evidence = format!("{id}, {}", self.shown());
            return Ok(Step::Done(Verdict::pass_with(evidence, Outputs::from([("id".into(), id)]))));
        }
        let back = OfferWrite::UpdateCoupon { id: id.clone(), patch: back };
        let write = OfferWrite::UpdateCoupon { id, patch };
        Ok(Step::Change(Change::of(vec![offer::changing(facts, "coupon", &found.common, fields, write, back)])))
    }
}

impl Coupon {
    fn shown(&self) -> String {
        let amount = self.amount_off.map(|minor| offer::shown(minor, self.currency.as_deref().unwrap_or_default()));
        let percent = self.percent_off.as_ref().map(|percent| format!("{}%", offer::percent_of(percent)));
        worded(percent.or(amount), &self.duration, self.duration_in_months)
    }

    fn currencies(&self) -> Currencies {
        offer::options_of(self.currency_options.as_ref(), "amount_off")
    }
}

fn worded(discount: Option<String>, duration: &str, months: Option<i64>) -> String {
    let discount = discount.unwrap_or_else(|| "nothing".into());
    match (duration, months) {
        ("repeating", Some(1)) => format!("{discount} off for 1 month"),
        ("repeating", Some(months)) => format!("{discount} off for {months} months"),
        _ => format!("{discount} off {duration}"),
    }
}

fn another(id: &str, differences: &[Field]) -> Problem {
    let (theirs, ours) = offer::both_ways(differences);
    Problem::new(Code::CouponDiffers, format!("the coupon {id} exists and gives another discount"))
        .found_wanted(theirs, ours)
        .why("Stripe never changes what a coupon takes off, and its id is taken")
        .fix(format!("give the new one another id in the checklist: coupon_id = \"{id}_2\""))
        .fix("write the discount that it has, if that is the right one")
}

fn spent(found: &Coupon) -> Problem {
    let ended = found.redeem_by.map(|at| format!("it could be used until {}", offer::moment(at)));
    let used = found.max_redemptions.map(|most| format!("it could be used {most} times"));
    let id = &found.common.id;
    let problem = Problem::new(Code::CouponSpent, format!("the coupon {id} cannot be used any more"));
    let problem = ended.into_iter().chain(used).fold(problem, Problem::why);
    problem.fix(format!("give the new one another id in the checklist: coupon_id = \"{id}_2\""))
}

#[cfg(test)]
#[path = "coupon_tests.rs"]
mod tests;
