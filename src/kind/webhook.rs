//! `webhook`: the endpoint that Stripe calls: found by its URL, created or corrected, never
//! doubled; its signing secret goes to the env file in the very step that creates it.

mod events;
mod signing;
mod suffix;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::events::is_event;
use self::events::event_complaint;
use self::suffix::Suffix;
use super::product::mark;
use super::text::complaint;
use super::url::{unregistrable, url_complaint};
use super::{Complaint, Kind, Realm, Variable, env_name};
use crate::error::{Code, Problem};
use crate::step::object::WebhookEndpoint;
use crate::step::{
    Action, Change, Effect, EnvSight, Facts, Field, Look, Permission, Sight, Step, Verb, Verdict, WebhookDraft,
    WebhookPatch, Write,
};

/// Stripe's limit on endpoints, for each account and mode; disabled ones count.
const LIMIT: usize = 16;

/// The fields of a `webhook` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The URL that Stripe calls.
    pub url: String,
    /// What the application appends to it: `uuid`, as dj-stripe does. An endpoint with any UUID there
    /// is this one; for a new one golive makes the UUID.
    pub url_suffix: Option<Suffix>,
    /// The events your code handles, exactly those.
    #[schemars(length(min = 1))]
    pub events: Vec<String>,
    /// A description for the Dashboard.
    pub description: Option<String>,
    /// The API version of the events; fixed for the life of the endpoint.
    pub api_version: Option<String>,
    /// The variable of the env file that takes the signing secret.
    #[serde(default = "secret_env")]
    pub secret_env: String,
}

fn secret_env() -> String {
    "STRIPE_WEBHOOK_SECRET".into()
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match self.decide(facts) {
            Ok(step) | Err(step) => step,
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        vec!["id".into(), "url".into()]
    }

    fn variables(&self) -> Vec<Variable> {
        vec![Variable { name: self.secret_env.clone(), output: None }]
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::WebhookWrite]
    }

    /// An address that Stripe cannot call in live mode is not complained about: the same checklist
    /// may be for test mode alone. Live mode refuses it before anything is looked at.
    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = env_name("secret_env", &self.secret_env).into_iter().collect();
        complaints.extend(url_complaint("url", &self.url));
        if self.url_suffix.is_some() && self.url.contains('?') {
            let message = "a UUID cannot be put behind a query";
            complaints.push(complaint("url", Code::BadValue, message, "leave `?` and what follows it out"));
        }
        if self.events.is_empty() {
            let help = "events = [\"checkout.session.completed\"]";
            complaints.push(complaint("events", Code::BadValue, "an endpoint needs at least one event", help));
        }
        let of = |(n, event): (usize, &String)| event_complaint(&format!("events[{n}]"), event);
        complaints.extend(self.events.iter().enumerate().filter_map(of));
        complaints
    }
}

impl Spec {
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        if let Some(problem) = unregistrable(&self.url, facts.mode) {
            return Err(Step::Done(Verdict::Fail { problem }));
        }
        let looks = facts.unseen([Look::WebhookEndpoints, Look::EnvFile]);
        if !looks.is_empty() {
            return Err(Step::Look(looks));
        }
        let endpoints = match facts.see(&Look::WebhookEndpoints) {
            Some(Sight::WebhookEndpoints(endpoints)) => endpoints,
            Some(Sight::Refused(refusal)) => return Err(Step::Done(Verdict::Fail { problem: refusal.problem(None) })),
            _ => return Err(unreadable()),
        };
        let env = match facts.see(&Look::EnvFile) {
            Some(Sight::EnvFile(env)) => env,
            Some(Sight::Unseen(problem)) => return Err(Step::Done(Verdict::fail(problem.clone()))),
            _ => return Err(unreadable()),
        };
        if let Some(problem) = self.unwritable(env) {
            return Err(Step::Done(Verdict::Fail { problem }));
        }
        match self.find(facts, endpoints)? {
            Some(endpoint) => self.compare(facts, endpoint, env),
            None => self.create(facts, endpoints),
        }
    }

    /// The endpoint with this URL, or the one that golive made for this item when it had another
    /// URL. One that is switched off counts only when no other is on.
    fn find<'e>(&self, facts: &Facts<'_>, endpoints: &'e [WebhookEndpoint]) -> Result<Option<&'e WebhookEndpoint>, Step> {
        let same = |endpoint: &&WebhookEndpoint| self.is_at(&endpoint.url);
        let (on, off): (Vec<_>, Vec<_>) = endpoints.iter().filter(same).partition(|endpoint| endpoint.status != "disabled");
        match (on.as_slice(), off.as_slice()) {
            ([one], _) | ([], [one, ..]) => Ok(Some(one)),
            ([], []) => Ok(self.without_uuid(endpoints).or_else(|| made_here(facts, endpoints))),
            (several, _) => {
                let ids: Vec<&str> = several.iter().map(|endpoint| endpoint.id.as_str()).collect();
                let problem = Problem::new(Code::WebhookDuplicate, format!("{} endpoints have this URL", ids.len()))
                    .why(format!("{}: {}", self.url, ids.join(", ")))
                    .why("every event is delivered twice, signed with two secrets; one of them fails")
                    .fix(format!("switch off all but one: https://dashboard.stripe.com/webhooks/{}", ids[0]));
                Err(Step::Done(Verdict::Fail { problem }))
            }
        }
    }

    /// Whether an endpoint's URL is the one that is wanted.
    fn is_at(&self, found: &str) -> bool {
        match self.url_suffix {
            None => normal(found) == normal(&self.url),
            Some(Suffix::Uuid) => suffix::uuid_in(found, &self.url).is_some(),
        }
    }

    /// The endpoint that somebody registered with the bare URL, which the application does not serve:
    /// it gets its UUID, and keeps its secret.
    fn without_uuid<'e>(&self, endpoints: &'e [WebhookEndpoint]) -> Option<&'e WebhookEndpoint> {
        let bare = |endpoint: &&WebhookEndpoint| normal(&endpoint.url) == normal(&self.url);
        endpoints.iter().filter(|_| self.url_suffix.is_some()).find(bare)
    }

    /// The URL as it is shown before it is registered.
    fn shown_url(&self) -> String {
        self.url_suffix.map_or_else(|| self.url.clone(), |_| suffix::shown(&self.url))
    }

    /// Whatever would keep the signing secret out of the env file, found before Stripe shows it.
    fn unwritable(&self, env: &EnvSight) -> Option<Problem> {
        let lines = env.lines(&self.secret_env);
        if lines.len() > 1 {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            return Some(
                Problem::new(Code::EnvDuplicate, format!("`{}` stands twice in {}", self.secret_env, env.path))
                    .why(format!("lines {}", lines.join(" and ")))
                    .fix(format!("remove one of them, then run the same command again: {}", env.path)),
            );
        }
        env.problems.first().cloned()
    }

    fn create(&self, facts: &Facts<'_>, endpoints: &[WebhookEndpoint]) -> Result<Step, Step> {
        if endpoints.len() >= LIMIT {
            let off: Vec<&str> =
                endpoints.iter().filter(|endpoint| endpoint.status == "disabled").map(|endpoint| endpoint.id.as_str()).collect();
            let mut problem = Problem::new(Code::WebhookLimit, format!("the account has {} webhook endpoints, and Stripe allows {LIMIT}", endpoints.len()));
            if !off.is_empty() {
                problem = problem.why(format!("switched off, so perhaps not needed: {}", off.join(", ")));
            }
            let problem = problem.fix("delete one that is not needed: https://dashboard.stripe.com/webhooks");
            return Err(Step::Done(Verdict::Fail { problem }));
        }
        let draft = WebhookDraft {
            url: self.url.clone(),
            enabled_events: self.events.clone(),
            description: self.description.clone(),
            api_version: self.api_version.clone(),
            metadata: [mark(facts)].into(),
            secret_env: self.secret_env.clone(),
            wants_uuid: self.url_suffix.is_some(),
        };
        let fields = vec![
            Field::new("url", self.shown_url()),
            Field::new("events", self.events.join(", ")),
            Field::new("secret", format!("shown by Stripe once; goes straight to {}", self.secret_env)),
        ];
        Ok(change(facts, Verb::Create, "", fields, Effect::Stripe(Write::CreateWebhook(draft))))
    }

    fn compare(&self, facts: &Facts<'_>, endpoint: &WebhookEndpoint, env: &EnvSight) -> Result<Step, Step> {
        if let Some(wanted) = self.api_version.as_ref().filter(|wanted| endpoint.api_version.as_ref() != Some(wanted)) {
            return Err(Step::Done(Verdict::Fail { problem: version_problem(endpoint, wanted) }));
        }
        let (mut patch, mut before) = (WebhookPatch::default(), WebhookPatch::default());
        let mut fields = Vec::new();
        if !self.is_at(&endpoint.url) {
            fields.push(Field::change("url", &endpoint.url, self.shown_url()));
            (patch.url, before.url) = (Some(self.url.clone()), Some(endpoint.url.clone()));
            patch.wants_uuid = self.url_suffix.is_some();
            if patch.wants_uuid {
                before.metadata.insert(suffix::MARK.to_owned(), String::new());
            }
        }
        if sorted(&endpoint.enabled_events) != sorted(&self.events) {
            fields.push(Field::change("events", endpoint.enabled_events.join(", "), self.events.join(", ")));
            patch.enabled_events = Some(self.events.clone());
            before.enabled_events = Some(endpoint.enabled_events.clone());
        }
        if let Some(text) = self.description.as_ref().filter(|text| endpoint.description.as_ref() != Some(text)) {
            fields.push(Field { name: "description".into(), from: endpoint.description.clone(), to: text.clone() });
            patch.description = Some(text.clone());
            before.description = Some(endpoint.description.clone().unwrap_or_default());
        }
        if endpoint.status == "disabled" {
            fields.push(Field::change("status", "disabled", "enabled"));
            (patch.disabled, before.disabled) = (Some(false), Some(true));
        }
        if !fields.is_empty() {
            let write = Write::UpdateWebhook { id: endpoint.id.clone(), patch };
            let undo = Write::UpdateWebhook { id: endpoint.id.clone(), patch: before };
            let action = Action::new("webhook", &facts.address.item, Verb::Change, Effect::Stripe(write));
            let action = action.summary(&endpoint.id).fields(fields).undo(undo);
            return Ok(Step::Change(Change::of(vec![action])));
        }
        self.secret(facts, endpoint, env)
    }
}

fn change(facts: &Facts<'_>, verb: Verb, summary: &str, fields: Vec<Field>, effect: Effect) -> Step {
    Step::Change(Change::of(vec![Action {
            noun: "webhook".into(),
            name: facts.address.item.clone(),
            verb,
            summary: summary.to_owned(),
            fields,
            notes: Vec::new(),
            effect,
            stage: 0,
            undo: None,
    }]))
}

/// The one endpoint that carries this item's mark: it moves with the URL, and keeps its secret.
fn made_here<'e>(facts: &Facts<'_>, endpoints: &'e [WebhookEndpoint]) -> Option<&'e WebhookEndpoint> {
    let (key, value) = mark(facts);
    let mut marked = endpoints.iter().filter(|endpoint| endpoint.metadata.get(&key) == Some(&value));
    marked.next().filter(|_| marked.next().is_none())
}

fn version_problem(endpoint: &WebhookEndpoint, wanted: &str) -> Problem {
    let found = endpoint.api_version.as_deref();
    let accept = match found {
        Some(found) => format!("write api_version = \"{found}\" in the checklist, if your code reads it"),
        None => "leave api_version out of the checklist, if your code reads the account's default".to_owned(),
    };
    Problem::new(Code::WebhookUrl, "the endpoint's API version is not the one your code expects, and Stripe cannot change it")
        .found_wanted(found.unwrap_or("the account's default"), wanted)
        .fix(accept)
        .fix(format!("delete the endpoint; golive then creates it anew: https://dashboard.stripe.com/webhooks/{}", endpoint.id))
}

fn unreadable() -> Step {
    Step::Done(Verdict::Unknown { problem: Problem::new(Code::Unreadable, "the endpoints could not be read") })
}

fn sorted(events: &[String]) -> Vec<&str> {
    let mut events: Vec<&str> = events.iter().map(String::as_str).collect();
    events.sort_unstable();
    events.dedup();
    events
}

/// `1 event`, `3 events`
fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A URL as it is compared: scheme and host in lower case, without query and default port.
fn normal(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let scheme = scheme.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let port = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}/{path}", host.strip_suffix(port).unwrap_or(&host))
}

#[cfg(test)]
mod tests;
