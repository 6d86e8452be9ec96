//! The env file as a look brings it back: values that can be judged, and not read.

use regex::Regex;
use serde_json::Value;

use crate::error::Problem;
use crate::secret::{NoObject, Secret};

/// The env file as it stands.
#[derive(Debug, Default)]
pub struct EnvSight {
    /// Where it is, as named in the checklist.
    pub path: String,
    /// Whether it exists.
    pub exists: bool,
    /// Its variables, in the file's order; a name may stand twice.
    pub variables: Vec<EnvVar>,
    /// Whatever makes it unfit to be written: tracked by git, read-only, unreadable lines, a
    /// variable that stands twice.
    pub problems: Vec<Problem>,
    /// Its permission bits, when it exists.
    pub mode: Option<u32>,
}

impl EnvSight {
    /// A variable's first appearance.
    pub fn get(&self, name: &str) -> Option<&EnvVar> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// Whether another one has the same variables with the same values, in the same order.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let values = |sight: &Self| -> Vec<(String, String)> {
            sight.variables.iter().map(|variable| (variable.name.clone(), variable.fingerprint())).collect()
        };
        values(self) == values(other)
    }

    /// The lines at which a variable stands.
    pub fn lines(&self, name: &str) -> Vec<usize> {
        self.variables.iter().filter(|variable| variable.name == name).map(|variable| variable.line).collect()
    }
}

/// One variable, whose value can be judged but not read.
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its line, counted from 1.
    pub line: usize,
    value: Secret,
    shown: Option<String>,
}

impl EnvVar {
    /// A variable of the env file.
    pub fn new(name: impl Into<String>, line: usize, value: Secret) -> Self {
        Self { name: name.into(), line, value, shown: None }
    }

    /// A variable whose value is no secret and may be shown.
    pub fn public(name: impl Into<String>, line: usize, value: &str) -> Self {
        Self { name: name.into(), line, value: Secret::unlisted(value), shown: Some(value.to_owned()) }
    }

    /// Whether the value is exactly this.
    pub fn is(&self, text: &str) -> bool {
        self.value.is(text)
    }

    /// Whether the value begins so.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.value.has_prefix(prefix)
    }

    /// Whether the pattern is found in the value.
    pub fn matches(&self, pattern: &Regex) -> bool {
        self.value.matches(pattern)
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The value, shortened for display.
    pub fn masked(&self) -> String {
        self.value.masked()
    }

    /// The value as it may be shown: in full when it is no secret.
    pub fn shown(&self) -> String {
        self.shown.clone().unwrap_or_else(|| self.masked())
    }

    /// The value, when it is no secret.
    pub fn text(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// Whether the value says the same as JSON.
    pub fn is_json(&self, wanted: &Value) -> bool {
        self.value.is_json(wanted)
    }

    /// Those of the members, `basic.monthly`, that the value lacks.
    pub fn json_lacks<'p>(&self, paths: &'p [String]) -> Result<Vec<&'p str>, NoObject> {
        self.value.json_lacks(paths)
    }

    /// The members of the value that are not texts that begin so; as many without their names where
    /// the value is a secret.
    pub fn json_without_prefix(&self, prefix: &str) -> Result<Vec<String>, NoObject> {
        let found = self.value.json_without_prefix(prefix)?;
        let shown = |(n, path)| if self.shown.is_some() { path } else { format!("number {}", n + 1) };
        Ok(found.into_iter().enumerate().map(shown).collect())
    }

    /// Where it leads, when it is a URL: scheme, host and port, never the login.
    pub fn address(&self) -> Option<(String, String, Option<u16>)> {
        self.value.address()
    }

    /// Length in characters.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// To notice that it is another one.
    pub fn fingerprint(&self) -> String {
        self.value.fingerprint()
    }
}

impl std::fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {})", self.name, self.line)
    }
}
