//! From Stripe's pages to an inventory: each object is reduced as it comes, and what a launch does not
//! carry is counted and dropped, so that memory grows with what is kept only. Pure.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::catalog::{WireMeter, WirePrice};
use super::offer::{WirePromotionCode, WireShippingRate};
use super::setting::WirePortal;
use super::{
    Coupon, Feature, Gap, Inventory, LeftOut, MethodConfiguration, PaymentLink, Price, Product, Registration, Scope,
    Section, TaxRate, TaxSettings, WalletDomain, WebhookEndpoint,
};
use crate::error::Problem;
use crate::step::object::without_nulls;

/// How `stripe trigger` describes the products it makes.
const BY_TRIGGER: &str = "(created by Stripe CLI)";

/// Why an object is not kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Archived,
    AdHoc,
    Foreign,
}

/// An inventory in the making.
#[derive(Default)]
pub struct Fold {
    scope: Scope,
    made: Inventory,
    /// Products that were left out: their prices go with them.
    gone: BTreeMap<String, Fate>,
}

impl Fold {
    /// Nothing yet.
    pub fn new(scope: Scope) -> Self {
        Self { scope, ..Self::default() }
    }

    /// Whose it is.
    pub fn account(&mut self, account: &Value) {
        let text = |pointer: &str| account.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        self.made.account = text("/id").map(str::to_owned);
        let name = text("/settings/dashboard/display_name").or_else(|| text("/business_profile/name"));
        self.made.account_name = name.map(str::to_owned);
    }

    /// One page of a list, newest first as Stripe gives it. Of [`Section::Tax`] these are registrations.
    pub fn page(&mut self, section: Section, page: Vec<Value>) {
        for object in page {
            if self.object(section, without_nulls(object)).is_none() {
                self.left_out(section).unreadable += 1;
            }
        }
    }

    /// The settings of Stripe Tax.
    pub fn tax(&mut self, settings: Value) {
        let settings = without_nulls(settings);
        let text = |pointer: &str| settings.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        self.made.tax = Some(TaxSettings {
            status: text("/status").unwrap_or_default(),
            tax_behavior: text("/defaults/tax_behavior"),
            tax_code: text("/defaults/tax_code"),
            head_office: settings["head_office"].is_object(),
        });
    }

    /// What one product entitles to.
    pub fn features_of(&mut self, product: &str, page: Vec<Value>) {
        let Some(product) = self.made.products.iter_mut().find(|known| known.id == product) else { return };
        for attached in page {
            let key = attached["entitlement_feature"]["lookup_key"].as_str();
            product.features.extend(key.map(str::to_owned));
        }
        product.features.sort();
    }

    /// The products kept so far, for those who ask for more about each.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        self.made.products.iter().map(|product| product.id.as_str())
    }

    /// Whether there are features that products may entitle to.
    pub fn has_features(&self) -> bool {
        !self.made.features.is_empty()
    }

    /// A list that could not be read to its end.
    pub fn gap(&mut self, section: Section, problem: Problem) {
        self.made.gaps.push(Gap { section, problem });
    }

    /// How many objects of a list were seen so far, kept or not.
    pub fn seen(&self, section: Section) -> usize {
        self.made.count(section) + self.made.left_out.get(&section).map_or(0, LeftOut::total)
    }

    /// The inventory, oldest objects first.
    pub fn finish(mut self) -> Inventory {
        let prices = std::mem::take(&mut self.made.prices);
        for price in prices {
            match self.gone.get(&price.product) {
                Some(fate) => self.leave(Section::Prices, *fate),
                None => self.made.prices.push(price),
            }
        }
        let made = &mut self.made;
        made.products.reverse();
        made.prices.reverse();
        made.prices.sort_by_key(|price| price.created);
        made.meters.reverse();
        made.features.reverse();
        made.coupons.reverse();
        made.promotion_codes.reverse();
        made.tax_rates.reverse();
        made.shipping_rates.reverse();
        made.payment_links.reverse();
        made.portals.reverse();
        made.webhooks.reverse();
        made.payment_methods.reverse();
        made.wallet_domains.reverse();
        made.registrations.reverse();
        made.gaps.sort_by_key(|gap| gap.section);
        made.left_out.retain(|_, left_out| left_out.total() > 0);
        self.made
    }

    fn left_out(&mut self, section: Section) -> &mut LeftOut {
        self.made.left_out.entry(section).or_default()
    }

    fn leave(&mut self, section: Section, fate: Fate) {
        let left_out = self.left_out(section);
        match fate {
            Fate::Archived => left_out.archived += 1,
            Fate::AdHoc => left_out.ad_hoc += 1,
            Fate::Foreign => left_out.foreign += 1,
        }
    }

    /// Keeps an object, or counts it among what is left out.
    fn keep<T>(&mut self, section: Section, fate: Option<Fate>, object: T, list: fn(&mut Inventory) -> &mut Vec<T>) {
        match fate.filter(|fate| !(self.scope.archived && *fate == Fate::Archived)) {
            Some(fate) => self.leave(section, fate),
            None => list(&mut self.made).push(object),
        }
    }

    fn object(&mut self, section: Section, value: Value) -> Option<()> {
        match section {
            Section::Products => self.product(read(value)?),
            Section::Prices => self.price(read::<WirePrice>(value)?.into()),
            Section::Meters | Section::Features => self.counted(section, value)?,
            Section::Coupons | Section::PromotionCodes | Section::TaxRates | Section::ShippingRates => {
                self.offer(section, value)?;
            }
            _ => self.setting(section, value)?,
        }
        Some(())
    }

    fn counted(&mut self, section: Section, value: Value) -> Option<()> {
        if section == Section::Meters {
            let meter: super::Meter = read::<WireMeter>(value)?.into();
            self.keep(section, archived(meter.active), meter, |made| &mut made.meters);
        } else {
            let feature: Feature = read(value)?;
            self.keep(section, archived(feature.active), feature, |made| &mut made.features);
        }
        Some(())
    }

    fn offer(&mut self, section: Section, value: Value) -> Option<()> {
        match section {
            Section::Coupons => {
                let coupon: Coupon = read(value)?;
                self.keep(section, archived(coupon.valid), coupon, |made| &mut made.coupons);
            }
            Section::PromotionCodes => {
                let code: super::PromotionCode = read::<WirePromotionCode>(value)?.into();
                self.keep(section, archived(code.active), code, |made| &mut made.promotion_codes);
            }
            Section::TaxRates => {
                let rate: TaxRate = read(value)?;
                self.keep(section, archived(rate.active), rate, |made| &mut made.tax_rates);
            }
            _ => {
                let rate: super::ShippingRate = read::<WireShippingRate>(value)?.into();
                self.keep(section, archived(rate.active), rate, |made| &mut made.shipping_rates);
            }
        }
        Some(())
    }

    fn setting(&mut self, section: Section, value: Value) -> Option<()> {
        let foreign = value.get("application").map(|_| Fate::Foreign);
        match section {
            Section::PaymentLinks => {
                let link = PaymentLink::of(&value)?;
                self.keep(section, foreign.or(archived(link.active)), link, |made| &mut made.payment_links);
            }
            Section::Portals => {
                let portal: super::Portal = read::<WirePortal>(value)?.into();
                self.keep(section, foreign.or(archived(portal.active)), portal, |made| &mut made.portals);
            }
            Section::Webhooks => {
                let endpoint: WebhookEndpoint = read(value)?;
                let fate = foreign.or(archived(endpoint.status != "disabled"));
                self.keep(section, fate, endpoint, |made| &mut made.webhooks);
            }
            Section::PaymentMethods => {
                let methods = MethodConfiguration::of(&value)?;
                self.keep(section, foreign.or(archived(methods.active)), methods, |made| &mut made.payment_methods);
            }
            Section::WalletDomains => {
                let domain = WalletDomain::of(&value)?;
                self.keep(section, archived(domain.enabled), domain, |made| &mut made.wallet_domains);
            }
            _ => {
                let registration = Registration::of(&value)?;
                let fate = archived(registration.status != "expired");
                self.keep(section, fate, registration, |made| &mut made.registrations);
            }
        }
        Some(())
    }

    fn product(&mut self, product: Product) {
        let bare = product.description.is_none()
            && product.default_price.is_none()
            && product.images.is_empty()
            && product.metadata.is_empty();
        let fate = match product.active {
            _ if product.description.as_deref() == Some(BY_TRIGGER) => Some(Fate::AdHoc),
            true => None,
            // What a checkout with `product_data` leaves behind.
            false if bare => Some(Fate::AdHoc),
            false => Some(Fate::Archived),
        };
        if let Some(fate) = fate.filter(|fate| *fate == Fate::AdHoc || !self.scope.archived) {
            self.gone.insert(product.id.clone(), fate);
        }
        self.keep(Section::Products, fate, product, |made| &mut made.products);
    }

    fn price(&mut self, price: Price) {
        let fate = match price.active {
            true => None,
            false if price.is_nameless() => Some(Fate::AdHoc),
            false => Some(Fate::Archived),
        };
        self.keep(Section::Prices, fate, price, |made| &mut made.prices);
    }
}

/// Why an object that is switched off is not kept.
fn archived(active: bool) -> Option<Fate> {
    (!active).then_some(Fate::Archived)
}

/// Reads one object; `None` when a field that it cannot do without is not what it must be.
fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    let named = value["id"].as_str().is_some_and(|id| !id.is_empty());
    named.then(|| serde_json::from_value(value).ok()).flatten()
}

/// An id, or the id of the whole object when it was expanded.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_str().or_else(|| value["id"].as_str()).map(str::to_owned))
}

/// A list of objects that have nothing but a name.
pub(super) fn named<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        name: String,
    }
    Ok(Vec::<Named>::deserialize(from)?.into_iter().map(|entry| entry.name).collect())
}

/// What a field is where Stripe says nothing.
pub(super) const fn nothing<const DEFAULT: bool>() -> bool {
    DEFAULT
}

/// An amount that Stripe gives as a number, as a decimal text, or as both: without needless zeros.
pub(super) fn amount(whole: Option<i64>, decimal: Option<String>) -> Option<String> {
    let text = whole.map(|whole| whole.to_string()).or(decimal)?;
    Some(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text })
}
