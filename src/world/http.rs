//! One HTTP request to the operator's own host, as Stripe or a customer would send it: redirects
//! are not followed, the answer is capped in time and size, and secrets in it are masked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::header::{ACCEPT, AUTHORIZATION, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use super::resolve::timed_out;
use super::tls::{no_tls, server_name};
use super::{Net, lend};
use crate::control;
use crate::error::{Code, Problem};
use crate::secret::{Scrubber, Slot, Vault};
use crate::step::{HttpAsk, HttpSight};

/// How much of a body is read.
const BODY: usize = 256 * 1024;
/// What is read beyond, so that a secret across the end is seen whole before it is cut off.
const MARGIN: usize = 1024;
/// How many requests of a burst are on their way at once.
const ABREAST: u32 = 4;

/// A request that is ready to go, any number of times.
pub(super) struct Exchange {
    pub(super) method: Method,
    pub(super) url: Uri,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
    pub(super) millis: u64,
}

impl Net {
    /// Sends what is asked, once or in a burst that ends at the first 429.
    pub(super) async fn page(&self, ask: &HttpAsk, vault: &Vault) -> Result<HttpSight, Problem> {
        let mut exchange = Exchange::from_ask(ask)?;
        if let Some(slot) = &ask.bearer {
            exchange.headers.push((AUTHORIZATION, token(slot, vault)?));
        }
        let of = ask.burst.max(1);
        let mut sent = 0;
        loop {
            let wave = ABREAST.min(of - sent);
            let answers = join_all((0..wave).map(|_| self.send(&exchange))).await;
            sent += wave;
            let mut last = None;
            for answer in answers {
                let answer = answer?;
                if of > 1 && answer.status == 429 {
                    return Ok(answer.into_sight(sent));
                }
                last = Some(answer);
            }
            if let Some(answer) = last.filter(|_| sent >= of) {
                return Ok(answer.into_sight(sent));
            }
        }
    }

    /// Sends a request once.
    pub(super) async fn send(&self, exchange: &Exchange) -> Result<Answer, Problem> {
        let (host, port) = exchange.place()?;
        let answer = tokio::time::timeout(self.limit, self.exchange(exchange, host, port)).await;
        answer.unwrap_or_else(|_| Err(timed_out(host, port, self.limit.as_secs())))
    }

    async fn exchange(&self, exchange: &Exchange, host: &str, port: u16) -> Result<Answer, Problem> {
        let begun = Instant::now();
        let stream = self.resolver.connect(host, port).await?;
        if exchange.url.scheme_str() != Some("https") {
            return talk(stream, exchange, host, begun).await;
        }
        let connector = TlsConnector::from(Arc::clone(&self.trust.client));
        match connector.connect(server_name(host)?, stream).await {
            Ok(stream) => talk(stream, exchange, host, begun).await,
            Err(error) => Err(self.why_no_tls(host, port, &error).await),
        }
    }

    /// A refused certificate is looked at again without sending anything, to say what ails it.
    pub(super) async fn why_no_tls(&self, host: &str, port: u16, error: &std::io::Error) -> Problem {
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(_)) = cause
            && let Ok(seen) = Box::pin(self.certificate(host, port)).await
            && let Some(problem) = seen.problem
        {
            return problem;
        }
        no_tls(host, port, &error.to_string())
    }
}

impl Exchange {
    fn from_ask(ask: &HttpAsk) -> Result<Self, Problem> {
        let wrong =
            |what: String| Problem::new(Code::BadValue, what).fix("correct it, then: golive checklist validate");
        let method = Method::from_bytes(ask.method.as_bytes())
            .map_err(|_| wrong(format!("`{}` is not an HTTP method", ask.method)))?;
        let mut headers = Vec::new();
        for (name, value) in &ask.headers {
            let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
            let (Ok(name), Ok(value)) = pair else {
                return Err(wrong(format!("`{name}` is not a header that can be sent")));
            };
            headers.push((name, value));
        }
        let body = Bytes::from(ask.body.clone().unwrap_or_default());
        Ok(Self { method, url: parse_url(&ask.url)?, headers, body })
    }

    fn place(&self) -> Result<(&str, u16), Problem> {
        let default = if self.url.scheme_str() == Some("https") { 443 } else { 80 };
        let host = self.url.host().ok_or_else(|| not_a_url(&self.url.to_string()))?;
        Ok((host.trim_matches(['[', ']']), self.url.port_u16().unwrap_or(default)))
    }

    fn to_request(&self) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let path = self.url.path_and_query().map_or("/", |path| path.as_str());
        let port = self.url.port().map_or_else(String::new, |port| format!(":{port}"));
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(path)
            .header(HOST, format!("{}{port}", self.url.host().unwrap_or_default()))
            .header(USER_AGENT, concat!("golive/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "*/*")
            .body(Full::new(self.body.clone()))?;
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }
}

/// The header's value, which no `Debug` shows.
fn token(slot: &Slot, vault: &Vault) -> Result<HeaderValue, Problem> {
    let Slot::Env(name) = slot else { return Err(Problem::new(Code::Internal, "a key is no token of a page")) };
    if vault.get(slot).is_some_and(|secret| lend::is_stripes(&secret)) {
        return Err(stripes_own(name));
    }
    let header = vault.get(slot).and_then(|secret| lend::bearer(&secret));
    header.ok_or_else(|| {
        Problem::new(Code::EnvValue, format!("{name} cannot be sent as a token"))
            .why("it must stand in the env file once, on one line, with a plain value")
            .fix(format!("write it again: {name}=…"))
    })
}

/// A key of Stripe's that a checklist would send elsewhere.
pub(super) fn stripes_own(name: &str) -> Problem {
    Problem::new(Code::EnvValue, format!("{name} holds a key of Stripe's, which goes to Stripe alone"))
        .why("nothing was sent")
        .fix("name the variable of your own application's token in the checklist, then: golive checklist validate")
}

impl Answer {
    fn into_sight(self, sent: u32) -> HttpSight {
        HttpSight { status: self.status, headers: self.headers, body: self.body, millis: self.millis, sent }
    }
}

/// An absolute `http` or `https` URL.
pub(super) fn parse_url(text: &str) -> Result<Uri, Problem> {
    let url: Uri = text.parse().map_err(|_| not_a_url(text))?;
    if url.host().is_none_or(str::is_empty) || !matches!(url.scheme_str(), Some("http" | "https")) {
        return Err(not_a_url(text));
    }
    Ok(url)
}

fn not_a_url(text: &str) -> Problem {
    Problem::new(Code::BadValue, format!("`{text}` is not a URL that can be asked"))
        .fix("write it with scheme and host, then: golive checklist validate")
}

async fn talk<S>(stream: S, exchange: &Exchange, host: &str, begun: Instant) -> Result<Answer, Problem>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |error: &dyn std::fmt::Display| {
        Problem::new(Code::HostUnreachable, format!("`{host}` closed the connection without an HTTP answer"))
            .why(error.to_string())
            .fix(format!("see what it says: curl -sv {}", exchange.url))
    };
    let request = exchange.to_request().map_err(|error| broken(&error))?;
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| broken(&error))?;
    // Ends by itself when the sender is dropped; what it reports has reached the sender by then.
    let driver = tokio::spawn(connection);
    let answer = match sender.send_request(request).await {
        Ok(response) => read(response, begun).await,
        Err(error) => Err(error),
    };
    driver.abort();
    answer.map_err(|error| broken(&error))
}

async fn read(mut response: Response<hyper::body::Incoming>, begun: Instant) -> Result<Answer, hyper::Error> {
    let mut body = Vec::new();
    while body.len() < BODY + MARGIN
        && let Some(frame) = response.frame().await
    {
        if let Some(data) = frame?.data_ref() {
            body.extend_from_slice(data);
        }
    }
    body.truncate(BODY + MARGIN);
    let mut text = shown(&body);
    shorten(&mut text, BODY);
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = shown(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(&value);
            })
            .or_insert(value);
    }
    Ok(Answer {
        status: response.status().as_u16(),
        headers,
        body: text,
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Text of a host that can be judged, stored and shown.
fn shown(bytes: &[u8]) -> String {
    control::replaced(&Scrubber::mask_in(&String::from_utf8_lossy(bytes))).into_owned()
}

/// Cuts a text to at most so many bytes, between two characters.
pub(super) fn shorten(text: &mut String, most: usize) {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.truncate(end.unwrap_or(0));
}
