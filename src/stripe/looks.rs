//! Looks, carried out: the asks of `plan` side by side, each turned back into the sights of the
//! looks it answers. Called by [`super::StripeApi`]; changes nothing in Stripe.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::de::DeserializeOwned;
use stripe_checkout::checkout_session::RetrieveCheckoutSession;
use stripe_client_core::StripeRequest;
use stripe_connect::account::RetrieveForMyAccountAccount;
use stripe_core::balance::RetrieveForMyAccountBalance;
use stripe_core::event::ListEvent;
use stripe_misc::webhook_endpoint::ListWebhookEndpoint;
use stripe_product::price::{ListPrice, RetrievePrice};
use stripe_product::product::ListProduct;

use super::fetch::{Miss, Reader, unreadable};
use super::plan::{Ask, answers, plan};
use super::request::is_plain_id;
use super::transport::Transport;
use super::{answer, error, poll};
use crate::error::{Code, Problem};
use crate::secret::Vault;
use crate::step::object::{Price, Product};
use crate::step::{Look, Permission, Sight};

/// Objects on a page, the most that Stripe gives.
pub(super) const PAGE: i64 = 100;
/// Pages after which a listing is given up: a hundred thousand objects.
const MOST_PAGES: usize = 1000;
/// A parameter that Stripe does not know. It refuses the request for it before doing anything, but
/// after looking at the key's permissions.
const PROBE: &str = "golive_permission_probe=1";

/// What an ask brought back.
enum Got {
    /// For the one look it answers.
    One(Sight),
    /// To be divided among the looks.
    Products(Vec<Product>),
    Prices(Vec<Price>),
    /// The same for each of them.
    Miss(Miss),
}

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
            .fix("report it with the output of: golive doctor");
        sights.push((look.clone(), Sight::Unseen(problem)));
    }
    sights
}

fn divide(looks: Vec<&Look>, got: Got, sights: &mut Vec<(Look, Sight)>) {
    let mut one = match got {
        Got::One(sight) => Some(sight),
        Got::Miss(miss) => {
            sights.extend(looks.into_iter().map(|look| (look.clone(), miss.sight())));
            return;
        }
        Got::Products(products) => {
            sights.extend(looks.into_iter().map(|look| (look.clone(), among_products(look, &products))));
            return;
        }
        Got::Prices(prices) => {
            sights.extend(looks.into_iter().map(|look| (look.clone(), among_prices(look, &prices))));
            return;
        }
    };
    sights.extend(looks.into_iter().filter_map(|look| Some((look.clone(), one.take()?))));
}

fn among_products(look: &Look, products: &[Product]) -> Sight {
    match look {
        Look::Product(id) => Sight::Product(products.iter().find(|product| product.id == *id).cloned()),
        Look::ProductsNamed(name) => {
            Sight::Products(products.iter().filter(|product| product.name == *name).cloned().collect())
        }
        _ => unreadable().sight(),
    }
}

fn among_prices(look: &Look, prices: &[Price]) -> Sight {
    match look {
        Look::PriceByKey(key) => {
            Sight::Price(prices.iter().find(|price| price.lookup_key.as_ref() == Some(key)).cloned())
        }
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
                Got::One(Sight::Balance(answer::read_plain(body).ok_or_else(unreadable)?))
            }
            Ask::PublishableKey => Got::One(self.publishable_key().await?),
            Ask::Permission(permission) => Got::One(self.permission(*permission).await?),
            Ask::Products(ids) => Got::Products(self.some(ids, products_by_id).await?),
            Ask::ActiveProducts => Got::Products(self.all(&ListProduct::new().active(true).limit(PAGE)).await?),
            Ask::PricesByKey(keys) => Got::Prices(self.some(keys, prices_by_key).await?),
            Ask::Price(id) => Got::One(self.price(id).await?),
            Ask::PricesOf(product) => Got::One(Sight::Prices(self.prices_of(product).await?)),
            Ask::PricesOfMany(products) => Got::Prices(self.prices_of_many(products).await?),
            Ask::Webhooks => {
                Got::One(Sight::WebhookEndpoints(self.all(&ListWebhookEndpoint::new().limit(PAGE)).await?))
            }
            Ask::Session(id) if is_plain_id(id) => {
                Got::One(Sight::Session(self.one(&RetrieveCheckoutSession::new(&**id)).await?))
            }
            Ask::Session(_) => return Err(unreadable()),
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
    /// Boxed, because it calls itself.
    fn some<'a, T, R>(
        &'a self,
        values: &'a [String],
        request: fn(&[String]) -> R,
    ) -> BoxFuture<'a, Result<Vec<T>, Miss>>
    where
        T: DeserializeOwned + Send + 'a,
        R: StripeRequest + Send + Sync + 'a,
    {
        Box::pin(async move {
            let miss = match self.all(&request(values)).await {
                Ok(found) => return Ok(found),
                Err(miss) => miss,
            };
            match values {
                [_] if miss.is_absence() => Ok(Vec::new()),
                [_, _, ..] if miss.may_be_one_of_many() => {
                    let mut found = Vec::new();
                    for value in values {
                        found.extend(self.some(std::slice::from_ref(value), request).await?);
                    }
                    Ok(found)
                }
                _ => Err(miss),
            }
        })
    }

    async fn price(&self, id: &str) -> Result<Sight, Miss> {
        if !is_plain_id(id) {
            return Ok(Sight::Price(None));
        }
        match self.one(&RetrievePrice::new(id)).await {
            Ok(price) => Ok(Sight::Price(Some(price))),
            Err(miss) if miss.is_absence() => Ok(Sight::Price(None)),
            Err(miss) => Err(miss),
        }
    }

    async fn prices_of(&self, product: &str) -> Result<Vec<Price>, Miss> {
        match self.all(&ListPrice::new().active(true).product(product).limit(PAGE)).await {
            Err(miss) if miss.is_absence() => Ok(Vec::new()),
            other => other,
        }
    }

    /// From a listing of all active prices, while that costs a quarter of asking for each at most.
    async fn prices_of_many(&self, products: &[String]) -> Result<Vec<Price>, Miss> {
        let request = ListPrice::new().active(true).limit(PAGE);
        let (found, whole) = self.list(&request, products.len().div_ceil(4)).await?;
        if whole {
            return Ok(found);
        }
        let mut each: FuturesUnordered<_> = products.iter().map(|product| self.prices_of(product)).collect();
        let mut found = Vec::new();
        while let Some(prices) = each.next().await {
            found.extend(prices?);
        }
        Ok(found)
    }

    async fn publishable_key(&self) -> Result<Sight, Miss> {
        let answer = self.probe("/v1/tokens", "", true).await?;
        if answer.status != 400 {
            return Err(self.miss(&answer));
        }
        let refusal = error::refusal(answer.status, &answer.body, answer.request_id.clone());
        Ok(Sight::PublishableKey { account: refusal.account, livemode: error::livemode(&answer.body) })
    }

    async fn permission(&self, permission: Permission) -> Result<Sight, Miss> {
        let path = match permission {
            Permission::AccountRead => {
                return self.get(&RetrieveForMyAccountAccount::new()).await.map(|_| Sight::Permitted);
            }
            Permission::EventRead => return self.get(&ListEvent::new().limit(1)).await.map(|_| Sight::Permitted),
            Permission::ProductWrite => "/v1/products",
            Permission::PriceWrite => "/v1/prices",
            Permission::WebhookWrite => "/v1/webhook_endpoints",
            Permission::CheckoutWrite => "/v1/checkout/sessions",
        };
        let answer = self.probe(path, PROBE, false).await?;
        if answer.status == 400 { Ok(Sight::Permitted) } else { Err(self.miss(&answer)) }
    }
}

fn products_by_id(ids: &[String]) -> ListProduct {
    ListProduct::new().ids(ids).limit(PAGE)
}

fn prices_by_key(keys: &[String]) -> ListPrice {
    ListPrice::new().lookup_keys(keys).limit(PAGE)
}
