//! Cards of the hosted page: which pay, which are declined, and what else comes of them.
//!
//! The numbers are those of docs.stripe.com/testing. A mode takes only its own: live mode declines
//! every test card, test mode every other. Called by `hosted` and `control`; nothing keeps a number.

use super::Mode;
use serde_json::{Value, json};

/// What comes of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money comes.
    Pays,
    /// `generic_decline`, as with 4000 0000 0000 0002.
    Declined,
    /// `insufficient_funds`, as with 4000 0000 0000 9995.
    InsufficientFunds,
    /// `lost_card`, as with 4000 0000 0000 9987.
    LostCard,
    /// `expired_card`, as with 4000 0000 0000 0069.
    ExpiredCard,
    /// `incorrect_cvc`, as with 4000 0000 0000 0127.
    IncorrectCvc,
    /// `processing_error`, as with 4000 0000 0000 0119.
    ProcessingError,
    /// A known test card in live mode.
    TestCardInLiveMode,
    /// A card of the real world in test mode.
    LiveCardInTestMode,
    /// It pays, and an early fraud warning follows, as with 4000 0000 0000 5423.
    FraudWarning,
    /// It pays and is disputed, as with 4000 0000 0000 0259.
    Disputed,
}

/// Test cards that do something else than paying.
const SPECIAL: &[(&str, Outcome)] = &[
    ("4000000000000002", Outcome::Declined),
    ("4000000000009995", Outcome::InsufficientFunds),
    ("4000000000009987", Outcome::LostCard),
    ("4000000000000069", Outcome::ExpiredCard),
    ("4000000000000127", Outcome::IncorrectCvc),
    ("4000000000000119", Outcome::ProcessingError),
    ("4000000000005423", Outcome::FraudWarning),
    ("4000000000000259", Outcome::Disputed),
];

/// Test cards that pay.
const PAYING: &[&str] = &[
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "2223003122003222",
    "5200828282828210",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3056930009020004",
    "36227206271667",
    "6555900000604105",
    "3566002020360505",
    "6200000000000005",
    "4111111111111111",
];

/// Every other number of this range is one of Stripe's test cards too (by country, 3D Secure, …).
const TEST_RANGE: &str = "400000";

/// A number of no bank, for practice in live mode.
pub const PRACTICE: &str = "4821000000000009";

/// A card as the objects show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub brand: &'static str,
    pub last4: String,
    pub exp_month: i64,
    pub exp_year: i64,
    pub outcome: Outcome,
}

/// Code, decline code and text of a declined payment.
pub struct Decline {
    pub code: &'static str,
    pub reason: &'static str,
    pub message: &'static str,
}

impl Outcome {
    /// What the bank says, or nothing when the money comes.
    pub fn decline(self) -> Option<Decline> {
        let (code, reason, message) = match self {
            Self::Pays | Self::FraudWarning | Self::Disputed => return None,
            Self::Declined => ("card_declined", "generic_decline", "Your card was declined."),
            Self::InsufficientFunds => ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
            Self::LostCard => ("card_declined", "lost_card", "Your card was declined."),
            Self::ExpiredCard => ("expired_card", "expired_card", "Your card has expired."),
            Self::IncorrectCvc => ("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
            Self::ProcessingError => (
                "processing_error",
                "processing_error",
                "An error occurred while processing your card. Try again in a little bit.",
            ),
            Self::TestCardInLiveMode => (
                "card_declined",
                "live_mode_test_card",
                "Your card was declined. Your request was in live mode, but used a known test card.",
            ),
            Self::LiveCardInTestMode => (
                "card_declined",
                "test_mode_live_card",
                "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid \
                 test cards, visit: https://stripe.com/docs/testing.",
            ),
        };
        Some(Decline { code, reason, message })
    }

    /// The number that does this in test mode, or a number of no bank in live mode.
    fn number(self, mode: Mode) -> &'static str {
        let special = SPECIAL.iter().find(|(_, outcome)| *outcome == self).map(|(number, _)| *number);
        match (mode, self) {
            (Mode::Live, Self::TestCardInLiveMode) => PAYING[0],
            (Mode::Live, _) | (Mode::Test, Self::LiveCardInTestMode) => PRACTICE,
            (Mode::Test, _) => special.unwrap_or(PAYING[0]),
        }
    }
}

impl Card {
    /// A card that does what is wanted, in whatever mode; for payments that no browser makes.
    pub fn that(outcome: Outcome, mode: Mode, year: i64) -> Self {
        let number = outcome.number(mode);
        Self { brand: brand(number), last4: number[12..].to_owned(), exp_month: 12, exp_year: year + 4, outcome }
    }

    /// What stands in `payment_method_details.card` of a charge.
    pub fn details(&self) -> Value {
        json!({
            "amount_authorized": null, "authorization_code": null, "brand": self.brand,
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"}, "country": "US",
            "exp_month": self.exp_month, "exp_year": self.exp_year, "fingerprint": "SimulatedCard000", "funding": "credit",
            "installments": null, "last4": self.last4, "mandate": null, "network": self.brand, "network_token": {"used": false},
            "network_transaction_id": null, "regulated_status": "unregulated", "three_d_secure": null, "wallet": null,
        })
    }
}

/// A card that was typed in, or what the page says beside the field: its name and the text.
pub fn read(
    mode: Mode,
    number: &str,
    expiry: &str,
    cvc: &str,
    now: (i64, i64),
) -> Result<Card, (&'static str, &'static str)> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let strange = number.chars().any(|c| !c.is_ascii_digit() && c != ' ' && c != '-');
    if digits.len() < 13 {
        return Err(("card", "Your card number is incomplete."));
    }
    if strange || digits.len() > 19 || !luhn(&digits) {
        return Err(("card", "Your card number is invalid."));
    }
    let (month, year) = parse_expiry(expiry).ok_or(("expiry", "Your card's expiration date is incomplete."))?;
    if (year, month) < now {
        return Err(("expiry", "Your card's expiration date is in the past."));
    }
    let brand = brand(&digits);
    let length = if brand == "amex" { 4 } else { 3 };
    if cvc.trim().len() != length || !cvc.trim().bytes().all(|b| b.is_ascii_digit()) {
        return Err(("cvc", "Your card's security code is incomplete."));
    }
    let last4 = digits[digits.len() - 4..].to_owned();
    Ok(Card { brand, last4, exp_month: month, exp_year: year, outcome: outcome(mode, &digits) })
}

fn outcome(mode: Mode, digits: &str) -> Outcome {
    let special = SPECIAL.iter().find(|(number, _)| *number == digits).map(|(_, outcome)| *outcome);
    let test = special.is_some() || PAYING.contains(&digits) || digits.starts_with(TEST_RANGE);
    match (mode, test) {
        (Mode::Live, true) => Outcome::TestCardInLiveMode,
        (Mode::Test, false) => Outcome::LiveCardInTestMode,
        _ => special.unwrap_or(Outcome::Pays),
    }
}

/// `12 / 34`, `12/2034` or `1234` as month and year.
fn parse_expiry(text: &str) -> Option<(i64, i64)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (month, year) = match digits.len() {
        4 | 6 => digits.split_at(2),
        _ => return None,
    };
    let month: i64 = month.parse().ok().filter(|m| (1..=12).contains(m))?;
    let year: i64 = year.parse().ok()?;
    Some((month, if year < 100 { 2000 + year } else { year }))
}

fn brand(digits: &str) -> &'static str {
    match digits.get(..2).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0) {
        34 | 37 => "amex",
        22..=27 | 51..=55 => "mastercard",
        35 => "jcb",
        30 | 36 | 38 | 39 => "diners",
        62 => "unionpay",
        60 | 64 | 65 => "discover",
        _ => "visa",
    }
}

/// The check digit of card numbers (ISO/IEC 7812-1).
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if n % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::{Mode, Outcome, PAYING, PRACTICE, SPECIAL, luhn, read};

    const NOW: (i64, i64) = (2026, 11);

    fn outcome(mode: Mode, number: &str) -> Outcome {
        let cvc = if number.starts_with("37") { "1234" } else { "123" };
        read(mode, number, "12 / 34", cvc, NOW).unwrap().outcome
    }

    #[test]
    fn every_number_of_the_tables_has_its_check_digit() {
        let all = SPECIAL.iter().map(|(number, _)| number).chain(PAYING).chain([&PRACTICE]);
        assert_eq!(all.filter(|number| !luhn(number)).count(), 0);
    }

    #[test]
    fn a_mode_takes_only_its_own_cards() {
        assert_eq!(outcome(Mode::Test, "4242 4242 4242 4242"), Outcome::Pays);
        assert_eq!(outcome(Mode::Test, "4000 0000 0000 9995"), Outcome::InsufficientFunds);
        assert_eq!(outcome(Mode::Test, PRACTICE), Outcome::LiveCardInTestMode);
        assert_eq!(outcome(Mode::Live, PRACTICE), Outcome::Pays);
        assert_eq!(outcome(Mode::Live, "4000-0000-0000-0002"), Outcome::TestCardInLiveMode);
        assert_eq!(outcome(Mode::Live, "378282246310005"), Outcome::TestCardInLiveMode);
    }

    #[test]
    fn what_was_typed_wrong_is_told_beside_its_field() {
        let wrong = |number, expiry, cvc| read(Mode::Live, number, expiry, cvc, NOW).unwrap_err();
        assert_eq!(wrong("4242", "12/34", "123"), ("card", "Your card number is incomplete."));
        assert_eq!(wrong("4821000000000008", "12/34", "123"), ("card", "Your card number is invalid."));
        assert_eq!(wrong(PRACTICE, "13/34", "123").0, "expiry");
        assert_eq!(wrong(PRACTICE, "10/26", "123"), ("expiry", "Your card's expiration date is in the past."));
        assert!(read(Mode::Live, PRACTICE, "11 / 2026", "123", NOW).is_ok());
        assert_eq!(wrong(PRACTICE, "12/34", "12").0, "cvc");
    }
}
