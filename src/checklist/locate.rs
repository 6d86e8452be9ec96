//! Finds the place of a complaint in the text: a path within the document becomes a span of bytes.
//!
//! The model carries no positions; the text is read a second time, with positions, only when
//! there is something to complain about.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A path within the document: `phase[0].item[2].prices[1].amount`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(Vec<Segment>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A field of a table.
    Key(String),
    /// An entry of a list.
    Index(usize),
}

impl Path {
    /// The path of a field of this table.
    pub fn key(&self, name: &str) -> Self {
        self.with(Segment::Key(name.to_owned()))
    }

    /// The path of an entry of this list.
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// The path of something within, as kinds write it: `prices[1].amount`.
    pub fn join(&self, inner: &str) -> Self {
        let words = inner.split(['.', '[', ']']).filter(|word| !word.is_empty());
        words.fold(self.clone(), |path, word| match word.parse() {
            Ok(index) => path.index(index),
            Err(_) => path.key(word),
        })
    }

    /// What the thing is called in a sentence.
    pub fn name(&self) -> String {
        match self.0.as_slice() {
            [.., Segment::Key(key)] => format!("`{key}`"),
            [.., Segment::Key(list), Segment::Index(_)] => format!("an entry of `{list}`"),
            _ => "this".to_owned(),
        }
    }

    /// The last field's name.
    pub fn field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        })
    }

    /// Whether this is that, or something inside it.
    pub fn is_within(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    /// What of this path is below another; empty when it is not inside it.
    pub fn below(&self, outer: &Self) -> &[Segment] {
        self.0.strip_prefix(outer.0.as_slice()).unwrap_or_default()
    }

    fn with(&self, segment: Segment) -> Self {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }
}

/// Which part of a field is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Its name.
    Key,
    /// Its value; for what is missing, the head of the table it is missing from.
    Value,
    /// A stretch of its value, as written there.
    Within(String),
}

/// The bytes to mark, never longer than one line.
pub fn span(document: Option<&Spanned<DeTable<'_>>>, text: &str, path: &Path, part: &Part) -> Range<usize> {
    let whole = document.map_or(0..0, |document| walk(document.get_ref(), path, part));
    match part {
        Part::Within(needle) => match text.get(whole.clone()).and_then(|value| value.find(needle.as_str())) {
            Some(at) => one_line(text, whole.start + at..whole.start + at + needle.len()),
            None => one_line(text, whole),
        },
        Part::Key | Part::Value => one_line(text, whole),
    }
}

fn walk(root: &DeTable<'_>, path: &Path, part: &Part) -> Range<usize> {
    let mut table = Some(root);
    let mut list = None;
    let mut best = 0..0;
    for (depth, segment) in path.0.iter().enumerate() {
        let value = match segment {
            Segment::Key(name) => {
                let Some((key, value)) = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name))
                else {
                    return best;
                };
                if *part == Part::Key && depth + 1 == path.0.len() {
                    return key.span();
                }
                value
            }
            Segment::Index(index) => match list.and_then(|list: &DeArray<'_>| list.get(*index)) {
                Some(value) => value,
                None => return best,
            },
        };
        best = value.span();
        (table, list) = parts(value);
    }
    best
}

type Parts<'a, 'i> = (Option<&'a DeTable<'i>>, Option<&'a DeArray<'i>>);

fn parts<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Parts<'a, 'i> {
    match value.get_ref() {
        DeValue::Table(table) => (Some(table), None),
        DeValue::Array(array) => (None, Some(array)),
        _ => (None, None),
    }
}

/// The first line of a span, so that a frame stays small.
fn one_line(text: &str, span: Range<usize>) -> Range<usize> {
    let cut = text.get(span.clone()).and_then(|marked| marked.find(['\n', '\r']));
    cut.map_or(span.clone(), |at| span.start..span.start + at)
}

/// Line and column of a byte, both from 1; columns count characters.
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
