//! `webhook`: the endpoint that Stripe calls: found by its URL, created or corrected, never
//! doubled; its signing secret goes to the env file in the very step that creates it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::product::mark;
use super::{Complaint, Kind, Realm, Variable, env_name};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::object::WebhookEndpoint;
use crate::step::{
    Action, Change, Check, Effect, EnvSet, EnvSight, EnvSource, EnvVar, Facts, Field, Form, Look, Outputs, Permission, Question, Sight, Step,
    Verb, Verdict, WebhookDraft, WebhookPatch, Write,
};

/// Stripe's limit on endpoints, for each account and mode; disabled ones count.
const LIMIT: usize = 16;

/// The fields of a `webhook` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The URL that Stripe calls.
    pub url: String,
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

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = env_name("secret_env", &self.secret_env).into_iter().collect();
        let complain = |path: &str, message: String, help: &str| Complaint {
            path: path.into(),
            code: Code::BadValue,
            message,
            help: Some(help.into()),
        };
        if self.events.is_empty() {
            complaints.push(complain("events", "an endpoint needs at least one event".into(), "events = [\"checkout.session.completed\"]"));
        }
        for (n, event) in self.events.iter().enumerate() {
            if event != "*" && event.contains('*') {
                let message = format!("`{event}` is not an event; endpoints take whole names only");
                complaints.push(complain(&format!("events[{n}]"), message, "name each event, or use \"*\" alone for all"));
            }
        }
        if !self.url.contains("${") && !self.url.starts_with("https://") && !self.url.starts_with("http://") {
            complaints.push(complain("url", format!("`{}` is not a web address", self.url), "begin it with https://"));
        }
        complaints
    }
}

impl Spec {
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        if let Some(problem) = unusable(&self.url, facts.mode) {
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
        let Some(Sight::EnvFile(env)) = facts.see(&Look::EnvFile) else { return Err(unreadable()) };
        if let Some(problem) = self.unwritable(env) {
            return Err(Step::Done(Verdict::Fail { problem }));
        }
        match self.find(endpoints)? {
            Some(endpoint) => self.compare(facts, endpoint, env),
            None => self.create(facts, endpoints),
        }
    }

    /// The endpoint with this URL. One that is switched off counts only when no other is on.
    fn find<'e>(&self, endpoints: &'e [WebhookEndpoint]) -> Result<Option<&'e WebhookEndpoint>, Step> {
        let same = |endpoint: &&WebhookEndpoint| normal(&endpoint.url) == normal(&self.url);
        let (on, off): (Vec<_>, Vec<_>) = endpoints.iter().filter(same).partition(|endpoint| endpoint.status != "disabled");
        match (on.as_slice(), off.as_slice()) {
            ([one], _) | ([], [one, ..]) => Ok(Some(one)),
            ([], []) => Ok(None),
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
        };
        let fields = vec![
            Field::new("url", &self.url),
            Field::new("events", self.events.join(", ")),
            Field::new("secret", format!("shown by Stripe once; goes straight to {}", self.secret_env)),
        ];
        Ok(change(facts, Verb::Create, "", fields, Effect::Stripe(Write::CreateWebhook(draft))))
    }

    fn compare(&self, facts: &Facts<'_>, endpoint: &WebhookEndpoint, env: &EnvSight) -> Result<Step, Step> {
        if let (Some(wanted), Some(found)) = (&self.api_version, &endpoint.api_version)
            && wanted != found
        {
            return Err(Step::Done(Verdict::Fail { problem: version_problem(endpoint, found, wanted) }));
        }
        let mut patch = WebhookPatch::default();
        let mut fields = Vec::new();
        if sorted(&endpoint.enabled_events) != sorted(&self.events) {
            fields.push(Field::change("events", endpoint.enabled_events.join(", "), self.events.join(", ")));
            patch.enabled_events = Some(self.events.clone());
        }
        if let Some(text) = self.description.as_ref().filter(|text| endpoint.description.as_ref() != Some(text)) {
            fields.push(Field { name: "description".into(), from: endpoint.description.clone(), to: text.clone() });
            patch.description = Some(text.clone());
        }
        if endpoint.status == "disabled" {
            fields.push(Field::change("status", "disabled", "enabled"));
            patch.disabled = Some(false);
        }
        if !fields.is_empty() {
            let write = Write::UpdateWebhook { id: endpoint.id.clone(), patch };
            return Ok(change(facts, Verb::Change, &endpoint.id, fields, Effect::Stripe(write)));
        }
        self.secret(facts, endpoint, env)
    }

    /// The endpoint is as it should be; its secret must be in the env file.
    fn secret(&self, facts: &Facts<'_>, endpoint: &WebhookEndpoint, env: &EnvSight) -> Result<Step, Step> {
        let slot = Slot::Env(self.secret_env.clone());
        let variable = env.get(&self.secret_env);
        let given = facts.secrets.get(&slot);
        let kept = variable.is_some_and(|variable| match given {
            Some(known) => variable.fingerprint() == known.fingerprint,
            None => variable.has_prefix("whsec_"),
        });
        if kept {
            let evidence = format!("{}, {}", endpoint.id, plural(endpoint.enabled_events.len(), "event"));
            let outputs = Outputs::from([("id".into(), endpoint.id.clone()), ("url".into(), endpoint.url.clone())]);
            return Ok(Step::Done(Verdict::pass_with(evidence, outputs)));
        }
        let Some(known) = given else { return Ok(self.ask_secret(endpoint)) };
        let from = variable.map(EnvVar::masked);
        let fields = vec![Field { name: self.secret_env.clone(), from, to: known.masked.clone() }];
        let set = EnvSet { variable: self.secret_env.clone(), value: EnvSource::Vault(slot) };
        let Step::Change(mut change) = change(facts, Verb::Write, "", fields, Effect::Env(vec![set])) else {
            return Err(unreadable());
        };
        for action in &mut change.actions {
            (action.noun, action.name) = ("env".into(), env.path.clone());
        }
        Ok(Step::Change(change))
    }

    fn ask_secret(&self, endpoint: &WebhookEndpoint) -> Step {
        Step::Ask(Question {
            name: "secret".into(),
            prompt: "Signing secret of the endpoint".into(),
            help: vec![
                format!("{} exists already, and Stripe shows its secret by API only once.", endpoint.id),
                format!("Reveal it in the Dashboard; it goes to {} in your env file.", self.secret_env),
            ],
            link: Some(format!("https://dashboard.stripe.com/webhooks/{}", endpoint.id)),
            because: None,
            form: Form::Secret { slot: Slot::Env(self.secret_env.clone()), check: Check::SigningSecret },
            rehearse: None,
        })
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
    }]))
}

fn version_problem(endpoint: &WebhookEndpoint, found: &str, wanted: &str) -> Problem {
    Problem::new(Code::WebhookUrl, "the endpoint's API version is not the one your code expects, and Stripe cannot change it")
        .found_wanted(found, wanted)
        .fix(format!("write api_version = \"{found}\" in the checklist, if your code reads it"))
        .fix(format!("or delete the endpoint; golive then creates it anew: https://dashboard.stripe.com/webhooks/{}", endpoint.id))
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

/// Why Stripe cannot call a URL in this mode, as far as the text says.
pub(super) fn unusable(url: &str, mode: Mode) -> Option<Problem> {
    let normal = normal(url);
    let (scheme, rest) = normal.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.strip_prefix('[').and_then(|host| host.split(']').next()).unwrap_or_else(|| host.split(':').next().unwrap_or_default());
    let problem = |message: &str| Problem::new(Code::WebhookUrl, format!("{message}: {url}"));
    if mode.livemode() && scheme != "https" {
        return Some(problem("in live mode Stripe calls https addresses only").fix(format!("write https://{rest}")));
    }
    if host.is_empty() {
        return Some(problem("the address has no host").fix("write the whole address: https://shop.example/webhook"));
    }
    if is_private(host) {
        return Some(problem("Stripe cannot reach this address from the internet").fix("use the public address of your application"));
    }
    None
}

fn is_private(host: &str) -> bool {
    use std::net::IpAddr;
    let local = host == "localhost" || [".localhost", ".local", ".internal"].iter().any(|end| host.ends_with(end));
    local
        || match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
            Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
            Err(_) => false,
        }
}
