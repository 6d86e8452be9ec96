//! `tls`: the certificate that a host of the operator's presents is good, and for long enough.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{complaint, is_open};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::{Facts, Look, Sight, Step, TlsSight, Verdict};

/// The fields of a `tls` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Host name, without scheme and path.
    pub host: String,
    /// TCP port.
    #[serde(default = "https")]
    pub port: u16,
    /// Fewer days than this until it ends are a failure.
    #[serde(default = "two_weeks")]
    pub min_days: u32,
}

const fn https() -> u16 {
    443
}

const fn two_weeks() -> u32 {
    14
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let look = Look::Tls { host: self.host.clone(), port: self.port };
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Tls(seen)) => Step::Done(self.judge(seen)),
            // The host is the operator's own: customers could not reach it either.
            Some(Sight::Unseen(problem)) if problem.code.is_hosts_own() => {
                Step::Done(Verdict::fail(problem.clone()))
            }
            Some(Sight::Unseen(problem)) => Step::Done(Verdict::Unknown { problem: problem.clone() }),
            Some(other) => Step::Done(Verdict::Unknown { problem: super::text::misunderstood(other) }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let host = &self.host;
        if !is_open(host) && (host.is_empty() || host.contains(['/', ':', '@', '*']) || host.contains(char::is_whitespace)) {
            complaints.push(complaint(
                "host",
                Code::BadValue,
                format!("`{host}` is not a host name"),
                "write the bare name: host = \"shop.example\"",
            ));
        }
        if self.port == 0 {
            complaints.push(complaint("port", Code::BadValue, "port 0 cannot be reached", "leave it out for 443"));
        }
        if self.min_days > 397 {
            let message = format!("no public certificate lives {} days", self.min_days);
            complaints.push(complaint("min_days", Code::BadValue, message, "write how many days must be left: min_days = 14"));
        }
        complaints
    }
}

impl Spec {
    fn judge(&self, seen: &TlsSight) -> Verdict {
        if let Some(problem) = &seen.problem {
            return Verdict::fail(problem.clone());
        }
        let Some(days) = seen.days_left else {
            let problem = Problem::new(Code::TlsFailed, format!("the end of the certificate of `{}` cannot be read", self.host));
            return Verdict::Unknown { problem };
        };
        let left = if days == 1 { "1 day left".to_owned() } else { format!("{days} days left") };
        if days < i64::from(self.min_days) {
            let problem = Problem::new(Code::TlsFailed, format!("the certificate of `{}` ends soon", self.host))
                .found_wanted(left, format!("at least {} days", self.min_days))
                .fix("renew it and reload the web server: certbot renew");
            return Verdict::fail(problem);
        }
        Verdict::pass(format!("{}, full chain, name matches, {left}", seen.version))
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;
    use crate::error::{Code, Problem};
    use crate::kind::Kind;
    use crate::kind::testing::{evidence, facts, failure, spec};
    use crate::mode::Mode;
    use crate::step::{Look, Sight, Step, TlsSight, Verdict};

    fn look() -> Look {
        Look::Tls { host: "shop.example".into(), port: 443 }
    }

    fn item() -> Spec {
        spec("host = 'shop.example'")
    }

    fn next(days_left: Option<i64>, problem: Option<Problem>) -> Step {
        let seen = TlsSight { version: "1.3".into(), problem, days_left, names: vec!["shop.example".into()] };
        item().next(&facts(Mode::Live).sight(look(), Sight::Tls(seen)).get())
    }

    #[test]
    fn the_host_is_looked_at_first() {
        let step = item().next(&facts(Mode::Live).get());
        assert!(matches!(step, Step::Look(looks) if looks == [look()]));
    }

    #[test]
    fn a_good_certificate_passes_with_its_days() {
        assert_eq!(evidence(next(Some(41), None)), "1.3, full chain, name matches, 41 days left");
        assert_eq!(evidence(next(Some(14), None)), "1.3, full chain, name matches, 14 days left");
    }

    #[test]
    fn one_that_ends_soon_fails_with_both_numbers() {
        let problem = failure(next(Some(13), None));
        assert_eq!(problem.code, Code::TlsFailed);
        assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("13 days left"), Some("at least 14 days")));
    }

    #[test]
    fn a_bad_certificate_fails_with_its_own_problem_however_long_it_lives() {
        let problem = Problem::new(Code::TlsFailed, "the certificate of `shop.example` is self-signed");
        assert_eq!(failure(next(Some(300), Some(problem.clone()))), problem);
    }

    #[test]
    fn an_unreachable_host_fails_and_any_other_trouble_is_unknown() {
        let unseen = |code| {
            let sight = Sight::Unseen(Problem::new(code, "no"));
            item().next(&facts(Mode::Live).sight(look(), sight).get())
        };
        assert_eq!(failure(unseen(Code::HostUnreachable)).code, Code::HostUnreachable);
        assert!(matches!(unseen(Code::Internal), Step::Done(Verdict::Unknown { .. })));
    }

    #[test]
    fn a_url_or_an_impossible_number_is_complained_about_at_its_place() {
        let paths = |text: &str| -> Vec<String> {
            spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
        };
        assert_eq!(paths("host = 'https://shop.example'"), ["host"]);
        assert_eq!(paths("host = 'shop.example:8443'\nport = 0\nmin_days = 400"), ["host", "port", "min_days"]);
        assert!(paths("host = '${vars.host}'").is_empty());
    }
}
