//! The guides' checklists as real launches: the simulator as live Stripe, the demo shop as the
//! operator's hosts, and the programs of a server that behaves, and of one that does not.

use std::sync::Arc;

use golive::simulator::ShopPages;

use crate::support::{Item, Town};

/// The programs of `MiniPass`' server, as its guide calls them. The first customer is there until
/// somebody deletes it.
fn minipass(pages: Option<ShopPages>) -> Town {
    let town = Town::of(
        "minipass",
        &["minipass.me", "testlaunch.minipass.me"],
        &[("/home/kdresdell/Documents/DEV/minipass_env/MinipassWebSite", "{dir}")],
        pages,
    );
    town.write("customers.db", "three customers");
    town.write(".env", "STRIPE_SECRET_KEY=sk_test_of_before\n");
    town.write("subscribed_app.log", "INFO checkout.session.completed\nINFO Deployment complete for testlaunch\n");
    town.write(".env.production", "MAIL_PASSWORD=an-app-password\n");
    town.program("git", "case $1 in pull) echo 'Already up to date.' ;; *) exec /usr/bin/git \"$@\" ;; esac");
    town.write("app.py", APP);
    town.write("templates/index.html", "<script>const stripe = Stripe('{{ stripe_publishable_key }}');</script>");
    town.write(".gitignore", ".env*\n.golive/\n");
    town.repository();
    // No mail server stands in here; the kind has tests with one of its own.
    let _ = town.golive("skip env.mail --mode live --reason no-mail-server").run().exits(0);
    town.program("sudo", "echo restarted");
    town.program("curl", "exit 0");
    town.program("sqlite3", "echo testlaunch");
    town.program("docker", "echo minipass_testlaunch");
    town
}

/// What the guide wants of the code.
const APP: &str = "PLAN_TO_TIER = {'basic': 1}\n\
    stripe.api_key = os.getenv('STRIPE_SECRET_KEY')\n\
    stripe_publishable_key = os.getenv('STRIPE_PUBLISHABLE_KEY')\n\
    event = stripe.Webhook.construct_event(payload, sig_header, webhook_secret)\n";

/// What only a person knows.
const MINIPASS: &[&str] =
    &["env.file.MAIL_USERNAME=info@minipass.me", "deploy.restart.way=systemd", "payment.purchase.how=first"];

/// What is not finished and waits for nobody, with its cause.
fn open(town: &Town) -> Vec<String> {
    let line = |item: Item| format!("{} {}: {}", item.state, item.id, item.problem);
    town.unfinished().into_iter().filter(|item| item.kind != "manual").map(line).collect()
}

#[test]
fn minipass_goes_live_up_to_what_only_a_person_can_settle() {
    let town = minipass(None);
    let _ = town.sells(town.wizard(MINIPASS), &[("payment.purchase", "basic_monthly")]).exits(3);
    assert_eq!(open(&town), Vec::<String>::new());
}

/// The cause that golive names when a page of `MiniPass`' server is not as it should be.
fn minipass_with(method: &'static str, path: &'static str, status: u16, body: &'static str) -> String {
    let same = move |asked: &str, at: &str| asked == method && at == path;
    let town = minipass(Some(Arc::new(move |asked, at, _| same(asked, at).then(|| (status, body.to_owned())))));
    let _ = town.wizard(MINIPASS).run().exits(3);
    open(&town).join("\n")
}

#[test]
fn what_minipass_guide_knows_as_trouble_is_named() {
    // "Webhook returns 500 error"; a handler that checks no signature; a key left in the template.
    insta::assert_snapshot!(minipass_with("POST", "/webhook", 500, "Internal Server Error"), @r"
    failed verify.webhook: the webhook handler breaks
    ");
    insta::assert_snapshot!(minipass_with("POST", "/webhook", 200, "thanks"), @r"
    failed verify.webhook: the webhook handler accepts unsigned and wrongly signed events
    ");
    insta::assert_snapshot!(minipass_with("GET", "/", 200, "Stripe('pk_test_51H')"), @r"
    failed verify.frontend: the answer holds a text it must not
    ");
}
