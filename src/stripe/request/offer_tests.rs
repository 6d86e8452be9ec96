//! The exact bytes of catalog writes.

use crate::step::{
    CouponDraft, Delivery, FeatureDraft, FeaturePatch, MeterDraft, OfferWrite, PaymentLinkDraft, PaymentLinkPatch,
    PromotionCodeDraft, ShippingRateDraft, TaxRateDraft, TaxRatePatch, Write,
};
use crate::stripe::request::prepare;

fn line(write: OfferWrite) -> String {
    let request = prepare(&Write::Offer(write)).unwrap();
    format!("{} {} {}", request.method, request.path, request.body)
}

fn marked() -> std::collections::BTreeMap<String, String> {
    [("golive".to_owned(), "a/b.c".to_owned())].into()
}

#[test]
fn coupons_and_codes_have_these_bytes() {
    let percent = CouponDraft {
        id: "L20".into(),
        name: "Launch".into(),
        percent_off: Some("8.875".into()),
        duration: "repeating".into(),
        duration_in_months: Some(3),
        applies_to: vec!["prod_1".into()],
        max_redemptions: Some(9),
        redeem_by: Some(1_801_439_999),
        metadata: marked(),
        ..CouponDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreateCoupon(percent)), @"POST /v1/coupons applies_to[products][0]=prod_1&duration=repeating&duration_in_months=3&id=L20&max_redemptions=9&name=Launch&percent_off=8.875&redeem_by=1801439999&metadata[golive]=a%2Fb.c");
    let amount = CouponDraft {
        id: "L5".into(),
        name: "Five".into(),
        amount_off: Some(500),
        currency: Some("cad".into()),
        currency_options: [("usd".into(), 300), ("eur".into(), 400)].into(),
        duration: "once".into(),
        ..CouponDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreateCoupon(amount)), @"POST /v1/coupons amount_off=500&currency=cad&duration=once&id=L5&name=Five&currency_options[eur][amount_off]=400&currency_options[usd][amount_off]=300");
    let code = PromotionCodeDraft {
        code: "LAUNCH".into(),
        coupon: "L20".into(),
        expires_at: Some(1_801_439_999),
        first_time_transaction: true,
        minimum_amount: Some(1000),
        minimum_amount_currency: Some("usd".into()),
        metadata: marked(),
        ..PromotionCodeDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreatePromotionCode(code)), @"POST /v1/promotion_codes code=LAUNCH&expires_at=1801439999&promotion[coupon]=L20&promotion[type]=coupon&restrictions[first_time_transaction]=true&restrictions[minimum_amount]=1000&restrictions[minimum_amount_currency]=usd&metadata[golive]=a%2Fb.c");
}

#[test]
fn rates_and_meters_have_these_bytes() {
    let tax = TaxRateDraft {
        display_name: "VAT".into(),
        percentage: "20".into(),
        inclusive: true,
        tax_type: Some("vat".into()),
        replaces: vec!["txr_0".into()],
        ..TaxRateDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreateTaxRate(tax)), @"POST /v1/tax_rates display_name=VAT&inclusive=true&percentage=20.0&tax_type=vat");
    let patch = TaxRatePatch { active: Some(false), country: Some(String::new()), ..TaxRatePatch::default() };
    insta::assert_snapshot!(line(OfferWrite::UpdateTaxRate { id: "txr_1".into(), patch }), @"POST /v1/tax_rates/txr_1 active=false&country=");
    let shipping = ShippingRateDraft {
        display_name: "Ground".into(),
        amount: 500,
        currency: "cad".into(),
        currency_options: [("eur".into(), 400)].into(),
        delivery: Some(Delivery { min: Some(3), max: None, unit: "business_day".into(), min_unit: None }),
        tax_behavior: Some("exclusive".into()),
        ..ShippingRateDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreateShippingRate(shipping)), @"POST /v1/shipping_rates delivery_estimate[minimum][unit]=business_day&delivery_estimate[minimum][value]=3&display_name=Ground&fixed_amount[amount]=500&fixed_amount[currency]=cad&tax_behavior=exclusive&type=fixed_amount&fixed_amount[currency_options][eur][amount]=400");
    let meter = MeterDraft {
        display_name: "Calls".into(),
        event_name: "api_calls".into(),
        formula: "sum".into(),
        customer_key: "stripe_customer_id".into(),
        value_key: "value".into(),
        event_time_window: Some("hour".into()),
    };
    insta::assert_snapshot!(line(OfferWrite::CreateMeter(meter)), @"POST /v1/billing/meters customer_mapping[event_payload_key]=stripe_customer_id&customer_mapping[type]=by_id&default_aggregation[formula]=sum&display_name=Calls&event_name=api_calls&event_time_window=hour&value_settings[event_payload_key]=value");
    insta::assert_snapshot!(line(OfferWrite::DeactivateMeter { id: "mtr_1".into() }), @"POST /v1/billing/meters/mtr_1/deactivate");
}

#[test]
fn payment_links_have_these_bytes() {
    let terms = PaymentLinkPatch {
        allow_promotion_codes: Some(true),
        redirect: Some("https://shop.example/thanks?s={CHECKOUT_SESSION_ID}".into()),
        automatic_tax: Some(true),
        billing_address_collection: Some("required".into()),
        shipping_countries: Some(vec!["CA".into(), "US".into()]),
        trial_period_days: Some(7),
        metadata: marked(),
        ..PaymentLinkPatch::default()
    };
    let draft = PaymentLinkDraft { lines: vec![("price_1".into(), 2)], terms, ..PaymentLinkDraft::default() };
    insta::assert_snapshot!(line(OfferWrite::CreatePaymentLink(draft)), @"POST /v1/payment_links allow_promotion_codes=true&line_items[0][price]=price_1&line_items[0][quantity]=2&after_completion[type]=redirect&after_completion[redirect][url]=https%3A%2F%2Fshop.example%2Fthanks%3Fs%3D%7BCHECKOUT_SESSION_ID%7D&automatic_tax[enabled]=true&billing_address_collection=required&shipping_address_collection[allowed_countries][0]=CA&shipping_address_collection[allowed_countries][1]=US&subscription_data[trial_period_days]=7&metadata[golive]=a%2Fb.c");
    let back = PaymentLinkPatch {
        active: Some(false),
        redirect: Some(String::new()),
        shipping_countries: Some(Vec::new()),
        trial_period_days: Some(0),
        ..PaymentLinkPatch::default()
    };
    insta::assert_snapshot!(line(OfferWrite::UpdatePaymentLink { id: "plink_1".into(), patch: back }), @"POST /v1/payment_links/plink_1 active=false&after_completion[type]=hosted_confirmation&shipping_address_collection=&subscription_data[trial_period_days]=");
}

#[test]
fn an_id_that_would_lead_elsewhere_is_not_sent() {
    let write = OfferWrite::ReactivateMeter { id: "mtr_1/deactivate".into() };
    assert!(prepare(&Write::Offer(write)).is_err());
}

#[test]
fn settings_of_a_link_and_chosen_quantities_have_these_bytes() {
    let settings = [("phone_number_collection[enabled]", "true"), ("custom_fields[0][label][custom]", "Your team")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let terms =
        PaymentLinkPatch { confirmation: Some("Thank you".into()), settings: settings.into(), ..Default::default() };
    let adjustable = vec![(0, Some(1), Some(10))];
    let draft = PaymentLinkDraft { lines: vec![("price_1".into(), 2)], adjustable, terms, replaces: Vec::new() };
    insta::assert_snapshot!(line(OfferWrite::CreatePaymentLink(draft)), @"POST /v1/payment_links line_items[0][adjustable_quantity][enabled]=true&line_items[0][adjustable_quantity][maximum]=10&line_items[0][adjustable_quantity][minimum]=1&line_items[0][price]=price_1&line_items[0][quantity]=2&after_completion[type]=hosted_confirmation&after_completion[hosted_confirmation][custom_message]=Thank+you&custom_fields[0][label][custom]=Your+team&phone_number_collection[enabled]=true");
}

#[test]
fn features_and_further_minimums_have_these_bytes() {
    let draft = FeatureDraft { name: "API access".into(), lookup_key: "api".into(), metadata: marked() };
    insta::assert_snapshot!(line(OfferWrite::CreateFeature(draft)), @"POST /v1/entitlements/features lookup_key=api&name=API+access&metadata[golive]=a%2Fb.c");
    let patch = FeaturePatch { name: Some("API".into()), ..FeaturePatch::default() };
    insta::assert_snapshot!(line(OfferWrite::UpdateFeature { id: "feat_1".into(), patch }), @"POST /v1/entitlements/features/feat_1 name=API");
    let attach = OfferWrite::AttachFeature { product: "prod_1".into(), feature: "feat_1".into() };
    insta::assert_snapshot!(line(attach), @"POST /v1/products/prod_1/features entitlement_feature=feat_1");
    let code = PromotionCodeDraft {
        code: "LAUNCH".into(),
        coupon: "L20".into(),
        minimum_amount: Some(1000),
        minimum_amount_currency: Some("usd".into()),
        minimum_currencies: [("eur".into(), 900)].into(),
        ..PromotionCodeDraft::default()
    };
    insta::assert_snapshot!(line(OfferWrite::CreatePromotionCode(code)), @"POST /v1/promotion_codes code=LAUNCH&promotion[coupon]=L20&promotion[type]=coupon&restrictions[minimum_amount]=1000&restrictions[minimum_amount_currency]=usd&restrictions[currency_options][eur][minimum_amount]=900");
}
