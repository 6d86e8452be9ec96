//! Watching a launch: what to look at next, and what the answers mean.
//!
//! Pure: times come in as Unix seconds, sights come in from the adapters, lines go out. Memory stays
//! flat: counts are kept in rings, ids only for as long as an event may come twice. Thrifty, because
//! Stripe budgets reads (500 for each transaction over 30 days, at least 10,000 a month;
//! docs.stripe.com/rate-limits): two requests a round, the rest seldom.

mod alerts;
mod judge;
mod ring;

use std::collections::{BTreeMap, BTreeSet};

use crate::checklist::watch::Watch;
use crate::error::Problem;
use crate::step::{Look, Refusal, Sight};
use crate::view::watch::{Line, Severity, Sort, Tally};

use alerts::{Alerts, alert};
use ring::Ring;

/// Seconds for which an event may appear late in the list, and for which its id is remembered.
const LATE: i64 = 120;
/// Between two looks at the endpoints.
const ENDPOINTS: i64 = 600;
/// The subject of the alert that the key is not accepted.
const KEY: &str = "key";
/// Between two looks at the account and at the certificates.
const HOURLY: i64 = 3600;

/// Something to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// The webhook endpoints. First, because they say which events are delivered.
    Endpoints,
    /// Everything that happened since the last look.
    Events,
    /// What no endpoint took.
    Undelivered,
    /// Whether the account can be paid.
    Account,
    /// Certificates of the operator's hosts.
    Certificates,
    /// Catalog, endpoints and env file against the checklist.
    Drift,
    /// A check of the checklist's, by its number.
    Check(usize),
}

/// A watch that goes on.
#[derive(Debug)]
pub struct Watcher {
    settings: Watch,
    /// Between two runs of each of the checklist's own checks, in seconds.
    checks: Vec<i64>,
    due: BTreeMap<Task, i64>,
    /// When the newest event that was seen was created.
    newest: i64,
    /// Ids of events that may be listed again, with their time.
    seen: BTreeMap<String, i64>,
    /// Types that an endpoint subscribes to; `*` for all.
    subscribed: Vec<String>,
    /// Endpoints that were enabled when they were last looked at, with their URLs.
    endpoints: Option<BTreeMap<String, String>>,
    sent: Ring,
    paid: Ring,
    unpaid: Ring,
    cancelled: Ring,
    disputes: u32,
    fraud_warnings: u32,
    alerts: Alerts,
    /// Since when Stripe cannot be looked at.
    outage: Option<i64>,
    tally: Tally,
}

impl Watcher {
    /// A watch that begins now. `checks` are the intervals of the checklist's own checks.
    pub fn new(settings: Watch, checks: Vec<i64>, now: i64) -> Self {
        let longest = settings.deliveries.over.0.max(settings.payments.over.0);
        let cancelled = settings.cancellations.map_or(0, |most| most.over.0);
        let mut due: BTreeMap<Task, i64> =
            [Task::Endpoints, Task::Events, Task::Undelivered, Task::Account, Task::Certificates]
                .map(|task| (task, now))
                .into();
        if settings.drift.0 > 0 {
            due.insert(Task::Drift, now);
        }
        due.extend((0..checks.len()).map(|number| (Task::Check(number), now)));
        Self {
            sent: Ring::new(settings.deliveries.over.0 + settings.grace.0 + LATE),
            paid: Ring::new(settings.payments.over.0 + LATE),
            unpaid: Ring::new(settings.payments.over.0 + LATE),
            cancelled: Ring::new(cancelled + LATE),
            newest: now - longest - settings.grace.0,
            settings,
            checks,
            due,
            seen: BTreeMap::new(),
            subscribed: Vec::new(),
            endpoints: None,
            disputes: 0,
            fraud_warnings: 0,
            alerts: Alerts::default(),
            outage: None,
            tally: Tally::default(),
        }
    }

    /// What is to be looked at now, and when it will be again.
    pub fn due(&mut self, now: i64) -> Vec<Task> {
        let tasks: Vec<Task> = self.due.iter().filter(|(_, at)| **at <= now).map(|(task, _)| *task).collect();
        for task in &tasks {
            let every = match task {
                Task::Events | Task::Undelivered => self.settings.every.0,
                Task::Endpoints => ENDPOINTS,
                Task::Account | Task::Certificates => HOURLY,
                Task::Drift => self.settings.drift.0,
                Task::Check(number) => self.checks.get(*number).copied().unwrap_or(HOURLY),
            };
            self.due.insert(*task, now + every.max(1));
        }
        tasks
    }

    /// Seconds until something is to be looked at.
    pub fn wait(&self, now: i64) -> i64 {
        self.due.values().min().map_or(HOURLY, |at| (at - now).max(0))
    }

    /// The looks of a task; none for what the engine or a check looks at.
    pub fn looks(&self, task: Task, now: i64) -> Vec<Look> {
        match task {
            Task::Endpoints => vec![Look::WebhookEndpoints],
            Task::Events => vec![Look::Events { types: Vec::new(), since: self.newest - LATE, undelivered: false }],
            Task::Undelivered => {
                let since = now - self.settings.deliveries.over.0 - self.settings.grace.0;
                vec![Look::Events { types: Vec::new(), since, undelivered: true }]
            }
            Task::Account => vec![Look::Account],
            Task::Certificates => {
                let named = self.settings.hosts.iter().map(|host| (host.clone(), 443));
                let hosts: BTreeSet<(String, u16)> = named.chain(self.hosts()).collect();
                hosts.into_iter().map(|(host, port)| Look::Tls { host, port }).collect()
            }
            Task::Drift | Task::Check(_) => Vec::new(),
        }
    }

    /// What the looks of a task brought back.
    pub fn see(&mut self, task: Task, sights: &[(Look, Sight)], now: i64) -> Vec<Line> {
        let stripes = !matches!(task, Task::Certificates | Task::Drift | Task::Check(_));
        if stripes {
            self.tally.looks += u64::try_from(sights.len()).unwrap_or(0);
        }
        let mut lines = Vec::new();
        for (look, sight) in sights {
            match sight {
                Sight::Unseen(problem) if stripes => lines.extend(self.unseen(problem, now)),
                Sight::Refused(refusal) => lines.extend(self.refused(task, refusal, now)),
                _ => {
                    if stripes {
                        lines.extend(self.back(now));
                        lines.extend(self.alerts.clear(KEY, "the key is accepted again", now));
                        lines.extend(self.alerts.clear(&task.access(), "the key may look again", now));
                    }
                    self.judge(task, look, sight, now, &mut lines);
                }
            }
        }
        self.tally.alerts += lines.iter().filter(|line| line.event == Sort::Alert).count() as u64;
        lines
    }

    /// What a comparison with the checklist, or a check of its own, came to: a problem, or none.
    pub fn found(&mut self, subject: &str, problem: Option<&Problem>, now: i64) -> Option<Line> {
        let told = match problem {
            None => self.alerts.clear(subject, "it is as it should be again", now),
            Some(problem) => {
                let fix = problem.fix.first().map_or("golive check", String::as_str);
                let mut raised = alert(Severity::Warning, subject, problem.message.clone(), fix, now);
                raised.facts.clone_from(&problem.why);
                self.alerts.raise(raised)
            }
        };
        self.tally.alerts += u64::from(told.as_ref().is_some_and(|line| line.event == Sort::Alert));
        told
    }

    /// What was seen so far.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// How many alerts stand.
    pub fn standing(&self) -> usize {
        self.alerts.len()
    }

    /// Whether Stripe cannot be looked at.
    pub const fn is_out(&self) -> bool {
        self.outage.is_some()
    }

    /// Told once, however long it lasts. What happens meanwhile is seen afterwards: the next look
    /// begins where the last one ended.
    fn unseen(&mut self, problem: &Problem, now: i64) -> Option<Line> {
        if self.outage.is_some() {
            return None;
        }
        self.outage = Some(now);
        let mut told = Line::new(Sort::Outage, "stripe", "Stripe cannot be looked at; the watch goes on".into(), now);
        told.facts.push(problem.message.clone());
        Some(told)
    }

    fn back(&mut self, now: i64) -> Option<Line> {
        let since = self.outage.take()?;
        let message = format!("Stripe can be looked at again, after {}; nothing was missed", seconds(now - since));
        Some(Line::new(Sort::Back, "stripe", message, now))
    }

    /// A key that is not accepted is one alert; one that may not look at something, one for each such thing.
    fn refused(&mut self, task: Task, refusal: &Refusal, now: i64) -> Option<Line> {
        let problem = refusal.problem(None);
        let fix = problem.fix.first().map_or("see the keys: https://dashboard.stripe.com/apikeys", String::as_str);
        let subject = if refusal.status == 401 { KEY.to_owned() } else { task.access() };
        let message = format!("Stripe refused a look: {}", problem.message);
        self.alerts.raise(alert(Severity::Critical, &subject, message, fix, now))
    }

    /// Where the endpoints' deliveries go: to Stripe a bad certificate there is a failed delivery.
    fn hosts(&self) -> impl Iterator<Item = (String, u16)> {
        let urls = self.endpoints.iter().flatten().map(|(_, url)| url);
        let authorities = urls.filter_map(|url| url.strip_prefix("https://")?.split(['/', '?', '#']).next());
        authorities.filter_map(|authority| match authority.rsplit_once(':') {
            None => Some((authority.to_owned(), 443)),
            Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
        })
    }
}

impl Task {
    /// The subject of an alert that this may not be looked at.
    fn access(self) -> String {
        let what = match self {
            Self::Endpoints => "webhook endpoints",
            Self::Events | Self::Undelivered => "events",
            Self::Account => "the account",
            Self::Certificates => "certificates",
            Self::Drift => "the catalog",
            Self::Check(_) => "a check",
        };
        format!("access to {what}")
    }
}

/// `45 s`, `12 min`, `2 h 5 min`
fn seconds(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests;
