//! `smtp`: the mail server takes the application's login, and a mail from its sender to a recipient,
//! as far as can be known without sending one. The login is named by its variables, never seen.

use schemars::JsonSchema;
use serde::Deserialize;

use super::command::variable_missing;
use super::env::env_name_complaint;
use super::text::{complaint, is_open, misunderstood};
use super::{Complaint, Kind, Realm};
use crate::error::Code;
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{EnvVar, Facts, Look, MailSecurity, Sight, SmtpAsk, SmtpSight, Step, Verdict};

/// The fields of an `smtp` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Host name.
    pub host: String,
    /// Port: 587, or 465 with `security = "tls"`.
    pub port: Option<u16>,
    /// `starttls` (the default), `tls` from the first byte, or `none`, on this computer only.
    pub security: Option<MailSecurity>,
    /// The variable of the env file that holds the user's name.
    pub username_env: Option<String>,
    /// The variable of the env file that holds the password.
    pub password_env: Option<String>,
    /// Whom mail comes from; asked about without sending any.
    pub sender: Option<String>,
    /// Whom it would go to; asked about without sending any.
    pub recipient: Option<String>,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if facts.mode == Mode::Rehearse {
            return Step::Done(Verdict::pass(format!("would log in to {}:{} and send nothing", self.host, self.port())));
        }
        if let Some(step) = self.login_missing(facts) {
            return step;
        }
        let look = Look::Smtp(self.ask());
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Smtp(seen)) => Step::Done(judge(seen)),
            // The application could not send its mail either.
            Some(Sight::Unseen(problem))
                if matches!(problem.code, Code::HostUnreachable | Code::TlsFailed | Code::EnvValue) =>
            {
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
        let mut complaints = Vec::new();
        let host = &self.host;
        let bare = !host.contains(['/', ':', '@', '*']);
        if !is_open(host) && (host.is_empty() || !bare || host.contains(char::is_whitespace)) {
            let help = "write the bare name: host = \"smtp.example\"";
            complaints.push(complaint("host", Code::BadValue, format!("`{host}` is not a host name"), help));
        }
        if self.port == Some(0) {
            complaints.push(complaint("port", Code::BadValue, "port 0 cannot be reached", "leave it out for 587"));
        }
        if self.username_env.is_some() != self.password_env.is_some() {
            let missing = if self.username_env.is_none() { "username_env" } else { "password_env" };
            let message = "a login has a name and a password";
            complaints.push(complaint(missing, Code::MissingField, message, "name both variables, or none"));
        }
        for (path, name) in [("username_env", &self.username_env), ("password_env", &self.password_env)] {
            complaints.extend(name.iter().filter_map(|name| env_name_complaint(path, name)));
        }
        for (path, address) in [("sender", &self.sender), ("recipient", &self.recipient)] {
            complaints.extend(address.iter().filter_map(|address| address_complaint(path, address)));
        }
        if self.recipient.is_some() && self.sender.is_none() {
            let message = "a server is asked for a recipient only after a sender";
            complaints.push(complaint("sender", Code::MissingField, message, "write whom mail comes from: sender = \"info@shop.example\""));
        }
        complaints
    }
}

/// What is wrong with an address: only what would break the line it is sent on, and what is none.
fn address_complaint(path: &str, address: &str) -> Option<Complaint> {
    let good = address.contains('@') && !address.contains(['<', '>']) && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    (!good && !is_open(address)).then(|| {
        let message = format!("`{address}` is not a mail address");
        complaint(path, Code::BadValue, message, format!("write the bare address: {path} = \"info@shop.example\""))
    })
}

impl Spec {
    fn security(&self) -> MailSecurity {
        match (self.security, self.port) {
            (Some(security), _) => security,
            (None, Some(465)) => MailSecurity::Tls,
            (None, _) => MailSecurity::Starttls,
        }
    }

    fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security() {
            MailSecurity::Starttls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        })
    }

    fn ask(&self) -> SmtpAsk {
        SmtpAsk {
            host: self.host.clone(),
            port: self.port(),
            security: self.security(),
            username: self.username_env.clone().map(Slot::Env),
            password: self.password_env.clone().map(Slot::Env),
            sender: self.sender.clone(),
            recipient: self.recipient.clone(),
        }
    }

    /// The env file is looked at first: a login without its variables would be tried in vain.
    fn login_missing(&self, facts: &Facts<'_>) -> Option<Step> {
        let names: Vec<&String> = self.username_env.iter().chain(&self.password_env).collect();
        if names.is_empty() {
            return None;
        }
        let sight = match facts.see(&Look::EnvFile) {
            None => return Some(Step::Look(vec![Look::EnvFile])),
            Some(Sight::EnvFile(sight)) => sight,
            Some(Sight::Unseen(problem)) => return Some(Step::Done(Verdict::Unknown { problem: problem.clone() })),
            Some(other) => return Some(Step::Done(Verdict::Unknown { problem: misunderstood(other) })),
        };
        let missing = names.into_iter().find(|name| sight.get(name).is_none_or(EnvVar::is_empty))?;
        Some(Step::Done(Verdict::fail(variable_missing(missing, sight))))
    }
}

fn judge(seen: &SmtpSight) -> Verdict {
    match &seen.problem {
        Some(problem) => Verdict::fail(problem.clone()),
        None => Verdict::pass(format!("{}; nothing was sent", seen.steps.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;
    use crate::error::{Code, Problem};
    use crate::kind::Kind;
    use crate::kind::testing::{evidence, facts, failure, looks, spec};
    use crate::mode::Mode;
    use crate::secret::Secret;
    use crate::step::{EnvSight, EnvVar, Look, MailSecurity, Sight, SmtpSight};

    const ITEM: &str = "host = 'smtp.example'\nusername_env = 'MAIL_USERNAME'\npassword_env = 'MAIL_PASSWORD'\nsender = 'info@shop.example'";

    fn env(names: &[&str]) -> Sight {
        let variables = names.iter().map(|name| EnvVar::new(*name, 1, Secret::unlisted("v"))).collect();
        Sight::EnvFile(EnvSight { path: ".env.production".into(), exists: true, variables, ..EnvSight::default() })
    }

    #[test]
    fn the_login_is_named_by_its_variables_and_they_must_be_there() {
        let item: Spec = spec(ITEM);
        assert_eq!(looks(item.next(&facts(Mode::Live).get())), [Look::EnvFile]);
        let seen = |names: &[&str]| item.next(&facts(Mode::Live).sight(Look::EnvFile, env(names)).get());
        assert_eq!(failure(seen(&["MAIL_USERNAME"])).message, "`.env.production` lacks MAIL_PASSWORD");
        let Look::Smtp(ask) = looks(seen(&["MAIL_USERNAME", "MAIL_PASSWORD"])).remove(0) else { panic!("no mail") };
        assert_eq!((ask.port, ask.security), (587, MailSecurity::Starttls));
        let tls: Spec = spec("host = 'a'\nport = 465");
        assert_eq!(tls.ask().security, MailSecurity::Tls);
    }

    #[test]
    fn what_the_server_allowed_is_the_evidence() {
        let item: Spec = spec("host = 'smtp.example'");
        let after = |problem| {
            let sight = Sight::Smtp(SmtpSight { steps: vec!["TLS 1.3".into(), "login accepted".into()], problem });
            item.next(&facts(Mode::Live).sight(Look::Smtp(item.ask()), sight).get())
        };
        assert_eq!(evidence(after(None)), "TLS 1.3, login accepted; nothing was sent");
        assert_eq!(failure(after(Some(Problem::new(Code::MailLogin, "no")))).code, Code::MailLogin);
        let rehearsed = evidence(item.next(&facts(Mode::Rehearse).get()));
        assert_eq!(rehearsed, "would log in to smtp.example:587 and send nothing");
    }

    #[test]
    fn half_a_login_and_what_is_no_address_are_complained_about() {
        let paths = |text: &str| -> Vec<String> {
            spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
        };
        assert!(paths(ITEM).is_empty());
        assert_eq!(paths("host = 'smtp.example:587'\nusername_env = 'A'"), ["host", "password_env"]);
        assert_eq!(paths("host = 'a'\nrecipient = \"me\\nDATA\""), ["recipient", "sender"]);
    }
}
