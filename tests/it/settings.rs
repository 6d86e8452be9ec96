//! The account's configuration on the binary: the customer portal, payment methods, wallet domains
//! and tax, each launched, launched again, drifted, and refused.

use golive::simulator::Mode;

use super::stand::{SHOP, Stand};

/// The small checklist, its prices charged again and again, with one more item in a phase of its own.
fn stand(item: &str) -> Stand {
    let shop = SHOP.replace("amount = \"50.00 CAD\",", "amount = \"50.00 CAD\", interval = \"month\",");
    let shop = shop.replace("amount = \"300.00 CAD\",", "amount = \"300.00 CAD\", interval = \"year\",");
    Stand::new(&format!("{shop}\n[[phase]]\nid = \"account\"\ntitle = \"Account\"\n\n[[phase.item]]\n{item}\n"))
}

const PORTAL: &str = r#"id = "portal"
kind = "portal"
title = "Customer portal"
headline = "Shop"
return_url = "https://shop.test/account"
login_page = true
cancel = "at_period_end"
cancel_reasons = ["too_expensive", "other"]
switch = [{ product = "${catalog.pro.id}", prices = ["${catalog.pro.prices.pro_monthly.id}", "${catalog.pro.prices.pro_annual.id}"] }]"#;

#[test]
fn a_portal_that_nobody_has_saved_fails_with_the_page_and_is_set_once_it_is() {
    let stand = stand(PORTAL);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0501]: the account has no customer portal settings
      why    Stripe creates them when somebody saves them in the Dashboard; no
             program can
             without them, opening the portal ends with an error for every customer
      fix    save your settings once in the Dashboard, as they are, then golive
             wizard: https://dashboard.stripe.com/settings/billing/portal
      more   golive explain GL0501
    ");
    assert!(stand.objects("billing_portal.configuration").is_empty());
    stand.control.save_portal(Mode::Live).unwrap();
    stand.launch().expect(0, &[]);
    let portal = &stand.objects("billing_portal.configuration")[0];
    assert_eq!(portal["business_profile"]["headline"], "Shop");
    assert_eq!(portal["features"]["subscription_cancel"]["cancellation_reason"]["options"][0], "other");
    assert_eq!(portal["features"]["subscription_update"]["enabled"], true);
    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    assert_eq!(stand.writes(), writes, "a second run writes nothing");
}

#[test]
fn what_somebody_changed_in_the_portal_is_told_by_check_and_brought_back() {
    let stand = stand(PORTAL);
    stand.control.save_portal(Mode::Live).unwrap();
    stand.launch().expect(0, &[]);
    let id = stand.objects("billing_portal.configuration")[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/billing_portal/configurations/{id}");
    stand.stripe("POST", &path, "business_profile[headline]=Somebody&features[subscription_cancel][enabled]=false");
    stand
        .run(&["check"])
        .expect(3, &["changed since it was done", "headline is Somebody, wanted is Shop", "cancel is no"]);
    stand.launch().expect(0, &[]);
    stand.run(&["check"]).expect(0, &[]);
}
