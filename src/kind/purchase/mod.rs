//! `purchase`: watches a genuine purchase to its end: paid, really live, delivered to every endpoint,
//! and known to the application. Stripe's agreement forbids testing with real cards in live mode, so
//! golive never buys: it is told how the purchase comes about, and looks.
//!
//! A proof of the past stands. The moment of the answer is journaled, so a purchase that happens
//! while golive is not running is found when it goes on.

mod bought;
mod payment;
mod proof;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;

use super::delivered;
use super::text::{complaint, is_open};
use super::url::url_complaint;
use super::{Complaint, Kind, Realm};
use crate::error::Code;
use crate::mode::Mode;
use crate::money::Money;
use crate::step::object::Price;
use crate::step::{
    Choice, Facts, Form, Look, Milestone, Permission, Question, Sale, Sight, Step, Verdict, Wait,
};
use bought::Found;
pub(super) use payment::card;
use proof::Proof;

/// The question how the purchase comes about.
const HOW: &str = "how";
/// What is waited for.
const A_PAYMENT: &str = "a payment";
/// A day: longer than anybody leaves a terminal open for one payment.
const LONGEST: u64 = 24 * 60 * 60;

/// The fields of a `purchase` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The page of the shop where it is bought.
    pub url: String,
    /// The price that is to be paid, usually a reference: `${catalog.pro.prices.pro_monthly.id}`.
    pub price: Option<String>,
    /// Several, any of which will do.
    #[serde(default)]
    pub prices: Vec<String>,
    /// Purchases that are not meant, by the id of their payment, session or subscription: those of
    /// earlier items, `${flows.lesson.payment}`.
    #[serde(default)]
    pub other_than: Vec<String>,
    /// Seconds to wait for it in one run; the next run goes on waiting.
    #[serde(default = "half_an_hour")]
    #[schemars(range(min = 1, max = 86400))]
    pub wait: u64,
    /// The events that must reach every endpoint.
    #[serde(default = "completed")]
    pub events: Vec<String>,
    /// The application's own proofs that it knows of the purchase.
    #[serde(default)]
    pub proof: Vec<Proof>,
}

const fn half_an_hour() -> u64 {
    1800
}

fn completed() -> Vec<String> {
    vec!["checkout.session.completed".into()]
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if let Some(evidence) = facts.passed {
            return Step::Done(Verdict::pass_with(evidence, facts.outputs.clone()));
        }
        match facts.answers.get(HOW).map(String::as_str) {
            None => Step::Ask(question(facts.mode)),
            Some(how) => self.watch(facts, how == "myself").unwrap_or_else(|step| step),
        }
    }

    fn milestones(&self, facts: &Facts<'_>) -> Vec<Milestone> {
        if facts.passed.is_some() || !facts.answers.contains_key(HOW) {
            return Vec::new();
        }
        let mut seen = bought::declines(facts, &self.look(facts));
        let Ok(found) = self.find(facts) else { return seen };
        seen.extend(found.odd.iter().map(|(bought, problem)| {
            Milestone::odd(Some(bought.at), "another purchase", format!("{}, {}", bought.amount, problem.message))
        }));
        if let Some(bought) = &found.taken {
            seen.push(Milestone::good(Some(bought.at), bought.done(), bought.id()));
            let paid = payment::milestones(facts, bought);
            if paid.is_empty() {
                return seen;
            }
            seen.extend(paid);
            let ids = bought.ids(facts);
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let told = delivered::events(facts, &self.look(facts)).unwrap_or_default();
            seen.extend(self.events.iter().filter_map(|kind| {
                let event = delivered::about(told, kind, &ids).filter(|event| event.pending_webhooks == 0)?;
                Some(Milestone::good(event.created, "webhook delivered", format!("{kind} {}", event.id)))
            }));
        }
        seen
    }

    fn realm(&self) -> Realm {
        Realm::Between
    }

    fn outputs(&self) -> Vec<String> {
        let names = ["payment", "charge", "amount", "customer", "subscription", "session", "email"];
        names.map(str::to_owned).into()
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![
            Permission::ChargeRead,
            Permission::CheckoutWrite,
            Permission::EventRead,
            Permission::PaymentIntentRead,
            Permission::WebhookWrite,
        ]
    }

    fn commands(&self) -> Vec<String> {
        self.proof.iter().filter_map(Proof::command).collect()
    }

    fn read_only(&self) -> bool {
        true
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> = url_complaint("url", &self.url).into_iter().collect();
        let mut bad = |path: &str, message: String, help: &str| {
            complaints.push(complaint(path, Code::BadValue, message, help));
        };
        if self.price.is_some() && !self.prices.is_empty() {
            bad("prices", "`price` and `prices` say two things".into(), "write all of them in `prices`");
        }
        let named = |id: &&str| !is_open(id) && !id.starts_with("price_") && !id.starts_with("plan_");
        for id in self.wanted().filter(named) {
            bad("price", format!("`{id}` is not the id of a price"), "refer to one: \"${phase.item.prices.KEY.id}\"");
        }
        if !(1..=LONGEST).contains(&self.wait) {
            bad("wait", format!("{} seconds cannot be waited", self.wait), "write 1 to 86400 seconds: wait = 1800");
        }
        if self.events.len() > 10 {
            bad("events", format!("{} events are too many to follow", self.events.len()), "write at most 10");
        }
        for kind in self.events.iter().filter(|kind| !is_event(kind)) {
            bad("events", format!("`{kind}` is not an event"), "write its type: events = [\"checkout.session.completed\"]");
        }
        complaints.extend(self.proof.iter().enumerate().flat_map(|(n, proof)| proof.complaints(n)));
        complaints
    }
}

/// Whether it reads like the type of an event.
pub(super) fn is_event(kind: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    is_open(kind) || (kind.contains('.') && kind.split('.').all(letters))
}

impl Spec {
    fn wanted(&self) -> impl Iterator<Item = &str> {
        self.price.iter().chain(&self.prices).map(String::as_str)
    }

    /// The one look that is repeated: payments, declines and the deliveries of what is followed.
    fn look(&self, facts: &Facts<'_>) -> Look {
        let since = facts.answered(HOW).unwrap_or_default() - delivered::SKEW;
        delivered::look(bought::EVENTS.iter().map(|kind| (*kind).to_owned()).chain(self.events.clone()), since)
    }

    /// What is on sale, as the prices say.
    fn prices(&self, facts: &Facts<'_>) -> Vec<Price> {
        let looks = self.wanted().map(|id| Look::Price(id.to_owned()));
        let seen = looks.filter_map(|look| match facts.see(&look) {
            Some(Sight::Price(price)) => price.clone(),
            _ => None,
        });
        seen.collect()
    }

    fn find(&self, facts: &Facts<'_>) -> Result<Found, Step> {
        bought::find(facts, &self.look(facts), &self.wanted().collect::<Vec<_>>(), &self.prices(facts), &self.other_than)
    }

    fn watch(&self, facts: &Facts<'_>, by_operator: bool) -> Result<Step, Step> {
        let look = self.look(facts);
        let first = self.wanted().map(|id| Look::Price(id.to_owned())).chain([look.clone()]);
        let unseen = facts.unseen(first);
        if !unseen.is_empty() {
            return Err(Step::Look(unseen));
        }
        let found = self.find(facts)?;
        let Some(bought) = &found.taken else { return self.go_on(facts, &look, &found, by_operator) };
        let paid = payment::follow(facts, bought, &look)?;
        let ids = bought.ids(facts);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let deliveries = delivered::follow(facts, &look, &self.events, &ids)?;
        let outputs = payment::outputs(facts, bought);
        let email = bought.email(facts);
        let proved = proof::follow(facts, &self.proof, &outputs, &email)?;
        let mut said = vec![paid];
        said.extend(deliveries);
        said.extend(proved);
        said.extend((found.others > 0).then(|| format!("{} more seen", found.others)));
        Ok(Step::Done(Verdict::pass_with(said.join("; "), outputs)))
    }

    /// Nothing that fits was bought yet.
    fn go_on(&self, facts: &Facts<'_>, look: &Look, found: &Found, by_operator: bool) -> Result<Step, Step> {
        if facts.waited.contains(A_PAYMENT) {
            return Ok(Step::Done(Verdict::fail(bought::missing(facts, look, found, facts.at_most(self.wait))?)));
        }
        let goods = self.prices(facts).iter().map(goods).collect();
        let prices = self.wanted().map(str::to_owned).collect();
        let sale = Sale { url: self.url.clone(), goods, prices, by_operator };
        let looks = bought::looks(facts, look, found);
        Ok(Step::Wait(Wait { what: A_PAYMENT.into(), looks, most: self.wait, sale: Some(sale) }))
    }
}

/// A price as a shop shows it.
fn goods(price: &Price) -> String {
    let amount = price.unit_amount.map(|minor| Money::from_stripe(minor, &price.currency).to_string());
    let amount = amount.unwrap_or_else(|| price.currency.to_uppercase());
    let every = price.recurring.as_ref().map(|every| match every.interval_count.unwrap_or(1) {
        1 => format!(" per {}", every.interval),
        many => format!(" every {many} {}s", every.interval),
    });
    let name = price.nickname.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
    format!("{name}{amount}{}", every.unwrap_or_default())
}

fn question(mode: Mode) -> Question {
    let choice = |value: &str, label: &str, hint: &str| Choice {
        value: value.into(),
        label: label.into(),
        hint: hint.into(),
    };
    let help = match mode {
        Mode::Live => {
            "The best proof is a real sale through your own checkout. Stripe does not allow testing with real cards in \
             live mode, so golive only watches: let it be your first customer, or something you really want to buy."
        }
        Mode::Test => "In test mode anybody may pay with a test card: 4242 4242 4242 4242, any date to come, any code.",
        Mode::Rehearse => "In a rehearsal nothing is real: the simulator's checkout is paid, by somebody made up or by you.",
    };
    let choices = match mode {
        Mode::Rehearse => vec![
            choice("first", "Let somebody made up buy it", "golive watches and tells you"),
            choice("myself", "I am paying it in the browser", "on the simulator's page"),
            choice("later", "Later", "stays open in golive status"),
        ],
        Mode::Test | Mode::Live => vec![
            choice("first", "Wait for the first real order", "golive watches and tells you"),
            choice("myself", "I am buying it for myself", "a genuine purchase; refund is up to you"),
            choice("later", "Later", "stays open in golive status"),
        ],
    };
    Question {
        name: HOW.into(),
        prompt: "How shall we see the first payment?".into(),
        help: vec![help.into()],
        link: (mode != Mode::Rehearse).then(|| "https://docs.stripe.com/testing".into()),
        because: None,
        form: Form::Choice(choices),
        rehearse: Some("first".into()),
    }
}

/// An address of a person, of which only enough is left to know it again.
pub(super) fn masked(email: &str) -> String {
    match email.split_once('@') {
        Some((name, host)) => format!("{}…@{host}", name.chars().next().map(String::from).unwrap_or_default()),
        None => String::new(),
    }
}
