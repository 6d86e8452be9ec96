//! What becomes of writes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use super::{Stage, refuse, sending};
use crate::engine::port::{Outcome, Stripe};
use crate::error::{Class, Code, Failure, Problem};
use crate::secret::Slot;
use crate::step::{Look, Sight};
use crate::stripe::script::{Act, reply, with};

#[test]
fn a_secret_in_an_answer_comes_apart_from_everything_else() {
    let stage = Stage::new(|_| {
        let body = json!({ "id": "we_1", "secret": "whsec_freshfreshfresh" }).to_string();
        Some(with(200, &[("Request-Id", "req_5"), ("Idempotent-Replayed", "true")], &body))
    });
    let Some(Outcome::Done(receipt)) = stage.send(&["a=1"]).pop() else { panic!() };
    assert!(receipt.secret.is_some_and(|secret| secret.is("whsec_freshfreshfresh")));
    assert_eq!(
        (receipt.object.as_str(), receipt.request_id.as_deref(), receipt.replayed),
        ("we_1", Some("req_5"), true)
    );
}

#[test]
fn every_end_of_a_write_is_told_apart() {
    let end = |act: Act| Stage::new(move |_| Some(act.clone())).send(&["a=1"]).pop().unwrap();
    assert!(matches!(end(reply(200, r#"{"id":"price_1"}"#)), Outcome::Done(receipt) if receipt.object == "price_1"));
    assert!(matches!(end(refuse(400, Some("parameter_missing"), "x")), Outcome::Refused(r) if r.status == 400));
    assert!(matches!(end(refuse(401, None, "x")), Outcome::Refused(r) if r.status == 401));
    assert!(matches!(end(refuse(409, Some("other"), "x")), Outcome::Refused(r) if r.status == 409));
    let unknown = |act: Act| match end(act) {
        Outcome::Unknown(problem) => problem.code,
        _ => panic!("not unknown"),
    };
    assert_eq!(unknown(refuse(409, Some("idempotency_key_in_use"), "x")), Code::OutcomeUnknown);
    assert_eq!(unknown(refuse(429, None, "x")), Code::RateLimited);
    assert_eq!(unknown(refuse(500, None, "x")), Code::StripeTrouble);
    assert_eq!(unknown(reply(502, "<html>")), Code::StripeTrouble);
    assert_eq!(unknown(reply(200, "garbage")), Code::Unreadable);
    assert_eq!(unknown(reply(200, "{}")), Code::Unreadable);
    assert_eq!(unknown(Act::Drop), Code::Unreachable);
    assert_eq!(unknown(Act::Hang), Code::Unreachable);
    let saved = with(500, &[("Idempotent-Replayed", "true")], r#"{"error":{"message":"boom"}}"#);
    assert!(matches!(end(saved), Outcome::SavedError(refusal) if refusal.message == "boom"));
}

#[test]
fn a_key_rolled_after_a_lost_try_says_nothing_about_that_try() {
    let mut first = true;
    let stage = Stage::new(move |_| {
        if std::mem::take(&mut first) { Some(Act::Drop) } else { Some(refuse(401, None, "Expired API Key")) }
    });
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::Unknown(problem)) if problem.code == Code::KeyRevoked));
}

#[test]
fn writes_go_side_by_side_each_with_its_own_key_and_body() {
    let stage = Stage::new(|seen| {
        let id = format!("price_{}", seen.body);
        Some(Act::Slow(Duration::from_millis(20), Box::new(reply(200, &json!({ "id": id }).to_string()))))
    });
    let bodies: Vec<_> = (0..6).map(|n| format!("n{n}")).collect();
    let outcomes = stage.send(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    for (outcome, body) in outcomes.iter().zip(&bodies) {
        assert!(matches!(outcome, Outcome::Done(receipt) if receipt.object == format!("price_{body}")));
    }
    for seen in stage.server.seen() {
        assert_eq!(seen.header("idempotency-key"), Some(format!("key-{}", seen.body).as_str()));
    }
}

#[test]
fn after_a_failure_to_record_nothing_new_is_started_and_the_rest_is_handed_over() {
    let stage = Stage::new(|_| Some(Act::Slow(Duration::from_millis(10), Box::new(reply(200, r#"{"id":"price_1"}"#)))));
    let sendings: Vec<_> = (0..40).map(|n| sending(&format!("n{n}"))).collect();
    let (mut done, mut unsent) = (0, 0);
    let result = stage.api.send(&sendings, &stage.vault, &mut |batch| {
        for (_, outcome) in batch {
            match outcome {
                Outcome::Done(_) => done += 1,
                Outcome::NotSent(_) => unsent += 1,
                _ => panic!("lost"),
            }
        }
        Err(Failure::new(Class::Unforeseen, Problem::new(Code::DiskFull, "the disk is full")))
    });
    assert_eq!(result.unwrap_err().problem.code, Code::DiskFull);
    assert_eq!((done + unsent, done), (40, stage.server.seen().len()));
    assert!(unsent > 20, "{unsent}");
}

#[test]
fn a_stop_before_its_turn_and_a_missing_key_send_nothing() {
    let mut stage = Stage::new(|_| Some(reply(200, r#"{"id":"price_1"}"#)));
    stage.api.stop_handle().store(true, Ordering::Relaxed);
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::NotSent(problem)) if problem.code == Code::Paused));
    assert!(matches!(stage.look_one(&Look::Balance), Sight::Unseen(problem) if problem.code == Code::Paused));
    stage.api.stop_handle().store(false, Ordering::Relaxed);
    stage.vault.take(&Slot::SecretKey);
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::NotSent(problem)) if problem.code == Code::KeyMissing));
    assert!(stage.server.seen().is_empty());
    drop(stage.runtime);
}
