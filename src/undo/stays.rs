//! What a rollback never touches, counted before anybody decides: open subscriptions, which go on being
//! charged, and payments since the launch began.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::money::Money;
use crate::step::{Collection, Look, Sight, Sights};

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

fn open(subscriptions: &[Value]) -> String {
    let is_over = |status: &str| matches!(status, "canceled" | "incomplete_expired");
    let open: Vec<&Value> =
        subscriptions.iter().filter(|one| one["status"].as_str().is_some_and(|status| !is_over(status))).collect();
    if open.is_empty() {
        return "no open subscription".to_owned();
    }
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for item in open.iter().filter_map(|one| one["items"]["data"].as_array()).flatten() {
        let (price, quantity) = (&item["price"], item["quantity"].as_i64().unwrap_or(1));
        let (Some(amount), Some(currency)) = (price["unit_amount"].as_i64(), price["currency"].as_str()) else {
            continue;
        };
        let every = price["recurring"]["interval"].as_str().unwrap_or("period");
        *sums.entry((every.to_owned(), currency.to_owned())).or_default() += amount.saturating_mul(quantity);
    }
    let sums: Vec<String> = sums
        .into_iter()
        .map(|((every, currency), sum)| format!("{} per {every}", Money::from_stripe(sum, &currency)))
        .collect();
    let amounts = if sums.is_empty() { String::new() } else { format!(", {}", sums.join(", ")) };
    let noun = if open.len() == 1 { "open subscription goes" } else { "open subscriptions go" };
    format!("{} {noun} on being charged{amounts}; cancel what must not be in the Dashboard", open.len())
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
