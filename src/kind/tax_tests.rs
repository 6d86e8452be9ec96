//! What `tax` finds missing, and that it never makes up a registration.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, evidence, facts, failure, looks, spec};
use crate::mode::Mode;
use crate::step::{Collection, Look, Sight, Step};

fn active() -> Value {
    json!({
        "status": "active", "status_details": {"active": {}}, "head_office": {"address": {"country": "CA"}},
        "defaults": {"tax_behavior": "exclusive", "tax_code": null, "provider": "stripe"},
    })
}

fn registration(country: &str, options: Value, status: &str) -> Value {
    let mut all = json!({});
    all[country.to_ascii_lowercase()] = options;
    json!({"id": "taxreg_1", "country": country, "country_options": all, "status": status})
}

fn seeing(mode: Mode, settings: Value, registrations: Vec<Value>) -> FactsBuilder {
    facts(mode)
        .sight(Look::TaxSettings, Sight::Object(Some(settings)))
        .sight(Look::Every(Collection::TaxRegistrations), Sight::Objects(registrations))
}

fn next(text: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(text).next(&facts.get())
}

#[test]
fn the_settings_are_looked_at_and_registrations_only_where_they_are_wanted() {
    assert_eq!(looks(next("", &facts(Mode::Live))), [Look::TaxSettings]);
    let seen = facts(Mode::Live).sight(Look::TaxSettings, Sight::Object(Some(active())));
    assert_eq!(looks(next("registrations = ['DE']", &seen)), [Look::Every(Collection::TaxRegistrations)]);
    assert_eq!(evidence(next("head_office = true", &seen)), "Stripe Tax is active");
}

#[test]
fn settings_that_are_pending_name_what_is_missing() {
    let settings = json!({"status": "pending", "status_details": {"pending": {"missing_fields": ["head_office"]}},
        "head_office": null, "defaults": {}});
    let problem = failure(next("head_office = true", &seeing(Mode::Live, settings, Vec::new())));
    assert_eq!((problem.code, problem.why), (Code::TaxPending, vec!["missing: head_office".to_owned()]));
    assert!(problem.fix[0].ends_with("https://dashboard.stripe.com/settings/tax"));
}

#[test]
fn registrations_are_found_by_country_and_state() {
    let found = vec![
        registration("CA", json!({"type": "province_standard", "province_standard": {"province": "QC"}}), "active"),
        registration("US", json!({"type": "state_sales_tax", "state": "NY"}), "active"),
        registration("DE", json!({"type": "oss_union"}), "scheduled"),
    ];
    let seen = seeing(Mode::Live, active(), found);
    assert_eq!(
        evidence(next("registrations = ['CA', 'CA-QC', 'US-NY']", &seen)),
        "Stripe Tax is active; registered in CA, CA-QC, US-NY"
    );
    let problem = failure(next("registrations = ['CA-BC', 'US-NY', 'DE']", &seen));
    assert_eq!((problem.code, problem.message.as_str()), (Code::TaxUnregistered, "no tax is collected in CA-BC, DE"));
    assert!(problem.why.contains(&"DE: the registration is scheduled".to_owned()), "{problem:?}");
    assert!(problem.fix[0].ends_with("https://dashboard.stripe.com/tax/registrations"));
}

#[test]
fn a_rehearsal_asks_for_no_registration_and_says_so() {
    let seen = seeing(Mode::Rehearse, active(), Vec::new());
    assert!(evidence(next("registrations = ['DE']", &seen)).contains("in live mode golive looks for the settings, and for registrations in DE"));
}

#[test]
fn defaults_that_differ_are_told_with_both_values_all_at_once() {
    let text = "tax_behavior = 'inclusive'\ntax_code = 'txcd_10103001'\nregistrations = ['DE']";
    let problem = failure(next(text, &seeing(Mode::Live, active(), Vec::new())));
    assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("exclusive"), Some("inclusive")));
    assert!(problem.why.iter().any(|why| why.contains("tax code")), "{problem:?}");
    assert!(problem.why.iter().any(|why| why == "no tax is collected in DE"), "{problem:?}");
    evidence(next("tax_behavior = 'exclusive'", &seeing(Mode::Live, active(), Vec::new())));
}

#[test]
fn places_and_tax_codes_that_cannot_be_are_complained_about() {
    let paths: Vec<_> = spec::<Spec>("registrations = ['Germany', 'DE', 'us-ny', 'US-NEWYORK', '${vars.x}']\ntax_code = '10'")
        .complaints()
        .into_iter()
        .map(|complaint| complaint.path)
        .collect();
    assert_eq!(paths, ["registrations[0]", "registrations[2]", "registrations[3]", "tax_code"]);
}
