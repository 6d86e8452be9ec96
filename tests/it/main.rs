//! One test binary, one file per command and per promise.

mod catalog;
mod checklist_cmd;
mod cli;
mod env_file;
mod keys;
mod plan_apply;
mod simulator;
mod simulator_library;
mod simulator_objects;
mod simulator_recordings;
mod simulator_shop;
mod simulator_support;
mod simulator_webhooks;
mod simulator_writes;
mod stand;
mod status;
mod stripe;
mod unattended;
mod webhook;
