//! What a payment allows: how much of it is left, whether it is disputed, which subscription it began.
//! What cannot be refunded is refused here, before anything is sent. Called by the kind alone.

use serde_json::Value;

use super::super::delivered::text;
use super::super::purchase::card;
use super::{FULL, object, objects};
use crate::error::{Code, Problem};
use crate::money::Money;
use crate::step::{Address, Collection, Facts, Look, Step, Verdict};

/// A subscription's first payment follows its beginning within a day.
const DAY: i64 = 24 * 60 * 60;

/// A payment that was made.
#[derive(Debug)]
pub(super) struct Payment {
    id: String,
    charge: String,
    /// Empty when the payment has none.
    pub customer: String,
    created: i64,
    card: String,
    disputed: bool,
    /// In Stripe's smallest unit.
    pub paid: i64,
    /// What is left of it, in Stripe's smallest unit.
    pub left: i64,
    /// In lower case, as Stripe writes it.
    pub currency: String,
    refunds: Vec<String>,
}

/// The payment with its charge.
pub(super) fn payment(facts: &Facts<'_>, id: &str) -> Result<Payment, Step> {
    let intent = object(facts, Collection::PaymentIntents, id)?;
    let Some(intent) = intent else { return Err(fail(absent(id, "it is not in this account and mode"))) };
    let status = text(&intent, "status");
    if status != "succeeded" {
        return Err(fail(absent(id, &format!("its status is {status}: nothing was paid"))));
    }
    let charge = text(&intent, "latest_charge");
    let charge = object(facts, Collection::Charges, charge)?.unwrap_or_default();
    let refunds = refunds(facts, id)?;
    let paid = intent["amount_received"].as_i64().unwrap_or_default();
    // Refunds on their way count as much as those that arrived.
    let counts = |refund: &&Value| !matches!(text(refund, "status"), "failed" | "canceled");
    let taken: i64 = refunds.iter().filter(counts).filter_map(|refund| refund["amount"].as_i64()).sum();
    let taken = taken.max(charge["amount_refunded"].as_i64().unwrap_or_default());
    Ok(Payment {
        id: id.to_owned(),
        charge: text(&charge, "id").to_owned(),
        customer: text(&intent, "customer").to_owned(),
        created: intent["created"].as_i64().unwrap_or_default(),
        card: card(&charge["payment_method_details"]),
        disputed: charge["disputed"].as_bool().unwrap_or_default(),
        paid,
        left: (paid - taken).max(0),
        currency: text(&intent, "currency").to_owned(),
        refunds: refunds.iter().filter(counts).map(|refund| text(refund, "id").to_owned()).collect(),
    })
}

/// The payment's refunds, newest first.
pub(super) fn refunds<'f>(facts: &'f Facts<'_>, id: &str) -> Result<&'f [Value], Step> {
    objects(facts, Look::RefundsOf(id.to_owned()))
}

impl Payment {
    /// `29.00 EUR by Visa ending 4821, pi_…`
    pub(super) fn said(&self) -> String {
        let by = if self.card.is_empty() { String::new() } else { format!(" by {}", self.card) };
        format!("{}{by}, {}", Money::from_stripe(self.paid, &self.currency), self.id)
    }

    /// Where the money goes back to.
    pub(super) fn to(&self) -> String {
        if self.card.is_empty() { format!("of {}", self.id) } else { format!("to {}, {}", self.card, self.id) }
    }

    /// The ids of everything that belongs to its refund.
    pub(super) fn ids<'v>(&'v self, refund: &'v Value, subscription: Option<&'v str>) -> Vec<&'v str> {
        let ids = [self.id.as_str(), &self.charge, text(refund, "id")];
        ids.into_iter().chain(subscription).filter(|id| !id.is_empty()).collect()
    }

    /// The amount that is refunded, or why nothing can be.
    pub(super) fn refundable(&self, wanted: &str, address: &Address) -> Result<Money, Problem> {
        let left = Money::from_stripe(self.left, &self.currency);
        let leave = format!("leave it as it is, knowingly: golive skip {address} --reason \"…\"");
        if self.disputed {
            return Err(Problem::new(Code::RefundDisputed, format!("the payment {} is disputed", self.id))
                .why("Stripe refunds no disputed payment; nothing was sent")
                .fix("answer the dispute, or accept it: https://dashboard.stripe.com/disputes")
                .fix(leave));
        }
        if self.left == 0 {
            let by = self.refunds.join(", ");
            return Err(Problem::new(Code::RefundTwice, format!("the payment {} is refunded already", self.id))
                .why(if by.is_empty() { "Stripe says so".to_owned() } else { format!("by {by}") })
                .why("nothing was sent")
                .fix(leave));
        }
        if wanted == FULL {
            return Ok(left);
        }
        let amount: Money = wanted.parse().map_err(|_| {
            Problem::new(Code::BadAmount, format!("`{wanted}` is no amount")).fix("write it as 10.00 CAD, or as full")
        })?;
        if amount.currency != left.currency {
            return Err(Problem::new(Code::RefundCurrency, "the refund is in another currency than the payment")
                .found_wanted(amount.to_string(), left.currency.to_string())
                .why("nothing was sent")
                .fix(format!("correct it in the checklist: amount = \"{left}\"")));
        }
        if amount.minor > self.left {
            return Err(Problem::new(Code::RefundTooLarge, "the refund is larger than what is left of the payment")
                .found_wanted(amount.to_string(), format!("at most {left}"))
                .why(format!("{} were paid; nothing was sent", Money::from_stripe(self.paid, &self.currency)))
                .fix(format!("correct it in the checklist: amount = \"{left}\", or amount = \"full\"")));
        }
        Ok(amount)
    }
}

/// Whether a subscription would charge again.
pub(super) fn renews(facts: &Facts<'_>, id: &str) -> Result<bool, Step> {
    Ok(object(facts, Collection::Subscriptions, id)?.is_some_and(|subscription| goes_on(&subscription)))
}

fn goes_on(subscription: &Value) -> bool {
    let over = matches!(text(subscription, "status"), "canceled" | "incomplete_expired");
    !over && subscription["cancel_at_period_end"] != true && subscription["cancel_at"].is_null()
}

/// The subscription whose first invoice this payment paid, if it goes on. Payments name no invoice
/// any more (since `basil`), so it is found from the other end.
pub(super) fn began(facts: &Facts<'_>, payment: &Payment) -> Result<Option<String>, Step> {
    if payment.customer.is_empty() {
        return Ok(None);
    }
    let all = objects(facts, Look::Recent(Collection::Subscriptions, payment.created - DAY))?;
    let own = |one: &&Value| text(one, "customer") == payment.customer && goes_on(one);
    for subscription in all.iter().filter(own) {
        let invoice = object(facts, Collection::Invoices, text(subscription, "latest_invoice"))?.unwrap_or_default();
        let payments = invoice["payments"]["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut intents = payments.iter().map(|one| text(&one["payment"], "payment_intent"));
        if intents.any(|id| id == payment.id) || text(&invoice, "payment_intent") == payment.id {
            return Ok(Some(text(subscription, "id").to_owned()));
        }
    }
    Ok(None)
}

fn absent(id: &str, why: &str) -> Problem {
    Problem::new(Code::RefundNoPayment, format!("there is no payment {id} that could be refunded"))
        .why(why)
        .why("nothing was sent")
        .fix("name the payment in the checklist: payment = \"${launch.purchase.payment}\"")
        .fix("see the payments: https://dashboard.stripe.com/payments")
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::fail(problem))
}
