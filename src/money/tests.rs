//! Amounts as checklists write them and as Stripe sends them, right and wrong.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Currency, Money, UnitPrice, known_codes};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Message and advice in one line.
fn refused(text: &str) -> String {
    let error = text.parse::<Money>().unwrap_err();
    format!("{} / {}", error.message, error.help.unwrap_or_default())
}

#[test]
fn an_amount_is_money_with_its_currency() {
    assert_eq!(money("20.00 CAD"), Money::from_stripe(2000, "cad"));
    assert_eq!(money("20 CAD"), money("20.00 CAD"));
    assert_eq!(money("  0.50   eur "), Money::from_stripe(50, "eur"));
    assert_eq!(money("0 USD").minor, 0);
}

#[test]
fn currencies_have_the_digits_that_stripe_gives_them() {
    assert_eq!(money("500 JPY").minor, 500);
    assert_eq!(money("5 ISK").minor, 500);
    assert_eq!(money("5.00 UGX").minor, 500);
    assert_eq!(money("1.230 KWD").minor, 1230);
    assert_eq!(money("1750 HUF").minor, 175_000);
}

#[test]
fn amounts_are_shown_as_they_are_written() {
    let shown = |minor, code| Money::from_stripe(minor, code).to_string();
    assert_eq!(shown(2000, "cad"), "20.00 CAD");
    assert_eq!(shown(5, "usd"), "0.05 USD");
    assert_eq!(shown(-5, "usd"), "-0.05 USD");
    assert_eq!(shown(500, "jpy"), "500 JPY");
    assert_eq!(shown(500, "isk"), "5.00 ISK");
    assert_eq!(shown(1230, "kwd"), "1.230 KWD");
    assert_eq!(shown(100, "usdc"), "1.00 USDC");
}

#[test]
fn an_amount_without_a_clear_currency_is_refused() {
    insta::assert_snapshot!(refused("20"), @"`20` has no currency / add the currency code: 20 CAD");
    insta::assert_snapshot!(refused("$20"), @"`$20` has a currency sign, which several currencies share / write the code after the number: 20 USD");
    insta::assert_snapshot!(refused("$ 20 CAD"), @"`$ 20 CAD` has a currency sign, which several currencies share / write the code after the number: 20 USD");
    insta::assert_snapshot!(refused("20CAD"), @"`20CAD` has no space between number and currency / write `20 CAD`");
    insta::assert_snapshot!(refused("CAD 20.00"), @"`CAD 20.00` has the currency before the number / write `20.00 CAD`");
    insta::assert_snapshot!(refused(""), @"an amount is missing / write digits, a point and the currency code: 20.00 CAD");
    insta::assert_snapshot!(refused("free"), @"`free` is not an amount / write digits, a point and the currency code: 20.00 CAD");
}

#[test]
fn an_unknown_currency_comes_with_the_ones_it_resembles() {
    insta::assert_snapshot!(refused("20 CDA"), @"`CDA` is not a currency that Stripe knows / write 20 CAD or 20 CDF");
    insta::assert_snapshot!(refused("20 EUD"), @"`EUD` is not a currency that Stripe knows / write 20 EUR");
    insta::assert_snapshot!(refused("20 dollars"), @"`dollars` is not a currency that Stripe knows / write a code of ISO 4217 that Stripe supports: CAD, EUR, USD");
}

#[test]
fn nothing_is_ever_rounded() {
    insta::assert_snapshot!(refused("20.005 CAD"), @"`20.005 CAD` has more decimals than CAD, and golive never rounds / write 2 decimals: 20.00 CAD");
    insta::assert_snapshot!(refused("20.5 CAD"), @"`20.5 CAD` has too few decimals / write all 2 of them: 20.50 CAD");
    insta::assert_snapshot!(refused("500.50 JPY"), @"`500.50 JPY` has decimals, and JPY has none / write whole units: 500 JPY");
    insta::assert_snapshot!(refused("5.50 ISK"), @"`5.50 ISK` has decimals, and Stripe takes ISK in whole units only / write whole units: 5.00 ISK");
    insta::assert_snapshot!(refused("1.235 KWD"), @"`1.235 KWD` ends in a digit that Stripe does not take for KWD / write 0 as the last decimal: 1.230 KWD");
}

#[test]
fn only_plain_positive_numbers_are_amounts() {
    insta::assert_snapshot!(refused("-1 USD"), @"`-1 USD` is below zero / write the amount a customer pays: 1 USD");
    insta::assert_snapshot!(refused("1,000.00 USD"), @"`1,000.00` is not a plain number / leave out the separators: 1000.00 USD");
    insta::assert_snapshot!(refused("20,00 EUR"), @"`20,00` is not a plain number / write digits and a point: 20.00 EUR");
    insta::assert_snapshot!(refused("1e3 USD"), @"`1e3` is not a plain number / write digits and a point: 20.00 USD");
    insta::assert_snapshot!(refused("20. USD"), @"`20.` is not a plain number / write digits and a point: 20.00 USD");
    insta::assert_snapshot!(refused("٢٠ USD"), @"`٢٠` is not a plain number / write digits and a point: 20.00 USD");
}

#[test]
fn an_amount_beyond_stripes_twelve_digits_is_refused() {
    assert_eq!(money("9999999999.99 USD").minor, 999_999_999_999);
    insta::assert_snapshot!(refused("10000000000.00 USD"), @"`10000000000.00 USD` is more than Stripe takes in one payment / write at most 9999999999.99 USD");
    insta::assert_snapshot!(refused("99999999999999999999999 JPY"), @"`99999999999999999999999 JPY` is more than Stripe takes in one payment / write at most 999999999999 JPY");
}

#[test]
fn an_amount_in_a_document_is_written_out_in_full() {
    let text = serde_json::to_string(&money("29.00 EUR")).unwrap();
    assert_eq!(text, r#"{"minor":2900,"currency":"eur","text":"29.00 EUR"}"#);
}

#[test]
fn every_currency_with_digits_of_its_own_is_known() {
    for code in super::ZERO_DECIMAL.iter().chain(&super::ZERO_SENT_AS_TWO).chain(&super::THREE_DECIMAL) {
        assert!(Currency::find(code).is_some(), "{code}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back_as_the_same_amount(steps in 0..1_000_000_000i64, pick in any::<prop::sample::Index>()) {
        static CODES: LazyLock<Vec<String>> = LazyLock::new(|| known_codes().collect());
        let code = pick.get(&CODES);
        let currency = Currency::find(code).unwrap();
        let amount = Money { minor: steps * currency.step(), currency };
        prop_assert_eq!(amount.to_string().parse::<Money>().unwrap(), amount);
        prop_assert_eq!(Money::from_stripe(amount.minor, &currency.api_code()), amount);
    }

    /// Counted again with 128 bits and by hand: what is taken is exactly what was written.
    #[test]
    fn an_amount_is_taken_to_the_last_digit_or_not_at_all(
        whole in 0u64..20_000_000_000, digits in "[0-9]{0,4}", pick in any::<prop::sample::Index>(),
    ) {
        let code = ["USD", "EUR", "JPY", "KWD", "UGX", "ISK", "XAF"][pick.index(7)];
        let currency = Currency::find(code).unwrap();
        let point = if digits.is_empty() { "" } else { "." };
        let Ok(taken) = format!("{whole}{point}{digits} {code}").parse::<Money>() else { return Ok(()) };
        let scale = 10i128.pow(u32::try_from(digits.len()).unwrap());
        let written = i128::from(whole) * scale + digits.parse::<i128>().unwrap_or_default();
        let unit = 10i128.pow(u32::try_from(currency.exponent()).unwrap());
        prop_assert_eq!(i128::from(taken.minor) * scale, written * unit);
    }

    #[test]
    fn any_amount_of_stripes_is_shown_with_all_its_digits(minor in any::<i64>(), code in "[a-z]{3}") {
        let shown = Money::from_stripe(minor, &code).to_string();
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        prop_assert_eq!(digits.parse::<u128>().unwrap(), u128::from(minor.unsigned_abs()));
        prop_assert_eq!(shown.starts_with('-'), minor < 0);
    }

    #[test]
    fn a_fine_price_is_read_back_as_the_same_decimal(
        whole in 0u32..1_000_000, fraction in "[0-9]{0,11}[1-9]", code in prop::sample::select(vec!["usd", "jpy", "kwd"]),
    ) {
        let price = UnitPrice::from_stripe(&format!("{whole}.{fraction}"), code);
        prop_assert_eq!(price.decimal(), format!("{whole}.{fraction}"));
        if let Ok(read) = price.to_string().parse::<UnitPrice>() {
            prop_assert_eq!(read, price);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,24}") {
        let _ = text.parse::<Money>();
    }
}
