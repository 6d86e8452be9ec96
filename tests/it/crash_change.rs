//! `kill -9` while a launch is changed that was finished before: a price is replaced, its lookup
//! key moves, the endpoint and a product are corrected. It ends with one of everything too.

use golive::simulator::{At, Fault, Mode, Phase, What};
use serde_json::Value;

use crate::support::{Launch, Output, SMALL, Victim};

/// More crash points or requests than any run has.
const FAR: usize = 400;

/// A finished launch without its proofs, and the checklist as it is to be from now on.
pub fn changed() -> Launch {
    let before = SMALL.split("[[phase]]\nid = \"deploy\"").next().unwrap();
    let launch = Launch::of(before);
    let _ = launch.finish().exits(0);
    let after = before
        .replace("\"20.00 CAD\"", "\"25.00 CAD\"")
        .replace("One activity", "One activity a week")
        .replace("\"product.updated\"]", "\"product.updated\", \"charge.refunded\"]");
    assert_ne!(after, before);
    std::fs::write(launch.dir.join("golive.toml"), after).unwrap();
    launch
}

#[track_caller]
pub fn is_as_wanted(launch: &Launch, how: &str) {
    let prices = launch.control.objects(Mode::Live, "price");
    let active: Vec<&Value> = prices.iter().filter(|price| price["active"] == true).collect();
    assert_eq!((prices.len(), active.len()), (5, 4), "{how}: {prices:#?}");
    let named = |key: &str| -> Vec<&Value> { prices.iter().filter(|price| price["lookup_key"] == key).collect() };
    for key in ["basic_monthly", "basic_annual", "pro_monthly", "pro_annual"] {
        assert_eq!(named(key).len(), 1, "{how}: {key}");
        assert_eq!(named(key)[0]["active"], true, "{how}: {key}");
        let variable = format!("PRICE_{}", key.to_uppercase());
        assert_eq!(launch.variables()[&variable], [named(key)[0]["id"].as_str().unwrap()], "{how}: {variable}");
    }
    assert_eq!(named("basic_monthly")[0]["unit_amount"], 2500, "{how}");
    let products = launch.control.objects(Mode::Live, "product");
    assert_eq!(products.len(), 2, "{how}");
    assert!(products.iter().any(|product| product["description"] == "One activity a week"), "{how}");
    let endpoints = launch.control.objects(Mode::Live, "webhook_endpoint");
    assert_eq!(endpoints.len(), 1, "{how}");
    assert_eq!(endpoints[0]["enabled_events"].as_array().map(Vec::len), Some(3), "{how}");
    assert_eq!(launch.variables()["STRIPE_WEBHOOK_SECRET"].len(), 1, "{how}");
    launch.changes_nothing_more(how);
}

#[track_caller]
fn finishes(launch: &Launch, how: &str) {
    let output = launch.finish();
    assert_eq!(output.code, 0, "{how}: it does not finish: {output}");
    is_as_wanted(launch, how);
}

#[test]
fn a_change_that_nothing_disturbs_replaces_one_price() {
    let launch = changed();
    finishes(&launch, "undisturbed");
}

#[test]
fn killed_after_any_line_of_the_journal_a_change_finishes() {
    for n in 1..FAR {
        let launch = changed();
        if !launch.wizard().crash_at(format_args!("journal.synced:{n}")).run().was_killed() {
            assert!(n > 5, "there are more lines than {n}");
            return;
        }
        finishes(&launch, &format!("killed at journal.synced:{n}"));
    }
}

fn killed_at_request(launch: &Launch, n: usize, phase: Phase) -> Option<Output> {
    let victim = Victim::default();
    let killer = victim.clone();
    let n = launch.requests() + n;
    launch.control.on_request(Box::new(move |request, at| {
        if (request, at) == (n, phase) {
            killer.kill();
        }
    }));
    let output = victim.watch(launch.wizard());
    launch.calm();
    output.was_killed().then_some(output)
}

#[test]
fn killed_at_any_request_a_change_finishes() {
    for phase in [Phase::BeforeEffect, Phase::AfterEffect] {
        for n in 1..FAR {
            let launch = changed();
            if phase == Phase::BeforeEffect {
                launch.control.fault(Fault { at: At::Nth(n), method: None, path: "*".into(), what: What::DropBefore });
            }
            if killed_at_request(&launch, n, phase).is_none() {
                assert!(n > 10, "there are more requests than {n}");
                break;
            }
            finishes(&launch, &format!("killed at request {n}, {phase:?}"));
        }
    }
}

/// Stripe remembers a request for a day. The price that took the lookup key is the one that was
/// wanted; another one would leave it on sale without a name.
#[test]
fn a_replacing_price_that_stripe_has_forgotten_is_found_by_its_lookup_key() {
    let launch = changed();
    let victim = Victim::default();
    let (killer, control) = (victim.clone(), launch.control.clone());
    launch.control.on_request(Box::new(move |_, at| {
        if at == Phase::AfterEffect && control.objects(Mode::Live, "price").len() == 5 {
            killer.kill();
        }
    }));
    assert!(victim.watch(launch.wizard()).was_killed());
    launch.calm();
    launch.age(25);
    launch.control.expire_idempotency().unwrap();
    finishes(&launch, "forgotten by Stripe");
}

/// The proof of the old price is none of the new one: another checkout is opened, and closed again.
#[test]
fn a_price_that_was_replaced_is_proved_anew_and_no_checkout_stays_open() {
    let launch = Launch::small();
    let _ = launch.wizard().run().exits(0);
    std::fs::write(launch.dir.join("golive.toml"), SMALL.replace("\"20.00 CAD\"", "\"25.00 CAD\"")).unwrap();
    let _ = launch.wizard().run().exits(0);
    let sessions = launch.control.objects(Mode::Live, "checkout.session");
    assert_eq!(sessions.len(), 3, "two at first, and one for the new price");
    assert!(sessions.iter().all(|session| session["status"] == "expired"), "{sessions:#?}");
    let status: Value =
        serde_json::from_str(&launch.golive("status --mode live --json").run().exits(0).stdout).unwrap();
    let items = status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap());
    let proof = items.into_iter().find(|item| item["id"] == "verify.checkout").unwrap();
    assert!(proof.to_string().contains("25.00 CAD") && !proof.to_string().contains("20.00 CAD"), "{proof}");
    launch.changes_nothing_more("proved anew");
}
