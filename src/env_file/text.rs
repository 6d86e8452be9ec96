//! The text of an env file: where each value stands, and what it says.
//!
//! Read as dotenvy reads it, where dotenvy and the readers of other languages agree; a line on
//! which they differ counts as unreadable. Only spans are kept, so that a writer can replace one
//! value and leave every other byte as it was. Pure.

use std::ops::Range;

use zeroize::Zeroizing;

/// What a text holds.
#[derive(Default)]
pub(super) struct Document {
    /// Assignments in order.
    pub entries: Vec<Entry>,
    /// Lines that cannot be read, with the reason.
    pub unreadable: Vec<(usize, &'static str)>,
}

/// One assignment.
pub(super) struct Entry {
    /// The variable.
    pub name: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// The bytes of its value, quotes included; may be empty.
    pub span: Range<usize>,
    /// What the value says.
    pub value: Zeroizing<String>,
    /// Whether a reader puts other variables into the value, so that it is known only then.
    pub expands: bool,
}

impl Document {
    /// Reads a text.
    pub fn read(text: &str) -> Self {
        let mut document = Self::default();
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut line = 1;
        while at < text.len() {
            let end = document.statement(text, at, line);
            line += text[at..end].matches('\n').count();
            at = end;
        }
        document
    }

    /// The assignments of a variable.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.name == name)
    }

    /// Variables that stand more than once, with their lines.
    pub fn duplicates(&self) -> Vec<(&str, Vec<usize>)> {
        let mut names: Vec<&str> = self.entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        let mut twice: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        twice.dedup();
        twice.into_iter().map(|name| (name, self.all(name).map(|entry| entry.line).collect())).collect()
    }

    /// Reads the statement that begins at `at`, and returns where the next one begins.
    fn statement(&mut self, text: &str, at: usize, line: usize) -> usize {
        let next_line = text[at..].find('\n').map_or(text.len(), |found| at + found + 1);
        let first = text[at..next_line].trim_start();
        if first.is_empty() || first.starts_with('#') {
            return next_line;
        }
        let (name, from) = match name(text, at, next_line) {
            Ok(found) => found,
            Err(why) => {
                self.unreadable.push((line, why));
                return next_line;
            }
        };
        match Value::read(text, from) {
            // No variable of a process can hold it: programs would see the value cut, or not start.
            Ok(value) if value.text.contains('\0') => {
                self.unreadable.push((line, "there is a NUL character in its value"));
                value.end
            }
            Ok(Value { span, text: value, expands, end }) => {
                self.entries.push(Entry { name: name.to_owned(), line, span, value, expands });
                end
            }
            Err(why) => {
                self.unreadable.push((line, why));
                next_line
            }
        }
    }
}

/// The variable's name, and where what follows `=` begins.
fn name(text: &str, at: usize, end: usize) -> Result<(&str, usize), &'static str> {
    let Some(equals) = text[at..end].find('=').map(|found| at + found) else {
        return Err("there is no `=` in it");
    };
    let left = text[at..equals].trim();
    let name = match left.strip_prefix("export") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => left,
    };
    if is_name(name) { Ok((name, equals + 1)) } else { Err("what stands before `=` is not a variable's name") }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// A value with its place.
struct Value {
    span: Range<usize>,
    text: Zeroizing<String>,
    expands: bool,
    /// Where the next statement begins.
    end: usize,
}

/// Where in a value a character stands.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Bare,
    Quotes(char),
    /// Behind the value: only blanks and a comment may follow.
    After,
}

impl Value {
    /// Reads the value that begins at or behind `from`, which stands right after `=`.
    fn read(text: &str, from: usize) -> Result<Self, &'static str> {
        let blanks = text[from..].find(|c: char| c == '\n' || !c.is_whitespace()).unwrap_or(text.len() - from);
        let start = from + blanks;
        if text[start..].starts_with(['\n', '#']) || start == text.len() {
            let end = text[start..].find('\n').map_or(text.len(), |found| start + found + 1);
            return Ok(Self { span: from..from, text: Zeroizing::default(), expands: false, end });
        }
        let mut read = Self { span: start..text.len(), text: Zeroizing::default(), expands: false, end: text.len() };
        let mut inside = Inside::Bare;
        let mut chars = text[start..].char_indices().map(|(at, c)| (start + at, c)).peekable();
        while let Some((at, c)) = chars.next() {
            match (inside, c) {
                (Inside::After, '#') => {
                    read.end = text[at..].find('\n').map_or(text.len(), |found| at + found + 1);
                    return Ok(read);
                }
                (Inside::Bare | Inside::After, '\n') => {
                    read.end = at + 1;
                    read.span.end = read.span.end.min(at);
                    return Ok(read);
                }
                (Inside::After, c) if c.is_whitespace() => {}
                (Inside::After, _) => return Err("something stands behind the value; put quotes around all of it"),
                (Inside::Quotes(quote), c) if c == quote => inside = Inside::Bare,
                (Inside::Bare, c) if c.is_whitespace() => {
                    read.span.end = at;
                    inside = Inside::After;
                }
                (Inside::Bare, '\'' | '"') => inside = Inside::Quotes(c),
                (Inside::Bare | Inside::Quotes('"'), '\\') => {
                    match chars.next_if(|(_, next)| inside != Inside::Bare || *next != '\n') {
                        Some((_, 'n')) => read.text.push('\n'),
                        Some((_, next @ ('\\' | '\'' | '"' | '$' | ' '))) => read.text.push(next),
                        Some((_, next)) => read.text.extend(['\\', next]),
                        None => read.text.push('\\'),
                    }
                }
                (inside, c) => {
                    read.expands |= c == '$' && inside != Inside::Quotes('\'');
                    read.text.push(c);
                }
            }
        }
        if matches!(inside, Inside::Quotes(_)) { Err("a quote is opened and never closed") } else { Ok(read) }
    }
}

/// Writes a value so that the readers of env files agree on it; `None` when there is no such way.
pub(super) fn encode(value: &str) -> Option<Zeroizing<String>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=-".contains(c);
    if value.chars().all(plain) {
        return Some(Zeroizing::new(value.to_owned()));
    }
    if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return None;
    }
    // Single quotes keep everything as it is, for every reader, but for what could end them.
    let single = !value.contains(['\'', '\n']) && !value.ends_with('\\') && !value.contains("\\\\");
    if single {
        return Some(Zeroizing::new(format!("'{value}'")));
    }
    // In double quotes, readers differ on dollars, backslashes, backticks and inner double quotes.
    if value.contains(['"', '\\', '$', '`']) {
        return None;
    }
    let escaped = Zeroizing::new(value.replace('\n', "\\n"));
    Some(Zeroizing::new(format!("\"{}\"", escaped.as_str())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Document, encode};

    fn says(text: &str) -> Vec<(String, String)> {
        let document = Document::read(text);
        assert!(document.unreadable.is_empty(), "{:?}", document.unreadable);
        document.entries.iter().map(|entry| (entry.name.clone(), entry.value.to_string())).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_read_as_dotenvy_reads_them() {
        let text = concat!(
            "\u{feff}# comment with it's own quote\r\n\n  export A = plain  # why\r\nB='a #b $c \\n'\nC=\"two\nlines \\\"x\\\" \\$y\"\n",
            "D=\nE= # only a comment\nF=#also\nG=a#b\nH=a\"b c\"d\nI=tail \\ \nJ='' \nexport=1\nK=no\\ newline",
        );
        // A statement that ends in blanks is the one thing that dotenvy wants a line end after.
        let ours = says(&text.replace("I=tail \\ \n", ""));
        let theirs: Vec<_> =
            dotenvy::from_read_iter(text.replace("I=tail \\ \n", "").trim_start_matches('\u{feff}').as_bytes())
                .map(Result::unwrap)
                .collect();
        assert_eq!(ours, theirs);
        assert_eq!(ours[1], ("B".to_owned(), "a #b $c \\n".to_owned()));
        assert_eq!(ours[2].1, "two\nlines \"x\" $y");
    }

    #[test]
    fn lines_are_counted_through_values_of_several_lines() {
        let document = Document::read("A='x\ny\nz'\n# c\nB=1\n");
        assert_eq!(document.entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 5]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_encoded_reads_back_the_same(value in any::<String>()) {
            if let Some(encoded) = encode(&value) {
                let text = format!("A={}\n", encoded.as_str());
                prop_assert_eq!(says(&text), pairs(&[("A", &value)]));
                let theirs: Vec<_> = dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect();
                prop_assert_eq!(theirs, pairs(&[("A", &value)]));
            }
        }

        #[test]
        fn a_nul_is_no_part_of_a_value(before in "[a-z]{0,4}", after in "[a-z]{0,4}") {
            for quote in ["", "'", "\""] {
                let document = Document::read(&format!("A={quote}{before}\0{after}{quote}\nB=1\n"));
                prop_assert_eq!(document.unreadable.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1]);
                prop_assert_eq!(document.entries.len(), 1);
            }
        }

        #[test]
        fn no_text_is_too_strange_to_look_at(text in any::<String>()) {
            let document = Document::read(&text);
            for entry in &document.entries {
                prop_assert!(text.is_char_boundary(entry.span.start) && text.is_char_boundary(entry.span.end));
            }
        }
    }
}
