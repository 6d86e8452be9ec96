//! What a portal asks of Stripe, sends and finds wrong.

use serde_json::{Value, json};

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{FactsBuilder, actions, evidence, facts, failure, looks, outputs, refused, spec};
use crate::mode::Mode;
use crate::step::object::{Price, PriceRecurring};
use crate::step::{
    Action, Collection, Effect, Field, Look, PortalProduct, PortalSettings, SettingWrite, Sight, Step, Verb, Write,
};

const LIST: Look = Look::Every(Collection::PortalConfigurations);

/// The default configuration as the Dashboard saves it.
fn saved() -> Value {
    json!({
        "id": "bpc_1", "active": true, "is_default": true, "default_return_url": null, "metadata": null,
        "business_profile": {"headline": null, "privacy_policy_url": null, "terms_of_service_url": null},
        "login_page": {"enabled": false, "url": null},
        "features": {
            "customer_update": {"enabled": true, "allowed_updates": ["email", "address"]},
            "invoice_history": {"enabled": true},
            "payment_method_update": {"enabled": true, "payment_method_configuration": null},
            "subscription_cancel": {
                "enabled": true, "mode": "at_period_end",
                "cancellation_reason": {"enabled": false, "options": ["too_expensive", "other"]},
            },
            "subscription_update": {"enabled": false, "default_allowed_updates": [], "products": []},
        },
    })
}

fn seeing(found: Vec<Value>) -> FactsBuilder {
    facts(Mode::Live).sight(LIST, Sight::Objects(found))
}

fn price(id: &str, product: &str, interval: &str) -> Price {
    let recurring = PriceRecurring { interval: interval.into(), interval_count: Some(1), ..PriceRecurring::default() };
    Price { id: id.into(), active: true, product: product.into(), recurring: Some(recurring), ..Price::default() }
}

fn with_prices(mut facts: FactsBuilder, prices: Vec<Price>) -> FactsBuilder {
    for price in prices {
        facts = facts.sight(Look::Price(price.id.clone()), Sight::Price(Some(price)));
    }
    facts
}

fn next(text: &str, facts: &FactsBuilder) -> Step {
    spec::<Spec>(text).next(&facts.get())
}

fn one(step: Step) -> (Action, PortalSettings) {
    let action = actions(step).remove(0);
    let settings = match &action.effect {
        Effect::Stripe(Write::Setting(
            SettingWrite::CreatePortal(settings) | SettingWrite::UpdatePortal { patch: settings, .. },
        )) => settings.clone(),
        other => panic!("{other:?}"),
    };
    (action, settings)
}

fn undone(action: &Action) -> PortalSettings {
    match &action.undo {
        Some(Write::Setting(SettingWrite::UpdatePortal { patch, .. })) => patch.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_configurations_are_looked_at_first() {
    assert_eq!(looks(next("", &facts(Mode::Live))), [LIST]);
}

#[test]
fn a_portal_that_nobody_has_saved_cannot_be_made_and_that_is_said_with_the_page() {
    let problem = failure(next("", &seeing(Vec::new())));
    assert_eq!(problem.code, Code::PortalMissing);
    assert!(problem.fix[0].ends_with("https://dashboard.stripe.com/settings/billing/portal"), "{problem:?}");
    // One that an application made is nobody's default.
    let mut own = saved();
    own["is_default"] = json!(false);
    failure(next("", &seeing(vec![own])));
}

#[test]
fn a_default_portal_as_wanted_passes_and_gives_its_id() {
    let text = "customer_update = ['address', 'email']\ninvoice_history = true\ncancel = 'at_period_end'\nlogin_page = false\ncancel_reasons = []";
    let step = next(text, &seeing(vec![saved()]));
    assert_eq!(outputs(next(text, &seeing(vec![saved()])))["id"], "bpc_1");
    assert_eq!(evidence(step), "bpc_1, the account's default; settings as wanted");
}

#[test]
fn what_differs_is_changed_and_nothing_else_is_sent() {
    let text = "headline = 'Acme'\nreturn_url = 'https://shop.example/account'\nlogin_page = true\ncancel = 'immediately'\ncancel_reasons = ['unused']\ninvoice_history = true";
    let (action, patch) = one(next(text, &seeing(vec![saved()])));
    assert_eq!((action.verb, action.summary.as_str()), (Verb::Change, "bpc_1"));
    assert_eq!(
        action.fields,
        [
            Field::new("headline", "Acme"),
            Field::new("return_url", "https://shop.example/account"),
            Field::change("login_page", "off", "on"),
            Field::change("cancel", "at_period_end", "immediately"),
            Field::change("cancel_reasons", "off", "unused"),
        ]
    );
    let cancel = patch.subscription_cancel.clone().unwrap();
    assert_eq!((cancel.enabled, cancel.mode.as_deref()), (true, Some("immediately")));
    assert_eq!(cancel.reasons, Some(vec!["unused".to_owned()]));
    assert_eq!((patch.invoice_history, patch.customer_update.clone()), (None, None));
    let undo = undone(&action);
    assert_eq!((undo.headline.as_deref(), undo.login_page), (Some(""), Some(false)));
    assert_eq!(undo.subscription_cancel.unwrap().mode.as_deref(), Some("at_period_end"));
}

#[test]
fn an_empty_list_and_no_switch_a_feature_off() {
    let (action, patch) = one(next("customer_update = []\ncancel = 'no'", &seeing(vec![saved()])));
    assert_eq!(patch.customer_update, Some(Vec::new()));
    assert!(!patch.subscription_cancel.unwrap().enabled);
    assert_eq!(
        action.fields,
        [Field::change("customer_update", "address, email", "off"), Field::change("cancel", "at_period_end", "no")]
    );
    assert_eq!(undone(&action).customer_update, Some(vec!["address".to_owned(), "email".to_owned()]));
}

const SWITCH: &str = "switch = [{ product = 'prod_1', prices = ['price_m', 'price_y'] }]";

#[test]
fn the_prices_to_change_to_are_looked_at_and_offered_with_their_product() {
    let found = seeing(vec![saved()]);
    assert_eq!(looks(next(SWITCH, &found)), [Look::Price("price_m".into()), Look::Price("price_y".into())]);
    let prices = vec![price("price_m", "prod_1", "month"), price("price_y", "prod_1", "year")];
    let (action, patch) = one(next(SWITCH, &with_prices(found, prices)));
    assert_eq!(action.fields, [Field::change("switch", "off", "prod_1 (price_m, price_y)")]);
    let update = patch.subscription_update.unwrap();
    assert_eq!((update.enabled, update.allowed), (true, vec!["price".to_owned()]));
    let product = PortalProduct { product: "prod_1".into(), prices: vec!["price_m".into(), "price_y".into()], quantity: None };
    assert_eq!(update.products, [product]);
    assert!(!undone(&action).subscription_update.unwrap().enabled);
}

#[test]
fn an_offer_that_stands_in_another_order_does_not_differ_and_its_quantity_is_kept() {
    let mut found = saved();
    let quantity = json!({"enabled": true, "minimum": 1, "maximum": 9});
    found["features"]["subscription_update"] = json!({
        "enabled": true, "default_allowed_updates": ["price", "quantity"],
        "products": [{"product": "prod_1", "prices": ["price_y", "price_m"], "adjustable_quantity": quantity}],
    });
    let prices = || vec![price("price_m", "prod_1", "month"), price("price_y", "prod_1", "year")];
    evidence(next(SWITCH, &with_prices(seeing(vec![found.clone()]), prices())));
    let one_price = "switch = [{ product = 'prod_1', prices = ['price_m'] }]";
    let (_, patch) = one(next(one_price, &with_prices(seeing(vec![found]), prices())));
    let update = patch.subscription_update.unwrap();
    assert_eq!(update.allowed, ["price", "quantity"]);
    assert_eq!(update.products[0].quantity.as_ref().unwrap().maximum, Some(9));
}

#[test]
fn prices_that_cannot_be_offered_are_refused_with_their_reason() {
    let refuse = |prices: Vec<Price>| {
        let problem = failure(next(SWITCH, &with_prices(seeing(vec![saved()]), prices)));
        assert_eq!(problem.code, Code::PortalPrices);
        problem.message
    };
    let good = || price("price_m", "prod_1", "month");
    let twice = refuse(vec![good(), price("price_y", "prod_1", "month")]);
    assert_eq!(twice, "the portal cannot offer two prices of prod_1 for one interval");
    assert_eq!(refuse(vec![good(), price("price_y", "prod_2", "year")]), "the price price_y is a price of prod_2, not of prod_1");
    let once = Price { recurring: None, ..price("price_y", "prod_1", "year") };
    assert!(refuse(vec![good(), once]).contains("charged once"));
    let archived = Price { active: false, ..price("price_y", "prod_1", "year") };
    assert!(refuse(vec![good(), archived]).contains("archived"));
    let test = Price { livemode: Some(false), ..price("price_y", "prod_1", "year") };
    assert!(refuse(vec![good(), test]).contains("other mode"));
}

#[test]
fn a_price_of_the_other_mode_is_told_as_such() {
    let hint = "No such price: 'price_y'; a similar object exists in test mode, but a live mode key was used to make this request.";
    let found = with_prices(seeing(vec![saved()]), vec![price("price_m", "prod_1", "month")]);
    let problem = failure(next(SWITCH, &found.sight(Look::Price("price_y".into()), refused(404, hint))));
    assert_eq!((problem.code, problem.message.contains("other mode")), (Code::PortalPrices, true));
    assert!(problem.why[0].contains("a similar object exists in test mode"), "{problem:?}");
    let found = with_prices(seeing(vec![saved()]), vec![price("price_m", "prod_1", "month")]);
    let problem = failure(next(SWITCH, &found.sight(Look::Price("price_y".into()), Sight::Price(None))));
    assert!(problem.message.contains("not in Stripe"), "{problem:?}");
}

#[test]
fn a_portal_with_a_variable_is_one_of_its_own_with_golives_mark() {
    let text = "env = 'PORTAL'\ninvoice_history = true\nheadline = 'Acme'";
    let (action, draft) = one(next(text, &seeing(vec![saved()])));
    assert_eq!(action.verb, Verb::Create);
    assert_eq!(action.fields, [Field::new("headline", "Acme"), Field::new("invoice_history", "on")]);
    assert_eq!(draft.metadata["golive"], "acme/phase.item");
    assert_eq!((draft.active, draft.invoice_history), (None, Some(true)));
    assert!(action.undo.is_none());
    let mut made = saved();
    made["id"] = json!("bpc_2");
    made["is_default"] = json!(false);
    made["metadata"] = json!({"golive": "acme/phase.item"});
    made["business_profile"]["headline"] = json!("Acme");
    let found = seeing(vec![made.clone(), saved()]);
    assert_eq!(outputs(next(text, &found))["id"], "bpc_2");
    // Switched off by somebody: it is switched on again, not doubled.
    made["active"] = json!(false);
    let (action, patch) = one(next(text, &seeing(vec![made.clone(), saved()])));
    assert_eq!((action.verb, patch.active, undone(&action).active), (Verb::Change, Some(true), Some(false)));
    made["active"] = json!(true);
    let mut other = made.clone();
    other["id"] = json!("bpc_3");
    assert_eq!(failure(next(text, &seeing(vec![made, other]))).code, Code::CatalogAmbiguous);
}

#[test]
fn in_live_mode_customers_are_not_sent_to_this_computer() {
    let text = "return_url = 'http://localhost:3000/account'";
    let problem = failure(next(text, &facts(Mode::Live)));
    assert_eq!((problem.code, problem.message.contains("`return_url`")), (Code::PortalUrl, true));
    assert_eq!(looks(next(text, &facts(Mode::Test))), [LIST]);
}

#[test]
fn every_mistake_in_the_item_is_complained_about_at_its_place() {
    let text = format!(
        "headline = '{}'\nprivacy_url = 'shop.example'\nenv = '1'\ncancel = 'no'\ncancel_reasons = ['unused']\n{}",
        "x".repeat(61),
        "switch = [{ product = 'p', prices = [] }, { product = 'p', prices = ['prod_1', '${c.p.id}', '${c.p.id}'] }]"
    );
    let paths: Vec<_> = spec::<Spec>(&text).complaints().into_iter().map(|complaint| complaint.path).collect();
    assert_eq!(
        paths,
        [
            "privacy_url",
            "env",
            "headline",
            "cancel_reasons",
            "switch[0].prices",
            "switch[1].product",
            "switch[1].prices[0]",
            "switch[1].prices[2]",
        ]
    );
    let bare = spec::<Spec>("env = 'PORTAL'").complaints();
    assert_eq!((bare.len(), bare[0].path.as_str()), (1, "env"));
}

#[test]
fn what_customers_may_change_and_how_many_is_compared_and_sent() {
    let text = "switch = [{ product = 'prod_1', prices = ['price_1'], quantity = { max = 10 } }]\n\
                switch_allows = ['price', 'quantity']";
    let facts = with_prices(seeing(vec![saved()]), vec![price("price_1", "prod_1", "month")]);
    let (action, patch) = one(next(text, &facts));
    let update = patch.subscription_update.unwrap();
    assert_eq!(update.allowed, ["price", "quantity"]);
    let quantity = update.products[0].quantity.as_ref().unwrap();
    assert_eq!((quantity.enabled, quantity.minimum, quantity.maximum), (true, Some(1), Some(10)));
    assert_eq!(action.fields[0].to, "prod_1 (price_1), 1 to 10 of it");
    let mut as_wanted = saved();
    as_wanted["features"]["subscription_update"] = json!({
        "enabled": true, "default_allowed_updates": ["quantity", "price"],
        "products": [{"product": "prod_1", "prices": ["price_1"],
            "adjustable_quantity": {"enabled": true, "minimum": 1, "maximum": 10}}],
    });
    let facts = with_prices(seeing(vec![as_wanted.clone()]), vec![price("price_1", "prod_1", "month")]);
    assert_eq!(evidence(next(text, &facts)), "bpc_1, the account's default; settings as wanted");
    as_wanted["features"]["subscription_update"]["default_allowed_updates"] = json!(["price"]);
    let facts = with_prices(seeing(vec![as_wanted]), vec![price("price_1", "prod_1", "month")]);
    let (action, _) = one(next(text, &facts));
    assert_eq!(action.fields, [Field::change("switch_allows", "price", "price, quantity")]);
}

#[test]
fn settings_named_as_stripe_names_them_are_changed_and_taken_back() {
    let text = "[settings]\nname = 'Main'\n[settings.features.subscription_update]\nproration_behavior = 'create_prorations'\n\
                schedule_at_period_end = { conditions = [{ type = 'shortening_interval' }] }";
    let mut found = saved();
    found["features"]["subscription_update"]["proration_behavior"] = json!("none");
    found["features"]["subscription_update"]["schedule_at_period_end"] = json!({"conditions": []});
    let (action, patch) = one(next(text, &seeing(vec![found.clone()])));
    let within = |name: &str| format!("features[subscription_update][{name}]");
    assert_eq!(patch.settings["name"], "Main");
    assert_eq!(patch.settings[&within("proration_behavior")], "create_prorations");
    assert_eq!(patch.settings[&within("schedule_at_period_end][conditions][0][type")], "shortening_interval");
    let back = undone(&action).settings;
    assert_eq!((back["name"].as_str(), back[&within("proration_behavior")].as_str()), ("", "none"));
    let names: Vec<&str> = action.fields.iter().map(|field| field.name.as_str()).collect();
    let update = |name: &str| format!("subscription_update.{name}");
    assert_eq!(names, ["name", &update("proration_behavior"), &update("schedule_at_period_end")]);
    found["name"] = json!("Main");
    found["features"]["subscription_update"]["proration_behavior"] = json!("create_prorations");
    found["features"]["subscription_update"]["schedule_at_period_end"] = json!({"conditions": [{"type": "shortening_interval"}]});
    evidence(next(text, &seeing(vec![found])));
}

#[test]
fn allowing_changes_without_anything_to_change_to_is_complained_about() {
    let paths = |text: &str| spec::<Spec>(text).complaints().into_iter().map(|one| one.path).collect::<Vec<_>>();
    assert_eq!(paths("switch_allows = ['price']"), ["switch_allows"]);
    let switch = "switch = [{ product = 'prod_1', prices = ['price_1'], quantity = { min = 5, max = 2 } }]\nswitch_allows = []";
    assert_eq!(paths(switch), ["switch_allows", "switch[0].quantity"]);
}
