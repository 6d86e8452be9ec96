//! The way to Stripe: straight, or through the proxy that `HTTPS_PROXY` names.
//!
//! A proxy is asked to `CONNECT` and then carries bytes that only Stripe can read: TLS is spoken with
//! Stripe itself, verified as ever, inside the tunnel. A simulator on this computer is never reached
//! through a proxy. Used by `transport`; the variables are read in `cli`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::{Class, Code, Failure, Problem, Result};

fn stripe() -> Uri {
    Uri::from_static("https://api.stripe.com")
}

/// A proxy that Stripe is reached through.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: Uri,
    login: Option<HeaderValue>,
}

impl Proxy {
    /// What `HTTPS_PROXY` and `NO_PROXY` say about Stripe. A proxy that golive cannot use is refused,
    /// because going straight would pass by what somebody decided.
    pub fn parse(proxy: Option<&str>, not_for: Option<&str>) -> Result<Option<Self>> {
        let Some(text) = proxy.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let rules = Matcher::builder().https(whole.clone()).no(not_for.unwrap_or_default()).build();
        // Without a match it is either not for Stripe, or no address.
        let open = Matcher::builder().https(whole).build();
        let Some(any) = open.intercept(&stripe()) else { return Err(refused("it is no address")) };
        if any.uri().scheme_str() != Some("http") {
            return Err(refused("golive speaks plain HTTP with a proxy, and TLS with Stripe inside it"));
        }
        let Some(found) = rules.intercept(&stripe()) else { return Ok(None) };
        Ok(Some(Self { address: found.uri().clone(), login: found.basic_auth().cloned() }))
    }

    /// Where it is, without its login.
    pub(super) fn shown(&self) -> String {
        let port = self.address.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("http://{}{port}", self.address.host().unwrap_or_default())
    }
}

/// The variable may hold a password, so it is not repeated.
fn refused(why: &str) -> Failure {
    let problem = Problem::new(Code::Proxy, "the proxy that `HTTPS_PROXY` names cannot be used")
        .why(why)
        .fix("name one as http://HOST:PORT: HTTPS_PROXY=http://proxy.example:3128 golive wizard")
        .fix("reach Stripe without it: NO_PROXY=api.stripe.com golive wizard");
    Failure::new(Class::Usage, problem)
}

/// Opens connections.
#[derive(Clone)]
pub(super) enum Road {
    Straight(HttpConnector),
    Through(Tunnel<HttpConnector>),
}

impl Road {
    pub(super) fn new(connect: Duration, proxy: Option<&Proxy>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect));
        let Some(proxy) = proxy else { return Self::Straight(tcp) };
        let tunnel = Tunnel::new(proxy.address.clone(), tcp);
        Self::Through(match &proxy.login {
            Some(login) => tunnel.with_auth(login.clone()),
            None => tunnel,
        })
    }
}

type Error = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Road {
    type Response = TokioIo<TcpStream>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match self {
            Self::Straight(tcp) => tcp.poll_ready(context).map_err(Into::into),
            Self::Through(tunnel) => tunnel.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self {
            Self::Straight(tcp) => {
                let connected = tcp.call(to);
                Box::pin(async move { Ok(connected.await?) })
            }
            Self::Through(tunnel) => {
                let connected = tunnel.call(to);
                Box::pin(async move { Ok(connected.await?) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;
    use crate::error::{Class, Code};

    fn shown(proxy: &str, not_for: Option<&str>) -> Option<String> {
        Proxy::parse(Some(proxy), not_for).unwrap().map(|proxy| proxy.shown())
    }

    #[test]
    fn a_proxy_is_an_address_with_or_without_its_scheme() {
        for text in ["http://proxy.example:3128", "proxy.example:3128", " http://proxy.example:3128 "] {
            assert_eq!(shown(text, None).as_deref(), Some("http://proxy.example:3128"), "{text}");
        }
        assert!(Proxy::parse(None, None).unwrap().is_none());
        assert!(Proxy::parse(Some(""), None).unwrap().is_none());
    }

    #[test]
    fn its_login_is_sent_and_never_shown() {
        let proxy = Proxy::parse(Some("http://anna:s3cret@proxy.example:3128"), None).unwrap().unwrap();
        assert!(proxy.login.as_ref().is_some_and(HeaderValue::is_sensitive));
        assert_eq!(proxy.shown(), "http://proxy.example:3128");
        assert!(!format!("{:?}", proxy.login).contains("s3cret"));
    }

    #[test]
    fn no_proxy_leaves_stripe_out() {
        for not_for in ["api.stripe.com", ".stripe.com", "stripe.com", "localhost, stripe.com", "*"] {
            assert_eq!(shown("http://proxy.example:3128", Some(not_for)), None, "{not_for}");
        }
        assert!(shown("http://proxy.example:3128", Some("example.com")).is_some());
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_not_passed_by() {
        for text in ["https://proxy.example:3128", "socks5://proxy.example:1080", "http://", "::"] {
            let failure = Proxy::parse(Some(text), None).expect_err(text);
            assert_eq!((failure.class, failure.problem.code), (Class::Usage, Code::Proxy), "{text}");
        }
    }

    use hyper::header::HeaderValue;
}
