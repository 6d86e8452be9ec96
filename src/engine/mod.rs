//! The engine: one loop, different permits.

pub mod port;
