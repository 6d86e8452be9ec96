//! The simulator's coupons, codes, rates, links and meters: what is final is refused, what is taken is
//! told, and what is shown on request only is.

use crate::simulator_support::{call, start};
use golive::simulator::Mode;

#[tokio::test]
async fn what_is_final_is_no_parameter_of_an_update() {
    let sim = start().await;
    let key = &sim.test.secret;
    let product = call(&sim, key, "POST", "/v1/products", "name=Pro").await.ok();
    let params = format!("product={}&currency=usd&unit_amount=100", product.id());
    let price = call(&sim, key, "POST", "/v1/prices", &params).await.ok();
    let amount = "display_name=Ground&fixed_amount[amount]=500&fixed_amount[currency]=usd";
    let line = format!("line_items[0][price]={}&line_items[0][quantity]=1", price.id());
    let meter = "display_name=Calls&event_name=calls&default_aggregation[formula]=sum";
    let cases = [
        ("/v1/coupons", "percent_off=20", "percent_off=25", "percent_off"),
        ("/v1/tax_rates", "display_name=VAT&percentage=20&inclusive=true", "percentage=19", "percentage"),
        ("/v1/shipping_rates", amount, "display_name=Air", "display_name"),
        ("/v1/payment_links", &line, &line, "line_items"),
        ("/v1/billing/meters", meter, "default_aggregation[formula]=count", "default_aggregation"),
    ];
    for (path, create, update, named) in cases {
        let made = call(&sim, key, "POST", path, create).await.ok();
        let refused = call(&sim, key, "POST", &format!("{path}/{}", made.id()), update).await;
        assert_eq!(refused.status, 400, "{path}");
        assert_eq!(refused.json["error"]["code"], "parameter_unknown");
        assert_eq!(refused.message(), format!("Received unknown parameter: {named}"));
    }
}

#[tokio::test]
async fn ids_codes_and_event_names_are_taken_once() {
    let sim = start().await;
    let key = &sim.test.secret;
    let _ = call(&sim, key, "POST", "/v1/products", "id=pro&name=Pro").await.ok();
    let _ = call(&sim, key, "POST", "/v1/coupons", "id=pro&percent_off=5").await.ok();
    let again = call(&sim, key, "POST", "/v1/coupons", "id=pro&percent_off=5").await;
    assert_eq!(again.json["error"]["code"], "resource_already_exists");
    let _ = call(&sim, key, "GET", "/v1/products/pro", "").await.ok();
    let meter = "display_name=Calls&event_name=calls&default_aggregation[formula]=sum";
    let first = call(&sim, key, "POST", "/v1/billing/meters", meter).await.ok();
    assert_eq!(call(&sim, key, "POST", "/v1/billing/meters", meter).await.status, 400);
    let off = format!("/v1/billing/meters/{}/deactivate", first.id());
    let _ = call(&sim, key, "POST", &off, "").await.ok();
    assert_eq!(call(&sim, key, "POST", &off, "").await.status, 400);
    let _ = call(&sim, key, "POST", "/v1/billing/meters", meter).await.ok();
    let on = format!("/v1/billing/meters/{}/reactivate", first.id());
    assert!(call(&sim, key, "POST", &on, "").await.message().contains("already exists"));
}

#[tokio::test]
async fn a_code_that_is_off_comes_back_while_its_coupon_is_good_and_its_text_is_free() {
    let sim = start().await;
    let key = &sim.test.secret;
    let _ = call(&sim, key, "POST", "/v1/coupons", "id=C&percent_off=5").await.ok();
    let params = "promotion[type]=coupon&promotion[coupon]=C&code=GO";
    let first = call(&sim, key, "POST", "/v1/promotion_codes", params).await.ok();
    let path = format!("/v1/promotion_codes/{}", first.id());
    let _ = call(&sim, key, "POST", &path, "active=false").await.ok();
    let second = call(&sim, key, "POST", "/v1/promotion_codes", &params.replace("GO", "go")).await.ok();
    assert!(call(&sim, key, "POST", &path, "active=true").await.message().contains("already exists"));
    let _ = call(&sim, key, "POST", &format!("/v1/promotion_codes/{}", second.id()), "active=false").await.ok();
    assert_eq!(call(&sim, key, "POST", &path, "active=true").await.ok().json["active"], true);
    let _ = call(&sim, key, "POST", &path, "active=false").await.ok();
    let _ = call(&sim, key, "DELETE", "/v1/coupons/C", "").await.ok();
    assert_eq!(call(&sim, key, "POST", &path, "active=true").await.status, 400);
}

#[tokio::test]
async fn a_coupon_of_the_other_mode_is_named_in_the_refusal() {
    let sim = start().await;
    let _ = call(&sim, &sim.test.secret, "POST", "/v1/coupons", "id=C&percent_off=5").await.ok();
    let missing = call(&sim, &sim.live.secret, "GET", "/v1/coupons/C", "").await;
    assert_eq!(missing.status, 404);
    assert!(missing.message().starts_with("No such coupon: 'C'; a similar object exists in test mode"));
    assert!(sim.control().objects(Mode::Live, "coupon").is_empty());
}
