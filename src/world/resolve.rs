//! Where a host is reached: by its name, or at a loopback address that `GOLIVE_RESOLVE` or the
//! demo shop gives, as `curl --connect-to` would. The name in the URL stays the name in TLS and in
//! the `Host` header. Invariant: a rehearsal opens no connection that is not loopback.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpStream, lookup_host};

use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;

/// Reads `GOLIVE_RESOLVE`: `host=127.0.0.1:8443,other=[::1]:9443`. Loopback addresses only.
pub fn parse(text: &str) -> Result<Vec<(String, SocketAddr)>> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(parse_entry).collect()
}

fn parse_entry(entry: &str) -> Result<(String, SocketAddr)> {
    let refused = |message: String| {
        let problem = Problem::new(Code::Usage, message)
            .fix("write host and loopback address with port: GOLIVE_RESOLVE=shop.example=127.0.0.1:8443");
        Failure::new(Class::Usage, problem)
    };
    let Some((host, target)) = entry.split_once('=') else {
        return Err(refused(format!("`{entry}` in `GOLIVE_RESOLVE` has no address")));
    };
    let host = host.trim().to_ascii_lowercase();
    if host.is_empty() || host.contains([':', '/', ' ', '*']) {
        return Err(refused(format!("`{host}` in `GOLIVE_RESOLVE` is not a host name")));
    }
    let target: SocketAddr = target
        .trim()
        .parse()
        .map_err(|_| refused(format!("`{target}` in `GOLIVE_RESOLVE` is not an address with a port")))?;
    if !target.ip().is_loopback() || target.port() == 0 {
        return Err(refused(format!("`{target}` in `GOLIVE_RESOLVE` is not a loopback address")));
    }
    Ok((host, target))
}

/// Decides where a host is reached, and connects.
pub(super) struct Resolver {
    list: Vec<(String, SocketAddr)>,
    default_target: Option<SocketAddr>,
    mode: Mode,
}

impl Resolver {
    pub(super) fn new(list: Vec<(String, SocketAddr)>, default_target: Option<SocketAddr>, mode: Mode) -> Self {
        // Outside a rehearsal a stand-in for the operator's own hosts would prove nothing.
        let default_target = default_target.filter(|_| mode == Mode::Rehearse);
        Self { list, default_target, mode }
    }

    /// The address that stands in for a host.
    fn target(&self, host: &str) -> Option<SocketAddr> {
        let named = self.list.iter().find(|(name, _)| name.eq_ignore_ascii_case(host)).map(|(_, target)| *target);
        named.or(self.default_target)
    }

    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Problem> {
        if let Some(target) = self.target(host) {
            return Ok(vec![target]);
        }
        if let Ok(ip) = host.parse::<IpAddr>() {
            if self.mode == Mode::Rehearse && !ip.is_loopback() {
                return Err(nobody_stands_in(host));
            }
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        if self.mode == Mode::Rehearse {
            return Err(nobody_stands_in(host));
        }
        match lookup_host((host, port)).await {
            Ok(found) => {
                let found: Vec<_> = found.collect();
                if found.is_empty() { Err(unresolved(host, "the name has no address")) } else { Ok(found) }
            }
            Err(error) => Err(unresolved(host, &error.to_string())),
        }
    }

    /// Opens a connection; the caller limits the time.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Problem> {
        let mut last = None;
        for address in self.addresses(host, port).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some((address, error)),
            }
        }
        Err(last.map_or_else(
            || unresolved(host, "the name has no address"),
            |(address, error)| unconnected(host, port, address, &error),
        ))
    }
}

fn nobody_stands_in(host: &str) -> Problem {
    Problem::new(Code::HostUnreachable, format!("nothing stands in for `{host}` in this rehearsal"))
        .why("a rehearsal contacts nothing outside this computer")
        .fix(format!("name a stand-in: GOLIVE_RESOLVE={host}=127.0.0.1:8443 golive rehearse"))
}

pub(super) fn unresolved(host: &str, why: &str) -> Problem {
    Problem::new(Code::HostUnreachable, format!("the name `{host}` does not resolve"))
        .why(why.to_owned())
        .fix(format!("create its DNS record, or correct the name; then look: getent hosts {host}"))
}

fn unconnected(host: &str, port: u16, address: SocketAddr, error: &io::Error) -> Problem {
    let message = match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("`{host}` refuses connections on port {port}"),
        io::ErrorKind::TimedOut => format!("`{host}` does not answer on port {port}"),
        _ => format!("`{host}` cannot be reached on port {port}"),
    };
    Problem::new(Code::HostUnreachable, message)
        .why(format!("tried {address}: {error}"))
        .fix(format!("start the server or open its firewall, then look: curl -sSI --connect-timeout 5 {host}:{port}"))
}

/// What is said when the whole exchange took too long.
pub(super) fn timed_out(host: &str, port: u16, seconds: u64) -> Problem {
    Problem::new(Code::HostSlow, format!("`{host}` did not answer on port {port} within {seconds} seconds"))
        .why("a delivery that takes longer counts as failed")
        .fix(format!("see what holds the server up: curl -sv --max-time {seconds} {host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::{Resolver, parse};
    use crate::mode::Mode;

    fn complaint(text: &str) -> String {
        parse(text).unwrap_err().problem.message.clone()
    }

    #[test]
    fn hosts_and_their_loopback_addresses_are_read() {
        let list = parse("Shop.Example=127.0.0.1:8443, api.example=[::1]:9443,").unwrap();
        assert_eq!(list[0], ("shop.example".to_owned(), "127.0.0.1:8443".parse().unwrap()));
        assert_eq!(list[1], ("api.example".to_owned(), "[::1]:9443".parse().unwrap()));
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn an_address_that_is_not_loopback_is_refused_by_name() {
        assert!(complaint("shop.example=203.0.113.9:443").contains("`203.0.113.9:443`"));
        assert!(complaint("shop.example=0.0.0.0:443").contains("loopback"));
        assert!(complaint("shop.example=127.0.0.1:0").contains("loopback"));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_named() {
        assert!(complaint("shop.example").contains("has no address"));
        assert!(complaint("shop.example=127.0.0.1").contains("with a port"));
        assert!(complaint("https://shop=127.0.0.1:1").contains("not a host name"));
        assert!(complaint("=127.0.0.1:1").contains("not a host name"));
    }

    #[test]
    fn the_demo_shop_stands_in_for_every_host_of_a_rehearsal_and_of_nothing_else() {
        let shop = "127.0.0.1:7".parse().unwrap();
        let list = parse("api.example=127.0.0.1:8").unwrap();
        let rehearsal = Resolver::new(list.clone(), Some(shop), Mode::Rehearse);
        assert_eq!(rehearsal.target("shop.example"), Some(shop));
        assert_eq!(rehearsal.target("API.example"), Some("127.0.0.1:8".parse().unwrap()));
        let live = Resolver::new(list, Some(shop), Mode::Live);
        assert_eq!(live.target("shop.example"), None);
        assert_eq!(live.target("api.example"), Some("127.0.0.1:8".parse().unwrap()));
    }
}
