//! A launch is undone: endpoints off, the env file back, the checklist's own steps, the catalog; shown first,
//! asked for by name, and launched again afterwards with the same objects.

use std::collections::BTreeSet;
use std::fs;

use golive::simulator::Mode;
use serde_json::Value;

use crate::support::{Golive, Launch, Output};

/// The small launch, with what its guide says of a rollback.
pub fn undoable() -> String {
    let steps = r#"
[[rollback]]
id = "restart"
kind = "command"
title = "Restart the shop"
run = "echo restarted >> rollback.log; cat .env.production | grep -c sk_test_"

[[rollback]]
id = "testing"
kind = "env"
title = "Test mode is active"
assert = [{ name = "STRIPE_SECRET_KEY", key = "secret" }]

[[rollback]]
id = "site"
kind = "http"
title = "The site answers"
url = "https://shop.example/"
expect = { status = 200 }
"#;
    format!("{}{steps}", crate::support::SMALL)
}

/// What stands in the env file before the launch.
pub fn before() -> String {
    let letters = "A7bC2dE9fG4hJ6kL8mN3pQ5r";
    format!(
        "# the shop\nSTRIPE_SECRET_KEY=sk_test_51{letters}\nSTRIPE_PUBLISHABLE_KEY=pk_test_51{letters}\n\
         STRIPE_WEBHOOK_SECRET=whsec_{letters}\nCOLOR='dark' # as ever\n"
    )
}

pub fn env_file(launch: &Launch) -> String {
    fs::read_to_string(launch.dir.join(".env.production")).unwrap_or_default()
}

/// A product and its price that the shop had before: the launch gives the price another amount.
pub fn launched() -> (Launch, String) {
    let (launch, old) = furnished();
    let _ = launch.wizard().run().exits(0);
    (launch, old)
}

fn furnished() -> (Launch, String) {
    let launch = Launch::of(&undoable());
    fs::write(launch.dir.join(".env.production"), before()).unwrap();
    let _ = launch.stripe("POST", "/v1/products", "id=small_basic&name=Basics");
    let params = "product=small_basic&currency=cad&unit_amount=1800&lookup_key=basic_monthly";
    let old = launch.stripe("POST", "/v1/prices", params)["id"].as_str().unwrap().to_owned();
    let _ = launch.stripe("POST", "/v1/products/small_basic", &format!("default_price={old}"));
    (launch, old)
}

pub fn rollback(launch: &Launch) -> Golive {
    launch.golive(&format!("rollback --mode live --allow-commands --confirm {}", launch.control.account()))
}

pub fn object(launch: &Launch, kind: &str, id: &str) -> Value {
    launch.control.objects(Mode::Live, kind).into_iter().find(|object| object["id"] == id).unwrap_or_default()
}

/// Demands that everything stands as it did before the launch, and that nothing is deleted.
#[track_caller]
pub fn is_undone(launch: &Launch, old: &str, how: &str) {
    assert_eq!(env_file(launch), before(), "{how}");
    let basic = object(launch, "product", "small_basic");
    assert_eq!((basic["name"].as_str(), basic["active"].as_bool()), (Some("Basics"), Some(true)), "{how}");
    assert_eq!((&basic["description"], basic["default_price"].as_str()), (&Value::Null, Some(old)), "{how}");
    assert!(basic["metadata"].as_object().unwrap().is_empty(), "{how}: {basic}");
    let prices = launch.control.objects(Mode::Live, "price");
    assert_eq!(prices.len(), 5, "{how}");
    for price in &prices {
        assert_eq!(price["active"], price["id"] == old, "{how}: {price}");
    }
    assert_eq!(object(launch, "price", old)["lookup_key"], "basic_monthly", "{how}");
    assert_eq!(object(launch, "product", "small_pro")["active"], false, "{how}");
    let endpoints = launch.control.objects(Mode::Live, "webhook_endpoint");
    assert_eq!((endpoints.len(), endpoints[0]["status"].as_str()), (1, Some("disabled")), "{how}");
    let restarts = fs::read_to_string(launch.dir.join("rollback.log")).unwrap_or_default();
    assert_eq!(restarts.lines().count(), 1, "{how}: the command ran another number of times than once");
}

fn status(launch: &Launch) -> Value {
    serde_json::from_str(&launch.golive("status --mode live --json").run().exits(0).stdout).unwrap()
}

fn states(status: &Value) -> BTreeSet<(String, String)> {
    let items = status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.map(|item| (text(&item["id"]), text(&item["state"]))).collect()
}

#[test]
fn a_launch_is_undone_and_launched_again_with_the_same_objects() {
    let (launch, old) = launched();
    let live = env_file(&launch);
    let objects = |kind: &str| -> BTreeSet<String> {
        let all = launch.control.objects(Mode::Live, kind);
        all.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    };
    let made: Vec<_> = ["product", "price", "webhook_endpoint"].map(objects).into();

    let output = rollback(&launch).run().exits(0);
    let output = output.says("switch off we_").says("put back as it was at").says("no live key in it");
    assert!(output.stdout.is_empty(), "{output}");
    is_undone(&launch, &old, "rolled back");
    let after = status(&launch);
    assert_eq!((after["ready"].as_bool(), after["rollback"]["left"].as_u64()), (Some(false), Some(0)), "{after:#}");
    let states = states(&after);
    for item in
        ["keys.live", "catalog.basic", "catalog.pro", "webhook.main", "env.file", "deploy.backup", "verify.delivery"]
    {
        assert!(states.contains(&(item.to_owned(), "stale".to_owned())), "{item}: {states:?}");
    }
    assert!(states.contains(&("deploy.told".to_owned(), "done".to_owned())), "it rests on nothing: {states:?}");
    let shown = launch.golive("status --mode live").run().exits(0).stdout;
    assert!(shown.contains("Undone by anna at ") && shown.contains("the env file"), "{shown}");

    // Everything is undone: another one changes nothing, and runs nothing.
    let before = launch.requests();
    let again = launch.keyed(&format!("rollback --mode live --confirm {}", launch.control.account())).run().exits(0);
    let _ = again.says("Nothing stands that this launch changed");
    assert!(launch.writes_since(before).is_empty());

    // The keys and the signing secret are those of the launch: nobody is asked for them.
    let again = format!("wizard --mode live --yes --allow-commands --confirm {}", launch.control.account());
    let _ = launch.golive(&again).run().exits(0);
    assert_eq!(env_file(&launch), live);
    assert_eq!(["product", "price", "webhook_endpoint"].map(objects).to_vec(), made);
    assert_eq!(object(&launch, "webhook_endpoint", made[2].first().unwrap())["status"], "enabled");
    assert_eq!(object(&launch, "price", &old)["active"], false);
    assert_eq!(status(&launch)["ready"], true);
    assert_eq!(launch.backups(), 2, "a command of the launch is run again");
    launch.changes_nothing_more("launched again");

    let _ = fs::remove_file(launch.dir.join("rollback.log"));
    let _ = rollback(&launch).run().exits(0);
    is_undone(&launch, &old, "rolled back a second time");
}

#[test]
fn a_dry_run_shows_every_step_and_writes_nothing() {
    let (launch, _) = launched();
    let before: Vec<_> = launch.files().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    let requests = launch.requests();
    let output = launch.golive("rollback --mode live --dry-run").run().exits(0);
    for words in ["webhook main", ".env.production", "Restart the shop", "name back to \"Basics\"", "archive small_pro"]
    {
        let shown: Vec<&str> = output.stdout.split_whitespace().collect();
        assert!(shown.join(" ").contains(words), "{words}: {output}");
    }
    assert!(launch.writes_since(requests).is_empty());
    let after: Vec<_> = launch.files().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert!(before == after, "a file changed");
}

#[test]
fn what_somebody_undid_already_is_named_and_not_undone_again() {
    let (launch, old) = launched();
    let endpoints = launch.control.objects(Mode::Live, "webhook_endpoint");
    let hook = endpoints[0]["id"].as_str().unwrap();
    let _ = launch.stripe("POST", &format!("/v1/webhook_endpoints/{hook}"), "disabled=true");
    let prices = launch.control.objects(Mode::Live, "price");
    let annual = prices.iter().find(|price| price["lookup_key"] == "basic_annual").unwrap()["id"].as_str().unwrap();
    let _ = launch.stripe("POST", &format!("/v1/prices/{annual}"), "active=false");
    let shown = launch.golive("rollback --mode live --dry-run").run().exits(0).stdout;
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let words = "Undone already webhook main: it was switched off already price basic_annual: it was closed already";
    assert!(shown.join(" ").contains(words), "{shown:?}");
    let before = launch.requests();
    let _ = rollback(&launch).run().exits(0);
    is_undone(&launch, &old, "with half of it undone by hand");
    let again = |path: &str| path.ends_with(hook) || path.ends_with(annual);
    assert!(!launch.writes_since(before).iter().any(|write| again(&write.path)), "{:?}", launch.writes_since(before));
}

#[test]
fn what_a_kill_left_of_a_backup_is_never_put_back() {
    for place in ["backup.created:1", "backup.written:1", "backup.renamed:1", "env.renamed:1"] {
        let (launch, old) = furnished();
        assert!(launch.wizard().crash_at(place).run().was_killed(), "{place}");
        let _ = launch.wizard().run().exits(0);
        let _ = rollback(&launch).run().exits(0);
        is_undone(&launch, &old, place);
    }
}

#[test]
fn killed_when_the_env_file_is_back_the_keys_of_the_launch_are_still_kept() {
    let (launch, old) = launched();
    let live = env_file(&launch);
    assert!(rollback(&launch).crash_at("env.restored:1").run().was_killed());
    assert_eq!(env_file(&launch), before());
    let _ = rollback(&launch).run().exits(0);
    is_undone(&launch, &old, "killed on the way");
    // Nobody is asked for a key, nor for the signing secret.
    let again = format!("wizard --mode live --yes --allow-commands --confirm {}", launch.control.account());
    let _ = launch.golive(&again).run().exits(0);
    assert_eq!(env_file(&launch), live);
}

#[test]
fn what_was_left_and_done_by_hand_ends_the_rollback() {
    let (launch, _) = launched();
    launch.control.fault(golive::simulator::Fault {
        at: golive::simulator::At::Every,
        method: Some("POST".into()),
        path: "/v1/products/small_pro".into(),
        what: golive::simulator::What::Status(400, false),
    });
    let _ = rollback(&launch).run().exits(3);
    launch.control.clear_faults();
    let _ = launch.stripe("POST", "/v1/products/small_pro", "active=false");
    assert_ne!(status(&launch)["rollback"]["left"].as_u64(), Some(0));
    let here = launch.golive("").run().exits(0).stdout;
    assert!(here.contains("A rollback is not finished.\nGo on with: golive rollback\n"), "{here}");
    for _ in 0..2 {
        let _ = launch.keyed(&format!("rollback --mode live --confirm {}", launch.control.account())).run().exits(0);
        assert_eq!(status(&launch)["rollback"]["left"].as_u64(), Some(0));
    }
    assert!(launch.events_of("rollback_ended").len() <= 3, "it ends once");
}

/// Nothing was undone.
#[track_caller]
fn untouched(launch: &Launch, requests: usize, live: &str) {
    assert!(launch.writes_since(requests).is_empty(), "{:?}", launch.writes_since(requests));
    assert_eq!(env_file(launch), live);
    assert!(!launch.dir.join("rollback.log").exists());
    assert!(launch.events_of("rollback_began").is_empty());
}

#[test]
fn without_the_accounts_name_nothing_is_undone() {
    let (launch, _) = launched();
    let (live, requests) = (env_file(&launch), launch.requests());
    let _ = launch.golive("rollback --mode live --yes").run().exits(5).says("--confirm acct_");
    let _ =
        launch.golive("rollback --mode live --yes --confirm acct_other").run().exits(4).says("names another account");
    untouched(&launch, requests, &live);
    // Its commands were allowed by the launch; on another computer they are shown first.
    let elsewhere = rollback_without_commands(&launch).env("XDG_STATE_HOME", launch.home.join("other")).run();
    let _ = elsewhere.exits(5).says("GL0703").says("echo restarted");
    untouched(&launch, requests, &live);
}

fn rollback_without_commands(launch: &Launch) -> Golive {
    launch.golive(&format!("rollback --mode live --confirm {}", launch.control.account()))
}

#[test]
fn edits_in_the_env_file_are_told_and_not_lost_in_silence() {
    let (launch, old) = launched();
    let live = env_file(&launch) + "DATABASE_URL=postgres://db\n";
    fs::write(launch.dir.join(".env.production"), live.replace("'dark'", "'light'")).unwrap();
    let edited = env_file(&launch);
    let requests = launch.requests();
    let refused = rollback(&launch).run().exits(4).says("GL0903");
    let _ = refused.says("`COLOR` and `DATABASE_URL`").says("rollback.env=restore");
    untouched(&launch, requests, &edited);

    let _ = rollback(&launch).args("--answer rollback.env=restore").run().exits(0);
    is_undone(&launch, &old, "restored over edits");
    let backups = fs::read_dir(launch.dir.join(".golive/backups")).unwrap().flatten();
    let kept = backups.filter(|entry| fs::read_to_string(entry.path()).unwrap() == edited).count();
    assert_eq!(kept, 1, "the edits are nowhere");
}

#[test]
fn a_backup_that_is_gone_is_told_before_anything_is_undone() {
    let (launch, _) = launched();
    let live = env_file(&launch);
    fs::remove_dir_all(launch.dir.join(".golive/backups")).unwrap();
    let requests = launch.requests();
    let _ = rollback(&launch).run().exits(4).says("GL0902").says("rollback.env=leave");
    untouched(&launch, requests, &live);

    // The rest is undone on demand; that the shop still has live keys is no success.
    let output = rollback(&launch).args("--answer rollback.env=leave").run().exits(3);
    let _ = output.says("GL0905").says("it was left as it is").says("golive rollback");
    assert_eq!(env_file(&launch), live);
    assert_eq!(object(&launch, "product", "small_pro")["active"], false);
}

#[test]
fn what_stripe_refuses_is_told_and_the_rest_is_undone() {
    let (launch, _) = launched();
    // A hand made a price of the launch the default of a product that was there before.
    let prices = launch.control.objects(Mode::Live, "price");
    let annual = prices.iter().find(|price| price["lookup_key"] == "basic_annual").unwrap()["id"].as_str().unwrap();
    let key = launch.variables()["STRIPE_SECRET_KEY"][0].clone();
    assert!(key.starts_with("sk_live_"));
    let _ = launch.stripe("POST", "/v1/products/small_pro", "metadata[by_hand]=1");
    launch.control.fault(golive::simulator::Fault {
        at: golive::simulator::At::Every,
        method: Some("POST".into()),
        path: format!("/v1/prices/{annual}"),
        what: golive::simulator::What::Status(400, false),
    });
    let output = rollback(&launch).run().exits(3);
    let _ = output.says("GL0904").says("price basic_annual could not be undone");
    assert_eq!(object(&launch, "price", annual)["active"], true);
    assert_eq!(object(&launch, "product", "small_pro")["active"], false, "the rest is undone");

    launch.control.clear_faults();
    let _ = launch.keyed(&format!("rollback --mode live --confirm {}", launch.control.account())).run().exits(0);
    assert_eq!(object(&launch, "price", annual)["active"], false);
    let restarts = fs::read_to_string(launch.dir.join("rollback.log")).unwrap();
    assert_eq!(restarts.lines().count(), 1, "going on runs nothing twice");
}

#[test]
fn a_rehearsal_is_rolled_back_in_its_own_world() {
    let launch = Launch::of(&undoable());
    let real = before();
    fs::write(launch.dir.join(".env.production"), &real).unwrap();
    let answers = "--answer deploy.told.done=done --answer env.file.MAIL_FROM=info@shop.example";
    let rehearse = || launch.golive(&format!("rehearse --yes {answers}")).without("GOLIVE_RESOLVE");
    let _ = rehearse().run().exits(0);
    let output: Output = launch.golive("rollback --mode rehearse").without("GOLIVE_RESOLVE").run().exits(0);
    let _ = output.says("switch off we_").says("taken away, as before the launch");
    assert_eq!(env_file(&launch), real, "a rehearsal never touches the real one");
    assert!(!launch.dir.join(".golive/rehearsal/small/.env.production").exists());
    assert!(!launch.dir.join("rollback.log").exists(), "no command runs in a rehearsal");
    let _ = rehearse().run().exits(0);
    let status = launch.golive("status --mode rehearse --json").run().exits(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["ready"], true, "{status:#}");
}
