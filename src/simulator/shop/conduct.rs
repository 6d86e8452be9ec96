//! How the demo shop behaves: well, or in one of the ways that real shops go wrong.

use std::time::Duration;

/// What the demo shop does. All but the first are troubles that golive should name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShopConduct {
    /// As a shop should.
    #[default]
    Good,
    /// The handler fails: 500.
    Fails,
    /// The handler checks signatures with the secret of another endpoint: 400.
    WrongSecret,
    /// The same, by a shop that answers 401.
    Unauthorized,
    /// The handler's address redirects: 301.
    Redirects,
    /// The body is parsed and written anew before its signature is checked: 400.
    ParsedBody,
    /// No signature is checked: anything is accepted.
    NoVerification,
    /// The handler answers after this time.
    Slow(Duration),
    /// Nothing is served at the handler's address: 404.
    NotFound,
    /// The handler answers 200 and does nothing.
    NoFulfilment,
    /// The checkout names a price of test mode.
    TestPrice,
    /// The buyer gets another plan than the one paid for.
    WrongTier,
    /// The customer portal does not open.
    NoPortal,
}

/// Longer than Stripe waits for an answer.
const SLOW: Duration = Duration::from_secs(12);

const NAMES: &[(&str, ShopConduct)] = &[
    ("good", ShopConduct::Good),
    ("fails", ShopConduct::Fails),
    ("wrong-secret", ShopConduct::WrongSecret),
    ("unauthorized", ShopConduct::Unauthorized),
    ("redirects", ShopConduct::Redirects),
    ("parsed-body", ShopConduct::ParsedBody),
    ("no-verification", ShopConduct::NoVerification),
    ("slow", ShopConduct::Slow(SLOW)),
    ("not-found", ShopConduct::NotFound),
    ("no-fulfilment", ShopConduct::NoFulfilment),
    ("test-price", ShopConduct::TestPrice),
    ("wrong-tier", ShopConduct::WrongTier),
    ("no-portal", ShopConduct::NoPortal),
];

impl ShopConduct {
    /// A conduct by its name; `slow:3s` and `slow:500ms` say how slow. `Err` lists the names.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = || NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        if let Some(time) = text.strip_prefix("slow:") {
            let number = |unit: &str| time.strip_suffix(unit).and_then(|n| n.parse::<u64>().ok());
            let time = number("ms").map(Duration::from_millis).or_else(|| number("s").map(Duration::from_secs));
            return time.map(Self::Slow).ok_or_else(|| format!("{text:?} is no time, such as slow:3s"));
        }
        let known = NAMES.iter().find(|(name, _)| *name == text).map(|(_, conduct)| *conduct);
        known.ok_or_else(|| format!("no conduct is called {text:?}; there are {}", names()))
    }

    /// Its name, as `parse` reads it.
    pub fn name(self) -> &'static str {
        let same = |conduct: ShopConduct| match (conduct, self) {
            (Self::Slow(_), Self::Slow(_)) => true,
            (conduct, own) => conduct == own,
        };
        NAMES.iter().find(|(_, conduct)| same(*conduct)).map_or("good", |(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, ShopConduct};
    use std::time::Duration;

    #[test]
    fn every_conduct_is_read_by_its_name() {
        for (name, conduct) in NAMES {
            assert_eq!((ShopConduct::parse(name).unwrap(), conduct.name()), (*conduct, *name));
        }
        assert_eq!(ShopConduct::parse("slow:30ms").unwrap(), ShopConduct::Slow(Duration::from_millis(30)));
        assert!(ShopConduct::parse("slow:soon").unwrap_err().contains("slow:3s"));
        assert!(ShopConduct::parse("bad").unwrap_err().contains("wrong-secret, unauthorized"));
    }
}
