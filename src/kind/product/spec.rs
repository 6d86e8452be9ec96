//! The fields of a price in a checklist: what may stand there, what is wrong with it, and the terms it
//! comes to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::charge::CurrencySpec;
use crate::error::Code;
use crate::kind::text::{complaint, is_open};
use crate::kind::{Complaint, env_name};
use crate::money::Currency;
use crate::step::{CurrencyAmount, PriceDraft, Recurring, Transform};

/// One price.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSpec {
    /// The name under which golive and the application find it; unique in the account.
    pub lookup_key: String,
    /// Money, `20.00 CAD`; free is `0.00 CAD`, and one unit may cost `0.0050 CAD`.
    pub amount: Option<String>,
    /// The same in further currencies: `["18.00 EUR", { amount = "17.00 GBP", tax_behavior = "inclusive" }]`;
    /// with tiers, `[{ tiers = [{ up_to = 10, amount = "4.50 EUR" }, { amount = "4.00 EUR" }] }]`.
    #[serde(default)]
    pub currencies: Vec<CurrencySpec>,
    /// Instead of an amount: what it costs up to how many units. The last has no `up_to`.
    #[serde(default)]
    pub tiers: Vec<TierSpec>,
    /// Whether each unit costs what its own tier says, or all what the last one's says.
    pub tiers_mode: Option<TiersMode>,
    /// Instead of an amount: the customer chooses it.
    pub custom: Option<CustomSpec>,
    /// Where units are sold by the package: `{ divide_by = 100, round = "up" }`.
    pub transform: Option<TransformSpec>,
    /// A name for the team.
    pub nickname: Option<String>,
    /// How often it is charged; a one-time price has none.
    pub interval: Option<Interval>,
    /// Every how many intervals.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 36))]
    pub interval_count: u64,
    /// The meter that counts what is used: `${usage.api_calls.id}`.
    pub meter: Option<String>,
    /// Days before the first payment.
    #[schemars(range(min = 1, max = 730))]
    pub trial_days: Option<u32>,
    /// Whether the amount includes tax. Final once it is not `unspecified`.
    pub tax_behavior: Option<TaxBehavior>,
    /// The variable of the env file that takes its id.
    pub env: Option<String>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// One tier.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierSpec {
    /// Its last unit; the last tier has none.
    #[schemars(range(min = 1))]
    pub up_to: Option<i64>,
    /// For each unit: `5.00 USD`.
    pub amount: Option<String>,
    /// Once, for reaching the tier: `1.00 USD`.
    pub flat: Option<String>,
}

/// What counts for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TiersMode {
    /// Each unit costs what its own tier says.
    Graduated,
    /// All units cost what the tier of their number says.
    Volume,
}

impl TiersMode {
    const fn name(self) -> &'static str {
        match self {
            Self::Graduated => "graduated",
            Self::Volume => "volume",
        }
    }
}

/// Within which bounds the customer chooses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomSpec {
    /// At least: `5.00 USD`.
    pub min: Option<String>,
    /// At most: `500.00 USD`.
    pub max: Option<String>,
    /// What stands there at first: `20.00 USD`.
    pub preset: Option<String>,
    /// The currency, where no amount says it: `USD`.
    pub currency: Option<String>,
}

/// How a quantity becomes packages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransformSpec {
    /// Units in a package.
    #[schemars(range(min = 2))]
    pub divide_by: i64,
    /// What happens to a package that is begun.
    pub round: Round,
}

/// What happens to a package that is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Round {
    /// It is paid.
    Up,
    /// It is free.
    Down,
}

/// How often a price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Daily.
    Day,
    /// Weekly.
    Week,
    /// Monthly.
    Month,
    /// Yearly.
    Year,
}

impl Interval {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Whether an amount includes tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaxBehavior {
    /// It does.
    Inclusive,
    /// Tax comes on top.
    Exclusive,
    /// Not said.
    Unspecified,
}

impl TaxBehavior {
    pub(in crate::kind) const fn name(self) -> &'static str {
        match self {
            Self::Inclusive => "inclusive",
            Self::Exclusive => "exclusive",
            Self::Unspecified => "unspecified",
        }
    }
}

const fn one() -> u64 {
    1
}

impl CustomSpec {
    pub(super) fn each(&self) -> [(&'static str, Option<&String>); 3] {
        [("min", self.min.as_ref()), ("preset", self.preset.as_ref()), ("max", self.max.as_ref())]
    }
}

impl PriceSpec {
    /// Puts everything that is final about it into a draft.
    pub(super) fn fill(&self, draft: &mut PriceDraft) {
        let charge = self.charge();
        draft.currency = charge.currency().map(|currency| currency.api_code()).unwrap_or_default();
        if let Some(amount) = charge.amount() {
            match amount.decimal().parse() {
                Ok(whole) => draft.unit_amount = Some(whole),
                Err(_) => draft.unit_amount_decimal = Some(amount.decimal().to_owned()),
            }
        }
        draft.tiers = charge.tiers();
        draft.tiers_mode = self.tiers_mode.filter(|_| !self.tiers.is_empty()).map(|mode| mode.name().to_owned());
        draft.custom = charge.custom();
        draft.transform = self.transform.as_ref().map(|transform| Transform {
            divide_by: transform.divide_by,
            round: if transform.round == Round::Up { "up".into() } else { "down".into() },
        });
        draft.recurring = self.interval.map(|interval| Recurring {
            interval: interval.name().to_owned(),
            interval_count: self.interval_count,
            meter: self.meter.clone(),
            trial_period_days: self.trial_days,
        });
        draft.tax_behavior = self.tax_behavior.map(|behavior| behavior.name().to_owned());
        draft.currency_options = self.options();
    }

    /// What it is in further currencies.
    pub(super) fn options(&self) -> BTreeMap<String, CurrencyAmount> {
        self.currencies.iter().filter_map(|currency| currency.option(self.tax_behavior)).collect()
    }

    pub(super) fn complaints(&self, path: &str) -> Vec<Complaint> {
        let at = |field: &str| format!("{path}.{field}");
        let mut complaints = self.amount_complaints(path);
        if self.lookup_key.is_empty() || self.lookup_key.chars().count() > 200 {
            let message = "a lookup key has between 1 and 200 characters".into();
            complaints.push(Complaint { path: at("lookup_key"), code: Code::BadValue, message, help: None });
        }
        for (field, there) in [("meter", self.meter.is_some()), ("trial_days", self.trial_days.is_some())] {
            if there && self.interval.is_none() {
                let message = format!("only a recurring price has `{field}`");
                let help = "add interval = \"month\", or take it out";
                complaints.push(complaint(&at(field), Code::BadValue, message, help));
            }
        }
        if self.trial_days.is_some_and(|days| !(1..=730).contains(&days)) {
            let message = "a trial takes between 1 and 730 days";
            complaints.push(complaint(&at("trial_days"), Code::BadValue, message, "write trial_days = 14"));
        }
        if let Some(meter) = self.meter.as_ref().filter(|meter| !is_open(meter) && !meter.starts_with("mtr_")) {
            let message = format!("`{meter}` is not the id of a meter");
            let help = "refer to a `meter` item: meter = \"${usage.api_calls.id}\"";
            complaints.push(complaint(&at("meter"), Code::BadValue, message, help));
        }
        complaints.extend(self.env.as_ref().and_then(|name| env_name(&at("env"), name)));
        complaints
    }

    fn amount_complaints(&self, path: &str) -> Vec<Complaint> {
        let at = |field: &str| format!("{path}.{field}");
        let mut complaints = self.charge().complaints(path);
        complaints.extend(self.currency_complaints(path));
        let mut say = |field: &str, message: &str, help: &str| {
            complaints.push(complaint(&at(field), Code::BadValue, message, help));
        };
        if self.tiers.is_empty() && self.tiers_mode.is_some() {
            say("tiers_mode", "there are no tiers", "add tiers, or take tiers_mode out");
        }
        if !self.tiers.is_empty() && self.interval.is_none() {
            say("tiers", "only a recurring price has tiers", "add interval = \"month\"");
        }
        if !self.tiers.is_empty() && self.tiers_mode.is_none() {
            let help = "add tiers_mode = \"graduated\" (each unit by its own tier), or \"volume\" (all by the last one)";
            say("tiers", "tiers need a mode", help);
        }
        if self.custom.is_some() && self.interval.is_some() {
            say("custom", "a customer chooses the amount of a one-time price only", "take interval out");
        }
        if self.transform.as_ref().is_some_and(|transform| transform.divide_by < 2) {
            say("transform.divide_by", "a package holds at least 2 units", "write divide_by = 100");
        }
        if self.transform.is_some() && !self.tiers.is_empty() {
            say("transform", "tiers count single units, so they have no packages", "take transform or tiers out");
        }
        complaints
    }

    fn currency_complaints(&self, path: &str) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let own = self.charge();
        let mut seen: Vec<Currency> = own.currency().into_iter().collect();
        for (n, charge) in self.currencies.iter().map(CurrencySpec::charge).enumerate() {
            let here = format!("{path}.currencies[{n}]");
            complaints.extend(charge.complaints_beside(&own, &here));
            let Some(currency) = charge.currency() else { continue };
            if seen.contains(&currency) {
                let message = format!("there are two amounts in {currency}");
                complaints.push(complaint(&here, Code::BadValue, message, "write one amount for each currency"));
            }
            seen.push(currency);
        }
        complaints
    }
}
