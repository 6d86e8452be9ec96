//! The file that an import writes, and what it remembers for the next one: its own text as it was, and
//! the names it gave. A file that golive did not write is never touched.

use std::path::{Path, PathBuf};

use super::super::super::{Desk, save};
use super::{Options, is_taken};
use crate::checklist::DEFAULT_FILE;
use crate::cli::opening::{question, text};
use crate::engine::port::Operator;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::import::stripe::merge::{Difference, merge};
use crate::import::stripe::{Imported, Known};
use crate::render::human::import_stripe as screen;
use crate::step::Form;
use crate::store;

/// Where the checklist goes, and what is known of it.
pub struct Keep {
    /// Its path.
    pub path: PathBuf,
    /// As the operator knows it.
    shown: String,
    /// Whether it is standard output.
    to_stdout: bool,
    /// Its id, when it is there.
    pub id: Option<String>,
    /// Its env file, when it is there.
    pub env_file: Option<String>,
    /// The names that the last import gave.
    pub known: Known,
    /// What stands there.
    mine: Option<String>,
    /// What the last import wrote.
    base: Option<String>,
    base_path: PathBuf,
    names_path: PathBuf,
    folder: PathBuf,
}

/// What became of the file.
pub struct Outcome {
    /// Its text.
    pub text: String,
    /// Its name.
    pub shown: String,
    /// Whether it was written.
    pub written: bool,
    /// What changed in Stripe since the last import.
    pub differences: Vec<Difference>,
    /// Whether that was shown already, when it was asked about.
    pub was_shown: bool,
    /// How the command ends, when not with 0.
    pub class: Option<Class>,
}

impl Keep {
    /// Looks at what is there.
    pub fn open(dir: &Path, out: Option<&Path>) -> Result<Self> {
        let to_stdout = out.is_some_and(|out| out.as_os_str() == "-");
        let name = out.filter(|_| !to_stdout).map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_owned);
        let path = if name.is_absolute() || out.is_some() { name.clone() } else { dir.join(&name) };
        let folder = store::state_folder(dir);
        let file = path.file_name().map_or_else(|| DEFAULT_FILE.into(), |file| file.to_string_lossy().into_owned());
        let base_path = folder.join("import").join(&file);
        let names_path = folder.join("import").join(format!("{file}.json"));
        let mine = if to_stdout { None } else { read(&path)? };
        let base = if mine.is_some() { read(&base_path)? } else { None };
        if mine.is_some() && base.is_none() {
            let problem = Problem::new(
                Code::Usage,
                format!("`{}` is there, and golive import stripe did not write it", name.display()),
            )
            .why("what a person wrote is never overwritten")
            .fix("write another file, and take from it what you need: golive import stripe --out stripe.toml");
            return Err(Failure::new(Class::Refused, problem));
        }
        let known = match (&base, read(&names_path)?) {
            (Some(_), Some(names)) => serde_json::from_str(&names).unwrap_or_default(),
            _ => Known::default(),
        };
        let (id, env_file) = mine.as_deref().map(|text| head(text, &name)).transpose()?.unwrap_or_default();
        let shown = if to_stdout { "standard output".to_owned() } else { name.display().to_string() };
        Ok(Self { path, shown, to_stdout, id, env_file, known, mine, base, base_path, names_path, folder })
    }

    /// Writes the checklist, or puts what changed into the one that is there.
    pub fn write(
        &self,
        desk: &Desk,
        operator: &mut dyn Operator,
        imported: &Imported,
        options: &Options,
    ) -> Result<Outcome> {
        let fresh = imported.draft.text();
        let mut outcome = Outcome {
            text: fresh.clone(),
            shown: self.shown.clone(),
            written: false,
            differences: Vec::new(),
            was_shown: false,
            class: None,
        };
        if self.to_stdout {
            desk.print(&fresh)?;
            return Ok(outcome);
        }
        let Some((mine, base)) = self.mine.as_ref().zip(self.base.as_ref()) else {
            // Remembered first: a checklist without its base would be a stranger's after a crash.
            self.remember(&fresh, imported)?;
            if !save::new_checklist(&fresh, &self.path)? {
                let problem = Problem::new(Code::Usage, format!("`{}` came into being meanwhile", self.shown));
                return Err(Failure::new(Class::TryAgain, problem.fix("look at it, then: golive import stripe")));
            }
            outcome.written = true;
            return Ok(outcome);
        };
        let merged = merge(base, mine, &imported.draft).map_err(|error| no_toml(&self.shown, error.0))?;
        outcome.differences = merged.differences;
        outcome.text.clone_from(mine);
        let changes = outcome.differences.iter().filter(|difference| is_taken(difference)).count();
        if changes == 0 {
            // All of it is in the file already, by hand or by a golive that was killed right then.
            if outcome.differences.is_empty() && *base != fresh {
                self.remember(&fresh, imported)?;
            }
            return Ok(outcome);
        }
        outcome.was_shown = !options.yes;
        if !self.consent(desk, operator, &outcome.differences, options)? {
            outcome.class = Some(Class::Remaining);
            return Ok(outcome);
        }
        // Remembered afterwards: with the new base and the old file what changed would never come in.
        save::checklist(&merged.text, &self.path)?;
        self.remember(&fresh, imported)?;
        outcome.written = true;
        outcome.text = merged.text;
        Ok(outcome)
    }

    /// A local write: shown, and asked about.
    fn consent(
        &self,
        desk: &Desk,
        operator: &mut dyn Operator,
        differences: &[Difference],
        options: &Options,
    ) -> Result<bool> {
        if options.yes {
            return Ok(true);
        }
        let style = desk.talk_now();
        desk.say(&format!("{}\n", screen::differences(differences, &style)));
        let mut ask = question(&format!("Write {}?", self.shown), Vec::new());
        ask.form = Form::Confirm { default: false };
        Ok(text(operator.ask("import.write", &ask).map_err(super::key::stopped)?) == "yes")
    }

    /// What the next import compares with.
    fn remember(&self, fresh: &str, imported: &Imported) -> Result<()> {
        store::ensure_folder(&self.folder)?;
        let folder = self.folder.join("import");
        store::disk::make_folder(&folder, "import").at("make the folder", &folder)?;
        let names = serde_json::to_string_pretty(&imported.names).unwrap_or_default();
        save::text(&names, &self.names_path)?;
        save::text(fresh, &self.base_path)
    }
}

/// The id and the env file of a checklist that is there. One that is no TOML is told before anything is sent.
fn head(text: &str, name: &Path) -> Result<(Option<String>, Option<String>)> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| no_toml(&name.display().to_string(), error.message().to_owned()))?;
    let word = |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).map(str::to_owned);
    Ok((word(table.get("id")), word(table.get("env").and_then(|env| env.get("file")))))
}

fn no_toml(shown: &str, why: String) -> Failure {
    let problem = Problem::new(Code::ChecklistSyntax, format!("`{shown}` is not valid TOML"));
    Failure::new(Class::Usage, problem.why(why).fix("see where: golive checklist validate"))
}

fn read(path: &Path) -> Result<Option<String>> {
    match store::bounded::read_text(path, 8 << 20) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("read", path),
    }
}
