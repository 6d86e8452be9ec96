//! The account itself, its balance, and the token call that proves a publishable key (facts 1.3, 2).

use super::Call;
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use serde_json::{Value, json};

/// An activated standard account as its own secret key sees it: `requirements`, `external_accounts`
/// and `tos_acceptance` are withheld, as Stripe withholds them.
pub fn fresh(id: &str) -> Value {
    json!({
        "id": id, "object": "account",
        "business_profile": {
            "annual_revenue": null, "estimated_worker_count": null, "mcc": "5734", "name": "Rehearsal Shop",
            "product_description": "Software subscriptions", "support_address": null,
            "support_email": "support@shop.example", "support_phone": "+15555550100",
            "support_url": "https://shop.example/support", "url": "https://shop.example",
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "link_payments": "active", "transfers": "active"},
        "charges_enabled": true, "country": "US", "default_currency": "usd", "details_submitted": true,
        "email": "owner@shop.example", "payouts_enabled": true,
        "settings": {
            "branding": {"icon": "file_1RehearsalIcon", "logo": "file_1RehearsalLogo", "primary_color": "#0055aa", "secondary_color": "#ffffff"},
            "card_payments": {
                "decline_on": {"avs_failure": false, "cvc_failure": false}, "statement_descriptor_prefix": "REHEARSAL",
                "statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": {"display_name": "Rehearsal Shop", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "REHEARSAL SHOP", "statement_descriptor_kana": null, "statement_descriptor_kanji": null},
            "payouts": {
                "debit_negative_balances": true, "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": null,
            },
        },
        "type": "standard",
    })
}

/// With every payment method's capability, as the owner of a furnished account has applied for.
pub fn apply_for_everything(tx: &mut Tx<'_>) {
    let Some(mut account) = tx.get("account", &tx.scope.account) else { return };
    let before = account.clone();
    for capability in super::method::every_capability() {
        account["capabilities"][capability] = json!("active");
    }
    if account != before {
        tx.put(account);
    }
}

pub fn retrieve(tx: &mut Tx<'_>, _: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("account", &tx.scope.account, "id", 404)
}

/// Money arrives when a checkout is paid and leaves with refunds and disputes; nothing is paid out.
pub fn balance(tx: &mut Tx<'_>, _: &Call<'_>) -> Result<Value, Refusal> {
    let account = tx.need("account", &tx.scope.account, "id", 404)?;
    let own = text(&account, "default_currency").unwrap_or("usd").to_owned();
    let mut pending = vec![(own.clone(), 0)];
    for movement in tx.world.store(&tx.scope).all("balance_transaction") {
        let currency = text(movement, "currency").unwrap_or_default().to_owned();
        let amount = movement["net"].as_i64().unwrap_or(0);
        match pending.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, sum)) => *sum += amount,
            None => pending.push((currency, amount)),
        }
    }
    let row = |(currency, amount): &(String, i64)| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
    let nothing = json!([{"amount": 0, "currency": own}]);
    Ok(json!({
        "object": "balance", "available": [row(&(own, 0))], "livemode": tx.livemode(),
        "pending": pending.iter().map(row).collect::<Vec<_>>(),
        "refund_and_dispute_prefunding": {"available": nothing.clone(), "pending": nothing},
    }))
}

/// With a publishable key and nothing to tokenize this answer proves the key and creates nothing.
pub fn token(_: &mut Tx<'_>, _: &Call<'_>) -> Result<Value, Refusal> {
    Err(Refusal::invalid(
        "You must supply either a card, customer, PII data, bank account, account, CVC, or person to create a token.",
    )
    .code("parameter_missing"))
}
