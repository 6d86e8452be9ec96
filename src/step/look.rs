//! Looks and what they bring back. A look never changes anything.
//!
//! Looks are ordered values, so that the engine can merge those of many items into few requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::object::{Account, Balance, Event, Price, Product, Session, WebhookEndpoint};
use super::{
    Broken, Collection, EnvSight, Hits, LogAsk, LogSight, Permission, ScanAsk, ScanSight, SmtpAsk, SmtpSight, TcpAsk,
    TcpSight,
};
use crate::error::Problem;
use crate::secret::Slot;

/// Everything that was looked at in this run.
pub type Sights = BTreeMap<Look, Sight>;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// `GET /v1/account`
    Account,
    /// `GET /v1/balance`: the cheapest proof that a key works, and of its mode.
    Balance,
    /// An empty `POST /v1/tokens` with the publishable key: creates nothing; Stripe's refusal
    /// tells a valid key from an invalid one, and names the account.
    PublishableKey,
    /// Whether the key may do something; asked only of restricted keys.
    Permission(Permission),
    /// `GET /v1/products?ids[]=…`, one product by its id.
    Product(String),
    /// Every active product of this name, from one shared listing.
    ProductsNamed(String),
    /// `GET /v1/prices?lookup_keys[]=…`, the price that holds a lookup key, active or not.
    PriceByKey(String),
    /// `GET /v1/prices/{id}`
    Price(String),
    /// `GET /v1/prices?product=…`, active ones.
    PricesOf(String),
    /// `GET /v1/webhook_endpoints`, all pages.
    WebhookEndpoints,
    /// `GET /v1/checkout/sessions/{id}`
    Session(String),
    /// Every object of a collection, all pages of its list. What Stripe shows on request only (the
    /// prices of a portal, the lines of a payment link) is asked for.
    Every(Collection),
    /// One object of a collection, by its id.
    One(Collection, String),
    /// The objects of a collection that were created since then, in Unix seconds; newest first.
    Recent(Collection, i64),
    /// `GET /v1/refunds?payment_intent=…`, all pages.
    RefundsOf(String),
    /// `GET /v1/products/{id}/features`: what a product entitles to.
    FeaturesOf(String),
    /// Events of these types (all when empty) since then, in Unix seconds; newest first.
    Events {
        /// Their types.
        types: Vec<String>,
        /// Unix seconds.
        since: i64,
        /// Only those that an endpoint has not taken.
        undelivered: bool,
    },
    /// `GET /v1/tax/settings`
    TaxSettings,
    /// The event that a write of ours caused, found by its idempotency key, watched until every
    /// endpoint took it or the time is up.
    Delivery {
        /// The event's type.
        event: String,
        /// The write's idempotency key.
        key: String,
        /// Unix seconds: not older than this.
        since: i64,
        /// How long to watch, in seconds.
        wait: u64,
    },
    /// The env file of the checklist.
    EnvFile,
    /// One HTTP request to the operator's own host.
    Http(HttpAsk),
    /// The certificate that a host presents.
    Tls {
        /// Host name.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A log file of this computer.
    Log(LogAsk),
    /// A TCP port.
    Tcp(TcpAsk),
    /// A mail server, with a login that sends nothing.
    Smtp(SmtpAsk),
    /// Files of the repository.
    Scan(ScanAsk),
    /// Unsigned, wrongly signed and rightly signed events, sent to the operator's own handler.
    WebhookProbe {
        /// The handler's URL.
        url: String,
        /// Where the signing secret is kept.
        secret: Slot,
        /// The API version the events claim, when the endpoint is pinned to one: some of Stripe's
        /// libraries refuse a signed event of another version than their own.
        api_version: Option<String>,
    },
}

/// What a look brought back.
#[derive(Debug)]
pub enum Sight {
    /// The account.
    Account(Account),
    /// The balance's mode.
    Balance(Balance),
    /// The publishable key is valid; the account it belongs to, when Stripe's answer names it.
    PublishableKey {
        /// `acct_…`, from the answer's `request_log_url`.
        account: Option<String>,
        /// Whether the answer came from live mode, when it says so.
        livemode: Option<bool>,
    },
    /// The key has the permission.
    Permitted,
    /// One product, or none of that id.
    Product(Option<Product>),
    /// Some products.
    Products(Vec<Product>),
    /// One price, or none.
    Price(Option<Price>),
    /// Some prices.
    Prices(Vec<Price>),
    /// Every webhook endpoint.
    WebhookEndpoints(Vec<WebhookEndpoint>),
    /// A Checkout Session.
    Session(Session),
    /// Objects as Stripe sent them, any secret taken out: [`Look::Every`], [`Look::Recent`],
    /// [`Look::RefundsOf`], [`Look::FeaturesOf`].
    Objects(Vec<Value>),
    /// One object, or none of that id: [`Look::One`], [`Look::TaxSettings`].
    Object(Option<Value>),
    /// Events, newest first.
    Events(Vec<Event>),
    /// The event of a write, as last seen; `None` when it has not appeared.
    Event(Option<Event>),
    /// The env file.
    EnvFile(EnvSight),
    /// A page's answer.
    Http(HttpSight),
    /// A certificate.
    Tls(TlsSight),
    /// A log.
    Log(LogSight),
    /// What answered at a port.
    Tcp(TcpSight),
    /// What a mail server allowed.
    Smtp(SmtpSight),
    /// What was found in files.
    Scan(ScanSight),
    /// Three answers of a webhook handler.
    WebhookProbe(ProbeSight),
    /// Stripe answered, and refused: 4xx.
    Refused(Refusal),
    /// It could not be looked at; the item becomes `unknown` (or `failed`, when the thing looked
    /// at is the operator's own and must be reachable).
    Unseen(Problem),
}

/// Stripe's refusal, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `resource_missing` and the like.
    pub code: Option<String>,
    /// Stripe's message, secrets masked.
    pub message: String,
    /// The parameter it is about.
    pub param: Option<String>,
    /// `req_…`
    pub request_id: Option<String>,
    /// `acct_…`, from the answer's `request_log_url`.
    pub account: Option<String>,
}

/// A request to the operator's own host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HttpAsk {
    /// `GET`, `HEAD` or `POST`.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Request body.
    pub body: Option<String>,
    /// How many times to send it, or until an answer is 429. 1 unless a burst is asked for.
    pub burst: u32,
    /// Where the token of an `Authorization: Bearer` header is kept.
    pub bearer: Option<Slot>,
}

/// A page's answer. Redirects are not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSight {
    /// HTTP status; of the last answer in a burst.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body's first 256 KiB, as text, secrets masked.
    pub body: String,
    /// Milliseconds until the whole answer was there.
    pub millis: u64,
    /// How many requests were sent.
    pub sent: u32,
}

/// A certificate, judged as Stripe would judge it: Mozilla's roots, nothing fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSight {
    /// `1.3` or `1.2`.
    pub version: String,
    /// Whether chain, name and dates are good.
    pub problem: Option<Problem>,
    /// Days until the first certificate of the chain ends.
    pub days_left: Option<i64>,
    /// The names it was issued for.
    pub names: Vec<String>,
}

/// What a webhook handler answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeSight {
    /// An event without a signature: must not be 2xx.
    pub unsigned: ProbeTry,
    /// An event signed with another secret: must not be 2xx.
    pub wrongly_signed: ProbeTry,
    /// An event of a type nobody handles, signed with the endpoint's secret: must be 2xx. `None`
    /// when the secret is not at hand.
    pub rightly_signed: Option<ProbeTry>,
    /// The answer to a rightly signed event whose text is the same after being parsed and written
    /// again, in the way of JavaScript's or Python's libraries; sent when the indented one was
    /// refused. 2xx here means that the handler does not verify the body as it came.
    pub rewritten: Option<ProbeTry>,
}

/// One answer of the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeTry {
    /// HTTP status.
    pub status: u16,
    /// `Location`, when it redirects.
    pub location: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body's beginning, secrets masked.
    pub body: String,
    /// Milliseconds.
    pub millis: u64,
}

/// How a command ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// Exit code; `None` when it was stopped by a signal.
    pub exit: Option<i32>,
    /// Whether golive stopped it because its time was up.
    pub timed_out: bool,
    /// The last 64 KiB of its output, secrets masked.
    pub output: String,
    /// Milliseconds.
    pub millis: u64,
    /// What kept a command elsewhere from being followed to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// What its searches found, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<Hits>,
}
