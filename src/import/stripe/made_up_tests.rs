//! Accounts made of random numbers: every kind and field that a launch carries over, as Stripe would list
//! them. For the property tests of imports.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::inventory::Section;

/// Numbers that decide what an account holds; at its end there are only zeros, so that less of it is a
/// smaller account.
struct Tape<'t>(std::slice::Iter<'t, u32>);

/// Texts that have tripped somebody up.
const TEXTS: [&str; 8] =
    ["Pro", "Équipe \"A\"", "${vars.host} $$ {}", "it's \\ 'so'", "🚀", "日本 Plan", "]] = '''x''' #", "a  b\tc"];

impl Tape<'_> {
    fn pick(&mut self, among: usize) -> usize {
        self.0.next().map_or(0, |number| *number as usize % among)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.pick(choices.len())]
    }

    fn flag(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn text(&mut self) -> &'static str {
        self.one_of(&TEXTS)
    }

    fn metadata(&mut self) -> Json {
        (0..self.pick(3)).map(|n| (format!("key {n}"), json!(self.text()))).collect::<serde_json::Map<_, _>>().into()
    }

    /// Sets a member of an object, or does not.
    fn may(&mut self, object: &mut Json, name: &str, value: impl FnOnce(&mut Self) -> Json) {
        if self.flag() {
            object[name] = value(self);
        }
    }

    fn minor(&mut self) -> i64 {
        i64::try_from(self.pick(1_000_000)).unwrap() * 10
    }

    /// An amount of the smallest unit, or finer than that.
    fn amount(&mut self, object: &mut Json, name: &str, currency: &str) {
        let minor = self.minor();
        let fine = matches!(currency, "usd" | "eur") && self.pick(4) == 1;
        object[format!("{name}_decimal")] =
            if fine { format!("{minor}.{}5", self.pick(10)) } else { minor.to_string() }.into();
        object[name] = if fine { Json::Null } else { minor.into() };
    }
}

/// The account: a list for each section, and what its products entitle to.
pub(super) struct Account {
    pub(super) lists: BTreeMap<Section, Vec<Json>>,
    pub(super) entitled: BTreeMap<String, Vec<Json>>,
}

const MAIN: [&str; 4] = ["usd", "eur", "jpy", "kwd"];

impl Account {
    pub(super) fn of(numbers: &[u32]) -> Self {
        let mut tape = Tape(numbers.iter());
        let mut account = Self { lists: BTreeMap::new(), entitled: BTreeMap::new() };
        account.meters(&mut tape);
        account.products(&mut tape);
        account.offers(&mut tape);
        account.links(&mut tape);
        account.settings(&mut tape);
        account
    }

    pub(super) fn list(&mut self, section: Section) -> &mut Vec<Json> {
        self.lists.entry(section).or_default()
    }

    fn ids(&self, section: Section) -> Vec<String> {
        self.lists.get(&section).into_iter().flatten().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    fn meters(&mut self, tape: &mut Tape<'_>) {
        for n in 0..tape.pick(3) {
            let mut meter = json!({ "id": format!("mtr_{n}"), "status": "active", "event_name": format!("event {n}"),
                "display_name": format!("{} {n}", tape.text()), "default_aggregation": { "formula": tape.one_of(&["sum", "count", "last"]) },
                "customer_mapping": { "event_payload_key": tape.one_of(&["stripe_customer_id", "tenant"]), "type": "by_id" },
                "value_settings": { "event_payload_key": tape.one_of(&["value", "bytes"]) } });
            tape.may(&mut meter, "event_time_window", |tape| tape.one_of(&["day", "hour"]).into());
            self.list(Section::Meters).push(meter);
        }
        for n in 0..tape.pick(3) {
            let feature = json!({ "id": format!("feat_{n}"), "active": true, "lookup_key": format!("feature-{n}"),
                "name": format!("{} {n}", tape.text()), "metadata": tape.metadata() });
            self.list(Section::Features).push(feature);
        }
    }

    fn products(&mut self, tape: &mut Tape<'_>) {
        for n in 0..=tape.pick(3) {
            let id = tape.one_of(&[format!("prod_1Q9fTzKd3aQn8{n}").as_str(), format!("own-{n}").as_str()]).to_owned();
            let mut product = json!({ "id": id, "active": true, "name": format!("{} {n}", tape.text()),
                "images": vec!["https://a.example/x.png"; tape.pick(3)], "metadata": tape.metadata(),
                "marketing_features": vec![json!({ "name": "Fast" }); tape.pick(2)] });
            tape.may(&mut product, "description", |tape| format!("{}\nand more", tape.text()).into());
            tape.may(&mut product, "statement_descriptor", |_| "ACME PRO".into());
            tape.may(&mut product, "tax_code", |_| "txcd_10103001".into());
            tape.may(&mut product, "unit_label", |_| "seat".into());
            tape.may(&mut product, "url", |_| "https://a.example/${x}".into());
            tape.may(&mut product, "shippable", |tape| tape.flag().into());
            tape.may(
                &mut product,
                "package_dimensions",
                |_| json!({ "height": 1.5, "length": 2, "weight": 3.25, "width": 4.0 }),
            );
            let features = self.lists.get(&Section::Features).cloned().unwrap_or_default();
            let entitled: Vec<Json> = features.into_iter().filter(|_| tape.flag()).collect();
            let attached = entitled.iter().map(|feature| json!({ "id": "prodft_1", "entitlement_feature": feature }));
            self.entitled.insert(id.clone(), attached.collect());
            for number in 0..tape.pick(4) {
                let price = self.price(tape, &id, n * 10 + number);
                tape.may(&mut product, "default_price", |_| price["id"].clone());
                self.list(Section::Prices).push(price);
            }
            self.list(Section::Products).push(product);
        }
    }

    fn price(&self, tape: &mut Tape<'_>, product: &str, n: usize) -> Json {
        let currency = tape.one_of(&MAIN);
        let mut price = json!({ "id": format!("price_1Q9fTzKd3a{n:04}"), "active": true, "created": n, "product": product,
            "currency": currency, "tax_behavior": tape.one_of(&["unspecified", "exclusive", "inclusive"]),
            "metadata": tape.metadata(), "unit_amount": null, "unit_amount_decimal": null });
        let sort = tape.pick(4);
        let ends = [Json::from(tape.pick(50) + 1), Json::Null];
        charge(tape, &mut price, sort, &ends, currency);
        for other in MAIN.into_iter().filter(|other| *other != currency) {
            if tape.pick(3) == 1 {
                let mut option = json!({ "unit_amount": null, "unit_amount_decimal": null,
                    "tax_behavior": tape.one_of(&["unspecified", "exclusive", "inclusive"]) });
                charge(tape, &mut option, sort, &ends, other);
                price["currency_options"][other] = option;
            }
        }
        price["currency_options"][currency] = json!({ "unit_amount": price["unit_amount"] });
        match sort {
            2 => price["tiers_mode"] = tape.one_of(&["graduated", "volume"]).into(),
            0 => tape.may(
                &mut price,
                "transform_quantity",
                |tape| json!({ "divide_by": 12, "round": tape.one_of(&["up", "down"]) }),
            ),
            _ => {}
        }
        if sort == 2 || (sort != 3 && tape.flag()) {
            let meters = self.ids(Section::Meters);
            let meter = (!meters.is_empty() && tape.flag()).then(|| meters[tape.pick(meters.len())].clone());
            price["recurring"] = json!({ "interval": tape.one_of(&["day", "week", "month", "year"]),
                "interval_count": tape.pick(3) + 1, "usage_type": if meter.is_some() { "metered" } else { "licensed" }, "meter": meter });
            tape.may(&mut price["recurring"], "trial_period_days", |tape| (tape.pick(30) + 1).into());
        }
        tape.may(&mut price, "lookup_key", |tape| format!("{} {n}", tape.one_of(&["pro", "a.b-c", "Ü"])).into());
        tape.may(&mut price, "nickname", |tape| tape.text().into());
        price
    }

    fn offers(&mut self, tape: &mut Tape<'_>) {
        let products = self.ids(Section::Products);
        for n in 0..tape.pick(3) {
            let mut coupon = json!({ "id": format!("COUPON{n}"), "valid": true, "metadata": tape.metadata(),
                "duration": tape.one_of(&["once", "forever", "repeating"]) });
            if coupon["duration"] == "repeating" {
                coupon["duration_in_months"] = 3.into();
            }
            if tape.flag() {
                coupon["percent_off"] = json!(tape.one_of(&[20.0, 12.5, 8.875]));
            } else {
                coupon["amount_off"] = (tape.minor() + 10).into();
                coupon["currency"] = "eur".into();
                coupon["currency_options"] = json!({ "eur": { "amount_off": coupon["amount_off"] } });
                tape.may(&mut coupon["currency_options"], "usd", |tape| json!({ "amount_off": tape.minor() + 10 }));
            }
            tape.may(&mut coupon, "name", |tape| tape.text().into());
            tape.may(&mut coupon, "applies_to", |_| json!({ "products": products }));
            tape.may(&mut coupon, "max_redemptions", |tape| (tape.pick(90) + 1).into());
            tape.may(&mut coupon, "redeem_by", |tape| (1_893_455_999 + tape.pick(100)).into());
            self.list(Section::Coupons).push(coupon);
        }
        for n in 0..tape.pick(2) {
            let coupons = self.ids(Section::Coupons);
            let Some(coupon) = coupons.first() else { break };
            let mut rules = json!({ "first_time_transaction": tape.flag() });
            tape.may(&mut rules, "minimum_amount", |tape| (tape.minor() + 10).into());
            if rules["minimum_amount"].is_i64() {
                rules["minimum_amount_currency"] = "eur".into();
                tape.may(
                    &mut rules,
                    "currency_options",
                    |tape| json!({ "usd": { "minimum_amount": tape.minor() + 10 } }),
                );
            }
            let mut code = json!({ "id": format!("promo_{n}"), "active": true, "code": format!("CODE{n}"),
                "promotion": { "type": "coupon", "coupon": coupon }, "restrictions": rules, "metadata": tape.metadata() });
            tape.may(&mut code, "max_redemptions", |tape| (tape.pick(90) + 1).into());
            tape.may(&mut code, "expires_at", |tape| (1_893_455_999 + tape.pick(100)).into());
            self.list(Section::PromotionCodes).push(code);
        }
        self.rates(tape);
    }

    fn rates(&mut self, tape: &mut Tape<'_>) {
        for n in 0..tape.pick(3) {
            let mut rate = json!({ "id": format!("txr_{n}"), "active": true, "inclusive": tape.flag(), "metadata": tape.metadata(),
                "display_name": format!("{} {n}", tape.text()), "percentage": tape.one_of(&[20.0, 8.875, 5.0]) });
            for (name, value) in [
                ("country", "US"),
                ("state", "NY"),
                ("jurisdiction", "US - NY"),
                ("tax_type", "sales_tax"),
                ("description", "New York"),
            ] {
                tape.may(&mut rate, name, |_| value.into());
            }
            self.list(Section::TaxRates).push(rate);
        }
        for n in 0..tape.pick(3) {
            let mut amount = json!({ "amount": tape.minor(), "currency": "eur" });
            tape.may(&mut amount, "currency_options", |tape| json!({ "usd": { "amount": tape.minor() } }));
            let mut rate = json!({ "id": format!("shr_{n}"), "active": true, "display_name": format!("{} {n}", tape.text()),
                "type": "fixed_amount", "fixed_amount": amount, "metadata": tape.metadata(),
                "tax_behavior": tape.one_of(&["unspecified", "exclusive"]) });
            tape.may(&mut rate, "tax_code", |_| "txcd_92010001".into());
            tape.may(&mut rate, "delivery_estimate", |tape| {
                let bound = |tape: &mut Tape<'_>, value: i64| json!({ "unit": tape.one_of(&["day", "business_day", "week"]), "value": value });
                let mut estimate = json!({ "maximum": bound(tape, 9) });
                tape.may(&mut estimate, "minimum", |tape| bound(tape, 1));
                estimate
            });
            self.list(Section::ShippingRates).push(rate);
        }
    }

    fn links(&mut self, tape: &mut Tape<'_>) {
        let prices = self.lists.get(&Section::Prices).cloned().unwrap_or_default();
        for (n, price) in prices.iter().enumerate().filter(|_| tape.pick(4) == 1).take(2).collect::<Vec<_>>() {
            let mut line = json!({ "price": price, "quantity": tape.pick(3) + 1 });
            tape.may(&mut line, "adjustable_quantity", |_| json!({ "enabled": true, "minimum": 1, "maximum": 9 }));
            let mut link = json!({ "id": format!("plink_{n}"), "active": true, "url": format!("https://buy.stripe.com/test_{n}"),
                "line_items": { "data": [line], "has_more": false }, "allow_promotion_codes": tape.flag(), "metadata": tape.metadata(),
                "automatic_tax": { "enabled": tape.flag() }, "billing_address_collection": tape.one_of(&["auto", "required"]),
                "after_completion": { "type": "hosted_confirmation", "hosted_confirmation": { "custom_message": null } } });
            if tape.flag() {
                link["after_completion"] =
                    json!({ "type": "redirect", "redirect": { "url": "https://a.example/thanks?x=${y}" } });
            }
            tape.may(&mut link, "shipping_address_collection", |_| json!({ "allowed_countries": ["DE", "US"] }));
            tape.may(&mut link, "phone_number_collection", |_| json!({ "enabled": true }));
            tape.may(&mut link, "custom_text", |tape| json!({ "submit": { "message": tape.text() } }));
            self.list(Section::PaymentLinks).push(link);
        }
    }

    fn settings(&mut self, tape: &mut Tape<'_>) {
        let mut methods =
            json!({ "id": "pmc_1", "name": "Default", "active": true, "is_default": true, "application": null });
        for name in ["card", "klarna", "link", "sepa_debit"] {
            let value = if name == "card" || tape.flag() { "on" } else { "off" };
            methods[name] = json!({ "available": value == "on", "display_preference": { "preference": value, "value": value, "overridable": null } });
        }
        self.list(Section::PaymentMethods).push(methods);
        if tape.flag() {
            let prices = self.lists.get(&Section::Prices).cloned().unwrap_or_default();
            let offered = prices
                .iter()
                .find(|price| price["recurring"].is_object())
                .map(|price| json!([{ "product": price["product"], "prices": [price["id"]] }]));
            let update = json!({ "enabled": offered.is_some(), "default_allowed_updates": ["price"], "products": offered.unwrap_or(json!([])),
                "proration_behavior": tape.one_of(&["none", "create_prorations"]) });
            let portal = json!({ "id": "bpc_1", "active": true, "is_default": true, "application": null, "metadata": tape.metadata(),
                "business_profile": { "headline": "Acme ${x}", "privacy_policy_url": "https://a.example/p", "terms_of_service_url": null },
                "default_return_url": "https://a.example/back", "login_page": { "enabled": tape.flag(), "url": null },
                "features": { "customer_update": { "enabled": tape.flag(), "allowed_updates": ["email", "tax_id"] },
                    "invoice_history": { "enabled": tape.flag() }, "payment_method_update": { "enabled": tape.flag() },
                    "subscription_cancel": { "enabled": tape.flag(), "mode": tape.one_of(&["at_period_end", "immediately"]),
                        "proration_behavior": "none", "cancellation_reason": { "enabled": tape.flag(), "options": ["unused"] } },
                    "subscription_update": update } });
            self.list(Section::Portals).push(portal);
        }
    }
}

/// What is charged in a currency: an amount, what the customer likes, or tiers.
fn charge(tape: &mut Tape<'_>, object: &mut Json, sort: usize, ends: &[Json; 2], currency: &str) {
    match sort {
        2 => {
            let tiers = ends.iter().map(|end| {
                let mut tier = json!({ "up_to": end, "flat_amount": null, "flat_amount_decimal": null });
                tape.amount(&mut tier, "unit_amount", currency);
                if tape.flag() {
                    tape.amount(&mut tier, "flat_amount", currency);
                }
                tier
            });
            object["tiers"] = tiers.collect();
        }
        3 => {
            let least = tape.minor() + 10;
            let mut bounds = json!({ "minimum": null, "maximum": null, "preset": null });
            tape.may(&mut bounds, "minimum", |_| least.into());
            tape.may(&mut bounds, "maximum", |_| (least + 1000).into());
            tape.may(&mut bounds, "preset", |_| (least + 500).into());
            object["custom_unit_amount"] = bounds;
        }
        _ => tape.amount(object, "unit_amount", currency),
    }
}
