//! The whole door against a scripted server.

mod inventory;
mod looks;
mod send;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;

use super::limits::Limits;
use super::script::{Act, Seen, Server, reply, with};
use super::{ApiBase, Config, StripeApi};
use crate::engine::port::{Outcome, Sending, Stripe};
use crate::mode::Mode;
use crate::secret::{Secret, Slot, Vault};
use crate::step::{Look, Request, Sight};

const LOGS: &str = "https://dashboard.stripe.com/acct_1Own/workbench/logs?object=req_1";

struct Stage {
    runtime: Runtime,
    server: Server,
    api: StripeApi,
    vault: Vault,
}

impl Stage {
    fn new(rule: impl FnMut(&Seen) -> Option<Act> + Send + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::rule(rule));
        let base = ApiBase::parse(Some(&server.address)).unwrap();
        let limits = Limits {
            connect: Duration::from_secs(2),
            each: Duration::from_millis(300),
            total: Duration::from_secs(5),
            tries: 3,
            pause: Duration::from_millis(1),
            longest: Duration::from_millis(2),
            grace: Duration::from_millis(100),
        };
        let config = Config { base, mode: Mode::Live, proxy: None };
        let api = StripeApi::with_limits(config, runtime.handle().clone(), limits).unwrap();
        let mut vault = Vault::default();
        vault.put(Slot::SecretKey, Secret::new("sk_live_stripeteststripetests"));
        vault.put(Slot::PublishableKey, Secret::new("pk_live_stripeteststripetests"));
        Self { runtime, server, api, vault }
    }

    fn look(&self, looks: &[Look]) -> BTreeMap<Look, Sight> {
        let sights = self.api.look(looks, &self.vault);
        let count = sights.len();
        let sights: BTreeMap<_, _> = sights.into_iter().collect();
        assert_eq!(sights.len(), count, "a look came back twice");
        sights
    }

    fn look_one(&self, look: &Look) -> Sight {
        self.look(std::slice::from_ref(look)).remove(look).unwrap()
    }

    fn send(&self, bodies: &[&str]) -> Vec<Outcome> {
        let mut outcomes = BTreeMap::new();
        let sendings: Vec<_> = bodies.iter().map(|body| sending(body)).collect();
        self.api
            .send(&sendings, &self.vault, &mut |batch| {
                outcomes.extend(batch);
                Ok(())
            })
            .unwrap();
        assert_eq!(outcomes.len(), bodies.len());
        outcomes.into_values().collect()
    }

    fn lines(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.line).collect()
    }
}

fn sending(body: &str) -> Sending {
    let request = Request { method: "POST".into(), path: "/v1/prices".into(), body: body.into() };
    Sending { request, key: format!("key-{body}") }
}

fn refuse(status: u16, code: Option<&str>, message: &str) -> Act {
    let mut error = json!({ "type": "invalid_request_error", "message": message, "request_log_url": LOGS });
    if let Some(code) = code {
        error["code"] = code.into();
    }
    with(status, &[("Request-Id", "req_1")], &json!({ "error": error }).to_string())
}

fn list(objects: &[serde_json::Value], more: bool) -> Act {
    reply(200, &json!({ "object": "list", "data": objects, "has_more": more, "url": "/v1/x" }).to_string())
}

/// The values of a list parameter in a request line, decoded.
fn values(line: &str, name: &str) -> Vec<String> {
    let query = line.split_once('?').map_or("", |(_, query)| query);
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(key, _)| key.starts_with(name)).map(|(_, value)| value.into_owned()).collect()
}
