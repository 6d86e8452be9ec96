//! Shops that people really write: Flask and Express with Stripe's official libraries, right and wrong
//! in the usual ways. golive tells them apart by name. Skipped, with a word, where they are not
//! installed: `pip install flask stripe`, `npm install express stripe` and `NODE_PATH`.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stand::Stand;

const SECRET: &str = "whsec_0123456789abcdefghijABCDEFGHIJ42";

/// A kind of shop: its program (or another in its place), its script, and what shows that its
/// libraries are there.
struct Language {
    program: &'static str,
    instead: &'static str,
    script: &'static str,
    there: [&'static str; 2],
}

const FLASK: Language = Language {
    program: "python3",
    instead: "GOLIVE_TEST_PYTHON",
    script: "flask_shop.py",
    there: ["-c", "import flask, stripe"],
};
const EXPRESS: Language = Language {
    program: "node",
    instead: "GOLIVE_TEST_NODE",
    script: "express_shop.js",
    there: ["-e", "require('express'); require('stripe')"],
};

/// A shop that runs until it is dropped.
struct Shop {
    child: Child,
    port: u16,
}

impl Language {
    #[expect(clippy::disallowed_methods, reason = "where the libraries are, only the environment knows")]
    fn command(&self) -> Command {
        Command::new(std::env::var(self.instead).unwrap_or_else(|_| self.program.to_owned()))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shop {
    fn open(language: &Language, conduct: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shops").join(language.script);
        let mut command = language.command();
        command.arg(script).arg(port.to_string()).arg(conduct).env("STRIPE_WEBHOOK_SECRET", SECRET);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (shop, began) = (Self { child, port }, Instant::now());
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "the shop does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        shop
    }
}

/// What golive says of a shop.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn probe(language: &Language, conduct: &str, code: i32, words: &[&str]) {
    let there = language.command().args(language.there).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        println!("skipped: {} with Stripe's library is not installed", language.program);
        return;
    }
    let shop = Shop::open(language, conduct);
    let checklist = format!(
        "schema = 1\nid = \"shop\"\ntitle = \"Shop\"\n[env]\nfile = \".env\"\n[[phase]]\nid = \"a\"\ntitle = \"A\"\n\
         [[phase.item]]\nid = \"keys\"\nkind = \"keys\"\ntitle = \"Keys\"\n\
         [[phase.item]]\nid = \"probe\"\nkind = \"webhook_probe\"\ntitle = \"Probe\"\nurl = \"http://127.0.0.1:{}/webhook\"\n",
        shop.port
    );
    let mut stand = Stand::new(&checklist);
    let (secret, publishable) = (stand.sim.test.secret.clone(), stand.sim.test.publishable.clone());
    stand.set("GOLIVE_TEST_KEY", &secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &publishable);
    stand.write(".env", &format!("STRIPE_WEBHOOK_SECRET={SECRET}\n"));
    let ran = stand.run(&["wizard", "--mode", "test", "--yes"]);
    ran.expect(code, words);
    assert!(!ran.err.contains(SECRET), "the secret was shown");
}

#[test]
fn a_right_handler_passes() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "right", 0, &["unsigned 400, wrongly signed 400, rightly signed 200"]);
    }
}

#[test]
fn another_secret_is_named() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "wrong-secret", 3, &["GL0406", "it holds another secret than `STRIPE_WEBHOOK_SECRET`"]);
    }
}

#[test]
fn a_body_that_is_parsed_before_it_is_verified_is_named() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "parsed", 3, &["GL0421", "parses the body before it verifies it"]);
    }
}

#[test]
fn a_handler_that_verifies_nothing_is_named() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "unverified", 3, &["GL0405", "accepts unsigned and wrongly signed events"]);
    }
}

#[test]
fn a_handler_that_redirects_is_named_with_where_to() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "redirect", 3, &["GL0403", "/webhook/"]);
    }
}

#[test]
fn a_handler_that_breaks_is_named() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "failing", 3, &["GL0422", "it breaks on every event"]);
    }
}

#[test]
fn a_handler_that_takes_too_long_is_named() {
    for language in [&FLASK, &EXPRESS] {
        probe(language, "slow", 3, &["GL0740", "a delivery that takes longer counts as failed"]);
    }
}
