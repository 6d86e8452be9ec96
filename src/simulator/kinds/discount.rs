//! Coupons and promotion codes at the checkout: what they take off the lines of a session.

use crate::simulator::refusal::Refusal;
use crate::simulator::tx::Tx;
use crate::simulator::world::text;
use serde_json::{Value, json};

/// Takes off what `discounts` of a new session names; Stripe allows one.
pub fn of_params(tx: &Tx<'_>, session: &mut Value, params: &Value) -> Result<(), Refusal> {
    let Some(sent) = params["discounts"].as_array().filter(|sent| !sent.is_empty()) else {
        return Ok(());
    };
    if params["allow_promotion_codes"].is_boolean() {
        return Err(Refusal::invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        ));
    }
    if sent.len() > 1 {
        return Err(Refusal::too_many("discounts", 1));
    }
    let (coupon, code) = match (text(&sent[0], "coupon"), text(&sent[0], "promotion_code")) {
        (Some(id), None) => (tx.need("coupon", id, "discounts[0][coupon]", 400)?, Value::Null),
        (None, Some(id)) => {
            let code = tx.need("promotion_code", id, "discounts[0][promotion_code]", 400)?;
            (coupon_of(tx, &code)?, code["id"].clone())
        }
        _ => {
            return Err(Refusal::invalid("You must specify either `coupon` or `promotion_code` for each discount.")
                .param("discounts"));
        }
    };
    take_off(session, &coupon, &code)
}

/// A code that the buyer typed.
pub fn redeem(tx: &mut Tx<'_>, session: &str, typed: &str) -> Result<(), Refusal> {
    let mut session = tx.need("checkout.session", session, "session", 404)?;
    let invalid = || Refusal::failed("This code is invalid.");
    if session["allow_promotion_codes"] != true {
        return Err(invalid());
    }
    let known = |code: &Value| {
        code["active"] == true && text(code, "code").is_some_and(|code| code.eq_ignore_ascii_case(typed))
    };
    let code = tx.find("promotion_code", known).ok_or_else(invalid)?;
    if code["expires_at"].as_i64().is_some_and(|end| end <= tx.now) {
        return Err(Refusal::failed("This code has expired."));
    }
    let coupon = coupon_of(tx, &code).map_err(|_| invalid())?;
    let least = &code["restrictions"]["minimum_amount"];
    if least.as_i64().is_some_and(|least| session["amount_subtotal"].as_i64().unwrap_or(0) < least) {
        return Err(invalid());
    }
    take_off(&mut session, &coupon, &code["id"]).map_err(|_| invalid())?;
    tx.put(session);
    Ok(())
}

/// The coupon behind a code, whichever way the code holds it.
fn coupon_of(tx: &Tx<'_>, code: &Value) -> Result<Value, Refusal> {
    let held = if code["promotion"].is_object() { &code["promotion"]["coupon"] } else { &code["coupon"] };
    let id = held.as_str().or_else(|| text(held, "id")).unwrap_or_default();
    tx.need("coupon", id, "discounts[0][coupon]", 400)
}

fn take_off(session: &mut Value, coupon: &Value, code: &Value) -> Result<(), Refusal> {
    if coupon["valid"] == false {
        return Err(Refusal::failed("This coupon is expired and cannot be redeemed.").param("discounts[0][coupon]"));
    }
    let only =
        coupon["applies_to"]["products"].as_array().or_else(|| coupon["_applies_to"]["products"].as_array()).cloned();
    let currency = text(session, "currency").unwrap_or_default().to_owned();
    let mut left = fixed(coupon, &currency);
    if coupon["percent_off"].is_null() && left.is_none() {
        return Err(Refusal::failed("This coupon cannot be redeemed in the currency of this Checkout Session.")
            .param("discounts[0][coupon]"));
    }
    let mut off = 0;
    for line in session["_line_items"]["data"].as_array_mut().into_iter().flatten() {
        let product = &line["price"]["product"];
        if only.as_ref().is_some_and(|only| !only.contains(product)) {
            continue;
        }
        let amount = line["amount_subtotal"].as_i64().unwrap_or(0);
        let less = match (coupon["percent_off"].as_f64(), &mut left) {
            (Some(percent), _) => percent_of(amount, percent),
            (None, Some(left)) => {
                let less = amount.min(*left);
                *left -= less;
                less
            }
            (None, None) => 0,
        };
        line["amount_discount"] = json!(less);
        line["amount_total"] = json!(amount - less);
        off += less;
    }
    session["total_details"]["amount_discount"] = json!(off);
    session["amount_total"] = json!(session["amount_subtotal"].as_i64().unwrap_or(0) - off);
    session["discounts"] = json!([{"coupon": coupon["id"], "promotion_code": code}]);
    Ok(())
}

/// The amount that a coupon takes off in a currency.
fn fixed(coupon: &Value, currency: &str) -> Option<i64> {
    if text(coupon, "currency") == Some(currency) {
        return coupon["amount_off"].as_i64();
    }
    let options = if coupon["_currency_options"].is_object() { "_currency_options" } else { "currency_options" };
    coupon[options][currency]["amount_off"].as_i64()
}

/// Percentages have at most two decimals: hundredths of them are whole numbers.
#[expect(clippy::cast_possible_truncation, reason = "a percentage is between 0 and 100")]
fn percent_of(amount: i64, percent: f64) -> i64 {
    let hundredths = (percent * 100.0).round() as i64;
    (amount * hundredths + 5_000) / 10_000
}

#[cfg(test)]
mod tests {
    use super::take_off;
    use serde_json::json;

    #[test]
    fn a_coupon_leaves_what_it_does_not_apply_to() {
        let line =
            |product: &str| json!({"price": {"product": product}, "amount_subtotal": 1000, "amount_total": 1000});
        let mut session = json!({
            "currency": "usd", "amount_subtotal": 2000, "total_details": {}, "_line_items": {"data": [line("a"), line("b")]},
        });
        let coupon = json!({"id": "C", "percent_off": 12.5, "_applies_to": {"products": ["b"]}});
        take_off(&mut session, &coupon, &json!(null)).unwrap();
        assert_eq!(
            (&session["amount_total"], &session["total_details"]["amount_discount"]),
            (&json!(1875), &json!(125))
        );
    }

    #[test]
    fn an_amount_is_taken_off_once_and_only_in_its_currency() {
        let line = json!({"price": {"product": "a"}, "amount_subtotal": 300});
        let mut session = json!({
            "currency": "cad", "amount_subtotal": 600, "total_details": {}, "_line_items": {"data": [line, line]},
        });
        assert!(take_off(&mut session, &json!({"amount_off": 500, "currency": "usd"}), &json!(null)).is_err());
        take_off(&mut session, &json!({"amount_off": 500, "currency": "cad"}), &json!(null)).unwrap();
        assert_eq!(session["amount_total"], 100);
    }
}
