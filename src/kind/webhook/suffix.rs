//! URLs that end in a UUID of their own, as dj-stripe has them: what counts as the same endpoint, and
//! how the UUID that is to be made is shown. It is made when the write is intended, and journaled.

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::normal;
use crate::step::{UUID_MARK, with_uuid};

/// The metadata that holds the UUID beside the URL.
pub(super) const MARK: &str = UUID_MARK;

/// What stands behind the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Suffix {
    /// A UUID, and perhaps a slash.
    Uuid,
}

/// The UUID at the end of an endpoint's URL, when the rest is this URL.
pub(super) fn uuid_in(found: &str, url: &str) -> Option<Uuid> {
    let (found, url) = (normal(found), normal(url));
    let rest = found.strip_prefix(url.trim_end_matches('/'))?.strip_prefix('/')?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    // A UUID can be written in other ways; nobody puts those into a path.
    Uuid::try_parse(rest).ok().filter(|_| rest.len() == 36)
}

/// The URL as it is shown before the UUID is made.
pub(super) fn shown(url: &str) -> String {
    with_uuid(url, "(a new UUID)")
}

#[cfg(test)]
mod tests {
    use super::{shown, uuid_in};

    const ID: &str = "3f2b8f9e-6a4c-4c55-9d5e-0a1b2c3d4e5f";

    #[test]
    fn a_url_with_a_uuid_behind_it_is_the_same_endpoint() {
        for url in ["https://shop.example/stripe/webhook/", "https://shop.example/stripe/webhook"] {
            for end in ["", "/"] {
                let found = format!("https://Shop.example:443/stripe/webhook/{ID}{end}");
                assert_eq!(uuid_in(&found, url).unwrap().to_string(), ID);
            }
        }
    }

    #[test]
    fn what_has_no_uuid_or_another_path_is_another_endpoint() {
        let url = "https://shop.example/stripe/webhook/";
        for found in [
            "https://shop.example/stripe/webhook/".to_owned(),
            "https://shop.example/stripe/webhook/abc/".to_owned(),
            format!("https://shop.example/stripe/webhook{ID}/"),
            format!("https://shop.example/stripe/webhook/{ID}/x"),
            format!("https://shop.example/stripe/webhook/{}", ID.replace('-', "")),
            format!("https://other.example/stripe/webhook/{ID}/"),
        ] {
            assert_eq!(uuid_in(&found, url), None, "{found}");
        }
    }

    #[test]
    fn a_url_keeps_its_slash_at_the_end() {
        assert_eq!(shown("https://shop.example/hook/"), "https://shop.example/hook/(a new UUID)/");
        assert_eq!(shown("https://shop.example/hook"), "https://shop.example/hook/(a new UUID)");
    }
}
