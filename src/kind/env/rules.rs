//! The rules a variable can break: those a checklist states, and those that always hold. Pure; no
//! message ever holds a value of the env file.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Code;
use crate::kind::Complaint;
use crate::mode::Mode;
use crate::step::{EnvSight, EnvVar};

/// What must be true of one variable. All rules given must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assert {
    /// The variable.
    pub(super) name: String,
    /// It must be there, with a value. So must it for every rule but `absent`.
    #[serde(default)]
    present: bool,
    /// It must not be there.
    #[serde(default)]
    absent: bool,
    /// What its value must begin with.
    prefix: Option<String>,
    /// What its value must be.
    equals: Option<String>,
    /// What its value must not be. A variable that is not there is not it.
    not_equals: Option<String>,
    /// A regular expression that must be found in its value.
    pattern: Option<String>,
    /// A regular expression that must not be found in its value.
    not_pattern: Option<String>,
    /// It must hold nothing of Stripe's test mode: keys, sessions, links.
    #[serde(default)]
    no_test_values: bool,
    /// It must be a Stripe key of this role and of the run's mode.
    key: Option<KeyRole>,
    /// It must be a JSON object with these members; a point leads into one: `basic.monthly`.
    json_keys: Option<Vec<String>>,
    /// It must be a JSON object, and every text in it must begin so.
    json_prefix: Option<String>,
    /// The fewest characters.
    min_length: Option<usize>,
}

/// The role of a Stripe key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyRole {
    /// `sk_…` or `rk_…`
    Secret,
    /// `pk_…`
    Publishable,
}

impl KeyRole {
    /// What such a key begins with in a mode.
    pub(super) fn prefixes(self, mode: Mode) -> Vec<String> {
        let letters: &[&str] = match self {
            Self::Secret => &["sk", "rk"],
            Self::Publishable => &["pk"],
        };
        letters.iter().map(|letters| format!("{letters}_{}_", mode.key_infix())).collect()
    }
}

impl Assert {
    /// Every rule that the file breaks.
    pub(super) fn broken(&self, sight: &EnvSight, mode: Mode) -> Vec<String> {
        let found = sight.get(&self.name);
        if self.absent {
            return found.map(|_| "must not be set".to_owned()).into_iter().collect();
        }
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            // What only says what must not be is met by nothing at all.
            if !self.present && !self.demands() {
                return Vec::new();
            }
            return vec![if found.is_some() { "has no value" } else { "is missing" }.to_owned()];
        };
        let mut broken = Vec::new();
        if let Some(prefix) = self.prefix.as_deref().filter(|prefix| !found.has_prefix(prefix)) {
            broken.push(format!("must begin with `{prefix}`"));
        }
        if let Some(text) = self.equals.as_deref().filter(|text| !found.is(text)) {
            broken.push(format!("must be `{text}`"));
        }
        // A pattern that does not compile is a complaint at load, so it never comes here.
        let pattern = self.pattern.as_deref().and_then(|text| Some((text, Regex::new(text).ok()?)));
        if let Some((text, _)) = pattern.filter(|(_, pattern)| !found.matches(pattern)) {
            broken.push(format!("must match `{text}`"));
        }
        broken.extend(self.forbidden(found, mode));
        if let Some(prefixes) = self.key.map(|role| role.prefixes(mode)) {
            broken.extend(begins_with_one_of(found, &prefixes));
        }
        if let Some(wanted) = &self.json_keys {
            broken.extend(lacking(found, wanted));
        }
        if let Some(prefix) = &self.json_prefix {
            broken.extend(otherwise(found, prefix));
        }
        if let Some(fewest) = self.min_length.filter(|fewest| found.len() < *fewest) {
            broken.push(format!("must have at least {fewest} characters, has {}", found.len()));
        }
        broken
    }

    /// What the value must not be or hold, and is or holds.
    fn forbidden(&self, found: &EnvVar, mode: Mode) -> Vec<String> {
        let mut broken = Vec::new();
        if let Some(text) = self.not_equals.as_deref().filter(|text| found.is(text)) {
            broken.push(format!("must not be `{text}`"));
        }
        let pattern = self.not_pattern.as_deref().and_then(|text| Some((text, Regex::new(text).ok()?)));
        if let Some((text, _)) = pattern.filter(|(_, pattern)| found.matches(pattern)) {
            broken.push(format!("must not match `{text}`"));
        }
        if self.no_test_values && mode.livemode() && found.matches(&OF_TEST_MODE) {
            broken.push("holds something of Stripe's test mode".to_owned());
        }
        broken
    }

    /// Whether a rule says what must be there.
    fn demands(&self) -> bool {
        self.prefix.is_some()
            || self.equals.is_some()
            || self.pattern.is_some()
            || self.key.is_some()
            || self.json_keys.is_some()
            || self.json_prefix.is_some()
            || self.min_length.is_some()
    }

    /// A value for a rehearsal that meets the simpler rules.
    pub(super) fn made_up(&self, mode: Mode) -> String {
        if let Some(text) = &self.equals {
            return text.clone();
        }
        let key = self.key.and_then(|role| role.prefixes(mode).into_iter().next());
        let mut text = self.prefix.clone().or(key).unwrap_or_default() + super::MADE_UP;
        while text.chars().count() < self.min_length.unwrap_or(0) {
            text.push_str("-and-more");
        }
        text
    }

    /// Everything wrong with the rule itself. `set` are the variables that this item gives a value.
    pub(super) fn complaints(&self, path: &str, set: &BTreeSet<&str>) -> Vec<Complaint> {
        let complain = |field: &str, message: String, help: &str| Complaint {
            path: format!("{path}{field}"),
            code: Code::BadValue,
            message,
            help: Some(help.to_owned()),
        };
        let mut complaints: Vec<_> = env_name_complaint(&format!("{path}.name"), &self.name).into_iter().collect();
        let forbids = self.not_equals.is_some() || self.not_pattern.is_some() || self.no_test_values;
        let rules = self.demands() || forbids;
        if self.absent && (self.present || rules) {
            let message = format!("`{}` cannot be absent and meet another rule", self.name);
            complaints.push(complain(".absent", message, "keep `absent` or the other rules"));
        } else if self.absent && set.contains(self.name.as_str()) {
            let message = format!("`{}` must be absent, and this item sets it", self.name);
            complaints.push(complain(".absent", message, "take one of the two out"));
        } else if !(self.absent || self.present || rules) {
            let message = format!("nothing is said about `{}`", self.name);
            complaints.push(complain("", message, "add a rule, `present = true` for one"));
        }
        if self.equals.is_some() && self.equals == self.not_equals {
            let message = format!("`{}` cannot be and not be one and the same value", self.name);
            complaints.push(complain(".not_equals", message, "take one of the two out"));
        }
        for (field, text) in [(".pattern", &self.pattern), (".not_pattern", &self.not_pattern)] {
            let Some(Err(error)) = text.as_deref().map(Regex::new) else { continue };
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            complaints.push(complain(field, format!("not a regular expression: {last}"), "see docs.rs/regex#syntax"));
        }
        complaints
    }
}

fn begins_with_one_of(found: &EnvVar, prefixes: &[String]) -> Option<String> {
    if prefixes.iter().any(|prefix| found.has_prefix(prefix)) {
        return None;
    }
    Some(format!("must begin with `{}`", prefixes.join("` or `")))
}

fn lacking(found: &EnvVar, wanted: &[String]) -> Option<String> {
    match found.json_lacks(wanted) {
        Err(no_object) => Some(no_object.to_string()),
        Ok(missing) => (!missing.is_empty()).then(|| format!("lacks the members `{}`", missing.join("`, `"))),
    }
}

fn otherwise(found: &EnvVar, prefix: &str) -> Option<String> {
    match found.json_without_prefix(prefix) {
        Err(no_object) => Some(no_object.to_string()),
        Ok(odd) => (!odd.is_empty()).then(|| format!("must hold texts that begin with `{prefix}`, not so `{}`", odd.join("`, `"))),
    }
}

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:change[-_ ]?(?:me|this).*|(?:todo|fixme|tbd)(?:\W.*)?|x{3,}|your[-_ ].*|<[^<>]*>|",
        r"(?:replace|insert|enter|put)[-_ ](?:me|with|your|the|this)(?:[-_ ].*)?|placeholder)$|",
        r"x{6,}$|^\S*(?:\.{3}|…)$|[-_]your[-_]|[-_]<[^<>]*>$"
    ))
    .unwrap()
});

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static OF_TEST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(?:sk|rk|pk|cs)_test_").unwrap());

/// What carries test mode in its text: keys, sessions, event destinations, links, pages.
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static OF_TEST_MODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:sk|rk|pk|cs|ed|rkcs)_test_|\bstripe\.com/test[_/]").unwrap());

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static OF_LIVE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(?:sk|rk|pk|cs)_live_").unwrap());

/// Whether a value only stands in for the real one: `changeme`, `your_key`, `<KEY>`, `...`, `TODO`.
pub(in crate::kind) fn is_placeholder(found: &EnvVar) -> bool {
    found.matches(&PLACEHOLDER)
}

/// What is wrong with a Stripe value of the other mode.
pub(super) fn wrong_mode(found: &EnvVar, mode: Mode) -> Option<&'static str> {
    if mode.livemode() {
        found.matches(&OF_TEST).then_some("is a test value in a live file")
    } else {
        found.matches(&OF_LIVE).then_some("is a live value in a test file")
    }
}

/// What a secret that Stripe gives must begin with, as far as its variable's name tells.
pub(super) fn wrong_shape(found: &EnvVar, mode: Mode) -> Option<String> {
    let name = found.name.to_ascii_uppercase();
    if !name.contains("STRIPE") {
        return None;
    }
    if name.contains("WEBHOOK") {
        return begins_with_one_of(found, &["whsec_".to_owned()]);
    }
    if name.contains("PUBLISHABLE") {
        return begins_with_one_of(found, &KeyRole::Publishable.prefixes(mode));
    }
    if name.contains("SECRET_KEY") || name.contains("API_KEY") {
        return begins_with_one_of(found, &KeyRole::Secret.prefixes(mode));
    }
    None
}

/// Complains about a name that no program could read from its environment.
pub(in crate::kind) fn env_name_complaint(path: &str, name: &str) -> Option<Complaint> {
    let good = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (!good).then(|| Complaint {
        path: path.to_owned(),
        code: Code::BadValue,
        message: format!("`{name}` is not a variable's name"),
        help: Some("use letters, digits and `_`, and no digit at the beginning".into()),
    })
}

/// Complaints about one entry of `values`.
pub(super) fn value_complaints(name: &str, value: &str) -> Vec<Complaint> {
    let path = format!("values.{name}");
    let mut complaints: Vec<_> = env_name_complaint(&path, name).into_iter().collect();
    complaints.extend(secret_complaint(&path, name, value));
    complaints
}

/// Complains about a secret that is to be written into a variable.
pub(super) fn secret_complaint(path: &str, name: &str, value: &str) -> Option<Complaint> {
    const SECRETS: [&str; 5] = ["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"];
    let prefix = SECRETS.iter().find(|prefix| value.starts_with(**prefix))?;
    Some(Complaint {
        path: path.to_owned(),
        code: Code::BadValue,
        message: format!("a secret (`{prefix}…`) does not belong in a checklist, which is in git"),
        help: Some(format!("ask for it instead: ask = [{{ name = \"{name}\", secret = true }}]")),
    })
}
