//! Tests of the `webhook_probe` kind over hand-made facts.

use super::Spec;
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, spec};
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{Look, ProbeSight, ProbeTry, Sight, Step, Verdict};

const ITEM: &str = "url = 'https://shop.example/hook'";

fn look() -> Look {
    let secret = Slot::Env("STRIPE_WEBHOOK_SECRET".into());
    Look::WebhookProbe { url: "https://shop.example/hook".into(), secret, api_version: None }
}

fn status(status: u16) -> ProbeTry {
    ProbeTry { status, location: None, content_type: None, body: String::new(), millis: 96 }
}

fn page(code: u16, body: &str) -> ProbeTry {
    ProbeTry { content_type: Some("text/html; charset=utf-8".into()), body: body.into(), ..status(code) }
}

fn redirect(to: &str) -> ProbeTry {
    ProbeTry { location: Some(to.into()), ..status(308) }
}

fn judge(unsigned: ProbeTry, wrongly_signed: ProbeTry, rightly_signed: Option<ProbeTry>) -> Step {
    let secret = Slot::Env("STRIPE_WEBHOOK_SECRET".into());
    let seen = ProbeSight { unsigned, wrongly_signed, rightly_signed, rewritten: None };
    spec::<Spec>(ITEM).next(&facts(Mode::Live).secret(secret).sight(look(), Sight::WebhookProbe(seen)).get())
}

fn all(answer: &ProbeTry) -> Problem {
    failure(judge(answer.clone(), answer.clone(), Some(answer.clone())))
}

#[test]
fn the_handler_is_probed_once() {
    let step = spec::<Spec>(ITEM).next(&facts(Mode::Live).get());
    assert!(matches!(step, Step::Look(looks) if looks == [look()]));
}

#[test]
fn refusing_the_wrong_and_accepting_the_right_passes() {
    let step = judge(status(400), status(400), Some(status(200)));
    assert_eq!(evidence(step), "unsigned 400, wrongly signed 400, rightly signed 200 in 96 ms");
    // However a handler refuses, it is its own affair.
    for refusal in [401, 403, 404, 500] {
        assert!(matches!(judge(status(refusal), status(refusal), Some(status(204))), Step::Done(Verdict::Pass { .. })));
    }
    // Express answers `res.send("ok")` as HTML.
    assert!(matches!(judge(status(400), status(400), Some(page(200, "ok"))), Step::Done(Verdict::Pass { .. })));
}

#[test]
fn a_redirect_is_named_with_its_final_address() {
    let problem = all(&redirect("https://www.shop.example/hook"));
    assert_eq!(problem.code, Code::WebhookRedirect);
    assert!(problem.fix[0].contains("url = \"https://www.shop.example/hook\""), "{:?}", problem.fix);
    assert!(all(&redirect("/hook/")).fix[0].contains("https://shop.example/hook/"));
    assert_eq!(all(&status(304)).code, Code::WebhookRedirect);
}

#[test]
fn a_redirect_to_a_login_is_a_login_and_not_an_address_to_register() {
    let problem = all(&redirect("https://shop.example/login?next=/hook"));
    assert_eq!(problem.code, Code::WebhookBlocked);
    assert!(!problem.fix.concat().contains("register"));
}

#[test]
fn whatever_stands_in_front_is_named() {
    let named = |answer: ProbeTry, what: &str| {
        let problem = all(&answer);
        assert_eq!(problem.code, Code::WebhookBlocked, "{what}");
        assert!(problem.message.starts_with(what), "{}", problem.message);
    };
    named(status(401), "a login or a firewall");
    named(status(403), "a login or a firewall");
    named(page(200, "<!doctype html><form><input type=\"password\">"), "a login page");
    named(page(403, "<html><title>Just a moment...</title>"), "a bot check");
    named(page(503, "<html>Down for maintenance"), "a maintenance page");
    named(page(200, "<!DOCTYPE html><div id=root>"), "a web page");
    named(status(502), "a proxy");
    named(status(429), "a rate limit");
}

#[test]
fn a_missing_route_and_one_that_takes_no_post_are_told_apart() {
    let missing = all(&status(404));
    assert_eq!(missing.code, Code::WebhookNotFound);
    assert_eq!(missing.why[0], "nothing is deployed at this path");
    assert_eq!(all(&status(405)).why[0], "the route does not take POST");
}

#[test]
fn accepting_what_stripe_did_not_sign_fails_even_when_the_secret_is_unknown() {
    let both = failure(judge(status(200), status(200), Some(status(200))));
    assert_eq!(both.code, Code::WebhookUnsigned);
    assert_eq!(both.message, "the webhook handler accepts unsigned and wrongly signed events");
    let only = failure(judge(status(400), status(200), Some(status(200))));
    assert_eq!(only.message, "the webhook handler accepts wrongly signed events");
    assert_eq!(failure(judge(status(204), status(400), None)).code, Code::WebhookUnsigned);
}

#[test]
fn refusing_the_rightly_signed_event_names_the_usual_causes() {
    let problem = failure(judge(status(400), status(400), Some(status(400))));
    assert_eq!(problem.code, Code::WebhookSecretWrong);
    let why = problem.why.join("\n");
    for cause in ["another secret", "not been restarted", "stripe listen"] {
        assert!(why.contains(cause), "{why}");
    }
    assert!(why.contains("unsigned 400, wrongly signed 400, rightly signed 400 in 96 ms"));
}

#[test]
fn a_handler_that_breaks_on_a_signed_event_holds_the_right_secret() {
    let problem = failure(judge(status(400), status(400), Some(status(500))));
    assert_eq!(problem.code, Code::WebhookFails);
    assert!(problem.why[0].contains("breaks on a signed one"), "{:?}", problem.why);
    assert!(!problem.why.concat().contains("another secret"));
    assert_eq!(all(&status(500)).why[0], "it breaks on every event");
}

#[test]
fn a_body_that_was_parsed_first_is_told_from_a_wrong_secret() {
    let step = |rewritten: Option<ProbeTry>, right: ProbeTry| {
        let secret = Slot::Env("STRIPE_WEBHOOK_SECRET".into());
        let (unsigned, wrongly_signed) = (status(400), status(400));
        let seen = ProbeSight { unsigned, wrongly_signed, rightly_signed: Some(right), rewritten };
        spec::<Spec>(ITEM).next(&facts(Mode::Live).secret(secret).sight(look(), Sight::WebhookProbe(seen)).get())
    };
    assert_eq!(failure(step(Some(status(200)), status(400))).code, Code::WebhookBodyParsed);
    assert_eq!(failure(step(Some(status(400)), status(400))).code, Code::WebhookSecretWrong);
    let words = "Webhook payload must be provided as a string or a Buffer. Payload was provided as a parsed JavaScript object instead.";
    let told = ProbeTry { body: words.into(), ..status(400) };
    assert_eq!(failure(step(Some(told.clone()), told)).code, Code::WebhookBodyParsed);
    let no = ProbeTry { body: "No signatures found. Are you passing the raw request body?".into(), ..status(400) };
    assert_eq!(failure(step(Some(no.clone()), no)).code, Code::WebhookSecretWrong);
}

#[test]
fn without_the_secret_nothing_is_called_proven() {
    let problem = failure(judge(status(400), status(400), None));
    assert_eq!(problem.code, Code::WebhookSecretLost);
    assert!(problem.found.unwrap().contains("STRIPE_WEBHOOK_SECRET"));
}

#[test]
fn an_unreachable_handler_fails_and_other_trouble_is_unknown() {
    let unseen = |code| {
        let sight = Sight::Unseen(Problem::new(code, "no"));
        spec::<Spec>(ITEM).next(&facts(Mode::Live).sight(look(), sight).get())
    };
    assert_eq!(failure(unseen(Code::HostUnreachable)).code, Code::HostUnreachable);
    assert!(matches!(unseen(Code::Internal), Step::Done(Verdict::Unknown { .. })));
}

#[test]
fn a_url_that_stripe_cannot_call_is_not_even_probed() {
    for url in ["http://shop.example/hook", "https://localhost/hook", "https://10.0.0.7/hook"] {
        let item: Spec = spec(&format!("url = '{url}'"));
        assert_eq!(failure(item.next(&facts(Mode::Live).get())).code, Code::WebhookUrl, "{url}");
        assert!(matches!(item.next(&facts(Mode::Test).get()), Step::Look(_)), "{url}");
    }
}

#[test]
fn a_secret_where_its_variable_belongs_is_refused_and_not_repeated() {
    let secret = format!("whsec_{}+", "k".repeat(32));
    let complaints = spec::<Spec>(&format!("{ITEM}\nsecret_env = '{secret}'")).complaints();
    assert_eq!(complaints[0].path, "secret_env");
    assert!(!complaints[0].message.contains("kkkkkkkk"), "{}", complaints[0].message);
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
    assert_eq!(spec::<Spec>("url = 'shop/hook'").complaints()[0].path, "url");
}
