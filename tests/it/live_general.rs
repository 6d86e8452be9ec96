//! The general checklists go live too, with the names of somebody's shop: Stripe's own go-live checklist,
//! subscriptions and one-time payments, each to its end, through troubles, and back; and what the first
//! must hold of Stripe's list.

use golive::checklist::{self, BUNDLED, Source};
use golive::simulator::{Asked, Heard, Mode, ShopConduct, ShopPage};

use crate::support::{Sale, Server, Site, Town};

static OFFICIAL: Site = Site {
    name: "stripe-official",
    edits: &[("\"shop.example\" ", "\"shop.acme.test\" "), ("log = \"app.log\" ", "log = \"server/app.log\" ")],
    hosts: &["shop.acme.test"],
    mail: None,
    pages,
    hears,
};

fn pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    let trace = if server.suffers("traceback") { "Traceback (most recent call last)" } else { "Not found" };
    (asked.path == "/golive-there-is-no-such-page").then(|| (404, trace.to_owned()).into())
}

fn hears(server: &Server, heard: &Heard<'_>) {
    if let Heard::Event(event) = heard {
        server.add("app.log", &format!("INFO {}", event["type"].as_str().unwrap()));
    }
}

pub const ANSWERS: &[&str] = &["switch.purchase.how=first"];
pub const SALES: &[Sale] = &[Sale {
    item: "switch.purchase",
    session: "mode=payment&line_items[0][price]=$STRIPE_PRICE&line_items[0][quantity]=1",
}];

/// A shop as Stripe's own list expects it.
pub fn official() -> Town {
    let town = Town::of(&OFFICIAL);
    town.write("shop.py", "stripe.api_version = '2026-08-26'\ntry: pay()\nexcept stripe.error.CardError: again()\n");
    town.tracked();
    town.server.put("app.log", "INFO started\n");
    town.runs_with_the_env_file();
    town
}

#[test]
fn stripes_own_checklist_goes_live_to_its_end() {
    let town = official();
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    let town = &town;
    let conduct = |conduct| move || town.control.shop(conduct);
    town.suffers("switch.webhook", conduct(ShopConduct::WrongSecret), &["GL0406"], conduct(ShopConduct::Good));
    let (shown, hidden) = (|| town.server.has("traceback"), || town.server.cured("traceback"));
    town.suffers("switch.backend_errors", shown, &["GL0711", "Traceback"], hidden);
    let leak = || town.server.add("app.log", "INFO sk_live_51HqqqqqqqqqqqqQ");
    town.suffers("after.log", leak, &["GL0722"], || town.server.put("app.log", "INFO mended"));
    let _ = town.is_undone(&[]);
}

/// Somebody's shop with one of the other two general checklists.
const fn shop(name: &'static str) -> Site {
    Site {
        name,
        edits: &[
            ("host = \"shop.example\" ", "host = \"shop.acme.test\" "),
            ("log = \"app.log\" ", "log = \"server/app.log\" "),
        ],
        hosts: &["shop.acme.test"],
        mail: None,
        pages: shop_pages,
        hears,
    }
}

pub static SUBSCRIPTIONS: Site = shop("saas-subscriptions");
pub static ONE_TIME: Site = shop("one-time-payments");

pub const SHOP_ANSWERS: &[&str] = &["payment.purchase.how=first", "payment.refund.refund=refund"];
pub const SUBSCRIBED: &[Sale] = &[Sale {
    item: "payment.purchase",
    session: "mode=subscription&line_items[0][price]=$STRIPE_PRICE_MONTHLY&line_items[0][quantity]=1",
}];
pub const PAID_ONCE: &[Sale] = &[Sale {
    item: "payment.purchase",
    session: "mode=payment&line_items[0][price]=$STRIPE_PRICE&line_items[0][quantity]=1",
}];

fn shop_pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    let page = matches!((asked.method, asked.path), ("GET", "/" | "/pricing"));
    let key = if server.suffers("old-build") { "pk_test_51H" } else { "pk_live_51H" };
    page.then(|| (200, format!("<script>Stripe('{key}')</script>")).into())
}

/// A launch of a shop that reads its keys and prices from the environment.
pub fn opened(site: &'static Site) -> Town {
    let town = Town::of(site);
    town.write("shop.py", "stripe.api_key = os.environ['STRIPE_SECRET_KEY']\n");
    town.tracked();
    town.server.put("app.log", "INFO started\n");
    town.runs_with_the_env_file();
    town
}

/// What goes wrong in any shop, each named at the item where it shows.
fn suffers_what_any_shop_may(town: &Town, page: &str) {
    let conduct = |conduct| move || town.control.shop(conduct);
    let good = conduct(ShopConduct::Good);
    town.suffers("deploy.webhook", conduct(ShopConduct::WrongSecret), &["GL0406"], good);
    town.suffers("deploy.webhook", conduct(ShopConduct::NoVerification), &["GL0405"], good);
    town.suffers("deploy.webhook", conduct(ShopConduct::Redirects), &["GL0403"], good);
    let (old, new) = (|| town.server.has("old-build"), || town.server.cured("old-build"));
    town.suffers(page, old, &["GL0711", "pk_test_"], new);
    let (bad, renewed) = (|| town.certificate(false), || town.certificate(true));
    town.suffers("deploy.tls", bad, &["GL0713"], renewed);
    let (up, down) = (|| town.firewall("shop.acme.test", true), || town.firewall("shop.acme.test", false));
    town.suffers("deploy.site", up, &["GL0712"], down);
    let leak = || town.server.add("app.log", "INFO paid with 4242 4242 4242 4242");
    town.suffers("monitoring.log", leak, &["GL0722"], || town.server.put("app.log", "INFO mended\n"));
    let committed = || {
        town.write("settings.py", "KEY = 'sk_live_51H8fLKE1RvzQ2yZxW3uT9s'\n");
        town.tracked();
    };
    let removed = || town.write("settings.py", "KEY = os.environ['STRIPE_SECRET_KEY']\n");
    town.suffers("keys.repository", committed, &["GL0735"], removed);
    let off = |status: &'static str| {
        let id = town.control.objects(Mode::Live, "webhook_endpoint")[0]["id"].as_str().unwrap().to_owned();
        move || drop(town.stripe("POST", &format!("/v1/webhook_endpoints/{id}"), &format!("disabled={status}")))
    };
    town.suffers("stripe.webhook", off("true"), &["GL1013", "status is disabled"], off("false"));
}

#[test]
fn subscriptions_go_live_to_their_end_and_back() {
    let town = opened(&SUBSCRIPTIONS);
    let _ = town.sells(town.wizard(SHOP_ANSWERS, &[]), SUBSCRIBED).exits(0);
    town.is_ready();
    let subscription = &town.control.objects(Mode::Live, "subscription")[0];
    assert_eq!(subscription["status"], "canceled", "the refunded subscription would renew");
    suffers_what_any_shop_may(&town, "deploy.pricing");
    let _ = town.is_undone(&[]);
}

#[test]
fn one_time_payments_go_live_to_their_end_and_back() {
    let town = opened(&ONE_TIME);
    let _ = town.sells(town.wizard(SHOP_ANSWERS, &[]), PAID_ONCE).exits(0);
    town.is_ready();
    suffers_what_any_shop_may(&town, "deploy.shop");
    let _ = town.is_undone(&[]);
}

#[test]
fn every_point_of_stripes_own_list_has_an_item() {
    let (_, text) = BUNDLED.iter().find(|(known, _)| *known == "stripe-official").unwrap();
    let checklist = checklist::load(Source::Bundled("stripe-official"), text).ok().unwrap();
    let sources: Vec<&str> = checklist.written().flat_map(|item| item.source.iter().map(String::as_str)).collect();
    for point in 1..=8 {
        assert!(sources.iter().any(|source| source.starts_with(&format!("{point}. "))), "{point}: {sources:?}");
    }
    for also in [
        "Account checklist",
        "Switch to live: replace both keys",
        "Switch to live: update webhook URL and signing secret",
    ] {
        assert!(sources.contains(&also), "{also}");
    }
}
