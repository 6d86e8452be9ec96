//! Log files as they really are: absent, huge, binary, rotated, without times.

use std::io::Write as _;
use std::path::Path;

use super::read;
use crate::error::Code;
use crate::step::{LogAsk, LogSight, Search};

fn now() -> jiff::Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn ask(last_lines: Option<u32>, since_minutes: Option<u32>, what: &str) -> LogAsk {
    let searches = vec![Search { what: what.into(), regex: false }];
    LogAsk { file: "app.log".into(), last_lines, since_minutes, searches }
}

fn look(dir: &Path, ask: &LogAsk) -> LogSight {
    read(ask, dir, now()).unwrap()
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

/// Makes a file as old as so many minutes before now.
fn age(dir: &Path, name: &str, minutes: i64) {
    let time = now() - jiff::SignedDuration::from_mins(minutes);
    let file = std::fs::OpenOptions::new().write(true).open(dir.join(name)).unwrap();
    file.set_modified(time.into()).unwrap();
}

#[test]
fn only_the_last_lines_count() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "app.log", "old error\none\ntwo error\nthree\n");
    let seen = look(dir.path(), &ask(Some(3), None, "error"));
    assert_eq!((seen.lines, seen.hits[0].count, seen.cut), (3, 1, false));
    assert_eq!(look(dir.path(), &ask(Some(30), None, "error")).hits[0].count, 2);
    write(dir.path(), "app.log", "no end of line");
    assert_eq!(look(dir.path(), &ask(Some(1), None, "no end")).lines, 1);
    write(dir.path(), "app.log", "");
    assert_eq!(
        look(dir.path(), &ask(Some(1), None, "x")),
        LogSight { hits: vec![crate::step::Hits::default()], ..LogSight::default() }
    );
}

#[test]
fn a_huge_log_is_read_from_its_end_only() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(dir.path().join("app.log")).unwrap();
    // Sparse, as a log is that was cut short while its writer went on.
    file.set_len(64 << 30).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    let line = format!("{}\n", "0123456789".repeat(10));
    for _ in 0..5000 {
        file.write_all(line.as_bytes()).unwrap();
    }
    file.write_all(b"the end\n").unwrap();
    let seen = look(dir.path(), &ask(Some(2000), None, "the end"));
    assert_eq!((seen.lines, seen.hits[0].count, seen.cut), (2000, 1, false));
    let seen = look(dir.path(), &ask(Some(4_000_000), None, "the end"));
    assert!(seen.cut && seen.hits[0].count == 1, "{seen:?}");
}

#[test]
fn what_is_no_text_no_file_or_not_there_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let trouble = || {
        let problem = read(&ask(Some(10), None, "x"), dir.path(), now()).unwrap_err();
        assert_eq!(problem.code, Code::LogUnreadable);
        problem.message
    };
    assert_eq!(trouble(), "there is no log at `app.log`");
    write(dir.path(), "app.log", "PNG\0\0\u{1}\u{2}");
    assert_eq!(trouble(), "`app.log` is no text");
    std::fs::remove_file(dir.path().join("app.log")).unwrap();
    std::fs::create_dir(dir.path().join("app.log")).unwrap();
    assert_eq!(trouble(), "`app.log` is a folder");
}

#[test]
fn invalid_text_escapes_and_secrets_are_cleaned_before_they_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let _secret = crate::secret::Secret::new("apricot-weathervane-3");
    std::fs::write(dir.path().join("app.log"), b"\x1b[31mERROR\x1b[0m \xff apricot-weathervane-3\n").unwrap();
    let seen = look(dir.path(), &ask(Some(10), None, "ERROR \u{fffd}"));
    assert_eq!(seen.hits[0].last.as_deref(), Some("ERROR \u{fffd} 21 characters, hidden"));
}

#[test]
fn only_the_last_minutes_count_with_what_belongs_to_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let text = "  trace of something older\n2026-11-21T10:00:00Z ERROR old\n2026-11-21T11:30:00Z ERROR new\n  trace\n";
    write(dir.path(), "app.log", text);
    let seen = look(dir.path(), &ask(None, Some(60), "ERROR"));
    assert_eq!((seen.lines, seen.hits[0].count, seen.untimed, seen.rotated), (2, 1, false, false));
}

#[test]
fn a_file_younger_than_the_time_asked_for_is_read_with_the_one_before_it() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "app.log", "2026-11-21T11:50:00Z ERROR young\n");
    write(dir.path(), "app.log.1", "2026-11-21T10:00:00Z ERROR old\n2026-11-21T11:30:00Z ERROR new\n");
    age(dir.path(), "app.log.1", 30);
    let seen = look(dir.path(), &ask(None, Some(60), "ERROR"));
    assert_eq!((seen.lines, seen.hits[0].count, seen.rotated), (2, 2, true));
    // Rotated a moment ago: the new file has nothing yet.
    write(dir.path(), "app.log", "");
    assert_eq!(look(dir.path(), &ask(None, Some(60), "ERROR")).hits[0].count, 1);
    age(dir.path(), "app.log.1", 90);
    assert!(!look(dir.path(), &ask(None, Some(60), "ERROR")).rotated);
}

#[test]
fn a_log_without_times_counts_as_a_whole_while_it_is_written_to() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "app.log", "ERROR one\nERROR two\n");
    age(dir.path(), "app.log", 5);
    let seen = look(dir.path(), &ask(None, Some(60), "ERROR"));
    assert_eq!((seen.lines, seen.untimed), (2, true));
    age(dir.path(), "app.log", 90);
    assert_eq!(look(dir.path(), &ask(None, Some(60), "ERROR")).lines, 0);
}
