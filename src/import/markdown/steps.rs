//! What no other rule has taken becomes steps: boxes, numbered entries and shell blocks as items, the
//! text around them as their help. Where there is no step to go with, text is left out and said so.

use super::around::{lead, pages, parents, table, trouble};
use super::code::{code, into_step};
use super::shell;
use super::tree::{Block, Kind};
use super::words::{self, Topic, any, title};
use super::work::{Fate, Work, short};

/// An item to be.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a step")]
pub struct Step {
    pub section: usize,
    pub title: String,
    pub kind: &'static str,
    pub ticked: bool,
    pub optional: bool,
    pub info: bool,
    /// Whether it is the first of its section, and names its heading.
    pub heading: bool,
    pub help: Vec<String>,
    pub source: Vec<String>,
    pub comment: Vec<String>,
    pub link: Option<String>,
    pub command: Option<shell::Command>,
    pub lines: Vec<usize>,
}

/// Text that goes with an item that golive makes, by what it is about.
#[derive(Debug, Clone)]
pub struct Aside {
    pub topic: Topic,
    pub text: Option<String>,
    pub source: Option<String>,
}

/// What became of the rest of a document.
#[derive(Debug, Default)]
pub struct Steps {
    pub launch: Vec<Step>,
    pub rollback: Vec<Step>,
    pub asides: Vec<Aside>,
    /// Sections with their first short paragraph: why a phase is there.
    pub whys: Vec<(usize, String, Vec<usize>)>,
}

/// Finds them.
pub fn find(work: &mut Work<'_>) -> Steps {
    let mut out = Steps::default();
    let has = |wanted: &dyn Fn(&Kind) -> bool| {
        work.sections.iter().any(|section| section.all().iter().any(|block| wanted(&block.kind)))
    };
    let boxes = has(&|kind| matches!(kind, Kind::Entry { ticked: Some(_), .. }));
    let numbers = has(&|kind| matches!(kind, Kind::Entry { numbered: true, .. }));
    let walk = Walk {
        bullets: !boxes && !numbers,
        paragraphs: !boxes && !numbers && !has(&|kind| matches!(kind, Kind::Entry { .. })),
    };
    for index in 0..work.sections.len() {
        walk.section(work, index, &mut out);
    }
    parents(work);
    out
}

#[derive(Clone, Copy)]
struct Walk {
    /// Whether plain entries are steps, because there are no better ones.
    bullets: bool,
    /// Whether paragraphs are, because there are not even entries.
    paragraphs: bool,
}

impl Walk {
    fn section(self, work: &mut Work<'_>, index: usize, out: &mut Steps) {
        let section = &work.sections[index];
        let topic = work.topics[index];
        let (from, before) = (out.launch.len(), out.rollback.len());
        let why = out.whys.len();
        match topic {
            Some(Topic::Elsewhere) => {}
            Some(Topic::Trouble) => trouble(work, index, out),
            _ => {
                for block in &section.blocks {
                    self.block(work, index, block, out);
                }
            }
        }
        if out.launch.len() == from
            && out.rollback.len() == before
            && !matches!(topic, Some(Topic::Elsewhere | Topic::Trouble))
        {
            out.whys.truncate(why);
            pages(work, index, out);
        }
        let made = out.launch.len() > from || out.rollback.len() > before;
        if made {
            lead(work, index, from, before, out);
            work.claim(section.heading.clone(), "a heading");
        } else if let Some(topic) = topic.filter(|topic| used(work, index) && is_machine(work, *topic)) {
            let raw = section.heading.clone().next().map(|line| work.raw(line));
            aside(work, topic, None, raw, section.heading.clone(), out);
        }
        let reason = if topic == Some(Topic::Elsewhere) {
            "another environment than the live one"
        } else {
            "text without a step"
        };
        work.leave(section.heading.clone(), "a heading without a step");
        for block in &section.blocks {
            work.leave(block.span(), reason);
        }
    }

    fn block(self, work: &mut Work<'_>, index: usize, block: &Block, out: &mut Steps) {
        match &block.kind {
            Kind::Entry { ticked, numbered } => self.entry(work, index, block, (*ticked, *numbered), out),
            Kind::Code(language) => code(work, index, block, language, out),
            Kind::Table(rows) => table(work, index, block, rows, out),
            Kind::Paragraph if self.paragraphs && block.text.len() < 400 && work.is_open(block.lines.start) => {
                let step = of_text(work, index, block);
                push(work, step, out);
            }
            Kind::Paragraph => text(work, index, block, out),
        }
    }

    fn entry(
        self,
        work: &mut Work<'_>,
        index: usize,
        block: &Block,
        (ticked, numbered): (Option<bool>, bool),
        out: &mut Steps,
    ) {
        let topic = work.topics[index];
        let children = |walk: Self, work: &mut Work<'_>, out: &mut Steps| {
            for child in &block.children {
                walk.block(work, index, child, out);
            }
        };
        if !work.is_open(block.lines.start) {
            return children(self, work, out);
        }
        if ticked.is_some()
            && let Some(topic) = covered(work, &block.text)
        {
            aside(work, topic, None, Some(work.raw(block.lines.start)), block.lines.clone(), out);
            return children(self, work, out);
        }
        let machine = topic.filter(|topic| is_machine(work, *topic));
        let is_step =
            ticked.is_some() || (machine.is_none() && (numbered || self.bullets || topic == Some(Topic::Rollback)));
        if !is_step {
            if ticked.is_none()
                && let Some(topic) = machine
            {
                aside(work, topic, Some(marked(block, numbered)), None, block.lines.clone(), out);
            } else {
                text(work, index, block, out);
            }
            return children(self, work, out);
        }
        if ticked.is_some() && gathers(block) {
            return self.gathered(work, index, block, out);
        }
        let mut step = of_text(work, index, block);
        step.ticked = ticked == Some(true);
        if topic != Some(Topic::Rollback) {
            step.comment.extend(super::catalog::unclaimed(work, &block.text, block.lines.start));
        }
        let (boxes, others): (Vec<&Block>, Vec<&Block>) = block.children.iter().partition(|child| is_box(child));
        for child in others {
            match &child.kind {
                Kind::Code(language) => into_step(work, child, language, &mut step),
                _ => child.walk(&mut |inner| helps(work, inner, &mut step)),
            }
        }
        push(work, step, out);
        for child in boxes {
            self.block(work, index, child, out);
        }
    }

    /// A box that only gathers others is their heading: the first of them names it.
    fn gathered(self, work: &mut Work<'_>, index: usize, block: &Block, out: &mut Steps) {
        let (from, before, aside) = (out.launch.len(), out.rollback.len(), out.asides.len());
        for child in &block.children {
            self.block(work, index, child, out);
        }
        let raw = work.raw(block.lines.start);
        if let Some(step) = out.launch.get_mut(from).or(out.rollback.get_mut(before)) {
            step.source.insert(0, raw);
            work.claim(block.lines.clone(), "a step");
        } else if let Some(aside) = out.asides.get_mut(aside) {
            let text = aside.text.take().map(|text| format!("{raw}\n{text}"));
            aside.text = Some(text.unwrap_or(raw));
            work.claim(block.lines.clone(), place(aside.topic));
        }
    }
}

fn is_box(block: &Block) -> bool {
    matches!(block.kind, Kind::Entry { ticked: Some(_), .. })
}

/// Whether a box has others inside, and nothing to do itself.
fn gathers(block: &Block) -> bool {
    block.children.iter().any(is_box) && !block.children.iter().any(|child| matches!(child.kind, Kind::Code(_)))
}

/// What stands inside of an entry helps with it.
fn helps(work: &Work<'_>, inner: &Block, step: &mut Step) {
    if work.is_open(inner.lines.start) {
        step.help.push(marked(inner, false));
        step.link = step.link.take().or_else(|| link(inner));
        step.lines.extend(inner.lines.clone());
    }
}

/// Whether a rule has taken something of a section.
fn used(work: &Work<'_>, index: usize) -> bool {
    let blocks = &work.sections[index].blocks;
    blocks.iter().any(|block| block.span().any(|line| matches!(work.fates.get(line), Some(Fate::In(_)))))
}

/// Whether golive makes the item that this is about.
pub fn is_machine(work: &Work<'_>, topic: Topic) -> bool {
    match topic {
        Topic::Keys => {
            !work.found.products.is_empty() || work.found.webhook.is_some() || work.found.secret_key.is_some()
        }
        Topic::Catalog => !work.found.products.is_empty(),
        Topic::Webhook => work.found.webhook.as_ref().is_some_and(|hook| hook.url.is_some()),
        Topic::Portal => !work.found.portal.is_empty(),
        Topic::Env => !work.found.variables.is_empty(),
        _ => false,
    }
}

/// The item of golive's that a box is about, if it asks for nothing but what golive does there.
fn covered(work: &Work<'_>, text: &str) -> Option<Topic> {
    let lower = words::plain(text);
    if any(&lower, &["verify", "test ", "tested", "check", "monitor", "confirm", "prüfen", "verific", "comprob", "?"])
    {
        return None;
    }
    let rules: [(Topic, &[&str], &[&str]); 5] = [
        (
            Topic::Webhook,
            &["webhook"],
            &[
                "creat",
                "set up",
                "register",
                "record",
                "added",
                "endpoint configured",
                "endpoint url configured",
                "points to",
                "secret",
                "anleg",
                "einricht",
                "criar",
                "configur",
                "crear",
                "registr",
            ],
        ),
        (
            Topic::Keys,
            &["api key", "live key", "stripe key", "api-schlüssel", "chaves de api", "claves de api", "claves api"],
            &["retriev", "obtain", "added", "get ", "copy", "holen", "kopier", "obter", "copiar", "obtener"],
        ),
        (
            Topic::Catalog,
            &["product", "price", "produkt", "preis", "produto", "preço", "precio"],
            &["creat", "record", "exist", "obtained", "anleg", "criar", "crear"],
        ),
        (Topic::Portal, &["portal"], &["configur", "enabl", "einricht", "habilit"]),
        (
            Topic::Env,
            &[".env", "environment variable", "umgebungsvariable", "variáveis de ambiente", "variables de entorno"],
            &["creat", "set", "updat", "document", "anleg", "setz", "defin", "criar", "crear"],
        ),
    ];
    rules
        .iter()
        .find(|(topic, about, does)| is_machine(work, *topic) && any(&lower, about) && any(&lower, does))
        .map(|(topic, ..)| *topic)
}

fn of_text(work: &Work<'_>, index: usize, block: &Block) -> Step {
    let whole = block.text.replace('\n', " ");
    let full = title(&whole);
    let shown = short(&full, 72);
    let mut help = Vec::new();
    if shown != full {
        help.push(whole.trim().to_owned());
    }
    Step {
        section: index,
        title: if shown.is_empty() { "A step without words".to_owned() } else { shown },
        kind: "manual",
        optional: words::is_optional(&whole),
        source: block.lines.clone().take(3).map(|line| work.raw(line)).collect(),
        link: link(block),
        help,
        lines: block.lines.clone().collect(),
        ..Step::default()
    }
}

/// Where a block's link leads, if it is one for a browser.
pub fn link(block: &Block) -> Option<String> {
    let good =
        |url: &&String| url.starts_with("https://") && !url.contains([' ', '<', '{', '$']) && crate::kind::is_url(url);
    block.links.iter().find(good).cloned()
}

pub fn push(work: &mut Work<'_>, step: Step, out: &mut Steps) {
    let rollback = work.topics[step.section] == Some(Topic::Rollback);
    for line in &step.lines {
        work.claim(*line..*line + 1, if rollback { "rollback" } else { "a step" });
    }
    if rollback { out.rollback.push(step) } else { out.launch.push(step) }
}

pub fn aside(
    work: &mut Work<'_>,
    topic: Topic,
    text: Option<String>,
    source: Option<String>,
    lines: std::ops::Range<usize>,
    out: &mut Steps,
) {
    for line in lines {
        work.claim(line..line + 1, place(topic));
    }
    out.asides.push(Aside { topic, text, source });
}

pub const fn place(topic: Topic) -> &'static str {
    match topic {
        Topic::Keys => "keys",
        Topic::Catalog => "catalog",
        Topic::Webhook => "webhook",
        Topic::Portal => "portal",
        _ => "[env]",
    }
}

pub fn marked(block: &Block, numbered: bool) -> String {
    let text = block.text.replace('\n', " ");
    if numbered || matches!(block.kind, Kind::Entry { .. }) { format!("- {text}") } else { text }
}

/// Text that is no step: why a phase is there, the help of the step above, or golive's own item.
fn text(work: &mut Work<'_>, index: usize, block: &Block, out: &mut Steps) {
    if !work.is_open(block.lines.start) {
        return;
    }
    let topic = work.topics[index];
    let shown = marked(block, false);
    if let Some(topic) = topic.filter(|topic| is_machine(work, *topic)) {
        return aside(work, topic, Some(shown), None, block.span(), out);
    }
    let rollback = topic == Some(Topic::Rollback);
    let steps = if rollback { &mut out.rollback } else { &mut out.launch };
    if let Some(step) = steps.last_mut().filter(|step| step.section == index) {
        step.help.push(shown);
        step.link = step.link.take().or_else(|| link(block));
        let place = if rollback { "rollback" } else { "a step" };
        return work.claim(block.lines.clone(), place);
    }
    let sentence = block.text.trim();
    let short_enough = matches!(block.kind, Kind::Paragraph)
        && sentence.chars().count() <= 160
        && !sentence.ends_with(':')
        && sentence.contains(' ');
    if short_enough && !rollback && out.whys.last().is_none_or(|(section, ..)| *section != index) {
        out.whys.push((index, sentence.replace('\n', " "), block.lines.clone().collect()));
    }
}
