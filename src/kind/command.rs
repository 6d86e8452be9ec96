//! `command`: runs what the checklist says, here or elsewhere, and compares its end with what is
//! expected. Invariant: a command that may change something is never started a second time without
//! the operator's word.

mod expect;
mod questions;
pub(super) mod remote;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use self::expect::seconds;
use super::env::{env_name_complaint, env_sight};
use super::text::{complaint, excerpt};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{
    Action, Broken, Change, CommandSpec, Effect, EnvSight, Facts, Field, Look, Ran, Sight, Step, Verb, Verdict,
};

pub use expect::Expect;

/// A day: longer than any command of a launch should take.
const LONGEST: u64 = 24 * 60 * 60;
/// The question which of the alternatives fits.
const WAY: &str = "way";

/// The fields of a `command` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Text for `sh -c`. Values reach it as variables, by `env`.
    pub run: Option<String>,
    /// Alternatives, in place of `run`: golive asks once which one fits.
    #[serde(default)]
    pub choose: Vec<Way>,
    /// Another computer it runs on, as `ssh` takes it: `deploy@shop.example`.
    pub on: Option<String>,
    /// The folder it starts in, relative to the checklist's; with `on`, to the home over there.
    pub dir: Option<String>,
    /// Variables for it.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Variables of the env file that it gets as well; never shown.
    #[serde(default)]
    pub secret_env: Vec<String>,
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

/// One of several ways to do the same.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Its name in `--answer`.
    pub name: String,
    /// What it is called in the question.
    pub title: String,
    /// Text for `sh -c`.
    pub run: String,
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
            return Step::Done(Verdict::pass(self.would()));
        }
        if let Some(attested) = facts.attested {
            let note = attested.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            return Step::Done(Verdict::pass(format!("{}{note}", attested.by)));
        }
        let Some(run) = self.chosen(facts) else { return Step::Ask(questions::way(&self.choose)) };
        let outcome = facts.answers.get(&questions::numbered("outcome", facts)).map(String::as_str);
        let again = facts.answers.get(&questions::numbered("again", facts)).map(String::as_str);
        let spec = self.command_spec(run);
        let shown = spec.shown().into_owned();
        match (self.stand(&shown, facts), outcome, again) {
            (Standing::NeverRun, ..) | (Standing::EndNotSeen, Some("again"), _) | (Standing::Failed(_), _, Some("again")) => {
                self.begin(spec, facts)
            }
            (Standing::EndNotSeen, ..) if self.read_only && lost(facts) => {
                Step::Done(Verdict::Unknown { problem: questions::end_not_seen(&shown) })
            }
            (Standing::EndNotSeen, ..) if self.read_only => self.begin(spec, facts),
            (Standing::EndNotSeen, Some("finished"), _) => {
                Step::Done(Verdict::pass("its end was not seen; the operator found it finished"))
            }
            (Standing::EndNotSeen, ..) => Step::Ask(questions::outcome(&shown, facts)),
            (Standing::Passed(ran), ..) => Step::Done(Verdict::pass(Self::evidence(ran))),
            // What never began may simply be begun again, by the next run.
            (Standing::Failed(problem), ..) if self.read_only || problem.code == Code::RemoteUnreachable => {
                Step::Done(Verdict::fail(problem))
            }
            (Standing::Failed(problem), ..) => Step::Ask(questions::again(facts, &problem)),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn commands(&self) -> Vec<String> {
        self.texts().map(|run| self.command_spec(run).listed()).collect()
    }

    fn read_only(&self) -> bool {
        self.read_only
    }

    fn standing(&self, facts: &Facts<'_>) -> Option<Verdict> {
        let spec = self.command_spec(self.chosen(facts)?);
        let shown = spec.shown();
        match self.stand(&shown, facts) {
            Standing::EndNotSeen => Some(Verdict::Unknown { problem: questions::end_not_seen(&shown) }),
            Standing::Failed(problem) => Some(Verdict::fail(problem)),
            Standing::NeverRun | Standing::Passed(_) => None,
        }
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = self.text_complaints();
        let mut bad = |path: &str, message: String, help: &str| {
            complaints.push(complaint(path, Code::BadValue, message, help));
        };
        if self.timeout == 0 || self.timeout > LONGEST {
            let message = format!("{} seconds is no time limit", self.timeout);
            bad("timeout", message, "write 1 to 86400 seconds: timeout = 60");
        }
        if self.dir.as_deref().is_some_and(str::is_empty) {
            bad("dir", "an empty text is no folder".into(), "leave it out for the checklist's folder");
        }
        for name in self.env.keys().filter(|name| !is_variable(name)) {
            let message = format!("`{name}` is not the name of a variable");
            bad("env", message, "write letters, digits and underscores: PRICE_ID");
        }
        for name in self.secret_env.iter().filter(|name| self.env.contains_key(*name)) {
            bad("secret_env", format!("`{name}` stands in `env` as well"), "leave one of the two");
        }
        complaints.extend(self.secret_env.iter().filter_map(|name| env_name_complaint("secret_env", name)));
        complaints.extend(remote::on_complaint(self.on.as_deref()));
        complaints.extend(self.expect.complaints());
        complaints
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

/// What is wrong with a text for the shell.
pub(super) fn run_complaint(path: &str, run: &str) -> Option<Complaint> {
    if run.trim().is_empty() {
        return Some(complaint(path, Code::BadValue, "there is no command", "write what `sh -c` shall run"));
    }
    let reference = reference_in(run)?;
    let message = format!("`{reference}` would be spliced into a command");
    let help = "pass it as a variable: env = { VALUE = \"…\" }, and run = \"… \\\"$VALUE\\\"\"";
    Some(complaint(path, Code::BadReference, message, help))
}

/// Whether the connection was lost in this very run: then it is not tried again by itself.
fn lost(facts: &Facts<'_>) -> bool {
    facts.applied.last().and_then(|last| last.ran.as_ref()).is_some_and(|ran| ran.broken == Some(Broken::EndNotSeen))
}

impl Spec {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.run.as_deref().into_iter().chain(self.choose.iter().map(|way| way.run.as_str()))
    }

    /// The text to run, once it is known which.
    fn chosen(&self, facts: &Facts<'_>) -> Option<&str> {
        if self.choose.is_empty() {
            return self.run.as_deref();
        }
        let name = facts.answers.get(WAY)?;
        self.choose.iter().find(|way| way.name == *name).map(|way| way.run.as_str())
    }

    fn text_complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if self.run.is_some() != self.choose.is_empty() {
            let (code, message) = match self.run {
                Some(_) => (Code::BadValue, "there is a command and a choice of commands"),
                None => (Code::MissingField, "there is no command"),
            };
            complaints.push(complaint("run", code, message, "write run = \"…\", or choose = [{ name, title, run }, …]"));
        }
        complaints.extend(self.run.iter().filter_map(|run| run_complaint("run", run)));
        for (index, way) in self.choose.iter().enumerate() {
            complaints.extend(run_complaint(&format!("choose[{index}].run"), &way.run));
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let known = self.choose[..index].iter().any(|other| other.name.eq_ignore_ascii_case(&way.name));
            if way.name.is_empty() || !way.name.chars().all(good) || way.name == "later" || known {
                let path = format!("choose[{index}].name");
                let message = format!("`{}` cannot be the name of an alternative", way.name);
                let help = "give each a word of its own, to be typed: name = \"systemd\"";
                complaints.push(complaint(&path, Code::BadValue, message, help));
            }
        }
        complaints
    }

    fn would(&self) -> String {
        let place = remote::place(self.on.as_deref()).map(|on| format!(" on {on}")).unwrap_or_default();
        if let Some(run) = &self.run {
            return format!("would run{place}: {}", excerpt(run, 100));
        }
        let titles: Vec<&str> = self.choose.iter().map(|way| way.title.as_str()).collect();
        format!("would run{place} what fits: {}", titles.join(", "))
    }

    fn stand<'a>(&self, shown: &str, facts: &Facts<'a>) -> Standing<'a> {
        let Some(last) = facts.applied.last() else { return Standing::NeverRun };
        match &last.ran {
            // How another command ended says nothing of this one.
            Some(_) if last.run.as_ref().is_some_and(|run| run != shown) => Standing::NeverRun,
            None => Standing::EndNotSeen,
            Some(ran) if ran.broken == Some(Broken::EndNotSeen) => Standing::EndNotSeen,
            Some(ran) => self.expect.complain(ran, shown, self.timeout).map_or(Standing::Passed(ran), Standing::Failed),
        }
    }

    /// Begins it, when the variables it needs are there.
    fn begin(&self, spec: CommandSpec, facts: &Facts<'_>) -> Step {
        if let Some(step) = secrets_missing(&self.secret_env, facts) {
            return step;
        }
        Step::Change(change(spec, self.read_only, facts))
    }

    fn command_spec(&self, run: &str) -> CommandSpec {
        CommandSpec {
            run: run.to_owned(),
            env: self.env.clone(),
            dir: self.dir.clone(),
            timeout: self.timeout,
            on: remote::place(self.on.as_deref()),
            secret_env: self.secret_env.clone(),
            search: Vec::new(),
            private: BTreeMap::new(),
        }
    }

    fn evidence(ran: &Ran) -> String {
        let exit = ran.exit.unwrap_or_default();
        match ran.output.lines().rev().map(|line| excerpt(line, 60)).find(|line| !line.is_empty()) {
            Some(last) => format!("exit {exit} in {}: {last}", seconds(ran.millis)),
            None => format!("exit {exit} in {}", seconds(ran.millis)),
        }
    }
}

/// A command as a change to be consented to.
pub(super) fn change(spec: CommandSpec, read_only: bool, facts: &Facts<'_>) -> Change {
    let mut fields = Vec::new();
    fields.extend(spec.on.iter().map(|on| Field::new("on", on)));
    fields.extend(spec.dir.iter().map(|dir| Field::new("dir", dir)));
    fields.extend(spec.env.iter().map(|(name, value)| Field::new(format!("env {name}"), value)));
    fields.extend(spec.secret_env.iter().map(|name| Field::new(format!("env {name}"), "from the env file, hidden")));
    fields.push(Field::new("timeout", format!("{} s", spec.timeout)));
    let mut action =
        Action::new("command", facts.address.item.clone(), Verb::Run, Effect::Run(spec)).fields(fields);
    if read_only {
        action = action.note("changes nothing");
    }
    Change::of(vec![action])
}

/// What to do first when a command needs variables of the env file: look for them, or say which is missing.
pub(super) fn secrets_missing(names: &[String], facts: &Facts<'_>) -> Option<Step> {
    if names.is_empty() {
        return None;
    }
    let Some(sight) = facts.see(&Look::EnvFile) else { return Some(Step::Look(vec![Look::EnvFile])) };
    let Sight::EnvFile(sight) = sight else { return env_sight(facts).err() };
    let name = names.iter().find(|name| sight.get(name).is_none_or(crate::step::EnvVar::is_empty))?;
    Some(Step::Done(Verdict::fail(variable_missing(name, sight))))
}

/// A variable that something of the operator's world needs, and the env file lacks.
pub(super) fn variable_missing(name: &str, sight: &EnvSight) -> Problem {
    Problem::new(Code::EnvMissing, format!("`{}` lacks {name}", sight.path))
        .found_wanted("no value", "a value")
        .fix(format!("write it into {} yourself, as {name}=…", sight.path))
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
