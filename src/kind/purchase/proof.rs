//! The application's own proofs that it knows of a purchase: a page, a command that changes nothing,
//! or a log. Each is given some time: many applications finish an order after they answered Stripe.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::command::remote;
use super::super::text::{complaint, excerpt};
use super::super::url::url_complaint;
use super::super::{Complaint, text::misunderstood};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{
    Action, Change, CommandSpec, Effect, Facts, Field, HttpAsk, LogAsk, Look, Outputs, Ran, Search, Sight, Step, Verb, Verdict, Wait,
};

/// How often a command is run until it says what it should, and the seconds between.
const TRIES: usize = 3;
const BETWEEN: u64 = 3;
/// Seconds for a page to say what it should.
const PATIENCE: u64 = 30;
/// Seconds until a command is stopped.
const LIMIT: u64 = 60;
/// Lines of a log that are searched.
const LINES: u32 = 2000;
/// The same for a log over there; its name comes as a variable.
const TAIL: &str = "tail -n 2000 -- \"$GOLIVE_LOG\"";

/// One proof: `run`, `url` or `file`, and the text that it must contain.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// A command that changes nothing. It gets `GOLIVE_EMAIL`, `GOLIVE_PAYMENT`, `GOLIVE_CUSTOMER`,
    /// `GOLIVE_SUBSCRIPTION` and `GOLIVE_SESSION` as variables.
    pub run: Option<String>,
    /// A page of the application.
    pub url: Option<String>,
    /// A log, relative to the checklist's folder; with `on`, to the home over there.
    pub file: Option<String>,
    /// Another computer for `run` and `file`, as `ssh` takes it.
    pub on: Option<String>,
    /// A variable of the env file that is sent to `url` as `Authorization: Bearer …`.
    pub bearer: Option<String>,
    /// The text that must be found.
    pub contains: String,
}

/// How one proof stands.
enum Standing {
    Proved(String),
    NotYet(String),
}

/// What is known of the proofs: what to say of them, or what comes first.
pub(super) fn follow(
    facts: &Facts<'_>,
    proofs: &[Proof],
    outputs: &Outputs,
    email: &str,
) -> Result<Vec<String>, Step> {
    let mut said = Vec::new();
    for (n, proof) in proofs.iter().enumerate() {
        if facts.mode == Mode::Rehearse {
            said.push(format!("would look for \"{}\": {}", proof.contains, proof.place()));
            continue;
        }
        let here = remote::place(proof.on.as_deref()).is_none();
        let standing = match (&proof.url, &proof.file) {
            (Some(url), _) => proof.page(facts, n, url)?,
            (None, Some(file)) if here => proof.log(facts, n, file)?,
            _ => proof.command_run(facts, n, outputs, email)?,
        };
        match standing {
            Standing::Proved(evidence) => said.push(evidence),
            Standing::NotYet(found) => return Err(Step::Done(Verdict::fail(proof.missing(facts, outputs, &found)))),
        }
    }
    Ok(said)
}

/// Looks again for a while; then what was found counts.
fn not_yet(facts: &Facts<'_>, n: usize, look: Look, found: String) -> Result<Standing, Step> {
    let what = format!("the application (proof {})", n + 1);
    if facts.waited.contains(&what) {
        return Ok(Standing::NotYet(found));
    }
    Err(Step::Wait(Wait { what, looks: vec![look], most: PATIENCE, sale: None }))
}

impl Proof {
    fn place(&self) -> String {
        let place = [&self.url, &self.run, &self.file].into_iter().flatten().next();
        excerpt(place.map(String::as_str).unwrap_or_default(), 60)
    }

    /// The command that golive shows before it runs the first one.
    pub(super) fn command(&self) -> Option<String> {
        let on = remote::place(self.on.as_deref());
        let reads = self.file.as_ref().filter(|_| on.is_some()).map(|_| TAIL.to_owned());
        let run = self.run.clone().or(reads)?;
        let file = self.file.clone().filter(|_| self.run.is_none());
        let env = file.map(|file| ("GOLIVE_LOG".to_owned(), file)).into_iter().collect();
        Some(CommandSpec { run, env, on, ..CommandSpec::default() }.listed())
    }

    fn spec(&self, outputs: &Outputs, email: &str) -> CommandSpec {
        let named = [
            ("GOLIVE_PAYMENT", "payment"),
            ("GOLIVE_CUSTOMER", "customer"),
            ("GOLIVE_SUBSCRIPTION", "subscription"),
            ("GOLIVE_SESSION", "session"),
        ];
        let mut env: BTreeMap<String, String> = named
            .iter()
            .map(|(name, output)| ((*name).to_owned(), outputs.get(*output).cloned().unwrap_or_default()))
            .collect();
        let run = match (&self.run, &self.file) {
            (Some(run), _) => run.clone(),
            (None, file) => {
                env = [("GOLIVE_LOG".to_owned(), file.clone().unwrap_or_default())].into();
                TAIL.to_owned()
            }
        };
        let private = match &self.run {
            Some(_) => [("GOLIVE_EMAIL".to_owned(), email.to_owned())].into(),
            None => BTreeMap::new(),
        };
        let on = remote::place(self.on.as_deref());
        CommandSpec { run, env, timeout: LIMIT, on, private, ..CommandSpec::default() }
    }

    fn command_run(&self, facts: &Facts<'_>, n: usize, outputs: &Outputs, email: &str) -> Result<Standing, Step> {
        let name = format!("proof {}", n + 1);
        let label = format!("command {name}");
        let runs: Vec<&Ran> =
            facts.applied.iter().filter(|applied| applied.action == label).filter_map(|one| one.ran.as_ref()).collect();
        let Some(last) = runs.last() else { return Err(self.change(&name, outputs, email, 0)) };
        if last.exit == Some(0) && last.output.contains(&self.contains) {
            return Ok(Standing::Proved(format!("the application knows of it: \"{}\"", self.contains)));
        }
        if runs.len() >= TRIES {
            let exit = last.exit.map_or("stopped".to_owned(), |exit| format!("exit {exit}"));
            let end = last.output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no output");
            return Ok(Standing::NotYet(format!("{exit}: {}", excerpt(end, 80))));
        }
        let what = format!("the application ({name}, look {})", runs.len() + 1);
        if facts.waited.contains(&what) {
            // Another look of the kind that was agreed to a moment ago.
            return Err(self.change(&name, outputs, email, runs.len()));
        }
        Err(Step::Wait(Wait { what, looks: Vec::new(), most: BETWEEN, sale: None }))
    }

    fn change(&self, name: &str, outputs: &Outputs, email: &str, runs: usize) -> Step {
        let spec = self.spec(outputs, email);
        let shown = spec.env.iter().filter(|(_, value)| !value.is_empty());
        let mut fields: Vec<Field> = shown.map(|(name, value)| Field::new(format!("env {name}"), value)).collect();
        let private = spec.private.iter().filter(|(_, value)| !value.is_empty());
        fields.extend(private.map(|(name, value)| Field::new(format!("env {name}"), super::masked(value))));
        let action = Action::new("command", name, Verb::Run, Effect::Run(spec)).fields(fields).note("changes nothing");
        let action = if runs > 0 { action.note(format!("look {}", runs + 1)) } else { action };
        Step::Change(Change { actions: vec![action], follows: runs > 0 })
    }

    fn page(&self, facts: &Facts<'_>, n: usize, url: &str) -> Result<Standing, Step> {
        let ask = HttpAsk {
            method: "GET".into(),
            url: url.to_owned(),
            headers: BTreeMap::new(),
            body: None,
            burst: 1,
            bearer: self.bearer.clone().map(Slot::Env),
        };
        let look = Look::Http(ask);
        let found = match facts.see(&look) {
            None => return Err(Step::Look(vec![look])),
            Some(Sight::Http(seen)) if (200..300).contains(&seen.status) && seen.body.contains(&self.contains) => {
                return Ok(Standing::Proved(format!("{} says \"{}\"", self.place(), self.contains)));
            }
            Some(Sight::Http(seen)) => format!("{}: {}", seen.status, excerpt(&seen.body, 80)),
            Some(Sight::Unseen(problem)) => problem.message.clone(),
            Some(other) => return Err(Step::Done(Verdict::Unknown { problem: misunderstood(other) })),
        };
        not_yet(facts, n, look, found)
    }

    fn log(&self, facts: &Facts<'_>, n: usize, file: &str) -> Result<Standing, Step> {
        let look = Look::Log(LogAsk {
            file: file.to_owned(),
            last_lines: Some(LINES),
            since_minutes: None,
            searches: vec![Search { what: self.contains.clone(), regex: false }],
        });
        let found = match facts.see(&look) {
            None => return Err(Step::Look(vec![look])),
            Some(Sight::Log(seen)) => match seen.hits.first().filter(|hits| hits.count > 0) {
                Some(_) => return Ok(Standing::Proved(format!("{file} says \"{}\"", self.contains))),
                None => format!("no such line among the last {}", seen.lines),
            },
            Some(Sight::Unseen(problem)) => problem.message.clone(),
            Some(other) => return Err(Step::Done(Verdict::Unknown { problem: misunderstood(other) })),
        };
        not_yet(facts, n, look, found)
    }

    fn missing(&self, facts: &Facts<'_>, outputs: &Outputs, found: &str) -> Problem {
        let session = outputs.get("session").map(String::as_str).unwrap_or_default();
        Problem::new(Code::PurchaseUnknownToApp, "it was paid and delivered, and the application does not show it")
            .found_wanted(found, format!("\"{}\" by {}", self.contains, self.place()))
            .why("usual causes: the handler answers 200 and does nothing with the event")
            .why("the application looks for metadata or client_reference_id that its checkout does not set")
            .why("or it looks for the price's or customer's id of test mode")
            .fix(format!("search the application's log for {session}, correct it, then resend the event from the Dashboard"))
            .fix(format!("then look again: golive wizard --phase {}", facts.address.phase))
    }

    pub(super) fn complaints(&self, n: usize) -> Vec<Complaint> {
        let path = format!("proof[{n}]");
        let mut complaints = Vec::new();
        if [&self.run, &self.url, &self.file].into_iter().flatten().count() != 1 {
            complaints.push(complaint(
                &path,
                Code::BadValue,
                "a proof is one of `run`, `url` and `file`",
                "write one of them: { run = \"…\", contains = \"…\" }",
            ));
        }
        if self.contains.trim().is_empty() {
            complaints.push(complaint(
                &format!("{path}.contains"),
                Code::BadValue,
                "an empty text is found everywhere",
                "write the text that only a known purchase shows",
            ));
        }
        complaints.extend(self.url.iter().filter_map(|url| url_complaint(&format!("{path}.url"), url)));
        if let Some(reference) = self.run.as_ref().and_then(|run| super::super::command::reference_in(run)) {
            complaints.push(complaint(
                &format!("{path}.run"),
                Code::BadReference,
                format!("`{reference}` would be spliced into a command"),
                "use the variables it gets: \"$GOLIVE_PAYMENT\"",
            ));
        }
        complaints
    }
}
