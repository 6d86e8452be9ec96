//! What a rollback never touches, counted before anybody decides: open subscriptions, which go on being
//! charged, and payments since the launch began.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::money::Money;
use crate::step::{Collection, Look, Sight, Sights};

/// Subscriptions that are named, each on a line.
const MOST: usize = 12;

/// What has to be seen for it. `since` is when the launch began, in Unix seconds.
pub fn looks(since: i64) -> [Look; 2] {
    [Look::Every(Collection::Subscriptions), Look::Recent(Collection::PaymentIntents, since)]
}

/// One line each.
pub fn stays(sights: &Sights, since: i64) -> Vec<String> {
    let [subscriptions, payments] = looks(since);
    vec![line(sights.get(&subscriptions), "subscriptions", open), line(sights.get(&payments), "payments", paid)]
}

fn line(sight: Option<&Sight>, what: &str, count: fn(&[Value]) -> String) -> String {
    match sight {
        Some(Sight::Objects(objects)) => count(objects),
        Some(Sight::Refused(refusal)) => format!("{what} could not be counted: {}", refusal.message),
        Some(Sight::Unseen(problem)) => format!("{what} could not be counted: {}", problem.message),
        _ => format!("{what} were not counted"),
    }
}

/// The subscriptions that go on being charged, whatever is undone, each with what it costs; the first few
/// of many. What is undone does not end them: whether they shall go on is for a person to decide first.
pub fn subscriptions(sights: &Sights) -> Vec<String> {
    let [look, _] = looks(0);
    let Some(Sight::Objects(all)) = sights.get(&look) else { return Vec::new() };
    let open: Vec<&Value> = all.iter().filter(|one| is_open(one)).collect();
    let mut lines: Vec<String> = open.iter().take(MOST).map(|one| subscription(one)).collect();
    if open.len() > MOST {
        lines.push(format!("and {} more", open.len() - MOST));
    }
    lines
}

fn is_open(subscription: &Value) -> bool {
    let is_over = |status: &str| matches!(status, "canceled" | "incomplete_expired");
    subscription["status"].as_str().is_some_and(|status| !is_over(status))
}

/// `sub_… 50.00 CAD per month`
fn subscription(one: &Value) -> String {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for item in one["items"]["data"].as_array().into_iter().flatten() {
        let (price, quantity) = (&item["price"], item["quantity"].as_i64().unwrap_or(1));
        let (Some(amount), Some(currency)) = (price["unit_amount"].as_i64(), price["currency"].as_str()) else {
            continue;
        };
        let every = price["recurring"]["interval"].as_str().unwrap_or("period");
        *sums.entry((every.to_owned(), currency.to_owned())).or_default() += amount.saturating_mul(quantity);
    }
    let sums = sums.into_iter();
    let sums = sums.map(|((every, currency), sum)| format!("{} per {every}", Money::from_stripe(sum, &currency)));
    let parts: Vec<String> = std::iter::once(one["id"].as_str().unwrap_or_default().to_owned()).chain(sums).collect();
    parts.join("  ")
}

fn open(subscriptions: &[Value]) -> String {
    match subscriptions.iter().filter(|one| is_open(one)).count() {
        0 => "no open subscription".to_owned(),
        1 => "1 open subscription, named above".to_owned(),
        many => format!("{many} open subscriptions, named above"),
    }
}

fn paid(payments: &[Value]) -> String {
    let paid: Vec<&Value> = payments.iter().filter(|one| one["status"] == "succeeded").collect();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for payment in &paid {
        let amount = payment["amount_received"].as_i64().or_else(|| payment["amount"].as_i64());
        if let (Some(amount), Some(currency)) = (amount, payment["currency"].as_str()) {
            *sums.entry(currency.to_owned()).or_default() += amount;
        }
    }
    let sums: Vec<String> =
        sums.into_iter().map(|(currency, sum)| Money::from_stripe(sum, &currency).to_string()).collect();
    match paid.len() {
        0 => "no payment since the launch began".to_owned(),
        1 => format!("1 payment since the launch began, {}", sums.join(", ")),
        many => format!("{many} payments since the launch began, {}", sums.join(", ")),
    }
}
