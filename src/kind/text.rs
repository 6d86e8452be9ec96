//! Small helpers of the kinds that judge texts: one or many, patterns, excerpts.

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Complaint;
use crate::error::{Code, Problem};
use crate::step::Sight;

/// One text or a list of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text, or a list of texts")]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Texts {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

/// A complaint about a field.
pub(super) fn complaint(path: &str, code: Code, message: impl Into<String>, help: impl Into<String>) -> Complaint {
    Complaint { path: path.into(), code, message: message.into(), help: Some(help.into()) }
}

/// Whether a text still waits for its references to be resolved.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${")
}

/// A pattern, when it is one.
pub fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// What is wrong with a pattern.
pub fn pattern_complaint(path: &str, text: &str) -> Option<Complaint> {
    let error = Regex::new(text).err().filter(|_| !is_open(text))?;
    let last = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Some(complaint(
        path,
        Code::BadValue,
        format!("`{text}` is not a regular expression: {last}"),
        "escape special characters with a backslash, in single quotes: '\\[ok\\]'",
    ))
}

/// The beginning of a text on one line, control characters left out, at most `most` characters.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let mut words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        if line.len() > 4 * most {
            break;
        }
        line.push(' ');
        line.push_str(word);
    }
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A look that came back as something else than was asked for.
pub(super) fn misunderstood(sight: &Sight) -> Problem {
    Problem::new(Code::Internal, "a look brought back something else than was asked for")
        .why(excerpt(&format!("{sight:?}"), 60))
        .fix("report it, please: golive explain GL1299")
}

#[cfg(test)]
mod tests {
    use super::{excerpt, pattern_complaint};

    #[test]
    fn an_excerpt_is_one_short_line_without_control_characters() {
        assert_eq!(excerpt("a\n\n  b\u{1b}[31m c", 20), "a b [31m c");
        assert_eq!(excerpt("abcdefgh", 5), "abcd…");
        assert_eq!(excerpt("", 5), "");
    }

    #[test]
    fn a_broken_pattern_is_complained_about_and_an_open_one_is_not() {
        let complaint = pattern_complaint("expect.pattern", "(ok").unwrap();
        assert!(complaint.message.starts_with("`(ok` is not a regular expression: "), "{}", complaint.message);
        assert!(pattern_complaint("expect.pattern", "(${vars.x}").is_none());
        assert!(pattern_complaint("expect.pattern", "ok$").is_none());
    }
}
