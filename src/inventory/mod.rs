//! What a Stripe account holds as configuration: everything a launch has to carry from test to live,
//! as plain structs in Stripe's own words. No customers, no payments, no secrets.
//!
//! [`Fold`] makes one of Stripe's pages, keeping of each object only what matters, so that an account
//! of ten thousand prices stays small. `stripe` reads the pages; `import` and `parity` read this.

mod catalog;
mod fold;
mod loose;
mod offer;
mod scope;
mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub use catalog::{CurrencyOption, Dimensions, Feature, Meter, Price, Product, Recurring};
pub use fold::Fold;
pub use offer::{Coupon, Line, PaymentLink, PromotionCode, ShippingRate, TaxRate};
pub use scope::{LeftOut, Scope, Section};
pub use setting::{
    AdjustableQuantity, MethodConfiguration, Portal, PortalProduct, Registration, TaxSettings, WalletDomain,
    WebhookEndpoint,
};

use crate::error::Problem;

/// What an account holds. Lists are in the order in which their objects were created.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Inventory {
    /// The account's id, where the key may see it.
    pub account: Option<String>,
    /// The name an operator knows it by.
    pub account_name: Option<String>,
    /// Products.
    pub products: Vec<Product>,
    /// Prices; each names its product.
    pub prices: Vec<Price>,
    /// Meters.
    pub meters: Vec<Meter>,
    /// What products entitle to.
    pub features: Vec<Feature>,
    /// Coupons.
    pub coupons: Vec<Coupon>,
    /// Promotion codes.
    pub promotion_codes: Vec<PromotionCode>,
    /// Tax rates.
    pub tax_rates: Vec<TaxRate>,
    /// Shipping rates.
    pub shipping_rates: Vec<ShippingRate>,
    /// Payment links.
    pub payment_links: Vec<PaymentLink>,
    /// Configurations of the customer portal, the default one among them.
    pub portals: Vec<Portal>,
    /// Webhook endpoints.
    pub webhooks: Vec<WebhookEndpoint>,
    /// Payment method configurations of the account's own.
    pub payment_methods: Vec<MethodConfiguration>,
    /// Domains on which wallets are shown.
    pub wallet_domains: Vec<WalletDomain>,
    /// Stripe Tax.
    pub tax: Option<TaxSettings>,
    /// Where the account is registered for taxes.
    pub registrations: Vec<Registration>,
    /// What is not in the lists above, and why.
    pub left_out: BTreeMap<Section, LeftOut>,
    /// What could not be read: the list is then empty or cut short.
    pub gaps: Vec<Gap>,
}

/// A list that could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Which.
    pub section: Section,
    /// Why, and what to do.
    pub problem: Problem,
}

impl Inventory {
    /// The product of this id.
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// Whether a list was read to its end.
    pub fn is_whole(&self, section: Section) -> bool {
        !self.gaps.iter().any(|gap| gap.section == section)
    }

    /// How many objects are in the lists.
    pub fn len(&self) -> usize {
        Section::ALL.into_iter().map(|section| self.count(section)).sum()
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many objects a list has.
    pub fn count(&self, section: Section) -> usize {
        match section {
            Section::Products => self.products.len(),
            Section::Prices => self.prices.len(),
            Section::Meters => self.meters.len(),
            Section::Features => self.features.len(),
            Section::Coupons => self.coupons.len(),
            Section::PromotionCodes => self.promotion_codes.len(),
            Section::TaxRates => self.tax_rates.len(),
            Section::ShippingRates => self.shipping_rates.len(),
            Section::PaymentLinks => self.payment_links.len(),
            Section::Portals => self.portals.len(),
            Section::Webhooks => self.webhooks.len(),
            Section::PaymentMethods => self.payment_methods.len(),
            Section::WalletDomains => self.wallet_domains.len(),
            Section::Tax => {
                let is_active = self.tax.as_ref().is_some_and(|tax| tax.status == "active");
                self.registrations.len() + usize::from(is_active)
            }
        }
    }
}
