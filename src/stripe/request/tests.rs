//! The bytes of every write.

use super::prepare;
use crate::error::Code;
use crate::step::{
    Given, PriceDraft, PricePatch, ProductDraft, ProductPatch, Recurring, SessionDraft, WebhookDraft, WebhookPatch,
    Write,
};

fn marks() -> std::collections::BTreeMap<String, String> {
    [("golive_item", "catalog.pro"), ("golive", "mini pass"), ("a", "")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn line(write: &Write) -> String {
    let request = prepare(write).unwrap();
    format!("{} {} {}", request.method, request.path, request.body)
}

#[test]
fn a_product_is_created_with_our_id_and_metadata_in_order() {
    let write = Write::CreateProduct(ProductDraft {
        id: "golive_pro".into(),
        name: "Pro & more".into(),
        description: Some("15 Activities".into()),
        statement_descriptor: Some("MINIPASS".into()),
        tax_code: Some("txcd_10000000".into()),
        unit_label: Some("seat".into()),
        url: Some("https://minipass.me/pro".into()),
        images: vec!["https://minipass.me/a.png".into()],
        metadata: marks(),
        ..ProductDraft::default()
    });
    insta::assert_snapshot!(line(&write), @"POST /v1/products description=15+Activities&id=golive_pro&images[0]=https://minipass.me/a.png&name=Pro+%26+more&statement_descriptor=MINIPASS&tax_code=txcd_10000000&unit_label=seat&url=https://minipass.me/pro&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
}

#[test]
fn a_products_patch_sends_what_changes_and_unsets_with_empty_texts() {
    let patch = ProductPatch {
        active: Some(true),
        name: Some("Pro".into()),
        description: Some(String::new()),
        images: Some(vec![]),
        default_price: Some(Given::Id("price_1".into())),
        ..ProductPatch::default()
    };
    insta::assert_snapshot!(line(&Write::UpdateProduct { id: "prod_1".into(), patch }), @"POST /v1/products/prod_1 active=true&default_price=price_1&description=&images=&name=Pro");
    let patch = ProductPatch { metadata: marks(), ..ProductPatch::default() };
    insta::assert_snapshot!(line(&Write::UpdateProduct { id: "prod_1".into(), patch }), @"POST /v1/products/prod_1 metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
}

#[test]
fn a_price_is_created_without_the_fields_that_are_only_journaled() {
    let draft = PriceDraft {
        product: "prod_1".into(),
        currency: "cad".into(),
        unit_amount: Some(5000),
        recurring: Some(Recurring { interval: "month".into(), interval_count: 3, ..Recurring::default() }),
        lookup_key: Some("pro_monthly".into()),
        transfer_lookup_key: true,
        nickname: Some("Pro Monthly".into()),
        tax_behavior: Some("exclusive".into()),
        metadata: marks(),
        replaces: Some("price_old".into()),
        ..PriceDraft::default()
    };
    insta::assert_snapshot!(line(&Write::CreatePrice(draft)), @"POST /v1/prices currency=cad&lookup_key=pro_monthly&nickname=Pro+Monthly&product=prod_1&recurring[interval]=month&recurring[interval_count]=3&tax_behavior=exclusive&transfer_lookup_key=true&unit_amount=5000&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
    let once = PriceDraft {
        product: "prod_1".into(),
        currency: "jpy".into(),
        unit_amount: Some(500),
        ..PriceDraft::default()
    };
    insta::assert_snapshot!(line(&Write::CreatePrice(once)), @"POST /v1/prices currency=jpy&product=prod_1&unit_amount=500");
}

#[test]
fn a_price_is_closed_and_its_key_moved() {
    let close = PricePatch { active: Some(false), ..PricePatch::default() };
    insta::assert_snapshot!(line(&Write::UpdatePrice { id: "price_1".into(), patch: close }), @"POST /v1/prices/price_1 active=false");
    let patch = PricePatch {
        nickname: Some("New".into()),
        lookup_key: Some("pro".into()),
        transfer_lookup_key: true,
        tax_behavior: Some("inclusive".into()),
        metadata: marks(),
        ..PricePatch::default()
    };
    insta::assert_snapshot!(line(&Write::UpdatePrice { id: "price_1".into(), patch }), @"POST /v1/prices/price_1 lookup_key=pro&nickname=New&tax_behavior=inclusive&transfer_lookup_key=true&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
}

#[test]
fn a_webhook_takes_event_names_and_versions_newer_than_the_library() {
    let draft = WebhookDraft {
        url: "https://minipass.me/stripe?a=1".into(),
        enabled_events: vec!["checkout.session.completed".into(), "some.newer_event".into()],
        description: Some("golive".into()),
        api_version: Some("2031-01-01.zebra".into()),
        metadata: marks(),
        secret_env: "STRIPE_WEBHOOK_SECRET".into(),
        wants_uuid: false,
    };
    insta::assert_snapshot!(line(&Write::CreateWebhook(draft)), @"POST /v1/webhook_endpoints api_version=2031-01-01.zebra&description=golive&enabled_events[0]=checkout.session.completed&enabled_events[1]=some.newer_event&url=https://minipass.me/stripe?a%3D1&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
    let patch = WebhookPatch {
        url: Some("https://new.example/hook".into()),
        enabled_events: Some(vec!["*".into()]),
        description: Some("x".into()),
        disabled: Some(false),
        metadata: marks(),
        wants_uuid: false,
    };
    insta::assert_snapshot!(line(&Write::UpdateWebhook { id: "we_1".into(), patch }), @"POST /v1/webhook_endpoints/we_1 description=x&disabled=false&enabled_events[0]=*&url=https://new.example/hook&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
}

#[test]
fn a_session_is_opened_and_expired() {
    let draft = SessionDraft {
        mode: "subscription".into(),
        prices: vec!["price_1".into(), "price_2".into()],
        success_url: "https://minipass.me/ok?s={CHECKOUT_SESSION_ID}".into(),
        metadata: marks(),
    };
    insta::assert_snapshot!(line(&Write::OpenSession(draft)), @"POST /v1/checkout/sessions line_items[0][price]=price_1&line_items[0][quantity]=1&line_items[1][price]=price_2&line_items[1][quantity]=1&mode=subscription&success_url=https://minipass.me/ok?s%3D{CHECKOUT_SESSION_ID}&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
    insta::assert_snapshot!(line(&Write::ExpireSession { id: Given::Id("cs_1".into()) }), @"POST /v1/checkout/sessions/cs_1/expire");
}

#[test]
fn every_character_reaches_stripe_as_it_was_written() {
    let odd = "100% & more = a+b #1 \"é\" [x] \u{1f600}\n;";
    let write = Write::CreateProduct(ProductDraft {
        id: "golive_pro".into(),
        name: odd.into(),
        description: Some(odd.into()),
        metadata: [("k".to_owned(), odd.to_owned())].into(),
        ..ProductDraft::default()
    });
    let body = prepare(&write).unwrap().body;
    let fields: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    for name in ["name", "description", "metadata[k]"] {
        assert!(fields.contains(&(name.to_owned(), odd.to_owned())), "{name}: {body}");
    }
    assert_eq!(fields.len(), 4, "{body}");
}

#[test]
fn an_id_that_is_not_known_or_leads_elsewhere_is_golives_own_mistake() {
    let unknown = prepare(&Write::ExpireSession { id: Given::Of("session proof".into()) }).unwrap_err();
    assert_eq!(unknown.problem.code, Code::Internal);
    for id in ["", "..", "a/b", "a?b", "a b", "é"] {
        let patch = PricePatch::default();
        let odd = prepare(&Write::UpdatePrice { id: id.into(), patch }).unwrap_err();
        assert_eq!(odd.problem.code, Code::Internal, "{id}");
    }
}

#[test]
fn what_a_product_says_beside_its_texts_has_these_bytes() {
    let sides = [("height", "2.5"), ("length", "10"), ("weight", "3"), ("width", "4")];
    let package_dimensions: crate::step::Dimensions =
        sides.into_iter().map(|(side, number)| (side.to_owned(), number.to_owned())).collect();
    let draft = ProductDraft {
        id: "mug".into(),
        name: "Mug".into(),
        marketing_features: vec!["Blue & white".into(), "Holds tea".into()],
        shippable: Some(true),
        package_dimensions,
        ..ProductDraft::default()
    };
    insta::assert_snapshot!(line(&Write::CreateProduct(draft)), @"POST /v1/products id=mug&name=Mug&shippable=true&marketing_features[0][name]=Blue+%26+white&marketing_features[1][name]=Holds+tea&package_dimensions[height]=2.5&package_dimensions[length]=10&package_dimensions[weight]=3&package_dimensions[width]=4");
    let patch = ProductPatch {
        marketing_features: Some(Vec::new()),
        package_dimensions: Some([].into()),
        default_price: Some(Given::Id(String::new())),
        ..ProductPatch::default()
    };
    insta::assert_snapshot!(line(&Write::UpdateProduct { id: "mug".into(), patch }), @"POST /v1/products/mug default_price=&marketing_features=&package_dimensions=");
}
