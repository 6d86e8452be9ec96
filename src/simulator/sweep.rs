//! What time does by itself: open checkout sessions expire when their hour has come.
//!
//! Looked at when a request arrives, at most once a second: nobody can see the difference to a clock
//! that runs by itself, but for the moment at which the event is delivered.

use super::call::{entry_of, waits};
use super::kinds::checkout;
use super::state::Core;
use super::world::{Scope, text};

/// Ends what is overdue and returns the events to deliver.
pub fn lapse(core: &mut Core) -> Vec<(Scope, String)> {
    let now = core.now();
    if core.swept == now {
        return Vec::new();
    }
    core.swept = now;
    let mut overdue = Vec::new();
    for scope in core.world.scopes() {
        let sessions = core.world.store(scope).all("checkout.session");
        let due = sessions.filter(|s| s["status"] == "open" && s["expires_at"].as_i64() <= Some(now));
        overdue.extend(due.filter_map(|s| Some((scope.clone(), text(s, "id")?.to_owned()))));
    }
    let mut told = Vec::new();
    for (scope, id) in overdue {
        // No request did this: its event names none.
        let mut tx = core.tx(&scope, "", None);
        let Ok(()) = checkout::lapse(&mut tx, &id) else {
            continue;
        };
        let entry = entry_of(tx);
        let events = entry.put.iter().filter(|v| waits(v)).filter_map(|v| text(v, "id"));
        let events: Vec<String> = events.map(str::to_owned).collect();
        // What could not be kept stays open, and is tried again with the next request.
        if core.commit(entry).is_ok() {
            told.extend(events.into_iter().map(|event| (scope.clone(), event)));
        }
    }
    told
}
