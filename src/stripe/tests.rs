//! The whole door against a scripted server: what looks bring back, and what becomes of writes.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;

use super::script::{Act, Seen, Server, reply, with};
use super::transport::Limits;
use super::{ApiBase, Config, StripeApi};
use crate::engine::port::{Outcome, Sending, Stripe};
use crate::error::{Class, Code, Failure, Problem};
use crate::mode::Mode;
use crate::secret::{Secret, Slot, Vault};
use crate::step::{Look, Permission, Request, Sight};

const LOGS: &str = "https://dashboard.stripe.com/acct_1Own/workbench/logs?object=req_1";

struct Stage {
    runtime: Runtime,
    server: Server,
    api: StripeApi,
    vault: Vault,
}

impl Stage {
    fn new(rule: impl FnMut(&Seen) -> Option<Act> + Send + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::rule(rule));
        let base = ApiBase::parse(Some(&server.address)).unwrap();
        let limits = Limits {
            connect: Duration::from_secs(2),
            each: Duration::from_millis(300),
            total: Duration::from_secs(5),
            tries: 3,
            pause: Duration::from_millis(1),
            longest: Duration::from_millis(2),
            grace: Duration::from_millis(100),
        };
        let config = Config { base, mode: Mode::Live };
        let api = StripeApi::with_limits(config, runtime.handle().clone(), limits).unwrap();
        let mut vault = Vault::default();
        vault.put(Slot::SecretKey, Secret::new("sk_live_stripeteststripetests"));
        vault.put(Slot::PublishableKey, Secret::new("pk_live_stripeteststripetests"));
        Self { runtime, server, api, vault }
    }

    fn look(&self, looks: &[Look]) -> BTreeMap<Look, Sight> {
        let sights = self.api.look(looks, &self.vault);
        let count = sights.len();
        let sights: BTreeMap<_, _> = sights.into_iter().collect();
        assert_eq!(sights.len(), count, "a look came back twice");
        sights
    }

    fn look_one(&self, look: Look) -> Sight {
        self.look(std::slice::from_ref(&look)).remove(&look).unwrap()
    }

    fn send(&self, bodies: &[&str]) -> Vec<Outcome> {
        let mut outcomes = BTreeMap::new();
        let sendings: Vec<_> = bodies.iter().map(|body| sending(body)).collect();
        self.api
            .send(&sendings, &self.vault, &mut |batch| {
                outcomes.extend(batch);
                Ok(())
            })
            .unwrap();
        assert_eq!(outcomes.len(), bodies.len());
        outcomes.into_values().collect()
    }

    fn lines(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.line).collect()
    }
}

fn sending(body: &str) -> Sending {
    let request = Request { method: "POST".into(), path: "/v1/prices".into(), body: body.into() };
    Sending { request, key: format!("key-{body}") }
}

fn refuse(status: u16, code: Option<&str>, message: &str) -> Act {
    let mut error = json!({ "type": "invalid_request_error", "message": message, "request_log_url": LOGS });
    if let Some(code) = code {
        error["code"] = code.into();
    }
    with(status, &[("Request-Id", "req_1")], &json!({ "error": error }).to_string())
}

fn list(objects: &[serde_json::Value], more: bool) -> Act {
    reply(200, &json!({ "object": "list", "data": objects, "has_more": more, "url": "/v1/x" }).to_string())
}

/// The values of a list parameter in a request line, decoded.
fn values(line: &str, name: &str) -> Vec<String> {
    let query = line.split_once('?').map_or("", |(_, query)| query);
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(key, _)| key.starts_with(name)).map(|(_, value)| value.into_owned()).collect()
}

#[test]
fn sixty_lookup_keys_cost_six_requests_and_each_finds_its_price() {
    let stage = Stage::new(|seen| {
        let keys = values(&seen.line, "lookup_keys");
        let prices: Vec<_> = keys
            .iter()
            .filter(|key| *key != "k7")
            .map(|key| json!({ "id": format!("price_{key}"), "lookup_key": key, "product": { "id": "prod_1" } }))
            .collect();
        Some(list(&prices, false))
    });
    let looks: Vec<_> = (0..60).map(|n| Look::PriceByKey(format!("k{n}"))).collect();
    let sights = stage.look(&looks);
    assert_eq!((sights.len(), stage.server.seen().len()), (60, 6));
    let Sight::Price(Some(price)) = &sights[&looks[41]] else { panic!() };
    assert_eq!((price.id.as_str(), price.product.as_str()), ("price_k41", "prod_1"));
    assert!(matches!(sights[&looks[7]], Sight::Price(None)));
}

#[test]
fn one_value_that_stripe_refuses_does_not_hide_the_others() {
    let stage = Stage::new(|seen| {
        let keys = values(&seen.line, "lookup_keys");
        if keys.iter().any(|key| key == "bad") {
            return Some(refuse(400, None, "Invalid string"));
        }
        let prices: Vec<_> = keys.iter().map(|key| json!({ "id": "price_1", "lookup_key": key })).collect();
        Some(list(&prices, false))
    });
    let looks = [Look::PriceByKey("bad".into()), Look::PriceByKey("good".into())];
    let sights = stage.look(&looks);
    assert!(matches!(&sights[&looks[0]], Sight::Refused(refusal) if refusal.message == "Invalid string"));
    assert!(matches!(&sights[&looks[1]], Sight::Price(Some(price)) if price.id == "price_1"));
}

#[test]
fn names_share_one_listing_of_all_pages() {
    let stage = Stage::new(|seen| {
        let second = seen.line.contains("starting_after=prod_2");
        let page = if second {
            vec![json!({ "id": "prod_3", "name": "Pro", "active": true })]
        } else {
            vec![json!({ "id": "prod_1", "name": "Pro", "active": true }), json!({ "id": "prod_2", "name": "Basic" })]
        };
        Some(list(&page, !second))
    });
    let looks =
        [Look::ProductsNamed("Pro".into()), Look::ProductsNamed("Basic".into()), Look::ProductsNamed("X".into())];
    let sights = stage.look(&looks);
    let count = |look: &Look| match &sights[look] {
        Sight::Products(products) => products.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((count(&looks[0]), count(&looks[1]), count(&looks[2])), (2, 1, 0));
    assert_eq!(
        stage.lines(),
        ["GET /v1/products?active=true&limit=100", "GET /v1/products?active=true&limit=100&starting_after=prod_2"]
    );
}

#[test]
fn the_prices_of_many_products_come_from_a_listing_unless_it_is_long() {
    let price = |product: &str| json!({ "id": format!("price_{product}"), "product": product, "active": true });
    let looks: Vec<_> = (0..8).map(|n| Look::PricesOf(format!("p{n}"))).collect();
    let short = Stage::new(move |_| Some(list(&[price("p1"), price("p1"), price("p5")], false)));
    let sights = short.look(&looks);
    assert_eq!(short.server.seen().len(), 1);
    assert!(matches!(&sights[&looks[1]], Sight::Prices(prices) if prices.len() == 2));
    assert!(matches!(&sights[&looks[0]], Sight::Prices(prices) if prices.is_empty()));
    let long = Stage::new(move |seen| {
        Some(match values(&seen.line, "product").first() {
            Some(product) => list(&[price(product)], false),
            None => list(&[price("another")], true),
        })
    });
    let sights = long.look(&looks);
    assert_eq!(long.server.seen().len(), 2 + 8);
    assert!(sights.values().all(|sight| matches!(sight, Sight::Prices(prices) if prices.len() == 1)));
}

#[test]
fn what_is_not_there_is_none_unless_stripe_saw_it_in_the_other_mode() {
    let stage = Stage::new(|seen| {
        Some(if seen.line.contains("hint") {
            refuse(404, Some("resource_missing"), "No such price: 'x'; a similar object exists in test mode, but …")
        } else {
            refuse(404, Some("resource_missing"), "No such price: 'price_x'")
        })
    });
    assert!(matches!(stage.look_one(Look::Price("price_x".into())), Sight::Price(None)));
    assert!(matches!(stage.look_one(Look::Price("hint".into())), Sight::Refused(_)));
    assert!(matches!(stage.look_one(Look::Price("a/b".into())), Sight::Price(None)));
    assert!(matches!(stage.look_one(Look::PricesOf("prod_x".into())), Sight::Prices(prices) if prices.is_empty()));
    let Sight::Refused(refusal) = stage.look_one(Look::Session("cs_1".into())) else { panic!() };
    assert_eq!((refusal.status, refusal.account.as_deref()), (404, Some("acct_1Own")));
}

#[test]
fn a_restricted_key_that_may_not_read_the_account_still_names_it() {
    let stage = Stage::new(|seen| {
        Some(if seen.line.ends_with("/account") {
            refuse(403, None, "Having the 'rak_accounts_kyc_basic_read' permission would allow this request.")
        } else {
            reply(200, &json!({ "object": "balance", "livemode": true, "available": [] }).to_string())
        })
    });
    let sights = stage.look(&[Look::Account, Look::Balance]);
    let Sight::Refused(refusal) = &sights[&Look::Account] else { panic!() };
    assert_eq!(refusal.account.as_deref(), Some("acct_1Own"));
    assert!(matches!(&sights[&Look::Balance], Sight::Balance(balance) if balance.livemode == Some(true)));
}

#[test]
fn permissions_are_asked_for_without_effect() {
    let stage = Stage::new(|seen| {
        Some(match seen.line.as_str() {
            "POST /v1/prices" => refuse(403, None, "Enabling ('plan_write') permissions would allow it"),
            "POST /v1/products" => refuse(400, Some("parameter_unknown"), "Received unknown parameter"),
            _ => list(&[], false),
        })
    });
    let permissions = [Permission::ProductWrite, Permission::PriceWrite, Permission::EventRead].map(Look::Permission);
    let sights = stage.look(&permissions);
    assert!(matches!(sights[&permissions[0]], Sight::Permitted));
    assert!(matches!(&sights[&permissions[1]], Sight::Refused(refusal) if refusal.status == 403));
    assert!(matches!(sights[&permissions[2]], Sight::Permitted));
    let seen = stage.server.seen();
    let posts: Vec<_> = seen.iter().filter(|seen| seen.line.starts_with("POST")).collect();
    assert!(posts.len() == 2 && posts.iter().all(|post| post.body == "golive_permission_probe=1"));
}

#[test]
fn the_publishable_key_is_proved_by_what_stripe_says_to_nothing() {
    let stage = Stage::new(|seen| {
        assert_eq!(seen.header("authorization"), Some("Bearer pk_live_stripeteststripetests"));
        assert_eq!((seen.line.as_str(), seen.body.as_str()), ("POST /v1/tokens", ""));
        Some(refuse(400, Some("parameter_missing"), "You must supply either a card, …"))
    });
    let Sight::PublishableKey { account, livemode } = stage.look_one(Look::PublishableKey) else { panic!() };
    assert_eq!((account.as_deref(), livemode), (Some("acct_1Own"), Some(true)));
    let stage = Stage::new(|_| Some(refuse(401, None, "Invalid API Key provided")));
    assert!(matches!(stage.look_one(Look::PublishableKey), Sight::Refused(refusal) if refusal.status == 401));
}

#[test]
fn what_could_not_be_looked_at_says_why() {
    let code = |stage: &Stage| match stage.look_one(Look::WebhookEndpoints) {
        Sight::Unseen(problem) => problem.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(&Stage::new(|_| Some(Act::Drop))), Code::Unreachable);
    assert_eq!(code(&Stage::new(|_| Some(reply(502, "<html>")))), Code::StripeTrouble);
    assert_eq!(code(&Stage::new(|_| Some(refuse(500, None, "sorry")))), Code::StripeTrouble);
    assert_eq!(code(&Stage::new(|_| Some(refuse(429, None, "slow down")))), Code::RateLimited);
    assert_eq!(code(&Stage::new(|_| Some(reply(200, "garbage")))), Code::Unreadable);
    assert_eq!(code(&Stage::new(|_| Some(reply(200, "{}")))), Code::Unreadable);
    let portal = Stage::new(|_| Some(reply(200, r#"{"welcome":true}"#)));
    assert!(matches!(portal.look_one(Look::Balance), Sight::Unseen(problem) if problem.code == Code::Unreadable));
    let mut stage = Stage::new(|_| None);
    stage.vault.take(&Slot::SecretKey);
    assert_eq!(code(&stage), Code::KeyMissing);
    assert!(matches!(stage.look_one(Look::EnvFile), Sight::Unseen(problem) if problem.code == Code::Internal));
    assert!(stage.server.seen().is_empty());
}

#[test]
fn a_delivery_is_watched_until_every_endpoint_took_it() {
    let mut polls = 0;
    let stage = Stage::new(move |seen| {
        let event = |id: &str, key: &str, pending: i64| {
            json!({ "id": id, "type": "product.updated", "pending_webhooks": pending,
                    "request": { "id": "req_2", "idempotency_key": key } })
        };
        if seen.line.starts_with("GET /v1/events?") {
            polls += 1;
            let others = vec![event("evt_other", "other", 0)];
            return Some(list(&if polls < 2 { others } else { vec![event("evt_ours", "ours", 2)] }, false));
        }
        polls += 1;
        Some(reply(200, &event("evt_ours", "ours", i64::from(polls < 4)).to_string()))
    });
    let look = Look::Delivery { event: "product.updated".into(), key: "ours".into(), since: 1_000_000, wait: 30 };
    let Sight::Event(Some(event)) = stage.look_one(look) else { panic!() };
    assert_eq!((event.id.as_str(), event.pending_webhooks), ("evt_ours", 0));
    let lines = stage.lines();
    assert_eq!(lines[0], "GET /v1/events?created[gte]=999700&limit=100&type=product.updated");
    assert_eq!(lines[2..], ["GET /v1/events/evt_ours", "GET /v1/events/evt_ours"]);
}

#[test]
fn an_event_that_never_comes_is_none_and_one_that_stays_pending_is_shown_so() {
    let look = Look::Delivery { event: "product.updated".into(), key: "ours".into(), since: 0, wait: 0 };
    let stage = Stage::new(|_| Some(list(&[], false)));
    assert!(matches!(stage.look_one(look.clone()), Sight::Event(None)));
    let stage = Stage::new(|_| {
        Some(list(
            &[json!({ "id": "evt_1", "type": "product.updated", "pending_webhooks": 1,
                                    "request": { "idempotency_key": "ours" } })],
            false,
        ))
    });
    assert!(matches!(stage.look_one(look), Sight::Event(Some(event)) if event.pending_webhooks == 1));
}

#[test]
fn a_secret_in_an_answer_comes_apart_from_everything_else() {
    let stage = Stage::new(|_| {
        let body = json!({ "id": "we_1", "secret": "whsec_freshfreshfresh" }).to_string();
        Some(with(200, &[("Request-Id", "req_5"), ("Idempotent-Replayed", "true")], &body))
    });
    let Some(Outcome::Done(receipt)) = stage.send(&["a=1"]).pop() else { panic!() };
    assert!(receipt.secret.is_some_and(|secret| secret.is("whsec_freshfreshfresh")));
    assert_eq!(
        (receipt.object.as_str(), receipt.request_id.as_deref(), receipt.replayed),
        ("we_1", Some("req_5"), true)
    );
}

#[test]
fn every_end_of_a_write_is_told_apart() {
    let end = |act: Act| Stage::new(move |_| Some(act.clone())).send(&["a=1"]).pop().unwrap();
    assert!(matches!(end(reply(200, r#"{"id":"price_1"}"#)), Outcome::Done(receipt) if receipt.object == "price_1"));
    assert!(matches!(end(refuse(400, Some("parameter_missing"), "x")), Outcome::Refused(r) if r.status == 400));
    assert!(matches!(end(refuse(401, None, "x")), Outcome::Refused(r) if r.status == 401));
    assert!(matches!(end(refuse(409, Some("other"), "x")), Outcome::Refused(r) if r.status == 409));
    let unknown = |act: Act| match end(act) {
        Outcome::Unknown(problem) => problem.code,
        _ => panic!("not unknown"),
    };
    assert_eq!(unknown(refuse(409, Some("idempotency_key_in_use"), "x")), Code::OutcomeUnknown);
    assert_eq!(unknown(refuse(429, None, "x")), Code::RateLimited);
    assert_eq!(unknown(refuse(500, None, "x")), Code::StripeTrouble);
    assert_eq!(unknown(reply(502, "<html>")), Code::StripeTrouble);
    assert_eq!(unknown(reply(200, "garbage")), Code::Unreadable);
    assert_eq!(unknown(reply(200, "{}")), Code::Unreadable);
    assert_eq!(unknown(Act::Drop), Code::Unreachable);
    assert_eq!(unknown(Act::Hang), Code::Unreachable);
    let saved = with(500, &[("Idempotent-Replayed", "true")], r#"{"error":{"message":"boom"}}"#);
    assert!(matches!(end(saved), Outcome::SavedError(refusal) if refusal.message == "boom"));
}

#[test]
fn a_key_rolled_after_a_lost_try_says_nothing_about_that_try() {
    let mut first = true;
    let stage = Stage::new(move |_| {
        if std::mem::take(&mut first) { Some(Act::Drop) } else { Some(refuse(401, None, "Expired API Key")) }
    });
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::Unknown(problem)) if problem.code == Code::KeyRevoked));
}

#[test]
fn writes_go_side_by_side_each_with_its_own_key_and_body() {
    let stage = Stage::new(|seen| {
        let id = format!("price_{}", seen.body);
        Some(Act::Slow(Duration::from_millis(20), Box::new(reply(200, &json!({ "id": id }).to_string()))))
    });
    let bodies: Vec<_> = (0..6).map(|n| format!("n{n}")).collect();
    let outcomes = stage.send(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    for (outcome, body) in outcomes.iter().zip(&bodies) {
        assert!(matches!(outcome, Outcome::Done(receipt) if receipt.object == format!("price_{body}")));
    }
    for seen in stage.server.seen() {
        assert_eq!(seen.header("idempotency-key"), Some(format!("key-{}", seen.body).as_str()));
    }
}

#[test]
fn after_a_failure_to_record_nothing_new_is_started_and_the_rest_is_handed_over() {
    let stage = Stage::new(|_| Some(Act::Slow(Duration::from_millis(10), Box::new(reply(200, r#"{"id":"price_1"}"#)))));
    let sendings: Vec<_> = (0..40).map(|n| sending(&format!("n{n}"))).collect();
    let (mut done, mut unsent) = (0, 0);
    let result = stage.api.send(&sendings, &stage.vault, &mut |batch| {
        for (_, outcome) in batch {
            match outcome {
                Outcome::Done(_) => done += 1,
                Outcome::NotSent(_) => unsent += 1,
                _ => panic!("lost"),
            }
        }
        Err(Failure::new(Class::Unforeseen, Problem::new(Code::DiskFull, "the disk is full")))
    });
    assert_eq!(result.unwrap_err().problem.code, Code::DiskFull);
    assert_eq!((done + unsent, done), (40, stage.server.seen().len()));
    assert!(unsent > 20, "{unsent}");
}

#[test]
fn a_stop_before_its_turn_and_a_missing_key_send_nothing() {
    let mut stage = Stage::new(|_| Some(reply(200, r#"{"id":"price_1"}"#)));
    stage.api.stop_handle().store(true, Ordering::Relaxed);
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::NotSent(problem)) if problem.code == Code::Paused));
    assert!(matches!(stage.look_one(Look::Balance), Sight::Unseen(problem) if problem.code == Code::Paused));
    stage.api.stop_handle().store(false, Ordering::Relaxed);
    stage.vault.take(&Slot::SecretKey);
    assert!(matches!(stage.send(&["a=1"]).pop(), Some(Outcome::NotSent(problem)) if problem.code == Code::KeyMissing));
    assert!(stage.server.seen().is_empty());
    drop(stage.runtime);
}
