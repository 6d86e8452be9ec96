//! Tests of the `http` kind over hand-made facts.

use std::collections::BTreeMap;

use super::Spec;
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, spec};
use crate::mode::Mode;
use crate::step::{HttpSight, Look, Sight, Step, Verdict};

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpSight {
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    HttpSight { status, headers, body: body.into(), millis: 84, sent: 1 }
}

fn judge(item: &str, seen: HttpSight) -> Step {
    let item: Spec = spec(item);
    let look = Look::Http(item.ask());
    item.next(&facts(Mode::Live).sight(look, Sight::Http(seen)).get())
}

fn paths(item: &str) -> Vec<String> {
    spec::<Spec>(item).complaints().into_iter().map(|complaint| complaint.path).collect()
}

#[test]
fn the_page_is_asked_for_once_unless_a_burst_is_wanted() {
    let item: Spec = spec("url = 'https://shop.example/'\nexpect = { status = 200 }");
    let Step::Look(looks) = item.next(&facts(Mode::Live).get()) else { panic!("no look") };
    assert!(matches!(&looks[..], [Look::Http(ask)] if ask.burst == 1 && ask.method == "GET"));
}

#[test]
fn a_status_of_the_list_passes_and_any_other_is_found_and_wanted() {
    let item = "url = 'https://shop.example/'\nexpect = { status = [200, 204] }";
    assert_eq!(evidence(judge(item, answer(204, &[], ""))), "204 in 84 ms");
    let problem = failure(judge(item, answer(500, &[], "<h1>Oops</h1>")));
    assert_eq!(problem.code, Code::HttpFailed);
    assert_eq!(problem.found.as_deref(), Some("500: <h1>Oops</h1>"));
    assert_eq!(problem.wanted.as_deref(), Some("200 or 204"));
}

#[test]
fn without_a_status_the_answer_must_still_be_2xx() {
    let item = "url = 'https://shop.example/'\nexpect = { contains = 'pk_live_' }";
    assert_eq!(evidence(judge(item, answer(200, &[], "key pk_live_1"))), "200 in 84 ms, contains \"pk_live_\"");
    assert_eq!(failure(judge(item, answer(404, &[], "pk_live_1"))).wanted.as_deref(), Some("2xx"));
    assert_eq!(failure(judge(item, answer(200, &[], "pk_test_1"))).wanted.as_deref(), Some("\"pk_live_\""));
}

#[test]
fn an_unexpected_redirect_offers_its_final_address() {
    let item = "url = 'https://shop.example/a'\nexpect = { status = 200 }";
    let problem = failure(judge(item, answer(308, &[("location", "/a/")], "")));
    assert_eq!(problem.found.as_deref(), Some("308 to https://shop.example/a/"));
    assert!(problem.fix[0].contains("url = \"https://shop.example/a/\""), "{:?}", problem.fix);
}

#[test]
fn a_wanted_redirect_must_lead_to_the_wanted_place() {
    let item = "url = 'http://shop.example/'\nexpect = { redirect = 'https://shop.example' }";
    let there = answer(301, &[("location", "https://shop.example/")], "");
    assert_eq!(evidence(judge(item, there)), "301 in 84 ms, to https://shop.example/");
    let elsewhere = failure(judge(item, answer(301, &[("location", "https://other.example/")], "")));
    assert_eq!(elsewhere.found.as_deref(), Some("https://other.example/"));
    assert_eq!(failure(judge(item, answer(200, &[], ""))).wanted.as_deref(), Some("a redirect"));
}

#[test]
fn headers_texts_patterns_and_what_must_not_be_there_are_all_named() {
    let item = "url = 'https://shop.example/'\nexpect = { header = { Strict-Transport-Security = 'max-age=' }, contains = ['a', 'zz'], not_contains = 'pk_test_', pattern = '^ok' }";
    let problem = failure(judge(item, answer(200, &[], "a pk_test_1")));
    assert_eq!(problem.message, "the header `Strict-Transport-Security` is not as expected");
    assert_eq!(problem.found.as_deref(), Some("no such header"));
    assert_eq!(problem.why.len(), 3, "{:?}", problem.why);
    let good = answer(200, &[("strict-transport-security", "max-age=31536000")], "ok a zz");
    assert!(evidence(judge(item, good)).starts_with("200 in 84 ms, Strict-Transport-Security as wanted"));
}

#[test]
fn values_in_json_are_compared_or_judged_by_a_rule() {
    let item = "url = 'https://shop.example/config'\n[expect.json]\n'/live' = true\n'/key' = { prefix = 'pk_live_' }\n'/debug' = { present = false }";
    let good = r#"{"live":true,"key":"pk_live_1"}"#;
    assert!(matches!(judge(item, answer(200, &[], good)), Step::Done(Verdict::Pass { .. })));
    let problem = failure(judge(item, answer(200, &[], r#"{"live":true,"key":"pk_test_1"}"#)));
    assert_eq!(problem.found.as_deref(), Some("\"pk_test_1\""));
    assert_eq!(problem.wanted.as_deref(), Some("a text that begins with pk_live_"));
    let absent = failure(judge(item, answer(200, &[], r#"{"key":"pk_live_1"}"#)));
    assert_eq!(absent.found.as_deref(), Some("nothing there"));
    let debug = r#"{"live":true,"key":"pk_live_1","debug":1}"#;
    assert_eq!(failure(judge(item, answer(200, &[], debug))).wanted.as_deref(), Some("no value"));
    assert_eq!(failure(judge(item, answer(200, &[], "<html>"))).message, "the answer is not JSON");
}

#[test]
fn a_burst_must_end_in_429() {
    let item = "url = 'https://shop.example/'\nburst = 20";
    let limited = HttpSight { sent: 12, ..answer(429, &[], "") };
    assert_eq!(evidence(judge(item, limited)), "429 after 12 requests");
    let free = HttpSight { sent: 20, ..answer(200, &[], "") };
    let problem = failure(judge(item, free));
    assert_eq!(problem.found.as_deref(), Some("200 after 20 requests"));
    assert_eq!(problem.wanted.as_deref(), Some("429 within 20 requests"));
}

#[test]
fn an_unreachable_page_fails_and_other_trouble_is_unknown() {
    let item: Spec = spec("url = 'https://shop.example/'\nexpect = { status = 200 }");
    let unseen = |code| {
        let sight = Sight::Unseen(Problem::new(code, "no"));
        item.next(&facts(Mode::Live).sight(Look::Http(item.ask()), sight).get())
    };
    assert_eq!(failure(unseen(Code::HostUnreachable)).code, Code::HostUnreachable);
    assert_eq!(failure(unseen(Code::TlsFailed)).code, Code::TlsFailed);
    assert!(matches!(unseen(Code::Internal), Step::Done(Verdict::Unknown { .. })));
}

#[test]
fn an_answer_cannot_put_control_characters_into_a_problem() {
    let item = "url = 'https://shop.example/'\nexpect = { status = 200 }";
    let hostile = answer(302, &[("location", "https://x.example/\u{1b}[2J")], "\u{1b}]0;owned\u{7}");
    let problem = failure(judge(item, hostile));
    let text = format!("{}{:?}{}", problem.message, problem.found, problem.fix.concat());
    assert!(!text.contains('\u{1b}') && !text.contains("\\u{1b}"), "{text}");
}

#[test]
fn everything_wrong_is_complained_about_at_its_place() {
    assert_eq!(paths("url = 'shop.example'\nexpect = { status = 200 }"), ["url"]);
    assert_eq!(paths("url = 'https://shop.example/'"), ["expect"]);
    assert_eq!(paths("url = 'https://shop.example/'\nexpect = {}"), ["expect"]);
    assert_eq!(paths("url = 'https://shop.example/'\nmethod = 'DELETE'\nexpect = { status = 99 }"), ["method", "expect.status"]);
    assert_eq!(paths("url = 'https://shop.example/'\nbody = 'x'\nexpect = { status = [] }"), ["body", "expect.status"]);
    assert_eq!(paths("url = 'https://shop.example/'\nburst = 1"), ["burst"]);
    assert_eq!(paths("url = 'https://shop.example/'\nburst = 9\nexpect = { status = 200 }"), ["expect"]);
    assert_eq!(paths("url = 'https://shop.example/'\nmethod = 'HEAD'\nexpect = { contains = 'x' }"), ["expect"]);
    assert_eq!(
        paths("url = 'https://shop.example/'\nheaders = { Host = 'x' }\nexpect = { pattern = '(', contains = '', redirect = 'x' }"),
        ["headers", "expect.contains", "expect.pattern", "expect.redirect"]
    );
    assert_eq!(
        paths("url = 'https://shop.example/'\nexpect = { json = { key = 1, '/a' = { prefix = 3 }, '/b' = { pattern = '(' } } }"),
        ["expect.json./a", "expect.json./b", "expect.json"]
    );
    assert!(paths("url = '${vars.site}/health'\nexpect = { status = 200 }").is_empty());
    assert!(paths("url = 'https://shop.example/'\nburst = 9\nexpect = { status = 429 }").is_empty());
}

#[test]
fn a_status_that_is_neither_number_nor_list_is_explained() {
    let error = toml::from_str::<Spec>("url = 'https://shop.example/'\nexpect = { status = '2xx' }").unwrap_err();
    assert!(error.message().contains("a status such as 200"), "{}", error.message());
}

fn with_token(name: &str, value: &str) -> crate::step::EnvSight {
    let secret = crate::secret::Secret::unlisted(value);
    let variables = vec![crate::step::EnvVar::new(name, 1, secret)];
    crate::step::EnvSight { path: ".env.production".into(), exists: true, variables, ..Default::default() }
}

#[test]
fn a_token_is_taken_from_the_env_file_or_asked_for_and_only_its_slot_is_named() {
    use crate::kind::testing::{looks, question};
    let item: Spec = spec("url = 'https://shop.example/api'\nbearer = 'APP_TOKEN'\nexpect = { status = 200 }");
    assert_eq!(looks(item.next(&facts(Mode::Live).get())), [Look::EnvFile]);
    let seen = |sight| facts(Mode::Live).sight(Look::EnvFile, Sight::EnvFile(sight));
    let look = looks(item.next(&seen(with_token("APP_TOKEN", "t")).get())).remove(0);
    let slot = crate::secret::Slot::Env("APP_TOKEN".into());
    assert!(matches!(&look, Look::Http(ask) if ask.bearer.as_ref() == Some(&slot)), "{look:?}");
    let asked = question(item.next(&seen(with_token("APP_TOKEN", "")).get()));
    assert_eq!(asked.name, "token");
    assert!(matches!(&asked.form, crate::step::Form::Secret { slot: asked, .. } if *asked == slot));
    assert_eq!(looks(item.next(&facts(Mode::Live).secret(slot).get())), [look]);
    assert_eq!(evidence(item.next(&facts(Mode::Rehearse).get())), "would ask https://shop.example/api with APP_TOKEN");
}

#[test]
fn a_token_in_clear_or_beside_another_login_is_complained_about() {
    let paths = |text: &str| -> Vec<String> {
        spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
    };
    let item = |url: &str, more: &str| format!("url = '{url}'\nbearer = 'T'\n{more}\nexpect = {{ status = 200 }}");
    assert_eq!(paths(&item("http://shop.example/", "headers = { authorization = 'x' }")), ["headers", "url"]);
    assert!(paths(&item("http://127.0.0.1:8080/", "")).is_empty());
    assert_eq!(paths("url = 'https://a.example'\nburst = 5\nexpect = { max_millis = 5 }"), ["expect.max_millis"]);
}

fn judged(expect: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Step {
    let item: Spec = spec(&format!("url = 'https://shop.example/admin'\nexpect = {expect}"));
    let look = crate::kind::testing::looks(item.next(&facts(Mode::Live).get())).remove(0);
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let seen = crate::step::HttpSight { status, headers, body: body.into(), millis: 1500, sent: 1 };
    item.next(&facts(Mode::Live).sight(look, Sight::Http(seen)).get())
}

#[test]
fn a_page_behind_a_login_is_named_as_such() {
    let form = "<form><input TYPE=\"password\"></form>";
    let cases = [
        judged("{ status = 200 }", 302, &[("location", "/accounts/login/?next=/admin")], ""),
        judged("{ status = 200 }", 401, &[("www-authenticate", "Basic realm=x")], ""),
        judged("{ contains = 'Disputes' }", 200, &[], form),
    ];
    for step in cases {
        let problem = failure(step);
        assert_eq!((problem.code, problem.message.as_str()), (Code::LoginWall, "`https://shop.example/admin` is behind a login"));
    }
    // Who expects it finds it good, and another redirect is another matter.
    evidence(judged("{ status = 401 }", 401, &[], ""));
    evidence(judged("{ redirect = 'https://shop.example/login' }", 302, &[("location", "/login")], ""));
    let moved = failure(judged("{ status = 200 }", 302, &[("location", "/blog/authors")], ""));
    assert_eq!(moved.code, Code::HttpFailed);
}

#[test]
fn what_the_guides_ask_of_their_pages_can_be_asked() {
    let denied = "{\"error\": \"Subscription required.\", \"code\": \"CHECKOUT_REQUIRED\", \"redirect\": \"/checkout\"}";
    let wants = "{ status = 402, json = { '/code' = 'CHECKOUT_REQUIRED' } }";
    assert_eq!(evidence(judged(wants, 402, &[], denied)), "402 in 1500 ms, /code as wanted");
    let other = failure(judged(wants, 402, &[], &denied.replace("CHECKOUT", "SUBSCRIPTION")));
    assert_eq!((other.found.as_deref(), other.wanted.as_deref()), (Some("\"SUBSCRIPTION_REQUIRED\""), Some("\"CHECKOUT_REQUIRED\"")));
    let key = "{ status = 200, json = { '/publishable_key' = { prefix = 'pk_live_' } } }";
    evidence(judged(key, 200, &[], "{\"publishable_key\": \"pk_live_abc\"}"));
    assert!(failure(judged(key, 200, &[], "{\"publishable_key\": \"pk_test_abc\"}")).found.unwrap().contains("pk_test_"));
    let slow = failure(judged("{ status = 200, max_millis = 1000 }", 200, &[], ""));
    assert_eq!((slow.found.as_deref(), slow.wanted.as_deref()), (Some("1500 ms"), Some("1000 ms at most")));
}
