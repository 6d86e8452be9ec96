//! Everything wrong with a checklist, at once: each complaint with its place, its code and what to
//! write instead, drawn as source frames. `parse` collects them; the command line prints them.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use toml::Spanned;
use toml::de::DeTable;

use super::locate::{self, Part, Path};
use super::suggest;
use crate::control;
use crate::error::{Class, Code, Failure, Problem};

/// The width of frames where nobody knows the terminal's.
const WIDTH: usize = 80;

/// A complaint as it is found: about a path, not yet about a place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is about.
    pub path: Path,
    /// Which part of it is marked.
    pub part: Part,
    /// The code.
    pub code: Code,
    /// A lowercase fragment.
    pub message: String,
    /// A few words beside the mark.
    pub label: Option<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// The text to put in place of the marked one, shown as a patch under the help.
    pub instead: Option<String>,
}

impl Found {
    /// A complaint about a value, or about a missing field's table.
    pub fn new(code: Code, path: Path, message: impl Into<String>) -> Self {
        Self { path, part: Part::Value, code, message: message.into(), label: None, help: None, instead: None }
    }

    /// Marks a field's name rather than its value.
    pub fn at_key(mut self) -> Self {
        self.part = Part::Key;
        self
    }

    /// Marks a stretch of the value.
    pub fn within(mut self, text: impl Into<String>) -> Self {
        self.part = Part::Within(text.into());
        self
    }

    /// Says a few words beside the mark.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Says what to write instead.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Shows what to write instead, in its place.
    pub fn instead(mut self, help: impl Into<String>, text: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self.instead = Some(text.into());
        self
    }

    /// Offers the known name nearest to the wrong one, or lists what there is.
    pub fn suggest<'a>(self, wrong: &str, what: &str, known: &[&'a str], write: impl Fn(&'a str) -> String) -> Self {
        match suggest::nearest(wrong, known.iter().copied()) {
            Some(near) => {
                let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                self.instead(format!("there is {article} {what} with a similar name"), write(near))
            }
            None if known.is_empty() => self,
            None => self.help(format!("use one of {}", suggest::list(known.iter().copied()))),
        }
    }
}

/// A complaint at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file, as the operator named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The code.
    pub code: Code,
    /// A lowercase fragment without a period.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    span: Range<usize>,
    label: Option<String>,
    instead: Option<String>,
}

/// A checklist that is not valid, with every complaint, in the order of the text.
#[derive(Debug, Clone)]
pub struct Invalid {
    /// The complaints; at least one.
    pub complaints: Vec<Located>,
    text: String,
}

impl Invalid {
    /// Puts complaints in their places.
    pub(super) fn new(file: &str, text: &str, found: Vec<Found>) -> Self {
        let document = DeTable::parse(text).ok();
        let places = found.into_iter().map(|found| {
            let span = locate::span(document.as_ref(), text, &found.path, &found.part);
            located(file, text, span, found)
        });
        Self::sorted(text, places.collect())
    }

    /// What the TOML reader could not read; it goes on after each mistake as well as it can.
    pub(super) fn syntax(file: &str, text: &str) -> Self {
        let (_, errors): (Spanned<DeTable<'_>>, _) = DeTable::parse_recoverable(text);
        let mut complaints: Vec<Located> = errors.iter().map(|error| syntax_error(file, text, error)).collect();
        // What follows a mistake on the same line is its echo.
        complaints.sort_by_key(|complaint| complaint.span.start);
        complaints.dedup_by_key(|complaint| complaint.line);
        Self::sorted(text, complaints)
    }

    fn sorted(text: &str, mut complaints: Vec<Located>) -> Self {
        complaints.sort_by(|a, b| (a.span.start, a.code, &a.message).cmp(&(b.span.start, b.code, &b.message)));
        // A name given twice may be noticed by its kind and again in the whole.
        let same = |a: &Located, b: &Located| a.message == b.message || a.code == Code::DuplicateId;
        complaints.dedup_by(|a, b| a.code == b.code && a.span == b.span && same(a, b));
        Self { complaints, text: text.to_owned() }
    }

    /// Draws every complaint as a source frame, and counts them. `ascii` draws with `|` and `^`.
    pub fn render(&self, ascii: bool, width: usize) -> String {
        let style = if ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
        let renderer = Renderer::plain().decor_style(style).term_width(width);
        let mut out = String::new();
        for complaint in &self.complaints {
            out.push_str(&renderer.render(&frame(complaint, &self.text, width)));
            out.push_str("\n\n");
        }
        out.push_str(&self.count());
        out.push_str("\nwhen corrected: ");
        out.push_str(&self.next());
        out.push('\n');
        // The lines of the checklist are shown as they are written.
        control::visible(&out)
    }

    fn file(&self) -> &str {
        self.complaints.first().map_or("", |complaint| complaint.file.as_str())
    }

    /// What to type when every mistake is corrected.
    fn next(&self) -> String {
        format!("golive checklist validate {}", self.file())
    }

    fn count(&self) -> String {
        let file = self.file();
        let count = match self.complaints.len() {
            1 => "1 mistake".to_owned(),
            many => format!("{many} mistakes"),
        };
        format!("{count} in {file}; nothing was done")
    }
}

fn located(file: &str, text: &str, span: Range<usize>, found: Found) -> Located {
    let (line, column) = locate::line_and_column(text, span.start);
    Located {
        file: file.to_owned(),
        line,
        column,
        code: found.code,
        message: found.message,
        help: found.help,
        span,
        label: found.label,
        instead: found.instead,
    }
}

fn syntax_error(file: &str, text: &str, error: &toml::de::Error) -> Located {
    let span = error.span().unwrap_or(0..0);
    // The reader's second sentence says what it expected; it goes beside the mark.
    let (message, label) = match error.message().split_once(", expected") {
        Some((message, expected)) => (message.to_owned(), Some(format!("expected{expected}"))),
        None => (error.message().to_owned(), None),
    };
    let mut found = Found::new(Code::ChecklistSyntax, Path::default(), message.replace('\n', " "));
    found.label = label;
    let end = text.get(span.clone()).and_then(|marked| marked.find('\n')).map_or(span.end, |at| span.start + at);
    located(file, text, span.start..end, found)
}

fn frame<'a>(complaint: &'a Located, text: &'a str, width: usize) -> Vec<Group<'a>> {
    let title = Level::ERROR.primary_title(complaint.message.as_str()).id(complaint.code.id());
    let mark = AnnotationKind::Primary.span(complaint.span.clone()).label(complaint.label.as_deref());
    let source = Snippet::source(text).path(complaint.file.as_str()).annotation(mark);
    let mut group = title.element(source);
    match (&complaint.help, &complaint.instead) {
        (Some(help), Some(instead)) => {
            let patch = Snippet::source(text).patch(Patch::new(complaint.span.clone(), instead.as_str()));
            vec![group, Level::HELP.secondary_title(help.as_str()).element(patch)]
        }
        (help, _) => {
            if let Some(help) = help {
                let indent = complaint.line.to_string().len() + " = help: ".len() + 1;
                group = group.element(Level::HELP.message(wrap(help, width.saturating_sub(indent).max(20))));
            }
            vec![group]
        }
    }
}

/// Breaks a text at spaces; the frame indents the lines that follow.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        let code = invalid.complaints.first().map_or(Code::BadValue, |complaint| complaint.code);
        let mut failure = Self::new(Class::Usage, Problem::new(code, invalid.count()));
        failure.problem.fix.push(format!("correct it, then look again: {}", invalid.next()));
        for complaint in &invalid.complaints {
            let Located { file, line, column, message, .. } = complaint;
            failure.problem.why.push(format!("{file}:{line}:{column}: {message} [{}]", complaint.code));
        }
        failure.report = Some(invalid.render(true, WIDTH));
        failure
    }
}
