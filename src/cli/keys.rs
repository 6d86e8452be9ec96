//! The secrets that are at hand when a command begins: keys from a variable, a key file or the env
//! file that golive manages, and whatever else the env file already holds.

use std::io::Read as _;
use std::path::Path;

use super::args::Global;
use super::place::Place;
use crate::checklist::Item;
use crate::config;
use crate::engine::port::{EnvFile, News, Operator};
use crate::env_file::EnvFileAt;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::key::{self, Role};
use crate::kind;
use crate::mode::Mode;
use crate::secret::{Secret, Slot};
use crate::simulator::Simulator;
use crate::state::Restored;
use crate::step::Origin;

type Found = (Slot, Secret, Origin);

/// Everything at hand, keys first.
pub fn at_hand(
    global: &Global,
    place: &Place,
    mode: Mode,
    env: &EnvFileAt,
    simulator: Option<&Simulator>,
    operator: &mut dyn Operator,
) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    if let Some(simulator) = simulator {
        let keys = &simulator.live;
        found.push((Slot::SecretKey, Secret::new(keys.secret.clone()), Origin::Simulator));
        found.push((Slot::PublishableKey, Secret::new(keys.publishable.clone()), Origin::Simulator));
    } else {
        from_file(global, mode, &mut found, operator)?;
        from_variables(mode, &mut found, operator)?;
    }
    from_env_file(place, mode, env, &mut found);
    Ok(found)
}

/// After a rollback: what the launch had written and the restored env file does not hold. A secret that
/// the env file holds as it did before the launch is the former one, and stands for nothing of this mode.
pub fn from_before(
    place: &Place,
    mode: Mode,
    env: &EnvFileAt,
    restored: Option<&Restored>,
    mut found: Vec<Found>,
) -> Vec<Found> {
    let Some((kept, restored)) = restored.and_then(|restored| Some((env.beside(restored.kept.as_ref()?), restored)))
    else {
        return found;
    };
    let before = restored.from.as_ref().map(|path| env.beside(path));
    let mut again: Vec<Found> = Vec::new();
    from_env_file(place, mode, &kept, &mut again);
    for (slot, secret, _) in again {
        let Some(name) = variable_of(place, mode, &slot) else { continue };
        let take = |file: &EnvFileAt| file.take(&name).ok().flatten();
        let untouched = match (take(env), before.as_ref().and_then(take)) {
            (None, _) => true,
            (Some(now), Some(then)) => now.same_as(&then),
            (Some(_), None) => false,
        };
        let known = found.iter().position(|(known, _, origin)| *known == slot && *origin == Origin::EnvFile);
        match known {
            Some(at) if untouched => found[at] = (slot, secret, Origin::Kept),
            None if untouched && !has(&found, &slot) => found.push((slot, secret, Origin::Kept)),
            _ => {}
        }
    }
    found
}

/// The variable that a secret stands in.
fn variable_of(place: &Place, mode: Mode, slot: &Slot) -> Option<String> {
    let role = match slot {
        Slot::Env(name) => return Some(name.clone()),
        Slot::SecretKey => Role::Secret,
        Slot::PublishableKey => Role::Publishable,
    };
    let mut items = place.checklist.items_in(mode).filter(|item| item.kind == "keys");
    items.find_map(|item| key_names(item).into_iter().find(|(known, _)| *known == role).map(|(_, name)| name))
}

fn has(found: &[Found], slot: &Slot) -> bool {
    found.iter().any(|(known, ..)| known == slot)
}

fn slot(role: Role) -> Slot {
    match role {
        Role::Secret => Slot::SecretKey,
        Role::Publishable => Slot::PublishableKey,
    }
}

/// The keys that the operator gave: from a file, or from variables. None of the env file's.
pub fn given(global: &Global, mode: Mode, operator: &mut dyn Operator) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    from_file(global, mode, &mut found, operator)?;
    from_variables(mode, &mut found, operator)?;
    Ok(found)
}

/// `--key-file`: one key a line.
fn from_file(global: &Global, mode: Mode, found: &mut Vec<Found>, operator: &mut dyn Operator) -> Result<()> {
    /// Far above two keys: what is longer is no key file.
    const MOST: u64 = 64 << 10;
    let Some(path) = &global.key_file else { return Ok(()) };
    let mut text = zeroize::Zeroizing::new(String::new());
    if path == Path::new("-") {
        std::io::stdin().take(MOST).read_to_string(&mut text).at("read the key from", path)?;
    } else {
        let file = std::fs::File::open(path);
        file.and_then(|file| file.take(MOST).read_to_string(&mut text)).at("read the key file", path)?;
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let role = if key::looks_publishable(line) { Role::Publishable } else { Role::Secret };
        let place = format!("line {} of {}", number + 1, path.display());
        let (key, note) =
            key::accept(line, role, mode).map_err(|problem| refused(problem.why(format!("it is {place}"))))?;
        if has(found, &slot(role)) {
            let problem = Problem::new(Code::KeyShape, format!("{place} is a second {} key", role.title()));
            return Err(refused(problem.fix(format!("leave one of each sort in it: {}", path.display()))));
        }
        if let Some(note) = note {
            operator.tell(&News::Note { text: &format!("Using the key from {place} ({note}).") });
        }
        found.push((slot(role), Secret::new(key), Origin::KeyFile));
    }
    Ok(())
}

fn from_variables(mode: Mode, found: &mut Vec<Found>, operator: &mut dyn Operator) -> Result<()> {
    for role in [Role::Secret, Role::Publishable] {
        let Some(name) = config::key_variable(mode, role) else { continue };
        if has(found, &slot(role)) {
            continue;
        }
        let Some(raw) = config::variable(name).map(zeroize::Zeroizing::new) else { continue };
        let (key, note) = key::accept(&raw, role, mode)
            .map_err(|problem| refused(problem.why(format!("it is the value of {name}"))))?;
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        operator.tell(&News::Note { text: &format!("Using the key from {name}{note}.") });
        found.push((slot(role), Secret::new(key), Origin::Variable(name.to_owned())));
    }
    Ok(())
}

fn refused(problem: Problem) -> Failure {
    Failure::new(Class::Refused, problem)
}

/// What the env file holds already. A key of another mode or sort is no key at hand: the plan will
/// show that it is replaced.
fn from_env_file(place: &Place, mode: Mode, env: &EnvFileAt, found: &mut Vec<Found>) {
    for item in place.checklist.items_in(mode) {
        if item.kind == "keys" {
            for (role, name) in key_names(item) {
                let Ok(Some(secret)) = env.take(&name) else { continue };
                if is_key(&secret, role, mode) && !has(found, &slot(role)) {
                    found.push((slot(role), secret, Origin::EnvFile));
                }
            }
            continue;
        }
        let Some(entry) = kind::entry(&item.kind) else { continue };
        let Ok(kind) = (entry.load)(item.fields.clone()) else { continue };
        for variable in kind.variables().into_iter().filter(|variable| variable.output.is_none()) {
            let slot = Slot::Env(variable.name.clone());
            if let Ok(Some(secret)) = env.take(&variable.name)
                && !has(found, &slot)
            {
                found.push((slot, secret, Origin::EnvFile));
            }
        }
    }
}

/// Whether a value of the env file is a key of this role and mode, whole and bare.
fn is_key(secret: &Secret, role: Role, mode: Mode) -> bool {
    let infix = mode.key_infix();
    let pattern = match role {
        Role::Secret => format!("^[sr]k_{infix}_[A-Za-z0-9]{{10,}}$"),
        Role::Publishable => format!("^pk_{infix}_[A-Za-z0-9]{{10,}}$"),
    };
    regex::Regex::new(&pattern).is_ok_and(|pattern| secret.matches(&pattern))
}

/// The variables that hold the keys, by the checklist.
fn key_names(item: &Item) -> Vec<(Role, String)> {
    let spec: Option<kind::keys::Spec> = toml::Value::Table(item.fields.clone()).try_into().ok();
    spec.map(|spec| vec![(Role::Secret, spec.secret_env), (Role::Publishable, spec.publishable_env)])
        .unwrap_or_default()
}
