//! The customer portal: its default configuration, and those of its own that a variable names, with
//! product and price ids mapped.

use serde_json::{Value as Json, json};

use super::catalog::{metadata, row, text};
use super::link::tree;
use super::maker::{Maker, phase};
use super::{lines, settings};
use crate::compose::{Item, Value, literal};
use crate::inventory::{Portal, PortalProduct};

/// Every configuration that a checklist can say.
pub(super) fn items(maker: &mut Maker<'_>) -> Vec<Item> {
    maker.inventory.portals.iter().map(|portal| item(maker, portal)).collect()
}

fn item(maker: &mut Maker<'_>, portal: &Portal) -> Item {
    let variable = maker.uses.take(&portal.id).or_else(|| own(maker, portal));
    let title = match (&portal.name, portal.is_default) {
        (Some(name), _) => format!("Customer portal: {}", lines::title(name)),
        (None, true) => "Customer portal".to_owned(),
        (None, false) => "Another customer portal".to_owned(),
    };
    let words = if portal.is_default { "portal".to_owned() } else { title.clone() };
    let url = |maker: &mut Maker<'_>, url: Option<&String>| {
        url.filter(|url| !url.is_empty()).map(|url| Value::Text(settings::live_url(maker, url, "the customer portal")))
    };
    let (privacy, terms) =
        (url(maker, portal.privacy_policy_url.as_ref()), url(maker, portal.terms_of_service_url.as_ref()));
    let back = url(maker, portal.default_return_url.as_ref());
    let (switch, allows) = switch(maker, portal);
    let cancel = portal.cancel.clone().unwrap_or_else(|| "no".to_owned());
    let more = more(maker, portal);
    let item = maker
        .item(phase::SETTINGS, "portal", &portal.id, &words, &title)
        .maybe("headline", text(portal.headline.as_ref()))
        .maybe("privacy_url", privacy)
        .maybe("terms_url", terms)
        .maybe("return_url", back)
        .maybe("login_page", portal.login_page.then_some(true))
        .field("customer_update", Value::list(portal.customer_update.iter().map(|detail| literal(detail))))
        .field("invoice_history", portal.invoice_history)
        .field("payment_method_update", portal.payment_method_update)
        .field("cancel", literal(&cancel))
        .maybe("cancel_reasons", reasons(portal))
        .maybe("switch", switch)
        .maybe("switch_allows", allows)
        .maybe("settings", more)
        .maybe("metadata", metadata(&portal.metadata))
        .maybe("env", variable);
    maker.refer(&portal.id, phase::SETTINGS, &item, "id");
    item
}

/// A configuration beside the default one exists for a session that names it, so a variable must.
fn own(maker: &mut Maker<'_>, portal: &Portal) -> Option<String> {
    if portal.is_default {
        return None;
    }
    let numbers = (2..).map(|number| format!("STRIPE_PORTAL_CONFIGURATION_{number}"));
    let mut names = std::iter::once("STRIPE_PORTAL_CONFIGURATION".to_owned()).chain(numbers);
    let name = names.find(|name| maker.made_up.insert(name.clone()))?;
    let what = format!("portal configuration {} is not the default one, and no variable names it", portal.id);
    maker.decide(
        what,
        "only a session that names it shows it",
        format!("its live id goes to {name}; read it there, or take the item out"),
    );
    Some(name)
}

fn reasons(portal: &Portal) -> Option<Value> {
    let there = portal.cancel.is_some() && !portal.cancel_reasons.is_empty();
    there.then(|| Value::list(portal.cancel_reasons.iter().map(|reason| literal(reason))))
}

/// What customers may change to, and what of it they may change.
fn switch(maker: &mut Maker<'_>, portal: &Portal) -> (Option<Value>, Option<Value>) {
    if portal.update.is_empty() {
        return (None, None);
    }
    let rows: Vec<Value> = portal.products.iter().filter_map(|product| offered(maker, product)).collect();
    if rows.len() < portal.products.len() {
        let count = portal.products.len() - rows.len();
        let what =
            format!("{count} of the products that customers may change to in the portal are not in the checklist");
        maker.decide(what, "they are archived, or were not imported", "add them to `switch` if customers need them");
    }
    if rows.is_empty() {
        let what = format!("customers may change {} in the portal", portal.update.join(" and "));
        maker.not_carried(
            what,
            "golive says so together with the products to change to",
            "set it in the Dashboard: https://dashboard.stripe.com/settings/billing/portal",
        );
        return (None, None);
    }
    let allows = (portal.update != ["price"]).then(|| Value::list(portal.update.iter().map(|what| literal(what))));
    (Some(Value::List(rows)), allows)
}

fn offered(maker: &Maker<'_>, offered: &PortalProduct) -> Option<Value> {
    let product = maker.reference(&offered.product)?.clone();
    let prices: Vec<Value> =
        offered.prices.iter().filter_map(|price| maker.reference(price)).map(|to| Value::Text(to.clone())).collect();
    if prices.is_empty() {
        return None;
    }
    let chosen = offered.adjustable_quantity.as_ref().filter(|chosen| chosen.enabled);
    let number = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok()).map(Value::Number);
    let quantity = chosen.map(|chosen| row(vec![("min", number(chosen.minimum)), ("max", number(chosen.maximum))]));
    Some(row(vec![
        ("product", Some(Value::Text(product))),
        ("prices", Some(Value::List(prices))),
        ("quantity", quantity),
    ]))
}

/// Settings of features that are not as Stripe has them by itself.
fn more(maker: &mut Maker<'_>, portal: &Portal) -> Option<Value> {
    let usual = [
        ("proration_behavior", json!("none")),
        ("billing_cycle_anchor", json!("unchanged")),
        ("trial_update_behavior", json!("end_trial")),
        ("schedule_at_period_end", json!({"conditions": []})),
    ];
    let known = |name: &str| usual.iter().any(|(known, _)| *known == name) || name == "payment_method_configuration";
    let mut features = Vec::new();
    for (feature, settings) in &portal.others {
        let mut fields = Vec::new();
        for (name, value) in settings.iter().filter(|(name, value)| !usual.contains(&(name.as_str(), (*value).clone())))
        {
            let stranger = value.as_str().is_some_and(|id| id.starts_with("pmc_") && maker.reference(id).is_none());
            match tree(maker, value).filter(|_| known(name) && !stranger) {
                Some(value) => fields.push((name.clone(), value)),
                None if *value == Json::Null => {}
                None => {
                    let what = format!("`{feature}.{name}` of the customer portal");
                    maker.not_carried(
                        what,
                        "golive cannot say it in a checklist",
                        "set it in the Dashboard: https://dashboard.stripe.com/settings/billing/portal",
                    );
                }
            }
        }
        if !fields.is_empty() {
            features.push((feature.clone(), Value::Table(fields)));
        }
    }
    let mut tree = Vec::new();
    if let Some(name) = &portal.name {
        tree.push(("name".to_owned(), Value::Text(literal(name))));
    }
    if !features.is_empty() {
        tree.push(("features".to_owned(), Value::Table(features)));
    }
    (!tree.is_empty()).then_some(Value::Table(tree))
}
