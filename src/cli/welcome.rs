//! `golive` alone: what it is, and what is going on in this folder.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::args::Cli;
use super::place::Place;
use super::{Desk, Ended};
use crate::render::human;
use crate::render::layout::pad;
use crate::view::StatusView;

const TEXT: &str = "\
golive takes a Stripe integration from test mode to live mode.

  golive rehearse                  practise on a simulator first; no key needed
  golive wizard                    start, or go on where you paused
  golive status                    what is left

";

/// Columns of a command's name: six of them fill a line.
const NAME: usize = 13;

/// Runs it.
pub fn run(desk: &Desk) -> Ended {
    let mut text = format!("{TEXT}Commands\n{}\n", commands());
    if let Ok(place) = Place::find(&desk.global, &desk.talk, None)
        && let Some(mode) = place.last_mode()
        && let Ok((state, _)) = place.state(mode)
    {
        let view = StatusView::of(&place.checklist, &state, mode);
        let counts = human::status::counts(&view);
        let unfinished = state.history.unfinished().is_some();
        let next = if unfinished { "golive rollback" } else { human::ending::going_on(mode) };
        let rollback = if unfinished { " A rollback is not finished." } else { "" };
        let here = format!("Here: {}, {}, {counts}.{rollback}", view.checklist.title, mode.banner());
        let _ = writeln!(text, "{here}\nGo on with: {next}");
    }
    text.push_str("Help for one command: golive help plan\n");
    desk.print(&text)?;
    Ok(None)
}

/// Every command that is not hidden, in the order of the help.
fn commands() -> String {
    let cli = Cli::command();
    let names: Vec<&str> = cli.get_subcommands().filter(|it| !it.is_hide_set()).map(clap::Command::get_name).collect();
    let mut text = String::new();
    for line in names.chunks(6) {
        let line: String = line.iter().map(|name| pad(name, NAME)).collect();
        let _ = writeln!(text, "  {}", line.trim_end());
    }
    text
}
