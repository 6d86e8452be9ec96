//! A port of the operator's own servers: connected to, and asked for its greeting where one is known.
//! Nothing is logged in to and nothing is changed; what was said is cut short and cleaned.

use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::Net;
use super::output::clean;
use super::resolve::timed_out;
use super::tls::server_name;
use crate::error::{Code, Problem};
use crate::step::{Speaks, TcpAsk, TcpSight};

/// As much as any greeting needs.
const GREETING: usize = 1024;
/// `SSLRequest`, the shortest question that every `PostgreSQL` answers without a login
/// (`PostgreSQL` documentation, 54.7: message formats).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

impl Net {
    /// Connects, and says what answered.
    pub(super) async fn port(&self, ask: &TcpAsk) -> Result<TcpSight, Problem> {
        let begun = Instant::now();
        let late = || timed_out(&ask.host, ask.port, self.limit.as_secs());
        let connected = tokio::time::timeout(self.limit, self.resolver.connect(&ask.host, ask.port)).await;
        let stream = connected.map_err(|_| late())??;
        let greeted = tokio::time::timeout(self.limit, self.greeting(stream, ask)).await;
        let said = match greeted {
            Ok(said) => said?,
            Err(_) => Err("it accepts connections and says nothing".to_owned()),
        };
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(match said {
            Ok(said) => TcpSight { millis, said, problem: None },
            Err(why) => TcpSight { millis, said: None, problem: Some(other(ask, &why)) },
        })
    }

    async fn greeting(&self, stream: tokio::net::TcpStream, ask: &TcpAsk) -> Result<Greeting, Problem> {
        let Some(speaks) = ask.speaks else { return Ok(Ok(None)) };
        if !ask.tls {
            return Ok(greet(stream, speaks).await);
        }
        let connector = TlsConnector::from(Arc::clone(&self.trust.client));
        match connector.connect(server_name(&ask.host)?, stream).await {
            Ok(stream) => Ok(greet(stream, speaks).await),
            Err(error) => Err(self.why_no_tls(&ask.host, ask.port, &error).await),
        }
    }
}

/// What a server said of itself, or why it is not the one that was meant.
type Greeting = Result<Option<String>, String>;

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, speaks: Speaks) -> Greeting {
    let question: &[u8] = match speaks {
        Speaks::Redis => b"PING\r\n",
        Speaks::Postgres => &SSL_REQUEST,
        Speaks::Mysql | Speaks::Smtp => b"",
    };
    let sent = stream.write_all(question).await;
    let mut answer = vec![0; GREETING];
    let mut count = 0;
    while sent.is_ok() && count < answer.len() && !is_whole(speaks, &answer[..count]) {
        match stream.read(&mut answer[count..]).await {
            Ok(more) if more > 0 => count += more,
            _ => break,
        }
    }
    if count == 0 {
        return Err("it hangs up without a word".to_owned());
    }
    understand(speaks, &answer[..count])
}

fn is_whole(speaks: Speaks, answer: &[u8]) -> bool {
    match speaks {
        Speaks::Redis | Speaks::Smtp => answer.contains(&b'\n'),
        Speaks::Postgres => !answer.is_empty(),
        // Three bytes of length, little-endian, and one that counts.
        Speaks::Mysql => answer.len() >= 4 && answer.len() >= 4 + usize::from(answer[0]) + 256 * usize::from(answer[1]),
    }
}

fn understand(speaks: Speaks, answer: &[u8]) -> Greeting {
    let line = clean(answer.split(|byte| *byte == b'\n').next().unwrap_or_default());
    let line: String = line.trim().chars().take(80).collect();
    let strange = || Err(format!("it says: {line}"));
    match speaks {
        Speaks::Redis if line == "+PONG" => Ok(None),
        Speaks::Redis if line.starts_with("-NOAUTH") => Ok(Some("wants a password".into())),
        Speaks::Redis if line.starts_with("-DENIED") => Err(format!("Redis refuses this computer: {line}")),
        Speaks::Redis if line.starts_with("-LOADING") => Err("Redis is still loading its data".into()),
        Speaks::Postgres if answer == b"S" => Ok(Some("with TLS".into())),
        Speaks::Postgres if answer == b"N" => Ok(Some("without TLS".into())),
        Speaks::Mysql if answer.len() > 5 && answer[4] == 10 => {
            let version = answer[5..].split(|byte| *byte == 0).next().unwrap_or_default();
            Ok(Some(clean(version).chars().take(40).collect()))
        }
        Speaks::Mysql if answer.len() > 7 && answer[4] == 0xff => {
            Err(format!("MySQL refuses this computer: {}", clean(&answer[7..])))
        }
        Speaks::Smtp if line.starts_with("220") => {
            Ok(Some(line.get(4..).unwrap_or_default().chars().take(40).collect()))
        }
        _ => strange(),
    }
}

fn other(ask: &TcpAsk, why: &str) -> Problem {
    let (wanted, look) = match ask.speaks {
        Some(Speaks::Redis) => ("Redis", format!("redis-cli -h {} -p {} PING", ask.host, ask.port)),
        Some(Speaks::Postgres) => ("PostgreSQL", format!("pg_isready -h {} -p {}", ask.host, ask.port)),
        Some(Speaks::Mysql) => ("MySQL", format!("mysqladmin -h {} -P {} ping", ask.host, ask.port)),
        _ => ("a mail server", format!("nc {} {}", ask.host, ask.port)),
    };
    Problem::new(Code::PortFailed, format!("`{}` does not greet as {wanted} on port {}", ask.host, ask.port))
        .why(why.to_owned())
        .fix(format!("look at what answers there: {look}"))
}

#[cfg(test)]
mod tests {
    use super::understand;
    use crate::step::Speaks;

    #[test]
    fn each_server_is_known_by_its_greeting() {
        assert_eq!(understand(Speaks::Redis, b"+PONG\r\n"), Ok(None));
        let noauth = understand(Speaks::Redis, b"-NOAUTH Authentication required.\r\n");
        assert_eq!(noauth, Ok(Some("wants a password".into())));
        assert!(understand(Speaks::Redis, b"-DENIED Redis is running in protected mode\r\n").is_err());
        assert_eq!(understand(Speaks::Postgres, b"N"), Ok(Some("without TLS".into())));
        let mysql = b"\x4a\x00\x00\x00\x0a8.0.36\x00rest";
        assert_eq!(understand(Speaks::Mysql, mysql), Ok(Some("8.0.36".into())));
        let blocked = b"\x45\x00\x00\x00\xff\x6a\x04Host '203.0.113.9' is not allowed to connect";
        assert!(understand(Speaks::Mysql, blocked).unwrap_err().contains("is not allowed to connect"));
        assert_eq!(understand(Speaks::Smtp, b"220 mail.example ESMTP\r\n"), Ok(Some("mail.example ESMTP".into())));
    }

    #[test]
    fn something_else_is_quoted_without_control_characters() {
        for speaks in [Speaks::Redis, Speaks::Postgres, Speaks::Mysql, Speaks::Smtp] {
            let said = understand(speaks, b"HTTP/1.1 400 \x1b[31mBad Request\r\n\r\n").unwrap_err();
            assert_eq!(said, "it says: HTTP/1.1 400 Bad Request");
        }
    }
}
