#!/usr/bin/env python3
"""Drives a running `golive sandbox` with Stripe's official Python SDK, through the contract proxy.

  sdk.py SANDBOX_JSON PROXY_LOG PROXY_URL

Fails on an SDK error that is not expected, and on any violation in the proxy's log other than the
fields that the real API sends although the description does not declare them (recorded, see
tests/recordings/catalog.jsonl: product `attributes`, `type`, `tax_details`; `trial_period_days`) or
that newer versions have (`plan`, `billing_schedules`, the `network` of a disputed card).
"""
import html.parser, json, re, sys, time, urllib.error, urllib.parse, urllib.request, uuid

import stripe

SANDBOX, LOG, PROXY = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
UNDECLARED = re.compile(r"^undeclared: response\.(.*\.)?(attributes|type|tax_details|recurring\.trial_period_days|plan|billing_schedules|payment_method_details\.card\.network)$")
DONE = []


def client(key):
    return stripe.StripeClient(key, base_addresses={"api": PROXY}, stripe_version="2026-01-28.clover", max_network_retries=0)


def expect(kind, call, *parts):
    try:
        call()
    except kind as error:
        text = f"{error.code} {error.http_status} {error}"
        missing = [p for p in parts if str(p) not in text]
        assert not missing, f"{missing} not in {text!r}"
        DONE.append(kind.__name__)
        return
    raise AssertionError(f"no {kind.__name__} from {parts}")


def catalog(c):
    name = uuid.uuid4().hex[:8]
    product = c.v1.products.create({"name": "Pro", "id": "pro_" + name, "metadata": {"golive": "pro"}, "images": ["https://e.example/a.png"],
                                    "default_price_data": {"currency": "cad", "unit_amount": 5000, "recurring": {"interval": "month"}}})
    assert c.v1.products.retrieve(product.id, {"expand": ["default_price"]}).default_price.unit_amount == 5000
    c.v1.products.update(product.id, {"description": "New", "metadata": {"golive": "", "other": "1"}})
    assert c.v1.products.retrieve(product.id).metadata.to_dict() == {"other": "1"}
    assert [p.id for p in c.v1.products.list({"ids": [product.id]}).data] == [product.id]
    yearly = c.v1.prices.create({"product": product.id, "currency": "cad", "unit_amount": 30000, "lookup_key": "year_" + name,
                                 "recurring": {"interval": "year"}, "currency_options": {"usd": {"unit_amount": 25000}}, "nickname": "Annual"})
    tiered = c.v1.prices.create({"product": product.id, "currency": "cad", "billing_scheme": "tiered", "tiers_mode": "graduated", "recurring": {"interval": "month"},
                                 "tiers": [{"up_to": 10, "unit_amount": 500}, {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount": 100}], "expand": ["tiers"]})
    assert tiered.tiers[1].up_to is None and tiered.tiers[1].unit_amount_decimal is not None
    once = c.v1.prices.create({"product": product.id, "currency": "jpy", "unit_amount": 900, "transform_quantity": {"divide_by": 3, "round": "up"}})
    c.v1.prices.create({"currency": "usd", "product_data": {"name": "Gift"}, "custom_unit_amount": {"enabled": True, "preset": 500}})
    found = c.v1.prices.list({"lookup_keys": ["year_" + name], "expand": ["data.product", "data.currency_options", "data.tiers"]}).data
    assert found[0].product.id == product.id and found[0].currency_options["usd"].unit_amount == 25000
    assert len(list(c.v1.prices.list({"product": product.id, "limit": 1}).auto_paging_iter())) == 4
    c.v1.prices.update(once.id, {"active": False, "metadata": {"a": "b"}})
    assert c.v1.prices.retrieve(once.id).active is False
    expect(stripe.InvalidRequestError, lambda: c.v1.prices.create({"product": product.id, "currency": "cad", "unit_amount": 1, "lookup_key": "year_" + name}), "already uses")
    expect(stripe.InvalidRequestError, lambda: c.v1.products.create({"name": "Pro", "id": product.id}), "resource_already_exists")
    expect(stripe.InvalidRequestError, lambda: c.v1.prices.update(product.default_price, {"active": False}), "default price of its product")
    expect(stripe.InvalidRequestError, lambda: c.v1.products.delete(product.id), "cannot be deleted")
    bare = c.v1.products.create({"name": "Bare"})
    assert c.v1.products.delete(bare.id).deleted
    expect(stripe.InvalidRequestError, lambda: c.v1.products.retrieve(bare.id), "resource_missing", 404)
    return yearly


def offers(c):
    name = uuid.uuid4().hex[:8]
    meter = c.v1.billing.meters.create({"display_name": "Calls", "event_name": "calls_" + name, "default_aggregation": {"formula": "sum"},
                                        "customer_mapping": {"type": "by_id", "event_payload_key": "customer"}, "value_settings": {"event_payload_key": "n"}})
    assert (meter.status, meter.customer_mapping.event_payload_key) == ("active", "customer")
    expect(stripe.InvalidRequestError, lambda: c.v1.billing.meters.create({"display_name": "Two", "event_name": "calls_" + name, "default_aggregation": {"formula": "sum"}}), "already exists")
    assert c.v1.billing.meters.update(meter.id, {"display_name": "API calls"}).display_name == "API calls"
    assert c.v1.billing.meters.deactivate(meter.id).status_transitions.deactivated_at
    assert meter.id in [m.id for m in c.v1.billing.meters.list({"status": "inactive"}).data]
    assert c.v1.billing.meters.reactivate(meter.id).status == "active" and c.v1.billing.meters.retrieve(meter.id).updated
    metered = c.v1.prices.create({"currency": "usd", "unit_amount_decimal": "0.5", "product_data": {"name": "Calls"}, "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id}})
    assert metered.recurring.meter == meter.id and metered.unit_amount is None
    coupon = c.v1.coupons.create({"id": "L5_" + name, "amount_off": 500, "currency": "usd", "currency_options": {"eur": {"amount_off": 400}}, "duration": "repeating",
                                  "duration_in_months": 3, "applies_to": {"products": [metered.product]}, "redeem_by": int(time.time()) + 86400, "max_redemptions": 5, "name": "Five"})
    assert not hasattr(coupon, "applies_to")
    coupon = c.v1.coupons.retrieve(coupon.id, {"expand": ["applies_to", "currency_options"]})
    assert coupon.applies_to.products == [metered.product] and coupon.currency_options["eur"].amount_off == 400
    assert c.v1.coupons.update(coupon.id, {"name": "Welcome", "metadata": {"a": "1"}}).name == "Welcome"
    assert coupon.id in [x.id for x in c.v1.coupons.list({"limit": 3}).data]
    expect(stripe.InvalidRequestError, lambda: c.v1.coupons.create({"id": coupon.id, "percent_off": 5}), "resource_already_exists")
    code = c.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "GO-" + name, "expires_at": int(time.time()) + 3600,
                                        "restrictions": {"first_time_transaction": True, "minimum_amount": 1000, "minimum_amount_currency": "usd"}})
    assert c.v1.promotion_codes.retrieve(code.id, {"expand": ["promotion.coupon"]}).promotion.coupon.id == coupon.id
    assert [x.id for x in c.v1.promotion_codes.list({"code": ("go-" + name).upper(), "active": True}).data] == [code.id]
    expect(stripe.InvalidRequestError, lambda: c.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "go-" + name}), "already exists")
    assert c.v1.promotion_codes.update(code.id, {"active": False}).active is False
    bare = c.v1.coupons.create({"percent_off": 12.5, "duration": "once"})
    assert c.v1.coupons.delete(bare.id).deleted
    rate = c.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True, "country": "DE", "tax_type": "vat"})
    assert c.v1.tax_rates.update(rate.id, {"active": False, "description": "old"}).active is False
    assert rate.id in [x.id for x in c.v1.tax_rates.list({"active": False}).data] and c.v1.tax_rates.retrieve(rate.id).percentage == 20
    ground = c.v1.shipping_rates.create({"display_name": "Ground", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "cad", "currency_options": {"eur": {"amount": 400}}},
                                         "delivery_estimate": {"minimum": {"unit": "business_day", "value": 3}, "maximum": {"unit": "business_day", "value": 5}}})
    ground = c.v1.shipping_rates.retrieve(ground.id, {"expand": ["fixed_amount.currency_options"]})
    assert ground.fixed_amount.currency_options["eur"].amount == 400 and ground.delivery_estimate.maximum.value == 5
    assert c.v1.shipping_rates.update(ground.id, {"tax_behavior": "exclusive", "metadata": {"a": "1"}}).tax_behavior == "exclusive"
    assert ground.id in [x.id for x in c.v1.shipping_rates.list({"active": True, "currency": "cad"}).data]
    return ground


def links(c, yearly, ground):
    link = c.v1.payment_links.create({"line_items": [{"price": yearly.id, "quantity": 2}], "allow_promotion_codes": True, "subscription_data": {"trial_period_days": 7},
                                      "after_completion": {"type": "redirect", "redirect": {"url": "https://shop.example/thanks"}}, "shipping_options": [],
                                      "shipping_address_collection": {"allowed_countries": ["CA"]}, "automatic_tax": {"enabled": True}})
    assert "/b/" in link.url and link.subscription_data.trial_period_days == 7
    assert c.v1.payment_links.line_items.list(link.id).data[0].price.id == yearly.id
    shown = c.v1.payment_links.retrieve(link.id, {"expand": ["line_items"]})
    assert shown.line_items.data[0].quantity == 2 and shown.after_completion.redirect.url.endswith("/thanks")
    once = c.v1.prices.create({"currency": "cad", "unit_amount": 1000, "product_data": {"name": "Mug"}})
    mug = c.v1.payment_links.create({"line_items": [{"price": once.id, "quantity": 1}], "shipping_options": [{"shipping_rate": ground.id}]})
    assert mug.shipping_options[0].shipping_rate == ground.id and mug.customer_creation == "if_required"
    off = c.v1.payment_links.update(link.id, {"active": False, "after_completion": {"type": "hosted_confirmation"}, "metadata": {"a": "1"}})
    assert off.active is False and off.after_completion.type == "hosted_confirmation"
    assert [x.id for x in c.v1.payment_links.list({"active": True, "limit": 1, "expand": ["data.line_items"]}).data] == [mug.id]
    expect(stripe.InvalidRequestError, lambda: c.v1.payment_links.create({"line_items": [{"price": "price_nope", "quantity": 1}]}), "resource_missing")
    asks = {"custom_fields": [{"key": "team", "label": {"type": "custom", "custom": "Team"}, "type": "dropdown", "dropdown": {"options": [{"label": "A", "value": "a"}]}},
                              {"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "numeric", "optional": True, "numeric": {"maximum_length": 2}}],
            "custom_text": {"submit": {"message": "Thank you"}}, "name_collection": {"business": {"enabled": True}}, "phone_number_collection": {"enabled": True},
            "restrictions": {"completed_sessions": {"limit": 5}}, "tax_id_collection": {"enabled": True, "required": "if_supported"}}
    full = c.v1.payment_links.create(asks | {"line_items": [{"price": once.id, "quantity": 1, "adjustable_quantity": {"enabled": True, "minimum": 1, "maximum": 9}}],
                                             "consent_collection": {"terms_of_service": "required"}, "payment_intent_data": {"capture_method": "manual", "metadata": {"a": "1"}},
                                             "invoice_creation": {"enabled": True, "invoice_data": {"footer": "Bye", "rendering_options": {"amount_tax_display": "exclude_tax"}}}})
    full = c.v1.payment_links.retrieve(full.id, {"expand": ["line_items"]})
    assert full.line_items.data[0].adjustable_quantity.maximum == 9 and full.restrictions.completed_sessions.limit == 5
    assert full.custom_fields[0].dropdown.options[0].value == "a" and full.invoice_creation.invoice_data.footer == "Bye"
    full = c.v1.payment_links.update(full.id, {"custom_fields": "", "restrictions": "", "name_collection": "", "custom_text": {"submit": ""}})
    assert full.custom_fields == [] and full.restrictions is None and full.custom_text.submit is None and not hasattr(full, "name_collection")
    monthly = c.v1.payment_links.create({"line_items": [{"price": yearly.id, "quantity": 1}], "subscription_data": {
        "description": "Pro", "metadata": {"plan": "pro"}, "trial_period_days": 7, "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}}})
    assert monthly.subscription_data.metadata["plan"] == "pro"
    entitlements(c, once.product)
    kinds = {e.type for e in c.v1.events.list({"limit": 100}).data}
    assert kinds >= {"coupon.created", "coupon.updated", "coupon.deleted", "promotion_code.created", "promotion_code.updated", "tax_rate.created", "tax_rate.updated",
                     "payment_link.created", "payment_link.updated", "billing.meter.created", "billing.meter.deactivated", "billing.meter.reactivated", "billing.meter.updated"}, kinds


def entitlements(c, product):
    name = uuid.uuid4().hex[:8]
    feature = c.v1.entitlements.features.create({"name": "API access", "lookup_key": "api_" + name, "metadata": {"a": "1"}})
    expect(stripe.InvalidRequestError, lambda: c.v1.entitlements.features.create({"name": "Two", "lookup_key": "api_" + name}), "already exists")
    assert c.v1.entitlements.features.update(feature.id, {"name": "API"}).name == "API"
    attached = c.v1.products.features.create(product, {"entitlement_feature": feature.id})
    assert attached.entitlement_feature.lookup_key == "api_" + name
    assert [x.entitlement_feature.id for x in c.v1.products.features.list(product).data] == [feature.id]
    expect(stripe.InvalidRequestError, lambda: c.v1.products.features.create(product, {"entitlement_feature": feature.id}), "already attached")
    expect(stripe.InvalidRequestError, lambda: c.v1.products.features.create(product, {"entitlement_feature": "feat_nope"}), "resource_missing")
    assert [x.id for x in c.v1.entitlements.features.list({"lookup_key": "api_" + name, "archived": False}).data] == [feature.id]
    assert c.v1.entitlements.features.update(feature.id, {"active": False}).active is False
    assert not c.v1.entitlements.features.retrieve(feature.id).active


def webhooks(c):
    hook = c.v1.webhook_endpoints.create({"url": "https://shop.example/hook", "enabled_events": ["product.updated", "checkout.session.completed"], "api_version": "2026-01-28.clover"})
    assert hook.secret.startswith("whsec_")
    c.v1.webhook_endpoints.update(hook.id, {"description": "golive", "metadata": {"a": "1"}})
    assert not hasattr(c.v1.webhook_endpoints.retrieve(hook.id), "secret")
    assert hook.id in [h.id for h in c.v1.webhook_endpoints.list().data]
    product = c.v1.products.create({"name": "Seen"})
    c.v1.products.update(product.id, {"name": "Seen again"})
    event = c.v1.events.list({"type": "product.updated", "limit": 1}).data[0]
    assert event.data.object.id == product.id and event.data.previous_attributes["name"] == "Seen"
    for _ in range(100):
        if c.v1.events.retrieve(event.id).pending_webhooks == 0:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the demo shop never accepted the event")
    c.v1.webhook_endpoints.delete(hook.id)


PAYS, DECLINED, WARNED, DISPUTED = "4242424242424242", "4000000000000002", "4000000000005423", "4000000000000259"
LIVE_PAYS, LIVE_DECLINED = "4821000000000009", PAYS


class Fields(html.parser.HTMLParser):
    """The names of a form's fields, as a browser would send them."""

    def __init__(self, page):
        super().__init__()
        self.names = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "input" and attrs.get("name"):
            self.names[attrs["name"]] = attrs.get("value") or ""


def submit(url, card, **more):
    """Fills in the page's form and posts it: the status and where it leads."""
    form = Fields(urllib.request.urlopen(url).read().decode()).names
    given = {"email": "ada@b.example", "card": card, "expiry": "12 / 34", "cvc": "123", "name": "Ada"} | more
    form.update({name: value for name, value in given.items() if name in form})
    opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *a: None}))
    try:
        opener.open(url, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get("location")
    raise AssertionError("the page took the form and stayed")


def checkout(c, yearly, test):
    session = c.v1.checkout.sessions.create({"mode": "subscription", "line_items": [{"price": yearly.id, "quantity": 1}],
                                             "success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}", "cancel_url": "https://shop.example/"})
    assert yearly.unit_amount == session.amount_total
    assert c.v1.checkout.sessions.line_items.list(session.id).data[0].price.id == yearly.id
    assert b"300.00 CAD" in urllib.request.urlopen(session.url).read()
    assert c.v1.checkout.sessions.update(session.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"
    assert c.v1.checkout.sessions.expire(session.id).status == "expired"
    expect(stripe.InvalidRequestError, lambda: c.v1.checkout.sessions.expire(session.id), "can be expired")
    one = c.v1.prices.create({"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Ticket"}})
    paid = c.v1.checkout.sessions.create({"mode": "payment", "line_items": [{"price": one.id, "quantity": 2}], "success_url": "https://shop.example/ok"})
    assert submit(paid.url, DECLINED if test else LIVE_DECLINED)[0] == 402
    assert submit(paid.url, PAYS if test else LIVE_PAYS) == (303, "https://shop.example/ok")
    paid = c.v1.checkout.sessions.retrieve(paid.id, {"expand": ["line_items", "payment_intent"]})
    assert (paid.status, paid.payment_status, paid.payment_intent.status) == ("complete", "paid", "succeeded")
    assert c.v1.payment_intents.retrieve(paid.payment_intent.id).amount_received == 2000
    assert c.v1.checkout.sessions.list({"status": "complete", "limit": 3}).data[0].id == paid.id
    assert c.v1.events.list({"types": ["checkout.session.completed", "checkout.session.expired"]}).data


def money(c, yearly, test):
    """What a purchase leaves, read and changed with the SDK."""
    line = {"price": yearly.id, "quantity": 1}
    bought = c.v1.checkout.sessions.create({"mode": "subscription", "line_items": [line], "success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
                                            "subscription_data": {"metadata": {"seat": "1"}}})
    assert submit(bought.url, WARNED if test else LIVE_PAYS) == (303, "https://shop.example/ok?s=" + bought.id)
    bought = c.v1.checkout.sessions.retrieve(bought.id, {"expand": ["customer", "subscription.latest_invoice.payments", "invoice"]})
    subscription, invoice = bought.subscription, bought.invoice
    assert (bought.customer.email, subscription.status, invoice.status) == ("ada@b.example", "active", "paid")
    assert subscription.metadata["seat"] == "1" and subscription["items"].data[0].price.id == yearly.id
    intent = c.v1.payment_intents.retrieve(subscription.latest_invoice.payments.data[0].payment.payment_intent, {"expand": ["latest_charge.balance_transaction"]})
    charge = intent.latest_charge
    assert charge.payment_method_details.card.last4 == ("5423" if test else "0009") and charge.balance_transaction.amount == 30000
    assert c.v1.payment_intents.list({"customer": bought.customer.id}).data[0].id == intent.id
    assert c.v1.charges.list({"payment_intent": intent.id}).data[0].id == charge.id
    assert c.v1.charges.retrieve(charge.id).receipt_url
    assert c.v1.invoices.retrieve(invoice.id).amount_paid == c.v1.invoices.list({"subscription": subscription.id}).data[0].amount_paid == 30000
    assert c.v1.customers.retrieve(bought.customer.id).id in [found.id for found in c.v1.customers.list({"email": "ada@b.example"}).data]
    part = c.v1.refunds.create({"payment_intent": intent.id, "amount": 1000, "reason": "requested_by_customer"})
    assert part.status == "succeeded" and c.v1.refunds.retrieve(part.id, {"expand": ["charge"]}).charge.amount_refunded == 1000
    expect(stripe.InvalidRequestError, lambda: c.v1.refunds.create({"charge": charge.id, "amount": 29001}), "is greater than unrefunded amount on charge (CA$290.00)")
    c.v1.refunds.create({"charge": charge.id})
    expect(stripe.InvalidRequestError, lambda: c.v1.refunds.create({"charge": charge.id}), "charge_already_refunded")
    assert len(c.v1.refunds.list({"payment_intent": intent.id}).data) == 2
    assert c.v1.refunds.update(part.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"
    assert c.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True}).cancel_at
    assert subscription.id in [found.id for found in c.v1.subscriptions.list({"customer": bought.customer.id}).data]
    assert c.v1.subscriptions.cancel(subscription.id).status == "canceled"
    expect(stripe.InvalidRequestError, lambda: c.v1.subscriptions.cancel(subscription.id), "No such subscription", 404)
    assert c.v1.subscriptions.retrieve(subscription.id).ended_at
    if test:
        fraud(c, intent)
    trial = c.v1.checkout.sessions.create({"mode": "subscription", "line_items": [line], "success_url": "https://shop.example/ok", "customer": bought.customer.id,
                                           "subscription_data": {"trial_period_days": 7}})
    assert submit(trial.url, PAYS if test else LIVE_PAYS)[0] == 303
    trial = c.v1.checkout.sessions.retrieve(trial.id, {"expand": ["subscription"]})
    assert (trial.payment_status, trial.subscription.status) == ("no_payment_required", "trialing")
    customer = c.v1.customers.create({"email": "b@b.example", "name": "B", "metadata": {"a": "1"}})
    assert c.v1.customers.update(customer.id, {"description": "new"}).description == "new"
    expect(stripe.InvalidRequestError, lambda: c.v1.customers.create({"email": "nobody"}), "email_invalid")
    assert c.v1.customers.delete(customer.id).deleted


def fraud(c, warned):
    warning = c.v1.radar.early_fraud_warnings.list({"payment_intent": warned.id, "expand": ["data.charge"]}).data[0]
    assert c.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable and warning.charge.refunded
    one = c.v1.prices.create({"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Disputed"}})
    session = c.v1.checkout.sessions.create({"mode": "payment", "line_items": [{"price": one.id, "quantity": 1}], "success_url": "https://shop.example/ok"})
    assert submit(session.url, DISPUTED)[0] == 303
    session = c.v1.checkout.sessions.retrieve(session.id)
    dispute = c.v1.disputes.list({"payment_intent": session.payment_intent}).data[0]
    assert (dispute.status, dispute.reason) == ("needs_response", "fraudulent")
    expect(stripe.InvalidRequestError, lambda: c.v1.refunds.create({"payment_intent": session.payment_intent}), "charge_disputed")
    assert c.v1.disputes.retrieve(dispute.id, {"expand": ["charge"]}).charge.disputed
    assert c.v1.disputes.update(dispute.id, {"evidence": {"product_description": "a ticket"}, "submit": False}).evidence_details.has_evidence
    assert c.v1.disputes.close(dispute.id).status == "lost"


def settings(c, mode, yearly):
    path = "/settings/billing/portal" if mode == "live" else "/test/settings/billing/portal"
    assert not c.v1.billing_portal.configurations.list({"is_default": True}).data
    nobody = c.v1.customers.create({"email": "d@b.example"})
    expect(stripe.InvalidRequestError, lambda: c.v1.billing_portal.sessions.create({"customer": nobody.id}), f"your {mode} mode default configuration has not been created")
    urllib.request.urlopen(urllib.request.Request(SANDBOX["url"] + path, b"", method="POST")).read()
    default = c.v1.billing_portal.configurations.list({"is_default": True, "active": True}).data[0]
    c.v1.billing_portal.configurations.update(default.id, {"business_profile": {"headline": "Shop"}, "default_return_url": "https://shop.example/"})
    switch = {"enabled": True, "default_allowed_updates": ["price"], "products": [{"product": yearly.product, "prices": [yearly.id]}]}
    own = c.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}, "subscription_update": switch}, "login_page": {"enabled": True}, "metadata": {"golive": "x"},
                                                     "expand": ["features.subscription_update.products"]})
    assert own.features.subscription_update.products[0].prices == [yearly.id] and own.login_page.url
    assert not own.is_default and c.v1.billing_portal.configurations.retrieve(own.id).active
    twice = {"enabled": True, "default_allowed_updates": ["price"], "products": [{"product": yearly.product, "prices": [yearly.id, yearly.id]}]}
    expect(stripe.InvalidRequestError, lambda: c.v1.billing_portal.configurations.create({"features": {"subscription_update": twice}}), "unique billing intervals")
    expect(stripe.InvalidRequestError, lambda: c.v1.billing_portal.configurations.update(default.id, {"active": False}), "default")
    expect(stripe.InvalidRequestError, lambda: c.v1.billing_portal.sessions.create({"customer": "cus_nobody"}), "resource_missing")
    customer = c.v1.customers.create({"email": "c@b.example"})
    assert c.v1.billing_portal.sessions.create({"customer": customer.id}).configuration == default.id
    session = c.v1.billing_portal.sessions.create({"customer": customer.id, "configuration": own.id, "return_url": "https://shop.example/"})
    assert session.url.startswith("https://billing.stripe.com/p/session/")
    assert c.v1.billing_portal.configurations.update(own.id, {"active": False}).active is False
    methods = [m for m in c.v1.payment_method_configurations.list().data if m.is_default][0]
    assert methods.card.available and not methods.klarna.available
    methods = c.v1.payment_method_configurations.update(methods.id, {"klarna": {"display_preference": {"preference": "on"}}})
    assert methods.klarna.display_preference.value == "on" and not methods.klarna.available
    other = c.v1.payment_method_configurations.create({"name": "Other", "card": {"display_preference": {"preference": "off"}}})
    assert c.v1.payment_method_configurations.retrieve(other.id).card.display_preference.value == "off"
    domain = c.v1.payment_method_domains.create({"domain_name": "shop.example"})
    assert c.v1.payment_method_domains.validate(domain.id).apple_pay.status == "active"
    assert c.v1.payment_method_domains.list({"domain_name": "shop.example"}).data[0].id == domain.id
    assert c.v1.payment_method_domains.update(domain.id, {"enabled": False}).enabled is False
    assert c.v1.payment_method_domains.retrieve(domain.id).enabled is False
    expect(stripe.InvalidRequestError, lambda: c.v1.payment_method_domains.create({"domain_name": "https://shop.example/"}), "Invalid domain name")
    assert c.v1.tax.settings.retrieve().status_details.pending.missing_fields == ["head_office"]
    tax = c.v1.tax.settings.update({"defaults": {"tax_behavior": "exclusive"}, "head_office": {"address": {"country": "DE", "line1": "Road 1"}}})
    assert tax.status == "active"
    place = {"country": "US", "active_from": "now", "country_options": {"us": {"type": "state_sales_tax", "state": "NY"}}}
    registration = c.v1.tax.registrations.create(place)
    assert registration.status == "active" and c.v1.tax.registrations.retrieve(registration.id).country == "US"
    assert [r.id for r in c.v1.tax.registrations.list({"status": "active"}).data] == [registration.id]
    expect(stripe.InvalidRequestError, lambda: c.v1.tax.registrations.create(place), "already exists")


def main():
    for mode in ("test", "live"):
        c = client(SANDBOX[mode]["secret"])
        assert c.v1.balance.retrieve().livemode is (mode == "live")
        assert c.v1.accounts.retrieve_current().charges_enabled
        yearly = catalog(c)
        links(c, yearly, offers(c))
        webhooks(c)
        checkout(c, yearly, mode == "test")
        money(c, yearly, mode == "test")
        settings(c, mode, yearly)
    test, live = client(SANDBOX["test"]["secret"]), client(SANDBOX["live"]["secret"])
    product = test.v1.products.create({"name": "Only in test"})
    expect(stripe.InvalidRequestError, lambda: live.v1.products.retrieve(product.id), "a similar object exists in test mode")
    expect(stripe.AuthenticationError, lambda: client("sk_test_nobody").v1.balance.retrieve(), "Invalid API Key")
    expect(stripe.AuthenticationError, lambda: client(SANDBOX["live"]["publishable"]).v1.balance.retrieve(), "publishable")
    expect(stripe.InvalidRequestError, lambda: client(SANDBOX["live"]["publishable"]).v1.tokens.create(), "You must supply either")
    key = {"idempotency_key": uuid.uuid4().hex}
    first, second = (test.v1.products.create({"name": "Once"}, key) for _ in range(2))
    assert first.id == second.id and second.last_response.headers["Idempotent-Replayed"] == "true"
    expect(stripe.IdempotencyError, lambda: test.v1.products.create({"name": "Twice"}, key), "same parameters")
    report()


def report():
    lines = [json.loads(line) for line in open(LOG)]
    bad = []
    for line in lines:
        wrong = line["request_violations"] + [v for v in line["response_violations"] if not UNDECLARED.match(v)]
        if wrong:
            bad.append(f"{line['method']} {line['target']} {line['status']}\n    " + "\n    ".join(wrong))
    operations = {(line["method"], re.sub(r"/(pro|prod|price|we|evt|cs|pi|mtr|promo|txr|shr|plink|L5|ch|re|cus|sub|in|du|issfr|bpc|pmc|pmd|taxreg)_[^/?]+", "/{}", line["target"].split("?")[0])) for line in lines}
    print(f"{len(lines)} exchanges, {len(operations)} operations, {len(DONE)} refusals, {len(bad)} with violations")
    print("\n".join(bad))
    assert len(operations) >= 85, sorted(operations)
    sys.exit(bool(bad))


main()
