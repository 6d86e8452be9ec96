//! A refund: for its amount and nothing less, once, whatever happens in between.

use super::purchase::{launch, ready};
use super::stand::{Ran, Stand};
use golive::simulator::{Mode, Outcome, Phase};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

const FULL: &str = "events = [\"charge.refunded\", \"customer.subscription.deleted\"]";

fn checklist(fields: &str) -> String {
    let refund = "[[phase.item]]\nid = \"refund\"\nkind = \"refund\"\ntitle = \"Refund\"\n\
                  payment = \"${launch.purchase.payment}\"\n";
    format!("{}{refund}{fields}\n", launch(""))
}

/// A launch whose first payment was made and watched.
pub fn bought(fields: &str) -> Stand {
    let stand = ready("");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.watches(&[]).expect(0, &[]);
    stand.write("golive.toml", &checklist(fields));
    stand
}

fn refund(stand: &Stand, consent: &[&str]) -> Ran {
    let mut args = vec!["wizard", "--mode", "live", "--answer", "launch.refund.refund=refund"];
    args.extend(consent);
    stand.run(&args)
}

fn payment(stand: &Stand) -> String {
    stand.objects("payment_intent")[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_refund_is_sent_for_its_amount_once_and_ends_the_subscription() {
    let stand = bought(FULL);
    refund(&stand, &["--yes"]).expect(4, &["GL1008", "--yes does not refund money", "--confirm \"50.00 CAD\""]);
    refund(&stand, &["--confirm", "5.00"]).expect(4, &["--confirm names another amount"]);
    refund(&stand, &[]).expect(5, &["Type the amount to refund, 50.00 CAD"]);
    assert!(stand.objects("refund").is_empty());
    let done = refund(&stand, &["--confirm", "50.00"]);
    done.expect(0, &["1 to refund, 1 to cancel", "cannot be taken back", "webhook delivered", "charge.refunded"]);
    assert_eq!(stand.objects("refund").len(), 1);
    assert_eq!(stand.objects("subscription")[0]["status"], "canceled");
    let writes = stand.writes();
    refund(&stand, &["--confirm", "50.00"]).expect(0, &[]);
    stand.run(&["reopen", "launch.refund", "--mode", "live"]).expect(0, &[]);
    refund(&stand, &["--confirm", "50.00"]).expect(0, &["50.00 CAD refunded"]);
    assert_eq!((stand.objects("refund").len(), stand.writes()), (1, writes));
}

#[test]
fn a_part_of_it_goes_back_and_the_payment_can_be_kept() {
    let stand = bought("amount = \"10.00 CAD\"");
    refund(&stand, &["--confirm", "10.00 CAD"]).expect(0, &["10.00 CAD refunded", "40.00 CAD of the payment stay"]);
    assert_eq!(stand.objects("refund")[0]["amount"], 1000);
    let kept = bought("");
    kept.run(&["wizard", "--mode", "live", "--answer", "launch.refund.refund=keep"]).expect(0, &["kept: 50.00 CAD"]);
    assert!(kept.objects("refund").is_empty());
}

#[test]
fn nobody_has_to_decide_now() {
    let stand = bought("");
    stand.launch().expect(3, &[]);
    assert_eq!(stand.state_of("launch.refund"), "todo");
}

#[test]
fn what_cannot_be_refunded_is_refused_before_anything_is_sent() {
    let stand = bought("amount = \"50.01 CAD\"");
    let writes = stand.writes();
    refund(&stand, &["--confirm", "50.01"]).expect(3, &["GL0812", "at most 50.00 CAD", "nothing was sent"]);
    stand.write("golive.toml", &checklist("amount = \"10.00 EUR\""));
    refund(&stand, &["--confirm", "10.00"]).expect(3, &["GL0815"]);
    assert_eq!(stand.writes(), writes);
    stand.stripe("POST", "/v1/refunds", &format!("payment_intent={}", payment(&stand)));
    stand.write("golive.toml", &checklist(""));
    refund(&stand, &["--confirm", "50.00"]).expect(3, &["GL0813", "refunded already", "by re_"]);
    assert_eq!(stand.objects("refund").len(), 1);
}

#[test]
fn a_disputed_payment_is_not_refunded() {
    let stand = bought("");
    stand.inside(|| stand.control.dispute(Mode::Live, &payment(&stand)).unwrap());
    let writes = stand.writes();
    refund(&stand, &["--confirm", "50.00"]).expect(3, &["GL0814", "is disputed"]);
    assert_eq!(stand.writes(), writes);
}

/// A run that is killed when Stripe has made the refund: nobody hears of it.
fn killed(stand: &Stand) {
    let pid = Arc::new(AtomicI32::new(0));
    let (control, victim) = (stand.control.clone(), pid.clone());
    stand.control.on_request(Box::new(move |_, phase| {
        if phase == Phase::AfterEffect && !control.objects(Mode::Live, "refund").is_empty() {
            let pid = rustix::process::Pid::from_raw(victim.load(Ordering::SeqCst)).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }));
    let args = ["wizard", "--mode", "live", "--answer", "launch.refund.refund=refund", "--confirm", "10.00"];
    let mut child =
        stand.command(&args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    pid.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    stand.control.on_request(Box::new(|_, _| {}));
    assert_eq!(stand.objects("refund").len(), 1);
}

#[test]
fn a_refund_whose_answer_was_lost_is_never_made_twice() {
    let stand = bought("amount = \"10.00 CAD\"");
    killed(&stand);
    refund(&stand, &["--confirm", "10.00"]).expect(0, &["10.00 CAD refunded"]);
    assert_eq!(stand.objects("refund").len(), 1);
}

#[test]
fn a_day_later_it_is_found_among_the_refunds_of_the_payment() {
    let stand = bought("amount = \"10.00 CAD\"");
    killed(&stand);
    stand.control.expire_idempotency().unwrap();
    let journal = stand.read(".golive/shop.live.jsonl");
    let older = journal.lines().map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
        line["at"] = (at - jiff::SignedDuration::from_hours(30)).to_string().into();
        line.to_string() + "\n"
    });
    stand.write(".golive/shop.live.jsonl", &older.collect::<String>());
    let done = refund(&stand, &["--confirm", "10.00"]);
    done.expect(0, &["it exists; nothing is doubled", "10.00 CAD refunded"]);
    assert_eq!(stand.objects("refund").len(), 1);
}

#[test]
fn money_of_test_mode_is_not_moved_by_a_yes_either() {
    let mut stand = Stand::new(&checklist(""));
    let (secret, publishable) = (stand.sim.test.secret.clone(), stand.sim.test.publishable.clone());
    stand.set("GOLIVE_TEST_KEY", &secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &publishable);
    stand.run(&["wizard", "--mode", "test", "--yes"]).expect(3, &[]);
    stand.inside(|| {
        let (session, _) = stand.control.sell(Mode::Test, &[]).unwrap();
        stand.control.pay(&session, "mia@acme.example", Outcome::Pays).unwrap();
    });
    let answers = ["--answer", "launch.purchase.how=first", "--answer", "launch.refund.refund=refund"];
    let run = |more: &[&str]| stand.run(&[&["wizard", "--mode", "test", "--yes"], &answers[..], more].concat());
    run(&[]).expect(4, &["test mode", "livemode is false", "--yes does not refund money"]);
    run(&["--confirm", "50.00"]).expect(0, &["50.00 CAD refunded"]);
    assert_eq!(stand.control.objects(Mode::Test, "refund").len(), 1);
}
