//! `log`: what must and must not stand in the application's log, read here or over there. It changes
//! nothing: a file on this computer is a look, everything else a command that only reads.

use schemars::JsonSchema;
use serde::Deserialize;

use super::command::{self, remote, run_complaint, secrets_missing};
use super::text::{Texts, complaint, excerpt, misunderstood, pattern_complaint};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{Broken, CommandSpec, Facts, Hits, LogAsk, LogSight, Look, Ran, Search, Sight, Step, Verdict};

/// Lines read from the end when the item does not say.
const LINES: u32 = 2000;
/// What a command gets for reading a log.
const SECONDS: u64 = 60;

/// The fields of a `log` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The log's path, relative to the checklist's folder; with `on`, to the home over there.
    pub file: Option<String>,
    /// A command that prints the log, in place of `file`: `journalctl -u app -n 2000`.
    pub run: Option<String>,
    /// Another computer, as `ssh` takes it.
    pub on: Option<String>,
    /// Variables of the env file that the command gets; never shown.
    #[serde(default)]
    pub secret_env: Vec<String>,
    /// How many lines of the file are read, from its end; 2000 when left out.
    pub last_lines: Option<u32>,
    /// Only lines of the last minutes count. They begin with their time.
    pub since_minutes: Option<u32>,
    /// Texts of which each must stand in a line.
    #[serde(default)]
    pub require: Texts,
    /// Texts that may stand in no line.
    #[serde(default)]
    pub forbid: Texts,
    /// A regular expression that must match a line.
    pub require_pattern: Option<String>,
    /// A regular expression that may match no line.
    pub forbid_pattern: Option<String>,
    /// A regular expression that may match so many lines at most.
    pub count: Option<Count>,
}

/// How often something may be in a log.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// A regular expression.
    pub pattern: String,
    /// In how many lines it may be.
    pub most: u64,
}

/// What is wanted of one search.
#[derive(Clone, Copy)]
enum Wanted {
    Some,
    AtMost(u64),
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if facts.mode == Mode::Rehearse {
            return Step::Done(Verdict::pass(format!("would read {}", self.source())));
        }
        match (&self.run, &self.file, remote::place(self.on.as_deref())) {
            (Some(run), _, on) => self.by_command(run.clone(), on, facts),
            (None, Some(file), Some(on)) => {
                let lines = self.last_lines.unwrap_or(LINES);
                self.by_command(format!("tail -n {lines} -- {}", quoted(file)), Some(on), facts)
            }
            (None, Some(file), None) => self.by_file(file, facts),
            (None, None, _) => Step::Done(Verdict::Unknown { problem: Problem::new(Code::MissingField, "no log is named") }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn commands(&self) -> Vec<String> {
        let on = remote::place(self.on.as_deref());
        let run = match (&self.run, &self.file, &on) {
            (Some(run), ..) => run.clone(),
            (None, Some(file), Some(_)) => {
                format!("tail -n {} -- {}", self.last_lines.unwrap_or(LINES), quoted(file))
            }
            _ => return Vec::new(),
        };
        vec![CommandSpec { run, on, secret_env: self.secret_env.clone(), ..CommandSpec::default() }.listed()]
    }

    fn read_only(&self) -> bool {
        true
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = self.place_complaints();
        let mut bad = |path: &str, message: &str, help: &str| {
            complaints.push(complaint(path, Code::BadValue, message, help));
        };
        if self.last_lines == Some(0) {
            bad("last_lines", "no line would be read", "write how many to read: last_lines = 2000");
        }
        if self.since_minutes == Some(0) {
            bad("since_minutes", "no minute would count", "write how far back: since_minutes = 60");
        }
        for (path, texts) in [("require", &self.require), ("forbid", &self.forbid)] {
            if texts.iter().any(str::is_empty) {
                bad(path, "an empty text is in every line", "write the text that matters");
            }
        }
        if self.searches().is_empty() {
            let message = "nothing is looked for in the log";
            complaints.push(complaint("require", Code::MissingField, message, "say what must or must not be in it: forbid = \"ERROR\""));
        }
        let count = self.count.as_ref().map(|count| &count.pattern);
        let patterns = [
            ("require_pattern", self.require_pattern.as_ref()),
            ("forbid_pattern", self.forbid_pattern.as_ref()),
            ("count.pattern", count),
        ];
        let patterns = patterns.into_iter().filter_map(|(path, text)| pattern_complaint(path, text?));
        complaints.extend(patterns);
        complaints
    }
}

impl Spec {
    fn place_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if self.file.is_some() == self.run.is_some() {
            let code = if self.file.is_some() { Code::BadValue } else { Code::MissingField };
            complaints.push(complaint("file", code, "a log is a file or a command's output", "write file = \"…\", or run = \"…\""));
        }
        if self.file.as_deref().is_some_and(|file| file.is_empty() || file.contains('\0')) {
            complaints.push(complaint("file", Code::BadValue, "this is no path", "write where the log is: file = \"app.log\""));
        }
        complaints.extend(self.run.iter().filter_map(|run| run_complaint("run", run)));
        complaints.extend(remote::on_complaint(self.on.as_deref()));
        let elsewhere = remote::place(self.on.as_deref()).is_some();
        if self.since_minutes.is_some() && (self.run.is_some() || elsewhere) {
            let help = "let the command say it: run = \"journalctl -u app --since '-60 min'\"";
            complaints.push(complaint("since_minutes", Code::BadValue, "this is for a file of this computer", help));
        }
        if self.last_lines.is_some() && self.run.is_some() {
            let help = "let the command say it: run = \"journalctl -u app -n 2000\"";
            complaints.push(complaint("last_lines", Code::BadValue, "this is for a file", help));
        }
        if !self.secret_env.is_empty() && self.run.is_none() {
            complaints.push(complaint("secret_env", Code::BadValue, "only a command takes variables", "write run = \"…\", or leave it out"));
        }
        complaints
    }

    fn source(&self) -> String {
        let place = remote::place(self.on.as_deref()).map(|on| format!(" on {on}")).unwrap_or_default();
        let what = self.run.as_deref().or(self.file.as_deref()).unwrap_or_default();
        format!("{}{place}", excerpt(what, 80))
    }

    /// What is looked for, with what is wanted of it.
    fn searches(&self) -> Vec<(Search, Wanted)> {
        let text = |what: &str| Search { what: what.to_owned(), regex: false };
        let pattern = |what: &String| Search { what: what.clone(), regex: true };
        let mut searches: Vec<_> = self.require.iter().map(|what| (text(what), Wanted::Some)).collect();
        searches.extend(self.require_pattern.iter().map(|what| (pattern(what), Wanted::Some)));
        searches.extend(self.forbid.iter().map(|what| (text(what), Wanted::AtMost(0))));
        searches.extend(self.forbid_pattern.iter().map(|what| (pattern(what), Wanted::AtMost(0))));
        searches.extend(self.count.iter().map(|count| (pattern(&count.pattern), Wanted::AtMost(count.most))));
        searches
    }

    fn by_file(&self, file: &str, facts: &Facts<'_>) -> Step {
        let last_lines = match (self.last_lines, self.since_minutes) {
            (None, None) => Some(LINES),
            (lines, _) => lines,
        };
        let look = Look::Log(LogAsk {
            file: file.to_owned(),
            last_lines,
            since_minutes: self.since_minutes,
            searches: self.searches().into_iter().map(|(search, _)| search).collect(),
        });
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Log(seen)) => Step::Done(self.judge_file(seen)),
            // A log that is not there, or is no text, proves nothing good: the application writes elsewhere.
            Some(Sight::Unseen(problem)) if problem.code == Code::LogUnreadable => Step::Done(Verdict::fail(problem.clone())),
            Some(Sight::Unseen(problem)) => Step::Done(Verdict::Unknown { problem: problem.clone() }),
            Some(other) => Step::Done(Verdict::Unknown { problem: misunderstood(other) }),
        }
    }

    fn by_command(&self, run: String, on: Option<String>, facts: &Facts<'_>) -> Step {
        let spec = CommandSpec {
            run,
            on,
            timeout: SECONDS,
            secret_env: self.secret_env.clone(),
            search: self.searches().into_iter().map(|(search, _)| search).collect(),
            ..CommandSpec::default()
        };
        let shown = spec.shown().into_owned();
        let last = facts.applied.last().filter(|last| last.run.as_deref() == Some(&shown));
        if let Some(ran) = last.and_then(|last| last.ran.as_ref()) {
            return Step::Done(self.judge_command(ran, &shown));
        }
        match secrets_missing(&self.secret_env, facts) {
            Some(step) => step,
            None => Step::Change(command::change(spec, true, facts)),
        }
    }

    fn judge_command(&self, ran: &Ran, shown: &str) -> Verdict {
        if ran.broken == Some(Broken::EndNotSeen) {
            let problem = Problem::new(Code::CommandUnknown, "the log was not read to its end")
                .why(format!("the connection was lost, or its time was up: {}", excerpt(shown, 80)))
                .fix("look again: golive check");
            return Verdict::Unknown { problem };
        }
        if let Some(problem) = command::Expect::default().complain(ran, shown, SECONDS) {
            return Verdict::fail(problem);
        }
        self.judge(&ran.hits, "the log", ran.output.trim().is_empty(), "what it printed")
    }

    fn judge_file(&self, seen: &LogSight) -> Verdict {
        let file = self.file.as_deref().unwrap_or_default();
        let lines = if seen.lines == 1 { "1 line".to_owned() } else { format!("{} lines", seen.lines) };
        let mut read = lines;
        if let Some(minutes) = self.since_minutes {
            read = if seen.untimed { format!("{read}, without times") } else { format!("{read} of {minutes} minutes") };
        }
        if seen.cut {
            read.push_str(", the beginning left out");
        }
        if seen.rotated {
            read.push_str(", with the file before it");
        }
        self.judge(&seen.hits, &format!("`{file}`"), seen.lines == 0, &read)
    }

    fn judge(&self, hits: &[Hits], log: &str, empty: bool, read: &str) -> Verdict {
        let mut problem: Option<Problem> = None;
        let mut good = Vec::new();
        for ((search, wanted), hits) in self.searches().iter().zip(hits) {
            let what = if search.regex { format!("`{}`", search.what) } else { format!("\"{}\"", search.what) };
            let times = if hits.count == 1 { "1 line".to_owned() } else { format!("{} lines", hits.count) };
            let (message, wanted) = match wanted {
                Wanted::Some if hits.count > 0 => {
                    good.push(format!("{what} in {times}"));
                    continue;
                }
                Wanted::AtMost(most) if hits.count <= *most => {
                    good.push(if hits.count == 0 { format!("no {what}") } else { format!("{what} in {times}") });
                    continue;
                }
                Wanted::Some => (format!("{log} lacks {what}"), "one line or more".to_owned()),
                Wanted::AtMost(0) => (format!("{log} holds {what}"), "none".to_owned()),
                Wanted::AtMost(most) => (format!("{log} holds {what} too often"), format!("{most} lines at most")),
            };
            let line = hits.last.iter().map(|line| format!("the last one: {}", excerpt(line, 120)));
            problem = Some(match problem {
                None => line.fold(
                    Problem::new(Code::LogPattern, message).found_wanted(if empty { "the log is empty".into() } else { times }, wanted),
                    Problem::why,
                ),
                Some(first) => line.fold(first.why(format!("also: {message}; found {times}")), Problem::why),
            });
        }
        match problem {
            None => Verdict::pass(format!("{read}: {}", good.join(", "))),
            Some(problem) => Verdict::fail(problem.why(format!("read: {read}")).fix(self.fix())),
        }
    }

    fn fix(&self) -> String {
        let place = remote::place(self.on.as_deref()).map(|on| format!("ssh {on} ")).unwrap_or_default();
        match (&self.run, &self.file) {
            (Some(run), _) => format!("read it yourself: {place}{}", excerpt(run, 100)),
            (None, file) => format!("read it yourself: {place}tail -n 100 {}", file.as_deref().unwrap_or_default()),
        }
    }
}

/// A path for the shell.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
