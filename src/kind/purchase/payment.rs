//! The money behind a purchase: payment intent, charge, card; or the subscription, where a trial or a
//! free price left nothing to pay. Called by the kind and its siblings.

use serde_json::Value;

use super::super::delivered::text;
use super::super::seen;
use super::bought::Bought;
use super::masked;
use crate::error::{Code, Problem};
use crate::money::Money;
use crate::step::{Collection, Facts, Look, Milestone, Outputs, Step, Verdict, Wait};

/// Seconds for a payment that is on its way when the checkout is complete already.
const PATIENCE: u64 = 60;

/// The objects behind a purchase.
struct Paid {
    intent: Option<Value>,
    charge: Option<Value>,
    subscription: Option<Value>,
}

/// Follows the payment to its charge: what to say of it, or what comes first.
pub(super) fn follow(facts: &Facts<'_>, bought: &Bought, look: &Look) -> Result<String, Step> {
    let paid = paid(facts, bought)?;
    if let Some(intent) = &paid.intent {
        let status = text(intent, "status");
        let what = "the payment to succeed";
        if status != "succeeded" && !facts.waited.contains(what) {
            let looks = vec![look.clone(), Look::One(Collection::PaymentIntents, text(intent, "id").to_owned())];
            return Err(Step::Wait(Wait { what: what.into(), looks, most: PATIENCE, sale: None }));
        }
        if status != "succeeded" {
            let problem = Problem::new(Code::PurchaseUnpaid, format!("the payment {} is {status}", text(intent, "id")))
                .why("the checkout is complete, the money is not there")
                .fix(format!("see the payment: https://dashboard.stripe.com/payments/{}", text(intent, "id")))
                .fix("then look again: golive wizard");
            return Err(Step::Done(Verdict::fail(problem)));
        }
    } else if bought.session.as_ref().is_some_and(|session| text(session, "payment_status") == "paid") {
        let problem = Problem::new(Code::PurchaseUnpaid, format!("{} is paid, and names no payment", bought.id()))
            .fix("look at the session, then again: golive wizard");
        return Err(Step::Done(Verdict::Unknown { problem }));
    }
    if let Some(problem) = other_mode(facts, bought, &paid) {
        return Err(Step::Done(Verdict::fail(problem)));
    }
    Ok(said(bought, &paid))
}

fn said(bought: &Bought, paid: &Paid) -> String {
    match (&paid.intent, &paid.subscription) {
        (Some(intent), _) => {
            let card = paid.charge.as_ref().map(|charge| card(&charge["payment_method_details"])).unwrap_or_default();
            let by = if card.is_empty() { String::new() } else { format!(" by {card}") };
            format!("{}{by}, {}", amount(bought, paid), text(intent, "id"))
        }
        (None, Some(subscription)) => {
            format!("no payment was due: {} is {}", text(subscription, "id"), text(subscription, "status"))
        }
        (None, None) => "no payment was due".to_owned(),
    }
}

fn amount(bought: &Bought, paid: &Paid) -> Money {
    let of = |intent: &Value| Some(Money::from_stripe(intent["amount_received"].as_i64()?, text(intent, "currency")));
    paid.intent.as_ref().and_then(of).unwrap_or(bought.amount)
}

fn paid(facts: &Facts<'_>, bought: &Bought) -> Result<Paid, Step> {
    let one = |collection: Collection, id: &str| match id {
        "" => Ok(None),
        id => seen::one::<Value>(facts, collection, id),
    };
    let none = Value::Null;
    let session = bought.session.as_ref().unwrap_or(&none);
    let subscription = one(Collection::Subscriptions, text(session, "subscription"))?;
    let mut id = bought.intent.clone().unwrap_or_default();
    if id.is_empty() && session["amount_total"].as_i64() != Some(0) {
        let invoice = one(Collection::Invoices, text(session, "invoice"))?.unwrap_or_default();
        id = of_invoice(&invoice);
    }
    let intent = one(Collection::PaymentIntents, &id)?;
    let charge = intent.as_ref().map(|intent| text(intent, "latest_charge").to_owned()).unwrap_or_default();
    Ok(Paid { charge: one(Collection::Charges, &charge)?, intent, subscription })
}

/// The payment intent of an invoice: one of its payments since `basil`, a field of its own before.
fn of_invoice(invoice: &Value) -> String {
    let payments = invoice["payments"]["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut intents = payments.iter().map(|one| text(&one["payment"], "payment_intent"));
    intents.find(|id| !id.is_empty()).unwrap_or(text(invoice, "payment_intent")).to_owned()
}

/// All objects must be of the run's mode.
fn other_mode(facts: &Facts<'_>, bought: &Bought, paid: &Paid) -> Option<Problem> {
    let wanted = facts.mode.livemode();
    let odd = objects(bought, paid).find(|object| object["livemode"].as_bool() != Some(wanted))?;
    let problem = Problem::new(Code::PurchaseMode, format!("{} is of the other mode", text(odd, "id")))
        .found_wanted(format!("livemode is {}", odd["livemode"]), format!("livemode is {wanted}"))
        .fix("use the keys of one mode in the application: golive check");
    Some(problem)
}

fn objects<'b>(bought: &'b Bought, paid: &'b Paid) -> impl Iterator<Item = &'b Value> {
    let all = [&bought.session, &paid.intent, &paid.charge, &paid.subscription];
    all.into_iter().filter_map(Option::as_ref)
}

/// `Visa ending 4821`, or the name of the other way to pay.
pub(in crate::kind) fn card(method: &Value) -> String {
    match text(method, "type") {
        "card" => {
            let brand = match text(&method["card"], "brand") {
                "amex" => "American Express".to_owned(),
                "" => "card".to_owned(),
                brand => brand.chars().take(1).flat_map(char::to_uppercase).chain(brand.chars().skip(1)).collect(),
            };
            format!("{brand} ending {}", text(&method["card"], "last4"))
        }
        other => other.replace('_', " "),
    }
}

/// What was seen of the money.
pub(super) fn milestones(facts: &Facts<'_>, bought: &Bought) -> Vec<Milestone> {
    let Ok(paid) = paid(facts, bought) else { return Vec::new() };
    let succeeded = |intent: &Value| text(intent, "status") == "succeeded";
    if paid.intent.as_ref().is_some_and(|intent| !succeeded(intent)) || other_mode(facts, bought, &paid).is_some() {
        return Vec::new();
    }
    let at = paid.charge.as_ref().and_then(|charge| charge["created"].as_i64());
    let what = if paid.intent.is_some() { "payment succeeded" } else { "nothing was due" };
    let (count, mode) = (objects(bought, &paid).count(), facts.mode.livemode());
    let really = if mode { "really live" } else { "test mode" };
    vec![
        Milestone::good(at, what, said(bought, &paid)),
        Milestone::good(None, really, format!("livemode is {mode} on all {count} objects")),
    ]
}

/// The buyer's address, where the session has none.
pub(super) fn email(facts: &Facts<'_>, bought: &Bought) -> Option<String> {
    let paid = paid(facts, bought).ok()?;
    let charge = paid.charge.as_ref().map(|charge| text(&charge["billing_details"], "email").to_owned());
    let receipt = paid.intent.as_ref().map(|intent| text(intent, "receipt_email").to_owned());
    charge.into_iter().chain(receipt).find(|email| !email.is_empty())
}

/// What other items may refer to; empty where there is none.
pub(super) fn outputs(facts: &Facts<'_>, bought: &Bought) -> Outputs {
    let none = Value::Null;
    let session = bought.session.as_ref().unwrap_or(&none);
    let paid = paid(facts, bought).unwrap_or(Paid { intent: None, charge: None, subscription: None });
    let of = |object: &Option<Value>, key: &str| object.as_ref().map(|object| text(object, key).to_owned());
    let customer = Some(text(session, "customer").to_owned()).filter(|id| !id.is_empty());
    let address = text(&session["customer_details"], "email");
    let pairs = [
        ("payment", of(&paid.intent, "id")),
        ("charge", of(&paid.charge, "id")),
        ("amount", Some(amount(bought, &paid).to_string())),
        ("customer", customer.or_else(|| of(&paid.intent, "customer"))),
        ("subscription", Some(text(session, "subscription").to_owned())),
        ("session", Some(text(session, "id").to_owned())),
        ("email", Some(masked(address)).filter(|email| !email.is_empty())),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.unwrap_or_default())).into()
}
