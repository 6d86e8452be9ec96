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
        let head: Option<toml::Table> = mine.as_deref().and_then(|text| text.parse().ok());
        let word = |table: Option<&toml::Table>, name: &str| table?.get(name)?.as_str().map(str::to_owned);
        let id = word(head.as_ref(), "id");
        let env_file = word(head.as_ref().and_then(|head| head.get("env")?.as_table()), "file");
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
            class: None,
        };
        if self.to_stdout {
            desk.print(&fresh)?;
            return Ok(outcome);
        }
        let Some((mine, base)) = self.mine.as_ref().zip(self.base.as_ref()) else {
            if !save::new_text(&fresh, &self.path)? {
                let problem = Problem::new(Code::Usage, format!("`{}` came into being meanwhile", self.shown));
                return Err(Failure::new(Class::TryAgain, problem.fix("look at it, then: golive import stripe")));
            }
            self.remember(&fresh, imported)?;
            outcome.written = true;
            return Ok(outcome);
        };
        let merged = merge(base, mine, &imported.draft).map_err(|error| {
            let problem = Problem::new(Code::ChecklistSyntax, format!("`{}` is not valid TOML", self.shown));
            Failure::new(Class::Usage, problem.why(error.0).fix("see where: golive checklist validate"))
        })?;
        outcome.differences = merged.differences;
        outcome.text.clone_from(mine);
        let changes = outcome.differences.iter().filter(|difference| is_taken(difference)).count();
        if changes == 0 {
            return Ok(outcome);
        }
        if !self.consent(desk, operator, &outcome.differences, options)? {
            outcome.class = Some(Class::Remaining);
            return Ok(outcome);
        }
        save::text(&merged.text, &self.path)?;
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
        save::text(fresh, &self.base_path)?;
        let names = serde_json::to_string_pretty(&imported.names).unwrap_or_default();
        save::text(&names, &self.names_path)
    }
}

fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("read", path),
    }
}
