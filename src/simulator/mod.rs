//! The embedded Stripe and the demo shop.
