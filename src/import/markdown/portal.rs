//! Settings of the customer portal, in sections about it, and thresholds of alerts for `[watch]`.

use std::sync::LazyLock;

use regex::Regex;

use super::tree::{Block, Kind};
use super::words::{Topic, any, labelled};
use super::work::Work;
use crate::compose::Value;

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<share>\d+(?:[.,]\d+)?) ?%.*?(?P<time>\d+) ?(?P<unit>min|m\b|hour|h\b|stunde|hora)").unwrap()
});

/// Finds the portal's settings.
pub fn find(work: &mut Work<'_>) {
    for (index, section) in work.sections.iter().enumerate() {
        if work.topics[index] != Some(Topic::Portal) {
            continue;
        }
        let entry = |block: &&Block| matches!(block.kind, Kind::Entry { .. }) && !block.text.contains("http");
        for block in section.all().into_iter().filter(entry) {
            let Some((name, value)) = setting(&block.text) else { continue };
            if !work.found.portal.iter().any(|(known, ..)| known == name) {
                work.found.portal.push((name.to_owned(), value, block.lines.start));
            }
            work.claim(block.lines.clone(), "portal");
        }
    }
}

const METHODS: &[&str] = &[
    "payment method",
    "card details",
    "zahlungsmethode",
    "zahlungsart",
    "método de pagamento",
    "métodos de pagamento",
    "formas de pagamento",
    "método de pago",
    "métodos de pago",
    "moyen de paiement",
];
const PERIOD_END: &[&str] = &[
    "period end",
    "end of period",
    "end of the period",
    "laufzeit",
    "periodenende",
    "fim do período",
    "final del período",
];

/// The setting that a line is about. What it does not settle is left to the person.
fn setting(text: &str) -> Option<(&'static str, Value)> {
    let lower = text.to_lowercase();
    if any(&lower, &["webhook", "after cancellation"]) || text.ends_with('?') {
        return None;
    }
    let value = labelled(text).map(|(_, value)| value.to_lowercase()).unwrap_or_default();
    let off = any(&value, &["no**", "off", "nein", "não", "disabled", "false"]) || value.trim_matches('*') == "no";
    if any(&lower, &["cancel", "kündig", "résili"]) {
        let at_once = any(&lower, &["immediately", "sofort", "imediat", "inmediat"]) && !lower.contains("no immediate");
        let how = match (off, any(&lower, PERIOD_END), at_once) {
            (true, ..) => "no",
            (_, true, _) => "at_period_end",
            (_, _, true) => "immediately",
            _ => return None,
        };
        return Some(("cancel", Value::from(how)));
    }
    if any(&lower, METHODS) {
        return Some(("payment_method_update", Value::from(!off)));
    }
    if any(&lower, &["invoice", "rechnung", "fatura", "factura", "facture"]) {
        return Some(("invoice_history", Value::from(!off)));
    }
    let details = ["billing info", "billing address", "rechnungsadresse", "email address", "customer information"];
    let list = if off { Value::List(Vec::new()) } else { Value::list(["email", "address"]) };
    any(&lower, &details).then_some(("customer_update", list))
}

/// Finds thresholds: `Webhook delivery failures > 5% over 5 minutes`.
pub fn thresholds(work: &mut Work<'_>) {
    for section in work.sections {
        for block in
            section.all().into_iter().filter(|block| matches!(block.kind, Kind::Entry { .. } | Kind::Paragraph))
        {
            let lower = block.text.to_lowercase();
            let Some(found) = SHARE.captures(&lower) else { continue };
            let field = if any(&lower, &["webhook", "deliver", "zustell", "entrega"]) {
                "deliveries"
            } else if any(&lower, &["payment", "zahlung", "pagamento", "pago", "charge", "paiement"]) {
                "payments"
            } else {
                continue;
            };
            let minutes: i64 = found["time"].parse().unwrap_or(0) * if found["unit"].starts_with('m') { 1 } else { 60 };
            let share = found["share"].replace(',', ".");
            if !(1..=1440).contains(&minutes)
                || share.parse::<f64>().is_ok_and(|share| share > 100.0)
                || work.found.watch.iter().any(|(known, ..)| known == field)
            {
                continue;
            }
            let value = Value::table([("failing", format!("{share}%")), ("over", format!("{minutes}m"))]);
            work.found.watch.push((field.to_owned(), value, block.lines.start));
            work.claim(block.lines.clone(), "[watch]");
        }
    }
}
