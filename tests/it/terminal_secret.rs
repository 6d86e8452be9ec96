//! A secret that is typed or pasted into a real terminal: slowly, at once, with the marks of a paste, too
//! early. It is never seen, whole or in part, and it arrives whole or not at all.

use std::fs;
use std::time::Duration;

use golive::simulator::{At, Fault, What};

use crate::support::Launch;
use crate::support::screen::{ENTER, Screen, Start};
use crate::terminal::{COMPACT, Desk, SECRET, begin, go_on_to_the_secret, live, live_at};

/// A way to deliver a line, by its name.
type Way = (&'static str, fn(&mut Screen, &str));

/// How a hand or a clipboard delivers a line.
const WAYS: &[Way] = &[
    ("keystroke by keystroke", |screen, line| each(screen, line, 2)),
    ("with pauses", |screen, line| each(screen, line, 60)),
    ("at once, Enter and all", |screen, line| screen.keys(&format!("{line}\r"))),
    ("in two halves", |screen, line| {
        let (half, rest) = line.split_at(line.len() / 2);
        screen.keys(half);
        std::thread::sleep(Duration::from_millis(40));
        screen.keys(&format!("{rest}\r"));
    }),
    ("as a bracketed paste", |screen, line| {
        screen.keys(&format!("\u{1b}[200~{line}\u{1b}[201~"));
        std::thread::sleep(Duration::from_millis(20));
        screen.keys(ENTER);
    }),
    ("with more lines behind it", |screen, line| screen.keys(&format!("{line}\rMAIL_PORT=587\rn\r"))),
];

fn each(screen: &mut Screen, line: &str, pause: u64) {
    for key in line.chars() {
        screen.keys(&key.to_string());
        assert!(!screen.echoes(), "the terminal would echo what is typed");
        std::thread::sleep(Duration::from_millis(pause));
    }
    screen.keys(ENTER);
}

/// Neither shown nor taken away again: no word of it was ever written to the terminal.
#[track_caller]
fn never_seen(screen: &Screen, how: &str) {
    let ever = screen.ever();
    assert!(SECRET.split(' ').all(|word| !ever.contains(word)), "{how}: {ever}");
}

#[test]
fn a_secret_is_never_on_the_screen_however_it_is_typed() {
    for (how, deliver) in WAYS {
        let desk = Desk::new();
        let mut screen = desk.open("rehearse");
        begin(&mut screen);
        go_on_to_the_secret(&mut screen);
        deliver(&mut screen, SECRET);
        screen.answer("MAIL_PASSWORD", "Write ", "y\r");
        screen.answer("Rollback, as a drill", "Undo the launch now, on a copy?", ENTER);
        screen.shows("is rehearsed.");
        screen.exits(0);
        never_seen(&screen, how);
        let line = format!("MAIL_PASSWORD='{SECRET}'");
        assert!(desk.env_file().lines().any(|other| other == line), "{how}: {}", desk.env_file());
    }
}

/// The rest of a paste, and one that comes before its question, answer nothing and are not seen.
#[test]
fn a_secret_that_is_pasted_too_early_is_neither_seen_nor_taken() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", ENTER);
    screen.answer("2 of 4", "Write ", "y\r");
    screen.answer("3 of 4", "Type yes", "yes\r");
    screen.answer("4 of 4", "Sender of the mails", &format!("info@shop.example\r{SECRET}\r"));
    screen.answer("4 of 4", "Password of the mails", "another one entirely\r");
    screen.answer("MAIL_PASSWORD", "Write ", "y\r");
    screen.answer("Rollback, as a drill", "Undo the launch now, on a copy?", ENTER);
    screen.shows("is rehearsed.");
    screen.exits(0);
    never_seen(&screen, "too early");
    assert!(desk.env_file().contains("MAIL_PASSWORD='another one entirely'"), "{}", desk.env_file());
}

#[test]
fn what_is_typed_while_golive_works_is_not_echoed() {
    let (launch, line) = (Launch::of(COMPACT), "wizard --mode live --phase catalog");
    let screen = live(&launch, line);
    is_not_echoed_while_it_works(&launch, screen, "? Write ", "? Type yes to change the LIVE account");
}

fn is_not_echoed_while_it_works(launch: &Launch, mut screen: Screen, write: &str, change: &str) {
    screen.shows(write);
    screen.keys("yes\r");
    let slow = Fault {
        at: At::Nth(1),
        method: Some("POST".into()),
        path: "/v1/products".into(),
        what: What::Slow(Duration::from_secs(2)),
    };
    launch.control.fault(slow);
    screen.shows(change);
    screen.keys("yes\r");
    let sent = || launch.control.requests().iter().any(|sent| sent.method == "POST" && sent.path == "/v1/products");
    screen.until("the request", |_| sent());
    assert!(!screen.echoes(), "the terminal would echo what is typed");
    screen.keys(&format!("{SECRET}\r"));
    screen.exits(3);
    never_seen(&screen, "while it works");
    let journal = fs::read_to_string(launch.dir.join(".golive/compact.live.jsonl")).unwrap();
    assert!(journal.contains("\"applied\"") && !journal.contains("correct"), "{journal}");
}

#[test]
fn stripes_keys_are_taken_whole_and_only_their_ends_are_seen() {
    for (how, deliver) in WAYS {
        let launch = Launch::of(COMPACT);
        let api = vec![("GOLIVE_API_BASE".to_owned(), launch.simulator.url.clone())];
        let line = "wizard --mode live --phase keys";
        let mut screen = Start { dir: &launch.dir, home: &launch.home, line, columns: 80, variables: api }.begin();
        let keys = [launch.simulator.live.secret.clone(), launch.simulator.live.publishable.clone()];
        screen.shows("? Live secret or restricted key");
        deliver(&mut screen, &keys[0]);
        screen.shows("? Live publishable key");
        deliver(&mut screen, &keys[1]);
        screen.shows("? Write ");
        screen.keys("y\r");
        screen.exits(3);
        let ever = screen.ever();
        for key in keys {
            assert!(!ever.contains(&key[8..16]), "{how}: {ever}");
            let written = fs::read_to_string(launch.dir.join(".env.production")).unwrap();
            assert!(written.lines().any(|line| line.ends_with(&format!("={key}"))), "{how}");
        }
    }
}

/// Line by line, as it is read aloud: what is asked for is on the screen, and never a secret.
mod read_aloud {
    use super::*;
    use crate::support::screen::{CTRL_C, CTRL_D};

    fn open(desk: &Desk) -> Screen {
        // A sentence is one line, however long: the reader of the screen breaks it, not golive.
        desk.open_at("rehearse --plain", 2000)
    }

    /// Waits for a prompt below some words, and types.
    #[track_caller]
    fn answer(screen: &mut Screen, below: &str, prompt: &str, keys: &str) {
        let asked = |text: &str| text.rfind(below).is_some_and(|at| text[at..].trim_end().ends_with(prompt));
        screen.until(&format!("{prompt} (below {below})"), asked);
        screen.keys(keys);
    }

    /// Answers everything up to the first question of the last phase.
    fn go_on_to_the_sender(screen: &mut Screen) {
        answer(screen, "4 phases", "press Enter for yes:", ENTER);
        answer(screen, "Activate the account.", "press Enter for 1:", "1\r");
        answer(screen, "Read the business details.", "press Enter for 1:", "1\r");
        answer(screen, "Phase 2 of 4", "press Enter for no:", "yes\r");
        answer(screen, "Phase 3 of 4", "change nothing:", "yes\r");
    }

    const SENDER: &str = "Sender of the mails:";
    const HIDDEN: &str = "Password of the mails, input is hidden, then press Enter:";

    #[test]
    fn what_is_no_secret_is_echoed_and_a_secret_never_however_it_is_typed() {
        for (how, deliver) in WAYS {
            let desk = Desk::new();
            let mut screen = open(&desk);
            go_on_to_the_sender(&mut screen);
            answer(&mut screen, "Phase 4 of 4", SENDER, "info@shop.example\r");
            answer(&mut screen, "Phase 4 of 4", HIDDEN, "");
            deliver(&mut screen, SECRET);
            answer(&mut screen, "MAIL_PASSWORD", "press Enter for no:", "yes\r");
            answer(&mut screen, "Rollback, as a drill", "press Enter for no:", ENTER);
            screen.shows("is rehearsed.");
            screen.exits(0);
            never_seen(&screen, how);
            assert!(screen.text().contains(&format!("{SENDER} info@shop.example")), "{}", screen.text());
            let line = format!("MAIL_PASSWORD='{SECRET}'");
            assert!(desk.env_file().lines().any(|other| other == line), "{how}: {}", desk.env_file());
        }
    }

    #[test]
    fn what_is_typed_while_golive_works_is_not_echoed() {
        let launch = Launch::of(COMPACT);
        let screen = live_at(&launch, "wizard --mode live --phase catalog --plain", 2000);
        is_not_echoed_while_it_works(&launch, screen, "press Enter for no:", "change nothing:");
    }

    #[test]
    fn leaving_at_any_prompt_leaves_a_terminal_that_echoes() {
        for (key, at_the_secret) in [(CTRL_C, true), (CTRL_C, false), (CTRL_D, true), (CTRL_D, false)] {
            let desk = Desk::new();
            let mut screen = open(&desk);
            go_on_to_the_sender(&mut screen);
            if at_the_secret {
                answer(&mut screen, "Phase 4 of 4", SENDER, "info@shop.example\r");
                answer(&mut screen, "Phase 4 of 4", HIDDEN, key);
            } else {
                answer(&mut screen, "Phase 4 of 4", SENDER, key);
            }
            screen.shows("Paused");
            screen.exits(130);
            assert!(!desk.env_file().contains("MAIL_"), "{}", desk.env_file());
        }
    }
}
