//! The settings of a customer portal that have no field of their own, named and nested as in Stripe's
//! API. Called by `compare`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::step::object::without_nulls;

/// Everything about a portal that has no field of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A name for the team.
    #[schemars(length(max = 256))]
    name: Option<String>,
    /// More about what customers can do.
    features: Option<Features>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Features {
    payment_method_update: Option<MethodUpdate>,
    subscription_cancel: Option<CancelMore>,
    subscription_update: Option<UpdateMore>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodUpdate {
    /// Which payment methods are offered: a configuration's id, `${settings.methods.id}`.
    payment_method_configuration: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelMore {
    /// Whether time that was paid for and is not used is given back.
    proration_behavior: Option<CancelProration>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMore {
    /// Whether a change begins a new period.
    billing_cycle_anchor: Option<Anchor>,
    /// Whether a change in the middle of a period is charged by the day.
    proration_behavior: Option<Proration>,
    /// Which changes wait for the end of the period.
    schedule_at_period_end: Option<Schedule>,
    /// What a change does to a trial.
    trial_update_behavior: Option<TrialUpdate>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    r#type: ConditionType,
}

macro_rules! words {
    ($($name:ident { $($word:ident,)* })*) => {
        $(#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($word,)* })*
    };
}

words! {
    CancelProration { CreateProrations, None, }
    Proration { AlwaysInvoice, CreateProrations, None, }
    Anchor { Now, Unchanged, }
    ConditionType { DecreasingItemAmount, ShorteningInterval, }
    TrialUpdate { ContinueTrial, EndTrial, }
}

/// Where a setting stands.
pub(super) struct Path(Vec<String>);

impl Path {
    /// `/features/subscription_cancel/proration_behavior`
    pub(super) fn pointer(&self) -> String {
        self.0.iter().fold(String::new(), |pointer, part| format!("{pointer}/{part}"))
    }

    /// `features[subscription_cancel][proration_behavior]`
    pub(super) fn form(&self) -> String {
        let (first, rest) = self.0.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        rest.iter().fold(first.to_owned(), |form, part| format!("{form}[{part}]"))
    }

    /// `subscription_cancel.proration_behavior`
    pub(super) fn shown(&self) -> String {
        let parts: Vec<&str> = self.0.iter().map(String::as_str).filter(|part| *part != "features").collect();
        parts.join(".")
    }
}

impl Settings {
    pub(super) fn tree(&self) -> Value {
        without_nulls(serde_json::to_value(self).unwrap_or_default())
    }

    /// Each setting with its place: the name, and what stands in each feature.
    pub(super) fn each(tree: &Value) -> Vec<(Path, &Value)> {
        let path = |parts: &[&str]| Path(parts.iter().map(|part| (*part).to_owned()).collect());
        let mut all = Vec::new();
        all.extend(tree.get("name").map(|name| (path(&["name"]), name)));
        for (feature, settings) in tree["features"].as_object().into_iter().flatten() {
            let members = settings.as_object().into_iter().flatten();
            all.extend(members.map(|(name, value)| (path(&["features", feature, name]), value)));
        }
        all
    }
}
