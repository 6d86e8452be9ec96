//! Stripe's collections that golive reads object by object or from end to end. A look at one brings
//! back whole objects as JSON; the kind that asked takes from them what it needs.

use serde::{Deserialize, Serialize};

/// A kind of objects that Stripe lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of one of Stripe's lists")]
pub enum Collection {
    Charges,
    CheckoutSessions,
    Coupons,
    Disputes,
    EarlyFraudWarnings,
    Features,
    Invoices,
    Meters,
    PaymentIntents,
    PaymentLinks,
    PaymentMethodConfigurations,
    PaymentMethodDomains,
    PortalConfigurations,
    PromotionCodes,
    Refunds,
    ShippingRates,
    Subscriptions,
    TaxRates,
    TaxRegistrations,
}

impl Collection {
    /// What its objects are called, in the plural.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Charges => "charges",
            Self::CheckoutSessions => "Checkout Sessions",
            Self::Coupons => "coupons",
            Self::Disputes => "disputes",
            Self::EarlyFraudWarnings => "early fraud warnings",
            Self::Features => "entitlement features",
            Self::Invoices => "invoices",
            Self::Meters => "meters",
            Self::PaymentIntents => "payments",
            Self::PaymentLinks => "payment links",
            Self::PaymentMethodConfigurations => "payment method configurations",
            Self::PaymentMethodDomains => "payment method domains",
            Self::PortalConfigurations => "customer portal configurations",
            Self::PromotionCodes => "promotion codes",
            Self::Refunds => "refunds",
            Self::ShippingRates => "shipping rates",
            Self::Subscriptions => "subscriptions",
            Self::TaxRates => "tax rates",
            Self::TaxRegistrations => "tax registrations",
        }
    }
}
