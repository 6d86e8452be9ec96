//! Stripe's lists, read from end to end, from a moment on, or one object at a time: each collection
//! is a row of typed requests. Objects come back whole, as JSON. Called by `looks`.

use serde_json::Value;
use stripe_billing::billing_meter::{ListBillingMeter, RetrieveBillingMeter};
use stripe_billing::billing_portal_configuration::{
    ListBillingPortalConfiguration, RetrieveBillingPortalConfiguration,
};
use stripe_billing::invoice::{ListInvoice, RetrieveInvoice};
use stripe_billing::subscription::{ListSubscription, ListSubscriptionStatus, RetrieveSubscription};
use stripe_checkout::checkout_session::{ListCheckoutSession, RetrieveCheckoutSession};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_core::charge::{ListCharge, RetrieveCharge};
use stripe_core::dispute::{ListDispute, RetrieveDispute};
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::{ListPaymentIntent, RetrievePaymentIntent};
use stripe_core::refund::{ListRefund, RetrieveRefund};
use stripe_fraud::radar_early_fraud_warning::{ListRadarEarlyFraudWarning, RetrieveRadarEarlyFraudWarning};
use stripe_misc::entitlements_feature::{ListEntitlementsFeature, RetrieveEntitlementsFeature};
use stripe_misc::tax_registration::{ListTaxRegistration, RetrieveTaxRegistration};
use stripe_misc::tax_settings::RetrieveForMyAccountTaxSettings;
use stripe_payment::payment_link::{ListPaymentLink, RetrievePaymentLink};
use stripe_payment::payment_method_configuration::{
    ListPaymentMethodConfiguration, RetrievePaymentMethodConfiguration,
};
use stripe_payment::payment_method_domain::{ListPaymentMethodDomain, RetrievePaymentMethodDomain};
use stripe_product::coupon::{ListCoupon, RetrieveCoupon};
use stripe_product::product_feature::ListProductProductFeature;
use stripe_product::promotion_code::{ListPromotionCode, RetrievePromotionCode};
use stripe_product::shipping_rate::{ListShippingRate, RetrieveShippingRate};
use stripe_product::tax_rate::{ListTaxRate, RetrieveTaxRate};
use stripe_types::RangeQueryTs;

use super::fetch::{Miss, Reader, unreadable};
use super::looks::{MOST_PAGES, PAGE};
use super::request::is_plain_id;
use crate::step::{Collection, Sight};

/// Every object of a collection.
pub(super) async fn every(reader: &Reader<'_>, collection: Collection) -> Result<Sight, Miss> {
    all(reader, &listing(collection, None)).await
}

/// The objects of a collection that were created since then.
pub(super) async fn recent(reader: &Reader<'_>, collection: Collection, since: i64) -> Result<Sight, Miss> {
    all(reader, &listing(collection, Some(since))).await
}

/// The refunds of a payment, newest first; none where there is no such payment.
pub(super) async fn refunds_of(reader: &Reader<'_>, payment: &str) -> Result<Sight, Miss> {
    if !is_plain_id(payment) {
        return Ok(Sight::Objects(Vec::new()));
    }
    all(reader, &ListRefund::new().payment_intent(payment).limit(PAGE).build()).await
}

/// What a product entitles to; nothing where there is no such product.
pub(super) async fn features_of(reader: &Reader<'_>, product: &str) -> Result<Sight, Miss> {
    if !is_plain_id(product) {
        return Ok(Sight::Objects(Vec::new()));
    }
    match all(reader, &ListProductProductFeature::new(product).limit(PAGE).build()).await {
        Err(miss) if miss.is_absence() => Ok(Sight::Objects(Vec::new())),
        other => other,
    }
}

/// One object of a collection, or none of that id.
pub(super) async fn one(reader: &Reader<'_>, collection: Collection, id: &str) -> Result<Sight, Miss> {
    if !is_plain_id(id) {
        return Ok(Sight::Object(None));
    }
    match reader.fetch(&retrieval(collection, id), None).await {
        Ok(object) => Ok(Sight::Object(Some(object))),
        Err(miss) if miss.is_absence() => Ok(Sight::Object(None)),
        // The operator chooses a coupon's id: it may well be the same in the other mode.
        Err(miss) if collection == Collection::Coupons && miss.is_missing() => Ok(Sight::Object(None)),
        Err(miss) => Err(miss),
    }
}

/// Events, newest first.
pub(super) async fn events(
    reader: &Reader<'_>,
    types: &[String],
    since: i64,
    undelivered: bool,
) -> Result<Sight, Miss> {
    let mut request = ListEvent::new().created(RangeQueryTs::gte(since)).limit(PAGE);
    match types {
        [] => {}
        [one] => request = request.type_(&**one),
        several => request = request.types(several.to_vec()),
    }
    if undelivered {
        request = request.delivery_success(false);
    }
    let (found, whole) = reader.list(&request, MOST_PAGES).await?;
    if whole { Ok(Sight::Events(found)) } else { Err(unreadable()) }
}

/// The account's tax settings.
pub(super) async fn tax_settings(reader: &Reader<'_>) -> Result<Sight, Miss> {
    Ok(Sight::Object(Some(reader.get(&RetrieveForMyAccountTaxSettings::new()).await?)))
}

async fn all(reader: &Reader<'_>, request: &RequestBuilder) -> Result<Sight, Miss> {
    let (found, whole) = reader.pages::<Value>(request, MOST_PAGES).await?;
    if whole { Ok(Sight::Objects(found)) } else { Err(unreadable()) }
}

/// A list; `since` only where the list can be cut by it, elsewhere it is read whole.
fn listing(collection: Collection, since: Option<i64>) -> RequestBuilder {
    macro_rules! cut {
        ($list:expr) => {
            match since {
                Some(since) => $list.limit(PAGE).created(RangeQueryTs::gte(since)).build(),
                None => $list.limit(PAGE).build(),
            }
        };
    }
    match collection {
        Collection::Charges => cut!(ListCharge::new()),
        Collection::CheckoutSessions => cut!(ListCheckoutSession::new()),
        Collection::Coupons => cut!(ListCoupon::new().expand(coupon_parts("data."))),
        Collection::Disputes => cut!(ListDispute::new()),
        Collection::EarlyFraudWarnings => cut!(ListRadarEarlyFraudWarning::new()),
        Collection::Features => ListEntitlementsFeature::new().limit(PAGE).build(),
        Collection::Invoices => cut!(ListInvoice::new()),
        Collection::Meters => ListBillingMeter::new().limit(PAGE).build(),
        Collection::PaymentIntents => cut!(ListPaymentIntent::new()),
        Collection::PaymentLinks => ListPaymentLink::new().limit(PAGE).expand(expand("data.line_items")).build(),
        Collection::PaymentMethodConfigurations => ListPaymentMethodConfiguration::new().limit(PAGE).build(),
        Collection::PaymentMethodDomains => ListPaymentMethodDomain::new().limit(PAGE).build(),
        Collection::PortalConfigurations => ListBillingPortalConfiguration::new()
            .limit(PAGE)
            .expand(expand("data.features.subscription_update.products"))
            .build(),
        Collection::PromotionCodes => {
            cut!(ListPromotionCode::new().expand(expand("data.restrictions.currency_options")))
        }
        Collection::Refunds => cut!(ListRefund::new()),
        Collection::ShippingRates => cut!(ListShippingRate::new().expand(expand("data.fixed_amount.currency_options"))),
        Collection::Subscriptions => cut!(ListSubscription::new().status(ListSubscriptionStatus::All)),
        Collection::TaxRates => cut!(ListTaxRate::new()),
        Collection::TaxRegistrations => ListTaxRegistration::new().limit(PAGE).build(),
    }
}

fn retrieval(collection: Collection, id: &str) -> RequestBuilder {
    match collection {
        Collection::Charges => RetrieveCharge::new(id).build(),
        Collection::CheckoutSessions => RetrieveCheckoutSession::new(id).expand(expand("line_items")).build(),
        Collection::Coupons => RetrieveCoupon::new(id).expand(coupon_parts("")).build(),
        Collection::Disputes => RetrieveDispute::new(id).build(),
        Collection::EarlyFraudWarnings => RetrieveRadarEarlyFraudWarning::new(id).build(),
        Collection::Features => RetrieveEntitlementsFeature::new(id).build(),
        Collection::Invoices => RetrieveInvoice::new(id).expand(expand("payments")).build(),
        Collection::Meters => RetrieveBillingMeter::new(id).build(),
        Collection::PaymentIntents => RetrievePaymentIntent::new(id).build(),
        Collection::PaymentLinks => RetrievePaymentLink::new(id).expand(expand("line_items")).build(),
        Collection::PaymentMethodConfigurations => RetrievePaymentMethodConfiguration::new(id).build(),
        Collection::PaymentMethodDomains => RetrievePaymentMethodDomain::new(id).build(),
        Collection::PortalConfigurations => {
            RetrieveBillingPortalConfiguration::new(id).expand(expand("features.subscription_update.products")).build()
        }
        Collection::PromotionCodes => {
            RetrievePromotionCode::new(id).expand(expand("restrictions.currency_options")).build()
        }
        Collection::Refunds => RetrieveRefund::new(id).build(),
        Collection::ShippingRates => {
            RetrieveShippingRate::new(id).expand(expand("fixed_amount.currency_options")).build()
        }
        Collection::Subscriptions => RetrieveSubscription::new(id).build(),
        Collection::TaxRates => RetrieveTaxRate::new(id).build(),
        Collection::TaxRegistrations => RetrieveTaxRegistration::new(id).build(),
    }
}

fn coupon_parts(of: &str) -> Vec<String> {
    vec![format!("{of}applies_to"), format!("{of}currency_options")]
}

fn expand(path: &str) -> Vec<String> {
    vec![path.to_owned()]
}
