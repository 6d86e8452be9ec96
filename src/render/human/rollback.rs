//! The screens of `golive rollback`: what would be undone, in numbered steps, and how it ended. The words
//! are the plan's own; here they get their places.

use crate::mode::Mode;
use crate::render::human::phase::banner;
use crate::render::layout::{hang, pair, paragraph, row, width};
use crate::render::{Mark, Style, words};
use crate::undo::{UndoPlan, What};

/// Columns of a step's number and name.
const NAME: usize = 28;
/// Where the lines of a step with a longer name begin.
const INDENT: usize = 9;

/// What is undone where, before anybody decides. No newline at the end.
pub fn plan(plan: &UndoPlan, mode: Mode, account: Option<&str>, style: &Style) -> String {
    let account = account.map(|name| format!(" {name}")).unwrap_or_default();
    let head = format!(
        "Undo what this launch changed in {}{account}, in the order of safety. Payments, customers and \
         subscriptions are never touched.",
        mode.banner()
    );
    let head = paragraph(style, &head).replacen(mode.banner(), &banner(mode, style), 1);
    let mut out = vec![head, String::new()];
    out.extend(subscriptions(plan, style));
    for (index, step) in plan.steps.iter().enumerate() {
        let name = format!("  {:<3}{}", format!("{}", index + 1), step.name);
        let mut lines = step.lines.iter();
        // A long name has its line to itself.
        if width(&name) >= NAME && !style.is_plain() {
            out.push(format!("  {}", style.text(&name)));
            out.extend(lines.map(|line| hang(style, &" ".repeat(INDENT), INDENT, &style.text(line))));
            continue;
        }
        out.push(pair(style, &name, NAME, lines.next().map_or("", String::as_str)));
        out.extend(lines.map(|line| pair(style, "", NAME, line)));
    }
    if plan.steps.is_empty() {
        out.push(paragraph(style, "Nothing stands that this launch changed."));
    }
    let undone = plan.settled.iter().map(|settled| format!("{}: {}", settled.name, settled.why));
    out.extend(titled("Undone already", undone, style));
    out.extend(titled("Stays as it is", plan.stays.iter().cloned(), style));
    let commands = plan.steps.iter().filter(|step| matches!(step.what, What::Guide(_))).count();
    if commands > 0 {
        let mark = style.mark(Mark::Attention);
        let text = match commands {
            1 => "1 step is the checklist's own: what it does is shown above.".to_owned(),
            many => format!("{many} steps are the checklist's own: what each does is shown above."),
        };
        out.push(hang(style, &format!("  {mark} "), 4, &text));
    }
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n")
}

/// Lines under one title, which stands beside the first of them; nothing when there are none.
fn titled(title: &str, lines: impl Iterator<Item = String>, style: &Style) -> Vec<String> {
    let line = |(index, line): (usize, String)| {
        let name = if index == 0 { title } else { "" };
        hang(style, &format!("  {name:<16}"), 18, &line)
    };
    let mut out: Vec<String> = lines.enumerate().map(line).collect();
    if !out.is_empty() {
        out.insert(0, String::new());
    }
    out
}

/// Who goes on being charged, whatever is undone: said first, for it is decided first.
fn subscriptions(plan: &UndoPlan, style: &Style) -> Vec<String> {
    if plan.subscriptions.is_empty() {
        return Vec::new();
    }
    let text = "These subscriptions are open and go on being charged. A rollback ends none of them: cancel what must \
                not go on, in the Dashboard or with its customer.";
    let mut out = vec![hang(style, &format!("  {} ", style.mark(Mark::Attention)), 4, text)];
    out.extend(plan.subscriptions.iter().map(|line| hang(style, "      ", 6, line)));
    out.push(String::new());
    out
}

/// A step that is done, or was already.
pub fn done(name: &str, text: &str, style: &Style) -> String {
    row(style, 2, Mark::Done, name, text)
}

/// The end. No newline at the end.
pub fn ending(steps: usize, left: usize, style: &Style) -> String {
    if left == 0 {
        let text = format!("{} undone. Payments, customers and subscriptions are as they were.", of(steps));
        let head = hang(style, &format!("  {} ", style.mark(Mark::Done)), 4, &text);
        return format!(
            "{head}\n\n{}\n{}",
            next("Overview", "golive status", style),
            next("Again", "golive wizard", style)
        );
    }
    let text = format!("{} of {} undone; the rest is told above.", steps.saturating_sub(left), of(steps));
    let head = hang(style, &format!("  {} ", style.mark(Mark::Attention)), 4, &text);
    format!("{head}\n\n{}\n{}", next("Go on", "golive rollback", style), next("Overview", "golive status", style))
}

fn of(steps: usize) -> String {
    words::count(steps, "step", "steps")
}

fn next(name: &str, command: &str, style: &Style) -> String {
    hang(style, &format!("  {name:<10}"), 12, command)
}
