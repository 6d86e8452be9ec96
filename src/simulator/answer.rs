//! What goes back to the client, before it is HTTP: the body and the facts behind the headers.

use super::json;
use super::refusal::Refusal;
use super::world::{Saved, Scope};
use serde_json::Value;

/// What goes back; `wire` adds the headers that never change.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub request_id: String,
    pub version: String,
    /// The first request under this key, when the answer is a replay or is kept.
    pub original: Option<String>,
    pub replayed: bool,
    pub idempotency_key: Option<String>,
    pub should_retry: Option<bool>,
    /// `Stripe-Rate-Limited-Reason`.
    pub limited: Option<&'static str>,
    /// Events to deliver, now that they are kept.
    pub events: Vec<(Scope, String)>,
}

/// An answer without any of the headers that depend on how it came about.
pub fn blank(status: u16, body: String, request_id: &str, version: &str) -> Answer {
    Answer {
        status,
        body,
        request_id: request_id.to_owned(),
        version: version.to_owned(),
        original: None,
        replayed: false,
        idempotency_key: None,
        should_retry: None,
        limited: None,
        events: Vec::new(),
    }
}

/// A refusal as an answer.
pub fn refuse(refusal: &Refusal, request_id: &str, version: &str, log_url: &str) -> Answer {
    let body = json::pretty(&refusal.body(log_url)) + "\n";
    let mut answer = blank(refusal.status, body, request_id, version);
    answer.limited = (refusal.code == Some("rate_limit")).then_some("global-rate");
    answer
}

/// The saved answer once more, under a request id of its own.
pub fn replay(saved: &Saved, request_id: &str, version: &str) -> Answer {
    let mut answer = blank(saved.status, saved.body.clone(), request_id, version);
    answer.original = Some(saved.request_id.clone());
    answer.replayed = true;
    answer.idempotency_key = Some(saved.key.clone());
    answer.should_retry = Some(false);
    answer
}

/// 409 and a server error that is not kept are worth another try; nothing is said about reads, nor
/// about limits, where clients decide for themselves.
pub fn retry_hint(post: bool, status: u16, kept: bool) -> Option<bool> {
    match status {
        429 => None,
        409 => Some(true),
        500.. => Some(!kept),
        _ => post.then_some(false),
    }
}

/// Fields and paths of the pages that the simulator serves itself.
const PAGES: &[(&str, &str)] =
    &[("url", "/c/pay/"), ("url", super::kinds::payment_link::PAGE), ("receipt_url", "/receipts/")];

/// Puts this simulator's address before the path of a hosted page.
pub fn localize(value: &mut Value, base: &str) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                match inner {
                    Value::String(path) if PAGES.iter().any(|(field, at)| name == field && path.starts_with(at)) => {
                        *path = format!("{base}{path}");
                    }
                    inner => localize(inner, base),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localize(item, base)),
        _ => {}
    }
}
