//! A real mail server with STARTTLS and a login, for a launch: that of the tests of `smtp`, with a
//! certificate for the host that the checklist names.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::mail::{Certificate, SERVER, certify, python};

/// Who may log in.
pub const LOGIN: (&str, &str) = ("info@shop.example", "mulberry-ferry-44");

/// A running mail server; dropping it stops it.
pub struct MailServer {
    /// Where it listens, on loopback.
    pub port: u16,
    child: Child,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl MailServer {
    /// One for a host; nothing, and a word about it, where there is no `aiosmtpd`. `ca.pem` of the
    /// folder vouches for it.
    pub fn start(folder: &Path, host: &'static str) -> Option<Self> {
        let python = python()?;
        certify(folder, Certificate::For(host));
        std::fs::write(folder.join("server.py"), SERVER).unwrap();
        let mut command = Command::new(python);
        command.arg(folder.join("server.py")).arg("starttls");
        command.args(["mail.pem", "mail.key", "log"].map(|name| folder.join(name)));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { port: line.trim().parse().unwrap(), child })
    }
}
