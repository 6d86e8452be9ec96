//! Where Stripe is: `https://api.stripe.com`, or a simulator on this computer, and nowhere else.
//! A value of this type is the proof; the transport asserts it once more before every request.

use std::net::IpAddr;

use hyper::Uri;

use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::secret::Secret;

const STRIPE: &str = "https://api.stripe.com";

/// The address requests go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase(String);

impl Default for ApiBase {
    fn default() -> Self {
        Self(STRIPE.to_owned())
    }
}

impl ApiBase {
    /// Stripe's own address, or another one that `GOLIVE_API_BASE` names, which must be a loopback
    /// address: `http://127.0.0.1:8430`, `http://[::1]:8430`, `http://localhost:8430`.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        let bare = text.trim_end_matches('/');
        if bare == STRIPE {
            return Ok(Self::default());
        }
        let refused = || {
            let problem = Problem::new(Code::ApiBase, format!("`{text}` is not a loopback address"))
                .why("a live key can never be pointed at another host than Stripe's")
                .found_wanted(text, "http://127.0.0.1:PORT")
                .fix("start the simulator and use the address it prints: golive sandbox");
            Failure::new(Class::Refused, problem)
        };
        // What some readers take for the end of the host, and others do not.
        if bare.contains(['#', '?', '\\', '@']) {
            return Err(refused());
        }
        let uri: Uri = bare.parse().map_err(|_| refused())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(refused()) };
        let plain = matches!(scheme, "http" | "https") && uri.path_and_query().is_none_or(|rest| rest == "/");
        if !plain {
            return Err(refused());
        }
        let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = loopback(authority.host()).ok_or_else(refused)?;
        Ok(Self(format!("{scheme}://{host}{port}")))
    }

    /// Whether this is the real Stripe.
    pub fn is_stripe(&self) -> bool {
        self.0 == STRIPE
    }

    /// The address, without a slash at its end.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What must hold before a key goes anywhere: a live key goes to Stripe or to this computer, a
    /// key's mode is the run's, and a rehearsal never leaves this computer.
    pub(super) fn admit(&self, key: &Secret, mode: Mode) -> Result<(), Problem> {
        let here = self.0.parse::<Uri>().ok().and_then(|uri| loopback(uri.host()?)).is_some();
        if !here && !self.is_stripe() {
            return Err(Problem::new(Code::ApiBase, "a key would have gone to another host than Stripe's")
                .fix("take the variable out of the environment: unset GOLIVE_API_BASE"));
        }
        if mode == Mode::Rehearse && !here {
            return Err(Problem::new(Code::Internal, "a rehearsal would have reached the real Stripe")
                .fix("report it with what is printed here: golive explain GL1299"));
        }
        let other = if mode.livemode() { "test" } else { "live" };
        let found = ["sk", "rk", "pk"].map(|role| format!("{role}_{other}_"));
        if let Some(found) = found.into_iter().find(|prefix| key.has_prefix(prefix)) {
            let wanted = format!("{}_{}_", &found[..2], mode.key_infix());
            return Err(Problem::new(Code::KeyWrongMode, format!("a {other} key, and the run is in {mode} mode"))
                .why(format!("the key is {}; nothing was sent", key.masked()))
                .found_wanted(found, wanted)
                .fix("give the key of the other mode: golive wizard"));
        }
        Ok(())
    }
}

/// The host as it is connected to, if it is this computer. `localhost` is a name that a resolver
/// could send elsewhere, so it becomes the address it stands for.
fn loopback(host: &str) -> Option<String> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some("127.0.0.1".to_owned());
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = bare.parse().ok()?;
    address.is_loopback().then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::ApiBase;
    use crate::error::{Class, Code};
    use crate::mode::Mode;
    use crate::secret::Secret;

    #[test]
    fn stripe_is_where_nothing_else_is_said() {
        for text in [None, Some(""), Some("https://api.stripe.com"), Some("https://api.stripe.com/")] {
            assert!(ApiBase::parse(text).unwrap().is_stripe(), "{text:?}");
        }
    }

    #[test]
    fn loopback_addresses_are_taken() {
        let cases = [
            ("http://127.0.0.1:8430", "http://127.0.0.1:8430"),
            ("http://127.9.9.9:1/", "http://127.9.9.9:1"),
            ("http://[::1]:8430", "http://[::1]:8430"),
            ("http://LOCALHOST:8430", "http://127.0.0.1:8430"),
            ("https://localhost", "https://127.0.0.1"),
        ];
        for (text, address) in cases {
            assert_eq!(ApiBase::parse(Some(text)).unwrap().as_str(), address);
        }
    }

    #[test]
    fn every_other_address_is_refused() {
        let cases = [
            "http://api.stripe.com",
            "https://api.stripe.com.evil.test",
            "https://api.stripe.com:444",
            "http://127.0.0.1.evil.test",
            "http://localhost.evil.test",
            "http://127.0.0.1@evil.test",
            "http://sk@127.0.0.1",
            "http://10.0.0.1",
            "http://0.0.0.0:1",
            "http://[::2]:1",
            "http://127.0.0.1:1/path",
            "http://127.0.0.1:1#@evil.test",
            "http://evil.test#@127.0.0.1",
            "http://evil.test\\@127.0.0.1",
            "http://127.0.0.1:1?x",
            "http://2130706433:1",
            "http://0x7f000001:1",
            "http://127.1:1",
            "http://[::ffff:127.0.0.1]:1",
            "http://[64:ff9b::7f00:1]:1",
            "ftp://127.0.0.1",
            "127.0.0.1:8430",
            "nonsense",
        ];
        for text in cases {
            let failure = ApiBase::parse(Some(text)).expect_err(text);
            assert_eq!((failure.class, failure.problem.code), (Class::Refused, Code::ApiBase), "{text}");
        }
    }

    #[test]
    fn a_key_goes_nowhere_it_must_not_go() {
        let live = Secret::new("sk_live_aaaabbbbccccdddd");
        let test = Secret::new("rk_test_aaaabbbbccccdddd");
        let elsewhere = ApiBase("https://evil.test".to_owned());
        assert_eq!(elsewhere.admit(&live, Mode::Live).unwrap_err().code, Code::ApiBase);
        let stripe = ApiBase::default();
        assert!(stripe.admit(&live, Mode::Live).is_ok());
        assert!(stripe.admit(&test, Mode::Test).is_ok());
        assert_eq!(stripe.admit(&live, Mode::Rehearse).unwrap_err().code, Code::Internal);
        assert_eq!(stripe.admit(&live, Mode::Test).unwrap_err().code, Code::KeyWrongMode);
        let wrong = stripe.admit(&test, Mode::Live).unwrap_err();
        assert_eq!((wrong.found.as_deref(), wrong.wanted.as_deref()), (Some("rk_test_"), Some("rk_live_")));
        assert!(ApiBase::parse(Some("http://127.0.0.1:1")).unwrap().admit(&live, Mode::Rehearse).is_ok());
    }
}
