//! What a golive left behind, and what may be said of it.

use std::os::unix::process::ExitStatusExt as _;

use super::problems;

/// How a golive ended and everything that it said.
#[derive(Debug)]
pub struct Output {
    /// The exit code; of a killed one, minus the signal.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Takes a process's end over. What the scrubber removed got too far.
    pub fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let status = output.status;
        let code = status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or_default();
        let output = Self { code, stdout: text(&output.stdout), stderr: text(&output.stderr) };
        for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            assert!(!text.contains("[secret removed]"), "a secret got as far as the scrubber of {name}:\n{output}");
            assert!(!text.contains("panicked at"), "golive panicked:\n{output}");
        }
        problems::are_whole(output.code, &output.stdout, &output.stderr);
        output
    }

    /// Demands an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Demands words on stderr, wherever a line was folded for the reader.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let said: Vec<&str> = self.stderr.split_whitespace().collect();
        assert!(said.join(" ").contains(words), "`{words}` is not in it:\n{self}");
        self
    }

    /// Whether it was killed, as a power cut would.
    pub fn was_killed(&self) -> bool {
        self.code == -9
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "exit {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
