//! A mail server, asked as far as can be without sending: greeting, TLS, login, sender, recipient,
//! and back (RFC 5321, 3207, 4954). Invariant: no password leaves without TLS, but to this computer.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::output::clean;
use super::resolve::timed_out;
use super::{Net, lend};
use crate::error::{Code, Problem};
use crate::secret::{Secret, Slot, Vault};
use crate::step::{MailSecurity, SmtpAsk, SmtpSight};

/// A server that says more than this has lost its way.
const MOST: usize = 64 * 1024;

/// Anything a conversation goes over.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A conversation with a server.
struct Talk {
    wire: BufReader<Box<dyn Wire>>,
    /// What the server can, by its last EHLO, in upper case.
    offers: Vec<String>,
    place: String,
}

/// An answer: its code, and its lines without it.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    fn words(&self) -> String {
        let text: String = self.lines.join(" ").chars().take(120).collect();
        format!("{} {text}", self.code)
    }
}

/// The login of the env file.
struct Login {
    name: Arc<Secret>,
    password: Arc<Secret>,
}

impl Net {
    /// Asks, as far as it goes.
    pub(super) async fn mail(&self, ask: &SmtpAsk, vault: &Vault) -> Result<SmtpSight, Problem> {
        let login = login(ask, vault)?;
        let asked = tokio::time::timeout(self.limit * 2, self.conversation(ask, login)).await;
        asked.unwrap_or_else(|_| Err(timed_out(&ask.host, ask.port, self.limit.as_secs() * 2)))
    }

    async fn conversation(&self, ask: &SmtpAsk, login: Option<Login>) -> Result<SmtpSight, Problem> {
        let mut sight = SmtpSight { steps: Vec::new(), problem: None };
        let stream = self.resolver.connect(&ask.host, ask.port).await?;
        let here = stream.peer_addr().is_ok_and(|address| address.ip().is_loopback());
        let place = format!("{}:{}", ask.host, ask.port);
        let mut talk = match ask.security {
            MailSecurity::Tls => Talk::over(self.tls(stream, ask).await?, place),
            MailSecurity::Starttls | MailSecurity::None => Talk::over(Box::new(stream), place),
        };
        talk.expect(220, "does not greet as a mail server").await?;
        talk.hello().await?;
        if ask.security == MailSecurity::Starttls {
            if !talk.can("STARTTLS") {
                sight.problem = Some(no_starttls(ask));
                talk.goodbye().await;
                return Ok(sight);
            }
            talk.say("STARTTLS", 220, "refuses STARTTLS").await?;
            // What came before TLS is forgotten: it may have been anybody's word.
            let Talk { wire, place, .. } = talk;
            talk = Talk::over(self.tls(wire.into_inner(), ask).await?, place);
            talk.hello().await?;
        }
        let private = ask.security != MailSecurity::None;
        sight.steps.push(if private {
            "TLS with a good certificate".into()
        } else {
            "no TLS, on this computer".into()
        });
        if !private && !here {
            sight.problem = Some(in_clear(ask));
        } else if let Err(problem) = talk.transaction(ask, login, &mut sight.steps).await {
            sight.problem = Some(problem);
        }
        talk.goodbye().await;
        Ok(sight)
    }

    async fn tls(&self, stream: impl Wire + 'static, ask: &SmtpAsk) -> Result<Box<dyn Wire>, Problem> {
        let protected = self.protect(&ask.host, ask.port, stream).await;
        protected.map_or_else(|problem| Err(unprotected(ask, problem)), |stream| Ok(Box::new(stream) as Box<dyn Wire>))
    }
}

/// What ails a mail server's TLS. What to do about it differs from a web server's: it is often
/// somebody else's.
fn unprotected(ask: &SmtpAsk, mut problem: Problem) -> Problem {
    problem.fix.clear();
    let name = problem.found.as_deref().and_then(|names| names.split(", ").next()).filter(|name| name.contains('.'));
    if let Some(name) = name.map(str::to_owned) {
        problem = problem.fix(format!("write the name that the certificate is for: host = \"{name}\""));
    }
    let starttls = if ask.security == MailSecurity::Starttls { " -starttls smtp" } else { "" };
    problem
        .why("no password was sent")
        .fix(format!("look at it: openssl s_client{starttls} -connect {}:{} -showcerts", ask.host, ask.port))
}

fn login(ask: &SmtpAsk, vault: &Vault) -> Result<Option<Login>, Problem> {
    let get = |slot: &Slot| {
        let name = if let Slot::Env(name) = slot { name.as_str() } else { "the login" };
        if vault.get(slot).is_some_and(|secret| lend::is_stripes(&secret)) {
            return Err(super::http::stripes_own(name));
        }
        vault.get(slot).ok_or_else(|| {
            Problem::new(Code::EnvValue, format!("{name} cannot be taken from the env file"))
                .why("it must stand there once, with a plain value")
                .fix(format!("write it again: {name}=…"))
        })
    };
    let (Some(name), Some(password)) = (&ask.username, &ask.password) else { return Ok(None) };
    Ok(Some(Login { name: get(name)?, password: get(password)? }))
}

impl Talk {
    fn over(wire: Box<dyn Wire>, place: String) -> Self {
        Self { wire: BufReader::new(wire), offers: Vec::new(), place }
    }

    fn can(&self, word: &str) -> bool {
        self.offers.iter().any(|offer| offer.split(' ').next() == Some(word))
    }

    fn logins(&self) -> impl Iterator<Item = &str> {
        let auth =
            self.offers.iter().find_map(|offer| offer.strip_prefix("AUTH").map(|rest| rest.trim_start_matches('=')));
        auth.unwrap_or_default().split_whitespace()
    }

    async fn hello(&mut self) -> Result<(), Problem> {
        let reply = self.say("EHLO localhost", 250, "refuses EHLO").await?;
        self.offers = reply.lines.iter().map(|line| line.to_ascii_uppercase()).collect();
        Ok(())
    }

    async fn goodbye(&mut self) {
        let _ = self.wire.get_mut().write_all(b"QUIT\r\n").await;
        let _ = self.wire.get_mut().flush().await;
    }

    /// Login, sender, recipient, and back.
    async fn transaction(
        &mut self,
        ask: &SmtpAsk,
        login: Option<Login>,
        steps: &mut Vec<String>,
    ) -> Result<(), Problem> {
        if let Some(login) = login {
            self.log_in(ask, &login).await?;
            steps.push("login accepted".into());
        }
        if let Some(sender) = &ask.sender {
            self.address("MAIL FROM", sender).await?;
            steps.push(format!("takes mail from {sender}"));
        }
        if let Some(recipient) = &ask.recipient {
            self.address("RCPT TO", recipient).await?;
            steps.push(format!("for {recipient}"));
        }
        self.say("RSET", 250, "refuses RSET").await.map(|_| ())
    }

    async fn log_in(&mut self, ask: &SmtpAsk, login: &Login) -> Result<(), Problem> {
        let offered: Vec<String> = self.logins().map(str::to_owned).collect();
        let has = |name: &str| offered.iter().any(|offer| offer == name);
        if has("PLAIN") {
            self.send(lend::plain(&login.name, &login.password).as_bytes()).await?;
        } else if has("LOGIN") {
            self.send(b"AUTH LOGIN").await?;
            for secret in [&login.name, &login.password] {
                let reply = self.reply().await?;
                if reply.code != 334 {
                    return Err(refused_login(ask, &reply));
                }
                self.send(lend::base64(secret).as_bytes()).await?;
            }
        } else {
            let found = if offered.is_empty() { "no login".to_owned() } else { offered.join(", ") };
            return Err(Problem::new(Code::MailLogin, format!("`{}` offers no login that golive knows", ask.host))
                .found_wanted(found, "PLAIN or LOGIN")
                .fix("correct host and port in the checklist, as the provider names them for sending mail"));
        }
        let reply = self.reply().await?;
        if reply.code == 235 { Ok(()) } else { Err(refused_login(ask, &reply)) }
    }

    async fn address(&mut self, verb: &str, address: &str) -> Result<(), Problem> {
        let bare = !address.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'));
        if !bare {
            return Err(Problem::new(Code::BadValue, "a mail address with blanks or brackets was not sent"));
        }
        self.send(format!("{verb}:<{address}>").as_bytes()).await?;
        let reply = self.reply().await?;
        if (250..=252).contains(&reply.code) {
            return Ok(());
        }
        let what = if verb == "RCPT TO" { "no mail for" } else { "no mail from" };
        let problem = Problem::new(Code::MailRefused, format!("the mail server takes {what} {address}"));
        let problem = problem.why(format!("it answered {}", reply.words()));
        Err(match reply.code {
            530 => problem.fix("log in first: username_env = \"MAIL_USERNAME\", password_env = \"MAIL_PASSWORD\""),
            _ => problem
                .fix("have the address allowed where the mail account is managed, or correct it in the checklist"),
        })
    }

    async fn say(&mut self, line: &str, wanted: u16, otherwise: &str) -> Result<Reply, Problem> {
        self.send(line.as_bytes()).await?;
        self.expect(wanted, otherwise).await
    }

    async fn expect(&mut self, wanted: u16, otherwise: &str) -> Result<Reply, Problem> {
        let reply = self.reply().await?;
        if reply.code == wanted { Ok(reply) } else { Err(self.strange(otherwise, &reply.words())) }
    }

    fn strange(&self, otherwise: &str, said: &str) -> Problem {
        let (host, port) = self.place.rsplit_once(':').unwrap_or((&self.place, "25"));
        Problem::new(Code::HostUnreachable, format!("`{}` {otherwise}", self.place))
            .why(format!("it answered {said}"))
            .fix(format!("look at what answers there: nc {host} {port}"))
    }

    async fn send(&mut self, line: &[u8]) -> Result<(), Problem> {
        let wire = self.wire.get_mut();
        let sent = async {
            wire.write_all(line).await?;
            wire.write_all(b"\r\n").await?;
            wire.flush().await
        };
        sent.await.map_err(|error| self.strange("hangs up", &error.to_string()))
    }

    async fn reply(&mut self) -> Result<Reply, Problem> {
        let mut lines = Vec::new();
        let mut read = 0;
        loop {
            let mut line = Vec::new();
            let left = MOST.saturating_sub(read) + 1;
            let count = (&mut self.wire).take(left as u64).read_until(b'\n', &mut line).await;
            let count = count.map_err(|error| self.strange("hangs up", &error.to_string()))?;
            read += count;
            let text = clean(line.strip_suffix(b"\n").unwrap_or(&line));
            let code = text.get(..3).and_then(|code| code.parse().ok());
            let (Some(code), true) = (code, read <= MOST) else {
                let said = if count == 0 { "nothing, and hung up".to_owned() } else { text.chars().take(80).collect() };
                return Err(self.strange("does not speak as a mail server", &said));
            };
            lines.push(text.get(4..).unwrap_or_default().trim().to_owned());
            if text.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }
}

fn refused_login(ask: &SmtpAsk, reply: &Reply) -> Problem {
    let name = |slot: &Option<Slot>| match slot {
        Some(Slot::Env(name)) => name.clone(),
        _ => "the login".into(),
    };
    Problem::new(Code::MailLogin, format!("`{}` does not accept the login", ask.host))
        .why(format!("it answered {}", reply.words()))
        .fix(format!("correct {} and {} in the env file", name(&ask.username), name(&ask.password)))
        .fix("make a password for programs, where the account has two-step login")
}

fn no_starttls(ask: &SmtpAsk) -> Problem {
    Problem::new(Code::MailNoTls, format!("`{}` offers no STARTTLS on port {}", ask.host, ask.port))
        .why("no password was sent: it would have travelled in clear")
        .fix("use the provider's port for TLS: port = 465, security = \"tls\"")
}

fn in_clear(ask: &SmtpAsk) -> Problem {
    Problem::new(Code::MailNoTls, format!("`{}` would get the login in clear", ask.host))
        .why("nothing was sent: without TLS golive logs in on this computer only")
        .fix("write security = \"starttls\" in the checklist")
}
