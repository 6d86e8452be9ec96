//! The end of `golive import markdown`: how much was understood, what it became, what is left to decide
//! and what is left out, line by line, and what to type next.

use crate::render::layout::{MARGIN, hang, pad};
use crate::render::{Ink, Style};
use crate::view::import::ImportView;

/// Where the texts begin that stand beside lines.
const BESIDE: usize = 18;
/// The most stretches that are listed; the file lists all of them.
const MOST: usize = 40;

/// The whole screen. Ends with a newline.
pub fn import(view: &ImportView, style: &Style) -> String {
    let mut out = vec![head(view, style), String::new()];
    let all = view.lines.used + view.lines.left;
    let share = (view.lines.used * 100).checked_div(all).unwrap_or(0);
    out.push(fact(style, "understood", &format!("{} of {all} lines, {share} %", view.lines.used)));
    out.push(fact(style, "became", &became(view)));
    out.extend(view.notes.iter().map(|note| fact(style, "note", note)));
    section(
        &mut out,
        style,
        "Roll these keys: they stand in the document",
        view.secrets.iter().map(|secret| (place(secret.line, secret.line), secret.shown.clone())),
    );
    section(
        &mut out,
        style,
        "To decide, marked DECIDE in the file",
        view.questions.iter().map(|open| (place(open.line, open.line), asked(open))),
    );
    let left =
        view.left.iter().take(MOST).map(|left| (place(left.from, left.to), format!("{}: {}", left.why, left.begins)));
    section(&mut out, style, "Left out", left);
    if view.left.len() > MOST {
        out.push(fact(style, "", &format!("and {} more; the file names them all", view.left.len() - MOST)));
    }
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n") + "\n"
}

/// What to type next.
pub fn next(view: &ImportView, style: &Style) -> String {
    let named = if view.out == "golive.toml" { String::new() } else { format!(" --checklist {}", view.out) };
    let mut out = vec![String::new()];
    out.push(fact(style, "next", &format!("read it, then practise: golive rehearse{named}")));
    if !view.secrets.is_empty() {
        out.push(fact(style, "", "roll the keys above: https://dashboard.stripe.com/apikeys"));
    }
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n") + "\n"
}

fn head(view: &ImportView, style: &Style) -> String {
    let line = format!("{} became {}", view.file, if view.out == "-" { "a checklist" } else { &view.out });
    hang(style, MARGIN, MARGIN.len(), &style.text(&line))
}

fn became(view: &ImportView) -> String {
    let made = &view.made;
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let kinds: Vec<String> = made
        .kinds
        .iter()
        .map(|(kind, number)| {
            if kind == "product" {
                format!("{number} {kind} ({})", count(made.prices, "price"))
            } else {
                format!("{number} {kind}")
            }
        })
        .collect();
    let rollback =
        if made.rollback == 0 { String::new() } else { format!("; {} of a rollback", count(made.rollback, "step")) };
    format!("{}, {}: {}{rollback}", count(made.phases, "phase"), count(made.items(), "item"), kinds.join(", "))
}

fn asked(open: &crate::view::import::Open) -> String {
    if open.written.is_empty() { open.asked.clone() } else { format!("{}  `{}`", open.asked, open.written) }
}

fn place(from: usize, to: usize) -> String {
    if from == to { format!("line {from}") } else { format!("lines {from}-{to}") }
}

fn section(out: &mut Vec<String>, style: &Style, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    out.push(String::new());
    out.push(format!("{MARGIN}{}", style.paint(Ink::Active, &format!("{title}: {}", rows.len()))));
    out.extend(rows.iter().map(|(place, text)| fact(style, &format!("  {place}"), text)));
}

/// A name, and a text beside it that may be long.
fn fact(style: &Style, name: &str, text: &str) -> String {
    let text = style.text(text);
    if style.is_plain() {
        return format!("{}: {text}", name.trim());
    }
    let head = format!("{MARGIN}{}", pad(name, BESIDE - MARGIN.len()));
    hang(style, &head, BESIDE, &text)
}

#[cfg(test)]
mod tests {
    use super::import;
    use crate::render::style::{Glyphs, Style};
    use crate::view::import::{ImportView, Left, Lines, Made, Open, Secret};

    #[test]
    fn the_account_of_a_document_fits_on_a_screen() {
        let kinds = [("command", 4), ("manual", 12), ("product", 2)].map(|(kind, number)| (kind.to_owned(), number));
        let view = ImportView {
            file: "LAUNCH.md".into(),
            out: "golive.toml".into(),
            lines: Lines { used: 90, left: 10, bare: 30 },
            made: Made { phases: 3, kinds: kinds.into(), prices: 3, rollback: 2 },
            questions: vec![Open {
                id: "price.pro".into(),
                line: 24,
                written: "$20/month".into(),
                asked: "Pro: `$` is the symbol of several currencies; which one is it?".into(),
            }],
            left: vec![Left {
                from: 2,
                to: 9,
                why: "text without a step".into(),
                begins: "Your account has four keys in total, of which …".into(),
            }],
            secrets: vec![Secret { line: 7, shown: "sk_live_…x7Qd".into() }],
            notes: vec!["HTML was read as headings, lists and tables.".into()],
        };
        let text = import(&view, &Style::new(false, Glyphs::Unicode, 80));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for said in [
            "LAUNCH.md became golive.toml",
            "understood      90 of 100 lines, 90 %",
            "2 product (3 prices); 2 steps of a rollback",
            "Roll these keys: they stand in the document: 1",
            "To decide, marked DECIDE in the file: 1",
            "lines 2-9     text without a step",
        ] {
            // Long lines are folded for the reader: a phrase counts across the fold.
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(folded.contains(&said), "{said}\n{text}");
        }
    }
}
