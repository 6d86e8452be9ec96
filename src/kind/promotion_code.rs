//! `promotion_code`: the text that customers type, found by that text in any case while it is active.
//! Several codes with one text can be there, and only one of them active: so where a code has to be
//! replaced, the old one is switched off first. A code of another coupon is never taken away.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::offer::{self, Common, Offer, Owner, action, differ};
use super::text::{complaint, is_open};
use super::{Complaint, seen};
use crate::error::{Code, Problem};
use crate::step::{
    Action, Change, Collection, Currencies, Facts, Field, OfferWrite, Outputs, Permission, PromotionCodeDraft,
    PromotionCodePatch, Step, Verb, Verdict, Write,
};

const NOUN: &str = "code";

/// The fields of a `promotion_code` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What customers type; its case does not matter.
    pub code: String,
    /// The coupon behind it: `${offers.launch20.id}`.
    pub coupon: String,
    /// How often it can be used in all.
    #[schemars(range(min = 1))]
    pub max_redemptions: Option<i64>,
    /// The last day or moment it can be used, in UTC: `2027-01-31`.
    pub expires_at: Option<String>,
    /// Only for customers who never paid before.
    #[serde(default)]
    pub first_time_transaction: bool,
    /// The least that must be bought: `10.00 USD`.
    pub minimum_amount: Option<String>,
    /// The same in further currencies: `["9.00 EUR"]`.
    #[serde(default)]
    pub minimum_currencies: Vec<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// A promotion code as Stripe answers.
#[derive(Debug, Deserialize)]
struct PromotionCode {
    #[serde(flatten)]
    common: Common,
    #[serde(default)]
    code: String,
    /// Where versions before clover have it.
    coupon: Option<Value>,
    promotion: Option<Promotion>,
    max_redemptions: Option<i64>,
    expires_at: Option<i64>,
    #[serde(default)]
    restrictions: Restrictions,
    customer: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Promotion {
    coupon: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Restrictions {
    #[serde(default)]
    first_time_transaction: bool,
    minimum_amount: Option<i64>,
    minimum_amount_currency: Option<String>,
    currency_options: Option<BTreeMap<String, Value>>,
}

impl PromotionCode {
    fn coupon(&self) -> &str {
        let named = self.promotion.as_ref().and_then(|promotion| promotion.coupon.as_ref()).or(self.coupon.as_ref());
        named.and_then(|coupon| coupon.as_str().or_else(|| coupon["id"].as_str())).unwrap_or_default()
    }

    fn currencies(&self) -> Currencies {
        offer::options_of(self.restrictions.currency_options.as_ref(), "minimum_amount")
    }

    fn minimum(&self) -> Option<String> {
        let currency = self.restrictions.minimum_amount_currency.as_deref()?;
        Some(offer::shown(self.restrictions.minimum_amount?, currency))
    }
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::PromotionCodeWrite;
    const OUTPUTS: &'static [&'static str] = &["id", "code"];

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let mut codes: Vec<PromotionCode> = seen::every(facts, Collection::PromotionCodes)?;
        codes.retain(|found| found.code.eq_ignore_ascii_case(&self.code));
        let on = codes.iter().find(|found| found.common.active);
        let mine = |found: &&PromotionCode| found.common.owner(facts) == Owner::Mine;
        let same = |found: &&PromotionCode| !found.common.active && self.differences(found).is_empty();
        let off = codes.iter().filter(mine).find(same);
        match on {
            Some(on) => {
                offer::of_this_mode(facts, "promotion code", &on.common)?;
                self.compare(facts, on, off)
            }
            None => match off {
                Some(off) => self.compare(facts, off, None),
                None => Ok(Step::Change(Change::of(vec![self.create(facts, Verb::Create)]))),
            },
        }
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let letters = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !is_open(&self.code) && (self.code.is_empty() || self.code.len() > 500 || !letters(&self.code)) {
            let message = format!("`{}` cannot be a promotion code", self.code);
            let help = "use letters a to z, digits and dashes: LAUNCH-20";
            complaints.push(complaint("code", Code::BadValue, message, help));
        }
        if self.coupon.is_empty() {
            let message = "a promotion code needs a coupon";
            let help = "name it: coupon = \"${offers.launch20.id}\"";
            complaints.push(complaint("coupon", Code::BadValue, message, help));
        }
        if self.max_redemptions.is_some_and(|most| most < 1) {
            let message = "a code that can be used 0 times cannot be used";
            complaints.push(complaint("max_redemptions", Code::BadValue, message, "write 1 or more, or leave it out"));
        }
        complaints.extend(offer::moment_complaint("expires_at", self.expires_at.as_ref()));
        complaints.extend(
            self.minimum_amount.as_ref().and_then(|amount| offer::money_complaint("minimum_amount", amount)),
        );
        if self.minimum_amount.is_none() && !self.minimum_currencies.is_empty() {
            let message = "further currencies need a least amount first";
            let help = "add minimum_amount = \"10.00 USD\", or take minimum_currencies out";
            complaints.push(complaint("minimum_currencies", Code::BadValue, message, help));
        }
        let main = self.minimum_amount.as_deref();
        complaints.extend(offer::currencies_complaints("minimum_currencies", main, &self.minimum_currencies));
        complaints
    }
}

impl Spec {
    /// Compares what there is; `off` is the very code that is wanted, switched off.
    fn compare(&self, facts: &Facts<'_>, found: &PromotionCode, off: Option<&PromotionCode>) -> Result<Step, Step> {
        if found.coupon() != self.coupon && found.common.owner(facts) != Owner::Mine {
            return Err(Step::Done(Verdict::fail(self.taken(found))));
        }
        let differences = self.differences(found);
        if !differences.is_empty() {
            return Ok(self.replace(facts, found, off, differences));
        }
        let mut patch = PromotionCodePatch::default();
        let (mut back, mut fields) = (PromotionCodePatch::default(), Vec::new());
        if !found.common.active {
            fields.push(Field::change("active", "false", "true"));
            (patch.active, back.active) = (Some(true), Some(false));
        }
        let wanted = offer::currencies(&self.minimum_currencies);
        patch.minimum_currencies = offer::currencies_missing(&wanted, &found.currencies(), &mut fields);
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        let id = found.common.id.clone();
        if fields.is_empty() {
            let outputs = Outputs::from([("id".into(), id.clone()), ("code".into(), found.code.clone())]);
            return Ok(Step::Done(Verdict::pass_with(format!("{}, {id}", found.code), outputs)));
        }
        let back = OfferWrite::UpdatePromotionCode { id: id.clone(), patch: back };
        let write = OfferWrite::UpdatePromotionCode { id, patch };
        Ok(Step::Change(Change::of(vec![offer::changing(facts, NOUN, &found.common, fields, write, back)])))
    }

    /// What cannot be changed on a promotion code and differs.
    fn differences(&self, found: &PromotionCode) -> Vec<Field> {
        let number = |number: Option<i64>| number.map_or_else(|| "any number".to_owned(), |number| number.to_string());
        let none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let minimum = self.minimum_amount.as_deref().and_then(offer::money).map(|money| money.to_string());
        let truth = |yes: bool| if yes { "true" } else { "false" };
        let customer = found.customer.as_ref().map_or("everybody", |_| "one customer");
        let first = (found.restrictions.first_time_transaction, self.first_time_transaction);
        let all = [
            differ("coupon", found.coupon(), &self.coupon),
            differ("for", customer, "everybody"),
            differ("max_redemptions", &number(found.max_redemptions), &number(self.max_redemptions)),
            offer::moment_differs("expires_at", self.expires_at.as_deref(), found.expires_at),
            differ("first_time_transaction", truth(first.0), truth(first.1)),
            differ("minimum_amount", &none(found.minimum()), &none(minimum)),
        ];
        let currencies = offer::currencies_differ(&offer::currencies(&self.minimum_currencies), &found.currencies());
        all.into_iter().flatten().chain(currencies).collect()
    }

    /// The old code is switched off, then the new one created, or switched on again where a rollback
    /// had closed it: two active codes cannot have one text.
    fn replace(
        &self,
        facts: &Facts<'_>,
        found: &PromotionCode,
        off: Option<&PromotionCode>,
        differences: Vec<Field>,
    ) -> Step {
        let id = &found.common.id;
        let mut close = action(facts, NOUN, Verb::Close, switch(id, false))
            .summary(id)
            .fields(vec![Field::change("active", "true", "false")])
            .undo(Write::Offer(switch(id, true)));
        close.name = format!("{} (old)", facts.address.item);
        let new = match off {
            None => self.create(facts, Verb::Replace),
            Some(off) => {
                let undo = Write::Offer(switch(&off.common.id, false));
                let note = format!("{} was made for this before; it is switched on again.", off.common.id);
                action(facts, NOUN, Verb::Replace, switch(&off.common.id, true)).undo(undo).note(note)
            }
        };
        let new = new.summary(id).fields(differences).stage(1).note(
            "Promotion codes cannot be edited, and two active ones cannot share a text: the old one is switched off \
             first. Who has used it already keeps the discount.",
        );
        Step::Change(Change::of(vec![new, close]))
    }

    fn create(&self, facts: &Facts<'_>, verb: Verb) -> Action {
        let minimum = self.minimum_amount.as_deref().and_then(offer::money);
        let draft = PromotionCodeDraft {
            code: self.code.clone(),
            coupon: self.coupon.clone(),
            max_redemptions: self.max_redemptions,
            expires_at: self.expires_at.as_deref().and_then(offer::Moment::read).map(offer::Moment::seconds),
            first_time_transaction: self.first_time_transaction,
            minimum_amount: minimum.map(|money| money.minor),
            minimum_amount_currency: minimum.map(|money| money.currency.api_code()),
            minimum_currencies: offer::currencies(&self.minimum_currencies),
            metadata: offer::marked(facts, &self.metadata),
        };
        let mut fields = vec![Field::new("coupon", &self.coupon)];
        fields.extend(self.max_redemptions.map(|most| Field::new("max_redemptions", most.to_string())));
        fields.extend(draft.expires_at.map(|at| Field::new("expires_at", offer::moment(at))));
        fields.extend(self.first_time_transaction.then(|| Field::new("first_time_transaction", "true")));
        fields.extend(minimum.map(|money| Field::new("minimum_amount", money.to_string())));
        let further = draft.minimum_currencies.iter();
        fields.extend(further.map(|(currency, minor)| Field::new(currency, offer::shown(*minor, currency))));
        action(facts, NOUN, verb, OfferWrite::CreatePromotionCode(draft)).summary(&self.code).fields(fields)
    }

    fn taken(&self, found: &PromotionCode) -> Problem {
        let message = format!("the promotion code {} is active for another coupon", found.code);
        Problem::new(Code::PromotionCodeTaken, message)
            .found_wanted(format!("{} of {}", found.common.id, found.coupon()), format!("a code of {}", self.coupon))
            .why("customers may be using it; golive takes no code away that it did not make")
            .fix(format!("write another code in the checklist: code = \"{}2\"", self.code))
            .fix(format!("switch the other one off: https://dashboard.stripe.com/coupons/{}", found.coupon()))
    }
}

fn switch(id: &str, active: bool) -> OfferWrite {
    let patch = PromotionCodePatch { active: Some(active), ..PromotionCodePatch::default() };
    OfferWrite::UpdatePromotionCode { id: id.to_owned(), patch }
}

#[cfg(test)]
#[path = "promotion_code_tests.rs"]
mod tests;
