//! How the engine's operator port looks on a terminal, in plain text, and unattended.
//!
//! Everything is written to stderr through [`voice::Voice`], which scrubs secrets; stdout is for
//! data and belongs to `cli`. Prompts run on the main thread, outside any async runtime.

pub mod batch;
pub mod browser;
pub mod guard;
pub mod looks;
pub mod plain;
pub mod policy;
pub mod scripted;
pub mod silent;
pub mod terminal;
pub mod ticker;
pub mod voice;

pub use batch::Batch;
pub use browser::Browser;
pub use plain::Plain;
pub use policy::{Consent, Policy};
pub use scripted::Scripted;
pub use silent::Silent;
pub use terminal::Terminal;
pub use ticker::Ticker;
