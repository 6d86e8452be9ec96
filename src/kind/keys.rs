//! `keys`: the secret and the publishable key of one account, of the run's mode, accepted by
//! Stripe, with the permissions this checklist needs, and kept in the env file at once, so that
//! nobody is asked twice.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Complaint, Kind, Realm, Variable, env_name};
use crate::error::{Code, Problem};
use crate::key::Role;
use crate::mode::Mode;
use crate::secret::Slot;
use crate::step::{
    Action, Change, Check, Effect, EnvSet, EnvSight, EnvSource, EnvVar, Facts, Field, Form, KnownSecret, Look, Origin, Outputs, Question,
    Refusal, Sight, Step, Verb, Verdict,
};

const PAGE: &str = "https://dashboard.stripe.com/apikeys";

/// The fields of a `keys` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The variable of the env file for the secret key.
    #[serde(default = "secret_env")]
    pub secret_env: String,
    /// The variable of the env file for the publishable key.
    #[serde(default = "publishable_env")]
    pub publishable_env: String,
}

fn secret_env() -> String {
    "STRIPE_SECRET_KEY".into()
}

fn publishable_env() -> String {
    "STRIPE_PUBLISHABLE_KEY".into()
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if let Some(step) = at_hand(facts) {
            return step;
        }
        // What was typed is kept before anything else can fail, so that nobody is asked twice.
        // What came from elsewhere can be had again, and is proved before it is kept.
        if typed(facts)
            && let Some(step) = self.in_the_env_file(facts)
        {
            return step;
        }
        let looks = facts.unseen([Look::Balance, Look::Account, Look::PublishableKey]);
        if !looks.is_empty() {
            return Step::Look(looks);
        }
        if let Some(problem) = not_accepted(facts, &Look::Balance) {
            return ask(facts, Role::Secret, Some(problem));
        }
        if let Some(problem) = not_accepted(facts, &Look::PublishableKey) {
            return ask(facts, Role::Publishable, Some(problem));
        }
        let account = account(facts);
        if let Some(step) = mismatch(facts, account.as_deref()) {
            return step;
        }
        match permissions(facts) {
            Ok(checked) => {
                self.in_the_env_file(facts).unwrap_or_else(|| Step::Done(pass(facts, account, checked)))
            }
            Err(step) => step,
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        vec!["account".into()]
    }

    fn variables(&self) -> Vec<Variable> {
        [&self.secret_env, &self.publishable_env]
            .map(|name| Variable { name: name.clone(), output: None })
            .to_vec()
    }

    fn complaints(&self) -> Vec<Complaint> {
        let names = [("secret_env", &self.secret_env), ("publishable_env", &self.publishable_env)];
        names.into_iter().filter_map(|(path, name)| env_name(path, name)).collect()
    }
}

/// Asks for keys that are not at hand.
fn at_hand(facts: &Facts<'_>) -> Option<Step> {
    if !facts.secrets.contains_key(&Slot::SecretKey) {
        return Some(ask(facts, Role::Secret, None));
    }
    if !facts.secrets.contains_key(&Slot::PublishableKey) {
        return Some(ask(facts, Role::Publishable, None));
    }
    None
}

impl Spec {
    /// Keeps keys in the env file before anything else, so that they are asked for once.
    fn in_the_env_file(&self, facts: &Facts<'_>) -> Option<Step> {
        let env = match facts.see(&Look::EnvFile) {
            None => return Some(Step::Look(vec![Look::EnvFile])),
            Some(Sight::EnvFile(env)) => env,
            // Keys that could not be kept are not done, whoever accepted them.
            Some(Sight::Unseen(problem)) => return Some(Step::Done(Verdict::fail(problem.clone()))),
            Some(_) => return None,
        };
        let pairs = [
            (&self.secret_env, Slot::SecretKey, Role::Secret),
            (&self.publishable_env, Slot::PublishableKey, Role::Publishable),
        ];
        let missing: Vec<_> = pairs.into_iter().filter(|(name, slot, role)| is_due(facts, env, name, slot, *role)).collect();
        if missing.is_empty() {
            return None;
        }
        if let Some(problem) = env.problems.first() {
            return Some(Step::Done(Verdict::fail(problem.clone())));
        }
        if let Some(problem) = would_undo_the_launch(facts, env, &missing) {
            return Some(Step::Done(Verdict::fail(problem)));
        }
        let fields = missing.iter().map(|(name, slot, _)| field(facts, env, name, slot)).collect();
        let sets = missing
            .into_iter()
            .map(|(name, slot, _)| EnvSet { variable: name.clone(), value: EnvSource::Vault(slot) })
            .collect();
        Some(Step::Change(Change::of(vec![Action {
                noun: "env".into(),
                name: env.path.clone(),
                verb: Verb::Write,
                summary: String::new(),
                fields,
                notes: Vec::new(),
                effect: Effect::Env(sets),
                stage: 0,
                undo: None,
        }])))
    }
}

fn pass(facts: &Facts<'_>, account: Option<String>, permissions: Option<usize>) -> Verdict {
    let masked = |slot: &Slot| facts.secrets.get(slot).map_or("", |known| known.masked.as_str());
    let name = match facts.see(&Look::Account) {
        Some(Sight::Account(account)) => account.name(),
        _ => None,
    };
    let who = match (name, &account) {
        (Some(name), Some(id)) => format!("{name}, {id}"),
        (None, Some(id)) => id.clone(),
        _ => "account not named by Stripe".into(),
    };
    let rights = permissions.map(|count| format!("; {count} of {count} permissions")).unwrap_or_default();
    let evidence = format!("{who}; {} and {}{rights}", masked(&Slot::SecretKey), masked(&Slot::PublishableKey));
    let outputs = account.map(|id| ("account".to_owned(), id)).into_iter().collect::<Outputs>();
    Verdict::pass_with(evidence, outputs)
}

/// Test keys in place of live ones would take a launched shop off the air: a test run needs an env
/// file of its own.
fn would_undo_the_launch(facts: &Facts<'_>, env: &EnvSight, due: &[(&String, Slot, Role)]) -> Option<Problem> {
    let is_live = |(name, ..): &&(&String, Slot, Role)| {
        let live = ["sk_live_", "rk_live_", "pk_live_"];
        env.get(name).is_some_and(|variable| live.iter().any(|prefix| variable.has_prefix(prefix)))
    };
    let (name, ..) = due.iter().find(is_live).filter(|_| facts.mode == Mode::Test)?;
    let problem = Problem::new(Code::KeyWrongMode, format!("{} holds live keys, and the run is in test mode", env.path))
        .why(format!("test keys would replace `{name}` and what belongs to it"))
        .why("nothing was written")
        .fix("give test mode a checklist with an env file of its own: [env] file = \".env.test\"")
        .fix("go on in live mode: golive wizard --mode live");
    Some(problem)
}

/// Whether one of the keys was typed in this run.
fn typed(facts: &Facts<'_>) -> bool {
    facts.secrets.iter().any(|(slot, known)| {
        matches!(slot, Slot::SecretKey | Slot::PublishableKey) && known.origin == Origin::Prompt
    })
}

/// Whether a key at hand has to be written to the env file. A key that golive was given for its
/// own use (a variable, a key file) does not replace another good one of the application's.
fn is_due(facts: &Facts<'_>, env: &EnvSight, name: &str, slot: &Slot, role: Role) -> bool {
    let Some(known) = facts.secrets.get(slot) else { return false };
    let Some(variable) = env.get(name) else { return true };
    if variable.fingerprint() == known.fingerprint {
        return false;
    }
    let own = matches!(known.origin, Origin::Variable(_) | Origin::KeyFile);
    let infix = facts.mode.key_infix();
    let good = match role {
        Role::Secret => variable.has_prefix(&format!("sk_{infix}_")) || variable.has_prefix(&format!("rk_{infix}_")),
        Role::Publishable => variable.has_prefix(&format!("pk_{infix}_")),
    };
    !(own && good)
}

fn field(facts: &Facts<'_>, env: &EnvSight, name: &str, slot: &Slot) -> Field {
    let to = facts.secrets.get(slot).map(|known| known.masked.clone()).unwrap_or_default();
    Field { name: name.to_owned(), from: env.get(name).map(EnvVar::masked), to }
}

fn ask(facts: &Facts<'_>, role: Role, because: Option<Problem>) -> Step {
    let word = facts.mode.key_infix();
    let title = if word == "live" { "Live" } else { "Test" };
    let (name, slot, prompt, shape) = match role {
        Role::Secret => ("secret", Slot::SecretKey, format!("{title} secret or restricted key"), format!("sk_{word}_… or rk_{word}_…")),
        Role::Publishable => ("publishable", Slot::PublishableKey, format!("{title} publishable key"), format!("pk_{word}_…")),
    };
    Step::Ask(Question {
        name: name.into(),
        prompt,
        help: vec![match role {
            Role::Secret => format!("It begins with {shape} and goes to your env file and nowhere else."),
            Role::Publishable => format!("It begins with {shape}; browsers may see it."),
        }],
        link: Some(PAGE.into()),
        because: because.map(Box::new),
        form: Form::Secret { slot, check: Check::Key(role, facts.mode) },
        rehearse: None,
    })
}

fn refused<'a>(facts: &'a Facts<'_>, look: &Look) -> Option<&'a Refusal> {
    match facts.see(look) {
        Some(Sight::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

/// Why Stripe does not accept a key, or it is of the other mode.
fn not_accepted(facts: &Facts<'_>, look: &Look) -> Option<Problem> {
    let slot = if *look == Look::Balance { Slot::SecretKey } else { Slot::PublishableKey };
    let masked = facts.secrets.get(&slot).map(|known| known.masked.as_str());
    // A restricted key may lack the right to read the balance; it is accepted all the same.
    if let Some(refusal) = refused(facts, look).filter(|refusal| refusal.status != 403) {
        return Some(refusal.problem(masked));
    }
    let livemode = match facts.see(look) {
        Some(Sight::Balance(balance)) => balance.livemode,
        Some(Sight::PublishableKey { livemode, .. }) => *livemode,
        _ => None,
    }?;
    (livemode != facts.mode.livemode()).then(|| {
        Problem::new(Code::KeyWrongMode, "Stripe says that this key is of the other mode")
            .found_wanted(format!("livemode {livemode}"), format!("livemode {}", facts.mode.livemode()))
            .fix(format!("switch the Dashboard to the other mode and copy the key again: {PAGE}"))
    })
}

/// The account's id, from the account itself or from what a refusal says of it.
fn account(facts: &Facts<'_>) -> Option<String> {
    match facts.see(&Look::Account) {
        Some(Sight::Account(account)) => Some(account.id.clone()),
        Some(Sight::Refused(refusal)) => refusal.account.clone(),
        _ => refused(facts, &Look::Balance).and_then(|refusal| refusal.account.clone()),
    }
}

/// Keys of two accounts, or of another account than the launch began with: asked for again.
fn mismatch(facts: &Facts<'_>, account: Option<&str>) -> Option<Step> {
    let account = account?;
    if let Some(known) = facts.account.filter(|known| *known != account) {
        let problem = Problem::new(Code::KeyAccount, "this key belongs to another account than the launch began with")
            .found_wanted(account, known)
            .fix(format!("copy the key of {known}: {PAGE}"))
            .fix("begin a launch of its own in another folder: golive wizard --dir FOLDER");
        return Some(ask(facts, Role::Secret, Some(problem)));
    }
    let Some(Sight::PublishableKey { account: Some(other), .. }) = facts.see(&Look::PublishableKey) else { return None };
    (other != account).then(|| {
        let problem = Problem::new(Code::KeyAccount, "the publishable key belongs to another account than the secret key")
            .found_wanted(other.clone(), account)
            .fix(format!("copy both keys from the same page: {PAGE}"));
        ask(facts, Role::Publishable, Some(problem))
    })
}

/// How many permissions a restricted key was checked for; `None` for a secret key, which has all.
fn permissions(facts: &Facts<'_>) -> Result<Option<usize>, Step> {
    let restricted = |known: &KnownSecret| known.masked.starts_with("rk_");
    if !facts.secrets.get(&Slot::SecretKey).is_some_and(restricted) {
        return Ok(None);
    }
    let looks: Vec<Look> = facts.permissions.iter().map(|permission| Look::Permission(*permission)).collect();
    let unseen = facts.unseen(looks.clone());
    if !unseen.is_empty() {
        return Err(Step::Look(unseen));
    }
    let lacking: Vec<(&Look, &Refusal)> = looks.iter().filter_map(|look| Some((look, refused(facts, look)?))).collect();
    let Some((_, first)) = lacking.first() else { return Ok(Some(looks.len())) };
    let names: Vec<&str> = lacking
        .iter()
        .filter_map(|(look, _)| match look {
            Look::Permission(permission) => Some(permission.title()),
            _ => None,
        })
        .collect();
    let masked = facts.secrets.get(&Slot::SecretKey).map(|known| known.masked.as_str());
    let mut problem = first.problem(masked);
    problem.message = format!("the key lacks {}: {}", if names.len() == 1 { "a permission" } else { "permissions" }, names.join(", "));
    Err(Step::Done(Verdict::Fail { problem }))
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
