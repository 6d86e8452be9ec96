//! Views as text for people, one file per screen. All pure; no line is wider than the style's
//! width, words that cannot be broken (addresses, commands) apart.

pub mod coverage;
pub mod doctor;
pub mod drill;
pub mod ending;
pub mod import;
pub mod import_stripe;
pub mod news;
pub mod opening;
pub mod parity;
pub mod phase;
pub mod plan;
pub mod problem;
pub mod rollback;
pub mod sale;
pub mod scan;
pub mod status;
pub mod watch;

pub use crate::render::layout::paragraph;
pub use news::{Block, news};
pub use phase::header;
pub use problem::{failure, problem};
