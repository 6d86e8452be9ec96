//! The state folder: mode 0700, ignored by git from its first moment, and its entries made durable.

use std::io::ErrorKind;
use std::path::Path;

use super::{bounded, disk};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};

const IGNORE: &[u8] = b"*\n";

/// Makes the folder if it is not there, readable by its owner alone, with a `.gitignore` that
/// keeps everything in it out of git.
pub fn ensure_folder(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        disk::make_folder(folder, "folder").at("make the folder", folder)?;
    }
    let ignore = folder.join(".gitignore");
    no_link(&ignore)?;
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

/// What golive writes in its folder is a file of its own. A link in such a file's place, which a repository can
/// bring, would have another file of the operator's cut or written to, wherever it leads.
pub(super) fn no_link(path: &Path) -> Result<()> {
    if !path.is_symlink() {
        return Ok(());
    }
    let shown = path.display();
    let problem = Problem::new(Code::OutsideFolder, format!("`{shown}` is a link"))
        .why("golive makes this file itself, and never as a link; what it writes would land elsewhere")
        .fix(format!("see where it leads, then take it away: ls -l {shown}; rm {shown}"));
    Err(Failure::new(Class::Refused, problem))
}

/// A journal of ten thousand items has a tenth of it; a link to a device, which a repository can bring, has no end.
const MOST: u64 = 256 << 20;

/// The file's bytes; nothing when it does not exist.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    match bounded::read(path, MOST) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.at("read", path),
    }
}
