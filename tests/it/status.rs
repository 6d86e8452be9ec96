//! What is done and what is left, in every form, and what drifted since.

use super::stand::{SHOP, Stand};
use serde_json::Value;

const ADVICE: &str =
    "\n[[phase.item]]\nid = \"insured\"\nkind = \"manual\"\ntitle = \"The shop is insured\"\nseverity = \"advised\"\n";
const STATES: [&str; 8] = ["done", "todo", "blocked", "failed", "unknown", "skipped", "stale", "rehearsed"];

fn status(stand: &Stand) -> Value {
    stand.run(&["status", "--json"]).json()
}

/// The counts of states add up, and agree with the items.
#[track_caller]
fn adds_up(status: &Value) {
    let count = |name: &str| status["summary"][name].as_u64().unwrap();
    let items: Vec<&Value> =
        status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap()).collect();
    assert_eq!(STATES.iter().map(|state| count(state)).sum::<u64>(), count("total"));
    assert_eq!(items.len() as u64, count("total"));
    for state in STATES {
        assert_eq!(items.iter().filter(|item| item["state"] == state).count() as u64, count(state), "{state}");
    }
    let finished = |item: &&&Value| item["state"] == "done" || item["state"] == "skipped";
    let open = items.iter().filter(|item| item["severity"] == "blocker" && !finished(item)).count() as u64;
    assert_eq!((open, status["ready"].as_bool()), (count("blocking"), Some(count("blocking") == 0)));
}

fn fields(value: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}

#[test]
fn the_document_has_every_field_of_its_schema_before_and_after_the_launch() {
    let stand = Stand::new(&format!("{SHOP}{ADVICE}"));
    let before = status(&stand);
    assert_eq!((before["account"].clone(), before["next"]["item"].as_str()), (Value::Null, Some("keys.live")));
    let account = stand.control.account();
    stand
        .run(&["wizard", "--mode", "live", "--yes", "--confirm", &account, "--answer", "env.insured.done=later"])
        .expect(0, &[]);
    let after = status(&stand);
    for document in [&before, &after] {
        adds_up(document);
        let top = ["account", "checklist", "mode", "next", "phases", "ready", "schema", "summary"];
        assert!(top.iter().all(|name| fields(document).contains(name)), "{:?}", fields(document));
        assert_eq!((document["schema"].as_str(), document["mode"].as_str()), (Some("golive.status/1"), Some("live")));
        assert_eq!(fields(&document["checklist"]), ["id", "path", "sha256", "title"]);
        assert_eq!(fields(&document["phases"][0]), ["id", "items", "state", "title"]);
        let item =
            ["checked_at", "evidence", "id", "kind", "note", "problem", "severity", "state", "title", "waits_for"];
        assert_eq!(fields(&document["phases"][0]["items"][0]), item);
    }
    assert_eq!(after["account"]["id"], account.as_str());
    assert_eq!((after["ready"].as_bool(), after["next"]["item"].as_str()), (Some(true), Some("env.insured")));
    assert!(after["phases"][1]["items"][0]["evidence"].as_str().unwrap().contains("50.00 CAD"));
}

#[test]
fn status_needs_no_key_no_network_and_writes_nothing() {
    let mut stand = Stand::new(SHOP);
    stand.vars.retain(|name, _| name == "HOME");
    stand.run(&["status", "--mode", "live"]).expect(0, &["0 of 4 done"]);
    stand.run(&["status", "--json"]).expect(0, &[]);
    assert!(stand.control.requests().is_empty() && !stand.dir.join(".golive").exists());
}

#[test]
fn the_exit_code_says_whether_the_launch_is_blocked_only_when_asked() {
    let stand = Stand::new(SHOP);
    stand.run(&["status"]).expect(0, &[]);
    stand.run(&["status", "--exit-code"]).expect(3, &[]);
    stand.run(&["status", "--json", "--exit-code"]).expect(3, &[]);
    stand.launch().expect(0, &[]);
    stand.run(&["status", "--exit-code"]).expect(0, &["4 of 4 done"]);
}

#[test]
fn markdown_and_all_show_every_item() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let ran = stand.run(&["status", "--markdown", "--all"]);
    for title in ["API keys", "Shop Pro", "Webhook endpoint", "Complete env file"] {
        ran.expect(0, &[title]);
        stand.run(&["status", "--all"]).expect(0, &[title]);
    }
    assert!(ran.out.starts_with("# ") || ran.out.starts_with("## "), "{}", ran.out);
}

#[test]
fn a_broken_status_in_json_is_json_too() {
    let stand = Stand::new(SHOP);
    stand.write("golive.toml", "schema = ");
    let ran = stand.run(&["status", "--json"]);
    ran.expect(2, &["GL0101"]);
    assert_eq!((ran.json()["schema"].as_str(), ran.json()["exit"].as_u64()), (Some("golive.error/1"), Some(2)));
}

/// A launched shop in which something was changed by somebody else; `check` finds it.
fn drifted(change: impl FnOnce(&Stand), item: &str, words: &[&str]) {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    stand.run(&["check"]).expect(0, &["4 of 4 done"]);
    change(&stand);
    let (writes, env) = (stand.writes(), stand.read(".env.production"));
    stand.run(&["check", item]).expect(3, words).expect(3, &["GL1013"]);
    assert_eq!(stand.state_of(item), "stale");
    let ran = stand.run(&["check", "--json"]);
    assert_eq!(ran.code, 3);
    adds_up(&ran.json());
    assert_eq!(ran.json()["summary"]["stale"], 1);
    assert_eq!((stand.writes(), stand.read(".env.production")), (writes, env));
    stand.launch().expect(0, &["4 of 4 done"]);
    stand.run(&["check"]).expect(0, &[]);
}

#[test]
fn a_renamed_product_is_stale() {
    let rename = |stand: &Stand| drop(stand.stripe("POST", "/v1/products/shop_pro", "name=Shop Pro Max"));
    drifted(rename, "catalog.pro", &["name is Shop Pro Max, wanted is Shop Pro"]);
}

#[test]
fn an_archived_price_is_stale() {
    let archive = |stand: &Stand| {
        let prices = stand.objects("price");
        let id = prices.iter().find(|price| price["lookup_key"] == "pro_annual").unwrap()["id"].clone();
        stand.stripe("POST", &format!("/v1/prices/{}", id.as_str().unwrap()), "active=false");
    };
    drifted(archive, "catalog.pro", &["active is false, wanted is true"]);
}

#[test]
fn a_disabled_endpoint_is_stale() {
    let disable = |stand: &Stand| {
        let id = stand.objects("webhook_endpoint")[0]["id"].clone();
        stand.stripe("POST", &format!("/v1/webhook_endpoints/{}", id.as_str().unwrap()), "disabled=true");
    };
    drifted(disable, "webhook.main", &["status is disabled, wanted is enabled"]);
}

#[test]
fn a_variable_taken_out_of_the_env_file_is_stale() {
    let remove = |stand: &Stand| {
        let text = stand.read(".env.production");
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("PRICE_PRO_ANNUAL")).collect();
        stand.write(".env.production", &(kept.join("\n") + "\n"));
    };
    drifted(remove, "env.file", &["PRICE_PRO_ANNUAL"]);
}

#[test]
fn a_deleted_endpoint_is_stale_and_made_anew_with_its_secret_kept() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let secret = |stand: &Stand| {
        let text = stand.read(".env.production");
        text.lines().find(|line| line.starts_with("STRIPE_WEBHOOK_SECRET=")).unwrap_or_default().to_owned()
    };
    let (id, before) = (stand.objects("webhook_endpoint")[0]["id"].clone(), secret(&stand));
    stand.stripe("DELETE", &format!("/v1/webhook_endpoints/{}", id.as_str().unwrap()), "");
    stand.run(&["check"]).expect(3, &["GL1013"]);
    stand.launch().expect(0, &[]);
    assert_eq!(stand.objects("webhook_endpoint").len(), 1);
    assert_ne!(secret(&stand), before);
}
