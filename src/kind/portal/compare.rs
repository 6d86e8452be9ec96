//! What differs between the portal that is wanted and the one that is there: what to send, what
//! takes it back, and how it is shown. Settings that the checklist does not name do not differ.

use serde_json::Value;

use super::found::{Configuration, FoundProduct};
use super::settings::Settings;
use super::switch::Quantity;
use super::{Cancel, Detail, Reason, Spec};
use crate::kind::tree::{brief, covers, flatten, projected, restore};
use crate::step::{Field, PortalCancel, PortalProduct, PortalQuantity, PortalSettings, PortalUpdate};

/// The difference, both ways.
#[derive(Default)]
pub(super) struct Difference {
    pub patch: PortalSettings,
    pub undo: PortalSettings,
    pub fields: Vec<Field>,
}

impl Difference {
    /// What changes `found` into what is wanted.
    pub(super) fn between(wanted: &Spec, found: &Configuration) -> Self {
        let mut difference = Self::default();
        if !found.active {
            (difference.patch.active, difference.undo.active) = (Some(true), Some(false));
            difference.show("active", "false", "true");
        }
        difference.texts(wanted, found);
        difference.switches(wanted, found);
        difference.details(wanted, found);
        difference.cancel(wanted, found);
        difference.update(wanted, found);
        difference.settings(wanted, found);
        difference.metadata(wanted, found);
        // What is created has no former values.
        if found.id.is_empty() {
            difference.fields.retain(|field| field.name != "active");
            difference.fields.iter_mut().for_each(|field| field.from = None);
        }
        difference
    }

    fn show(&mut self, name: &str, from: impl Into<String>, to: impl Into<String>) {
        let from = Some(from.into()).filter(|from| !from.is_empty());
        self.fields.push(Field { name: name.to_owned(), from, to: to.into() });
    }

    fn texts(&mut self, wanted: &Spec, found: &Configuration) {
        let profile = &found.business_profile;
        let Self { patch, undo, .. } = self;
        let texts = [
            ("headline", &wanted.headline, &profile.headline, &mut patch.headline, &mut undo.headline),
            (
                "privacy_url",
                &wanted.privacy_url,
                &profile.privacy_policy_url,
                &mut patch.privacy_policy_url,
                &mut undo.privacy_policy_url,
            ),
            (
                "terms_url",
                &wanted.terms_url,
                &profile.terms_of_service_url,
                &mut patch.terms_of_service_url,
                &mut undo.terms_of_service_url,
            ),
            (
                "return_url",
                &wanted.return_url,
                &found.default_return_url,
                &mut patch.default_return_url,
                &mut undo.default_return_url,
            ),
        ];
        let mut shown = Vec::new();
        for (name, wanted, found, change, back) in texts {
            let found = found.as_deref().unwrap_or_default();
            if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != found) {
                shown.push((name, found.to_owned(), wanted.clone()));
                (*change, *back) = (Some(wanted.clone()), Some(found.to_owned()));
            }
        }
        for (name, from, to) in shown {
            self.show(name, from, to);
        }
    }

    fn switches(&mut self, wanted: &Spec, found: &Configuration) {
        let features = &found.features;
        let Self { patch, undo, .. } = self;
        let switches = [
            ("login_page", wanted.login_page, found.login_page.enabled, &mut patch.login_page, &mut undo.login_page),
            (
                "invoice_history",
                wanted.invoice_history,
                features.invoice_history.enabled,
                &mut patch.invoice_history,
                &mut undo.invoice_history,
            ),
            (
                "payment_method_update",
                wanted.payment_method_update,
                features.payment_method_update.enabled,
                &mut patch.payment_method_update,
                &mut undo.payment_method_update,
            ),
        ];
        let mut shown = Vec::new();
        for (name, wanted, found, change, back) in switches {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
                shown.push((name, found, wanted));
                (*change, *back) = (Some(wanted), Some(found));
            }
        }
        for (name, from, to) in shown {
            self.show(name, on_off(from), on_off(to));
        }
    }

    fn details(&mut self, wanted: &Spec, found: &Configuration) {
        let Some(wanted) = &wanted.customer_update else { return };
        let wanted = sorted(wanted.iter().map(|detail| detail.word().to_owned()));
        let feature = &found.features.customer_update;
        let found = sorted(feature.allowed_updates.iter().filter(|_| feature.enabled).cloned());
        if wanted != found {
            self.show("customer_update", listed(&found), listed(&wanted));
            (self.patch.customer_update, self.undo.customer_update) = (Some(wanted), Some(found));
        }
    }

    fn cancel(&mut self, wanted: &Spec, found: &Configuration) {
        let feature = &found.features.subscription_cancel;
        let reason = &feature.cancellation_reason;
        let asked = sorted(reason.options.iter().filter(|_| reason.enabled).cloned());
        let now = if feature.enabled { feature.mode.as_deref().unwrap_or("on") } else { "no" };
        let cancel = wanted.cancel.map(Cancel::word).filter(|word| *word != now);
        let reasons = wanted.cancel_reasons.as_ref();
        let reasons = reasons.map(|reasons| sorted(reasons.iter().map(|reason| reason.word().to_owned())));
        let reasons = reasons.filter(|reasons| *reasons != asked);
        if cancel.is_none() && reasons.is_none() {
            return;
        }
        if let Some(cancel) = cancel {
            self.show("cancel", now, cancel);
        }
        if let Some(reasons) = &reasons {
            self.show("cancel_reasons", listed(&asked), listed(reasons));
        }
        // Reasons alone say that customers may cancel.
        let enabled = wanted.cancel.map_or(feature.enabled || reasons.is_some(), |cancel| cancel != Cancel::No);
        let mode = wanted.cancel.filter(|cancel| *cancel != Cancel::No).map(|cancel| cancel.word().to_owned());
        let back = reasons.as_ref().map(|_| asked);
        self.undo.subscription_cancel =
            Some(PortalCancel { enabled: feature.enabled, mode: feature.mode.clone(), reasons: back });
        self.patch.subscription_cancel = Some(PortalCancel { enabled, mode, reasons });
    }

    fn update(&mut self, wanted: &Spec, found: &Configuration) {
        let Some(switch) = &wanted.switch else { return };
        let allows = &wanted.switch_allows;
        let feature = &found.features.subscription_update;
        let offered = feature.products.as_deref().unwrap_or_default();
        let now = sorted(offered.iter().filter(|_| feature.enabled).map(product));
        let quantity = |id: &str| offered.iter().find(|found| found.product == id)?.adjustable_quantity.clone();
        let wanted = sorted(switch.iter().map(|entry| PortalProduct {
            product: entry.product.clone(),
            prices: sorted(entry.prices.iter().cloned()),
            quantity: entry.quantity.as_ref().map(Quantity::wanted).or_else(|| quantity(&entry.product)),
        }));
        let allow = allows.as_ref().map(|allows| sorted(allows.iter().map(|allow| allow.word().to_owned())));
        let allowed = sorted(feature.default_allowed_updates.iter().cloned());
        let may_switch =
            feature.enabled && allow.as_ref().map_or_else(|| allowed.iter().any(|word| word == "price"), |allow| *allow == allowed);
        if wanted == now && (wanted.is_empty() || may_switch) {
            return;
        }
        if wanted != now || allow.is_none() {
            self.show("switch", offer(&now, feature.enabled && !may_switch), offer(&wanted, false));
        }
        if let Some(allow) = allow.as_ref().filter(|allow| **allow != allowed) {
            self.show("switch_allows", listed(&allowed), listed(allow));
        }
        let before = PortalUpdate {
            enabled: feature.enabled,
            allowed: feature.default_allowed_updates.clone(),
            products: sorted(offered.iter().map(product)),
        };
        let mut allowed = if wanted.is_empty() { Vec::new() } else { before.allowed.clone() };
        match allow.filter(|_| !wanted.is_empty()) {
            Some(allow) => allowed = allow,
            None if !wanted.is_empty() && !allowed.iter().any(|word| word == "price") => allowed.push("price".to_owned()),
            None => {}
        }
        self.undo.subscription_update = Some(before);
        self.patch.subscription_update = Some(PortalUpdate { enabled: !wanted.is_empty(), allowed, products: wanted });
    }

    /// What is named and nested as in Stripe's API.
    fn settings(&mut self, wanted: &Spec, found: &Configuration) {
        let Some(settings) = &wanted.settings else { return };
        let (wanted, there) = (settings.tree(), found.tree());
        for (path, wanted) in Settings::each(&wanted) {
            let found = there.pointer(&path.pointer()).unwrap_or(&Value::Null);
            if covers(found, wanted) {
                continue;
            }
            self.show(&path.shown(), brief(&projected(found, wanted)), brief(wanted));
            flatten(wanted, path.form(), &mut self.patch.settings);
            restore(found, wanted, &path.form(), &mut self.undo.settings);
        }
    }

    fn metadata(&mut self, wanted: &Spec, found: &Configuration) {
        for (key, value) in wanted.metadata.iter().filter(|(key, value)| found.metadata.get(*key) != Some(value)) {
            let from = found.metadata.get(key).cloned().unwrap_or_default();
            self.show(&format!("metadata.{key}"), &from, value);
            self.patch.metadata.insert(key.clone(), value.clone());
            self.undo.metadata.insert(key.clone(), from);
        }
    }
}

fn product(found: &FoundProduct) -> PortalProduct {
    PortalProduct {
        product: found.product.clone(),
        prices: sorted(found.prices.iter().cloned()),
        quantity: found.adjustable_quantity.clone(),
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "off".to_owned() } else { words.join(", ") }
}

/// `prod_1 (price_1, price_2)`, `prod_1 (price_1), 1 to 10 of it`
fn offer(products: &[PortalProduct], held_back: bool) -> String {
    if products.is_empty() || held_back {
        return "off".to_owned();
    }
    let shown = products.iter().map(|product| format!("{} ({})", product.product, product.prices.join(", ")) + &many(product.quantity.as_ref()));
    shown.collect::<Vec<_>>().join(", ")
}

fn many(quantity: Option<&PortalQuantity>) -> String {
    match quantity.filter(|quantity| quantity.enabled) {
        None => String::new(),
        Some(PortalQuantity { minimum, maximum: Some(most), .. }) => format!(", {} to {most} of it", minimum.unwrap_or(1)),
        Some(PortalQuantity { minimum, .. }) => format!(", {} or more of it", minimum.unwrap_or(1)),
    }
}

impl Detail {
    const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Email => "email",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Shipping => "shipping",
            Self::TaxId => "tax_id",
        }
    }
}

impl Cancel {
    const fn word(self) -> &'static str {
        match self {
            Self::AtPeriodEnd => "at_period_end",
            Self::Immediately => "immediately",
            Self::No => "no",
        }
    }
}

impl Reason {
    const fn word(self) -> &'static str {
        match self {
            Self::CustomerService => "customer_service",
            Self::LowQuality => "low_quality",
            Self::MissingFeatures => "missing_features",
            Self::Other => "other",
            Self::SwitchedService => "switched_service",
            Self::TooComplex => "too_complex",
            Self::TooExpensive => "too_expensive",
            Self::Unused => "unused",
        }
    }
}
