//! Settling: after a crash or a lost answer, nothing is doubled and no secret is lost.

use super::stripe::{Fault, signing_secret};
use super::support::{Bench, ROLLED, STRANGER};
use super::{CATALOG, COMMAND, ENV, WEBHOOK, with};
use crate::engine::Permit;
use crate::error::{Class, Code};
use crate::secret::Slot;
use crate::state::{Event, ItemState};
use crate::step::Look;
use crate::ui::Scripted;

/// A bench where the answer to one write was lost.
fn lost(checklist: &str, write: &'static str, fault: Fault) -> Bench {
    let mut bench = Bench::new();
    bench.stripe.fault(write, fault);
    let failure = bench.walk(checklist, Permit::WIZARD).unwrap_err();
    assert_eq!(failure.class, Class::TryAgain);
    bench.happened();
    bench.stripe.world().looked.clear();
    bench
}

#[test]
fn a_lost_reply_is_settled_before_anything_is_looked_at() {
    let all = with(&[CATALOG, WEBHOOK]);
    let mut bench = lost(&all, "create_webhook", Fault::LostAfter);
    bench.wizard(&all);
    let log = bench.happened();
    let wanted = ["send create_webhook", "journal env_intended", "env STRIPE_WEBHOOK_SECRET", "journal env_written"];
    assert_eq!(log[0..4], wanted);
    assert_eq!(log[4], "journal applied");
    let world = bench.stripe.world();
    assert_eq!(world.endpoints.len(), 1);
    let number = world.endpoints[0].id.trim_start_matches("we_").parse().unwrap();
    assert_eq!(bench.env.get("STRIPE_WEBHOOK_SECRET"), Some(signing_secret(number).as_str()));
}

#[test]
fn a_crash_between_sending_and_recording_doubles_nothing_and_loses_no_secret() {
    let all = with(&[CATALOG, WEBHOOK, ENV]);
    let mut bench = Bench::new();
    bench.dies_at = Some("applied");
    for _ in 0..8 {
        assert!(bench.walk(&all, Permit::WIZARD).is_err());
    }
    bench.dies_at = None;
    bench.wizard(&all);
    let world = bench.stripe.world();
    assert_eq!((world.products.len(), world.prices.len(), world.endpoints.len()), (1, 1, 1));
    let number = world.endpoints[0].id.trim_start_matches("we_").parse().unwrap();
    assert_eq!(bench.env.get("STRIPE_WEBHOOK_SECRET"), Some(signing_secret(number).as_str()));
}

#[test]
fn what_never_arrived_is_done_by_the_replay() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostBefore);
    bench.wizard(CATALOG);
    assert_eq!(bench.stripe.world().products.len(), 1);
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done);
}

#[test]
fn a_command_that_may_not_write_settles_nothing() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostBefore);
    bench.may_write = false;
    bench.walk(CATALOG, Permit::LOOK).unwrap();
    assert!(!bench.happened().iter().any(|line| line.starts_with("send")));
    assert_eq!(bench.state().open.len(), 1);
}

#[test]
fn a_replay_that_is_not_sent_leaves_the_question_open() {
    let all = with(&[CATALOG, WEBHOOK]);
    let mut bench = lost(&all, "create_webhook", Fault::LostAfter);
    bench.stripe.fault("create_webhook", Fault::NotSent);
    let failure = bench.walk(&all, Permit::WIZARD).unwrap_err();
    assert_eq!(failure.class, Class::TryAgain);
    assert_eq!(bench.state().open.len(), 1, "it may have been sent the first time");
    bench.wizard(&all);
    assert!(bench.env.get("STRIPE_WEBHOOK_SECRET").is_some());
}

#[test]
fn a_replay_without_an_answer_leaves_the_question_open() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
    bench.stripe.fault("create_product", Fault::LostBefore);
    let failure = bench.walk(CATALOG, Permit::WIZARD).unwrap_err();
    assert_eq!(failure.problem.code, Code::OutcomeUnknown);
    assert_eq!(bench.state().open.len(), 1);
}

#[test]
fn an_old_write_that_happened_is_found_by_its_identity() {
    for (write, fault) in [("create_product", Fault::LostAfter), ("create_price", Fault::LostAfter)] {
        let mut bench = lost(CATALOG, write, fault);
        bench.age(30);
        bench.wizard(CATALOG);
        let log = bench.happened();
        assert!(!log.contains(&format!("send {write}")), "{write}: {log:?}");
        assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done, "{write}");
        let world = bench.stripe.world();
        assert_eq!((world.products.len(), world.prices.len()), (1, 1), "{write}");
    }
}

#[test]
fn an_old_write_that_did_not_happen_is_planned_again() {
    let mut bench = lost(CATALOG, "create_price", Fault::LostBefore);
    bench.age(30);
    bench.wizard(CATALOG);
    assert_eq!(bench.operator.plans.len(), 2);
    assert_eq!(bench.stripe.world().prices.len(), 1);
}

#[test]
fn a_failure_that_stripe_saved_is_settled_by_identity() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
    bench.stripe.fault("create_product", Fault::Saved);
    bench.wizard(CATALOG);
    assert!(bench.lines.iter().any(|line| matches!(line.event, Event::Applied { found: true, .. })));
    assert_eq!(bench.stripe.world().products.len(), 1);
}

#[test]
fn who_may_not_look_has_not_seen_that_it_is_not_there() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
    bench.age(30);
    bench.stripe.world().hidden.push((Look::Product("acme_pro".into()), 403));
    let failure = bench.walk(CATALOG, Permit::WIZARD).unwrap_err();
    assert_eq!(failure.class, Class::TryAgain);
    assert_eq!(bench.state().open.len(), 1);
}

#[test]
fn an_endpoint_found_without_its_secret_is_asked_about() {
    let all = with(&[CATALOG, WEBHOOK]);
    let mut bench = lost(&all, "create_webhook", Fault::LostAfter);
    bench.age(30);
    // An older endpoint's secret: it must not pass for the new one's.
    bench.env.put("STRIPE_WEBHOOK_SECRET", &signing_secret(19));
    let number = bench.stripe.world().endpoints[0].id.trim_start_matches("we_").parse().unwrap();
    bench.operator = Scripted::new().answer("webhook.main.secret", &signing_secret(number));
    bench.wizard(&all);
    assert_eq!(bench.stripe.world().endpoints.len(), 1);
    assert_eq!(bench.operator.asked, ["webhook.main.secret"]);
    assert_eq!(bench.env.get("STRIPE_WEBHOOK_SECRET"), Some(signing_secret(number).as_str()));
}

#[test]
fn the_price_that_is_to_be_replaced_does_not_pass_for_the_new_one() {
    let yearly = CATALOG.replace("\"20.00 CAD\"", "\"20.00 CAD\", interval = \"year\"");
    let mut bench = Bench::new();
    bench.wizard(CATALOG);
    bench.stripe.fault("create_price", Fault::LostBefore);
    assert!(bench.walk(&yearly, Permit::WIZARD).is_err());
    bench.age(30);
    bench.wizard(&yearly);
    assert!(!bench.lines.iter().any(|line| matches!(line.event, Event::Applied { found: true, .. })));
    let world = bench.stripe.world();
    let now = world.prices.iter().find(|price| price.lookup_key.is_some()).unwrap();
    assert_eq!(now.recurring.as_ref().map(|every| every.interval.as_str()), Some("year"));
    assert_eq!(world.prices.iter().filter(|price| price.active).count(), 1);
}

#[test]
fn a_key_that_was_rolled_is_asked_for_again_and_settling_goes_on_with_the_new_one() {
    for hours in [0, 30] {
        let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
        bench.age(hours);
        bench.stripe.world().accounts.remove(super::support::SECRET);
        bench.operator = Scripted::new().answer("keys.main.secret", ROLLED);
        bench.wizard(CATALOG);
        assert_eq!(bench.operator.asked, ["keys.main.secret"], "after {hours} h");
        assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done, "after {hours} h");
        assert_eq!(bench.stripe.world().products.len(), 1, "after {hours} h");
        assert_eq!(bench.env.get("STRIPE_SECRET_KEY"), Some(ROLLED));
    }
}

#[test]
fn another_key_of_the_same_account_settles_as_well() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
    bench.keys[0] = (Slot::SecretKey, ROLLED);
    bench.wizard(CATALOG);
    assert_eq!(bench.stripe.world().products.len(), 1);
}

#[test]
fn a_key_of_another_account_settles_nothing_and_is_refused() {
    let mut bench = lost(CATALOG, "create_product", Fault::LostAfter);
    bench.keys[0] = (Slot::SecretKey, STRANGER);
    let failure = bench.walk(CATALOG, Permit::WIZARD).unwrap_err();
    assert_eq!(failure.class.exit_code(), 4);
    assert_eq!(failure.problem.code, Code::StateAccount);
    assert!(!bench.happened().iter().any(|line| line.starts_with("send")));
    assert_eq!(bench.state().open.len(), 1);
}

#[test]
fn an_env_file_that_was_half_written_is_compared_again() {
    let all = with(&[CATALOG, ENV]);
    let mut bench = Bench::new();
    bench.dies_at = Some("env_written");
    assert!(bench.walk(&all, Permit::WIZARD).is_err());
    bench.dies_at = None;
    bench.happened();
    bench.wizard(&all);
    assert!(!bench.happened().iter().any(|line| line.starts_with("env")), "it was written already");
    assert_eq!(bench.item(&all, "env.file"), ItemState::Done);
    assert!(bench.state().open.is_empty());
}

#[test]
fn a_command_whose_end_was_not_seen_is_asked_about_and_never_run_again_silently() {
    let all = with(&[CATALOG, COMMAND]);
    let mut bench = Bench::new();
    bench.dies_at = Some("command_ended");
    assert!(bench.walk(&all, Permit::WIZARD).is_err());
    assert!(bench.happened().contains(&"run make backup".to_owned()));
    bench.dies_at = None;
    bench.operator = Scripted::new().pause_at("ship.backup.unseen");
    let ended = bench.walk(&all, Permit::WIZARD);
    assert_eq!(bench.operator.asked.len(), 1, "{ended:?}");
    assert!(!bench.happened().iter().any(|line| line.starts_with("run")));
}
