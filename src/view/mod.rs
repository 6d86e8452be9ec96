//! What a command shows, as plain structs.
//!
//! Views are made from the checklist and the state by pure functions, and turned into text by
//! `render`. A plan is its own view: [`crate::plan::Plan`].

pub mod coverage;
pub mod doctor;
pub mod drill;
pub mod ending;
#[cfg(test)]
pub(crate) mod fixture;
pub mod import;
pub mod parity;
pub mod report;
pub mod scan;
pub mod status;
pub mod watch;

pub use coverage::CoverageView;
pub use scan::ScanView;
pub use status::StatusView;
