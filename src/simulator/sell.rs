//! The demo shop sells: it opens a checkout of its own, as an application would, for a price that is on
//! sale. Called by `control`, for rehearsals.

use super::hosted::{SHORT, transact};
use super::kinds::{Call, checkout, price};
use super::refusal::Refusal;
use super::tx::Tx;
use super::world::text;
use super::{Inner, Mode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Opens a checkout for the first of these prices that is there, or for any active one when none is
/// named. Answers with the session's id and the page where it is paid.
pub fn open(inner: &Arc<Inner>, mode: Mode, prices: &[String]) -> Result<(String, String), Refusal> {
    let scope = inner.core().scope(mode);
    let session = transact(inner, &scope, |tx| {
        let active = || tx.all("price").into_iter().find(|price| price["active"] == json!(true));
        let named = prices.iter().find_map(|id| tx.get("price", id));
        let price = if prices.is_empty() { active().or_else(|| own_price(tx).ok()) } else { named };
        let price = price.ok_or_else(|| Refusal::failed("There is nothing on sale in this account yet."))?;
        let mode = if price["type"] == "recurring" { "subscription" } else { "payment" };
        let mut item = json!({"price": price["id"]});
        if price["recurring"]["usage_type"] != "metered" {
            item["quantity"] = json!(1);
        }
        let params = json!({"mode": mode, "line_items": [item], "success_url": "https://localhost/thanks"});
        checkout::create(tx, &Call { id: "", path: "/v1/checkout/sessions", params: &params })
    })?;
    let id = text(&session, "id").unwrap_or_default().to_owned();
    let page = format!("{}/pay/{}", inner.url, &id[id.len().saturating_sub(SHORT)..]);
    Ok((id, page))
}

/// What a shop sells that makes its prices at checkout.
fn own_price(tx: &mut Tx<'_>) -> Result<Value, Refusal> {
    let params = json!({"currency": "gbp", "unit_amount": 1_000, "product_data": {"name": "Something of the shop's"}});
    price::create(tx, &Call { id: "", path: "/v1/prices", params: &params })
}
