//! A saved plan is carried out exactly or not at all.

use super::stand::{SHOP, Stand, edited};

/// A launch that stopped after the keys, with a saved plan for the rest.
fn planned() -> Stand {
    let stand = Stand::new(SHOP);
    stand.run(&["plan", "--mode", "live", "--out", "plan.json"]).expect(0, &["to create"]);
    assert_eq!((stand.writes(), stand.read(".env.production").as_str()), (0, ""));
    stand
}

#[test]
fn plan_writes_nothing_but_its_file_and_says_with_three_that_changes_are_pending() {
    let stand = planned();
    assert!(!stand.dir.join(".golive").exists());
    stand.run(&["plan", "--mode", "live", "--exit-code"]).expect(3, &[]);
    let plan = stand.run(&["plan", "--mode", "live", "--json"]).json();
    assert_eq!((plan["schema"].as_str(), plan["mode"].as_str()), (Some("golive.plan/1"), Some("live")));
    assert_eq!(plan["account"]["id"], stand.control.account().as_str());
    let saved: serde_json::Value = serde_json::from_str(&stand.read("plan.json")).unwrap();
    assert_eq!(saved, plan);
    let keys = [&stand.sim.live.secret, &stand.sim.live.publishable];
    assert!(keys.iter().all(|key| !stand.read("plan.json").contains(key.as_str())));
}

#[test]
fn a_saved_plan_is_applied_with_yes_alone_and_once() {
    let stand = planned();
    stand.run(&["apply", "plan.json"]).expect(5, &["Type yes to change the LIVE account"]);
    assert_eq!(stand.writes(), 0);
    stand.run(&["apply", "plan.json", "--yes"]).expect(0, &["4 of 4 done"]);
    let (writes, env) = (stand.writes(), stand.read(".env.production"));
    assert_eq!((stand.objects("product").len(), stand.objects("price").len()), (1, 2));
    let again = stand.run(&["apply", "plan.json", "--yes"]);
    again.expect(0, &["Nothing of the saved plan is left to do"]);
    assert_eq!((stand.writes(), stand.read(".env.production")), (writes, env));
}

#[test]
fn a_saved_plan_is_stale_when_something_moved_in_stripe() {
    let stand = planned();
    stand.stripe("POST", "/v1/products", "id=shop_pro&name=Somebody made it");
    let writes = stand.writes();
    let ran = stand.run(&["apply", "plan.json", "--yes"]);
    insta::assert_snapshot!(ran.error(), @r"
    exit 4
    error[GL1009]: something moved since this plan was made
      why    what catalog.pro would change is not what it was
             nothing was applied
      fix    make a new plan and look at it: golive plan --out FILE
      more   golive explain GL1009
    ");
    assert_eq!((stand.writes(), stand.read(".env.production").as_str()), (writes, ""));
}

#[test]
fn a_saved_plan_is_stale_when_the_checklist_was_edited() {
    let stand = planned();
    stand.write("golive.toml", &edited("50.00 CAD", "60.00 CAD"));
    stand.run(&["apply", "plan.json", "--yes"]).expect(4, &["GL1009", "the checklist was edited since"]);
    assert_eq!((stand.writes(), stand.read(".env.production").as_str()), (0, ""));
}

#[test]
fn a_saved_plan_of_another_account_is_refused() {
    let mut stand = planned();
    let (_, other) = stand.control.add_account().unwrap();
    stand.set("GOLIVE_LIVE_KEY", &other.secret);
    stand.set("GOLIVE_LIVE_PUBLISHABLE_KEY", &other.publishable);
    let own = stand.control.account();
    stand.run(&["apply", "plan.json", "--yes"]).expect(4, &["GL1009", &format!("it was made for {own}")]);
    assert_eq!(stand.writes(), 0);
}

#[test]
fn a_saved_plan_is_refused_in_another_mode() {
    let mut stand = planned();
    let test = stand.sim.test.clone();
    stand.set("GOLIVE_TEST_KEY", &test.secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &test.publishable);
    stand.run(&["apply", "plan.json", "--yes", "--mode", "test"]).expect(4, &["GL1009", "made for live mode"]);
    assert_eq!(stand.writes(), 0);
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let stand = Stand::new(SHOP);
    stand.run(&["apply", "absent.json", "--yes"]).expect(1, &["absent.json"]);
    for text in ["", "{}", "not json", "{\"schema\":\"golive.plan/1\"}"] {
        stand.write("plan.json", text);
        stand.run(&["apply", "plan.json", "--yes"]).expect(2, &["is not a saved plan", "golive plan --out plan.json"]);
    }
    let newer = planned().read("plan.json").replace("golive.plan/1", "golive.plan/2");
    stand.write("plan.json", &newer);
    stand.run(&["apply", "plan.json", "--yes"]).expect(4, &["a plan of another golive", "golive plan --out"]);
    stand.run(&["plan", "--mode", "live", "--out", "absent/plan.json"]).expect(1, &["absent"]);
    assert!(!stand.dir.join(".golive").exists());
}

#[test]
fn apply_without_a_file_needs_the_account_confirmed() {
    let stand = Stand::new(SHOP);
    stand.run(&["apply", "--mode", "live", "--yes"]).expect(4, &["GL1008"]);
    assert_eq!(stand.writes(), 0);
    let account = stand.control.account();
    stand.run(&["apply", "--mode", "live", "--yes", "--confirm", &account]).expect(0, &["4 of 4 done"]);
    stand.run(&["plan", "--exit-code"]).expect(0, &["Nothing to change"]);
}
