//! Which lists of an account are read, what is left out of them, and what a restricted key needs to
//! read them.

use std::collections::BTreeSet;

use serde::Serialize;

/// A list of an account's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of one of Stripe's lists")]
pub enum Section {
    Products,
    Prices,
    Meters,
    Features,
    Coupons,
    PromotionCodes,
    TaxRates,
    ShippingRates,
    PaymentLinks,
    Portals,
    Webhooks,
    PaymentMethods,
    WalletDomains,
    Tax,
}

impl Section {
    /// All of them, in the order in which they depend on each other.
    pub const ALL: [Self; 14] = [
        Self::Products,
        Self::Prices,
        Self::Meters,
        Self::Features,
        Self::Coupons,
        Self::PromotionCodes,
        Self::TaxRates,
        Self::ShippingRates,
        Self::PaymentLinks,
        Self::Portals,
        Self::Webhooks,
        Self::PaymentMethods,
        Self::WalletDomains,
        Self::Tax,
    ];

    /// The kind its objects become items of in a checklist; prices stand in their product's.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Products | Self::Prices => "product",
            Self::Meters => "meter",
            Self::Features => "feature",
            Self::Coupons => "coupon",
            Self::PromotionCodes => "promotion_code",
            Self::TaxRates => "tax_rate",
            Self::ShippingRates => "shipping_rate",
            Self::PaymentLinks => "payment_link",
            Self::Portals => "portal",
            Self::Webhooks => "webhook",
            Self::PaymentMethods => "payment_methods",
            Self::WalletDomains => "wallet_domain",
            Self::Tax => "tax",
        }
    }

    /// What so many of its objects are called: `1 product`, `2 products`.
    pub fn counted(self, count: usize) -> String {
        let (one, many) = self.nouns();
        format!("{count} {}", if count == 1 { one } else { many })
    }

    /// One of its objects, and several.
    pub const fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Products => ("product", "products"),
            Self::Prices => ("price", "prices"),
            Self::Meters => ("meter", "meters"),
            Self::Features => ("feature", "features"),
            Self::Coupons => ("coupon", "coupons"),
            Self::PromotionCodes => ("promotion code", "promotion codes"),
            Self::TaxRates => ("tax rate", "tax rates"),
            Self::ShippingRates => ("shipping rate", "shipping rates"),
            Self::PaymentLinks => ("payment link", "payment links"),
            Self::Portals => ("customer portal configuration", "customer portal configurations"),
            Self::Webhooks => ("webhook endpoint", "webhook endpoints"),
            Self::PaymentMethods => ("payment method configuration", "payment method configurations"),
            Self::WalletDomains => ("wallet domain", "wallet domains"),
            Self::Tax => ("tax setting", "tax settings"),
        }
    }

    /// What a restricted key needs to read it, as the Dashboard lists it.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Products => "Products: Read",
            Self::Prices => "Prices: Read",
            Self::Meters => "Billing Meters: Read",
            Self::Features => "Entitlements: Read",
            Self::Coupons => "Coupons: Read",
            Self::PromotionCodes => "Promotion Codes: Read",
            Self::TaxRates => "Tax Rates: Read",
            Self::ShippingRates => "Shipping Rates: Read",
            Self::PaymentLinks => "Payment Links: Read",
            Self::Portals => "Customer Portal: Read",
            Self::Webhooks => "Webhook Endpoints: Read",
            Self::PaymentMethods => "Payment Method Configurations: Read",
            Self::WalletDomains => "Payment Method Domains: Read",
            Self::Tax => "Tax Settings: Read",
        }
    }
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Which lists.
    pub sections: BTreeSet<Section>,
    /// Whether archived objects are kept.
    pub archived: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { sections: Section::ALL.into_iter().collect(), archived: false }
    }
}

impl Scope {
    /// Whether a list is read.
    pub fn wants(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }
}

/// How many objects of a list were left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftOut {
    /// Archived, switched off, expired or used up.
    pub archived: usize,
    /// Made for one sale or by a tool: inline prices of a checkout, and what `stripe trigger` leaves
    /// behind.
    pub ad_hoc: usize,
    /// Not of the account itself: made by a platform or an application.
    pub foreign: usize,
    /// Whose shape could not be read.
    pub unreadable: usize,
}

impl LeftOut {
    /// All together.
    pub const fn total(&self) -> usize {
        self.archived + self.ad_hoc + self.foreign + self.unreadable
    }
}
