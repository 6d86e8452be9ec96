//! `golive checklist show NAME --coverage` for people: the kinds of a checklist, the tick boxes of
//! its guide that each covers, and what is left to a person's word.

use crate::render::layout::{MARGIN, pad, paragraph, width};
use crate::render::{Ink, Style, words};
use crate::view::CoverageView;
use crate::view::coverage::{KindView, Parts};

/// Columns of a number.
const NUMBER: usize = 8;

/// The whole screen. Ends with a newline.
pub fn coverage(view: &CoverageView, style: &Style) -> String {
    let boxes = view.boxes.total > 0;
    let longest = view.kinds.iter().map(|kind| width(&kind.kind)).max().unwrap_or(0).max(4) + 2;
    let mut out = vec![headline(view, style), String::new(), head(longest, boxes, style)];
    out.extend(view.kinds.iter().map(|kind| line(kind, longest, boxes, style)));
    out.push(String::new());
    out.push(paragraph(style, &items(view.items)));
    out.push(paragraph(
        style,
        &if boxes { ticks(view.boxes) } else { "It names no tick boxes as its source.".to_owned() },
    ));
    // Read aloud, empty lines say nothing.
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n") + "\n"
}

fn headline(view: &CoverageView, style: &Style) -> String {
    let title = &view.checklist.title;
    if style.is_plain() {
        return format!("{} {}.", words::sentence(title), view.checklist.path);
    }
    format!("{MARGIN}{title}   {}", style.paint(Ink::Dim, &view.checklist.path))
}

fn head(longest: usize, boxes: bool, style: &Style) -> String {
    if style.is_plain() {
        return String::new();
    }
    let columns = format!("{MARGIN}{}{:>NUMBER$}", pad("kind", longest), "items");
    style.paint(Ink::Dim, &if boxes { format!("{columns}{:>NUMBER$}", "boxes") } else { columns })
}

fn line(kind: &KindView, longest: usize, boxes: bool, style: &Style) -> String {
    if style.is_plain() {
        let covers = if boxes { format!(", {}", counted(kind.boxes, "box", "boxes")) } else { String::new() };
        let person = if kind.person { ", a person's word" } else { "" };
        return format!("Kind {}: {}{covers}{person}.", kind.kind, counted(kind.items, "item", "items"));
    }
    let mut line = format!("{MARGIN}{}{:>NUMBER$}", pad(&kind.kind, longest), kind.items);
    if boxes {
        // A kind that no box asks for is there for golive's own reasons.
        let covers = if kind.boxes == 0 { "-".to_owned() } else { kind.boxes.to_string() };
        line = format!("{line}{covers:>NUMBER$}");
    }
    if kind.person { format!("{line}   {}", style.paint(Ink::Dim, "a person's word")) } else { line }
}

fn items(parts: Parts) -> String {
    let total = counted(parts.total, "item", "items");
    match parts.person {
        0 => format!("{total}: golive does or checks every one."),
        person => format!("{total}: golive does or checks {}, a person states {person}.", parts.machine),
    }
}

fn ticks(parts: Parts) -> String {
    let total = counted(parts.total, "tick box", "tick boxes");
    match parts.person {
        0 => format!("{total} of the guide: golive does or checks every one."),
        person => format!("{total} of the guide: golive does or checks {}, a person states {person}.", parts.machine),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::coverage;
    use crate::checklist::Checklist;
    use crate::render::{Glyphs, Style};
    use crate::view::{CoverageView, fixture};

    /// Eight items; three of them stand for boxes, one box is covered twice.
    fn checklist() -> Checklist {
        let mut checklist = fixture::checklist();
        let sources = [
            ("account.main", &["1. Account", "- Activate the account"][..]),
            ("catalog.pro", &["- Create the products", "Before › - Prices"]),
            ("after.pager", &["- Create the products", "- Alerts reach somebody"]),
        ];
        for (address, source) in sources {
            let mut items = checklist.phases.iter_mut().flat_map(|phase| &mut phase.items);
            let item = items.find(|item| item.address.to_string() == address).expect("an item");
            item.source = source.iter().map(ToString::to_string).collect();
        }
        checklist
    }

    #[test]
    fn every_kind_has_its_items_and_the_boxes_that_it_covers() {
        let view = CoverageView::of(&checklist());
        insta::assert_snapshot!(coverage(&view, &Style::new(false, Glyphs::Unicode, 80)), @r"
          Acme launch   golive.toml

          kind        items   boxes
          account         1       1
          http            2       -
          manual          2       2   a person's word
          product         2       2
          tls             1       -
          webhook         1       -

          9 items: golive does or checks 7, a person states 2.
          4 tick boxes of the guide: golive does or checks 3, a person states 1.
        ");
        insta::assert_snapshot!(coverage(&view, &Style::PLAIN), @r"
        Acme launch. golive.toml.
        Kind account: 1 item, 1 box.
        Kind http: 2 items, 0 boxes.
        Kind manual: 2 items, 2 boxes, a person's word.
        Kind product: 2 items, 2 boxes.
        Kind tls: 1 item, 0 boxes.
        Kind webhook: 1 item, 0 boxes.
        9 items: golive does or checks 7, a person states 2.
        4 tick boxes of the guide: golive does or checks 3, a person states 1.
        ");
    }

    #[test]
    fn a_box_counts_as_a_persons_only_when_nothing_else_covers_it() {
        let view = CoverageView::of(&checklist());
        assert_eq!((view.boxes.total, view.boxes.machine, view.boxes.person), (4, 3, 1));
    }

    #[test]
    fn a_checklist_of_no_guide_says_so() {
        let view = CoverageView::of(&fixture::checklist());
        let text = coverage(&view, &Style::new(false, Glyphs::Ascii, 80));
        assert!(text.contains("It names no tick boxes as its source.") && !text.contains("boxes\n"), "{text}");
    }
}
