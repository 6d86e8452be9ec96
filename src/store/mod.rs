//! The journal on disk and its lock: everything a run must not forget.
//!
//! One writer at a time, proved by a [`Lock`]; readers take no lock. What [`Journal`] says it
//! appended is on disk. Built in `cli`; the engine sees it as [`crate::engine::port::Store`].

pub mod bounded;
pub mod disk;
mod folder;
mod journal;
mod lock;
mod read;

use std::path::{Path, PathBuf};

pub use folder::ensure_folder;
pub use journal::Journal;
pub use lock::{Holder, Lock, read_holder};
#[cfg(any(test, fuzzing))]
pub(crate) use read::parse;
pub use read::{Read, read};

use crate::mode::Mode;

/// Something the operator should know about the state file; a sentence.
pub type Note = String;

/// The folder of golive's state, beside the checklist.
pub const FOLDER: &str = ".golive";

/// `.golive/` under the checklist's folder, as short as it can be said.
pub fn state_folder(folder: &Path) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(FOLDER) } else { folder.join(FOLDER) }
}

/// `.golive/<checklist>.<mode>.jsonl`, under the checklist's folder.
pub fn journal_path(folder: &Path, checklist: &str, mode: Mode) -> PathBuf {
    state_folder(folder).join(format!("{checklist}.{mode}.jsonl"))
}

/// `.golive/<checklist>.<mode>.lock`, under the checklist's folder.
pub fn lock_path(folder: &Path, checklist: &str, mode: Mode) -> PathBuf {
    state_folder(folder).join(format!("{checklist}.{mode}.lock"))
}

#[cfg(test)]
mod tests;
