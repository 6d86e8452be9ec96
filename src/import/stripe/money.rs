//! Amounts of Stripe as a checklist writes them: text that is read back as exactly the same amount, or
//! a word on why there is none.

use crate::money::{Currency, Money, UnitPrice};

/// The code of a currency, `USD`.
pub(super) fn currency(currency: &str) -> Result<String, String> {
    let code = currency.to_uppercase();
    Currency::find(currency).map(|known| known.to_string()).ok_or(format!("golive does not know the currency `{code}`"))
}

/// What a unit costs, `20.00 CAD`, `0.0050 USD`; `decimal` counts in the smallest unit.
pub(super) fn unit(decimal: &str, currency: &str) -> Result<String, String> {
    self::currency(currency)?;
    let wanted = UnitPrice::from_stripe(decimal, currency);
    let mut text = wanted.to_string();
    // Fewer than four decimals above one are taken for a slip of the hand; zeros say that they are meant.
    for _ in 0..4 {
        match text.parse::<UnitPrice>() {
            Ok(read) if read == wanted => return Ok(text),
            _ => text = with_a_zero(&text),
        }
    }
    Err(format!("`{wanted}` is no amount that Stripe takes"))
}

/// An amount of the smallest unit.
pub(super) fn whole(minor: i64, currency: &str) -> Result<String, String> {
    self::currency(currency)?;
    let wanted = Money::from_stripe(minor, currency);
    let text = wanted.to_string();
    match text.parse::<Money>() {
        Ok(read) if read == wanted => Ok(text),
        _ => Err(format!("`{wanted}` is no amount that Stripe takes")),
    }
}

fn with_a_zero(text: &str) -> String {
    match text.split_once(' ') {
        Some((number, code)) => format!("{number}0 {code}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{unit, whole};

    #[test]
    fn every_amount_is_read_back_as_it_was() {
        for (decimal, currency, text) in [
            ("2000", "cad", "20.00 CAD"),
            ("0", "usd", "0.00 USD"),
            ("0.5", "usd", "0.005 USD"),
            ("2000.5", "cad", "20.0050 CAD"),
            ("2000.123456789012", "usd", "20.00123456789012 USD"),
            ("500", "jpy", "500 JPY"),
            ("20000", "kwd", "20.000 KWD"),
        ] {
            assert_eq!(unit(decimal, currency).as_deref(), Ok(text));
        }
        assert_eq!(whole(1999, "eur").as_deref(), Ok("19.99 EUR"));
    }

    #[test]
    fn what_no_checklist_can_say_is_told() {
        assert!(unit("100", "xyz").unwrap_err().contains("`XYZ`"));
        assert!(whole(150, "isk").unwrap_err().contains("1.50 ISK"));
    }
}
