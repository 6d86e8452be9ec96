//! One line that says how a long watch stands, redrawn in place on a terminal; what matters scrolls
//! past above it. Without a terminal there is no such line.

use indicatif::ProgressBar;

use super::terminal::live::spinner;
use crate::render::Style;
use crate::render::layout::truncate;
use crate::secret::Scrubber;

/// The line, where there is a terminal to draw it on.
pub struct Ticker {
    style: Style,
    spinner: Option<ProgressBar>,
}

impl Ticker {
    /// A line that says nothing yet; `drawn` where stderr is a terminal that can redraw.
    pub fn new(style: Style, drawn: bool) -> Self {
        let spinner = (drawn && !style.is_plain()).then(|| spinner(&style));
        Self { style, spinner }
    }

    /// Says how it stands.
    pub fn say(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            let text = Scrubber::scrub(text);
            spinner.set_message(truncate(
                &self.style.text(&text),
                self.style.width.saturating_sub(6),
                self.style.ellipsis(),
            ));
        }
    }

    /// Writes what stays, above the line.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}
