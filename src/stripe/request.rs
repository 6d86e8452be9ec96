//! Writes as bytes: each becomes one of async-stripe's typed requests, and that a path and a form
//! body. Pure; the same write always gives the same bytes, because they are journaled and compared.
//!
//! Metadata is appended here in the order of its keys: the typed requests hold it in a hash map,
//! whose order differs from run to run.

mod link;
mod money;
mod offer;
mod price;
mod setting;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;

use form_urlencoded::byte_serialize;
use stripe_checkout::checkout_session::{CreateCheckoutSession, CreateCheckoutSessionLineItems, ExpireCheckoutSession};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_misc::webhook_endpoint::{CreateWebhookEndpoint, UpdateWebhookEndpoint};
use stripe_product::product::{CreateProduct, UpdateProduct};

use crate::error::{Class, Code, Failure, Problem, Result};
use crate::step::{
    Dimensions, Given, ProductDraft, ProductPatch, Request, SessionDraft, WebhookDraft, WebhookPatch, Write,
};

/// Turns a write into what is sent. Fails only on what golive itself got wrong: an id that is not
/// known yet, or one that would change the path it is put into.
pub fn prepare(write: &Write) -> Result<Request> {
    let (built, metadata) = match write {
        Write::CreateProduct(draft) => (create_product(draft), Some(&draft.metadata)),
        Write::UpdateProduct { id, patch } => (update_product(id, patch)?, Some(&patch.metadata)),
        Write::CreatePrice(draft) => (price::create(draft), Some(&draft.metadata)),
        Write::UpdatePrice { id, patch } => (price::update(id, patch), Some(&patch.metadata)),
        Write::CreateWebhook(draft) => (create_webhook(draft), Some(&draft.metadata)),
        Write::UpdateWebhook { id, patch } => (update_webhook(id, patch), Some(&patch.metadata)),
        Write::OpenSession(draft) => (open_session(draft), Some(&draft.metadata)),
        Write::ExpireSession { id } => (ExpireCheckoutSession::new(known(id)?).build(), None),
        Write::Money(write) => return money::prepare(write),
        Write::Setting(write) => return setting::prepare(write),
        Write::Offer(write) => return offer::prepare(write),
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
    if let Some(shippable) = draft.shippable {
        request = request.shippable(shippable);
    }
    let mut built = request.build();
    if !draft.marketing_features.is_empty() {
        marketing_features(&mut built, &draft.marketing_features);
    }
    if !draft.package_dimensions.is_empty() {
        package_dimensions(&mut built, &draft.package_dimensions);
    }
    built
}

/// Empty lists cannot be said by the typed requests, and decimal texts stay what they are.
fn marketing_features(built: &mut RequestBuilder, names: &[String]) {
    if names.is_empty() {
        offer::add(built, "marketing_features", "");
    }
    for (n, name) in names.iter().enumerate() {
        offer::add(built, &format!("marketing_features[{n}][name]"), name);
    }
}

fn package_dimensions(built: &mut RequestBuilder, sides: &Dimensions) {
    if sides.is_empty() {
        offer::add(built, "package_dimensions", "");
    }
    for (side, number) in sides {
        offer::add(built, &format!("package_dimensions[{}]", encode(side)), number);
    }
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
    if let Some(shippable) = patch.shippable {
        request = request.shippable(shippable);
    }
    let mut built = request.build();
    if let Some(names) = &patch.marketing_features {
        marketing_features(&mut built, names);
    }
    if let Some(sides) = &patch.package_dimensions {
        package_dimensions(&mut built, sides);
    }
    Ok(built)
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
    if let Some(url) = &patch.url {
        request = request.url(url.clone());
    }
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
    let problem =
        Problem::new(Code::Internal, message).fix("report it with what is printed here: golive explain GL1299");
    Failure::new(Class::Unforeseen, problem)
}

#[cfg(test)]
mod tests;
