//! The fault matrix: each request that golive makes meets each thing that can go wrong with it. What comes
//! of it is stated in `FAULTS`; nothing loops, nothing is doubled, and an exit of 0 means that all is done.
//!
//! `cargo test` tries some of the pairs, spread evenly; `GOLIVE_MATRIX=full` all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use golive::simulator::{At, Fault, Mode, Moment, What};

use crate::support::figures;
use crate::support::folder::Folder;
use crate::support::{Golive, Launch, Output, SMALL};

/// What comes of a fault that hits one request once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    /// Tried again, or of no consequence: the run ends as if nothing had happened.
    Through,
    /// The run ends with 75, says why, and the next one settles it.
    Settled,
    /// The run ends with 3, 4, 5 or 75 and a code, or goes on where the answer decides nothing; the next one
    /// finishes.
    Told,
}
use Comes::{Settled, Through, Told};

type Named = (&'static str, fn() -> What, Comes, Comes);

/// A fault, and what comes of it when it hits a read, and a write.
const FAULTS: &[Named] = &[
    ("dropped before the effect", || What::DropBefore, Through, Through),
    ("dropped after the effect", || What::DropAfter, Through, Through),
    ("slow", || What::Slow(Duration::from_millis(200)), Through, Through),
    ("hung", || What::Hang(SILENCE), Through, Through),
    ("400", || What::Status(400, false), Told, Told),
    ("401", || What::Status(401, false), Told, Told),
    ("402", || What::Status(402, false), Told, Told),
    ("403", || What::Status(403, false), Told, Told),
    ("404", || What::Status(404, false), Told, Told),
    ("409", || What::Status(409, false), Through, Through),
    ("429 global-rate", || What::Limited("global-rate"), Through, Through),
    ("429 endpoint-rate", || What::Limited("endpoint-rate"), Through, Through),
    ("429 global-concurrency", || What::Limited("global-concurrency"), Through, Through),
    ("429 endpoint-concurrency", || What::Limited("endpoint-concurrency"), Through, Through),
    ("429 resource-specific", || What::Limited("resource-specific"), Through, Through),
    ("429 lock_timeout", || What::Limited("lock_timeout"), Through, Through),
    ("500 not saved", || What::Status(500, false), Through, Through),
    ("500 saved, nothing happened", || What::Status(500, true), Settled, Settled),
    ("500 saved, although it happened", || What::StatusAfter(500), Settled, Settled),
    ("502 of something between", || What::Html502, Through, Through),
    ("200 that is no JSON", || What::Garbage200, Through, Through),
    ("200 without an id", || What::Without("id".into()), Told, Settled),
    ("200 of a newer Stripe", || What::Newer, Told, Through),
    ("a redirect", || What::Redirect, Through, Through),
];

/// How long a hung request says nothing; longer than the limit that is set for it.
const SILENCE: Duration = Duration::from_secs(3);

/// Requests more than an undisturbed launch needs: every try of the hit one, and one more look at everything.
const MORE: usize = 60;

struct Bench {
    launch: Launch,
    begin: (Folder, Moment),
    /// The requests of an undisturbed launch, each by method and path, ids as a star.
    requests: Vec<(String, String)>,
    count: usize,
}

impl Bench {
    fn new() -> Self {
        Self::of(SMALL)
    }

    fn of(checklist: &str) -> Self {
        let launch = Launch::of(checklist);
        let begin = (Folder::of(&launch.dir), launch.control.moment());
        let _ = launch.wizard().run().exits(0);
        let seen = launch.control.requests();
        let distinct: BTreeSet<(String, String)> =
            seen.iter().map(|request| (request.method.clone(), without_ids(&request.path))).collect();
        assert!(distinct.len() > 12, "{distinct:?}");
        Self { launch, begin, count: seen.len(), requests: distinct.into_iter().collect() }
    }

    /// As if nothing had been done yet.
    fn begin(&self) {
        self.launch.calm();
        self.begin.0.put_back(&self.launch.dir);
        self.launch.control.return_to(&self.begin.1);
    }

    fn wizard(&self) -> Golive {
        self.launch.wizard()
    }

    /// What must hold when a run met a fault: its end is one that is stated, it did not go on for ever, and it
    /// says what is the matter, or all is done.
    #[track_caller]
    fn judge(&self, output: &Output, comes: Comes, how: &str) {
        let allowed: &[i32] = match comes {
            Through => &[0],
            Settled => &[75],
            Told => &[0, 3, 4, 5, 75],
        };
        assert!(allowed.contains(&output.code), "{how}: {comes:?} is what comes of it: {output}");
        let requests = self.launch.requests();
        assert!(requests <= self.count + MORE, "{how}: {requests} requests: {output}");
        if output.code == 0 {
            return self.launch.is_whole(how);
        }
        let says = ["error[GL", "GL0", "GL1"].iter().any(|word| output.stderr.contains(word));
        assert!(says, "{how}: it does not say why: {output}");
        self.launch.calm();
        // What it says to type is typed.
        if let Some((_, rest)) = output.stderr.split_once("golive reopen ") {
            let item = rest.split_whitespace().next().unwrap();
            let _ = self.launch.golive(&format!("reopen {item} --mode live")).run().exits(0);
        }
        if self.is_asked_for_the_secret(how) {
            return;
        }
        let after = self.launch.finish();
        assert_eq!(after.code, 0, "{how}: it does not finish: {after}\nafter {output}");
        self.launch.is_whole(how);
    }
}

impl Bench {
    /// Where Stripe answers a creation with an error for good although it happened, the signing secret stands
    /// in the Dashboard only: golive asks for it at a terminal, however often it is begun, and makes no second
    /// endpoint. Whether this was such a case.
    #[track_caller]
    fn is_asked_for_the_secret(&self, how: &str) -> bool {
        if !how.starts_with("500 saved, although it happened, POST /v1/webhook_endpoints") {
            return false;
        }
        for _ in 0..2 {
            let asked = self.launch.resumed().run();
            assert_eq!(asked.code, 5, "{how}: {asked}");
            assert!(asked.stderr.contains("webhook.main.secret"), "{how}: {asked}");
        }
        let endpoints = self.launch.control.objects(Mode::Live, "webhook_endpoint");
        assert_eq!(endpoints.len(), 1, "{how}: {endpoints:?}");
        true
    }
}

/// What is tried is shown when a test fails, wherever it does.
#[expect(clippy::print_stdout, reason = "it is read only when a test failed")]
fn tried(how: &str) {
    println!("{how}");
}

/// The path with a star in the place of the first id and all behind it.
fn without_ids(path: &str) -> String {
    let id = |part: &str| part != "v1" && (part.starts_with("small_") || part.contains(|c: char| c.is_ascii_digit()));
    let kept: Vec<&str> = path.split('/').take_while(|part| !id(part)).collect();
    let kept = kept.join("/");
    if kept == path { kept } else { format!("{kept}/*") }
}

/// What hung is heard of when the silence is over; not in the middle of the next case.
fn outlast(name: &str) {
    if name == "hung" {
        std::thread::sleep(SILENCE);
    }
}

#[test]
fn one_request_that_fails_ends_as_stated() {
    let bench = Bench::new();
    let pairs: Vec<_> =
        FAULTS.iter().flat_map(|fault| bench.requests.iter().map(move |request| (fault, request))).collect();
    let chosen = figures::sample(pairs.len(), 30);
    for at in &chosen {
        let ((name, what, read, write), (method, path)) = pairs[*at];
        let how = format!("{name}, {method} {path}");
        tried(&how);
        bench.begin();
        let fault = Fault { at: At::Nth(1), method: Some(method.clone()), path: path.clone(), what: what() };
        bench.launch.control.fault(fault);
        // Only a silence is waited out with a short limit; a slow computer must not look like one.
        let each = if *name == "hung" { 1_000 } else { 30_000 };
        let output = bench.wizard().env("GOLIVE_CRASH_LIMITS", format!("{each},90000,5,200")).run();
        // The publishable key's proof is a write that Stripe always refuses.
        let comes = if path == "/v1/tokens" {
            Told
        } else if method == "GET" && path == "/v1/events" && *read == Settled {
            // What is waited for is asked again and again.
            Through
        } else if method == "GET" {
            *read
        } else {
            *write
        };
        bench.judge(&output, comes, &how);
        outlast(name);
    }
    figures::add("faults.requests", bench.requests.len());
    figures::add("faults.kinds", FAULTS.len());
    figures::add("faults.once", chosen.len());
}

#[test]
fn a_stripe_that_always_fails_is_given_up_on_and_nothing_is_lost() {
    let bench = Bench::new();
    let lasting: Vec<_> =
        FAULTS.iter().filter(|(name, ..)| !["slow", "200 of a newer Stripe"].contains(name)).collect();
    let chosen = figures::sample(lasting.len() * 2, 8);
    for at in &chosen {
        let (name, what, ..) = lasting[at / 2];
        // From the beginning, and from the first price on.
        let path = if at % 2 == 0 { "*" } else { "/v1/prices*" };
        bench.begin();
        bench.launch.control.fault(Fault { at: At::Every, method: None, path: path.into(), what: what() });
        let each = if *name == "hung" { 500 } else { 30_000 };
        let output = bench.wizard().env("GOLIVE_CRASH_LIMITS", format!("{each},60000,5,200")).run();
        let how = format!("{name}, always, {path}");
        assert_ne!(output.code, 0, "{how}: {output}");
        bench.judge(&output, Told, &how);
        outlast(name);
    }
    figures::add("faults.lasting", chosen.len());
}

/// What is asked for by time is asked for by Stripe's clock.
#[test]
fn clocks_that_differ_cost_nothing() {
    let bench = Bench::of(&format!("{SMALL}wait = 15\n"));
    for seconds in [-7_200, -240, 240, 7_200] {
        bench.begin();
        bench.launch.control.clock_ahead(seconds);
        let output = bench.wizard().run();
        bench.launch.control.clock_ahead(0);
        bench.judge(&output, Through, &format!("Stripe's clock is {seconds} s ahead"));
    }
}

/// A day passed, and Stripe has forgotten the request; or it has not. Meanwhile somebody was there.
#[test]
fn what_a_colleague_did_in_between_is_seen_and_nothing_is_doubled() {
    type Act = Box<dyn Fn(&Launch, &str)>;
    let by = |method: &'static str, path: &'static str, params: &'static str| -> Act {
        Box::new(move |launch: &Launch, id: &str| {
            let key = &launch.simulator.live.secret;
            let status = launch.tries(key, method, &format!("/v1/{path}").replace("ID", id), params);
            assert!(matches!(status, 200 | 400), "{method} {path}: {status}");
        })
    };
    let another = "product=small_pro&currency=cad&unit_amount=30000&lookup_key=pro_annual";
    let cases: [(&'static str, &str, Act); 8] = [
        ("product", "edited", by("POST", "products/ID", "name=Mine")),
        ("product", "archived", by("POST", "products/ID", "active=false")),
        ("product", "deleted", by("DELETE", "products/ID", "")),
        ("price", "edited", by("POST", "prices/ID", "nickname=Mine")),
        ("price", "archived", by("POST", "prices/ID", "active=false")),
        ("price", "created", by("POST", "prices", another)),
        ("webhook_endpoint", "edited", by("POST", "webhook_endpoints/ID", "enabled_events[]=charge.refunded")),
        ("webhook_endpoint", "deleted", by("DELETE", "webhook_endpoints/ID", "")),
    ];
    let mut tried = 0;
    for (kind, did, act) in &cases {
        for late in [false, true] {
            let how = format!("a {kind} was {did}, {}", if late { "25 hours later" } else { "at once" });
            let launch = Launch::killed_when_made(kind);
            let made = launch.control.objects(golive::simulator::Mode::Live, kind);
            act(&launch, made[0]["id"].as_str().unwrap());
            if late {
                launch.age(25);
                launch.control.expire_idempotency().unwrap();
            }
            // A secret that Stripe showed once and nobody heard is asked for, in words; nothing else is.
            let first = launch.resumed().run();
            let asked = *kind == "webhook_endpoint" && first.code == 5 && first.stderr.contains("webhook.main.secret");
            let output = if asked { first } else { launch.finish() };
            assert!(matches!(output.code, 0 | 3) || asked, "{how}: {output}");
            has_one_of_each_on_sale(&launch, output.code == 0, &how);
            tried += 1;
        }
    }
    figures::add("faults.colleague", tried);
}

/// One active object for each name, and the env file names it.
#[track_caller]
fn has_one_of_each_on_sale(launch: &Launch, finished: bool, how: &str) {
    let live = |kind: &str| launch.control.objects(golive::simulator::Mode::Live, kind);
    let prices = live("price");
    for key in ["basic_monthly", "basic_annual", "pro_monthly", "pro_annual"] {
        let active: Vec<_> =
            prices.iter().filter(|price| price["lookup_key"] == key && price["active"] == true).collect();
        assert!(active.len() <= 1, "{how}: {key} is doubled: {active:#?}");
        if finished {
            assert_eq!(active.len(), 1, "{how}: {key}");
            let variable = format!("PRICE_{}", key.to_uppercase());
            assert_eq!(launch.variables()[&variable], [active[0]["id"].as_str().unwrap()], "{how}: {variable}");
        }
    }
    assert!(live("product").len() <= 2, "{how}: {:#?}", live("product"));
    assert!(live("webhook_endpoint").len() <= 1, "{how}: {:#?}", live("webhook_endpoint"));
    if finished {
        launch.changes_nothing_more(how);
    }
}
