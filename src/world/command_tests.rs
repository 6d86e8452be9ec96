//! Commands, run for real in a folder of the test's own.

use std::collections::BTreeMap;
use std::path::Path;

use super::{OWN_KEYS, shell};
use crate::engine::port::World as _;
use crate::error::{Class, Code};
use crate::mode::Mode;
use crate::secret::{Secret, Slot, Vault};
use crate::step::{CommandSpec, Ran};
use crate::world::testing::Stage;

fn spec(run: &str) -> CommandSpec {
    CommandSpec { run: run.into(), timeout: 60, ..CommandSpec::default() }
}

fn run_on(stage: &Stage, spec: &CommandSpec) -> (Ran, Vec<String>) {
    let world = stage.world(Mode::Live, "127.0.0.1:9".parse().unwrap(), &[]);
    let mut lines = Vec::new();
    let ran = world.run(spec, &Vault::default(), &mut |line| lines.push(line.to_owned())).unwrap();
    (ran, lines)
}

fn run(text: &str) -> (Ran, Vec<String>) {
    run_on(&Stage::new(), &spec(text))
}

/// Whether a process still works: neither gone nor a zombie that nobody has collected.
fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Waits for a process to be gone: a signal takes effect a little after it was sent.
fn ends(pid: &str) -> bool {
    (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        !alive(pid)
    })
}

#[test]
fn both_streams_arrive_in_order_and_the_exit_code_is_kept() {
    let (ran, lines) = run("echo one; echo two >&2; printf three; exit 7");
    assert_eq!(lines, ["one", "two", "three"]);
    assert_eq!((ran.exit, ran.timed_out, ran.output.as_str()), (Some(7), false, "one\ntwo\nthree\n"));
}

#[test]
fn values_come_as_variables_and_are_never_read_as_shell() {
    let stage = Stage::new();
    let value = "$(touch hacked) `touch hacked`; \"'";
    let env = BTreeMap::from([("VALUE".to_owned(), value.to_owned())]);
    let (_, lines) = run_on(&stage, &CommandSpec { env, ..spec("printf '%s\\n' \"$VALUE\"; ls") });
    assert_eq!(lines, [value]);
}

#[test]
fn a_command_starts_in_its_folder_below_the_checklists() {
    let stage = Stage::new();
    std::fs::create_dir(stage.dir.path().join("app")).unwrap();
    std::fs::write(stage.dir.path().join("app/here"), "").unwrap();
    let (_, lines) = run_on(&stage, &CommandSpec { dir: Some("app".into()), ..spec("ls") });
    assert_eq!(lines, ["here"]);
}

#[test]
fn a_command_that_cannot_be_started_ends_with_127_and_says_why() {
    let stage = Stage::new();
    let (ran, lines) = run_on(&stage, &CommandSpec { dir: Some("nowhere".into()), ..spec("touch ran") });
    assert_eq!(ran.exit, Some(127));
    assert!(lines[0].contains("nowhere` is not a folder"), "{lines:?}");
    assert_eq!(run("no-such-program-of-golive").0.exit, Some(127));
}

#[test]
fn golives_own_keys_are_not_passed_on() {
    let command = shell(&spec("env"), Path::new("."));
    let removed: Vec<_> =
        command.as_std().get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name.to_owned()).collect();
    for key in OWN_KEYS {
        assert!(removed.iter().any(|name| name == key), "{key}");
    }
}

#[test]
fn a_secret_in_the_output_is_masked_on_the_way_and_in_what_is_kept() {
    let _secret = Secret::new("pomegranate-lantern-4");
    let (ran, lines) = run("echo 'key pomegranate-lantern-4'; printf pomegranate-; sleep 0.05; echo lantern-4");
    assert_eq!(lines, ["key 21 characters, hidden", "21 characters, hidden"]);
    assert!(!ran.output.contains("lantern"));
}

#[test]
fn a_command_that_asks_for_input_finds_none() {
    let (ran, lines) = run("read answer; echo \"got $? <$answer>\"; cat");
    assert_eq!((ran.exit, lines), (Some(0), vec!["got 1 <>".to_owned()]));
}

#[test]
fn a_flood_is_passed_on_and_only_its_end_is_kept() {
    let (ran, lines) = run("yes 0123456789 | head -n 100000; echo end");
    assert_eq!((ran.exit, lines.len()), (Some(0), 100_001));
    assert!(ran.output.len() <= 64 * 1024 && ran.output.ends_with("0123456789\nend\n"));
}

#[test]
fn a_command_out_of_time_is_stopped_with_everything_it_started() {
    let stage = Stage::new();
    let hung = CommandSpec { timeout: 1, ..spec("sleep 300 & echo $!; wait") };
    let (ran, lines) = run_on(&stage, &hung);
    assert!(ran.timed_out && ran.exit.is_none());
    assert!(ends(&lines[0]), "{lines:?}");
}

#[test]
fn a_command_that_ignores_the_request_to_end_is_killed() {
    let stage = Stage::new();
    let stubborn = CommandSpec { timeout: 1, ..spec("trap 'echo no' TERM; while :; do sleep 0.1; done") };
    let (ran, lines) = run_on(&stage, &stubborn);
    assert!(ran.timed_out);
    assert_eq!(lines.iter().filter(|line| *line == "no").count(), 1, "{lines:?}");
}

#[test]
fn an_endless_flood_does_not_outlive_its_time() {
    let stage = Stage::new();
    let world = stage.world(Mode::Live, "127.0.0.1:9".parse().unwrap(), &[]);
    let ran = world.run(&CommandSpec { timeout: 1, ..spec("exec yes") }, &Vault::default(), &mut |_| {}).unwrap();
    assert!(ran.timed_out && ran.output.len() <= 64 * 1024);
}

#[test]
fn a_process_left_behind_is_neither_awaited_nor_ended() {
    let (ran, lines) = run("sleep 300 & echo $!");
    assert_eq!(ran.exit, Some(0));
    assert!(alive(&lines[0]), "a service that a command starts must go on");
    let pid = rustix::process::Pid::from_raw(lines[0].parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_command_that_a_signal_ended_has_no_exit_code() {
    let (ran, _) = run("kill -9 $$");
    assert_eq!((ran.exit, ran.timed_out), (None, false));
}

#[test]
fn ctrl_c_stops_the_command_and_its_end_counts_as_not_seen() {
    let stage = Stage::new();
    let world = stage.world(Mode::Live, "127.0.0.1:9".parse().unwrap(), &[]);
    let mut pid = String::new();
    let failure = world
        .run(&spec("sleep 300 & echo $!; wait"), &Vault::default(), &mut |line| {
            pid = line.to_owned();
            stage.cancel.cancel();
        })
        .unwrap_err();
    assert_eq!((failure.class, failure.problem.code), (Class::Interrupted, Code::CommandUnknown));
    assert!(ends(&pid));
}

#[test]
fn a_rehearsal_runs_nothing() {
    let stage = Stage::new();
    let world = stage.world(Mode::Rehearse, "127.0.0.1:9".parse().unwrap(), &[]);
    let failure = world.run(&spec("touch ran"), &Vault::default(), &mut |_| {}).unwrap_err();
    assert_eq!(failure.class, Class::Refused);
    assert!(!stage.dir.path().join("ran").exists());
}

#[test]
fn a_secret_of_the_env_file_reaches_the_command_and_never_its_output() {
    let stage = Stage::new();
    let world = stage.world(Mode::Live, "127.0.0.1:9".parse().unwrap(), &[]);
    let mut vault = Vault::default();
    vault.put(Slot::Env("DATABASE_URL".into()), Secret::new("postgres://quince-orchard-7"));
    let command =
        CommandSpec { secret_env: vec!["DATABASE_URL".into()], ..spec("echo \"${#DATABASE_URL} $DATABASE_URL\"") };
    let ran = world.run(&command, &vault, &mut |_| {}).unwrap();
    assert_eq!(ran.output, "27 27 characters, hidden\n");
    let ran = world.run(&command, &Vault::default(), &mut |_| {}).unwrap();
    assert!(
        ran.exit == Some(127) && ran.output.contains("`DATABASE_URL` does not stand in the env file once"),
        "{ran:?}"
    );
}

#[test]
fn the_whole_of_a_flood_is_searched_though_only_its_end_is_kept() {
    let search = |what: &str, regex| crate::step::Search { what: what.into(), regex };
    let flood =
        "echo begin; head -c 20000000 /dev/zero | tr '\\0' 'x' | fold -w 9999; printf '\\nend\\0 \\033[31mred\\n'";
    let command = CommandSpec { search: vec![search("begin", false), search("^end red$", true)], ..spec(flood) };
    let (ran, _) = run_on(&Stage::new(), &command);
    assert_eq!(ran.hits.iter().map(|hits| hits.count).collect::<Vec<_>>(), [1, 1], "{:?}", ran.exit);
    assert!(ran.output.len() <= 64 * 1024);
}
