//! Changes: what is shown in a plan, and what is then carried out, from one and the same value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Look;
use crate::secret::Slot;

/// The changes an item wants, to be shown as one plan with those of its whole phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Actions of a lower stage are finished before those of a higher one are sent; within a stage
    /// they go side by side.
    pub actions: Vec<Action>,
    /// Whether it ends something that was consented to before, and shown then: giving back what a
    /// proof had borrowed. It is not asked about again.
    #[serde(default)]
    pub follows: bool,
}

impl Change {
    /// A change to be consented to.
    pub fn of(actions: Vec<Action>) -> Self {
        Self { actions, follows: false }
    }
}

/// One change to one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What it is: `product`, `price`, `webhook`, `env`, `command`, `session`.
    pub noun: String,
    /// Its name within the item: `pro`, `pro_monthly`.
    pub name: String,
    /// What happens to it.
    pub verb: Verb,
    /// One line to the right of the verb: an amount, an id, a file.
    pub summary: String,
    /// What exactly changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Good to know before saying yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How it is carried out.
    pub effect: Effect,
    /// Order within the item's change.
    #[serde(default)]
    pub stage: u8,
}

impl Action {
    /// The action's name in journals and screens: `price pro_monthly`.
    pub fn label(&self) -> String {
        format!("{} {}", self.noun, self.name)
    }
}

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `+`
    Create,
    /// `~`
    Change,
    /// `±`: a new one takes its place, the old one is closed, nothing is deleted.
    Replace,
    /// `~`: taken over as it is, and marked.
    Adopt,
    /// `~`: closed to new sales, switched off.
    Close,
    /// `+` or `~` in the env file.
    Write,
    /// `!`: a command of the operator's.
    Run,
    /// `~`: opened and closed again, to prove that it works.
    Prove,
}

impl Verb {
    /// The mark at the left end of a plan's line.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Create | Self::Prove => "+",
            Self::Replace => "±",
            Self::Change | Self::Adopt | Self::Close | Self::Write => "~",
            Self::Run => "!",
        }
    }

    /// The word in a plan: `create`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Replace => "replace",
            Self::Adopt => "adopt",
            Self::Close => "close",
            Self::Write => "write",
            Self::Run => "run",
            Self::Prove => "prove",
        }
    }

    /// The word after it happened: `created`.
    pub const fn past(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Change => "changed",
            Self::Replace => "replaced",
            Self::Adopt => "adopted",
            Self::Close => "closed",
            Self::Write => "written",
            Self::Run => "ran",
            Self::Prove => "proved",
        }
    }
}

/// One field of a change; values are ready to show and never secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The field's name, Stripe's own.
    pub name: String,
    /// Its value now, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its value afterwards.
    pub to: String,
}

impl Field {
    /// A field that gets its first value.
    pub fn new(name: impl Into<String>, to: impl Into<String>) -> Self {
        Self { name: name.into(), from: None, to: to.into() }
    }

    /// A field whose value changes.
    pub fn change(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { name: name.into(), from: Some(from.into()), to: to.into() }
    }
}

/// How an action is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// One POST to Stripe.
    Stripe(Write),
    /// Variables of the env file, all in one atomic replacement.
    Env(Vec<EnvSet>),
    /// A command of the operator's.
    Run(CommandSpec),
}

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
    /// identity. `None` for what can simply be compared again (updates), or expires by itself
    /// (sessions).
    pub fn identity(&self) -> Option<Look> {
        match self {
            Self::CreateProduct(draft) => Some(Look::Product(draft.id.clone())),
            Self::CreatePrice(draft) => draft.lookup_key.clone().map(Look::PriceByKey),
            Self::CreateWebhook(_) => Some(Look::WebhookEndpoints),
            Self::UpdateProduct { .. }
            | Self::UpdatePrice { .. }
            | Self::UpdateWebhook { .. }
            | Self::OpenSession(_)
            | Self::ExpireSession { .. } => None,
        }
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

/// A product to create. The id is ours, so that a lost answer can be settled by retrieving it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ProductDraft {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub images: Vec<String>,
    pub metadata: BTreeMap<String, String>,
}

/// What changes on a product. `None` leaves a field; an empty text unsets it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ProductPatch {
    pub active: Option<bool>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub images: Option<Vec<String>>,
    pub default_price: Option<Given>,
    pub metadata: BTreeMap<String, String>,
}

/// A price to create. Amounts are in Stripe's minor units, as decimal text of at most 12 places.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PriceDraft {
    pub product: String,
    /// Lower-case ISO code.
    pub currency: String,
    pub unit_amount: i64,
    pub recurring: Option<Recurring>,
    pub lookup_key: Option<String>,
    pub transfer_lookup_key: bool,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// The price this one replaces: not sent, but journaled, so that the old one is closed even
    /// when golive was killed between the two.
    pub replaces: Option<String>,
}

/// How often a price is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Every how many of them.
    pub interval_count: u64,
}

/// What changes on a price; everything else is immutable in Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PricePatch {
    pub active: Option<bool>,
    pub nickname: Option<String>,
    pub lookup_key: Option<String>,
    pub transfer_lookup_key: bool,
    pub tax_behavior: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// A webhook endpoint to create. Its signing secret goes to the env file before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct WebhookDraft {
    pub url: String,
    pub enabled_events: Vec<String>,
    pub description: Option<String>,
    pub api_version: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes the signing secret. Not sent.
    pub secret_env: String,
}

/// What changes on a webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct WebhookPatch {
    pub url: Option<String>,
    pub enabled_events: Option<Vec<String>>,
    pub description: Option<String>,
    pub disabled: Option<bool>,
    pub metadata: BTreeMap<String, String>,
}

/// A Checkout Session that is opened only to prove that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct SessionDraft {
    /// `payment` or `subscription`.
    pub mode: String,
    /// Price ids, one of each.
    pub prices: Vec<String>,
    pub success_url: String,
    pub metadata: BTreeMap<String, String>,
}

/// One variable of the env file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvSet {
    /// Its name.
    pub variable: String,
    /// Where its value comes from. Secret values are named, never held.
    pub value: EnvSource,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvSource {
    /// A public value.
    Text(String),
    /// A secret of the vault.
    Vault(Slot),
    /// A new random secret, made at the moment of writing.
    Generate {
        /// How it is written down.
        format: SecretFormat,
        /// How many random bytes.
        bytes: usize,
    },
}

/// How a generated secret is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretFormat {
    /// Two digits a byte.
    Hex,
    /// RFC 4648 with padding.
    Base64,
    /// Letters and digits, one a byte.
    Alphanumeric,
}

/// A command of the operator's. The text goes to `sh -c` as it stands; values reach it as
/// environment variables, never spliced into the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The shell text.
    pub run: String,
    /// Variables for it.
    pub env: BTreeMap<String, String>,
    /// The folder, relative to the checklist's.
    pub dir: Option<String>,
    /// Seconds until it is stopped.
    pub timeout: u64,
}
