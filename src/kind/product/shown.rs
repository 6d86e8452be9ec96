//! The terms of a price in words of money, as plans and evidence show them.

use crate::money::UnitPrice;
use crate::step::{Terms, Tier};

/// `29.00 EUR per month`
pub(super) fn whole(terms: &Terms) -> String {
    let amount = amount(terms);
    let often = match &terms.every {
        None => String::new(),
        Some((interval, 1)) => format!(" per {interval}"),
        Some((interval, count)) => format!(" every {count} {interval}s"),
    };
    let trial = terms.trial_days.map(|days| format!(", {} free", plural(days, "day"))).unwrap_or_default();
    if terms.tiers.is_empty() { format!("{amount}{often}{trial}") } else { format!("{amount};{often}{trial}") }
}

/// `29.00 EUR`, `5.00 USD each up to 10, then 4.00 USD`, `5.00 USD to 500.00 USD, as the customer likes`
pub(super) fn amount(terms: &Terms) -> String {
    let money = |decimal: &str| UnitPrice::from_stripe(decimal, &terms.currency).to_string();
    if let Some(custom) = &terms.custom {
        let money = |minor: Option<i64>| minor.map(|minor| money(&minor.to_string()));
        let bounds = match (money(custom.minimum), money(custom.maximum)) {
            (Some(min), Some(max)) => format!("{min} to {max}, "),
            (Some(min), None) => format!("at least {min}, "),
            (None, Some(max)) => format!("at most {max}, "),
            (None, None) => String::new(),
        };
        return format!("{bounds}as the customer likes");
    }
    if !terms.tiers.is_empty() {
        return tiers(terms, &money);
    }
    let amount = terms.amount.as_deref().map_or_else(|| "no fixed amount".to_owned(), money);
    match (&terms.transform, terms.metered) {
        (Some(transform), _) => {
            format!("{amount} per {} units, rounded {}", transform.divide_by, transform.round)
        }
        (None, true) => format!("{amount} each"),
        (None, false) => amount,
    }
}

fn tiers(terms: &Terms, money: &dyn Fn(&str) -> String) -> String {
    let volume = terms.tiers_mode.as_deref() == Some("volume");
    let costs = |tier: &Tier| match (tier.unit.as_str(), tier.flat.as_str()) {
        (unit, "0") => money(unit),
        ("0", flat) => format!("{} flat", money(flat)),
        (unit, flat) => format!("{} flat and {}", money(flat), money(unit)),
    };
    let one = |(n, tier): (usize, &Tier)| {
        let each = if n == 0 && tier.unit != "0" { " each" } else { "" };
        let end = match (tier.up_to, volume) {
            (Some(up_to), true) => format!(" if at most {up_to}"),
            (Some(up_to), false) => format!(" up to {up_to}"),
            (None, _) => String::new(),
        };
        let lead = match (n, volume) {
            (0, _) => "",
            (_, true) => "else ",
            (_, false) => "then ",
        };
        format!("{lead}{}{each}{end}", costs(tier))
    };
    terms.tiers.iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
}

/// `one time`, `every 1 month`
pub(super) fn billing(terms: &Terms) -> String {
    match &terms.every {
        None => "one time".to_owned(),
        Some((interval, count)) => format!("every {count} {interval}"),
    }
}

/// `licensed`, `metered by mtr_1`
pub(super) fn usage(terms: &Terms) -> String {
    match (&terms.meter, terms.metered) {
        (Some(meter), true) => format!("metered by {meter}"),
        (None, true) => "metered".to_owned(),
        _ => "licensed".to_owned(),
    }
}

/// `7 days`, `none`
pub(super) fn trial(terms: &Terms) -> String {
    terms.trial_days.map_or_else(|| "none".to_owned(), |days| plural(days, "day"))
}

fn plural(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
