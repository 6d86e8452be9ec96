//! The general checklists, and those of `ALwrity` and Smart Strategies Builder: rehearsed to their
//! end with nobody there; offered in the order in which a newcomer needs them; and never taken for
//! real while their names are nobody's.

use std::fs;

use serde_json::Value;

use crate::guides::standing;
use crate::support::screen::{ENTER, ESC, Screen, Start};
use crate::support::{Golive, Launch};

/// What somebody without a guide begins with.
const GENERAL: [&str; 3] = ["saas-subscriptions", "one-time-payments", "stripe-official"];

/// A folder without a checklist, with a Stripe.
fn nothing_yet() -> Launch {
    let launch = Launch::small();
    fs::remove_file(launch.dir.join("golive.toml")).unwrap();
    launch
}

/// golive in a terminal there, with the keys at hand.
fn terminal(launch: &Launch, line: &str) -> Screen {
    let variables = [
        ("GOLIVE_API_BASE", launch.simulator.url.clone()),
        ("GOLIVE_TEST_KEY", launch.simulator.test.secret.clone()),
        ("GOLIVE_TEST_PUBLISHABLE_KEY", launch.simulator.test.publishable.clone()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Start { dir: &launch.dir, home: &launch.home, line, columns: 80, variables }.begin()
}

/// A rehearsal from its beginning to its end, and how every item stands then.
#[track_caller]
fn rehearsed(name: &str) -> String {
    let launch = Launch::small();
    let golive = |line: &str| Golive::new(&launch.dir, &launch.home).args(line).run().exits(0);
    let ran = golive(&format!("rehearse --yes --checklist {name}"));
    assert!(ran.stderr.contains(" is rehearsed."), "{ran}");
    let status = golive(&format!("status --mode rehearse --checklist {name} --json"));
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["ready"], true, "{status:#}");
    standing(&status)
}

#[test]
fn the_first_screen_offers_the_general_checklists_first() {
    let launch = nothing_yet();
    let mut screen = terminal(&launch, "wizard");
    screen.shows("Which checklist?");
    screen.shows("Pause here");
    let text = screen.text();
    let found: Vec<usize> =
        GENERAL.iter().chain(&["minipass", "alwrity"]).map(|name| text.find(name).unwrap()).collect();
    assert!(found.is_sorted(), "{text}");
    screen.keys(ESC);
    screen.exits(130);
}

#[test]
fn the_list_of_checklists_begins_with_the_general_ones() {
    let launch = nothing_yet();
    let list = launch.golive("checklist list").run().exits(0).stdout;
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names[..3], GENERAL);
}

#[test]
fn nothing_real_is_made_of_a_name_that_is_nobodys() {
    let launch = nothing_yet();
    for name in GENERAL {
        for command in ["wizard --yes", "plan", "apply --yes", "check"] {
            let ran = launch.keyed(&format!("{command} --mode live --checklist {name}")).run().exits(5);
            let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("`api_host` is still a placeholder"), "{ran}");
            assert!(said.contains(&format!("golive checklist show {name} > golive.toml")), "{ran}");
        }
    }
    assert_eq!(launch.requests(), 0);
    assert!(!launch.dir.join(".golive").exists());
}

#[test]
fn names_that_are_given_are_taken_and_kept() {
    let launch = nothing_yet();
    let line =
        "plan --mode live --checklist stripe-official --answer vars.host=acme.test --answer vars.api_host=acme.test";
    let ran = launch.keyed(line).run().exits(0);
    assert!(!ran.stderr.contains("placeholder"), "{ran}");
    assert!(ran.stdout.contains("https://acme.test/stripe/webhook"), "{ran}");
}

#[test]
fn whoever_is_there_is_asked_for_the_names_once() {
    let launch = nothing_yet();
    let mut screen = terminal(&launch, "wizard --mode test --checklist stripe-official");
    screen.answer("pattern", "Your amount", "35.00 EUR\r");
    screen.answer("35.00 EUR", "Your api host", "api.acme.test\r");
    screen.answer("api.acme.test", "Your host", "acme.test\r");
    for name in ["log", "product", "product id", "shop path", "webhook path"] {
        screen.answer("Your host", &format!("Your {name}"), ENTER);
    }
    screen.answer("what will happen", "Start with phase 1", ENTER);
    screen.answer("Two-step", "Is this done?", ESC);
    screen.exits(130);
    let journal = fs::read_to_string(launch.dir.join(".golive/stripe-official.test.jsonl")).unwrap();
    for value in ["35.00 EUR", "api.acme.test", r#""acme.test""#] {
        assert!(journal.contains(value), "{value}\n{journal}");
    }
    let mut screen = terminal(&launch, "wizard --mode test --checklist stripe-official");
    screen.until("a question", |text| text.contains("Is this done?") || text.contains("(Y/n)"));
    assert!(!screen.ever().contains("Your amount"), "{}", screen.text());
    screen.keys(ESC);
    screen.exits(130);
}

#[test]
fn saas_subscriptions_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("saas-subscriptions"), @r"
    account
      done: activated recognised
      rehearsed: two_step
    keys
      done: live
      rehearsed: repository hard_coded
    catalog
      done: plan
    stripe
      done: webhook portal methods
      rehearsed: retries
    env
      done: file
    deploy
      rehearsed: backup release tls site pricing webhook delivery
      done: checkout
    payment
      rehearsed: purchase unlocked twice refund
    monitoring
      rehearsed: health log notices test_mode
    ");
}

#[test]
fn one_time_payments_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("one-time-payments"), @r"
    account
      done: activated recognised
      rehearsed: two_step
    keys
      done: live
      rehearsed: repository hard_coded
    catalog
      done: product
    stripe
      done: webhook methods wallets
      rehearsed: receipts
    env
      done: file
    deploy
      rehearsed: backup release tls site shop webhook delivery
      done: checkout
    payment
      rehearsed: purchase delivered twice refund
    monitoring
      rehearsed: health log notices test_mode
    ");
}

#[test]
fn stripes_own_checklist_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("stripe-official"), @r"
    account
      done: activated descriptor public
      rehearsed: two_step emails tax
    keys
      rehearsed: rolled repository
      done: live
    objects
      rehearsed: hard_coded
      done: product webhook methods
    code
      rehearsed: edge_cases upgrades
    switch
      done: env checkout
      rehearsed: release tls shop webhook delivery purchase duplicates
    after
      rehearsed: log health
    ");
}

#[test]
fn alwrity_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("alwrity"), @r"
    account
      done: activated recognised keys
      rehearsed: repository hard_coded stored
    catalog
      done: basic pro
    stripe
      done: webhook portal
    env
      done: file live fallback domain tokens
    database
      rehearsed: backup migrate subscriptions usage fraud_warnings plans
    deploy
      rehearsed: release tls site pricing webhook live_checkout delivery handled
      done: checkout
    admin
      rehearsed: disputes warnings user_disputes user_warnings
    payment
      rehearsed: purchase processed returned row dashboard internal portal
    limits
      rehearsed: burst others logged
    drills
      rehearsed: failing_card payment_failed_log past_due dispute dispute_listed dispute_details dispute_evidence dispute_closed warning warning_listed warning_details warning_refund warning_ignored tabs context
    refund
      rehearsed: refund deleted cancelled
    ops
      rehearsed: guide understand spikes sign_off
    monitoring
      rehearsed: central detect links
    ");
}

#[test]
fn smart_strategies_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("smart-strategies"), @r"
    account
      done: activated recognised keys
      rehearsed: repository card_data
    catalog
      done: free starter pro
    stripe
      done: webhook portal
    env
      done: secret_key jwt_key file token
    server
      rehearsed: env variables live_keys database redis
    database
      rehearsed: backup code migrate at_head seed plans features
    deploy
      rehearsed: restart tls site foreign limit webhook delivery trigger
      done: checkout
    payment
      rehearsed: session purchase log row audit once entitlements subscription portal cancel refund
    monitoring
      rehearsed: logging sentry quiet health numbers notices people links
    ");
}
