//! Texts of other people as a checklist and a screen can hold them: without control characters and marks
//! that turn the reading direction, on one line, and not too long.

/// A title of any name: one line of at most 70 characters.
pub(super) fn title(text: &str) -> String {
    const MOST: usize = 70;
    let clean = one_line(text);
    if clean.chars().count() <= MOST {
        return clean;
    }
    let cut: String = clean.chars().take(MOST - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Without anything that a terminal acts on.
pub(super) fn one_line(text: &str) -> String {
    let shown = text.chars().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c });
    let shown: String = shown.filter(|c| !is_hidden(*c)).collect();
    shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Marks that are not seen and change how a line is read.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{061c}')
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_title_is_one_safe_line() {
        assert_eq!(title("a\u{1b}[31m\n b\u{202e}c\u{200b}"), "a [31m bc");
        assert_eq!(title(&"x".repeat(250)).chars().count(), 70);
        assert_eq!(title("🚀 Pro"), "🚀 Pro");
    }
}
