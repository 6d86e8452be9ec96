//! `golive import`: a checklist out of what is there already. One file a source, with its options; each
//! makes a [`crate::compose::Draft`], and a checklist that exists is never overwritten without consent.

pub mod markdown;
pub mod stripe;

use clap::Subcommand;

use super::{Desk, Ended};

/// Where a checklist is imported from.
#[derive(Debug, Subcommand)]
pub enum Imports {
    /// A go-live document: Markdown, or any text with headings and lists
    Markdown(markdown::Options),
    /// A Stripe test account, with the env files and the source around it
    Stripe(stripe::Options),
}

/// Runs it.
pub fn run(desk: &Desk, command: &Imports) -> Ended {
    match command {
        Imports::Markdown(options) => markdown::run(desk, options),
        Imports::Stripe(options) => stripe::run(desk, options),
    }
}
