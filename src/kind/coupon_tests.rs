//! What the coupon kind decides, fact by fact.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, offer, outputs, refused, spec, with};
use crate::mode::Mode;
use crate::step::{Collection, Look, OfferWrite, Sight, Step, Verb, Write};

const ITEM: &str = "coupon_id = \"LAUNCH\"\npercent_off = 20.0\nduration = \"repeating\"\nduration_in_months = 3\n";
const MONEY: &str = "amount_off = \"5.00 CAD\"\ncurrencies = [\"4.00 EUR\"]\nduration = \"once\"\n";

fn look(id: &str) -> Look {
    Look::One(Collection::Coupons, id.into())
}

/// Stripe with this coupon, changed by `more`, or with none.
fn stripe(id: &str, found: impl Into<Option<Value>>) -> FactsBuilder {
    facts(Mode::Live).sight(look(id), Sight::Object(found.into()))
}

fn found(more: Value) -> Value {
    let coupon = json!({"id": "LAUNCH", "name": "An item", "percent_off": 20.0, "amount_off": null, "currency": null,
        "duration": "repeating", "duration_in_months": 3, "livemode": true, "valid": true, "redeem_by": null,
        "metadata": {"golive": "acme/phase.item"}});
    with(coupon, more)
}

fn next(item: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(item).next(&facts.get())
}

#[test]
fn a_coupon_is_looked_for_by_its_id() {
    assert_eq!(looks(next(ITEM, &facts(Mode::Live))), [look("LAUNCH")]);
    assert_eq!(looks(next(MONEY, &facts(Mode::Live))), [look("acme_item")]);
}

#[test]
fn a_coupon_that_is_missing_is_created_with_golives_mark() {
    let made = actions(next(ITEM, &stripe("LAUNCH", None)));
    let OfferWrite::CreateCoupon(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.id.as_str(), draft.percent_off.as_deref(), draft.amount_off), ("LAUNCH", Some("20"), None));
    assert_eq!(draft.metadata["golive"], "acme/phase.item");
    assert_eq!((made[0].verb, made[0].summary.as_str()), (Verb::Create, "20% off for 3 months"));
    let made = actions(next(MONEY, &stripe("acme_item", None)));
    let OfferWrite::CreateCoupon(draft) = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((draft.amount_off, draft.currency.as_deref(), draft.name.as_str()), (Some(500), Some("cad"), "An item"));
    assert_eq!(draft.currency_options, [("eur".to_owned(), 400)].into());
}

#[test]
fn a_coupon_that_is_as_it_should_be_passes() {
    let facts = stripe("LAUNCH", found(json!({})));
    assert_eq!(evidence(next(ITEM, &facts)), "LAUNCH, 20% off for 3 months");
    assert_eq!(outputs(next(ITEM, &facts))["id"], "LAUNCH");
}

#[test]
fn another_discount_is_told_and_never_changed() {
    let cases = [
        (json!({"percent_off": 25.0}), "25% off for 3 months", "20% off for 3 months"),
        (json!({"percent_off": null, "amount_off": 500, "currency": "cad"}), "5.00 CAD off", "20% off"),
        (json!({"duration": "forever", "duration_in_months": null}), "20% off forever", "20% off for 3 months"),
        (json!({"max_redemptions": 10}), "max_redemptions 10", "max_redemptions any number"),
        (json!({"redeem_by": 1_801_439_999}), "redeem_by 2027-01-31 23:59:59 UTC", "redeem_by never"),
        (json!({"applies_to": {"products": ["prod_1"]}}), "applies_to prod_1", "applies_to all products"),
    ];
    for (more, theirs, ours) in cases {
        let problem = failure(next(ITEM, &stripe("LAUNCH", found(more))));
        assert_eq!(problem.code, Code::CouponDiffers);
        assert!(problem.found.as_deref().unwrap().contains(theirs), "{problem:?}");
        assert!(problem.wanted.as_deref().unwrap().contains(ours), "{problem:?}");
        assert!(problem.fix[0].contains("coupon_id = \"LAUNCH_2\""), "{problem:?}");
    }
}

#[test]
fn name_metadata_and_new_currencies_are_changed_and_can_be_taken_back() {
    let item = format!("name = \"Welcome\"\nmetadata = {{ tier = \"2\" }}\n{MONEY}");
    let more = json!({"id": "acme_item", "percent_off": null, "amount_off": 500, "currency": "cad", "duration": "once",
        "duration_in_months": null, "metadata": {"golive": "acme/phase.item", "tier": "1"}});
    let made = actions(next(&item, &stripe("acme_item", found(more))));
    let OfferWrite::UpdateCoupon { id, patch } = offer(&made[0]) else { panic!("{made:?}") };
    assert_eq!((id.as_str(), patch.name.as_deref()), ("acme_item", Some("Welcome")));
    assert_eq!(patch.currency_options, [("eur".to_owned(), 400)].into());
    assert_eq!(patch.metadata, [("tier".to_owned(), "2".to_owned())].into());
    let Some(Write::Offer(OfferWrite::UpdateCoupon { patch: back, .. })) = &made[0].undo else { panic!("{made:?}") };
    assert_eq!((back.name.as_deref(), back.metadata["tier"].as_str()), (Some("An item"), "1"));
}

#[test]
fn a_coupon_made_by_hand_is_adopted() {
    let made = actions(next(ITEM, &stripe("LAUNCH", found(json!({"metadata": {}})))));
    assert_eq!(made[0].verb, Verb::Adopt);
}

#[test]
fn a_coupon_that_cannot_be_used_any_more_fails() {
    let problem = failure(next(ITEM, &stripe("LAUNCH", found(json!({"valid": false})))));
    assert_eq!(problem.code, Code::CouponSpent);
    let no = facts(Mode::Live).sight(look("LAUNCH"), refused(403, "Enabling Coupons Read ('coupon_read') is needed"));
    assert_eq!(failure(next(ITEM, &no)).code, Code::Permission);
    let test = failure(next(ITEM, &stripe("LAUNCH", found(json!({"livemode": false})))));
    assert_eq!(test.code, Code::KeyWrongMode);
}

#[test]
fn fields_that_cannot_go_together_are_complained_about() {
    let cases = [
        ("duration = \"once\"", "percent_off"),
        ("percent_off = 10\namount_off = \"1.00 CAD\"\nduration = \"once\"", "amount_off"),
        ("percent_off = 0\nduration = \"once\"", "percent_off"),
        ("percent_off = 101\nduration = \"once\"", "percent_off"),
        ("amount_off = \"5.00\"\nduration = \"once\"", "amount_off"),
        ("amount_off = \"0.00 CAD\"\nduration = \"once\"", "amount_off"),
        ("percent_off = 10\ncurrencies = [\"1.00 EUR\"]\nduration = \"once\"", "currencies"),
        ("percent_off = 10\nduration = \"repeating\"", "duration"),
        ("percent_off = 10\nduration = \"once\"\nduration_in_months = 2", "duration_in_months"),
        ("percent_off = 10\nduration = \"once\"\nredeem_by = \"31.1.2027\"", "redeem_by"),
        ("percent_off = 10\nduration = \"once\"\ncoupon_id = \"20 %\"", "coupon_id"),
        ("percent_off = 10\nduration = \"once\"\nmax_redemptions = 0", "max_redemptions"),
        ("percent_off = 10\nduration = \"once\"\nenv = \"A-B\"", "env"),
    ];
    for (item, path) in cases {
        let paths: Vec<String> = spec::<Spec>(item).complaints().into_iter().map(|one| one.path).collect();
        assert_eq!(paths, [path], "{item}");
    }
    assert!(spec::<Spec>(ITEM).complaints().is_empty() && spec::<Spec>(MONEY).complaints().is_empty());
}
