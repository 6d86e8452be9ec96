//! Any file at all and any value at all: the edit is refused, or the value is read back and nothing else
//! has changed.

use proptest::prelude::*;

use super::edit_is_sound;
use super::text::Document;

/// Lines as people and programs write them, and anything else.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "(export )?[A-Z]{1,3} ?= ?\"[^\"]{0,12}\"( #.*)?",
        2 => "[A-Z]{1,3}='[^']{0,12}'",
        3 => "[A-Z]{1,3}=[ -~]{0,16}",
        1 => "#.{0,12}",
        1 => "\\PC{0,16}",
        1 => "(?s).{0,16}",
    ]
}

fn file() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\n", "\r\n", "\r", "", "\n\n"]);
    let mark = prop::sample::select(vec!["", "", "", "\u{feff}"]);
    (mark, prop::collection::vec((line(), end), 0..8))
        .prop_map(|(mark, lines)| lines.into_iter().fold(mark.to_owned(), |text, (line, end)| text + &line + end))
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,24}", "[\"'`$\\\\#= \t\n]{0,12}", "(?s).{0,24}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_goes_into_any_file_or_is_refused(text in file(), name in "[A-Z]{1,3}", value in value()) {
        edit_is_sound(&text, &name, &value);
    }

    /// What is read stands where it is said to stand: the spans of a document lie in it, in order.
    #[test]
    fn any_file_is_read_or_its_lines_are_named(text in file()) {
        let document = Document::read(&text);
        let mut end = 0;
        for entry in &document.entries {
            prop_assert!(entry.span.start >= end && entry.span.end <= text.len(), "{:?}", entry.span);
            prop_assert!(text.is_char_boundary(entry.span.start) && text.is_char_boundary(entry.span.end));
            end = entry.span.end;
        }
    }
}
