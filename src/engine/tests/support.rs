//! A bench for the engine: Stripe, world, env file, journal and operator in memory. It writes one
//! log of everything that happens outside the engine, so that tests can see what came first.

use std::cell::RefCell;
use std::rc::Rc;

use super::env::FakeEnv;
use super::stripe::FakeStripe;
use crate::checklist::{self, Checklist, Item};
use crate::engine::port::{self, Stop, Store};
use crate::engine::{Book, Engine, Halt, Permit, Ports, StopFlag, Trust, book};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::secret::{Secret, Slot, Vault};
use crate::state::{Event, ItemState, Line, State};
use crate::step::{Address, CommandSpec, Look, Origin, Ran, Sight};
use crate::ui::Scripted;

/// What happened outside the engine, in order.
pub(super) type Log = Rc<RefCell<Vec<String>>>;

/// Keys of the account `acct_1`, and another pair of the same account.
pub(super) const SECRET: &str = "sk_live_51Acme0000000000000000000one";
pub(super) const ROLLED: &str = "sk_live_51Acme0000000000000000000two";
pub(super) const PUBLISHABLE: &str = "pk_live_51Acme0000000000000000000pub";
/// A key of `acct_2`.
pub(super) const STRANGER: &str = "sk_live_51Other000000000000000000sec";

/// Everything that outlives a run, and the operator of the next one.
pub(super) struct Bench {
    pub(super) stripe: FakeStripe,
    pub(super) env: FakeEnv,
    pub(super) world: FakeWorld,
    pub(super) operator: Scripted,
    pub(super) lines: Vec<Line>,
    pub(super) log: Log,
    /// The process dies when this event is about to be written.
    pub(super) dies_at: Option<&'static str>,
    /// The keys at hand when a run begins.
    pub(super) keys: Vec<(Slot, &'static str)>,
    pub(super) allowed: Allowed,
    pub(super) may_write: bool,
}

impl Bench {
    pub(super) fn new() -> Self {
        let log = Log::default();
        Self {
            stripe: FakeStripe::new(Rc::clone(&log)),
            env: FakeEnv::new(&log),
            world: FakeWorld { log: Rc::clone(&log) },
            operator: Scripted::new(),
            lines: Vec::new(),
            log,
            dies_at: None,
            keys: vec![(Slot::SecretKey, SECRET), (Slot::PublishableKey, PUBLISHABLE)],
            allowed: Allowed::default(),
            may_write: true,
        }
    }

    /// One run over a checklist.
    pub(super) fn run<T>(&mut self, checklist: &str, then: impl FnOnce(&mut Engine<'_>) -> T) -> T {
        let checklist = load(checklist);
        let state = State::of(&self.lines);
        let mut store = MemStore { lines: &mut self.lines, log: Rc::clone(&self.log), dies_at: self.dies_at };
        let ports = Ports {
            stripe: &self.stripe,
            world: &self.world,
            env: &mut self.env,
            operator: &mut self.operator,
            trust: &mut self.allowed,
            who: "anna".into(),
        };
        let book = Book::new(&mut store, state);
        let mut engine = Engine::new(&checklist, Mode::Live, ports, book, StopFlag::default()).unwrap();
        engine.may_write = self.may_write;
        engine.pace_for_tests();
        for (slot, text) in &self.keys {
            engine.hand_over(slot.clone(), Secret::unlisted(*text), Origin::EnvFile);
        }
        then(&mut engine)
    }

    /// A run over all items with one permit.
    pub(super) fn walk(&mut self, checklist: &str, permit: Permit) -> Result<Halt> {
        self.run(checklist, |engine| all(engine, permit).map_err(Failure::from))
    }

    /// A walk that ends well.
    pub(super) fn wizard(&mut self, checklist: &str) -> Halt {
        self.walk(checklist, Permit::WIZARD).unwrap_or_else(|failure| panic!("{failure}: {:?}", failure.problem.why))
    }

    pub(super) fn state(&self) -> State {
        State::of(&self.lines)
    }

    /// How an item stands by the journal.
    pub(super) fn item(&self, checklist: &str, address: &str) -> ItemState {
        let checklist = load(checklist);
        let address: Address = address.parse().unwrap();
        let item = checklist.find(&address).unwrap();
        crate::state::item_state(item, self.state().items.get(&address), &|_| true).0
    }

    /// The problem an item came to.
    pub(super) fn problem(&self, address: &str) -> Problem {
        let record = self.state().record(&address.parse().unwrap());
        record.verdict.as_ref().and_then(|judged| judged.problem()).cloned().unwrap()
    }

    /// The log since the last call.
    pub(super) fn happened(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.borrow_mut())
    }

    /// Makes everything that was begun so many hours older.
    pub(super) fn age(&mut self, hours: i64) {
        let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        for line in &mut self.lines {
            line.at = then.to_string();
        }
    }
}

/// Advances all items of the checklist.
pub(super) fn all(engine: &mut Engine<'_>, permit: Permit) -> Result<Halt, Stop> {
    let checklist = engine.checklist;
    let items: Vec<&Item> = checklist.items_in(engine.mode).collect();
    engine.advance(&items, permit)
}

fn load(text: &str) -> Checklist {
    match checklist::load(checklist::Source::Bundled("acme"), text) {
        Ok(checklist) => checklist,
        Err(invalid) => panic!("{invalid:?}"),
    }
}

struct MemStore<'b> {
    lines: &'b mut Vec<Line>,
    log: Log,
    dies_at: Option<&'static str>,
}

impl Store for MemStore<'_> {
    fn append(&mut self, events: &[Event]) -> Result<()> {
        for event in events {
            let name = serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
            if self.dies_at == Some(name.as_str()) {
                return Err(Failure::new(Class::Unforeseen, Problem::new(Code::Io, "the power is gone")));
            }
            self.log.borrow_mut().push(format!("journal {name}"));
            let seq = self.lines.len() as u64 + 1;
            self.lines.push(Line { seq, at: book::now(), event: event.clone() });
        }
        Ok(())
    }
}

/// The operator's world: commands end well, hosts are not reached.
pub(super) struct FakeWorld {
    log: Log,
}

impl port::World for FakeWorld {
    fn look(&self, looks: &[Look], _: &Vault) -> Vec<(Look, Sight)> {
        let unseen = || Sight::Unseen(Problem::new(Code::HostUnreachable, "no hosts here"));
        looks.iter().map(|look| (look.clone(), unseen())).collect()
    }

    fn run(&self, command: &CommandSpec, _: &Vault, _: &mut dyn FnMut(&str)) -> Result<Ran> {
        self.log.borrow_mut().push(format!("run {}", command.run));
        Ok(Ran { exit: Some(0), millis: 1, ..Ran::default() })
    }
}

/// Commands that were allowed on this computer.
#[derive(Default)]
pub(super) struct Allowed(Vec<String>);

impl Trust for Allowed {
    fn is_allowed(&self, digest: &str) -> bool {
        self.0.iter().any(|allowed| allowed == digest)
    }

    fn allow(&mut self, digest: &str) -> Result<()> {
        self.0.push(digest.to_owned());
        Ok(())
    }
}
