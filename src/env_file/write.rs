//! Replacing the env file: back up, write beside, fsync, rename, read back.
//!
//! The one file of this folder that exposes secrets, to write and to compare them. A value that
//! any reader could read differently is refused before anything is touched.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::text::{Document, encode};
use super::{EnvFileAt, Snapshot, guard};
use crate::crash::crash_point;
use crate::engine::port::{EnvValue, EnvWrite};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::store::disk::{self, Beside, Readers};
use crate::store::ensure_folder;

const COMMENT: &str = "# added by golive";
/// Its crash points are `env.renamed`, `backup.synced` and so on.
pub(super) const ENV: &str = "env";
pub(super) const BACKUP: &str = "backup";

impl EnvValue {
    fn bare(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

/// Writes values into the file; see [`crate::engine::port::EnvFile::write`]. When they are all
/// there already and the file is private, nothing is written.
pub(super) fn write(file: &EnvFileAt, values: &[EnvWrite]) -> Result<Option<String>> {
    let target = guard::target(&file.path);
    let before = Snapshot::of(&target)?;
    if file.remembered().is_some_and(|seen| seen != before.stamp()) {
        return Err(moved(&file.shown, "after it was looked at; nothing of it was touched"));
    }
    let text = before.text().map_err(|line| refuse(file.not_text(line)))?;
    let document = Document::read(text);
    let mut problems = guard::of_text(&document, &file.shown);
    problems.extend(guard::of_place(&target, &file.shown));
    if let Some(problem) = problems.into_iter().next() {
        return Err(refuse(problem));
    }

    let after = compose(text, &document, values, &file.shown)?;
    if before.bytes.is_some() && before.mode == Some(0o600) && after.as_str() == text {
        // It may stand there since a golive that was killed before it could sync it.
        disk::settle(&target, ENV).at("write", &target)?;
        return Ok(None);
    }
    verify(text, &after, values, &file.shown)?;

    let backup = before.bytes.as_ref().map(|bytes| back_up(file, &target, bytes)).transpose()?;
    replace(&target, after.as_bytes(), || {
        let now = Snapshot::of(&target)?;
        let same = now.stamp() == before.stamp();
        if same { Ok(()) } else { Err(moved(&file.shown, "meanwhile; nothing of it was touched")) }
    })?;
    let written = Snapshot::of(&target)?;
    if written.bytes.as_ref().is_none_or(|bytes| bytes.as_slice() != after.as_bytes()) {
        return Err(moved(&file.shown, "right after golive did"));
    }
    verify(text, written.text().unwrap_or_default(), values, &file.shown)?;
    crash_point("env.verified");
    file.remember(written.stamp());
    Ok(backup)
}

/// The new text: values replaced where they stand, new variables at the end.
pub(super) fn compose(text: &str, document: &Document, values: &[EnvWrite], shown: &str) -> Result<Zeroizing<String>> {
    let mut edits = Vec::new();
    let mut added = Zeroizing::new(String::new());
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    for (index, EnvWrite { variable, value }) in values.iter().enumerate() {
        if values[index + 1..].iter().any(|later| later.variable == *variable) {
            continue;
        }
        let encoded = encode(value.bare()).filter(|encoded| survives(variable, encoded, value));
        let encoded = encoded.ok_or_else(|| refuse(lost(variable, shown)))?;
        match document.all(variable).next() {
            Some(entry) if entry.value.as_str() == value.bare() && !entry.expands => {}
            Some(entry) => edits.push((entry.span.clone(), encoded)),
            None => {
                for part in [variable.as_str(), "=", &encoded, newline] {
                    added.push_str(part);
                }
            }
        }
    }
    edits.sort_by_key(|(span, _)| span.start);

    let mut after = Zeroizing::new(String::with_capacity(text.len() + added.len() + 4096));
    let mut at = 0;
    for (span, encoded) in edits {
        after.push_str(&text[at..span.start]);
        after.push_str(&encoded);
        // A comment right behind an empty value would become part of the new one.
        if text[span.end..].starts_with('#') {
            after.push(' ');
        }
        at = span.end;
    }
    after.push_str(&text[at..]);
    if !added.is_empty() {
        if !after.is_empty() && !after.ends_with('\n') {
            after.push_str(newline);
        }
        if !text.lines().any(|line| line == COMMENT) {
            if !after.is_empty() {
                after.push_str(newline);
            }
            after.push_str(COMMENT);
            after.push_str(newline);
        }
        after.push_str(&added);
    }
    Ok(after)
}

/// Whether dotenvy reads back exactly what was meant.
fn survives(variable: &str, encoded: &str, value: &EnvValue) -> bool {
    let statement = Zeroizing::new(format!("{variable}={encoded}\n"));
    match dotenvy_reads(&statement).as_deref() {
        Some([(name, read)]) => name == variable && read.as_str() == value.bare(),
        _ => false,
    }
}

/// Compares what the new text says with what was meant: the written values, and every other one.
pub(super) fn verify(before: &str, after: &str, values: &[EnvWrite], shown: &str) -> Result<()> {
    let (old, new) = (Document::read(before), Document::read(after));
    let meant = |name: &str| values.iter().rev().find(|write| write.variable == name);
    for write in values {
        let found: Vec<_> = new.all(&write.variable).collect();
        let value = meant(&write.variable).map_or("", |write| write.value.bare());
        if !matches!(found.as_slice(), [one] if one.value.as_str() == value && !one.expands) {
            return Err(refuse(lost(&write.variable, shown)));
        }
    }
    for entry in old.entries.iter().filter(|entry| meant(&entry.name).is_none()) {
        if !new
            .all(&entry.name)
            .any(|other| other.value == entry.value && before[entry.span.clone()] == after[other.span.clone()])
        {
            return Err(refuse(lost(&entry.name, shown)));
        }
    }
    // A file that dotenvy could not read before (two blanks and a quote in a comment) is the
    // operator's own; one that it could must stay so.
    let expands = |name: &str| old.all(name).any(|entry| entry.expands);
    if let Some(former) = dotenvy_reads(before) {
        let now = dotenvy_reads(after).unwrap_or_default();
        let kept = former.iter().filter(|(name, _)| meant(name).is_none() && !expands(name));
        let wanted = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let wanted = wanted.chain(
            values.iter().filter_map(|write| Some((write.variable.as_str(), meant(&write.variable)?.value.bare()))),
        );
        for (name, value) in wanted {
            if !now.iter().any(|(found, read)| found == name && read.as_str() == value) {
                return Err(refuse(lost(name, shown)));
            }
        }
    }
    Ok(())
}

fn dotenvy_reads(text: &str) -> Option<Vec<(String, Zeroizing<String>)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    dotenvy::from_read_iter(text.as_bytes())
        .map(|entry| entry.ok().map(|(name, value)| (name, Zeroizing::new(value))))
        .collect()
}

/// Makes the folder of the backups.
pub(super) fn prepare_backups(file: &EnvFileAt) -> Result<()> {
    if let Some(state) = file.backups.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        ensure_folder(state)?;
    }
    disk::make_folder(&file.backups, BACKUP).at("make the folder", &file.backups)
}

/// Keeps the former file, under a name that is never used twice.
fn back_up(file: &EnvFileAt, target: &Path, bytes: &[u8]) -> Result<String> {
    prepare_backups(file)?;
    for name in super::restore::names(target) {
        let path = file.backups.join(name);
        if path.exists() {
            continue;
        }
        // Whole, or not there under this name: a rollback takes what it finds for what stood there.
        if disk::place(&path, bytes, Readers::Owner, BACKUP).at("write", &path)? {
            return Ok(path.display().to_string());
        }
    }
    Err(refuse(Problem::new(Code::Io, "no name is left for a backup")))
}

/// Puts new bytes in the file's place at once; `still` is asked at the last moment.
pub(super) fn replace(target: &Path, bytes: &[u8], still: impl FnOnce() -> Result<()>) -> Result<()> {
    let folder = guard::folder_of(target);
    let prefix = format!("{}.golive-", target.file_name().unwrap_or_default().to_string_lossy());
    clear(folder, &prefix);
    let beside = Beside::new(target, &prefix, ENV).at("write to the folder", folder)?;
    let at = beside.path();
    beside.file().set_permissions(Permissions::from_mode(0o600)).at("write", &at)?;
    keep_owner(target, &beside)?;
    beside.fill(bytes).at("write", &at)?;
    crash_point("env.beside");
    still()?;
    beside.take_place().at("write", target)?;
    disk::sync_folder(folder, ENV).at("write to the folder", folder)
}

/// Takes away what a golive that was killed left beside the file: it may hold secrets. Named
/// after the file, so that what keeps the file out of git (`.env*`) keeps it out too.
fn clear(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
        let _ = disk::remove(&entry.path(), ENV);
    }
}

/// The application that owns the file must still be able to read it.
fn keep_owner(target: &Path, beside: &Beside<'_>) -> Result<()> {
    let (Ok(old), new) = (fs::metadata(target), beside.file().metadata().at("read", &beside.path())?) else {
        return Ok(());
    };
    if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(beside.file(), Some(old.uid()), Some(old.gid())).at("keep the owner of", target)
}

fn refuse(problem: Problem) -> Failure {
    Failure::new(Class::Refused, problem)
}

fn moved(shown: &str, when: &str) -> Failure {
    refuse(
        Problem::new(Code::EnvMoved, format!("`{shown}` changed while golive was about to write it"))
            .why(format!("somebody or something else wrote it {when}"))
            .fix("run the same command again: golive wizard"),
    )
}

fn lost(variable: &str, shown: &str) -> Problem {
    Problem::new(Code::EnvRoundTrip, format!("the value of `{variable}` would not survive in `{shown}`"))
        .why("readers of env files differ on quotes, backslashes, dollar signs and line ends in it")
        .fix("use a value without them, then run the same command again: golive wizard")
}
