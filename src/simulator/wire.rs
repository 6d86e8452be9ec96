//! The servers: HTTP in, HTTP out, faults and latency in between.
//!
//! Every request runs in a task of its own, so that a client that goes away does not stop what it
//! started, as at Stripe. A fault that closes the connection is an error of the service: hyper then
//! closes without an answer. Called by `Simulator::start`.

use super::answer::Answer;
use super::call::{Admitted, Bend, Request, admit, execute, interrupted};
use super::fault::What;
use super::state::RequestLog;
use super::{Inner, Phase, auth, dashboard, deliver, hosted, json, shop, sweep};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// The connection ends without an answer.
#[derive(Debug)]
pub struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped by a fault")
    }
}

impl std::error::Error for Dropped {}

const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Which of the two servers a connection came to.
#[derive(Clone, Copy)]
pub enum Side {
    Stripe,
    Shop {
        /// The connection is a TLS one.
        secure: bool,
    },
}

/// Accepts until the simulator is dropped.
pub async fn serve(inner: Arc<Inner>, listener: TcpListener, side: Side) {
    loop {
        let stream = tokio::select! {
            () = inner.stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        // Answers are small and whole: waiting for more only adds latency.
        let _ = stream.set_nodelay(true);
        let inner = inner.clone();
        tokio::spawn(async move {
            let stop = inner.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = connection(inner, stream, side) => {}
            }
        });
    }
}

/// A broken connection is the client's business: there is nobody to tell.
async fn connection(inner: Arc<Inner>, stream: TcpStream, side: Side) {
    if matches!(side, Side::Stripe) {
        return http(inner, stream, side).await;
    }
    // The first byte of a TLS handshake is 22; the shop speaks plain HTTP on the same port.
    let mut first = [0_u8; 1];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == 22 => {
            let acceptor = tokio_rustls::TlsAcceptor::from(inner.shop_tls.clone());
            if let Ok(stream) = acceptor.accept(stream).await {
                http(inner, stream, Side::Shop { secure: true }).await;
            }
        }
        Ok(1) => http(inner, stream, side).await,
        _ => {}
    }
}

async fn http<S>(inner: Arc<Inner>, stream: S, side: Side)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let inner = inner.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|_| Dropped)?.to_bytes();
            match side {
                Side::Shop { secure } => {
                    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
                    let visit = shop::Visit { method, uri, headers, body: &body, secure };
                    tokio::time::sleep(shop::delay(&inner, &visit)).await;
                    Ok(shop::answer(&inner, &visit))
                }
                Side::Stripe => {
                    let task = tokio::spawn(async move { stripe(&inner, parts, body).await });
                    task.await.map_err(|_| Dropped)?
                }
            }
        }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn stripe(inner: &Arc<Inner>, parts: axum::http::request::Parts, body: Bytes) -> Result<Response, Dropped> {
    let path = parts.uri.path();
    lapse(inner);
    if let Some(page) = hosted::answer(inner, &parts.method, path, &body) {
        return Ok(page);
    }
    if let Some(mode) = dashboard::portal_of(path) {
        return Ok(dashboard::portal(inner, mode, parts.method == "POST"));
    }
    let text = |name: &str| header_text(&parts.headers, name);
    let request = Request {
        method: parts.method.to_string(),
        path: path.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: body.to_vec(),
        authorization: text("authorization"),
        version: text("stripe-version"),
        idempotency_key: text("idempotency-key"),
        content_type: text("content-type"),
        account: text("stripe-account"),
    };
    let n = inner.count.fetch_add(1, Ordering::SeqCst) + 1;
    inner.tell(n, Phase::BeforeEffect);
    let outcome = run(inner, &request).await;
    inner.tell(n, Phase::AfterEffect);
    log(inner, &request, outcome.as_ref().ok());
    let dated = |response| dated(response, inner.core().now());
    match outcome {
        Ok(Reply::Stripe(answer)) => Ok(dated(response(&answer))),
        Ok(Reply::Html(status, body)) => Ok(plain(status, "text/html", body)),
        Ok(Reply::Elsewhere) => Ok(elsewhere()),
        Ok(Reply::Garbage) => Ok(plain(StatusCode::OK, "application/json", "<<< not JSON >>>")),
        Err(Dropped) => Err(Dropped),
    }
}

enum Reply {
    Stripe(Box<Answer>),
    Html(StatusCode, &'static str),
    Elsewhere,
    Garbage,
}

/// The request with its faults; deliveries start as soon as their event is kept.
async fn run(inner: &Arc<Inner>, request: &Request) -> Result<Reply, Dropped> {
    let (delay, fault) = inner.core().fault(&request.method, &request.path);
    match fault {
        Some(What::DropBefore) => return Err(Dropped),
        Some(What::Redirect) => return Ok(Reply::Elsewhere),
        Some(What::Html502) => {
            return Ok(Reply::Html(StatusCode::BAD_GATEWAY, "<html><body><h1>502 Bad Gateway</h1></body></html>\n"));
        }
        _ => {}
    }
    let bend = match fault {
        Some(What::Status(status, true)) => Bend::Instead(status),
        Some(What::StatusAfter(status)) => Bend::Despite(status),
        _ => Bend::None,
    };
    let admitted = match fault {
        Some(What::Status(status, false)) => {
            Admitted::Answered(Box::new(interrupted(&inner.core(), request, status, None)))
        }
        Some(What::Limited(reason)) => {
            Admitted::Answered(Box::new(interrupted(&inner.core(), request, 429, Some(reason))))
        }
        _ => admit(&mut inner.core(), request),
    };
    tokio::time::sleep(inner.latency / 2).await;
    let answer = match admitted {
        Admitted::Answered(answer) => answer,
        Admitted::Go(ticket) => Box::new(execute(&mut inner.core(), &ticket, bend, &inner.url)),
    };
    for (scope, event) in &answer.events {
        deliver::start(inner, scope, event);
    }
    tokio::time::sleep(inner.latency / 2 + delay).await;
    match fault {
        Some(What::DropAfter) => Err(Dropped),
        Some(What::Hang(time)) => {
            tokio::time::sleep(time).await;
            Err(Dropped)
        }
        Some(What::Garbage200) => Ok(Reply::Garbage),
        Some(What::Without(field)) => Ok(Reply::Stripe(altered(answer, |body| json::without(body, &field)))),
        Some(What::Newer) => Ok(Reply::Stripe(altered(answer, json::newer))),
        _ => Ok(Reply::Stripe(answer)),
    }
}

/// A success with another body than the one that is kept.
fn altered(mut answer: Box<Answer>, change: impl FnOnce(&mut serde_json::Value)) -> Box<Answer> {
    if let Ok(mut body) = serde_json::from_str(&answer.body)
        && answer.status == 200
    {
        change(&mut body);
        answer.body = json::pretty(&body);
    }
    answer
}

/// Ends the checkouts whose time is over, and tells their endpoints.
fn lapse(inner: &Arc<Inner>) {
    let told = sweep::lapse(&mut inner.core());
    for (scope, event) in told {
        deliver::start(inner, &scope, &event);
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn log(inner: &Inner, request: &Request, reply: Option<&Reply>) {
    let key = auth::key_of(request.authorization.as_deref()).unwrap_or_default();
    let (status, replayed) = match reply {
        Some(Reply::Stripe(answer)) => (answer.status, answer.replayed),
        Some(Reply::Html(status, _)) => (status.as_u16(), false),
        Some(Reply::Elsewhere) => (302, false),
        Some(Reply::Garbage) => (200, false),
        None => (0, false),
    };
    inner.core().log(RequestLog {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        key_prefix: key.get(..7).unwrap_or_default().to_owned(),
        idempotency_key: request.idempotency_key.clone(),
        status,
        replayed,
    });
}

fn plain(status: StatusCode, kind: &'static str, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An answer carries the time of the clock that it was made by.
fn dated(mut response: Response, now: i64) -> Response {
    let at = jiff::Timestamp::from_second(now).unwrap_or_default();
    if let Ok(date) = HeaderValue::from_str(&at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// What a captive portal says to everything.
fn elsewhere() -> Response {
    let mut response = plain(StatusCode::FOUND, "text/html", "<html><body>Please log in.</body></html>\n");
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("http://login.example/"));
    response
}

/// Headers of every answer (other-evidence 1).
const ALWAYS: &[(&str, &str)] = &[
    ("server", "nginx"),
    ("content-type", "application/json"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, \
         X-Stripe-Privileged-Session-Required",
    ),
    ("access-control-max-age", "300"),
    ("cache-control", "no-cache, no-store"),
    ("vary", "Origin"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
];

fn response(answer: &Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if !answer.request_id.is_empty() {
        set("request-id", &answer.request_id);
    }
    set("stripe-version", &answer.version);
    if let Some(key) = &answer.idempotency_key {
        set("idempotency-key", key);
    }
    if let Some(original) = &answer.original {
        set("original-request", original);
    }
    if answer.replayed {
        set("idempotent-replayed", "true");
    }
    if let Some(retry) = answer.should_retry {
        set("stripe-should-retry", if retry { "true" } else { "false" });
    }
    if let Some(reason) = answer.limited {
        set("stripe-rate-limited-reason", reason);
    }
    if answer.status == 401 {
        set("www-authenticate", "Basic realm=\"Stripe\"");
    }
    response
}
