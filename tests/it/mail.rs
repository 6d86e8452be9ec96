//! A real mail server, `aiosmtpd`, with STARTTLS and a login: what golive says of one that takes
//! them, one without STARTTLS, a wrong login, a recipient nobody knows, and certificates that are
//! wrong. Nothing is ever sent. Without `aiosmtpd` these tests say so and end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::stand::{Ran, Stand};
use super::support::skipped;

/// The server, in Python.
pub const SERVER: &str = r#"
import asyncio, logging, ssl, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
from aiosmtpd.smtp import SMTP, AuthResult
how, certificate, key, log = sys.argv[1:5]
def note(word):
    with open(log, "a") as file: file.write(word + "\n")
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"): return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        note("DATA")
        return "250 OK"
def login(server, session, envelope, mechanism, data):
    note("AUTH " + mechanism)
    good = data.login == b"info@shop.example" and data.password == b"mulberry-ferry-44"
    return AuthResult(success=good, handled=False)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(certificate, key)
options = dict(authenticator=login, auth_required=True, hostname="mail.example")
if how == "starttls": options.update(tls_context=tls, require_starttls=True)
if how in ("clear", "tls"): options.update(auth_require_tls=False)
if how == "loginonly": options.update(tls_context=tls, require_starttls=True, auth_exclude_mechanism=["PLAIN"])
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **options), "127.0.0.1", 0, ssl=tls if how == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"#;

const GOOD: &str = "MAIL_USERNAME=info@shop.example\nMAIL_PASSWORD=mulberry-ferry-44\n";

struct Mail {
    stand: Stand,
    child: Child,
}

impl Drop for Mail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has `aiosmtpd`.
pub fn python() -> Option<String> {
    let named = std::env::vars().find(|(name, _)| name == "GOLIVE_TEST_PYTHON").map(|(_, value)| value);
    let python = named.unwrap_or_else(|| "python3".to_owned());
    let mut probe = Command::new(&python);
    let probe = probe.args(["-c", "import aiosmtpd"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = probe.is_ok_and(|status| status.success());
    if !there {
        skipped("there is no aiosmtpd on this computer: pip install aiosmtpd");
    }
    there.then_some(python)
}

/// What the mail server's certificate is.
#[derive(Clone, Copy, PartialEq)]
pub enum Certificate {
    /// For a name, of an authority whose file is written beside it; the authority's own is sent along.
    For(&'static str),
    /// The right one, of long ago.
    Expired,
    /// Its own issuer.
    SelfSigned,
    /// The right one, without what signed it, as a public authority makes it: it says where that is.
    Alone,
    /// The right one, without what signed it, by somebody's own authority.
    Private,
}

const GOOD_ONE: Certificate = Certificate::For("mail.example");

/// Writes it, its key and its authority's into a folder.
pub fn certify(folder: &Path, which: Certificate) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "golive mail test");
    let root = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let name = if let Certificate::For(name) = which { name } else { "mail.example" };
    let mut own = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if which == Certificate::Expired {
        own.not_before = rcgen::date_time_ymd(2020, 1, 1);
        own.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    if which == Certificate::Alone {
        // Authority information access with one `caIssuers`, as RFC 5280 section 4.2.2.1 writes it.
        let der = b"\x30\x1e\x30\x1c\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x10http://ca.example";
        own.custom_extensions
            .push(rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der.to_vec()));
    }
    let sent = match which {
        Certificate::SelfSigned => own.self_signed(&key).unwrap().pem(),
        Certificate::Alone | Certificate::Private => own.signed_by(&key, &issuer).unwrap().pem(),
        Certificate::For(_) | Certificate::Expired => own.signed_by(&key, &issuer).unwrap().pem() + &root,
    };
    fs::write(folder.join("ca.pem"), root).unwrap();
    fs::write(folder.join("mail.pem"), sent).unwrap();
    fs::write(folder.join("mail.key"), key.serialize_pem()).unwrap();
}

impl Mail {
    fn start(how: &str, certificate: Certificate, fields: &str) -> Option<Self> {
        let python = python()?;
        let mut stand = Stand::new(&format!(
            "schema = 1\nid = \"mail\"\ntitle = \"Mail\"\n\n[env]\nfile = \".env.production\"\n\n[[phase]]\nid = \"mail\"\n\
             title = \"Mail\"\n\n[[phase.item]]\nid = \"login\"\nkind = \"smtp\"\ntitle = \"Mail login\"\nhost = \"mail.example\"\n\
             username_env = \"MAIL_USERNAME\"\npassword_env = \"MAIL_PASSWORD\"\n{fields}\n"
        ));
        let folder = stand.dir.parent().unwrap().to_owned();
        certify(&folder, certificate);
        fs::write(folder.join("server.py"), SERVER).unwrap();
        let mut command = Command::new(python);
        command.arg(folder.join("server.py")).arg(how);
        command.args(["mail.pem", "mail.key", "log"].map(|name| folder.join(name)));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port: u16 = line.trim().parse().unwrap();
        stand.set("GOLIVE_RESOLVE", &format!("mail.example=127.0.0.1:{port}"));
        stand.set("SSL_CERT_FILE", &folder.join("ca.pem").display().to_string());
        stand.write(".env.production", GOOD);
        Some(Self { stand, child })
    }

    fn look(&self) -> Ran {
        let ran = self.stand.run(&["wizard", "--mode", "live", "--yes"]);
        let journal = self.stand.read(".golive/mail.live.jsonl");
        for text in [&ran.err, &ran.out, &journal] {
            assert!(!text.contains("ferry") && !text.contains("bXVsYmVycnk"), "the password is shown: {text}");
        }
        ran
    }

    /// What the server was told: logins, and mail that must never come.
    fn heard(&self) -> String {
        fs::read_to_string(self.stand.dir.parent().unwrap().join("log")).unwrap_or_default()
    }
}

#[test]
fn a_login_after_starttls_sender_and_recipient_are_taken_and_nothing_is_sent() {
    let fields = "sender = \"info@shop.example\"\nrecipient = \"anna@shop.example\"";
    let Some(mail) = Mail::start("starttls", GOOD_ONE, fields) else { return };
    mail.look().expect(0, &["TLS with a good certificate, login accepted, takes mail from info@shop.example"]);
    assert_eq!(mail.heard(), "AUTH PLAIN\n");
    let Some(mail) = Mail::start("loginonly", GOOD_ONE, "") else { return };
    mail.look().expect(0, &["login accepted; nothing was sent"]);
    assert_eq!(mail.heard(), "AUTH LOGIN\n");
    let Some(mail) = Mail::start("tls", GOOD_ONE, "security = \"tls\"") else { return };
    mail.look().expect(0, &["login accepted; nothing was sent"]);
}

#[test]
fn a_wrong_login_a_missing_one_and_an_unknown_recipient_are_told_apart() {
    let fields = "sender = \"info@shop.example\"\nrecipient = \"nobody@shop.example\"";
    let Some(mail) = Mail::start("starttls", GOOD_ONE, fields) else { return };
    mail.look()
        .expect(3, &["GL0733", "the mail server takes no mail for nobody@shop.example", "550 no such user here"]);
    mail.stand.write(".env.production", "MAIL_USERNAME=info@shop.example\nMAIL_PASSWORD=gooseberry-ferry\n");
    let wrong = mail.look();
    wrong.expect(3, &["GL0732", "`mail.example` does not accept the login", "535", "MAIL_USERNAME and MAIL_PASSWORD"]);
    mail.stand.write(".env.production", "MAIL_USERNAME=info@shop.example\n");
    mail.look().expect(3, &["GL0604", "lacks MAIL_PASSWORD"]);
    assert!(!mail.heard().contains("DATA"));
}

#[test]
fn without_starttls_no_password_leaves() {
    let Some(mail) = Mail::start("clear", GOOD_ONE, "") else { return };
    mail.look().expect(3, &["GL0731", "`mail.example` offers no STARTTLS", "no password was sent", "port = 465"]);
    assert_eq!(mail.heard(), "");
    // On this computer, and only there, it may go without.
    let Some(mail) = Mail::start("clear", GOOD_ONE, "security = \"none\"") else { return };
    mail.look().expect(0, &["no TLS, on this computer, login accepted"]);
}

#[test]
fn each_bad_certificate_is_called_by_its_name_and_no_password_leaves() {
    let other = ["the certificate of `mail.example` is for another name", "host = \"other.example\""];
    let cases: [(Certificate, bool, [&str; 2]); 5] = [
        (Certificate::For("other.example"), true, other),
        (Certificate::Expired, true, ["a certificate of `mail.example` expired", "days ago"]),
        (Certificate::SelfSigned, false, ["the certificate of `mail.example` is self-signed", "public authorities"]),
        (GOOD_ONE, false, ["the certificate of `mail.example` comes from an unknown issuer", "none leads to"]),
        (Certificate::Alone, false, ["`mail.example` sends its certificate without the intermediate one", "Stripe"]),
    ];
    for (certificate, known, words) in cases {
        let Some(mut mail) = Mail::start("starttls", certificate, "") else { return };
        if !known {
            mail.stand.set("SSL_CERT_FILE", "");
        }
        let ran = mail.look();
        ran.expect(3, &words).expect(3, &["GL0713", "no password was sent", "openssl s_client -starttls smtp"]);
        assert_eq!(mail.heard(), "");
    }
}

#[test]
fn a_rehearsal_reaches_no_mail_server() {
    let Some(mail) = Mail::start("starttls", GOOD_ONE, "") else { return };
    mail.stand.run(&["rehearse", "--yes"]).expect(0, &["would log in to mail.example:587"]);
    assert_eq!(mail.heard(), "");
}
