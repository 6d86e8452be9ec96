//! Thresholds, and what counts against them.

use serde_json::json;

use super::{Limit, Spec};
use crate::error::Code;
use crate::kind::Kind as _;
use crate::kind::testing::{FactsBuilder, evidence, facts, failure, looks, spec};
use crate::mode::Mode;
use crate::step::object::{Event, WebhookEndpoint};
use crate::step::{Collection, Look, Sight, unix};

const ALL: &str = "since_minutes = 60\nseen = [\"checkout.session.completed\"]\nundelivered = \"5%\"\nfailed_payments = \"1%\"\n\
                   disputes = 0\nfraud_warnings = 0";

fn since() -> i64 {
    unix("2026-11-21T09:00:00Z")
}

fn event(kind: &str, age: i64, pending: i64) -> Event {
    Event {
        id: format!("evt_{age}_{pending}"),
        type_: kind.into(),
        created: Some(unix("2026-11-21T10:00:00Z") - age),
        pending_webhooks: pending,
        ..Event::default()
    }
}

fn listener(events: &[&str]) -> WebhookEndpoint {
    WebhookEndpoint {
        id: "we_1".into(),
        url: "https://shop.example/hook".into(),
        status: "enabled".into(),
        enabled_events: events.iter().map(|event| (*event).to_owned()).collect(),
        ..WebhookEndpoint::default()
    }
}

fn seen(events: Vec<Event>) -> FactsBuilder {
    let look = Look::Events { types: Vec::new(), since: since(), undelivered: false };
    let of = |collection| Look::Recent(collection, since());
    facts(Mode::Live)
        .sight(look, Sight::Events(events))
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(vec![listener(&["checkout.session.completed"])]))
        .sight(of(Collection::Charges), Sight::Objects(vec![json!({"id": "ch_1", "status": "succeeded"})]))
        .sight(of(Collection::Disputes), Sight::Objects(Vec::new()))
        .sight(of(Collection::EarlyFraudWarnings), Sight::Objects(Vec::new()))
}

#[test]
fn it_looks_back_from_the_moment_at_which_the_command_began() {
    let kind: Spec = spec("since_minutes = 60\nundelivered = 0");
    let asked = looks(kind.next(&facts(Mode::Live).get()));
    assert_eq!(asked, [Look::Events { types: Vec::new(), since: since(), undelivered: false }]);
}

#[test]
fn what_is_within_every_threshold_passes_with_counts() {
    let kind: Spec = spec(ALL);
    let facts = seen(vec![event("checkout.session.completed", 600, 0), event("product.updated", 700, 0)]);
    assert_eq!(
        evidence(kind.next(&facts.get())),
        "1 checkout.session.completed, 0 of 1 events undelivered, 0 of 1 payments failed, 0 disputes, \
         0 early fraud warnings in 1 hour"
    );
}

#[test]
fn only_events_that_somebody_listens_to_and_that_are_not_brand_new_count() {
    let kind: Spec = spec("undelivered = 0");
    let fresh = event("checkout.session.completed", 10, 1);
    let unheard = event("product.updated", 600, 1);
    assert_eq!(evidence(kind.next(&seen(vec![fresh, unheard]).get())), "0 of 0 events undelivered in 1 hour");
    let late = event("checkout.session.completed", 600, 1);
    let problem = failure(kind.next(&seen(vec![late]).get()));
    assert_eq!((problem.code, problem.found.as_deref()), (Code::EventsUndelivered, Some("1")));
    assert!(problem.why[0].contains("evt_600_1"), "{problem:?}");
}

#[test]
fn a_share_is_passed_by_more_than_it_and_by_nothing_less() {
    let limit = Limit::Share("5%".into());
    assert!(!limit.is_passed(0, 0) && !limit.is_passed(1, 20) && limit.is_passed(2, 20));
    assert!(!Limit::Count(1).is_passed(1, 1) && Limit::Count(1).is_passed(2, 2));
}

#[test]
fn everything_that_is_too_much_is_named_and_the_first_decides() {
    let kind: Spec = spec(ALL);
    let of = |collection| Look::Recent(collection, since());
    let failed = json!({"id": "ch_2", "status": "failed", "failure_code": "card_declined", "failure_message": "No."});
    let facts = seen(vec![event("checkout.session.completed", 600, 0)])
        .sight(of(Collection::Charges), Sight::Objects(vec![failed]))
        .sight(of(Collection::Disputes), Sight::Objects(vec![json!({"id": "dp_1", "charge": "ch_9"})]));
    let problem = failure(kind.next(&facts.get()));
    assert_eq!((problem.code, problem.found.as_deref()), (Code::EventsPaymentsFail, Some("100.0%")));
    assert!(problem.why.iter().any(|why| why.contains("card_declined")), "{problem:?}");
    assert!(problem.why.iter().any(|why| why == "also: 1 dispute in 1 hour"), "{problem:?}");
}

#[test]
fn an_expected_event_that_did_not_happen_fails() {
    let kind: Spec = spec("seen = [\"invoice.paid\"]");
    assert_eq!(failure(kind.next(&seen(Vec::new()).get())).code, Code::EventsUnseen);
}

#[test]
fn thresholds_that_mean_nothing_are_complained_about() {
    let complaints = |text: &str| spec::<Spec>(text).complaints();
    assert!(complaints(ALL).is_empty(), "{:?}", complaints(ALL));
    for wrong in ["", "since_minutes = 0\ndisputes = 0", "undelivered = \"many\"", "disputes = \"5%\"", "seen = [\"paid\"]"] {
        assert_eq!(complaints(wrong).len(), 1, "{wrong}");
    }
    assert!(toml::from_str::<Spec>("undelivered = -1").is_err());
}
