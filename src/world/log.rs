//! A log file of this computer, read from its end: however long it is, whatever stands in it, and
//! whether or not it was rotated a moment ago. Read once, from one open file; nothing is kept.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::log_time::Clock;
use super::output::{clean, printable};
use super::search::Tally;
use crate::error::{Code, Problem};
use crate::step::{LogAsk, LogSight};

/// No more than this is read of a log.
const MOST: u64 = 32 * 1024 * 1024;
/// How much is read at once on the way back.
const BLOCK: u64 = 64 * 1024;
/// The end of a file that must be text.
const TEXT: usize = 8 * 1024;

/// The end of a file.
struct Tail {
    bytes: Vec<u8>,
    /// Whether it is the whole file.
    whole: bool,
    /// Whether lines before it would have counted.
    cut: bool,
    /// When the file was written to last.
    written: Option<Timestamp>,
}

/// Reads and searches a log.
pub(super) fn read(ask: &LogAsk, dir: &Path, now: Timestamp) -> Result<LogSight, Problem> {
    let since = ask.since_minutes.map(|minutes| now - jiff::SignedDuration::from_mins(i64::from(minutes)));
    let path = dir.join(&ask.file);
    let clock = Clock::at(now);
    let tail = tail(&path, &ask.file, ask.last_lines, since, &clock)?;
    let mut sight = LogSight { cut: tail.cut, ..LogSight::default() };
    let mut tally = Tally::new(&ask.searches);
    let oldest = lines(&tail.bytes).find_map(|line| clock.time_of(line));
    let Some(since) = since else {
        count(&tail, None, &clock, &mut tally, &mut sight);
        sight.hits = tally.finish();
        return Ok(sight);
    };
    let young = oldest.is_none_or(|oldest| oldest > since);
    let former = former(&path);
    if tail.whole
        && young
        && let Ok(before) = self::tail(&former, &ask.file, ask.last_lines, Some(since), &clock)
    {
        // Written before the time that counts: then nothing of it counts.
        if before.written.is_none_or(|written| written >= since) {
            count(&before, Some(since), &clock, &mut tally, &mut sight);
            sight.rotated = true;
        }
    }
    sight.untimed = oldest.is_none() && !tail.bytes.is_empty();
    if !sight.untimed {
        count(&tail, Some(since), &clock, &mut tally, &mut sight);
    } else if tail.written.is_none_or(|written| written >= since) {
        count(&tail, None, &clock, &mut tally, &mut sight);
    }
    sight.hits = tally.finish();
    Ok(sight)
}

/// `app.log.1`, where logrotate and others leave the file that was full.
fn former(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    PathBuf::from(name)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

fn count(tail: &Tail, since: Option<Timestamp>, clock: &Clock, tally: &mut Tally, sight: &mut LogSight) {
    // A line without a time belongs to the one before it: a stack trace, say.
    let mut counts = since.is_none();
    for line in lines(&tail.bytes) {
        if let Some(since) = since
            && let Some(time) = clock.time_of(line)
        {
            counts = time >= since;
        }
        if counts {
            sight.lines += 1;
            tally.line(&printable(line), &clean(line));
        }
    }
}

fn tail(path: &Path, shown: &str, most: Option<u32>, since: Option<Timestamp>, clock: &Clock) -> Result<Tail, Problem> {
    let unreadable = |error: &std::io::Error| unreadable(shown, error);
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "no file" };
        return Err(Problem::new(Code::LogUnreadable, format!("`{shown}` is {what}"))
            .fix(format!("name the file in it: ls -l {shown}")));
    }
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    // Of the open file: whatever happens to its name now, this one is read.
    let length = file.metadata().map_err(|error| unreadable(&error))?.len();
    let mut bytes = Vec::new();
    let mut from = length;
    let enough = |bytes: &[u8]| {
        let many = most.is_some_and(|most| count_ends(bytes) > u64::from(most));
        many || since.is_some_and(|since| is_older(bytes, since, clock))
    };
    while from > 0 && length - from < MOST && !enough(&bytes) {
        let step = BLOCK.max(length - from).min(from);
        let mut block = vec![0; usize::try_from(step).unwrap_or_default()];
        file.seek(SeekFrom::Start(from - step)).map_err(|error| unreadable(&error))?;
        let count = fill(&mut file, &mut block).map_err(|error| unreadable(&error))?;
        block.truncate(count);
        block.append(&mut bytes);
        (bytes, from) = (block, from - step);
    }
    let end = bytes.len().saturating_sub(TEXT);
    if bytes[end..].contains(&0) {
        return Err(Problem::new(Code::LogUnreadable, format!("`{shown}` is no text"))
            .why("it ends in bytes that no log of lines has: a journal of systemd, or a compressed file")
            .fix("let a command print it, in the checklist: run = \"journalctl -u app -n 2000\""));
    }
    let written = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    let cut = from > 0 && !enough(&bytes);
    if from > 0 {
        // Most likely the end of a line.
        let first = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..first);
    }
    if let Some(most) = most {
        bytes.drain(..last_lines(&bytes, most));
    }
    Ok(Tail { bytes, whole: from == 0, cut, written })
}

/// Reads until the buffer is full or the file, cut short meanwhile, has no more.
fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match file.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

fn count_ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Whether the first lines are older than what counts.
fn is_older(bytes: &[u8], since: Timestamp, clock: &Clock) -> bool {
    lines(bytes).skip(1).take(100).find_map(|line| clock.time_of(line)).is_some_and(|time| time < since)
}

/// Where the last so many lines begin.
fn last_lines(bytes: &[u8], most: u32) -> usize {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let ends = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(at, _)| at + 1).nth(usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(1)).unwrap_or(0)
}

fn unreadable(shown: &str, error: &std::io::Error) -> Problem {
    let (message, fix) = match error.kind() {
        ErrorKind::NotFound => (
            format!("there is no log at `{shown}`"),
            "see where the application writes it, then correct the checklist: file = \"…\"".to_owned(),
        ),
        ErrorKind::PermissionDenied => {
            (format!("`{shown}` may not be read"), format!("let your user read it: ls -l {shown}"))
        }
        _ => (format!("`{shown}` cannot be read"), format!("look at it: ls -l {shown}")),
    };
    Problem::new(Code::LogUnreadable, message).why(error.to_string()).fix(fix)
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
