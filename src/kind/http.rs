//! `http`: a page of the operator's own answers as expected. One request (or a burst that must end
//! in 429), redirects not followed; every expectation that is not met is named, found and wanted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::text::{Texts, complaint, excerpt, misunderstood, pattern, pattern_complaint};
use super::url::{absolute, url_complaint};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::{Facts, HttpAsk, HttpSight, Look, Sight, Step, Verdict};

const METHODS: [&str; 3] = ["GET", "HEAD", "POST"];
/// Requests of a burst: more would be an attack on one's own shop.
const MOST: u32 = 500;

/// The fields of an `http` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Absolute URL.
    pub url: String,
    /// `GET` (the default), `HEAD` or `POST`.
    #[serde(default = "get")]
    pub method: String,
    /// Request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Request body, for `POST`.
    pub body: Option<String>,
    /// Sends up to so many requests, and wants one of the answers to be 429.
    pub burst: Option<u32>,
    /// What the answer must be like.
    #[serde(default)]
    pub expect: Expect,
}

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
    fn as_slice(&self) -> &[u16] {
        match self {
            Self::One(status) => std::slice::from_ref(status),
            Self::Any(list) => list,
        }
    }

    fn words(&self) -> String {
        self.as_slice().iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
    }
}

fn get() -> String {
    "GET".into()
}

/// One expectation that is not met.
struct Miss {
    message: String,
    found: String,
    wanted: String,
    fix: String,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let look = Look::Http(self.ask());
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Http(seen)) => Step::Done(self.judge(seen)),
            // The host is the operator's own: customers could not reach it either.
            Some(Sight::Unseen(problem)) if problem.code.is_hosts_own() => {
                Step::Done(Verdict::fail(problem.clone()))
            }
            Some(Sight::Unseen(problem)) => Step::Done(Verdict::Unknown { problem: problem.clone() }),
            Some(other) => Step::Done(Verdict::Unknown { problem: misunderstood(other) }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = url_complaint("url", &self.url).into_iter().collect();
        complaints.extend(self.request_complaints());
        complaints.extend(self.expect.complaints());
        if self.burst.is_none() && self.expect.is_empty() {
            complaints.push(complaint(
                "expect",
                Code::MissingField,
                "nothing is expected of the answer",
                "say what it must be like: expect = { status = 200 }",
            ));
        }
        complaints
    }
}

impl Spec {
    fn ask(&self) -> HttpAsk {
        HttpAsk {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            burst: self.burst.unwrap_or(1),
        }
    }

    fn request_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut bad = |path: &str, message: String, help: &str| {
            complaints.push(complaint(path, Code::BadValue, message, help));
        };
        if !METHODS.contains(&self.method.as_str()) {
            bad("method", format!("`{}` is not a method golive sends", self.method), "write GET, HEAD or POST");
        }
        if self.body.is_some() && self.method != "POST" {
            bad("body", format!("{} sends no body", self.method), "write method = \"POST\", or leave the body out");
        }
        for name in self.headers.keys() {
            if hyper::header::HeaderName::from_bytes(name.as_bytes()).is_err() || name.eq_ignore_ascii_case("host") {
                bad("headers", format!("`{name}` cannot be sent as a header"), "the host is taken from `url`");
            }
        }
        if self.burst.is_some_and(|burst| !(2..=MOST).contains(&burst)) {
            bad("burst", "a burst has 2 to 500 requests".into(), "write a few more than the limit allows: burst = 20");
        }
        let other = self.expect.status.as_ref().is_some_and(|status| !status.as_slice().contains(&429));
        if self.burst.is_some() && (other || self.expect.redirect.is_some()) {
            bad("expect", "a burst must end in 429".into(), "leave `status` and `redirect` out");
        }
        let body = self.expect.reads_body();
        if self.method == "HEAD" && body {
            bad("expect", "the answer to HEAD has no body".into(), "write method = \"GET\"");
        }
        complaints
    }

    fn judge(&self, seen: &HttpSight) -> Verdict {
        let mut misses: Vec<Miss> = self.status_miss(seen).into_iter().collect();
        misses.extend(self.expect.misses(&self.url, seen));
        if misses.is_empty() {
            return Verdict::pass(self.evidence(seen));
        }
        let first = misses.remove(0);
        let mut problem =
            Problem::new(Code::HttpFailed, first.message).found_wanted(first.found, first.wanted).fix(first.fix);
        for miss in misses {
            problem = problem.why(format!("also: {}; found {}, wanted {}", miss.message, miss.found, miss.wanted));
        }
        Verdict::fail(problem)
    }

    fn status_miss(&self, seen: &HttpSight) -> Option<Miss> {
        let url = &self.url;
        let found = seen.status.to_string();
        if let Some(burst) = self.burst {
            return (seen.status != 429).then(|| Miss {
                message: format!("`{url}` does not limit the rate of requests"),
                found: format!("{found} after {} requests", seen.sent),
                wanted: format!("429 within {burst} requests"),
                fix: format!("switch the limit on, then look again: {}", self.curl()),
            });
        }
        let wanted = match (&self.expect.status, &self.expect.redirect) {
            (Some(status), _) if status.as_slice().contains(&seen.status) => return None,
            (Some(status), _) => status.words(),
            (None, Some(_)) if is_redirect(seen.status) => return None,
            (None, Some(_)) => "a redirect".into(),
            (None, None) if (200..300).contains(&seen.status) => return None,
            (None, None) => "2xx".into(),
        };
        if let Some(location) = location(url, seen) {
            return Some(Miss {
                message: format!("`{url}` redirects"),
                found: format!("{found} to {location}"),
                wanted,
                fix: format!("ask the final address instead, in the checklist: url = \"{location}\""),
            });
        }
        let body = excerpt(&seen.body, 60);
        let found = if body.is_empty() { found } else { format!("{found}: {body}") };
        let message = format!("`{url}` answers {}", seen.status);
        Some(Miss { message, found, wanted, fix: format!("look at the answer: {}", self.curl()) })
    }

    fn curl(&self) -> String {
        match self.method.as_str() {
            "HEAD" => format!("curl -sSI {}", self.url),
            "POST" => format!("curl -sSi -X POST {}", self.url),
            _ => format!("curl -sSi {}", self.url),
        }
    }

    fn evidence(&self, seen: &HttpSight) -> String {
        if self.burst.is_some() {
            return format!("429 after {} requests", seen.sent);
        }
        let mut parts = vec![format!("{} in {} ms", seen.status, seen.millis)];
        if let Some(location) = location(&self.url, seen) {
            parts.push(format!("to {location}"));
        }
        parts.extend(self.expect.header.keys().map(|name| format!("{name} as wanted")));
        parts.extend(self.expect.contains.iter().map(|text| format!("contains \"{}\"", excerpt(text, 30))));
        parts.extend(self.expect.json.keys().map(|pointer| format!("{pointer} as wanted")));
        parts.join(", ")
    }
}

const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn location(url: &str, seen: &HttpSight) -> Option<String> {
    let location = seen.headers.get("location").filter(|_| is_redirect(seen.status))?;
    Some(absolute(url, &excerpt(location, 200)))
}

impl Expect {
    fn reads_body(&self) -> bool {
        let texts = self.contains.iter().chain(self.not_contains.iter()).count();
        texts > 0 || self.pattern.is_some() || !self.json.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.status.is_none() && self.header.is_empty() && self.redirect.is_none() && !self.reads_body()
    }

    fn complaints(&self) -> Vec<Complaint> {
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
        for (pointer, wanted) in &self.json {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let message = format!("`{pointer}` is not a JSON pointer");
                complaints.push(bad("expect.json", message, "begin with a slash, as in \"/keys/publishable\""));
            }
            complaints.extend(rule_complaint(pointer, wanted));
        }
        complaints
    }

    fn misses(&self, url: &str, seen: &HttpSight) -> Vec<Miss> {
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
        for text in self.contains.iter().filter(|text| !seen.body.contains(*text)) {
            misses.push(miss("the answer lacks a text".into(), body(), format!("\"{text}\"")));
        }
        for text in self.not_contains.iter().filter(|text| seen.body.contains(*text)) {
            misses.push(miss("the answer holds a text it must not".into(), format!("\"{text}\""), "none of it".into()));
        }
        if let Some(text) = &self.pattern
            && !pattern(text).is_some_and(|pattern| pattern.is_match(&seen.body))
        {
            misses.push(miss("the answer does not match the pattern".into(), body(), format!("`{text}`")));
        }
        misses.extend(self.json_misses(seen, &miss));
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

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
