//! `product`: one product with its prices, compared field by field with what is in Stripe.
//!
//! Find before create: by the id golive gives it, by its lookup keys, by its name. What is there is
//! adopted; what is immutable is replaced; nothing is deleted, and nothing is taken from another
//! product.

mod again;
mod charge;
mod more;
#[cfg(test)]
mod more_tests;
mod price;
mod shown;
mod spec;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod terms_tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Complaint, Kind, Realm, Variable};
use crate::error::{Code, Problem};
use crate::step::object::{Price, Product};
use crate::step::{
    Action, Change, Effect, Facts, Field, Look, Outputs, Permission, ProductDraft, ProductPatch, Refusal, Sight, Step, Verb,
    Verdict, Write,
};
pub use more::Package;
pub use spec::{PriceSpec, TaxBehavior};

/// The fields of a `product` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The product's id in Stripe, to point at one that exists. Otherwise golive gives it one.
    pub product_id: Option<String>,
    /// The name customers see; the item's title unless said otherwise.
    pub name: Option<String>,
    /// The description customers see.
    pub description: Option<String>,
    /// What stands on the card statement, for subscriptions; at most 22 characters.
    pub statement_descriptor: Option<String>,
    /// A tax code of Stripe's, `txcd_…`.
    pub tax_code: Option<String>,
    /// What one unit is called.
    pub unit_label: Option<String>,
    /// The product's page.
    pub url: Option<String>,
    /// At most 8 picture URLs.
    pub images: Option<Vec<String>>,
    /// Lines of its pricing table, `["15 activities", "Priority support"]`; at most 15.
    pub marketing_features: Option<Vec<String>>,
    /// Whether it is a thing that is sent to somebody.
    pub shippable: Option<bool>,
    /// How large and heavy its package is: `{ height = 2.5, length = 10, width = 4, weight = 3 }`.
    pub package_dimensions: Option<Package>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Its prices.
    #[serde(default)]
    pub prices: Vec<PriceSpec>,
    /// The lookup key of the price that is offered first.
    pub default_price: Option<String>,
    /// What it entitles to, as `feature` items: `["${access.api.id}"]`.
    #[serde(default)]
    pub features: Vec<String>,
}

/// What a price on record, and the product, come to.
struct Compared {
    actions: Vec<Action>,
    outputs: Outputs,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match self.decide(facts) {
            Ok(step) | Err(step) => step,
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        let prices = self.prices.iter().map(|price| format!("prices.{}.id", price.lookup_key));
        std::iter::once("id".to_owned()).chain(prices).collect()
    }

    fn variables(&self) -> Vec<Variable> {
        let of = |price: &PriceSpec| {
            Some(Variable { name: price.env.clone()?, output: Some(format!("prices.{}.id", price.lookup_key)) })
        };
        self.prices.iter().filter_map(of).collect()
    }

    fn permissions(&self) -> Vec<Permission> {
        let features = (!self.features.is_empty()).then_some(Permission::EntitlementWrite);
        [Permission::ProductWrite, Permission::PriceWrite].into_iter().chain(features).collect()
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<_> =
            self.prices.iter().enumerate().flat_map(|(n, price)| price.complaints(&format!("prices[{n}]"))).collect();
        if self.statement_descriptor.as_ref().is_some_and(|text| !is_statement_descriptor(text)) {
            complaints.push(complaint("statement_descriptor", "a statement descriptor has at most 22 characters, one of them a letter, and none of < > \\ \" '"));
        }
        if self.images.as_ref().is_some_and(|images| images.len() > 8) {
            complaints.push(complaint("images", "a product has at most 8 images"));
        }
        complaints.extend(self.more_complaints());
        complaints
    }
}

/// The mark in the metadata of everything golive creates.
pub(super) fn mark(facts: &Facts<'_>) -> (String, String) {
    ("golive".into(), format!("{}/{}", facts.checklist, facts.address))
}

impl Spec {
    fn name<'a>(&'a self, facts: &Facts<'a>) -> &'a str {
        self.name.as_deref().unwrap_or(facts.title)
    }

    /// The id golive gives the product: the same in every run and every mode.
    fn own_id(&self, facts: &Facts<'_>) -> String {
        let made = || format!("{}_{}", facts.checklist, facts.address.item);
        self.product_id.clone().unwrap_or_else(made)
    }

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let id = self.own_id(facts);
        let keys = self.prices.iter().map(|price| Look::PriceByKey(price.lookup_key.clone()));
        needed(facts, std::iter::once(Look::Product(id.clone())).chain(keys))?;
        let product = self.find(facts, &id)?;
        let mut compared = Compared { actions: Vec::new(), outputs: Outputs::new() };
        let product_id = match product {
            None => {
                compared.actions.push(self.create(facts, &id));
                id
            }
            Some(product) => {
                self.compare(facts, product, &mut compared)?;
                product.id.clone()
            }
        };
        compared.outputs.insert("id".into(), product_id.clone());
        for spec in &self.prices {
            spec.compare(facts, &product_id, product, &mut compared)?;
        }
        self.compare_default(facts, &product_id, product, &mut compared);
        self.compare_features(facts, &product_id, product, &mut compared)?;
        Ok(self.conclude(facts, product, compared))
    }

    /// The product this item is about, if it exists.
    fn find<'a>(&self, facts: &'a Facts<'_>, id: &str) -> Result<Option<&'a Product>, Step> {
        if let Some(product) = product(facts, id)? {
            return Ok(Some(product));
        }
        let mut owners = BTreeSet::new();
        for spec in &self.prices {
            owners.extend(price(facts, &Look::PriceByKey(spec.lookup_key.clone()))?.map(|price| price.product.clone()));
        }
        if self.product_id.is_none() && owners.len() == 1 {
            let owner = owners.into_iter().next().unwrap_or_default();
            needed(facts, [Look::Product(owner.clone())])?;
            let found = product(facts, &owner)?;
            // Its prices are refused one by one when it is another product.
            return Ok(found.filter(|product| product.name == self.name(facts)));
        }
        if self.product_id.is_some() || !owners.is_empty() {
            return Ok(None);
        }
        let named = Look::ProductsNamed(self.name(facts).to_owned());
        needed(facts, [named.clone()])?;
        match facts.see(&named) {
            Some(Sight::Products(products)) if products.len() > 1 => Err(self.ambiguous(facts, products)),
            Some(Sight::Products(products)) => Ok(products.first()),
            Some(Sight::Refused(refusal)) => Err(refused(refusal)),
            _ => Ok(None),
        }
    }

    fn ambiguous(&self, facts: &Facts<'_>, products: &[Product]) -> Step {
        let ids: Vec<&str> = products.iter().map(|product| product.id.as_str()).collect();
        let problem = Problem::new(Code::CatalogAmbiguous, format!("{} products are named `{}`", ids.len(), self.name(facts)))
            .why(ids.join(", "))
            .fix("archive those that are not meant: https://dashboard.stripe.com/products")
            .fix(format!("name the right one in the checklist: product_id = \"{}\"", ids[0]));
        Step::Done(Verdict::Fail { problem })
    }

    fn create(&self, facts: &Facts<'_>, id: &str) -> Action {
        let mut metadata = self.metadata.clone();
        metadata.extend([mark(facts)]);
        let mut draft = ProductDraft {
            id: id.to_owned(),
            name: self.name(facts).to_owned(),
            description: self.description.clone(),
            statement_descriptor: self.statement_descriptor.clone(),
            tax_code: self.tax_code.clone(),
            unit_label: self.unit_label.clone(),
            url: self.url.clone(),
            images: self.images.clone().unwrap_or_default(),
            metadata,
            ..ProductDraft::default()
        };
        let texts = [
            ("description", &self.description),
            ("statement_descriptor", &self.statement_descriptor),
            ("tax_code", &self.tax_code),
            ("unit_label", &self.unit_label),
            ("url", &self.url),
        ];
        let mut fields = vec![Field::new("name", &draft.name)];
        fields.extend(texts.into_iter().filter_map(|(name, text)| Some(Field::new(name, text.as_ref()?))));
        self.fill_more(&mut draft, &mut fields);
        action(facts, Verb::Create, id, fields, Write::CreateProduct(draft))
    }

    /// Plans what differs on a product that exists. Fields the checklist does not name are left
    /// alone.
    fn compare(&self, facts: &Facts<'_>, product: &Product, compared: &mut Compared) -> Result<(), Step> {
        if product.livemode.is_some_and(|livemode| livemode != facts.mode.livemode()) {
            return Err(wrong_mode("product", &product.id));
        }
        let (mut patch, mut before) = (ProductPatch::default(), ProductPatch::default());
        let mut fields = Vec::new();
        if !product.active {
            (patch.active, before.active) = (Some(true), Some(false));
            fields.push(Field::change("active", "false", "true"));
        }
        if product.name != self.name(facts) {
            (patch.name, before.name) = (Some(self.name(facts).to_owned()), Some(product.name.clone()));
            fields.push(Field::change("name", &product.name, self.name(facts)));
        }
        let texts = [
            ("description", &self.description, &product.description, &mut patch.description, &mut before.description),
            (
                "statement_descriptor",
                &self.statement_descriptor,
                &product.statement_descriptor,
                &mut patch.statement_descriptor,
                &mut before.statement_descriptor,
            ),
            ("tax_code", &self.tax_code, &product.tax_code, &mut patch.tax_code, &mut before.tax_code),
            ("unit_label", &self.unit_label, &product.unit_label, &mut patch.unit_label, &mut before.unit_label),
            ("url", &self.url, &product.url, &mut patch.url, &mut before.url),
        ];
        for (name, wanted, found, change, back) in texts {
            if let Some(wanted) = wanted
                && found.as_deref().unwrap_or_default() != wanted
            {
                fields.push(Field { name: name.into(), from: found.clone(), to: wanted.clone() });
                *change = Some(wanted.clone());
                // An empty text unsets; a statement descriptor, once set, can only become another one.
                *back = found.clone().or_else(|| (name != "statement_descriptor").then(String::new));
            }
        }
        if let Some(images) = self.images.as_ref().filter(|images| **images != product.images) {
            fields.push(Field::change("images", product.images.join(", "), images.join(", ")));
            patch.images = Some(images.clone());
            before.images = Some(product.images.clone()).filter(|images| !images.is_empty());
        }
        self.compare_more(product, &mut patch, &mut before, &mut fields);
        patch.metadata = metadata_changes(&self.metadata, &product.metadata, &mut fields);
        before.metadata = former(&patch.metadata, &product.metadata);
        if !fields.is_empty() {
            let write = Write::UpdateProduct { id: product.id.clone(), patch };
            let undo = Write::UpdateProduct { id: product.id.clone(), patch: before };
            compared.actions.push(action(facts, Verb::Change, &product.id, fields, write).undo(undo));
        }
        Ok(())
    }

    fn conclude(&self, facts: &Facts<'_>, product: Option<&Product>, compared: Compared) -> Step {
        if !compared.actions.is_empty() {
            return Step::Change(Change::of(compared.actions));
        }
        let amounts: Vec<String> = self.prices.iter().map(PriceSpec::shown).collect();
        let id = product.map(|product| product.id.as_str()).unwrap_or_default();
        let adopted = if id == self.own_id(facts) { "" } else { ", adopted" };
        let prices = match amounts.as_slice() {
            [] => String::new(),
            amounts => format!("; {}", amounts.join(", ")),
        };
        Step::Done(Verdict::pass_with(format!("{id}{adopted}{prices}"), compared.outputs))
    }
}

fn action(facts: &Facts<'_>, verb: Verb, id: &str, fields: Vec<Field>, write: Write) -> Action {
    let summary = if verb == Verb::Create { "" } else { id };
    Action::new("product", &facts.address.item, verb, Effect::Stripe(write)).summary(summary).fields(fields)
}

/// What differs in the metadata that the checklist names; other keys are left alone.
fn metadata_changes(
    wanted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    fields: &mut Vec<Field>,
) -> BTreeMap<String, String> {
    let mut changes = BTreeMap::new();
    for (key, value) in wanted.iter().filter(|(key, value)| found.get(*key) != Some(value)) {
        fields.push(Field { name: format!("metadata.{key}"), from: found.get(key).cloned(), to: value.clone() });
        changes.insert(key.clone(), value.clone());
    }
    changes
}

/// The values that these keys of the metadata have now; an empty text unsets one.
pub(in crate::kind) fn former(
    changes: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    changes.keys().map(|key| (key.clone(), found.get(key).cloned().unwrap_or_default())).collect()
}

/// Halts at the looks of a list that were not taken yet.
fn needed(facts: &Facts<'_>, looks: impl IntoIterator<Item = Look>) -> Result<(), Step> {
    let unseen = facts.unseen(looks);
    if unseen.is_empty() { Ok(()) } else { Err(Step::Look(unseen)) }
}

fn refused(refusal: &Refusal) -> Step {
    Step::Done(Verdict::Fail { problem: refusal.problem(None) })
}

fn product<'a>(facts: &'a Facts<'_>, id: &str) -> Result<Option<&'a Product>, Step> {
    match facts.see(&Look::Product(id.to_owned())) {
        Some(Sight::Product(product)) => Ok(product.as_ref()),
        Some(Sight::Refused(refusal)) => Err(refused(refusal)),
        _ => Ok(None),
    }
}

fn price<'a>(facts: &'a Facts<'_>, look: &Look) -> Result<Option<&'a Price>, Step> {
    match facts.see(look) {
        Some(Sight::Price(price)) => Ok(price.as_ref()),
        Some(Sight::Refused(refusal)) => Err(refused(refusal)),
        _ => Ok(None),
    }
}

fn wrong_mode(noun: &str, id: &str) -> Step {
    let problem = Problem::new(Code::KeyWrongMode, format!("the {noun} {id} is of the other mode"))
        .fix("use the key of this run's mode: https://dashboard.stripe.com/apikeys");
    Step::Done(Verdict::Fail { problem })
}

fn complaint(path: &str, message: &str) -> Complaint {
    Complaint { path: path.into(), code: Code::BadValue, message: message.into(), help: None }
}

/// Stripe's rule for statement descriptors.
fn is_statement_descriptor(text: &str) -> bool {
    text.contains("${")
        || (text.chars().count() <= 22
            && text.chars().any(char::is_alphabetic)
            && !text.contains(['<', '>', '\\', '"', '\'']))
}
