//! Mistakes in the fields of an item, as the operator sees them.

use super::*;

#[test]
fn a_misspelt_field_is_shown_with_the_one_that_was_meant() {
    insta::assert_snapshot!(common("severty = \"blocker\""), @r#"
    error[GL0103]: unknown field `severty`
      --> golive.toml:11:1
       |
    11 | severty = "blocker"
       | ^^^^^^^ not a field of a `manual` item
       |
    help: there is a field with a similar name
       |
    11 | severity = "blocker"
       |      +

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_field_of_no_kind_is_shown_with_what_there_is() {
    insta::assert_snapshot!(own("colour = \"red\""), @r#"
    error[GL0103]: unknown field `colour`
      --> golive.toml:11:1
       |
    11 | colour = "red"
       | ^^^^^^ not a field of a `shelf` item
       |
       = help: the fields of a `shelf` item are `burst`, `env`, `expect`, `format`,
               `prices` and `url`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_nested_field_is_found_in_its_list() {
    insta::assert_snapshot!(own("prices = [\n  { lookup_key = \"a\", amount = \"1 EUR\" },\n  { lookup_kye = \"b\", amount = \"2 EUR\" },\n]"), @r#"
    error[GL0103]: unknown field `lookup_kye`
      --> golive.toml:13:5
       |
    13 |   { lookup_kye = "b", amount = "2 EUR" },
       |     ^^^^^^^^^^ not a field of an entry of `prices`
       |
    help: there is a field with a similar name
       |
    13 -   { lookup_kye = "b", amount = "2 EUR" },
    13 +   { lookup_key = "b", amount = "2 EUR" },
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_missing_field_is_shown_at_the_head_of_its_item() {
    insta::assert_snapshot!(item_frames("kind = \"manual\""), @r#"
    error[GL0104]: missing field `title`
     --> golive.toml:7:1
      |
    7 | [[phase.item]]
      | ^^^^^^^^^^^^^^ an item needs `title`
      |
      = help: add `title = "..."`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_text_where_a_number_belongs_is_told_to_lose_its_quotes() {
    insta::assert_snapshot!(common("minutes = \"5\""), @r#"
    error[GL0105]: `minutes` is of the wrong type
      --> golive.toml:11:11
       |
    11 | minutes = "5"
       |           ^^^ this is text; `minutes` is a whole number
       |
    help: leave out the quotes
       |
    11 - minutes = "5"
    11 + minutes = 5
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_number_where_a_text_belongs_is_told_to_get_quotes() {
    insta::assert_snapshot!(own("env = 5"), @r#"
    error[GL0105]: `env` is of the wrong type
      --> golive.toml:11:7
       |
    11 | env = 5
       |       ^ this is a number; `env` is text in quotes
       |
    help: put it in quotes
       |
    11 - env = 5
    11 + env = "5"
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_text_where_a_list_belongs_is_told_to_get_brackets() {
    insta::assert_snapshot!(common("needs = \"one.a\""), @r#"
    error[GL0105]: `needs` is of the wrong type
      --> golive.toml:11:9
       |
    11 | needs = "one.a"
       |         ^^^^^^^ this is text; `needs` is a list in [brackets]
       |
    help: put it in brackets
       |
    11 - needs = "one.a"
    11 + needs = ["one.a"]
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_date_is_no_number() {
    insta::assert_snapshot!(common("minutes = 2026-11-24"), @r#"
    error[GL0105]: `minutes` is of the wrong type
      --> golive.toml:11:11
       |
    11 | minutes = 2026-11-24
       |           ^^^^^^^^^^ this is a date; `minutes` is a whole number

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_value_that_is_not_one_of_several_is_shown_with_the_nearest() {
    insta::assert_snapshot!(common("severity = \"bloker\""), @r#"
    error[GL0105]: unknown value `bloker` for `severity`
      --> golive.toml:11:12
       |
    11 | severity = "bloker"
       |            ^^^^^^^^ not one of blocker, advised, info
       |
    help: there is a value with a similar name
       |
    11 | severity = "blocker"
       |                +

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_mode_that_does_not_exist_is_shown_with_those_that_do() {
    insta::assert_snapshot!(common("modes = [\"live\", \"production\"]"), @r#"
    error[GL0105]: unknown value `production` for an entry of `modes`
      --> golive.toml:11:18
       |
    11 | modes = ["live", "production"]
       |                  ^^^^^^^^^^^^
       |
       = help: use one of `rehearse`, `test` and `live`

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_choice_of_a_kind_is_explained_like_a_common_one() {
    insta::assert_snapshot!(own("format = \"base46\""), @r#"
    error[GL0105]: unknown value `base46` for `format`
      --> golive.toml:11:10
       |
    11 | format = "base46"
       |          ^^^^^^^^ not one of hex, base64
       |
    help: there is a value with a similar name
       |
    11 - format = "base46"
    11 + format = "base64"
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_number_that_does_not_fit_says_what_would() {
    insta::assert_snapshot!(own("burst = -1"), @r#"
    error[GL0105]: `burst` is out of range
      --> golive.toml:11:9
       |
    11 | burst = -1
       |         ^^ must be at least 0
       |
    help: write at least 0
       |
    11 - burst = -1
    11 + burst = 0
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(own("expect = { status = 99999 }"), @r#"
    error[GL0105]: `status` is out of range
      --> golive.toml:11:21
       |
    11 | expect = { status = 99999 }
       |                     ^^^^^ must be at most 65535
       |
    help: write at most 65535
       |
    11 - expect = { status = 99999 }
    11 + expect = { status = 65535 }
       |

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn an_amount_says_what_to_write_instead() {
    insta::assert_snapshot!(own("prices = [{ lookup_key = \"a\", amount = \"20.005 CAD\" }]"), @r#"
    error[GL0107]: `20.005 CAD` has more decimals than CAD, and golive never rounds
      --> golive.toml:11:41
       |
    11 | prices = [{ lookup_key = "a", amount = "20.005 CAD" }]
       |                                         ^^^^^^^^^^
       |
       = help: write 2 decimals: 20.00 CAD

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    insta::assert_snapshot!(own("prices = [{ lookup_key = \"a\", amount = 20 }]"), @r#"
    error[GL0107]: `amount` is of the wrong type
      --> golive.toml:11:40
       |
    11 | prices = [{ lookup_key = "a", amount = 20 }]
       |                                        ^^ this is a number; `amount` is text in quotes
       |
       = help: amounts are money with their currency: amount = "20 EUR"

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
}

#[test]
fn a_watch_checks_only_what_it_may_look_at_again_and_again() {
    let load = |check: &str| {
        let item = "[[phase]]\nid = \"a\"\ntitle = \"A\"\n[[phase.item]]\nid = \"b\"\ntitle = \"B\"\nkind = \"manual\"";
        let watch = format!("[watch]\nevery = \"30s\"\n[[watch.check]]\nid = \"page\"\ntitle = \"Page\"\n{check}");
        let text = format!("schema = 1\nid = \"acme\"\ntitle = \"Acme\"\n{item}\n{watch}\n");
        crate::checklist::load(Source::File("golive.toml".into()), &text)
    };
    let good = load("kind = \"http\"\nurl = \"https://acme.example\"\nexpect = { status = 200 }").unwrap();
    assert_eq!(good.checks[0].address.to_string(), "watch.page");
    assert_eq!(good.phases.len(), 1, "it is no part of the launch");
    for (check, says) in [
        ("kind = \"command\"\nrun = \"true\"", "read_only = true"),
        ("kind = \"manual\"", "kinds that only look at your own hosts"),
        ("kind = \"http\"\nurl = \"acme\"", "acme"),
    ] {
        let wrong = load(check).map(|_| "valid").unwrap_err().render(true, 80);
        assert!(wrong.contains(says), "{check}: {wrong}");
    }
}

#[test]
fn a_cause_is_a_pattern_with_texts_that_only_variables_stand_in() {
    let shown = common("causes = [\n  { when = '(', says = \"a\" },\n  { when = 'a', says = \"${vars.nobody}\" },\n]");
    for words in ["`(` is not a regular expression", "golive.toml:12", "nobody", "golive.toml:13"] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
    let shown = common("causes = [{ when = 'a', say = \"b\" }]");
    for words in ["unknown field `say`", "says"] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
}
