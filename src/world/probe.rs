//! Three events to the operator's own webhook handler, the way Stripe sends them: unsigned, signed
//! with a secret that is nobody's, signed with the endpoint's. The event's type is one that no
//! handler knows, so that a right handler answers 2xx and does nothing.

use bytes::Bytes;
use hyper::Method;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use rustls_pki_types::UnixTime;

use super::http::{Answer, Exchange, parse_url};
use super::{Net, sign};
use crate::error::{Code, Problem};
use crate::secret::Secret;
use crate::step::{ProbeSight, ProbeTry};

const SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");
/// How much of an answer's body is kept: enough to know a login page by.
const BEGINNING: usize = 4 * 1024;

/// What the events say of themselves.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    pub(super) livemode: bool,
    pub(super) api_version: Option<&'a str>,
}

impl Net {
    /// One after another, so that a handler's log can be read; the first that gets no answer ends it.
    pub(super) async fn probe(
        &self,
        url: &str,
        event: Event<'_>,
        secret: Option<&Secret>,
    ) -> Result<ProbeSight, Problem> {
        let url = parse_url(url)?;
        let now = UnixTime::now().as_secs();
        let unsigned = self.deliver(&url, body(event, now)?, None).await?;
        let wrong = body(event, now)?;
        let signature = sign::foreign_signature(now, wrong.as_bytes()).map_err(|_| no_randomness())?;
        let wrongly_signed = self.deliver(&url, wrong, Some(signature)).await?;
        let rightly_signed = match secret {
            None => None,
            Some(secret) => {
                // Freshly stamped: the first two may have taken long, and handlers allow 300 s.
                let now = UnixTime::now().as_secs();
                let right = body(event, now)?;
                let signature = sign::signature(secret, now, right.as_bytes());
                Some(self.deliver(&url, right, Some(signature)).await?)
            }
        };
        Ok(ProbeSight { unsigned, wrongly_signed, rightly_signed })
    }

    async fn deliver(&self, url: &hyper::Uri, body: String, signature: Option<String>) -> Result<ProbeTry, Problem> {
        let mut headers = vec![
            (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (USER_AGENT, HeaderValue::from_static(concat!("golive/", env!("CARGO_PKG_VERSION"), " (webhook probe)"))),
        ];
        if let Some(signature) = signature.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.push((SIGNATURE, signature));
        }
        let exchange = Exchange { method: Method::POST, url: url.clone(), headers, body: Bytes::from(body) };
        self.send(&exchange).await.map(into_try)
    }
}

fn into_try(mut answer: Answer) -> ProbeTry {
    let end = (0..=BEGINNING.min(answer.body.len())).rev().find(|at| answer.body.is_char_boundary(*at));
    answer.body.truncate(end.unwrap_or(0));
    ProbeTry {
        status: answer.status,
        location: answer.headers.remove("location"),
        content_type: answer.headers.remove("content-type"),
        body: answer.body,
        millis: answer.millis,
    }
}

fn no_randomness() -> Problem {
    Problem::new(Code::Internal, "this computer gives no random numbers")
}

/// Indented as Stripe's own deliveries are, so that a handler which parses and rewrites the body
/// before verifying it is caught.
fn body(event: Event<'_>, created: u64) -> Result<String, Problem> {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).map_err(|_| no_randomness())?;
    let id = hex::encode(random);
    let version = serde_json::Value::from(event.api_version);
    let livemode = event.livemode;
    Ok(format!(
        r#"{{
  "id": "evt_golive{id}",
  "object": "event",
  "api_version": {version},
  "created": {created},
  "data": {{
    "object": {{
      "id": "golive_{id}",
      "object": "golive.probe"
    }}
  }},
  "livemode": {livemode},
  "pending_webhooks": 1,
  "request": {{
    "id": null,
    "idempotency_key": null
  }},
  "type": "golive.probe"
}}"#
    ))
}

#[cfg(test)]
mod tests {
    use super::{Event, body};

    #[test]
    fn the_event_is_json_of_its_mode_and_version_and_never_the_same_twice() {
        let event = Event { livemode: true, api_version: Some("2026-01-28.clover") };
        let (one, two) = (body(event, 7).unwrap(), body(event, 7).unwrap());
        let parsed: serde_json::Value = serde_json::from_str(&one).unwrap();
        assert_eq!(parsed["livemode"], true);
        assert_eq!(parsed["api_version"], "2026-01-28.clover");
        assert_eq!(parsed["type"], "golive.probe");
        assert_eq!(parsed["created"], 7);
        assert_ne!(one, two);
        let unpinned = body(Event { livemode: false, api_version: None }, 7).unwrap();
        let parsed: serde_json::Value = serde_json::from_str(&unpinned).unwrap();
        assert!(parsed["api_version"].is_null());
        assert_eq!(parsed["livemode"], false);
    }
}
