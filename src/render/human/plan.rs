//! A plan as the operator sees it before saying yes: `+ ~ ±`, the fields that change, and what is
//! good to know. Writes to the env file are shown as a difference of variables.

use crate::plan::Plan;
use crate::render::layout::{self, hang, pad, width};
use crate::render::{Glyphs, Ink, Style, words};
use crate::step::{Action, Effect, EnvSource, Field, Verb};

const NOUN: usize = 9;
const NAME: usize = 18;
const VERB: usize = 14;
const VARIABLE: usize = 26;
const FIELD: usize = 14;
const INDENT: usize = 6;

/// The plan under the mode and the account that it is for.
pub fn headed(plan: &Plan, style: &Style) -> String {
    let account = plan.account.as_ref().map(|account| match &account.name {
        Some(name) => format!("  {name}, {}", account.id),
        None => format!("  {}", account.id),
    });
    let head = format!("{}{}", plan.mode.banner(), account.unwrap_or_default());
    let gap = if style.is_plain() { "" } else { "\n" };
    format!("{}\n{gap}{}", layout::paragraph(style, &head), self::plan(plan, style))
}

/// The whole plan with its count. Ends with a newline.
pub fn plan(plan: &Plan, style: &Style) -> String {
    if plan.is_empty() {
        let same = words::count(plan.unchanged, "thing is as it", "things are as they");
        let head = if plan.failed.is_empty() { "Nothing to change" } else { "Nothing to change that can be seen" };
        let text = layout::paragraph(style, &format!("{head}: {same} should be."));
        return std::iter::once(text).chain(failed(plan, style)).collect::<Vec<_>>().join("\n") + "\n";
    }
    let mut lines: Vec<String> = plan.actions().map(|one| action(one, plan.env_file.as_deref(), style)).collect();
    if !style.is_plain() {
        lines.push(String::new());
    }
    lines.push(tally(plan, style));
    for later in &plan.later {
        let waits: Vec<String> = later.waits_for.iter().map(ToString::to_string).collect();
        let text = format!("{}, after {}", later.title, words::list(&waits));
        lines.push(layout::pair(style, "Later", 7, &text));
    }
    lines.extend(failed(plan, style));
    lines.join("\n") + "\n"
}

/// What is not part of the plan because it failed.
fn failed(plan: &Plan, style: &Style) -> Option<String> {
    let failed: Vec<String> = plan.failed.iter().map(ToString::to_string).collect();
    let verb =
        if failed.len() == 1 { "fails, so nothing is planned for it" } else { "fail, so nothing is planned for them" };
    (!failed.is_empty()).then(|| layout::paragraph(style, &format!("{} {verb}.", words::list(&failed))))
}

/// `Plan: 3 to create, 1 to change. Nothing is deleted.`
pub fn tally(plan: &Plan, style: &Style) -> String {
    let number = |verbs: &[Verb]| plan.actions().filter(|action| verbs.contains(&action.verb)).count();
    let parts = [
        (number(&[Verb::Create]), "to create"),
        (number(&[Verb::Change]), "to change"),
        (number(&[Verb::Replace]), "to replace"),
        (number(&[Verb::Adopt]), "to adopt"),
        (number(&[Verb::Close]), "to close"),
        (number(&[Verb::Refund]), "to refund"),
        (number(&[Verb::Cancel]), "to cancel"),
        (variables(plan), "to write"),
        (number(&[Verb::Run]), "to run"),
        (number(&[Verb::Prove]), "to prove"),
        (plan.unchanged, "unchanged"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let deleted = match plan.refund() {
        Some(_) => " It cannot be taken back.",
        None if plan.touches_stripe() => " Nothing is deleted.",
        None => "",
    };
    layout::paragraph(style, &format!("Plan: {}.{deleted}", parts.join(", ")))
}

fn variables(plan: &Plan) -> usize {
    let sizes = plan.actions().map(|action| match &action.effect {
        Effect::Env(sets) => sets.len(),
        Effect::Stripe(_) | Effect::Run(_) => 0,
    });
    sizes.sum()
}

/// One action with its fields and notes, without a newline at the end.
pub fn action(action: &Action, env_file: Option<&str>, style: &Style) -> String {
    let mut lines = vec![match &action.effect {
        Effect::Env(_) => env_head(action, env_file, style),
        Effect::Stripe(_) | Effect::Run(_) => head(action, style),
    }];
    match &action.effect {
        Effect::Env(sets) if action.fields.is_empty() => {
            lines.extend(sets.iter().map(|set| {
                let to = match &set.value {
                    EnvSource::Text(text) => text.clone(),
                    EnvSource::Vault(_) => "a secret, hidden".to_owned(),
                    EnvSource::Generate { .. } => "a new random secret".to_owned(),
                };
                let columns = variable_columns(sets.iter().map(|set| set.variable.as_str()));
                variable(&Field { name: set.variable.clone(), from: None, to }, columns, style)
            }));
        }
        Effect::Env(_) => {
            let columns = variable_columns(action.fields.iter().map(|field| field.name.as_str()));
            lines.extend(action.fields.iter().map(|one| variable(one, columns, style)));
        }
        Effect::Run(command) => {
            lines.push(command_text(&command.run, style));
            lines.extend(action.fields.iter().map(|one| field(one, style)));
        }
        Effect::Stripe(_) => lines.extend(action.fields.iter().map(|one| field(one, style))),
    }
    lines.extend(action.notes.iter().map(|note| {
        let note = style.text(note);
        if style.is_plain() { words::sentence(&note) } else { hang(style, &" ".repeat(INDENT), INDENT, &note) }
    }));
    lines.join("\n")
}

/// The text of a command, in full: nothing of it may be hidden, so it is never cut.
pub fn command_text(run: &str, style: &Style) -> String {
    let indent = if style.is_plain() { "" } else { "      " };
    let room = if style.is_plain() { usize::MAX } else { style.width.saturating_sub(indent.len()) };
    let text = crate::control::visible(run.trim());
    let lines: Vec<String> =
        text.lines().flat_map(|line| folded(line, room)).map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// A line of a command over several, broken at blanks where it is too wide. Only a blank at a break
/// goes, so that what runs can be read off.
fn folded(line: &str, room: usize) -> Vec<String> {
    const UNDER: &str = "    ";
    let mut lines = Vec::new();
    let mut rest = line.to_owned();
    if line.split(' ').any(|word| width(word) + 2 * UNDER.len() > room) {
        return vec![rest];
    }
    while width(&rest) > room {
        let start = rest.len() - rest.trim_start().len();
        let mut breaks = rest.char_indices().filter(|(at, c)| *c == ' ' && *at > start && width(&rest[..*at]) <= room);
        let Some((at, _)) = breaks.next_back() else { break };
        let next = format!("{UNDER}{}", &rest[at + 1..]);
        rest.truncate(at);
        lines.push(std::mem::replace(&mut rest, next));
    }
    lines.push(rest);
    lines
}

/// Commands with their titles, each in full, as they are shown before they are allowed.
pub fn commands(commands: &[(String, String)], style: &Style) -> String {
    let head = layout::paragraph(style, "This checklist runs commands on this computer:");
    let each = commands.iter().map(|(title, run)| {
        let title = style.text(title);
        let title = if style.is_plain() { words::sentence(&title) } else { hang(style, "    ", 4, &title) };
        format!("{title}\n{}", command_text(run, style))
    });
    std::iter::once(head).chain(each).collect::<Vec<_>>().join("\n")
}

fn mark(verb: Verb, style: &Style) -> String {
    let mark = match (verb.mark(), style.glyphs) {
        ("±", Glyphs::Ascii) => "+-",
        (mark, _) => mark,
    };
    let ink = match verb {
        Verb::Create | Verb::Prove => Ink::Good,
        Verb::Replace
        | Verb::Change
        | Verb::Adopt
        | Verb::Close
        | Verb::Cancel
        | Verb::Refund
        | Verb::Write
        | Verb::Run => Ink::Attention,
    };
    pad(&style.paint(ink, mark), mark_columns(style))
}

/// `+-` takes a column more than `±`.
const fn mark_columns(style: &Style) -> usize {
    if matches!(style.glyphs, Glyphs::Ascii) { 3 } else { 2 }
}

fn head(action: &Action, style: &Style) -> String {
    let Action { noun, name, verb, summary, .. } = action;
    let summary = style.text(summary);
    if style.is_plain() {
        let summary = if summary.is_empty() { String::new() } else { format!(", {summary}") };
        return words::sentence(&format!("{} {noun} {name}{summary}", layout::capital(verb.word())));
    }
    let name = if style.verbose { name.clone() } else { layout::shorten_id(name, style.ellipsis()) };
    let left = format!("  {}{}{}", mark(*verb, style), pad(noun, NOUN), pad(&name, NAME));
    if summary.is_empty() {
        return format!("{left}{}", verb.word());
    }
    let head = format!("{left}{}", pad(verb.word(), VERB));
    if !style.is_narrow() && width(&head) + width(&summary) <= style.width {
        // An id is dim and short; what is decided about, an amount, is neither.
        let is_id = summary.contains('_') && !summary.contains(' ');
        return format!("{head}{}", if is_id { style.id(&summary) } else { summary });
    }
    format!("{left}{}\n{}", verb.word(), hang(style, &" ".repeat(INDENT), INDENT, &summary))
}

fn field(field: &Field, style: &Style) -> String {
    let value = match &field.from {
        Some(from) => format!("{from} {} {}", style.arrow(), field.to),
        None => field.to.clone(),
    };
    let value = style.text(&value);
    if style.is_plain() {
        return words::sentence(&format!("{}: {value}", field.name));
    }
    let columns = FIELD.max(width(&field.name) + 2);
    if style.is_narrow() {
        let under = hang(style, &" ".repeat(INDENT + 2), INDENT + 2, &value);
        return format!("{}{}\n{under}", " ".repeat(INDENT), field.name);
    }
    hang(style, &format!("{}{}", " ".repeat(INDENT), pad(&field.name, columns)), INDENT + columns, &value)
}

fn env_head(action: &Action, env_file: Option<&str>, style: &Style) -> String {
    let file = env_file.unwrap_or(&action.name);
    if style.is_plain() {
        return format!("Write {file}:");
    }
    let summary = if action.summary == file { "" } else { action.summary.as_str() };
    let head = format!("  {}", pad(file, 18.max(width(file) + 2)));
    hang(style, &head, width(&head), &style.text(summary))
}

/// Columns of the variables of one file: as wide as the longest name, within reason.
fn variable_columns<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(width).max().unwrap_or(0).clamp(VARIABLE - 2, VARIABLE + 10) + 2
}

fn variable(field: &Field, columns: usize, style: &Style) -> String {
    let Field { name, from, to } = field;
    let (from, to) = (from.as_deref().map(|from| style.text(from)), style.text(to));
    if style.is_plain() {
        let from = from.map(|from| format!("{from} becomes ")).unwrap_or_default();
        return words::sentence(&format!("{name}: {from}{to}"));
    }
    let mark = match from {
        Some(_) => pad(&style.paint(Ink::Attention, "~"), mark_columns(style)),
        None => pad(&style.paint(Ink::Good, "+"), mark_columns(style)),
    };
    let value = match &from {
        Some(from) => format!("{}  {}  {to}", pad(from, 15).trim_end(), style.arrow()),
        None => to,
    };
    let head = format!("  {mark}{}", pad(name, columns.max(width(name) + 2)));
    if !style.is_narrow() && width(&head) + width(&value) <= style.width {
        return format!("{head}{value}");
    }
    format!("  {mark}{name}\n{}", hang(style, &" ".repeat(INDENT), INDENT, &value))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
