//! What is sold: meters, features, products with their prices.

use std::collections::{BTreeMap, BTreeSet};

use super::lines;
use super::maker::{Maker, phase};
use super::told::{Sort, Told};
use crate::compose::{Field, Item, Value, literal};
use crate::inventory::{Feature, Meter, Price, Product, Section};
use crate::step::OWN_MARKS;

/// Every item of the catalog, those that others refer to first.
pub(super) fn items(maker: &mut Maker<'_>) -> Vec<Item> {
    let inventory = maker.inventory;
    let mut items: Vec<Item> = inventory.meters.iter().map(|meter| self::meter(maker, meter)).collect();
    items.extend(inventory.features.iter().map(|feature| self::feature(maker, feature)));
    for key in inventory.prices.iter().filter_map(|price| price.lookup_key.as_deref()) {
        maker.ids.reserve_key(key);
    }
    same_names(maker);
    let mut by_product: BTreeMap<&str, Vec<&Price>> = BTreeMap::new();
    for price in &inventory.prices {
        by_product.entry(price.product.as_str()).or_default().push(price);
    }
    for product in &inventory.products {
        let prices = by_product.remove(product.id.as_str()).unwrap_or_default();
        items.push(self::product(maker, product, &prices));
    }
    orphans(maker, &by_product);
    items
}

/// Metadata without golive's own marks.
pub(super) fn metadata(metadata: &BTreeMap<String, String>) -> Option<Value> {
    let kept = metadata.iter().filter(|(key, _)| !OWN_MARKS.contains(&key.as_str()));
    let fields: Vec<_> = kept.map(|(key, value)| (key.clone(), Value::Text(literal(value)))).collect();
    (!fields.is_empty()).then_some(Value::Table(fields))
}

/// A text that means itself.
pub(super) fn text(text: Option<&String>) -> Option<Value> {
    text.filter(|text| !text.is_empty()).map(|text| Value::Text(literal(text)))
}

fn texts(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| Value::list(texts.iter().map(|text| literal(text))))
}

/// The name that customers see, where the item's title is not it already.
pub(super) fn name(name: &str, title: &str) -> Option<Value> {
    (name != title).then(|| Value::Text(literal(name)))
}

fn meter(maker: &mut Maker<'_>, meter: &Meter) -> Item {
    let title = lines::title(&meter.display_name);
    let words = if title.is_empty() { meter.event_name.as_str() } else { title.as_str() };
    let usual = |key: &str, usual: &str| (!key.is_empty() && key != usual).then(|| Value::Text(literal(key)));
    let item = maker
        .item(phase::CATALOG, "meter", &meter.id, words, &title)
        .field("event_name", literal(&meter.event_name))
        .maybe("display_name", name(&meter.display_name, &title))
        .field("formula", literal(&meter.formula))
        .maybe("customer_key", usual(&meter.customer_key, "stripe_customer_id"))
        .maybe("value_key", usual(&meter.value_key, "value"))
        .maybe("event_time_window", text(meter.event_time_window.as_ref()))
        .maybe("env", maker.uses.take(&meter.id));
    maker.refer(&meter.id, phase::CATALOG, &item, "id");
    item
}

fn feature(maker: &mut Maker<'_>, feature: &Feature) -> Item {
    let title = lines::title(&feature.name);
    let item = maker
        .item(phase::CATALOG, "feature", &feature.id, &feature.lookup_key, &title)
        .field("lookup_key", literal(&feature.lookup_key))
        .maybe("name", name(&feature.name, &title))
        .maybe("metadata", metadata(&feature.metadata))
        .maybe("env", maker.uses.take(&feature.id));
    maker.refer(&feature.id, phase::CATALOG, &item, "id");
    maker.refer(&feature_key(&feature.lookup_key), phase::CATALOG, &item, "id");
    item
}

/// What a feature is referred to by, where only its lookup key is known.
fn feature_key(lookup_key: &str) -> String {
    format!("feature {lookup_key}")
}

/// Whether Stripe made an id up: then it says nothing, and live mode may have another one.
fn is_made_up(id: &str) -> bool {
    let tail = id.strip_prefix("prod_").unwrap_or_default();
    tail.len() >= 14 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn product(maker: &mut Maker<'_>, product: &Product, prices: &[&Price]) -> Item {
    let title = lines::title(&product.name);
    let words = if crate::compose::slug(&title).is_empty() { "product" } else { title.as_str() };
    let mut item = maker.item(phase::CATALOG, "product", &product.id, words, &title);
    if !product.active {
        item = item.note("Archived in the test account; a launch puts it on sale.");
    }
    let own_id = product_id(maker, product, &item.id);
    item = item
        .maybe("product_id", own_id)
        .maybe("name", name(&product.name, &title))
        .maybe("description", text(product.description.as_ref()))
        .maybe("statement_descriptor", text(product.statement_descriptor.as_ref()))
        .maybe("tax_code", text(product.tax_code.as_ref()))
        .maybe("unit_label", text(product.unit_label.as_ref()))
        .maybe("url", text(product.url.as_ref()))
        .maybe("images", texts(&product.images))
        .maybe("marketing_features", texts(&product.marketing_features))
        .maybe("shippable", product.shippable)
        .maybe("package_dimensions", product.package_dimensions.as_ref().map(super::link::dimensions));
    maker.refer(&product.id, phase::CATALOG, &item, "id");
    let entitled: Vec<Value> = product
        .features
        .iter()
        .filter_map(|key| maker.reference(&feature_key(key)).map(|reference| Value::Text(reference.clone())))
        .collect();
    if !entitled.is_empty() {
        item = item.field("features", entitled);
    }
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    let mut rows = Vec::new();
    for price in prices {
        if let Some((key, row)) = super::price::row_of(maker, product, price, &item) {
            keys.insert(price.id.as_str(), key);
            rows.push(row);
        }
    }
    let default = product.default_price.as_deref().and_then(|id| keys.get(id));
    item = item.maybe("default_price", default.map(|key| literal(key)));
    item = item.maybe("metadata", metadata(&product.metadata));
    if !rows.is_empty() {
        item = item.field("prices", rows);
    }
    item
}

/// The id a product keeps in live mode: one that means something, one that the code or a variable
/// names, or golive's own where another product has the same name.
fn product_id(maker: &Maker<'_>, product: &Product, item: &str) -> Option<Value> {
    let in_code = maker.around.source.ids.iter().any(|mention| mention.what == product.id);
    if !is_made_up(&product.id) || in_code {
        return Some(Value::Text(literal(&product.id)));
    }
    let twins = maker.inventory.products.iter().filter(|other| other.name == product.name).count();
    (twins > 1).then(|| Value::Text(format!("{}_{item}", maker.options.id)))
}

/// Tells products that share a name: golive would find one where the other is meant.
fn same_names(maker: &mut Maker<'_>) {
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for product in &maker.inventory.products {
        by_name.entry(&product.name).or_default().push(&product.id);
    }
    for (name, ids) in by_name.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let what = format!("{} products are named `{}`", ids.len(), lines::title(name));
        let why = format!("{}; customers and golive cannot tell them apart by name", ids.join(", "));
        maker.decide(
            what,
            why,
            "each has an id of its own in the checklist; archive or rename those that are not meant",
        );
    }
}

/// Tells prices whose product is not among what was read.
fn orphans(maker: &mut Maker<'_>, by_product: &BTreeMap<&str, Vec<&Price>>) {
    let count: usize = by_product.values().map(Vec::len).sum();
    if count == 0 {
        return;
    }
    let ids: BTreeSet<&str> = by_product.values().flatten().map(|price| price.id.as_str()).collect();
    let shown: Vec<&str> = ids.into_iter().take(3).collect();
    let more = if count > shown.len() { format!(" and {} more", count - shown.len()) } else { String::new() };
    let read = maker.inventory.is_whole(Section::Products);
    let why =
        if read { "their product is deleted, or is no product of this account" } else { "products could not be read" };
    let proposal = if read {
        "make them again on a product that is there, then import again"
    } else {
        "let the key read products, then import again"
    };
    let what = format!("{} without a product: {}{more}", Section::Prices.counted(count), shown.join(", "));
    maker.told.push(Told::new(Sort::Decide, what).why(why).propose(proposal));
}

/// A row of a table, its fields in order.
pub(super) fn row(fields: Vec<(&str, Option<Value>)>) -> Value {
    Value::Table(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// A field that is said something about.
pub(super) fn noted(name: &str, value: impl Into<Value>, aside: &str) -> Field {
    Field::new(name, value).aside(aside)
}
