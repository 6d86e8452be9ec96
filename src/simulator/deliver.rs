//! Webhook deliveries: signed, over real HTTP(S), tried again with doubling gaps.
//!
//! Only loopback addresses are ever contacted: hosts of `Options::resolve` and loopback URLs as they
//! are, every other host at the demo shop. A redirect is a failure, 2xx within ten seconds a success
//! (facts 4.2, 4.3). Started by `wire` after an event is kept, and again when a world is reopened.

use super::Inner;
use super::answer;
use super::ids::random;
use super::json;
use super::kinds::webhook;
use super::sign;
use super::state::Delivery;
use super::world::{Scope, text};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// One first try and five more: enough to see back-off, few enough to end within a rehearsal.
const ATTEMPTS: usize = 6;
const LIMIT: Duration = Duration::from_secs(10);

/// Starts the deliveries of one event, each to its endpoint, each on its own.
pub fn start(inner: &Arc<Inner>, scope: &Scope, event: &str) {
    let waiting: Vec<String> = {
        let core = inner.core();
        let pending = core.world.store(scope).get("event", event).map(|e| e["_pending"].clone());
        pending
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    for endpoint in waiting {
        let (inner, scope, event) = (inner.clone(), scope.clone(), event.to_owned());
        tokio::spawn(async move {
            let stop = inner.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = persist(&inner, &scope, &event, &endpoint) => {}
            }
        });
    }
}

/// Every event that a kept world still owes to somebody.
pub fn resume(inner: &Arc<Inner>) {
    let owed: Vec<(Scope, String)> = {
        let core = inner.core();
        let events = |scope: &Scope| {
            let waiting = core.world.store(scope).all("event").filter(|e| e["pending_webhooks"] != 0);
            waiting.filter_map(|e| text(e, "id").map(|id| (scope.clone(), id.to_owned()))).collect::<Vec<_>>()
        };
        core.world.scopes().flat_map(events).collect()
    };
    for (scope, event) in owed {
        start(inner, &scope, &event);
    }
}

async fn persist(inner: &Arc<Inner>, scope: &Scope, event: &str, endpoint: &str) {
    let mut gap = inner.retry_base;
    for number in 1..=ATTEMPTS {
        // Looked up anew for each try: a deleted endpoint gets nothing more, a disabled one nothing
        // until it is enabled again.
        match prepare(inner, scope, event, endpoint, number) {
            Target::Gone => return,
            Target::Disabled => {}
            Target::Ready(mut attempt) => {
                let sent = post(inner, &attempt.url, &attempt.signature, &attempt.body);
                match tokio::time::timeout(LIMIT, sent).await {
                    Ok(Ok(status)) => attempt.status = Some(status),
                    Ok(Err(error)) => attempt.error = Some(format!("{error:#}")),
                    Err(_) => attempt.error = Some("timed out after 10 s".to_owned()),
                }
                let accepted = attempt.status.is_some_and(|s| (200..300).contains(&s));
                record(inner, scope, event, endpoint, *attempt, accepted);
                if accepted {
                    return;
                }
            }
        }
        tokio::time::sleep(gap).await;
        gap *= 2;
    }
}

enum Target {
    Gone,
    Disabled,
    Ready(Box<Attempt>),
}

struct Attempt {
    url: String,
    kind: String,
    signature: String,
    body: String,
    number: usize,
    status: Option<u16>,
    error: Option<String>,
}

fn prepare(inner: &Inner, scope: &Scope, event: &str, endpoint: &str, number: usize) -> Target {
    let core = inner.core();
    let store = core.world.store(scope);
    let found = store.get("webhook_endpoint", endpoint).zip(store.get("event", event));
    let Some((target, event)) = found else {
        return Target::Gone;
    };
    if target["status"] != "enabled" {
        return Target::Disabled;
    }
    let field = |value: &Value, name| text(value, name).unwrap_or_default().to_owned();
    let mut shown = event.clone();
    if let Some(version) = text(target, "api_version") {
        shown["api_version"] = json!(version);
    }
    json::public(&mut shown);
    answer::localize(&mut shown, &inner.url);
    let body = json::pretty(&shown);
    let now = jiff::Timestamp::now().as_second();
    Target::Ready(Box::new(Attempt {
        url: field(target, "url"),
        kind: field(&shown, "type"),
        signature: sign::header(&field(target, "_secret"), now, body.as_bytes()),
        body,
        number,
        status: None,
        error: None,
    }))
}

fn record(inner: &Inner, scope: &Scope, event: &str, endpoint: &str, attempt: Attempt, accepted: bool) {
    let mut core = inner.core();
    core.delivered(Delivery {
        event: event.to_owned(),
        kind: attempt.kind,
        endpoint: endpoint.to_owned(),
        url: attempt.url,
        attempt: attempt.number,
        status: attempt.status,
        error: attempt.error,
        signature: attempt.signature,
    });
    if !accepted {
        return;
    }
    if let Some(mut stored) = core.world.store(scope).get("event", event).cloned() {
        let pending = stored["_pending"].as_array().cloned().unwrap_or_default();
        let left: Vec<Value> = pending.into_iter().filter(|id| id != endpoint).collect();
        stored["pending_webhooks"] = json!(left.len());
        stored["_pending"] = Value::Array(left);
        // A full disk here only means that a reopened world delivers once more, as Stripe may.
        let _ = core.put(scope, stored);
    }
}

/// Where a URL's host is reached, and always on this computer.
fn place(inner: &Inner, host: &str, port: u16) -> Result<SocketAddr> {
    if let Some((_, address)) = inner.resolve.iter().find(|(name, _)| name.eq_ignore_ascii_case(host)) {
        if address.ip().is_loopback() {
            return Ok(*address);
        }
        bail!("`{host}` is mapped to {address}, which is not a loopback address");
    }
    let local = host == "localhost" || host.ends_with(".localhost");
    match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_loopback() => Ok(SocketAddr::new(ip, port)),
        Ok(ip) if ip.is_unspecified() => Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        _ if local => Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        _ => Ok(inner.shop_addr),
    }
}

async fn post(inner: &Inner, url: &str, signature: &str, body: &str) -> Result<u16> {
    let uri: hyper::Uri = url.parse().context("the URL cannot be parsed")?;
    let secure = uri.scheme_str() == Some("https");
    let host = webhook::host(url.split_once("://").map_or(url, |(_, rest)| rest)).to_owned();
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let address = place(inner, &host, port)?;
    let path = uri.path_and_query().map_or("/", hyper::http::uri::PathAndQuery::as_str);
    let request = hyper::Request::post(path)
        .header("host", uri.authority().map_or(host.as_str(), hyper::http::uri::Authority::as_str))
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("accept", "*/*; q=0.5, application/xml")
        .header("cache-control", "no-cache")
        .header("stripe-signature", signature)
        .header("x-request-id", random(16))
        .body(Full::new(Bytes::from(body.to_owned())))?;
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    if secure {
        let name = ServerName::try_from(host).context("the host is not a name TLS knows")?;
        let stream = tokio_rustls::TlsConnector::from(inner.trust.clone()).connect(name, stream).await?;
        send(stream, request).await
    } else {
        send(stream, request).await
    }
}

async fn send<S>(stream: S, request: hyper::Request<Full<Bytes>>) -> Result<u16>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    let status = match response {
        Ok(response) => {
            let status = response.status().as_u16();
            // Read to the end: the answer is complete only then, and the limit covers it.
            response.into_body().collect().await?;
            Ok(status)
        }
        Err(error) => Err(error.into()),
    };
    driver.abort();
    status
}
