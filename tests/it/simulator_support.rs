//! A small HTTP client and the start of a simulator, for the simulator's own tests.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use bytes::Bytes;
use golive::simulator::{Options, Simulator};
use http_body_util::{BodyExt, Full};
use hyper::HeaderMap;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text))
    }

    pub fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or_else(|| panic!("no error in {}", self.text))
    }

    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }
}

pub async fn start() -> Simulator {
    Simulator::start(Options::default()).await.unwrap()
}

/// One request on its own connection; an error when the connection ends without an answer.
pub async fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Reply, hyper::Error> {
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut request = hyper::Request::builder().method(method).uri(path).header("host", "x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let response = sender.send_request(request).await?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await?.to_bytes();
    driver.abort();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, text, json })
}

/// A Stripe call with a key: parameters go into the query of a GET and the body of a POST.
pub async fn call(sim: &Simulator, key: &str, method: &str, path: &str, params: &str) -> Reply {
    call_with(sim, key, method, path, params, &[]).await
}

pub async fn call_with(
    sim: &Simulator,
    key: &str,
    method: &str,
    path: &str,
    params: &str,
    more: &[(&str, &str)],
) -> Reply {
    try_call(sim, key, method, path, params, more).await.unwrap()
}

pub async fn try_call(
    sim: &Simulator,
    key: &str,
    method: &str,
    path: &str,
    params: &str,
    more: &[(&str, &str)],
) -> Result<Reply, hyper::Error> {
    let bearer = format!("Bearer {key}");
    let mut headers = vec![("authorization", bearer.as_str())];
    if method == "POST" {
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        headers.extend_from_slice(more);
        return send(&sim.url, method, path, &headers, params).await;
    }
    headers.extend_from_slice(more);
    let target = if params.is_empty() { path.to_owned() } else { format!("{path}?{params}") };
    send(&sim.url, method, &target, &headers, "").await
}

/// Waits until `ready` says so, for at most five seconds.
pub async fn until(what: &str, mut ready: impl FnMut() -> bool) {
    for _ in 0..500 {
        if ready() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}");
}

/// Makes a live webhook endpoint.
pub async fn endpoint(sim: &Simulator, url: &str, events: &str) -> Reply {
    let params = format!("url={url}&enabled_events[]={events}");
    call(sim, &sim.live.secret, "POST", "/v1/webhook_endpoints", &params).await
}
