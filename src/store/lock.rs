//! The lock of a run: held by the one golive that may write, named after what holds it.
//!
//! The operating system releases it with the process, so a killed golive never blocks the next.
//! The file is never deleted: deleting it would let two writers hold two locks of one name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bounded;
use super::folder::{ensure_folder, no_link};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its command, `golive wizard`.
    pub command: String,
    /// Since when, RFC 3339 UTC.
    pub started: String,
    /// The computer's name, for folders that several computers share.
    pub host: String,
}

/// The right to write to a run. Held until it and every journal opened with it are dropped.
#[derive(Debug, Clone)]
pub struct Lock(Arc<Held>);

#[derive(Debug)]
struct Held {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock at once, or fails with [`Code::Locked`] naming who has it.
    pub fn take(path: &Path, command: &str) -> Result<Self> {
        ensure_folder(path.parent().unwrap_or(Path::new(".")))?;
        no_link(path)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .at("open", path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(path)),
            Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
        }
        let holder = Holder {
            pid: std::process::id(),
            command: format!("golive {}", command.trim_start_matches("golive ")),
            started: super::journal::now(),
            host: host(),
        };
        let mut text = serde_json::to_vec(&holder).unwrap_or_default();
        text.push(b'\n');
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&text)).at("write", path)?;
        Ok(Self(Arc::new(Held { file, path: path.to_owned() })))
    }

    /// Whether this is the lock of that journal: beside it, and of its name.
    pub(super) fn guards(&self, journal: &Path) -> bool {
        self.0.path.with_extension("") == journal.with_extension("")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // An empty file says that nobody holds it; the lock itself goes with the handle.
        let _ = self.file.set_len(0);
    }
}

/// Who holds a lock, as its file says. `None` when nobody does or nothing is known. A golive that
/// was killed leaves its name behind, so this is for showing, never for deciding.
pub fn read_holder(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&bounded::read(path, 64 << 10).ok()?).ok()
}

fn busy(path: &Path) -> Failure {
    let problem = match read_holder(path) {
        Some(Holder { pid, command, started, host }) => Problem::new(
            Code::Locked,
            format!("another golive is working on this run: `{command}`, process {pid}, since {started}"),
        )
        .why(format!("it runs on {host}"))
        .fix(format!("wait for it, or see what it does: ps -p {pid}")),
        None => Problem::new(Code::Locked, "another golive is working on this run"),
    };
    Failure::new(Class::TryAgain, problem.fix("look without changing anything: golive status"))
}

fn host() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this computer".into())
}
