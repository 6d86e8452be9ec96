//! An account's configuration, read to its end.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Act, Stage, list, refuse, reply, values};
use crate::error::{Class, Code};
use crate::inventory::{Scope, Section};

/// An account whose lists are empty, apart from what `answer` says.
fn account(answer: impl Fn(&str) -> Option<Act> + Send + 'static) -> Stage {
    Stage::new(move |seen| {
        let line = seen.line.as_str();
        let own = answer(line);
        own.or_else(|| match line {
            line if line.contains("/v1/account") => Some(reply(200, r#"{"id":"acct_1Own","object":"account"}"#)),
            line if line.contains("/v1/tax/settings") => Some(reply(200, r#"{"status":"active"}"#)),
            _ => Some(list(&[], false)),
        })
    })
}

fn path(line: &str) -> &str {
    line.split([' ', '?']).nth(1).unwrap_or_default()
}

/// A page of a list of so many prices, by its cursor.
fn prices(line: &str, all: usize) -> Act {
    let after = values(line, "starting_after").first().map_or(all, |id| id[6..].parse().unwrap());
    let page: Vec<Value> = (after.saturating_sub(100)..after)
        .rev()
        .map(|n| json!({ "id": format!("price_{n}"), "active": true, "currency": "usd", "unit_amount": n, "product": "prod_1" }))
        .collect();
    list(&page, after > 100)
}

#[test]
fn a_list_costs_one_request_for_a_hundred_objects_and_the_rest_is_a_constant() {
    let read = |all: usize| {
        let stage = account(move |line| {
            (path(line) == "/v1/prices" && values(line, "active") == ["true"]).then(|| prices(line, all))
        });
        let made = stage.api.inventory(Scope::default(), &stage.vault, &|_, _| {}).unwrap();
        assert_eq!(made.prices.len(), all);
        assert!(made.prices.iter().map(|price| price.amount.clone().unwrap()).eq((0..all).map(|n| n.to_string())));
        stage.server.seen().len()
    };
    let constant = read(100);
    assert!(constant <= 20, "{constant} requests for an account with next to nothing");
    assert_eq!(read(2500), constant + 24);
}

#[test]
fn progress_says_how_many_objects_were_seen() {
    let stage =
        account(|line| (path(line) == "/v1/prices" && values(line, "active") == ["true"]).then(|| prices(line, 250)));
    let told = RefCell::new(BTreeMap::<Section, Vec<usize>>::new());
    let tell = |section, seen| told.borrow_mut().entry(section).or_default().push(seen);
    stage.api.inventory(Scope::default(), &stage.vault, &tell).unwrap();
    let mut prices = told.into_inner().remove(&Section::Prices).unwrap();
    prices.dedup();
    assert_eq!(prices.last(), Some(&250));
    assert!(prices.contains(&100) && prices.contains(&200), "{prices:?}");
}

#[test]
fn what_the_key_may_not_read_is_a_gap_that_names_the_permission_and_the_rest_is_read() {
    let stage = account(|line| match path(line) {
        "/v1/coupons" => Some(refuse(403, None, "Having the 'rak_coupon_read' permission would allow this request.")),
        "/v1/account" => Some(refuse(403, None, "Having the 'rak_accounts_kyc_basic_read' permission would help.")),
        "/v1/webhook_endpoints" => {
            Some(list(&[json!({ "id": "we_1", "url": "https://a.example", "status": "enabled" })], false))
        }
        _ => None,
    });
    let made = stage.api.inventory(Scope::default(), &stage.vault, &|_, _| {}).unwrap();
    assert_eq!(made.account.as_deref(), Some("acct_1Own"), "Stripe's refusal names the account");
    assert_eq!(made.webhooks.len(), 1);
    assert!(made.is_whole(Section::Webhooks) && !made.is_whole(Section::Coupons));
    let [gap] = made.gaps.as_slice() else { panic!("{:?}", made.gaps) };
    assert_eq!(gap.problem.code, Code::Permission);
    assert!(gap.problem.fix.iter().any(|fix| fix.contains("Coupons: Read")), "{:?}", gap.problem.fix);
}

#[test]
fn half_an_account_is_no_account() {
    let stage = account(|line| (path(line) == "/v1/products").then_some(Act::Drop));
    let failure = stage.api.inventory(Scope::default(), &stage.vault, &|_, _| {}).unwrap_err();
    assert_eq!(failure.class, Class::TryAgain);
}

#[test]
fn features_are_asked_for_product_by_product_only_where_there_are_any() {
    let products = || list(&[json!({ "id": "prod_1", "name": "Pro", "active": true })], false);
    let stage = account(move |line| (path(line) == "/v1/products").then(products));
    stage.api.inventory(Scope::default(), &stage.vault, &|_, _| {}).unwrap();
    assert!(!stage.lines().iter().any(|line| line.contains("prod_1/features")));
    let stage = account(move |line| match path(line) {
        "/v1/products" => Some(many_products(line, 250)),
        "/v1/entitlements/features" => {
            Some(list(&[json!({ "id": "feat_1", "name": "API", "lookup_key": "api", "active": true })], false))
        }
        of if of.ends_with("/features") => Some(list(
            &[json!({ "id": "pf_1", "entitlement_feature": { "id": "feat_1", "lookup_key": "api" } })],
            false,
        )),
        _ => None,
    });
    let made = stage.api.inventory(Scope::default(), &stage.vault, &|_, _| {}).unwrap();
    assert!(made.gaps.is_empty(), "{:?}", made.gaps);
    assert_eq!(made.products.len(), 250);
    assert!(made.products.iter().all(|product| product.features == ["api"]));
}

/// A page of a list of so many products, by its cursor.
fn many_products(line: &str, all: usize) -> Act {
    let after = values(line, "starting_after").first().map_or(all, |id| id[5..].parse().unwrap());
    let page = (after.saturating_sub(100)..after).rev();
    let page: Vec<Value> =
        page.map(|n| json!({ "id": format!("prod_{n}"), "name": "Pro", "active": true, "description": "x" })).collect();
    list(&page, after > 100)
}

#[test]
fn only_what_is_asked_for_is_read() {
    let stage = account(|_| None);
    let scope = Scope { sections: [Section::Coupons].into(), archived: false };
    stage.api.inventory(scope, &stage.vault, &|_, _| {}).unwrap();
    let paths: Vec<String> = stage.lines().iter().map(|line| path(line).to_owned()).collect();
    assert_eq!(paths, ["/v1/account", "/v1/coupons"]);
}
