//! The loop: who waits for whom, what is asked once, and what a saved plan allows.

use super::support::{Bench, PUBLISHABLE, SECRET, STRANGER, all};
use super::{CATALOG, COMMAND, ENV, MANUAL, WEBHOOK, with};
use crate::engine::Permit;
use crate::error::{Class, Code, Failure};
use crate::plan::Plan;
use crate::state::{Event, ItemState};
use crate::step::Look;
use crate::ui::Scripted;

/// The plan that a look comes to.
fn planned(bench: &mut Bench, checklist: &str) -> Plan {
    bench.run(checklist, |engine| {
        let halt = all(engine, Permit::LOOK).map_err(Failure::from).unwrap();
        let changes = halt.changes.into_iter().map(|item| (item.address, item.change)).collect();
        engine.plan(changes, &halt.blocked)
    })
}

#[test]
fn the_looks_of_all_items_go_out_together() {
    let mut bench = Bench::new();
    bench.wizard(&with(&[CATALOG, WEBHOOK]));
    let world = bench.stripe.world();
    let together = |batch: &&Vec<Look>| {
        batch.contains(&Look::WebhookEndpoints)
            && batch.contains(&Look::Product("acme_pro".into()))
            && batch.contains(&Look::PriceByKey("pro".into()))
    };
    assert!(world.looked.iter().any(|batch| together(&batch)), "{:?}", world.looked);
}

#[test]
fn nothing_looks_at_stripe_before_the_keys_were_accepted_in_this_very_run() {
    let mut bench = Bench::new();
    bench.wizard(CATALOG);
    bench.stripe.world().looked.clear();
    bench.wizard(CATALOG);
    let first = bench.stripe.world().looked[0].clone();
    assert_eq!(first, [Look::Account, Look::Balance, Look::PublishableKey]);
    // Keys that are not accepted stop everything that speaks to Stripe.
    bench.stripe.world().accounts.clear();
    bench.stripe.world().looked.clear();
    let halt = bench.walk(CATALOG, Permit::CHECK).unwrap();
    assert_eq!(halt.blocked[0].0.to_string(), "catalog.pro");
    assert!(!bench.stripe.world().looked.iter().flatten().any(|look| matches!(look, Look::Product(_))));
}

#[test]
fn keys_are_asked_for_once_and_kept() {
    let mut bench = Bench::new();
    bench.keys.clear();
    bench.operator = Scripted::new().answer("keys.main.secret", SECRET).answer("keys.main.publishable", PUBLISHABLE);
    bench.wizard(CATALOG);
    assert_eq!(bench.operator.asked, ["keys.main.secret", "keys.main.publishable"]);
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done);
}

#[test]
fn a_key_of_another_account_than_the_launch_began_with_changes_nothing() {
    let mut bench = Bench::new();
    bench.wizard(CATALOG);
    bench.keys[0].1 = STRANGER;
    bench.happened();
    bench.walk(&with(&[CATALOG, WEBHOOK]), Permit::APPLY).unwrap();
    assert!(!bench.happened().iter().any(|line| line.starts_with("send")));
    assert_eq!(bench.problem("keys.main").code, Code::KeyAccount);
    assert_eq!(bench.state().account.unwrap().id, "acct_1");
}

#[test]
fn a_wrong_key_once_pasted_does_not_bind_the_launch_to_its_account() {
    let mut bench = Bench::new();
    bench.keys[0].1 = STRANGER;
    bench.walk(CATALOG, Permit::APPLY).unwrap();
    assert_eq!(bench.problem("keys.main").code, Code::KeyAccount, "the publishable key is another account's");
    assert_eq!(bench.state().account, None);
    bench.keys[0].1 = SECRET;
    bench.wizard(CATALOG);
    assert_eq!(bench.state().account.unwrap().id, "acct_1");
    assert_eq!(bench.item(CATALOG, "catalog.pro"), ItemState::Done);
}

#[test]
fn later_leaves_an_item_open_and_nothing_recorded() {
    let checklist = with(&[CATALOG, MANUAL]);
    let mut bench = Bench::new();
    bench.operator = Scripted::new().answer("team.told.done", "later");
    let halt = bench.wizard(&checklist);
    assert_eq!(halt.asks.len(), 1);
    assert_eq!(bench.item(&checklist, "team.told"), ItemState::Todo);
    assert!(!bench.lines.iter().any(|line| matches!(line.event, Event::Answered { .. })));
}

#[test]
fn a_persons_word_is_recorded_with_their_name() {
    let checklist = with(&[CATALOG, MANUAL]);
    let mut bench = Bench::new();
    bench.operator = Scripted::new().answer("team.told.done", "done");
    bench.wizard(&checklist);
    let attested = |line: &crate::state::Line| matches!(&line.event, Event::Attested { by, .. } if by == "anna");
    assert!(bench.lines.iter().any(attested));
    assert_eq!(bench.item(&checklist, "team.told"), ItemState::Done);
    // And is not asked again.
    bench.operator = Scripted::new();
    bench.wizard(&checklist);
    assert!(bench.operator.asked.is_empty());
}

#[test]
fn what_depends_on_a_planned_change_comes_later() {
    let checklist = with(&[CATALOG, ENV, MANUAL]);
    let mut bench = Bench::new();
    let plan = planned(&mut bench, &checklist);
    assert_eq!(plan.items.len(), 1);
    let later: Vec<String> = plan.later.iter().map(|later| later.address.to_string()).collect();
    assert_eq!(later, ["env.file"]);
    assert_eq!(plan.later[0].waits_for[0].to_string(), "catalog.pro");
}

#[test]
fn a_saved_plan_is_carried_out_as_it_was_shown() {
    let mut bench = Bench::new();
    let plan = planned(&mut bench, &with(&[CATALOG, ENV]));
    let again = planned(&mut bench, &with(&[CATALOG, ENV]));
    assert_eq!(plan.digest(), again.digest());
    bench.run(&with(&[CATALOG, ENV]), |engine| {
        engine.sanctioned = Some(Some(plan.digest()));
        all(engine, Permit::APPLY).map_err(Failure::from).unwrap();
    });
    assert_eq!(bench.stripe.world().prices.len(), 1);
    assert!(bench.env.get("PRICE_PRO").is_some(), "local writes go on");
}

#[test]
fn a_plan_is_stale_when_something_moved() {
    let mut bench = Bench::new();
    let plan = planned(&mut bench, CATALOG);
    let dearer = CATALOG.replace("20.00", "21.00");
    let failure = bench.run(&dearer, |engine| {
        engine.sanctioned = Some(Some(plan.digest()));
        all(engine, Permit::APPLY).map_err(Failure::from).unwrap_err()
    });
    assert_eq!((failure.class, failure.problem.code), (Class::Refused, Code::PlanStale));
    assert!(!bench.happened().iter().any(|line| line.starts_with("send")));
}

#[test]
fn beyond_a_saved_plan_stripe_is_not_changed() {
    let proof = r#"
[[phase]]
id = "proof"
title = "Proof"
[[phase.item]]
id = "checkout"
kind = "checkout_proof"
title = "Checkout"
prices = ["${catalog.pro.prices.pro.id}"]
success_url = "https://shop.example/thanks"
"#;
    let checklist = with(&[CATALOG, proof]);
    let mut bench = Bench::new();
    let plan = planned(&mut bench, &checklist);
    let halt = bench.run(&checklist, |engine| {
        engine.sanctioned = Some(Some(plan.digest()));
        all(engine, Permit::APPLY).map_err(Failure::from).unwrap()
    });
    assert_eq!(halt.changes[0].address.to_string(), "proof.checkout");
    assert!(bench.stripe.world().sessions.is_empty());
}

#[test]
fn what_a_proof_borrowed_is_given_back_without_another_question() {
    let proof = r#"
[[phase]]
id = "proof"
title = "Proof"
[[phase.item]]
id = "checkout"
kind = "checkout_proof"
title = "Checkout"
prices = ["${catalog.pro.prices.pro.id}"]
success_url = "https://shop.example/thanks"
"#;
    let checklist = with(&[CATALOG, proof]);
    let mut bench = Bench::new();
    bench.stripe.fault("expire_session", super::stripe::Fault::NotSent);
    assert!(bench.walk(&checklist, Permit::WIZARD).is_err());
    let shown = bench.operator.plans.len();
    bench.operator = Scripted::new().consent(false);
    bench.wizard(&checklist);
    assert_eq!((shown, bench.operator.plans.len()), (2, 0));
    assert_eq!(bench.stripe.world().sessions[0].status.as_deref(), Some("expired"));
    assert_eq!(bench.item(&checklist, "proof.checkout"), ItemState::Done);
}

#[test]
fn commands_are_shown_once_and_a_no_runs_none() {
    let checklist = with(&[CATALOG, COMMAND]);
    let mut bench = Bench::new();
    bench.operator = Scripted::new().refuse_commands();
    bench.wizard(&checklist);
    assert!(!bench.happened().iter().any(|line| line.starts_with("run")));
    bench.operator = Scripted::new();
    bench.wizard(&checklist);
    assert!(bench.happened().contains(&"run make backup".to_owned()));
    assert_eq!(bench.item(&checklist, "ship.backup"), ItemState::Done);
}

#[test]
fn a_stop_is_heeded_between_steps() {
    let mut bench = Bench::new();
    let failure = bench.run(CATALOG, |engine| {
        engine.stop.stop();
        all(engine, Permit::WIZARD).map_err(Failure::from).unwrap_err()
    });
    assert_eq!(failure.class, Class::Interrupted);
    assert!(bench.happened().is_empty());
}
