//! `kill -9` in a rehearsal takes the simulator with it: its world comes back, and the drill goes
//! on with exactly one of everything.

use golive::simulator::{Mode, Options, Simulator};
use serde_json::Value;

use crate::support::{Golive, Launch};

/// More crash points than any run of the small launch has.
const FAR: usize = 400;

fn rehearse(launch: &Launch) -> Golive {
    Golive::new(&launch.dir, &launch.home).args("rehearse --yes --answer env.file.MAIL_FROM=info@shop.example")
}

#[track_caller]
fn is_whole(launch: &Launch, how: &str) {
    let status = launch.golive("status --mode rehearse --json").run().exits(0);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["ready"], true, "{how}: {status:#}");
    let text = std::fs::read_to_string(launch.dir.join(".golive/rehearsal/small/.env.production")).unwrap();
    assert_eq!(text.matches("STRIPE_WEBHOOK_SECRET=whsec_").count(), 1, "{how}");
    let data = launch.dir.join(".golive/rehearsal/small/stripe");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let world = runtime.block_on(Simulator::start(Options { data: Some(data), ..Options::default() })).unwrap();
    for (kind, count) in [("product", 2), ("price", 4), ("webhook_endpoint", 1)] {
        assert_eq!(world.control().objects(Mode::Live, kind).len(), count, "{how}: {kind}");
    }
}

#[test]
fn a_rehearsal_that_is_killed_goes_on_where_it_was() {
    // Every third line of the journal, and on the way there another one: all of them in two runs.
    for n in (1..FAR).step_by(3) {
        let launch = Launch::small();
        let output = rehearse(&launch).crash_at(format_args!("journal.synced:{n}")).run();
        if !output.was_killed() {
            assert!(n > 15, "there are more lines than {n}: {output}");
            let _ = output.exits(0);
            return is_whole(&launch, "not killed at all");
        }
        let _ = rehearse(&launch).crash_at(1 + n * 5 % 17).run();
        let how = format!("killed at journal.synced:{n}");
        let output = rehearse(&launch).run();
        assert_eq!(output.code, 0, "{how}: {output}");
        is_whole(&launch, &how);
    }
}
