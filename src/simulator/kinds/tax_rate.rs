//! Tax rates: create, retrieve, update, list, as recorded in `catalog`. Percentage and `inclusive` are
//! final: no parameter of an update names them.

use super::{Call, copy};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const RATE: (&str, &str) = ("Tax Rates", "tax_rate");
const PLAIN: [&str; 7] = ["active", "country", "description", "display_name", "jurisdiction", "state", "tax_type"];

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/tax_rates", "POST /v1/tax_rates", RATE, create),
    route("GET", "/v1/tax_rates", "GET /v1/tax_rates", RATE, all),
    route("GET", "/v1/tax_rates/{}", "GET one", RATE, retrieve),
    route("POST", "/v1/tax_rates/{}", "POST /v1/tax_rates/{tax_rate}", RATE, update),
];

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let percentage = params["percentage"].as_f64().unwrap_or_default();
    if !(0.0..=100.0).contains(&percentage) {
        return Err(Refusal::invalid("The percentage must be between 0 and 100.").param("percentage"));
    }
    let mut rate = json!({
        "id": ids::embedded("txr", &tx.scope.account), "object": "tax_rate", "active": true, "country": null,
        "created": tx.now, "description": null, "display_name": null, "effective_percentage": params["percentage"],
        "flat_amount": null, "inclusive": params["inclusive"], "jurisdiction": null, "jurisdiction_level": null,
        "livemode": tx.livemode(), "metadata": {}, "percentage": params["percentage"], "rate_type": "percentage",
        "state": null, "tax_type": null,
    });
    copy(&mut rate, params, &PLAIN);
    merge_metadata(&mut rate, params.get("metadata"))?;
    tx.put(rate.clone());
    tx.event("tax_rate.created", &rate, None);
    Ok(rate)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("tax_rate", call.id, "tax_rate", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = tx.need("tax_rate", call.id, "tax_rate", 404)?;
    let mut new = old.clone();
    copy(&mut new, call.params, &PLAIN);
    merge_metadata(&mut new, call.params.get("metadata"))?;
    tx.update("tax_rate.updated", &old, &new);
    Ok(new)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "tax_rate", call.path, params, |rate| {
        ["active", "inclusive"].iter().all(|field| list::same(params, field, &rate[*field]))
    })
}
