//! What the engine tells, as lines that stay: the same words on a terminal, in a log and read
//! aloud. What only lives on a line that disappears is drawn by `ui` itself.

use crate::checklist::Item;
use crate::engine::port::News;
use crate::error::Problem;
use crate::mode::Mode;
use crate::render::human::phase::{Header, header};
use crate::render::human::{plan, problem, sale};
use crate::render::layout::{self, brief, hang, pad, paragraph, row, tagged, width};
use crate::render::{Ink, Mark, Style, words};
use crate::state::ItemState;
use crate::step::{Refusal, Verb, Verdict};

/// Lines that belong together. At most one empty line stands between two blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The text, without a newline at its end.
    pub text: String,
    /// Whether an empty line stands before it.
    pub before: bool,
    /// Whether an empty line stands after it.
    pub after: bool,
}

impl Block {
    /// A line that follows the one before it.
    pub const fn line(text: String) -> Self {
        Self { text, before: false, after: false }
    }

    /// Lines with empty lines around them.
    pub const fn apart(text: String) -> Self {
        Self { text, before: true, after: true }
    }
}

/// The permanent lines of a piece of news; `None` for what is only drawn while it lasts.
pub fn news(news: &News<'_>, mode: Mode, style: &Style) -> Option<Block> {
    Some(match *news {
        News::Phase { number, of, title, why, account } => {
            let rule = header(&Header { number, of, title, mode, account }, style);
            let why = why.map(|why| format!("\n{}{}", gap(style), paragraph(style, why))).unwrap_or_default();
            Block::apart(rule + &why)
        }
        News::Item { title, why, help, link } => item(title, [why, help, link], style),
        News::Looking { .. } | News::Applying { .. } | News::Waiting { .. } => return None,
        News::Invite { .. } | News::Outage { .. } | News::Milestone { .. } => return sale::news(news, style),
        News::Applied { noun, name, verb, object, millis } => {
            Block::line(applied(style, [noun, name], verb, object, millis))
        }
        News::Refused { label, refusal } => refused(label, refusal, style),
        News::Uncertain { label, sent_at } => {
            let value = format!("no answer came; sent {sent_at}. It may or may not exist");
            let settle = "golive looks it up in Stripe before it does anything else.";
            let head = row(style, 2, Mark::Attention, label, &value);
            Block { text: format!("{head}\n{}", paragraph(style, settle)), before: false, after: true }
        }
        News::EnvWritten { file, variables, backup } => env_written(file, variables, backup, style),
        News::CommandStarted { run } => {
            let head = if style.is_plain() { "Running:" } else { "  Running" };
            Block { text: format!("{head}\n{}", plan::command_text(run, style)), before: true, after: false }
        }
        News::CommandLine { text } => {
            let bar = if style.is_plain() { "output: " } else { "      | " };
            // Colours of other programs are taken away, everything else stays readable.
            let text = console::strip_ansi_codes(text);
            let text = crate::control::visible(text.trim_end());
            Block::line(if style.is_plain() { format!("{bar}{text}") } else { hang(style, bar, bar.len(), &text) })
        }
        News::Settled { label, how } => Block::line(row(style, 2, Mark::Done, label, how)),
        News::Judged { item, state, verdict } => judged(item, state, verdict, style),
        News::StillTrue { count } => {
            let text = words::count(count, "item still true", "items still true");
            Block { text: row(style, 2, Mark::Done, &text, ""), before: true, after: true }
        }
        News::PhaseDone { number, left, done, total } => {
            let items = words::count(total, "item", "items");
            let (mark, how) = match left {
                0 => (Mark::Done, "done".to_owned()),
                left => (Mark::Attention, format!("left with {}", words::count(left, "open item", "open items"))),
            };
            let text = format!("Phase {number} {how}. {done} of {items}.");
            let mark = style.mark(mark);
            Block::apart(if style.is_plain() { text } else { format!("{mark} {text}") })
        }
        News::Screen { text } => Block::apart(text.to_owned()),
        News::Note { text } => Block::line(paragraph(style, text)),
        News::Warning { problem } => Block::apart(warning(problem, style)),
    })
}

/// An id in a name's place is shortened like every other.
fn short(name: &str, style: &Style) -> String {
    if style.verbose { name.to_owned() } else { layout::shorten_id(name, style.ellipsis()) }
}

fn sentence(took: &str) -> String {
    if took.is_empty() { String::new() } else { format!(" {took}.") }
}

/// The start of something being looked at, for a front end without moving lines.
pub fn looking(what: &str, style: &Style) -> String {
    paragraph(style, &words::sentence(&format!("Looking at {what}")))
}

fn gap(style: &Style) -> &'static str {
    if style.is_plain() { "" } else { "\n" }
}

fn item(title: &str, about: [Option<&str>; 3], style: &Style) -> Block {
    let [why, help, link] = about;
    let head = if style.is_plain() { words::sentence(title) } else { format!("  {}", style.text(title)) };
    let mut lines = vec![head];
    let indented = |text: &str| {
        let text = style.text(text);
        if style.is_plain() { text } else { hang(style, "    ", 4, &text) }
    };
    lines.extend(why.map(indented));
    lines.extend(help.map(indented));
    lines.extend(link.map(|link| if style.is_plain() { format!("Link: {link}") } else { format!("    {link}") }));
    Block::apart(lines.join("\n"))
}

fn applied(style: &Style, what: [&str; 2], verb: Verb, object: Option<&str>, millis: u64) -> String {
    let [noun, name] = what;
    let name = &short(name, style);
    // What took no time need not say so.
    let took = if millis < 50 { String::new() } else { words::took(millis) };
    if style.is_plain() {
        let object = object.map(|object| format!(" {object}.")).unwrap_or_default();
        return format!("done: {noun} {name} {}.{object}{}", verb.past(), sentence(&took));
    }
    let mark = pad(&style.mark(Mark::Done), style.mark_width());
    let left = format!("  {mark}{}{}", pad(noun, 9), pad(name, 18));
    if style.is_narrow() {
        let object = object.map(|object| format!("\n      {}", style.id(object))).unwrap_or_default();
        return format!("{}{}{object}", left, verb.past());
    }
    let head = format!("{left}{}", pad(verb.past(), 14));
    let object = object.map(|id| style.id(id)).unwrap_or_default();
    if width(&head) + width(&object) > style.width {
        return format!("{left}{}\n      {object}", verb.past());
    }
    let left = format!("{head}{object}");
    let room = layout::RULE.min(style.width).saturating_sub(width(&left));
    if took.is_empty() || room < took.len() + 2 {
        return left.trim_end().to_owned();
    }
    format!("{left}{}{}", " ".repeat(room - took.len()), style.paint(Ink::Dim, &took))
}

fn refused(label: &str, refusal: &Refusal, style: &Style) -> Block {
    let head = row(style, 2, Mark::Failed, label, "refused by Stripe; nothing was changed");
    let code = refusal.code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
    let said = format!("Stripe answered {}{code}: \"{}\"", refusal.status, refusal.message);
    let request = refusal.request_id.as_deref().map(|id| format!("\n{}", under(style, &format!("request {id}"))));
    Block::line(format!("{head}\n{}{}", under(style, &said), request.unwrap_or_default()))
}

/// A line that belongs to the row above it.
fn under(style: &Style, text: &str) -> String {
    if style.is_plain() {
        return words::sentence(text);
    }
    let indent = 2 + style.mark_width();
    hang(style, &" ".repeat(indent), indent, text)
}

fn env_written(file: &str, variables: usize, backup: Option<&str>, style: &Style) -> Block {
    let variables = words::count(variables, "variable", "variables");
    // Where it is, the plan has said.
    let file = file.rsplit('/').next().unwrap_or(file);
    let mut text = row(style, 2, Mark::Done, file, &format!("{variables} written, then read back as intended"));
    if let Some(backup) = backup {
        text.push('\n');
        text.push_str(&under(style, &format!("the file as it was: {}", backup.trim_start_matches("./"))));
    }
    Block::line(text)
}

fn judged(item: &Item, state: ItemState, verdict: &Verdict, style: &Style) -> Block {
    let (title, kind) = (item.title.as_str(), item.kind.as_str());
    let mark = Mark::of(state);
    match verdict {
        // What nobody and nothing really did is one quiet line.
        Verdict::Pass { .. } if state == ItemState::Rehearsed && kind == "manual" => {
            Block::line(tagged(style, 2, mark, title, "by hand"))
        }
        Verdict::Pass { evidence, .. } if state == ItemState::Rehearsed && kind == "command" => {
            Block::line(brief(style, 2, mark, title, evidence))
        }
        Verdict::Pass { evidence, .. } => Block::line(row(style, 2, mark, title, evidence)),
        Verdict::Fail { problem: found } => {
            let value = found.found.clone().unwrap_or_default();
            let head = row(style, 2, mark, title, &value);
            Block {
                text: format!("{head}\n{}{}", gap(style), problem::problem(found, style)),
                before: false,
                after: true,
            }
        }
        Verdict::Unknown { problem: found } => {
            let head = row(style, 2, mark, title, "could not be checked; nothing is assumed");
            Block {
                text: format!("{head}\n{}{}", gap(style), problem::problem(found, style)),
                before: false,
                after: true,
            }
        }
    }
}

fn warning(problem: &Problem, style: &Style) -> String {
    let mut lines = vec![row(style, 2, Mark::Attention, &problem.message, "")];
    lines.extend(problem.why.iter().map(|why| under(style, why)));
    let labelled = |label: &str, text: &str| {
        if style.is_plain() {
            return format!("{}: {}", layout::capital(label), layout::capital(text));
        }
        let head = format!("{}{}", " ".repeat(2 + style.mark_width()), pad(label, 6));
        hang(style, &head, head.len(), &style.text(text))
    };
    lines.extend(problem.fix.iter().map(|fix| labelled("fix", fix)));
    lines.push(labelled("more", &format!("golive explain {}", problem.code)));
    lines.join("\n")
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
