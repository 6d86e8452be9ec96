//! The screen of `golive import stripe`: what was read, what changed since the last import, and what a
//! person should know, the weightiest first.

use crate::import::stripe::merge::{Change, Difference};
use crate::import::stripe::{Sort, Told};
use crate::inventory::Section;
use crate::render::layout::{hang, paragraph};
use crate::render::{Mark, Style, words};

/// What is shown.
pub struct View<'v> {
    /// Whose account it is.
    pub account: Option<&'v str>,
    /// How many objects of each list are in the checklist.
    pub counts: &'v [(Section, usize)],
    /// What a person should know.
    pub told: &'v [Told],
    /// What changed in Stripe since the last import.
    pub differences: &'v [Difference],
    /// Whether that stands on the screen already.
    pub were_shown: bool,
    /// Lookup keys that are proposed.
    pub new_keys: usize,
    /// The checklist's name.
    pub file: &'v str,
    /// Whether it was written.
    pub written: bool,
}

/// Places that are shown of one thing.
const PLACES: usize = 4;
/// Things of one sort that are shown at length.
const MOST: usize = 20;

/// The whole screen. No newline at the end.
pub fn import(view: &View<'_>, style: &Style) -> String {
    let mut out = vec![read(view, style), String::new()];
    if !view.differences.is_empty() && !view.were_shown {
        out.extend([differences(view.differences, style), String::new()]);
    }
    for (sort, head) in [
        (Sort::Decide, "For you to decide"),
        (Sort::Gap, "Could not be read"),
        (Sort::Code, "In the code"),
        (Sort::NotCarried, "Not carried over"),
        (Sort::Note, "Good to know"),
    ] {
        let of: Vec<&Told> = view.told.iter().filter(|told| told.sort == sort).collect();
        if of.is_empty() {
            continue;
        }
        out.push(hang(style, "  ", 2, &format!("{head} ({})", of.len())));
        out.extend(of.iter().take(MOST).map(|told| self::told(told, style)));
        if of.len() > MOST {
            out.push(hang(style, "    ", 4, &format!("and {} more: golive import stripe --json", of.len() - MOST)));
        }
        out.push(String::new());
    }
    out.push(ending(view, style));
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n")
}

fn read(view: &View<'_>, style: &Style) -> String {
    let whose = view.account.map(|account| format!(" of {account}")).unwrap_or_default();
    let counted: Vec<String> = view.counts.iter().map(|(section, count)| section.counted(*count)).collect();
    let what = if counted.is_empty() { "nothing that a launch carries over".to_owned() } else { words::list(&counted) };
    paragraph(style, &style.text(&format!("Read the test account{whose}: {what}.")))
}

fn told(told: &Told, style: &Style) -> String {
    let mark = style.mark(match told.sort {
        Sort::Decide | Sort::Gap | Sort::Code => Mark::Attention,
        Sort::NotCarried | Sort::Note => Mark::Open,
    });
    let mut lines = vec![hang(style, &format!("  {mark} "), 4, &style.text(&told.what))];
    let more = told.why.iter().chain(&told.proposal);
    lines.extend(more.map(|text| hang(style, "      ", 6, &style.text(text))));
    if !told.places.is_empty() {
        let mut shown = told.places.iter().take(PLACES).cloned().collect::<Vec<_>>().join(", ");
        if told.places.len() > PLACES {
            shown = format!("{shown} and {} more", told.places.len() - PLACES);
        }
        lines.push(hang(style, "      ", 6, &style.text(&shown)));
    }
    lines.join("\n")
}

/// What changed in Stripe since the last import.
pub fn differences(differences: &[Difference], style: &Style) -> String {
    let mut lines = vec![hang(style, "  ", 2, "Changed since the last import, in Stripe or around it")];
    lines.extend(differences.iter().map(|difference| {
        let mark = match difference.sort {
            Change::Added => "+",
            Change::Changed => "~",
            Change::Removed => "-",
            Change::Kept => "=",
        };
        let place = std::iter::once(difference.item.clone()).chain(difference.within.iter().cloned());
        let place = place.collect::<Vec<_>>().join(" ");
        let values = match (&difference.from, &difference.to) {
            (Some(from), Some(to)) => format!("{} {} {}", brief(from), style.arrow(), brief(to)),
            (None, Some(one)) | (Some(one), None) => brief(one),
            (None, None) => String::new(),
        };
        let kept = if difference.sort == Change::Kept { "; yours stays" } else { "" };
        hang(style, &format!("  {mark} "), 4, &style.text(&format!("{place}  {values}{kept}")))
    }));
    lines.join("\n")
}

fn brief(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.replace('\n', " ");
    if line.chars().count() <= MOST { line } else { line.chars().take(MOST - 1).chain(['…']).collect() }
}

fn ending(view: &View<'_>, style: &Style) -> String {
    let mut lines = Vec::new();
    let head = match (view.written, view.differences.is_empty()) {
        (true, _) => format!("{} is written.", view.file),
        (false, true) => format!("Nothing changed in Stripe; {} stays as it is.", view.file),
        (false, false) => format!("{} stays as it is.", view.file),
    };
    lines.push(hang(style, &format!("  {} ", style.mark(Mark::Done)), 4, &head));
    if view.new_keys > 0 {
        let keys = words::count(view.new_keys, "price has", "prices have");
        let text = format!(
            "{keys} no lookup key in Stripe; the checklist proposes one. To give the test account the same: golive import \
             stripe --write-lookup-keys"
        );
        lines.push(hang(style, "    ", 4, &text));
    }
    lines.push(String::new());
    lines.push(hang(style, "  Read it      ", 15, view.file));
    lines.push(hang(style, "  Try it       ", 15, "golive rehearse"));
    lines.push(hang(style, "  The launch   ", 15, "golive wizard --mode live"));
    lines.join("\n")
}
