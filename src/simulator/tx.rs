//! One request's view of the world: reads see its own writes, and nothing is written unless all is.
//!
//! Handlers work on a `Tx` and return the object to answer with; `call` turns its writes into one
//! `Entry`. Events are made here, so that no handler can forget who caused them.

use super::refusal::Refusal;
use super::world::{Scope, World, text};
use super::{Mode, ids};
use serde_json::{Map, Value, json};

/// The API version that the account is pinned to.
pub const ACCOUNT_VERSION: &str = "2026-08-26.dahlia";

pub struct Tx<'w> {
    pub world: &'w World,
    pub scope: Scope,
    /// Unix seconds.
    pub now: i64,
    /// The balance cannot give anything back.
    pub short: bool,
    /// Empty when no request did it.
    pub request_id: String,
    pub idempotency_key: Option<String>,
    pub put: Vec<Value>,
    /// Kind and id.
    pub delete: Vec<(String, String)>,
}

impl Tx<'_> {
    pub fn livemode(&self) -> bool {
        self.scope.mode == Mode::Live
    }

    pub fn get(&self, kind: &str, id: &str) -> Option<Value> {
        if self.delete.iter().any(|gone| gone.0 == kind && gone.1 == id) {
            return None;
        }
        let own = self.put.iter().rev().find(|v| text(v, "id") == Some(id) && text(v, "object") == Some(kind));
        own.or_else(|| self.world.store(&self.scope).get(kind, id)).cloned()
    }

    /// All of a kind, oldest first, with this request's changes.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        let mut all: Vec<Value> = self.world.store(&self.scope).all(kind).cloned().collect();
        for own in self.put.iter().filter(|v| text(v, "object") == Some(kind)) {
            match all.iter_mut().find(|v| v["id"] == own["id"]) {
                Some(slot) => *slot = own.clone(),
                None => all.push(own.clone()),
            }
        }
        all
    }

    /// The first of a kind that fits, with this request's changes; nothing else is copied.
    pub fn find(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let own = || self.put.iter().filter(|v| text(v, "object") == Some(kind));
        let changed = |value: &Value| own().any(|mine| mine["id"] == value["id"]);
        let mut kept = self.world.store(&self.scope).all(kind);
        let found = own().find(|v| fits(v));
        found.or_else(|| kept.find(|v| fits(v) && !changed(v))).cloned()
    }

    pub fn put(&mut self, value: Value) {
        self.put.push(value);
    }

    pub fn delete(&mut self, kind: &str, id: &str) {
        self.delete.push((kind.to_owned(), id.to_owned()));
    }

    /// An object of this mode, or Stripe's `resource_missing` with the hint at the other mode.
    pub fn need(&self, kind: &str, id: &str, param: &str, status: u16) -> Result<Value, Refusal> {
        self.get(kind, id).ok_or_else(|| self.missing(kind, id, param).status(status))
    }

    /// `No such price: 'x'`, with the hint when the other mode of this account has it.
    pub fn missing(&self, kind: &str, id: &str, param: &str) -> Refusal {
        let other = Scope { account: self.scope.account.clone(), mode: self.scope.mode.other() };
        let hint = if self.world.store(&other).get(kind, id).is_some() {
            format!(
                "; a similar object exists in {} mode, but a {} mode key was used to make this request.",
                other.mode.name(),
                self.scope.mode.name()
            )
        } else {
            String::new()
        };
        Refusal::failed(format!("No such {}: '{id}'{hint}", spoken(kind))).code("resource_missing").param(param)
    }

    /// Records an event for `object`; `previous` holds the old values of what an update changed.
    pub fn event(&mut self, kind: &str, object: &Value, previous: Option<Map<String, Value>>) {
        let mut object = object.clone();
        super::json::public(&mut object);
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data["previous_attributes"] = Value::Object(previous);
        }
        let waiting = self.subscribers(kind);
        let request = Some(&self.request_id).filter(|id| !id.is_empty());
        let event = json!({
            "id": ids::embedded("evt", &self.scope.account),
            "object": "event",
            "api_version": ACCOUNT_VERSION,
            "created": self.now,
            "data": data,
            "livemode": self.livemode(),
            "pending_webhooks": waiting.len(),
            "request": {"id": request, "idempotency_key": self.idempotency_key},
            "type": kind,
            "_pending": waiting,
        });
        self.put.push(event);
    }

    /// Enabled endpoints that asked for this type, by name or by `*`.
    fn subscribers(&self, kind: &str) -> Vec<String> {
        let wants = |endpoint: &Value| {
            let events = endpoint["enabled_events"].as_array();
            text(endpoint, "status") == Some("enabled")
                && events.is_some_and(|e| e.iter().any(|name| name == "*" || name == kind))
        };
        self.all("webhook_endpoint")
            .iter()
            .filter(|endpoint| wants(endpoint))
            .filter_map(|endpoint| text(endpoint, "id").map(str::to_owned))
            .collect()
    }

    /// Stores an update and its event, and says nothing when nothing changed, as Stripe does.
    pub fn update(&mut self, event: &str, old: &Value, new: &Value) {
        let mut previous = Map::new();
        if let (Some(old), Some(new)) = (old.as_object(), new.as_object()) {
            for (name, value) in old {
                if !name.starts_with('_') && new.get(name) != Some(value) {
                    previous.insert(name.clone(), changed(name, value, new.get(name)));
                }
            }
        }
        self.put(new.clone());
        if !previous.is_empty() && old != new {
            let mut previous = Value::Object(previous);
            super::json::public(&mut previous);
            self.event(event, new, previous.as_object().cloned());
        }
    }
}

/// Of metadata only the keys that changed are told, a new one as null.
fn changed(name: &str, old: &Value, new: Option<&Value>) -> Value {
    let (true, Some(before), Some(after)) = (name == "metadata", old.as_object(), new.and_then(Value::as_object))
    else {
        return old.clone();
    };
    let names = before.keys().chain(after.keys());
    let differing = names.filter(|k| before.get(*k) != after.get(*k));
    Value::Object(differing.map(|k| (k.clone(), before.get(k).cloned().unwrap_or(Value::Null))).collect())
}

/// How a kind is called in Stripe's messages.
pub fn spoken(kind: &str) -> &str {
    match kind {
        "billing.meter" => "meter",
        "entitlements.feature" => "feature",
        "payment_link" => "payment link",
        "promotion_code" => "promotion code",
        "shipping_rate" => "shipping rate",
        "tax_rate" => "tax rate",
        "webhook_endpoint" => "webhook endpoint",
        other => other,
    }
}

/// Merges metadata as sent: an empty value removes a key, an empty `metadata` removes all.
pub fn merge_metadata(object: &mut Value, sent: Option<&Value>) -> Result<(), Refusal> {
    let Some(sent) = sent else {
        return Ok(());
    };
    let Some(sent) = sent.as_object() else {
        object["metadata"] = json!({});
        return Ok(());
    };
    let mut merged = object["metadata"].as_object().cloned().unwrap_or_default();
    for (name, value) in sent {
        let Some(value) = value.as_str() else {
            merged.remove(name);
            continue;
        };
        check_pair(name, value)?;
        merged.insert(name.clone(), json!(value));
    }
    if merged.len() > 50 {
        let count = merged.len();
        return Err(
            Refusal::invalid(format!("Metadata can have up to 50 keys, but you've set {count}")).param("metadata")
        );
    }
    object["metadata"] = Value::Object(merged);
    Ok(())
}

/// Limits of docs/metadata: 40 characters for a key, 500 for a value.
fn check_pair(name: &str, value: &str) -> Result<(), Refusal> {
    let (key_length, length) = (name.chars().count(), value.chars().count());
    let message = if key_length > 40 {
        format!(
            "Metadata keys can have up to 40 characters, but you passed in a key that is {key_length} characters. Invalid key: {name}"
        )
    } else if length > 500 {
        format!(
            "Metadata values can have up to 500 characters, but you passed in a value that is {length} characters. Invalid value: {value}"
        )
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(message).param("metadata"))
}
