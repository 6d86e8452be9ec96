//! `golive import stripe` where something is amiss: keys that may read little, env files that contradict
//! themselves, hostile names, files that are not its own.

use std::fs;

use golive::mode::Mode;

use crate::import_stripe::Shop;
use crate::support::screen::{ENTER, Start};

#[test]
fn a_restricted_key_imports_what_it_may_read_and_names_the_rest() {
    let shop = Shop::full();
    let key = shop
        .launch
        .control
        .add_restricted_key(golive::simulator::Mode::Test, &["product_read", "plan_read", "webhook_read"])
        .unwrap();
    let output = shop.golive("import stripe").env("GOLIVE_TEST_KEY", key).run().exits(0);
    output.says("coupons could not be read").says("Coupons: Read");
    assert!(shop.checklist().contains("title = \"Acme Team\""));
    assert!(!shop.checklist().contains("kind = \"coupon\""));
}

#[test]
fn lookup_keys_are_written_to_the_test_account_when_asked_and_journaled() {
    let shop = Shop::full();
    shop.import("--write-lookup-keys --yes").exits(0);
    let test = shop.inventory(Mode::Test);
    assert!(test.prices.iter().all(|price| price.lookup_key.is_some()), "{:?}", test.prices);
    let journals = fs::read_dir(shop.launch.dir.join(".golive")).unwrap().flatten().map(|entry| entry.path());
    let journal = journals.into_iter().find(|path| path.to_string_lossy().ends_with(".test.jsonl")).unwrap();
    let text = fs::read_to_string(journal).unwrap();
    assert!(text.contains("\"type\":\"intended\"") && text.contains("lookup_key"), "{text}");
    shop.import("").exits(0).says("Nothing changed in Stripe");
}

#[test]
fn at_a_terminal_lookup_keys_are_written_after_a_yes_and_after_nothing_else() {
    for (answer, written) in [("yes\r", true), (ENTER, false)] {
        let shop = Shop::empty();
        shop.post("/v1/products", "id=pro&name=Pro");
        let price = shop.post("/v1/prices", "product=pro&currency=eur&unit_amount=500");
        let simulator = &shop.launch.simulator;
        let variables = [("GOLIVE_API_BASE", &simulator.url), ("GOLIVE_TEST_KEY", &simulator.test.secret)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.clone())).to_vec();
        let (dir, home) = (&shop.launch.dir, &shop.launch.home);
        let line = "import stripe --write-lookup-keys";
        let mut screen = Start { dir, home, line, columns: 80, variables }.begin();
        screen.answer("Plan: 1 to change", "Type yes to change the TEST account", answer);
        screen.exits(0);
        let key = shop.inventory(Mode::Test).prices[0].lookup_key.clone();
        assert_eq!(key.as_deref(), written.then_some("pro_once"), "{}", screen.text());
        assert_eq!(screen.text().contains("stay as they are"), !written, "{}", screen.text());
        assert!(!screen.text().contains(price["id"].as_str().unwrap()), "an id is long, and its ends are enough");
    }
}

#[test]
fn lookup_keys_are_written_although_the_live_host_is_not_known_yet() {
    let shop = Shop::empty();
    fs::write(shop.launch.dir.join(".env"), format!("STRIPE_SECRET_KEY={}\n", shop.launch.simulator.test.secret))
        .unwrap();
    shop.post("/v1/products", "id=pro&name=Pro");
    shop.post("/v1/prices", "product=pro&currency=eur&unit_amount=500");
    shop.post("/v1/webhook_endpoints", "url=https://a1.ngrok.app/hook&enabled_events[]=invoice.paid");
    let output = shop.import("--write-lookup-keys --yes").exits(0).says("host is not known");
    assert!(!output.stderr.contains("To give"), "it has just given them: {output}");
    assert_eq!(shop.inventory(Mode::Test).prices[0].lookup_key.as_deref(), Some("pro_once"));
}

#[test]
fn trouble_in_env_files_is_told_with_a_proposal() {
    let shop = Shop::full();
    let path = shop.launch.dir.join(".env");
    let mut text = fs::read_to_string(&path).unwrap();
    for (name, id) in [("TWICE", &*shop.ids["pack"]), ("TWICE", &shop.ids["gift"]), ("GONE", "price_1Q9fTzKd3aQn8ZrXX")]
    {
        text.extend(["PRICE_", name, "=", id, "\n"]);
    }
    fs::write(&path, text).unwrap();
    let output =
        shop.import("").exits(0).says("PRICE_TWICE stands 2 times in .env").says("PRICE_LIST holds several ids");
    output.says("PRICE_GONE holds price_1Q9fTzKd3aQn8ZrXX, which is not in the checklist");
}

#[test]
fn hostile_names_make_a_valid_file_and_a_safe_screen() {
    let shop = Shop::empty();
    for name in [
        "%1B[31mRed%0A%22quoted%22 %24%7Bvars.x%7D",
        "%E2%80%AElaminr%C3%B6n",
        &"x".repeat(250),
        "%F0%9F%9A%80",
        "]] = 'toml' #",
        "%F0%9F%9A%80",
    ] {
        let product = shop.post("/v1/products", &format!("name={name}"));
        let id = product["id"].as_str().unwrap();
        shop.post("/v1/prices", &format!("product={id}&currency=usd&unit_amount=100&nickname={name}"));
        shop.post("/v1/prices", &format!("product={id}&currency=usd&unit_amount=200"));
    }
    let output = shop.golive("import stripe").env("GOLIVE_TEST_KEY", &shop.launch.simulator.test.secret).run().exits(0);
    shop.golive("checklist validate").run().exits(0);
    let output = output.says("2 products are named `🚀`").says("would have got the lookup key");
    assert!(!output.stderr.contains('\u{1b}') && !output.stderr.contains('\u{202e}'), "{output}");
}

#[test]
fn a_file_that_import_did_not_write_is_never_touched() {
    let shop = Shop::full();
    fs::write(shop.launch.dir.join("golive.toml"), "# mine\n").unwrap();
    shop.import("--yes").exits(4).says("did not write it").says("--out");
    assert_eq!(shop.checklist(), "# mine\n");
    shop.import("--out other.toml --only product,coupon").exits(0);
    let text = fs::read_to_string(shop.launch.dir.join("other.toml")).unwrap();
    assert!(text.contains("kind = \"coupon\"") && !text.contains("kind = \"portal\""), "{text}");
    shop.import("--only prodcut --out x.toml").exits(2).says("--only product");
}
