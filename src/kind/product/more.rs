//! What a product says beside its texts: the lines of its pricing table, whether it is shipped and how
//! large it is, which of its prices is the default one, and what it entitles to. Called by `product`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Compared, PriceSpec, Spec, action, needed};
use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::seen::not_seen;
use crate::kind::text::{complaint, is_open};
use crate::step::object::Product;
use crate::step::{
    Action, Dimensions, Effect, Facts, Field, Given, Look, OfferWrite, ProductDraft, ProductPatch, Sight, Step, Verb,
    Write, plain,
};

/// How large a package is, and how heavy.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Inches, at most 2 decimals.
    pub height: f64,
    /// Inches, at most 2 decimals.
    pub length: f64,
    /// Inches, at most 2 decimals.
    pub width: f64,
    /// Ounces, at most 2 decimals.
    pub weight: f64,
}

impl Package {
    const fn sides(self) -> [(&'static str, f64); 4] {
        [("height", self.height), ("length", self.length), ("weight", self.weight), ("width", self.width)]
    }

    fn dimensions(self) -> Dimensions {
        self.sides().into_iter().map(|(side, number)| (side.to_owned(), plain(&number.to_string()))).collect()
    }
}

/// `height 2.5, length 10, weight 3, width 4`
fn shown(sides: &Dimensions) -> String {
    let each: Vec<String> = sides.iter().map(|(side, number)| format!("{side} {number}")).collect();
    if each.is_empty() { "none".to_owned() } else { each.join(", ") }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl Spec {
    /// Puts what a new product says into its draft, and what is shown of it.
    pub(super) fn fill_more(&self, draft: &mut ProductDraft, fields: &mut Vec<Field>) {
        draft.marketing_features = self.marketing_features.clone().unwrap_or_default();
        draft.shippable = self.shippable;
        draft.package_dimensions = self.package_dimensions.map(Package::dimensions).unwrap_or_default();
        if !draft.marketing_features.is_empty() {
            fields.push(Field::new("marketing_features", listed(&draft.marketing_features)));
        }
        fields.extend(draft.shippable.map(|shippable| Field::new("shippable", shippable.to_string())));
        if !draft.package_dimensions.is_empty() {
            fields.push(Field::new("package_dimensions", shown(&draft.package_dimensions)));
        }
    }

    /// What differs on a product that exists, and what brings it back.
    pub(super) fn compare_more(
        &self,
        product: &Product,
        patch: &mut ProductPatch,
        before: &mut ProductPatch,
        fields: &mut Vec<Field>,
    ) {
        let found = product.marketing_features();
        if let Some(wanted) = self.marketing_features.as_ref().filter(|wanted| **wanted != found) {
            fields.push(Field::change("marketing_features", listed(&found), listed(wanted)));
            (patch.marketing_features, before.marketing_features) = (Some(wanted.clone()), Some(found));
        }
        if let Some(wanted) = self.shippable.filter(|wanted| product.shippable != Some(*wanted)) {
            let from = product.shippable.map(|shippable| shippable.to_string());
            fields.push(Field { name: "shippable".into(), from, to: wanted.to_string() });
            (patch.shippable, before.shippable) = (Some(wanted), product.shippable);
        }
        let found = product.dimensions();
        let wanted = self.package_dimensions.map(Package::dimensions);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            fields.push(Field::change("package_dimensions", shown(&found), shown(&wanted)));
            (patch.package_dimensions, before.package_dimensions) = (Some(wanted), Some(found));
        }
    }

    /// Makes one of the prices the default one, after it stands.
    pub(super) fn compare_default(&self, facts: &Facts<'_>, product_id: &str, product: Option<&Product>, compared: &mut Compared) {
        let Some(key) = &self.default_price else { return };
        let now = product.and_then(|product| product.default_price.clone());
        let Some(wanted) = Self::price_given(key, compared) else { return };
        // Where the default price is replaced, it moves along already.
        let moves = |action: &Action| matches!(&action.effect, Effect::Stripe(Write::UpdateProduct { patch, .. }) if patch.default_price.as_ref() == Some(&wanted));
        if now.as_ref().is_some_and(|now| wanted == Given::Id(now.clone())) || compared.actions.iter().any(moves) {
            return;
        }
        let to = match &wanted {
            Given::Id(id) => format!("{key}, {id}"),
            Given::Of(_) => format!("the new {key}"),
        };
        let patch = ProductPatch { default_price: Some(wanted), ..ProductPatch::default() };
        let back = Given::Id(now.clone().unwrap_or_default());
        let back = ProductPatch { default_price: Some(back), ..ProductPatch::default() };
        let write = |patch| Write::UpdateProduct { id: product_id.to_owned(), patch };
        let fields = vec![Field { name: "default_price".into(), from: now, to }];
        let mut action = action(facts, Verb::Change, product_id, fields, write(patch)).stage(2).undo(write(back));
        action.name = format!("{} (default)", facts.address.item);
        compared.actions.push(action);
    }

    /// The price that stands under a lookup key, or will.
    fn price_given(key: &str, compared: &Compared) -> Option<Given> {
        if let Some(id) = compared.outputs.get(&format!("prices.{key}.id")) {
            return Some(Given::Id(id.clone()));
        }
        let mut about = compared.actions.iter().filter(|action| action.noun == "price" && action.name == key);
        about.find_map(|action| match &action.effect {
            Effect::Stripe(Write::CreatePrice(_)) => Some(Given::Of(action.label())),
            Effect::Stripe(Write::UpdatePrice { id, .. }) => Some(Given::Id(id.clone())),
            _ => None,
        })
    }

    /// Attaches the features that are missing; those that others attached are left alone.
    pub(super) fn compare_features(
        &self,
        facts: &Facts<'_>,
        product_id: &str,
        product: Option<&Product>,
        compared: &mut Compared,
    ) -> Result<(), Step> {
        if self.features.is_empty() {
            return Ok(());
        }
        let mut there: Vec<&str> = Vec::new();
        if product.is_some() {
            let look = Look::FeaturesOf(product_id.to_owned());
            needed(facts, [look.clone()])?;
            match facts.see(&look) {
                Some(Sight::Objects(objects)) => {
                    there.extend(objects.iter().filter_map(|one| one["entitlement_feature"]["id"].as_str()));
                }
                Some(other) => return Err(not_seen(other)),
                None => {}
            }
        }
        for feature in self.features.iter().filter(|feature| !there.contains(&feature.as_str())) {
            let (product, name) = (product_id.to_owned(), format!("{} {feature}", facts.address.item));
            let write = OfferWrite::AttachFeature { product, feature: feature.clone() };
            let action = Action::new("entitlement", name, Verb::Create, Effect::Stripe(Write::Offer(write)));
            compared.actions.push(action.stage(1).note("Whoever has the product is entitled to it from now on."));
        }
        Ok(())
    }

    pub(super) fn more_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let features = self.marketing_features.as_deref().unwrap_or_default();
        if features.len() > 15 {
            let message = format!("a pricing table has at most 15 lines, and here are {}", features.len());
            complaints.push(complaint("marketing_features", Code::BadValue, message, "take some out"));
        }
        for (n, name) in features.iter().enumerate() {
            if !is_open(name) && (name.is_empty() || name.chars().count() > 80) {
                let path = format!("marketing_features[{n}]");
                let message = "a line of the pricing table has between 1 and 80 characters";
                complaints.push(complaint(&path, Code::BadValue, message, "shorten it, or put the rest into the description"));
            }
        }
        for (side, number) in self.package_dimensions.into_iter().flat_map(Package::sides) {
            let cents = number * 100.0;
            if number <= 0.0 || !number.is_finite() || (cents - cents.round()).abs() > 1e-6 {
                let path = format!("package_dimensions.{side}");
                let message = format!("a {side} of {number} is not one that Stripe takes");
                complaints.push(complaint(&path, Code::BadValue, message, "write a number above 0 with at most 2 decimals"));
            }
        }
        complaints.extend(self.default_complaint());
        for (n, feature) in self.features.iter().enumerate() {
            let path = format!("features[{n}]");
            if !is_open(feature) && !feature.starts_with("feat_") {
                let message = format!("`{feature}` is not the id of a feature");
                let help = "refer to a `feature` item: features = [\"${access.api.id}\"]; lines of the pricing table \
                            are marketing_features";
                complaints.push(complaint(&path, Code::BadValue, message, help));
            } else if self.features[..n].contains(feature) {
                complaints.push(complaint(&path, Code::DuplicateId, format!("the feature `{feature}` stands here twice"), "take one out"));
            }
        }
        complaints
    }

    fn default_complaint(&self) -> Option<Complaint> {
        let key = self.default_price.as_ref()?;
        if self.prices.iter().any(|price| price.lookup_key == *key) {
            return None;
        }
        let keys: Vec<&str> = self.prices.iter().map(|price: &PriceSpec| price.lookup_key.as_str()).collect();
        let help = match keys.as_slice() {
            [] => "add a price, or take default_price out".to_owned(),
            keys => format!("write the lookup key of one: {}", keys.join(", ")),
        };
        Some(complaint("default_price", Code::BadValue, format!("`{key}` is not a price of this product"), help))
    }
}
