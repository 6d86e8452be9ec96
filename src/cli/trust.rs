//! Which lists of commands were allowed on this computer. Kept in the user's own state folder: a
//! repository must not be able to allow itself.

use std::path::PathBuf;

use crate::config;
use crate::engine::Trust;
use crate::error::{AtPath, Result};
use crate::store::disk;

/// The file of allowed digests, one a line.
pub struct AllowedCommands(Option<PathBuf>);

impl AllowedCommands {
    /// This computer's. Without a home folder nothing is remembered, and golive asks every time.
    pub fn of_this_computer() -> Self {
        Self(config::state_home().map(|home| home.join("allowed-commands")))
    }
}

impl Trust for AllowedCommands {
    fn is_allowed(&self, digest: &str) -> bool {
        let text = self.0.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        text.is_some_and(|text| text.lines().any(|line| line == digest))
    }

    fn allow(&mut self, digest: &str) -> Result<()> {
        let Some(path) = &self.0 else { return Ok(()) };
        if let Some(folder) = path.parent() {
            disk::make_folder(folder, "allowed").at("make the folder", folder)?;
        }
        let file = disk::open_at_end(path, "allowed").at("open", path)?;
        let line = format!("{digest}\n");
        disk::write(&file, path, line.as_bytes(), "allowed").at("write to", path)?;
        disk::settle(path, "allowed").at("write to", path)
    }
}
