//! More than one: two golives on one launch, readers while somebody writes, two sandboxes on one folder,
//! and a thousand launches against one Stripe.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::{Golive, Launch, Output, SMALL, figures};

#[test]
fn the_second_of_two_names_the_first_and_changes_nothing() {
    let launch = Launch::small();
    let said: Arc<Mutex<Vec<Output>>> = Arc::default();
    let (dir, home, url) = (launch.dir.clone(), launch.home.clone(), launch.simulator.url.clone());
    let keep = Arc::clone(&said);
    launch.when_made("product", move || {
        for line in
            ["wizard --mode live --yes", "apply --mode live --yes", "check --mode live", "done deploy.told --mode live"]
        {
            let golive = Golive::new(&dir, &home).env("GOLIVE_API_BASE", &url);
            keep.lock().unwrap().push(golive.args(line).run());
        }
    });
    let child = launch.wizard().start();
    let pid = child.id();
    let first = Output::of(&child.wait_with_output().unwrap()).exits(0);
    launch.calm();
    let said = std::mem::take(&mut *said.lock().unwrap());
    assert_eq!(said.len(), 4, "{first}");
    for output in said {
        let _ = output.exits(75).says("GL1007").says("`golive wizard`").says(&format!("process {pid}"));
    }
    launch.is_whole("others tried meanwhile");
}

#[test]
fn who_reads_while_somebody_writes_sees_a_whole_state() {
    let launch = Launch::small();
    let over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut looks, mut done) = (0, 0);
            while !over.load(Ordering::SeqCst) || looks == 0 {
                let output = launch.golive("status --mode live --json").run().exits(0);
                let status: Value = serde_json::from_str(&output.stdout).unwrap();
                let summary = &status["summary"];
                let counts = ["done", "todo", "blocked", "failed", "unknown", "skipped", "stale", "rehearsed"]
                    .map(|state| summary[state].as_u64().unwrap());
                assert_eq!(counts.iter().sum::<u64>(), summary["total"].as_u64().unwrap(), "{summary}");
                assert!(counts[0] >= done, "what was done is not: {summary}");
                done = counts[0];
                assert!(!output.stderr.contains("was not finished"), "a half line was shown: {output}");
                looks += 1;
            }
            looks
        });
        let output = launch.wizard().run();
        over.store(true, Ordering::SeqCst);
        let _ = output.exits(0);
        reader.join().unwrap()
    });
    figures::add("crowd.looks", looks);
    launch.is_whole("read meanwhile");
}

#[test]
fn a_world_in_a_folder_has_one_sandbox_at_a_time() {
    let launch = Launch::small();
    let sandbox = || launch.golive("sandbox --data world");
    let mut first = sandbox().start();
    let mut line = String::new();
    BufReader::new(first.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("golive.sandbox/1"), "{line}");
    let _ = sandbox().run().exits(75).says("another golive uses").says("--data");
    first.kill().unwrap();
    let _ = first.wait().unwrap();
    let mut third = sandbox().start();
    let mut again = String::new();
    BufReader::new(third.stdout.as_mut().unwrap()).read_line(&mut again).unwrap();
    third.kill().unwrap();
    let _ = third.wait().unwrap();
    let keys = |line: &str| serde_json::from_str::<Value>(line).unwrap()["live"].clone();
    assert_eq!(keys(&line), keys(&again), "the world is another one");
}

/// The memory of this process, simulator included, in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Each with an account of its own, as many at a time as a computer can start; Stripe is one process.
#[test]
fn launches_side_by_side_double_nothing() {
    let (launches, at_once) = if figures::full() { (1_000, 32) } else { (16, 8) };
    let checklist = SMALL.split("[[phase]]\nid = \"deploy\"").next().unwrap();
    let stage = Launch::of(checklist);
    let accounts: Vec<_> = (0..launches).map(|_| stage.control.add_account().unwrap().0).collect();
    let (next, before) = (AtomicUsize::new(0), resident());
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(keys) = accounts.get(at) else { return };
                    let folder = tempfile::tempdir().unwrap();
                    std::fs::write(folder.path().join("golive.toml"), checklist).unwrap();
                    std::fs::create_dir_all(folder.path().join("home/tmp")).unwrap();
                    let golive = stage.surround(Golive::new(folder.path(), &folder.path().join("home")));
                    let output = golive
                        .env("GOLIVE_TEST_KEY", &keys.secret)
                        .env("GOLIVE_TEST_PUBLISHABLE_KEY", &keys.publishable)
                        .args("wizard --mode test --yes --answer env.file.MAIL_FROM=info@shop.example")
                        .run();
                    assert_eq!(output.code, 0, "launch {at}: {output}");
                    let text = std::fs::read_to_string(folder.path().join(".env.production")).unwrap();
                    assert_eq!(text.matches("STRIPE_WEBHOOK_SECRET=whsec_").count(), 1, "launch {at}");
                }
            });
        }
    });
    let grown = resident().saturating_sub(before) / launches;
    assert!(grown < 1_024, "each launch costs {grown} KiB for good");
    for (at, keys) in accounts.iter().enumerate() {
        let mut found = BTreeMap::new();
        for path in ["products", "prices", "webhook_endpoints"] {
            let list = stage.stripe_of(&keys.secret, "GET", &format!("/v1/{path}"), "limit=100");
            found.insert(path, list["data"].as_array().unwrap().len());
        }
        assert_eq!(found, [("prices", 4), ("products", 2), ("webhook_endpoints", 1)].into(), "launch {at}");
    }
    figures::add("crowd.launches", launches);
}
