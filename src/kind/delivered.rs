//! Whether events of a payment reached every endpoint that listens to them. For the kinds that watch
//! a payment or a refund; what is missing is waited for, then named with its likely causes.

use serde_json::Value;

use super::seen::not_seen;
use crate::error::{Code, Problem};
use crate::step::object::{Event, WebhookEndpoint};
use crate::step::{Facts, Look, Sight, Step, Verdict, Wait};

/// Seconds to wait for an event and its deliveries: Stripe's first attempt follows at once, the
/// second much later.
const PATIENCE: u64 = 60;
/// Seconds by which this computer's clock may be ahead of Stripe's.
pub(super) const SKEW: i64 = 120;

/// The look at events of these types since then.
pub(super) fn look(types: impl IntoIterator<Item = String>, since: i64) -> Look {
    let mut types: Vec<String> = types.into_iter().collect();
    types.sort();
    types.dedup();
    Look::Events { types, since, undelivered: false }
}

/// The events that a look brought, newest first.
pub(super) fn events<'f>(facts: &'f Facts<'_>, look: &Look) -> Result<&'f [Event], Step> {
    match facts.see(look) {
        None => Err(Step::Look(vec![look.clone()])),
        Some(Sight::Events(events)) => Ok(events),
        Some(other) => Err(not_seen(other)),
    }
}

/// Every endpoint of the account.
pub(super) fn endpoints<'f>(facts: &'f Facts<'_>) -> Result<&'f [WebhookEndpoint], Step> {
    match facts.see(&Look::WebhookEndpoints) {
        None => Err(Step::Look(vec![Look::WebhookEndpoints])),
        Some(Sight::WebhookEndpoints(endpoints)) => Ok(endpoints),
        Some(other) => Err(not_seen(other)),
    }
}

/// Whether an endpoint gets events of a type while it is enabled.
pub(super) fn listens(endpoint: &WebhookEndpoint, kind: &str) -> bool {
    endpoint.enabled_events.iter().any(|event| event == kind || event == "*")
}

/// Whether an event is about one of these objects, or belongs to one.
pub(super) fn is_about(event: &Event, ids: &[&str]) -> bool {
    let object = event.object();
    let named = |key: &str| object[key].as_str().is_some_and(|id| !id.is_empty() && ids.contains(&id));
    ["id", "payment_intent", "charge", "subscription"].iter().any(|key| named(key))
}

/// The newest event of a type about one of these objects.
pub(super) fn about<'f>(events: &'f [Event], kind: &str, ids: &[&str]) -> Option<&'f Event> {
    events.iter().find(|event| event.type_ == kind && is_about(event, ids))
}

/// What is known of the deliveries of these types: what to say of them, or what comes first.
pub(super) fn follow(facts: &Facts<'_>, look: &Look, types: &[String], ids: &[&str]) -> Result<Vec<String>, Step> {
    let (events, endpoints) = (events(facts, look)?, endpoints(facts)?);
    let waited = facts.at_most(PATIENCE);
    let mut told = Vec::new();
    for kind in types {
        let listeners: Vec<_> = endpoints.iter().filter(|endpoint| listens(endpoint, kind)).collect();
        let enabled = listeners.iter().filter(|endpoint| endpoint.status != "disabled").count();
        if enabled == 0 {
            return Err(fail(nobody_listens(kind, &listeners)));
        }
        let what = format!("the delivery of {kind}");
        let event = about(events, kind, ids);
        if let Some(event) = event.filter(|event| event.pending_webhooks == 0) {
            let noun = if enabled == 1 { "endpoint" } else { "endpoints" };
            told.push(format!("{kind} taken by {enabled} {noun}, {}", event.id));
        } else if facts.waited.contains(&what) {
            return Err(fail(event.map_or_else(|| no_event(kind, waited), |event| pending(event, &listeners, waited))));
        } else {
            return Err(Step::Wait(Wait { what, looks: vec![look.clone()], most: PATIENCE, sale: None }));
        }
    }
    Ok(told)
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::fail(problem))
}

fn nobody_listens(kind: &str, disabled: &[&WebhookEndpoint]) -> Problem {
    let problem = Problem::new(Code::DeliveryNoListener, format!("no endpoint that is switched on gets {kind}"));
    let problem = disabled
        .iter()
        .fold(problem, |problem, endpoint| problem.why(format!("{} is disabled: {}", endpoint.id, endpoint.url)));
    problem
        .fix(format!("add {kind} to the `events` of the webhook item, or switch the endpoint on: golive plan"))
        .fix("see the endpoints: https://dashboard.stripe.com/webhooks")
}

fn no_event(kind: &str, waited: u64) -> Problem {
    Problem::new(Code::DeliveryPending, format!("Stripe shows no {kind} event for this payment"))
        .why(format!("looked for {waited} s"))
        .fix("see the events of the account: https://dashboard.stripe.com/events")
        .fix("then look again: golive wizard")
}

fn pending(event: &Event, listeners: &[&WebhookEndpoint], waited: u64) -> Problem {
    let count = event.pending_webhooks;
    let noun = if count == 1 { "endpoint has" } else { "endpoints have" };
    let problem = Problem::new(Code::DeliveryPending, format!("{count} {noun} not taken {} {}", event.type_, event.id));
    let problem = listeners.iter().fold(problem, |problem, endpoint| {
        let state = if endpoint.status == "disabled" { ", disabled" } else { "" };
        problem.why(format!("one that gets it: {} {}{state}", endpoint.id, endpoint.url))
    });
    problem
        .why(format!("waited {waited} s for a 2xx answer; Stripe goes on trying"))
        .fix(format!("see each attempt: https://dashboard.stripe.com/events/{}", event.id))
        .fix("then look again: golive wizard")
}

/// The text of a field that may be missing, empty when it is.
pub(super) fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object[key].as_str().unwrap_or_default()
}
