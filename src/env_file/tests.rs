//! What an env file must come through unharmed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use proptest::prelude::*;

use super::EnvFileAt;
use super::text::{Document, encode};
use crate::engine::port::{EnvFile, EnvValue, EnvWrite};
use crate::error::{Class, Code, Failure};
use crate::secret::Secret;
use crate::step::{EnvSight, Sight};

struct Place {
    dir: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn with(text: &str) -> Self {
        let place = Self::empty();
        fs::write(&place.path, text).unwrap();
        fs::set_permissions(&place.path, Permissions::from_mode(0o600)).unwrap();
        place
    }

    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env.production");
        Self { dir, path }
    }

    fn file(&self) -> EnvFileAt {
        EnvFileAt::new(&self.path, ".env.production", self.dir.path().join(".golive/backups"))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn sight(&self) -> EnvSight {
        match self.file().look() {
            Sight::EnvFile(sight) => sight,
            other => panic!("{other:?}"),
        }
    }

    fn write(&self, values: &[(&str, &str)]) -> Result<Option<String>, Failure> {
        self.file().write(&set(values))
    }

    fn backups(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.dir.path().join(".golive/backups")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

fn set(values: &[(&str, &str)]) -> Vec<EnvWrite> {
    let one = |&(name, value): &(&str, &str)| EnvWrite { variable: name.into(), value: EnvValue::Text(value.into()) };
    values.iter().map(one).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_line_that_readers_read_differently_is_named_with_its_reason() {
    for (text, why) in [
        ("A=1\nAPP_NAME=My Shop\nB=2\n", "behind the value"),
        ("A=1\njust words\nB=2\n", "no `=`"),
        ("A=1\n2B=1\nB=2\n", "not a variable's name"),
        ("A=1\nQ='open\nB=2\n", "never closed"),
    ] {
        let place = Place::with(text);
        let sight = place.sight();
        assert_eq!(sight.problems.len(), 1, "{text}");
        assert_eq!(sight.problems[0].code, Code::EnvSyntax);
        assert!(sight.problems[0].message.contains("line 2"), "{}", sight.problems[0].message);
        assert!(sight.problems[0].why[0].contains(why), "{:?}", sight.problems[0].why);
        assert!(sight.get("A").is_some() && sight.get("B").is_some(), "the other lines are still read");
        let failure = place.write(&[("A", "2")]).unwrap_err();
        assert_eq!((failure.problem.code, failure.class), (Code::EnvSyntax, Class::Refused));
        assert_eq!(place.text(), text);
    }
}

#[test]
fn a_file_that_is_not_text_is_named_by_its_line() {
    let place = Place::with("A=1\n");
    fs::write(&place.path, b"A=1\nB=\xff\n").unwrap();
    assert!(place.sight().problems[0].message.contains("line 2"));
    assert_eq!(place.write(&[("A", "2")]).unwrap_err().problem.code, Code::EnvSyntax);
}

#[test]
fn a_value_is_replaced_in_place_and_nothing_else_moves() {
    let place = Place::with("# top\n\n  export KEY = 'old' # keep me\r\nB=#tight\nC=\"x\n y\"\nD=same");
    place.write(&[("KEY", "new"), ("B", "1"), ("C", "it's"), ("D", "same"), ("E", "a b")]).unwrap();
    let wanted = "# top\n\n  export KEY = new # keep me\r\nB=1 #tight\nC=\"it's\"\nD=same\r\n\r\n# added by golive\r\nE='a b'\r\n";
    assert_eq!(place.text(), wanted);
    place.write(&[("F", "2")]).unwrap();
    assert_eq!(place.text(), format!("{wanted}F=2\r\n"), "the comment stands once");
}

#[test]
fn a_file_that_is_not_there_is_made_private() {
    let place = Place::empty();
    assert!(!place.sight().exists);
    assert_eq!(place.write(&[("A", "1")]).unwrap(), None);
    assert_eq!(place.text(), "# added by golive\nA=1\n");
    assert_eq!(mode(&place.path), 0o600);
    assert!(place.backups().is_empty());
}

#[test]
fn the_former_file_is_kept_and_never_overwritten() {
    let place = Place::with("A=1\n");
    for value in ["2", "3", "4"] {
        let backup = place.write(&[("A", value)]).unwrap().unwrap();
        assert!(backup.contains("/.golive/backups/env.production.2"), "{backup}");
        assert_eq!(mode(Path::new(&backup)), 0o600);
    }
    let mut kept: Vec<_> = place.backups().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, ["A=1\n", "A=2\n", "A=3\n"]);
    assert_eq!(fs::read_to_string(place.dir.path().join(".golive/.gitignore")).unwrap(), "*\n");
}

#[test]
fn writing_what_is_there_writes_nothing_but_an_open_file_is_closed() {
    let place = Place::with("A='1'\n");
    assert_eq!(place.write(&[("A", "1")]).unwrap(), None);
    assert!(place.backups().is_empty());
    fs::set_permissions(&place.path, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(place.sight().mode, Some(0o644));
    place.write(&[]).unwrap().unwrap();
    assert_eq!((mode(&place.path), place.text().as_str()), (0o600, "A='1'\n"));
}

#[test]
fn nothing_is_left_beside_the_file() {
    let place = Place::with("A=1\n");
    place.write(&[("A", "2")]).unwrap();
    let mut names: Vec<_> = fs::read_dir(place.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".env.production", ".golive"]);
}

/// Not a test of its own: what the next one runs as a second process.
#[test]
#[expect(clippy::disallowed_methods, reason = "how a test finds its second process")]
fn second_process() {
    let Some(dir) = std::env::var_os("GOLIVE_TEST_ENV_FOLDER").map(PathBuf::from) else { return };
    let mut file = EnvFileAt::new(dir.join(".env.production"), ".env.production", dir.join(".golive/backups"));
    file.write(&set(&[("A", "2"), ("B", "3")])).unwrap();
}

#[test]
#[cfg(debug_assertions)]
fn whatever_moment_a_golive_is_killed_at_the_file_is_the_old_one_or_the_new_one() {
    let new = "A=2\n\n# added by golive\nB=3\n";
    for (crash, text) in [("env.beside:1", "A=1\n"), ("env.renamed:1", new), ("env.verified:1", new)] {
        let place = Place::with("A=1\n");
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "env_file::tests::second_process"])
            .env("GOLIVE_TEST_ENV_FOLDER", place.dir.path())
            .env("GOLIVE_CRASH_AT", crash)
            .output()
            .unwrap()
            .status;
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{crash}");
        assert_eq!((place.text().as_str(), place.backups().len()), (text, 1), "{crash}");
        place.write(&[("A", "2"), ("B", "3")]).unwrap();
        assert_eq!(place.text(), new);
        let left = fs::read_dir(place.dir.path()).unwrap().count();
        assert_eq!(left, 2, "what the killed one left beside the file is gone");
    }
}

#[test]
fn a_value_that_readers_differ_on_is_refused_without_being_quoted() {
    let place = Place::with("A=1\n");
    for value in ["it's $5", "a'b\\c", "a\0b", "a\rb", "'\"both"] {
        let failure = place.write(&[("B", value)]).unwrap_err();
        assert_eq!((failure.problem.code, failure.class), (Code::EnvRoundTrip, Class::Refused), "{value:?}");
        assert!(!format!("{failure:?}").contains(value));
    }
    assert_eq!(place.write(&[("NOT A NAME", "1")]).unwrap_err().problem.code, Code::EnvRoundTrip);
    assert_eq!(place.text(), "A=1\n");
    assert!(place.backups().is_empty());
}

#[test]
fn a_variable_that_stands_twice_stops_every_write_and_both_lines_are_named() {
    let place = Place::with("A=1\n# x\nA=2\nB=1\n");
    let sight = place.sight();
    assert_eq!(sight.lines("A"), [1, 3]);
    assert_eq!(sight.problems[0].code, Code::EnvDuplicate);
    let failure = place.write(&[("B", "2")]).unwrap_err();
    assert_eq!(failure.problem.code, Code::EnvDuplicate);
    assert!(failure.problem.message.contains("lines 1 and 3"), "{}", failure.problem.message);
    assert!(place.file().take("A").unwrap().is_none());
}

#[test]
fn a_file_that_changed_since_it_was_looked_at_is_not_written() {
    let place = Place::with("A=1\n");
    let mut file = place.file();
    file.look();
    fs::write(&place.path, "A=9\n").unwrap();
    let failure = file.write(&set(&[("A", "2")])).unwrap_err();
    assert_eq!((failure.problem.code, failure.class), (Code::EnvMoved, Class::Refused));
    assert_eq!(place.text(), "A=9\n");
    file.look();
    file.write(&set(&[("A", "2")])).unwrap();
    file.write(&set(&[("A", "3")])).unwrap();
    assert_eq!(place.text(), "A=3\n", "its own writes are no surprise to it");
}

#[test]
fn a_file_that_appeared_or_vanished_since_it_was_looked_at_is_not_written() {
    let place = Place::empty();
    let mut file = place.file();
    file.look();
    fs::write(&place.path, "A=9\n").unwrap();
    assert_eq!(file.write(&set(&[("A", "2")])).unwrap_err().problem.code, Code::EnvMoved);
    file.look();
    fs::remove_file(&place.path).unwrap();
    assert_eq!(file.write(&set(&[("A", "2")])).unwrap_err().problem.code, Code::EnvMoved);
}

#[test]
fn a_link_stays_a_link_and_its_target_is_written() {
    let place = Place::empty();
    let target = place.dir.path().join("shared/env");
    fs::create_dir(target.parent().unwrap()).unwrap();
    fs::write(&target, "A=1\n").unwrap();
    symlink("shared/env", &place.path).unwrap();
    place.write(&[("A", "2")]).unwrap();
    assert!(fs::symlink_metadata(&place.path).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), "A=2\n");
}

#[test]
fn a_read_only_file_is_left_alone() {
    let place = Place::with("A=1\n");
    fs::set_permissions(&place.path, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(place.sight().problems[0].code, Code::NotWritable);
    assert_eq!(place.write(&[("A", "2")]).unwrap_err().problem.code, Code::NotWritable);
    assert_eq!(place.text(), "A=1\n");
}

#[test]
fn a_missing_folder_is_named_with_the_command_that_makes_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = EnvFileAt::new(dir.path().join("deploy/.env"), "deploy/.env", dir.path().join(".golive/backups"));
    let Sight::EnvFile(sight) = file.look() else { panic!("no sight") };
    assert_eq!(sight.problems[0].code, Code::NotWritable);
    assert!(sight.problems[0].fix[0].contains("mkdir -p"));
}

#[test]
fn a_folder_in_the_files_place_cannot_be_looked_at() {
    let place = Place::empty();
    fs::create_dir(&place.path).unwrap();
    assert!(matches!(place.file().look(), Sight::Unseen(problem) if problem.code == Code::Io));
}

#[test]
fn a_file_that_git_tracks_is_never_written() {
    let place = Place::with("A=1\n");
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(place.dir.path()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    assert!(place.sight().problems.is_empty(), "in a repository, and not tracked");
    git(&["add", "-f", ".env.production"]);
    let sight = place.sight();
    assert_eq!(sight.problems[0].code, Code::EnvTracked);
    let failure = place.write(&[("A", "2")]).unwrap_err();
    assert_eq!((failure.problem.code, failure.class), (Code::EnvTracked, Class::Refused));
    assert_eq!(place.text(), "A=1\n");
    git(&["rm", "-q", "--cached", ".env.production"]);
    assert!(place.sight().problems.is_empty());
}

#[test]
fn a_secret_is_taken_when_it_stands_once_and_is_not_empty() {
    let key = format!("sk_live_{}", "a".repeat(24));
    let place = Place::with(&format!("K=\"{key}\"\nE=\nX=$OTHER\n"));
    let file = place.file();
    assert!(file.take("K").unwrap().unwrap().is(&key));
    assert!(file.take("E").unwrap().is_none());
    assert!(file.take("X").unwrap().is_none());
    assert!(file.take("MISSING").unwrap().is_none());
    let sight = place.sight();
    assert_eq!(sight.get("K").unwrap().shown(), "sk_live_…aaaa");
    assert!(!format!("{sight:?}").contains(&key));
}

#[test]
fn only_what_looks_secret_is_hidden() {
    let place = Place::with(
        "A=production\nP=price_1PzAbCdEfGh\nDB=postgres://me:hunter22@db/x\nSITE=https://a.example/x@y:z\nLOOKUP_KEY=pro_monthly\n",
    );
    let sight = place.sight();
    assert_eq!(sight.get("A").unwrap().shown(), "production");
    assert_eq!(sight.get("P").unwrap().shown(), "price_1PzAbCdEfGh");
    assert_eq!(sight.get("SITE").unwrap().shown(), "https://a.example/x@y:z");
    assert!(!sight.get("DB").unwrap().shown().contains("hunter22"));
    assert!(!sight.get("LOOKUP_KEY").unwrap().shown().contains("pro"));
    assert_eq!(crate::secret::Scrubber::scrub("price pro_monthly"), "price pro_monthly", "a word leaves no hole");
}

#[test]
fn a_secret_is_written_and_read_back() {
    let place = Place::with("W=\n");
    let secret = Arc::new(Secret::new(format!("whsec_{}+/=", "0123abcDEF".repeat(2))));
    let write = EnvWrite { variable: "W".into(), value: EnvValue::Secret(Arc::clone(&secret)) };
    place.file().write(&[write]).unwrap();
    assert!(place.file().take("W").unwrap().unwrap().same_as(&secret));
}

#[test]
fn the_later_of_two_values_for_one_variable_counts() {
    let place = Place::with("A=1\n");
    place.write(&[("A", "2"), ("A", "3"), ("B", "4"), ("B", "5")]).unwrap();
    assert_eq!(place.text(), "A=3\n\n# added by golive\nB=5\n");
}

#[test]
fn a_value_made_of_others_stays_as_written() {
    let place = Place::with("HOST=a\nURL=\"https://$HOST/x\"\n");
    place.write(&[("HOST", "b")]).unwrap();
    assert_eq!(place.text(), "HOST=b\nURL=\"https://$HOST/x\"\n");
    place.write(&[("URL", "https://$HOST/x")]).unwrap();
    assert_eq!(place.text(), "HOST=b\nURL='https://$HOST/x'\n", "meant literally, so written literally");
}

fn noise() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[ \t]{0,3}",
        "#[ -~é]{0,20}",
        "[A-Z]{1,4}_N=[a-z0-9_./:]{0,12}( # [a-z' ]{0,10})?",
        "export [A-Z]{1,4}_X = '[ -&(-~\n]{0,12}'",
        "[A-Z]{1,4}_Q=\"[a-z ]{0,8}\"",
    ];
    (proptest::collection::vec((line, prop_oneof![Just("\n"), Just("\r\n")]), 0..8), any::<bool>()).prop_map(
        |(lines, last)| {
            let mut text: String = lines.iter().flat_map(|(line, end)| [line.as_str(), *end]).collect();
            if !last && text.ends_with('\n') {
                text.pop();
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_but_the_value_stays(before in noise(), after in noise(), old in "[a-z]{0,6}", new in "[ -~]{0,16}") {
        let head = if before.is_empty() || before.ends_with('\n') { before } else { format!("{before}\n") };
        let text = format!("{head}TARGET={old}\n{after}");
        let document = Document::read(&text);
        prop_assume!(document.unreadable.is_empty() && document.duplicates().is_empty());
        prop_assume!(document.all("TARGET").count() == 1);
        let composed = super::write::compose(&text, &document, &set(&[("TARGET", &new)]), ".env");
        let Some(encoded) = encode(&new) else { prop_assert!(composed.is_err()); return Ok(()) };
        let composed = composed.unwrap();
        if old == new {
            prop_assert_eq!(composed.as_str(), &text);
        } else {
            prop_assert_eq!(composed.as_str(), format!("{head}TARGET={}\n{after}", encoded.as_str()));
        }
        let read = Document::read(&composed);
        prop_assert_eq!(read.all("TARGET").next().unwrap().value.as_str(), &new);
    }
}
