//! golive takes a Stripe integration from test mode to live mode.
//!
//! # The walk of data
//!
//! text → [`checklist`] → [`step`] → effect → fact → [`state::Event`] → [`state`] → [`view`] → text
//!
//! 1. [`cli`] reads the command line and builds the adapters; nothing else does.
//! 2. [`checklist`] turns TOML into phases and items, or into complaints with their places
//!    and, by [`suggest`], what was probably meant.
//! 3. [`engine`] asks each item's [`kind`] for its next [`step`]: a question, a look, a change, or
//!    a verdict. A kind is a pure function of facts.
//! 4. The engine performs what the command's permit allows, through the traits of
//!    [`engine::port`]; behind them stand [`stripe`], [`world`], [`env_file`], [`store`] and [`ui`].
//! 5. The changes it halts at are a [`plan`]: what is shown, consented to, and carried out.
//! 6. What happened is an event in the journal; [`state`] is the fold of the events.
//! 7. [`view`] turns state into plain structs, [`render`] turns those into text.
//!
//! Shared words: [`mode`], [`money`], [`key`] (a Stripe key as text), [`secret`] (a value that cannot
//! be printed), [`control`] (characters that a terminal obeys), [`error`] (codes and failures), [`config`] (the only
//! reader of variables), [`git`] (asked without obeying a stranger's settings), [`crash`] (where tests let a debug build die). In
//! rehearsal mode [`simulator`] stands in Stripe's place, behind the same wire.
//!
//! After the launch, [`watch`] turns sights into alerts: thresholds in, lines out, no IO.
//!
//! [`inventory`] is what an account holds as configuration, reduced from [`stripe`]'s pages; [`import`]
//! makes a checklist of one, [`parity`] compares two of them, test and live.
//!
//! [`undo`] says what `golive rollback` takes back, and in which order; the engine carries it out.
//! [`compose`] writes checklists, and edits those that a person wrote, for the imports.
//! [`import`] makes drafts for it of what is there already: a go-live document, line by line.
//! [`suggest`] finds the nearest known name for a misspelt one. `fuzzing` holds what fuzzers and tests
//! throw at the readers.
//!
//! Arrows point one way: `cli → engine → kind → step`. `kind`, `step`, `plan`, `state`,
//! `checklist`, `view`, `render`, `money` and `key` do no IO. `tests/it/architecture.rs` keeps it so.

pub mod checklist;
pub mod cli;
pub mod compose;
pub mod config;
pub mod control;
pub mod crash;
pub mod engine;
pub mod env_file;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod git;
pub mod import;
pub mod inventory;
pub mod key;
pub mod kind;
pub mod mode;
pub mod money;
pub mod parity;
pub mod plan;
pub mod render;
pub mod secret;
pub mod simulator;
pub mod state;
pub mod step;
pub mod store;
pub mod stripe;
pub mod suggest;
pub mod ui;
pub mod undo;
pub mod view;
pub mod watch;
pub mod world;
