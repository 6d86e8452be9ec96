//! The journal, held open for writing: append-only, one event a line, fsynced.
//!
//! What [`Store::append`] returns from is on disk. After an append that failed, the file may hold
//! half a line, so the journal takes no more; the next golive drops the torn line when it opens it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::folder::{ensure_folder, no_link};
use super::lock::Lock;
use super::read::{Read, parse};
use super::{Note, disk};
use crate::crash::crash_point;
use crate::engine::port::Store;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::state::{Event, Line, format};

/// Its crash points are `journal.written`, `journal.synced` and so on.
const WHAT: &str = "journal";

/// An open journal. Keeps the run locked as long as it lives.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    next: u64,
    broken: bool,
    _lock: Lock,
}

impl Journal {
    /// Opens the journal, or begins it with `header`, which must be [`Event::Opened`]. Returns
    /// what it holds and what the operator should know. A torn last line is cut off for good.
    pub fn open(path: &Path, lock: &Lock, header: impl FnOnce() -> Event) -> Result<(Self, Vec<Line>, Vec<Note>)> {
        if !lock.guards(path) {
            let problem = Problem::new(Code::Internal, "a journal was opened with the lock of another run");
            return Err(Failure::new(Class::Unforeseen, problem));
        }
        let folder = disk::folder_of(path);
        ensure_folder(folder)?;
        no_link(path)?;
        let mut file = disk::open_at_end(path, WHAT).at("open", path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).at("read", path)?;
        let Read { mut lines, notes, newer, good, size } = parse(&bytes, path)?;
        if newer {
            return Err(from_newer(path));
        }
        if good < size {
            disk::cut(&file, path, good as u64, WHAT).at("repair", path)?;
        }
        // A golive that was killed may have made the folder, the file or its last line and not synced
        // them: what is read here is built upon, so a power cut must not take it back.
        disk::sync(&file, path, WHAT).at("write", path)?;
        disk::sync_folder(folder, WHAT).at("write to the folder", folder)?;
        let above = disk::folder_of(folder);
        disk::sync_folder(above, WHAT).at("write to the folder", above)?;
        let mut journal =
            Self { file, path: path.to_owned(), next: lines.len() as u64 + 1, broken: false, _lock: lock.clone() };
        if lines.is_empty() {
            lines = journal.write(&[header()])?;
        }
        Ok((journal, lines, notes))
    }

    #[cfg(test)]
    pub(super) fn replace_file(&mut self, file: File) {
        self.file = file;
    }

    fn write(&mut self, events: &[Event]) -> Result<Vec<Line>> {
        if self.broken {
            return Err(refuses(&self.path));
        }
        let at = now();
        let mut text = Vec::with_capacity(events.len() * 256);
        let mut lines = Vec::with_capacity(events.len());
        for (seq, event) in (self.next..).zip(events) {
            let line = Line { seq, at: at.clone(), event: event.clone() };
            serde_json::to_writer(&mut text, &line).map_err(|error| {
                let problem = Problem::new(Code::Internal, "an event could not be written as JSON");
                Failure::new(Class::Unforeseen, problem).because(error)
            })?;
            text.push(b'\n');
            lines.push(line);
        }
        crash_point("journal.append");
        // Until it is known to be on disk, it may be half there.
        self.broken = true;
        disk::write(&self.file, &self.path, &text, WHAT).at("write", &self.path)?;
        disk::sync_data(&self.file, &self.path, WHAT).at("write", &self.path)?;
        self.broken = false;
        self.next += lines.len() as u64;
        Ok(lines)
    }
}

impl Store for Journal {
    fn append(&mut self, events: &[Event]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.write(events).map(drop)
    }
}

/// The time now, RFC 3339 UTC with milliseconds.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn refuses(path: &Path) -> Failure {
    let problem = Problem::new(Code::Io, format!("`{}` takes no more lines in this run", path.display()))
        .why("an earlier line could not be written to the end, and a half line must stay the last")
        .fix("run the same command again; it drops the half line and goes on: golive wizard");
    Failure::new(Class::Unforeseen, problem)
}

fn from_newer(path: &Path) -> Failure {
    let problem = Problem::new(Code::StateNewer, format!("`{}` was written by a newer golive", path.display()))
        .why(format!("this golive writes format {}", format::CURRENT))
        .fix("install the newer golive, then look: golive --version")
        .fix("until then it can be shown: golive status");
    Failure::new(Class::Refused, problem)
}
