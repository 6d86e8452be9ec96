//! The journal and its fold, kept in step: what is written is known, what is known is written.

use super::port::Store;
use crate::error::Result;
use crate::state::{Event, Line, State};

/// The run's memory.
pub struct Book<'a> {
    store: &'a mut dyn Store,
    /// The fold of everything written so far.
    pub state: State,
}

impl<'a> Book<'a> {
    /// A journal and what it said when it was opened.
    pub fn new(store: &'a mut dyn Store, state: State) -> Self {
        Self { store, state }
    }

    /// Writes events; when this returns they are on disk and part of the state.
    pub fn write(&mut self, events: Vec<Event>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.store.append(&events)?;
        let at = now();
        for event in events {
            let seq = self.state.seq + 1;
            self.state.apply(&Line { seq, at: at.clone(), event });
        }
        Ok(())
    }
}

/// The time, RFC 3339 UTC, to the millisecond.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Millisecond).unwrap_or(now).to_string()
}
