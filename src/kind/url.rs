//! URLs in checklists: what makes one fit to be asked, and fit for Stripe to call.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::Uri;

use super::Complaint;
use super::text::{complaint, is_open};
use crate::error::{Code, Problem};
use crate::mode::Mode;

/// What is wrong with a URL that is to be asked; nothing while it holds references.
pub(super) fn url_complaint(path: &str, text: &str) -> Option<Complaint> {
    if is_open(text) {
        return None;
    }
    let message = wrong(text)?;
    Some(complaint(
        path,
        Code::BadValue,
        message,
        format!("write scheme, host and path: {path} = \"https://shop.example/path\""),
    ))
}

/// Whether a text is a URL that a checklist may hold.
pub fn is_url(text: &str) -> bool {
    wrong(text).is_none()
}

fn wrong(text: &str) -> Option<String> {
    let Ok(url) = text.parse::<Uri>() else {
        return Some(format!("`{text}` is not a URL"));
    };
    if !matches!(url.scheme_str(), Some("http" | "https")) {
        return Some(format!("`{text}` does not begin with `https://` or `http://`"));
    }
    if url.host().is_none_or(str::is_empty) {
        return Some(format!("`{text}` names no host"));
    }
    if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Some("a login does not belong in a URL".to_owned());
    }
    None
}

/// Whether Stripe could call this URL in a mode: scheme and host only, nothing is looked up.
/// Rules: docs.stripe.com/webhooks and the refusals of `POST /v1/webhook_endpoints`.
pub(super) fn uncallable(text: &str, mode: Mode) -> Option<Problem> {
    let live = mode == Mode::Live;
    unfit(text, live, live)
}

/// Whether Stripe would take this URL for an endpoint: a public host, in test mode as well.
pub(super) fn unregistrable(text: &str, mode: Mode) -> Option<Problem> {
    unfit(text, mode.livemode(), true)
}

fn unfit(text: &str, https: bool, public: bool) -> Option<Problem> {
    let problem = |message: String| Problem::new(Code::WebhookUrl, message);
    if let Some(message) = wrong(text) {
        return Some(problem(message).fix("correct the URL in the checklist, then: golive wizard"));
    }
    let url = text.parse::<Uri>().ok()?;
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    if https && url.scheme_str() != Some("https") {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let message = format!("in live mode Stripe calls https addresses only: {text}");
        return Some(problem(message).fix(format!("write https://{rest}")));
    }
    if public && is_local(&host) {
        let message = format!("Stripe cannot reach this address from the internet: {text}");
        return Some(problem(message).fix("use the public address of your application"));
    }
    None
}

/// Whether a URL leads to this computer, or into its own network.
pub(super) fn is_local_url(text: &str) -> bool {
    let url = text.parse::<Uri>().ok();
    let host = url.as_ref().and_then(|url| url.host()).unwrap_or_default();
    !host.is_empty() && is_local(&host.trim_matches(['[', ']']).to_ascii_lowercase())
}

/// Hosts that exist only on this computer or in its own network.
fn is_local(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => is_local_v4(ip),
        Ok(IpAddr::V6(ip)) => is_local_v6(ip),
        Err(_) => {
            !name.contains('.')
                || [".localhost", ".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| name.ends_with(end))
        }
    }
}

fn is_local_v4(ip: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is the carriers' own (RFC 6598), which the standard library does not name yet.
    let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xC0 == 64;
    ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast() || shared
}

fn is_local_v6(ip: Ipv6Addr) -> bool {
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        || ip.to_ipv4_mapped().is_some_and(is_local_v4)
}

/// A `Location` as an absolute URL (RFC 9110, 10.2.2), near enough for showing it.
pub(super) fn absolute(base: &str, location: &str) -> String {
    let Ok(url) = base.parse::<Uri>() else {
        return location.to_owned();
    };
    let scheme = url.scheme_str().unwrap_or("https");
    let authority = url.authority().map_or("", |authority| authority.as_str());
    if location.contains("://") {
        return location.to_owned();
    }
    if location.starts_with("//") {
        return format!("{scheme}:{location}");
    }
    if location.starts_with('/') {
        return format!("{scheme}://{authority}{location}");
    }
    let folder = url.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{location}")
}

#[cfg(test)]
mod tests {
    use super::{absolute, uncallable, unregistrable, url_complaint};
    use crate::mode::Mode;

    #[test]
    fn a_url_needs_scheme_and_host_and_no_login() {
        for bad in ["shop.example", "ftp://shop.example/", "https://", "https://me:pw@shop.example/", "https://a b/"] {
            assert!(url_complaint("url", bad).is_some(), "{bad}");
        }
        assert!(url_complaint("url", "http://127.0.0.1:8080/health").is_none());
        assert!(url_complaint("url", "https://${vars.host}/").is_none());
    }

    #[test]
    fn in_live_mode_stripe_calls_neither_http_nor_local_hosts() {
        for bad in [
            "http://shop.example/hook",
            "https://localhost/hook",
            "https://127.0.0.1/hook",
            "https://10.1.2.3/hook",
            "https://192.168.1.9/hook",
            "https://[::1]/hook",
            "https://[fd00::1]/hook",
            "https://shop.local/hook",
            "https://shop/hook",
            "https://100.64.0.1/hook",
            "https://169.254.1.1/hook",
            "https://[::ffff:10.0.0.1]/hook",
        ] {
            assert!(uncallable(bad, Mode::Live).is_some(), "{bad}");
        }
        assert_eq!(uncallable("https://shop.example/hook", Mode::Live), None);
        assert_eq!(uncallable("https://203.0.113.9/hook", Mode::Live), None);
        assert_eq!(uncallable("http://localhost:4242/hook", Mode::Test), None);
        assert!(uncallable("shop/hook", Mode::Test).is_some());
    }

    #[test]
    fn an_endpoint_is_registered_for_public_hosts_only_whatever_the_mode() {
        assert!(unregistrable("http://localhost:4242/hook", Mode::Test).is_some());
        assert!(unregistrable("https://10.1.2.3:8443/hook", Mode::Test).is_some());
        assert_eq!(unregistrable("http://shop.example/hook", Mode::Test), None);
        assert!(unregistrable("http://shop.example/hook", Mode::Live).is_some());
        assert_eq!(unregistrable("https://shop.example:8443/hook", Mode::Live), None);
    }

    #[test]
    fn a_location_is_shown_as_an_absolute_url() {
        let base = "https://shop.example/a/b?c=d";
        assert_eq!(absolute(base, "https://www.shop.example/x"), "https://www.shop.example/x");
        assert_eq!(absolute(base, "//www.shop.example/x"), "https://www.shop.example/x");
        assert_eq!(absolute(base, "/x"), "https://shop.example/x");
        assert_eq!(absolute(base, "x/"), "https://shop.example/a/x/");
    }
}
