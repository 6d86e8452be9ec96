//! The screens of drills: what will be practised, the trouble once it is named, its repair, and what came
//! of it; and the frame around a rehearsal's rollback. Pure.

use crate::error::Problem;
use crate::mode::Mode;
use crate::render::layout::{RULE, hang, paragraph, truncate, width};
use crate::render::{Mark, Style, words};
use crate::view::drill::Practised;

/// A rule without a number: what follows is no phase of the checklist.
fn rule(title: &str, account: Option<&str>, style: &Style) -> String {
    if style.is_plain() {
        return words::sentence(title);
    }
    let end = style.rule().repeat(2);
    let account = account.map(|name| format!("  {}", truncate(name, style.width / 3, style.ellipsis())));
    let right = format!("{}{} {end}", Mode::Rehearse.banner(), account.unwrap_or_default());
    let columns = style.width.min(RULE);
    let room = columns.saturating_sub(width(&right) + 4);
    let left = truncate(&format!("{end} {title}"), room, style.ellipsis());
    let fill = columns.saturating_sub(width(&left) + width(&right) + 2);
    format!("{left} {} {right}", style.rule().repeat(fill))
}

fn lines(out: Vec<String>, style: &Style) -> String {
    let spoken = |line: &String| !style.is_plain() || !line.is_empty();
    out.into_iter().filter(spoken).collect::<Vec<_>>().join("\n")
}

fn labelled(label: &str, text: &str, style: &Style) -> String {
    if style.is_plain() {
        return words::sentence(&format!("{label}: {text}"));
    }
    hang(style, &format!("  {label:<11}"), 13, &style.text(text))
}

/// Before a rehearsal's rollback. No newline at the end.
pub fn undoing(again: bool, account: Option<&str>, style: &Style) -> String {
    let text = if again {
        "The rollback of this rehearsal was begun. It goes on, on the copy where it was begun."
    } else {
        "A launch that cannot be taken back is no launch. What was launched is undone now as golive rollback would \
         do it, on a copy of this rehearsal: the rehearsal itself stays as it is."
    };
    lines(vec![rule("Rollback, as a drill", account, style), String::new(), paragraph(style, text)], style)
}

/// After a rehearsal's rollback. No newline at the end.
pub fn undone(steps: usize, left: usize, style: &Style) -> String {
    let of = words::count(steps, "step", "steps");
    let (mark, text) = match left {
        0 => (Mark::Done, format!("{of} undone, on the copy. Payments, customers and subscriptions are as they were.")),
        left => {
            let done = steps.saturating_sub(left);
            (Mark::Attention, format!("{done} of {of} undone; the rest is told above. Go on with: golive rehearse"))
        }
    };
    hang(style, &format!("  {} ", style.mark(mark)), 4, &text)
}

/// What will be practised, and what to look for. No newline at the end.
pub fn briefing(title: &str, practise: &str, notice: &str, style: &Style) -> String {
    let out = vec![
        rule(&format!("Drill: {title}"), None, style),
        String::new(),
        labelled("Practised", practise, style),
        labelled("Look for", notice, style),
        labelled(
            "Safe",
            "nothing is real, and your rehearsal is not touched. golive answers all that is not part of the drill.",
            style,
        ),
    ];
    lines(out, style)
}

/// The trouble, as golive named it. No newline at the end.
pub fn noticed(problem: &Problem, item: Option<&str>, after: usize, style: &Style) -> String {
    let place = item.map_or_else(|| "which ended the run".to_owned(), |item| format!("at {item}"));
    let items = words::count(after, "item", "items");
    let text = format!("{} {place}, {items} after it began: {}", problem.code, problem.message);
    let mut out = vec![hang(style, &format!("  {} ", style.mark(Mark::Attention)), 4, &format!("Named: {text}"))];
    out.extend(problem.fix.iter().enumerate().map(|(n, fix)| labelled(if n == 0 { "Cure" } else { "or" }, fix, style)));
    lines(out, style)
}

/// The repair. No newline at the end.
pub fn repaired(how: &str, nobody: bool, style: &Style) -> String {
    let why = if nobody { " Nobody is at the keyboard, so golive did it." } else { "" };
    let text = format!("Repaired: {how}.{why} The same command goes on:");
    hang(style, &format!("  {} ", style.mark(Mark::Done)), 4, &text)
}

/// The end of a drill. No newline at the end.
pub fn ending(practised: &Practised, style: &Style) -> String {
    let items = |count: usize| words::count(count, "item", "items");
    let Practised { drill, trouble, code, item, noticed_after, open_for, by, items: (finished, all), left } = practised;
    let place = item.clone().unwrap_or_else(|| "the end of the run".to_owned());
    let head = format!("Drill {drill} is walked to its end.   {finished} of {all} items rehearsed");
    let mut out = vec![
        hang(style, &format!("  {} ", style.mark(Mark::Done)), 4, &head),
        String::new(),
        labelled("Trouble", trouble, style),
        labelled("Noticed", &format!("{code} by {place}, {} after it began", items(*noticed_after)), style),
        labelled("Open", &format!("for {}, then repaired by {by}", items(*open_for)), style),
    ];
    out.extend(left.iter().map(|(item, problem)| {
        let text = format!("{} at {item}, {}: it happened, and that passes with time", problem.code, problem.message);
        labelled("Stays", &text, style)
    }));
    out.extend([
        String::new(),
        labelled("Read", &format!("golive explain {code}"), style),
        labelled("Again", &format!("golive rehearse --drill {drill} --fresh"), style),
        labelled("Others", "golive rehearse --drill list", style),
    ]);
    lines(out, style)
}

/// After a pause. No newline at the end.
pub fn paused(drill: &str, style: &Style) -> String {
    let text = format!("Paused in drill {drill}. Everything so far is recorded.");
    let head = hang(style, "  ", 2, &text);
    lines(vec![head, String::new(), labelled("Continue", &format!("golive rehearse --drill {drill}"), style)], style)
}

/// The drills there are, each with a line. Ends with a newline.
pub fn list<'d>(drills: impl Iterator<Item = (&'d str, &'d str)>, style: &Style) -> String {
    let line = |(name, title): (&str, &str)| {
        if style.is_plain() { format!("{name}: {title}") } else { hang(style, &format!("{name:<18}"), 18, title) }
    };
    drills.map(line).collect::<Vec<_>>().join("\n") + "\n"
}
