//! Comments: paragraphs wrapped to the width of a screen, with nothing in them that ends a line early.

use super::quote::is_hidden;

/// How wide a comment is, its `# ` included.
const WIDTH: usize = 78;

/// From this indentation on a line is an example, which is kept in one piece.
const VERBATIM: usize = 4;

/// The lines of paragraphs, each with its line break.
pub(super) fn lines(paragraphs: &[String]) -> String {
    let mut out = String::new();
    for line in paragraphs.iter().flat_map(|paragraph| paragraph.split('\n')) {
        wrap(&shown(line), &mut out);
    }
    out
}

/// A few words at the end of a line.
pub(super) fn beside(words: &str) -> String {
    format!("# {}", shown(&words.replace('\n', " ")).trim())
}

/// A line without what a comment cannot hold.
fn shown(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if is_hidden(c) => out.extend(["<U+", &format!("{:04X}", u32::from(c)), ">"]),
            c => out.push(c),
        }
    }
    out
}

/// A line as comment lines: its indentation is kept, on the lines it goes on as well.
fn wrap(line: &str, out: &mut String) {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    if indent.len() >= VERBATIM {
        out.extend(["# ", line, "\n"]);
        return;
    }
    let mut width = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = word.chars().count();
        if width > 0 && width + 1 + wide > WIDTH {
            out.push('\n');
            width = 0;
        }
        if width == 0 {
            out.push_str("# ");
            out.push_str(indent);
            width = 2 + indent.chars().count();
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += wide;
    }
    out.push_str(if width == 0 { "#\n" } else { "\n" });
}

#[cfg(test)]
mod tests {
    use super::{beside, lines};

    #[test]
    fn paragraphs_are_wrapped_and_their_indentation_is_kept() {
        let text = lines(&["one\n\n  two".to_owned(), format!("  {}", "word ".repeat(20))]);
        assert_eq!(text.lines().map(str::len).max(), Some(78));
        assert!(text.starts_with("# one\n#\n#   two\n#   word word"), "{text}");
        assert!(text.lines().all(|line| line.starts_with('#')));
        let example = format!("    {}", "word ".repeat(30));
        assert_eq!(lines(std::slice::from_ref(&example)), format!("# {example}\n"));
    }

    #[test]
    fn nothing_ends_a_comment_early() {
        assert_eq!(lines(&["a\r\nb\rc\u{0}\u{202e}".to_owned()]), "# a\n# b<U+000D>c<U+0000><U+202E>\n");
        assert_eq!(beside("two\nlines"), "# two lines");
    }
}
