//! `webhook_probe`: the deployed webhook handler refuses what Stripe did not sign, accepts what
//! Stripe did, and nothing stands in front of it. Judged from three answers, in a fixed order, so
//! that the cause is named and not its consequences.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{complaint, excerpt, is_open, misunderstood};
use super::url::{absolute, uncallable, url_complaint};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::secret::Slot;
use crate::step::{Facts, Look, ProbeSight, ProbeTry, Sight, Step, Verdict};

/// The fields of a `webhook_probe` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The handler's URL, as registered with Stripe.
    pub url: String,
    /// The variable of the env file that holds the endpoint's signing secret.
    #[serde(default = "secret_env")]
    pub secret_env: String,
    /// The API version that the endpoint is pinned to, if any: Stripe's libraries for some
    /// languages refuse events of another one than their own.
    pub api_version: Option<String>,
}

fn secret_env() -> String {
    "STRIPE_WEBHOOK_SECRET".into()
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if let Some(problem) = uncallable(&self.url, facts.mode) {
            return Step::Done(Verdict::fail(problem));
        }
        let secret = Slot::Env(self.secret_env.clone());
        let look = Look::WebhookProbe { url: self.url.clone(), secret, api_version: self.api_version.clone() };
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::WebhookProbe(seen)) => Step::Done(self.judge(seen)),
            // Stripe could not reach it either.
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
        let name = &self.secret_env;
        let is_name = |name: &str| {
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        if !is_open(name) && (name.is_empty() || !is_name(name)) {
            let message = format!("`{}` is not the name of a variable", crate::secret::Scrubber::mask_in(name));
            let help = "name the variable, never the secret itself: secret_env = \"STRIPE_WEBHOOK_SECRET\"";
            complaints.push(complaint("secret_env", Code::BadValue, message, help));
        }
        complaints
    }
}

impl Spec {
    fn judge(&self, seen: &ProbeSight) -> Verdict {
        // What the handler says to an event it should take tells most; without the secret, what it
        // says to one it should refuse.
        let telling = seen.rightly_signed.as_ref().unwrap_or(&seen.unsigned);
        let problem = self
            .redirected(telling)
            .or_else(|| self.blocked(telling))
            .or_else(|| self.absent(telling))
            .or_else(|| Self::unguarded(seen))
            .or_else(|| self.refused(seen));
        match (problem, &seen.rightly_signed) {
            (Some(problem), _) => Verdict::fail(problem.why(answers(seen))),
            (None, Some(_)) => Verdict::pass(answers(seen)),
            (None, None) => Verdict::fail(self.secret_unknown().why(answers(seen))),
        }
    }

    fn redirected(&self, answer: &ProbeTry) -> Option<Problem> {
        if !(300..400).contains(&answer.status) {
            return None;
        }
        let status = answer.status;
        let Some(location) = answer.location.as_deref().map(|to| absolute(&self.url, &excerpt(to, 200))) else {
            let problem = Problem::new(Code::WebhookRedirect, format!("`{}` answers {status}", self.url));
            return Some(problem.found_wanted(status.to_string(), "2xx").fix(self.look()));
        };
        if leads_to_login(&location) {
            let problem = Problem::new(Code::WebhookBlocked, format!("`{}` sends Stripe to a login page", self.url))
                .found_wanted(format!("{status} to {location}"), "2xx from the handler itself")
                .fix(format!("exempt the path from the login, then: {}", self.look()));
            return Some(problem);
        }
        let problem = Problem::new(Code::WebhookRedirect, format!("`{}` redirects, and Stripe does not follow", self.url))
            .found_wanted(format!("{status} to {location}"), "2xx from the handler itself")
            .fix(format!("register the final address, in the checklist: url = \"{location}\""));
        Some(problem)
    }

    fn blocked(&self, answer: &ProbeTry) -> Option<Problem> {
        let what = obstacle(answer)?;
        let mut problem = Problem::new(Code::WebhookBlocked, format!("{what} answers in place of the webhook handler"))
            .found_wanted(shown(answer), "2xx from the handler itself");
        if matches!(answer.status, 401 | 403) {
            problem = problem.why("if it is the handler itself that refuses so, it holds another secret");
        }
        Some(problem.fix(format!("exempt the path, then: {}", self.look())))
    }

    fn absent(&self, answer: &ProbeTry) -> Option<Problem> {
        let why = match answer.status {
            404 | 410 => "nothing is deployed at this path",
            405 => "the route does not take POST",
            _ => return None,
        };
        let problem = Problem::new(Code::WebhookNotFound, format!("`{}` has no handler", self.url))
            .found_wanted(shown(answer), "2xx")
            .why(why)
            .fix(format!("deploy the route, or correct the URL in the checklist; then: {}", self.look()));
        Some(problem)
    }

    fn unguarded(seen: &ProbeSight) -> Option<Problem> {
        let what = match (is_ok(&seen.unsigned), is_ok(&seen.wrongly_signed)) {
            (true, true) => "unsigned and wrongly signed events",
            (true, false) => "unsigned events",
            (false, true) => "wrongly signed events",
            (false, false) => return None,
        };
        let problem = Problem::new(Code::WebhookUnsigned, format!("the webhook handler accepts {what}"))
            .found_wanted("2xx to an event that Stripe did not sign", "400")
            .fix("verify `Stripe-Signature` over the raw body before reading the event, deploy, then: golive wizard");
        Some(problem)
    }

    fn refused(&self, seen: &ProbeSight) -> Option<Problem> {
        let right = seen.rightly_signed.as_ref().filter(|answer| !is_ok(answer))?;
        if right.status >= 500 {
            return Some(self.breaks(seen, right));
        }
        if seen.rewritten.as_ref().is_some_and(is_ok) || says_parsed(right) {
            return Some(parsed(right));
        }
        let name = &self.secret_env;
        let mut problem = Problem::new(Code::WebhookSecretWrong, "the webhook handler refuses a rightly signed event")
            .found_wanted(shown(right), "2xx")
            .why(format!("it holds another secret than `{name}` in the env file"))
            .why("or it has not been restarted since the secret was written")
            .why("the secret of `stripe listen`, or of the test endpoint, is another one, too");
        if self.api_version.is_none() {
            problem = problem.why("or its library refuses events without an API version: name it as `api_version`");
        }
        Some(problem.fix(format!("deploy the env file with `{name}`, restart the application, then: golive wizard")))
    }

    fn breaks(&self, seen: &ProbeSight, right: &ProbeTry) -> Problem {
        let problem = Problem::new(Code::WebhookFails, "the webhook handler breaks").found_wanted(shown(right), "2xx");
        if says_parsed(right) {
            return parsed(right);
        }
        if seen.unsigned.status < 500 {
            return problem
                .why("it refuses unsigned events properly, and breaks on a signed one of a type it does not know")
                .fix("answer 2xx to events of other types, deploy, then: golive wizard");
        }
        problem.why("it breaks on every event").fix(format!("read its log, or: {}", self.look()))
    }

    fn secret_unknown(&self) -> Problem {
        let name = &self.secret_env;
        Problem::new(Code::WebhookSecretLost, "no rightly signed event could be sent")
            .found_wanted(format!("no value of `{name}`: it is not in the env file, or stands there twice"), "the endpoint's signing secret")
            .fix(format!("see which, and remove all but one: grep -n {name} YOUR_ENV_FILE"))
            .fix(format!("reveal it in the Dashboard and put it into the env file as `{name}`, then: golive wizard"))
    }

    fn look(&self) -> String {
        format!("curl -sSi -X POST {}", self.url)
    }
}

const fn is_ok(answer: &ProbeTry) -> bool {
    answer.status >= 200 && answer.status < 300
}

/// It checks signatures, and with the right secret, but over another text than was sent.
fn parsed(right: &ProbeTry) -> Problem {
    Problem::new(Code::WebhookBodyParsed, "the webhook handler parses the body before it verifies it")
        .found_wanted(shown(right), "2xx")
        .why("the secret is right: an event that parsing and writing again does not change is taken")
        .fix("give the raw body to the verification (express.raw, request.data, request.body), then: golive wizard")
        .fix("see how for each framework: golive explain GL0421")
}

/// Whether an answer holds what Stripe's libraries say when they are given a parsed body.
fn says_parsed(answer: &ProbeTry) -> bool {
    let body = answer.body.to_lowercase();
    ["parsed javascript object", "must be provided as a string or a buffer"].iter().any(|words| body.contains(words))
}

/// Who answers, when it is not the handler.
fn obstacle(answer: &ProbeTry) -> Option<&'static str> {
    let html = answer.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let body = answer.body.to_lowercase();
    let page = html && (body.contains("<html") || body.contains("<!doctype html"));
    let says = |words: &[&str]| words.iter().any(|word| body.contains(word));
    if page && says(&["captcha", "cf-challenge", "challenge-platform", "just a moment", "are you human", "not a robot"]) {
        return Some("a bot check");
    }
    if page && says(&["type=\"password\"", "type='password'", "type=password", "sign in", "log in", "login"]) {
        return Some("a login page");
    }
    if page && says(&["maintenance", "be right back"]) {
        return Some("a maintenance page");
    }
    match answer.status {
        200..=299 if page => Some("a web page"),
        401 | 403 | 407 => Some("a login or a firewall"),
        429 => Some("a rate limit"),
        502..=504 => Some("a proxy whose application does not run"),
        _ => None,
    }
}

fn leads_to_login(location: &str) -> bool {
    let path = location.to_ascii_lowercase();
    ["login", "log-in", "signin", "sign-in", "sign_in", "/auth", "/sso"].iter().any(|word| path.contains(word))
}

/// `unsigned 400, wrongly signed 400, rightly signed 200 in 96 ms`
fn answers(seen: &ProbeSight) -> String {
    let rightly = match &seen.rightly_signed {
        Some(answer) => format!("rightly signed {} in {} ms", answer.status, answer.millis),
        None => "rightly signed not sent".to_owned(),
    };
    format!("unsigned {}, wrongly signed {}, {rightly}", seen.unsigned.status, seen.wrongly_signed.status)
}

fn shown(answer: &ProbeTry) -> String {
    match excerpt(&answer.body, 60) {
        body if body.is_empty() => answer.status.to_string(),
        body => format!("{}: {body}", answer.status),
    }
}

#[cfg(test)]
#[path = "webhook_probe_tests.rs"]
mod tests;
