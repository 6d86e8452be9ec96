//! The command line: parses it, builds the adapters, dispatches, maps failures to exit codes.
//!
//! One file a command. Adding one: a variant in `args`, a file here, a line in `dispatch`, and a
//! view if it shows something new.

mod apply;
mod args;
mod attest;
mod check;
mod checklists;
mod doctor;
mod drill;
mod explain;
mod import;
mod keys;
mod names;
mod opening;
mod outside;
mod parity;
mod place;
mod plan;
mod report;
mod rollback;
mod sandbox;
mod save;
mod scan;
mod session;
mod shell;
mod signals;
mod status;
mod trust;
mod watch;
mod welcome;
mod wizard;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use args::{Agree, Checklists, Cli, Command, Global, Scanning};
use import::Imports;

use crate::checklist::Severity;
use crate::config;
use crate::control;
use crate::engine::port::Operator;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::style::{Glyphs, Style};
use crate::render::{human, json};
use crate::secret::Scrubber;
use crate::state::ItemState;
use crate::ui::looks::Looks;
use crate::ui::voice::Voice;
use crate::ui::{Batch, Consent, Plain, Policy, Terminal, guard};
use crate::view::StatusView;
use crate::view::status::ItemView;

/// Where a command works: the options of every command, its own name, and the two outputs.
pub struct Desk {
    /// The options of every command.
    pub global: Global,
    /// The command's name, for lock and journal.
    pub command: &'static str,
    /// How stdout looks.
    pub out: Style,
    /// How stderr looks.
    pub talk: Style,
}

impl Desk {
    fn new(global: Global, command: &'static str) -> Self {
        let looks =
            Looks { color: global.color.into(), ascii: global.ascii, plain: global.plain, verbose: global.verbose };
        let columns = |term: console::Term, is_terminal: bool| is_terminal.then(|| usize::from(term.size().1));
        let out = looks.style(&config::variable, columns(console::Term::stdout(), std::io::stdout().is_terminal()));
        let talk = looks.style(&config::variable, columns(console::Term::stderr(), std::io::stderr().is_terminal()));
        Self { global, command, out, talk }
    }

    /// How stderr looks by now: a window may have become narrower.
    pub fn talk_now(&self) -> Style {
        let is_terminal = std::io::stderr().is_terminal();
        if is_terminal { self.talk.as_wide_as(usize::from(console::Term::stderr().size().1)) } else { self.talk }
    }

    /// Whether somebody is there to be asked: stdin and stderr are terminals, and nothing says no.
    pub fn attended(&self) -> bool {
        let dumb = config::variable("TERM").is_some_and(|term| term == "dumb");
        let terminals = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        terminals && !self.global.no_input && !dumb && config::variable("CI").is_none()
    }

    /// The operator: a person, or a log.
    pub fn operator(&self, mode: Mode, agree: &Agree, saved_plan: bool) -> Box<dyn Operator> {
        let consent = Consent {
            // Nothing is real in a rehearsal that nobody watches.
            yes: agree.yes || (mode == Mode::Rehearse && !self.attended()),
            confirm: agree.confirm.clone(),
            allow_commands: agree.allow_commands,
            saved_plan,
            mode,
        };
        let answers: BTreeMap<_, _> = self.global.answers.iter().cloned().collect();
        let policy = Policy { answers, consent };
        let voice = Voice::stderr(self.talk, mode).quiet(self.global.quiet);
        let talks = self.attended() && !(mode == Mode::Rehearse && agree.yes);
        match (talks, self.talk.glyphs) {
            (false, _) => Box::new(Batch::new(voice, policy)),
            (true, Glyphs::Plain) => Box::new(Plain::new(voice, policy)),
            (true, _) => Box::new(Terminal::new(voice, policy)),
        }
    }

    /// Prints data on stdout.
    pub fn print(&self, text: &str) -> Result<()> {
        self.print_made_up(&control::for_terminal(&Scrubber::scrub(text)))
    }

    /// Prints data that may hold the simulator's made-up keys. A closed pipe is the reader's
    /// choice, not a failure.
    pub fn print_made_up(&self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let problem = Problem::new(Code::Io, "could not write to standard output").why(error.to_string());
                Err(Failure::new(Class::Unforeseen, problem))
            }
            _ => Ok(()),
        }
    }

    /// Talks on stderr.
    pub fn say(&self, text: &str) {
        guard::notice(text);
    }
}

/// Runs the command of this process and returns its exit code.
pub fn run() -> ExitCode {
    guard::seal();
    guard::init();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with 0, mistakes to stderr with 2; clap knows which.
            let code = if error.use_stderr() { Class::Usage.exit_code() } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let json = wants_json(cli.command.as_ref());
    let desk = Desk::new(cli.global, name(cli.command.as_ref()));
    let Ok(ended) = catch_unwind(AssertUnwindSafe(|| dispatch(&desk, cli.command))) else {
        // The hook has said what there is to say.
        return ExitCode::from(Class::Unforeseen.exit_code());
    };
    guard::show_cursor();
    match ended {
        Ok(class) => ExitCode::from(class.map_or(0, Class::exit_code)),
        Err(failure) => ExitCode::from(report(&desk, &failure, json)),
    }
}

/// The one printer of failures.
fn report(desk: &Desk, failure: &Failure, as_json: bool) -> u8 {
    if failure.class == Class::Interrupted {
        return signals::came().unwrap_or(Class::Interrupted.exit_code());
    }
    if as_json {
        let _ = desk.print(&json::failure(failure));
    }
    desk.say(&format!("{}\n", human::problem::failure(failure, &desk.talk_now()).trim_end()));
    failure.class.exit_code()
}

/// How a command ended that did what it was asked to; `None` is 0.
type Ended = Result<Option<Class>>;

fn dispatch(desk: &Desk, command: Option<Command>) -> Ended {
    let Some(command) = command else { return welcome::run(desk) };
    match command {
        Command::Wizard { phase, agree } => wizard::run(desk, desk.global.mode, phase.as_deref(), &agree, false),
        Command::Rehearse { drill: Some(name), fresh, agree, .. } => drill::run(desk, &name, &agree, fresh),
        Command::Rehearse { phase, fresh, agree, drill: None } => {
            wizard::run(desk, Some(Mode::Rehearse), phase.as_deref(), &agree, fresh)
        }
        Command::Status { json, markdown, all, exit_code } => {
            let format = if json {
                status::Format::Json
            } else if markdown {
                status::Format::Markdown
            } else {
                status::Format::Human
            };
            status::run(desk, format, all, exit_code)
        }
        Command::Plan { json, out, exit_code } => plan::run(desk, json, out.as_deref(), exit_code),
        Command::Parity { only, test_env, live_env, json } => {
            parity::run(desk, &parity::Options { only, test_env, live_env, json })
        }
        Command::Apply { file, agree } => apply::run(desk, file.as_deref(), &agree),
        Command::Report { format, out } => report::run(desk, format, out.as_deref()),
        Command::Rollback { dry_run, items, agree } => rollback::run(desk, dry_run, &items, &agree),
        Command::Check { items, json } => check::run(desk, &items, json),
        Command::Watch(options) => watch::run(desk, &options),
        Command::Done { item, note } => attest::done(desk, &item, note),
        Command::Skip { item, reason } => attest::skip(desk, &item, reason),
        Command::Reopen { item } => attest::reopen(desk, &item),
        Command::Import(command) => import::run(desk, &command),
        Command::Checklist(command) => checklists::run(desk, command),
        Command::Explain { what } => explain::run(desk, &what),
        Command::Doctor { json } => doctor::run(desk, json),
        Command::Scan(options) => scan::run(desk, &options),
        Command::Sandbox { port, data, latency, fail, shop } => {
            sandbox::run(desk, port, data, latency, fail.as_deref(), &shop)
        }
        Command::Completions { shell } => shell::completions(desk, shell),
        Command::Man => shell::man(desk),
    }
}

fn wants_json(command: Option<&Command>) -> bool {
    matches!(
        command,
        Some(
            Command::Status { json: true, .. }
                | Command::Plan { json: true, .. }
                | Command::Check { json: true, .. }
                | Command::Parity { json: true, .. }
                | Command::Doctor { json: true }
                | Command::Scan(Scanning { json: true, .. })
                | Command::Checklist(Checklists::Show { json: true, .. })
                | Command::Import(
                    Imports::Markdown(import::markdown::Options { json: true, .. })
                        | Imports::Stripe(import::stripe::Options { json: true, .. })
                )
        )
    )
}

fn name(command: Option<&Command>) -> &'static str {
    match command {
        None => "golive",
        Some(Command::Wizard { .. }) => "wizard",
        Some(Command::Rehearse { .. }) => "rehearse",
        Some(Command::Status { .. }) => "status",
        Some(Command::Plan { .. }) => "plan",
        Some(Command::Apply { .. }) => "apply",
        Some(Command::Check { .. }) => "check",
        Some(Command::Parity { .. }) => "parity",
        Some(Command::Report { .. }) => "report",
        Some(Command::Watch(_)) => "watch",
        Some(Command::Rollback { .. }) => "rollback",
        Some(Command::Done { .. }) => "done",
        Some(Command::Skip { .. }) => "skip",
        Some(Command::Reopen { .. }) => "reopen",
        Some(Command::Import(_)) => "import",
        Some(Command::Checklist(_)) => "checklist",
        Some(Command::Explain { .. }) => "explain",
        Some(Command::Doctor { .. }) => "doctor",
        Some(Command::Scan(_)) => "scan",
        Some(Command::Sandbox { .. }) => "sandbox",
        Some(Command::Completions { .. }) => "completions",
        Some(Command::Man) => "man",
    }
}

/// The exit code of a command that did what it could: what could not be looked at, what was refused
/// for safety, and what remains, in that order.
fn outcome(view: &StatusView) -> Option<Class> {
    outcome_of(view.items())
}

/// The same for some of the items.
fn outcome_of<'v>(items: impl Iterator<Item = &'v ItemView>) -> Option<Class> {
    let blocking = |item: &&ItemView| item.severity == Severity::Blocker;
    let open: Vec<&ItemView> = items.filter(blocking).filter(|item| !item.state.is_finished()).collect();
    let unsafe_to_go_on = |item: &ItemView| item.problem.as_ref().is_some_and(|problem| problem.code.is_refusal());
    if open.iter().any(|item| item.state == ItemState::Unknown) {
        Some(Class::TryAgain)
    } else if open.iter().any(|item| unsafe_to_go_on(item)) {
        Some(Class::Refused)
    } else {
        (!open.is_empty()).then_some(Class::Remaining)
    }
}
