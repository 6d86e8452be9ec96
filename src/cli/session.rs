//! A run with its adapters: the one place where they are built. What a command may do with them is
//! the engine's permit; whether the journal is written is decided here.

use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::args::{Agree, Global};
use super::keys;
use super::names;
use super::outside;
use super::place::Place;
use super::trust::AllowedCommands;
use super::{Desk, signals};
use crate::engine::port::{News, Operator, Store};
use crate::engine::{Book, Engine, Ports, StopFlag};
use crate::env_file::EnvFileAt;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::Style;
use crate::secret::{Secret, Slot};
use crate::simulator::{self, Control, Options, Simulator};
use crate::state::{Event, State};
use crate::step::Origin;
use crate::store;
use crate::stripe::{ApiBase, Config as StripeConfig, Proxy, StripeApi};
use crate::world::{Config as WorldConfig, Shop, World, resolve};
use crate::{config, view};

/// A run that is ready to begin.
pub struct Session {
    /// Where it is.
    pub place: Place,
    /// Its mode.
    pub mode: Mode,
    /// What the journal said when it was opened.
    pub state: State,
    /// How the operator's screen looks.
    pub style: Style,
    /// The operator.
    pub operator: Box<dyn Operator>,
    /// Set by a signal.
    pub stop: StopFlag,
    store: Box<dyn Store>,
    stripe: StripeApi,
    world: World,
    env: EnvFileAt,
    trust: AllowedCommands,
    secrets: Vec<(Slot, Secret, Origin)>,
    /// Whether Stripe is a simulator, which counts no reads.
    counts_nothing: bool,
    // Dropped last: the adapters above work on it.
    simulator: Option<Simulator>,
    _runtime: Runtime,
}

/// Whether a command records what it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// It takes the lock and writes the journal.
    Journal,
    /// It only looks: no lock, nothing written.
    Nothing,
}

impl Session {
    /// Opens a run.
    pub fn open(desk: &Desk, place: Place, mode: Mode, agree: &Agree, saved: bool, record: Record) -> Result<Self> {
        names::refuse(&place, mode, &desk.global)?;
        Self::open_nameless(desk, place, mode, agree, saved, record)
    }

    /// The same for what has nothing to do with the names that the checklist still lacks.
    pub fn open_nameless(
        desk: &Desk,
        place: Place,
        mode: Mode,
        agree: &Agree,
        saved: bool,
        record: Record,
    ) -> Result<Self> {
        outside::refuse(&place, mode, &desk.global)?;
        let stop = StopFlag::default();
        let runtime = runtime()?;
        let (store, state, notes) = open_store(&place, mode, desk.command, record)?;
        let mut operator = desk.operator(mode, agree, saved);
        for note in &notes {
            operator.tell(&News::Note { text: note });
        }
        let (env_path, env_name) = place.env_file(mode);
        let simulator = match mode {
            Mode::Rehearse => Some(start_simulator(&runtime, &place, env_path.clone())?),
            _ => None,
        };
        let (stripe, counts_nothing) = stripe(&runtime, mode, simulator.as_ref())?;
        let world = world(&runtime, &place, mode, simulator.as_ref(), &stop)?;
        let backups = place.backups();
        let env = EnvFileAt::new(env_path, env_name, backups);
        let secrets = keys::at_hand(&desk.global, &place, mode, &env, simulator.as_ref(), operator.as_mut())?;
        let secrets = keys::from_before(&place, mode, &env, state.history.restored.as_ref(), secrets);
        signals::watch(&runtime, &stop, &[stop.shared(), stripe.stop_handle()]);
        Ok(Self {
            place,
            mode,
            state,
            style: desk.talk,
            operator,
            stop,
            store,
            stripe,
            world,
            env,
            trust: AllowedCommands::of_this_computer(),
            secrets,
            counts_nothing,
            simulator,
            _runtime: runtime,
        })
    }

    /// A hand on the simulator, in a rehearsal: for what a drill does to it.
    pub fn simulated(&self) -> Option<Control> {
        self.simulator.as_ref().map(Simulator::control)
    }

    /// The engine over this run's adapters. Variables given with `--answer vars.NAME=…` are
    /// recorded first.
    pub fn engine<'s>(&'s mut self, global: &Global, command: &str) -> Result<Engine<'s>> {
        let ports = Ports {
            stripe: &self.stripe,
            world: &self.world,
            env: &mut self.env,
            operator: self.operator.as_mut(),
            trust: &mut self.trust,
            who: config::who(),
        };
        let mut book = Book::new(self.store.as_mut(), self.state.clone());
        let mut events = vec![Event::Began {
            command: command.to_owned(),
            golive: env!("CARGO_PKG_VERSION").to_owned(),
            checklist_sha256: self.place.checklist.sha256.clone(),
        }];
        events.extend(variables(global, &self.place, &book.state)?);
        book.write(events)?;
        let mut engine = Engine::new(&self.place.checklist, self.mode, ports, book, self.stop.clone())?;
        if self.counts_nothing {
            engine.hurry();
        }
        for (slot, secret, origin) in self.secrets.drain(..) {
            engine.hand_over(slot, secret, origin);
        }
        Ok(engine)
    }

    /// The state as the journal has it now.
    pub fn view(place: &Place, mode: Mode) -> Result<view::StatusView> {
        Ok(place.view(mode)?.0)
    }
}

/// The threads of adapters.
pub(super) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
        let problem = Problem::new(Code::Internal, "no threads could be started");
        Failure::new(Class::Unforeseen, problem).because(error)
    })
}

/// A journal that forgets: for commands that only look.
struct Forget;

impl Store for Forget {
    fn append(&mut self, _: &[Event]) -> Result<()> {
        Ok(())
    }
}

fn open_store(
    place: &Place,
    mode: Mode,
    command: &str,
    record: Record,
) -> Result<(Box<dyn Store>, State, Vec<String>)> {
    if record == Record::Nothing {
        let (state, notes) = place.state(mode)?;
        return Ok((Box::new(Forget), state, notes));
    }
    let (journal, lines, notes) = place.open(mode, command)?;
    Ok((Box::new(journal), State::of(&lines), notes))
}

/// The embedded Stripe and the demo shop. The shop reads its signing secret where a deployed
/// application would: from the env file that golive wrote.
fn start_simulator(runtime: &Runtime, place: &Place, env_file: PathBuf) -> Result<Simulator> {
    let data = place.rehearsal().join("stripe");
    store::ensure_folder(&place.folder())?;
    store::disk::make_folder(&data, "rehearsal").at("make the folder", &data)?;
    let secrets = move || {
        let Ok(variables) = dotenvy::from_path_iter(&env_file) else { return Vec::new() };
        variables.flatten().map(|(_, value)| value).filter(|value| value.starts_with("whsec_")).collect()
    };
    let options = Options {
        data: Some(data),
        shop_secrets: Some(std::sync::Arc::new(secrets)),
        retry_base: Duration::from_millis(200),
        furnished: true,
        ..Options::default()
    };
    runtime.block_on(Simulator::start(options)).map_err(|error| {
        let problem = Problem::new(Code::Internal, "the simulator could not be started")
            .fix("begin a new rehearsal: golive rehearse --fresh");
        Failure::new(Class::Unforeseen, problem.why(format!("{error:#}"))).because(error)
    })
}

/// The way to Stripe, and whether a simulator stands in for it.
pub fn stripe(runtime: &Runtime, mode: Mode, simulator: Option<&Simulator>) -> Result<(StripeApi, bool)> {
    let given = config::variable("GOLIVE_API_BASE");
    let base = simulator.map(|simulator| simulator.url.clone()).or(given);
    let base = ApiBase::parse(base.as_deref())?;
    let simulated = !base.is_stripe();
    Ok((StripeApi::new(StripeConfig { proxy: proxy(&base)?, base, mode }, runtime.handle().clone())?, simulated))
}

/// The proxy that the variables name for Stripe; a simulator on this computer is reached without.
pub fn proxy(base: &ApiBase) -> Result<Option<Proxy>> {
    if !base.is_stripe() {
        return Ok(None);
    }
    Proxy::parse(config::either("HTTPS_PROXY").as_deref(), config::either("NO_PROXY").as_deref())
}

fn world(
    runtime: &Runtime,
    place: &Place,
    mode: Mode,
    simulator: Option<&Simulator>,
    stop: &StopFlag,
) -> Result<World> {
    let mut extra_roots: Vec<String> = simulator.map(|simulator| simulator.ca_pem.clone()).into_iter().collect();
    extra_roots.extend(given_roots()?);
    let resolve = config::variable("GOLIVE_RESOLVE").map(|text| resolve::parse(&text)).transpose()?.unwrap_or_default();
    let config = WorldConfig {
        resolve,
        extra_roots,
        mode,
        dir: place.dir.clone(),
        env_file: Some(place.env_file(mode).0),
        default_target: simulator.map(|simulator| simulator.shop_addr),
        shop: simulator.map(demo_shop),
        cancel: signals::token(runtime, stop),
    };
    World::new(config, runtime.handle().clone())
}

/// What the demo shop of a rehearsal does when something is on sale.
fn demo_shop(simulator: &Simulator) -> Shop {
    let control = simulator.control();
    Box::new(move |sale| {
        let said = |error: anyhow::Error| format!("{error:#}");
        let (session, page) = control.sell(simulator::Mode::Live, &sale.prices).map_err(said)?;
        if !sale.by_operator {
            // A card that is declined is for whoever watches to notice.
            control.pay(&session, "mia@customer.example", control.card()).map_err(said)?;
        }
        Ok(page)
    })
}

/// The certificate authorities of `SSL_CERT_FILE`: for the operator's hosts, never for Stripe's.
pub fn given_roots() -> Result<Option<String>> {
    let path = config::variable("SSL_CERT_FILE").map(PathBuf::from);
    path.map(|path| store::bounded::read_text(&path, 16 << 20).at("read the certificates in", &path)).transpose()
}

/// `--answer vars.NAME=VALUE` as events, where they say something new.
fn variables(global: &Global, place: &Place, state: &State) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    for (id, value) in &global.answers {
        let Some(name) = id.strip_prefix("vars.") else { continue };
        if !place.checklist.vars.contains_key(name) {
            let names: Vec<&str> = place.checklist.vars.keys().map(String::as_str).collect();
            let problem = Problem::new(Code::Usage, format!("the checklist has no variable `{name}`"))
                .why(if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) })
                .fix("name one of them: --answer vars.NAME=VALUE");
            return Err(Failure::new(Class::Usage, problem));
        }
        if state.variables.get(name) != Some(value) {
            events.push(Event::Variable { name: name.to_owned(), value: value.clone() });
        }
    }
    Ok(events)
}
