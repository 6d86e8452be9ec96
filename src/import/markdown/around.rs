//! What stands around steps: lead-ins, tables, lists of pages, and what to do when something is wrong.

use super::env::first_code_line;
use super::steps::{Aside, Step, Steps, is_machine, link, marked, place, push};
use super::tree::{Block, Kind, Section};
use super::words::{Topic, any, title};
use super::work::{Fate, Work, short};

/// A heading above one that is used is used as well.
pub fn parents(work: &mut Work<'_>) {
    let mut lowest = 7;
    let sections = work.sections;
    for section in sections.iter().rev() {
        let used = section.heading.clone().any(|line| matches!(work.fates[line], Fate::In(_)));
        if section.level > 0 && section.level < lowest && lowest < 7 {
            work.claim(section.heading.clone(), "a heading");
        }
        let used = used || section.level < lowest && lowest < 7;
        lowest = match (used, section.level) {
            (true, level) => level,
            // An unused sibling parts what follows from what is above.
            (false, level) if level < lowest => 7,
            (false, _) => lowest,
        };
    }
}

/// What stands before the first step of a section and is no reason of a phase: the first step's help.
pub fn lead(work: &mut Work<'_>, index: usize, from: usize, before: usize, out: &mut Steps) {
    let (step, place) = match (out.launch.get_mut(from), out.rollback.get_mut(before)) {
        (Some(step), _) => (step, "a step"),
        (None, Some(step)) => (step, "rollback"),
        _ => return,
    };
    step.heading = true;
    let first = step.lines.first().copied().unwrap_or(0);
    let why = out
        .whys
        .last()
        .filter(|(section, ..)| *section == index)
        .map(|(_, _, lines)| lines.clone())
        .unwrap_or_default();
    let mut said = Vec::new();
    for block in work.sections[index].all() {
        let start = block.lines.start;
        if start < first
            && work.is_open(start)
            && !why.contains(&start)
            && matches!(block.kind, Kind::Paragraph | Kind::Entry { .. })
        {
            said.push(marked(block, false));
            work.claim(block.lines.clone(), place);
        }
    }
    said.append(&mut step.help);
    step.help = said;
}

/// A section of pages to open, of what is watched, or of code that is for no shell: one item that holds
/// them, good to know.
pub fn pages(work: &mut Work<'_>, index: usize, out: &mut Steps) {
    let section = &work.sections[index];
    let blocks: Vec<&Block> = section
        .all()
        .into_iter()
        .filter(|block| matches!(block.kind, Kind::Entry { .. }) && work.is_open(block.lines.start))
        .collect();
    let linked = blocks.iter().filter(|block| block.text.contains("https://") || !block.links.is_empty()).count();
    let watched = work.topics[index] == Some(Topic::Monitoring);
    let heading = title(&section.title);
    let coded = section
        .all()
        .iter()
        .any(|block| matches!(block.kind, Kind::Code(_)) && work.is_open(first_code_line(work, block)));
    let listed = !blocks.is_empty() && (watched || linked * 2 >= blocks.len());
    if heading.is_empty() || !(listed || coded) {
        return;
    }
    let mut step = Step {
        section: index,
        title: short(&heading, 72),
        kind: "manual",
        info: true,
        source: vec![section.title.clone()],
        lines: section.heading.clone().collect(),
        ..Step::default()
    };
    for block in section.all() {
        page(work, block, &mut step);
    }
    push(work, step, out);
}

/// A block that such an item holds: its text, and where it leads.
fn page(work: &Work<'_>, block: &Block, step: &mut Step) {
    let code = matches!(block.kind, Kind::Code(_));
    let first = if code { first_code_line(work, block) } else { block.lines.start };
    if matches!(block.kind, Kind::Table(_)) || !work.is_open(first) {
        return;
    }
    let mut text = if code { block.text.trim_end().to_owned() } else { marked(block, false) };
    let hidden = block.links.iter().filter(|link| !block.text.contains(link.as_str()));
    text.extend(hidden.map(|link| format!(" {link}")));
    step.help.push(text);
    step.lines.extend(block.lines.clone());
    let bare = block.text.split_whitespace().find(|word| word.starts_with("https://"));
    let bare = bare.map(|word| word.trim_end_matches([',', '.', ')']).to_owned());
    let leads = link(block).or(bare).filter(|url| !url.contains(['<', '{', '$']));
    step.link = step.link.take().or(leads);
}

/// Rows of a table: steps if its header says so, help of the step above otherwise.
pub fn table(work: &mut Work<'_>, index: usize, block: &Block, rows: &[(usize, Vec<String>)], out: &mut Steps) {
    let Some(((head, header), body)) = rows.split_first() else { return };
    let lower = header.first().map(|cell| cell.to_lowercase()).unwrap_or_default();
    let whole = header.join(" ").to_lowercase();
    let tasks = any(
        &lower,
        &[
            "task", "step", "action", "check", "item", "aufgabe", "schritt", "tarea", "paso", "tarefa", "passo",
            "etapa", "#", "done", "status",
        ],
    );
    let timed = header.len() <= 2
        && any(&whole, &["time", "duration", "zeit", "dauer", "tiempo", "duración", "tempo", "duração"]);
    if timed {
        return work.leave(block.lines.clone(), "a timetable");
    }
    if !tasks {
        let shown: Vec<String> =
            rows.iter().filter(|(line, _)| work.is_open(*line)).map(|(_, cells)| cells.join(" | ")).collect();
        if !shown.is_empty()
            && let Some(step) = out.launch.last_mut().filter(|step| step.section == index)
        {
            step.help.push(shown.join("\n"));
            work.claim(block.lines.clone(), "a step");
        }
        return;
    }
    work.claim(*head..*head + 1, "a step");
    for (line, cells) in body {
        let made = work.is_open(*line).then(|| row(work, index, header, *line, cells)).flatten();
        if let Some(step) = made {
            push(work, step, out);
        }
    }
}

/// A row as a step: its longest words are what is done, the other cells are said with it.
fn row(work: &Work<'_>, index: usize, header: &[String], line: usize, cells: &[String]) -> Option<Step> {
    let wordy = |cell: &&String| cell.chars().filter(|c| c.is_alphabetic()).count() > 3;
    let said = cells.iter().find(wordy)?;
    let others = header.iter().zip(cells).filter(|(_, cell)| *cell != said && !cell.trim().is_empty());
    Some(Step {
        section: index,
        title: short(&title(said), 72),
        kind: "manual",
        ticked: cells.iter().any(|cell| matches!(cell.trim(), "✅" | "✔" | "☑" | "[x]" | "done" | "Done")),
        help: others.map(|(name, cell)| format!("{name}: {cell}")).collect(),
        source: vec![work.raw(line)],
        lines: vec![line],
        ..Step::default()
    })
}

/// What to do when something is wrong: the help of golive's item that it is about, or good to know.
pub fn trouble(work: &mut Work<'_>, index: usize, out: &mut Steps) {
    let section: &Section = &work.sections[index];
    let mut said = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    let mut url = None;
    section.walk(&mut |block| {
        if work.is_open(block.lines.start) || matches!(block.kind, Kind::Code(_) | Kind::Table(_)) {
            match &block.kind {
                Kind::Table(rows) => said.extend(rows.iter().map(|(_, cells)| cells.join(" | "))),
                Kind::Code(_) => said.push(block.text.trim_end().to_owned()),
                _ => said.push(marked(block, false)),
            }
            lines.extend(block.lines.clone());
            url = url.take().or_else(|| link(block));
        }
    });
    if said.is_empty() {
        return;
    }
    lines.extend(section.heading.clone());
    let heading = title(&section.title);
    let about = format!("{heading} {}", said.first().map_or("", String::as_str));
    let topic = words_topic(&about).filter(|topic| is_machine(work, *topic));
    for line in &lines {
        work.claim(*line..*line + 1, topic.map_or("a step", place));
    }
    if let Some(topic) = topic {
        out.asides.push(Aside { topic, text: Some(format!("{heading}\n{}", said.join("\n"))), source: None });
        return;
    }
    let shown = if heading.is_empty() { "When something is wrong".to_owned() } else { short(&heading, 72) };
    out.launch.push(Step {
        section: index,
        title: shown,
        kind: "manual",
        info: true,
        help: said,
        link: url,
        source: vec![section.title.clone()],
        lines,
        ..Step::default()
    });
}

/// What a trouble is about.
fn words_topic(text: &str) -> Option<Topic> {
    let lower = text.to_lowercase();
    let rules: [(Topic, &[&str]); 4] = [
        (Topic::Webhook, &["webhook", "signature", "signatur"]),
        (Topic::Portal, &["portal"]),
        (Topic::Catalog, &["no such price", "price id", "tier", "wrong plan"]),
        (Topic::Keys, &["api key", "test key", "test card"]),
    ];
    rules.iter().find(|(_, words)| any(&lower, words)).map(|(topic, _)| *topic)
}
