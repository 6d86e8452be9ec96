//! Amounts of money in running text: what is unambiguous becomes `20.00 CAD`; what is not becomes a
//! reason. Nothing is guessed: a `$` is one of twenty currencies until the document says which.

use std::sync::LazyLock;

use regex::Regex;

use crate::money::{Currency, Money, UnitPrice};

/// An amount as it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it is written.
    pub written: String,
    /// Where it begins and ends in the text.
    pub at: std::ops::Range<usize>,
    /// `20.00 CAD`, or why that cannot be said.
    pub amount: Result<String, Unclear>,
}

/// Why an amount is not certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// Only the symbol of several currencies; the number in digits and a point.
    Currency { number: String, symbol: &'static str },
    /// A number where a price stands, and no currency.
    NoCurrency,
    /// The separator may stand for thousands or for decimals.
    Separator,
    /// A range, or only about so much.
    Vague,
    /// Not an amount that Stripe takes: why.
    NotMoney(String),
}

impl Unclear {
    /// As a question to the person.
    pub fn asked(&self) -> String {
        match self {
            Self::Currency { symbol, .. } => {
                format!("`{symbol}` is the symbol of several currencies; which one is it?")
            }
            Self::NoCurrency => "no currency stands with it; which amount is it?".to_owned(),
            Self::Separator => "is that a thousands separator or a decimal point?".to_owned(),
            Self::Vague => "which amount is it exactly?".to_owned(),
            Self::NotMoney(why) => why.clone(),
        }
    }
}

/// What is known about the amounts of a document as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Custom {
    /// What `$` means in it.
    pub dollar: Option<Currency>,
    /// The currency that it names for all its amounts.
    pub stated: Option<Currency>,
    /// Its decimal separator, where amounts show it.
    pub decimal: Option<char>,
}

/// Symbols and what they stand for; `None`: several currencies.
const SYMBOLS: &[(&str, &str, Option<&str>)] = &[
    ("R$", "R$", Some("BRL")),
    ("US$", "US$", Some("USD")),
    ("CA$", "CA$", Some("CAD")),
    ("C$", "C$", Some("CAD")),
    ("AU$", "AU$", Some("AUD")),
    ("A$", "A$", Some("AUD")),
    ("NZ$", "NZ$", Some("NZD")),
    ("HK$", "HK$", Some("HKD")),
    ("MX$", "MX$", Some("MXN")),
    ("$", "$", None),
    ("€", "€", Some("EUR")),
    ("£", "£", Some("GBP")),
    ("₹", "₹", Some("INR")),
    ("zł", "zł", Some("PLN")),
    ("Kč", "Kč", Some("CZK")),
    ("¥", "¥", None),
    ("kr", "kr", None),
    ("Euro", "€", Some("EUR")),
    ("euros", "€", Some("EUR")),
    ("reais", "R$", Some("BRL")),
    ("dollars", "$", None),
    ("dollar", "$", None),
];

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    let marks =
        r"R\$|US\$|CA\$|C\$|AU\$|A\$|NZ\$|HK\$|MX\$|\$|€|£|₹|¥|zł|Kč|kr\b|Euro\b|euros\b|reais\b|dollars?\b|[A-Z]{3}\b";
    Regex::new(&format!(
        r"(?:\b(?P<code>[A-Z]{{3}})[ \u{{a0}}]?)?(?:(?P<pre>R\$|US\$|CA\$|C\$|AU\$|A\$|NZ\$|HK\$|MX\$|\$|€|£|₹|¥)[ \u{{a0}}]?)?(?P<num>\d+(?:[.,'’\u{{a0}}]\d+)*)(?:[ \u{{a0}}]?(?P<post>{marks}))?(?:[ \u{{a0}}](?P<post2>[A-Z]{{3}})\b)?"
    ))
    .unwrap()
});

/// Every amount of a text, in order.
pub fn find(text: &str, custom: Custom) -> Vec<Found> {
    let mut out = Vec::new();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return out;
    }
    for caught in AMOUNT.captures_iter(text) {
        let group = |name: &str| caught.name(name).map(|found| found.as_str());
        // Before a number these are words as well: "ALL 6 prices", "TOP 10", "TRY 3 times".
        let before = group("code").filter(|code| !["ALL", "TOP", "TRY", "CUP", "MOP"].contains(code));
        let codes = [before, group("post"), group("post2")];
        let code = codes.into_iter().flatten().find_map(Currency::find);
        let symbol = [group("pre"), group("post")].into_iter().flatten().find_map(symbol);
        let Some(number) = caught.name("num") else { continue };
        let whole = caught.get(0).map(|all| all.range()).unwrap_or_default();
        if code.is_none() && symbol.is_none() {
            continue;
        }
        // `$1_000`, `$20k`, `v$2` and shell's `$1` are no amounts.
        let next = text[number.end()..].chars().next();
        let before = text[..whole.start].chars().next_back();
        if next.is_some_and(|c| c == '_' || c == '%')
            || before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '{')
        {
            continue;
        }
        let vague = is_vague(&text[..whole.start], &text[whole.end..]) || next.is_some_and(|c| matches!(c, 'k' | 'K'));
        let amount = if vague { Err(Unclear::Vague) } else { judge(number.as_str(), code, symbol, custom) };
        let start = whole.start + (text[whole.clone()].len() - text[whole.clone()].trim_start().len());
        let end = whole.end;
        out.push(Found { written: text[start..end].trim().to_owned(), at: start..end, amount });
    }
    out
}

/// A number where a price is expected, in a column of prices say: `1,000`, `20 per month`. It is money only
/// in a document that names the currency of all its amounts.
pub fn bare(text: &str, custom: Custom) -> Option<Result<String, Unclear>> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '*' | '|'));
    let end = text.find(|c: char| !c.is_ascii_digit() && !".,'’\u{a0}".contains(c)).unwrap_or(text.len());
    let (number, behind) = text.split_at(end);
    let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
    let behind = behind.trim_start_matches(['`', '*']);
    let starts = number.starts_with(|c: char| c.is_ascii_digit());
    let alone = behind.is_empty() || behind.starts_with([' ', '/']);
    if !starts || !alone || behind.contains(|c: char| c.is_ascii_digit() || c == '%') {
        return None;
    }
    Some(match custom.stated {
        Some(currency) => judge(number, Some(currency), None, custom),
        None => Err(Unclear::NoCurrency),
    })
}

fn symbol(text: &str) -> Option<(&'static str, Option<&'static str>)> {
    SYMBOLS.iter().find(|(known, ..)| *known == text).map(|(_, shown, code)| (*shown, *code))
}

/// Whether what stands around an amount makes it a range, a minimum or a guess.
fn is_vague(before: &str, after: &str) -> bool {
    let last = before.trim_end().rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
    let words = [
        "from", "about", "approx.", "around", "roughly", "up", "ab", "etwa", "ca.", "circa", "bis", "desde", "cerca",
        "aprox.", "até", "hasta", "~", "≈", "<", ">", "min.", "max.",
    ];
    let range = after.trim_start().starts_with(['-', '–', '—'])
        && after
            .trim_start()
            .trim_start_matches(['-', '–', '—', ' '])
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '$' | '€' | '£'));
    // The end of a range: "20-30 EUR".
    let lower = before.trim_end_matches([' ', '-', '–', '—', '$', '€', '£']);
    let ends_range = lower.len() < before.len()
        && before[lower.len()..].contains(['-', '–', '—'])
        && lower.ends_with(|c: char| c.is_ascii_digit());
    ends_range
        || words.contains(&last.as_str())
        || before.ends_with(['~', '≈', '<', '>'])
        || range
        || after.starts_with('+')
}

fn judge(
    number: &str,
    code: Option<Currency>,
    symbol: Option<(&'static str, Option<&str>)>,
    custom: Custom,
) -> Result<String, Unclear> {
    let named = symbol.and_then(|(_, code)| code).and_then(Currency::find);
    if let (Some(code), Some(named)) = (code, named)
        && code != named
    {
        return Err(Unclear::NotMoney(format!("{code} and {named} are two currencies")));
    }
    let dollar = symbol.filter(|(shown, _)| *shown == "$").and(custom.dollar);
    let currency = code.or(named).or(dollar);
    let plain = plain(number, currency, custom)?;
    let Some(currency) = currency else {
        let symbol = symbol.map_or("$", |(shown, _)| shown);
        return Err(Unclear::Currency { number: plain, symbol });
    };
    exact(&plain, currency)
}

/// A number in digits and a point, with a currency: as a checklist writes it.
pub fn exact(plain: &str, currency: Currency) -> Result<String, Unclear> {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let places = currency.exponent();
    // `.00` says nothing that a currency without decimals could not.
    let fraction = if fraction.bytes().all(|digit| digit == b'0') && fraction.len() <= 2 { "" } else { fraction };
    let text = if places == 0 && fraction.is_empty() {
        format!("{whole} {currency}")
    } else {
        format!("{whole}.{fraction:0<places$} {currency}")
    };
    match text.parse::<Money>() {
        Ok(money) => Ok(money.to_string()),
        Err(error) => match text.parse::<UnitPrice>() {
            Ok(_) => Ok(text),
            Err(_) => Err(Unclear::NotMoney(error.message)),
        },
    }
}

/// A written number in digits and a point.
fn plain(number: &str, currency: Option<Currency>, custom: Custom) -> Result<String, Unclear> {
    let marks: Vec<char> = number.chars().filter(|c| !c.is_ascii_digit()).collect();
    let bare = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let Some(last) = marks.last().copied() else { return Ok(trimmed(number)) };
    let (whole, tail) = number.rsplit_once(last).unwrap_or((number, ""));
    let thousands = |text: &str| {
        let mut groups = text.split(|c: char| !c.is_ascii_digit());
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
    };
    let repeated = marks.iter().filter(|mark| **mark == last).count() > 1;
    if repeated || !matches!(last, '.' | ',') {
        return if thousands(number) { Ok(trimmed(&bare(number))) } else { Err(Unclear::Separator) };
    }
    if marks.len() > 1 || marks.first() != Some(&last) {
        let good = thousands(whole) && tail.len() != 3;
        return if good { Ok(format!("{}.{tail}", trimmed(&bare(whole)))) } else { Err(Unclear::Separator) };
    }
    // One separator: three digits behind it are thousands in one country and decimals in another.
    if tail.len() == 3 && currency.is_none_or(|currency| currency.exponent() != 3) {
        return match custom.decimal {
            _ if whole.bytes().all(|digit| digit == b'0') => Ok(format!("0.{tail}")),
            Some(decimal) if decimal != last && thousands(number) => Ok(trimmed(&bare(number))),
            _ => Err(Unclear::Separator),
        };
    }
    if tail.len() == 3 {
        return match custom.decimal {
            Some(decimal) if decimal == last => Ok(format!("{}.{tail}", trimmed(whole))),
            _ => Err(Unclear::Separator),
        };
    }
    Ok(format!("{}.{tail}", trimmed(whole)))
}

fn trimmed(digits: &str) -> String {
    let cut = digits.trim_start_matches('0');
    if cut.is_empty() { "0".to_owned() } else { cut.to_owned() }
}

/// The decimal separator that the amounts of a text show: one with two digits behind it.
pub fn decimal(text: &str) -> Option<char> {
    let mut points = 0_usize;
    let mut commas = 0_usize;
    for caught in AMOUNT.captures_iter(text) {
        let Some(number) = caught.name("num").map(|found| found.as_str()) else { continue };
        if ["code", "pre", "post"].iter().all(|name| caught.name(name).is_none()) {
            continue;
        }
        let bytes = number.as_bytes();
        match bytes.len().checked_sub(3).and_then(|at| bytes.get(at)) {
            Some(b'.') => points += 1,
            Some(b',') => commas += 1,
            _ => {}
        }
    }
    match (points, commas) {
        (1.., 0) => Some('.'),
        (0, 1..) => Some(','),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Custom, Unclear, bare, find};
    use crate::money::Currency;

    fn one(text: &str, custom: Custom) -> Result<String, Unclear> {
        let found = find(text, custom);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found[0].amount.clone()
    }

    #[test]
    fn what_is_unambiguous_is_kept_to_the_cent() {
        for (text, amount) in [
            ("$20 CAD", "20.00 CAD"),
            ("20 CAD", "20.00 CAD"),
            ("R$ 49,90", "49.90 BRL"),
            ("R$ 49.90 - Premium", "49.90 BRL"),
            ("€1.000,00", "1000.00 EUR"),
            ("1,299.50 USD", "1299.50 USD"),
            ("29 € / Monat", "29.00 EUR"),
            ("£0.50 or similar", "0.50 GBP"),
            ("USD 1,234,567", "1234567.00 USD"),
            ("US$ 9.5", "9.50 USD"),
            ("CHF 1'250.00", "1250.00 CHF"),
            ("500 JPY", "500 JPY"),
            ("US$0.0050 per call", "0.0050 USD"),
            ("0 EUR", "0.00 EUR"),
        ] {
            assert_eq!(one(text, Custom::default()), Ok(amount.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_a_question() {
        let currency = |number: &str, symbol| Err(Unclear::Currency { number: number.to_owned(), symbol });
        let none = Custom::default();
        assert_eq!(one("$20", none), currency("20", "$"));
        assert_eq!(one("$199.99/year", none), currency("199.99", "$"));
        assert_eq!(one("¥500", none), currency("500", "¥"));
        assert_eq!(one("1.000 €", none), Err(Unclear::Separator));
        assert_eq!(one("€1,000", none), Err(Unclear::Separator));
        for text in ["from 20 EUR", "20-30 EUR", "~20 EUR", "ab 20 €", "20 EUR+"] {
            assert_eq!(one(text, none), Err(Unclear::Vague), "{text}");
        }
        assert!(matches!(one("€20 USD", none), Err(Unclear::NotMoney(_))));
        assert!(matches!(one("20.005 JPY", none), Err(Unclear::Separator)));
        assert!(matches!(one("500.50 JPY", none), Err(Unclear::NotMoney(_))));
    }

    #[test]
    fn what_the_document_says_settles_it() {
        let custom = Custom { dollar: Currency::find("CAD"), decimal: Some(','), stated: None };
        assert_eq!(one("$20", custom), Ok("20.00 CAD".to_owned()));
        assert_eq!(one("1.000 €", custom), Ok("1000.00 EUR".to_owned()));
    }

    #[test]
    fn a_number_alone_is_an_amount_only_where_the_currency_is_stated() {
        let stated = Custom { stated: Currency::find("EUR"), ..Custom::default() };
        for (text, amount) in [("20", "20.00 EUR"), ("`49.90` per month", "49.90 EUR"), ("15/month", "15.00 EUR")] {
            assert_eq!(bare(text, stated), Some(Ok(amount.to_owned())), "{text}");
            assert_eq!(bare(text, Custom::default()), Some(Err(Unclear::NoCurrency)), "{text}");
        }
        assert_eq!(bare("1,000", stated), Some(Err(Unclear::Separator)));
        for text in ["", "free", "20%", "price_123", "3 of 4", "10 to 20", "v2"] {
            assert_eq!(bare(text, stated), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_money_are_left_alone() {
        for text in [
            "4242 4242 4242 4242",
            "run $1 $2",
            "5 min",
            "HTTP 429",
            "v$2",
            "> 5% over 5 minutes",
            "US 20",
            "${20}",
            "100 Activities",
            "GET 200",
        ] {
            let found = find(text, Custom::default());
            let money = found.iter().any(|found| found.amount.is_ok());
            assert!(!money, "{text}: {found:?}");
        }
    }
}
