//! An env file in memory. Secrets stay what they are: their texts are known to the tests alone.

use std::rc::Rc;
use std::sync::Arc;

use super::stripe::signing_secret;
use super::support::{Log, PUBLISHABLE, ROLLED, SECRET, STRANGER};
use crate::engine::port::{EnvFile, EnvValue, EnvWrite};
use crate::error::Result;
use crate::secret::Secret;
use crate::step::{EnvSight, EnvVar, Sight};

/// The file.
pub(super) struct FakeEnv {
    variables: Vec<(String, String)>,
    log: Log,
}

impl FakeEnv {
    pub(super) fn new(log: &Log) -> Self {
        let mut file = Self { variables: Vec::new(), log: Rc::clone(log) };
        file.put("STRIPE_SECRET_KEY", SECRET);
        file.put("STRIPE_PUBLISHABLE_KEY", PUBLISHABLE);
        file
    }

    pub(super) fn put(&mut self, name: &str, value: &str) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

fn text(secret: &Arc<Secret>) -> String {
    let known = [SECRET, ROLLED, PUBLISHABLE, STRANGER].map(str::to_owned);
    let mut known = known.into_iter().chain((1..20).map(signing_secret));
    known.find(|text| secret.is(text)).unwrap()
}

impl EnvFile for FakeEnv {
    fn look(&self) -> Sight {
        let variable = |(n, (name, value)): (usize, &(String, String))| {
            let secret = ["sk_", "pk_", "whsec_"].iter().any(|prefix| value.starts_with(prefix));
            if secret {
                EnvVar::new(name, n + 1, Secret::unlisted(value.as_str()))
            } else {
                EnvVar::public(name, n + 1, value)
            }
        };
        let variables = self.variables.iter().enumerate().map(variable).collect();
        Sight::EnvFile(EnvSight { path: ".env".into(), exists: true, variables, ..EnvSight::default() })
    }

    fn take(&self, variable: &str) -> Result<Option<Secret>> {
        Ok(self.get(variable).map(Secret::unlisted))
    }

    fn write(&mut self, values: &[EnvWrite]) -> Result<Option<String>> {
        for EnvWrite { variable, value } in values {
            self.log.borrow_mut().push(format!("env {variable}"));
            match value {
                EnvValue::Text(text) => self.put(variable, text),
                EnvValue::Secret(secret) => self.put(variable, &text(secret)),
            }
        }
        Ok(None)
    }

    fn name(&self) -> String {
        ".env".into()
    }
}
