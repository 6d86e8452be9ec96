//! Amounts of money: currencies, and how many digits Stripe gives them.
//!
//! An amount is an integer of Stripe's smallest unit together with its currency; it is never
//! rounded and never a float. Texts come from checklists (`20.00 CAD`), integers from Stripe.

mod fine;

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub use fine::UnitPrice;

/// The most digits Stripe takes in an amount (cards; docs.stripe.com/currencies).
const MAX_MINOR: i64 = 999_999_999_999;

/// Whole units only (docs.stripe.com/currencies). UGX stands on that list too, but is sent with two
/// decimals, which must be zero.
const ZERO_DECIMAL: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Whole units only, sent as if they had two decimals, which must be zero.
const ZERO_SENT_AS_TWO: [&str; 2] = ["ISK", "UGX"];

/// Sent in thousandths, whose last digit must be zero.
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Currencies of Stripe's that async-stripe's list lacks, because they are younger than it or
/// were on the archived page only.
const NOT_IN_LIST: [&str; 7] = ["BHD", "JOD", "KWD", "OMR", "SLE", "TND", "XCG"];

/// A currency code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 4]);

impl Currency {
    /// A currency by its ISO 4217 code in any case, if Stripe knows it.
    pub fn find(code: &str) -> Option<Self> {
        let shape = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        (shape && is_known(code)).then(|| Self::tolerant(code))
    }

    /// A code as Stripe sent it, known or not; reading never fails over a new currency.
    fn tolerant(code: &str) -> Self {
        let mut bytes = [b' '; 4];
        for (slot, byte) in bytes.iter_mut().zip(code.bytes().filter(u8::is_ascii_graphic)) {
            *slot = byte.to_ascii_uppercase();
        }
        Self(bytes)
    }

    /// The code in upper case, as people write it.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }

    /// The code in lower case, as Stripe's API writes it.
    pub fn api_code(&self) -> String {
        self.code().to_ascii_lowercase()
    }

    /// How many decimals Stripe's smallest unit has. Not ISO 4217's table: Stripe has its own.
    pub fn exponent(&self) -> usize {
        match self.code() {
            code if ZERO_DECIMAL.contains(&code) => 0,
            code if THREE_DECIMAL.contains(&code) => 3,
            _ => 2,
        }
    }

    /// What the smallest unit must be divisible by.
    fn step(self) -> i64 {
        match self.code() {
            code if ZERO_SENT_AS_TWO.contains(&code) => 100,
            code if THREE_DECIMAL.contains(&code) => 10,
            _ => 1,
        }
    }
}

fn is_known(code: &str) -> bool {
    NOT_IN_LIST.contains(&code.to_ascii_uppercase().as_str())
        || code
            .to_ascii_lowercase()
            .parse::<stripe_types::Currency>()
            .is_ok_and(|currency| !matches!(currency, stripe_types::Currency::Unknown(_)))
}

/// Every code Stripe knows. The list has no iterator, so all codes of three letters are asked for;
/// it is needed only to suggest one.
fn known_codes() -> impl Iterator<Item = String> {
    let letters = || 'A'..='Z';
    letters()
        .flat_map(move |a| letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c]))))
        .filter(|code| is_known(code))
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// In the smallest unit Stripe takes: cents, thousandths, whole yen.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount as Stripe gives it: the smallest unit and a code in lower case.
    pub fn from_stripe(minor: i64, currency: &str) -> Self {
        Self { minor, currency: Currency::tolerant(currency) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.exponent();
        let digits = format!("{:0width$}", self.minor.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if places == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction} {}", self.currency)
    }
}

/// As every document of golive writes money: `{"minor": 2900, "currency": "eur", "text": "29.00 EUR"}`.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Money", 3)?;
        out.serialize_field("minor", &self.minor)?;
        out.serialize_field("currency", &self.currency.api_code())?;
        out.serialize_field("text", &self.to_string())?;
        out.end()
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotMoney {
    /// A lowercase fragment, fit to stand after "error:".
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl NotMoney {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()) }
    }
}

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for NotMoney {}

/// The example in advice that has nothing better to go by.
const EXAMPLE: &str = "write digits, a point and the currency code: 20.00 CAD";

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = text.trim();
        let (number, code) = split(shown)?;
        let currency = Currency::find(code).ok_or_else(|| unknown_currency(number, code))?;
        let (whole, fraction) = plain_number(number, currency)?;
        let minor = to_minor(shown, whole, fraction, currency)?;
        if minor % currency.step() != 0 {
            return Err(too_fine(shown, whole, fraction, currency));
        }
        Ok(Self { minor, currency })
    }
}

/// The number and the code, or what is wrong with the text as a whole.
fn split(shown: &str) -> Result<(&str, &str), NotMoney> {
    if shown.is_empty() {
        return Err(NotMoney::new("an amount is missing", EXAMPLE));
    }
    if let Some((number, code)) = shown.split_once(char::is_whitespace)
        && !number.starts_with(is_symbol)
    {
        return Ok((number, code.trim_start()));
    }
    let digits: String = shown.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let digits = if digits.is_empty() { "20.00".into() } else { digits };
    if shown.contains(is_symbol) {
        let message = format!("`{shown}` has a currency sign, which several currencies share");
        return Err(NotMoney::new(message, format!("write the code after the number: {digits} USD")));
    }
    let letters = shown.find(|c: char| c.is_ascii_alphabetic()).filter(|&at| at > 0);
    if let Some((number, code)) = letters.map(|at| shown.split_at(at)) {
        let message = format!("`{shown}` has no space between number and currency");
        return Err(NotMoney::new(message, format!("write `{number} {}`", code.to_ascii_uppercase())));
    }
    if shown.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(NotMoney::new(format!("`{shown}` is not an amount"), EXAMPLE));
    }
    Err(NotMoney::new(format!("`{shown}` has no currency"), format!("add the currency code: {digits} CAD")))
}

fn is_symbol(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₩' | '₹' | '₫' | '₽' | '₺' | '₪' | '฿')
}

fn unknown_currency(number: &str, code: &str) -> NotMoney {
    if code.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let message = format!("`{number} {code}` has the currency before the number");
        return NotMoney::new(message, format!("write `{code} {}`", number.to_ascii_uppercase()));
    }
    let wanted = code.to_ascii_uppercase();
    let near: Vec<String> =
        known_codes().filter(|known| strsim::damerau_levenshtein(known, &wanted) == 1).take(40).collect();
    // One letter changed has many neighbours; those that keep the country's two letters, or all
    // three letters in another order, are what was meant.
    let likely = |known: &&String| known.get(..2) == wanted.get(..2) || sorted(known) == sorted(&wanted);
    let named: Vec<String> = near.iter().filter(likely).take(3).map(|known| format!("{number} {known}")).collect();
    let help = if named.is_empty() {
        "write a code of ISO 4217 that Stripe supports: CAD, EUR, USD".to_owned()
    } else {
        format!("write {}", named.join(" or "))
    };
    NotMoney::new(format!("`{code}` is not a currency that Stripe knows"), help)
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

/// The digits before and after the point.
fn plain_number(number: &str, currency: Currency) -> Result<(&str, &str), NotMoney> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && (digits(fraction) || !number.contains('.')) {
        return Ok((whole, fraction));
    }
    if let Some(positive) = number.strip_prefix('-') {
        let message = format!("`{number} {currency}` is below zero");
        return Err(NotMoney::new(message, format!("write the amount a customer pays: {positive} {currency}")));
    }
    let bare: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let message = format!("`{number}` is not a plain number");
    if number.contains([',', '_', '\'', '\u{a0}']) && bare.matches('.').count() <= 1 && bare.contains('.') {
        return Err(NotMoney::new(message, format!("leave out the separators: {bare} {currency}")));
    }
    Err(NotMoney::new(message, format!("write digits and a point: {} {currency}", example_number(currency))))
}

fn example_number(currency: Currency) -> &'static str {
    match currency.exponent() {
        0 => "500",
        3 => "20.000",
        _ => "20.00",
    }
}

fn to_minor(shown: &str, whole: &str, fraction: &str, currency: Currency) -> Result<i64, NotMoney> {
    let places = currency.exponent();
    if !fraction.is_empty() && fraction.len() != places {
        return Err(wrong_places(shown, whole, fraction, currency));
    }
    let digits = format!("{whole}{fraction:0<places$}");
    match digits.parse::<i64>() {
        Ok(minor) if minor <= MAX_MINOR => Ok(minor),
        _ => Err(NotMoney::new(
            format!("`{shown}` is more than Stripe takes in one payment"),
            format!("write at most {}", Money { minor: MAX_MINOR - MAX_MINOR % currency.step(), currency }),
        )),
    }
}

fn wrong_places(shown: &str, whole: &str, fraction: &str, currency: Currency) -> NotMoney {
    let places = currency.exponent();
    if places == 0 {
        let message = format!("`{shown}` has decimals, and {currency} has none");
        return NotMoney::new(message, format!("write whole units: {whole} {currency}"));
    }
    if fraction.len() < places {
        let message = format!("`{shown}` has too few decimals");
        return NotMoney::new(message, format!("write all {places} of them: {whole}.{fraction:0<places$} {currency}"));
    }
    let cut = &fraction[..places];
    let message = format!("`{shown}` has more decimals than {currency}, and golive never rounds");
    NotMoney::new(message, format!("write {places} decimals: {whole}.{cut} {currency}"))
}

fn too_fine(shown: &str, whole: &str, fraction: &str, currency: Currency) -> NotMoney {
    if currency.exponent() == 3 {
        let message = format!("`{shown}` ends in a digit that Stripe does not take for {currency}");
        let kept = fraction.get(..2).unwrap_or_default();
        return NotMoney::new(message, format!("write 0 as the last decimal: {whole}.{kept}0 {currency}"));
    }
    let message = format!("`{shown}` has decimals, and Stripe takes {currency} in whole units only");
    NotMoney::new(message, format!("write whole units: {whole}.00 {currency}"))
}

#[cfg(test)]
mod tests;
