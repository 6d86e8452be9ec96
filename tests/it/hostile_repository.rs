//! A repository from somebody who means harm, with everything that can lie in it: git's own settings, links
//! to other files of the operator's, and links to devices that have no end. golive is started in it, and does
//! what it was asked to, or refuses.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::hostile::{manual, shows_all};
use crate::support::{Golive, Launch, Output};

/// A folder with a checklist that has a search and an env file in it.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = manual("title = \"A\"")
        + "[[phase.item]]\nid = \"keys\"\nkind = \"scan\"\ntitle = \"No keys\"\nkeys = true\n\
           ignored = [\".env\"]\n\
           [[phase.item]]\nid = \"kept\"\nkind = \"scan\"\ntitle = \"No keys in git\"\nkeys = true\ntracked_only = true\n\
           [env]\nfile = \".env\"\n";
    fs::write(folder.path().join("golive.toml"), text).unwrap();
    folder
}

/// golive with so little memory that a file without an end would be noticed.
fn frugal(dir: &Path, line: &str) -> Output {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -v 3000000; exec \"$0\" {line}")).arg(env!("CARGO_BIN_EXE_golive"));
    Golive::through(command, dir, dir).run()
}

/// git runs what `core.fsmonitor` names for as little as a list of its files.
#[test]
fn nothing_that_its_git_settings_name_is_run() {
    let folder = repository();
    let dir = folder.path();
    let git = |arguments: &[&str]| {
        let done = Command::new("git").args(arguments).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet", "."]);
    fs::write(dir.join(".gitignore"), ".env\n").unwrap();
    git(&["add", "golive.toml", ".gitignore"]);
    let pwned = dir.join("pwned");
    let program = dir.join("program");
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", pwned.display())).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).unwrap();
    let hooks = dir.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    fs::copy(&program, hooks.join("post-index-change")).unwrap();
    let path = program.to_str().unwrap();
    for (name, value) in [
        ("core.fsmonitor", path),
        ("core.pager", path),
        ("core.editor", path),
        ("core.sshCommand", path),
        ("core.askPass", path),
        ("credential.helper", path),
        ("diff.external", path),
        ("alias.ls-files", &format!("!{path}")),
    ] {
        git(&["config", name, value]);
    }
    git(&["status"]);
    assert!(pwned.exists(), "git itself runs it: this test would find it");
    fs::remove_file(&pwned).unwrap();
    let lines = [
        "scan",
        "check --mode live",
        "plan --mode live",
        "doctor",
        "status",
        "rehearse --yes",
        "done p.a --mode live --note x",
    ];
    for line in lines {
        let output = Golive::new(dir, dir).args(line).run();
        assert!(!pwned.exists(), "{line}: a program of the repository's ran: {output}");
        assert_ne!(output.code, 2, "{line}: {output}");
    }
}

#[test]
fn rules_of_ignoring_that_have_no_end_are_not_read() {
    for place in [".gitignore", ".ignore", "deep/er/.gitignore", "deep/.ignore", ".dockerignore", "Dockerfile"] {
        let folder = repository();
        let dir = folder.path();
        fs::create_dir_all(dir.join("deep/er")).unwrap();
        fs::write(dir.join("deep/er/app.py"), "a = 1\n").unwrap();
        symlink("/dev/zero", dir.join(place)).unwrap();
        for line in ["scan", "check --mode live"] {
            let output = frugal(dir, line);
            assert!(matches!(output.code, 0 | 3 | 4 | 75), "{place}: {line}: {output}");
            shows_all(line, &output);
            if place.ends_with("ignore") && !place.contains("docker") {
                let said = format!("{} {}", output.stdout, output.stderr);
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_ne!(output.code, 0, "{place}: {line}: it was not searched, and that is no success: {output}");
                assert!(line != "scan" || said.contains("about ignoring is no file"), "{place}: {output}");
            }
        }
    }
}

/// What the state folder holds is read by every command; a link there would cut or fill another file.
#[test]
fn no_file_of_golives_own_is_a_link_to_another_of_the_operators() {
    for name in ["x.live.lock", "x.live.jsonl", ".gitignore"] {
        for text in [Some("KEEP=1\n"), Some(""), None] {
            let folder = repository();
            let dir = folder.path();
            let elsewhere = dir.join("elsewhere");
            if let Some(text) = text {
                fs::write(&elsewhere, text).unwrap();
            }
            fs::create_dir(dir.join(".golive")).unwrap();
            symlink(&elsewhere, dir.join(".golive").join(name)).unwrap();
            let output = Golive::new(dir, dir).args("done p.a --mode live --note x").run();
            let _ = output.exits(4).says("is a link");
            assert_eq!(fs::read_to_string(&elsewhere).ok().as_deref(), text, "{name}");
        }
    }
}

#[test]
fn a_word_is_not_noted_in_a_folder_that_leads_out_of_the_launchs() {
    for line in ["done p.a --mode live --note x", "skip p.a --mode live --reason x", "rehearse --fresh --yes"] {
        let folder = repository();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), folder.path().join(".golive")).unwrap();
        let _ =
            Golive::new(folder.path(), folder.path()).args(line).run().exits(4).says("is a link out of this folder");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{line}");
    }
}

#[test]
fn a_journal_or_a_lock_without_an_end_is_refused_soon() {
    let folder = repository();
    let dir = folder.path();
    fs::create_dir(dir.join(".golive")).unwrap();
    let journal = dir.join(".golive/x.live.jsonl");
    symlink("/dev/zero", &journal).unwrap();
    symlink("/dev/zero", dir.join(".golive/x.live.lock")).unwrap();
    for line in ["status --mode live", "report --mode live", "done p.a --mode live --note x"] {
        let output = frugal(dir, line);
        assert!(matches!(output.code, 1 | 4), "{line}: {output}");
        assert!(
            output.stderr.contains("a pipe or a device") || output.stderr.contains("is a link"),
            "{line}: {output}"
        );
    }
    fs::remove_file(&journal).unwrap();
    fs::File::create(&journal).unwrap().set_len(100_000_000).unwrap();
    let output = frugal(dir, "status --mode live");
    // Not one line of it is whole, as after a power cut: nothing is known, and that is said.
    assert!(output.stderr.contains("was not finished"), "{output}");
    fs::write(&journal, [&b"{\"a\":"[..], &vec![b'['; 50_000_000], b"\n"].concat()).unwrap();
    let _ = frugal(dir, "status --mode live").exits(4).says("line 1 of").says("cannot be read");
}

#[test]
fn an_env_file_that_is_no_text_is_named_by_its_line_and_left_alone() {
    let cases: [(&[u8], &str); 2] = [(b"A=1\nB=\xff\xfe\n", "line 2"), (b"\x89PNG\r\n\x1a\n\0\0", "line 1")];
    for (bytes, says) in cases {
        let launch = Launch::small();
        let path = launch.dir.join(".env.production");
        fs::write(&path, bytes).unwrap();
        let output = launch.wizard().run();
        assert_ne!(output.code, 0, "{output}");
        assert!(output.stderr.contains(says), "{says}: {output}");
        shows_all("the env file", &output);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    // A mark of byte order and the line ends of Windows are text, and stay.
    let launch = Launch::small();
    let path = launch.dir.join(".env.production");
    fs::write(&path, "\u{feff}KEEP=1\r\nOTHER=\"two\"\r\n").unwrap();
    let _ = launch.wizard().run().exits(0);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("\u{feff}KEEP=1\r\nOTHER=\"two\"\r\n"), "{text:?}");
}
