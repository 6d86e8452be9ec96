//! The account's configuration on the binary: the customer portal, payment methods, wallet domains
//! and tax, each launched, launched again, drifted, and refused.

use golive::simulator::{At, Fault, Mode, What};

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

#[test]
fn a_portal_of_its_own_is_made_once_and_its_id_stands_in_the_env_file() {
    let stand = stand(&format!("{PORTAL}\nenv = \"STRIPE_PORTAL\""));
    stand.launch().expect(0, &[]);
    let portals = stand.objects("billing_portal.configuration");
    assert_eq!((portals.len(), portals[0]["is_default"].as_bool()), (1, Some(false)));
    assert_eq!(portals[0]["metadata"]["golive"], "shop/account.portal");
    let id = portals[0]["id"].as_str().unwrap();
    assert!(
        stand.read(".env.production").contains(&format!("STRIPE_PORTAL={id}")),
        "{}",
        stand.read(".env.production")
    );
    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    assert_eq!(stand.writes(), writes);
}

#[test]
fn a_portal_with_prices_of_test_mode_or_two_of_one_interval_is_refused_before_stripe_is() {
    let test = r#"id = "portal"
kind = "portal"
title = "Customer portal"
env = "STRIPE_PORTAL"
switch = [{ product = "shop_pro", prices = ["PRICE"] }]"#;
    let stand = stand(&test.replace("PRICE", "price_nobody"));
    stand.launch().expect(3, &["GL0502", "the price price_nobody of the portal is not in Stripe"]);
    let made = stand.stripe_in_test(
        "POST",
        "/v1/prices",
        "currency=cad&unit_amount=1&product_data[name]=T&recurring[interval]=month",
    );
    let id = made["id"].as_str().unwrap();
    stand.write("golive.toml", &stand.read("golive.toml").replace("price_nobody", id));
    stand.launch().expect(3, &["GL0502", "belongs to the other mode", "a similar object exists in test mode"]);
    let monthly = "currency=cad&unit_amount=900&product=shop_pro&recurring[interval]=month";
    let ids = [0, 1].map(|_| stand.stripe("POST", "/v1/prices", monthly)["id"].as_str().unwrap().to_owned());
    stand.write("golive.toml", &stand.read("golive.toml").replace(id, &ids.join("\", \"")));
    stand.launch().expect(3, &["GL0502", "two prices of shop_pro for one interval", &ids[0], &ids[1]]);
    assert!(stand.objects("billing_portal.configuration").is_empty());
}

#[test]
fn what_stripe_refuses_of_the_default_portal_can_be_done_by_hand() {
    let stand = stand(PORTAL);
    stand.control.save_portal(Mode::Live).unwrap();
    let path = "/v1/billing_portal/configurations/*".to_owned();
    let what = What::Status(400, false);
    stand.control.fault(Fault { at: At::Every, method: Some("POST".into()), path, what });
    stand.launch().expect(
        3,
        &["GL0310", "it was about: portal portal", "set headline, return_url, login_page, cancel, switch by hand"],
    );
}

const METHODS: &str = r#"id = "methods"
kind = "payment_methods"
title = "Payment methods"
on = ["card", "klarna"]
off = ["google_pay"]"#;

#[test]
fn payment_methods_are_switched_and_what_the_account_may_not_offer_is_told() {
    let stand = stand(METHODS);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0505]: a payment method is not as it should be
      why    klarna: is switched on, and not available yet: Stripe has not approved
             it for this account
             in the configuration pmc_XXX
      fix    complete what Stripe asks for klarna, then golive wizard:
             https://dashboard.stripe.com/settings/payment_methods
      more   golive explain GL0505
    ");
    // The switch was made all the same: approval is what is missing.
    let value =
        |method: &str| stand.objects("payment_method_configuration")[0][method]["display_preference"]["value"].clone();
    assert_eq!((value("klarna"), value("google_pay")), ("on".into(), "off".into()));
    stand
        .control
        .edit_account(Mode::Live, |account| account["capabilities"]["klarna_payments"] = "active".into())
        .unwrap();
    stand.launch().expect(0, &[]);
    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    assert_eq!(stand.writes(), writes);
    let id = stand.objects("payment_method_configuration")[0]["id"].as_str().unwrap().to_owned();
    stand.stripe(
        "POST",
        &format!("/v1/payment_method_configurations/{id}"),
        "card[display_preference][preference]=off",
    );
    stand.run(&["check"]).expect(3, &["changed since it was done", "card is off, wanted is on"]);
}

const DOMAIN: &str = r#"id = "wallets"
kind = "wallet_domain"
title = "Wallets on the shop"
domain = "shop.test"
wallets = ["apple_pay", "link"]"#;

#[test]
fn a_wallet_domain_is_registered_once_and_kept() {
    let stand = stand(DOMAIN);
    stand.launch().expect(0, &[]);
    assert_eq!(stand.objects("payment_method_domain")[0]["domain_name"], "shop.test");
    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    assert_eq!(stand.writes(), writes);
    let id = stand.objects("payment_method_domain")[0]["id"].as_str().unwrap().to_owned();
    stand.stripe("POST", &format!("/v1/payment_method_domains/{id}"), "enabled=false");
    stand.run(&["check"]).expect(3, &["status is off, wanted is on"]);
    stand.launch().expect(0, &[]);
    assert_eq!(stand.objects("payment_method_domain")[0]["enabled"], true);
}

#[test]
fn a_wallet_domain_that_will_not_validate_fails_in_stripes_words_and_passes_once_it_does() {
    let stand = stand(DOMAIN);
    let reason = "Stripe could not verify the domain association file.";
    stand.control.wallet_fault(Mode::Live, "shop.test", "apple_pay", Some(reason)).unwrap();
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0506]: apple_pay is not active on shop.test
      why    apple_pay: Stripe could not verify the domain association file.
      fix    make sure that https://shop.test answers from the internet without a
             login; where Stripe asks for it, serve its file at
             https://shop.test/.well-known/apple-developer-merchantid-domain-association;
             then have Stripe look again: golive wizard
      more   golive explain GL0506
    ");
    stand.control.wallet_fault(Mode::Live, "shop.test", "apple_pay", None).unwrap();
    // Stripe does not look by itself: golive asks it to.
    stand.launch().expect(0, &[]);
    assert_eq!(stand.objects("payment_method_domain")[0]["apple_pay"]["status"], "active");
    assert_eq!(stand.objects("payment_method_domain").len(), 1);
}

const TAX: &str = r#"id = "tax"
kind = "tax"
title = "Stripe Tax"
registrations = ["CA-QC", "US-NY"]
tax_behavior = "exclusive"
head_office = true"#;

#[test]
fn tax_is_looked_at_and_never_registered() {
    let stand = stand(TAX);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0507]: Stripe Tax cannot calculate yet
      why    missing: head_office
             the default tax behavior of Stripe Tax is another one
             no tax is collected in CA-QC, US-NY
             the account has no active registration there, and Stripe Tax calculates
             0 without one
      fix    complete the settings in the Dashboard, then golive wizard:
             https://dashboard.stripe.com/settings/tax; and register with the
             authority, then add it in the Dashboard; it is a legal statement, so
             golive does not: https://dashboard.stripe.com/tax/registrations
      more   golive explain GL0507
    ");
    let office = "head_office[address][country]=CA&head_office[address][state]=QC&defaults[tax_behavior]=exclusive";
    stand.stripe("POST", "/v1/tax/settings", office);
    stand.stripe(
        "POST",
        "/v1/tax/registrations",
        "country=US&active_from=now&country_options[us][type]=state_sales_tax&country_options[us][state]=NY",
    );
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0508]: no tax is collected in CA-QC
      why    the account has no active registration there, and Stripe Tax calculates
             0 without one
      fix    register with the authority, then add it in the Dashboard; it is a
             legal statement, so golive does not:
             https://dashboard.stripe.com/tax/registrations
      more   golive explain GL0508
    ");
    let options = "country_options[ca][type]=province_standard&country_options[ca][province_standard][province]=QC";
    stand.stripe("POST", "/v1/tax/registrations", &format!("country=CA&active_from=now&{options}"));
    stand.launch().expect(0, &[]);
    assert_eq!(stand.state_of("account.tax"), "done");
    let posts = stand
        .control
        .requests()
        .into_iter()
        .filter(|request| request.path.starts_with("/v1/tax") && request.method == "POST");
    assert_eq!(posts.count(), 3, "all of them the owner's");
}

#[test]
fn a_rehearsal_of_all_four_ends_because_its_owner_has_been_to_the_dashboard() {
    let items = [PORTAL, METHODS, DOMAIN, TAX].join("\n\n[[phase.item]]\n");
    let stand = stand(&items);
    stand.run(&["rehearse", "--yes"]).expect(0, &[]);
    assert_eq!(stand.control.requests().len(), 0, "a rehearsal speaks with its own simulator");
}

/// The small checklist with more fields in its env item.
fn with_env(fields: &str) -> Stand {
    Stand::with("title = \"Complete env file\"", &format!("title = \"Complete env file\"\n{fields}"))
}

/// A variable of the env file, as a program would read it.
fn variable(stand: &Stand, name: &str) -> String {
    let variables = dotenvy::from_path_iter(stand.dir.join(".env.production")).unwrap();
    variables.flatten().find(|(found, _)| found == name).unwrap().1
}

#[test]
fn a_json_mapping_is_written_with_the_ids_of_this_launch_and_asserted() {
    let stand = with_env(
        r#"json = [{ name = "PLANS", value = { pro = { yearly = "${catalog.pro.prices.pro_annual.id}", monthly = "${catalog.pro.prices.pro_monthly.id}" } } }]
assert = [{ name = "PLANS", json_keys = ["pro.monthly", "pro.yearly"], json_prefix = "price_" }, { name = "DEBUG", not_equals = "true" }]"#,
    );
    stand.launch().expect(0, &[]);
    let ids: Vec<String> =
        stand.objects("price").iter().map(|price| price["id"].as_str().unwrap().to_owned()).collect();
    let written = variable(&stand, "PLANS");
    let plans: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert!(ids.iter().all(|id| plans["pro"]["monthly"] == **id || plans["pro"]["yearly"] == **id), "{written}");
    assert!(written.starts_with("{\"pro\":{\"monthly\":\"price_"), "{written}");
    // Somebody's editor has put blanks into it: it says the same.
    let spaced = stand.read(".env.production").replace("{\"pro\":{", "{ \"pro\": { ");
    stand.write(".env.production", &spaced);
    stand.run(&["check"]).expect(0, &[]);
    stand.launch().expect(0, &[]);
    assert_eq!(stand.read(".env.production"), spaced);
    // Another price in it is put right again, and shown as it was.
    stand.write(".env.production", &spaced.replace(&ids[0], "price_other"));
    stand.run(&["check"]).expect(3, &["PLANS", "price_other"]);
    stand.launch().expect(0, &[]);
    assert_eq!(variable(&stand, "PLANS"), written);
}

#[test]
fn a_json_mapping_that_is_no_json_is_told_with_its_line_and_without_its_text() {
    let stand =
        with_env("assert = [{ name = \"PLANS\", json_keys = [\"pro\"] }, { name = \"DEBUG\", not_equals = \"true\" }]");
    stand.write(".env.production", "# ours\nDEBUG=true\nPLANS='{pro: price_1}'\n");
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0605]: 2 variables of `.env.production` are not as they should be
      why    PLANS, line 3: must be a JSON object, and stops being JSON at character
             2
             DEBUG, line 2: must not be `true`
      fix    put it right: $EDITOR .env.production +3
      or     then look again: golive check env.file
      more   golive explain GL0605
    ");
}
