//! What the transport does when the line, the answers or the pace are bad.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Answer, Call, Limits, Transport, Trouble};
use crate::error::Code;
use crate::mode::Mode;
use crate::secret::Secret;
use crate::stripe::ApiBase;
use crate::stripe::script::{Act, Server, reply, with};

const OK: &str = r#"{"id":"prod_1","object":"product"}"#;
const ERROR: &str = r#"{"error":{"type":"api_error","message":"sorry"}}"#;

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        each: Duration::from_secs(5),
        total: Duration::from_secs(20),
        tries: 4,
        pause: Duration::from_millis(2),
        longest: Duration::from_millis(10),
        grace: Duration::from_millis(200),
    }
}

fn transport(server: &Server, limits: Limits) -> Transport {
    Transport::new(ApiBase::parse(Some(&server.address)).unwrap(), Mode::Live, limits, None).unwrap()
}

fn key() -> Secret {
    Secret::new("sk_live_transporttests0123456789")
}

fn post() -> Call {
    Call {
        method: "POST",
        path: "/v1/products".into(),
        query: None,
        body: Some("name=Pro".into()),
        key: Some("key-1".into()),
    }
}

async fn call(transport: &Transport) -> Result<Answer, Trouble> {
    transport.call(&post(), &key(), &AtomicBool::new(false)).await
}

async fn run(script: Vec<Act>) -> (Result<Answer, Trouble>, Server) {
    let server = Server::play(script).await;
    let transport = transport(&server, limits());
    (call(&transport).await, server)
}

#[tokio::test]
async fn a_request_carries_key_version_agent_and_form() {
    let (answer, server) = run(vec![with(200, &[("Request-Id", "req_7")], OK)]).await;
    let answer = answer.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((answer.status, answer.request_id.as_deref(), answer.doubtful), (200, Some("req_7"), false));
    let seen = &server.seen()[0];
    assert_eq!((seen.line.as_str(), seen.body.as_str()), ("POST /v1/products", "name=Pro"));
    assert_eq!(seen.header("authorization"), Some("Bearer sk_live_transporttests0123456789"));
    assert_eq!(seen.header("idempotency-key"), Some("key-1"));
    assert_eq!(seen.header("stripe-version"), Some(stripe_client_core::VERSION.as_str()));
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(seen.header("user-agent").is_some_and(|agent| agent.starts_with("golive/")));
}

#[tokio::test]
async fn errors_of_stripes_are_tried_again_with_the_same_bytes_and_key() {
    let (answer, server) = run(vec![reply(500, ERROR), reply(503, ERROR), reply(200, OK)]).await;
    let answer = answer.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert!(answer.status == 200 && answer.doubtful);
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    for again in &seen {
        assert_eq!((again.body.as_str(), again.header("idempotency-key")), ("name=Pro", Some("key-1")));
    }
}

#[tokio::test]
async fn a_saved_error_is_not_asked_for_again() {
    let (answer, server) = run(vec![reply(500, ERROR), with(500, &[("Idempotent-Replayed", "true")], ERROR)]).await;
    let answer = answer.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert!(answer.status == 500 && answer.replayed);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn stripe_should_retry_has_the_last_word() {
    let (answer, server) = run(vec![
        with(400, &[("Stripe-Should-Retry", "true")], ERROR),
        with(503, &[("Stripe-Should-Retry", "false")], ERROR),
    ])
    .await;
    assert!(answer.is_ok_and(|answer| answer.status == 503));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for status in [400, 401, 402, 403, 404] {
        let (answer, server) = run(vec![reply(status, ERROR)]).await;
        assert!(answer.is_ok_and(|answer| answer.status == status && !answer.doubtful));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn conflicts_and_limits_are_tried_again_and_leave_no_doubt() {
    let (answer, server) = run(vec![reply(409, ERROR), reply(429, ERROR), reply(200, OK)]).await;
    assert!(answer.is_ok_and(|answer| answer.status == 200 && !answer.doubtful));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_pause_is_jittered_bounded_and_never_shorter_than_stripe_asks() {
    let server = Server::play([]).await;
    let limits = Limits { pause: Duration::from_millis(100), longest: Duration::from_millis(300), ..limits() };
    let transport = transport(&server, limits);
    let first: Vec<_> = (0..50).map(|_| transport.pause(1, None)).collect();
    assert!(first.iter().all(|pause| *pause <= Duration::from_millis(100)), "{first:?}");
    assert!(first.iter().any(|pause| *pause != first[0]), "{first:?}");
    assert!((0..50).all(|_| transport.pause(30, None) <= Duration::from_millis(300)));
    assert_eq!(transport.pause(1, Some(Duration::from_secs(7))), Duration::from_secs(7));
}

#[tokio::test]
async fn retry_after_is_read_and_nothing_is_waited_for_beyond_the_total() {
    let server = Server::play([with(429, &[("Retry-After", "0")], ERROR), reply(200, OK)]).await;
    assert!(call(&transport(&server, limits())).await.is_ok_and(|answer| answer.status == 200));

    let server = Server::play([with(429, &[("Retry-After", "3600")], ERROR), reply(200, OK)]).await;
    assert!(call(&transport(&server, limits())).await.is_ok_and(|answer| answer.status == 429));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_dropped_connection_is_tried_again_and_leaves_a_doubt() {
    let (answer, server) = run(vec![Act::Drop, Act::Drop, reply(200, OK)]).await;
    assert!(answer.is_ok_and(|answer| answer.status == 200 && answer.doubtful));
    assert_eq!(server.seen().len(), 3);
    let (answer, server) = run(vec![Act::Drop, Act::Drop, Act::Drop, Act::Drop, reply(200, OK)]).await;
    let trouble = answer.err().unwrap();
    assert!(trouble.sent);
    assert_eq!(trouble.problem.code, Code::Unreachable);
    assert_eq!(trouble.problem.why.last().map(String::as_str), Some("tried 4 times"));
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_connection_that_never_stood_carried_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let base = ApiBase::parse(Some(&address)).unwrap();
    let transport = Transport::new(base, Mode::Live, limits(), None).unwrap();
    let trouble = call(&transport).await.err().unwrap();
    assert_eq!((trouble.sent, trouble.problem.code), (false, Code::Unreachable));
}

#[tokio::test]
async fn a_hanging_server_is_given_up_after_the_time_limit() {
    let server = Server::play([Act::Hang, Act::Hang, Act::Hang, Act::Hang]).await;
    let limits = Limits { each: Duration::from_millis(60), ..limits() };
    let trouble = call(&transport(&server, limits)).await.err().unwrap();
    assert!(trouble.sent);
    assert_eq!(trouble.problem.why[0], "no answer within the time limit");
    assert_eq!(server.seen().len(), 4);
    let limits = Limits { each: Duration::from_secs(9), total: Duration::from_millis(100), ..limits };
    let server = Server::play([Act::Hang, Act::Hang]).await;
    assert!(call(&transport(&server, limits)).await.is_err_and(|trouble| trouble.sent));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn waiting_for_a_turn_does_not_count_against_the_time_limit() {
    let server = Server::rule(|_| Some(reply(200, OK))).await;
    let limits = Limits { total: Duration::from_millis(250), each: Duration::from_millis(250), ..limits() };
    let transport = transport(&server, limits);
    let all = futures_util::future::join_all((0..20).map(|_| call(&transport))).await;
    assert!(all.iter().all(Result::is_ok), "the last one's turn comes long after the limit");
}

#[tokio::test]
async fn what_cannot_be_stripes_answer_is_trouble() {
    let page = "<html>502 Bad Gateway</html>";
    let cases = [(200, "not json", Code::Unreadable), (200, "[1]", Code::Unreadable), (200, "", Code::Unreadable)];
    let cases = cases.into_iter().chain([
        (302, "", Code::Unreadable),
        (403, page, Code::Unreadable),
        (502, page, Code::StripeTrouble),
        (500, r#"{"message":"no error object"}"#, Code::StripeTrouble),
    ]);
    for (status, body, code) in cases {
        let (answer, server) = run(vec![reply(status, body); 4]).await;
        let trouble = answer.err().unwrap_or_else(|| panic!("{status} {body}"));
        assert_eq!((trouble.problem.code, trouble.sent), (code, true), "{status} {body}");
        assert_eq!(server.seen().len(), 4, "{status} {body}");
    }
    let (answer, _) = run(vec![reply(502, page), reply(200, OK)]).await;
    assert!(answer.is_ok_and(|answer| answer.status == 200 && answer.doubtful));
}

#[tokio::test]
async fn requests_after_each_other_share_one_connection() {
    let server = Server::rule(|_| Some(reply(200, OK))).await;
    let transport = transport(&server, limits());
    for _ in 0..5 {
        assert!(call(&transport).await.is_ok());
    }
    assert_eq!((server.seen().len(), server.connections()), (5, 1));
}

#[tokio::test]
async fn odd_paths_and_wrong_keys_never_leave() {
    let server = Server::rule(|_| Some(reply(200, OK))).await;
    let transport = transport(&server, limits());
    for path in ["/v1/products/", "/v1/products/a?b", "/v1/../x", "/v1//x", "/products", "/v1/a b", "/v1/é"] {
        let odd = Call { path: path.into(), ..post() };
        let trouble = transport.call(&odd, &key(), &AtomicBool::new(false)).await.err().unwrap();
        assert_eq!((trouble.problem.code, trouble.sent), (Code::Internal, false), "{path}");
    }
    let test = Secret::new("sk_test_transporttests0123456789");
    let trouble = transport.call(&post(), &test, &AtomicBool::new(false)).await.err().unwrap();
    assert_eq!((trouble.problem.code, trouble.sent), (Code::KeyWrongMode, false));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn after_a_stop_nothing_new_is_started_and_what_is_in_flight_gets_its_grace() {
    let late = Act::Slow(Duration::from_millis(60), Box::new(reply(200, OK)));
    let server = Server::play([late, Act::Hang, reply(200, OK)]).await;
    let transport = transport(&server, limits());
    let (first, ()) = tokio::join!(call(&transport), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        transport.stop().store(true, Ordering::Relaxed);
    });
    assert!(first.is_ok_and(|answer| answer.status == 200), "in flight, and within its grace");
    let second = call(&transport).await.err().unwrap();
    assert_eq!((second.sent, second.problem.code), (false, Code::Paused));
    assert_eq!(server.seen().len(), 1);

    transport.stop().store(false, Ordering::Relaxed);
    let (third, ()) = tokio::join!(call(&transport), async {
        while server.seen().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        transport.stop().store(true, Ordering::Relaxed);
    });
    let third = third.err().unwrap();
    assert!(third.sent, "its grace is over: nobody knows");
    assert_eq!(server.seen().len(), 2);
}
