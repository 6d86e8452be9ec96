//! How far a drill has come: begun, noticed, repaired. Kept in the drill's folder, it names the numbers of
//! the drill's journal, and is replaced as a whole, so that a drill can be stopped and killed anywhere.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::crash::crash_point;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::state::{Event, Line};
use crate::store::disk;

/// The file, in the drill's folder.
const NAME: &str = "diary.json";

/// How far it has come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Diary {
    /// The journal's number when the trouble began.
    pub began: Option<u64>,
    /// How it was named.
    pub noticed: Option<Noticed>,
    /// How it was repaired.
    pub repaired: Option<Repaired>,
    #[serde(skip)]
    path: PathBuf,
}

/// The trouble has its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Noticed {
    /// The journal's number at that time.
    pub seq: u64,
    /// The item that named it; none when the run ended with it.
    pub item: Option<String>,
    /// What it was called.
    pub problem: Problem,
}

/// The trouble is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repaired {
    /// The journal's number at that time.
    pub seq: u64,
    /// Who did it.
    pub by: String,
}

impl Diary {
    /// Reads it; a drill without one has not begun, and neither has one without its journal.
    pub fn read(folder: &Path, journal: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        if !journal.exists() {
            return Ok(Self { path, ..Self::default() });
        }
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self { path, ..Self::default() }),
            read => read.at("read", &path)?,
        };
        let diary: Self = serde_json::from_slice(&text).map_err(|error| damaged(&path, error))?;
        Ok(Self { path, ..diary })
    }

    /// Writes it. When this returns, it is on disk.
    pub fn save(&self) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        disk::make_folder(folder, "diary").at("make the folder", folder)?;
        let text = serde_json::to_vec(self).unwrap_or_default();
        disk::replace(&self.path, &text, disk::Readers::Owner, "diary").at("write", &self.path)?;
        crash_point("diary.saved");
        Ok(())
    }

    /// Whether the trouble is there.
    pub const fn is_open(&self) -> bool {
        self.began.is_some() && self.repaired.is_none()
    }
}

/// How many items were judged after one number of the journal, up to another.
pub fn judged(lines: &[Line], after: u64, until: u64) -> usize {
    let within = |line: &&Line| line.seq > after && line.seq <= until;
    lines.iter().filter(within).filter(|line| matches!(line.event, Event::Judged { .. })).count()
}

fn damaged(path: &Path, error: serde_json::Error) -> Failure {
    let problem = Problem::new(Code::StateDamaged, format!("`{}` cannot be read", path.display()))
        .why("it says how far the drill has come")
        .fix("begin the drill again: golive rehearse --drill NAME --fresh");
    Failure::new(Class::Refused, problem).because(error)
}
