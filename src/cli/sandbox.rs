//! `golive sandbox`: the simulator on its own, for other people's programs. One JSON line when it
//! is ready, then it runs until it is stopped.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::{Desk, Ended};
use crate::config;
use crate::error::{AtPath, Class, Code, Failure, Problem};
use crate::simulator::{InUse, Options, ShopConduct, Simulator, parse_faults};
use crate::store::disk;
use crate::world::resolve;

/// Runs it.
pub fn run(desk: &Desk, port: u16, data: Option<PathBuf>, latency: u64, fail: Option<&str>, shop: &str) -> Ended {
    let faults = parse_faults(fail.unwrap_or_default()).map_err(|message| {
        let problem = Problem::new(Code::Usage, format!("--fail: {message}"));
        Failure::new(Class::Usage, problem.fix("for example: --fail \"POST /v1/prices#2=drop-after\""))
    })?;
    let shop = ShopConduct::parse(shop).map_err(|message| {
        let problem = Problem::new(Code::Usage, format!("--shop: {message}"));
        Failure::new(Class::Usage, problem.fix("for example: --shop wrong-secret"))
    })?;
    if let Some(folder) = &data {
        disk::make_folder(folder, "sandbox").at("make the folder", folder)?;
    }
    let resolve = config::variable("GOLIVE_RESOLVE").map(|text| resolve::parse(&text)).transpose()?.unwrap_or_default();
    let extra_roots = super::session::given_roots()?.into_iter().collect();
    let latency = Duration::from_millis(latency);
    let options = Options { data, port, latency, faults, resolve, extra_roots, shop, ..Options::default() };
    let runtime = tokio::runtime::Runtime::new().map_err(unforeseen)?;
    let simulator = runtime.block_on(Simulator::start(options)).map_err(|error| unforeseen_because(error, port))?;
    let ca = ca_file(&simulator)?;
    let keys = |keys: &crate::simulator::Keys| json!({ "secret": keys.secret, "publishable": keys.publishable });
    let line = json!({
        "schema": "golive.sandbox/1",
        "url": simulator.url,
        "shop": simulator.shop,
        "ca": ca.path(),
        "test": keys(&simulator.test),
        "live": keys(&simulator.live),
    });
    // Its keys are made up and open nothing: the one place where keys are printed.
    desk.print_made_up(&format!("{line}\n"))?;
    runtime.block_on(until_stopped());
    Ok(None)
}

/// The certificate that vouches for the demo shop, where other programs can read it.
fn ca_file(simulator: &Simulator) -> Result<tempfile::NamedTempFile, Failure> {
    use std::io::Write as _;
    let folder = std::env::temp_dir();
    let mut file =
        tempfile::Builder::new().prefix("golive-ca-").suffix(".pem").tempfile().at("make a file in", &folder)?;
    file.write_all(simulator.ca_pem.as_bytes()).at("write to", &folder)?;
    Ok(file)
}

async fn until_stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

fn unforeseen(error: std::io::Error) -> Failure {
    Failure::new(Class::Unforeseen, Problem::new(Code::Internal, "no threads could be started")).because(error)
}

fn unforeseen_because(error: anyhow::Error, port: u16) -> Failure {
    if let Some(in_use) = error.downcast_ref::<InUse>() {
        let problem = Problem::new(Code::Locked, in_use.to_string())
            .why("two would each answer from a world of their own")
            .fix("stop it, or name another folder: golive sandbox --data DIR");
        return Failure::new(Class::TryAgain, problem);
    }
    let problem = Problem::new(Code::Io, "the simulator could not be started").why(format!("{error:#}"));
    let problem = if port == 0 { problem } else { problem.fix("let it choose a port: golive sandbox --port 0") };
    Failure::new(Class::Unforeseen, problem).because(error)
}
