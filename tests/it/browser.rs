//! A real browser buys in the demo shop: Chromium, headless, through the pages a person would see.
//!
//! Skipped with a word where Chromium, its driver or Python is not installed; `.ci/run` installs them.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]
#![expect(clippy::disallowed_methods, reason = "a program is looked for where the shell would")]
#![expect(clippy::print_stdout, reason = "who reads the output of the tests shall see what was not tested")]

use crate::simulator_support::{call, endpoint, start, until};
use golive::simulator::{Mode, Simulator};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places.find(|place| place.is_file())
}

/// Runs the steps from the shop's home page; nothing when there is no browser here.
async fn browse(sim: &Simulator, steps: &[&str]) -> Option<Value> {
    browse_from(&format!("http://{}/", sim.shop_addr), steps).await
}

/// The same from any page.
async fn browse_from(page: &str, steps: &[&str]) -> Option<Value> {
    let found = (program(&["chromedriver"]), program(&["chromium", "google-chrome"]), program(&["python3"]));
    let (Some(driver), Some(chromium), Some(python)) = found else {
        println!("skipped: chromium, chromedriver or python3 is not installed");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser.py");
    let mut command = tokio::process::Command::new(python);
    command.arg(script).args([driver, chromium]).arg(page).args(steps);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

async fn sells(sim: &Simulator, key: &str) {
    let params = "currency=cad&unit_amount=5000&product_data[name]=Pro&recurring[interval]=month";
    call(sim, key, "POST", "/v1/prices", params).await.ok();
}

#[tokio::test]
async fn a_subscription_is_bought_in_chromium() {
    let sim = start().await;
    sells(&sim, &sim.live.secret).await;
    endpoint(&sim, "https://shop.example/hook", "*").await.ok();
    let steps = [
        "see:Pro: 50.00 CAD per month",
        "press:Buy Pro",
        "see:Simulated. This is golive's simulator: no money moves.",
        "see:1 × Pro per month",
        "fill:Email=ada@b.example",
        "fill:Card number=4242 4242 4242 4242",
        "fill:Expiration (MM / YY)=12 / 34",
        "fill:CVC=123",
        "press:Subscribe",
        "see:Your request was in live mode, but used a known test card.",
        "fill:Card number=4821 0000 0000 0009",
        "fill:CVC=123",
        "press:Subscribe",
        "see:Thank you for your order",
    ];
    let Some(last) = browse(&sim, &steps).await else {
        return;
    };
    let url = last["url"].as_str().unwrap();
    assert!(url.contains("/success?session_id=cs_live_"), "{url}");
    until("the fulfilment", || !sim.control().objects(Mode::Live, "shop.customer").is_empty()).await;
    let customer = sim.control().objects(Mode::Live, "shop.customer").remove(0);
    assert_eq!((&customer["email"], &customer["plan"]), (&Value::from("ada@b.example"), &Value::from("Pro")));
    let charges = sim.control().objects(Mode::Live, "charge");
    let states: Vec<_> = charges.iter().map(|charge| charge["status"].clone()).collect();
    assert_eq!(states, ["failed", "succeeded"]);
}

#[tokio::test]
async fn chromium_asks_for_what_is_missing_before_it_sends_the_form() {
    let sim = start().await;
    sells(&sim, &sim.test.secret).await;
    let steps = ["press:Buy Pro", "fill:Email=ada@b.example", "press:Subscribe", "see:Total due today"];
    if browse(&sim, &steps).await.is_some() {
        assert_eq!(sim.control().objects(Mode::Test, "charge").len(), 0);
        assert_eq!(sim.control().objects(Mode::Test, "checkout.session")[0]["status"], "open");
    }
}

#[tokio::test]
async fn a_payment_link_is_followed_and_paid_in_chromium() {
    let sim = start().await;
    let key = &sim.test.secret;
    let params = "currency=cad&unit_amount=1500&product_data[name]=Mug";
    let price = call(&sim, key, "POST", "/v1/prices", params).await.ok();
    let message = "after_completion[type]=hosted_confirmation&after_completion[hosted_confirmation][custom_message]=We pack it now.";
    let params =
        format!("line_items[0][price]={}&line_items[0][quantity]=2&metadata[campaign]=fair&{message}", price.id());
    let link = call(&sim, key, "POST", "/v1/payment_links", &params).await.ok();
    let page = link.json["url"].as_str().unwrap().to_owned();
    let steps = [
        "see:2 × Mug",
        "see:30.00 CAD",
        "fill:Email=ada@b.example",
        "fill:Card number=4242 4242 4242 4242",
        "fill:Expiration (MM / YY)=12 / 34",
        "fill:CVC=123",
        "press:Pay",
        "see:We pack it now.",
    ];
    if browse_from(&page, &steps).await.is_none() {
        return;
    }
    let session = sim.control().objects(Mode::Test, "checkout.session").remove(0);
    assert_eq!((&session["payment_link"], &session["status"]), (&link.json["id"], &Value::from("complete")));
    assert_eq!(session["metadata"]["campaign"], "fair");
    assert_eq!(sim.control().objects(Mode::Test, "charge")[0]["amount"], 3000);
    let off = format!("/v1/payment_links/{}", link.id());
    call(&sim, key, "POST", &off, "active=false&inactive_message=Sold out.").await.ok();
    browse_from(&page, &["see:This link is no longer active", "see:Sold out."]).await;
}
