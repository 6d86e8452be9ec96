//! The last screen of a command: what stands, what is left, how to go on.

use crate::mode::Mode;
use crate::render::layout::{hang, pair, paragraph, width};
use crate::render::{Mark, Style, words};
use crate::view::StatusView;
use crate::view::ending::Ending;
use crate::view::status::RolledBack;

/// The end of `golive wizard` and `golive rehearse`. No newline at the end.
pub fn finished(ending: &Ending, view: &StatusView, style: &Style) -> String {
    let mut out = Vec::new();
    let counts = super::status::counts(view);
    let skipped = if view.summary.skipped > 0 { format!(", {} skipped", view.summary.skipped) } else { String::new() };
    let items = format!("{} of {} items{skipped}", view.summary.finished(), view.summary.total);
    if view.ready {
        let what = match ending.mode {
            Mode::Rehearse => format!("{} is rehearsed.   {items}", ending.title),
            Mode::Test => format!("{} works in test mode.   {counts}{skipped}", ending.title),
            Mode::Live => format!("{} is live.   {counts}{skipped}", ending.title),
        };
        out.push(format!("  {} {what}", style.mark(Mark::Done)));
        out.extend(view.rollback_drill.as_ref().map(|drill| undone_too(drill, style)));
    } else {
        let left = words::count(view.summary.blocking, "item blocks", "items block");
        out.push(format!("  {} {counts}; {left} the launch.", style.mark(Mark::Attention)));
    }
    out.push(String::new());
    out.extend(left_behind(ending, style));
    out.extend(next(ending, view, style));
    out.join("\n")
}

/// What the rollback on a copy came to.
fn undone_too(drill: &RolledBack, style: &Style) -> String {
    let (mark, text) = match (drill.is_whole(), drill.left) {
        (true, _) => (Mark::Done, "Its rollback is rehearsed too, on a copy.".to_owned()),
        (false, 0) => (Mark::Attention, "Its rollback is not rehearsed to its end: golive rehearse".to_owned()),
        (false, left) => {
            let left = words::count(left, "step is", "steps are");
            (Mark::Attention, format!("Its rollback is rehearsed on a copy, and {left} left: golive rehearse"))
        }
    };
    hang(style, &format!("  {} ", style.mark(mark)), 4, &text)
}

fn left_behind(ending: &Ending, style: &Style) -> Vec<String> {
    let mut out = Vec::new();
    if !ending.in_stripe.is_empty() {
        out.push(paragraph(
            style,
            match ending.mode {
                Mode::Rehearse => "A real run would leave in Stripe",
                Mode::Test | Mode::Live => "In Stripe",
            },
        ));
        let longest = ending.in_stripe.iter().map(|(name, _)| width(name)).max().unwrap_or(0).min(style.width / 2);
        out.extend(
            ending.in_stripe.iter().map(|(name, evidence)| pair(style, &format!("  {name}"), longest + 4, evidence)),
        );
        out.push(String::new());
    }
    if !ending.variables.is_empty() {
        out.push(paragraph(style, &format!("In {}, among others", ending.env_file)));
        out.push(hang(style, "    ", 4, &ending.variables.join(", ")));
        out.push(String::new());
    }
    if !ending.rehearsed.is_empty() {
        let count = words::count(ending.rehearsed.len(), "item", "items");
        let mark = style.mark(Mark::Rehearsed);
        let text =
            format!("{count} marked {mark} had the demo shop, or nobody, standing in: a real run does them for real.");
        out.push(hang(style, "  ", 2, &text));
        out.push(String::new());
    }
    out
}

fn next(ending: &Ending, view: &StatusView, style: &Style) -> Vec<String> {
    let line = |name: &str, text: &str| hang(style, &format!("  {name:<10}"), 12, text);
    let mut out = Vec::new();
    match (ending.mode, view.ready) {
        (Mode::Rehearse, true) => {
            out.push(line("Next", "golive wizard --mode live"));
            out.push(line("Look", "golive status --mode rehearse --all"));
            out.push(line("Report", "golive report --mode rehearse"));
            out.push(line("Undo", "golive rollback --mode rehearse"));
            out.push(line("Again", "golive rehearse --fresh"));
        }
        (_, true) => {
            if view.summary.left() > 0 {
                let left = words::count(view.summary.left(), "item is", "items are");
                out.push(line("Left", &format!("{left} left that block nothing: golive status")));
            }
            out.push(line("Check", "golive check"));
            out.push(line("Report", "golive report   no secrets, safe to share"));
            out.push(line("Undo", "golive rollback   stays possible while .golive/ is there"));
        }
        (_, false) => {
            out.push(line("Continue", going_on(ending.mode)));
            out.push(line("Overview", "golive status"));
        }
    }
    out
}

/// The command that goes on with a run.
pub fn going_on(mode: Mode) -> &'static str {
    match mode {
        Mode::Rehearse => "golive rehearse",
        Mode::Test => "golive wizard --mode test",
        Mode::Live => "golive wizard",
    }
}

/// The end of `golive apply`.
pub fn applied(view: &StatusView, style: &Style) -> String {
    let counts = super::status::counts(view);
    let mark = if view.ready { Mark::Done } else { Mark::Attention };
    let left = match view.summary.blocking {
        0 => String::new(),
        count => format!("; {} the launch", words::count(count, "item blocks", "items block")),
    };
    let advice = if view.ready { "golive check" } else { "golive status" };
    format!("\n  {} {counts}{left}. See {advice}\n", style.mark(mark))
}

/// After a pause. No newline at the end.
pub fn paused(view: &StatusView, phase: Option<&str>, style: &Style) -> String {
    let place = phase
        .and_then(|id| {
            view.phases.iter().position(|phase| phase.id == id).map(|index| (index + 1, &view.phases[index]))
        })
        .map(|(number, phase)| format!(" in phase {number} of {}, {}", view.phases.len(), phase.title))
        .unwrap_or_default();
    let counts = super::status::counts(view);
    let line = |name: &str, text: &str| hang(style, &format!("  {name:<10}"), 12, text);
    let head = hang(style, "  ", 2, &format!("Paused{place}. {counts}."));
    format!("{head}\n\n{}\n{}", line("Continue", going_on(view.mode)), line("Overview", "golive status"))
}
