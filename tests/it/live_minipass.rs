//! `MiniPass` goes live: the simulator as Stripe, its application and its server as its guide knows
//! them. Once well, to the end, pinned as people read it; and once through every trouble that the guide's
//! troubleshooting section describes, each named by the cause that the guide names, each healed.

use golive::simulator::{Asked, Heard, ShopConduct, ShopPage};

use crate::support::{Sale, Server, Site, Town};

static MINIPASS: Site = Site {
    name: "minipass",
    edits: &[("/home/kdresdell/Documents/DEV/minipass_env/MinipassWebSite", "{server}")],
    hosts: &["minipass.me", "testlaunch.minipass.me"],
    mail: Some("smtp.gmail.com"),
    pages,
    hears,
};

/// What the guide wants of the code.
const APP: &str = "PLAN_TO_TIER = {'basic': 1}\n\
    stripe.api_key = os.getenv('STRIPE_SECRET_KEY')\n\
    stripe_publishable_key = os.getenv('STRIPE_PUBLISHABLE_KEY')\n\
    event = stripe.Webhook.construct_event(payload, sig_header, webhook_secret)\n";
const PAGE: &str = "<script>const stripe = Stripe('{{ stripe_publishable_key }}');</script>";

/// What the wizard asks beside a person's word.
pub const ANSWERS: &[&str] = &[
    "env.file.MAIL_USERNAME=info@shop.example",
    "deploy.restart.way=systemd",
    "payment.purchase.how=first",
    "payment.refund.refund=refund",
    "monitoring.pro.how=first",
    "monitoring.ultimate.how=first",
    "monitoring.annual_basic.how=first",
    "monitoring.annual_pro.how=first",
    "monitoring.annual_ultimate.how=first",
];

pub const SALES: &[Sale] = &[
    Sale {
        item: "payment.purchase",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_BASIC_MONTHLY&line_items[0][quantity]=1",
    },
    Sale {
        item: "monitoring.pro",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_PRO_MONTHLY&line_items[0][quantity]=1",
    },
    Sale {
        item: "monitoring.ultimate",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_ULTIMATE_MONTHLY&line_items[0][quantity]=1",
    },
    Sale {
        item: "monitoring.annual_basic",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_BASIC_ANNUAL&line_items[0][quantity]=1",
    },
    Sale {
        item: "monitoring.annual_pro",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_PRO_ANNUAL&line_items[0][quantity]=1",
    },
    Sale {
        item: "monitoring.annual_ultimate",
        session: "mode=payment&line_items[0][price]=$STRIPE_PRICE_ULTIMATE_ANNUAL&line_items[0][quantity]=1",
    },
];

/// The application's pages, as a proxy in front of it shows them.
fn pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    if server.text("running.env").is_empty() {
        return Some((502, "Bad Gateway".to_owned()).into());
    }
    let container = || server.text("containers").lines().any(|line| line.starts_with("minipass_testlaunch running"));
    match (asked.host, asked.method, asked.path) {
        ("testlaunch.minipass.me", "GET", _) if !container() => Some((502, "Bad Gateway".to_owned()).into()),
        ("minipass.me", "GET", "/") => {
            let own = server.variable("STRIPE_PUBLISHABLE_KEY");
            let key = if server.suffers("hard-coded") { "pk_test_51H" } else { own.as_str() };
            Some((200, format!("<script>const stripe = Stripe('{key}');</script>")).into())
        }
        _ => None,
    }
}

/// The webhook: a customer, a container of the tier that was paid for, a line in the log for each.
fn hears(server: &Server, heard: &Heard<'_>) {
    let log = |line: &str| server.add("subscribed_app.log", line);
    match heard {
        Heard::Broke => log("ERROR in app: Exception on /webhook [POST]"),
        Heard::Refused(why) => log(&format!("WARNING webhook refused: {why}")),
        Heard::Event(event) if event["type"] == "checkout.session.completed" => {
            log("INFO checkout.session.completed");
            let plan = server.customer()["plan"].as_str().unwrap_or_default().to_owned();
            let tier = ["MiniPass Basic", "MiniPass Pro", "MiniPass Ultimate"].iter().position(|known| **known == plan);
            if !server.suffers("no-deployment") {
                let before = server.text("ever").lines().count();
                let shop = if before == 0 { "testlaunch".to_owned() } else { format!("shop{before}") };
                server.add("ever", &shop);
                server.add("customers", &shop);
                server.add("containers", &format!("minipass_{shop} running {} 0", tier.map_or(0, |tier| tier + 1)));
                log(&format!("INFO Deployment complete for {shop}"));
            }
        }
        Heard::Event(_) => {}
    }
}

/// `MiniPass` before its launch.
pub fn minipass() -> Town {
    let town = Town::of(&MINIPASS);
    town.write("app.py", APP);
    town.write("templates/index.html", PAGE);
    town.write(".env", "STRIPE_SECRET_KEY=sk_test_of_development\n");
    town.variables("MAIL_USERNAME", "MAIL_PASSWORD", "");
    town.server.put("customers.db", "SQLite format 3");
    town.server.put("subscribed_app.log", "INFO started\n");
    town.server.put(".env", "STRIPE_SECRET_KEY=sk_test_of_before\nSTRIPE_PUBLISHABLE_KEY=pk_test_of_before\n");
    town
}

/// The first deployment is deleted, as `python manage_app.py` does it.
fn cleans_up(town: &Town) {
    town.server.put("customers", "");
    town.server.put("containers", "");
}

/// What is said of the later sign-ups on launch day.
const LATER: &[&str] = &[
    "monitoring.pro.how=later",
    "monitoring.ultimate.how=later",
    "monitoring.annual_basic.how=later",
    "monitoring.annual_pro.how=later",
    "monitoring.annual_ultimate.how=later",
];

/// Launch day, the cleaning up after it, and the sign-ups of the days after.
pub fn sold(town: &Town, more: &[&str]) {
    let on_launch_day = ANSWERS.iter().filter(|answer| !answer.starts_with("monitoring.")).chain(LATER);
    let on_launch_day: Vec<&str> = on_launch_day.chain(more).copied().collect();
    let first = town.sells(town.wizard(&on_launch_day, &["payment.cleanup"]), &SALES[..1]).exits(0);
    assert!(town.open().contains(&"todo payment.cleanup".to_owned()), "{first}");
    cleans_up(town);
    let _ = town.sells(town.wizard(ANSWERS, &[]), &SALES[1..]).exits(0);
}

#[test]
fn minipass_goes_live_to_its_end() {
    let town = minipass();
    sold(&town, &[]);
    town.is_ready();
    insta::assert_snapshot!("minipass_status", town.status_as_read());
    insta::assert_snapshot!("minipass_report", town.report_as_read());
    let _ = town.is_undone(&["rollback.env.way=backup", "rollback.restart.way=systemd"]);
    assert!(town.server.text("running.env").contains("sk_test_of_before"));
}

#[test]
fn every_trouble_of_minipass_guide_is_named_and_healed() {
    let town = minipass();
    let tries = |but: &[&str]| town.tries(ANSWERS, &[], but);
    // "Verify you created Prices in Live Mode", and a key in the template.
    town.write("templates/index.html", "<script>const stripe = Stripe('pk_test_51H8fLKE1RvzQ2yZxW3uT9s');</script>");
    town.server.has("down");
    let _ = tries(&["payment.cleanup"]).exits(3);
    town.names("code.frontend", &["GL0735", "hardcoded in the template"]);
    town.names("deploy.running", &["GL0701", "the application does not run"]);
    town.write("templates/index.html", PAGE);
    town.server.cured("down");
    town.server.put("running.env", &town.server.text(".env"));
    town.control.shop(ShopConduct::WrongSecret);
    let _ = tries(&["payment.cleanup"]).exits(3);
    town.names("verify.webhook", &["GL0406", "the webhook secret does not match"]);
    town.control.shop(ShopConduct::Good);
    deployment(&town);
    cleans_up(&town);
    let _ = town.sells(town.wizard(ANSWERS, &[]), &SALES[1..]).exits(0);
    town.is_ready();
    webhook(&town);
    keys_and_prices(&town);
    containers(&town);
    let _ = tries(&[]).exits(0);
    town.is_ready();
}

/// "Issue: Webhook returns 500 error", and "What if my first real payment fails?"
fn webhook(town: &Town) {
    let conduct = |conduct| move || town.control.shop(conduct);
    let good = conduct(ShopConduct::Good);
    let fails = conduct(ShopConduct::Fails);
    town.suffers(
        "verify.webhook",
        fails,
        &["GL0422", "application error: check `subscribed_app.log` for errors"],
        good,
    );
    // The probe that was broken on left its error in the log, as a payment's webhook would.
    town.names_now("monitoring.log_errors", &["GL0722", "application error", "Exception on /webhook"]);
    town.server.change("subscribed_app.log", "ERROR in app", "INFO mended, was in app");
    town.holds("monitoring.log_errors");
    let unsigned = conduct(ShopConduct::NoVerification);
    town.suffers("verify.webhook", unsigned, &["GL0405", "construct_event"], good);
    let stale = || town.server.change("running.env", "whsec_", "whsec_ofbefore");
    let restarted = || town.server.change("running.env", "whsec_ofbefore", "whsec_");
    let wrong = ["GL0406", "signature verification fails", "the webhook secret does not match"];
    town.suffers("verify.webhook", stale, &wrong, restarted);
    let kept = town.server.text("running.env");
    let (stops, starts) = (|| town.server.put("running.env", ""), || town.server.put("running.env", &kept));
    town.suffers("verify.webhook", stops, &["GL0407", "the application is not running"], starts);
    town.suffers("verify.site", stops, &["GL0711", "the application does not run"], starts);
    let (up, down) = (|| town.firewall("minipass.me", true), || town.firewall("minipass.me", false));
    town.suffers("verify.webhook", up, &["GL0712", "the webhook URL is not accessible"], down);
    town.suffers("verify.tls", up, &["GL0712", "a firewall"], down);
    let (bad, renewed) = (|| town.certificate(false), || town.certificate(true));
    town.suffers("verify.tls", bad, &["GL0713", "SSL issues"], renewed);
}

/// "No such price" error, and "Test cards still working".
fn keys_and_prices(town: &Town) {
    let file = || town.server.text(".env");
    let (good, test_key) = (file(), file().replace("sk_live_", "sk_test_").replace("pk_live_", "pk_test_"));
    let restored = || town.server.put(".env", &good);
    let test_keys = || town.server.put(".env", &test_key);
    let named = ["GL0701", "test keys are used in production", "4242 4242 4242 4242", "golive reopen deploy.env"];
    town.suffers("deploy.live_keys", test_keys, &named, restored);
    let lines = |name: &str| good.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let (basic, pro) = (lines("STRIPE_PRICE_BASIC_MONTHLY="), lines("STRIPE_PRICE_PRO_MONTHLY="));
    let id = |line: &str| line.split_once('=').unwrap().1.to_owned();
    let swapped =
        || town.server.put(".env", &good.replace(&id(&basic), "price_1OfTestMode").replace(&id(&pro), &id(&basic)));
    let named = ["the Price IDs in .env do not match Stripe", "No such price", "the wrong tier is deployed"];
    town.suffers("deploy.live_keys", swapped, &named, restored);
    let secret = || town.server.change(".env", "whsec_", "whsec_ofthetestendpoint");
    town.suffers("deploy.live_keys", secret, &["the webhook secret in .env is not the endpoint's"], restored);
    let hard = || town.server.has("hard-coded");
    let named = ["GL0711", "test keys are used in production", "golive check code.frontend"];
    town.suffers("verify.frontend", hard, &named, || town.server.cured("hard-coded"));
    let own = std::fs::read_to_string(town.dir.join(".env.production")).unwrap();
    let other = || town.write(".env.production", &own.replace(&id(&basic), "price_1OfTestMode"));
    town.suffers("env.file", other, &["STRIPE_PRICE_BASIC_MONTHLY"], || town.write(".env.production", &own));
    let archive = |active: bool| {
        let path = format!("/v1/prices/{}", id(&pro));
        town.stripe("POST", &path, &format!("active={active}"));
    };
    town.suffers("catalog.pro", || archive(false), &["active"], || archive(true));
    let live = || town.write(".env", "STRIPE_SECRET_KEY=sk_live_of_production\n");
    let back = || town.write(".env", "STRIPE_SECRET_KEY=sk_test_of_development\n");
    town.suffers("routine.test_mode", live, &["the local .env has live keys"], back);
}

/// "Payment succeeds but no deployment", and "Payment succeeds but wrong tier deployed": what is proved
/// once, while the first customer is there.
fn deployment(town: &Town) {
    let tries = || town.tries(ANSWERS, &[], &["payment.cleanup"]);
    town.server.has("no-deployment");
    let _ = town.sells(town.wizard(ANSWERS, &["payment.cleanup"]), &SALES[..1]).exits(3);
    town.names("payment.log", &["GL0722", "payment succeeded, but no deployment"]);
    town.names("payment.customer", &["GL0701", "no customer record was created"]);
    town.names("payment.container", &["GL0701", "payment succeeded, but no container runs for it"]);
    town.names("payment.customer_site", &["GL0711", "the customer's container does not answer"]);
    town.server.cured("no-deployment");
    // Deployed by hand then, and of the wrong tier.
    town.server.add("subscribed_app.log", "INFO Deployment complete for testlaunch");
    town.server.add("ever", "testlaunch");
    town.server.add("customers", "testlaunch");
    town.server.put("containers", "minipass_testlaunch running 2 0\n");
    let _ = tries().exits(3);
    town.names(
        "payment.tier_deployed",
        &["GL0701", "the wrong tier is deployed", "PLAN_TO_TIER", "metadata", "TIER=2"],
    );
    town.server.put("containers", "minipass_testlaunch running 1 0\n");
    // What is open now was advised only.
    let _ = tries().exits(0);
}

/// "Review all customer deployments for errors"
fn containers(town: &Town) {
    let containers = town.server.text("containers");
    let restored = || town.server.put("containers", &containers);
    let stopped = || town.server.put("containers", &containers.replace("running", "exited"));
    town.suffers("monitoring.deployments", stopped, &["minipass_shop5 has stopped"], restored);
    let failing = || town.server.put("containers", &containers.replace(" 0\n", " 3\n"));
    town.suffers("monitoring.deployments", failing, &["minipass_shop5 logged 3 errors"], restored);
    let silent = || town.server.change("subscribed_app.log", "Deployment complete", "Deployment failed");
    let log = || town.server.change("subscribed_app.log", "Deployment failed", "Deployment complete");
    town.suffers("payment.log", silent, &["GL0722", "payment succeeded, but no deployment"], log);
}
