//! What tests and the sandbox may do to a running simulator, and see of it.

use super::card::{Card, Outcome};
use super::fault::Fault;
use super::hosted::{self, month_of, transact};
use super::kinds::{fraud, purchase, refund};
use super::refusal::Refusal;
use super::shop::{ShopConduct, counter};
use super::state::{Delivery, RequestLog};
use super::world::{Entry, KeyEntry, KeyKind};
use super::{Inner, Keys, Mode, ids, json, kinds, sell};
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::sync::{Arc, PoisonError};

/// The moment of a request at which a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It arrived; nothing happened.
    BeforeEffect,
    /// Everything happened; the answer was not sent.
    AfterEffect,
}

/// Called with the number of the request (from 1) and the moment.
pub type Hook = Box<dyn Fn(usize, Phase) + Send + Sync>;

/// A handle on a running simulator; cheap to clone.
#[derive(Clone)]
pub struct Control(pub(super) Arc<Inner>);

impl Control {
    /// Changes the first account as one mode sees it, for example `charges_enabled`.
    pub fn edit_account(&self, mode: Mode, edit: impl FnOnce(&mut Value)) -> Result<()> {
        let mut core = self.0.core();
        let scope = core.scope(mode);
        let found = core.world.store(&scope).get("account", &scope.account);
        let mut account = found.cloned().unwrap_or_default();
        edit(&mut account);
        core.put(&scope, account)
    }

    /// Saves the customer portal's settings, as its button in the Dashboard does.
    pub fn save_portal(&self, mode: Mode) -> Result<()> {
        let mut core = self.0.core();
        let scope = core.scope(mode);
        core.in_the_dashboard(&scope, kinds::portal::save)
    }

    /// Keeps a wallet off a domain from Stripe's next look on, with this message; `None` ends it.
    pub fn wallet_fault(&self, mode: Mode, domain: &str, wallet: &str, message: Option<&str>) -> Result<()> {
        let mut core = self.0.core();
        let scope = core.scope(mode);
        core.put(&scope, kinds::method::fault(domain, wallet, message))
    }

    /// The id of the first account.
    pub fn account(&self) -> String {
        self.0.core().scope(Mode::Test).account
    }

    /// Expires a key at once; an unknown one stays unknown.
    pub fn revoke(&self, key: &str) -> Result<()> {
        let mut core = self.0.core();
        let Some(mut entry) = core.world.keys.get(key).cloned() else {
            return Ok(());
        };
        entry.revoked = true;
        core.commit(Entry { keys: vec![entry], ..Entry::default() })
    }

    /// Makes a restricted key of the first account, with permissions such as `product_write`.
    pub fn add_restricted_key(&self, mode: Mode, permissions: &[&str]) -> Result<String> {
        let mut core = self.0.core();
        let scope = core.scope(mode);
        let key = ids::key("rk", mode, &scope.account);
        let kind = KeyKind::Restricted(permissions.iter().map(|p| (*p).to_owned()).collect());
        let entry = KeyEntry { key: key.clone(), scope, kind, revoked: false };
        core.commit(Entry { keys: vec![entry], ..Entry::default() })?;
        Ok(key)
    }

    /// Makes another account, with its own ids and keys: test first, live second.
    pub fn add_account(&self) -> Result<(Keys, Keys)> {
        self.0.core().add_account()
    }

    /// Sets a fault; its count starts now.
    pub fn fault(&self, fault: Fault) {
        self.0.core().faults.push((fault, 0));
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.0.core().faults.clear();
    }

    /// Every API request so far, in the order in which they ended.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.0.core().requests.clone()
    }

    /// The first account's objects of one kind (`product`, `checkout.session`, `event`…), oldest first.
    pub fn objects(&self, mode: Mode, kind: &str) -> Vec<Value> {
        let core = self.0.core();
        let mut objects: Vec<Value> = core.world.store(&core.scope(mode)).all(kind).cloned().collect();
        objects.iter_mut().for_each(json::public);
        objects
    }

    /// Every attempt to deliver an event so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.core().deliveries.clone()
    }

    /// Calls `hook` twice for each API request from now on; it may end the client's process.
    pub fn on_request(&self, hook: Hook) {
        *self.0.hook.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
    }

    /// Forgets all saved answers, as Stripe may after 24 hours.
    pub fn expire_idempotency(&self) -> Result<()> {
        self.0.core().commit(Entry { forget_saved: true, ..Entry::default() })
    }

    /// Has the demo shop open a checkout for the first of these prices that is there, or for any when
    /// none is named: the session's id, and the page where it is paid.
    pub fn sell(&self, mode: Mode, prices: &[String]) -> Result<(String, String)> {
        sell::open(&self.0, mode, prices).map_err(said)
    }

    /// Pays an open checkout session as a buyer would, with a card that does what is wanted. `Ok` holds
    /// the text of the decline, if there was one.
    pub fn pay(&self, session: &str, email: &str, outcome: Outcome) -> Result<Option<&'static str>> {
        let decline = hosted::pay(&self.0, session, email, outcome).map_err(said)?;
        Ok(decline.map(|decline| decline.message))
    }

    /// Buys one of a price in the demo shop, as its page does. Answers with the session's id and the text
    /// of the decline, if there was one.
    pub fn buy(
        &self,
        mode: Mode,
        price: &str,
        email: &str,
        outcome: Outcome,
    ) -> Result<(String, Option<&'static str>)> {
        let origin = format!("https://localhost:{}", self.0.shop_addr.port());
        let session = counter::checkout(&self.0, mode, price, &origin, None).map_err(|why| anyhow!(why))?;
        let id = session["id"].as_str().unwrap_or_default().to_owned();
        let decline = self.pay(&id, email, outcome)?;
        Ok((id, decline))
    }

    /// Changes how the demo shop behaves from now on.
    pub fn shop(&self, conduct: ShopConduct) {
        self.0.core().conduct = conduct;
    }

    /// Bills the next period of a subscription, paid or declined.
    pub fn renew(&self, mode: Mode, subscription: &str, outcome: Outcome) -> Result<()> {
        let (scope, now) = {
            let core = self.0.core();
            (core.scope(mode), core.now())
        };
        let card = Card::that(outcome, mode, month_of(now).0);
        transact(&self.0, &scope, |tx| purchase::renew(tx, subscription, &card)).map_err(said)
    }

    /// The bank takes a payment back: a charge, or the one of a payment intent. Answers with the dispute's id.
    pub fn dispute(&self, mode: Mode, payment: &str) -> Result<String> {
        self.on_charge(mode, payment, |tx, charge| fraud::dispute(tx, charge, "fraudulent"))
    }

    /// The bank warns of a payment. Answers with the warning's id.
    pub fn warn(&self, mode: Mode, payment: &str) -> Result<String> {
        self.on_charge(mode, payment, fraud::warning)
    }

    fn on_charge(
        &self,
        mode: Mode,
        payment: &str,
        work: impl FnOnce(&mut super::tx::Tx<'_>, &Value) -> Value,
    ) -> Result<String> {
        let scope = self.0.core().scope(mode);
        let done = transact(&self.0, &scope, |tx| {
            let charge = fraud::charge_named(tx, payment);
            let charge = charge.ok_or_else(|| Refusal::failed(format!("No such charge: '{payment}'")))?;
            Ok(work(tx, &charge))
        });
        Ok(done.map_err(said)?["id"].as_str().unwrap_or_default().to_owned())
    }

    /// While the balance is short refunds are pending; with money in it again they succeed.
    pub fn balance_short(&self, short: bool) -> Result<()> {
        self.0.core().short = short;
        if short {
            return Ok(());
        }
        for mode in [Mode::Test, Mode::Live] {
            let scope = self.0.core().scope(mode);
            transact(&self.0, &scope, |tx| {
                for waiting in tx.all("refund").iter().filter(|refund| refund["status"] == "pending") {
                    refund::settle(tx, waiting);
                }
                Ok(())
            })
            .map_err(said)?;
        }
        Ok(())
    }

    /// What every card on the hosted page does from now on, whatever its number; `None`: as it should.
    pub fn cards(&self, outcome: Option<Outcome>) {
        self.0.core().cards = outcome;
    }

    /// What a card does that is not said to do anything else.
    pub fn card(&self) -> Outcome {
        self.0.core().cards.unwrap_or(Outcome::Pays)
    }

    /// The first account's keys of a mode.
    pub fn keys(&self, mode: Mode) -> Option<Keys> {
        let core = self.0.core();
        let (_, test, live) = core.world.accounts.first()?;
        Some(if mode == Mode::Live { live.clone() } else { test.clone() })
    }

    /// Rolls the first account's secret key, as its button in the Dashboard does: a new one, and the old
    /// one expires at once.
    pub fn roll(&self, mode: Mode) -> Result<()> {
        let mut core = self.0.core();
        let scope = core.scope(mode);
        let Some((account, mut test, mut live)) = core.world.accounts.first().cloned() else { return Ok(()) };
        let new = ids::key("sk", mode, &scope.account);
        let side = if mode == Mode::Live { &mut live } else { &mut test };
        let old = std::mem::replace(&mut side.secret, new.clone());
        let entry = |key: String, revoked| KeyEntry { key, scope: scope.clone(), kind: KeyKind::Secret, revoked };
        let keys = vec![entry(old, true), entry(new, false)];
        core.commit(Entry { accounts: vec![(account, test, live)], keys, ..Entry::default() })
    }

    /// Puts the simulator's clock ahead, or back to the true time with 0.
    pub fn clock_ahead(&self, seconds: i64) {
        self.0.core().ahead = seconds;
    }
}

fn said(refusal: Refusal) -> anyhow::Error {
    anyhow!(refusal.message)
}
