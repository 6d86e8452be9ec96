//! The state folder: mode 0700, ignored by git from its first moment, and its entries made durable.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::disk;
use crate::error::{AtPath, Result};

const IGNORE: &[u8] = b"*\n";

/// Makes the folder if it is not there, readable by its owner alone, with a `.gitignore` that
/// keeps everything in it out of git.
pub fn ensure_folder(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        disk::make_folder(folder, "folder").at("make the folder", folder)?;
    }
    let ignore = folder.join(".gitignore");
    // One that says nothing was begun by a golive that was killed, and keeps nothing out of git.
    if bytes_of(&ignore)?.iter().any(|byte| *byte != 0) {
        // It may be there, and not on disk yet, for the same reason.
        return disk::settle(&ignore, "ignore").at("write", &ignore);
    }
    let write = || {
        let file = disk::open_at_end(&ignore, "ignore")?;
        disk::cut(&file, &ignore, 0, "ignore")?;
        disk::write(&file, &ignore, IGNORE, "ignore")?;
        disk::sync(&file, &ignore, "ignore")?;
        disk::sync_folder(folder, "ignore")
    };
    write().at("write", &ignore)
}

/// The file's bytes; nothing when it does not exist.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.at("read", path),
    }
}
