//! Secrets, and the scrubber that is the last line of defence over everything golive prints.
//!
//! A [`Secret`] has no `Debug`, `Display`, `Serialize` or `Clone`. Everything that is journaled or
//! shown must serialize, so it cannot hold one:
//!
//! ```compile_fail
//! let secret = golive::secret::Secret::new("whsec_1");
//! println!("{secret}");
//! ```
//! ```compile_fail
//! let secret = golive::secret::Secret::new("whsec_1");
//! println!("{secret:?}");
//! ```
//! ```compile_fail
//! let secret = golive::secret::Secret::new("whsec_1");
//! let copy = secret.clone();
//! let both = (secret, copy);
//! ```
//! ```compile_fail
//! let secret = golive::secret::Secret::new("whsec_1");
//! serde_json::to_string(&secret);
//! ```
//!
//! [`Secret::expose`] is called in four files (the Stripe transport, the env file, the webhook
//! signer, and `world::lend` for the operator's own hosts and commands); a test counts them.

mod json;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use json::NoObject;

/// What the scrubber leaves in place of a secret. Tests search for it: it must never appear.
pub const SCRUBBED: &str = "[secret removed]";

/// A value that must never be printed, journaled or copied. Wiped from memory when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret in, and tells the scrubber about it.
    pub fn new(value: impl Into<String>) -> Self {
        let value = Zeroizing::new(value.into());
        Scrubber::learn(&value);
        Self(value)
    }

    /// Takes a value in without telling the scrubber: for what is read together with secrets and
    /// is most likely none, such as the other variables of an env file.
    pub fn unlisted(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// Where the value leads, when it is a URL: scheme, host and port. The login in it stays here.
    pub fn address(&self) -> Option<(String, String, Option<u16>)> {
        let (scheme, rest) = self.0.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        // An `@` further on: what looked like the end may stand inside a password.
        if rest[authority.len()..].contains('@') {
            return None;
        }
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        // Several servers are tried in turn by who uses them: the first is the one that counts.
        let place = place.split(',').next()?;
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let port = port.filter(|port| !port.is_empty()).map(str::parse).transpose().ok()?;
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let whole = !host.is_empty() && host.chars().all(named);
        whole.then(|| (scheme.to_ascii_lowercase(), host.to_owned(), port))
    }

    /// The bare value. Only for putting it where it belongs: a request header, the env file, a MAC.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Prefix and last four characters, as Stripe's Dashboard shows keys: `sk_live_…x7Qd`.
    /// Secrets without a known prefix show nothing but their length.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }

    /// The first 12 hex digits of the SHA-256: enough to notice a different secret on resume.
    pub fn fingerprint(&self) -> String {
        let mut digest = hex::encode(Sha256::digest(self.0.as_bytes()));
        digest.truncate(12);
        digest
    }

    /// Compares in constant time.
    pub fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// Whether two secrets are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        self.is(&other.0)
    }

    /// Whether it begins with a (public) prefix.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }

    /// Whether a pattern is found in it.
    pub fn matches(&self, pattern: &Regex) -> bool {
        pattern.is_match(&self.0)
    }

    /// Length in characters.
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shortens a value that may be secret for display.
pub fn mask(value: &str) -> String {
    const PREFIXES: [&str; 8] =
        ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "whsec_", "sk_org_"];
    let prefix = PREFIXES.iter().find(|prefix| value.starts_with(**prefix));
    let count = value.chars().count();
    match prefix {
        Some(prefix) if count >= prefix.len() + 12 => {
            let tail: String = value.chars().skip(count - 4).collect();
            format!("{prefix}…{tail}")
        }
        Some(prefix) => format!("{prefix}…"),
        None => format!("{count} characters, hidden"),
    }
}

/// Which secret of a run is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The secret (or restricted) key golive works with.
    SecretKey,
    /// The publishable key.
    PublishableKey,
    /// The value of a variable of the env file.
    Env(String),
}

/// The secrets of a run, by slot. Values are shared, never copied.
#[derive(Default)]
pub struct Vault(BTreeMap<Slot, Arc<Secret>>);

impl Vault {
    /// Puts a secret in, replacing the slot's former one.
    pub fn put(&mut self, slot: Slot, secret: Secret) -> Arc<Secret> {
        let secret = Arc::new(secret);
        self.0.insert(slot, Arc::clone(&secret));
        secret
    }

    /// Puts a secret in that is in use elsewhere as well.
    pub fn put_shared(&mut self, slot: Slot, secret: Arc<Secret>) {
        self.0.insert(slot, secret);
    }

    /// The secret of a slot.
    pub fn get(&self, slot: &Slot) -> Option<Arc<Secret>> {
        self.0.get(slot).map(Arc::clone)
    }

    /// Forgets a slot.
    pub fn take(&mut self, slot: &Slot) {
        self.0.remove(slot);
    }
}

static KNOWN: Mutex<Vec<Zeroizing<String>>> = Mutex::new(Vec::new());
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:[sr]k_(?:live|test|org)_[A-Za-z0-9_]{12,}|rkcs_[A-Za-z0-9_]{12,}|whsec_[A-Za-z0-9+/=]{16,})")
        .unwrap()
});

/// Replaces every secret golive has seen, and everything shaped like one, in what it prints.
pub struct Scrubber;

impl Scrubber {
    fn learn(value: &str) {
        // Short values would turn ordinary words into holes.
        if value.len() < 8 {
            return;
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|seen| seen.as_str() == value) {
            known.push(Zeroizing::new(value.to_owned()));
        }
    }

    /// For golive's own output, which should never need it: leaves [`SCRUBBED`] in place.
    pub fn scrub(text: &str) -> Cow<'_, str> {
        Self::replace(text, |_| SCRUBBED.to_owned())
    }

    /// For the output of other programs, where a secret is no fault of golive's: leaves the masked
    /// form in place.
    pub fn mask_in(text: &str) -> Cow<'_, str> {
        Self::replace(text, mask)
    }

    fn replace(text: &str, with: impl Fn(&str) -> String) -> Cow<'_, str> {
        let mut out = Cow::Borrowed(text);
        for secret in KNOWN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if out.contains(secret.as_str()) {
                out = Cow::Owned(out.replace(secret.as_str(), &with(secret)));
            }
        }
        // Every shape has one; most texts have none, and a flood of output must not take for ever.
        if out.contains('_') && SHAPES.is_match(&out) {
            let clean = SHAPES.replace_all(&out, |found: &regex::Captures<'_>| with(&found[0]));
            out = Cow::Owned(clean.into_owned());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Scrubber, Secret, mask};

    #[test]
    fn a_key_shows_its_prefix_and_last_four() {
        let key = Secret::new(format!("sk_live_51{}x7Qd", "A".repeat(30)));
        assert_eq!(key.masked(), "sk_live_…x7Qd");
    }

    #[test]
    fn a_short_or_unknown_secret_shows_no_character_of_itself() {
        assert_eq!(mask("sk_live_abc"), "sk_live_…");
        assert_eq!(mask("hunter2hunter2"), "14 characters, hidden");
    }

    #[test]
    fn where_a_url_leads_is_told_without_its_login() {
        let address = |text: &str| Secret::unlisted(text).address();
        let postgres = address("postgresql+psycopg2://me:p@ss/w@db.example:5433/app?x=y");
        assert_eq!(postgres, None, "a slash in a password ends the authority, and half a password is no host");
        let postgres = address("postgresql+psycopg2://me:p%40ss@db.example:5433/app?x=y");
        assert_eq!(postgres, Some(("postgresql+psycopg2".into(), "db.example".into(), Some(5433))));
        assert_eq!(address("redis://:secret@[::1]/0"), Some(("redis".into(), "::1".into(), None)));
        assert_eq!(address("redis://one:1,two:2/0"), Some(("redis".into(), "one".into(), Some(1))));
        for none in ["sqlite:///customers.db", "app.db", "postgres://me:pass", "redis://h:x/", "p://a b/"] {
            assert_eq!(address(none), None, "{none}");
        }
    }

    #[test]
    fn the_scrubber_removes_known_secrets_and_shapes() {
        let _secret = Secret::new("correct horse battery");
        assert_eq!(Scrubber::scrub("a correct horse battery b"), "a [secret removed] b");
        let shaped = format!("key rk_live_{}!", "z".repeat(20));
        assert_eq!(Scrubber::scrub(&shaped), "key [secret removed]!");
        assert_eq!(Scrubber::mask_in(&shaped), "key rk_live_…zzzz!");
        assert_eq!(Scrubber::scrub("sk_live_…x7Qd is fine"), "sk_live_…x7Qd is fine");
    }
}
