//! The embedded Stripe and the demo shop.
//!
//! Stripe's wire on loopback for rehearsals, `golive sandbox` and the tests: real texts, real codes,
//! a real idempotency store, signed deliveries. Truth comes from the recordings in `tests/recordings`
//! and from Stripe's own description. A request walks `wire` → `call` → `kinds` → `world` → `keep`.
//! What is not in `routes` or in `data/params.json` is refused as Stripe refuses it. This module
//! knows nothing of the rest of golive.

mod answer;
mod auth;
mod call;
mod card;
mod control;
mod dashboard;
mod deliver;
mod expand;
mod fault;
mod hosted;
mod ids;
mod json;
mod keep;
mod kinds;
mod list;
mod moment;
mod money;
mod params;
mod refusal;
mod routes;
mod schema;
mod sell;
mod shop;
mod sign;
mod state;
mod sweep;
mod tls;
mod tx;
mod wire;
mod world;

/// A form, as every request's is read.
#[cfg(any(test, fuzzing))]
pub(crate) use params::parse as form;

pub use card::Outcome;
pub use control::{Control, Hook, Phase};
pub use fault::{At, Fault, What, parse_faults};
pub use keep::InUse;
pub use moment::Moment;
pub use shop::{Asked, Heard, ShopConduct, ShopPage};
pub use state::{Delivery, RequestLog};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use state::Core;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Test or live: which of an account's two worlds a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Keys with `_test_`.
    Test,
    /// Keys with `_live_`.
    Live,
}

impl Mode {
    /// `test` or `live`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// The mode on the other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Test => Self::Live,
            Self::Live => Self::Test,
        }
    }
}

/// The two keys of a mode; made up, and of no use anywhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// `sk_test_…` or `sk_live_…`.
    pub secret: String,
    /// `pk_test_…` or `pk_live_…`.
    pub publishable: String,
}

/// The secrets a shop accepts, asked at every request.
pub type ShopSecrets = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// Pages of the demo shop's own. What they do not know, the demo shop answers as it always does.
pub type ShopPages = Arc<dyn Fn(&Asked<'_>) -> Option<ShopPage> + Send + Sync>;

/// Told of every delivery to the demo shop's handler, for an application that does more with it: writes
/// a log, keeps rows of its own.
pub type ShopEar = Arc<dyn Fn(&Heard<'_>) + Send + Sync>;

/// How a simulator is started.
pub struct Options {
    /// The folder where the world is kept; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// The port of the API on loopback; 0 for any.
    pub port: u16,
    /// Added to every API answer.
    pub latency: Duration,
    /// Faults from the start; see [`parse_faults`].
    pub faults: Vec<Fault>,
    /// Deliveries to these hosts go to these loopback addresses; the TLS name stays the host. Every
    /// other host that is not a loopback one is delivered to the demo shop.
    pub resolve: Vec<(String, SocketAddr)>,
    /// The `whsec_…` secrets that the demo shop accepts; `None`: those of all endpoints it serves.
    pub shop_secrets: Option<ShopSecrets>,
    /// More pages of the demo shop, for an application that has an API to be checked.
    pub shop_pages: Option<ShopPages>,
    /// What else the demo shop does with a delivery.
    pub shop_ear: Option<ShopEar>,
    /// Certificate authorities, in PEM, that deliveries trust beside the demo shop's own.
    pub extra_roots: Vec<String>,
    /// The gap before the first redelivery; it doubles.
    pub retry_base: Duration,
    /// How the demo shop behaves.
    pub shop: ShopConduct,
    /// Whether the owner of the account has been through the Dashboard's settings: customer portal,
    /// tax, payment methods. A new account's has not.
    pub furnished: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data: None,
            port: 0,
            latency: Duration::ZERO,
            faults: Vec::new(),
            resolve: Vec::new(),
            shop_secrets: None,
            shop_pages: None,
            shop_ear: None,
            extra_roots: Vec::new(),
            retry_base: Duration::from_millis(300),
            shop: ShopConduct::Good,
            furnished: false,
        }
    }
}

/// A running simulator; dropping it stops the servers and the deliveries.
pub struct Simulator {
    /// `http://127.0.0.1:PORT`: stands in for `https://api.stripe.com`.
    pub url: String,
    /// `https://localhost:PORT`: the demo shop.
    pub shop: String,
    /// Where the demo shop listens, for whatever host name.
    pub shop_addr: SocketAddr,
    /// The certificate that vouches for the demo shop, in PEM.
    pub ca_pem: String,
    /// The keys of test mode.
    pub test: Keys,
    /// The keys of live mode.
    pub live: Keys,
    inner: Arc<Inner>,
}

/// What the servers, the deliveries and the controls share.
struct Inner {
    core: Mutex<Core>,
    url: String,
    latency: Duration,
    resolve: Vec<(String, SocketAddr)>,
    shop_secrets: Option<ShopSecrets>,
    shop_pages: Option<ShopPages>,
    shop_ear: Option<ShopEar>,
    shop_addr: SocketAddr,
    shop_tls: Arc<rustls::ServerConfig>,
    trust: Arc<rustls::ClientConfig>,
    retry_base: Duration,
    count: AtomicUsize,
    hook: Mutex<Option<Arc<Hook>>>,
    stop: CancellationToken,
    runtime: tokio::runtime::Handle,
}

impl Inner {
    /// The world. A panic elsewhere cannot leave it half changed: entries are applied whole.
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, n: usize, phase: Phase) {
        let hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook(n, phase);
        }
    }
}

impl Simulator {
    /// Opens the world and starts both servers on loopback.
    pub async fn start(options: Options) -> Result<Self> {
        let folder = options.data.as_deref();
        let (keep, world) = opened(folder).await?;
        let mut core = Core::new(keep, world, options.faults);
        core.conduct = options.shop;
        if core.world.accounts.is_empty() {
            core.add_account()?;
        }
        let scopes: Vec<_> = core.world.scopes().cloned().collect();
        for scope in &scopes {
            core.settle_in(scope)?;
            if options.furnished {
                core.furnish(scope)?;
            }
        }
        let (_, test, live) = core.world.accounts.first().cloned().context("a world without an account")?;
        let authority = Arc::new(tls::Authority::open(folder)?);
        let (api, url) = listen(options.port).await?;
        let (shop, shop_addr) = listen(0).await?;
        let inner = Arc::new(Inner {
            core: Mutex::new(core),
            url: format!("http://{url}"),
            latency: options.latency,
            resolve: options.resolve,
            shop_secrets: options.shop_secrets,
            shop_pages: options.shop_pages,
            shop_ear: options.shop_ear,
            shop_addr,
            shop_tls: tls::server(authority.clone())?,
            trust: tls::client(&authority, &options.extra_roots)?,
            retry_base: options.retry_base,
            count: AtomicUsize::new(0),
            hook: Mutex::new(None),
            stop: CancellationToken::new(),
            runtime: tokio::runtime::Handle::current(),
        });
        tokio::spawn(wire::serve(inner.clone(), api, wire::Side::Stripe));
        tokio::spawn(wire::serve(inner.clone(), shop, wire::Side::Shop { secure: false }));
        deliver::resume(&inner);
        Ok(Self {
            url: inner.url.clone(),
            shop: format!("https://localhost:{}", shop_addr.port()),
            shop_addr,
            ca_pem: authority.pem.clone(),
            test,
            live,
            inner,
        })
    }

    /// A handle for tests and the sandbox.
    pub fn control(&self) -> Control {
        Control(self.inner.clone())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.inner.stop.cancel();
    }
}

/// Opens the world. A simulator that was stopped a moment ago is given time to be gone; its tasks end
/// on the runtime, so this does not hold it up.
async fn opened(folder: Option<&std::path::Path>) -> Result<(keep::Keep, world::World)> {
    for _ in 0..100 {
        match keep::Keep::open(folder) {
            Err(error) if error.is::<InUse>() => tokio::time::sleep(Duration::from_millis(20)).await,
            opened => return opened,
        }
    }
    keep::Keep::open(folder)
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
