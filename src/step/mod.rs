//! The vocabulary between kinds and the engine: a kind turns [`Facts`] into the next [`Step`].
//!
//! Pure data. Nothing here does IO, and nothing here knows who performs a step.

mod address;
mod change;
mod collection;
mod env;
mod env_sight;
mod facts;
mod look;
pub mod object;
mod outside;
mod permission;
mod question;
mod refusal;
mod scan;
mod span;
mod terms;
mod verdict;
mod wait;
mod write;

pub use address::Address;
pub use change::{Action, Change, CommandSpec, Effect, EnvSet, EnvSource, Field, SecretFormat, Verb};
pub use collection::Collection;
pub use env::env_fields;
pub use env_sight::{EnvSight, EnvVar};
pub use facts::{Applied, Attested, Binding, Facts, KnownSecret, Origin, unix};
pub use look::{HttpAsk, HttpSight, Look, ProbeSight, ProbeTry, Ran, Refusal, Sight, Sights, TlsSight};
pub use outside::{Broken, Hits, LogAsk, LogSight, MailSecurity, Search, SmtpAsk, SmtpSight, Speaks, TcpAsk, TcpSight};
pub use permission::Permission;
pub use question::{Check, Choice, Form, Question};
pub use scan::{ScanAsk, ScanFound, ScanPlace, ScanRule, ScanSight, ScanSort, Ships, Standing, Survey};
pub use span::in_words;
pub use terms::{CustomAmount, Terms, Tier, Transform, plain};
pub use verdict::{Outputs, Verdict};
pub use wait::{Milestone, Sale, Wait};
pub use write::{
    CouponDraft, CouponPatch, Currencies, CurrencyAmount, Delivery, Dimensions, FeatureDraft, FeaturePatch, Given,
    MeterDraft, MoneyWrite, OWN_MARKS, OfferWrite, PROOF_MARK, PaymentLinkDraft, PaymentLinkPatch, PortalCancel,
    PortalProduct, PortalQuantity, PortalSettings, PortalUpdate, PriceDraft, PricePatch, ProductDraft, ProductPatch,
    PromotionCodeDraft, PromotionCodePatch, Recurring, RefundDraft, Request, SessionDraft, SettingWrite,
    ShippingRateDraft, ShippingRatePatch, TaxRateDraft, TaxRatePatch, UUID_MARK, WebhookDraft, WebhookPatch, Write,
    with_uuid,
};

/// What an item wants next. The engine performs it if the command's permit allows, records the
/// fact, and asks the kind again; otherwise the item halts here.
#[derive(Debug)]
pub enum Step {
    /// A question to the operator.
    Ask(Question),
    /// Everything that can be looked at now; the engine merges the looks of all items.
    Look(Vec<Look>),
    /// Something that others do is waited for; where the permit does not wait, the item halts here.
    Wait(Wait),
    /// Something that changes Stripe, the env file or the operator's world.
    Change(Change),
    /// Nothing more to do.
    Done(Verdict),
}
