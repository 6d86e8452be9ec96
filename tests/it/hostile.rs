//! Input from somebody who means harm: a checklist that was downloaded, a repository that was cloned,
//! a Stripe account or a host whose texts are written by others. Nothing of it is obeyed by the
//! terminal, nothing holds golive up, nothing is written elsewhere, and nothing runs unseen.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use golive::control;
use serde_json::Value;

use crate::support::{Golive, Launch, Output, SMALL, skipped};

/// What a terminal obeys, in the spellings of TOML.
const OBEYED: [&str; 9] = [
    "\\u001b[2J",
    "\\u001b]0;owned\\u0007",
    "\\u009b31m",
    "\\u202e",
    "\\u2066",
    "\\u200f",
    "\\u0000",
    "\\u007f",
    "\\r",
];
/// The same as bytes, for everything that is no checklist.
pub const RAW: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{2066}\u{200f}\u{7f}\u{8}";

/// Nothing that a terminal would obey is in what was said.
#[track_caller]
pub fn shows_all(what: &str, output: &Output) {
    for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let found = control::first(text);
        assert_eq!(found, None, "{what}: {name} holds {found:?}\n{}", text.escape_debug());
    }
}

/// golive in an empty folder with a checklist of these bytes.
fn with(bytes: &[u8], line: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("golive.toml"), bytes).unwrap();
    Golive::new(folder.path(), folder.path()).args(line).run()
}

pub fn manual(extra: &str) -> String {
    format!(
        "schema = 1\nid = \"x\"\ntitle = \"X\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n[[phase.item]]\nid = \"a\"\n\
         kind = \"manual\"\n{extra}\n"
    )
}

#[test]
fn a_checklist_that_a_terminal_would_obey_is_refused_by_every_command() {
    let mut complaints = 0;
    for obeyed in OBEYED {
        let text =
            manual(&format!("title = \"A{obeyed}\"\nwhy = \"W{obeyed}\"\nhelp = \"H{obeyed}\"\nowner = \"O{obeyed}\""));
        for line in ["status", "status --json", "checklist validate", "plan --json", "rehearse --yes", "explain p.a"] {
            let output = with(text.as_bytes(), line).exits(2);
            shows_all(&format!("{line} of {obeyed}"), &output);
            complaints += output.stderr.matches("would be obeyed, not shown").count();
        }
    }
    assert!(complaints >= OBEYED.len() * 6 * 4, "{complaints}");
}

#[test]
fn an_id_with_a_mark_of_direction_is_no_id() {
    for mark in ["\u{200f}", "\u{202e}", "\u{2067}", "\u{feff}"] {
        let text = manual("title = \"A\"").replace("id = \"p\"", &format!("id = \"p{mark}\""));
        let output = with(text.as_bytes(), "status").exits(2).says("cannot be the id of a phase");
        shows_all("an id", &output);
    }
}

#[test]
fn what_is_wrong_in_a_hostile_file_is_shown_without_obeying_it() {
    let raw = format!("schema = 1\nid = \"x\"\ntitle = \"{}\nbroken = \n", RAW.replace('\u{8}', ""));
    shows_all("broken TOML", &with(raw.as_bytes(), "status").exits(2));
    let kind = manual("title = \"A\"").replace("manual", "man\\u001b[31mual");
    shows_all("an unknown kind", &with(kind.as_bytes(), "status").exits(2));
    let comment = format!("# {RAW}\n{}", manual("title = \"A\""));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("golive.toml"), comment).unwrap();
    for line in ["checklist show ./golive.toml", "status --all"] {
        shows_all(line, &Golive::new(folder.path(), folder.path()).args(line).run());
    }
}

#[test]
fn bombs_end_soon_and_say_why() {
    let deep = |open: &str, close: &str| {
        format!("schema = 1\nid = \"x\"\ntitle = \"x\"\na = {}{}\n", open.repeat(50_000), close.repeat(50_000))
    };
    let tables = format!("schema = 1\nid = \"x\"\ntitle = \"x\"\n[{}]\n", vec!["a"; 20_000].join("."));
    // What a reference gives is never read as a reference again, so laughs do not multiply.
    let laugh = |n: i32| format!("l{} = \"{}\"\n", n + 1, format!("${{vars.l{n}}}").repeat(10));
    let laughs = (0..20).map(laugh).collect::<Vec<_>>().concat();
    let laughs = format!("schema = 1\nid = \"x\"\ntitle = \"x\"\n[vars]\nl0 = \"ha\"\n{laughs}");
    let cases = [
        ("arrays", deep("[", "]"), "recurs"),
        ("inline tables", deep("{a=", "}"), "recurs"),
        ("dotted tables", tables, "recursion limit"),
        ("laughs", laughs, "a variable cannot refer to something else"),
        ("a NUL", "schema = 1\nid = \"x\"\0\n".into(), "unexpected"),
    ];
    for (name, text, says) in cases {
        let output = with(text.as_bytes(), "status").exits(2);
        assert!(output.stderr.contains(says), "{name}: {output}");
        shows_all(name, &output);
    }
    with(b"schema = 1\nid = \"\xff\xfe\"\n", "status").exits(2).says("is not a text in UTF-8");
}

#[test]
fn a_file_of_a_hundred_megabytes_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("golive.toml")).unwrap();
    file.set_len(100_000_000).unwrap();
    let golive = || Golive::new(folder.path(), folder.path());
    let _ = golive().args("status").run().exits(2).says("it is larger than 8 MiB");
    let launch = Launch::small();
    fs::File::create(launch.dir.join(".env.production")).unwrap().set_len(100_000_000).unwrap();
    let output = launch.wizard().run();
    assert_ne!(output.code, 0, "{output}");
    assert_eq!(launch.writes_since(0).len(), 0, "nothing was made whose secret could not be kept");
    assert!(output.stderr.contains("larger than 4 MiB"), "{output}");
}

#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let golive = |line: &str| Golive::new(folder.path(), folder.path()).args(line).run();
    let checklist = folder.path().join("golive.toml");
    symlink("/dev/zero", &checklist).unwrap();
    let _ = golive("status --checklist golive.toml").exits(2).says("not a file but a pipe or a device");
    fs::remove_file(&checklist).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&checklist).status();
    if made.is_ok_and(|status| status.success()) {
        let _ = golive("status --checklist golive.toml").exits(2).says("not a file but a pipe or a device");
    } else {
        skipped("there is no mkfifo");
    }
}

#[test]
fn other_line_ends_and_a_byte_order_mark_change_nothing() {
    let text = manual("title = \"A\"\nhelp = \"\"\"one\ntwo\"\"\"");
    let plain = with(text.as_bytes(), "status --json").exits(0);
    let other = with(format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes(), "status --json").exits(0);
    let id = |output: &Output| serde_json::from_str::<Value>(&output.stdout).unwrap()["phases"].clone();
    assert_eq!(id(&plain), id(&other));
}

/// A repository that was cloned can hold links; what golive writes must not follow them out of it.
#[test]
fn a_link_out_of_the_folder_is_not_written_through_unless_its_place_is_named() {
    let launch = Launch::small();
    let elsewhere = launch.home.join("rc");
    fs::write(&elsewhere, "KEEP=1\n").unwrap();
    symlink(&elsewhere, launch.dir.join(".env.production")).unwrap();
    let _ = launch.wizard().run().exits(4).says("is a link out of this folder");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "KEEP=1\n");
    assert_eq!(launch.requests(), 0, "nothing was sent either");
    let allow = format!("--answer env_file={}", elsewhere.canonicalize().unwrap().display());
    let _ = launch.wizard().args(&allow).run().exits(0);
    let written = fs::read_to_string(&elsewhere).unwrap();
    assert!(written.starts_with("KEEP=1\n") && written.contains("STRIPE_WEBHOOK_SECRET="), "{written}");
}

#[test]
fn golives_own_folder_is_no_link_out_of_the_launchs() {
    for inner in ["", "/backups"] {
        let launch = Launch::small();
        let elsewhere = launch.home.join("public");
        fs::create_dir(&elsewhere).unwrap();
        let place = launch.dir.join(format!(".golive{inner}"));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(&elsewhere, &place).unwrap();
        let _ = launch.wizard().run().exits(4).says("is a link out of this folder");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    }
}

#[test]
fn a_search_does_not_leave_the_folder_through_a_link() {
    let item = "[[phase]]\nid = \"repo\"\ntitle = \"Repo\"\n[[phase.item]]\nid = \"keys\"\nkind = \"scan\"\n\
                title = \"No keys\"\npaths = [\"docs\"]\nkeys = true\n";
    let text = manual("title = \"A\"");
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("golive.toml"), format!("{text}{item}")).unwrap();
    symlink(home.path(), folder.path().join("docs")).unwrap();
    let output = Golive::new(folder.path(), home.path()).args("check --mode live").run();
    assert_ne!(output.code, 2, "the item of this test is valid: {output}");
    assert!(format!("{}{}", output.stdout, output.stderr).contains("is a link out of this folder"), "{output}");
}

#[test]
fn paths_that_leave_the_folder_are_no_valid_checklist() {
    for file in ["../.bashrc", "/etc/passwd", "~/.ssh/config", "a/../../b", "..\\\\b"] {
        let text = manual("title = \"A\"") + &format!("[env]\nfile = \"{file}\"\n");
        let _ = with(text.as_bytes(), "status").exits(2).says("the env file is outside the folder");
    }
    for (field, path) in [("paths", "../"), ("paths", "/etc"), ("paths", "~/x")] {
        let scan = manual("title = \"A\"").replace("manual", "scan") + &format!("{field} = [\"{path}\"]\n");
        let output = with(scan.as_bytes(), "status").exits(2);
        assert!(output.stderr.contains("is outside of the folder"), "{output}");
    }
}

/// What is not shown is not allowed: a variable or a folder can make another command of the same text.
#[test]
fn a_command_that_changed_in_any_way_is_shown_again_before_it_runs() {
    let command = "run = \"echo backup >> commands.log\"";
    let changed = [
        "run = \"echo backup >> commands.log; id\"",
        "run = \"echo backup >> commands.log\"\nenv = { PATH = \"./bin:/usr/bin:/bin\" }",
        "run = \"echo backup >> commands.log\"\nsecret_env = [\"STRIPE_SECRET_KEY\"]",
        "run = \"echo backup >> commands.log\"\ndir = \"hooks\"",
    ];
    for change in changed {
        let launch = Launch::small();
        let unseen = |text: &str| {
            fs::write(launch.dir.join("golive.toml"), text).unwrap();
            let line = format!(
                "wizard --mode live --yes --confirm {} --answer env.file.MAIL_FROM=a@b.example",
                launch.control.account()
            );
            launch.keyed(&line).run()
        };
        let refused = unseen(SMALL);
        assert!(!launch.dir.join("commands.log").exists(), "it ran unseen: {refused}");
        let _ = launch.wizard().run().exits(0);
        fs::remove_file(launch.dir.join("commands.log")).unwrap();
        let edited = SMALL.replace(command, change);
        assert_ne!(edited, SMALL);
        let _ = launch.golive("reopen deploy.backup --mode live").run();
        let output = unseen(&edited);
        assert!(!launch.dir.join("commands.log").exists(), "{change} ran unseen: {output}");
        let last = change.lines().last().unwrap();
        let shown = ["; id", "PATH=./bin", "STRIPE_SECRET_KEY of the env file", "in hooks"];
        let said: Vec<&str> = output.stderr.split_whitespace().collect();
        assert!(shown.iter().any(|words| said.join(" ").contains(words)), "{last} is not shown: {output}");
    }
}

#[test]
fn a_value_is_never_part_of_a_commands_text() {
    let text = SMALL.replace(
        "run = \"echo backup >> commands.log\"",
        "run = \"printf '%s' \\\"$WHAT\\\" > commands.log\"\nenv = { WHAT = \"$(touch pwned); `touch pwned` ; ${vars.evil}\" }",
    );
    let text = text.replacen("[env]\n", "[vars]\nevil = \"'; touch pwned; '\"\n[env]\n", 1);
    let launch = Launch::of(&text);
    let _ = launch.wizard().run().exits(0);
    assert!(!launch.dir.join("pwned").exists());
    let said = fs::read_to_string(launch.dir.join("commands.log")).unwrap();
    assert_eq!(said, "$(touch pwned); `touch pwned` ; '; touch pwned; '");
    let spliced = SMALL.replace("echo backup >> commands.log", "echo ${catalog.pro.id} >> commands.log");
    let _ = with(spliced.as_bytes(), "status").exits(2).says("would be spliced into a command");
}

/// Names in an account are written by anybody with a login, and by customers.
#[test]
fn what_stripe_says_is_never_obeyed() {
    let launch = Launch::small();
    let _ = launch.wizard().run().exits(0);
    let id = launch.control.objects(golive::simulator::Mode::Live, "product")[0]["id"].as_str().unwrap().to_owned();
    let evil = RAW.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    launch.stripe("POST", &format!("/v1/products/{id}"), &format!("name=Evil{evil}&description=D{evil}"));
    for line in [
        "plan --mode live",
        "plan --mode live --json",
        "check --mode live -v",
        "check --mode live --json",
        "status --all",
        "status --json",
        "status --markdown",
    ] {
        shows_all(line, &launch.keyed(line).run());
    }
    shows_all("wizard", &launch.wizard().args("-v").run());
    for format in ["html", "markdown", "json"] {
        shows_all(format, &launch.golive(&format!("report --mode live --out - --format {format}")).run().exits(0));
    }
    let journal = fs::read_to_string(launch.journal()).unwrap();
    assert_eq!(control::first(&journal), None, "the journal is looked at with a pager");
}

#[test]
fn what_a_command_says_is_never_obeyed() {
    let launch = Launch::of(&SMALL.replace("echo backup >> commands.log", "cat hostile; echo backup >> commands.log"));
    fs::write(launch.dir.join("hostile"), format!("x{RAW}y\n{RAW}\n\r\u{1b}[1Aoverwritten\n")).unwrap();
    let output = launch.wizard().args("-v").run().exits(0);
    shows_all("wizard", &output);
    assert!(output.stderr.contains("overwritten"), "the command's output is shown: {output}");
    shows_all("status", &launch.golive("status --all").run());
    shows_all("report", &launch.golive("report --mode live --out - --format markdown").run().exits(0));
    for path in launch.files().iter().filter(|path| path.starts_with(launch.dir.join(".golive"))) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert_eq!(control::first(&text), None, "{}", path.display());
    }
}

/// A journal can come with a repository as well.
#[test]
fn what_a_journal_says_is_never_obeyed() {
    let launch = Launch::small();
    let _ = launch.wizard().run().exits(0);
    let escaped = RAW.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let text = fs::read_to_string(launch.journal()).unwrap().replace("\"anna\"", &format!("\"anna{escaped}\""));
    fs::write(launch.journal(), text.replace("production\"", &format!("production{escaped}\""))).unwrap();
    for line in [
        "status --all",
        "status --json",
        "status --markdown",
        "report --mode live --out - --format json",
        "report --mode live --out - --format markdown",
        "report --mode live --out - --format html",
    ] {
        let output = launch.golive(line).run();
        shows_all(line, &output);
    }
}

#[test]
fn arguments_are_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("golive.toml"), manual("title = \"A\"")).unwrap();
    let evil = format!("x{}", RAW.replace('\u{8}', ""));
    for (line, last) in [
        ("explain", evil.clone()),
        ("status --checklist", evil.clone()),
        ("done p.a --mode live --note", evil.clone()),
        ("skip p.a --mode live --reason", evil),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_golive"));
        command.args(line.split(' ')).arg(&last);
        let output = Golive::through(command, folder.path(), folder.path()).run();
        shows_all(line, &output);
    }
    shows_all("status", &Golive::new(folder.path(), folder.path()).args("status --all --mode live").run());
}

#[test]
fn the_folder_of_a_launch_may_be_called_anything() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("a b'c\"d;e$(f)");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("golive.toml"), SMALL).unwrap();
    let output = Golive::new(&dir, folder.path()).args("rehearse --yes").run();
    assert!(matches!(output.code, 0 | 3), "{output}");
    let evil = folder.path().join("x\u{1b}[2Jy");
    if fs::create_dir(&evil).is_ok() {
        fs::write(evil.join("golive.toml"), SMALL).unwrap();
        let line = ["status", "rehearse --yes", "check --mode rehearse -v"];
        for line in line {
            shows_all(
                line,
                &Golive::new(Path::new(&evil), folder.path()).args(line).args("--checklist").args("nothing.toml").run(),
            );
            let from =
                Golive::new(folder.path(), folder.path()).args("--dir").args(evil.to_str().unwrap()).args(line).run();
            shows_all(line, &from);
        }
    }
}
