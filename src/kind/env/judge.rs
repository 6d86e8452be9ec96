//! The verdict on a written env file: every broken rule at once, by variable and line, never with
//! a value. Asked by `Spec::next` when nothing is left to write.

use std::collections::BTreeSet;

use super::{Spec, is_placeholder, rules};
use crate::error::{Code, Problem};
use crate::step::{EnvSight, Facts, Verdict};

/// One broken rule.
struct Broken {
    variable: String,
    line: Option<usize>,
    rule: String,
    missing: bool,
}

/// Judges the file as it stands.
pub(super) fn judge(spec: &Spec, sight: &EnvSight, facts: &Facts<'_>) -> Verdict {
    let mut broken = Vec::new();
    let mut add = |variable: &str, rule: String, missing: bool| {
        let line = sight.get(variable).map(|found| found.line);
        broken.push(Broken { variable: variable.to_owned(), line, rule, missing });
    };
    for binding in facts.bindings.iter().filter(|binding| binding.secret) {
        match sight.get(&binding.variable).filter(|found| !found.is_empty()) {
            None => add(&binding.variable, format!("is missing; {} writes it", binding.owner), true),
            Some(found) => rules::wrong_shape(found, facts.mode).into_iter().for_each(|rule| add(&found.name, rule, false)),
        }
    }
    for assert in &spec.asserts {
        let missing = sight.get(&assert.name).is_none_or(crate::step::EnvVar::is_empty);
        for rule in assert.broken(sight, facts.mode) {
            add(&assert.name, rule, missing);
        }
    }
    for found in &sight.variables {
        if is_placeholder(found) {
            add(&found.name, "still holds a placeholder".into(), false);
        } else if let Some(rule) = rules::wrong_mode(found, facts.mode) {
            add(&found.name, rule.into(), false);
        }
    }
    if broken.is_empty() { Verdict::pass(evidence(spec, sight, facts)) } else { Verdict::fail(problem(&broken, sight, facts)) }
}

fn evidence(spec: &Spec, sight: &EnvSight, facts: &Facts<'_>) -> String {
    let values = spec.values.keys().map(String::as_str);
    let composed = spec.json.iter().map(|json| json.name.as_str());
    let asked = spec.ask.iter().map(|ask| ask.name.as_str());
    let bound = facts.bindings.iter().map(|binding| binding.variable.as_str());
    let asserted = spec.asserts.iter().map(|assert| assert.name.as_str());
    let count = values.chain(composed).chain(asked).chain(bound).chain(asserted).collect::<BTreeSet<_>>().len();
    let mode = sight.mode.map(|mode| format!(", mode {mode:03o}")).unwrap_or_default();
    let noun = if count == 1 { "variable" } else { "variables" };
    format!("{count} of {count} {noun} as intended{mode}")
}

fn problem(broken: &[Broken], sight: &EnvSight, facts: &Facts<'_>) -> Problem {
    let path = &sight.path;
    let code = if broken.iter().all(|broken| broken.missing) { Code::EnvMissing } else { Code::EnvValue };
    let names: BTreeSet<_> = broken.iter().map(|broken| &broken.variable).collect();
    let message = match broken {
        [one] => format!("`{}` in `{path}` {}", one.variable, one.rule),
        _ if names.len() == 1 => format!("`{}` in `{path}` breaks {} rules", broken[0].variable, broken.len()),
        _ => format!("{} variables of `{path}` are not as they should be", names.len()),
    };
    let mut problem = Problem::new(code, message);
    for Broken { variable, line, rule, .. } in broken {
        let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
        problem = problem.why(format!("{variable}{place}: {rule}"));
    }
    let at = broken.iter().find_map(|broken| broken.line).map(|line| format!(" +{line}")).unwrap_or_default();
    problem.fix(format!("put it right: $EDITOR {path}{at}")).fix(format!("then look again: golive check {}", facts.address))
}
