//! The only door to Stripe: async-stripe's typed requests over golive's own transport.
