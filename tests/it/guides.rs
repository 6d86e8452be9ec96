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
      rehearsed: mail
    code
      rehearsed: frontend handler
    deploy
      rehearsed: backup code keep_env env live_keys restart running
    verify
      done: account checkout
      rehearsed: tls site frontend webhook delivery
    payment
      rehearsed: purchase log customer container tier_deployed customer_site mail login tier refund cleanup gone
    monitoring
      rehearsed: alerts bookmarks log_errors log_webhooks deliveries mails limits week_deliveries deployments mail_rate pro ultimate annual_basic annual_pro annual_ultimate notes
    routine
      rehearsed: weekly monthly test_mode
    ");
}

#[test]
fn recorder_ed_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("recorder-ed"), @r"
    code
      rehearsed: logging signature keys
    stripe
      done: account keys webhook env
      rehearsed: two_step
    ready
      rehearsed: certificate site mail mail_sent backup restore terms support
    deploy
      rehearsed: keep env live_keys restart
    verify
      rehearsed: site webhook log_errors
    flows
      rehearsed: lesson lesson_paid lesson_mail workshop cart registrations workshop_mail course enrollment course_mail declined declined_record log mails
    refund
      rehearsed: full partial record
    announce
      rehearsed: hour users
    week
      rehearsed: payments log support amounts commission
    ");
}

#[test]
fn caixahub_is_rehearsed_to_its_end() {
    insta::assert_snapshot!(rehearsed("caixahub"), @r"
    stripe
      done: account keys premium portal webhook
    env
      done: django_secret jwt_secret file
      rehearsed: code
    deploy
      rehearsed: backup variables variables_there migrate migrated sync webhook_synced redeploy settings
    verify
      rehearsed: tls webhook delivery config blocked expired
      done: checkout
    first
      rehearsed: purchase records trial status portal allowed log
    after
      rehearsed: deliveries failed_payments processed log log_secrets links trials churn database access
    ");
}
