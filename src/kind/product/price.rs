//! One price of a product. Amount, currency and interval are immutable in Stripe: where they
//! differ, a new price takes over the lookup key and the old one is closed, in that order.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::again::back;
use super::{Compared, mark, metadata_changes, needed, price, refused, wrong_mode};
use crate::error::{Code, Problem};
use crate::kind::{Complaint, env_name};
use crate::money::Money;
use crate::step::object::{Price, Product};
use crate::step::{
    Action, Effect, Facts, Field, Given, Look, PriceDraft, PricePatch, ProductPatch, Recurring, Sight, Step, Verb, Verdict, Write,
};

/// One price.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSpec {
    /// The name under which golive and the application find it; unique in the account.
    pub lookup_key: String,
    /// Money, `20.00 CAD`.
    pub amount: String,
    /// A name for the team.
    pub nickname: Option<String>,
    /// How often it is charged; a one-time price has none.
    pub interval: Option<Interval>,
    /// Every how many intervals.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 36))]
    pub interval_count: u64,
    /// Whether the amount includes tax. Final once it is not `unspecified`.
    pub tax_behavior: Option<TaxBehavior>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// How often a price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Whether an amount includes tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaxBehavior {
    Inclusive,
    Exclusive,
    Unspecified,
}

impl TaxBehavior {
    const fn name(self) -> &'static str {
        match self {
            Self::Inclusive => "inclusive",
            Self::Exclusive => "exclusive",
            Self::Unspecified => "unspecified",
        }
    }
}

const fn one() -> u64 {
    1
}

impl PriceSpec {
    fn money(&self) -> Option<Money> {
        self.amount.parse().ok()
    }

    fn recurring(&self) -> Option<Recurring> {
        let interval = self.interval?.name().to_owned();
        Some(Recurring { interval, interval_count: self.interval_count })
    }

    /// `29.00 EUR per month`
    pub fn shown(&self) -> String {
        let amount = self.money().map_or_else(|| self.amount.clone(), |money| money.to_string());
        match (self.interval, self.interval_count) {
            (None, _) => amount,
            (Some(interval), 1) => format!("{amount} per {}", interval.name()),
            (Some(interval), count) => format!("{amount} every {count} {}s", interval.name()),
        }
    }

    pub(super) fn complaints(&self, path: &str) -> Vec<Complaint> {
        let at = |field: &str| format!("{path}.{field}");
        let mut complaints = Vec::new();
        if let Err(error) = self.amount.parse::<Money>() {
            let (message, help) = (error.message, error.help);
            complaints.push(Complaint { path: at("amount"), code: Code::BadAmount, message, help });
        }
        if self.lookup_key.is_empty() || self.lookup_key.chars().count() > 200 {
            let message = "a lookup key has between 1 and 200 characters".into();
            complaints.push(Complaint { path: at("lookup_key"), code: Code::BadValue, message, help: None });
        }
        complaints.extend(self.env.as_ref().and_then(|name| env_name(&at("env"), name)));
        complaints
    }

    /// Plans what differs between this and what is in Stripe.
    pub(super) fn compare(
        &self,
        facts: &Facts<'_>,
        product_id: &str,
        product: Option<&Product>,
        compared: &mut Compared,
    ) -> Result<(), Step> {
        let found = price(facts, &Look::PriceByKey(self.lookup_key.clone()))?;
        if let Some(price) = found.filter(|price| price.product != product_id) {
            return Err(self.elsewhere(price, product_id));
        }
        match found {
            Some(price) if price.livemode.is_some_and(|livemode| livemode != facts.mode.livemode()) => {
                return Err(wrong_mode("price", &price.id));
            }
            Some(price) if self.differences(price).is_empty() => {
                compared.outputs.insert(format!("prices.{}.id", self.lookup_key), price.id.clone());
                self.update(price, compared);
            }
            Some(price) => self.replace(facts, price, product, compared)?,
            None => self.adopt_or_create(facts, product_id, product, compared)?,
        }
        self.close_replaced(facts, product, found, compared)
    }

    /// The lookup key is another product's: golive does not take it away.
    fn elsewhere(&self, price: &Price, product_id: &str) -> Step {
        let key = &self.lookup_key;
        let problem = Problem::new(Code::PriceOnOtherProduct, format!("lookup key `{key}` belongs to a price of another product"))
            .found_wanted(format!("{} of {}", price.id, price.product), format!("a price of {product_id}"))
            .fix("rename the lookup key in the checklist: lookup_key = \"…\"")
            .fix(format!("point the item at that product: product_id = \"{}\"", price.product));
        Step::Done(Verdict::Fail { problem })
    }

    /// What cannot be changed on a price and differs.
    pub(super) fn differences(&self, price: &Price) -> Vec<Field> {
        let mut fields = Vec::new();
        let found = price.unit_amount.map(|minor| Money::from_stripe(minor, &price.currency));
        let wanted = self.money();
        if found != wanted || wanted.is_none() {
            let from = found.map_or_else(|| price.unit_amount_decimal.clone().unwrap_or_else(|| "no fixed amount".into()), |money| money.to_string());
            fields.push(Field::change("amount", from, self.shown()));
        }
        let every = |recurring: Option<&Recurring>| {
            recurring.map_or_else(|| "one time".to_owned(), |every| format!("every {} {}", every.interval_count, every.interval))
        };
        let found = price.recurring.as_ref().map(|recurring| Recurring {
            interval: recurring.interval.clone(),
            interval_count: recurring.interval_count.unwrap_or(1),
        });
        if found != self.recurring() {
            fields.push(Field::change("billing", every(found.as_ref()), every(self.recurring().as_ref())));
        }
        let metered = price.recurring.as_ref().is_some_and(|recurring| recurring.usage_type.as_deref() == Some("metered"));
        if metered {
            fields.push(Field::change("usage", "metered", "licensed"));
        }
        if let (Some(wanted), Some(found)) = (self.tax_behavior, price.tax_behavior.as_deref())
            && found != "unspecified"
            && found != wanted.name()
        {
            fields.push(Field::change("tax_behavior", found, wanted.name()));
        }
        fields
    }

    /// Plans what can be changed on the price itself.
    fn update(&self, price: &Price, compared: &mut Compared) {
        let mut patch = PricePatch::default();
        let mut fields = Vec::new();
        if !price.active {
            patch.active = Some(true);
            fields.push(Field::change("active", "false", "true"));
        }
        self.patch(price, &mut patch, &mut fields);
        if !fields.is_empty() {
            let undo = back(price, &patch);
            let write = Write::UpdatePrice { id: price.id.clone(), patch };
            compared.actions.push(self.action(Verb::Change, &price.id, fields, write, 1).undo(undo));
        }
    }

    pub(super) fn patch(&self, price: &Price, patch: &mut PricePatch, fields: &mut Vec<Field>) {
        if let Some(nickname) = self.nickname.as_ref().filter(|nickname| price.nickname.as_ref() != Some(nickname)) {
            fields.push(Field { name: "nickname".into(), from: price.nickname.clone(), to: nickname.clone() });
            patch.nickname = Some(nickname.clone());
        }
        if let Some(wanted) = self.tax_behavior
            && price.tax_behavior.as_deref().unwrap_or("unspecified") != wanted.name()
        {
            fields.push(Field::change("tax_behavior", "unspecified", wanted.name()));
            patch.tax_behavior = Some(wanted.name().into());
        }
        patch.metadata = metadata_changes(&self.metadata, &price.metadata, fields);
    }

    /// A new price takes the lookup key over; if the old one was the product's default, that moves
    /// as well; then the old one is closed to new sales.
    fn replace(
        &self,
        facts: &Facts<'_>,
        price: &Price,
        product: Option<&Product>,
        compared: &mut Compared,
    ) -> Result<(), Step> {
        if let Some(own) = self.made_before(facts, price)? {
            self.reopen(own, price, product, compared);
            return Ok(());
        }
        let mut draft = self.draft(facts, &price.product);
        draft.transfer_lookup_key = true;
        draft.replaces = Some(price.id.clone());
        let mut action = self.action(Verb::Replace, &price.id, self.differences(price), Write::CreatePrice(draft), 1);
        action.notes.push("Stripe prices cannot be edited: a new one is created, then the old one is".into());
        action.notes.push("closed to new sales. Those who have it keep paying the old amount.".into());
        let label = action.label();
        compared.actions.push(action);
        self.close(product, price, &Given::Of(label), compared);
        Ok(())
    }

    /// Moves the product's default price where needed, then closes the old price.
    pub(super) fn close(&self, product: Option<&Product>, price: &Price, new: &Given, compared: &mut Compared) {
        let old = price.id.as_str();
        if let Some(product) = product.filter(|product| product.default_price.as_deref() == Some(old)) {
            let patch = ProductPatch { default_price: Some(new.clone()), ..ProductPatch::default() };
            let write = Write::UpdateProduct { id: product.id.clone(), patch };
            let before = ProductPatch { default_price: Some(Given::Id(old.to_owned())), ..ProductPatch::default() };
            let undo = Write::UpdateProduct { id: product.id.clone(), patch: before };
            let fields = vec![Field::change("default_price", old, format!("the new {}", self.lookup_key))];
            let mut action = self.action(Verb::Change, &product.id, fields, write, 2);
            action.noun = "product".into();
            compared.actions.push(action.undo(undo));
        }
        if !price.active {
            return;
        }
        let patch = PricePatch { active: Some(false), ..PricePatch::default() };
        let fields = vec![Field::change("active", "true", "false")];
        let write = Write::UpdatePrice { id: old.to_owned(), patch };
        let mut action = self.action(Verb::Close, old, fields, write, 3);
        action.name = format!("{} (old)", self.lookup_key);
        let before = PricePatch {
            active: Some(true),
            lookup_key: Some(self.lookup_key.clone()),
            transfer_lookup_key: true,
            ..PricePatch::default()
        };
        compared.actions.push(action.undo(Write::UpdatePrice { id: old.to_owned(), patch: before }));
    }

    /// An unmarked price of the same product that is the very same is adopted; otherwise a new one
    /// is created.
    fn adopt_or_create(
        &self,
        facts: &Facts<'_>,
        product_id: &str,
        product: Option<&Product>,
        compared: &mut Compared,
    ) -> Result<(), Step> {
        let mut same: Vec<&Price> = Vec::new();
        if product.is_some() {
            let look = Look::PricesOf(product_id.to_owned());
            needed(facts, [look.clone()])?;
            match facts.see(&look) {
                Some(Sight::Prices(prices)) => same.extend(prices.iter().filter(|price| self.is_twin(price))),
                Some(Sight::Refused(refusal)) => return Err(refused(refusal)),
                _ => {}
            }
        }
        match same.as_slice() {
            [] => {
                let draft = self.draft(facts, product_id);
                let mut action = self.action(Verb::Create, "", Vec::new(), Write::CreatePrice(draft), 1);
                action.summary = self.shown();
                compared.actions.push(action);
            }
            [price] => {
                let mut patch = PricePatch { lookup_key: Some(self.lookup_key.clone()), ..PricePatch::default() };
                let mut fields = vec![Field::new("lookup_key", &self.lookup_key)];
                self.patch(price, &mut patch, &mut fields);
                let undo = back(price, &patch);
                let write = Write::UpdatePrice { id: price.id.clone(), patch };
                compared.actions.push(self.action(Verb::Adopt, &price.id, fields, write, 1).undo(undo));
            }
            several => return Err(self.ambiguous(several)),
        }
        Ok(())
    }

    fn is_twin(&self, price: &Price) -> bool {
        price.active && price.lookup_key.is_none() && self.differences(price).is_empty()
    }

    fn ambiguous(&self, prices: &[&Price]) -> Step {
        let ids: Vec<&str> = prices.iter().map(|price| price.id.as_str()).collect();
        let problem = Problem::new(Code::CatalogAmbiguous, format!("{} prices could be `{}`", ids.len(), self.lookup_key))
            .why(format!("each is {} and has no lookup key: {}", self.shown(), ids.join(", ")))
            .fix("archive those that are not meant: https://dashboard.stripe.com/products")
            .fix(format!("give the right one the lookup key `{}` there", self.lookup_key));
        Step::Done(Verdict::Fail { problem })
    }

    /// Closes what an earlier run replaced, should it have been stopped between the two.
    fn close_replaced(
        &self,
        facts: &Facts<'_>,
        product: Option<&Product>,
        current: Option<&Price>,
        compared: &mut Compared,
    ) -> Result<(), Step> {
        let replaced = facts.applied.iter().filter_map(|applied| match &applied.write {
            Some(Write::CreatePrice(draft)) if draft.lookup_key.as_ref() == Some(&self.lookup_key) => draft.replaces.clone(),
            _ => None,
        });
        for old in replaced.collect::<Vec<_>>() {
            let Some(current) = current.filter(|current| current.id != old) else { continue };
            let look = Look::Price(old.clone());
            needed(facts, [look.clone()])?;
            if let Some(old) = price(facts, &look)?.filter(|price| price.active) {
                self.close(product, old, &Given::Id(current.id.clone()), compared);
            }
        }
        Ok(())
    }

    fn draft(&self, facts: &Facts<'_>, product: &str) -> PriceDraft {
        let money = self.money();
        let mut metadata = self.metadata.clone();
        metadata.extend([mark(facts)]);
        PriceDraft {
            product: product.to_owned(),
            currency: money.map(|money| money.currency.api_code()).unwrap_or_default(),
            unit_amount: money.map(|money| money.minor).unwrap_or_default(),
            recurring: self.recurring(),
            lookup_key: Some(self.lookup_key.clone()),
            transfer_lookup_key: false,
            nickname: self.nickname.clone(),
            tax_behavior: self.tax_behavior.map(|behavior| behavior.name().to_owned()),
            metadata,
            replaces: None,
        }
    }

    pub(super) fn action(&self, verb: Verb, id: &str, fields: Vec<Field>, write: Write, stage: u8) -> Action {
        Action {
            noun: "price".into(),
            name: self.lookup_key.clone(),
            verb,
            summary: id.to_owned(),
            fields,
            notes: Vec::new(),
            effect: Effect::Stripe(write),
            stage,
            undo: None,
        }
    }
}
