//! Tests of the `account` kind over hand-made facts.

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, looks, outputs, refused, spec, unknown};
use crate::mode::Mode;
use crate::step::object::{Account, Branding, BusinessProfile, Dashboard, Payments, Requirements, Settings};
use crate::step::{Look, Sight, Step};

const ALL: &str =
    "require = ['charges', 'payouts', 'details', 'statement_descriptor', 'support', 'business_name', 'branding']";

/// An account that has everything.
fn ready() -> Account {
    let text = |text: &str| Some(text.to_owned());
    Account {
        id: "acct_1".into(),
        charges_enabled: Some(true),
        payouts_enabled: Some(true),
        details_submitted: Some(true),
        country: text("CA"),
        business_profile: Some(BusinessProfile { support_email: text("help@acme.example"), ..BusinessProfile::default() }),
        settings: Some(Settings {
            dashboard: Some(Dashboard { display_name: text("Acme") }),
            payments: Some(Payments { statement_descriptor: text("ACME") }),
            branding: Some(Branding { icon: text("file_1"), logo: None, primary_color: text("#102030") }),
        }),
        ..Account::default()
    }
}

fn next(item: &str, account: Account) -> Step {
    spec::<Spec>(item).next(&facts(Mode::Live).sight(Look::Account, Sight::Account(account)).get())
}

/// The account, changed in one place.
fn without(change: impl FnOnce(&mut Account)) -> Account {
    let mut account = ready();
    change(&mut account);
    account
}

#[test]
fn an_account_that_has_everything_passes_with_its_id_and_name() {
    assert_eq!(looks(spec::<Spec>(ALL).next(&facts(Mode::Live).get())), [Look::Account]);
    assert_eq!(evidence(next(ALL, ready())), "Acme, acct_1, CA; 7 of 7 as required");
    let outputs = outputs(next(ALL, ready()));
    assert_eq!((outputs["id"].as_str(), outputs["name"].as_str()), ("acct_1", "Acme"));
}

#[test]
fn every_requirement_is_noticed_when_it_is_not_met() {
    type Change = fn(&mut Account);
    let cases: [(Change, Code); 8] = [
        (|account| account.charges_enabled = Some(false), Code::AccountCannotCharge),
        (|account| account.charges_enabled = None, Code::AccountCannotCharge),
        (|account| account.payouts_enabled = Some(false), Code::AccountCannotPayout),
        (|account| account.details_submitted = None, Code::AccountCannotCharge),
        (|account| account.settings.as_mut().unwrap().payments = None, Code::AccountIncomplete),
        (|account| account.business_profile = None, Code::AccountIncomplete),
        (|account| account.settings.as_mut().unwrap().dashboard = None, Code::AccountIncomplete),
        (
            |account| account.settings.as_mut().unwrap().branding.as_mut().unwrap().primary_color = None,
            Code::AccountIncomplete,
        ),
    ];
    for (n, (change, code)) in cases.into_iter().enumerate() {
        let problem = failure(next(ALL, without(change)));
        assert_eq!(problem.code, code, "case {n}: {problem:?}");
        assert!(problem.fix[0].contains("https://dashboard.stripe.com/"), "case {n}");
    }
}

#[test]
fn what_is_not_required_is_not_asked_for() {
    let bare = without(|account| {
        account.settings = None;
        account.business_profile = None;
    });
    assert_eq!(evidence(next("", bare)), "no name, acct_1, CA; 3 of 3 as required");
}

#[test]
fn what_stripe_still_wants_is_named() {
    let account = without(|account| {
        account.charges_enabled = Some(false);
        account.requirements = Some(Requirements {
            past_due: vec!["external_account".into()],
            currently_due: vec!["tos_acceptance.date".into()],
            disabled_reason: Some("requirements.past_due".into()),
            ..Requirements::default()
        });
    });
    let problem = failure(next("", account));
    assert!(problem.why.contains(&"Stripe's reason: requirements.past_due".to_owned()), "{problem:?}");
    assert!(problem.why.contains(&"due: external_account, tos_acceptance.date".to_owned()), "{problem:?}");
}

#[test]
fn all_that_is_missing_is_said_at_once() {
    let problem = failure(next("", Account { id: "acct_1".into(), ..Account::default() }));
    assert_eq!(problem.code, Code::AccountCannotCharge);
    assert!(problem.why.contains(&"the account cannot be paid out".to_owned()), "{problem:?}");
    assert!(problem.why.contains(&"the onboarding form is not complete".to_owned()), "{problem:?}");
    assert_eq!(problem.fix.len(), 3);
}

#[test]
fn an_empty_text_is_no_text() {
    let blank = without(|account| {
        account.settings.as_mut().unwrap().payments = Some(Payments { statement_descriptor: Some("  ".into()) });
    });
    assert_eq!(failure(next(ALL, blank)).code, Code::AccountIncomplete);
}

#[test]
fn an_account_that_may_not_be_read_is_unknown_and_not_failed() {
    let sight = refused(403, "Having the 'rak_accounts_kyc_basic_read' permission would allow this request.");
    let step = spec::<Spec>("").next(&facts(Mode::Live).sight(Look::Account, sight).get());
    assert_eq!(unknown(step).code, Code::Permission);
}
