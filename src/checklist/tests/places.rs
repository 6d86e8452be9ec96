//! That every complaint comes at once, in its place, whatever the text looks like.

use proptest::prelude::*;

use super::*;
use crate::error::Failure;

#[test]
fn text_that_is_not_toml_is_shown_where_reading_stopped() {
    insta::assert_snapshot!(frames("schema = 1\nid = \"shop\ntitle = \"Shop\"\n[[phase]\nid = 1\n"), @r#"
    error[GL0101]: invalid basic string
     --> golive.toml:2:11
      |
    2 | id = "shop
      |           ^ expected `"`

    error[GL0101]: unclosed array table
     --> golive.toml:4:9
      |
    4 | [[phase]
      |         ^ expected `]`

    error[GL0101]: duplicate key
     --> golive.toml:5:1
      |
    5 | id = 1
      | ^^

    3 mistakes in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_key_given_twice_is_shown() {
    insta::assert_snapshot!(common("title = \"B\""), @r#"
    error[GL0101]: duplicate key
      --> golive.toml:11:1
       |
    11 | title = "B"
       | ^^^^^

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_empty_file_is_told_what_a_checklist_needs() {
    insta::assert_snapshot!(frames(""), @r#"
    error[GL0104]: missing field `id`
     --> golive.toml:1:1
      |
    1 |
      | ^ a checklist needs `id`
      |
      = help: add `id = "..."`

    error[GL0104]: missing field `schema`
     --> golive.toml:1:1
      |
    1 |
      | ^ a checklist needs `schema`
      |
      = help: add `schema = 1`

    error[GL0104]: missing field `title`
     --> golive.toml:1:1
      |
    1 |
      | ^ a checklist needs `title`
      |
      = help: add `title = "..."`

    error[GL0104]: the checklist has no phase
     --> golive.toml:1:1
      |
    1 |
      | ^
      |
      = help: add a `[[phase]]` with an `id` and a `title`, and `[[phase.item]]`s
              below it

    4 mistakes in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn every_complaint_comes_at_once_and_in_the_order_of_the_text() {
    let text = r#"schema = 1
id = "Shop"
titel = "Shop"

[[phase]]
id = "one"
title = 5

[[phase.item]]
id = "a"
kind = "shelf"
title = "A"
severty = "blocker"
prices = [{ lookup_key = "a", amount = "20" }, { lookup_key = "b", amount = "30 EUR" }]
expect = { stat = 1, status = "200" }

[[phase.item]]
id = "a"
kind = "shelve"
needs = ["one.zzz"]

[[phase.item]]
id = "c"
kind = "shelf"
title = "C"
url = "http://x/${one.a.id}/${one.nothing.id}"
"#;
    insta::assert_snapshot!(places(text), @r#"
    2:6 GL0105 "Shop"
    3:1 GL0103 titel = "Sho
    7:9 GL0105 5
    13:1 GL0103 severty = "b
    14:41 GL0107 20" }, { loo
    15:12 GL0103 stat = 1, st
    15:31 GL0105 "200" }
    17:1 GL0104 [[phase.item
    18:6 GL0109 "a"
    19:8 GL0106 "shelve"
    20:10 GL0110 "one.zzz"]
    26:7 GL0401 "http://x/${
    26:29 GL0108 ${one.nothin
    "#);
}

#[test]
fn what_cannot_be_read_hides_nothing_of_what_can() {
    let text = with_item(&format!(
        "{SHELF}url = \"http://x\"\nformat = \"hexx\"\nprices = [{{ lookup_kye = \"a\", amount = \"20\" }}]\nburst = -1\nenv = []\nseverty = \"info\""
    ));
    insta::assert_snapshot!(places(&text), @r#"
    11:7 GL0401 "http://x"
    12:10 GL0105 "hexx"
    13:13 GL0103 lookup_kye =
    13:41 GL0107 20" }]
    14:9 GL0105 -1
    15:7 GL0105 []
    16:1 GL0103 severty = "i
    "#);
}

#[test]
fn columns_count_characters_and_marks_stand_under_wide_ones() {
    let text = with_item(&format!("{SHELF}expect = {{ contains = \"éüß 日本 🎉\", sttus = 200 }}"));
    insta::assert_snapshot!(places(&text), @"11:35 GL0103 sttus = 200");
    insta::assert_snapshot!(frames(&text), @r#"
    error[GL0103]: unknown field `sttus`
      --> golive.toml:11:35
       |
    11 | expect = { contains = "éüß 日本 🎉", sttus = 200 }
       |                                      ^^^^^ not a field of `expect`
       |
    help: there is a field with a similar name
       |
    11 | expect = { contains = "éüß 日本 🎉", status = 200 }
       |                                        +

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn line_ends_of_windows_change_no_place() {
    let unix = format!("{}\nseverty = \"info\"\n", with_item(&format!("{SHELF}url = \"\"\"\na\n${{x.y.z}}\"\"\"")));
    let windows = unix.replace('\n', "\r\n");
    assert_eq!(places(&unix), places(&windows));
    assert_eq!(frames(&unix), frames(&windows).replace('\r', ""));
    insta::assert_snapshot!(frames(&windows), @r#"
    error[GL0108]: there is no item `x.y`
      --> golive.toml:13:1
       |
    13 | ${x.y.z}"""
       | ^^^^^^^^
       |
       = help: write `${phase.item.output}` or `${vars.NAME}`; `$${` for a literal
               `${`

    error[GL0103]: unknown field `severty`
      --> golive.toml:15:1
       |
    15 | severty = "info"
       | ^^^^^^^ not a field of a `shelf` item
       |
    help: there is a field with a similar name
       |
    15 | severity = "info"
       |      +

    2 mistakes in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_byte_order_mark_changes_no_place() {
    let text = with_item(&format!("{MANUAL}severty = \"info\""));
    assert_eq!(places(&text), places(&format!("\u{feff}{text}")));
}

#[test]
fn frames_can_be_drawn_with_lines() {
    let text = with_item(&format!("{MANUAL}severty = \"blocker\""));
    insta::assert_snapshot!(invalid(&text).render(false, 80), @r#"
    error[GL0103]: unknown field `severty`
       ╭▸ golive.toml:11:1
       │
    11 │ severty = "blocker"
       │ ━━━━━━━ not a field of a `manual` item
       ╰╴
    help: there is a field with a similar name
       ╭╴
    11 │ severity = "blocker"
       ╰╴     +

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_failure_carries_the_frames_and_ends_with_2() {
    let failure = Failure::from(invalid(&with_item(&format!("{MANUAL}severty = \"blocker\""))));
    assert_eq!(failure.class.exit_code(), 2);
    assert_eq!(failure.problem.code, Code::UnknownField);
    assert_eq!(failure.problem.why, ["golive.toml:11:1: unknown field `severty` [GL0103]"]);
    assert!(failure.report.unwrap().starts_with("error[GL0103]: unknown field `severty`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_damaged_checklist_is_complained_about_within_its_text(
        cut in any::<prop::sample::Index>(),
        length in 0..40usize,
        put in "[a-z\\[\\]{}$=\"'\n.#é🎉 0-9]{0,12}",
    ) {
        let text = BUNDLED[0].1;
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let from = *cut.get(&starts);
        let to = text[from..].char_indices().nth(length).map_or(text.len(), |(at, _)| from + at);
        let text = format!("{}{put}{}", &text[..from], &text[to..]);
        let invalid = invalid(&text);
        let lines = text.lines().count() + 1;
        prop_assert!(invalid.complaints.iter().all(|complaint| (1..=lines).contains(&complaint.line)));
        prop_assert!(invalid.complaints.is_sorted_by_key(|complaint| (complaint.line, complaint.column)));
        prop_assert!(!invalid.render(true, 80).is_empty());
    }
}
