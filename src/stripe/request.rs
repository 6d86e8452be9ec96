//! Writes as bytes: each becomes one of async-stripe's typed requests, and that a path and a form
//! body. Pure; the same write always gives the same bytes, because they are journaled and compared.
//!
//! Metadata is appended here in the order of its keys: the typed requests hold it in a hash map,
//! whose order differs from run to run.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;

use form_urlencoded::byte_serialize;
use stripe_checkout::checkout_session::{CreateCheckoutSession, CreateCheckoutSessionLineItems, ExpireCheckoutSession};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_misc::webhook_endpoint::{CreateWebhookEndpoint, UpdateWebhookEndpoint};
use stripe_product::price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, UpdatePrice};
use stripe_product::product::{CreateProduct, UpdateProduct};

use crate::error::{Class, Code, Failure, Problem, Result};
use crate::step::{
    Given, PriceDraft, PricePatch, ProductDraft, ProductPatch, Request, SessionDraft, WebhookDraft, WebhookPatch, Write,
};

/// Turns a write into what is sent. Fails only on what golive itself got wrong: an id that is not
/// known yet, or one that would change the path it is put into.
pub fn prepare(write: &Write) -> Result<Request> {
    let (built, metadata) = match write {
        Write::CreateProduct(draft) => (create_product(draft), Some(&draft.metadata)),
        Write::UpdateProduct { id, patch } => (update_product(id, patch)?, Some(&patch.metadata)),
        Write::CreatePrice(draft) => (create_price(draft), Some(&draft.metadata)),
        Write::UpdatePrice { id, patch } => (update_price(id, patch), Some(&patch.metadata)),
        Write::CreateWebhook(draft) => (create_webhook(draft), Some(&draft.metadata)),
        Write::UpdateWebhook { id, patch } => (update_webhook(id, patch), Some(&patch.metadata)),
        Write::OpenSession(draft) => (open_session(draft), Some(&draft.metadata)),
        Write::ExpireSession { id } => (ExpireCheckoutSession::new(known(id)?).build(), None),
    };
    let ids = match write {
        Write::UpdateProduct { id, .. } | Write::UpdatePrice { id, .. } | Write::UpdateWebhook { id, .. } => {
            Some(&**id)
        }
        Write::ExpireSession { id } => Some(known(id)?),
        _ => None,
    };
    if let Some(id) = ids {
        check_id(id)?;
    }
    Ok(finish(built, metadata))
}

fn finish(built: RequestBuilder, metadata: Option<&BTreeMap<String, String>>) -> Request {
    let method = match built.method {
        StripeMethod::Get => "GET",
        StripeMethod::Post => "POST",
        StripeMethod::Delete => "DELETE",
    };
    let mut body = built.body.unwrap_or_default();
    for (key, value) in metadata.into_iter().flatten() {
        append(&mut body, &format!("metadata[{}]", encode(key)), value);
    }
    Request { method: method.to_owned(), path: format!("/v1{}", built.path), body }
}

/// Adds a form field; the name's brackets stay as they are, as in the typed requests.
fn append(body: &mut String, name: &str, value: &str) {
    if !body.is_empty() {
        body.push('&');
    }
    body.push_str(name);
    body.push('=');
    body.push_str(&encode(value));
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn create_product(draft: &ProductDraft) -> RequestBuilder {
    let mut request = CreateProduct::new(&*draft.name).id(&*draft.id);
    if let Some(text) = &draft.description {
        request = request.description(&**text);
    }
    if let Some(text) = &draft.statement_descriptor {
        request = request.statement_descriptor(&**text);
    }
    if let Some(text) = &draft.tax_code {
        request = request.tax_code(&**text);
    }
    if let Some(text) = &draft.unit_label {
        request = request.unit_label(&**text);
    }
    if let Some(text) = &draft.url {
        request = request.url(&**text);
    }
    if !draft.images.is_empty() {
        request = request.images(draft.images.clone());
    }
    request.build()
}

fn update_product(id: &str, patch: &ProductPatch) -> Result<RequestBuilder> {
    let mut request = UpdateProduct::new(id);
    if let Some(active) = patch.active {
        request = request.active(active);
    }
    if let Some(text) = &patch.name {
        request = request.name(&**text);
    }
    if let Some(text) = &patch.description {
        request = request.description(&**text);
    }
    if let Some(text) = &patch.statement_descriptor {
        request = request.statement_descriptor(&**text);
    }
    if let Some(text) = &patch.tax_code {
        request = request.tax_code(&**text);
    }
    if let Some(text) = &patch.unit_label {
        request = request.unit_label(&**text);
    }
    if let Some(text) = &patch.url {
        request = request.url(&**text);
    }
    if let Some(images) = &patch.images {
        request = request.images(images.clone());
    }
    if let Some(price) = &patch.default_price {
        request = request.default_price(known(price)?);
    }
    Ok(request.build())
}

fn create_price(draft: &PriceDraft) -> RequestBuilder {
    let mut request = CreatePrice::new(value::<stripe_types::Currency>(&draft.currency))
        .product(&*draft.product)
        .unit_amount(draft.unit_amount);
    if let Some(recurring) = &draft.recurring {
        let mut every = CreatePriceRecurring::new(value::<CreatePriceRecurringInterval>(&recurring.interval));
        every.interval_count = Some(recurring.interval_count);
        request = request.recurring(every);
    }
    if let Some(key) = &draft.lookup_key {
        request = request.lookup_key(&**key);
    }
    if draft.transfer_lookup_key {
        request = request.transfer_lookup_key(true);
    }
    if let Some(text) = &draft.nickname {
        request = request.nickname(&**text);
    }
    if let Some(behavior) = &draft.tax_behavior {
        request = request.tax_behavior(value::<stripe_shared::PriceTaxBehavior>(behavior));
    }
    request.build()
}

fn update_price(id: &str, patch: &PricePatch) -> RequestBuilder {
    let mut request = UpdatePrice::new(id);
    if let Some(active) = patch.active {
        request = request.active(active);
    }
    if let Some(text) = &patch.nickname {
        request = request.nickname(&**text);
    }
    if let Some(key) = &patch.lookup_key {
        request = request.lookup_key(&**key);
    }
    if patch.transfer_lookup_key {
        request = request.transfer_lookup_key(true);
    }
    if let Some(behavior) = &patch.tax_behavior {
        request = request.tax_behavior(value::<stripe_shared::PriceTaxBehavior>(behavior));
    }
    request.build()
}

fn create_webhook(draft: &WebhookDraft) -> RequestBuilder {
    let events: Vec<_> = draft.enabled_events.iter().map(|event| value(event)).collect();
    let mut request = CreateWebhookEndpoint::new(events, &*draft.url);
    if let Some(text) = &draft.description {
        request = request.description(&**text);
    }
    if let Some(version) = &draft.api_version {
        request = request.api_version(value::<stripe_shared::ApiVersion>(version));
    }
    request.build()
}

fn update_webhook(id: &str, patch: &WebhookPatch) -> RequestBuilder {
    let mut request = UpdateWebhookEndpoint::new(id);
    if let Some(events) = &patch.enabled_events {
        let events: Vec<_> = events.iter().map(|event| value(event)).collect();
        request = request.enabled_events(events);
    }
    if let Some(text) = &patch.description {
        request = request.description(&**text);
    }
    if let Some(disabled) = patch.disabled {
        request = request.disabled(disabled);
    }
    request.build()
}

fn open_session(draft: &SessionDraft) -> RequestBuilder {
    let lines: Vec<_> = draft
        .prices
        .iter()
        .map(|price| {
            let mut line = CreateCheckoutSessionLineItems::new();
            line.price = Some(price.clone());
            line.quantity = Some(1);
            line
        })
        .collect();
    CreateCheckoutSession::new()
        .mode(value::<stripe_shared::CheckoutSessionMode>(&draft.mode))
        .line_items(lines)
        .success_url(&*draft.success_url)
        .build()
}

/// One of Stripe's words. Words newer than async-stripe are passed on as they are.
fn value<T: FromStr<Err = Infallible>>(text: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn known(given: &Given) -> Result<&str> {
    match given {
        Given::Id(id) => Ok(id),
        Given::Of(label) => Err(internal(format!("the object of `{label}` is needed before it exists"))),
    }
}

/// Ids are put into paths without escaping, so that an odd one would lead to another object.
fn check_id(id: &str) -> Result<()> {
    if is_plain_id(id) { Ok(()) } else { Err(internal(format!("`{id}` cannot be an id of Stripe's"))) }
}

/// Whether a text can stand in a path as one segment. Products may have ids of the operator's own
/// making, with points and dashes in them.
pub(super) fn is_plain_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !id.is_empty() && id.bytes().all(plain) && !id.bytes().all(|byte| byte == b'.')
}

fn internal(message: String) -> Failure {
    let problem = Problem::new(Code::Internal, message).fix("report it with the output of: golive doctor");
    Failure::new(Class::Unforeseen, problem)
}

#[cfg(test)]
mod tests {
    use super::prepare;
    use crate::error::Code;
    use crate::step::{
        Given, PriceDraft, PricePatch, ProductDraft, ProductPatch, Recurring, SessionDraft, WebhookDraft, WebhookPatch,
        Write,
    };

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

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
            description: text("15 Activities"),
            statement_descriptor: text("MINIPASS"),
            tax_code: text("txcd_10000000"),
            unit_label: text("seat"),
            url: text("https://minipass.me/pro"),
            images: vec!["https://minipass.me/a.png".into()],
            metadata: marks(),
        });
        insta::assert_snapshot!(line(&write), @"POST /v1/products description=15+Activities&id=golive_pro&images[0]=https://minipass.me/a.png&name=Pro+%26+more&statement_descriptor=MINIPASS&tax_code=txcd_10000000&unit_label=seat&url=https://minipass.me/pro&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
    }

    #[test]
    fn a_products_patch_sends_what_changes_and_unsets_with_empty_texts() {
        let patch = ProductPatch {
            active: Some(true),
            name: text("Pro"),
            description: text(""),
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
            unit_amount: 5000,
            recurring: Some(Recurring { interval: "month".into(), interval_count: 3 }),
            lookup_key: text("pro_monthly"),
            transfer_lookup_key: true,
            nickname: text("Pro Monthly"),
            tax_behavior: text("exclusive"),
            metadata: marks(),
            replaces: text("price_old"),
        };
        insta::assert_snapshot!(line(&Write::CreatePrice(draft)), @"POST /v1/prices currency=cad&lookup_key=pro_monthly&nickname=Pro+Monthly&product=prod_1&recurring[interval]=month&recurring[interval_count]=3&tax_behavior=exclusive&transfer_lookup_key=true&unit_amount=5000&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
        let once =
            PriceDraft { product: "prod_1".into(), currency: "jpy".into(), unit_amount: 500, ..PriceDraft::default() };
        insta::assert_snapshot!(line(&Write::CreatePrice(once)), @"POST /v1/prices currency=jpy&product=prod_1&unit_amount=500");
    }

    #[test]
    fn a_price_is_closed_and_its_key_moved() {
        let close = PricePatch { active: Some(false), ..PricePatch::default() };
        insta::assert_snapshot!(line(&Write::UpdatePrice { id: "price_1".into(), patch: close }), @"POST /v1/prices/price_1 active=false");
        let patch = PricePatch {
            nickname: text("New"),
            lookup_key: text("pro"),
            transfer_lookup_key: true,
            tax_behavior: text("inclusive"),
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
            description: text("golive"),
            api_version: text("2031-01-01.zebra"),
            metadata: marks(),
            secret_env: "STRIPE_WEBHOOK_SECRET".into(),
        };
        insta::assert_snapshot!(line(&Write::CreateWebhook(draft)), @"POST /v1/webhook_endpoints api_version=2031-01-01.zebra&description=golive&enabled_events[0]=checkout.session.completed&enabled_events[1]=some.newer_event&url=https://minipass.me/stripe?a%3D1&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
        let patch = WebhookPatch {
            enabled_events: Some(vec!["*".into()]),
            description: text("x"),
            disabled: Some(false),
            metadata: marks(),
        };
        insta::assert_snapshot!(line(&Write::UpdateWebhook { id: "we_1".into(), patch }), @"POST /v1/webhook_endpoints/we_1 description=x&disabled=false&enabled_events[0]=*&metadata[a]=&metadata[golive]=mini+pass&metadata[golive_item]=catalog.pro");
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
            description: text(odd),
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
}
