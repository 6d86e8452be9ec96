//! Whether a restricted key may do something. Stripe has no page that lists a key's rights, so each
//! is tried with a request that changes nothing. Called by `looks`.

use stripe_client_core::StripeRequest;
use stripe_connect::account::RetrieveForMyAccountAccount;
use stripe_core::charge::ListCharge;
use stripe_core::dispute::ListDispute;
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::ListPaymentIntent;
use stripe_fraud::radar_early_fraud_warning::ListRadarEarlyFraudWarning;
use stripe_misc::tax_settings::RetrieveForMyAccountTaxSettings;

use super::fetch::{Miss, Reader};
use crate::step::{Permission, Sight};

/// A parameter that Stripe does not know. It refuses the request for it before doing anything, but
/// after looking at the key's permissions.
const PROBE: &str = "golive_permission_probe=1";

/// How a right is tried.
enum Trial {
    /// A GET that must succeed.
    Read(stripe_client_core::RequestBuilder),
    /// A POST that must be refused for its parameter, and not for the key.
    Write(&'static str),
}

pub(super) async fn held(reader: &Reader<'_>, permission: Permission) -> Result<Sight, Miss> {
    match trial(permission) {
        Trial::Read(request) => reader.fetch(&request, None).await.map(|_| Sight::Permitted),
        Trial::Write(path) => {
            let answer = reader.probe(path, PROBE, false).await?;
            if answer.status == 400 { Ok(Sight::Permitted) } else { Err(reader.miss(&answer)) }
        }
    }
}

fn trial(permission: Permission) -> Trial {
    Trial::Write(match permission {
        Permission::AccountRead => return Trial::Read(RetrieveForMyAccountAccount::new().build()),
        Permission::ChargeRead => return Trial::Read(ListCharge::new().limit(1).build()),
        Permission::DisputeRead => return Trial::Read(ListDispute::new().limit(1).build()),
        Permission::EventRead => return Trial::Read(ListEvent::new().limit(1).build()),
        Permission::FraudWarningRead => return Trial::Read(ListRadarEarlyFraudWarning::new().limit(1).build()),
        Permission::PaymentIntentRead => return Trial::Read(ListPaymentIntent::new().limit(1).build()),
        Permission::TaxSettingsRead => return Trial::Read(RetrieveForMyAccountTaxSettings::new().build()),
        Permission::CheckoutWrite => "/v1/checkout/sessions",
        Permission::CouponWrite => "/v1/coupons",
        Permission::EntitlementWrite => "/v1/entitlements/features",
        Permission::MeterWrite => "/v1/billing/meters",
        Permission::PaymentLinkWrite => "/v1/payment_links",
        Permission::PaymentMethodConfigurationWrite => "/v1/payment_method_configurations",
        Permission::PaymentMethodDomainWrite => "/v1/payment_method_domains",
        Permission::PortalWrite => "/v1/billing_portal/configurations",
        Permission::PriceWrite => "/v1/prices",
        Permission::ProductWrite => "/v1/products",
        Permission::PromotionCodeWrite => "/v1/promotion_codes",
        Permission::RefundWrite => "/v1/refunds",
        Permission::ShippingRateWrite => "/v1/shipping_rates",
        Permission::SubscriptionWrite => "/v1/subscriptions",
        Permission::TaxRateWrite => "/v1/tax_rates",
        Permission::WebhookWrite => "/v1/webhook_endpoints",
    })
}
