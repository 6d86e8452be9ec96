//! The binary in a world of its own: a temporary home, a cleared environment, a simulator in the
//! place of Stripe. Every output is searched for secrets, and for traces of the last line of
//! defence against them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests fails by panicking, as a test does")]

pub mod disk;
pub mod everywhere;
pub mod figures;
pub mod folder;
mod launch;
mod mail_server;
mod output;
mod pinned;
pub mod problems;
mod run;
pub mod screen;
mod server;
pub mod step;
mod town;
mod trouble;
mod undone;
mod whole;

pub use launch::{Launch, SMALL, files};
pub use mail_server::{LOGIN, MailServer};
pub use output::Output;
pub use run::{Golive, Victim};
pub use server::Server;
pub use town::{Sale, Site, Town};

/// Says that a test could not be made here, and why.
#[expect(clippy::print_stdout, reason = "a test that is skipped must say so")]
pub fn skipped(why: &str) {
    println!("skipped: {why}");
}
