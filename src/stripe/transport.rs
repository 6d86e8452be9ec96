//! Bytes to Stripe and back: one connection pool, time limits, and bounded retries of the same
//! bytes under the same key. The only place in `stripe` that sees a bare key.
//!
//! An answer is handed on only if it can be Stripe's: JSON, with an error object where it is one.
//! Everything else (a proxy's page, half a body) is trouble, and says whether the request may have
//! been carried out.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use hyper_rustls::builderstates::WantsSchemes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use zeroize::Zeroizing;

use super::base::ApiBase;
use super::clock;
use super::limiter::{Limiter, route};
use super::limits::Limits;
use super::road::{Proxy, Road};
use crate::control;
use crate::crash::crash_point;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::secret::Secret;

/// The largest answer that is read: far above a page of a hundred objects.
const LARGEST: usize = 16 << 20;

/// One request. Path with `/v1`; query and body in form encoding.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub method: &'static str,
    pub path: String,
    pub query: Option<String>,
    pub body: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
}

/// An answer that can be Stripe's.
pub(super) struct Answer {
    pub status: u16,
    /// Holds secrets; `answer` takes them out before anything else sees it.
    pub body: Value,
    pub request_id: Option<String>,
    /// `Idempotent-Replayed: true`
    pub replayed: bool,
    /// Whether an earlier try may have been carried out, although this is the answer to a later one.
    pub doubtful: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Trouble {
    pub problem: Problem,
    /// Whether anything of it may have reached Stripe.
    pub sent: bool,
}

/// The door itself.
pub(super) struct Transport {
    http: Client<HttpsConnector<Road>, Full<Bytes>>,
    /// The proxy that requests go through, as it is shown.
    proxy: Option<String>,
    base: ApiBase,
    mode: Mode,
    limiter: Limiter,
    limits: Limits,
    /// Seconds that Stripe's clock is ahead of this computer's, as its last answer said.
    ahead: AtomicI64,
    stop: Arc<AtomicBool>,
}

enum Try {
    Answer(Answer),
    /// The answer, but Stripe wants it tried again, or it is nobody's last word.
    Again {
        answer: Option<Answer>,
        why: Problem,
        wait: Option<Duration>,
        may_have_happened: bool,
    },
}

impl Transport {
    pub(super) fn new(base: ApiBase, mode: Mode, limits: Limits, proxy: Option<&Proxy>) -> Result<Self> {
        // Mozilla's roots, compiled in: no file or variable of this computer adds to them.
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| {
                let problem = Problem::new(Code::Internal, "TLS could not be set up")
                    .fix("report it with what is printed here: golive explain GL1299");
                Failure::new(Class::Unforeseen, problem).because(error)
            })?;
        Ok(Self::over(tls, base, mode, limits, proxy))
    }

    /// Over TLS that trusts whom it says.
    fn over(
        tls: HttpsConnectorBuilder<WantsSchemes>,
        base: ApiBase,
        mode: Mode,
        limits: Limits,
        proxy: Option<&Proxy>,
    ) -> Self {
        let proxy = proxy.filter(|_| base.is_stripe());
        let road = Road::new(limits.connect, proxy);
        let tls = tls.https_or_http().enable_http1().wrap_connector(road);
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .build(tls);
        let limiter = Limiter::new(mode.livemode());
        let proxy = proxy.map(Proxy::shown);
        Self { http, proxy, base, mode, limiter, limits, ahead: AtomicI64::new(0), stop: Arc::default() }
    }

    /// Where it leads.
    pub(super) fn base(&self) -> &ApiBase {
        &self.base
    }

    /// The connections themselves, for what carries no key.
    pub(super) fn http(&self) -> &Client<HttpsConnector<Road>, Full<Bytes>> {
        &self.http
    }

    /// The flag that ends everything: nothing new is started, what is in flight gets its grace.
    pub(super) fn stop(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    /// Whether the operator stopped.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sends one request, and again where that is safe and may help. `hold` keeps a request from
    /// being started for the first time.
    pub(super) async fn call(&self, call: &Call, key: &Secret, hold: &AtomicBool) -> Result<Answer, Trouble> {
        self.base.admit(key, self.mode).map_err(unsent)?;
        let url = self.url(call).map_err(unsent)?;
        let auth = bearer(key).map_err(unsent)?;
        let route = route(call.method, &call.path);
        let (mut tries, mut doubtful) = (0, false);
        // The clock starts with the first try: hundreds may wait for their turn before it.
        let mut end = None;
        loop {
            let turn = tokio::select! {
                turn = self.limiter.turn(&route) => turn,
                () = self.until_stopped() => None,
            };
            if self.stopped() || (tries == 0 && hold.load(Ordering::Relaxed)) {
                return Err(Trouble { problem: stopped(tries), sent: doubtful });
            }
            tries += 1;
            let end = *end.get_or_insert_with(|| Instant::now() + self.limits.total);
            let request = request(call, &url, auth.clone()).map_err(|problem| Trouble { problem, sent: doubtful })?;
            let outcome = self.once(request, &route, end).await;
            drop(turn);
            let (answer, why, wait) = match outcome {
                Try::Answer(answer) => return Ok(Answer { doubtful, ..answer }),
                Try::Again { answer, why, wait, may_have_happened } => {
                    doubtful |= may_have_happened;
                    (answer, why, wait)
                }
            };
            let pause = self.pause(tries, wait);
            let over = tries >= self.limits.tries || Instant::now() + pause >= end || self.stopped();
            if !over {
                tokio::select! {
                    () = sleep(pause) => continue,
                    () = self.until_stopped() => {}
                }
            }
            return match answer {
                Some(answer) => Ok(Answer { doubtful, ..answer }),
                None => Err(Trouble { problem: why.why(counted(tries)), sent: doubtful }),
            };
        }
    }

    async fn once(&self, request: hyper::Request<Full<Bytes>>, route: &str, end: Instant) -> Try {
        let exchange = async {
            crash_point("request.leaving");
            let (head, body) = self.http.request(request).await.map_err(|error| self.lost(&error))?.into_parts();
            crash_point("answer.unread");
            let body = Limited::new(body, LARGEST).collect().await;
            let body = body.map_err(|error| (unreachable(&error.to_string()), true))?.to_bytes();
            Ok::<_, (Problem, bool)>((head.status.as_u16(), head.headers, body))
        };
        let deadline = end.min(Instant::now() + self.limits.each);
        let outcome = tokio::select! {
            outcome = timeout_at(deadline, exchange) => outcome,
            () = self.until_grace_is_over() => {
                let why = unreachable("stopped while waiting for the answer");
                return Try::Again { answer: None, why, wait: None, may_have_happened: true };
            }
        };
        match outcome {
            Ok(Ok((status, headers, body))) => self.judge(status, &headers, &body, route),
            Ok(Err((why, may_have_happened))) => Try::Again { answer: None, why, wait: None, may_have_happened },
            Err(_) => {
                let why = unreachable("no answer within the time limit");
                Try::Again { answer: None, why, wait: None, may_have_happened: true }
            }
        }
    }

    /// What an answer is worth, and whether to ask again.
    fn judge(&self, status: u16, headers: &HeaderMap, body: &[u8], route: &str) -> Try {
        let wait = header(headers, "retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
        if let Some(ahead) = header(headers, "date").and_then(|date| clock::ahead(&date)) {
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        let request_id = header(headers, "request-id");
        let replayed = header(headers, "idempotent-replayed").is_some_and(|text| text == "true");
        if status == 429 {
            let account = header(headers, "stripe-rate-limited-reason").is_some_and(|why| why.starts_with("global"));
            self.limiter.slow_down(route, account, wait.unwrap_or(self.limits.pause).min(self.limits.longest));
        } else {
            self.limiter.went_well(route);
        }
        let ok = (200..300).contains(&status);
        let body: Option<Value> = serde_json::from_slice(body).ok();
        let body = body.map(super::answer::shown);
        let shaped = body.filter(|body| if ok { body.is_object() } else { body["error"].is_object() });
        let answer =
            shaped.map(|body| Answer { status, body, request_id: request_id.clone(), replayed, doubtful: false });
        // A saved error of Stripe's own comes back the same however often it is asked for.
        let final_word = ok || (replayed && status >= 500);
        let again = match (&answer, header(headers, "stripe-should-retry").as_deref()) {
            (Some(_), _) if final_word => false,
            (Some(_), Some("false")) => false,
            // What is not Stripe's is tried again: whatever stood in between may have gone.
            (Some(_), Some("true")) | (None, _) => true,
            (Some(_), _) => matches!(status, 409 | 424 | 429 | 500..),
        };
        match answer {
            Some(answer) if !again => Try::Answer(answer),
            answer => {
                let may_have_happened = !matches!(status, 409 | 429) || answer.is_none();
                Try::Again { answer, why: not_stripes(status).request(request_id), wait, may_have_happened }
            }
        }
    }

    /// Full jitter: anything from nothing to the try's longest pause, so that many who failed
    /// together do not come back together; never less than Stripe asks for.
    fn pause(&self, tries: u32, asked: Option<Duration>) -> Duration {
        let longest = (self.limits.pause * (1 << (tries - 1).min(10))).min(self.limits.longest);
        let roll = getrandom::u32().unwrap_or(u32::MAX);
        longest.mul_f64(f64::from(roll) / f64::from(u32::MAX)).max(asked.unwrap_or_default())
    }

    fn url(&self, call: &Call) -> Result<String, Problem> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.');
        let whole = call.path.starts_with("/v1/") && !call.path.ends_with('/');
        let odd = call.path.contains("..") || call.path.contains("//") || !call.path.bytes().all(plain);
        if !whole || odd {
            return Err(internal(format!("`{}` cannot be a path of Stripe's", call.path)));
        }
        let query = call.query.as_deref().filter(|query| !query.is_empty());
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}{}{query}", self.base.as_str(), call.path))
    }

    /// A failed exchange, and whether anything was sent: a connection that never stood carried nothing.
    pub(super) fn lost(&self, error: &hyper_util::client::legacy::Error) -> (Problem, bool) {
        let mut cause = error.source();
        let mut text = error.to_string();
        while let Some(inner) = cause {
            text = inner.to_string();
            cause = inner.source();
        }
        let problem = unreachable(&text);
        let problem = match &self.proxy {
            Some(proxy) => problem
                .why(format!("it goes through the proxy {proxy}, as HTTPS_PROXY says"))
                .fix("go without the proxy: NO_PROXY=api.stripe.com golive wizard"),
            None => problem,
        };
        (problem, !error.is_connect())
    }

    /// A moment of this computer's clock as Stripe's shows it: what Stripe is asked for by time, it looks
    /// up by its own.
    pub(super) fn at_stripe(&self, here: i64) -> i64 {
        here.saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Ends when the operator stops.
    pub(super) async fn until_stopped(&self) {
        while !self.stopped() {
            sleep(Duration::from_millis(25)).await;
        }
    }

    async fn until_grace_is_over(&self) {
        self.until_stopped().await;
        sleep_until(Instant::now() + self.limits.grace).await;
    }
}

fn request(call: &Call, url: &str, auth: HeaderValue) -> Result<hyper::Request<Full<Bytes>>, Problem> {
    let mut builder = hyper::Request::builder()
        .method(call.method)
        .uri(url)
        .header(AUTHORIZATION, auth)
        .header(USER_AGENT, concat!("golive/", env!("CARGO_PKG_VERSION")))
        .header("stripe-version", stripe_client_core::VERSION.as_str());
    if let Some(key) = &call.key {
        builder = builder.header("idempotency-key", key);
    }
    if call.body.is_some() {
        builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let body = Full::new(Bytes::from(call.body.clone().unwrap_or_default()));
    builder.body(body).map_err(|error| internal(format!("a request could not be put together: {error}")))
}

fn bearer(key: &Secret) -> Result<HeaderValue, Problem> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()));
    let mut auth = HeaderValue::from_str(&text).map_err(|_| {
        Problem::new(Code::KeyShape, format!("the key {} cannot be sent", key.masked()))
            .fix("copy the key again: https://dashboard.stripe.com/apikeys")
    })?;
    auth.set_sensitive(true);
    Ok(auth)
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|text| control::replaced(text).into_owned())
}

pub(super) fn unreachable(cause: &str) -> Problem {
    Problem::new(Code::Unreachable, "Stripe cannot be reached")
        .why(cause)
        .fix("run the same command again when the connection stands; Stripe's side is at https://status.stripe.com")
}

/// For an answer whose status is known and whose body cannot be Stripe's, or that came too often.
fn not_stripes(status: u16) -> Problem {
    if status >= 500 {
        return Problem::new(Code::StripeTrouble, format!("Stripe answered with HTTP {status}"))
            .fix("run the same command again when Stripe is well: https://status.stripe.com");
    }
    Problem::new(Code::Unreadable, format!("an answer with HTTP {status} cannot be Stripe's"))
        .why("a proxy, a firewall or a login page may stand in between")
        .fix("look at what answers: curl -i https://api.stripe.com/healthcheck")
}

/// For a request that the operator stopped.
pub(super) fn stopped(tries: u32) -> Problem {
    let when = if tries == 0 { "before it was sent" } else { "before it was tried again" };
    Problem::new(Code::Paused, format!("stopped {when}")).fix("go on where it stopped: golive wizard")
}

fn counted(tries: u32) -> String {
    if tries == 1 { "tried once".to_owned() } else { format!("tried {tries} times") }
}

fn unsent(problem: Problem) -> Trouble {
    Trouble { problem, sent: false }
}

pub(super) fn internal(message: String) -> Problem {
    Problem::new(Code::Internal, message).fix("report it with what is printed here: golive explain GL1299")
}

#[cfg(test)]
mod proxy_tests;
#[cfg(test)]
mod tests;
