//! `expand[]`: ids replaced by their objects, and fields that Stripe leaves out unless asked.
//!
//! `tiers`, `currency_options` and `line_items` are kept under a hidden name (`_tiers`) and shown only
//! here. What cannot be expanded is refused with Stripe's text. Called by `call` on every answer.

use super::refusal::Refusal;
use super::tx::Tx;
use super::world::text;
use serde_json::{Value, json};

/// Kind of the object behind an expandable id, by the holder's kind and the field.
const BEHIND: &[(&str, &str, &str)] = &[
    ("price", "product", "product"),
    ("product", "default_price", "price"),
    ("product", "tax_code", "tax_code"),
    ("shipping_rate", "tax_code", "tax_code"),
    // Objects within objects have no kind of their own.
    ("", "coupon", "coupon"),
    ("", "shipping_rate", "shipping_rate"),
    ("promotion_code", "customer", "customer"),
    ("checkout.session", "payment_intent", "payment_intent"),
    ("checkout.session", "customer", "customer"),
    ("checkout.session", "subscription", "subscription"),
    ("checkout.session", "setup_intent", "setup_intent"),
    ("checkout.session", "invoice", "invoice"),
    ("checkout.session", "payment_link", "payment_link"),
    ("payment_intent", "latest_charge", "charge"),
    ("payment_intent", "customer", "customer"),
    ("payment_intent", "payment_method", "payment_method"),
    ("charge", "balance_transaction", "balance_transaction"),
    ("charge", "customer", "customer"),
    ("charge", "payment_intent", "payment_intent"),
    ("refund", "balance_transaction", "balance_transaction"),
    ("refund", "charge", "charge"),
    ("refund", "payment_intent", "payment_intent"),
    ("dispute", "charge", "charge"),
    ("dispute", "payment_intent", "payment_intent"),
    ("radar.early_fraud_warning", "charge", "charge"),
    ("radar.early_fraud_warning", "payment_intent", "payment_intent"),
    ("subscription", "customer", "customer"),
    ("subscription", "default_payment_method", "payment_method"),
    ("subscription", "latest_invoice", "invoice"),
    ("invoice", "customer", "customer"),
    // What stands in an object without a kind of its own: the parent of an invoice, the payment of one.
    ("", "payment_intent", "payment_intent"),
    ("", "price", "price"),
    ("", "subscription", "subscription"),
];

/// Fields that are left out of an answer unless expanded.
const LEFT_OUT: &[(&str, &str)] = &[
    ("price", "tiers"),
    ("price", "currency_options"),
    ("checkout.session", "line_items"),
    ("invoice", "payments"),
    ("coupon", "applies_to"),
    ("coupon", "currency_options"),
    ("payment_link", "line_items"),
    // Of a shipping rate's amount, and of a promotion code's restrictions.
    ("", "currency_options"),
    // The products of a portal lie two plain objects deep: there is no kind to name.
    ("invoice", "payments"),
    ("", "products"),
];

/// Stripe expands four levels deep.
const DEEPEST: usize = 4;

/// Applies every path of `expand` to an answer.
pub fn apply(tx: &Tx<'_>, answer: &mut Value, paths: Option<&Value>) -> Result<(), Refusal> {
    for path in paths.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let segments: Vec<&str> = path.split('.').collect();
        if segments.len() > DEEPEST + 1 {
            return Err(Refusal::invalid(format!(
                "You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            ))
            .param("expand"));
        }
        if text(answer, "object") == Some("list") && segments.first() != Some(&"data") {
            let segment = segments.first().copied().unwrap_or_default();
            return Err(Refusal::invalid(format!(
                "This property cannot be expanded ({segment}). You may want to try expanding 'data.{segment}' instead."
            ))
            .param("expand"));
        }
        walk(tx, answer, &segments)?;
    }
    Ok(())
}

fn walk(tx: &Tx<'_>, node: &mut Value, segments: &[&str]) -> Result<(), Refusal> {
    let Some((segment, rest)) = segments.split_first() else {
        return Ok(());
    };
    if let Value::Array(items) = node {
        return items.iter_mut().try_for_each(|item| walk(tx, item, segments));
    }
    let kind = text(node, "object").unwrap_or_default().to_owned();
    if kind == "list" && *segment == "data" {
        return walk_into(tx, node, segment, rest);
    }
    if LEFT_OUT.contains(&(kind.as_str(), *segment)) {
        let hidden = format!("_{segment}");
        if let Some(shown) = node.get(&hidden).cloned()
            && node.get(*segment).is_none()
        {
            node[*segment] = shown;
        }
        return walk_into(tx, node, segment, rest);
    }
    if let Some((.., behind)) = BEHIND.iter().find(|(k, field, _)| *k == kind && field == segment) {
        if let Some(id) = text(node, segment).map(str::to_owned) {
            replace(tx, node, segment, behind, &id);
        }
        return walk_into(tx, node, segment, rest);
    }
    // An object that is already there may be walked through, but is not an expansion by itself.
    if !rest.is_empty() && node.get(*segment).is_some_and(Value::is_object) {
        return walk_into(tx, node, segment, rest);
    }
    Err(Refusal::invalid(format!("This property cannot be expanded ({segment}).")).param("expand"))
}

fn walk_into(tx: &Tx<'_>, node: &mut Value, segment: &str, rest: &[&str]) -> Result<(), Refusal> {
    match node.get_mut(segment) {
        Some(inner @ (Value::Object(_) | Value::Array(_))) => walk(tx, inner, rest),
        _ => Ok(()),
    }
}

fn replace(tx: &Tx<'_>, node: &mut Value, segment: &str, kind: &str, id: &str) {
    if let Some(found) = tx.get(kind, id) {
        node[segment] = found;
    } else if kind == "product" {
        node[segment] = json!({"id": id, "object": "product", "deleted": true});
    }
}
