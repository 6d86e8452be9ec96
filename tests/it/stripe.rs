//! The door to Stripe against the simulator: every look and every write that golive makes, and the
//! faults that a line to Stripe has.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use golive::engine::port::{Outcome, Receipt, Sending, Stripe as _};
use golive::mode::Mode;
use golive::secret::{Secret, Slot, Vault};
use golive::simulator::{self, Control, Options, Simulator, parse_faults};
use golive::step::{
    Given, Look, Permission, PriceDraft, PricePatch, ProductDraft, ProductPatch, Recurring, SessionDraft, Sight,
    WebhookDraft, WebhookPatch, Write,
};
use golive::stripe::{ApiBase, Config, StripeApi};
use tokio::runtime::Runtime;

struct Stage {
    control: Control,
    api: StripeApi,
    vault: Vault,
    _simulator: Simulator,
    _runtime: Runtime,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
        let base = ApiBase::parse(Some(&simulator.url)).unwrap();
        let api = StripeApi::new(Config { base, mode: Mode::Rehearse, proxy: None }, runtime.handle().clone()).unwrap();
        let mut vault = Vault::default();
        vault.put(Slot::SecretKey, Secret::new(simulator.live.secret.as_str()));
        vault.put(Slot::PublishableKey, Secret::new(simulator.live.publishable.as_str()));
        Self { control: simulator.control(), api, vault, _simulator: simulator, _runtime: runtime }
    }

    fn look(&self, look: &Look) -> Sight {
        let mut sights = self.api.look(std::slice::from_ref(look), &self.vault);
        assert_eq!(sights.len(), 1);
        sights.remove(0).1
    }

    fn write(&self, write: &Write, key: &str) -> Outcome {
        let sendings = [Sending { request: self.api.prepare(write).unwrap(), key: key.to_owned() }];
        let mut outcomes = Vec::new();
        self.api
            .send(&sendings, &self.vault, &mut |batch| {
                outcomes.extend(batch);
                Ok(())
            })
            .unwrap();
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0).1
    }

    fn done(&self, write: &Write, key: &str) -> Receipt {
        match self.write(write, key) {
            Outcome::Done(receipt) => receipt,
            Outcome::Refused(refusal) | Outcome::SavedError(refusal) => panic!("{refusal:?}"),
            Outcome::Unknown(problem) | Outcome::NotSent(problem) => panic!("{problem:?}"),
        }
    }
}

fn marks() -> BTreeMap<String, String> {
    [("golive".to_owned(), "minipass".to_owned())].into()
}

fn product(id: &str) -> Write {
    Write::CreateProduct(ProductDraft {
        id: id.into(),
        name: "MiniPass Pro".into(),
        metadata: marks(),
        ..ProductDraft::default()
    })
}

fn price(product: &str, key: &str) -> Write {
    Write::CreatePrice(PriceDraft {
        product: product.into(),
        currency: "cad".into(),
        unit_amount: Some(5000),
        recurring: Some(Recurring { interval: "month".into(), interval_count: 1, ..Recurring::default() }),
        lookup_key: Some(key.into()),
        nickname: Some("Pro Monthly".into()),
        metadata: marks(),
        ..PriceDraft::default()
    })
}

#[test]
fn a_catalog_is_written_found_and_changed() {
    let stage = Stage::new();
    assert_eq!(stage.done(&product("golive_pro"), "k1").object, "golive_pro");
    let first = stage.done(&price("golive_pro", "pro_monthly"), "k2").object;
    let Sight::Price(Some(found)) = stage.look(&Look::PriceByKey("pro_monthly".into())) else { panic!() };
    assert_eq!(
        (found.id.as_str(), found.product.as_str(), found.unit_amount),
        (first.as_str(), "golive_pro", Some(5000))
    );
    assert!(matches!(stage.look(&Look::PriceByKey("other".into())), Sight::Price(None)));
    assert!(matches!(stage.look(&Look::Price(first.clone())), Sight::Price(Some(_))));
    assert!(matches!(stage.look(&Look::Price("price_none".into())), Sight::Price(None)));
    assert!(matches!(stage.look(&Look::PricesOf("golive_pro".into())), Sight::Prices(prices) if prices.len() == 1));
    assert!(
        matches!(stage.look(&Look::ProductsNamed("MiniPass Pro".into())), Sight::Products(some) if some.len() == 1)
    );
    let patch = ProductPatch {
        description: Some("15 Activities".into()),
        default_price: Some(Given::Id(first.clone())),
        ..ProductPatch::default()
    };
    stage.done(&Write::UpdateProduct { id: "golive_pro".into(), patch }, "k3");
    let Sight::Product(Some(seen)) = stage.look(&Look::Product("golive_pro".into())) else { panic!() };
    assert_eq!((seen.description.as_deref(), seen.default_price.as_deref()), (Some("15 Activities"), Some(&*first)));
    assert!(matches!(stage.look(&Look::Product("golive_none".into())), Sight::Product(None)));
    let patch = PricePatch { nickname: Some("x".into()), ..PricePatch::default() };
    stage.done(&Write::UpdatePrice { id: first, patch }, "k4");
    assert!(matches!(stage.write(&price("golive_pro", "pro_monthly"), "k5"), Outcome::Refused(r) if r.status == 400));
}

#[test]
fn keys_account_and_permissions_are_seen() {
    let mut stage = Stage::new();
    let account = stage.control.account();
    let Sight::Account(seen) = stage.look(&Look::Account) else { panic!() };
    assert_eq!(seen.id, account);
    assert!(matches!(stage.look(&Look::Balance), Sight::Balance(balance) if balance.livemode == Some(true)));
    let sight = stage.look(&Look::PublishableKey);
    let Sight::PublishableKey { account: of, livemode } = sight else { panic!("{sight:?}") };
    assert_eq!((of.as_deref(), livemode), (Some(&*account), Some(true)));
    let restricted = stage.control.add_restricted_key(simulator::Mode::Live, &["product_write"]).unwrap();
    stage.vault.put(Slot::SecretKey, Secret::new(restricted.as_str()));
    for permission in [
        Permission::AccountRead,
        Permission::PriceWrite,
        Permission::WebhookWrite,
        Permission::CheckoutWrite,
        Permission::EventRead,
    ] {
        let sight = stage.look(&Look::Permission(permission));
        let Sight::Refused(refusal) = sight else { panic!("{permission:?} {sight:?}") };
        assert!(refusal.permission().is_some(), "{refusal:?}");
        assert_eq!(refusal.account.as_deref(), Some(&*account), "{refusal:?}");
    }
    let sight = stage.look(&Look::Permission(Permission::ProductWrite));
    assert!(matches!(sight, Sight::Permitted), "{sight:?}");
    assert!(stage.control.objects(simulator::Mode::Live, "product").is_empty());
    stage.control.revoke(&restricted).unwrap();
    assert!(matches!(stage.look(&Look::Balance), Sight::Refused(refusal) if refusal.status == 401));
}

#[test]
fn every_write_probe_is_refused_for_its_parameter_and_makes_nothing() {
    let stage = Stage::new();
    for permission in
        [Permission::ProductWrite, Permission::PriceWrite, Permission::WebhookWrite, Permission::CheckoutWrite]
    {
        let sight = stage.look(&Look::Permission(permission));
        assert!(matches!(sight, Sight::Permitted), "{permission:?} {sight:?}");
    }
    for kind in ["product", "price", "webhook_endpoint", "checkout.session"] {
        assert!(stage.control.objects(simulator::Mode::Live, kind).is_empty(), "{kind}");
    }
}

#[test]
fn a_webhook_brings_its_secret_and_an_event_is_watched_to_its_delivery() {
    let stage = Stage::new();
    let draft = WebhookDraft {
        url: "https://minipass.me/stripe/webhook".into(),
        enabled_events: vec!["product.updated".into()],
        metadata: marks(),
        secret_env: "STRIPE_WEBHOOK_SECRET".into(),
        ..WebhookDraft::default()
    };
    let receipt = stage.done(&Write::CreateWebhook(draft.clone()), "w1");
    let secret = receipt.secret.unwrap();
    let again = stage.done(&Write::CreateWebhook(draft), "w1");
    assert!(again.replayed && again.object == receipt.object && again.secret.unwrap().same_as(&secret));
    let Sight::WebhookEndpoints(endpoints) = stage.look(&Look::WebhookEndpoints) else { panic!() };
    assert_eq!(endpoints.len(), 1);
    let patch = WebhookPatch { description: Some("golive".into()), disabled: Some(false), ..WebhookPatch::default() };
    stage.done(&Write::UpdateWebhook { id: receipt.object, patch }, "w2");
    stage.done(&product("golive_pro"), "p1");
    let patch = ProductPatch { metadata: marks(), description: Some("y".into()), ..ProductPatch::default() };
    stage.done(&Write::UpdateProduct { id: "golive_pro".into(), patch }, "p2");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let look = Look::Delivery {
        event: "product.updated".into(),
        key: "p2".into(),
        since: i64::try_from(since).unwrap(),
        wait: 20,
    };
    let sight = stage.look(&look);
    let Sight::Event(Some(event)) = sight else { panic!("{sight:?}") };
    assert_eq!(event.pending_webhooks, 0);
}

#[test]
fn a_session_opens_and_is_expired_again() {
    let stage = Stage::new();
    stage.done(&product("golive_pro"), "k1");
    let price = stage.done(&price("golive_pro", "pro"), "k2").object;
    let draft = SessionDraft {
        mode: "subscription".into(),
        prices: vec![price],
        success_url: "https://minipass.me/ok?s={CHECKOUT_SESSION_ID}".into(),
        metadata: marks(),
    };
    let session = stage.done(&Write::OpenSession(draft), "k3").object;
    let Sight::Session(seen) = stage.look(&Look::Session(session.clone())) else { panic!() };
    assert_eq!((seen.status.as_deref(), seen.livemode), (Some("open"), Some(true)));
    assert!(seen.url.is_some());
    stage.done(&Write::ExpireSession { id: Given::Id(session.clone()) }, "k4");
    let Sight::Session(seen) = stage.look(&Look::Session(session)) else { panic!() };
    assert_eq!(seen.status.as_deref(), Some("expired"));
}

#[test]
fn whatever_happens_on_the_line_there_is_one_product() {
    for fault in ["drop-before", "drop-after", "429", "409", "500", "502", "503", "garbage", "html"] {
        let stage = Stage::new();
        for rule in parse_faults(&format!("POST /v1/products#1={fault}")).unwrap() {
            stage.control.fault(rule);
        }
        assert_eq!(stage.done(&product("golive_pro"), "k1").object, "golive_pro", "{fault}");
        assert_eq!(stage.control.objects(simulator::Mode::Live, "product").len(), 1, "{fault}");
    }
    for fault in ["500-saved", "500-after"] {
        let stage = Stage::new();
        for rule in parse_faults(&format!("POST /v1/products#1={fault}")).unwrap() {
            stage.control.fault(rule);
        }
        // Stripe asks not to try such an answer again, so only settling it tells that it was saved.
        assert!(matches!(stage.write(&product("golive_pro"), "k1"), Outcome::Unknown(_)), "{fault}");
        assert!(matches!(stage.write(&product("golive_pro"), "k1"), Outcome::SavedError(_)), "{fault}");
    }
}

#[test]
fn sixty_prices_are_written_side_by_side_and_found_with_six_requests() {
    let stage = Stage::new();
    stage.done(&product("golive_pro"), "k");
    let sendings: Vec<_> = (0..60)
        .map(|n| {
            let request = stage.api.prepare(&price("golive_pro", &format!("key_{n}"))).unwrap();
            Sending { request, key: format!("k{n}") }
        })
        .collect();
    let mut done = 0;
    stage
        .api
        .send(&sendings, &stage.vault, &mut |batch| {
            done += batch.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Done(_))).count();
            Ok(())
        })
        .unwrap();
    assert_eq!(done, 60);
    let before = stage.control.requests().len();
    let looks: Vec<_> = (0..60).map(|n| Look::PriceByKey(format!("key_{n}"))).collect();
    let sights = stage.api.look(&looks, &stage.vault);
    assert!(sights.iter().all(|(_, sight)| matches!(sight, Sight::Price(Some(_)))));
    assert_eq!(stage.control.requests().len() - before, 6);
}
