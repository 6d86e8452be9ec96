//! One price of a product. Amount, currency and interval are immutable in Stripe: where they
//! differ, a new price takes over the lookup key and the old one is closed, in that order.

use super::again::back;
use super::spec::PriceSpec;
use super::{Compared, mark, metadata_changes, needed, price, refused, shown, wrong_mode};
use crate::error::{Code, Problem};
use crate::kind::offer::differ;
use crate::step::object::{Price, Product};
use crate::step::{
    Action, Effect, Facts, Field, Given, Look, PriceDraft, PricePatch, ProductPatch, Sight, Step, Terms, Verb, Verdict, Write,
};

impl PriceSpec {
    /// Everything that is final about it.
    fn terms(&self) -> Terms {
        let mut draft = PriceDraft::default();
        self.fill(&mut draft);
        Terms::drafted(&draft)
    }

    /// `29.00 EUR per month`
    pub fn shown(&self) -> String {
        let terms = self.terms();
        if terms.currency.is_empty() { self.amount.clone().unwrap_or_default() } else { shown::whole(&terms) }
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
        let (wanted, found) = (self.terms(), Terms::found(price));
        let charges = |terms: &Terms| Terms {
            every: None,
            metered: false,
            meter: None,
            trial_days: None,
            ..terms.clone()
        };
        let mut fields = Vec::new();
        if wanted.currency.is_empty() || !charges(&wanted).are(&charges(&found)) {
            fields.push(Field::change("amount", shown::amount(&found), self.shown()));
        }
        let (billing, usage, trial) = (shown::billing, shown::usage, shown::trial);
        for (name, word) in [("billing", billing as fn(&Terms) -> String), ("usage", usage), ("trial", trial)] {
            fields.extend(differ(name, &word(&found), &word(&wanted)));
        }
        if let (Some(wanted), Some(found)) = (self.tax_behavior, price.tax_behavior.as_deref())
            && found != "unspecified"
            && found != wanted.name()
        {
            fields.push(Field::change("tax_behavior", found, wanted.name()));
        }
        for (currency, option) in self.options() {
            let Some(there) = price.currency_options.get(&currency) else { continue };
            let wanted = wanted.in_currency(&currency, &option);
            let Some(found) = found.found_in(&currency, there) else { continue };
            if !wanted.are(&found) {
                fields.push(Field::change(&currency, shown::amount(&found), shown::amount(&wanted)));
            }
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
            let back = back(price, &patch);
            let write = Write::UpdatePrice { id: price.id.clone(), patch };
            compared.actions.push(self.action(Verb::Change, &price.id, fields, write, 1).undo(back));
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
        // Nobody pays in a currency that is new, so it can be added to the price that there is.
        patch.currency_options = self.options();
        patch.currency_options.retain(|currency, _| !price.currency_options.contains_key(currency));
        for (currency, option) in &patch.currency_options {
            fields.push(Field::new(currency, shown::amount(&self.terms().in_currency(currency, option))));
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
            let fields = vec![Field::change("default_price", old, format!("the new {}", self.lookup_key))];
            let back = ProductPatch { default_price: Some(Given::Id(old.to_owned())), ..ProductPatch::default() };
            let back = Write::UpdateProduct { id: product.id.clone(), patch: back };
            let mut action = self.action(Verb::Change, &product.id, fields, write, 2).undo(back);
            action.noun = "product".into();
            compared.actions.push(action);
        }
        if !price.active {
            return;
        }
        let patch = PricePatch { active: Some(false), ..PricePatch::default() };
        let fields = vec![Field::change("active", "true", "false")];
        let write = Write::UpdatePrice { id: old.to_owned(), patch };
        let back = PricePatch {
            active: Some(true),
            lookup_key: Some(self.lookup_key.clone()),
            transfer_lookup_key: true,
            ..PricePatch::default()
        };
        let back = Write::UpdatePrice { id: old.to_owned(), patch: back };
        let mut action = self.action(Verb::Close, old, fields, write, 3).undo(back);
        action.name = format!("{} (old)", self.lookup_key);
        compared.actions.push(action);
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
                let back = back(price, &patch);
                let write = Write::UpdatePrice { id: price.id.clone(), patch };
                compared.actions.push(self.action(Verb::Adopt, &price.id, fields, write, 1).undo(back));
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
        let mut metadata = self.metadata.clone();
        metadata.extend([mark(facts)]);
        let mut draft = PriceDraft {
            product: product.to_owned(),
            lookup_key: Some(self.lookup_key.clone()),
            nickname: self.nickname.clone(),
            metadata,
            ..PriceDraft::default()
        };
        self.fill(&mut draft);
        draft
    }

    pub(super) fn action(&self, verb: Verb, id: &str, fields: Vec<Field>, write: Write, stage: u8) -> Action {
        Action::new("price", &self.lookup_key, verb, Effect::Stripe(write)).summary(id).fields(fields).stage(stage)
    }
}
