//! `feature`: something that products entitle customers to, found by its lookup key. The key is final in
//! Stripe and archiving is for good, so an archived one is told; name and metadata change. A product
//! names it in its `features`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::offer::{self, Common, Offer, action};
use super::text::{complaint, is_open};
use super::{Complaint, seen};
use crate::error::{Code, Problem};
use crate::step::{
    Change, Collection, Facts, FeatureDraft, FeaturePatch, Field, OfferWrite, Outputs, Permission, Step, Verb, Verdict,
};

const NOUN: &str = "feature";

/// The fields of a `feature` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The name under which the application asks for it; final, and unique in the account.
    pub lookup_key: String,
    /// What the team reads; the item's title unless said otherwise.
    pub name: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
}

/// A feature as Stripe answers.
#[derive(Debug, Deserialize)]
struct Feature {
    #[serde(flatten)]
    common: Common,
    #[serde(default)]
    lookup_key: String,
    name: Option<String>,
}

impl Offer for Spec {
    const PERMISSION: Permission = Permission::EntitlementWrite;
    const OUTPUTS: &'static [&'static str] = &["id", "lookup_key"];

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let mut features: Vec<Feature> = seen::every(facts, Collection::Features)?;
        features.retain(|feature| feature.lookup_key == self.lookup_key);
        match features.iter().find(|feature| feature.common.active).or(features.first()) {
            Some(found) if found.common.active => self.compare(facts, found),
            Some(archived) => Err(Step::Done(Verdict::fail(self.archived(&archived.common.id)))),
            None => Ok(self.create(facts)),
        }
    }

    fn variables(&self) -> Vec<(&'static str, Option<&String>, &'static str)> {
        vec![("env", self.env.as_ref(), "id")]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let too_long = |text: &str| !is_open(text) && (text.is_empty() || text.chars().count() > 80);
        if too_long(&self.lookup_key) {
            let message = "the lookup key of a feature has between 1 and 80 characters";
            complaints.push(complaint("lookup_key", Code::BadValue, message, "write what your code asks for: api-access"));
        }
        if self.name.as_deref().is_some_and(too_long) {
            let message = "the name of a feature has between 1 and 80 characters";
            complaints.push(complaint("name", Code::BadValue, message, "shorten it; only the team reads it"));
        }
        complaints
    }
}

impl Spec {
    fn name(&self, facts: &Facts<'_>) -> String {
        self.name.clone().unwrap_or_else(|| facts.title.chars().take(80).collect())
    }

    fn create(&self, facts: &Facts<'_>) -> Step {
        let draft = FeatureDraft {
            name: self.name(facts),
            lookup_key: self.lookup_key.clone(),
            metadata: offer::marked(facts, &self.metadata),
        };
        let fields = vec![Field::new("name", &draft.name), Field::new("lookup_key", &draft.lookup_key)];
        let action = action(facts, NOUN, Verb::Create, OfferWrite::CreateFeature(draft));
        Step::Change(Change::of(vec![action.summary(&self.lookup_key).fields(fields)]))
    }

    fn compare(&self, facts: &Facts<'_>, found: &Feature) -> Result<Step, Step> {
        offer::of_this_mode(facts, NOUN, &found.common)?;
        let (mut patch, mut back, mut fields) = (FeaturePatch::default(), FeaturePatch::default(), Vec::new());
        let name = self.name.as_deref();
        (patch.name, back.name) = offer::text_change("name", name, found.name.as_deref(), &mut fields);
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        let id = found.common.id.clone();
        if fields.is_empty() {
            let outputs =
                Outputs::from([("id".into(), id.clone()), ("lookup_key".into(), self.lookup_key.clone())]);
            return Ok(Step::Done(Verdict::pass_with(format!("{id}, {}", self.lookup_key), outputs)));
        }
        let back = OfferWrite::UpdateFeature { id: id.clone(), patch: back };
        let write = OfferWrite::UpdateFeature { id, patch };
        Ok(Step::Change(Change::of(vec![offer::changing(facts, NOUN, &found.common, fields, write, back)])))
    }

    fn archived(&self, id: &str) -> Problem {
        let key = &self.lookup_key;
        Problem::new(Code::FeatureArchived, format!("the feature `{key}` is archived"))
            .why(format!("{id}: Stripe archives features for good, and its lookup key is taken"))
            .fix(format!("write another key, here and in the application: lookup_key = \"{key}-2\""))
    }
}

#[cfg(test)]
#[path = "feature_tests.rs"]
mod tests;
