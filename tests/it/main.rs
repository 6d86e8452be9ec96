//! One test binary, one file per command and per promise.

mod crash;
mod damage;
mod quiet;
mod settle;
mod signals;
mod simulator;
mod simulator_library;
mod simulator_objects;
mod simulator_recordings;
mod simulator_shop;
mod simulator_support;
mod simulator_webhooks;
mod simulator_writes;
mod stripe;
mod support;
