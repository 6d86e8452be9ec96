//! `golive` alone: what it is, and what is going on in this folder.

use std::fmt::Write as _;

use super::place::Place;
use super::{Desk, Ended};
use crate::view::StatusView;

const TEXT: &str = "\
golive takes a Stripe integration from test mode to live mode.

  golive rehearse                  practise on a simulator first; no key needed
  golive wizard                    start, or go on where you paused
  golive status                    what is left

Commands
  wizard   rehearse   status   plan      apply       check   watch   done
  skip     reopen     explain  checklist sandbox     completions     man

";

/// Runs it.
pub fn run(desk: &Desk) -> Ended {
    let mut text = TEXT.to_owned();
    if let Ok(place) = Place::find(&desk.global, &desk.talk, None)
        && let Some(mode) = place.last_mode()
        && let Ok((state, _)) = place.state(mode)
    {
        let view = StatusView::of(&place.checklist, &state, mode);
        let (done, total) = (view.summary.finished(), view.summary.total);
        let title = &view.checklist.title;
        let _ = writeln!(text, "Here: {title}, {}, {done} of {total} done. Go on with: golive wizard", mode.banner());
    }
    text.push_str("Help for one command: golive help plan\n");
    desk.print(&text)?;
    Ok(None)
}
