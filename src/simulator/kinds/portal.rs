//! Customer portal configurations and sessions (facts 8). The account's default configuration is made
//! in the Dashboard alone: [`save`] stands for its button.

use super::{Call, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const KIND: &str = "billing_portal.configuration";
const PORTAL: (&str, &str) = ("Customer Portal", "customer_portal");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/billing_portal/configurations", "POST /v1/billing_portal/configurations", PORTAL, create),
    route("GET", "/v1/billing_portal/configurations", "GET /v1/billing_portal/configurations", PORTAL, all),
    route("GET", "/v1/billing_portal/configurations/{}", "GET one", PORTAL, retrieve),
    route(
        "POST",
        "/v1/billing_portal/configurations/{}",
        "POST /v1/billing_portal/configurations/{configuration}",
        PORTAL,
        update,
    ),
    route("POST", "/v1/billing_portal/sessions", "POST /v1/billing_portal/sessions", PORTAL, open),
];

fn blank(tx: &Tx<'_>) -> Value {
    json!({
        "id": ids::embedded("bpc", &tx.scope.account), "object": KIND, "active": true, "application": null,
        "business_profile": {"headline": null, "privacy_policy_url": null, "terms_of_service_url": null},
        "created": tx.now, "default_return_url": null,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": false},
            "invoice_history": {"enabled": false},
            "payment_method_update": {"enabled": false, "payment_method_configuration": null},
            "subscription_cancel": {
                "cancellation_reason": {
                    "enabled": false,
                    "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
                },
                "enabled": false, "mode": "at_period_end", "proration_behavior": "none",
            },
            "subscription_update": {
                "billing_cycle_anchor": null, "default_allowed_updates": [], "enabled": false, "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []}, "trial_update_behavior": "end_trial", "_products": [],
            },
        },
        "is_default": false, "livemode": tx.livemode(), "login_page": {"enabled": false, "url": null}, "metadata": {},
        "name": null, "updated": tx.now,
    })
}

/// What the Dashboard's page offers to somebody who saves it as it is.
pub fn save(tx: &mut Tx<'_>) {
    if default(tx).is_some() {
        return;
    }
    let mut configuration = blank(tx);
    configuration["is_default"] = json!(true);
    let features = &mut configuration["features"];
    features["customer_update"] =
        json!({"allowed_updates": ["email", "address", "shipping", "phone", "tax_id"], "enabled": true});
    features["invoice_history"] = json!({"enabled": true});
    features["payment_method_update"]["enabled"] = json!(true);
    features["subscription_cancel"]["enabled"] = json!(true);
    tx.put(configuration.clone());
    tx.event("billing_portal.configuration.created", &configuration, None);
}

fn default(tx: &Tx<'_>) -> Option<Value> {
    tx.find(KIND, |configuration| configuration["is_default"] == true)
}

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut configuration = blank(tx);
    let features = &call.params["features"];
    for (feature, name) in [
        ("customer_update", "allowed_updates"),
        ("subscription_update", "default_allowed_updates"),
        ("subscription_update", "products"),
    ] {
        if features[feature]["enabled"] == true && features[feature].get(name).is_none() {
            return Err(Refusal::missing(&format!("features[{feature}][{name}]")));
        }
    }
    fill(tx, &mut configuration, call.params)?;
    tx.put(configuration.clone());
    tx.event("billing_portal.configuration.created", &configuration, None);
    Ok(configuration)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need(KIND, call.id, "configuration", 404)?;
    let mut new = old.clone();
    if let Some(active) = call.params["active"].as_bool() {
        if !active && old["is_default"] == true {
            return Err(Refusal::failed("You cannot deactivate the default portal configuration.").param("active"));
        }
        new["active"] = json!(active);
    }
    fill(tx, &mut new, call.params)?;
    if new != old {
        new["updated"] = json!(tx.now);
        tx.update("billing_portal.configuration.updated", &old, &new);
    }
    Ok(new)
}

fn fill(tx: &Tx<'_>, configuration: &mut Value, params: &Value) -> Result<(), Refusal> {
    if let Some(profile) = params.get("business_profile").filter(|profile| profile.is_object()) {
        for name in ["privacy_policy_url", "terms_of_service_url"] {
            check_url(&profile[name], &format!("business_profile[{name}]"))?;
        }
        copy(
            &mut configuration["business_profile"],
            profile,
            &["headline", "privacy_policy_url", "terms_of_service_url"],
        );
    }
    check_url(&params["default_return_url"], "default_return_url")?;
    copy(configuration, params, &["default_return_url", "name"]);
    if let Some(enabled) = params["login_page"]["enabled"].as_bool() {
        let mode = if tx.livemode() { "" } else { "test_" };
        let url = enabled.then(|| format!("https://billing.stripe.com/p/login/{mode}{}", ids::random(20)));
        let kept = configuration["login_page"]["url"].as_str().filter(|_| enabled).map(str::to_owned);
        configuration["login_page"] = json!({"enabled": enabled, "url": kept.or(url)});
    }
    if let Some(features) = params.get("features").filter(|features| features.is_object()) {
        fill_features(tx, &mut configuration["features"], features)?;
    }
    merge_metadata(configuration, params.get("metadata"))
}

fn fill_features(tx: &Tx<'_>, features: &mut Value, sent: &Value) -> Result<(), Refusal> {
    copy(&mut features["customer_update"], &sent["customer_update"], &["enabled", "allowed_updates"]);
    if features["customer_update"]["allowed_updates"].is_null() {
        features["customer_update"]["allowed_updates"] = json!([]);
    }
    copy(&mut features["invoice_history"], &sent["invoice_history"], &["enabled"]);
    copy(
        &mut features["payment_method_update"],
        &sent["payment_method_update"],
        &["enabled", "payment_method_configuration"],
    );
    let cancel = &sent["subscription_cancel"];
    if cancel["proration_behavior"] == "always_invoice" {
        let param = "features[subscription_cancel][proration_behavior]";
        return Err(Refusal::invalid(format!("Invalid {param}: must be one of none or create_prorations")).param(param));
    }
    copy(&mut features["subscription_cancel"], cancel, &["enabled", "mode", "proration_behavior"]);
    copy(
        &mut features["subscription_cancel"]["cancellation_reason"],
        &cancel["cancellation_reason"],
        &["enabled", "options"],
    );
    let update = &sent["subscription_update"];
    let plain =
        ["billing_cycle_anchor", "default_allowed_updates", "enabled", "proration_behavior", "trial_update_behavior"];
    copy(&mut features["subscription_update"], update, &plain);
    if update["schedule_at_period_end"].is_object() {
        features["subscription_update"]["schedule_at_period_end"]["conditions"] =
            update["schedule_at_period_end"].get("conditions").cloned().unwrap_or_else(|| json!([]));
    }
    if let Some(products) = update.get("products") {
        features["subscription_update"]["_products"] = products_of(tx, products)?;
    }
    Ok(())
}

const PRODUCTS: &str = "features[subscription_update][products]";

/// The products that customers may change to: of this mode, each with prices of its own.
fn products_of(tx: &Tx<'_>, sent: &Value) -> Result<Value, Refusal> {
    let sent = sent.as_array().map(Vec::as_slice).unwrap_or_default();
    if sent.len() > 10 {
        return Err(Refusal::too_many(PRODUCTS, 10));
    }
    let mut products = Vec::new();
    for (n, entry) in sent.iter().enumerate() {
        let id = text(entry, "product").unwrap_or_default();
        tx.need("product", id, &format!("{PRODUCTS}[{n}][product]"), 400)?;
        let mut intervals = Vec::new();
        for (m, price) in entry["prices"].as_array().into_iter().flatten().enumerate() {
            let param = format!("{PRODUCTS}[{n}][prices][{m}]");
            let found = tx.need("price", price.as_str().unwrap_or_default(), &param, 400)?;
            if found["product"] != id {
                let message = format!(
                    "The price `{}` does not belong to the product `{id}`.",
                    price.as_str().unwrap_or_default()
                );
                return Err(Refusal::failed(message).param(param));
            }
            if !found["recurring"].is_object() {
                let message = "The price specified must be recurring to be used in the customer portal.";
                return Err(Refusal::failed(message).param(param));
            }
            intervals.push((found["recurring"]["interval"].clone(), found["recurring"]["interval_count"].clone()));
        }
        let unique = intervals.iter().enumerate().all(|(n, one)| !intervals[..n].contains(one));
        if !unique {
            let message = "For each product, its price must have unique billing intervals.";
            return Err(Refusal::failed(message).param(format!("{PRODUCTS}[{n}][prices]")));
        }
        let quantity = &entry["adjustable_quantity"];
        products.push(json!({
            "adjustable_quantity": {
                "enabled": quantity["enabled"].as_bool().unwrap_or(false), "maximum": quantity["maximum"],
                "minimum": quantity["minimum"].as_i64().unwrap_or(1),
            },
            "prices": entry["prices"], "product": id,
        }));
    }
    Ok(Value::Array(products))
}

fn check_url(url: &Value, param: &str) -> Result<(), Refusal> {
    match url.as_str() {
        Some(url) if !url.contains("://") => Err(Refusal::invalid("Not a valid URL").code("url_invalid").param(param)),
        _ => Ok(()),
    }
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need(KIND, call.id, "configuration", 404)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, KIND, call.path, params, |configuration| {
        list::same(params, "active", &configuration["active"])
            && list::same(params, "is_default", &configuration["is_default"])
    })
}

/// Opens the portal for a customer, in the default configuration unless one is named.
pub fn open(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    if params.get("flow_data").is_some() {
        return Err(Refusal::invalid("This simulator opens the portal at its first page only.").param("flow_data"));
    }
    let customer = text(params, "customer").ok_or_else(|| Refusal::missing("customer"))?;
    tx.need("customer", customer, "customer", 400)?;
    let configuration = match text(params, "configuration") {
        Some(id) => tx.need(KIND, id, "configuration", 400)?,
        None => default(tx).ok_or_else(|| nothing_saved(tx))?,
    };
    let mode = if tx.livemode() { "live" } else { "test" };
    let session = json!({
        "id": ids::embedded("bps", &tx.scope.account), "object": "billing_portal.session",
        "configuration": configuration["id"], "created": tx.now, "customer": customer, "customer_account": null,
        "flow": null, "livemode": tx.livemode(), "locale": params["locale"], "on_behalf_of": null,
        "return_url": params.get("return_url").cloned().unwrap_or_else(|| configuration["default_return_url"].clone()),
        "url": format!("https://billing.stripe.com/p/session/{mode}_{}", ids::random(40)),
    });
    tx.event("billing_portal.session.created", &session, None);
    Ok(session)
}

fn nothing_saved(tx: &Tx<'_>) -> Refusal {
    let (mode, path) = if tx.livemode() { ("live", "") } else { ("test", "test/") };
    Refusal::failed(format!(
        "No configuration provided and your {mode} mode default configuration has not been created. Provide a \
         configuration or create your default by saving your customer portal settings in {mode} mode at \
         https://dashboard.stripe.com/{path}settings/billing/portal."
    ))
    .code("parameter_missing")
}
