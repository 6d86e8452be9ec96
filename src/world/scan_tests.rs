//! A repository of the test's own, searched for real.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::scan;
use crate::error::Code;
use crate::step::{ScanAsk, ScanRule, ScanSight, ScanSort};

fn key(prefix: &str) -> String {
    format!("{prefix}51H8{}Qx7Qd", "aB3dE5".repeat(3))
}

fn rule(sort: ScanSort, pattern: &str, files: &[&str]) -> ScanRule {
    ScanRule { sort, pattern: pattern.into(), files: files.iter().map(|file| (*file).to_owned()).collect() }
}

fn ask(rules: Vec<ScanRule>) -> ScanAsk {
    ScanAsk { paths: vec![".".into()], exclude: Vec::new(), tracked_only: false, rules, ignored: Vec::new() }
}

fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn look(dir: &Path, ask: &ScanAsk) -> ScanSight {
    scan(ask, dir, None).unwrap()
}

fn git(dir: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"];
    let done = Command::new("git").args(who).args(arguments).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn places(sight: &ScanSight, rule: usize) -> Vec<String> {
    sight.found[rule].places.iter().map(|place| format!("{}:{} {}", place.file, place.line, place.text)).collect()
}

#[test]
fn keys_are_found_with_their_line_and_shown_shortened_and_placeholders_are_not_keys() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "src/app.py", format!("import os\nKEY = '{}'\n", key("sk_live_")));
    write(dir.path(), ".hidden/conf", format!("{}\n{}", key("rk_live_"), key("sk_test_")));
    write(
        dir.path(),
        "README.md",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx sk_live_your_key whsec_short mask_live_abcdefgh12345678",
    );
    write(dir.path(), "hook.js", key("whsec_"));
    let seen = look(dir.path(), &ask(vec![rule(ScanSort::Keys, "", &[])]));
    let found = places(&seen, 0);
    let wanted = [
        ".hidden/conf:1 rk_live_…x7Qd",
        ".hidden/conf:2 sk_test_…x7Qd",
        "hook.js:1 whsec_…x7Qd",
        "src/app.py:2 sk_live_…x7Qd",
    ];
    assert_eq!(found, wanted);
    assert_eq!((seen.files, seen.found[0].count), (4, 4));
}

#[test]
fn what_git_ignores_is_left_out_and_what_it_keeps_can_be_all() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".gitignore", ".env\nnode_modules/\n");
    for file in [".env", "node_modules/x/index.js", "kept.py", "new.py"] {
        write(dir.path(), file, key("sk_live_"));
    }
    let keys = || ask(vec![rule(ScanSort::Keys, "", &[])]);
    // Without a repository the rules of .gitignore hold as well.
    assert_eq!(look(dir.path(), &keys()).found[0].count, 2);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "-f", "kept.py", "node_modules"]);
    assert_eq!(look(dir.path(), &keys()).found[0].count, 2);
    let tracked = ScanAsk { tracked_only: true, ..keys() };
    let found = places(&look(dir.path(), &tracked), 0);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("kept.py") && found[1].starts_with("node_modules/x"), "{found:?}");
    let fewer = ScanAsk { exclude: vec!["node_modules/".into(), "*.py".into()], tracked_only: true, ..keys() };
    assert_eq!(look(dir.path(), &fewer).found[0].count, 0);
    let ignored = ScanAsk { ignored: vec![".env".into(), "kept.py".into(), "other".into()], ..keys() };
    assert_eq!(look(dir.path(), &ignored).not_ignored, ["git keeps `kept.py`", "git does not ignore `other`"]);
}

#[test]
fn binary_long_and_spared_files_are_left_out_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "image.png", [&b"\x89PNG\0"[..], key("sk_live_").as_bytes()].concat());
    write(dir.path(), "dump.sql", vec![b'a'; 8 * 1024 * 1024 + 1]);
    write(dir.path(), ".env.production", key("sk_live_"));
    write(dir.path(), ".golive/x.jsonl", key("sk_live_"));
    write(dir.path(), "a.py", "pass");
    let spared = dir.path().join(".env.production");
    let seen = scan(&ask(vec![rule(ScanSort::Keys, "", &[])]), dir.path(), Some(&spared)).unwrap();
    assert_eq!((seen.files, seen.binary, seen.long.len(), seen.found[0].count), (1, 1, 1, 0));
}

#[test]
fn patterns_are_looked_for_in_the_files_they_are_about() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "payments/webhooks.py", "def f():\n    print(event)\n");
    write(
        dir.path(),
        "app.py",
        "print('x')\nKEY = os.getenv(\"STRIPE_SECRET_KEY\")\nPRICE = 'price_1NcSample12345678'\n",
    );
    let rules = vec![
        rule(ScanSort::Forbid, r"print\(", &["payments/webhooks.py"]),
        rule(ScanSort::Require, r"os\.getenv\(.STRIPE_SECRET_KEY", &["app.py"]),
        rule(ScanSort::Forbid, r"^KEY", &["missing.py"]),
        rule(ScanSort::Ids, "", &[]),
    ];
    let seen = look(dir.path(), &ask(rules));
    assert_eq!(places(&seen, 0), ["payments/webhooks.py:2 print(event)"]);
    assert_eq!(places(&seen, 1), ["app.py:2 KEY = os.getenv(\"STRIPE_SECRET_KEY\")"]);
    assert_eq!((seen.found[2].files, seen.found[2].count), (0, 0));
    assert_eq!(places(&seen, 3), ["app.py:3 PRICE = 'price_1NcSample12345678'"]);
}

#[test]
fn a_place_that_is_not_there_and_a_folder_git_does_not_know_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = ScanAsk { paths: vec!["nowhere".into()], ..ask(Vec::new()) };
    assert_eq!(scan(&nowhere, dir.path(), None).unwrap_err().code, Code::ScanPlace);
    let tracked = ScanAsk { tracked_only: true, ..ask(Vec::new()) };
    assert_eq!(scan(&tracked, dir.path(), None).unwrap_err().message, "git does not list the files here");
}

#[test]
fn many_places_are_counted_and_few_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    for file in 0..9 {
        write(dir.path(), &format!("{file}.txt"), "TODO\n".repeat(100));
    }
    let seen = look(dir.path(), &ask(vec![rule(ScanSort::Forbid, "TODO", &[])]));
    assert_eq!((seen.found[0].count, seen.found[0].places.len()), (900, 50));
}
