//! Texts with characters that a terminal obeys instead of showing: a title that clears the screen, a
//! command that reads otherwise than it runs. No checklist needs them, so none may have them. Called
//! by `parse` before anything else is read.

use toml::{Table, Value};

use super::complaints::Found;
use super::locate::Path;
use crate::control;
use crate::error::Code;

/// A complaint for every text, and every name of a field, that holds one.
pub(super) fn check(table: &Table) -> Vec<Found> {
    let mut found = Vec::new();
    of_table(table, &Path::default(), &mut found);
    found
}

fn of_table(table: &Table, path: &Path, found: &mut Vec<Found>) {
    for (name, value) in table {
        let path = path.key(name);
        if let Some(c) = control::first(name) {
            found.push(complaint(&path, c).at_key());
        }
        of_value(value, &path, found);
    }
}

fn of_value(value: &Value, path: &Path, found: &mut Vec<Found>) {
    match value {
        Value::String(text) => found.extend(control::first(text).map(|c| complaint(path, c))),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(index, entry)| of_value(entry, &path.index(index), found));
        }
        Value::Table(table) => of_table(table, path, found),
        _ => {}
    }
}

fn complaint(path: &Path, c: char) -> Found {
    let message = format!("a character in it (U+{:04X}) would be obeyed, not shown", u32::from(c));
    let found = Found::new(Code::BadValue, path.clone(), message);
    found.help("take it out: it can hide or change what is read on a screen")
}

#[cfg(test)]
mod tests {
    use crate::checklist::{Source, load};

    fn complaints(text: &str) -> Vec<String> {
        let head = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n[[phase.item]]\n";
        let text = format!("{head}id = \"i\"\nkind = \"manual\"\n{text}");
        match load(Source::File("golive.toml".into()), &text) {
            Ok(_) => Vec::new(),
            Err(invalid) => invalid
                .complaints
                .iter()
                .map(|complaint| format!("{}:{} {}", complaint.line, complaint.column, complaint.message))
                .collect(),
        }
    }

    #[test]
    fn a_text_that_a_terminal_would_obey_is_refused_in_its_place() {
        for (c, code) in
            [("\\u001b[2J", "001B"), ("\\u009b2J", "009B"), ("\\u202e", "202E"), ("\\r", "000D"), ("\\u0000", "0000")]
        {
            let found = complaints(&format!("title = \"a{c}b\"\n"));
            assert_eq!(found, [format!("10:9 a character in it (U+{code}) would be obeyed, not shown")]);
        }
        let found = complaints("title = \"a\"\nsource = [\"ok\", \"b\u{200f}\"]\n");
        assert!(found[0].starts_with("11:"), "{found:?}");
    }

    #[test]
    fn line_ends_of_every_system_and_writing_of_every_direction_are_fine() {
        assert_eq!(complaints("title = \"a\"\r\nhelp = \"\"\"one\r\n\ttwo\"\"\"\r\n"), Vec::<String>::new());
        assert_eq!(complaints("title = \"\u{5e9}\u{5dc}\u{5d5}\u{5dd}\"\n"), Vec::<String>::new());
    }

    #[test]
    fn the_same_checklist_with_other_line_ends_is_the_same() {
        let text = crate::checklist::BUNDLED[0].1;
        let load = |text: &str| load(Source::File("a.toml".into()), text).unwrap().sha256;
        assert_eq!(load(text), load(&text.replace('\n', "\r\n")));
    }
}
