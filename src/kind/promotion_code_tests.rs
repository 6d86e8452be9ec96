//! What the promotion code kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, offer, outputs, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = "code = \"Launch\"\ncoupon = \"LAUNCH20\"\nminimum_amount = \"10.00 USD\"\n";

fn stripe(codes: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(Look::Every(Collection::PromotionCodes), Sight::Objects(codes))
}

fn code(more: Value) -> Value {
    let code = json!({"id": "promo_1", "active": true, "code": "LAUNCH", "livemode": true,
        "promotion": {"coupon": "LAUNCH20", "type": "coupon"}, "metadata": {"golive": "acme/phase.item"},
        "restrictions": {"first_time_transaction": false, "minimum_amount": 1000, "minimum_amount_currency": "usd"}});
    with(code, more)
}

fn next(facts: &FactsBuilder) -> Step {
    spec::<Spec>(ITEM).next(&facts.get())
}

#[test]
fn the_active_code_of_this_text_in_any_case_is_the_one() {
    assert_eq!(looks(next(&facts(Mode::Live))), [Look::Every(Collection::PromotionCodes)]);
    let others = [code(json!({"id": "promo_0", "active": false})), code(json!({"id": "promo_2", "code": "OTHER"}))];
    let facts = stripe([&others[..], &[code(json!({}))]].concat());
    assert_eq!(evidence(next(&facts)), "LAUNCH, promo_1");
    assert_eq!(outputs(next(&facts))["code"], "LAUNCH");
    // As versions before clover answer.
    let older = code(json!({"promotion": null, "coupon": {"id": "LAUNCH20"}}));
    evidence(next(&stripe(vec![older])));
}

#[test]
fn a_code_that_is_missing_is_created() {
    let made = actions(next(&stripe(vec![code(json!({"code": "OTHER"}))])));
    let OfferWrite::CreatePromotionCode(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.code.as_str(), draft.coupon.as_str()), ("Launch", "LAUNCH20"));
    assert_eq!((draft.minimum_amount, draft.minimum_amount_currency.as_deref()), (Some(1000), Some("usd")));
    assert_eq!(draft.metadata["golive"], "acme/phase.item");
}

#[test]
fn another_restriction_closes_the_old_code_and_then_creates_the_new_one() {
    let found = code(json!({"max_redemptions": 5}));
    let made = actions(next(&stripe(vec![found])));
    let [new, old] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((new.verb, new.stage, old.verb, old.stage), (Verb::Replace, 1, Verb::Close, 0));
    assert!(matches!(offer(old), OfferWrite::UpdatePromotionCode { id, patch } if id == "promo_1" && patch.active == Some(false)));
    let Some(Write::Offer(OfferWrite::UpdatePromotionCode { patch, .. })) = &old.undo else { panic!("{old:?}") };
    assert_eq!(patch.active, Some(true));
    assert_eq!(new.fields[0].from.as_deref(), Some("5"));
    assert_ne!(new.label(), old.label());
}

#[test]
fn a_code_that_a_rollback_closed_is_switched_on_in_the_old_ones_place() {
    let old = code(json!({"id": "promo_0", "max_redemptions": 5}));
    let made = actions(next(&stripe(vec![code(json!({"active": false})), old])));
    let [new, close] = made.as_slice() else { panic!("{made:?}") };
    assert!(matches!(offer(new), OfferWrite::UpdatePromotionCode { id, patch } if id == "promo_1" && patch.active == Some(true)));
    assert!(matches!(offer(close), OfferWrite::UpdatePromotionCode { id, .. } if id == "promo_0"));
    assert!(new.undo.is_some() && new.stage > close.stage);
}

#[test]
fn one_of_ours_that_was_switched_off_is_switched_on_and_a_strangers_is_left_alone() {
    let made = actions(next(&stripe(vec![code(json!({"active": false}))])));
    assert!(matches!(offer(&made[0]), OfferWrite::UpdatePromotionCode { patch, .. } if patch.active == Some(true)));
    let made = actions(next(&stripe(vec![code(json!({"active": false, "metadata": {}}))])));
    assert_eq!(made[0].verb, Verb::Create);
}

#[test]
fn a_code_of_the_same_coupon_is_adopted_and_one_of_another_coupon_is_not_taken_away() {
    let made = actions(next(&stripe(vec![code(json!({"metadata": {}}))])));
    assert_eq!(made[0].verb, Verb::Adopt);
    let theirs = json!({"metadata": {}, "promotion": {"coupon": "OTHER", "type": "coupon"}});
    let problem = failure(next(&stripe(vec![code(theirs)])));
    assert_eq!(problem.code, Code::PromotionCodeTaken);
    assert_eq!(problem.found.as_deref(), Some("promo_1 of OTHER"));
    let ours = json!({"promotion": {"coupon": "OLD", "type": "coupon"}});
    assert_eq!(actions(next(&stripe(vec![code(ours)])))[0].verb, Verb::Replace);
}

#[test]
fn letters_dates_and_numbers_are_complained_about() {
    let bad = "code = \"20 % off\"\ncoupon = \"\"\nmax_redemptions = 0\nexpires_at = \"soon\"\nminimum_amount = \"10\"\nenv = \"1\"";
    let paths: Vec<String> = spec::<Spec>(bad).complaints().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["code", "coupon", "max_redemptions", "expires_at", "minimum_amount", "env"]);
    assert!(spec::<Spec>(ITEM).complaints().is_empty());
}
