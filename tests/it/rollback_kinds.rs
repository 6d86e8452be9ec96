//! Every kind that changes the account is taken back on a live launch: what it made is switched off, what
//! it changed is as it was, what cannot be taken back is named, and a new launch brings the same again.

use golive::simulator::{Mode, Outcome};
use serde_json::Value;

use super::stand::{Ran, SHOP, Stand};

/// The small checklist, its prices charged again and again, with more items in a phase of their own.
fn stand(items: &str) -> Stand {
    let shop = SHOP.replace("amount = \"50.00 CAD\",", "amount = \"50.00 CAD\", interval = \"month\",");
    let shop = shop.replace("amount = \"300.00 CAD\",", "amount = \"300.00 CAD\", interval = \"year\",");
    Stand::new(&format!("{shop}\n[[phase]]\nid = \"account\"\ntitle = \"Account\"\n\n[[phase.item]]\n{items}\n"))
}

fn rollback(stand: &Stand, more: &[&str]) -> Ran {
    let account = stand.control.account();
    stand.run(&[&["rollback", "--mode", "live", "--confirm", &account], more].concat())
}

fn only(stand: &Stand, kind: &str) -> Value {
    let mut all = stand.objects(kind);
    assert_eq!(all.len(), 1, "{kind}: {all:?}");
    all.remove(0)
}

/// Undone, nothing is left to undo; launched again, the same objects stand; undone again, as before.
#[track_caller]
fn holds(stand: &Stand, seen: &dyn Fn(&Stand) -> Value) {
    let before = seen(stand);
    stand.launch().expect(0, &[]);
    let launched = seen(stand);
    assert_ne!(before, launched, "the launch changed nothing");
    for _ in 0..2 {
        rollback(stand, &[]).expect(0, &["undone"]);
        assert_eq!(seen(stand), before);
        let writes = stand.writes();
        rollback(stand, &[]).expect(0, &["Nothing stands that this launch changed"]);
        assert_eq!(stand.writes(), writes);
        stand.launch().expect(0, &[]);
        assert_eq!(seen(stand), launched);
    }
}

const PORTAL: &str = r#"id = "portal"
kind = "portal"
title = "Customer portal"
headline = "Shop"
return_url = "https://shop.test/account"
cancel = "at_period_end""#;

#[test]
fn the_default_portal_has_its_former_settings_again() {
    let stand = stand(PORTAL);
    stand.control.save_portal(Mode::Live).unwrap();
    let seen = |stand: &Stand| {
        let portal = only(stand, "billing_portal.configuration");
        serde_json::json!([
            portal["active"],
            portal["business_profile"]["headline"],
            portal["default_return_url"],
            portal["features"]["subscription_cancel"]["enabled"],
        ])
    };
    holds(&stand, &seen);
}

#[test]
fn a_portal_of_its_own_is_switched_off_and_on_again() {
    let stand = stand(&format!("{PORTAL}\nenv = \"STRIPE_PORTAL\""));
    stand.launch().expect(0, &[]);
    let made = only(&stand, "billing_portal.configuration");
    assert_eq!(made["active"], true);
    rollback(&stand, &[]).expect(0, &["undone"]);
    assert_eq!(only(&stand, "billing_portal.configuration")["active"], false);
    stand.launch().expect(0, &[]);
    let again = only(&stand, "billing_portal.configuration");
    assert_eq!((again["id"].clone(), again["active"].clone()), (made["id"].clone(), true.into()));
}

#[test]
fn payment_methods_are_switched_back() {
    let stand = stand(
        "id = \"methods\"\nkind = \"payment_methods\"\ntitle = \"Methods\"\non = [\"card\"]\noff = [\"google_pay\"]",
    );
    let seen = |stand: &Stand| {
        let methods = only(stand, "payment_method_configuration");
        ["card", "google_pay"].map(|name| methods[name]["display_preference"]["value"].clone()).into()
    };
    holds(&stand, &seen);
}

#[test]
fn a_wallet_domain_is_switched_off_and_stays_registered() {
    let stand = stand(
        "id = \"wallets\"\nkind = \"wallet_domain\"\ntitle = \"Wallets\"\ndomain = \"shop.test\"\nwallets = [\"apple_pay\"]",
    );
    stand.launch().expect(0, &[]);
    let id = only(&stand, "payment_method_domain")["id"].clone();
    rollback(&stand, &[]).expect(0, &["undone"]);
    assert_eq!(only(&stand, "payment_method_domain")["enabled"], false);
    stand.launch().expect(0, &[]);
    let again = only(&stand, "payment_method_domain");
    assert_eq!((&again["id"], &again["enabled"]), (&id, &Value::Bool(true)));
}

#[test]
fn tax_is_the_owners_and_a_rollback_leaves_it_alone() {
    let stand = stand("id = \"tax\"\nkind = \"tax\"\ntitle = \"Tax\"\nregistrations = [\"US-NY\"]\nhead_office = true");
    stand.stripe(
        "POST",
        "/v1/tax/settings",
        "head_office[address][country]=CA&head_office[address][state]=QC&defaults[tax_behavior]=exclusive",
    );
    let york = "country=US&active_from=now&country_options[us][type]=state_sales_tax&country_options[us][state]=NY";
    stand.stripe("POST", "/v1/tax/registrations", york);
    stand.launch().expect(0, &[]);
    let before = (stand.objects("tax.settings"), stand.objects("tax.registration"));
    rollback(&stand, &[]).expect(0, &["undone"]);
    assert_eq!((stand.objects("tax.settings"), stand.objects("tax.registration")), before);
}

/// One of each offer, as the checklist of the offers has them.
const OFFERS: &str = include_str!("fixtures/offers.toml");

#[test]
fn each_offer_is_switched_off_by_its_name_and_coupons_are_named_because_they_stay() {
    let stand = Stand::new(OFFERS);
    stand.launch().expect(0, &[]);
    let kinds = ["billing.meter", "promotion_code", "tax_rate", "shipping_rate", "payment_link"];
    let ids: Vec<String> = kinds.iter().map(|kind| only(&stand, kind)["id"].as_str().unwrap().to_owned()).collect();
    let plan = stand.run(&["rollback", "--mode", "live", "--dry-run"]);
    let mut words: Vec<&str> = ids.iter().map(String::as_str).collect();
    words.extend(["coupon LAUNCH20 stays", "coupon shop_pro stays"]);
    plan.expect(0, &words);
    rollback(&stand, &[]).expect(0, &["undone"]);
    for kind in kinds {
        let one = only(&stand, kind);
        assert!(one["active"] == false || one["status"] == "inactive", "{kind}: {one}");
    }
    assert_eq!(stand.objects("coupon").len(), 2, "nothing is deleted");
    let writes = stand.writes();
    rollback(&stand, &[]).expect(0, &["Nothing stands that this launch changed"]);
    assert_eq!(stand.writes(), writes);
}

#[test]
fn open_subscriptions_are_named_before_anything_else_is_decided() {
    let stand = super::purchase::ready("");
    stand.buys(&stand.price("pro_monthly"), Outcome::Pays);
    let id = stand.objects("subscription")[0]["id"].as_str().unwrap().to_owned();
    let plan = stand.run(&["rollback", "--mode", "live", "--dry-run"]);
    plan.expect(0, &["go on being charged", &format!("{id} 50.00 CAD per month"), "1 open subscription, named above"]);
    let at = |words: &str| plan.out.find(words).unwrap_or_else(|| panic!("no `{words}` in {}", plan.out));
    assert!(at(&id) < at("webhook main"), "{}", plan.out);
    rollback(&stand, &[]).expect(0, &[&id]);
    assert_eq!(stand.objects("subscription")[0]["status"], "active", "no rollback ends a subscription");
    stand.stripe("DELETE", &format!("/v1/subscriptions/{id}"), "");
    rollback(&stand, &[]).expect(0, &["Nothing stands"]);
}
