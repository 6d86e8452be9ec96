//! Wrong usage: exit 2 and the words to type instead; refusals of the environment; a second golive.

use super::stand::{SHOP, Stand};
use golive::mode::Mode;
use golive::store::{Lock, lock_path};

#[test]
fn an_unknown_mode_names_the_three() {
    let stand = Stand::new(SHOP);
    insta::assert_snapshot!(stand.run(&["wizard", "--mode", "prod"]).said(), @r"
    exit 2
    error: invalid value 'prod' for '--mode <MODE>': `prod` is not a mode; the modes are rehearse, test and live

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_phase_names_those_there_are() {
    let stand = Stand::new(SHOP);
    let ran = stand.run(&["wizard", "--mode", "live", "--phase", "katalog"]);
    insta::assert_snapshot!(ran.error(), @r"
    exit 2
    error[GL1201]: there is no phase `katalog`
      fix    name one of these: keys, catalog, webhook, env
      more   golive explain GL1201
    ");
    assert!(!stand.dir.join(".golive").exists());
}

#[test]
fn an_unknown_item_is_answered_with_the_nearest_one() {
    let stand = Stand::new(SHOP);
    let ran = stand.run(&["done", "catalog.pr"]);
    insta::assert_snapshot!(ran.error(), @r"
    exit 2
    error[GL0110]: there is no item `catalog.pr`
      fix    did you mean catalog.pro?
      or     see every item: golive status --all
      more   golive explain GL0110
    ");
    for args in [
        &["skip", "catalog.pr", "--reason", "x"][..],
        &["reopen", "catalog.pr"],
        &["check", "catalog.pr"],
        &["explain", "catalog.pr"],
    ] {
        stand.run(args).expect(2, &["GL0110", "did you mean catalog.pro?"]);
    }
    stand.run(&["done", "nonsense"]).expect(2, &["phase.item"]);
}

#[test]
fn wrong_flags_and_commands_are_answered_with_usage() {
    let stand = Stand::new(SHOP);
    stand.run(&["status", "--jsn"]).expect(2, &["--json"]);
    stand.run(&["statsu"]).expect(2, &["status"]);
    stand.run(&["status", "--json", "--markdown"]).expect(2, &["cannot be used with"]);
    stand.run(&["wizard", "--answer", "nonsense"]).expect(2, &["ID=VALUE"]);
    stand.run(&["wizard", "--color", "sometimes"]).expect(2, &["auto, always, never"]);
    stand.run(&["wizard", "--mode", "live", "--answer", "vars.nothing=1"]).expect(2, &["no variable `nothing`"]);
    stand.run(&["status", "--dir", "absent"]).expect(2, &["no folder `absent`", "mkdir -p absent"]);
    stand.run(&["status", "--dir", "golive.toml"]).expect(2, &["is not a folder", "--dir ."]);
    stand.run(&["status", "--checklist", "."]).expect(2, &["is a folder, not a checklist", "golive.toml"]);
}

#[test]
fn a_secret_is_not_taken_from_the_command_line() {
    let mut stand = Stand::new(SHOP);
    stand.set("GOLIVE_LIVE_KEY", "");
    let ran = stand.run(&["wizard", "--mode", "live", "--answer", "keys.live.secret=hunter2hunter2"]);
    ran.expect(4, &["may not be given with --answer", "GOLIVE_LIVE_KEY"]);
    assert!(!ran.err.contains("hunter2hunter2"));
}

#[test]
fn skip_needs_a_reason_and_done_is_for_people() {
    let stand = Stand::new(SHOP);
    stand.run(&["skip", "webhook.main"]).expect(2, &["--reason"]);
    stand
        .run(&["skip", "webhook.main", "--reason", "  "])
        .expect(2, &["a reason is needed", "golive skip webhook.main --reason"]);
    let ran = stand.run(&["done", "webhook.main", "--note", "I saw it"]);
    insta::assert_snapshot!(ran.error(), @r#"
    exit 4
    error[GL1011]: `webhook.main` is checked by golive, not by word
      why    its kind is `webhook`
      fix    look at it again: golive check webhook.main
      or     leave it out, knowingly: golive skip webhook.main --reason "…"
      more   golive explain GL1011
    "#);
    assert!(!stand.dir.join(".golive").exists());
}

#[test]
fn skip_shows_who_and_why_and_reopen_takes_it_back() {
    let stand = Stand::new(SHOP);
    stand.run(&["skip", "webhook.main", "--reason", "no app yet", "--mode", "live"]).expect(0, &["skipped"]);
    stand.run(&["status", "--all"]).expect(0, &["no app yet", "kim"]);
    assert_eq!(stand.state_of("webhook.main"), "skipped");
    stand.run(&["reopen", "webhook.main"]).expect(0, &["open again"]);
    assert_eq!(stand.state_of("webhook.main"), "blocked");
}

#[test]
fn explain_explains_codes_and_items_and_says_what_is_neither() {
    let stand = Stand::new(SHOP);
    stand.run(&["explain", "GL0204"]).expect(0, &["the key belongs to the other mode"]);
    stand.run(&["explain", "gl0204"]).expect(0, &["GL0204"]);
    stand.run(&["explain", "catalog.pro"]).expect(0, &["Shop Pro", "product"]);
    insta::assert_snapshot!(stand.run(&["explain", "nonsense"]).error(), @r"
    exit 2
    error[GL1201]: `nonsense` is neither an error code nor an item
      why    codes go from GL0101 to GL1299
      fix    name a code, GL0204, or an item, catalog.pro: golive explain GL0204
      more   golive explain GL1201
    ");
    stand.run(&["explain", "GL9999"]).expect(2, &["neither an error code nor an item"]);
}

#[test]
fn another_host_in_stripes_place_is_refused_and_nothing_is_contacted() {
    let mut stand = Stand::new(SHOP);
    for base in
        ["https://stripe.evil.test", "http://api.stripe.com", "http://10.0.0.1:80", "http://127.0.0.1@evil.test"]
    {
        stand.set("GOLIVE_API_BASE", base);
        for args in [&["wizard", "--mode", "live"][..], &["plan"], &["check"], &["apply", "--yes"]] {
            stand.run(args).expect(4, &["is not a loopback address", base, "golive sandbox"]);
        }
    }
    stand.set("GOLIVE_API_BASE", "http://evil.test");
    insta::assert_snapshot!(stand.run(&["plan"]).error(), @r"
    exit 4
    error[GL1202]: `http://evil.test` is not a loopback address
      why    a live key can never be pointed at another host than Stripe's
      found  http://evil.test
      wanted http://127.0.0.1:PORT
      fix    start the simulator and use the address it prints: golive sandbox
      more   golive explain GL1202
    ");
    assert!(stand.control.requests().is_empty());
    assert_eq!(stand.read(".env.production"), "");
}

#[test]
fn a_resolve_that_makes_no_sense_or_leads_away_is_refused() {
    let mut stand = Stand::new(SHOP);
    for resolve in ["nonsense", "shop.test=", "shop.test=10.0.0.1:80", "shop.test=127.0.0.1", "=127.0.0.1:80"] {
        stand.set("GOLIVE_RESOLVE", resolve);
        let ran = stand.run(&["plan"]);
        assert!(matches!(ran.code, 2 | 4), "{resolve}: {}", ran.said());
        ran.expect(ran.code, &["GOLIVE_RESOLVE", "127.0.0.1:8443"]);
    }
    assert!(stand.control.requests().is_empty());
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let mut stand = Stand::new(SHOP);
    stand.set("SSL_CERT_FILE", "/nonexistent/ca.pem");
    stand.run(&["plan"]).expect(1, &["/nonexistent/ca.pem"]);
    stand.write("ca.pem", "no certificate");
    stand.set("SSL_CERT_FILE", "ca.pem");
    let ran = stand.run(&["plan"]);
    assert_ne!(ran.code, 0, "{}", ran.said());
    ran.expect(ran.code, &["SSL_CERT_FILE"]);
}

#[test]
fn a_second_golive_is_told_who_holds_the_run_and_readers_go_on() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let writes = stand.writes();
    let held = Lock::take(&lock_path(&stand.dir, "shop", Mode::Live), "wizard").unwrap();
    let ran = stand.launch();
    ran.expect(75, &["GL1007", "`golive wizard`", &std::process::id().to_string(), "golive status"]);
    for args in
        [&["check"][..], &["apply", "--yes"], &["skip", "webhook.main", "--reason", "x"], &["reopen", "webhook.main"]]
    {
        stand.run(args).expect(75, &["GL1007"]);
    }
    stand.run(&["status"]).expect(0, &["4 of 4 done"]);
    stand.run(&["plan"]).expect(0, &["Nothing to change"]);
    assert_eq!(stand.writes(), writes);
    drop(held);
    stand.run(&["check"]).expect(0, &[]);
}

#[test]
fn a_sandbox_whose_port_is_taken_says_so() {
    let stand = Stand::new(SHOP);
    let port = stand.sim.url.rsplit(':').next().unwrap_or_default().to_owned();
    stand.run(&["sandbox", "--port", &port]).expect(1, &[&format!("127.0.0.1:{port}"), "golive sandbox --port 0"]);
    stand.run(&["sandbox", "--fail", "nonsense"]).expect(2, &["--fail", "for example"]);
    stand.run(&["sandbox", "--port", "99999"]).expect(2, &["99999"]);
}

#[test]
fn help_version_completions_and_manual_go_to_standard_output() {
    let stand = Stand::new(SHOP);
    for args in [&["--help"][..], &["--version"], &["completions", "bash"], &["man"], &["help", "plan"], &[]] {
        let ran = stand.run(args);
        ran.expect(0, &["golive"]);
        assert!(ran.err.is_empty() && !ran.out.is_empty(), "{args:?}: {}", ran.err);
    }
}
