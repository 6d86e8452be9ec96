//! One call of the binary, with nothing of this computer's environment in it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::Output;

/// A golive that is about to be started.
pub struct Golive(Command);

impl Golive {
    /// The binary in a folder, with a home of its own and no variable but those that it needs.
    pub fn new(dir: &Path, home: &Path) -> Self {
        Self::through(Command::new(env!("CARGO_BIN_EXE_golive")), dir, home)
    }

    /// Any command in the same surroundings.
    pub fn through(mut command: Command, dir: &Path, home: &Path) -> Self {
        command.env_clear().current_dir(dir).stdin(Stdio::null());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", home).env("TMPDIR", home.join("tmp"));
        command.env("LANG", "C.UTF-8").env("USER", "anna").env("GIT_CONFIG_NOSYSTEM", "1");
        Self(command)
    }

    /// One more variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// A variable less.
    pub fn without(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// More arguments, separated by blanks.
    pub fn args(mut self, line: &str) -> Self {
        self.0.args(line.split_whitespace());
        self
    }

    /// Dies at a crash point: `n`, or `name:n`.
    pub fn crash_at(self, place: impl std::fmt::Display) -> Self {
        self.env("GOLIVE_CRASH_AT", place.to_string())
    }

    /// Runs it to its end.
    #[must_use = "look at the exit code: a run that failed proves nothing"]
    pub fn run(mut self) -> Output {
        Output::of(&self.0.output().expect("golive starts"))
    }

    /// Starts it.
    pub fn start(mut self) -> Child {
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("golive starts")
    }
}
