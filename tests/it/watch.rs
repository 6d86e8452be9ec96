//! After the launch: what a watch finds, what it tells, how it ends, and that it changes nothing.

use super::stand::{SHOP, Stand, edited};
use golive::simulator::{At, Fault, Mode, Outcome, What};
use serde_json::Value;

/// A launch that is finished.
fn launched(checklist: &str) -> Stand {
    let stand = Stand::new(checklist);
    stand.launch().expect(0, &[]);
    stand
}

/// The lines of a watch that looks once.
#[track_caller]
fn once(stand: &Stand, code: i32) -> Vec<Value> {
    let ran = stand.run(&["watch", "--mode", "live", "--once", "--json"]);
    ran.expect(code, &[]);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["schema"] == "golive.watch/1"), "{}", ran.out);
    assert_eq!((lines[0]["event"].as_str(), lines.last().unwrap()["event"].as_str()), (Some("began"), Some("ended")));
    lines
}

fn alerts(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["event"] == "alert").collect()
}

#[test]
fn a_launch_that_holds_raises_no_alert_and_watching_writes_nothing() {
    let stand = launched(SHOP);
    let (journal, writes) = (stand.read(".golive/shop.live.jsonl"), stand.writes());
    let lines = once(&stand, 0);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1]["tally"]["events"].as_u64().unwrap() > 0);
    assert_eq!((stand.read(".golive/shop.live.jsonl"), stand.writes()), (journal, writes));
}

#[test]
fn an_endpoint_that_was_switched_off_is_a_critical_alert_with_its_link() {
    let stand = launched(SHOP);
    let id = stand.objects("webhook_endpoint")[0]["id"].as_str().unwrap().to_owned();
    stand.stripe("POST", &format!("/v1/webhook_endpoints/{id}"), "disabled=true");
    let lines = once(&stand, 3);
    let alerts = alerts(&lines);
    assert_eq!(
        (alerts[0]["subject"].as_str(), alerts[0]["severity"].as_str()),
        (Some(&*format!("endpoint {id}")), Some("critical"))
    );
    assert!(alerts[0]["fix"].as_str().unwrap().ends_with(&format!("/webhooks/{id}")));
}

#[test]
fn what_somebody_changed_in_the_catalog_is_told_as_drift() {
    let stand = launched(SHOP);
    stand.stripe("POST", "/v1/products/shop_pro", "name=Shop Pro Plus");
    let lines = once(&stand, 3);
    let alerts = alerts(&lines);
    assert_eq!(alerts[0]["subject"], "drift of catalog.pro");
    assert!(alerts[0]["facts"].to_string().contains("name is Shop Pro Plus, wanted is Shop Pro"), "{}", alerts[0]);
    stand
        .run(&["watch", "--mode", "live", "--once"])
        .expect(3, &["drift of catalog.pro", "it changed since it was done"]);
    assert_eq!(stand.state_of("catalog.pro"), "done", "a watch does not tick or untick");
}

#[test]
fn events_that_no_endpoint_takes_raise_an_alert_with_their_types() {
    let stand = launched(&format!(
        "{}\n[watch]\ngrace = \"0s\"\ndeliveries = {{ failing = \"5%\", over = \"5m\" }}\ndrift = \"0s\"\n",
        edited("events = [\"checkout.session.completed\"]", "events = [\"product.updated\"]")
            .replace("/webhook\"", "/health\"")
    ));
    stand.stripe("POST", "/v1/products/shop_pro", "name=Shop Plus");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let lines = once(&stand, 3);
    let told = alerts(&lines)[0];
    assert_eq!(told["subject"], "deliveries");
    assert!(told["message"].as_str().unwrap().contains("of deliveries failed in 5 minutes"), "{told}");
    assert!(told["facts"].to_string().contains("product.updated"), "{told}");
}

#[test]
fn a_check_of_the_checklists_own_is_looked_at_as_well() {
    let check = "\n[[watch.check]]\nid = \"page\"\nkind = \"http\"\ntitle = \"The shop answers\"\nurl = \"https://shop.test/\"\nexpect = { contains = \"no such words\" }\n";
    let stand = launched(&format!("{SHOP}{check}"));
    let lines = once(&stand, 3);
    assert_eq!(alerts(&lines)[0]["subject"], "The shop answers");
    let status = stand.run(&["status", "--json"]).json();
    assert!(!status.to_string().contains("The shop answers"), "it is no part of the launch");
}

#[test]
fn an_unreachable_stripe_is_an_outage_and_no_alert() {
    let stand = launched(SHOP);
    stand.control.fault(Fault { method: None, path: "*".into(), at: At::Every, what: What::Status(503, false) });
    let lines = once(&stand, 75);
    assert!(alerts(&lines).is_empty(), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line["event"] == "outage").count(), 1, "{lines:?}");
}

#[test]
fn a_revoked_key_is_one_alert() {
    let stand = launched(SHOP);
    stand.control.revoke(&stand.sim.live.secret).unwrap();
    let lines = once(&stand, 3);
    let subjects: Vec<&str> = alerts(&lines).iter().map(|alert| alert["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["key"]);
}

#[test]
fn a_watch_ends_when_its_time_is_up_or_with_the_first_alert() {
    let stand = launched(SHOP);
    stand.run(&["watch", "--mode", "live", "--for", "2s", "--every", "1s"]).expect(0, &["watching", "no alert"]);
    stand.stripe("POST", "/v1/products/shop_pro", "name=Other");
    let ran = stand.run(&["watch", "--mode", "live", "--until-alert"]);
    ran.expect(3, &["drift of catalog.pro", "1 alert, 1 still standing"]);
}

#[test]
fn a_watch_without_a_key_or_with_odd_times_says_what_to_type() {
    let mut stand = Stand::new(SHOP);
    for name in ["GOLIVE_LIVE_KEY", "GOLIVE_LIVE_PUBLISHABLE_KEY"] {
        stand.set(name, "");
    }
    stand.run(&["watch", "--mode", "live", "--once"]).expect(5, &["GOLIVE_LIVE_KEY"]);
    stand.run(&["watch", "--for", "soon"]).expect(2, &["write it like \"30s\""]);
    stand.run(&["watch", "--every", "0s"]).expect(2, &["at most once a second"]);
}

/// The first alert about something.
#[track_caller]
fn about<'l>(lines: &'l [Value], subject: &str) -> &'l Value {
    let found = alerts(lines).into_iter().find(|alert| alert["subject"].as_str().unwrap().starts_with(subject));
    found.unwrap_or_else(|| panic!("no alert about {subject}: {lines:?}"))
}

#[test]
fn payments_that_fail_disputes_and_fraud_warnings_are_alerts_with_amount_and_reason() {
    let stand = launched(SHOP);
    let price = stand.price("pro_monthly");
    for outcome in [Outcome::Pays, Outcome::Declined, Outcome::Disputed, Outcome::FraudWarning] {
        stand.buys(&price, outcome);
    }
    let lines = once(&stand, 3);
    let failed = about(&lines, "payments");
    assert_eq!(failed["message"], "25.0 % of payments failed in 15 minutes (1 of 4)");
    assert_eq!(
        (&failed["severity"], &failed["facts"][0]),
        (&"critical".into(), &"more than 1 % raises this alert".into())
    );
    let dispute = about(&lines, "dispute ");
    assert!(dispute["message"].as_str().unwrap().contains("a new dispute: 50.00 CAD"), "{dispute}");
    assert_eq!(dispute["facts"][0], "reason: fraudulent");
    let warning = about(&lines, "early fraud warning ");
    assert!(warning["fix"].as_str().unwrap().contains("before it becomes a dispute"), "{warning}");
    assert_eq!(lines.last().unwrap()["tally"]["alerts"], alerts(&lines).len());
}

#[test]
fn a_certificate_of_an_endpoint_that_runs_out_is_an_alert_without_its_host_being_named() {
    let stand = launched(&format!("{SHOP}\n[watch]\ncertificate_days = 365\n"));
    let lines = once(&stand, 3);
    let told = about(&lines, "certificate of shop.test");
    assert!(told["message"].as_str().unwrap().starts_with("it runs out in "), "{told}");
    assert_eq!(told["severity"], "warning");
}

#[test]
fn a_check_whose_host_cannot_be_reached_is_an_alert_while_stripe_can_be() {
    let check = "\n[[watch.check]]\nid = \"page\"\nkind = \"http\"\ntitle = \"The shop answers\"\nurl = \"http://127.0.0.1:1/\"\nexpect = { status = 200 }\n";
    let stand = launched(&format!("{SHOP}{check}"));
    let lines = once(&stand, 3);
    assert!(
        about(&lines, "The shop answers")["message"].as_str().unwrap().contains("refuses connections"),
        "{lines:?}"
    );
    stand.control.fault(Fault { method: None, path: "*".into(), at: At::Every, what: What::Status(503, false) });
    assert!(alerts(&once(&stand, 75)).is_empty(), "then it is the network");
}

#[test]
fn an_account_that_may_not_charge_any_more_is_a_critical_alert() {
    let stand = launched(SHOP);
    stand.control.edit_account(Mode::Live, |account| account["charges_enabled"] = false.into()).unwrap();
    let lines = once(&stand, 3);
    assert_eq!(about(&lines, "charges")["severity"], "critical");
}
