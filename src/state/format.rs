//! The journal's format version: readers show a newer one, writers refuse it.
//!
//! When an event changes, ask three questions: does an old reader understand the new data, does a
//! new reader understand the old data, and what does an old writer do to new data? If the first
//! answer is no, raise [`CURRENT`]; frozen journals of every released format stay in `tests/`.

/// The format this golive writes.
pub const CURRENT: u32 = 1;

/// Whether a format is newer than this golive: it may be shown, never written.
pub const fn is_newer(format: u32) -> bool {
    format > CURRENT
}
