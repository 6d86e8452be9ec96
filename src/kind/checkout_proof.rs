//! `checkout_proof`: a Checkout Session for each price that opens and is expired again. It proves
//! key, price and account together, and costs nothing.
//!
//! A proof is an event of the past: it stands until one of its prices becomes another one.

use schemars::JsonSchema;
use serde::Deserialize;

use super::product::mark;
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::money::Money;
use crate::step::object::Session;
use crate::step::{
    Action, Applied, Change, Effect, Facts, Given, Look, Permission, SessionDraft, Sight, Step, Verb, Verdict, Write,
};

/// The fields of a `checkout_proof` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Price ids, usually references: `${catalog.pro.prices.pro_monthly.id}`.
    #[schemars(length(min = 1))]
    pub prices: Vec<String>,
    /// Where Checkout would return to.
    pub success_url: String,
    /// What the prices are for.
    #[serde(default)]
    pub checkout: Checkout,
}

/// Checkout's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Checkout {
    /// One-time prices.
    #[default]
    Payment,
    /// Recurring prices.
    Subscription,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let opened: Vec<Option<&Applied>> = self.prices.iter().map(|price| latest(facts, price)).collect();
        if let (Some(evidence), true) = (facts.passed, opened.iter().all(Option::is_some)) {
            return Step::Done(Verdict::pass(evidence));
        }
        let ids: Vec<&str> = opened.iter().flatten().filter_map(|applied| applied.object.as_deref()).collect();
        let looks = facts.unseen(ids.into_iter().map(|id| Look::Session(id.to_owned())));
        if !looks.is_empty() {
            return Step::Look(looks);
        }
        let mut actions = Vec::new();
        let mut proved = Vec::new();
        for (n, (price, opened)) in self.prices.iter().zip(&opened).enumerate() {
            match session(facts, *opened) {
                None => actions.extend(self.prove(facts, n, price)),
                Some(Err(problem)) => return Step::Done(Verdict::Fail { problem }),
                Some(Ok(session)) if session.status.as_deref() == Some("open") => {
                    actions.push(expire(n, Given::Id(session.id.clone())));
                }
                Some(Ok(session)) => match judge(session, facts.mode) {
                    Ok(amount) => proved.push(amount),
                    Err(problem) => return Step::Done(Verdict::Fail { problem }),
                },
            }
        }
        if !actions.is_empty() {
            // A session that was left open is closed without another question: closing it was
            // consented to when it was opened.
            let follows = actions.iter().all(|action| action.verb == Verb::Close);
            return Step::Change(Change { actions, follows });
        }
        let count = proved.len();
        let noun = if count == 1 { "session" } else { "sessions" };
        Step::Done(Verdict::pass(format!("{count} {noun} opened and expired: {}", proved.join(", "))))
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::CheckoutWrite]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let empty = self.prices.is_empty().then(|| Complaint {
            path: "prices".into(),
            code: Code::BadValue,
            message: "a proof needs at least one price".into(),
            help: Some("prices = [\"${catalog.pro.prices.pro_monthly.id}\"]".into()),
        });
        empty.into_iter().collect()
    }
}

/// The last session that this item opened for a price.
fn latest<'a>(facts: &Facts<'a>, price: &str) -> Option<&'a Applied> {
    facts.applied.iter().rev().find(|applied| match &applied.write {
        Some(Write::OpenSession(draft)) => draft.prices.iter().any(|other| other == price),
        _ => false,
    })
}

/// The session as it stands, or why it cannot be read; `None` when there is none.
fn session<'a>(facts: &'a Facts<'_>, opened: Option<&Applied>) -> Option<Result<&'a Session, Problem>> {
    match facts.see(&Look::Session(opened?.object.clone()?))? {
        Sight::Session(session) => Some(Ok(session)),
        Sight::Refused(refusal) if refusal.status == 404 => None,
        Sight::Refused(refusal) => Some(Err(refusal.problem(None))),
        _ => None,
    }
}

/// What a closed session proves.
fn judge(session: &Session, mode: Mode) -> Result<String, Problem> {
    if session.livemode.is_some_and(|livemode| livemode != mode.livemode()) {
        return Err(Problem::new(Code::ProofFailed, format!("the session {} is of the other mode", session.id))
            .fix("use the key of this run's mode: https://dashboard.stripe.com/apikeys"));
    }
    match (session.amount_total, &session.currency) {
        (Some(minor), Some(currency)) => Ok(Money::from_stripe(minor, currency).to_string()),
        _ => Err(Problem::new(Code::ProofFailed, format!("the session {} has no amount", session.id))
            .fix("look at its prices: https://dashboard.stripe.com/products")),
    }
}

impl Spec {
    fn prove(&self, facts: &Facts<'_>, n: usize, price: &str) -> [Action; 2] {
        let mode = match self.checkout {
            Checkout::Payment => "payment",
            Checkout::Subscription => "subscription",
        };
        let draft = SessionDraft {
            mode: mode.into(),
            prices: vec![price.to_owned()],
            success_url: self.success_url.clone(),
            metadata: [mark(facts), ("golive_price".into(), price.to_owned())].into(),
        };
        let mut open = action(n, Verb::Prove, Effect::Stripe(Write::OpenSession(draft)), 0);
        price.clone_into(&mut open.summary);
        let label = open.label();
        [open, expire(n, Given::Of(label))]
    }
}

fn expire(n: usize, id: Given) -> Action {
    let mut close = action(n, Verb::Close, Effect::Stripe(Write::ExpireSession { id }), 1);
    close.summary = "open → expired, unpaid".into();
    close.name = format!("{} (close)", n + 1);
    close
}

fn action(n: usize, verb: Verb, effect: Effect, stage: u8) -> Action {
    Action {
        noun: "session".into(),
        name: (n + 1).to_string(),
        verb,
        summary: String::new(),
        fields: Vec::new(),
        notes: Vec::new(),
        effect,
        stage,
        undo: None,
    }
}

#[cfg(test)]
#[path = "checkout_proof_tests.rs"]
mod tests;
