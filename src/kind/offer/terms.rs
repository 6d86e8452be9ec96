//! The texts of a catalog: percentages, moments and amounts as a checklist has them, beside those of
//! Stripe's. Each says what is wrong with it, what differs, and how it is shown.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::text::{complaint, is_open};
use crate::money::Money;
use crate::step::{Currencies, Field, plain};

/// A percentage: a number, or its text.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "for the schema: what may be written")]
enum Written {
    /// `20`, `8.875`
    Number(f64),
    /// `"20"`
    Text(String),
}

/// A percentage as the checklist has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::kind) struct Percent(String);

impl JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a percentage: 20 or \"8.875\"")]
        enum Either {
            Whole(i64),
            Fraction(f64),
            Text(String),
        }
        Ok(Self(match Either::deserialize(from)? {
            Either::Whole(number) => number.to_string(),
            Either::Fraction(number) => plain(&number.to_string()),
            Either::Text(text) if is_open(&text) => text,
            Either::Text(text) => plain(text.trim().trim_end_matches('%').trim_end()),
        }))
    }
}

impl Percent {
    /// The number as text, without needless zeros.
    pub(in crate::kind) fn text(&self) -> &str {
        &self.0
    }

    /// What is wrong with it.
    pub(in crate::kind) fn complaint(&self, path: &str, least: f64) -> Option<Complaint> {
        if is_open(&self.0) {
            return None;
        }
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = self.0.parse::<f64>().ok().filter(|number| digits && (least..=100.0).contains(number));
        let places = self.0.split_once('.').map_or(0, |(_, places)| places.len());
        if number.is_some() && places <= 4 {
            return None;
        }
        let message = format!("`{}` is not a percentage that Stripe takes", self.0);
        Some(complaint(path, Code::BadValue, message, "write a number up to 100 with at most 4 decimals: 20 or 8.875"))
    }
}

/// Stripe's number as text, without needless zeros.
pub(in crate::kind) fn percent_of(found: &Number) -> String {
    plain(&found.to_string())
}

/// A moment as the checklist has it: a day, which counts to its end, or an instant. Both in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kind) enum Moment {
    Day(jiff::civil::Date),
    Instant(jiff::Timestamp),
}

impl Moment {
    pub(in crate::kind) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = || text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10).map(Self::Day);
        day().or_else(|| text.parse().ok().map(Self::Instant))
    }

    /// Unix seconds; of a day, its last second.
    pub(in crate::kind) fn seconds(self) -> i64 {
        match self {
            Self::Instant(at) => at.as_second(),
            Self::Day(day) => {
                let end = day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC);
                end.map_or(0, |end| end.timestamp().as_second())
            }
        }
    }

    /// Whether Stripe's moment is this one: the same second, or any on that day.
    pub(in crate::kind) fn is(self, found: i64) -> bool {
        match self {
            Self::Instant(at) => at.as_second() == found,
            Self::Day(_) => (0..86_400).contains(&(self.seconds() - found)),
        }
    }
}

/// `2027-01-31 23:59:59 UTC`
pub(in crate::kind) fn moment(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A moment that may be missing, against Stripe's.
pub(in crate::kind) fn moment_differs(name: &str, wanted: Option<&str>, found: Option<i64>) -> Option<Field> {
    let wanted = wanted.and_then(Moment::read);
    let same = match (wanted, found) {
        (None, None) => true,
        (Some(wanted), Some(found)) => wanted.is(found),
        _ => false,
    };
    let shown = |at: Option<i64>| at.map_or_else(|| "never".to_owned(), moment);
    (!same).then(|| Field::change(name, shown(found), shown(wanted.map(Moment::seconds))))
}

/// What is wrong with the text of a moment.
pub(in crate::kind) fn moment_complaint(path: &str, text: Option<&String>) -> Option<Complaint> {
    let text = text.filter(|text| !is_open(text) && Moment::read(text).is_none())?;
    let help = "write a day, 2027-01-31, or a moment in UTC, 2027-01-31T18:00:00Z";
    Some(complaint(path, Code::BadValue, format!("`{text}` is not a date"), help))
}

/// An amount, when the text is one.
pub(in crate::kind) fn money(text: &str) -> Option<Money> {
    text.parse().ok()
}

/// What is wrong with the text of an amount.
pub(in crate::kind) fn money_complaint(path: &str, text: &str) -> Option<Complaint> {
    let error = text.parse::<Money>().err().filter(|_| !is_open(text))?;
    Some(Complaint { path: path.into(), code: Code::BadAmount, message: error.message, help: error.help })
}

/// Complaints about further currencies: each an amount, none twice, none the main one.
pub(in crate::kind) fn currencies_complaints(path: &str, main: Option<&str>, texts: &[String]) -> Vec<Complaint> {
    let mut seen: Vec<String> = main.and_then(money).map(|money| money.currency.api_code()).into_iter().collect();
    let mut complaints = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let path = format!("{path}[{n}]");
        complaints.extend(money_complaint(&path, text));
        let Some(currency) = money(text).map(|money| money.currency) else { continue };
        if seen.contains(&currency.api_code()) {
            let message = format!("there are two amounts in {currency}");
            complaints.push(complaint(&path, Code::BadValue, message, "write one amount for each currency"));
        }
        seen.push(currency.api_code());
    }
    complaints
}

/// Amounts by currency, as they are sent.
pub(in crate::kind) fn currencies(texts: &[String]) -> Currencies {
    texts.iter().filter_map(|text| money(text)).map(|money| (money.currency.api_code(), money.minor)).collect()
}

/// Amounts of Stripe's `currency_options`, from the named field of each.
pub(in crate::kind) fn options_of(options: Option<&BTreeMap<String, Value>>, field: &str) -> Currencies {
    let each = options.into_iter().flatten();
    each.filter_map(|(currency, option)| Some((currency.clone(), option[field].as_i64()?))).collect()
}

/// `18.00 EUR`
pub(in crate::kind) fn shown(minor: i64, currency: &str) -> String {
    Money::from_stripe(minor, currency).to_string()
}

/// Currencies whose amount is another one in Stripe.
pub(in crate::kind) fn currencies_differ(wanted: &Currencies, found: &Currencies) -> Vec<Field> {
    let differs = |(currency, minor): (&String, &i64)| {
        let now = found.get(currency).filter(|now| *now != minor)?;
        Some(Field::change(currency, shown(*now, currency), shown(*minor, currency)))
    };
    wanted.iter().filter_map(differs).collect()
}

/// Currencies that Stripe's object lacks.
pub(in crate::kind) fn currencies_missing(
    wanted: &Currencies,
    found: &Currencies,
    fields: &mut Vec<Field>,
) -> Currencies {
    let missing: Currencies =
        wanted.iter().filter(|(currency, _)| !found.contains_key(*currency)).map(|(c, m)| (c.clone(), *m)).collect();
    fields.extend(missing.iter().map(|(currency, minor)| Field::new(currency, shown(*minor, currency))));
    missing
}
