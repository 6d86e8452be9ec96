//! Logs through the binary: what must and must not be in them, files that are absent, rotated or no
//! text, and commands that print one. Reading changes nothing, and runs only where commands may.

use super::stand::Stand;

fn checklist(item: &str) -> String {
    format!(
        "schema = 1\nid = \"logs\"\ntitle = \"Logs\"\n\n[[phase]]\nid = \"after\"\ntitle = \"After\"\n\n\
         [[phase.item]]\nid = \"log\"\nkind = \"log\"\ntitle = \"The log is quiet\"\n{item}\n"
    )
}

const WIZARD: [&str; 4] = ["wizard", "--mode", "live", "--yes"];

#[test]
fn a_file_is_searched_and_the_line_that_must_not_be_there_is_shown() {
    let item =
        "file = \"subscribed_app.log\"\nrequire = \"Payment notification email sent successfully\"\nforbid = \"ERROR\"";
    let stand = Stand::new(&checklist(item));
    stand.run(&WIZARD).expect(3, &["GL0721", "there is no log at `subscribed_app.log`", "file = \"…\""]);
    let good = "2026-11-21 10:00:00,1 INFO Payment notification email sent successfully\n";
    stand.write("subscribed_app.log", good);
    stand.run(&WIZARD).expect(0, &["1 line: \"Payment notification email sent successfully\" in 1 line, no \"ERROR\""]);
    let secret = format!("sk_live_{}", "q7".repeat(12));
    stand.write("subscribed_app.log", &format!("{good}{} ERROR \u{1b}[31m{secret}\n", "x\n".repeat(3)));
    let ran = stand.run(&["check", "--mode", "live"]);
    ran.expect(3, &["GL0722", "`subscribed_app.log` holds \"ERROR\"", "the last one: ERROR sk_live_…", "wanted none"]);
    assert!(!ran.err.contains(&secret) && !stand.read(".golive/logs.live.jsonl").contains(&secret));
    // Rotated: the file is another one and shorter than before.
    std::fs::rename(stand.dir.join("subscribed_app.log"), stand.dir.join("subscribed_app.log.1")).unwrap();
    stand.write("subscribed_app.log", good);
    stand.run(&WIZARD).expect(0, &["no \"ERROR\""]);
    stand.write("subscribed_app.log", "\u{0}\u{1}\u{2}");
    stand.run(&["check", "--mode", "live"]).expect(3, &["GL0721", "`subscribed_app.log` is no text"]);
}

#[test]
fn a_huge_log_is_read_from_its_end_and_says_so() {
    let stand = Stand::new(&checklist(
        "file = \"app.log\"\nlast_lines = 10000000\nrequire = \"Webhook received\"\nforbid = \"ERROR\"",
    ));
    let quiet = "2026-11-21 10:00:00,1 INFO nothing happens here for a long time\n".repeat(40 * 1024 * 1024 / 64);
    stand.write("app.log", &format!("ERROR of long ago\n{quiet}Webhook received\n"));
    let ran = stand.run(&WIZARD);
    ran.expect(0, &["the beginning left out", "\"Webhook received\" in 1 line, no \"ERROR\""]);
}

#[test]
fn a_log_that_a_command_prints_needs_the_consent_that_commands_need() {
    let stand = Stand::new(&checklist(
        "run = \"seq 200000; echo Webhook received\"\nrequire = \"Webhook received\"\ncount = { pattern = \"^1$\", most = 1 }",
    ));
    stand.run(&WIZARD).expect(4, &["GL0703", "seq 200000; echo Webhook received"]);
    stand.run(&["check", "--mode", "live"]).expect(3, &[]);
    let allowed = stand.run(&[&WIZARD[..], &["--allow-commands"]].concat());
    allowed.expect(0, &["\"Webhook received\" in 1 line, `^1$` in 1 line"]);
    // Allowed once, it is read again by every check.
    stand.run(&["check", "--mode", "live"]).expect(0, &[]);
    let journal = stand.read(".golive/logs.live.jsonl");
    assert!(journal.len() < 400_000, "the journal keeps no logs: {}", journal.len());
}

#[test]
fn a_command_that_fails_or_floods_is_no_proof_of_a_quiet_log() {
    let stand = Stand::new(&checklist("run = \"echo fine; exit 3\"\nforbid = \"ERROR\""));
    let ran = stand.run(&[&WIZARD[..], &["--allow-commands"]].concat());
    ran.expect(3, &["GL0701", "the command ended badly", "exit 3"]);
}

#[test]
fn a_rehearsal_reads_no_log() {
    let stand = Stand::new(&checklist("run = \"touch ran\"\nforbid = \"ERROR\""));
    stand.run(&["rehearse", "--yes"]).expect(0, &["would read touch ran"]);
    assert!(!stand.dir.join("ran").exists());
}
