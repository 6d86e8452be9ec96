//! The names of events that an endpoint subscribes to, and what is wrong with one that is none.

use crate::error::Code;
use crate::kind::Complaint;
use crate::kind::text::{complaint, is_open};
use crate::suggest;

/// Every event that Stripe can deliver, one a line.
pub(super) const EVENTS: &str = include_str!("events.txt");

/// Whether Stripe has an event of this name.
pub fn is_event(name: &str) -> bool {
    EVENTS.lines().any(|known| known == name)
}

/// What is wrong with the name of an event. One that is not on the list may be newer than golive:
/// only what nearly is a known name is taken for a mistake.
pub(super) fn event_complaint(path: &str, event: &str) -> Option<Complaint> {
    if event == "*" || is_open(event) || EVENTS.lines().any(|known| known == event) {
        return None;
    }
    if event.contains('*') {
        let message = format!("`{event}` is not an event; endpoints take whole names only");
        return Some(complaint(path, Code::BadValue, message, "name each event, or use \"*\" alone for all"));
    }
    let shaped = event.contains('.') && event.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
    match suggest::slip(event, EVENTS.lines()) {
        Some(near) => {
            let message = format!("Stripe has no event `{event}`");
            Some(complaint(path, Code::BadValue, message, format!("did you mean `{near}`?")))
        }
        None if shaped => None,
        None => {
            let help = "see the names: https://docs.stripe.com/api/events/types";
            Some(complaint(path, Code::BadValue, format!("`{event}` is not the name of an event"), help))
        }
    }
}
