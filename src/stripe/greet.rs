//! Whether Stripe answers at all, how fast, and what time it has: one request that carries no key.
//! Called by `golive doctor`, before there is a run.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::{Instant, timeout};

use super::StripeApi;
use super::transport::{header, internal, unreachable};
use crate::error::Problem;

/// How long an answer may take: long enough for a slow line, short enough to wait for.
const LIMIT: Duration = Duration::from_secs(10);
/// More than any answer to a request without a key.
const LARGEST: usize = 64 << 10;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Who was asked, without the scheme: `api.stripe.com`.
    pub host: String,
    /// Whether it is the real Stripe.
    pub is_stripe: bool,
    /// From the first byte to the last, connecting included.
    pub millis: u64,
    /// How far this computer's clock is ahead of the answer's `Date` (RFC 9110, whole seconds);
    /// negative when it is behind. `None` when the answer has none.
    pub clock_ahead: Option<i64>,
}

impl StripeApi {
    /// Asks once. Any answer will do: what it says is not looked at.
    pub fn greet(&self) -> Result<Greeting, Problem> {
        self.handle.block_on(self.greeting())
    }

    async fn greeting(&self) -> Result<Greeting, Problem> {
        let base = self.transport.base();
        let request = hyper::Request::get(format!("{}/healthcheck", base.as_str()))
            .body(Full::new(Bytes::new()))
            .map_err(|error| internal(format!("a request could not be put together: {error}")))?;
        let began = Instant::now();
        let exchange = async {
            let answer = self.transport.http().request(request).await.map_err(|error| self.transport.lost(&error).0)?;
            let date = header(answer.headers(), "date");
            let whole = Limited::new(answer.into_body(), LARGEST).collect().await;
            whole.map_err(|error| unreachable(&error.to_string()))?;
            Ok::<_, Problem>(date)
        };
        let date = timeout(LIMIT, exchange).await.map_err(|_| unreachable("no answer within 10 seconds"))??;
        let took = began.elapsed();
        let theirs = date.and_then(|date| rfc2822::parse(&date).ok()).map(|zoned| zoned.timestamp().as_second());
        // Their clock was read about half way.
        let ours = (Timestamp::now() - took / 2).as_second();
        let host = base.as_str().split_once("://").map_or(base.as_str(), |(_, host)| host);
        Ok(Greeting {
            host: host.to_owned(),
            is_stripe: base.is_stripe(),
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            clock_ahead: theirs.map(|theirs| ours - theirs),
        })
    }
}
