//! The fields of a price in a checklist: what may stand there, what is wrong with it, and the terms it
//! comes to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Code;
use crate::kind::text::{complaint, is_open};
use crate::kind::{Complaint, env_name};
use crate::money::{Money, UnitPrice};
use crate::step::{CurrencyAmount, CustomAmount, PriceDraft, Recurring, Tier, Transform};

/// One price.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSpec {
    /// The name under which golive and the application find it; unique in the account.
    pub lookup_key: String,
    /// Money, `20.00 CAD`; free is `0.00 CAD`, and one unit may cost `0.0050 CAD`.
    pub amount: Option<String>,
    /// The same in further currencies: `["18.00 EUR", "17.00 GBP"]`.
    #[serde(default)]
    pub currencies: Vec<String>,
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

fn unit(text: &str) -> Option<UnitPrice> {
    text.parse().ok()
}

impl CustomSpec {
    pub(super) fn each(&self) -> [(&'static str, Option<&String>); 3] {
        [("min", self.min.as_ref()), ("preset", self.preset.as_ref()), ("max", self.max.as_ref())]
    }

    fn minor(text: Option<&String>) -> Option<i64> {
        text.and_then(|text| text.parse::<Money>().ok()).map(|money| money.minor)
    }
}

impl PriceSpec {
    /// Its first amount, wherever that stands.
    pub(super) fn first_amount(&self) -> Option<UnitPrice> {
        let tiers = self.tiers.iter().flat_map(|tier| tier.amount.iter().chain(&tier.flat));
        let custom = self.custom.iter().flat_map(CustomSpec::each).filter_map(|(_, text)| text);
        self.amount.iter().chain(tiers).chain(custom).find_map(|text| unit(text))
    }

    /// Puts everything that is final about it into a draft.
    pub(super) fn fill(&self, draft: &mut PriceDraft) {
        draft.currency = self.first_amount().map(|amount| amount.currency.api_code()).unwrap_or_default();
        if let Some(amount) = self.amount.as_deref().and_then(unit) {
            match amount.decimal().parse() {
                Ok(whole) => draft.unit_amount = Some(whole),
                Err(_) => draft.unit_amount_decimal = Some(amount.decimal().to_owned()),
            }
        }
        let decimal = |text: Option<&String>| {
            text.and_then(|text| unit(text)).map_or_else(|| "0".to_owned(), |amount| amount.decimal().to_owned())
        };
        let tier = |tier: &TierSpec| Tier {
            up_to: tier.up_to,
            unit: decimal(tier.amount.as_ref()),
            flat: decimal(tier.flat.as_ref()),
        };
        draft.tiers = self.tiers.iter().map(tier).collect();
        draft.tiers_mode = self.tiers_mode.filter(|_| !self.tiers.is_empty()).map(|mode| mode.name().to_owned());
        draft.custom = self.custom.as_ref().map(|custom| CustomAmount {
            minimum: CustomSpec::minor(custom.min.as_ref()),
            maximum: CustomSpec::minor(custom.max.as_ref()),
            preset: CustomSpec::minor(custom.preset.as_ref()),
        });
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

    /// Its amounts in further currencies.
    pub(super) fn options(&self) -> BTreeMap<String, CurrencyAmount> {
        let tax_behavior = self.tax_behavior.map(|behavior| behavior.name().to_owned());
        let option = |amount: UnitPrice| {
            let tax_behavior = tax_behavior.clone();
            (amount.currency.api_code(), CurrencyAmount { amount: amount.decimal().to_owned(), tax_behavior })
        };
        self.currencies.iter().filter_map(|text| unit(text)).map(option).collect()
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
        let mut complaints = Vec::new();
        let says = [
            ("amount", self.amount.is_some()),
            ("tiers", !self.tiers.is_empty()),
            ("custom", self.custom.is_some()),
        ];
        let said: Vec<&str> = says.iter().filter(|(_, there)| *there).map(|(field, _)| *field).collect();
        match said.as_slice() {
            [] => {
                let help = "add amount = \"20.00 CAD\"; free is \"0.00 CAD\"";
                complaints.push(complaint(&at("amount"), Code::MissingField, "a price needs an amount", help));
            }
            [_] => {}
            [first, second, ..] => {
                let message = format!("a price has `{first}` or `{second}`, not both");
                complaints.push(complaint(&at(second), Code::BadValue, message, "take one of them out"));
            }
        }
        let mut texts: Vec<(String, &String)> = self.amount.iter().map(|amount| (at("amount"), amount)).collect();
        texts.extend(self.currencies.iter().enumerate().map(|(n, text)| (at(&format!("currencies[{n}]")), text)));
        for (path, text) in texts {
            complaints.extend(unit_complaint(&path, text));
        }
        complaints.extend(self.currency_complaints(path));
        complaints.extend(self.tier_complaints(path));
        complaints.extend(self.custom_complaints(path));
        if let Some(transform) = &self.transform {
            if transform.divide_by < 2 {
                let message = "a package holds at least 2 units";
                complaints.push(complaint(&at("transform.divide_by"), Code::BadValue, message, "write divide_by = 100"));
            }
            if !self.tiers.is_empty() {
                let message = "tiers count single units, so they have no packages";
                complaints.push(complaint(&at("transform"), Code::BadValue, message, "take transform or tiers out"));
            }
        }
        complaints
    }

    fn currency_complaints(&self, path: &str) -> Vec<Complaint> {
        let at = |n: usize| format!("{path}.currencies[{n}]");
        let mut complaints = Vec::new();
        if self.amount.is_none() && !self.currencies.is_empty() {
            let message = "only a price with an `amount` has further currencies";
            let help = "take currencies out, or write an amount";
            complaints.push(complaint(&format!("{path}.currencies"), Code::BadValue, message, help));
        }
        let mut seen: Vec<_> = self.amount.as_deref().and_then(unit).map(|amount| amount.currency).into_iter().collect();
        for (n, amount) in self.currencies.iter().enumerate().filter_map(|(n, text)| Some((n, unit(text)?))) {
            if seen.contains(&amount.currency) {
                let message = format!("there are two amounts in {}", amount.currency);
                complaints.push(complaint(&at(n), Code::BadValue, message, "write one amount for each currency"));
            }
            seen.push(amount.currency);
        }
        complaints
    }
}

pub(super) fn unit_complaint(path: &str, text: &str) -> Option<Complaint> {
    let error = text.parse::<UnitPrice>().err().filter(|_| !is_open(text))?;
    Some(Complaint { path: path.into(), code: Code::BadAmount, message: error.message, help: error.help })
}
