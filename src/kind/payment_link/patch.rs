//! What can be changed on a payment link and differs: the patch, the one that brings it back, and how
//! both are shown.

use super::found::{PaymentLink, text_at};
use super::settings::Differing;
use super::Spec;
use crate::kind::offer;
use crate::step::{Facts, Field, PaymentLinkPatch};

impl Spec {
    /// Settings that are not as the checklist wants them.
    pub(super) fn differing(&self, found: &PaymentLink) -> Vec<Differing> {
        let mut there = found.others.clone();
        there.extend(found.subscription_data.clone().map(|data| ("subscription_data".to_owned(), data)));
        self.settings.as_ref().map(|settings| settings.differences(&there)).unwrap_or_default()
    }

    /// What differs and can be changed, what brings it back, and how it is shown.
    pub(super) fn patch(&self, facts: &Facts<'_>, found: &PaymentLink) -> (PaymentLinkPatch, PaymentLinkPatch, Vec<Field>) {
        let (mut patch, mut back) = (PaymentLinkPatch::default(), PaymentLinkPatch::default());
        let mut fields = Vec::new();
        let mut note = |name: &str, from: String, to: String| fields.push(Field::change(name, from, to));
        if !found.common.active {
            note("active", "false".into(), "true".into());
            (patch.active, back.active) = (Some(true), Some(false));
        }
        let codes = found.allow_promotion_codes.unwrap_or_default();
        if let Some(wanted) = self.allow_promotion_codes.filter(|wanted| *wanted != codes) {
            note("allow_promotion_codes", codes.to_string(), wanted.to_string());
            (patch.allow_promotion_codes, back.allow_promotion_codes) = (Some(wanted), Some(codes));
        }
        let redirect = text_at(found.after_completion.as_ref(), "/redirect/url");
        if let Some(wanted) = self.redirect.as_ref().filter(|wanted| **wanted != redirect) {
            let from = if redirect.is_empty() { "Stripe's confirmation page".to_owned() } else { redirect.clone() };
            note("redirect", from, wanted.clone());
            (patch.redirect, back.redirect) = (Some(wanted.clone()), Some(redirect));
        }
        let tax = found.automatic_tax.as_ref().is_some_and(|tax| tax["enabled"] == true);
        if let Some(wanted) = self.automatic_tax.filter(|wanted| *wanted != tax) {
            note("automatic_tax", tax.to_string(), wanted.to_string());
            (patch.automatic_tax, back.automatic_tax) = (Some(wanted), Some(tax));
        }
        let address = found.billing_address_collection.clone().unwrap_or_else(|| "auto".into());
        if let Some(wanted) = self.billing_address.filter(|wanted| wanted.name() != address) {
            note("billing_address", address.clone(), wanted.name().into());
            patch.billing_address_collection = Some(wanted.name().into());
            back.billing_address_collection = Some(address);
        }
        let countries = found.countries();
        if let Some(wanted) = self.shipping_countries.as_ref().filter(|wanted| sorted(wanted) != sorted(&countries)) {
            note("shipping_countries", listed(&countries), listed(wanted));
            (patch.shipping_countries, back.shipping_countries) = (Some(wanted.clone()), Some(countries));
        }
        let trial = found.trial();
        if let Some(wanted) = self.trial_days.filter(|wanted| *wanted != trial) {
            note("trial_days", trial.to_string(), wanted.to_string());
            (patch.trial_period_days, back.trial_period_days) = (Some(wanted), Some(trial));
        }
        self.patch_more(found, &mut patch, &mut back, &mut fields);
        let metadata = offer::metadata_changes(facts, &self.metadata, &found.common.metadata, &mut fields);
        (patch.metadata, back.metadata) = metadata;
        (patch, back, fields)
    }

    /// The confirmation page, and the settings that have no field of their own.
    fn patch_more(
        &self,
        found: &PaymentLink,
        patch: &mut PaymentLinkPatch,
        back: &mut PaymentLinkPatch,
        fields: &mut Vec<Field>,
    ) {
        let mut note = |name: &str, from: String, to: String| fields.push(Field::change(name, from, to));
        let text = text_at(found.after_completion.as_ref(), "/hosted_confirmation/custom_message");
        let elsewhere = text_at(found.after_completion.as_ref(), "/redirect/url");
        if let Some(wanted) = self.confirmation.as_ref().filter(|wanted| **wanted != text || !elsewhere.is_empty()) {
            note("confirmation", if text.is_empty() { "Stripe's own text".to_owned() } else { text.clone() }, wanted.clone());
            patch.confirmation = Some(wanted.clone());
            (back.confirmation, back.redirect) = if elsewhere.is_empty() { (Some(text), None) } else { (None, Some(elsewhere)) };
        }
        for one in self.differing(found).into_iter().filter(|one| !one.wanted.is_empty()) {
            note(&one.name, one.shown.0, one.shown.1);
            patch.settings.extend(one.wanted);
            back.settings.extend(one.back);
        }
    }
}

fn sorted(countries: &[String]) -> Vec<&str> {
    let mut countries: Vec<&str> = countries.iter().map(String::as_str).collect();
    countries.sort_unstable();
    countries
}

fn listed(countries: &[String]) -> String {
    if countries.is_empty() { "none".into() } else { countries.join(", ") }
}
