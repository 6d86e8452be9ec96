"""Shops as people write them with Flask and Stripe's Python library, for golive's webhook probe.

  flask_shop.py PORT CONDUCT      the signing secret is in STRIPE_WEBHOOK_SECRET

CONDUCT says what is wrong with the handler: right, wrong-secret, parsed, unverified, slow, redirect, failing.
"""
import json, os, sys, time

import flask
import stripe

port, conduct = int(sys.argv[1]), sys.argv[2]
secret = "whsec_" + "0" * 32 if conduct == "wrong-secret" else os.environ["STRIPE_WEBHOOK_SECRET"]
app = flask.Flask(__name__)


@app.get("/")
def home():
    return "shop"


@app.post("/webhook")
def webhook():
    if conduct == "redirect":
        return flask.redirect("/webhook/", code=308)
    if conduct == "failing":
        raise RuntimeError("no such table: orders")
    if conduct == "unverified":
        event = flask.request.get_json()
        return {"received": event["type"]}
    payload = flask.request.data
    if conduct == "parsed":
        payload = json.dumps(flask.request.get_json())
    try:
        event = stripe.Webhook.construct_event(payload, flask.request.headers.get("Stripe-Signature", ""), secret)
    except (ValueError, stripe.SignatureVerificationError) as error:
        return {"error": str(error)}, 400
    if conduct == "slow":
        time.sleep(30)
    return {"received": event["type"]}


app.run(port=port, threaded=True)
