//! Views as text: human, JSON, Markdown.
//!
//! Pure functions from a view and a [`Style`] to a `String`; nothing here prints, reads a
//! variable, or asks for the time. `cli` prints what is data, `ui` what is talk.

pub mod html;
pub mod human;
pub mod json;
pub mod layout;
pub mod markdown;
pub mod markdown_report;
pub mod style;
pub mod words;

pub use style::{Glyphs, Ink, Mark, Style};
