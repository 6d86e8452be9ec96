//! Variables whose value is composed as JSON: `STRIPE_PLAN_PRICE_MAPPING={"basic":{"monthly":"price_…"}}`.
//! Written compactly, members in the order of their names, and compared as JSON.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::rules::{env_name_complaint, secret_complaint};
use crate::error::Code;
use crate::kind::Complaint;
use crate::step::EnvSight;

/// What the TOML reader makes of a date, which JSON does not have.
const DATE: &str = "$__toml_private_datetime";

/// A variable whose value is composed as JSON.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Json {
    /// The variable.
    pub(super) name: String,
    /// What it says; texts in it may hold references.
    value: Value,
}

impl Json {
    /// The text to write, unless the file says the same already.
    pub(super) fn missing(&self, sight: &EnvSight) -> Option<String> {
        let same = sight.get(&self.name).is_some_and(|found| found.is_json(&self.value));
        (!same).then(|| self.value.to_string())
    }

    /// Everything wrong with it.
    pub(super) fn complaints(&self, path: &str) -> Vec<Complaint> {
        let mut complaints: Vec<_> = env_name_complaint(&format!("{path}.name"), &self.name).into_iter().collect();
        self.leaves(&self.value, &format!("{path}.value"), &mut complaints);
        complaints
    }

    fn leaves(&self, value: &Value, path: &str, complaints: &mut Vec<Complaint>) {
        match value {
            Value::Object(members) if members.contains_key(DATE) => complaints.push(Complaint {
                path: path.to_owned(),
                code: Code::BadValue,
                message: "JSON has no dates".into(),
                help: Some("write it as a text, in quotes".into()),
            }),
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| self.leaves(value, &format!("{path}.{name}"), complaints));
            }
            Value::Array(entries) => {
                let entries = entries.iter().enumerate();
                entries.for_each(|(n, value)| self.leaves(value, &format!("{path}[{n}]"), complaints));
            }
            Value::String(text) => complaints.extend(secret_complaint(path, &self.name, text)),
            _ => {}
        }
    }
}
