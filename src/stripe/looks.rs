//! Looks, carried out: the asks of `plan` side by side, each turned back into the sights of the
//! looks it answers. Called by [`super::StripeApi`]; changes nothing in Stripe.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::de::DeserializeOwned;
use stripe_checkout::checkout_session::RetrieveCheckoutSession;
use stripe_client_core::StripeRequest;
use stripe_connect::account::RetrieveForMyAccountAccount;
use stripe_core::balance::RetrieveForMyAccountBalance;
use stripe_misc::webhook_endpoint::ListWebhookEndpoint;
use stripe_product::price::{ListPrice, RetrievePrice};
use stripe_product::product::ListProduct;

use super::fetch::{Miss, Reader, unreadable};
use super::plan::{Ask, answers, plan};
use super::request::is_plain_id;
use super::transport::Transport;
use super::{answer, collections, error, permission, poll};
use crate::error::{Code, Problem};
use crate::secret::Vault;
use crate::step::object::{Price, Product};
use crate::step::{Look, Sight};

/// Objects on a page, the most that Stripe gives.
pub(super) const PAGE: i64 = 100;
/// Pages after which a listing is given up: a hundred thousand objects.
pub(super) const MOST_PAGES: usize = 1000;

/// What an ask brought back.
enum Got {
    /// For the one look it answers.
    One(Sight),
    /// To be divided among the looks; with what became of values that Stripe refused by themselves.
    Products(Vec<Product>, Misses),
    Prices(Vec<Price>, Misses),
    /// The same for each of them.
    Miss(Miss),
}

/// The values that brought nothing back.
type Misses = BTreeMap<String, Miss>;

/// Carries looks out. Every look comes back once.
pub(super) async fn look(transport: &Transport, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)> {
    let reader = Reader::new(transport, vault);
    let mut waiting: BTreeSet<&Look> = looks.iter().collect();
    let asks = plan(looks);
    let reader = &reader;
    let mut running: FuturesUnordered<_> =
        asks.iter().map(|ask| async move { (ask, reader.ask(ask).await.unwrap_or_else(Got::Miss)) }).collect();
    let mut sights = Vec::with_capacity(waiting.len());
    while let Some((ask, got)) = running.next().await {
        let mine: Vec<_> = waiting.iter().copied().filter(|look| answers(ask, look)).collect();
        for look in &mine {
            waiting.remove(look);
        }
        divide(mine, got, &mut sights);
    }
    for look in waiting {
        let problem = Problem::new(Code::Internal, "this cannot be looked at in Stripe")
            .fix("report it with what is printed here: golive explain GL1299");
        sights.push((look.clone(), Sight::Unseen(problem)));
    }
    sights
}

fn divide(looks: Vec<&Look>, got: Got, sights: &mut Vec<(Look, Sight)>) {
    let mut one = None;
    let divided = |look: &Look| match &got {
        Got::One(_) => None,
        Got::Miss(miss) => Some(miss.sight()),
        Got::Products(products, misses) => Some(among_products(look, products, misses)),
        Got::Prices(prices, misses) => Some(among_prices(look, prices, misses)),
    };
    let shared: Vec<_> = looks.iter().map(|look| divided(look)).collect();
    if let Got::One(sight) = got {
        one = Some(sight);
    }
    let pairs = looks.into_iter().zip(shared);
    sights.extend(pairs.filter_map(|(look, shared)| Some((look.clone(), shared.or_else(|| one.take())?))));
}

fn among_products(look: &Look, products: &[Product], misses: &Misses) -> Sight {
    match look {
        Look::Product(id) if misses.contains_key(id) => misses[id].sight(),
        Look::Product(id) => Sight::Product(products.iter().find(|product| product.id == *id).cloned()),
        Look::ProductsNamed(name) => {
            Sight::Products(products.iter().filter(|product| product.name == *name).cloned().collect())
        }
        _ => unreadable().sight(),
    }
}

fn among_prices(look: &Look, prices: &[Price], misses: &Misses) -> Sight {
    match look {
        Look::PriceByKey(key) if misses.contains_key(key) => misses[key].sight(),
        Look::PriceByKey(key) => {
            Sight::Price(prices.iter().find(|price| price.lookup_key.as_ref() == Some(key)).cloned())
        }
        Look::PricesOf(product) if misses.contains_key(product) => misses[product].sight(),
        Look::PricesOf(product) => {
            Sight::Prices(prices.iter().filter(|price| price.product == *product).cloned().collect())
        }
        _ => unreadable().sight(),
    }
}

impl Reader<'_> {
    async fn ask(&self, ask: &Ask) -> Result<Got, Miss> {
        Ok(match ask {
            Ask::Account => Got::One(Sight::Account(self.one(&RetrieveForMyAccountAccount::new()).await?)),
            Ask::Balance => {
                let body = self.get(&RetrieveForMyAccountBalance::new()).await?;
                Got::One(Sight::Balance(answer::read_balance(body).ok_or_else(unreadable)?))
            }
            Ask::PublishableKey => Got::One(self.publishable_key().await?),
            Ask::Permission(permission) => Got::One(permission::held(self, *permission).await?),
            Ask::Products(ids) => {
                let (found, misses) = self.some(ids, |ids| ListProduct::new().ids(ids).limit(PAGE)).await?;
                Got::Products(found, misses)
            }
            Ask::ActiveProducts => {
                Got::Products(self.all(&ListProduct::new().active(true).limit(PAGE)).await?, Misses::new())
            }
            Ask::PricesByKey(keys) => {
                let (found, misses) = self.some(keys, |keys| prices().lookup_keys(keys)).await?;
                Got::Prices(found, misses)
            }
            Ask::Price(id) => Got::One(self.price(id).await?),
            Ask::PricesOf(product) => Got::One(Sight::Prices(self.prices_of(product).await?)),
            Ask::PricesOfMany(products) => {
                let (found, misses) = self.prices_of_many(products).await?;
                Got::Prices(found, misses)
            }
            Ask::Webhooks => {
                Got::One(Sight::WebhookEndpoints(self.all(&ListWebhookEndpoint::new().limit(PAGE)).await?))
            }
            Ask::Session(id) if is_plain_id(id) => {
                Got::One(Sight::Session(self.one(&RetrieveCheckoutSession::new(&**id)).await?))
            }
            Ask::Session(_) => return Err(unreadable()),
            Ask::Every(collection) => Got::One(collections::every(self, *collection).await?),
            Ask::One(collection, id) => Got::One(collections::one(self, *collection, id).await?),
            Ask::Recent(collection, since) => {
                Got::One(collections::recent(self, *collection, self.transport.at_stripe(*since)).await?)
            }
            Ask::RefundsOf(payment) => Got::One(collections::refunds_of(self, payment).await?),
            Ask::FeaturesOf(product) => Got::One(collections::features_of(self, product).await?),
            Ask::Events { types, since, undelivered } => {
                let since = self.transport.at_stripe(*since);
                Got::One(collections::events(self, types, since, *undelivered).await?)
            }
            Ask::TaxSettings => Got::One(collections::tax_settings(self).await?),
            Ask::Delivery { event, key, since, wait } => {
                Got::One(Sight::Event(poll::delivery(self, event, key, *since, *wait).await?))
            }
        })
    }

    /// Every page of a listing.
    async fn all<T: DeserializeOwned>(&self, request: &impl StripeRequest) -> Result<Vec<T>, Miss> {
        let (found, whole) = self.list(request, MOST_PAGES).await?;
        if whole { Ok(found) } else { Err(unreadable()) }
    }

    /// One page for several values; where one of them makes Stripe refuse it, a page for each.
    async fn some<T: DeserializeOwned, R: StripeRequest>(
        &self,
        values: &[String],
        request: impl Fn(&[String]) -> R,
    ) -> Result<(Vec<T>, Misses), Miss> {
        match self.all(&request(values)).await {
            Ok(found) => return Ok((found, Misses::new())),
            Err(miss) if values.len() == 1 && miss.is_absence() => return Ok((Vec::new(), Misses::new())),
            Err(miss) if values.len() == 1 || !miss.may_be_one_of_many() => return Err(miss),
            Err(_) => {}
        }
        let request = &request;
        let each =
            values.iter().map(|value| async move { (value, self.all(&request(std::slice::from_ref(value))).await) });
        Ok(gather(each.collect()).await)
    }

    async fn price(&self, id: &str) -> Result<Sight, Miss> {
        if !is_plain_id(id) {
            return Ok(Sight::Price(None));
        }
        match self.one(&RetrievePrice::new(id).expand(price_parts(""))).await {
            Ok(price) => Ok(Sight::Price(Some(price))),
            Err(miss) if miss.is_absence() => Ok(Sight::Price(None)),
            Err(miss) => Err(miss),
        }
    }

    async fn prices_of(&self, product: &str) -> Result<Vec<Price>, Miss> {
        match self.all(&prices().active(true).product(product)).await {
            Err(miss) if miss.is_absence() => Ok(Vec::new()),
            other => other,
        }
    }

    /// From a listing of all active prices, while that costs a quarter of asking for each at most.
    async fn prices_of_many(&self, products: &[String]) -> Result<(Vec<Price>, Misses), Miss> {
        let request = prices().active(true);
        let (found, whole) = self.list(&request, products.len().div_ceil(4)).await?;
        if whole {
            return Ok((found, Misses::new()));
        }
        let each = products.iter().map(|product| async move { (product, self.prices_of(product).await) });
        Ok(gather(each.collect()).await)
    }

    async fn publishable_key(&self) -> Result<Sight, Miss> {
        let answer = self.probe("/v1/tokens", "", true).await?;
        if answer.status != 400 {
            return Err(self.miss(&answer));
        }
        let refusal = error::refusal(answer.status, &answer.body, answer.request_id.clone());
        Ok(Sight::PublishableKey { account: refusal.account, livemode: error::livemode(&answer.body) })
    }
}

/// A listing of prices, with what Stripe shows on request only.
fn prices() -> ListPrice {
    ListPrice::new().limit(PAGE).expand(price_parts("data."))
}

fn price_parts(of: &str) -> Vec<String> {
    vec![format!("{of}tiers"), format!("{of}currency_options")]
}

/// Puts side by side what was found for each value, and what was not.
async fn gather<'a, T>(
    mut each: FuturesUnordered<impl Future<Output = (&'a String, Result<Vec<T>, Miss>)>>,
) -> (Vec<T>, Misses) {
    let (mut found, mut misses) = (Vec::new(), Misses::new());
    while let Some((value, result)) = each.next().await {
        match result {
            Ok(some) => found.extend(some),
            Err(miss) if miss.is_absence() => {}
            Err(miss) => {
                misses.insert(value.clone(), miss);
            }
        }
    }
    (found, misses)
}
