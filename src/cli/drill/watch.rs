//! Walks along with a drill: begins the trouble when its time has come, and ends the walk as soon as an
//! item names it. It looks at verdicts alone, so that a drill proves what golive says on the day.

use super::diary::{Diary, Noticed};
use super::fault;
use super::table::{Begins, Drill};
use crate::checklist::Item;
use crate::cli::wizard::Escort;
use crate::engine::Engine;
use crate::error::{Problem, Result};
use crate::simulator::Control;
use crate::state::ItemState;

/// Seconds for which anything is waited for while the trouble lasts: in the simulator what comes, comes
/// at once.
const PATIENCE: u64 = 2;

/// Who walks along.
pub struct Watch<'d> {
    drill: &'d Drill,
    diary: &'d mut Diary,
    control: &'d Control,
    /// The trouble, named.
    pub named: Option<Noticed>,
}

impl<'d> Watch<'d> {
    /// For one run.
    pub fn new(drill: &'d Drill, diary: &'d mut Diary, control: &'d Control) -> Self {
        Self { drill, diary, control, named: None }
    }

    /// Before anything is looked at.
    pub fn start(&mut self, engine: &mut Engine<'_>) -> Result<()> {
        if self.diary.is_open() {
            fault::begin(self.control, self.drill.fault)?;
            engine.patience = Some(PATIENCE);
        }
        self.before(engine)
    }

    fn has_come(&self, engine: &Engine<'_>) -> bool {
        let mut keys = engine.checklist.items_in(engine.mode).filter(|item| item.kind == "keys");
        self.drill.begins == Begins::AtOnce || keys.all(|item| engine.is_finished(&item.address))
    }

    /// The item that names it, in this run.
    fn find(&self, engine: &Engine<'_>) -> Option<(String, Problem)> {
        let mut items = engine.checklist.items_in(engine.mode).filter(|item| engine.was_judged(&item.address));
        items.find_map(|item| {
            let open = matches!(engine.state_of(item), ItemState::Failed | ItemState::Unknown | ItemState::Stale);
            let problem = engine.book.state.items.get(&item.address)?.verdict.as_ref()?.problem()?;
            let named = open && self.drill.codes.contains(&problem.code);
            named.then(|| (item.address.to_string(), problem.clone()))
        })
    }
}

impl Escort for Watch<'_> {
    fn before(&mut self, engine: &mut Engine<'_>) -> Result<()> {
        if self.diary.began.is_some() || !self.has_come(engine) {
            return Ok(());
        }
        self.diary.began = Some(engine.book.state.seq);
        self.diary.save()?;
        fault::begin(self.control, self.drill.fault)?;
        engine.patience = Some(PATIENCE);
        Ok(())
    }

    /// What the trouble waits for is done by itself, so that it begins before the rest of the phase.
    fn first<'i>(&self, items: Vec<&'i Item>) -> Vec<&'i Item> {
        let is_keys = |item: &&&Item| item.kind == "keys";
        let waits = self.diary.began.is_none() && items.iter().any(|item| is_keys(&item));
        if waits { items.into_iter().filter(|item| is_keys(&item)).collect() } else { items }
    }

    fn after(&mut self, engine: &mut Engine<'_>) -> Result<bool> {
        if self.diary.is_open()
            && let Some((item, problem)) = self.find(engine)
        {
            self.named = Some(Noticed { seq: engine.book.state.seq, item: Some(item), problem });
        }
        Ok(self.named.is_some())
    }
}
