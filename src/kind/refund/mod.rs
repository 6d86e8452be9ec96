//! `refund`: gives a payment back, whole or in part, and, where it is given back whole, ends the
//! subscription that would charge again.
//!
//! Opt-in, and consented to by typing the amount. Invariant: one refund for each item, ever. It stands
//! in the journal, it is found again by golive's mark, and what cannot be refunded is refused before
//! anything is sent.

mod check;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::delivered::{self, text};
use super::product::mark;
use super::purchase::is_event;
use super::text::{complaint, is_open};
use super::{Complaint, Kind, Realm, seen};
use crate::error::{Code, Problem};
use crate::money::Money;
use crate::step::{
    Action, Applied, Change, Choice, Collection, Effect, Facts, Form, Look, Milestone, MoneyWrite, Outputs, Permission,
    Question, RefundDraft, Sight, Step, Verb, Verdict, Write, unix,
};
use check::Payment;

/// The question whether it is refunded.
const REFUND: &str = "refund";
/// Everything that is left of the payment.
const FULL: &str = "full";

/// The fields of a `refund` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The payment, usually a reference: `${launch.purchase.payment}`.
    pub payment: String,
    /// `full`, or a part of it: `10.00 CAD`.
    #[serde(default = "full")]
    pub amount: String,
    /// Whether the subscription that the payment began, and that would charge again, is cancelled at
    /// once. Unless said, a full refund cancels it, and a part leaves it.
    pub cancel_subscription: Option<bool>,
    /// The subscription, where the payment does not lead to it: `${launch.purchase.subscription}`.
    pub subscription: Option<String>,
    /// The events that must reach every endpoint.
    #[serde(default = "refunded")]
    pub events: Vec<String>,
}

fn full() -> String {
    FULL.into()
}

fn refunded() -> Vec<String> {
    vec!["charge.refunded".into()]
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if let Some(evidence) = facts.passed {
            return Step::Done(Verdict::pass_with(evidence, facts.outputs.clone()));
        }
        self.go(facts).unwrap_or_else(|step| step)
    }

    fn milestones(&self, facts: &Facts<'_>) -> Vec<Milestone> {
        let Ok(Some((payment, refund))) = self.standing_refund(facts) else { return Vec::new() };
        let look = self.events_look(facts, &refund);
        let Ok(events) = delivered::events(facts, &look) else { return Vec::new() };
        let subscription = cancelled(facts);
        let ids = payment.ids(&refund, subscription.as_deref());
        let told = self.events.iter().filter_map(|kind| {
            let event = delivered::about(events, kind, &ids).filter(|event| event.pending_webhooks == 0)?;
            Some(Milestone::good(event.created, "webhook delivered", format!("{kind} {}", event.id)))
        });
        told.collect()
    }

    fn realm(&self) -> Realm {
        Realm::Between
    }

    fn outputs(&self) -> Vec<String> {
        vec!["id".into(), "amount".into()]
    }

    fn permissions(&self) -> Vec<Permission> {
        let mut permissions = vec![
            Permission::ChargeRead,
            Permission::EventRead,
            Permission::PaymentIntentRead,
            Permission::RefundWrite,
            Permission::WebhookWrite,
        ];
        // A written amount may turn out to be all of it.
        permissions.extend((self.cancel_subscription != Some(false)).then_some(Permission::SubscriptionWrite));
        permissions
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if !is_open(&self.payment) && !self.payment.starts_with("pi_") {
            complaints.push(complaint(
                "payment",
                Code::BadValue,
                format!("`{}` is not the id of a payment", self.payment),
                "refer to a purchase: payment = \"${launch.purchase.payment}\"",
            ));
        }
        if self.amount != FULL
            && !is_open(&self.amount)
            && !self.amount.parse::<Money>().is_ok_and(|money| money.minor > 0)
        {
            complaints.push(complaint(
                "amount",
                Code::BadAmount,
                format!("`{}` cannot be refunded", self.amount),
                "write amount = \"full\", or a part of the payment: amount = \"10.00 CAD\"",
            ));
        }
        for kind in self.events.iter().filter(|kind| !is_event(kind)) {
            let message = format!("`{kind}` is not an event");
            complaints.push(complaint("events", Code::BadValue, message, "write its type: events = [\"charge.refunded\"]"));
        }
        complaints
    }
}

impl Spec {
    fn go(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        if self.payment.is_empty() {
            return self.without_payment(facts);
        }
        if let Some((payment, refund)) = self.standing_refund(facts)? {
            return self.finish(facts, &payment, &refund);
        }
        let payment = check::payment(facts, &self.payment)?;
        match facts.answers.get(REFUND).map(String::as_str) {
            None => Ok(Step::Ask(question(&payment.said()))),
            Some("refund") => self.refund(facts, &payment),
            Some(_) => Ok(Step::Done(Verdict::pass_with(format!("kept: {}", payment.said()), outputs("", "")))),
        }
    }

    /// A purchase without a payment, a trial: only its subscription can be ended.
    fn without_payment(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let nothing = "nothing was paid, so nothing is refunded";
        let ends = self.cancel_subscription.unwrap_or(self.amount == FULL);
        let Some(id) = self.subscription.as_ref().filter(|id| ends && !id.is_empty()) else {
            return Ok(Step::Done(Verdict::pass_with(nothing, outputs("", ""))));
        };
        let kept = || Ok(Step::Done(Verdict::pass_with(format!("{id} is kept"), outputs("", ""))));
        match (check::renews(facts, id)?, facts.answers.get(REFUND).map(String::as_str)) {
            (false, _) => {
                let evidence = format!("{nothing}; {id} does not renew");
                Ok(Step::Done(Verdict::pass_with(evidence, outputs("", ""))))
            }
            (true, None) => Ok(Step::Ask(question(&format!("Nothing was paid yet; {id} would charge at its end.")))),
            (true, Some("refund")) => Ok(Step::Change(Change::of(vec![cancel(id, 0)]))),
            (true, Some(_)) => kept(),
        }
    }

    /// The refund that this item made, however long ago, and its payment.
    fn standing_refund(&self, facts: &Facts<'_>) -> Result<Option<(Payment, Value)>, Step> {
        if self.payment.is_empty() {
            return Ok(None);
        }
        let own = made(facts).and_then(|applied| applied.object.as_deref());
        let (key, value) = mark(facts);
        let is_own = |refund: &&Value| {
            own.map_or_else(|| refund["metadata"][&key] == value.as_str(), |own| text(refund, "id") == own)
        };
        let refunds = check::refunds(facts, &self.payment)?;
        match refunds.iter().find(is_own) {
            Some(refund) => Ok(Some((check::payment(facts, &self.payment)?, refund.clone()))),
            None => Ok(None),
        }
    }

    fn refund(&self, facts: &Facts<'_>, payment: &Payment) -> Result<Step, Step> {
        let amount = match payment.refundable(&self.amount, facts.address) {
            Ok(amount) => amount,
            Err(problem) => return Ok(Step::Done(Verdict::fail(problem))),
        };
        let subscription = self.subscription(facts, payment, amount.minor)?;
        let draft = RefundDraft {
            payment: self.payment.clone(),
            amount: amount.minor,
            shown: amount.to_string(),
            metadata: [mark(facts)].into(),
        };
        let effect = Effect::Stripe(Write::Money(MoneyWrite::CreateRefund(draft)));
        let mut action = Action::new("payment", amount.to_string(), Verb::Refund, effect)
            .summary(payment.to())
            .note("Stripe keeps its processing fee; the bank needs 5 to 10 days. It cannot be taken back.");
        if amount.minor < payment.left {
            let left = Money::from_stripe(payment.left - amount.minor, &payment.currency);
            action = action.note(format!("{left} of the payment stay."));
        }
        if subscription.is_none() && !payment.customer.is_empty() && !self.ends(payment, amount.minor) {
            action = action.note("A subscription that it began goes on, and charges again.");
        }
        let mut actions = vec![action];
        actions.extend(subscription.map(|id| cancel(&id, 1)));
        Ok(Step::Change(Change::of(actions)))
    }

    /// Whether refunding this much, in Stripe's smallest unit, ends the subscription: who gets everything
    /// back is not charged again. Decided by this refund alone, whatever others refund later.
    fn ends(&self, payment: &Payment, amount: i64) -> bool {
        self.cancel_subscription.unwrap_or(self.amount == FULL || amount >= payment.paid)
    }

    /// The subscription that would charge again, and must not.
    fn subscription(&self, facts: &Facts<'_>, payment: &Payment, amount: i64) -> Result<Option<String>, Step> {
        if !self.ends(payment, amount) {
            return Ok(None);
        }
        match self.subscription.as_ref().filter(|id| !id.is_empty()) {
            Some(id) => Ok(check::renews(facts, id)?.then(|| id.clone())),
            None => check::began(facts, payment),
        }
    }

    /// The refund is made: what is left to do, and what came of it.
    fn finish(&self, facts: &Facts<'_>, payment: &Payment, refund: &Value) -> Result<Step, Step> {
        if let Some(problem) = failed(refund) {
            return Ok(Step::Done(Verdict::fail(problem)));
        }
        if let Some(id) = self.subscription(facts, payment, refund["amount"].as_i64().unwrap_or_default())? {
            // Consented to with the refund; golive was stopped between the two.
            return Ok(Step::Change(Change { actions: vec![cancel(&id, 0)], follows: made(facts).is_some() }));
        }
        let ended = cancelled(facts);
        let look = self.events_look(facts, refund);
        let unseen = facts.unseen([look.clone(), Look::WebhookEndpoints]);
        if !unseen.is_empty() {
            return Err(Step::Look(unseen));
        }
        let ids = payment.ids(refund, ended.as_deref());
        let deliveries = delivered::follow(facts, &look, &self.events, &ids)?;
        let amount = Money::from_stripe(refund["amount"].as_i64().unwrap_or_default(), &payment.currency).to_string();
        let id = text(refund, "id");
        let pending = if text(refund, "status") == "pending" { ", on its way" } else { "" };
        let mut said = vec![format!("{amount} refunded {}, {id}{pending}", payment.to())];
        said.extend(deliveries);
        said.extend(ended.map(|id| format!("{id} cancelled")));
        Ok(Step::Done(Verdict::pass_with(said.join("; "), outputs(id, &amount))))
    }

    fn events_look(&self, facts: &Facts<'_>, refund: &Value) -> Look {
        let created = refund["created"].as_i64();
        let at = created.or_else(|| made(facts).map(|applied| unix(&applied.sent))).unwrap_or_default();
        delivered::look(self.events.clone(), at - delivered::SKEW)
    }
}

/// The refund that this item made, by the journal.
fn made<'f>(facts: &Facts<'f>) -> Option<&'f Applied> {
    let is_refund =
        |applied: &&Applied| matches!(applied.write, Some(Write::Money(MoneyWrite::CreateRefund(_))));
    facts.applied.iter().rev().find(is_refund)
}

/// The subscription that this item cancelled.
fn cancelled(facts: &Facts<'_>) -> Option<String> {
    facts.applied.iter().rev().find_map(|applied| match &applied.write {
        Some(Write::Money(MoneyWrite::CancelSubscription { id })) => Some(id.clone()),
        _ => None,
    })
}

fn failed(refund: &Value) -> Option<Problem> {
    let status = text(refund, "status");
    matches!(status, "failed" | "canceled").then(|| {
        Problem::new(Code::RefundFailed, format!("the refund {} is {status}", text(refund, "id")))
            .why(format!("Stripe's reason: {}", text(refund, "failure_reason").replace('_', " ")))
            .fix(format!("see the payment: https://dashboard.stripe.com/payments/{}", text(refund, "payment_intent")))
            .fix("refund it there another way, then: golive skip ITEM --reason \"…\"")
    })
}

fn cancel(id: &str, stage: u8) -> Action {
    let write = Write::Money(MoneyWrite::CancelSubscription { id: id.to_owned() });
    Action::new("subscription", id, Verb::Cancel, Effect::Stripe(write))
        .summary("now, or it would renew")
        .stage(stage)
}

fn outputs(id: &str, amount: &str) -> Outputs {
    [("id".to_owned(), id.to_owned()), ("amount".to_owned(), amount.to_owned())].into()
}

fn question(said: &str) -> Question {
    let choice =
        |value: &str, label: &str, hint: &str| Choice { value: value.into(), label: label.into(), hint: hint.into() };
    Question {
        name: REFUND.into(),
        prompt: "Keep this payment or refund it?".into(),
        help: vec![said.to_owned()],
        link: None,
        because: None,
        form: Form::Choice(vec![
            choice("keep", "Keep it", "nothing is sent"),
            choice("refund", "Refund it", "the amount is typed before anything is sent"),
            choice("later", "Later", "stays open in golive status"),
        ]),
        rehearse: Some("refund".into()),
    }
}

/// One object of a collection that the kind needs.
fn object(facts: &Facts<'_>, collection: Collection, id: &str) -> Result<Option<Value>, Step> {
    if id.is_empty() { Ok(None) } else { seen::one(facts, collection, id) }
}

/// Objects that a look brought.
fn objects<'f>(facts: &'f Facts<'_>, look: Look) -> Result<&'f [Value], Step> {
    match facts.see(&look) {
        None => Err(Step::Look(vec![look])),
        Some(Sight::Objects(objects)) => Ok(objects),
        Some(other) => Err(seen::not_seen(other)),
    }
}
