//! `golive parity` on the binary: test and live of the simulator side by side.

use golive::simulator::{At, Fault, Mode, What};
use serde_json::Value;

use super::stand::{Ran, SHOP, Stand};

/// A stand with the keys of both modes.
fn stand() -> Stand {
    let mut stand = Stand::new(SHOP);
    let key = stand.sim.test.secret.clone();
    stand.set("GOLIVE_TEST_KEY", &key);
    stand
}

fn key(stand: &Stand, mode: Mode) -> String {
    let keys = if mode == Mode::Live { &stand.sim.live } else { &stand.sim.test };
    keys.secret.clone()
}

fn post(stand: &Stand, mode: Mode, path: &str, params: &str) -> String {
    let made = stand.stripe_with(&key(stand, mode), "POST", path, params);
    made["id"].as_str().unwrap_or_default().to_owned()
}

/// One of everything in a mode, under ids of its own.
#[expect(clippy::too_many_lines, reason = "one of everything")]
fn furnish(stand: &Stand, mode: Mode) {
    let make = |path: &str, params: &str| post(stand, mode, path, params);
    let meter = make("/v1/billing/meters", "display_name=Calls&event_name=calls&default_aggregation[formula]=sum");
    let feature = make("/v1/entitlements/features", "lookup_key=api&name=API+access");
    let product = make(
        "/v1/products",
        "name=Pro&description=For+teams&marketing_features[0][name]=Support&shippable=true&images[0]=https://acme.example/a.png\
         &package_dimensions[height]=1&package_dimensions[length]=2&package_dimensions[weight]=3&package_dimensions[width]=4\
         &metadata[tier]=pro",
    );
    make(&format!("/v1/products/{product}/features"), &format!("entitlement_feature={feature}"));
    let price = make(
        "/v1/prices",
        &format!(
            "product={product}&currency=eur&unit_amount=2900&lookup_key=pro&nickname=Pro&recurring[interval]=month\
             &recurring[trial_period_days]=7&currency_options[usd][unit_amount]=3100&tax_behavior=exclusive"
        ),
    );
    make(
        "/v1/prices",
        &format!(
            "product={product}&currency=usd&unit_amount_decimal=0.5&lookup_key=calls&recurring[interval]=month\
             &recurring[usage_type]=metered&recurring[meter]={meter}"
        ),
    );
    make(
        "/v1/prices",
        &format!(
            "product={product}&currency=usd&billing_scheme=tiered&tiers_mode=graduated&lookup_key=seats\
             &recurring[interval]=month&tiers[0][up_to]=10&tiers[0][unit_amount]=500&tiers[1][up_to]=inf&tiers[1][unit_amount]=400"
        ),
    );
    make(&format!("/v1/products/{product}"), &format!("default_price={price}"));
    make(
        "/v1/coupons",
        &format!(
            "id=LAUNCH&name=Launch&percent_off=20&duration=repeating&duration_in_months=3&applies_to[products][0]={product}"
        ),
    );
    make(
        "/v1/promotion_codes",
        "promotion[type]=coupon&promotion[coupon]=LAUNCH&code=LAUNCH&restrictions[minimum_amount]=1000\
         &restrictions[minimum_amount_currency]=usd",
    );
    make("/v1/tax_rates", "display_name=VAT&percentage=20&inclusive=true&country=DE");
    let ground = make(
        "/v1/shipping_rates",
        "display_name=Ground&type=fixed_amount&fixed_amount[amount]=500&fixed_amount[currency]=eur\
         &delivery_estimate[maximum][unit]=day&delivery_estimate[maximum][value]=5",
    );
    let mug = make("/v1/prices", &format!("product={product}&currency=eur&unit_amount=900&lookup_key=mug"));
    make(
        "/v1/payment_links",
        &format!(
            "line_items[0][price]={mug}&line_items[0][quantity]=1&shipping_options[0][shipping_rate]={ground}\
             &shipping_address_collection[allowed_countries][0]=DE&phone_number_collection[enabled]=true"
        ),
    );
    stand.control.save_portal(mode).unwrap();
    let portal = stand.stripe_with(&key(stand, mode), "GET", "/v1/billing_portal/configurations", "");
    let portal = portal["data"][0]["id"].as_str().unwrap().to_owned();
    make(
        &format!("/v1/billing_portal/configurations/{portal}"),
        &format!(
            "business_profile[headline]=Acme&features[subscription_update][enabled]=true\
             &features[subscription_update][default_allowed_updates][0]=price\
             &features[subscription_update][products][0][product]={product}\
             &features[subscription_update][products][0][prices][0]={price}"
        ),
    );
    let host = if mode == Mode::Live { "acme.example" } else { "staging.acme.example" };
    make(
        "/v1/webhook_endpoints",
        &format!("url=https://{host}/hook&enabled_events[0]=invoice.paid&api_version=2026-01-28.clover"),
    );
    make("/v1/payment_method_domains", &format!("domain_name={host}"));
}

fn both(stand: &Stand) {
    furnish(stand, Mode::Test);
    furnish(stand, Mode::Live);
}

fn parity(stand: &Stand) -> Ran {
    stand.run(&["parity"])
}

/// The list of a section in the JSON document.
fn list(document: &Value, section: &str) -> Value {
    let lists = document["lists"].as_array().unwrap();
    lists.iter().find(|list| list["section"] == section).unwrap().clone()
}

/// Nothing was written, whatever was said.
fn only_reads(stand: &Stand, before: usize) {
    assert_eq!(stand.writes(), before, "parity wrote something");
}

#[test]
fn two_furnished_accounts_are_equal_and_it_says_what_stands_beside_what() {
    let stand = stand();
    both(&stand);
    let before = stand.writes();
    let ran = parity(&stand);
    ran.expect(0, &["Test and live are equal", "by the path of the address", "domains differ by nature"]);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    insta::assert_snapshot!(stand.tidy(&ran.out), @r"
    Test  Rehearsal Shop, acct_XXX
    Live  Rehearsal Shop, acct_XXX

    ✓ Products              1 the same
    ✓ Prices                4 the same
    ✓ Meters                1 the same
    ✓ Features              1 the same
    ✓ Coupons               1 the same
    ✓ Promotion codes       1 the same
    ✓ Tax rates             1 the same
    ✓ Shipping rates        1 the same
    ✓ Payment links         1 the same
    ✓ Customer portal       1 the same
    ✓ Webhook endpoints     1 the same
        https://staging.acme.example/hook stands beside https://acme.example/hook,
        by the path of the address
    ✓ Payment methods       1 the same
    ✓ Wallet domains        1 the same
        staging.acme.example stands beside acme.example: domains differ by nature
    ✓ Stripe Tax            1 the same

    Test and live are equal: 17 objects are the same.
    ");
    let json = stand.run(&["parity", "--json"]);
    let document = json.expect(0, &[]).json();
    assert_eq!((document["schema"].as_str(), document["equal"].as_bool()), (Some("golive.parity/1"), Some(true)));
    assert!(document["summary"]["same"].as_u64().unwrap() > 15, "{document}");
    only_reads(&stand, before);
    assert!(!stand.dir.join(".golive").exists(), "parity leaves nothing behind");
}

#[test]
fn empty_accounts_are_equal() {
    let stand = stand();
    parity(&stand).expect(0, &["equal"]);
}

#[test]
fn every_sort_of_difference_is_told_and_ends_with_3() {
    let stand = stand();
    both(&stand);
    let live = |path: &str, params: &str| post(&stand, Mode::Live, path, params);
    let product = stand.objects("product")[0]["id"].as_str().unwrap().to_owned();
    live(&format!("/v1/products/{product}"), "description=For+everybody&metadata[tier]=team");
    let extra = live("/v1/products", "name=Extra");
    live("/v1/prices", &format!("product={extra}&currency=eur&unit_amount=100&lookup_key=extra"));
    let replaced = stand.objects("price").into_iter().find(|price| price["lookup_key"] == "calls").unwrap();
    let meter = replaced["recurring"]["meter"].as_str().unwrap();
    live(
        "/v1/prices",
        &format!(
            "product={product}&currency=usd&unit_amount_decimal=0.7&lookup_key=calls&transfer_lookup_key=true\
             &recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
        ),
    );
    live(&format!("/v1/prices/{}", replaced["id"].as_str().unwrap()), "active=false");
    post(&stand, Mode::Test, "/v1/coupons", "id=TESTONLY&percent_off=5&duration=once&name=x");
    let endpoint = stand.objects("webhook_endpoint")[0]["id"].as_str().unwrap().to_owned();
    live(
        &format!("/v1/webhook_endpoints/{endpoint}"),
        "enabled_events[0]=invoice.paid&enabled_events[1]=charge.refunded",
    );
    let ran = parity(&stand);
    ran.expect(
        3,
        &[
            "For teams → For everybody",
            "metadata.tier pro → team",
            "0.005 USD → 0.007 USD",
            "only in live",
            "only in test",
            "invoice.paid → charge.refunded, invoice.paid",
        ],
    );
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    let document = stand.run(&["parity", "--json"]).json();
    assert_eq!(document["equal"], false);
    let summary = &document["summary"];
    let counts = ["different", "only_test", "only_live", "unknown"].map(|name| summary[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 2, 0], "{summary}");
    let prices = list(&document, "prices");
    assert_eq!(prices["different"][0]["by"], "the lookup key");
    assert_eq!(prices["different"][0]["fields"][0]["field"], "unit_amount");
    assert_eq!(prices["only_live"][0]["name"], "extra");
}

#[test]
fn only_the_kinds_that_are_named_are_compared() {
    let stand = stand();
    both(&stand);
    post(&stand, Mode::Live, "/v1/products", "name=Extra");
    let document = stand.run(&["parity", "--only", "coupon,webhook", "--json"]).expect(0, &[]).json();
    let sections: Vec<&str> =
        document["lists"].as_array().unwrap().iter().map(|list| list["section"].as_str().unwrap()).collect();
    assert_eq!(sections, ["coupons", "webhooks"]);
    stand.run(&["parity", "--only", "product"]).expect(3, &["Extra"]);
    stand.run(&["parity", "--only", "copon"]).expect(2, &["there is no kind `copon`", "--only coupon"]);
}

#[test]
fn a_list_that_a_key_may_not_read_is_unknown_with_the_permission_and_never_equal() {
    let mut stand = stand();
    both(&stand);
    let held = [
        "connected_account_read",
        "product_read",
        "plan_read",
        "billing_meter_read",
        "entitlement_read",
        "promotion_code_read",
        "tax_rate_read",
        "shipping_rate_read",
        "payment_links_read",
        "customer_portal_read",
        "webhook_read",
        "payment_method_configurations_read",
        "payment_method_domains_read",
        "tax_settings_read",
        "tax_registrations_read",
    ];
    let restricted = stand.control.add_restricted_key(Mode::Live, &held).unwrap();
    stand.set("GOLIVE_LIVE_KEY", &restricted);
    let ran = parity(&stand);
    ran.expect(4, &["Coupons", "not compared: live could not be read", "Coupons: Read", "1 list was not compared"]);
    assert!(!ran.out.contains("are equal"), "{}", ran.out);
    let document = stand.run(&["parity", "--json"]).json();
    assert!(document["equal"].is_null());
    let coupons = list(&document, "coupons");
    assert_eq!((coupons["equal"].is_null(), coupons["unknown"][0]["side"].as_str()), (true, Some("live")));
    // A difference elsewhere is still a difference.
    post(&stand, Mode::Test, "/v1/products", "name=Extra");
    parity(&stand).expect(3, &["Extra", "1 list was not compared"]);
}

#[test]
fn keys_in_the_wrong_place_are_refused_before_anything_is_sent() {
    let mut stand = stand();
    let (test, live) = (key(&stand, Mode::Test), key(&stand, Mode::Live));
    let asked = |stand: &Stand| stand.control.requests().len();
    let before = asked(&stand);
    stand.set("GOLIVE_TEST_KEY", &live);
    parity(&stand).expect(4, &["GL0204", "GOLIVE_TEST_KEY"]);
    stand.set("GOLIVE_TEST_KEY", &test);
    stand.set("GOLIVE_LIVE_KEY", &test);
    parity(&stand).expect(4, &["GL0204", "GOLIVE_LIVE_KEY"]);
    stand.set("GOLIVE_LIVE_KEY", "");
    stand.set("GOLIVE_TEST_KEY", "");
    parity(&stand).expect(5, &["parity.test_key"]);
    stand.write("two", &format!("{test}\n{test}\n"));
    stand.run(&["parity", "--key-file", "two"]).expect(4, &["second key of its mode"]);
    stand.write(".env.live", &format!("STRIPE_SECRET_KEY={test}\n"));
    stand.write(".env.test", &format!("STRIPE_SECRET_KEY={test}\nOTHER={live}\n"));
    stand
        .run(&["parity", "--test-env", ".env.test", "--live-env", ".env.live"])
        .expect(4, &["there is no live key in `.env.live`", "`STRIPE_SECRET_KEY` holds a test key"]);
    assert_eq!(asked(&stand), before, "something was sent");
}

#[test]
fn both_keys_come_from_a_file_or_from_env_files() {
    let mut stand = stand();
    let (test, live) = (key(&stand, Mode::Test), key(&stand, Mode::Live));
    stand.set("GOLIVE_TEST_KEY", "");
    stand.set("GOLIVE_LIVE_KEY", "");
    stand.write("keys", &format!("{live}\n{test}\n"));
    stand.run(&["parity", "--key-file", "keys"]).expect(0, &["equal"]);
    stand.write(".env", &format!("PORT=3000\nSTRIPE_SECRET_KEY=\"{test}\"\n"));
    stand.write(".env.production", &format!("STRIPE_SECRET_KEY={live}\n"));
    stand.run(&["parity", "--test-env", ".env", "--live-env", ".env.production"]).expect(0, &["equal"]);
}

#[test]
fn the_live_key_comes_from_the_env_file_that_the_checklist_names() {
    let mut stand = stand();
    furnish(&stand, Mode::Test);
    furnish(&stand, Mode::Live);
    let live = key(&stand, Mode::Live);
    stand.set("GOLIVE_LIVE_KEY", "");
    stand.run(&["parity"]).expect(5, &["GL"]);
    stand.write(".env.production", &format!("STRIPE_SECRET_KEY={live}\n"));
    stand.run(&["parity"]).expect(0, &[]);
}

#[test]
fn keys_of_two_accounts_are_told_and_compared_all_the_same() {
    let mut stand = stand();
    let (sandbox, _) = stand.control.add_account().unwrap();
    stand.set("GOLIVE_TEST_KEY", &sandbox.secret);
    parity(&stand).expect(0, &["The keys are of two accounts", "a sandbox beside its live account"]);
}

#[test]
fn stripe_out_of_reach_is_no_answer_and_a_crowded_stripe_is_waited_for() {
    let mut stand = stand();
    both(&stand);
    let fault = |what: What| Fault { at: At::Nth(1), method: Some("GET".into()), path: "/v1/prices".into(), what };
    stand.control.fault(fault(What::Status(429, false)));
    parity(&stand).expect(0, &["equal"]);
    stand.control.clear_faults();
    let all = Fault { at: At::Every, method: None, path: "*".into(), what: What::DropBefore };
    stand.control.fault(all);
    let ran = parity(&stand);
    ran.expect(75, &[]);
    assert!(!ran.out.contains("equal"), "{}", ran.out);
    stand.control.clear_faults();
    stand.control.revoke(&key(&stand, Mode::Live)).unwrap();
    parity(&stand).expect(4, &[]);
    stand.set("GOLIVE_LIVE_KEY", "sk_live_51H6XaAaaaaaaaaaaaaaaaaaaaaaaaaaa");
    parity(&stand).expect(4, &[]);
}

#[test]
fn one_checklist_launched_in_both_modes_gives_two_equal_accounts() {
    let mut stand = Stand::new(include_str!("fixtures/offers.toml"));
    let (key, publishable) = (key(&stand, Mode::Test), stand.sim.test.publishable.clone());
    stand.set("GOLIVE_TEST_KEY", &key);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &publishable);
    stand.run(&["wizard", "--mode", "test", "--yes"]).expect(0, &[]);
    parity(&stand).expect(3, &["only in test"]);
    stand.write(".env.production", "");
    stand.launch().expect(0, &[]);
    let ran = parity(&stand);
    ran.expect(0, &["Test and live are equal"]);
    let code = stand.objects("promotion_code")[0]["id"].as_str().unwrap().to_owned();
    post(
        &stand,
        Mode::Live,
        &format!("/v1/promotion_codes/{code}"),
        "restrictions[currency_options][jpy][minimum_amount]=900",
    );
    parity(&stand).expect(3, &["LAUNCH", "minimum_amount.jpy", "not set → 900 JPY"]);
}
