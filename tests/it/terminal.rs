//! A person at a real terminal: from start to finish, and every way to leave in between. Whatever
//! happens, the exit code says how it ended, the terminal is usable again, and nothing is lost.

use std::fs;
use std::time::Duration;

use golive::simulator::{At, Fault, What};
use tempfile::TempDir;

use crate::support::screen::{CTRL_C, CTRL_D, DOWN, ENTER, ESC, Screen, Start};
use crate::support::{Golive, Launch};

pub const COMPACT: &str = include_str!("fixtures/compact_terminal.toml");
pub const SECRET: &str = "correct horse battery staple";

/// A folder with the compact checklist.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("golive.toml"), COMPACT).unwrap();
        Self(folder)
    }

    pub fn open(&self, line: &str) -> Screen {
        self.open_at(line, 80)
    }

    pub fn open_at(&self, line: &str, columns: u16) -> Screen {
        let dir = self.0.path();
        Start { dir, home: dir, line, columns, variables: Vec::new() }.begin()
    }

    pub fn journal(&self) -> String {
        fs::read_to_string(self.0.path().join(".golive/compact.rehearse.jsonl")).unwrap_or_default()
    }

    pub fn env_file(&self) -> String {
        fs::read_to_string(self.0.path().join(".golive/rehearsal/compact/.env.production")).unwrap_or_default()
    }
}

/// Answers everything up to the list of the second item.
pub fn begin(screen: &mut Screen) {
    screen.answer("what will happen", "Start with phase 1 of 4, Account?", ENTER);
    screen.answer("Activate the account", "Is this clear?", ENTER);
    screen.shows("Read the business details");
}

/// Answers everything from the second item up to the secret prompt.
pub fn go_on_to_the_secret(screen: &mut Screen) {
    screen.answer("Read the business details", "Is this clear?", ENTER);
    screen.answer("2 of 4", "Write ", "y\r");
    screen.answer("3 of 4", "Type yes", "yes\r");
    screen.answer("4 of 4", "Sender of the mails", "info@shop.example\r");
    screen.answer("4 of 4", "Password of the mails", "");
}

#[test]
fn an_attended_rehearsal_goes_from_start_to_finish() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    go_on_to_the_secret(&mut screen);
    screen.keys(&format!("{SECRET}\r"));
    screen.answer("MAIL_PASSWORD", "Write ", "y\r");
    screen.answer("Rollback, as a drill", "Undo the launch now, on a copy?", "y\r");
    screen.answer("Undo what this launch changed", "Which steps?", ENTER);
    screen.answer("Which steps", "Undo this in REHEARSAL mode?", "y\r");
    screen.shows("A compact launch is rehearsed.   5 of 5 items");
    screen.shows("Its rollback is rehearsed too, on a copy.");
    screen.exits(0);
    assert!(desk.env_file().contains("MAIL_FROM=info@shop.example"), "{}", desk.env_file());
    let text = screen.text();
    let headers = text.lines().filter(|line| line.starts_with("── ") && line.contains(" of 4  ")).count();
    assert_eq!(headers, 4, "one header for each phase\n{text}");
    assert!(!text.contains("\n\n\n"), "two empty lines in a row\n{text}");
}

#[test]
fn esc_pauses_and_says_how_to_go_on() {
    for key in [ESC, CTRL_D] {
        let desk = Desk::new();
        let mut screen = desk.open("rehearse");
        begin(&mut screen);
        screen.answer("Read the business details", "Is this clear?", ENTER);
        screen.answer("2 of 4", "Write ", key);
        screen.shows("Paused in phase 2 of 4, Keys. 2 of 5 rehearsed.");
        screen.shows("Continue  golive rehearse");
        screen.exits(130);
        assert!(!screen.text().contains("\n\n\n"), "two empty lines in a row\n{}", screen.text());
    }
}

#[test]
fn pause_here_in_a_list_pauses() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", &format!("{DOWN}{DOWN}{ENTER}"));
    screen.shows("Paused in phase 1 of 4, Account.");
    screen.exits(130);
}

#[test]
fn ctrl_c_at_a_list_leaves_a_usable_terminal() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", CTRL_C);
    screen.shows("Paused in phase 1 of 4, Account.");
    screen.exits(130);
    assert!(!screen.text().contains("Is this clear?"), "the list is left behind\n{}", screen.text());
    assert!(!screen.text().contains("on its way"), "nothing was on its way\n{}", screen.text());
}

/// Before a launch is opened, and before anybody watches for signals.
#[test]
fn ctrl_c_at_the_very_first_list_leaves_a_usable_terminal() {
    for line in ["wizard", "rehearse"] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let mut screen = Start { dir, home: dir, line, columns: 80, variables: Vec::new() }.begin();
        screen.answer("golive", "Which checklist?", CTRL_C);
        screen.shows("Paused before anything began.");
        screen.exits(130);
        assert_eq!(fs::read_dir(dir).unwrap().count(), 0, "{line}: nothing is left behind");
    }
    let desk = Desk::new();
    let mut screen = desk.open("wizard");
    screen.answer("golive", "Rehearsal, test or live?", CTRL_C);
    screen.shows("Paused before anything began.");
    screen.exits(130);
}

#[test]
fn ctrl_c_at_a_confirmation_leaves_a_usable_terminal() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    screen.answer("what will happen", "Start with phase 1 of 4, Account?", CTRL_C);
    screen.shows("Paused");
    screen.exits(130);
}

#[test]
fn ctrl_c_at_the_secret_prompt_leaves_a_usable_terminal() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    go_on_to_the_secret(&mut screen);
    screen.keys(SECRET);
    screen.shows("••••••••••••••••••••••••");
    assert!(!screen.echoes(), "the terminal would echo what is typed");
    screen.keys(CTRL_C);
    screen.shows("Paused in phase 4 of 4, Env file.");
    screen.exits(130);
    assert!(!screen.ever().contains("correct") && !desk.journal().contains("correct"));
}

#[test]
fn what_is_pasted_behind_an_answer_answers_nothing_else() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", ENTER);
    screen.answer("2 of 4", "Write ", "y\ryes\ryes\rinfo@shop.example\r");
    screen.answer("3 of 4", "Type yes to change the simulated account", "");
    screen.keys(ESC);
    screen.shows("Paused in phase 3 of 4");
    screen.exits(130);
    assert!(!desk.journal().contains("\"intended\""), "{}", desk.journal());
}

#[test]
fn a_considered_no_changes_nothing() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", ENTER);
    screen.answer("2 of 4", "Write ", "n\r");
    screen.shows("Nothing was changed.");
    screen.answer("3 of 4", "Type yes", "no\r");
    screen.until("another one", |text| text.matches("Nothing was changed.").count() == 2);
    screen.exits(3);
    assert_eq!(desk.env_file(), "");
}

#[test]
fn a_window_that_becomes_narrow_is_still_tidy() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", "");
    screen.resize(60);
    screen.keys(ENTER);
    screen.answer("2 of 4", "Write ", "y\r");
    screen.answer("3 of 4", "Type yes", "");
    screen.keys(ESC);
    screen.shows("Paused in phase 3 of 4");
    screen.exits(130);
}

#[test]
fn no_line_is_wider_than_a_narrow_terminal() {
    for line in ["rehearse --yes", "rehearse --yes -v", "rehearse --yes --ascii", "status --all", "plan"] {
        let desk = Desk::new();
        let mut screen = desk.open_at(line, 60);
        let code = if line == "plan" { 5 } else { 0 };
        screen.exits(code);
        screen.until("the end", |_| true);
        let widest = screen.text().lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(60), "{line}: {widest:?}");
    }
}

#[test]
fn after_a_power_cut_nothing_is_asked_twice() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse");
    begin(&mut screen);
    screen.answer("Read the business details", "Is this clear?", ENTER);
    screen.answer("2 of 4", "Write ", "y\r");
    screen.answer("3 of 4", "Type yes", "yes\r");
    screen.answer("4 of 4", "Sender of the mails", "info@shop.example\r");
    screen.answer("4 of 4", "Password of the mails", "");
    screen.kill();
    let mut screen = desk.open("rehearse");
    screen.shows("Welcome back.");
    screen.answer("4 of 4", "Password of the mails", &format!("{SECRET}\r"));
    screen.answer("MAIL_PASSWORD", "Write ", "y\r");
    screen.answer("Rollback, as a drill", "Undo the launch now, on a copy?", ENTER);
    screen.shows("is rehearsed.");
    screen.exits(0);
    let ever = screen.ever();
    for asked in ["Start with", "Is this clear", "Type yes", "Sender of the mails"] {
        assert!(!ever.contains(asked), "{asked} was asked twice\n{}", screen.text());
    }
}

#[test]
fn without_a_terminal_the_question_is_named_and_the_exit_is_5() {
    let desk = Desk::new();
    let dir = desk.0.path();
    let ended = Golive::new(dir, dir).args("wizard --mode live").run();
    ended.exits(5).says("keys.live.secret");
}

/// A live launch in a terminal, with the keys at hand.
pub fn live(launch: &Launch, line: &str) -> Screen {
    live_at(launch, line, 80)
}

pub fn live_at(launch: &Launch, line: &str, columns: u16) -> Screen {
    let variables = [
        ("GOLIVE_API_BASE", launch.simulator.url.clone()),
        ("GOLIVE_LIVE_KEY", launch.simulator.live.secret.clone()),
        ("GOLIVE_LIVE_PUBLISHABLE_KEY", launch.simulator.live.publishable.clone()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Start { dir: &launch.dir, home: &launch.home, line, columns, variables }.begin()
}

#[test]
fn ctrl_c_while_a_request_is_on_its_way_waits_for_its_answer_and_records_it() {
    let launch = Launch::of(COMPACT);
    let mut screen = live(&launch, "wizard --mode live --phase catalog");
    screen.answer("Keys", "Write ", "y\r");
    let slow = Fault {
        at: At::Nth(1),
        method: Some("POST".into()),
        path: "/v1/products".into(),
        what: What::Slow(Duration::from_secs(2)),
    };
    launch.control.fault(slow);
    screen.answer("Products and prices", "Type yes to change the LIVE account", "yes\r");
    let sent =
        || launch.control.requests().iter().any(|request| request.method == "POST" && request.path == "/v1/products");
    screen.until("the request", |_| sent());
    screen.keys(CTRL_C);
    screen.shows("Stopping after the request that is on its way.");
    screen.shows("Paused in phase");
    screen.exits(130);
    let journal = fs::read_to_string(launch.dir.join(".golive/compact.live.jsonl")).unwrap();
    assert!(journal.contains("\"applied\""), "{journal}");

    let mut screen = live(&launch, "wizard --mode live --phase catalog");
    screen.shows("Welcome back.");
    // Whether the price had been sent as well is a matter of moments; the product never goes twice.
    screen.until("the rest", |text| text.contains("✓ Pro ") || text.contains("Type yes"));
    if screen.text().contains("Type yes") {
        assert!(!screen.text().contains("+ product"), "it was made, and is asked about again\n{}", screen.text());
        screen.keys("yes\r");
    }
    screen.shows("✓ Pro ");
    screen.exits(3);
    let objects = |kind: &str| launch.control.objects(golive::simulator::Mode::Live, kind).len();
    assert_eq!((objects("product"), objects("price")), (1, 1));
}

#[test]
fn a_second_ctrl_c_stops_at_once_and_says_what_is_not_known() {
    let launch = Launch::of(COMPACT);
    let mut screen = live(&launch, "wizard --mode live --phase catalog");
    screen.answer("Keys", "Write ", "y\r");
    let hanging = Fault {
        at: At::Every,
        method: Some("POST".into()),
        path: "/v1/products".into(),
        what: What::Hang(Duration::from_secs(60)),
    };
    launch.control.fault(hanging);
    screen.answer("Products and prices", "Type yes to change the LIVE account", "yes\r");
    screen.shows("applying product pro");
    screen.keys(CTRL_C);
    screen.shows("Stopping after the request that is on its way.");
    screen.keys(CTRL_C);
    screen.shows("Stopped at once. What has no known answer is looked up in Stripe");
    screen.exits(130);
}

#[test]
fn what_is_read_aloud_can_be_left_with_ctrl_c_too() {
    let desk = Desk::new();
    let mut screen = desk.open("rehearse --plain");
    screen.shows("Start with phase 1 of 4, Account?");
    screen.keys("yes\r");
    screen.shows("Enter a number from 1 to 3, or press Enter for 1:");
    screen.keys(CTRL_C);
    screen.shows("Paused.");
    screen.exits(130);
}

#[test]
fn a_failure_that_was_put_off_is_not_asked_about_again() {
    let launch = Launch::of(
        "schema = 1\nid = \"one\"\ntitle = \"One\"\n[[phase]]\nid = \"deploy\"\ntitle = \"Deploy\"\n\
         [[phase.item]]\nid = \"it\"\nkind = \"command\"\ntitle = \"Deploy it\"\nrun = \"exit 7\"\n",
    );
    let mut screen = live(&launch, "wizard --mode live");
    screen.answer("what will happen", "Start with phase 1 of 1, Deploy?", ENTER);
    screen.answer("This checklist runs commands", "Allow these commands on this computer?", "y\r");
    screen.answer("exit 7", "Run this command?", "y\r");
    screen.answer("Deploy it", "Run the command again?", ENTER);
    screen.exits(3);
    assert!(!screen.ever().contains("What next"), "{}", screen.text());
}
