//! Damage that golive did not do: torn, edited, newer and foreign journals, folders that cannot be
//! written, disks that are full. A clear error, the right exit, and nothing half written.

use std::fs;
use std::process::Command;

use crate::support::{Golive, Launch};

/// A finished launch, whose journal is about to be damaged.
fn finished() -> Launch {
    let launch = Launch::small();
    let _ = launch.finish().exits(0);
    launch
}

/// Runs every command that reads the journal, and demands an exit code and words of each. `status`
/// has its own. Nothing may change.
#[track_caller]
fn refused(launch: &Launch, status: i32, words: &str) {
    let (journal, before) = (fs::read(launch.journal()).unwrap(), launch.requests());
    let _ = launch.golive("status --mode live").run().exits(status).says(words);
    for line in ["plan --mode live", "check --mode live", "apply --mode live --yes", "wizard --mode live --yes"] {
        let output = launch.keyed(line).run();
        assert!(output.code == 4 || (output.code == 0 && line.starts_with("plan") && status == 0), "{line}: {output}");
        assert!(output.stderr.contains(words), "{line}: {output}");
    }
    assert!(fs::read(launch.journal()).unwrap() == journal, "the journal was written");
    assert!(launch.writes_since(before).is_empty(), "Stripe was written");
}

#[test]
fn a_torn_last_line_is_dropped_and_said() {
    let launch = finished();
    let whole = fs::read_to_string(launch.journal()).unwrap();
    fs::write(launch.journal(), format!("{whole}{{\"seq\":99,\"at\":\"20")).unwrap();
    let _ = launch.golive("status").run().exits(0).says("power cut");
    let _ = launch.wizard().run().exits(0).says("power cut");
    assert!(fs::read_to_string(launch.journal()).unwrap().starts_with(&whole));
    launch.is_whole("a torn line");
}

#[test]
fn garbage_in_the_middle_is_refused_by_its_line() {
    let launch = finished();
    let text = fs::read_to_string(launch.journal()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[4] = "sk_live_garbage";
    fs::write(launch.journal(), lines.join("\n") + "\n").unwrap();
    refused(&launch, 4, "line 5");
}

#[test]
fn a_line_that_is_missing_is_noticed() {
    let launch = finished();
    let text = fs::read_to_string(launch.journal()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(6);
    fs::write(launch.journal(), lines.join("\n") + "\n").unwrap();
    refused(&launch, 4, "line 7");
}

#[test]
fn a_newer_journal_is_shown_and_never_written() {
    let launch = finished();
    let text = fs::read_to_string(launch.journal()).unwrap();
    fs::write(launch.journal(), text.replacen("\"format\":1", "\"format\":2", 1)).unwrap();
    refused(&launch, 0, "newer golive");
}

#[test]
fn a_journal_of_another_account_is_not_gone_on_with() {
    let launch = finished();
    let (_, other) = launch.control.add_account().unwrap();
    let before = launch.requests();
    for line in ["apply --mode live --yes", "wizard --mode live --yes", "check --mode live", "plan --mode live"] {
        let output = launch.keyed(line).env("GOLIVE_LIVE_KEY", &other.secret).run();
        assert_eq!(output.code, 4, "{line}: {output}");
        assert!(output.stderr.contains(&launch.control.account()), "{line} does not name the account: {output}");
    }
    assert!(launch.writes_since(before).is_empty());
    let _ = launch.finish().exits(0);
    launch.is_whole("a key of another account");
}

/// The binary with files of at most this many blocks of 512 bytes: a disk that is full.
fn with_little_room(launch: &Launch, blocks: usize) -> Golive {
    let account = launch.control.account();
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!(
        "ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" wizard --mode live --yes --allow-commands --confirm {account} \
         --answer deploy.told.done=done --answer env.file.MAIL_FROM=info@shop.example"
    ));
    command.arg(env!("CARGO_BIN_EXE_golive"));
    launch
        .surround(Golive::through(command, &launch.dir, &launch.home))
        .env("GOLIVE_LIVE_KEY", &launch.simulator.live.secret)
        .env("GOLIVE_LIVE_PUBLISHABLE_KEY", &launch.simulator.live.publishable)
}

#[test]
fn a_full_disk_stops_with_a_clear_error_and_goes_on_when_there_is_room() {
    for blocks in [0, 1, 2, 4, 8, 12, 16, 24, 32] {
        let launch = Launch::small();
        let output = with_little_room(&launch, blocks).run();
        assert!(matches!(output.code, 0 | 1), "{blocks} blocks: {output}");
        if output.code == 1 {
            assert!(output.stderr.contains("error["), "{blocks} blocks: {output}");
        }
        let whole = fs::read_to_string(launch.dir.join(".env.production")).unwrap_or_default();
        assert!(whole.is_empty() || whole.ends_with('\n'), "{blocks} blocks: half an env file");
        let output = launch.finish();
        assert_eq!(output.code, 0, "{blocks} blocks: it does not go on: {output}");
        launch.is_whole(&format!("{blocks} blocks of room"));
    }
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named() {
    let launch = Launch::small();
    fs::write(launch.dir.join(".golive"), "").unwrap();
    let output = launch.wizard().run().exits(1).says(".golive");
    assert!(output.stderr.contains("fix"), "{output}");
    assert_eq!(launch.requests(), 0);
}

#[test]
fn an_env_file_that_git_keeps_is_never_written() {
    let launch = Launch::small();
    fs::write(launch.dir.join(".env.production"), "A=1\n").unwrap();
    for line in ["init -q", "add -f .env.production"] {
        let done = Command::new("git").args(line.split(' ')).current_dir(&launch.dir).status();
        if !done.is_ok_and(|status| status.success()) {
            return; // No git here.
        }
    }
    let output = launch.wizard().run();
    assert_eq!(output.code, 4, "{output}");
    assert_eq!(fs::read_to_string(launch.dir.join(".env.production")).unwrap(), "A=1\n");
    assert!(launch.writes_since(0).is_empty(), "{output}");
}
