#!/usr/bin/env python3
"""Writes the simulator's tables from Stripe's OpenAPI description.

  generate.py SPEC OUT_DIR [ASYNC_STRIPE_SRC_DIR]

params.json   what each supported operation accepts, down to the leaves. Only the parameters that the
              simulator carries out are listed: it refuses the rest, as Stripe refuses an unknown one.
events.txt    the event types an endpoint may subscribe to      versions.txt    the API versions

The third argument adds the names that are newer than the description: the sources of the async-stripe
crates (version 2026-09-30.endive).
"""
import glob, json, re, sys

OPS = {
    ("POST", "/v1/products"): None,
    ("POST", "/v1/products/{id}"): None,
    ("GET", "/v1/products"): None,
    ("POST", "/v1/prices"): None,
    ("POST", "/v1/prices/{price}"): None,
    ("GET", "/v1/prices"): None,
    ("POST", "/v1/webhook_endpoints"): {"api_version", "description", "enabled_events", "expand", "metadata", "url"},
    ("POST", "/v1/webhook_endpoints/{webhook_endpoint}"): None,
    ("GET", "/v1/webhook_endpoints"): None,
    ("GET", "/v1/events"): None,
    ("POST", "/v1/checkout/sessions"): {
        "allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id", "currency",
        "customer", "customer_creation", "customer_email", "discounts", "expand", "expires_at", "line_items", "locale", "metadata", "mode",
        "payment_intent_data", "payment_method_collection", "payment_method_types", "redirect_on_completion", "return_url",
        "submit_type", "subscription_data", "success_url", "ui_mode"},
    ("GET", "/v1/checkout/sessions"): {"created", "customer", "ending_before", "expand", "limit", "payment_intent",
                                       "payment_link", "starting_after", "status", "subscription"},
    ("POST", "/v1/checkout/sessions/{session}"): {"expand", "metadata"},
    ("GET", "/v1/checkout/sessions/{session}/line_items"): None,
    ("POST", "/v1/coupons"): None,
    ("POST", "/v1/coupons/{coupon}"): None,
    ("GET", "/v1/coupons"): None,
    ("POST", "/v1/promotion_codes"): None,
    ("POST", "/v1/promotion_codes/{promotion_code}"): None,
    ("GET", "/v1/promotion_codes"): None,
    ("POST", "/v1/tax_rates"): None,
    ("POST", "/v1/tax_rates/{tax_rate}"): None,
    ("GET", "/v1/tax_rates"): None,
    ("POST", "/v1/shipping_rates"): None,
    ("POST", "/v1/shipping_rates/{shipping_rate_token}"): None,
    ("GET", "/v1/shipping_rates"): None,
    ("POST", "/v1/payment_links"): {
        "active", "allow_promotion_codes", "after_completion", "automatic_tax", "billing_address_collection",
        "consent_collection", "currency", "custom_fields", "custom_text", "customer_creation", "expand",
        "inactive_message", "invoice_creation", "line_items", "metadata", "name_collection", "payment_intent_data",
        "payment_method_collection", "payment_method_types", "phone_number_collection", "restrictions",
        "shipping_address_collection", "shipping_options", "submit_type", "subscription_data", "tax_id_collection"},
    ("POST", "/v1/payment_links/{payment_link}"): {
        "active", "allow_promotion_codes", "after_completion", "automatic_tax", "billing_address_collection",
        "custom_fields", "custom_text", "customer_creation", "expand", "inactive_message", "invoice_creation",
        "metadata", "name_collection", "payment_intent_data", "payment_method_collection", "payment_method_types",
        "phone_number_collection", "restrictions", "shipping_address_collection", "submit_type",
        "subscription_data", "tax_id_collection"},
    ("GET", "/v1/payment_links"): None,
    ("POST", "/v1/entitlements/features"): None,
    ("POST", "/v1/entitlements/features/{id}"): None,
    ("GET", "/v1/entitlements/features"): None,
    ("POST", "/v1/products/{product}/features"): None,
    ("GET", "/v1/products/{product}/features"): None,
    ("GET", "/v1/payment_links/{payment_link}/line_items"): None,
    ("POST", "/v1/billing/meters"): None,
    ("POST", "/v1/billing/meters/{id}"): None,
    ("GET", "/v1/billing/meters"): None,
    ("POST", "/v1/billing_portal/configurations"): None,
    ("POST", "/v1/billing_portal/configurations/{configuration}"): None,
    ("GET", "/v1/billing_portal/configurations"): None,
    ("POST", "/v1/billing_portal/sessions"): None,
    ("POST", "/v1/payment_method_configurations"): None,
    ("POST", "/v1/payment_method_configurations/{configuration}"): None,
    ("GET", "/v1/payment_method_configurations"): None,
    ("POST", "/v1/payment_method_domains"): None,
    ("POST", "/v1/payment_method_domains/{payment_method_domain}"): None,
    ("GET", "/v1/payment_method_domains"): None,
    ("POST", "/v1/tax/settings"): None,
    ("POST", "/v1/tax/registrations"): {"active_from", "country", "country_options", "expand", "expires_at"},
    ("GET", "/v1/tax/registrations"): None,
    ("POST", "/v1/customers"): {"description", "email", "expand", "invoice_settings", "metadata", "name", "phone"},
    ("POST", "/v1/customers/{customer}"): {"description", "email", "expand", "invoice_settings", "metadata", "name", "phone"},
    ("GET", "/v1/customers"): None,
    ("GET", "/v1/payment_intents"): None,
    ("GET", "/v1/charges"): None,
    ("POST", "/v1/refunds"): {"amount", "charge", "expand", "metadata", "payment_intent", "reason"},
    ("POST", "/v1/refunds/{refund}"): None,
    ("GET", "/v1/refunds"): None,
    ("GET", "/v1/disputes"): None,
    ("POST", "/v1/disputes/{dispute}"): None,
    ("GET", "/v1/radar/early_fraud_warnings"): None,
    ("GET", "/v1/subscriptions"): None,
    ("POST", "/v1/subscriptions/{subscription_exposed_id}"): {"cancel_at_period_end", "expand", "metadata"},
    ("DELETE", "/v1/subscriptions/{subscription_exposed_id}"): None,
    ("GET", "/v1/invoices"): None,
}
# Nested parameters that stand for kinds the simulator does not have yet.
LEAVE_OUT = {"line_items": {"dynamic_tax_rates", "tax_rates", "metadata", "price_data"},
             "line_items of /v1/checkout/sessions": {"adjustable_quantity"}}
# Of these nested parameters only what is named here.
ONLY = {"/v1/customers": {"invoice_settings": {"custom_fields", "footer"}},
        "/v1/customers/{customer}": {"invoice_settings": {"custom_fields", "footer"}},
        "/v1/checkout/sessions": {"subscription_data": {"description", "metadata", "trial_period_days"},
                                  "payment_intent_data": {"description", "metadata"}}}
# What 2026-03-25.dahlia and 2026-09-30.endive renamed; both names are taken.
ALSO = {"/v1/checkout/sessions": {"allowed_payment_method_types": {"t": "list", "of": {"t": "string"}}},
        "/v1/products": {"type": {"t": "string", "enum": ["good", "service"]}}}
# What the API takes although the description does not say so (recorded; stripe-go has it).
NESTED = {"/v1/prices": {"recurring": {"trial_period_days": {"t": "integer"}}}}
VERSIONS = {"2026-10-28.endive"}       # the one stripe-python 16.1.0 is pinned to
UI_MODES = ["custom", "elements", "embedded", "embedded_page", "form", "hosted", "hosted_page"]


def shape(schema, leave_out=()):
    """A schema as {t: string|integer|number|boolean|object|map|list|any, …}; `unset`: may be sent empty."""
    if "anyOf" in schema:
        branches = schema["anyOf"]
        unset = any(b.get("enum") == [""] for b in branches)
        rest = [shape(b, leave_out) for b in branches if b.get("enum") != [""]]
        if len(rest) == 1:
            return rest[0] | ({"unset": True} if unset else {})
        return {"t": "any", "of": rest} | ({"unset": True} if unset else {})
    kind = schema.get("type", "string")
    if kind == "array":
        return {"t": "list", "of": shape(schema.get("items", {}), leave_out)}
    if kind == "object":
        props = schema.get("properties")
        if props:
            out = {"t": "object", "props": {k: shape(v) for k, v in props.items() if k not in leave_out}}
            need = [r for r in schema.get("required", []) if r in out["props"]]
            return out | ({"required": need} if need else {})
        extra = schema.get("additionalProperties")
        return {"t": "map", "of": shape(extra) if isinstance(extra, dict) else {"t": "string"}}
    if schema.get("format") == "decimal":
        return {"t": "decimal"}
    out = {"t": kind}
    if schema.get("format") == "unix-time":
        out["t"] = "integer"
    if "enum" in schema and kind == "string":
        out["enum"] = [e for e in schema["enum"] if e != ""]
    if "maxLength" in schema and schema["maxLength"] != 5000:
        out["max"] = schema["maxLength"]
    return out


def operation(spec, method, path, only):
    op = spec["paths"][path][method.lower()]
    if method != "GET":
        form = op["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        props, need = form.get("properties", {}), form.get("required", [])
    else:
        query = [p for p in op["parameters"] if p["in"] == "query"]
        props, need = {p["name"]: p["schema"] for p in query}, [p["name"] for p in query if p.get("required")]
    left = lambda k: LEAVE_OUT.get(k, set()) | LEAVE_OUT.get(f"{k} of {path}", set())
    out = {k: shape(v, left(k)) for k, v in props.items() if only is None or k in only}
    out |= ALSO.get(path, {}) if method == "POST" else {}
    for name, more in NESTED.get(path, {}).items() if method == "POST" else ():
        out[name]["props"] |= more
    for name, kept in ONLY.get(path, {}).items() if method == "POST" else ():
        out[name]["props"] = {k: v for k, v in out[name]["props"].items() if k in kept}
    for name, wider in (("ui_mode", UI_MODES),):
        if name in out:
            out[name]["enum"] = wider
    for name in ("enabled_events", "api_version"):     # checked against the tables of this folder
        if name in out:
            out[name] = {"t": "list", "of": {"t": "string"}} if name == "enabled_events" else {"t": "string"}
    return {"t": "object", "props": out} | ({"required": need} if need else {})


def main():
    spec, out = json.load(open(sys.argv[1])), sys.argv[2]
    table = {f"{m} {p}": operation(spec, m, p, only) for (m, p), only in OPS.items()}
    table["GET one"] = {"t": "object", "props": {"expand": {"t": "list", "of": {"t": "string"}}}}
    table["POST none"] = table["GET one"]
    table["none"] = {"t": "object", "props": {}}
    hook = spec["paths"]["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    events, versions = set(hook["enabled_events"]["items"]["enum"]), set(hook["api_version"]["enum"]) | VERSIONS
    for folder in sys.argv[3:]:
        for name in glob.glob(folder + "/async-stripe-misc-*/src/webhook_endpoint/requests.rs"):
            text = open(name).read()
            events |= set(re.findall(r'=> "([a-z0-9_]+(?:\.[a-z0-9_]+)+)"', text))
        for name in glob.glob(folder + "/async-stripe-shared-*/src/api_version.rs"):
            versions |= set(re.findall(r'"(20\d\d-\d\d-\d\d(?:\.[a-z]+)?)"', open(name).read()))
    with open(out + "/params.json", "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, sort_keys=True, separators=(',', ':'))}" for k, v in sorted(table.items())) + "\n}\n")
    open(out + "/events.txt", "w").write("\n".join(sorted(events)) + "\n")
    open(out + "/versions.txt", "w").write("\n".join(sorted(versions)) + "\n")


main()
