//! Mistakes in a checklist: all of them at once, each with its place and what to write instead,
//! before anything is contacted or written.

use super::stand::{SHOP, Stand, edited};

/// The checklist with one amount replaced, and what golive says of it.
fn with_amount(amount: &str, words: &[&str]) {
    let stand = Stand::with("50.00 CAD", amount);
    let ran = stand.run(&["checklist", "validate"]);
    ran.expect(2, &["GL0107", "golive.toml:26"]).expect(2, words);
    stand.launch().expect(2, &["GL0107"]);
    assert!(stand.control.requests().is_empty());
    assert_eq!((stand.read(".env.production").as_str(), stand.dir.join(".golive").exists()), ("", false));
}

#[test]
fn an_amount_without_a_currency_is_marked_with_line_and_column() {
    let stand = Stand::with("50.00 CAD", "20");
    let ran = stand.run(&["checklist", "validate"]);
    insta::assert_snapshot!(ran.said(), @r#"
    exit 2
    error[GL0107]: `20` has no currency
       ╭▸ golive.toml:26:43
       │
    26 │   { lookup_key = "pro_monthly", amount = "20", env = "PRICE_PRO_MONTHLY" },
       │                                           ━━
       │
       ╰ help: add the currency code: 20 CAD

    1 mistake in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    with_amount("20", &[]);
}

#[test]
fn amounts_that_would_have_to_be_rounded_are_refused() {
    with_amount("20.005 CAD", &["CAD"]);
    with_amount("500.50 JPY", &["JPY"]);
}

#[test]
fn negative_and_shapeless_amounts_are_refused() {
    with_amount("-1 USD", &[]);
    with_amount("1,000.00 USD", &[]);
    with_amount("$20", &[]);
    with_amount("", &[]);
}

#[test]
fn an_unknown_currency_comes_with_a_suggestion() {
    with_amount("50.00 CDA", &["CDA"]);
    with_amount("50.00 EURO", &["EUR"]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is what is said")]
fn five_mistakes_are_told_at_once() {
    let broken = SHOP
        .replace("50.00 CAD", "20")
        .replace("kind = \"webhook\"", "kind = \"webhok\"")
        .replace("id = \"file\"", "id = \"file\"\nsevertiy = \"advised\"")
        .replace("PRICE_PRO_ANNUAL", "PRICE_PRO_MONTHLY")
        .replace("title = \"Complete env file\"", "title = \"Complete env file\"\nneeds = [\"keys.lvie\"]");
    let stand = Stand::new(&broken);
    let ran = stand.run(&["checklist", "validate"]);
    insta::assert_snapshot!(ran.said(), @r#"
    exit 2
    error[GL0107]: `20` has no currency
       ╭▸ golive.toml:26:43
       │
    26 │   { lookup_key = "pro_monthly", amount = "20", env = "PRICE_PRO_MONTHLY" },
       │                                           ━━
       │
       ╰ help: add the currency code: 20 CAD

    error[GL0109]: two values of one item provide the variable `PRICE_PRO_MONTHLY`
       ╭▸ golive.toml:27:62
       │
    27 │ …ount = "300.00 CAD", env = "PRICE_PRO_MONTHLY" },
       │                              ━━━━━━━━━━━━━━━━━
       │
       ╰ help: give one of them another name

    error[GL0106]: unknown kind `webhok`
       ╭▸ golive.toml:36:8
       │
    36 │ kind = "webhok"
       │        ━━━━━━━━
       ╰╴
    help: there is a kind with a similar name
       ╭╴
    36 │ kind = "webhook"
       ╰╴             +

    error[GL0103]: unknown field `severtiy`
       ╭▸ golive.toml:47:1
       │
    47 │ severtiy = "advised"
       │ ━━━━━━━━ not a field of an `env` item
       ╰╴
    help: there is a field with a similar name
       ╭╴
    47 - severtiy = "advised"
    47 + severity = "advised"
       ╰╴

    error[GL0110]: there is no item `keys.lvie`
       ╭▸ golive.toml:50:10
       │
    50 │ needs = ["keys.lvie"]
       │          ━━━━━━━━━━━
       ╰╴
    help: there is an item with a similar name
       ╭╴
    50 - needs = ["keys.lvie"]
    50 + needs = ["keys.live"]
       ╰╴

    5 mistakes in golive.toml; nothing was done
    when corrected: golive checklist validate golive.toml
    "#);
    for args in [&["wizard", "--mode", "live"][..], &["status"], &["plan"], &["check"], &["apply"]] {
        stand.run(args).expect(2, &["5 mistakes"]);
    }
    assert!(!stand.dir.join(".golive").exists());
}

#[test]
fn what_is_not_toml_is_marked_where_reading_stopped() {
    let stand = Stand::new(&edited("id = \"pro\"", "id = \"pro"));
    stand.run(&["checklist", "validate"]).expect(2, &["GL0101", "golive.toml:22:10"]);
}

#[test]
fn an_unknown_checklist_is_answered_with_the_nearest_name() {
    let stand = Stand::new(SHOP);
    let ran = stand.run(&["status", "--checklist", "minipas"]);
    insta::assert_snapshot!(ran.said(), @r"
    exit 2
    error[GL0102]: there is no checklist `minipas`
      fix    use the bundled one of that name: --checklist minipass
      more   golive explain GL0102
    ");
    stand.run(&["checklist", "show", "nonsense"]).expect(2, &["golive checklist list"]);
    stand.run(&["status", "--checklist", "absent/golive.toml"]).expect(2, &["absent/golive.toml"]);
}

#[test]
fn a_folder_without_a_checklist_says_how_to_get_one() {
    let stand = Stand::new(SHOP);
    std::fs::remove_file(stand.dir.join("golive.toml")).unwrap();
    let ran = stand.run(&["plan"]);
    insta::assert_snapshot!(ran.said(), @r"
    exit 2
    error[GL0102]: there is no checklist `golive.toml`
      fix    begin with a bundled one: golive checklist new saas-subscriptions
      or     see what is bundled: golive checklist list
      more   golive explain GL0102
    ");
}

#[test]
fn the_bundled_checklists_are_listed_shown_and_valid() {
    let stand = Stand::new(SHOP);
    stand.run(&["checklist", "list"]).expect(0, &["minipass"]);
    stand.run(&["checklist", "validate", "minipass"]).expect(0, &["is valid"]);
    let shown = stand.run(&["checklist", "show", "minipass"]);
    stand.write("golive.toml", &shown.out);
    stand.run(&["checklist", "validate"]).expect(0, &["golive.toml is valid"]);
    assert!(stand.run(&["checklist", "schema"]).json()["properties"]["phase"].is_object());
}
