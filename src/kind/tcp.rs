//! `tcp`: something listens at a port, and greets as the server that is meant. The place is written
//! out or comes from a URL in the env file, of which only host and port are ever read; no login is tried.

use schemars::JsonSchema;
use serde::Deserialize;

use super::command::variable_missing;
use super::env::env_name_complaint;
use super::text::{complaint, is_open, misunderstood};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{EnvVar, Facts, Look, Sight, Speaks, Step, TcpAsk, TcpSight, Verdict};

/// The fields of a `tcp` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Host name or address.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// A variable of the env file that holds a URL, in place of `host` and `port`; never shown.
    pub url_env: Option<String>,
    /// What must answer there: `redis`, `postgres`, `mysql` or `smtp`. A URL says it by itself.
    pub speaks: Option<Speaks>,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if facts.mode == Mode::Rehearse {
            let place = match (&self.url_env, &self.host) {
                (Some(name), _) => format!("the server of {name}"),
                (None, host) => format!("{}:{}", host.as_deref().unwrap_or_default(), self.port.unwrap_or_default()),
            };
            return Step::Done(Verdict::pass(format!("would connect to {place}")));
        }
        let ask = match self.ask(facts) {
            Ok(ask) => ask,
            Err(step) => return step,
        };
        let look = Look::Tcp(ask.clone());
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Tcp(seen)) => Step::Done(judge(&ask, seen)),
            // The application could not reach it either.
            Some(Sight::Unseen(problem)) if matches!(problem.code, Code::HostUnreachable | Code::TlsFailed) => {
                Step::Done(Verdict::fail(problem.clone()))
            }
            Some(Sight::Unseen(problem)) => Step::Done(Verdict::Unknown { problem: problem.clone() }),
            Some(other) => Step::Done(Verdict::Unknown { problem: misunderstood(other) }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<Complaint> =
            self.url_env.iter().filter_map(|name| env_name_complaint("url_env", name)).collect();
        let place = self.host.is_some() || self.port.is_some();
        if self.url_env.is_some() == place {
            let code = if place { Code::BadValue } else { Code::MissingField };
            let help = "write host = \"…\" and port = …, or url_env = \"DATABASE_URL\"";
            complaints.push(complaint("host", code, "a port is named, or taken from a URL of the env file", help));
        } else if place && (self.host.is_none() || self.port.is_none()) {
            let missing = if self.host.is_none() { "host" } else { "port" };
            complaints.push(complaint(missing, Code::MissingField, format!("there is no {missing}"), "write both, host and port"));
        }
        if let Some(host) = self.host.as_deref().filter(|host| !is_open(host))
            && (host.is_empty() || host.contains(['/', '@', '*']) || host.contains(char::is_whitespace))
        {
            let help = "write the bare name: host = \"db.example\"";
            complaints.push(complaint("host", Code::BadValue, format!("`{host}` is not a host name"), help));
        }
        if self.port == Some(0) {
            complaints.push(complaint("port", Code::BadValue, "port 0 cannot be reached", "write the port it listens on"));
        }
        complaints
    }
}

impl Spec {
    fn ask(&self, facts: &Facts<'_>) -> Result<TcpAsk, Step> {
        let Some(name) = &self.url_env else {
            let host = self.host.clone().unwrap_or_default();
            return Ok(TcpAsk { host, port: self.port.unwrap_or_default(), speaks: self.speaks, tls: false });
        };
        let sight = match facts.see(&Look::EnvFile) {
            None => return Err(Step::Look(vec![Look::EnvFile])),
            Some(Sight::EnvFile(sight)) => sight,
            Some(Sight::Unseen(problem)) => return Err(Step::Done(Verdict::Unknown { problem: problem.clone() })),
            Some(other) => return Err(Step::Done(Verdict::Unknown { problem: misunderstood(other) })),
        };
        let Some(variable) = sight.get(name).filter(|variable| !variable.is_empty()) else {
            return Err(Step::Done(Verdict::fail(variable_missing(name, sight))));
        };
        self.of_url(variable).ok_or_else(|| {
            let problem = Problem::new(Code::EnvValue, format!("{name} names no server"))
                .found_wanted(leads_nowhere(variable), "a URL with host, such as postgres://…@db.example:5432/app")
                .fix(format!("correct it in line {} of {}", variable.line, sight.path));
            Step::Done(Verdict::fail(problem))
        })
    }

    fn of_url(&self, variable: &EnvVar) -> Option<TcpAsk> {
        let (scheme, host, port) = variable.address()?;
        let (speaks, usual) = match scheme.split('+').next().unwrap_or_default() {
            "postgres" | "postgresql" | "postgis" => (Some(Speaks::Postgres), Some(5432)),
            "mysql" | "mariadb" => (Some(Speaks::Mysql), Some(3306)),
            "redis" | "rediss" => (Some(Speaks::Redis), Some(6379)),
            "smtp" => (Some(Speaks::Smtp), Some(25)),
            "amqp" => (None, Some(5672)),
            "http" => (None, Some(80)),
            "https" => (None, Some(443)),
            _ => (None, None),
        };
        Some(TcpAsk { host, port: port.or(usual)?, speaks: self.speaks.or(speaks), tls: scheme == "rediss" })
    }
}

/// What a value is that names no server; nothing of it is shown.
fn leads_nowhere(variable: &EnvVar) -> &'static str {
    if variable.has_prefix("sqlite") {
        "a file of SQLite, which needs no server"
    } else {
        "no URL with a host and a port"
    }
}

fn judge(ask: &TcpAsk, seen: &TcpSight) -> Verdict {
    if let Some(problem) = &seen.problem {
        return Verdict::fail(problem.clone());
    }
    let what = match ask.speaks {
        None => "something listens".to_owned(),
        Some(Speaks::Redis) => "Redis answers".to_owned(),
        Some(Speaks::Postgres) => "PostgreSQL answers".to_owned(),
        Some(Speaks::Mysql) => "MySQL answers".to_owned(),
        Some(Speaks::Smtp) => "a mail server answers".to_owned(),
    };
    let said = seen.said.as_ref().map(|said| format!(" ({said})")).unwrap_or_default();
    Verdict::pass(format!("{what} at {}:{} in {} ms{said}", ask.host, ask.port, seen.millis))
}

#[cfg(test)]
mod tests {
    use super::Spec;
    use crate::error::{Code, Problem};
    use crate::kind::Kind;
    use crate::kind::testing::{evidence, facts, failure, looks, spec};
    use crate::mode::Mode;
    use crate::secret::Secret;
    use crate::step::{EnvSight, EnvVar, Look, Sight, Speaks, Step, TcpAsk, TcpSight};

    fn from_env(value: Option<&str>) -> Step {
        let variables = value.map(|value| EnvVar::new("DATABASE_URL", 7, Secret::unlisted(value))).into_iter().collect();
        let sight = EnvSight { path: ".env.production".into(), exists: true, variables, ..EnvSight::default() };
        let item: Spec = spec("url_env = 'DATABASE_URL'");
        item.next(&facts(Mode::Live).sight(Look::EnvFile, Sight::EnvFile(sight)).get())
    }

    #[test]
    fn a_url_of_the_env_file_gives_place_and_language_and_nothing_else() {
        let ask = |value: &str| match looks(from_env(Some(value))).remove(0) {
            Look::Tcp(ask) => ask,
            other => panic!("{other:?}"),
        };
        let tcp = |host: &str, port, speaks, tls| TcpAsk { host: host.into(), port, speaks, tls };
        assert_eq!(ask("postgresql+psycopg2://me:pw@db.example/app"), tcp("db.example", 5432, Some(Speaks::Postgres), false));
        assert_eq!(ask("rediss://:pw@cache:6380/0"), tcp("cache", 6380, Some(Speaks::Redis), true));
        assert_eq!(failure(from_env(None)).code, Code::EnvMissing);
        let file = failure(from_env(Some("sqlite:///customers.db")));
        assert_eq!(file.found.as_deref(), Some("a file of SQLite, which needs no server"));
        let broken = failure(from_env(Some("me:pw@host")));
        assert!(!format!("{broken:?}").contains("pw@"), "{broken:?}");
    }

    #[test]
    fn what_answers_is_the_evidence_and_what_does_not_fails() {
        let item: Spec = spec("host = 'cache.example'\nport = 6379\nspeaks = 'redis'");
        let look = looks(item.next(&facts(Mode::Live).get())).remove(0);
        let after = |sight| item.next(&facts(Mode::Live).sight(look.clone(), sight).get());
        let seen = TcpSight { millis: 3, said: Some("wants a password".into()), problem: None };
        assert_eq!(evidence(after(Sight::Tcp(seen.clone()))), "Redis answers at cache.example:6379 in 3 ms (wants a password)");
        let problem = Problem::new(Code::PortFailed, "no");
        assert_eq!(failure(after(Sight::Tcp(TcpSight { problem: Some(problem.clone()), ..seen }))), problem);
        assert_eq!(failure(after(Sight::Unseen(Problem::new(Code::HostUnreachable, "no")))).code, Code::HostUnreachable);
        assert_eq!(evidence(item.next(&facts(Mode::Rehearse).get())), "would connect to cache.example:6379");
    }

    #[test]
    fn a_place_is_named_once_and_whole() {
        let paths = |text: &str| -> Vec<String> {
            spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
        };
        assert_eq!(paths("speaks = 'redis'"), ["host"]);
        assert_eq!(paths("host = 'a'\nport = 1\nurl_env = 'X'"), ["host"]);
        assert_eq!(paths("host = 'redis://a'\nport = 0"), ["host", "port"]);
        assert_eq!(paths("host = 'a'"), ["port"]);
        assert!(paths("url_env = 'REDIS_URL'").is_empty());
    }
}
