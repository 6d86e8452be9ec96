//! `[[rollback]]`: items in an order of their own, addressed `rollback.<id>`, needed by nothing.

use super::*;

const LAUNCH: &str = "schema = 1\nid = \"shop\"\ntitle = \"Shop\"\n[[phase]]\nid = \"one\"\ntitle = \"One\"\n[[phase.item]]\nid = \"a\"\nkind = \"shelf\"\ntitle = \"A\"\n";

fn undoing(fields: &str) -> String {
    format!("{LAUNCH}{fields}")
}

const STEP: &str = "[[rollback]]\nid = \"deploy\"\nkind = \"shelf\"\ntitle = \"Deploy the last version\"\n";

#[test]
fn the_items_of_a_rollback_are_found_and_not_counted() {
    let checklist = load(&undoing(STEP)).unwrap();
    let address = "rollback.deploy".parse().unwrap();
    assert_eq!(checklist.find(&address).map(|item| item.title.as_str()), Some("Deploy the last version"));
    assert!(checklist.items().all(|item| item.address != address));
    assert_eq!(checklist.rollback_in(Mode::Live).count(), 1);
    assert!(checklist.rollback[0].needs.is_empty());
}

#[test]
fn what_is_wrong_with_a_step_of_a_rollback_is_shown_at_its_place() {
    let needs = undoing(&format!("{STEP}needs = [\"one.a\"]\n"));
    assert!(frames(&needs).contains("a rollback item has no needs"), "{}", frames(&needs));
    let twice = undoing(&format!("{STEP}{STEP}"));
    assert!(frames(&twice).contains("two items are called `rollback.deploy`"), "{}", frames(&twice));
    let unknown = undoing(&STEP.replace("shelf", "shelv"));
    assert!(frames(&unknown).contains("unknown kind `shelv`"), "{}", frames(&unknown));
    let reference = undoing(&format!("{STEP}url = \"${{one.b.id}}\"\n"));
    assert!(frames(&reference).contains("there is no item `one.b`"), "{}", frames(&reference));
    let table = undoing("[rollback]\nid = \"deploy\"\n");
    assert!(frames(&table).contains("is not a list of tables"), "{}", frames(&table));
}

#[test]
fn nothing_refers_to_a_step_of_a_rollback_and_no_phase_has_its_name() {
    let text = undoing(STEP).replace("title = \"A\"\n", "title = \"A\"\nneeds = [\"rollback.deploy\"]\n");
    assert!(frames(&text).contains("there is no item `rollback.deploy`"), "{}", frames(&text));
    let phase = LAUNCH.replace("id = \"one\"", "id = \"rollback\"");
    assert!(frames(&phase).contains("a phase cannot be called `rollback`"), "{}", frames(&phase));
}
