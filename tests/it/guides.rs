//! Each of the five guides, as a checklist, is rehearsed from an empty folder to its end with nobody
//! there; how every item then stands is pinned, phase by phase.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::Launch;

/// A rehearsal from its beginning to its end, and how every item stands then.
#[track_caller]
fn rehearsed(name: &str) -> String {
    let launch = Launch::small();
    let ran = launch.golive(&format!("rehearse --yes --checklist {name}")).run().exits(0);
    assert!(ran.stderr.contains(" is rehearsed."), "{ran}");
    let status = launch.golive(&format!("status --mode rehearse --checklist {name} --json")).run().exits(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["ready"], true, "{status:#}");
    standing(&status)
}

/// A line for each phase: the states that there are, and the items in each.
pub fn standing(status: &Value) -> String {
    let mut text = String::new();
    for phase in status["phases"].as_array().unwrap() {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for item in phase["items"].as_array().unwrap() {
            let (state, id) = (item["state"].as_str().unwrap(), item["id"].as_str().unwrap());
            let name = id.split_once('.').unwrap().1;
            match groups.iter_mut().find(|(known, _)| *known == state) {
                Some((_, names)) => names.push(name),
                None => groups.push((state, vec![name])),
            }
        }
        let _ = write!(text, "{}", phase["id"].as_str().unwrap());
        for (state, names) in groups {
            let _ = write!(text, "\n  {state}: {}", names.join(" "));
        }
        text.push('\n');
    }
    text
}

#[test]
fn minipass_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("minipass"), @r"
    account
      done: activate public_details
      rehearsed: details
    keys
      done: live
      rehearsed: stored
    catalog
      done: basic pro ultimate
    webhook
      done: main
    env
      done: secret_key file
    deploy
      rehearsed: way_back backup code keep_env env live_keys restart running
    verify
      done: account checkout
      rehearsed: tls site webhook delivery
    payment
      rehearsed: purchase succeeded delivered log customer container mail login tier refund cleanup
    monitoring
      rehearsed: alerts bookmarks log_errors log_webhooks first_day signups first_week all_prices notes
    routine
      rehearsed: weekly monthly test_mode
    ");
}
