//! `CaixaHub` goes live: the simulator as Stripe, its Django with dj-stripe on Railway as its guide knows
//! them. Once well, to the end; and once through "Common Issues and Solutions", each trouble named by
//! the cause that the guide names, each healed.

use golive::simulator::{Asked, Heard, ShopConduct, ShopPage};
use serde_json::json;

use crate::support::{Sale, Server, Site, Town};

static CAIXAHUB: Site = Site {
    name: "caixahub",
    edits: &[],
    hosts: &["financehub-production.up.railway.app", "caixahub.com.br"],
    mail: None,
    pages,
    hears,
};

const SETTINGS: &str = "DJSTRIPE_WEBHOOK_VALIDATION = 'verify_signature'\nSTRIPE_LIVE_MODE = env('STRIPE_LIVE_MODE')\n";
const TOKENS: &str = "PLUGGY_CLIENT_SECRET=pluggy-secret-of-production\nCAIXAHUB_USER_TOKEN=token-of-a-user\n\
    CAIXAHUB_NEW_USER_TOKEN=token-of-a-new-user\nCAIXAHUB_EXPIRED_USER_TOKEN=token-of-an-expired-user\n\
    CAIXAHUB_SUBSCRIBER_TOKEN=token-of-a-subscriber\n";
const BEFORE: &str = "DATABASE_URL=postgres://railway/caixahub\nSTRIPE_TEST_SECRET_KEY=sk_test_of_before\n\
    STRIPE_TEST_PUBLIC_KEY=pk_test_of_before\nSTRIPE_LIVE_MODE=false\n";

pub const ANSWERS: &[&str] =
    &["env.file.PLUGGY_CLIENT_ID=pluggy-id", "deploy.redeploy.way=redeploy", "first.purchase.how=first"];

pub const SALES: &[Sale] = &[Sale {
    item: "first.purchase",
    session: "mode=subscription&line_items[0][price]=$STRIPE_DEFAULT_PRICE_ID&line_items[0][quantity]=1&subscription_data[trial_period_days]=7",
}];

/// The API, as the middleware lets users in.
fn pages(server: &Server, asked: &Asked<'_>) -> Option<ShopPage> {
    let page = |status: u16, body: serde_json::Value| Some((status, body.to_string()).into());
    let refused =
        |code: &str, to: &str| page(402, json!({"error": "Subscription required", "code": code, "redirect": to}));
    let live = server.variable("STRIPE_LIVE_MODE") == "true";
    let linked = server.text("customer").contains("linked");
    match (asked.method, asked.path, asked.bearer) {
        ("GET", "/api/subscriptions/config/", Some(_)) => {
            let name = if live { "STRIPE_LIVE_PUBLIC_KEY" } else { "STRIPE_TEST_PUBLIC_KEY" };
            page(200, json!({"publishable_key": server.variable(name)}))
        }
        ("GET", "/api/banking/accounts/", Some(_)) if server.suffers("no-middleware") => page(200, json!([])),
        ("GET", "/api/banking/accounts/", Some("token-of-an-expired-user")) => {
            refused("SUBSCRIPTION_REQUIRED", "/subscription/expired")
        }
        ("GET", "/api/banking/accounts/", Some("token-of-a-subscriber")) if linked => page(200, json!([])),
        ("GET", "/api/banking/accounts/", Some(_)) => refused("CHECKOUT_REQUIRED", "/checkout"),
        ("GET", "/api/subscriptions/status/", Some("token-of-a-subscriber")) => page(
            200,
            json!({
                "status": "trialing", "trial_end": "2026-12-05T12:00:00Z", "current_period_end": "2026-12-05T12:00:00Z",
                "cancel_at_period_end": false, "canceled_at": null, "days_until_renewal": 7, "amount": 49.90, "currency": "BRL",
                "payment_method": {"last4": "0009", "brand": "visa"}, "has_used_trial": server.text("trial").contains("used"),
                "first_trial_at": "2026-11-28T12:00:00Z",
            }),
        ),
        ("POST", "/api/subscriptions/portal/", Some(_)) if server.suffers("no-portal") => {
            page(500, json!({"error": "No configuration provided"}))
        }
        ("POST", "/api/subscriptions/portal/", Some(_)) => {
            page(200, json!({"url": "https://billing.stripe.com/p/session/live_1"}))
        }
        _ => None,
    }
}

/// dj-stripe's webhook: customer, subscription and trial, and a line in the log for each.
fn hears(server: &Server, heard: &Heard<'_>) {
    let log = |line: &str| server.add("railway.log", line);
    let event = match heard {
        Heard::Broke => return log("ERROR Error processing webhook event evt_1"),
        Heard::Refused(why) => return log(&format!("WARNING webhook refused: {why}")),
        Heard::Event(event) => event,
    };
    let object = &event["data"]["object"];
    if event["type"] == "customer.subscription.created" {
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        server.put("customer", &format!("{} linked\n", text("customer")));
        server.put("subscription", &format!("{} 49.90 brl", text("status")));
        server.put("trial", "trial used");
        log(&format!("INFO Subscription created via webhook: {}", text("id")));
        log("INFO Trial tracked via webhook for user 123");
    }
}

/// `CaixaHub` before its launch.
pub fn caixahub() -> Town {
    let town = Town::of(&CAIXAHUB);
    town.write("core/settings/production.py", SETTINGS);
    town.write("manage.py", "");
    town.tracked();
    town.write(".env.production", TOKENS);
    town.server.put("variables", BEFORE);
    town.server.put("running.env", BEFORE);
    town.server.put("railway.log", "");
    town
}

#[test]
fn caixahub_goes_live_to_its_end() {
    let town = caixahub();
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    insta::assert_snapshot!("caixahub_status", town.status_as_read());
    insta::assert_snapshot!("caixahub_report", town.report_as_read());
    let _ = town.is_undone(&[]);
    assert!(town.server.text("running.env").contains("STRIPE_LIVE_MODE=false"));
}

#[test]
fn every_trouble_of_caixahubs_guide_is_named_and_healed() {
    let town = caixahub();
    let tries = |more: &[&str]| town.tries(ANSWERS, more, &[]);
    town.server.has("unmigrated");
    let _ = tries(&[]).exits(3);
    town.names("deploy.migrated", &["GL0701", "a migration is open"]);
    town.server.cured("unmigrated");
    town.server.has("test-sync");
    let _ = tries(&["deploy.sync.again=later"]).exits(3);
    town.names("deploy.sync", &["GL0701", "STRIPE_LIVE_MODE"]);
    town.server.cured("test-sync");
    town.control.shop(ShopConduct::Unauthorized);
    let _ = tries(&["deploy.sync.again=again"]).exits(3);
    town.names("verify.webhook", &["`DJSTRIPE_WEBHOOK_SECRET` is missing or incorrect"]);
    town.control.shop(ShopConduct::Good);
    let _ = town.sells(town.wizard(ANSWERS, &[]), SALES).exits(0);
    town.is_ready();
    webhook(&town);
    records(&town);
    pages_and_log(&town);
    let _ = tries(&[]).exits(0);
    town.is_ready();
}

/// "Common webhook issues", and 5.2
fn webhook(town: &Town) {
    let conduct = |conduct| move || town.control.shop(conduct);
    let good = conduct(ShopConduct::Good);
    town.suffers(
        "verify.webhook",
        conduct(ShopConduct::Unauthorized),
        &["401", "`DJSTRIPE_WEBHOOK_SECRET` is missing or incorrect"],
        good,
    );
    town.suffers("verify.webhook", conduct(ShopConduct::WrongSecret), &["GL0406", "doesn't match Stripe"], good);
    town.suffers("verify.webhook", conduct(ShopConduct::NotFound), &["GL0408", "check the UUID format"], good);
    town.suffers("verify.webhook", conduct(ShopConduct::Fails), &["GL0422", "application error", "stack trace"], good);
    town.names_now("after.log", &["GL0722", "Error processing webhook event"]);
    town.server.change("railway.log", "ERROR Error processing webhook event evt_1", "INFO mended");
    town.holds("after.log");
    let unset = || town.server.change("variables", "DJSTRIPE_WEBHOOK_SECRET=", "OTHER=");
    let set = || town.server.change("variables", "OTHER=", "DJSTRIPE_WEBHOOK_SECRET=");
    town.suffers("deploy.variables_there", unset, &["DJSTRIPE_WEBHOOK_SECRET is missing"], set);
}

/// 5.1, 5.3 and 5.4
fn records(town: &Town) {
    let customer = town.server.text("customer");
    let restored = || town.server.put("customer", &customer);
    let gone = || town.server.put("customer", "");
    town.suffers("first.records", gone, &["GL0701", "the customer does not exist", "sync_stripe"], restored);
    let orphan = || town.server.put("customer", &customer.replace("linked", "without user"));
    town.suffers(
        "first.records",
        orphan,
        &["GL0701", "customer is not linked to a user", "fix_customer_links"],
        restored,
    );
    town.suffers("first.allowed", orphan, &["GL0711", "customer is not linked to a user"], restored);
    let (untracked, tracked) =
        (|| town.server.put("trial", "trial not tracked"), || town.server.put("trial", "trial used"));
    town.suffers(
        "first.trial",
        untracked,
        &["GL0701", "the webhook's signal is not firing", "race condition"],
        tracked,
    );
    town.suffers("first.status", untracked, &["GL0711", "/has_used_trial"], tracked);
    let status = town.server.text("subscription");
    let stale = || town.server.put("subscription", "incomplete 49.90 brl");
    town.suffers("first.records", stale, &["subscription is stale", "sync_from_stripe_data"], || {
        town.server.put("subscription", &status);
    });
}

/// 5.5, and what each page must answer
fn pages_and_log(town: &Town) {
    let deadlock = "WARNING Deadlock detected while processing webhook event evt_2. Stripe will retry automatically.";
    let locked = || town.server.add("railway.log", deadlock);
    let retried = || town.server.change("railway.log", deadlock, "INFO mended");
    town.suffers("after.log", locked, &["GL0722", "concurrent webhooks", "signals.py"], retried);
    town.suffers(
        "after.database",
        || town.server.put("deadlocks", "1"),
        &["GL0701", "deadlocks 1"],
        || town.server.put("deadlocks", "0"),
    );
    town.suffers(
        "after.processed",
        || town.server.put("failed", "1"),
        &["GL0701", "failed 1 end"],
        || town.server.put("failed", "0"),
    );
    let test_mode = || town.server.change("running.env", "STRIPE_LIVE_MODE=true", "STRIPE_LIVE_MODE=false");
    let live_mode = || town.server.change("running.env", "STRIPE_LIVE_MODE=false", "STRIPE_LIVE_MODE=true");
    town.suffers("verify.config", test_mode, &["GL0711", "STRIPE_LIVE_MODE is not true"], live_mode);
    town.suffers("deploy.settings", test_mode, &["GL0701", "STRIPE_LIVE_MODE is not true"], live_mode);
    let (open, closed) = (|| town.server.has("no-middleware"), || town.server.cured("no-middleware"));
    town.suffers("verify.blocked", open, &["GL0711", "the middleware"], closed);
    let (none, saved) = (|| town.server.has("no-portal"), || town.server.cured("no-portal"));
    town.suffers("first.portal", none, &["GL0711", "the customer portal"], saved);
    let leak = || town.server.add("railway.log", "INFO key sk_live_51HqqqqqqqqqqqqQ");
    town.suffers("after.log_secrets", leak, &["GL0722"], || {
        town.server.change("railway.log", "INFO key sk_live_51HqqqqqqqqqqqqQ", "INFO mended");
    });
}
