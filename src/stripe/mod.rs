//! The only door to Stripe: async-stripe's typed requests over golive's own transport, answers
//! read tolerantly. Implements [`engine::port::Stripe`](crate::engine::port::Stripe) and is built
//! in `cli` alone.
//!
//! `request` and `plan` are pure and say what is sent; `transport`, under `limiter`, sends it;
//! `answer` and `error` say what came back; `looks`, `poll` and `send` tie these together. `greet` only
//! knocks.

mod answer;
mod base;
mod clock;
mod collections;
pub mod error;
mod fetch;
mod greet;
mod inventory;
mod limiter;
mod limits;
mod looks;
mod permission;
mod plan;
mod poll;
mod request;
mod road;
#[cfg(test)]
mod script;
mod send;
mod transport;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::runtime::Handle;

pub use base::ApiBase;
pub use greet::Greeting;
pub use inventory::Progress;
pub use road::Proxy;

use crate::engine::port;
use crate::error::Result;
use crate::inventory::{Inventory, Scope};
use crate::mode::Mode;
use crate::secret::Vault;
use crate::step::{Look, Request, Sight, Write};

/// Where Stripe is, and which mode its keys must be of.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address.
    pub base: ApiBase,
    /// The run's mode.
    pub mode: Mode,
    /// What stands between this computer and Stripe.
    pub proxy: Option<Proxy>,
}

/// Stripe, or the simulator in its place.
pub struct StripeApi {
    transport: transport::Transport,
    handle: Handle,
}

impl StripeApi {
    /// A door that opens on the first request. The handle must be that of a multi-threaded
    /// runtime, and the trait's methods must be called outside of it: they block.
    pub fn new(config: Config, handle: Handle) -> Result<Self> {
        let limits = limits::Limits::of(config.mode);
        Self::with_limits(config, handle, limits)
    }

    fn with_limits(config: Config, handle: Handle, limits: limits::Limits) -> Result<Self> {
        let transport = {
            let _inside = handle.enter();
            transport::Transport::new(config.base, config.mode, limits, config.proxy.as_ref())?
        };
        Ok(Self { transport, handle })
    }

    /// The flag that a signal handler sets: no new request is started, and those in flight get ten
    /// seconds.
    pub fn stop_handle(&self) -> Arc<AtomicBool> {
        Arc::clone(self.transport.stop())
    }

    /// What the account holds as configuration, read page by page; `progress` is told how many objects of
    /// a list were seen by now. Blocks, as the trait's methods do.
    pub fn inventory(&self, scope: Scope, vault: &Vault, progress: Progress<'_>) -> Result<Inventory> {
        let reader = fetch::Reader::new(&self.transport, vault);
        self.handle.block_on(inventory::read(&reader, scope, progress))
    }
}

impl port::Stripe for StripeApi {
    fn look(&self, looks: &[Look], vault: &Vault) -> Vec<(Look, Sight)> {
        self.handle.block_on(looks::look(&self.transport, looks, vault))
    }

    fn prepare(&self, write: &Write) -> Result<Request> {
        request::prepare(write)
    }

    fn send(
        &self,
        sendings: &[port::Sending],
        vault: &Vault,
        each: &mut dyn FnMut(Vec<(usize, port::Outcome)>) -> Result<()>,
    ) -> Result<()> {
        self.handle.block_on(send::send(&self.transport, sendings, vault, each))
    }
}

#[cfg(test)]
mod tests;
