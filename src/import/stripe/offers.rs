//! What goes with a sale: tax rates, shipping rates, coupons and the codes for them.

use super::catalog::{metadata, name, text};
use super::maker::{Maker, phase};
use super::{lines, money};
use crate::compose::{Item, Value, literal};
use crate::inventory::{Coupon, PromotionCode, ShippingRate, TaxRate};

/// Every such item, those that others refer to first.
pub(super) fn items(maker: &mut Maker<'_>) -> Vec<Item> {
    let inventory = maker.inventory;
    let mut items: Vec<Item> = inventory.tax_rates.iter().map(|rate| tax_rate(maker, rate)).collect();
    items.extend(inventory.shipping_rates.iter().filter_map(|rate| shipping_rate(maker, rate)));
    items.extend(inventory.coupons.iter().filter_map(|coupon| self::coupon(maker, coupon)));
    items.extend(inventory.promotion_codes.iter().filter_map(|code| promotion_code(maker, code)));
    items
}

/// A percentage: a number where it is whole, a text where it has decimals.
fn percent(number: &serde_json::Number) -> Value {
    let text = number.to_string();
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    text.parse::<i64>().map_or_else(|_| Value::Text(text), Value::Number)
}

/// A moment in UTC: a day, where it is the end of one.
fn moment(seconds: i64) -> Option<Value> {
    let at = jiff::Timestamp::from_second(seconds).ok()?;
    let text = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Some(Value::Text(text.strip_suffix("T23:59:59Z").map_or_else(|| text.clone(), str::to_owned)))
}

fn tax_rate(maker: &mut Maker<'_>, rate: &TaxRate) -> Item {
    let title = lines::title(&rate.display_name);
    let place = rate.jurisdiction.as_ref().or(rate.country.as_ref());
    let words = format!("{title} {}", place.map(String::as_str).unwrap_or_default());
    let item = maker
        .item(phase::OFFERS, "tax_rate", &rate.id, &words, &title)
        .maybe("display_name", name(&rate.display_name, &title))
        .field("percentage", percent(&rate.percentage))
        .field("inclusive", rate.inclusive)
        .maybe("country", text(rate.country.as_ref()))
        .maybe("state", text(rate.state.as_ref()))
        .maybe("jurisdiction", text(rate.jurisdiction.as_ref()))
        .maybe("tax_type", text(rate.tax_type.as_ref()))
        .maybe("description", text(rate.description.as_ref()))
        .maybe("metadata", metadata(&rate.metadata))
        .maybe("env", maker.uses.take(&rate.id));
    maker.refer(&rate.id, phase::OFFERS, &item, "id");
    item
}

fn shipping_rate(maker: &mut Maker<'_>, rate: &ShippingRate) -> Option<Item> {
    let title = lines::title(&rate.display_name);
    let amounts = money::whole(rate.amount, &rate.currency).and_then(|amount| {
        let further: Result<Vec<String>, String> =
            rate.currency_options.iter().map(|(currency, minor)| money::whole(*minor, currency)).collect();
        Ok((amount, further?))
    });
    let (amount, further) = match amounts {
        Ok(amounts) => amounts,
        Err(why) => {
            maker.decide(
                format!("shipping rate `{title}` is left out"),
                why,
                "make one that Stripe takes, then import again",
            );
            return None;
        }
    };
    let behavior = rate.tax_behavior.as_ref().filter(|behavior| *behavior != "unspecified");
    let item = maker
        .item(phase::OFFERS, "shipping_rate", &rate.id, &title, &title)
        .maybe("display_name", name(&rate.display_name, &title))
        .field("amount", amount)
        .maybe("currencies", (!further.is_empty()).then(|| Value::list(further)))
        .maybe("delivery", delivery(rate))
        .maybe("tax_behavior", text(behavior))
        .maybe("tax_code", text(rate.tax_code.as_ref()))
        .maybe("metadata", metadata(&rate.metadata))
        .maybe("env", maker.uses.take(&rate.id));
    maker.refer(&rate.id, phase::OFFERS, &item, "id");
    Some(item)
}

/// How long a delivery takes.
fn delivery(rate: &ShippingRate) -> Option<Value> {
    let unit = rate.maximum.as_ref().or(rate.minimum.as_ref()).map(|(_, unit)| unit.clone())?;
    let least = rate.minimum.as_ref();
    let other = least.map(|(_, least)| least).filter(|least| **least != unit);
    Some(super::catalog::row(vec![
        ("min", least.map(|(least, _)| Value::Number(*least))),
        ("min_unit", text(other)),
        ("max", rate.maximum.as_ref().map(|(most, _)| Value::Number(*most))),
        ("unit", Some(Value::Text(unit))),
    ]))
}

fn coupon(maker: &mut Maker<'_>, coupon: &Coupon) -> Option<Item> {
    let title = coupon.name.as_deref().map(lines::title).filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| lines::title(&coupon.id));
    let applies: Option<Vec<Value>> =
        coupon.applies_to.iter().map(|product| maker.reference(product).map(|to| Value::Text(to.clone()))).collect();
    let money = match coupon.amount_off.zip(coupon.currency.as_ref()) {
        None => Ok((None, Vec::new())),
        Some((minor, currency)) => money::whole(minor, currency).and_then(|amount| {
            let further = coupon.currency_options.iter().filter(|(other, _)| *other != currency);
            let further: Result<Vec<String>, String> =
                further.map(|(code, minor)| money::whole(*minor, code)).collect();
            Ok((Some(amount), further?))
        }),
    };
    let (applies, (amount, further)) = match (applies, money) {
        (Some(applies), Ok(money)) => (applies, money),
        (None, _) => {
            let why = "it is for products that are not in the checklist, and without them it would be for all";
            maker.decide(
                format!("coupon `{}` is left out", coupon.id),
                why,
                "import its products as well, or make it anew",
            );
            return None;
        }
        (_, Err(why)) => {
            maker.decide(
                format!("coupon `{}` is left out", coupon.id),
                why,
                "make one that Stripe takes, then import again",
            );
            return None;
        }
    };
    let item = maker
        .item(phase::OFFERS, "coupon", &coupon.id, &title, &title)
        .field("coupon_id", literal(&coupon.id))
        .maybe("name", coupon.name.as_deref().and_then(|given| name(given, &title)))
        .maybe("percent_off", coupon.percent_off.as_ref().map(percent))
        .maybe("amount_off", amount)
        .maybe("currencies", (!further.is_empty()).then(|| Value::list(further)))
        .field("duration", literal(&coupon.duration))
        .maybe("duration_in_months", coupon.duration_in_months)
        .maybe("applies_to", (!applies.is_empty()).then_some(Value::List(applies)))
        .maybe("max_redemptions", coupon.max_redemptions)
        .maybe("redeem_by", coupon.redeem_by.and_then(moment))
        .maybe("metadata", metadata(&coupon.metadata))
        .maybe("env", maker.uses.take(&coupon.id));
    maker.refer(&coupon.id, phase::OFFERS, &item, "id");
    Some(item)
}

fn promotion_code(maker: &mut Maker<'_>, code: &PromotionCode) -> Option<Item> {
    let what = format!("promotion code `{}` is left out", lines::title(&code.code));
    if code.customer.is_some() {
        maker.not_carried(
            what,
            "it is for one customer, and test customers do not exist in live mode",
            "make it for the live customer when there is one",
        );
        return None;
    }
    let Some(coupon) = maker.reference(&code.coupon).cloned() else {
        maker.decide(
            what,
            format!("its coupon {} is not in the checklist", code.coupon),
            "import coupons as well, or take the code out of use",
        );
        return None;
    };
    let least = match code.minimum_amount.zip(code.minimum_amount_currency.as_ref()) {
        None => Ok(None),
        Some((minor, currency)) => money::whole(minor, currency).map(Some),
    };
    let further: Result<Vec<String>, String> =
        code.minimum_options.iter().map(|(currency, minor)| money::whole(*minor, currency)).collect();
    let (least, further) = match (least, further) {
        (Ok(least), Ok(further)) => (least, further),
        (Err(why), _) | (_, Err(why)) => {
            maker.decide(what, why, "make one that Stripe takes, then import again");
            return None;
        }
    };
    let title = lines::title(&code.code);
    let words = format!("code {title}");
    let item = maker
        .item(phase::OFFERS, "promotion_code", &code.id, &words, &format!("Code {title}"))
        .field("code", literal(&code.code))
        .field("coupon", coupon)
        .maybe("max_redemptions", code.max_redemptions)
        .maybe("expires_at", code.expires_at.and_then(moment))
        .maybe("first_time_transaction", code.first_time_transaction.then_some(true))
        .maybe("minimum_amount", least)
        .maybe("minimum_currencies", (!further.is_empty()).then(|| Value::list(further)))
        .maybe("metadata", metadata(&code.metadata))
        .maybe("env", maker.uses.take(&code.id));
    maker.refer(&code.id, phase::OFFERS, &item, "id");
    Some(item)
}
