//! How often a price is charged, in the words of several languages.

use super::words::any;

/// How often a price is charged, as Stripe says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// `day`, `week`, `month`, `year`
    Every(&'static str),
    /// Once.
    Once,
}

const BILLINGS: &[(Billing, &[&str])] = &[
    (
        Billing::Once,
        &[
            "one-time",
            "one time",
            "onetime",
            "einmalig",
            "pagamento único",
            "pago único",
            "única vez",
            "lifetime",
            "paiement unique",
        ],
    ),
    (
        Billing::Every("month"),
        &[
            "month", "/mo", "monat", "mês", "mensal", "mensais", "/mes", "al mes", "mensual", "por mes", "mensuel",
            "/mois", "par mois",
        ],
    ),
    (
        Billing::Every("year"),
        &[
            "year", "/yr", "annual", "annum", "jahr", "jähr", "/ano", "por ano", "anual", "anuais", "año", "annuel",
            "/an", "par an",
        ],
    ),
    (Billing::Every("week"), &["week", "/wk", "woche", "wöchent", "semana", "semaine", "hebdo"]),
    (Billing::Every("day"), &["daily", "per day", "/day", "täglich", "pro tag", "por dia", "por día", "par jour"]),
];

/// How often something is charged, if the text says exactly one way, or the first when one is
/// said before the others are put in brackets.
pub fn billing(text: &str) -> Option<Billing> {
    let lower = text.to_lowercase();
    let said = lower.split('(').next().unwrap_or_default();
    let found = |text: &str| -> Vec<Billing> {
        BILLINGS.iter().filter(|(_, words)| any(text, words)).map(|(billing, _)| *billing).collect()
    };
    let named = Some(found(said)).filter(|named| !named.is_empty()).unwrap_or_else(|| found(&lower));
    match named.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// The words that say how often, for taking them out of a name.
pub fn is_billing_word(word: &str) -> bool {
    let lower = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    !lower.is_empty()
        && BILLINGS.iter().any(|(_, words)| {
            words.iter().any(|known| {
                lower.starts_with(known.trim_start_matches('/')) && known.trim_start_matches('/').len() > 2
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{Billing, billing};

    #[test]
    fn how_often_is_known_only_when_it_is_said_once() {
        assert_eq!(billing("Monthly Price"), Some(Billing::Every("month")));
        assert_eq!(billing("One-time payment (or Recurring monthly)"), Some(Billing::Once));
        assert_eq!(billing("29 € / Monat"), Some(Billing::Every("month")));
        assert_eq!(billing("monthly or yearly"), None);
        assert_eq!(billing("Recurring"), None);
    }
}
