//! What all requests share: the world behind one lock, its file, and what tests may look at.
//!
//! The lock is never held across an await. Entries go to the file before they are applied, so an
//! answer is never ahead of what a reopened folder would say.

use super::card::Outcome;
use super::fault::{At, Fault, What};
use super::keep::Keep;
use super::shop::ShopConduct;
use super::tx::Tx;
use super::world::{Entry, KeyEntry, KeyKind, Scope, World};
use super::{Keys, Mode, ids, kinds};
use anyhow::Result;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// A request as it was seen, for tests.
#[derive(Clone, Debug)]
pub struct RequestLog {
    /// `GET`, `POST`, `DELETE`, or whatever was sent.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As sent, without the question mark.
    pub query: String,
    /// As sent; form-encoded for a POST.
    pub body: String,
    /// `sk_live`, `pk_test`, … or empty.
    pub key_prefix: String,
    /// The header, whether or not the request may use it.
    pub idempotency_key: Option<String>,
    /// 0 when the connection was closed without an answer.
    pub status: u16,
    /// The answer came out of the idempotency store.
    pub replayed: bool,
}

/// One attempt to deliver an event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event's id.
    pub event: String,
    /// The event's type.
    pub kind: String,
    /// The endpoint's id.
    pub endpoint: String,
    /// The endpoint's URL at that moment.
    pub url: String,
    /// Counted from 1.
    pub attempt: usize,
    /// What the endpoint answered; `None` when there was no answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The `Stripe-Signature` header that was sent.
    pub signature: String,
}

/// Requests and deliveries that are remembered, each.
const MOST_REMEMBERED: usize = 20_000;

pub struct Core {
    pub world: World,
    keep: Keep,
    pub in_flight: HashSet<(Scope, String)>,
    /// The second at which time was last given its due.
    pub swept: i64,
    pub faults: Vec<(Fault, usize)>,
    pub requests: Vec<RequestLog>,
    pub deliveries: Vec<Delivery>,
    /// Refunds wait until this is taken back.
    pub short: bool,
    /// Seconds that the simulator's clock is ahead.
    pub ahead: i64,
    /// What every card does, whatever its number.
    pub cards: Option<Outcome>,
    pub conduct: ShopConduct,
}

impl Core {
    pub fn new(keep: Keep, world: World, faults: Vec<Fault>) -> Self {
        Self {
            world,
            keep,
            in_flight: HashSet::new(),
            swept: 0,
            faults: faults.into_iter().map(|fault| (fault, 0)).collect(),
            requests: Vec::new(),
            deliveries: Vec::new(),
            short: false,
            ahead: 0,
            cards: None,
            conduct: ShopConduct::Good,
        }
    }

    /// Writes, then applies. An entry that says nothing is not written.
    pub fn commit(&mut self, entry: Entry) -> Result<()> {
        let silent = entry.put.is_empty() && entry.delete.is_empty() && entry.saved.is_none() && entry.keys.is_empty();
        if silent && entry.accounts.is_empty() && !entry.forget_saved {
            return Ok(());
        }
        self.keep.append(&entry)?;
        self.world.apply(entry);
        Ok(())
    }

    /// Unix seconds by the simulator's clock.
    pub fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second() + self.ahead
    }

    /// A transaction of one request.
    pub fn tx(&self, scope: &Scope, request_id: &str, key: Option<&str>) -> Tx<'_> {
        Tx {
            world: &self.world,
            scope: scope.clone(),
            now: self.now(),
            short: self.short,
            request_id: request_id.to_owned(),
            idempotency_key: key.map(str::to_owned),
            put: Vec::new(),
            delete: Vec::new(),
        }
    }

    /// Makes up an account with keys for both modes.
    pub fn add_account(&mut self) -> Result<(Keys, Keys)> {
        let account = ids::account();
        let pair = |mode| Keys { secret: ids::key("sk", mode, &account), publishable: ids::key("pk", mode, &account) };
        let (test, live) = (pair(Mode::Test), pair(Mode::Live));
        let mut keys = Vec::new();
        for (mode, pair) in [(Mode::Test, &test), (Mode::Live, &live)] {
            let scope = Scope { account: account.clone(), mode };
            for (key, kind) in [(&pair.secret, KeyKind::Secret), (&pair.publishable, KeyKind::Publishable)] {
                keys.push(KeyEntry { key: key.clone(), scope: scope.clone(), kind, revoked: false });
            }
        }
        let accounts = vec![(account.clone(), test.clone(), live.clone())];
        self.commit(Entry { accounts, keys, ..Entry::default() })?;
        for mode in [Mode::Test, Mode::Live] {
            let scope = Scope { account: account.clone(), mode };
            self.put(&scope, kinds::account::fresh(&account))?;
            self.settle_in(&scope)?;
        }
        Ok((test, live))
    }

    /// What every account has from its first day on. A world that is older than this gets it too.
    pub fn settle_in(&mut self, scope: &Scope) -> Result<()> {
        if self.world.store(scope).all("payment_method_configuration").next().is_none() {
            self.put(scope, kinds::method::fresh(scope))?;
        }
        Ok(())
    }

    /// Does what an owner does in the Dashboard before going live: saves the portal's settings, enters
    /// the head office, applies for every payment method.
    pub fn furnish(&mut self, scope: &Scope) -> Result<()> {
        self.in_the_dashboard(scope, |tx| {
            kinds::portal::save(tx);
            kinds::tax::furnish(tx);
            kinds::account::apply_for_everything(tx);
        })
    }

    /// A change that no request of the API makes.
    pub fn in_the_dashboard(&mut self, scope: &Scope, act: impl FnOnce(&mut Tx<'_>)) -> Result<()> {
        let entry = {
            let mut tx = self.tx(scope, "", None);
            act(&mut tx);
            super::call::entry_of(tx)
        };
        self.commit(entry)
    }

    /// Remembers a request for tests; a sandbox that runs for days must not grow without end.
    pub fn log(&mut self, request: RequestLog) {
        if self.requests.len() >= MOST_REMEMBERED {
            self.requests.drain(..MOST_REMEMBERED / 2);
        }
        self.requests.push(request);
    }

    /// Remembers an attempt to deliver, within the same bound.
    pub fn delivered(&mut self, delivery: Delivery) {
        if self.deliveries.len() >= MOST_REMEMBERED {
            self.deliveries.drain(..MOST_REMEMBERED / 2);
        }
        self.deliveries.push(delivery);
    }

    pub fn put(&mut self, scope: &Scope, value: Value) -> Result<()> {
        self.commit(Entry { scope: Some(scope.clone()), put: vec![value], ..Entry::default() })
    }

    /// The scope of the first account in a mode.
    pub fn scope(&self, mode: Mode) -> Scope {
        let account = self.world.accounts.first().map(|(id, ..)| id.clone()).unwrap_or_default();
        Scope { account, mode }
    }

    /// How much later this request is answered, and what else goes wrong with it. Every matching
    /// fault counts the request; of those that hit, delays add up and the first other one wins.
    pub fn fault(&mut self, method: &str, path: &str) -> (Duration, Option<What>) {
        let (mut delay, mut hit) = (Duration::ZERO, None);
        for (fault, seen) in self.faults.iter_mut().filter(|(fault, _)| fault.matches(method, path)) {
            *seen += 1;
            let now = match fault.at {
                At::Every => true,
                At::Nth(n) => n == *seen,
            };
            match &fault.what {
                What::Slow(time) if now => delay += *time,
                what if now && hit.is_none() => hit = Some(what.clone()),
                _ => {}
            }
        }
        (delay, hit)
    }
}
