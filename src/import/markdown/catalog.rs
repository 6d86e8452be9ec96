//! Products and prices: tables with amounts, labelled lists (`Name:`, `Price:`), and lines like
//! `Pro: 20 CAD per month`. A product is known by its name, a price by product and interval.

use super::amount;
use super::billing::{self, Billing};
use super::products::{Offer, add, elsewhere, product, settings};
use super::tree::{Block, Kind, Section};
use super::words::{self, Topic, any, bare, labelled, title};
use super::work::{Question, Work};
use crate::money::Currency;

const PRODUCT: &[&str] = &[
    "product",
    "plan",
    "tier",
    "produkt",
    "tarif",
    "paket",
    "produto",
    "plano",
    "producto",
    "produit",
    "forfait",
    "subscription",
];
const AMOUNT: &[&str] =
    &["price", "amount", "preis", "betrag", "preço", "valor", "precio", "importe", "prix", "montant", "cost"];
/// Words with which a step makes something.
const MAKE: &[&str] = &["create", "add", "make", "anlegen", "erstelle", "erstellen", "criar", "crie", "crear", "créer"];
const NAME: &[&str] = &["name", "nome", "nombre", "nom", "bezeichnung"];
const DESCRIPTION: &[&str] = &["description", "beschreibung", "descrição", "descripción"];
pub const CURRENCY: &[&str] = &["currency", "währung", "moeda", "moneda", "devise"];
const PERIOD: &[&str] = &[
    "billing",
    "interval",
    "period",
    "abrechnung",
    "zahlungsweise",
    "intervall",
    "zeitraum",
    "cobrança",
    "ciclo",
    "periodicidade",
    "facturación",
    "periodicidad",
    "facturation",
];

/// Finds them all.
pub fn find(work: &mut Work<'_>) {
    settings(work);
    let mut once = None;
    for (index, section) in work.sections.iter().enumerate() {
        let topic = work.topics[index];
        if matches!(topic, Some(Topic::Trouble | Topic::Rollback | Topic::Elsewhere | Topic::Monitoring)) {
            continue;
        }
        let catalog = topic == Some(Topic::Catalog);
        for block in section.all() {
            match &block.kind {
                Kind::Table(rows) => table(work, rows, catalog),
                Kind::Entry { .. } | Kind::Paragraph => once = once.or_else(|| stated_once(&block.text)),
                Kind::Code(_) => {}
            }
        }
        groups(work, section, catalog);
        lines(work, section, catalog);
    }
    if once == Some(true) {
        for price in work.found.products.iter_mut().flat_map(|product| &mut product.prices) {
            price.interval = None;
            price.unsaid = false;
        }
    }
    elsewhere(work);
}

/// `Billing period: One-time payment`, said of no price in particular.
fn stated_once(text: &str) -> Option<bool> {
    let (label, value) = labelled(text)?;
    (any(&label, PERIOD)).then(|| billing::billing(&value) == Some(Billing::Once)).filter(|once| *once)
}

/// Which columns of a table say what.
struct Columns {
    money: Vec<usize>,
    product: usize,
    nickname: Option<usize>,
    period: Option<usize>,
}

fn columns(work: &Work<'_>, header: &[String], body: &[(usize, Vec<String>)], catalog: bool) -> Option<Columns> {
    let lower: Vec<String> = header.iter().map(|cell| words::plain(cell)).collect();
    let cell = |column: usize| body.first().and_then(|(_, cells)| cells.get(column)).map_or("", String::as_str);
    let amounts = |column: usize| {
        let has =
            |cells: &Vec<String>| cells.get(column).is_some_and(|cell| !amount::find(cell, work.custom).is_empty());
        body.iter().filter(|(_, cells)| has(cells)).count()
    };
    // A column of prices may hold numbers alone: they are prices, of a currency that is asked for.
    let priced = |column: usize| {
        let has = |cells: &Vec<String>| cells.get(column).is_some_and(|cell| amount::bare(cell, work.custom).is_some());
        any(&lower[column], AMOUNT)
            && !any(&lower[column], &[" id", "ids"])
            && (amounts(column) > 0 || body.iter().any(|(_, cells)| has(cells)))
    };
    let is_money = |column: &usize| {
        (!body.is_empty() && amounts(*column) * 2 >= body.len())
            || header_money(&header[*column]).is_some()
            || priced(*column)
    };
    let all = || 0..header.len();
    let money: Vec<usize> = all().filter(is_money).collect();
    let named = all().find(|column| !money.contains(column) && any(&lower[*column], PRODUCT));
    let first = || all().find(|column| catalog && !money.contains(column) && billing::billing(cell(*column)).is_none());
    let product = named.or_else(first).filter(|_| !money.is_empty())?;
    let free = |column: &usize| *column != product && !money.contains(column);
    let nickname = all().find(|column| free(column) && any(&lower[*column], NAME));
    let says_when = |column: &usize| any(&lower[*column], PERIOD) || billing::billing(cell(*column)).is_some();
    let period = all().find(|column| free(column) && Some(*column) != nickname && says_when(column));
    Some(Columns { money, product, nickname, period })
}

fn table(work: &mut Work<'_>, rows: &[(usize, Vec<String>)], catalog: bool) {
    let Some(((head, header), body)) = rows.split_first() else { return };
    let Some(columns) = columns(work, header, body, catalog) else { return };
    work.claim(*head..*head + 1, "catalog");
    for (line, cells) in body {
        let cell = |column: usize| cells.get(column).map(|cell| title(cell)).unwrap_or_default();
        let name = cell(columns.product);
        if name.is_empty() || any(&name.to_lowercase(), &["total", "summe", "gesamt"]) {
            continue;
        }
        for column in &columns.money {
            let mut written = cells.get(*column).map(|cell| cell.trim().to_owned()).unwrap_or_default();
            if !written.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            if let Some(code) =
                header_money(&header[*column]).filter(|_| amount::find(&written, work.custom).is_empty())
            {
                written = format!("{written} {code}");
            }
            let often = billing::billing(&written)
                .or_else(|| columns.period.and_then(|period| billing::billing(&cell(period))))
                .or_else(|| billing::billing(&header[*column]));
            let nickname = columns.nickname.map(cell).filter(|name| !name.is_empty());
            add(work, &Offer { name: &name, nickname, often, written: &written, line: *line });
        }
    }
}

/// A header that names the currency of its column: `Price (EUR)`.
fn header_money(header: &str) -> Option<Currency> {
    any(&header.to_lowercase(), AMOUNT).then(|| {
        header
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase()))
            .find_map(Currency::find)
    })?
}

/// Labelled entries under one name: a list, or a paragraph and the list below it.
fn groups(work: &mut Work<'_>, section: &Section, catalog: bool) {
    let mut lead: Option<&Block> = None;
    let mut run: Vec<&Block> = Vec::new();
    for block in &section.blocks {
        if matches!(block.kind, Kind::Entry { .. }) {
            if !block.children.is_empty() {
                let children: Vec<&Block> = block.children.iter().collect();
                group(work, Some(block), &children, catalog);
            }
            run.push(block);
        } else {
            group(work, lead, &run, catalog);
            run.clear();
            lead = matches!(block.kind, Kind::Paragraph).then_some(block);
        }
    }
    group(work, lead, &run, catalog);
}

/// An entry with its label and what is said behind it.
type Labelled<'b> = (&'b Block, String, String);

fn group(work: &mut Work<'_>, lead: Option<&Block>, entries: &[&Block], catalog: bool) {
    let labels: Vec<Labelled<'_>> =
        entries.iter().filter_map(|entry| labelled(&entry.text).map(|(label, value)| (*entry, label, value))).collect();
    let is_name = |label: &str| {
        (any(label, NAME) || PRODUCT.contains(&label)) && !any(label, &["price name", "user", "host", "domain"])
    };
    let is_price = |label: &str| any(label, AMOUNT) && !any(label, &["model", " id", "ids", "name"]);
    let own_name = labels.iter().find(|(_, label, _)| is_name(label)).map(|(_, _, value)| bare(value));
    let prices: Vec<&Labelled<'_>> = labels.iter().filter(|(_, label, _)| is_price(label)).collect();
    let lead_text = lead.map(|lead| lead.text.as_str()).filter(|text| catalog && text.len() < 60).map(|text| {
        labelled(text).map(|(_, value)| value).filter(|value| !value.is_empty()).unwrap_or_else(|| text.to_owned())
    });
    let is_product = (catalog && own_name.is_some()) || !prices.is_empty();
    let Some(name) =
        own_name.or_else(|| lead_text.map(|text| bare(&text))).map(|name| title(&name)).filter(|_| is_product)
    else {
        return;
    };
    if name.is_empty() {
        return;
    }
    let product = product(work, &name, entries.first().map_or(0, |entry| entry.lines.start));
    let (period, currency) = describe(work, product, &labels);
    if let Some(lead) = lead {
        work.claim(lead.lines.clone(), "catalog");
        work.found.products[product].lines.extend(lead.lines.clone());
    }
    for (entry, label, value) in prices {
        let often = billing::billing(value).or_else(|| billing::billing(label)).or(period);
        let custom = work.custom;
        work.custom.dollar = currency.or(custom.dollar);
        add(work, &Offer { name: &name, nickname: None, often, written: value, line: entry.lines.start });
        work.custom = custom;
    }
}

/// What labels say of a product; how often and in which currency it is charged.
fn describe(work: &mut Work<'_>, product: usize, labels: &[Labelled<'_>]) -> (Option<Billing>, Option<Currency>) {
    let (mut period, mut currency) = (None, None);
    for (entry, label, value) in labels {
        if any(label, DESCRIPTION) {
            let text = bare(value);
            // "Add a description" is a task, and no description.
            let quoted = value.trim().starts_with(['`', '"', '“']);
            let known = &mut work.found.products[product];
            if quoted || (known.prices.is_empty() && !text.to_lowercase().starts_with("add ")) {
                known.description = Some(text);
            }
        }
        period = period.or_else(|| any(label, PERIOD).then(|| billing::billing(value)).flatten());
        currency = currency.or_else(|| any(label, CURRENCY).then(|| Currency::find(bare(value).get(..3)?)).flatten());
        work.claim(entry.lines.clone(), "catalog");
        work.found.products[product].lines.extend(entry.lines.clone());
    }
    (period, currency)
}

/// `Pro: 20 CAD per month`, and boxes like `PRO monthly price created`.
fn lines(work: &mut Work<'_>, section: &Section, catalog: bool) {
    // What stands below an entry about products is about products.
    let mut below: Vec<(&Block, bool)> = section.blocks.iter().rev().map(|block| (block, catalog)).collect();
    while let Some((block, catalog)) = below.pop() {
        let about = catalog || offers(&block.text);
        below.extend(block.children.iter().rev().map(|child| (child, about)));
        if !matches!(block.kind, Kind::Entry { .. } | Kind::Paragraph) || !work.is_open(block.lines.start) {
            continue;
        }
        for (offset, text) in block.text.lines().enumerate() {
            let line = block.lines.start + offset;
            let found = amount::find(text, work.custom);
            if several(work, text, &found, catalog, line) {
                continue;
            }
            if let [only] = found.as_slice() {
                if let Some(name) = made(&text[..only.at.start]) {
                    let often = billing::billing(&text[only.at.end..]);
                    add(work, &Offer { name: &name, nickname: None, often, written: &text[only.at.start..], line });
                    continue;
                }
                let name = name_of(&text[..only.at.start]);
                let behind = billing::billing(&text[only.at.end..]);
                // Elsewhere a list of prices is one by its shape: a name, an amount, how often.
                let plain = matches!(block.kind, Kind::Entry { ticked: None, numbered: false });
                let listed = catalog || (plain && behind.is_some());
                if listed && !name.is_empty() && name.split_whitespace().count() <= 5 {
                    let billing = behind.or_else(|| billing::billing(&text[..only.at.start]));
                    add(
                        work,
                        &Offer { name: &name, nickname: None, often: billing, written: &text[only.at.start..], line },
                    );
                    continue;
                }
            }
            if catalog
                && found.is_empty()
                && let Some((name, billing)) = promised(text)
            {
                add(work, &Offer { name: &name, nickname: None, often: Some(billing), written: "", line });
            }
        }
    }
}

/// Whether an entry says that products or prices are to be made, and those below it are they.
fn offers(text: &str) -> bool {
    let lower = words::plain(text);
    text.len() < 80 && any(&lower, MAKE) && (any(&lower, PRODUCT) || any(&lower, AMOUNT))
}

/// `Create the plan Solo at`: the name of a product that a step makes.
fn made(text: &str) -> Option<String> {
    const SMALL: &[&str] = &["the", "a", "an", "new", "das", "den", "die", "ein", "o", "el", "la", "le"];
    let words: Vec<&str> =
        text.split_whitespace().skip_while(|word| !word.chars().any(char::is_alphanumeric)).collect();
    let (verb, rest) = words.split_first()?;
    let lower = |word: &&str| word.to_lowercase();
    let rest: Vec<&str> =
        rest.iter().copied().skip_while(|word| SMALL.contains(&word.to_lowercase().as_str())).collect();
    let (noun, rest) = rest.split_first().filter(|_| MAKE.contains(&lower(verb).as_str()))?;
    let ends = |word: &&&str| !["at", "for", "zu", "für", "por", "à", "-", "–", "—"].contains(&lower(word).as_str());
    let name: Vec<&str> = rest.iter().take_while(ends).copied().collect();
    let name = title(name.join(" ").trim_matches([',', ':', '"', '“', '”', ' ', '`']));
    let is_name = PRODUCT.contains(&lower(noun).as_str()) && !name.is_empty() && name.split_whitespace().count() <= 5;
    is_name.then_some(name)
}

/// `Team — 29 EUR/month or 290 EUR/year`: several prices of one product, each with its own rhythm.
fn several(work: &mut Work<'_>, text: &str, found: &[amount::Found], catalog: bool, line: usize) -> bool {
    let [first, .., _] = found else { return false };
    let name = made(&text[..first.at.start]).or_else(|| catalog.then(|| name_of(&text[..first.at.start])));
    let Some(name) = name.filter(|name| !name.is_empty() && name.split_whitespace().count() <= 5) else { return false };
    let ends = found.iter().skip(1).map(|next| next.at.start).chain([text.len()]);
    let each: Vec<(&str, Option<Billing>)> = found
        .iter()
        .zip(ends)
        .map(|(one, end)| (&text[one.at.start..end], billing::billing(&text[one.at.end..end])))
        .collect();
    let rhythms: std::collections::BTreeSet<String> =
        each.iter().filter_map(|(_, often)| Some(format!("{:?}", (*often)?))).collect();
    if rhythms.len() != found.len() {
        return false;
    }
    for (written, often) in each {
        add(work, &Offer { name: &name, nickname: None, often, written, line });
    }
    true
}

/// The words before an amount, as a name: without how often, and without marks.
fn name_of(text: &str) -> String {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !billing::is_billing_word(word) && !any(&word.to_lowercase(), AMOUNT))
        .collect();
    let clean = |text: &str| title(text).trim_end_matches(['-', '–', '—', '(', '=', '|', ' ', ':']).trim().to_owned();
    let name = clean(&words.join(" "));
    // "Monthly: 20 EUR" is all the name that there is.
    let headless = name.starts_with(char::is_lowercase) && !clean(text).starts_with(char::is_lowercase);
    if name.is_empty() || headless || PRODUCT.contains(&name.to_lowercase().as_str()) { clean(text) } else { name }
}

/// Money in a step that became no price: nobody should find out on launch day.
pub fn unclaimed(work: &mut Work<'_>, text: &str, line: usize) -> Option<String> {
    let found = amount::find(text, work.custom);
    // Amounts between bars are what is left of a table.
    let priced = found.first().filter(|_| any(&words::plain(text), AMOUNT) || text.contains('|'))?;
    let written = priced.written.clone();
    let asked = format!("`{written}`: is this a price that golive shall make?");
    let id = format!("price.line_{}", work.at(line));
    work.found.questions.push(Question {
        id,
        line: work.at(line),
        written: super::work::short(text.trim(), 60),
        asked: asked.clone(),
        dollar: false,
    });
    Some(format!("DECIDE, line {}: {asked}", work.at(line)))
}

/// `BASIC monthly price created`: a price without an amount.
fn promised(text: &str) -> Option<(String, Billing)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| billing::is_billing_word(word))?;
    let next = words.get(at + 1)?.to_lowercase();
    let is_price = any(&next, AMOUNT) && !next.ends_with('s');
    let named =
        (1..=3).contains(&at) && words[..at].iter().all(|word| word.chars().next().is_some_and(char::is_uppercase));
    (is_price && named).then(|| Some((title(&words[..at].join(" ")), billing::billing(words[at])?)))?
}
