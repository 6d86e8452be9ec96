//! The portal, webhook endpoints, payment methods, wallet domains and taxes: how they are paired, and which
//! fields they have. Addresses differ between test and live by nature: they pair, and are not compared.

use super::fields::{Fields, nested};
use super::names::{Names, content, key, mark};
use super::{Compared, Lone, Pair, Pairs, Round, Side, Sides, tell};
use crate::inventory::{
    MethodConfiguration, Portal, PortalProduct, Registration, Section, TaxSettings, WalletDomain, WebhookEndpoint,
};

/// What a person calls a payment method configuration.
pub(super) fn methods_name(methods: &MethodConfiguration) -> String {
    match (methods.is_default, methods.name.as_str()) {
        (true, _) => "the default configuration".to_owned(),
        (false, "") => methods.id.clone(),
        (false, name) => name.to_owned(),
    }
}

fn portal_name(portal: &Portal) -> String {
    match (portal.is_default, portal.name.as_deref().or(portal.headline.as_deref())) {
        (true, _) => "the default configuration".to_owned(),
        (false, Some(name)) => name.to_owned(),
        (false, None) => portal.id.clone(),
    }
}

/// The path of an address: hosts differ between test and live, paths seldom do.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

pub(super) fn pairs(names: &Names, sides: &Sides<'_>, section: Section) -> Pairs {
    let (test, live) = (sides.test, sides.live);
    match section {
        Section::Portals => {
            let rounds = [
                Round::unique("being the default", |_, portal: &Portal| portal.is_default.then(|| "default".into())),
                Round::unique("golive's mark", |_, portal: &Portal| mark(&portal.metadata)),
                Round::alike("the same content", |side, portal: &Portal| content(&portal_fields(names, side, portal))),
                Round::unique("the name", |_, portal: &Portal| key(&[portal.name.as_deref()?])),
                Round::unique("being the only other", |_, portal: &Portal| {
                    (!portal.is_default).then(|| "other".into())
                }),
            ];
            Pairs::of(&test.portals, &live.portals, &rounds)
        }
        Section::Webhooks => {
            let events = |endpoint: &WebhookEndpoint| {
                let mut events = endpoint.enabled_events.clone();
                events.sort_unstable();
                key(&[&events.join(" ")])
            };
            let rounds = [
                Round::unique("the same address", |_, endpoint: &WebhookEndpoint| key(&[&endpoint.url])),
                Round::unique("golive's mark", |_, endpoint: &WebhookEndpoint| mark(&endpoint.metadata)),
                Round::unique("the path of the address", |_, endpoint: &WebhookEndpoint| key(&[path(&endpoint.url)])),
                Round::unique("the same events", move |_, endpoint: &WebhookEndpoint| events(endpoint)),
                Round::unique("being the only one left", |_, _: &WebhookEndpoint| Some("only".into())),
            ];
            Pairs::of(&test.webhooks, &live.webhooks, &rounds)
        }
        Section::PaymentMethods => {
            let rounds = [
                Round::unique("being the default", |_, methods: &MethodConfiguration| {
                    methods.is_default.then(|| "default".into())
                }),
                Round::unique("the name", |_, methods: &MethodConfiguration| key(&[&methods.name])),
            ];
            Pairs::of(&test.payment_methods, &live.payment_methods, &rounds)
        }
        Section::WalletDomains => {
            let rounds = [
                Round::unique("the domain", |_, domain: &WalletDomain| key(&[&domain.domain])),
                Round::unique("being the only one left", |_, _: &WalletDomain| Some("only".into())),
            ];
            Pairs::of(&test.wallet_domains, &live.wallet_domains, &rounds)
        }
        _ => {
            let place = |_, place: &Registration| key(&[&place.country, place.state.as_deref().unwrap_or_default()]);
            Pairs::of(&test.registrations, &live.registrations, &[Round::alike("the place", place)])
        }
    }
}

pub(super) fn compare(names: &Names, sides: &Sides<'_>, pairs: &Pairs, compared: &mut Compared) {
    let (test, live) = (sides.test, sides.live);
    match compared.section {
        Section::Portals => tell(
            compared,
            (&test.portals, &live.portals),
            pairs,
            |portal| &portal.id,
            |_, portal| portal_name(portal),
            |side, portal| portal_fields(names, side, portal),
        ),
        Section::Webhooks => {
            tell(
                compared,
                (&test.webhooks, &live.webhooks),
                pairs,
                |endpoint| &endpoint.id,
                |_, endpoint| endpoint.url.clone(),
                |_, endpoint| webhook_fields(endpoint),
            );
            let addresses = pairs.paired.iter().map(|&(here, there, by)| {
                (test.webhooks[here].url.as_str(), live.webhooks[there].url.as_str(), format!(", by {by}"))
            });
            compared.notes.extend(side_by_side(addresses));
        }
        Section::PaymentMethods => tell(
            compared,
            (&test.payment_methods, &live.payment_methods),
            pairs,
            |methods| &methods.id,
            |_, methods| methods_name(methods),
            |_, methods| method_fields(sides, methods),
        ),
        Section::WalletDomains => {
            tell(
                compared,
                (&test.wallet_domains, &live.wallet_domains),
                pairs,
                |domain| &domain.id,
                |_, domain| domain.domain.clone(),
                // Which wallets are active on it hangs on what the account is capable of.
                |_, _| Fields::default(),
            );
            let domains = pairs.paired.iter().map(|&(here, there, _)| {
                let (here, there) = (&test.wallet_domains[here], &live.wallet_domains[there]);
                (here.domain.as_str(), there.domain.as_str(), ": domains differ by nature".to_owned())
            });
            compared.notes.extend(side_by_side(domains));
        }
        _ => tax(sides, pairs, compared),
    }
}

/// What is to be said of pairs that have different addresses.
fn side_by_side<'n>(pairs: impl Iterator<Item = (&'n str, &'n str, String)>) -> Vec<String> {
    let differ = pairs.filter(|(here, there, _)| here != there);
    differ.map(|(here, there, why)| format!("{here} stands beside {there}{why}")).collect()
}

/// Stripe Tax: the settings, and the places.
fn tax(sides: &Sides<'_>, pairs: &Pairs, compared: &mut Compared) {
    const NAME: &str = "Stripe Tax";
    let lone = || Lone { name: NAME.to_owned(), id: "tax settings".to_owned() };
    match (&sides.test.tax, &sides.live.tax) {
        (Some(test), Some(live)) => {
            let fields = settings_fields(test).differences(&settings_fields(live));
            if fields.is_empty() {
                compared.same += 1;
            } else {
                let (test, live, by) = (lone().id, lone().id, "being one of a kind");
                compared.different.push(Pair { name: NAME.to_owned(), test, live, by, fields });
            }
        }
        (Some(_), None) => compared.only_test.push(lone()),
        (None, Some(_)) => compared.only_live.push(lone()),
        (None, None) => {}
    }
    tell(
        compared,
        (&sides.test.registrations, &sides.live.registrations),
        pairs,
        |place| &place.id,
        |_, place| match &place.state {
            Some(state) => format!("registration in {state}, {}", place.country),
            None => format!("registration in {}", place.country),
        },
        |_, place| {
            let mut fields = Fields::default();
            fields.put("status", &place.status);
            fields
        },
    );
}

fn settings_fields(tax: &TaxSettings) -> Fields {
    let mut fields = Fields::default();
    fields.put("status", &tax.status);
    fields.may("defaults.tax_behavior", tax.tax_behavior.as_deref());
    fields.may("defaults.tax_code", tax.tax_code.as_deref());
    fields.switch("head_office", tax.head_office);
    fields
}

fn portal_fields(names: &Names, side: Side, portal: &Portal) -> Fields {
    let mut fields = Fields::default();
    fields.may("name", portal.name.as_deref());
    fields.may("headline", portal.headline.as_deref());
    fields.may("privacy_policy_url", portal.privacy_policy_url.as_deref());
    fields.may("terms_of_service_url", portal.terms_of_service_url.as_deref());
    fields.may("default_return_url", portal.default_return_url.as_deref());
    fields.switch("login_page", portal.login_page);
    fields.set("customer_update", &portal.customer_update);
    fields.switch("invoice_history", portal.invoice_history);
    fields.switch("payment_method_update", portal.payment_method_update);
    fields.may("subscription_cancel", portal.cancel.as_deref());
    fields.set("subscription_cancel.cancellation_reason", &portal.cancel_reasons);
    fields.set("subscription_update", &portal.update);
    for (feature, settings) in &portal.others {
        for (name, value) in settings {
            fields.put(format!("{feature}.{name}"), nested(names, side, value));
        }
    }
    for product in &portal.products {
        if let Some((name, offered)) = offered(names, side, product) {
            fields.put(format!("subscription_update.products.{name}"), offered);
        }
    }
    fields.metadata(names, side, &portal.metadata);
    fields
}

/// A product of the portal, and which of its prices are offered; `None` where those lists are unknown.
fn offered(names: &Names, side: Side, product: &PortalProduct) -> Option<(String, String)> {
    let name = names.name(side, Section::Products, &product.product)?;
    let prices: Option<Vec<String>> =
        product.prices.iter().map(|price| names.name(side, Section::Prices, price)).collect();
    let mut prices = prices?;
    prices.sort_unstable();
    let mut text = prices.join(", ");
    if let Some(many) = product.adjustable_quantity.as_ref().filter(|many| many.enabled) {
        let bound = |bound: Option<u64>| bound.map_or_else(|| "any number".to_owned(), |bound| bound.to_string());
        let least = many.minimum.unwrap_or(1).to_string();
        text.extend(["; ", &least, " to ", &bound(many.maximum), " of it"]);
    }
    Some((name, text))
}

fn webhook_fields(endpoint: &WebhookEndpoint) -> Fields {
    let mut fields = Fields::default();
    fields.put("api_version", endpoint.api_version.as_deref().unwrap_or("the account's default"));
    fields.set("enabled_events", &endpoint.enabled_events);
    fields
}

/// What customers can pay with. A method that neither account offers is no matter of a launch, and
/// Stripe does not show the same ones to every account.
fn method_fields(sides: &Sides<'_>, methods: &MethodConfiguration) -> Fields {
    let offered = |method: &&String| {
        let mut all = sides.test.payment_methods.iter().chain(&sides.live.payment_methods);
        all.any(|configuration| configuration.on.contains(*method))
    };
    let mut fields = Fields::default();
    methods.on.iter().for_each(|method| fields.put(method, "on"));
    methods.off.iter().filter(offered).for_each(|method| fields.put(method, "off"));
    fields
}
