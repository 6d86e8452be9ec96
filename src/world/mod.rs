//! The only doors to the operator's own world: pages, certificates, webhook handlers, commands.
//!
//! Implements [`crate::engine::port::World`]; `cli` builds it. Hosts can be sent to a loopback
//! address (`resolve`), and a rehearsal reaches nothing but loopback. Stripe is never contacted
//! from here, and the extra roots kept here never count for Stripe.

mod command;
mod http;
mod lend;
mod log;
mod log_time;
mod output;
mod probe;
mod remote;
pub mod resolve;
pub mod scan;
mod search;
pub mod sign;
mod smtp;
mod tcp;
mod tls;
mod trust;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::engine::port;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::secret::Vault;
use crate::step::{CommandSpec, Look, Ran, Sale, ScanAsk, Sight};
use resolve::Resolver;
pub use scan::mentions;
use trust::Trust;

/// What the operator's world is in this run.
pub struct Config {
    /// Hosts that are reached at a loopback address, from `GOLIVE_RESOLVE`.
    pub resolve: Vec<(String, SocketAddr)>,
    /// PEM texts of certificate authorities that count beside Mozilla's: the file that
    /// `SSL_CERT_FILE` names, or the demo shop's own in a rehearsal.
    pub extra_roots: Vec<String>,
    /// The run's mode: a rehearsal reaches nothing but loopback and runs no command.
    pub mode: Mode,
    /// The checklist's folder, where commands start.
    pub dir: PathBuf,
    /// The env file, where secrets belong: a search for stray ones leaves it out.
    pub env_file: Option<PathBuf>,
    /// Where every host that `resolve` does not name is reached in a rehearsal: the demo shop.
    pub default_target: Option<SocketAddr>,
    /// In a rehearsal: the demo shop, which has something to sell.
    pub shop: Option<Shop>,
    /// Cancelled when the operator presses Ctrl-C; a running command is then stopped.
    pub cancel: CancellationToken,
}

/// A demo shop: opens a checkout for a sale, and has it paid by somebody made up unless the operator
/// does; the page where it is paid, or why there is none.
pub type Shop = Box<dyn Fn(&Sale) -> std::result::Result<String, String> + Send + Sync>;

/// The operator's world. Calls block, and must come from outside the async runtime.
pub struct World {
    net: Net,
    mode: Mode,
    dir: PathBuf,
    env_file: Option<PathBuf>,
    shop: Option<Shop>,
    cancel: CancellationToken,
    runtime: Handle,
}

/// The network as golive reaches it: names, and whom to trust.
struct Net {
    resolver: Resolver,
    trust: Trust,
    /// For a whole exchange, name lookup to the body's last byte.
    limit: Duration,
}

const LIMIT: Duration = Duration::from_secs(10);

impl World {
    /// Fails when a PEM text holds no certificate.
    pub fn new(config: Config, runtime: Handle) -> Result<Self> {
        let Config { resolve, extra_roots, mode, dir, env_file, default_target, shop, cancel } = config;
        let resolver = Resolver::new(resolve, default_target, mode);
        let net = Net { resolver, trust: Trust::new(&extra_roots)?, limit: LIMIT };
        Ok(Self { net, mode, dir, env_file, shop, cancel, runtime })
    }

    async fn see(&self, look: &Look, vault: &Vault) -> Sight {
        match look {
            Look::Http(ask) => self.net.page(ask, vault).await.map_or_else(Sight::Unseen, Sight::Http),
            Look::Tls { host, port } => self.net.certificate(host, *port).await.map_or_else(Sight::Unseen, Sight::Tls),
            Look::Log(ask) => log::read(ask, &self.dir, jiff::Timestamp::now()).map_or_else(Sight::Unseen, Sight::Log),
            Look::Tcp(ask) => self.net.port(ask).await.map_or_else(Sight::Unseen, Sight::Tcp),
            Look::Smtp(ask) => self.net.mail(ask, vault).await.map_or_else(Sight::Unseen, Sight::Smtp),
            Look::Scan(ask) => self.scan(ask).await,
            Look::WebhookProbe { url, secret, api_version } => {
                let secret = vault.get(secret);
                let event = probe::Event { livemode: self.mode.livemode(), api_version: api_version.as_deref() };
                let seen = self.net.probe(url, event, secret.as_deref()).await;
                seen.map_or_else(Sight::Unseen, Sight::WebhookProbe)
            }
            other => Sight::Unseen(Problem::new(Code::Internal, format!("asked the wrong door for {other:?}"))),
        }
    }
}

impl World {
    /// Reading takes all processors for a while: other looks go on meanwhile.
    async fn scan(&self, ask: &ScanAsk) -> Sight {
        let (ask, dir, spared) = (ask.clone(), self.dir.clone(), self.env_file.clone());
        let scanned = self.runtime.spawn_blocking(move || scan::scan(&ask, &dir, spared.as_deref())).await;
        match scanned {
            Ok(scanned) => scanned.map_or_else(Sight::Unseen, Sight::Scan),
            Err(_) => Sight::Unseen(Problem::new(Code::Internal, "the search of the files broke off")),
        }
    }
}

impl port::World for World {
    fn look(&self, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)> {
        let seen = self.runtime.block_on(join_all(looks.iter().map(|look| self.see(look, vault))));
        looks.iter().cloned().zip(seen).collect()
    }

    fn run(&self, command: &CommandSpec, vault: &Vault, line: &mut dyn FnMut(&str)) -> Result<Ran> {
        if self.mode == Mode::Rehearse {
            let problem = Problem::new(Code::Internal, "a rehearsal was about to run a command")
                .why(format!("nothing was run: {}", command.run));
            return Err(Failure::new(Class::Refused, problem));
        }
        self.runtime.block_on(command::run(command, &self.dir, &self.cancel, vault, line))
    }

    fn sell(&self, sale: &Sale) -> Result<Option<String>> {
        let Some(shop) = self.shop.as_ref().filter(|_| self.mode == Mode::Rehearse) else { return Ok(None) };
        let _inside = self.runtime.enter();
        shop(sale).map(Some).map_err(|why| {
            let problem = Problem::new(Code::ProofFailed, "the demo shop could not open a checkout")
                .why(why)
                .fix("finish the catalog first: golive rehearse");
            Failure::new(Class::Remaining, problem)
        })
    }
}
