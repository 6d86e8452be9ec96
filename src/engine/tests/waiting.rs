//! Waiting for what others do: until it happened, past an outage, and no longer than was said.

use std::collections::VecDeque;

use serde_json::json;

use super::support::Bench;
use super::{CATALOG, with};
use crate::engine::Permit;
use crate::error::Code;
use crate::state::ItemState;
use crate::step::object::{Event, EventData};
use crate::step::{Collection, Look};
use crate::ui::Scripted;

/// A shop without Checkout, so that one payment is all there is to see.
const PURCHASE: &str = r#"
[[phase]]
id = "launch"
title = "Launch"
[[phase.item]]
id = "purchase"
kind = "purchase"
title = "First payment"
url = "https://shop.example"
events = []
wait = 1
"#;

fn paid() -> Event {
    let intent = json!({"id": "pi_1", "amount_received": 2900, "currency": "cad"});
    Event {
        id: "evt_1".into(),
        type_: "payment_intent.succeeded".into(),
        created: Some(1),
        data: Some(EventData { object: intent }),
        ..Event::default()
    }
}

/// A bench whose events happen so, one look after another.
fn bench(happens: impl IntoIterator<Item = Option<Vec<Event>>>) -> Bench {
    let mut bench = Bench::new();
    // Changes make everything look anew: they are behind us.
    bench.wizard(CATALOG);
    bench.operator = Scripted::new().answer("launch.purchase.how", "first");
    let mut world = bench.stripe.world();
    world.happens = happens.into_iter().collect::<VecDeque<_>>().into();
    let intent = json!({"id": "pi_1", "status": "succeeded", "amount_received": 2900, "currency": "cad",
        "latest_charge": "ch_1", "livemode": true});
    world.others.insert(Look::One(Collection::PaymentIntents, "pi_1".into()), intent);
    let charge = json!({"id": "ch_1", "livemode": true});
    world.others.insert(Look::One(Collection::Charges, "ch_1".into()), charge);
    drop(world);
    bench
}

fn looks_at_events(bench: &Bench) -> usize {
    let world = bench.stripe.world();
    world.looked.iter().flatten().filter(|look| matches!(look, Look::Events { .. })).count()
}

#[test]
fn what_others_do_is_looked_for_again_and_again_and_told_once() {
    let list = with(&[CATALOG, PURCHASE]);
    let mut bench = bench([Some(vec![]), Some(vec![]), Some(vec![]), Some(vec![paid()])]);
    bench.wizard(&list);
    assert_eq!(bench.item(&list, "launch.purchase"), ItemState::Done);
    assert_eq!(looks_at_events(&bench), 4);
    let told = bench.operator.heard.iter().filter(|text| text.contains("payment without Checkout")).count();
    assert_eq!(told, 1, "{:?}", bench.operator.heard);
    assert!(bench.operator.heard.iter().any(|text| text.contains("https://shop.example")));
}

#[test]
fn an_outage_is_waited_out() {
    let list = with(&[CATALOG, PURCHASE]);
    let mut bench = bench([Some(vec![]), None, None, Some(vec![paid()])]);
    bench.wizard(&list);
    assert_eq!(bench.item(&list, "launch.purchase"), ItemState::Done);
    assert!(bench.operator.heard.iter().any(|text| text.contains("Stripe cannot be reached")));
}

#[test]
fn a_wait_ends_when_its_time_is_up_and_says_what_is_missing() {
    let list = with(&[CATALOG, PURCHASE]);
    let mut bench = bench([Some(vec![])]);
    bench.wizard(&list);
    assert_eq!(bench.problem("launch.purchase").code, Code::PurchaseMissing);
    // What comes afterwards is found by the next run, which asks nothing.
    bench.stripe.world().happens = VecDeque::from([Some(vec![paid()])]).into();
    bench.operator = Scripted::new();
    bench.wizard(&list);
    assert_eq!(bench.item(&list, "launch.purchase"), ItemState::Done);
}

#[test]
fn a_command_that_only_looks_looks_once() {
    let list = with(&[CATALOG, PURCHASE]);
    let mut bench = bench([Some(vec![])]);
    bench.wizard(&list);
    for permit in [Permit::CHECK, Permit::LOOK] {
        let before = looks_at_events(&bench);
        bench.walk(&list, permit).unwrap();
        assert_eq!(looks_at_events(&bench), before + 1);
    }
}

#[test]
fn nobody_has_to_say_now_how_the_purchase_comes_about() {
    let list = with(&[CATALOG, PURCHASE]);
    let mut bench = bench([Some(vec![])]);
    bench.operator = Scripted::new().answer("launch.purchase.how", "later");
    let halt = bench.wizard(&list);
    assert_eq!(halt.asks.len(), 1);
    assert_eq!((bench.item(&list, "launch.purchase"), looks_at_events(&bench)), (ItemState::Todo, 0));
}

#[test]
fn a_refund_is_a_plan_of_its_own_and_sent_once() {
    let refund = r#"
[[phase.item]]
id = "refund"
kind = "refund"
title = "Refund"
payment = "pi_1"
events = []
"#;
    let list = with(&[CATALOG, PURCHASE, refund]);
    let mut bench = bench([Some(vec![paid()])]);
    bench.operator =
        Scripted::new().answer("launch.purchase.how", "first").answer("launch.refund.refund", "refund").consent(false);
    bench.wizard(&list);
    let [plan] = bench.operator.plans.as_slice() else { panic!("{:?}", bench.operator.plans) };
    assert_eq!(plan.refund().map(|draft| draft.shown.as_str()), Some("29.00 CAD"));
    assert_eq!(plan.items.len(), 1);
    assert!(!bench.happened().iter().any(|line| line == "send money"), "it was declined");
}
