//! Tests of the `keys` kind over hand-made facts.

use super::Spec;
use crate::error::Code;
use crate::key::Role;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, outputs, question, refused, spec};
use crate::mode::Mode;
use crate::secret::{Secret, Slot};
use crate::step::object::{Account, Balance};
use crate::step::{Check, Effect, EnvSight, EnvVar, Form, Look, Origin, Permission, Question, Sight, Step};

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>("").next(&facts.get())
}

fn key(prefix: &str, end: &str) -> Secret {
    Secret::unlisted(format!("{prefix}_51Acme{}{end}", "0".repeat(24)))
}

/// An env file with these variables.
fn env(variables: &[(&str, Secret)]) -> Sight {
    let variable = |(n, (name, value)): (usize, &(&str, Secret))| EnvVar::new(*name, n + 1, Secret::unlisted(text(value)));
    let variables = variables.iter().enumerate().map(variable).collect();
    Sight::EnvFile(EnvSight { path: ".env".into(), exists: true, variables, ..EnvSight::default() })
}

/// The text of a key of these tests.
fn text(secret: &Secret) -> String {
    let prefixes = ["sk_live", "rk_live", "pk_live", "sk_test", "pk_test"];
    let all = prefixes.iter().flat_map(|prefix| ["aaaa", "bbbb"].map(|end| (prefix, end)));
    let texts = all.map(|(prefix, end)| format!("{prefix}_51Acme{}{end}", "0".repeat(24)));
    texts.into_iter().find(|text| secret.is(text)).unwrap()
}

fn give(facts: FactsBuilder, slot: Slot, secret: &Secret, origin: Origin) -> FactsBuilder {
    facts.known(slot, &secret.masked(), &secret.fingerprint(), origin)
}

/// Both keys at hand, from here.
fn at_hand(secret: &str, origin: &Origin) -> FactsBuilder {
    let facts = give(facts(Mode::Live), Slot::SecretKey, &key(secret, "aaaa"), origin.clone());
    give(facts, Slot::PublishableKey, &key("pk_live", "aaaa"), origin.clone())
}

/// The env file that holds the keys at hand.
fn kept(secret: &str) -> Sight {
    env(&[("STRIPE_SECRET_KEY", key(secret, "aaaa")), ("STRIPE_PUBLISHABLE_KEY", key("pk_live", "aaaa"))])
}

fn account() -> Sight {
    Sight::Account(Account { id: "acct_1".into(), ..Account::default() })
}

fn publishable(account: &str) -> Sight {
    Sight::PublishableKey { account: Some(account.into()), livemode: Some(true) }
}

fn balance(livemode: bool) -> Sight {
    Sight::Balance(Balance { livemode: Some(livemode) })
}

/// Keys that Stripe accepts, as somebody left them in the env file.
fn accepted(secret: &str) -> FactsBuilder {
    at_hand(secret, &Origin::EnvFile)
        .sight(Look::EnvFile, kept(secret))
        .sight(Look::Balance, balance(true))
        .sight(Look::Account, account())
        .sight(Look::PublishableKey, publishable("acct_1"))
}

fn because(question: Question) -> Code {
    question.because.unwrap().code
}

#[test]
fn keys_that_are_not_at_hand_are_asked_for_one_after_the_other() {
    let first = question(next(&facts(Mode::Live)));
    assert_eq!((first.name.as_str(), first.because.is_none()), ("secret", true));
    assert_eq!(first.form, Form::Secret { slot: Slot::SecretKey, check: Check::Key(Role::Secret, Mode::Live) });
    let one = give(facts(Mode::Live), Slot::SecretKey, &key("sk_live", "aaaa"), Origin::Prompt);
    assert_eq!(question(next(&one)).name, "publishable");
    assert!(question(next(&facts(Mode::Test))).prompt.starts_with("Test "));
}

#[test]
fn what_was_typed_is_kept_before_stripe_is_asked() {
    let typed = at_hand("sk_live", &Origin::Prompt);
    assert_eq!(looks(next(&typed)), [Look::EnvFile]);
    let actions = actions(next(&typed.sight(Look::EnvFile, env(&[]))));
    let Effect::Env(sets) = &actions[0].effect else { panic!("{actions:?}") };
    let names: Vec<&str> = sets.iter().map(|set| set.variable.as_str()).collect();
    assert_eq!(names, ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"]);
    assert_eq!(actions[0].fields[0].to, "sk_live_…aaaa");
}

#[test]
fn what_came_from_elsewhere_is_proved_before_it_is_kept() {
    let given = at_hand("sk_live", &Origin::KeyFile);
    assert_eq!(looks(next(&given)), [Look::Balance, Look::Account, Look::PublishableKey]);
    let proved = given
        .sight(Look::Balance, balance(true))
        .sight(Look::Account, account())
        .sight(Look::PublishableKey, publishable("acct_1"))
        .sight(Look::EnvFile, env(&[]));
    assert_eq!(actions(next(&proved)).len(), 1);
}

#[test]
fn accepted_keys_pass_with_their_account() {
    assert_eq!(evidence(next(&accepted("sk_live"))), "acct_1; sk_live_…aaaa and pk_live_…aaaa");
    assert_eq!(outputs(next(&accepted("sk_live")))["account"], "acct_1");
}

#[test]
fn a_key_for_golives_own_use_does_not_replace_a_good_one_of_the_application() {
    let own = |in_file: Secret| {
        let origin = Origin::Variable("GOLIVE_LIVE_KEY".into());
        let facts = accepted("sk_live");
        let facts = give(facts, Slot::SecretKey, &key("sk_live", "aaaa"), origin);
        let file = [("STRIPE_SECRET_KEY", in_file), ("STRIPE_PUBLISHABLE_KEY", key("pk_live", "aaaa"))];
        next(&facts.sight(Look::EnvFile, env(&file)))
    };
    evidence(own(key("sk_live", "bbbb")));
    evidence(own(key("rk_live", "bbbb")));
    // One of the other mode is no good one.
    assert_eq!(actions(own(key("sk_test", "bbbb")))[0].fields[0].from.as_deref(), Some("sk_test_…bbbb"));
}

#[test]
fn a_typed_key_replaces_the_one_in_the_env_file() {
    let facts = give(accepted("sk_live"), Slot::SecretKey, &key("sk_live", "bbbb"), Origin::Prompt);
    let fields = &actions(next(&facts))[0].fields;
    assert_eq!((fields[0].from.as_deref(), fields[0].to.as_str()), (Some("sk_live_…aaaa"), "sk_live_…bbbb"));
}

#[test]
fn a_key_that_stripe_does_not_know_is_asked_for_again_and_why() {
    let revoked = accepted("sk_live").sight(Look::Balance, refused(401, "Invalid API Key provided"));
    let question = question(next(&revoked));
    assert_eq!(question.name, "secret");
    let problem = question.because.clone().unwrap();
    assert_eq!(problem.why, ["Stripe answered 401 for sk_live_…aaaa: Invalid API Key provided"]);
    assert_eq!(because(question), Code::KeyRevoked);
    let other = accepted("sk_live").sight(Look::PublishableKey, refused(401, "Invalid API Key provided"));
    let question = crate::kind::testing::question(next(&other));
    assert_eq!((question.name.as_str(), question.because.unwrap().code), ("publishable", Code::KeyRevoked));
}

#[test]
fn a_key_that_may_not_read_balance_or_account_is_accepted_all_the_same() {
    let facts = accepted("sk_live")
        .sight(Look::Balance, refused(403, "Having the 'rak_balance_read' permission would allow this request."));
    evidence(next(&facts));
    let facts = accepted("sk_live").sight(Look::Account, refused(403, "no"));
    assert_eq!(evidence(next(&facts)), "account not named by Stripe; sk_live_…aaaa and pk_live_…aaaa");
}

#[test]
fn keys_of_two_accounts_are_noticed() {
    let facts = accepted("sk_live").sight(Look::PublishableKey, publishable("acct_2"));
    let question = question(next(&facts));
    assert_eq!(question.name, "publishable");
    assert_eq!(because(question), Code::KeyAccount);
}

#[test]
fn a_key_of_another_account_than_the_launchs_is_asked_for_again() {
    let mut facts = accepted("sk_live");
    facts.account = Some("acct_9".into());
    let question = question(next(&facts));
    assert_eq!(question.name, "secret");
    let problem = question.because.unwrap();
    assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("acct_1"), Some("acct_9")));
}

#[test]
fn stripe_has_the_last_word_on_a_keys_mode() {
    let facts = accepted("sk_live").sight(Look::Balance, balance(false));
    assert_eq!(because(question(next(&facts))), Code::KeyWrongMode);
    let other = Sight::PublishableKey { account: Some("acct_1".into()), livemode: Some(false) };
    let question = question(next(&accepted("sk_live").sight(Look::PublishableKey, other)));
    assert_eq!(question.name, "publishable");
}

#[test]
fn a_restricted_key_is_checked_for_what_this_checklist_needs() {
    let mut facts = accepted("rk_live");
    facts.permissions = vec![Permission::ProductWrite, Permission::WebhookWrite];
    let wanted = facts.permissions.iter().map(|permission| Look::Permission(*permission)).collect::<Vec<_>>();
    assert_eq!(looks(next(&facts)), wanted);
    let whole = facts.sight(wanted[0].clone(), Sight::Permitted).sight(wanted[1].clone(), Sight::Permitted);
    assert_eq!(evidence(next(&whole)), "acct_1; rk_live_…aaaa and pk_live_…aaaa; 2 of 2 permissions");
    let no = || refused(403, "Enabling Products Write ('product_write') permissions on this key would allow this.");
    let lacking = whole.sight(wanted[0].clone(), no());
    assert_eq!(failure(next(&lacking)).message, "the key lacks a permission: Products: Write");
    let problem = failure(next(&lacking.sight(wanted[1].clone(), no())));
    assert_eq!(problem.message, "the key lacks permissions: Products: Write, Webhook Endpoints: Write");
    assert_eq!(problem.code, Code::Permission);
}

#[test]
fn a_secret_key_has_every_permission() {
    let mut facts = accepted("sk_live");
    facts.permissions = vec![Permission::ProductWrite];
    evidence(next(&facts));
}

#[test]
fn an_env_file_that_cannot_be_written_keeps_the_keys_out() {
    let file = EnvSight {
        path: ".env".into(),
        problems: vec![crate::error::Problem::new(Code::EnvTracked, "git tracks .env")],
        ..EnvSight::default()
    };
    let typed = at_hand("sk_live", &Origin::Prompt).sight(Look::EnvFile, Sight::EnvFile(file));
    assert_eq!(failure(next(&typed)).code, Code::EnvTracked);
}

#[test]
fn test_keys_never_take_the_place_of_live_ones() {
    let facts = give(facts(Mode::Test), Slot::SecretKey, &key("sk_test", "aaaa"), Origin::Variable("X".into()));
    let facts = give(facts, Slot::PublishableKey, &key("pk_test", "aaaa"), Origin::Variable("X".into()));
    let facts = facts
        .sight(Look::Balance, balance(false))
        .sight(Look::Account, account())
        .sight(Look::PublishableKey, Sight::PublishableKey { account: Some("acct_1".into()), livemode: Some(false) });
    let launched = failure(next(&facts.sight(Look::EnvFile, kept("sk_live"))));
    assert_eq!(launched.code, Code::KeyWrongMode);
    assert!(launched.code.is_refusal() && launched.message.contains(".env holds live keys"), "{}", launched.message);
}
