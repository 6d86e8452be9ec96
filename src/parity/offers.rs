//! Coupons, promotion codes, tax and shipping rates, payment links: how they are paired, and which fields
//! they have.

use super::fields::{Fields, money, nested, number};
use super::names::{Names, content, key, mark};
use super::{Compared, Pairs, Round, Side, Sides, tell};
use crate::inventory::{Coupon, Line, PaymentLink, PromotionCode, Section, ShippingRate, TaxRate};

pub(super) fn pairs(names: &Names, sides: &Sides<'_>, section: Section) -> Pairs {
    let (test, live) = (sides.test, sides.live);
    match section {
        Section::Coupons => {
            let rounds = [
                Round::unique("the id", |_, coupon: &Coupon| key(&[&coupon.id])),
                Round::unique("golive's mark", |_, coupon: &Coupon| mark(&coupon.metadata)),
                Round::alike("the same content", |side, coupon: &Coupon| content(&coupon_fields(names, side, coupon))),
                Round::unique("the name", |_, coupon: &Coupon| key(&[coupon.name.as_deref()?])),
            ];
            Pairs::of(&test.coupons, &live.coupons, &rounds)
        }
        Section::PromotionCodes => {
            let code = Round::alike("the code", |_, code: &PromotionCode| key(&[&code.code.to_uppercase()]));
            Pairs::of(&test.promotion_codes, &live.promotion_codes, &[code])
        }
        Section::TaxRates => {
            let place = |_, rate: &TaxRate| {
                key(&[&rate.display_name, rate.country.as_deref()?, rate.state.as_deref().unwrap_or_default()])
            };
            let rounds = [
                Round::unique("golive's mark", |_, rate: &TaxRate| mark(&rate.metadata)),
                Round::alike("the same content", |side, rate: &TaxRate| content(&tax_fields(names, side, rate))),
                Round::unique("name and place", place),
                Round::unique("the name", |_, rate: &TaxRate| key(&[&rate.display_name])),
                Round::unique("being the only one left", |_, _: &TaxRate| Some("only".into())),
            ];
            Pairs::of(&test.tax_rates, &live.tax_rates, &rounds)
        }
        Section::ShippingRates => {
            let rounds = [
                Round::unique("golive's mark", |_, rate: &ShippingRate| mark(&rate.metadata)),
                Round::alike("the same content", |side, rate: &ShippingRate| {
                    content(&shipping_fields(names, side, rate))
                }),
                Round::unique("name and currency", |_, rate: &ShippingRate| key(&[&rate.display_name, &rate.currency])),
                Round::unique("the name", |_, rate: &ShippingRate| key(&[&rate.display_name])),
                Round::unique("being the only one left", |_, _: &ShippingRate| Some("only".into())),
            ];
            Pairs::of(&test.shipping_rates, &live.shipping_rates, &rounds)
        }
        _ => {
            let rounds = [
                Round::unique("golive's mark", |_, link: &PaymentLink| mark(&link.metadata)),
                Round::alike("the same content", |side, link: &PaymentLink| content(&link_fields(names, side, link))),
                Round::unique("what it sells", |side, link: &PaymentLink| key(&[&lines(names, side, link)])),
                Round::unique("being the only one left", |_, _: &PaymentLink| Some("only".into())),
            ];
            Pairs::of(&test.payment_links, &live.payment_links, &rounds)
        }
    }
}

pub(super) fn compare(names: &Names, sides: &Sides<'_>, pairs: &Pairs, compared: &mut Compared) {
    let (test, live) = (sides.test, sides.live);
    match compared.section {
        Section::Coupons => tell(
            compared,
            (&test.coupons, &live.coupons),
            pairs,
            |coupon| &coupon.id,
            |_, coupon| coupon.id.clone(),
            |side, coupon| coupon_fields(names, side, coupon),
        ),
        Section::PromotionCodes => tell(
            compared,
            (&test.promotion_codes, &live.promotion_codes),
            pairs,
            |code| &code.id,
            |_, code| code.code.clone(),
            |side, code| code_fields(names, side, code),
        ),
        Section::TaxRates => tell(
            compared,
            (&test.tax_rates, &live.tax_rates),
            pairs,
            |rate| &rate.id,
            |_, rate| format!("{} {}%", rate.display_name, number(&rate.percentage)),
            |side, rate| tax_fields(names, side, rate),
        ),
        Section::ShippingRates => tell(
            compared,
            (&test.shipping_rates, &live.shipping_rates),
            pairs,
            |rate| &rate.id,
            |_, rate| rate.display_name.clone(),
            |side, rate| shipping_fields(names, side, rate),
        ),
        _ => tell(
            compared,
            (&test.payment_links, &live.payment_links),
            pairs,
            |link| &link.id,
            |side, link| lines(names, side, link),
            |side, link| link_fields(names, side, link),
        ),
    }
}

fn coupon_fields(names: &Names, side: Side, coupon: &Coupon) -> Fields {
    let currency = coupon.currency.as_deref().unwrap_or_default();
    let mut fields = Fields::default();
    // Customers read the id where there is no name.
    fields.put("name", coupon.name.as_deref().unwrap_or(&coupon.id));
    fields.may("percent_off", coupon.percent_off.as_ref().map(|percent| format!("{}%", number(percent))));
    fields.may("amount_off", coupon.amount_off.map(|minor| money(minor, currency)));
    let mut options = coupon.currency_options.clone();
    // Stripe repeats the coupon's own currency among them.
    options.remove(currency);
    fields.currencies("currency_options", &options);
    fields.put("duration", &coupon.duration);
    fields.count("duration_in_months", coupon.duration_in_months);
    let products: Option<Vec<String>> =
        coupon.applies_to.iter().map(|product| names.name(side, Section::Products, product)).collect();
    fields.set("applies_to", products.unwrap_or_default());
    fields.count("max_redemptions", coupon.max_redemptions);
    fields.moment("redeem_by", coupon.redeem_by);
    fields.metadata(names, side, &coupon.metadata);
    fields
}

fn code_fields(names: &Names, side: Side, code: &PromotionCode) -> Fields {
    let currency = code.minimum_amount_currency.as_deref().unwrap_or_default();
    let mut fields = Fields::default();
    let coupon = names.name(side, Section::Coupons, &code.coupon);
    fields.may("coupon", coupon);
    // Customers of test mode are nobody in live mode.
    fields.may("customer", code.customer.as_ref().map(|_| "one customer"));
    fields.count("max_redemptions", code.max_redemptions);
    fields.moment("expires_at", code.expires_at);
    fields.switch("first_time_transaction", code.first_time_transaction);
    fields.may("minimum_amount", code.minimum_amount.map(|minor| money(minor, currency)));
    fields.currencies("minimum_amount", &code.minimum_options);
    fields.metadata(names, side, &code.metadata);
    fields
}

fn tax_fields(names: &Names, side: Side, rate: &TaxRate) -> Fields {
    let mut fields = Fields::default();
    fields.put("display_name", &rate.display_name);
    fields.put("percentage", format!("{}%", number(&rate.percentage)));
    fields.put("inclusive", if rate.inclusive { "true" } else { "false" });
    fields.may("country", rate.country.as_deref());
    fields.may("state", rate.state.as_deref());
    fields.may("jurisdiction", rate.jurisdiction.as_deref());
    fields.may("tax_type", rate.tax_type.as_deref());
    fields.may("description", rate.description.as_deref());
    fields.metadata(names, side, &rate.metadata);
    fields
}

fn shipping_fields(names: &Names, side: Side, rate: &ShippingRate) -> Fields {
    let mut fields = Fields::default();
    fields.put("display_name", &rate.display_name);
    fields.put("amount", money(rate.amount, &rate.currency));
    fields.currencies("currency_options", &rate.currency_options);
    let bound = |bound: &Option<(i64, String)>| {
        bound.as_ref().map(|(value, unit)| format!("{value} {}", unit.replace('_', " ")))
    };
    fields.may("delivery_estimate.minimum", bound(&rate.minimum));
    fields.may("delivery_estimate.maximum", bound(&rate.maximum));
    fields.may("tax_behavior", rate.tax_behavior.as_deref().filter(|behavior| *behavior != "unspecified"));
    fields.may("tax_code", rate.tax_code.as_deref());
    fields.metadata(names, side, &rate.metadata);
    fields
}

/// `2 × pro_monthly`, which is what a payment link is known by.
fn lines(names: &Names, side: Side, link: &PaymentLink) -> String {
    let one = |line: &Line| {
        let price = names.name(side, Section::Prices, &line.price).unwrap_or_else(|| "a price".to_owned());
        let chosen = line
            .adjustable
            .map(|(least, most)| format!(" (buyers choose {} to {})", least.unwrap_or_default(), most.unwrap_or(99)));
        format!("{} × {price}{}", line.quantity, chosen.unwrap_or_default())
    };
    link.lines.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn link_fields(names: &Names, side: Side, link: &PaymentLink) -> Fields {
    let mut fields = Fields::default();
    fields.put("line_items", lines(names, side, link));
    fields.switch("allow_promotion_codes", link.allow_promotion_codes);
    fields.may("after_completion.redirect.url", link.redirect.as_deref());
    fields.may("after_completion.hosted_confirmation.custom_message", link.confirmation.as_deref());
    fields.switch("automatic_tax", link.automatic_tax);
    fields.may(
        "billing_address_collection",
        link.billing_address_collection.as_deref().filter(|collection| *collection != "auto"),
    );
    fields.set("shipping_address_collection", &link.shipping_countries);
    fields.may("subscription_data.trial_period_days", link.trial_period_days.map(|days| days.to_string()));
    for (name, value) in &link.others {
        fields.put(name, nested(names, side, value));
    }
    fields.metadata(names, side, &link.metadata);
    fields
}
