//! The simulator's promises about accounts, keys, headers and refusals, through real HTTP.

use crate::simulator_support::{call, call_with, send, start};
use golive::simulator::Mode;
use serde_json::json;

#[tokio::test]
async fn an_own_account_is_ready_and_the_same_in_both_modes() {
    let sim = start().await;
    let live = call(&sim, &sim.live.secret, "GET", "/v1/account", "").await.ok();
    let test = call(&sim, &sim.test.secret, "GET", "/v1/account", "").await.ok();
    assert_eq!(live.id(), test.id());
    for gate in ["charges_enabled", "payouts_enabled", "details_submitted"] {
        assert_eq!(live.json[gate], true);
    }
    assert!(live.json.get("requirements").is_none());
    sim.control().edit_account(Mode::Live, |a| a["charges_enabled"] = json!(false)).unwrap();
    let live = call(&sim, &sim.live.secret, "GET", "/v1/account", "").await.ok();
    let test = call(&sim, &sim.test.secret, "GET", "/v1/account", "").await.ok();
    assert_eq!((&live.json["charges_enabled"], &test.json["charges_enabled"]), (&json!(false), &json!(true)));
    let balance = call(&sim, &sim.live.secret, "GET", "/v1/balance", "").await.ok();
    assert_eq!(balance.json["livemode"], true);
}

#[tokio::test]
async fn a_live_checkout_needs_an_activated_account() {
    let sim = start().await;
    sim.control().edit_account(Mode::Live, |a| a["charges_enabled"] = json!(false)).unwrap();
    let params = "mode=setup&success_url=https://s.example/";
    let refused = call(&sim, &sim.live.secret, "POST", "/v1/checkout/sessions", params).await;
    assert_eq!(refused.json["error"]["code"], "testmode_charges_only");
    call(&sim, &sim.test.secret, "POST", "/v1/checkout/sessions", params).await.ok();
}

#[tokio::test]
async fn keys_are_refused_as_stripe_refuses_them() {
    let sim = start().await;
    let none = send(&sim.url, "GET", "/v1/balance", &[], "").await.unwrap();
    assert_eq!(none.status, 401);
    assert!(none.message().starts_with("You did not provide an API key."));
    let unknown = call(&sim, "sk_live_nobodyknowsthiskeyatall", "GET", "/v1/balance", "").await;
    assert_eq!((unknown.status, unknown.json["error"].get("code")), (401, None));
    assert_eq!(unknown.message(), "Invalid API Key provided: sk_live_*****************yatall");
    let publishable = call(&sim, &sim.live.publishable, "GET", "/v1/balance", "").await;
    assert_eq!((publishable.status, &publishable.json["error"]["code"]), (401, &json!("secret_key_required")));
    sim.control().revoke(&sim.live.secret).unwrap();
    let expired = call(&sim, &sim.live.secret, "GET", "/v1/balance", "").await;
    assert_eq!((expired.status, &expired.json["error"]["code"]), (401, &json!("api_key_expired")));
    call(&sim, &sim.test.secret, "GET", "/v1/balance", "").await.ok();
}

#[tokio::test]
async fn a_publishable_key_is_proved_by_an_empty_token_call() {
    let sim = start().await;
    let proof = call(&sim, &sim.live.publishable, "POST", "/v1/tokens", "").await;
    assert_eq!((proof.status, &proof.json["error"]["code"]), (400, &json!("parameter_missing")));
    assert!(proof.message().starts_with("You must supply either a card, customer, PII data, bank account"));
    let url = proof.json["error"]["request_log_url"].as_str().unwrap();
    let account = sim.control().account();
    assert!(url.starts_with(&format!("https://dashboard.stripe.com/{account}/workbench/logs?object=req_")), "{url}");
    let test = call(&sim, &sim.test.publishable, "POST", "/v1/tokens", "").await;
    assert!(test.json["error"]["request_log_url"].as_str().unwrap().contains("/test/workbench/"));
}

#[tokio::test]
async fn a_restricted_key_is_told_the_permission_it_lacks() {
    let sim = start().await;
    let key = sim.control().add_restricted_key(Mode::Live, &["product_write", "plan_read"]).unwrap();
    call(&sim, &key, "POST", "/v1/products", "name=Pro").await.ok();
    call(&sim, &key, "GET", "/v1/products", "").await.ok();
    call(&sim, &key, "GET", "/v1/prices", "").await.ok();
    let refused = call(&sim, &key, "POST", "/v1/prices", "currency=usd").await;
    assert_eq!((refused.status, &refused.json["error"]["code"]), (403, &json!("more_permissions_required")));
    assert!(refused.message().contains("Enabling Prices Write ('plan_write') permissions on this key"));
    assert!(refused.message().contains(&sim.control().account()));
    assert!(!refused.text.contains(&key));
    let account = call(&sim, &key, "GET", "/v1/account", "").await;
    assert!(account.message().contains("('connected_account_read')"));
}

#[tokio::test]
async fn the_other_mode_is_hinted_at_and_never_mixed() {
    let sim = start().await;
    let product = call(&sim, &sim.test.secret, "POST", "/v1/products", "name=Pro").await.ok();
    let path = format!("/v1/products/{}", product.id());
    let missing = call(&sim, &sim.live.secret, "GET", &path, "").await;
    let wanted = format!(
        "No such product: '{}'; a similar object exists in test mode, but a live mode key was used to make this request.",
        product.id()
    );
    assert_eq!((missing.status, missing.message()), (404, wanted.as_str()));
    let params = format!("currency=usd&unit_amount=1&product={}", product.id());
    let param = call(&sim, &sim.live.secret, "POST", "/v1/prices", &params).await;
    assert_eq!((param.status, param.message()), (400, wanted.as_str()));
    let other = sim.control().add_account().unwrap().0;
    let stranger = call(&sim, &other.secret, "GET", &path, "").await;
    assert_eq!(stranger.message(), format!("No such product: '{}'", product.id()));
    assert!(sim.control().objects(Mode::Live, "product").is_empty());
}

#[tokio::test]
async fn what_it_does_not_know_it_refuses() {
    let sim = start().await;
    let key = &sim.test.secret;
    for (method, path) in [("GET", "/v1/quotes"), ("PUT", "/v1/products"), ("GET", "/v2/core/events"), ("GET", "/")] {
        let reply = call(&sim, key, method, path, "").await;
        assert_eq!(reply.status, 404);
        assert!(reply.message().starts_with(&format!("Unrecognized request URL ({method}: {path}). Please see")));
    }
    let unknown = call(&sim, key, "POST", "/v1/checkout/sessions", "mode=payment&automatic_tax[enabled]=true").await;
    assert_eq!((unknown.status, unknown.message()), (400, "Received unknown parameter: automatic_tax"));
    let json_body = [("authorization", format!("Bearer {key}"))];
    let headers = [("authorization", json_body[0].1.as_str()), ("content-type", "application/json")];
    let json = send(&sim.url, "POST", "/v1/products", &headers, "{\"name\":\"x\"}").await.unwrap();
    assert_eq!(json.status, 400);
    assert!(json.message().contains("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn headers_tell_request_version_and_idempotency() {
    let sim = start().await;
    let headers = [("stripe-version", "2026-01-28.clover"), ("idempotency-key", "k1")];
    let made = call_with(&sim, &sim.test.secret, "POST", "/v1/products", "name=Pro", &headers).await.ok();
    let request = made.header("request-id").unwrap();
    assert!(request.starts_with("req_") && request.len() == 18);
    assert_eq!(made.header("original-request"), Some(request));
    assert_eq!(made.header("idempotency-key"), Some("k1"));
    assert_eq!(made.header("stripe-version"), Some("2026-01-28.clover"));
    assert_eq!(made.header("stripe-should-retry"), Some("false"));
    assert_eq!(made.header("content-type"), Some("application/json"));
    assert!(made.text.starts_with("{\n  \"id\": \"prod_") && made.text.ends_with('}'));
    let got = call(&sim, &sim.test.secret, "GET", "/v1/products/nope", "").await;
    for absent in ["idempotency-key", "original-request", "stripe-should-retry"] {
        assert_eq!(got.header(absent), None);
    }
    assert!(got.text.ends_with("}\n"));
    let bad = call_with(&sim, &sim.test.secret, "GET", "/v1/balance", "", &[("stripe-version", "2026-01-29")]).await;
    assert_eq!((bad.status, bad.header("stripe-version")), (400, Some("2026-01-29")));
    assert_eq!(bad.json["error"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn basic_authentication_is_as_good_as_bearer() {
    let sim = start().await;
    let pair = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{}:", sim.live.secret));
    let header = format!("Basic {pair}");
    let reply = send(&sim.url, "GET", "/v1/balance", &[("authorization", &header)], "").await.unwrap();
    assert_eq!(reply.ok().json["livemode"], true);
}

#[tokio::test]
async fn a_key_acts_for_its_own_account_only() {
    let sim = start().await;
    let account = sim.control().account();
    let own = [("stripe-account", account.as_str())];
    call_with(&sim, &sim.live.secret, "GET", "/v1/balance", "", &own).await.ok();
    let other = [("stripe-account", "acct_1other")];
    let refused = call_with(&sim, &sim.live.secret, "GET", "/v1/balance", "", &other).await;
    assert_eq!((refused.status, &refused.json["error"]["code"]), (403, &json!("account_invalid")));
}
