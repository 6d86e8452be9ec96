//! The one writer of everything golive says: scrubs secrets, keeps at most one empty line between
//! blocks, and never fails (when stderr is gone, there is nobody to tell).

use std::io::{IsTerminal as _, Write};

use crate::control;
use crate::engine::port::News;
use crate::mode::Mode;
use crate::render::human::{self, Block};
use crate::render::{Mark, Style, words};
use crate::secret::Scrubber;
use crate::step::Question;

/// Writes blocks to stderr, or to whatever a test hands over.
pub struct Voice {
    out: Box<dyn Write + Send>,
    /// How text looks there.
    pub style: Style,
    /// The run's mode, shown at the right end of every phase header.
    pub mode: Mode,
    /// `-q`: only what goes wrong, and questions.
    pub quiet: bool,
    /// Whether it is a window that may become narrower.
    window: bool,
    gap: Gap,
    /// Half minutes of waiting that were told.
    waited: u64,
}

#[derive(PartialEq, Eq)]
enum Gap {
    /// The last line is empty, or there is none.
    Open,
    /// The last line has text.
    Closed,
    /// The last block wants an empty line after it.
    Wanted,
}

impl Voice {
    /// Writes to stderr.
    pub fn stderr(style: Style, mode: Mode) -> Self {
        // Something stands above: the command line, or another voice's last word.
        Self {
            gap: Gap::Closed,
            window: std::io::stderr().is_terminal(),
            ..Self::to(Box::new(std::io::stderr()), style, mode)
        }
    }

    /// Writes somewhere.
    pub fn to(out: Box<dyn Write + Send>, style: Style, mode: Mode) -> Self {
        Self { out, style, mode, quiet: false, window: false, gap: Gap::Open, waited: 0 }
    }

    /// Says nothing that is not asked for.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Measures the window again: it may have become narrower since the last line.
    pub fn measure(&mut self) {
        if self.window {
            self.style = self.style.as_wide_as(usize::from(console::Term::stderr().size().1));
        }
    }

    /// Tells a piece of news in the words of the screens.
    pub fn tell(&mut self, news: &News<'_>) {
        let important =
            matches!(news, News::Screen { .. } | News::Refused { .. } | News::Uncertain { .. } | News::Warning { .. })
                || matches!(news, News::Judged { state, .. } if !state.is_finished());
        if self.quiet && !important {
            return;
        }
        if let Some(block) = human::news(news, self.mode, &self.style) {
            self.say(&block);
        }
    }

    /// Says every half minute that something is still waited for.
    pub fn wait(&mut self, what: &str, so_far: u64) {
        let halves = so_far / 30;
        if halves == 0 {
            self.waited = 0;
        } else if halves > self.waited && !self.quiet {
            self.waited = halves;
            let text = human::sale::still_waiting(what, so_far, &self.style);
            self.line(text);
        }
    }

    /// Writes a block.
    pub fn say(&mut self, block: &Block) {
        // Read aloud, empty lines say nothing.
        let spaced = !self.style.is_plain();
        if spaced && (self.gap == Gap::Wanted || block.before && self.gap == Gap::Closed) {
            self.write("\n");
        }
        self.write(&control::for_terminal(&block.text));
        self.write("\n");
        self.gap = if block.after { Gap::Wanted } else { Gap::Closed };
    }

    /// Writes a line that follows the one before it.
    pub fn line(&mut self, text: impl Into<String>) {
        self.say(&Block::line(text.into()));
    }

    /// Writes lines with empty lines around them.
    pub fn apart(&mut self, text: impl Into<String>) {
        self.say(&Block::apart(text.into()));
    }

    /// Writes the line into which a question collapses: `✓ Mode  Live`.
    pub fn answered(&mut self, label: &str, value: &str) {
        let line = answered(&self.style, label, value);
        self.line(line);
    }

    /// Ends the block before a question is drawn by somebody else.
    pub fn before_question(&mut self) {
        if self.gap != Gap::Open && !self.style.is_plain() {
            self.write("\n");
        }
        self.gap = Gap::Open;
        let _ = self.out.flush();
    }

    /// Writes text as it is, scrubbed: for what is drawn and redrawn.
    pub fn write(&mut self, text: &str) {
        let _ = self.out.write_all(Scrubber::scrub(text).as_bytes());
        let _ = self.out.flush();
    }
}

/// What the line is called into which a question collapses.
pub fn label<'a>(id: &str, question: &'a Question) -> &'a str {
    match id {
        "checklist" => "Checklist",
        "mode" => "Mode",
        "start" => "Start",
        _ => &question.prompt,
    }
}

fn answered(style: &Style, label: &str, value: &str) -> String {
    let label = label.trim_end_matches(['?', ':', ' ']);
    if style.is_plain() {
        return format!("{label}: {}", words::sentence(value));
    }
    crate::render::layout::row(style, 0, Mark::Done, label, value)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::Voice;
    use crate::mode::Mode;
    use crate::render::{Glyphs, Style};

    /// A writer that remembers.
    #[derive(Clone, Default)]
    pub(crate) struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Heard {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("a lock").clone()).expect("UTF-8")
        }
    }

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn voice(style: Style, mode: Mode) -> (Voice, Heard) {
        let heard = Heard::default();
        (Voice::to(Box::new(heard.clone()), style, mode), heard)
    }

    #[test]
    fn at_most_one_empty_line_stands_between_blocks() {
        let (mut voice, heard) = voice(Style::new(false, Glyphs::Unicode, 80), Mode::Live);
        voice.apart("a");
        voice.apart("b");
        voice.line("c");
        voice.line("d");
        assert_eq!(heard.text(), "a\n\nb\n\nc\nd\n");
    }

    #[test]
    fn what_is_read_aloud_has_no_empty_lines() {
        let (mut voice, heard) = voice(Style::PLAIN, Mode::Live);
        voice.apart("a");
        voice.apart("b");
        assert_eq!(heard.text(), "a\nb\n");
    }

    #[test]
    fn a_secret_is_scrubbed_on_its_way_out() {
        let (mut voice, heard) = voice(Style::PLAIN, Mode::Live);
        voice.line(format!("the key is sk_live_{}", "a1".repeat(12)));
        assert_eq!(heard.text(), format!("the key is {}\n", crate::secret::SCRUBBED));
    }

    #[test]
    fn an_answer_collapses_without_its_question_mark() {
        let (mut voice, heard) = voice(Style::new(false, Glyphs::Unicode, 80), Mode::Live);
        voice.answered("Is this done?", "Done");
        assert_eq!(heard.text(), "✓ Is this done          Done\n");
    }
}
