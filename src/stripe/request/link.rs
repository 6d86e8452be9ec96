//! Payment links as bytes. Called by `offer`. What may change later is sent in one way at creation and
//! at every update, so that one function writes it.

use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_payment::payment_link::{
    AdjustableQuantityParams, CreatePaymentLink, CreatePaymentLinkLineItems, UpdatePaymentLink,
};

use super::offer::add;
use crate::step::{PaymentLinkDraft, PaymentLinkPatch};

pub(super) fn create(draft: &PaymentLinkDraft) -> RequestBuilder {
    let lines: Vec<_> = draft
        .lines
        .iter()
        .enumerate()
        .map(|(n, (price, quantity))| {
            let mut line = CreatePaymentLinkLineItems::new(*quantity);
            line.price = Some(price.clone());
            line.adjustable_quantity =
                draft.adjustable.iter().find(|(at, ..)| *at == n).map(|(_, minimum, maximum)| {
                    let bound = |bound: &Option<u64>| bound.and_then(|bound| i64::try_from(bound).ok());
                    let mut chosen = AdjustableQuantityParams::new(true);
                    (chosen.minimum, chosen.maximum) = (bound(minimum), bound(maximum));
                    chosen
                });
            line
        })
        .collect();
    let mut request = CreatePaymentLink::new(lines);
    if let Some(allow) = draft.terms.allow_promotion_codes {
        request = request.allow_promotion_codes(allow);
    }
    let mut built = request.build();
    terms(&mut built, &draft.terms);
    built
}

pub(super) fn update(id: &str, patch: &PaymentLinkPatch) -> RequestBuilder {
    let mut request = UpdatePaymentLink::new(id);
    if let Some(active) = patch.active {
        request = request.active(active);
    }
    if let Some(allow) = patch.allow_promotion_codes {
        request = request.allow_promotion_codes(allow);
    }
    let mut built = request.build();
    terms(&mut built, patch);
    built
}

fn terms(built: &mut RequestBuilder, patch: &PaymentLinkPatch) {
    match patch.redirect.as_deref() {
        Some("") => add(built, "after_completion[type]", "hosted_confirmation"),
        Some(url) => {
            add(built, "after_completion[type]", "redirect");
            add(built, "after_completion[redirect][url]", url);
        }
        None => {}
    }
    if let Some(text) = &patch.confirmation {
        add(built, "after_completion[type]", "hosted_confirmation");
        if !text.is_empty() {
            add(built, "after_completion[hosted_confirmation][custom_message]", text);
        }
    }
    if let Some(enabled) = patch.automatic_tax {
        add(built, "automatic_tax[enabled]", if enabled { "true" } else { "false" });
    }
    if let Some(collection) = &patch.billing_address_collection {
        add(built, "billing_address_collection", collection);
    }
    match patch.shipping_countries.as_deref() {
        Some([]) => add(built, "shipping_address_collection", ""),
        Some(countries) => {
            for (n, country) in countries.iter().enumerate() {
                add(built, &format!("shipping_address_collection[allowed_countries][{n}]"), country);
            }
        }
        None => {}
    }
    match patch.trial_period_days {
        Some(0) => add(built, "subscription_data[trial_period_days]", ""),
        Some(days) => add(built, "subscription_data[trial_period_days]", &days.to_string()),
        None => {}
    }
    for (name, value) in &patch.settings {
        add(built, name, value);
    }
}
