//! An object as named texts that two sides can be compared by: money as money, ids as names, and nothing
//! where a field is not set.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::{Difference, Names, Side};
use crate::money::{Money, UnitPrice};
use crate::step::{CustomAmount, OWN_MARKS, Tier, Transform, plain};

/// The fields of one object that are set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(super) fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(name.into(), value);
        }
    }

    pub(super) fn may(&mut self, name: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(super) fn count(&mut self, name: &str, value: Option<i64>) {
        self.may(name, value.map(|value| value.to_string()));
    }

    /// A switch; off is the same as not set.
    pub(super) fn switch(&mut self, name: &str, on: bool) {
        self.may(name, on.then_some("true"));
    }

    pub(super) fn moment(&mut self, name: &str, seconds: Option<i64>) {
        let at = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        self.may(name, at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()));
    }

    /// A list whose order says nothing.
    pub(super) fn set<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        let mut values: Vec<String> = values.into_iter().map(|value| value.as_ref().to_owned()).collect();
        values.sort_unstable();
        self.put(name, values.join(", "));
    }

    /// Amounts by currency, each a field of its own.
    pub(super) fn currencies(&mut self, name: &str, options: &BTreeMap<String, i64>) {
        for (currency, minor) in options {
            self.put(format!("{name}.{currency}"), money(*minor, currency));
        }
    }

    /// Metadata but golive's own marks; ids in it are those of the side, so they become names.
    pub(super) fn metadata(&mut self, names: &Names, side: Side, metadata: &BTreeMap<String, String>) {
        let told = metadata.iter().filter(|(key, value)| !OWN_MARKS.contains(&key.as_str()) && !names.hidden(value));
        for (key, value) in told {
            let value = names.known(side, value).unwrap_or_else(|| value.clone());
            // A key without a value is there all the same.
            self.0.insert(format!("metadata.{key}"), if value.is_empty() { "(empty)".to_owned() } else { value });
        }
    }

    /// What differs. A lookup key that one side lacks is the pair's missing name, and no difference.
    pub(super) fn differences(&self, live: &Self) -> Vec<Difference> {
        let all: std::collections::BTreeSet<&String> = self.0.keys().chain(live.0.keys()).collect();
        let differs = |field: &&String| {
            let (here, there) = (self.0.get(*field), live.0.get(*field));
            here != there && (field.as_str() != "lookup_key" || (here.is_some() && there.is_some()))
        };
        let difference = |field: &String| Difference {
            field: field.clone(),
            test: self.0.get(field).cloned(),
            live: live.0.get(field).cloned(),
        };
        all.into_iter().filter(differs).map(difference).collect()
    }

    /// All of it, as one key.
    pub(super) fn content(&self) -> String {
        let parts = self.0.iter().flat_map(|(name, value)| [name.as_ref(), "\u{1f}", value.as_ref(), "\u{1e}"]);
        parts.collect()
    }

    /// The same without a field.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }
}

/// `18.00 EUR`
pub(super) fn money(minor: i64, currency: &str) -> String {
    Money::from_stripe(minor, currency).to_string()
}

/// `0.0050 EUR`, of decimal text in the smallest unit.
pub(super) fn unit(decimal: &str, currency: &str) -> String {
    UnitPrice::from_stripe(decimal, currency).to_string()
}

/// `20.5`
pub(super) fn number(number: &Number) -> String {
    plain(&number.to_string())
}

/// `5.00 USD up to 10; 1.00 USD flat and 4.00 USD`
pub(super) fn tiers(tiers: &[Tier], currency: &str) -> String {
    let one = |tier: &Tier| {
        let flat = if tier.flat == "0" { String::new() } else { format!("{} flat and ", unit(&tier.flat, currency)) };
        let end = tier.up_to.map(|up_to| format!(" up to {up_to}")).unwrap_or_default();
        format!("{flat}{}{end}", unit(&tier.unit, currency))
    };
    tiers.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// `any amount in USD, at least 5.00 USD, at most 500.00 USD, 20.00 USD suggested`
pub(super) fn custom(custom: &CustomAmount, currency: &str) -> String {
    let mut text = format!("any amount in {}", currency.to_uppercase());
    let bounds =
        [("at least ", custom.minimum, ""), ("at most ", custom.maximum, ""), ("", custom.preset, " suggested")];
    for (before, minor, after) in bounds {
        if let Some(minor) = minor {
            text.extend([", ", before, &money(minor, currency), after]);
        }
    }
    text
}

/// `by 100 units, rounded up`
pub(super) fn transform(transform: &Transform) -> String {
    format!("by {} units, rounded {}", transform.divide_by, transform.round)
}

/// A nested setting in one line, ids as names. How often a link has sold so far is no setting.
pub(super) fn nested(names: &Names, side: Side, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if names.hidden(text) => String::new(),
        Value::String(text) => names.known(side, text).unwrap_or_else(|| text.clone()),
        Value::Array(entries) => entries.iter().map(|entry| nested(names, side, entry)).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let told = members.iter().filter(|(name, value)| name.as_str() != "count" && !value.is_null());
            let each =
                told.map(|(name, value)| (name, nested(names, side, value))).filter(|(_, text)| !text.is_empty());
            each.map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
