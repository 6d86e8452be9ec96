//! Who did what when: the view behind `golive report`, from the checklist and the lines of the journal. Pure.
//!
//! Values of variables and outputs of commands are left out on purpose: the report is for sharing. Serialized,
//! the fields are those of `golive.report/1`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::StatusView;
use super::status::{ChecklistView, PhaseView, RolledBack, Summary};
use crate::checklist::Checklist;
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::state::{Event, Line, State};
use crate::step::{Address, Write};

/// A break this long is one: nobody was working. In seconds.
const BREAK: i64 = 30 * 60;

/// A launch, for the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportView {
    /// The version that made it.
    pub golive: String,
    /// When it was made, RFC 3339 UTC; the caller has the clock.
    pub generated_at: String,
    /// The run's mode.
    pub mode: Mode,
    /// The account, once it is known.
    pub account: Option<AccountRef>,
    /// The checklist.
    pub checklist: ChecklistView,
    /// The run.
    pub run: RunView,
    /// Whether no blocker is unfinished.
    pub ready: bool,
    /// The counts.
    pub summary: Summary,
    /// What was changed in Stripe, oldest first.
    pub changes: Vec<ChangeView>,
    /// What was written to the env file: names, never values.
    pub env_file: Vec<EnvView>,
    /// The commands and their ends.
    pub commands: Vec<CommandView>,
    /// What people stated.
    pub sign_offs: Vec<SignOff>,
    /// What was left out, by whom and why.
    pub skipped: Vec<SignOff>,
    /// The last rollback, until the launch went on.
    pub rollback: Option<RolledBack>,
    /// Of a rehearsal: the rollback that was walked on a copy of it, where there was one.
    pub rollback_drill: Option<RolledBack>,
    /// The phases with their items, as they stand.
    pub phases: Vec<PhaseView>,
}

/// How long it took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunView {
    /// Its id.
    pub id: String,
    /// When it began, RFC 3339 UTC.
    pub started_at: Option<String>,
    /// When something was last recorded.
    pub updated_at: Option<String>,
    /// Seconds in which somebody, or golive, was at work.
    pub seconds: i64,
    /// Breaks of half an hour and more.
    pub breaks: usize,
    /// How often a command that may write was started, by its name.
    pub commands: BTreeMap<String, usize>,
}

/// One change in Stripe.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeView {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The item it was for.
    pub item: Address,
    /// What was changed: `price pro_monthly`.
    pub what: String,
    /// What happened to it: `created`.
    pub how: &'static str,
    /// The object's id.
    pub object: String,
    /// Its page in the Dashboard, where there is one.
    pub page: Option<String>,
    /// Stripe's id of the request.
    pub request_id: Option<String>,
    /// The request's page in the Dashboard.
    pub request_page: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<String>,
}

/// One writing of the env file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvView {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The file, as the operator knows it.
    pub file: String,
    /// What was done to it: `written`, `restored`.
    pub how: &'static str,
    /// The variables that were written.
    pub variables: Vec<String>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandView {
    /// When it was started, RFC 3339 UTC.
    pub at: String,
    /// The item it was for.
    pub item: Address,
    /// Its text.
    pub run: String,
    /// Its exit code; `None` when there is none.
    pub exit: Option<i32>,
    /// How it ended: `ended`, `stopped` (its time was up), `unseen`.
    pub end: &'static str,
    /// How long it took.
    pub millis: Option<u64>,
}

/// Somebody's word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignOff {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Who, as the computer knows them.
    pub by: String,
    /// About what.
    pub item: Address,
    /// Its title.
    pub title: String,
    /// What they noted, or the reason they gave.
    pub note: Option<String>,
}

impl ReportView {
    /// Reads it from the journal.
    pub fn of(checklist: &Checklist, lines: &[Line], mode: Mode, golive: &str, generated_at: &str) -> Self {
        let state = State::of(lines);
        let status = StatusView::of(checklist, &state, mode);
        let mut reader = Reader::new(checklist, dashboard(mode, state.account.as_ref()));
        for line in lines {
            reader.line(line);
        }
        for change in &mut reader.changes {
            let done = state.history.changes.iter().find(|done| done.object == change.object && done.at == change.at);
            change.undone_at = done.and_then(|done| done.undone.clone());
        }
        Self {
            golive: golive.to_owned(),
            generated_at: generated_at.to_owned(),
            mode,
            account: state.account.clone(),
            checklist: status.checklist,
            run: run(&state, lines),
            ready: status.ready,
            summary: status.summary,
            changes: reader.changes,
            env_file: reader.env_file,
            commands: reader.commands,
            sign_offs: reader.sign_offs,
            skipped: reader.skipped.into_iter().filter(|one| state.record(&one.item).skipped.is_some()).collect(),
            rollback: status.rollback,
            rollback_drill: None,
            phases: status.phases,
        }
    }
}

/// The Dashboard of the account; nothing of a rehearsal is there.
fn dashboard(mode: Mode, account: Option<&AccountRef>) -> Option<String> {
    let test = if mode == Mode::Live { "" } else { "/test" };
    (mode != Mode::Rehearse).then(|| {
        let account = account.map(|account| format!("/{}", account.id)).unwrap_or_default();
        format!("https://dashboard.stripe.com{account}{test}")
    })
}

fn run(state: &State, lines: &[Line]) -> RunView {
    let seconds = |line: &Line| line.at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let gaps = lines.windows(2).map(|pair| seconds(&pair[1]) - seconds(&pair[0]));
    let (short, long): (Vec<i64>, Vec<i64>) = gaps.partition(|gap| *gap < BREAK);
    let mut commands = BTreeMap::new();
    for line in lines {
        if let Event::Began { command, .. } = &line.event {
            *commands.entry(command.clone()).or_default() += 1;
        }
    }
    RunView {
        id: state.run.clone(),
        started_at: state.started_at.clone(),
        updated_at: state.updated_at.clone(),
        seconds: short.into_iter().sum(),
        breaks: long.len(),
        commands,
    }
}

/// Takes the lines apart.
struct Reader<'a> {
    checklist: &'a Checklist,
    base: Option<String>,
    writes: BTreeMap<&'a str, (&'a Address, &'a str, &'a Write, bool)>,
    writing: BTreeMap<&'a str, Vec<String>>,
    running: BTreeMap<&'a str, usize>,
    changes: Vec<ChangeView>,
    env_file: Vec<EnvView>,
    commands: Vec<CommandView>,
    sign_offs: Vec<SignOff>,
    skipped: Vec<SignOff>,
}

impl<'a> Reader<'a> {
    fn new(checklist: &'a Checklist, base: Option<String>) -> Self {
        Self {
            checklist,
            base,
            writes: BTreeMap::new(),
            writing: BTreeMap::new(),
            running: BTreeMap::new(),
            changes: Vec::new(),
            env_file: Vec::new(),
            commands: Vec::new(),
            sign_offs: Vec::new(),
            skipped: Vec::new(),
        }
    }

    fn line(&mut self, line: &'a Line) {
        match &line.event {
            Event::Intended { intent, item, action, write, undoes, .. } => {
                self.writes.insert(intent, (item, action, write, !undoes.is_empty()));
            }
            Event::Applied { intent, object, request_id, .. } => {
                let change = self.change(&line.at, intent, object, request_id.clone());
                self.changes.extend(change);
            }
            Event::EnvIntended { intent, variables, .. } => {
                self.writing.insert(intent, variables.iter().map(|set| set.variable.clone()).collect());
            }
            Event::EnvWritten { intent, file, .. } => {
                let variables = self.writing.remove(intent.as_str()).unwrap_or_default();
                self.env(&line.at, file, "written", variables);
            }
            Event::EnvRestored { file } => self.env(&line.at, file, "restored", Vec::new()),
            _ => self.people_and_commands(line),
        }
    }

    fn people_and_commands(&mut self, line: &'a Line) {
        match &line.event {
            Event::CommandStarted { intent, item, command, .. } => {
                self.running.insert(intent, self.commands.len());
                self.commands.push(CommandView {
                    at: line.at.clone(),
                    item: item.clone(),
                    run: command.run.clone(),
                    exit: None,
                    end: "unseen",
                    millis: None,
                });
            }
            Event::CommandEnded { intent, ran } => {
                let index = self.running.remove(intent.as_str());
                if let Some(command) = index.and_then(|index| self.commands.get_mut(index)) {
                    (command.exit, command.millis) = (ran.exit, Some(ran.millis));
                    command.end = if ran.timed_out { "stopped" } else { "ended" };
                }
            }
            Event::Attested { item, by, note, .. } => {
                let word = self.word(&line.at, item, by, note.clone());
                self.sign_offs.push(word);
            }
            Event::Skipped { item, by, reason } => {
                self.skipped.retain(|other| other.item != *item);
                let word = self.word(&line.at, item, by, Some(reason.clone()));
                self.skipped.push(word);
            }
            _ => {}
        }
    }

    fn env(&mut self, at: &str, file: &str, how: &'static str, variables: Vec<String>) {
        self.env_file.push(EnvView { at: at.to_owned(), file: file.to_owned(), how, variables });
    }

    fn word(&self, at: &str, item: &Address, by: &str, note: Option<String>) -> SignOff {
        let title = self.checklist.find(item).map_or_else(|| item.to_string(), |item| item.title.clone());
        SignOff { at: at.to_owned(), by: by.to_owned(), item: item.clone(), title, note }
    }

    /// The change that a write was; none when it was told already, for a journal may say twice that one was
    /// carried out: once by the run that sent it, and once by the run that found it.
    fn change(&mut self, at: &str, intent: &str, object: &str, request_id: Option<String>) -> Option<ChangeView> {
        let (item, action, write, undoes) = self.writes.remove(intent)?;
        let page = |path: String| self.base.as_ref().map(|base| format!("{base}/{path}"));
        Some(ChangeView {
            at: at.to_owned(),
            item: item.clone(),
            what: action.to_owned(),
            how: if undoes { "taken back" } else { write.verb().past() },
            object: object.to_owned(),
            page: folder(write, object).and_then(|folder| page(format!("{folder}/{object}"))),
            request_page: request_id.as_ref().and_then(|id| page(format!("logs/{id}"))),
            request_id,
            undone_at: None,
        })
    }
}

/// Where the Dashboard shows an object.
fn folder(write: &Write, object: &str) -> Option<&'static str> {
    match write {
        Write::CreateProduct(_) | Write::UpdateProduct { .. } => Some("products"),
        Write::CreatePrice(_) | Write::UpdatePrice { .. } => Some("prices"),
        Write::CreateWebhook(_) | Write::UpdateWebhook { .. } => Some("webhooks"),
        _ => {
            let known = [("pi_", "payments"), ("ch_", "payments"), ("sub_", "subscriptions"), ("evt_", "events")];
            known.iter().find(|(prefix, _)| object.starts_with(prefix)).map(|(_, folder)| *folder)
        }
    }
}
