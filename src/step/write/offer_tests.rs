//! How writes of the catalog are found again after a lost answer, and taken back.

use serde_json::{Value, json};

use super::{CouponDraft, MeterDraft, OfferWrite, PaymentLinkDraft, PromotionCodeDraft, TaxRateDraft, TaxRatePatch};
use crate::step::{Sight, Verb, Write};

const BEGUN: i64 = 10_000;

fn marked(value: &str) -> std::collections::BTreeMap<String, String> {
    [("golive".to_owned(), value.to_owned())].into()
}

fn object(more: Value) -> Value {
    let mut whole = json!({"id": "x_1", "created": BEGUN, "active": true, "metadata": {"golive": "acme/phase.item"}});
    if let Value::Object(more) = more {
        whole.as_object_mut().unwrap().extend(more);
    }
    whole
}

#[test]
fn a_coupon_is_found_by_its_id_and_only_with_the_items_mark() {
    let draft = CouponDraft { id: "LAUNCH".into(), metadata: marked("acme/phase.item"), ..CouponDraft::default() };
    let write = Write::Offer(OfferWrite::CreateCoupon(draft));
    let seen = |more| Sight::Object(Some(object(more)));
    assert_eq!(write.found_in(&seen(json!({"id": "LAUNCH"})), BEGUN).as_deref(), Some("LAUNCH"));
    assert_eq!(write.found_in(&seen(json!({"id": "LAUNCH", "metadata": {}})), BEGUN), None);
    assert_eq!(write.found_in(&Sight::Object(None), BEGUN), None);
    assert_eq!(write.inverse("LAUNCH"), None);
}

#[test]
fn a_promotion_code_is_found_by_its_code_in_any_case_while_it_is_active() {
    let draft = PromotionCodeDraft { code: "Launch".into(), metadata: marked("acme/phase.item"), ..Default::default() };
    let write = Write::Offer(OfferWrite::CreatePromotionCode(draft));
    let found = |more| write.found_in(&Sight::Objects(vec![object(more)]), BEGUN);
    assert_eq!(found(json!({"code": "LAUNCH"})).as_deref(), Some("x_1"));
    assert_eq!(found(json!({"code": "LAUNCH", "active": false})), None);
    assert_eq!(found(json!({"code": "LAUNCH", "created": BEGUN - 301})), None);
    assert_eq!(found(json!({"code": "OTHER"})), None);
}

#[test]
fn what_a_new_one_replaces_is_never_taken_for_it() {
    let draft =
        TaxRateDraft { metadata: marked("acme/phase.item"), replaces: vec!["x_1".into()], ..Default::default() };
    let write = Write::Offer(OfferWrite::CreateTaxRate(draft));
    let objects = vec![object(json!({})), object(json!({"id": "x_2"}))];
    assert_eq!(write.found_in(&Sight::Objects(objects), BEGUN).as_deref(), Some("x_2"));
}

#[test]
fn what_was_created_is_switched_off_to_take_it_back() {
    let write = Write::Offer(OfferWrite::CreateTaxRate(TaxRateDraft::default()));
    let off = TaxRatePatch { active: Some(false), ..TaxRatePatch::default() };
    let back = OfferWrite::UpdateTaxRate { id: "txr_1".into(), patch: off };
    assert_eq!((write.verb(), write.stands()), (Verb::Create, true));
    assert_eq!(write.inverse("txr_1"), Some(Write::Offer(back)));
    let meter = Write::Offer(OfferWrite::CreateMeter(MeterDraft::default()));
    let off = Write::Offer(OfferWrite::DeactivateMeter { id: "mtr_1".into() });
    assert_eq!(meter.inverse("mtr_1"), Some(off.clone()));
    assert_eq!((off.verb(), off.stands(), off.inverse("mtr_1")), (Verb::Close, false, None));
}

#[test]
fn a_write_is_journaled_and_read_back_the_same() {
    let write = Write::Offer(OfferWrite::ReactivateMeter { id: "mtr_1".into() });
    let text = serde_json::to_string(&write).unwrap();
    assert_eq!(text, r#"{"offer":{"reactivate_meter":{"id":"mtr_1"}}}"#);
    assert_eq!(serde_json::from_str::<Write>(&text).unwrap(), write);
}

#[test]
fn a_link_with_chosen_quantities_is_read_back_from_a_tagged_event_as_the_journal_has_it() {
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(tag = "type")]
    enum Event {
        Intended { write: Write },
    }
    let draft = PaymentLinkDraft {
        lines: vec![("price_1".into(), 1)],
        adjustable: vec![(0, Some(1), None)],
        ..PaymentLinkDraft::default()
    };
    let write = Write::Offer(OfferWrite::CreatePaymentLink(draft));
    let line = serde_json::to_string(&Event::Intended { write: write.clone() }).unwrap();
    let Event::Intended { write: read } = serde_json::from_str(&line).unwrap();
    assert_eq!(read, write);
}
