//! One price as a row of its product's item. What a checklist cannot say is told, and the price left
//! out: a price that charges something else than the one in test mode is worse than none.

use super::catalog::{metadata, row, text};
use super::maker::{Maker, phase};
use super::names::can_be_referred_to;
use super::{NewKey, lines, money};
use crate::compose::{Item, Value, literal};
use crate::inventory::{CurrencyOption, Price, Product, Recurring};
use crate::step::{CustomAmount, Tier};

/// Its lookup key and its row.
pub(super) fn row_of(maker: &mut Maker<'_>, product: &Product, price: &Price, item: &Item) -> Option<(String, Value)> {
    let charges = match charges(maker, price) {
        Ok(charges) => charges,
        Err((why, proposal)) => {
            let what = format!("price {} of {} is left out", price.id, lines::title(&product.name));
            maker.decide(what, why, proposal);
            return None;
        }
    };
    let key = lookup_key(maker, product, price, item);
    let recurring = price.recurring.as_ref();
    let count = recurring.map(Recurring::count).filter(|count| *count != 1);
    let behavior = price.tax_behavior.as_ref().filter(|behavior| *behavior != "unspecified");
    let mut fields =
        vec![("lookup_key", Some(Value::Text(literal(&key)))), ("nickname", text(price.nickname.as_ref()))];
    fields.extend(charges);
    fields.push(("currencies", currencies(maker, product, price)));
    fields.push(("interval", recurring.map(|every| Value::Text(every.interval.clone()))));
    fields.push(("interval_count", count.and_then(|count| i64::try_from(count).ok()).map(Value::Number)));
    fields.push(("meter", meter(maker, recurring)));
    let trial = recurring.and_then(|every| every.trial_period_days).filter(|days| *days > 0);
    fields.push(("trial_days", trial.map(|days| Value::Number(days.into()))));
    fields.push(("tax_behavior", text(behavior)));
    fields.push(("env", env(maker, price, &key).map(Value::Text)));
    fields.push(("metadata", metadata(&price.metadata)));
    if can_be_referred_to(&key) {
        maker.refer(&price.id, phase::CATALOG, item, &format!("prices.{key}.id"));
    } else {
        let what = format!("the lookup key `{}` cannot be referred to", lines::title(&key));
        maker.decide(
            what,
            "it holds a brace, a dollar sign or a control character",
            "give the price another lookup key",
        );
    }
    Some((key, row(fields)))
}

/// Fields of a price's row; those without a value are left out.
type Fields = Vec<(&'static str, Option<Value>)>;

/// What it charges, or why the checklist cannot say it and what to do.
fn charges(maker: &Maker<'_>, price: &Price) -> Result<Fields, (String, String)> {
    let wrong = |why: String| (why, "make a price that Stripe takes in live mode, then import again".to_owned());
    let recurring = price.recurring.as_ref();
    if recurring.is_some_and(|every| every.is_metered() && every.meter.is_none()) {
        let why = "its usage is not counted by a meter, and Stripe makes no such prices any more";
        return Err((why.to_owned(), "make a meter and a price with it, then import again".to_owned()));
    }
    if let Some(meter) = recurring.and_then(|every| every.meter.as_ref())
        && maker.reference(meter).is_none()
    {
        return Err((
            format!("its meter {meter} was not imported"),
            "import meters as well: --only product,meter".to_owned(),
        ));
    }
    let transform = price.transform.as_ref().map(|transform| {
        let table = Value::Table(vec![("divide_by".to_owned(), Value::Number(transform.divide_by))]);
        table.with("round", transform.round.as_str())
    });
    let charge = Charge {
        amount: price.amount.as_deref(),
        tiers: &price.tiers,
        custom: price.custom.as_ref(),
        currency: &price.currency,
    };
    let Some(mut fields) = charge.fields().map_err(wrong)? else {
        return Err((
            "Stripe shows no amount for it".to_owned(),
            "see it in the Dashboard, and write it into the checklist".to_owned(),
        ));
    };
    let tiered = !price.tiers.is_empty() && price.custom.is_none();
    fields.push(("tiers_mode", text(price.tiers_mode.as_ref()).filter(|_| tiered)));
    fields.push(("transform", transform));
    Ok(fields)
}

/// What is charged in one currency.
struct Charge<'p> {
    amount: Option<&'p str>,
    tiers: &'p [Tier],
    custom: Option<&'p CustomAmount>,
    currency: &'p str,
}

impl Charge<'_> {
    /// As a checklist says it: none where Stripe shows nothing, an error where no checklist can.
    fn fields(&self) -> Result<Option<Fields>, String> {
        let field = if let Some(custom) = self.custom {
            ("custom", Some(self::custom(custom, self.currency)?))
        } else if !self.tiers.is_empty() {
            let tiers: Result<_, String> = self.tiers.iter().map(|tier| self::tier(tier, self.currency)).collect();
            ("tiers", Some(Value::List(tiers?)))
        } else if let Some(amount) = self.amount {
            ("amount", Some(Value::Text(money::unit(amount, self.currency)?)))
        } else {
            return Ok(None);
        };
        Ok(Some(vec![field]))
    }
}

fn custom(custom: &CustomAmount, currency: &str) -> Result<Value, String> {
    let bounds = [("min", custom.minimum), ("max", custom.maximum), ("preset", custom.preset)];
    let mut fields = Vec::new();
    for (name, minor) in bounds {
        let Some(minor) = minor else { continue };
        fields.push((name, Some(Value::Text(money::whole(minor, currency)?))));
    }
    if fields.is_empty() {
        fields.push(("currency", Some(Value::Text(money::currency(currency)?))));
    }
    Ok(row(fields))
}

fn tier(tier: &Tier, currency: &str) -> Result<Value, String> {
    let of = |decimal: &str| money::unit(decimal, currency);
    let says_amount = tier.unit != "0" || tier.flat == "0";
    let amount = if says_amount { Some(Value::Text(of(&tier.unit)?)) } else { None };
    let flat = if tier.flat == "0" { None } else { Some(Value::Text(of(&tier.flat)?)) };
    Ok(row(vec![("up_to", tier.up_to.map(Value::Number)), ("amount", amount), ("flat", flat)]))
}

/// The same in further currencies.
fn currencies(maker: &mut Maker<'_>, product: &Product, price: &Price) -> Option<Value> {
    let mut out = Vec::new();
    for (currency, option) in &price.currency_options {
        match self::currency(price, currency, option) {
            Ok(value) => out.push(value),
            Err(why) => {
                let code = currency.to_uppercase();
                let what = format!("{code} of price {} ({}) is left out", price.id, lines::title(&product.name));
                maker.not_carried(what, why, "add the currency to the live price in the Dashboard");
            }
        }
    }
    (!out.is_empty()).then_some(Value::List(out))
}

/// A further currency: an amount that is taxed as the price is needs no more than itself.
fn currency(price: &Price, currency: &str, option: &CurrencyOption) -> Result<Value, String> {
    let charge = Charge {
        amount: option.amount.as_deref().filter(|_| option.tiers.is_empty()),
        tiers: &option.tiers,
        custom: option.custom.as_ref(),
        currency,
    };
    let fields = charge.fields()?.ok_or("Stripe does not show what it costs in it")?;
    let sort = |custom: bool, tiered: bool| (custom, tiered && !custom);
    let (here, there) = (
        sort(price.custom.is_some(), !price.tiers.is_empty()),
        sort(option.custom.is_some(), !option.tiers.is_empty()),
    );
    if here != there || price.tiers.iter().map(|tier| tier.up_to).ne(option.tiers.iter().map(|tier| tier.up_to)) {
        return Err("it is charged in another way there than in the price's own currency".to_owned());
    }
    let of = |behavior: Option<&String>| behavior.map_or("unspecified", String::as_str).to_owned();
    let (behavior, of_price) = (of(option.tax_behavior.as_ref()), of(price.tax_behavior.as_ref()));
    let own = (behavior != of_price).then_some(Value::Text(behavior));
    match fields.as_slice() {
        [("amount", Some(amount))] if own.is_none() => Ok(amount.clone()),
        _ => Ok(row(fields.into_iter().chain([("tax_behavior", own)]).collect())),
    }
}

fn meter(maker: &Maker<'_>, recurring: Option<&Recurring>) -> Option<Value> {
    let meter = recurring?.meter.as_ref()?;
    maker.reference(meter).map(|reference| Value::Text(reference.clone()))
}

/// The lookup key it has, or one that is proposed.
fn lookup_key(maker: &mut Maker<'_>, product: &Product, price: &Price, item: &Item) -> String {
    if let Some(key) = &price.lookup_key {
        return key.clone();
    }
    let (key, missed) = maker.ids.key(&item.id, price);
    if let Some(missed) = missed {
        let what =
            format!("a price of {} would have got the lookup key `{missed}` as well", lines::title(&product.name));
        maker.decide(
            what,
            format!("{} is another price of the same rhythm", price.id),
            format!("it is `{key}` in the checklist; rename it as you like"),
        );
    }
    maker.keys.push(NewKey {
        price: price.id.clone(),
        item: format!("{}.{}", phase::CATALOG, item.id),
        key: key.clone(),
    });
    key
}

/// The variable that takes its id: the one that holds it now, or one for an id that is written into the
/// code.
fn env(maker: &mut Maker<'_>, price: &Price, key: &str) -> Option<String> {
    if let Some(variable) = maker.uses.take(&price.id) {
        return Some(variable);
    }
    let in_code = maker.around.source.ids.iter().any(|mention| mention.what == price.id);
    let letters = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name = format!("STRIPE_PRICE_{}", key.chars().map(letters).collect::<String>());
    let is_free = in_code && !maker.around.variables().any(|found| found.variable.name == name);
    let name = is_free.then_some(name).filter(|name| maker.made_up.insert(name.clone()))?;
    maker.provide(&price.id, &name);
    Some(name)
}
