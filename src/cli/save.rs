//! Writes a file that a command was asked for: beside its place first, so that nobody ever finds half
//! of it, and on disk when the command ends. Not for secrets; those go through `env_file`.

use std::path::Path;

use crate::error::{AtPath, Result};
use crate::store::disk::{self, Readers};

/// Writes a text for its owner alone, in the place of whatever is there. The caller asked for that.
pub fn text(text: &str, path: &Path) -> Result<()> {
    disk::replace(path, text.as_bytes(), Readers::Owner, "saved").at("write", path)
}

/// Writes a checklist in the place of the one that is there, whose mode it keeps.
pub fn checklist(text: &str, path: &Path) -> Result<()> {
    disk::replace(path, text.as_bytes(), Readers::Umask, "saved").at("write", path)
}

/// Writes a checklist where nothing may be yet; `false`: something is, and stays as it is. It goes into
/// git, and the team reads it there: a file like any other.
pub fn new_checklist(text: &str, path: &Path) -> Result<bool> {
    disk::place(path, text.as_bytes(), Readers::Umask, "saved").at("write", path)
}
