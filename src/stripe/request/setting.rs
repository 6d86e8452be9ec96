//! Writes to the account's configuration as bytes. Called by `prepare`, and as pure as it is.

use stripe_billing::billing_portal_configuration::{
    CreateBillingPortalConfiguration, CreateBillingPortalConfigurationFeatures, InvoiceListParam,
    PaymentMethodUpdateParam, SubscriptionUpdateProductAdjustableQuantityParam, SubscriptionUpdateProductParam,
    UpdateBillingPortalConfiguration, UpdateBillingPortalConfigurationBusinessProfile as Profile,
    UpdateBillingPortalConfigurationFeatures as Features,
    UpdateBillingPortalConfigurationFeaturesCustomerUpdate as CustomerUpdate,
    UpdateBillingPortalConfigurationFeaturesSubscriptionCancel as Cancel,
    UpdateBillingPortalConfigurationFeaturesSubscriptionCancelCancellationReason as Reason,
    UpdateBillingPortalConfigurationFeaturesSubscriptionUpdate as Update,
    UpdateBillingPortalConfigurationLoginPage as LoginPage,
};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_payment::payment_method_configuration::UpdatePaymentMethodConfiguration;
use stripe_payment::payment_method_domain::{
    CreatePaymentMethodDomain, UpdatePaymentMethodDomain, ValidatePaymentMethodDomain,
};

use super::{append, check_id, encode, finish, value};
use crate::error::Result;
use crate::step::{PortalCancel, PortalProduct, PortalSettings, PortalUpdate, Request, SettingWrite};

/// Turns a write into what is sent.
pub(super) fn prepare(write: &SettingWrite) -> Result<Request> {
    match write {
        SettingWrite::CreatePortal(draft) => {
            // Creating takes the same parameters as changing: they differ in nothing but the path.
            let create = CreateBillingPortalConfiguration::new(CreateBillingPortalConfigurationFeatures::new());
            let built = RequestBuilder { path: create.build().path, ..portal("new", draft) };
            Ok(finish(built, Some(&draft.metadata)))
        }
        SettingWrite::UpdatePortal { id, patch, .. } => {
            check_id(id)?;
            Ok(finish(portal(id, patch), Some(&patch.metadata)))
        }
        SettingWrite::PreferMethods { id, preferences } => {
            check_id(id)?;
            // The typed request has a field for each method it knows; those of tomorrow go out too.
            let mut request = finish(UpdatePaymentMethodConfiguration::new(&**id).build(), None);
            for (method, preference) in preferences {
                let name = format!("{}[display_preference][preference]", encode(method));
                append(&mut request.body, &name, preference);
            }
            Ok(request)
        }
        SettingWrite::RegisterDomain { domain } => {
            Ok(finish(CreatePaymentMethodDomain::new(&**domain).enabled(true).build(), None))
        }
        SettingWrite::EnableDomain { id, enabled } => {
            check_id(id)?;
            Ok(finish(UpdatePaymentMethodDomain::new(&**id).enabled(*enabled).build(), None))
        }
        SettingWrite::ValidateDomain { id } => {
            check_id(id)?;
            Ok(finish(ValidatePaymentMethodDomain::new(&**id).build(), None))
        }
    }
}

fn portal(id: &str, settings: &PortalSettings) -> RequestBuilder {
    let mut request = UpdateBillingPortalConfiguration::new(id);
    if let Some(active) = settings.active {
        request = request.active(active);
    }
    if settings.headline.is_some() || settings.privacy_policy_url.is_some() || settings.terms_of_service_url.is_some() {
        let mut profile = Profile::new();
        profile.headline.clone_from(&settings.headline);
        profile.privacy_policy_url.clone_from(&settings.privacy_policy_url);
        profile.terms_of_service_url.clone_from(&settings.terms_of_service_url);
        request = request.business_profile(profile);
    }
    if let Some(url) = &settings.default_return_url {
        request = request.default_return_url(&**url);
    }
    if let Some(enabled) = settings.login_page {
        request = request.login_page(LoginPage::new(enabled));
    }
    if let Some(features) = features(settings) {
        request = request.features(features);
    }
    let mut built = request.build();
    for (name, value) in &settings.settings {
        super::offer::add(&mut built, name, value);
    }
    built
}

fn features(settings: &PortalSettings) -> Option<Features> {
    let mut features = Features::new();
    features.customer_update = settings.customer_update.as_deref().map(customer_update);
    features.invoice_history = settings.invoice_history.map(InvoiceListParam::new);
    features.payment_method_update = settings.payment_method_update.map(PaymentMethodUpdateParam::new);
    features.subscription_cancel = settings.subscription_cancel.as_ref().map(cancel);
    features.subscription_update = settings.subscription_update.as_ref().map(update);
    let any = features.customer_update.is_some()
        || features.invoice_history.is_some()
        || features.payment_method_update.is_some()
        || features.subscription_cancel.is_some()
        || features.subscription_update.is_some();
    any.then_some(features)
}

fn customer_update(fields: &[String]) -> CustomerUpdate {
    let mut update = CustomerUpdate::new();
    update.enabled = Some(!fields.is_empty());
    update.allowed_updates = words(fields).map(|fields| fields.iter().map(|field| value(field)).collect());
    update
}

fn cancel(wanted: &PortalCancel) -> Cancel {
    let mut cancel = Cancel::new();
    cancel.enabled = Some(wanted.enabled);
    cancel.mode = wanted.mode.as_deref().map(value);
    cancel.cancellation_reason = wanted.reasons.as_deref().map(|reasons| {
        let mut reason = Reason::new(!reasons.is_empty());
        reason.options = words(reasons).map(|reasons| reasons.iter().map(|reason| value(reason)).collect());
        reason
    });
    cancel
}

fn update(wanted: &PortalUpdate) -> Update {
    let mut update = Update::new();
    update.enabled = Some(wanted.enabled);
    update.default_allowed_updates =
        words(&wanted.allowed).map(|allowed| allowed.iter().map(|word| value(word)).collect());
    if !wanted.products.is_empty() {
        update.products = Some(wanted.products.iter().map(product).collect());
    }
    update
}

fn product(wanted: &PortalProduct) -> SubscriptionUpdateProductParam {
    let mut product = SubscriptionUpdateProductParam::new(wanted.prices.clone(), &*wanted.product);
    product.adjustable_quantity = wanted.quantity.as_ref().map(|wanted| {
        let mut quantity = SubscriptionUpdateProductAdjustableQuantityParam::new(wanted.enabled);
        (quantity.minimum, quantity.maximum) = (wanted.minimum, wanted.maximum);
        quantity
    });
    product
}

/// A list, unless it is empty: form bodies have no empty lists.
fn words(list: &[String]) -> Option<&[String]> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::prepare;
    use crate::step::{PortalCancel, PortalProduct, PortalQuantity, PortalSettings, PortalUpdate, SettingWrite};

    fn line(write: &SettingWrite) -> String {
        let request = prepare(write).unwrap();
        format!("{} {} {}", request.method, request.path, request.body)
    }

    fn settings() -> PortalSettings {
        PortalSettings {
            headline: Some("Shop & more".into()),
            default_return_url: Some("https://shop.example/account".into()),
            login_page: Some(true),
            customer_update: Some(vec!["email".into(), "tax_id".into()]),
            invoice_history: Some(true),
            payment_method_update: Some(true),
            subscription_cancel: Some(PortalCancel {
                enabled: true,
                mode: Some("at_period_end".into()),
                reasons: Some(vec!["too_expensive".into(), "other".into()]),
            }),
            subscription_update: Some(PortalUpdate {
                enabled: true,
                allowed: vec!["price".into()],
                products: vec![PortalProduct {
                    product: "prod_1".into(),
                    prices: vec!["price_1".into(), "price_2".into()],
                    quantity: Some(PortalQuantity { enabled: true, minimum: Some(1), maximum: None }),
                }],
            }),
            metadata: [("golive".to_owned(), "shop/account.portal".to_owned())].into(),
            ..PortalSettings::default()
        }
    }

    #[test]
    fn a_portal_is_created_with_everything_that_is_wanted() {
        insta::assert_snapshot!(line(&SettingWrite::CreatePortal(settings())), @"POST /v1/billing_portal/configurations business_profile[headline]=Shop+%26+more&default_return_url=https://shop.example/account&features[customer_update][allowed_updates][0]=email&features[customer_update][allowed_updates][1]=tax_id&features[customer_update][enabled]=true&features[invoice_history][enabled]=true&features[payment_method_update][enabled]=true&features[subscription_cancel][cancellation_reason][enabled]=true&features[subscription_cancel][cancellation_reason][options][0]=too_expensive&features[subscription_cancel][cancellation_reason][options][1]=other&features[subscription_cancel][enabled]=true&features[subscription_cancel][mode]=at_period_end&features[subscription_update][default_allowed_updates][0]=price&features[subscription_update][enabled]=true&features[subscription_update][products][0][adjustable_quantity][enabled]=true&features[subscription_update][products][0][adjustable_quantity][minimum]=1&features[subscription_update][products][0][prices][0]=price_1&features[subscription_update][products][0][prices][1]=price_2&features[subscription_update][products][0][product]=prod_1&login_page[enabled]=true&metadata[golive]=shop%2Faccount.portal");
    }

    #[test]
    fn of_a_portal_only_what_changes_is_sent_and_empty_switches_off() {
        let patch = PortalSettings {
            headline: Some(String::new()),
            customer_update: Some(Vec::new()),
            subscription_cancel: Some(PortalCancel { reasons: Some(Vec::new()), ..PortalCancel::default() }),
            subscription_update: Some(PortalUpdate::default()),
            ..PortalSettings::default()
        };
        let write = SettingWrite::UpdatePortal { id: "bpc_1".into(), is_default: true, patch };
        insta::assert_snapshot!(line(&write), @"POST /v1/billing_portal/configurations/bpc_1 business_profile[headline]=&features[customer_update][enabled]=false&features[subscription_cancel][cancellation_reason][enabled]=false&features[subscription_cancel][enabled]=false&features[subscription_update][enabled]=false");
        let patch = PortalSettings { active: Some(false), ..PortalSettings::default() };
        let write = SettingWrite::UpdatePortal { id: "bpc_1".into(), is_default: false, patch };
        insta::assert_snapshot!(line(&write), @"POST /v1/billing_portal/configurations/bpc_1 active=false");
    }

    #[test]
    fn payment_methods_that_the_library_does_not_know_are_switched_too() {
        let preferences = [("card".to_owned(), "on".to_owned()), ("newer_pay".to_owned(), "off".to_owned())].into();
        let write = SettingWrite::PreferMethods { id: "pmc_1".into(), preferences };
        insta::assert_snapshot!(line(&write), @"POST /v1/payment_method_configurations/pmc_1 card[display_preference][preference]=on&newer_pay[display_preference][preference]=off");
    }

    #[test]
    fn a_domain_is_registered_switched_and_looked_at_again() {
        insta::assert_snapshot!(line(&SettingWrite::RegisterDomain { domain: "shop.example".into() }), @"POST /v1/payment_method_domains domain_name=shop.example&enabled=true");
        insta::assert_snapshot!(line(&SettingWrite::EnableDomain { id: "pmd_1".into(), enabled: false }), @"POST /v1/payment_method_domains/pmd_1 enabled=false");
        insta::assert_snapshot!(line(&SettingWrite::ValidateDomain { id: "pmd_1".into() }), @"POST /v1/payment_method_domains/pmd_1/validate");
    }

    #[test]
    fn an_id_that_leads_elsewhere_is_not_put_into_a_path() {
        assert!(prepare(&SettingWrite::ValidateDomain { id: "../charges".into() }).is_err());
        assert!(prepare(&SettingWrite::PreferMethods { id: String::new(), preferences: [].into() }).is_err());
    }
}
