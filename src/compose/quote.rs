//! A text as a TOML string: the quietest quotes that hold it, an escape for every character that
//! cannot be seen, and a replacement character where no checklist may have it. Called by `value` and
//! `comment`.

use crate::control;

/// Whether a character is shown as an escape: controls, and what reorders or hides text, so that a
/// file never reads otherwise than it is.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A string of one line.
pub(super) fn line(text: &str) -> String {
    let literal = text.contains(['"', '\\']) && !text.contains('\'') && !text.chars().any(is_hidden);
    if literal {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        escape(c, &mut out);
    }
    out.push('"');
    out
}

/// A string of several lines, which begins on a line of its own.
pub(super) fn lines(text: &str) -> String {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    if text.contains(['"', '\\']) && !text.contains("''") && !text.ends_with('\'') && !text.chars().any(hidden) {
        return format!("'''\n{text}'''");
    }
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str("\"\"\"\n");
    let mut quotes = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        // The third quote in a row would end the string, and so would one before the closing three.
        match c {
            '\n' => out.push('\n'),
            '"' if quotes < 3 && rest.peek().is_some() => out.push('"'),
            '"' => {
                out.push_str("\\\"");
                quotes = 0;
            }
            c => escape(c, &mut out),
        }
    }
    out.push_str("\"\"\"");
    out
}

/// The name of a field, bare where it may be.
pub(super) fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { line(name) }
}

/// A character of a string in double quotes.
fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        // What a terminal would obey is in no checklist; a return adds nothing to its line's end.
        '\r' => {}
        c if control::is(c) => out.push(char::REPLACEMENT_CHARACTER),
        c if !is_hidden(c) => out.push(c),
        c if u32::from(c) > 0xffff => out.extend(["\\U", &format!("{:08X}", u32::from(c))]),
        c => out.extend(["\\u", &format!("{:04X}", u32::from(c))]),
    }
}

#[cfg(test)]
mod tests {
    use super::{key, line, lines};

    #[test]
    fn the_quietest_quotes_are_taken() {
        assert_eq!(line("MiniPass Pro"), r#""MiniPass Pro""#);
        assert_eq!(line(r"^sk_\d"), r"'^sk_\d'");
        assert_eq!(line(r#"it's "so""#), r#""it's \"so\"""#);
        assert_eq!(lines("a \"b\"\nc"), "'''\na \"b\"\nc'''");
        assert_eq!(lines("it''s \"b\"\nc"), "\"\"\"\nit''s \"b\"\nc\"\"\"");
        assert_eq!(
            (key("STRIPE_KEY").as_str(), key("a b").as_str(), key("").as_str()),
            ("STRIPE_KEY", "\"a b\"", "\"\"")
        );
    }

    #[test]
    fn what_cannot_be_seen_is_written_out_and_what_would_be_obeyed_is_replaced() {
        assert_eq!(line("a\u{202e}b\u{1b}[2K\u{0}"), "\"a\u{fffd}b\u{fffd}[2K\u{fffd}\"");
        assert_eq!(line("a\r"), "\"a\"");
        assert_eq!(line("\u{e0041}"), r#""\U000E0041""#);
        assert_eq!(line("🚀 café 👩‍💻"), "\"🚀 café 👩‍💻\"");
    }
}
