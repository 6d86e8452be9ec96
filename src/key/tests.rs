//! What pasted keys come to.

use super::{Role, accept, accept_signing_secret, describe, embedded_account};
use crate::error::{Code, Problem};
use crate::mode::Mode;

fn live(prefix: &str) -> String {
    format!("{prefix}51TKTSmPrvMJQiRJh{}x7Qd", "Ab3".repeat(20))
}

fn refused(raw: &str, role: Role, mode: Mode) -> Problem {
    accept(raw, role, mode).expect_err("must be refused")
}

#[test]
fn a_bare_key_is_taken_as_it_is_and_without_a_note() {
    let key = live("sk_live_");
    assert_eq!(accept(&key, Role::Secret, Mode::Live), Ok((key.clone(), None)));
}

#[test]
fn a_restricted_key_is_a_secret_key() {
    let key = live("rk_live_");
    assert_eq!(accept(&key, Role::Secret, Mode::Live), Ok((key.clone(), None)));
    assert_eq!(refused(&key, Role::Publishable, Mode::Live).code, Code::KeyWrongRole);
}

#[test]
fn a_rehearsal_takes_live_keys() {
    assert!(accept(&live("pk_live_"), Role::Publishable, Mode::Rehearse).is_ok());
    assert_eq!(refused(&live("sk_test_"), Role::Secret, Mode::Rehearse).code, Code::KeyWrongMode);
}

#[test]
fn decoration_is_removed_and_named() {
    let key = live("sk_live_");
    let cases = [
        (format!("  {key}\r\n"), "removed a line end around it"),
        (format!(" {key} "), "removed spaces around it"),
        (format!("\"{key}\""), "removed quotes around it"),
        (format!("“{key}”"), "removed quotes around it"),
        (format!("STRIPE_SECRET_KEY={key}"), "removed `STRIPE_SECRET_KEY=` around it"),
        (
            format!("export STRIPE_SECRET_KEY='{key}'\n"),
            "removed a line end and `export STRIPE_SECRET_KEY=` and quotes around it",
        ),
        (format!("\u{feff}{key}\u{200b}"), "removed spaces around it"),
    ];
    for (raw, note) in cases {
        assert_eq!(accept(&raw, Role::Secret, Mode::Live), Ok((key.clone(), Some(note.to_owned()))), "{raw:?}");
    }
}

#[test]
fn quotes_that_do_not_match_are_not_taken_away() {
    let raw = format!("\"{}'", live("sk_live_"));
    assert_eq!(refused(&raw, Role::Secret, Mode::Live).code, Code::KeyShape);
}

#[test]
fn keys_of_the_other_role_are_refused() {
    let secret = refused(&live("sk_live_"), Role::Publishable, Mode::Live);
    assert_eq!(secret.code, Code::KeyWrongRole);
    assert_eq!(secret.message, "this is a secret key; the publishable key belongs here");
    let publishable = refused(&live("pk_live_"), Role::Secret, Mode::Live);
    assert_eq!(publishable.message, "this is a publishable key; the secret key belongs here");
    assert_eq!(publishable.wanted.as_deref(), Some("sk_live_…"));
}

#[test]
fn other_things_of_stripes_are_named() {
    let cases = [
        ("whsec_abcdefghijklmnop1234567890", "a webhook signing secret"),
        ("acct_1TKTSmPrvMJQiRJh", "an account id"),
        ("price_1TKTqXPrvMJQiRJhAAAA", "a price id"),
        ("prod_NWjs8kKbJWmuuc", "a product id"),
        ("we_1Mr5jULkdIwHu7ix", "a webhook endpoint id"),
    ];
    for (raw, what) in cases {
        let problem = refused(raw, Role::Secret, Mode::Live);
        assert_eq!(problem.code, Code::KeyWrongRole, "{raw}");
        assert!(problem.message.contains(what), "{raw}: {}", problem.message);
    }
}

#[test]
fn the_wrong_mode_says_which_prefix_was_found_and_wanted() {
    let problem = refused(&live("rk_test_"), Role::Secret, Mode::Live);
    assert_eq!(problem.code, Code::KeyWrongMode);
    assert_eq!(problem.found.as_deref(), Some("rk_test_"));
    assert_eq!(problem.wanted.as_deref(), Some("rk_live_"));
    let reverse = refused(&live("pk_live_"), Role::Publishable, Mode::Test);
    assert_eq!((reverse.found.as_deref(), reverse.wanted.as_deref()), (Some("pk_live_"), Some("pk_test_")));
    assert!(reverse.fix[0].ends_with("https://dashboard.stripe.com/test/apikeys"));
}

#[test]
fn an_organisation_key_has_its_own_code() {
    assert_eq!(refused(&live("sk_org_live_"), Role::Secret, Mode::Live).code, Code::KeyOrganisation);
}

#[test]
fn shortened_keys_and_placeholders_are_refused() {
    let shortened = ["sk_live_51Ab…x7Qd", "sk_live_51Ab...x7Qd", "sk_live_51Ab****x7Qd", "sk_live_51••••x7Qd"];
    for raw in shortened {
        let problem = refused(raw, Role::Secret, Mode::Live);
        assert_eq!(problem.code, Code::KeyShape, "{raw}");
        assert!(problem.message.contains("shortened"), "{raw}: {}", problem.message);
    }
    let placeholders = [
        "sk_live_xxx",
        "sk_live_...",
        "sk_live_…",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
        "sk_live_your_key_here",
        "sk_live_",
        "<your key>",
        "sk_live_${KEY}",
        "sk_live_REPLACE_ME",
    ];
    for raw in placeholders {
        let problem = refused(raw, Role::Secret, Mode::Live);
        assert_eq!(problem.code, Code::KeyShape, "{raw}");
        assert!(problem.message.contains("placeholder"), "{raw}: {}", problem.message);
    }
}

#[test]
fn inner_whitespace_and_foreign_characters_are_refused() {
    let key = live("sk_live_");
    let split = format!("{}\n{}", &key[..20], &key[20..]);
    assert!(refused(&split, Role::Secret, Mode::Live).message.contains("inside the key"));
    let cyrillic = key.replacen('A', "А", 1);
    assert_eq!(refused(&cyrillic, Role::Secret, Mode::Live).code, Code::KeyShape);
    assert!(refused(&format!("{key}!"), Role::Secret, Mode::Live).why[0].contains("characters"));
}

#[test]
fn a_clipped_key_and_an_empty_one_are_refused() {
    assert!(refused("sk_live_51Ab", Role::Secret, Mode::Live).why[0].contains("too short"));
    assert_eq!(refused(" \n", Role::Secret, Mode::Live).code, Code::KeyMissing);
    assert_eq!(refused("''", Role::Secret, Mode::Live).code, Code::KeyMissing);
}

#[test]
fn no_message_holds_more_of_a_key_than_its_mask() {
    let inputs = [
        live("sk_test_"),
        live("pk_live_"),
        live("sk_org_"),
        format!("{} {}", live("sk_live_"), live("sk_live_")),
        format!("{}é", live("sk_live_")),
        format!("{}!", live("sk_live_")),
        live("hunter_"),
        live("whsec_"),
        "sk_live_51Ab…x7Qd".to_owned(),
    ];
    for raw in inputs {
        let problem = refused(&raw, Role::Secret, Mode::Live);
        let text = serde_json::to_string(&problem).unwrap();
        assert!(!text.contains("51TKTSm") && !text.contains("Ab3") && !text.contains("51Ab"), "{text}");
        assert!(!problem.fix.is_empty(), "{text}");
    }
}

#[test]
fn signing_secrets_may_hold_base64_and_end_in_equals_signs() {
    let secret = format!("whsec_{}+/a==", "Zx9".repeat(9));
    assert_eq!(accept_signing_secret(&secret), Ok((secret.clone(), None)));
    let (bare, note) = accept_signing_secret(&format!("STRIPE_WEBHOOK_SECRET=\"{secret}\"")).unwrap();
    assert_eq!(bare, secret);
    assert_eq!(note.as_deref(), Some("removed `STRIPE_WEBHOOK_SECRET=` and quotes around it"));
}

#[test]
fn what_is_no_signing_secret_is_refused() {
    let code = |raw: &str| accept_signing_secret(raw).expect_err("must be refused").code;
    assert_eq!(code(&live("sk_live_")), Code::KeyWrongRole);
    assert_eq!(code("we_1Mr5jULkdIwHu7ix"), Code::KeyWrongRole);
    assert_eq!(code("whsec_abc"), Code::KeyShape);
    assert_eq!(code("whsec_..."), Code::KeyShape);
    assert_eq!(code("hunter2hunter2hunter2"), Code::KeyShape);
    assert_eq!(code(""), Code::KeyMissing);
}

#[test]
fn a_key_describes_itself() {
    assert_eq!(describe(&live("sk_live_")), Some((Role::Secret, false, true)));
    assert_eq!(describe(&live("rk_test_")), Some((Role::Secret, true, false)));
    assert_eq!(describe(&live("pk_test_")), Some((Role::Publishable, false, false)));
    assert_eq!(describe("sk_org_live_abc"), None);
    assert_eq!(describe("sk_live"), None);
    assert_eq!(describe("acct_1"), None);
}

#[test]
fn the_account_is_read_from_new_keys_only() {
    assert_eq!(embedded_account(&live("sk_live_")).as_deref(), Some("acct_1TKTSmPrvMJQiRJh"));
    assert_eq!(embedded_account("sk_live_4eC39HqLyjWDarjtT1zdp7dc"), None);
    assert_eq!(embedded_account("sk_live_51C39HqLyjWDarjtT1zdp7d"), None);
    assert_eq!(embedded_account("whsec_51TKTSmPrvMJQiRJh"), None);
}
