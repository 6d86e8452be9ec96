//! The world against tiny loopback servers: pages, certificates, webhook handlers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::testing::{Authority, Handler, Leaf, Seen, Server, Stage, answer, self_signed};
use super::{Config, World, sign};
use crate::engine::port::World as _;
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::secret::{Secret, Slot, Vault};
use crate::step::{HttpAsk, HttpSight, Look, ProbeSight, Sight, TlsSight};

fn always(status: &'static str, headers: &'static str, body: &'static str) -> Handler {
    Arc::new(move |_| Some(answer(status, headers, body)))
}

fn ask(url: &str) -> HttpAsk {
    HttpAsk { method: "GET".into(), url: url.into(), headers: BTreeMap::new(), body: None, burst: 1, bearer: None }
}

fn see(world: &World, look: &Look, vault: &Vault) -> Sight {
    let mut seen = world.look(std::slice::from_ref(look), vault);
    assert_eq!(&seen[0].0, look);
    seen.remove(0).1
}

fn page(world: &World, ask: HttpAsk) -> HttpSight {
    match see(world, &Look::Http(ask), &Vault::default()) {
        Sight::Http(sight) => sight,
        other => panic!("expected a page, got {other:?}"),
    }
}

fn trouble(world: &World, look: &Look) -> Problem {
    match see(world, look, &Vault::default()) {
        Sight::Unseen(problem) => problem,
        other => panic!("expected trouble, got {other:?}"),
    }
}

fn certificate(world: &World) -> TlsSight {
    match see(world, &Look::Tls { host: "shop.example".into(), port: 443 }, &Vault::default()) {
        Sight::Tls(sight) => sight,
        other => panic!("expected a certificate, got {other:?}"),
    }
}

fn nobody(stage: &Stage) -> SocketAddr {
    stage.runtime.block_on(async { tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() })
}

#[test]
fn a_page_is_asked_for_over_tls_with_the_urls_own_host() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let server =
        Server::start(&stage.runtime, Some(authority.server(Leaf::GOOD)), always("200 OK", "X-A: b\r\n", "hi"));
    let world = stage.world(Mode::Live, server.address, &[&authority.pem]);
    let mut post = ask("https://shop.example/a?b=c");
    (post.method, post.body) = ("POST".into(), Some("text".into()));
    post.headers.insert("X-Test".into(), "1".into());
    let seen = page(&world, post);
    assert_eq!((seen.status, seen.body.as_str(), seen.headers["x-a"].as_str(), seen.sent), (200, "hi", "b", 1));
    let request = &server.seen()[0];
    assert_eq!(request.line, "POST /a?b=c HTTP/1.1");
    assert_eq!((request.headers["host"].as_str(), request.headers["x-test"].as_str()), ("shop.example", "1"));
    assert_eq!(request.body, "text");
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let stage = Stage::new();
    let server = Server::start(&stage.runtime, None, always("301 Moved", "location: http://shop.example/b\r\n", ""));
    let seen = page(&stage.world(Mode::Live, server.address, &[]), ask("http://shop.example/a"));
    assert_eq!((seen.status, seen.headers["location"].as_str()), (301, "http://shop.example/b"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_body_is_read_up_to_its_limit_and_secrets_in_it_are_masked() {
    let stage = Stage::new();
    let body = format!("rk_live_{} {}", "s".repeat(30), "x".repeat(600 * 1024));
    let handler: Handler = Arc::new(move |_| Some(answer("200 OK", "", &body)));
    let server = Server::start(&stage.runtime, None, handler);
    let seen = page(&stage.world(Mode::Live, server.address, &[]), ask("http://shop.example/"));
    assert!(seen.body.starts_with("rk_live_…ssss xxx"), "{}", &seen.body[..40]);
    assert!(seen.body.len() <= 256 * 1024);
}

#[test]
fn a_burst_stops_soon_after_the_first_429() {
    let stage = Stage::new();
    let count = AtomicU32::new(0);
    let handler: Handler = Arc::new(move |_| {
        let limited = count.fetch_add(1, Ordering::SeqCst) >= 10;
        Some(answer(if limited { "429 Too Many Requests" } else { "200 OK" }, "", ""))
    });
    let server = Server::start(&stage.runtime, None, handler);
    let world = stage.world(Mode::Live, server.address, &[]);
    let seen = page(&world, HttpAsk { burst: 50, ..ask("http://shop.example/") });
    assert_eq!((seen.status, seen.sent), (429, 12));
    assert_eq!(server.seen().len(), 12);
}

#[test]
fn a_burst_that_is_never_limited_sends_exactly_what_was_asked() {
    let stage = Stage::new();
    let server = Server::start(&stage.runtime, None, always("200 OK", "", ""));
    let world = stage.world(Mode::Live, server.address, &[]);
    let seen = page(&world, HttpAsk { burst: 7, ..ask("http://shop.example/") });
    assert_eq!((seen.status, seen.sent, server.seen().len()), (200, 7, 7));
}

#[test]
fn a_host_where_nothing_listens_or_that_is_no_host_is_unreachable_and_says_which() {
    let stage = Stage::new();
    let world = stage.world(Mode::Live, nobody(&stage), &[]);
    let refused = trouble(&world, &Look::Http(ask("http://shop.example/")));
    assert_eq!(refused.code, Code::HostUnreachable);
    assert_eq!(refused.message, "`shop.example` refuses connections on port 80");
    let tls = trouble(&world, &Look::Tls { host: "shop.example".into(), port: 443 });
    assert_eq!(tls.message, "`shop.example` refuses connections on port 443");
}

#[test]
fn a_server_that_hangs_or_hangs_up_is_told_apart() {
    let stage = Stage::new();
    let silent = Server::start(&stage.runtime, None, Arc::new(|_| None));
    let mut world = stage.world(Mode::Live, silent.address, &[]);
    world.net.limit = std::time::Duration::from_secs(1);
    let hung = trouble(&world, &Look::Http(ask("http://shop.example/")));
    assert_eq!(hung.code, Code::HostSlow);
    assert_eq!(hung.message, "`shop.example` did not answer on port 80 within 1 seconds");
    let rude = Server::start(&stage.runtime, None, Arc::new(|_| Some(String::new())));
    let closed = trouble(&stage.world(Mode::Live, rude.address, &[]), &Look::Http(ask("http://shop.example/")));
    assert_eq!(closed.code, Code::HostUnreachable);
    assert_eq!(closed.message, "`shop.example` closed the connection without an HTTP answer");
}

#[test]
fn a_good_certificate_has_its_version_days_and_names() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let server = Server::start(&stage.runtime, Some(authority.server(Leaf::GOOD)), always("200 OK", "", ""));
    let seen = certificate(&stage.world(Mode::Live, server.address, &[&authority.pem]));
    assert_eq!(seen.problem, None);
    assert_eq!((seen.version.as_str(), seen.days_left), ("1.3", Some(41)));
    assert_eq!(seen.names, ["shop.example", "www.shop.example"]);
    assert!(server.seen().is_empty(), "nothing is sent to look at a certificate");
}

#[test]
fn the_certificate_of_the_chain_that_ends_first_counts() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let leaf = Leaf { intermediate_days: 20, ..Leaf::GOOD };
    let server = Server::start(&stage.runtime, Some(authority.server(leaf)), always("200 OK", "", ""));
    let seen = certificate(&stage.world(Mode::Live, server.address, &[&authority.pem]));
    assert_eq!((seen.problem, seen.days_left), (None, Some(20)));
}

#[test]
fn each_bad_certificate_is_called_by_its_name_in_looks_and_in_pages() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let said = |config: rustls::ServerConfig, roots: &[&str]| {
        let server = Server::start(&stage.runtime, Some(config), always("200 OK", "", ""));
        let world = stage.world(Mode::Live, server.address, roots);
        let seen = certificate(&world);
        let problem = seen.problem.expect("a problem");
        assert_eq!(problem.code, Code::TlsFailed);
        assert_eq!(trouble(&world, &Look::Http(ask("https://shop.example/"))), problem);
        assert!(server.seen().is_empty(), "nothing is sent over a bad certificate");
        (problem.message, seen.days_left)
    };
    let trusted: &[&str] = &[&authority.pem];
    let (message, days) = said(authority.server(Leaf { days: -3, ..Leaf::GOOD }), trusted);
    assert_eq!((message.as_str(), days), ("a certificate of `shop.example` expired 3 days ago", Some(-3)));
    let (message, days) = said(authority.server(Leaf { intermediate_days: -9, ..Leaf::GOOD }), trusted);
    assert_eq!((message.as_str(), days), ("a certificate of `shop.example` expired 9 days ago", Some(-9)));
    let (message, days) = said(authority.server(Leaf { name: "other.example", ..Leaf::GOOD }), trusted);
    assert_eq!((message.as_str(), days), ("the certificate of `shop.example` is for another name", Some(41)));
    let (message, days) = said(authority.server(Leaf { send_intermediate: false, ..Leaf::GOOD }), trusted);
    assert_eq!(
        (message.as_str(), days),
        ("`shop.example` sends its certificate without the intermediate one", Some(41))
    );
    let alone = Leaf { send_intermediate: false, issuers_address: false, ..Leaf::GOOD };
    let (message, days) = said(authority.server(alone), trusted);
    assert_eq!((message.as_str(), days), ("the certificate of `shop.example` comes from an unknown issuer", Some(41)));
    let (message, days) = said(self_signed(Leaf::GOOD), trusted);
    assert_eq!((message.as_str(), days), ("the certificate of `shop.example` is self-signed", Some(41)));
    let (message, days) = said(authority.server(Leaf::GOOD), &[]);
    assert_eq!((message.as_str(), days), ("the certificate of `shop.example` comes from an unknown issuer", Some(41)));
}

#[test]
fn a_server_without_tls_is_named_as_such() {
    let stage = Stage::new();
    let server = Server::start(&stage.runtime, None, always("400 Bad Request", "", ""));
    let world = stage.world(Mode::Live, server.address, &[]);
    let problem = trouble(&world, &Look::Tls { host: "shop.example".into(), port: 443 });
    assert_eq!(problem.message, "`shop.example` does not speak TLS 1.2 or 1.3 on port 443");
}

#[test]
fn a_rehearsal_contacts_only_what_stands_in() {
    let stage = Stage::new();
    let server = Server::start(&stage.runtime, None, always("200 OK", "", "demo"));
    let with = |default_target| {
        let dir = stage.dir.path().to_path_buf();
        let config = Config {
            resolve: Vec::new(),
            extra_roots: Vec::new(),
            mode: Mode::Rehearse,
            dir,
            env_file: None,
            default_target,
            shop: None,
            cancel: stage.cancel.clone(),
        };
        World::new(config, stage.runtime.handle().clone()).unwrap()
    };
    assert_eq!(page(&with(Some(server.address)), ask("http://anything.example/")).body, "demo");
    for url in ["http://anything.example/", "http://203.0.113.9/"] {
        let problem = trouble(&with(None), &Look::Http(ask(url)));
        assert!(problem.message.starts_with("nothing stands in for"), "{}", problem.message);
    }
}

const SECRET: &str = "whsec_0123456789abcdefghijklmnop";

fn slot() -> Slot {
    Slot::Env("STRIPE_WEBHOOK_SECRET".into())
}

fn vault() -> Vault {
    let mut vault = Vault::default();
    vault.put(slot(), Secret::new(SECRET));
    vault
}

fn probe(world: &World, vault: &Vault) -> ProbeSight {
    let look = Look::WebhookProbe {
        url: "https://shop.example/hook".into(),
        secret: slot(),
        api_version: Some("2026-01-28.clover".into()),
    };
    match see(world, &look, vault) {
        Sight::WebhookProbe(sight) => sight,
        other => panic!("expected a probe, got {other:?}"),
    }
}

/// A handler that verifies as Stripe's libraries do.
fn verifying(secret: &'static str) -> Handler {
    Arc::new(move |seen: &Seen| {
        let header = seen.headers.get("stripe-signature").cloned().unwrap_or_default();
        let at: u64 = header.split(['=', ',']).nth(1).and_then(|at| at.parse().ok()).unwrap_or(0);
        let right = sign::signature(&Secret::new(secret), at, seen.body.as_bytes()) == header;
        Some(if right { answer("200 OK", "", "ok") } else { answer("400 Bad Request", "", "no") })
    })
}

#[test]
fn a_right_handler_refuses_two_events_and_takes_the_third() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let server = Server::start(&stage.runtime, Some(authority.server(Leaf::GOOD)), verifying(SECRET));
    let world = stage.world(Mode::Live, server.address, &[&authority.pem]);
    let seen = probe(&world, &vault());
    let statuses = (seen.unsigned.status, seen.wrongly_signed.status, seen.rightly_signed.map(|right| right.status));
    assert_eq!(statuses, (400, 400, Some(200)));
    let requests = server.seen();
    assert_eq!(requests.len(), 3);
    assert!(!requests[0].headers.contains_key("stripe-signature"));
    for request in &requests {
        assert_eq!(request.line, "POST /hook HTTP/1.1");
        assert_eq!(request.headers["content-type"], "application/json; charset=utf-8");
        assert!(request.headers["user-agent"].ends_with("(webhook probe)"));
        let event: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(
            (event["livemode"].as_bool(), event["api_version"].as_str()),
            (Some(true), Some("2026-01-28.clover"))
        );
        assert!(!request.body.contains("whsec_"));
    }
}

#[test]
fn the_event_says_the_mode_of_the_run() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let server = Server::start(&stage.runtime, Some(authority.server(Leaf::GOOD)), verifying(SECRET));
    probe(&stage.world(Mode::Test, server.address, &[&authority.pem]), &vault());
    assert!(server.seen().iter().all(|request| request.body.contains("\"livemode\": false")));
}

#[test]
fn a_handler_with_another_secret_or_none_at_all_shows_in_the_answers() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let statuses = |handler: Handler, vault: &Vault| {
        let server = Server::start(&stage.runtime, Some(authority.server(Leaf::GOOD)), handler);
        let seen = probe(&stage.world(Mode::Live, server.address, &[&authority.pem]), vault);
        (seen.unsigned.status, seen.wrongly_signed.status, seen.rightly_signed.map(|right| right.status))
    };
    assert_eq!(statuses(verifying("whsec_another_endpoints_secret"), &vault()), (400, 400, Some(400)));
    assert_eq!(statuses(always("200 OK", "", "ok"), &vault()), (200, 200, Some(200)));
    assert_eq!(statuses(verifying(SECRET), &Vault::default()), (400, 400, None));
}

#[test]
fn a_redirecting_or_guarded_handler_keeps_its_location_and_page() {
    let (stage, authority) = (Stage::new(), Authority::new());
    let config = authority.server(Leaf::GOOD);
    let headers = "location: https://www.shop.example/hook\r\ncontent-type: text/html\r\n";
    let server = Server::start(&stage.runtime, Some(config), always("308 Permanent Redirect", headers, "<html>moved"));
    let seen = probe(&stage.world(Mode::Live, server.address, &[&authority.pem]), &vault());
    assert_eq!(seen.unsigned.location.as_deref(), Some("https://www.shop.example/hook"));
    assert_eq!(seen.unsigned.content_type.as_deref(), Some("text/html"));
    assert_eq!(seen.unsigned.body, "<html>moved");
    assert_eq!(server.seen().len(), 3, "the location was not followed");
}
