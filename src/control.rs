//! Characters that a terminal obeys instead of showing: control characters, and those that turn the
//! reading direction of the text around them. One list for everything that reads text from outside
//! (checklists, Stripe, hosts, other programs) and for everything that writes text. Pure.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is obeyed rather than shown. Line breaks and tabs are: callers that keep them say so.
pub const fn is(c: char) -> bool {
    let controls = matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}');
    // Marks, embeddings, overrides and isolates of direction (UAX 9), and separators that break a line.
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    controls || turns
}

/// The first character of a text that is obeyed, line breaks and tabs apart.
pub fn first(text: &str) -> Option<char> {
    text.chars().find(|c| is(*c) && !matches!(c, '\n' | '\t'))
}

/// The text with a replacement character in place of each one that is obeyed; line breaks, returns
/// and tabs stay. For text from outside that is judged and stored.
pub fn replaced(text: &str) -> Cow<'_, str> {
    let kept = |c: char| !is(c) || matches!(c, '\n' | '\r' | '\t');
    if text.chars().all(kept) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if kept(c) { c } else { char::REPLACEMENT_CHARACTER }).collect())
}

/// The text with each of them written out, `\u{1b}`: for what is shown. Line breaks stay, tabs
/// become spaces.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            '\t' => out.push_str("    "),
            c if is(c) && c.is_control() => out.extend(c.escape_default()),
            c if is(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The text as it may go to a terminal: golive's own colours stay, everything else that would be
/// obeyed is written out. The last line of defence, as the scrubber is for secrets.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if first(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let own = colour(rest);
        let (piece, after) = rest.split_at(own.unwrap_or(c.len_utf8()));
        if own.is_some() || !is(c) || matches!(c, '\n' | '\t') {
            out.push_str(piece);
        } else {
            out.push_str(&visible(piece));
        }
        rest = after;
    }
    Cow::Owned(out)
}

/// The length of a colour that a text begins with: one of those that golive writes. None of them
/// hides what follows, and none moves anything.
fn colour(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("\u{1b}[")?;
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let known = |code: &str| matches!(code.parse(), Ok(0_u8..=4 | 31..=37 | 90..=97)) || code.is_empty();
    (inside[end..].starts_with('m') && inside[..end].split(';').all(known)).then_some(2 + end + 1)
}

/// The same inside a JSON document, where they stand in texts alone: as JSON writes them.
pub fn for_json(text: &str) -> Cow<'_, str> {
    if first(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is(c) && !matches!(c, '\n' | '\t') {
            // All of them are in the Basic Multilingual Plane.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{first, for_json, for_terminal, replaced, visible};

    #[test]
    fn what_is_obeyed_is_written_out() {
        assert_eq!(visible("ls\u{1b}[2K\rrm\u{202e}"), "ls\\u{1b}[2K\\rrm\\u{202e}");
        assert_eq!(visible("a\tb\nc"), "a    b\nc");
        assert_eq!(replaced("a\u{0}b\u{9b}31mc\r\n"), "a\u{fffd}b\u{fffd}31mc\r\n");
    }

    #[test]
    fn golives_own_colours_pass_and_nothing_else_does() {
        for own in
            ["\u{1b}[32m✓\u{1b}[0m", "\u{1b}[1m\u{1b}[33mLIVE\u{1b}[0m", "\u{1b}[1;31mx\u{1b}[m", "two\nlines\tè"]
        {
            assert_eq!(for_terminal(own), own);
        }
        let hostile = [
            "\u{1b}[2J",
            "\u{1b}[8m",
            "\u{1b}[30m",
            "\u{1b}[1;8m",
            "\u{1b}]0;t\u{7}",
            "\u{1b}]8;;https://x\u{1b}\\y",
            "\u{1b}c",
            "\u{9b}31m",
            "\u{90}q",
            "\r",
            "\u{8}",
            "\u{202e}",
            "\u{2028}",
            "\u{1b}[",
            "\u{1b}",
            "\u{1b}[999999m",
            "\u{feff}",
        ];
        for text in hostile {
            assert!(!for_terminal(text).contains(super::is), "{text:?}");
        }
    }

    #[test]
    fn json_stays_json_and_says_the_same() {
        let text = "a\u{9b}b\u{202e}c\u{7f}";
        let json = serde_json::to_string(text).unwrap();
        let safe = for_json(&json);
        assert_eq!(first(&safe), None);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }

    proptest! {
        #[test]
        fn nothing_that_is_obeyed_is_left(text in r"[\x00-\x1f\x7f-\u{9f}a-c\[;0-9m\u{200e}\u{202e}\u{2066}é]{0,40}") {
            prop_assert_eq!(first(&replaced(&text)).filter(|c| *c != '\r'), None);
            prop_assert_eq!(first(&visible(&text)), None);
            let bare = anstream::adapter::strip_str(&for_terminal(&text)).to_string();
            prop_assert_eq!(first(&bare), None);
        }
    }
}
