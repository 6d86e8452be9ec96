//! Commands that do what a command should not, through the binary: each is told by name, none holds the
//! launch up for longer than its time, and nothing that is secret gets out.

use super::stand::{Ran, Stand};

fn stand(run: &str, fields: &str) -> Stand {
    Stand::new(&format!(
        "schema = 1\nid = \"run\"\ntitle = \"Run\"\n\n[env]\nfile = \".env.production\"\n\n[[phase]]\nid = \"deploy\"\n\
         title = \"Deploy\"\n\n[[phase.item]]\nid = \"step\"\nkind = \"command\"\ntitle = \"A step\"\nrun = '''{run}'''\n{fields}\n"
    ))
}

fn wizard(stand: &Stand) -> Ran {
    stand.run(&["wizard", "--mode", "live", "--yes", "--allow-commands"])
}

fn journal(stand: &Stand) -> String {
    stand.read(".golive/run.live.jsonl")
}

#[test]
fn a_command_that_hangs_is_stopped_when_its_time_is_up_and_may_be_run_again() {
    let hangs = stand("echo began; test -e mended || sleep 600; echo ended", "timeout = 1\nread_only = true");
    let ran = wizard(&hangs);
    ran.expect(3, &["GL0701", "the command did not end in time and was stopped", "wanted an end within 1 s", "began"]);
    hangs.write("mended", "");
    wizard(&hangs).expect(0, &["ended"]);
}

#[test]
fn a_command_that_floods_is_followed_to_its_end_and_its_journal_stays_small() {
    let floods = stand("yes 'a line of a flood' | head -n 400000; echo last", "expect = { contains = [\"last\"] }");
    wizard(&floods).expect(0, &["exit 0 in", "last"]);
    assert!(journal(&floods).len() < 300_000, "{} bytes", journal(&floods).len());
}

#[test]
fn a_command_that_asks_for_input_gets_none_and_says_what_it_lacked() {
    let asks = stand("printf 'Really? '; read answer || { echo 'nobody answered'; exit 4; }", "");
    // It may have done half of its work: whether it runs again is for a person to say.
    let ran = wizard(&asks);
    ran.expect(5, &["GL0701", "the command ended badly", "found exit 4", "nobody answered", "Run the command again?"]);
}

#[test]
fn what_a_command_leaves_running_does_not_hold_the_launch_up() {
    let forks = stand("sleep 600 & echo $! > pid; echo started", "");
    wizard(&forks).expect(0, &["started"]);
    let pid: i32 = forks.read("pid").trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    // It lives on, as a service should, until this test ends it.
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_secret_that_a_command_prints_is_shown_and_journaled_shortened() {
    let key = format!("sk_live_51{}x7Qd", "Hj4T9".repeat(5));
    let prints = stand("sh leak.sh", "secret_env = [\"TOKEN\"]");
    prints.write("leak.sh", &format!("echo key {key}; echo \"token $TOKEN\" >&2; exit 2"));
    prints.write(".env.production", "TOKEN=persimmon-lighthouse-12\n");
    let ran = wizard(&prints);
    ran.expect(5, &["GL0701", "key sk_live_…x7Qd", "token 23 characters, hidden"]);
    for said in [&ran.err, &ran.out, &journal(&prints)] {
        assert!(!said.contains(&key) && !said.contains("persimmon"), "{said}");
    }
}
