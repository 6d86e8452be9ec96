//! The one line that moves: a spinner after 400 ms of waiting, or a bar for three known steps or
//! more. It disappears when it ends; whatever matters is also written on a line that stays.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::layout::truncate;
use crate::render::{Glyphs, Style};
use crate::secret::Scrubber;
use crate::ui::guard::Echo;

/// Nothing is drawn for what is over sooner.
const PATIENCE: Duration = Duration::from_millis(400);
/// After this, the line says how long it has been.
const SLOW: Duration = Duration::from_secs(10);
/// Fewer steps get a spinner.
const BAR: usize = 3;

/// What moves right now.
pub struct Live {
    style: Style,
    now: Now,
}

enum Now {
    Nothing,
    Waiting { stop: Sender<()>, thread: Option<JoinHandle<()>> },
    Applying(ProgressBar),
    Watching { spinner: ProgressBar, _still: Echo },
}

impl Live {
    /// Nothing moves.
    pub const fn new(style: Style) -> Self {
        Self { style, now: Now::Nothing }
    }

    /// Fits what moves into a window of another width.
    pub const fn fit(&mut self, style: Style) {
        self.style = style;
    }

    /// Something is waited for.
    pub fn wait(&mut self, what: &str) {
        self.stop();
        let (stop, stopped) = mpsc::channel::<()>();
        let (style, what) = (self.style, Scrubber::scrub(what).into_owned());
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = spinner(&style);
            let began = Instant::now();
            loop {
                spinner.set_message(waiting(&style, &what, began.elapsed() + PATIENCE));
                if stopped.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            spinner.finish_and_clear();
        });
        self.now = Now::Waiting { stop, thread: Some(thread) };
    }

    /// Something is waited for, for long: what the line says now.
    pub fn watch(&mut self, text: String) {
        if !matches!(self.now, Now::Watching { .. }) {
            self.stop();
            self.now = Now::Watching { spinner: spinner(&self.style), _still: Echo::off() };
        }
        if let Now::Watching { spinner, .. } = &self.now {
            spinner.set_message(text);
        }
    }

    /// Steps are carried out: `done` of `of` are finished.
    pub fn apply(&mut self, done: usize, of: usize, label: &str) {
        if of < BAR {
            self.wait(&format!("applying {label}"));
            return;
        }
        if !matches!(self.now, Now::Applying(_)) {
            self.stop();
            self.now = Now::Applying(bar(&self.style, of));
        }
        if let Now::Applying(bar) = &self.now {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
            bar.set_message(truncate(&Scrubber::scrub(label), label_room(&self.style), self.style.ellipsis()));
            bar.tick();
        }
    }

    /// Writes a permanent line while a bar goes on below it; ends a spinner.
    pub fn suspend(&mut self, write: impl FnOnce()) {
        if let Now::Applying(bar) | Now::Watching { spinner: bar, .. } = &self.now {
            bar.suspend(write);
        } else {
            self.stop();
            write();
        }
    }

    /// Ends whatever moves, and waits until its line is gone.
    pub fn stop(&mut self) {
        match std::mem::replace(&mut self.now, Now::Nothing) {
            Now::Nothing => {}
            Now::Waiting { stop, thread } => {
                drop(stop);
                if let Some(thread) = thread {
                    let _ = thread.join();
                }
            }
            Now::Applying(bar) | Now::Watching { spinner: bar, .. } => bar.finish_and_clear(),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a spinner says after so long.
fn waiting(style: &Style, what: &str, so_far: Duration) -> String {
    let text = if so_far >= SLOW { format!("{what}, slow: {} s", so_far.as_secs()) } else { what.to_owned() };
    truncate(&style.text(&text), style.width.saturating_sub(6), style.ellipsis())
}

/// A spinner without words yet.
pub(in crate::ui) fn spinner(style: &Style) -> ProgressBar {
    let signs = match style.glyphs {
        Glyphs::Unicode => "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ",
        Glyphs::Ascii | Glyphs::Plain => "-\\|/ ",
    };
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = ProgressStyle::with_template("  {spinner:.cyan} {msg}");
    spinner.set_style(template.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars(signs));
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Columns of a bar.
fn bar_columns(style: &Style) -> usize {
    if style.is_narrow() { 10 } else { 30 }
}

/// Columns that are left for the label behind `Applying  [bar] 1234 of 1234`, the cursor's included.
fn label_room(style: &Style) -> usize {
    style.width.saturating_sub(bar_columns(style) + 30)
}

fn bar(style: &Style, of: usize) -> ProgressBar {
    let width = bar_columns(style);
    let (template, signs) = match style.glyphs {
        Glyphs::Unicode => (format!("  Applying  {{bar:{width}.cyan}} {{pos:>4}} of {{len}}  {{msg}}"), "━╸ "),
        Glyphs::Ascii | Glyphs::Plain => {
            (format!("  Applying  [{{bar:{width}}}] {{pos:>4}} of {{len}}  {{msg}}"), "##.")
        }
    };
    let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
    let template = ProgressStyle::with_template(&template);
    bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars(signs));
    bar
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bar_columns, label_room, waiting};
    use crate::render::{Glyphs, Style};

    #[test]
    fn after_ten_seconds_it_says_what_is_slow() {
        let style = Style::new(false, Glyphs::Unicode, 80);
        assert_eq!(waiting(&style, "asking Stripe", Duration::from_secs(9)), "asking Stripe");
        assert_eq!(waiting(&style, "asking Stripe", Duration::from_secs(12)), "asking Stripe, slow: 12 s");
    }

    #[test]
    fn a_bar_with_its_label_fits_on_one_line() {
        for columns in [40, 50, 60, 80] {
            let style = Style::new(false, Glyphs::Ascii, columns);
            let head = "  Applying  [] 1234 of 1234  ".len() + bar_columns(&style);
            assert!(head + label_room(&style) <= columns, "{columns}");
        }
    }
}
