//! What status counts, and what it names as next.

use super::StatusView;
use crate::mode::Mode;
use crate::state::{ItemState, State};
use crate::step::Address;
use crate::view::fixture;

fn live() -> StatusView {
    StatusView::of(&fixture::checklist(), &fixture::state(), Mode::Live)
}

fn state_of(view: &StatusView, id: &str) -> ItemState {
    view.items().find(|item| item.id.to_string() == id).expect("an item").state
}

#[test]
fn the_counts_of_states_add_up_to_the_total() {
    let s = live().summary;
    let sum = s.done + s.todo + s.blocked + s.failed + s.unknown + s.skipped + s.stale + s.rehearsed;
    assert_eq!((s.total, sum), (9, 9));
    assert_eq!((s.done, s.todo, s.blocked, s.failed, s.unknown, s.skipped, s.stale), (2, 2, 1, 1, 1, 1, 1));
    assert_eq!(s.finished() + s.left(), s.total);
}

#[test]
fn advised_items_do_not_block_and_skipped_ones_neither() {
    let view = live();
    assert_eq!(view.summary.blocking, 6);
    assert!(!view.ready);
}

#[test]
fn items_of_another_mode_are_left_out_and_nobody_waits_for_them() {
    let mut checklist = fixture::checklist();
    checklist.phases[1].items[1].needs = vec![Address::new("after", "first_sale")];
    let view = StatusView::of(&checklist, &State::default(), Mode::Test);
    assert_eq!(view.summary.total, 8);
    assert_eq!(state_of(&view, "catalog.team"), ItemState::Todo);
    let view = StatusView::of(&checklist, &State::default(), Mode::Live);
    assert_eq!(state_of(&view, "catalog.team"), ItemState::Blocked);
}

#[test]
fn a_blocked_item_names_what_it_waits_for() {
    let view = live();
    let item = view.items().find(|item| item.state == ItemState::Blocked).expect("one");
    assert_eq!(item.waits_for, [Address::new("webhook", "redirect")]);
}

#[test]
fn the_next_item_is_the_first_that_can_be_worked_on() {
    let next = live().next.expect("one");
    assert_eq!((next.phase.as_str(), next.item.to_string().as_str()), ("catalog", "catalog.team"));
}

#[test]
fn a_phase_shows_what_needs_attention_most() {
    let states: Vec<_> = live().phases.iter().map(|phase| phase.state).collect();
    assert_eq!(states, [ItemState::Done, ItemState::Todo, ItemState::Failed, ItemState::Todo]);
}

#[test]
fn an_empty_checklist_is_ready_and_has_no_next_item() {
    let mut checklist = fixture::checklist();
    checklist.phases.clear();
    let view = StatusView::of(&checklist, &State::default(), Mode::Live);
    assert!(view.ready && view.next.is_none() && view.phases.is_empty());
}

#[test]
fn the_age_is_told_by_whoever_has_a_clock() {
    assert_eq!(live().age, None);
    let now = "2026-11-25T07:14:20Z".parse().expect("a time");
    assert_eq!(live().at(now).age, Some(21 * 3600));
}
