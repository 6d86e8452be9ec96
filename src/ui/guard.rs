//! Keeps the terminal usable whatever happens: remembers how it was, and puts it back from
//! anywhere, a panic included. [`NoEcho`] hides what is typed while a question is on screen.
//!
//! `main` calls [`init`] before anything else; signal handlers and the panic hook call
//! [`restore`], which is idempotent.

use std::io::Write as _;
use std::io::{IsTerminal, stderr, stdin};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use console::Term;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

static PROMPTS: AtomicUsize = AtomicUsize::new(0);
static SAVED: OnceLock<Option<Termios>> = OnceLock::new();

/// Remembers how the terminal is, and repairs it when the program panics.
pub fn init() {
    SAVED.get_or_init(|| tcgetattr(stdin()).ok());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        before(panic);
    }));
}

/// Puts the terminal back as [`init`] found it, and shows the cursor.
pub fn restore() {
    if let Some(Some(saved)) = SAVED.get() {
        // There is nobody to tell when this fails: the terminal is gone.
        let _ = tcsetattr(stdin(), OptionalActions::Now, saved);
    }
    show_cursor();
}

/// Shows the cursor, which an interrupted list leaves hidden.
pub fn show_cursor() {
    if stderr().is_terminal() {
        let _ = Term::stderr().show_cursor();
    }
}

/// Throws away what was typed before a question was asked: a stray paste must not answer it.
pub fn discard_typeahead() {
    let _ = tcflush(stdin(), QueueSelector::IFlush);
}

/// Whether a question is on screen: then nothing is on its way.
pub fn is_prompting() -> bool {
    PROMPTS.load(Ordering::SeqCst) > 0
}

/// Says something from a signal handler's task, beside whatever else is being written.
pub fn notice(text: &str) {
    // There is nobody to tell when this fails: the terminal is gone.
    let _ = stderr().write_all(crate::secret::Scrubber::scrub(text).as_bytes());
}

/// While it lives, a question is on screen.
pub struct Asking(());

impl Asking {
    /// The question comes.
    pub fn new() -> Self {
        PROMPTS.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Default for Asking {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        PROMPTS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While it lives, nothing typed is echoed, and Ctrl-C arrives as a key. Held for a whole prompt:
/// between two keys the terminal library switches back to whatever was set before.
pub struct NoEcho(Option<Termios>);

impl NoEcho {
    /// Switches echo off.
    pub fn new() -> Self {
        PROMPTS.fetch_add(1, Ordering::SeqCst);
        let saved = tcgetattr(stdin()).ok();
        if let Some(saved) = &saved {
            let mut quiet = saved.clone();
            quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            let _ = tcsetattr(stdin(), OptionalActions::Now, &quiet);
        }
        Self(saved)
    }

    /// Switches echo off for a line that the terminal itself reads: its Enter, erase and Ctrl-C
    /// work as always.
    pub fn for_lines() -> Self {
        PROMPTS.fetch_add(1, Ordering::SeqCst);
        let saved = tcgetattr(stdin()).ok();
        if let Some(saved) = &saved {
            let mut quiet = saved.clone();
            quiet.local_modes -= LocalModes::ECHO;
            let _ = tcsetattr(stdin(), OptionalActions::Now, &quiet);
        }
        Self(saved)
    }
}

/// While it lives, keys leave no trace on the line that moves; Ctrl-C works as always.
pub struct Still(Option<Termios>);

impl Still {
    /// Switches echo off, without a question being on screen.
    pub fn new() -> Self {
        let saved = tcgetattr(stdin()).ok();
        if let Some(saved) = &saved {
            let mut quiet = saved.clone();
            quiet.local_modes -= LocalModes::ECHO;
            let _ = tcsetattr(stdin(), OptionalActions::Now, &quiet);
        }
        Self(saved)
    }
}

impl Default for Still {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        if let Some(saved) = &self.0 {
            let _ = tcsetattr(stdin(), OptionalActions::Now, saved);
        }
    }
}

impl Default for NoEcho {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        PROMPTS.fetch_sub(1, Ordering::SeqCst);
        if let Some(saved) = &self.0 {
            // Flush: the rest of a paste must not become the next answer.
            let _ = tcsetattr(stdin(), OptionalActions::Flush, saved);
        }
    }
}
