//! Writes a file that a command was asked for: beside its place first, so that nobody ever finds half
//! of it. Not for secrets; those go through `env_file`.

use std::io::Write as _;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{AtPath, Result};

/// Writes a text, in the place of whatever is there. The caller asked for that.
pub fn text(text: &str, path: &Path) -> Result<()> {
    written(text, path)?.persist(path).map(|_| ()).map_err(|error| error.error).at("write", path)
}

/// Writes a text where nothing may be yet; `false`: something is, and stays as it is.
pub fn new_text(text: &str, path: &Path) -> Result<bool> {
    match written(text, path)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error).at("write", path),
    }
}

/// The text in a file of the same folder that goes away unless it is kept.
fn written(text: &str, path: &Path) -> Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).at("write to", folder)?;
    file.write_all(text.as_bytes()).at("write", path)?;
    file.as_file().sync_all().at("write", path)?;
    Ok(file)
}
