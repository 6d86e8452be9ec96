//! Minor units as text, as the hosted page and Stripe's refusals write them.

/// Zero-decimal currencies of Stripe (docs/currencies); UGX and ISK are sent with two decimals.
const WHOLE: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
const THOUSANDTHS: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];
/// Signs as an American reads them.
const SIGNS: &[(&str, &str)] = &[
    ("usd", "$"),
    ("eur", "€"),
    ("gbp", "£"),
    ("cad", "CA$"),
    ("aud", "A$"),
    ("nzd", "NZ$"),
    ("mxn", "MX$"),
    ("brl", "R$"),
    ("inr", "₹"),
    ("jpy", "¥"),
];

fn number(amount: i64, currency: &str) -> String {
    let digits: u32 = if WHOLE.contains(&currency) {
        return amount.to_string();
    } else if THOUSANDTHS.contains(&currency) {
        3
    } else {
        2
    };
    let unit = 10_i64.pow(digits);
    let width = digits as usize;
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", amount.abs() / unit, amount.abs() % unit)
}

/// `50.00 CAD`.
pub fn coded(amount: i64, currency: &str) -> String {
    format!("{} {}", number(amount, currency), currency.to_uppercase())
}

/// `$50.00`; a currency without a sign keeps its code in front.
pub fn signed(amount: i64, currency: &str) -> String {
    let number = number(amount, currency);
    match SIGNS.iter().find(|(code, _)| *code == currency) {
        Some((_, sign)) => format!("{sign}{number}"),
        None => format!("{} {number}", currency.to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::{coded, signed};

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(coded(5000, "cad"), "50.00 CAD");
        assert_eq!(coded(500, "jpy"), "500 JPY");
        assert_eq!(coded(1234, "kwd"), "1.234 KWD");
        assert_eq!(coded(-205, "usd"), "-2.05 USD");
    }

    #[test]
    fn signs_stand_before_the_number() {
        assert_eq!(signed(600, "usd"), "$6.00");
        assert_eq!(signed(600, "cad"), "CA$6.00");
        assert_eq!(signed(600, "sek"), "SEK 6.00");
    }
}
