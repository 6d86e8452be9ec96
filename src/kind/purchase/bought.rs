//! What was bought since golive watches: by Checkout, or without it (the shop has a form of its own).
//! Decides which purchase is followed: the first that fits what the checklist names. Called by the
//! kind alone.

use serde_json::Value;

use super::super::delivered::{self, text};
use super::super::seen;
use super::payment;
use crate::error::{Code, Problem};
use crate::money::Money;
use crate::step::object::{Event, Price};
use crate::step::{Collection, Facts, Look, Milestone, Step};

/// The events by which a purchase, or the failure of one, is noticed.
pub(super) const EVENTS: [&str; 5] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
];
/// Purchases that are looked into: a shop that sells more while golive waits has had its first.
const MOST: usize = 20;

/// A purchase.
#[derive(Debug)]
pub(super) struct Bought {
    /// When, in Unix seconds.
    pub at: i64,
    /// The Checkout Session, where there was one.
    pub session: Option<Value>,
    /// The payment intent, where it is known by now.
    pub intent: Option<String>,
    /// What was paid.
    pub amount: Money,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The purchase that is followed.
    pub taken: Option<Bought>,
    /// Those that are not what the checklist names, and why.
    pub odd: Vec<(Bought, Problem)>,
    /// How many more would have fitted.
    pub others: usize,
}

impl Bought {
    /// What happened, for the screen.
    pub(super) fn done(&self) -> &'static str {
        if self.session.is_some() { "checkout completed" } else { "payment without Checkout" }
    }

    /// The id it is known by.
    pub(super) fn id(&self) -> &str {
        self.session.as_ref().map_or(self.intent.as_deref().unwrap_or_default(), |session| text(session, "id"))
    }

    /// The ids of everything that belongs to it.
    pub(super) fn ids(&self, facts: &Facts<'_>) -> Vec<String> {
        let outputs = payment::outputs(facts, self);
        let session = self.session.as_ref().map(|session| [text(session, "id"), text(session, "invoice")]);
        let known = ["payment", "charge", "subscription"].iter().filter_map(|name| outputs.get(*name).cloned());
        let ids = session.into_iter().flatten().map(str::to_owned).chain(known);
        ids.filter(|id| !id.is_empty()).collect()
    }

    /// The buyer's address.
    pub(super) fn email(&self, facts: &Facts<'_>) -> String {
        let session = self.session.as_ref().map(|session| text(&session["customer_details"], "email").to_owned());
        session.filter(|email| !email.is_empty()).or_else(|| payment::email(facts, self)).unwrap_or_default()
    }
}

/// The purchases since golive watches, but for those that are known as other ones.
pub(super) fn find(
    facts: &Facts<'_>,
    look: &Look,
    wanted: &[&str],
    prices: &[Price],
    others: &[String],
) -> Result<Found, Step> {
    let events = delivered::events(facts, look)?;
    let mut found = Found::default();
    let sessions = sessions(facts, events)?;
    let is_other = |id: &str| others.iter().any(|other| other == id);
    let meant = |session: &&(i64, Value)| {
        !["id", "payment_intent", "subscription"].iter().any(|field| is_other(text(&session.1, field)))
    };
    for (at, session) in sessions.iter().filter(meant) {
        let amount = Money::from_stripe(session["amount_total"].as_i64().unwrap_or(0), text(session, "currency"));
        let intent = Some(text(session, "payment_intent").to_owned()).filter(|id| !id.is_empty());
        let bought = Bought { at: *at, session: Some(session.clone()), intent, amount };
        found.sort_in(bought, misfit(session, wanted, prices));
    }
    if found.taken.is_none() {
        for (at, intent) in loose(facts, look, events, &sessions)? {
            if is_other(text(intent, "id")) {
                continue;
            }
            let amount = Money::from_stripe(intent["amount_received"].as_i64().unwrap_or(0), text(intent, "currency"));
            let odd = wrong_amount(amount, prices);
            let intent = Some(text(intent, "id").to_owned());
            found.sort_in(Bought { at, session: None, intent, amount }, odd);
        }
    }
    Ok(found)
}

impl Found {
    fn sort_in(&mut self, bought: Bought, odd: Option<Problem>) {
        match odd {
            Some(problem) => self.odd.push((bought, problem)),
            None if self.taken.is_some() => self.others += 1,
            None => self.taken = Some(bought),
        }
    }
}

/// The paid sessions, oldest first, each as it stands now.
fn sessions(facts: &Facts<'_>, events: &[Event]) -> Result<Vec<(i64, Value)>, Step> {
    let mut ids: Vec<(i64, &str)> = Vec::new();
    for event in events.iter().rev() {
        let session = event.object();
        let settled = matches!(text(session, "payment_status"), "paid" | "no_payment_required");
        let id = text(session, "id");
        let is_session = event.type_.starts_with("checkout.session.") && settled && !id.is_empty();
        if is_session && ids.len() < MOST && !ids.iter().any(|(_, known)| *known == id) {
            ids.push((event.created.unwrap_or_default(), id));
        }
    }
    let looks = ids.iter().map(|(_, id)| Look::One(Collection::CheckoutSessions, (*id).to_owned()));
    let unseen = facts.unseen(looks);
    if !unseen.is_empty() {
        return Err(Step::Look(unseen));
    }
    let mut sessions = Vec::new();
    for (at, id) in ids {
        let session = seen::one::<Value>(facts, Collection::CheckoutSessions, id)?;
        sessions.extend(session.map(|session| (at, session)));
    }
    Ok(sessions)
}

/// Why a session is not the purchase that the checklist names.
fn misfit(session: &Value, wanted: &[&str], prices: &[Price]) -> Option<Problem> {
    let items = session["line_items"]["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<&str> = items.iter().map(|item| text(&item["price"], "id")).collect();
    if wanted.is_empty() || ids.iter().any(|id| wanted.contains(id)) {
        return None;
    }
    let currency = text(session, "currency");
    if !prices.is_empty() && prices.iter().all(|price| price.currency != currency) {
        let amount = Money::from_stripe(session["amount_total"].as_i64().unwrap_or(0), currency);
        return Some(other_currency(amount, prices));
    }
    let problem = Problem::new(Code::PurchaseOther, "it was paid with another price than the checklist's")
        .found_wanted(ids.join(", "), wanted.join(", "))
        .why(format!("the Checkout Session is {}", text(session, "id")))
        .fix("compare the application's price ids with the env file: golive check")
        .fix("then buy again, while golive watches: golive wizard");
    Some(problem)
}

fn other_currency(amount: Money, prices: &[Price]) -> Problem {
    let wanted: Vec<String> = prices.iter().map(|price| price.currency.to_uppercase()).collect();
    Problem::new(Code::PurchaseCurrency, format!("it was paid in {}", amount.currency))
        .found_wanted(amount.to_string(), wanted.join(", "))
        .fix("compare the application's price ids with the env file: golive check")
        .fix("then buy again, while golive watches: golive wizard")
}

/// Without Checkout there are no line items: only the amount says what was bought.
fn wrong_amount(amount: Money, prices: &[Price]) -> Option<Problem> {
    let money = |price: &Price| price.unit_amount.map(|minor| Money::from_stripe(minor, &price.currency));
    let wanted: Vec<Money> = prices.iter().filter_map(money).collect();
    if wanted.is_empty() || wanted.contains(&amount) {
        return None;
    }
    if wanted.iter().all(|wanted| wanted.currency != amount.currency) {
        return Some(other_currency(amount, prices));
    }
    let shown: Vec<String> = wanted.iter().map(Money::to_string).collect();
    let problem = Problem::new(Code::PurchaseOther, "another amount was paid than the checklist's price")
        .found_wanted(amount.to_string(), shown.join(", "))
        .why("it was paid without Checkout, so nothing but the amount says what was bought")
        .fix("leave `price` out where tax or quantity change the amount, or buy again: golive wizard");
    Some(problem)
}

/// Payments that no session claims, oldest first: the shop does not use Checkout.
fn loose<'f>(
    facts: &Facts<'_>,
    look: &Look,
    events: &'f [Event],
    sessions: &[(i64, Value)],
) -> Result<Vec<(i64, &'f Value)>, Step> {
    let claims = |session: &Value, intent: &Value| {
        let of_customer = || text(session, "customer") == text(intent, "customer") || session["status"] == "complete";
        text(session, "payment_intent") == text(intent, "id")
            || (text(session, "mode") == "subscription" && of_customer())
    };
    let paid = events.iter().rev().filter(|event| event.type_ == "payment_intent.succeeded");
    let mut loose: Vec<_> = paid.map(|event| (event.created.unwrap_or_default(), event.object())).collect();
    loose.retain(|(_, intent)| !sessions.iter().any(|(_, session)| claims(session, intent)));
    if loose.is_empty() {
        return Ok(loose);
    }
    // A session that is about to complete claims its payment a moment later.
    let listed = seen::recent::<Value>(facts, Collection::CheckoutSessions, since(look))?;
    loose.retain(|(_, intent)| !listed.iter().any(|session| claims(session, intent)));
    Ok(loose)
}

fn since(look: &Look) -> i64 {
    match look {
        Look::Events { since, .. } => *since,
        _ => 0,
    }
}

/// What is looked at while nothing fits: as little as can be.
pub(super) fn looks(facts: &Facts<'_>, look: &Look, found: &Found) -> Vec<Look> {
    let listed = Look::Recent(Collection::CheckoutSessions, since(look));
    let asked = facts.see(&listed).is_some() && found.taken.is_none();
    std::iter::once(look.clone()).chain(asked.then_some(listed)).collect()
}

/// Payments that were tried and declined.
pub(super) fn declines(facts: &Facts<'_>, look: &Look) -> Vec<Milestone> {
    let Ok(events) = delivered::events(facts, look) else { return Vec::new() };
    let declined = |event: &Event| {
        let what = match event.type_.as_str() {
            "payment_intent.payment_failed" => "payment declined",
            "checkout.session.async_payment_failed" => "payment failed later",
            _ => return None,
        };
        Some(Milestone::odd(event.created, what, reason(event.object())))
    };
    events.iter().rev().filter_map(declined).collect()
}

/// Why the card's bank said no, in Stripe's words.
fn reason(object: &Value) -> String {
    let error = &object["last_payment_error"];
    let code = [text(error, "decline_code"), text(error, "code")].into_iter().find(|code| !code.is_empty());
    let card = payment::card(&error["payment_method"]);
    let message = text(error, "message");
    let parts = [code.unwrap_or_default(), card.as_str(), message, text(object, "id")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What to say when the time is up.
pub(super) fn missing(facts: &Facts<'_>, look: &Look, found: &Found, waited: u64) -> Result<Problem, Step> {
    let in_all = format!("watched for {waited} s in this run; the next one finds what was paid meanwhile");
    if let Some((_, problem)) = found.odd.last() {
        return Ok(problem.clone().why(in_all));
    }
    if let Some(decline) = declines(facts, look).pop() {
        return Ok(Problem::new(Code::PurchaseDeclined, "the payment was declined, and none came after it")
            .why(decline.value)
            .why(in_all)
            .fix("try another card, while golive watches: golive wizard"));
    }
    let opened = seen::recent::<Value>(facts, Collection::CheckoutSessions, since(look))?.len();
    let problem = Problem::new(Code::PurchaseMissing, "no payment has come yet").why(in_all);
    let problem = match opened {
        0 => problem
            .why("no checkout was opened in this account either")
            .why("if somebody did buy, the shop works with the keys of another account or mode")
            .fix("compare the deployed application's keys with the env file, then restart it"),
        1 => problem.why("1 checkout was opened and not paid"),
        many => problem.why(format!("{many} checkouts were opened and not paid")),
    };
    Ok(problem.fix("go on watching: golive wizard").fix("leave it out, knowingly: golive skip ITEM --reason \"…\""))
}
