//! Checklists out of what is there already: each source is a module of pure functions, from what was
//! read to a [`crate::compose::Draft`] and an account of it. Called by `cli::import`.

pub mod markdown;
pub mod stripe;
