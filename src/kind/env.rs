//! `env`: the env file as a whole: what the checklist wants in it, what other items provide, and
//! what must never be in a live one. Asks for what is missing, writes all of it at once, judges.

mod json;
mod judge;
mod rules;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Complaint, Kind, Realm, Variable};
use crate::error::{Code, Problem};
use crate::secret::Slot;
use crate::step::{
    Action, Change, Check, Effect, EnvSet, EnvSight, EnvSource, Facts, Field, Form, Look, Origin, Question, Sight, Step, Verb,
    Verdict, env_fields,
};
pub(super) use rules::{env_name_complaint, is_placeholder};
pub use json::Json;
pub use rules::{Assert, KeyRole};

/// What stands for a value that only the operator knows, in a rehearsal that nobody watches.
pub(super) const MADE_UP: &str = "rehearsal-value";

/// The fields of an `env` item.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Variables with their values. Never secrets: the checklist is in git.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// Variables whose value is composed as JSON, for applications that read a mapping.
    #[serde(default)]
    json: Vec<Json>,
    /// Variables that only the operator knows; asked for when they are missing.
    #[serde(default)]
    ask: Vec<Ask>,
    /// Rules that the finished file must meet.
    #[serde(default, rename = "assert")]
    asserts: Vec<Assert>,
}

/// A variable that only the operator knows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The variable.
    name: String,
    /// The question; the variable's name when there is none.
    prompt: Option<String>,
    /// Whether it is read without echo and never recorded.
    #[serde(default)]
    secret: bool,
    /// What Enter takes. Not for secrets.
    default: Option<String>,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let sight = match env_sight(facts) {
            Ok(sight) => sight,
            Err(step) => return step,
        };
        if let Some(ask) = self.ask.iter().find(|ask| !ask.is_answered(sight, facts)) {
            return Step::Ask(ask.question(&self.asserts, facts));
        }
        if let Some(problem) = not_known_yet(facts) {
            return Step::Done(Verdict::Unknown { problem });
        }
        let sets = self.differences(sight, facts);
        let open_to = sight.mode.filter(|mode| mode & 0o077 != 0);
        if sets.is_empty() && open_to.is_none() {
            return Step::Done(judge::judge(self, sight, facts));
        }
        Step::Change(change(sight, sets, open_to, facts))
    }

    fn realm(&self) -> Realm {
        Realm::Local
    }

    fn variables(&self) -> Vec<Variable> {
        let secrets = self.ask.iter().filter(|ask| ask.secret);
        secrets.map(|ask| Variable { name: ask.name.clone(), output: None }).collect()
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for (name, value) in &self.values {
            complaints.extend(rules::value_complaints(name, value));
        }
        let mut taken: BTreeSet<&str> = self.values.keys().map(String::as_str).collect();
        for (index, json) in self.json.iter().enumerate() {
            complaints.extend(json.complaints(&format!("json[{index}]")));
            complaints.extend((!taken.insert(&json.name)).then(|| twice(&format!("json[{index}].name"), &json.name)));
        }
        for (index, ask) in self.ask.iter().enumerate() {
            complaints.extend(env_name_complaint(&format!("ask[{index}].name"), &ask.name));
            complaints.extend((!taken.insert(&ask.name)).then(|| twice(&format!("ask[{index}].name"), &ask.name)));
            if ask.secret && ask.default.is_some() {
                complaints.push(Complaint {
                    path: format!("ask[{index}].default"),
                    code: Code::BadValue,
                    message: "a secret cannot have a default: the checklist is in git".into(),
                    help: Some("leave `default` out".into()),
                });
            }
        }
        for (index, assert) in self.asserts.iter().enumerate() {
            complaints.extend(assert.complaints(&format!("assert[{index}]"), &taken));
        }
        complaints
    }
}

/// Complains about a variable that gets its value twice.
fn twice(path: &str, name: &str) -> Complaint {
    Complaint {
        path: path.to_owned(),
        code: Code::DuplicateId,
        message: format!("`{name}` already gets its value in this item"),
        help: Some("keep it once, in `values`, `json` or `ask`".into()),
    }
}

impl Spec {
    /// Every variable that is missing or has another value than intended.
    fn differences(&self, sight: &EnvSight, facts: &Facts<'_>) -> Vec<EnvSet> {
        let mut wanted: BTreeMap<&str, EnvSource> = BTreeMap::new();
        let values = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let bound = facts.bindings.iter().filter(|binding| !binding.secret);
        let bound = bound.filter_map(|binding| Some((binding.variable.as_str(), binding.value.as_deref()?)));
        for (name, value) in values.chain(bound) {
            wanted.insert(name, EnvSource::Text(value.to_owned()));
        }
        wanted.retain(|name, source| {
            !matches!(source, EnvSource::Text(text) if sight.get(name).is_some_and(|found| found.is(text)))
        });
        for (json, text) in self.json.iter().filter_map(|json| Some((json, json.missing(sight)?))) {
            wanted.insert(&json.name, EnvSource::Text(text));
        }
        for ask in self.ask.iter().filter(|ask| !ask.is_there(sight, facts)) {
            if ask.secret {
                wanted.insert(&ask.name, EnvSource::Vault(Slot::Env(ask.name.clone())));
            } else if let Some(answer) = facts.answers.get(&ask.name) {
                wanted.insert(&ask.name, EnvSource::Text(answer.clone()));
            }
        }
        wanted.into_iter().map(|(name, value)| EnvSet { variable: name.to_owned(), value }).collect()
    }
}

impl Ask {
    /// Whether the file holds a value worth keeping.
    fn is_there(&self, sight: &EnvSight, facts: &Facts<'_>) -> bool {
        sight.get(&self.name).is_some_and(|found| {
            !found.is_empty() && !is_placeholder(found) && rules::wrong_mode(found, facts.mode).is_none()
        })
    }

    fn is_answered(&self, sight: &EnvSight, facts: &Facts<'_>) -> bool {
        self.is_there(sight, facts)
            || if self.secret {
                // What the file itself holds was found wanting above.
                let known = facts.secrets.get(&Slot::Env(self.name.clone()));
                known.is_some_and(|known| known.origin != Origin::EnvFile)
            } else {
                facts.answers.contains_key(&self.name)
            }
    }

    fn question(&self, asserts: &[Assert], facts: &Facts<'_>) -> Question {
        let form = if self.secret {
            Form::Secret { slot: Slot::Env(self.name.clone()), check: Check::NotEmpty }
        } else {
            Form::Text { default: self.default.clone(), check: Check::NotEmpty }
        };
        let made_up = asserts.iter().find(|assert| assert.name == self.name);
        let made_up = made_up.map_or_else(|| MADE_UP.into(), |assert| assert.made_up(facts.mode));
        // What is made up for a secret is scrubbed from the screen wherever else it stands.
        let made_up = if self.secret { made_up.replace(MADE_UP, "rehearsal-secret") } else { made_up };
        Question {
            because: None,
            name: self.name.clone(),
            prompt: self.prompt.clone().unwrap_or_else(|| self.name.clone()),
            help: Vec::new(),
            link: None,
            form,
            rehearse: Some(self.default.clone().unwrap_or(made_up)),
        }
    }
}

/// The env file, or the step that has to come first. An unfit file fails the item before anything
/// is asked: the answers would have no place to go.
pub(super) fn env_sight<'a>(facts: &'a Facts<'_>) -> Result<&'a EnvSight, Step> {
    match facts.see(&Look::EnvFile) {
        None => Err(Step::Look(vec![Look::EnvFile])),
        Some(Sight::EnvFile(sight)) => match sight.problems.split_first() {
            None => Ok(sight),
            Some((first, others)) => {
                let problem = others.iter().fold(first.clone(), |problem, other| problem.why(other.message.clone()));
                Err(Step::Done(Verdict::fail(problem)))
            }
        },
        Some(Sight::Unseen(problem)) => Err(Step::Done(Verdict::fail(problem.clone()))),
        Some(_) => {
            let problem = Problem::new(Code::Internal, "the env file was looked at and something else came back");
            Err(Step::Done(Verdict::Unknown { problem }))
        }
    }
}

/// Values that other items provide and have not brought yet.
fn not_known_yet(facts: &Facts<'_>) -> Option<Problem> {
    let mut waiting = facts
        .bindings
        .iter()
        .filter(|binding| !binding.secret && binding.value.is_none() && binding.owner != *facts.address)
        .peekable();
    let first = waiting.peek()?.variable.clone();
    let problem = Problem::new(Code::EnvMissing, format!("the value of `{first}` is not known yet"));
    let problem = waiting.fold(problem, |problem, binding| {
        problem.why(format!("{} comes from {}", binding.variable, binding.owner))
    });
    Some(problem.fix("finish that item first: golive wizard"))
}

fn change(sight: &EnvSight, sets: Vec<EnvSet>, open_to: Option<u32>, facts: &Facts<'_>) -> Change {
    let mut fields = env_fields(sight, &sets, facts.secrets);
    fields.extend(open_to.map(|mode| Field::change("mode", format!("{mode:03o}"), "600")));
    let count = match sets.len() {
        0 => "made private".into(),
        1 => "1 variable".into(),
        more => format!("{more} variables"),
    };
    let others = sight.variables.iter().filter(|there| !sets.iter().any(|set| set.variable == there.name)).count();
    let summary = match others {
        0 => count,
        1 => format!("{count}; 1 other stays as it is"),
        more => format!("{count}; {more} others stay as they are"),
    };
    let mut notes = vec!["everything else, comments and order stay exactly as they are".to_owned()];
    if sight.exists {
        notes.push("the former file is kept in .golive/backups".to_owned());
    }
    Change::of(vec![Action {
            noun: "env".into(),
            name: sight.path.clone(),
            verb: Verb::Write,
            summary,
            fields,
            notes,
            effect: Effect::Env(sets),
            stage: 0,
            undo: None,
        }])
}
