//! How the account behaves: webhook endpoints, payment methods, wallet domains, taxes. And addresses: which
//! look like development, and where the live application is instead.

use std::collections::BTreeSet;

use super::Holds;
use super::catalog::{noted, text};
use super::lines;
use super::maker::{Maker, phase};
use super::told::{Sort, Told};
use crate::compose::{Field, Item, Value, literal};
use crate::inventory::{Section, WebhookEndpoint};

/// What stands for a host that nobody has named yet; the wizard asks for it.
pub const NO_HOST: &str = "your-host.example";

/// Parts of host names that are of development.
const TESTS: [&str; 14] = [
    "ngrok",
    "trycloudflare",
    "loca.lt",
    "localhost",
    "webhook.site",
    "staging",
    "preview",
    "sandbox",
    "localtunnel",
    "hookdeck",
    "serveo",
    ".local",
    ".test",
    "tunnel",
];

/// Whether an address looks like one of development.
pub(super) fn is_of_a_test(url: &str) -> bool {
    let Some((scheme, host, _)) = parts(url) else { return false };
    let host = host.to_ascii_lowercase();
    let name = host.split(':').next().unwrap_or_default();
    let label = |word: &str| name.split(['.', '-']).any(|label| label == word);
    let number = host.starts_with('[') || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    scheme == "http" || number || TESTS.iter().any(|part| name.contains(part)) || label("dev") || label("test")
}

/// Scheme, host with port, and what follows.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    (!host.is_empty()).then_some((scheme, host, path))
}

/// An address as the live application has it: that of the same path where it looks like development.
pub(super) fn live_url(maker: &mut Maker<'_>, url: &str, of: &str) -> String {
    let Some((_, host, path)) = parts(url).filter(|(_, host, _)| is_of_a_test(url) || Some(*host) == test_host(maker))
    else {
        return literal(url);
    };
    if is_of_a_test(url) && Some(host) != test_host(maker) {
        let what = format!("{of} leads to {}", lines::title(url));
        maker.told.push(
            Told::new(Sort::Note, what)
                .why("this looks like an address of development")
                .propose("in the checklist it is the same path on ${vars.host}"),
        );
    }
    maker.needs_host = true;
    format!("https://${{vars.host}}{}", literal(path))
}

/// The host of the first endpoint: where the application is in test mode.
fn test_host<'m>(maker: &Maker<'m>) -> Option<&'m str> {
    maker.inventory.webhooks.iter().find_map(|endpoint| parts(&endpoint.url)).map(|(_, host, _)| host)
}

/// `[vars]`: where the live application is.
pub(super) fn vars(maker: &mut Maker<'_>) -> Vec<Field> {
    if !maker.needs_host {
        return Vec::new();
    }
    let url = maker.inventory.webhooks.iter().map(|endpoint| endpoint.url.as_str()).find(|url| parts(url).is_some());
    let from_test = url.filter(|url| !is_of_a_test(url)).and_then(parts).map(|(_, host, _)| host.to_owned());
    if let Some(host) = maker.options.host.clone().or(from_test) {
        return vec![noted("host", literal(&host), "where the live application is")];
    }
    let why = match url {
        Some(url) => format!("the test endpoint is {}, which looks like development", lines::title(url)),
        None => "the test account does not say".to_owned(),
    };
    let what = "the live application's host is not known";
    maker.decide(what, why, "write it into [vars]; golive wizard asks for it otherwise");
    vec![noted("host", NO_HOST, "write your live host here, or let golive wizard ask")]
}

/// The endpoints, each with the variable of its secret.
pub(super) fn webhooks(maker: &mut Maker<'_>) -> Vec<Item> {
    let inventory = maker.inventory;
    let mut secrets: Vec<String> = Vec::new();
    for found in maker.around.variables().filter(|found| found.variable.holds == Holds::SigningSecret) {
        if !secrets.contains(&found.variable.name) {
            secrets.push(found.variable.name.clone());
        }
    }
    let mut urls = BTreeSet::new();
    let mut items = Vec::new();
    for endpoint in &inventory.webhooks {
        let url = endpoint_url(maker, endpoint);
        if !urls.insert(url.clone()) {
            let what = format!("a second endpoint has the same live address: {}", lines::title(&endpoint.url));
            maker.decide(
                what,
                "live mode needs one endpoint for an address",
                "golive took the first; add the events of the other one to it",
            );
            continue;
        }
        let secret = secrets.get(items.len()).cloned().unwrap_or_else(|| match items.len() {
            0 => "STRIPE_WEBHOOK_SECRET".to_owned(),
            n => format!("STRIPE_WEBHOOK_SECRET_{}", n + 1),
        });
        items.push(webhook(maker, endpoint, &url, &secret));
    }
    if items.len() > 1 {
        let what = format!("{} endpoints, each with a signing secret of its own", items.len());
        maker.decide(
            what,
            "which variable holds whose secret cannot be seen: Stripe never shows them again",
            "check `secret_env` of each webhook item",
        );
    } else if items.is_empty() && inventory.is_whole(Section::Webhooks) && !maker.around.source.events.is_empty() {
        let events: BTreeSet<&str> = maker.around.source.events.iter().map(|mention| mention.what.as_str()).collect();
        let what = "the code names events, and the test account has no webhook endpoint";
        maker.decide(
            what,
            format!("it names {}", events.into_iter().collect::<Vec<_>>().join(", ")),
            "add an item of kind `webhook` with your live address and these events",
        );
    }
    items
}

fn endpoint_url(maker: &mut Maker<'_>, endpoint: &WebhookEndpoint) -> String {
    match parts(&endpoint.url) {
        Some((_, host, path)) if is_of_a_test(&endpoint.url) || Some(host) == test_host(maker) => {
            maker.needs_host = true;
            format!("https://${{vars.host}}{}", literal(path))
        }
        _ => literal(&endpoint.url),
    }
}

fn webhook(maker: &mut Maker<'_>, endpoint: &WebhookEndpoint, url: &str, secret: &str) -> Item {
    let title = "Webhook endpoint";
    let words =
        endpoint.description.as_deref().map(lines::title).filter(|words| !crate::compose::slug(words).is_empty());
    let item = maker
        .item(phase::WEBHOOK, "webhook", &endpoint.id, words.as_deref().unwrap_or("endpoint"), title)
        .field("url", url)
        .field("events", Value::list(endpoint.enabled_events.iter().map(|event| literal(event))))
        .maybe("description", text(endpoint.description.as_ref()))
        .maybe("api_version", text(endpoint.api_version.as_ref()))
        .field("secret_env", secret);
    maker.refer(&endpoint.id, phase::WEBHOOK, &item, "id");
    item
}

/// The methods that customers can pay with.
pub(super) fn payment_methods(maker: &mut Maker<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for methods in &maker.inventory.payment_methods {
        if !methods.is_default {
            let what = format!("payment method configuration `{}`", lines::title(&methods.name));
            maker.not_carried(
                what,
                "golive changes the account's default one only",
                "make it in live mode: https://dashboard.stripe.com/settings/payment_methods",
            );
            continue;
        }
        if methods.on.is_empty() {
            continue;
        }
        // Stripe offers dozens; a list of all that are off tells nobody anything.
        let item = maker
            .item(phase::SETTINGS, "payment_methods", &methods.id, "methods", "Payment methods as in test mode")
            .field("severity", "advised")
            .field("on", Value::list(methods.on.iter()))
            .maybe("others", (!methods.off.is_empty()).then_some("off"));
        maker.refer(&methods.id, phase::SETTINGS, &item, "id");
        items.push(item);
    }
    items
}

/// The domains on which the application shows wallets itself.
pub(super) fn wallet_domains(maker: &mut Maker<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let on = maker.inventory.payment_methods.iter().find(|methods| methods.is_default).map(|methods| &methods.on);
    for domain in &maker.inventory.wallet_domains {
        if is_of_a_test(&format!("https://{}", domain.domain)) {
            let what = format!("wallet domain {}", lines::title(&domain.domain));
            maker.not_carried(
                what,
                "it looks like a host of development",
                "add an item of kind `wallet_domain` for your live host",
            );
            continue;
        }
        // Test mode has wallets active that nobody offers; live mode must approve each, so only those count
        // that the account has switched on.
        let offered = |wallet: &&String| on.is_none_or(|on| on.contains(*wallet));
        let active: Vec<&String> = domain.active.iter().filter(offered).collect();
        let wallets = (!active.is_empty()).then(|| Value::list(active));
        let words = format!("wallets {}", domain.domain);
        let title = lines::title(&format!("Wallets on {}", domain.domain));
        let item = maker
            .item(phase::SETTINGS, "wallet_domain", &domain.id, &words, &title)
            .field("domain", literal(&domain.domain))
            .maybe("wallets", wallets);
        items.push(item);
    }
    items
}

/// Stripe Tax, where the test account calculates it.
pub(super) fn tax(maker: &mut Maker<'_>) -> Option<Item> {
    let inventory = maker.inventory;
    let tax = inventory.tax.as_ref().filter(|tax| tax.status == "active")?;
    let place = |registration: &crate::inventory::Registration| match &registration.state {
        Some(state) => format!("{}-{state}", registration.country),
        None => registration.country.clone(),
    };
    let places: BTreeSet<String> =
        inventory.registrations.iter().filter(|registration| registration.status == "active").map(place).collect();
    if !places.is_empty() {
        let what = format!("tax registrations: {}", places.iter().cloned().collect::<Vec<_>>().join(", "));
        maker.not_carried(
            what,
            "a registration is a legal statement, and golive makes none",
            "register in live mode; golive looks whether you did",
        );
    }
    let item = maker
        .item(phase::SETTINGS, "tax", "tax", "tax", "Stripe Tax calculates as in test mode")
        .maybe("registrations", (!places.is_empty()).then(|| Value::list(places.iter())))
        .maybe("tax_behavior", text(tax.tax_behavior.as_ref()))
        .maybe("tax_code", text(tax.tax_code.as_ref()))
        .maybe("head_office", tax.head_office.then_some(true));
    Some(item)
}

#[cfg(test)]
mod tests {
    use super::is_of_a_test;

    #[test]
    fn addresses_of_development_are_known_by_their_looks() {
        for url in [
            "http://shop.acme.com/x",
            "https://a1b2.ngrok-free.app/x",
            "https://dev.acme.com",
            "https://10.0.0.1/x",
            "https://acme-staging.fly.dev/hook",
        ] {
            assert!(is_of_a_test(url), "{url}");
        }
        for url in ["https://acme.com/hook", "https://api.contest.io/x", "https://devotion.example/x", "not a url"] {
            assert!(!is_of_a_test(url), "{url}");
        }
    }
}
