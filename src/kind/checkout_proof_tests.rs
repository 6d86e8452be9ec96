//! Tests of the `checkout_proof` kind over hand-made facts: the whole life of a proof.

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, change, evidence, facts, failure, looks, refused, spec};
use crate::mode::Mode;
use crate::step::object::Session;
use crate::step::{Effect, Given, Look, SessionDraft, Sight, Step, Verb, Write};

const ITEM: &str = "prices = ['price_1', 'price_2']\nsuccess_url = 'https://shop.example/thanks'";

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

fn opened(facts: FactsBuilder, price: &str, session: &str) -> FactsBuilder {
    let draft = SessionDraft { prices: vec![price.into()], ..SessionDraft::default() };
    facts.wrote("session 1", Write::OpenSession(draft), session)
}

fn session(id: &str, status: &str) -> Session {
    Session {
        id: id.into(),
        livemode: Some(true),
        status: Some(status.into()),
        amount_total: Some(5000),
        currency: Some("cad".into()),
        ..Session::default()
    }
}

/// Both sessions were opened, and are seen so.
fn seen(one: Session, two: Session) -> FactsBuilder {
    opened(opened(facts(Mode::Live), "price_1", "cs_1"), "price_2", "cs_2")
        .sight(Look::Session("cs_1".into()), Sight::Session(one))
        .sight(Look::Session("cs_2".into()), Sight::Session(two))
}

#[test]
fn each_price_gets_a_session_that_is_closed_again() {
    let actions = actions(next(&facts(Mode::Live)));
    let stages: Vec<(u8, Verb)> = actions.iter().map(|action| (action.stage, action.verb)).collect();
    assert_eq!(stages, [(0, Verb::Prove), (1, Verb::Close), (0, Verb::Prove), (1, Verb::Close)]);
    let Effect::Stripe(Write::OpenSession(draft)) = &actions[0].effect else { panic!("{actions:?}") };
    assert_eq!((draft.mode.as_str(), draft.prices.as_slice()), ("payment", ["price_1".to_owned()].as_slice()));
    let of = Given::Of(actions[0].label());
    assert_eq!(actions[1].effect, Effect::Stripe(Write::ExpireSession { id: of }));
}

#[test]
fn what_was_opened_is_looked_at_and_when_closed_proves_its_amount() {
    let both = opened(opened(facts(Mode::Live), "price_1", "cs_1"), "price_2", "cs_2");
    assert_eq!(looks(next(&both)), [Look::Session("cs_1".into()), Look::Session("cs_2".into())]);
    let step = next(&seen(session("cs_1", "expired"), session("cs_2", "expired")));
    assert_eq!(evidence(step), "2 sessions opened and expired: 50.00 CAD, 50.00 CAD");
}

#[test]
fn a_session_left_open_is_closed_without_another_question() {
    let change = change(next(&seen(session("cs_1", "expired"), session("cs_2", "open"))));
    assert!(change.follows);
    let id = Given::Id("cs_2".into());
    assert_eq!(change.actions.len(), 1);
    assert_eq!(change.actions[0].effect, Effect::Stripe(Write::ExpireSession { id }));
}

#[test]
fn opening_is_never_a_change_that_only_follows() {
    assert!(!change(next(&facts(Mode::Live))).follows);
}

#[test]
fn a_proof_that_passed_is_not_repeated_until_a_price_is_another_one() {
    let both = opened(opened(facts(Mode::Live), "price_1", "cs_1"), "price_2", "cs_2").passed("2 sessions");
    assert_eq!(evidence(next(&both)), "2 sessions");
    let old = opened(opened(facts(Mode::Live), "price_1", "cs_1"), "price_0", "cs_2").passed("2 sessions");
    let old = old.sight(Look::Session("cs_1".into()), Sight::Session(session("cs_1", "expired")));
    let actions = actions(next(&old));
    assert_eq!(actions.len(), 2);
    assert_eq!(actions[0].summary, "price_2");
}

#[test]
fn a_session_that_stripe_does_not_know_any_more_is_opened_anew() {
    let facts = seen(session("cs_1", "expired"), session("cs_2", "expired"))
        .sight(Look::Session("cs_2".into()), refused(404, "No such checkout session"));
    assert_eq!(actions(next(&facts))[0].summary, "price_2");
}

#[test]
fn a_session_of_the_other_mode_or_without_an_amount_proves_nothing() {
    let test = Session { livemode: Some(false), ..session("cs_1", "expired") };
    assert_eq!(failure(next(&seen(test, session("cs_2", "expired")))).code, Code::ProofFailed);
    let empty = Session { amount_total: None, ..session("cs_1", "expired") };
    assert_eq!(failure(next(&seen(empty, session("cs_2", "expired")))).code, Code::ProofFailed);
}

#[test]
fn a_session_that_may_not_be_read_fails_with_the_permission() {
    let facts = seen(session("cs_1", "expired"), session("cs_2", "expired")).sight(
        Look::Session("cs_1".into()),
        refused(403, "Having the 'rak_checkout_session_read' permission would allow this request."),
    );
    assert_eq!(failure(next(&facts)).code, Code::Permission);
}
