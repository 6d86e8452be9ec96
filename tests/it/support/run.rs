//! One call of the binary, with nothing of this computer's environment in it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

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

    /// One more argument, blanks and all.
    pub fn arg(mut self, arg: &str) -> Self {
        self.0.arg(arg);
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

/// A golive that a hook may kill while it runs.
#[derive(Clone, Default)]
pub struct Victim(Arc<AtomicI32>);

impl Victim {
    /// Runs it to its end, which may come early.
    #[must_use = "look whether it was killed"]
    pub fn watch(&self, golive: Golive) -> Output {
        let child = golive.start();
        self.0.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
        Output::of(&child.wait_with_output().unwrap())
    }

    /// Its process id, once it runs.
    pub fn pid(&self) -> i32 {
        while self.0.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0.load(Ordering::SeqCst)
    }

    /// Kills it as a power cut would.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let _ = kill_process(Pid::from_raw(self.pid()).unwrap(), signal);
    }
}
