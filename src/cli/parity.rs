//! `golive parity`: reads the test and the live account and shows them side by side. It looks only: no
//! journal, no lock, nothing written. Both keys are at hand and of the right mode before anything is sent.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Agree, Global};
use super::place::Place;
use super::session::runtime;
use super::{Desk, Ended, signals};
use crate::config;
use crate::engine::StopFlag;
use crate::engine::port::{Answer, EnvFile as _};
use crate::env_file::EnvFileAt;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::inventory::{Inventory, LeftOut, Scope, Section};
use crate::key::{self, Role};
use crate::mode::Mode;
use crate::parity;
use crate::render::{human, json};
use crate::secret::{Secret, Slot, Vault};
use crate::step::{Check, Form, Question, Sight};
use crate::stripe::{ApiBase, Config as StripeConfig, StripeApi};
use crate::suggest;
use crate::ui::Ticker;
use crate::view::parity::{ParityView, Party};

/// What the command line says.
pub struct Options {
    /// Kinds; all when none is named.
    pub only: Vec<String>,
    /// Where the test key stands.
    pub test_env: Option<PathBuf>,
    /// Where the live key stands.
    pub live_env: Option<PathBuf>,
    /// Whether data is JSON.
    pub json: bool,
}

/// Runs it.
pub fn run(desk: &Desk, options: &Options) -> Ended {
    let wanted = sections(&options.only)?;
    let given = from_key_file(&desk.global)?;
    let test = key(desk, Mode::Test, given.test, options.test_env.as_deref())?;
    let live = key(desk, Mode::Live, given.live, options.live_env.as_deref())?;
    let runtime = runtime()?;
    let open = |mode| {
        let base = ApiBase::parse(config::variable("GOLIVE_API_BASE").as_deref())?;
        StripeApi::new(StripeConfig { proxy: super::session::proxy(&base)?, base, mode }, runtime.handle().clone())
    };
    let (test_api, live_api) = (open(Mode::Test)?, open(Mode::Live)?);
    let stop = StopFlag::default();
    signals::watch(&runtime, &stop, &[stop.shared(), test_api.stop_handle(), live_api.stop_handle()]);
    let mut read = wanted.clone();
    read.extend(wanted.iter().flat_map(|section| parity::needs(*section)));
    let inventory = |api: &StripeApi, key: Secret, word: &str| {
        let ticker = Ticker::new(desk.talk, desk.attended() && !desk.global.quiet && !options.json);
        let mut vault = Vault::default();
        vault.put_shared(Slot::SecretKey, Arc::new(key));
        let scope = Scope { sections: read.clone(), archived: false };
        let progress =
            |section: Section, seen: usize| ticker.say(&format!("reading {word}: {}", section.counted(seen)));
        let read = api.inventory(scope, &vault, &progress);
        if stop.is_set() { Err(Failure::paused()) } else { read }
    };
    let test = inventory(&test_api, test, "test mode")?;
    let live = inventory(&live_api, live, "live mode")?;
    let view = ParityView::of(party(&test, &wanted), party(&live, &wanted), parity::compare(&test, &live, &wanted));
    desk.print(&if options.json { json::parity(&view) } else { human::parity::parity(&view, &desk.out) })?;
    Ok(match view.equal {
        Some(true) => None,
        Some(false) => Some(Class::Remaining),
        None => Some(Class::Refused),
    })
}

fn party(inventory: &Inventory, wanted: &BTreeSet<Section>) -> Party {
    let left = inventory.left_out.iter().filter(|(section, _)| wanted.contains(section));
    let (account, name) = (inventory.account.clone(), inventory.account_name.clone());
    Party { account, name, left_out: left.map(|(_, left): (_, &LeftOut)| left.total()).sum() }
}

/// The lists of the kinds that are named.
fn sections(only: &[String]) -> Result<BTreeSet<Section>> {
    if only.is_empty() {
        return Ok(Section::ALL.into_iter().collect());
    }
    let kinds: BTreeSet<&str> = Section::ALL.into_iter().map(Section::kind).collect();
    if let Some(strange) = only.iter().find(|name| !kinds.contains(name.as_str())) {
        let all: Vec<&str> = kinds.iter().copied().collect();
        let problem = Problem::new(Code::Usage, format!("there is no kind `{strange}` to compare"))
            .why(format!("there are {}", all.join(", ")));
        let near = suggest::nearest(strange, kinds.iter().copied()).unwrap_or("product");
        return Err(Failure::new(Class::Usage, problem.fix(format!("write one of them: golive parity --only {near}"))));
    }
    Ok(Section::ALL.into_iter().filter(|section| only.iter().any(|name| name == section.kind())).collect())
}

/// The keys of `--key-file`.
#[derive(Default)]
struct Given {
    test: Option<Secret>,
    live: Option<Secret>,
}

/// Both keys may stand in one file, a line each; their prefix says which is which.
fn from_key_file(global: &Global) -> Result<Given> {
    /// Far above two keys: what is longer is no key file.
    const MOST: u64 = 64 << 10;
    let mut given = Given::default();
    let Some(path) = &global.key_file else { return Ok(given) };
    let mut text = zeroize::Zeroizing::new(String::new());
    if path == Path::new("-") {
        std::io::stdin().take(MOST).read_to_string(&mut text).at("read the keys from", path)?;
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(MOST).read_to_string(&mut text))
            .at("read the key file", path)?;
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in lines.filter(|(_, line)| !key::looks_publishable(line)) {
        let at = format!("line {} of {}", number + 1, path.display());
        let (slot, accepted) = match key::accept(line, Role::Secret, Mode::Live) {
            Ok(live) => (&mut given.live, Ok(live)),
            Err(_) => (&mut given.test, key::accept(line, Role::Secret, Mode::Test)),
        };
        let (key, _) = accepted.map_err(|problem| refused(problem.why(format!("it is {at}"))))?;
        if slot.is_some() {
            let problem = Problem::new(Code::KeyShape, format!("{at} is a second key of its mode"));
            return Err(refused(problem.fix(format!("leave one test key and one live key in it: {}", path.display()))));
        }
        *slot = Some(Secret::new(key));
    }
    Ok(given)
}

/// The key of a mode: from the key file, an env file that is named, a variable, the env file that golive
/// manages, or the operator.
fn key(desk: &Desk, mode: Mode, given: Option<Secret>, env: Option<&Path>) -> Result<Secret> {
    if let Some(key) = given {
        return Ok(key);
    }
    if let Some(path) = env {
        return from_env_file(path, mode);
    }
    let name = config::key_variable(mode, Role::Secret).unwrap_or_default();
    if let Some(raw) = config::variable(name).map(zeroize::Zeroizing::new) {
        let accepted = key::accept(&raw, Role::Secret, mode);
        let (key, _) = accepted.map_err(|problem| refused(problem.why(format!("it is the value of {name}"))))?;
        return Ok(Secret::new(key));
    }
    match managed(desk, mode) {
        Some(key) => Ok(key),
        None => ask(desk, mode),
    }
}

/// The key of the mode in the env file that the checklist of this folder names, if there is one of each.
fn managed(desk: &Desk, mode: Mode) -> Option<Secret> {
    let place = Place::find(&desk.global, &desk.talk, None).ok()?;
    from_env_file(&place.env_file(mode).0, mode).ok()
}

/// The one key of the mode in an env file, under whatever name.
fn from_env_file(path: &Path, mode: Mode) -> Result<Secret> {
    let shown = path.display().to_string();
    let file = EnvFileAt::new(path, &shown, "");
    let sight = match file.look() {
        Sight::EnvFile(sight) if sight.exists => sight,
        Sight::Unseen(problem) => return Err(Failure::new(Class::Usage, problem)),
        _ => {
            let problem = Problem::new(Code::Io, format!("there is no file `{shown}`"));
            return Err(Failure::new(
                Class::Usage,
                problem.fix("name the env file that holds the key: --test-env .env"),
            ));
        }
    };
    let of = |mode: Mode| {
        let infix = mode.key_infix();
        let prefixes = [format!("sk_{infix}_"), format!("rk_{infix}_")];
        let holds = sight.variables.iter().filter(|one| prefixes.iter().any(|prefix| one.has_prefix(prefix)));
        holds.map(|one| one.name.clone()).collect::<BTreeSet<String>>()
    };
    let mut found: Vec<(String, Secret)> = Vec::new();
    for name in of(mode) {
        if let Some(secret) = file.take(&name)?
            && !found.iter().any(|(_, known)| known.same_as(&secret))
        {
            found.push((name, secret));
        }
    }
    let word = mode.key_infix();
    match found.len() {
        1 => Ok(found.remove(0).1),
        0 => {
            let other = if mode == Mode::Live { Mode::Test } else { Mode::Live };
            let mut problem = Problem::new(Code::KeyWrongMode, format!("there is no {word} key in `{shown}`"));
            if let Some(name) = of(other).first() {
                problem = problem.why(format!("`{name}` holds a {} key", other.key_infix()));
            }
            Err(refused(problem.fix(format!("name the env file of {word} mode: golive parity --{word}-env FILE"))))
        }
        _ => {
            let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            let problem = Problem::new(Code::KeyShape, format!("there are several {word} keys in `{shown}`"))
                .why(names.join(", "))
                .fix(format!("give the right one by itself: GOLIVE_{}_KEY", word.to_uppercase()));
            Err(refused(problem))
        }
    }
}

fn ask(desk: &Desk, mode: Mode) -> Result<Secret> {
    let word = mode.key_infix();
    let title = if mode.livemode() { "Live" } else { "Test" };
    let page = if mode.livemode() { "" } else { "test/" };
    let question = Question {
        name: format!("{word}_key"),
        prompt: format!("{title} secret or restricted key"),
        help: vec![
            format!("It begins with sk_{word}_… or rk_{word}_… and is only read with; golive forgets it at the end."),
            "A restricted key that may read is enough.".to_owned(),
        ],
        link: Some(format!("https://dashboard.stripe.com/{page}apikeys")),
        because: None,
        form: Form::Secret { slot: Slot::SecretKey, check: Check::Key(Role::Secret, mode) },
        rehearse: None,
    };
    let mut operator = desk.operator(mode, &Agree::default(), false);
    match operator.ask(&format!("parity.{word}_key"), &question)? {
        Answer::Secret(_, secret) => Ok(secret),
        Answer::Text(_) => Err(crate::engine::internal("a key was answered as text")),
    }
}

fn refused(problem: Problem) -> Failure {
    Failure::new(Class::Refused, problem)
}
