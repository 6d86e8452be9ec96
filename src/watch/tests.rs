//! A watch over made-up hours: what raises an alert, what ends it, and what is told once.

use serde_json::json;

use super::{Task, Watcher};
use crate::checklist::watch::Watch;
use crate::error::{Code, Problem};
use crate::step::object::{Event, WebhookEndpoint};
use crate::step::{Look, Sight, TlsSight};
use crate::view::watch::{Line, Sort};

const START: i64 = 1_790_000_000;

fn watcher(settings: &str) -> Watcher {
    Watcher::new(toml::from_str(settings).unwrap(), Vec::new(), START)
}

fn event(id: &str, kind: &str, at: i64) -> Event {
    serde_json::from_value(json!({
        "id": id, "type": kind, "created": at,
        "data": {"object": {"id": format!("obj_{id}"), "amount": 2900, "currency": "eur", "reason": "fraudulent"}},
    }))
    .unwrap()
}

fn see(watch: &mut Watcher, task: Task, sight: Sight, now: i64) -> Vec<Line> {
    let look = watch.looks(task, now).remove(0);
    watch.see(task, &[(look, sight)], now)
}

fn events(watch: &mut Watcher, mut list: Vec<Event>, now: i64) -> Vec<Line> {
    list.reverse();
    see(watch, Task::Events, Sight::Events(list), now)
}

fn endpoint(id: &str, status: &str) -> WebhookEndpoint {
    let url = "https://shop.example/hook".to_owned();
    let enabled_events = vec!["charge.succeeded".to_owned()];
    WebhookEndpoint { id: id.into(), url, status: status.into(), enabled_events, ..WebhookEndpoint::default() }
}

fn endpoints(watch: &mut Watcher, list: Vec<WebhookEndpoint>, now: i64) -> Vec<Line> {
    see(watch, Task::Endpoints, Sight::WebhookEndpoints(list), now)
}

fn sorts(lines: &[Line]) -> Vec<Sort> {
    lines.iter().map(|line| line.event).collect()
}

fn charges(count: usize, kind: &str, at: i64) -> Vec<Event> {
    (0..count).map(|n| event(&format!("{kind}{at}{n}"), kind, at)).collect()
}

#[test]
fn more_failed_payments_than_the_threshold_raise_one_alert_that_ends_when_they_stop() {
    let mut watch = watcher("payments = { failing = \"1%\", over = \"15m\" }");
    assert!(events(&mut watch, charges(100, "charge.succeeded", START), START).is_empty());
    assert!(events(&mut watch, charges(1, "charge.failed", START + 10), START + 60).is_empty(), "1 of 101 is less");
    let lines = events(&mut watch, charges(1, "charge.failed", START + 70), START + 120);
    assert_eq!(lines[0].message, "2.0 % of payments failed in 15 minutes (2 of 102)");
    assert!(events(&mut watch, charges(1, "charge.failed", START + 130), START + 180).is_empty(), "it stands already");
    let lines = events(&mut watch, Vec::new(), START + 2000);
    assert_eq!((sorts(&lines), lines[0].subject.as_str()), (vec![Sort::Cleared], "payments"));
}

#[test]
fn deliveries_count_as_failing_after_a_minute_and_against_what_was_sent() {
    let mut watch = watcher("deliveries = { failing = \"5%\", over = \"5m\" }");
    endpoints(&mut watch, vec![endpoint("we_1", "enabled")], START);
    events(&mut watch, charges(40, "charge.succeeded", START), START + 10);
    let young = vec![event("evt_1", "charge.succeeded", START + 5)];
    let undelivered =
        |watch: &mut Watcher, list: Vec<Event>, now| see(watch, Task::Undelivered, Sight::Events(list), now);
    assert!(undelivered(&mut watch, young, START + 20).is_empty(), "the handler has a minute");
    let two = || charges(2, "charge.succeeded", START);
    assert!(undelivered(&mut watch, two(), START + 100).is_empty(), "2 of 40 is not more than 5 %");
    let lines = undelivered(&mut watch, charges(3, "charge.succeeded", START), START + 130);
    assert_eq!(lines[0].message, "7.5 % of deliveries failed in 5 minutes (3 of 40)");
    assert_eq!(lines[0].facts.last().unwrap(), "charge.succeeded: 3 not taken");
    assert_eq!(sorts(&undelivered(&mut watch, Vec::new(), START + 160)), [Sort::Cleared]);
}

#[test]
fn every_dispute_and_fraud_warning_is_an_alert_of_its_own_and_is_told_once() {
    let mut watch = watcher("");
    let list = vec![
        event("1", "charge.dispute.created", START),
        event("2", "radar.early_fraud_warning.created", START + 1),
        event("3", "charge.dispute.created", START + 2),
    ];
    let lines = events(&mut watch, list.clone(), START + 5);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].message, "a new dispute: 29.00 EUR, obj_1");
    assert_eq!(lines[0].facts, ["reason: fraudulent"]);
    assert!(events(&mut watch, list, START + 65).is_empty(), "the same events, listed again");
    let mut calm = watcher("disputes = 1");
    assert!(events(&mut calm, vec![event("1", "charge.dispute.created", START)], START).is_empty());
}

#[test]
fn an_endpoint_that_is_switched_off_or_deleted_is_an_alert_until_it_is_on_again() {
    let mut watch = watcher("");
    let both = || vec![endpoint("we_1", "enabled"), endpoint("we_2", "enabled")];
    assert!(endpoints(&mut watch, both(), START).is_empty());
    let lines = endpoints(&mut watch, vec![endpoint("we_1", "disabled")], START + 600);
    let told: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the webhook endpoint was disabled: https://shop.example/hook",
            "the webhook endpoint was deleted: https://shop.example/hook"
        ]
    );
    let lines = endpoints(&mut watch, vec![endpoint("we_1", "enabled")], START + 1200);
    assert_eq!((sorts(&lines), lines[0].subject.as_str()), (vec![Sort::Cleared], "endpoint we_1"));
    assert_eq!(watch.standing(), 1);
}

#[test]
fn golives_own_endpoint_that_is_off_when_the_watch_begins_is_an_alert() {
    let mut watch = watcher("");
    let mut off = endpoint("we_1", "disabled");
    assert!(endpoints(&mut watch, vec![off.clone()], START).is_empty(), "somebody else's may be off");
    off.metadata.insert("golive".into(), "acme/webhook.main".into());
    let mut watch = watcher("");
    assert_eq!(sorts(&endpoints(&mut watch, vec![off], START)), [Sort::Alert]);
}

#[test]
fn a_lost_network_is_told_once_and_nothing_that_happened_meanwhile_is_missed() {
    let mut watch = watcher("");
    events(&mut watch, charges(1, "charge.succeeded", START), START);
    let lost = || Sight::Unseen(Problem::new(Code::Unreachable, "Stripe cannot be reached"));
    assert_eq!(sorts(&see(&mut watch, Task::Events, lost(), START + 60)), [Sort::Outage]);
    for minute in 2..60 {
        assert!(see(&mut watch, Task::Events, lost(), START + 60 * minute).is_empty());
    }
    let Look::Events { since, .. } = &watch.looks(Task::Events, START + 3600)[0] else { panic!("no events") };
    assert!(*since <= START, "the next look begins where the last one ended");
    let lines = events(&mut watch, vec![event("d", "charge.dispute.created", START + 1800)], START + 3600);
    assert_eq!(sorts(&lines), [Sort::Back, Sort::Alert]);
    assert_eq!(lines[0].message, "Stripe can be looked at again, after 59 min; nothing was missed");
}

#[test]
fn a_key_that_is_refused_is_one_alert() {
    let mut watch = watcher("");
    let no = || crate::kind::testing::refused(401, "Invalid API Key provided: sk_live_***");
    assert_eq!(sorts(&see(&mut watch, Task::Events, no(), START)), [Sort::Alert]);
    assert!(see(&mut watch, Task::Undelivered, no(), START).is_empty());
}

#[test]
fn a_certificate_that_runs_out_is_an_alert_before_it_does() {
    let mut watch = watcher("hosts = [\"shop.example\"]\ncertificate_days = 14");
    let tls = |days| TlsSight { version: "1.3".into(), problem: None, days_left: Some(days), names: Vec::new() };
    assert!(see(&mut watch, Task::Certificates, Sight::Tls(tls(14)), START).is_empty());
    let lines = see(&mut watch, Task::Certificates, Sight::Tls(tls(13)), START);
    assert_eq!(lines[0].message, "it runs out in 13 days");
    assert_eq!(sorts(&see(&mut watch, Task::Certificates, Sight::Tls(tls(90)), START)), [Sort::Cleared]);
}

#[test]
fn many_cancellations_and_what_was_to_be_told() {
    let mut watch = watcher("cancellations = { most = 2, over = \"1h\" }\ntell = [\"customer.subscription.created\"]");
    let lines = events(&mut watch, vec![event("s", "customer.subscription.created", START)], START);
    assert_eq!(
        (sorts(&lines), lines[0].message.as_str()),
        (vec![Sort::Told], "customer.subscription.created 29.00 EUR, obj_s")
    );
    let lines = events(&mut watch, charges(3, "customer.subscription.deleted", START), START);
    assert_eq!(lines[0].message, "3 subscriptions ended in 1 hour");
}

/// 24 hours, an event every second: what the watch keeps does not grow, and it reads no more than
/// a tenth of what Stripe allows in a month at least.
#[test]
fn a_day_of_watching_keeps_within_the_read_budget_and_remembers_no_more_than_minutes() {
    let mut watch = Watcher::new(Watch::default(), Vec::new(), START);
    let (mut now, mut reads, mut most, mut next) = (START, 0, 0, START);
    while now < START + 86_400 {
        for task in watch.due(now) {
            for look in watch.looks(task, now) {
                reads += 1;
                let sight = match task {
                    Task::Events => {
                        let list =
                            (next..now).rev().map(|at| event(&format!("e{at}"), "charge.succeeded", at)).collect();
                        next = now;
                        Sight::Events(list)
                    }
                    Task::Undelivered => Sight::Events(Vec::new()),
                    Task::Endpoints => Sight::WebhookEndpoints(vec![endpoint("we_1", "enabled")]),
                    _ => Sight::Account(crate::step::object::Account::default()),
                };
                assert!(watch.see(task, &[(look, sight)], now).is_empty());
            }
        }
        most = most.max(watch.seen.len());
        now += watch.wait(now).max(1);
    }
    assert_eq!(watch.tally().events, 86_340, "every event was counted once");
    assert!(reads <= 3100, "{reads} reads a day");
    assert!(most <= 400, "{most} ids are remembered");
}

#[test]
fn a_key_that_may_not_see_one_thing_is_an_alert_of_that_thing_until_it_may() {
    let mut watch = watcher("");
    let no = || crate::kind::testing::refused(403, "The provided key does not have the required permissions");
    let lines = see(&mut watch, Task::Account, no(), START);
    assert_eq!((sorts(&lines), lines[0].subject.as_str()), (vec![Sort::Alert], "access to the account"));
    assert!(endpoints(&mut watch, Vec::new(), START).is_empty(), "another look that is allowed ends nothing");
    assert!(see(&mut watch, Task::Account, no(), START + 3600).is_empty());
    let account = || Sight::Account(crate::step::object::Account::default());
    assert_eq!(sorts(&see(&mut watch, Task::Account, account(), START + 7200)), [Sort::Cleared]);
    let revoked = || crate::kind::testing::refused(401, "Invalid API Key provided: sk_live_***");
    assert_eq!(sorts(&see(&mut watch, Task::Events, revoked(), START)), [Sort::Alert]);
    assert_eq!(sorts(&see(&mut watch, Task::Account, account(), START + 60)), [Sort::Cleared], "accepted again");
}

#[test]
fn the_certificates_of_the_endpoints_hosts_are_looked_at_without_being_named() {
    let mut watch = watcher("hosts = [\"shop.example\", \"www.shop.example\"]");
    let other = WebhookEndpoint { url: "https://api.example:8443/hook?x".into(), ..endpoint("we_2", "enabled") };
    let off = WebhookEndpoint { url: "https://old.example/hook".into(), ..endpoint("we_3", "disabled") };
    endpoints(&mut watch, vec![endpoint("we_1", "enabled"), other, off], START);
    let looks = watch.looks(Task::Certificates, START);
    let tls = |host: &str, port| Look::Tls { host: host.into(), port };
    assert_eq!(looks, [tls("api.example", 8443), tls("shop.example", 443), tls("www.shop.example", 443)]);
}

#[test]
fn a_host_that_cannot_be_reached_is_in_trouble_only_while_stripe_can_be() {
    let mut watch = watcher("hosts = [\"shop.example\"]");
    let lost = || Sight::Unseen(Problem::new(Code::HostUnreachable, "no way there"));
    assert_eq!(sorts(&see(&mut watch, Task::Events, lost(), START)), [Sort::Outage]);
    assert!(see(&mut watch, Task::Certificates, lost(), START).is_empty(), "it is the network");
    assert_eq!(sorts(&events(&mut watch, Vec::new(), START + 60)), [Sort::Back]);
    watch.due(START + 60);
    assert_eq!(sorts(&see(&mut watch, Task::Certificates, lost(), START + 60)), [Sort::Alert]);
    assert!(watch.due(START + 120).contains(&Task::Certificates), "it is not left standing for an hour");
}
