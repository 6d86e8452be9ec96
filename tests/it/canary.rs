//! Where secrets may be: in the env file, in its backups, and nowhere else. Secrets of every sort
//! are planted, everything that golive says and writes is searched for them, byte by byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Golive, Launch, Output, files};

/// A password as an application has it: golive did not make it and has no business with it.
const PLANTED: &str = "Canary7zQ9planted4Xw2secret";

/// A launch with a planted password in its env file.
fn planted() -> Launch {
    let launch = Launch::small();
    fs::write(launch.dir.join(".env.production"), format!("MAIL_PASSWORD={PLANTED}\n")).unwrap();
    launch
}

/// Every secret that this launch has by now.
fn secrets(launch: &Launch) -> Vec<(String, String)> {
    let variables = launch.variables();
    let mut found: Vec<(String, String)> = ["STRIPE_WEBHOOK_SECRET", "SECRET_KEY"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), variables.get(*name)?.first()?.clone())))
        .collect();
    found.push(("the secret key".into(), launch.simulator.live.secret.clone()));
    found.push(("the planted password".into(), PLANTED.into()));
    found
}

#[track_caller]
fn holds_none(launch: &Launch, what: &str, bytes: &[u8]) {
    for (name, secret) in secrets(launch) {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{name} is in {what}");
    }
}

#[track_caller]
fn says_none(launch: &Launch, line: &str, output: &Output) {
    holds_none(launch, &format!("stdout of `{line}`"), output.stdout.as_bytes());
    holds_none(launch, &format!("stderr of `{line}`"), output.stderr.as_bytes());
}

/// Everything on disk but the env file and its backups.
#[track_caller]
fn wrote_none(launch: &Launch) {
    let may = |path: &PathBuf| path.ends_with(".env.production") || path.parent().unwrap().ends_with(".golive/backups");
    let all = files(&launch.dir).into_iter().chain(files(&launch.home));
    for path in all.filter(|path| !may(path)) {
        holds_none(launch, &path.display().to_string(), &fs::read(&path).unwrap());
    }
}

/// Who may do what with a file.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

const LINES: [&str; 8] = [
    "status --all",
    "status --json",
    "status --markdown",
    "plan --mode live --out plan.json -v",
    "plan --mode live --json",
    "check --mode live -v",
    "check --mode live --json",
    "explain webhook.main",
];

#[test]
fn no_secret_is_said_or_written_anywhere_but_in_the_env_file() {
    let launch = planted();
    let output = launch.wizard().args("-v").run().exits(0);
    says_none(&launch, "wizard", &output);
    assert_eq!(secrets(&launch).len(), 4, "all of them are there to be searched for");
    for line in LINES {
        says_none(&launch, line, &launch.keyed(line).run());
    }
    says_none(&launch, "apply", &launch.apply().run().exits(0));
    wrote_none(&launch);
    for path in launch.files().iter().filter(|path| path.starts_with(launch.dir.join(".golive"))) {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    for folder in [".golive", ".golive/backups"] {
        assert_eq!(mode(&launch.dir.join(folder)), 0o700, "{folder}");
    }
    assert_eq!(mode(&launch.dir.join(".env.production")), 0o600);
}

#[test]
fn no_secret_is_said_or_written_when_things_go_wrong() {
    let launch = planted();
    let secret = launch.simulator.live.secret.clone();
    launch.control.fault(golive::simulator::Fault {
        at: golive::simulator::At::Nth(1),
        method: Some("POST".into()),
        path: "/v1/products".into(),
        what: golive::simulator::What::Garbage200,
    });
    let output = launch.wizard().args("-v").run();
    says_none(&launch, "wizard, garbage from Stripe", &output);
    launch.calm();
    launch.control.revoke(&secret).unwrap();
    for line in ["wizard --mode live --yes -v", "plan --mode live --json", "check --mode live -v"] {
        says_none(&launch, line, &launch.keyed(line).run());
    }
    // A key where it does not belong: of the wrong role, broken, with a note beside it.
    for wrong in
        [format!("{secret} # mine"), format!("pk_{secret}"), format!("{secret}\n{secret}"), secret[..40].to_owned()]
    {
        let output = launch.golive("plan --mode live -v").env("GOLIVE_LIVE_KEY", &wrong).run();
        says_none(&launch, "plan with a wrong key", &output);
        let output = launch.golive("plan --mode live").env("GOLIVE_LIVE_PUBLISHABLE_KEY", &secret).run();
        says_none(&launch, "plan with the secret key as the publishable one", &output);
    }
    let output = launch.keyed(&format!("wizard --mode live --answer keys.live.secret={secret}")).run();
    assert_ne!(output.code, 0);
    says_none(&launch, "wizard --answer with a key", &output);
    wrote_none(&launch);
}

#[test]
fn no_secret_survives_a_kill_outside_the_env_file() {
    for place in ["journal.synced:12", "env.beside:2", "env.renamed:3", "journal.synced:30"] {
        let launch = planted();
        let output = launch.wizard().crash_at(place).run();
        assert!(output.was_killed(), "{place}: {output}");
        says_none(&launch, place, &output);
        let left: Vec<PathBuf> =
            launch.files().into_iter().filter(|path| path.to_string_lossy().contains(".golive-")).collect();
        for path in &left {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(name.starts_with(".env.production"), "{name} is not kept out of git with the env file");
            assert_eq!(mode(path), 0o600, "{name}");
        }
        says_none(&launch, "the run after it", &launch.finish().exits(0));
        wrote_none(&launch);
    }
}

/// The command line and the variables of a process are open to others on the computer; what a
/// command of the checklist writes is shown and journaled.
#[test]
fn commands_get_no_secret_and_what_they_find_is_masked() {
    let checklist = crate::support::SMALL.replace(
        "run = \"echo backup >> commands.log\"",
        "run = \"echo backup >> commands.log; env; cat .env.production; tr '\\\\0' ' ' < /proc/$PPID/cmdline; cat /proc/$$/cmdline\"",
    );
    let launch = Launch::of(&checklist);
    fs::write(launch.dir.join(".env.production"), format!("MAIL_PASSWORD={PLANTED}\n")).unwrap();
    let output = launch.wizard().run();
    says_none(&launch, "a command that shows everything", &output);
    assert!(output.stderr.contains("MAIL_PASSWORD="), "the command did not run: {output}");
    assert!(!output.stderr.contains("GOLIVE_LIVE_KEY=sk_"), "{output}");
    wrote_none(&launch);
}

/// Looks at the arguments of every process while a launch runs.
#[test]
fn no_process_has_a_secret_among_its_arguments() {
    let launch = planted();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut seen = Vec::new();
            while !done.load(Ordering::SeqCst) {
                seen.extend(arguments());
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            seen
        });
        let _ = launch.finish().exits(0);
        done.store(true, Ordering::SeqCst);
        holds_none(&launch, "the arguments of a process", &watcher.join().unwrap());
    });
}

/// The arguments of every process of this computer.
fn arguments() -> Vec<u8> {
    let Ok(processes) = fs::read_dir(Path::new("/proc")) else { return Vec::new() };
    processes.flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok()).flatten().collect()
}

#[test]
fn a_rehearsal_writes_secrets_only_into_its_own_world() {
    let launch = planted();
    let output = Golive::new(&launch.dir, &launch.home).args("rehearse --yes").run();
    assert!(matches!(output.code, 0 | 3), "{output}");
    says_none(&launch, "rehearse", &output);
    assert!(fs::read_to_string(launch.dir.join(".env.production")).unwrap() == format!("MAIL_PASSWORD={PLANTED}\n"));
    let world = launch.dir.join(".golive/rehearsal");
    let text = fs::read_to_string(world.join("small/.env.production")).unwrap();
    let made_up: Vec<&str> = text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value).collect();
    let made_up = made_up.into_iter().filter(|value| value.starts_with("sk_live_") || value.starts_with("whsec_"));
    let made_up: Vec<&str> = made_up.collect();
    assert_eq!(made_up.len(), 2, "{text}");
    // The rollback is walked on a copy of that world.
    let copy = launch.dir.join(".golive/drills");
    let outside = launch.files().into_iter().filter(|path| !path.starts_with(&world) && !path.starts_with(&copy));
    let outside: Vec<PathBuf> = outside.filter(|path| !path.parent().unwrap().ends_with("backups")).collect();
    for secret in made_up {
        assert!(!output.stderr.contains(secret) && !output.stdout.contains(secret));
        for path in &outside {
            let bytes = fs::read(path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", path.display());
        }
    }
}

#[test]
fn what_git_sees_of_a_launch_is_the_checklist() {
    let launch = planted();
    fs::write(launch.dir.join(".gitignore"), ".env*\n").unwrap();
    let git = |line: &str| Command::new("git").args(line.split(' ')).current_dir(&launch.dir).output();
    if !git("init -q").is_ok_and(|done| done.status.success()) {
        return; // No git here.
    }
    let _ = launch.finish().exits(0);
    let listed = git("status --porcelain -uall").unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut names: Vec<&str> = listed.lines().map(|line| &line[3..]).collect();
    names.sort_unstable();
    assert_eq!(names, [".gitignore", "commands.log", "golive.toml"]);
}
