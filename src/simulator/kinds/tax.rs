//! Tax settings and registrations (facts 10.1). Settings are pending until there is a head office; an
//! account begins with none, and registered nowhere.

use super::Call;
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const SETTINGS: (&str, &str) = ("Tax Settings", "tax_settings");
const REGISTRATIONS: (&str, &str) = ("Tax Registrations", "tax_registrations");

/// The id under which the settings are kept: Stripe's have none.
const ID: &str = "tax_settings";

pub static ROUTES: &[Route] = &[
    route("GET", "/v1/tax/settings", "GET one", SETTINGS, settings),
    route("POST", "/v1/tax/settings", "POST /v1/tax/settings", SETTINGS, set),
    route("POST", "/v1/tax/registrations", "POST /v1/tax/registrations", REGISTRATIONS, register),
    route("GET", "/v1/tax/registrations", "GET /v1/tax/registrations", REGISTRATIONS, all),
    route("GET", "/v1/tax/registrations/{}", "GET one", REGISTRATIONS, retrieve),
];

fn kept(tx: &Tx<'_>) -> Value {
    tx.get("tax.settings", ID).unwrap_or_else(|| {
        json!({
            "id": ID, "object": "tax.settings",
            "defaults": {"provider": "stripe", "tax_behavior": null, "tax_code": null},
            "head_office": null, "livemode": tx.livemode(), "status": "pending",
            "status_details": {"pending": {"missing_fields": ["head_office"]}},
        })
    })
}

fn shown(mut settings: Value) -> Value {
    if let Some(settings) = settings.as_object_mut() {
        settings.remove("id");
    }
    settings
}

#[expect(clippy::unnecessary_wraps, reason = "every handler may refuse")]
pub fn settings(tx: &mut Tx<'_>, _: &Call<'_>) -> Result<Value, Refusal> {
    Ok(shown(kept(tx)))
}

/// What the owner of a furnished account has entered in the Dashboard.
pub fn furnish(tx: &mut Tx<'_>) {
    if kept(tx)["status"] == "pending" {
        let address = json!({
            "city": "New York", "country": "US", "line1": "1 Rehearsal Road", "line2": null, "postal_code": "10001",
            "state": "NY",
        });
        let mut settings = kept(tx);
        settings["head_office"] = json!({ "address": address });
        settle(&mut settings);
        tx.put(settings);
    }
}

pub fn set(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = kept(tx);
    let mut new = old.clone();
    super::copy(&mut new["defaults"], &call.params["defaults"], &["tax_behavior", "tax_code"]);
    if let Some(address) = call.params["head_office"].get("address") {
        let mut whole = json!({
            "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
        });
        super::copy(
            &mut whole,
            &new["head_office"]["address"],
            &["city", "country", "line1", "line2", "postal_code", "state"],
        );
        super::copy(&mut whole, address, &["city", "country", "line1", "line2", "postal_code", "state"]);
        if text(&whole, "country").is_none() {
            return Err(Refusal::missing("head_office[address][country]"));
        }
        new["head_office"] = json!({ "address": whole });
    }
    settle(&mut new);
    if new != old {
        tx.put(new.clone());
        tx.event("tax.settings.updated", &shown(new.clone()), None);
    }
    Ok(shown(new))
}

fn settle(settings: &mut Value) {
    if settings["head_office"].is_object() {
        settings["status"] = json!("active");
        settings["status_details"] = json!({"active": {}});
    }
}

pub fn register(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let country = text(params, "country").unwrap_or_default().to_ascii_uppercase();
    let name = country.to_ascii_lowercase();
    let Some(options) = params["country_options"].get(&name).filter(|options| options.is_object()) else {
        return Err(Refusal::missing(&format!("country_options[{name}]")));
    };
    let active_from = params["active_from"].as_i64().unwrap_or(tx.now);
    let same = |other: &Value| {
        other["country"] == country.as_str()
            && other["country_options"][&name] == *options
            && status(tx, other) != "expired"
    };
    if tx.find("tax.registration", same).is_some() {
        return Err(
            Refusal::failed("A registration for this location and type already exists.").param("country_options")
        );
    }
    let mut options_of = serde_json::Map::new();
    options_of.insert(name.clone(), options.clone());
    let registration = json!({
        "id": ids::embedded("taxreg", &tx.scope.account), "object": "tax.registration", "active_from": active_from,
        "country": country, "country_options": options_of, "created": tx.now, "expires_at": params["expires_at"],
        "livemode": tx.livemode(),
    });
    tx.put(registration.clone());
    Ok(answer(tx, registration))
}

fn status(tx: &Tx<'_>, registration: &Value) -> &'static str {
    if registration["expires_at"].as_i64().is_some_and(|end| end <= tx.now) {
        "expired"
    } else if registration["active_from"].as_i64().is_some_and(|begin| begin > tx.now) {
        "scheduled"
    } else {
        "active"
    }
}

/// With the status that the clock gives it.
fn answer(tx: &Tx<'_>, mut registration: Value) -> Value {
    registration["status"] = json!(status(tx, &registration));
    registration
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let registration = tx.need("tax.registration", call.id, "id", 404)?;
    Ok(answer(tx, registration))
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let wanted = text(call.params, "status").unwrap_or("all");
    let mut page = list::page(tx, "tax.registration", call.path, call.params, |registration| {
        wanted == "all" || status(tx, registration) == wanted
    })?;
    for registration in page["data"].as_array_mut().into_iter().flatten() {
        *registration = answer(tx, registration.take());
    }
    Ok(page)
}
