//! What the kinds of the catalog beside `product` share: objects of a collection with golive's mark,
//! which of them an item means, and the texts of percentages, moments and amounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use super::product::mark;
use super::text::{complaint, is_open};
use super::{Complaint, env_name};
use crate::error::{Code, Problem};
use crate::money::Money;
use crate::step::{Action, Currencies, Effect, Facts, Field, OfferWrite, Step, Verb, Verdict, Write, plain};

/// What all of them have, as Stripe answers.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Common {
    pub id: String,
    #[serde(default = "yes")]
    pub active: bool,
    pub livemode: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Of which item an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// This one's.
    Mine,
    /// Nobody's: made by hand, or by another program.
    Nobodys,
    /// Another item's.
    Anothers,
}

impl Common {
    pub(super) fn owner(&self, facts: &Facts<'_>) -> Owner {
        let (key, value) = mark(facts);
        match self.metadata.get(&key) {
            Some(found) if *found == value => Owner::Mine,
            Some(_) => Owner::Anothers,
            None => Owner::Nobodys,
        }
    }
}

/// What is to be done about the objects of a collection, for one item.
pub(super) struct Choice<'o, T> {
    /// The object that the item means.
    pub kept: Option<&'o T>,
    /// Those of the item that are on and not that one: they are closed when it stands.
    pub old: Vec<&'o T>,
}

/// Chooses the object that an item means: its own with the right content, on before off; else one
/// that was made by hand and is the very same; never one of two.
pub(super) fn choose<'o, T>(
    facts: &Facts<'_>,
    noun: &str,
    objects: &'o [T],
    common: impl Fn(&T) -> &Common,
    same: impl Fn(&T) -> bool,
    twin: impl Fn(&T) -> bool,
) -> Result<Choice<'o, T>, Step> {
    let owned = |owner: Owner, on: bool| {
        let common = &common;
        objects.iter().filter(move |object| common(object).owner(facts) == owner && common(object).active == on)
    };
    let on: Vec<&T> = owned(Owner::Mine, true).collect();
    let mut kept: Vec<&T> = on.iter().copied().filter(|object| same(object)).collect();
    if kept.is_empty() {
        // A rollback may have closed it. Newest first: of those that were switched off, the last one.
        kept.extend(owned(Owner::Mine, false).find(|object| same(object)));
    }
    if kept.is_empty() && on.is_empty() {
        kept.extend(owned(Owner::Nobodys, true).filter(|object| twin(object)));
    }
    if kept.len() > 1 {
        let ids: Vec<&str> = kept.iter().map(|object| common(object).id.as_str()).collect();
        return Err(ambiguous(noun, &facts.address.item, &ids));
    }
    let kept = kept.first().copied();
    let is_kept = |object: &T| kept.is_some_and(|kept| common(kept).id == common(object).id);
    let old = on.into_iter().filter(|object| !is_kept(object)).collect();
    Ok(Choice { kept, old })
}

fn ambiguous(noun: &str, item: &str, ids: &[&str]) -> Step {
    let problem = Problem::new(Code::CatalogAmbiguous, format!("{} {noun}s could be `{item}`", ids.len()))
        .why(format!("each is the very same, and active: {}", ids.join(", ")))
        .fix("archive those that are not meant: https://dashboard.stripe.com");
    Step::Done(Verdict::fail(problem))
}

/// Fails when an object is of the other mode.
pub(super) fn of_this_mode(facts: &Facts<'_>, noun: &str, common: &Common) -> Result<(), Step> {
    if common.livemode.is_none_or(|livemode| livemode == facts.mode.livemode()) {
        return Ok(());
    }
    let problem = Problem::new(Code::KeyWrongMode, format!("the {noun} {} is of the other mode", common.id))
        .fix("use the key of this run's mode: https://dashboard.stripe.com/apikeys");
    Err(Step::Done(Verdict::fail(problem)))
}

/// The metadata of a new object: the checklist's, and golive's mark.
pub(super) fn marked(facts: &Facts<'_>, metadata: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = metadata.clone();
    all.extend([mark(facts)]);
    all
}

/// What differs in the metadata that the checklist names, and what brings it back; with golive's mark
/// where that is missing. Other keys are left alone.
pub(super) fn metadata_changes(
    facts: &Facts<'_>,
    wanted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    fields: &mut Vec<Field>,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut changes, mut back) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in marked(facts, wanted) {
        if found.get(&key) == Some(&value) {
            continue;
        }
        fields.push(Field { name: format!("metadata.{key}"), from: found.get(&key).cloned(), to: value.clone() });
        back.insert(key.clone(), found.get(&key).cloned().unwrap_or_default());
        changes.insert(key, value);
    }
    (changes, back)
}

/// What differs in a text that the checklist names: the new one, and the one that brings it back.
pub(super) fn text_change(
    name: &str,
    wanted: Option<&str>,
    found: Option<&str>,
    fields: &mut Vec<Field>,
) -> (Option<String>, Option<String>) {
    match wanted.filter(|wanted| found.unwrap_or_default() != *wanted) {
        None => (None, None),
        Some(wanted) => {
            fields.push(Field { name: name.into(), from: found.map(str::to_owned), to: wanted.to_owned() });
            (Some(wanted.to_owned()), Some(found.unwrap_or_default().to_owned()))
        }
    }
}

/// The difference in something final, where there is one.
pub(super) fn differ(name: &str, found: &str, wanted: &str) -> Option<Field> {
    (found != wanted).then(|| Field::change(name, found, wanted))
}

/// An action about one of these objects.
pub(super) fn action(facts: &Facts<'_>, noun: &str, verb: Verb, write: OfferWrite) -> Action {
    Action::new(noun, &facts.address.item, verb, Effect::Stripe(Write::Offer(write)))
}

/// The action that closes an older object, after the new one was created.
pub(super) fn closing(
    facts: &Facts<'_>,
    noun: &str,
    common: &Common,
    update: impl Fn(&str, bool) -> OfferWrite,
) -> Action {
    let mut action = action(facts, noun, Verb::Close, update(&common.id, false))
        .summary(&common.id)
        .fields(vec![Field::change("active", "true", "false")])
        .stage(1)
        .undo(Write::Offer(update(&common.id, true)));
    action.name = format!("{} (old)", facts.address.item);
    action
}

/// A percentage: a number, or its text.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "for the schema: what may be written")]
enum Written {
    /// `20`, `8.875`
    Number(f64),
    /// `"20"`
    Text(String),
}

/// A percentage as the checklist has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Percent(String);

impl JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a percentage: 20 or \"8.875\"")]
        enum Either {
            Whole(i64),
            Fraction(f64),
            Text(String),
        }
        Ok(Self(match Either::deserialize(from)? {
            Either::Whole(number) => number.to_string(),
            Either::Fraction(number) => plain(&number.to_string()),
            Either::Text(text) if is_open(&text) => text,
            Either::Text(text) => plain(text.trim().trim_end_matches('%').trim_end()),
        }))
    }
}

impl Percent {
    /// The number as text, without needless zeros.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// What is wrong with it.
    pub(super) fn complaint(&self, path: &str, least: f64) -> Option<Complaint> {
        if is_open(&self.0) {
            return None;
        }
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = self.0.parse::<f64>().ok().filter(|number| digits && (least..=100.0).contains(number));
        let places = self.0.split_once('.').map_or(0, |(_, places)| places.len());
        if number.is_some() && places <= 4 {
            return None;
        }
        let message = format!("`{}` is not a percentage that Stripe takes", self.0);
        Some(complaint(path, Code::BadValue, message, "write a number up to 100 with at most 4 decimals: 20 or 8.875"))
    }
}

/// Stripe's number as text, without needless zeros.
pub(super) fn percent_of(found: &Number) -> String {
    plain(&found.to_string())
}

/// A moment as the checklist has it: a day, which counts to its end, or an instant. Both in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(jiff::civil::Date),
    Instant(jiff::Timestamp),
}

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = || text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10).map(Self::Day);
        day().or_else(|| text.parse().ok().map(Self::Instant))
    }

    /// Unix seconds; of a day, its last second.
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Instant(at) => at.as_second(),
            Self::Day(day) => {
                let end = day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC);
                end.map_or(0, |end| end.timestamp().as_second())
            }
        }
    }

    /// Whether Stripe's moment is this one: the same second, or any on that day.
    pub(super) fn is(self, found: i64) -> bool {
        match self {
            Self::Instant(at) => at.as_second() == found,
            Self::Day(_) => (0..86_400).contains(&(self.seconds() - found)),
        }
    }
}

/// `2027-01-31 23:59:59 UTC`
pub(super) fn moment(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A moment that may be missing, against Stripe's.
pub(super) fn moment_differs(name: &str, wanted: Option<&str>, found: Option<i64>) -> Option<Field> {
    let wanted = wanted.and_then(Moment::read);
    let same = match (wanted, found) {
        (None, None) => true,
        (Some(wanted), Some(found)) => wanted.is(found),
        _ => false,
    };
    let shown = |at: Option<i64>| at.map_or_else(|| "never".to_owned(), moment);
    (!same).then(|| Field::change(name, shown(found), shown(wanted.map(Moment::seconds))))
}

/// What is wrong with the text of a moment.
pub(super) fn moment_complaint(path: &str, text: Option<&String>) -> Option<Complaint> {
    let text = text.filter(|text| !is_open(text) && Moment::read(text).is_none())?;
    let help = "write a day, 2027-01-31, or a moment in UTC, 2027-01-31T18:00:00Z";
    Some(complaint(path, Code::BadValue, format!("`{text}` is not a date"), help))
}

/// An amount, when the text is one.
pub(super) fn money(text: &str) -> Option<Money> {
    text.parse().ok()
}

/// What is wrong with the text of an amount.
pub(super) fn money_complaint(path: &str, text: &str) -> Option<Complaint> {
    let error = text.parse::<Money>().err().filter(|_| !is_open(text))?;
    Some(Complaint { path: path.into(), code: Code::BadAmount, message: error.message, help: error.help })
}

/// Complaints about further currencies: each an amount, none twice, none the main one.
pub(super) fn currencies_complaints(path: &str, main: Option<&str>, texts: &[String]) -> Vec<Complaint> {
    let mut seen: Vec<String> = main.and_then(money).map(|money| money.currency.api_code()).into_iter().collect();
    let mut complaints = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let path = format!("{path}[{n}]");
        complaints.extend(money_complaint(&path, text));
        let Some(currency) = money(text).map(|money| money.currency) else { continue };
        if seen.contains(&currency.api_code()) {
            let message = format!("there are two amounts in {currency}");
            complaints.push(complaint(&path, Code::BadValue, message, "write one amount for each currency"));
        }
        seen.push(currency.api_code());
    }
    complaints
}

/// Amounts by currency, as they are sent.
pub(super) fn currencies(texts: &[String]) -> Currencies {
    texts.iter().filter_map(|text| money(text)).map(|money| (money.currency.api_code(), money.minor)).collect()
}

/// Amounts of Stripe's `currency_options`, from the named field of each.
pub(super) fn options_of(options: Option<&BTreeMap<String, Value>>, field: &str) -> Currencies {
    let each = options.into_iter().flatten();
    each.filter_map(|(currency, option)| Some((currency.clone(), option[field].as_i64()?))).collect()
}

/// `18.00 EUR`
pub(super) fn shown(minor: i64, currency: &str) -> String {
    Money::from_stripe(minor, currency).to_string()
}

/// Currencies whose amount is another one in Stripe.
pub(super) fn currencies_differ(wanted: &Currencies, found: &Currencies) -> Vec<Field> {
    let differs = |(currency, minor): (&String, &i64)| {
        let now = found.get(currency).filter(|now| *now != minor)?;
        Some(Field::change(currency, shown(*now, currency), shown(*minor, currency)))
    };
    wanted.iter().filter_map(differs).collect()
}

/// Currencies that Stripe's object lacks.
pub(super) fn currencies_missing(wanted: &Currencies, found: &Currencies, fields: &mut Vec<Field>) -> Currencies {
    let missing: Currencies =
        wanted.iter().filter(|(currency, _)| !found.contains_key(*currency)).map(|(c, m)| (c.clone(), *m)).collect();
    fields.extend(missing.iter().map(|(currency, minor)| Field::new(currency, shown(*minor, currency))));
    missing
}

/// A complaint about the variable that takes an id.
pub(super) fn env_complaint(path: &str, name: Option<&String>) -> Option<Complaint> {
    name.and_then(|name| env_name(path, name))
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
