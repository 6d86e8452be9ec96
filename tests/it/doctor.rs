//! `golive doctor`: what it finds on this computer, how bad it is, and what to type. It asks nothing,
//! needs no key and leaves nothing behind.

use super::stand::{SHOP, Stand};

#[test]
fn a_computer_that_is_ready_is_called_ready() {
    let stand = Stand::new(SHOP);
    let ran = stand.run(&["doctor"]);
    let network = "the simulator answers in Stripe's place, and that is said";
    assert!(ran.out.contains("GOLIVE_API_BASE"), "{network}: {}", ran.out);
    ran.expect(0, &["Clock", "right to the second", "Checklist", "4 items, no complaints", "1 thing to look at."]);
    assert!(!stand.dir.join(".golive").exists(), "it only looks");
    assert!(stand.control.requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn a_stripe_out_of_reach_is_a_failure_with_its_cause() {
    let mut stand = Stand::new(SHOP);
    stand.set("GOLIVE_API_BASE", "http://127.0.0.1:1");
    let ran = stand.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let json = ran.json();
    assert_eq!((json["schema"].as_str(), json["bad"].as_u64()), (Some("golive.doctor/1"), Some(1)));
    let network = json["findings"].as_array().unwrap().iter().find(|found| found["name"] == "Network").unwrap();
    assert_eq!(network["health"], "bad");
    assert!(network["found"].as_str().unwrap().contains("cannot be reached"), "{network}");
}

#[test]
fn a_host_that_is_not_stripes_is_refused_before_anything_is_sent() {
    let mut stand = Stand::new(SHOP);
    stand.set("GOLIVE_API_BASE", "https://stripe.example");
    stand.run(&["doctor"]).expect(3, &["is not a loopback address"]);
}

#[test]
fn git_that_tracks_the_env_file_or_would_take_it_is_found() {
    let stand = Stand::new(SHOP);
    let git = |args: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@t.example"]).args(args).current_dir(&stand.dir);
        assert!(git.output().unwrap().status.success(), "git {args:?}");
    };
    git(&["init", "-q"]);
    stand.run(&["doctor"]).expect(0, &["does not ignore .env.production", "echo .env.production >> .gitignore"]);
    stand.write(".gitignore", ".env.production\n");
    stand.run(&["doctor"]).expect(0, &["ignores .env.production"]);
    stand.write(".env.production", "A=1\n");
    stand.chmod(".env.production", 0o644);
    stand.run(&["doctor"]).expect(0, &["mode 644", "chmod 600 .env.production"]);
    git(&["add", "-f", ".env.production"]);
    stand.run(&["doctor"]).expect(3, &["git tracks `.env.production`", "git rm --cached .env.production"]);
}

#[test]
fn a_broken_checklist_and_none_are_told_apart() {
    let stand = Stand::new(SHOP);
    stand.write("golive.toml", "schema = 1\nid = \"a\"\ntitle = \"A\"\nseverty = 1\n");
    stand.run(&["doctor"]).expect(3, &["Checklist", "golive checklist validate"]);
    std::fs::remove_file(stand.dir.join("golive.toml")).unwrap();
    stand.run(&["doctor"]).expect(0, &["none here", "golive checklist list"]);
}

#[test]
fn a_run_that_is_there_is_counted_and_its_secrets_stay_where_they_are() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let ran = stand.run(&["doctor"]);
    ran.expect(0, &["LIVE, 4 of 4 done"]);
    assert!(!ran.out.contains(&stand.sim.live.secret) && !ran.out.contains("whsec_"));
}

#[test]
fn a_checklist_of_ones_own_begins_with_a_bundled_one_and_never_over_another() {
    let stand = Stand::new(SHOP);
    let before = stand.read("golive.toml");
    stand.run(&["checklist", "new", "minipass"]).expect(2, &["is there already", "--out NAME.toml"]);
    assert_eq!(stand.read("golive.toml"), before);
    stand.run(&["checklist", "new", "minipass", "--out", "mine.toml"]).expect(0, &["mine.toml is written"]);
    stand.run(&["checklist", "validate", "mine.toml"]).expect(0, &["mine.toml is valid"]);
    stand.run(&["checklist", "new", "minipas", "--out", "b.toml"]).expect(2, &["minipass"]);
}
