//! The rights of restricted keys, named as the Dashboard lists them. A kind says which it needs; the
//! `keys` item has each tried before anything else.

use serde::{Deserialize, Serialize};

/// A right that a restricted key can have or lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of a resource and a right")]
pub enum Permission {
    AccountRead,
    ChargeRead,
    CheckoutWrite,
    CouponWrite,
    DisputeRead,
    EntitlementWrite,
    EventRead,
    FraudWarningRead,
    MeterWrite,
    PaymentIntentRead,
    PaymentLinkWrite,
    PaymentMethodConfigurationWrite,
    PaymentMethodDomainWrite,
    PortalWrite,
    PriceWrite,
    ProductWrite,
    PromotionCodeWrite,
    RefundWrite,
    ShippingRateWrite,
    SubscriptionWrite,
    TaxRateWrite,
    TaxSettingsRead,
    WebhookWrite,
}

impl Permission {
    /// As the Dashboard lists it: resource and right.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AccountRead => "Accounts: Read",
            Self::ChargeRead => "Charges: Read",
            Self::CheckoutWrite => "Checkout Sessions: Write",
            Self::CouponWrite => "Coupons: Write",
            Self::DisputeRead => "Disputes: Read",
            Self::EntitlementWrite => "Entitlements: Write",
            Self::EventRead => "Events: Read",
            Self::FraudWarningRead => "Radar Early Fraud Warnings: Read",
            Self::MeterWrite => "Billing Meters: Write",
            Self::PaymentIntentRead => "PaymentIntents: Read",
            Self::PaymentLinkWrite => "Payment Links: Write",
            Self::PaymentMethodConfigurationWrite => "Payment Method Configurations: Write",
            Self::PaymentMethodDomainWrite => "Payment Method Domains: Write",
            Self::PortalWrite => "Customer Portal: Write",
            Self::PriceWrite => "Prices: Write",
            Self::ProductWrite => "Products: Write",
            Self::PromotionCodeWrite => "Promotion Codes: Write",
            Self::RefundWrite => "Refunds: Write",
            Self::ShippingRateWrite => "Shipping Rates: Write",
            Self::SubscriptionWrite => "Subscriptions: Write",
            Self::TaxRateWrite => "Tax Rates: Write",
            Self::TaxSettingsRead => "Tax Settings: Read",
            Self::WebhookWrite => "Webhook Endpoints: Write",
        }
    }
}
