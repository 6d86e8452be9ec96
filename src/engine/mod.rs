//! The engine: one loop, different permits.
//!
//! It asks each item's kind for its next step, performs what the permit allows through the traits
//! of [`port`], records what happened, and asks again. The commands differ only in their permit
//! and in what they show; a plan is the changes at which the loop halted.

mod ask;
mod book;
mod env_writes;
mod fresh;
mod looks;
mod order;
pub mod port;
mod settle;
#[cfg(test)]
mod tests;
mod undo;
mod wait;
mod walk;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::checklist::{self, Checklist, Item, refs};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::kind::{self, Kind};
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::secret::{Secret, Slot, Vault};
use crate::step::{
    Address, Applied, Binding, Broken, Change, Facts, KnownSecret, Look, Milestone, Origin, Permission, Sights, Write,
};

pub use book::Book;
pub use walk::{Halt, LATER};

/// What a command may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five permissions, each given or not")]
pub struct Permit {
    /// Ask the operator.
    pub ask: bool,
    /// Look at Stripe and the operator's world.
    pub look: bool,
    /// Change them, after consent.
    pub change: bool,
    /// Run commands that change nothing, where the checklist's commands were allowed before.
    pub inspect: bool,
    /// Wait for what others do; without it, everything is looked at once.
    pub wait: bool,
}

impl Permit {
    /// `golive wizard`, `golive rehearse`
    pub const WIZARD: Self = Self { ask: true, look: true, change: true, inspect: true, wait: true };
    /// `golive apply`: asks for consent only.
    pub const APPLY: Self = Self { ask: false, look: true, change: true, inspect: true, wait: true };
    /// `golive plan`
    pub const LOOK: Self = Self { ask: false, look: true, change: false, inspect: false, wait: false };
    /// `golive check`
    pub const CHECK: Self = Self { ask: false, look: true, change: false, inspect: true, wait: false };
}

/// Set by a signal, read between steps: what is on its way is finished and recorded first.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Asks the run to stop after what is on its way.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the run should stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for adapters.
    pub fn shared(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// Remembers which lists of commands were allowed on this computer.
pub trait Trust {
    /// Whether this list was allowed before.
    fn is_allowed(&self, digest: &str) -> bool;
    /// Remembers that it was.
    fn allow(&mut self, digest: &str) -> Result<()>;
}

/// The adapters of a run.
pub struct Ports<'a> {
    /// Stripe.
    pub stripe: &'a dyn port::Stripe,
    /// The operator's hosts and commands.
    pub world: &'a dyn port::World,
    /// The env file.
    pub env: &'a mut dyn port::EnvFile,
    /// The operator.
    pub operator: &'a mut dyn port::Operator,
    /// Allowed commands.
    pub trust: &'a mut dyn Trust,
    /// Who is at the keyboard, as the computer knows them; recorded with what they state.
    pub who: String,
}

/// One run over one checklist.
pub struct Engine<'a> {
    /// The checklist.
    pub checklist: &'a Checklist,
    /// The mode.
    pub mode: Mode,
    /// The adapters.
    pub ports: Ports<'a>,
    /// The journal and its fold.
    pub book: Book<'a>,
    /// The only plan that may be carried out, by its digest; used up by its first use.
    pub sanctioned: Option<Option<String>>,
    /// Whether this command may write, and so settles first what an earlier one left open.
    pub may_write: bool,
    stop: StopFlag,
    vault: Vault,
    secrets: BTreeMap<Slot, KnownSecret>,
    kinds: BTreeMap<Address, Box<dyn Kind>>,
    sights: Sights,
    looked: BTreeMap<Address, BTreeSet<Look>>,
    judged: BTreeSet<Address>,
    /// Items that were introduced to the operator in this run.
    introduced: BTreeSet<Address>,
    /// Items whose question the operator put off in this run.
    put_off: BTreeSet<Address>,
    /// Questions answered in this run.
    answered: BTreeSet<String>,
    /// Keys items that halted where only their env file is left to write: Stripe accepted the keys.
    accepted: BTreeSet<Address>,
    /// Waits of this run by item and what is waited for, and those that are over.
    waits: BTreeMap<(Address, String), wait::Waiting>,
    waited: BTreeMap<Address, BTreeSet<String>>,
    /// Whether what is looked at is looked at again and again.
    waiting: bool,
    pace: wait::Pace,
    /// What is waited for at most, in seconds, whatever the checklist says: in a drill, for what
    /// will not come.
    pub patience: Option<u64>,
    /// What was told of what was seen on the way.
    told: BTreeSet<(Address, Milestone)>,
    settled: bool,
    /// The rollback at hand.
    undoing: Option<undo::Undoing>,
    /// Finished items that were looked at again and hold, not told yet.
    still_true: usize,
    /// What Stripe took in this run: the same change again would be the same again.
    carried: BTreeMap<Address, Change>,
    /// Since when looks that take a command or a write count: the run's begin, or when the operator
    /// last said that something was changed elsewhere.
    anew: String,
}

impl<'a> Engine<'a> {
    /// A run that begins; the checklist has been validated.
    pub fn new(checklist: &'a Checklist, mode: Mode, ports: Ports<'a>, book: Book<'a>, stop: StopFlag) -> Result<Self> {
        let mut kinds = BTreeMap::new();
        for item in checklist.items_in(mode).chain(checklist.aside_in(mode)) {
            kinds.insert(item.address.clone(), load(item, item.fields.clone())?);
        }
        Ok(Self {
            checklist,
            mode,
            ports,
            book,
            sanctioned: None,
            may_write: true,
            stop,
            vault: Vault::default(),
            secrets: BTreeMap::new(),
            kinds,
            sights: Sights::new(),
            looked: BTreeMap::new(),
            judged: BTreeSet::new(),
            introduced: BTreeSet::new(),
            put_off: BTreeSet::new(),
            answered: BTreeSet::new(),
            accepted: BTreeSet::new(),
            waits: BTreeMap::new(),
            waited: BTreeMap::new(),
            waiting: false,
            pace: wait::Pace::of(mode),
            patience: None,
            told: BTreeSet::new(),
            settled: false,
            undoing: None,
            still_true: 0,
            carried: BTreeMap::new(),
            anew: book::now(),
        })
    }

    /// Looks again sooner while it waits: Stripe is a simulator, which counts no reads.
    pub fn hurry(&mut self) {
        self.pace = wait::Pace::QUICK;
    }

    /// Takes a secret in that was at hand when the command began.
    pub fn hand_over(&mut self, slot: Slot, secret: Secret, origin: Origin) {
        self.secrets.insert(slot.clone(), KnownSecret::of(&secret, origin));
        self.vault.put(slot, secret);
    }

    /// The account, once it is known.
    pub fn account(&self) -> Option<&AccountRef> {
        self.book.state.account.as_ref()
    }

    /// Whether an item was a proof of its moment and is not looked at again.
    pub fn stands(&self, item: &Item) -> bool {
        item.once && self.is_finished(&item.address)
    }

    /// Whether an item was judged in this run.
    pub fn was_judged(&self, address: &Address) -> bool {
        self.judged.contains(address)
    }

    /// Whether the operator put off an item's question in this run: there is no need to discuss it.
    pub fn was_put_off(&self, address: &Address) -> bool {
        self.put_off.contains(address)
    }

    /// Forgets what was seen for an item, so that it is looked at again.
    pub fn forget(&mut self, address: &Address) {
        self.judged.remove(address);
        self.introduced.remove(address);
        self.forget_waits(address);
        for look in self.looked.remove(address).unwrap_or_default() {
            self.sights.remove(&look);
        }
    }

    fn kind(&self, address: &Address) -> Result<&dyn Kind> {
        self.kinds.get(address).map(AsRef::as_ref).ok_or_else(|| internal(format!("no kind for {address}")))
    }

    /// The item's kind with its references resolved, or the references that lead nowhere yet.
    fn resolved(&self, item: &Item) -> Result<Result<Box<dyn Kind>, Vec<String>>> {
        match refs::resolve(&item.fields, &|path| self.lookup(path)) {
            Ok(fields) => load(item, fields).map(Ok),
            Err(missing) => Ok(Err(missing)),
        }
    }

    /// The value of a reference, where it has one.
    pub fn lookup(&self, path: &str) -> Option<String> {
        if let Some(name) = path.strip_prefix("vars.") {
            let given = self.book.state.variables.get(name);
            return given.or_else(|| self.checklist.vars.get(name)).cloned();
        }
        let mut parts = path.splitn(3, '.');
        let address = Address::new(parts.next()?, parts.next()?);
        self.book.state.items.get(&address)?.outputs.get(parts.next()?).cloned()
    }

    /// The variables that items provide to the env file, with what is known of their values.
    fn bindings(&self, of: &Item) -> Vec<Binding> {
        let mut bindings = Vec::new();
        // One env item does not wait for what another asks for: each is judged for itself.
        let apart = |item: &&Item| item.kind != "env" || of.kind != "env" || item.address == of.address;
        for item in self.checklist.items_in(self.mode).filter(apart) {
            let outputs = self.book.state.items.get(&item.address).map(|record| &record.outputs);
            for variable in self.kinds.get(&item.address).map(|kind| kind.variables()).unwrap_or_default() {
                let value = variable.output.as_ref().and_then(|path| outputs?.get(path).cloned());
                bindings.push(Binding {
                    variable: variable.name,
                    owner: item.address.clone(),
                    value,
                    secret: variable.output.is_none(),
                });
            }
        }
        bindings
    }

    fn permissions(&self) -> Vec<Permission> {
        let all: BTreeSet<_> = self.kinds.values().flat_map(|kind| kind.permissions()).collect();
        all.into_iter().collect()
    }

    /// Runs `then` with the facts of an item.
    fn with_facts<T>(&self, item: &Item, then: impl FnOnce(&Facts<'_>) -> T) -> T {
        let mut record = self.book.state.record(&item.address);
        // What changes nothing is run anew in every run, and where something was changed elsewhere; and
        // what never began may begin.
        let read_only = self.kinds.get(&item.address).is_some_and(|kind| kind.read_only());
        let counts = |applied: &Applied| {
            let began = applied.ran.as_ref().is_none_or(|ran| ran.broken != Some(Broken::NotStarted));
            let fades = read_only || applied.write.as_ref().is_some_and(Write::fades);
            applied.at >= self.anew || (began && !fades)
        };
        record.applied.retain(counts);
        // What was carried out since has not been judged yet: a price that was replaced is proved anew.
        let time = |at: &str| at.parse::<jiff::Timestamp>().ok();
        let is_of_it = |judged: &&crate::state::Judged| {
            let since = |applied: &&Applied| time(&applied.at) > time(&judged.at);
            judged.digest == item.digest && !record.applied.iter().any(|applied| since(&applied))
        };
        let passed = record.verdict.as_ref().filter(is_of_it);
        let passed = passed.and_then(|judged| match &judged.verdict {
            crate::step::Verdict::Pass { evidence, .. } => Some(evidence.as_str()),
            _ => None,
        });
        // After a rollback nothing of the launch belongs into the env file, and its keys are for testing.
        let undone = item.address.phase == checklist::ROLLBACK;
        let bindings = if undone { Vec::new() } else { self.bindings(item) };
        let mode = if undone && item.kind == "env" && self.mode == Mode::Live { Mode::Test } else { self.mode };
        then(&Facts {
            mode,
            patience: self.patience,
            checklist: &self.checklist.id,
            title: &item.title,
            address: &item.address,
            answers: &record.answers,
            answered_at: &record.answered_at,
            sights: &self.sights,
            applied: &record.applied,
            secrets: &self.secrets,
            account: self.account().map(|account| account.id.as_str()),
            bindings: &bindings,
            permissions: &self.permissions(),
            passed,
            outputs: &record.outputs,
            began: &self.anew,
            waited: self.waited.get(&item.address).unwrap_or(&BTreeSet::new()),
            attested: record.attested.as_ref(),
        })
    }
}

fn load(item: &Item, fields: toml::Table) -> Result<Box<dyn Kind>> {
    let entry = kind::entry(&item.kind).ok_or_else(|| internal(format!("no kind `{}`", item.kind)))?;
    (entry.load)(fields).map_err(|error| {
        let problem = Problem::new(Code::BadValue, format!("`{}` cannot be used: {}", item.address, error.message()));
        Failure::new(Class::Usage, problem.fix("see what each field may be: golive checklist schema"))
    })
}

/// A list of commands, as it is remembered that it was allowed.
fn digest(commands: &[(String, String)]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for (name, command) in commands {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(command.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

/// A mistake of golive's own.
pub(crate) fn internal(what: impl Into<String>) -> Failure {
    Failure::new(Class::Unforeseen, Problem::new(Code::Internal, what))
}
