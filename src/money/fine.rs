//! The price of one unit, which may be finer than the currency: `0.0050 USD` for a request.
//!
//! Kept as decimal text in Stripe's smallest unit, as `unit_amount_decimal` has it; never a float.

use std::fmt;
use std::str::FromStr;

use super::{Currency, MAX_MINOR, Money, NotMoney, plain_number, split};

/// The most decimals Stripe takes, counted in the smallest unit (API reference, prices).
const MOST_PLACES: usize = 12;
/// From so many decimals on nobody has mistyped an amount of money.
const DELIBERATE: usize = 4;

/// What one unit costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPrice {
    /// In the smallest unit, without needless zeros: `0.5`, `2000`.
    decimal: String,
    /// Of what.
    pub currency: Currency,
}

impl UnitPrice {
    /// As Stripe gives it: a decimal in the smallest unit, and a code in lower case.
    pub fn from_stripe(decimal: &str, currency: &str) -> Self {
        Self { decimal: plain(decimal), currency: Currency::tolerant(currency) }
    }

    /// As Stripe takes it.
    pub fn decimal(&self) -> &str {
        &self.decimal
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.exponent();
        let (whole, fraction) = self.decimal.split_once('.').unwrap_or((&self.decimal, ""));
        let whole = format!("{whole:0>width$}", width = places + 1);
        let (major, minor) = whole.split_at(whole.len() - places);
        let point = if places + fraction.len() == 0 { "" } else { "." };
        write!(f, "{major}{point}{minor}{fraction} {}", self.currency)
    }
}

impl FromStr for UnitPrice {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = match text.parse::<Money>() {
            Ok(money) => return Ok(Self { decimal: money.minor.to_string(), currency: money.currency }),
            Err(wrong) => wrong,
        };
        fine(text.trim()).ok_or(wrong)
    }
}

/// An amount finer than its currency. `20.005 CAD` is a mistake somewhere; `20.0050 CAD`, and anything
/// below one, is meant.
fn fine(text: &str) -> Option<UnitPrice> {
    let (number, code) = split(text).ok()?;
    let currency = Currency::find(code)?;
    let (whole, fraction) = plain_number(number, currency).ok()?;
    let places = currency.exponent();
    let below_one = whole.bytes().all(|digit| digit == b'0');
    let meant = fraction.len() > places && (below_one || fraction.len() >= DELIBERATE);
    if !meant || fraction.len() > places + MOST_PLACES {
        return None;
    }
    let (minor, rest) = fraction.split_at(places);
    let digits = format!("{whole}{minor}");
    let small = digits.parse::<i64>().is_ok_and(|minor| minor <= MAX_MINOR);
    small.then(|| UnitPrice { decimal: plain(&format!("{digits}.{rest}")), currency })
}

/// `020.50` as `20.5`, `20.0` as `20`.
fn plain(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::UnitPrice;

    fn read(text: &str) -> String {
        match text.parse::<UnitPrice>() {
            Ok(price) => format!("{} = {price}", price.decimal()),
            Err(wrong) => wrong.message,
        }
    }

    #[test]
    fn an_amount_may_be_finer_than_its_currency() {
        assert_eq!(read("20.00 CAD"), "2000 = 20.00 CAD");
        assert_eq!(read("0.00 USD"), "0 = 0.00 USD");
        assert_eq!(read("0.0050 USD"), "0.5 = 0.005 USD");
        assert_eq!(read("1.2345 USD"), "123.45 = 1.2345 USD");
        assert_eq!(read("0.5 JPY"), "0.5 = 0.5 JPY");
        assert_eq!(read("500 JPY"), "500 = 500 JPY");
    }

    #[test]
    fn what_looks_like_a_slip_is_still_refused() {
        assert_eq!(read("20.005 CAD"), "`20.005 CAD` has more decimals than CAD, and golive never rounds");
        assert_eq!(read("500.50 JPY"), "`500.50 JPY` has decimals, and JPY has none");
        assert!(read("0.000000000000001 USD").contains("more decimals"));
        assert_eq!(read("20"), "`20` has no currency");
    }

    #[test]
    fn stripes_decimals_are_read_whatever_zeros_they_have() {
        assert_eq!(UnitPrice::from_stripe("0.50", "usd"), "0.005 USD".parse().unwrap());
        assert_eq!(UnitPrice::from_stripe("2000.0", "cad").to_string(), "20.00 CAD");
        assert_eq!(UnitPrice::from_stripe("00", "cad").decimal(), "0");
    }
}
