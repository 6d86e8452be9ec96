//! The items that golive does itself: keys, products, endpoint, portal and the env file, each with what
//! the document says about it.

use super::draft::{Maker, with_asides, with_source};
use super::steps::Steps;
use super::webhook::is_placeholder_host;
use super::words::Topic;
use super::work::{Product, Question, Variable, Webhook, Work, short};
use crate::compose::{Field, Item, Names, Phase, Value, literal, slug};

impl Maker {
    /// Keys, products, endpoint and portal: what golive does itself.
    pub fn account(&mut self, work: &mut Work<'_>, steps: &Steps) -> Option<Phase> {
        let found = &work.found;
        let any = !found.products.is_empty()
            || found.webhook.is_some()
            || !found.portal.is_empty()
            || found.secret_key.is_some();
        if !any {
            return None;
        }
        let mut phase = Phase::new(self.names.take("stripe"), "Stripe");
        phase.why = Some("What golive makes in the account, and compares again whenever it is asked.".to_owned());
        phase.comment = vec!["── Done by golive ──".to_owned()];
        let mut ids = Names::default();
        let mut keys = Item::new(ids.take("keys"), "keys", "API keys").field("when", "before");
        for (name, field) in [("secret_env", &found.secret_key), ("publishable_env", &found.publishable_key)] {
            keys = keys.maybe(name, field.as_ref().map(|(variable, _)| variable.as_str()));
        }
        phase.items.push(with_asides(keys, Topic::Keys, steps));
        let products = work.found.products.clone();
        let mut catalog: Vec<Item> = products.iter().map(|product| product_item(work, product, &mut ids)).collect();
        if let Some(first) = catalog.first_mut() {
            *first = with_asides(std::mem::take(first), Topic::Catalog, steps);
        }
        phase.items.extend(catalog);
        phase.items.extend(self.webhook(work, &mut ids).map(|item| with_asides(item, Topic::Webhook, steps)));
        if !work.found.portal.is_empty() {
            let mut portal = Item::new(ids.take("portal"), "portal", "Customer portal").field("when", "before");
            for (name, value, _) in &work.found.portal {
                portal.fields.push(Field::new(name.as_str(), value.clone()));
            }
            portal = with_source(portal, work.found.portal.iter().map(|(_, _, line)| work.raw(*line)));
            phase.items.push(with_asides(portal, Topic::Portal, steps));
        }
        Some(phase)
    }

    fn webhook(&mut self, work: &mut Work<'_>, ids: &mut Names) -> Option<Item> {
        let hook = work.found.webhook.clone()?;
        if hook.url.is_none() || hook.events.is_empty() {
            return Some(unfinished(work, hook, ids));
        }
        let (url, line) = hook.url.clone()?;
        let (scheme, rest) = url.split_once("://")?;
        let (host, path) =
            rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
        let placeholder = is_placeholder_host(host);
        let shown =
            if host.contains(['$', '{', '<']) { literal(&url) } else { format!("https://${{vars.host}}{path}") };
        if !host.contains(['$', '{', '<']) {
            self.host = Some((host.to_owned(), placeholder));
        }
        let mut item = Item::new(ids.take("webhook"), "webhook", "Webhook").field("when", "before");
        if placeholder || scheme == "http" {
            let asked = if placeholder {
                "the URL has the host of nobody; which one is yours?"
            } else {
                "the URL begins with http, and Stripe calls https only; is it the same host?"
            };
            work.found.questions.push(Question {
                id: "host".into(),
                line: work.at(line),
                written: url.clone(),
                asked: format!("webhook: {asked}"),
                dollar: false,
            });
            item = item.note(format!("DECIDE, line {}: {asked}", work.at(line)));
        }
        let events: Vec<&str> = hook.events.iter().map(String::as_str).collect();
        item = item.field("url", shown);
        if hook.uuid && path.ends_with('/') {
            item = item.field("url_suffix", "uuid");
        }
        item = item.maybe("description", hook.description.as_deref().map(literal)).field("events", Value::list(events));
        item = item.maybe("secret_env", work.found.signing_secret.as_ref().map(|(name, _)| name.as_str()));
        Some(with_source(item, hook.lines.iter().map(|line| work.raw(*line))))
    }

    /// The env file, and the secrets that are made for it.
    pub fn env(&mut self, work: &mut Work<'_>, steps: &Steps) -> Option<Phase> {
        if work.found.variables.is_empty() && work.found.secret_key.is_none() {
            return None;
        }
        let mut phase = Phase::new(self.names.take("env"), "Env file");
        let mut ids = Names::default();
        let rule = |name: &str| Value::table([("name", name)]);
        let mut rules = rules(work);
        let (mut values, mut ask) = (Vec::new(), Vec::new());
        let found = &work.found;
        for name in &found.order {
            let Some((variable, line)) = found.variables.get(name) else { continue };
            match variable {
                Variable::Value(value) => values.push((name.clone(), Value::from(literal(value)))),
                Variable::Ask { secret: true } => ask.push(rule(name).with("secret", true)),
                Variable::Ask { secret: false } => ask.push(rule(name)),
                Variable::Generated => {
                    let item = Item::new(ids.take(name), "secret", format!("A new {name}"));
                    let item = item.field("when", "before").field("env", name.as_str());
                    phase.items.push(with_source(item, [format!("{name}, line {}", work.at(*line))].into_iter()));
                }
                Variable::NotEquals(value) => rules.push(rule(name).with("not_equals", literal(value))),
                Variable::Absent => rules.push(rule(name).with("absent", true)),
            }
        }
        let mut file = Item::new(ids.take("file"), "env", "The env file is complete").field("when", "before");
        if !values.is_empty() {
            file = file.field("values", Value::Table(values));
        }
        for (name, entries) in [("ask", ask), ("assert", rules)] {
            if !entries.is_empty() {
                file = file.field(name, Value::List(entries));
            }
        }
        file = with_source(file, work.found.said.iter().map(|line| work.raw(*line)));
        phase.items.push(with_asides(file, Topic::Env, steps));
        Some(phase)
    }
}

/// An endpoint that lacks its URL or its events: a person's, until it is whole.
fn unfinished(work: &mut Work<'_>, hook: Webhook, ids: &mut Names) -> Item {
    let asked = if hook.url.is_none() {
        "the document names events, and no URL for them"
    } else {
        "the document names the endpoint, and no events for it"
    };
    let url = hook.url.map(|(url, _)| url);
    let written = url.clone().unwrap_or_else(|| short(&hook.events.join(", "), 60));
    let line = work.at(hook.lines.first().copied().unwrap_or(0));
    let asked_whole = format!("webhook: {asked}");
    work.found.questions.push(Question { id: "webhook".into(), line, written, asked: asked_whole, dollar: false });
    let (url, events) = (url.unwrap_or_default(), hook.events.join("\n"));
    let help = format!("Make this a `webhook` item with `url` and `events`.\n{url}\n{events}");
    let item = Item::new(ids.take("webhook"), "manual", "Webhook endpoint").note(format!("DECIDE: {asked}."));
    item.field("help", literal(help.trim())).field("when", "before")
}

/// What must be true of the variables that other items provide.
fn rules(work: &Work<'_>) -> Vec<Value> {
    let found = &work.found;
    let rule = |name: &str, field: &str, text: &str| Value::table([("name", name), (field, text)]);
    let mut rules = Vec::new();
    rules.extend(found.secret_key.iter().map(|(name, _)| rule(name, "key", "secret")));
    rules.extend(found.publishable_key.iter().map(|(name, _)| rule(name, "key", "publishable")));
    rules.extend(found.signing_secret.iter().map(|(name, _)| rule(name, "prefix", "whsec_")));
    let prices = found.products.iter().flat_map(|product| &product.prices).filter(|price| price.amount.is_some());
    rules.extend(prices.filter_map(|price| price.env.as_deref()).map(|name| rule(name, "prefix", "price_")));
    rules
}

fn product_item(work: &mut Work<'_>, product: &Product, ids: &mut Names) -> Item {
    let mut item = Item::new(ids.take(&product.name), "product", literal(&product.name)).field("when", "before");
    item = item.maybe("description", product.description.as_deref().map(literal));
    let mut prices = Vec::new();
    for price in &product.prices {
        let Some(amount) = &price.amount else {
            let Some(question) = &price.question else { continue };
            let interval = price.interval.map(|interval| format!(", interval = \"{interval}\"")).unwrap_or_default();
            let env = price.env.as_ref().map(|name| format!(", env = \"{name}\"")).unwrap_or_default();
            let example = format!(
                "    {{ lookup_key = \"{}\", nickname = \"{}\", amount = \"…\"{interval}{env} }},",
                slug(&price.nickname),
                price.nickname
            );
            item = item.note(format!("DECIDE, line {}: {}", question.line, question.asked)).note(example);
            work.found.questions.push(question.clone());
            continue;
        };
        if let Some(line) = price.elsewhere {
            item = item.note(format!("The amount is from line {}: {}", work.at(line), work.raw(line)));
        }
        if price.unsaid {
            let asked = format!("{}: how often is it charged? As it stands here, once.", price.nickname);
            let id = format!("often.{}", slug(&price.nickname));
            let (line, written) = (work.at(price.line), work.raw(price.line));
            item = item.note(format!("DECIDE, line {line}: {asked}"));
            work.found.questions.push(Question { id, line, written: short(&written, 60), asked, dollar: false });
        }
        let mut value = Value::table([
            ("lookup_key", slug(&price.nickname)),
            ("nickname", literal(&price.nickname)),
            ("amount", amount.clone()),
        ]);
        for (name, field) in [("interval", price.interval), ("env", price.env.as_deref())] {
            value = match field {
                Some(text) => value.with(name, text),
                None => value,
            };
        }
        prices.push(value);
    }
    if !prices.is_empty() {
        item = item.field("prices", Value::List(prices));
    }
    let mut lines = product.lines.clone();
    lines.sort_unstable();
    lines.dedup();
    with_source(item, lines.into_iter().map(|line| work.raw(line)))
}
