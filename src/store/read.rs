//! Reading a journal: strict about its own format, tolerant of a newer one, silent about content.
//!
//! A torn last line is what a power cut leaves, and is dropped. Anything else that cannot be read
//! is damage: golive never guesses what a line said. No message quotes a line.

use std::path::Path;

use serde::Deserialize;

use super::Note;
use super::folder::bytes_of;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::state::{Event, Line, format};

/// What a journal holds.
#[derive(Debug, Default)]
pub struct Read {
    /// Its lines, in order. Of a newer format: those that could be understood.
    pub lines: Vec<Line>,
    /// What the operator should know.
    pub notes: Vec<Note>,
    /// Whether a newer golive wrote it: it may be shown, never written.
    pub newer: bool,
    /// How many bytes are good; what follows is a torn line.
    pub(super) good: usize,
    /// How many bytes there are.
    pub(super) size: usize,
}

/// Reads a journal without a lock and without changing it. One that does not exist is empty.
pub fn read(path: &Path) -> Result<Read> {
    parse(&bytes_of(path)?, path)
}

/// The first line of any format, by the fields that no format will change.
#[derive(Deserialize)]
struct Header {
    event: HeaderEvent,
}

#[derive(Deserialize)]
struct HeaderEvent {
    #[serde(rename = "type")]
    type_: String,
    format: u32,
}

#[derive(Deserialize)]
struct Number {
    seq: u64,
}

pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Read> {
    let good = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let mut read = Read { good, size: bytes.len(), ..Read::default() };
    if good < bytes.len() {
        read.notes.push(format!(
            "The last line of {} was not finished, as after a power cut; it is left out, and what it was about is looked at again.",
            path.display()
        ));
    }
    let Some(body) = bytes.get(..good.saturating_sub(1)).filter(|_| good > 0) else { return Ok(read) };

    for (index, text) in body.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        if index == 0 {
            read.newer = is_newer(text).ok_or_else(|| damaged(path, number, "it does not say which run this is"))?;
        }
        match serde_json::from_slice::<Line>(text) {
            Ok(line) if line.seq != number as u64 => return Err(out_of_order(path, number, line.seq)),
            Ok(line) => read.lines.push(line),
            Err(_) if read.newer => match serde_json::from_slice::<Number>(text) {
                Ok(Number { seq }) if seq == number as u64 => {}
                Ok(Number { seq }) => return Err(out_of_order(path, number, seq)),
                Err(_) => return Err(damaged(path, number, "it is not a line of a journal")),
            },
            Err(error) => {
                return Err(damaged(path, number, "it is not an event this golive knows").because(blunt(&error)));
            }
        }
    }
    if !read.newer && !matches!(read.lines.first().map(|line| &line.event), Some(Event::Opened { .. })) {
        return Err(damaged(path, 1, "it does not say which run this is"));
    }
    if read.newer {
        let left_out = match body.split(|&byte| byte == b'\n').count() - read.lines.len() {
            0 => String::new(),
            1 => ", without one line".to_owned(),
            many => format!(", without {many} lines"),
        };
        read.notes.push(format!(
            "{} was written by a newer golive; it is shown as far as this one understands it{left_out}.",
            path.display()
        ));
    }
    Ok(read)
}

fn is_newer(first: &[u8]) -> Option<bool> {
    let Header { event } = serde_json::from_slice(first).ok()?;
    (event.type_ == "opened" && event.format > 0).then(|| format::is_newer(event.format))
}

/// Where and what kind, without serde's quotation of what it found there.
fn blunt(error: &serde_json::Error) -> anyhow::Error {
    anyhow::anyhow!("{:?} error at column {}", error.classify(), error.column())
}

fn out_of_order(path: &Path, number: usize, seq: u64) -> Failure {
    damaged(path, number, &format!("it carries number {seq}: a line is missing or stands twice"))
}

fn damaged(path: &Path, number: usize, what: &str) -> Failure {
    let place = path.display();
    let problem = Problem::new(Code::StateDamaged, format!("line {number} of `{place}` cannot be read"))
        .why(what.to_owned())
        .why("golive never guesses what a line said")
        .fix("restore the file from a copy, then look at it: golive status")
        .fix(format!(
            "put it aside and begin again, golive finds what is already in Stripe: mv {place} {place}.damaged"
        ));
    Failure::new(Class::Refused, problem)
}
