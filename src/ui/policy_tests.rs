//! Who may agree to what without being asked, mode by mode.

use super::{Consent, Policy, Ruling, accept, agrees, consent_question, needs_answer};
use crate::engine::port::Answer;
use crate::error::{Class, Code, Failure, Problem};
use crate::mode::Mode;
use crate::plan::{AccountRef, Plan, PlanItem, SCHEMA};
use crate::secret::Slot;
use crate::step::{
    Action, Address, Change, Check, Choice, Effect, EnvSet, EnvSource, Form, MoneyWrite, PriceDraft, Question,
    RefundDraft, Verb, Write,
};

pub(crate) fn question(form: Form) -> Question {
    let rehearse = None;
    Question {
        name: "q".into(),
        prompt: "What now?".into(),
        help: Vec::new(),
        link: None,
        because: None,
        form,
        rehearse,
    }
}

fn action(noun: &str, name: &str, verb: Verb, effect: Effect) -> Action {
    let (fields, notes, summary) = (Vec::new(), Vec::new(), String::new());
    Action { noun: noun.into(), name: name.into(), verb, summary, fields, notes, effect, stage: 0, undo: None }
}

fn plan(mode: Mode, actions: Vec<Action>) -> Plan {
    let change = Change::of(actions);
    Plan {
        schema: SCHEMA.into(),
        mode,
        account: Some(AccountRef { id: "acct_1Q9f".into(), name: Some("Acme Oy".into()) }),
        checklist: "acme".into(),
        checklist_sha256: String::new(),
        env_file: Some(".env.production".into()),
        items: vec![PlanItem { address: Address::new("catalog", "pro"), title: "Pro".into(), change }],
        unchanged: 0,
        later: Vec::new(),
        failed: Vec::new(),
    }
}

fn price() -> Action {
    action("price", "pro_monthly", Verb::Create, Effect::Stripe(Write::CreatePrice(PriceDraft::default())))
}

fn env() -> Action {
    let set = EnvSet { variable: "X".into(), value: EnvSource::Text("1".into()) };
    action("env", ".env.production", Verb::Write, Effect::Env(vec![set]))
}

/// One price to create.
pub(crate) fn catalog(mode: Mode) -> Plan {
    plan(mode, vec![price()])
}

fn class(ruling: Ruling) -> Option<Class> {
    match ruling {
        Ruling::Granted(_) => None,
        Ruling::Open(failure) | Ruling::Refused(failure) => Some(failure.class),
    }
}

fn consent(mode: Mode, yes: bool, confirm: Option<&str>, saved_plan: bool) -> Consent {
    Consent { yes, confirm: confirm.map(str::to_owned), saved_plan, ..Consent::none(mode) }
}

#[test]
fn yes_accepts_local_writes_in_every_mode_and_changes_outside_live() {
    for mode in [Mode::Rehearse, Mode::Test, Mode::Live] {
        assert_eq!(class(consent(mode, true, None, false).rule(&plan(mode, vec![env()]))), None);
        let nothing = consent(mode, false, None, false).rule(&plan(mode, vec![env()]));
        assert_eq!(class(nothing), Some(Class::NeedsAnswer));
    }
    assert_eq!(class(consent(Mode::Rehearse, true, None, false).rule(&catalog(Mode::Rehearse))), None);
    assert_eq!(class(consent(Mode::Test, true, None, false).rule(&catalog(Mode::Test))), None);
}

#[test]
fn yes_alone_never_changes_a_live_account() {
    let rule = |yes, confirm, saved| class(consent(Mode::Live, yes, confirm, saved).rule(&catalog(Mode::Live)));
    assert_eq!(rule(true, None, false), Some(Class::Refused));
    assert_eq!(rule(false, None, true), Some(Class::NeedsAnswer));
    assert_eq!(rule(true, None, true), None);
    assert_eq!(rule(false, Some("acme oy"), false), None);
    assert_eq!(rule(false, Some("acct_1Q9f"), false), None);
    assert_eq!(rule(true, Some("Other Oy"), true), Some(Class::Refused));
}

#[test]
fn confirm_cannot_mean_an_account_that_is_not_known() {
    let mut unknown = catalog(Mode::Live);
    unknown.account = None;
    assert_eq!(class(consent(Mode::Live, true, Some("Acme Oy"), false).rule(&unknown)), Some(Class::Refused));
}

#[test]
fn confirm_is_for_stripe_and_yes_for_this_computer() {
    let both = plan(Mode::Live, vec![price(), env()]);
    assert_eq!(class(consent(Mode::Live, false, Some("Acme Oy"), false).rule(&both)), Some(Class::NeedsAnswer));
    assert_eq!(class(consent(Mode::Live, true, Some("Acme Oy"), false).rule(&both)), None);
}

#[test]
fn commands_need_their_own_flag() {
    assert_eq!(class(consent(Mode::Live, true, None, true).rule_commands(2)), Some(Class::Refused));
    assert_eq!(class(consent(Mode::Test, false, None, false).rule_commands(2)), Some(Class::NeedsAnswer));
    assert_eq!(class(consent(Mode::Rehearse, false, None, false).rule_commands(2)), None);
    let allowed = Consent { allow_commands: true, ..Consent::none(Mode::Live) };
    assert_eq!(class(allowed.rule_commands(2)), None);
}

#[test]
fn the_question_names_the_account_or_the_file() {
    assert_eq!(consent_question(&catalog(Mode::Live)), "Type yes to change the LIVE account Acme Oy");
    assert_eq!(consent_question(&catalog(Mode::Rehearse)), "Type yes to change the simulated account Acme Oy");
    assert_eq!(consent_question(&plan(Mode::Live, vec![env()])), "Write .env.production?");
}

fn refused(policy: &Policy, question: &Question) -> Failure {
    match policy.answer("x.y.q", question) {
        Err(failure) => failure,
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn a_secret_is_never_taken_from_the_command_line() {
    let mut policy = Policy::none(Mode::Live);
    policy.answers.insert("x.y.q".into(), "hunter2".into());
    let failure = refused(&policy, &question(Form::Secret { slot: Slot::SecretKey, check: Check::NotEmpty }));
    assert_eq!(failure.class, Class::Refused);
    assert!(!format!("{failure:?}").contains("hunter2"));
    assert!(failure.problem.fix[0].contains("GOLIVE_LIVE_KEY"));
}

#[test]
fn a_given_answer_is_checked_like_a_typed_one() {
    let mut policy = Policy::none(Mode::Live);
    policy.answers.insert("x.y.q".into(), "sooner".into());
    let choices = vec![Choice { value: "later".into(), label: "Later".into(), hint: String::new() }];
    let failure = refused(&policy, &question(Form::Choice(choices)));
    assert_eq!(failure.class, Class::Usage);
    assert!(failure.problem.fix[0].contains("later"), "{failure:?}");
}

#[test]
fn only_a_rehearsal_with_yes_answers_by_itself() {
    let proposed = Question { rehearse: Some("no".into()), ..question(Form::Confirm { default: false }) };
    let answer = |mode, yes| {
        let policy = Policy { consent: consent(mode, yes, None, false), ..Policy::none(mode) };
        policy.answer("x.y.q", &proposed).expect("no failure").is_some()
    };
    assert!(answer(Mode::Rehearse, true));
    assert!(!answer(Mode::Rehearse, false) && !answer(Mode::Live, true) && !answer(Mode::Test, true));
}

#[test]
fn an_empty_line_takes_the_default_of_a_text() {
    let form = Form::Text { default: Some("acme".into()), check: Check::NotEmpty };
    assert!(matches!(accept(&form, " "), Ok((Answer::Text(text), None)) if text == "acme"));
    assert!(accept(&Form::Text { default: None, check: Check::NotEmpty }, " ").is_err());
}

#[test]
fn an_open_secret_names_the_ways_in_and_no_flag_for_its_value() {
    let open =
        needs_answer("k.m.s", &question(Form::Secret { slot: Slot::SecretKey, check: Check::NotEmpty }), Mode::Test);
    assert!(open.problem.fix.iter().all(|fix| !fix.contains("--answer")), "{open:?}");
    assert!(open.problem.fix[0].contains("GOLIVE_TEST_KEY"), "{open:?}");
}

#[test]
fn what_is_asked_again_ends_with_what_was_wrong_the_first_time() {
    let form = Form::Secret { slot: Slot::SecretKey, check: Check::NotEmpty };
    let revoked = Problem::new(Code::KeyRevoked, "Stripe does not know this key").fix("copy it again");
    let again = Question { because: Some(Box::new(revoked)), ..question(form) };
    let failure = needs_answer("keys.live.secret", &again, Mode::Live);
    assert_eq!((failure.class, failure.problem.code), (Class::Refused, Code::KeyRevoked));
    assert!(failure.problem.why.iter().any(|why| why.contains("keys.live.secret")), "{failure:?}");
    assert!(failure.problem.fix.last().is_some_and(|fix| fix.contains("GOLIVE_LIVE_KEY")), "{failure:?}");
}

fn refund(mode: Mode) -> Plan {
    let draft = RefundDraft { payment: "pi_1".into(), amount: 2900, shown: "29.00 EUR".into(), metadata: [].into() };
    let effect = Effect::Stripe(Write::Money(MoneyWrite::CreateRefund(draft)));
    plan(mode, vec![Action::new("refund", "29.00 EUR", Verb::Create, effect)])
}

#[test]
fn money_moves_for_its_amount_or_the_account_and_for_nothing_else() {
    for mode in [Mode::Test, Mode::Live] {
        let rule = |yes, confirm, saved| class(consent(mode, yes, confirm, saved).rule(&refund(mode)));
        assert_eq!(rule(true, Some("29.00"), false), None);
        assert_eq!(rule(false, Some("29.00 EUR"), false), None);
        assert_eq!(rule(false, Some("acme oy"), false), None);
        assert_eq!(rule(false, Some("28.00"), false), Some(Class::Refused));
        assert_eq!(rule(true, None, false), Some(Class::Refused), "--yes is never enough");
        assert_eq!(rule(true, None, true), Some(Class::Refused), "a saved plan is not either");
        assert_eq!(rule(false, None, false), Some(Class::NeedsAnswer));
    }
    assert_eq!(class(consent(Mode::Rehearse, true, None, false).rule(&refund(Mode::Rehearse))), None);
}

#[test]
fn a_refund_is_agreed_to_by_typing_its_amount() {
    let plan = refund(Mode::Live);
    assert_eq!(consent_question(&plan), "Type the amount to refund, 29.00 EUR");
    assert!(agrees(&plan, "29.00") && !agrees(&plan, "yes") && !agrees(&plan, ""));
    assert!(agrees(&catalog(Mode::Live), "yes") && !agrees(&catalog(Mode::Live), "29.00"));
}
