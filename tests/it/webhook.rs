//! Webhook endpoints that cannot work, exist twice, or are switched off.

use super::stand::{Ran, SHOP, Stand, edited};
use golive::simulator::parse_faults;

const URL: &str = "https://shop.test/webhook";
const EVENT: &str = "checkout.session.completed";

fn endpoint(stand: &Stand, url: &str) -> String {
    let made = stand.stripe("POST", "/v1/webhook_endpoints", &format!("url={url}&enabled_events[]={EVENT}"));
    made["id"].as_str().unwrap_or_default().to_owned()
}

/// A launch whose webhook has this URL.
fn launched(url: &str) -> (Stand, Ran) {
    let stand = Stand::with(URL, url);
    let ran = stand.launch();
    assert!(stand.objects("webhook_endpoint").is_empty(), "{}", ran.err);
    (stand, ran)
}

#[test]
fn a_url_that_stripe_cannot_call_in_live_mode_is_refused_before_it_is_registered() {
    let (stand, ran) = launched("http://shop.test/webhook");
    ran.expect(3, &["GL0401", "in live mode Stripe calls https addresses only", "http://shop.test/webhook"]);
    assert_eq!(stand.state_of("webhook.main"), "failed");
    for url in [
        "https://localhost/webhook",
        "https://127.0.0.1:8443/webhook",
        "https://10.0.0.7/webhook",
        "https://[::1]/webhook",
        "https://shop.local/webhook",
    ] {
        launched(url).1.expect(3, &["GL0401", "Stripe cannot reach this address from the internet", url]);
    }
}

#[test]
fn an_endpoint_that_exists_twice_is_named_and_none_is_touched() {
    let stand = Stand::new(SHOP);
    let ids = [endpoint(&stand, URL), endpoint(&stand, URL)];
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0402]: 2 endpoints have this URL
      why    https://shop.test/webhook: we_XXX,
             we_XXX
             every event is delivered twice, signed with two secrets; one of them
             fails
      fix    switch off all but one:
             https://dashboard.stripe.com/webhooks/we_XXX
      more   golive explain GL0402
    ");
    ran.expect(3, &[&ids[0], &ids[1]]);
    assert_eq!(stand.objects("webhook_endpoint").len(), 2);
    // The operator switches one off; the other one is adopted, and its secret asked for.
    stand.stripe("POST", &format!("/v1/webhook_endpoints/{}", ids[0]), "disabled=true");
    stand.launch().expect(5, &["webhook.main.secret", "STRIPE_WEBHOOK_SECRET"]);
}

#[test]
fn an_endpoint_made_by_hand_is_adopted_with_the_secret_that_the_env_file_holds() {
    let stand = Stand::new(SHOP);
    let made = stand.stripe("POST", "/v1/webhook_endpoints", &format!("url={URL}&enabled_events[]={EVENT}"));
    stand.write(
        ".env.production",
        &format!("# ours\nSTRIPE_WEBHOOK_SECRET={}\n", made["secret"].as_str().unwrap_or_default()),
    );
    stand.launch().expect(0, &[made["id"].as_str().unwrap_or("?")]);
    assert_eq!(stand.objects("webhook_endpoint").len(), 1);
    assert!(stand.read(".env.production").starts_with("# ours\nSTRIPE_WEBHOOK_SECRET=whsec_"));
}

#[test]
fn a_disabled_endpoint_is_enabled_again_and_not_doubled() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let id = stand.objects("webhook_endpoint")[0]["id"].as_str().unwrap_or_default().to_owned();
    stand.stripe("POST", &format!("/v1/webhook_endpoints/{id}"), "disabled=true");
    stand.run(&["check"]).expect(3, &["changed since it was done", "status is disabled, wanted is enabled"]);
    stand.launch().expect(0, &[]);
    let endpoints = stand.objects("webhook_endpoint");
    assert_eq!((endpoints.len(), endpoints[0]["status"].as_str()), (1, Some("enabled")));
}

#[test]
fn an_endpoint_with_a_uuid_is_made_once_whatever_is_killed_and_its_url_is_what_others_use() {
    let url = "url = \"https://shop.test/stripe/webhook/\"\nurl_suffix = \"uuid\"";
    let probe = "\n[[phase.item]]\nid = \"probe\"\nkind = \"webhook_probe\"\ntitle = \"Probe\"\nneeds = [\"webhook.main\"]\nurl = \"${webhook.main.url}\"\nsecret_env = \"STRIPE_WEBHOOK_SECRET\"\n";
    let stand = Stand::new(&format!("{}{probe}", edited("url = \"https://shop.test/webhook\"", url)));
    // The answer to the creation is lost: it is sent again as it was, its UUID with it.
    stand.control.fault(parse_faults("POST /v1/webhook_endpoints#1=drop-after").unwrap().remove(0));
    stand.launch().expect(0, &[]);
    let endpoints = stand.objects("webhook_endpoint");
    assert_eq!(endpoints.len(), 1);
    let found = endpoints[0]["url"].as_str().unwrap();
    let uuid = found.strip_prefix("https://shop.test/stripe/webhook/").and_then(|rest| rest.strip_suffix('/')).unwrap();
    assert_eq!(endpoints[0]["metadata"]["djstripe_uuid"], uuid);
    assert_eq!((uuid.len(), stand.state_of("env.probe").as_str()), (36, "done"));
    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    assert_eq!(stand.writes(), writes);
    // What is journaled is what was sent, so that it can be sent again, or found, whenever golive goes on.
    let journal = stand.read(".golive/shop.live.jsonl");
    assert!(journal.contains(found) && !journal.contains("wants_uuid"), "{journal}");
}

#[test]
fn sixteen_endpoints_leave_no_room_and_that_is_said_before_stripe_refuses() {
    let stand = Stand::new(SHOP);
    for n in 0..16 {
        endpoint(&stand, &format!("https://shop.test/hook{n}"));
    }
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r"
    exit 3
    error[GL0404]: the account has 16 webhook endpoints, and Stripe allows 16
      fix    delete one that is not needed: https://dashboard.stripe.com/webhooks
      more   golive explain GL0404
    ");
    assert_eq!(stand.objects("webhook_endpoint").len(), 16);
}

/// The small checklist with a probe of another address of the shop.
fn probed(path: &str) -> Stand {
    let probe = format!(
        "\n[[phase.item]]\nid = \"probe\"\nkind = \"webhook_probe\"\ntitle = \"The handler checks signatures\"\nneeds = [\"webhook.main\"]\nurl = \"https://shop.test{path}\"\nsecret_env = \"STRIPE_WEBHOOK_SECRET\"\n"
    );
    Stand::new(&format!("{SHOP}{probe}"))
}

#[test]
fn a_handler_that_checks_signatures_passes_its_probe() {
    let stand = probed("/webhook");
    stand.launch().expect(0, &[]);
    assert_eq!(stand.state_of("env.probe"), "done");
}

#[test]
fn a_webhook_url_without_a_handler_fails_its_probe() {
    let stand = probed("/health");
    stand.launch().expect(3, &["GL0408"]);
}

/// A server on loopback that answers every request with a redirect.
fn redirecting(to: &'static str) -> std::net::SocketAddr {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let answer = format!(
                "HTTP/1.1 301 Moved Permanently\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn a_webhook_url_that_redirects_is_seen_by_the_probe() {
    let url = "http://shop.test/webhook";
    let checklist = format!(
        "{}\n[[phase.item]]\nid = \"probe\"\nkind = \"webhook_probe\"\ntitle = \"Probe\"\nneeds = [\"webhook.main\"]\nurl = \"{url}\"\nsecret_env = \"STRIPE_WEBHOOK_SECRET\"\n",
        edited(URL, url)
    );
    let mut stand = Stand::new(&checklist);
    let test = stand.sim.test.clone();
    stand.set("GOLIVE_TEST_KEY", &test.secret);
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &test.publishable);
    stand.set("GOLIVE_RESOLVE", &format!("shop.test={}", redirecting("https://www.shop.test/webhook")));
    let ran = stand.run(&["wizard", "--mode", "test", "--yes"]);
    ran.expect(3, &["GL0403", "https://www.shop.test/webhook"]);
}
