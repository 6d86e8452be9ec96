//! `secret`: a random value that golive makes and writes straight into the env file. Nobody sees
//! it, and one that is already there and good is never replaced: what it signed would be lost.

use schemars::JsonSchema;
use serde::Deserialize;

use super::env::{env_name_complaint, env_sight, is_placeholder};
use super::{Complaint, Kind, Realm, Variable};
use crate::error::Code;
use crate::secret::Slot;
use crate::step::{Action, Change, Effect, EnvSet, EnvSource, EnvVar, Facts, Origin, SecretFormat, Step, Verb, Verdict, env_fields};

/// The fewest random bytes worth the name of a secret.
const FEWEST: usize = 16;
/// More than any program reads.
const MOST: usize = 1024;

/// The fields of a `secret` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The variable of the env file that takes it.
    env: String,
    /// How it is written down.
    #[serde(default = "hex")]
    format: SecretFormat,
    /// How many random bytes, or characters for `alphanumeric`.
    #[serde(default = "thirty_two")]
    bytes: usize,
}

const fn hex() -> SecretFormat {
    SecretFormat::Hex
}

const fn thirty_two() -> usize {
    32
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        let sight = match env_sight(facts) {
            Ok(sight) => sight,
            Err(step) => return step,
        };
        let present = sight.get(&self.env).filter(|variable| !variable.is_empty());
        let note = match present {
            Some(variable) if is_placeholder(variable) => Some("the placeholder there is replaced".to_owned()),
            Some(variable) if variable.len() < self.bytes => Some(format!(
                "the value there is too short ({} characters) and is replaced; what was signed with it ends",
                variable.len()
            )),
            Some(variable) => return Step::Done(Verdict::pass(self.evidence(variable))),
            None => None,
        };
        // A launch that was rolled back had one: what was signed with it stays good.
        let slot = Slot::Env(self.env.clone());
        let kept = facts.secrets.get(&slot).is_some_and(|known| known.origin == Origin::Kept);
        let made = EnvSource::Generate { format: self.format, bytes: self.bytes };
        let value = if kept { EnvSource::Vault(slot) } else { made };
        let sets = vec![EnvSet { variable: self.env.clone(), value }];
        Step::Change(Change::of(vec![Action {
                noun: "env".into(),
                name: self.env.clone(),
                verb: Verb::Write,
                summary: sight.path.clone(),
                fields: env_fields(sight, &sets, facts.secrets),
                notes: note.into_iter().collect(),
                effect: Effect::Env(sets),
                stage: 0,
                undo: None,
        }]))
    }

    fn realm(&self) -> Realm {
        Realm::Local
    }

    fn variables(&self) -> Vec<Variable> {
        vec![Variable { name: self.env.clone(), output: None }]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints: Vec<_> = env_name_complaint("env", &self.env).into_iter().collect();
        if !(FEWEST..=MOST).contains(&self.bytes) {
            complaints.push(Complaint {
                path: "bytes".into(),
                code: Code::BadValue,
                message: format!("{} random bytes are not between {FEWEST} and {MOST}", self.bytes),
                help: Some("write `bytes = 32`".into()),
            });
        }
        complaints
    }
}

impl Spec {
    fn evidence(&self, variable: &EnvVar) -> String {
        format!("{}, {} characters", self.env, variable.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;
    use crate::kind::Kind;
    use crate::kind::env::tests::{World, sight};
    use crate::secret::Secret;
    use crate::step::{Effect, EnvSource, EnvVar, Look, SecretFormat, Sight, Step, Verdict};

    fn spec(text: &str) -> Spec {
        toml::from_str(text).unwrap()
    }

    fn secret() -> Spec {
        spec("env = 'SECRET_KEY'\nformat = 'base64'\nbytes = 24")
    }

    fn with(value: Option<&str>) -> World {
        World::seeing(sight(value.map(|value| EnvVar::new("SECRET_KEY", 3, Secret::unlisted(value))).into_iter().collect()))
    }

    #[test]
    fn the_env_file_is_looked_at_first() {
        assert!(matches!(secret().next(&World::default().facts()), Step::Look(looks) if looks == [Look::EnvFile]));
    }

    #[test]
    fn a_missing_value_is_generated() {
        for value in [None, Some(""), Some("changeme"), Some("<GENERATE_NEW_PRODUCTION_SECRET_KEY>"), Some("short")] {
            let Step::Change(change) = secret().next(&with(value).facts()) else { panic!("{value:?}") };
            let Effect::Env(sets) = &change.actions[0].effect else { panic!("not an env write") };
            assert_eq!(sets[0].value, EnvSource::Generate { format: SecretFormat::Base64, bytes: 24 });
            assert_eq!(change.actions[0].notes.is_empty(), value.unwrap_or_default().is_empty());
        }
    }

    #[test]
    fn a_good_value_is_never_replaced() {
        let step = secret().next(&with(Some("8f2c1d90b7a64e53bb02e6f1")).facts());
        assert!(matches!(step, Step::Done(Verdict::Pass { evidence, .. }) if evidence.contains("24 characters")));
    }

    #[test]
    fn a_file_that_is_unfit_to_be_written_fails_the_item() {
        let mut world = with(None);
        let problem = crate::error::Problem::new(crate::error::Code::EnvTracked, "git tracks it");
        let Some(Sight::EnvFile(seen)) = world.sights.get_mut(&Look::EnvFile) else { panic!("no sight") };
        seen.problems.push(problem.clone());
        assert!(matches!(secret().next(&world.facts()), Step::Done(Verdict::Fail { problem: found }) if found == problem));
    }

    #[test]
    fn a_bad_name_and_too_few_bytes_are_complained_about() {
        let complaints = spec("env = 'SECRET-KEY'\nbytes = 4").complaints();
        assert_eq!(complaints.iter().map(|complaint| complaint.path.as_str()).collect::<Vec<_>>(), ["env", "bytes"]);
        assert!(secret().complaints().is_empty());
        assert_eq!(spec("env = 'A'").bytes, 32);
    }
}
