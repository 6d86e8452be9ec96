//! Mistakes in names, in the head and in the order of a checklist, as the operator sees them.

use super::*;

#[test]
fn an_unknown_kind_is_shown_with_the_nearest() {
    insta::assert_snapshot!(item_frames("kind = \"shelve\"\ntitle = \"A\""), @r#"
    error[GL0106]: unknown kind `shelve`
     --> golive.toml:9:8
      |
    9 | kind = "shelve"
      |        ^^^^^^^^
      |
    help: there is a kind with a similar name
      |
    9 - kind = "shelve"
    9 + kind = "shelf"
      |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(item_frames("kind = \"oven\"\ntitle = \"A\""), @r#"
    error[GL0106]: unknown kind `oven`
     --> golive.toml:9:8
      |
    9 | kind = "oven"
      |        ^^^^^^
      |
      = help: use one of `shelf` and `manual`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_phase_without_items_is_shown() {
    insta::assert_snapshot!(frames("schema = 1\nid = \"a\"\ntitle = \"A\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n"), @r#"
    error[GL0104]: the phase has no item
     --> golive.toml:4:1
      |
    4 | [[phase]]
      | ^^^^^^^^^
      |
      = help: add a `[[phase.item]]` below it, or take the phase out

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_item_outside_of_every_phase_is_told_where_it_belongs() {
    insta::assert_snapshot!(frames(&format!("{}[[item]]\nid = \"b\"\n", with_item(MANUAL))), @r#"
    error[GL0103]: an item stands outside of every phase
      --> golive.toml:12:3
       |
    12 | [[item]]
       |   ^^^^
       |
       = help: items belong to a phase: write `[[phase.item]]` below its
               `[[phase]]`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn one_bracket_too_few_is_told_to_be_two() {
    insta::assert_snapshot!(frames("schema = 1\nid = \"a\"\ntitle = \"A\"\n[phase]\nid = \"p\"\n"), @r#"
    error[GL0105]: `phase` is not a list of tables
     --> golive.toml:4:1
      |
    4 | [phase]
      | ^^^^^^^
      |
      = help: write `[[phase]]`, with two brackets

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_unknown_field_at_the_top_is_shown() {
    insta::assert_snapshot!(frames(&with_item(MANUAL).replace("title = \"Shop\"", "titel = \"Shop\"")), @r#"
    error[GL0103]: unknown field `titel`
     --> golive.toml:3:1
      |
    3 | titel = "Shop"
      | ^^^^^ not a field of a checklist
      |
    help: there is a field with a similar name
      |
    3 - titel = "Shop"
    3 + title = "Shop"
      |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_newer_format_is_refused() {
    insta::assert_snapshot!(frames(&with_item(MANUAL).replace("schema = 1", "schema = 2")), @r#"
    error[GL0105]: unknown format 2
     --> golive.toml:1:10
      |
    1 | schema = 2
      |          ^ this golive reads format 1
      |
      = help: write `schema = 1`, or use a golive that reads format 2

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_id_with_other_characters_is_told_what_it_could_be() {
    insta::assert_snapshot!(frames(&with_item(MANUAL).replace("\"one\"", "\"Phase One\"")), @r#"
    error[GL0105]: `Phase One` cannot be the id of a phase
     --> golive.toml:5:6
      |
    5 | id = "Phase One"
      |      ^^^^^^^^^^^ ids are made of a-z, 0-9, `_` and `-`
      |
    help: write it like this
      |
    5 - id = "Phase One"
    5 + id = "phase_one"
      |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_env_file_outside_of_the_folder_is_refused() {
    for file in ["../.env", "/etc/passwd", "", "~/.env", "a/../../b"] {
        let text = with_item(MANUAL).replace("[[phase]]", &format!("[env]\nfile = \"{file}\"\n[[phase]]"));
        assert_eq!(invalid(&text).complaints[0].code, Code::BadValue, "{file}");
    }
    let text = with_item(MANUAL).replace("[[phase]]", "[env]\nfile = \"../.env\"\n[[phase]]");
    insta::assert_snapshot!(frames(&text), @r#"
    error[GL0105]: the env file is outside the folder
     --> golive.toml:5:8
      |
    5 | file = "../.env"
      |        ^^^^^^^^^ must be a path within the checklist's folder
      |
    help: keep it beside the checklist
      |
    5 - file = "../.env"
    5 + file = ".env.production"
      |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn two_items_of_one_name_are_shown() {
    let text = format!("{}[[phase.item]]\nid = \"a\"\n{MANUAL}", with_item(MANUAL));
    insta::assert_snapshot!(frames(&text), @r#"
    error[GL0109]: two items are called `one.a`
      --> golive.toml:13:6
       |
    13 | id = "a"
       |      ^^^
       |
       = help: give one of them another id

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn two_phases_of_one_name_are_shown() {
    let again = "[[phase]]\nid = \"one\"\ntitle = \"Again\"\n[[phase.item]]\nid = \"b\"\n";
    insta::assert_snapshot!(frames(&format!("{}{again}{MANUAL}", with_item(MANUAL))), @r#"
    error[GL0109]: two phases are called `one`
      --> golive.toml:13:6
       |
    13 | id = "one"
       |      ^^^^^
       |
       = help: give one of them another id

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_variable_provided_twice_is_shown_where_it_is_named() {
    let again = format!("[[phase.item]]\nid = \"b\"\n{SHELF}env = \"PRICE\"\n");
    insta::assert_snapshot!(frames(&format!("{}{again}", with_item(&format!("{SHELF}env = \"PRICE\"")))), @r#"
    error[GL0109]: two items provide the variable `PRICE`
      --> golive.toml:16:8
       |
    16 | env = "PRICE"
       |        ^^^^^
       |
       = help: leave it out here, or in `one.a`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn items_that_never_meet_may_provide_the_same_variable() {
    let item = |modes: &str| format!("{SHELF}env = \"PRICE\"\nmodes = [\"{modes}\"]\n");
    let text = format!("{}[[phase.item]]\nid = \"b\"\n{}", with_item(&item("test")), item("live"));
    assert!(load(&text).is_ok());
}

#[test]
fn a_lookup_key_given_twice_is_shown() {
    let price = "{ lookup_key = \"a\", amount = \"1 EUR\" }";
    let again = format!("[[phase.item]]\nid = \"b\"\n{SHELF}prices = [{price}]\n");
    insta::assert_snapshot!(frames(&format!("{}{again}", with_item(&format!("{SHELF}prices = [{price}]")))), @r#"
    error[GL0109]: two prices have the lookup key `a`
      --> golive.toml:16:26
       |
    16 | prices = [{ lookup_key = "a", amount = "1 EUR" }]
       |                          ^^^
       |
       = help: give it another key; `one.a` has this one

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}
