//! Reads one typed line, shown or as bullets, and removes the question again.
//!
//! Not dialoguer's `Input`, `Confirm` and `Password`: they swallow Esc and Ctrl-D, the last cannot
//! be interrupted, and all echo fast input between two keys. The caller holds
//! [`crate::ui::guard::NoEcho`] for the whole prompt.

use std::io;

use console::Key;
use zeroize::Zeroizing;

use crate::render::layout::{width, wrap};
use crate::render::{Ink, Mark, Style};

/// At most so many bullets are drawn: a key's length is nobody's business.
const BULLETS: usize = 24;
/// Preallocated, so that growing leaves no copies of a secret in memory.
const ROOM: usize = 4096;
/// Columns that must be left for typing on the prompt's line.
const TYPING: usize = 16;

/// How typed characters are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// As they are.
    Text,
    /// As bullets.
    Bullets,
}

/// How a line ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// Enter.
    Line(Zeroizing<String>),
    /// Esc or Ctrl-D.
    Pause,
    /// Ctrl-C.
    Interrupted,
}

/// Draws the question, reads keys until the line ends, and clears the question away.
pub fn read(
    keys: &mut dyn FnMut() -> io::Result<Key>,
    draw: &mut dyn FnMut(&str),
    prompt: &str,
    echo: Echo,
    style: &Style,
    columns: usize,
) -> io::Result<Typed> {
    let (above, head) = question(prompt, style, columns);
    for line in &above {
        draw(&format!("{line}\n"));
    }
    let mut line = Zeroizing::new(String::with_capacity(ROOM));
    let ended = loop {
        draw(&format!("\r\u{1b}[2K{head}{}", visible(&line, echo, style, columns.saturating_sub(width(&head) + 1))));
        match whole_key(keys) {
            Ok(Key::Enter) => break Ok(Typed::Line(line)),
            Ok(Key::Escape | Key::Char('\u{4}')) => break Ok(Typed::Pause),
            Ok(Key::CtrlC) => break Ok(Typed::Interrupted),
            Ok(key) => edit(&mut line, &key),
            Err(error) => break Err(error),
        }
    };
    // The question goes; the caller writes the one line that stays.
    draw("\r\u{1b}[2K");
    for _ in &above {
        draw("\u{1b}[1A\u{1b}[2K");
    }
    ended
}

/// The next key that means something here. Of a longer escape sequence (a function key, an arrow with
/// Ctrl, the marks around a paste) the terminal library gives the first characters only; the rest must not
/// become part of what is typed.
fn whole_key(keys: &mut dyn FnMut() -> io::Result<Key>) -> io::Result<Key> {
    loop {
        let begun = match keys()? {
            Key::UnknownEscSeq(begun) => begun,
            key => return Ok(key),
        };
        // ESC O and one character, or ESC [ and everything up to the first letter or `~` (ECMA-48).
        let mut open = match begun.as_slice() {
            ['O'] => true,
            ['[', .., last] => begun.len() > 1 && !ends_sequence(*last),
            _ => false,
        };
        while open {
            match keys()? {
                Key::Char(c) if begun[0] == '[' => open = !ends_sequence(c),
                Key::Char(_) => open = false,
                key => return Ok(key),
            }
        }
    }
}

const fn ends_sequence(c: char) -> bool {
    matches!(c, '@'..='~')
}

fn edit(line: &mut String, key: &Key) {
    match key {
        Key::Backspace => {
            line.pop();
        }
        // Ctrl-U clears.
        Key::Char('\u{15}') => line.clear(),
        // Ctrl-W takes the last word.
        Key::Char('\u{17}') => {
            let kept = line.trim_end().rfind(' ').map_or(0, |at| at + 1);
            line.truncate(kept);
        }
        Key::Char(c) if !c.is_control() && line.len() + c.len_utf8() <= ROOM => line.push(*c),
        _ => {}
    }
}

/// The question's lines above the one that is typed on, and the beginning of that one.
fn question(prompt: &str, style: &Style, columns: usize) -> (Vec<String>, String) {
    let mark = format!("{} ", style.mark(Mark::Question));
    let whole = format!("{mark}{} ", style.text(prompt));
    if width(&whole) + TYPING <= columns {
        return (Vec::new(), whole);
    }
    let mut lines = wrap(&style.text(prompt), columns.saturating_sub(3));
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, &mark);
    }
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, "  ");
    }
    (lines, style.paint(Ink::Active, "  > "))
}

fn visible(line: &str, echo: Echo, style: &Style, room: usize) -> String {
    let count = line.chars().count();
    match echo {
        Echo::Bullets => style.bullet().repeat(count.min(BULLETS).min(room)),
        Echo::Text if width(line) <= room => line.to_owned(),
        Echo::Text => {
            // The end is what is being typed.
            let dots = style.ellipsis();
            let mut tail = String::new();
            for c in line.chars().rev() {
                if width(&tail) + width(dots) + width(c.encode_utf8(&mut [0; 4])) > room {
                    break;
                }
                tail.insert(0, c);
            }
            format!("{dots}{tail}")
        }
    }
}

#[cfg(test)]
mod tests {
    use console::Key;

    use super::{Echo, Typed, read};
    use crate::render::{Glyphs, Style};

    fn typing(keys: &[Key], echo: Echo, columns: usize) -> (Typed, Vec<String>) {
        let mut drawn = Vec::new();
        let mut keys = keys.iter().cloned();
        let style = Style::new(false, Glyphs::Unicode, columns);
        let mut next = || keys.next().ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into());
        let typed = read(&mut next, &mut |text| drawn.push(text.to_owned()), "Live key", echo, &style, columns);
        (typed.expect("a line"), drawn)
    }

    fn keys(text: &str) -> Vec<Key> {
        text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect()
    }

    fn text(typed: &Typed) -> &str {
        match typed {
            Typed::Line(line) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_secret_is_drawn_as_at_most_24_bullets() {
        let secret = "sk_live_".to_owned() + &"x".repeat(90);
        let (typed, drawn) = typing(&keys(&format!("{secret}\n")), Echo::Bullets, 80);
        assert_eq!(text(&typed), secret);
        assert!(drawn.iter().all(|drawn| !drawn.contains('x') && !drawn.contains("sk_")), "{drawn:?}");
        assert!(drawn.iter().any(|drawn| drawn.ends_with(&"•".repeat(24)) && !drawn.contains(&"•".repeat(25))));
    }

    #[test]
    fn esc_and_ctrl_d_pause_and_ctrl_c_interrupts() {
        assert_eq!(typing(&[Key::Char('a'), Key::Escape], Echo::Text, 80).0, Typed::Pause);
        assert_eq!(typing(&[Key::Char('\u{4}')], Echo::Bullets, 80).0, Typed::Pause);
        assert_eq!(typing(&[Key::CtrlC], Echo::Bullets, 80).0, Typed::Interrupted);
    }

    #[test]
    fn ctrl_u_clears_ctrl_w_takes_a_word_and_backspace_a_letter() {
        let typed = |keys_typed: &str| {
            let (typed, _) = typing(&keys(keys_typed), Echo::Text, 80);
            text(&typed).to_owned()
        };
        assert_eq!(typed("wrong\u{15}right\n"), "right");
        assert_eq!(typed("one two\u{17}three\n"), "one three");
        let mut erased = keys("yess");
        erased.extend([Key::Backspace, Key::ArrowLeft, Key::Tab, Key::Enter]);
        assert_eq!(text(&typing(&erased, Echo::Text, 80).0), "yes");
    }

    #[test]
    fn no_part_of_an_escape_sequence_is_typed() {
        let sequence = |text: &str| {
            let begun = text.chars().take(3.min(text.len())).collect::<Vec<_>>();
            let begun = if begun[0] == 'O' { vec!['O'] } else { begun };
            let rest: Vec<Key> = text.chars().skip(begun.len()).map(Key::Char).collect();
            [vec![Key::UnknownEscSeq(begun)], rest].concat()
        };
        // The marks around a paste, F1, F5, F9, Ctrl-Right and Shift-F5.
        for escape in ["[200~", "[201~", "OP", "[15~", "[20~", "[1;5C", "[15;2~"] {
            let mut typed = keys("sk_");
            typed.extend(sequence(escape));
            typed.extend(keys("live~\n"));
            assert_eq!(text(&typing(&typed, Echo::Bullets, 80).0), "sk_live~", "{escape}");
        }
        let interrupted = [Key::UnknownEscSeq(vec!['[', '2', '0']), Key::CtrlC];
        assert_eq!(typing(&interrupted, Echo::Bullets, 80).0, Typed::Interrupted);
        // ESC and [ alone have no end to wait for.
        let alone = [vec![Key::UnknownEscSeq(vec!['['])], keys("a\n")].concat();
        assert_eq!(text(&typing(&alone, Echo::Text, 80).0), "a");
    }

    #[test]
    fn what_is_typed_never_leaves_its_line() {
        let (typed, drawn) = typing(&keys(&format!("{}end\n", "a".repeat(100))), Echo::Text, 40);
        assert_eq!(text(&typed).len(), 103);
        let last = drawn.iter().rfind(|drawn| drawn.contains("end")).expect("drawn");
        assert!(console::measure_text_width(last.trim_start()) < 40, "{last:?}");
    }

    #[test]
    fn a_long_question_stands_above_the_line_and_goes_with_it() {
        let (_, drawn) = typing(&[Key::Enter], Echo::Text, 24);
        assert_eq!(drawn[0], "? Live key\n");
        assert_eq!(drawn.last().map(String::as_str), Some("\u{1b}[1A\u{1b}[2K"));
    }
}
