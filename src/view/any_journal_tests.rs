//! Whatever a journal says, in whatever order: it folds, and every view of it adds up. A journal that golive
//! wrote is in order; one that was restored, merged or edited by hand need not be.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::StatusView;
use crate::mode::Mode;
use crate::state::{Event, ItemState, Line, State};
use crate::view::fixture;
use crate::view::report::ReportView;

/// How many sorts of events there are.
const SORTS: usize = 26;

/// The place of an event's sort; a new sort does not compile without one.
const fn sort(event: &Event) -> usize {
    match event {
        Event::Opened { .. } => 0,
        Event::Began { .. } => 1,
        Event::Account { .. } => 2,
        Event::Key { .. } => 3,
        Event::Answered { .. } => 4,
        Event::Variable { .. } => 5,
        Event::Intended { .. } => 6,
        Event::Applied { .. } => 7,
        Event::Refused { .. } => 8,
        Event::Retired { .. } => 9,
        Event::EnvIntended { .. } => 10,
        Event::EnvWritten { .. } => 11,
        Event::CommandStarted { .. } => 12,
        Event::CommandEnded { .. } => 13,
        Event::CommandsAllowed { .. } => 14,
        Event::Judged { .. } => 15,
        Event::Attested { .. } => 16,
        Event::Skipped { .. } => 17,
        Event::Reopened { .. } => 18,
        Event::RollbackBegan { .. } => 19,
        Event::Undone { .. } => 20,
        Event::EnvRestoring { .. } => 21,
        Event::EnvRestored { .. } => 22,
        Event::RollbackEnded { .. } => 23,
        Event::Paused { .. } => 24,
        Event::Finished {} => 25,
    }
}

/// One of each sort at least: those of a frozen journal, and those of a rollback.
static EVENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let frozen = include_str!("../../tests/journals/v1.jsonl").lines();
    let frozen = frozen.map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take());
    let undo = [
        json!({"type": "rollback_began", "by": "sam", "items": ["catalog.pro", "keys.live"]}),
        json!({"type": "undone", "intents": ["i1", "i2"], "why": "it is gone"}),
        json!({"type": "env_restoring", "file": ".env", "from": ".golive/backups/1", "kept": null}),
        json!({"type": "env_restored", "file": ".env"}),
        json!({"type": "rollback_ended", "left": 2}),
    ];
    frozen.chain(undo).collect()
});

/// An event of the pool with another intent, another item, or another end.
fn event() -> impl Strategy<Value = Event> {
    let addresses: Vec<String> = fixture::checklist().written().map(|item| item.address.to_string()).collect();
    let intents = prop::sample::select(vec!["i1", "i2", "i3"]);
    (any::<prop::sample::Index>(), intents, prop::sample::select(addresses), any::<bool>()).prop_map(
        |(pick, intent, address, rehearsed)| {
            let mut event = pick.get(&EVENTS).clone();
            for (field, value) in [("intent", json!(intent)), ("item", json!(address)), ("rehearsed", json!(rehearsed))]
            {
                if event.get(field).is_some() {
                    event[field] = value;
                }
            }
            if event.get("undoes").is_none() && event["type"] == "intended" && rehearsed {
                event["undoes"] = json!(["i1"]);
            }
            serde_json::from_value(event).unwrap()
        },
    )
}

#[test]
fn the_pool_has_every_sort_of_event() {
    let mut seen = [false; SORTS];
    for event in EVENTS.iter() {
        seen[sort(&serde_json::from_value(event.clone()).unwrap())] = true;
    }
    assert!(seen.iter().all(|seen| *seen), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_events_folds_and_every_status_adds_up(events in prop::collection::vec(event(), 0..40)) {
        let line = |(number, event): (usize, Event)| {
            let at = format!("2026-11-24T10:{number:02}:00Z");
            Line { seq: number as u64 + 1, at, event }
        };
        let lines: Vec<Line> = events.into_iter().enumerate().map(line).collect();
        let checklist = fixture::checklist();
        // At every moment of it, as a reader may come at any.
        let mut state = State::default();
        for line in &lines {
            state.apply(line);
            for mode in [Mode::Rehearse, Mode::Test, Mode::Live] {
                let view = StatusView::of(&checklist, &state, mode);
                let sum = &view.summary;
                let states =
                    [sum.done, sum.todo, sum.blocked, sum.failed, sum.unknown, sum.skipped, sum.stale, sum.rehearsed];
                prop_assert_eq!(sum.total, states.iter().sum::<usize>());
                prop_assert_eq!(sum.total, view.items().count());
                prop_assert_eq!(sum.finished() + sum.left(), sum.total);
                prop_assert_eq!(view.ready, sum.blocking == 0);
                let open = |state: ItemState| !state.is_finished() && state != ItemState::Blocked;
                prop_assert_eq!(view.next.is_some(), view.items().any(|item| open(item.state)));
            }
        }
        prop_assert_eq!(state.seq, lines.len() as u64);
        // A report is of the same state.
        let report = ReportView::of(&checklist, &lines, Mode::Live, "0.1.0", "2026-11-24T12:00:00Z");
        prop_assert_eq!(&report.summary, &StatusView::of(&checklist, &state, Mode::Live).summary);
    }
}
