//! A Stripe in memory, as far as the engine can see one: objects, the idempotency store, and
//! answers that get lost. The bytes of a request are the write itself, as JSON.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::support::{Log, PUBLISHABLE, ROLLED, SECRET, STRANGER};
use crate::engine::port::{self, Outcome, Receipt, Sending};
use crate::error::{Code, Problem, Result};
use crate::secret::{Secret, Slot, Vault};
use crate::step::object::{Account, Balance, Event, Price, PriceRecurring, Product, Session, WebhookEndpoint};
use crate::step::{Given, Look, ProductDraft, ProductPatch, Refusal, Request, Sight, Write};

/// What becomes of the next request of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Stripe refuses it.
    Refused(u16),
    /// It is lost before Stripe has it.
    LostBefore,
    /// Stripe carries it out, and the answer is lost.
    LostAfter,
    /// It does not leave the computer.
    NotSent,
    /// Stripe saved a failure of its own under the key.
    Saved,
}

/// The account's objects, and what was asked of it.
#[derive(Default)]
pub(super) struct World {
    pub(super) accounts: BTreeMap<&'static str, &'static str>,
    pub(super) products: Vec<Product>,
    pub(super) prices: Vec<Price>,
    pub(super) endpoints: Vec<WebhookEndpoint>,
    pub(super) sessions: Vec<Session>,
    /// Takes what is to change on a product, and keeps what was.
    pub(super) deaf: bool,
    /// Faults by the write's name, `create_price`; each happens once.
    pub(super) faults: Vec<(&'static str, Fault)>,
    /// Looks that are refused, with the status.
    pub(super) hidden: Vec<(Look, u16)>,
    /// Every batch of looks.
    pub(super) looked: Vec<Vec<Look>>,
    /// What the looks at events bring, one after another, the last for ever; `None` is an outage.
    pub(super) happens: RefCell<VecDeque<Option<Vec<Event>>>>,
    /// Other objects by the look that brings them.
    pub(super) others: BTreeMap<Look, Value>,
    answers: BTreeMap<String, String>,
    count: usize,
}

/// Stripe.
pub(super) struct FakeStripe {
    world: RefCell<World>,
    log: Log,
}

/// The signing secret of the endpoint with this number.
pub(super) fn signing_secret(number: usize) -> String {
    format!("whsec_{number:032}")
}

impl FakeStripe {
    pub(super) fn new(log: Log) -> Self {
        let accounts = [(SECRET, "acct_1"), (ROLLED, "acct_1"), (PUBLISHABLE, "acct_1"), (STRANGER, "acct_2")];
        let world = World { accounts: accounts.into(), ..World::default() };
        Self { world: RefCell::new(world), log }
    }

    pub(super) fn world(&self) -> std::cell::RefMut<'_, World> {
        self.world.borrow_mut()
    }

    pub(super) fn fault(&self, write: &'static str, fault: Fault) {
        self.world().faults.push((write, fault));
    }
}

impl port::Stripe for FakeStripe {
    fn look(&self, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)> {
        let mut world = self.world();
        world.looked.push(looks.to_vec());
        let account = world.account(vault, &Slot::SecretKey);
        let publishable = world.account(vault, &Slot::PublishableKey);
        let seen = |look: &Look| {
            let hidden = world.hidden.iter().find(|(other, _)| other == look);
            match (look, account, hidden) {
                (_, _, Some((_, status))) => Sight::Refused(refusal(*status)),
                (Look::PublishableKey, ..) => match publishable {
                    Some(id) => Sight::PublishableKey { account: Some(id.into()), livemode: Some(true) },
                    None => Sight::Refused(refusal(401)),
                },
                (_, Some(id), _) => world.see(look, id),
                (_, None, _) => Sight::Refused(refusal(401)),
            }
        };
        looks.iter().map(|look| (look.clone(), seen(look))).collect()
    }

    fn prepare(&self, write: &Write) -> Result<Request> {
        let body = serde_json::to_string(write).unwrap();
        Ok(Request { method: "POST".into(), path: format!("/v1/{}", name(write)), body })
    }

    fn send(
        &self,
        sendings: &[Sending],
        vault: &Vault,
        each: &mut dyn FnMut(Vec<(usize, Outcome)>) -> Result<()>,
    ) -> Result<()> {
        let mut result = Ok(());
        for (index, sending) in sendings.iter().enumerate() {
            let write: Write = serde_json::from_str(&sending.request.body).unwrap();
            self.log.borrow_mut().push(format!("send {}", name(&write)));
            let outcome = self.world().receive(&write, &sending.key, vault);
            result = result.and(each(vec![(index, outcome)]));
        }
        result
    }
}

impl World {
    fn account(&self, vault: &Vault, slot: &Slot) -> Option<&'static str> {
        let key = vault.get(slot)?;
        self.accounts.iter().find(|(text, _)| key.is(text)).map(|(_, account)| *account)
    }

    fn see(&self, look: &Look, account: &str) -> Sight {
        match look {
            Look::Account => Sight::Account(Account {
                id: account.into(),
                charges_enabled: Some(true),
                payouts_enabled: Some(true),
                details_submitted: Some(true),
                ..Account::default()
            }),
            Look::Balance => Sight::Balance(Balance { livemode: Some(true) }),
            Look::Product(id) => Sight::Product(self.products.iter().find(|product| product.id == *id).cloned()),
            Look::ProductsNamed(name) => {
                Sight::Products(self.products.iter().filter(|product| product.name == *name).cloned().collect())
            }
            Look::PriceByKey(key) => {
                Sight::Price(self.prices.iter().find(|price| price.lookup_key.as_ref() == Some(key)).cloned())
            }
            Look::Price(id) => Sight::Price(self.prices.iter().find(|price| price.id == *id).cloned()),
            Look::PricesOf(product) => {
                let of = |price: &&Price| price.product == *product && price.active;
                Sight::Prices(self.prices.iter().filter(of).cloned().collect())
            }
            Look::WebhookEndpoints => Sight::WebhookEndpoints(self.endpoints.clone()),
            Look::Session(id) => match self.sessions.iter().find(|session| session.id == *id) {
                Some(session) => Sight::Session(session.clone()),
                None => Sight::Refused(refusal(404)),
            },
            Look::Events { .. } => self.next_events(),
            Look::One(..) => Sight::Object(self.others.get(look).cloned()),
            Look::Recent(..) | Look::RefundsOf(_) => {
                Sight::Objects(self.others.get(look).and_then(Value::as_array).cloned().unwrap_or_default())
            }
            other => panic!("nobody looks at {other:?} here"),
        }
    }

    fn next_events(&self) -> Sight {
        let mut happens = self.happens.borrow_mut();
        let next = if happens.len() > 1 { happens.pop_front() } else { happens.front().cloned() };
        match next.unwrap_or(Some(Vec::new())) {
            Some(events) => Sight::Events(events),
            None => Sight::Unseen(Problem::new(Code::Unreachable, "no network")),
        }
    }

    fn receive(&mut self, write: &Write, key: &str, vault: &Vault) -> Outcome {
        if self.account(vault, &Slot::SecretKey).is_none() {
            return Outcome::Refused(refusal(401));
        }
        let position = self.faults.iter().position(|(of, _)| *of == name(write));
        let lost = || Outcome::Unknown(Problem::new(Code::Unreachable, "the connection was lost"));
        match position.map(|position| self.faults.remove(position).1) {
            Some(Fault::Refused(status)) => return Outcome::Refused(refusal(status)),
            Some(Fault::LostBefore) => return lost(),
            Some(Fault::NotSent) => return Outcome::NotSent(Problem::new(Code::Unreachable, "no connection")),
            Some(Fault::Saved) => return Outcome::SavedError(refusal(500)),
            Some(Fault::LostAfter) => {
                self.carry_out(write, key);
                return lost();
            }
            None => {}
        }
        let (object, replayed) = self.carry_out(write, key);
        let secret = matches!(write, Write::CreateWebhook(_)).then(|| {
            let number = object.trim_start_matches("we_").parse().unwrap();
            Secret::unlisted(signing_secret(number))
        });
        Outcome::Done(Receipt { object, secret, request_id: Some("req_1".into()), replayed })
    }

    fn carry_out(&mut self, write: &Write, key: &str) -> (String, bool) {
        if let Some(object) = self.answers.get(key) {
            return (object.clone(), true);
        }
        self.count += 1;
        let object = self.change(write);
        self.answers.insert(key.to_owned(), object.clone());
        (object, false)
    }

    fn change(&mut self, write: &Write) -> String {
        let number = self.count;
        match write.clone() {
            Write::CreateProduct(draft) => {
                let id = draft.id.clone();
                self.products.push(made(draft));
                id
            }
            Write::UpdateProduct { id, .. } if self.deaf => id,
            Write::UpdateProduct { id, patch } => {
                patched(self.products.iter_mut().find(|product| product.id == id).unwrap(), patch);
                id
            }
            Write::CreatePrice(draft) => {
                for price in self.prices.iter_mut().filter(|price| price.lookup_key == draft.lookup_key) {
                    price.lookup_key = None;
                }
                let recurring = draft.recurring.map(|every| PriceRecurring {
                    interval: every.interval,
                    interval_count: Some(every.interval_count),
                    ..PriceRecurring::default()
                });
                let id = format!("price_{number}");
                self.prices.push(Price {
                    id: id.clone(),
                    active: true,
                    currency: draft.currency,
                    product: draft.product,
                    unit_amount: draft.unit_amount,
                    recurring,
                    lookup_key: draft.lookup_key,
                    nickname: draft.nickname,
                    tax_behavior: draft.tax_behavior,
                    metadata: draft.metadata,
                    ..Price::default()
                });
                id
            }
            Write::UpdatePrice { id, patch } => {
                let price = self.prices.iter_mut().find(|price| price.id == id).unwrap();
                price.active = patch.active.unwrap_or(price.active);
                price.nickname = patch.nickname.or(price.nickname.take()).filter(|text| !text.is_empty());
                price.tax_behavior = patch.tax_behavior.or(price.tax_behavior.take());
                price.metadata.extend(patch.metadata);
                id
            }
            other => self.change_more(other),
        }
    }

    fn change_more(&mut self, write: Write) -> String {
        let number = self.count;
        match write {
            Write::CreateWebhook(draft) => {
                let id = format!("we_{number}");
                self.endpoints.push(WebhookEndpoint {
                    id: id.clone(),
                    url: draft.url,
                    status: "enabled".into(),
                    enabled_events: draft.enabled_events,
                    metadata: draft.metadata,
                    ..WebhookEndpoint::default()
                });
                id
            }
            Write::UpdateWebhook { id, patch } => {
                let endpoint = self.endpoints.iter_mut().find(|endpoint| endpoint.id == id).unwrap();
                endpoint.enabled_events = patch.enabled_events.unwrap_or_default();
                id
            }
            Write::OpenSession(_) => {
                let id = format!("cs_{number}");
                let (status, currency) = (Some("open".into()), Some("cad".into()));
                let session = Session { id: id.clone(), status, currency, ..Session::default() };
                self.sessions.push(Session { amount_total: Some(2000), ..session });
                id
            }
            Write::ExpireSession { id } => {
                let Given::Id(id) = id else { panic!("an id that is not known: {id:?}") };
                let session = self.sessions.iter_mut().find(|session| session.id == id).unwrap();
                session.status = Some("expired".into());
                id
            }
            other => panic!("not a change of this sort: {other:?}"),
        }
    }
}

fn made(draft: ProductDraft) -> Product {
    Product {
        id: draft.id,
        active: true,
        name: draft.name,
        description: draft.description,
        statement_descriptor: draft.statement_descriptor,
        unit_label: draft.unit_label,
        url: draft.url,
        metadata: draft.metadata,
        ..Product::default()
    }
}

/// What a patch leaves out stays; an empty text unsets, as it does in Stripe.
fn patched(product: &mut Product, patch: ProductPatch) {
    let text = |field: &mut Option<String>, new: Option<String>| {
        if let Some(new) = new {
            *field = Some(new).filter(|text| !text.is_empty());
        }
    };
    product.active = patch.active.unwrap_or(product.active);
    product.name = patch.name.unwrap_or_else(|| product.name.clone());
    text(&mut product.description, patch.description);
    text(&mut product.statement_descriptor, patch.statement_descriptor);
    text(&mut product.unit_label, patch.unit_label);
    text(&mut product.url, patch.url);
    product.metadata.extend(patch.metadata);
    product.metadata.retain(|_, value| !value.is_empty());
    if let Some(Given::Id(price)) = patch.default_price {
        product.default_price = Some(price).filter(|id| !id.is_empty());
    }
}

/// The write's name in JSON: `create_price`.
fn name(write: &Write) -> String {
    serde_json::to_value(write).unwrap().as_object().unwrap().keys().next().unwrap().clone()
}

pub(super) fn refusal(status: u16) -> Refusal {
    Refusal {
        status,
        code: None,
        message: "Stripe says no.".into(),
        param: None,
        request_id: Some("req_9".into()),
        account: None,
    }
}
