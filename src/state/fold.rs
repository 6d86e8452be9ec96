//! The fold: events in, state out. Deterministic, total, and without IO.

use std::collections::BTreeMap;

use super::{Event, History, Line};
use crate::checklist::ROLLBACK;
use crate::error::Problem;
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::secret::Slot;
use crate::step::{Address, Applied, Attested, CommandSpec, EnvSet, Outputs, Request, Verdict, Write};

/// Everything a journal says.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The journal's format; 0 when it is empty.
    pub format: u32,
    /// The run's id.
    pub run: String,
    /// The checklist's id.
    pub checklist: String,
    /// The run's mode.
    pub mode: Option<Mode>,
    /// The last line's number.
    pub seq: u64,
    /// When the first line was written.
    pub started_at: Option<String>,
    /// When the last line was written.
    pub updated_at: Option<String>,
    /// The account this launch began with.
    pub account: Option<AccountRef>,
    /// Keys that were accepted: mask and fingerprint.
    pub keys: BTreeMap<Slot, (String, String)>,
    /// Variables that were given another value than their default.
    pub variables: BTreeMap<String, String>,
    /// What is known of each item.
    pub items: BTreeMap<Address, ItemRecord>,
    /// Writes whose outcome is not known, by intent, in order.
    pub open: Vec<Intent>,
    /// What was changed and what of it was undone.
    pub history: History,
    /// Digests of command lists that were allowed.
    pub allowed_commands: Vec<String>,
    /// Where the operator paused, if that was the last thing that happened.
    pub paused: Option<Option<String>>,
    /// Whether everything was finished when the last command ended.
    pub finished: bool,
}

/// What is known of one item.
#[derive(Debug, Clone, Default)]
pub struct ItemRecord {
    /// Answers by question.
    pub answers: BTreeMap<String, String>,
    /// When each was given, RFC 3339 UTC.
    pub answered_at: BTreeMap<String, String>,
    /// Changes carried out.
    pub applied: Vec<Applied>,
    /// A person's word.
    pub attested: Option<Attested>,
    /// Left out: by whom, why, when.
    pub skipped: Option<(String, String, String)>,
    /// The last verdict.
    pub verdict: Option<Judged>,
    /// Whether it ever held since it was last reopened.
    pub held: bool,
    /// What other items may refer to, from the last pass.
    pub outputs: Outputs,
}

/// A verdict and its circumstances.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Digest of the item's fields at that time.
    pub digest: String,
    /// Whether somebody only stood in for the real thing.
    pub rehearsed: bool,
    /// When, RFC 3339 UTC.
    pub at: String,
}

impl Judged {
    /// The problem, if it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.verdict {
            Verdict::Pass { .. } => None,
            Verdict::Fail { problem } | Verdict::Unknown { problem } => Some(problem),
        }
    }
}

/// Something that was begun and whose end is not recorded.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its name in the journal.
    pub id: String,
    /// The item.
    pub item: Address,
    /// The action's label.
    pub action: String,
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
    /// What it was.
    pub what: Begun,
}

/// What was begun.
#[derive(Debug, Clone)]
pub enum Begun {
    /// A request to Stripe.
    Stripe {
        /// What it means.
        write: Write,
        /// The exact bytes.
        request: Request,
        /// Their idempotency key.
        key: String,
        /// What takes it back, where the write itself does not say.
        undo: Option<Write>,
        /// Intents that it takes back, in a rollback.
        undoes: Vec<String>,
    },
    /// Variables of the env file.
    Env(Vec<EnvSet>),
    /// A command.
    Command(CommandSpec),
}

impl State {
    /// The state after these lines.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut state = Self::default();
        for line in lines {
            state.apply(line);
        }
        state
    }

    /// The record of an item, empty if nothing is known of it.
    pub fn record(&self, address: &Address) -> ItemRecord {
        self.items.get(address).cloned().unwrap_or_default()
    }

    /// One more line.
    pub fn apply(&mut self, line: &Line) {
        self.seq = line.seq;
        self.started_at.get_or_insert_with(|| line.at.clone());
        self.updated_at = Some(line.at.clone());
        if !matches!(line.event, Event::Paused { .. } | Event::Finished {}) {
            self.paused = None;
            self.finished = false;
        }
        self.event(&line.event, &line.at);
        self.history.apply(line);
    }

    fn event(&mut self, event: &Event, at: &str) {
        match event {
            Event::Opened { format, run, checklist, mode, .. } => {
                self.format = *format;
                self.run.clone_from(run);
                self.checklist.clone_from(checklist);
                self.mode = Some(*mode);
            }
            Event::Account { id, name } => self.account = Some(AccountRef { id: id.clone(), name: name.clone() }),
            Event::Key { slot, masked, fingerprint } => {
                self.keys.insert(slot.clone(), (masked.clone(), fingerprint.clone()));
            }
            Event::Variable { name, value } => {
                self.variables.insert(name.clone(), value.clone());
            }
            Event::CommandsAllowed { digest } => self.allowed_commands.push(digest.clone()),
            Event::Paused { phase, .. } => self.paused = Some(phase.clone()),
            Event::Finished {} => self.finished = true,
            Event::Intended { .. } | Event::EnvIntended { .. } | Event::CommandStarted { .. } => self.begun(event, at),
            Event::Applied { .. }
            | Event::Refused { .. }
            | Event::Retired { .. }
            | Event::EnvWritten { .. }
            | Event::CommandEnded { .. } => self.ended(event, at),
            Event::Answered { .. }
            | Event::Judged { .. }
            | Event::Attested { .. }
            | Event::Skipped { .. }
            | Event::Reopened { .. } => self.item_event(event, at),
            Event::RollbackBegan { items, .. } => self.rollback_began(items, at),
            Event::Began { .. }
            | Event::Undone { .. }
            | Event::EnvRestoring { .. }
            | Event::EnvRestored { .. }
            | Event::RollbackEnded { .. } => {}
        }
    }

    /// What was finished and is undone, or rests on it, was true once and has to be looked at again.
    /// A rollback that begins anew does its own items again.
    fn rollback_began(&mut self, items: &[Address], at: &str) {
        if self.history.underway().is_some() {
            return;
        }
        for (_, record) in self.items.iter_mut().filter(|(address, _)| address.phase == ROLLBACK) {
            record.reopen();
        }
        for address in items {
            if let Some(record) = self.items.get_mut(address) {
                record.roll_back(at);
            }
        }
    }

    /// Something was begun: until its end is recorded, it is open.
    fn begun(&mut self, event: &Event, at: &str) {
        let (id, item, action, what) = match event.clone() {
            Event::Intended { intent, item, action, write, request, key, undo, undoes } => {
                (intent, item, action, Begun::Stripe { write, request, key, undo, undoes })
            }
            Event::EnvIntended { intent, item, variables, file, .. } => (intent, item, file, Begun::Env(variables)),
            Event::CommandStarted { intent, item, action, command } => {
                // Known from now on, without an end: a command is never run again silently.
                self.items.entry(item.clone()).or_default().applied.push(Applied {
                    action: action.clone(),
                    write: None,
                    undo: None,
                    object: None,
                    key: Some(intent.clone()),
                    found: false,
                    run: Some(command.shown().into_owned()),
                    ran: None,
                    sent: at.to_owned(),
                    at: at.to_owned(),
                });
                (intent, item, action, Begun::Command(command))
            }
            _ => return,
        };
        self.open.push(Intent { id, item, action, at: at.to_owned(), what });
    }

    /// An end was recorded.
    fn ended(&mut self, event: &Event, at: &str) {
        let (Event::Applied { intent: id, .. }
        | Event::Refused { intent: id, .. }
        | Event::Retired { intent: id, .. }
        | Event::EnvWritten { intent: id, .. }
        | Event::CommandEnded { intent: id, .. }) = event
        else {
            return;
        };
        let Some(position) = self.open.iter().position(|intent| intent.id == *id) else { return };
        let intent = self.open.remove(position);
        let record = self.items.entry(intent.item).or_default();
        match (event, intent.what) {
            // What a rollback writes is no deed of the item's: its kind would take it for one.
            (Event::Applied { .. }, Begun::Stripe { undoes, .. }) if !undoes.is_empty() => {}
            (Event::Applied { object, found, .. }, Begun::Stripe { write, key, undo, .. }) => {
                record.applied.push(Applied {
                    action: intent.action,
                    write: Some(write),
                    undo,
                    object: Some(object.clone()),
                    key: Some(key),
                    found: *found,
                    run: None,
                    ran: None,
                    sent: intent.at,
                    at: at.to_owned(),
                });
            }
            (Event::CommandEnded { ran, .. }, Begun::Command(_)) => {
                if let Some(applied) = record.applied.iter_mut().rev().find(|a| a.key.as_deref() == Some(id)) {
                    applied.ran = Some(ran.clone());
                }
            }
            _ => {}
        }
    }

    /// Something about one item.
    fn item_event(&mut self, event: &Event, at: &str) {
        match event {
            Event::Answered { item, question, answer } => {
                let record = self.item(item);
                record.answers.insert(question.clone(), answer.clone());
                record.answered_at.insert(question.clone(), at.to_owned());
            }
            Event::Judged { item, digest, rehearsed, verdict } => {
                let record = self.item(item);
                if let Verdict::Pass { outputs, .. } = verdict {
                    record.held = true;
                    record.outputs.clone_from(outputs);
                }
                record.verdict = Some(Judged {
                    verdict: verdict.clone(),
                    digest: digest.clone(),
                    rehearsed: *rehearsed,
                    at: at.to_owned(),
                });
            }
            Event::Attested { item, by, note, digest } => {
                let evidence = note.as_ref().map_or_else(|| by.clone(), |note| format!("{by}: {note}"));
                let record = self.item(item);
                record.attested = Some(Attested { by: by.clone(), note: note.clone(), at: at.to_owned() });
                record.skipped = None;
                record.held = true;
                record.verdict = Some(Judged {
                    verdict: Verdict::pass(evidence),
                    digest: digest.clone(),
                    rehearsed: false,
                    at: at.to_owned(),
                });
            }
            Event::Skipped { item, by, reason } => {
                self.item(item).skipped = Some((by.clone(), reason.clone(), at.to_owned()));
            }
            Event::Reopened { item, .. } => self.item(item).reopen(),
            _ => {}
        }
    }

    fn item(&mut self, address: &Address) -> &mut ItemRecord {
        self.items.entry(address.clone()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Line, State};
    use crate::step::{Address, Verdict};

    fn fold(events: Vec<Event>) -> State {
        let lines: Vec<Line> = events
            .into_iter()
            .enumerate()
            .map(|(n, event)| Line { seq: n as u64 + 1, at: format!("2026-11-21T10:00:0{n}Z"), event })
            .collect();
        State::of(&lines)
    }

    fn address() -> Address {
        Address::new("catalog", "pro")
    }

    fn started() -> Event {
        Event::CommandStarted {
            intent: "i1".into(),
            item: address(),
            action: "command backup".into(),
            command: crate::step::CommandSpec { run: "true".into(), timeout: 1, ..Default::default() },
        }
    }

    #[test]
    fn a_command_whose_end_was_not_seen_stays_known_without_an_end() {
        let state = fold(vec![started(), Event::Retired { intent: "i1".into(), why: "its end was not seen".into() }]);
        assert!(state.open.is_empty());
        let record = state.record(&address());
        assert_eq!(record.applied.len(), 1);
        assert_eq!(record.applied[0].ran, None);
    }

    #[test]
    fn an_intent_is_open_until_its_end_is_recorded() {
        let state = fold(vec![started()]);
        assert_eq!(state.open.len(), 1);
        let ran = crate::step::Ran { exit: Some(0), millis: 1, ..Default::default() };
        let state = fold(vec![started(), Event::CommandEnded { intent: "i1".into(), ran: ran.clone() }]);
        assert!(state.open.is_empty());
        assert_eq!(state.record(&address()).applied[0].ran, Some(ran));
    }

    #[test]
    fn reopening_forgets_verdict_answers_and_commands() {
        let state = fold(vec![
            started(),
            Event::Answered { item: address(), question: "done".into(), answer: "done".into() },
            Event::Judged { item: address(), digest: "d".into(), rehearsed: false, verdict: Verdict::pass("yes") },
            Event::Reopened { item: address(), by: "anna".into() },
        ]);
        let record = state.record(&address());
        assert!(record.verdict.is_none() && record.answers.is_empty() && record.applied.is_empty());
        assert!(!record.held);
    }

    #[test]
    fn a_pause_is_over_with_the_next_event() {
        let pause = Event::Paused { phase: Some("catalog".into()), item: None };
        assert_eq!(fold(vec![pause.clone()]).paused, Some(Some("catalog".into())));
        assert_eq!(fold(vec![pause, started()]).paused, None);
    }
}
