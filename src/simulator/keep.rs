//! The file of a world: one JSON line for each change, appended before the answer is sent.
//!
//! One process at a time: two would each answer from a world of their own. The first line, with the
//! account and its keys, is on disk before anything is built on it; the rest is a drill's, and what a
//! power cut takes of it golive finds missing and makes again. A torn last line (a kill in the middle of a write) is cut off when the folder is opened again; a
//! broken line in the middle is an error, because what follows it would be a guess.

use super::world::{Entry, World};
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const NAME: &str = "world.jsonl";

/// Another process has the world of this folder.
#[derive(Debug)]
pub struct InUse(pub PathBuf);

impl std::fmt::Display for InUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "another golive uses the world in {}", self.0.display())
    }
}

impl std::error::Error for InUse {}

/// Where entries go: a file, or nowhere for a world in memory.
#[derive(Default)]
pub struct Keep {
    file: Option<File>,
    folder: Option<File>,
    /// How many bytes are whole lines.
    good: u64,
}

impl Keep {
    /// Opens (or makes) the folder and folds what is there into a world.
    pub fn open(folder: Option<&Path>) -> Result<(Self, World)> {
        let mut world = World::default();
        let Some(folder) = folder else {
            return Ok((Self::default(), world));
        };
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private(&mut options);
        let mut file = options.open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        lock(&file, folder)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let good = fold(&text, &mut world).with_context(|| format!("cannot read {}", path.display()))?;
        file.set_len(good as u64)?;
        file.seek(SeekFrom::End(0))?;
        let folder = File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
        Ok((Self { file: Some(file), folder: Some(folder), good: good as u64 }, world))
    }

    /// Appends one line; on a full disk the change must not be applied.
    pub fn append(&mut self, entry: &Entry) -> Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(entry)?;
            line.push(b'\n');
            if let Err(error) = file.write_all(&line) {
                // Half a line must not stand before the next one.
                file.set_len(self.good)?;
                file.seek(SeekFrom::End(0))?;
                return Err(error.into());
            }
            self.good += line.len() as u64;
            if !entry.accounts.is_empty() {
                file.sync_all()?;
                self.folder.as_ref().map_or(Ok(()), File::sync_all)?;
            }
        }
        Ok(())
    }
}

/// Takes the world for this process.
fn lock(file: &File, folder: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(InUse(folder.to_owned()).into()),
        Err(TryLockError::Error(error)) => Err(error).context("the world cannot be locked"),
    }
}

/// Keys and secrets are made up, but a world is still nobody else's business.
pub fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Folds the complete lines and returns how many bytes they take.
fn fold(text: &[u8], world: &mut World) -> Result<usize> {
    let mut good = 0;
    for (n, line) in text.split_inclusive(|b| *b == b'\n').enumerate() {
        if line.last() != Some(&b'\n') {
            break;
        }
        let entry = serde_json::from_slice(line).with_context(|| format!("line {} is not an entry", n + 1))?;
        world.apply(entry);
        good += line.len();
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::Keep;
    use crate::simulator::Mode;
    use crate::simulator::world::{Entry, Scope};
    use serde_json::json;
    use std::io::Write;

    #[test]
    fn a_torn_last_line_is_dropped_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let scope = Scope { account: "acct_1".into(), mode: Mode::Live };
        let entry = |id: &str| Entry {
            scope: Some(scope.clone()),
            put: vec![json!({"object": "product", "id": id})],
            ..Entry::default()
        };
        let (mut keep, _) = Keep::open(Some(folder.path())).unwrap();
        keep.append(&entry("a")).unwrap();
        let path = folder.path().join("world.jsonl");
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"scope\":{\"acc").unwrap();
        drop(keep);
        let (mut keep, _) = Keep::open(Some(folder.path())).unwrap();
        keep.append(&entry("b")).unwrap();
        drop(keep);
        let (_, world) = Keep::open(Some(folder.path())).unwrap();
        assert_eq!(world.store(&scope).all("product").count(), 2);
    }

    #[test]
    fn a_folder_has_one_world_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (first, _) = Keep::open(Some(folder.path())).unwrap();
        let refused = Keep::open(Some(folder.path())).err().unwrap();
        assert!(format!("{refused:#}").contains("another golive uses"), "{refused:#}");
        drop(first);
        assert!(Keep::open(Some(folder.path())).is_ok());
    }
}
