//! The rule at the head of a phase: its number and title at the left, the mode and the account
//! always at the right end.

use crate::mode::Mode;
use crate::render::layout::{RULE, truncate, width};
use crate::render::{Ink, Style, words};

/// What stands in a header.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Counts from 1.
    pub number: usize,
    /// How many phases there are.
    pub of: usize,
    /// The phase's title.
    pub title: &'a str,
    /// The run's mode.
    pub mode: Mode,
    /// The account's name, once it is known.
    pub account: Option<&'a str>,
}

/// `── 2 of 9  Keys ────────── LIVE  Acme Oy ──`, 75 columns.
pub fn header(head: &Header<'_>, style: &Style) -> String {
    let Header { number, of, title, mode, account } = *head;
    if style.is_plain() {
        let account = account.map(|name| format!(" Account {}", words::sentence(name))).unwrap_or_default();
        return format!("Phase {number} of {of}: {} {} mode.{account}", words::sentence(title), spoken(mode));
    }
    let columns = style.width.min(RULE);
    let rule = style.rule().repeat(2);
    let right_fixed = width(mode.banner()) + 2 * width(&rule);
    let account = account.map(|name| format!("  {}", truncate(name, columns / 3, style.ellipsis())));
    let account = account.unwrap_or_default();
    let left = format!("{rule} {number} of {of}  {title}");
    // At least two columns of rule stand between the title and the mode.
    let left_room = columns.saturating_sub(right_fixed + width(&account) + 4);
    let left = truncate(&left, left_room, style.ellipsis());
    let fill = columns.saturating_sub(width(&left) + width(mode.banner()) + width(&account) + width(&rule) + 3);
    let mode = banner(mode, style);
    format!("{left} {} {mode}{account} {rule}", style.rule().repeat(fill))
}

/// The mode's word, LIVE bold and yellow.
pub fn banner(mode: Mode, style: &Style) -> String {
    if mode == Mode::Live { style.paint(Ink::Live, mode.banner()) } else { mode.banner().to_owned() }
}

/// The mode as it is read aloud: `Live`, `Test`, `Rehearsal`.
pub const fn spoken(mode: Mode) -> &'static str {
    match mode {
        Mode::Rehearse => "Rehearsal",
        Mode::Test => "Test",
        Mode::Live => "Live",
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, header};
    use crate::mode::Mode;
    use crate::render::layout::width;
    use crate::render::{Glyphs, Style};

    const KEYS: Header<'_> = Header { number: 2, of: 9, title: "Keys", mode: Mode::Live, account: Some("Acme Oy") };

    #[test]
    fn the_mode_and_the_account_stand_at_the_right_end() {
        let rule = header(&KEYS, &Style::new(false, Glyphs::Unicode, 80));
        insta::assert_snapshot!(rule, @"── 2 of 9  Keys ────────────────────────────────────────── LIVE  Acme Oy ──");
        assert_eq!(width(&rule), 75);
        insta::assert_snapshot!(
            header(&KEYS, &Style::new(false, Glyphs::Ascii, 60)),
            @"-- 2 of 9  Keys --------------------------- LIVE  Acme Oy --"
        );
    }

    #[test]
    fn live_is_bold_and_yellow() {
        let rule = header(&KEYS, &Style::new(true, Glyphs::Unicode, 80));
        assert!(rule.contains("\u{1b}[1m\u{1b}[33mLIVE\u{1b}[0m"), "{rule:?}");
        assert_eq!(width(&rule), 75);
    }

    #[test]
    fn long_names_are_cut_before_the_rule_breaks() {
        let title = "Everything that has to be ready before the first customer";
        for columns in [40, 50, 60, 80] {
            let head = Header { title, account: Some("The Long Named Company of Helsinki Oy Ab"), ..KEYS };
            let rule = header(&head, &Style::new(false, Glyphs::Unicode, columns));
            assert!(width(&rule) <= columns && rule.contains("LIVE"), "{columns}: {rule}");
        }
    }

    #[test]
    fn read_aloud_it_is_three_sentences() {
        let spoken = header(&KEYS, &Style::PLAIN);
        assert_eq!(spoken, "Phase 2 of 9: Keys. Live mode. Account Acme Oy.");
    }
}
