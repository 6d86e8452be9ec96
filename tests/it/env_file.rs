//! An env file that must not, or cannot, be written: said before Stripe hands out a secret, and
//! the file keeps every byte.

use super::stand::{SHOP, Stand};
use super::support::Launch;

const FILE: &str = ".env.production";

/// Nothing reached Stripe but looks, no endpoint exists whose secret nobody knows, and the file is
/// as it was.
#[track_caller]
fn unharmed(stand: &Stand, text: &str) {
    assert_eq!((stand.writes(), stand.objects("webhook_endpoint").len()), (0, 0));
    assert_eq!(stand.read(FILE), text);
    stand.run(&["status", "--mode", "live"]).expect(0, &[]);
}

#[test]
fn a_file_that_git_tracks_is_refused_and_keeps_its_bytes() {
    let stand = Stand::new(SHOP);
    let text = "# ours\nPORT=8000\n";
    stand.write(FILE, text);
    for args in [&["init", "-q"][..], &["add", FILE]] {
        let git = std::process::Command::new("git").args(args).current_dir(&stand.dir).status();
        assert!(git.unwrap().success());
    }
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL0601]: git tracks `.env.production`
      why    a secret written to it would be in the history for ever
      fix    take it out of git: git rm --cached .env.production
      or     keep it out: echo .env.production >> .gitignore
      more   golive explain GL0601
    ");
    unharmed(&stand, text);
    std::process::Command::new("git").args(["rm", "-q", "--cached", FILE]).current_dir(&stand.dir).status().unwrap();
    stand.write(".gitignore", ".env.production\n");
    stand.launch().expect(0, &[]);
    assert!(stand.read(FILE).starts_with(text));
}

#[test]
fn a_key_that_stands_twice_is_named_with_both_lines() {
    let stand = Stand::new(SHOP);
    let text = "STRIPE_SECRET_KEY=sk_test_old\nPORT=8000\nSTRIPE_SECRET_KEY=sk_test_older\n";
    stand.write(FILE, text);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0602]: `STRIPE_SECRET_KEY` stands more than once in `.env.production`,
    in lines 1 and 3
      why    which of them counts depends on the program that reads the file
      fix    remove all but one, then run the same command again: $EDITOR
             .env.production +3
      more   golive explain GL0602
    ");
    unharmed(&stand, text);
}

#[test]
fn a_signing_secret_that_stands_twice_stops_the_webhook_before_its_secret_is_shown() {
    let stand = Stand::new(SHOP);
    stand.write(FILE, "STRIPE_WEBHOOK_SECRET=\nSTRIPE_WEBHOOK_SECRET=\n");
    stand.launch().expect(3, &["GL0602", "STRIPE_WEBHOOK_SECRET", "lines 1 and 2"]);
    assert_eq!(stand.objects("webhook_endpoint").len(), 0);
    assert!(stand.read(FILE).contains("STRIPE_WEBHOOK_SECRET=\nSTRIPE_WEBHOOK_SECRET=\n"));
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_the_file_is_left_alone() {
    let stand = Stand::new(SHOP);
    let text = "PORT=8000\nthis is no assignment\nNAME=\"never closed\n";
    stand.write(FILE, text);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0606]: 2 lines of `.env.production` cannot be read
      why    line 2: there is no `=` in it
             line 3: a quote is opened and never closed
      fix    repair it, then run the same command again: $EDITOR .env.production +2
      more   golive explain GL0606
    ");
    unharmed(&stand, text);
}

#[test]
fn a_value_that_would_not_survive_is_refused_by_name() {
    let values = "title = \"Complete env file\"\nvalues = { GREETING = \"line one\\nline two\\u0000end\" }";
    let stand = Stand::new(&SHOP.replace("title = \"Complete env file\"", values));
    let ran = stand.launch();
    ran.expect(2, &["GL0105", "GREETING", "U+0000"]);
    assert!(!stand.read(FILE).contains("GREETING"));
}

#[test]
fn a_folder_in_the_files_place_is_said_and_nothing_is_created() {
    let stand = Stand::new(SHOP);
    std::fs::create_dir(stand.dir.join(FILE)).unwrap();
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL1023]: could not read `./.env.production`
      why    Is a directory (os error 21)
      fix    look at it, then run the same command again: ls -l ./.env.production
      more   golive explain GL1023
    ");
    assert_eq!(stand.state_of("keys.live"), "failed");
    assert_eq!(stand.writes(), 0);
}

#[test]
fn a_read_only_file_is_refused_and_keeps_its_bytes_and_rights() {
    let stand = Stand::as_nobody(SHOP);
    stand.write(FILE, "PORT=8000\n");
    stand.chmod(FILE, 0o400);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL1021]: `.env.production` is read-only
      fix    make it writable, then run the same command again: chmod 600
             .env.production
      more   golive explain GL1021
    ");
    unharmed(&stand, "PORT=8000\n");
}

#[test]
fn a_folder_that_may_not_be_written_ends_the_run_before_anything_is_asked_of_stripe() {
    let stand = Stand::as_nobody(SHOP);
    stand.chmod(".", 0o555);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 1
    error[GL1021]: may not make the folder `.golive`
      why    Permission denied (os error 13)
      fix    make it yours, then run the same command again: ls -ld .
      more   golive explain GL1021
    ");
    assert!(stand.control.requests().is_empty());
    stand.run(&["status", "--mode", "live"]).expect(0, &["0 of 4 done"]);
    stand.chmod(".", 0o755);
    stand.launch().expect(0, &[]);
}

#[test]
fn a_written_file_is_for_its_owner_alone_and_keeps_what_was_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let stand = Stand::new(SHOP);
    stand.write(FILE, "# ours\n\nexport PORT='8000' # with a comment\n");
    stand.chmod(FILE, 0o644);
    stand.launch().expect(0, &[]);
    let mode = std::fs::metadata(stand.dir.join(FILE)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(stand.read(FILE).starts_with("# ours\n\nexport PORT='8000' # with a comment\n"));
    let backups: Vec<_> = std::fs::read_dir(stand.dir.join(".golive/backups")).unwrap().collect();
    assert!(!backups.is_empty());
}

/// Two env items, each with a secret that only the operator knows.
const TWO_FILES_IN_ONE: &str = r#"schema = 1
id = "two"
title = "Two env items"

[env]
file = ".env.production"

[[phase]]
id = "env"
title = "Env file"

[[phase.item]]
id = "file"
kind = "env"
title = "What production needs"
ask = [{ name = "DATABASE_URL", secret = true }]
assert = [{ name = "DATABASE_URL", prefix = "postgresql://" }]

[[phase.item]]
id = "drill"
kind = "env"
title = "What the drills need besides"
needs = ["env.file"]
ask = [{ name = "APP_TOKEN", secret = true }]
"#;

#[test]
fn env_items_do_not_wait_for_each_others_secrets() {
    let launch = Launch::of(TWO_FILES_IN_ONE);
    let ran = launch.golive("rehearse --yes").run().exits(0);
    assert!(ran.stderr.contains("2 of 2 items"), "{ran}");
}
