//! Carrying out: what is on disk before what is sent, and what a refusal or a lost answer stops.

use super::stripe::{Fault, signing_secret};
use super::support::Bench;
use super::{CATALOG, ENV, WEBHOOK, with};
use crate::engine::Permit;
use crate::error::{Class, Code};
use crate::state::{Event, ItemState};

#[test]
fn a_request_is_on_disk_before_it_is_sent_and_its_answer_right_after() {
    let mut bench = Bench::new();
    bench.wizard(CATALOG);
    let log = bench.happened();
    let order: Vec<&str> = log
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("intended") || line.contains("applied") || line.contains("send"))
        .collect();
    assert_eq!(
        order,
        [
            "journal intended",
            "send create_product",
            "journal applied",
            "journal intended",
            "send create_price",
            "journal applied"
        ]
    );
}

#[test]
fn a_signing_secret_is_in_the_env_file_before_its_endpoint_is_recorded() {
    let mut bench = Bench::new();
    bench.wizard(&with(&[CATALOG, WEBHOOK]));
    let log = bench.happened();
    let at = |line: &str| log.iter().position(|other| other == line).unwrap();
    let sent = at("send create_webhook");
    let wanted = ["journal env_intended", "env STRIPE_WEBHOOK_SECRET", "journal env_written", "journal applied"];
    assert_eq!(log[sent + 1..=sent + 4], wanted);
    let number = bench.stripe.world().endpoints[0].id.trim_start_matches("we_").parse().unwrap();
    assert_eq!(bench.env.get("STRIPE_WEBHOOK_SECRET"), Some(signing_secret(number).as_str()));
}

#[test]
fn a_second_run_sends_nothing() {
    let all = with(&[CATALOG, WEBHOOK, ENV]);
    let mut bench = Bench::new();
    bench.wizard(&all);
    bench.happened();
    bench.wizard(&all);
    assert!(bench.happened().iter().all(|line| line.starts_with("journal judged")), "{:?}", bench.log);
    let shown = bench.operator.plans.len();
    assert_eq!(bench.walk(&all, Permit::APPLY).unwrap().changes.len(), 0);
    assert_eq!(bench.operator.plans.len(), shown);
}

#[test]
fn a_refusal_fails_its_item_and_nothing_else_and_its_later_stages_are_not_sent() {
    let all = with(&[CATALOG, WEBHOOK]);
    let mut bench = Bench::new();
    bench.stripe.fault("create_product", Fault::Refused(400));
    bench.wizard(&all);
    assert_eq!(bench.item(&all, "catalog.pro"), ItemState::Failed);
    assert_eq!(bench.item(&all, "webhook.main"), ItemState::Done);
    assert_eq!(bench.stripe.world().prices.len(), 0);
    let problem = bench.problem("catalog.pro");
    assert_eq!(problem.code, Code::StripeRefused);
    assert_eq!(problem.request_id.as_deref(), Some("req_9"));
    assert!(problem.why.iter().any(|why| why == "it was about: product pro"), "{problem:?}");
    assert!(bench.state().open.is_empty());
    // A corrected request is a new one: with the fault gone, the next run does it.
    bench.wizard(&all);
    assert_eq!(bench.item(&all, "catalog.pro"), ItemState::Done);
}

#[test]
fn what_was_done_before_a_refusal_is_not_done_again() {
    let mut bench = Bench::new();
    bench.stripe.fault("create_price", Fault::Refused(400));
    bench.wizard(CATALOG);
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Failed);
    bench.wizard(CATALOG);
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done);
    let world = bench.stripe.world();
    assert_eq!((world.products.len(), world.prices.len()), (1, 1));
}

#[test]
fn a_lost_answer_ends_the_run_with_75_and_stays_open() {
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Saved] {
        let mut bench = Bench::new();
        bench.stripe.fault("create_product", fault);
        let failure = bench.walk(CATALOG, Permit::WIZARD).unwrap_err();
        assert_eq!(failure.class.exit_code(), 75, "{fault:?}");
        assert_eq!(failure.problem.code, Code::OutcomeUnknown, "{fault:?}");
        assert_eq!(bench.state().open.len(), 1, "{fault:?}");
        assert_eq!(bench.stripe.world().prices.len(), 0, "{fault:?}");
    }
}

#[test]
fn what_never_left_this_computer_is_given_up_at_once() {
    let mut bench = Bench::new();
    bench.stripe.fault("create_product", Fault::NotSent);
    let failure = bench.walk(CATALOG, Permit::WIZARD).unwrap_err();
    assert_eq!((failure.class, failure.problem.code), (Class::TryAgain, Code::Unreachable));
    assert!(bench.state().open.is_empty());
    bench.wizard(CATALOG);
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done);
}

#[test]
fn what_only_looks_sends_and_writes_nothing() {
    let all = with(&[CATALOG, WEBHOOK, ENV]);
    for permit in [Permit::LOOK, Permit::CHECK] {
        let mut bench = Bench::new();
        bench.may_write = false;
        let halt = bench.walk(&all, permit).unwrap();
        assert!(!bench.happened().iter().any(|line| line.starts_with("send") || line.starts_with("env")));
        let planned: Vec<String> = halt.changes.iter().map(|item| item.address.to_string()).collect();
        assert_eq!(planned, ["catalog.pro", "webhook.main"]);
        assert!(bench.operator.plans.is_empty());
    }
}

#[test]
fn declining_leaves_everything_as_it_was() {
    let mut bench = Bench::new();
    bench.operator = crate::ui::Scripted::new().consent(false);
    let halt = bench.wizard(CATALOG);
    assert_eq!(halt.changes.len(), 1);
    assert!(!bench.happened().iter().any(|line| line.starts_with("send")));
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Todo);
}

#[test]
fn the_env_file_is_written_whole_between_intent_and_record() {
    let all = with(&[CATALOG, ENV]);
    let mut bench = Bench::new();
    bench.wizard(&all);
    let log = bench.happened();
    let written = log.iter().position(|line| line == "env PRICE_PRO").unwrap();
    assert_eq!(log[written - 1], "journal env_intended");
    assert_eq!(log[written + 1], "journal env_written");
    let price = bench.stripe.world().prices[0].id.clone();
    assert_eq!(bench.env.get("PRICE_PRO"), Some(price.as_str()));
}

#[test]
fn an_id_that_changed_in_stripe_reaches_the_env_file_in_the_same_run() {
    let all = with(&[CATALOG, ENV]);
    let mut bench = Bench::new();
    bench.wizard(&all);
    // Somebody changed the price by hand: the lookup key is on another one now.
    bench.stripe.world().prices[0].unit_amount = Some(1);
    bench.wizard(&all);
    let world = bench.stripe.world();
    let now = world.prices.iter().find(|price| price.lookup_key.is_some()).unwrap();
    assert_ne!(now.id, world.prices[0].id);
    assert!(!world.prices[0].active, "the old one is closed");
    assert_eq!(bench.env.get("PRICE_PRO"), Some(now.id.as_str()));
}

#[test]
fn nothing_of_a_secret_is_in_the_journal() {
    let all = with(&[CATALOG, WEBHOOK, ENV]);
    let mut bench = Bench::new();
    bench.wizard(&all);
    let journal = serde_json::to_string(&bench.lines).unwrap();
    for secret in [super::support::SECRET, super::support::PUBLISHABLE, "whsec_0000"] {
        assert!(!journal.contains(secret), "{secret}");
    }
    assert!(bench.lines.iter().any(|line| matches!(line.event, Event::Key { .. })));
}

#[test]
fn a_change_that_stripe_takes_without_effect_is_sent_once_and_then_fails() {
    let mut bench = Bench::new();
    bench.wizard(CATALOG);
    bench.stripe.world().products[0].name = "Somebody's".into();
    bench.stripe.world().deaf = true;
    bench.happened();
    bench.wizard(CATALOG);
    let sent = bench.happened().into_iter().filter(|line| line == "send update_product").count();
    assert_eq!(sent, 1);
    let problem = bench.problem("catalog.pro");
    assert_eq!(problem.code, Code::ChangeIgnored);
    assert!(problem.why[0].starts_with("name is Somebody's, wanted is "), "{problem:?}");
    // The next run tries again.
    bench.wizard(CATALOG);
    assert!(bench.happened().contains(&"send update_product".to_owned()));
}
