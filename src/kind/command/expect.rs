//! How a command must end, and what is said when it ends otherwise. Pure; `command` and `log` ask it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::remote;
use crate::error::{Code, Problem};
use crate::kind::Complaint;
use crate::kind::text::{Texts, complaint, excerpt, pattern, pattern_complaint};
use crate::step::{Broken, Ran};

/// How a command must end.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Its exit code.
    #[serde(default)]
    pub exit: i32,
    /// Texts that its output (the last 64 KiB) must contain.
    #[serde(default)]
    pub contains: Texts,
    /// Texts that its output must not contain.
    #[serde(default)]
    pub not_contains: Texts,
    /// A regular expression that is found in its output.
    pub pattern: Option<String>,
    /// How many lines its output must have at least, empty ones apart.
    pub lines: Option<u32>,
}

/// One thing that is not as expected.
struct Miss {
    message: &'static str,
    found: String,
    wanted: String,
}

impl Expect {
    pub(super) fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let texts = [("expect.contains", &self.contains), ("expect.not_contains", &self.not_contains)];
        for (path, _) in texts.iter().filter(|(_, texts)| texts.iter().any(str::is_empty)) {
            let message = "an empty text is in every output";
            complaints.push(complaint(path, Code::BadValue, message, "write the text that matters"));
        }
        if !(0..=255).contains(&self.exit) {
            let message = format!("{} is not an exit code", self.exit);
            complaints.push(complaint("expect.exit", Code::BadValue, message, "write 0 to 255"));
        }
        if self.lines == Some(0) {
            let message = "every output has 0 lines or more";
            complaints.push(complaint("expect.lines", Code::BadValue, message, "write the fewest that will do: lines = 1"));
        }
        complaints.extend(self.pattern.iter().filter_map(|text| pattern_complaint("expect.pattern", text)));
        complaints
    }

    /// Everything that is not as expected, the first in the message, the others below it. `run` is
    /// the command as it is shown.
    pub(in crate::kind) fn complain(&self, ran: &Ran, run: &str, timeout: u64) -> Option<Problem> {
        if ran.broken == Some(Broken::NotStarted) {
            return Some(remote::not_started(ran, run));
        }
        let mut misses = self.misses(ran, timeout).into_iter();
        let first = misses.next()?;
        let mut problem = Problem::new(Code::CommandFailed, format!("the command {}", first.message))
            .found_wanted(first.found, first.wanted);
        for Miss { message, found, wanted } in misses {
            problem = problem.why(format!("also {message}: found {found}, wanted {wanted}"));
        }
        for line in last_lines(&ran.output) {
            problem = problem.why(line);
        }
        Some(problem.fix(format!("see to it, then run it again with golive wizard: {}", excerpt(run, 100))))
    }

    fn misses(&self, ran: &Ran, timeout: u64) -> Vec<Miss> {
        let mut misses = Vec::new();
        let mut miss = |message, found: String, wanted: String| misses.push(Miss { message, found, wanted });
        let wanted_exit = format!("exit {}", self.exit);
        match ran.exit {
            _ if ran.timed_out => miss(
                "did not end in time and was stopped",
                format!("{} passed", seconds(ran.millis)),
                format!("an end within {timeout} s"),
            ),
            None => miss("was stopped by a signal", "no exit code".into(), wanted_exit),
            Some(exit) if exit != self.exit => miss("ended badly", format!("exit {exit}"), wanted_exit),
            Some(_) => {}
        }
        let output = &ran.output;
        for text in self.contains.iter().filter(|text| !output.contains(*text)) {
            miss("lacks a text in its output", "no such text".into(), format!("\"{text}\""));
        }
        for text in self.not_contains.iter().filter(|text| output.contains(*text)) {
            miss("says what it must not", format!("\"{text}\""), "none of it".into());
        }
        if let Some(text) = &self.pattern
            && !pattern(text).is_some_and(|pattern| pattern.is_match(output))
        {
            miss("does not match the pattern", "no match".into(), format!("`{text}`"));
        }
        if let Some(wanted) = self.lines {
            let found = output.lines().filter(|line| !line.trim().is_empty()).count();
            if found < usize::try_from(wanted).unwrap_or(usize::MAX) {
                miss("says too little", lines(found), format!("at least {wanted}"));
            }
        }
        misses
    }
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".into() } else { format!("{count} lines") }
}

/// The end of an output, for people.
pub(super) fn last_lines(output: &str) -> Vec<String> {
    let lines: Vec<_> = output.lines().map(|line| excerpt(line, 100)).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(5)..].to_vec()
}

/// A time for people.
pub(super) fn seconds(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        _ => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}
