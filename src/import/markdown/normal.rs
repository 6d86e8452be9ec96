//! Bytes as lines of Markdown, each with the lines of the document it was made of: byte order marks,
//! CRLF, damaged characters, other markups and lost line breaks are dealt with here, once, and pasted
//! secrets are masked before any rule sees them.

use std::sync::LazyLock;

use regex::Regex;

use super::{dress, html, masks};

/// The most that is read; a go-live document has a thousandth of it.
pub const LARGEST: usize = 32 * 1024 * 1024;

/// A line, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As Markdown.
    pub text: String,
    /// The line of the document, from 1.
    pub at: usize,
    /// The last line of it, where several became one.
    pub to: usize,
}

/// A document as lines.
#[derive(Debug, Default)]
pub struct Normal {
    /// The lines.
    pub lines: Vec<Line>,
    /// What was done to the text that a person should know.
    pub notes: Vec<String>,
    /// Lines with a secret, and the secret as it is shown.
    pub secrets: Vec<(usize, String)>,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing but blanks.
    Empty,
    /// No text.
    Binary,
    /// More than [`LARGEST`].
    TooLarge,
}

/// Reads a document.
pub fn read(bytes: &[u8]) -> Result<Normal, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let mut normal = Normal::default();
    let text = decoded(bytes, &mut normal.notes)?;
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let repaired = repaired(&text);
    if repaired != text {
        normal.notes.push("Damaged characters (a £ read as ¬£, say) were repaired.".to_owned());
    }
    let mut lines: Vec<Line> = Vec::new();
    let mut restored = false;
    for (index, line) in repaired.lines().enumerate() {
        let pieces = broken(line);
        restored |= pieces.len() > 1;
        lines.extend(pieces.into_iter().map(|text| Line { text, at: index + 1, to: index + 1 }));
    }
    if restored {
        normal.notes.push("Line breaks that were lost were put back where headings and boxes begin.".to_owned());
    }
    if html::is_html(&lines) {
        lines = html::lines(lines);
        normal.notes.push("HTML was read as headings, lists and tables.".to_owned());
    }
    masks::mask_secrets(&mut lines, &mut normal.secrets);
    normal.lines = dress::marked(joined(lines));
    Ok(normal)
}

fn decoded(bytes: &[u8], notes: &mut Vec<String>) -> Result<String, Unreadable> {
    let wide = |big: bool| {
        let units = bytes[2..].chunks_exact(2).map(|pair| {
            if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
        });
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, ..] => return Ok(wide(false)),
        [0xfe, 0xff, ..] => return Ok(wide(true)),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let controls = bytes.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    if bytes.contains(&0) || controls * 50 > bytes.len() {
        return Err(Unreadable::Binary);
    }
    let text = String::from_utf8_lossy(bytes);
    if let std::borrow::Cow::Owned(_) = &text {
        let count = text.matches(char::REPLACEMENT_CHARACTER).count();
        if count * 5 > text.chars().count() {
            return Err(Unreadable::Binary);
        }
        notes.push(format!("{count} characters are not UTF-8; each stands as \u{fffd}."));
    }
    Ok(text.into_owned())
}

/// What Mac OS Roman makes of the bytes from 0x80 on.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// A text that was UTF-8 once and was read as Mac OS Roman or Latin-1 in between: `¬£`, `Â£`, `√©`.
fn repaired(text: &str) -> String {
    if !text.contains(['¬', '‚', '√', 'Â', 'Ã', '≈', 'â', 'ð', 'ü', 'Ô']) {
        return text.to_owned();
    }
    let mac = |c: char| MAC_ROMAN.chars().position(|known| known == c).and_then(|at| u8::try_from(at + 0x80).ok());
    let latin = |c: char| u8::try_from(u32::from(c)).ok().filter(|byte| *byte >= 0x80);
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<char> = Vec::new();
    let flush = |run: &mut Vec<char>, out: &mut String| {
        if run.is_empty() {
            return;
        }
        let tries: [&dyn Fn(char) -> Option<u8>; 2] = [&mac, &latin];
        let whole = tries.iter().find_map(|byte| {
            let bytes: Option<Vec<u8>> = run.iter().map(|c| byte(*c)).collect();
            String::from_utf8(bytes?).ok()
        });
        match whole {
            Some(text) if run.len() > 1 => out.push_str(&text),
            _ => out.extend(run.iter()),
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii() {
            flush(&mut run, &mut out);
            out.push(c);
        } else {
            run.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static BREAKS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r" (?P<next>-{3,} #|#{1,6} \S|[-*] \[[ xX]\] |[-*] \*\*\S)").unwrap());

/// A line as the lines it was, when their breaks were lost: several boxes or headings in one.
fn broken(line: &str) -> Vec<String> {
    if line.len() < 120 || line.matches(" [ ] ").count() + line.matches(" ## ").count() < 3 {
        return vec![line.to_owned()];
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    for found in BREAKS.find_iter(line) {
        // Inside of a code span nothing begins.
        if line[from..found.start()].matches('`').count() % 2 == 1 {
            continue;
        }
        pieces.push(line[from..found.start()].to_owned());
        from = found.start() + 1;
    }
    pieces.push(line[from..].to_owned());
    pieces.iter().flat_map(|piece| heading_and_text(piece)).collect()
}

/// A heading whose text went on: what follows the words of the heading stands on a line of its own.
fn heading_and_text(piece: &str) -> Vec<String> {
    let piece = piece.trim_end();
    let (rule, piece) = match piece.strip_prefix("---") {
        Some(rest) if rest.trim_start_matches('-').trim_start().starts_with('#') => {
            (true, rest.trim_start_matches('-').trim_start())
        }
        _ => (false, piece),
    };
    let mut out = if rule { vec!["---".to_owned()] } else { Vec::new() };
    let words: Vec<&str> = piece.split(' ').collect();
    // A sentence begins at the first word that looks like one, after the title's words.
    let starters = ["This", "Use", "The", "Perform", "These", "You", "Here", "Before", "In", "To", "If"];
    let sentence = piece
        .starts_with('#')
        .then(|| words.iter().enumerate().skip(3).find(|(_, word)| starters.contains(word)).map(|(index, _)| index));
    if let Some(at) = sentence.flatten() {
        out.extend([words[..at].join(" "), String::new(), words[at..].join(" ")]);
        return out;
    }
    // What stands behind the last box or heading and a rule is text again.
    let text = piece.trim_end_matches(" ---");
    out.push(text.to_owned());
    if text.len() < piece.len() {
        out.push("---".to_owned());
    }
    out
}

/// Rows of tables that were broken across lines, as one line each.
fn joined(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut fenced = false;
    for line in lines {
        let text = line.text.trim();
        let open = fenced || out.last().is_none_or(|last| last.text.trim().is_empty());
        if text.starts_with("```") || (text.starts_with("~~~") && open) {
            fenced = !fenced;
        }
        if let Some(last) = out.last_mut().filter(|_| !fenced) {
            let open = last.text.trim_start().starts_with('|')
                && !last.text.trim_end().ends_with('|')
                && last.text.matches('|').count() > 1;
            if open && !text.is_empty() && !text.starts_with('|') && text.contains('|') {
                last.text = format!("{} {text}", last.text.trim_end());
                last.to = line.to;
                continue;
            }
        }
        out.push(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, read};

    fn lines(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap().lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn what_is_no_text_is_said_to_be_none() {
        assert_eq!(read(b" \n\t\n").unwrap_err(), Unreadable::Empty);
        assert_eq!(read(b"\x7fELF\0\0\0").unwrap_err(), Unreadable::Binary);
        assert_eq!(read(&[0x9f; 400]).unwrap_err(), Unreadable::Binary);
    }

    #[test]
    fn every_way_to_store_a_text_is_read() {
        assert_eq!(lines("\u{feff}# A\r\n\r\ntext\r\n"), ["# A", "", "text"]);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("# Ä".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(read(&wide).unwrap().lines[0].text, "# Ä");
        let broken = read(b"# A\n\xe9 is not UTF-8, and the rest is").unwrap();
        assert!(broken.notes[0].starts_with("1 characters"), "{:?}", broken.notes);
        assert_eq!(lines("pay ¬£0.50 ‚Üí caf√© Â£3"), ["pay £0.50 → café £3"]);
    }

    #[test]
    fn boxes_and_headings_in_other_dresses_are_understood() {
        assert_eq!(
            lines("== Launch\n* [✓] done\n☐ open\n  ✅ ticked"),
            ["# Launch".replace("# ", "## "), "- [x] done".into(), "- [ ] open".into(), "  - [x] ticked".into()]
        );
        assert_eq!(lines("✅ a criterion"), ["- a criterion"]);
        assert_eq!(lines("Launch\n~~~~~~\n\ntext"), ["### Launch", "", "", "text"]);
        assert_eq!(lines("[link](https://a.example)"), ["[link](https://a.example)"]);
    }

    #[test]
    fn a_row_over_two_lines_is_one_row() {
        let normal = read(b"| a | b |\n|---|---|\n| Basic |\n20 CAD |\n").unwrap();
        assert_eq!(normal.lines[2].text, "| Basic |");
        let normal = read(b"| a | b |\n|---|---|\n| Basic | 20\nCAD |\n").unwrap();
        assert_eq!(
            (normal.lines[2].text.as_str(), normal.lines[2].at, normal.lines[2].to),
            ("| Basic | 20 CAD |", 3, 4)
        );
    }

    #[test]
    fn no_pasted_secret_gets_any_further() {
        let key = format!("sk_live_{}", "4eC39HqLyjWDarjtT1");
        let normal = read(format!("A={key}\nsk_live_XXXXXXXXXXXXX\nDB_PASSWORD=hunter2pass!\npostgres://me:s3cr3t@db/x\nMAIL_PASSWORD=your_app_password").as_bytes()).unwrap();
        let text: Vec<&str> = normal.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            text,
            [
                "A=sk_live_…jtT1",
                "sk_live_…",
                "DB_PASSWORD=…masked…",
                "postgres://me:…masked…@db/x",
                "MAIL_PASSWORD=your_app_password"
            ]
        );
        assert_eq!(normal.secrets.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
    }
}
