//! Smart Strategies Builder goes live: the simulator as Stripe, its API, database and Redis as its guide
//! knows them. Once well, to the end; and once through "Common Issues and Solutions", each trouble named
//! by the cause that the guide names, each healed.

use golive::simulator::{Asked, Heard, Mode, ShopConduct, ShopPage};
use serde_json::json;

use crate::support::{Sale, Server, Site, Town};

static SMART: Site = Site {
    name: "smart-strategies",
    edits: &[
        ("app_dir = \"/srv/smart-strategies\"", "app_dir = \"{server}\""),
        ("/var/log/smart-strategies/api.log", "{server}/api.log"),
    ],
    hosts: &["smartstockbot.app", "api.smartstockbot.app"],
    mail: None,
    pages,
    hears,
};

const SECRETS: &str = "DATABASE_URL=postgresql://smart:mulberry-ferry@localhost/smart\nREDIS_URL=redis://redis.internal:6379/0\n\
    ENCRYPTION_KEY=the-key-that-is-in-use-already\nSENTRY_DSN=https://0123456789abcdef@sentry.example/1\nAPP_USER_TOKEN=token-of-a-user\n";

pub const ANSWERS: &[&str] = &[
    "deploy.restart.way=systemd",
    "payment.purchase.how=first",
    "payment.refund.refund=refund",
    "monitoring.logging.way=cloudwatch",
];

pub const SALES: &[Sale] = &[Sale {
    item: "payment.purchase",
    session: "mode=subscription&line_items[0][price]=$STRIPE_PRICE_PRO_MONTHLY&line_items[0][quantity]=1",
}];

/// The API, with a limit of a hundred requests; a window ends with the first that is refused.
fn pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    let page = |status: u16, body: serde_json::Value| Some(ShopPage::from((status, body.to_string())));
    let cors = |page: Option<ShopPage>| {
        let origin = if server.suffers("no-cors") { "https://elsewhere.example" } else { "https://smartstockbot.app" };
        page.map(|page| ShopPage { headers: vec![("access-control-allow-origin", origin.to_owned())], ..page })
    };
    match (asked.method, asked.path, asked.bearer) {
        ("GET", "/", _) if asked.host == "smartstockbot.app" && server.suffers("old-build") => {
            Some((200, "Stripe('pk_test_51H')".to_owned()).into())
        }
        ("GET", "/api/v1/billing/subscription", None) => cors(page(401, json!({"detail": "not signed in"}))),
        ("GET", "/api/v1/billing/subscription", Some(_)) => {
            server.add("hits", "one");
            if server.text("hits").lines().count() > 100 && !server.suffers("no-limit") {
                server.put("hits", "");
                return page(429, json!({"detail": "slow down"}));
            }
            let status = if server.text("row").contains("active") { "active" } else { "none" };
            cors(page(200, json!({"plan": "pro", "status": status})))
        }
        ("POST", "/api/v1/billing/checkout", Some(_)) => {
            let mode = if server.variable("STRIPE_SECRET_KEY").starts_with("sk_live_") { "live" } else { "test" };
            page(200, json!({"checkout_url": format!("https://checkout.stripe.com/c/pay/cs_{mode}_1")}))
        }
        ("POST", "/api/v1/billing/portal", Some(_)) if server.suffers("no-portal") => {
            page(400, json!({"detail": "No configuration provided"}))
        }
        ("POST", "/api/v1/billing/portal", Some(_)) => {
            page(200, json!({"url": "https://billing.stripe.com/p/session/1"}))
        }
        _ => None,
    }
}

/// The webhook: the row, the caches, and the log events that the guide lists.
fn hears(server: &Server, heard: &Heard<'_>) {
    let log = |event: &str| server.add("api.log", &format!("{{\"event\": \"{event}\"}}"));
    let event = match heard {
        Heard::Broke => return log("stripe_webhook_failed"),
        Heard::Refused(_) if server.suffers("logs-refusals") => return log("stripe_webhook_invalid_signature"),
        Heard::Refused(_) => return,
        Heard::Event(event) => event,
    };
    log("stripe_webhook_verified");
    server.add("processed", &format!("webhook_processed:{}", event["id"].as_str().unwrap()));
    let object = &event["data"]["object"];
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    match event["type"].as_str().unwrap() {
        "checkout.session.completed" if server.suffers("not-activated") => {}
        "checkout.session.completed" => {
            server.put("row", &format!("status active {} {}", text("customer"), text("subscription")));
            server.add("audit", "subscription_activated");
            server.put("entitlements", "{\"plan\": \"pro\"}");
            log("subscription_activated");
        }
        "invoice.payment_succeeded" => log("payment_succeeded"),
        "customer.subscription.deleted" => {
            server.add("audit", "subscription_canceled");
            log("subscription_canceled");
        }
        _ => {}
    }
    log("stripe_webhook_handled_successfully");
}

/// Smart Strategies Builder before its launch.
pub fn smart() -> Town {
    let town = Town::of(&SMART);
    town.write(
        "apps/api/app/billing/webhooks.py",
        "event = stripe.Webhook.construct_event(payload, signature, secret)\n",
    );
    town.tracked();
    town.write(".env.production", SECRETS);
    town.write("server/apps/api/.env", "STRIPE_SECRET_KEY=sk_test_of_before\n");
    town.server.put("api.log", "");
    town
}

#[test]
fn smart_strategies_goes_live_to_its_end() {
    let town = smart();
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    insta::assert_snapshot!("smart_strategies_status", town.status_as_read());
    insta::assert_snapshot!("smart_strategies_report", town.report_as_read());
    let _ = town.is_undone(&["rollback.restart.way=systemd"]);
    assert!(town.server.text("apps/api/.env").contains("sk_test_of_before"));
    assert_eq!(town.server.text("reverted"), "HEAD\n");
}

#[test]
fn every_trouble_of_smart_strategies_guide_is_named_and_healed() {
    let town = smart();
    let tries = |more: &[&str]| town.tries(ANSWERS, more, &[]);
    town.server.has("no-database");
    town.server.has("no-redis");
    let _ = tries(&[]).exits(3);
    town.names("server.database", &["GL0701", "DATABASE_URL"]);
    town.names("server.redis", &["GL0701", "the Redis connection is not working"]);
    town.server.cured("no-database");
    town.server.cured("no-redis");
    town.server.has("other-env");
    town.server.has("behind");
    let _ = tries(&[]).exits(3);
    town.names("database.at_head", &["GL0701", "not every migration is applied"]);
    town.server.cured("behind");
    let _ = tries(&["database.seed.again=later"]).exits(3);
    town.names("database.seed", &["GL0701", "another .env"]);
    town.server.cured("other-env");
    town.server.has("not-activated");
    let again = town.wizard(ANSWERS, &[]).args("--answer database.seed.again=again");
    let _ = town.sells(again, SALES).exits(3);
    activation(&town);
    town.is_ready();
    signatures(&town);
    caches(&town);
    api(&town);
    let _ = tries(&[]).exits(0);
    town.is_ready();
}

/// Issue 1: Webhook Signature Verification Failed
fn signatures(town: &Town) {
    let conduct = |conduct| move || town.control.shop(conduct);
    let good = conduct(ShopConduct::Good);
    town.suffers(
        "deploy.webhook",
        conduct(ShopConduct::WrongSecret),
        &["GL0406", "`STRIPE_WEBHOOK_SECRET` is not correct"],
        good,
    );
    town.suffers(
        "deploy.webhook",
        conduct(ShopConduct::ParsedBody),
        &["GL0421", "the raw request body is not used"],
        good,
    );
    town.suffers(
        "deploy.webhook",
        conduct(ShopConduct::NotFound),
        &["GL0408", "the webhook endpoint URL does not match"],
        good,
    );
    let invalid = "{\"event\": \"stripe_webhook_invalid_signature\"}";
    let logged = || town.server.add("api.log", invalid);
    let mended = || town.server.change("api.log", invalid, "{}");
    town.suffers("monitoring.quiet", logged, &["GL0722", "webhook signature verification failed"], mended);
    town.suffers("payment.log", logged, &["GL0722", "webhook signature verification failed"], mended);
}

/// Issue 2: Subscription Not Activated After Payment; and the first half of issue 3, proved once.
fn activation(town: &Town) {
    let tries = || town.tries(ANSWERS, &[], &[]);
    town.names("payment.row", &["GL0701", "`checkout.session.completed` was not delivered, or not processed"]);
    town.names("payment.log", &["GL0722", "webhook processing errors"]);
    town.server.cured("not-activated");
    // Resent and processed, and the cache still has the free plan.
    let bought = town.control.objects(Mode::Live, "subscription").pop().unwrap();
    let text = |key: &str| bought[key].as_str().unwrap_or_default();
    town.server.put("row", &format!("status active {} {}", text("customer"), text("id")));
    town.server.put("audit", "subscription_activated");
    town.server.put("entitlements", "{\"plan\": \"free\"}");
    town.server.add("api.log", "{\"event\": \"subscription_activated\"}");
    let _ = tries().exits(3);
    let named = ["GL0701", "invalidate_entitlements_cache() is not called", "redis-cli DEL"];
    town.names("payment.entitlements", &named);
    town.server.put("entitlements", "{\"plan\": \"pro\"}");
    let _ = tries().exits(0);
}

/// Issue 3: Entitlements Cache Not Invalidating
fn caches(town: &Town) {
    let (gone, back) = (|| town.server.has("no-redis"), || town.server.cured("no-redis"));
    town.suffers("server.redis", gone, &["GL0701", "the Redis connection is not working"], back);
    let processed = town.server.text("processed");
    town.suffers(
        "payment.once",
        || town.server.put("processed", ""),
        &["GL0701"],
        || town.server.put("processed", &processed),
    );
}

/// Issue 4: Customer Portal Not Working, and the rest of the production checklist
fn api(town: &Town) {
    let (none, saved) = (|| town.server.has("no-portal"), || town.server.cured("no-portal"));
    town.suffers(
        "payment.portal",
        none,
        &["GL0711", "the customer portal is not enabled", "stripe_customer_id"],
        saved,
    );
    let (foreign, own) = (|| town.server.has("no-cors"), || town.server.cured("no-cors"));
    town.suffers("deploy.cors", foreign, &["GL0711", "access-control-allow-origin"], own);
    town.suffers("deploy.foreign", || town.server.has("open-cors"), &["GL0701"], || town.server.cured("open-cors"));
    let (open, limited) = (|| town.server.has("no-limit"), || town.server.cured("no-limit"));
    town.suffers("deploy.limit", open, &["GL0711", "does not limit the rate"], limited);
    let (old, new) = (|| town.server.has("old-build"), || town.server.cured("old-build"));
    town.suffers("deploy.site", old, &["GL0711", "pk_test_"], new);
    let (bad, renewed) = (|| town.certificate(false), || town.certificate(true));
    town.suffers("deploy.tls", bad, &["GL0713"], renewed);
    let live = town.server.text("apps/api/.env");
    let test = || town.server.put("apps/api/.env", &live.replace("sk_live_", "sk_test_"));
    town.suffers("server.live_keys", test, &["GL0701"], || town.server.put("apps/api/.env", &live));
    let unset = || town.server.put("apps/api/.env", &live.replace("JWT_ALGORITHM=", "OTHER="));
    town.suffers("server.variables", unset, &["missing: JWT_ALGORITHM"], || town.server.put("apps/api/.env", &live));
}
