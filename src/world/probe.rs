//! Three events to the operator's own webhook handler, the way Stripe sends them: unsigned, signed
//! with a secret that is nobody's, signed with the endpoint's. The event's type is one that no
//! handler knows, so that a right handler answers 2xx and does nothing.

use bytes::Bytes;
use hyper::Method;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use rustls_pki_types::UnixTime;
use serde::Serialize as _;

use super::http::{Answer, Exchange, parse_url, shorten};
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
        let refused = rightly_signed.as_ref().is_some_and(|answer| (400..500).contains(&answer.status));
        let rewritten = match secret.filter(|_| refused) {
            None => None,
            Some(secret) => self.rewritten(&url, event, secret).await?,
        };
        Ok(ProbeSight { unsigned, wrongly_signed, rightly_signed, rewritten })
    }

    /// Rightly signed events that parsing and writing again does not change. The first that is
    /// taken, or the last that is not.
    async fn rewritten(
        &self,
        url: &hyper::Uri,
        event: Event<'_>,
        secret: &Secret,
    ) -> Result<Option<ProbeTry>, Problem> {
        let mut last = None;
        for spaces in [false, true] {
            let now = UnixTime::now().as_secs();
            let body = plain(&body(event, now)?, spaces);
            let signature = sign::signature(secret, now, body.as_bytes());
            let answer = self.deliver(url, body, Some(signature)).await?;
            let taken = (200..300).contains(&answer.status);
            last = Some(answer);
            if taken {
                break;
            }
        }
        Ok(last)
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
    shorten(&mut answer.body, BEGINNING);
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

/// The same event on one line: as `JSON.stringify` writes it, or with the spaces of Python's
/// `json.dumps`.
fn plain(body: &str, spaces: bool) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(body) else { return body.to_owned() };
    let mut out = Vec::with_capacity(body.len());
    let written = if spaces {
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Spaced))
    } else {
        value.serialize(&mut serde_json::Serializer::new(&mut out))
    };
    match written.ok().and_then(|()| String::from_utf8(out).ok()) {
        Some(text) => text,
        None => body.to_owned(),
    }
}

/// A space after each comma and colon.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> std::io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, body, plain};

    #[test]
    fn an_event_on_one_line_is_as_javascript_and_python_write_it() {
        let body = "{\n  \"a\": {\"b\": [1, null]},\n  \"c\": true\n}";
        assert_eq!(plain(body, false), r#"{"a":{"b":[1,null]},"c":true}"#);
        assert_eq!(plain(body, true), r#"{"a": {"b": [1, null]}, "c": true}"#);
    }

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
