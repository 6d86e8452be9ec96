//! One request against the world: key, version, idempotency store, parameters, handler, answer.
//!
//! Split in two so that latency is felt outside the lock: `admit` decides who may start and takes the
//! idempotency key, `execute` does the work and stores the answer with the objects in one entry.

use super::answer::{Answer, blank, localize, refuse, replay, retry_hint};
use super::kinds::{Call, webhook};
use super::refusal::Refusal;
use super::routes::Route;
use super::state::Core;
use super::tx::{ACCOUNT_VERSION, Tx};
use super::world::{Entry, Gone, Saved, Scope, text};
use super::{Mode, auth, expand, ids, json, params, routes, schema};
use serde_json::Value;

/// What the wire brought.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: Vec<u8>,
    pub authorization: Option<String>,
    pub version: Option<String>,
    pub idempotency_key: Option<String>,
    pub content_type: Option<String>,
    /// `Stripe-Account`: only the key's own account is known here.
    pub account: Option<String>,
}

/// A request that may start.
pub struct Ticket {
    route: &'static Route,
    id: String,
    scope: Scope,
    raw: Value,
    fingerprint: String,
    key: Option<String>,
    request_id: String,
    version: String,
    log_url: String,
}

/// The answer of requests that ended at the door, or the ticket of one that goes on.
pub enum Admitted {
    Answered(Box<Answer>),
    Go(Box<Ticket>),
}

/// Looks at everything that does not need the work to start. `path` is whatever the wire said.
pub fn admit(core: &mut Core, request: &Request) -> Admitted {
    let request_id = ids::short("req");
    let version = request.version.clone().unwrap_or_else(|| ACCOUNT_VERSION.to_owned());
    let mut log_url = String::new();
    match door(core, request, &request_id, &version, &mut log_url) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let mut answer = refuse(&refusal, &request_id, &version, &log_url);
            answer.idempotency_key = key_to_echo(request);
            answer.should_retry = retry_hint(request.method == "POST", refusal.status, false);
            Admitted::Answered(Box::new(answer))
        }
    }
}

fn key_to_echo(request: &Request) -> Option<String> {
    request.idempotency_key.clone().filter(|_| request.method == "POST")
}

fn door(
    core: &mut Core,
    request: &Request,
    request_id: &str,
    version: &str,
    log_url: &mut String,
) -> Result<Admitted, Refusal> {
    let found = routes::find(&request.method, &request.path);
    let (route, id) = found.ok_or_else(|| Refusal::no_route(&request.method, &request.path))?;
    let key = auth::key_of(request.authorization.as_deref());
    let entry = auth::known(&core.world, key.as_deref())?;
    let scope = entry.scope.clone();
    *log_url = log_of(&scope, request_id);
    if !webhook::is_version(version) {
        return Err(Refusal::bad_version(version));
    }
    auth::own_account(entry, request.account.as_deref())?;
    auth::allowed(entry, route)?;
    let raw = raw_params(request)?;
    let key = key_to_echo(request);
    check_key(key.as_deref())?;
    let fingerprint = format!("{} {}\n{}", request.method, request.path, json::pretty(&raw));
    if let Some(key) = &key {
        let slot = (scope.clone(), key.clone());
        if let Some(saved) = claim(core, slot, &fingerprint)? {
            let answer = replay(saved, request_id, version);
            return Ok(Admitted::Answered(Box::new(answer)));
        }
    }
    Ok(Admitted::Go(Box::new(Ticket {
        route,
        id: percent_decoded(id),
        scope,
        raw,
        fingerprint,
        key,
        request_id: request_id.to_owned(),
        version: version.to_owned(),
        log_url: log_url.clone(),
    })))
}

/// Takes the key for this request, or finds the answer that was saved under it.
fn claim<'c>(core: &'c mut Core, slot: (Scope, String), fingerprint: &str) -> Result<Option<&'c Saved>, Refusal> {
    if core.in_flight.contains(&slot) {
        return Err(Refusal::idempotency_in_use(&slot.1));
    }
    match core.world.saved.get(&slot) {
        Some(saved) if saved.fingerprint != fingerprint => Err(Refusal::idempotency_mismatch(&slot.1)),
        Some(saved) => Ok(Some(saved)),
        None => {
            core.in_flight.insert(slot);
            Ok(None)
        }
    }
}

/// An error before anything else is looked at: no key is taken and nothing is saved. `limit`: what a 429
/// is for.
pub fn interrupted(core: &Core, request: &Request, status: u16, limit: Option<&'static str>) -> Answer {
    let request_id = ids::short("req");
    let version = request.version.as_deref().unwrap_or(ACCOUNT_VERSION);
    let key = auth::key_of(request.authorization.as_deref());
    let known = auth::known(&core.world, key.as_deref()).ok();
    let log_url = known.map_or(String::new(), |entry| log_of(&entry.scope, &request_id));
    let echoed = key_to_echo(request);
    let refusal = match limit {
        Some("lock_timeout") => Refusal::lock_timeout(),
        _ => broken(status, echoed.as_deref()),
    };
    let mut answer = refuse(&refusal, &request_id, version, &log_url);
    answer.should_retry = retry_hint(request.method == "POST", status, false);
    answer.idempotency_key = echoed;
    match limit {
        Some("lock_timeout") => answer.request_id.clear(),
        Some(reason) => answer.limited = Some(reason),
        None => {}
    }
    answer
}

fn check_key(key: Option<&str>) -> Result<(), Refusal> {
    match key {
        Some("") => Err(Refusal::invalid("Idempotency Key must be a non-empty string.")),
        Some(key) if key.chars().count() > 255 => {
            Err(Refusal::invalid("Idempotency Keys can be at most 255 characters long."))
        }
        _ => Ok(()),
    }
}

/// Ids may hold any character; a client escapes those that a path cannot.
fn percent_decoded(text: &str) -> String {
    let pair = format!("k={}", text.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
}

fn raw_params(request: &Request) -> Result<Value, Refusal> {
    let form = request.content_type.as_deref().is_none_or(|t| t.starts_with("application/x-www-form-urlencoded"));
    let posted = request.method == "POST" && !request.body.is_empty();
    if posted && !form {
        return Err(Refusal::invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any \
             questions, we can help at https://support.stripe.com/.",
        ));
    }
    let mut all = request.query.clone().into_bytes();
    if posted {
        all.push(b'&');
        all.extend_from_slice(&request.body);
    }
    params::parse(&all).map_err(|name| Refusal::invalid("Invalid object").param(name))
}

fn log_of(scope: &Scope, request_id: &str) -> String {
    let test = if scope.mode == Mode::Test { "test/" } else { "" };
    format!("https://dashboard.stripe.com/{}/{test}workbench/logs?object={request_id}", scope.account)
}

/// How a fault changes the work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bend {
    /// Not at all.
    None,
    /// An error that the store keeps, instead of the work.
    Instead(u16),
    /// The work, and an error that the store keeps.
    Despite(u16),
}

/// Does the work and stores the answer with the objects. The lock is held, and nothing waits here.
pub fn execute(core: &mut Core, ticket: &Ticket, bend: Bend, base: &str) -> Answer {
    if let Some(key) = &ticket.key {
        core.in_flight.remove(&(ticket.scope.clone(), key.clone()));
    }
    let saved_error = |status| Refusal { saved: true, ..broken(status, ticket.key.as_deref()) };
    let (result, mut entry) = match bend {
        Bend::Instead(status) => (Err(saved_error(status)), Entry::default()),
        Bend::None => work(core, ticket),
        Bend::Despite(status) => {
            let (result, entry) = work(core, ticket);
            (result.and_then(|_| Err(saved_error(status))), entry)
        }
    };
    let kept = result.as_ref().map_or_else(|r| r.saved, |_| true);
    let mut answer = ticket.answer(result, base);
    answer.should_retry = retry_hint(ticket.route.method == "POST", answer.status, kept);
    if kept {
        entry.saved = ticket.saved(&answer);
    }
    let events = entry.put.iter().filter(|v| waits(v));
    answer.events = events.filter_map(|v| Some((ticket.scope.clone(), text(v, "id")?.to_owned()))).collect();
    if core.commit(entry).is_err() {
        return ticket.answer(Err(Refusal::server(500)), base);
    }
    answer
}

impl Ticket {
    fn answer(&self, result: Result<Value, Refusal>, base: &str) -> Answer {
        let mut answer = match result {
            Ok(mut value) => {
                localize(&mut value, base);
                blank(200, json::pretty(&value), &self.request_id, &self.version)
            }
            Err(refusal) => refuse(&refusal, &self.request_id, &self.version, &self.log_url),
        };
        answer.idempotency_key.clone_from(&self.key);
        answer.original = (self.route.method == "POST").then(|| self.request_id.clone());
        answer
    }

    fn saved(&self, answer: &Answer) -> Option<Saved> {
        self.key.as_ref().map(|key| Saved {
            scope: self.scope.clone(),
            key: key.clone(),
            fingerprint: self.fingerprint.clone(),
            status: answer.status,
            body: answer.body.clone(),
            request_id: self.request_id.clone(),
        })
    }
}

/// True for an event that somebody is to hear of.
pub fn waits(value: &Value) -> bool {
    text(value, "object") == Some("event") && value["_pending"].as_array().is_some_and(|p| !p.is_empty())
}

fn broken(status: u16, key: Option<&str>) -> Refusal {
    match status {
        429 => Refusal::rate_limit(),
        409 => Refusal::idempotency_in_use(key.unwrap_or_default()),
        400..500 => Refusal::of_client(status),
        status => Refusal::server(status),
    }
}

/// The handler's result, and what it would write; a refusal writes nothing.
fn work(core: &Core, ticket: &Ticket) -> (Result<Value, Refusal>, Entry) {
    let mut tx = core.tx(&ticket.scope, &ticket.request_id, ticket.key.as_deref());
    let result = schema::check(ticket.route.params, &ticket.raw).and_then(|typed| {
        let path = ticket.route.path.replace("{}", &ticket.id);
        let call = Call { id: &ticket.id, path: &path, params: &typed };
        let mut value = (ticket.route.handler)(&mut tx, &call)?;
        expand::apply(&tx, &mut value, typed.get("expand"))?;
        json::public(&mut value);
        Ok(value)
    });
    let entry = if result.is_ok() { entry_of(tx) } else { Entry::default() };
    (result, entry)
}

/// What a transaction wrote.
pub fn entry_of(tx: Tx<'_>) -> Entry {
    if tx.put.is_empty() && tx.delete.is_empty() {
        return Entry::default();
    }
    let delete = tx.delete.into_iter().map(|(kind, id)| Gone::Object(kind, id)).collect();
    Entry { scope: Some(tx.scope), put: tx.put, delete, ..Entry::default() }
}
