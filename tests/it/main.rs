//! One test binary, one file per command and per promise.

#![expect(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod architecture;
mod canary;
mod catalog;
mod checklist_cmd;
mod cli;
mod coverage;
mod crash;
mod crash_change;
mod crash_rehearsal;
mod damage;
mod documents;
mod env_file;
mod keys;
mod plan_apply;
mod quiet;
mod reference;
mod rehearse;
mod settings;
mod settle;
mod shops;
mod signals;
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
mod support;
mod terminal;
mod unattended;
mod unreachable;
mod watch;
mod webhook;
