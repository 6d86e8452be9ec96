//! Keeps the terminal usable whatever happens: remembers how it was, and puts it back from
//! anywhere, a panic included. [`NoEcho`] hides what is typed while a question is on screen.
//!
//! `main` calls [`init`] before anything else; signal handlers and the panic hook call
//! [`restore`], which is idempotent.

use std::io::Write as _;
use std::io::{IsTerminal, stderr, stdin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};

use console::Term;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

use crate::control;
use crate::error::{Code, Problem};
use crate::render::{Glyphs, Style, human};
use crate::secret::Scrubber;

static PROMPTS: AtomicUsize = AtomicUsize::new(0);
static LIST: AtomicBool = AtomicBool::new(false);
static SAVED: OnceLock<Option<Termios>> = OnceLock::new();

/// Remembers how the terminal is, and repairs it when the program panics.
pub fn init() {
    SAVED.get_or_init(|| tcgetattr(stdin()).ok());
    std::panic::set_hook(Box::new(|panic| {
        restore();
        notice(&format!("\n{}\n", mistake(panic)));
    }));
}

/// A panic in the operator's words: where it was, what it says, how to go on. No stack trace, which
/// nobody at a launch can use, and no secret: [`notice`] scrubs what this leaves.
fn mistake(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", source(at.file()), at.line()));
    let said = payload(panic).map(|said| format!(": {}", Scrubber::mask_in(said))).unwrap_or_default();
    let problem = Problem::new(Code::Internal, "golive made a mistake and stopped")
        .why(format!("it was{place}{said}"))
        .why("what was done before is recorded; what has no known answer is looked up first")
        .fix("run the same command again: golive wizard")
        .fix("if it stops there again, report what is printed here: golive explain GL1299");
    human::problem::problem(&problem, &Style::new(false, Glyphs::Ascii, 80))
}

/// What a panic says: a text of the program, or one that was put together.
fn payload<'p>(panic: &'p std::panic::PanicHookInfo<'_>) -> Option<&'p str> {
    let payload = panic.payload();
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// A source file without the folders of the computer that built the program.
fn source(file: &str) -> String {
    match file.rsplit_once("/src/") {
        Some((package, file)) => format!("{}/src/{file}", package.rsplit('/').next().unwrap_or_default()),
        None => file.to_owned(),
    }
}

/// Keeps the memory of this process, keys and all, out of core files, and from other programs of the
/// same user. Where the system does not let it, nothing else is lost.
pub fn seal() {
    let hard = getrlimit(Resource::Core).maximum;
    // The hard limit stays: a program that a checklist runs may raise its own again.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: hard });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
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

/// Says whether a list of choices is on screen. The list reads Ctrl-C as a key and raises the signal by
/// itself, so that the signal may be seen when the list is gone already: it is said only after an answer.
pub fn list(shown: bool) {
    static ONCE: Once = Once::new();
    LIST.store(shown, Ordering::SeqCst);
    ONCE.call_once(survive_interrupts);
}

/// Before a launch is opened nobody watches for signals, and the one that a list raises would end the
/// process with the terminal as the list has it. tokio's handler stays for as long as the process does.
fn survive_interrupts() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    let _ = runtime.block_on(async { signal(SignalKind::interrupt()) });
}

/// Whether a list of choices is on screen, or was left with Ctrl-C.
pub fn is_list() -> bool {
    LIST.load(Ordering::SeqCst)
}

/// Says something from a signal handler's task, beside whatever else is being written.
pub fn notice(text: &str) {
    // There is nobody to tell when this fails: the terminal is gone.
    let clean = Scrubber::scrub(text);
    let _ = stderr().write_all(control::for_terminal(&clean).as_bytes());
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

/// Changes how the terminal takes what is typed, and says how it was. Without a terminal, nothing.
fn switched(off: LocalModes, on: LocalModes) -> Option<Termios> {
    let saved = tcgetattr(stdin()).ok()?;
    let mut changed = saved.clone();
    changed.local_modes -= off;
    changed.local_modes |= on;
    // There is nobody to tell when this fails: the terminal is gone.
    let _ = tcsetattr(stdin(), OptionalActions::Now, &changed);
    Some(saved)
}

/// While it lives, nothing typed is echoed, and a question is on screen. Held for a whole prompt:
/// between two keys the terminal library switches back to whatever was set before.
pub struct NoEcho(Option<Termios>);

impl NoEcho {
    /// Switches echo off, and lets Ctrl-C arrive as a key.
    pub fn new() -> Self {
        Self::without(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Switches echo off for a line that the terminal itself reads: its Enter, erase and Ctrl-C
    /// work as always.
    pub fn for_lines() -> Self {
        Self::without(LocalModes::ECHO)
    }

    fn without(modes: LocalModes) -> Self {
        PROMPTS.fetch_add(1, Ordering::SeqCst);
        Self(switched(modes, LocalModes::empty()))
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

/// While it lives, echo is on or off without a question of its own; Ctrl-C works as always.
pub struct Echo(Option<Termios>);

impl Echo {
    /// Keys leave no trace while golive works.
    pub fn off() -> Self {
        Self(switched(LocalModes::ECHO, LocalModes::empty()))
    }

    /// The terminal echoes the line that it reads, whatever was set before.
    pub fn on() -> Self {
        Self(switched(LocalModes::empty(), LocalModes::ECHO))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        if let Some(saved) = &self.0 {
            let _ = tcsetattr(stdin(), OptionalActions::Now, saved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{seal, source};

    #[test]
    fn the_memory_of_this_process_goes_into_no_core_file() {
        seal();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!(limit.current, Some(0));
        #[cfg(target_os = "linux")]
        assert!(matches!(rustix::process::dumpable_behavior(), Ok(rustix::process::DumpableBehavior::NotDumpable)));
    }

    #[test]
    fn a_place_in_the_sources_names_no_folder_of_another_computer() {
        assert_eq!(source("src/ui/guard.rs"), "src/ui/guard.rs");
        assert_eq!(source("/x/registry/src/index-1/toml-1.2.0/src/de/mod.rs"), "toml-1.2.0/src/de/mod.rs");
    }
}
