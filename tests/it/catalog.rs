//! What stands in Stripe already and is not what the checklist says: shown before anything is
//! changed, replaced where it is immutable, and never taken from another product.

use super::stand::{SHOP, Stand, edited};
use serde_json::Value;

/// The id of the active price with a lookup key.
fn by_key(stand: &Stand, key: &str) -> String {
    let prices = stand.objects("price");
    let price = prices.iter().find(|price| price["lookup_key"] == key);
    price.and_then(|price| price["id"].as_str()).unwrap_or_default().to_owned()
}

fn object(stand: &Stand, kind: &str, id: &str) -> Value {
    stand.objects(kind).into_iter().find(|object| object["id"] == id).unwrap_or_default()
}

#[test]
fn a_price_with_another_amount_is_replaced_after_consent_and_its_key_and_default_move() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let old = by_key(&stand, "pro_monthly");
    stand.stripe("POST", "/v1/products/shop_pro", &format!("default_price={old}"));
    stand.write("golive.toml", &edited("50.00 CAD", "55.00 CAD"));
    let writes = stand.writes();

    let plan = stand.run(&["plan"]);
    plan.expect(0, &["± price", "1 to replace", "50.00 CAD", "55.00 CAD", "Nothing is deleted"]);
    stand.run(&["wizard", "--yes"]).expect(4, &["GL1008"]);
    assert_eq!((stand.writes(), by_key(&stand, "pro_monthly")), (writes, old.clone()));

    stand.launch().expect(0, &["pro_monthly"]);
    let new = by_key(&stand, "pro_monthly");
    assert_ne!(new, old);
    let (old, new_price) = (object(&stand, "price", &old), object(&stand, "price", &new));
    assert_eq!((old["active"].as_bool(), old["lookup_key"].as_str()), (Some(false), None));
    assert_eq!((new_price["active"].as_bool(), new_price["unit_amount"].as_i64()), (Some(true), Some(5500)));
    assert_eq!(object(&stand, "product", "shop_pro")["default_price"], new.as_str());
    assert_eq!((stand.objects("product").len(), stand.objects("price").len()), (1, 3));
    assert!(stand.read(".env.production").contains(&format!("PRICE_PRO_MONTHLY={new}\n")));

    let writes = stand.writes();
    stand.launch().expect(0, &[]);
    stand.run(&["plan", "--exit-code"]).expect(0, &["Nothing to change"]);
    assert_eq!(stand.writes(), writes);
}

#[test]
fn a_lookup_key_of_another_products_price_is_not_taken_away() {
    let stand = Stand::new(SHOP);
    stand.stripe("POST", "/v1/products", "id=other&name=Other");
    let params = "product=other&currency=cad&unit_amount=100&lookup_key=pro_monthly";
    let price = stand.stripe("POST", "/v1/prices", params);
    let ran = stand.launch();
    insta::assert_snapshot!(ran.error(), @r#"
    exit 3
    error[GL0301]: lookup key `pro_monthly` belongs to a price of another product
      found  price_XXX of other
      wanted a price of shop_pro
      fix    rename the lookup key in the checklist: lookup_key = "…"
      or     point the item at that product: product_id = "other"
      more   golive explain GL0301
    "#);
    assert_eq!((stand.objects("product").len(), stand.objects("price").len()), (1, 1));
    assert_eq!(by_key(&stand, "pro_monthly"), price["id"].as_str().unwrap_or_default());
    assert_eq!(stand.state_of("catalog.pro"), "failed");
    stand.run(&["plan", "--exit-code"]).expect(3, &["GL0301", "catalog.pro fails"]);
}

#[test]
fn two_products_of_one_name_are_not_guessed_between() {
    let stand = Stand::new(SHOP);
    stand.stripe("POST", "/v1/products", "id=one&name=Shop Pro");
    stand.stripe("POST", "/v1/products", "id=two&name=Shop Pro");
    let ran = stand.launch();
    ran.expect(3, &["GL0302", "2 products are named `Shop Pro`", "two, one", "product_id = \"two\""]);
    assert_eq!(stand.objects("price").len(), 0);
    stand.write("golive.toml", &edited("title = \"Shop Pro\"", "title = \"Shop Pro\"\nproduct_id = \"one\""));
    stand.launch().expect(0, &["one; 50.00 CAD"]);
    assert_eq!(stand.objects("product").len(), 2);
}

#[test]
fn a_product_and_prices_made_by_hand_are_adopted_and_not_doubled() {
    let stand = Stand::new(SHOP);
    stand.stripe("POST", "/v1/products", "id=made&name=Shop Pro");
    stand.stripe("POST", "/v1/prices", "product=made&currency=cad&unit_amount=5000");
    stand.run(&["plan"]).expect(0, &["1 to adopt", "2 to create"]);
    stand.launch().expect(0, &["adopted"]);
    assert_eq!((stand.objects("product").len(), stand.objects("price").len()), (1, 2));
}

#[test]
fn an_archived_product_and_an_archived_price_are_switched_on_again() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let price = by_key(&stand, "pro_annual");
    stand.stripe("POST", &format!("/v1/prices/{price}"), "active=false");
    stand.stripe("POST", "/v1/products/shop_pro", "active=false");
    stand.run(&["plan", "--exit-code"]).expect(3, &["active", "2 to change"]);
    stand.launch().expect(0, &[]);
    assert_eq!(object(&stand, "price", &price)["active"], true);
    assert_eq!(object(&stand, "product", "shop_pro")["active"], true);
}

#[test]
fn a_tax_behavior_that_is_final_is_replaced_and_not_refused_half_way() {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    let amount = "amount = \"50.00 CAD\"";
    stand.write("golive.toml", &edited(amount, &format!("{amount}, tax_behavior = \"exclusive\"")));
    stand.launch().expect(0, &[]);
    stand.write("golive.toml", &edited(amount, &format!("{amount}, tax_behavior = \"inclusive\"")));
    stand.run(&["plan"]).expect(0, &["1 to replace"]);
    stand.launch().expect(0, &[]);
    assert_eq!(object(&stand, "price", &by_key(&stand, "pro_monthly"))["tax_behavior"], "inclusive");
}
