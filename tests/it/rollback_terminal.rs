//! A rollback with somebody at the keyboard: asked for the steps and the account by name, left with
//! Ctrl-C, killed in the middle, and with its backup gone.

use std::fs;

use golive::simulator::Mode;

use super::rollback::{env_file, is_undone, launched, object};
use crate::support::Launch;
use crate::support::screen::{CTRL_C, DOWN, ENTER, Screen, Start};

fn open(launch: &Launch, crash: Option<&str>) -> Screen {
    let mut variables = vec![
        ("GOLIVE_API_BASE".to_owned(), launch.simulator.url.clone()),
        ("GOLIVE_RESOLVE".to_owned(), format!("shop.example=127.0.0.1:{}", launch.simulator.shop_addr.port())),
        ("SSL_CERT_FILE".to_owned(), launch.home.join("ca.pem").display().to_string()),
    ];
    variables.extend(crash.map(|place| ("GOLIVE_CRASH_AT".to_owned(), place.to_owned())));
    Start { dir: &launch.dir, home: &launch.home, line: "rollback --mode live", columns: 80, variables }.begin()
}

fn account(launch: &Launch) -> String {
    launch.control.objects(Mode::Live, "account")[0]["business_profile"]["name"].as_str().unwrap().to_owned()
}

#[test]
fn the_account_is_typed_and_everything_is_undone() {
    let (launch, old) = launched();
    let name = account(&launch);
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("Which steps", "Type the account name", &format!("{}\r", name.to_lowercase()));
    screen.shows("no live key in it");
    screen.shows("undone. Payments, customers");
    screen.exits(0);
    is_undone(&launch, &old, "by hand");
    assert!(!screen.text().contains("\n\n\n"), "{}", screen.text());
}

#[test]
fn another_name_undoes_nothing() {
    let (launch, _) = launched();
    let live = env_file(&launch);
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("Which steps", "Type the account name", "yes\r");
    screen.shows("GL1008");
    screen.exits(4);
    assert_eq!(env_file(&launch), live);
    assert!(launch.events_of("rollback_began").is_empty());
}

#[test]
fn ctrl_c_at_the_accounts_name_undoes_nothing() {
    let (launch, old) = launched();
    let (live, requests) = (env_file(&launch), launch.requests());
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("Which steps", "Type the account name", CTRL_C);
    screen.shows("Paused");
    screen.exits(130);
    assert!(launch.writes_since(requests).is_empty());
    assert_eq!(env_file(&launch), live);
    assert!(launch.events_of("rollback_began").is_empty());
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("Which steps", "Type the account name", &format!("{}\r", account(&launch)));
    screen.exits(0);
    is_undone(&launch, &old, "after a pause");
}

#[test]
fn a_power_cut_in_the_middle_is_gone_on_with() {
    let again = format!("{DOWN}{ENTER}");
    for place in ["env.restored:1", "journal.synced:7"] {
        let (launch, old) = launched();
        let name = account(&launch);
        let mut screen = open(&launch, Some(place));
        screen.answer("Stays as it is", "Which steps?", ENTER);
        screen.answer("Which steps", "Type the account name", &format!("{name}\r"));
        screen.dies();
        assert_eq!(launch.events_of("rollback_ended").len(), 0, "{place}");
        launch.calm();
        // The env file may hold test keys by now: then the key is asked for.
        let mut screen = open(&launch, None);
        screen.until("a question", |text| text.contains("? Secret key") || text.contains("? Which steps?"));
        if screen.text().contains("? Secret key") {
            screen.keys(&format!("{}\r", launch.simulator.live.secret));
        }
        screen.answer("Stays as it is", "Which steps?", ENTER);
        screen.answer("Which steps", "Type the account name", &format!("{name}\r"));
        screen.until("the end", |text| text.contains("undone. Payments") || text.contains("? Did it finish?"));
        if screen.text().contains("? Did it finish?") {
            // A command whose end was not seen: its work tells a person whether it ran.
            let ran = launch.dir.join("rollback.log").exists();
            screen.keys(if ran { ENTER } else { &again });
        }
        screen.exits(0);
        is_undone(&launch, &old, place);
    }
}

#[test]
fn a_backup_that_is_gone_is_asked_about_before_anything_is_undone() {
    let (launch, _) = launched();
    let live = env_file(&launch);
    fs::remove_dir_all(launch.dir.join(".golive/backups")).unwrap();
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("GL0902", "And the env file?", CTRL_C);
    screen.exits(130);
    assert_eq!(env_file(&launch), live);
    assert!(launch.events_of("rollback_began").is_empty());
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", &format!("{DOWN}{DOWN}{ENTER}"));
    screen.exits(0);
    assert!(launch.events_of("rollback_began").is_empty(), "it was only to be shown");
    let mut screen = open(&launch, None);
    screen.answer("Stays as it is", "Which steps?", ENTER);
    screen.answer("GL0902", "And the env file?", ENTER);
    screen.answer("env file", "Type the account name", &format!("{}\r", account(&launch)));
    // The guide's own step looks for the test keys that are not there.
    screen.answer("Restart the shop", "Run the command again?", ENTER);
    screen.shows("GL0905");
    screen.exits(3);
    assert_eq!(object(&launch, "product", "small_pro")["active"], false);
}
