//! `events`: how the account has fared lately: deliveries, payments, disputes, early fraud warnings,
//! each against its threshold. Looks only; the time it looks back ends when the command began.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::delivered::{self, listens, text};
use super::purchase::is_event;
use super::seen::recent;
use super::text::complaint;
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::object::Event;
use crate::step::{Collection, Facts, Permission, Step, Verdict, in_words, unix};

/// Seconds that a delivery may take before it counts as late.
const GRACE: i64 = 60;
/// Stripe lists events for 30 days (API reference, events).
const LONGEST: u64 = 30 * 24 * 60;

/// The fields of an `events` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// How far to look back.
    #[serde(default = "an_hour")]
    #[schemars(range(min = 1, max = 43200))]
    pub since_minutes: u64,
    /// Events that must have happened.
    #[serde(default)]
    pub seen: Vec<String>,
    /// How many deliveries may be late or failing: a number, or a share such as `5%`.
    pub undelivered: Option<Limit>,
    /// How many payments may fail.
    pub failed_payments: Option<Limit>,
    /// How many disputes there may be.
    pub disputes: Option<Limit>,
    /// How many early fraud warnings there may be.
    pub fraud_warnings: Option<Limit>,
}

const fn an_hour() -> u64 {
    60
}

/// The most there may be of something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number such as 0, or a share such as \"5%\"")]
pub enum Limit {
    /// So many.
    Count(u64),
    /// A share of all, `5%`.
    Share(String),
}

impl Limit {
    /// The share in percent; `None` for a text that is no share.
    fn percent(text: &str) -> Option<f64> {
        let number = text.trim().strip_suffix('%')?.trim().parse::<f64>().ok()?;
        (0.0..=100.0).contains(&number).then_some(number)
    }

    /// Whether so many of so many are more than this.
    fn is_passed(&self, part: usize, whole: usize) -> bool {
        match self {
            Self::Count(most) => u64::try_from(part).unwrap_or(u64::MAX) > *most,
            Self::Share(text) => share(part, whole) > Self::percent(text).unwrap_or(0.0),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Count(most) => format!("at most {most}"),
            Self::Share(text) => format!("at most {text}"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        self.look(facts).unwrap_or_else(|step| step)
    }

    fn realm(&self) -> Realm {
        Realm::Between
    }

    fn permissions(&self) -> Vec<Permission> {
        let mut permissions = vec![Permission::EventRead, Permission::WebhookWrite];
        permissions.extend(self.failed_payments.as_ref().map(|_| Permission::ChargeRead));
        permissions.extend(self.disputes.as_ref().map(|_| Permission::DisputeRead));
        permissions.extend(self.fraud_warnings.as_ref().map(|_| Permission::FraudWarningRead));
        permissions
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut bad = |path: &str, message: String, help: &str| {
            complaints.push(complaint(path, Code::BadValue, message, help));
        };
        if !(1..=LONGEST).contains(&self.since_minutes) {
            let message = format!("Stripe shows no events of {} minutes", self.since_minutes);
            bad("since_minutes", message, "write 1 to 43200 minutes: since_minutes = 60");
        }
        for kind in self.seen.iter().filter(|kind| !is_event(kind)) {
            bad("seen", format!("`{kind}` is not an event"), "write its type: seen = [\"checkout.session.completed\"]");
        }
        let limits = [
            ("undelivered", &self.undelivered),
            ("failed_payments", &self.failed_payments),
            ("disputes", &self.disputes),
            ("fraud_warnings", &self.fraud_warnings),
        ];
        for (path, limit) in limits {
            if let Some(Limit::Share(text)) = limit
                && Limit::percent(text).is_none()
            {
                bad(path, format!("`{text}` is not a share"), &format!("write {path} = \"5%\" or {path} = 0"));
            }
            if let Some(Limit::Share(text)) = limit
                && matches!(path, "disputes" | "fraud_warnings")
            {
                bad(path, format!("`{text}` says nothing of single cases"), &format!("write a number: {path} = 0"));
            }
        }
        if self.seen.is_empty() && limits.iter().all(|(_, limit)| limit.is_none()) {
            bad("undelivered", "nothing is expected of the events".into(), "write one of: undelivered = \"5%\", failed_payments = \"1%\", disputes = 0, seen = […]");
        }
        complaints
    }
}

impl Spec {
    fn look(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let began = unix(facts.began);
        let since = began - self.seconds();
        let mut said = Vec::new();
        let mut problems = Vec::new();
        let mut take = |(what, problem): (String, Option<Problem>)| {
            said.push(what);
            problems.extend(problem);
        };
        if self.undelivered.is_some() || !self.seen.is_empty() {
            let look = delivered::look([], since);
            let events = delivered::events(facts, &look)?;
            self.seen.iter().for_each(|kind| take(self.happened(kind, events)));
            if let Some(limit) = &self.undelivered {
                take(Self::deliveries(facts, events, began, limit)?);
            }
        }
        if let Some(limit) = &self.failed_payments {
            let charges: Vec<Value> = recent(facts, Collection::Charges, since)?;
            take(Self::payments(&charges, limit));
        }
        if let Some(limit) = &self.disputes {
            let disputes: Vec<Value> = recent(facts, Collection::Disputes, since)?;
            take(self.cases(("dispute", "disputes"), Code::EventsDisputes, "disputes", &disputes, limit));
        }
        if let Some(limit) = &self.fraud_warnings {
            let warnings: Vec<Value> = recent(facts, Collection::EarlyFraudWarnings, since)?;
            let names = ("early fraud warning", "early fraud warnings");
            take(self.cases(names, Code::EventsFraud, "radar/early-fraud-warnings", &warnings, limit));
        }
        let mut problems = problems.into_iter();
        let Some(first) = problems.next() else {
            return Ok(Step::Done(Verdict::pass(format!("{} in {}", said.join(", "), self.span()))));
        };
        let also = |problem: Problem, other: Problem| problem.why(format!("also: {}", other.message));
        Ok(Step::Done(Verdict::fail(problems.fold(first, also))))
    }

    fn happened(&self, kind: &str, events: &[Event]) -> (String, Option<Problem>) {
        let count = events.iter().filter(|event| event.type_ == kind).count();
        let problem = (count == 0).then(|| {
            Problem::new(Code::EventsUnseen, format!("there was no {kind} in {}", self.span()))
                .found_wanted("0", "at least 1")
                .fix("see what happened: https://dashboard.stripe.com/events")
                .fix("look further back: since_minutes = …")
        });
        (format!("{count} {kind}"), problem)
    }

    /// Of the events that somebody listens to, those that are not taken after a while.
    fn deliveries(
        facts: &Facts<'_>,
        events: &[Event],
        began: i64,
        limit: &Limit,
    ) -> Result<(String, Option<Problem>), Step> {
        let endpoints = delivered::endpoints(facts)?;
        let has_listener = |event: &&Event| endpoints.iter().any(|endpoint| listens(endpoint, &event.type_));
        let due = |event: &&Event| event.created.unwrap_or_default() <= began - GRACE;
        let sent: Vec<&Event> = events.iter().filter(has_listener).filter(due).collect();
        let late: Vec<&&Event> = sent.iter().filter(|event| event.pending_webhooks > 0).collect();
        let problem = limit.is_passed(late.len(), sent.len()).then(|| {
            let message = format!("{} of {} events were not delivered", late.len(), sent.len());
            let mut problem = Problem::new(Code::EventsUndelivered, message)
                .found_wanted(found(late.len(), sent.len(), limit), limit.shown());
            for event in late.iter().take(3) {
                problem = problem.why(format!("{} {}", event.type_, event.id));
            }
            for endpoint in endpoints.iter().filter(|endpoint| endpoint.status == "disabled") {
                problem = problem.why(format!("{} is disabled: {}", endpoint.id, endpoint.url));
            }
            problem
                .fix("see each attempt: https://dashboard.stripe.com/webhooks")
                .fix(format!("then look again: golive check {}", facts.address))
        });
        Ok((format!("{} of {} events undelivered", late.len(), sent.len()), problem))
    }

    fn payments(charges: &[Value], limit: &Limit) -> (String, Option<Problem>) {
        let failed: Vec<&Value> = charges.iter().filter(|charge| text(charge, "status") == "failed").collect();
        let problem = limit.is_passed(failed.len(), charges.len()).then(|| {
            let message = format!("{} of {} payments failed", failed.len(), charges.len());
            let problem = Problem::new(Code::EventsPaymentsFail, message)
                .found_wanted(found(failed.len(), charges.len(), limit), limit.shown());
            let said = |charge: &&Value| {
                format!("{}: {} {}", text(charge, "id"), text(charge, "failure_code"), text(charge, "failure_message"))
            };
            let problem = failed.iter().take(3).map(said).fold(problem, Problem::why);
            problem.fix("see them: https://dashboard.stripe.com/payments?status%5B0%5D=failed")
        });
        (format!("{} of {} payments failed", failed.len(), charges.len()), problem)
    }

    /// How far it looks back, in seconds.
    fn seconds(&self) -> i64 {
        i64::try_from(self.since_minutes * 60).unwrap_or(i64::MAX)
    }

    fn span(&self) -> String {
        in_words(self.seconds())
    }

    fn cases(
        &self,
        (one, many): (&str, &str),
        code: Code,
        page: &str,
        cases: &[Value],
        limit: &Limit,
    ) -> (String, Option<Problem>) {
        let count = format!("{} {}", cases.len(), if cases.len() == 1 { one } else { many });
        let problem = limit.is_passed(cases.len(), cases.len()).then(|| {
            let problem = Problem::new(code, format!("{count} in {}", self.span()))
                .found_wanted(cases.len().to_string(), limit.shown());
            let said = |case: &Value| format!("{} about {}", text(case, "id"), text(case, "charge"));
            let problem = cases.iter().take(3).map(said).fold(problem, Problem::why);
            problem.fix(format!("see them: https://dashboard.stripe.com/{page}"))
        });
        (count, problem)
    }
}

/// A count, with its share where the limit is one.
fn found(part: usize, whole: usize, limit: &Limit) -> String {
    match limit {
        Limit::Count(_) => part.to_string(),
        Limit::Share(_) => format!("{:.1}%", share(part, whole)),
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
