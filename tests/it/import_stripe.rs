//! `golive import stripe`: a test account becomes a checklist, and that a live account that is the same.

use std::collections::BTreeMap;
use std::fs;

use golive::inventory::{Inventory, Price, Scope};
use golive::mode::Mode;
use golive::secret::{Secret, Slot, Vault};
use golive::stripe::{ApiBase, Config, StripeApi};
use serde_json::Value;

use crate::support::screen::{ENTER, Start};
use crate::support::{Golive, Launch, Output};

/// A folder without a checklist, and an account to import from.
pub struct Shop {
    pub launch: Launch,
    pub ids: BTreeMap<&'static str, String>,
}

impl Shop {
    pub fn empty() -> Self {
        let launch = Launch::of("");
        fs::remove_file(launch.dir.join("golive.toml")).unwrap();
        Self { launch, ids: BTreeMap::new() }
    }

    /// An account with something of every kind.
    pub fn full() -> Self {
        let mut shop = Self::empty();
        shop.furnish();
        let env = format!(
            "# the application's own\nSTRIPE_SECRET_KEY={}\nSTRIPE_PUBLISHABLE_KEY={}\nSTRIPE_WEBHOOK_SECRET=whsec_{}\n\
             PRICE_PRO={}\nPLANS='{{\"team\":{{\"yearly\":\"{}\"}},\"seats\":5}}'\nPRICE_LIST={},{}\nPAY_URL={}\nPORTAL={}\nCOUPON=LAUNCH20\n",
            shop.launch.simulator.test.secret,
            shop.launch.simulator.test.publishable,
            "a1".repeat(16),
            shop.ids["pro_monthly"],
            shop.ids["team_yearly"],
            shop.ids["pro_yearly"],
            shop.ids["team_yearly"],
            shop.ids["link_url"],
            shop.ids["portal"],
        );
        fs::write(shop.launch.dir.join(".env"), env).unwrap();
        shop
    }

    pub fn post(&self, path: &str, params: &str) -> Value {
        self.launch.in_test("POST", path, params)
    }

    fn make(&mut self, name: &'static str, path: &str, params: &str) -> Value {
        let made = self.post(path, params);
        self.ids.insert(name, made["id"].as_str().unwrap().to_owned());
        made
    }

    fn furnish(&mut self) {
        self.make("pro", "/v1/products", "id=acme_pro&name=Acme Pro&description=For growing teams&tax_code=txcd_10103001&images[]=https://shop.example/pro.png&metadata[tier]=pro&marketing_features[][name]=Fast");
        self.make("team", "/v1/products", "name=Acme Team&unit_label=seat&statement_descriptor=ACME TEAM");
        self.make("credits", "/v1/products", "name=Credits");
        self.make(
            "meter",
            "/v1/billing/meters",
            "display_name=API calls&event_name=api_calls&default_aggregation[formula]=sum",
        );
        let (team, credits, meter) = (self.ids["team"].clone(), self.ids["credits"].clone(), self.ids["meter"].clone());
        let prices = "/v1/prices";
        self.make("pro_monthly", prices, "product=acme_pro&currency=cad&unit_amount=2000&recurring[interval]=month&recurring[trial_period_days]=14&lookup_key=pro_monthly&tax_behavior=exclusive&currency_options[eur][unit_amount]=1800&currency_options[eur][tax_behavior]=exclusive&metadata[plan]=pro");
        self.make("pro_yearly", prices, "product=acme_pro&currency=cad&unit_amount=20000&recurring[interval]=year");
        self.make("team_yearly", prices, &format!("product={team}&currency=cad&billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=year&tiers[0][up_to]=10&tiers[0][unit_amount]=500&tiers[0][flat_amount]=100&tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=450.5&lookup_key=team_yearly"));
        self.make("calls", prices, &format!("product={credits}&currency=usd&unit_amount_decimal=0.5&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}&transform_quantity[divide_by]=100&transform_quantity[round]=up"));
        self.make("pack", prices, &format!("product={credits}&currency=jpy&unit_amount=500&nickname=Pack"));
        self.make("gift", prices, &format!("product={credits}&currency=usd&custom_unit_amount[enabled]=true&custom_unit_amount[minimum]=500&custom_unit_amount[preset]=2000"));
        self.make(
            "free",
            prices,
            &format!("product={team}&currency=cad&unit_amount=0&recurring[interval]=month&nickname=Free"),
        );
        self.post("/v1/products/acme_pro", &format!("default_price={}", self.ids["pro_monthly"]));
        let old = self.make(
            "old",
            prices,
            "product=acme_pro&currency=cad&unit_amount=1500&recurring[interval]=month&nickname=Former",
        );
        self.post(&format!("/v1/prices/{}", old["id"].as_str().unwrap()), "active=false");
        self.make("coupon", "/v1/coupons", "id=LAUNCH20&name=Launch&percent_off=20.5&duration=repeating&duration_in_months=3&applies_to[products][]=acme_pro&max_redemptions=50");
        self.make("code", "/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=LAUNCH20&code=SUMMER&restrictions[first_time_transaction]=true&restrictions[minimum_amount]=1000&restrictions[minimum_amount_currency]=cad");
        self.make(
            "tax",
            "/v1/tax_rates",
            "display_name=GST&percentage=5&inclusive=false&country=CA&jurisdiction=CA&tax_type=gst",
        );
        self.make("ship", "/v1/shipping_rates", "display_name=Ground&type=fixed_amount&fixed_amount[amount]=500&fixed_amount[currency]=cad&delivery_estimate[minimum][unit]=business_day&delivery_estimate[minimum][value]=3&delivery_estimate[maximum][unit]=business_day&delivery_estimate[maximum][value]=5");
        let link = format!(
            "line_items[0][price]={}&line_items[0][quantity]=1&allow_promotion_codes=true&after_completion[type]=redirect&after_completion[redirect][url]=https://shop.example/thanks",
            self.ids["pro_yearly"]
        );
        let link = self.make("link", "/v1/payment_links", &link);
        self.ids.insert("link_url", link["url"].as_str().unwrap().to_owned());
        self.make("webhook", "/v1/webhook_endpoints", "url=https://shop.example/webhook&enabled_events[]=checkout.session.completed&enabled_events[]=invoice.paid&description=Shop");
        let portal = format!(
            "features[invoice_history][enabled]=true&features[payment_method_update][enabled]=true&features[customer_update][enabled]=true&features[customer_update][allowed_updates][]=email&features[subscription_cancel][enabled]=true&features[subscription_cancel][mode]=at_period_end&features[subscription_update][enabled]=true&features[subscription_update][default_allowed_updates][]=price&features[subscription_update][products][0][product]=acme_pro&features[subscription_update][products][0][prices][]={}&business_profile[headline]=Acme&default_return_url=https://shop.example/account",
            self.ids["pro_monthly"]
        );
        self.make("portal", "/v1/billing_portal/configurations", &portal);
    }

    pub fn golive(&self, line: &str) -> Golive {
        self.launch.golive(line)
    }

    pub fn import(&self, more: &str) -> Output {
        self.golive(&format!("import stripe {more}")).run()
    }

    pub fn checklist(&self) -> String {
        fs::read_to_string(self.launch.dir.join("golive.toml")).unwrap()
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.checklist();
        assert!(text.contains(from), "{from} is not in it:\n{text}");
        fs::write(self.launch.dir.join("golive.toml"), text.replacen(from, to, 1)).unwrap();
    }

    /// Everything that an account holds, as golive reads it.
    pub fn inventory(&self, mode: Mode) -> Inventory {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = &self.launch.simulator;
        let key = if mode == Mode::Live { &simulator.live.secret } else { &simulator.test.secret };
        let base = ApiBase::parse(Some(&simulator.url)).unwrap();
        let api = StripeApi::new(Config { base, mode, proxy: None }, runtime.handle().clone()).unwrap();
        let mut vault = Vault::default();
        vault.put(Slot::SecretKey, Secret::new(key.as_str()));
        api.inventory(Scope::default(), &vault, &|_, _| {}).unwrap()
    }
}

/// What a price charges, without ids.
fn terms(inventory: &Inventory, price: &Price) -> String {
    let product = inventory.product(&price.product).map(|product| product.name.clone());
    let mut bare = Price { id: String::new(), product: String::new(), created: 0, lookup_key: None, ..price.clone() };
    bare.metadata.remove("golive");
    if let Some(recurring) = &mut bare.recurring {
        recurring.meter = recurring.meter.as_ref().map(|_| "the meter".to_owned());
    }
    format!("{product:?} {bare:?}")
}

fn all_terms(inventory: &Inventory) -> Vec<String> {
    let mut all: Vec<String> = inventory.prices.iter().map(|price| terms(inventory, price)).collect();
    all.sort();
    all
}

#[test]
#[expect(clippy::too_many_lines, reason = "one launch from its first step to its last")]
fn an_account_goes_from_test_to_live_with_nothing_typed() {
    let shop = Shop::full();
    let output = shop.import("").exits(0);
    let text = shop.checklist();
    shop.golive("checklist validate").run().exits(0);
    for words in [
        "env = \"PRICE_PRO\"",
        "coupon_id = \"LAUNCH20\"",
        "product_id = \"acme_pro\"",
        "secret_env = \"STRIPE_WEBHOOK_SECRET\"",
        "PLANS",
        "host = \"shop.example\"",
        "0.005 USD",
        "4.5050 CAD",
        "500 JPY",
    ] {
        assert!(text.contains(words), "{words}\n{text}\n{output}");
    }
    assert!(!text.contains("sk_test"), "{text}");
    let output = output.says("archived, and left out: 1 price");
    assert!(!output.stderr.contains("price without a product"), "{output}");
    let account = shop.launch.control.account();
    let line = format!(
        "wizard --mode live --yes --allow-commands --confirm {account} --answer deploy.release.done=done --answer settings.dashboard.done=done"
    );
    let output = shop.launch.keyed(&line).run();
    assert_eq!(output.code, 0, "{output}\n{text}");
    let (test, live) = (shop.inventory(Mode::Test), shop.inventory(Mode::Live));
    assert_eq!(all_terms(&test), all_terms(&live));
    let names = |made: &Inventory| {
        let all = made.products.iter();
        let mut all: Vec<_> = all
            .map(|product| (product.name.clone(), product.description.clone(), product.marketing_features.clone()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(names(&test), names(&live));
    let plain = |made: &Inventory| {
        let coupon = &made.coupons[0];
        let code = &made.promotion_codes[0];
        let rate = &made.shipping_rates[0];
        format!(
            "{} {:?} {:?} {:?} {} {:?} {:?} {} {:?} {:?} {} {}",
            coupon.id,
            coupon.percent_off,
            coupon.duration_in_months,
            coupon.applies_to,
            code.code,
            code.minimum_amount,
            rate.minimum,
            rate.amount,
            made.tax_rates[0].percentage,
            made.meters[0].event_name,
            made.payment_links[0].redirect.clone().unwrap(),
            made.webhooks[0].enabled_events.len()
        )
    };
    assert_eq!(plain(&test), plain(&live));
    let file = fs::read_to_string(shop.launch.dir.join(".env.production")).unwrap();
    let key =
        |lookup: &str| live.prices.iter().find(|price| price.lookup_key.as_deref() == Some(lookup)).unwrap().id.clone();
    assert!(file.contains(&format!("PRICE_PRO={}", key("pro_monthly"))), "{file}");
    assert!(file.contains(&format!("{},{}", key("acme_pro_yearly"), key("team_yearly"))), "{file}");
    assert!(
        file.contains(&format!("\"yearly\":\"{}\"", key("team_yearly"))) || file.contains(&key("team_yearly")),
        "{file}"
    );
    assert!(file.contains(&live.payment_links[0].url), "{file}");
    shop.golive("plan --mode live --exit-code").run().exits(0);
}

/// The number stands in the README, beside the guides' 35 minutes.
const QUESTIONS: usize = 11;

#[test]
fn from_an_integration_in_test_mode_to_live_a_person_answers_eleven_questions_and_types_no_id_and_no_price() {
    let mut shop = Shop::empty();
    let sim = &shop.launch.simulator;
    let (secret, publishable) = (sim.live.secret.clone(), sim.live.publishable.clone());
    let env = format!("STRIPE_SECRET_KEY={}\nSTRIPE_PUBLISHABLE_KEY={}\n", sim.test.secret, sim.test.publishable);
    shop.make("pro", "/v1/products", "name=Acme Pro");
    let pro = shop.ids["pro"].clone();
    let monthly = format!("product={pro}&currency=eur&unit_amount=2900&recurring[interval]=month");
    let monthly = shop.make("pro_monthly", "/v1/prices", &monthly)["id"].as_str().unwrap().to_owned();
    shop.make("coupon", "/v1/coupons", "id=LAUNCH20&name=Launch&percent_off=20&duration=once");
    shop.make("webhook", "/v1/webhook_endpoints", "url=https://shop.example/webhook&enabled_events[]=invoice.paid");
    fs::write(shop.launch.dir.join(".env"), format!("{env}PRICE={monthly}\n")).unwrap();
    fs::write(shop.launch.dir.join("pay.js"), "case 'invoice.paid':\n").unwrap();
    shop.import("").exits(0);
    let sim = &shop.launch.simulator;
    let variables = vec![
        ("GOLIVE_API_BASE".to_owned(), sim.url.clone()),
        ("GOLIVE_RESOLVE".to_owned(), format!("shop.example=127.0.0.1:{}", sim.shop_addr.port())),
        ("SSL_CERT_FILE".to_owned(), shop.launch.home.join("ca.pem").display().to_string()),
    ];
    let (dir, home) = (&shop.launch.dir, &shop.launch.home);
    let mut screen = Start { dir, home, line: "wizard --mode live", columns: 80, variables }.begin();
    let answers = [
        ("what will happen", "Start with phase 1 of 8", ENTER.to_owned()),
        ("1 of 8", "Live secret or restricted key", format!("{secret}\r")),
        ("browsers may see it", "Live publishable key", format!("{publishable}\r")),
        ("Plan: 2 to write", "Write .env.production?", "y\r".to_owned()),
        ("2 of 8", "Type yes", "yes\r".to_owned()),
        ("3 of 8", "Type yes", "yes\r".to_owned()),
        ("4 of 8", "Is this done?", ENTER.to_owned()),
        ("5 of 8", "Type yes", "yes\r".to_owned()),
        ("6 of 8", "Write .env.production?", "y\r".to_owned()),
        ("7 of 8", "Is this done?", ENTER.to_owned()),
        ("8 of 8", "Type yes", "yes\r".to_owned()),
    ];
    assert_eq!(answers.len(), QUESTIONS);
    for (context, question, keys) in &answers {
        screen.answer(context, question, keys);
    }
    screen.shows("launch is live.   14 of 14 done");
    screen.exits(0);
    let live = shop.inventory(Mode::Live);
    let file = fs::read_to_string(shop.launch.dir.join(".env.production")).unwrap();
    assert!(file.contains(&format!("PRICE={}", live.prices[0].id)), "{file}");
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&format!("{QUESTIONS} questions")), "the README says another number");
}

#[test]
fn a_live_key_is_refused_before_anything_is_sent() {
    let shop = Shop::full();
    let live = &shop.launch.simulator.live.secret;
    let before = shop.launch.requests();
    shop.golive("import stripe").env("GOLIVE_TEST_KEY", live).run().exits(4).says("GL0204");
    fs::write(shop.launch.dir.join(".env"), format!("STRIPE_SECRET_KEY={live}\n")).unwrap();
    shop.import("").exits(4).says("a live key stands where a test key belongs");
    fs::remove_file(shop.launch.dir.join(".env")).unwrap();
    shop.import("").exits(5).says("GOLIVE_TEST_KEY");
    assert_eq!(shop.launch.requests(), before, "nothing was sent");
    assert!(!shop.launch.dir.join("golive.toml").exists());
}

#[test]
fn what_changed_in_stripe_comes_in_and_what_a_person_edited_stays() {
    let shop = Shop::full();
    shop.import("").exits(0);
    shop.edit("title = \"Acme Pro\"", "title = \"Pro, as we call it\"");
    shop.edit("nickname = \"Pack\"", "nickname = \"The pack\"");
    let edited = shop.checklist();
    // Nothing changed: nothing is written.
    shop.import("").exits(0).says("Nothing changed in Stripe");
    assert_eq!(shop.checklist(), edited);
    // Renamed, archived, added, and a nickname that both changed.
    shop.post("/v1/products/acme_pro", "name=Acme Professional&description=For teams");
    shop.post(&format!("/v1/prices/{}", shop.ids["free"]), "active=false");
    shop.post(&format!("/v1/prices/{}", shop.ids["pack"]), "nickname=Bundle");
    shop.post(
        "/v1/prices",
        "product=acme_pro&currency=cad&unit_amount=5500&recurring[interval]=month&recurring[interval_count]=3",
    );
    shop.post("/v1/products", "name=Acme Max");
    // Nobody there to ask: nothing is written, and what would be is shown.
    shop.import("").exits(5).says("import.write").says("For growing teams → For teams");
    assert_eq!(shop.checklist(), edited);
    let output = shop.import("--yes").exits(0).says("yours stays");
    let merged = shop.checklist();
    for words in [
        "title = \"Pro, as we call it\"",
        "nickname = \"The pack\"",
        "description = \"For teams\"",
        "acme_pro_quarterly",
        "title = \"Acme Max\"",
    ] {
        assert!(merged.contains(words), "{words}\n{merged}\n{output}");
    }
    assert!(!merged.contains("nickname = \"Free\""), "{merged}");
    shop.golive("checklist validate").run().exits(0);
    shop.import("").exits(0);
    assert_eq!(shop.checklist(), merged, "a third import finds nothing new");
}

#[test]
fn ids_in_the_code_and_events_that_nobody_listens_to_are_told_with_their_place() {
    let shop = Shop::full();
    fs::create_dir(shop.launch.dir.join("src")).unwrap();
    let code = format!(
        "const PRICE = \"{}\";\nswitch (event.type) {{\n  case 'invoice.paid':\n  case 'charge.refunded':\n}}\n",
        shop.ids["pro_yearly"]
    );
    fs::write(shop.launch.dir.join("src/pay.ts"), code).unwrap();
    let output = shop.import("").exits(0);
    let output =
        output.says("src/pay.ts:1").says("src/pay.ts:4").says("`charge.refunded`").says("`checkout.session.completed`");
    assert!(shop.checklist().contains("env = \"STRIPE_PRICE_ACME_PRO_YEARLY\""), "{}\n{output}", shop.checklist());
    shop.golive("checklist validate").run().exits(0);
}
