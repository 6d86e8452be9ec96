//! Payment links, with their prices mapped, and what of Stripe's own nested settings a checklist can say.

use serde_json::Value as Json;

use super::catalog::{metadata, row, text};
use super::lines;
use super::maker::{Maker, phase};
use crate::compose::{Item, Value, literal};
use crate::inventory::{Dimensions, Line, PaymentLink};

/// Settings that golive knows by Stripe's own names.
const SETTINGS: [&str; 16] = [
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_creation",
    "inactive_message",
    "invoice_creation",
    "name_collection",
    "payment_intent_data",
    "payment_method_collection",
    "payment_method_types",
    "phone_number_collection",
    "restrictions",
    "shipping_options",
    "submit_type",
    "subscription_data",
    "tax_id_collection",
];
/// Settings of platforms.
const CONNECT: [&str; 5] =
    ["on_behalf_of", "transfer_data", "application_fee_amount", "application_fee_percent", "application"];

/// Every payment link.
pub(super) fn items(maker: &mut Maker<'_>) -> Vec<Item> {
    maker.inventory.payment_links.iter().filter_map(|link| item(maker, link)).collect()
}

fn item(maker: &mut Maker<'_>, link: &PaymentLink) -> Option<Item> {
    let names: Vec<String> = link.lines.iter().filter_map(|line| product_of(maker, line)).collect();
    let title = if names.is_empty() {
        "Payment link".to_owned()
    } else {
        lines::title(&format!("Link to {}", names.join(" and ")))
    };
    let rows: Option<Vec<Value>> = link.lines.iter().map(|line| self::line(maker, line)).collect();
    let foreign: Vec<&String> = link.others.keys().filter(|name| CONNECT.contains(&name.as_str())).collect();
    let why = match &rows {
        _ if link.more_lines => Some("it has more lines than Stripe lists at once".to_owned()),
        None => Some("it sells a price that is not in the checklist".to_owned()),
        Some(rows) if rows.is_empty() => Some("Stripe shows no line of it".to_owned()),
        Some(_) if !foreign.is_empty() => {
            Some("it moves money to connected accounts, and those of test mode do not exist in live mode".to_owned())
        }
        Some(_) => None,
    };
    if let Some(why) = why {
        maker.decide(
            format!("payment link {} is left out", link.url),
            why,
            "make it in live mode by hand, or add an item for it",
        );
        return None;
    }
    let billing = link.billing_address_collection.as_ref().filter(|when| *when != "auto");
    let countries = (!link.shipping_countries.is_empty()).then(|| Value::list(link.shipping_countries.iter()));
    let settings = settings(maker, link);
    let item = maker
        .item(phase::OFFERS, "payment_link", &link.id, &title, &title)
        .field("lines", rows.unwrap_or_default())
        .maybe("allow_promotion_codes", link.allow_promotion_codes.then_some(true))
        .maybe("redirect", text(link.redirect.as_ref()))
        .maybe("confirmation", text(link.confirmation.as_ref()))
        .maybe("automatic_tax", link.automatic_tax.then_some(true))
        .maybe("billing_address", text(billing))
        .maybe("shipping_countries", countries)
        .maybe("trial_days", link.trial_period_days)
        .maybe("settings", settings)
        .maybe("metadata", metadata(&link.metadata))
        .maybe("env", maker.uses.take(&link.url))
        .maybe("env_id", maker.uses.take(&link.id));
    if let Some(redirect) = link.redirect.as_ref().filter(|url| super::settings::is_of_a_test(url)) {
        let what = format!("a payment link sends customers to {}", lines::title(redirect));
        maker.decide(what, "this looks like an address of development", "correct `redirect` of its item");
    }
    maker.refer(&link.id, phase::OFFERS, &item, "id");
    maker.refer_url(&link.url, phase::OFFERS, &item);
    Some(item)
}

fn product_of(maker: &Maker<'_>, line: &Line) -> Option<String> {
    let price = maker.inventory.prices.iter().find(|price| price.id == line.price)?;
    maker.inventory.product(&price.product).map(|product| product.name.clone())
}

fn line(maker: &Maker<'_>, line: &Line) -> Option<Value> {
    let price = maker.reference(&line.price)?.clone();
    let number = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok()).map(Value::Number);
    let adjustable = line.adjustable.map(|(min, max)| row(vec![("min", number(min)), ("max", number(max))]));
    Some(row(vec![
        ("price", Some(Value::Text(price))),
        ("quantity", number(Some(line.quantity)).filter(|quantity| *quantity != Value::Number(1))),
        ("adjustable", adjustable),
    ]))
}

/// What has no field of its own, nested as in Stripe's API; what golive does not know is told.
fn settings(maker: &mut Maker<'_>, link: &PaymentLink) -> Option<Value> {
    let mut fields = Vec::new();
    for (name, value) in &link.others {
        let known = SETTINGS.contains(&name.as_str());
        if let Some(value) = tree(maker, &without_amounts(name, value)).filter(|_| known) {
            fields.push((name.clone(), value));
        } else {
            let what = format!("`{name}` of payment link {}", link.url);
            maker.not_carried(what, "golive has no field for it", "set it on the live link in the Dashboard");
        }
    }
    (!fields.is_empty()).then_some(Value::Table(fields))
}

/// Stripe repeats the amount of a shipping rate beside it, and counts what a restriction has let through.
fn without_amounts(name: &str, value: &Json) -> Json {
    let mut value = value.clone();
    match name {
        "shipping_options" => {
            for option in value.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
                option.retain(|name, _| name == "shipping_rate");
            }
        }
        "restrictions" => {
            if let Some(sessions) = value["completed_sessions"].as_object_mut() {
                sessions.retain(|name, _| name == "limit");
            }
        }
        _ => {}
    }
    value
}

/// JSON of Stripe's as a value of a checklist, ids mapped. Empty members say nothing; what TOML cannot
/// say makes it none.
pub(super) fn tree(maker: &Maker<'_>, json: &Json) -> Option<Value> {
    Some(match json {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => Value::Number(number.as_i64()?),
        Json::String(text) => Value::Text(maker.reference(text).cloned().unwrap_or_else(|| literal(text))),
        Json::Array(entries) => Value::List(entries.iter().map(|entry| tree(maker, entry)).collect::<Option<_>>()?),
        Json::Object(members) => {
            let said = members.iter().filter(|(_, value)| !is_empty(value));
            let fields = said.map(|(name, value)| Some((name.clone(), tree(maker, value)?)));
            Value::Table(fields.collect::<Option<_>>()?)
        }
        Json::Null => return None,
    })
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(entries) => entries.is_empty(),
        Json::Object(members) => members.values().all(is_empty),
        Json::String(text) => text.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// How large a package is.
pub(super) fn dimensions(package: &Dimensions) -> Value {
    let sides = [
        ("height", &package.height),
        ("length", &package.length),
        ("width", &package.width),
        ("weight", &package.weight),
    ];
    let number = |number: &serde_json::Number| {
        let text = crate::step::plain(&number.to_string());
        text.parse().map_or(Value::Decimal(text), Value::Number)
    };
    row(sides.into_iter().map(|(name, side)| (name, Some(number(side)))).collect())
}
