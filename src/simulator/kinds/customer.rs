//! Customers: create, retrieve, update, list, delete, as recorded in `errors` and `pagination`.

use super::{Call, copy, subscription};
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

const CUSTOMER: (&str, &str) = ("Customers", "customer");

pub static ROUTES: &[Route] = &[
    route("POST", "/v1/customers", "POST /v1/customers", CUSTOMER, create),
    route("GET", "/v1/customers", "GET /v1/customers", CUSTOMER, all),
    route("GET", "/v1/customers/{}", "GET one", CUSTOMER, retrieve),
    route("POST", "/v1/customers/{}", "POST /v1/customers/{customer}", CUSTOMER, update),
    route("DELETE", "/v1/customers/{}", "none", CUSTOMER, delete),
];

const ECHOED: [&str; 4] = ["description", "email", "name", "phone"];

fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    check_email(call.params)?;
    let mut customer = fresh(tx);
    change(&mut customer, call.params)?;
    tx.put(customer.clone());
    tx.event("customer.created", &customer, None);
    Ok(customer)
}

/// What creating and updating share.
fn change(customer: &mut Value, params: &Value) -> Result<(), Refusal> {
    copy(customer, params, &ECHOED);
    copy(&mut customer["invoice_settings"], &params["invoice_settings"], &["custom_fields", "footer"]);
    merge_metadata(customer, params.get("metadata"))
}

fn fresh(tx: &Tx<'_>) -> Value {
    json!({
        "id": ids::short("cus"), "object": "customer", "address": null, "balance": 0, "created": tx.now, "currency": null,
        "customer_account": null, "default_source": null, "delinquent": false, "description": null, "discount": null,
        "email": null, "invoice_prefix": ids::random(8).to_uppercase(),
        "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
        "livemode": tx.livemode(), "metadata": {}, "name": null, "next_invoice_sequence": 1, "phone": null,
        "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null,
    })
}

/// The customer that a checkout makes of its buyer.
pub fn of_buyer(tx: &mut Tx<'_>, email: Option<&str>, name: Option<&str>, currency: Option<&str>) -> Value {
    let mut customer = fresh(tx);
    customer["email"] = json!(email);
    customer["name"] = json!(name);
    customer["currency"] = json!(currency);
    tx.put(customer.clone());
    tx.event("customer.created", &customer, None);
    customer
}

fn check_email(params: &Value) -> Result<(), Refusal> {
    match text(params, "email") {
        Some(email) if !plausible(email) => {
            Err(Refusal::invalid(format!("Invalid email address: {email}")).code("email_invalid").param("email"))
        }
        _ => Ok(()),
    }
}

/// Something, an at sign, and a domain with a dot inside.
pub fn plausible(email: &str) -> bool {
    let Some((name, domain)) = email.split_once('@') else {
        return false;
    };
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
    !name.is_empty() && dotted && !email.contains(char::is_whitespace) && !domain.contains('@')
}

fn need(tx: &Tx<'_>, id: &str) -> Result<Value, Refusal> {
    tx.need("customer", id, "id", 404)
}

fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    need(tx, call.id)
}

fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let old = need(tx, call.id)?;
    check_email(call.params)?;
    let mut customer = old.clone();
    change(&mut customer, call.params)?;
    tx.update("customer.updated", &old, &customer);
    Ok(customer)
}

fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, "customer", call.path, params, |customer| list::same(params, "email", &customer["email"]))
}

/// Its subscriptions end with it, at once.
fn delete(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let customer = need(tx, call.id)?;
    for open in tx.all("subscription") {
        if open["customer"] == customer["id"] && open["status"] != "canceled" {
            subscription::end(tx, open, &json!({}));
        }
    }
    tx.delete("customer", call.id);
    tx.event("customer.deleted", &customer, None);
    Ok(json!({"id": call.id, "object": "customer", "deleted": true}))
}
