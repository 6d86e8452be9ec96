//! `golive watch`: looks again and again after the launch, and tells what is wrong. It takes no
//! lock, writes nothing, and goes on when the network does not.

use std::time::Duration;

use super::args::{Agree, Watching};
use super::check::drifted;
use super::place::Place;
use super::plan::key_is_missing;
use super::session::{Record, Session};
use super::{Desk, Ended};
use crate::checklist::watch::Watch;
use crate::checklist::{Checklist, Item, refs};
use crate::engine::{Engine, Permit, StopFlag};
use crate::error::{Class, Failure};
use crate::kind::{self, Realm};
use crate::mode::Mode;
use crate::render::{human, json};
use crate::step::{Address, Verdict};
use crate::ui::{Silent, Ticker};
use crate::view::watch::{Line, Sort};
use crate::watch::{Task, Watcher};

/// Runs it.
pub fn run(desk: &Desk, options: &Watching) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let mut session = Session::open(desk, place, mode, &Agree::default(), false, Record::Nothing)?;
    session.operator = Box::new(Silent);
    let stop = session.stop.clone();
    let mut engine = session.engine(&desk.global, desk.command)?;
    engine.may_write = false;
    let settings = settings(&engine, options);
    let mut rounds = Rounds::new(desk, options.json, settings, &mut engine, stop.clone());
    rounds.accept_keys()?;
    rounds.begin()?;
    let end = options.r#for.map(|span| rounds.began + span.0);
    loop {
        rounds.round()?;
        let now = now();
        let enough = options.until_alert && rounds.watcher.tally().alerts > 0;
        if options.once || enough || end.is_some_and(|end| now >= end) || stop.is_set() {
            break;
        }
        let wait = rounds.watcher.wait(now).min(end.map_or(i64::MAX, |end| end - now));
        let until = std::time::Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
        while std::time::Instant::now() < until && !stop.is_set() {
            std::thread::sleep(Duration::from_millis(100));
            rounds.ticking();
        }
    }
    rounds.end()?;
    if stop.is_set() {
        return Err(Failure::paused());
    }
    Ok(match rounds.watcher.tally().alerts {
        0 => rounds.watcher.is_out().then_some(Class::TryAgain),
        _ => Some(Class::Remaining),
    })
}

/// The checklist's settings, with its variables, and with what the command line says otherwise.
fn settings(engine: &Engine<'_>, options: &Watching) -> Watch {
    let mut settings = engine.checklist.watch.clone();
    if let Some(every) = options.every {
        settings.every = every;
    }
    let lookup = |path: &str| engine.lookup(path);
    settings.hosts = settings.hosts.iter().map(|host| refs::resolve_some(host, &lookup)).collect();
    settings
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

struct Rounds<'e, 'a> {
    desk: &'e Desk,
    json: bool,
    engine: &'e mut Engine<'a>,
    watcher: Watcher,
    ticker: Ticker,
    /// Set by Ctrl-C: a look that it broke off is no outage.
    stop: StopFlag,
    began: i64,
    looked: i64,
    /// Items that hold when the watch begins, and whose truth lies in Stripe or in the env file.
    held: Vec<&'a Item>,
}

impl<'e, 'a> Rounds<'e, 'a> {
    fn new(desk: &'e Desk, json: bool, settings: Watch, engine: &'e mut Engine<'a>, stop: StopFlag) -> Self {
        let checklist: &'a Checklist = engine.checklist;
        let began = now();
        let checks = if checklist.checks.is_empty() { Vec::new() } else { vec![settings.check_every.0] };
        let stands = |item: &&Item| item.kind != "keys" && matches!(realm(item), Some(Realm::Stripe | Realm::Local));
        let held = checklist.items_in(engine.mode).filter(stands);
        let held = held.filter(|item| engine.is_finished(&item.address)).collect();
        let watcher = Watcher::new(settings, checks, began);
        let ticker = Ticker::new(desk.talk, desk.attended() && !desk.global.quiet);
        Self { desk, json, engine, watcher, ticker, stop, began, looked: began, held }
    }

    /// The keys must be at hand and good before anything can be watched.
    fn accept_keys(&mut self) -> Result<(), Failure> {
        let checklist = self.engine.checklist;
        let keys: Vec<&Item> = checklist.items_in(self.engine.mode).filter(|item| item.kind == "keys").collect();
        let halt = self.engine.advance(&keys, Permit::LOOK)?;
        key_is_missing(&halt.asks)
    }

    fn begin(&mut self) -> Result<(), Failure> {
        let account = self.engine.account().map_or("the account", |account| account.shown()).to_owned();
        let title = &self.engine.checklist.title;
        let mode = self.engine.mode;
        self.emit(vec![Line::new(
            Sort::Began,
            "watch",
            format!("watching {account}, {} mode, {title}", mode.name()),
            self.began,
        )])
    }

    fn end(&mut self) -> Result<(), Failure> {
        let mut line = Line::new(Sort::Ended, "watch", String::new(), now());
        line.message = human::watch::summary(&self.watcher.tally(), now() - self.began, self.watcher.standing());
        line.tally = Some(self.watcher.tally());
        self.emit(vec![line])
    }

    /// Everything that is due.
    fn round(&mut self) -> Result<(), Failure> {
        for task in self.watcher.due(now()) {
            let lines = match task {
                Task::Drift => self.drift()?,
                Task::Check(_) => self.checks()?,
                task => {
                    let looks = self.watcher.looks(task, now());
                    let seen = self.engine.glance(&looks);
                    self.watcher.see(task, &seen, now())
                }
            };
            if self.stop.is_set() {
                return Ok(());
            }
            self.looked = now();
            self.emit(lines)?;
        }
        Ok(())
    }

    /// What held when the watch began, compared with Stripe and the env file again.
    fn drift(&mut self) -> Result<Vec<Line>, Failure> {
        let keys = self.engine.checklist.items_in(self.engine.mode).filter(|item| item.kind == "keys");
        let items: Vec<&'a Item> = keys.chain(self.held.iter().copied()).collect();
        self.engine.start_over_looking();
        for item in &items {
            self.engine.forget(&item.address);
        }
        let halt = self.engine.advance(&items, Permit::LOOK)?;
        let mut lines = Vec::new();
        for item in self.held.clone() {
            let changed = halt.changes.iter().find(|change| change.address == item.address).map(drifted);
            let subject = format!("drift of {}", item.address);
            match (changed, self.judged(&item.address)) {
                (Some(problem), _) | (None, Some(Verdict::Fail { problem })) => {
                    lines.extend(self.watcher.found(&subject, Some(&problem), now()));
                }
                (None, Some(Verdict::Pass { .. })) => lines.extend(self.watcher.found(&subject, None, now())),
                // Told as an outage: what could not be looked at neither drifted nor came back.
                (None, Some(Verdict::Unknown { .. }) | None) => {}
            }
        }
        Ok(lines)
    }

    /// The checks of the checklist's own.
    fn checks(&mut self) -> Result<Vec<Line>, Failure> {
        let checks: Vec<&'a Item> = self.engine.checklist.checks.iter().collect();
        self.engine.start_over_looking();
        for item in &checks {
            self.engine.forget(&item.address);
        }
        self.engine.advance(&checks, Permit::CHECK)?;
        let mut lines = Vec::new();
        for item in checks {
            let out = self.watcher.is_out();
            let problem = match self.judged(&item.address) {
                Some(Verdict::Pass { .. }) => None,
                // While Stripe is silent too, it is the network that is in trouble, and that is told already.
                Some(Verdict::Unknown { .. }) if out => continue,
                Some(Verdict::Fail { problem }) if out && problem.code.is_hosts_own() => continue,
                Some(Verdict::Fail { problem } | Verdict::Unknown { problem }) => Some(problem),
                None => continue,
            };
            lines.extend(self.watcher.found(&item.title, problem.as_ref(), now()));
        }
        Ok(lines)
    }

    /// What an item came to just now.
    fn judged(&self, address: &Address) -> Option<Verdict> {
        let record = self.engine.book.state.items.get(address).filter(|_| self.engine.was_judged(address))?;
        record.verdict.as_ref().map(|judged| judged.verdict.clone())
    }

    fn emit(&mut self, lines: Vec<Line>) -> Result<(), Failure> {
        for line in lines {
            let text = if self.json { json::watch(&line) } else { human::watch::line(&line, &self.desk.out) };
            self.ticker.above(|| self.desk.print(&text))?;
        }
        self.ticking();
        Ok(())
    }

    fn ticking(&self) {
        let now = now();
        self.ticker.say(&human::watch::standing(
            &self.watcher.tally(),
            now - self.began,
            now - self.looked,
            self.watcher.standing(),
            self.watcher.is_out(),
        ));
    }
}

fn realm(item: &Item) -> Option<Realm> {
    let kind = (kind::entry(&item.kind)?.load)(item.fields.clone()).ok()?;
    Some(kind.realm())
}
