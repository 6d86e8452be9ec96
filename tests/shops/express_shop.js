// Shops as people write them with Express and Stripe's Node library, for golive's webhook probe.
//
//   express_shop.js PORT CONDUCT      the signing secret is in STRIPE_WEBHOOK_SECRET
//
// CONDUCT says what is wrong with the handler: right, wrong-secret, parsed, unverified, slow, redirect, failing.
const express = require("express");
const Stripe = require("stripe");

const [port, conduct] = process.argv.slice(2);
const secret = conduct === "wrong-secret" ? "whsec_" + "0".repeat(32) : process.env.STRIPE_WEBHOOK_SECRET;
// Made up: verifying a signature needs a library, not an account.
const stripe = new Stripe("sk_test_" + "0".repeat(24));
const app = express();
if (conduct === "parsed" || conduct === "unverified") app.use(express.json());

app.get("/", (request, response) => response.send("shop"));
app.post("/webhook", express.raw({ type: "application/json" }), (request, response) => {
  if (conduct === "redirect") return response.redirect(301, "/webhook/");
  if (conduct === "failing") throw new Error("connect ECONNREFUSED 127.0.0.1:5432");
  if (conduct === "unverified") return response.json({ received: request.body.type });
  let event;
  try {
    event = stripe.webhooks.constructEvent(request.body, request.headers["stripe-signature"], secret);
  } catch (error) {
    return response.status(400).send(`Webhook Error: ${error.message}`);
  }
  if (conduct === "slow") return setTimeout(() => response.json({ received: event.type }), 30_000);
  response.json({ received: event.type });
});
app.listen(Number(port), "127.0.0.1");
