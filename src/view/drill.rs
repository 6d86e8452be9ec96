//! What is known of drills: the rollback that was walked on a copy of a rehearsal, and what came of
//! practised trouble. Pure; the journals and the drill's diary say it.

use super::status::{RolledBack, rolled_back};
use crate::error::{Code, Problem};
use crate::state::{Event, Line, State};

/// The rollback that was walked on a copy, if the rehearsal is still the one that was copied: the
/// copy's journal begins with the rehearsal's, and nothing was changed in the rehearsal since.
pub fn rollback_drill(rehearsal: &[Line], copy: &[Line]) -> Option<RolledBack> {
    let same = rehearsal.iter().zip(copy).take_while(|(own, copied)| own == copied).count();
    if same == 0 || rehearsal.iter().skip(same).any(|line| changes(&line.event)) {
        return None;
    }
    let begun = copy.iter().skip(same).any(|line| matches!(line.event, Event::RollbackBegan { .. }));
    State::of(copy).history.rollbacks.last().filter(|_| begun).map(rolled_back)
}

/// Whether something may stand afterwards that did not before.
const fn changes(event: &Event) -> bool {
    matches!(event, Event::Intended { .. } | Event::EnvIntended { .. } | Event::CommandStarted { .. })
}

/// What came of practised trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practised {
    /// The drill's name.
    pub drill: String,
    /// What the trouble was, as a clause: `the webhook handler is down`.
    pub trouble: String,
    /// The code that named it.
    pub code: Code,
    /// The item that named it, or nothing where the run itself ended with it.
    pub item: Option<String>,
    /// How many items were judged from its beginning until it was named, that one included.
    pub noticed_after: usize,
    /// How many were judged until it was repaired.
    pub open_for: usize,
    /// Who repaired it.
    pub by: String,
    /// Finished items, and all.
    pub items: (usize, usize),
    /// What it leaves behind for a while: items with their problems.
    pub left: Vec<(String, Problem)>,
}

#[cfg(test)]
mod tests {
    use super::rollback_drill;
    use crate::state::{Event, Line};

    fn lines(events: &[Event]) -> Vec<Line> {
        let line = |(n, event): (usize, &Event)| Line {
            seq: n as u64 + 1,
            at: format!("2026-11-21T10:00:0{n}Z"),
            event: event.clone(),
        };
        events.iter().enumerate().map(line).collect()
    }

    fn began(command: &str) -> Event {
        Event::Began { command: command.into(), golive: "0.1.0".into(), checklist_sha256: String::new() }
    }

    fn undone() -> Vec<Event> {
        let began_it = Event::RollbackBegan { by: "anna".into(), items: Vec::new() };
        vec![began("rehearse"), began("rollback"), began_it, Event::RollbackEnded { left: 0 }]
    }

    #[test]
    fn a_rollback_on_a_copy_counts_until_something_is_changed() {
        let copy = lines(&undone());
        let looked_again = lines(&[began("rehearse"), began("rehearse")]);
        assert!(rollback_drill(&looked_again, &copy).is_some_and(|drill| drill.is_whole() && drill.by == "anna"));
        let ran = Event::CommandStarted {
            intent: "i1".into(),
            item: crate::step::Address::new("deploy", "it"),
            action: "command it".into(),
            command: crate::step::CommandSpec { run: "true".into(), timeout: 1, ..Default::default() },
        };
        assert_eq!(rollback_drill(&lines(&[began("rehearse"), ran]), &copy), None);
    }

    #[test]
    fn a_copy_of_another_rehearsal_says_nothing_of_this_one() {
        assert_eq!(rollback_drill(&lines(&[began("wizard")]), &lines(&undone())), None);
        assert_eq!(rollback_drill(&[], &lines(&undone())), None);
    }

    #[test]
    fn one_that_was_stopped_is_not_whole() {
        let copy = lines(&undone()[..3]);
        let drill = rollback_drill(&lines(&[began("rehearse")]), &copy);
        assert!(drill.is_some_and(|drill| !drill.is_whole()));
    }
}
