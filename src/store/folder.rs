//! The state folder: mode 0700, ignored by git from its first moment, and its entries made durable.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::error::{AtPath, Result};

/// Makes the folder if it is not there, readable by its owner alone, with a `.gitignore` that
/// keeps everything in it out of git.
pub fn ensure_folder(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).at("make the folder", folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent)?;
        }
    }
    let ignore = folder.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&ignore) {
        Ok(mut file) => {
            file.write_all(b"*\n").at("write", &ignore)?;
            file.sync_all().at("write", &ignore)?;
            sync_folder(folder)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).at("write", &ignore),
    }
}

/// Makes a folder's entries durable: a new or renamed file survives a power cut only after this.
pub fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|handle| handle.sync_all()).at("write to the folder", folder)
}

/// The file's bytes; nothing when it does not exist.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.at("read", path),
    }
}
