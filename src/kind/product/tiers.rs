//! What is wrong with the tiers and the free amounts of a price in a checklist.

use super::spec::{PriceSpec, unit_complaint};
use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::text::complaint;
use crate::money::{Money, UnitPrice};

const TIERS: &str = "tiers = [{ up_to = 10, amount = \"5.00 USD\" }, { amount = \"4.00 USD\" }]";

impl PriceSpec {
    pub(super) fn tier_complaints(&self, path: &str) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut say = |at: String, message: &str, help: &str| complaints.push(complaint(&at, Code::BadValue, message, help));
        let at = |field: &str| format!("{path}.{field}");
        if self.tiers.is_empty() {
            if self.tiers_mode.is_some() {
                say(at("tiers_mode"), "there are no tiers", TIERS);
            }
            return complaints;
        }
        if self.interval.is_none() {
            say(at("tiers"), "only a recurring price has tiers", "add interval = \"month\"");
        }
        if self.tiers_mode.is_none() {
            let help = "add tiers_mode = \"graduated\" (each unit by its own tier), or \"volume\" (all by the last one)";
            say(at("tiers"), "tiers need a mode", help);
        }
        let last = self.tiers.len() - 1;
        let mut reached = 0;
        for (n, tier) in self.tiers.iter().enumerate() {
            let here = format!("{path}.tiers[{n}]");
            match tier.up_to {
                Some(_) if n == last => {
                    say(format!("{here}.up_to"), "the last tier has no end", "take its `up_to` out, or add a tier");
                }
                None if n != last => say(here.clone(), "only the last tier has no `up_to`", TIERS),
                Some(up_to) if up_to <= reached => {
                    let message = format!("a tier up to {up_to} is empty");
                    say(format!("{here}.up_to"), &message, &format!("write more than {reached}"));
                }
                up_to => reached = up_to.unwrap_or(reached),
            }
            if tier.amount.is_none() && tier.flat.is_none() {
                say(here, "a tier needs an `amount` or a `flat`", TIERS);
            }
        }
        for (n, tier) in self.tiers.iter().enumerate() {
            for (field, text) in [("amount", &tier.amount), ("flat", &tier.flat)] {
                let here = format!("{path}.tiers[{n}].{field}");
                complaints.extend(text.as_ref().and_then(|text| self.one_currency(&here, text)));
            }
        }
        complaints
    }

    /// An amount that cannot be read, or is of another currency than the others of the price.
    fn one_currency(&self, path: &str, text: &str) -> Option<Complaint> {
        let Ok(amount) = text.parse::<UnitPrice>() else { return unit_complaint(path, text) };
        let first = self.first_amount().map_or(amount.currency, |first| first.currency);
        (first != amount.currency).then(|| {
            let message = format!("this amount is in {}, and the first one in {first}", amount.currency);
            complaint(path, Code::BadValue, message, format!("write all of them in {first}"))
        })
    }

    pub(super) fn custom_complaints(&self, path: &str) -> Vec<Complaint> {
        let Some(custom) = &self.custom else { return Vec::new() };
        let mut complaints = Vec::new();
        let example = "custom = { min = \"5.00 USD\", max = \"500.00 USD\", preset = \"20.00 USD\" }";
        let mut before: Option<(&str, Money)> = None;
        for (field, text) in custom.each() {
            let Some(text) = text else { continue };
            let here = format!("{path}.custom.{field}");
            let Ok(money) = text.parse::<Money>() else {
                complaints.extend(crate::kind::offer::money_complaint(&here, text));
                continue;
            };
            complaints.extend(self.one_currency(&here, text));
            if let Some((name, less)) = before.filter(|(_, less)| less.minor > money.minor) {
                let message = format!("`{field}` is less than `{name}`, which is {less}");
                complaints.push(complaint(&here, Code::BadValue, message, example));
            }
            before = Some((field, money));
        }
        if custom.each().iter().all(|(_, text)| text.is_none()) {
            let message = "an amount that the customer chooses needs a currency";
            complaints.push(complaint(&format!("{path}.custom"), Code::BadValue, message, example));
        }
        if self.interval.is_some() {
            let message = "a customer chooses the amount of a one-time price only";
            complaints.push(complaint(&format!("{path}.custom"), Code::BadValue, message, "take interval out"));
        }
        complaints
    }
}
