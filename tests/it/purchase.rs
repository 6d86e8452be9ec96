//! The first payment, watched: found whenever it comes, followed to the application, and named where it
//! is not what the checklist says.

use super::stand::{SHOP, Stand};
use crate::support::screen::{CTRL_C, DOWN, ENTER, Start};
use golive::simulator::Outcome;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The small checklist with a purchase after it.
pub fn launch(purchase: &str) -> String {
    let endpoint = "\"checkout.session.completed\", \"charge.refunded\", \"customer.subscription.deleted\"";
    let shop = SHOP.replace("events = [\"checkout.session.completed\"]", &format!("events = [{endpoint}]"));
    let shop = shop.replace("amount = \"50.00 CAD\"", "amount = \"50.00 CAD\", interval = \"month\"");
    format!(
        "{shop}\n[[phase]]\nid = \"launch\"\ntitle = \"First payment\"\n\n[[phase.item]]\nid = \"purchase\"\n\
         kind = \"purchase\"\ntitle = \"First payment\"\nurl = \"https://shop.test/pricing\"\n\
         price = \"${{catalog.pro.prices.pro_monthly.id}}\"\nneeds = [\"webhook.main\", \"env.file\"]\n{purchase}\n"
    )
}

/// A launch that is finished but for its purchase.
pub fn ready(purchase: &str) -> Stand {
    let stand = Stand::new(&launch(purchase));
    stand.launch();
    assert_eq!(stand.state_of("launch.purchase"), "todo", "nobody has to buy");
    stand
}

impl Stand {
    /// The id of the active price with a lookup key.
    pub fn price(&self, key: &str) -> String {
        let prices = self.objects("price");
        let price = prices.iter().find(|price| price["lookup_key"] == key).unwrap();
        price["id"].as_str().unwrap().to_owned()
    }

    /// Somebody buys at this price: the session's id.
    pub fn buys(&self, price: &str, outcome: Outcome) -> String {
        self.inside(|| {
            let (session, _) = self.control.sell(golive::simulator::Mode::Live, &[price.to_owned()]).unwrap();
            let _ = self.control.pay(&session, "mia@acme.example", outcome).unwrap();
            session
        })
    }

    /// The wizard, with consent and somebody who buys.
    pub fn watches(&self, more: &[&str]) -> super::stand::Ran {
        let account = self.control.account();
        let mut args = vec!["wizard", "--mode", "live", "--yes", "--confirm", &account];
        args.extend(["--answer", "launch.purchase.how=first"]);
        args.extend(more);
        self.run(&args)
    }

    fn begins_to_watch(&self) -> Child {
        let account = self.control.account();
        let args =
            ["wizard", "--mode", "live", "--yes", "--confirm", &account, "--answer", "launch.purchase.how=first"];
        let before = self.looks_at_events();
        let mut child =
            self.command(&args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while self.looks_at_events() == before {
            assert!(child.try_wait().unwrap().is_none() && Instant::now() < until, "it does not look at events");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn looks_at_events(&self) -> usize {
        self.control.requests().iter().filter(|request| request.path == "/v1/events").count()
    }

    fn journal(&self) -> String {
        self.read(".golive/shop.live.jsonl")
    }
}

#[test]
fn a_payment_that_comes_while_golive_waits_is_followed_to_the_end() {
    let stand = ready("");
    let mut child = stand.begins_to_watch();
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    assert!(child.wait().unwrap().success());
    let status = stand.run(&["status", "--all", "--mode", "live"]);
    status.expect(0, &["50.00 CAD by Visa ending", "checkout.session.completed taken by 1 endpoint"]);
    assert!(stand.journal().contains("\"email\":\"m…@acme.example\"") && !stand.journal().contains("mia@"));
}

#[test]
fn a_payment_that_comes_while_golive_is_not_running_is_found_when_it_goes_on() {
    let stand = ready("");
    let mut child = stand.begins_to_watch();
    child.kill().unwrap();
    child.wait().unwrap();
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    // Nobody is asked again how it comes about.
    stand.launch().expect(0, &["payment succeeded", "50.00 CAD by Visa ending", "really live"]);
    assert_eq!(stand.state_of("launch.purchase"), "done");
    stand.run(&["check", "--mode", "live"]).expect(0, &[]);
}

#[test]
fn what_only_looks_does_not_wait() {
    let stand = ready("wait = 1");
    stand.watches(&[]).expect(3, &["GL0803", "no checkout was opened in this account either", "another account"]);
    let before = stand.looks_at_events();
    stand.run(&["plan", "--mode", "live"]).expect(0, &[]);
    stand.run(&["check", "--mode", "live"]).expect(3, &[]);
    assert_eq!(stand.looks_at_events(), before + 2);
}

#[test]
fn a_payment_in_another_account_is_not_taken_for_ours_and_the_message_thinks_of_it() {
    let stand = ready("wait = 1");
    let (_, live) = stand.control.add_account().unwrap();
    let there = |path: &str, params: &str| stand.stripe_with(&live.secret, "POST", path, params);
    let price = there("/v1/prices", "currency=cad&unit_amount=5000&recurring[interval]=month&product_data[name]=Pro");
    let line = format!("line_items[0][price]={}&line_items[0][quantity]=1", price["id"].as_str().unwrap());
    let session = there("/v1/checkout/sessions", &format!("mode=subscription&success_url=https://shop.test/&{line}"));
    let session = session["id"].as_str().unwrap().to_owned();
    stand.inside(|| stand.control.pay(&session, "mia@acme.example", Outcome::Pays).unwrap());
    stand.watches(&[]).expect(3, &["GL0803", "no checkout was opened in this account either", "another account"]);
    assert_ne!(stand.state_of("launch.purchase"), "done");
}

#[test]
fn another_price_another_currency_and_a_decline_are_told_and_do_not_count() {
    let stand = ready("wait = 1");
    stand.buys(&stand.price("pro_annual"), Outcome::Pays);
    stand.watches(&[]).expect(3, &["another purchase", "GL0804", "paid with another price than the checklist's"]);
    let euros = stand.stripe("POST", "/v1/prices", "product=shop_pro&currency=eur&unit_amount=2900");
    stand.buys(euros["id"].as_str().unwrap(), Outcome::Pays);
    stand.launch().expect(3, &["GL0805", "29.00 EUR", "CAD"]);
    stand.buys(&stand.price("pro_monthly"), Outcome::InsufficientFunds);
    stand.launch().expect(3, &["payment declined", "insufficient_funds"]);
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.launch().expect(0, &["50.00 CAD"]);
}

#[test]
fn the_first_that_fits_is_taken_and_others_are_mentioned() {
    let stand = ready("");
    let first = stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.watches(&[]).expect(0, &["1 more seen"]);
    assert!(stand.journal().contains(&format!("\"session\":\"{first}\"")));
}

#[test]
fn an_event_that_nobody_listens_to_is_no_delivery() {
    let stand = ready("events = [\"invoice.paid\"]");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.watches(&[]).expect(3, &["GL0810", "no endpoint that is switched on gets invoice.paid"]);
}

#[test]
fn the_applications_own_command_learns_who_bought_and_nobody_else_does() {
    let proof = "[[phase.item.proof]]\nrun = 'echo \"$GOLIVE_EMAIL $GOLIVE_PAYMENT\" > seen; cat state'\ncontains = \"plan=pro\"";
    let stand = ready(proof);
    stand.write("state", "plan=free\n");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    let missing = stand.watches(&["--allow-commands"]);
    missing.expect(3, &["GL0808", "plan=free", "the handler answers 200 and does nothing with the event"]);
    assert!(stand.read("seen").starts_with("mia@acme.example pi_"), "{}", stand.read("seen"));
    stand.write("state", "plan=pro\n");
    let known = stand.watches(&["--allow-commands"]);
    known.expect(0, &["the application knows of it: \"plan=pro\""]);
    for said in [&missing.err, &known.err, &stand.journal()] {
        assert!(!said.contains("mia@"), "{said}");
    }
}

#[test]
fn a_rehearsal_buys_by_itself_and_nothing_is_real() {
    let stand = Stand::new(&launch(""));
    let ran = stand.run(&["rehearse", "--yes"]);
    ran.expect(0, &["Somebody made up buys there", "payment succeeded", "really live", "Shop launch is rehearsed"]);
    assert!(stand.objects("checkout.session").is_empty(), "the real account was not touched");
}

#[test]
fn on_a_terminal_it_waits_in_sight_and_ctrl_c_pauses() {
    let stand = Stand::new(&launch(""));
    let home = stand.dir.join("../home");
    let mut screen =
        Start { dir: &stand.dir, home: &home, line: "rehearse", columns: 80, variables: Vec::new() }.begin();
    screen.answer("what will happen", "Start with phase 1 of 5", ENTER);
    screen.answer("1 of 5", "Write ", "y\r");
    screen.answer("2 of 5", "Type yes", "yes\r");
    screen.answer("3 of 5", "Type yes", "yes\r");
    screen.answer("4 of 5", "Write ", "y\r");
    screen.answer("5 of 5", "How shall we see the first payment?", &format!("{DOWN}{ENTER}"));
    screen.shows("http://127.0.0.1:");
    screen.shows("waiting for a payment");
    screen.shows("Ctrl-C pauses");
    screen.keys(CTRL_C);
    screen.shows("Paused in phase 5 of 5, First payment.");
    screen.exits(130);
    assert_eq!(screen.text().matches("Ctrl-C pauses").count(), 1, "one line moved\n{}", screen.text());
    let journal = stand.read(".golive/shop.rehearse.jsonl");
    assert!(journal.contains("\"question\":\"how\",\"answer\":\"myself\""), "it is asked again");
}

/// The payment of a launch that was taken back is none of the next one's: it is watched for anew.
#[test]
fn after_a_rollback_an_old_payment_proves_nothing() {
    let stand = ready("");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    stand.watches(&[]).expect(0, &[]);
    let first = stand.objects("payment_intent")[0]["id"].as_str().unwrap().to_owned();
    let account = stand.control.account();
    stand.run(&["rollback", "--mode", "live", "--confirm", &account]).expect(0, &[]);
    stand.launch();
    assert_ne!(stand.state_of("launch.purchase"), "done", "nobody has bought since");
    // Events are looked at from a few minutes before the question, for clocks that differ.
    stand.control.clock_ahead(3600);
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    let seen = stand.watches(&[]);
    seen.expect(0, &[]);
    let second = stand.objects("payment_intent").into_iter().map(|one| one["id"].as_str().unwrap().to_owned());
    let second = second.into_iter().find(|id| *id != first).unwrap();
    assert_eq!(stand.state_of("launch.purchase"), "done");
    let journal = stand.read(".golive/shop.live.jsonl");
    assert!(journal.lines().last().is_some() && journal.rfind(&second) > journal.rfind(&first), "it is the new one");
}
