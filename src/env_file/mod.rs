//! The env file: read line by line, written atomically, everything else in it left as it was.
//!
//! The only place where golive writes a secret. `text` knows where values stand, `guard` what
//! makes a file unfit, `write` replaces it; this is the door, [`crate::engine::port::EnvFile`].

mod guard;
mod restore;
mod text;
mod write;

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::engine::port::{EnvFile, EnvWrite};
use crate::error::{AtPath, Code, Problem, Result};
use crate::secret::Secret;
use crate::step::{EnvSight, EnvVar, Sight};
use crate::store::{bounded, disk};
pub use guard::{Git, git};
use text::{Document, Entry};

/// No env file is larger; what is, is something else.
const LARGEST: u64 = 4 << 20;

/// The env file of a checklist.
pub struct EnvFileAt {
    path: PathBuf,
    shown: String,
    backups: PathBuf,
    /// What the file was when it was last looked at.
    seen: Mutex<Option<Stamp>>,
}

/// Tells one content of the file from another; absent is a content too.
type Stamp = Option<[u8; 32]>;

/// The file at one moment.
struct Snapshot {
    bytes: Option<Zeroizing<Vec<u8>>>,
    mode: Option<u32>,
}

impl EnvFileAt {
    /// The file at `path`, called `shown_name` in front of the operator. Its former contents are
    /// kept in `backups_dir`, a folder of the state folder.
    pub fn new(path: impl Into<PathBuf>, shown_name: impl Into<String>, backups_dir: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), shown: shown_name.into(), backups: backups_dir.into(), seen: Mutex::new(None) }
    }

    /// A backup of this file, by the path it was recorded under.
    #[must_use]
    pub fn beside(&self, backup: &str) -> Self {
        Self::new(restore::place(self, backup), backup, &self.backups)
    }

    fn sight(&self) -> Result<EnvSight> {
        let target = guard::target(&self.path);
        let snapshot = Snapshot::of(&target)?;
        let mut problems = guard::of_place(&target, &self.shown);
        let mut variables = Vec::new();
        match snapshot.text() {
            Ok(text) => {
                let document = Document::read(text);
                problems.extend(guard::of_text(&document, &self.shown));
                variables.extend(document.entries.into_iter().map(variable));
            }
            Err(line) => problems.push(self.not_text(line)),
        }
        self.remember(snapshot.stamp());
        Ok(EnvSight {
            path: self.shown.clone(),
            exists: snapshot.bytes.is_some(),
            variables,
            problems,
            mode: snapshot.mode,
        })
    }

    /// A variable's value, when it stands there exactly once and means itself.
    fn value(&self, variable: &str, secret: fn(&str) -> Secret) -> Result<Option<Secret>> {
        let snapshot = Snapshot::of(&guard::target(&self.path))?;
        let Ok(text) = snapshot.text() else { return Ok(None) };
        let document = Document::read(text);
        let mut found = document.all(variable);
        let (Some(entry), None) = (found.next(), found.next()) else { return Ok(None) };
        let plain = !entry.value.is_empty() && !entry.expands;
        Ok(plain.then(|| secret(entry.value.as_str())))
    }

    fn remember(&self, stamp: Stamp) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
    }

    fn remembered(&self) -> Option<Stamp> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_text(&self, line: usize) -> Problem {
        Problem::new(Code::EnvSyntax, format!("line {line} of `{}` is not UTF-8 text", self.shown))
            .fix(format!("repair it, then run the same command again: $EDITOR {} +{line}", self.shown))
    }
}

/// What must hold of an edit, whatever the file and the value are: it is refused, or the value is read
/// back, every other variable says what it said, and no other byte has changed.
#[cfg(any(test, fuzzing))]
pub(crate) fn edit_is_sound(text: &str, variable: &str, value: &str) {
    let document = Document::read(text);
    if !guard::of_text(&document, "fuzz").is_empty() {
        return;
    }
    let values =
        [EnvWrite { variable: variable.to_owned(), value: crate::engine::port::EnvValue::Text(value.to_owned()) }];
    let Ok(after) = write::compose(text, &document, &values, "fuzz") else { return };
    if write::verify(text, &after, &values, "fuzz").is_err() {
        return;
    }
    let read = Document::read(&after);
    assert!(read.unreadable.is_empty() && read.duplicates().is_empty(), "{:?}", after.as_str());
    for entry in &read.entries {
        let wanted = document.all(&entry.name).next();
        match wanted.filter(|_| entry.name != variable) {
            Some(before) => assert_eq!(before.value.as_str(), entry.value.as_str()),
            None => assert_eq!((entry.name.as_str(), entry.value.as_str()), (variable, value)),
        }
    }
    let kept = document.all(variable).next().map_or(text.len(), |entry| entry.span.start);
    assert!(after.starts_with(&text[..kept]), "bytes before the value changed");
}

impl EnvFile for EnvFileAt {
    fn look(&self) -> Sight {
        match self.sight() {
            Ok(sight) => Sight::EnvFile(sight),
            Err(failure) => Sight::Unseen(*failure.problem),
        }
    }

    fn take(&self, variable: &str) -> Result<Option<Secret>> {
        self.value(variable, |value| Secret::new(value))
    }

    fn peek(&self, variable: &str) -> Result<Option<Secret>> {
        self.value(variable, |value| Secret::unlisted(value))
    }

    fn write(&mut self, values: &[EnvWrite]) -> Result<Option<String>> {
        write::write(self, values)
    }

    fn settle(&self) -> Result<()> {
        let target = guard::target(&self.path);
        if target.exists() {
            disk::settle(&target, write::ENV).at("write", &target)?;
        }
        // The newest is the only one that a write which was cut off can have left behind unsynced.
        let newest = restore::backups(self).pop().map(|(path, _)| PathBuf::from(path));
        newest.map_or(Ok(()), |path| disk::settle(&path, write::BACKUP).at("write", &path))
    }

    fn name(&self) -> String {
        self.shown.clone()
    }

    fn exists(&self) -> Option<bool> {
        Snapshot::of(&guard::target(&self.path)).ok().map(|snapshot| snapshot.bytes.is_some())
    }

    fn backups(&self) -> Vec<(String, i64)> {
        restore::backups(self)
    }

    fn backup(&self, path: &str) -> Result<Option<EnvSight>> {
        restore::read(self, path)
    }

    fn fresh_backup(&self) -> Result<Option<String>> {
        restore::fresh(self)
    }

    fn restore(&mut self, from: Option<&str>, kept: Option<&str>) -> Result<()> {
        restore::restore(self, from, kept)
    }
}

impl Snapshot {
    fn of(target: &Path) -> Result<Self> {
        match bounded::read(target, LARGEST) {
            Ok(bytes) => {
                let mode = target.metadata().at("read", target)?.permissions().mode() & 0o777;
                Ok(Self { bytes: Some(Zeroizing::new(bytes)), mode: Some(mode) })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { bytes: None, mode: None }),
            Err(error) => Err(error).at("read", target),
        }
    }

    fn stamp(&self) -> Stamp {
        self.bytes.as_ref().map(|bytes| Sha256::digest(bytes.as_slice()).into())
    }

    /// The text, or the line at which it stops being text.
    fn text(&self) -> Result<&str, usize> {
        let bytes = self.bytes.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
        std::str::from_utf8(bytes).map_err(|error| bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count())
    }
}

/// A variable for the kinds to judge. Only what looks like a secret is kept from being shown, and
/// only what looks random is hidden from everything else golive prints: a word would leave holes.
fn variable(entry: Entry) -> EnvVar {
    let Entry { name, line, value, .. } = entry;
    match looks(&name, &value) {
        Looks::Public => EnvVar::public(name, line, value.as_str()),
        Looks::Private => EnvVar::new(name, line, Secret::unlisted(value.as_str())),
        Looks::Secret => EnvVar::new(name, line, Secret::new(value.as_str())),
    }
}

/// What a value seems to be.
enum Looks {
    Public,
    /// Not to be shown.
    Private,
    /// Not to be shown by anything, command output included.
    Secret,
}

/// Judges by the value's own shape, then by its variable's name.
fn looks(name: &str, value: &str) -> Looks {
    const SECRET: [&str; 6] = ["sk_", "rk_", "rkcs_", "whsec_", "-----BEGIN", "eyJ"];
    const PUBLIC: [&str; 9] = ["pk_", "price_", "prod_", "we_", "acct_", "plink_", "promo_", "txr_", "bpc_"];
    const NAMES: [&str; 10] =
        ["SECRET", "TOKEN", "PASS", "PWD", "PRIVATE", "CREDENTIAL", "KEY", "SALT", "DSN", "SIGNING"];
    if value.is_empty() || PUBLIC.iter().any(|prefix| value.starts_with(prefix)) {
        return Looks::Public;
    }
    let host = value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let login = host.and_then(|host| host.split_once('@')).is_some_and(|(user, _)| user.contains(':'));
    if login || SECRET.iter().any(|shape| value.starts_with(shape)) {
        return Looks::Secret;
    }
    let upper = name.to_ascii_uppercase();
    if !NAMES.iter().any(|word| upper.contains(word)) {
        return Looks::Public;
    }
    let random = value.len() >= 16 && value.contains(|c: char| c.is_ascii_digit()) && !value.contains(' ');
    if random { Looks::Secret } else { Looks::Private }
}

#[cfg(test)]
mod any_file_tests;
#[cfg(test)]
mod tests;
