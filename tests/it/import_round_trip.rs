//! From test to live and back to the comparison: an account with everything that can be carried over is
//! imported, launched on an empty live account, and compared; object by object, and by `golive parity`.

use std::collections::BTreeMap;

use golive::simulator::Mode;
use serde_json::{Value, json};

use crate::import_stripe::Shop;

/// What differs by nature: ids, moments, modes, addresses that Stripe makes, and golive's own marks.
const OWN: [&str; 9] =
    ["id", "created", "updated", "livemode", "url", "_secret", "application", "client_secret", "login_page"];

/// Kinds that a launch carries over, as the simulator calls them.
const CARRIED: [&str; 15] = [
    "product",
    "price",
    "billing.meter",
    "entitlements.feature",
    "product_feature",
    "coupon",
    "promotion_code",
    "tax_rate",
    "shipping_rate",
    "payment_link",
    "billing_portal.configuration",
    "webhook_endpoint",
    "payment_method_configuration",
    "payment_method_domain",
    "tax.settings",
];

/// More of everything than [`Shop::full`] has: each field that the API of a kind takes, at least once.
fn furnish(shop: &mut Shop) {
    catalog(shop);
    offers(shop);
    settings(shop);
}

fn catalog(shop: &mut Shop) {
    let post = |path: &str, params: &str| shop.post(path, params)["id"].as_str().unwrap().to_owned();
    let meter = post(
        "/v1/billing/meters",
        "display_name=Storage&event_name=storage&default_aggregation[formula]=last&customer_mapping[type]=by_id\
         &customer_mapping[event_payload_key]=tenant&value_settings[event_payload_key]=bytes&event_time_window=hour",
    );
    let api = post("/v1/entitlements/features", "lookup_key=api&name=API access&metadata[tier]=pro");
    let sso = post("/v1/entitlements/features", "lookup_key=sso&name=Single sign-on");
    post(
        "/v1/products",
        "id=mug&name=Mug&shippable=true&url=https://shop.example/mug&images[]=https://shop.example/a.png\
         &images[]=https://shop.example/b.png&package_dimensions[height]=4.25&package_dimensions[length]=4\
         &package_dimensions[weight]=12.5&package_dimensions[width]=4&marketing_features[][name]=Dishwasher safe",
    );
    post("/v1/products/acme_pro/features", &format!("entitlement_feature={api}"));
    post("/v1/products/acme_pro/features", &format!("entitlement_feature={sso}"));
    let price = |params: &str| post("/v1/prices", params);
    price(
        "product=mug&currency=usd&unit_amount=1500&lookup_key=mug&tax_behavior=inclusive\
         &currency_options[eur][unit_amount]=1400&currency_options[eur][tax_behavior]=exclusive\
         &currency_options[jpy][unit_amount]=2000&currency_options[jpy][tax_behavior]=inclusive",
    );
    price(
        "product=mug&currency=usd&lookup_key=tip&custom_unit_amount[enabled]=true&custom_unit_amount[maximum]=90000\
         &currency_options[eur][custom_unit_amount][enabled]=true&currency_options[eur][custom_unit_amount][preset]=900",
    );
    price("product=mug&currency=gbp&lookup_key=donation&custom_unit_amount[enabled]=true");
    price(
        "product=acme_pro&currency=usd&lookup_key=seats&billing_scheme=tiered&tiers_mode=volume&recurring[interval]=week\
         &recurring[interval_count]=2&tiers[0][up_to]=5&tiers[0][flat_amount]=1000&tiers[1][up_to]=inf&tiers[1][unit_amount]=150\
         &currency_options[eur][tiers][0][up_to]=5&currency_options[eur][tiers][0][flat_amount]=900\
         &currency_options[eur][tiers][1][up_to]=inf&currency_options[eur][tiers][1][unit_amount_decimal]=140.5",
    );
    price(&format!(
        "product=acme_pro&currency=usd&lookup_key=storage&billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=month\
         &recurring[usage_type]=metered&recurring[meter]={meter}&tiers[0][up_to]=100&tiers[0][unit_amount]=0\
         &tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=0.125"
    ));
    price(
        "product=acme_pro&currency=usd&lookup_key=packs&unit_amount=900&transform_quantity[divide_by]=12\
         &transform_quantity[round]=down&recurring[interval]=day",
    );
}

fn offers(shop: &mut Shop) {
    let post = |path: &str, params: &str| shop.post(path, params)["id"].as_str().unwrap().to_owned();
    post(
        "/v1/coupons",
        "id=FIVE&name=Five off&amount_off=500&currency=usd&currency_options[eur][amount_off]=450&duration=once\
         &redeem_by=1893455999&metadata[campaign]=launch",
    );
    post("/v1/coupons", "id=ALWAYS&percent_off=5&duration=forever&max_redemptions=9");
    post(
        "/v1/promotion_codes",
        "promotion[type]=coupon&promotion[coupon]=FIVE&code=WELCOME5&max_redemptions=100&expires_at=1893450000\
         &restrictions[minimum_amount]=2000&restrictions[minimum_amount_currency]=usd\
         &restrictions[currency_options][eur][minimum_amount]=1900&metadata[campaign]=launch",
    );
    post(
        "/v1/tax_rates",
        "display_name=Sales tax&percentage=8.875&inclusive=true&country=US&state=NY&jurisdiction=US - NY\
         &description=New York&tax_type=sales_tax&metadata[book]=4400",
    );
    let air = post(
        "/v1/shipping_rates",
        "display_name=Air&type=fixed_amount&fixed_amount[amount]=1500&fixed_amount[currency]=usd\
         &fixed_amount[currency_options][eur][amount]=1400&delivery_estimate[minimum][unit]=hour\
         &delivery_estimate[minimum][value]=12&delivery_estimate[maximum][unit]=day&delivery_estimate[maximum][value]=2\
         &tax_behavior=exclusive&tax_code=txcd_92010001&metadata[carrier]=dhl",
    );
    let mug = price_of(shop, "mug");
    post(
        "/v1/payment_links",
        &format!(
            "line_items[0][price]={mug}&line_items[0][quantity]=2&line_items[0][adjustable_quantity][enabled]=true\
             &line_items[0][adjustable_quantity][minimum]=1&line_items[0][adjustable_quantity][maximum]=20\
             &shipping_options[0][shipping_rate]={air}&shipping_address_collection[allowed_countries][0]=US\
             &shipping_address_collection[allowed_countries][1]=DE&phone_number_collection[enabled]=true\
             &billing_address_collection=required&after_completion[type]=hosted_confirmation\
             &after_completion[hosted_confirmation][custom_message]=Thank you!&submit_type=pay\
             &custom_text[submit][message]=Ships in two days.&metadata[campaign]=mugs\
             &custom_fields[0][key]=engraving&custom_fields[0][label][type]=custom\
             &custom_fields[0][label][custom]=Engraving&custom_fields[0][type]=text&custom_fields[0][optional]=true"
        ),
    );
    let monthly = price_of(shop, "pro_monthly");
    post(
        "/v1/payment_links",
        &format!(
            "line_items[0][price]={monthly}&line_items[0][quantity]=1&subscription_data[trial_period_days]=7\
             &payment_method_collection=if_required&tax_id_collection[enabled]=true"
        ),
    );
}

fn price_of(shop: &Shop, lookup_key: &str) -> String {
    let found = shop.launch.in_test("GET", "/v1/prices", &format!("lookup_keys[]={lookup_key}"));
    found["data"][0]["id"].as_str().unwrap().to_owned()
}

fn settings(shop: &mut Shop) {
    shop.launch.control.save_portal(Mode::Test).unwrap();
    let portals = shop.launch.in_test("GET", "/v1/billing_portal/configurations", "is_default=true");
    let portal = portals["data"][0]["id"].as_str().unwrap();
    shop.post(
        &format!("/v1/billing_portal/configurations/{portal}"),
        "business_profile[headline]=Acme and you&features[customer_update][enabled]=true\
         &features[customer_update][allowed_updates][0]=email&features[customer_update][allowed_updates][1]=tax_id\
         &features[subscription_cancel][enabled]=true&features[subscription_cancel][mode]=immediately\
         &features[subscription_cancel][proration_behavior]=create_prorations\
         &features[subscription_cancel][cancellation_reason][enabled]=true\
         &features[subscription_cancel][cancellation_reason][options][0]=too_expensive\
         &features[subscription_cancel][cancellation_reason][options][1]=other&metadata[team]=billing",
    );
    shop.post(
        "/v1/webhook_endpoints",
        "url=https://shop.example/connect&enabled_events[]=charge.refunded&api_version=2025-09-30.clover",
    );
    let methods = shop.launch.in_test("GET", "/v1/payment_method_configurations", "");
    let methods = methods["data"][0]["id"].as_str().unwrap();
    shop.post(
        &format!("/v1/payment_method_configurations/{methods}"),
        "klarna[display_preference][preference]=off&link[display_preference][preference]=on",
    );
    shop.post("/v1/payment_method_domains", "domain_name=shop.example");
}

/// Objects of a mode without what differs by nature, ids as the words by which both modes know them.
fn told(shop: &Shop, mode: Mode, words: &BTreeMap<String, String>, kind: &str) -> Vec<Value> {
    let mut all: Vec<Value> =
        shop.launch.control.objects(mode, kind).into_iter().filter(|one| one["active"] != false).collect();
    // Customers read the id of a coupon that has no name.
    for coupon in all.iter_mut().filter(|one| one["object"] == "coupon" && one["name"].is_null()) {
        coupon["name"] = coupon["id"].clone();
    }
    // Wallets that the account does not offer are active in test mode all the same.
    for domain in all.iter_mut().filter(|one| one["object"] == "payment_method_domain") {
        domain.as_object_mut().unwrap().retain(|name, _| !["amazon_pay", "klarna", "paypal"].contains(&name.as_str()));
    }
    for one in &mut all {
        plain(one, words);
    }
    all.sort_by_key(ToString::to_string);
    all
}

fn plain(value: &mut Value, words: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| !OWN.contains(&name.as_str()) && !member.is_null());
            if let Some(metadata) = members.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.retain(|name, _| name != "golive" && name != "golive_proof");
            }
            // The order of these says nothing.
            if let Some(options) = members.get_mut("options").and_then(Value::as_array_mut) {
                options.sort_by_key(ToString::to_string);
            }
            members.values_mut().for_each(|member| plain(member, words));
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| plain(entry, words)),
        Value::String(text) => {
            if let Some(word) = words.get(text) {
                word.clone_into(text);
            }
        }
        _ => {}
    }
}

/// What each id of a mode means: the name of a product, the terms of a price, the event of a meter.
fn words(shop: &Shop, mode: Mode) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for (kind, name) in [
        ("product", "name"),
        ("billing.meter", "event_name"),
        ("entitlements.feature", "lookup_key"),
        ("shipping_rate", "display_name"),
    ] {
        for one in shop.launch.control.objects(mode, kind) {
            let id = one["id"].as_str().unwrap().to_owned();
            words.insert(id, format!("{kind} {}", one[name]));
        }
    }
    for price in shop.launch.control.objects(mode, "price") {
        let product = &words[price["product"].as_str().unwrap()];
        let name = format!(
            "price of {product}: {} {} {}",
            price["unit_amount"], price["currency"], price["recurring"]["interval"]
        );
        words.insert(price["id"].as_str().unwrap().to_owned(), name);
    }
    words
}

#[test]
fn everything_that_an_account_holds_is_the_same_in_live_mode_after_import_and_launch() {
    let mut shop = Shop::full();
    furnish(&mut shop);
    let imported = shop.import("--write-lookup-keys --yes").exits(0);
    let text = shop.checklist();
    // Nothing of it is left out: what is not carried over is no setting of the account.
    assert_eq!(imported.stderr.matches("Not carried over (2)").count(), 1, "{imported}");
    let imported = imported.says("webhook signing secrets").says("customers, subscriptions and payments");
    assert!(!imported.stderr.contains("left out\n"), "{imported}");
    shop.golive("checklist validate").run().exits(0);
    // Only the Dashboard can begin the portal.
    shop.launch.control.save_portal(Mode::Live).unwrap();
    let account = shop.launch.control.account();
    let line = format!(
        "wizard --mode live --yes --allow-commands --confirm {account} --answer deploy.release.done=done --answer settings.dashboard.done=done"
    );
    let output = shop.launch.keyed(&line).run();
    assert_eq!(output.code, 0, "{output}\n{text}");
    let parity = shop.golive("parity").env("GOLIVE_TEST_KEY", &shop.launch.simulator.test.secret);
    let parity = parity.env("GOLIVE_LIVE_KEY", &shop.launch.simulator.live.secret).run();
    let parity = parity.exits(0);
    assert!(parity.stdout.contains("Test and live are equal: 40 objects are the same"), "{parity}");
    let (here, there) = (words(&shop, Mode::Test), words(&shop, Mode::Live));
    for kind in CARRIED {
        let (test, live) = (told(&shop, Mode::Test, &here, kind), told(&shop, Mode::Live, &there, kind));
        assert!(!test.is_empty() || kind == "tax.settings", "{kind}");
        assert_eq!(json!(test), json!(live), "{kind}");
    }
}
