//! Writes a file that a command was asked for: beside its place first, so that nobody ever finds half
//! of it, and on disk when the command ends. Not for secrets; those go through `env_file`.

use std::path::Path;

use crate::error::{AtPath, Result};
use crate::store::disk;

/// Writes a text, in the place of whatever is there. The caller asked for that.
pub fn text(text: &str, path: &Path) -> Result<()> {
    disk::replace(path, text.as_bytes(), "saved").at("write", path)
}

/// Writes a text where nothing may be yet; `false`: something is, and stays as it is.
pub fn new_text(text: &str, path: &Path) -> Result<bool> {
    disk::place(path, text.as_bytes(), "saved").at("write", path)
}
