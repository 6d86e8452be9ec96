//! `http`: a page of the operator's own answers as expected. One request (or a burst that must end
//! in 429), redirects not followed; every expectation that is not met is named, found and wanted. A
//! token it needs is named by its slot: the kind never sees it.

mod expect;
mod login;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use self::expect::{Miss, is_redirect, location};
use super::env::env_name_complaint;
use super::text::{complaint, excerpt, is_open, misunderstood};
use super::url::url_complaint;
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{
    Check, EnvVar, Facts, Form, HttpAsk, HttpSight, Look, Question, Sight, Step, Verdict,
};

pub use expect::{Expect, Statuses};

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
    /// A token, sent as `Authorization: Bearer`: the name of a variable of the env file, or, where it
    /// has none, of a question that is asked once a run.
    pub bearer: Option<String>,
    /// Sends up to so many requests, and wants one of the answers to be 429.
    pub burst: Option<u32>,
    /// What the answer must be like.
    #[serde(default)]
    pub expect: Expect,
}

fn get() -> String {
    "GET".into()
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if let Some(step) = self.bearer.as_deref().and_then(|name| self.token(name, facts)) {
            return step;
        }
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
        complaints.extend(self.bearer_complaints());
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
    /// What comes before the request: the token, from the env file or the operator.
    fn token(&self, name: &str, facts: &Facts<'_>) -> Option<Step> {
        if facts.mode == Mode::Rehearse {
            return Some(Step::Done(Verdict::pass(format!("would ask {} with {name}", self.url))));
        }
        let slot = Slot::Env(name.to_owned());
        if facts.secrets.contains_key(&slot) {
            return None;
        }
        let Some(sight) = facts.see(&Look::EnvFile) else { return Some(Step::Look(vec![Look::EnvFile])) };
        let filled = |variable: &&EnvVar| !variable.is_empty();
        if matches!(sight, Sight::EnvFile(file) if file.get(name).as_ref().is_some_and(filled)) {
            return None;
        }
        Some(Step::Ask(Question {
            name: "token".into(),
            prompt: format!("Token for {name}"),
            help: vec![
                format!("It goes to {} as `Authorization: Bearer`, and nowhere else.", excerpt(&self.url, 60)),
                "golive keeps it for this run only.".into(),
            ],
            link: None,
            because: None,
            form: Form::Secret { slot, check: Check::NotEmpty },
            rehearse: None,
        }))
    }

    fn ask(&self) -> HttpAsk {
        HttpAsk {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            burst: self.burst.unwrap_or(1),
            bearer: self.bearer.clone().map(Slot::Env),
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
        if self.burst.is_some() && self.expect.max_millis.is_some() {
            bad("expect.max_millis", "a burst is not timed".into(), "leave it out, or time a single request");
        }
        let body = self.expect.reads_body();
        if self.method == "HEAD" && body {
            bad("expect", "the answer to HEAD has no body".into(), "write method = \"GET\"");
        }
        complaints
    }

    fn bearer_complaints(&self) -> Vec<Complaint> {
        let Some(name) = &self.bearer else { return Vec::new() };
        let mut complaints: Vec<Complaint> = env_name_complaint("bearer", name).into_iter().collect();
        if self.headers.keys().any(|header| header.eq_ignore_ascii_case("authorization")) {
            let message = "there are two headers for the login";
            complaints.push(complaint("headers", Code::BadValue, message, "leave `Authorization` out: `bearer` sends it"));
        }
        let host = self.url.strip_prefix("http://").filter(|_| !is_open(&self.url));
        let host = host.map(|rest| rest.split(['/', ':', '?']).next().unwrap_or_default());
        if host.is_some_and(|host| host != "localhost" && host != "127.0.0.1" && !host.starts_with('[')) {
            let message = "the token would travel in clear";
            complaints.push(complaint("url", Code::BadValue, message, "write https://"));
        }
        complaints
    }

    fn judge(&self, seen: &HttpSight) -> Verdict {
        let status = self.status_miss(seen);
        let refusal_is_wanted = status.is_none() && matches!(seen.status, 401 | 403);
        let mut misses: Vec<Miss> = status.into_iter().collect();
        misses.extend(self.expect.misses(&self.url, seen));
        if misses.is_empty() {
            return Verdict::pass(self.evidence(seen));
        }
        if let Some(problem) = login::wall(self, seen).filter(|_| !refusal_is_wanted) {
            return Verdict::fail(problem);
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

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
