//! The products and prices that the rules of `catalog` have found, each once; and what the document says
//! about all its amounts.

use super::amount::{self, Custom, Unclear};
use super::billing::Billing;
use super::catalog::CURRENCY;
use super::words::{any, bare, labelled};
use super::work::{Price, Product, Question, Work, short};
use crate::compose::slug;
use crate::money::{Currency, Money};

/// What the document says about all its amounts: which currency, which decimal separator.
pub fn settings(work: &mut Work<'_>) {
    let all: Vec<&str> = work.lines.iter().map(|line| line.text.as_str()).collect();
    let decimals: Vec<char> = all.iter().filter_map(|line| amount::decimal(line)).collect();
    let first = decimals.first().copied();
    work.custom.decimal = first.filter(|first| decimals.iter().all(|decimal| decimal == first));
    if let Some(answer) = work.answers.get("currency").and_then(|code| Currency::find(code.trim())) {
        work.custom.dollar = Some(answer);
        return;
    }
    let mut said: Vec<Currency> = Vec::new();
    let mut shown: Vec<Currency> = Vec::new();
    for line in &all {
        let stated = labelled(line.trim_start_matches(['-', '*', ' ']))
            .filter(|(label, _)| any(label, CURRENCY) && label.len() < 20);
        said.extend(stated.and_then(|(_, value)| Currency::find(bare(&value).get(..3)?)));
        let lower = line.to_lowercase();
        let all_in = [
            "all prices in ",
            "all amounts in ",
            "prices are in ",
            "amounts are in ",
            "alle preise in ",
            "preços em ",
            "precios en ",
            "prix en ",
        ];
        said.extend(all_in.iter().filter_map(|words| {
            let at = lower.find(words)? + words.len();
            Currency::find(lower.get(at..at + 3)?)
        }));
        if line.contains('$') {
            let coded = amount::find(line, Custom::default()).into_iter().filter(|found| found.written.contains('$'));
            shown.extend(coded.filter_map(|found| Currency::find(found.amount.ok()?.rsplit_once(' ')?.1)));
        }
    }
    work.custom.stated = said.first().copied().filter(|first| said.iter().all(|currency| currency == first));
    let dollars: Vec<Currency> = said
        .into_iter()
        .chain(shown)
        .filter(|currency| currency.code().ends_with('D') || currency.code() == "MXN")
        .collect();
    work.custom.dollar = dollars.first().copied().filter(|first| dollars.iter().all(|currency| currency == first));
}

/// The product of this name, or a new one. `Basic` is `MiniPass Basic` if there is one such.
pub fn product(work: &mut Work<'_>, name: &str, line: usize) -> usize {
    let key = |name: &str| -> Vec<String> {
        name.to_lowercase()
            .split_whitespace()
            .filter(|word| !["plan", "the", "tarif", "plano"].contains(word))
            .map(str::to_owned)
            .collect()
    };
    let wanted = key(name);
    if let Some(index) = work.found.by_name.get(&wanted.join(" ")) {
        return *index;
    }
    // A name may be the end of a longer one; among hundreds that says nothing.
    let few = work.found.products.len() < 200;
    let same: Vec<usize> = work
        .found
        .products
        .iter()
        .enumerate()
        .filter(|(_, product)| {
            let known = key(&product.name);
            few && !wanted.is_empty() && (known.ends_with(&wanted) || known.starts_with(&wanted))
        })
        .map(|(index, _)| index)
        .collect();
    if let [only] = same.as_slice() {
        return *only;
    }
    work.found.by_name.insert(wanted.join(" "), work.found.products.len());
    work.found.products.push(Product { name: name.to_owned(), lines: vec![line], ..Product::default() });
    work.found.products.len() - 1
}

/// A price as the document offers it.
pub struct Offer<'o> {
    /// The product.
    pub name: &'o str,
    /// What the price is called, if the document says so.
    pub nickname: Option<String>,
    /// How often it is charged, if it says so.
    pub often: Option<Billing>,
    /// The text of the amount.
    pub written: &'o str,
    /// Its line.
    pub line: usize,
}

/// Adds a price to its product. What is not certain of its amount becomes its question.
pub fn add(work: &mut Work<'_>, offer: &Offer<'_>) {
    let index = product(work, offer.name, offer.line);
    let interval = match offer.often {
        Some(Billing::Every(interval)) => Some(interval),
        _ => None,
    };
    let name = work.found.products[index].name.clone();
    let nickname = offer.nickname.clone().unwrap_or_else(|| match interval {
        Some("month") => format!("{name} monthly"),
        Some("year") => format!("{name} yearly"),
        Some(other) => format!("{name} every {other}"),
        None => name,
    });
    let (amount, question) = amount_of(work, &nickname, offer);
    let unsaid = offer.often.is_none();
    let price = Price { nickname, amount, interval, line: offer.line, question, unsaid, ..Price::default() };
    let asked = work.at(offer.line);
    merge(&mut work.found.products[index].prices, price, asked, offer.written);
    work.found.products[index].lines.push(offer.line);
    work.claim(offer.line..offer.line + 1, "catalog");
}

/// The amount that is offered, or what has to be asked; an answer that was given settles it.
fn amount_of(work: &Work<'_>, nickname: &str, offer: &Offer<'_>) -> (Option<String>, Option<Question>) {
    let mut found = amount::find(offer.written, work.custom);
    let amount = match (found.len(), found.pop()) {
        (1, Some(found)) => found.amount,
        (0, _) => amount::bare(offer.written, work.custom)
            .unwrap_or_else(|| Err(Unclear::NotMoney("the document names no amount".to_owned()))),
        _ => Err(Unclear::Vague),
    };
    let id = format!("price.{}", slug(nickname));
    let answered = work.answers.get(&id).and_then(|answer| answer.parse::<Money>().ok());
    match (answered, amount) {
        (Some(money), _) => (Some(money.to_string()), None),
        (None, Ok(amount)) => (Some(amount), None),
        (None, Err(unclear)) => {
            let dollar = matches!(&unclear, Unclear::Currency { symbol: "$", .. });
            let asked = format!("{nickname}: {}", unclear.asked());
            let written = short(offer.written.trim(), 60);
            (None, Some(Question { id, line: work.at(offer.line), written, asked, dollar }))
        }
    }
}

/// Puts a price among those of its product. Two amounts for the same price are a question, whatever
/// else is said later.
fn merge(prices: &mut Vec<Price>, price: Price, line: usize, written: &str) {
    let same = |known: &&mut Price| {
        known.interval == price.interval && known.nickname.to_lowercase() == price.nickname.to_lowercase()
    };
    let Some(known) = prices.iter_mut().find(same) else { return prices.push(price) };
    if known.disputed || price.amount.is_none() || known.amount == price.amount {
        return;
    }
    let Some(former) = known.amount.take() else {
        known.amount = price.amount;
        known.question = None;
        return;
    };
    let asked = format!("{}: two amounts, {former} and {}", price.nickname, price.amount.unwrap_or_default());
    let id = format!("price.{}", slug(&price.nickname));
    known.question = Some(Question { id, line, written: short(written.trim(), 60), asked, dollar: false });
    known.disputed = true;
}

/// An amount that the document gives where it names the product again: one, and only one.
pub fn elsewhere(work: &mut Work<'_>) {
    for index in 0..work.found.products.len().min(50) {
        let product = &work.found.products[index];
        let [price] = product.prices.as_slice() else { continue };
        // Only where no amount stands beside the price: one that is unclear is for the person.
        let silent =
            price.question.as_ref().is_some_and(|question| !question.written.contains(|c: char| c.is_ascii_digit()));
        if price.amount.is_some() || price.disputed || !silent {
            continue;
        }
        let mut seen: Vec<(String, usize)> = Vec::new();
        for (line, text) in work.lines.iter().enumerate().filter(|(_, line)| line.text.contains(product.name.as_str()))
        {
            seen.extend(
                amount::find(&text.text, work.custom).into_iter().filter_map(|found| Some((found.amount.ok()?, line))),
            );
        }
        let Some((amount, line)) = seen.first().cloned() else { continue };
        if seen.iter().all(|(other, _)| *other == amount) {
            let price = &mut work.found.products[index].prices[0];
            price.amount = Some(amount);
            price.question = None;
            price.elsewhere = Some(line);
        }
    }
}
