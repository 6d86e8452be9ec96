//! What a sight means for the shop: counts against thresholds, things that must not happen, and the
//! state of endpoints, account and certificates.

use std::collections::BTreeMap;

use serde_json::Value;

use super::alerts::alert;
use super::{LATE, Task, Watcher};
use crate::checklist::watch::Rate;
use crate::money::Money;
use crate::step::object::{Account, Event, WebhookEndpoint};
use crate::step::{Look, Sight, TlsSight};
use crate::view::watch::{Line, Severity, Sort};

impl Watcher {
    pub(super) fn judge(&mut self, task: Task, look: &Look, sight: &Sight, now: i64, lines: &mut Vec<Line>) {
        match (task, look, sight) {
            (Task::Events, _, Sight::Events(events)) => self.events(events, now, lines),
            (Task::Undelivered, _, Sight::Events(events)) => lines.extend(self.undelivered(events, now)),
            (Task::Endpoints, _, Sight::WebhookEndpoints(endpoints)) => self.endpoints(endpoints, now, lines),
            (Task::Account, _, Sight::Account(account)) => self.account(account, now, lines),
            (Task::Certificates, Look::Tls { host, .. }, Sight::Tls(seen)) => {
                lines.extend(self.certificate(host, seen, now));
            }
            // While Stripe is silent too, it is the network that is in trouble, and that is told already.
            (Task::Certificates, Look::Tls { host, .. }, Sight::Unseen(problem)) if self.outage.is_none() => {
                // It may be back in a minute, and an hour is long.
                self.due.insert(Task::Certificates, now + self.settings.every.0.max(1));
                let subject = format!("certificate of {host}");
                lines.extend(self.found(&subject, Some(problem), now));
            }
            _ => {}
        }
    }

    fn events(&mut self, events: &[Event], now: i64, lines: &mut Vec<Line>) {
        // Newest first in the list; told in the order they happened.
        for event in events.iter().rev() {
            let at = event.created.unwrap_or(now);
            self.newest = self.newest.max(at);
            if self.seen.insert(event.id.clone(), at).is_none() {
                self.tally.events += 1;
                self.event(event, at, now, lines);
            }
        }
        let oldest = self.newest - 2 * LATE;
        self.seen.retain(|_, at| *at >= oldest);
        let rate = self.settings.payments;
        let from = now - rate.over.0;
        let (failed, paid) = (self.unpaid.count(from, now + LATE), self.paid.count(from, now + LATE));
        lines.extend(self.rate("payments", rate, failed, failed + paid, now));
        self.count_cancellations(now, lines);
    }

    fn event(&mut self, event: &Event, at: i64, now: i64, lines: &mut Vec<Line>) {
        if self.subscribed.iter().any(|name| name == "*" || *name == event.type_) {
            self.sent.add(at);
        }
        match event.type_.as_str() {
            "charge.succeeded" => {
                self.tally.payments += 1;
                self.paid.add(at);
            }
            "charge.failed" => self.unpaid.add(at),
            "customer.subscription.deleted" => self.cancelled.add(at),
            "charge.dispute.created" => {
                self.disputes += 1;
                if self.disputes > self.settings.disputes {
                    let fix = "answer it before its deadline: https://dashboard.stripe.com/disputes";
                    lines.push(happened(event, "dispute", fix, now));
                }
            }
            "radar.early_fraud_warning.created" => {
                self.fraud_warnings += 1;
                if self.fraud_warnings > self.settings.fraud_warnings {
                    let fix = "consider a refund before it becomes a dispute: https://dashboard.stripe.com/radar";
                    lines.push(happened(event, "early fraud warning", fix, now));
                }
            }
            _ => {}
        }
        if self.settings.tell.contains(&event.type_) {
            let message = format!("{} {}", event.type_, about(event.object()));
            lines.push(Line::new(Sort::Told, &event.id, message.trim_end().to_owned(), now));
        }
    }

    fn undelivered(&mut self, events: &[Event], now: i64) -> Option<Line> {
        let rate = self.settings.deliveries;
        let until = now - self.settings.grace.0;
        let from = until - rate.over.0;
        let mut types: BTreeMap<&str, u32> = BTreeMap::new();
        for event in events.iter().filter(|event| event.created.is_some_and(|at| (from..until).contains(&at))) {
            *types.entry(&event.type_).or_default() += 1;
        }
        let failed: u32 = types.values().sum();
        let sent = self.sent.count(from, until).max(failed);
        let mut told = self.rate("deliveries", rate, failed, sent, now);
        if let Some(line) = told.as_mut().filter(|line| line.event == Sort::Alert) {
            line.facts.extend(types.iter().map(|(name, count)| format!("{name}: {count} not taken")));
        }
        told
    }

    /// A share against its threshold.
    fn rate(&mut self, subject: &str, rate: Rate, failed: u32, all: u32, now: i64) -> Option<Line> {
        let share = if all == 0 { 0.0 } else { f64::from(failed) / f64::from(all) * 100.0 };
        if failed < rate.at_least || share <= rate.failing.0 {
            return self.alerts.clear(subject, &format!("{failed} of {all} {subject} failed in {}", rate.over), now);
        }
        let message = format!("{share:.1} % of {subject} failed in {} ({failed} of {all})", rate.over);
        let fix = match subject {
            "deliveries" => "see what the handler answered: https://dashboard.stripe.com/webhooks",
            _ => "see why: https://dashboard.stripe.com/payments?status=failed",
        };
        let mut raised = alert(Severity::Critical, subject, message, fix, now);
        raised.facts.push(format!("more than {} % raises this alert", rate.failing.0));
        self.alerts.raise(raised)
    }

    fn count_cancellations(&mut self, now: i64, lines: &mut Vec<Line>) {
        let Some(most) = self.settings.cancellations else { return };
        let count = self.cancelled.count(now - most.over.0, now + LATE);
        let message = format!("{count} subscriptions ended in {}", most.over);
        lines.extend(if count > most.most {
            let fix = "see who left: https://dashboard.stripe.com/subscriptions?status=canceled";
            let mut raised = alert(Severity::Warning, "cancellations", message, fix, now);
            raised.facts.push(format!("more than {} raise this alert", most.most));
            self.alerts.raise(raised)
        } else {
            self.alerts.clear("cancellations", &message, now)
        });
    }

    fn endpoints(&mut self, endpoints: &[WebhookEndpoint], now: i64, lines: &mut Vec<Line>) {
        let on = |endpoint: &&WebhookEndpoint| endpoint.status != "disabled";
        self.subscribed = endpoints.iter().filter(on).flat_map(|endpoint| endpoint.enabled_events.clone()).collect();
        let enabled: BTreeMap<String, String> =
            endpoints.iter().filter(on).map(|endpoint| (endpoint.id.clone(), endpoint.url.clone())).collect();
        let before = self.endpoints.take();
        if self.settings.endpoints {
            for (id, url) in before.iter().flatten().filter(|(id, _)| !enabled.contains_key(*id)) {
                let gone = if endpoints.iter().any(|endpoint| endpoint.id == *id) { "disabled" } else { "deleted" };
                let fix = format!("switch it on again: https://dashboard.stripe.com/webhooks/{id}");
                let message = format!("the webhook endpoint was {gone}: {url}");
                let mut raised = alert(Severity::Critical, &format!("endpoint {id}"), message, &fix, now);
                raised.facts.push("until then the shop does not hear of payments".into());
                lines.extend(self.alerts.raise(raised));
            }
            // One that golive made and that is off when the watch begins is no less of an alert.
            let ours = |endpoint: &&WebhookEndpoint| endpoint.metadata.contains_key("golive") && !on(endpoint);
            for endpoint in endpoints.iter().filter(|_| before.is_none()).filter(ours) {
                let fix = format!("switch it on again: https://dashboard.stripe.com/webhooks/{}", endpoint.id);
                let message = format!("the webhook endpoint is disabled: {}", endpoint.url);
                let subject = format!("endpoint {}", endpoint.id);
                lines.extend(self.alerts.raise(alert(Severity::Critical, &subject, message, &fix, now)));
            }
            for id in enabled.keys() {
                lines.extend(self.alerts.clear(
                    &format!("endpoint {id}"),
                    "the webhook endpoint is enabled again",
                    now,
                ));
            }
        }
        self.endpoints = Some(enabled);
    }

    fn account(&mut self, account: &Account, now: i64, lines: &mut Vec<Line>) {
        let link = "see what Stripe wants: https://dashboard.stripe.com/settings/account";
        let states = [
            ("charges", account.charges_enabled, "the account cannot take payments any more", Severity::Critical),
            ("payouts", account.payouts_enabled, "the account is not paid out any more", Severity::Warning),
        ];
        for (subject, enabled, message, severity) in states {
            lines.extend(match enabled {
                Some(false) => self.alerts.raise(alert(severity, subject, message.to_owned(), link, now)),
                _ => self.alerts.clear(subject, "the account can do it again", now),
            });
        }
    }

    fn certificate(&mut self, host: &str, seen: &TlsSight, now: i64) -> Option<Line> {
        let subject = format!("certificate of {host}");
        if let Some(problem) = &seen.problem {
            return self.found(&subject, Some(problem), now);
        }
        let days = seen.days_left.unwrap_or(i64::MAX);
        if days >= i64::from(self.settings.certificate_days) {
            return self.alerts.clear(&subject, &format!("good for {days} days"), now);
        }
        let message = format!("it runs out in {days} day{}", if days == 1 { "" } else { "s" });
        let fix = "renew it; to Stripe a bad certificate is a failed delivery";
        self.alerts.raise(alert(Severity::Warning, &subject, message, fix, now))
    }
}

/// Something that is an alert because it happened: it has no end.
fn happened(event: &Event, what: &str, fix: &str, now: i64) -> Line {
    let object = event.object();
    let id = text(object, "id").unwrap_or(&event.id);
    let message = format!("a new {what}: {}", about(object));
    let mut raised = alert(Severity::Warning, &format!("{what} {id}"), message, fix, now);
    let reason = text(object, "reason").or(text(object, "fraud_type"));
    raised.facts.extend(reason.map(|reason| format!("reason: {reason}")));
    raised
}

/// `29.00 EUR, pi_1`: what an event's object is about.
fn about(object: &Value) -> String {
    let amount = object["amount"].as_i64().zip(text(object, "currency"));
    let amount = amount.map(|(minor, currency)| Money::from_stripe(minor, currency).to_string());
    let charge = text(object, "charge").map(|charge| format!("on {charge}"));
    let parts = [amount, text(object, "id").map(str::to_owned), charge];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A field of whatever object an event is about.
fn text<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object[key].as_str()
}
