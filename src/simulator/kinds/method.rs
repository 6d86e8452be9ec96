//! Payment method configurations and the domains that wallets are shown on (facts 10.1). Whether a
//! method is available follows from its preference and the account's capability, at every answer.

use super::Call;
use crate::simulator::refusal::Refusal;
use crate::simulator::routes::{Route, route};
use crate::simulator::tx::Tx;
use crate::simulator::world::{Scope, text};
use crate::simulator::{Mode, ids, list};
use serde_json::{Value, json};

const KIND: &str = "payment_method_configuration";
const DOMAIN: &str = "payment_method_domain";
const CONFIGURATIONS: (&str, &str) = ("Payment Method Configurations", "payment_method_configurations");
const DOMAINS: (&str, &str) = ("Payment Method Domains", "payment_method_domains");

pub static ROUTES: &[Route] = &[
    route(
        "POST",
        "/v1/payment_method_configurations",
        "POST /v1/payment_method_configurations",
        CONFIGURATIONS,
        create,
    ),
    route("GET", "/v1/payment_method_configurations", "GET /v1/payment_method_configurations", CONFIGURATIONS, all),
    route("GET", "/v1/payment_method_configurations/{}", "GET one", CONFIGURATIONS, retrieve),
    route(
        "POST",
        "/v1/payment_method_configurations/{}",
        "POST /v1/payment_method_configurations/{configuration}",
        CONFIGURATIONS,
        update,
    ),
    route("POST", "/v1/payment_method_domains", "POST /v1/payment_method_domains", DOMAINS, register),
    route("GET", "/v1/payment_method_domains", "GET /v1/payment_method_domains", DOMAINS, domains),
    route("GET", "/v1/payment_method_domains/{}", "GET one", DOMAINS, domain),
    route(
        "POST",
        "/v1/payment_method_domains/{}",
        "POST /v1/payment_method_domains/{payment_method_domain}",
        DOMAINS,
        enable,
    ),
    route("POST", "/v1/payment_method_domains/{}/validate", "POST none", DOMAINS, validate),
];

/// Every method that a configuration shows.
const METHODS: &[&str] = &[
    "acss_debit",
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "alma",
    "amazon_pay",
    "apple_pay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "billie",
    "blik",
    "boleto",
    "card",
    "cartes_bancaires",
    "cashapp",
    "crypto",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "google_pay",
    "grabpay",
    "ideal",
    "jcb",
    "kakao_pay",
    "klarna",
    "konbini",
    "kr_card",
    "link",
    "mb_way",
    "mobilepay",
    "multibanco",
    "naver_pay",
    "nz_bank_account",
    "oxxo",
    "p24",
    "pay_by_bank",
    "payco",
    "paynow",
    "paypal",
    "payto",
    "pix",
    "promptpay",
    "revolut_pay",
    "samsung_pay",
    "satispay",
    "sepa_debit",
    "sofort",
    "swish",
    "twint",
    "us_bank_account",
    "wechat_pay",
    "zip",
];

/// Switched on in the default configuration of a new account.
const AT_FIRST: &[&str] = &["apple_pay", "card", "google_pay", "link"];

/// Wallets that need a registered domain.
const WALLETS: &[&str] = &["amazon_pay", "apple_pay", "google_pay", "klarna", "link", "paypal"];

/// The default configuration of a new account.
pub fn fresh(scope: &Scope) -> Value {
    blank(scope, "Default", true)
}

fn blank(scope: &Scope, name: &str, default: bool) -> Value {
    let mut configuration = json!({
        "id": ids::embedded("pmc", &scope.account), "object": KIND, "active": true, "application": null,
        "is_default": default, "livemode": scope.mode == Mode::Live, "name": name, "parent": null,
    });
    for method in METHODS {
        let preference = if AT_FIRST.contains(method) { "on" } else { "off" };
        configuration[*method] = json!({"available": false, "display_preference": shown(preference)});
    }
    configuration
}

fn shown(preference: &str) -> Value {
    let value = if preference == "on" { "on" } else { "off" };
    json!({"overridable": null, "preference": preference, "value": value})
}

/// The capability behind a method: wallets are cards.
pub fn capability(method: &str) -> String {
    match method {
        "apple_pay" | "google_pay" | "samsung_pay" | "card" | "cartes_bancaires" | "jcb" | "kr_card" => {
            "card_payments".to_owned()
        }
        "us_bank_account" => "us_bank_account_ach_payments".to_owned(),
        other => format!("{other}_payments"),
    }
}

/// The capabilities of an account whose owner has applied for every method in the Dashboard.
pub fn every_capability() -> impl Iterator<Item = String> {
    METHODS.iter().map(|method| capability(method))
}

fn is_capable(tx: &Tx<'_>, method: &str) -> bool {
    let account = tx.get("account", &tx.scope.account).unwrap_or_default();
    account["capabilities"][capability(method)] == "active"
}

/// With `available` as it is now.
fn answer(tx: &Tx<'_>, mut configuration: Value) -> Value {
    let account = tx.get("account", &tx.scope.account).unwrap_or_default();
    for method in METHODS {
        let on = configuration[*method]["display_preference"]["value"] == "on";
        let capable = account["capabilities"][capability(method)] == "active";
        configuration[*method]["available"] = json!(on && capable);
    }
    configuration
}

fn fill(configuration: &mut Value, params: &Value) {
    for method in METHODS {
        if let Some(preference) = params[*method]["display_preference"]["preference"].as_str() {
            configuration[*method]["display_preference"] = shown(preference);
        }
    }
    super::copy(configuration, params, &["active", "name"]);
}

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let parent = text(call.params, "parent").map(|id| tx.need(KIND, id, "parent", 400)).transpose()?;
    let mut configuration = blank(&tx.scope, text(call.params, "name").unwrap_or("Configuration"), false);
    configuration["parent"] = parent.map_or(Value::Null, |parent| parent["id"].clone());
    fill(&mut configuration, call.params);
    tx.put(configuration.clone());
    Ok(answer(tx, configuration))
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut configuration = tx.need(KIND, call.id, "configuration", 404)?;
    if call.params["active"] == false && configuration["is_default"] == true {
        return Err(Refusal::failed("You cannot deactivate the default payment method configuration.").param("active"));
    }
    fill(&mut configuration, call.params);
    tx.put(configuration.clone());
    Ok(answer(tx, configuration))
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let configuration = tx.need(KIND, call.id, "configuration", 404)?;
    Ok(answer(tx, configuration))
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut page = list::page(tx, KIND, call.path, call.params, |_| true)?;
    for configuration in page["data"].as_array_mut().into_iter().flatten() {
        *configuration = answer(tx, configuration.take());
    }
    Ok(page)
}

pub fn register(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = text(call.params, "domain_name").unwrap_or_default().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !name.contains('.') || !name.chars().all(plain) {
        return Err(Refusal::invalid(format!("Invalid domain name: {name}")).param("domain_name"));
    }
    if let Some(known) = tx.find(DOMAIN, |domain| domain["domain_name"] == name.as_str()) {
        let id = text(&known, "id").unwrap_or_default();
        let message = format!("The domain `{name}` is already registered (`{id}`).");
        return Err(Refusal::failed(message).code("resource_already_exists").param("domain_name"));
    }
    let mut domain = json!({
        "id": ids::embedded("pmd", &tx.scope.account), "object": DOMAIN, "created": tx.now, "domain_name": name,
        "enabled": call.params["enabled"].as_bool().unwrap_or(true), "livemode": tx.livemode(),
    });
    judge(tx, &mut domain);
    tx.put(domain.clone());
    Ok(domain)
}

/// The status of each wallet on a domain. In test mode all are well, whatever the domain is.
fn judge(tx: &Tx<'_>, domain: &mut Value) {
    let name = text(domain, "domain_name").unwrap_or_default().to_owned();
    for wallet in WALLETS {
        let fault = tx.get("wallet_fault", &format!("{name}/{wallet}"));
        let fault = fault.as_ref().and_then(|fault| text(fault, "message")).map(str::to_owned);
        let incapable = || format!("The account does not accept payments with {wallet} yet.");
        let message = fault.or_else(|| (!is_capable(tx, wallet)).then(incapable)).filter(|_| tx.livemode());
        domain[*wallet] = match message {
            None => json!({"status": "active"}),
            Some(message) => json!({"status": "inactive", "status_details": {"error_message": message}}),
        };
    }
}

/// What keeps a wallet off a domain from its next look on, or nothing any more.
pub fn fault(domain: &str, wallet: &str, message: Option<&str>) -> Value {
    json!({"id": format!("{domain}/{wallet}"), "object": "wallet_fault", "message": message})
}

pub fn validate(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut domain = tx.need(DOMAIN, call.id, "payment_method_domain", 404)?;
    judge(tx, &mut domain);
    tx.put(domain.clone());
    Ok(domain)
}

pub fn enable(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut domain = tx.need(DOMAIN, call.id, "payment_method_domain", 404)?;
    super::copy(&mut domain, call.params, &["enabled"]);
    tx.put(domain.clone());
    Ok(domain)
}

pub fn domain(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need(DOMAIN, call.id, "payment_method_domain", 404)
}

pub fn domains(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    list::page(tx, DOMAIN, call.path, params, |domain| {
        list::same(params, "domain_name", &domain["domain_name"]) && list::same(params, "enabled", &domain["enabled"])
    })
}
