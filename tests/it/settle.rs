//! Writes whose end nobody saw: settled before anything is looked at, found again when Stripe has
//! forgotten them, never doubled; and the secret that only a replay can bring back.

use std::fs;
use std::time::Duration;

use golive::simulator::{At, Fault, Mode, RequestLog, What};

use crate::support::Launch;

fn fault(launch: &Launch, path: &str, at: At, what: What) {
    launch.control.fault(Fault { at, method: Some("POST".into()), path: path.into(), what });
}

fn first_about(requests: &[RequestLog], path: &str) -> Option<usize> {
    requests.iter().position(|request| request.path == path)
}

#[test]
fn a_lost_reply_is_settled_before_anything_is_looked_at() {
    let launch = Launch::killed_when_made("webhook_endpoint");
    assert_eq!(launch.control.objects(Mode::Live, "webhook_endpoint").len(), 1, "it happened");
    assert!(!launch.variables().contains_key("STRIPE_WEBHOOK_SECRET"), "nobody heard the secret");
    let before = launch.requests();
    let _ = launch.finish().exits(0);
    let since = &launch.control.requests()[before..];
    let replay = since.iter().position(|request| request.method == "POST" && request.path == "/v1/webhook_endpoints");
    assert!(since[replay.unwrap()].replayed, "{:?}", since[replay.unwrap()]);
    assert_eq!(replay, Some(0), "it was not the first request: {since:#?}");
    assert!(first_about(&since[1..], "/v1/webhook_endpoints").is_some(), "then it is looked at");
    launch.is_whole("the answer was lost");
}

#[test]
fn a_reply_that_is_lost_once_costs_a_retry_and_nothing_else() {
    for path in ["/v1/products", "/v1/prices", "/v1/webhook_endpoints"] {
        let launch = Launch::small();
        fault(&launch, path, At::Nth(1), What::DropAfter);
        let _ = launch.wizard().run().exits(0);
        assert!(launch.control.requests().iter().any(|request| request.replayed), "{path}: not sent again");
        launch.is_whole(path);
    }
}

/// The event that a proof caused is as old as its request, not as the moment at which its answer is known.
#[test]
fn a_proof_whose_answer_is_lost_is_found_by_a_run_that_comes_two_hours_later() {
    let launch = Launch::small();
    let _ = launch.wizard().run().exits(0);
    let _ = launch.golive("reopen verify.delivery --mode live").run().exits(0);
    // Stripe's clock then, and the journal's, are two hours behind the run that comes.
    launch.control.clock_ahead(-2 * 3600);
    fault(&launch, "/v1/products/small_basic", At::Every, What::DropAfter);
    let _ = launch.wizard().run().exits(75).says("outcome is not known");
    launch.control.clock_ahead(0);
    launch.age(2);
    launch.calm();
    let before = launch.requests();
    let _ = launch.finish().exits(0).says("product.updated");
    let touches = launch.writes_since(before).into_iter().filter(|write| write.path == "/v1/products/small_basic");
    assert!(touches.clone().all(|touch| touch.replayed), "it is caused once: {:?}", touches.collect::<Vec<_>>());
    launch.is_whole("two hours later");
}

#[test]
fn a_reply_that_never_comes_ends_with_75_and_goes_on_later() {
    let launch = Launch::small();
    fault(&launch, "/v1/webhook_endpoints", At::Every, What::DropAfter);
    let _ = launch.wizard().run().exits(75).says("outcome is not known");
    launch.calm();
    let _ = launch.finish().exits(0);
    launch.is_whole("no answer came");
}

#[test]
fn an_error_that_stripe_saved_is_looked_up_by_identity() {
    for (path, what) in [
        ("/v1/products", What::Status(500, true)),
        ("/v1/products", What::StatusAfter(500)),
        ("/v1/prices", What::Status(500, true)),
        ("/v1/prices", What::StatusAfter(500)),
        ("/v1/webhook_endpoints", What::Status(500, true)),
    ] {
        let launch = Launch::small();
        let how = format!("{what:?} of {path}");
        fault(&launch, path, At::Nth(1), what);
        let output = launch.wizard().run();
        assert_eq!(output.code, 75, "{how}: {output}");
        let _ = launch.finish().exits(0);
        launch.is_whole(&how);
    }
}

/// Stripe remembers a request for a day; then only the object itself can say what became of it.
#[test]
fn what_stripe_has_forgotten_is_found_by_identity() {
    for (kind, path) in [("product", "/v1/products"), ("price", "/v1/prices")] {
        let launch = Launch::killed_when_made(kind);
        launch.age(25);
        launch.control.expire_idempotency().unwrap();
        let before = launch.requests();
        let _ = launch.finish().exits(0);
        let since = &launch.control.requests()[before..];
        let created: Vec<_> = since.iter().filter(|request| request.method == "POST" && request.path == path).collect();
        assert!(first_about(since, path).is_some_and(|at| since[at].method == "GET"), "{path}: sent before looked up");
        assert!(!created.iter().any(|request| request.replayed));
        launch.is_whole(path);
    }
}

/// The clocks of this computer and of Stripe need not agree: forgotten within the day.
#[test]
fn a_request_that_stripe_forgot_early_doubles_nothing_that_has_an_identity() {
    let launch = Launch::killed_when_made("product");
    launch.control.expire_idempotency().unwrap();
    let _ = launch.finish().exits(0);
    launch.is_whole("forgotten early");
}

#[test]
fn a_secret_that_could_not_be_written_is_brought_back_by_a_replay() {
    let launch = Launch::small();
    // Without a backup nothing is written, and a file stands where the backups' folder would.
    let backups = launch.dir.join(".golive/backups");
    let in_the_way = backups.clone();
    launch.when_made("webhook_endpoint", move || fs::write(&in_the_way, "").unwrap());
    let output = launch.wizard().run();
    launch.calm();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("backups"), "{output}");
    assert!(!launch.variables().contains_key("STRIPE_WEBHOOK_SECRET"));
    fs::remove_file(&backups).unwrap();
    let _ = launch.finish().exits(0);
    launch.is_whole("the secret could not be written");
}

/// Stripe shows it once. What is left is the Dashboard, and one question.
#[test]
fn a_secret_that_no_replay_can_bring_back_is_asked_for() {
    let saved = Launch::small();
    fault(&saved, "/v1/webhook_endpoints", At::Nth(1), What::StatusAfter(500));
    let _ = saved.wizard().run().exits(75);
    let forgotten = Launch::killed_when_made("webhook_endpoint");
    forgotten.age(25);
    forgotten.control.expire_idempotency().unwrap();
    for launch in [saved, forgotten] {
        for _ in 0..2 {
            let _ = launch.wizard().run().exits(5).says("webhook.main.secret");
        }
        assert_eq!(launch.control.objects(Mode::Live, "webhook_endpoint").len(), 1, "it was doubled");
    }
}

#[test]
fn an_env_file_that_moved_while_the_endpoint_was_made_loses_no_secret() {
    let launch = Launch::small();
    let file = launch.dir.join(".env.production");
    launch.when_made("webhook_endpoint", move || {
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("# by hand\n{text}")).unwrap();
    });
    let output = launch.wizard().run();
    launch.calm();
    assert_eq!(output.code, 4, "{output}");
    assert!(!launch.variables().contains_key("STRIPE_WEBHOOK_SECRET"));
    let _ = launch.finish().exits(0);
    assert!(fs::read_to_string(launch.dir.join(".env.production")).unwrap().starts_with("# by hand\n"));
    launch.is_whole("the env file moved");
}

/// The journal says what was sent, the key says where to: to another account nothing is sent again.
#[test]
fn what_was_begun_in_one_account_is_never_settled_in_another() {
    let launch = Launch::killed_when_made("price");
    let (_, other) = launch.control.add_account().unwrap();
    let before = launch.requests();
    let output = launch.wizard().env("GOLIVE_LIVE_KEY", &other.secret).run();
    assert_eq!(output.code, 4, "{output}");
    assert!(launch.writes_since(before).is_empty(), "{output}");
    let _ = launch.finish().exits(0);
    launch.is_whole("a key of another account in between");
}

#[test]
fn a_request_that_takes_its_time_is_waited_for() {
    let launch = Launch::small();
    fault(&launch, "/v1/prices", At::Every, What::Slow(Duration::from_millis(300)));
    let _ = launch.wizard().run().exits(0);
    launch.is_whole("slow");
}
