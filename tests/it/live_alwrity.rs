//! `ALwrity` goes live: the simulator as Stripe, its backend and its database as its guide knows them.
//! Once well, to the end; and once wrong in every way that the guide's boxes guard against, each named
//! at the box's own item, each healed.

use golive::simulator::{Asked, Heard, ShopConduct, ShopPage};
use serde_json::json;

use crate::support::{Sale, Server, Site, Town};

static ALWRITY: Site = Site {
    name: "alwrity",
    edits: &[
        ("app_dir = \"/srv/alwrity\"", "app_dir = \"{server}\""),
        ("/var/log/alwrity/backend.log", "{server}/backend.log"),
    ],
    hosts: &["alwrity.com", "api.alwrity.com"],
    mail: None,
    pages,
    hears,
};

const BUYER: &str = "user_2launchbuyer";
const TOKENS: &str = "DATABASE_URL=postgres://alwrity:mulberry-ferry@localhost/alwrity\nAPP_USER_TOKEN=token-of-an-ordinary-user\n\
    APP_ADMIN_TOKEN=token-of-an-administrator\n";

pub const ANSWERS: &[&str] = &[
    "env.file.ADMIN_EMAILS=admin@alwrity.com",
    "env.domain.ADMIN_EMAIL_DOMAIN=alwrity.com",
    "payment.purchase.how=first",
    "refund.refund.refund=refund",
    "monitoring.central.way=loki",
];

pub const SALES: &[Sale] = &[Sale {
    item: "payment.purchase",
    session: "mode=subscription&line_items[0][price]=@alwrity_basic_monthly&line_items[0][quantity]=1",
}];

/// The backend's API, with a limit of ten checkouts a user.
fn pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    let page = |status: u16, body: serde_json::Value| Some((status, body.to_string()).into());
    let admin = asked.bearer == Some("token-of-an-administrator");
    let sensitive = || match asked.bearer {
        _ if server.suffers("no-auth") => page(200, json!([])),
        Some(_) if admin => page(200, json!([])),
        Some(_) => page(403, json!({"detail": "admins only"})),
        None => page(401, json!({"detail": "not signed in"})),
    };
    match (asked.method, asked.path) {
        ("GET", "/stripe-disputes") => Some((200, "<h1>Disputes</h1>".to_owned()).into()),
        ("GET", "/pricing") if server.suffers("old-build") => Some((200, "Stripe('pk_test_51H')".to_owned()).into()),
        ("GET", "/api/subscription/disputes" | "/api/subscription/fraud-warnings") => sensitive(),
        ("POST", "/api/subscription/create-checkout-session") => {
            let counter = format!("hits-{}", asked.bearer.unwrap_or("nobody"));
            server.add(&counter, "one");
            if server.text(&counter).lines().count() > 10 && !server.suffers("no-limit") {
                server.add("backend.log", &format!("WARNING Checkout rate limit exceeded for user_id={BUYER}"));
                return page(429, json!({"detail": "slow down"}));
            }
            if server.text("running.env").is_empty() || server.suffers("no-mapping") {
                return page(400, json!({"detail": "Payment plan is not configured"}));
            }
            let mode = if server.variable("STRIPE_SECRET_KEY").starts_with("sk_live_") { "live" } else { "test" };
            page(200, json!({"url": format!("https://checkout.stripe.com/c/pay/cs_{mode}_1")}))
        }
        ("GET", "/api/subscription/status/user_2launchbuyer") => {
            let active = server.text("row").starts_with("ACTIVE|active");
            page(200, json!({"data": {"active": active, "tier": if active { "basic" } else { "free" }}}))
        }
        ("POST", "/api/subscription/create-portal-session") if server.suffers("no-portal") => {
            page(500, json!({"detail": "No configuration provided"}))
        }
        ("POST", "/api/subscription/create-portal-session") => {
            page(200, json!({"url": "https://billing.stripe.com/p/session/1"}))
        }
        _ => None,
    }
}

/// The webhook: the row of `user_subscriptions`, and what stands in the log of each event.
fn hears(server: &Server, heard: &Heard<'_>) {
    let log = |line: &str| server.add("backend.log", line);
    let event = match heard {
        Heard::Broke => return log("ERROR Error processing webhook: 'NoneType'"),
        Heard::Refused(why) => return log(&format!("WARNING Invalid signature: {why}")),
        Heard::Event(event) => event,
    };
    let kind = event["type"].as_str().unwrap();
    log(&format!("INFO Received Stripe webhook: {kind}"));
    let object = &event["data"]["object"];
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    match kind {
        "checkout.session.completed" => {
            server.put("row", &format!("ACTIVE|active|{}|{}", text("customer"), text("subscription")));
            log(&format!("INFO Checkout completed for user {BUYER}"));
            log(&format!("INFO GET /api/subscription/verify-checkout/{BUYER} 200"));
        }
        "customer.subscription.deleted" => {
            server.change("row", "ACTIVE|active", "CANCELLED|inactive");
            log(&format!("INFO Subscription {} deleted", text("id")));
        }
        _ => {}
    }
}

/// `ALwrity` before its launch.
pub fn alwrity() -> Town {
    let town = Town::of(&ALWRITY);
    town.write(
        "backend/services/subscription/stripe_service.py",
        "mapping = os.getenv('STRIPE_PLAN_PRICE_MAPPING_LIVE')\n",
    );
    town.tracked();
    town.write(".env.production", TOKENS);
    town.write("server/backend/alembic.ini", "");
    town.server.put("plans", "FREE is sold\nBASIC is sold\nPRO is sold");
    town.server.put("row", "");
    town.server.put("backend.log", "");
    town.runs_with_the_env_file();
    town
}

#[test]
fn alwrity_goes_live_to_its_end() {
    let town = alwrity();
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    insta::assert_snapshot!("alwrity_status", town.status_as_read());
    insta::assert_snapshot!("alwrity_report", town.report_as_read());
    let _ = town.is_undone(&[]);
}

#[test]
fn every_trouble_that_alwritys_guide_guards_against_is_named_and_healed() {
    let town = alwrity();
    let tries = || town.tries(ANSWERS, &[], &[]);
    town.write(
        "backend/services/subscription/stripe_service.py",
        "stripe.api_key = 'sk_live_51H8fLKE1RvzQ2yZxW3uT9sAb7Cd'\n",
    );
    town.server.has("no-fraud_warnings");
    town.server.put("plans", "FREE is sold\nBASIC is switched off\nPRO is sold");
    let _ = tries().exits(3);
    town.names("account.repository", &["GL0735", "a Stripe key is committed"]);
    town.names("database.fraud_warnings", &["GL0701", "the migration has not run"]);
    town.names("database.plans", &["GL0701", "is_active"]);
    town.write(
        "backend/services/subscription/stripe_service.py",
        "mapping = os.getenv('STRIPE_PLAN_PRICE_MAPPING_LIVE')\n",
    );
    town.server.cured("no-fraud_warnings");
    town.server.put("plans", "FREE is sold\nBASIC is sold\nPRO is sold");
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    configuration(&town);
    running(&town);
    admins(&town);
    rows(&town);
    town.server.put("hits-token-of-an-ordinary-user", "");
    let _ = tries().exits(0);
    town.is_ready();
}

/// Sections 1 and 2
fn configuration(town: &Town) {
    let own = std::fs::read_to_string(town.dir.join(".env.production")).unwrap();
    let restored = || town.write(".env.production", &own);
    let hurt = |from: &'static str, to: &'static str| {
        let own = &own;
        move || {
            assert!(own.contains(from), "{from}");
            town.write(".env.production", &own.replace(from, to));
        }
    };
    let add = |line: &'static str| {
        let own = &own;
        move || town.write(".env.production", &format!("{own}{line}\n"))
    };
    town.suffers("env.live", hurt("STRIPE_MODE=live", "STRIPE_MODE=test"), &["STRIPE_MODE"], restored);
    town.suffers("env.live", hurt("\"monthly\"", "\"weekly\""), &["STRIPE_PLAN_PRICE_MAPPING_LIVE"], restored);
    town.suffers("env.live", add("STRIPE_PLAN_PRICE_MAPPING_TEST={}"), &["STRIPE_PLAN_PRICE_MAPPING_TEST"], restored);
    town.suffers("env.fallback", add("STRIPE_PLAN_PRICE_MAPPING={}"), &["STRIPE_PLAN_PRICE_MAPPING"], restored);
    town.suffers("env.file", add("DISABLE_AUTH=true"), &["DISABLE_AUTH"], restored);
    town.suffers("env.file", hurt("sk_live_", "sk_test_"), &["STRIPE_SECRET_KEY"], restored);
    town.suffers(
        "env.domain",
        hurt("ADMIN_EMAIL_DOMAIN=alwrity.com", "ADMIN_EMAIL_DOMAIN=gmail.com"),
        &["ADMIN_EMAIL_DOMAIN"],
        restored,
    );
    for table in ["no-subscription_plans", "no-user_subscriptions"] {
        town.suffers(
            "database.subscriptions",
            || town.server.has(table),
            &["does not exist", "the migration has not run"],
            || town.server.cured(table),
        );
    }
    town.suffers(
        "database.usage",
        || town.server.has("no-usage_summaries"),
        &["does not exist"],
        || town.server.cured("no-usage_summaries"),
    );
}

/// Sections 4, 7 and 9: the backend as it runs
fn running(town: &Town) {
    let conduct = |conduct| move || town.control.shop(conduct);
    let good = conduct(ShopConduct::Good);
    town.suffers(
        "deploy.webhook",
        conduct(ShopConduct::NoVerification),
        &["GL0405", "STRIPE_WEBHOOK_SECRET is empty"],
        good,
    );
    town.suffers("deploy.webhook", conduct(ShopConduct::WrongSecret), &["GL0406", "a test webhook secret"], good);
    let fresh = || town.server.put("hits-token-of-an-ordinary-user", "");
    fresh();
    let (unmapped, mapped) = (
        || town.server.has("no-mapping"),
        || {
            town.server.cured("no-mapping");
            fresh();
        },
    );
    town.suffers(
        "deploy.live_checkout",
        unmapped,
        &["GL0711", "STRIPE_PLAN_PRICE_MAPPING_LIVE did not arrive"],
        mapped,
    );
    let (old, new) = (|| town.server.has("old-build"), || town.server.cured("old-build"));
    town.suffers("deploy.pricing", old, &["GL0711", "pk_test_", "built with the test key"], new);
    let (open, limited) = (
        || {
            fresh();
            town.server.has("no-limit");
        },
        || town.server.cured("no-limit"),
    );
    town.suffers("limits.burst", open, &["GL0711", "does not limit the rate"], limited);
    let (lost, found) = (|| town.server.has("not-collected"), || town.server.cured("not-collected"));
    town.suffers("monitoring.central", lost, &["GL0701"], found);
}

/// Sections 5 and 6.2
fn admins(town: &Town) {
    let (open, closed) = (|| town.server.has("no-auth"), || town.server.cured("no-auth"));
    town.suffers("admin.user_disputes", open, &["GL0711", "DISABLE_AUTH is on"], closed);
    town.suffers("admin.user_warnings", open, &["GL0711", "DISABLE_AUTH is on"], closed);
    town.suffers("admin.nobody", open, &["GL0711", "DISABLE_AUTH is on"], closed);
    let (none, saved) = (|| town.server.has("no-portal"), || town.server.cured("no-portal"));
    town.suffers("payment.portal", none, &["GL0711", "the portal was never saved"], saved);
}

/// Sections 6.1 and 6.2: what the webhook has to leave behind
fn rows(town: &Town) {
    let row = town.server.text("row");
    let restored = || town.server.put("row", &row);
    let active = || town.server.put("row", &row.replace("CANCELLED|inactive", "ACTIVE|active"));
    town.suffers("refund.cancelled", active, &["GL0701", "status ACTIVE, active"], restored);
    let log = town.server.text("backend.log");
    let kept = || town.server.put("backend.log", &log);
    let without = |line: &'static str| {
        let log = &log;
        move || town.server.put("backend.log", &log.replace(line, ""))
    };
    town.suffers("payment.processed", without("Checkout completed for user"), &["GL0722", "no user_id"], kept);
    town.suffers("payment.returned", without("verify-checkout"), &["GL0722"], kept);
    town.suffers("refund.deleted", without("customer.subscription.deleted"), &["GL0722"], kept);
    town.suffers("deploy.handled", without("product.updated"), &["GL0722"], kept);
    town.suffers("limits.logged", without("Checkout rate limit exceeded"), &["GL0722"], kept);
}
