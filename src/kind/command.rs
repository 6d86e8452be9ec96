//! `command`: runs what the checklist says and compares its end with what is expected. Invariant: a
//! command that may change something is never started a second time without the operator's word.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{Texts, complaint, excerpt, pattern, pattern_complaint};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{
    Action, Change, Choice, CommandSpec, Effect, Facts, Field, Form, Question, Ran, Step, Verb, Verdict,
};

/// A day: longer than any command of a launch should take.
const LONGEST: u64 = 24 * 60 * 60;

/// The fields of a `command` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Text for `sh -c`. Values reach it as variables, by `env`.
    pub run: String,
    /// The folder it starts in, relative to the checklist's.
    pub dir: Option<String>,
    /// Variables for it.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Seconds until it is stopped.
    #[serde(default = "a_minute")]
    pub timeout: u64,
    /// It changes nothing, so that it may run again at any time.
    #[serde(default)]
    pub read_only: bool,
    /// How it must end.
    #[serde(default)]
    pub expect: Expect,
}

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
}

const fn a_minute() -> u64 {
    60
}

/// How a run of the command stands.
enum Standing<'a> {
    NeverRun,
    EndNotSeen,
    Passed(&'a Ran),
    Failed(Problem),
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if facts.mode == Mode::Rehearse {
            return Step::Done(Verdict::pass(format!("would run: {}", excerpt(&self.run, 100))));
        }
        if let Some(attested) = facts.attested {
            let note = attested.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            return Step::Done(Verdict::pass(format!("{}{note}", attested.by)));
        }
        let outcome = facts.answers.get(&numbered("outcome", facts)).map(String::as_str);
        let again = facts.answers.get(&numbered("again", facts)).map(String::as_str);
        match (self.stand(facts), outcome, again) {
            (Standing::NeverRun, ..) | (Standing::EndNotSeen, Some("again"), _) | (Standing::Failed(_), _, Some("again")) => {
                Step::Change(self.change(facts))
            }
            (Standing::EndNotSeen, ..) if self.read_only => Step::Change(self.change(facts)),
            (Standing::EndNotSeen, Some("finished"), _) => {
                Step::Done(Verdict::pass("its end was not seen; the operator found it finished"))
            }
            (Standing::EndNotSeen, ..) => Step::Ask(self.outcome_question(facts)),
            (Standing::Passed(ran), ..) => Step::Done(Verdict::pass(Self::evidence(ran))),
            (Standing::Failed(problem), ..) if self.read_only => Step::Done(Verdict::fail(problem)),
            (Standing::Failed(problem), ..) => Step::Ask(Self::again_question(facts, &problem)),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn command(&self) -> Option<&str> {
        Some(&self.run)
    }

    fn read_only(&self) -> bool {
        self.read_only
    }

    fn standing(&self, facts: &Facts<'_>) -> Option<Verdict> {
        match self.stand(facts) {
            Standing::EndNotSeen => Some(Verdict::Unknown { problem: self.end_not_seen() }),
            Standing::Failed(problem) => Some(Verdict::fail(problem)),
            Standing::NeverRun | Standing::Passed(_) => None,
        }
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut bad = |path: &str, code: Code, message: String, help: &str| {
            complaints.push(complaint(path, code, message, help));
        };
        if self.run.trim().is_empty() {
            bad("run", Code::BadValue, "there is no command".into(), "write what `sh -c` shall run");
        }
        if let Some(reference) = reference_in(&self.run) {
            let message = format!("`{reference}` would be spliced into a command");
            bad("run", Code::BadReference, message.clone(), "pass it as a variable: env = { VALUE = \"…\" }, and run = \"… \\\"$VALUE\\\"\"");
        }
        if self.timeout == 0 || self.timeout > LONGEST {
            let message = format!("{} seconds is no time limit", self.timeout);
            bad("timeout", Code::BadValue, message, "write 1 to 86400 seconds: timeout = 60");
        }
        if self.dir.as_deref().is_some_and(str::is_empty) {
            bad("dir", Code::BadValue, "an empty text is no folder".into(), "leave it out for the checklist's folder");
        }
        for name in self.env.keys().filter(|name| !is_variable(name)) {
            let message = format!("`{name}` is not the name of a variable");
            bad("env", Code::BadValue, message, "write letters, digits and underscores: PRICE_ID");
        }
        let texts = [("expect.contains", &self.expect.contains), ("expect.not_contains", &self.expect.not_contains)];
        for (path, _) in texts.iter().filter(|(_, texts)| texts.iter().any(str::is_empty)) {
            bad(path, Code::BadValue, "an empty text is in every output".into(), "write the text that matters");
        }
        if !(0..=255).contains(&self.expect.exit) {
            let message = format!("{} is not an exit code", self.expect.exit);
            bad("expect.exit", Code::BadValue, message, "write 0 to 255");
        }
        complaints.extend(self.expect.pattern.iter().filter_map(|text| pattern_complaint("expect.pattern", text)));
        complaints
    }
}

/// An answer holds for one run of the command only, so each run has a question of its own.
fn numbered(question: &str, facts: &Facts<'_>) -> String {
    match facts.applied.len() {
        0 | 1 => question.to_owned(),
        run => format!("{question}_{run}"),
    }
}

fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A reference of the checklist's, which no shell variable can look like: it has a point inside.
pub(super) fn reference_in(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(begin) = rest.find("${") {
        let end = begin + rest[begin..].find('}')? + 1;
        let inside = &rest[begin + 2..end - 1];
        let path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if inside.contains('.') && inside.starts_with(|c: char| c.is_ascii_alphabetic()) && inside.chars().all(path) {
            return Some(&rest[begin..end]);
        }
        rest = &rest[end..];
    }
    None
}

impl Spec {
    fn stand<'a>(&self, facts: &Facts<'a>) -> Standing<'a> {
        let Some(last) = facts.applied.last() else { return Standing::NeverRun };
        match &last.ran {
            None => Standing::EndNotSeen,
            // How another command ended says nothing of this one.
            Some(_) if last.run.as_ref().is_some_and(|run| *run != self.run) => Standing::NeverRun,
            Some(ran) => self.complain(ran).map_or(Standing::Passed(ran), Standing::Failed),
        }
    }

    fn change(&self, facts: &Facts<'_>) -> Change {
        let mut fields = Vec::new();
        fields.extend(self.dir.iter().map(|dir| Field::new("dir", dir)));
        fields.extend(self.env.iter().map(|(name, value)| Field::new(format!("env {name}"), value)));
        fields.push(Field::new("timeout", format!("{} s", self.timeout)));
        let spec = CommandSpec {
            run: self.run.clone(),
            env: self.env.clone(),
            dir: self.dir.clone(),
            timeout: self.timeout,
            private: BTreeMap::new(),
        };
        Change::of(vec![Action {
                noun: "command".into(),
                name: facts.address.item.clone(),
                verb: Verb::Run,
                summary: String::new(),
                fields,
                notes: if self.read_only { vec!["changes nothing".into()] } else { Vec::new() },
                effect: Effect::Run(spec),
                stage: 0,
                undo: None,
        }])
    }

    fn evidence(ran: &Ran) -> String {
        let exit = ran.exit.unwrap_or_default();
        match ran.output.lines().rev().map(|line| excerpt(line, 60)).find(|line| !line.is_empty()) {
            Some(last) => format!("exit {exit} in {}: {last}", seconds(ran.millis)),
            None => format!("exit {exit} in {}", seconds(ran.millis)),
        }
    }

    /// Everything that is not as expected, the first in the message, the others below it.
    fn complain(&self, ran: &Ran) -> Option<Problem> {
        let mut misses = Vec::new();
        let wanted_exit = format!("exit {}", self.expect.exit);
        match ran.exit {
            _ if ran.timed_out => {
                let limit = format!("an end within {} s", self.timeout);
                misses.push(("did not end in time and was stopped", format!("{} passed", seconds(ran.millis)), limit));
            }
            None => misses.push(("was stopped by a signal", "no exit code".into(), wanted_exit)),
            Some(exit) if exit != self.expect.exit => misses.push(("ended badly", format!("exit {exit}"), wanted_exit)),
            Some(_) => {}
        }
        let output = &ran.output;
        for text in self.expect.contains.iter().filter(|text| !output.contains(*text)) {
            misses.push(("lacks a text in its output", "no such text".into(), format!("\"{text}\"")));
        }
        for text in self.expect.not_contains.iter().filter(|text| output.contains(*text)) {
            misses.push(("says what it must not", format!("\"{text}\""), "none of it".into()));
        }
        if let Some(text) = &self.expect.pattern
            && !pattern(text).is_some_and(|pattern| pattern.is_match(output))
        {
            misses.push(("does not match the pattern", "no match".into(), format!("`{text}`")));
        }
        let mut misses = misses.into_iter();
        let (message, found, wanted) = misses.next()?;
        let mut problem =
            Problem::new(Code::CommandFailed, format!("the command {message}")).found_wanted(found, wanted);
        for (message, found, wanted) in misses {
            problem = problem.why(format!("also {message}: found {found}, wanted {wanted}"));
        }
        let lines: Vec<_> = output.lines().map(|line| excerpt(line, 100)).filter(|line| !line.is_empty()).collect();
        for line in &lines[lines.len().saturating_sub(5)..] {
            problem = problem.why(line.clone());
        }
        Some(problem.fix(format!("see to it, then run it again with golive wizard: {}", excerpt(&self.run, 100))))
    }

    fn end_not_seen(&self) -> Problem {
        Problem::new(Code::CommandUnknown, "the command was started and its end was not seen")
            .why(format!("it was: {}", excerpt(&self.run, 100)))
            .fix("see whether it did its work, then: golive wizard")
    }

    fn outcome_question(&self, facts: &Facts<'_>) -> Question {
        let mut help = vec![format!("It was: {}", excerpt(&self.run, 100))];
        if let Some(last) = facts.applied.last() {
            help.push(format!("Started {}; its end was not seen, and it is not run again by itself.", last.at));
        }
        Question {
            name: numbered("outcome", facts),
            prompt: "Did it finish?".into(),
            help,
            link: None,
            because: None,
            form: Form::Choice(vec![
                choice("finished", "It finished", "I have seen its work"),
                choice("again", "Run it again", "running it twice does no harm"),
                choice("later", "Later", "stays open in golive status"),
            ]),
            rehearse: None,
        }
    }

    fn again_question(facts: &Facts<'_>, problem: &Problem) -> Question {
        let mut help = vec![format!("[{}] {}", problem.code, problem.message)];
        if let (Some(found), Some(wanted)) = (&problem.found, &problem.wanted) {
            help.push(format!("found {found}, wanted {wanted}"));
        }
        help.extend(problem.why.iter().cloned());
        Question {
            name: numbered("again", facts),
            prompt: "Run the command again?".into(),
            help,
            link: None,
            because: None,
            form: Form::Choice(vec![
                choice("later", "Later", "it stays failed in golive status"),
                choice("again", "Run it again", "the cause is gone, and running it twice does no harm"),
            ]),
            rehearse: None,
        }
    }
}

fn choice(value: &str, label: &str, hint: &str) -> Choice {
    Choice { value: value.into(), label: label.into(), hint: hint.into() }
}

fn seconds(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        _ => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
