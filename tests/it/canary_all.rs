//! The canaries again, through every command that `golive --help` lists, every fault of Stripe's, and a
//! panic at every durable step: what is secret is in the env file and its backups, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use golive::simulator::{At, Fault, What};

use crate::support::{Golive, Launch, figures, files};

/// A password as an application has it.
const PLANTED: &str = "Canary8kV3planted6Rq1secret";

/// Everything that is secret in a launch by now.
fn canaries(launch: &Launch) -> Vec<String> {
    let variables = launch.variables();
    let made = ["STRIPE_WEBHOOK_SECRET", "SECRET_KEY"].iter().filter_map(|name| variables.get(*name)?.first().cloned());
    made.chain([launch.simulator.live.secret.clone(), PLANTED.to_owned()]).collect()
}

fn planted() -> Launch {
    let launch = Launch::small();
    fs::write(launch.dir.join(".env.production"), format!("MAIL_PASSWORD={PLANTED}\n")).unwrap();
    launch
}

/// Searches what was said, and everything on disk but the env file and its backups, which must be
/// their owner's alone.
#[track_caller]
fn clean(launch: &Launch, what: &str, said: &[&[u8]]) {
    let canaries = canaries(launch);
    let mut places: Vec<(String, Vec<u8>)> =
        said.iter().map(|bytes| (format!("what {what} said"), bytes.to_vec())).collect();
    for path in files(&launch.dir).into_iter().chain(files(&launch.home)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let may = name.starts_with(".env.production") || path.parent().unwrap().ends_with(".golive/backups");
        if may {
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            let golives = name != ".env.production" || fs::read_to_string(&path).unwrap().contains("golive");
            assert!(!golives || mode == 0o600, "{} has mode {mode:o} after {what}", path.display());
        } else {
            places.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    for (place, bytes) in &places {
        for canary in &canaries {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "a canary ({}…) is in {place}, after {what}", &canary[..8.min(canary.len())]);
        }
    }
    figures::add("canary.planted", canaries.len());
    figures::add("canary.searches", places.len() * canaries.len());
}

/// The commands that `--help` lists.
fn listed() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_golive")).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let commands = text.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split(' ').next())
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

/// How each command is called here. `sandbox` never ends by itself, and shows the keys that it made up:
/// `canary::a_rehearsal_writes_secrets_only_into_its_own_world` looks at those.
const LINES: &[&str] = &[
    "wizard --mode live --yes --allow-commands -v",
    "wizard --mode live --no-input",
    "status --all -v",
    "status --json",
    "status --markdown --all",
    "plan --mode live -v",
    "plan --mode live --json --out saved.plan",
    "apply saved.plan --yes -v",
    "apply --mode live --no-input",
    "check --mode live -v",
    "check --mode live --json",
    "watch --mode live --once",
    "watch --mode live --once --json",
    "report --mode live --format html",
    "report --mode live --format markdown --out -",
    "report --mode live --format json --out - -v",
    "rollback --mode live --dry-run -v",
    "rollback --mode live --no-input",
    "done deploy.told --mode live --note told",
    "skip deploy.told --mode live --reason later",
    "reopen deploy.told --mode live",
    "checklist list",
    "checklist show ./golive.toml --coverage",
    "checklist validate",
    "checklist schema",
    "explain keys.live",
    "explain GL0601",
    "completions bash",
    "man",
    "rehearse --yes -v",
    "parity -v",
    "parity --json",
    "scan -v",
    "scan --json",
    "doctor -v",
    "doctor --json",
    "import stripe --no-input",
    "import markdown notes.md",
];

#[test]
fn every_command_there_is_keeps_every_secret() {
    let known: BTreeSet<String> =
        LINES.iter().map(|line| line.split(' ').next().unwrap().to_owned()).chain(["sandbox".into()]).collect();
    let listed = listed();
    let forgotten: Vec<_> = listed.difference(&known).collect();
    assert!(forgotten.is_empty(), "no canary is sent through {forgotten:?}");
    let launch = planted();
    fs::write(launch.dir.join("notes.md"), format!("# Launch\n\n- [ ] Put {} into the env file\n", "the key")).unwrap();
    let _ = launch.wizard().run().exits(0);
    for line in LINES.iter().filter(|line| listed.contains(line.split(' ').next().unwrap())) {
        let output = launch.keyed(line).run();
        // The same again without the keys at hand: they are taken from the env file.
        let bare = launch.golive(line).run();
        let said = [&output.stdout, &output.stderr, &bare.stdout, &bare.stderr].map(String::as_bytes);
        clean(&launch, line, &said);
    }
}

#[test]
fn every_fault_of_stripes_keeps_every_secret() {
    let faults = [
        What::DropBefore,
        What::DropAfter,
        What::Status(400, false),
        What::Status(401, false),
        What::Status(402, false),
        What::Status(403, false),
        What::Status(404, false),
        What::Status(409, false),
        What::Status(429, false),
        What::Status(500, true),
        What::StatusAfter(500),
        What::Hang(Duration::from_millis(50)),
        What::Slow(Duration::from_millis(50)),
        What::Garbage200,
        What::Html502,
    ];
    for fault in faults {
        let launch = planted();
        let path = "/v1/webhook_endpoints".to_owned();
        launch.control.fault(Fault { at: At::Nth(1), method: Some("POST".into()), path, what: fault.clone() });
        let output = launch.wizard().args("-v").run();
        clean(&launch, &format!("{fault:?}"), &[output.stdout.as_bytes(), output.stderr.as_bytes()]);
        launch.calm();
        let json = launch.keyed("check --mode live --json -v").run();
        clean(&launch, "check --json", &[json.stdout.as_bytes(), json.stderr.as_bytes()]);
    }
}

/// Panics with a live key in its words, at places where secrets are at hand.
#[test]
fn a_panic_says_no_secret_and_shows_no_stack() {
    for place in ["journal.synced:3", "journal.synced:14", "env.beside:1", "env.renamed:2", "env.verified:1"] {
        let launch = planted();
        let golive = launch.wizard().args("-v").crash_at(format!("panic:{place}"));
        let output = golive.env("RUST_BACKTRACE", "full").run().exits(1).says("golive made a mistake and stopped");
        assert!(output.stderr.contains("GL1299"), "{output}");
        for trace in ["stack backtrace", "rust_begin_unwind", "/rustc/", "RUST_BACKTRACE", "core::panicking"] {
            assert!(!output.stderr.contains(trace), "{place}: {output}");
        }
        assert!(output.stderr.contains(&format!("at {}", place.split(':').next().unwrap())), "{output}");
        clean(&launch, place, &[output.stdout.as_bytes(), output.stderr.as_bytes()]);
        let again = launch.finish().exits(0);
        clean(&launch, "the run after it", &[again.stdout.as_bytes(), again.stderr.as_bytes()]);
    }
}

/// Whatever the shell allows, no memory of golive's goes into a file.
#[test]
fn a_running_golive_leaves_no_core_and_lets_nobody_look_into_it() {
    let launch = planted();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_golive")]);
    let golive = Golive::through(shell, &launch.dir, &launch.home).args("sandbox");
    let mut child = golive.start();
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let limit = || fs::read_to_string(proc.join("limits")).unwrap_or_default();
    let core = |text: &str| text.lines().find(|line| line.starts_with("Max core file size")).map(str::to_owned);
    wait_for(|| core(&limit()).is_some_and(|line| line.split_whitespace().nth(4) == Some("0")) && is_golive(&proc));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn is_golive(proc: &Path) -> bool {
    fs::read(proc.join("cmdline"))
        .is_ok_and(|bytes| bytes.windows(6).any(|window| window == b"golive") && !bytes.starts_with(b"sh\0"))
}

fn wait_for(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never came to be");
        std::thread::sleep(Duration::from_millis(10));
    }
}
