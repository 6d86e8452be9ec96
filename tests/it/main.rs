//! One test binary, one file per command and per promise.

mod simulator;
mod simulator_recordings;
mod simulator_support;
