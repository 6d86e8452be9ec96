//! What a journal and its lock must withstand.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Journal, Lock, journal_path, lock_path, read, read_holder};
use crate::engine::port::Store;
use crate::error::{Class, Code, Failure};
use crate::mode::Mode;
use crate::state::{Event, format};

fn header() -> Event {
    Event::Opened {
        format: format::CURRENT,
        golive: "0.1.0".into(),
        run: "run-1".into(),
        checklist: "shop".into(),
        title: "Shop".into(),
        mode: Mode::Test,
    }
}

fn variable(name: &str) -> Event {
    Event::Variable { name: name.into(), value: "1".into() }
}

struct Place {
    _dir: tempfile::TempDir,
    journal: PathBuf,
    lock: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_path(dir.path(), "shop", Mode::Test);
    let lock = lock_path(dir.path(), "shop", Mode::Test);
    Place { _dir: dir, journal, lock }
}

impl Place {
    fn with_three_lines() -> Self {
        let place = place();
        let (mut journal, ..) = place.open().unwrap();
        journal.append(&[variable("A"), variable("B")]).unwrap();
        place
    }

    fn open(&self) -> Result<(Journal, Vec<crate::state::Line>, Vec<String>), Failure> {
        let lock = Lock::take(&self.lock, "golive wizard")?;
        Journal::open(&self.journal, &lock, header)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.journal).unwrap()
    }

    fn set(&self, text: &str) {
        fs::write(&self.journal, text).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_journal_is_private_ignored_by_git_and_says_what_it_is() {
    let place = place();
    let (_journal, lines, notes) = place.open().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].event, header());
    assert!(notes.is_empty());
    let folder = place.journal.parent().unwrap();
    assert_eq!((mode(folder), mode(&place.journal), mode(&place.lock)), (0o700, 0o600, 0o600));
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn lines_are_numbered_without_gaps_across_openings() {
    let place = Place::with_three_lines();
    let (mut journal, lines, _) = place.open().unwrap();
    assert_eq!(lines.len(), 3);
    journal.append(&[variable("C")]).unwrap();
    let seqs: Vec<_> = read(&place.journal).unwrap().lines.iter().map(|line| line.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

#[test]
fn a_reader_finds_nothing_where_no_journal_is_and_makes_none() {
    let place = place();
    assert!(read(&place.journal).unwrap().lines.is_empty());
    assert!(!place.journal.exists());
}

#[test]
fn a_torn_last_line_is_dropped_by_readers_and_cut_off_by_writers() {
    let place = Place::with_three_lines();
    let whole = place.text();
    for torn in ["{\"seq\":4,\"at\":\"20", "\0\0\0\0", "{\"seq\":4,\"at\":\"x\",\"event\":{\"type\":\"finished\"}}"] {
        place.set(&format!("{whole}{torn}"));
        let seen = read(&place.journal).unwrap();
        assert_eq!((seen.lines.len(), seen.notes.len()), (3, 1));
        assert_eq!(place.text(), format!("{whole}{torn}"), "a reader changes nothing");
        let (mut journal, lines, notes) = place.open().unwrap();
        assert_eq!((lines.len(), notes.len()), (3, 1));
        assert_eq!(place.text(), whole);
        journal.append(&[variable("C")]).unwrap();
        drop(journal);
        assert_eq!(read(&place.journal).unwrap().lines.len(), 4);
    }
}

#[test]
fn a_torn_first_line_leaves_a_journal_that_begins_again() {
    let place = Place::with_three_lines();
    place.set("{\"seq\":1,\"at\"");
    let (_journal, lines, notes) = place.open().unwrap();
    assert_eq!((lines.len(), notes.len()), (1, 1));
    assert_eq!(read(&place.journal).unwrap().lines.len(), 1);
}

#[test]
fn garbage_in_the_middle_is_named_by_its_line_and_never_quoted() {
    let place = Place::with_three_lines();
    let lines: Vec<_> = place.text().lines().map(str::to_owned).collect();
    for garbage in ["sk_live_garbage", "", "{\"seq\":2,\"at\":\"x\",\"event\":{\"type\":\"sk_live_garbage\"}}"] {
        place.set(&format!("{}\n{garbage}\n{}\n", lines[0], lines[2]));
        for failure in [read(&place.journal).unwrap_err(), place.open().unwrap_err()] {
            assert_eq!(failure.problem.code, Code::StateDamaged);
            assert_eq!(failure.class, Class::Refused);
            assert!(failure.problem.message.contains("line 2"), "{}", failure.problem.message);
            assert!(!format!("{failure:?}").contains("sk_live_garbage"));
        }
    }
}

#[test]
fn a_missing_line_and_a_repeated_one_are_noticed() {
    let place = Place::with_three_lines();
    let lines: Vec<_> = place.text().lines().map(str::to_owned).collect();
    for text in [
        format!("{}\n{}\n", lines[0], lines[2]),
        format!("{}\n{}\n{}\n", lines[0], lines[1], lines[1]),
        format!("{}\n", lines[1]),
    ] {
        place.set(&text);
        assert_eq!(read(&place.journal).unwrap_err().problem.code, Code::StateDamaged);
    }
}

#[test]
fn a_newer_journal_is_shown_as_far_as_it_is_understood_and_never_written() {
    let place = Place::with_three_lines();
    let text = place.text().replacen("\"format\":1", "\"format\":2", 1)
        + "{\"seq\":4,\"at\":\"x\",\"event\":{\"type\":\"teleported\"}}\n";
    place.set(&text);
    let seen = read(&place.journal).unwrap();
    assert!(seen.newer);
    assert_eq!((seen.lines.len(), seen.notes.len()), (3, 1));
    let failure = place.open().unwrap_err();
    assert_eq!((failure.problem.code, failure.class), (Code::StateNewer, Class::Refused));
    assert_eq!(place.text(), text, "nothing was written");
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let place = place();
    let held = Lock::take(&place.lock, "golive wizard").unwrap();
    let failure = Lock::take(&place.lock, "golive apply").unwrap_err();
    assert_eq!((failure.problem.code, failure.class), (Code::Locked, Class::TryAgain));
    let pid = std::process::id().to_string();
    assert!(failure.problem.message.contains(&pid) && failure.problem.message.contains("golive wizard"));
    assert_eq!(read_holder(&place.lock).unwrap().command, "golive wizard");
    drop(held);
    assert!(place.lock.exists(), "the lock file is never deleted");
    assert_eq!(read_holder(&place.lock), None);
    Lock::take(&place.lock, "golive apply").unwrap();
}

/// Not a test of its own: what other tests run as a second process, named by `GOLIVE_TEST_PLACE`.
#[test]
#[expect(clippy::disallowed_methods, reason = "how a test finds its second process")]
fn second_process() {
    let Some(journal) = std::env::var_os("GOLIVE_TEST_PLACE").map(PathBuf::from) else { return };
    let lock = Lock::take(&journal.with_extension("lock"), "golive wizard").unwrap();
    let (mut journal, ..) = Journal::open(&journal, &lock, header).unwrap();
    journal.append(&[variable("A"), variable("B")]).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

fn second_process_at(place: &Place, crash: &str) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::second_process"])
        .env("GOLIVE_TEST_PLACE", &place.journal)
        .env("GOLIVE_CRASH_AT", crash)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_golive_leaves_no_lock_behind() {
    let place = place();
    let mut child = second_process_at(&place, "never:1");
    while read(&place.journal).unwrap().lines.len() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "the second process ended");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let failure = place.open().unwrap_err();
    assert_eq!(failure.problem.code, Code::Locked);
    assert!(failure.problem.message.contains(&child.id().to_string()), "{}", failure.problem.message);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(place.open().unwrap().1.len(), 3);
}

#[test]
#[cfg(debug_assertions)]
fn whatever_moment_a_golive_is_killed_at_the_journal_opens() {
    for (crash, lines) in
        [("journal.append:1", 1), ("journal.synced:1", 1), ("journal.append:2", 1), ("journal.synced:3", 3)]
    {
        let place = place();
        let status = second_process_at(&place, crash).wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{crash}");
        let (mut journal, found, notes) = place.open().unwrap();
        assert_eq!((found.len(), notes.len()), (lines, 0), "{crash}");
        journal.append(&[variable("C")]).unwrap();
    }
}

#[test]
fn an_open_journal_keeps_the_run_locked() {
    let place = place();
    let (journal, ..) = place.open().unwrap();
    assert!(Lock::take(&place.lock, "golive apply").is_err());
    drop(journal);
    assert!(Lock::take(&place.lock, "golive apply").is_ok());
}

#[test]
fn the_lock_of_another_run_opens_no_journal() {
    let place = place();
    let other = Lock::take(&place.lock.with_file_name("shop.live.lock"), "golive wizard").unwrap();
    assert_eq!(Journal::open(&place.journal, &other, header).unwrap_err().problem.code, Code::Internal);
    assert!(!place.journal.exists());
}

#[test]
fn a_journal_that_failed_once_takes_no_more() {
    let place = place();
    let lock = Lock::take(&place.lock, "golive wizard").unwrap();
    let full = Path::new("/dev/full");
    let (mut journal, ..) = Journal::open(&place.journal, &lock, header).unwrap();
    journal.replace_file(fs::OpenOptions::new().write(true).open(full).unwrap());
    let failure = journal.append(&[variable("A")]).unwrap_err();
    assert_eq!(failure.problem.code, Code::DiskFull);
    let failure = journal.append(&[variable("A")]).unwrap_err();
    assert_eq!(failure.problem.code, Code::Io);
    assert!(failure.problem.message.contains("takes no more"), "{}", failure.problem.message);
}

#[test]
fn a_state_folder_that_is_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(super::FOLDER), "").unwrap();
    let failure = Lock::take(&lock_path(dir.path(), "shop", Mode::Test), "golive wizard").unwrap_err();
    assert!(failure.problem.message.contains(super::FOLDER), "{}", failure.problem.message);
}

#[test]
fn the_frozen_journal_of_format_1_opens_for_ever() {
    let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journals/v1.jsonl");
    let seen = read(Path::new(frozen)).unwrap();
    assert!(!seen.newer && seen.notes.is_empty());
    let text = fs::read_to_string(frozen).unwrap();
    let types: std::collections::BTreeSet<String> = seen
        .lines
        .iter()
        .map(|line| serde_json::to_value(&line.event).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(types.len(), 21, "every event type is in it: {types:?}");
    for (line, original) in seen.lines.iter().zip(text.lines()) {
        let original = serde_json::from_str(original).unwrap();
        assert!(holds(&serde_json::to_value(line).unwrap(), &original), "line {} lost something", line.seq);
    }
}

/// Whether everything of an old value is still in the new one; a later golive may know more.
fn holds(new: &serde_json::Value, old: &serde_json::Value) -> bool {
    match (new, old) {
        (serde_json::Value::Object(new), serde_json::Value::Object(old)) => {
            old.iter().all(|(name, value)| new.get(name).is_some_and(|new| holds(new, value)))
        }
        _ => new == old,
    }
}
