//! An account's configuration, read list by list, side by side, a page at a time: one request for a
//! hundred objects, and each page is reduced before the next comes. Called by [`super::StripeApi`].
//!
//! What the key may not read is a gap, and the rest is read; what cannot be reached fails the whole,
//! because half a list looks like one from which things were removed.

use std::cell::RefCell;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use stripe_billing::billing_meter::ListBillingMeter;
use stripe_billing::billing_portal_configuration::ListBillingPortalConfiguration;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_connect::account::RetrieveForMyAccountAccount;
use stripe_misc::tax_registration::ListTaxRegistration;
use stripe_misc::tax_settings::RetrieveForMyAccountTaxSettings;
use stripe_misc::webhook_endpoint::ListWebhookEndpoint;
use stripe_payment::payment_link::ListPaymentLink;
use stripe_payment::payment_method_configuration::ListPaymentMethodConfiguration;
use stripe_payment::payment_method_domain::ListPaymentMethodDomain;
use stripe_product::coupon::ListCoupon;
use stripe_product::price::ListPrice;
use stripe_product::product::ListProduct;
use stripe_product::promotion_code::ListPromotionCode;
use stripe_product::shipping_rate::ListShippingRate;
use stripe_product::tax_rate::ListTaxRate;

use super::answer;
use super::fetch::{Miss, Reader, unreadable};
use super::looks::{MOST_PAGES, PAGE};
use super::request::is_plain_id;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::inventory::{Fold, Inventory, Scope, Section};

/// Products whose features are asked for at a time. Stripe tells them product by product only, so that an
/// account that has features costs one request for each product beside its pages.
const AT_A_TIME: usize = 16;

/// Is told how many objects of a list were seen by now.
pub type Progress<'p> = &'p dyn Fn(Section, usize);

/// Reads what the scope names.
pub(super) async fn read(reader: &Reader<'_>, scope: Scope, progress: Progress<'_>) -> Result<Inventory> {
    let fold = RefCell::new(Fold::new(scope.clone()));
    account(reader, &fold).await?;
    let lists = Section::ALL.into_iter().filter(|section| scope.wants(*section)).flat_map(listings);
    let mut running: FuturesUnordered<_> = lists
        .map(|(section, request)| {
            let fold = &fold;
            async move { (section, list(reader, fold, section, &request, progress).await) }
        })
        .collect();
    while let Some((section, ended)) = running.next().await {
        if let Err(miss) = ended {
            gap(reader, &fold, section, &miss)?;
        }
    }
    drop(running);
    if scope.wants(Section::Tax) {
        match reader.get(&RetrieveForMyAccountTaxSettings::new()).await {
            Ok(settings) => fold.borrow_mut().tax(settings),
            Err(miss) => gap(reader, &fold, Section::Tax, &miss)?,
        }
    }
    features(reader, &fold, &scope, progress).await?;
    Ok(fold.into_inner().finish())
}

/// Whose account it is. A restricted key may not be allowed to see that; then Stripe's refusal names it.
async fn account(reader: &Reader<'_>, fold: &RefCell<Fold>) -> Result<()> {
    match reader.get(&RetrieveForMyAccountAccount::new()).await {
        Ok(account) => fold.borrow_mut().account(&account),
        Err(Miss::Refused(refusal)) if refusal.status == 403 => {
            fold.borrow_mut().account(&serde_json::json!({ "id": refusal.account }));
        }
        Err(miss) => return Err(failure(reader, &miss)),
    }
    Ok(())
}

/// Every page of one list, each folded before the next is asked for.
async fn list(
    reader: &Reader<'_>,
    fold: &RefCell<Fold>,
    section: Section,
    request: &RequestBuilder,
    progress: Progress<'_>,
) -> Result<(), Miss> {
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let body = reader.fetch(request, after.as_deref()).await?;
        let (page, more) = answer::page(body).ok_or_else(unreadable)?;
        after = page.last().and_then(answer::id).map(str::to_owned);
        fold.borrow_mut().page(section, page);
        progress(section, fold.borrow().seen(section));
        if !more || after.is_none() {
            return Ok(());
        }
    }
    let problem =
        Problem::new(Code::Unreadable, format!("there are more than {} {}", MOST_PAGES * 100, section.nouns().1))
            .why("the oldest were not read")
            .fix("archive what is not sold any more: https://dashboard.stripe.com/test/products");
    Err(Miss::Unseen(problem))
}

/// What each product entitles to: only where the account has features at all.
async fn features(reader: &Reader<'_>, fold: &RefCell<Fold>, scope: &Scope, progress: Progress<'_>) -> Result<()> {
    let (has_features, products): (bool, Vec<String>) = {
        let fold = fold.borrow();
        (fold.has_features(), fold.products().map(str::to_owned).collect())
    };
    if !has_features || !scope.wants(Section::Products) {
        return Ok(());
    }
    let asked = products.iter().filter(|product| is_plain_id(product)).map(|product| async move {
        let request = by_hand(&format!("/products/{product}/features"));
        (product, reader.pages::<Value>(&request, MOST_PAGES).await)
    });
    let mut running = futures_util::stream::iter(asked).buffer_unordered(AT_A_TIME);
    let mut read = 0;
    while let Some((product, page)) = running.next().await {
        match page {
            Ok((page, _)) => fold.borrow_mut().features_of(product, page),
            Err(miss) => return gap(reader, fold, Section::Features, &miss),
        }
        read += 1;
        if read % 100 == 0 {
            progress(Section::Products, read);
        }
    }
    Ok(())
}

/// A list of Stripe's that async-stripe's requests, as they are built in here, do not have.
fn by_hand(path: &str) -> RequestBuilder {
    let mut request = RequestBuilder::new(StripeMethod::Get, path);
    request.query = Some(format!("limit={PAGE}"));
    request
}

/// The requests that bring a list: what Stripe shows on request only is asked for. Prices are two lists,
/// because without a word about `active` Stripe is free to leave the inactive ones out.
fn listings(section: Section) -> Vec<(Section, RequestBuilder)> {
    let expand = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let requests = match section {
        Section::Products => vec![ListProduct::new().limit(PAGE).build()],
        Section::Prices => {
            let of = |active| ListPrice::new().active(active).limit(PAGE);
            let parts = ["data.tiers", "data.currency_options"];
            vec![of(true).expand(expand(&parts)).build(), of(false).build()]
        }
        Section::Meters => vec![ListBillingMeter::new().limit(PAGE).build()],
        Section::Features => vec![by_hand("/entitlements/features")],
        Section::Coupons => {
            vec![ListCoupon::new().limit(PAGE).expand(expand(&["data.applies_to", "data.currency_options"])).build()]
        }
        Section::PromotionCodes => {
            vec![ListPromotionCode::new().limit(PAGE).expand(expand(&["data.restrictions.currency_options"])).build()]
        }
        Section::TaxRates => vec![ListTaxRate::new().limit(PAGE).build()],
        Section::ShippingRates => {
            vec![ListShippingRate::new().limit(PAGE).expand(expand(&["data.fixed_amount.currency_options"])).build()]
        }
        Section::PaymentLinks => vec![ListPaymentLink::new().limit(PAGE).expand(expand(&["data.line_items"])).build()],
        Section::Portals => vec![
            ListBillingPortalConfiguration::new()
                .limit(PAGE)
                .expand(expand(&["data.features.subscription_update.products"]))
                .build(),
        ],
        Section::Webhooks => vec![ListWebhookEndpoint::new().limit(PAGE).build()],
        Section::PaymentMethods => vec![ListPaymentMethodConfiguration::new().limit(PAGE).build()],
        Section::WalletDomains => vec![ListPaymentMethodDomain::new().limit(PAGE).build()],
        Section::Tax => vec![ListTaxRegistration::new().limit(PAGE).build()],
    };
    requests.into_iter().map(|request| (section, request)).collect()
}

/// Notes what the key may not read; anything else that went wrong ends the reading.
fn gap(reader: &Reader<'_>, fold: &RefCell<Fold>, section: Section, miss: &Miss) -> Result<()> {
    let Miss::Refused(refusal) = miss else { return Err(failure(reader, miss)) };
    let problem = match refusal.status {
        401 => return Err(failure(reader, miss)),
        403 => refusal.problem(Some(&reader.masked_key())).fix(format!(
            "give the key `{}`, then run the same command again: https://dashboard.stripe.com/apikeys",
            section.permission()
        )),
        _ => refusal.problem(None),
    };
    fold.borrow_mut().gap(section, problem);
    Ok(())
}

fn failure(reader: &Reader<'_>, miss: &Miss) -> Failure {
    match miss {
        Miss::Refused(refusal) => Failure::new(Class::Refused, refusal.problem(Some(&reader.masked_key()))),
        Miss::Unseen(problem) => {
            let refused = problem.code.is_refusal();
            Failure::new(if refused { Class::Refused } else { Class::TryAgain }, problem.clone())
        }
    }
}
