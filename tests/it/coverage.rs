//! Every tick box of the five guides has an item, no item claims a box that no guide has, and what
//! is left to a person's word stays within its bounds. `tests/guides/` holds the boxes as they read
//! in the guides, under their headings; two spaces more make a box the child of the one above.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use golive::checklist::{self, BUNDLED, Checklist, Source};
use golive::view::CoverageView;
use golive::view::coverage::tick_boxes;

use super::stand::{SHOP, Stand};

/// The guides, in order, with their checklists and their boxes.
const GUIDES: [(&str, usize); 5] =
    [("minipass", 62), ("recorder-ed", 59), ("alwrity", 137), ("caixahub", 32), ("smart-strategies", 20)];

/// The checklists that cover their guide.
const COVERING: &[&str] = &["minipass", "recorder-ed", "alwrity", "caixahub", "smart-strategies"];

/// A tick box of a guide.
struct TickBox {
    heading: String,
    text: String,
    depth: usize,
}

/// The boxes of a guide, in order.
fn guide(name: &str) -> Vec<TickBox> {
    let path = format!("{}/tests/guides/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let (mut heading, mut boxes) = (String::new(), Vec::new());
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut heading);
        } else if let Some((space, text)) = line.split_once("- ").filter(|(space, _)| space.trim().is_empty()) {
            boxes.push(TickBox { heading: heading.clone(), text: text.into(), depth: space.len() / 2 });
        }
    }
    boxes
}

fn bundled(name: &'static str) -> Option<Checklist> {
    let (_, text) = BUNDLED.iter().find(|(known, _)| *known == name)?;
    Some(checklist::load(Source::Bundled(name), text).ok().unwrap())
}

/// The boxes that an entry of `source` names: one, where it is right.
fn named(boxes: &[TickBox], entry: &str) -> Vec<usize> {
    let (heading, text) =
        entry.split_once(" › - ").map_or((None, &entry[2..]), |(heading, text)| (Some(heading), text));
    let same = |tick: &TickBox| tick.text == text && heading.is_none_or(|heading| tick.heading == heading);
    boxes.iter().enumerate().filter(|(_, tick)| same(tick)).map(|(index, _)| index).collect()
}

/// The kinds that cover each box, the children of a box included.
fn covered(boxes: &[TickBox], checklist: &Checklist) -> Vec<BTreeSet<String>> {
    let mut kinds = vec![BTreeSet::new(); boxes.len()];
    for item in checklist.written() {
        for index in tick_boxes(item).flat_map(|entry| named(boxes, entry)) {
            kinds[index].insert(item.kind.clone());
        }
    }
    // A parent is covered when all its children are, by all that cover them; and it is a person's word
    // as soon as one of them is, whoever names it: no check proves more than its parts.
    for index in (0..boxes.len()).rev() {
        let below = boxes[index + 1..].iter().take_while(|tick| tick.depth > boxes[index].depth).count();
        let children = || (index + 1..=index + below).filter(|child| boxes[*child].depth == boxes[index].depth + 1);
        if below > 0 && children().all(|child| !kinds[child].is_empty()) {
            let word = children().any(|child| by_word(&kinds[child]));
            let all: BTreeSet<String> = children().flat_map(|child| kinds[child].clone()).collect();
            match (word, kinds[index].is_empty()) {
                (true, _) => kinds[index] = BTreeSet::from(["manual".to_owned()]),
                (false, true) => kinds[index] = all,
                (false, false) => {}
            }
        }
    }
    kinds
}

/// Whether a person's word is all there is.
fn by_word(kinds: &BTreeSet<String>) -> bool {
    kinds.iter().all(|kind| kind == "manual")
}

#[test]
fn the_guides_have_as_many_boxes_as_they_have() {
    for (name, count) in GUIDES {
        assert_eq!(guide(name).len(), count, "{name}");
    }
}

#[test]
fn no_item_claims_a_box_that_its_guide_does_not_have_once() {
    for (name, _) in GUIDES {
        let boxes = guide(name);
        let Some(checklist) = bundled(name) else { continue };
        for item in checklist.written() {
            for entry in tick_boxes(item) {
                assert_eq!(named(&boxes, entry).len(), 1, "{name}, {}: {entry}", item.address);
            }
        }
    }
}

#[test]
fn every_box_has_an_item_and_few_are_left_to_a_persons_word() {
    let (mut all, mut words) = (0, 0);
    for name in COVERING {
        let boxes = guide(name);
        let kinds = covered(&boxes, &bundled(name).unwrap());
        let without: Vec<_> =
            boxes.iter().zip(&kinds).filter(|(_, kinds)| kinds.is_empty()).map(|(tick, _)| &tick.text).collect();
        assert!(without.is_empty(), "{name}: no item covers {without:#?}");
        let word = kinds.iter().filter(|kinds| by_word(kinds)).count();
        assert!(word * 2 <= boxes.len(), "{name}: {word} of {} boxes are a person's word", boxes.len());
        all += boxes.len();
        words += word;
    }
    assert!(words * 3 <= all, "{words} of {all} boxes are a person's word");
}

#[test]
fn the_readmes_table_has_the_computed_numbers() {
    let readme = fs::read_to_string(format!("{}/README.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let rows: BTreeMap<&str, &str> =
        readme.lines().filter_map(|line| line.strip_prefix("| `checklists/")?.split_once(".toml` |")).collect();
    for name in COVERING {
        let (boxes, checklist) = (guide(name), bundled(name).unwrap());
        let word = covered(&boxes, &checklist).iter().filter(|kinds| by_word(kinds)).count();
        let items = CoverageView::of(&checklist).items.total;
        let (count, machine) = (boxes.len(), boxes.len() - word);
        assert_eq!(
            rows.get(name).copied(),
            Some(format!(" {count} | {items} | {machine} | {word} |").as_str()),
            "{name}"
        );
    }
}

#[test]
fn coverage_is_shown_of_any_checklist_for_people_and_programs() {
    let stand = Stand::new(
        &SHOP.replace("kind = \"product\"", "kind = \"product\"\nsource = [\"2. Prices\", \"- Create them\"]"),
    );
    let shown = stand.run(&["checklist", "show", "golive.toml", "--coverage"]);
    insta::assert_snapshot!(shown.out, @r"
      Shop launch   golive.toml

      kind        items   boxes
      env             1       -
      keys            1       -
      product         1       1
      webhook         1       -

      4 items: golive does or checks every one.
      1 tick box of the guide: golive does or checks every one.
    ");
    let json = stand.run(&["checklist", "show", "golive.toml", "--coverage", "--json"]).json();
    assert_eq!(json["schema"], "golive.coverage/1");
    assert_eq!(json["items"], serde_json::json!({"total": 4, "machine": 4, "person": 0}));
    assert_eq!(json["boxes"]["total"], 1);
    let product = serde_json::json!({"kind": "product", "person": false, "items": 1, "boxes": 1});
    assert!(json["kinds"].as_array().unwrap().contains(&product), "{json:#}");
    stand.run(&["checklist", "show", "minipas", "--coverage", "--json"]).expect(2, &["golive.error/1", "minipass"]);
    stand.run(&["checklist", "show", "minipass", "--json"]).expect(2, &["--coverage"]);
}
