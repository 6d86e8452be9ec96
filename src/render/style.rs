//! How text looks: glyphs with their ASCII twins and plain words, colours, width.
//!
//! Meaning is never carried by a colour or a symbol alone; only the eight base colours are used,
//! so that themes keep their contrast. Whoever builds a [`Style`] has decided about colour, no
//! renderer does.

use anstyle::{AnsiColor, Effects};

use crate::state::ItemState;

/// Which signs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// `✓ ✗ ◐`
    Unicode,
    /// `[ok] [x] [~]`
    Ascii,
    /// Words in place of signs, no columns, no rules: made to be read aloud.
    Plain,
}

/// How text looks on one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are written.
    pub color: bool,
    /// Which signs are drawn.
    pub glyphs: Glyphs,
    /// Columns that may be used, at most 80.
    pub width: usize,
    /// `-v`: ids in full, technical causes.
    pub verbose: bool,
}

/// A sign at the left end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table in `Mark::table` says what each is")]
pub enum Mark {
    Done,
    Rehearsed,
    Failed,
    Attention,
    Active,
    Open,
    Skipped,
    Stale,
    Unknown,
    Question,
    Cursor,
}

/// What a colour is for. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Green: it holds.
    Good,
    /// Red: it does not.
    Bad,
    /// Yellow: look at it.
    Attention,
    /// Bold yellow: the word LIVE.
    Live,
    /// Cyan: where the operator is.
    Active,
    /// Dim: ids, times, what is not needed now.
    Dim,
}

impl Ink {
    const fn style(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Attention => AnsiColor::Yellow.on_default(),
            Self::Live => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
            Self::Active => AnsiColor::Cyan.on_default(),
            Self::Dim => plain.effects(Effects::DIMMED),
        }
    }
}

impl Mark {
    /// Unicode, ASCII, plain word, colour.
    const fn table(self) -> (&'static str, &'static str, &'static str, Option<Ink>) {
        match self {
            Self::Done => ("✓", "[ok]", "done", Some(Ink::Good)),
            Self::Rehearsed => ("·", "[.]", "rehearsed", Some(Ink::Dim)),
            Self::Failed => ("✗", "[x]", "failed", Some(Ink::Bad)),
            Self::Attention => ("!", "[!]", "attention", Some(Ink::Attention)),
            Self::Active => ("◐", "[~]", "in progress", Some(Ink::Active)),
            Self::Open => ("○", "[ ]", "open", None),
            Self::Skipped => ("–", "[-]", "skipped", Some(Ink::Dim)),
            Self::Stale => ("↻", "[?]", "check again", Some(Ink::Attention)),
            Self::Unknown => ("?", "[?]", "unknown", Some(Ink::Attention)),
            Self::Question => ("?", "?", "Question", Some(Ink::Active)),
            Self::Cursor => ("❯", ">", "", Some(Ink::Active)),
        }
    }

    /// The sign of a state.
    pub const fn of(state: ItemState) -> Self {
        match state {
            ItemState::Todo | ItemState::Blocked => Self::Open,
            ItemState::Done => Self::Done,
            ItemState::Rehearsed => Self::Rehearsed,
            ItemState::Failed => Self::Failed,
            ItemState::Unknown => Self::Unknown,
            ItemState::Skipped => Self::Skipped,
            ItemState::Stale => Self::Stale,
        }
    }
}

impl Style {
    /// Without colour and with words, as wide as a page: for logs and files.
    pub const PLAIN: Self = Self { color: false, glyphs: Glyphs::Plain, width: 80, verbose: false };

    /// A style for an output of so many columns; more than 80 are not used.
    pub fn new(color: bool, glyphs: Glyphs, columns: usize) -> Self {
        Self { color: color && glyphs != Glyphs::Plain, glyphs, width: columns.clamp(20, 80), verbose: false }
    }

    /// The same looks in a window of another width.
    #[must_use]
    pub fn as_wide_as(self, columns: usize) -> Self {
        Self { width: columns.clamp(20, 80), ..self }
    }

    /// Whether signs and columns are replaced by words.
    pub fn is_plain(&self) -> bool {
        self.glyphs == Glyphs::Plain
    }

    /// Whether values go on lines of their own.
    pub const fn is_narrow(&self) -> bool {
        self.width < 60
    }

    /// Colours a text.
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{}{text}{}", style.render(), style.render_reset())
    }

    /// A sign, coloured.
    pub fn mark(&self, mark: Mark) -> String {
        let (unicode, ascii, word, ink) = mark.table();
        let text = match self.glyphs {
            Glyphs::Unicode => unicode,
            Glyphs::Ascii => ascii,
            Glyphs::Plain => word,
        };
        ink.map_or_else(|| text.to_owned(), |ink| self.paint(ink, text))
    }

    /// Columns of the mark and the space after it.
    pub const fn mark_width(&self) -> usize {
        match self.glyphs {
            Glyphs::Unicode => 2,
            Glyphs::Ascii => 5,
            Glyphs::Plain => 0,
        }
    }

    /// The arrow of value changes.
    pub const fn arrow(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => "→",
            Glyphs::Ascii => "->",
            Glyphs::Plain => "becomes",
        }
    }

    /// What a rule is drawn with.
    pub const fn rule(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => "─",
            Glyphs::Ascii | Glyphs::Plain => "-",
        }
    }

    /// What stands where something was left out.
    pub const fn ellipsis(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => "…",
            Glyphs::Ascii | Glyphs::Plain => "...",
        }
    }

    /// The sign of a secret's character.
    pub const fn bullet(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Unicode => "•",
            Glyphs::Ascii | Glyphs::Plain => "*",
        }
    }

    /// A text made fit for this output: what a terminal would obey becomes visible, and golive's own
    /// signs are replaced where they cannot be drawn.
    pub fn text(&self, text: &str) -> String {
        let text = crate::control::visible(text);
        if self.glyphs == Glyphs::Unicode {
            return text;
        }
        text.replace('→', self.arrow())
            .replace('…', "...")
            .replace('±', "+-")
            .replace('✓', "ok")
            .replace(['·', '–'], "-")
    }

    /// An id or a shortened value, dim; shortened in the middle unless `-v`.
    pub fn id(&self, id: &str) -> String {
        let shown = if self.verbose { id.to_owned() } else { super::layout::shorten_id(id, self.ellipsis()) };
        self.paint(Ink::Dim, &shown)
    }
}

#[cfg(test)]
mod tests {
    use super::{Glyphs, Ink, Mark, Style};

    #[test]
    fn without_colour_no_escape_is_written() {
        let style = Style::new(false, Glyphs::Unicode, 80);
        assert_eq!(style.paint(Ink::Live, "LIVE"), "LIVE");
        assert_eq!(Style::new(true, Glyphs::Plain, 80).mark(Mark::Done), "done");
    }

    #[test]
    fn a_colour_ends_where_its_text_ends() {
        let style = Style::new(true, Glyphs::Unicode, 80);
        assert_eq!(style.mark(Mark::Done), "\u{1b}[32m✓\u{1b}[0m");
        assert_eq!(style.paint(Ink::Dim, ""), "");
    }

    #[test]
    fn ascii_writes_nothing_that_is_not_ascii() {
        let style = Style::new(false, Glyphs::Ascii, 80);
        let marks = [Mark::Done, Mark::Failed, Mark::Stale, Mark::Skipped, Mark::Cursor, Mark::Active];
        assert!(marks.iter().all(|mark| style.mark(*mark).is_ascii()));
        assert!(style.text("79.00 EUR → 89.00 EUR …").is_ascii());
        assert!(style.bullet().is_ascii() && style.rule().is_ascii());
    }
}
