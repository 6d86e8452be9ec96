//! Writes: one POST to Stripe each, typed by what it means, so that it can be shown, journaled,
//! settled after a crash and taken back. `stripe::request` turns them into bytes.

mod drafts;
mod money;
mod offer;
mod price;
mod setting;

use serde::{Deserialize, Serialize};

use super::object::WebhookEndpoint;
use super::{Collection, Look, Sight, Verb};

pub use drafts::{
    Dimensions, OWN_MARKS, PROOF_MARK, ProductDraft, ProductPatch, SessionDraft, UUID_MARK, WebhookDraft, WebhookPatch,
    with_uuid,
};
pub use money::{MoneyWrite, RefundDraft};
pub use offer::{
    CouponDraft, CouponPatch, Currencies, Delivery, FeatureDraft, FeaturePatch, MeterDraft, OfferWrite,
    PaymentLinkDraft, PaymentLinkPatch, PromotionCodeDraft, PromotionCodePatch, ShippingRateDraft, ShippingRatePatch,
    TaxRateDraft, TaxRatePatch,
};
pub use price::{CurrencyAmount, PriceDraft, PricePatch, Recurring};
pub use setting::{PortalCancel, PortalProduct, PortalQuantity, PortalSettings, PortalUpdate, SettingWrite};

/// How much Stripe's clock and ours may differ, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// One POST to Stripe, typed by what it means. `stripe::request` turns it into bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// `POST /v1/products`
    CreateProduct(ProductDraft),
    /// `POST /v1/products/{id}`
    UpdateProduct {
        /// The product.
        id: String,
        /// What changes.
        patch: ProductPatch,
    },
    /// `POST /v1/prices`
    CreatePrice(PriceDraft),
    /// `POST /v1/prices/{id}`
    UpdatePrice {
        /// The price.
        id: String,
        /// What changes.
        patch: PricePatch,
    },
    /// `POST /v1/webhook_endpoints`
    CreateWebhook(WebhookDraft),
    /// `POST /v1/webhook_endpoints/{id}`
    UpdateWebhook {
        /// The endpoint.
        id: String,
        /// What changes.
        patch: WebhookPatch,
    },
    /// `POST /v1/checkout/sessions`
    OpenSession(SessionDraft),
    /// `POST /v1/checkout/sessions/{id}/expire`
    ExpireSession {
        /// The session.
        id: Given,
    },
    /// Refunds, and what ends further payments.
    Money(MoneyWrite),
    /// The account's configuration.
    Setting(SettingWrite),
    /// Coupons, promotion codes, tax rates, shipping rates, payment links, meters, features.
    Offer(OfferWrite),
}

/// The exact request that goes to Stripe, journaled before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `POST` or `DELETE`.
    pub method: String,
    /// Path with `/v1`, ids already checked.
    pub path: String,
    /// Form body, as sent.
    pub body: String,
}

impl Write {
    /// The look that finds the object when the outcome of creating it is not known: its natural
    /// identity. `None` for what can simply be compared again (updates, a session that is closed).
    /// `begun` is when the write was intended, in Unix seconds.
    pub fn identity(&self, begun: i64) -> Option<Look> {
        match self {
            Self::CreateProduct(draft) => Some(Look::Product(draft.id.clone())),
            Self::CreatePrice(draft) => draft.lookup_key.clone().map(Look::PriceByKey),
            Self::CreateWebhook(_) => Some(Look::WebhookEndpoints),
            Self::OpenSession(_) => Some(Look::Recent(Collection::CheckoutSessions, begun - CLOCKS_DIFFER)),
            Self::Money(write) => Some(write.identity()),
            Self::Setting(write) => write.identity(),
            Self::Offer(offer) => offer.identity(),
            Self::UpdateProduct { .. }
            | Self::UpdatePrice { .. }
            | Self::UpdateWebhook { .. }
            | Self::ExpireSession { .. } => None,
        }
    }

    /// The id of the very object that this write would have created, where the look at its
    /// identity holds it. `begun` is when the write was intended, in Unix seconds.
    pub fn found_in(&self, sight: &Sight, begun: i64) -> Option<String> {
        match (self, sight) {
            (Self::Setting(write), sight) => write.found_in(sight, begun),
            (Self::Offer(offer), sight) => offer.found_in(sight, begun),
            (Self::CreateProduct(draft), Sight::Product(Some(product))) if product.id == draft.id => {
                Some(product.id.clone())
            }
            (Self::CreatePrice(draft), Sight::Price(Some(price))) if draft.made(price) => Some(price.id.clone()),
            (Self::CreateWebhook(draft), Sight::WebhookEndpoints(endpoints)) => {
                endpoints.iter().find(|endpoint| draft.made(endpoint, begun)).map(|endpoint| endpoint.id.clone())
            }
            (Self::OpenSession(draft), Sight::Objects(sessions)) => draft.opened(sessions),
            (Self::Money(write), sight) => write.found_in(sight, begun),
            _ => None,
        }
    }

    /// What it does to its object, for telling.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::CreateProduct(_) | Self::CreatePrice(_) | Self::CreateWebhook(_) => Verb::Create,
            Self::UpdateProduct { .. } | Self::UpdatePrice { .. } | Self::UpdateWebhook { .. } => Verb::Change,
            Self::OpenSession(_) => Verb::Prove,
            Self::ExpireSession { .. } => Verb::Close,
            Self::Money(write) => write.verb(),
            Self::Setting(write) => write.verb(),
            Self::Offer(offer) => offer.verb(),
        }
    }

    /// Whether its object stays known when its item is reopened: it stands in Stripe, and must not
    /// be made twice, or has to be given back. Proofs and updates are done again.
    pub const fn stands(&self) -> bool {
        match self {
            Self::CreateProduct(_)
            | Self::CreatePrice(_)
            | Self::CreateWebhook(_)
            | Self::UpdateWebhook { .. }
            | Self::Money(_) => true,
            Self::Setting(write) => write.stands(),
            Self::Offer(offer) => offer.stands(),
            Self::UpdateProduct { .. }
            | Self::UpdatePrice { .. }
            | Self::OpenSession(_)
            | Self::ExpireSession { .. } => false,
        }
    }

    /// What switches the created object off again; nothing is ever deleted. `None` for updates,
    /// which carry their own way back ([`super::Action::undo`]), and for what ends by itself.
    pub fn inverse(&self, object: &str) -> Option<Self> {
        let id = object.to_owned();
        match self {
            Self::CreateProduct(_) => {
                Some(Self::UpdateProduct { id, patch: ProductPatch { active: Some(false), ..ProductPatch::default() } })
            }
            Self::CreatePrice(_) => {
                Some(Self::UpdatePrice { id, patch: PricePatch { active: Some(false), ..PricePatch::default() } })
            }
            Self::CreateWebhook(_) => Some(Self::UpdateWebhook {
                id,
                patch: WebhookPatch { disabled: Some(true), ..WebhookPatch::default() },
            }),
            Self::Setting(write) => write.inverse(object).map(Self::Setting),
            Self::Offer(offer) => offer.inverse(object).map(Self::Offer),
            Self::UpdateProduct { .. }
            | Self::UpdatePrice { .. }
            | Self::UpdateWebhook { .. }
            | Self::OpenSession(_)
            | Self::ExpireSession { .. }
            | Self::Money(_) => None,
        }
    }

    /// Puts in what is made at the moment of writing, so that what is journaled is complete and a
    /// request that is sent again is the same.
    pub fn freshen(&mut self, uuid: &dyn Fn() -> String) {
        match self {
            Self::CreateWebhook(draft) => draft.freshen(uuid),
            Self::UpdateWebhook { patch, .. } => patch.freshen(uuid),
            _ => {}
        }
    }

    /// Whether its outcome counts only in the run that sent it: Stripe was asked to look at something
    /// again, and what it saw may have changed since.
    pub const fn fades(&self) -> bool {
        match self {
            Self::Setting(write) => write.fades(),
            _ => false,
        }
    }

    /// What a person can do in the Dashboard where Stripe refuses it.
    pub fn by_hand(&self) -> Option<String> {
        match self {
            Self::Setting(write) => write.by_hand(),
            _ => None,
        }
    }

    /// Puts ids of objects that earlier stages brought where an action is named.
    pub fn resolve<E>(&mut self, id_of: &dyn Fn(&Given) -> Result<Given, E>) -> Result<(), E> {
        match self {
            Self::ExpireSession { id } => *id = id_of(id)?,
            Self::UpdateProduct { patch: ProductPatch { default_price: Some(price), .. }, .. } => {
                *price = id_of(price)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl WebhookDraft {
    /// Whether an endpoint is the one that this draft made, and not one of an earlier launch.
    fn made(&self, endpoint: &WebhookEndpoint, begun: i64) -> bool {
        endpoint.url == self.url
            && endpoint.metadata.get("golive") == self.metadata.get("golive")
            && endpoint.created.is_none_or(|created| created >= begun - CLOCKS_DIFFER)
    }
}

/// An id that is known now, or that an earlier action of the same change will bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// Known.
    Id(String),
    /// The object of the action with this label.
    Of(String),
}
