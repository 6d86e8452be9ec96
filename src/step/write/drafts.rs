//! Drafts and patches of products, webhook endpoints and Checkout Sessions: what is sent,
//! named as Stripe names it, and what is journaled beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Given;

/// Height, length, width (inches) and weight (ounces) of a package, as decimal texts by Stripe's names.
pub type Dimensions = BTreeMap<String, String>;

/// A product to create. The id is ours, so that a lost answer can be settled by retrieving it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ProductDraft {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub images: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marketing_features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shippable: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub package_dimensions: Dimensions,
    pub metadata: BTreeMap<String, String>,
}

/// What changes on a product. `None` leaves a field; an empty text unsets it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct ProductPatch {
    pub active: Option<bool>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub images: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing_features: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shippable: Option<bool>,
    /// None at all unsets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_dimensions: Option<Dimensions>,
    /// An empty id: none is the default any more.
    pub default_price: Option<Given>,
    pub metadata: BTreeMap<String, String>,
}

/// A webhook endpoint to create. Its signing secret goes to the env file before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct WebhookDraft {
    pub url: String,
    pub enabled_events: Vec<String>,
    pub description: Option<String>,
    pub api_version: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes the signing secret. Not sent.
    pub secret_env: String,
    /// Whether a UUID is to be put behind the URL when the write is intended. Not sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wants_uuid: bool,
}

/// A URL with a UUID behind it; a slash at its end stays at the end.
pub fn with_uuid(url: &str, uuid: &str) -> String {
    let slash = if url.ends_with('/') { "/" } else { "" };
    format!("{}/{uuid}{slash}", url.trim_end_matches('/'))
}

impl WebhookDraft {
    /// Puts the UUID behind the URL, and beside it where dj-stripe looks for it.
    pub(super) fn freshen(&mut self, fresh: &dyn Fn() -> String) {
        if std::mem::take(&mut self.wants_uuid) {
            let uuid = fresh();
            self.url = with_uuid(&self.url, &uuid);
            self.metadata.insert(UUID_MARK.to_owned(), uuid);
        }
    }
}

impl WebhookPatch {
    /// The same for a URL that changes.
    pub(super) fn freshen(&mut self, fresh: &dyn Fn() -> String) {
        if std::mem::take(&mut self.wants_uuid) {
            let uuid = fresh();
            self.url = self.url.take().map(|url| with_uuid(&url, &uuid));
            self.metadata.insert(UUID_MARK.to_owned(), uuid);
        }
    }
}

/// The metadata from which dj-stripe reads an endpoint's UUID.
pub const UUID_MARK: &str = "djstripe_uuid";

/// The metadata with which a delivery is proved.
pub const PROOF_MARK: &str = "golive_proof";
/// Metadata that golive itself leaves on what it makes, and that says nothing about it.
pub const OWN_MARKS: [&str; 3] = ["golive", PROOF_MARK, UUID_MARK];

/// What changes on a webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct WebhookPatch {
    pub url: Option<String>,
    pub enabled_events: Option<Vec<String>>,
    pub description: Option<String>,
    pub disabled: Option<bool>,
    pub metadata: BTreeMap<String, String>,
    /// Whether a UUID is to be put behind the URL when the write is intended. Not sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wants_uuid: bool,
}

/// A Checkout Session that is opened only to prove that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct SessionDraft {
    /// `payment` or `subscription`.
    pub mode: String,
    /// Price ids, one of each.
    pub prices: Vec<String>,
    pub success_url: String,
    pub metadata: BTreeMap<String, String>,
}

impl SessionDraft {
    /// The session that this draft opened, among those of its time: the newest that is open and carries its
    /// marks, of which the price is one.
    pub(super) fn opened(&self, sessions: &[Value]) -> Option<String> {
        let marked = |session: &&Value| {
            let carries = |(key, value): (&String, &String)| session["metadata"][key].as_str() == Some(value.as_str());
            session["status"] == "open" && !self.metadata.is_empty() && self.metadata.iter().all(carries)
        };
        let newest = sessions.iter().filter(marked).max_by_key(|session| session["created"].as_i64());
        newest.and_then(|session| session["id"].as_str()).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SessionDraft;

    #[test]
    fn the_newest_open_session_with_all_its_marks_is_the_one_it_opened() {
        let mark = |item: &str, price: &str| json!({"golive": item, "golive_price": price});
        let session = |id: &str, status: &str, created: i64, metadata: serde_json::Value| json!({"id": id, "status": status, "created": created, "metadata": metadata});
        let draft = SessionDraft {
            metadata: [("golive".into(), "acme.checkout".into()), ("golive_price".into(), "price_1".into())].into(),
            ..SessionDraft::default()
        };
        let mine = mark("acme.checkout", "price_1");
        let all = [
            session("cs_expired", "expired", 9, mine.clone()),
            session("cs_other_price", "open", 8, mark("acme.checkout", "price_2")),
            session("cs_other_item", "open", 7, mark("acme.shop", "price_1")),
            session("cs_customers", "open", 6, json!({})),
            session("cs_older", "open", 2, mine.clone()),
            session("cs_newest", "open", 3, mine),
        ];
        assert_eq!(draft.opened(&all).as_deref(), Some("cs_newest"));
        assert_eq!(draft.opened(&all[..4]), None);
        assert_eq!(SessionDraft::default().opened(&all), None, "a draft without marks knows none");
    }
}
