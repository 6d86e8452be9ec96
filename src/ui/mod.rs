//! How the engine's operator port looks on a terminal, in plain text, and unattended.
//!
//! Everything is written to stderr through [`voice::Voice`], which scrubs secrets; stdout is for
//! data and belongs to `cli`. Prompts run on the main thread, outside any async runtime.

pub mod batch;
pub mod guard;
pub mod looks;
pub mod plain;
pub mod policy;
pub mod scripted;
pub mod terminal;
pub mod voice;

pub use batch::Batch;
pub use plain::Plain;
pub use policy::{Consent, Policy};
pub use scripted::Scripted;
pub use terminal::Terminal;
