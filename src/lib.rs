//! golive takes a Stripe integration from test mode to live mode.

pub mod error;
pub mod simulator;
