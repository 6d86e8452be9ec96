//! Products, prices, meters and features: how they are paired, and which fields they have.

use std::collections::HashMap;

use super::fields::{Fields, custom, number, tiers, transform, unit};
use super::names::{Names, content, key, mark};
use super::{Compared, Pairs, Round, Side, Sides, tell};
use crate::inventory::{CurrencyOption, Feature, Meter, Price, Product, Section};

/// What a person calls a price.
pub(super) fn price_name(names: &Names, side: Side, price: &Price) -> String {
    price.lookup_key.clone().unwrap_or_else(|| {
        let product = names.name(side, Section::Products, &price.product).unwrap_or_else(|| price.product.clone());
        format!("{product}, {}", sold(price))
    })
}

/// `29.00 EUR per month`
fn sold(price: &Price) -> String {
    let amount = match (&price.amount, &price.custom) {
        (Some(amount), _) => unit(amount, &price.currency),
        (None, Some(_)) => "as the customer likes".to_owned(),
        (None, None) => format!("{} in tiers", price.currency.to_uppercase()),
    };
    match price.recurring.as_ref().map(|every| (every.interval.as_str(), every.count())) {
        None => amount,
        Some((interval, 1)) => format!("{amount} per {interval}"),
        Some((interval, count)) => format!("{amount} every {count} {interval}s"),
    }
}

/// The prices of each product of a side.
fn by_product<'i>(sides: &Sides<'i>, side: Side) -> HashMap<&'i str, Vec<&'i Price>> {
    let mut all: HashMap<&str, Vec<&Price>> = HashMap::new();
    for price in &sides.get(side).prices {
        all.entry(&price.product).or_default().push(price);
    }
    all
}

pub(super) fn pairs(names: &Names, sides: &Sides<'_>, section: Section) -> Pairs {
    let (test, live) = (sides.test, sides.live);
    match section {
        Section::Products => products(names, sides),
        Section::Prices => prices(names, sides),
        Section::Meters => {
            let event = Round::alike("the event name", |_, meter: &Meter| key(&[&meter.event_name]));
            Pairs::of(&test.meters, &live.meters, &[event])
        }
        _ => {
            let lookup = Round::alike("the lookup key", |_, feature: &Feature| key(&[&feature.lookup_key]));
            Pairs::of(&test.features, &live.features, &[lookup])
        }
    }
}

fn products(names: &Names, sides: &Sides<'_>) -> Pairs {
    let (test_prices, live_prices) = (by_product(sides, Side::Test), by_product(sides, Side::Live));
    let prices_of = |side: Side, product: &Product| {
        let all = if side == Side::Test { &test_prices } else { &live_prices };
        all.get(product.id.as_str()).cloned().unwrap_or_default()
    };
    // A product is known by any of its lookup keys that leads to a price of exactly one product there.
    let live_keys: HashMap<&str, &str> = sides
        .live
        .prices
        .iter()
        .filter_map(|price| Some((price.lookup_key.as_deref()?, price.product.as_str())))
        .collect();
    let sold_as = |side: Side, product: &Product| {
        let keys = prices_of(side, product);
        let mut keys = keys.iter().filter_map(|price| price.lookup_key.as_deref());
        match side {
            Side::Test => keys.find_map(|lookup| live_keys.get(lookup)).map(|id| (*id).to_owned()),
            Side::Live => keys.next().map(|_| product.id.clone()),
        }
    };
    let whole = |side: Side, product: &Product| {
        let mut text = product_fields(names, side, product).without("default_price").content();
        let mut sold: Vec<String> = prices_of(side, product)
            .into_iter()
            .map(|price| price_fields(names, side, price).without("product").without("lookup_key").content())
            .collect();
        sold.sort_unstable();
        text.push_str(&sold.concat());
        Some(text)
    };
    let rounds = [
        Round::unique("the id", |_, product: &Product| key(&[&product.id])),
        Round::unique("golive's mark", |_, product: &Product| mark(&product.metadata)),
        Round::unique("the lookup key of a price", sold_as),
        Round::alike("the same content", whole),
        Round::unique("the name", |_, product: &Product| key(&[&product.name])),
    ];
    Pairs::of(&sides.test.products, &sides.live.products, &rounds)
}

fn prices(names: &Names, sides: &Sides<'_>) -> Pairs {
    let product = |side: Side, price: &Price| names.name(side, Section::Products, &price.product).unwrap_or_default();
    let within = |side: Side, price: &Price, parts: [&str; 2]| key(&[&product(side, price), parts[0], parts[1]]);
    let billed = |side: Side, price: &Price| {
        let every = price.recurring.as_ref();
        let interval = every.map_or_else(|| "once".to_owned(), |every| format!("{} {}", every.count(), every.interval));
        within(side, price, [&interval, &price.currency])
    };
    let rounds = [
        Round::unique("the lookup key", |_, price: &Price| price.lookup_key.clone()),
        Round::alike("the same content", |side, price: &Price| {
            content(&price_fields(names, side, price).without("lookup_key"))
        }),
        Round::unique("product and nickname", |side, price: &Price| {
            within(side, price, [price.nickname.as_deref()?, ""])
        }),
        Round::unique("product, interval and currency", billed),
    ];
    Pairs::of(&sides.test.prices, &sides.live.prices, &rounds)
}

pub(super) fn compare(names: &Names, sides: &Sides<'_>, pairs: &Pairs, compared: &mut Compared) {
    let (test, live) = (sides.test, sides.live);
    let name = |side: Side, section: Section, id: &str| names.name(side, section, id).unwrap_or_else(|| id.to_owned());
    match compared.section {
        Section::Products => tell(
            compared,
            (&test.products, &live.products),
            pairs,
            |product| &product.id,
            |side, product| name(side, Section::Products, &product.id),
            |side, product| product_fields(names, side, product),
        ),
        Section::Prices => {
            tell(
                compared,
                (&test.prices, &live.prices),
                pairs,
                |price| &price.id,
                |side, price| name(side, Section::Prices, &price.id),
                |side, price| price_fields(names, side, price),
            );
            compared.notes.extend(lone_lookup_keys(&test.prices, &live.prices, pairs));
        }
        Section::Meters => tell(
            compared,
            (&test.meters, &live.meters),
            pairs,
            |meter| &meter.id,
            |_, meter| meter.event_name.clone(),
            |_, meter| meter_fields(meter),
        ),
        _ => tell(
            compared,
            (&test.features, &live.features),
            pairs,
            |feature| &feature.id,
            |_, feature| feature.lookup_key.clone(),
            |side, feature| {
                let mut fields = Fields::default();
                fields.put("name", &feature.name);
                fields.metadata(names, side, &feature.metadata);
                fields
            },
        ),
    }
}

/// What is to be said where a price has its lookup key on one side only.
fn lone_lookup_keys(test: &[Price], live: &[Price], pairs: &Pairs) -> Option<String> {
    let lacks = |(here, there, _): &&(usize, usize, &'static str)| {
        test[*here].lookup_key.is_some() != live[*there].lookup_key.is_some()
    };
    let count = pairs.paired.iter().filter(lacks).count();
    let noun = if count == 1 { "price has its lookup key" } else { "prices have their lookup key" };
    (count > 0).then(|| format!("{count} {noun} on one side only; code that looks for it works there only"))
}

fn product_fields(names: &Names, side: Side, product: &Product) -> Fields {
    let mut fields = Fields::default();
    fields.put("name", &product.name);
    fields.may("description", product.description.as_deref());
    fields.may("statement_descriptor", product.statement_descriptor.as_deref());
    fields.may("tax_code", product.tax_code.as_deref());
    fields.may("unit_label", product.unit_label.as_deref());
    fields.may("url", product.url.as_deref());
    fields.put("images", product.images.join(", "));
    fields.put("marketing_features", product.marketing_features.join("; "));
    fields.switch("shippable", product.shippable == Some(true));
    if let Some(sides) = &product.package_dimensions {
        let text = |name: &str, side: &serde_json::Number| format!("{name} {}", number(side));
        let sides = [
            text("height", &sides.height),
            text("length", &sides.length),
            text("width", &sides.width),
            text("weight", &sides.weight),
        ];
        fields.put("package_dimensions", sides.join(", "));
    }
    let default = product.default_price.as_ref();
    fields.may("default_price", default.and_then(|price| names.name(side, Section::Prices, price)));
    if names.name(side, Section::Features, "").is_some() {
        fields.set("features", &product.features);
    }
    fields.metadata(names, side, &product.metadata);
    fields
}

fn price_fields(names: &Names, side: Side, price: &Price) -> Fields {
    let currency = price.currency.as_str();
    let mut fields = Fields::default();
    fields.may("product", names.name(side, Section::Products, &price.product));
    fields.may("lookup_key", price.lookup_key.as_deref());
    fields.may("unit_amount", price.amount.as_deref().map(|amount| unit(amount, currency)));
    fields.put("tiers", tiers(&price.tiers, currency));
    fields.may("tiers_mode", price.tiers_mode.as_deref());
    fields.may("custom_unit_amount", price.custom.as_ref().map(|amount| custom(amount, currency)));
    fields.may("transform_quantity", price.transform.as_ref().map(transform));
    for (currency, option) in &price.currency_options {
        fields.put(format!("currency_options.{currency}"), option_text(option, currency));
    }
    if let Some(every) = &price.recurring {
        fields.put("recurring.interval", &every.interval);
        fields.put("recurring.interval_count", every.count().to_string());
        fields.may("recurring.usage_type", every.is_metered().then_some("metered"));
        fields.may("recurring.meter", every.meter.as_ref().and_then(|meter| names.name(side, Section::Meters, meter)));
        let trial = every.trial_period_days.filter(|days| *days > 0);
        fields.may("recurring.trial_period_days", trial.map(|days| days.to_string()));
    }
    fields.may("nickname", price.nickname.as_deref());
    fields.may("tax_behavior", price.tax_behavior.as_deref().filter(|behavior| *behavior != "unspecified"));
    fields.metadata(names, side, &price.metadata);
    fields
}

fn option_text(option: &CurrencyOption, currency: &str) -> String {
    let mut text = match (&option.amount, &option.custom) {
        (Some(amount), _) => unit(amount, currency),
        (None, Some(amount)) => custom(amount, currency),
        (None, None) => tiers(&option.tiers, currency),
    };
    if let Some(behavior) = option.tax_behavior.as_deref().filter(|behavior| *behavior != "unspecified") {
        text += ", tax ";
        text += behavior;
    }
    text
}

fn meter_fields(meter: &Meter) -> Fields {
    let mut fields = Fields::default();
    fields.put("display_name", &meter.display_name);
    fields.put("formula", &meter.formula);
    fields.put("customer_key", &meter.customer_key);
    fields.put("value_key", &meter.value_key);
    fields.may("event_time_window", meter.event_time_window.as_deref());
    fields
}
