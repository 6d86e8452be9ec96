//! The catalog beside plain prices: coupons, promotion codes, tax and shipping rates, payment links and
//! meters, with prices of every sort, launched with the real binary in test mode.

use golive::simulator::{At, Fault, Mode, Phase, What};
use serde_json::Value;

use super::stand::{Ran, Stand};

/// One of everything, each with its variable in the env file.
const SHOP: &str = include_str!("fixtures/offers.toml");

/// The kinds of object that the checklist has exactly one of, and where the env file names them.
const ONE: [(&str, &str); 5] = [
    ("billing.meter", "METER"),
    ("promotion_code", "CODE"),
    ("tax_rate", "VAT"),
    ("shipping_rate", "SHIPPING"),
    ("payment_link", "BUY_ID"),
];

/// A stand in test mode.
fn stand() -> Stand {
    let mut stand = Stand::new(SHOP);
    let keys = stand.sim.test.clone();
    stand.set("GOLIVE_TEST_KEY", &keys.secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &keys.publishable);
    stand
}

fn launch(stand: &Stand) -> Ran {
    stand.run(&["wizard", "--mode", "test", "--yes"])
}

fn rewrite(stand: &Stand, from: &str, to: &str) {
    let text = stand.read("golive.toml");
    assert!(text.contains(from), "the checklist does not hold `{from}`");
    stand.write("golive.toml", &text.replace(from, to));
}

fn objects(stand: &Stand, kind: &str) -> Vec<Value> {
    stand.control.objects(Mode::Test, kind)
}

fn active(stand: &Stand, kind: &str) -> Vec<Value> {
    let on = |object: &Value| object["active"] == true || object["status"] == "active";
    objects(stand, kind).into_iter().filter(on).collect()
}

fn by_key(stand: &Stand, key: &str) -> Value {
    objects(stand, "price").into_iter().find(|price| price["lookup_key"] == key).unwrap()
}

fn variable(stand: &Stand, name: &str) -> String {
    let text = stand.read(".env.production");
    let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
    value.unwrap_or_else(|| panic!("{name} is not in {text}")).trim_matches('"').to_owned()
}

/// One of each, every id in the env file.
#[track_caller]
fn is_whole(stand: &Stand) {
    for (kind, name) in ONE {
        let all = active(stand, kind);
        assert_eq!(all.len(), 1, "{kind}: {all:?}");
        assert_eq!(variable(stand, name), all[0]["id"].as_str().unwrap(), "{kind}");
    }
    let mut coupons: Vec<_> = objects(stand, "coupon").iter().map(|coupon| coupon["id"].clone()).collect();
    coupons.sort_by_key(ToString::to_string);
    assert_eq!(coupons, ["LAUNCH20", "shop_pro"]);
    assert_eq!((objects(stand, "product").len(), active(stand, "price").len()), (1, 6));
    let entitled = [objects(stand, "entitlements.feature").len(), objects(stand, "product_feature").len()];
    assert_eq!(
        (entitled, objects(stand, "product")[0]["default_price"].clone()),
        ([1, 1], by_key(stand, "pro")["id"].clone())
    );
    assert_eq!(variable(stand, "FEATURE"), objects(stand, "entitlements.feature")[0]["id"].as_str().unwrap());
    for key in ["pro", "free", "calls", "seats", "pack", "tip"] {
        let name = format!("PRICE_{}", key.to_uppercase());
        assert_eq!(variable(stand, &name), by_key(stand, key)["id"].as_str().unwrap());
    }
    assert!(variable(stand, "BUY_URL").ends_with(active(stand, "payment_link")[0]["url"].as_str().unwrap()));
}

#[test]
fn everything_is_created_once_and_its_ids_stand_in_the_env_file() {
    let stand = stand();
    launch(&stand).expect(0, &["LAUNCH20"]);
    is_whole(&stand);
    assert_eq!(by_key(&stand, "calls")["unit_amount_decimal"], "0.5");
    assert_eq!(by_key(&stand, "calls")["recurring"]["meter"], variable(&stand, "METER").as_str());
    assert_eq!(by_key(&stand, "pro")["recurring"]["trial_period_days"], 7);
    assert_eq!(objects(&stand, "promotion_code")[0]["promotion"]["coupon"], "LAUNCH20");
    let product = &objects(&stand, "product")[0];
    assert_eq!(product["marketing_features"][1]["name"], "API access");
    assert_eq!(product["shippable"], false);
    let link = &objects(&stand, "payment_link")[0];
    assert_eq!(link["custom_fields"][0]["text"]["maximum_length"], 40);
    assert_eq!(link["phone_number_collection"]["enabled"], true);
    assert_eq!(objects(&stand, "shipping_rate")[0]["delivery_estimate"]["minimum"]["unit"], "hour");

    let before = stand.writes();
    launch(&stand).expect(0, &[]);
    stand.run(&["plan", "--mode", "test", "--exit-code"]).expect(0, &["Nothing to change"]);
    assert_eq!(stand.writes(), before, "a second run writes nothing");
}

#[test]
fn what_is_lost_beside_the_journal_is_adopted_and_not_doubled() {
    let stand = stand();
    launch(&stand).expect(0, &[]);
    std::fs::remove_dir_all(stand.dir.join(".golive")).unwrap();
    let before = stand.writes();
    launch(&stand).expect(0, &[]);
    is_whole(&stand);
    assert_eq!(stand.writes(), before);
}

#[test]
fn changed_amounts_are_replaced_and_the_old_ones_closed() {
    let stand = stand();
    launch(&stand).expect(0, &[]);
    let olds: Vec<String> = ONE.iter().map(|(_, name)| variable(&stand, name)).collect();
    rewrite(&stand, "percentage = \"20\"", "percentage = \"19\"");
    rewrite(&stand, "Your team", "Your company");
    rewrite(&stand, "\"Priority support\", ", "");
    rewrite(&stand, "amount = \"5.00 USD\"\ndelivery", "amount = \"6.00 USD\"\ndelivery");
    rewrite(&stand, "minimum_amount = \"10.00 USD\"", "minimum_amount = \"12.00 USD\"");
    rewrite(&stand, "{ amount = \"4.00 USD\" }", "{ amount = \"3.50 USD\" }");
    rewrite(
        &stand,
        "lines = [{ price = \"${catalog.pro.prices.pro.id}\" }]",
        "lines = [{ price = \"${catalog.pro.prices.pack.id}\", quantity = 2 }]",
    );
    let plan = stand.run(&["plan", "--mode", "test"]);
    plan.expect(
        0,
        &[
            "4 to replace",
            "12.00 USD",
            "20% inclusive",
            "19% inclusive",
            "6.00 USD",
            "then 3.50 USD",
            "Nothing is deleted",
        ],
    );
    plan.expect(0, &["Later Buy Pro"]);

    launch(&stand).expect(0, &[]);
    is_whole(&stand);
    let news: Vec<String> = ONE.iter().map(|(_, name)| variable(&stand, name)).collect();
    assert_eq!(olds[0], news[0], "the meter stays");
    assert!(olds[1..].iter().zip(&news[1..]).all(|(old, new)| old != new), "{olds:?} {news:?}");
    assert_eq!(active(&stand, "tax_rate")[0]["percentage"], 19.0);
    assert_eq!(objects(&stand, "price").len(), 7);
    let before = stand.writes();
    launch(&stand).expect(0, &[]);
    assert_eq!(stand.writes(), before);
}

#[test]
fn what_is_switched_off_is_switched_on_again_and_what_is_renamed_is_named_back() {
    let stand = stand();
    launch(&stand).expect(0, &[]);
    let post = |path: String, params: &str| {
        let key = stand.sim.test.secret.clone();
        stand.stripe_with(&key, "POST", &path, params);
    };
    post(format!("/v1/billing/meters/{}/deactivate", variable(&stand, "METER")), "");
    post(format!("/v1/tax_rates/{}", variable(&stand, "VAT")), "active=false&display_name=Tax");
    post(format!("/v1/shipping_rates/{}", variable(&stand, "SHIPPING")), "active=false");
    post(format!("/v1/promotion_codes/{}", variable(&stand, "CODE")), "active=false");
    post(format!("/v1/payment_links/{}", variable(&stand, "BUY_ID")), "active=false&allow_promotion_codes=false");
    stand.run(&["plan", "--mode", "test"]).expect(0, &["5 to change", "Tax → VAT"]);
    launch(&stand).expect(0, &[]);
    is_whole(&stand);
    assert_eq!(active(&stand, "tax_rate")[0]["display_name"], "VAT");
    assert_eq!(active(&stand, "payment_link")[0]["allow_promotion_codes"], true);
}

#[test]
fn a_coupon_that_gives_another_discount_and_a_strangers_code_are_told() {
    let stand = stand();
    let key = stand.sim.test.secret.clone();
    stand.stripe_with(&key, "POST", "/v1/coupons", "id=LAUNCH20&percent_off=25&duration=once");
    stand.stripe_with(&key, "POST", "/v1/coupons", "id=OTHER&percent_off=5&duration=once");
    stand.stripe_with(
        &key,
        "POST",
        "/v1/promotion_codes",
        "promotion[type]=coupon&promotion[coupon]=OTHER&code=launch",
    );
    stand.stripe_with(
        &key,
        "POST",
        "/v1/billing/meters",
        "display_name=x&event_name=api_calls&default_aggregation[formula]=count",
    );
    launch(&stand).expect(3, &["GL0308", "formula count", "formula sum"]);
    rewrite(&stand, "event_name = \"api_calls\"", "event_name = \"api_calls_2\"");
    launch(&stand).expect(3, &["GL0305", "25% off once", "20% off for 3 months", "coupon_id = \"LAUNCH20_2\""]);
    rewrite(&stand, "coupon_id = \"LAUNCH20\"", "coupon_id = \"LAUNCH20_2\"");
    launch(&stand).expect(3, &["GL0307", "of OTHER", "a code of LAUNCH20_2"]);
    assert_eq!(active(&stand, "promotion_code").len(), 1);
}

#[test]
fn killed_when_any_object_was_made_it_finishes_with_one_of_each() {
    for kind in [
        "coupon",
        "promotion_code",
        "tax_rate",
        "shipping_rate",
        "payment_link",
        "billing.meter",
        "price",
        "entitlements.feature",
        "product_feature",
    ] {
        let stand = stand();
        let child = std::sync::Arc::new(std::sync::Mutex::new(None::<u32>));
        let (control, victim) = (stand.control.clone(), std::sync::Arc::clone(&child));
        stand.control.on_request(Box::new(move |_, phase| {
            if phase == Phase::AfterEffect
                && !control.objects(Mode::Test, kind).is_empty()
                && let Some(pid) = victim.lock().unwrap().take()
            {
                let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            }
        }));
        let mut command = stand.command(&["wizard", "--mode", "test", "--yes"]);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        let mut running = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        *child.lock().unwrap() = Some(running.id());
        assert!(!running.wait().unwrap().success(), "{kind}: it was not killed");
        stand.control.on_request(Box::new(|_, _| {}));
        launch(&stand).expect(0, &[]);
        is_whole(&stand);
    }
}

#[test]
fn answers_that_were_lost_for_good_are_found_by_what_they_made() {
    let stand = stand();
    // Errors that Stripe keeps with the idempotency key: a replay says nothing.
    for path in [
        "coupons",
        "promotion_codes",
        "tax_rates",
        "shipping_rates",
        "payment_links",
        "billing/meters",
        "entitlements/features",
    ] {
        let path = format!("/v1/{path}");
        let what = What::StatusAfter(500);
        stand.control.fault(Fault { at: At::Nth(1), method: Some("POST".into()), path, what });
    }
    let mut codes = Vec::new();
    for _ in 0..8 {
        let ran = launch(&stand);
        codes.push(ran.code);
        if ran.code == 0 {
            break;
        }
    }
    assert_eq!(codes.last(), Some(&0), "{codes:?}");
    assert!(codes.len() > 1, "nothing was lost");
    is_whole(&stand);
}

#[test]
fn a_coupon_that_test_mode_has_is_created_in_live_mode_all_the_same() {
    let stand = stand();
    launch(&stand).expect(0, &[]);
    stand.write(".env.production", "");
    stand.launch().expect(0, &["LAUNCH20"]);
    let mut ids: Vec<_> = stand.objects("coupon").iter().map(|coupon| coupon["id"].to_string()).collect();
    ids.sort();
    assert_eq!(ids, ["\"LAUNCH20\"", "\"shop_pro\""]);
}

#[test]
fn a_rollback_closes_everything_and_a_new_launch_opens_the_same_again() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let on = |kind: &str| {
        let all = stand.objects(kind).into_iter();
        let on = all.filter(|object| object["active"] == true || object["status"] == "active");
        on.map(|object| object["id"].to_string()).collect::<Vec<_>>()
    };
    let before: Vec<_> = ONE.iter().map(|(kind, _)| on(kind)).collect();
    let account = stand.control.account();
    stand
        .run(&["rollback", "--mode", "live", "--confirm", &account])
        .expect(0, &["switch off promo_", "switch off txr_", "switch off mtr_"]);
    assert!(ONE.iter().all(|(kind, _)| on(kind).is_empty()));
    stand.launch().expect(0, &[]);
    assert_eq!(before, ONE.iter().map(|(kind, _)| on(kind)).collect::<Vec<_>>());
    assert_eq!(stand.objects("coupon").len(), 2);
}

#[test]
fn a_restricted_key_is_told_the_rights_it_lacks() {
    let mut stand = stand();
    let held = ["product_write", "plan_write", "coupon_write", "tax_rate_write", "shipping_rate_write"];
    let key = stand.control.add_restricted_key(Mode::Test, &held).unwrap();
    stand.set("GOLIVE_TEST_KEY", &key);
    let ran = launch(&stand);
    ran.expect(4, &["Promotion Codes: Write", "Payment Links: Write", "Billing Meters: Write"]);
    assert!(!format!("{}{}", ran.out, ran.err).contains("Coupons: Write"), "{}", ran.err);
    assert_eq!(stand.writes(), 0);
}

#[test]
fn a_plan_is_readable_in_eighty_columns() {
    let stand = stand();
    let plan = stand.run(&["plan", "--mode", "test"]);
    assert!(plan.out.lines().all(|line| line.chars().count() <= 80), "{}", plan.out);
    insta::assert_snapshot!(stand.tidy(&plan.out), @r#"
    TEST  Rehearsal Shop, acct_XXX

    .env.production
    + STRIPE_SECRET_KEY         sk_test_…XXXX
    + STRIPE_PUBLISHABLE_KEY    pk_test_…XXXX
    + meter    calls             create        sum
        event_name    api_calls
        customer_key  stripe_customer_id
        value_key     value
    + feature  api               create        api
        name          API access
        lookup_key    api
    + coupon   pro               create        5.00 USD off once
        id            shop_pro
        name          Five off
        eur           4.00 EUR
    + tax      vat               create        VAT 20% inclusive
    + shipping ground            create        5.00 USD
        display_name  Ground
        delivery      36 hours to 5 business days

    Plan: 5 to create, 2 to write. Nothing is deleted.
    Later  Shop Pro, after access.api and usage.calls
    Later  Launch discount, after catalog.pro
    Later  Promotion code, after offers.launch20
    Later  Buy Pro, after catalog.pro
    Later  Complete env file, after usage.calls, access.api, catalog.pro,
           offers.launch20, offers.code, offers.vat, offers.ground and offers.link
    "#);
}
