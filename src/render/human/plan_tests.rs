//! How a plan is shown, as pictures.

use super::plan;
use crate::mode::Mode;
use crate::plan::{AccountRef, Later, Plan, PlanItem, SCHEMA};
use crate::render::layout::width;
use crate::render::{Glyphs, Style};
use crate::step::{
    Action, Address, Change, CommandSpec, Effect, EnvSet, EnvSource, Field, PriceDraft, ProductPatch, Verb, Write,
};

fn action(noun: &str, name: &str, verb: Verb, summary: &str, effect: Effect) -> Action {
    let (fields, notes) = (Vec::new(), Vec::new());
    Action {
        noun: noun.into(),
        name: name.into(),
        verb,
        summary: summary.into(),
        fields,
        notes,
        effect,
        stage: 0,
        undo: None,
    }
}

fn of(items: Vec<Vec<Action>>) -> Plan {
    let item = |actions| PlanItem {
        address: Address::new("catalog", "pro"),
        title: "Acme Pro".into(),
        change: Change::of(actions),
    };
    Plan {
        schema: SCHEMA.into(),
        mode: Mode::Live,
        account: Some(AccountRef { id: "acct_1Q9fTzKd3".into(), name: Some("Acme Oy".into()) }),
        checklist: "acme".into(),
        checklist_sha256: "9f2c".into(),
        env_file: Some(".env.production".into()),
        items: items.into_iter().map(item).collect(),
        unchanged: 1,
        later: Vec::new(),
        failed: Vec::new(),
    }
}

fn catalog() -> Plan {
    let price = || Effect::Stripe(Write::CreatePrice(PriceDraft::default()));
    let patch = Write::UpdateProduct { id: "prod_R4k2".into(), patch: ProductPatch::default() };
    let mut team = action("product", "team", Verb::Change, "prod_R4k2abcdefghsQaX", Effect::Stripe(patch));
    team.fields = vec![Field::change("name", "Acme Teams", "Acme Team")];
    let mut monthly = action("price", "team_monthly", Verb::Replace, "price_1QaBabcdefghx02m", price());
    monthly.fields = vec![Field::change("amount", "79.00 EUR", "89.00 EUR per month")];
    monthly.notes = vec![
        "Stripe prices cannot be edited: a new one is created, then the old one is closed to new sales. \
         Its 12 subscribers keep paying 79.00 EUR."
            .into(),
    ];
    let mut plan = of(vec![
        vec![action("price", "pro_monthly", Verb::Create, "29.00 EUR per month", price())],
        vec![team, monthly],
    ]);
    plan.later = vec![Later {
        address: Address::new("env", "write"),
        title: "Env file".into(),
        waits_for: vec![Address::new("catalog", "pro")],
    }];
    plan
}

fn env() -> Plan {
    let sets = vec![
        EnvSet { variable: "STRIPE_PRICE_PRO_MONTHLY".into(), value: EnvSource::Text("price_2".into()) },
        EnvSet { variable: "STRIPE_PRICE_PRO_YEARLY".into(), value: EnvSource::Text("price_3".into()) },
    ];
    let mut write = action("env", ".env.production", Verb::Write, "14 variables", Effect::Env(sets));
    write.fields = vec![
        Field::change("STRIPE_PRICE_PRO_MONTHLY", "price_1Pz…q9R", "price_1Qb7…4d0M"),
        Field::new("STRIPE_PRICE_PRO_YEARLY", "price_1Qb7…7h2K"),
    ];
    write.notes = vec!["Everything else, comments and order stay exactly as they are.".into()];
    of(vec![vec![write]])
}

#[test]
fn changes_in_stripe() {
    insta::assert_snapshot!(plan(&catalog(), &Style::new(false, Glyphs::Unicode, 80)), @r"
    + price    pro_monthly       create        29.00 EUR per month
    ~ product  team              change        prod_R4k2…sQaX
        name          Acme Teams → Acme Team
    ± price    team_monthly      replace       price_1QaB…x02m
        amount        79.00 EUR → 89.00 EUR per month
        Stripe prices cannot be edited: a new one is created, then the old one is
        closed to new sales. Its 12 subscribers keep paying 79.00 EUR.

    Plan: 1 to create, 1 to change, 1 to replace, 1 unchanged. Nothing is deleted.
    Later  Env file, after catalog.pro
    ");
}

#[test]
fn changes_in_stripe_at_fifty_columns() {
    insta::assert_snapshot!(plan(&catalog(), &Style::new(false, Glyphs::Unicode, 50)), @r"
    + price    pro_monthly       create
        29.00 EUR per month
    ~ product  team              change
        prod_R4k2abcdefghsQaX
        name
          Acme Teams → Acme Team
    ± price    team_monthly      replace
        price_1QaBabcdefghx02m
        amount
          79.00 EUR → 89.00 EUR per month
        Stripe prices cannot be edited: a new one is
        created, then the old one is closed to new
        sales. Its 12 subscribers keep paying 79.00
        EUR.

    Plan: 1 to create, 1 to change, 1 to replace, 1
    unchanged. Nothing is deleted.
    Later  Env file, after catalog.pro
    ");
}

#[test]
fn changes_in_stripe_in_ascii() {
    let text = plan(&catalog(), &Style::new(false, Glyphs::Ascii, 80));
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text, @r"
    +  price    pro_monthly       create        29.00 EUR per month
    ~  product  team              change        prod_R4k2...sQaX
        name          Acme Teams -> Acme Team
    +- price    team_monthly      replace       price_1QaB...x02m
        amount        79.00 EUR -> 89.00 EUR per month
        Stripe prices cannot be edited: a new one is created, then the old one is
        closed to new sales. Its 12 subscribers keep paying 79.00 EUR.

    Plan: 1 to create, 1 to change, 1 to replace, 1 unchanged. Nothing is deleted.
    Later  Env file, after catalog.pro
    ");
}

#[test]
fn changes_in_stripe_read_aloud() {
    insta::assert_snapshot!(plan(&catalog(), &Style::PLAIN), @r"
    Create price pro_monthly, 29.00 EUR per month.
    Change product team, prod_R4k2abcdefghsQaX.
    name: Acme Teams becomes Acme Team.
    Replace price team_monthly, price_1QaBabcdefghx02m.
    amount: 79.00 EUR becomes 89.00 EUR per month.
    Stripe prices cannot be edited: a new one is created, then the old one is closed to new sales. Its 12 subscribers keep paying 79.00 EUR.
    Plan: 1 to create, 1 to change, 1 to replace, 1 unchanged. Nothing is deleted.
    Later: Env file, after catalog.pro
    ");
}

#[test]
fn the_env_file_as_a_difference() {
    insta::assert_snapshot!(plan(&env(), &Style::new(false, Glyphs::Unicode, 80)), @r"
      .env.production   14 variables
      ~ STRIPE_PRICE_PRO_MONTHLY  price_1Pz…q9R  →  price_1Qb7…4d0M
      + STRIPE_PRICE_PRO_YEARLY   price_1Qb7…7h2K
          Everything else, comments and order stay exactly as they are.

      Plan: 2 to write, 1 unchanged.
    ");
}

#[test]
fn a_secret_without_fields_is_named_and_never_shown() {
    let sets =
        vec![EnvSet { variable: "STRIPE_SECRET_KEY".into(), value: EnvSource::Vault(crate::secret::Slot::SecretKey) }];
    let text = plan(
        &of(vec![vec![action("env", "file", Verb::Write, "", Effect::Env(sets))]]),
        &Style::new(false, Glyphs::Unicode, 80),
    );
    assert!(text.contains("STRIPE_SECRET_KEY") && text.contains("a secret, hidden"), "{text}");
}

#[test]
fn a_command_is_shown_to_its_last_character() {
    let run = format!("fly deploy --app acme && echo {}", "x".repeat(90));
    let command = CommandSpec { run: run.clone(), timeout: 60, ..CommandSpec::default() };
    let text = plan(
        &of(vec![vec![action("command", "deploy", Verb::Run, "", Effect::Run(command))]]),
        &Style::new(false, Glyphs::Unicode, 60),
    );
    assert!(text.contains(&run), "{text}");
}

#[test]
fn an_empty_plan_says_that_nothing_changes() {
    let mut nothing = of(Vec::new());
    let style = Style::new(false, Glyphs::Unicode, 80);
    assert_eq!(plan(&nothing, &style), "  Nothing to change: 1 thing is as it should be.\n");
    nothing.unchanged = 7;
    assert_eq!(plan(&nothing, &style), "  Nothing to change: 7 things are as they should be.\n");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [40, 50, 60, 80, 200] {
        for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
            let style = Style::new(true, glyphs, columns);
            for line in plan(&catalog(), &style).lines().chain(plan(&env(), &style).lines()) {
                assert!(width(line) <= columns.min(80), "{columns}: {line}");
            }
        }
    }
}

#[test]
fn a_long_command_is_broken_at_blanks_and_loses_nothing_else() {
    let run = r#"sqlite3 "$DATABASE" "SELECT subdomain FROM customers WHERE subdomain = '$SHOP'  AND tier = 1;""#;
    let style = Style::new(false, Glyphs::Unicode, 60);
    let text = super::command_text(run, &style);
    assert!(text.lines().count() > 1 && text.lines().all(|line| width(line) <= 60), "{text}");
    let said: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(said, run.split_whitespace().collect::<Vec<_>>());
    assert!(super::command_text(&"x".repeat(90), &style).contains(&"x".repeat(90)), "what has no blank is not broken");
}
