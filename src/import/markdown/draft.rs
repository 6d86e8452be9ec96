//! Findings and steps as a draft of a checklist: golive's own items first, then the document's phases
//! in their order, the rollback, and what is watched. Whatever is undecided stands in it as a comment
//! and as an open item, so that nobody goes live past it.

use super::steps::{Aside, Step, Steps};
use super::words::{self, Topic, title};
use super::work::{Work, short};
use crate::compose::{Draft, Field, Item, Names, Phase, Value, literal, slug};

/// The most tick boxes that an item names; a table of a thousand prices has no more to say.
const SOURCES: usize = 24;

/// Makes it.
pub fn draft(work: &mut Work<'_>, steps: &Steps, named: &str) -> Draft {
    let heading = work.sections.iter().find(|section| section.level > 0).map(|section| title(&section.title));
    let heading = heading.or_else(|| work.found.title.clone());
    let name = heading.filter(|heading| !heading.is_empty()).unwrap_or_else(|| named.to_owned());
    let id = Some(slug(&name)).filter(|id| !id.is_empty()).unwrap_or_else(|| "launch".to_owned());
    let mut draft = Draft::new(id, literal(&short(&name, 72)));
    let mut maker = Maker { names: Names::phases(), host: None };
    let machine = [maker.account(work, steps), maker.env(work, steps)];
    if let Some((host, placeholder)) = &maker.host {
        let aside =
            if *placeholder { "DECIDE: your own host; the document has a placeholder" } else { "where Stripe calls" };
        draft.vars.push(Field::new("host", host.as_str()).aside(aside));
    }
    draft.env_file = Some(work.found.env_file.clone().unwrap_or_else(|| ".env.production".to_owned()));
    let decide = maker.decide(work);
    draft.phases.extend([decide].into_iter().chain(machine).flatten());
    maker.phases(work, &steps.launch, &steps.whys, &mut draft);
    if draft.phases.is_empty() {
        draft.phases.push(maker.nothing());
    }
    let mut ids = Names::default();
    draft.rollback = steps.rollback.iter().map(|step| item(work, step, &mut ids, None)).collect();
    watch(work, &maker, &mut draft);
    draft
}

/// What has been given away while a draft is made.
pub struct Maker {
    /// The ids of phases.
    pub names: Names,
    /// Where Stripe calls, and whether that is nobody's host.
    pub host: Option<(String, bool)>,
}

impl Maker {
    /// An open item for each question, in front of everything.
    fn decide(&mut self, work: &Work<'_>) -> Option<Phase> {
        let questions = &work.found.questions;
        if questions.is_empty() {
            return None;
        }
        let mut phase = Phase::new(self.names.take("decide"), "To decide");
        phase.why = Some("What the document leaves open. Decide, correct this file, take the item out.".to_owned());
        let mut ids = Names::default();
        for question in questions {
            let written = if question.written.is_empty() { "(see there)" } else { question.written.as_str() };
            let help = format!("Line {} of the document: {written}\nSearch this file for DECIDE.", question.line);
            let item = Item::new(ids.take(&question.id), "manual", literal(&short(&question.asked, 72)));
            phase.items.push(item.field("help", literal(&help)).field("when", "before"));
        }
        Some(phase)
    }

    /// The document's own phases.
    fn phases(&mut self, work: &Work<'_>, steps: &[Step], whys: &[(usize, String, Vec<usize>)], draft: &mut Draft) {
        let roots = roots(work, steps);
        let title_at = work.sections.iter().position(|section| section.level > 0);
        let mut shown = std::collections::BTreeSet::new();
        let mut at = 0;
        while at < steps.len() {
            let root = roots[steps[at].section];
            let end =
                steps[at..].iter().position(|step| roots[step.section] != root).map_or(steps.len(), |more| at + more);
            let section = &work.sections[root];
            let name =
                Some(title(&section.title)).filter(|name| !name.is_empty()).unwrap_or_else(|| "Steps".to_owned());
            let mut phase = Phase::new(self.names.take(&name), literal(&short(&name, 60)));
            phase.why =
                whys.binary_search_by_key(&root, |(section, ..)| *section).ok().map(|found| literal(&whys[found].1));
            // Headings above it say what several phases are about.
            for above in above(work, root, title_at) {
                if shown.insert(above) {
                    phase.comment.push(format!("── {} ──", title(&work.sections[above].title)));
                }
            }
            let mut ids = Names::default();
            for step in &steps[at..end] {
                let own = words::when(&work.sections[step.section].title).or_else(|| words::when(&section.title));
                phase.items.push(item(work, step, &mut ids, own));
            }
            draft.phases.push(phase);
            at = end;
        }
    }

    /// A checklist needs an item; that there was none is the first thing to decide.
    fn nothing(&mut self) -> Phase {
        let item = Item::new("steps", "manual", "Write the steps of the launch")
            .note("DECIDE: the document has no step that golive could find.");
        Phase::new(self.names.take("launch"), "Launch").item(item)
    }
}

/// The headings above a section, the outermost first, but for the document's own.
fn above(work: &Work<'_>, section: usize, title_at: Option<usize>) -> Vec<usize> {
    let mut level = work.sections[section].level;
    let mut out = Vec::new();
    for index in (0..section).rev() {
        let found = work.sections[index].level;
        if (1..level).contains(&found) {
            level = found;
            out.extend(Some(index).filter(|index| Some(*index) != title_at));
        }
        if level <= 1 {
            break;
        }
    }
    out.reverse();
    out
}

/// For each section the one whose heading is its phase: the main headings, or the ones below a main
/// heading that gathers most of the document.
fn roots(work: &Work<'_>, steps: &[Step]) -> Vec<usize> {
    let sections = work.sections;
    let count = |level: u8| sections.iter().filter(|section| section.level == level).count();
    let main = (1..=6).find(|level| count(*level) > 1).or_else(|| (1..=6).find(|level| count(*level) > 0)).unwrap_or(1);
    let mut roots = Vec::with_capacity(sections.len());
    let (mut root, mut below) = (0, 0);
    let mut belows = Vec::with_capacity(sections.len());
    for (index, section) in sections.iter().enumerate() {
        if section.level <= main {
            (root, below) = (index, index);
        } else if section.level == main + 1 {
            below = index;
        }
        roots.push(root);
        belows.push(below);
    }
    let mut crowd = vec![0_usize; sections.len()];
    let mut parts: Vec<std::collections::BTreeSet<usize>> = vec![std::collections::BTreeSet::new(); sections.len()];
    for step in steps {
        crowd[roots[step.section]] += 1;
        parts[roots[step.section]].insert(belows[step.section]);
    }
    (0..sections.len())
        .map(
            |index| {
                if crowd[roots[index]] > 14 && parts[roots[index]].len() > 2 { belows[index] } else { roots[index] }
            },
        )
        .collect()
}

/// A step as an item.
fn item(work: &Work<'_>, step: &Step, ids: &mut Names, when: Option<&str>) -> Item {
    let mut item = Item::new(ids.take(&step.title), step.kind, literal(&step.title));
    item.comment.extend(step.comment.iter().cloned());
    if step.ticked {
        item = item.note(format!(
            "Ticked in the document (line {}); golive asks again all the same.",
            work.at(step.lines.first().copied().unwrap_or(0))
        ));
    }
    let heading = step.heading.then(|| work.sections[step.section].title.trim().to_owned());
    item = with_source(item, heading.into_iter().chain(step.source.iter().cloned()));
    let help: Vec<&str> = step.help.iter().map(|text| text.trim_end()).filter(|text| !text.trim().is_empty()).collect();
    if !help.is_empty() {
        item = item.field("help", literal(&help.join("\n")));
    }
    item = item.maybe("link", step.link.as_deref().map(literal));
    if step.info {
        item = item.field("severity", "info");
    } else if step.optional {
        item = item.field("severity", "advised");
    }
    item = item.maybe("when", when);
    let Some(command) = &step.command else { return item };
    item = item.field("run", command.script()).maybe("dir", command.dir.as_deref().map(literal));
    if command.only_looks() {
        item = item.field("read_only", true);
    }
    if !command.contains.is_empty() || !command.not_contains.is_empty() {
        let list = |texts: &[String]| Value::list(texts.iter().map(|text| literal(text)));
        let mut expect = Value::Table(vec![("exit".to_owned(), Value::Number(0))]);
        for (name, texts) in [("contains", &command.contains), ("not_contains", &command.not_contains)] {
            if !texts.is_empty() {
                expect = expect.with(name, list(texts));
            }
        }
        item = item.field("expect", expect);
    }
    item
}

/// Adds what the document says about an item that golive makes.
pub fn with_asides(mut item: Item, topic: Topic, steps: &Steps) -> Item {
    let about: Vec<&Aside> = steps.asides.iter().filter(|aside| aside.topic == topic).collect();
    let help: Vec<String> = about.iter().filter_map(|aside| aside.text.clone()).collect();
    if !help.is_empty() {
        item = item.field("help", literal(&help.join("\n")));
    }
    let mut sources: Vec<Value> = item.get("source").map(|known| known.entries().to_vec()).unwrap_or_default();
    sources.extend(about.iter().filter_map(|aside| aside.source.as_deref()).map(Value::from));
    item.fields.retain(|field| field.name != "source");
    with_source(item, sources.iter().filter_map(|value| value.as_text().map(str::to_owned)))
}

pub fn with_source(item: Item, lines: impl Iterator<Item = String>) -> Item {
    let mut seen: Vec<String> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()).take(SOURCES * 4) {
        if !seen.contains(&line) && seen.len() < SOURCES {
            seen.push(line);
        }
    }
    if seen.is_empty() { item } else { item.field("source", Value::list(seen)) }
}

fn watch(work: &Work<'_>, maker: &Maker, draft: &mut Draft) {
    for (name, value, line) in &work.found.watch {
        draft
            .watch
            .push(Field::new(name.as_str(), value.clone()).aside(format!("line {} of the document", work.at(*line))));
    }
    let monitored = !draft.watch.is_empty() || work.topics.contains(&Some(Topic::Monitoring));
    if monitored && maker.host.is_some() {
        draft.watch.push(Field::new("hosts", Value::list(["${vars.host}"])));
    }
}
