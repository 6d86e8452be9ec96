//! Backups of the env file and the way back: what stood there before the launch is put in the file's place,
//! atomically, and the file that it replaces is kept. Whole files, byte by byte; no value is read.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::text::Document;
use super::write::{BACKUP, ENV, prepare_backups, replace};
use super::{EnvFileAt, Snapshot, guard, variable};
use crate::crash::crash_point;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::step::EnvSight;
use crate::store::disk::{self, Readers};

const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// The names of backups of a file that are made now, in the order in which they are tried.
pub(super) fn names(target: &Path) -> impl Iterator<Item = String> {
    let stem = format!("{}.{}", stem(target), jiff::Timestamp::now().strftime(STAMP));
    (1_u32..).map(move |attempt| if attempt == 1 { stem.clone() } else { format!("{stem}-{attempt}") })
}

fn stem(target: &Path) -> String {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.trim_start_matches('.').to_owned()
}

/// Every backup of the file, oldest first.
pub(super) fn backups(file: &EnvFileAt) -> Vec<(String, i64)> {
    let begins = format!("{}.", stem(&guard::target(&file.path)));
    let made = |name: &str| {
        let rest = name.strip_prefix(&begins)?;
        let (stamp, attempt) = rest.split_once('-').unwrap_or((rest, "1"));
        let at = jiff::civil::DateTime::strptime(STAMP, stamp).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some((at.timestamp().as_second(), attempt.parse::<u32>().ok()?))
    };
    let entries = fs::read_dir(&file.backups).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| Some((made(&entry.file_name().to_string_lossy())?, entry.path().display().to_string())))
        .collect();
    found.sort();
    found.into_iter().map(|((at, _), path)| (path, at)).collect()
}

/// Where a backup is by now: the folder of the launch may have been reached by another way then.
pub(super) fn place(file: &EnvFileAt, path: &str) -> PathBuf {
    file.backups.join(Path::new(path).file_name().unwrap_or_default())
}

/// What a backup holds.
pub(super) fn read(file: &EnvFileAt, path: &str) -> Result<Option<EnvSight>> {
    let snapshot = Snapshot::of(&place(file, path))?;
    if snapshot.bytes.is_none() {
        return Ok(None);
    }
    let variables = snapshot.text().map(|text| Document::read(text).entries.into_iter().map(variable).collect());
    Ok(Some(EnvSight {
        path: path.to_owned(),
        exists: true,
        variables: variables.unwrap_or_default(),
        ..EnvSight::default()
    }))
}

/// A path that no backup has.
pub(super) fn fresh(file: &EnvFileAt) -> Result<Option<String>> {
    let target = guard::target(&file.path);
    if Snapshot::of(&target)?.bytes.is_none() {
        return Ok(None);
    }
    let mut paths = names(&target).map(|name| file.backups.join(name));
    Ok(paths.find(|path| !path.exists()).map(|path| path.display().to_string()))
}

/// See [`crate::engine::port::EnvFile::restore`].
pub(super) fn restore(file: &EnvFileAt, from: Option<&str>, kept: Option<&str>) -> Result<()> {
    let target = guard::target(&file.path);
    let present = Snapshot::of(&target)?;
    let wanted = from.map(|from| bytes_of(file, from)).transpose()?;
    if present.bytes == wanted {
        // It may stand there, or be gone, since a golive that was killed before it could sync it.
        let folder = guard::folder_of(&target);
        let settled = if wanted.is_some() { disk::settle(&target, ENV) } else { disk::sync_folder(folder, ENV) };
        return settled.at("write", &target);
    }
    if let (Some(bytes), Some(kept)) = (&present.bytes, kept) {
        keep(file, &place(file, kept), bytes)?;
    }
    if let Some(bytes) = &wanted {
        replace(&target, bytes, || {
            let same = Snapshot::of(&target)?.stamp() == present.stamp();
            if same { Ok(()) } else { Err(moved(file)) }
        })?;
    } else {
        disk::remove(&target, ENV).at("take away", &target)?;
        let folder = guard::folder_of(&target);
        disk::sync_folder(folder, ENV).at("write to the folder", folder)?;
    }
    let now = Snapshot::of(&target)?;
    if now.bytes != wanted {
        return Err(moved(file));
    }
    crash_point("env.restored");
    file.remember(now.stamp());
    Ok(())
}

fn bytes_of(file: &EnvFileAt, from: &str) -> Result<Zeroizing<Vec<u8>>> {
    let path = place(file, from);
    match crate::store::bounded::read(&path, super::LARGEST) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(Class::Refused, gone(&file.shown, from))),
        Err(error) => Err(error).at("read the backup", &path),
    }
}

/// Whole, or not there: what a golive that was killed had begun is taken away.
fn keep(file: &EnvFileAt, path: &Path, bytes: &[u8]) -> Result<()> {
    prepare_backups(file)?;
    disk::replace(path, bytes, Readers::Owner, BACKUP).at("write", path)
}

fn gone(shown: &str, from: &str) -> Problem {
    Problem::new(Code::RollbackBackup, format!("the copy of `{shown}` from before the launch is gone"))
        .why(format!("it was kept as {from}"))
        .fix(format!("put a copy back there: cp YOUR_COPY {from}"))
        .fix(format!("write the test keys into `{shown}` yourself: $EDITOR {shown}"))
}

fn moved(file: &EnvFileAt) -> Failure {
    let problem =
        Problem::new(Code::EnvMoved, format!("`{}` changed while golive was about to restore it", file.shown))
            .fix("run the same command again: golive rollback");
    Failure::new(Class::Refused, problem)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::EnvFileAt;
    use crate::engine::port::{EnvFile as _, EnvValue, EnvWrite};
    use crate::error::Code;

    fn set(value: &str) -> Vec<EnvWrite> {
        vec![EnvWrite { variable: "APP_ENV".into(), value: EnvValue::Text(value.into()) }]
    }

    #[test]
    fn what_stood_there_comes_back_byte_by_byte_and_what_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env.production");
        fs::write(&path, "# mine\nAPP_ENV = 'test' # really\n").unwrap();
        let mut file = EnvFileAt::new(&path, ".env.production", folder.path().join(".golive/backups"));
        let backup = file.write(&set("live")).unwrap().unwrap();
        let kept = file.fresh_backup().unwrap();
        let names: Vec<String> = file.backups().into_iter().map(|(path, _)| path).collect();
        assert_eq!(names, std::slice::from_ref(&backup));
        for _ in 0..2 {
            file.restore(Some(&backup), kept.as_deref()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\nAPP_ENV = 'test' # really\n");
        }
        let kept = fs::read_to_string(kept.unwrap()).unwrap();
        assert!(kept.contains("live") && !kept.contains("'test'"), "{kept}");
        assert_eq!(file.backups().len(), 2);
    }

    #[test]
    fn where_nothing_stood_the_file_goes_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let mut file = EnvFileAt::new(&path, ".env", folder.path().join("backups"));
        assert_eq!((file.exists(), file.fresh_backup().unwrap()), (Some(false), None));
        assert_eq!(file.write(&set("live")).unwrap(), None);
        let kept = file.fresh_backup().unwrap();
        file.restore(None, kept.as_deref()).unwrap();
        assert!(!path.exists());
        assert!(fs::read_to_string(kept.unwrap()).unwrap().contains("APP_ENV=live"));
    }

    #[test]
    fn a_backup_that_is_gone_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "A=1\n").unwrap();
        let mut file = EnvFileAt::new(&path, ".env", folder.path().join("backups"));
        let failure = file.restore(Some("backups/env.20261124T101532Z"), None).unwrap_err();
        assert_eq!(failure.problem.code, Code::RollbackBackup);
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1\n");
        assert!(file.backup("backups/env.20261124T101532Z").unwrap().is_none());
    }
}
