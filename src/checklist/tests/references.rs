//! References, needs and circles that lead nowhere, as the operator sees them.

use super::*;

#[test]
fn a_need_that_does_not_exist_is_shown() {
    insta::assert_snapshot!(common("needs = [\"one.aa\"]"), @r#"
    error[GL0110]: there is no item `one.aa`
      --> golive.toml:11:10
       |
    11 | needs = ["one.aa"]
       |          ^^^^^^^^
       |
    help: there is an item with a similar name
       |
    11 - needs = ["one.aa"]
    11 + needs = ["one.a"]
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(common("needs = [\"keys\"]"), @r#"
    error[GL0110]: there is no item `keys`
      --> golive.toml:11:10
       |
    11 | needs = ["keys"]
       |          ^^^^^^
       |
       = help: items are named `phase.item`, as in `catalog.pro`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_reference_to_a_missing_variable_is_shown() {
    let text = with_item(&format!("{SHELF}url = \"https://${{vars.hots}}/\""))
        .replace("[[phase]]", "[vars]\nhost = \"x\"\n[[phase]]");
    insta::assert_snapshot!(frames(&text), @r#"
    error[GL0108]: there is no variable `hots`
      --> golive.toml:13:16
       |
    13 | url = "https://${vars.hots}/"
       |                ^^^^^^^^^^^^
       |
    help: there is a variable with a similar name
       |
    13 - url = "https://${vars.hots}/"
    13 + url = "https://${vars.host}/"
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(own("url = \"https://${vars.host}/\""), @r#"
    error[GL0108]: there is no variable `host`
      --> golive.toml:11:16
       |
    11 | url = "https://${vars.host}/"
       |                ^^^^^^^^^^^^
       |
       = help: add it: under `[vars]`, write `host = "..."`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of them are one picture")]
fn a_reference_to_a_missing_item_or_output_is_shown() {
    let item = |url: &str| {
        let price = "prices = [{ lookup_key = \"pro\", amount = \"1 EUR\" }]";
        format!("{}[[phase.item]]\nid = \"b\"\n{SHELF}url = \"{url}\"\n", with_item(&format!("{SHELF}{price}")))
    };
    insta::assert_snapshot!(frames(&item("x ${one.a.prices.por.id} y")), @r#"
    error[GL0108]: `one.a` has no output `prices.por.id`
      --> golive.toml:16:10
       |
    16 | url = "x ${one.a.prices.por.id} y"
       |          ^^^^^^^^^^^^^^^^^^^^^^
       |
    help: there is an output with a similar name
       |
    16 - url = "x ${one.a.prices.por.id} y"
    16 + url = "x ${one.a.prices.pro.id} y"
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(frames(&item("${two.z.id}")), @r#"
    error[GL0108]: there is no item `two.z`
      --> golive.toml:16:8
       |
    16 | url = "${two.z.id}"
       |        ^^^^^^^^^^^
       |
       = help: write `${phase.item.output}` or `${vars.NAME}`; `$${` for a literal
               `${`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(frames(&item("${one.a.colour}")), @r#"
    error[GL0108]: `one.a` has no output `colour`
      --> golive.toml:16:8
       |
    16 | url = "${one.a.colour}"
       |        ^^^^^^^^^^^^^^^
       |
       = help: its outputs are `id` and `prices.pro.id`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(frames(&item("${one.a}")), @r#"
    error[GL0108]: `${one.a}` names no output
      --> golive.toml:16:8
       |
    16 | url = "${one.a}"
       |        ^^^^^^^^
       |
    help: there is an output with a similar name
       |
    16 | url = "${one.a.id}"
       |               +++

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(frames(&item("${HOME}")), @r#"
    error[GL0108]: `${HOME}` leads nowhere
      --> golive.toml:16:8
       |
    16 | url = "${HOME}"
       |        ^^^^^^^
       |
       = help: write `${phase.item.output}` or `${vars.NAME}`; `$${` for a literal
               `${`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_reference_without_an_end_is_shown() {
    insta::assert_snapshot!(own("url = \"https://${vars.host/x and more\""), @r#"
    error[GL0108]: a reference has no end
      --> golive.toml:11:16
       |
    11 | url = "https://${vars.host/x and more"
       |                ^^^^^^^^^^^^^
       |
       = help: close it with `}`, or write `$${` for a literal `${`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn only_variables_can_stand_in_texts_for_people() {
    insta::assert_snapshot!(common("why = \"See ${one.a.id}.\""), @r#"
    error[GL0108]: `${one.a.id}` cannot stand in `why`
      --> golive.toml:11:12
       |
    11 | why = "See ${one.a.id}."
       |            ^^^^^^^^^^^
       |
       = help: use variables, `${vars.NAME}`, here; write `$${` for a literal `${`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_reference_to_an_item_of_another_mode_is_shown() {
    let text = format!(
        "{}[[phase.item]]\nid = \"b\"\n{SHELF}url = \"${{one.a.id}}\"\n",
        with_item(&format!("{SHELF}modes = [\"live\"]"))
    );
    insta::assert_snapshot!(frames(&text), @r#"
    error[GL0108]: `one.a` is not part of mode rehearse, and this item is
      --> golive.toml:16:8
       |
    16 | url = "${one.a.id}"
       |        ^^^^^^^^^^^
       |
       = help: give both items the same `modes`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_circle_is_shown_once_with_all_its_items() {
    let more = format!(
        "[[phase.item]]\nid = \"b\"\n{SHELF}url = \"${{one.c.id}}\"\n[[phase.item]]\nid = \"c\"\n{SHELF}needs = [\"one.a\"]\n"
    );
    insta::assert_snapshot!(frames(&format!("{}{more}", with_item(&format!("{SHELF}needs = [\"one.b\"]")))), @r#"
    error[GL0108]: items wait for each other in a circle
     --> golive.toml:8:6
      |
    8 | id = "a"
      |      ^^^
      |
      = help: who waits for whom: `one.a` for `one.b`, `one.b` for `one.c`, `one.c`
              for `one.a`; take one of these needs or references out

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(common("needs = [\"one.a\"]"), @r#"
    error[GL0108]: `one.a` waits for itself
     --> golive.toml:8:6
      |
    8 | id = "a"
      |      ^^^
      |
      = help: take its own name out of its needs and references

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn two_circles_are_two_complaints() {
    let item = |id: &str, need: &str| format!("[[phase.item]]\nid = \"{id}\"\n{MANUAL}needs = [\"one.{need}\"]\n");
    let text = format!("{}{}{}{}{}", with_item(MANUAL), item("b", "c"), item("c", "b"), item("d", "e"), item("e", "d"));
    insta::assert_snapshot!(places(&text), @r#"
    13:6 GL0108 "b"
    23:6 GL0108 "d"
    "#);
}
