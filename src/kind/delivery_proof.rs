//! `delivery_proof`: a harmless event that Stripe really delivers to the endpoint, without a
//! payment: the metadata of one of golive's own products is touched, and the event this causes is
//! watched until every endpoint took it.
//!
//! An endpoint that does not listen to such events borrows the subscription for the moment of the
//! proof; it is given back afterwards, whatever the outcome. Each step is journaled, so a run that
//! is stopped in between gives it back when it goes on.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::object::{Event, WebhookEndpoint};
use crate::step::{
    Action, Applied, Change, Effect, Facts, Field, Look, PROOF_MARK, Permission, ProductPatch, Sight, Step, Verb, Verdict,
    WebhookPatch, Write, unix,
};

/// The fields of a `delivery_proof` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The endpoint's id, usually a reference: `${webhook.main.id}`.
    pub endpoint: String,
    /// The product that is touched, usually a reference: `${catalog.pro.id}`.
    pub product: String,
    /// The event's type.
    #[serde(default = "event")]
    pub event: String,
    /// Seconds to wait for the delivery.
    #[serde(default = "wait")]
    #[schemars(range(min = 1, max = 600))]
    pub wait: u64,
}

fn event() -> String {
    "product.updated".into()
}

const fn wait() -> u64 {
    60
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let touched = self.touched(facts);
        let has_borrowed = self.has_borrowed(facts);
        if let (Some(evidence), Some(_), false) = (facts.passed, touched, has_borrowed) {
            return Step::Done(Verdict::pass(evidence));
        }
        let endpoint = match self.endpoint(facts) {
            Ok(endpoint) => endpoint,
            Err(step) => return step,
        };
        let Some(touched) = touched else { return self.touch(facts, endpoint) };
        let look = self.delivery(touched);
        let Some(seen) = facts.see(&look) else { return Step::Look(vec![look]) };
        // Whoever gave it back already, golive or the operator, did what was left to do.
        if has_borrowed && endpoint.enabled_events.contains(&self.event) {
            return self.give_back(endpoint);
        }
        Step::Done(self.judge(facts, seen))
    }

    fn realm(&self) -> Realm {
        Realm::Between
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::EventRead, Permission::ProductWrite, Permission::WebhookWrite]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let known = ["product.updated"];
        let strange = !known.contains(&self.event.as_str());
        let complaint = strange.then(|| Complaint {
            path: "event".into(),
            code: Code::BadValue,
            message: format!("`{}` cannot be caused without touching money or customers", self.event),
            help: Some("event = \"product.updated\"".into()),
        });
        complaint.into_iter().collect()
    }
}

impl Spec {
    fn endpoint<'a>(&self, facts: &'a Facts<'_>) -> Result<&'a WebhookEndpoint, Step> {
        let endpoints = match facts.see(&Look::WebhookEndpoints) {
            None => return Err(Step::Look(vec![Look::WebhookEndpoints])),
            Some(Sight::WebhookEndpoints(endpoints)) => endpoints,
            Some(Sight::Refused(refusal)) => return Err(Step::Done(Verdict::Fail { problem: refusal.problem(None) })),
            Some(_) => return Err(fail(Problem::new(Code::Unreadable, "the endpoints could not be read"))),
        };
        let Some(endpoint) = endpoints.iter().find(|endpoint| endpoint.id == self.endpoint) else {
            let problem = Problem::new(Code::ProofFailed, format!("the endpoint {} is not in Stripe", self.endpoint));
            return Err(fail(problem.fix("create it again: golive apply")));
        };
        if endpoint.status == "disabled" {
            let problem = Problem::new(Code::WebhookDisabled, format!("the endpoint {} is disabled", endpoint.id));
            return Err(fail(problem.fix("switch it on: golive apply")));
        }
        Ok(endpoint)
    }

    /// The write that caused the event for this endpoint, if it was made.
    fn touched<'a>(&self, facts: &Facts<'a>) -> Option<&'a Applied> {
        facts.applied.iter().rev().find(|applied| match &applied.write {
            Some(Write::UpdateProduct { patch, .. }) => {
                patch.metadata.get(PROOF_MARK).is_some_and(|mark| mark.split('#').next() == Some(&self.endpoint))
            }
            _ => false,
        })
    }

    /// Whether the last change this item made to the endpoint was to subscribe it for the proof.
    fn has_borrowed(&self, facts: &Facts<'_>) -> bool {
        let last = facts.applied.iter().rev().find_map(|applied| match &applied.write {
            Some(Write::UpdateWebhook { id, patch }) if *id == self.endpoint => patch.enabled_events.as_ref(),
            _ => None,
        });
        last.is_some_and(|events| events.contains(&self.event))
    }

    /// The mark of this proof: another one than the last, because a product that stays as it is
    /// causes no event.
    fn mark(&self, facts: &Facts<'_>) -> Result<String, Step> {
        let look = Look::Product(self.product.clone());
        let product = match facts.see(&look) {
            None => return Err(Step::Look(vec![look])),
            Some(Sight::Product(Some(product))) => product,
            Some(Sight::Refused(refusal)) => return Err(fail(refusal.problem(None))),
            Some(_) => {
                let problem = Problem::new(Code::ProofFailed, format!("the product {} is not in Stripe", self.product));
                return Err(fail(problem.fix("create it again: golive apply")));
            }
        };
        let last = product.metadata.get(PROOF_MARK).and_then(|mark| mark.split('#').nth(1)?.parse::<u64>().ok());
        Ok(format!("{}#{}", self.endpoint, last.unwrap_or_default() + 1))
    }

    /// Causes the event, after borrowing the subscription where needed.
    fn touch(&self, facts: &Facts<'_>, endpoint: &WebhookEndpoint) -> Step {
        let mark = match self.mark(facts) {
            Ok(mark) => mark,
            Err(step) => return step,
        };
        let mut actions = Vec::new();
        let listens = endpoint.enabled_events.iter().any(|event| *event == self.event || event == "*");
        if !listens {
            let mut events = endpoint.enabled_events.clone();
            events.push(self.event.clone());
            let mut borrow = subscribe(endpoint, events, 0);
            borrow.notes.push(format!("{} is listened to for this proof only, then given back.", self.event));
            actions.push(borrow);
        }
        let patch = ProductPatch { metadata: [(PROOF_MARK.to_owned(), mark.clone())].into(), ..ProductPatch::default() };
        // The mark is golive's own; without it the product is as it was before the first proof.
        let unmarked = ProductPatch { metadata: [(PROOF_MARK.to_owned(), String::new())].into(), ..ProductPatch::default() };
        actions.push(Action {
            noun: "product".into(),
            name: self.product.clone(),
            verb: Verb::Prove,
            summary: format!("cause {}", self.event),
            fields: vec![Field::new(format!("metadata.{PROOF_MARK}"), mark)],
            notes: Vec::new(),
            effect: Effect::Stripe(Write::UpdateProduct { id: self.product.clone(), patch }),
            stage: 1,
            undo: Some(Write::UpdateProduct { id: self.product.clone(), patch: unmarked }),
        });
        Step::Change(Change::of(actions))
    }

    fn give_back(&self, endpoint: &WebhookEndpoint) -> Step {
        let events = endpoint.enabled_events.iter().filter(|event| **event != self.event).cloned().collect();
        let mut action = subscribe(endpoint, events, 0);
        action.notes.push("The subscription that the proof had borrowed.".into());
        Step::Change(Change { actions: vec![action], follows: true })
    }

    fn delivery(&self, touched: &Applied) -> Look {
        Look::Delivery {
            event: self.event.clone(),
            key: touched.key.clone().unwrap_or_default(),
            // Stripe's clock and ours may differ a little; and an answer that was lost came to be known late.
            since: unix(&touched.sent) - 300,
            wait: self.wait,
        }
    }

    fn judge(&self, facts: &Facts<'_>, seen: &Sight) -> Verdict {
        match seen {
            Sight::Event(Some(event)) if event.pending_webhooks == 0 => {
                Verdict::pass(format!("{} {} taken by every endpoint that listens", event.type_, event.id))
            }
            Sight::Event(Some(event)) => Verdict::Fail { problem: self.pending(event) },
            Sight::Event(None) => Verdict::Fail {
                problem: Problem::new(Code::DeliveryPending, format!("Stripe shows no {} event for the proof", self.event))
                    .why(format!("looked for {} s", self.wait))
                    .fix(format!("try the proof again: golive reopen {}", facts.address)),
            },
            Sight::Refused(refusal) => Verdict::Fail { problem: refusal.problem(None) },
            _ => Verdict::Unknown { problem: Problem::new(Code::Unreadable, "the event could not be read") },
        }
    }

    fn pending(&self, event: &Event) -> Problem {
        let count = event.pending_webhooks;
        let noun = if count == 1 { "endpoint has" } else { "endpoints have" };
        Problem::new(Code::DeliveryPending, format!("{count} {noun} not taken the event {}", event.id))
            .why(format!("waited {} s for a 2xx answer; Stripe goes on trying", self.wait))
            .fix(format!("see each attempt: https://dashboard.stripe.com/events/{}", event.id))
            .fix("then look again: golive wizard")
    }
}

fn subscribe(endpoint: &WebhookEndpoint, events: Vec<String>, stage: u8) -> Action {
    let fields = vec![Field::change("events", endpoint.enabled_events.join(", "), events.join(", "))];
    let patch = WebhookPatch { enabled_events: Some(events), ..WebhookPatch::default() };
    let before = WebhookPatch { enabled_events: Some(endpoint.enabled_events.clone()), ..WebhookPatch::default() };
    Action {
        noun: "webhook".into(),
        name: endpoint.id.clone(),
        verb: Verb::Change,
        summary: String::new(),
        fields,
        notes: Vec::new(),
        effect: Effect::Stripe(Write::UpdateWebhook { id: endpoint.id.clone(), patch }),
        stage,
        undo: Some(Write::UpdateWebhook { id: endpoint.id.clone(), patch: before }),
    }
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::Fail { problem })
}

#[cfg(test)]
#[path = "delivery_proof_tests.rs"]
mod tests;
