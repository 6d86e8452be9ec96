//! What `wallet_domain` registers, has Stripe look at again, and gives up on.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, outputs, spec};
use crate::mode::Mode;
use crate::step::{Collection, Effect, Field, Look, SettingWrite, Sight, Step, Verb, Write};

const TEXT: &str = "domain = 'shop.example'\nwallets = ['apple_pay', 'link']";

fn domain(enabled: bool, apple_pay: impl Into<Value>) -> Value {
    let apple_pay = apple_pay.into();
    json!({"id": "pmd_1", "domain_name": "shop.example", "enabled": enabled, "apple_pay": apple_pay,
        "link": {"status": "active"}, "klarna": {"status": "inactive"}})
}

fn inactive() -> Value {
    json!({"status": "inactive", "status_details": {"error_message": "The domain could not be reached."}})
}

fn seeing(found: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::PaymentMethodDomains), Sight::Objects(found))
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(TEXT).next(&facts.get())
}

fn written(step: Step) -> (Verb, SettingWrite) {
    let action = actions(step).remove(0);
    match action.effect {
        Effect::Stripe(Write::Setting(write)) => (action.verb, write),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_domains_are_looked_at_first() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::Every(Collection::PaymentMethodDomains)]);
}

#[test]
fn a_domain_that_is_not_there_is_registered_in_lower_case() {
    let other = json!({"id": "pmd_2", "domain_name": "www.shop.example", "enabled": true});
    let step = spec::<Spec>("domain = 'Shop.Example'").next(&seeing(vec![other]).get());
    let (verb, write) = written(step);
    assert_eq!((verb, write), (Verb::Create, SettingWrite::RegisterDomain { domain: "shop.example".into() }));
}

#[test]
fn a_domain_that_is_switched_off_is_switched_on_and_back() {
    let action = actions(next(&seeing(vec![domain(false, json!({"status": "active"}))]))).remove(0);
    assert_eq!(action.fields, [Field::change("status", "off", "on")]);
    let off = SettingWrite::EnableDomain { id: "pmd_1".into(), enabled: false };
    assert_eq!(action.undo, Some(Write::Setting(off)));
}

#[test]
fn a_wallet_that_is_not_active_is_looked_at_again_once_a_run_and_then_fails_in_stripes_words() {
    let found = seeing(vec![domain(true, inactive())]);
    let (verb, write) = written(next(&found));
    assert_eq!((verb, write.clone()), (Verb::Prove, SettingWrite::ValidateDomain { id: "pmd_1".into() }));
    let problem = failure(next(&found.wrote("domain item", Write::Setting(write), "pmd_1")));
    assert_eq!((problem.code, problem.message.as_str()), (Code::WalletInactive, "apple_pay is not active on shop.example"));
    assert_eq!(problem.why, ["apple_pay: The domain could not be reached."]);
    assert!(problem.fix[0].contains("https://shop.example/.well-known/apple-developer-merchantid-domain-association"));
}

#[test]
fn active_wallets_pass_and_those_that_nobody_asked_for_do_not_count() {
    let found = seeing(vec![domain(true, json!({"status": "active"}))]);
    assert_eq!(evidence(next(&found)), "pmd_1, shop.example: apple_pay, link");
    assert_eq!(outputs(next(&found))["id"], "pmd_1");
    let klarna = spec::<Spec>("domain = 'shop.example'\nwallets = ['klarna']").next(&found.get());
    assert_eq!(written(klarna).0, Verb::Prove);
}

#[test]
fn in_test_mode_the_evidence_says_what_it_is_worth() {
    let mut found = seeing(vec![domain(true, json!({"status": "active"}))]);
    found.mode = Mode::Test;
    assert!(evidence(next(&found)).ends_with("test mode looks at nothing"));
}

#[test]
fn a_domain_is_a_name_and_nothing_else() {
    for bad in ["https://shop.example", "shop.example/pay", "shop.example:443", "localhost", "shop..example", ""] {
        let complaints = spec::<Spec>(&format!("domain = '{bad}'")).complaints();
        assert_eq!(complaints.len(), 1, "{bad}");
    }
    assert!(spec::<Spec>("domain = '${vars.host}'").complaints().is_empty());
    assert_eq!(spec::<Spec>("domain = 'shop.example'\nwallets = []").complaints()[0].path, "wallets");
    let step = spec::<Spec>("domain = 'https://shop.example'").next(&seeing(Vec::new()).get());
    assert_eq!(failure(step).code, Code::WalletInactive);
}
