//! What a price charges in one currency: an amount, tiers, or what the customer likes. The price itself
//! has one, and each further currency another; both are read and complained about here.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spec::{CustomSpec, PriceSpec, TaxBehavior, TierSpec};
use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::text::{complaint, is_open};
use crate::money::{Currency, Money, UnitPrice};
use crate::step::{CurrencyAmount, CustomAmount, Tier};

const TIERS: &str = "tiers = [{ up_to = 10, amount = \"5.00 USD\" }, { amount = \"4.00 USD\" }]";
const CUSTOM: &str = "custom = { min = \"5.00 USD\", max = \"500.00 USD\", preset = \"20.00 USD\" }";

/// What a price is in a further currency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "an amount such as \"18.00 EUR\", or a table such as { tiers = [{ amount = \"4.00 EUR\" }] }"
)]
pub enum CurrencySpec {
    /// `18.00 EUR`
    Amount(String),
    /// Tiers, bounds, or a tax behavior of its own.
    Terms(CurrencyTerms),
}

/// What a price is in a further currency, where that takes more than an amount.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CurrencyTerms {
    /// Money, `18.00 EUR`.
    pub amount: Option<String>,
    /// Of a price with tiers: its tiers in this currency.
    #[serde(default)]
    pub tiers: Vec<TierSpec>,
    /// Of a price whose amount the customer chooses: the bounds in this currency.
    pub custom: Option<CustomSpec>,
    /// Where it is not the one of the price.
    pub tax_behavior: Option<TaxBehavior>,
}

/// What is charged in one currency, wherever it stands in the checklist.
#[derive(Clone, Copy)]
pub(super) struct Charge<'a> {
    amount: Option<&'a String>,
    tiers: &'a [TierSpec],
    custom: Option<&'a CustomSpec>,
}

impl PriceSpec {
    /// In its own currency.
    pub(super) fn charge(&self) -> Charge<'_> {
        Charge { amount: self.amount.as_ref(), tiers: &self.tiers, custom: self.custom.as_ref() }
    }
}

impl CurrencySpec {
    /// In this currency.
    pub(super) fn charge(&self) -> Charge<'_> {
        match self {
            Self::Amount(text) => Charge { amount: Some(text), tiers: &[], custom: None },
            Self::Terms(terms) => {
                Charge { amount: terms.amount.as_ref(), tiers: &terms.tiers, custom: terms.custom.as_ref() }
            }
        }
    }

    /// The currency, and what is sent; `of_price` is how the price itself is taxed.
    pub(super) fn option(&self, of_price: Option<TaxBehavior>) -> Option<(String, CurrencyAmount)> {
        let charge = self.charge();
        let own = match self {
            Self::Amount(_) => None,
            Self::Terms(terms) => terms.tax_behavior,
        };
        let option = CurrencyAmount {
            amount: charge.amount().map(|amount| amount.decimal().to_owned()),
            tiers: charge.tiers(),
            custom: charge.custom(),
            tax_behavior: own.or(of_price).map(|behavior| behavior.name().to_owned()),
        };
        Some((charge.currency()?.api_code(), option))
    }
}

impl Charge<'_> {
    /// The currency of its first amount, wherever that stands.
    pub(super) fn currency(&self) -> Option<Currency> {
        let tiers = self.tiers.iter().flat_map(|tier| tier.amount.iter().chain(&tier.flat));
        let custom = self.custom.into_iter().flat_map(CustomSpec::each).filter_map(|(_, text)| text);
        let first = self.amount.into_iter().chain(tiers).chain(custom).find_map(|text| text.parse::<UnitPrice>().ok());
        let named = self.custom.and_then(|custom| custom.currency.as_deref());
        first.map(|amount| amount.currency).or_else(|| named.and_then(Currency::find))
    }

    pub(super) fn amount(&self) -> Option<UnitPrice> {
        self.amount.and_then(|text| text.parse().ok())
    }

    pub(super) fn tiers(&self) -> Vec<Tier> {
        let decimal = |text: Option<&String>| {
            let amount = text.and_then(|text| text.parse::<UnitPrice>().ok());
            amount.map_or_else(|| "0".to_owned(), |amount| amount.decimal().to_owned())
        };
        let tier = |tier: &TierSpec| Tier {
            up_to: tier.up_to,
            unit: decimal(tier.amount.as_ref()),
            flat: decimal(tier.flat.as_ref()),
        };
        self.tiers.iter().map(tier).collect()
    }

    pub(super) fn custom(&self) -> Option<CustomAmount> {
        let minor = |text: Option<&String>| text.and_then(|text| text.parse::<Money>().ok()).map(|money| money.minor);
        self.custom.map(|custom| CustomAmount {
            minimum: minor(custom.min.as_ref()),
            maximum: minor(custom.max.as_ref()),
            preset: minor(custom.preset.as_ref()),
        })
    }

    /// What it is, in the word of its field; nothing, where it says nothing or too much.
    fn sort(&self) -> Option<&'static str> {
        match self.said().as_slice() {
            [field] => Some(field),
            _ => None,
        }
    }

    fn said(&self) -> Vec<&'static str> {
        let says = [
            ("amount", self.amount.is_some()),
            ("tiers", !self.tiers.is_empty()),
            ("custom", self.custom.is_some()),
        ];
        says.into_iter().filter(|(_, there)| *there).map(|(field, _)| field).collect()
    }

    /// What is wrong with it.
    pub(super) fn complaints(&self, path: &str) -> Vec<Complaint> {
        let at = |field: &str| format!("{path}.{field}");
        let mut complaints = Vec::new();
        match self.said().as_slice() {
            [] => {
                let help = "add amount = \"20.00 CAD\"; free is \"0.00 CAD\"";
                complaints.push(complaint(&at("amount"), Code::MissingField, "a price needs an amount", help));
            }
            [_] => {}
            [first, second, ..] => {
                let message = format!("a price has `{first}` or `{second}`, not both");
                complaints.push(complaint(&at(second), Code::BadValue, message, "take one of them out"));
            }
        }
        complaints.extend(self.amount.and_then(|text| unit_complaint(&at("amount"), text)));
        complaints.extend(self.tier_complaints(path));
        complaints.extend(self.custom_complaints(path));
        complaints
    }

    /// What is wrong with it beside the price whose further currency it is.
    pub(super) fn complaints_beside(&self, price: &Charge<'_>, path: &str) -> Vec<Complaint> {
        let mut complaints = self.complaints(path);
        if let (Some(wanted), Some(found)) = (price.sort(), self.sort())
            && wanted != found
        {
            let message = format!("the price has `{wanted}`, and this currency `{found}`");
            let help = format!("write this currency's `{wanted}`: currencies = [{{ {wanted} = … }}]");
            complaints.push(complaint(path, Code::BadValue, message, help));
        } else if price.tiers.iter().map(|tier| tier.up_to).ne(self.tiers.iter().map(|tier| tier.up_to)) {
            let message = "its tiers end elsewhere than those of the price";
            complaints.push(complaint(
                &format!("{path}.tiers"),
                Code::BadValue,
                message,
                "give the tiers of every currency the same `up_to`",
            ));
        }
        complaints
    }

    fn tier_complaints(&self, path: &str) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut say =
            |at: String, message: &str, help: &str| complaints.push(complaint(&at, Code::BadValue, message, help));
        let last = self.tiers.len().saturating_sub(1);
        let mut reached = 0;
        for (n, tier) in self.tiers.iter().enumerate() {
            let here = format!("{path}.tiers[{n}]");
            match tier.up_to {
                Some(_) if n == last => {
                    say(format!("{here}.up_to"), "the last tier has no end", "take its `up_to` out, or add a tier");
                }
                None if n != last => say(here.clone(), "only the last tier has no `up_to`", TIERS),
                Some(up_to) if up_to <= reached => {
                    let message = format!("a tier up to {up_to} is empty");
                    say(format!("{here}.up_to"), &message, &format!("write more than {reached}"));
                }
                up_to => reached = up_to.unwrap_or(reached),
            }
            if tier.amount.is_none() && tier.flat.is_none() {
                say(here, "a tier needs an `amount` or a `flat`", TIERS);
            }
        }
        for (n, tier) in self.tiers.iter().enumerate() {
            for (field, text) in [("amount", &tier.amount), ("flat", &tier.flat)] {
                let here = format!("{path}.tiers[{n}].{field}");
                complaints.extend(text.as_ref().and_then(|text| self.one_currency(&here, text)));
            }
        }
        complaints
    }

    /// An amount that cannot be read, or is of another currency than the others of the price.
    fn one_currency(&self, path: &str, text: &str) -> Option<Complaint> {
        let Ok(amount) = text.parse::<UnitPrice>() else { return unit_complaint(path, text) };
        let first = self.currency().unwrap_or(amount.currency);
        (first != amount.currency).then(|| {
            let message = format!("this amount is in {}, and the first one in {first}", amount.currency);
            complaint(path, Code::BadValue, message, format!("write all of them in {first}"))
        })
    }

    fn custom_complaints(&self, path: &str) -> Vec<Complaint> {
        let Some(custom) = self.custom else { return Vec::new() };
        let mut complaints = Vec::new();
        let mut before: Option<(&str, Money)> = None;
        for (field, text) in custom.each() {
            let Some(text) = text else { continue };
            let here = format!("{path}.custom.{field}");
            let Ok(money) = text.parse::<Money>() else {
                complaints.extend(crate::kind::offer::money_complaint(&here, text));
                continue;
            };
            complaints.extend(self.one_currency(&here, text));
            if let Some((name, less)) = before.filter(|(_, less)| less.minor > money.minor) {
                let message = format!("`{field}` is less than `{name}`, which is {less}");
                complaints.push(complaint(&here, Code::BadValue, message, CUSTOM));
            }
            before = Some((field, money));
        }
        match (custom.currency.as_deref(), self.currency()) {
            (None, _) if custom.each().iter().all(|(_, text)| text.is_none()) => {
                let message = "an amount that the customer chooses needs a currency";
                complaints.push(complaint(&format!("{path}.custom"), Code::BadValue, message, CUSTOM));
            }
            (Some(named), first) if !is_open(named) && Currency::find(named).is_none_or(|named| Some(named) != first) => {
                let message = match first {
                    Some(first) => format!("the currency is `{named}`, and the first amount in {first}"),
                    None => format!("`{named}` is not a currency that golive knows"),
                };
                let help = "write the code of one: custom = { currency = \"USD\" }";
                complaints.push(complaint(&format!("{path}.custom.currency"), Code::BadValue, message, help));
            }
            _ => {}
        }
        complaints
    }
}

/// What is wrong with a unit price.
fn unit_complaint(path: &str, text: &str) -> Option<Complaint> {
    let error = text.parse::<UnitPrice>().err().filter(|_| !is_open(text))?;
    Some(Complaint { path: path.into(), code: Code::BadAmount, message: error.message, help: error.help })
}
