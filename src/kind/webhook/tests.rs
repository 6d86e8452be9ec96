//! What the webhook kind decides, fact by fact.

#[path = "suffix_tests.rs"]
mod suffix;

use super::events::EVENTS;
use super::{LIMIT, Spec};
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, outputs, question, refused, spec, unknown};
use crate::mode::Mode;
use crate::secret::{Secret, Slot};
use crate::step::object::WebhookEndpoint;
use crate::step::{
    Applied, Check, Effect, EnvSight, EnvVar, Form, Look, Origin, Sight, Step, Verb, WebhookDraft, Write,
};

const ITEM: &str = r#"
url = "https://shop.example/hook"
events = ["checkout.session.completed", "invoice.paid"]
"#;

fn endpoint(id: &str) -> WebhookEndpoint {
    WebhookEndpoint {
        id: id.into(),
        url: "https://shop.example/hook".into(),
        status: "enabled".into(),
        livemode: Some(true),
        // Stripe keeps its own order.
        enabled_events: vec!["invoice.paid".into(), "checkout.session.completed".into()],
        ..WebhookEndpoint::default()
    }
}

fn secret(end: &str) -> Secret {
    Secret::unlisted(format!("whsec_{}{end}", "0".repeat(28)))
}

/// An env file with these signing secrets, one a line.
fn env(secrets: &[&str]) -> EnvSight {
    let variable = |(n, end): (usize, &&str)| EnvVar::new("STRIPE_WEBHOOK_SECRET", n + 1, secret(end));
    let variables = secrets.iter().enumerate().map(variable).collect();
    EnvSight { path: ".env".into(), exists: true, variables, ..EnvSight::default() }
}

fn stripe(endpoints: Vec<WebhookEndpoint>, env: EnvSight) -> FactsBuilder {
    facts(Mode::Live)
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(endpoints))
        .sight(Look::EnvFile, Sight::EnvFile(env))
}

fn next(item: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(item).next(&facts.get())
}

fn change(item: &str, found: WebhookEndpoint) -> crate::step::WebhookPatch {
    let actions = actions(next(item, &stripe(vec![found], env(&["wxyz"]))));
    match &actions[0].effect {
        Effect::Stripe(Write::UpdateWebhook { id, patch }) if id == "we_1" && actions.len() == 1 => patch.clone(),
        other => panic!("not one update: {other:?}"),
    }
}

#[test]
fn the_env_file_is_read_before_a_secret_is_made() {
    assert_eq!(looks(next(ITEM, &facts(Mode::Live))), [Look::WebhookEndpoints, Look::EnvFile]);
}

#[test]
fn an_endpoint_that_is_missing_is_created_with_its_mark() {
    let actions = actions(next(ITEM, &stripe(Vec::new(), env(&[]))));
    let [action] = &actions[..] else { panic!("{actions:?}") };
    let wanted = WebhookDraft {
        url: "https://shop.example/hook".into(),
        enabled_events: vec!["checkout.session.completed".into(), "invoice.paid".into()],
        metadata: [("golive".to_owned(), "acme/phase.item".to_owned())].into(),
        secret_env: "STRIPE_WEBHOOK_SECRET".into(),
        ..WebhookDraft::default()
    };
    assert_eq!(action.effect, Effect::Stripe(Write::CreateWebhook(wanted)));
    assert_eq!(action.verb, Verb::Create);
}

#[test]
fn an_endpoint_as_it_should_be_passes_with_its_id() {
    let facts = stripe(vec![endpoint("we_1")], env(&["wxyz"]));
    assert_eq!(evidence(next(ITEM, &facts)), "we_1, 2 events");
    assert_eq!(outputs(next(ITEM, &facts)).get("id").map(String::as_str), Some("we_1"));
}

#[test]
fn urls_are_compared_as_stripe_would_call_them() {
    for url in ["https://SHOP.example/hook", "https://shop.example:443/hook", "https://shop.example/hook?from=stripe"] {
        let found = WebhookEndpoint { url: url.into(), ..endpoint("we_1") };
        evidence(next(ITEM, &stripe(vec![found], env(&["wxyz"]))));
    }
    for url in ["https://shop.example/hooks", "https://shop.example/Hook", "https://shop.example:8443/hook", "http://shop.example/hook"] {
        let found = WebhookEndpoint { url: url.into(), ..endpoint("we_1") };
        let actions = actions(next(ITEM, &stripe(vec![found], env(&["wxyz"]))));
        assert_eq!(actions[0].verb, Verb::Create, "{url}");
    }
}

#[test]
fn the_limit_is_noticed_before_anything_is_sent() {
    let others = |count: usize| {
        let other = |n| WebhookEndpoint { url: format!("https://shop.example/{n}"), ..endpoint(&format!("we_{n}")) };
        (0..count).map(other).collect::<Vec<_>>()
    };
    assert_eq!(actions(next(ITEM, &stripe(others(LIMIT - 1), env(&[])))).len(), 1);
    let mut full = others(LIMIT);
    full[3].status = "disabled".into();
    let problem = failure(next(ITEM, &stripe(full, env(&[]))));
    assert_eq!(problem.code, Code::WebhookLimit);
    assert_eq!(problem.why, ["switched off, so perhaps not needed: we_3"]);
}

#[test]
fn an_endpoint_made_here_moves_with_its_url_and_keeps_its_secret() {
    let marked = |id: &str| WebhookEndpoint {
        url: "https://old.example/hook".into(),
        metadata: [("golive".to_owned(), "acme/phase.item".to_owned())].into(),
        ..endpoint(id)
    };
    let patch = change(ITEM, marked("we_1"));
    assert_eq!(patch.url.as_deref(), Some("https://shop.example/hook"));
    // Two that carry the mark, or one made by somebody else, are no reason to move anything.
    for others in [vec![marked("we_1"), marked("we_2")], vec![WebhookEndpoint { metadata: [].into(), ..marked("we_1") }]] {
        let actions = actions(next(ITEM, &stripe(others, env(&[]))));
        assert!(matches!(&actions[0].effect, Effect::Stripe(Write::CreateWebhook(_))), "{actions:?}");
    }
}

#[test]
fn two_endpoints_of_one_url_are_named_and_left_alone() {
    let problem = failure(next(ITEM, &stripe(vec![endpoint("we_1"), endpoint("we_2")], env(&["wxyz"]))));
    assert_eq!(problem.code, Code::WebhookDuplicate);
    assert!(problem.why[0].contains("we_1, we_2"), "{problem:?}");
}

#[test]
fn a_disabled_endpoint_is_switched_on_unless_another_is_on() {
    let off = |id| WebhookEndpoint { status: "disabled".into(), ..endpoint(id) };
    assert_eq!(change(ITEM, off("we_1")).disabled, Some(false));
    evidence(next(ITEM, &stripe(vec![off("we_1"), endpoint("we_2")], env(&["wxyz"]))));
}

#[test]
fn missing_and_superfluous_events_are_corrected() {
    let wanted = Some(vec!["checkout.session.completed".to_owned(), "invoice.paid".to_owned()]);
    for events in [vec!["invoice.paid"], vec!["invoice.paid", "checkout.session.completed", "charge.failed"], vec!["*"]] {
        let found = WebhookEndpoint { enabled_events: events.into_iter().map(str::to_owned).collect(), ..endpoint("we_1") };
        assert_eq!(change(ITEM, found).enabled_events, wanted);
    }
}

#[test]
fn a_description_is_corrected_when_the_checklist_has_one() {
    let item = format!("description = \"Shop\"\n{ITEM}");
    let found = WebhookEndpoint { description: Some("Old".into()), ..endpoint("we_1") };
    assert_eq!(change(&item, found.clone()).description.as_deref(), Some("Shop"));
    evidence(next(ITEM, &stripe(vec![found], env(&["wxyz"]))));
}

#[test]
fn another_api_version_is_a_failure_because_stripe_cannot_change_it() {
    let item = format!("api_version = \"2026-01-28.clover\"\n{ITEM}");
    let version = |version: Option<&str>| {
        let found = WebhookEndpoint { api_version: version.map(str::to_owned), ..endpoint("we_1") };
        next(&item, &stripe(vec![found], env(&["wxyz"])))
    };
    assert_eq!(failure(version(Some("2025-01-27.acacia"))).found.as_deref(), Some("2025-01-27.acacia"));
    assert_eq!(failure(version(None)).found.as_deref(), Some("the account's default"));
    evidence(version(Some("2026-01-28.clover")));
}

#[test]
fn an_endpoint_that_was_there_before_needs_its_secret_from_the_operator() {
    let question = question(next(ITEM, &stripe(vec![endpoint("we_1")], env(&[]))));
    let slot = Slot::Env("STRIPE_WEBHOOK_SECRET".into());
    assert_eq!(question.form, Form::Secret { slot, check: Check::SigningSecret });
    assert_eq!(question.link.as_deref(), Some("https://dashboard.stripe.com/webhooks/we_1"));
}

#[test]
fn a_secret_that_was_given_goes_to_the_env_file() {
    let given = secret("abcd");
    let slot = Slot::Env("STRIPE_WEBHOOK_SECRET".into());
    let facts = |env| {
        let known = (given.masked(), given.fingerprint());
        stripe(vec![endpoint("we_1")], env).known(slot.clone(), &known.0, &known.1, Origin::Prompt)
    };
    for before in [env(&[]), env(&["wxyz"])] {
        let actions = actions(next(ITEM, &facts(before)));
        assert!(matches!(&actions[0].effect, Effect::Env(sets) if sets[0].variable == "STRIPE_WEBHOOK_SECRET"));
        assert_eq!((actions[0].noun.as_str(), actions[0].fields[0].to.as_str()), ("env", "whsec_…abcd"));
    }
    evidence(next(ITEM, &facts(env(&["abcd"]))));
}

#[test]
fn a_secret_that_nobody_has_seen_is_asked_for_whatever_the_env_file_holds() {
    let found = |facts: FactsBuilder| {
        let mut facts = facts.wrote("webhook item", Write::CreateWebhook(WebhookDraft::default()), "we_1");
        facts.applied.iter_mut().for_each(|applied: &mut Applied| applied.found = true);
        facts
    };
    let facts = found(stripe(vec![endpoint("we_1")], env(&["wxyz"])));
    question(next(ITEM, &facts));
    evidence(next(ITEM, &facts.answer("secret", "given")));
}

#[test]
fn an_env_file_that_cannot_take_the_secret_stops_before_the_endpoint_is_created() {
    let twice = failure(next(ITEM, &stripe(Vec::new(), env(&["abcd", "wxyz"]))));
    assert_eq!((twice.code, twice.why), (Code::EnvDuplicate, vec!["lines 1 and 2".to_owned()]));
    let tracked = EnvSight { problems: vec![Problem::new(Code::EnvTracked, "git tracks .env")], ..env(&[]) };
    assert_eq!(failure(next(ITEM, &stripe(Vec::new(), tracked))).code, Code::EnvTracked);
}

#[test]
fn urls_that_stripe_cannot_call_fail_before_anything_is_looked_at() {
    for url in [
        "http://shop.example/hook",
        "https://localhost/hook",
        "https://127.0.0.1:8443/hook",
        "https://10.0.0.8/hook",
        "https://[::1]:8443/hook",
        "https://[fd00::1]/hook",
        "https://me:pw@shop.example/hook",
        "https:///hook",
    ] {
        let item = ITEM.replace("https://shop.example/hook", url);
        assert_eq!(failure(next(&item, &facts(Mode::Live))).code, Code::WebhookUrl, "{url}");
    }
    let ported = ITEM.replace("shop.example", "shop.example:8443");
    assert_eq!(looks(next(&ported, &facts(Mode::Live))).len(), 2);
    let plain = ITEM.replace("https:", "http:");
    assert_eq!(looks(next(&plain, &facts(Mode::Test))).len(), 2);
}

#[test]
fn a_refused_or_unreadable_listing_is_never_an_empty_one() {
    let with = |sight| facts(Mode::Live).sight(Look::WebhookEndpoints, sight).sight(Look::EnvFile, Sight::EnvFile(env(&[])));
    let no = refused(403, "Having the 'rak_webhook_read' permission would allow this request.");
    assert_eq!(failure(next(ITEM, &with(no))).message, "the key lacks the permission `webhook_read`");
    assert_eq!(unknown(next(ITEM, &with(Sight::Permitted))).code, Code::Unreadable);
}

#[test]
fn a_misspelt_event_is_named_at_load_with_the_one_that_was_meant() {
    let complain = |event: &str| {
        let item = format!("url = \"https://shop.example/hook\"\nevents = [\"invoice.paid\", \"{event}\"]");
        spec::<Spec>(&item).complaints().into_iter().next()
    };
    for (wrong, right) in [
        ("checkout.session.complete", "checkout.session.completed"),
        ("checkout_session.completed", "checkout.session.completed"),
        ("Invoice.Paid", "invoice.paid"),
        ("payment_intent.suceeded", "payment_intent.succeeded"),
    ] {
        let complaint = complain(wrong).unwrap();
        assert_eq!((complaint.path.as_str(), complaint.code), ("events[1]", Code::BadValue));
        assert_eq!(complaint.help, Some(format!("did you mean `{right}`?")));
    }
    for bad in ["checkout.session.*", "paid", "", "invoice paid"] {
        assert!(complain(bad).is_some(), "{bad}");
    }
    // One that golive does not know may be newer than golive.
    for good in ["*", "invoice.payment_failed", "brand_new.thing.happened", "${vars.event}"] {
        assert_eq!(complain(good), None, "{good}");
    }
}

#[test]
fn a_url_that_is_none_is_complained_about_at_load_and_a_local_one_only_when_it_counts() {
    let complaints = |url: &str| spec::<Spec>(&ITEM.replace("https://shop.example/hook", url)).complaints().len();
    assert_eq!(complaints("shop.example/hook"), 1);
    assert_eq!(complaints("https://me:pw@shop.example/hook"), 1);
    assert_eq!(complaints("https://${vars.host}/hook"), 0);
    assert_eq!(complaints("http://localhost:4242/hook"), 0);
}

#[test]
fn the_simulator_knows_the_same_events() {
    assert_eq!(EVENTS, include_str!("../../simulator/data/events.txt"));
}
