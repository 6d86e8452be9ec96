//! The state of a run: the fold of its journal's events. Pure; `store` does the reading and writing.

mod decay;
mod event;
mod fold;
pub mod format;
mod history;
mod standing;

pub use event::{Event, Line};
pub use fold::{Begun, Intent, ItemRecord, Judged, State};
pub use history::{Done, EnvDone, History, Restored, Rollback};
pub use standing::{item_state, recorded_state};

use serde::{Deserialize, Serialize};

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemState {
    /// Not begun, or not finished.
    Todo,
    /// Waits for another item.
    Blocked,
    /// Holds, with evidence.
    Done,
    /// Does not hold.
    Failed,
    /// Could not be looked at.
    Unknown,
    /// Left out, by somebody, for a reason.
    Skipped,
    /// Held once, and does not any more, or may not.
    Stale,
    /// Held in a rehearsal, where the demo shop or nobody stood in.
    Rehearsed,
}

impl ItemState {
    /// Whether nothing is left to do for it.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Rehearsed)
    }

    /// The word in JSON and plain text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Blocked => "blocked",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
            Self::Rehearsed => "rehearsed",
        }
    }
}
