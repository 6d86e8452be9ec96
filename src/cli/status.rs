//! `golive status`: what is done and what is left. No network, no key, no lock.

use super::place::Place;
use super::{Desk, Ended};
use crate::error::Class;
use crate::mode::Mode;
use crate::render::layout::paragraph;
use crate::render::{human, json, markdown};

/// How it is shown.
#[derive(Clone, Copy)]
pub enum Format {
    /// For people.
    Human,
    /// golive.status/1
    Json,
    /// For pasting into an issue.
    Markdown,
}

/// Runs it.
pub fn run(desk: &Desk, format: Format, all: bool, exit_code: bool) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let (view, notes) = place.view(mode)?;
    for note in notes {
        desk.say(&paragraph(&desk.talk, &note));
    }
    let text = match format {
        Format::Human => human::status::status(&view, all, &desk.out),
        Format::Json => json::status(&view),
        Format::Markdown => markdown::status(&view),
    };
    desk.print(&text)?;
    Ok((exit_code && !view.ready).then_some(Class::Remaining))
}
