//! What stands around the account, read as data: the application's env files, and its source by the
//! repository search that `scan` items use. Nothing is run, and no secret's value leaves the env file.

use std::path::{Path, PathBuf};

use crate::compose::slug;
use crate::engine::port::EnvFile as _;
use crate::env_file::EnvFileAt;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::import::stripe::{
    Around, EVENTS_PATTERN, EnvText, Holds, IDS_PATTERN, Mention, Source, Variable, events_in, ids_in,
};
use crate::inventory::Inventory;
use crate::step::{EnvSight, EnvVar, ScanPlace, Sight};
use crate::{store, world};

/// Where applications keep what they read in test mode, the one that counts most first.
const USUAL: [&str; 8] = [
    ".env",
    ".env.local",
    ".env.test",
    ".env.test.local",
    ".env.development",
    ".env.development.local",
    ".env.staging",
    ".env.production",
];
/// Folders and files that are not the application's own source, or that are read elsewhere.
const SPARED: [&str; 14] = [
    "node_modules",
    "vendor",
    "venv",
    ".venv",
    "target",
    "dist",
    "build",
    ".next",
    "*.lock",
    "package-lock.json",
    "*.md",
    "golive*.toml",
    ".env*",
    ".golive*",
];
/// Places that are kept of each sort.
const MOST: usize = 2000;

/// An env file with what stands in it.
pub struct EnvFile {
    /// Its name, as the operator knows it.
    pub name: String,
    /// The file itself.
    pub file: EnvFileAt,
    /// What was seen.
    pub sight: EnvSight,
}

/// The env files that are there. One that was named must be.
pub fn env_files(dir: &Path, named: &[PathBuf]) -> Result<Vec<EnvFile>> {
    let usual = || USUAL.iter().map(PathBuf::from).collect::<Vec<_>>();
    let paths = if named.is_empty() { usual() } else { named.to_vec() };
    let mut files = Vec::new();
    for path in paths {
        let (whole, name) = (dir.join(&path), path.display().to_string());
        if !whole.is_file() {
            if named.is_empty() {
                continue;
            }
            let problem = Problem::new(Code::EnvMissing, format!("there is no env file `{name}`"))
                .fix(format!("name one that is there: ls -a {}", dir.display()));
            return Err(Failure::new(Class::Usage, problem));
        }
        let file = EnvFileAt::new(whole, name.clone(), store::state_folder(dir).join("backups"));
        match file.look() {
            Sight::EnvFile(sight) => files.push(EnvFile { name, file, sight }),
            Sight::Unseen(problem) if !named.is_empty() => return Err(Failure::new(Class::Unforeseen, problem)),
            _ => {}
        }
    }
    Ok(files)
}

/// Everything around the account.
pub fn around(files: &[EnvFile], dir: &Path, checklist: &Path) -> Around {
    Around { files: files.iter().map(text).collect(), source: source(dir, checklist) }
}

fn text(file: &EnvFile) -> EnvText {
    let variable = |variable: &EnvVar| {
        let holds = match variable.text() {
            _ if variable.has_prefix("sk_") || variable.has_prefix("rk_") => Holds::SecretKey,
            _ if variable.has_prefix("pk_") => Holds::PublishableKey,
            _ if variable.has_prefix("whsec_") => Holds::SigningSecret,
            Some(text) => Holds::Text(text.to_owned()),
            None => Holds::Hidden,
        };
        Variable { name: variable.name.clone(), line: variable.line, holds }
    };
    let unreadable = file.sight.problems.iter().filter(|problem| problem.code == Code::EnvSyntax);
    EnvText {
        name: file.name.clone(),
        variables: file.sight.variables.iter().map(variable).collect(),
        unreadable: unreadable.map(|problem| problem.message.clone()).collect(),
    }
}

/// What the source says; the checklist that is written is none of it. A folder that cannot be searched
/// says nothing.
fn source(dir: &Path, checklist: &Path) -> Source {
    let name = checklist.file_name().map(|name| name.to_string_lossy().into_owned());
    let spared: Vec<&str> = SPARED.into_iter().chain(name.as_deref()).collect();
    let Ok((files, mut found)) = world::mentions(dir, &spared, &[IDS_PATTERN, EVENTS_PATTERN], MOST) else {
        return Source::default();
    };
    let cut = found.iter().any(|places| places.len() >= MOST);
    let events = mentions(&found.pop().unwrap_or_default(), |text| events_in(text).map(str::to_owned).collect());
    let ids = mentions(&found.pop().unwrap_or_default(), |text| ids_in(text).map(str::to_owned).collect());
    Source { files, ids, events, cut }
}

fn mentions(places: &[ScanPlace], of: impl Fn(&str) -> Vec<String>) -> Vec<Mention> {
    let each = |place: &ScanPlace| {
        let found = of(&place.matched).into_iter();
        found.map(|what| Mention { what, file: place.file.clone(), line: place.line }).collect::<Vec<_>>()
    };
    let mut out: Vec<Mention> = places.iter().flat_map(each).collect();
    out.sort();
    out.dedup();
    out
}

/// The checklist's id: by the account's name, or the folder's.
pub fn id(inventory: &Inventory, dir: &Path) -> String {
    let names = [inventory.account_name.clone(), folder(dir)];
    let slugs = names.into_iter().flatten().map(|name| slug(&name));
    slugs.into_iter().find(|slug| !slug.is_empty()).unwrap_or_else(|| "launch".to_owned())
}

/// The checklist's title.
pub fn title(inventory: &Inventory, dir: &Path) -> String {
    let name = inventory.account_name.clone().or_else(|| folder(dir)).unwrap_or_else(|| "Stripe".to_owned());
    let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    format!("{} launch", shown.trim())
}

fn folder(dir: &Path) -> Option<String> {
    let whole = dir.canonicalize().ok()?;
    whole.file_name().map(|name| name.to_string_lossy().into_owned())
}
