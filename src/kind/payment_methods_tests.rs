//! What `payment_methods` finds, changes, and leaves to the Dashboard.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{actions, evidence, facts, failure, looks, outputs, spec};
use crate::mode::Mode;
use crate::step::{Collection, Effect, Field, Look, SettingWrite, Sight, Step, Write};

fn method(preference: &str, available: bool) -> Value {
    json!({"available": available, "display_preference": {"overridable": null, "preference": preference, "value": preference}})
}

fn default() -> Value {
    json!({
        "id": "pmc_1", "name": "Default", "is_default": true, "application": null, "active": true,
        "card": method("on", true), "link": method("off", false), "klarna": method("on", true),
        "sepa_debit": method("on", false),
    })
}

fn next(text: &str, found: Vec<Value>) -> Step {
    let look = Look::Every(Collection::PaymentMethodConfigurations);
    spec::<Spec>(text).next(&facts(Mode::Live).sight(look, Sight::Objects(found)).get())
}

#[test]
fn the_configurations_are_looked_at_first() {
    let step = spec::<Spec>("on = ['card']").next(&facts(Mode::Live).get());
    assert_eq!(looks(step), [Look::Every(Collection::PaymentMethodConfigurations)]);
}

#[test]
fn methods_as_wanted_pass_with_the_configurations_id() {
    let step = next("on = ['card', 'klarna']\noff = ['link', 'never_heard_of']", vec![default()]);
    assert_eq!(evidence(step), "pmc_1; on: card, klarna; off: link, never_heard_of");
    assert_eq!(outputs(next("on = ['card']", vec![default()]))["id"], "pmc_1");
}

#[test]
fn what_differs_is_one_change_that_can_be_taken_back() {
    let action = actions(next("on = ['card', 'link', 'sepa_debit']\noff = ['klarna']", vec![default()])).remove(0);
    assert_eq!(action.fields, [Field::change("klarna", "on", "off"), Field::change("link", "off", "on")]);
    let wishes = |write: &Write| match write {
        Write::Setting(SettingWrite::PreferMethods { id, preferences }) if id == "pmc_1" => preferences.clone(),
        other => panic!("{other:?}"),
    };
    let Effect::Stripe(write) = &action.effect else { panic!("{action:?}") };
    assert_eq!(wishes(write)["link"], "on");
    assert_eq!(wishes(action.undo.as_ref().unwrap())["link"], "off");
}

#[test]
fn all_others_can_be_off_without_a_word_on_each() {
    let action = actions(next("on = ['card']\nothers = 'off'", vec![default()])).remove(0);
    let off = |name| Field::change(name, "on", "off");
    assert_eq!(action.fields, [off("klarna"), off("sepa_debit")]);
    let step = next("on = ['card', 'klarna', 'link']\noff = ['sepa_debit']\nothers = 'off'", vec![default()]);
    assert_eq!(actions(step).remove(0).fields.len(), 2, "only what was named");
    let mut found = default();
    (found["klarna"], found["sepa_debit"]) = (method("off", false), method("off", false));
    assert_eq!(evidence(next("on = ['card']\nothers = 'off'", vec![found])), "pmc_1; on: card; all others off");
}

#[test]
fn what_is_on_and_not_available_needs_the_dashboard() {
    let problem = failure(next("on = ['card', 'sepa_debit', 'pix']", vec![default()]));
    assert_eq!((problem.code, problem.message.as_str()), (Code::MethodUnavailable, "2 payment methods are not as they should be"));
    assert!(problem.why[0].starts_with("sepa_debit: is switched on, and not available yet"), "{problem:?}");
    assert!(problem.why[1].starts_with("pix: Stripe does not offer it"), "{problem:?}");
    assert!(problem.fix.iter().all(|fix| fix.contains("/settings/payment_methods")), "{problem:?}");
}

#[test]
fn a_preference_that_another_configuration_decides_is_not_written() {
    let mut found = default();
    found["link"]["display_preference"]["overridable"] = json!(false);
    assert!(failure(next("on = ['link']", vec![found])).why[0].contains("may not decide it"));
    let mut found = default();
    found["link"]["display_preference"]["preference"] = json!("on");
    assert!(failure(next("on = ['link']", vec![found])).why[0].contains("is wished on, and off all the same"));
}

#[test]
fn the_configuration_is_the_accounts_own_default_or_the_one_that_is_named() {
    let mut platform = default();
    platform["application"] = json!("ca_1");
    platform["id"] = json!("pmc_2");
    let mut named = default();
    (named["id"], named["name"], named["is_default"]) = (json!("pmc_3"), json!("Shop"), json!(false));
    let all = vec![platform, named.clone(), default()];
    assert_eq!(outputs(next("on = ['card']", all.clone()))["id"], "pmc_1");
    for text in ["on = ['card']\nconfiguration = 'Shop'", "on = ['card']\nconfiguration = 'pmc_3'"] {
        assert_eq!(outputs(next(text, all.clone()))["id"], "pmc_3");
    }
    let problem = failure(next("on = ['card']\nconfiguration = 'Shopp'", all));
    assert_eq!((problem.code, problem.why[0].contains("Shop")), (Code::MethodsMissing, true));
    let twice = vec![named.clone(), named];
    assert_eq!(failure(next("on = ['card']\nconfiguration = 'Shop'", twice)).code, Code::CatalogAmbiguous);
}

#[test]
fn every_mistake_in_the_item_is_complained_about_at_its_place() {
    let paths = |text: &str| -> Vec<String> {
        spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
    };
    assert_eq!(paths(""), ["on"]);
    assert_eq!(paths("on = ['card', 'Apple Pay']\noff = ['card', '']"), ["on[1]", "off[1]", "off[0]"]);
}
