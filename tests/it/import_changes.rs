//! What happens in the test account between an import and the launch: a price that changed, one that was
//! added, archived, renamed. It is shown, it comes in, and parity knows it when it did not.

use std::fs;

use crate::import_stripe::Shop;
use crate::support::Output;

/// A small account: one product, three prices.
fn shop() -> Shop {
    let shop = Shop::empty();
    let env = format!("STRIPE_SECRET_KEY={}\n", shop.launch.simulator.test.secret);
    fs::write(shop.launch.dir.join(".env"), env).unwrap();
    shop.post("/v1/products", "id=pro&name=Acme Pro");
    for (key, amount, nickname) in
        [("monthly", 2000, "Monthly"), ("yearly", 20000, "Yearly"), ("lifetime", 90000, "For life")]
    {
        let recurring = match key {
            "monthly" => "&recurring[interval]=month",
            "yearly" => "&recurring[interval]=year",
            _ => "",
        };
        shop.post(
            "/v1/prices",
            &format!("product=pro&currency=cad&unit_amount={amount}&lookup_key={key}&nickname={nickname}{recurring}"),
        );
    }
    shop
}

fn id_of(shop: &Shop, lookup_key: &str) -> String {
    let found = shop.launch.in_test("GET", "/v1/prices", &format!("lookup_keys[]={lookup_key}"));
    found["data"][0]["id"].as_str().unwrap().to_owned()
}

/// One price changes (which in Stripe is a new one under the same key), one is renamed, one archived, one
/// added, and the product gets another name.
fn a_week_passes(shop: &Shop) {
    let (monthly, yearly, lifetime) = (id_of(shop, "monthly"), id_of(shop, "yearly"), id_of(shop, "lifetime"));
    shop.post(
        "/v1/prices",
        "product=pro&currency=cad&unit_amount=2500&lookup_key=monthly&transfer_lookup_key=true&nickname=Monthly\
         &recurring[interval]=month",
    );
    shop.post(&format!("/v1/prices/{monthly}"), "active=false");
    shop.post(&format!("/v1/prices/{yearly}"), "nickname=Annual");
    shop.post(&format!("/v1/prices/{lifetime}"), "active=false");
    shop.post("/v1/prices", "product=pro&currency=cad&unit_amount=600&lookup_key=weekly&recurring[interval]=week");
    shop.post("/v1/products/pro", "name=Acme Professional");
}

fn launch(shop: &Shop) -> Output {
    let account = shop.launch.control.account();
    let line = format!(
        "wizard --mode live --yes --confirm {account} --answer deploy.release.done=done --answer settings.dashboard.done=done"
    );
    shop.launch.keyed(&line).run()
}

fn parity(shop: &Shop) -> Output {
    let (test, live) = (&shop.launch.simulator.test.secret, &shop.launch.simulator.live.secret);
    shop.golive("parity").env("GOLIVE_TEST_KEY", test).env("GOLIVE_LIVE_KEY", live).run()
}

#[track_caller]
fn shows(output: &Output, words: &[&str]) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = flat(&format!("{} {}", output.stdout, output.stderr));
    for words in words {
        assert!(shown.contains(words), "`{words}` is not shown:\n{output}");
    }
}

#[test]
fn what_changed_before_the_launch_is_shown_line_by_line_and_comes_in() {
    let shop = shop();
    shop.import("").exits(0);
    a_week_passes(&shop);
    let asked = shop.import("").exits(5);
    let changes = [
        "monthly amount 20.00 CAD → 25.00 CAD",
        "yearly nickname Yearly → Annual",
        "lifetime",
        "weekly",
        "title Acme Pro → Acme Professional",
    ];
    shows(&asked, &changes);
    shows(&shop.import("--yes").exits(0), &changes);
    shop.golive("checklist validate").run().exits(0);
    let launched = launch(&shop).exits(0);
    shows(&launched, &["25.00 CAD per month", "6.00 CAD per week"]);
    assert!(!launched.stderr.contains("900.00 CAD"), "{launched}");
    shows(&parity(&shop).exits(0), &["Test and live are equal"]);
}

#[test]
fn what_did_not_come_in_is_what_parity_shows_and_the_next_import_mends() {
    let shop = shop();
    shop.import("").exits(0);
    a_week_passes(&shop);
    launch(&shop).exits(0);
    let apart = parity(&shop).exits(3);
    shows(
        &apart,
        &[
            "name Acme Professional → Acme Pro",
            "unit_amount 25.00 CAD → 20.00 CAD",
            "nickname Annual → Yearly",
            "+ weekly only in test",
            "- lifetime only in live",
        ],
    );
    shop.import("--yes").exits(0);
    let plan = shop.golive("plan --mode live --exit-code").run().exits(3);
    shows(&plan, &["monthly replace", "20.00 CAD → 25.00 CAD", "weekly create", "nickname Yearly → Annual"]);
    launch(&shop).exits(0);
    // Nothing is ever taken off sale in live mode because it is not in a checklist any more: that is a person's to do.
    let apart = parity(&shop).exits(3);
    shows(&apart, &["- lifetime only in live"]);
    assert!(!apart.stdout.contains('→') && !apart.stdout.contains("weekly"), "{apart}");
}
