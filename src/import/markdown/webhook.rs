//! The endpoint: its URL, the events it is sent, and what it is called.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::tree::{Block, Kind};
use super::words::{Topic, any, bare, labelled};
use super::work::{Webhook, Work};
use crate::kind::is_url;

/// Every event that Stripe can deliver, one a line.
const EVENTS: &str = include_str!("../../kind/webhook/events.txt");

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"https?://[^\s`'"<>|)\]*,“”]+(?:<[a-z]+>|\{[a-z]+\})?[^\s`'"<>|)\]*,“”]*"#).unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static EVENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[a-z_]+(?:\.[a-z_]+)+\b").unwrap());

/// Finds it.
pub fn find(work: &mut Work<'_>) {
    let mut urls: Vec<(u32, String, usize)> = Vec::new();
    let mut uuid = false;
    let mut hook = Webhook::default();
    for (index, section) in work.sections.iter().enumerate() {
        let topic = work.topics[index];
        for block in section.all() {
            for (offset, text) in block.text.lines().enumerate() {
                let line = block.lines.start + offset + usize::from(matches!(block.kind, Kind::Code(_)));
                for found in URL.find_iter(text) {
                    let url = found.as_str().trim_end_matches(['.', ':', ';', '\\']);
                    let stem = url.split(['{', '<']).next().unwrap_or(url);
                    if let Some(rank) = rank(url, text, topic).filter(|_| is_url(stem)) {
                        let suffix = url[stem.len()..].to_lowercase();
                        uuid |= suffix.contains("uuid");
                        urls.push((rank + u32::from(suffix.is_empty()), stem.to_owned(), line));
                    }
                }
            }
        }
        if topic == Some(Topic::Webhook) {
            described(section.all().as_slice(), &mut hook);
        }
    }
    let best = urls.iter().max_by(|one, other| one.0.cmp(&other.0).then(other.2.cmp(&one.2))).cloned();
    events(work, &mut hook);
    let Some((_, url, line)) = best.or_else(|| (!hook.events.is_empty()).then(|| (0, String::new(), 0))) else {
        return;
    };
    if !url.is_empty() {
        hook.uuid = uuid;
        work.claim(line..line + 1, "webhook");
        hook.lines.push(line);
        hook.url = Some((url, line));
    }
    for line in hook.lines.clone() {
        work.claim(line..line + 1, "webhook");
    }
    work.found.webhook = Some(hook);
}

/// How likely a URL is the endpoint; `None`: it is something else.
fn rank(url: &str, text: &str, topic: Option<Topic>) -> Option<u32> {
    let lower = url.to_lowercase();
    let host = lower.split("://").nth(1)?.split('/').next()?;
    if host.ends_with("stripe.com")
        || host.contains("readthedocs")
        || host.starts_with("docs.")
        || host.contains("github.com")
    {
        return None;
    }
    let path = lower.split("://").nth(1)?.split_once('/').map_or("", |(_, path)| path);
    let around = text.to_lowercase();
    let labelled = any(
        &around,
        &[
            "endpoint url",
            "webhook url",
            "webhook-url",
            "endpoint-url",
            "endpoint:",
            "url points to",
            "url do webhook",
            "url del webhook",
            "url:",
        ],
    );
    let hooked = any(path, &["webhook", "hook", "stripe/event", "stripe-event"]);
    if !(hooked || (labelled && topic == Some(Topic::Webhook)))
        || host.starts_with("localhost")
        || host.starts_with("127.")
    {
        return None;
    }
    let mut rank = 10;
    rank += if labelled { 40 } else { 0 };
    rank += if hooked { 10 } else { 0 };
    rank += if topic == Some(Topic::Webhook) { 20 } else { 0 };
    rank += if is_placeholder_host(host) { 0 } else { 100 };
    rank -= if matches!(topic, Some(Topic::Trouble | Topic::Rollback | Topic::Elsewhere)) { 9 } else { 0 };
    Some(rank)
}

/// Whether a host is nobody's: `your-domain.com`, `example.com`.
pub fn is_placeholder_host(host: &str) -> bool {
    host.starts_with("your")
        || host.starts_with('<')
        || host.contains("your-")
        || host.contains("yourdomain")
        || host.starts_with("example.")
        || host.starts_with("domain.")
        || host.ends_with(".example")
        || host.contains(".example.")
        || host.contains("deine-")
        || host.contains("seu-")
        || host.contains("tu-dominio")
        || host.ends_with("example.com")
}

/// Its description, where a label says so.
fn described(blocks: &[&Block], hook: &mut Webhook) {
    for block in blocks.iter().filter(|block| matches!(block.kind, Kind::Entry { .. })) {
        let Some((label, value)) = labelled(&block.text) else { continue };
        if any(&label, &["description", "beschreibung", "descrição", "descripción"])
            && hook.description.is_none()
            && !value.is_empty()
        {
            hook.description = Some(bare(&value));
            hook.lines.extend(block.lines.clone());
        }
    }
}

/// The events: those listed where events are chosen; otherwise those of the endpoint's sections.
fn events(work: &Work<'_>, hook: &mut Webhook) {
    let known: BTreeSet<&str> = EVENTS.lines().collect();
    let named = |text: &str| -> Vec<String> {
        EVENT
            .find_iter(text)
            .map(|found| found.as_str())
            .filter(|event| known.contains(event))
            .map(str::to_owned)
            .collect()
    };
    let mut chosen: Vec<(String, usize)> = Vec::new();
    let mut there: Vec<(String, usize)> = Vec::new();
    let mut anywhere: Vec<(String, usize)> = Vec::new();
    for (index, section) in work.sections.iter().enumerate() {
        let topic = work.topics[index];
        if matches!(topic, Some(Topic::Trouble | Topic::Rollback)) {
            continue;
        }
        let heading_chooses = chooses(&section.title);
        let mut lead = false;
        for block in &section.blocks {
            let text = block.text.as_str();
            // A paragraph that ends in a colon chooses for the list below it.
            let here =
                heading_chooses || (lead && matches!(block.kind, Kind::Entry { .. } | Kind::Code(_) | Kind::Table(_)));
            collect(block, here, topic == Some(Topic::Webhook), &named, &mut chosen, &mut there);
            if !matches!(block.kind, Kind::Entry { .. }) {
                lead = chooses(text) && text.trim_end().ends_with(':');
                if lead {
                    hook.lines.extend(block.lines.clone());
                }
            }
        }
        if topic != Some(Topic::Monitoring) {
            for block in section.all() {
                anywhere.extend(named(&block.text).into_iter().map(|event| (event, block.lines.start)));
                if let Kind::Table(rows) = &block.kind {
                    let each = rows
                        .iter()
                        .flat_map(|(line, cells)| named(&cells.join(" ")).into_iter().map(move |event| (event, *line)));
                    anywhere.extend(each);
                }
            }
        }
    }
    let best = [chosen, there, anywhere].into_iter().find(|events| !events.is_empty()).unwrap_or_default();
    for (event, line) in best {
        if !hook.events.contains(&event) {
            hook.events.push(event);
        }
        hook.lines.push(line);
    }
}

fn collect(
    block: &Block,
    here: bool,
    webhook: bool,
    named: &dyn Fn(&str) -> Vec<String>,
    chosen: &mut Vec<(String, usize)>,
    there: &mut Vec<(String, usize)>,
) {
    let first = block.lines.start + usize::from(matches!(block.kind, Kind::Code(_)));
    let mut texts: Vec<(usize, String)> =
        block.text.lines().enumerate().map(|(offset, text)| (first + offset, text.to_owned())).collect();
    if let Kind::Table(rows) = &block.kind {
        texts.extend(rows.iter().map(|(line, cells)| (*line, cells.join(" "))));
    }
    let chooses = here || chooses(&block.text);
    for (line, text) in texts {
        let found = named(&text).into_iter().map(|event| (event, line));
        if chooses {
            chosen.extend(found);
        } else if webhook {
            there.extend(found);
        }
    }
    for child in &block.children {
        collect(child, chooses, webhook, named, chosen, there);
    }
}

/// Whether a text is where events are chosen.
fn chooses(text: &str) -> bool {
    let lower = text.to_lowercase();
    let events = any(&lower, &["event", "ereignis", "evento", "événement"]);
    let verbs = any(
        &lower,
        &[
            "select",
            "listen",
            "send",
            "subscrib",
            "following event",
            "required event",
            "auswähl",
            "wähle",
            "folgende",
            "abonnier",
            "selecion",
            "escut",
            "seguintes",
            "assina",
            "seleccion",
            "escuch",
            "siguientes",
            "suscrib",
            "sélectionn",
            "events:",
            "ereignisse:",
            "eventos:",
        ],
    );
    events && verbs && !any(&lower, &["test event", "trigger", "test webhook", "select event type"])
}
