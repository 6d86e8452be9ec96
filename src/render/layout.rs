//! Where text stands: wrapping, columns, rows. The one place that measures.
//!
//! A row is a mark, a name of 22 columns and a value; below 60 columns the value goes on its own
//! line. Words that are wider than the line (addresses, commands) are never broken: a broken
//! address cannot be copied.

use console::measure_text_width;

use super::style::{Ink, Mark, Style};
use super::words;

/// The margin at the left.
pub const MARGIN: &str = "  ";
/// Columns of a name.
pub const NAME: usize = 22;
/// Columns of a phase's header rule.
pub const RULE: usize = 75;

/// Columns a text takes on the screen, colours not counted.
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// Fills a text with spaces to so many columns; at least one follows a text that is wider.
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text)).max(1);
    format!("{text}{}", " ".repeat(missing))
}

/// Cuts a text to so many columns, with an ellipsis at its end.
pub fn truncate(text: &str, columns: usize, ellipsis: &str) -> String {
    console::truncate_str(text, columns, ellipsis).into_owned()
}

/// Breaks a text into lines of at most so many columns, at spaces. Line breaks of the text stay.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        // What fits keeps its own spacing.
        if width(paragraph) <= columns {
            lines.push(paragraph.trim_end().to_owned());
            continue;
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && width(&line) + 1 + width(word) > columns {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// A paragraph at the margin.
pub fn paragraph(style: &Style, text: &str) -> String {
    if style.is_plain() {
        return style.text(text);
    }
    hang(style, MARGIN, MARGIN.len(), &style.text(text))
}

/// A text behind a head, its further lines under its first.
pub fn hang(style: &Style, head: &str, indent: usize, text: &str) -> String {
    let lines = wrap(text, style.width.saturating_sub(indent));
    let mut out = head.to_owned();
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            out.push('\n');
            out.push_str(&" ".repeat(if line.is_empty() { 0 } else { indent }));
        }
        out.push_str(line);
    }
    out.trim_end().to_owned()
}

/// A mark, a name and a value, at an indent.
pub fn row(style: &Style, indent: usize, mark: Mark, name: &str, value: &str) -> String {
    let (name, value) = (style.text(name), style.text(value));
    if style.is_plain() {
        let word = style.mark(mark);
        let value = if value.is_empty() { String::new() } else { format!(" {}", words::sentence(&capital(&value))) };
        return format!("{word}: {}{value}", words::sentence(&name));
    }
    let left = indent + style.mark_width();
    let head = format!("{}{}", " ".repeat(indent), pad(&style.mark(mark), style.mark_width()));
    columns(style, &head, left, &name, &value)
}

/// A mark, a name and a short word at the right end of the rule; the word goes where there is no
/// room for it.
pub fn tagged(style: &Style, indent: usize, mark: Mark, name: &str, tag: &str) -> String {
    let line = row(style, indent, mark, name, "");
    let room = RULE.min(style.width).saturating_sub(width(&line) + width(tag));
    if style.is_plain() || line.contains('\n') || room < 2 {
        return line;
    }
    format!("{line}{}{}", " ".repeat(room), style.paint(Ink::Dim, tag))
}

/// A mark, a name and as much of a value as one line holds.
pub fn brief(style: &Style, indent: usize, mark: Mark, name: &str, value: &str) -> String {
    const LEAST: usize = 16;
    const WIDE: usize = 45;
    let at = indent + style.mark_width() + WIDE.max(width(name) + 2);
    let room = style.width.saturating_sub(at);
    if style.is_plain() || style.is_narrow() || room < LEAST {
        return row(style, indent, mark, name, "");
    }
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    row(style, indent, mark, &pad(name, WIDE - 2), &truncate(&value, room, style.ellipsis()))
}

/// A name and a value without a mark, at the margin: `Continue  golive wizard`.
pub fn pair(style: &Style, name: &str, name_columns: usize, value: &str) -> String {
    let value = style.text(value);
    if style.is_plain() {
        return format!("{name}: {value}");
    }
    let head = format!("{MARGIN}{}", pad(name, name_columns));
    hang(style, &head, width(&head), &value)
}

fn columns(style: &Style, head: &str, left: usize, name: &str, value: &str) -> String {
    const ROOM: usize = 24;
    if value.is_empty() {
        return hang(style, head, left, name);
    }
    let at = left + NAME.max(width(name) + 2);
    // A value that fits into what is left of the line stays there, however little that is.
    let room = style.width.saturating_sub(at);
    // Beside a name that is wider than its column, a second line would begin anywhere.
    let aligned = width(name) <= NAME && room >= ROOM;
    let fits = width(value) <= room || (aligned && value.split(' ').all(|word| width(word) <= room));
    if !style.is_narrow() && fits && !value.contains('\n') {
        return hang(style, &format!("{head}{}", pad(name, at - left)), at, value);
    }
    let name = hang(style, head, left, name);
    // An address that fits nowhere else may begin further left.
    let widest = value.split_whitespace().map(width).max().unwrap_or(0);
    let under = if left + 2 + widest > style.width { 4 } else { left + 2 };
    format!("{name}\n{}", hang(style, &" ".repeat(under), under, value))
}

/// Shortens an id in the middle, `prod_Sx81…0aTt`; short ones stay whole.
pub fn shorten_id(id: &str, ellipsis: &str) -> String {
    let prefix = id.find('_').map_or(0, |at| at + 1);
    let body: Vec<char> = id[prefix..].chars().collect();
    if body.len() <= 10 || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return id.to_owned();
    }
    let head: String = body[..4].iter().collect();
    let tail: String = body[body.len() - 4..].iter().collect();
    format!("{}{head}{ellipsis}{tail}", &id[..prefix])
}

/// The text with its first letter in upper case, for reading aloud.
pub fn capital(text: &str) -> String {
    // Identifiers, addresses and commands keep their case.
    let first = text.split(' ').next().unwrap_or("");
    if first == "golive" || first.contains(['_', '/', '.', '`', '=', '-']) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::{Mark, Style, row, shorten_id, wrap};
    use crate::render::Glyphs;

    fn style(columns: usize) -> Style {
        Style::new(false, Glyphs::Unicode, columns)
    }

    #[test]
    fn a_value_stands_in_its_column_and_wraps_under_itself() {
        let text = row(&style(60), 2, Mark::Done, "name resolves", "203.0.113.20, public, and so are all the others");
        insta::assert_snapshot!(text, @r"
  ✓ name resolves         203.0.113.20, public, and so are
                          all the others
");
    }

    #[test]
    fn below_sixty_columns_the_value_has_its_own_line() {
        let text = row(&style(50), 2, Mark::Failed, "no redirect", "301 to https://www.acme.example/");
        insta::assert_snapshot!(text, @r"
  ✗ no redirect
      301 to https://www.acme.example/
");
    }

    #[test]
    fn an_address_is_never_broken() {
        let url = format!("https://acme.example/{}", "a".repeat(90));
        assert!(row(&style(80), 2, Mark::Done, "page", &url).lines().any(|line| line.trim() == url));
    }

    #[test]
    fn a_row_read_aloud_is_two_sentences() {
        assert_eq!(row(&Style::PLAIN, 2, Mark::Done, "key accepted", "Acme Oy"), "done: key accepted. Acme Oy.");
    }

    #[test]
    fn ids_are_shortened_in_the_middle_and_other_text_is_not() {
        assert_eq!(shorten_id("prod_Sx81abcdefgh0aTt", "…"), "prod_Sx81…0aTt");
        assert_eq!(shorten_id("acct_1Q9fTzK", "…"), "acct_1Q9fTzK");
        assert_eq!(shorten_id("a sentence that is long_enough", "…"), "a sentence that is long_enough");
    }

    #[test]
    fn wrapping_keeps_line_breaks_and_loses_no_word() {
        assert_eq!(wrap("one two three\nfour", 7), ["one two", "three", "four"]);
        assert_eq!(wrap("", 7), Vec::<String>::new());
    }
}
