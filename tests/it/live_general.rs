//! A general checklist goes live too: Stripe's own go-live checklist, with the names of somebody's shop,
//! to its end; and what it must hold of Stripe's list.

use golive::checklist::{self, BUNDLED, Source};
use golive::simulator::{Asked, Heard, ShopConduct, ShopPage};

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

const ANSWERS: &[&str] = &["switch.purchase.how=first"];
const SALES: &[Sale] = &[Sale {
    item: "switch.purchase",
    session: "mode=payment&line_items[0][price]=$STRIPE_PRICE&line_items[0][quantity]=1",
}];

#[test]
fn stripes_own_checklist_goes_live_to_its_end() {
    let town = Town::of(&OFFICIAL);
    town.write("shop.py", "stripe.api_version = '2026-08-26'\ntry: pay()\nexcept stripe.error.CardError: again()\n");
    town.tracked();
    town.server.put("app.log", "INFO started\n");
    town.runs_with_the_env_file();
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    let town = &town;
    let conduct = |conduct| move || town.control.shop(conduct);
    town.suffers("switch.webhook", conduct(ShopConduct::WrongSecret), &["GL0406"], conduct(ShopConduct::Good));
    let (shown, hidden) = (|| town.server.has("traceback"), || town.server.cured("traceback"));
    town.suffers("switch.backend_errors", shown, &["GL0711", "Traceback"], hidden);
    let leak = || town.server.add("app.log", "INFO sk_live_51HqqqqqqqqqqqqQ");
    town.suffers("after.log", leak, &["GL0722"], || town.server.put("app.log", "INFO mended"));
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
