//! What an answer must be like, and every way in which one is not. Pure; `http` asks it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::text::{Texts, complaint, excerpt, pattern, pattern_complaint};
use crate::kind::url::{absolute, url_complaint};
use crate::step::HttpSight;

/// What an answer must be like. Without `status` or `redirect`, it must be 2xx as well.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// A status, or a list of which it is one.
    pub status: Option<Statuses>,
    /// Headers and the text each must contain; empty for any.
    #[serde(default)]
    pub header: BTreeMap<String, String>,
    /// Texts that the body must contain.
    #[serde(default)]
    pub contains: Texts,
    /// Texts that the body must not contain.
    #[serde(default)]
    pub not_contains: Texts,
    /// A regular expression that is found in the body.
    pub pattern: Option<String>,
    /// JSON pointers (RFC 6901) into the body and the values there. A table asks for less than
    /// equality: `{ prefix = "pk_live_" }`, `{ pattern = "^ok" }`, `{ present = true }`.
    #[serde(default)]
    pub json: BTreeMap<String, Value>,
    /// Where it must redirect to, as an absolute URL.
    pub redirect: Option<String>,
    /// How long it may take, in milliseconds.
    pub max_millis: Option<u64>,
}

/// One status or a list of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a status such as 200, or a list such as [200, 204]")]
pub enum Statuses {
    /// One.
    One(u16),
    /// Any of these.
    Any(Vec<u16>),
}

impl Statuses {
    pub(super) fn as_slice(&self) -> &[u16] {
        match self {
            Self::One(status) => std::slice::from_ref(status),
            Self::Any(list) => list,
        }
    }

    pub(super) fn words(&self) -> String {
        self.as_slice().iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
    }
}

/// One expectation that is not met.
pub(super) struct Miss {
    pub(super) message: String,
    pub(super) found: String,
    pub(super) wanted: String,
    pub(super) fix: String,
}

pub(super) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

pub(super) fn location(url: &str, seen: &HttpSight) -> Option<String> {
    let location = seen.headers.get("location").filter(|_| is_redirect(seen.status))?;
    Some(absolute(url, &excerpt(location, 200)))
}

impl Expect {
    pub(super) fn reads_body(&self) -> bool {
        let texts = self.contains.iter().chain(self.not_contains.iter()).count();
        texts > 0 || self.pattern.is_some() || !self.json.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.status.is_none() && self.header.is_empty() && self.redirect.is_none() && self.max_millis.is_none() && !self.reads_body()
    }

    pub(super) fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let bad = |path: &str, message: String, help: &str| complaint(path, Code::BadValue, message, help);
        let statuses = self.status.as_ref().map(Statuses::as_slice);
        if statuses.is_some_and(<[u16]>::is_empty) {
            complaints.push(bad("expect.status", "no status is listed".into(), "write one or more: [200, 204]"));
        }
        for status in statuses.unwrap_or_default().iter().filter(|status| !(200..600).contains(*status)) {
            complaints.push(bad("expect.status", format!("{status} is not a final HTTP status"), "write 200 to 599"));
        }
        let texts = [("expect.contains", &self.contains), ("expect.not_contains", &self.not_contains)];
        for (path, _) in texts.iter().filter(|(_, texts)| texts.iter().any(str::is_empty)) {
            complaints.push(bad(path, "an empty text is in every answer".into(), "write the text that matters"));
        }
        complaints.extend(self.pattern.iter().filter_map(|text| pattern_complaint("expect.pattern", text)));
        complaints.extend(self.redirect.iter().filter_map(|url| url_complaint("expect.redirect", url)));
        if self.max_millis == Some(0) {
            complaints.push(bad("expect.max_millis", "no answer takes no time".into(), "write how many milliseconds it may take"));
        }
        for (pointer, wanted) in &self.json {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let message = format!("`{pointer}` is not a JSON pointer");
                complaints.push(bad("expect.json", message, "begin with a slash, as in \"/keys/publishable\""));
            }
            complaints.extend(rule_complaint(pointer, wanted));
        }
        complaints
    }

    pub(super) fn misses(&self, url: &str, seen: &HttpSight) -> Vec<Miss> {
        let look = format!("look at the answer: curl -sSi {url}");
        let miss = |message: String, found: String, wanted: String| Miss { message, found, wanted, fix: look.clone() };
        let body = || format!("\"{}\"", excerpt(&seen.body, 60));
        let mut misses = Vec::new();
        if let (Some(wanted), Some(found)) = (&self.redirect, location(url, seen))
            && found.trim_end_matches('/') != wanted.trim_end_matches('/')
        {
            misses.push(miss(format!("`{url}` redirects to another address"), found, wanted.clone()));
        }
        for (name, wanted) in &self.header {
            let found = seen.headers.get(&name.to_ascii_lowercase());
            if !found.is_some_and(|found| found.contains(wanted.as_str())) {
                let found = found.map_or_else(|| "no such header".into(), |found| excerpt(found, 60));
                let wanted = if wanted.is_empty() { "any value".into() } else { wanted.clone() };
                misses.push(miss(format!("the header `{name}` is not as expected"), found, wanted));
            }
        }
        // What must not be there is the better cause of the two: a test key in the place of the live one.
        for text in self.not_contains.iter().filter(|text| seen.body.contains(*text)) {
            misses.push(miss("the answer holds a text it must not".into(), format!("\"{text}\""), "none of it".into()));
        }
        for text in self.contains.iter().filter(|text| !seen.body.contains(*text)) {
            misses.push(miss("the answer lacks a text".into(), body(), format!("\"{text}\"")));
        }
        if let Some(text) = &self.pattern
            && !pattern(text).is_some_and(|pattern| pattern.is_match(&seen.body))
        {
            misses.push(miss("the answer does not match the pattern".into(), body(), format!("`{text}`")));
        }
        misses.extend(self.json_misses(seen, &miss));
        if let Some(most) = self.max_millis.filter(|most| seen.millis > *most) {
            let message = format!("`{url}` answers too slowly");
            misses.push(miss(message, format!("{} ms", seen.millis), format!("{most} ms at most")));
        }
        misses
    }

    fn json_misses(&self, seen: &HttpSight, miss: &dyn Fn(String, String, String) -> Miss) -> Vec<Miss> {
        if self.json.is_empty() {
            return Vec::new();
        }
        let Ok(body) = serde_json::from_str::<Value>(&seen.body) else {
            let found = format!("\"{}\"", excerpt(&seen.body, 60));
            return vec![miss("the answer is not JSON".into(), found, "a JSON document".into())];
        };
        let unmet = self.json.iter().filter_map(|(pointer, wanted)| {
            let found = body.pointer(pointer);
            let wanted = json_wants(wanted, found)?;
            let found = found.map_or_else(|| "nothing there".into(), |found| excerpt(&found.to_string(), 60));
            Some(miss(format!("`{pointer}` in the answer is not as expected"), found, wanted))
        });
        unmet.collect()
    }
}

/// What is wrong with a table that asks for less than equality.
fn rule_complaint(pointer: &str, wanted: &Value) -> Option<Complaint> {
    let path = format!("expect.json.{pointer}");
    let rules = wanted.as_object()?;
    let known = |name: &str| match name {
        "prefix" | "pattern" => rules[name].is_string(),
        "present" => rules[name].is_boolean(),
        _ => false,
    };
    if rules.is_empty() || !rules.keys().all(|name| known(name)) {
        return Some(complaint(
            &path,
            Code::BadValue,
            "this is not a rule for a JSON value",
            "write a value, or one of { prefix = \"…\" }, { pattern = \"…\" }, { present = true }",
        ));
    }
    rules.get("pattern").and_then(Value::as_str).and_then(|text| pattern_complaint(&path, text))
}

/// What is wanted, when what was found is not that.
fn json_wants(wanted: &Value, found: Option<&Value>) -> Option<String> {
    let Some(rules) = wanted.as_object() else {
        return (found != Some(wanted)).then(|| excerpt(&wanted.to_string(), 60));
    };
    let text = found.and_then(Value::as_str);
    rules.iter().find_map(|(name, rule)| match (name.as_str(), rule) {
        ("prefix", Value::String(prefix)) => {
            (!text.is_some_and(|text| text.starts_with(prefix))).then(|| format!("a text that begins with {prefix}"))
        }
        ("pattern", Value::String(rule)) => {
            let met = pattern(rule).zip(text).is_some_and(|(pattern, text)| pattern.is_match(text));
            (!met).then(|| format!("a text that matches `{rule}`"))
        }
        ("present", Value::Bool(present)) => {
            let there = found.is_some_and(|found| !found.is_null());
            (there != *present).then(|| if *present { "a value".into() } else { "no value".into() })
        }
        _ => Some("a rule golive knows".into()),
    })
}
